//! How notes are written down: the text of `CAPTURE.notes.json`.
//!
//! ```json
//! {
//!   "version": 1,
//!   "notes": [
//!     {
//!       "id": "5bd2…",
//!       "at": { "kind": "frame", "packet": 9, "time_ns": …, "offset": 24, "direction": "client", "stream": 1, … },
//!       "text": "Here the client asks for the page.",
//!       "written_ns": …,
//!       "changed_ns": …
//!     }
//!   ]
//! }
//! ```
//!
//! What a newer program has added is kept: members that we do not know, places that we do not understand, and entries
//! that are no notes to us.

use super::{Note, NoteId, Notes};
use serde_json::{Map, Value};

/// The version that we write.
pub const VERSION: u64 = 1;

/// A larger file was not written by people.
pub const MAX_FILE_BYTES: u64 = 16 << 20;

/// Why a text is no notes. The sentence goes on from the name of the file.
#[derive(Debug, thiserror::Error)]
pub enum SidecarError {
    /// It is no JSON.
    #[error("is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON, but of something else.
    #[error("is JSON, but not a list of notes")]
    NotNotes,
    /// It is larger than [`MAX_FILE_BYTES`].
    #[error("has more than {} MiB, which notes never have", MAX_FILE_BYTES >> 20)]
    TooLarge,
}

/// Reads notes.
///
/// # Errors
///
/// When the text is not an object with a list of notes. A single entry that is wrong is kept as it is.
pub fn parse(text: &str) -> Result<Notes, SidecarError> {
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(SidecarError::TooLarge);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Value::Object(mut members) = serde_json::from_str(text)? else {
        return Err(SidecarError::NotNotes);
    };
    let Some(Value::Array(entries)) = members.remove("notes") else {
        return Err(SidecarError::NotNotes);
    };
    let version = members.remove("version");
    let mut notes = Notes {
        version: version.as_ref().and_then(Value::as_u64).unwrap_or(0),
        rest: members,
        ..Notes::default()
    };
    for entry in entries {
        match <Note as serde::Deserialize>::deserialize(&entry) {
            Ok(note) if !notes.list.contains_key(&note.id) => {
                notes.put(note);
            }
            // Two notes with one name: both are kept, the second under a name of its own.
            Ok(mut note) if notes.get(&note.id).is_some_and(|other| *other != note) => {
                let id = note.id.clone();
                note.id = free_id(&id, |id| notes.list.contains_key(id));
                notes.put(note);
            }
            Ok(_) => {}
            Err(_) => notes.unread.push(entry),
        }
    }
    Ok(notes)
}

/// A name made from another that is not taken: `5bd2… (2)`.
pub(super) fn free_id(id: &NoteId, taken: impl Fn(&NoteId) -> bool) -> NoteId {
    let numbered = (2_u64..).map(|number| NoteId(format!("{id} ({number})").into()));
    // Names are finitely many, so a free one comes.
    numbered
        .into_iter()
        .find(|id| !taken(id))
        .unwrap_or_else(NoteId::random)
}

