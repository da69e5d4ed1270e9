//! A decoded message: fields with their places, names, values and readings, and what is odd about them.

use super::damage::Damage;
use super::number::{FieldNumber, WireType};
use super::reading::Reading;
use super::value::Value;
use crate::wire::counted::counted;
use std::ops::Range;

/// A message, outermost or nested.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// Its type's full name, when a schema has it: `users.User`.
    pub type_name: Option<String>,
    /// What it says as a whole, for types that people read as one thing: a `Timestamp` as text, a `Struct` as JSON.
    pub value: Option<Value>,
    /// Its fields in the order of the wire.
    pub fields: Vec<Field>,
    /// What stopped the reading, when it did not come to the last byte.
    pub damage: Option<Damage>,
}

/// One field. Ranges count from the start of the outermost message, which is after gRPC's prefix and decompression.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its number.
    pub number: FieldNumber,
    /// How it was cut.
    pub wire_type: WireType,
    /// All of it, tag to end.
    pub range: Range<usize>,
    /// The tag.
    pub tag: Range<usize>,
    /// The length, for `LEN` alone.
    pub length: Option<Range<usize>>,
    /// The value: what is between the tags for a group.
    pub content: Range<usize>,
    /// Its name in the schema, in brackets for an extension; or the name that a person gave it.
    pub name: Option<String>,
    /// Its type in the schema: `int64`, `users.Address`, `map<string, int32>`.
    pub type_name: Option<String>,
    /// How often it may be there.
    pub label: Option<Label>,
    /// Its value. Messages have none, unless they are of a type that people read as one thing.
    pub value: Option<Value>,
    /// Its fields, where it is a message or a group.
    pub inner: Option<Message>,
    /// Whether there is a schema and it lacks this field.
    pub unknown: bool,
    /// Ways to read it, best first, where no schema tells. `value` and `inner` follow the first.
    pub readings: Vec<Reading>,
    /// What is odd.
    pub notes: Vec<Note>,
}

impl Field {
    /// The fields within it.
    pub fn children(&self) -> &[Field] {
        self.inner.as_ref().map_or(&[], |inner| &inner.fields)
    }
}

impl Message {
    /// The innermost field that owns a byte of the outermost message, and the fields around it, outermost first.
    pub fn fields_at(&self, byte: usize) -> Vec<&Field> {
        let mut owners = Vec::new();
        let mut message = Some(self);
        while let Some(fields) = message.map(|message| &message.fields) {
            let owner = fields.iter().find(|field| field.range.contains(&byte));
            owners.extend(owner);
            message = owner.and_then(|field| field.inner.as_ref());
        }
        owners
    }

    /// The first damage, outermost first.
    pub fn first_damage(&self) -> Option<Damage> {
        self.damage.or_else(|| {
            self.fields
                .iter()
                .find_map(|field| field.inner.as_ref()?.first_damage())
        })
    }

    /// The last field with a number: the one that counts when a field that can be there once is there twice.
    pub fn last(&self, number: u32) -> Option<&Field> {
        self.fields
            .iter()
            .rfind(|field| field.number == FieldNumber(number))
    }
}

/// How often a field may be there, as the schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// At most once; nothing on the wire is the default.
    Implicit,
    /// At most once, and whether it is there can be told.
    Optional,
    /// Exactly once (proto2).
    Required,
    /// Any number of times.
    Repeated,
    /// At most one of the members of the oneof with this name.
    Oneof(String),
}

impl Label {
    /// The word in a `.proto` file; `None` where there is none.
    pub fn word(&self) -> Option<&'static str> {
        match self {
            Self::Implicit => None,
            Self::Optional => Some("optional"),
            Self::Required => Some("required"),
            Self::Repeated => Some("repeated"),
            Self::Oneof(_) => Some("oneof"),
        }
    }
}

/// Something odd about a field that could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// A string that is not UTF-8.
    #[error(
        "the schema says text, and these bytes are not UTF-8: many parsers refuse the whole message"
    )]
    NotUtf8,
    /// A string that is not UTF-8, where nobody checks it: proto2, or the feature `utf8_validation = NONE`.
    #[error(
        "the schema says text, and these bytes are not UTF-8: it does not ask parsers to check, so they hand them on as they are"
    )]
    NotUtf8Unchecked,
    /// A field that may be there once comes again.
    #[error("the same field comes again at byte {at}, and the last one counts")]
    Replaced {
        /// Where the later one begins.
        at: usize,
    },
    /// A message that may be there once comes in parts.
    #[error("the same field came before at byte {at}: parsers merge the two messages")]
    MergedWith {
        /// Where the earlier one begins.
        at: usize,
    },
    /// Another member of the same oneof comes later.
    #[error("`{by}` of the same oneof comes later, and the last one counts")]
    OneofReplaced {
        /// The later member's name.
        by: String,
    },
    /// The same key of a map comes again.
    #[error("the same key comes again at byte {at}, and the last one counts")]
    KeyReplaced {
        /// Where the later one begins.
        at: usize,
    },
    /// The schema has another type, which this wire type cannot be.
    #[error(
        "the schema says {expected}, which is never sent as {found}: parsers treat the field as unknown"
    )]
    WrongWireType {
        /// The type in the schema.
        expected: String,
        /// What was sent.
        found: WireType,
    },
    /// A list in the other form than the schema says.
    #[error("the schema says packed, and each element is sent by itself: parsers accept both")]
    NotPacked,
    /// A list in the other form than the schema says.
    #[error("the elements are packed though the schema does not say so: parsers accept both")]
    Packed,
    /// A varint with needless bytes.
    #[error("it has more bytes than needed: no usual encoder writes it so")]
    Padded,
    /// A number of more than 32 bits in a 32-bit type.
    #[error("{value} has more than 32 bits: parsers keep the lowest 32")]
    Shortened {
        /// What was sent.
        value: u64,
    },
    /// An enum value without a name in this schema.
    #[error("the schema has no name for the value {number}")]
    UnnamedValue {
        /// The value.
        number: i32,
    },
    /// A number that a closed enum lacks.
    #[error(
        "the enum is closed and has no value {number}: parsers put it with the unknown fields, as if this field had not been sent"
    )]
    OutsideClosedEnum {
        /// The value.
        number: i32,
    },
    /// An entry of a map whose value a closed enum lacks.
    #[error(
        "the entry's value is not one of its closed enum: parsers put the whole entry with the unknown fields"
    )]
    EntryOutsideEnum,
    /// A packed field that ends within an element.
    #[error("its bytes end within an element")]
    CutElement,
    /// Not all of it is there.
    #[error("only {available} of its {} are there", counted(*declared, "byte"))]
    Cut {
        /// What its length says.
        declared: u64,
        /// What is there.
        available: usize,
    },
    /// An `Any` of a type that no schema has.
    #[error("no schema has the type `{type_name}`")]
    UnknownAnyType {
        /// The type's name.
        type_name: String,
    },
}
