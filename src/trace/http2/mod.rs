//! What was seen of HTTP/2 on one connection: frames, streams, header blocks and the insertion
//! logs of HPACK.
//!
//! A frame's row holds only what finds it again; its fields are decoded from its bytes when
//! somebody looks. The header list of a block is the block decoded once more on the prefix of the
//! insertion log that was in force (see [`super::headers`]). Everything else that was true at an
//! instant is in [`history`], and [`Http2State`] reads it.

pub mod frame_list;
pub mod history;
mod numbers;
pub mod state;
mod trees;

pub use frame_list::FrameList;
pub use history::{History, HistoryBatch, Instant, Stall, StalledBy, Transition};
pub use state::Http2State;

use super::ids::{BlockId, FrameId, PacketId, Side, Symbol};
use super::log::{Log, push_slowly};
use crate::wire::hpack::{Placeholder, Table};
use crate::wire::http2::{ErrorCode, Flags, FrameHeader, FrameKind, StreamId};

/// Where a stream stands among its connection's streams, counting from 0 in the order of their first frames.
pub type StreamNumber = u32;

/// Stands for the number of a stream that its dissector has forgotten: a frame on a stream that was closed long ago. The
/// trace finds it by its id.
pub const LATE_STREAM: StreamNumber = StreamNumber::MAX;

/// One HTTP/2 frame.
#[derive(Clone, Copy, Debug)]
pub struct FrameRow {
    /// Where its nine-byte header starts in the sender's stream of bytes.
    pub offset: u64,
    /// The packet that made it readable: its last byte and everything before it had arrived.
    pub packet: PacketId,
    /// The stream it names, 0 for the connection.
    pub stream: StreamId,
    /// The length of its payload as its header says, 24 bits.
    pub length: u32,
    /// The header block it starts or continues, in its sender's log of blocks.
    pub block: Option<BlockId>,
    /// Its type.
    pub kind: FrameKind,
    /// Its flags, with whatever undefined bits were set.
    pub flags: Flags,
    /// Who sent it.
    pub side: Side,
    /// Whether all of its payload is in the capture. Only whole frames are counted.
    pub whole: bool,
}

impl FrameRow {
    /// The frame's bytes in its sender's stream, header and payload.
    pub fn range(&self) -> std::ops::Range<u64> {
        let end = self.offset + FrameHeader::LEN as u64 + u64::from(self.length);
        self.offset..end
    }

    /// The payload's bytes in its sender's stream.
    pub fn payload_range(&self) -> std::ops::Range<u64> {
        let range = self.range();
        range.start + FrameHeader::LEN as u64..range.end
    }

    /// Whether it is `HEADERS` or `PUSH_PROMISE`: the frame that a header block belongs to.
    pub fn starts_block(&self) -> bool {
        self.kind == FrameKind::HEADERS || self.kind == FrameKind::PUSH_PROMISE
    }

    /// Whether it is `DATA` or `HEADERS` with END_STREAM.
    pub fn ends_stream(&self) -> bool {
        (self.kind == FrameKind::DATA || self.kind == FrameKind::HEADERS)
            && self.flags.contains(Flags::END_STREAM)
    }
}

// What finds a frame again must not cost more than most frames themselves.
const _: () = assert!(size_of::<FrameRow>() == 32);

/// A header block: one `HEADERS` or `PUSH_PROMISE` with its `CONTINUATION` frames.
#[derive(Clone, Copy, Debug)]
pub struct BlockRow {
    /// The frame that starts it.
    pub first_frame: FrameId,
    /// The frame that ends it; a table changes when this frame has been read.
    pub last_frame: FrameId,
    /// Bytes of the block, without padding and priority fields.
    pub encoded_bytes: u32,
    /// Bytes of the fields' names and values when decoded.
    pub decoded_bytes: u32,
    /// How many fields it holds.
    pub fields: u32,
    /// The row of [`Http2::tables`] that is the dynamic table after it. Most blocks leave the table as it is.
    pub table_after: u32,
    /// Whether all of it was there and was decoded without an error.
    pub complete: bool,
}

const _: () = assert!(size_of::<BlockRow>() == 28);

/// One entry that was inserted into a dynamic table. Entries are numbered from 0 per side.
#[derive(Clone, Copy, Debug)]
pub struct InsertionRow {
    /// The field's name.
    pub name: EntryName,
    /// The field's value.
    pub value: Symbol,
    /// The block that inserted it.
    pub block: BlockId,
}

/// The name of an entry of a dynamic table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryName {
    /// This text.
    Known(Symbol),
    /// The name of an entry that was inserted where the capture does not show it.
    Unseen(Placeholder),
}

/// How a stream came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedBy {
    /// Both sides sent END_STREAM.
    EndStream,
    /// One side sent `RST_STREAM`.
    RstStream,
    /// A `GOAWAY` named a lower last stream.
    Goaway,
    /// The TCP connection ended.
    Connection,
}

