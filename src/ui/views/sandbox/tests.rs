use super::*;
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::{NodeT, Queryable};

fn empty() -> World {
    World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()))
}

fn shows<S>(harness: &egui_kittest::Harness<'_, (World, S)>, begins: &str) -> bool {
    harness.root().children_recursive().any(|node| {
        let node = node.accesskit_node();
        let said = [node.label(), node.value()].into_iter().flatten();
        said.into_iter().any(|said| said.starts_with(begins))
    })
}

#[test]
fn the_first_exercise_is_there_without_a_capture_and_is_explained_bit_by_bit() {
    let mut harness = pane::<State>(empty(), [1000.0, 640.0], sandbox_ui);
    harness.run_steps(3);
    assert!(shows(&harness, "field 1, "));
    assert!(shows(
        &harness,
        "tag: field 1, wire type 0 = VARINT: a varint follows; 08: 0 ends, 0001 number 1, 000 type 0"
    ));
    harness
        .get_by_label("Exercise: 3: the same with a schema")
        .click();
    harness.run_steps(3);
    assert!(shows(&harness, "field 2 name, "));
}

#[test]
fn what_is_typed_is_read_at_once_and_values_become_bytes() {
    let mut harness = pane::<State>(empty(), [1000.0, 640.0], sandbox_ui);
    harness.run_steps(3);
    harness.get_by_label("Bytes in hex").focus();
    harness.run_steps(2);
    harness.get_by_label("Bytes in hex").type_text(" 10 96 01");
    harness.run_steps(3);
    let state = &harness.state().1;
    assert!(state.input.hex.contains("96 01"), "{}", state.input.hex);
    assert!(shows(&harness, "field 2, "));
    harness
        .get_by_label("Exercise: 5: Alice, against JSON")
        .click();
    harness.run_steps(3);
    harness.get_by_label("From: Values to bytes").click();
    harness.run_steps(3);
    let (_, outcome) = harness.state().1.made.as_ref().unwrap();
    assert!(outcome.hex.starts_with("08 2A 12 05 41 6C 69 63 65"));
    let said = text(&harness.state().1);
    assert!(said.contains("43 bytes as protobuf, 97 as JSON"), "{said}");
}

#[test]
fn two_versions_of_a_schema_read_the_same_bytes_side_by_side() {
    let mut harness = pane::<State>(empty(), [1000.0, 640.0], sandbox_ui);
    harness.run_steps(3);
    harness.get_by_label("Exercise: 6: two versions").click();
    harness.run_steps(3);
    assert_eq!(harness.state().1.tab, Tab::Versions);
    assert!(shows(&harness, "What changed in User"));
    assert!(shows(&harness, "breaking"));
    let said = text(&harness.state().1);
    // The first version keeps what it does not know, the second misreads what an old program sends.
    assert!(said.contains("4 phone: string = \"555\""), "{said}");
    assert!(said.contains("breaking: "), "{said}");
    harness
        .get_by_label("Another version of the schema")
        .focus();
    harness.run_steps(2);
    harness
        .get_by_label("Another version of the schema")
        .type_text("message");
    harness.run_steps(3);
    // What is no schema any more is said, and the rest stays.
    let (_, outcome) = harness.state().1.made.as_ref().unwrap();
    assert!(!outcome.problems.is_empty());
    assert!(outcome.comparison.is_none());
    assert!(shows(&harness, "field 2 name, "));
}

#[test]
fn what_was_typed_stays_when_another_capture_is_opened() {
    assert!(State::default().outlives_capture());
    let mut views = crate::ui::views::registry::Views::default();
    let sandbox = crate::ui::views::ViewId::from_name("sandbox").unwrap();
    let world = empty();
    let mut harness = egui_kittest::Harness::new_ui(|ui| {
        world.read(|context| views.view_ui(sandbox, ui, context));
    });
    harness.run_steps(3);
    harness
        .get_by_label("Exercise: 5: Alice, against JSON")
        .click();
    harness.run_steps(3);
    drop(harness);
    let said = |views: &crate::ui::views::registry::Views| {
        world.read(|context| views.text(sandbox, context))
    };
    let before = said(&views);
    assert!(
        before.contains("43 bytes as protobuf, 97 as JSON"),
        "{before}"
    );
    views.forget_capture();
    assert_eq!(said(&views), before);
}
