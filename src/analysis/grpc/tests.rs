//! Calls made by hand, one for each way to end and each way to lie in frames.

use super::*;
use crate::analysis::conversation::{
    Conversation, START_NS, cancel, data, frame, headers, shipped,
};
use crate::trace::Trace;
use crate::wire::grpc::{Encoding, GrpcStatus, PingPurpose, Prefix, Transport};
use crate::wire::http2::{ErrorCode, Flags, FrameKind, StreamId};
use proptest::prelude::*;

const REQUEST: [(&str, &str); 7] = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/users.UserService/GetUser"),
    (":authority", "users.example"),
    ("content-type", "application/grpc"),
    ("te", "trailers"),
    ("grpc-timeout", "500m"),
];
const RESPONSE: [(&str, &str); 2] = [(":status", "200"), ("content-type", "application/grpc")];

fn request(stream: u32) -> Vec<u8> {
    headers(stream, false, &REQUEST)
}

fn request_with(stream: u32, more: &[(&str, &str)]) -> Vec<u8> {
    headers(stream, false, &[&REQUEST[..6], more].concat())
}

fn response(stream: u32) -> Vec<u8> {
    headers(stream, false, &RESPONSE)
}

fn trailers(stream: u32, status: &str) -> Vec<u8> {
    headers(stream, true, &[("grpc-status", status)])
}

fn message(flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    let mut bytes = Prefix { flags, length }.encode().to_vec();
    bytes.extend_from_slice(payload);
    bytes
}

fn content(stream: u32, ends: bool, bytes: &[u8]) -> Vec<u8> {
    let flags = Flags::NONE.with_if(ends, Flags::END_STREAM);
    frame(FrameKind::DATA, flags, stream, bytes)
}

/// `GOAWAY` with NO_ERROR.
fn goaway(last: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), [0; 4]].concat();
    frame(FrameKind::GOAWAY, Flags::NONE, 0, &payload)
}

fn only(trace: &Trace) -> Call {
    let calls: Vec<Call> = calls(trace).collect();
    assert_eq!(calls.len(), 1);
    calls.into_iter().next().unwrap()
}

fn rules(trace: &Trace) -> Vec<&'static str> {
    survey(trace)
        .findings
        .iter()
        .map(|finding| finding.rule)
        .collect()
}

/// The messages of stream 1 as (direction, bytes once unpacked, whole).
fn contents(trace: &Trace) -> Vec<(&'static str, Vec<u8>, bool)> {
    let connection = &trace.connections[0];
    let call = only(trace);
    let messages = messages(trace, connection, call.id.carrier).unwrap();
    let read = |message: &Message| {
        let encoding = call.encoding(message.direction);
        let body = messages.body(message);
        let payload = Payload::read(trace, connection, body, message, encoding);
        let bytes = payload.decoded.unwrap_or_default().to_vec();
        (message.direction.name(), bytes, message.whole)
    };
    messages.list.iter().map(read).collect()
}

#[test]
fn a_call_is_asked_answered_and_ended_by_trailers() {
    let mut talk = Conversation::new();
    talk.at_us(1_000).client(&request(1));
    talk.at_us(1_500)
        .client(&content(1, true, &message(0, b"\x08\x2a")));
    talk.at_us(3_000).server(&response(1));
    talk.at_us(4_000)
        .server(&content(1, false, &message(0, b"\x0a\x01A")));
    talk.at_us(5_000).server(&headers(
        1,
        true,
        &[
            ("grpc-status", "0"),
            ("grpc-message", "all %C3%A4r"),
            ("took", "3 ms"),
            ("sum-bin", "AAH+/w"),
        ],
    ));
    let trace = talk.trace();
    let call = only(&trace);
    assert_eq!(call.service(), Some("users.UserService"));
    assert_eq!(call.method(), Some("GetUser"));
    assert_eq!(
        (call.known_by, call.transport),
        (KnownBy::ContentType, Transport::Grpc)
    );
    assert_eq!(call.kind_seen, CallKind::Unary);
    assert_eq!((call.messages, call.bytes), ([1, 1], [2, 3]));
    assert_eq!(call.status, Some(GrpcStatus::OK));
    assert_eq!(call.status_message.as_deref(), Some("all är".as_bytes()));
    assert_eq!(call.ended_by, EndedBy::Trailers);
    assert_eq!(call.started_ns, START_NS + 1_000_000);
    assert_eq!(call.first_response_ns, Some(START_NS + 3_000_000));
    assert_eq!(call.ended_ns, Some(START_NS + 5_000_000));
    let trailing = &call.trailing_metadata;
    assert_eq!(trailing.len(), 2);
    assert_eq!(trailing[0].value.as_deref(), Some(&b"3 ms"[..]));
    assert_eq!(trailing[1].binary, Some(Ok(vec![0, 1, 254, 255])));
    assert_eq!(rules(&trace), [""; 0]);
    // The deadline, as it shrinks.
    let left_ms = |at_ms: i64| {
        let left_ns = call.time_left_ns(START_NS + at_ms * 1_000_000)?;
        Some(left_ns / 1_000_000)
    };
    assert_eq!(left_ms(0), None);
    assert_eq!(left_ms(1), Some(500));
    assert_eq!(left_ms(4), Some(497));
    assert_eq!(left_ms(6), None);
}

