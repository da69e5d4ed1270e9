//! The numbers that say what the first byte of a packet is.

use std::fmt;

/// What kind of header a captured packet begins with, as the capture file says it.
///
/// Every 16-bit number is a value; [`LinkType::name`] knows those that Wireloom reads and some that it meets.
///
/// Source: the registry of link types that pcap and pcapng share, draft-ietf-opsawg-pcaplinktype.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: the address family in the byte order of the machine that captured.
    pub const NULL: Self = Self(0);
    /// Ethernet II or IEEE 802.3.
    pub const ETHERNET: Self = Self(1);
    /// PPP, with or without HDLC address and control.
    pub const PPP: Self = Self(9);
    /// Raw IP, as `DLT_RAW` is numbered on most systems.
    pub const DLT_RAW: Self = Self(12);
    /// Raw IP, as `DLT_RAW` is numbered on OpenBSD.
    pub const DLT_RAW_OPENBSD: Self = Self(14);
    /// PPP in HDLC-like framing.
    pub const PPP_HDLC: Self = Self(50);
    /// PPPoE: begins with the PPPoE header.
    pub const PPP_ETHER: Self = Self(51);
    /// Raw IP, version 4 or 6.
    pub const RAW: Self = Self(101);
    /// IEEE 802.11 wireless LAN.
    pub const IEEE802_11: Self = Self(105);
    /// OpenBSD loopback: the address family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux "cooked" capture, what the `any` interface used to give.
    pub const LINUX_SLL: Self = Self(113);
    /// IEEE 802.11 after a radiotap header.
    pub const IEEE802_11_RADIOTAP: Self = Self(127);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux "cooked" capture, version 2: what the `any` interface gives now.
    pub const LINUX_SLL2: Self = Self(276);
    /// Ours: the packet names an interface that the file never described.
    pub const MISSING: Self = Self(u16::MAX);

    /// The link type of a `DLT_` number, as libpcap gives it for an interface.
    ///
    /// The two are the same but for a few that differ between systems.
    pub fn from_dlt(dlt: i32) -> Self {
        match u16::try_from(dlt) {
            Ok(12 | 14) => Self::RAW,
            Ok(number) => Self(number),
            Err(_) => Self::MISSING,
        }
    }

    /// The usual name, or `None` for a number we have no name for.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NULL => "BSD loopback",
            Self::ETHERNET => "Ethernet",
            Self::PPP => "PPP",
            Self::DLT_RAW | Self::DLT_RAW_OPENBSD | Self::RAW => "raw IP",
            Self::PPP_HDLC => "PPP in HDLC",
            Self::PPP_ETHER => "PPPoE",
            Self::IEEE802_11 => "802.11 wireless",
            Self::LOOP => "OpenBSD loopback",
            Self::LINUX_SLL => "Linux cooked",
            Self::IEEE802_11_RADIOTAP => "802.11 wireless with radiotap",
            Self::IPV4 => "raw IPv4",
            Self::IPV6 => "raw IPv6",
            Self::LINUX_SLL2 => "Linux cooked v2",
            Self::MISSING => "not described by the file",
            _ => return None,
        })
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "link type {}", self.0),
        }
    }
}

impl fmt::Debug for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkType({self})")
    }
}
