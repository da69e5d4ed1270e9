//! HTTP/2 on one connection: two streams of bytes in, frames, header blocks and streams' lives out.

mod blocks;
mod flow;
mod framing;
mod lives;
mod ranges;
pub(super) mod resync;
mod rules;
mod streams;

use super::connection::Outside;
use super::http1::UpgradeRequest;
use super::interner::Interner;
use crate::trace::http2::{Http2Batch, LATE_STREAM, StreamNumber};
use crate::trace::{BlockId, Finding, FrameId, FrameRow, PacketId, Severity, Side};
use crate::wire::hpack::{Decoder, Table};
use crate::wire::http2::{
    Flags, FrameKind, Payload, Priority, SettingId, Settings, StreamId, Urgency,
};
use blocks::{Blocks, DecodedBlock, OpenBlock};
use bytes::Bytes;
use flow::Flow;
use framing::{Found, Framing, ReadFrame};
use rules::{Block, Order, Rules, Scene};
use streams::{Noted, Streams};

/// Reads HTTP/2 and writes its rows.
pub(super) struct Http2Dissector {
    framing: [Framing; 2],
    state: State,
}

/// Everything but the framing, so that a frame can be handed on while its bytes are still
/// borrowed.
struct State {
    frames: Vec<FrameRow>,
    /// The stream of each of `frames`.
    frame_streams: Vec<StreamNumber>,
    frame_count: usize,
    decoder: Decoder,
    blocks: [Blocks; 2],
    streams: Streams,
    flow: Flow,
    rules: Rules,
    /// The priority in the `HEADERS` whose block is open, by sender.
    priority: [Option<Priority>; 2],
    initial_table: Table,
    client: Option<Side>,
}

impl Http2Dissector {
    /// A connection seen from its start, on which this side sent the client preface.
    pub(super) fn with_preface(client: Side) -> Self {
        Self {
            framing: Side::BOTH.map(|side| Framing::new(side == client)),
            state: State {
                frames: Vec::new(),
                frame_streams: Vec::new(),
                frame_count: 0,
                decoder: Decoder::new(),
                blocks: [Blocks::new(Table::default()), Blocks::new(Table::default())],
                streams: Streams::default(),
                flow: Flow::default(),
                rules: Rules::from_the_start(client),
                priority: [None; 2],
                initial_table: Table::default(),
                client: None,
            },
        }
    }

    /// A connection that the capture met in the middle: frames have to be found, and the dynamic
    /// tables hold entries that nobody saw inserted.
    pub(super) fn from_the_middle() -> Self {
        let mut dissector = Self::with_preface(Side::A);
        dissector.framing = [Framing::searching(), Framing::searching()];
        let state = &mut dissector.state;
        state.rules = Rules::from_the_middle();
        state.flow.lose_track(None, &mut state.streams);
        state.initial_table = Table::unseen();
        state.blocks = [Blocks::new(Table::unseen()), Blocks::new(Table::unseen())];
        dissector
    }

    /// A connection that became HTTP/2 by an upgrade of HTTP/1.1: the request that asked for it is
    /// stream 1, of which the client's half is closed. Source: RFC 7540 §3.2.
    pub(super) fn upgraded(client: Side, request: &UpgradeRequest, texts: &mut Interner) -> Self {
        let mut dissector = Self::with_preface(client);
        let noted = Noted {
            method: Some(texts.intern(&request.method)),
            path: Some(texts.intern(&request.target)),
            scheme: Some(texts.intern(b"http")),
            authority: request.host.as_ref().map(|host| texts.intern(host)),
            ..Noted::default()
        };
        let (stream, frame) = (StreamId(1), FrameId::from_index(0));
        let streams = &mut dissector.state.streams;
        streams.headers(stream, client, frame, &noted);
        streams.end_stream(stream, client, frame);
        // The 101 acknowledges the settings that came with the request. Source: RFC 7540 §3.2.1.
        if let Ok(settings) = Settings::decode(&request.settings, Flags::NONE) {
            let flow = &mut dissector.state.flow;
            flow.announce(client, Some(settings.iter().collect()), streams);
            flow.acknowledge(client, streams);
            dissector.state.rules.settings_changed(flow);
        }
        let head = request.method == b"HEAD";
        dissector.state.rules.upgraded(client, stream, head);
        dissector
    }

    /// The TCP handshake was not seen.
    pub(super) fn start_unseen(&mut self) {
        self.state.rules.start_unseen();
    }

    /// Who the client is, as far as the frames have told: requests, responses and promises.
    pub(super) fn client_told_by_frames(&self) -> Option<Side> {
        self.state.client
    }

