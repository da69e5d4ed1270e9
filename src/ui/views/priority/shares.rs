//! What each stream got of what a sender delivered in a stretch of time before the cursor, and what
//! the tree would have given it.
//!
//! Only streams that could send count: their response had begun, something of it was still to come,
//! and their window was open. A stream that can send takes all that its place in the tree is given;
//! its dependents get something only when it cannot. Siblings share in proportion to their weights.
//! Source: RFC 7540 §5.3.1, §5.3.2.

use crate::analysis::shares::ideal_shares;
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
}

/// The shares of all streams over one stretch of time.
#[derive(Clone, Debug, Default)]
pub struct Shares {
    of: BTreeMap<StreamId, Got>,
    /// Bytes delivered together.
    pub bytes: u64,
}

impl Shares {
    /// A stream's share.
    pub fn of(&self, stream: StreamId) -> Got {
        self.of.get(&stream).copied().unwrap_or_default()
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
        let since = trace.time_ns(last.packet).saturating_sub(span_ns);
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
        let mut expected: BTreeMap<StreamId, f64> = BTreeMap::new();
        // Often the same streams can send at many instants in a row; the tree is asked once for all of them.
        let mut together: Option<(Vec<StreamId>, u64)> = None;
        let mut expect = |together: Option<(Vec<StreamId>, u64)>| {
            let Some((ready, bytes)) = together else {
                return;
            };
            for (stream, share) in ideal_shares(tree, &ready) {
                *expected.entry(stream).or_default() += share * bytes as f64;
            }
        };
        for frames in data.chunks(data.len().div_ceil(MAX_INSTANTS).max(1)) {
            let Some(&(looked_at, ..)) = frames.first() else {
                continue;
            };
            let before = looked_at.index().checked_sub(1).map(FrameId::from_index);
            let ready = ready(connection, http2, sender, before);
            let bytes: u64 = frames.iter().map(|(_, _, bytes)| bytes).sum();
            match &mut together {
                Some((known, sum)) if *known == ready => *sum += bytes,
                _ => expect(together.replace((ready, bytes))),
            }
            for &(_, stream, bytes) in frames {
                shares.of.entry(stream).or_default().delivered_bytes += bytes;
            }
            shares.bytes += bytes;
        }
        expect(together);
        let all = shares.bytes.max(1) as f64;
        for (stream, bytes) in expected {
            shares.of.entry(stream).or_default().ideal = (bytes / all) as f32;
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
