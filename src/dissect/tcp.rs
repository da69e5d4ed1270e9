//! TCP on one connection: what each segment is, two streams of bytes, round trips and holes.
//!
//! Each segment is judged once, when it comes, by what the capture held until then: that gives its
//! [`Marks`]. What the words mean, and where we differ from Wireshark, is said in `OUTPUT.md`.

use super::fragments::Places;
use super::reassembly::{Delivery, Half};
use super::tcp_told::{Told, ToldInto};
use crate::capture::Packet;
use crate::trace::connection::TcpCounts;
use crate::trace::tcp::{TcpBatch, TcpSide};
use crate::trace::{HoleRow, Marks, PacketId, Side};
use crate::wire::link::Segment;
use std::collections::VecDeque;
use std::sync::Arc;

mod acknowledgments;
mod copies;
mod payload;

/// Segments of a side whose acknowledgment is awaited for a round-trip time. Beyond that the
/// oldest are forgotten: no acknowledgments are in the capture then.
const MAX_OUTSTANDING: usize = 512;

/// The scale to assume of windows whose handshake was not seen: the one that Linux uses with its
/// default buffers.
const ASSUMED_WINDOW_SHIFT: u8 = 7;

/// What a segment gave to the content, and what was odd about it.
#[derive(Default)]
pub(super) struct Outcome {
    /// Bytes and holes, in order.
    pub(super) deliveries: Vec<(Side, Delivery)>,
    /// Oddities of this segment.
    pub(super) oddities: Vec<Oddity>,
}

/// Something about a segment that a reader should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    /// A byte that arrived again is not what it was, first at this offset of the stream.
    Differs(u64),
    /// A segment carries data though the connection was reset.
    DataAfterReset,
    /// A reset lies outside the window, so that its receiver has to ignore it.
    ResetOutsideWindow,
    /// A segment lies where the stream cannot be.
    OutsideStream,
}

/// One end as a sender.
#[derive(Default)]
struct End {
    half: Half,
    /// What the other end told to have of it.
    told: Told,
    /// The last acknowledgment and window that it sent.
    last_ack: Option<(u32, u16)>,
    last_ack_ns: i64,
    /// Duplicate acknowledgments that it sent since the last one that was none.
    duplicate_acks: u32,
    first_duplicate_ack: Option<PacketId>,
    /// The shift that its SYN offered.
    offered_shift: Option<u8>,
    syn_seen: bool,
    /// What was sent once and is not acknowledged: one behind its last byte, when, which packet.
    outstanding: VecDeque<(u64, i64, PacketId)>,
    /// One behind the last byte that was sent twice: no acknowledgment before it gives a sample.
    resent_until: Option<u64>,
    shortest_round_trip_ns: Option<i64>,
    fingerprints: VecDeque<(u64, i64)>,
    counts: TcpCounts,
}

/// The live state of TCP on a connection.
#[derive(Default)]
pub(super) struct Tcp {
    ends: [End; 2],
    reset: bool,
    /// Whether a segment of this connection is in the capture twice.
    captured_twice: bool,
    said_data_after_reset: bool,
    said_outside: bool,
    /// Rows of the batches that were taken.
    told_before: u32,
    /// Which packets the bytes of the segment that is being read came with, when it came in fragments.
    pub(super) fragments: Option<Arc<Places>>,
    batch: TcpBatch,
}

impl Tcp {
    /// Whether a segment belongs to a later connection between the same two ends.
    pub(super) fn is_succeeded_by(&self, side: Side, segment: &Segment<'_>) -> bool {
        let (own, flags) = (&self.ends[side.index()], segment.tcp.flags);
        let Some(base) = own.half.base() else {
            // A SYN begins a connection. When this end has been silent so far and the other end's
            // SYN was not seen, what came before was something else.
            let other = &self.ends[side.other().index()];
            return flags.syn() && !flags.ack() && other.half.base().is_some() && !other.syn_seen;
        };
        let over = self.reset || self.ends.iter().all(|end| end.half.is_finished());
        if flags.syn() {
            let other_number = base != segment.tcp.sequence.wrapping_add(1);
            return match (flags.ack(), other_number) {
                (false, true) => true,
                (false, false) => over && own.half.next() > 0,
                // A late answer to an older SYN is no connection.
                (true, other_number) => other_number && over,
            };
        }
        // A connection whose handshake is not in the capture, after one that is over.
        let distance = own.half.offset_of(segment.tcp.sequence);
        let next = i64::try_from(own.half.next()).unwrap_or(i64::MAX);
        over && segment.payload_len > 0
            && distance.abs_diff(next) > super::reassembly::MAX_WAITING_BYTES as u64
    }

