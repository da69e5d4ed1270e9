use crate::analysis::conversation::{Conversation, frame, headers};
use crate::analysis::grpc::{self, Call, CallId, CallKind, LinkedBy, Links};
use crate::trace::{ConnectionId, Trace};
use crate::wire::http2::{Flags, FrameKind, StreamId};

const A: u8 = 1;
const B: u8 = 2;
const C: u8 = 3;

fn asks(stream: u32, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    let mut bytes = headers(stream, false, &[&fields[..], more].concat());
    bytes.extend(message(stream, true, b"\x08\x2a"));
    bytes
}

fn message(stream: u32, ends: bool, payload: &[u8]) -> Vec<u8> {
    let mut content = vec![0, 0, 0, 0, u8::try_from(payload.len()).unwrap()];
    content.extend_from_slice(payload);
    let flags = Flags::NONE.with_if(ends, Flags::END_STREAM);
    frame(FrameKind::DATA, flags, stream, &content)
}

fn ends(stream: u32, status: &str) -> Vec<u8> {
    let fields = [
        (":status", "200"),
        ("content-type", "application/grpc"),
        ("grpc-status", status),
    ];
    headers(stream, true, &fields)
}

fn id(connection: usize, stream: u32) -> CallId {
    CallId {
        connection: ConnectionId::from_index(connection),
        carrier: StreamId(stream).into(),
    }
}

/// A calls B twice at the same time, and B calls C while it serves them.
fn chain(first: &[(&str, &str)], second: &[(&str, &str)], made: &[(&str, &str)]) -> Trace {
    chain_with_status(first, second, made, "0")
}

/// The same, with what C answers and B then answers to the first call.
fn chain_with_status(
    first: &[(&str, &str)],
    second: &[(&str, &str)],
    made: &[(&str, &str)],
    status: &str,
) -> Trace {
    let mut front = Conversation::between(A, B, 50_001);
    front.at_us(1_000).client(&asks(1, "/b.B/One", first));
    front.at_us(2_000).client(&asks(3, "/b.B/Two", second));
    front
        .at_us(90_000)
        .server(&ends(1, status))
        .server(&ends(3, "0"));
    let mut back = Conversation::between(B, C, 50_002);
    back.at_us(10_000).client(&asks(1, "/c.C/Do", made));
    back.at_us(50_000).server(&ends(1, status));
    Conversation::together(&[&front, &back])
}

#[test]
fn a_trace_tells_which_call_was_served() {
    let context = |trace: &'static str| [("traceparent", trace), ("grpc-timeout", "500m")];
    let trace = chain(
        &context("00-aaaa-0001-01"),
        &context("00-bbbb-0002-01"),
        &[("traceparent", "00-aaaa-0003-01"), ("grpc-timeout", "491m")],
    );
    let parent = Links::of(&trace).of_call(id(1, 1)).parent.unwrap();
    assert_eq!((parent.id, parent.known_by), (id(0, 1), LinkedBy::Trace));
    assert_eq!((parent.candidates, parent.left_ns), (1, Some(491_000_000)));
    assert_eq!(Links::of(&trace).of_call(id(0, 1)).parent, None);
    assert!(grpc::survey(&trace).findings.is_empty());
}

#[test]
fn neighbours_of_one_span_and_other_traces_are_no_parents() {
    // Everything on one machine: A may have asked B and C itself.
    let mut front = Conversation::between(A, A, 50_001);
    front
        .at_us(1_000)
        .client(&asks(1, "/b.B/One", &[("traceparent", "00-aaaa-0001-01")]));
    front.at_us(90_000).server(&ends(1, "0"));
    let mut back = Conversation::between(A, A, 50_002);
    back.at_us(10_000)
        .client(&asks(1, "/c.C/Do", &[("traceparent", "00-aaaa-0001-01")]));
    back.at_us(50_000).server(&ends(1, "0"));
    let trace = Conversation::together(&[&front, &back]);
    assert_eq!(Links::of(&trace).of_call(id(1, 1)).parent, None);
    let trace = chain(
        &[("traceparent", "00-aaaa-0001-01")],
        &[("traceparent", "00-bbbb-0002-01")],
        &[("traceparent", "00-cccc-0003-01")],
    );
    assert_eq!(Links::of(&trace).of_call(id(1, 1)).parent, None);
}

#[test]
fn a_server_may_hand_the_span_on_as_it_came() {
    let trace = chain(
        &[("traceparent", "00-aaaa-0001-01")],
        &[("traceparent", "00-bbbb-0002-01")],
        &[("traceparent", "00-aaaa-0001-01")],
    );
    let parent = Links::of(&trace).of_call(id(1, 1)).parent.unwrap();
    assert_eq!((parent.id, parent.known_by), (id(0, 1), LinkedBy::Trace));
}

#[test]
fn a_request_id_or_the_time_tells_it_too() {
    let trace = chain(
        &[("x-request-id", "r1")],
        &[("x-request-id", "r2")],
        &[("x-request-id", "r2")],
    );
    let parent = Links::of(&trace).of_call(id(1, 1)).parent.unwrap();
    assert_eq!(
        (parent.id, parent.known_by),
        (id(0, 3), LinkedBy::RequestId)
    );
    let trace = chain(&[("grpc-timeout", "1S")], &[], &[]);
    let parent = Links::of(&trace).of_call(id(1, 1)).parent.unwrap();
    assert_eq!((parent.id, parent.known_by), (id(0, 3), LinkedBy::Time));
    assert_eq!(parent.candidates, 2);
}

