use super::*;
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::Queryable;

fn rows(world: &World) -> Rows {
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    Rows::of(&world.trace, connection)
}

#[test]
fn every_request_has_its_parts_in_order() {
    for name in ["downloads.pcapng", "push.pcap", "lossy.pcapng"] {
        let world = World::of_capture(name);
        let rows = rows(&world);
        assert!(!rows.rows.is_empty(), "{name}");
        for row in &rows.rows {
            let parts = [
                Some(row.started_ns),
                row.request_end_ns,
                row.first_byte_ns,
                row.last_byte_ns,
                Some(row.ended_ns),
            ];
            let parts: Vec<i64> = parts.into_iter().flatten().collect();
            assert!(parts.is_sorted(), "{name} {}: {parts:?}", row.carrier);
        }
    }
}

#[test]
fn columns_sort_and_the_slowest_comes_first_when_asked() {
    let world = World::of_capture("downloads.pcapng");
    let rows = rows(&world);
    for column in 0..COLUMNS.len() {
        let sort = Sort {
            column,
            descending: true,
        };
        assert_eq!(rows.sorted(sort).len(), rows.rows.len());
    }
    let by_total = rows.sorted(Sort {
        column: 10,
        descending: true,
    });
    let totals: Vec<i64> = by_total
        .iter()
        .map(|at| rows.rows[*at].total_ns())
        .collect();
    assert!(totals.is_sorted_by(|a, b| a >= b));
}

#[test]
fn the_words_say_what_a_request_waited_for() {
    let world = World::of_capture("lossy.pcapng");
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.contains("first byte"), "{said}");
    assert!(said.contains("missing segment"), "{said}");
    let push = World::of_capture("push.pcap");
    let said = push.read(|context| text(context, &State::default()));
    assert!(said.lines().next().unwrap().contains(" pushed"), "{said}");
}

#[test]
fn a_click_on_a_title_sorts_and_one_on_a_row_selects_the_stream() {
    let world = World::of_capture("downloads.pcapng");
    let connection = world.connection.unwrap();
    let mut harness = pane(world, [1300.0, 400.0], requests_ui);
    harness.run_steps(2);
    harness.get_by_label("Sort by total, ms").click();
    harness.run_steps(2);
    harness
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("stream 5, "))
        })
        .click();
    harness.run_steps(2);
    let (world, state) = harness.state();
    assert_eq!(state.sort.column, 10);
    let stream = Item::Stream(connection, crate::wire::http2::StreamId(5));
    assert_eq!(world.selection, Some(stream));
}
