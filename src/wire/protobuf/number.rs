//! Field numbers and wire types: the two halves of a tag.

use std::fmt;

/// The number by which a message knows one of its fields: 1 to 2^29−1.
///
/// Every 32-bit number is a value here, since what is on the wire must be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldNumber(pub u32);

impl FieldNumber {
    /// The largest that a tag can hold, since three of its 32 bits are the wire type.
    pub const MAX: Self = Self(536_870_911);
    /// The first number that protobuf keeps for itself.
    pub const FIRST_RESERVED: Self = Self(19_000);
    /// The last number that protobuf keeps for itself.
    pub const LAST_RESERVED: Self = Self(19_999);

    /// Whether a `.proto` file may use it.
    pub fn is_usable(self) -> bool {
        let reserved = Self::FIRST_RESERVED..=Self::LAST_RESERVED;
        (Self(1)..=Self::MAX).contains(&self) && !reserved.contains(&self)
    }
}

impl fmt::Display for FieldNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How the bytes after a tag are to be cut: the lowest three bits of the tag.
///
/// | number | name | what follows the tag |
/// | --- | --- | --- |
/// | 0 | `VARINT` | one varint: `int32`, `int64`, `uint32`, `uint64`, `sint32`, `sint64`, `bool`, enums |
/// | 1 | `I64` | 8 bytes, little endian: `fixed64`, `sfixed64`, `double` |
/// | 2 | `LEN` | a varint with the length, then so many bytes: `string`, `bytes`, messages, packed numbers |
/// | 3 | `SGROUP` | fields up to the `EGROUP` with the same number |
/// | 4 | `EGROUP` | nothing |
/// | 5 | `I32` | 4 bytes, little endian: `fixed32`, `sfixed32`, `float` |
///
/// Source: protobuf.dev, *Encoding*, "Message Structure".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WireType {
    /// One varint.
    Varint,
    /// Eight bytes.
    I64,
    /// A length and so many bytes.
    Len,
    /// The start of a group.
    StartGroup,
    /// The end of a group.
    EndGroup,
    /// Four bytes.
    I32,
}

impl WireType {
    /// The wire type of these three bits; 6 and 7 mean nothing.
    pub fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Varint,
            1 => Self::I64,
            2 => Self::Len,
            3 => Self::StartGroup,
            4 => Self::EndGroup,
            5 => Self::I32,
            _ => return None,
        })
    }

    /// Its number on the wire.
    pub fn bits(self) -> u8 {
        match self {
            Self::Varint => 0,
            Self::I64 => 1,
            Self::Len => 2,
            Self::StartGroup => 3,
            Self::EndGroup => 4,
            Self::I32 => 5,
        }
    }

    /// Its name in protobuf's own description.
    pub fn name(self) -> &'static str {
        match self {
            Self::Varint => "VARINT",
            Self::I64 => "I64",
            Self::Len => "LEN",
            Self::StartGroup => "SGROUP",
            Self::EndGroup => "EGROUP",
            Self::I32 => "I32",
        }
    }
}

impl fmt::Display for WireType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_types_are_their_three_bits() {
        for bits in 0..6 {
            assert_eq!(WireType::from_bits(bits).unwrap().bits(), bits);
        }
        assert_eq!(WireType::from_bits(6), None);
        assert_eq!(WireType::from_bits(7), None);
    }

    #[test]
    fn protobuf_keeps_some_numbers_for_itself() {
        assert!(!FieldNumber(0).is_usable());
        assert!(FieldNumber(1).is_usable());
        assert!(!FieldNumber(19_500).is_usable());
        assert!(FieldNumber::MAX.is_usable());
        assert!(!FieldNumber(1 << 29).is_usable());
    }
}
