//! `PRIORITY_UPDATE`: a request's urgency, changed on the way.

use super::walk::{Label, Walk, text};
use super::{Flags, FrameError, FrameKind, StreamId, encode_frame};
use crate::wire::reader::{Reader, TooShort};

/// `PRIORITY_UPDATE`: the client changes how urgent a response is to it. Sent on stream 0.
///
/// ```text
/// +-+-------------------------------------------------------------+
/// |R|               Prioritized Stream ID (31)                    |
/// +-+-------------------------------------------------------------+
/// |                   Priority Field Value (*)                  ...
/// +---------------------------------------------------------------+
/// ```
///
/// Source: RFC 9218 §7.1; the field value's parameters in §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorityUpdate<'a> {
    /// The stream whose response is meant. The reserved bit is dropped; 0 breaks §7.1 but still decodes.
    pub prioritized_stream: StreamId,
    /// What a `Priority` header field would say, as `u=1, i`. Empty means the defaults.
    pub field_value: &'a [u8],
}

impl<'a> PriorityUpdate<'a> {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooShort`] when there are fewer than 4 bytes.
    pub fn decode(payload: &'a [u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new(payload);
        let stream = reader.u32().map_err(FrameError::in_field(
            FrameKind::PRIORITY_UPDATE,
            PRIORITIZED.name,
        ))?;
        Ok(Self {
            prioritized_stream: StreamId::from_low_31_bits(stream),
            field_value: reader.rest(),
        })
    }

    /// Appends a whole frame, on stream 0.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut payload = Vec::with_capacity(4 + self.field_value.len());
        payload.extend_from_slice(&self.prioritized_stream.0.to_be_bytes());
        payload.extend_from_slice(self.field_value);
        let stream = StreamId::CONNECTION;
        encode_frame(
            out,
            FrameKind::PRIORITY_UPDATE,
            Flags::NONE,
            stream,
            &payload,
        );
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        walk.u31(&PRIORITIZED, |stream| stream.to_string())?;
        walk.bytes(&FIELD_VALUE, walk.remaining(), text)
    }
}

const PRIORITIZED: Label = Label {
    name: "prioritized stream ID",
    meaning: "The stream whose response gets a new priority.",
    section: "RFC 9218 §7.1",
};

const FIELD_VALUE: Label = Label {
    name: "priority field value",
    meaning: "u is the urgency, 0 first to 7 last and 3 by default; i says that parts are useful as they come.",
    section: "RFC 9218 §4",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_whatever_follows_four_bytes() {
        let payload = [
            0x80, 0, 0, 9, // reserved bit set, stream 9
            b'u', b'=', b'1', // field value
        ];
        let update = PriorityUpdate::decode(&payload).unwrap();
        assert_eq!(update.prioritized_stream, StreamId(9));
        assert_eq!(update.field_value, b"u=1");
        let empty = PriorityUpdate::decode(&payload[..4]).unwrap();
        assert_eq!(empty.field_value, b"");
    }

    #[test]
    fn a_cut_stream_is_an_error() {
        let error = PriorityUpdate::decode(&[0, 0, 0]).unwrap_err();
        assert!(matches!(
            error,
            FrameError::TooShort {
                field: "prioritized stream ID",
                available: 3,
                ..
            }
        ));
    }

    #[test]
    fn what_is_written_reads_back() {
        let update = PriorityUpdate {
            prioritized_stream: StreamId(3),
            field_value: b"u=0, i",
        };
        let mut out = Vec::new();
        update.encode(&mut out);
        assert_eq!(PriorityUpdate::decode(&out[9..]), Ok(update));
    }
}
