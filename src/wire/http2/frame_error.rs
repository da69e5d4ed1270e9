//! Why a payload could not be read.

use super::FrameKind;
use crate::wire::reader::TooShort;

/// Why one frame's bytes could not be read. Offsets count from the first byte of its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The payload's length is fixed by the RFC, and this is not it.
    #[error("{kind} carries {found} bytes where its RFC fixes {expected}")]
    WrongLength {
        /// The frame's type.
        kind: FrameKind,
        /// The only length allowed.
        expected: usize,
        /// The payload's length.
        found: usize,
    },
    /// The payload is a list of entries of one size, and the last entry is cut.
    #[error("{kind} carries {found} bytes, which is no multiple of its entries' {unit}")]
    NotAMultiple {
        /// The frame's type.
        kind: FrameKind,
        /// Bytes of one entry.
        unit: usize,
        /// The payload's length.
        found: usize,
    },
    /// The payload ends inside a field that must be there.
    #[error(
        "{kind} ends inside its {field}: {needed} bytes are needed at offset {offset} of the payload, {available} are left"
    )]
    TooShort {
        /// The frame's type.
        kind: FrameKind,
        /// The RFC's name of the field that is cut.
        field: &'static str,
        /// Bytes the field needs.
        needed: usize,
        /// Bytes that are left.
        available: usize,
        /// Where the field begins.
        offset: usize,
    },
    /// The pad length claims more bytes than are left after the fields before the padding.
    #[error(
        "{kind} claims {pad_length} bytes of padding at its end, but after the first {offset} bytes of the payload only {available} are left"
    )]
    PaddingTooLong {
        /// The frame's type.
        kind: FrameKind,
        /// The pad length, in the payload's first byte.
        pad_length: u8,
        /// Bytes left for content and padding together.
        available: usize,
        /// Where those bytes begin.
        offset: usize,
    },
}

impl FrameError {
    /// Where in the payload the trouble begins: the field that is cut, or what is too long or too short.
    pub fn offset(&self) -> usize {
        match *self {
            Self::WrongLength {
                expected, found, ..
            } => expected.min(found),
            // `unit` is never 0: it is the size of an entry.
            Self::NotAMultiple { unit, found, .. } => {
                found.saturating_sub(found.checked_rem(unit).unwrap_or(0))
            }
            Self::TooShort { offset, .. } => offset,
            // The pad length itself is what cannot be believed.
            Self::PaddingTooLong { .. } => 0,
        }
    }

    /// Turns a reader's failure into one that names the frame and the field.
    pub(super) fn in_field(
        kind: FrameKind,
        field: &'static str,
    ) -> impl FnOnce(TooShort) -> FrameError {
        move |short| Self::TooShort {
            kind,
            field,
            needed: short.needed,
            available: short.available,
            offset: short.offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_reads_as_a_sentence_and_knows_its_place() {
        let kind = FrameKind::PING;
        let wrong = FrameError::WrongLength {
            kind,
            expected: 8,
            found: 7,
        };
        assert_eq!(
            wrong.to_string(),
            "PING carries 7 bytes where its RFC fixes 8"
        );
        assert_eq!(wrong.offset(), 7);

        let kind = FrameKind::SETTINGS;
        let ragged = FrameError::NotAMultiple {
            kind,
            unit: 6,
            found: 20,
        };
        assert_eq!(
            ragged.to_string(),
            "SETTINGS carries 20 bytes, which is no multiple of its entries' 6"
        );
        assert_eq!(ragged.offset(), 18);

        let kind = FrameKind::GOAWAY;
        let short = FrameError::TooShort {
            kind,
            field: "error code",
            needed: 4,
            available: 1,
            offset: 4,
        };
        assert_eq!(
            short.to_string(),
            "GOAWAY ends inside its error code: 4 bytes are needed at offset 4 of the payload, 1 are left"
        );
        assert_eq!(short.offset(), 4);

        let kind = FrameKind::HEADERS;
        let padded = FrameError::PaddingTooLong {
            kind,
            pad_length: 9,
            available: 2,
            offset: 6,
        };
        assert_eq!(
            padded.to_string(),
            "HEADERS claims 9 bytes of padding at its end, but after the first 6 bytes of the payload only 2 are left"
        );
        assert_eq!(padded.offset(), 0);
    }
}
