//! Packets that are in the capture twice, as when it was made at two places of one machine.

use super::Tcp;
use crate::trace::Side;
use crate::wire::link::Segment;

/// Packets of a side that a further one is compared with, to see whether it was captured twice.
/// A copy follows its original within one burst, which network cards hand over in 64 at most, half
/// of them acknowledgments of the other side.
pub(super) const MAX_FINGERPRINTS: usize = 32;

/// How soon a copy follows when nothing but the bytes tells that it is one: without an IPv4
/// identification, a retransmission might look the same, but not within a millisecond.
const COPY_WITHIN_NS: i64 = 1_000_000;

impl Tcp {
    /// Whether the same packet was captured before. Remembers it.
    pub(super) fn is_a_copy(&mut self, side: Side, time_ns: i64, segment: &Segment<'_>) -> bool {
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
