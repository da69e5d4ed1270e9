//! Two versions of a message type: what a reader of one makes of the other's bytes, and which changes break.
//!
//! Source: protobuf.dev, *Language Guide*, "Updating A Message Type".

mod types;

pub use types::{Compatibility, compatibility};

use super::schema::{Schema, is_closed};
use prost_reflect::{Cardinality, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use std::collections::BTreeSet;

/// How deep nested types are compared.
const MAX_COMPARED_DEPTH: usize = 32;

/// A difference between two versions, and what it means on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The message or enum type, by its full name in the old version.
    pub type_name: String,
    /// The number of the field or value it is about.
    pub number: i64,
    /// What changed.
    pub kind: ChangeKind,
    /// How much it matters.
    pub verdict: Verdict,
    /// What it means, a sentence.
    pub text: String,
}

/// What can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// A field only the new version has.
    Added,
    /// A field only the old version has.
    Removed,
    /// Another name for the same number.
    Renamed,
    /// Another type for the same number.
    Retyped,
    /// Once, or any number of times.
    Relabelled,
    /// Into a oneof, or out of it.
    Oneof,
    /// A number that was reserved is used.
    ReservedNumberReused,
    /// A name that was reserved is used.
    ReservedNameReused,
    /// A removed number is not reserved.
    NotReserved,
    /// A value of an enum came or went.
    EnumValue,
    /// Another default.
    Default,
}

impl ChangeKind {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "field-added",
            Self::Removed => "field-removed",
            Self::Renamed => "field-renamed",
            Self::Retyped => "type-changed",
            Self::Relabelled => "label-changed",
            Self::Oneof => "oneof-changed",
            Self::ReservedNumberReused => "reserved-number-reused",
            Self::ReservedNameReused => "reserved-name-reused",
            Self::NotReserved => "removed-number-not-reserved",
            Self::EnumValue => "enum-value-changed",
            Self::Default => "default-changed",
        }
    }
}

/// Whether old and new programs still understand each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// They do.
    Safe,
    /// They do while values stay within limits, or with less than was sent.
    Careful,
    /// They do not.
    Breaking,
}

impl Verdict {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Careful => "careful",
            Self::Breaking => "breaking",
        }
    }
}

/// All changes from one version of a message type to another, nested types of the same names included.
pub fn changes(old: &MessageDescriptor, new: &MessageDescriptor) -> Vec<Change> {
    let mut comparison = Comparison::default();
    comparison.messages(old, new, 0);
    comparison.changes
}

/// All changes of all types that both schemas have.
pub fn schema_changes(old: &Schema, new: &Schema) -> Vec<Change> {
    let mut comparison = Comparison::default();
    for name in old.message_names() {
        if let (Some(old), Some(new)) = (
            old.pool().get_message_by_name(&name),
            new.pool().get_message_by_name(&name),
        ) {
            comparison.messages(&old, &new, 0);
        }
    }
    comparison.changes
}

#[derive(Default)]
struct Comparison {
    seen: BTreeSet<(String, String)>,
    changes: Vec<Change>,
}

impl Comparison {
    fn messages(&mut self, old: &MessageDescriptor, new: &MessageDescriptor, depth: usize) {
        let names = (old.full_name().to_owned(), new.full_name().to_owned());
        if depth > MAX_COMPARED_DEPTH || !self.seen.insert(names) {
            return;
        }
        for old_field in old.fields() {
            match new.get_field(old_field.number()) {
                Some(new_field) => self.fields(old, &old_field, &new_field, depth),
                None => self.removed(old, new, &old_field),
            }
        }
        for new_field in new.fields() {
            if old.get_field(new_field.number()).is_none() {
                self.added(old, &new_field);
            }
            self.reserved(old, &new_field);
        }
    }

    fn push(
        &mut self,
        message: &MessageDescriptor,
        number: u32,
        kind: ChangeKind,
        verdict: Verdict,
        text: String,
    ) {
        self.changes.push(Change {
            type_name: message.full_name().to_owned(),
            number: number.into(),
            kind,
            verdict,
            text,
        });
    }

    fn added(&mut self, old: &MessageDescriptor, field: &FieldDescriptor) {
        let (name, number) = (field.name(), field.number());
        let (verdict, text) = if field.is_required() {
            (
                Verdict::Breaking,
                format!(
                    "`{name}` ({number}) is new and required: new readers refuse every message of an old writer"
                ),
            )
        } else {
            let default = default_text(field);
            (
                Verdict::Safe,
                format!(
                    "`{name}` ({number}) is new: old readers keep it as an unknown field, new readers of old bytes see {default}"
                ),
            )
        };
        self.push(old, number, ChangeKind::Added, verdict, text);
    }

