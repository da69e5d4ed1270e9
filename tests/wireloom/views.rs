//! The views of one protocol's inner life in the real window: each is opened, read and clicked at known instants of
//! the shipped captures, and all of them follow one cursor and one selection.

use crate::screens::{inside, shows};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::Path;
use wireloom::capture::Capture;
use wireloom::trace::{Cursor, FrameId};
use wireloom::ui::app::App;
use wireloom::ui::theme::ThemeChoice;
use wireloom::ui::views::ViewId;
use wireloom::ui::{Command, Item, workspace};
use wireloom::wire::http2::StreamId;

/// The window on a capture right after a frame, with one view brought to the front.
fn window(capture: &str, frame: usize, view: &str) -> Harness<'static, App> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(capture);
    let trace = wireloom::dissect::read_all(Capture::open(&path).unwrap());
    let connection = trace.main_connection().unwrap();
    let (id, frame) = (connection.id, FrameId::from_index(frame));
    let cursor = Cursor::after_frame(connection, frame);
    let mut app = App::of_trace(capture, trace, Some(id), cursor, ThemeChoice::Dark);
    app.send(Command::Select(Item::Frame(id, frame)));
    let view = ViewId::from_name(view).unwrap();
    app.send(Command::Workspace(workspace::Command::Show(view)));
    let mut harness = inside(app, [1920.0, 1080.0]);
    harness.run_steps(4);
    harness
}

#[test]
fn hpack_shows_the_block_at_the_cursor_and_steps_on_with_it() {
    let mut harness = window("push.pcap", 12, "hpack");
    assert!(shows(
        &harness,
        "field 2: :path: /img/shuttle.png, text, not added"
    ));
    assert!(shows(
        &harness,
        "index 62: :authority: loom.example, used now"
    ));
    harness.state_mut().send(Command::StepBack);
    harness.run_steps(4);
    assert!(shows(&harness, "field 2: :path: /print.css"));
    assert!(!shows(&harness, "/img/shuttle.png, text, not added"));
}

#[test]
fn flow_control_says_what_may_be_sent_and_selects_streams() {
    let mut harness = window("downloads.pcapng", 60, "flow");
    assert!(shows(&harness, "flow control"));
    harness.get_by_label("window of stream 3").click();
    harness.run_steps(3);
    assert!(matches!(
        harness.state().selection(),
        Some(Item::Stream(_, StreamId(3)))
    ));
}

#[test]
fn the_priority_tree_grows_with_the_cursor() {
    let mut harness = window("push.pcap", 4, "priority");
    assert!(shows(&harness, "stream 7, weight 1, idle group"));
    assert!(!shows(&harness, "stream 13, weight 16"));
    for _ in 0..2 {
        harness.state_mut().send(Command::StepForward);
        harness.run_steps(3);
    }
    assert!(shows(&harness, "stream 13, weight 16, GET /index.html"));
}

#[test]
fn a_rung_of_the_ladder_is_the_selected_frame_everywhere() {
    let mut harness = window("push.pcap", 8, "ladder");
    harness
        .get_by_label_contains("server sends PUSH_PROMISE promises stream 2")
        .click();
    harness.run_steps(3);
    let selected = harness.state().selection();
    assert!(
        matches!(selected, Some(Item::Frame(_, frame)) if frame.index() == 10),
        "{selected:?}"
    );
}

#[test]
fn layers_lead_from_a_frame_to_its_packets() {
    let mut harness = window("push.pcap", 6, "layers");
    assert!(shows(
        &harness,
        "HTTP/2 frame: frame 6: HEADERS on stream 13"
    ));
    harness.get_by_label_contains("packet: packet 4:").click();
    harness.run_steps(3);
    let selected = harness.state().selection();
    assert!(
        matches!(selected, Some(Item::Packet(packet)) if packet.number() == 4),
        "{selected:?}"
    );
}
