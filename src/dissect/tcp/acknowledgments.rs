//! What an acknowledgment tells: that it is a duplicate, how long a round trip took, what the receiver has.

use super::{Outcome, Tcp, ToldInto, two_ends};
use crate::trace::tcp::RttSample;
use crate::trace::{Marks, PacketId, Side};
use crate::wire::link::Segment;
use crate::wire::tcp::TcpHeader;

impl Tcp {
    /// Takes the acknowledgment of a segment, its window and its selective acknowledgments.
    pub(super) fn acknowledge(
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
        if tcp.header_len > TcpHeader::FIXED_LEN {
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
}
