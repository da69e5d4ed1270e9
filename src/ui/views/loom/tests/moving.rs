//! How the window moves: with commands, the selection and the cursor; and what the loom says in words.

use super::super::layout::{Content, Layout};
use super::super::reader::Reader;
use super::super::test_trace::trace_of;
use super::super::{Command, State, loom_ui};
use super::{Owned, page};
use crate::trace::{Cursor, FrameId};
use crate::ui::Item;
use crate::ui::views::testing::{World, pane};
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

/// All that is written in a picture.
fn painted(shape: &egui::Shape, words: &mut Vec<String>) {
    match shape {
        egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| painted(shape, words)),
        egui::Shape::Text(text) => words.push(text.galley.text().to_owned()),
        _ => {}
    }
}

#[test]
fn while_time_runs_the_cursor_says_what_the_transport_bar_says_and_its_line_runs_along() {
    use crate::ui::transport::{Pace, Transport, bar::time_label};
    let world = World::of_capture("push.pcap");
    let connection = world.trace.main_connection().unwrap();
    let mut transport = Transport::default();
    // From a frame that is followed by a wait of some 40 ms, at a speed at which that takes seconds.
    transport.move_to(Cursor::after_frame(connection, FrameId::from_index(24)).unwrap());
    transport.set_pace(Pace::Speed(0.001));
    transport.toggle_play(&world.trace, Some(connection));
    let mut seen = Vec::new();
    let mut harness = pane(world, [1000.0, 600.0], loom_ui);
    for _ in 0..5 {
        let world = &mut harness.state_mut().0;
        transport.update(0.1, &world.trace, world.trace.main_connection(), false);
        world.cursor = transport.cursor();
        world.running_ns = transport.running_ns(&world.trace);
        harness.run();
        let mut words = Vec::new();
        for shape in &harness.output().shapes {
            painted(&shape.shape, &mut words);
        }
        let world = &harness.state().0;
        let label = time_label(&world.trace, &transport);
        // The bar says nanoseconds, the loom microseconds.
        let said = label.trim().split('\u{202f}').next().unwrap();
        assert!(words.contains(&format!("{said} ms")), "{label}: {words:?}");
        seen.push((said.to_owned(), world.cursor));
    }
    // Time ran on while no packet came.
    assert!(seen.windows(2).all(|two| two[0].0 != two[1].0), "{seen:?}");
    assert!(seen.windows(2).any(|two| two[0].1 == two[1].1), "{seen:?}");
}
