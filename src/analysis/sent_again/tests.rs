use super::*;
use crate::analysis::conversation::{Conversation, START_NS, data, get, headers, shipped};

const OK: [(&str, &str); 1] = [(":status", "200")];

/// Two responses under way: 1000 bytes of stream 1 at 3 ms, then 500 of stream 3 at 4 ms. The client acknowledges
/// neither.
fn two_downloads() -> Conversation {
    let mut made = Conversation::new();
    made.at_us(1_000).client(&get(1, "/")).client(&get(3, "/"));
    made.at_us(2_500).server(&headers(1, false, &OK));
    made.server(&headers(3, false, &OK));
    made.at_us(2_600).client(&[]);
    made.at_us(3_000).server(&data(1, 1000, false));
    made.at_us(4_000).server(&data(3, 500, false));
    made
}

fn found(trace: &Trace) -> Vec<SentAgain> {
    sent_again(trace, trace.main_connection().unwrap())
}

/// Stream, beginning and end of the wait in microseconds after the first packet.
fn waits(copy: &SentAgain) -> Vec<(u32, i64, i64)> {
    let us = |time_ns: i64| (time_ns - START_NS) / 1000;
    let waited = copy.held_back.iter();
    waited
        .map(|waited| (waited.stream.0, us(waited.since_ns), us(waited.until_ns)))
        .collect()
}

#[test]
fn after_a_timeout_the_acknowledgment_tells_who_waited() {
    let mut made = two_downloads();
    made.at_us(250_000)
        .server_again(1_518, &data(1, 1000, false));
    made.at_us(252_000).client(&[]);
    made.at_us(260_000).server(&data(3, 100, true));
    let copies = found(&made.trace());
    let [copy] = copies.as_slice() else {
        panic!("{copies:?}");
    };
    assert_eq!((copy.why, copy.hole), (Why::Timeout, None));
    assert_eq!(copy.streams, [StreamId(1)]);
    assert_eq!(copy.range.end - copy.range.start, 1_009);
    assert_eq!(waits(copy), [(1, 3_000, 250_000), (3, 4_000, 250_000)]);
}

#[test]
fn what_the_acknowledgment_leaves_out_had_not_come_either() {
    let mut made = two_downloads();
    made.at_us(250_000)
        .server_again(1_518, &data(1, 1000, false));
    made.client_owes(509).at_us(252_000).client(&[]);
    made.client_owes(0).at_us(253_000);
    made.server_again(509, &data(3, 500, false));
    made.at_us(255_000).client(&[]);
    let copies = found(&made.trace());
    assert_eq!(copies.len(), 2, "{copies:?}");
    assert_eq!(waits(&copies[0]), [(1, 3_000, 250_000)]);
    assert_eq!(waits(&copies[1]), [(3, 4_000, 253_000)]);
}

#[test]
fn what_was_acknowledged_is_sent_again_in_vain_and_nobody_waits() {
    let mut made = two_downloads();
    made.at_us(5_000).client(&[]);
    made.at_us(250_000)
        .server_again(1_518, &data(1, 1000, false));
    let copies = found(&made.trace());
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].why, Why::InVain);
    assert!(copies[0].held_back.is_empty());
}

#[test]
fn an_acknowledgment_that_comes_too_soon_is_for_the_first_one() {
    for (answer_us, why) in [(300_100, Why::InVain), (302_500, Why::Timeout)] {
        // A round trip takes 2 ms.
        let mut made = Conversation::mid_connection();
        made.at_us(1_000).client(&get(1, "/")).client(&get(3, "/"));
        made.at_us(3_000).server(&headers(1, false, &OK));
        made.server(&headers(3, false, &OK));
        made.at_us(5_000).client(&[]);
        made.at_us(6_000).server(&data(1, 1000, false));
        made.at_us(300_000)
            .server_again(1_009, &data(1, 1000, false));
        made.at_us(answer_us).client(&[]);
        let copies = found(&made.trace());
        assert_eq!(copies.len(), 1);
        assert_eq!(copies[0].why, why, "an answer after {answer_us} µs");
        assert_eq!(copies[0].held_back.is_empty(), why == Why::InVain);
    }
}

/// Every segment that the network dropped, by its own record, was sent again and filled the hole that the receiver
/// told of.
#[test]
fn every_dropped_segment_of_a_capture_near_the_sender_is_found_with_its_hole() {
    let trace = shipped("lossy-sender.pcapng");
    let connection = trace.main_connection().unwrap();
    let copies = found(&trace);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let record = std::fs::read_to_string(path.join("captures/lossy-sender.wire.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let dropped: Vec<u64> = (record["deeds"].as_array().unwrap().iter())
        .filter(|deed| deed["fate"] == "dropped")
        .map(|deed| deed["sequence"].as_u64().unwrap())
        .collect();
    assert!(dropped.len() >= 4);
    let side = connection.side(crate::trace::Direction::Server);
    let base = u64::from(connection.tcp().sides[side.index()].base.unwrap());
    for sequence in dropped {
        let copy = copies
            .iter()
            .find(|copy| copy.range.contains(&(sequence - base)));
        let copy = copy.unwrap_or_else(|| panic!("{sequence} is not in {copies:?}"));
        assert!(copy.first.is_some(), "the capture has both");
        let hole = connection.tcp().holes.get(copy.hole.unwrap()).unwrap();
        assert!(hole.range().contains(&(sequence - base)));
        let behind = blocking::behind(&trace, connection, hole);
        assert_eq!(copy.held_back, behind.streams);
        assert!(!copy.held_back.is_empty());
    }
}

#[test]
fn in_a_capture_near_the_receiver_the_copy_is_the_first_to_come() {
    let trace = shipped("lossy.pcapng");
    let copies = found(&trace);
    let numbers: Vec<u64> = copies.iter().map(|copy| copy.packet.number()).collect();
    assert_eq!(numbers, [91, 276]);
    for copy in copies {
        assert_eq!((copy.why, copy.first), (Why::Asked, None));
        assert!(copy.hole.is_some() && !copy.held_back.is_empty());
    }
}
