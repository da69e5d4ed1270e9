//! HTTP/2 on one connection: two streams of bytes in, frames, header blocks and streams' lives out.

mod active;
mod blocks;
mod flow;
mod framing;
mod lives;
mod meaning;
mod noted;
mod ranges;
mod repeats;
pub(super) mod resync;
mod rules;
mod streams;

use super::connection::Outside;
use super::http1::UpgradeRequest;
use super::interner::Interner;
use crate::trace::http2::{Http2Batch, LATE_STREAM, StreamNumber};
use crate::trace::rules::reading;
use crate::trace::{Finding, FrameId, FrameRow, PacketId, Side};
use crate::wire::counted::counted;
use crate::wire::hpack::{Decoder, Table};
use crate::wire::http2::{Flags, Priority, Settings, StreamId};
use blocks::Blocks;
use bytes::Bytes;
use flow::Flow;
use framing::{Found, Framing, ReadFrame};
use lives::Slot;
use rules::{Order, Rules, Scene};
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
        let slot = dissector.state.enter(stream, frame);
        let streams = &mut dissector.state.streams;
        streams.headers(slot, client, frame, &noted);
        streams.end_stream(slot, client, frame);
        // The 101 acknowledges the settings that came with the request. Source: RFC 7540 §3.2.1.
        if let Ok(settings) = Settings::decode(&request.settings, Flags::NONE) {
            let flow = &mut dissector.state.flow;
            flow.announce(client, Some(settings.iter().collect()), streams);
            flow.acknowledge(client, streams);
            dissector.state.rules.settings_changed(flow);
        }
        let head = request.method == b"HEAD";
        dissector.state.rules.upgraded(client, (stream, slot), head);
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
        let text = format!(
            "The capture misses {} from byte {offset} of this direction on; frames in them cannot \
             be shown.",
            counted(len, "byte")
        );
        outside.find(Finding::new(&reading::CAPTURE_HOLE, text).in_packet(now));
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
                "This direction ends with {} of a frame header, of which the rest never came.",
                counted(left, "byte")
            );
            outside.find(Finding::new(&reading::CUT_FRAME_HEADER, text).in_packet(now));
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

    /// How many frames were written since the last call of [`Self::take_batch`].
    pub(super) fn frames_written(&self) -> usize {
        self.state.frames.len()
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
                outside.find(Finding::new(&reading::RESYNCHRONISED, text).in_packet(now));
            }
        }
    }

    /// Gives a stream that a frame names its place in all tables.
    #[inline]
    fn enter(&mut self, stream: StreamId, id: FrameId) -> Slot {
        let (slot, new) = self.streams.enter(stream, id);
        if new {
            self.rules.enter(slot, stream);
        }
        slot
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
        let slot = (!header.stream.is_connection()).then(|| self.enter(header.stream, id));
        let (mut scene, texts) = Scene::new(side, header, (id, slot), now, outside);
        self.rules.frame(read, &mut scene);
        let blocks = &mut self.blocks[side.index()];
        let open = blocks.open_stream();
        if self.rules.block_order(open, &mut scene) == Order::Interrupted {
            blocks.abandon();
            let open = open.and_then(|open| self.streams.slot_of(open));
            self.rules.block_abandoned(open, side);
        }
        let block = self.meaning(read, &mut scene, texts);
        let mut number = LATE_STREAM;
        if let Some(slot) = slot {
            self.streams.row(slot).frames += u32::from(read.whole);
            number = self.streams.number_of(slot);
        }
        while let Some(forgotten) = self.streams.next_forgotten() {
            self.rules.forget(forgotten);
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
}
