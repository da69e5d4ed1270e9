//! The pcap format: a header of 24 bytes, then one record after the other.

use std::collections::VecDeque;

use super::input::Input;
use super::resync::resync;
use super::trouble::Damage;
use super::{Event, Interface, LinkType, Packet, Trouble, TroubleKind};

/// Length of the file header.
pub(super) const HEADER_LEN: usize = 24;

/// The longest record that is believed, unless the header announces longer ones.
///
/// Our choice, and that of libpcap and Wireshark: no program captures more by default.
const MAX_CAPTURED_LEN: u32 = 256 * 1024;

/// The longest record that is believed at all. Our choice; USB captures alone come near it.
const MAX_ANNOUNCED_LEN: u32 = 16 * 1024 * 1024;

/// Records in a row that must look right before reading goes on behind a damaged one.
const PROOF_RECORDS: usize = 3;

/// How far the time of a record behind damage may be from the last good one.
const PROOF_SECONDS: u32 = 24 * 3600;

/// The variants of the format, told apart by the first four bytes.
///
/// ```text
/// a1b2c3d4  microseconds
/// a1b23c4d  nanoseconds
/// a1b2cd34  microseconds, records with eight bytes more (Alexey Kuznetzov's patched libpcap)
/// 1c0001ac  nanoseconds, header with four bytes more (IXIA, hardware)
/// 1c0001ab  microseconds, header with four bytes more (IXIA, software)
/// ```
///
/// Each in either byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variant {
    big_endian: bool,
    nanoseconds: bool,
    header_len: usize,
    record_header_len: usize,
}

impl Variant {
    /// Recognises the format by its first bytes.
    pub(super) fn from_magic(magic: [u8; 4]) -> Option<Self> {
        let from_number = |number: u32, big_endian| {
            let (nanoseconds, header_len, record_header_len) = match number {
                0xa1b2_c3d4 => (false, HEADER_LEN, 16),
                0xa1b2_3c4d => (true, HEADER_LEN, 16),
                0xa1b2_cd34 => (false, HEADER_LEN, 24),
                0x1c00_01ac => (true, HEADER_LEN + 4, 16),
                0x1c00_01ab => (false, HEADER_LEN + 4, 16),
                _ => return None,
            };
            Some(Self {
                big_endian,
                nanoseconds,
                header_len,
                record_header_len,
            })
        };
        from_number(u32::from_be_bytes(magic), true)
            .or_else(|| from_number(u32::from_le_bytes(magic), false))
    }

    /// Length of the file header.
    pub(super) fn header_len(self) -> usize {
        self.header_len
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    }

