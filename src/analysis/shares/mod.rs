//! Who should have got how much of a connection, and who did.
//!
//! The tree of RFC 7540 gives every stream that has something to send its share; the urgencies of
//! RFC 9218 say who is served next. Both only make sense among streams that could send at that
//! moment, which is told from their states, their windows, and what was sent later.
//!
//! ```text
//! tree       the ideal shares, from the priority tree and who could send     (RFC 7540 §5.3)
//! urgency    who is next, from urgencies and who could send                  (RFC 9218 §10)
//! ```

mod tree;
mod urgency;

pub use tree::ideal_shares;
pub use urgency::{next_streams, order};

use super::content_length;
use crate::trace::http2::{History, Instant};
use crate::trace::{Connection, FrameId, FrameRow, Http2, Http2State, Side, StreamState, Trace};
use crate::wire::http2::{ClosedStreams, FrameKind, StreamId, Urgency};
use std::collections::BTreeMap;

/// How many instants of a span are looked at. With more `DATA` frames in it, each stands for several.
const MAX_INSTANTS: usize = 256;

/// Whether a stream could send at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Readiness {
    /// It had content to send and a window to send it in.
    Ready,
    /// It had content to send, but its window was used up: others get its share.
    /// Source: RFC 7540 §5.3.1.
    WindowUsedUp,
    /// Its message had not begun: nobody knows whether there was something to send.
    NotBegun,
    /// Nothing followed.
    NothingLeft,
}

impl Readiness {
    /// The word of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::WindowUsedUp => "window-used-up",
            Self::NotBegun => "not-begun",
            Self::NothingLeft => "nothing-left",
        }
    }
}

/// Where a stream has its first and its last frames with content, by hindsight.
#[derive(Clone, Copy, Debug)]
struct Sending {
    /// The `HEADERS` that begins the message.
    begun: FrameId,
    /// The last `DATA` with content.
    last: FrameId,
}

/// What one side sent on the streams of a connection, to be asked about instants and spans.
pub struct Shares<'a> {
    trace: &'a Trace,
    connection: &'a Connection,
    http2: &'a Http2,
    sender: Side,
    sending: BTreeMap<StreamId, Sending>,
    /// `DATA` with content of the sender, in order.
    data: Vec<FrameId>,
}

/// A stream's share of the connection, by right and in fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The stream.
    pub stream: StreamId,
    /// Whether it could send at the end of the span.
    pub readiness: Readiness,
    /// Its share at the end of the span by the tree of RFC 7540, 0 to 1.
    pub ideal: f64,
    /// What it should have got of what was delivered within the span.
    pub expected_bytes: f64,
    /// What it got.
    pub delivered_bytes: u64,
    /// What the client asked for by RFC 9218, or the default.
    pub urgency: Urgency,
    /// Its turn among those that could send at the end of the span, from 0. Source: RFC 9218 §10.
    pub turn: Option<usize>,
    /// What it got while RFC 9218 would have served another one first.
    pub out_of_turn_bytes: u64,
}

impl<'a> Shares<'a> {
    /// Looks at every frame once. `None` when the connection does not speak HTTP/2.
    pub fn new(trace: &'a Trace, connection: &'a Connection, sender: Side) -> Option<Self> {
        let http2 = connection.http2()?;
        let mut begun: BTreeMap<StreamId, FrameId> = BTreeMap::new();
        let mut sending: BTreeMap<StreamId, Sending> = BTreeMap::new();
        let mut data = Vec::new();
        for (index, frame) in http2.frames.iter().enumerate() {
            let id = FrameId::from_index(index);
            if frame.side != sender || frame.stream.is_connection() {
                continue;
            }
            if frame.kind == FrameKind::HEADERS {
                begun.entry(frame.stream).or_insert(id);
            }
            if frame.kind == FrameKind::DATA && frame.length > 0 {
                let begun = begun.get(&frame.stream).copied().unwrap_or(id);
                let entry = sending.entry(frame.stream);
                entry.or_insert(Sending { begun, last: id }).last = id;
                data.push(id);
            }
        }
        Some(Self {
            trace,
            connection,
            http2,
            sender,
            sending,
            data,
        })
    }

