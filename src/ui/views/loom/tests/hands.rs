//! What a hand does: clicks, drags and the wheel.

use super::super::State;
use super::super::test_trace::trace_of;
use super::{Owned, page};
use crate::trace::{Cursor, FrameId, Trace};
use crate::ui::Item;
use crate::wire::http2::StreamId;
use egui::{pos2, vec2};

/// The loom in a window of 900 × 500 points, with what it answered.
struct Screen {
    owned: Owned,
    state: State,
    cursor: Option<Cursor>,
}

fn screen<'a>(trace: Trace) -> egui_kittest::Harness<'a, Screen> {
    let owned = Owned::new(trace);
    let cursor = Cursor::end_of(&owned.trace);
    let screen = Screen {
        owned,
        state: State::default(),
        cursor,
    };
    let mut harness = egui_kittest::Harness::builder()
        .with_size(vec2(900.0, 500.0))
        // Two clicks of a double-click are nearer than the default step of a quarter second.
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(100)
        .build_ui_state(
            |ui, screen: &mut Screen| {
                let mut context = screen.owned.context();
                context.cursor = screen.cursor;
                super::super::loom_ui(ui, &context, &mut screen.state);
            },
            screen,
        );
    harness.run();
    harness
}

fn answers(harness: &egui_kittest::Harness<'_, Screen>) -> Vec<crate::ui::Command> {
    harness.state().owned.commands.borrow().clone()
}

fn press(harness: &mut egui_kittest::Harness<'_, Screen>, from: egui::Pos2, to: egui::Pos2) {
    harness.hover_at(from);
    harness.run();
    harness.drag_at(from);
    harness.run();
    if to != from {
        harness.hover_at(to);
        harness.run();
    }
    harness.drop_at(to);
    harness.run();
}

#[test]
fn a_click_on_a_label_selects_its_stream() {
    use egui_kittest::kittest::Queryable;
    let mut harness = screen(trace_of(&page()));
    harness
        .get_by_label_contains("stream 1, request not seen")
        .click();
    harness.run();
    let connection = harness.state().owned.context().connection.unwrap().id;
    let select = crate::ui::Command::Select(Item::Stream(connection, StreamId(1)));
    assert_eq!(answers(&harness), [select]);
    harness.get_by_label("loom");
    harness.get_by_label("legend: HEADERS");
    assert!(harness.query_by_label("legend: WINDOW_UPDATE").is_none());
}

#[test]
fn a_click_on_a_frame_selects_it_on_the_wire_and_in_its_lane() {
    let mut harness = screen(trace_of(&page()));
    let state = &harness.state().state;
    let layout = state.layout.clone().unwrap();
    let (start_ns, end_ns) = state.shown_ns().unwrap();
    let share = (4e6 - start_ns) / (end_ns - start_ns);
    let x = layout.plot.min + layout.width() * share as f32 + 2.0;
    let on_wire = pos2(x, layout.wire[1].top() + 5.0);
    let in_lane = pos2(x, layout.lane(0).center().y + 5.0);
    press(&mut harness, on_wire, on_wire);
    press(&mut harness, in_lane, in_lane);
    let connection = harness.state().owned.context().connection.unwrap().id;
    let select = crate::ui::Command::Select(Item::Frame(connection, FrameId::from_index(5)));
    assert_eq!(answers(&harness), [select.clone(), select]);
}

#[test]
fn dragging_along_the_axis_moves_the_cursor_frame_by_frame() {
    let mut harness = screen(trace_of(&page()));
    let layout = harness.state().state.layout.clone().unwrap();
    let y = layout.axis.center().y;
    press(
        &mut harness,
        pos2(layout.plot.max - 20.0, y),
        pos2(layout.plot.min + 20.0, y),
    );
    let answers = answers(&harness);
    let Some(crate::ui::Command::MoveCursor(cursor)) = answers.last() else {
        panic!("no cursor in {answers:?}");
    };
    let count = cursor.frame_count(harness.state().owned.context().connection.unwrap());
    assert_eq!(
        count, 1,
        "the second of two frames in one packet has not been read"
    );
}

#[test]
fn dragging_the_background_pans_and_a_double_click_shows_all_again() {
    let mut harness = screen(trace_of(&page()));
    let before = harness.state().state.shown_ns().unwrap();
    let layout = harness.state().state.layout.clone().unwrap();
    let from = pos2(layout.plot.center(), layout.legend.top() - 20.0);
    harness.hover_at(from);
    harness.event(egui::Event::Zoom(3.0));
    harness.run();
    let closer = harness.state().state.shown_ns().unwrap();
    assert!(
        closer.1 - closer.0 < (before.1 - before.0) / 2.0,
        "{closer:?}"
    );
    press(&mut harness, from, from + vec2(100.0, 0.0));
    let panned = harness.state().state.shown_ns().unwrap();
    assert!(panned.0 < closer.0, "{panned:?} is not before {closer:?}");
    for _ in 0..2 {
        harness.drag_at(from);
        harness.drop_at(from);
    }
    harness.run();
    assert_eq!(harness.state().state.shown_ns().unwrap(), before);
}

#[test]
fn the_newest_lane_stays_in_view_at_the_end_of_live_traffic_until_a_hand_scrolls_away() {
    use super::super::test_trace::client;
    use crate::ui::views::View;
    use crate::wire::http2::FrameKind;
    type Shown<'a> = egui_kittest::Harness<'a, Screen>;
    let traffic = |streams: u32| {
        let request = |at: u32| {
            client(
                i64::from(at) * 1_000_000,
                2 * at + 1,
                FrameKind::HEADERS,
                40,
            )
        };
        trace_of(&(0..streams).map(request).collect::<Vec<_>>())
    };
    let grow = |harness: &mut Shown<'_>, streams: u32, moves: Option<bool>| {
        let screen = harness.state_mut();
        screen.owned.trace = traffic(streams);
        screen.cursor = Cursor::end_of(&screen.owned.trace);
        screen.state.follow_cursor(moves);
        harness.run();
    };
    let shows_newest = |harness: &Shown<'_>, streams: usize| {
        let layout = harness.state().state.layout.clone().unwrap();
        let lane = layout.lane(streams - 1);
        lane.top() >= layout.lanes.top() - 0.5 && lane.bottom() <= layout.lanes.bottom() + 0.5
    };
    let wheel = |harness: &mut Shown<'_>, points: f32| {
        let lanes = harness.state().state.layout.clone().unwrap().lanes;
        harness.hover_at(lanes.center());
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, points),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::NONE,
        });
        harness.run();
    };
    let mut harness = screen(traffic(3));
    grow(&mut harness, 40, Some(true));
    assert!(shows_newest(&harness, 40));
    grow(&mut harness, 41, Some(true));
    assert!(shows_newest(&harness, 41));
    wheel(&mut harness, 200.0);
    let scrolled = harness.state().state.scroll;
    assert!(!shows_newest(&harness, 41));
    grow(&mut harness, 45, Some(true));
    assert_eq!(harness.state().state.scroll, scrolled);
    // Scrolled back to the end, it stays there again.
    wheel(&mut harness, -2000.0);
    assert!(shows_newest(&harness, 45));
    grow(&mut harness, 50, Some(true));
    assert!(shows_newest(&harness, 50));
    // While the cursor stands, lanes stay as well.
    grow(&mut harness, 60, None);
    assert!(!shows_newest(&harness, 60));
    assert!(harness.state().state.scroll > 0.0);
}
