//! How the window moves: with commands, the selection and the cursor; and what the loom says in words.

use super::super::layout::{Content, Layout};
use super::super::reader::Reader;
use super::super::test_trace::trace_of;
use super::super::{Command, State};
use super::{Owned, page};
use crate::trace::{Cursor, FrameId};
use crate::ui::Item;
use egui::{Rect, pos2, vec2};

fn state_for(owned: &Owned) -> State {
    let mut state = State::default();
    let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(900.0, 500.0));
    let streams = owned
        .context()
        .connection
        .unwrap()
        .http2()
        .unwrap()
        .streams()
        .len();
    let content = Content {
        lanes: streams,
        connection_lane: true,
        ..Content::default()
    };
    state.layout = Some(Layout::new(rect, content, 0.0));
    let context = owned.context();
    let reader = Reader::new(&context).unwrap();
    while {
        state.summaries.follow(&reader);
        state.summaries.is_behind(&reader)
    } {}
    state.settle(&context, 1.0);
    state
}

#[test]
fn centring_twice_fits() {
    let owned = Owned::new(trace_of(&page()));
    let mut state = state_for(&owned);
    let mut context = owned.context();
    let connection = context.connection.unwrap().id;
    context.selection = Some(Item::Frame(connection, FrameId::from_index(3)));
    state.command(Command::ZoomIn, &context);
    state.command(Command::CentreSelection, &context);
    let centred = state.target.unwrap();
    assert!((centred.centre_ns() - 2e6).abs() < 1.0, "{centred:?}");
    state.command(Command::CentreSelection, &context);
    let fitted = state.target.unwrap();
    assert!(fitted.length_ns() < centred.length_ns() / 2.0, "{fitted:?}");
    state.command(Command::FitAll, &context);
    assert!(state.target.unwrap().contains(0.0) && state.target.unwrap().contains(4e6));
}

#[test]
fn zooming_in_for_ever_ends_at_a_microsecond_per_hundred_points() {
    let owned = Owned::new(trace_of(&page()));
    let mut state = state_for(&owned);
    for _ in 0..100 {
        state.command(Command::ZoomIn, &owned.context());
    }
    let per_point = state.target.unwrap().length_ns() / state.width();
    assert!((per_point - 10.0).abs() < 0.01, "{per_point} ns per point");
    for _ in 0..100 {
        state.command(Command::ZoomOut, &owned.context());
    }
    assert!(state.target.unwrap().contains(0.0) && state.target.unwrap().contains(4e6));
}

#[test]
fn a_cursor_that_leaves_the_window_takes_it_along() {
    let owned = Owned::new(trace_of(&page()));
    let mut state = state_for(&owned);
    let mut context = owned.context();
    let connection = context.connection.unwrap();
    context.cursor = Cursor::after_frame(connection, FrameId::from_index(0));
    state.settle(&context, 1.0);
    state.command(
        Command::ShowTimes {
            start_ns: -1e5,
            end_ns: 3e5,
        },
        &context,
    );
    state.settle(&context, 1.0);
    context.cursor = Cursor::after_frame(connection, FrameId::from_index(5));
    state.settle(&context, 1.0);
    assert!(state.target.unwrap().contains(4e6), "{:?}", state.target);
}

#[test]
fn the_text_twin_tells_lanes_frames_and_cursor() {
    let owned = Owned::new(trace_of(&page()));
    let state = state_for(&owned);
    let text = super::super::text(&owned.context(), &state);
    for part in [
        "6 frames read at the cursor",
        "the connection (settings, pings and its window): 2 SETTINGS; 0.000 ms to 2.000 ms",
        "stream 1 (request not seen, ",
        "2 HEADERS, 2 DATA; 0.000 ms to 4.000 ms",
        "after frame 5: DATA on stream 1",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn the_words_say_which_streams_a_lost_segment_held_back() {
    let world = crate::ui::views::testing::World::of_capture("lossy.pcapng");
    let said = world.read(|context| super::super::text(context, &State::default()));
    let waited: Vec<&str> = (said.lines())
        .filter(|line| line.contains("lost segment"))
        .collect();
    assert!(waited.len() >= 2, "{said}");
    assert!(
        waited.iter().all(|line| line.starts_with("stream ")),
        "{said}"
    );
}
