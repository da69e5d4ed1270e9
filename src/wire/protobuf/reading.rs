//! The ways in which a value can be read when no schema says which.

use super::number::WireType;
use super::value::{Element, Value};
use super::varint::{Varint, signed_from_zigzag};
use crate::wire::reader::Reader;

/// A way to read a value, named by the type a schema would have.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum ReadingKind {
    /// `LEN`: fields again.
    #[serde(rename = "message")]
    Message,
    /// `LEN`: UTF-8 text.
    #[serde(rename = "string")]
    Text,
    /// `LEN`: bytes that mean something to somebody else.
    #[serde(rename = "bytes")]
    Bytes,
    /// `LEN`: varints one after another.
    #[serde(rename = "packed uint64")]
    PackedVarint,
    /// `LEN`: zigzag varints one after another.
    #[serde(rename = "packed sint64")]
    PackedZigZag,
    /// `LEN`: groups of four bytes, each a whole number.
    #[serde(rename = "packed fixed32")]
    PackedFixed32,
    /// `LEN`: groups of four bytes, each a `float`.
    #[serde(rename = "packed float")]
    PackedFloat,
    /// `LEN`: groups of eight bytes, each a whole number.
    #[serde(rename = "packed fixed64")]
    PackedFixed64,
    /// `LEN`: groups of eight bytes, each a `double`.
    #[serde(rename = "packed double")]
    PackedDouble,
    /// `VARINT`: a number without sign.
    #[serde(rename = "uint64")]
    Unsigned,
    /// `VARINT`: a number whose sign is the 64th bit.
    #[serde(rename = "int64")]
    Signed,
    /// `VARINT`: a number whose sign is the lowest bit.
    #[serde(rename = "sint64")]
    ZigZag,
    /// `VARINT`: true or false.
    #[serde(rename = "bool")]
    Bool,
    /// `VARINT`: one of a few values with names.
    #[serde(rename = "enum")]
    Enum,
    /// `I32`: a whole number without sign.
    #[serde(rename = "fixed32")]
    Fixed32,
    /// `I32`: a whole number with sign.
    #[serde(rename = "sfixed32")]
    SignedFixed32,
    /// `I32`: a `float`.
    #[serde(rename = "float")]
    Float,
    /// `I64`: a whole number without sign.
    #[serde(rename = "fixed64")]
    Fixed64,
    /// `I64`: a whole number with sign.
    #[serde(rename = "sfixed64")]
    SignedFixed64,
    /// `I64`: a `double`.
    #[serde(rename = "double")]
    Double,
    /// A group: fields up to its end.
    #[serde(rename = "group")]
    Group,
}

impl ReadingKind {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Message,
        Self::Text,
        Self::Bytes,
        Self::PackedVarint,
        Self::PackedZigZag,
        Self::PackedFixed32,
        Self::PackedFloat,
        Self::PackedFixed64,
        Self::PackedDouble,
        Self::Unsigned,
        Self::Signed,
        Self::ZigZag,
        Self::Bool,
        Self::Enum,
        Self::Fixed32,
        Self::SignedFixed32,
        Self::Float,
        Self::Fixed64,
        Self::SignedFixed64,
        Self::Double,
        Self::Group,
    ];

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kinds that a wire type allows.
    pub fn of(wire_type: WireType) -> &'static [Self] {
        match wire_type {
            WireType::Varint => &[
                Self::Signed,
                Self::Unsigned,
                Self::ZigZag,
                Self::Bool,
                Self::Enum,
            ],
            WireType::I64 => &[Self::Double, Self::Fixed64, Self::SignedFixed64],
            WireType::I32 => &[Self::Float, Self::Fixed32, Self::SignedFixed32],
            WireType::Len => &[
                Self::Message,
                Self::Text,
                Self::Bytes,
                Self::PackedVarint,
                Self::PackedZigZag,
                Self::PackedFixed32,
                Self::PackedFloat,
                Self::PackedFixed64,
                Self::PackedDouble,
            ],
            WireType::StartGroup | WireType::EndGroup => &[Self::Group],
        }
    }

    /// Its name: the type in a schema, with `packed` before it where that applies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Text => "string",
            Self::Bytes => "bytes",
            Self::PackedVarint => "packed uint64",
            Self::PackedZigZag => "packed sint64",
            Self::PackedFixed32 => "packed fixed32",
            Self::PackedFloat => "packed float",
            Self::PackedFixed64 => "packed fixed64",
            Self::PackedDouble => "packed double",
            Self::Unsigned => "uint64",
            Self::Signed => "int64",
            Self::ZigZag => "sint64",
            Self::Bool => "bool",
            Self::Enum => "enum",
            Self::Fixed32 => "fixed32",
            Self::SignedFixed32 => "sfixed32",
            Self::Float => "float",
            Self::Fixed64 => "fixed64",
            Self::SignedFixed64 => "sfixed64",
            Self::Double => "double",
            Self::Group => "group",
        }
    }

    /// For a packed kind, that of its elements.
    pub fn element(self) -> Option<Self> {
        Some(match self {
            Self::PackedVarint => Self::Unsigned,
            Self::PackedZigZag => Self::ZigZag,
            Self::PackedFixed32 => Self::Fixed32,
            Self::PackedFloat => Self::Float,
            Self::PackedFixed64 => Self::Fixed64,
            Self::PackedDouble => Self::Double,
            _ => return None,
        })
    }
}

