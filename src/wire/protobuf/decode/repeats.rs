//! Fields that may be there once and are there again: which of them counts.
//!
//! Source: protobuf.dev, *Encoding*, "Last One Wins" and "Maps".

use super::super::number::FieldNumber;
use super::super::tree::{Field, Label, Note};
use super::super::value::Value;
use prost_reflect::{Kind, MessageDescriptor};
use std::collections::HashMap;

/// Notes on each field of a message whether a later one replaces it or is merged with it.
pub(super) fn note(fields: &mut [Field], message_type: &MessageDescriptor) {
    // Keyed at random, since a capture chooses the numbers and keys.
    let mut later: HashMap<FieldNumber, (usize, bool)> = HashMap::new();
    let mut oneofs: HashMap<String, (FieldNumber, String)> = HashMap::new();
    let mut keys: HashMap<(FieldNumber, String), usize> = HashMap::new();
    let mut merged: HashMap<FieldNumber, usize> = HashMap::new();
    for field in fields.iter_mut().rev().filter(|field| !field.unknown) {
        let is_message = field.inner.is_some();
        let start = field.range.start;
        match &field.label {
            None => {}
            Some(Label::Repeated) => {
                if let Some(key) = map_key(field, message_type) {
                    if let Some(&at) = keys.get(&(field.number, key.clone())) {
                        field.notes.push(Note::KeyReplaced { at });
                    } else {
                        keys.insert((field.number, key), start);
                    }
                }
            }
            Some(label) => {
                let replaced_by = match label {
                    Label::Oneof(name) => {
                        let own = (field.number, field.name.clone().unwrap_or_default());
                        let last = oneofs.entry(name.clone()).or_insert(own);
                        (last.0 != field.number).then(|| last.1.clone())
                    }
                    _ => None,
                };
                if let Some(by) = replaced_by {
                    field.notes.push(Note::OneofReplaced { by });
                } else if let Some(&(at, _)) = later.get(&field.number) {
                    if !is_message {
                        field.notes.push(Note::Replaced { at });
                    }
                } else {
                    later.insert(field.number, (start, is_message));
                }
            }
        }
        if is_message && !matches!(field.label, None | Some(Label::Repeated)) {
            // Walking backwards, this ends as the first of them.
            merged.insert(field.number, start);
        }
    }
    for field in fields.iter_mut().filter(|field| field.inner.is_some()) {
        if let Some(&at) = merged.get(&field.number)
            && at < field.range.start
            && !matches!(field.label, None | Some(Label::Repeated))
        {
            field.notes.push(Note::MergedWith { at });
        }
    }
}

/// The key of a map's entry as text; an entry without one has the default key.
fn map_key(field: &Field, message_type: &MessageDescriptor) -> Option<String> {
    let declared = message_type.get_field(field.number.0)?;
    let Kind::Message(entry) = declared.kind() else {
        return None;
    };
    if !entry.is_map_entry() {
        return None;
    }
    let key = field.inner.as_ref()?.last(1);
    let value = key.and_then(|key| key.value.as_ref());
    Some(match value {
        Some(Value::Text(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => match entry.get_field(1).map(|key| key.kind()) {
            Some(Kind::String) => String::new(),
            Some(Kind::Bool) => "false".to_owned(),
            _ => "0".to_owned(),
        },
    })
}
