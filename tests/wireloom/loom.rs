//! What a hand does in the loom, by the names that a screen reader reads.

use crate::screens::{click, shows, window};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use wireloom::ui::app::App;
use wireloom::ui::views::ViewId;
use wireloom::ui::{Command, tour, workspace};

/// The window on a capture of the tour with the loom in front, large enough for all its controls.
fn loom(capture: &str) -> Harness<'static, App> {
    let stop = tour::STOPS.iter().position(|stop| stop.file == capture);
    let mut harness = window(stop.unwrap());
    let view = ViewId::from_name("loom").unwrap();
    let show = Command::Workspace(workspace::Command::Show(view));
    harness.state_mut().send(show);
    harness.set_size([1920.0, 1080.0].into());
    harness.run_steps(6);
    harness
}

/// The labels in the loom that begin with a word, from the top of the screen to its bottom.
fn labels(harness: &Harness<'_, App>, begins: &str) -> Vec<String> {
    let place = harness.get_by_label("loom").rect();
    let mut found: Vec<(f32, String)> = (harness.root().children_recursive())
        .filter_map(|node| {
            let label = node.accesskit_node().label()?;
            let is_meant = label.starts_with(begins) && place.contains(node.rect().center());
            is_meant.then(|| (node.rect().top(), label.to_string()))
        })
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, label)| label).collect()
}

fn lanes(harness: &Harness<'_, App>) -> Vec<String> {
    let outcome = |label: &String| label.matches(", ").count() >= 2;
    labels(harness, "stream ")
        .into_iter()
        .filter(outcome)
        .collect()
}

#[test]
fn a_pinned_lane_stands_at_the_top_until_it_is_let_go() {
    let mut harness = loom("downloads.pcapng");
    let first = lanes(&harness)[0].clone();
    assert!(first.starts_with("stream 1,"), "{first}");
    click(&mut harness, "pin stream 7");
    let pinned = lanes(&harness);
    assert!(pinned[0].starts_with("stream 7,"), "{pinned:?}");
    assert!(pinned[1].starts_with("stream 1,"), "{pinned:?}");
    click(&mut harness, "unpin stream 7");
    assert_eq!(lanes(&harness)[0], first);
}

#[test]
fn lanes_are_sorted_by_size_from_the_menu_and_found_by_words() {
    let mut harness = loom("downloads.pcapng");
    click(&mut harness, "Lanes");
    click(&mut harness, "sort by size");
    harness.run_steps(4);
    let sorted = lanes(&harness);
    assert!(sorted[0].contains("loom.png"), "{sorted:?}");
    let search = wireloom::ui::views::loom::Command::Search("font".to_owned());
    harness.state_mut().send(Command::Loom(search));
    harness.run_steps(4);
    let found = lanes(&harness);
    assert!(
        found.len() == 1 && found[0].contains("font.woff2"),
        "{found:?}"
    );
    assert!(shows(&harness, "1 of "));
}

#[test]
fn a_filter_leaves_its_lanes_and_show_all_brings_the_others_back() {
    let mut harness = loom("downloads.pcapng");
    let all = lanes(&harness).len();
    let filter = wireloom::ui::filter_bar::Command::Set("stream:3".to_owned());
    harness.state_mut().send(Command::Filter(filter));
    harness.run_steps(4);
    assert_eq!(lanes(&harness).len(), 1);
    assert!(shows(
        &harness,
        &format!("1 of {all} streams passes the filter")
    ));
    let mut buttons = harness.get_all_by_label("Show all");
    buttons.next().unwrap().click();
    drop(buttons);
    harness.run_steps(4);
    assert_eq!(lanes(&harness).len(), all);
}

/// Drags over most of the time, above the loom's last line.
fn choose_area(harness: &mut Harness<'_, App>) {
    click(harness, "choose an area by dragging");
    let place = harness.get_by_label("loom").rect();
    let (y, left) = (place.bottom() - 60.0, place.left() + 260.0);
    let from = egui::pos2(left, y);
    let to = egui::pos2(place.right() - 30.0, y);
    harness.hover_at(from);
    harness.run_steps(2);
    harness.drag_at(from);
    harness.run_steps(2);
    harness.hover_at(to);
    harness.run_steps(2);
    harness.drop_at(to);
    harness.run_steps(4);
}

#[test]
fn in_a_low_pane_the_card_of_an_area_keeps_its_buttons_in_sight() {
    let mut harness = loom("downloads.pcapng");
    harness.set_size([1366.0, 560.0].into());
    harness.run_steps(6);
    choose_area(&mut harness);
    let place = harness.get_by_label("loom").rect();
    for button in ["Zoom to it", "Clear"] {
        let button = harness.get_by_label(button).rect();
        assert!(place.contains_rect(button), "{button:?} in {place:?}");
    }
    click(&mut harness, "Clear");
    assert!(labels(&harness, "share of stream ").is_empty());
}

#[test]
fn an_area_is_added_up_and_kept_until_it_is_cleared() {
    let mut harness = loom("downloads.pcapng");
    choose_area(&mut harness);
    let shares = labels(&harness, "share of stream ");
    assert!(shares.len() >= 5, "{shares:?}");
    harness.key_press(egui::Key::ArrowLeft);
    harness.run_steps(3);
    assert_eq!(
        labels(&harness, "share of stream ").len(),
        shares.len(),
        "it is kept"
    );
    click(&mut harness, "Clear");
    assert!(labels(&harness, "share of stream ").is_empty());
}

#[test]
fn all_connections_stand_on_one_axis_and_unfold() {
    let mut harness = loom("grpc-chain.pcapng");
    click(&mut harness, "all connections on one time axis");
    harness.run_steps(4);
    let folded = labels(&harness, "unfold connection ");
    assert!(folded.len() >= 2, "{folded:?}");
    assert!(
        lanes(&harness).iter().all(|lane| lane.is_empty()),
        "all are folded"
    );
    click(&mut harness, &folded[1].clone());
    harness.run_steps(4);
    assert!(!lanes(&harness).is_empty());
    let other = labels(&harness, "connection 1 ");
    click(&mut harness, &other[0].clone());
    harness.run_steps(4);
    let shown = harness.state().document().unwrap().connection().unwrap();
    assert_eq!(shown.id.index(), 1);
    assert!(
        !labels(&harness, "fold connection ").is_empty(),
        "the stack stays as it was"
    );
}
