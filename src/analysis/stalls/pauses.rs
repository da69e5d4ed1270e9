//! Pauses of a sender that no window of HTTP/2 explains by itself: TCP's window, the network, or
//! nothing to send.
//!
//! TCP stops anywhere, in the middle of a frame too, so pauses are looked for between packets.
//! What the receiver had said by then, what it acknowledged and where the sender stopped tell why.

use super::timing::{answer_ns, tcp_round_trip_ns};
use super::{Cause, Stall};
use crate::analysis::Certainty;
use crate::analysis::content_length::Messages;
use crate::trace::{Connection, FrameId, FrameRow, Http2, PacketId, Side, Trace};
use crate::wire::http2::{FrameKind, StreamId};
use std::collections::HashMap;

/// Shorter pauses are not looked at. Our choice: programs and networks hold things back for a
/// millisecond without any of these reasons.
const MIN_PAUSE_NS: u64 = 1_000_000;

/// Nor are those that last only so many times as long as full packets are apart: a slow wire.
const MAX_PACKET_GAPS: u64 = 4;

/// Packets that are looked through for what the receiver said before a pause, and during it.
const MAX_PACKETS_BACK: usize = 128;

/// How many different windows before a pause are compared with where the sender stopped.
const MAX_EDGES: usize = 32;

/// Bytes that a packet added to its sender's stream.
#[derive(Clone, Copy)]
struct Arrival {
    packet: PacketId,
    offset: u64,
    end: u64,
}

impl Arrival {
    fn length(&self) -> u64 {
        self.end - self.offset
    }
}

/// How long after one full packet of a sender its next one usually comes: the median.
fn packet_gap_ns(trace: &Trace, arrivals: &[Arrival], max_segment_bytes: u64) -> u64 {
    let full = |arrival: &Arrival| arrival.length() > max_segment_bytes / 2;
    let mut gaps: Vec<u64> = arrivals
        .windows(2)
        .filter_map(|pair| {
            let &[before, after] = pair else { return None };
            let gap = trace
                .time_ns(after.packet)
                .saturating_sub(trace.time_ns(before.packet));
            let gap = u64::try_from(gap).ok()?;
            (full(&before) && full(&after)).then_some(gap)
        })
        .collect();
    // A handful tells nothing of the wire.
    if gaps.len() < MIN_PACKET_GAPS {
        return 0;
    }
    let middle = gaps.len() / 2;
    *gaps.select_nth_unstable(middle).1
}

/// How many gaps between full packets it takes to know the usual one.
const MIN_PACKET_GAPS: usize = 16;

/// A time in which nothing new came from a sender.
struct Pause {
    before: Arrival,
    after: Arrival,
    from_ns: i64,
    until_ns: i64,
    /// One behind the highest byte sent before it.
    sent: u64,
    /// How much came in the round trip before it.
    burst_bytes: u64,
}

/// What a receiver said in one packet.
#[derive(Clone, Copy)]
struct Said {
    time_ns: i64,
    /// Everything before it has arrived.
    acknowledged: u64,
    /// Where its window ends; `None` when its scale is unknown.
    edge: Option<u64>,
    /// Whether it has no room at all.
    zero: bool,
}

pub(super) fn stalls(trace: &Trace, connection: &Connection, known: &[Stall]) -> Vec<Stall> {
    let Some(http2) = connection.http2() else {
        return Vec::new();
    };
    let mut stalls = Vec::new();
    for sender in Side::BOTH {
        let context = Context::new(trace, connection, http2, sender, known);
        let mut messages = Messages::new(trace, connection);
        for pause in context.pauses() {
            stalls.extend(context.stall(&pause, &mut messages));
        }
    }
    stalls
}

struct Context<'a> {
    trace: &'a Trace,
    connection: &'a Connection,
    http2: &'a Http2,
    sender: Side,
    answer_ns: u64,
    round_trip_ns: u64,
    min_pause_ns: u64,
    /// The largest payload of one of the sender's packets.
    max_segment_bytes: u64,
    arrivals: Vec<Arrival>,
    /// Pauses by HTTP/2's windows that are known already, by stream: beginning and end.
    known: HashMap<StreamId, Vec<(i64, i64)>>,
}

