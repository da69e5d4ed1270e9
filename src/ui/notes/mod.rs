//! Notes in the window: what views read of them, the window in which one is written, and the thread that keeps the file.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`board`] | the notes and where they stand in the trace: what views read |
//! | [`keeper`] | reading and writing the file, so that no picture waits for a disk |
//! | `watch` | what another window has written is read |
//! | [`editor`] | the small window in which a note is written |

pub mod board;
pub mod editor;
pub mod keeper;
mod watch;

pub use board::Board;

use super::Item;
use crate::notes::{Kept, Note, NoteId, Notes, Place, Target, now_ns};
use crate::trace::{Cursor, Trace};
use editor::Editor;
use keeper::{Answer, Keeper};

/// Something about notes.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Write a note on what is selected, or on the instant of the cursor.
    WriteHere,
    /// Write a note on something.
    Write(Target),
    /// Change a note.
    Edit(NoteId),
    /// Keep what stands in the editor.
    Keep,
    /// Close the editor.
    Discard,
    /// Delete a note.
    Delete(NoteId),
    /// Take the last change back.
    Undo,
    /// Move the cursor to what a note is about.
    GoTo(NoteId),
    /// Try again to write the file.
    TryAgain,
}

/// How many changes can be taken back.
const MAX_UNDO: usize = 100;

/// A note as it was before a change; `None` when it was not there.
#[derive(Clone, Debug)]
struct Change {
    id: NoteId,
    before: Option<Note>,
}

/// Everything about the notes on the capture that is open.
#[derive(Default)]
pub struct Desk {
    /// What views read.
    pub board: Board,
    /// What is being written.
    pub editor: Editor,
    keeper: Keeper,
    undo: Vec<Change>,
}

/// What a person is told about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// A sentence.
    pub text: String,
    /// What the button beside it asks for.
    pub offers: Option<Offer>,
}

/// A button beside a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// [`Command::Undo`].
    Undo,
    /// [`Command::TryAgain`].
    TryAgain,
}

impl Desk {
    /// The desk of a capture, whose notes are read in a thread of their own.
    pub fn open(home: crate::notes::Home, waker: super::loader::Waker) -> Self {
        let mut desk = Self::default();
        desk.keeper = Keeper::open(home, waker);
        desk
    }

    /// A desk with notes that somebody else has read. What changes is kept nowhere.
    pub fn of_board(board: Board) -> Self {
        let mut desk = Self::default();
        desk.board = board;
        desk
    }

    /// Takes in what the file has, writes what has changed, and finds places in what was read since. Returns what a person
    /// should know.
    pub fn follow(&mut self, trace: Option<&Trace>) -> Vec<Told> {
        let mut told = Vec::new();
        match self.keeper.receive(self.board.notes()) {
            Some(Answer::Loaded {
                notes,
                kept,
                troubles,
            }) => {
                self.board.set_notes(notes);
                self.board.kept = kept;
                told.extend(troubles.iter().map(|text| Told {
                    text: text.clone(),
                    offers: None,
                }));
                self.board.troubles = troubles;
            }
            Some(Answer::Saved {
                notes,
                kept,
                told: said,
            }) => {
                self.board.set_notes(notes);
                // Said once for each place where they are kept.
                if kept != self.board.kept || self.board.failed.is_some() {
                    told.extend(said.into_iter().map(|text| Told { text, offers: None }));
                }
                self.board.kept = kept;
                self.board.failed = None;
                self.board.troubles.clear();
            }
            Some(Answer::Failed(text)) => {
                // Said once; the view of notes goes on saying it.
                if self.board.failed.is_none() {
                    told.push(Told {
                        text: text.clone(),
                        offers: Some(Offer::TryAgain),
                    });
                }
                self.board.failed = Some(text);
            }
            None => {}
        }
        self.keeper.send(self.board.notes());
        if let Some(trace) = trace {
            self.board.follow(trace);
        }
        told
    }

    /// Opens the editor for something: for the note on it, where there is just one.
    pub fn write(&mut self, trace: &Trace, target: Target) {
        let there: Vec<NoteId> = self.board.on(target).map(|note| note.id.clone()).collect();
        match there.as_slice() {
            [one] => self.edit(one),
            _ => {
                let Some(place) = Place::of(trace, target) else {
                    return;
                };
                self.put_away();
                let title = format!("Note on {}", board::target_words(trace, target));
                self.editor.open(editor::Subject::New(place), title, "");
            }
        }
    }

    /// Opens the editor for a note.
    pub fn edit(&mut self, id: &NoteId) {
        let Some(note) = self.board.notes().get(id).cloned() else {
            return;
        };
        let (place, text) = (self.board.words(&note), note.text.clone());
        self.put_away();
        let subject = editor::Subject::Known(Box::new(note));
        self.editor.open(subject, format!("Note on {place}"), &text);
    }

