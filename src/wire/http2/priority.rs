//! `PRIORITY`, and the same five bytes inside `HEADERS`.

use super::walk::{Label, Walk};
use super::{Flags, FrameError, FrameKind, StreamId, encode_frame};
use crate::wire::reader::{Reader, TooShort};

/// `PRIORITY`: where a stream should stand in the priority tree. Deprecated since RFC 9113.
///
/// ```text
/// +-+-------------------------------------------------------------+
/// |E|                  Stream Dependency (31)                     |
/// +-+-------------+-----------------------------------------------+
/// |   Weight (8)  |
/// +---------------+
/// ```
///
/// Source: RFC 9113 §6.3 (layout), RFC 7540 §5.3 (meaning).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priority {
    /// The stream becomes the only child of its parent and takes over the parent's other children.
    pub exclusive: bool,
    /// The parent in the tree; [`StreamId::CONNECTION`] is the root. A stream that names itself breaks RFC 7540 §5.3.1
    /// but still decodes.
    pub depends_on: StreamId,
    /// The share among the parent's children, 1 to 256: one more than the byte on the wire.
    pub weight: u16,
}

impl Priority {
    /// What a stream has when nothing was said: a child of the root, not exclusive, weight 16. Source: RFC 7540 §5.3.5.
    pub const DEFAULT: Self = Self {
        exclusive: false,
        depends_on: StreamId::CONNECTION,
        weight: 16,
    };

    /// Bytes of a priority on the wire.
    pub const LEN: usize = 5;

    /// Reads the payload of a `PRIORITY` frame.
    ///
    /// # Errors
    ///
    /// [`FrameError::WrongLength`] unless the payload is exactly 5 bytes.
    pub fn decode(payload: &[u8]) -> Result<Self, FrameError> {
        let wrong = FrameError::WrongLength {
            kind: FrameKind::PRIORITY,
            expected: Self::LEN,
            found: payload.len(),
        };
        match payload.try_into() {
            Ok(bytes) => Ok(Self::from_bytes(bytes)),
            Err(_) => Err(wrong),
        }
    }

    /// Reads the five bytes where the reader stands.
    ///
    /// # Errors
    ///
    /// [`TooShort`] when fewer than five bytes are left.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, TooShort> {
        Ok(Self::from_bytes(reader.array()?))
    }

    fn from_bytes([d0, d1, d2, d3, weight]: [u8; Self::LEN]) -> Self {
        let dependency = u32::from_be_bytes([d0, d1, d2, d3]);
        Self {
            exclusive: dependency & EXCLUSIVE != 0,
            depends_on: StreamId::from_low_31_bits(dependency),
            weight: u16::from(weight) + 1,
        }
    }

    /// The five bytes. A weight of 0 is written as 1, one above 256 as 256.
    pub fn encode_payload(&self) -> [u8; Self::LEN] {
        let exclusive = if self.exclusive { EXCLUSIVE } else { 0 };
        let dependency = StreamId::from_low_31_bits(self.depends_on.0).0 | exclusive;
        let [d0, d1, d2, d3] = dependency.to_be_bytes();
        let weight = u8::try_from(self.weight.saturating_sub(1)).unwrap_or(u8::MAX);
        [d0, d1, d2, d3, weight]
    }

    /// Appends a whole `PRIORITY` frame for `stream`.
    pub fn encode(&self, out: &mut Vec<u8>, stream: StreamId) {
        let payload = self.encode_payload();
        encode_frame(out, FrameKind::PRIORITY, Flags::NONE, stream, &payload);
    }

    /// Also used for the priority inside `HEADERS`.
    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        walk.u32(&DEPENDENCY, |dependency| {
            let exclusive = if dependency & EXCLUSIVE != 0 {
                "exclusive, on "
            } else {
                ""
            };
            format!("{exclusive}{}", StreamId::from_low_31_bits(dependency))
        })?;
        walk.u8(&WEIGHT, |weight| (u16::from(weight) + 1).to_string())?;
        Ok(())
    }
}

const EXCLUSIVE: u32 = 0x8000_0000;

const DEPENDENCY: Label = Label {
    name: "stream dependency",
    meaning: "The stream this one should wait for, its parent in the priority tree; the top bit asks to be its only child.",
    section: "RFC 7540 §5.3.1",
};

const WEIGHT: Label = Label {
    name: "weight",
    meaning: "The share among streams with the same parent, 1 to 256; the byte holds one less. Servers may ignore it.",
    section: "RFC 7540 §5.3.2",
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_weight_is_one_more_than_its_byte() {
        let payload = [
            0x80, 0x00, 0x00, 0x07, // exclusive, stream 7
            0xff, // weight 256
        ];
        assert_eq!(
            Priority::decode(&payload),
            Ok(Priority {
                exclusive: true,
                depends_on: StreamId(7),
                weight: 256,
            })
        );
        assert_eq!(Priority::decode(&[0, 0, 0, 0, 15]), Ok(Priority::DEFAULT));
    }

    #[test]
    fn only_five_bytes_are_a_priority() {
        for found in [0, 4, 6] {
            let error = Priority::decode(&vec![0; found]).unwrap_err();
            assert_eq!(
                error,
                FrameError::WrongLength {
                    kind: FrameKind::PRIORITY,
                    expected: 5,
                    found,
                }
            );
        }
    }

    #[test]
    fn a_weight_out_of_range_is_written_as_the_nearest() {
        let weight = |weight| {
            Priority {
                weight,
                ..Priority::DEFAULT
            }
            .encode_payload()[4]
        };
        assert_eq!(
            (weight(0), weight(1), weight(256), weight(999)),
            (0, 0, 255, 255)
        );
    }

    proptest! {
        #[test]
        fn any_five_bytes_survive_a_round_trip(bytes: [u8; 5]) {
            prop_assert_eq!(Priority::decode(&bytes).unwrap().encode_payload(), bytes);
        }
    }
}