impl<'a> Context<'a> {
    fn new(
        trace: &'a Trace,
        connection: &'a Connection,
        http2: &'a Http2,
        sender: Side,
        stalls: &[Stall],
    ) -> Self {
        let pieces = connection.stream(sender).pieces().iter();
        let mut arrivals: Vec<Arrival> = pieces
            .filter_map(|piece| {
                Some(Arrival {
                    packet: piece.packet?,
                    offset: piece.offset,
                    end: piece.end(),
                })
            })
            .collect();
        arrivals.sort_by_key(|arrival| (arrival.packet, arrival.offset));
        let mut known: HashMap<StreamId, Vec<(i64, i64)>> = HashMap::new();
        for stall in stalls {
            if stall.sender == sender && stall.cause.is_flow_control() {
                let span = (stall.from_ns, stall.until_ns.unwrap_or(i64::MAX));
                known.entry(stall.stream).or_default().push(span);
            }
        }
        let round_trips = Side::BOTH.map(|side| tcp_round_trip_ns(trace, connection, side));
        let max_segment_bytes = arrivals.iter().map(Arrival::length).max().unwrap_or(0);
        let packet_gap_ns = packet_gap_ns(trace, &arrivals, max_segment_bytes);
        Self {
            trace,
            connection,
            http2,
            sender,
            min_pause_ns: packet_gap_ns
                .saturating_mul(MAX_PACKET_GAPS)
                .max(MIN_PAUSE_NS),
            max_segment_bytes,
            answer_ns: answer_ns(trace, connection, sender),
            round_trip_ns: round_trips
                .into_iter()
                .flatten()
                .fold(0, u64::saturating_add),
            arrivals,
            known,
        }
    }