#[test]
fn messages_have_times_frames_and_places() {
    let mut talk = Conversation::new();
    let bytes = [
        message(0, b"first"),
        message(0, b"second"),
        message(0, b"third"),
    ]
    .concat();
    talk.client(&request(1));
    // The first two in one frame with padding; the third in three frames, one of them empty.
    let mut padded = vec![3];
    padded.extend_from_slice(&bytes[..21 + 2]);
    padded.extend([0; 3]);
    talk.at_us(10)
        .client(&frame(FrameKind::DATA, Flags::PADDED, 1, &padded));
    talk.at_us(20).client(&content(1, false, b""));
    talk.at_us(30).client(&content(1, false, &bytes[23..28]));
    talk.at_us(40).client(&content(1, true, &bytes[28..]));
    let trace = talk.trace();
    let connection = &trace.connections[0];
    let found = messages(&trace, connection, StreamId(1)).unwrap();
    let times: Vec<i64> = found.list.iter().map(|m| m.time_ns - START_NS).collect();
    assert_eq!(times, [10_000, 10_000, 40_000]);
    let third = &found.list[2];
    assert_eq!(third.number, 2);
    assert!(third.first < third.last);
    let cursor = third.cursor(connection).unwrap();
    assert_eq!(
        cursor.frame_count(connection),
        third.last.frame().unwrap().index() + 1
    );
    let places = third.places(found.body(third));
    assert_eq!(places.len(), 3);
    let side = connection.side(Direction::Client);
    let joined: Vec<u8> = places
        .into_iter()
        .flat_map(|(_, range)| {
            let stream = connection.stream(side);
            stream.read(range, &trace.packets, &trace.source).unwrap()
        })
        .collect();
    assert_eq!(joined, message(0, b"third"));
    let texts: Vec<_> = contents(&trace)
        .into_iter()
        .map(|(_, bytes, _)| bytes)
        .collect();
    assert_eq!(texts, [&b"first"[..], b"second", b"third"]);
}

#[test]
fn a_reply_of_nothing_but_trailers_is_told_apart() {
    let mut talk = Conversation::new();
    talk.client(&request(1))
        .client(&content(1, true, &message(0, b"")));
    talk.server(&headers(
        1,
        true,
        &[
            (":status", "200"),
            ("content-type", "application/grpc"),
            ("grpc-status", "5"),
            ("why", "gone"),
        ],
    ));
    let trace = talk.trace();
    let call = only(&trace);
    assert_eq!(call.ended_by, EndedBy::TrailersOnly);
    assert_eq!(call.status.and_then(GrpcStatus::name), Some("NOT_FOUND"));
    assert!(call.initial_metadata.is_empty());
    assert_eq!(call.trailing_metadata.len(), 1);
    assert_eq!(call.messages, [1, 0]);
    assert_eq!(rules(&trace), [""; 0]);
}

