use crate::screens::{click, shows, window};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use wireloom::ui::app::App;
use wireloom::ui::views::ViewId;
use wireloom::ui::{Command, workspace};

fn press(harness: &mut Harness<'_, App>, key: Key) {
    harness.key_press(key);
    harness.run_steps(4);
}

fn stop(file: &str) -> usize {
    let stops = wireloom::ui::tour::STOPS;
    stops.iter().position(|stop| stop.file == file).unwrap()
}

#[test]
fn presenting_shows_one_view_and_a_sentence_and_leaving_brings_everything_back() {
    let mut harness = window(stop("push.pcap"));
    click(&mut harness, "Close Bytes");
    let before = harness.state().workspace().layout();
    let zoom = harness.ctx.zoom_factor();
    press(&mut harness, Key::F5);
    assert!(harness.ctx.zoom_factor() > 1.5 * zoom);
    for chrome in [
        "Close Loom",
        "View",
        "Play",
        "Filter",
        "Dark theme",
        "Dismiss",
    ] {
        assert!(harness.query_by_label(chrome).is_none(), "{chrome}");
    }
    press(&mut harness, Key::Home);
    assert!(shows(&harness, "Before frame 0: nothing has been sent yet"));
    // A clicker steps, back as well.
    press(&mut harness, Key::PageDown);
    press(&mut harness, Key::PageDown);
    assert!(shows(&harness, "Frame 1: the "));
    press(&mut harness, Key::PageUp);
    assert!(shows(&harness, "Frame 0: the "));
    let push = "the server pushes /style.css on stream 2, promised on stream 13.";
    for _ in 0..40 {
        if shows(&harness, push) {
            break;
        }
        press(&mut harness, Key::ArrowRight);
    }
    assert!(shows(&harness, push));
    press(&mut harness, Key::Escape);
    assert!(shows(&harness, "Close Loom"));
    assert_eq!(harness.ctx.zoom_factor(), zoom);
    assert_eq!(harness.state().workspace().layout(), before);
}

#[test]
fn a_key_blanks_the_screen_and_a_step_ends_that() {
    let mut harness = window(0);
    press(&mut harness, Key::F5);
    for key in [Key::B, Key::Period] {
        press(&mut harness, key);
        assert!(shows(&harness, "The screen is blank"));
        assert!(!shows(&harness, "Frame 133"));
        press(&mut harness, key);
        assert!(shows(&harness, "Frame 133: the "));
    }
    press(&mut harness, Key::B);
    press(&mut harness, Key::PageUp);
    assert!(shows(&harness, "Frame 132: the "));
}

#[test]
fn the_pane_worked_with_last_is_presented_and_keys_lead_to_the_others() {
    let mut harness = window(0);
    let hpack = ViewId::from_name("hpack").unwrap();
    let show = Command::Workspace(workspace::Command::Show(hpack));
    harness.state_mut().send(show);
    harness.run_steps(3);
    harness
        .get_by_role_and_label(egui::Role::Tab, "HPACK")
        .click();
    harness.run_steps(3);
    press(&mut harness, Key::F5);
    let presented = |harness: &Harness<'_, App>| harness.state().presented().unwrap().name();
    assert_eq!(presented(&harness), "hpack");
    press(&mut harness, Key::V);
    assert_eq!(presented(&harness), "flow");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::V);
    harness.run_steps(4);
    press(&mut harness, Key::F6);
    assert_eq!(presented(&harness), "flow");
    // The list of keys says so, and Escape closes only that.
    press(&mut harness, Key::Questionmark);
    assert!(shows(&harness, "While presenting"));
    press(&mut harness, Key::Questionmark);
    press(&mut harness, Key::F5);
    assert_eq!(harness.state().presented(), None);
}

#[test]
fn the_looms_controls_are_hidden_while_none_of_them_is_in_use() {
    let mut harness = window(stop("push.pcap"));
    let view = ViewId::from_name("loom").unwrap();
    let show = Command::Workspace(workspace::Command::Show(view));
    harness.state_mut().send(show);
    harness.run_steps(3);
    let control = "choose an area by dragging";
    assert!(shows(&harness, control));
    press(&mut harness, Key::F5);
    while harness.state().presented() != Some(view) {
        press(&mut harness, Key::V);
    }
    assert!(!shows(&harness, control));
    let toggle = Command::Loom(wireloom::ui::views::loom::Command::ToggleAreaMode);
    harness.state_mut().send(toggle.clone());
    harness.run_steps(4);
    assert!(shows(&harness, control));
    harness.state_mut().send(toggle);
    harness.run_steps(4);
    assert!(!shows(&harness, control));
    press(&mut harness, Key::Escape);
    assert!(shows(&harness, control));
}