    /// Takes the next bytes of a side, readable since packet `now`.
    pub(super) fn data(
        &mut self,
        side: Side,
        offset: u64,
        bytes: &Bytes,
        now: PacketId,
        outside: &mut Outside<'_>,
    ) {
        let state = &mut self.state;
        self.framing[side.index()].data(offset, bytes, &mut |found| {
            state.found(side, found, now, outside);
        });
    }

    /// Takes bytes that the capture does not hold.
    pub(super) fn hole(
        &mut self,
        side: Side,
        offset: u64,
        len: u64,
        now: PacketId,
        outside: &mut Outside<'_>,
    ) {
        outside.findings.push(Finding {
            severity: Severity::Warning,
            rule: "capture-hole",
            section: None,
            text: format!(
                "{len} bytes are missing from the capture, from byte {offset} of this direction; \
                 frames in them cannot be shown."
            ),
            connection: Some(outside.connection),
            stream: None,
            frame: None,
            packet: Some(now),
            range: None,
            file_offset: None,
        });
        let state = &mut self.state;
        self.framing[side.index()].hole(len, &mut |found| {
            state.found(side, found, now, outside);
        });
    }

    /// A side will send nothing more.
    pub(super) fn side_ended(&mut self, side: Side, now: PacketId, outside: &mut Outside<'_>) {
        let state = &mut self.state;
        let framing = &mut self.framing[side.index()];
        framing.flush(&mut |found| state.found(side, found, now, outside));
        let left = framing.header_bytes_left();
        if left > 0 {
            let text = format!(
                "The last {left} bytes of this direction are the beginning of a frame header, of \
                 which the rest never came."
            );
            state.finding(
                outside,
                Severity::Note,
                "cut-frame-header",
                None,
                text,
                None,
                now,
            );
        }
    }

    /// The TCP connection has ended.
    pub(super) fn connection_ended(&mut self) {
        let last = self.state.frame_count.checked_sub(1);
        self.state
            .streams
            .connection_ended(last.map(FrameId::from_index));
    }

    /// The capture has ended, wherever the connection is.
    pub(super) fn capture_ended(&mut self, now: PacketId, outside: &mut Outside<'_>) {
        for side in Side::BOTH {
            let state = &mut self.state;
            self.framing[side.index()].flush(&mut |found| state.found(side, found, now, outside));
        }
        let state = &mut self.state;
        state.flow.finish(&mut state.streams);
        state.rules.finish(now, outside);
    }

    /// Takes the rows written since the last call.
    pub(super) fn take_batch(&mut self) -> Http2Batch {
        let (streams, stream_numbers) = self.state.streams.take_changed();
        let mut batch = Http2Batch {
            frames: std::mem::take(&mut self.state.frames),
            frame_streams: std::mem::take(&mut self.state.frame_streams),
            streams,
            stream_numbers,
            history: std::mem::take(&mut self.state.streams.rows),
            initial_table: self.state.initial_table,
            ..Http2Batch::default()
        };
        for side in Side::BOTH {
            let rows = self.state.blocks[side.index()].take_rows();
            batch.blocks[side.index()] = rows.blocks;
            batch.tables[side.index()] = rows.tables;
            batch.insertions[side.index()] = rows.insertions;
        }
        batch
    }
}

impl State {
    fn next_frame(&self) -> FrameId {
        FrameId::from_index(self.frame_count)
    }

