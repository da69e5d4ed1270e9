use super::copies::MAX_FINGERPRINTS;
use super::*;
use crate::capture::LinkType;
use crate::dissect::reassembly::Payload;
use crate::dissect::tcp_gaps::Origin;
use crate::trace::HoleKind;
use bytes::Bytes;
use proptest::prelude::*;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const FIN: u8 = 0x01;
const RST: u8 = 0x04;

/// A segment to be written: raw IPv4, and TCP with the options that are given.
#[derive(Clone, Default)]
struct Sent {
    b: bool,
    at_us: i64,
    id: u16,
    sequence: u32,
    ack: Option<u32>,
    flags: u8,
    window: u16,
    options: Vec<u8>,
    text: Vec<u8>,
}

impl Sent {
    fn bytes(&self) -> Bytes {
        let (src, dst) = if self.b { (2, 1) } else { (1, 2) };
        let header = 20 + self.options.len();
        let total = u16::try_from(20 + header + self.text.len()).unwrap();
        let mut bytes = vec![0x45, 0];
        bytes.extend(total.to_be_bytes());
        bytes.extend(self.id.to_be_bytes());
        bytes.extend([0x40, 0, 64, 6, 0, 0, 10, 0, 0, src, 10, 0, 0, dst]);
        let (from, to): (u16, u16) = if self.b { (80, 5000) } else { (5000, 80) };
        bytes.extend(from.to_be_bytes());
        bytes.extend(to.to_be_bytes());
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.ack.unwrap_or(0).to_be_bytes());
        let ack = if self.ack.is_some() { ACK } else { 0 };
        bytes.extend([u8::try_from(header / 4).unwrap() << 4, self.flags | ack]);
        bytes.extend(self.window.to_be_bytes());
        bytes.extend([0, 0, 0, 0]);
        bytes.extend(&self.options);
        bytes.extend(&self.text);
        bytes.into()
    }
}

/// A connection being told segment by segment. Sequence numbers are relative: 1 is the first byte.
#[derive(Default)]
struct Wire {
    tcp: Tcp,
    packets: usize,
    id: u16,
    read: [String; 2],
    oddities: Vec<Oddity>,
}

const START: u32 = u32::MAX - 2; // every test crosses the wrap

impl Wire {
    fn take(&mut self, sent: &Sent) -> Vec<&'static str> {
        let bytes = sent.bytes();
        let packet = Packet {
            time_ns: sent.at_us * 1000,
            timed: true,
            interface: 0,
            link_type: LinkType::RAW,
            original_len: u32::try_from(bytes.len()).unwrap(),
            offset: 0,
            bytes: bytes.clone(),
            comment: None,
        };
        let segment = crate::wire::link::segment(LinkType::RAW, &bytes, packet.original_len);
        let side = if sent.b { Side::B } else { Side::A };
        let mut out = Outcome::default();
        let id = PacketId::from_index(self.packets);
        let marks = self
            .tcp
            .segment(side, id, &packet, &segment.unwrap(), &mut out);
        self.packets += 1;
        for (side, delivery) in out.deliveries {
            let text = match delivery {
                Delivery::Data { bytes, .. } => String::from_utf8_lossy(&bytes).into_owned(),
                Delivery::Hole { len, .. } => format!("[{len}]"),
            };
            self.read[side.index()].push_str(&text);
        }
        self.oddities.extend(out.oddities);
        marks.names().collect()
    }

    fn sent(&mut self, b: bool, at_us: i64, sequence: u32, ack: u32, text: &str) -> Sent {
        self.id += 1;
        Sent {
            b,
            at_us,
            id: self.id,
            sequence: START.wrapping_add(sequence),
            ack: Some(START.wrapping_add(ack)),
            window: 1000,
            text: text.into(),
            ..Sent::default()
        }
    }

    fn a(&mut self, at_us: i64, sequence: u32, text: &str) -> Vec<&'static str> {
        let sent = self.sent(false, at_us, sequence, 1, text);
        self.take(&sent)
    }

    /// An acknowledgment by B with selective blocks.
    fn ack(&mut self, at_us: i64, ack: u32, blocks: &[(u32, u32)]) -> Vec<&'static str> {
        let mut sent = self.sent(true, at_us, 1, ack, "");
        if !blocks.is_empty() {
            sent.options = vec![1, 1, 5, u8::try_from(2 + 8 * blocks.len()).unwrap()];
            for (left, right) in blocks {
                sent.options.extend(START.wrapping_add(*left).to_be_bytes());
                sent.options
                    .extend(START.wrapping_add(*right).to_be_bytes());
            }
        }
        self.take(&sent)
    }

    /// The handshake, 100 µs on each side of the capture.
    fn open() -> Self {
        let mut wire = Self::default();
        let mut syn = wire.sent(false, 0, 0, 0, "");
        (syn.ack, syn.flags) = (None, SYN);
        syn.options = vec![3, 3, 4, 0];
        wire.take(&syn);
        let mut answer = wire.sent(true, 100, 0, 1, "");
        (answer.flags, answer.options) = (SYN, vec![3, 3, 7, 0]);
        wire.take(&answer);
        assert!(wire.a(200, 1, "").is_empty());
        wire
    }

    fn holes(&mut self) -> Vec<(u64, u64, HoleKind)> {
        let rows = &self.tcp.batch.holes;
        rows.iter()
            .map(|row| (row.offset, row.len, row.kind))
            .collect()
    }
}

