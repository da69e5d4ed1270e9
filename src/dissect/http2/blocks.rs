//! Header blocks of one side: put together from their frames, decoded once, and remembered as a
//! range of the insertion log.

use super::noted::FoundTexts;
use super::repeats::Repeats;
use super::rules::FieldCheck;
use super::streams::Noted;
use crate::dissect::interner::Interner;
use crate::trace::http2::{EntryName, HeaderBytes};
use crate::trace::{BlockId, BlockRow, FrameId, InsertionRow, Symbol};
use crate::wire::hpack::{
    BlockError, Decoder, Entry, InsertionLog, Name, Source, Step, Summary, Table,
};
use crate::wire::http2::StreamId;
use std::collections::VecDeque;

/// How many bytes a header block may have before it is given up. Servers refuse blocks of far less
/// (nghttp2 64 KiB, nginx 32 KiB, Chromium 256 KiB); above this it is an attack or a misreading.
pub(super) const MAX_BLOCK_BYTES: usize = 16 << 20;

/// The header blocks of one side.
pub(super) struct Blocks {
    table: Table,
    entries: LiveEntries,
    open: Option<OpenBlock>,
    /// How many blocks were given a number.
    count: usize,
    rows: BlockRows,
    found: FoundTexts,
    repeats: Repeats,
    /// The table of the last row, and how many different ones there were in a row.
    last_table: Option<Table>,
    table_count: u32,
}

/// Rows to append to the trace.
#[derive(Default)]
pub(super) struct BlockRows {
    pub(super) blocks: Vec<BlockRow>,
    pub(super) tables: Vec<Table>,
    pub(super) insertions: Vec<InsertionRow>,
}

/// A block whose END_HEADERS has not come.
pub(super) struct OpenBlock {
    pub(super) id: BlockId,
    pub(super) stream: StreamId,
    /// The stream that it describes: another one for `PUSH_PROMISE`.
    pub(super) promised: Option<StreamId>,
    pub(super) ends_stream: bool,
    pub(super) first_frame: FrameId,
    last_frame: FrameId,
    bytes: Vec<u8>,
    too_long: bool,
}

impl OpenBlock {
    /// Whether more bytes came than are kept.
    pub(super) fn is_too_long(&self) -> bool {
        self.too_long
    }
}

/// The entries in force, as symbols.
#[derive(Default)]
pub(super) struct LiveEntries {
    first: u64,
    entries: VecDeque<(EntryName, Symbol)>,
}

/// What a decoded block amounts to.
pub(super) struct DecodedBlock {
    pub(super) noted: Noted,
    /// What was noted of its fields for the rules.
    pub(super) fields: FieldCheck,
    pub(super) summary: Result<Summary, BlockError>,
    /// Its bytes, when the same bytes will be decoded to the same as long as the table stays as it is; else empty.
    pub(super) repeatable: Vec<u8>,
}

impl Blocks {
    pub(super) fn new(table: Table) -> Self {
        Self {
            table,
            entries: LiveEntries::default(),
            open: None,
            count: 0,
            rows: BlockRows::default(),
            found: FoundTexts::default(),
            repeats: Repeats::default(),
            last_table: None,
            table_count: 0,
        }
    }

    /// Takes the rows written since the last call.
    pub(super) fn take_rows(&mut self) -> BlockRows {
        std::mem::take(&mut self.rows)
    }

    /// The block that waits for a `CONTINUATION`.
    pub(super) fn open(&self) -> Option<&OpenBlock> {
        self.open.as_ref()
    }

    /// The stream of the block that waits for a `CONTINUATION`.
    pub(super) fn open_stream(&self) -> Option<StreamId> {
        self.open.as_ref().map(|open| open.stream)
    }

