//! Calls of gRPC-Web in exchanges of HTTP/1.1: as they are recorded, and made by hand for each way to lie in a body.

use super::*;
use crate::analysis::conversation::{Conversation, START_NS, shipped};
use crate::trace::{ExchangeId, Moment, Trace};
use crate::wire::grpc::{GrpcStatus, Prefix, Transport};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A message, or with flags 0x80 the trailers.
fn message(flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    let mut bytes = Prefix { flags, length }.encode().to_vec();
    bytes.extend_from_slice(payload);
    bytes
}

fn asks(content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /users.UserService/GetUser HTTP/1.1\r\nHost: users.example\r\nContent-Type: {content_type}\r\n\
         Grpc-Timeout: 500m\r\nX-Grpc-Web: 1\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// The head of a response whose body is chunked.
fn answers(content_type: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n")
        .into_bytes()
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let size = format!("{:x}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat()
}

const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

fn only(trace: &Trace) -> Call {
    let calls: Vec<Call> = calls(trace).collect();
    assert_eq!(calls.len(), 1);
    calls.into_iter().next().unwrap()
}

/// The messages of a call with their bytes once unpacked, those of the client before the number given.
fn contents(trace: &Trace, call: &Call) -> Vec<(Direction, Vec<u8>)> {
    let connection = trace.connection(call.id.connection).unwrap();
    let messages = messages(trace, connection, call.id.carrier).unwrap();
    let own = messages.list.iter();
    let own = own.filter(|message| !message.is_web_trailers());
    own.map(|message| {
        assert!(message.whole);
        let body = messages.body(message);
        let encoding = call.encoding(message.direction);
        let payload = Payload::read(trace, connection, body, message, encoding);
        (message.direction, payload.decoded.unwrap().to_vec())
    })
    .collect()
}

fn rules(trace: &Trace) -> Vec<&'static str> {
    let findings = survey(trace).findings;
    findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn messages_lie_in_chunks_however_those_are_cut() {
    let first = message(0, b"\x0a\x05Alice");
    let second = message(0, b"\x0a\x03Bob");
    let last = message(
        0x80,
        b"grpc-status: 0\r\ngrpc-message: all %C3%A4r\r\ntook: 3 ms\r\n",
    );
    let body = [first, second, last].concat();
    for cut in 1..body.len() {
        let (one, rest) = body.split_at(cut);
        let mut talk = Conversation::connected();
        talk.at_us(1_000).client(&asks(
            "application/grpc-web+proto",
            &message(0, b"\x08\x2a"),
        ));
        talk.at_us(2_000)
            .server(&answers("application/grpc-web+proto"));
        talk.at_us(3_000).server(&chunk(one));
        talk.at_us(4_000)
            .server(&[&chunk(rest), LAST_CHUNK].concat());
        let trace = talk.trace();
        let call = only(&trace);
        assert_eq!(call.id.carrier, ExchangeId::FIRST.into());
        assert_eq!(
            (call.service(), call.method()),
            (Some("users.UserService"), Some("GetUser"))
        );
        assert_eq!(call.authority.as_deref(), Some("users.example"));
        assert_eq!((call.transport, call.protobuf), (Transport::GrpcWeb, true));
        assert_eq!((call.messages, call.bytes), ([1, 2], [2, 12]));
        assert_eq!(call.status, Some(GrpcStatus::OK));
        assert_eq!(call.status_message.as_deref(), Some("all är".as_bytes()));
        assert_eq!(call.ended_by, EndedBy::Trailers);
        assert_eq!(call.trailing_metadata[0].name, "took");
        let names: Vec<_> = call
            .request_metadata
            .iter()
            .map(|field| &*field.name)
            .collect();
        assert_eq!(names, [&b"x-grpc-web"[..], b"content-length"]);
        assert_eq!(call.started_ns, START_NS + 1_000_000);
        assert_eq!(call.deadline_ns(), Some(START_NS + 501_000_000));
        assert_eq!(call.first_response_ns, Some(START_NS + 2_000_000));
        assert_eq!(call.ended_ns, Some(START_NS + 4_000_000));
        assert!(matches!(call.end, Some(Moment::Packet(_))));
        assert_eq!(
            contents(&trace, &call),
            [
                (Direction::Client, b"\x08\x2a".to_vec()),
                (Direction::Server, b"\x0a\x05Alice".to_vec()),
                (Direction::Server, b"\x0a\x03Bob".to_vec()),
            ]
        );
        // The first answer was there with the packet that brought its last byte.
        let connection = &trace.connections[0];
        let messages = messages(&trace, connection, call.id.carrier).unwrap();
        let there = messages.list[1].time_ns - START_NS;
        assert_eq!(
            there,
            if cut < 12 { 4_000_000 } else { 3_000_000 },
            "cut at {cut}"
        );
        assert_eq!(rules(&trace), [] as [&str; 0], "cut at {cut}");
    }
}

#[test]
fn every_byte_of_a_message_is_found_in_the_stream_of_bytes() {
    let answer = message(0, b"\x0a\x05Alice");
    let body = [&answer[..], &message(0x80, b"grpc-status:0\r\n")].concat();
    let (one, rest) = body.split_at(7);
    let mut talk = Conversation::connected();
    talk.client(&asks("application/grpc-web", &message(0, b"\x08\x2a")));
    talk.server(&[answers("application/grpc-web"), chunk(one), chunk(rest)].concat());
    talk.server(LAST_CHUNK);
    let trace = talk.trace();
    let connection = &trace.connections[0];
    let found = messages(&trace, connection, ExchangeId::FIRST).unwrap();
    let message = &found.list[1];
    let stream = connection.stream(connection.side(Direction::Server));
    let places = message.places(found.body(message));
    assert_eq!(places.len(), 2, "in two chunks");
    let bytes: Vec<u8> = places
        .into_iter()
        .flat_map(|(unit, range)| {
            assert_eq!(unit, message.first);
            stream.read(range, &trace.packets, &trace.source).unwrap()
        })
        .collect();
    assert_eq!(bytes, answer);
}

/// The head of a response that something on the way compressed, in chunks.
fn answers_packed() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web\r\nContent-Encoding: gzip\r\n\
      Transfer-Encoding: chunked\r\n\r\n"
        .to_vec()
}

/// Parts of a body in gzip, each of which can be unpacked when its own piece has come.
fn packed(parts: &[Vec<u8>]) -> Vec<Vec<u8>> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for part in parts {
        encoder.write_all(part).unwrap();
        encoder.flush().unwrap();
        pieces.push(std::mem::take(encoder.get_mut()));
    }
    pieces.push(encoder.finish().unwrap());
    pieces
}

