//! What the app does with notes: where they are at home, what commands about them do, and what is said.

use super::document::Document;
use super::{App, Notice};
use crate::notes::{Home, NoteId, Target};
use crate::trace::{Cursor, FrameId};
use crate::ui::loader::Input;
use crate::ui::notes::{self, Desk, Offer, Told, target_of};
use crate::ui::{Command, Item, tour};

impl App {
    /// Puts the notes on the capture before away, and begins to read those on the next.
    pub(super) fn open_notes(&mut self, input: &Input) {
        let data = self.data_folder.as_deref();
        let home = match input {
            Input::File(path) | Input::Growing(path) => Home::of_file(path, data),
            Input::Tour(index) => match tour::STOPS.get(*index) {
                Some(stop) => Home::of_shipped(stop.file, stop.notes, data),
                None => Home::nowhere(),
            },
            Input::StandardInput => Home::nowhere(),
        };
        // What was not written yet is written before the same file may be read again.
        drop(std::mem::take(&mut self.notes));
        self.notes = Desk::open(home, self.waker.clone());
    }

    /// Takes in what was read of the file of notes, or became of writing it.
    pub(super) fn follow_notes(&mut self) {
        let trace = self.document.as_ref().and_then(|of| of.trace.as_ref());
        for told in self.notes.follow(trace) {
            self.tell_of_notes(told);
        }
    }

    pub(super) fn carry_out_note(&mut self, command: notes::Command) {
        let told = match command {
            notes::Command::WriteHere => {
                let trace = self.document.as_ref().and_then(|of| of.trace.as_ref());
                let cursor = self.transport.cursor();
                let target = trace.and_then(|trace| target_of(trace, self.selection, cursor));
                if let Some(target) = target {
                    self.write_note(target);
                }
                None
            }
            notes::Command::Write(target) => {
                self.write_note(target);
                None
            }
            notes::Command::Edit(id) => {
                self.notes.edit(&id);
                None
            }
            notes::Command::Keep => self.notes.keep(),
            notes::Command::Discard => {
                self.notes.editor.discard();
                None
            }
            notes::Command::Delete(id) => self.notes.delete(&id),
            notes::Command::Undo => {
                self.notes.undo();
                self.notice = None;
                None
            }
            notes::Command::GoTo(id) => {
                self.go_to_note(&id);
                None
            }
            notes::Command::TryAgain => {
                self.notes.try_again();
                self.notice = None;
                None
            }
        };
        if let Some(told) = told {
            self.tell_of_notes(told);
        }
        // Seen in this picture.
        self.follow_notes();
    }

    fn write_note(&mut self, target: Target) {
        if let Some(trace) = self.document.as_ref().and_then(|of| of.trace.as_ref()) {
            self.transport.pause();
            self.notes.write(trace, target);
        }
    }

    fn go_to_note(&mut self, id: &NoteId) {
        let mut rows = self.notes.board.rows().iter();
        let placed = rows.find(|row| row.id == *id);
        let Some((target, packet)) = placed.and_then(|row| Some((row.target?, row.packet))) else {
            return;
        };
        self.transport.pause();
        match target {
            Target::Frame(connection, frame) => self.select(Item::Frame(connection, frame)),
            Target::Stream(connection, stream) => {
                self.select(Item::Stream(connection, stream));
                let document = self.document.as_ref();
                let http2 = document
                    .and_then(Document::connection)
                    .and_then(|of| of.http2());
                let first: Option<FrameId> =
                    http2.and_then(|http2| http2.frames_of(stream).get(0).copied());
                if let Some(cursor) = first.and_then(|first| self.after_frame(first)) {
                    self.transport.move_to(cursor);
                }
            }
            Target::Exchange(connection, exchange) => {
                self.select(Item::Exchange(connection, exchange));
                if let Some(packet) = packet {
                    self.transport.move_to(Cursor::after_packet(packet));
                }
            }
            Target::Connection(connection) => {
                self.select(Item::Connection(connection));
                if let Some(packet) = packet {
                    self.transport.move_to(Cursor::after_packet(packet));
                }
            }
            Target::Instant(cursor) => {
                self.selection = None;
                self.transport.move_to(cursor);
            }
        }
    }

    fn tell_of_notes(&mut self, told: Told) {
        let button = told.offers.map(|offer| match offer {
            Offer::Undo => ("Undo", notes::Command::Undo),
            Offer::TryAgain => ("Try again", notes::Command::TryAgain),
        });
        self.notice = Some(Notice {
            text: told.text,
            button: button.map(|(words, command)| (words.to_owned(), Command::Notes(command))),
        });
    }
}
