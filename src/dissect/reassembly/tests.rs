//! Segments in any order and the stream that comes out.

use super::*;
use bytes::Bytes;

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

    fn segment(&mut self, sequence: u32, text: &'static str) -> Arrival {
        let mut out = Vec::new();
        let payload = Payload {
            bytes: Bytes::from_static(text.as_bytes()),
            len: text.len(),
            packet: PacketId::from_index(self.packets),
            offset_in_packet: 54,
            fragments: None,
        };
        self.packets += 1;
        let arrival = self
            .half
            .payload(sequence, payload, Origin::default, &mut out);
        self.collect(out);
        arrival
    }

    fn ack(&mut self, sequence: u32) {
        let mut out = Vec::new();
        self.half
            .acknowledged(sequence, PacketId::from_index(self.packets), &mut out);
        self.packets += 1;
        self.collect(out);
    }

    /// Offset, length and kind of the holes that closed.
    fn holes(&mut self) -> Vec<(u64, u64, &'static str, bool)> {
        let rows = self.half.take_closed();
        rows.map(|row| (row.offset, row.len, row.kind.name(), row.filled))
            .collect()
    }
}

fn new_and_old(arrival: Arrival) -> (u64, u64) {
    (arrival.new, arrival.old)
}

#[test]
fn segments_out_of_order_come_out_in_order() {
    let mut bench = Bench::new(1000);
    assert_eq!(bench.segment(1003, "def").behind, None);
    assert_eq!(bench.segment(1006, "ghi").behind, None);
    assert_eq!(bench.read, "");
    assert!(bench.segment(1000, "abc").behind.is_some());
    assert_eq!(bench.read, "abcdefghi");
    assert_eq!(bench.holes(), [(0, 3, "network", true)]);
}

#[test]
fn a_retransmission_brings_nothing() {
    let mut bench = Bench::new(0);
    bench.segment(0, "abc");
    assert_eq!(new_and_old(bench.segment(0, "abc")), (0, 3));
    bench.segment(6, "ghi");
    assert_eq!(new_and_old(bench.segment(6, "ghi")), (0, 3));
    assert_eq!(new_and_old(bench.segment(3, "def")), (3, 0));
    assert_eq!(bench.read, "abcdefghi");
}

#[test]
fn the_first_arrival_of_a_byte_wins() {
    let mut bench = Bench::new(0);
    bench.segment(0, "abc");
    assert_eq!(bench.segment(1, "XXde").differs, Some(1));
    assert_eq!(bench.read, "abcde");
    bench.segment(6, "gh");
    let arrival = bench.segment(5, "fYYi");
    assert_eq!((new_and_old(arrival), arrival.differs), ((2, 2), Some(6)));
    assert_eq!(
        bench.read, "abcdefghi",
        "what waits behind a hole has arrived too"
    );
    assert_eq!(bench.segment(0, "abcdefghi").differs, None);
    assert_eq!(bench.segment(0, "abcdefghI").differs, Some(8));
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
    assert_eq!(
        bench.holes(),
        [(3, 3, "capture", false), (9, 2, "capture", false)]
    );
    assert_eq!(
        new_and_old(bench.segment(3, "def")),
        (0, 3),
        "given up is given up"
    );
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
    assert!(bench.segment(70, "too old").outside);
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
        fragments: None,
    };
    let mut out = Vec::new();
    bench.half.payload(0, payload, Origin::default, &mut out);
    bench.collect(out);
    bench.segment(5, "f");
    assert_eq!(bench.read, "ab[3]f");
    assert_eq!(bench.holes(), [(2, 3, "capture", false)]);
}

#[test]
fn a_hole_filled_in_part_and_then_acknowledged_is_two() {
    let mut bench = Bench::new(0);
    bench.segment(0, "abc");
    bench.segment(9, "jkl");
    bench.segment(3, "def");
    assert_eq!(bench.holes(), []);
    bench.ack(12);
    assert_eq!(bench.read, "abcdef[3]jkl");
    assert_eq!(
        bench.holes(),
        [(3, 3, "network", true), (6, 3, "capture", false)]
    );
}

#[test]
fn without_acknowledgments_nobody_knows_who_lost_what_is_missing_at_the_end() {
    let mut bench = Bench::new(0);
    bench.segment(3, "def");
    let mut out = Vec::new();
    bench.half.give_up(PacketId::from_index(1), &mut out);
    assert_eq!(bench.holes(), [(0, 3, "capture", false)]);

    let mut bench = Bench::new(0);
    bench.ack(0);
    bench.segment(3, "def");
    bench.half.give_up(PacketId::from_index(2), &mut out);
    assert_eq!(bench.holes(), [(0, 3, "network", false)]);
}

#[test]
fn what_follows_the_fin_or_is_further_than_any_window_is_not_the_stream() {
    let mut bench = Bench::new(0);
    bench.segment(0, "abc");
    assert!(bench.segment(0x6000_0000, "far away").outside);
    assert!(!bench.half.finish(5));
    assert!(bench.segment(5, "late").outside);
    bench.segment(3, "defg");
    assert_eq!(bench.read, "abcde");
    assert!(bench.half.is_finished());
}

#[test]
fn a_side_that_was_never_captured_has_no_holes() {
    let mut bench = Bench::new(0);
    bench.half = Half::default();
    for number in [1000, 2000, 9000] {
        bench.ack(number);
    }
    assert_eq!(bench.read, "");
    bench.segment(9000, "abc");
    assert_eq!(bench.read, "abc");
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
