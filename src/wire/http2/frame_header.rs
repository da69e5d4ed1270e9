//! The nine bytes before every payload.

use super::{Flags, FrameKind, StreamId};
use crate::wire::reader::{Reader, TooShort};

/// The header of a frame.
///
/// ```text
/// +-----------------------------------------------+
/// |                 Length (24)                   |
/// +---------------+---------------+---------------+
/// |   Type (8)    |   Flags (8)   |
/// +-+-------------+---------------+-------------------------------+
/// |R|                 Stream Identifier (31)                      |
/// +-+-------------------------------------------------------------+
/// |                   Frame Payload (0...)                      ...
/// +---------------------------------------------------------------+
/// ```
///
/// Source: RFC 9113 §4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Bytes of payload that follow, 24 bits. The header's own nine do not count.
    pub length: u32,
    /// What the payload is.
    pub kind: FrameKind,
    /// What the bits mean depends on the type: see [`Flags::names`].
    pub flags: Flags,
    /// The bit before the stream identifier. Senders leave it unset and receivers ignore it.
    pub reserved: bool,
    /// The stream, or [`StreamId::CONNECTION`].
    pub stream: StreamId,
}

impl FrameHeader {
    /// Bytes of every frame header.
    pub const LEN: usize = 9;
    /// The largest length that 24 bits hold. A receiver allows 16384 unless its settings say more.
    pub const MAX_LENGTH: u32 = 0xff_ffff;

    /// Reads a header. Any nine bytes are one.
    pub fn decode(bytes: &[u8; Self::LEN]) -> Self {
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = *bytes;
        let stream = u32::from_be_bytes([s0, s1, s2, s3]);
        Self {
            length: u32::from_be_bytes([0, l0, l1, l2]),
            kind: FrameKind(kind),
            flags: Flags(flags),
            reserved: stream & !StreamId::MAX.0 != 0,
            stream: StreamId::from_low_31_bits(stream),
        }
    }

    /// Reads a header where the reader stands.
    ///
    /// # Errors
    ///
    /// [`TooShort`] when fewer than nine bytes are left.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, TooShort> {
        Ok(Self::decode(&reader.array()?))
    }

    /// Bytes of the whole frame: header and payload.
    pub fn frame_len(&self) -> usize {
        Self::LEN.saturating_add(self.length as usize)
    }

    /// The nine bytes. Bits of `length` above 24 and of `stream` above 31 are dropped.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let [_, l0, l1, l2] = self.length.to_be_bytes();
        let reserved = u32::from(self.reserved) << 31;
        let [s0, s1, s2, s3] = (self.stream.0 & StreamId::MAX.0 | reserved).to_be_bytes();
        [l0, l1, l2, self.kind.0, self.flags.0, s0, s1, s2, s3]
    }
}

/// Appends a frame of any kind, whatever its payload says: header first, with the payload's length.
///
/// The encoders of the frame types come down to this; extensions and frames that break rules use it directly.
/// A payload too long for 24 bits of length is cut to what they can say.
pub fn encode_frame(
    out: &mut Vec<u8>,
    kind: FrameKind,
    flags: Flags,
    stream: StreamId,
    payload: &[u8],
) {
    let longest = FrameHeader::MAX_LENGTH as usize;
    let payload = payload.get(..longest).unwrap_or(payload);
    let header = FrameHeader {
        length: u32::try_from(payload.len()).unwrap_or(FrameHeader::MAX_LENGTH),
        kind,
        flags,
        reserved: false,
        stream,
    };
    out.extend_from_slice(&header.encode());
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_reads_field_by_field() {
        let bytes = [
            0x00, 0x01, 0x02, // length 258
            0x01, // HEADERS
            0x05, // END_STREAM, END_HEADERS
            0x80, 0x00, 0x00, 0x0d, // reserved bit set, stream 13
        ];
        let header = FrameHeader::decode(&bytes);
        assert_eq!(
            header,
            FrameHeader {
                length: 258,
                kind: FrameKind::HEADERS,
                flags: Flags::END_STREAM | Flags::END_HEADERS,
                reserved: true,
                stream: StreamId(13),
            }
        );
        assert_eq!(header.frame_len(), 267);
        assert_eq!(header.encode(), bytes);
    }

    #[test]
    fn eight_bytes_are_no_header() {
        let error = FrameHeader::read(&mut Reader::new(&[0; 8])).unwrap_err();
        assert_eq!((error.needed, error.available), (9, 8));
    }

    #[test]
    fn a_payload_too_long_for_its_length_field_is_cut() {
        let mut out = Vec::new();
        let payload = vec![7; FrameHeader::MAX_LENGTH as usize + 1];
        encode_frame(
            &mut out,
            FrameKind::DATA,
            Flags::NONE,
            StreamId(1),
            &payload,
        );
        assert_eq!(
            out.len(),
            FrameHeader::LEN + FrameHeader::MAX_LENGTH as usize
        );
        assert_eq!(out.get(..3), Some([0xff; 3].as_slice()));
    }

    proptest! {
        #[test]
        fn any_nine_bytes_survive_a_round_trip(bytes: [u8; 9]) {
            prop_assert_eq!(FrameHeader::decode(&bytes).encode(), bytes);
        }
    }
}