#[test]
fn who_resets_a_call_is_known_and_whether_its_time_was_over() {
    let mut talk = Conversation::new();
    talk.client(&request(1))
        .client(&content(1, true, &message(0, b"x")));
    talk.at_us(480_000).client(&cancel(1));
    let early = only(&talk.trace());
    assert_eq!(early.ended_by, EndedBy::Reset(Direction::Client));
    let cancelled = early.cancelled.unwrap();
    assert_eq!(
        (cancelled.by, cancelled.error),
        (Direction::Client, ErrorCode::CANCEL)
    );
    assert!(!cancelled.deadline_passed);
    assert_eq!(early.implied_status, Some(GrpcStatus::CANCELLED));

    // What is sent is rounded up, so that the caller's own time is over a little before.
    let mut talk = Conversation::new();
    talk.client(&request(1))
        .client(&content(1, true, &message(0, b"x")));
    talk.at_us(498_000).client(&cancel(1));
    let over = only(&talk.trace());
    assert!(over.cancelled.unwrap().deadline_passed);
    assert_eq!(over.implied_status, Some(GrpcStatus::DEADLINE_EXCEEDED));

    let mut talk = Conversation::new();
    talk.client(&request(1))
        .client(&content(1, true, &message(0, b"x")));
    talk.at_us(501_000).client(&cancel(1));
    // Trailers that cross it still say what the server thought.
    talk.at_us(502_000)
        .server(&response(1))
        .server(&trailers(1, "4"));
    let late = only(&talk.trace());
    assert_eq!(late.ended_by, EndedBy::Reset(Direction::Client));
    assert!(late.cancelled.unwrap().deadline_passed);
    assert_eq!(late.status, Some(GrpcStatus::DEADLINE_EXCEEDED));
    assert_eq!(late.ended_ns, Some(START_NS + 501_000_000));

    let mut talk = Conversation::new();
    talk.client(&request(1))
        .server(&frame(FrameKind::RST_STREAM, Flags::NONE, 1, &[0, 0, 0, 7]));
    let refused = only(&talk.trace());
    assert_eq!(refused.ended_by, EndedBy::Reset(Direction::Server));
    assert_eq!(refused.implied_status, Some(GrpcStatus::UNAVAILABLE));
}

#[test]
fn a_status_that_comes_after_the_caller_gave_up_is_not_what_the_caller_reports() {
    let seen = |error: u8, status: &str| {
        let mut talk = Conversation::new();
        talk.client(&request(1));
        talk.client(&content(1, true, &message(0, b"x")));
        talk.server(&response(1));
        talk.client(&frame(
            FrameKind::RST_STREAM,
            Flags::NONE,
            1,
            &[0, 0, 0, error],
        ));
        talk.server(&headers(1, true, &[("grpc-status", status)]));
        let call = only(&talk.trace());
        assert_eq!(call.ended_by, EndedBy::Reset(Direction::Client));
        (call.status, call.implied_status, call.status_seen())
    };
    let exhausted = Some(GrpcStatus::RESOURCE_EXHAUSTED);
    // 11 is ENHANCE_YOUR_CALM: a message was larger than the caller takes.
    assert_eq!(seen(11, "0"), (Some(GrpcStatus::OK), exhausted, exhausted));
    // 8 is CANCEL: both say the same.
    let cancelled = Some(GrpcStatus::CANCELLED);
    assert_eq!(seen(8, "1"), (cancelled, None, cancelled));
}

#[test]
fn a_reset_after_the_trailers_ends_nothing() {
    let mut talk = Conversation::new();
    talk.client(&request(1))
        .server(&response(1))
        .server(&trailers(1, "0"));
    talk.server(&frame(FrameKind::RST_STREAM, Flags::NONE, 1, &[0; 4]));
    let call = only(&talk.trace());
    assert_eq!(call.ended_by, EndedBy::Trailers);
    assert_eq!(call.cancelled, None);
}

#[test]
fn goaway_the_connection_and_the_capture_can_end_a_call() {
    let mut talk = Conversation::new();
    talk.client(&request(1))
        .client(&request(3))
        .server(&goaway(1));
    let ends: Vec<_> = calls(&talk.trace())
        .map(|call| (call.ended_by, call.ended_ns.is_some(), call.implied_status))
        .collect();
    assert_eq!(
        ends,
        [
            (EndedBy::CaptureEnd, false, None),
            (EndedBy::Goaway, true, Some(GrpcStatus::UNAVAILABLE)),
        ]
    );

    let mut talk = Conversation::new();
    talk.client(&request(1)).at_us(9_000).reset();
    let call = only(&talk.trace());
    assert_eq!(call.ended_by, EndedBy::Connection);
    assert_eq!(call.ended_ns, Some(START_NS + 9_000_000));
    assert_eq!(call.implied_status, Some(GrpcStatus::UNAVAILABLE));
}

