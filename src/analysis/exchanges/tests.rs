use super::*;
use crate::analysis::conversation::{Conversation, START_NS, shipped};
use crate::trace::Protocol;

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: loom.example\r\n\r\n";

fn all(trace: &Trace) -> Vec<Exchange> {
    exchanges(&trace.connections[0]).collect()
}

fn rules(trace: &Trace) -> Vec<&'static str> {
    trace.findings.iter().map(|finding| finding.rule).collect()
}

fn statuses(trace: &Trace) -> Vec<(bool, Option<u16>)> {
    let seen = |exchange: Exchange| {
        let status = exchange.response.map(|row| row.status);
        (exchange.request.is_some(), status)
    };
    all(trace).into_iter().map(seen).collect()
}

fn content(trace: &Trace, row: &MessageRow) -> Vec<u8> {
    let connection = &trace.connections[0];
    let ranges = trace.message_content(connection, row);
    let stream = connection.stream(row.side);
    ranges
        .flat_map(|range| stream.read_prefix(range, &trace.packets, &trace.source))
        .collect()
}

#[test]
fn requests_that_do_not_wait_are_answered_in_their_order() {
    let mut talk = Conversation::connected();
    talk.at_us(10)
        .client(&[GET, b"HEAD /b HTTP/1.1\r\nHost: b\r\n\r\n", GET].concat());
    talk.at_us(20)
        .server(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    talk.at_us(30)
        .server(b"loHTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\nHTTP/1.1 404 Not Found\r\n");
    talk.at_us(40).server(
        b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n",
    );
    let trace = talk.trace();
    assert_eq!(rules(&trace), [] as [&str; 0]);
    assert_eq!(trace.connections[0].row.protocol, Protocol::Http1);
    let all = all(&trace);
    let answers: Vec<_> = all.iter().map(|one| one.response.unwrap()).collect();
    assert_eq!(
        answers.iter().map(|row| row.status).collect::<Vec<_>>(),
        [200, 200, 404]
    );
    assert!(answers.iter().all(MessageRow::is_whole));
    assert_eq!(content(&trace, &answers[0]), b"hello");
    assert_eq!(
        answers[1].framing,
        Framing::None,
        "an answer to HEAD has no body"
    );
    assert_eq!(content(&trace, &answers[2]), b"abcde");
    assert_eq!(answers[2].content_bytes, 5);
    let trailers = trace.message_trailers(&trace.connections[0], &answers[2]);
    assert_eq!(
        (&*trailers[0].name, &*trailers[0].value),
        (&b"X-Sum"[..], &b"1"[..])
    );
    let timing = all[0].timing(&trace);
    assert_eq!(timing.sent_ns, Some(START_NS + 10_000));
    assert_eq!(timing.first_byte_ns, Some(START_NS + 20_000));
    assert_eq!(timing.last_byte_ns, Some(START_NS + 30_000));
    assert_eq!(timing.receiving_ns(), Some(10_000));
}

#[test]
fn a_client_that_expects_100_gets_an_interim_response() {
    let mut talk = Conversation::connected();
    talk.client(b"PUT /a HTTP/1.1\r\nHost: b\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    talk.server(b"HTTP/1.1 100 Continue\r\n\r\n");
    talk.client(b"abc");
    talk.server(b"HTTP/1.1 204 No Content\r\n\r\n");
    let trace = talk.trace();
    assert_eq!(rules(&trace), [] as [&str; 0]);
    let all = all(&trace);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].interim.len(), 1);
    assert_eq!(content(&trace, &all[0].request.unwrap()), b"abc");
    assert!(all[0].messages().all(MessageRow::is_whole));
}

