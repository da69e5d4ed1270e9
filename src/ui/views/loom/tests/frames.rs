//! Frames and sums of frames: where they stand, and that none is lost.

use super::super::fold::Strand;
use super::super::model::Model;
use super::super::reader::{Reader, Summaries};
use super::super::test_trace::{busy_trace, client, server, trace_of};
use super::super::window::Window;
use super::{Owned, page};
use crate::trace::log::looks;
use crate::trace::{Cursor, FrameId, Side};
use crate::wire::http2::{FrameKind, StreamId};
use proptest::prelude::*;

const WIDTH: f64 = 1000.0;

/// Lanes where their streams are.
fn in_order(rows: std::ops::Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    rows.map(|row| (row, row))
}

fn model_of(owned: &Owned, start_ns: f64, end_ns: f64) -> Model {
    let context = owned.context();
    let reader = Reader::new(&context).unwrap();
    let mut summaries = Summaries::default();
    while {
        summaries.follow(&reader);
        summaries.is_behind(&reader)
    } {}
    let scale = Window { start_ns, end_ns }.scale(WIDTH);
    loop {
        let model = Model::new(
            &reader,
            &mut summaries,
            scale,
            WIDTH,
            in_order(0..20),
            context.frame_count(),
        );
        if !summaries.lanes_are_behind() {
            return model;
        }
        summaries.follow(&reader);
    }
}

fn frames<S>(strand: &Strand<S>) -> u64 {
    strand
        .iter()
        .flatten()
        .map(|record| u64::from(record.part.frames))
        .sum()
}

#[test]
fn frames_of_one_packet_stand_side_by_side_in_order() {
    let owned = Owned::new(trace_of(&page()));
    let model = model_of(&owned, -1e6, 9e6);
    let server: Vec<_> = model.wire[Side::B.index()]
        .iter()
        .map(|record| record.x)
        .collect();
    assert_eq!(server.len(), 4);
    assert_eq!(server[0], 300.0, "the first stands at the packet's time");
    assert!(
        server.windows(2).all(|pair| pair[1] - pair[0] >= 10.0),
        "{server:?}"
    );
    assert!(server[3] == 500.0, "none is pushed beyond the next packet");
}

#[test]
fn a_frame_stands_at_the_same_place_on_the_wire_and_in_its_lane() {
    let owned = Owned::new(trace_of(&page()));
    let model = model_of(&owned, -1e6, 9e6);
    let lane = model
        .lanes
        .iter()
        .find(|lane| lane.stream == StreamId(1))
        .unwrap();
    for record in lane.strand.iter().flatten() {
        let on_wire = model
            .wire
            .iter()
            .flatten()
            .find(|other| other.first == record.first);
        assert_eq!(on_wire.unwrap().x, record.x);
    }
}

#[test]
fn the_thread_runs_from_the_request_over_the_response_to_the_end() {
    let owned = Owned::new(trace_of(&page()));
    let model = model_of(&owned, -1e6, 9e6);
    assert_eq!(
        model.lanes[0].row, None,
        "the connection's lane comes first"
    );
    let life = model.lanes[1].life.unwrap();
    assert!(
        life.start < life.response && life.response < life.end,
        "{life:?}"
    );
}

#[test]
fn what_lies_behind_the_cursor_is_never_folded_with_what_lies_before() {
    let owned = Owned::new(trace_of(&page()));
    let mut context = owned.context();
    let connection = context.connection.unwrap();
    context.cursor = Cursor::after_frame(connection, FrameId::from_index(3));
    let reader = Reader::new(&context).unwrap();
    let mut summaries = Summaries::default();
    while {
        summaries.follow(&reader);
        summaries.is_behind(&reader)
    } {}
    // So far away that everything falls into one column.
    let scale = Window {
        start_ns: -1e12,
        end_ns: 1e12,
    }
    .scale(WIDTH);
    let model = Model::new(
        &reader,
        &mut summaries,
        scale,
        WIDTH,
        in_order(0..9),
        context.frame_count(),
    );
    let of = |future| {
        model
            .wire
            .iter()
            .flatten()
            .filter(move |record| record.future == future)
    };
    assert_eq!(of(false).map(|record| record.part.frames).sum::<u32>(), 4);
    assert_eq!(of(true).map(|record| record.part.frames).sum::<u32>(), 2);
}

#[test]
fn long_lanes_are_added_up_over_several_pictures_and_come_to_the_same() {
    let owned = Owned::new(busy_trace(200_000, 4));
    let context = owned.context();
    let reader = Reader::new(&context).unwrap();
    let scale = Window {
        start_ns: 0.0,
        end_ns: 4e8,
    }
    .scale(WIDTH);
    let mut summaries = Summaries::default();
    let mut most = 0;
    let mut picture = || {
        let before = looks::so_far();
        summaries.follow(&reader);
        let lanes = in_order(0..4);
        let count = context.frame_count();
        let model = Model::new(&reader, &mut summaries, scale, WIDTH, lanes, count);
        most = most.max(looks::so_far() - before);
        let more = summaries.is_behind(&reader) || summaries.lanes_are_behind();
        (model, more)
    };
    let mut pictures = 1;
    let model = loop {
        match picture() {
            (model, false) => break model,
            _ => pictures += 1,
        }
    };
    assert!((16..40).contains(&pictures), "{pictures}");
    assert!(most < 200_000, "{most}");
    for lane in &model.lanes {
        let all = reader.http2.frames_of(lane.stream).len() as u64;
        assert!(all > 2048);
        assert_eq!(frames(&lane.strand), all);
    }
}

