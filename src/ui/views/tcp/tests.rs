use super::*;
use crate::trace::{Marks, PacketId};
use crate::ui::views::testing::{World, pane};
use crate::ui::widgets::time_scale::TimeScale;
use egui_kittest::kittest::Queryable;

fn index(world: &World) -> Index {
    let mut index = Index::default();
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    index.finish(&world.trace, connection);
    index
}

#[test]
fn every_packet_of_the_connection_is_there_with_the_numbers_of_its_header() {
    let world = World::of_capture("lossy.pcapng");
    let index = index(&world);
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    assert_eq!(index.order.len(), connection.row.packets as usize);
    let reports: Vec<_> = crate::report::packets::packets(&world.trace).collect();
    for place in 0..index.order.len() {
        let (side, segment) = index.get(place).unwrap();
        assert_eq!(index.place(segment.packet), Some(place));
        let report = reports[segment.packet.index()].segment.as_ref().unwrap();
        assert_eq!(report.direction, connection.direction(side));
        assert_eq!(report.payload, Some(segment.len as usize));
        assert_eq!(report.window_bytes, segment.window);
        if let Some(offset) = report.offset {
            assert_eq!(i64::try_from(offset).unwrap(), segment.start, "{segment:?}");
        }
        let base = connection.tcp().sides[side.index()].base.unwrap();
        let sequence = base.wrapping_add(segment.start as u32);
        assert_eq!(report.seq, Some(sequence));
    }
}

#[test]
fn folding_keeps_every_packet_every_mark_and_the_range() {
    let world = World::of_capture("lossy.pcapng");
    let index = index(&world);
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    for side in Side::BOTH {
        for width in [20.0, 300.0, 4000.0] {
            let scale = TimeScale::new(-1.0, 1e10, width);
            let both = model::Folded::of(&index, &scale, width);
            let folded = model::Direction::of(connection, (&index, &both), side, &scale, width);
            let track = &index.sides[side.index()];
            let with_data = track.segments.iter().filter(|of| of.len > 0);
            let low = with_data.clone().map(|of| of.start).min();
            let high = with_data.clone().map(|of| of.end()).max();
            assert_eq!(folded.marks.iter().map(|mark| mark.data.0).min(), low);
            assert_eq!(folded.marks.iter().map(|mark| mark.data.1).max(), high);
            let marks =
                |marks: Vec<Marks>| marks.into_iter().fold(Marks::default(), |all, of| all | of);
            assert_eq!(
                marks(folded.marks.iter().map(|mark| mark.marks).collect())
                    .contains(Marks::RETRANSMISSION),
                marks(with_data.map(|of| of.marks).collect()).contains(Marks::RETRANSMISSION)
            );
            let most = folded.flight.iter().map(|of| of.1).max();
            let own = track.segments.iter().map(|of| of.flight).max();
            assert!(most >= own);
        }
    }
}

#[test]
fn the_words_say_what_was_sent_again_and_which_streams_waited() {
    let mut world = World::of_capture("lossy.pcapng");
    world.selection = Some(Item::Packet(PacketId::from_index(40)));
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.starts_with("TCP: client sent "), "{said}");
    assert!(said.contains("retransmission"), "{said}");
    assert!(said.contains("had to wait"), "{said}");
    assert!(said.contains("round trips seen from here"), "{said}");
    assert!(said.contains("packet 41, "), "{said}");
}

#[test]
fn packets_are_listed_and_a_click_selects_one() {
    let world = World::of_capture("lossy.pcapng");
    let mut harness = pane(world, [1100.0, 600.0], tcp_ui);
    harness.run_steps(2);
    harness.get_by_label("Packets").click();
    harness.run_steps(3);
    let row = harness.query_all(egui_kittest::kittest::By::new().predicate(|node| {
        node.label()
            .is_some_and(|label| label.starts_with("packet 3, "))
    }));
    row.last().unwrap().click();
    harness.run_steps(2);
    let (world, _) = harness.state();
    let packet = Item::Packet(PacketId::from_index(2));
    assert!(
        world.commands.contains(&Command::Select(packet)),
        "{:?}",
        world.commands
    );
}

#[test]
fn directions_can_be_shown_alone() {
    let world = World::of_capture("lossy.pcapng");
    let mut harness = pane(world, [900.0, 400.0], tcp_ui);
    harness.run_steps(2);
    harness.get_by_label("Direction: ← Server").click();
    harness.run_steps(2);
    let (world, state) = harness.state();
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    assert_eq!(
        sides(state, connection),
        [connection.side(Direction::Server)]
    );
}
