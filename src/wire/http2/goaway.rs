//! `GOAWAY`: the end of a connection.

use std::ops::Range;

use super::rst_stream::error_code_field;
use super::walk::{Label, Walk, text};
use super::{ErrorCode, Flags, FrameError, FrameKind, StreamId, encode_frame};
use crate::wire::reader::{Reader, TooShort};

/// `GOAWAY`: the sender takes no new streams; those above the last one may be tried again elsewhere.
///
/// ```text
/// +-+-------------------------------------------------------------+
/// |R|                  Last-Stream-ID (31)                        |
/// +-+-------------------------------------------------------------+
/// |                      Error Code (32)                          |
/// +---------------------------------------------------------------+
/// |                  Additional Debug Data (*)                  ...
/// +---------------------------------------------------------------+
/// ```
///
/// Source: RFC 9113 §6.8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goaway<'a> {
    /// The highest stream of the receiver that the sender may have acted on. The reserved bit is dropped.
    pub last_stream: StreamId,
    /// Why.
    pub error: ErrorCode,
    /// For people; often text, as `too_many_pings`.
    pub debug_data: &'a [u8],
    /// Where the debug data lies in the payload.
    pub debug_data_range: Range<usize>,
}

impl<'a> Goaway<'a> {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooShort`] when there are fewer than 8 bytes.
    pub fn decode(payload: &'a [u8]) -> Result<Self, FrameError> {
        let kind = FrameKind::GOAWAY;
        let mut reader = Reader::new(payload);
        let last_stream = reader
            .u32()
            .map_err(FrameError::in_field(kind, LAST_STREAM.name))?;
        let error = reader
            .u32()
            .map_err(FrameError::in_field(kind, "error code"))?;
        let start = reader.position();
        let debug_data = reader.rest();
        Ok(Self {
            last_stream: StreamId::from_low_31_bits(last_stream),
            error: ErrorCode(error),
            debug_data,
            debug_data_range: start..reader.position(),
        })
    }

    /// Appends a whole frame, on stream 0.
    pub fn encode(out: &mut Vec<u8>, last_stream: StreamId, error: ErrorCode, debug_data: &[u8]) {
        let mut payload = Vec::with_capacity(8 + debug_data.len());
        payload.extend_from_slice(&last_stream.0.to_be_bytes());
        payload.extend_from_slice(&error.0.to_be_bytes());
        payload.extend_from_slice(debug_data);
        let stream = StreamId::CONNECTION;
        encode_frame(out, FrameKind::GOAWAY, Flags::NONE, stream, &payload);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        walk.u31(&LAST_STREAM, |stream| stream.to_string())?;
        error_code_field(walk)?;
        if walk.remaining() > 0 {
            walk.bytes(&DEBUG_DATA, walk.remaining(), text)?;
        }
        Ok(())
    }
}

const LAST_STREAM: Label = Label {
    name: "last stream ID",
    meaning: "The highest stream the sender may have acted on; requests on higher ones are safe to repeat elsewhere.",
    section: "RFC 9113 §6.8",
};

const DEBUG_DATA: Label = Label {
    name: "additional debug data",
    meaning: "What the sender wants to tell a person who looks for the cause.",
    section: "RFC 9113 §6.8",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_data_is_whatever_follows_eight_bytes() {
        let payload = [
            0x80, 0, 0, 5, // reserved bit set, last stream 5
            0, 0, 0, 0x0b, // ENHANCE_YOUR_CALM
            b'p', b'i', b'n', b'g', // debug data
        ];
        let goaway = Goaway::decode(&payload).unwrap();
        assert_eq!(goaway.last_stream, StreamId(5));
        assert_eq!(goaway.error, ErrorCode::ENHANCE_YOUR_CALM);
        assert_eq!(goaway.debug_data, b"ping");
        assert_eq!(goaway.debug_data_range, 8..12);
        assert_eq!(Goaway::decode(&payload[..8]).unwrap().debug_data, b"");
    }

    #[test]
    fn a_cut_field_is_named() {
        let field = |len| match Goaway::decode(&[0; 7][..len]).unwrap_err() {
            FrameError::TooShort { field, offset, .. } => (field, offset),
            error => panic!("{error}"),
        };
        assert_eq!(field(3), ("last stream ID", 0));
        assert_eq!(field(7), ("error code", 4));
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut out = Vec::new();
        Goaway::encode(&mut out, StreamId(7), ErrorCode::NO_ERROR, b"bye");
        let goaway = Goaway::decode(&out[9..]).unwrap();
        assert_eq!(goaway.last_stream, StreamId(7));
        assert_eq!(goaway.debug_data, b"bye");
    }
}
