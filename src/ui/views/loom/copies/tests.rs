use super::*;
use crate::trace::{PacketId, Side};
use crate::ui::Item;
use crate::ui::views::loom::State;
use crate::ui::views::testing::World;
use crate::ui::widgets::time_scale::TimeScale;
use egui_kittest::kittest::Queryable;

fn copied(why: Why) -> Copied {
    Copied {
        row: crate::analysis::sent_again::SentAgain {
            packet: PacketId::from_index(0),
            side: Side::B,
            range: 0..100,
            first: None,
            why,
            streams: Vec::new(),
            hole: None,
            held_back: Vec::new(),
        },
        time_ns: 0,
        first_ns: None,
    }
}

#[test]
fn copies_that_stand_close_become_one_mark_that_knows_who_sent_them() {
    let (lost, vain) = (copied(Why::Asked), copied(Why::InVain));
    let (client, server) = (Direction::Client, Direction::Server);
    let seen = [
        (0, 10.0, server, &vain),
        (1, 12.0, client, &vain),
        (2, 15.0, server, &lost),
        (3, 40.0, server, &vain),
    ];
    let found = marks(seen.into_iter());
    let told: Vec<_> = (found.iter())
        .map(|mark| (mark.x, mark.sent_by, mark.copies.clone(), mark.in_vain))
        .collect();
    let expected = [
        (10.0, [true, true], vec![0, 1, 2], false),
        (40.0, [false, true], vec![3], true),
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_words_say_what_was_sent_again_why_and_who_waited() {
    let world = World::of_capture("lossy-sender.pcapng");
    let connection = world.trace.main_connection().unwrap();
    let waits = Waits::of(&world.trace, connection);
    let lines = lines(connection, &waits);
    let marked = (world.trace.packets.iter())
        .filter(|row| row.marks.contains(crate::trace::Marks::RETRANSMISSION));
    assert_eq!(lines.len(), marked.count());
    let held = lines
        .iter()
        .find(|line| line.contains("Held back: stream "));
    let held = held.unwrap_or_else(|| panic!("{lines:?}"));
    for words in [
        "sent again: ",
        " bytes of stream ",
        "server to client",
        "packet ",
        "RFC ",
    ] {
        assert!(held.contains(words), "{words:?} is missing in {held}");
    }
    let said = world.read(|context| crate::ui::views::loom::text(context, &Default::default()));
    assert!(lines.iter().all(|line| said.contains(line)), "{said}");
}

/// The loom on a capture with loss, and the middle of the sign of a segment that was sent again.
fn screen(height: f32) -> (egui_kittest::Harness<'static, (World, State)>, Pos2, usize) {
    use crate::ui::views::loom::loom_ui;
    use crate::ui::views::testing::pane;
    let world = World::of_capture("lossy-sender.pcapng");
    let mut harness = pane(world, [1200.0, height], loom_ui);
    harness.run();
    let (world, state) = harness.state();
    let layout = state.layout.clone().unwrap();
    let (start_ns, end_ns) = state.shown_ns().unwrap();
    let connection = world.trace.main_connection().unwrap();
    let waits = state.waits.get(connection.id).unwrap();
    // One that stands alone.
    let scale = TimeScale::new(start_ns, end_ns, f64::from(layout.width()));
    let x = |copy: &Copied| scale.x_from_time(copy.time_ns as f64) as f32;
    let alone = |at: usize| {
        let others = waits
            .copies
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at);
        others
            .map(|(_, other)| (x(other) - x(&waits.copies[at])).abs())
            .fold(f32::MAX, f32::min)
    };
    let most = |a: &usize, b: &usize| alone(*a).total_cmp(&alone(*b));
    let at = (0..waits.copies.len()).max_by(most).unwrap();
    let copy = &waits.copies[at];
    let y = layout.losses_lines().0.center().y;
    let sign = pos2(layout.plot.min + x(copy) + MARK_POINTS / 2.0 - 1.0, y);
    (harness, sign, at)
}

#[test]
fn the_pointer_on_a_sign_says_what_was_sent_again_and_a_click_selects_the_packet() {
    for height in [520.0, 900.0] {
        let (mut harness, sign, at) = screen(height);
        harness.hover_at(sign);
        harness.run_steps(10);
        harness.get_by_label_contains("sent again: ");
        harness.get_by_label_contains(" bytes of stream ");
        harness.drag_at(sign);
        harness.drop_at(sign);
        harness.run_steps(4);
        let (world, state) = harness.state();
        let connection = world.trace.main_connection().unwrap();
        let packet = state.waits.get(connection.id).unwrap().copies[at]
            .row
            .packet;
        assert_eq!(world.selection, Some(Item::Packet(packet)), "{height}");
        harness.get_by_label("legend: sent again");
    }
}

#[test]
fn above_a_sign_the_frames_of_the_wire_answer() {
    let (mut harness, sign, _) = screen(520.0);
    let wire = harness.state().1.layout.as_ref().unwrap().wire[1];
    harness.hover_at(pos2(sign.x, wire.center().y));
    harness.run_steps(10);
    assert!(harness.query_by_label_contains("sent again: ").is_none());
}