impl ClosedBy {
    /// The word of `output.md`.
    pub fn name(self) -> &'static str {
        match self {
            ClosedBy::EndStream => "END_STREAM",
            ClosedBy::RstStream => "RST_STREAM",
            ClosedBy::Goaway => "GOAWAY",
            ClosedBy::Connection => "connection",
        }
    }
}

/// The state of a stream as both endpoints together see it.
pub type StreamState = crate::wire::http2::StreamState<Side>;

/// Bytes of header blocks, before and after decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeaderBytes {
    /// On the wire.
    pub encoded: u64,
    /// Names and values as text.
    pub decoded: u64,
}

/// What is known of a stream at the end of what was read. Replaced as a whole when it changes.
#[derive(Clone, Copy, Debug)]
pub struct StreamRow {
    /// Its number.
    pub id: StreamId,
    /// Who opened it: sent the request, or the promise.
    pub opened_by: Option<Side>,
    /// The stream whose `PUSH_PROMISE` promised it.
    pub pushed_by: Option<StreamId>,
    /// `:method`, of the request or the promise.
    pub method: Option<Symbol>,
    /// `:scheme`.
    pub scheme: Option<Symbol>,
    /// `:authority`.
    pub authority: Option<Symbol>,
    /// `:path`.
    pub path: Option<Symbol>,
    /// `:status` of the final response.
    pub status: Option<Symbol>,
    /// `content-type` of the response; of the request while there is no response.
    pub content_type: Option<Symbol>,
    /// `content-type` of the request: what tells a gRPC call, whoever answered it.
    pub request_content_type: Option<Symbol>,
    /// `grpc-status` of the trailers.
    pub grpc_status: Option<Symbol>,
    /// The state at the end.
    pub state: StreamState,
    /// How it ended; `None` while it has not.
    pub closed_by: Option<ClosedBy>,
    /// The error code of the `RST_STREAM` or `GOAWAY` that ended it.
    pub error: Option<ErrorCode>,
    /// The first frame that names it.
    pub first_frame: FrameId,
    /// The last frame that names it.
    pub last_frame: FrameId,
    /// The frame that ended it.
    pub end_frame: Option<FrameId>,
    /// The first frame of the response: the final one, not 1xx.
    pub response_frame: Option<FrameId>,
    /// Whole frames that name it.
    pub frames: u32,
    /// Bytes of `DATA` without padding, by side.
    pub data_bytes: [u64; 2],
    /// Bytes of header blocks, by side.
    pub header_bytes: [HeaderBytes; 2],
}

impl StreamRow {
    /// Adds what came after the stream's live state was forgotten.
    fn add_late(&mut self, late: &Self) {
        self.last_frame = late.last_frame;
        self.frames = self.frames.saturating_add(late.frames);
        for side in Side::BOTH.map(Side::index) {
            let (own, more) = (&mut self.header_bytes[side], late.header_bytes[side]);
            own.encoded = own.encoded.saturating_add(more.encoded);
            own.decoded = own.decoded.saturating_add(more.decoded);
            self.data_bytes[side] = self.data_bytes[side].saturating_add(late.data_bytes[side]);
        }
    }

    /// Forgets what was counted: it is in the trace.
    pub(crate) fn start_counting_again(&mut self) {
        self.frames = 0;
        self.data_bytes = [0; 2];
        self.header_bytes = [HeaderBytes::default(); 2];
    }
}

/// Everything that was seen of HTTP/2 on one connection.
#[derive(Clone, Debug, Default)]
pub struct Http2 {
    /// Frames of both sides in the order in which they became readable.
    pub frames: Log<FrameRow>,
    /// Header blocks, by side.
    pub blocks: [Log<BlockRow>; 2],
    /// Every entry ever inserted into a dynamic table, by side of the sender whose blocks use it.
    pub insertions: [Log<InsertionRow>; 2],
    /// The dynamic tables that blocks left, by side: one for each that differs from the one before.
    pub tables: [Log<Table>; 2],
    /// The dynamic table of either side before its first block.
    pub initial_table: Table,
    /// Settings, windows, states and priorities over time.
    pub history: History,
    streams: Vec<StreamRow>,
    frames_of: Vec<FrameList>,
    connection_frames: FrameList,
}

/// Rows to append to [`Http2`].
#[derive(Debug, Default)]
pub struct Http2Batch {
    /// See [`Http2::frames`].
    pub frames: Vec<FrameRow>,
    /// See [`Http2::blocks`].
    pub blocks: [Vec<BlockRow>; 2],
    /// The stream of each of `frames`; [`LATE_STREAM`] also for frames of the connection. May be shorter: the rest is
    /// found by the streams' ids.
    pub frame_streams: Vec<StreamNumber>,
    /// See [`Http2::tables`].
    pub tables: [Vec<Table>; 2],
    /// See [`Http2::insertions`].
    pub insertions: [Vec<InsertionRow>; 2],
    /// Streams that are new or have changed: each row replaces the one before it.
    pub streams: Vec<StreamRow>,
    /// Which of the connection's streams each of `streams` is; with [`LATE_STREAM`] the row says what is to be added. May
    /// be shorter: the rest is found by the streams' ids.
    pub stream_numbers: Vec<StreamNumber>,
    /// See [`Http2::initial_table`].
    pub initial_table: Table,
    /// See [`Http2::history`].
    pub history: HistoryBatch,
}

