//! Two people, or two windows of one person, have written; what is true now?
//!
//! Each of them started from the same notes, the *base*. What only one of them has changed since is taken; where both have
//! changed the same note, both texts stay, one of them under a new name. Nothing that somebody wrote is lost, except by
//! whoever deleted it while nobody else touched it.

use super::sidecar::free_id;
use super::{Note, NoteId, Notes};
use std::collections::BTreeSet;

/// Whether two notes say the same.
fn same(a: &Note, b: &Note) -> bool {
    a.text == b.text && a.at == b.at && a.rest == b.rest
}

/// The notes that follow from what both sides made of the base. Where both have changed a note, `theirs` keeps the name.
#[must_use]
pub fn merge(base: &Notes, ours: &Notes, theirs: &Notes) -> Notes {
    let mut merged = Notes {
        version: ours.version.max(theirs.version),
        rest: ours.rest.clone(),
        ..Notes::default()
    };
    merged.rest.extend(theirs.rest.clone());
    merged.unread.clone_from(&theirs.unread);
    for entry in &ours.unread {
        if !merged.unread.contains(entry) {
            merged.unread.push(entry.clone());
        }
    }
    let ids: BTreeSet<&NoteId> = ours.list.keys().chain(theirs.list.keys()).collect();
    let mut doubled = Vec::new();
    for id in ids {
        let (base, ours, theirs) = (base.get(id), ours.get(id), theirs.get(id));
        let untouched = |note: &Note| base.is_some_and(|base| same(base, note));
        match (ours, theirs) {
            (Some(ours), Some(theirs)) if same(ours, theirs) => {
                let later = if ours.changed_ns > theirs.changed_ns {
                    ours
                } else {
                    theirs
                };
                merged.put(later.clone());
            }
            (Some(ours), Some(theirs)) if untouched(ours) => {
                merged.put(theirs.clone());
            }
            (Some(ours), Some(theirs)) if untouched(theirs) => {
                merged.put(ours.clone());
            }
            (Some(ours), Some(theirs)) => {
                merged.put(theirs.clone());
                doubled.push(ours);
            }
            // The other side has deleted it, or has never seen it.
            (Some(note), None) | (None, Some(note)) if !untouched(note) => {
                merged.put(note.clone());
            }
            _ => {}
        }
    }
    for note in doubled {
        let known = merged.iter().any(|other| {
            // An earlier merge of the same two has kept it already.
            other.id.0.starts_with(&*note.id.0) && same(other, note)
        });
        if !known {
            let taken = |id: &NoteId| merged.list.contains_key(id);
            let id = free_id(&note.id, taken);
            merged.put(Note { id, ..note.clone() });
        }
    }
    merged
}

/// What is seen of notes that come with the capture and cannot be changed there (`shared`), when a person has `own` ones in
/// another file, and has deleted some.
#[must_use]
pub fn overlay(shared: &Notes, own: &Notes, deleted: &BTreeSet<NoteId>) -> Notes {
    let mut below = shared.clone();
    below
        .list
        .retain(|id, _| !deleted.contains(id) && own.get(id).is_none());
    // No name is in both, so this takes all of both.
    merge(&Notes::default(), own, &below)
}

/// The other way round: what is not just what comes with the capture, and which notes of that are gone.
#[must_use]
pub fn difference(shared: &Notes, seen: &Notes) -> (Notes, BTreeSet<NoteId>) {
    let mut own = seen.clone();
    own.list
        .retain(|id, note| !shared.get(id).is_some_and(|shared| same(shared, note)));
    own.unread.retain(|entry| !shared.unread.contains(entry));
    own.rest
        .retain(|name, value| shared.rest.get(name) != Some(value));
    let gone = shared.list.keys().filter(|id| seen.get(id).is_none());
    let gone = gone.cloned().collect();
    (own, gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notes::Place;
    use serde_json::Value;

    fn notes(list: &[(&str, &str)]) -> Notes {
        let mut notes = Notes::default();
        for (id, text) in list {
            let mut note = Note::new(Place::Other(Value::Null), text, 1);
            note.id = NoteId((*id).into());
            notes.put(note);
        }
        notes
    }

    fn said(notes: &Notes) -> Vec<(&str, &str)> {
        notes
            .iter()
            .map(|note| (&*note.id.0, note.text.as_str()))
            .collect()
    }

    #[test]
    fn what_either_side_wrote_changed_or_deleted_holds() {
        let base = notes(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]);
        let ours = notes(&[("a", "2"), ("b", "1"), ("d", "1"), ("x", "ours")]);
        let theirs = notes(&[("a", "1"), ("b", "2"), ("c", "1"), ("y", "theirs")]);
        let merged = merge(&base, &ours, &theirs);
        assert_eq!(
            said(&merged),
            [("a", "2"), ("b", "2"), ("x", "ours"), ("y", "theirs")]
        );
    }

    #[test]
    fn of_two_changes_to_one_note_both_stay_and_stay_once() {
        let base = notes(&[("a", "1")]);
        let (ours, theirs) = (notes(&[("a", "ours")]), notes(&[("a", "theirs")]));
        let merged = merge(&base, &ours, &theirs);
        assert_eq!(said(&merged), [("a", "theirs"), ("a (2)", "ours")]);
        let again = merge(&base, &ours, &merged);
        assert_eq!(said(&again), said(&merged));
    }

    #[test]
    fn a_note_that_one_side_deleted_and_the_other_changed_stays() {
        let (base, changed) = (notes(&[("a", "1")]), notes(&[("a", "2")]));
        let none = Notes::default();
        assert_eq!(said(&merge(&base, &changed, &none)), [("a", "2")]);
        assert_eq!(said(&merge(&base, &none, &changed)), [("a", "2")]);
        assert!(merge(&base, &none, &base).is_empty());
        assert!(merge(&base, &base, &none).is_empty());
    }

    #[test]
    fn own_notes_over_shared_ones_come_apart_again() {
        let shared = notes(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let seen = notes(&[("a", "1"), ("b", "2"), ("x", "own")]);
        let (own, gone) = difference(&shared, &seen);
        assert_eq!(said(&own), [("b", "2"), ("x", "own")]);
        assert_eq!(gone, BTreeSet::from([NoteId("c".into())]));
        assert_eq!(said(&overlay(&shared, &own, &gone)), said(&seen));
        // The shared ones have changed since: what was not touched here is seen as it is there now.
        let newer = notes(&[("a", "7"), ("b", "7"), ("c", "7"), ("d", "7")]);
        assert_eq!(
            said(&overlay(&newer, &own, &gone)),
            [("a", "7"), ("b", "2"), ("d", "7"), ("x", "own")]
        );
    }
}
