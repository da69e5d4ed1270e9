//! Reads header blocks and tells every step: what was written, how, where, and what it did to the table.
//!
//! Source: RFC 7541 §3 (decoding), §6 (representations).

use std::ops::Range;

use super::huffman::{self, HuffmanError};
use super::integer::{self, IntegerError};
use super::log::{Entry, InsertionLog, Name, Placeholder, Source};
use super::representation::Representation;
use super::static_table;
use super::table::{Limit, Lookup, STATIC_ENTRIES, Table};

/// How much one block may decode to, counted as RFC 9113 §6.5.2 counts a header list: the octets of names
/// and values, and 32 for each field.
///
/// Our choice. One byte may repeat a whole table entry, so a frame of 16 kB may stand for a gigabyte of
/// fields. Servers allow 8 kB to 1 MB; above this limit nobody's traffic is honest, and below it a reader
/// still gets what the largest honest senders write.
pub const MAX_DECODED_BLOCK_BYTES: u64 = 16 * 1024 * 1024;

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
    /// How many entries this field pushed out of the table.
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

/// Why a block could not be read to its end. Every step before was delivered and has taken effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset} of the header block: {kind}")]
pub struct BlockError {
    /// The byte of the block in which the trouble begins; its length when more bytes should follow.
    pub offset: usize,
    /// The first byte of the representation that could not be read.
    pub step_offset: usize,
    /// What the trouble is.
    pub kind: BlockErrorKind,
}

/// What makes a block unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockErrorKind {
    /// Source: RFC 7541 §6.1.
    #[error("index 0 names no entry; indexes begin at 1")]
    IndexZero,
    /// Source: RFC 7541 §2.3.3.
    #[error(
        "index {index} is beyond the last entry: the static table has {STATIC_ENTRIES}, the dynamic table {dynamic_entries} in {size_bytes} of {max_size_bytes} bytes"
    )]
    IndexOutOfRange {
        /// The index on the wire.
        index: u32,
        /// How many known entries the dynamic table had.
        dynamic_entries: u64,
        /// How large they were.
        size_bytes: u64,
        /// How large they might have been.
        max_size_bytes: u32,
    },
    /// An index, a length or a size. Its own offset counts from the start of the block too.
    #[error(transparent)]
    Integer(IntegerError),
    /// Source: RFC 7541 §5.2.
    #[error("the {part} should have {length} bytes, but only {available} are left in the block")]
    StringTruncated {
        /// Which string.
        part: Part,
        /// Its length on the wire.
        length: u32,
        /// What is left of the block.
        available: usize,
    },
    /// Its own offset counts from the start of the string.
    #[error("the {part} cannot be read: {error}")]
    Huffman {
        /// Which string.
        part: Part,
        /// What is wrong with it.
        error: HuffmanError,
    },
    /// The field at this place would carry the block over [`MAX_DECODED_BLOCK_BYTES`].
    #[error(
        "the block decodes to more than {MAX_DECODED_BLOCK_BYTES} bytes; the rest is left unread"
    )]
    DecodedTooLarge,
}

/// One of the two strings of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The field's name.
    Name,
    /// The field's value.
    Value,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Value => "value",
        })
    }
}

