use crate::made::{self, Conversation, Made};
use crate::program::shipped;
use wireloom::capture::Capture;
use wireloom::dissect::{Dissector, Limits, read_all};
use wireloom::report::{self, Format};
use wireloom::trace::{FrameId, Http2State, StreamState, Trace};
use wireloom::wire::http2::{
    ErrorCode, PriorityChange, PriorityTree, RstStream, StreamId, WindowUpdate,
};

#[test]
fn frames_on_a_stream_that_was_closed_long_ago_still_count() {
    let mut made = Made::new();
    let mut conversation = Conversation::begin(&mut made, 0);
    for number in 0..10_000_u32 {
        conversation.request(2 * number + 1, "/");
        conversation.response(2 * number + 1);
        conversation.send(&mut made);
    }
    for increment_bytes in [1, 2] {
        WindowUpdate { increment_bytes }.encode(&mut conversation.client.bytes, StreamId(5));
        conversation.send(&mut made);
    }
    let error = ErrorCode::CANCEL;
    RstStream { error }.encode(&mut conversation.client.bytes, StreamId(5));
    conversation
        .server
        .data(5, wireloom::wire::http2::Flags::NONE, b"late");
    conversation.send(&mut made);
    let trace = read_all(made::open(made));
    let connection = &trace.connections[0];
    let http2 = connection.http2().unwrap();
    assert_eq!(http2.streams().len(), 10_000);
    let row = http2.stream(StreamId(5)).unwrap();
    assert_eq!((row.frames, row.data_bytes), (7, [0, 9]));
    assert_eq!((row.state, row.error), (StreamState::Closed, None));
    assert_eq!(row.last_frame, FrameId::from_index(http2.frames.len() - 1));
    assert_eq!(http2.frames_of(StreamId(5)).len(), 7);
    assert_eq!(http2.stream(StreamId(7)).unwrap().frames, 3);
    // It was no opening.
    let at_the_end = Http2State::after(connection, Some(row.last_frame)).unwrap();
    assert_eq!(at_the_end.stream_state(StreamId(5)), StreamState::Closed);
    assert!(at_the_end.active_streams().is_empty());
}

#[test]
fn without_priorities_the_tree_is_the_one_that_every_opening_and_closing_makes() {
    let made = made::requests(1, 4_000, 700);
    let trace = read_all(made::open(made));
    let connection = &trace.connections[0];
    let http2 = connection.http2().unwrap();
    let mut tree = PriorityTree::default();
    let mut compared = 0;
    for (index, frame) in http2.frames.iter().enumerate() {
        let before = index.checked_sub(1).map(FrameId::from_index);
        let before = Http2State::after(connection, before)
            .unwrap()
            .stream_state(frame.stream);
        let now = Http2State::after(connection, Some(FrameId::from_index(index))).unwrap();
        let after = now.stream_state(frame.stream);
        if after.is_active() && !before.is_active() {
            tree.apply(frame.stream, PriorityChange::Open);
        } else if after == StreamState::Closed && before != after {
            tree.apply(frame.stream, PriorityChange::Close);
        }
        if index % 97 == 0 {
            assert_eq!(
                now.priority_tree().nodes(),
                tree.nodes(),
                "after frame {index}"
            );
            let children = |tree: &PriorityTree| tree.children(StreamId::CONNECTION);
            assert_eq!(
                children(&now.priority_tree()),
                children(&tree),
                "after frame {index}"
            );
            compared += 1;
        }
    }
    assert!(compared > 100);
    assert_eq!(tree.len(), PriorityTree::MAX_STREAMS);
}

/// All that the commands print of a capture that so many threads have read.
fn printed(capture: &[u8], threads: usize) -> Vec<u8> {
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let capture = Capture::from_bytes(capture.to_vec().into(), "made up").unwrap();
    let trace = threads.install(|| read_all(capture));
    let mut out = Vec::new();
    report::write_rows(&mut out, Format::Json, report::frames::frames(&trace)).unwrap();
    report::write_rows(&mut out, Format::Json, report::streams::streams(&trace)).unwrap();
    report::write_rows(&mut out, Format::Json, report::findings::findings(&trace)).unwrap();
    report::write_rows(&mut out, Format::Json, report::packets::packets(&trace)).unwrap();
    report::write_rows(&mut out, Format::Json, report::holes::holes(&trace)).unwrap();
    report::write_rows(
        &mut out,
        Format::Json,
        report::connections::connections(&trace),
    )
    .unwrap();
    out
}

#[test]
fn what_is_read_does_not_depend_on_the_number_of_threads() {
    let mut captures = Vec::new();
    for entry in std::fs::read_dir(shipped("")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "pcapng" || extension == "pcap")
        {
            captures.push(std::fs::read(path).unwrap());
        }
    }
    assert!(captures.len() >= 5);
    // Enough bytes on several connections that they are read side by side.
    let many = made::requests(7, 300, 25).into_bytes();
    // Every 97th packet is lost, so that there are holes and findings on all of them.
    let mut lossy = many[..24].to_vec();
    let mut rest = &many[24..];
    let mut packet = 0;
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let (record, behind) = rest.split_at(16 + length);
        if packet % 97 != 96 {
            lossy.extend_from_slice(record);
        }
        packet += 1;
        rest = behind;
    }
    captures.extend([many, lossy]);
    for (number, capture) in captures.iter().enumerate() {
        let one = printed(capture, 1);
        assert!(!one.is_empty());
        for threads in [2, 4] {
            assert!(
                printed(capture, threads) == one,
                "capture {number}, {threads} threads"
            );
        }
    }
}

