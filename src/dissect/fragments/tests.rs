use bytes::Bytes;
use proptest::prelude::*;

use super::super::Dissector;
use super::*;
use crate::capture::{Capture, Event, Interface, Packet};
use crate::trace::{Side, Trace};
use crate::wire::link::LinkType;
use etherparse::PacketBuilder;

/// An IPv4 or IPv6 packet with a TCP segment.
fn tcp(six: bool, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    if six {
        PacketBuilder::ipv6([1; 16], [2; 16], 64)
            .tcp(50000, 8080, sequence, 65535)
            .write(&mut packet, payload)
            .unwrap();
    } else {
        PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .tcp(50000, 8080, sequence, 65535)
            .write(&mut packet, payload)
            .unwrap();
    }
    packet
}

/// The part `from..to` of a packet's IP payload as a fragment; `more` follow.
fn fragment(packet: &[u8], id: u8, from: usize, to: usize, more: bool) -> Vec<u8> {
    let six = packet[0] >> 4 == 6;
    let (header, payload) = packet.split_at(if six { 40 } else { 20 });
    let mut fragment = header.to_vec();
    let offset = u16::try_from(from).unwrap();
    if six {
        let len = u16::try_from(to - from + 8).unwrap();
        fragment[4..6].copy_from_slice(&len.to_be_bytes()); // payload length
        fragment[6] = 44; // next header: fragment
        fragment.extend([6, 0]); // next header: TCP, reserved
        fragment.extend((offset | u16::from(more)).to_be_bytes());
        fragment.extend([0, 0, 0, id]);
    } else {
        let len = u16::try_from(to - from + 20).unwrap();
        fragment[2..4].copy_from_slice(&len.to_be_bytes()); // total length
        fragment[4..6].copy_from_slice(&[0, id]);
        let flags = u16::from(more) << 13;
        fragment[6..8].copy_from_slice(&((offset / 8) | flags).to_be_bytes());
    }
    fragment.extend(&payload[from..to]);
    fragment
}

/// A capture of raw IP in memory, read as a file of the pcap format.
fn read(packets: &[(Vec<u8>, usize)]) -> Trace {
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]; // magic, version 2.4
    file.extend([0; 8]); // time zone, accuracy
    file.extend(262_144_u32.to_le_bytes()); // snapshot length
    file.extend(101_u32.to_le_bytes()); // raw IP
    for (second, (bytes, captured)) in packets.iter().enumerate() {
        file.extend(u32::try_from(second).unwrap().to_le_bytes());
        file.extend([0; 4]);
        file.extend(u32::try_from(*captured).unwrap().to_le_bytes());
        file.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        file.extend(&bytes[..*captured]);
    }
    super::super::read_all(Capture::from_bytes(file.into(), "test").unwrap())
}

fn whole(packets: Vec<Vec<u8>>) -> Vec<(Vec<u8>, usize)> {
    packets
        .into_iter()
        .map(|packet| {
            let len = packet.len();
            (packet, len)
        })
        .collect()
}

/// The stream of the one connection, through its pieces and the file.
fn stream(trace: &Trace) -> Vec<u8> {
    let stream = trace.connections[0].stream(Side::A);
    let bytes = stream.read(0..stream.len(), &trace.packets, &trace.source);
    bytes.unwrap().to_vec()
}