    fn history(&self) -> &'a History {
        &self.http2.history
    }

    /// Whether a stream could send right after a frame.
    pub fn readiness(&self, stream: StreamId, at: Instant) -> Readiness {
        let Some(sending) = self.sending.get(&stream) else {
            return Readiness::NothingLeft;
        };
        let may_send = match self.history().state_at(stream, at) {
            StreamState::Open => true,
            StreamState::HalfClosed(ended) => ended != self.sender,
            _ => false,
        };
        if Some(sending.last) <= at || (!may_send && Some(sending.begun) <= at) {
            return Readiness::NothingLeft;
        }
        if Some(sending.begun) > at {
            return Readiness::NotBegun;
        }
        let window = self.history().stream_window_at(stream, self.sender, at);
        match window {
            Some(bytes) if bytes <= 0 => Readiness::WindowUsedUp,
            _ => Readiness::Ready,
        }
    }

    /// The streams that could send right after a frame, with what the client asked for them.
    pub fn ready(&self, at: Instant) -> Vec<(StreamId, Urgency)> {
        let open = self.history().active_at(at).into_keys();
        open.filter(|&stream| self.readiness(stream, at) == Readiness::Ready)
            .map(|stream| (stream, self.urgency(stream, at)))
            .collect()
    }

    fn urgency(&self, stream: StreamId, at: Instant) -> Urgency {
        self.history().urgency_at(stream, at).unwrap_or_default()
    }

    /// The ideal share of every stream that could send right after a frame. They add up to 1.
    pub fn ideal(&self, at: Instant, policy: ClosedStreams) -> BTreeMap<StreamId, f64> {
        let ready: Vec<StreamId> = self.ready(at).into_iter().map(|(id, _)| id).collect();
        let tree = Http2State::after(self.connection, at)
            .map(|state| state.priority_tree_by(policy))
            .unwrap_or_default();
        ideal_shares(&tree, &ready)
    }

    /// The shares of everybody who sent something behind `from` up to and including `to`, or could have
    /// at its end.
    pub fn over(&self, from: Instant, to: Instant, policy: ClosedStreams) -> Vec<Share> {
        let first = self.data.partition_point(|&id| Some(id) <= from);
        let end = self.data.partition_point(|&id| Some(id) <= to).max(first);
        let data = self.data.get(first..end).unwrap_or_default();
        let mut shares: BTreeMap<StreamId, Share> = BTreeMap::new();
        let empty = |stream: StreamId| Share {
            stream,
            readiness: self.readiness(stream, to),
            ideal: 0.0,
            expected_bytes: 0.0,
            delivered_bytes: 0,
            urgency: self.urgency(stream, to),
            turn: None,
            out_of_turn_bytes: 0,
        };
        for frames in data.chunks(data.len().div_ceil(MAX_INSTANTS).max(1)) {
            let Some(&looked_at) = frames.first() else {
                continue;
            };
            let before = looked_at.index().checked_sub(1).map(FrameId::from_index);
            let next = next_streams(&self.ready(before));
            let mut delivered = 0;
            for &id in frames {
                let Some(frame) = self.http2.frames.get(id.index()) else {
                    continue;
                };
                let bytes = self.content_bytes(frame);
                delivered += bytes;
                let share = shares
                    .entry(frame.stream)
                    .or_insert_with(|| empty(frame.stream));
                share.delivered_bytes += bytes;
                if !next.is_empty() && !next.contains(&frame.stream) {
                    share.out_of_turn_bytes += bytes;
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "a share is a fraction")]
            let delivered = delivered as f64;
            for (stream, ideal) in self.ideal(before, policy) {
                let share = shares.entry(stream).or_insert_with(|| empty(stream));
                share.expected_bytes += ideal * delivered;
            }
        }
        for (stream, ideal) in self.ideal(to, policy) {
            shares.entry(stream).or_insert_with(|| empty(stream)).ideal = ideal;
        }
        for (turn, stream) in order(&self.ready(to)).into_iter().enumerate() {
            if let Some(share) = shares.get_mut(&stream) {
                share.turn = Some(turn);
            }
        }
        shares.into_values().collect()
    }

    fn content_bytes(&self, frame: &FrameRow) -> u64 {
        content_length::content_bytes(self.trace, self.connection, frame)
    }
}

#[cfg(test)]
mod tests;
