use crate::screens::{click, shows, window};
use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use wireloom::trace::FrameId;
use wireloom::ui::Item;
use wireloom::ui::app::App;
use wireloom::ui::app::keys::{CONTROL_KEYS, KEYS};

const FIELD: &str = "What to do or find";

fn open(harness: &mut Harness<'_, App>) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(4);
}

fn type_text(harness: &mut Harness<'_, App>, text: &str) {
    harness.get_by_label(FIELD).type_text(text);
    harness.run_steps(4);
}

fn press(harness: &mut Harness<'_, App>, key: Key) {
    harness.key_press(key);
    harness.run_steps(4);
}

fn is_open(harness: &Harness<'_, App>) -> bool {
    harness.query_by_label(FIELD).is_some()
}

/// The rows that are seen, and the one that Enter would carry out.
fn rows(harness: &Harness<'_, App>) -> (Vec<String>, Option<String>) {
    let rows = harness.query_all_by_role(Role::ListBoxOption);
    let in_palette = |name: &String| !name.starts_with("stream ");
    let named = rows.filter_map(|row| {
        let node = row.accesskit_node();
        Some((node.label()?, node.is_selected() == Some(true)))
    });
    let named: Vec<(String, bool)> = named.filter(|(name, _)| in_palette(name)).collect();
    let chosen = named.iter().find(|(_, chosen)| *chosen);
    (
        named.iter().map(|(name, _)| name.clone()).collect(),
        chosen.map(|(name, _)| name.clone()),
    )
}

#[test]
fn a_few_letters_and_enter_open_a_view() {
    let mut harness = window(0);
    assert!(!shows(&harness, "Explain HPACK"));
    open(&mut harness);
    type_text(&mut harness, "hpk");
    assert_eq!(rows(&harness).1.as_deref(), Some("Show HPACK"));
    press(&mut harness, Key::Enter);
    assert!(!is_open(&harness));
    assert!(shows(&harness, "Explain HPACK"));
}

#[test]
fn arrows_choose_escape_closes_and_the_keyboard_goes_back() {
    let mut harness = window(0);
    harness.get_by_label("Filter").focus();
    harness.run_steps(2);
    open(&mut harness);
    let (names, first) = rows(&harness);
    assert_eq!(first.as_ref(), names.first());
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowUp);
    assert_eq!(rows(&harness).1.as_ref(), names.get(1));
    press(&mut harness, Key::Escape);
    assert!(!is_open(&harness));
    assert!(harness.get_by_label("Filter").is_focused());
    // The other key opens it as well, and closes it.
    let both = Modifiers::COMMAND | Modifiers::SHIFT;
    harness.key_press_modifiers(both, Key::P);
    harness.run_steps(4);
    assert!(is_open(&harness));
    harness.key_press_modifiers(both, Key::P);
    harness.run_steps(4);
    assert!(!is_open(&harness));
}

#[test]
fn a_number_leads_to_its_frame_and_an_expression_filters() {
    let mut harness = window(0);
    click(&mut harness, "Find an action");
    type_text(&mut harness, "frame 41");
    press(&mut harness, Key::Enter);
    let connection = harness.state().document().unwrap().connection().unwrap().id;
    let frame = Item::Frame(connection, FrameId::from_index(41));
    assert_eq!(harness.state().selection(), Some(frame));
    open(&mut harness);
    type_text(&mut harness, "type:SETTINGS");
    press(&mut harness, Key::Enter);
    assert!(shows(&harness, "4 of 134 frames"));
    open(&mut harness);
    type_text(&mut harness, "tour push");
    harness.get_by_label("Tour: Server push").click();
    harness.run_steps(4);
    assert!(shows(&harness, "The tour, 3 of "));
}

#[test]
fn what_is_not_there_says_what_to_do_and_keys_behind_it_rest() {
    let mut harness = window(0);
    let cursor = harness.state().transport().cursor();
    open(&mut harness);
    type_text(&mut harness, "zzzqq(");
    assert!(shows(&harness, "Nothing has these letters"));
    press(&mut harness, Key::Enter);
    assert!(is_open(&harness));
    press(&mut harness, Key::ArrowLeft);
    press(&mut harness, Key::Tab);
    assert_eq!(harness.state().transport().cursor(), cursor);
    assert!(harness.get_by_label(FIELD).is_focused());
}

#[test]
fn the_list_of_keys_has_all_of_them() {
    let mut harness = window(0);
    press(&mut harness, Key::Questionmark);
    let listed = KEYS.iter().map(|key| key.label);
    for label in listed.chain(CONTROL_KEYS.iter().map(|key| key.label)) {
        assert!(
            harness.query_all_by_label(label).next().is_some(),
            "{label}"
        );
    }
}
