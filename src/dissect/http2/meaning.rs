//! What a frame does to the connection: to header blocks, streams, windows, settings and priorities.

use super::State;
use super::blocks::{self, DecodedBlock, OpenBlock};
use super::framing::ReadFrame;
use super::rules::{Block, Scene};
use crate::dissect::interner::Interner;
use crate::trace::BlockId;
use crate::trace::Side;
use crate::wire::http2::{Flags, FrameKind, Payload, StreamId, Urgency};

impl State {
    /// Lets a frame take effect. Returns the header block it is part of.
    pub(super) fn meaning(
        &mut self,
        read: &ReadFrame<'_>,
        scene: &mut Scene<'_>,
        texts: &mut Interner,
    ) -> Option<BlockId> {
        let header = &read.header;
        let (side, id) = (scene.side, scene.frame);
        if header.kind == FrameKind::DATA {
            self.data_frame(read, scene);
            return None;
        }
        let Some(bytes) = read.payload else {
            if is_part_of_block(header.kind) {
                self.blocks[side.index()].lose_history(id);
                self.streams.unseen = true;
            }
            if header.kind == FrameKind::WINDOW_UPDATE {
                self.credit(None, scene);
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
                self.rules.unreadable(&error, scene);
                return None;
            }
        };
        let slot_of = |stream| self.streams.slot_of(stream);
        self.rules.payload(&payload, bytes, slot_of, scene);
        match payload {
            Payload::Headers(headers) => {
                let ends = header.flags.contains(Flags::END_STREAM);
                self.priority[side.index()] = headers.priority;
                let fragment = headers.header_block_fragment;
                return Some(self.block(None, ends, fragment, scene, texts));
            }
            Payload::PushPromise(promise) => {
                let promised = Some(promise.promised_stream);
                let fragment = promise.header_block_fragment;
                return Some(self.block(promised, false, fragment, scene, texts));
            }
            Payload::Continuation(continuation) => {
                let blocks = &mut self.blocks[side.index()];
                let block = blocks.open()?.id;
                blocks.go_on(id, continuation.header_block_fragment);
                if header.flags.contains(Flags::END_HEADERS) {
                    self.end_block(scene, texts);
                }
                return Some(block);
            }
            Payload::RstStream(reset) => {
                if let Some(slot) = scene.slot {
                    self.streams.reset(slot, reset.error, id);
                }
                for sender in Side::BOTH {
                    self.flow
                        .ended(header.stream, sender, id, &mut self.streams);
                }
            }
            Payload::Goaway(goaway) => {
                let last = goaway.last_stream;
                self.streams.goaway(side, last, goaway.error, id);
            }
            Payload::Settings(settings) => {
                if header.flags.contains(Flags::ACK) {
                    self.flow.acknowledge(side.other(), &mut self.streams);
                } else {
                    let settings = settings.iter().collect();
                    self.flow.announce(side, Some(settings), &mut self.streams);
                }
                self.rules.settings_changed(&self.flow);
            }
            Payload::WindowUpdate(update) => self.credit(Some(update.increment_bytes), scene),
            Payload::Priority(priority) => self.streams.prioritize(header.stream, priority),
            Payload::PriorityUpdate(update) => {
                let urgency = Urgency::parse(update.field_value);
                let stream = update.prioritized_stream;
                self.streams.update_urgency(stream, urgency);
            }
            _ => {}
        }
        None
    }

    /// A `WINDOW_UPDATE`, which lets the other side send; `None` when it was not whole.
    fn credit(&mut self, increment: Option<u32>, scene: &Scene<'_>) {
        let (stream, sender) = ((scene.header.stream, scene.slot), scene.side.other());
        self.flow
            .credit(stream, sender, increment, scene.frame, &mut self.streams);
    }

    fn data_frame(&mut self, read: &ReadFrame<'_>, scene: &mut Scene<'_>) {
        let header = &read.header;
        let Some(slot) = scene.slot else {
            return;
        };
        let padding = match read.first_byte {
            Some(pad_length) if header.flags.contains(Flags::PADDED) => u64::from(pad_length) + 1,
            _ => 0,
        };
        let content = u64::from(header.length).saturating_sub(padding);
        let ends = header.flags.contains(Flags::END_STREAM);
        let pad_known = !header.flags.contains(Flags::PADDED) || read.first_byte.is_some();
        self.rules.data(pad_known.then_some(content), ends, scene);
        let (side, id) = (scene.side, scene.frame);
        self.streams.data(slot, id);
        // Its sender has counted it, whether or not all of it is in the capture.
        let (stream, length) = ((header.stream, slot), header.length);
        self.flow
            .spend(stream, side, length, content, ends, id, &mut self.streams);
        if !read.whole {
            return;
        }
        self.streams.row(slot).data_bytes[side.index()] += content;
        if ends {
            self.end_stream(scene);
        }
    }

    fn end_stream(&mut self, scene: &Scene<'_>) {
        let (side, id) = (scene.side, scene.frame);
        if let Some(slot) = scene.slot {
            self.streams.end_stream(slot, side, id);
            let stream = scene.header.stream;
            self.flow.ended(stream, side, id, &mut self.streams);
        }
    }

    /// The first frame of a header block, with all of it or a part.
    fn block(
        &mut self,
        promised: Option<StreamId>,
        ends_stream: bool,
        fragment: &[u8],
        scene: &mut Scene<'_>,
        texts: &mut Interner,
    ) -> BlockId {
        let (side, id, stream) = (scene.side, scene.frame, scene.header.stream);
        let max_table_size = self.flow.max_table_size(side);
        let blocks = &mut self.blocks[side.index()];
        if !scene.header.flags.contains(Flags::END_HEADERS) {
            return blocks.begin(id, stream, promised, ends_stream, fragment);
        }
        let (block, decoded) = blocks.whole(
            id,
            stream,
            promised,
            ends_stream,
            fragment,
            &mut self.decoder,
            texts,
            max_table_size,
        );
        self.decoded(&block, &decoded, scene);
        self.blocks[side.index()].keep(decoded);
        block.id
    }

    fn end_block(&mut self, scene: &mut Scene<'_>, texts: &mut Interner) {
        let max_table_size = self.flow.max_table_size(scene.side);
        let blocks = &mut self.blocks[scene.side.index()];
        if blocks.open().is_some_and(OpenBlock::is_too_long) {
            blocks.abandon();
            self.rules.block_too_long(blocks::MAX_BLOCK_BYTES, scene);
            return;
        }
        if let Some((block, decoded)) = blocks.end(&mut self.decoder, texts, max_table_size) {
            self.decoded(&block, &decoded, scene);
        }
    }

    fn decoded(&mut self, block: &OpenBlock, decoded: &DecodedBlock, scene: &mut Scene<'_>) {
        let (side, id) = (scene.side, scene.frame);
        self.rules.block(&Block::new(block, decoded), scene);
        // What the rules found was about the frame that begins the block; the block counts from its last frame on.
        scene.frame = id;
        let Some(slot) = scene.slot else {
            return;
        };
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
                let promised = self.enter(promised, id);
                self.streams.promise(slot, promised, side, noted);
            }
            None => {
                self.streams.headers(slot, side, id, noted);
                if let Some(priority) = self.priority[side.index()].take() {
                    self.streams.prioritize(block.stream, priority);
                }
                if block.ends_stream {
                    self.end_stream(scene);
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