#[test]
fn a_response_that_is_not_grpc_is_still_a_call() {
    let mut talk = Conversation::new();
    talk.client(&request(1))
        .client(&content(1, true, &message(0, b"x")));
    talk.server(&headers(
        1,
        false,
        &[(":status", "503"), ("content-type", "text/html")],
    ));
    talk.server(&data(1, 10, true));
    let trace = talk.trace();
    let call = only(&trace);
    assert_eq!(call.ended_by, EndedBy::EndOfStream);
    assert_eq!(call.implied_status, Some(GrpcStatus::UNAVAILABLE));
    assert_eq!(rules(&trace), ["grpc-http-status"]);
}

#[test]
fn every_encoding_is_unpacked_and_plain_messages_pass_beside_it() {
    use std::io::Write;
    let text = b"read:users write:users read:photos write:photos".repeat(4);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&text).unwrap();
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    deflate.write_all(&text).unwrap();
    let packed = [
        ("gzip", gzip.finish().unwrap()),
        ("deflate", deflate.finish().unwrap()),
        (
            "zstd",
            ruzstd::encoding::compress_to_vec(
                &text[..],
                ruzstd::encoding::CompressionLevel::Fastest,
            ),
        ),
        (
            "snappy",
            snap::raw::Encoder::new().compress_vec(&text).unwrap(),
        ),
    ];
    for (name, packed) in packed {
        assert!(packed.len() < text.len());
        let mut talk = Conversation::new();
        talk.client(&request_with(1, &[("grpc-encoding", name)]));
        talk.client(&content(1, false, &message(1, &packed)));
        talk.client(&content(1, true, &message(0, b"plain")));
        let trace = talk.trace();
        let call = only(&trace);
        assert_eq!(
            call.encoding(Direction::Client),
            Encoding::from_name(name.as_bytes())
        );
        let found: Vec<_> = contents(&trace)
            .into_iter()
            .map(|(_, bytes, _)| bytes)
            .collect();
        assert_eq!(found, [text.clone(), b"plain".to_vec()], "{name}");
        assert_eq!(rules(&trace), [""; 0], "{name}");
    }
}

#[test]
fn rules_that_are_broken_are_found() {
    let of_request = |more: &[(&str, &str)], bytes: &[u8]| {
        let mut talk = Conversation::new();
        talk.client(&request_with(1, more))
            .client(&content(1, true, bytes));
        talk.server(&response(1)).server(&trailers(1, "0"));
        rules(&talk.trace())
    };
    let good = message(0, b"x");
    assert_eq!(of_request(&[], &good), [""; 0]);
    assert_eq!(
        of_request(&[("grpc-timeout", "5")], &good),
        ["grpc-timeout-malformed"]
    );
    assert_eq!(
        of_request(&[("x-bin", "a*b")], &good),
        ["grpc-binary-metadata"]
    );
    assert_eq!(
        of_request(&[], &message(1, b"x")),
        ["grpc-compressed-without-encoding"]
    );
    assert_eq!(
        of_request(&[("grpc-encoding", "lzma")], &message(1, b"x")),
        ["grpc-unknown-encoding"]
    );
    assert_eq!(of_request(&[], &message(4, b"x")), ["grpc-unknown-flags"]);
    assert_eq!(of_request(&[], &good[..4]), ["grpc-message-cut-short"]);
    assert_eq!(
        of_request(&[], &[0, 255, 255, 255, 255, 1]),
        ["grpc-message-cut-short"]
    );
    let of_response = |fields: &[(&str, &str)]| {
        let mut talk = Conversation::new();
        talk.client(&request(1)).client(&content(1, true, &good));
        talk.server(&response(1)).server(&headers(1, true, fields));
        rules(&talk.trace())
    };
    assert_eq!(of_response(&[("x", "y")]), ["grpc-status-missing"]);
    assert_eq!(
        of_response(&[("grpc-status", "OK")]),
        ["grpc-status-malformed"]
    );
    let mut talk = Conversation::new();
    talk.client(&headers(1, true, &REQUEST[..5]));
    talk.server(&headers(
        1,
        false,
        &[(":status", "200"), ("content-type", "text/plain")],
    ));
    talk.server(&trailers(1, "0"));
    assert_eq!(
        rules(&talk.trace()),
        ["grpc-te-missing", "grpc-content-type"]
    );
    let mut talk = Conversation::new();
    let mut payload = vec![0, 0, 0, 0, 0, 0, 0, 0x0b];
    payload.extend_from_slice(b"too_many_pings");
    talk.server(&frame(FrameKind::GOAWAY, Flags::NONE, 0, &payload));
    assert_eq!(rules(&talk.trace()), ["grpc-too-many-pings"]);
}

