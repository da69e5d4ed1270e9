//! What each stream got of what a sender delivered in a stretch of time before the cursor, and what
//! the tree would have given it.
//!
//! Only streams that could send count: their response had begun, something of it was still to come,
//! and their window was open. A stream that can send takes all that its place in the tree is given;
//! its dependents get something only when it cannot. Siblings share in proportion to their weights.
//! Source: RFC 7540 §5.3.1, §5.3.2.

use crate::analysis::shares::{ideal_shares, next_streams};
use crate::trace::http2::Instant;
use crate::trace::{Connection, FrameId, Http2, Side, Trace};
use crate::wire::http2::{FrameKind, PriorityTree, StreamId};
use std::collections::BTreeMap;

/// Frames that are looked at before the cursor.
const MAX_FRAMES: usize = 10_000;
/// Instants at which it is looked who could send. With more DATA frames each stands for several.
const MAX_INSTANTS: usize = 16;

/// A stream's share of what was delivered, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Got {
    /// What it got, in bytes.
    pub delivered_bytes: u64,
    /// The same as a share.
    pub delivered: f32,
    /// What the tree would have given it.
    pub ideal: f32,
    /// What it would have got if all that could send had had the same right.
    pub alike: f32,
    /// While which share of the bytes were sent it could send itself: only of these it is due something.
    pub could_send: f32,
    /// What it got while a more urgent stream could send, in bytes. Source: RFC 9218 §10.
    pub out_of_turn_bytes: u64,
}

/// The shares of all streams over one stretch of time.
#[derive(Clone, Debug, Default)]
pub struct Shares {
    of: BTreeMap<StreamId, Got>,
    /// Bytes delivered together.
    pub bytes: u64,
    /// The largest `DATA` among them: nobody gets less than a frame.
    pub largest_bytes: u64,
    /// From when to when, in nanoseconds since the Unix epoch.
    pub times_ns: (i64, i64),
}

impl Shares {
    /// A stream's share.
    pub fn of(&self, stream: StreamId) -> Got {
        self.of.get(&stream).copied().unwrap_or_default()
    }

    /// Shares as a test wants them.
    #[cfg(test)]
    pub fn made(of: impl Iterator<Item = (StreamId, Got)>, largest_bytes: u64) -> Self {
        let of: BTreeMap<StreamId, Got> = of.collect();
        Self {
            bytes: of.values().map(|got| got.delivered_bytes).sum(),
            of,
            largest_bytes,
            times_ns: (0, 100_000_000),
        }
    }

    /// All streams that got something or should have.
    pub fn iter(&self) -> impl Iterator<Item = (StreamId, Got)> {
        self.of.iter().map(|(stream, got)| (*stream, *got))
    }

    /// What a sender delivered in so much time before the cursor. `tree` is that of the cursor.
    pub fn new(
        trace: &Trace,
        connection: &Connection,
        http2: &Http2,
        tree: &PriorityTree,
        sender: Side,
        count: usize,
        span_ns: i64,
    ) -> Self {
        let mut shares = Self::default();
        let Some(last) = count.checked_sub(1).and_then(|last| http2.frames.get(last)) else {
            return shares;
        };
        let until = trace.time_ns(last.packet);
        let since = until.saturating_sub(span_ns);
        let first = http2
            .frames
            .partition_point(|row| trace.time_ns(row.packet) < since)
            .max(count.saturating_sub(MAX_FRAMES));
        let data: Vec<(FrameId, StreamId, u64)> = (first..count)
            .zip(http2.frames.range(first..count))
            .filter(|(_, row)| row.kind == FrameKind::DATA && row.side == sender && row.length > 0)
            .map(|(index, row)| {
                (
                    FrameId::from_index(index),
                    row.stream,
                    u64::from(row.length),
                )
            })
            .collect();
        let begin = http2
            .frames
            .get(first)
            .map_or(since, |row| trace.time_ns(row.packet));
        shares.times_ns = (since.max(begin), until);
        let mut expected: BTreeMap<StreamId, (f64, f64)> = BTreeMap::new();
        let mut could_send: BTreeMap<StreamId, u64> = BTreeMap::new();
        // Often the same streams can send at many instants in a row; the tree is asked once for all of them.
        let mut together: Option<(Vec<StreamId>, u64)> = None;
        let mut expect = |together: Option<(Vec<StreamId>, u64)>| {
            let Some((ready, bytes)) = together else {
                return;
            };
            let alike = bytes as f64 / ready.len().max(1) as f64;
            for stream in &ready {
                *could_send.entry(*stream).or_default() += bytes;
            }
            for (stream, share) in ideal_shares(tree, &ready) {
                let expected = expected.entry(stream).or_default();
                expected.0 += share * bytes as f64;
                expected.1 += alike;
            }
        };
        for frames in data.chunks(data.len().div_ceil(MAX_INSTANTS).max(1)) {
            let Some(&(looked_at, ..)) = frames.first() else {
                continue;
            };
            let before = looked_at.index().checked_sub(1).map(FrameId::from_index);
            let ready = ready(connection, http2, sender, before);
            let bytes: u64 = frames.iter().map(|(_, _, bytes)| bytes).sum();
            let asked = |&stream: &StreamId| {
                let urgency = http2.history.urgency_at(stream, before);
                (stream, urgency.unwrap_or_default())
            };
            let next = next_streams(&ready.iter().map(asked).collect::<Vec<_>>());
            match &mut together {
                Some((known, sum)) if *known == ready => *sum += bytes,
                _ => expect(together.replace((ready, bytes))),
            }
            for &(_, stream, bytes) in frames {
                let got = shares.of.entry(stream).or_default();
                got.delivered_bytes += bytes;
                if !next.is_empty() && !next.contains(&stream) {
                    got.out_of_turn_bytes += bytes;
                }
                shares.largest_bytes = shares.largest_bytes.max(bytes);
            }
            shares.bytes += bytes;
        }
        expect(together);
        let all = shares.bytes.max(1) as f64;
        for (stream, (bytes, alike)) in expected {
            let got = shares.of.entry(stream).or_default();
            got.ideal = (bytes / all) as f32;
            got.alike = (alike / all) as f32;
        }
        for (stream, bytes) in could_send {
            let got = shares.of.entry(stream).or_default();
            got.could_send = (bytes as f64 / all) as f32;
        }
        for got in shares.of.values_mut() {
            got.delivered = (got.delivered_bytes as f64 / all) as f32;
        }
        shares
    }
}

/// The streams that could send right after a frame, by hindsight.
fn ready(connection: &Connection, http2: &Http2, sender: Side, at: Instant) -> Vec<StreamId> {
    let response = connection.direction(sender) == crate::trace::Direction::Server;
    let active = http2.history.active_at(at).into_keys();
    active
        .filter(|&stream| {
            let Some(row) = http2.stream(stream) else {
                return false;
            };
            let begun = if response {
                row.response_frame
            } else {
                Some(row.first_frame)
            };
            let ends = row.end_frame.unwrap_or(row.last_frame);
            let window = http2.history.stream_window_at(stream, sender, at);
            begun.is_some_and(|begun| Some(begun) <= at)
                && row.data_bytes[sender.index()] > 0
                && Some(ends) > at
                && window.is_none_or(|bytes| bytes > 0)
        })
        .collect()
}
