//! What the decoder tells of a block: each step, and what they amount to.

use std::ops::Range;

use super::log::{Placeholder, Source};
use super::representation::Representation;

/// One step of decoding a block. Steps follow one another without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A header field.
    Field(Field<'a>),
    /// A new limit for the dynamic table.
    SizeUpdate(SizeUpdate),
}

impl Step<'_> {
    /// Its bytes within the block.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Field(field) => field.range.clone(),
            Self::SizeUpdate(update) => update.range.clone(),
        }
    }
}

/// A header field as it was written. All ranges count from the first byte of the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// `None` when it is that of an unseen entry.
    pub name: Option<&'a [u8]>,
    /// `None` when it is that of an unseen entry.
    pub value: Option<&'a [u8]>,
    /// How it is written.
    pub representation: Representation,
    /// The index on the wire, of the name or of the whole field; `None` when the name was sent as a string.
    pub index: Option<u32>,
    /// What the index meant.
    pub source: Source,
    /// The whole field.
    pub range: Range<usize>,
    /// The first byte and the rest of the index that begins in it.
    pub index_range: Range<usize>,
    /// The name, where it was sent as a string.
    pub name_string: Option<StringLiteral>,
    /// The value, where it was sent as a string.
    pub value_string: Option<StringLiteral>,
    /// The number of the entry that this field added to the dynamic table. `None` also when the entry is
    /// larger than the table, which is emptied by it.
    pub inserted: Option<u64>,
    /// How many entries this field pushed out of the table: the oldest ones, with the numbers that follow
    /// the last eviction before.
    pub evicted: u32,
    /// The unseen entry that name, or name and value, would come from.
    pub placeholder: Option<Placeholder>,
    /// How far name and value can be trusted.
    pub certainty: Certainty,
}

impl Field<'_> {
    /// Whether the name was sent in Huffman code; `None` when it was not sent.
    #[must_use]
    pub fn huffman_name(&self) -> Option<bool> {
        self.name_string.as_ref().map(|string| string.huffman)
    }

    /// Whether the value was sent in Huffman code; `None` when it was not sent.
    #[must_use]
    pub fn huffman_value(&self) -> Option<bool> {
        self.value_string.as_ref().map(|string| string.huffman)
    }

    /// How many bytes of the block it takes.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        self.range.len()
    }

    /// How many octets name and value have, as far as they are known.
    #[must_use]
    pub fn decoded_bytes(&self) -> usize {
        self.name.map_or(0, <[u8]>::len) + self.value.map_or(0, <[u8]>::len)
    }
}

/// How far name and value of a field can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// They are what the sender meant.
    Certain,
    /// At least one of them is that of an unseen entry.
    Unknown,
    /// They were concluded from something else. The decoder itself never says so.
    Inferred,
}

impl Certainty {
    /// A short stable name, such as `certain`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Unknown => "unknown",
            Self::Inferred => "inferred",
        }
    }
}

/// Where a string stands in the block.
///
/// ```text
///   0   1   2   3   4   5   6   7
/// +---+---+---+---+---+---+---+---+
/// | H |    String Length (7+)     |
/// +---+---------------------------+
/// |  String Data (Length octets)  |
/// +-------------------------------+
/// ```
///
/// Source: RFC 7541 §5.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StringLiteral {
    /// The H bit.
    pub huffman: bool,
    /// The byte with the H bit and the rest of the length.
    pub length_range: Range<usize>,
    /// The octets as they were sent.
    pub data_range: Range<usize>,
}

/// A new limit for the dynamic table.
///
/// ```text
///   0   1   2   3   4   5   6   7
/// +---+---+---+---+---+---+---+---+
/// | 0 | 0 | 1 |   Max size (5+)   |
/// +---+---------------------------+
/// ```
///
/// Source: RFC 7541 §6.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeUpdate {
    /// The new limit.
    pub max_size_bytes: u32,
    /// Its bytes within the block.
    pub range: Range<usize>,
    /// How many entries it pushed out of the table.
    pub evicted: u32,
    /// True when a field came before it: RFC 7541 §4.2 allows it only at the start of a block.
    pub after_a_field: bool,
    /// The limit of the receiver's SETTINGS when the new one is above it, which RFC 7541 §6.3 forbids.
    pub above_allowed: Option<u32>,
}

impl SizeUpdate {
    /// True when it breaks a rule. It takes effect all the same, as the sender works with it.
    #[must_use]
    pub fn breaks_a_rule(&self) -> bool {
        self.after_a_field || self.above_allowed.is_some()
    }
}

/// What a block amounted to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Header fields.
    pub fields: u32,
    /// Those of which name or value is unknown.
    pub unknown_fields: u32,
    /// Entries added to the dynamic table.
    pub insertions: u32,
    /// Entries that left it.
    pub evictions: u32,
    /// Size updates.
    pub size_updates: u32,
    /// Size updates that break a rule.
    pub wrong_size_updates: u32,
    /// Octets of all names and values, as far as they are known.
    pub decoded_bytes: u64,
    /// True when the table's limit was above the allowed one at the first field: RFC 7541 §4.2 obliges the
    /// sender to begin the block by lowering it.
    pub size_update_missing: bool,
}
