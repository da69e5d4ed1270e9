//! How much content a message said it would have, and how much of it a sender has sent.

use crate::trace::{Connection, FrameId, FrameRow, Http2, Side, Trace};
use crate::wire::http2::{Flags, FrameHeader, FrameKind, StreamId};
use std::collections::HashMap;

/// `content-length` of the message that a side sends on a stream; `None` when it does not say.
/// Source: RFC 9110 §8.6.
pub fn announced(
    trace: &Trace,
    connection: &Connection,
    stream: StreamId,
    sender: Side,
) -> Option<u64> {
    let http2 = connection.http2()?;
    let starts = |frame: &FrameRow| frame.side == sender && frame.kind == FrameKind::HEADERS;
    let frames = http2.frames_of(stream).iter();
    let starts = frames.filter(|id| http2.frames.get(id.index()).is_some_and(starts));
    // Interim responses may come first; each says nothing of the content.
    starts.take(MAX_BLOCKS).find_map(|&id| {
        let fields = trace.header_fields(connection, id);
        let field = fields
            .iter()
            .find(|field| field.is_named("content-length"))?;
        let text = std::str::from_utf8(field.value.as_deref()?).ok()?;
        text.trim().parse().ok()
    })
}

/// How many blocks of a message are looked through: interim responses, and the final one.
const MAX_BLOCKS: usize = 4;

/// Bytes of content in a frame: those of `DATA` without padding; 0 for others.
pub fn content_bytes(trace: &Trace, connection: &Connection, frame: &FrameRow) -> u64 {
    if frame.kind != FrameKind::DATA {
        return 0;
    }
    let length = u64::from(frame.length);
    if !frame.flags.contains(Flags::PADDED) {
        return length;
    }
    let first = frame.offset + FrameHeader::LEN as u64;
    let pad_length =
        connection
            .stream(frame.side)
            .read(first..first + 1, &trace.packets, &trace.source);
    let padding = pad_length.and_then(|byte| byte.first().copied());
    length.saturating_sub(padding.map_or(0, |padding| u64::from(padding) + 1))
}

/// What is left of messages behind frames. Each message is walked through once.
pub struct Messages<'a> {
    trace: &'a Trace,
    connection: &'a Connection,
    /// With the default, keyed hasher: stream ids come from the capture.
    known: HashMap<(StreamId, Side), Option<Message>>,
}

struct Message {
    announced: u64,
    /// The frames with content, and how much was sent with each of them and before.
    sent: Vec<(FrameId, u64)>,
}

impl<'a> Messages<'a> {
    /// Nothing is read until it is asked for.
    pub fn new(trace: &'a Trace, connection: &'a Connection) -> Self {
        Self {
            trace,
            connection,
            known: HashMap::new(),
        }
    }

    /// What a side still had to send on a stream after a frame; `None` when the message's length
    /// was not announced.
    pub fn left(&mut self, stream: StreamId, sender: Side, after: FrameId) -> Option<u64> {
        let (trace, connection) = (self.trace, self.connection);
        let message = self.known.entry((stream, sender));
        let message = message.or_insert_with(|| Message::of(trace, connection, stream, sender));
        let message = message.as_ref()?;
        let count = message.sent.partition_point(|&(frame, _)| frame <= after);
        let last = count.checked_sub(1).and_then(|last| message.sent.get(last));
        let sent = last.map_or(0, |&(_, sent)| sent);
        Some(message.announced.saturating_sub(sent))
    }
}

impl Message {
    fn of(trace: &Trace, connection: &Connection, stream: StreamId, sender: Side) -> Option<Self> {
        let announced = announced(trace, connection, stream, sender)?;
        let http2 = connection.http2()?;
        let mut total = 0_u64;
        let mut sent = Vec::new();
        for &id in http2.frames_of(stream).iter() {
            let frame = http2.frames.get(id.index())?;
            if frame.side == sender && frame.kind == FrameKind::DATA {
                total = total.saturating_add(content_bytes(trace, connection, frame));
                sent.push((id, total));
            }
        }
        Some(Self { announced, sent })
    }
}

/// The first `DATA` with content that a side sends on a stream behind a frame.
pub fn next_data(http2: &Http2, stream: StreamId, sender: Side, after: FrameId) -> Option<FrameId> {
    let frames = http2.frames_of(stream);
    let first = frames.partition_point(|&id| id <= after);
    frames.range(first..frames.len()).copied().find(|id| {
        http2.frames.get(id.index()).is_some_and(|frame| {
            frame.side == sender && frame.kind == FrameKind::DATA && frame.length > 0
        })
    })
}
