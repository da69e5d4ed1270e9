//! Why a header block cannot be read to its end.

use super::decoder::MAX_DECODED_BLOCK_BYTES;
use super::huffman::HuffmanError;
use super::integer::IntegerError;
use super::table::STATIC_ENTRIES;
use crate::wire::counted::counted;

/// Why a block could not be read to its end. Every step before was delivered and has taken effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset} of the header block: {kind}")]
pub struct BlockError {
    /// The byte of the block in which the trouble begins; its length when more bytes should follow.
    pub offset: usize,
    /// The first byte of the representation that could not be read.
    pub step_offset: usize,
    /// What the trouble is.
    pub kind: BlockErrorKind,
}

/// What makes a block unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockErrorKind {
    /// Source: RFC 7541 §6.1.
    #[error("index 0 names no entry; indexes begin at 1")]
    IndexZero,
    /// Source: RFC 7541 §2.3.3.
    #[error(
        "index {index} is beyond the last entry: the static table has {STATIC_ENTRIES}, the dynamic table {dynamic_entries} in {size_bytes} of {max_size_bytes} bytes"
    )]
    IndexOutOfRange {
        /// The index on the wire.
        index: u32,
        /// How many known entries the dynamic table had.
        dynamic_entries: u64,
        /// How large they were.
        size_bytes: u64,
        /// How large they might have been.
        max_size_bytes: u32,
    },
    /// An index, a length or a size. Its own offset counts from the start of the block too.
    #[error(transparent)]
    Integer(IntegerError),
    /// Source: RFC 7541 §5.2.
    #[error("the {part} should have {}, but only {available} are left in the block", counted(*length, "byte"))]
    StringTruncated {
        /// Which string.
        part: Part,
        /// Its length on the wire.
        length: u32,
        /// What is left of the block.
        available: usize,
    },
    /// Its own offset counts from the start of the string.
    #[error("the {part} cannot be read: {error}")]
    Huffman {
        /// Which string.
        part: Part,
        /// What is wrong with it.
        error: HuffmanError,
    },
    /// The field at this place would carry the block over [`MAX_DECODED_BLOCK_BYTES`].
    #[error(
        "the block decodes to more than {MAX_DECODED_BLOCK_BYTES} bytes; the rest is left unread"
    )]
    DecodedTooLarge,
}

/// One of the two strings of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The field's name.
    Name,
    /// The field's value.
    Value,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Value => "value",
        })
    }
}
