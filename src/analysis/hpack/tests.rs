use super::inference::{Hints, Inference, Reason};
use super::*;
use crate::analysis::conversation::{Conversation, frame, shipped};
use crate::wire::http2::{Flags, FrameKind};
use bytes::Bytes;

fn parts(trace: &Trace) -> (&Connection, &Http2, Side) {
    let connection = trace.main_connection().unwrap();
    (
        connection,
        connection.http2().unwrap(),
        connection.row.client,
    )
}

fn block_frame(stream: u32, ends: bool, block: &[u8]) -> Vec<u8> {
    let flags = Flags::END_HEADERS.with_if(ends, Flags::END_STREAM);
    frame(FrameKind::HEADERS, flags, stream, block)
}

#[test]
fn what_is_saved_adds_up_for_every_block_of_the_captures() {
    for name in [
        "downloads.pcapng",
        "large-headers.pcapng",
        "grpc-user-service.pcapng",
    ] {
        let trace = shipped(name);
        for connection in &trace.connections {
            let Some(http2) = connection.http2() else {
                continue;
            };
            for side in Side::BOTH {
                let usage = Usage::of(&trace, connection, side);
                let (mut encoded, mut decoded) = (0, 0);
                for (index, row) in http2.blocks[side.index()].iter().enumerate() {
                    let own = usage.block_savings(BlockId::from_index(index)).unwrap();
                    assert_eq!(own.encoded, u64::from(row.encoded_bytes));
                    assert_eq!(own.decoded, u64::from(row.decoded_bytes));
                    let parts =
                        own.by_static.cast_signed() + own.by_dynamic.cast_signed() + own.by_huffman
                            - own.overhead.cast_signed();
                    assert_eq!(own.saved(), parts, "{name}");
                    encoded += own.encoded;
                    decoded += own.decoded;
                    let total = usage.savings_at(Some(row.last_frame));
                    assert_eq!((total.encoded, total.decoded), (encoded, decoded));
                }
                assert_eq!(usage.savings_at(None), Savings::default());
                assert_eq!(usage.last_unknown(), None);
                assert_eq!(uncertain_spans(http2, side), []);
            }
        }
    }
}

#[test]
fn uses_are_counted_up_to_the_cursor() {
    let mut made = Conversation::new();
    // Inserts x-a: 1, then names it, and once only its name.
    made.client(&block_frame(1, true, b"\x82\x86\x84\x40\x03x-a\x011"));
    made.client(&block_frame(3, true, b"\x82\x86\x84\xbe\xbe"));
    made.client(&block_frame(5, true, b"\x82\x86\x84\x0f\x2f\x012"));
    let trace = made.trace();
    let (connection, http2, client) = parts(&trace);
    let usage = Usage::of(&trace, connection, client);
    let frames: Vec<_> = http2.blocks[client.index()]
        .iter()
        .map(|row| row.last_frame)
        .collect();
    let counts: Vec<_> = frames
        .iter()
        .map(|&at| usage.entry_uses(0, Some(at)))
        .collect();
    assert_eq!(counts, [0, 2, 3]);
    assert_eq!(usage.entry_uses(0, None), 0);
    assert_eq!(usage.entry_uses(7, Some(frames[2])), 0);
    let last = usage.block_savings(BlockId::from_index(2)).unwrap();
    // ":method GET", ":scheme http", ":path /" and the name "x-a".
    assert_eq!((last.by_static, last.by_dynamic), (27, 3));
    assert_eq!((last.encoded, last.overhead), (7, 6));
}

/// A connection met in the middle: no handshake, no preface, a window update first so that it is recognised.
fn from_the_middle(requests: &[&[u8]], responses: &[(bool, &[u8])]) -> Trace {
    let mut made = Conversation::mid_connection();
    let update = crate::analysis::conversation::window_update(0, 1000);
    made.client(&[update.clone(), update.clone(), update.clone()].concat());
    made.server(&[update.clone(), update.clone(), update].concat());
    for (stream, block) in (101..).step_by(2).zip(requests) {
        made.client(&block_frame(stream, true, block));
    }
    for (stream, &(ends, block)) in (101..).step_by(2).zip(responses) {
        made.server(&block_frame(stream, ends, block));
    }
    made.trace()
}

fn names(trace: &Trace, side: Side, hints: &Hints) -> Vec<(u64, String, Reason)> {
    let (connection, ..) = parts(trace);
    let inference = Inference::of(trace, connection, side, hints);
    inference
        .names
        .into_iter()
        .map(|(placeholder, inferred)| {
            let name = String::from_utf8(inferred.name.to_vec()).unwrap();
            (placeholder.0, name, inferred.reason)
        })
        .collect()
}

const GET_HTTP: &[u8] = b"\x82\x86";