/// Reads header blocks. It holds nothing but memory to be used again: the state is the [`Table`].
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Decoder {
    /// A decoder for any number of connections.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes one whole block (HEADERS or PUSH_PROMISE with its CONTINUATIONs), handing each step to
    /// `sink` after it has taken effect on `table` and `log`.
    ///
    /// `max_allowed_table_size` is the receiver's acknowledged `SETTINGS_HEADER_TABLE_SIZE`, against which
    /// size updates are judged; `None` when it is not known. Broken rules that leave the block readable are
    /// told in the steps.
    ///
    /// # Errors
    ///
    /// [`BlockError`] at the first representation that cannot be read. `table` and `log` are then as the
    /// last whole step left them. Whoever reads on in the same direction should call
    /// [`Table::lose_history`] first, since the rest of the block may have inserted entries.
    pub fn decode<L: InsertionLog + ?Sized>(
        &mut self,
        block: &[u8],
        table: &mut Table,
        log: &mut L,
        max_allowed_table_size: Option<u32>,
        sink: impl FnMut(Step<'_>),
    ) -> Result<Summary, BlockError> {
        let mut pass = Pass {
            decoder: self,
            block,
            table,
            log,
            max_allowed_table_size,
            sink,
            summary: Summary::default(),
        };
        let mut offset = 0;
        while let Some(&first) = block.get(offset) {
            let step = match first.leading_zeros() {
                0 => pass.indexed(offset),
                1 => pass.literal(offset, Representation::LiteralIncremental),
                2 => pass.size_update(offset),
                3 => pass.literal(offset, Representation::LiteralNeverIndexed),
                _ => pass.literal(offset, Representation::LiteralNotIndexed),
            };
            offset = step.map_err(|trouble| BlockError {
                offset: trouble.offset,
                step_offset: offset,
                kind: trouble.kind,
            })?;
        }
        Ok(pass.summary)
    }
}

/// [`Decoder::decode`] with a decoder of its own, for a single block.
///
/// # Errors
///
/// As [`Decoder::decode`].
pub fn decode<L: InsertionLog + ?Sized>(
    block: &[u8],
    table: &mut Table,
    log: &mut L,
    max_allowed_table_size: Option<u32>,
    sink: impl FnMut(Step<'_>),
) -> Result<Summary, BlockError> {
    Decoder::new().decode(block, table, log, max_allowed_table_size, sink)
}

/// Why a step failed, before the offset of the step is added.
struct Trouble {
    offset: usize,
    kind: BlockErrorKind,
}

impl From<IntegerError> for Trouble {
    fn from(error: IntegerError) -> Self {
        Self {
            offset: error.offset(),
            kind: BlockErrorKind::Integer(error),
        }
    }
}

/// One run over one block. Each method reads the representation at an offset and answers with the next.
struct Pass<'p, L: ?Sized, F> {
    decoder: &'p mut Decoder,
    block: &'p [u8],
    table: &'p mut Table,
    log: &'p mut L,
    max_allowed_table_size: Option<u32>,
    sink: F,
    summary: Summary,
}

impl<L: InsertionLog + ?Sized, F: FnMut(Step<'_>)> Pass<'_, L, F> {
    #[inline]
    fn indexed(&mut self, offset: usize) -> Result<usize, Trouble> {
        let representation = Representation::Indexed;
        let (index, next) = integer::decode(self.block, offset, representation.prefix_bits())?;
        let (name, value, source, placeholder) = match self.table.lookup(index) {
            Lookup::Static(index) => {
                let (name, value) = static_table::entry(index.into()).unzip();
                (
                    name.map(str::as_bytes),
                    value.map(str::as_bytes),
                    Source::Static(index),
                    None,
                )
            }
            Lookup::Dynamic(number) => {
                let entry = self.log.entry(number);
                let name = entry.map_or(Name::Unseen(Placeholder::MISSING), |entry| entry.name);
                (
                    name.known(),
                    entry.map(|entry| entry.value),
                    Source::Dynamic(number),
                    placeholder_of(name),
                )
            }
            Lookup::Unseen(placeholder) => {
                (None, None, Source::Unseen(placeholder), Some(placeholder))
            }
            Lookup::Zero => {
                return Err(Trouble {
                    offset,
                    kind: BlockErrorKind::IndexZero,
                });
            }
            Lookup::OutOfRange => return Err(out_of_range(self.table, index, offset)),
        };
        let field = Field {
            name,
            value,
            representation,
            index: Some(index),
            source,
            range: offset..next,
            index_range: offset..next,
            name_string: None,
            value_string: None,
            inserted: None,
            evicted: 0,
            placeholder,
            certainty: certainty(name, value),
        };
        count_field(
            &mut self.summary,
            self.table,
            self.max_allowed_table_size,
            &field,
        )?;
        (self.sink)(Step::Field(field));
        Ok(next)
    }

    fn literal(&mut self, offset: usize, representation: Representation) -> Result<usize, Trouble> {
        let Decoder {
            name: name_buffer,
            value: value_buffer,
        } = &mut *self.decoder;
        let (index, index_end) = integer::decode(self.block, offset, representation.prefix_bits())?;
        let mut name_string = None;
        let (name, source) = match self.table.lookup(index) {
            Lookup::Zero => {
                let (string, octets) = read_string(self.block, index_end, Part::Name, name_buffer)?;
                name_string = Some(string);
                (Name::Known(octets), Source::Literal)
            }
            Lookup::Static(index) => {
                let name = static_table::entry(index.into()).map_or("", |(name, _)| name);
                (Name::Known(name.as_bytes()), Source::Static(index))
            }
            Lookup::Dynamic(number) => {
                let name = match self.log.entry(number).map(|entry| entry.name) {
                    Some(Name::Known(octets)) => {
                        // Copied: inserting this field may evict the entry that names it.
                        name_buffer.clear();
                        name_buffer.extend_from_slice(octets);
                        Name::Known(name_buffer.as_slice())
                    }
                    Some(Name::Unseen(placeholder)) => Name::Unseen(placeholder),
                    None => Name::Unseen(Placeholder::MISSING),
                };
                (name, Source::Dynamic(number))
            }
            Lookup::Unseen(placeholder) => (Name::Unseen(placeholder), Source::Unseen(placeholder)),
            Lookup::OutOfRange => return Err(out_of_range(self.table, index, offset)),
        };
        let value_start = name_string
            .as_ref()
            .map_or(index_end, |string: &StringLiteral| string.data_range.end);
        let (value_string, value) =
            read_string(self.block, value_start, Part::Value, value_buffer)?;
        let next = value_string.data_range.end;
        let mut field = Field {
            name: name.known(),
            value: Some(value),
            representation,
            index: (index != 0).then_some(index),
            source,
            range: offset..next,
            index_range: offset..index_end,
            name_string,
            value_string: Some(value_string),
            inserted: None,
            evicted: 0,
            placeholder: placeholder_of(name),
            certainty: certainty(name.known(), Some(value)),
        };
        count_field(
            &mut self.summary,
            self.table,
            self.max_allowed_table_size,
            &field,
        )?;
        if representation == Representation::LiteralIncremental {
            let inserted = self
                .table
                .insert(&mut *self.log, Entry { name, value }, source);
            field.inserted = inserted.number;
            field.evicted = inserted.evicted;
            self.summary.insertions += u32::from(inserted.number.is_some());
            self.summary.evictions = self.summary.evictions.saturating_add(inserted.evicted);
        }
        (self.sink)(Step::Field(field));
        Ok(next)
    }

    fn size_update(&mut self, offset: usize) -> Result<usize, Trouble> {
        let (max_size_bytes, next) = integer::decode(self.block, offset, 5)?;
        let update = SizeUpdate {
            max_size_bytes,
            range: offset..next,
            evicted: self.table.resize(&mut *self.log, max_size_bytes),
            after_a_field: self.summary.fields > 0,
            above_allowed: self
                .max_allowed_table_size
                .filter(|&allowed| max_size_bytes > allowed),
        };
        self.summary.size_updates = self.summary.size_updates.saturating_add(1);
        self.summary.wrong_size_updates = self
            .summary
            .wrong_size_updates
            .saturating_add(update.breaks_a_rule().into());
        self.summary.evictions = self.summary.evictions.saturating_add(update.evicted);
        (self.sink)(Step::SizeUpdate(update));
        Ok(next)
    }
}

/// Reads the string at `offset`: where it stands, and its octets, which lie in the block or, decoded, in `buffer`.
#[inline]
fn read_string<'s>(
    block: &'s [u8],
    offset: usize,
    part: Part,
    buffer: &'s mut Vec<u8>,
) -> Result<(StringLiteral, &'s [u8]), Trouble> {
    let (length, start) = integer::decode(block, offset, 7)?;
    let rest = block.get(start..).unwrap_or_default();
    let data = usize::try_from(length)
        .ok()
        .and_then(|length| rest.get(..length))
        .ok_or(Trouble {
            offset: block.len(),
            kind: BlockErrorKind::StringTruncated {
                part,
                length,
                available: rest.len(),
            },
        })?;
    let huffman = block.get(offset).is_some_and(|byte| byte & 0x80 != 0);
    let string = StringLiteral {
        huffman,
        length_range: offset..start,
        data_range: start..start.saturating_add(data.len()),
    };
    if !huffman {
        return Ok((string, data));
    }
    buffer.clear();
    huffman::decode(data, buffer).map_err(|error| Trouble {
        offset: start.saturating_add(error.offset()),
        kind: BlockErrorKind::Huffman { part, error },
    })?;
    Ok((string, buffer))
}

/// Adds a field to the summary, unless it makes the block too large.
#[inline]
fn count_field(
    summary: &mut Summary,
    table: &Table,
    max_allowed_table_size: Option<u32>,
    field: &Field<'_>,
) -> Result<(), Trouble> {
    let decoded_bytes = summary.decoded_bytes + field.decoded_bytes() as u64;
    let overhead = 32 * (u64::from(summary.fields) + 1);
    if decoded_bytes + overhead > MAX_DECODED_BLOCK_BYTES {
        return Err(Trouble {
            offset: field.range.start,
            kind: BlockErrorKind::DecodedTooLarge,
        });
    }
    if summary.fields == 0 {
        summary.size_update_missing = owes_update(table, max_allowed_table_size);
    }
    summary.decoded_bytes = decoded_bytes;
    summary.fields += 1;
    summary.unknown_fields += u32::from(field.certainty != Certainty::Certain);
    Ok(())
}

/// True when the limit in force is above what the receiver allows. Source: RFC 7541 §4.2.
fn owes_update(table: &Table, max_allowed_table_size: Option<u32>) -> bool {
    table.limit == Limit::Known
        && max_allowed_table_size.is_some_and(|allowed| table.max_size_bytes > allowed)
}

fn placeholder_of(name: Name<'_>) -> Option<Placeholder> {
    match name {
        Name::Unseen(placeholder) if placeholder != Placeholder::MISSING => Some(placeholder),
        Name::Unseen(_) | Name::Known(_) => None,
    }
}

fn certainty(name: Option<&[u8]>, value: Option<&[u8]>) -> Certainty {
    if name.is_some() && value.is_some() {
        Certainty::Certain
    } else {
        Certainty::Unknown
    }
}

#[cold]
fn out_of_range(table: &Table, index: u32, offset: usize) -> Trouble {
    Trouble {
        offset,
        kind: BlockErrorKind::IndexOutOfRange {
            index,
            dynamic_entries: table.len(),
            size_bytes: table.size_bytes,
            max_size_bytes: table.max_size_bytes,
        },
    }
}
