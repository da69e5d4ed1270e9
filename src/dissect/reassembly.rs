//! TCP reassembly: segments of one side in, its stream of bytes in order out.
//!
//! Sequence numbers are unwrapped to offsets in the stream, the first payload byte being 0. What
//! arrives early waits; what arrived before is not delivered again (the first arrival wins). A hole
//! that the receiver acknowledges was lost by the capture, not by the network: nobody will send it
//! again, so it is given up at that ACK. Any other hole is given up when more waits behind it than
//! [`MAX_WAITING_BYTES`] or [`MAX_WAITING_SEGMENTS`].
//!
//! Source: RFC 9293 §3.4 (sequence numbers), §3.10.7.4 (segment arrival).

use crate::trace::PacketId;
use bytes::Bytes;
use std::collections::BTreeMap;

/// Bytes that may wait behind a hole before it is given up. The largest receive window that Linux
/// offers by default is 6 MiB, so a sender cannot get further ahead than this in ordinary traffic.
pub(super) const MAX_WAITING_BYTES: usize = 16 << 20;

/// Segments that may wait behind a hole, so that one-byte segments cost no more than large ones.
pub(super) const MAX_WAITING_SEGMENTS: usize = 16 << 10;

/// Payload of one segment and where it was captured.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    /// The captured bytes.
    pub(super) bytes: Bytes,
    /// How many bytes the segment carried; more than were captured when the snap length cut it.
    pub(super) len: usize,
    /// The packet.
    pub(super) packet: PacketId,
    /// Where the bytes start in the packet.
    pub(super) offset_in_packet: u32,
}

/// What reassembly hands on, in stream order.
#[derive(Clone, Debug)]
pub(super) enum Delivery {
    /// The next bytes of the stream.
    Data {
        /// Their offset in the stream.
        offset: u64,
        /// The bytes.
        bytes: Bytes,
        /// The packet that brought them.
        packet: PacketId,
        /// Where they start in the packet.
        offset_in_packet: u32,
    },
    /// Bytes that the capture does not hold.
    Hole {
        /// Their offset in the stream.
        offset: u64,
        /// How many.
        len: u64,
    },
}

/// What a segment was to the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It brought the next bytes.
    New,
    /// Every byte of it was there already, or waiting.
    Old,
    /// It came before bytes that precede it.
    Early,
}

/// The stream of one side.
#[derive(Default)]
pub(super) struct Half {
    /// The sequence number of stream offset 0, once known.
    base: Option<u32>,
    /// The offset of the next byte to deliver.
    next: u64,
    /// One behind the last offset ever seen, waiting segments included.
    highest: u64,
    /// Segments behind a hole, by offset.
    waiting: BTreeMap<u64, Payload>,
    waiting_bytes: usize,
    /// The stream's length, once a FIN said so.
    end: Option<u64>,
}

impl Half {
    /// Learns the first sequence number from a SYN, which itself takes one number.
    pub(super) fn synchronize(&mut self, sequence: u32) {
        if self.base.is_none() {
            self.base = Some(sequence.wrapping_add(1));
        }
    }

    /// The sequence number of stream offset 0.
    pub(super) fn base(&self) -> Option<u32> {
        self.base
    }

    /// Whether everything up to the FIN has been delivered.
    pub(super) fn is_finished(&self) -> bool {
        self.end.is_some_and(|end| self.next >= end)
    }

    /// Whether bytes beyond this acknowledgment have been sent.
    pub(super) fn is_ahead_of(&self, acknowledgment: u32) -> bool {
        self.base.is_some()
            && i64::try_from(self.highest).unwrap_or(i64::MAX) > self.offset_of(acknowledgment)
    }

    /// The offset of a sequence number, as the one closest to the next byte expected. Negative
    /// before the first byte.
    fn offset_of(&self, sequence: u32) -> i64 {
        let base = self.base.unwrap_or(sequence);
        // Truncation is the point: sequence numbers are offsets modulo 2³².
        #[expect(clippy::cast_possible_truncation, reason = "modulo 2^32 by definition")]
        let expected = base.wrapping_add(self.next as u32);
        let ahead = i64::from(sequence.wrapping_sub(expected).cast_signed());
        i64::try_from(self.next).unwrap_or(i64::MAX) + ahead
    }

    /// Takes a segment's payload. Without a SYN the first segment defines offset 0.
    pub(super) fn payload(
        &mut self,
        sequence: u32,
        mut payload: Payload,
        out: &mut Vec<Delivery>,
    ) -> Verdict {
        if self.base.is_none() {
            self.base = Some(sequence);
        }
        let offset = self.offset_of(sequence);
        let end = offset.saturating_add_unsigned(payload.len as u64);
        let (Ok(end), next) = (u64::try_from(end), self.next) else {
            return Verdict::Old;
        };
        if end <= next {
            return Verdict::Old;
        }
        let offset = u64::try_from(offset).unwrap_or(0).max(next);
        payload.skip(payload.len - usize::try_from(end - offset).unwrap_or(payload.len));
        let early = offset > next;
        let known = early && !self.brings_something_new(offset, end);
        self.highest = self.highest.max(end);
        if early {
            if !known {
                self.wait(offset, payload);
                self.give_up_if_too_much_waits(out);
            }
        } else {
            self.deliver(payload, out);
            self.deliver_waiting(out);
        }
        match (early, known) {
            (false, _) => Verdict::New,
            (true, false) => Verdict::Early,
            (true, true) => Verdict::Old,
        }
    }