#[test]
fn a_quiet_connection_has_no_marks_and_its_scales_are_known() {
    let mut wire = Wire::open();
    assert!(wire.a(300, 1, "abc").is_empty());
    assert!(wire.ack(400, 4, &[]).is_empty());
    let batch = wire.tcp.take_batch();
    assert_eq!(
        batch.sides.map(|side| side.window_shift),
        [Some(4), Some(7)]
    );
    assert_eq!(batch.sides[0].base, Some(START.wrapping_add(1)));
    let samples: Vec<_> = batch
        .round_trips
        .iter()
        .map(|sample| (sample.segment.index(), sample.acknowledgment.index()))
        .collect();
    assert_eq!(samples, [(0, 1), (1, 2), (3, 4)]);
}

#[test]
fn a_retransmission_is_fast_after_duplicate_acks_spurious_when_acknowledged_and_plain_later() {
    let mut wire = Wire::open();
    wire.a(300, 1, "abc");
    wire.a(310, 4, "def");
    wire.ack(500, 1, &[]);
    for at in [510, 520, 525] {
        assert_eq!(wire.ack(at, 1, &[]), ["duplicate-ack"]);
    }
    assert_eq!(
        wire.a(530, 1, "abc"),
        ["retransmission", "fast-retransmission"]
    );
    assert_eq!(wire.a(400_000, 1, "abc"), ["retransmission"]);
    wire.ack(400_100, 7, &[]);
    assert_eq!(
        wire.a(400_200, 4, "def"),
        ["retransmission", "spurious-retransmission"]
    );
    assert_eq!(wire.read[0], "abcdef");
}

#[test]
fn what_fills_a_hole_was_overtaken_or_sent_again_as_its_identification_tells() {
    let mut wire = Wire::open();
    let overtaken = wire.sent(false, 320, 1, 1, "abc");
    assert!(wire.a(310, 4, "def").is_empty());
    assert_eq!(wire.take(&overtaken), ["out-of-order"]);
    wire.a(330, 10, "jkl");
    assert_eq!(wire.a(400_000, 7, "ghi"), ["retransmission"]);
    assert_eq!(wire.read[0], "abcdefghijkl");
    assert_eq!(
        wire.holes(),
        [(0, 3, HoleKind::Network), (6, 3, HoleKind::Network)]
    );
}

#[test]
fn other_bytes_in_a_retransmission_are_said_and_the_first_are_kept() {
    let mut wire = Wire::open();
    wire.a(300, 4, "def");
    assert_eq!(wire.a(310, 2, "bcdXf"), ["retransmission", "overlap"]);
    assert_eq!(wire.oddities, [Oddity::Differs(4)]);
    wire.a(320, 1, "a");
    assert_eq!(wire.read[0], "abcdef");
}

#[test]
fn a_packet_captured_twice_is_neither_sent_again_nor_a_duplicate_acknowledgment() {
    let mut wire = Wire::open();
    let data = wire.sent(false, 300, 1, 1, "abc");
    assert!(wire.take(&data).is_empty());
    assert_eq!(wire.take(&data), ["duplicate-capture"]);
    let mut again = data.clone();
    again.id += 100;
    assert_eq!(wire.take(&again), ["retransmission"]);
    let ack = wire.sent(true, 400, 1, 4, "");
    wire.take(&ack);
    assert_eq!(wire.take(&ack), ["duplicate-capture"]);
    assert_eq!(wire.tcp.counts(Side::B).duplicate_acks, 0);
}

