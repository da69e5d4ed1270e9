//! TCP on one connection: what each segment is, two streams of bytes, round trips and holes.
//!
//! Each segment is judged once, when it comes, by what the capture held until then: that gives its
//! [`Marks`]. What the words mean, and where we differ from Wireshark, is said in `OUTPUT.md`.

use super::fragments::Places;
use super::reassembly::{Delivery, Half, Payload};
use super::tcp_gaps::Origin;
use super::tcp_told::{Told, ToldInto};
use crate::capture::Packet;
use crate::trace::connection::TcpCounts;
use crate::trace::tcp::{RttSample, TcpBatch, TcpSide};
use crate::trace::{HoleRow, Marks, PacketId, Side};
use crate::wire::link::Segment;
use std::collections::VecDeque;
use std::sync::Arc;

/// Segments of a side whose acknowledgment is awaited for a round-trip time. Beyond that the
/// oldest are forgotten: no acknowledgments are in the capture then.
const MAX_OUTSTANDING: usize = 512;

/// Packets of a side that a further one is compared with, to see whether it was captured twice.
/// A copy follows its original within one burst, which network cards hand over in 64 at most, half
/// of them acknowledgments of the other side.
const MAX_FINGERPRINTS: usize = 32;

/// How soon a copy follows when nothing but the bytes tells that it is one: without an IPv4
/// identification, a retransmission might look the same, but not within a millisecond.
const COPY_WITHIN_NS: i64 = 1_000_000;

/// How long after the receiver's last word a retransmission is still an answer to it, on top of a
/// round trip. Linux waits 200 ms at least before it resends unasked.
const ANSWER_WITHIN_NS: i64 = 20_000_000;

