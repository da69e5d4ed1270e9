use super::*;
use crate::ui::views::loom::{State, loom_ui};
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::Queryable;

fn row(from: f32, to: f32, ways: &[(&str, f32)]) -> Row {
    Row {
        span: Rangef::new(from, to),
        ways: ways
            .iter()
            .map(|(words, width)| ((*words).to_owned(), *width))
            .collect(),
        is_loss: true,
    }
}

/// Seven points for a letter.
fn width(words: &str) -> f32 {
    words.chars().count() as f32 * 7.0
}

#[test]
fn the_longest_words_that_fit_are_said_and_none_stand_over_others() {
    let plot = Rangef::new(0.0, 400.0);
    let ways = [("long words about it", 200.0), ("short", 40.0)];
    let rows = || vec![row(80.0, 140.0, &ways), row(100.0, 150.0, &ways)];
    let one_line = place(rows(), plot, 1, width);
    let said: Vec<&str> = one_line.iter().map(|of| of.words.as_str()).collect();
    assert_eq!(said.len(), 2, "both are said: {said:?}");
    let two_lines = place(rows(), plot, 2, width);
    let said: Vec<_> = two_lines
        .iter()
        .map(|of| (of.line, of.words.len()))
        .collect();
    assert_eq!(said, [(0, 19), (1, 19)]);
    for (at, one) in one_line.iter().enumerate() {
        for other in &one_line[at + 1..] {
            assert!(one.range().intersection(other.range()).span() <= 0.0);
        }
    }
}

#[test]
fn what_finds_no_place_is_counted() {
    let plot = Rangef::new(0.0, 400.0);
    let rows = (0..9).map(|at| {
        let from = 100.0 + at as f32 * 5.0;
        row(from, from + 4.0, &[("lost: 5 ms", 70.0), ("lost", 30.0)])
    });
    let rows: Vec<Row> = rows.collect();
    let all = rows.len();
    let placed = place(rows, plot, 1, width);
    let counted: usize = placed.iter().map(|of| of.count).sum();
    assert_eq!(counted, all, "{placed:?}");
    assert!(placed.iter().any(|of| of.count > 1), "{placed:?}");
    assert!(place(Vec::new(), plot, 1, width).is_empty());
    let nothing = place(
        vec![row(1.0, 2.0, &[("lost", 30.0)])],
        Rangef::new(0.0, 9.0),
        1,
        width,
    );
    assert!(nothing.is_empty());
}

/// The words below the wire in a loom of this size, each with the losses that it speaks of.
fn said(capture: &str, size: [f32; 2]) -> (Vec<(String, usize)>, usize) {
    let world = World::of_capture(capture);
    let waits = Waits::of(&world.trace, world.trace.main_connection().unwrap());
    let lone = waits.copies.iter().filter(|copy| copy.row.hole.is_none());
    let all = waits.holes.len() + lone.count();
    let said = std::cell::RefCell::new(Vec::new());
    let into = &said;
    let mut harness = pane(
        world,
        size,
        move |ui: &mut Ui, context: &crate::ui::ViewContext<'_>, state: &mut State| {
            loom_ui(ui, context, state);
            let (Some(layout), Some(reader)) = (
                state.layout.clone(),
                super::super::reader::Reader::new(context),
            ) else {
                return;
            };
            let shown = state.shown.unwrap();
            let points = f64::from(layout.width());
            let lanes = std::iter::empty();
            let scale = shown.scale(points);
            let model = super::super::model::Model::new(
                &reader,
                &mut state.summaries,
                scale,
                points,
                lanes,
                0,
            );
            let picture = Picture {
                context,
                reader,
                layout,
                model: &model,
                waits: state.waits.get(reader.connection.id),
                findings: &state.findings,
                links: &state.links,
                links_shown: super::super::links::Shown::Pointed,
                pins: None,
                is_part: false,
                cursor: Default::default(),
            };
            let lines = picture.layout.losses_lines().1.count();
            let words = picture.placed_words(ui.painter(), &picture.losses(), lines);
            *into.borrow_mut() = words.into_iter().map(|of| (of.words, of.count)).collect();
        },
    );
    harness.run();
    drop(harness);
    (said.into_inner(), all)
}

