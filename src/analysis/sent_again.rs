//! Segments that were sent again: which bytes, why, whose they were, and who had to wait for them.
//!
//! Where the receiver told of the hole, or the capture itself shows it, the hole knows who waited (see
//! [`super::blocking`]). A sender whose timer ran out was told nothing. Then the acknowledgment that follows the copy
//! tells: what it covers beyond the copy had come before it, and could not be read without it.

use super::blocking::{self, Waited};
use crate::trace::{Connection, HoleRow, Marks, PacketId, Side, Trace};
use crate::wire::http2::StreamId;
use std::ops::Range;

/// Copies that are looked at in one connection: more than anybody looks at one by one.
const MAX_COPIES: usize = 5000;
/// Packets behind a copy among which its acknowledgment is looked for.
const MAX_PACKETS_BEHIND: usize = 4096;
/// Streams that are named of one copy: a segment has room for few frames.
const MAX_STREAMS: usize = 256;

/// Why a segment was sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The receiver told of the hole. Source: RFC 5681 §3.2, RFC 6675.
    Asked,
    /// No acknowledgment had come in time. Source: RFC 6298 §5.
    Timeout,
    /// In vain: the receiver had the first one. Source: RFC 2883 §1.
    InVain,
}

/// A segment that was sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentAgain {
    /// The copy.
    pub packet: PacketId,
    /// Who sent it.
    pub side: Side,
    /// Its bytes in the sender's stream; empty for a SYN or FIN alone.
    pub range: Range<u64>,
    /// The packet that brought the first of these bytes to the capture before; `None` when the copy was the first.
    pub first: Option<PacketId>,
    /// Why.
    pub why: Why,
    /// Whose bytes it carries, by ascending number.
    pub streams: Vec<StreamId>,
    /// The hole that it fills, by its position in the connection's log, where one is known.
    pub hole: Option<usize>,
    /// The streams that had to wait for it.
    pub held_back: Vec<Waited>,
}

/// The segments of a connection that were sent again, in the order of capture.
pub fn sent_again(trace: &Trace, connection: &Connection) -> Vec<SentAgain> {
    let (first, last) = (connection.row.first_packet, connection.row.last_packet);
    let rows = trace.packets.range(first.index()..last.index() + 1);
    let marked = (first.index()..).zip(rows).filter(|(_, row)| {
        let own = row.owner.is_some_and(|of| of.connection == connection.id);
        own && row.marks.contains(Marks::RETRANSMISSION) && !is_probe(row.marks)
    });
    marked
        .filter_map(|(at, row)| {
            let packet = PacketId::from_index(at);
            copy(trace, connection, packet, row.owner?.side, row.marks)
        })
        .take(MAX_COPIES)
        .collect()
}

/// What only asks whether the other side is there repeats a byte on purpose.
fn is_probe(marks: Marks) -> bool {
    marks.contains(Marks::KEEP_ALIVE) || marks.contains(Marks::WINDOW_PROBE)
}

fn copy(
    trace: &Trace,
    connection: &Connection,
    packet: PacketId,
    side: Side,
    marks: Marks,
) -> Option<SentAgain> {
    let stream = connection.stream(side);
    let near = stream.read_with(packet).unwrap_or(0);
    let sent = connection.tcp().sides[side.index()];
    let (start, len) = trace.with_segment(packet, |_, segment| {
        let start = sent.offset_near(segment.tcp.sequence, near).unwrap_or(0);
        (start, u64::try_from(segment.payload_len).unwrap_or(0))
    })?;
    let start = u64::try_from(start).unwrap_or(0);
    let range = start..start.saturating_add(len);
    let brought = stream.slices(range.clone()).find_map(|slice| slice.packet);
    let first = brought.filter(|first| *first < packet);
    let mut streams: Vec<StreamId> = (connection.frames_in(side, range.clone()))
        .map(|(_, frame)| frame.stream)
        .take(MAX_STREAMS)
        .collect();
    streams.sort_unstable();
    streams.dedup();
    let mut copy = SentAgain {
        packet,
        side,
        range,
        first,
        why: Why::Timeout,
        streams,
        hole: None,
        held_back: Vec::new(),
    };
    if marks.contains(Marks::SPURIOUS_RETRANSMISSION) {
        copy.why = Why::InVain;
        return Some(copy);
    }
    if marks.contains(Marks::FAST_RETRANSMISSION) {
        copy.why = Why::Asked;
    }
    if let Some((at, row)) = hole_of(connection, &copy) {
        copy.hole = Some(at);
        copy.held_back = blocking::behind(trace, connection, row).streams;
    } else if let Some(first) = first {
        match acknowledgment(trace, connection, &copy) {
            Some((_, acked_by)) if is_too_soon(trace, connection, &copy, acked_by) => {
                copy.why = Why::InVain;
            }
            answer => {
                let until = answer.map_or(copy.range.end, |(acked, _)| acked);
                copy.held_back = waited_for(trace, connection, &copy, first, until);
            }
        }
    }
    Some(copy)
}

