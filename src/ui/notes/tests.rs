use super::*;
use crate::capture::Capture;
use crate::notes::Home;
use crate::trace::{ConnectionId, FrameId};
use crate::ui::loader::Waker;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct Room {
    folder: tempfile::TempDir,
    trace: Trace,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/push.pcap");
        let capture = folder.path().join("push.pcap");
        std::fs::copy(shipped, &capture).unwrap();
        let trace = crate::dissect::read_all(Capture::open(&capture).unwrap());
        Self { folder, trace }
    }

    fn capture(&self) -> PathBuf {
        self.folder.path().join("push.pcap")
    }

    fn desk(&self) -> Desk {
        let data = self.folder.path().join("data");
        Desk::open(
            Home::of_file(&self.capture(), Some(&data)),
            Waker::default(),
        )
    }

    /// Lets pictures pass until `done`. Returns what was told meanwhile.
    fn wait(&self, desk: &mut Desk, done: impl Fn(&Desk) -> bool) -> Vec<Told> {
        let began = Instant::now();
        let mut told = Vec::new();
        loop {
            told.extend(desk.follow(Some(&self.trace)));
            if done(desk) {
                return told;
            }
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "it takes too long"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn kept(&self) -> usize {
        let home = Home::of_file(&self.capture(), None).load();
        home.notes.len()
    }
}

fn frame(number: usize) -> Target {
    Target::Frame(ConnectionId::FIRST, FrameId::from_index(number))
}

fn write(room: &Room, desk: &mut Desk, number: usize, text: &str) {
    desk.write(&room.trace, frame(number));
    desk.editor.type_text(text);
    assert_eq!(desk.keep(), None);
    desk.follow(Some(&room.trace));
}

#[test]
fn what_is_written_is_placed_at_once_and_kept_soon() {
    let room = Room::new();
    let mut desk = room.desk();
    // Even before the file was read.
    write(&room, &mut desk, 12, "one");
    desk.follow(Some(&room.trace));
    assert!(
        desk.board
            .is_noted(ConnectionId::FIRST, FrameId::from_index(12))
    );
    room.wait(&mut desk, |_| room.kept() == 1);
    write(&room, &mut desk, 13, "two");
    write(&room, &mut desk, 14, "three");
    room.wait(&mut desk, |_| room.kept() == 3);
}

#[test]
fn what_another_window_writes_is_seen_without_a_change_here() {
    let room = Room::new();
    let (mut ours, mut theirs) = (room.desk(), room.desk());
    write(&room, &mut ours, 12, "ours");
    room.wait(&mut ours, |_| room.kept() == 1);
    room.wait(&mut theirs, |desk| desk.board.notes().len() == 1);
    write(&room, &mut theirs, 13, "theirs");
    room.wait(&mut theirs, |_| room.kept() == 2);
    room.wait(&mut ours, |desk| desk.board.notes().len() == 2);
    // What they delete goes here too, and what is written here meanwhile stays.
    let id = ours.board.notes().iter().next().unwrap().id.clone();
    theirs.delete(&id);
    write(&room, &mut ours, 14, "meanwhile");
    room.wait(&mut theirs, |desk| desk.board.notes().len() == 2);
    room.wait(&mut ours, |desk| {
        desk.board.notes().len() == 2 && desk.board.notes().get(&id).is_none()
    });
}

#[test]
fn every_change_can_be_taken_back() {
    let room = Room::new();
    let mut desk = room.desk();
    write(&room, &mut desk, 12, "one");
    let id = desk.board.notes().iter().next().unwrap().id.clone();
    write(&room, &mut desk, 12, "changed");
    assert_eq!(desk.board.notes().get(&id).unwrap().text, "changed");
    let told = desk.delete(&id).unwrap();
    assert_eq!(told.offers, Some(Offer::Undo));
    assert!(
        told.text.starts_with("The note on frame 12, "),
        "{}",
        told.text
    );
    assert!(desk.board.notes().is_empty());
    desk.undo();
    assert_eq!(desk.board.notes().get(&id).unwrap().text, "changed");
    desk.undo();
    assert_eq!(desk.board.notes().get(&id).unwrap().text, "one");
    desk.undo();
    assert!(desk.board.notes().is_empty() && !desk.board.can_undo);
    desk.undo();
    room.wait(&mut desk, |_| room.kept() == 0);
}

#[test]
fn closing_keeps_what_was_typed_and_not_yet_written() {
    let room = Room::new();
    let mut desk = room.desk();
    write(&room, &mut desk, 12, "one");
    desk.write(&room.trace, frame(13));
    desk.editor.type_text("half a sentence");
    drop(desk);
    assert_eq!(room.kept(), 2);
}

#[test]
fn what_was_put_aside_comes_back_and_a_blank_note_is_none() {
    let room = Room::new();
    let mut desk = room.desk();
    desk.write(&room.trace, frame(12));
    desk.editor.type_text("not yet");
    desk.editor.discard();
    desk.write(&room.trace, frame(12));
    assert_eq!(desk.editor.take().unwrap().1, "not yet");
    write(&room, &mut desk, 13, "  \n ");
    assert!(desk.board.notes().is_empty());
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_tried_again() {
    let room = Room::new();
    let sidecar = crate::notes::home::beside(&room.capture());
    std::fs::create_dir(&sidecar).unwrap();
    std::fs::write(room.folder.path().join("data"), b"no folder").unwrap();
    let mut desk = room.desk();
    write(&room, &mut desk, 12, "one");
    let told = room.wait(&mut desk, |desk| desk.board.failed.is_some());
    assert!(
        told.iter().any(|told| told.offers == Some(Offer::TryAgain)),
        "{told:?}"
    );
    assert_eq!(desk.board.notes().len(), 1);
    std::fs::remove_dir(&sidecar).unwrap();
    desk.try_again();
    room.wait(&mut desk, |desk| desk.board.failed.is_none());
    assert_eq!(room.kept(), 1);
}

#[test]
fn what_is_being_changed_here_is_not_lost_when_another_window_deletes_it() {
    let room = Room::new();
    let (mut ours, mut theirs) = (room.desk(), room.desk());
    write(&room, &mut ours, 12, "first words");
    room.wait(&mut ours, |_| room.kept() == 1);
    room.wait(&mut theirs, |desk| desk.board.notes().len() == 1);
    let id = ours.board.notes().iter().next().unwrap().id.clone();
    ours.edit(&id);
    ours.editor.type_text("first words, and more");
    theirs.delete(&id);
    room.wait(&mut theirs, |_| room.kept() == 0);
    room.wait(&mut ours, |desk| desk.board.notes().is_empty());
    assert!(ours.editor.is_open());
    let told = ours.keep().unwrap();
    assert!(
        told.text
            .contains("Another window had deleted the note on frame 12"),
        "{told:?}"
    );
    let text = |desk: &Desk| desk.board.notes().get(&id).map(|note| note.text.clone());
    assert_eq!(text(&ours).as_deref(), Some("first words, and more"));
    // It comes back everywhere.
    room.wait(&mut ours, |_| room.kept() == 1);
    room.wait(&mut theirs, |desk| {
        text(desk).as_deref() == Some("first words, and more")
    });
    // And going on to another note keeps what was typed just the same.
    ours.edit(&id);
    ours.editor.type_text("once more");
    theirs.delete(&id);
    room.wait(&mut theirs, |_| room.kept() == 0);
    room.wait(&mut ours, |desk| desk.board.notes().is_empty());
    ours.write(&room.trace, frame(13));
    assert_eq!(text(&ours).as_deref(), Some("once more"));
}