/// One way to read a value, with how likely it is and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The way.
    pub kind: ReadingKind,
    /// How likely, 0 to 100; the readings of a field add up to about 100. Fully 100 only when a person has said so.
    pub score: u8,
    /// Why, in a few words.
    pub reason: String,
    /// What it then says; `None` for messages and groups, whose fields say it, and for long ones that are not the best.
    pub value: Option<Value>,
}

/// Reads a number of the wire type `VARINT`.
pub fn value_from_varint(kind: ReadingKind, value: u64) -> Value {
    match kind {
        ReadingKind::Signed => Value::Signed(value.cast_signed()),
        ReadingKind::ZigZag => Value::Signed(signed_from_zigzag(value)),
        ReadingKind::Bool => Value::Bool(value != 0),
        ReadingKind::Enum => match i32::try_from(value.cast_signed()) {
            Ok(number) => Value::Enum { number, name: None },
            Err(_) => Value::Unsigned(value),
        },
        _ => Value::Unsigned(value),
    }
}

/// Reads a number of the wire type `I32`.
pub fn value_from_i32(kind: ReadingKind, value: u32) -> Value {
    match kind {
        ReadingKind::Float => Value::Float(f32::from_bits(value)),
        ReadingKind::SignedFixed32 => Value::Signed(value.cast_signed().into()),
        _ => Value::Unsigned(value.into()),
    }
}

/// Reads a number of the wire type `I64`.
pub fn value_from_i64(kind: ReadingKind, value: u64) -> Value {
    match kind {
        ReadingKind::Double => Value::Double(f64::from_bits(value)),
        ReadingKind::SignedFixed64 => Value::Signed(value.cast_signed()),
        _ => Value::Unsigned(value),
    }
}

/// Reads the content of a `LEN` field that begins at `position`, at most `max_elements` of a list.
/// `None` for messages, and when the bytes cannot be read so.
pub fn value_from_len(
    kind: ReadingKind,
    content: &[u8],
    position: usize,
    max_elements: usize,
) -> Option<Value> {
    match kind {
        ReadingKind::Text => Some(Value::from_text_bytes(content)),
        ReadingKind::Bytes => Some(Value::Bytes(content.to_vec())),
        _ => {
            let kind = kind.element()?;
            let mut elements = Vec::new();
            let mut reader = Reader::at(content, position);
            while !reader.is_empty() && elements.len() < max_elements {
                let start = reader.position();
                let value = match kind {
                    ReadingKind::Fixed32 | ReadingKind::Float => {
                        value_from_i32(kind, u32::from_le_bytes(reader.array().ok()?))
                    }
                    ReadingKind::Fixed64 | ReadingKind::Double => {
                        value_from_i64(kind, u64::from_le_bytes(reader.array().ok()?))
                    }
                    _ => value_from_varint(kind, Varint::read(&mut reader).ok()?.value),
                };
                let end = reader.position();
                elements.push(Element { value, start, end });
            }
            Some(Value::List(elements))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_stored_by_its_name() {
        for wire_type in [
            WireType::Varint,
            WireType::I64,
            WireType::Len,
            WireType::StartGroup,
            WireType::I32,
        ] {
            for kind in ReadingKind::of(wire_type) {
                let stored = serde_json::to_string(kind).unwrap();
                assert_eq!(stored, format!("\"{}\"", kind.name()));
                assert_eq!(serde_json::from_str::<ReadingKind>(&stored).unwrap(), *kind);
            }
        }
    }

    #[test]
    fn packed_numbers_keep_the_place_of_each() {
        let value = value_from_len(ReadingKind::PackedVarint, &[3, 0x8e, 2], 10, 99).unwrap();
        let Value::List(elements) = value else {
            panic!()
        };
        assert_eq!(elements[1].value, Value::Unsigned(270));
        assert_eq!((elements[1].start, elements[1].end), (11, 13));
        assert_eq!(
            value_from_len(ReadingKind::PackedFixed32, &[1, 2, 3], 0, 99),
            None
        );
    }

    #[test]
    fn the_same_number_reads_differently() {
        assert_eq!(
            value_from_varint(ReadingKind::Unsigned, 3),
            Value::Unsigned(3)
        );
        assert_eq!(value_from_varint(ReadingKind::ZigZag, 3), Value::Signed(-2));
        assert_eq!(value_from_varint(ReadingKind::Bool, 3), Value::Bool(true));
        assert_eq!(
            value_from_i32(ReadingKind::Float, 0x3f80_0000),
            Value::Float(1.0)
        );
        assert_eq!(
            value_from_i64(ReadingKind::SignedFixed64, u64::MAX),
            Value::Signed(-1)
        );
    }
}
