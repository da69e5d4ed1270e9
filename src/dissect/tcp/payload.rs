//! What a segment's payload is: new, sent again, out of order, or partly both.

use super::{End, Oddity, Outcome, Tcp, ToldInto, await_acknowledgment, two_ends};
use crate::capture::Packet;
use crate::dissect::reassembly::Payload;
use crate::dissect::tcp_gaps::Origin;
use crate::trace::{Marks, PacketId, Side};
use crate::wire::link::Segment;

/// How long after the receiver's last word a retransmission is still an answer to it, on top of a
/// round trip. Linux waits 200 ms at least before it resends unasked.
const ANSWER_WITHIN_NS: i64 = 20_000_000;

/// Duplicate acknowledgments that ask for a retransmission. RFC 5681 §3.2 says three; with selective
/// acknowledgments senders do with less, so two are enough to call it an answer.
const ASKING_DUPLICATE_ACKS: u32 = 2;

impl Tcp {
    /// Takes the payload of a segment, and says how it came.
    pub(super) fn payload(
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
}

/// What lies before the first byte that the capture knows of: sent again if that was acknowledged.
fn before_the_start(own: &End) -> Marks {
    match own.half.acked() {
        Some(_) => Marks::RETRANSMISSION | Marks::SPURIOUS_RETRANSMISSION,
        None => Marks::OUT_OF_ORDER,
    }
}