#[test]
fn time_that_is_over_and_that_nobody_minds_is_found() {
    let mut talk = Conversation::new();
    talk.client(&request(1))
        .client(&content(1, true, &message(0, b"x")));
    talk.at_us(600_000)
        .server(&response(1))
        .server(&trailers(1, "0"));
    assert_eq!(rules(&talk.trace()), ["grpc-deadline-unheeded"]);
}

#[test]
fn every_rule_has_a_case_here() {
    let cases = concat!(
        include_str!("tests.rs"),
        include_str!("web_tests.rs"),
        include_str!("links/tests.rs")
    );
    for rule in crate::trace::rules::grpc::ALL {
        assert!(
            cases.contains(&format!("\"{}\"", rule.name)),
            "{}",
            rule.name
        );
    }
}

#[test]
fn a_message_in_progress_is_listed_and_not_counted() {
    let mut talk = Conversation::new();
    talk.client(&request(1));
    talk.client(&content(
        1,
        false,
        &[&message(0, b"all")[..], &message(0, b"of this")[..8]].concat(),
    ));
    let trace = talk.trace();
    assert_eq!(only(&trace).messages, [1, 0]);
    let found = contents(&trace);
    assert_eq!(found[0], ("client", b"all".to_vec(), true));
    assert_eq!(found[1], ("client", b"of ".to_vec(), false));
    assert_eq!(rules(&trace), [""; 0]);
}

fn web(content_type: &str, body: &[&[u8]]) -> Trace {
    let mut talk = Conversation::new();
    let mut fields = REQUEST;
    fields[4].1 = content_type;
    talk.client(&headers(1, false, &fields[..5]));
    talk.client(&content(1, true, body[0]));
    talk.server(&headers(
        1,
        false,
        &[(":status", "200"), ("content-type", content_type)],
    ));
    for (at, part) in body.iter().enumerate().skip(1) {
        talk.server(&content(1, at + 1 == body.len(), part));
    }
    talk.trace()
}

#[test]
fn grpc_web_has_its_trailers_in_the_body() {
    let lines = b"grpc-status: 3\r\ngrpc-message: no\r\nwhere: here\r\n";
    let answer = [message(0, b"\x0a\x01B"), message(0x80, lines)].concat();
    let trace = web(
        "application/grpc-web+proto",
        &[&message(0, b"\x08\x01"), &answer],
    );
    let call = only(&trace);
    assert_eq!(call.transport, Transport::GrpcWeb);
    assert_eq!(call.ended_by, EndedBy::Trailers);
    assert_eq!(call.status, Some(GrpcStatus(3)));
    assert_eq!(call.trailing_metadata[0].name, "where");
    assert_eq!(call.messages, [1, 1]);
    let survey = survey(&trace);
    assert_eq!((survey.calls, survey.messages), (1, 2));
    assert_eq!(rules(&trace), [""; 0]);
}

#[test]
fn grpc_web_in_base64_is_read_through_its_pieces() {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let question = encode(&message(0, b"\x08\x01"));
    let answer = encode(&message(0, b"\x0a\x01B"));
    let end = encode(&message(0x80, b"grpc-status:0\r\n"));
    let (half, rest) = answer.split_at(5);
    let parts = [
        question.as_bytes(),
        half.as_bytes(),
        rest.as_bytes(),
        end.as_bytes(),
    ];
    let trace = web("application/grpc-web-text", &parts);
    let call = only(&trace);
    assert_eq!(call.transport, Transport::GrpcWebText);
    assert_eq!((call.messages, call.status), ([1, 1], Some(GrpcStatus::OK)));
    let found = contents(&trace);
    assert_eq!(found[1], ("server", b"\x0a\x01B".to_vec(), true));
    let connection = &trace.connections[0];
    let list = messages(&trace, connection, StreamId(1)).unwrap();
    let places = list.list[1].places(list.body(&list.list[1]));
    let bytes: u64 = places
        .iter()
        .map(|(_, range)| range.end - range.start)
        .sum();
    assert_eq!(bytes as usize, answer.len());
    assert_eq!(places.len(), 2);
}