#[test]
fn lengths_lead_over_a_hole_in_a_body() {
    let mut talk = Conversation::connected();
    talk.client(GET);
    talk.server(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
    talk.skip_server(6)
        .server(b"ijHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    talk.client(GET);
    let trace = talk.trace();
    assert_eq!(statuses(&trace), [(true, Some(200)), (true, Some(404))]);
    let row = all(&trace)[0].response.unwrap();
    assert_eq!((row.end, row.held), (MessageEnd::Whole, false));
    assert_eq!(row.content_bytes, 10);
}

#[test]
fn behind_a_hole_in_a_head_reading_goes_on_at_the_next_start_line() {
    let mut talk = Conversation::connected();
    talk.client(GET).server(b"HTTP/1.1 200 OK\r\nCont");
    talk.skip_server(30).server(b"some content that is no head");
    talk.client(GET)
        .server(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    let trace = talk.trace();
    assert!(
        rules(&trace).contains(&"http1-resumed"),
        "{:?}",
        rules(&trace)
    );
    assert_eq!(statuses(&trace), [(true, None), (true, Some(404))]);
}

#[test]
fn a_capture_that_begins_in_a_response_goes_on_at_the_next() {
    let mut talk = Conversation::mid_connection();
    talk.server(b"the end of some content");
    talk.client(GET)
        .server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let trace = talk.trace();
    assert_eq!(statuses(&trace), [(true, Some(200))]);
}

#[test]
fn what_leaves_room_for_two_readings_is_found() {
    let mut talk = Conversation::connected();
    talk.client(
        b"POST / HTTP/1.1\r\nHost: a\r\nHost : b\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n\
          5\r\nabcde\r\n0\r\n\r\n",
    );
    talk.client(b"POST /b HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na");
    talk.client(b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
    let trace = talk.trace();
    assert_eq!(
        rules(&trace),
        [
            "http1-space-before-colon",
            "http1-length-and-encoding",
            "http1-host-missing",
            "http1-different-lengths",
            "http1-host-missing",
            "http1-bad-chunk",
        ]
    );
    assert_eq!(all(&trace).len(), 3);
}

#[test]
fn behind_a_switch_of_protocols_nothing_is_read() {
    let mut talk = Conversation::connected();
    talk.client(
        b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    );
    talk.server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi");
    talk.client(b"\x81\x82abcdef").client(GET);
    let trace = talk.trace();
    assert_eq!(rules(&trace), ["http1-tunnel"]);
    let all = all(&trace);
    assert_eq!(all.len(), 1);
    assert!(all[0].is_tunnel());
}

#[test]
fn a_response_without_a_length_lasts_until_the_end_and_another_is_cut() {
    let mut talk = Conversation::connected();
    talk.client(GET)
        .server(b"HTTP/1.0 200 OK\r\n\r\nabc")
        .reset();
    let trace = talk.trace();
    let row = all(&trace)[0].response.unwrap();
    assert_eq!(
        (row.framing, row.end),
        (Framing::UntilClose, MessageEnd::Whole)
    );
    let mut talk = Conversation::connected();
    talk.client(GET)
        .server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        .reset();
    let trace = talk.trace();
    assert_eq!(rules(&trace), ["http1-message-cut"]);
    assert_eq!(all(&trace)[0].response.unwrap().end, MessageEnd::Cut);
}

#[test]
fn a_response_that_nobody_asked_for_is_said() {
    let mut talk = Conversation::mid_connection();
    talk.server(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        .reset();
    let trace = talk.trace();
    assert_eq!(rules(&trace), ["http1-response-without-request"]);
    assert_eq!(statuses(&trace), [(false, Some(408))]);
}

#[test]
fn an_upgrade_that_is_refused_is_an_exchange() {
    let mut talk = Conversation::connected();
    talk.client(
        b"GET /a HTTP/1.1\r\nHost: b\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
          HTTP2-Settings: AAMAAABk\r\n\r\n",
    );
    talk.server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert_eq!(statuses(&talk.trace()), [(true, Some(200))]);
}

#[test]
fn the_capture_with_six_connections_has_six_exchanges() {
    let trace = shipped("http1-and-h2c.pcapng");
    let found = trace.connections.iter().flat_map(exchanges);
    assert!(
        found
            .map(|one| one.response.unwrap())
            .all(|row| row.is_whole())
    );
    let count = trace.connections.iter().flat_map(exchanges).count();
    assert_eq!(count, 6);
}
