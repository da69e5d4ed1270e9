//! Header lists, decoded again when somebody looks.
//!
//! A trace keeps no header fields. It keeps every entry ever inserted and the table's range after
//! each block, so a block is decoded once more from its bytes, on the table it met the first time.

use super::http2::{BlockRow, EntryName, Http2, InsertionRow};
use super::{BlockId, Connection, FrameId, Log, Side, Trace};
use crate::wire::hpack::{
    self, BlockError, Certainty, Entry, InsertionLog, Name, Placeholder, Replay, Representation,
    SizeUpdate, Source, Step, StringLiteral, Table,
};
use crate::wire::http2::{FrameHeader, Payload};
use bytes::{Bytes, BytesMut};
use std::ops::Range;

/// A header field of a block, as it was written and as it reads.
#[derive(Clone, Debug)]
pub struct HeaderField {
    /// `None` when it is that of an unseen entry.
    pub name: Option<Bytes>,
    /// `None` when it is that of an unseen entry.
    pub value: Option<Bytes>,
    /// How it is written.
    pub representation: Representation,
    /// The index on the wire, of the name or of the whole field; `None` when the name was sent as
    /// a string.
    pub index: Option<u32>,
    /// What the index meant.
    pub source: Source,
    /// Its bytes within the block.
    pub range: Range<usize>,
    /// The first byte and the rest of the index that begins in it, within the block.
    pub index_range: Range<usize>,
    /// The name, where it was sent as a string.
    pub name_string: Option<StringLiteral>,
    /// The value, where it was sent as a string.
    pub value_string: Option<StringLiteral>,
    /// The number of the entry that this field added to the dynamic table.
    pub inserted: Option<u64>,
    /// How many entries it pushed out of the table.
    pub evicted: u32,
    /// The unseen entry that name, or name and value, would come from.
    pub placeholder: Option<Placeholder>,
    /// How far name and value can be trusted.
    pub certainty: Certainty,
}

impl HeaderField {
    /// Bytes of name and value, as far as they are known.
    pub fn decoded_bytes(&self) -> usize {
        self.name.as_ref().map_or(0, Bytes::len) + self.value.as_ref().map_or(0, Bytes::len)
    }

    /// Whether its name is this one.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name.as_bytes())
    }
}

/// A part of a header block inside one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The frame.
    pub frame: FrameId,
    /// Where the part starts in the block.
    pub block_offset: usize,
    /// Its bytes within the frame, counted from the first byte of the nine-byte header.
    pub range: Range<usize>,
}

/// A header block, decoded.
#[derive(Clone, Debug)]
pub struct HeaderBlock {
    /// The block's row.
    pub row: BlockRow,
    /// Its bytes, joined.
    pub bytes: Bytes,
    /// The frames that hold it, in order.
    pub fragments: Vec<Fragment>,
    /// The fields, in order; those before the damage when the block cannot be read whole.
    pub fields: Vec<HeaderField>,
    /// The table size updates, in order.
    pub size_updates: Vec<SizeUpdate>,
    /// Why the rest could not be read.
    pub error: Option<BlockError>,
    /// The dynamic table that it met.
    pub table_before: Table,
    /// The dynamic table that it left.
    pub table_after: Table,
}

impl HeaderBlock {
    /// Where a range of the block lies in the frames that carry it.
    pub fn ranges_in_frames(
        &self,
        range: Range<usize>,
    ) -> impl Iterator<Item = (FrameId, Range<usize>)> + '_ {
        self.fragments.iter().filter_map(move |fragment| {
            let fragment_end = fragment.block_offset + fragment.range.len();
            let start = range.start.max(fragment.block_offset);
            let end = range.end.min(fragment_end);
            let shift = fragment.range.start;
            (start < end).then(|| {
                (
                    fragment.frame,
                    shift + (start - fragment.block_offset)..shift + (end - fragment.block_offset),
                )
            })
        })
    }
}

/// The insertion log of one side of a connection, for decoding on a prefix of it.
#[derive(Clone, Copy)]
pub struct TraceLog<'a> {
    connection: &'a Connection,
    insertions: &'a Log<InsertionRow>,
}

impl<'a> TraceLog<'a> {
    /// The log of a side's insertions.
    pub fn new(connection: &'a Connection, http2: &'a Http2, side: Side) -> Self {
        Self {
            connection,
            insertions: &http2.insertions[side.index()],
        }
    }

