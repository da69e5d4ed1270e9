//! `RST_STREAM`: the end of one stream.

use super::walk::{Label, Walk};
use super::{ErrorCode, Flags, FrameError, FrameKind, StreamId, encode_frame};
use crate::wire::reader::TooShort;

/// `RST_STREAM`: ends one stream at once, for the reason given.
///
/// ```text
/// +---------------------------------------------------------------+
/// |                        Error Code (32)                        |
/// +---------------------------------------------------------------+
/// ```
///
/// Source: RFC 9113 §6.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RstStream {
    /// Why.
    pub error: ErrorCode,
}

impl RstStream {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::WrongLength`] unless the payload is exactly 4 bytes.
    pub fn decode(payload: &[u8]) -> Result<Self, FrameError> {
        let wrong = FrameError::WrongLength {
            kind: FrameKind::RST_STREAM,
            expected: 4,
            found: payload.len(),
        };
        let bytes = payload.try_into().map_err(|_| wrong)?;
        Ok(Self {
            error: ErrorCode(u32::from_be_bytes(bytes)),
        })
    }

    /// Appends a whole frame.
    pub fn encode(&self, out: &mut Vec<u8>, stream: StreamId) {
        let payload = self.error.0.to_be_bytes();
        encode_frame(out, FrameKind::RST_STREAM, Flags::NONE, stream, &payload);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        error_code_field(walk)
    }
}

/// Notes an error code; `GOAWAY` has one too.
pub(super) fn error_code_field(walk: &mut Walk<'_>) -> Result<(), TooShort> {
    walk.u32(&ERROR_CODE, |code| {
        let code = ErrorCode(code);
        format!("{code} ({:#x}): {}", code.0, code.meaning())
    })?;
    Ok(())
}

const ERROR_CODE: Label = Label {
    name: "error code",
    meaning: "Why the stream or the connection ends.",
    section: "RFC 9113 §7",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown_codes_decode() {
        let cancel = RstStream::decode(&[0, 0, 0, 8]).unwrap();
        assert_eq!(cancel.error, ErrorCode::CANCEL);
        let unknown = RstStream::decode(&[0xff, 0, 0, 8]).unwrap();
        assert_eq!(unknown.error, ErrorCode(0xff00_0008));
    }

    #[test]
    fn only_four_bytes_are_a_reset() {
        for found in [0, 3, 5] {
            let error = RstStream::decode(&vec![0; found]).unwrap_err();
            assert!(matches!(error, FrameError::WrongLength { expected: 4, .. }));
        }
    }

    #[test]
    fn a_reset_is_written_as_the_rfc_draws_it() {
        let mut out = Vec::new();
        let reset = RstStream {
            error: ErrorCode::REFUSED_STREAM,
        };
        reset.encode(&mut out, StreamId(9));
        assert_eq!(
            out,
            [
                0, 0, 4, // length
                3, // RST_STREAM
                0, // flags
                0, 0, 0, 9, // stream
                0, 0, 0, 7, // REFUSED_STREAM
            ]
        );
    }
}