fn rules(trace: &Trace) -> Vec<&'static str> {
    trace.findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn fragments_in_any_order_become_the_segment_and_point_at_their_packets() {
    let text: Vec<u8> = (0..100).collect();
    for six in [false, true] {
        let packet = tcp(six, 1, &text);
        let parts = [(0, 40, true), (40, 80, true), (80, 120, false)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
            let mut packets = vec![tcp(six, 1, &[])];
            for index in order {
                let (from, to, more) = parts[index];
                packets.push(fragment(&packet, 7, from, to, more));
                packets.push(fragment(&packet, 7, from, to, more)); // captured twice
            }
            packets.truncate(6); // the twin of the last would wait for a packet of its own
            packets.push(tcp(six, 101, b"next"));
            let trace = read(&whole(packets));
            assert_eq!(stream(&trace), [&text[..], b"next"].concat(), "{order:?}");
            let pieces: Vec<_> = trace.connections[0]
                .stream(Side::A)
                .pieces()
                .iter()
                .map(|piece| {
                    (
                        piece.packet.unwrap().index(),
                        piece.len,
                        piece.readable.index(),
                    )
                })
                .collect();
            let place = |part| 1 + 2 * order.iter().position(|at| *at == part).unwrap();
            // The first part has the TCP header, 20 bytes. All became readable with packet 5.
            let expected = [
                (place(0), 20, 5),
                (place(1), 40, 5),
                (place(2), 40, 5),
                (6, 4, 6),
            ];
            assert_eq!(pieces, expected, "{order:?}");
            assert_eq!(rules(&trace), [""; 0]);
            assert!(trace.packets.get(5).unwrap().owner.is_some());
        }
    }
}

#[test]
fn of_overlapping_fragments_the_first_wins_in_ipv4_and_the_packet_is_dropped_in_ipv6() {
    let good = tcp(false, 1, &[b'a'; 60]);
    let bad = tcp(false, 1, &[b'X'; 60]);
    let packets = vec![
        fragment(&good, 7, 0, 40, true),
        fragment(&bad, 7, 24, 64, true),
        fragment(&good, 7, 56, 80, false),
    ];
    let trace = read(&whole(packets));
    let expected = [&[b'a'; 20][..], &[b'X'; 24], &[b'a'; 16]].concat();
    assert_eq!(stream(&trace), expected);
    assert_eq!(rules(&trace), ["fragments-overlap"]);

    let good = tcp(true, 1, &[b'a'; 60]);
    let packets = vec![
        fragment(&good, 7, 0, 40, true),
        fragment(&good, 7, 24, 64, true),
        fragment(&good, 7, 40, 80, false),
    ];
    let trace = read(&whole(packets));
    assert!(trace.connections.is_empty());
    assert_eq!(rules(&trace), ["fragments-overlap"]);
}

#[test]
fn fragments_that_contradict_or_never_come_are_findings() {
    let packet = tcp(false, 1, &[b'a'; 60]);
    // Two ends.
    let two = vec![
        fragment(&packet, 7, 40, 80, false),
        fragment(&packet, 7, 40, 72, false),
        fragment(&packet, 7, 0, 40, true),
    ];
    let trace = read(&whole(two));
    assert_eq!(rules(&trace), ["fragments-overlap"]);
    // Further than a packet reaches.
    let mut far = fragment(&packet, 7, 40, 80, false);
    far[6..8].copy_from_slice(&0x1fff_u16.to_be_bytes());
    assert_eq!(rules(&read(&whole(vec![far]))), ["fragments-overlap"]);
    // The end never comes.
    let trace = read(&whole(vec![fragment(&packet, 7, 0, 40, true)]));
    assert_eq!(rules(&trace), ["fragments-missing"]);
    assert_eq!(
        trace.packets.get(0).unwrap().skipped.unwrap().name(),
        "ip-fragment"
    );
}

#[test]
fn a_fragment_cut_by_the_snapshot_length_leaves_a_hole_of_true_length() {
    let packet = tcp(false, 1, &[b'a'; 60]);
    let first = fragment(&packet, 7, 0, 40, true);
    let second = fragment(&packet, 7, 40, 80, false);
    let next = tcp(false, 61, b"next");
    let trace = read(&[
        (first.clone(), first.len()),
        (second, 30), // 10 bytes of payload
        (next.clone(), next.len()),
    ]);
    let stream = trace.connections[0].stream(Side::A);
    assert_eq!(stream.len(), 64);
    let prefix = stream.read_prefix(0..64, &trace.packets, &trace.source);
    assert_eq!(prefix.len(), 30);
    assert_eq!(
        stream.read(60..64, &trace.packets, &trace.source).unwrap(),
        "next"
    );
}

