//! Which types can stand for each other on the wire.

use super::Verdict;
use prost_reflect::{FieldDescriptor, Kind};

/// What happens to a value that was written as one type and is read as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compatibility {
    /// The same type.
    Same,
    /// The same bytes mean the same, as long as numbers fit the smaller type; what does not fit is cut.
    Cut,
    /// The same bytes mean the same, as long as they are UTF-8.
    Utf8,
    /// The same bytes mean the same, as long as they are a whole message.
    MessageBytes,
    /// The same bytes, other numbers: zigzag on one side only.
    OtherSign,
    /// The same bytes, other numbers: a float on one side only.
    OtherNumber,
    /// The same wire type by chance: text read as a message, or fields of another message.
    OtherMeaning,
    /// Another wire type: the field becomes unknown.
    OtherWireType,
}

impl Compatibility {
    /// How much it matters, and why.
    pub fn verdict_and_words(self) -> (Verdict, &'static str) {
        match self {
            Self::Same => (Verdict::Safe, "the same on the wire"),
            Self::Cut => (
                Verdict::Careful,
                "compatible on the wire; numbers that do not fit the smaller type lose their upper bits",
            ),
            Self::Utf8 => (
                Verdict::Careful,
                "compatible on the wire as long as the bytes are UTF-8",
            ),
            Self::MessageBytes => (
                Verdict::Careful,
                "compatible on the wire as long as the bytes are an encoded message",
            ),
            Self::OtherSign => (
                Verdict::Breaking,
                "the bytes are accepted and mean other numbers, since only one of them is zigzagged",
            ),
            Self::OtherNumber => (
                Verdict::Breaking,
                "the bytes are accepted and mean other numbers, since only one of them is a float",
            ),
            Self::OtherMeaning => (
                Verdict::Breaking,
                "the bytes have the same wire type and mean something else",
            ),
            Self::OtherWireType => (
                Verdict::Breaking,
                "another wire type: readers treat the field as unknown",
            ),
        }
    }
}

/// What happens when one version writes a field and the other reads it.
pub fn compatibility(old: &FieldDescriptor, new: &FieldDescriptor) -> Compatibility {
    if old.is_group() != new.is_group() {
        return Compatibility::OtherWireType;
    }
    kinds(&old.kind(), &new.kind())
}

/// Types whose values are the same bytes.
#[derive(PartialEq, Eq)]
enum Family {
    /// Varints without zigzag: 32 and 64 bits, with and without sign, bool and enums.
    Varint,
    ZigZag,
    Fixed32,
    Fixed64,
    Float,
    Double,
    Text,
    Bytes,
    Message,
}

fn kinds(old: &Kind, new: &Kind) -> Compatibility {
    if old == new || names_equal(old, new) {
        return Compatibility::Same;
    }
    let families = (family(old), family(new));
    if families.0 == families.1 {
        return match families.0 {
            Family::Varint | Family::ZigZag | Family::Fixed32 | Family::Fixed64 => {
                Compatibility::Cut
            }
            Family::Message => Compatibility::OtherMeaning,
            _ => Compatibility::Same,
        };
    }
    match families {
        (Family::Varint, Family::ZigZag) | (Family::ZigZag, Family::Varint) => {
            Compatibility::OtherSign
        }
        (Family::Fixed32, Family::Float)
        | (Family::Float, Family::Fixed32)
        | (Family::Fixed64, Family::Double)
        | (Family::Double, Family::Fixed64) => Compatibility::OtherNumber,
        (Family::Text, Family::Bytes) | (Family::Bytes, Family::Text) => Compatibility::Utf8,
        (Family::Message, Family::Bytes) | (Family::Bytes, Family::Message) => {
            Compatibility::MessageBytes
        }
        (Family::Text, Family::Message) | (Family::Message, Family::Text) => {
            Compatibility::OtherMeaning
        }
        _ => Compatibility::OtherWireType,
    }
}

/// The two versions have their own descriptors of the same message or enum.
fn names_equal(old: &Kind, new: &Kind) -> bool {
    match (old, new) {
        (Kind::Message(old), Kind::Message(new)) => {
            old.full_name() == new.full_name() || (old.is_map_entry() && new.is_map_entry())
        }
        (Kind::Enum(old), Kind::Enum(new)) => old.full_name() == new.full_name(),
        _ => false,
    }
}

fn family(kind: &Kind) -> Family {
    match kind {
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Bool | Kind::Enum(_) => {
            Family::Varint
        }
        Kind::Sint32 | Kind::Sint64 => Family::ZigZag,
        Kind::Fixed32 | Kind::Sfixed32 => Family::Fixed32,
        Kind::Fixed64 | Kind::Sfixed64 => Family::Fixed64,
        Kind::Float => Family::Float,
        Kind::Double => Family::Double,
        Kind::String => Family::Text,
        Kind::Bytes => Family::Bytes,
        Kind::Message(_) => Family::Message,
    }
}

/// A field's type as people write it.
pub(super) fn name(field: &FieldDescriptor) -> String {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => {
            let part = |number| entry.get_field(number).map(|part| name(&part));
            let (key, value) = (part(1), part(2));
            format!(
                "map<{}, {}>",
                key.unwrap_or_default(),
                value.unwrap_or_default()
            )
        }
        // Between tags in place of a length.
        Kind::Message(message) if field.is_group() => format!("group {}", message.full_name()),
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(values) => values.full_name().to_owned(),
        kind => format!("{kind:?}").to_lowercase(),
    }
}