    fn removed(
        &mut self,
        old: &MessageDescriptor,
        new: &MessageDescriptor,
        field: &FieldDescriptor,
    ) {
        let (name, number) = (field.name(), field.number());
        let (verdict, text) = if field.is_required() {
            (
                Verdict::Breaking,
                format!(
                    "`{name}` ({number}) was required and is gone: old readers refuse every message of a new writer"
                ),
            )
        } else {
            let default = default_text(field);
            (
                Verdict::Safe,
                format!(
                    "`{name}` ({number}) is gone: new readers keep it as an unknown field, old readers of new bytes see {default}"
                ),
            )
        };
        self.push(old, number, ChangeKind::Removed, verdict, text);
        let number_kept = new.reserved_ranges().any(|range| range.contains(&number));
        let name_kept = new.reserved_names().any(|reserved| reserved == name);
        if !number_kept || !name_kept {
            let what = match (number_kept, name_kept) {
                (false, false) => "neither its number nor its name is reserved",
                (false, true) => "its number is not reserved",
                (true, _) => "its name is not reserved",
            };
            let text = format!(
                "`{name}` ({number}) is gone and {what}: somebody may use it again, and old bytes would then be misread"
            );
            self.push(old, number, ChangeKind::NotReserved, Verdict::Careful, text);
        }
    }

    fn reserved(&mut self, old: &MessageDescriptor, field: &FieldDescriptor) {
        let (name, number) = (field.name(), field.number());
        if old.reserved_ranges().any(|range| range.contains(&number)) {
            let text = format!(
                "`{name}` uses the number {number}, which the old version reserved: bytes of still older writers are misread"
            );
            self.push(
                old,
                number,
                ChangeKind::ReservedNumberReused,
                Verdict::Breaking,
                text,
            );
        }
        if old.reserved_names().any(|reserved| reserved == name) {
            let text = format!(
                "`{name}` ({number}) uses a name that the old version reserved: JSON and text of still older writers are misread"
            );
            self.push(
                old,
                number,
                ChangeKind::ReservedNameReused,
                Verdict::Careful,
                text,
            );
        }
    }

    fn fields(
        &mut self,
        message: &MessageDescriptor,
        old: &FieldDescriptor,
        new: &FieldDescriptor,
        depth: usize,
    ) {
        let number = old.number();
        if old.name() != new.name() {
            let text = format!(
                "{number} is called `{}` instead of `{}`: the wire does not carry names, JSON does",
                new.name(),
                old.name()
            );
            self.push(message, number, ChangeKind::Renamed, Verdict::Careful, text);
        }
        let (old_type, new_type) = (types::name(old), types::name(new));
        let (verdict, why) = compatibility(old, new).verdict_and_words();
        if old_type != new_type {
            let text = format!(
                "`{}` ({number}) is {new_type} instead of {old_type}: {why}",
                old.name()
            );
            self.push(message, number, ChangeKind::Retyped, verdict, text);
        }
        self.labels(message, old, new);
        self.oneofs(message, old, new);
        let defaults = (default_text(old), default_text(new));
        if old_type == new_type && defaults.0 != defaults.1 && !new.is_list() && !old.is_list() {
            let text = format!(
                "`{}` ({number}) is {} instead of {} when it was not sent: the two sides see different values in the same bytes",
                old.name(),
                defaults.1,
                defaults.0
            );
            self.push(message, number, ChangeKind::Default, Verdict::Careful, text);
        }
        match (old.kind(), new.kind()) {
            (Kind::Message(old), Kind::Message(new)) => self.messages(&old, &new, depth + 1),
            (Kind::Enum(old), Kind::Enum(new)) => self.enums(&old, &new),
            _ => {}
        }
    }