#[test]
fn calls_in_a_capture_that_begins_in_the_middle_are_told_by_their_messages() {
    let trace = shipped("mid-connection.pcapng");
    let calls: Vec<Call> = calls(&trace).collect();
    assert_eq!(calls.len(), 60);
    assert!(calls.iter().all(|call| call.known_by.is_inferred()));
    assert!(calls.iter().all(|call| call.path.is_none()));
    let messages: u32 = calls
        .iter()
        .map(|call| call.messages[0] + call.messages[1])
        .sum();
    assert_eq!(messages, 133);
    // Downloads are none, with and without their beginning.
    for name in ["mid-download.pcapng", "downloads.pcapng", "lossy.pcapng"] {
        assert_eq!(super::calls(&shipped(name)).count(), 0, "{name}");
    }
}

/// A call whose content is cut into frames at these places, both ways alike.
fn cut_at(content_bytes: &[u8], cuts: &[usize]) -> Trace {
    let mut talk = Conversation::new();
    talk.client(&request_with(1, &[]));
    talk.server(&response(1));
    let mut places: Vec<usize> = cuts
        .iter()
        .map(|cut| cut % (content_bytes.len() + 1))
        .collect();
    places.extend([0, content_bytes.len()]);
    places.sort_unstable();
    for pair in places.windows(2) {
        let part = &content_bytes[pair[0]..pair[1]];
        talk.client(&content(1, false, part));
        talk.server(&content(1, false, part));
    }
    talk.client(&content(1, true, b""))
        .server(&trailers(1, "0"));
    talk.trace()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn how_content_is_cut_into_frames_changes_no_message(
        payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
        cuts in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        let bytes: Vec<u8> = payloads.iter().flat_map(|payload| message(0, payload)).collect();
        let trace = cut_at(&bytes, &cuts);
        let mut expected = Vec::new();
        let mut found = contents(&trace);
        found.sort_by_key(|(direction, ..)| *direction);
        for direction in ["client", "server"] {
            expected.extend(payloads.iter().map(|payload| (direction, payload.clone(), true)));
        }
        prop_assert_eq!(found, expected);
        prop_assert_eq!(rules(&trace), [""; 0]);
    }

    #[test]
    fn any_content_is_cut_without_end_or_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        cuts in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        let trace = cut_at(&bytes, &cuts);
        prop_assert!(contents(&trace).len() <= 2 * (bytes.len() / Prefix::LEN));
        prop_assert_eq!(survey(&trace).calls, 1);
    }
}

/// `PING` with these bytes.
fn ping(opaque: u64, ack: bool) -> Vec<u8> {
    let flags = Flags::NONE.with_if(ack, Flags::ACK);
    frame(FrameKind::PING, flags, 0, &opaque.to_be_bytes())
}

#[test]
fn pings_are_named_by_their_bytes_or_by_what_went_before() {
    let mut talk = Conversation::new();
    talk.client(&request(1))
        .client(&content(1, true, &message(0, b"x")));
    talk.at_us(1_000)
        .server(&ping(0x0204_1010_090e_0707, false));
    talk.at_us(1_500).client(&ping(0x0204_1010_090e_0707, true));
    talk.at_us(2_000)
        .server(&response(1))
        .server(&content(1, false, &message(0, b"y")));
    // Random bytes right after DATA; then again without any.
    talk.client(&ping(77, false)).server(&ping(77, true));
    talk.at_us(3_000).client(&ping(78, false));
    // After a long silence.
    talk.at_us(5_000_000).client(&ping(79, false));
    let trace = talk.trace();
    let found = pings(&trace, &trace.connections[0]);
    let names: Vec<_> = found
        .iter()
        .map(|ping| (ping.purpose.map(|purpose| purpose.name()), ping.library))
        .collect();
    assert_eq!(
        names,
        [
            (Some("bandwidth"), Some("grpc-go")),
            (Some("bandwidth"), None),
            (None, None),
            (Some("keepalive"), None),
        ]
    );
    assert_eq!(found[0].round_trip_ns, Some(500_000));
    assert_eq!(found[3].answer, None);
    // grpc's C library measures the bandwidth, as the recording's notes say.
    let trace = shipped("grpc-user-service.pcapng");
    let found = pings(&trace, &trace.connections[0]);
    assert_eq!(found.len(), 10);
    assert!(
        found
            .iter()
            .all(|ping| ping.purpose == Some(PingPurpose::Bandwidth))
    );
    assert!(found.iter().all(|ping| ping.round_trip_ns.is_some()));
}
