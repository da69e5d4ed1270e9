//! What a capture consists of, in the order of the file.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

use super::{LinkType, Trouble};

/// The next thing in a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A section begins. A pcap file is one section and has no such event.
    Section(Section),
    /// An interface is described; it comes before its packets.
    Interface(Interface),
    /// A packet.
    Packet(Packet),
    /// Keys that make the packets readable.
    Secrets(Secrets),
    /// Names of addresses.
    NameResolution(NameResolution),
    /// What an interface counted.
    Statistics(Statistics),
    /// A block with nothing for us.
    Skipped(Skipped),
    /// Something is wrong with the file here. Reading goes on where it can.
    Trouble(Trouble),
}

/// A packet as it was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When it was captured: nanoseconds since the Unix epoch.
    ///
    /// A packet without a time of its own (see `timed`) has that of the packet before it, or 0 at the start.
    pub time_ns: i64,
    /// Whether the file says when. Only the simple packet block of pcapng does not.
    pub timed: bool,
    /// Number of the interface, counted from 0 through the whole file, sections included; see [`Interface::number`].
    /// `u32::MAX` when the packet names one that was never described.
    pub interface: u32,
    /// What kind of header `bytes` begins with.
    pub link_type: LinkType,
    /// How long the packet was on the wire. `bytes` is shorter when a snapshot length cut it.
    pub original_len: u32,
    /// Where `bytes` begins: an offset for [`Source::bytes`](super::Source::bytes). For a file as it lies on the
    /// disk that is the file offset, for a compressed one the offset in what came out.
    pub offset: u64,
    /// What was captured.
    pub bytes: Bytes,
    /// Comments that someone left on this packet, one a line.
    pub comment: Option<Box<str>>,
}

/// A section of a pcapng file: the capture of one run of one program.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Section {
    /// Number of the section, from 0.
    pub number: u32,
    /// Whether its numbers are written most significant byte first.
    pub big_endian: bool,
    /// The machine.
    pub hardware: Option<Box<str>>,
    /// Its operating system.
    pub operating_system: Option<Box<str>>,
    /// The program that wrote it.
    pub application: Option<Box<str>>,
    /// Comments on the whole section, one a line.
    pub comment: Option<Box<str>>,
}

/// An interface that packets were captured on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Counted from 0 through the whole file.
    pub number: u32,
    /// Section it belongs to.
    pub section: u32,
    /// What kind of header its packets begin with.
    pub link_type: LinkType,
    /// Packets were cut to this many bytes; `None` for no limit.
    pub snapshot_len: Option<u32>,
    /// Length of the frame check sequence at the end of each packet, when the file says there is one.
    pub fcs_len: u8,
    /// `eth0`, `lo`.
    pub name: Option<Box<str>>,
    /// What it is, in words.
    pub description: Option<Box<str>>,
    /// The filter that chose the packets, when it is text.
    pub filter: Option<Box<str>>,
    /// Comments on it, one a line.
    pub comment: Option<Box<str>>,
}

/// Keys, from a decryption secrets block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// What kind of keys.
    pub secrets_type: SecretsType,
    /// Where `bytes` begins, as in [`Packet::offset`].
    pub offset: u64,
    /// The keys, without padding.
    pub bytes: Bytes,
}

/// The kind of a decryption secrets block. Every 32-bit number is a value. Source: draft-ietf-opsawg-pcapng §4.7.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretsType(pub u32);

impl SecretsType {
    /// A key log as NSS writes it (`SSLKEYLOGFILE`).
    pub const TLS_KEY_LOG: Self = Self(0x544c_534b);
    /// A key log of SSH.
    pub const SSH_KEY_LOG: Self = Self(0x5353_484b);
    /// A key log of WireGuard.
    pub const WIREGUARD_KEY_LOG: Self = Self(0x5747_4b4c);

