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
fn what_is_sent_again_stands_where_its_bytes_lie_also_beside_what_is_new() {
    let world = World::of_capture("lossy-sender.pcapng");
    let index = index(&world);
    let connection = world.trace.connection(world.connection.unwrap()).unwrap();
    let (width, mut beside) = (600.0, 0);
    let scale = TimeScale::new(-1.0, 7e8, width);
    let both = model::Folded::of(&index, &scale, width);
    for side in Side::BOTH {
        let folded = model::Direction::of(connection, (&index, &both), side, &scale, width);
        let segments = &index.sides[side.index()].segments;
        for mark in &folded.marks {
            let of = &segments[mark.first..mark.first + mark.count];
            assert_eq!(of[0].packet, mark.packet);
            if mark.marks.contains(Marks::FAST_RETRANSMISSION) {
                let bytes: i64 = of.iter().map(|segment| i64::from(segment.len)).sum();
                assert_eq!(mark.data.1 - mark.data.0, bytes, "{mark:?}");
                let here = folded.marks.iter().filter(|other| other.x == mark.x);
                beside += usize::from(here.count() > 1);
            }
        }
    }
    assert!(beside > 0);
}

#[test]
fn the_words_say_what_was_sent_again_and_which_streams_waited() {
    let mut world = World::of_capture("lossy.pcapng");
    world.selection = Some(Item::Packet(PacketId::from_index(40)));
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.starts_with("TCP: client sent "), "{said}");
    assert!(said.contains("retransmission"), "{said}");
    assert!(said.contains("had to wait"), "{said}");
    // A segment that was dropped, one that was held back, and a hole of one of each.
    for words in [
        "1.4 KB lost, sent again, there after 52.4 ms; streams 3, 5, 7 had to wait",
        "1.4 KB late by 5.23 ms, not lost; streams 3, 5 had to wait",
        "1.4 KB lost, sent again, 1.4 KB beside it only late, all there after 61.1 ms",
    ] {
        assert!(said.contains(words), "{words:?} is missing in {said}");
    }
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

#[test]
fn plots_and_packets_move_with_the_cursor() {
    use crate::trace::{Cursor, FrameId};
    use crate::ui::views::View;
    let mut world = World::of_capture("lossy.pcapng");
    let after = |world: &World, frame: usize| {
        let connection = world.trace.main_connection().unwrap();
        Cursor::after_frame(connection, FrameId::from_index(frame))
    };
    world.cursor = after(&world, 0);
    let mut harness = pane(world, [800.0, 400.0], tcp_ui);
    harness.run();
    let state = &mut harness.state_mut().1;
    state.table = true;
    state.window = Some(Window {
        start_ns: 0.0,
        end_ns: 2e6,
    });
    state.follow_cursor(Some(true));
    harness.run();
    for frame in [50, 10, 60] {
        let cursor = after(&harness.state().0, frame);
        harness.state_mut().0.cursor = cursor;
        harness.run();
        let (world, state) = harness.state();
        let packet = cursor.unwrap().packet;
        let at = crate::ui::views::loom::reader::packet_ns(&world.trace, packet);
        assert!(state.window.unwrap().contains(at), "{frame}");
        let row = state.index.place_before(packet).unwrap();
        assert!(state.scroll.shows(row), "{frame}: row {row}");
    }
}

