use super::*;
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::Queryable;

fn world() -> World {
    let world = World::of_capture("mid-connection.pcapng");
    assert!(!world.trace.findings.is_empty());
    world
}

#[test]
fn findings_stand_below_their_rule_the_worst_first() {
    let world = world();
    let mut groups = Groups::default();
    groups.update(&world.trace, None, None, None);
    let severities: Vec<_> = groups.groups().iter().map(|group| group.severity).collect();
    assert!(severities.is_sorted_by(|a, b| a >= b));
    let count: usize = groups
        .groups()
        .iter()
        .map(|group| group.findings.len())
        .sum();
    assert_eq!(count, world.trace.findings.len());
    assert_eq!(groups.counts().iter().sum::<usize>(), count);
    let open = groups.rows().len();
    groups.toggle(&world.trace, 0);
    assert_eq!(
        open - groups.rows().len(),
        groups.groups()[0].findings.len()
    );
    groups.toggle(&world.trace, 0);
    assert_eq!(groups.rows().len(), open);
}

#[test]
fn the_words_name_rule_section_and_place() {
    let world = world();
    let said = world.read(|context| text(context, &State::default()));
    let first = world.trace.findings.get(0).unwrap();
    assert!(said.contains(first.rule), "{said}");
    assert!(said.contains(&first.text), "{said}");
    assert!(said.contains(&findings::place(first)), "{said}");
}

#[test]
fn a_click_on_a_finding_goes_to_its_place() {
    let world = world();
    let position = (world.trace.findings.iter())
        .position(|finding| findings::item(finding).is_some())
        .unwrap();
    let finding = world.trace.findings.get(position).unwrap().clone();
    let label = finding_text(&finding).trim().to_owned();
    let mut harness = pane(world, [900.0, 500.0], findings_ui);
    harness.run_steps(2);
    let mut rows = harness.query_all_by_label(&label);
    rows.next().unwrap().click();
    drop(rows);
    harness.run_steps(2);
    let (world, _) = harness.state();
    assert_eq!(world.selection, findings::item(&finding));
}

#[test]
fn a_capture_without_findings_says_so() {
    let world = World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()));
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.starts_with("NO FINDINGS"), "{said}");
}

#[test]
fn the_list_scrolls_to_what_was_found_last_before_the_cursor() {
    use crate::trace::Cursor;
    use crate::ui::views::View;
    let mut world = World::of_capture("fourteen-breaks.pcapng");
    world.cursor = world
        .trace
        .packets
        .get(0)
        .map(|_| Cursor::after_packet(crate::trace::PacketId::from_index(0)));
    let mut harness = pane(world, [700.0, 150.0], findings_ui);
    harness.run();
    harness.state_mut().1.follow_cursor(Some(true));
    harness.run();
    let mut rows = std::collections::BTreeSet::new();
    for at in 0..harness.state().0.trace.packets.len() {
        let cursor = Cursor::after_packet(crate::trace::PacketId::from_index(at));
        harness.state_mut().0.cursor = Some(cursor);
        harness.run_steps(2);
        let state = &harness.state().1;
        if let Some(row) = state.groups.row_at(cursor) {
            assert!(state.scroll.shows(row), "packet {at}: row {row}");
            rows.insert(row);
        }
    }
    assert!(rows.len() > 5, "{rows:?}");
}