#[test]
fn every_loss_is_said_once_or_counted_in_a_narrow_loom_and_in_a_wide_one() {
    for capture in ["lossy-sender.pcapng", "lossy.pcapng"] {
        for size in [[780.0, 430.0], [1366.0, 768.0], [1920.0, 1080.0]] {
            let (said, all) = said(capture, size);
            let counted: usize = said.iter().map(|(_, count)| count).sum();
            assert_eq!(counted, all, "{capture} {size:?}: {said:?}");
        }
    }
    let (said, _) = said("lossy-sender.pcapng", [1920.0, 1080.0]);
    // The longest say most.
    for (number, words) in [(1, "5 streams wait 65.2 ms"), (5, "3 streams wait 58.2 ms")] {
        let words = format!("{number}: 1.4 KB lost, sent again: {words}");
        assert!(said.iter().any(|(of, _)| *of == words), "{said:?}");
    }
}

#[test]
fn losses_have_the_numbers_of_the_view_of_tcp_and_say_who_waits() {
    let (said, all) = said("lossy-sender.pcapng", [1366.0, 700.0]);
    let words: Vec<&String> = said.iter().map(|(words, _)| words).collect();
    for number in 1..=all {
        let of = words
            .iter()
            .find(|words| words.starts_with(&format!("{number}: ")));
        assert!(of.is_some(), "{number} in {words:?}");
        // The second lasted 2 ms.
        assert!(
            number == 2 || of.is_some_and(|of| of.contains(" wait")),
            "{words:?}"
        );
    }
    let world = World::of_capture("lossy-sender.pcapng");
    let waits = Waits::of(&world.trace, world.trace.main_connection().unwrap());
    let opened: Vec<i64> = waits.holes.iter().map(|of| of.times_ns.0).collect();
    for hole in &waits.holes {
        let earlier = opened.iter().filter(|of| **of < hole.times_ns.0).count();
        assert_eq!(hole.number, earlier + 1);
    }
}

#[test]
fn words_do_not_hang_far_over_to_the_left_of_what_they_are_about() {
    let plot = Rangef::new(0.0, 900.0);
    let ways = [("words", 200.0), ("w", 20.0)];
    let placed = place(
        vec![row(400.0, 402.0, &ways), row(420.0, 560.0, &ways)],
        plot,
        1,
        width,
    );
    for (of, from) in placed.iter().zip([400.0, 420.0]) {
        assert!(from - of.left <= of.width / 2.0, "{placed:?}");
    }
}

#[test]
fn beside_the_signs_it_is_said_how_many_there_are_and_the_text_says_it_too() {
    let world = World::of_capture("lossy-sender.pcapng");
    let total = "TCP segments: 5 lost, 5 sent again";
    let said = world.read(|context| crate::ui::views::loom::text(context, &State::default()));
    assert!(said.lines().any(|line| line == total), "{said}");
    let mut harness = pane(world, [780.0, 430.0], loom_ui);
    harness.run();
    harness.get_by_label(total);
    let late = World::of_capture("lossy.pcapng");
    let said = late.read(|context| crate::ui::views::loom::text(context, &State::default()));
    assert!(
        said.contains("1.4 KB late: 2 streams wait 5.23 ms; from "),
        "{said}"
    );
}

#[test]
fn the_pointer_on_a_bar_says_whom_it_stopped_and_a_click_selects_the_packet_that_mended_it() {
    let world = World::of_capture("lossy.pcapng");
    let mut harness = pane(world, [1200.0, 700.0], loom_ui);
    harness.run();
    let (world, state) = harness.state();
    let layout = state.layout.clone().unwrap();
    let (start_ns, end_ns) = state.shown_ns().unwrap();
    let id = world.connection.unwrap();
    let waits = state.waits.get(id).unwrap();
    let longest = waits
        .holes
        .iter()
        .max_by_key(|of| of.times_ns.1 - of.times_ns.0);
    let hole = longest.unwrap().clone();
    let middle = (hole.times_ns.0 + hole.times_ns.1) as f64 / 2.0;
    let share = (middle - start_ns) / (end_ns - start_ns);
    let x = layout.plot.min + share as f32 * layout.width();
    let at = pos2(x, layout.losses.bottom() - 4.0);
    harness.hover_at(at);
    harness.run_steps(8);
    harness.get_by_label_contains(&hole_words(&hole)[0]);
    harness.drag_at(at);
    harness.drop_at(at);
    harness.run_steps(4);
    let packet = hole.row.closed.unwrap();
    let selected = harness.state().0.selection;
    assert_eq!(selected, Some(crate::ui::Item::Packet(packet)));
}