#[test]
fn a_filter_leaves_the_packets_of_its_frames_and_says_how_many() {
    let mut world = World::of_capture("lossy.pcapng");
    let connection = world.trace.main_connection().unwrap();
    let stream = connection.http2().unwrap().streams()[1].id;
    let all = index(&world);
    world.filter(&format!("stream:{stream}"));
    let connection = world.trace.main_connection().unwrap();
    let passing = world.read(|context| passing::Passing::complete(context, connection, &all));
    let listed = passing.listed().unwrap().to_vec();
    assert!(
        listed.len() > 3 && listed.len() < all.order.len() / 2,
        "{}",
        listed.len()
    );
    let mut own = [0, 0];
    for (place, (side, at)) in all.order.iter().enumerate() {
        let at = *at as usize;
        assert_eq!(at, own[side.index()]);
        own[side.index()] += 1;
        // The segment has bytes of a frame of that stream, or it does not pass.
        let segment = &all.sides[side.index()].segments[at];
        let bytes = u64::try_from(segment.start)
            .ok()
            .filter(|_| segment.len > 0);
        let carries = bytes.is_some_and(|start| {
            let mut frames = connection.frames_in(*side, start..start + u64::from(segment.len));
            frames.any(|(_, row)| row.stream == stream)
        });
        assert!(!carries || listed.contains(&place), "place {place}");
        assert_eq!(passing.hides(*side, at..at + 1), !listed.contains(&place));
    }
    let words = format!(
        "{} of {} packets pass the filter",
        listed.len(),
        all.order.len()
    );
    let said = world.read(|context| text(context, &State::default()));
    assert!(said.contains(&words), "{said}");
    let mut harness = pane(world, [900.0, 500.0], tcp_ui);
    harness.run();
    harness.state_mut().1.table = true;
    harness.run();
    harness.get_by_label_contains(&words);
    // The table lists those alone.
    let rows = harness.query_all_by_role(egui::Role::Row).count();
    assert!(rows > 0 && rows <= listed.len());
    let first = harness
        .state()
        .1
        .index
        .get(listed[0])
        .unwrap()
        .1
        .packet
        .number();
    harness.get_by_label_contains(&format!("packet {first}"));
}

/// The words of the picture.
fn painted(world: World) -> Vec<String> {
    let mut harness = pane(world, [1366.0, 768.0], tcp_ui);
    harness.run();
    let shapes = harness.output().shapes.iter();
    let words = shapes.filter_map(|shape| match &shape.shape {
        egui::Shape::Text(text) => Some(text.galley.text().to_owned()),
        _ => None,
    });
    words.collect()
}

#[test]
fn the_key_names_the_letters_that_are_drawn_and_no_other() {
    let words = painted(World::of_capture("lossy-sender.pcapng"));
    let letters = |letter: &str| words.iter().filter(|of| *of == letter).count();
    // Each is drawn in the plot and once more in the key.
    assert!(letters("F") > 1 && letters("D") > 1, "{words:?}");
    assert!(words.iter().any(|of| of == "fast retransmission"));
    // Segments that were sent again at once are retransmissions too, but none has that letter.
    assert_eq!(letters("R"), 0);
    assert!(!words.iter().any(|of| of == "retransmission"), "{words:?}");
    for said in [
        "segment, in its stream's colour; grey: several or no stream",
        "lost, sent again, as high as what waited behind it",
    ] {
        assert!(words.iter().any(|of| of == said), "{said}: {words:?}");
    }
}

#[test]
fn the_time_of_the_cursor_stands_at_the_axis() {
    let mut world = World::of_capture("lossy-sender.pcapng");
    let packet = world.trace.main_connection().unwrap().row.first_packet;
    let packet = crate::trace::PacketId::from_index(packet.index() + 40);
    world.cursor = Some(crate::trace::Cursor::after_packet(packet));
    let origin = world.trace.time_range_ns.unwrap().0;
    let time = crate::ui::widgets::format::duration_ns(world.trace.time_ns(packet) - origin);
    assert!(painted(world).contains(&time), "{time}");
}

#[test]
fn where_the_window_reaches_above_the_plot_its_edge_and_the_key_say_so() {
    let words = painted(World::of_capture("downloads.pcapng"));
    assert!(words.iter().any(|of| of == "receive window above the plot"));
    let up_to = words
        .iter()
        .filter(|of| of.starts_with("receive window reaches byte "));
    // What the server may send grows as the client reads; the client's plot lies below its window all the time.
    assert_eq!(up_to.count(), 2, "{words:?}");
}