#[test]
fn content_that_was_compressed_as_a_whole_is_unpacked_before_messages_are_told_apart() {
    let parts = [
        message(0, b"\x0a\x05Alice"),
        message(0, b"\x0a\x03Bob"),
        message(0x80, b"grpc-status: 0\r\n"),
    ];
    let mut talk = Conversation::connected();
    talk.client(&asks("application/grpc-web", &message(0, b"\x08\x2a")));
    talk.at_us(2_000).server(&answers_packed());
    for (number, piece) in (3..).zip(packed(&parts)) {
        talk.at_us(number * 1_000).server(&chunk(&piece));
    }
    talk.server(LAST_CHUNK);
    let trace = talk.trace();
    let call = only(&trace);
    assert_eq!((call.messages, call.bytes), ([1, 2], [2, 12]));
    assert_eq!(call.status, Some(GrpcStatus::OK));
    assert_eq!(call.content_codings, [None, Some("gzip".to_owned())]);
    assert_eq!(
        contents(&trace, &call)[1..],
        [
            (Direction::Server, b"\x0a\x05Alice".to_vec()),
            (Direction::Server, b"\x0a\x03Bob".to_vec()),
        ]
    );
    let connection = &trace.connections[0];
    let found = messages(&trace, connection, call.id.carrier).unwrap();
    let times: Vec<i64> = found.list[1..]
        .iter()
        .map(|message| (message.time_ns - START_NS) / 1_000_000)
        .collect();
    assert_eq!(times, [3, 4, 5], "each is there with its own piece");
    assert!(!found.body(&found.list[1]).is_in_place());
    assert_eq!(
        found.body(&found.list[1]).sent_as().as_deref(),
        Some("gzip")
    );
    // What a message came out of lies in the chunks, up to the one that completed it.
    let places = found.list[1].places(found.body(&found.list[1]));
    assert_eq!(places.len(), 1);
    assert_eq!(rules(&trace), [] as [&str; 0]);
}

