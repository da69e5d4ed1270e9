use super::*;
use crate::notes::{Note, Notes, Place, Target};
use crate::trace::{ConnectionId, Cursor, FrameId, PacketId};
use crate::ui::notes::Board;
use crate::ui::views::testing::World;
use crate::wire::http2::StreamId;

/// Notes on things of a world's capture.
fn noted(world: &World, targets: &[(Target, &str)]) -> Board {
    let mut notes = Notes::default();
    for (target, text) in targets {
        let place = Place::of(&world.trace, *target).unwrap();
        notes.put(Note::new(place, text, 1));
    }
    let mut board = Board::of_notes(notes);
    board.follow(&world.trace);
    board
}

#[test]
fn notes_are_listed_in_the_order_of_the_capture_with_place_and_time() {
    let mut world = World::of_capture("push.pcap");
    let connection = ConnectionId::FIRST;
    let packet = world.trace.connections[0].http2().unwrap().frames[20].packet;
    world.notes = noted(
        &world,
        &[
            (
                Target::Frame(connection, FrameId::from_index(12)),
                "A promise.\nSecond line.",
            ),
            (Target::Connection(connection), "The whole page."),
            (Target::Stream(connection, StreamId(1)), "The page itself."),
            (Target::Instant(Cursor::after_packet(packet)), "Half way."),
        ],
    );
    insta::assert_snapshot!(world.read(text), @r"
    4 notes
    connection 0 · 0.000000 s: The whole page.
    stream 1 · 0.040854 s: The page itself.
    frame 12, PUSH_PROMISE on stream 13 · 0.082931 s: A promise.·Second line.
    the instant after packet 12 · 0.084404 s: Half way.
    ");
}

#[test]
fn without_notes_it_says_how_to_write_one() {
    let world = World::of_capture("push.pcap");
    assert!(world.read(text).contains("press M"));
}

#[test]
fn flags_are_found_by_connection_and_time() {
    let world = World::of_capture("downloads.pcapng");
    let connection = ConnectionId::FIRST;
    let frame = |frame| Target::Frame(connection, FrameId::from_index(frame));
    let board = noted(
        &world,
        &[
            (frame(30), "one"),
            (frame(100), "two"),
            (
                Target::Instant(Cursor::after_packet(PacketId::FIRST)),
                "start",
            ),
        ],
    );
    let count = |connection, times_ns| board.flags(connection, times_ns).count();
    assert_eq!(count(connection, i64::MIN..i64::MAX), 3);
    assert_eq!(count(connection, 0..0), 1);
    assert_eq!(count(ConnectionId::from_index(7), i64::MIN..i64::MAX), 1);
    assert!(board.is_noted(connection, FrameId::from_index(30)));
    assert!(!board.is_noted(connection, FrameId::from_index(31)));
    assert_eq!(board.on(frame(100)).count(), 1);
}