    /// Reads a record header.
    ///
    /// ```text
    /// +-------------------------------+
    /// |  Seconds since the epoch      |
    /// +-------------------------------+
    /// |  Micro- or nanoseconds        |
    /// +-------------------------------+
    /// |  Captured length              |
    /// +-------------------------------+
    /// |  Original length              |   modified: interface (4), protocol (2), packet type (1), padding (1) follow
    /// +-------------------------------+
    /// ```
    ///
    /// Source: draft-ietf-opsawg-pcap §5.
    #[inline]
    fn record(self, bytes: &[u8]) -> Option<Record> {
        let &[
            s0,
            s1,
            s2,
            s3,
            f0,
            f1,
            f2,
            f3,
            c0,
            c1,
            c2,
            c3,
            o0,
            o1,
            o2,
            o3,
        ] = bytes.first_chunk::<16>()?;
        Some(Record {
            seconds: self.u32([s0, s1, s2, s3]),
            fraction: self.u32([f0, f1, f2, f3]),
            captured_len: self.u32([c0, c1, c2, c3]),
            original_len: self.u32([o0, o1, o2, o3]),
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Record {
    seconds: u32,
    fraction: u32,
    captured_len: u32,
    original_len: u32,
}

/// Reads the records of a pcap file.
pub(super) struct PcapReader {
    variant: Variant,
    link_type: LinkType,
    /// Records beyond this are damaged.
    max_captured_len: u32,
    /// Seconds of the last good record.
    last_seconds: Option<u32>,
}

impl PcapReader {
    /// Reads the file header and announces the one interface there is. `None` when the header is cut.
    ///
    /// ```text
    /// magic (4), version (2 + 2), time zone (4), accuracy (4), snapshot length (4), link type (4)
    /// ```
    ///
    /// Of the link type the upper bits say whether each packet ends with a frame check sequence: bit 26 that it is
    /// known, bits 28 to 31 its length in units of two bytes.
    ///
    /// Source: draft-ietf-opsawg-pcap §4.
    pub(super) fn open(
        variant: Variant,
        input: &mut Input,
        pending: &mut VecDeque<Event>,
    ) -> Option<Self> {
        const FCS_LEN_PRESENT: u32 = 1 << 26;
        let header = input.take(variant.header_len);
        if header.len() < variant.header_len {
            return None;
        }
        let snapshot_len = variant.u32(*header.get(16..)?.first_chunk()?);
        let network = variant.u32(*header.get(20..)?.first_chunk()?);
        let link_type = LinkType(u16::try_from(network & 0xffff).unwrap_or(u16::MAX));
        let fcs_len = if network & FCS_LEN_PRESENT == 0 {
            0
        } else {
            u8::try_from((network >> 28) * 2).unwrap_or(0)
        };
        pending.push_back(Event::Interface(Interface {
            number: 0,
            section: 0,
            link_type,
            snapshot_len: Some(snapshot_len).filter(|&len| len > 0),
            fcs_len,
            name: None,
            description: None,
            filter: None,
            comment: None,
        }));
        Some(Self {
            variant,
            link_type,
            max_captured_len: snapshot_len.clamp(MAX_CAPTURED_LEN, MAX_ANNOUNCED_LEN),
            last_seconds: None,
        })
    }

    /// The next record.
    pub(super) fn next(&mut self, input: &mut Input) -> Option<Event> {
        let header_len = self.variant.record_header_len;
        let offset = input.position();
        let head = input.peek(header_len);
        let found = head.len();
        if found == 0 {
            return None;
        }
        let record = match self.variant.record(head) {
            Some(record) if found == header_len => record,
            _ => {
                input.skip(found);
                return Some(cut(offset, header_len as u64, found));
            }
        };
        if record.captured_len > self.max_captured_len {
            return Some(self.resync(
                input,
                Damage::Length {
                    found: record.captured_len,
                },
            ));
        }
        let len = header_len + record.captured_len as usize;
        let found = input.peek(len).len();
        if found < len {
            if !self.plausible(record) {
                return Some(self.resync(
                    input,
                    Damage::Length {
                        found: record.captured_len,
                    },
                ));
            }
            input.skip(found);
            return Some(cut(offset, len as u64, found));
        }
        self.last_seconds = Some(record.seconds);
        input.skip(header_len);
        let nanoseconds = if self.variant.nanoseconds {
            i64::from(record.fraction)
        } else {
            i64::from(record.fraction) * 1_000
        };
        Some(Event::Packet(Packet {
            time_ns: i64::from(record.seconds) * 1_000_000_000 + nanoseconds,
            timed: true,
            interface: 0,
            link_type: self.link_type,
            original_len: record.original_len,
            offset: offset + header_len as u64,
            bytes: input.take(record.captured_len as usize),
            comment: None,
        }))
    }

    /// Whether the numbers of a record fit each other and the records before it.
    fn plausible(&self, record: Record) -> bool {
        let fractions = if self.variant.nanoseconds {
            1_000_000_000
        } else {
            1_000_000
        };
        record.captured_len <= self.max_captured_len
            && record.captured_len <= record.original_len
            && record.fraction < fractions
            && self
                .last_seconds
                .is_none_or(|last| record.seconds.abs_diff(last) <= PROOF_SECONDS)
    }

    /// Goes on at the next place where several records in a row look right.
    fn resync(&self, input: &mut Input, damage: Damage) -> Event {
        let offset = input.position();
        let (skipped, found) = resync(input, |bytes, at_end| self.proven(bytes, at_end));
        Event::Trouble(Trouble {
            offset,
            kind: if found {
                TroubleKind::DamagedRecord { damage, skipped }
            } else {
                TroubleKind::DamagedEnd { damage, skipped }
            },
        })
    }

    /// Whether records begin here: several in a row, or two that end exactly with the input.
    fn proven(&self, bytes: &[u8], at_end: bool) -> bool {
        let mut rest = bytes;
        for count in 0..PROOF_RECORDS {
            if rest.is_empty() && at_end && count >= 2 {
                return true;
            }
            let Some(record) = self.variant.record(rest) else {
                return false;
            };
            if record.captured_len == 0 || !self.plausible(record) {
                return false;
            }
            let len = self.variant.record_header_len + record.captured_len as usize;
            match rest.get(len..) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        true
    }
}

fn cut(offset: u64, expected: u64, found: usize) -> Event {
    Event::Trouble(Trouble {
        offset,
        kind: TroubleKind::CutRecord {
            expected,
            found: found as u64,
        },
    })
}
