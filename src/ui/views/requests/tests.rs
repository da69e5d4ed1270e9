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
    assert!(
        said.contains("lost segment") && said.contains("late segment"),
        "{said}"
    );
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

#[test]
fn a_late_first_byte_says_what_the_server_did_meanwhile() {
    let push = World::of_capture("push.pcap");
    let rows = rows(&push);
    let of = |stream: u32| {
        let carrier = crate::wire::http2::StreamId(stream).into();
        rows.rows.iter().find(|row| row.carrier == carrier).unwrap()
    };
    let script = &of(15).why[0];
    assert_eq!(
        script.words().replace('\u{202f}', " "),
        "first byte after 102 ms: the server was sending pushes 2, 4, 6, 8 (63 KB); a round trip takes 40.6 ms of it"
    );
    // Everything in the cell has its time, and nothing is cut where the column is narrowest.
    let told = of(15).held_by.replace('\u{202f}', " ");
    assert!(
        told.starts_with("102 ms pushes 2, 4, 6, 8 first (round trip 41 ms) · "),
        "{told}"
    );
    assert!(told.contains(" ms connection window"), "{told}");
    for stream in [4, 8] {
        let (row, told) = (of(stream), &of(stream).held_by);
        assert_eq!(row.held_ns, 0);
        assert!(
            told.contains(" ms streams ") && told.ends_with(" first"),
            "{told}"
        );
    }
    let page = &of(13).why[0];
    assert!(page.words().contains("round trip"), "{page:?}");
    let pushed = &of(8).why[0];
    let words = pushed.words();
    assert!(
        words.contains("after the head: the server was sending streams"),
        "{words}"
    );
    // Its only frame is whole at 179.6 ms, 96.6 ms after its head; its first byte was there before.
    assert!(
        (80_000_000..96_600_000).contains(&pushed.gap_ns()),
        "{words}"
    );
    let said = push.read(|context| text(context, &State::default()));
    assert!(said.contains("the server was sending"), "{said}");
    let lossy = World::of_capture("lossy.pcapng");
    let said = lossy.read(|context| text(context, &State::default()));
    assert!(said.contains("for a missing segment"), "{said}");
}

#[test]
fn a_pushed_response_is_awaited_until_its_content_comes() {
    let push = World::of_capture("push.pcap");
    let rows = rows(&push);
    let of = |stream: u32| {
        let carrier = crate::wire::http2::StreamId(stream).into();
        rows.rows.iter().find(|row| row.carrier == carrier).unwrap()
    };
    // The first bytes of stream 2 come right behind its promise, before those of the others.
    for (stream, least_ms) in [(2, 1), (4, 40), (6, 40), (8, 80)] {
        let row = of(stream);
        let awaited = row.first_byte_ns.unwrap() - row.request_end_ns.unwrap();
        assert!(
            awaited > least_ms * 1_000_000,
            "stream {stream}: {awaited} ns"
        );
        assert_eq!(row.waiting_ns, Some(awaited as u64));
        assert!(row.receiving_ns().unwrap() < 110_000_000, "stream {stream}");
    }
    // The head of a response that was asked for is a part of it.
    assert_eq!(of(13).waiting_ns.unwrap() / 1_000_000, 42);
}

#[test]
fn the_waterfall_has_its_share_at_a_small_screen() {
    let mut columns = COLUMNS;
    let width = 1350.0;
    columns[11].least = columns[11].least.max(width * WATERFALL_SHARE);
    let places = table::places(&columns, width);
    assert!(places[11].end - places[11].start >= 400.0, "{places:?}");
    assert!(places[9].end - places[9].start >= 206.0, "{places:?}");
}

#[test]
fn columns_in_which_nothing_stands_take_no_room() {
    assert_eq!(COLUMNS[HELD].title, "held, ms");
    let held = |capture: &str| rows(&World::of_capture(capture)).held;
    assert_eq!(held("push.pcap"), (true, true));
    assert_eq!(held("grpc-user-service.pcapng"), (false, false));
    let mut harness = pane(
        World::of_capture("grpc-user-service.pcapng"),
        [1350.0, 400.0],
        requests_ui,
    );
    harness.run_steps(2);
    assert!(harness.query_by_label("Sort by what took time").is_none());
    assert!(harness.query_by_label("Sort by total, ms").is_some());
}

#[test]
fn what_took_time_is_read_whole_at_a_small_screen() {
    let mut harness = pane(World::of_capture("push.pcap"), [1366.0, 500.0], requests_ui);
    harness.run_steps(2);
    assert!(harness.query_by_label("Sort by what took time").is_some());
    let rows = rows(&harness.state().0);
    let width = COLUMNS[HELD + 1].least;
    let there = lines(&harness.ctx, &rows.longest, width);
    assert_eq!(there, 3, "{}", rows.longest);
    for row in &rows.rows {
        let needed = lines(&harness.ctx, &row.held_by, width);
        assert!(needed <= there, "{needed} lines: {}", row.held_by);
    }
}

#[test]
fn of_many_causes_three_are_named_and_the_others_counted() {
    let rows = rows(&World::of_capture("lossy.pcapng"));
    let mut counted = 0;
    for row in &rows.rows {
        let reasons = (row.carrier.stream()).map_or(0, |stream| rows.waits.reasons(stream).len());
        let late = usize::from(row.why.iter().any(|why| !why.short.is_empty()));
        let parts = row
            .held_by
            .split(" · ")
            .filter(|part| !part.is_empty())
            .count();
        match (reasons + late).saturating_sub(3) {
            0 => assert_eq!(parts, reasons + late, "{}", row.held_by),
            more => {
                assert!(
                    row.held_by.ends_with(&format!(" · + {more} more")),
                    "{}",
                    row.held_by
                );
                counted += 1;
            }
        }
    }
    assert!(counted > 0);
}

#[test]
fn held_time_and_its_causes_agree() {
    let world = World::of_capture("push.pcap");
    let rows = rows(&world);
    for row in &rows.rows {
        let Some(stream) = row.carrier.stream() else {
            continue;
        };
        let sum: u64 = rows.waits.reasons(stream).iter().map(|(.., sum)| sum).sum();
        assert!(sum >= row.held_ns, "{row:?}");
    }
    let said = world.read(|context| text(context, &State::default()));
    let of_15 = said
        .lines()
        .find(|line| line.starts_with("stream 15,"))
        .unwrap();
    assert!(of_15.contains(" ms in all"), "{of_15}");
}
