//! What people wrote about a capture: notes on frames, streams, connections and instants.
//!
//! Notes are kept beside the capture, in `CAPTURE.notes.json`, and never in it. Three questions, a module each:
//!
//! | module | what it answers |
//! | --- | --- |
//! | [`place`] | what is a note about, and where is that in a trace that was read again? |
//! | [`sidecar`] | how is it written down? |
//! | [`merge`] | two windows have written; what is true now? |
//! | [`home`] | in which file, and what if that cannot be read or written? |
//!
//! All but the last are values without files, clocks or windows.

pub mod home;
pub mod merge;
pub mod place;
pub mod sidecar;

pub use home::{Home, Kept, Loaded, Saved};
pub use place::{Place, Target};

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// A longer text is cut when it is written: a note is to be read beside a picture.
pub const MAX_TEXT_BYTES: usize = 64 << 10;

/// What a note is called, in every file and for good. Ours are 32 hex digits drawn at random, so that two people never
/// draw the same; any other text is a name as well.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(from = "String", into = "String")]
pub struct NoteId(pub Arc<str>);

impl From<String> for NoteId {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<NoteId> for String {
    fn from(id: NoteId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl NoteId {
    /// One that nobody has.
    pub fn random() -> Self {
        use std::hash::{BuildHasher, RandomState};
        // Each state is keyed by the system's source of randomness.
        let [a, b] = [(); 2].map(|()| RandomState::new().hash_one(now_ns()));
        Self(format!("{a:016x}{b:016x}").into())
    }
}

impl fmt::Display for NoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Nanoseconds since the Unix epoch.
pub fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    })
}

/// A note.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Note {
    /// Its name.
    pub id: NoteId,
    /// What it is about.
    pub at: Place,
    /// What somebody wrote.
    pub text: String,
    /// When, in nanoseconds since the Unix epoch.
    #[serde(default)]
    pub written_ns: i64,
    /// When its text was last changed.
    #[serde(default)]
    pub changed_ns: i64,
    /// What a newer program has added to it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Note {
    /// A new note about something.
    pub fn new(at: Place, text: &str, now_ns: i64) -> Self {
        Self {
            id: NoteId::random(),
            at,
            text: fitting(text).to_owned(),
            written_ns: now_ns,
            changed_ns: now_ns,
            rest: Map::new(),
        }
    }

    /// Its first line that says something.
    pub fn first_line(&self) -> &str {
        let mut lines = self.text.lines().map(str::trim);
        lines.find(|line| !line.is_empty()).unwrap_or_default()
    }
}

/// As much of a text as a note may have, without what is blank around it.
fn fitting(text: &str) -> &str {
    let text = text.trim();
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The notes on a capture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    list: BTreeMap<NoteId, Note>,
    /// What stands among the notes of a file and is none that we can read, as it stood there.
    unread: Vec<Value>,
    /// The other members of the file.
    rest: Map<String, Value>,
    /// The version of the file that they came from; 0 for none.
    version: u64,
}

impl Notes {
    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// A note by its name.
    pub fn get(&self, id: &NoteId) -> Option<&Note> {
        self.list.get(id)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.list.values()
    }

    /// All of them, in the order of their places in the capture, as far as that is known without it; then by age.
    pub fn in_order(&self) -> Vec<&Note> {
        let mut notes: Vec<&Note> = self.list.values().collect();
        notes.sort_by(|a, b| {
            let order = |note: &Note| (note.at.order(), note.written_ns);
            order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id))
        });
        notes
    }

    /// Adds a note, or puts it in the place of the one with its name. Returns the one that was there.
    pub fn put(&mut self, note: Note) -> Option<Note> {
        self.list.insert(note.id.clone(), note)
    }

    /// Changes the text of a note. Returns the note as it was; `None` when there is no such note.
    pub fn rewrite(&mut self, id: &NoteId, text: &str, now_ns: i64) -> Option<Note> {
        let note = self.list.get_mut(id)?;
        let before = note.clone();
        note.text = fitting(text).to_owned();
        note.changed_ns = now_ns;
        Some(before)
    }

    /// Takes a note away and returns it.
    pub fn remove(&mut self, id: &NoteId) -> Option<Note> {
        self.list.remove(id)
    }

    /// How many entries of the file could not be read as notes. They are kept there.
    pub fn unread(&self) -> usize {
        self.unread.len()
    }

    /// Whether the file was written by a newer program.
    pub fn is_newer(&self) -> bool {
        self.version > sidecar::VERSION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_never_drawn_twice() {
        let ids: std::collections::BTreeSet<NoteId> = (0..1000).map(|_| NoteId::random()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.0.len() == 32));
    }

    #[test]
    fn a_text_is_trimmed_and_cut_at_a_character() {
        let note = |text: &str| Note::new(Place::Other(Value::Null), text, 1);
        assert_eq!(note("  a\n b \n").text, "a\n b");
        let long = "é".repeat(MAX_TEXT_BYTES);
        let cut = note(&format!("x{long}")).text;
        assert_eq!(cut.len(), MAX_TEXT_BYTES - 1);
        assert_eq!(note("\n \n  second\nthird").first_line(), "second");
    }

    #[test]
    fn what_is_changed_or_removed_is_handed_back_for_undo() {
        let mut notes = Notes::default();
        let note = Note::new(Place::Other(Value::Null), "one", 1);
        let id = note.id.clone();
        assert_eq!(notes.put(note.clone()), None);
        assert_eq!(notes.rewrite(&id, "two", 2), Some(note));
        assert_eq!(notes.get(&id).unwrap().changed_ns, 2);
        let removed = notes.remove(&id).unwrap();
        assert_eq!(removed.text, "two");
        assert_eq!(notes.rewrite(&id, "three", 3), None);
        notes.put(removed);
        assert_eq!(notes.len(), 1);
    }
}
