//! What can be wrong with a capture that is nevertheless read.

use std::io;

use super::BlockType;

/// Something wrong in a capture, and where. What is before it and, where a next record can be proven, what comes
/// after it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at offset {offset} {kind}")]
pub struct Trouble {
    /// Where the record or block in question begins, as in [`Packet::offset`](super::Packet::offset).
    pub offset: u64,
    /// What is wrong.
    pub kind: TroubleKind,
}

/// What is wrong with a capture at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TroubleKind {
    /// The file ends before its last record does.
    #[error(
        "the capture ends in the middle of a record: {found} of {expected} bytes are there, everything before it was read"
    )]
    CutRecord {
        /// How long the record would be, as far as it says.
        expected: u64,
        /// How many bytes of it there are.
        found: u64,
    },
    /// A record cannot be right.
    #[error("a record is damaged: {damage}; the next whole one is {skipped} bytes further")]
    DamagedRecord {
        /// What is wrong with it.
        damage: Damage,
        /// Bytes that were skipped.
        skipped: u64,
    },
    /// A record cannot be right, and no good one comes after it.
    #[error(
        "a record is damaged: {damage}; no whole record follows in the remaining {skipped} bytes"
    )]
    DamagedEnd {
        /// What is wrong with it.
        damage: Damage,
        /// Bytes that were skipped.
        skipped: u64,
    },
    /// The frame of a block is good, its contents are not. It is skipped.
    #[error("the contents of the {block_type} contradict themselves, it was skipped")]
    DamagedBlock {
        /// What kind of block.
        block_type: BlockType,
    },
    /// A packet of an interface that the section has not described.
    #[error("a packet names interface {interface}, which the capture never described")]
    UnknownInterface {
        /// The number that the packet gives, counted within its section.
        interface: u32,
    },
    /// The section is of a version of pcapng that we do not know.
    #[error("a section is of pcapng version {major}.{minor}, which may be read wrongly")]
    UnknownVersion {
        /// Major version; 1 is known.
        major: u16,
        /// Minor version; 0 and 2 are known.
        minor: u16,
    },
    /// Reading failed.
    #[error("reading failed: {}", sentence(*.kind))]
    ReadFailed {
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// The temporary file that keeps a pipe's packets cannot be written. Packets go on, their bytes are gone later.
    #[error("the temporary file that keeps these packets cannot be written: {}", sentence(*.kind))]
    SpoolFailed {
        /// What the system says.
        kind: io::ErrorKind,
    },
}

/// Why a record cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The record says it is longer than any can be.
    #[error("it says it is {found} bytes long")]
    Length {
        /// The length it gives.
        found: u32,
    },
    /// The two lengths of a pcapng block differ.
    #[error("it begins with the length {first} and ends with {last}")]
    LengthsDiffer {
        /// The length in front.
        first: u32,
        /// The length at the end.
        last: u32,
    },
    /// A section header whose byte order cannot be told.
    #[error("its byte order cannot be told")]
    ByteOrder,
}

/// What the system says, as part of a sentence.
fn sentence(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::StorageFull => "the disk is full".into(),
        io::ErrorKind::InvalidData => "the compressed data is damaged".into(),
        io::ErrorKind::UnexpectedEof => "the compressed data ends early".into(),
        io::ErrorKind::FileTooLarge => {
            "more comes out of the compressed data than any traffic gives; decompress it first if it is right".into()
        }
        // What a followed file says when it becomes shorter.
        io::ErrorKind::StaleNetworkFileHandle => "the file became shorter while it was read".into(),
        kind => kind.to_string(),
    }
}
