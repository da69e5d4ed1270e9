//! Why a payload could not be read.

use super::FrameKind;
use crate::wire::reader::TooShort;

/// Why one frame's bytes could not be read. Offsets count from the first byte of its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The payload's length is fixed by the RFC, and this is not it.
    #[error("{kind} has a payload of length {found}, and its RFC allows only {expected}")]
    WrongLength {
        /// The frame's type.
        kind: FrameKind,
        /// The only length allowed.
        expected: usize,
        /// The payload's length.
        found: usize,
    },
    /// The payload is a list of entries of one size, and the last entry is cut.
    #[error(
        "{kind} has a payload of length {found}, which is not a whole number of entries of {unit} bytes"
    )]
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
        "{kind} ends inside its {field}: at offset {offset} of its payload it needs length {needed} and finds {available}"
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
        "{kind} claims padding of length {pad_length}, but from offset {offset} of its payload on there is only room for {available}"
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
            "PING has a payload of length 7, and its RFC allows only 8"
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
            "SETTINGS has a payload of length 20, which is not a whole number of entries of 6 bytes"
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
            "GOAWAY ends inside its error code: at offset 4 of its payload it needs length 4 and finds 1"
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
            "HEADERS claims padding of length 9, but from offset 6 of its payload on there is only room for 2"
        );
        assert_eq!(padded.offset(), 0);
    }
}