    /// Takes a FIN, whose sequence number is that of the first byte that will not come.
    pub(super) fn finish(&mut self, sequence: u32) {
        if self.base.is_none() {
            self.base = Some(sequence);
        }
        if let Ok(end) = u64::try_from(self.offset_of(sequence)) {
            self.end = Some(end);
        }
    }

    /// Takes the other side's acknowledgment: whatever it covers has arrived at the receiver. What
    /// the capture has not got by then is a hole.
    pub(super) fn acknowledged(&mut self, sequence: u32, out: &mut Vec<Delivery>) {
        if self.base.is_none() {
            // Nothing of this side was captured yet; its next byte is the acknowledged one.
            self.base = Some(sequence);
            return;
        }
        let Ok(mut acknowledged) = u64::try_from(self.offset_of(sequence)) else {
            return;
        };
        if let Some(end) = self.end {
            acknowledged = acknowledged.min(end); // the FIN takes a number but no byte
        }
        while self.next < acknowledged {
            let hole_end = match self.waiting.keys().next() {
                Some(&waiting) => waiting.min(acknowledged),
                // An ACK far beyond anything seen is a stray of another connection, not a hole.
                None if acknowledged - self.next > MAX_WAITING_BYTES as u64 => return,
                None => acknowledged,
            };
            self.hole(hole_end, out);
            self.deliver_waiting(out);
        }
    }

    /// Gives up every hole: the capture has ended.
    pub(super) fn give_up(&mut self, out: &mut Vec<Delivery>) {
        while let Some(&waiting) = self.waiting.keys().next() {
            self.hole(waiting, out);
            self.deliver_waiting(out);
        }
    }

    fn brings_something_new(&self, offset: u64, end: u64) -> bool {
        // Segments are mostly resent as they were, so asking the one at or before is enough; an
        // overlap that this misses is cut when it is delivered.
        match self.waiting.range(..=offset).next_back() {
            Some((&start, waiting)) => start + (waiting.len as u64) < end,
            None => true,
        }
    }

    fn wait(&mut self, offset: u64, payload: Payload) {
        self.waiting_bytes += payload.bytes.len();
        if let Some(shorter) = self.waiting.insert(offset, payload) {
            self.waiting_bytes -= shorter.bytes.len();
        }
    }

    fn give_up_if_too_much_waits(&mut self, out: &mut Vec<Delivery>) {
        while self.waiting_bytes > MAX_WAITING_BYTES || self.waiting.len() > MAX_WAITING_SEGMENTS {
            let Some(&first) = self.waiting.keys().next() else {
                return;
            };
            self.hole(first, out);
            self.deliver_waiting(out);
        }
    }

    fn deliver_waiting(&mut self, out: &mut Vec<Delivery>) {
        while let Some(entry) = self.waiting.first_entry() {
            if *entry.key() > self.next {
                return;
            }
            let (offset, mut payload) = entry.remove_entry();
            self.waiting_bytes -= payload.bytes.len();
            let known = usize::try_from(self.next - offset).unwrap_or(usize::MAX);
            if known < payload.len {
                payload.skip(known);
                self.deliver(payload, out);
            }
        }
    }

    /// Hands on the next bytes; those that the snap length cut off are a hole.
    fn deliver(&mut self, payload: Payload, out: &mut Vec<Delivery>) {
        let cut = payload.len.saturating_sub(payload.bytes.len());
        if !payload.bytes.is_empty() {
            let offset = self.next;
            self.next += payload.bytes.len() as u64;
            out.push(Delivery::Data {
                offset,
                bytes: payload.bytes,
                packet: payload.packet,
                offset_in_packet: payload.offset_in_packet,
            });
        }
        if cut > 0 {
            self.hole(self.next + cut as u64, out);
        }
    }

    fn hole(&mut self, end: u64, out: &mut Vec<Delivery>) {
        if end > self.next {
            out.push(Delivery::Hole {
                offset: self.next,
                len: end - self.next,
            });
            self.next = end;
            self.highest = self.highest.max(end);
        }
    }
}

