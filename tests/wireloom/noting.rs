//! Notes in the window: written, seen everywhere, gone to, deleted and brought back.

use crate::screens::{click, shows, window};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::time::{Duration, Instant};
use wireloom::trace::{ConnectionId, FrameId};
use wireloom::ui::app::App;
use wireloom::ui::{Command, Item};

fn select(harness: &mut Harness<'_, App>, frame: usize) {
    let item = Item::Frame(ConnectionId::FIRST, FrameId::from_index(frame));
    harness.state_mut().send(Command::Select(item));
    harness.run_steps(3);
}

/// The notes that come with a capture are read in a thread.
fn wait_for(harness: &mut Harness<'_, App>, text: &str) {
    let began = Instant::now();
    while !shows(harness, text) {
        assert!(began.elapsed() < Duration::from_secs(20), "{text}");
        std::thread::sleep(Duration::from_millis(2));
        harness.step();
    }
}

fn write(harness: &mut Harness<'_, App>, text: &str) {
    harness.key_press(egui::Key::M);
    harness.run_steps(3);
    harness.get_by_label("Text of the note").type_text(text);
    harness.run_steps(2);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    harness.run_steps(4);
}

#[test]
fn a_note_is_written_by_key_and_seen_on_the_loom_in_the_lists_and_in_the_inspector() {
    let mut harness = window(2);
    click(&mut harness, "Notes");
    assert!(shows(&harness, "No notes yet"));
    select(&mut harness, 12);
    write(&mut harness, "The page is promised here.");
    assert!(!shows(&harness, "Text of the note"), "the editor is closed");
    // The loom's flag, the row of the list, the inspector.
    assert!(shows(
        &harness,
        "Note on frame 12, PUSH_PROMISE on stream 13: The page is"
    ));
    assert!(shows(&harness, "1 NOTE"));
    assert!(shows(&harness, "Edit note"));
    click(&mut harness, "Frames");
    assert!(shows(&harness, ", noted"));
    // Typing does not work the window: `t` would have changed the theme.
    select(&mut harness, 20);
    write(&mut harness, "later, two");
    click(&mut harness, "Notes");
    assert!(shows(&harness, "2 NOTES"));
    let row =
        "frame 12, PUSH_PROMISE on stream 13 · 82.931\u{202f}000 ms: The page is promised here.";
    click(&mut harness, row);
    let item = Item::Frame(ConnectionId::FIRST, FrameId::from_index(12));
    assert_eq!(harness.state().selection(), Some(item));
    assert!(shows(&harness, "after frame 12 · "));
    click(
        &mut harness,
        "Delete the note on frame 12, PUSH_PROMISE on stream 13",
    );
    assert!(shows(
        &harness,
        "The note on frame 12, PUSH_PROMISE on stream 13 was deleted."
    ));
    assert!(!shows(&harness, row));
    harness.get_all_by_label("Undo").next().unwrap().click();
    harness.run_steps(3);
    assert!(shows(&harness, row));
}

#[test]
fn escape_leaves_the_note_and_the_selection_alone() {
    let mut harness = window(2);
    select(&mut harness, 12);
    harness.key_press(egui::Key::M);
    harness.run_steps(3);
    harness.get_by_label("Text of the note").type_text("half");
    harness.run_steps(2);
    harness.key_press(egui::Key::Escape);
    harness.run_steps(3);
    assert!(!shows(&harness, "Text of the note"));
    assert!(harness.state().selection().is_some());
    harness.key_press(egui::Key::M);
    harness.run_steps(3);
    assert!(shows(&harness, "half"), "what was typed comes back");
}

#[test]
fn the_first_capture_of_the_tour_has_notes_that_lead_to_their_frames() {
    let mut harness = window(0);
    wait_for(
        &mut harness,
        "Note on frame 17, DATA on stream 1: 8191 bytes and no more",
    );
    click(&mut harness, "Notes");
    assert!(shows(&harness, "3 NOTES"));
    select(&mut harness, 30);
    assert!(shows(&harness, "5521 bytes: just what the WINDOW_UPDATE"));
    let app = harness.state();
    let http2 = app.document().unwrap().connection().unwrap();
    let frames = &http2.http2().unwrap().frames;
    assert_eq!([frames[17].length, frames[30].length], [8191, 5521]);
}

#[test]
fn the_menu_of_a_pane_offers_what_can_be_saved_of_it() {
    let mut harness = window(0);
    click(&mut harness, "Arrange Frames");
    assert!(shows(&harness, "Save picture as SVG…"));
    assert!(shows(&harness, "Export table as CSV…"));
    assert!(!shows(&harness, "Save the connection's packets…"));
    harness.key_press(egui::Key::Escape);
    harness.run_steps(3);
    click(&mut harness, "Arrange Loom");
    assert!(!shows(&harness, "Export table as CSV…"));
    assert!(shows(&harness, "Save the connection's packets…"));
    assert!(
        !shows(&harness, "Save the stream's packets…"),
        "no stream is selected"
    );
}
