use crate::screens::{click, shows, window};
use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;
use wireloom::ui::app::App;
use wireloom::ui::views::ViewId;
use wireloom::ui::{Command, workspace};

/// What a person works with, and what a screen reader therefore has to name. (Not the bars of
/// egui's own scroll areas: what scrolls is named, and keys scroll it.)
const CONTROLS: &[Role] = &[
    Role::Button,
    Role::CheckBox,
    Role::ComboBox,
    Role::Link,
    Role::ListBox,
    Role::ListBoxOption,
    Role::MenuItem,
    Role::RadioButton,
    Role::Row,
    Role::SearchInput,
    Role::Slider,
    Role::SpinButton,
    Role::Tab,
    Role::TextInput,
    Role::MultilineTextInput,
];

/// The controls without a name.
pub(crate) fn unnamed(harness: &Harness<'_, App>) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    let found = nodes.filter_map(|node| {
        let node = node.accesskit_node();
        let said = |text: Option<String>| text.is_some_and(|text| !text.trim().is_empty());
        let named = said(node.label()) || said(node.placeholder().map(str::to_owned));
        let control = CONTROLS.contains(&node.role());
        (control && !named).then(|| format!("{:?} at {:?}", node.role(), node.bounding_box()))
    });
    found.collect()
}

#[test]
fn every_control_of_every_view_has_a_name() {
    let captures = ["downloads.pcapng", "grpc-errors.pcapng", "lossy.pcapng"];
    for capture in captures {
        let stops = wireloom::ui::tour::STOPS;
        let stop = stops.iter().position(|stop| stop.file == capture);
        let mut harness = window(stop.unwrap());
        assert_eq!(unnamed(&harness), Vec::<String>::new(), "{capture}");
        for _ in 0..12 {
            harness.key_press(Key::Home);
            harness.key_press(Key::ArrowRight);
        }
        harness.run_steps(3);
        for view in ViewId::all() {
            let show = Command::Workspace(workspace::Command::Show(view));
            harness.state_mut().send(show);
            harness.run_steps(3);
            let unnamed = unnamed(&harness);
            assert!(
                unnamed.is_empty(),
                "{capture}, {}: {unnamed:?}",
                view.name()
            );
        }
    }
}

#[test]
fn what_lies_over_the_window_has_names_too() {
    let mut harness = window(0);
    for opens in [
        "Open",
        "View",
        "Keys",
        "Find an action",
        "Arrange Loom",
        "Explain Loom",
    ] {
        click(&mut harness, opens);
        assert_eq!(unnamed(&harness), Vec::<String>::new(), "{opens}");
        harness.key_press(Key::Escape);
        harness.run_steps(3);
    }
    harness.key_press(Key::F5);
    harness.run_steps(4);
    assert_eq!(unnamed(&harness), Vec::<String>::new());
    harness.key_press(Key::Escape);
    harness.state_mut().send(Command::Close);
    harness.run_steps(4);
    assert!(shows(&harness, "Open a capture"));
    assert_eq!(unnamed(&harness), Vec::<String>::new());
}

fn focused(harness: &Harness<'_, App>) -> Option<(Role, String)> {
    let mut nodes = harness.root().children_recursive();
    nodes.find_map(|node| {
        let node = node.accesskit_node();
        node.is_focused()
            .then(|| (node.role(), node.label().unwrap_or_default()))
    })
}

#[test]
fn f6_leads_round_the_panes_and_tab_goes_on_into_one() {
    let mut harness = window(0);
    let mut seen = Vec::new();
    for _ in 0..5 {
        harness.key_press(Key::F6);
        harness.run_steps(3);
        let (role, name) = focused(&harness).unwrap();
        assert_eq!(role, Role::Tab);
        seen.push(name);
    }
    assert_eq!(seen, ["Inspector", "Frames", "Bytes", "Streams", "Loom"]);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F6);
    harness.run_steps(3);
    assert_eq!(focused(&harness).unwrap().1, "Streams");
    // The tab's cross, what belongs to the pane, and then its content.
    let mut reached = Vec::new();
    for _ in 0..3 {
        harness.key_press(Key::Tab);
        harness.run_steps(3);
        let (role, name) = focused(&harness).unwrap();
        assert!(!name.is_empty(), "{role:?} after {reached:?}");
        reached.push(name);
    }
    assert_eq!(reached[0], "Close Streams", "{reached:?}");
    assert_eq!(reached[2], "Streams", "{reached:?}");
    // With the keyboard on a control, space presses it and does not play.
    harness.key_press(Key::F6);
    harness.run_steps(2);
    harness.key_press(Key::Space);
    harness.run_steps(3);
    assert!(!harness.state().transport().playing());
}

#[test]
fn tab_reaches_every_button_of_the_bars() {
    let mut harness = window(0);
    let mut wanted: Vec<&str> = vec![
        "Open",
        "View",
        "Filter",
        "Find an action",
        "Keys",
        "Play",
        "Step back",
        "Loop",
    ];
    for _ in 0..160 {
        harness.key_press(Key::Tab);
        harness.run_steps(1);
        if let Some((_, name)) = focused(&harness) {
            wanted.retain(|wanted| *wanted != name);
        }
        if wanted.is_empty() {
            return;
        }
    }
    panic!("not reached: {wanted:?}");
}