impl Payload {
    /// Drops the first `count` bytes.
    fn skip(&mut self, count: usize) {
        let count = count.min(self.len);
        self.len -= count;
        let captured = count.min(self.bytes.len());
        self.bytes = self.bytes.slice(captured..);
        self.offset_in_packet = self
            .offset_in_packet
            .saturating_add(u32::try_from(captured).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds segments `(sequence, text)` and writes down what comes out, holes as `[n]`.
    struct Bench {
        half: Half,
        packets: usize,
        read: String,
    }

    impl Bench {
        fn new(base: u32) -> Self {
            let mut half = Half::default();
            half.synchronize(base.wrapping_sub(1));
            Self {
                half,
                packets: 0,
                read: String::new(),
            }
        }

        fn collect(&mut self, deliveries: Vec<Delivery>) {
            for delivery in deliveries {
                match delivery {
                    Delivery::Data { bytes, .. } => {
                        self.read.push_str(std::str::from_utf8(&bytes).unwrap());
                    }
                    Delivery::Hole { len, .. } => self.read.push_str(&format!("[{len}]")),
                }
            }
        }

        fn segment(&mut self, sequence: u32, text: &'static str) -> Verdict {
            let mut out = Vec::new();
            let payload = Payload {
                bytes: Bytes::from_static(text.as_bytes()),
                len: text.len(),
                packet: PacketId::from_index(self.packets),
                offset_in_packet: 54,
            };
            self.packets += 1;
            let verdict = self.half.payload(sequence, payload, &mut out);
            self.collect(out);
            verdict
        }

        fn ack(&mut self, sequence: u32) {
            let mut out = Vec::new();
            self.half.acknowledged(sequence, &mut out);
            self.collect(out);
        }
    }

    #[test]
    fn segments_out_of_order_come_out_in_order() {
        let mut bench = Bench::new(1000);
        assert_eq!(bench.segment(1003, "def"), Verdict::Early);
        assert_eq!(bench.segment(1006, "ghi"), Verdict::Early);
        assert_eq!(bench.read, "");
        assert_eq!(bench.segment(1000, "abc"), Verdict::New);
        assert_eq!(bench.read, "abcdefghi");
    }

    #[test]
    fn a_retransmission_brings_nothing() {
        let mut bench = Bench::new(0);
        bench.segment(0, "abc");
        assert_eq!(bench.segment(0, "abc"), Verdict::Old);
        bench.segment(6, "ghi");
        assert_eq!(bench.segment(6, "ghi"), Verdict::Old);
        assert_eq!(bench.segment(3, "def"), Verdict::New);
        assert_eq!(bench.read, "abcdefghi");
    }

    #[test]
    fn the_first_arrival_of_a_byte_wins() {
        let mut bench = Bench::new(0);
        bench.segment(0, "abc");
        bench.segment(1, "XXde");
        assert_eq!(bench.read, "abcde");
        bench.segment(6, "gh");
        bench.segment(5, "fYYi");
        assert_eq!(
            bench.read, "abcdefYYi",
            "what only waited has not been read yet"
        );
    }

    #[test]
    fn sequence_numbers_wrap() {
        let mut bench = Bench::new(u32::MAX - 1);
        bench.segment(u32::MAX - 1, "abc");
        bench.segment(4, "gh");
        bench.segment(1, "def");
        assert_eq!(bench.read, "abcdefgh");
    }

    #[test]
    fn what_the_receiver_acknowledged_will_not_come_any_more() {
        let mut bench = Bench::new(0);
        bench.segment(0, "abc");
        bench.segment(6, "ghi");
        bench.ack(3);
        assert_eq!(bench.read, "abc");
        bench.ack(9);
        assert_eq!(bench.read, "abc[3]ghi");
        bench.ack(11);
        assert_eq!(bench.read, "abc[3]ghi[2]");
    }

    #[test]
    fn a_stray_acknowledgment_makes_no_giant_hole() {
        let mut bench = Bench::new(0);
        bench.segment(0, "abc");
        bench.ack(1 << 30);
        assert_eq!(bench.read, "abc");
    }

    #[test]
    fn the_acknowledgment_of_a_fin_is_no_hole() {
        let mut bench = Bench::new(0);
        bench.segment(0, "abc");
        bench.half.finish(3);
        bench.ack(4);
        assert_eq!(bench.read, "abc");
        assert!(bench.half.is_finished());
    }

    #[test]
    fn without_a_syn_the_first_segment_is_the_start() {
        let mut bench = Bench::new(0);
        bench.half = Half::default();
        bench.segment(77, "abc");
        bench.segment(80, "def");
        assert_eq!(bench.segment(70, "too old"), Verdict::Old);
        assert_eq!(bench.read, "abcdef");
    }

    #[test]
    fn a_cut_segment_leaves_a_hole() {
        let mut bench = Bench::new(0);
        let payload = Payload {
            bytes: Bytes::from_static(b"ab"),
            len: 5,
            packet: PacketId::from_index(0),
            offset_in_packet: 54,
        };
        let mut out = Vec::new();
        bench.half.payload(0, payload, &mut out);
        bench.collect(out);
        bench.segment(5, "f");
        assert_eq!(bench.read, "ab[3]f");
    }

    #[test]
    fn waiting_is_bounded() {
        let mut bench = Bench::new(0);
        for index in 0..=MAX_WAITING_SEGMENTS {
            bench.segment(10 + 2 * u32::try_from(index).unwrap(), "x");
        }
        assert!(bench.read.starts_with("[10]x[1]x") || bench.read.starts_with("[10]x"));
        assert!(bench.half.waiting.len() <= MAX_WAITING_SEGMENTS);
    }
}
