use crate::program::shipped;
use proptest::prelude::*;
use wireloom::capture::Capture;
use wireloom::dissect::read_all;
use wireloom::hostile::{self, look_at_everything};
use wireloom::trace::Trace;

fn read(bytes: Vec<u8>) -> Option<Trace> {
    Capture::from_bytes(bytes.into(), "test").ok().map(read_all)
}

#[test]
fn a_capture_may_end_anywhere() {
    let bytes = std::fs::read(shipped("upgrade.pcapng")).unwrap();
    for len in 0..bytes.len() {
        if let Some(trace) = read(bytes[..len].to_vec()) {
            look_at_everything(&trace);
        }
    }
}

#[test]
fn any_packet_may_be_missing() {
    use wireloom::capture::Event;
    use wireloom::dissect::Dissector;
    let path = shipped("large-headers.pcapng");
    let whole = read_all(Capture::open(&path).unwrap());
    for missing in 0..whole.packets.len() {
        let capture = Capture::open(&path).unwrap();
        let mut trace = Trace::new(capture.source());
        let mut dissector = Dissector::new();
        let mut number = 0;
        for event in capture {
            if matches!(event, Event::Packet(_)) {
                number += 1;
                if number - 1 == missing {
                    continue;
                }
            }
            dissector.event(event);
        }
        dissector.finish();
        trace.append(dissector.take_batch());
        look_at_everything(&trace);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_bytes_never_panic(
        name in prop::sample::select(vec!["large-headers.pcapng", "push.pcap", "mid-connection.pcapng", "tls.pcapng"]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
    ) {
        let mut bytes = std::fs::read(shipped(name)).unwrap();
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(trace) = read(bytes) {
            look_at_everything(&trace);
        }
    }
}

/// The invariants that the fuzz targets check, on the shipped captures and on copies damaged the same way each time.
#[test]
fn what_must_hold_of_any_bytes_holds_of_the_seeds_of_the_fuzz_targets() {
    use wireloom::capture::Event;
    let mut seed = 1_u64;
    let mut random = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for name in ["large-headers.pcapng", "push.pcap", "upgrade.pcapng"] {
        let whole = std::fs::read(shipped(name)).unwrap();
        let packed = ruzstd_of(&whole);
        for round in 0..12 {
            let (mut bytes, mut packed) = (whole.clone(), packed.clone());
            for _ in 0..round {
                let at = random(bytes.len());
                bytes[at] = u8::try_from(random(256)).unwrap();
                let at = random(packed.len());
                packed[at] = u8::try_from(random(256)).unwrap();
            }
            hostile::capture(&bytes);
            hostile::dissect(&bytes);
            hostile::unpack(&packed);
        }
        for event in Capture::open(&shipped(name)).unwrap() {
            let Event::Packet(packet) = event else {
                continue;
            };
            for link_type in [0_u16, 1, 9, 50, 51, 101, 108, 113, 276] {
                let mut bytes = link_type.to_le_bytes().to_vec();
                bytes.extend_from_slice(&packet.bytes);
                hostile::link(&bytes);
                bytes.truncate(2 + random(packet.bytes.len().min(120)));
                hostile::link(&bytes);
            }
        }
    }
}

fn ruzstd_of(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn choices_made_by_chance_never_panic() {
    let mut seed = 7_u64;
    for round in 0..300 {
        let bytes: Vec<u8> = (0..round * 5)
            .map(|_| {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                u8::try_from(seed >> 56).unwrap()
            })
            .collect();
        hostile::segments(&bytes);
        hostile::conversation(&bytes);
        hostile::http1(&bytes);
        hostile::frame(&bytes);
        hostile::hpack(&bytes);
        hostile::content(&bytes);
        hostile::coded(&bytes);
    }
}

/// Each coding alone, two together and one that is unknown; in small pieces and large ones; whole, cut at any of the last
/// bytes, and with any of the first ones damaged; a few bytes, and a bomb that unpacks to a megabyte.
#[test]
fn bodies_that_were_compressed_as_a_whole_may_be_cut_and_damaged() {
    let codings: [&[u8]; 6] = [
        &[0, 0],
        &[0, 1],
        &[0, 4],
        &[1, 0, 1],
        &[1, 1, 0],
        &[2, 0, 0, 1],
    ];
    for codings in codings {
        for (limit_bits, piece_len, repeated) in
            [(17, 0, 0), (17, 6, 5), (9, 255, 15), (17, 255, 15)]
        {
            let run = |cut_off: u8, damaged_at: u8, damage: u8| {
                let mut bytes = codings.to_vec();
                bytes.extend([limit_bits, piece_len, repeated, cut_off, damaged_at, damage]);
                bytes.extend(b"\0\0\0\0\x0a\x0a\x08wireloom, and what it had to say");
                hostile::coded(&bytes);
            };
            // A bomb takes its time.
            let step = if repeated == 15 { 16 } else { 1 };
            for cut_off in (0..60).step_by(step) {
                run(cut_off, 0, 0);
            }
            for damaged_at in (0..60).step_by(step) {
                run(0, damaged_at, 0x41);
            }
        }
    }
}
