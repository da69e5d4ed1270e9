//! Where and why the bytes of a message stop making sense.

use super::number::FieldNumber;
use crate::wire::counted::counted;

/// The first byte that cannot be read, and why. Everything before it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {kind}")]
pub struct Damage {
    /// Offset of the byte, from the start of the outermost message.
    pub at: usize,
    /// What is wrong there.
    pub kind: DamageKind,
}

/// What is wrong with bytes that are not protobuf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DamageKind {
    /// A varint's last byte says that another follows, and none does.
    #[error("the bytes end within a varint")]
    VarintCut,
    /// A varint goes on after its tenth byte.
    #[error("a varint goes on after ten bytes, more than 64 bits need")]
    VarintTooLong,
    /// A tag has more than 32 bits.
    #[error("a tag has more than 32 bits")]
    TagTooLarge,
    /// Field numbers start at 1.
    #[error("a field has the number 0, and field numbers start at 1")]
    FieldNumberZero,
    /// Wire types 6 and 7 do not exist.
    #[error("field {number} has the wire type {wire_type}, which does not exist")]
    UnknownWireType {
        /// The field's number.
        number: FieldNumber,
        /// 6 or 7.
        wire_type: u8,
    },
    /// The bytes end within an `I32` or `I64` field.
    #[error("field {number} needs {} and {available} are left", counted(*needed, "byte"))]
    FixedCut {
        /// The field's number.
        number: FieldNumber,
        /// 4 or 8.
        needed: usize,
        /// Bytes that are left.
        available: usize,
    },
    /// A length reaches past the end.
    #[error("field {number} says it has {} and {available} are left", counted(*declared, "byte"))]
    LengthPastEnd {
        /// The field's number.
        number: FieldNumber,
        /// What its length says.
        declared: u64,
        /// Bytes that are left.
        available: usize,
    },
    /// An end of a group without its start.
    #[error("group {found} ends here, and no group with that number is open")]
    StrayEndGroup {
        /// The number of the end tag.
        found: FieldNumber,
    },
    /// The bytes end before the group does.
    #[error("the bytes end before group {number} does")]
    GroupWithoutEnd {
        /// The group's number.
        number: FieldNumber,
    },
    /// Messages within messages, more than anybody means.
    #[error(
        "messages are nested deeper than {} levels; what is further in was not read",
        super::MAX_DEPTH
    )]
    TooDeep,
    /// More fields than are shown.
    #[error(
        "the message has more than {} fields; the rest was not read",
        super::MAX_FIELDS
    )]
    TooManyFields,
}