    /// Begins a block with its first fragment. Returns its number.
    pub(super) fn begin(
        &mut self,
        frame: FrameId,
        stream: StreamId,
        promised: Option<StreamId>,
        ends_stream: bool,
        fragment: &[u8],
    ) -> BlockId {
        let mut open = self.number(frame, stream, promised, ends_stream);
        open.bytes = fragment.to_vec();
        let id = open.id;
        self.open = Some(open);
        id
    }

    /// Gives the next number to a block.
    fn number(
        &mut self,
        frame: FrameId,
        stream: StreamId,
        promised: Option<StreamId>,
        ends_stream: bool,
    ) -> OpenBlock {
        let id = BlockId::from_index(self.count);
        self.count += 1;
        OpenBlock {
            id,
            stream,
            promised,
            ends_stream,
            first_frame: frame,
            last_frame: frame,
            bytes: Vec::new(),
            too_long: false,
        }
    }

    /// Adds the fragment of a `CONTINUATION`.
    pub(super) fn go_on(&mut self, frame: FrameId, fragment: &[u8]) {
        if let Some(open) = &mut self.open {
            open.last_frame = frame;
            if open.bytes.len().saturating_add(fragment.len()) > MAX_BLOCK_BYTES {
                open.too_long = true;
            } else {
                open.bytes.extend_from_slice(fragment);
            }
        }
    }

    /// Decodes the block that is open, which has all its fragments now.
    pub(super) fn end(
        &mut self,
        decoder: &mut Decoder,
        texts: &mut Interner,
        max_table_size: Option<u32>,
    ) -> Option<(OpenBlock, DecodedBlock)> {
        let mut open = self.open.take()?;
        let bytes = std::mem::take(&mut open.bytes);
        let decoded = self.decode(&open, &bytes, decoder, texts, max_table_size);
        Some((open, decoded))
    }

    /// Decodes a block that lies in one frame, without copying it. The usual case. Who has read the result gives it
    /// back to [`Self::keep`].
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one frame and its surroundings"
    )]
    pub(super) fn whole(
        &mut self,
        frame: FrameId,
        stream: StreamId,
        promised: Option<StreamId>,
        ends_stream: bool,
        fragment: &[u8],
        decoder: &mut Decoder,
        texts: &mut Interner,
        max_table_size: Option<u32>,
    ) -> (OpenBlock, Box<DecodedBlock>) {
        let open = self.number(frame, stream, promised, ends_stream);
        let known = self.repeats.take(&self.table, max_table_size, fragment);
        let decoded = match known {
            Some(decoded) => {
                let summary = decoded.summary.as_ref().copied().unwrap_or_default();
                self.push_row(&open, fragment.len(), &summary, true);
                decoded
            }
            None => {
                let before = self.table;
                let decoded = self.decode(&open, fragment, decoder, texts, max_table_size);
                let repeats = decoded.summary.is_ok() && self.table == before;
                Box::new(if repeats {
                    self.repeats.repeatable(decoded, fragment)
                } else {
                    decoded
                })
            }
        };
        (open, decoded)
    }

    /// Keeps what [`Self::whole`] gave for a block that says the same.
    pub(super) fn keep(&mut self, decoded: Box<DecodedBlock>) {
        self.repeats.keep(decoded);
    }

    /// Gives up the open block, and with it the knowledge of the table.
    pub(super) fn abandon(&mut self) -> Option<OpenBlock> {
        let open = self.open.take()?;
        self.table.lose_history();
        self.entries.evict_before(self.table.first);
        self.push_row(&open, open.bytes.len(), &Summary::default(), false);
        Some(open)
    }

    /// Forgets which entries are in force: before `next_frame`, blocks may have been lost. They are
    /// remembered as one empty, incomplete block, so that the table's log says since when.
    pub(super) fn lose_history(&mut self, next_frame: FrameId) {
        if self.abandon().is_none() {
            let id = self.begin(next_frame, StreamId::CONNECTION, None, false, &[]);
            debug_assert_eq!(id.index() + 1, self.count);
            self.abandon();
        }
    }

    fn decode(
        &mut self,
        open: &OpenBlock,
        bytes: &[u8],
        decoder: &mut Decoder,
        texts: &mut Interner,
        max_table_size: Option<u32>,
    ) -> DecodedBlock {
        let found = &mut self.found;
        found.clear();
        let mut fields = FieldCheck::on(&self.table);
        let mut log = LiveLog {
            entries: &mut self.entries,
            texts,
            rows: &mut self.rows.insertions,
            block: open.id,
        };
        let result = decoder.decode(bytes, &mut self.table, &mut log, max_table_size, |step| {
            fields.step(&step);
            if let Step::Field(field) = step {
                found.note(&field);
            }
        });
        let summary = result.as_ref().copied().unwrap_or_default();
        if result.is_err() {
            // What the unread rest inserted is unknown.
            self.table.lose_history();
            self.entries.evict_before(self.table.first);
        }
        self.push_row(open, bytes.len(), &summary, result.is_ok());
        let noted = self.found.noted(
            &self.entries,
            texts,
            HeaderBytes {
                encoded: bytes.len() as u64,
                decoded: summary.decoded_bytes,
            },
        );
        DecodedBlock {
            noted,
            fields,
            summary: result,
            repeatable: Vec::new(),
        }
    }

    fn push_row(&mut self, open: &OpenBlock, len: usize, summary: &Summary, complete: bool) {
        if self.last_table != Some(self.table) {
            self.last_table = Some(self.table);
            self.rows.tables.push(self.table);
            self.table_count = self.table_count.saturating_add(1);
        }
        self.rows.blocks.push(BlockRow {
            first_frame: open.first_frame,
            last_frame: open.last_frame,
            encoded_bytes: u32::try_from(len).unwrap_or(u32::MAX),
            decoded_bytes: u32::try_from(summary.decoded_bytes).unwrap_or(u32::MAX),
            fields: summary.fields,
            table_after: self.table_count - 1,
            complete,
        });
    }
}

