//! The pcapng format: blocks, each with its length in front and at its end.
//!
//! ```text
//! +-------------------------------+
//! |          Block Type           |
//! +-------------------------------+
//! |      Block Total Length       |   with type, both lengths and padding
//! +-------------------------------+
//! |        Block Body…            |   padded to a multiple of four
//! +-------------------------------+
//! |      Block Total Length       |
//! +-------------------------------+
//! ```
//!
//! A section header block says in which byte order the numbers up to the next one are written, and begins the
//! interfaces anew. Because the length stands at both ends, a good block can be told from noise, and reading goes on
//! behind a damaged one. Source: draft-ietf-opsawg-pcapng §3.1 (blocks), §3.2 (sections), §4 (their kinds).

mod block;
mod clock;

use std::collections::VecDeque;

use bytes::Bytes;

use self::block::PacketBlock;
use self::clock::Clock;
use super::input::Input;
use super::resync::resync;
use super::trouble::Damage;
use super::{BlockType, Event, LinkType, Packet, Secrets, Skipped, Trouble, TroubleKind};

/// The longest block that is believed.
///
/// Our choice, and that of libpcap and Wireshark. A longer one is taken for damage.
const MAX_BLOCK_LEN: u32 = 16 * 1024 * 1024;

/// The shortest block: type and two lengths.
const MIN_BLOCK_LEN: u32 = 12;

/// The longest block that counts as proof behind damage, so that a proof need not look far.
const MAX_PROOF_BLOCK_LEN: u32 = 257 * 1024;

/// Blocks in a row that must look right before reading goes on behind a damaged one.
const PROOF_BLOCKS: usize = 2;

/// The first word of a section header's body, as a writer of the same byte order sees it.
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;

/// Reads the blocks of a pcapng file.
#[derive(Default)]
pub(super) struct PcapngReader {
    big_endian: bool,
    /// Number of the current section; `None` before the first.
    section: Option<u32>,
    /// The interfaces of the current section.
    interfaces: Vec<SectionInterface>,
    /// Interfaces of all sections before.
    interfaces_before: u32,
    /// Whether a packet of an undescribed interface was reported in this section.
    unknown_reported: bool,
    last_time_ns: i64,
}

/// What packets need to know of their interface.
#[derive(Clone, Copy)]
struct SectionInterface {
    link_type: LinkType,
    snapshot_len: Option<u32>,
    clock: Clock,
}

/// The frame of a block.
#[derive(Clone, Copy)]
struct Frame {
    block_type: BlockType,
    big_endian: bool,
    len: u32,
}

impl PcapngReader {
    /// The next block that says something. More events than one go to `pending`.
    #[inline]
    pub(super) fn next(
        &mut self,
        input: &mut Input,
        pending: &mut VecDeque<Event>,
    ) -> Option<Event> {
        let offset = input.position();
        let head = input.peek(12);
        if head.is_empty() {
            return None;
        }
        let frame = match frame(head, self.big_endian) {
            Ok(frame) => frame,
            Err(None) => return Some(cut(input, offset, MIN_BLOCK_LEN)),
            Err(Some(damage)) => return Some(self.resync(input, None, damage)),
        };
        let len = frame.len as usize;
        let block = input.peek(len);
        if block.len() < len {
            if plausible(frame, block) {
                return Some(cut(input, offset, frame.len));
            }
            return Some(self.resync(input, None, Damage::Length { found: frame.len }));
        }
        match last_length(frame, block) {
            Some(last) if last == frame.len => {}
            last => {
                let damage = Damage::LengthsDiffer {
                    first: frame.len,
                    last: last.unwrap_or(0),
                };
                return Some(self.resync(input, Some(len), damage));
            }
        }
        let event = match frame.block_type {
            BlockType::ENHANCED_PACKET | BlockType::SIMPLE_PACKET | BlockType::PACKET => {
                let parsed = block::packet(frame.block_type, block, frame.big_endian);
                let event = parsed.and_then(|parsed| self.packet(parsed, len, input, pending));
                // What is left of the block: options, padding, the last length.
                input.skip(len.saturating_sub(usize_from(input.position() - offset)));
                event
            }
            _ => {
                let block = input.take(len);
                self.block(frame, &block, offset, pending)
            }
        };
        Some(event.unwrap_or(Event::Trouble(Trouble {
            offset,
            kind: TroubleKind::DamagedBlock {
                block_type: frame.block_type,
            },
        })))
    }

