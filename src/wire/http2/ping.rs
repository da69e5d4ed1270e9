//! `PING`: a question whose answer is itself.

use super::walk::{Label, Walk};
use super::{Flags, FrameError, FrameKind, StreamId, encode_frame};
use crate::wire::reader::TooShort;

/// `PING`: the peer must send the same eight bytes back with `ACK`.
///
/// ```text
/// +---------------------------------------------------------------+
/// |                                                               |
/// |                      Opaque Data (64)                         |
/// |                                                               |
/// +---------------------------------------------------------------+
/// ```
///
/// Source: RFC 9113 §6.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping {
    /// This is the answer.
    pub ack: bool,
    /// Whatever the asking side chose; it pairs question and answer.
    pub opaque: [u8; 8],
}

impl Ping {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::WrongLength`] unless the payload is exactly 8 bytes.
    pub fn decode(payload: &[u8], flags: Flags) -> Result<Self, FrameError> {
        let wrong = FrameError::WrongLength {
            kind: FrameKind::PING,
            expected: 8,
            found: payload.len(),
        };
        Ok(Self {
            ack: flags.contains(Flags::ACK),
            opaque: payload.try_into().map_err(|_| wrong)?,
        })
    }

    /// Appends a whole frame, on stream 0.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let flags = Flags::NONE.with_if(self.ack, Flags::ACK);
        let stream = StreamId::CONNECTION;
        encode_frame(out, FrameKind::PING, flags, stream, &self.opaque);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        walk.bytes(&OPAQUE, 8, |bytes| {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        })
    }
}

const OPAQUE: Label = Label {
    name: "opaque data",
    meaning: "Eight bytes of the asking side's choice; the answer repeats them.",
    section: "RFC 9113 §6.7",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_and_answer_differ_in_one_bit() {
        let question = Ping::decode(b"wireloom", Flags::NONE).unwrap();
        let answer = Ping::decode(b"wireloom", Flags::ACK).unwrap();
        assert!(!question.ack && answer.ack);
        assert_eq!(question.opaque, answer.opaque);
    }

    #[test]
    fn only_eight_bytes_are_a_ping() {
        for found in [0, 7, 9] {
            let error = Ping::decode(&vec![0; found], Flags::NONE).unwrap_err();
            assert!(matches!(error, FrameError::WrongLength { expected: 8, .. }));
        }
    }

    #[test]
    fn a_ping_is_written_as_the_rfc_draws_it() {
        let mut out = Vec::new();
        Ping {
            ack: true,
            opaque: [1, 2, 3, 4, 5, 6, 7, 8],
        }
        .encode(&mut out);
        assert_eq!(
            out,
            [
                0, 0, 8, // length
                6, // PING
                1, // ACK
                0, 0, 0, 0, // stream 0
                1, 2, 3, 4, 5, 6, 7, 8, // opaque data
            ]
        );
    }
}