/// Reads with room for so many connections.
fn read_within(open_connections: usize, connections: usize, made: Made) -> Trace {
    let limits = Limits {
        open_connections,
        connections,
        ..Limits::default()
    };
    read_with(limits, made::open(made), usize::MAX)
}

/// Reads within limits, in batches of so many packets and frames.
fn read_with(limits: Limits, capture: Capture, batch_rows: usize) -> Trace {
    let mut trace = Trace::new(capture.source());
    let mut dissector = Dissector::with_limits(limits);
    for event in capture {
        dissector.event(event);
        if dissector.batch_rows() >= batch_rows {
            trace.append(dissector.take_batch());
        }
    }
    dissector.finish();
    trace.append(dissector.take_batch());
    trace
}

#[test]
fn when_too_much_is_held_back_those_who_hold_most_go_on_and_one_finding_says_so() {
    let (mut made, mut lost) = (Made::new(), Made::new());
    let mut all: Vec<_> = (0..3)
        .map(|number| Conversation::begin(&mut made, number))
        .collect();
    for conversation in &mut all {
        conversation.request(1, "/lost");
        conversation.send(&mut lost);
    }
    for number in 1..=9_000_u32 {
        // The first one waits with a tenth of what the others wait with.
        let who = if number % 10 == 0 {
            0
        } else {
            1 + number as usize % 2
        };
        all[who].request(2 * number + 1, "/waits");
        all[who].send(&mut made);
    }
    let file = made.into_bytes();
    let limits = Limits {
        held_bytes: 600 << 10,
        ..Limits::default()
    };
    let read = |limits, batch_rows| read_with(limits, made::open_bytes(file.clone()), batch_rows);
    let trace = read(limits, usize::MAX);
    let said = |trace: &Trace| {
        let held = trace
            .findings
            .iter()
            .filter(|finding| finding.rule == "too-much-held-back");
        held.count()
    };
    assert_eq!(said(&trace), 1);
    let last = trace.packets.len() - 1;
    let first_read = |index: usize| {
        let connection: &wireloom::trace::Connection = &trace.connections[index];
        let stream = connection.stream(wireloom::trace::Side::A);
        let hole = stream
            .pieces()
            .iter()
            .find(|piece| piece.packet.is_none())
            .unwrap();
        hole.readable.index()
    };
    assert!(first_read(1) < last && first_read(2) < last);
    assert_eq!(first_read(0), last, "who holds little is let wait");
    // Nothing but the hole is missing, however it was read.
    let frames = |trace: &Trace| -> Vec<usize> {
        let of =
            |connection: &wireloom::trace::Connection| connection.http2().unwrap().frames.len();
        trace.connections.iter().map(of).collect()
    };
    assert_eq!(frames(&trace).iter().sum::<usize>(), 3 * 4 + 9_000);
    let unlimited = read(Limits::default(), usize::MAX);
    assert_eq!((said(&unlimited), frames(&unlimited)), (0, frames(&trace)));
    for batch_rows in [100, 5_000] {
        let again = read(limits, batch_rows);
        let holes = |trace: &Trace| {
            let mut out = Vec::new();
            report::write_rows(&mut out, Format::Json, report::holes::holes(trace)).unwrap();
            report::write_rows(&mut out, Format::Json, report::findings::findings(trace)).unwrap();
            out
        };
        assert!(holes(&again) == holes(&trace), "batches of {batch_rows}");
    }
}

#[test]
fn connections_that_are_quiet_for_longest_are_given_up_when_too_many_are_open() {
    let mut made = Made::new();
    let mut early = Conversation::begin(&mut made, 1_000_000);
    early.request(1, "/early");
    early.send(&mut made);
    let mut busy = Conversation::begin(&mut made, 2_000_000);
    for number in 0..700_u32 {
        made.syn(number);
        if number % 100 == 0 {
            busy.request(number / 50 + 1, "/");
            busy.send(&mut made);
        }
    }
    early.response(1);
    early.send(&mut made);
    let trace = read_within(600, 10_000, made);
    assert_eq!(trace.connections.len(), 2 + 700 + 1);
    let frames = |index: usize| trace.connections[index].http2().unwrap().frames.len();
    assert_eq!(frames(0), 5);
    assert_eq!(frames(1), 4 + 7, "a connection with packets stays");
    let rules: Vec<_> = trace.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(
        rules
            .iter()
            .filter(|rule| **rule == "too-many-open-connections")
            .count(),
        1
    );
    // The rest of the first one is met in its middle, in the last of the connections.
    let last = &trace.connections[702];
    assert_eq!(last.row.ends[1], trace.connections[0].row.ends[0]);
}

#[test]
fn packets_of_connections_beyond_the_limit_are_skipped_and_one_finding_says_so() {
    let mut made = Made::new();
    for number in 0..5_010 {
        made.syn(number);
    }
    let trace = read_within(1_000, 5_000, made);
    assert_eq!(trace.connections.len(), 5_000);
    assert_eq!(
        report::stats::stats(&trace).skipped["too-many-connections"],
        10
    );
    let rules: Vec<_> = trace.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["too-many-open-connections", "too-many-connections"]);
    let sizes = trace
        .connections
        .iter()
        .map(|connection| connection.memory_bytes());
    let bytes = sizes.max().unwrap();
    assert!(
        bytes <= 300,
        "a connection with a SYN alone takes {bytes} bytes"
    );
}
