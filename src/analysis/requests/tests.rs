use super::*;
use crate::analysis::Certainty;
use crate::analysis::conversation::{
    Conversation, START_NS, cancel, data, get, headers, promise, shipped,
};
use crate::analysis::goaways::goaways;
use crate::analysis::pushes::PushFate;
use crate::wire::http2::Flags;

fn only(trace: &Trace) -> &Connection {
    trace.main_connection().unwrap()
}

fn all(trace: &Trace) -> Vec<Request> {
    requests(trace, only(trace)).collect()
}

fn timing(trace: &Trace, request: &Request) -> [Option<i64>; 5] {
    let timing = request.timing(trace, only(trace).http2().unwrap());
    let us = |time_ns: Option<i64>| time_ns.map(|time_ns| (time_ns - START_NS) / 1000);
    [
        us(timing.sent_ns),
        us(timing.request_end_ns),
        us(timing.first_byte_ns),
        us(timing.last_byte_ns),
        us(timing.ended_ns),
    ]
}

const POST: [(&str, &str); 4] = [
    (":method", "POST"),
    (":scheme", "http"),
    (":authority", "a.example"),
    (":path", "/up"),
];

#[test]
fn an_exchange_has_its_parts_at_their_times() {
    let mut made = Conversation::new();
    made.at_us(100).client(&headers(1, false, &POST));
    made.at_us(150)
        .server(&headers(1, false, &[(":status", "100")]));
    made.at_us(200).client(&data(1, 10, false));
    made.at_us(300).client(&headers(1, true, &[("x-sum", "1")]));
    made.at_us(350)
        .server(&headers(1, false, &[(":status", "103")]));
    made.at_us(400)
        .server(&headers(1, false, &[(":status", "200")]));
    made.at_us(500).server(&data(1, 10, false));
    made.at_us(700).server(&headers(1, true, &[("x-sum", "2")]));
    let trace = made.trace();
    let [request] = &all(&trace)[..] else {
        panic!("one request")
    };
    assert_eq!(
        timing(&trace, request),
        [Some(100), Some(300), Some(400), Some(700), Some(700)]
    );
    let interim: Vec<_> = request
        .interim
        .iter()
        .map(|row| row.status.clone())
        .collect();
    assert_eq!(interim, [Some("100".into()), Some("103".into())]);
    assert_eq!(request.request_trailers, request.request_end);
    assert_eq!(request.response_trailers, request.response_end);
    assert!(request.response_data > request.response);
    let timing = request.timing(&trace, only(&trace).http2().unwrap());
    assert_eq!(timing.sending_ns(), Some(200_000));
    assert_eq!(timing.waiting_ns(), Some(100_000));
    assert_eq!(timing.receiving_ns(), Some(300_000));
}

#[test]
fn a_response_that_begins_before_the_request_ended_has_no_waiting() {
    let mut made = Conversation::new();
    made.at_us(100).client(&headers(1, false, &POST));
    made.at_us(200)
        .server(&headers(1, true, &[(":status", "200")]));
    made.at_us(300).client(&data(1, 10, true));
    let trace = made.trace();
    let request = &all(&trace)[0];
    let timing = request.timing(&trace, only(&trace).http2().unwrap());
    assert_eq!(timing.waiting_ns(), None);
    assert_eq!(timing.receiving_ns(), Some(0));
    assert_eq!(request.ended, request.request_end);
}

#[test]
fn tunnels_are_told_apart_by_protocol() {
    let mut made = Conversation::new();
    made.client(&headers(
        1,
        false,
        &[(":method", "CONNECT"), (":authority", "b:22")],
    ));
    let mut extended = POST;
    extended[0] = (":method", "CONNECT");
    let mut extended = extended.to_vec();
    extended.push((":protocol", "websocket"));
    made.client(&headers(3, false, &extended));
    made.client(&get(5, "/"));
    let trace = made.trace();
    let kinds: Vec<_> = all(&trace).iter().map(|request| request.kind).collect();
    assert_eq!(
        kinds,
        [
            RequestKind::Connect,
            RequestKind::ExtendedConnect,
            RequestKind::Plain
        ]
    );
    assert_eq!(all(&trace)[1].protocol.as_deref(), Some(&b"websocket"[..]));
}

