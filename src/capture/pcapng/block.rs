//! The contents of pcapng blocks, through `pcap-parser`, with what that leaves to us put right.
//!
//! Left to us are lengths without padding, `if_tsresol` in powers of two, options in big-endian sections and the
//! obsolete packet block.

use std::net::IpAddr;

use pcap_parser::{Block, OptionCode, PcapNGOption, parse_block_be, parse_block_le};

use super::clock::Clock;
use crate::capture::{
    BlockType, Interface, LinkType, NameResolution, SecretsType, Section, Statistics,
};

/// A packet as its block has it. The data begins `data_offset` bytes into the block.
pub(super) struct PacketBlock {
    /// Number of the interface within the section.
    pub(super) interface: u32,
    /// Time in ticks of the interface, when the block has one.
    pub(super) ticks: Option<u64>,
    pub(super) data_offset: usize,
    /// Without padding; not cut to the snapshot length of the interface.
    pub(super) captured_len: usize,
    pub(super) original_len: u32,
    pub(super) comment: Option<Box<str>>,
}

/// Reads a whole block; `None` when its contents contradict themselves.
///
/// The borrow is of the block: packet data is given as a range of it, not copied.
fn parse(bytes: &[u8], big_endian: bool) -> Option<Block<'_>> {
    let parsed = if big_endian {
        parse_block_be(bytes)
    } else {
        parse_block_le(bytes)
    };
    parsed.ok().map(|(_, block)| block)
}

/// An enhanced, simple or obsolete packet block.
pub(super) fn packet(block_type: BlockType, bytes: &[u8], big_endian: bool) -> Option<PacketBlock> {
    if block_type == BlockType::PACKET {
        return obsolete_packet(bytes, big_endian);
    }
    match parse(bytes, big_endian)? {
        Block::EnhancedPacket(block) => Some(PacketBlock {
            interface: block.if_id,
            ticks: Some(u64::from(block.ts_high) << 32 | u64::from(block.ts_low)),
            // type, length, interface, time (2), captured and original length
            data_offset: 28,
            captured_len: block.caplen as usize,
            original_len: block.origlen,
            comment: comment(&block.options),
        }),
        Block::SimplePacket(block) => Some(PacketBlock {
            interface: 0,
            ticks: None,
            // type, length, original length
            data_offset: 12,
            // `data` has the padding too.
            captured_len: block.data.len().min(block.origlen as usize),
            original_len: block.origlen,
            comment: None,
        }),
        _ => None,
    }
}

/// The packet block of old files.
///
/// ```text
/// type = 2 (4), length (4), interface (2), drops (2), time high (4), time low (4),
/// captured length (4), original length (4), data with padding, options, length (4)
/// ```
///
/// Source: draft-ietf-opsawg-pcapng, appendix A.
fn obsolete_packet(bytes: &[u8], big_endian: bool) -> Option<PacketBlock> {
    const DATA_OFFSET: usize = 28;
    let u32_at = |at: usize| {
        let field = *bytes.get(at..)?.first_chunk::<4>()?;
        Some(if big_endian {
            u32::from_be_bytes(field)
        } else {
            u32::from_le_bytes(field)
        })
    };
    let interface = *bytes.get(8..)?.first_chunk::<2>()?;
    let interface = if big_endian {
        u16::from_be_bytes(interface)
    } else {
        u16::from_le_bytes(interface)
    };
    let captured_len = u32_at(20)? as usize;
    let end = DATA_OFFSET.checked_add(captured_len)?.checked_add(4)?;
    (end <= bytes.len()).then_some(PacketBlock {
        interface: interface.into(),
        ticks: Some(u64::from(u32_at(12)?) << 32 | u64::from(u32_at(16)?)),
        data_offset: DATA_OFFSET,
        captured_len,
        original_len: u32_at(24)?,
        comment: None,
    })
}

/// A section header block, and its version.
pub(super) fn section(bytes: &[u8], big_endian: bool, number: u32) -> Option<(Section, u16, u16)> {
    let Block::SectionHeader(block) = parse(bytes, big_endian)? else {
        return None;
    };
    let section = Section {
        number,
        big_endian,
        hardware: text(&block.options, OptionCode::ShbHardware),
        operating_system: text(&block.options, OptionCode::ShbOs),
        application: text(&block.options, OptionCode::ShbUserAppl),
        comment: comment(&block.options),
    };
    Some((section, block.major_version, block.minor_version))
}

