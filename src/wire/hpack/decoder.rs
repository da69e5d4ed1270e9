//! Reads header blocks and tells every step: what was written, how, where, and what it did to the table.
//!
//! Source: RFC 7541 §3 (decoding), §6 (representations).

use super::block_error::{BlockError, BlockErrorKind, Part};
use super::huffman;
use super::integer::{self, IntegerError};
use super::log::{Entry, InsertionLog, Name, Placeholder, Source};
use super::representation::Representation;
use super::static_table;
use super::step::{Certainty, Field, SizeUpdate, Step, StringLiteral, Summary};
use super::table::{ENTRY_OVERHEAD_BYTES, Limit, Lookup, Table};

/// How much one block may decode to, counted as RFC 9113 §6.5.2 counts a header list: the octets of names
/// and values, and 32 for each field.
///
/// Our choice. One byte may repeat a whole table entry, so a frame of 16 kB may stand for a gigabyte of
/// fields. Servers allow 8 kB to 1 MB; above this limit nobody's traffic is honest, and below it a reader
/// still gets what the largest honest senders write.
pub const MAX_DECODED_BLOCK_BYTES: u64 = 16 * 1024 * 1024;

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
    let overhead = ENTRY_OVERHEAD_BYTES * (u64::from(summary.fields) + 1);
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