#[test]
fn keep_alives_and_probes_are_no_data() {
    let mut wire = Wire::open();
    wire.a(300, 1, "abc");
    wire.ack(400, 4, &[]);
    assert_eq!(wire.a(9_000_000, 3, ""), ["keep-alive"]);
    assert_eq!(wire.a(9_100_000, 3, "?"), ["keep-alive"]);
    assert!(wire.oddities.is_empty());
    let mut full = wire.sent(true, 9_200_000, 1, 4, "");
    full.window = 0;
    assert_eq!(wire.take(&full), ["zero-window"]);
    assert_eq!(wire.a(9_300_000, 3, ""), ["window-probe"]);
    assert_eq!(wire.a(9_400_000, 4, "d"), ["window-probe"]);
    assert_eq!(
        wire.read[0], "abcd",
        "the probed byte is the next one of the stream"
    );
}

#[test]
fn a_capture_at_the_sender_shows_holes_in_the_receivers_words() {
    let mut wire = Wire::open();
    for (at, sequence) in [(300, 1), (301, 4), (302, 7), (303, 10)] {
        wire.a(at, sequence, "abc");
    }
    wire.ack(400, 4, &[]);
    wire.ack(410, 4, &[(7, 10)]);
    wire.ack(420, 4, &[(7, 13)]);
    assert_eq!(wire.holes(), []);
    assert_eq!(
        wire.a(430, 4, "abc"),
        ["retransmission", "fast-retransmission"]
    );
    wire.ack(500, 13, &[]);
    assert_eq!(wire.holes(), [(3, 3, HoleKind::NetworkAsTold)]);
    let hole = wire.tcp.batch.holes[0];
    assert_eq!((hole.opened.index(), hole.until), (8, 12));
    let told: Vec<_> = wire
        .tcp
        .batch
        .told
        .iter()
        .map(|row| (row.offset, row.len))
        .collect();
    assert_eq!((told, hole.told), (vec![(6, 3), (9, 3)], (0, 2)));
}

#[test]
fn a_hole_of_the_capture_is_given_up_at_the_acknowledgment() {
    let mut wire = Wire::open();
    wire.a(300, 1, "abc");
    wire.a(310, 7, "ghi");
    wire.ack(400, 10, &[]);
    assert_eq!(wire.read[0], "abc[3]ghi");
    assert_eq!(wire.holes(), [(3, 3, HoleKind::Capture)]);
}

#[test]
fn data_in_a_syn_is_the_start_of_the_stream() {
    let mut wire = Wire::default();
    let mut syn = wire.sent(false, 0, 0, 0, "abc");
    (syn.ack, syn.flags) = (None, SYN);
    wire.take(&syn);
    let mut answer = wire.sent(true, 100, 0, 1, "");
    answer.flags = SYN;
    wire.take(&answer);
    assert_eq!(
        wire.a(200, 1, "abc"),
        ["retransmission"],
        "the server did not want it then"
    );
    wire.a(210, 4, "def");
    assert_eq!(wire.read[0], "abcdef");
}

#[test]
fn both_sides_may_close_at_once_or_one_long_before_the_other() {
    let mut wire = Wire::open();
    let mut fin = wire.sent(false, 300, 1, 1, "abc");
    fin.flags = FIN;
    wire.take(&fin);
    assert!(wire.tcp.is_finished(Side::A) && !wire.tcp.is_finished(Side::B));
    let mut more = wire.sent(true, 310, 1, 1, "late");
    assert!(wire.take(&more).is_empty());
    more = wire.sent(true, 320, 5, 1, "");
    more.flags = FIN;
    wire.take(&more);
    wire.ack(330, 5, &[]);
    assert!(wire.tcp.is_finished(Side::B));
    assert_eq!(wire.read, ["abc", "late"]);
    let mut again = wire.sent(false, 400_000, 4, 6, "");
    again.flags = FIN;
    assert_eq!(wire.take(&again), ["retransmission"]);
}

#[test]
fn a_reset_ends_the_stream_unless_it_lies_outside_the_window() {
    let mut wire = Wire::open();
    wire.a(300, 1, "abc");
    let mut reset = wire.sent(false, 310, 5_000_000, 1, "");
    reset.flags = RST;
    wire.take(&reset);
    assert!(!wire.tcp.is_reset());
    assert_eq!(wire.oddities, [Oddity::ResetOutsideWindow]);
    let mut reset = wire.sent(false, 320, 4, 1, "why");
    reset.flags = RST;
    wire.take(&reset);
    assert!(wire.tcp.is_reset());
    wire.a(330, 4, "def");
    assert_eq!(wire.read[0], "abc");
    assert_eq!(wire.oddities[1..], [Oddity::DataAfterReset]);
}