    /// The row of an entry by its number of insertion.
    pub fn row(&self, number: u64) -> Option<&'a InsertionRow> {
        self.insertions.get(usize::try_from(number).ok()?)
    }
}

impl<'a> TraceLog<'a> {
    /// The texts of an entry.
    pub fn entry_of(&self, row: &InsertionRow) -> Entry<'a> {
        let name = match row.name {
            EntryName::Known(symbol) => Name::Known(self.connection.text(symbol)),
            EntryName::Unseen(placeholder) => Name::Unseen(placeholder),
        };
        Entry {
            name,
            value: self.connection.text(row.value),
        }
    }
}

impl InsertionLog for TraceLog<'_> {
    fn entry(&self, number: u64) -> Option<Entry<'_>> {
        self.row(number).map(|row| self.entry_of(row))
    }

    fn push(&mut self, _number: u64, _entry: Entry<'_>, _name_source: Source) {}
}

impl Trace {
    /// The header block that a frame starts or continues, decoded; `None` when the frame carries
    /// none, or not all of it is in the capture.
    pub fn header_block(&self, connection: &Connection, frame: FrameId) -> Option<HeaderBlock> {
        let http2 = connection.http2()?;
        let frame = http2.frames.get(frame.index())?;
        let (side, block) = (frame.side, frame.block?);
        let row = *http2.blocks[side.index()].get(block.index())?;
        let (bytes, fragments) = self.block_bytes(connection, http2, side, block, &row)?;
        let table_before = http2.table_before(side, block);
        let mut table_after = table_before;
        let log = TraceLog::new(connection, http2, side);
        let mut fields = Vec::with_capacity(row.fields as usize);
        let mut size_updates = Vec::new();
        let result = hpack::decoder::decode(
            &bytes,
            &mut table_after,
            &mut Replay::new(&log),
            None,
            |step| match step {
                Step::Field(field) => fields.push(HeaderField::of(&field)),
                Step::SizeUpdate(update) => size_updates.push(update),
            },
        );
        Some(HeaderBlock {
            row,
            bytes,
            fragments,
            fields,
            size_updates,
            error: result.err(),
            table_before,
            table_after: http2.table_of(side, &row),
        })
    }

    /// The header list of the block that a frame starts or continues; empty when there is none.
    pub fn header_fields(&self, connection: &Connection, frame: FrameId) -> Vec<HeaderField> {
        self.header_block(connection, frame)
            .map(|block| block.fields)
            .unwrap_or_default()
    }

    fn block_bytes(
        &self,
        connection: &Connection,
        http2: &Http2,
        side: Side,
        block: BlockId,
        row: &BlockRow,
    ) -> Option<(Bytes, Vec<Fragment>)> {
        let mut fragments = Vec::new();
        let mut parts: Vec<Bytes> = Vec::new();
        let mut block_offset = 0;
        for index in row.first_frame.index()..=row.last_frame.index() {
            let frame = http2.frames.get(index)?;
            if frame.side != side || frame.block != Some(block) {
                continue;
            }
            let bytes = self.frame_bytes(connection, frame)?;
            let header = FrameHeader::decode(bytes.first_chunk()?);
            let payload = bytes.slice(FrameHeader::LEN..);
            let (_, range) = Payload::decode(&header, &payload)
                .ok()?
                .header_block_fragment()?;
            fragments.push(Fragment {
                frame: FrameId::from_index(index),
                block_offset,
                range: FrameHeader::LEN + range.start..FrameHeader::LEN + range.end,
            });
            block_offset += range.len();
            parts.push(payload.slice(range));
        }
        let bytes = match parts.len() {
            1 => parts.pop()?,
            _ => {
                let mut joined = BytesMut::with_capacity(block_offset);
                for part in &parts {
                    joined.extend_from_slice(part);
                }
                joined.freeze()
            }
        };
        Some((bytes, fragments))
    }
}

impl HeaderField {
    fn of(field: &hpack::Field<'_>) -> Self {
        Self {
            name: field.name.map(Bytes::copy_from_slice),
            value: field.value.map(Bytes::copy_from_slice),
            representation: field.representation,
            index: field.index,
            source: field.source,
            range: field.range.clone(),
            index_range: field.index_range.clone(),
            name_string: field.name_string.clone(),
            value_string: field.value_string.clone(),
            inserted: field.inserted,
            evicted: field.evicted,
            placeholder: field.placeholder,
            certainty: field.certainty,
        }
    }
}