#[test]
fn the_only_pseudo_header_that_is_left_names_an_unseen_entry() {
    // Either may be :path, the other :authority.
    let first = [GET_HTTP, b"\xbe\xbf"].concat();
    let trace = from_the_middle(&[&first, b"\x82\xbe\xbf\x86"], &[]);
    let client = parts(&trace).2;
    assert_eq!(
        names(&trace, client, &Hints::new()),
        [],
        "nobody can tell the two apart"
    );
    // A request must have a path, and before :scheme only pseudo-headers stand.
    let trace = from_the_middle(&[b"\x82\xbe\x86\x41\x01a"], &[]);
    let client = parts(&trace).2;
    let path = (1, ":path".to_owned(), Reason::PseudoHeader);
    assert_eq!(
        names(&trace, client, &Hints::new()),
        std::slice::from_ref(&path)
    );
    // What one request tells of an entry holds for the others.
    let trace = from_the_middle(&[b"\x82\xbe\xbf\x86", b"\x82\x86\xbe\x01\x01b"], &[]);
    let client = parts(&trace).2;
    let authority = (2, ":authority".to_owned(), Reason::PseudoHeader);
    assert_eq!(
        names(&trace, client, &Hints::new()),
        [path.clone(), authority.clone()]
    );
    // And so does what a person says.
    let trace = from_the_middle(&[b"\x82\xbe\xbf\x86"], &[]);
    let client = parts(&trace).2;
    let hints = Hints::from([(Placeholder(2), Bytes::from_static(b":authority"))]);
    let hinted = (2, ":authority".to_owned(), Reason::Hint);
    assert_eq!(names(&trace, client, &hints), [path, hinted]);
}

#[test]
fn a_response_begins_with_its_status() {
    let request = [GET_HTTP, b"\x84"].concat();
    let trace = from_the_middle(&[&request], &[(true, b"\xbe\xbf")]);
    let server = parts(&trace).2.other();
    let status = (1, ":status".to_owned(), Reason::PseudoHeader);
    assert_eq!(names(&trace, server, &Hints::new()), [status]);
    let (connection, http2, _) = parts(&trace);
    let usage = Usage::of(&trace, connection, server);
    let last = http2.blocks[server.index()].last().unwrap().last_frame;
    assert_eq!(usage.unseen_uses(Placeholder(1), Some(last)), 1);
    assert_eq!(usage.last_unknown(), Some(last));
    // Its field has the name now, and no value.
    let inference = Inference::of(&trace, connection, server, &Hints::new());
    let mut fields = trace.header_fields(connection, last);
    let reason = inference.apply(&mut fields[0]);
    assert_eq!(
        (reason, inference.apply(&mut fields[1])),
        (Some(Reason::PseudoHeader), None)
    );
    assert!(fields[0].is_named(":status") && fields[0].value.is_none());
    assert_eq!(fields[0].certainty, Certainty::Inferred);
}

#[test]
fn a_field_that_is_sent_anew_in_the_same_place_names_what_stood_there() {
    let request = |rest: &[u8]| [GET_HTTP, b"\x84", rest].concat();
    let first = request(b"\xbe\x50\x04gzip");
    let anew = request(b"\x40\x03x-a\x019\xbf");
    let trace = from_the_middle(&[&first, &anew], &[]);
    let client = parts(&trace).2;
    let named = (1, "x-a".to_owned(), Reason::Reinsertion);
    assert_eq!(names(&trace, client, &Hints::new()), [named]);
    // Another block that says something else takes it back.
    let other = request(b"\x40\x03x-b\x019\xc0");
    let trace = from_the_middle(&[&first, &anew, &other], &[]);
    assert_eq!(names(&trace, client, &Hints::new()), []);
}

#[test]
fn the_shipped_connection_that_begins_in_the_middle_says_what_can_be_known() {
    let trace = shipped("mid-connection.pcapng");
    let (_, http2, client) = parts(&trace);
    let server = client.other();
    // gRPC's trailers begin with an unseen entry before grpc-message.
    let status = (2, "grpc-status".to_owned(), Reason::GrpcStatus);
    assert_eq!(names(&trace, server, &Hints::new()), [status]);
    // :path and :authority of the requests cannot be told apart, until somebody helps.
    assert_eq!(names(&trace, client, &Hints::new()), []);
    let hints = Hints::from([(Placeholder(8), Bytes::from_static(b":authority"))]);
    let helped = names(&trace, client, &hints);
    assert!(
        helped.contains(&(9, ":path".to_owned(), Reason::PseudoHeader)),
        "{helped:?}"
    );
    assert!(
        helped.contains(&(1, ":path".to_owned(), Reason::PseudoHeader)),
        "{helped:?}"
    );
    let [span] = uncertain_spans(http2, client)[..] else {
        panic!("one span")
    };
    assert_eq!((span.from, span.until), (None, None));
}

#[test]
fn a_table_that_was_emptied_is_certain_again_from_then_on() {
    let trace = from_the_middle(&[b"\x82\xbe\x86\x84", b"\x20\x3f\xe1\x1f\x82\x86\x84"], &[]);
    let (_, http2, client) = parts(&trace);
    let last = http2.blocks[client.index()].last().unwrap().last_frame;
    let span = UncertainSpan {
        from: None,
        until: Some(last),
    };
    assert_eq!(uncertain_spans(http2, client), [span]);
}
