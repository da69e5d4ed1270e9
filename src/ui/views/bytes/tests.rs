//! The bytes on shipped captures: the way down, what is lit, what a click selects.

use super::*;
use crate::trace::{FrameId, Unit};
use crate::ui::views::testing::{World, pane};
use crate::ui::widgets::format::GROUP_SEPARATOR;
use egui_kittest::kittest::Queryable;

const SIZE: [f32; 2] = [683.0, 200.0];

fn said(world: &World) -> String {
    world
        .read(|context| text(context, &State::default()))
        .replace(GROUP_SEPARATOR, " ")
}

/// The first header field of a frame, selected.
fn field_of(name: &str, frame: usize) -> World {
    let mut world = World::of_capture(name);
    let connection = world.trace.main_connection().unwrap();
    let frame = FrameId::from_index(frame);
    let fields = crate::analysis::fields::frame_fields(&world.trace, connection, frame);
    let range = fields.header_nodes.first().unwrap().range.clone();
    world.selection = Some(Item::of_bytes(connection.id, Unit::Frame(frame), range));
    world
}

#[test]
fn the_way_leads_from_the_packet_to_the_field() {
    let text = said(&field_of("grpc-user-service.pcapng", 5));
    let crumbs = "packet 9 › TCP stream bytes 100–135 › frame 5 HEADERS › :path";
    assert_eq!(text.lines().next(), Some(crumbs));
    assert_eq!(
        text.lines().nth(1),
        Some("0009 40 05 3a 70 61 74 68 1c 2f 68 65 6c 6c 6f 77 6f")
    );
}

#[test]
fn a_click_on_a_byte_selects_the_field_that_owns_it() {
    let mut world = World::of_capture("downloads.pcapng");
    world.select_frame(2);
    let mut harness = pane(world, SIZE, bytes_ui);
    // The middle of the row that starts the frame: its ninth byte, of the stream identifier.
    let row = harness.get_by_label_contains("bytes from 0:").rect();
    let grid = Grid::new(row.width(), 7.0);
    assert_eq!(grid.per_row, 16);
    harness.get_by_label("frame 2 HEADERS");
    let pointer = egui::pos2(row.left() + 56.0, row.center().y);
    for pressed in [true, false] {
        harness.event(egui::Event::PointerMoved(pointer));
        harness.event(egui::Event::PointerButton {
            pos: pointer,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Default::default(),
        });
    }
    harness.run_ok();
    let Some(Item::Bytes { start, end, .. }) = harness.state().0.selection else {
        panic!("{:?}", harness.state().0.commands);
    };
    assert_eq!((start, end), (0, 3));
    harness.get_by_label("length");
}

#[test]
fn what_is_shown_can_be_copied() {
    let mut world = World::of_capture("downloads.pcapng");
    world.select_frame(0);
    let mut harness = pane(world, SIZE, bytes_ui);
    harness.get_by_label("Copy all bytes shown here").click();
    harness.run_steps(2);
    harness.get_by_label("As hex").click();
    // The copied text is in the output of the picture in which the click ends.
    let text = (0..4).find_map(|_| {
        harness.step();
        let commands = &harness.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    });
    let text = text.unwrap_or_default();
    assert!(
        text.starts_with("00 00 0c 04 00 00 00 00 00 00 03 00 00 00 64"),
        "{text}"
    );
}

#[test]
fn bytes_that_the_capture_lacks_are_dots() {
    let world = World::of_capture("mid-download.pcapng");
    let connection = world.trace.main_connection().unwrap();
    let http2 = connection.http2().unwrap();
    for row in http2.frames.iter().filter(|row| !row.whole) {
        let extent = model::Extent::of_frame(row);
        let len = extent.len.min(70_000);
        let window = model::window(&world.trace, connection, extent, 0..len);
        assert_eq!(window.len(), len as usize);
        assert!(window.contains(&None));
    }
    assert_eq!(paint::hex_digits(None), "··");
}

#[test]
fn without_a_frame_it_says_what_to_select() {
    assert!(said(&World::of_capture("downloads.pcapng")).starts_with("Select a frame"));
}

#[test]
fn bytes_are_copied_as_digits_text_and_json_and_gaps_stay_gaps() {
    let bytes = [Some(b'H'), Some(0xc3), Some(0xa9), None, Some(b'!')];
    assert_eq!(copied(&bytes, 9, Format::Hex), "48 c3 a9 ·· 21");
    assert_eq!(copied(&bytes, 9, Format::Text), "Hé\u{fffd}!");
    let json: serde_json::Value = serde_json::from_str(&copied(&bytes, 9, Format::Json)).unwrap();
    assert_eq!(json["offset"], 9);
    assert_eq!(json["bytes"][3], serde_json::Value::Null);
    assert_eq!(json["bytes"][1], 0xc3);
    assert_eq!(json["hex"], serde_json::Value::Null);
    let whole = copied(&bytes[..3], 0, Format::Json);
    assert!(whole.contains("\"hex\":\"48c3a9\""), "{whole}");
}
