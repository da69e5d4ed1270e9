//! `PUSH_PROMISE`: a response before its request.

use std::ops::Range;

use super::headers::FRAGMENT;
use super::walk::{Label, Walk};
use super::{Flags, FrameError, FrameKind, Padding, StreamId, encode_frame, padding};
use crate::wire::reader::{Reader, TooShort};

/// `PUSH_PROMISE`: the server will send the response to this request, which the client has not made.
///
/// ```text
/// +---------------+
/// |Pad Length? (8)|
/// +-+-------------+-----------------------------------------------+
/// |R|                  Promised Stream ID (31)                    |
/// +-+-------------------------------------------------------------+
/// |                  Header Block Fragment (*)                  ...
/// +---------------------------------------------------------------+
/// |                          Padding? (*)                       ...
/// +---------------------------------------------------------------+
/// ```
///
/// Sent on the stream of the request that made the server think of it. The header block is the promised *request*.
///
/// Source: RFC 9113 §6.6 (layout), §8.4 (push).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushPromise<'a> {
    /// The header block is complete with this frame.
    pub end_headers: bool,
    /// The even stream on which the response will come. Its reserved bit is dropped; other values still decode.
    pub promised_stream: StreamId,
    /// The promised request's header block, for HPACK.
    pub header_block_fragment: &'a [u8],
    /// Where the fragment lies in the payload.
    pub fragment_range: Range<usize>,
    /// `None` without the `PADDED` flag.
    pub padding: Option<Padding<'a>>,
}

impl<'a> PushPromise<'a> {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooShort`] when the pad length or the promised stream is cut, [`FrameError::PaddingTooLong`] when
    /// the padding is longer than what is left for the fragment.
    pub fn decode(payload: &'a [u8], flags: Flags) -> Result<Self, FrameError> {
        let kind = FrameKind::PUSH_PROMISE;
        let mut reader = Reader::new(payload);
        let pad_length = padding::read_length(&mut reader, flags, kind)?;
        let promised = reader
            .u32()
            .map_err(FrameError::in_field(kind, PROMISED.name))?;
        let content = padding::split(&mut reader, pad_length, kind)?;
        Ok(Self {
            end_headers: flags.contains(Flags::END_HEADERS),
            promised_stream: StreamId::from_low_31_bits(promised),
            header_block_fragment: content.bytes,
            fragment_range: content.range,
            padding: content.padding,
        })
    }

    /// Appends a whole frame. `PADDED` is set when there is a pad length; other flags are as given.
    pub fn encode(
        out: &mut Vec<u8>,
        stream: StreamId,
        flags: Flags,
        promised_stream: StreamId,
        header_block_fragment: &[u8],
        pad_length: Option<u8>,
    ) {
        let mut payload = Vec::with_capacity(header_block_fragment.len());
        padding::encode_length(&mut payload, pad_length);
        payload.extend_from_slice(&promised_stream.0.to_be_bytes());
        payload.extend_from_slice(header_block_fragment);
        padding::encode_padding(&mut payload, pad_length);
        let flags = flags.with_if(pad_length.is_some(), Flags::PADDED);
        encode_frame(out, FrameKind::PUSH_PROMISE, flags, stream, &payload);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        let pad_length = padding::length_field(walk)?;
        walk.u31(&PROMISED, |stream| stream.to_string())?;
        padding::content_fields(walk, &FRAGMENT, pad_length)
    }
}

const PROMISED: Label = Label {
    name: "promised stream ID",
    meaning: "The stream on which the server will send the response; always even.",
    section: "RFC 9113 §6.6",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promised_stream_comes_before_the_fragment() {
        let payload = [
            0x80, 0, 0, 2, // reserved bit set, stream 2
            0x82, 0x84, // header block fragment
        ];
        let promise = PushPromise::decode(&payload, Flags::END_HEADERS).unwrap();
        assert_eq!(promise.promised_stream, StreamId(2));
        assert_eq!(promise.header_block_fragment, [0x82, 0x84]);
        assert_eq!(promise.fragment_range, 4..6);
        assert!(promise.end_headers);
        assert_eq!(promise.padding, None);
    }

    #[test]
    fn a_cut_promise_and_too_much_padding_are_errors() {
        let error = PushPromise::decode(&[0, 0, 0], Flags::NONE).unwrap_err();
        assert!(matches!(
            error,
            FrameError::TooShort {
                field: "promised stream ID",
                available: 3,
                ..
            }
        ));
        let error = PushPromise::decode(&[1, 0, 0, 0, 2], Flags::PADDED).unwrap_err();
        assert!(matches!(
            error,
            FrameError::PaddingTooLong { available: 0, .. }
        ));
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut out = Vec::new();
        let flags = Flags::END_HEADERS;
        PushPromise::encode(&mut out, StreamId(1), flags, StreamId(4), &[0x82], Some(3));
        let promise = PushPromise::decode(&out[9..], Flags(out[4])).unwrap();
        assert_eq!(promise.promised_stream, StreamId(4));
        assert_eq!(promise.header_block_fragment, [0x82]);
        assert_eq!(promise.fragment_range, 5..6);
        assert_eq!(promise.padding.unwrap().range, 6..9);
    }
}