    fn pauses(&self) -> impl Iterator<Item = Pause> + '_ {
        let mut sent = 0_u64;
        let mut burst_from = 0_usize;
        let mut burst_bytes = 0_u64;
        self.arrivals
            .windows(2)
            .enumerate()
            .filter_map(move |(index, pair)| {
                let &[before, after] = pair else { return None };
                sent = sent.max(before.end);
                burst_bytes += before.length();
                let from_ns = self.trace.time_ns(before.packet);
                let until_ns = self.trace.time_ns(after.packet);
                let horizon = i64::try_from(self.round_trip_ns).unwrap_or(i64::MAX);
                while burst_from < index
                    && let Some(oldest) = self.arrivals.get(burst_from)
                    && self.trace.time_ns(oldest.packet) < from_ns.saturating_sub(horizon)
                {
                    burst_bytes = burst_bytes.saturating_sub(oldest.length());
                    burst_from += 1;
                }
                let lasted = u64::try_from(until_ns.saturating_sub(from_ns)).ok()?;
                // What fills a hole was held up by the network, not by the sender.
                let fills_a_hole = after.offset < sent;
                (lasted >= self.min_pause_ns && !fills_a_hole).then_some(Pause {
                    before,
                    after,
                    from_ns,
                    until_ns,
                    sent,
                    burst_bytes,
                })
            })
    }

    fn stall(&self, pause: &Pause, messages: &mut Messages<'_>) -> Option<Stall> {
        let (until, row) = self.went_on_with(pause)?;
        let stream = row.stream;
        if self.is_known(stream, pause) {
            return None;
        }
        let within = row.offset < pause.after.offset;
        let last_own = self.last_own(stream, until)?;
        let from = if within { until } else { last_own };
        let before = self.said(pause.before.packet, None);
        let during = self.said(pause.after.packet, Some(pause.before.packet));
        let (cause, certainty) = self
            .flow_control(stream, last_own, pause)
            .or_else(|| self.tcp_window(pause, &before, &during))
            .unwrap_or_else(|| {
                let cause = self.otherwise(pause, within, &before, &during);
                let idle = cause == Cause::NothingToSend
                    && self.windows_are_open(stream, pause, last_own)
                    && self.is_idle(pause, &before, &during);
                let certainty = if idle {
                    Certainty::Certain
                } else {
                    Certainty::Likely
                };
                (cause, certainty)
            });
        Some(Stall {
            stream,
            sender: self.sender,
            from,
            from_ns: pause.from_ns,
            until: Some(until),
            until_ns: Some(pause.until_ns),
            unread_credit: None,
            waiting_bytes: messages.left(stream, self.sender, last_own),
            cause,
            certainty,
        })
    }

    /// The `DATA` with which the sender went on; `None` when it went on with something else first.
    fn went_on_with(&self, pause: &Pause) -> Option<(FrameId, &'a FrameRow)> {
        let Arrival { offset, end, .. } = pause.after;
        for (id, row) in self.connection.frames_in(self.sender, offset..end) {
            match row.kind {
                FrameKind::DATA if row.length > 0 => return Some((id, row)),
                FrameKind::DATA | FrameKind::HEADERS | FrameKind::CONTINUATION => return None,
                // What steers the connection may go in front.
                _ => {}
            }
        }
        None
    }

    /// The sender's last frame on a stream before this one, which began before the pause.
    fn last_own(&self, stream: StreamId, until: FrameId) -> Option<FrameId> {
        let frames = self.http2.frames_of(stream);
        let count = frames.partition_point(|&id| id < until);
        let own = |id: &&FrameId| {
            let frame = self.http2.frames.get(id.index());
            frame.is_some_and(|frame| {
                frame.side == self.sender
                    && matches!(frame.kind, FrameKind::DATA | FrameKind::HEADERS)
            })
        };
        frames.range(0..count).rev().find(own).copied()
    }

    fn is_known(&self, stream: StreamId, pause: &Pause) -> bool {
        let Some(spans) = self.known.get(&stream) else {
            return false;
        };
        let count = spans.partition_point(|&(from_ns, _)| from_ns <= pause.until_ns);
        count
            .checked_sub(1)
            .and_then(|last| spans.get(last))
            .is_some_and(|&(_, until_ns)| until_ns >= pause.from_ns)
    }

    /// Whether a window was used up by another stream's `DATA`, or kept this one from its first.
    fn flow_control(
        &self,
        stream: StreamId,
        last_own: FrameId,
        pause: &Pause,
    ) -> Option<(Cause, Certainty)> {
        let history = &self.http2.history;
        let count = self
            .http2
            .frames
            .partition_point(|row| row.packet <= pause.before.packet);
        let at = count.checked_sub(1).map(FrameId::from_index);
        let used_up = |window: Option<i64>| window.is_some_and(|bytes| bytes <= 0);
        let at = at.max(Some(last_own));
        let of_connection = used_up(history.connection_window_at(self.sender, at));
        let of_stream = used_up(history.stream_window_at(stream, self.sender, at));
        let cause = match (of_stream, of_connection) {
            (true, true) => Cause::BothWindows,
            (true, false) => Cause::StreamWindow,
            (false, true) => Cause::ConnectionWindow,
            (false, false) => return None,
        };
        Some((cause, Certainty::Likely))
    }

    /// Whether the sender stopped where the receiver's window ended.
    fn tcp_window(
        &self,
        pause: &Pause,
        before: &[Said],
        during: &[Said],
    ) -> Option<(Cause, Certainty)> {
        if during.iter().chain(before.first()).any(|said| said.zero) {
            return Some((Cause::TcpWindow, Certainty::Certain));
        }
        let last_edge = before.first()?.edge?;
        // Without a wider window, more could not follow.
        let widened = during
            .iter()
            .any(|said| said.edge.is_some_and(|edge| edge > last_edge));
        let room = last_edge.saturating_sub(pause.sent);
        if room == 0 && widened {
            return Some((Cause::TcpWindow, Certainty::Certain));
        }
        // A sender avoids tiny segments: RFC 9293 §3.8.6.2.1.
        if room < self.max_segment_bytes && widened && self.in_flight(before, pause) {
            return Some((Cause::TcpWindow, Certainty::Likely));
        }
        // Near the receiver, wider windows are captured before the sender knows them. Stopping
        // exactly at the end of an earlier one is no accident.
        let round_trip = i64::try_from(self.answer_ns).unwrap_or(i64::MAX);
        let recent = before
            .iter()
            .filter(|said| said.time_ns >= pause.from_ns.saturating_sub(round_trip));
        let exactly = recent
            .take(MAX_EDGES)
            .any(|said| said.edge == Some(pause.sent));
        exactly.then_some((Cause::TcpWindow, Certainty::Likely))
    }

    fn in_flight(&self, before: &[Said], pause: &Pause) -> bool {
        before
            .first()
            .is_some_and(|said| said.acknowledged < pause.sent)
    }

    /// With every window open.
    fn otherwise(
        &self,
        pause: &Pause,
        within_frame: bool,
        before: &[Said],
        during: &[Said],
    ) -> Cause {
        let outstanding = self.in_flight(before, pause);
        let acknowledged_before = before.first().map_or(0, |said| said.acknowledged);
        let acknowledged = during.first().map_or(0, |said| said.acknowledged);
        // The newest packet stands first; the one that said it first is looked for.
        let advance = during
            .iter()
            .rev()
            .find(|said| said.acknowledged == acknowledged)
            .filter(|_| acknowledged > acknowledged_before);
        let answered = advance.is_some_and(|said| {
            let since = pause.until_ns.saturating_sub(said.time_ns);
            u64::try_from(since).is_ok_and(|since| since <= self.answer_ns)
        });
        let much_sent = pause.burst_bytes >= 2 * self.max_segment_bytes;
        // The rest of a frame that was begun was there to be sent.
        if within_frame || (outstanding && answered && much_sent) {
            Cause::Network
        } else {
            Cause::NothingToSend
        }
    }

    /// Whether both windows of HTTP/2 are known, and have room, right before a pause and at its end. In between they
    /// can only have grown, or shrunk by a `SETTINGS` that is still in force at the end.
    fn windows_are_open(&self, stream: StreamId, pause: &Pause, last_own: FrameId) -> bool {
        let history = &self.http2.history;
        let frames_until = |packet: PacketId| {
            let count = self
                .http2
                .frames
                .partition_point(|row| row.packet <= packet);
            count.checked_sub(1).map(FrameId::from_index)
        };
        let has_room = |window: Option<i64>| window.is_some_and(|bytes| bytes > 0);
        // At the end: right before the first frame that came with or after the packet that ended it.
        let last = PacketId::from_index(pause.after.packet.index().saturating_sub(1));
        [frames_until(pause.before.packet), frames_until(last)]
            .map(|at| at.max(Some(last_own)))
            .into_iter()
            .all(|at| {
                has_room(history.connection_window_at(self.sender, at))
                    && has_room(history.stream_window_at(stream, self.sender, at))
            })
    }

    /// Whether everything was acknowledged so long before a pause ended that the sender knew, with room for a full
    /// packet all the time. With nothing under way TCP itself holds nothing back: its congestion window has room for
    /// a packet at least (RFC 5681 §4.1), and Nagle's algorithm only waits for acknowledgments (RFC 9293 §3.7.4).
    fn is_idle(&self, pause: &Pause, before: &[Said], during: &[Said]) -> bool {
        let all = |said: &&Said| said.acknowledged >= pause.sent;
        // The newest packet stands first; the one that said it first is looked for.
        let settled = before
            .first()
            .filter(all)
            .or_else(|| during.iter().rev().find(all));
        let Some(settled) = settled else {
            return false;
        };
        let since = settled.time_ns.max(pause.from_ns);
        let silent = u64::try_from(pause.until_ns.saturating_sub(since)).unwrap_or(0);
        let wide = |said: &Said| {
            let needed = pause.sent.saturating_add(self.max_segment_bytes);
            !said.zero && said.edge.is_some_and(|edge| edge >= needed)
        };
        silent > self.answer_ns.saturating_add(MIN_PAUSE_NS)
            && before.first().into_iter().chain(during).all(wide)
    }

    /// What the receiver said in the packets before one and after another, the newest first.
    fn said(&self, before: PacketId, after: Option<PacketId>) -> Vec<Said> {
        let first = before.index().saturating_sub(MAX_PACKETS_BACK);
        let first = first.max(after.map_or(0, |after| after.index() + 1));
        let end = match after {
            Some(_) => before.index(),
            None => before.index() + 1,
        };
        (first..end)
            .rev()
            .filter_map(|index| self.said_in(PacketId::from_index(index)))
            .collect()
    }

    fn said_in(&self, packet: PacketId) -> Option<Said> {
        let owner = self.trace.packets.get(packet.index())?.owner?;
        if owner.connection != self.connection.id || owner.side == self.sender {
            return None;
        }
        let receiver = self.connection.tcp().sides[owner.side.index()];
        let stream = self.connection.stream(self.sender);
        let near = stream.read_with(packet)?;
        let base = self.connection.tcp().sides[self.sender.index()];
        self.trace
            .with_segment(packet, |row, segment| {
                let tcp = &segment.tcp;
                if !tcp.flags.ack() {
                    return None;
                }
                let acknowledged = base.offset_near(tcp.acknowledgment, near)?.max(0);
                let acknowledged = u64::try_from(acknowledged).ok()?;
                let shift = if tcp.flags.syn() {
                    Some(0)
                } else {
                    receiver.window_shift
                };
                let window = shift.map(|shift| u64::from(tcp.window) << shift.min(14));
                Some(Said {
                    time_ns: row.time_ns,
                    acknowledged,
                    edge: window.map(|window| acknowledged.saturating_add(window)),
                    zero: tcp.window == 0 && !tcp.flags.rst(),
                })
            })
            .flatten()
    }
}