    /// What to call it; `None` for a number we have no name for.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::TLS_KEY_LOG => "TLS key log",
            Self::SSH_KEY_LOG => "SSH key log",
            Self::WIREGUARD_KEY_LOG => "WireGuard key log",
            _ => return None,
        })
    }
}

impl fmt::Debug for SecretsType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SecretsType(0x{:08x}, {})",
            self.0,
            self.name().unwrap_or("unknown")
        )
    }
}

/// Names of addresses, from a name resolution block.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NameResolution {
    /// An address and one name of it; an address with several names comes several times.
    pub names: Vec<(IpAddr, Box<str>)>,
}

/// What an interface counted, from an interface statistics block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Number of the interface, as in [`Packet::interface`].
    pub interface: u32,
    /// Packets that arrived at the interface.
    pub received: Option<u64>,
    /// Packets that the interface dropped for want of room.
    pub dropped: Option<u64>,
    /// Packets that the filter let through.
    pub accepted: Option<u64>,
    /// Packets that the operating system dropped.
    pub dropped_by_system: Option<u64>,
}

/// A block that was stepped over because it holds nothing for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where the block begins.
    pub offset: u64,
    /// What it is.
    pub block_type: BlockType,
}

/// The type of a pcapng block. Every 32-bit number is a value. Source: draft-ietf-opsawg-pcapng §10.1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockType(pub u32);

impl BlockType {
    /// Opens a section. Reads the same in both byte orders.
    pub const SECTION_HEADER: Self = Self(0x0a0d_0d0a);
    /// Describes an interface.
    pub const INTERFACE_DESCRIPTION: Self = Self(1);
    /// The old packet block.
    pub const PACKET: Self = Self(2);
    /// A packet without time and options.
    pub const SIMPLE_PACKET: Self = Self(3);
    /// Names of addresses.
    pub const NAME_RESOLUTION: Self = Self(4);
    /// What an interface counted.
    pub const INTERFACE_STATISTICS: Self = Self(5);
    /// A packet.
    pub const ENHANCED_PACKET: Self = Self(6);
    /// Times of IRIG, or a socket aggregation event: the number was given twice.
    pub const IRIG_TIMESTAMP: Self = Self(7);
    /// ARINC 429 in AFDX encapsulation.
    pub const ARINC_429: Self = Self(8);
    /// An entry of the systemd journal.
    pub const SYSTEMD_JOURNAL: Self = Self(9);
    /// Keys.
    pub const DECRYPTION_SECRETS: Self = Self(0x0a);
    /// Someone's own block that may be copied.
    pub const CUSTOM: Self = Self(0x0bad);
    /// Someone's own block that must not be copied.
    pub const CUSTOM_DO_NOT_COPY: Self = Self(0x4000_0bad);
    /// Apple's: the process a packet belongs to.
    pub const PROCESS_EVENT: Self = Self(0x8000_0001);

    /// What to call it; `None` for a number we have no name for.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SECTION_HEADER => "section header",
            Self::INTERFACE_DESCRIPTION => "interface description",
            Self::PACKET => "packet (obsolete)",
            Self::SIMPLE_PACKET => "simple packet",
            Self::NAME_RESOLUTION => "name resolution",
            Self::INTERFACE_STATISTICS => "interface statistics",
            Self::ENHANCED_PACKET => "enhanced packet",
            Self::IRIG_TIMESTAMP => "IRIG timestamp",
            Self::ARINC_429 => "ARINC 429",
            Self::SYSTEMD_JOURNAL => "systemd journal",
            Self::DECRYPTION_SECRETS => "decryption secrets",
            Self::CUSTOM | Self::CUSTOM_DO_NOT_COPY => "custom",
            Self::PROCESS_EVENT => "process event",
            Self(0x101..=0x10f | 0x201..=0x213) => "system event",
            _ => return None,
        })
    }
}

impl fmt::Display for BlockType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} block"),
            None => write!(f, "block of type 0x{:08x}", self.0),
        }
    }
}

impl fmt::Debug for BlockType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockType({self})")
    }
}