    /// Takes a segment and judges it.
    pub(super) fn segment(
        &mut self,
        side: Side,
        id: PacketId,
        packet: &Packet,
        segment: &Segment<'_>,
        out: &mut Outcome,
    ) -> Marks {
        let tcp = &segment.tcp;
        let mut marks = Marks::default();
        if self.is_a_copy(side, packet.time_ns, segment) {
            self.captured_twice |= segment.sequence_len() > 0;
            return Marks::DUPLICATE_CAPTURE;
        }
        if self.reset {
            if segment.payload_len > 0 && !std::mem::replace(&mut self.said_data_after_reset, true)
            {
                out.oddities.push(Oddity::DataAfterReset);
            }
            return marks;
        }
        if tcp.flags.syn() {
            marks |= self.synchronize(side, id, packet.time_ns, segment);
        }
        let probe = self.probe(side, segment);
        marks |= probe;
        if tcp.window == 0 && !tcp.flags.syn() && !tcp.flags.rst() && !tcp.flags.fin() {
            marks |= Marks::ZERO_WINDOW;
            self.ends[side.index()].counts.zero_windows += 1;
        }
        if tcp.flags.rst() {
            // What a RST carries is words for a person, not part of the stream: RFC 9293 §3.5.3.
            if self.is_valid_reset(side, segment) {
                self.reset = true;
            } else {
                out.oddities.push(Oddity::ResetOutsideWindow);
            }
            return marks;
        }
        if tcp.flags.ack() {
            marks |= self.acknowledge(side, id, packet.time_ns, segment, probe, out);
        }
        if segment.payload_len > 0 {
            marks |= self.payload(side, id, packet, segment, probe, out);
        }
        if tcp.flags.fin() {
            marks |= self.finish(side, id, packet.time_ns, segment);
        }
        self.take_holes();
        let counts = &mut self.ends[side.index()].counts;
        counts.retransmissions += u32::from(marks.contains(Marks::RETRANSMISSION));
        counts.out_of_order += u32::from(marks.contains(Marks::OUT_OF_ORDER));
        marks
    }

    /// Whether a valid RST was seen.
    pub(super) fn is_reset(&self) -> bool {
        self.reset
    }

    /// Whether everything that a side sent up to its FIN has been delivered.
    pub(super) fn is_finished(&self, side: Side) -> bool {
        self.ends[side.index()].half.is_finished()
    }

    /// What was counted of a side.
    pub(super) fn counts(&mut self, side: Side) -> &mut TcpCounts {
        &mut self.ends[side.index()].counts
    }

    /// Says that the capture has ended: what waits is handed out.
    pub(super) fn give_up(&mut self, now: PacketId, out: &mut Outcome) {
        for side in Side::BOTH {
            let mut deliveries = Vec::new();
            self.ends[side.index()].half.give_up(now, &mut deliveries);
            out.deliveries
                .extend(deliveries.into_iter().map(|delivery| (side, delivery)));
        }
        self.take_holes();
    }

    /// About how much memory is held for what waits behind holes.
    pub(super) fn held_bytes(&self) -> usize {
        self.ends.iter().map(|end| end.half.held_bytes()).sum()
    }

    /// Bytes that are remembered for comparing retransmissions.
    pub(super) fn recent_bytes(&self) -> usize {
        self.ends.iter().map(|end| end.half.recent_bytes()).sum()
    }

    /// Forgets the bytes that are remembered for comparing retransmissions.
    pub(super) fn forget_recent(&mut self) {
        for end in &mut self.ends {
            end.half.forget_recent();
        }
    }

    /// Takes the rows written since the last call.
    pub(super) fn take_batch(&mut self) -> TcpBatch {
        let [a, b] = &self.ends;
        let scaled = a.offered_shift.is_some() && b.offered_shift.is_some();
        let sides = [a, b].map(|end| TcpSide {
            base: end.half.base(),
            window_shift: match (a.syn_seen && b.syn_seen, scaled) {
                (true, true) => end.offered_shift,
                (true, false) => Some(0),
                (false, _) => None,
            },
        });
        let mut batch = std::mem::take(&mut self.batch);
        batch.sides = sides;
        let told = u32::try_from(batch.told.len()).unwrap_or(u32::MAX);
        self.told_before = self.told_before.saturating_add(told);
        batch
    }

