use super::*;
use crate::notes::{Note, Notes, Place, Target};
use crate::trace::{ConnectionId, Cursor, FrameId, PacketId};
use crate::ui::notes::Board;
use crate::ui::views::testing::{World, pane};
use crate::wire::http2::StreamId;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

/// Notes on things of a world's capture, written one after the other.
fn noted(world: &World, targets: &[(Target, &str)]) -> Board {
    let mut notes = Notes::default();
    for (written_ns, (target, text)) in (1..).zip(targets) {
        let place = Place::of(&world.trace, *target).unwrap();
        notes.put(Note::new(place, text, written_ns));
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
            (Target::Stream(connection, StreamId(13)), "The page itself."),
            (Target::Instant(Cursor::after_packet(packet)), "Half way."),
        ],
    );
    insta::assert_snapshot!(world.read(text), @r"
    4 notes
    connection 0 · 0.000 000 ms: The whole page.
    stream 13 · 40.854 000 ms: The page itself.
    frame 12, PUSH_PROMISE on stream 13 · 82.931 000 ms: A promise.·Second line.
    the instant after packet 12 · 84.404 000 ms: Half way.
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

/// The list of notes in a window, with two notes on one frame and one on an instant.
fn list<'a>() -> Harness<'a, (World, State)> {
    let mut world = World::of_capture("push.pcap");
    let connection = ConnectionId::FIRST;
    let packet = world.trace.connections[0].http2().unwrap().frames[20].packet;
    let frame = Target::Frame(connection, FrameId::from_index(12));
    let later = Target::Frame(connection, FrameId::from_index(30));
    world.notes = noted(
        &world,
        &[
            (Target::Connection(connection), "The whole page."),
            (frame, "A promise."),
            (frame, "Somebody else on the same promise."),
            (Target::Instant(Cursor::after_packet(packet)), "Half way."),
            (later, "Later."),
        ],
    );
    let mut harness = pane(world, [600.0, 500.0], notes_ui);
    harness.run();
    harness
}

/// Carries out what was asked, as the app does, and answers which rows were gone to and what else was asked.
fn carry_out(harness: &mut Harness<'_, (World, State)>) -> (Vec<usize>, Vec<Command>) {
    harness.run();
    let (world, _) = harness.state_mut();
    let (mut gone_to, mut others) = (Vec::new(), Vec::new());
    for command in std::mem::take(&mut world.commands) {
        match command {
            UiCommand::Notes(Command::GoTo(id)) => {
                let rows = world.notes.rows();
                let at = rows.iter().position(|row| row.id == id).unwrap();
                world.selection = rows[at].target.and_then(item_of);
                gone_to.push(at);
            }
            UiCommand::Notes(other) => others.push(other),
            _ => {}
        }
    }
    harness.run();
    (gone_to, others)
}

#[test]
fn arrow_keys_lead_through_all_notes_also_where_several_are_on_one_thing() {
    let mut harness = list();
    harness.get_by_label_contains("The whole page.").click();
    assert_eq!(carry_out(&mut harness).0, [0]);
    let keys = [(Key::ArrowDown, [1, 2, 3, 4]), (Key::ArrowUp, [3, 2, 1, 0])];
    for (key, rows) in keys {
        for row in rows {
            harness.key_press(key);
            assert_eq!(carry_out(&mut harness).0, [row], "{key:?}");
        }
    }
    // What is selected elsewhere leads the list to the first note on it.
    harness.state_mut().0.select_frame(12);
    harness.run();
    harness.key_press(Key::ArrowDown);
    assert_eq!(carry_out(&mut harness).0, [2]);
}

#[test]
fn delete_and_enter_are_about_the_note_that_the_list_is_at() {
    let mut harness = list();
    let id = |harness: &Harness<'_, (World, State)>, row: usize| {
        let rows = harness.state().0.notes.rows();
        rows[row].id.clone()
    };
    harness.get_by_label_contains("Somebody else").click();
    assert_eq!(carry_out(&mut harness).0, [2]);
    let second = id(&harness, 2);
    harness.key_press(Key::Enter);
    assert_eq!(carry_out(&mut harness).1, [Command::Edit(second.clone())]);
    harness.key_press(Key::Delete);
    assert_eq!(carry_out(&mut harness).1, [Command::Delete(second.clone())]);
    // The next one takes its place, and Delete goes on from there.
    let (world, _) = harness.state_mut();
    let mut notes = world.notes.notes().clone();
    notes.remove(&second);
    world.notes = Board::of_notes(notes);
    world.notes.follow(&world.trace);
    harness.run();
    let third = id(&harness, 2);
    harness.key_press(Key::Delete);
    assert_eq!(carry_out(&mut harness).1, [Command::Delete(third)]);
    // While the list does not have the keyboard, neither is about a note.
    let mut harness = list();
    harness.state_mut().0.select_frame(12);
    harness.run();
    for key in [Key::Enter, Key::Delete] {
        harness.key_press(key);
        assert_eq!(carry_out(&mut harness).1, []);
    }
}