    fn found(&mut self, side: Side, found: Found<'_>, now: PacketId, outside: &mut Outside<'_>) {
        match found {
            Found::Frame(frame) => self.frame(side, &frame, now, outside),
            Found::Lost => {
                let next = self.next_frame();
                self.blocks[side.index()].lose_history(next);
                self.flow.lose_track(Some(next), &mut self.streams);
                self.rules.lose_track();
            }
            Found::Resumed { offset, skipped } => {
                self.rules.resumed(side);
                if skipped == 0 {
                    return;
                }
                let text = format!(
                    "The next frame that could be proven starts at byte {offset} of this direction; \
                     {skipped} bytes before it belong to frames whose beginning is not in the \
                     capture."
                );
                self.finding(
                    outside,
                    Severity::Note,
                    "resynchronised",
                    None,
                    text,
                    None,
                    now,
                );
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one finding")]
    fn finding(
        &self,
        outside: &mut Outside<'_>,
        severity: Severity,
        rule: &'static str,
        section: Option<&'static str>,
        text: String,
        about: Option<(FrameId, StreamId)>,
        now: PacketId,
    ) {
        outside.findings.push(Finding {
            severity,
            rule,
            section,
            text,
            connection: Some(outside.connection),
            stream: about.map(|(_, stream)| stream),
            frame: about.map(|(frame, _)| frame),
            packet: Some(now),
            range: None,
            file_offset: None,
        });
    }

    fn frame(
        &mut self,
        side: Side,
        read: &ReadFrame<'_>,
        now: PacketId,
        outside: &mut Outside<'_>,
    ) {
        let id = self.next_frame();
        let header = &read.header;
        self.streams.now = Some(id);
        let scene = &mut Scene::new(side, header, id, now, outside);
        self.rules.frame(read, scene);
        let blocks = &mut self.blocks[side.index()];
        if self.rules.block_order(blocks.open_stream(), scene) == Order::Interrupted {
            blocks.abandon();
        }
        let block = self.frame_meaning(side, read, id, now, outside);
        let mut number = LATE_STREAM;
        if header.stream != StreamId::CONNECTION {
            let row = self.streams.touch(header.stream, id);
            row.frames += u32::from(read.whole);
            number = self.streams.number_of(header.stream);
        }
        self.frame_streams.push(number);
        self.frame_count += 1;
        self.frames.push(FrameRow {
            offset: read.offset,
            packet: now,
            stream: header.stream,
            length: header.length,
            block,
            kind: header.kind,
            flags: header.flags,
            side,
            whole: read.whole,
        });
    }

    /// What a frame does to the connection. Returns the header block it is part of.
    fn frame_meaning(
        &mut self,
        side: Side,
        read: &ReadFrame<'_>,
        id: FrameId,
        now: PacketId,
        outside: &mut Outside<'_>,
    ) -> Option<BlockId> {
        let header = &read.header;
        if header.kind == FrameKind::DATA {
            let scene = &mut Scene::new(side, header, id, now, outside);
            self.data_frame(side, read, id, scene);
            return None;
        }
        let Some(bytes) = read.payload else {
            if is_part_of_block(header.kind) {
                self.blocks[side.index()].lose_history(id);
                self.streams.unseen = true;
            }
            if header.kind == FrameKind::WINDOW_UPDATE {
                self.credit(side, header.stream, None, id);
            }
            if header.kind == FrameKind::SETTINGS && !header.flags.contains(Flags::ACK) {
                self.flow.announce(side, None, &mut self.streams);
            }
            return None;
        };
        let payload = match Payload::decode(header, bytes) {
            Ok(payload) => payload,
            Err(error) => {
                if is_part_of_block(header.kind) {
                    self.blocks[side.index()].lose_history(id);
                }
                let scene = &mut Scene::new(side, header, id, now, outside);
                self.rules.unreadable(&error, scene);
                return None;
            }
        };
        let scene = &mut Scene::new(side, header, id, now, outside);
        self.rules.payload(&payload, bytes, scene);
        match payload {
            Payload::Headers(headers) => {
                let ends = header.flags.contains(Flags::END_STREAM);
                self.priority[side.index()] = headers.priority;
                let fragment = headers.header_block_fragment;
                self.block(side, read, id, None, ends, fragment, now, outside)
            }
            Payload::PushPromise(promise) => {
                let promised = Some(promise.promised_stream);
                let fragment = promise.header_block_fragment;
                self.block(side, read, id, promised, false, fragment, now, outside)
            }
            Payload::Continuation(continuation) => {
                let blocks = &mut self.blocks[side.index()];
                let block = blocks.open()?.id;
                blocks.go_on(id, continuation.header_block_fragment);
                if header.flags.contains(Flags::END_HEADERS) {
                    self.end_block(side, read, id, now, outside);
                }
                Some(block)
            }
            Payload::RstStream(reset) => {
                self.streams.reset(header.stream, reset.error, id);
                for sender in Side::BOTH {
                    self.flow
                        .ended(header.stream, sender, id, &mut self.streams);
                }
                None
            }
            Payload::Goaway(goaway) => {
                let last = goaway.last_stream;
                self.streams.goaway(side, last, goaway.error, id);
                None
            }
            Payload::Settings(settings) => {
                if header.flags.contains(Flags::ACK) {
                    self.flow.acknowledge(side.other(), &mut self.streams);
                } else {
                    let settings = settings.iter().collect();
                    self.flow.announce(side, Some(settings), &mut self.streams);
                }
                self.rules.settings_changed(&self.flow);
                None
            }
            Payload::WindowUpdate(update) => {
                self.credit(side, header.stream, Some(update.increment_bytes), id);
                None
            }
            Payload::Priority(priority) => {
                self.streams.prioritize(header.stream, priority);
                None
            }
            Payload::PriorityUpdate(update) => {
                let urgency = Urgency::parse(update.field_value);
                let stream = update.prioritized_stream;
                self.streams.update_urgency(stream, urgency);
                None
            }
            _ => None,
        }
    }

    /// A `WINDOW_UPDATE` of a side, which lets the other one send; `None` when it was not whole.
    fn credit(&mut self, side: Side, stream: StreamId, increment: Option<u32>, id: FrameId) {
        let sender = side.other();
        self.flow
            .credit(stream, sender, increment, id, &mut self.streams);
    }

    fn data_frame(&mut self, side: Side, read: &ReadFrame<'_>, id: FrameId, scene: &mut Scene<'_>) {
        let header = &read.header;
        if header.stream == StreamId::CONNECTION {
            return;
        }
        let padding = match read.first_byte {
            Some(pad_length) if header.flags.contains(Flags::PADDED) => u64::from(pad_length) + 1,
            _ => 0,
        };
        let content = u64::from(header.length).saturating_sub(padding);
        let ends = header.flags.contains(Flags::END_STREAM);
        let pad_known = !header.flags.contains(Flags::PADDED) || read.first_byte.is_some();
        self.rules.data(pad_known.then_some(content), ends, scene);
        self.streams.data(header.stream, id);
        // Its sender has counted it, whether or not all of it is in the capture.
        let (stream, length) = (header.stream, header.length);
        self.flow
            .spend(stream, side, length, content, ends, id, &mut self.streams);
        if !read.whole {
            return;
        }
        let row = self.streams.touch(header.stream, id);
        row.data_bytes[side.index()] += content;
        if ends {
            self.end_stream(header.stream, side, id);
        }
    }

    fn end_stream(&mut self, stream: StreamId, side: Side, id: FrameId) {
        self.streams.end_stream(stream, side, id);
        self.flow.ended(stream, side, id, &mut self.streams);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one frame and its surroundings"
    )]
    fn block(
        &mut self,
        side: Side,
        read: &ReadFrame<'_>,
        id: FrameId,
        promised: Option<StreamId>,
        ends_stream: bool,
        fragment: &[u8],
        now: PacketId,
        outside: &mut Outside<'_>,
    ) -> Option<BlockId> {
        let stream = read.header.stream;
        let max_table_size = self.max_table_size(side);
        let blocks = &mut self.blocks[side.index()];
        if !read.header.flags.contains(Flags::END_HEADERS) {
            return Some(blocks.begin(id, stream, promised, ends_stream, fragment));
        }
        let (block, decoded) = blocks.whole(
            id,
            stream,
            promised,
            ends_stream,
            fragment,
            &mut self.decoder,
            outside.texts,
            max_table_size,
        )?;
        let scene = &mut Scene::new(side, &read.header, id, now, outside);
        self.decoded(side, id, &block, &decoded, scene);
        Some(block.id)
    }

    fn end_block(
        &mut self,
        side: Side,
        read: &ReadFrame<'_>,
        id: FrameId,
        now: PacketId,
        outside: &mut Outside<'_>,
    ) {
        let max_table_size = self.max_table_size(side);
        let blocks = &mut self.blocks[side.index()];
        if blocks.open().is_some_and(OpenBlock::is_too_long) {
            blocks.abandon();
            let scene = &mut Scene::new(side, &read.header, id, now, outside);
            self.rules.block_too_long(blocks::MAX_BLOCK_BYTES, scene);
            return;
        }
        let decoder = &mut self.decoder;
        if let Some((block, decoded)) = blocks.end(decoder, outside.texts, max_table_size) {
            let scene = &mut Scene::new(side, &read.header, id, now, outside);
            self.decoded(side, id, &block, &decoded, scene);
        }
    }

    /// How large the table of this side's blocks may be: what the other side announced and this side
    /// acknowledged, or may have read already. `None` when that is not known. Source: RFC 7541 §4.2.
    fn max_table_size(&self, side: Side) -> Option<u32> {
        let possible = self
            .flow
            .settings_possible(side.other(), SettingId::HEADER_TABLE_SIZE);
        possible.map(|(_, most)| most)
    }

    fn decoded(
        &mut self,
        side: Side,
        id: FrameId,
        block: &OpenBlock,
        decoded: &DecodedBlock,
        scene: &mut Scene<'_>,
    ) {
        self.rules.block(&Block::new(block, decoded), scene);
        if block.stream == StreamId::CONNECTION {
            return;
        }
        let noted = &decoded.noted;
        self.client = self
            .client
            .or(match (block.promised, noted.status, noted.method) {
                (Some(_), ..) | (None, Some(_), _) => Some(side.other()),
                (None, None, Some(_)) => Some(side),
                (None, None, None) => None,
            });
        self.rules.client_is(self.client);
        match block.promised {
            Some(promised) => {
                self.streams
                    .promise(block.stream, promised, side, id, noted);
            }
            None => {
                self.streams.headers(block.stream, side, id, noted);
                if let Some(priority) = self.priority[side.index()].take() {
                    self.streams.prioritize(block.stream, priority);
                }
                if block.ends_stream {
                    self.end_stream(block.stream, side, id);
                }
            }
        }
    }
}

/// Whether a frame of this type holds a part of a header block.
fn is_part_of_block(kind: FrameKind) -> bool {
    matches!(
        kind,
        FrameKind::HEADERS | FrameKind::PUSH_PROMISE | FrameKind::CONTINUATION
    )
}