    /// Reads a whole block that is no packet; `None` when its contents contradict themselves.
    fn block(
        &mut self,
        frame: Frame,
        block: &Bytes,
        offset: u64,
        pending: &mut VecDeque<Event>,
    ) -> Option<Event> {
        let block_type = frame.block_type;
        let big_endian = frame.big_endian;
        Some(match block_type {
            BlockType::SECTION_HEADER => self.section(block, big_endian, offset, pending),
            BlockType::INTERFACE_DESCRIPTION => {
                let parsed = block::interface(block, big_endian);
                self.interface(parsed)?
            }
            BlockType::DECRYPTION_SECRETS => {
                let (secrets_type, start, end) = block::secrets(block, big_endian)?;
                Event::Secrets(Secrets {
                    secrets_type,
                    offset: offset + start as u64,
                    bytes: block.slice(start..end),
                })
            }
            BlockType::NAME_RESOLUTION => Event::NameResolution(block::names(block, big_endian)?),
            BlockType::INTERFACE_STATISTICS => {
                let mut statistics = block::statistics(block, big_endian)?;
                statistics.interface = self.interface_number(statistics.interface);
                Event::Statistics(statistics)
            }
            _ => Event::Skipped(Skipped { offset, block_type }),
        })
    }

    /// Takes the bytes of a packet out of its block of `len` bytes, which `input` is at the front of.
    #[inline]
    fn packet(
        &mut self,
        parsed: PacketBlock,
        len: usize,
        input: &mut Input,
        pending: &mut VecDeque<Event>,
    ) -> Option<Event> {
        let offset = input.position();
        let known = self.interfaces.get(parsed.interface as usize).copied();
        if known.is_none() && !self.unknown_reported {
            self.unknown_reported = true;
            pending.push_back(Event::Trouble(Trouble {
                offset,
                kind: TroubleKind::UnknownInterface {
                    interface: parsed.interface,
                },
            }));
        }
        let mut captured_len = parsed.captured_len;
        let mut time_ns = self.last_time_ns;
        match (parsed.ticks, known) {
            (Some(ticks), Some(interface)) => time_ns = interface.clock.time_ns(ticks),
            (Some(ticks), None) => time_ns = Clock::new(None, None).time_ns(ticks),
            // Only a simple packet has no time, and none but the interface says where it was cut.
            (None, Some(interface)) => {
                if let Some(len) = interface.snapshot_len {
                    captured_len = captured_len.min(len as usize);
                }
            }
            (None, None) => {}
        }
        self.last_time_ns = time_ns;
        let end = parsed.data_offset.checked_add(captured_len)?;
        if end > len {
            return None;
        }
        input.skip(parsed.data_offset);
        Some(Event::Packet(Packet {
            time_ns,
            timed: parsed.ticks.is_some(),
            interface: self.interface_number(parsed.interface),
            link_type: known.map_or(LinkType::MISSING, |interface| interface.link_type),
            original_len: parsed.original_len,
            offset: offset + parsed.data_offset as u64,
            bytes: input.take(captured_len),
            comment: parsed.comment,
        }))
    }

    /// A new section; its byte order holds even when the rest of its header cannot be read.
    fn section(
        &mut self,
        block: &Bytes,
        big_endian: bool,
        offset: u64,
        pending: &mut VecDeque<Event>,
    ) -> Event {
        let number = self.section.map_or(0, |number| number.saturating_add(1));
        self.section = Some(number);
        self.big_endian = big_endian;
        self.interfaces_before = self
            .interfaces_before
            .saturating_add(u32::try_from(self.interfaces.len()).unwrap_or(u32::MAX));
        self.interfaces.clear();
        self.unknown_reported = false;
        let Some((section, major, minor)) = block::section(block, big_endian, number) else {
            return Event::Trouble(Trouble {
                offset,
                kind: TroubleKind::DamagedBlock {
                    block_type: BlockType::SECTION_HEADER,
                },
            });
        };
        if major != 1 || !matches!(minor, 0 | 2) {
            pending.push_back(Event::Trouble(Trouble {
                offset,
                kind: TroubleKind::UnknownVersion { major, minor },
            }));
        }
        Event::Section(section)
    }

    /// A new interface. One that cannot be read still takes its number, or all after it would be wrong.
    fn interface(&mut self, parsed: Option<(super::Interface, Clock)>) -> Option<Event> {
        let number = u32::try_from(self.interfaces.len())
            .unwrap_or(u32::MAX)
            .saturating_add(self.interfaces_before);
        let Some((mut interface, clock)) = parsed else {
            self.interfaces.push(SectionInterface {
                link_type: LinkType::MISSING,
                snapshot_len: None,
                clock: Clock::new(None, None),
            });
            return None;
        };
        interface.number = number;
        interface.section = self.section.unwrap_or(0);
        self.interfaces.push(SectionInterface {
            link_type: interface.link_type,
            snapshot_len: interface.snapshot_len,
            clock,
        });
        Some(Event::Interface(interface))
    }

    /// The number through the whole file of an interface of this section.
    fn interface_number(&self, in_section: u32) -> u32 {
        if (in_section as usize) < self.interfaces.len() {
            self.interfaces_before.saturating_add(in_section)
        } else {
            u32::MAX
        }
    }