#[test]
fn a_promise_is_used_refused_or_wasted() {
    let mut made = Conversation::new();
    made.client(&get(1, "/"));
    for (promised, path) in [
        (2, "/used"),
        (4, "/refused"),
        (6, "/cut"),
        (8, "/asked"),
        (10, "/open"),
    ] {
        made.server(&promise(1, promised, path));
    }
    made.client(&cancel(4));
    let ok = [(":status", "200")];
    for stream in [2, 8] {
        made.server(&headers(stream, false, &ok));
        made.server(&data(stream, 5, true));
    }
    made.server(&headers(6, false, &ok));
    made.server(&data(6, 5, false));
    made.client(&cancel(6));
    made.client(&get(3, "/asked"));
    let trace = made.trace();
    let fates: Vec<_> = all(&trace)
        .iter()
        .filter_map(|request| request.push)
        .map(|push| {
            (
                push.fate,
                push.certainty,
                push.asked_on.map(|stream| stream.0),
            )
        })
        .collect();
    assert_eq!(
        fates,
        [
            (PushFate::Used, Certainty::Likely, None),
            (PushFate::Refused, Certainty::Certain, None),
            (PushFate::Wasted, Certainty::Certain, None),
            (PushFate::Wasted, Certainty::Likely, Some(3)),
            (PushFate::Unfinished, Certainty::Certain, None),
        ]
    );
}

#[test]
fn a_goaway_names_what_it_cut_off_and_what_came_too_late() {
    let mut made = Conversation::new();
    for stream in [1, 3, 5] {
        made.client(&get(stream, "/"));
    }
    let goaway = [0, 0, 0, 3, 0, 0, 0, 0, b'b', b'y', b'e'];
    made.server(&crate::analysis::conversation::frame(
        FrameKind::GOAWAY,
        Flags::NONE,
        0,
        &goaway,
    ));
    made.client(&get(7, "/"));
    made.server(&headers(3, true, &[(":status", "200")]));
    made.reset();
    let trace = made.trace();
    let ends = only(&trace).http2().unwrap().streams().iter();
    let ends: Vec<_> = ends.map(|row| (row.id.0, row.closed_by)).collect();
    let by = |closed_by: crate::trace::ClosedBy| Some(closed_by);
    assert_eq!(
        ends,
        [
            (1, by(crate::trace::ClosedBy::Connection)),
            (3, by(crate::trace::ClosedBy::EndStream)),
            (5, by(crate::trace::ClosedBy::Goaway)),
            (7, by(crate::trace::ClosedBy::Goaway)),
        ]
    );
    let [goaway] = &goaways(&trace, only(&trace))[..] else {
        panic!("one GOAWAY")
    };
    assert_eq!(goaway.last_stream, StreamId(3));
    assert_eq!(goaway.debug_data, "bye");
    assert_eq!(goaway.cut_off, [StreamId(5)]);
    assert_eq!(goaway.opened_after, [StreamId(7)]);
}

#[test]
fn the_shipped_captures_have_one_exchange_per_request() {
    let trace = shipped("push.pcap");
    let requests = all(&trace);
    let pushed = requests.iter().filter_map(|request| request.push);
    let fates: Vec<_> = pushed.map(|push| (push.carrier.0, push.fate)).collect();
    assert_eq!(fates, [(13, PushFate::Used); 4]);
    // Five streams are groups of priorities and carry nothing.
    assert_eq!(requests.len(), 6);
    for request in &requests {
        let timing = request.timing(&trace, only(&trace).http2().unwrap());
        assert!(timing.receiving_ns().is_some(), "{request:?}");
    }
    // The request of an upgrade was HTTP/1.1.
    let trace = shipped("upgrade.pcapng");
    let first = request(&trace, only(&trace), StreamId(1)).unwrap();
    assert_eq!((first.sent, first.request_end), (None, None));
    assert!(first.response_end.is_some());
}
