//! What HPACK's tables were good for on a connection: how often each entry was used, what was saved,
//! and from when on everything is certain again.
//!
//! Header blocks are decoded again for this, every one of a side once.

pub mod hints;
pub mod inference;

use crate::trace::http2::Instant;
use crate::trace::{BlockId, Connection, FrameId, HeaderField, Http2, Side, Trace};
use crate::wire::hpack::{Certainty, Placeholder, Representation, Source};
use std::collections::HashMap;

/// Where the bytes of header fields went, in bytes.
///
/// ```text
/// decoded = encoded + by_static + by_dynamic + by_huffman - overhead
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Savings {
    /// What was sent.
    pub encoded: u64,
    /// Names and values as text, as far as they are known.
    pub decoded: u64,
    /// Names and values that an index into the static table stood for.
    pub by_static: u64,
    /// Names and values that an index into the dynamic table stood for.
    pub by_dynamic: u64,
    /// What Huffman code saved of the strings that were sent; below zero where it cost.
    pub by_huffman: i64,
    /// What was sent beside strings: indexes, lengths, table size updates.
    pub overhead: u64,
}

impl Savings {
    /// What was saved all in all; below zero when more was sent than meant.
    pub fn saved(&self) -> i64 {
        self.decoded.cast_signed() - self.encoded.cast_signed()
    }

    /// Those of one field.
    pub fn of(field: &HeaderField) -> Self {
        let name = field.name.as_ref().map_or(0, |name| name.len() as u64);
        let value = field.value.as_ref().map_or(0, |value| value.len() as u64);
        let encoded = field.range.len() as u64;
        let strings = [(&field.name_string, name), (&field.value_string, value)];
        let (mut sent, mut by_huffman) = (0, 0_i64);
        for (string, decoded) in strings {
            if let Some(string) = string {
                let octets = string.data_range.len() as u64;
                sent += octets;
                by_huffman += decoded.cast_signed() - octets.cast_signed();
            }
        }
        let indexed = match field.representation {
            Representation::Indexed => name + value,
            _ if field.name_string.is_none() => name,
            _ => 0,
        };
        let (by_static, by_dynamic) = match field.source {
            Source::Static(_) => (indexed, 0),
            Source::Dynamic(_) => (0, indexed),
            Source::Literal | Source::Unseen(_) => (0, 0),
        };
        Self {
            encoded,
            decoded: name + value,
            by_static,
            by_dynamic,
            by_huffman,
            overhead: encoded.saturating_sub(sent),
        }
    }
}

impl std::ops::AddAssign for Savings {
    fn add_assign(&mut self, other: Self) {
        self.encoded += other.encoded;
        self.decoded += other.decoded;
        self.by_static += other.by_static;
        self.by_dynamic += other.by_dynamic;
        self.by_huffman += other.by_huffman;
        self.overhead += other.overhead;
    }
}

/// What the header blocks of one side made of the tables, over time.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// By number of insertion: the last frames of the blocks that referred to the entry, once per reference.
    entries: Vec<Vec<FrameId>>,
    /// The same for entries that were never seen. With the default, keyed hasher: they come from the capture.
    unseen: HashMap<Placeholder, Vec<FrameId>>,
    /// By block: its last frame, its own savings, and those of all blocks up to it.
    blocks: Vec<BlockSavings>,
    last_unknown: Option<FrameId>,
}

#[derive(Clone, Copy, Debug)]
struct BlockSavings {
    last_frame: FrameId,
    own: Savings,
    total: Savings,
}