    /// Keeps what stands in the editor and closes it. A text without a word deletes the note.
    pub fn keep(&mut self) -> Option<Told> {
        let (subject, text) = self.editor.take()?;
        let blank = text.trim().is_empty();
        match subject {
            editor::Subject::New(_) if blank => None,
            editor::Subject::New(place) => {
                let note = Note::new(place, &text, now_ns());
                self.remember(note.id.clone(), None);
                self.change(|notes| {
                    notes.put(note);
                });
                None
            }
            editor::Subject::Known(note) if blank => self.delete(&note.id),
            editor::Subject::Known(note) => {
                let id = note.id.clone();
                let Some(before) = self.board.notes().get(&id).cloned() else {
                    return Some(self.write_again(*note, &text));
                };
                if before.text != text.trim() {
                    self.remember(id.clone(), Some(before));
                    self.change(|notes| {
                        notes.rewrite(&id, &text, now_ns());
                    });
                }
                None
            }
        }
    }

    /// Another window deleted a note while it was changed here: what was typed is kept all the same.
    fn write_again(&mut self, note: Note, text: &str) -> Told {
        let place = self.board.words(&note);
        self.remember(note.id.clone(), None);
        self.change(|notes| {
            notes.put(Note {
                text: text.trim().to_owned(),
                changed_ns: now_ns(),
                ..note
            });
        });
        Told {
            text: format!(
                "Another window had deleted the note on {place}; with what you wrote it is there again."
            ),
            offers: Some(Offer::Undo),
        }
    }

    /// Keeps what stands in the editor before something else takes its place: nothing that was typed is lost.
    fn put_away(&mut self) {
        if self.editor.is_changed() {
            self.keep();
        } else {
            self.editor.discard();
        }
    }

    /// Deletes a note.
    pub fn delete(&mut self, id: &NoteId) -> Option<Told> {
        let note = self.board.notes().get(id)?.clone();
        let place = self.board.words(&note);
        if self.editor.is_about(id) {
            self.editor.discard();
        }
        self.remember(id.clone(), Some(note));
        self.change(|notes| {
            notes.remove(id);
        });
        Some(Told {
            text: format!("The note on {place} was deleted."),
            offers: Some(Offer::Undo),
        })
    }

    /// Takes the last change back.
    pub fn undo(&mut self) {
        if let Some(change) = self.undo.pop() {
            self.change(|notes| match change.before {
                // As new as any change: another window must not take it for the old one.
                Some(note) => {
                    let changed_ns = now_ns();
                    notes.put(Note { changed_ns, ..note });
                }
                None => {
                    notes.remove(&change.id);
                }
            });
        }
    }

    /// Tries again to write.
    pub fn try_again(&mut self) {
        self.keeper.touch();
    }

    fn remember(&mut self, id: NoteId, before: Option<Note>) {
        if self.undo.len() >= MAX_UNDO {
            self.undo.remove(0);
        }
        self.undo.push(Change { id, before });
    }

    fn change(&mut self, change: impl FnOnce(&mut Notes)) {
        self.board.change(change);
        self.board.can_undo = !self.undo.is_empty();
        self.keeper.touch();
    }
}

impl Drop for Desk {
    /// Another capture is opened, or the window closes: what was typed is kept, and what was kept is written.
    fn drop(&mut self) {
        self.put_away();
        self.keeper.finish(self.board.notes());
    }
}

/// What a note on a selected item is about; without a selection, the instant of the cursor. A note on a message of
/// HTTP/1.1 is one on its exchange.
pub fn target_of(trace: &Trace, selection: Option<Item>, cursor: Option<Cursor>) -> Option<Target> {
    match selection {
        Some(Item::Connection(connection)) => Some(Target::Connection(connection)),
        Some(Item::Stream(connection, stream)) => Some(Target::Stream(connection, stream)),
        Some(item @ (Item::Frame(..) | Item::Bytes { .. })) => {
            let (connection, frame) = item.frame()?;
            Some(Target::Frame(connection, frame))
        }
        Some(Item::Packet(packet)) => Some(Target::Instant(Cursor::after_packet(packet))),
        Some(item @ (Item::Exchange(..) | Item::Message(..) | Item::MessageBytes { .. })) => {
            let connection = trace.connection(item.connection()?)?;
            let exchange = item.carrier(connection)?.exchange()?;
            Some(Target::Exchange(connection.id, exchange))
        }
        None => cursor.map(Target::Instant),
    }
}

/// Where notes are kept, for people.
pub fn kept_words(kept: &Kept) -> String {
    match kept {
        Kept::Beside(path) => format!("Kept beside the capture, in {}", path.display()),
        Kept::Own(path) => format!("Kept in {}", path.display()),
        Kept::Nowhere => {
            "There is no file beside which notes on this could be kept: they last until the window closes"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
