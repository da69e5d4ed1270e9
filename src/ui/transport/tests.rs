//! A connection of five frames in four packets:
//!
//! ```text
//! packet        0       1       2        3        4        5
//! time, ms      0       10      12       5012     5013     5020
//! frames        (none)  0, 1    2        3        4        (none)
//! stream                0  1    3        1        3
//! ```

use super::*;
use crate::capture::Source;
use crate::trace::http2::Http2Batch;
use crate::trace::packets::PacketOwner;
use crate::trace::{
    Batch, ClientKnownBy, ConnectionBatch, ConnectionId, ConnectionRow, FrameRow, PacketRow,
    Protocol, Side, StreamRow, StreamState,
};
use crate::wire::http2::{Flags, FrameKind};

const MS: i64 = 1_000_000;

fn packet(time_ms: i64) -> PacketRow {
    PacketRow {
        time_ns: time_ms * MS,
        offset: 0,
        captured: 0,
        original_len: 0,
        owner: Some(PacketOwner {
            connection: ConnectionId::from_index(0),
            side: Side::A,
        }),
        interface: 0,
        skipped: None,
        marks: Default::default(),
    }
}

fn frame(packet: usize, stream: u32) -> FrameRow {
    FrameRow {
        offset: 0,
        packet: PacketId::from_index(packet),
        stream: StreamId(stream),
        length: 10,
        block: None,
        kind: FrameKind::DATA,
        flags: Flags(0),
        side: Side::A,
        whole: true,
    }
}

fn stream(id: u32) -> StreamRow {
    StreamRow {
        id: StreamId(id),
        opened_by: None,
        pushed_by: None,
        method: None,
        scheme: None,
        authority: None,
        path: None,
        status: None,
        content_type: None,
        request_content_type: None,
        grpc_status: None,
        state: StreamState::Open,
        closed_by: None,
        error: None,
        first_frame: FrameId::from_index(0),
        last_frame: FrameId::from_index(0),
        end_frame: None,
        response_frame: None,
        frames: 0,
        data_bytes: [0; 2],
        header_bytes: Default::default(),
    }
}

fn trace(times_ms: &[i64]) -> Trace {
    let mut trace = Trace::new(Source::empty());
    trace.append(Batch {
        packets: times_ms.iter().map(|&ms| packet(ms)).collect(),
        connections: vec![ConnectionBatch {
            id: ConnectionId::from_index(0),
            row: ConnectionRow {
                ends: [([192, 0, 2, 1], 50_000).into(), ([192, 0, 2, 2], 80).into()],
                client: Side::A,
                client_known_by: ClientKnownBy::Syn,
                protocol: Protocol::Http2,
                tls: None,
                first_packet: PacketId::from_index(0),
                last_packet: PacketId::from_index(5),
                packets: 6,
                start_seen: true,
                end_seen: true,
                tcp: Default::default(),
            },
            pieces: Default::default(),
            tcp: Default::default(),
            texts: Vec::new(),
            http1: None,
            http2: Some(Http2Batch {
                frames: vec![
                    frame(1, 0),
                    frame(1, 1),
                    frame(2, 3),
                    frame(3, 1),
                    frame(4, 3),
                ],
                streams: vec![stream(1), stream(3)],
                ..Http2Batch::default()
            }),
        }],
        ..Batch::default()
    });
    trace
}

fn usual() -> Trace {
    trace(&[0, 10, 12, 5012, 5013, 5020])
}

fn seen(transport: &Transport, trace: &Trace) -> usize {
    let connection = &trace.connections[0];
    transport.cursor().unwrap().frame_count(connection)
}

/// Watches for a time, sixty pictures a second.
fn watch(transport: &mut Transport, trace: &Trace, seconds: f64) {
    for _ in 0..(seconds * 60.0).round() as usize {
        transport.update(1.0 / 60.0, trace, Some(&trace.connections[0]), false);
    }
}

fn at_start(trace: &Trace) -> Transport {
    let mut transport = Transport::default();
    transport.to_start(trace);
    transport
}

#[test]
fn until_it_is_moved_the_cursor_stands_at_the_end_of_what_was_read() {
    let mut trace = usual();
    let mut transport = Transport::default();
    transport.update(0.0, &Trace::new(Source::empty()), None, true);
    assert_eq!(transport.cursor(), None);
    transport.update(0.0, &trace, None, true);
    assert_eq!(seen(&transport, &trace), 5);
    trace.append(Batch {
        packets: vec![packet(6000)],
        ..Batch::default()
    });
    transport.update(0.0, &trace, None, true);
    assert_eq!(transport.cursor(), Cursor::end_of(&trace));
    transport.to_start(&trace);
    transport.update(0.0, &trace, None, true);
    assert_eq!(seen(&transport, &trace), 0);
}

