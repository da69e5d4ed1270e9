//! The stream list on a shipped capture, found and clicked by what it says.

use super::*;
use crate::trace::Finding;
use crate::ui::views::testing::{World, pane};
use crate::wire::http2::StreamId;
use egui_kittest::kittest::Queryable;

#[test]
fn a_click_on_a_stream_selects_it() {
    let world = World::of_capture("downloads.pcapng");
    let connection = world.connection.unwrap();
    let mut harness = pane(world, [240.0, 400.0], stream_list_ui);
    harness
        .get_by_label("stream 3, GET /app.js, 200 · 60 KB")
        .click();
    harness.run_ok();
    let selected = Item::Stream(connection, StreamId(3));
    assert_eq!(harness.state().0.commands, [Command::Select(selected)]);
}

#[test]
fn the_filter_leaves_streams_that_contain_its_text() {
    let world = World::of_capture("downloads.pcapng");
    let mut harness = pane(world, [240.0, 400.0], stream_list_ui);
    harness.get_by_label("Filter streams").focus();
    harness.run_ok();
    harness.get_by_label("Filter streams").type_text("APP.js");
    harness.run_ok();
    harness.get_by_label("1 of 6");
    harness.get_by_label("stream 3, GET /app.js, 200 · 60 KB");
    assert!(harness.query_by_label_contains("stream 1,").is_none());
}

#[test]
fn keys_go_from_stream_to_stream() {
    let mut world = World::of_capture("downloads.pcapng");
    let connection = world.connection.unwrap();
    world.selection = Some(Item::Stream(connection, StreamId(3)));
    let mut harness = pane(world, [240.0, 400.0], stream_list_ui);
    harness.get_by_label("Streams").focus();
    harness.run_ok();
    harness.key_press(egui::Key::ArrowDown);
    harness.run_ok();
    let next = Item::Stream(connection, StreamId(5));
    assert_eq!(harness.state().0.commands, [Command::Select(next)]);
}

#[test]
fn what_a_stream_was_for_is_said_in_few_words() {
    let text = |name| World::of_capture(name).read(|context| text(context, &State::default()));
    let pushes = text("push.pcap");
    assert!(
        pushes.contains("stream 2, pushed /style.css, 200 · 24 KB"),
        "{pushes}"
    );
    assert!(
        pushes.contains("stream 3, priority only, no request, idle"),
        "{pushes}"
    );
    let calls = text("grpc-user-service.pcapng");
    assert!(calls.contains("stream 5, UserService/"), "{calls}");
    assert!(calls.contains("NOT_FOUND"), "{calls}");
}

#[test]
fn streams_behind_the_cursor_have_not_started() {
    let mut world = World::of_capture("downloads.pcapng");
    world.cursor = Some(crate::trace::Cursor::after_packet(
        crate::trace::PacketId::from_index(0),
    ));
    let text = world.read(|context| text(context, &State::default()));
    assert!(
        text.contains("stream 1, GET /style.css, 200 · 24 KB, not yet started"),
        "{text}"
    );
}

#[test]
fn a_click_on_a_finding_selects_its_frame() {
    let mut world = World::of_capture("downloads.pcapng");
    let connection = world.connection.unwrap();
    let frame = crate::trace::FrameId::from_index(7);
    let rule = &crate::trace::rules::reading::CAPTURE_HOLE;
    let found = Finding::new(rule, "Something odd.".to_owned());
    (world.trace.findings).push(found.on(connection).of_frame(frame));
    let label = "warning: Something odd.";
    let mut harness = pane(world, [240.0, 400.0], stream_list_ui);
    harness.get_by_label(label).click();
    harness.run_ok();
    let selected = Item::Frame(connection, frame);
    assert_eq!(harness.state().0.commands, [Command::Select(selected)]);
}

#[test]
fn streams_stand_in_the_order_of_the_looms_lanes() {
    for name in ["push.pcap", "priorities.pcapng", "downloads.pcapng"] {
        let world = World::of_capture(name);
        let numbers = |said: String, ends: char| -> Vec<u32> {
            let streams = said.lines().filter_map(|line| line.strip_prefix("stream "));
            let numbers = streams.filter_map(|line| line.split(ends).next()?.parse().ok());
            numbers.collect()
        };
        let list = world.read(|context| text(context, &State::default()));
        let list = numbers(list, ',');
        let lanes = world.read(|context| {
            crate::ui::views::loom::text(context, &crate::ui::views::loom::State::default())
        });
        let lanes = numbers(lanes, ' ');
        assert!(list.len() > 5);
        assert_eq!(list[..lanes.len()], lanes, "{name}");
    }
    // What was asked for comes first.
    let world = World::of_capture("push.pcap");
    let list = world.read(|context| text(context, &State::default()));
    assert!(
        list.lines().nth(1).unwrap().starts_with("stream 13,"),
        "{list}"
    );
}

#[test]
fn keys_go_on_from_the_last_stream_that_carries_something() {
    let mut world = World::of_capture("push.pcap");
    let connection = world.connection.unwrap();
    world.selection = Some(Item::Stream(connection, StreamId(15)));
    let mut harness = pane(world, [240.0, 400.0], stream_list_ui);
    harness.get_by_label("Streams").focus();
    harness.run_ok();
    harness.key_press(egui::Key::ArrowDown);
    harness.run_ok();
    let next = Item::Stream(connection, StreamId(3));
    assert_eq!(harness.state().0.commands, [Command::Select(next)]);
    harness.key_press(egui::Key::ArrowUp);
    harness.run_ok();
    let back = Item::Stream(connection, StreamId(15));
    assert_eq!(
        harness.state().0.commands.last(),
        Some(&Command::Select(back))
    );
}
