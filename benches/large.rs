//! What large captures cost: decoding all of one, seeking in a million frames, the first rows of a gigabyte.
//!
//! Each answer is checked before it is timed. `make bench` runs this, then `scripts/bench.sh`, which compares the
//! program with tcpdump and tshark.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that goes wrong has to stop"
)]

#[path = "../tests/wireloom/made.rs"]
mod made;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use made::{Conversation, Made};
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};
use wireloom::capture::Capture;
use wireloom::dissect::{Dissector, read_all};
use wireloom::trace::{Connection, Cursor, FrameId, Http2State, Side, Trace};
use wireloom::wire::http2::{Flags, FrameKind};

fn opened(bytes: &bytes::Bytes) -> Capture {
    Capture::from_bytes(bytes.clone(), "made up").unwrap()
}

/// Everything of 96,032 small frames on 8 connections.
fn decode(criterion: &mut Criterion) {
    let bytes = bytes::Bytes::from(made::requests(8, 4_000, 20).into_bytes());
    let trace = read_all(opened(&bytes));
    let stats = wireloom::report::stats::stats(&trace);
    assert_eq!(stats.frames.total, 8 * (4 + 3 * 4_000));
    assert_eq!((stats.streams, stats.headers.blocks), (32_000, 64_000));
    assert_eq!(trace.findings.len(), 0);
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(stats.frames.total as u64));
    group.bench_function("small frames", |bencher| {
        bencher.iter(|| read_all(opened(&bytes)).packets.len());
    });
    group.finish();
}

/// Streams that are open after so many frames, counted one by one.
fn open_after(connection: &Connection, frames: usize) -> usize {
    let frames = connection.http2().unwrap().frames.range(0..frames);
    let (mut opened, mut ended) = (0, 0);
    for frame in frames {
        opened += usize::from(frame.side == Side::A && frame.kind == FrameKind::HEADERS);
        let ends = frame.kind == FrameKind::DATA && frame.flags.contains(Flags::END_STREAM);
        ended += usize::from(ends);
    }
    opened - ended
}

/// The whole state at a cursor: tables, settings, windows, the open streams with theirs, and the priority tree.
fn whole_state(connection: &Connection, cursor: Cursor) -> usize {
    let state = Http2State::at(connection, cursor).unwrap();
    let mut seen = 0;
    for side in Side::BOTH {
        seen += state.table_entries(side).len();
        seen += state.settings(side).count();
        seen += usize::from(state.connection_window(side).is_some());
    }
    let streams = state.active_streams();
    for &stream in streams.keys() {
        for side in Side::BOTH {
            seen += usize::from(state.stream_window(stream, side).is_some());
        }
        seen += usize::from(state.urgency(stream).is_some());
    }
    black_box(state.priority_tree().nodes().len() + seen);
    streams.len()
}

/// The state at any of a million frames, with up to a thousand open streams.
fn seek(criterion: &mut Criterion) {
    const FRAMES: usize = 4 + 3 * 333_400;
    let trace = read_all(made::open(made::requests(1, 333_400, 1_000)));
    let connection = &trace.connections[0];
    let http2 = connection.http2().unwrap();
    assert_eq!(http2.frames.len(), FRAMES);
    let cursor =
        |frame: usize| Cursor::after_frame(connection, FrameId::from_index(frame)).unwrap();
    // The same places in every run, spread over all of it.
    let place = |number: usize| number.wrapping_mul(0x9e37_79b9) % FRAMES;
    let mut most = 0;
    for number in 0..20 {
        let frame = place(number);
        let open = whole_state(connection, cursor(frame));
        assert_eq!(
            open,
            open_after(connection, frame + 1),
            "after frame {frame}"
        );
        most = most.max(open);
    }
    assert!(most > 500, "too few streams are open to tell anything");
    let per_frame = |bytes: usize| bytes / FRAMES;
    println!(
        "memory: {} bytes per frame, {} of them history",
        per_frame(connection.memory_bytes()),
        per_frame(http2.history.memory_bytes())
    );
    assert!(per_frame(connection.memory_bytes()) <= 300);
    assert!(per_frame(http2.history.memory_bytes()) <= 100);
    let mut number = 0;
    criterion.bench_function("seek/whole state among a million frames", |bencher| {
        bencher.iter_batched(
            || {
                number += 1;
                cursor(place(number))
            },
            |cursor| whole_state(connection, cursor),
            BatchSize::SmallInput,
        );
    });
}

/// A capture file of a gigabyte: bodies of a megabyte, one after the other.
fn gigabyte() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut made = Made::new();
    let mut conversation = Conversation::begin(&mut made, 0);
    let content = vec![b'x'; 16_384];
    let mut written = 0;
    for number in 0.. {
        conversation.request(2 * number + 1, "/large.bin");
        conversation
            .server
            .headers(2 * number + 1, Flags::NONE, &[(":status", "200")]);
        for part in 0..64 {
            let flags = if part == 63 {
                Flags::END_STREAM
            } else {
                Flags::NONE
            };
            conversation.server.data(2 * number + 1, flags, &content);
        }
        conversation.send(&mut made);
        let bytes = made.take_bytes();
        file.write_all(&bytes).unwrap();
        written += bytes.len();
        if written > 1 << 30 {
            return file;
        }
    }
    file
}

/// From opening a gigabyte to the first rows of frames in a trace, as the window's loader goes about it: it works
/// for 3 ms before it hands over the first batch.
fn first_rows(criterion: &mut Criterion) {
    let file = gigabyte();
    let first_rows = || {
        let began = Instant::now();
        let capture = Capture::open(file.path()).unwrap();
        let mut trace = Trace::new(capture.source());
        let mut dissector = Dissector::new();
        for event in capture {
            dissector.event(event);
            if began.elapsed() >= Duration::from_millis(3) {
                break;
            }
        }
        trace.append(dissector.take_batch());
        (
            trace.connections[0].http2().unwrap().frames.len(),
            began.elapsed(),
        )
    };
    // A file that was written this instant could still grow and would not be mapped.
    let a_minute_ago = SystemTime::now() - Duration::from_secs(60);
    file.as_file().set_modified(a_minute_ago).unwrap();
    let (frames, took) = first_rows();
    assert!(frames > 10, "{frames} frames");
    assert!(
        took < Duration::from_millis(100),
        "the first rows took {took:?}"
    );
    criterion.bench_function("first rows of a gigabyte", |bencher| {
        bencher.iter(first_rows)
    });
}

criterion_group! {
    name = large;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1));
    targets = decode, seek, first_rows
}
criterion_main!(large);