#[test]
fn steps_forward_and_back_visit_every_frame() {
    let trace = usual();
    let connection = &trace.connections[0];
    let mut transport = at_start(&trace);
    for frame in 0..5 {
        let stepped = transport.step(connection, Step::Forward, None);
        assert_eq!(stepped, Some(FrameId::from_index(frame)));
        assert_eq!(seen(&transport, &trace), frame + 1);
    }
    assert_eq!(transport.step(connection, Step::Forward, None), None);
    for frame in (0..4).rev() {
        let stepped = transport.step(connection, Step::Back, None);
        assert_eq!(stepped, Some(FrameId::from_index(frame)));
    }
    assert_eq!(transport.step(connection, Step::Back, None), None);
    assert_eq!(seen(&transport, &trace), 0);
    assert_eq!(transport.step(connection, Step::Back, None), None);
}

#[test]
fn steps_in_a_stream_pass_over_the_frames_of_others() {
    let trace = usual();
    let connection = &trace.connections[0];
    let mut transport = at_start(&trace);
    let one = Some(StreamId(1));
    let frames: Vec<_> = std::iter::from_fn(|| transport.step(connection, Step::Forward, one))
        .map(FrameId::index)
        .collect();
    assert_eq!(frames, [1, 3]);
    assert_eq!(
        transport.step(connection, Step::Back, one),
        Some(FrameId::from_index(1))
    );
    assert_eq!(transport.step(connection, Step::Back, one), None);
    assert_eq!(seen(&transport, &trace), 2);
    // From a frame of another stream, back is the last one before it.
    transport.step(connection, Step::Forward, None);
    let back = transport.step(connection, Step::Back, one);
    assert_eq!(back, Some(FrameId::from_index(1)));
}

#[test]
fn time_runs_at_the_speed_that_was_chosen() {
    let trace = usual();
    let mut transport = at_start(&trace);
    transport.set_pace(Pace::Speed(0.01));
    transport.toggle_play(&trace, Some(&trace.connections[0]));
    watch(&mut transport, &trace, 0.9);
    assert_eq!(seen(&transport, &trace), 0);
    let shown = transport.time_ns(&trace).unwrap();
    assert!((shown - 9 * MS).abs() < MS / 100, "{shown}");
    watch(&mut transport, &trace, 0.15);
    assert_eq!(seen(&transport, &trace), 2);
    watch(&mut transport, &trace, 0.2);
    assert_eq!(seen(&transport, &trace), 3);
}

#[test]
fn a_long_wait_is_skipped_and_said() {
    let trace = usual();
    let mut transport = at_start(&trace);
    transport.set_pace(Pace::Speed(0.01));
    transport.toggle_play(&trace, Some(&trace.connections[0]));
    watch(&mut transport, &trace, 1.4);
    let skipped = transport.skipped_wait().unwrap();
    assert!(skipped.ns > 4.9e9, "{skipped:?}");
    assert_eq!(seen(&transport, &trace), 3);
    watch(&mut transport, &trace, 0.3);
    assert!(seen(&transport, &trace) >= 4);
}

#[test]
fn playing_stops_at_the_end_and_starts_again_from_the_beginning() {
    let trace = usual();
    let mut transport = at_start(&trace);
    transport.set_pace(Pace::Speed(0.01));
    transport.toggle_play(&trace, Some(&trace.connections[0]));
    watch(&mut transport, &trace, 10.0);
    assert!(!transport.playing());
    assert_eq!(transport.cursor(), Cursor::end_of(&trace));
    assert!(transport.skipped_wait().is_none());
    transport.toggle_play(&trace, Some(&trace.connections[0]));
    assert!(transport.playing());
    assert_eq!(seen(&transport, &trace), 0);
}

#[test]
fn frame_by_frame_takes_one_beat_each_however_far_apart() {
    let trace = usual();
    let mut transport = at_start(&trace);
    transport.set_pace(Pace::Beat);
    transport.toggle_play(&trace, Some(&trace.connections[0]));
    for frames in 1..=5 {
        watch(&mut transport, &trace, BEAT_S + 0.01);
        assert_eq!(seen(&transport, &trace), frames);
    }
}

#[test]
fn clocks_that_jump_do_not_hold_time_up() {
    let day = 86_400_000;
    let trace = trace(&[0, 10, 12 + day, 5, 6 - day, 7]);
    let mut transport = at_start(&trace);
    transport.set_pace(Pace::Speed(0.01));
    transport.toggle_play(&trace, Some(&trace.connections[0]));
    watch(&mut transport, &trace, 12.0);
    assert_eq!(seen(&transport, &trace), 5);
    assert!(!transport.playing());
}