    /// Goes on at the next place where blocks can be proven; first where the damaged block says that it ends.
    fn resync(&self, input: &mut Input, declared_len: Option<usize>, damage: Damage) -> Event {
        let offset = input.position();
        let big_endian = self.big_endian;
        if let Some(len) = declared_len {
            // One block more is enough here: its place was foretold.
            let ahead = input.peek(len.saturating_add(MAX_PROOF_BLOCK_LEN as usize));
            let at_end = ahead.len() < len.saturating_add(MAX_PROOF_BLOCK_LEN as usize);
            let rest = ahead.get(len..).unwrap_or_default();
            if proven(rest, at_end, big_endian, 1) || (at_end && rest.is_empty()) {
                input.skip(len);
                return Event::Trouble(Trouble {
                    offset,
                    kind: TroubleKind::DamagedRecord {
                        damage,
                        skipped: len as u64,
                    },
                });
            }
        }
        let (skipped, found) = resync(input, |bytes, at_end| {
            proven(bytes, at_end, big_endian, PROOF_BLOCKS)
        });
        Event::Trouble(Trouble {
            offset,
            kind: if found {
                TroubleKind::DamagedRecord { damage, skipped }
            } else {
                TroubleKind::DamagedEnd { damage, skipped }
            },
        })
    }
}

/// A distance within a block, which is far shorter than memory.
#[inline]
fn usize_from(distance: u64) -> usize {
    usize::try_from(distance).unwrap_or(usize::MAX)
}

/// Reads type and length from the first bytes of a block. `Err(None)` when there are too few of them.
#[inline]
fn frame(head: &[u8], section_big_endian: bool) -> Result<Frame, Option<Damage>> {
    let Some((&type_field, rest)) = head.split_first_chunk::<4>() else {
        return Err(None);
    };
    let Some((&length_field, rest)) = rest.split_first_chunk::<4>() else {
        return Err(None);
    };
    let mut big_endian = section_big_endian;
    if BlockType(u32::from_le_bytes(type_field)) == BlockType::SECTION_HEADER {
        let Some(&magic) = rest.first_chunk::<4>() else {
            return Err(None);
        };
        big_endian = if u32::from_be_bytes(magic) == BYTE_ORDER_MAGIC {
            true
        } else if u32::from_le_bytes(magic) == BYTE_ORDER_MAGIC {
            false
        } else {
            return Err(Some(Damage::ByteOrder));
        };
    }
    let u32_from = if big_endian {
        u32::from_be_bytes
    } else {
        u32::from_le_bytes
    };
    let len = u32_from(length_field);
    if !(MIN_BLOCK_LEN..=MAX_BLOCK_LEN).contains(&len) {
        return Err(Some(Damage::Length { found: len }));
    }
    Ok(Frame {
        block_type: BlockType(u32_from(type_field)),
        big_endian,
        len,
    })
}

/// The length at the end of a block that is there as a whole.
#[inline]
fn last_length(frame: Frame, block: &[u8]) -> Option<u32> {
    let &field = block.get(..frame.len as usize)?.last_chunk::<4>()?;
    Some(if frame.big_endian {
        u32::from_be_bytes(field)
    } else {
        u32::from_le_bytes(field)
    })
}

/// Whether a block that the input does not have to its end may well be one: a known kind, and for a packet lengths
/// that fit each other.
fn plausible(frame: Frame, start: &[u8]) -> bool {
    if !frame.len.is_multiple_of(4) || frame.block_type.name().is_none() {
        return false;
    }
    let captured_at = match frame.block_type {
        BlockType::ENHANCED_PACKET | BlockType::PACKET => 20,
        _ => return true,
    };
    let Some(&field) = start.get(captured_at..).and_then(|rest| rest.first_chunk()) else {
        return true;
    };
    let captured_len = if frame.big_endian {
        u32::from_be_bytes(field)
    } else {
        u32::from_le_bytes(field)
    };
    captured_len <= frame.len.saturating_sub(32)
}

/// Whether `blocks` good blocks of known kinds begin here, or fewer that end exactly with the input.
fn proven(bytes: &[u8], at_end: bool, mut big_endian: bool, blocks: usize) -> bool {
    let mut rest = bytes;
    for count in 0..blocks {
        if count > 0 && at_end && rest.is_empty() {
            return true;
        }
        let Ok(frame) = frame(rest, big_endian) else {
            return false;
        };
        if frame.len > MAX_PROOF_BLOCK_LEN
            || !plausible(frame, rest)
            || last_length(frame, rest) != Some(frame.len)
        {
            return false;
        }
        big_endian = frame.big_endian;
        rest = rest.get(frame.len as usize..).unwrap_or_default();
    }
    true
}

/// The input ends inside a block.
fn cut(input: &mut Input, offset: u64, expected: u32) -> Event {
    let found = input.peek(expected as usize).len();
    input.skip(found);
    Event::Trouble(Trouble {
        offset,
        kind: TroubleKind::CutRecord {
            expected: u64::from(expected),
            found: found as u64,
        },
    })
}