#[test]
fn a_new_syn_is_a_new_connection_and_the_same_one_is_not() {
    let mut wire = Wire::open();
    wire.a(300, 1, "abc");
    for (sequence, flags, new) in [(0, SYN, false), (77, SYN, true), (77, SYN | ACK, false)] {
        let mut syn = wire.sent(false, 400, sequence, 0, "");
        (syn.ack, syn.flags) = (None, flags);
        let bytes = syn.bytes();
        let segment = crate::wire::link::segment(LinkType::RAW, &bytes, 44).unwrap();
        assert_eq!(
            wire.tcp.is_succeeded_by(Side::A, &segment),
            new,
            "{sequence}"
        );
    }
}

proptest! {
    /// However a text is cut, repeated, shuffled and overlapped, it comes out as it was.
    #[test]
    fn any_segmentation_gives_the_same_stream(
        text in "[a-z]{1,200}",
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..40), 0..60),
        base in any::<u32>(),
    ) {
        let mut half = Half::default();
        half.synchronize(base.wrapping_sub(1));
        let mut segments: Vec<_> = cuts.iter().map(|(at, len)| (at.index(text.len()), *len)).collect();
        segments.push((0, text.len()));
        let mut out = Vec::new();
        for (number, (at, len)) in segments.into_iter().enumerate() {
            let end = text.len().min(at + len);
            let payload = Payload {
                bytes: Bytes::copy_from_slice(&text.as_bytes()[at..end]),
                len: end - at,
                packet: PacketId::from_index(number),
                offset_in_packet: u32::try_from(at).unwrap(), fragments: None,
            };
            let sequence = base.wrapping_add(u32::try_from(at).unwrap());
            let arrival = half.payload(sequence, payload, Origin::default, &mut out);
            prop_assert_eq!(arrival.differs, None);
            prop_assert_eq!(arrival.new + arrival.old, (end - at) as u64);
        }
        let mut read = Vec::new();
        for delivery in out {
            let Delivery::Data { offset, bytes, offset_in_packet, .. } = delivery else {
                return Err(TestCaseError::fail("a hole"));
            };
            prop_assert_eq!(offset, read.len() as u64);
            prop_assert_eq!(offset, u64::from(offset_in_packet));
            read.extend(bytes);
        }
        prop_assert_eq!(read, text.as_bytes());
        prop_assert!(half.take_closed().all(|row| row.filled));
    }

    /// Hostile numbers: nothing panics, what comes out ascends without a gap, and books stay small.
    #[test]
    fn any_numbers_are_survived(
        segments in prop::collection::vec(
            (any::<bool>(), 0_u32..3000, prop::option::of(0_u32..3000), any::<u8>(), 0_usize..40,
             prop::collection::vec((0_u32..3000, 0_u32..3000), 0..4), any::<u16>(), prop::bool::weighted(0.02)),
            0..120,
        ),
    ) {
        let mut wire = Wire::default();
        for (b, sequence, ack, flags, len, blocks, window, far) in segments {
            let mut sent = wire.sent(b, 0, sequence, 0, &"x".repeat(len));
            sent.at_us = i64::from(sequence);
            sent.ack = ack.map(|ack| START.wrapping_add(ack));
            sent.flags = flags & if flags > 20 { !(RST | FIN | SYN) } else { 0xff } & !ACK;
            sent.window = window;
            if far {
                sent.sequence = sent.sequence.wrapping_mul(0x9e37_79b9);
            }
            sent.options = vec![1, 1, 5, u8::try_from(2 + 8 * blocks.len()).unwrap()];
            for (left, right) in blocks {
                sent.options.extend(START.wrapping_add(left).to_be_bytes());
                sent.options.extend(START.wrapping_add(right).to_be_bytes());
            }
            wire.take(&sent);
        }
        let mut out = Outcome::default();
        wire.tcp.give_up(PacketId::from_index(wire.packets), &mut out);
        for end in &wire.tcp.ends {
            prop_assert!(end.fingerprints.len() <= MAX_FINGERPRINTS);
            prop_assert!(end.outstanding.len() <= MAX_OUTSTANDING);
            prop_assert!(end.half.next() <= end.half.highest());
        }
        for hole in &wire.tcp.batch.holes {
            prop_assert!(hole.len > 0 && hole.opened <= hole.closed.unwrap());
        }
    }
}