/// The file as it is written: its members in an order that people can read.
#[derive(serde::Serialize)]
struct Sidecar<'a> {
    version: u64,
    #[serde(flatten)]
    rest: &'a Map<String, Value>,
    notes: Vec<Entry<'a>>,
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Note(&'a Note),
    Unread(&'a Value),
}

/// Writes notes as people can read them, in the order of their places.
///
/// # Errors
///
/// Those of JSON, which these values do not have.
pub fn write(notes: &Notes) -> Result<String, serde_json::Error> {
    let entries = notes.in_order().into_iter().map(Entry::Note);
    let sidecar = Sidecar {
        version: notes.version.max(VERSION),
        rest: &notes.rest,
        notes: entries
            .chain(notes.unread.iter().map(Entry::Unread))
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&sidecar)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notes::place::{ConnectionPlace, Known, PacketPlace};
    use crate::notes::{Place, now_ns};
    use proptest::prelude::*;

    fn on_connection(packet: u64) -> Place {
        Place::Known(Known::Connection(ConnectionPlace {
            packet: PacketPlace {
                packet,
                time_ns: 1_700_000_000_000_000_001,
            },
            connection: 0,
            rest: Map::new(),
        }))
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut notes = Notes::default();
        for packet in [9, 3] {
            notes.put(Note::new(
                on_connection(packet),
                "Zwölf \"Boxkämpfer\"\n\u{1f9f5}",
                now_ns(),
            ));
        }
        let text = write(&notes).unwrap();
        let read = parse(&text).unwrap();
        assert_eq!(read.list, notes.list);
        assert!(text.find("\"packet\": 3").unwrap() < text.find("\"packet\": 9").unwrap());
        assert!(!read.is_newer());
    }

    #[test]
    fn what_a_newer_version_has_written_is_kept() {
        let text = r#"{"version": 7, "palette": ["red"], "notes": [
            {"id": "a", "at": {"kind": "area", "from": 1}, "text": "x", "colour": "red"},
            {"id": "b", "at": {"kind": "connection", "packet": 1, "time_ns": 2, "connection": 0, "why": []}, "text": "y", "written_ns": 5},
            {"drawing": [1, 2, 3]},
            17
        ]}"#;
        let notes = parse(text).unwrap();
        assert!(notes.is_newer());
        assert_eq!((notes.len(), notes.unread()), (2, 2));
        let again: Value = serde_json::from_str(&write(&notes).unwrap()).unwrap();
        let before: Value = serde_json::from_str(text).unwrap();
        assert_eq!(again["version"], 7);
        assert_eq!(again["palette"], before["palette"]);
        let entry = |all: &Value, id: &str| {
            let all = all["notes"].as_array().unwrap();
            all.iter().find(|entry| entry["id"] == id).cloned().unwrap()
        };
        assert_eq!(entry(&again, "a")["colour"], "red");
        assert_eq!(entry(&again, "a")["at"], entry(&before, "a")["at"]);
        assert_eq!(entry(&again, "b")["at"]["why"], serde_json::json!([]));
        let entries = again["notes"].as_array().unwrap();
        assert!(entries.contains(&serde_json::json!({"drawing": [1, 2, 3]})));
        assert!(entries.contains(&serde_json::json!(17)));
    }

    #[test]
    fn what_is_no_list_of_notes_is_told_in_words() {
        let told = |text: &str| parse(text).unwrap_err().to_string();
        assert!(told("{\"notes\": [").starts_with("is not JSON: EOF"));
        assert_eq!(told("[]"), "is JSON, but not a list of notes");
        assert_eq!(told("{\"notes\": 5}"), "is JSON, but not a list of notes");
        let deep = "[".repeat(100_000);
        assert!(told(&deep).contains("recursion limit"));
    }

    #[test]
    fn two_notes_with_one_name_are_both_kept() {
        let at = r#"{"kind":"instant","packet":1,"time_ns":0}"#;
        let entry = |text: &str| format!(r#"{{"id":"x","at":{at},"text":"{text}"}}"#);
        let text = format!(
            r#"{{"notes":[{},{},{},{}]}}"#,
            entry("one"),
            entry("two"),
            entry("one"),
            entry("three")
        );
        let notes = parse(&text).unwrap();
        let mut texts: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
        texts.sort_unstable();
        assert_eq!(texts, ["one", "three", "two"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn numbers_of_any_size_are_read_or_kept(packet in any::<u64>(), time in any::<i64>(), offset in any::<u64>()) {
            let text = format!(
                r#"{{"notes":[{{"id":"n","text":"","at":{{"kind":"frame","packet":{packet},"time_ns":{time},"offset":{offset},"direction":"client","stream":1,"connection":0,"frame":0}}}}]}}"#
            );
            let notes = parse(&text).unwrap();
            prop_assert_eq!(notes.len(), 1);
            let again = parse(&write(&notes).unwrap()).unwrap();
            prop_assert_eq!(again.list, notes.list);
        }
    }
}
