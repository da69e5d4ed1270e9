use crate::screens::{click, shows, window};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use wireloom::ui::app::App;
use wireloom::ui::views::ViewId;
use wireloom::ui::views::registry::VIEWS;
use wireloom::ui::workspace;
use wireloom::ui::{Command, Item};

/// Asks for a view as the View menu does.
fn open(harness: &mut Harness<'_, App>, name: &str) {
    let view = ViewId::from_name(name).unwrap();
    let show = Command::Workspace(workspace::Command::Show(view));
    harness.state_mut().send(show);
    harness.run_steps(3);
}

#[test]
fn the_view_menu_lists_every_view_and_opens_it() {
    let mut harness = window(0);
    for entry in VIEWS {
        click(&mut harness, "View");
        let item = harness.get_by_role_and_label(egui::Role::MenuItem, entry.title);
        item.click();
        harness.run_steps(3);
        let close = format!("Close {}", entry.title);
        assert!(shows(&harness, &close), "{}", entry.name);
    }
}

#[test]
fn every_view_is_explained_and_says_what_it_shows_in_words() {
    let mut harness = window(0);
    for entry in VIEWS {
        open(&mut harness, entry.name);
        click(&mut harness, &format!("Explain {}", entry.title));
        assert!(shows(&harness, "How to read it"), "{}", entry.name);
        click(&mut harness, "In words");
        assert!(shows(&harness, "Copy"), "{}", entry.name);
        assert!(!shows(&harness, "How to read it"), "{}", entry.name);
        harness.key_press(egui::Key::Escape);
        harness.run_steps(3);
        assert!(!shows(&harness, "Close the explanation"), "{}", entry.name);
    }
}

#[test]
fn a_pane_that_is_closed_comes_back_with_the_layout() {
    let mut harness = window(0);
    click(&mut harness, "Close Bytes");
    assert!(!shows(&harness, "Close Bytes"));
    click(&mut harness, "View");
    click(&mut harness, "Reset layout");
    assert!(shows(&harness, "Close Bytes"));
}

#[test]
fn presets_rearrange_the_panes_and_keep_what_is_selected() {
    let mut harness = window(0);
    click(&mut harness, "To start");
    click(&mut harness, "Step forward");
    let selected = harness.state().selection();
    assert!(selected.is_some());
    for preset in ["Teacher", "Engineer", "Student"] {
        click(&mut harness, "View");
        click(&mut harness, preset);
        assert!(shows(&harness, "Close Loom"), "{preset}");
        assert_eq!(harness.state().selection(), selected);
    }
}

#[test]
fn a_pane_gets_a_place_of_its_own_and_moves_on() {
    let mut harness = window(0);
    open(&mut harness, "tcp");
    click(&mut harness, "Arrange TCP");
    click(&mut harness, "Own pane, below");
    // Both are in front now.
    assert!(shows(&harness, "Explain TCP"));
    assert!(shows(&harness, "Explain Priority"));
    click(&mut harness, "Arrange TCP");
    click(&mut harness, "Move to the next tabs");
    assert!(shows(&harness, "Explain TCP"));
}

#[test]
fn a_capture_with_several_connections_starts_with_their_list() {
    let stop = wireloom::ui::tour::STOPS
        .iter()
        .position(|stop| stop.file == "large-headers.pcapng")
        .unwrap();
    let mut harness = window(stop);
    assert!(shows(&harness, "connection 0: client "));
    let chosen = harness.get_by(|node| {
        node.label()
            .is_some_and(|label| label.starts_with("connection 2: client "))
    });
    chosen.click();
    harness.run_steps(3);
    let shown = harness.state().document().unwrap().connection().unwrap();
    assert_eq!(shown.id.index(), 2);
    assert_eq!(
        harness.state().selection(),
        Some(Item::Connection(shown.id))
    );
    // The list stays where it is, and other views show that connection.
    assert!(shows(&harness, "connection 2, shown: client "));
}

#[test]
fn steps_go_by_packet_and_what_is_looped_is_marked() {
    let mut harness = window(0);
    click(&mut harness, "To start");
    harness.key_press(egui::Key::CloseBracket);
    harness.run_steps(3);
    assert!(matches!(harness.state().selection(), Some(Item::Packet(_))));
    click(&mut harness, "Loop");
    assert!(harness.state().transport().looped_ns().is_some());
    click(&mut harness, "Loop");
    assert!(harness.state().transport().looped_ns().is_none());
}