impl LiveEntries {
    fn evict_before(&mut self, first: u64) {
        while self.first < first {
            if self.entries.pop_front().is_none() {
                self.first = first;
                return;
            }
            self.first += 1;
        }
    }

    /// Name and value of the entry with this number.
    pub(super) fn get(&self, number: u64) -> Option<(EntryName, Symbol)> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.entries.get(place).copied()
    }
}

/// The log of insertions while a block is decoded: entries in force on one side, rows of the trace
/// on the other.
struct LiveLog<'a> {
    entries: &'a mut LiveEntries,
    texts: &'a mut Interner,
    rows: &'a mut Vec<InsertionRow>,
    block: BlockId,
}

impl InsertionLog for LiveLog<'_> {
    fn entry(&self, number: u64) -> Option<Entry<'_>> {
        let (name, value) = self.entries.get(number)?;
        let name = match name {
            EntryName::Known(symbol) => Name::Known(self.texts.text(symbol)),
            EntryName::Unseen(placeholder) => Name::Unseen(placeholder),
        };
        Some(Entry {
            name,
            value: self.texts.text(value),
        })
    }

    fn push(&mut self, _number: u64, entry: Entry<'_>, name_source: Source) {
        let name = match (entry.name, name_source) {
            (Name::Unseen(placeholder), _) => EntryName::Unseen(placeholder),
            (Name::Known(name), Source::Dynamic(earlier)) => match self.entries.get(earlier) {
                Some((name, _)) => name,
                None => EntryName::Known(self.texts.intern(name)),
            },
            (Name::Known(name), _) => EntryName::Known(self.texts.intern(name)),
        };
        let value = self.texts.intern(entry.value);
        self.entries.entries.push_back((name, value));
        self.rows.push(InsertionRow {
            name,
            value,
            block: self.block,
        });
    }

    fn evict_before(&mut self, first: u64) {
        self.entries.evict_before(first);
    }
}