#[test]
fn compressed_content_that_is_damaged_keeps_what_came_before_and_is_said() {
    let parts = [message(0, b"\x0a\x05Alice"), message(0, b"\x0a\x03Bob")];
    let mut pieces = packed(&parts);
    pieces[1].fill(0xff);
    let mut talk = Conversation::connected();
    talk.client(&asks("application/grpc-web", &message(0, b"\x08\x2a")));
    talk.server(&[answers_packed(), chunk(&pieces[0])].concat());
    talk.server(&[chunk(&pieces[1..].concat()), LAST_CHUNK.to_vec()].concat());
    let trace = talk.trace();
    let call = only(&trace);
    assert_eq!(call.messages, [1, 1]);
    let findings = survey(&trace).findings;
    let damage = findings
        .iter()
        .find(|finding| finding.rule == "grpc-content-coding")
        .unwrap();
    assert!(damage.text.contains("damaged"), "{}", damage.text);
    assert_eq!(damage.exchange, Some(ExchangeId::FIRST));
    assert!(damage.packet.is_some());
}

#[test]
fn an_empty_response_in_gzip_is_trailers_only_all_the_same() {
    let nothing = packed(&[]).concat();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web\r\nContent-Encoding: gzip\r\n\
         Grpc-Status: 5\r\nContent-Length: {}\r\n\r\n",
        nothing.len()
    );
    let mut talk = Conversation::connected();
    talk.client(&asks("application/grpc-web", &message(0, b"\x08\x2a")));
    talk.server(&[head.as_bytes(), &nothing].concat());
    let trace = talk.trace();
    let call = only(&trace);
    assert_eq!(call.ended_by, EndedBy::TrailersOnly);
    assert_eq!(call.status, Some(GrpcStatus(5)));
    assert_eq!(rules(&trace), [] as [&str; 0]);
}

#[test]
fn text_is_base64_in_pieces_of_its_own() {
    let pieces = [
        STANDARD.encode(message(0, b"\x0a\x05Alice")),
        STANDARD.encode(message(0x80, b"grpc-status:5\r\ngrpc-message:nobody\r\n")),
    ];
    let asked = STANDARD.encode(message(0, b"\x08\x2a"));
    let mut talk = Conversation::connected();
    talk.client(&asks("application/grpc-web-text", asked.as_bytes()));
    talk.server(&answers("application/grpc-web-text+proto"));
    for piece in &pieces {
        talk.server(&chunk(piece.as_bytes()));
    }
    talk.server(LAST_CHUNK);
    let trace = talk.trace();
    let call = only(&trace);
    assert_eq!(call.transport, Transport::GrpcWebText);
    assert_eq!(call.status, Some(GrpcStatus(5)));
    assert_eq!(call.status_message.as_deref(), Some(&b"nobody"[..]));
    assert_eq!((call.messages, call.bytes), ([1, 1], [2, 7]));
    assert_eq!(
        contents(&trace, &call),
        [
            (Direction::Client, b"\x08\x2a".to_vec()),
            (Direction::Server, b"\x0a\x05Alice".to_vec()),
        ]
    );
}

#[test]
fn a_status_in_the_head_of_an_empty_response_is_trailers_only() {
    let mut talk = Conversation::connected();
    talk.client(&asks("application/grpc-web", &message(0, b"\x08\x2a")));
    talk.server(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web\r\nGrpc-Status: 16\r\nGrpc-Message: who?\r\n\
          Content-Length: 0\r\n\r\n",
    );
    let trace = talk.trace();
    let call = only(&trace);
    assert_eq!(call.ended_by, EndedBy::TrailersOnly);
    assert_eq!(call.status, Some(GrpcStatus::UNAUTHENTICATED));
    assert_eq!(call.status_message.as_deref(), Some(&b"who?"[..]));
    assert_eq!(rules(&trace), [] as [&str; 0]);
}

