//! `WINDOW_UPDATE`: room for more `DATA`.

use super::walk::{Label, Walk, byte_count};
use super::{Flags, FrameError, FrameKind, StreamId, encode_frame};
use crate::wire::reader::TooShort;

/// `WINDOW_UPDATE`: the receiver lets the sender send more `DATA`.
///
/// On stream 0 it widens the window of the whole connection, on any other stream only that one.
///
/// ```text
/// +-+-------------------------------------------------------------+
/// |R|                 Window Size Increment (31)                  |
/// +-+-------------------------------------------------------------+
/// ```
///
/// Source: RFC 9113 §6.9 (layout), §6.9.1 (how windows add up).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowUpdate {
    /// Bytes added to the window, 31 bits. Zero breaks §6.9 but still decodes: a learner has to
    /// see it. The reserved bit is dropped.
    pub increment_bytes: u32,
}

impl WindowUpdate {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::WrongLength`] unless the payload is exactly 4 bytes.
    pub fn decode(payload: &[u8]) -> Result<Self, FrameError> {
        let wrong = FrameError::WrongLength {
            kind: FrameKind::WINDOW_UPDATE,
            expected: 4,
            found: payload.len(),
        };
        let raw = u32::from_be_bytes(payload.try_into().map_err(|_| wrong)?);
        Ok(Self {
            increment_bytes: raw & INCREMENT_BITS,
        })
    }

    /// Appends a whole frame. The increment's top bit is dropped.
    pub fn encode(&self, out: &mut Vec<u8>, stream: StreamId) {
        let payload = (self.increment_bytes & INCREMENT_BITS).to_be_bytes();
        encode_frame(out, FrameKind::WINDOW_UPDATE, Flags::NONE, stream, &payload);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        walk.u31(&INCREMENT, |bytes| byte_count(bytes as usize))?;
        Ok(())
    }
}

const INCREMENT_BITS: u32 = 0x7fff_ffff;

const INCREMENT: Label = Label {
    name: "window size increment",
    meaning: "How many more bytes of DATA the peer may send, beyond what it was allowed before.",
    section: "RFC 9113 §6.9",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_bit_is_dropped_and_zero_decodes() {
        let increment = |bytes: [u8; 4]| WindowUpdate::decode(&bytes).unwrap().increment_bytes;
        assert_eq!(increment([0x00, 0x00, 0x40, 0x00]), 16_384);
        assert_eq!(increment([0xff, 0xff, 0xff, 0xff]), 0x7fff_ffff);
        assert_eq!(increment([0x80, 0x00, 0x00, 0x00]), 0);
    }

    #[test]
    fn only_four_bytes_are_an_increment() {
        for found in [0, 3, 5] {
            let error = WindowUpdate::decode(&vec![0; found]).unwrap_err();
            assert!(matches!(error, FrameError::WrongLength { expected: 4, .. }));
        }
    }

    #[test]
    fn an_increment_is_written_as_the_rfc_draws_it() {
        let mut out = Vec::new();
        let update = WindowUpdate {
            increment_bytes: 0x0102_0304,
        };
        update.encode(&mut out, StreamId::CONNECTION);
        assert_eq!(
            out,
            [
                0, 0, 4, // length
                8, // WINDOW_UPDATE
                0, // flags
                0, 0, 0, 0, // the connection
                1, 2, 3, 4, // increment
            ]
        );
    }
}