/// The hole at the receiver that a copy fills or helps to fill.
fn hole_of<'a>(connection: &'a Connection, copy: &SentAgain) -> Option<(usize, &'a HoleRow)> {
    let mut holes = connection.tcp().holes.iter().enumerate();
    holes.find(|(_, hole)| {
        let common = hole.range().start < copy.range.end && copy.range.start < hole.range().end;
        let open = hole.opened <= copy.packet && hole.closed.is_none_or(|at| at >= copy.packet);
        hole.side == copy.side && hole.kind.is_at_the_receiver() && common && open
    })
}

/// Up to where the receiver has everything once the copy is there, and the acknowledgment that says so.
fn acknowledgment(
    trace: &Trace,
    connection: &Connection,
    copy: &SentAgain,
) -> Option<(u64, PacketId)> {
    let from = copy.packet.index() + 1;
    let end = connection.row.last_packet.index() + 1;
    let sender = connection.tcp().sides[copy.side.index()];
    (from..end.min(from + MAX_PACKETS_BEHIND)).find_map(|at| {
        let owner = trace.packets.get(at)?.owner?;
        if owner.connection != connection.id || owner.side == copy.side {
            return None;
        }
        let packet = PacketId::from_index(at);
        let acked = trace.with_segment(packet, |_, segment| {
            let flags = segment.tcp.flags;
            flags.ack().then_some(segment.tcp.acknowledgment)
        })??;
        let acked = u64::try_from(sender.offset_near(acked, copy.range.end)?).ok()?;
        (acked > copy.range.start).then_some((acked, packet))
    })
}

/// Whether an acknowledgment came sooner than any answer to the copy could: it is for the first one.
fn is_too_soon(
    trace: &Trace,
    connection: &Connection,
    copy: &SentAgain,
    acked_by: PacketId,
) -> bool {
    let between = |from, to| trace.time_ns(to).saturating_sub(trace.time_ns(from));
    let samples = connection.tcp().round_trips.iter().filter(|sample| {
        let row = trace.packets.get(sample.segment.index());
        row.and_then(|row| row.owner)
            .is_some_and(|of| of.side == copy.side)
    });
    let shortest = samples
        .map(|sample| between(sample.segment, sample.acknowledgment))
        .min();
    shortest.is_some_and(|shortest| between(copy.packet, acked_by) < shortest / 2)
}

/// The streams with bytes in the copy, from when these were first sent, and those with bytes behind it that had come
/// before it, up to an offset.
fn waited_for(
    trace: &Trace,
    connection: &Connection,
    copy: &SentAgain,
    first: PacketId,
    until: u64,
) -> Vec<Waited> {
    let since = trace.time_ns(first);
    let behind = connection.stream(copy.side).slices(copy.range.end..until);
    let behind = behind.filter_map(|slice| {
        let packet = slice.packet.filter(|packet| *packet < copy.packet)?;
        let since_ns = trace.time_ns(packet).max(since);
        Some((slice.offset..slice.offset + u64::from(slice.len), since_ns))
    });
    let own = std::iter::once((copy.range.clone(), since));
    let until_ns = trace.time_ns(copy.packet);
    blocking::waiting(connection, copy.side, own.chain(behind), until_ns).streams
}

#[cfg(test)]
mod tests;
