use super::*;
use crate::trace::FrameId;
use crate::ui::views::testing::{World, pane};
use egui_kittest::kittest::Queryable;

fn said(world: &World, rungs: Rungs) -> String {
    let state = State {
        rungs,
        ..State::default()
    };
    world.read(|context| text(context, &state))
}

#[test]
fn every_frame_is_a_rung_from_its_sender() {
    let world = World::of_capture("push.pcap");
    world.read(|context| {
        let reader = Reader::new(context).unwrap();
        let kept = Kept::default();
        let track = Track::new(reader, Rungs::Frames, &kept, None);
        assert_eq!(track.len(), reader.http2.frames.len());
        for (index, row) in reader.http2.frames.iter().enumerate() {
            let rung = track.rung(index).unwrap();
            assert_eq!(rung.from, reader.connection.direction(row.side));
            assert_eq!(rung.title, row.kind.to_string());
            assert_eq!(track.row_of(rung.item), Some(index));
        }
    });
}

#[test]
fn every_packet_of_the_connection_is_a_segment() {
    let world = World::of_capture("lossy.pcapng");
    world.read(|context| {
        let reader = Reader::new(context).unwrap();
        let mut kept = Kept::default();
        while kept.follow(&reader, Rungs::Segments, None, false) {}
        let track = Track::new(reader, Rungs::Segments, &kept, None);
        assert_eq!(track.len(), reader.connection.row.packets as usize);
        let first = track.rung(0).unwrap();
        assert_eq!(
            (first.title.as_str(), first.from),
            ("SYN", crate::trace::Direction::Client)
        );
        let marks = (0..track.len())
            .filter_map(|index| track.rung(index)?.mark)
            .count();
        assert!(marks > 0, "the capture has retransmissions");
    });
}

#[test]
fn a_call_has_a_request_and_an_end() {
    let said = said(&World::of_capture("downloads.pcapng"), Rungs::Calls);
    assert!(said.contains("client to server: GET /style.css"), "{said}");
    assert!(said.contains("server to client: 200"), "{said}");
    assert!(said.contains(" after "), "{said}");
}

#[test]
fn quiet_times_are_folded_and_say_who_waits() {
    let said = said(&World::at_frame("lossy.pcapng", 20), Rungs::Frames);
    assert!(said.contains("gap: "), "{said}");
    assert!(
        said.contains("waits for its window") || said.contains("wait for their windows"),
        "{said}"
    );
    assert!(said.contains("estimated from the shortest of"), "{said}");
}

#[test]
fn two_cursors_show_two_ladders() {
    let early = said(&World::at_frame("push.pcap", 5), Rungs::Frames);
    let late = said(&World::at_frame("push.pcap", 25), Rungs::Frames);
    assert!(
        early.starts_with("ladder of frames: 6 of") && late.starts_with("ladder of frames: 26 of")
    );
    assert!(early.contains("(not yet)"));
}

#[test]
fn a_rung_is_selected_and_the_kind_of_rung_switched() {
    let mut harness = pane(World::at_frame("push.pcap", 8), [1200.0, 700.0], ladder_ui);
    harness.run_steps(3);
    harness.get_by_label_contains("promises stream 2").click();
    harness.run_steps(2);
    let connection = harness.state().0.connection.unwrap();
    let expected = Item::Frame(connection, FrameId::from_index(10));
    assert_eq!(harness.state().0.selection, Some(expected));
    harness
        .get_by_label("An arrow for each of: Segments")
        .click();
    harness.run_steps(3);
    assert_eq!(harness.state().1.rungs, Rungs::Segments);
    harness.get_by_label("An arrow for each of: Calls").click();
    harness.run_steps(3);
    assert!(
        harness
            .query_all_by_label_contains("client sends GET /index.html")
            .next()
            .is_some()
    );
}

#[test]
fn nothing_open_is_said_with_what_to_do() {
    let world = World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()));
    assert!(said(&world, Rungs::Frames).contains("Open a capture"));
    let mut harness = pane(world, [300.0, 200.0], ladder_ui);
    harness.run_steps(2);
}