#[test]
fn an_answer_that_is_not_of_grpc_is_said_and_its_status_implied() {
    let mut talk = Conversation::connected();
    talk.client(&asks("application/grpc-web", &message(0, b"\x08\x2a")));
    talk.server(b"HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbusy");
    let trace = talk.trace();
    let call = only(&trace);
    assert_eq!(call.status, None);
    assert_eq!(call.implied_status, Some(GrpcStatus::UNAVAILABLE));
    let findings = survey(&trace).findings;
    assert_eq!(findings[0].rule, "grpc-http-status");
    assert!(findings[0].packet.is_some() && findings[0].stream.is_none());
    assert_eq!(findings[0].exchange, Some(ExchangeId::FIRST));
}

#[test]
fn a_call_that_the_connection_or_the_capture_cuts_off_says_so() {
    let asked = asks("application/grpc-web", &message(0, b"\x08\x2a"));
    let begun = [
        answers("application/grpc-web"),
        chunk(&message(0, b"\x0a\x05Alice")),
    ]
    .concat();
    let mut talk = Conversation::connected();
    talk.client(&asked).server(&begun);
    let call = only(&talk.trace());
    assert_eq!((call.ended_by, call.ended_ns), (EndedBy::CaptureEnd, None));
    assert_eq!(call.messages, [1, 1]);
    talk.reset();
    let call = only(&talk.trace());
    assert_eq!(call.ended_by, EndedBy::Connection);
    assert_eq!(call.implied_status, Some(GrpcStatus::UNAVAILABLE));
    assert!(call.ended_ns.is_some());
}

#[test]
fn other_requests_of_the_connection_are_no_calls() {
    let mut talk = Conversation::connected();
    talk.client(b"OPTIONS /users.UserService/GetUser HTTP/1.1\r\nHost: a\r\n\r\n");
    talk.server(b"HTTP/1.1 204 No Content\r\n\r\n");
    talk.client(&asks("application/json", b"{}"));
    talk.server(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    );
    // gRPC itself needs HTTP/2.
    talk.client(&asks("application/grpc", &message(0, b"\x08\x2a")));
    talk.server(b"HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(calls(&talk.trace()).count(), 0);
}

#[test]
fn a_target_may_be_a_whole_address() {
    let mut talk = Conversation::connected();
    talk.client(
        b"POST http://users.example/users.UserService/GetUser?x=1 HTTP/1.1\r\nHost: users.example\r\n\
          Content-Type: application/grpc-web\r\nContent-Length: 0\r\n\r\n",
    );
    let call = only(&talk.trace());
    assert_eq!(call.path.as_deref(), Some("/users.UserService/GetUser"));
}

#[test]
fn recorded_calls_over_both_versions_of_http_say_the_same() {
    let trace = shipped("grpc-web.pcapng");
    let all: Vec<Call> = calls(&trace).collect();
    let (one, other): (Vec<&Call>, Vec<&Call>) = all
        .iter()
        .partition(|call| call.id.carrier.stream().is_some());
    assert!(!one.is_empty() && !other.is_empty());
    let mut compared = 0;
    for call in &other {
        let asked = |call: &Call| contents(&trace, call).into_iter().next().unwrap();
        let same = one
            .iter()
            .find(|twin| twin.transport == call.transport && asked(twin) == asked(call));
        let Some(twin) = same else { continue };
        compared += 1;
        assert_eq!(call.path, twin.path);
        assert_eq!(call.status, twin.status);
        assert_eq!(call.ended_by, twin.ended_by);
        assert_eq!(call.messages, twin.messages);
        assert_eq!(contents(&trace, call), contents(&trace, twin));
        let names = |call: &Call| -> Vec<_> {
            let all = call.initial_metadata.iter().chain(&call.trailing_metadata);
            all.map(|field| field.name.clone()).collect()
        };
        assert_eq!(names(call), names(twin));
    }
    assert!(compared > 0);
}