#[test]
fn a_million_frames_make_no_more_records_than_the_width_has_room_for() {
    let owned = Owned::new(busy_trace(1_000_000, 5000));
    let context = owned.context();
    let reader = Reader::new(&context).unwrap();
    let mut summaries = Summaries::default();
    while {
        summaries.follow(&reader);
        summaries.is_behind(&reader)
    } {}
    for length_ns in [2e9, 3e8, 3e7, 3e6, 1e5] {
        let scale = Window {
            start_ns: 0.0,
            end_ns: length_ns,
        }
        .scale(WIDTH);
        let started = std::time::Instant::now();
        let model = Model::new(
            &reader,
            &mut summaries,
            scale,
            WIDTH,
            in_order(0..12),
            700_000,
        );
        println!(
            "{length_ns} ns: {} frames in {:?}",
            model.places.visible.len(),
            started.elapsed()
        );
        let columns = (WIDTH / 3.0) as usize + 14;
        assert!(model.wire.iter().all(|records| records.len() <= columns));
        for lane in &model.lanes {
            assert!(lane.strand.iter().all(|records| records.len() <= columns));
        }
        let in_view = (length_ns / 2000.0).min(1_000_000.0);
        let told = frames(&model.wire) as f64;
        assert!(
            (told - in_view).abs() <= in_view * 0.04 + 40.0,
            "{told} of {in_view}"
        );
    }
}

#[test]
fn long_lanes_are_read_by_their_totals_and_lose_nothing() {
    let owned = Owned::new(busy_trace(200_000, 3));
    let model = model_of(&owned, 0.0, 4e8);
    assert!(!model.places.detailed());
    let lanes: u64 = model.lanes.iter().map(|lane| frames(&lane.strand)).sum();
    assert_eq!(lanes, frames(&model.wire));
    assert_eq!(lanes, 200_000);
    fn bytes<S>(strand: &Strand<S>) -> u64 {
        strand.iter().flatten().map(|r| r.part.bytes).sum()
    }
    let in_lanes: u64 = model.lanes.iter().map(|lane| bytes(&lane.strand)).sum();
    assert_eq!(in_lanes, bytes(&model.wire));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn folding_loses_no_frame_whatever_the_clock_does(
        steps in prop::collection::vec((-40_000i64..100_000, 0u32..5, any::<bool>()), 1..400),
        length_ns in 1e3..1e9,
    ) {
        let mut time_ns = 0;
        let sent: Vec<_> = steps
            .iter()
            .map(|&(step, stream, from_client)| {
                time_ns += step;
                let kind = FrameKind(u8::try_from(stream).unwrap());
                if from_client { client(time_ns, stream, kind, 9) } else { server(time_ns, stream, kind, 900) }
            })
            .collect();
        let times: Vec<i64> = sent.iter().map(|sent| sent.time_ns).collect();
        let zero = times[0];
        let owned = Owned::new(trace_of(&sent));
        // All frames in view, whatever the scale.
        let low = times.iter().min().unwrap() - zero;
        let high = times.iter().max().unwrap() - zero;
        let model = model_of(&owned, low as f64 - length_ns, high as f64 + length_ns);
        prop_assert_eq!(frames(&model.wire), sent.len() as u64);
        let lanes: u64 = model.lanes.iter().map(|lane| frames(&lane.strand)).sum();
        prop_assert_eq!(lanes, sent.len() as u64);
        for records in &model.wire {
            prop_assert!(records.windows(2).all(|pair| pair[0].centre() <= pair[1].centre() + 3.0));
        }
    }
}

#[test]
fn while_a_capture_is_read_few_frames_are_added_up_at_first_and_all_in_the_end() {
    let trace = busy_trace(30_000, 20);
    let known = Reader::of(&trace, &trace.connections[0]).unwrap();
    let first = |loading| {
        let mut summaries = Summaries::default();
        summaries.follow(&Reader { loading, ..known });
        summaries.wire.len()
    };
    assert!(first(true) < first(false) / 4);
    assert!(first(false) < 30_000);
    let mut summaries = Summaries::default();
    let mut pictures = 0;
    while pictures == 0 || summaries.is_behind(&known) {
        let loading = pictures < 10;
        summaries.follow(&Reader { loading, ..known });
        pictures += 1;
    }
    // Eight with a thousand, two with six thousand, and the rest in one when all is read.
    assert_eq!(pictures, 11);
}