/// An interface description block, and how the interface counts time.
pub(super) fn interface(bytes: &[u8], big_endian: bool) -> Option<(Interface, Clock)> {
    const IF_FCS_LEN: OptionCode = OptionCode(13);
    let Block::InterfaceDescription(block) = parse(bytes, big_endian)? else {
        return None;
    };
    let options = &block.options;
    let byte = |code| value(options, code).and_then(|value| value.first().copied());
    let clock = Clock::new(
        byte(OptionCode::IfTsresol),
        u64_option(options, OptionCode::IfTsoffset, big_endian).map(u64::cast_signed),
    );
    let interface = Interface {
        number: 0,
        section: 0,
        link_type: LinkType(u16::try_from(block.linktype.0).ok()?),
        snapshot_len: Some(block.snaplen).filter(|&len| len > 0),
        fcs_len: byte(IF_FCS_LEN).map_or(0, fcs_len),
        name: text(options, OptionCode::IfName),
        description: text(options, OptionCode::IfDescription),
        // The first byte says what kind of filter it is; 0 is text as for tcpdump.
        filter: value(options, OptionCode::IfFilter).and_then(|value| match value {
            [0, text @ ..] => Some(String::from_utf8_lossy(text).into()),
            _ => None,
        }),
        comment: comment(options),
    };
    Some((interface, clock))
}

/// The draft counts the frame check sequence in bits, and gives 4 as its example; files hold both. No check sequence
/// is longer than 8 bytes, and none shorter than 16 bits. Source: draft-ietf-opsawg-pcapng §4.2 (`if_fcslen`).
fn fcs_len(said: u8) -> u8 {
    if said > 8 { said / 8 } else { said }
}

/// A decryption secrets block: the type, and where the secrets begin and end in the block.
pub(super) fn secrets(bytes: &[u8], big_endian: bool) -> Option<(SecretsType, usize, usize)> {
    let Block::DecryptionSecrets(block) = parse(bytes, big_endian)? else {
        return None;
    };
    // type, length, secrets type, secrets length
    let start = 16_usize;
    let end = start.checked_add(block.secrets_len as usize)?;
    (end <= bytes.len()).then_some((SecretsType(block.secrets_type.0), start, end))
}

/// A name resolution block.
pub(super) fn names(bytes: &[u8], big_endian: bool) -> Option<NameResolution> {
    const IPV4: u16 = 1;
    const IPV6: u16 = 2;
    let Block::NameResolution(block) = parse(bytes, big_endian)? else {
        return None;
    };
    let mut names = Vec::new();
    for record in &block.nr {
        let split = match record.record_type.0 {
            IPV4 => record
                .record_value
                .split_first_chunk::<4>()
                .map(|(&address, rest)| (IpAddr::from(address), rest)),
            IPV6 => record
                .record_value
                .split_first_chunk::<16>()
                .map(|(&address, rest)| (IpAddr::from(address), rest)),
            _ => None,
        };
        let Some((address, rest)) = split else {
            continue;
        };
        // Names end with a zero byte each; padding looks like empty ones.
        for name in rest
            .split(|&byte| byte == 0)
            .filter(|name| !name.is_empty())
        {
            names.push((address, String::from_utf8_lossy(name).into()));
        }
    }
    Some(NameResolution { names })
}

/// An interface statistics block. `interface` is the number within the section.
pub(super) fn statistics(bytes: &[u8], big_endian: bool) -> Option<Statistics> {
    let Block::InterfaceStatistics(block) = parse(bytes, big_endian)? else {
        return None;
    };
    let count = |code| u64_option(&block.options, code, big_endian);
    Some(Statistics {
        interface: block.if_id,
        received: count(OptionCode::IsbIfRecv),
        dropped: count(OptionCode::IsbIfDrop),
        accepted: count(OptionCode::IsbFilterAccept),
        dropped_by_system: count(OptionCode::IsbOsDrop),
    })
}

/// The value of the first option of this code, without padding.
fn value<'a>(options: &'a [PcapNGOption<'_>], code: OptionCode) -> Option<&'a [u8]> {
    options
        .iter()
        .find(|option| option.code == code)
        .and_then(|option| option.as_bytes().ok())
}

fn u64_option(options: &[PcapNGOption<'_>], code: OptionCode, big_endian: bool) -> Option<u64> {
    let field = *value(options, code)?.first_chunk::<8>()?;
    Some(if big_endian {
        u64::from_be_bytes(field)
    } else {
        u64::from_le_bytes(field)
    })
}

fn text(options: &[PcapNGOption<'_>], code: OptionCode) -> Option<Box<str>> {
    value(options, code).map(|value| String::from_utf8_lossy(value).into())
}

/// All comments, one a line.
#[inline]
fn comment(options: &[PcapNGOption<'_>]) -> Option<Box<str>> {
    let mut comment: Option<String> = None;
    for option in options {
        if option.code == OptionCode::Comment
            && let Ok(value) = option.as_bytes()
        {
            let line = String::from_utf8_lossy(value);
            match &mut comment {
                Some(comment) => {
                    comment.push('\n');
                    comment.push_str(&line);
                }
                None => comment = Some(line.into_owned()),
            }
        }
    }
    comment.map(Into::into)
}