    fn labels(
        &mut self,
        message: &MessageDescriptor,
        old: &FieldDescriptor,
        new: &FieldDescriptor,
    ) {
        let (name, number) = (old.name(), old.number());
        let (verdict, text) = match (old.cardinality(), new.cardinality()) {
            (old_label, new_label) if old_label == new_label => return,
            (Cardinality::Repeated, _) | (_, Cardinality::Repeated) => {
                let packable = !matches!(old.kind(), Kind::String | Kind::Bytes | Kind::Message(_));
                if packable {
                    (
                        Verdict::Breaking,
                        format!(
                            "`{name}` ({number}) was once or repeated, and is the other: numbers of a list are packed, which readers of a single one do not understand"
                        ),
                    )
                } else {
                    (
                        Verdict::Careful,
                        format!(
                            "`{name}` ({number}) was once or repeated, and is the other: whoever expects one takes the last (of messages, all merged)"
                        ),
                    )
                }
            }
            (_, Cardinality::Required) => (
                Verdict::Breaking,
                format!(
                    "`{name}` ({number}) became required: new readers refuse messages without it"
                ),
            ),
            _ => (
                Verdict::Careful,
                format!(
                    "`{name}` ({number}) is no longer required: old readers refuse messages without it"
                ),
            ),
        };
        self.push(message, number, ChangeKind::Relabelled, verdict, text);
    }

    fn oneofs(
        &mut self,
        message: &MessageDescriptor,
        old: &FieldDescriptor,
        new: &FieldDescriptor,
    ) {
        let oneof = |field: &FieldDescriptor| {
            field
                .containing_oneof()
                .filter(|oneof| !oneof.is_synthetic())
                .map(|oneof| oneof.name().to_owned())
        };
        let (name, number) = (old.name(), old.number());
        let (verdict, text) = match (oneof(old), oneof(new)) {
            (None, Some(into)) => (
                Verdict::Careful,
                format!(
                    "`{name}` ({number}) moved into the oneof `{into}`: when old writers send it beside another member, only the last of them is kept"
                ),
            ),
            (Some(from), None) => (
                Verdict::Careful,
                format!(
                    "`{name}` ({number}) left the oneof `{from}`: old readers drop one of the members when new writers send several"
                ),
            ),
            _ => return,
        };
        self.push(message, number, ChangeKind::Oneof, verdict, text);
    }

    fn enums(&mut self, old: &EnumDescriptor, new: &EnumDescriptor) {
        let names = (old.full_name().to_owned(), new.full_name().to_owned());
        if !self.seen.insert(names) {
            return;
        }
        let mut say = |number: i32, verdict, text| {
            self.changes.push(Change {
                type_name: old.full_name().to_owned(),
                number: number.into(),
                kind: ChangeKind::EnumValue,
                verdict,
                text,
            });
        };
        let (old_closed, new_closed) = (is_closed(old), is_closed(new));
        if old_closed != new_closed {
            let text = if new_closed {
                "the enum is closed and was open: new readers put numbers without a name with the unknown fields, where old ones keep the number"
            } else {
                "the enum is open and was closed: new readers keep numbers without a name, which old ones put with the unknown fields"
            };
            say(0, Verdict::Careful, text.to_owned());
        }
        let without_name = |closed| match closed {
            true => "see an unknown field, since the enum is closed",
            false => "see the number without a name",
        };
        for value in old.values() {
            let (name, number) = (value.name(), value.number());
            match new.get_value(number) {
                None => say(
                    number,
                    Verdict::Careful,
                    format!(
                        "the value {name} ({number}) is gone: new readers {}",
                        without_name(new_closed)
                    ),
                ),
                Some(new_value) if new_value.name() != name => say(
                    number,
                    Verdict::Careful,
                    format!(
                        "the value {number} is called {} instead of {name}",
                        new_value.name()
                    ),
                ),
                Some(_) => {}
            }
        }
        for value in new.values() {
            let (name, number) = (value.name(), value.number());
            if old.get_value(number).is_none() {
                say(
                    number,
                    if old_closed {
                        Verdict::Careful
                    } else {
                        Verdict::Safe
                    },
                    format!(
                        "the value {name} ({number}) is new: old readers {}",
                        without_name(old_closed)
                    ),
                );
            }
        }
    }
}

/// What a reader sees of a field that was not sent.
pub fn default_text(field: &FieldDescriptor) -> String {
    if field.is_map() {
        return "an empty map".to_owned();
    }
    if field.is_list() {
        return "an empty list".to_owned();
    }
    match (field.kind(), field.default_value()) {
        (Kind::Message(_), _) => "no message".to_owned(),
        (Kind::Enum(values), prost_reflect::Value::EnumNumber(number)) => values
            .get_value(number)
            .map_or_else(|| number.to_string(), |value| value.name().to_owned()),
        (_, prost_reflect::Value::String(text)) => format!("{text:?}"),
        (_, prost_reflect::Value::Bytes(bytes)) if bytes.is_empty() => "no bytes".to_owned(),
        (_, value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests;