#[test]
fn a_tunnel_that_was_fragmented_is_opened() {
    let inner = tcp(false, 1, &[b'a'; 60]);
    let mut outer = vec![
        0x45, 0, 0, 0, 0, 1, 0, 0, 64, 4, 0, 0, 172, 16, 0, 1, 172, 16, 0, 2, // IP in IP
    ];
    outer.extend(&inner);
    let trace = read(&whole(vec![
        fragment(&outer, 7, 0, 48, true),
        fragment(&outer, 7, 48, 100, false),
    ]));
    assert_eq!(stream(&trace), [b'a'; 60]);
}

#[test]
fn what_waits_is_bounded() {
    let mut fragments = Fragments::default();
    let mut findings = Vec::new();
    let payload = vec![0; 60_000];
    for number in 0..20_000_u32 {
        let fragment = Fragment {
            source: [10, 0, 0, 1].into(),
            destination: [10, 0, 0, 2].into(),
            id: number,
            protocol: 17,
            offset: 8,
            more: true,
            payload: &payload,
            payload_len: payload.len(),
            payload_offset: 20,
        };
        let id = PacketId::from_index(number as usize);
        assert!(
            fragments
                .fragment(id, 0, &fragment, &mut findings)
                .is_none()
        );
        assert!(fragments.bytes <= MAX_FRAGMENT_BYTES);
        assert!(fragments.datagrams.len() <= MAX_DATAGRAMS);
        assert!(fragments.order.len() <= MAX_DATAGRAMS);
    }
    // Many small ones of few packets.
    for number in 0..40_000_u32 {
        let fragment = Fragment {
            source: [10, 0, 0, 1].into(),
            destination: [10, 0, 0, 3].into(),
            id: number / 8000,
            protocol: 17,
            offset: number as usize % 8000 * 8,
            more: true,
            payload: &[1],
            payload_len: 1,
            payload_offset: 20,
        };
        let id = PacketId::from_index(number as usize);
        fragments.fragment(id, 0, &fragment, &mut findings);
        assert!(fragments.pieces <= MAX_FRAGMENTS);
    }
    fragments.finish(&mut findings);
    assert_eq!((fragments.bytes, fragments.pieces), (0, 0));
    assert!(findings.is_empty());
}

#[test]
fn a_link_that_cannot_be_read_is_named_once_and_check_sequences_are_cut_off() {
    let mut dissector = Dissector::new();
    let interface = |number, link_type, fcs_len| {
        Event::Interface(Interface {
            number,
            section: 0,
            link_type,
            snapshot_len: None,
            fcs_len,
            name: None,
            description: None,
            filter: None,
            comment: None,
        })
    };
    let packet = |interface, link_type, bytes: Vec<u8>| {
        Event::Packet(Packet {
            time_ns: 0,
            timed: true,
            interface,
            link_type,
            original_len: u32::try_from(bytes.len()).unwrap(),
            offset: 0,
            bytes: Bytes::from(bytes),
            comment: Some("why?".into()),
        })
    };
    let mut segment = tcp(false, 1, b"hi");
    segment[2..4].fill(0); // total length: not filled in, so the end of the packet says it
    segment.extend([0xfc; 4]); // frame check sequence
    dissector.event(interface(0, LinkType(147), 0));
    dissector.event(interface(1, LinkType::RAW, 4));
    for _ in 0..3 {
        dissector.event(packet(0, LinkType(147), vec![1, 2, 3]));
    }
    dissector.event(packet(1, LinkType::RAW, segment));
    let mut trace = Trace::new(crate::capture::Source::empty());
    trace.append(dissector.take_batch());
    assert_eq!(rules(&trace), ["unsupported-link-type"]);
    assert_eq!(trace.connections[0].stream(Side::A).len(), 2);
    assert_eq!(trace.comment(PacketId::from_index(3)), Some("why?"));
    assert_eq!(trace.comment(PacketId::from_index(4)), None);
}