#[test]
fn a_picture_that_took_long_does_not_make_the_cursor_jump() {
    let trace = usual();
    let mut transport = at_start(&trace);
    transport.set_pace(Pace::Speed(0.01));
    transport.toggle_play(&trace, Some(&trace.connections[0]));
    transport.update(3600.0, &trace, Some(&trace.connections[0]), false);
    assert!(transport.time_ns(&trace).unwrap() <= MS);
}

#[test]
fn a_short_capture_is_played_slowly() {
    assert_eq!(Pace::for_length(20 * 1000 * MS), Pace::Speed(1.0));
    assert_eq!(Pace::for_length(400 * MS), Pace::Speed(0.02));
    assert_eq!(Pace::for_length(0), Pace::Speed(0.001));
}

#[test]
fn what_is_looped_is_played_over_and_over() {
    let trace = usual();
    let mut transport = at_start(&trace);
    transport.set_pace(Pace::Speed(0.01));
    let end = 11_000_000;
    transport.set_loop(Some((0, end)));
    transport.toggle_play(&trace, trace.main_connection());
    let mut times = Vec::new();
    for _ in 0..400 {
        watch(&mut transport, &trace, 0.05);
        times.push(transport.time_ns(&trace).unwrap());
    }
    assert!(transport.playing());
    // A picture may come a little too far before it goes back.
    assert!(
        times.iter().all(|time_ns| *time_ns <= end + 200_000),
        "{times:?}"
    );
    let back = times.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(back > 1, "{times:?}");
    transport.set_loop(Some((5, 5)));
    assert_eq!(transport.looped_ns(), None);
}

#[test]
fn a_loop_begins_at_its_beginning_and_rests_at_its_end() {
    let world = crate::ui::views::testing::World::of_capture("downloads.pcapng");
    let (trace, connection) = (&world.trace, world.trace.main_connection());
    let (start, end) = (50_000_000, 60_000_000);
    for pace in [Pace::Speed(1.0), Pace::Speed(0.02), Pace::Beat] {
        let mut transport = Transport::default();
        transport.to_start(trace);
        transport.set_pace(pace);
        transport.set_loop(Some((start, end)));
        transport.toggle_play(trace, connection);
        assert_eq!(transport.time_ns(trace), Some(start), "{pace:?}");
        let (mut rest_s, mut longest_s) = (0.0, 0.0_f64);
        let mut rounds = 0;
        let mut before = start;
        for _ in 0..2000 {
            transport.update(0.02, trace, connection, false);
            let at = transport.time_ns(trace).unwrap();
            rounds += usize::from(at < before);
            assert!(at >= start - 1 && at <= end + 1, "{pace:?}: {at}");
            rest_s = if at >= end { rest_s + 0.02 } else { 0.0 };
            longest_s = longest_s.max(rest_s);
            before = at;
        }
        assert!(rounds > 1, "{pace:?}: {rounds}");
        assert!(
            pace == Pace::Beat || (0.5..0.8).contains(&longest_s),
            "{pace:?}: {longest_s}"
        );
    }
}

#[test]
fn steps_by_packet_stop_at_packets_without_frames() {
    let world = crate::ui::views::testing::World::of_capture("lossy.pcapng");
    let connection = world.trace.main_connection().unwrap();
    let mut transport = Transport::default();
    transport.to_start(&world.trace);
    let mut packets = Vec::new();
    while let Some(item) = transport.step_packet(&world.trace, connection, Step::Forward) {
        packets.push((transport.cursor().unwrap().packet, item));
    }
    assert_eq!(packets.len(), connection.row.packets as usize);
    assert!(packets.iter().any(|(_, item)| item.frame().is_some()));
    assert!(packets.iter().any(|(_, item)| item.frame().is_none()));
    let last = packets.len() - 1;
    let back = transport.step_packet(&world.trace, connection, Step::Back);
    assert_eq!(back, Some(packets[last - 1].1));
}

#[test]
fn steps_by_round_trip_take_about_that_long_and_come_to_both_ends() {
    let world = crate::ui::views::testing::World::of_capture("lossy.pcapng");
    let (trace, connection) = (&world.trace, world.trace.main_connection().unwrap());
    let mut transport = Transport::default();
    transport.to_start(trace);
    let mut steps = 0;
    loop {
        let before = transport.cursor().unwrap().packet;
        if transport
            .step_round_trip(trace, connection, Step::Forward)
            .is_none()
        {
            break;
        }
        assert!(transport.cursor().unwrap().packet > before);
        steps += 1;
    }
    assert!(steps > 3 && steps < connection.row.packets, "{steps}");
    assert_eq!(
        transport.cursor().unwrap().packet,
        connection.row.last_packet
    );
    while transport
        .step_round_trip(trace, connection, Step::Back)
        .is_some()
    {}
    assert_eq!(
        transport.cursor().unwrap().packet,
        connection.row.first_packet
    );
}