impl Usage {
    /// Decodes every header block of a side: call it once per load, not for every picture.
    pub fn of(trace: &Trace, connection: &Connection, side: Side) -> Self {
        let mut usage = Self::default();
        let Some(http2) = connection.http2() else {
            return usage;
        };
        usage
            .entries
            .resize(http2.insertions[side.index()].len(), Vec::new());
        let mut total = Savings::default();
        for (index, row) in http2.blocks[side.index()].iter().enumerate() {
            let mut own = Savings::default();
            if is_block_of(http2, row.first_frame, BlockId::from_index(index))
                && let Some(block) = trace.header_block(connection, row.first_frame)
            {
                for field in &block.fields {
                    own += Savings::of(field);
                    usage.note(field, row.last_frame);
                }
                // Size updates, and what could not be read.
                let rest = (block.bytes.len() as u64).saturating_sub(own.encoded);
                own.encoded += rest;
                own.overhead += rest;
            }
            total += own;
            usage.blocks.push(BlockSavings {
                last_frame: row.last_frame,
                own,
                total,
            });
        }
        usage
    }

    fn note(&mut self, field: &HeaderField, frame: FrameId) {
        match field.source {
            Source::Dynamic(number) => {
                let number = usize::try_from(number).ok();
                if let Some(uses) = number.and_then(|number| self.entries.get_mut(number)) {
                    uses.push(frame);
                }
            }
            Source::Unseen(placeholder) => {
                self.unseen.entry(placeholder).or_default().push(frame);
            }
            Source::Literal | Source::Static(_) => {}
        }
        if field.certainty == Certainty::Unknown {
            self.last_unknown = Some(frame);
        }
    }

    /// How often fields had referred to an entry by then, for its name or for all of it. The
    /// insertion itself is no use.
    pub fn entry_uses(&self, number: u64, at: Instant) -> usize {
        let number = usize::try_from(number).ok();
        let uses = number.and_then(|number| self.entries.get(number));
        uses.map_or(0, |uses| until(uses, at))
    }

    /// The same for an entry that was never seen.
    pub fn unseen_uses(&self, placeholder: Placeholder, at: Instant) -> usize {
        let uses = self.unseen.get(&placeholder);
        uses.map_or(0, |uses| until(uses, at))
    }

    /// What all blocks up to an instant saved together.
    pub fn savings_at(&self, at: Instant) -> Savings {
        let count = self
            .blocks
            .partition_point(|block| Some(block.last_frame) <= at);
        let last = count.checked_sub(1).and_then(|last| self.blocks.get(last));
        last.map_or_else(Savings::default, |block| block.total)
    }

    /// What one block saved.
    pub fn block_savings(&self, block: BlockId) -> Option<Savings> {
        self.blocks.get(block.index()).map(|block| block.own)
    }

    /// The last block with a field that refers to something unseen: behind its last frame, every
    /// field of this side is certain. `None` when all are.
    pub fn last_unknown(&self) -> Option<FrameId> {
        self.last_unknown
    }
}

fn until(uses: &[FrameId], at: Instant) -> usize {
    uses.partition_point(|&frame| Some(frame) <= at)
}

/// Whether a frame carries this block: what was lost has a row too, and no frame.
fn is_block_of(http2: &Http2, frame: FrameId, block: BlockId) -> bool {
    let frame = http2.frames.get(frame.index());
    frame.is_some_and(|frame| frame.block == Some(block))
}

/// A time in which a side's table may have held entries that were never seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UncertainSpan {
    /// The block after which it began; `None` from the beginning of the capture on.
    pub from: Instant,
    /// The last frame of the block after which everything in the table is certain again; `None`
    /// when that never came.
    pub until: Instant,
}

/// When the table of a side's blocks was not certain, in order.
pub fn uncertain_spans(http2: &Http2, side: Side) -> Vec<UncertainSpan> {
    let mut spans = Vec::new();
    let mut since = (!http2.initial_table.is_certain()).then_some(None);
    for row in http2.blocks[side.index()].iter() {
        let certain = http2.table_of(side, row).is_certain();
        match since {
            Some(from) if certain => {
                let until = Some(row.last_frame);
                spans.push(UncertainSpan { from, until });
                since = None;
            }
            None if !certain => since = Some(Some(row.last_frame)),
            _ => {}
        }
    }
    if let Some(from) = since {
        spans.push(UncertainSpan { from, until: None });
    }
    spans
}

#[cfg(test)]
mod tests;