/// Down from every byte of the stream to its packet, and up again; and up from every byte of every packet.
fn provenance_holds(trace: &Trace) {
    let connection = &trace.connections[0];
    let stream = connection.stream(Side::A);
    let mut places = std::collections::BTreeMap::new();
    for run in trace.file_runs(connection, Side::A, 0..stream.len()) {
        for step in 0..run.len {
            let offset = run.offset + u64::from(step);
            places.insert((run.packet, run.offset_in_packet + step), offset);
            let in_file = trace.source.bytes(run.file_offset + u64::from(step), 1);
            let read = stream.read(offset..offset + 1, &trace.packets, &trace.source);
            assert_eq!(in_file.unwrap(), read.unwrap());
        }
    }
    for (index, row) in trace.packets.iter().enumerate() {
        let id = PacketId::from_index(index);
        for at in 0..row.captured {
            let owner = trace.owner_of(id, at);
            assert_eq!(
                owner.map(|owner| owner.offset),
                places.remove(&(id, at)),
                "byte {at} of {id:?}"
            );
            assert!(owner.is_none_or(|owner| owner.side == Side::A));
        }
    }
    assert!(places.is_empty());
}

#[test]
fn bytes_of_fragments_that_wait_for_others_are_found_too() {
    let text: Vec<u8> = (0..=255).collect();
    let late = tcp(false, 101, &text[100..180]);
    let trace = read(&whole(vec![
        tcp(false, 1, &text[..40]),
        fragment(&late, 7, 40, 100, false),
        tcp(false, 181, &text[180..]),
        fragment(&late, 7, 0, 40, true), // whole, but bytes 40 to 99 of the stream are missing
        tcp(false, 21, &text[20..60]),
        fragment(&tcp(false, 41, &text[40..100]), 8, 0, 24, true),
        fragment(&tcp(false, 41, &text[40..100]), 8, 24, 80, false),
    ]));
    assert_eq!(stream(&trace), text);
    assert_eq!(trace.fragments.len(), 4);
    provenance_holds(&trace);
    let owner = trace.owner_of(PacketId::from_index(1), 20).unwrap();
    assert_eq!(
        owner.offset, 120,
        "20 bytes of the segment's payload lie in the other fragment"
    );
}

proptest! {
    /// However the fragments come: what is joined is what was there, byte for byte.
    #[test]
    fn a_packet_cut_anywhere_is_joined(
        cuts in prop::collection::btree_set(1_usize..60, 0..8),
        shuffle in any::<u64>(),
        six in any::<bool>(),
    ) {
        let text: Vec<u8> = (0..=255).cycle().take(480).collect();
        let packet = tcp(six, 1, &text[..460]);
        let mut ends: Vec<usize> = cuts.into_iter().map(|cut| cut * 8).collect();
        ends.push(480);
        let mut from = 0;
        let mut packets = Vec::new();
        for to in ends {
            // One fragment alone would be none.
            if (from, to) != (0, 480) {
                packets.push(fragment(&packet, 9, from, to, to < 480));
            }
            from = to;
        }
        let mut seed = shuffle;
        for at in (1..packets.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            packets.swap(at, usize::try_from(seed >> 33).unwrap() % (at + 1));
        }
        if packets.is_empty() {
            packets.push(packet);
        }
        let trace = read(&whole(packets));
        prop_assert_eq!(stream(&trace), &text[..460]);
        provenance_holds(&trace);
    }

    #[test]
    fn any_fragments_are_survived(
        parts in prop::collection::vec((0_usize..60, 0_usize..20, any::<bool>(), 0_u8..3), 0..30),
        six in any::<bool>(),
    ) {
        let packet = tcp(six, 1, &[5; 700]);
        let packets = parts
            .into_iter()
            .map(|(from, len, more, id)| fragment(&packet, id, from * 8, from * 8 + len * 3, more))
            .collect();
        let trace = read(&whole(packets));
        for connection in &trace.connections {
            let stream = connection.stream(Side::A);
            let mut next = 0;
            for piece in stream.pieces().iter() {
                prop_assert_eq!(piece.offset, next);
                next = piece.end();
            }
        }
    }
}
