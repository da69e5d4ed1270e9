use crate::program::shipped;
use proptest::prelude::*;
use wireloom::capture::Capture;
use wireloom::dissect::read_all;
use wireloom::report;
use wireloom::trace::{FrameId, Http2State, Trace};

fn read(bytes: Vec<u8>) -> Option<Trace> {
    Capture::from_bytes(bytes.into(), "test").ok().map(read_all)
}

/// Asks everything that the commands ask.
fn look_at_everything(trace: &Trace) {
    let mut out = std::io::sink();
    let json = report::Format::Json;
    report::write_rows(&mut out, json, report::frames::frames(trace)).unwrap();
    report::write_rows(&mut out, json, report::streams::streams(trace)).unwrap();
    report::write_rows(&mut out, json, report::headers::headers(trace)).unwrap();
    report::write_rows(&mut out, json, report::connections::connections(trace)).unwrap();
    report::write_rows(&mut out, json, report::findings::findings(trace)).unwrap();
    report::stats::stats(trace);
    for connection in &trace.connections {
        let frames = connection.http2().map_or(0, |http2| http2.frames.len());
        for at in [0, frames / 2, frames] {
            let frame = at.checked_sub(1).map(FrameId::from_index);
            if let Some(state) = Http2State::after(connection, frame) {
                let state = report::state::state(trace, connection, &state);
                state.write_table(&mut out).unwrap();
            }
        }
    }
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
        let mut capture = Capture::open(&path).unwrap();
        let mut trace = Trace::new(capture.source());
        let mut dissector = Dissector::new();
        let mut number = 0;
        while let Some(event) = capture.next() {
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
