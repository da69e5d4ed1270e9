//! The frame list on shipped captures and on one with a million frames.

use super::*;
use crate::ui::views::loom::test_trace::busy_trace;
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::Queryable;

const SIZE: [f32; 2] = [683.0, 200.0];

#[test]
fn a_click_on_a_row_selects_its_frame() {
    let world = World::of_capture("downloads.pcapng");
    let connection = world.connection.unwrap();
    let mut harness = pane(world, SIZE, frame_list_ui);
    harness
        .get_by_label_contains("frame 2, HEADERS, stream 3, from client")
        .click();
    harness.run_ok();
    let selected = Item::Frame(connection, FrameId::from_index(2));
    assert_eq!(harness.state().0.commands, [UiCommand::Select(selected)]);
}

#[test]
fn down_selects_the_next_frame_and_end_the_last() {
    let mut world = World::of_capture("downloads.pcapng");
    let connection = world.connection.unwrap();
    world.select_frame(2);
    let mut harness = pane(world, SIZE, frame_list_ui);
    harness.get_by_label("Frames").focus();
    harness.run_ok();
    harness.key_press(egui::Key::ArrowDown);
    harness.run_ok();
    harness.key_press(egui::Key::End);
    harness.run_ok();
    let select = |frame| UiCommand::Select(Item::Frame(connection, FrameId::from_index(frame)));
    assert_eq!(harness.state().0.commands, [select(3), select(133)]);
    harness.get_by_label_contains("frame 133, GOAWAY");
}

#[test]
fn the_switch_asks_for_one_stream_only() {
    let mut world = World::of_capture("downloads.pcapng");
    world.select_frame(2);
    let mut harness = pane(world, SIZE, frame_list_ui);
    harness.get_by_label("only the selected stream").click();
    harness.run_ok();
    let command = Command::OnlySelectedStream(true);
    assert_eq!(
        harness.state().0.commands,
        [UiCommand::FrameList(command.clone())]
    );
    harness.state_mut().1.carry_out(&command);
    harness.run_ok();
    harness.get_by_label_contains("OF STREAM 3");
    assert!(harness.query_by_label_contains(", stream 1,").is_none());
}

#[test]
fn the_last_of_a_million_frames_is_reached_and_its_rows_do_not_move() {
    let mut world = World::of_trace(busy_trace(1_000_000, 5000));
    world.select_frame(999_999);
    let mut harness = pane(world, SIZE, frame_list_ui);
    harness.run_ok();
    let label = format!("frame {},", format::count(999_999));
    let before = harness.get_by_label_contains(&label).rect();
    assert!(before.bottom() <= 200.0, "{before:?}");
    // One row up: every row moves down by exactly its height, or not at all.
    harness.get_by_label("Frames").focus();
    harness.run_ok();
    harness.key_press(egui::Key::ArrowUp);
    harness.run_ok();
    assert_eq!(harness.get_by_label_contains(&label).rect(), before);
    let above = harness
        .get_by_label_contains(&format!("frame {},", format::count(999_998)))
        .rect();
    assert_eq!(above.bottom(), before.top());
}

#[test]
fn scrolling_to_a_frame_brings_it_into_view_and_selects_nothing() {
    let world = World::of_capture("downloads.pcapng");
    let mut harness = pane(world, SIZE, frame_list_ui);
    assert!(harness.query_by_label_contains("frame 100,").is_none());
    let command = Command::ScrollTo(FrameId::from_index(100));
    harness.state_mut().1.carry_out(&command);
    harness.run_ok();
    harness.get_by_label_contains("frame 100,");
    assert_eq!(harness.state().0.commands, []);
}

#[test]
fn rows_behind_the_cursor_are_said_not_to_have_happened() {
    let mut world = World::of_capture("downloads.pcapng");
    let connection = world.trace.main_connection().unwrap();
    world.cursor = crate::trace::Cursor::after_frame(connection, FrameId::from_index(4));
    let text = world.read(|context| text(context, &State::default()));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.first(), Some(&"134 frames"));
    assert!(
        lines
            .get(5)
            .is_some_and(|line| line.starts_with("frame 4,") && !line.ends_with("not yet"))
    );
    assert!(
        lines.get(6).is_some_and(|line| line.ends_with("not yet")),
        "{text}"
    );
}