#[test]
fn deadlines_that_are_not_handed_on_are_found() {
    let rules = |made: &[(&str, &str)]| {
        let mut all = vec![("x-request-id", "r1")];
        all.extend_from_slice(made);
        let trace = chain(
            &[("x-request-id", "r1"), ("grpc-timeout", "100m")],
            &[],
            &all,
        );
        let findings = grpc::survey(&trace).findings.into_iter();
        findings.map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(&[]), ["grpc-deadline-not-inherited"]);
    assert_eq!(
        rules(&[("grpc-timeout", "5S")]),
        ["grpc-deadline-longer-than-parent"]
    );
    assert_eq!(rules(&[("grpc-timeout", "100m")]), [""; 0]);
    assert_eq!(rules(&[("grpc-timeout", "50m")]), [""; 0]);
}

#[test]
fn a_deadline_of_a_call_further_down_is_told_from_the_calls_own() {
    let asked = [("x-request-id", "r1"), ("grpc-timeout", "3S")];
    let made = [("x-request-id", "r1"), ("grpc-timeout", "40m")];
    let trace = chain_with_status(&asked, &[], &made, "4");
    let links = Links::of(&trace);
    let cause = links.of_call(id(0, 1)).failed_after.unwrap();
    assert_eq!((cause.id, cause.known_by), (id(1, 1), LinkedBy::RequestId));
    assert_eq!(links.of_call(id(0, 3)).failed_after, None);
    let calls: Vec<Call> = grpc::calls(&trace).collect();
    // The first call began at 1 ms and ended at 90 ms.
    let early = grpc::OtherDeadline::Early(2_911_000_000);
    let told: Vec<_> = calls.iter().map(|call| call.other_deadline).collect();
    assert_eq!(told, [Some(early), None, None]);

    let findings = grpc::survey(&trace).findings;
    let [finding] = &findings[..] else {
        panic!("{findings:?}")
    };
    assert_eq!(finding.rule, "grpc-deadline-of-another");
    assert!(finding.text.contains("2911 ms before"), "{}", finding.text);
    assert!(finding.text.contains("Stream 1 of connection 1"));
    // Another failure comes from further down too, and is no matter of deadlines.
    let trace = chain_with_status(&asked, &[], &made, "14");
    assert!(Links::of(&trace).of_call(id(0, 1)).failed_after.is_some());
    assert!(grpc::survey(&trace).findings.is_empty());
}

#[test]
fn attempts_and_refused_requests_are_joined() {
    let mut talk = Conversation::between(A, B, 50_001);
    talk.at_us(1_000)
        .client(&asks(1, "/b.B/One", &[]))
        .server(&ends(1, "14"));
    let again = [("grpc-previous-rpc-attempts", "1")];
    talk.at_us(5_000)
        .client(&asks(3, "/b.B/One", &again))
        .server(&ends(3, "0"));
    // Refused unread: the library sends the same again on another connection by itself.
    talk.at_us(6_000).client(&asks(5, "/b.B/One", &[]));
    let refused = frame(FrameKind::GOAWAY, Flags::NONE, 0, &[0, 0, 0, 3, 0, 0, 0, 0]);
    talk.at_us(7_000).server(&refused);
    let mut next = Conversation::between(A, B, 50_002);
    next.at_us(9_000)
        .client(&asks(1, "/b.B/One", &[]))
        .server(&ends(1, "0"));
    next.at_us(9_500)
        .client(&asks(3, "/b.B/Two", &[]))
        .server(&ends(3, "0"));
    let trace = Conversation::together(&[&talk, &next]);
    let front = if trace.connections[0]
        .end(crate::trace::Direction::Client)
        .port()
        == 50_001
    {
        0
    } else {
        1
    };
    let links = Links::of(&trace);
    let retry = |connection, stream| {
        let retry = links.of_call(id(connection, stream)).retry_of;
        retry.map(|retry| (retry.id, retry.known_by))
    };
    assert_eq!(retry(front, 1), None);
    assert_eq!(retry(front, 3), Some((id(front, 1), LinkedBy::Attempts)));
    assert_eq!(
        retry(1 - front, 1),
        Some((id(front, 5), LinkedBy::SameRequest))
    );
    assert_eq!(retry(1 - front, 3), None);
}

#[test]
fn one_call_that_streams_tells_the_kind_of_all() {
    let mut talk = Conversation::new();
    talk.client(&asks(1, "/b.B/List", &[]));
    talk.server(&headers(
        1,
        false,
        &[(":status", "200"), ("content-type", "application/grpc")],
    ));
    talk.server(&message(1, false, b"x"))
        .server(&message(1, false, b"y"));
    talk.client(&asks(3, "/b.B/List", &[]))
        .server(&ends(3, "5"));
    talk.client(&asks(5, "/b.B/Get", &[])).server(&ends(5, "5"));
    let trace = talk.trace();
    let links = Links::of(&trace);
    let calls: Vec<Call> = grpc::calls(&trace).collect();
    let kinds: Vec<_> = calls.iter().map(|call| links.kind_seen(call)).collect();
    assert_eq!(
        kinds,
        [
            CallKind::ServerStreaming,
            CallKind::ServerStreaming,
            CallKind::Unary
        ]
    );
}