/// Duplicate acknowledgments that ask for a retransmission. RFC 5681 §3.2 says three; with selective
/// acknowledgments senders do with less, so two are enough to call it an answer.
const ASKING_DUPLICATE_ACKS: u32 = 2;

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

    /// Whether the same packet was captured before. Remembers it.
    fn is_a_copy(&mut self, side: Side, time_ns: i64, segment: &Segment<'_>) -> bool {
        let print = fingerprint(segment);
        let counted = segment.ip_id.is_some_and(|id| id != 0);
        let nothing_new = self.brings_nothing(side, segment);
        let own = &mut self.ends[side.index()];
        if nothing_new {
            let by_bytes_alone = segment.sequence_len() > 0 || self.captured_twice;
            let found = own.fingerprints.iter().rev().any(|&(known, known_ns)| {
                let soon = time_ns.abs_diff(known_ns) <= COPY_WITHIN_NS.unsigned_abs();
                known == print && (counted || (by_bytes_alone && soon))
            });
            if found {
                return true;
            }
        }
        if own.fingerprints.len() == MAX_FINGERPRINTS {
            own.fingerprints.pop_front();
        }
        own.fingerprints.push_back((print, time_ns));
        false
    }

    /// Whether a segment moves nothing: only then can it be a copy of an earlier one.
    fn brings_nothing(&self, side: Side, segment: &Segment<'_>) -> bool {
        let (tcp, own) = (&segment.tcp, &self.ends[side.index()]);
        let other = &self.ends[side.other().index()];
        let old_ack = !tcp.flags.ack()
            || other.half.acked().is_some_and(|acked| {
                other.half.offset_of(tcp.acknowledgment) <= i64::try_from(acked).unwrap_or(i64::MAX)
            });
        let old_syn = !tcp.flags.syn() || own.half.base().is_some();
        let old_fin = !tcp.flags.fin() || own.half.end().is_some();
        let first = tcp.data_sequence();
        old_ack && old_syn && old_fin && own.half.has(first, segment.payload_len)
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

    fn acknowledge(
        &mut self,
        side: Side,
        id: PacketId,
        time_ns: i64,
        segment: &Segment<'_>,
        probe: Marks,
        out: &mut Outcome,
    ) -> Marks {
        let tcp = &segment.tcp;
        let mut marks = Marks::default();
        let (own, other) = two_ends(&mut self.ends, side);
        let carries_nothing = segment.sequence_len() == 0 && probe.is_empty();
        let now = (tcp.acknowledgment, tcp.window);
        if own
            .last_ack
            .is_some_and(|(acknowledgment, _)| acknowledgment != tcp.acknowledgment)
        {
            own.duplicate_acks = 0;
        }
        if carries_nothing
            && own.last_ack == Some(now)
            && other.half.is_ahead_of(tcp.acknowledgment)
        {
            marks |= Marks::DUPLICATE_ACK;
            own.counts.duplicate_acks += 1;
            own.duplicate_acks += 1;
            if own.duplicate_acks == 1 {
                own.first_duplicate_ack = Some(id);
            }
        }
        own.last_ack = Some(now);
        own.last_ack_ns = time_ns;

        let mut deliveries = Vec::new();
        other
            .half
            .acknowledged(tcp.acknowledgment, id, &mut deliveries);
        let sender = side.other();
        out.deliveries
            .extend(deliveries.into_iter().map(|delivery| (sender, delivery)));
        let Some(acked) = other.half.acked() else {
            return marks;
        };
        let mut sample = None;
        while let Some(&(end, sent_ns, packet)) = other.outstanding.front() {
            if end > acked {
                break;
            }
            other.outstanding.pop_front();
            let resent = other.resent_until.is_some_and(|until| end <= until);
            sample = (!resent).then_some((sent_ns, packet));
        }
        if let Some((sent_ns, packet)) = sample {
            self.batch.round_trips.push(RttSample {
                acknowledgment: id,
                segment: packet,
            });
            let round_trip_ns = time_ns.saturating_sub(sent_ns).max(0);
            let shortest = other.shortest_round_trip_ns.unwrap_or(round_trip_ns);
            other.shortest_round_trip_ns = Some(shortest.min(round_trip_ns));
        }

        let mut into = ToldInto {
            side: sender,
            now: id,
            in_order_until: other.half.next(),
            filled_until: other.half.filled_until(),
            told_before: self.told_before,
            told: &mut self.batch.told,
            holes: &mut self.batch.holes,
        };
        other.told.acknowledged(acked, &mut into);
        if tcp.header_len > crate::wire::tcp::TcpHeader::FIXED_LEN {
            let mut blocks: Vec<(u64, u64)> = tcp
                .options
                .sack_blocks()
                .filter_map(|(left, right)| {
                    let left = u64::try_from(other.half.offset_of(left)).ok()?;
                    let right = u64::try_from(other.half.offset_of(right)).ok()?;
                    (left < right && right <= other.half.highest()).then_some((left, right))
                })
                .collect();
            blocks.sort_unstable();
            for (left, right) in blocks {
                other.told.selectively(left..right, &mut into);
            }
        }
        marks
    }

    fn payload(
        &mut self,
        side: Side,
        id: PacketId,
        packet: &Packet,
        segment: &Segment<'_>,
        probe: Marks,
        out: &mut Outcome,
    ) -> Marks {
        let (tcp, mut marks) = (&segment.tcp, Marks::default());
        let (own, other) = two_ends(&mut self.ends, side);
        let sequence = tcp.data_sequence();
        if !probe.is_empty() && own.half.has(sequence, segment.payload_len) {
            return marks; // one byte sent again, which may be any byte: RFC 1122 §4.2.3.6
        }
        let origin = || Origin {
            timestamp: tcp.options.timestamps().map(|(value, _)| value),
            ip_id: segment.ip_id.filter(|&id| id != 0),
        };
        let end = segment.payload_offset + segment.payload.len();
        let payload = Payload {
            bytes: packet.bytes.slice(segment.payload_offset..end),
            len: segment.payload_len,
            packet: id,
            offset_in_packet: u32::try_from(segment.payload_offset).unwrap_or(u32::MAX),
            fragments: self.fragments.clone(),
        };
        let highest = own.half.highest();
        let mut deliveries = Vec::new();
        let arrival = own.half.payload(sequence, payload, origin, &mut deliveries);
        out.deliveries
            .extend(deliveries.into_iter().map(|delivery| (side, delivery)));
        if let Some(at) = arrival.differs {
            out.oddities.push(Oddity::Differs(at));
        }
        let start = own.half.offset_of(sequence);
        let end = start.saturating_add_unsigned(segment.payload_len as u64);
        let (Ok(end), start) = (u64::try_from(end), u64::try_from(start).unwrap_or(0)) else {
            return before_the_start(own);
        };
        if arrival.outside {
            if end == 0 {
                return before_the_start(own);
            }
            if !std::mem::replace(&mut self.said_outside, true) {
                out.oddities.push(Oddity::OutsideStream);
            }
            return marks;
        }
        if arrival.new > 0 && arrival.old > 0 {
            marks |= Marks::OVERLAP;
        }
        let asked = other.duplicate_acks >= ASKING_DUPLICATE_ACKS
            && other.last_ack.is_some_and(|(number, _)| number == sequence)
            || own.told.is_beyond(start);
        let patience_ns = [&*own, &*other]
            .iter()
            .filter_map(|end| end.shortest_round_trip_ns)
            .fold(ANSWER_WITHIN_NS, i64::saturating_add);
        let soon = packet.time_ns.saturating_sub(other.last_ack_ns) <= patience_ns;
        if arrival.new == 0 {
            marks |= Marks::RETRANSMISSION;
            if own.half.acked().is_some_and(|acked| end <= acked) || own.told.has(&(start..end)) {
                marks |= Marks::SPURIOUS_RETRANSMISSION;
            } else if asked && soon {
                marks |= Marks::FAST_RETRANSMISSION;
            }
            if let Some(since) = other
                .first_duplicate_ack
                .filter(|_| asked && own.told.is_empty())
            {
                let mut into = ToldInto {
                    side,
                    now: id,
                    in_order_until: own.half.next(),
                    filled_until: own.half.filled_until(),
                    told_before: self.told_before,
                    told: &mut self.batch.told,
                    holes: &mut self.batch.holes,
                };
                own.told.asked_for(start..end, since, &mut into);
            }
        } else if let Some(behind) = arrival.behind {
            // Nothing tells when it was sent: an answer to a question is a retransmission, and so
            // is what comes long after.
            let later = origin().is_later_than(&behind).unwrap_or(asked);
            if later {
                marks |= Marks::RETRANSMISSION;
                if asked && soon {
                    marks |= Marks::FAST_RETRANSMISSION;
                }
            } else {
                marks |= Marks::OUT_OF_ORDER;
            }
        }
        if start >= highest && arrival.old == 0 {
            await_acknowledgment(own, end, packet.time_ns, id);
        } else if marks.contains(Marks::RETRANSMISSION) || marks.contains(Marks::OVERLAP) {
            own.resent_until = own.resent_until.max(Some(end));
        }
        marks
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

/// What lies before the first byte that the capture knows of: sent again if that was acknowledged.
fn before_the_start(own: &End) -> Marks {
    match own.half.acked() {
        Some(_) => Marks::RETRANSMISSION | Marks::SPURIOUS_RETRANSMISSION,
        None => Marks::OUT_OF_ORDER,
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

/// A number that is the same for the same packet: its IP identification, its TCP header without
/// the checksum, which is filled in between two places of capture, and the ends of its payload.
/// The rest of the payload is compared by reassembly.
fn fingerprint(segment: &Segment<'_>) -> u64 {
    let tcp = &segment.tcp;
    let mut print = u64::from(segment.ip_id.unwrap_or(0));
    let mut mix = |value: u64| {
        print = (print.rotate_left(5) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    };
    mix(u64::from(tcp.sequence) << 32 | u64::from(tcp.acknowledgment));
    mix(u64::from(tcp.flags.0) << 48 | u64::from(tcp.window) << 32 | segment.payload_len as u64);
    let payload = segment.payload;
    let ends = [payload.first_chunk::<16>(), payload.last_chunk::<16>()];
    let short = if payload.len() < 16 { payload } else { &[] };
    let ends = ends.into_iter().flatten().map(|end| &end[..]);
    for bytes in ends.chain([short, tcp.options.0]) {
        for chunk in bytes.chunks(8) {
            mix(chunk
                .iter()
                .fold(0, |word, &byte| word << 8 | u64::from(byte)));
        }
    }
    print
}

#[cfg(test)]
mod tests;