impl Http2 {
    /// Appends a batch. Stream rows replace those with the same number.
    pub fn append(&mut self, batch: Http2Batch) {
        self.initial_table = batch.initial_table;
        let numbers = batch.stream_numbers.into_iter().map(Some);
        for (row, number) in batch
            .streams
            .into_iter()
            .zip(numbers.chain(std::iter::repeat(None)))
        {
            let late = number == Some(LATE_STREAM);
            let index = match number {
                Some(number) if !late => Some(number as usize),
                _ => self.stream_index(row.id),
            };
            match index.and_then(|index| self.streams.get_mut(index)) {
                Some(old) if late => old.add_late(&row),
                Some(old) => *old = row,
                None => {
                    self.history.add_stream(row.id);
                    push_slowly(&mut self.streams, row);
                    push_slowly(&mut self.frames_of, FrameList::default());
                }
            }
        }
        self.history.append(batch.history);
        let numbers = batch.frame_streams.into_iter();
        let numbers = numbers.chain(std::iter::repeat(LATE_STREAM));
        let first = self.frames.len();
        for ((place, frame), number) in batch.frames.iter().enumerate().zip(numbers) {
            let id = FrameId::from_index(first + place);
            let index = match number {
                LATE_STREAM => self.stream_index(frame.stream),
                number => Some(number as usize),
            };
            index
                .and_then(|index| self.frames_of.get_mut(index))
                .unwrap_or(&mut self.connection_frames)
                .push(id);
        }
        self.frames.extend(batch.frames);
        for (log, rows) in self.blocks.iter_mut().zip(batch.blocks) {
            log.extend(rows);
        }
        for (log, rows) in self.tables.iter_mut().zip(batch.tables) {
            log.extend(rows);
        }
        for (log, rows) in self.insertions.iter_mut().zip(batch.insertions) {
            log.extend(rows);
        }
    }

    /// Streams in the order of their first frames.
    pub fn streams(&self) -> &[StreamRow] {
        &self.streams
    }

    /// What is known of one stream.
    pub fn stream(&self, id: StreamId) -> Option<&StreamRow> {
        self.streams.get(self.stream_index(id)?)
    }

    /// Where a stream stands in [`Http2::streams`]. It never changes, so it can choose a colour.
    pub fn stream_index(&self, id: StreamId) -> Option<usize> {
        self.history.number_of(id)
    }

    /// The frames that name a stream, in order; those of the connection for stream 0.
    pub fn frames_of(&self, id: StreamId) -> &FrameList {
        self.stream_index(id)
            .and_then(|index| self.frames_of.get(index))
            .unwrap_or(&self.connection_frames)
    }

    /// The block that a frame starts or continues.
    pub fn block(&self, frame: &FrameRow) -> Option<&BlockRow> {
        self.blocks[frame.side.index()].get(frame.block?.index())
    }

    /// Bytes of memory that the tables occupy, roughly.
    pub fn memory_bytes(&self) -> usize {
        let by_side = |side: usize| {
            self.blocks[side].memory_bytes()
                + self.insertions[side].memory_bytes()
                + self.tables[side].memory_bytes()
        };
        let frames_of: usize = self.frames_of.iter().map(FrameList::memory_bytes).sum();
        self.frames.memory_bytes()
            + by_side(0)
            + by_side(1)
            + frames_of
            + self.history.memory_bytes()
            + self.connection_frames.memory_bytes()
            + self.streams.capacity() * std::mem::size_of::<StreamRow>()
            + self.frames_of.capacity() * std::mem::size_of::<FrameList>()
    }

    /// The dynamic table that a side's block finds when its decoding begins.
    pub fn table_before(&self, side: Side, block: BlockId) -> Table {
        match block.index().checked_sub(1) {
            Some(previous) => self.blocks[side.index()]
                .get(previous)
                .map_or(self.initial_table, |block| self.table_of(side, block)),
            None => self.initial_table,
        }
    }

    /// The dynamic table that a side's block left.
    pub fn table_of(&self, side: Side, block: &BlockRow) -> Table {
        let table = self.tables[side.index()].get(block.table_after as usize);
        table.copied().unwrap_or(self.initial_table)
    }

    /// A side's dynamic table right after the frame with this id has been read.
    pub fn table_after(&self, side: Side, frame: FrameId) -> Table {
        let blocks = &self.blocks[side.index()];
        let count = blocks.partition_point(|block| block.last_frame <= frame);
        self.table_before(side, BlockId::from_index(count))
    }
}