    fn synchronize(
        &mut self,
        side: Side,
        id: PacketId,
        time_ns: i64,
        segment: &Segment<'_>,
    ) -> Marks {
        let own = &mut self.ends[side.index()];
        let again = own.syn_seen;
        if !again {
            own.half.synchronize(segment.tcp.sequence);
            own.syn_seen = true;
            own.offered_shift = segment.tcp.options.window_scale();
            own.outstanding.push_back((0, time_ns, id));
            return Marks::default();
        }
        own.resent_until = own.resent_until.max(Some(0));
        Marks::RETRANSMISSION
    }

    /// Whether a segment only asks whether the other end is there, or whether its window opened.
    fn probe(&self, side: Side, segment: &Segment<'_>) -> Marks {
        let (tcp, own) = (&segment.tcp, &self.ends[side.index()]);
        let other = &self.ends[side.other().index()];
        let controls = tcp.flags.syn() || tcp.flags.fin() || tcp.flags.rst();
        if controls || segment.payload_len > 1 || own.half.base().is_none() {
            return Marks::default();
        }
        let offset = own.half.offset_of(tcp.sequence);
        let highest = i64::try_from(own.half.highest()).unwrap_or(i64::MAX);
        let window_closed = other.last_ack.is_some_and(|(_, window)| window == 0);
        let repeats = offset == highest - 1;
        let one_more = offset == highest && segment.payload_len == 1;
        if window_closed && (repeats || one_more) {
            return Marks::WINDOW_PROBE;
        }
        // A lost segment of one byte is resent like this too, but not when its byte was acknowledged.
        let acked = own
            .half
            .acked()
            .is_none_or(|acked| acked >= own.half.highest());
        if repeats && (segment.payload_len == 0 || acked) {
            return Marks::KEEP_ALIVE;
        }
        Marks::default()
    }

    fn finish(&mut self, side: Side, id: PacketId, time_ns: i64, segment: &Segment<'_>) -> Marks {
        let own = &mut self.ends[side.index()];
        let len = u32::try_from(segment.payload_len).unwrap_or(0);
        let syn = u32::from(segment.tcp.flags.syn());
        let again = own
            .half
            .finish(segment.tcp.sequence.wrapping_add(syn).wrapping_add(len));
        let Some(end) = own.half.end() else {
            return Marks::default();
        };
        if again {
            own.resent_until = own.resent_until.max(Some(end + 1));
            return Marks::RETRANSMISSION;
        }
        await_acknowledgment(own, end + 1, time_ns, id);
        Marks::default()
    }

    /// Whether a RST is one that its receiver believes: it lies in the window. Source: RFC 9293
    /// §3.10.7.4; those who follow RFC 5961 ask back unless it is the very next number, and the
    /// other end's answer is then a RST that is.
    fn is_valid_reset(&self, side: Side, segment: &Segment<'_>) -> bool {
        let (own, other) = (&self.ends[side.index()], &self.ends[side.other().index()]);
        if own.half.base().is_none() {
            return true;
        }
        let offset = own.half.offset_of(segment.tcp.sequence);
        let shift = match (own.syn_seen, own.offered_shift, other.offered_shift) {
            (true, Some(_), Some(shift)) => shift,
            (true, ..) => 0,
            (false, ..) => ASSUMED_WINDOW_SHIFT,
        };
        let window = other.last_ack.map_or(u16::MAX, |(_, window)| window);
        let window = i64::from(window) << shift;
        let signed = |offset: u64| i64::try_from(offset).unwrap_or(i64::MAX);
        let from = own
            .half
            .acked()
            .map_or(0, signed)
            .min(signed(own.half.next()));
        let until = signed(own.half.highest()) + 1;
        (from..=until.max(from.saturating_add(window))).contains(&offset)
    }

    /// Collects the holes that closed.
    fn take_holes(&mut self) {
        for side in Side::BOTH {
            let closed = self.ends[side.index()].half.take_closed();
            self.batch
                .holes
                .extend(closed.map(|row| HoleRow { side, ..row }));
        }
    }
}

fn await_acknowledgment(own: &mut End, end: u64, time_ns: i64, id: PacketId) {
    if own.outstanding.len() == MAX_OUTSTANDING {
        own.outstanding.pop_front();
    }
    own.outstanding.push_back((end, time_ns, id));
}

/// The sender's end and the other one.
fn two_ends(ends: &mut [End; 2], side: Side) -> (&mut End, &mut End) {
    let [a, b] = ends;
    match side {
        Side::A => (a, b),
        Side::B => (b, a),
    }
}

#[cfg(test)]
mod tests;
