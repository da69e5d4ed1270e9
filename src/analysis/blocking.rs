//! Head-of-line blocking: what had to wait behind a hole, whose it was, and how long.
//!
//! TCP hands bytes to its reader in order. Bytes that are there wait until those before them are
//! there too, although they may belong to another HTTP/2 stream. For a hole that the capture shows,
//! a packet's own time says when its bytes came; for one that only the receiver's words show, the
//! selective acknowledgment that first names them.

use crate::trace::{Connection, HoleKind, HoleRow, PacketId, Side, Trace};
use crate::wire::http2::StreamId;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Runs of bytes that are looked at behind one hole. A window of 6 MiB, the largest that Linux offers
/// by default, has half as many segments.
const MAX_RUNS_BEHIND: usize = 8192;

/// What waited behind a hole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// How many bytes, whoever owned them.
    pub bytes: u64,
    /// Those of HTTP/2 streams, by ascending number.
    pub streams: Vec<Waited>,
}

/// What a stream had waiting behind a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    /// The stream.
    pub stream: StreamId,
    /// How many bytes of its frames.
    pub bytes: u64,
    /// When the first of them came.
    pub since_ns: i64,
    /// When the hole was closed.
    pub until_ns: i64,
}

impl Waited {
    /// How long it waited; 0 when clocks ran backwards.
    pub fn waited_ns(&self) -> u64 {
        u64::try_from(self.until_ns.saturating_sub(self.since_ns)).unwrap_or(0)
    }
}

/// What waited behind a hole until it closed. Behind a hole of the capture only its reader waited.
pub fn behind(trace: &Trace, connection: &Connection, hole: &HoleRow) -> Behind {
    let Some(closed) = hole.closed else {
        return Behind::default();
    };
    let runs = arrivals(connection, hole, closed);
    let runs = runs.map(|(range, packet)| (range, trace.time_ns(packet)));
    waiting(connection, hole.side, runs, trace.time_ns(closed))
}

/// Whose these bytes of a side's stream are. Each run has the time from which on it waited; all waited until the same.
pub(super) fn waiting(
    connection: &Connection,
    side: Side,
    runs: impl Iterator<Item = (Range<u64>, i64)>,
    until_ns: i64,
) -> Behind {
    let mut streams: BTreeMap<u32, Waited> = BTreeMap::new();
    let mut bytes = 0;
    for (range, since_ns) in runs.take(MAX_RUNS_BEHIND) {
        bytes += range.end - range.start;
        for (_, frame) in connection.frames_in(side, range.clone()) {
            if frame.stream.0 == 0 {
                continue;
            }
            let frame_range = frame.range();
            let first = frame_range.start.max(range.start);
            let common = frame_range.end.min(range.end).saturating_sub(first);
            let waited = streams.entry(frame.stream.0).or_insert(Waited {
                stream: frame.stream,
                bytes: 0,
                since_ns,
                until_ns,
            });
            waited.bytes += common;
            waited.since_ns = waited.since_ns.min(since_ns);
        }
    }
    Behind {
        bytes,
        streams: streams.into_values().collect(),
    }
}

/// How long each stream of a connection had bytes waiting at their receiver: the time in which at
/// least one hole held some back, both directions together.
pub fn blocked_ns(trace: &Trace, connection: &Connection) -> HashMap<StreamId, u64> {
    let mut spans: HashMap<StreamId, Vec<(i64, i64)>> = HashMap::new();
    let holes = connection.tcp().holes.iter();
    for hole in holes.filter(|hole| hole.kind.is_at_the_receiver() && hole.filled) {
        for waited in behind(trace, connection, hole).streams {
            let span = (waited.since_ns, waited.until_ns);
            spans.entry(waited.stream).or_default().push(span);
        }
    }
    spans
        .into_iter()
        .map(|(stream, spans)| (stream, covered_ns(spans)))
        .collect()
}

/// The length of what at least one span covers.
fn covered_ns(mut spans: Vec<(i64, i64)>) -> u64 {
    spans.sort_unstable();
    let mut total = 0_u64;
    let mut covered_until = i64::MIN;
    for (since, until) in spans {
        let since = since.max(covered_until);
        total += u64::try_from(until.saturating_sub(since)).unwrap_or(0);
        covered_until = covered_until.max(until);
    }
    total
}

/// The bytes that came behind a hole before it closed, and the packets that brought or told them.
fn arrivals<'a>(
    connection: &'a Connection,
    hole: &'a HoleRow,
    closed: PacketId,
) -> Box<dyn Iterator<Item = (Range<u64>, PacketId)> + 'a> {
    let end = hole.range().end;
    if hole.kind == HoleKind::NetworkAsTold {
        let rows = hole.told.0 as usize..hole.told.1 as usize;
        let told = connection.tcp().told.range(rows);
        return Box::new(told.filter_map(move |row| {
            let behind = row.side == hole.side && row.offset >= end && row.packet < closed;
            behind.then_some((row.offset..row.offset + row.len, row.packet))
        }));
    }
    let pieces = connection.stream(hole.side).slices(end..hole.until);
    Box::new(pieces.filter_map(move |slice| {
        let packet = slice.packet.filter(|&packet| packet < closed)?;
        Some((slice.offset..slice.offset + u64::from(slice.len), packet))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_behind_two_holes_at_once_counts_once() {
        assert_eq!(covered_ns(vec![(10, 20), (15, 30), (40, 45)]), 25);
        assert_eq!(covered_ns(vec![(10, 30), (12, 15)]), 20);
        assert_eq!(covered_ns(vec![(10, 5)]), 0, "a clock that ran backwards");
    }
}
