//! `DATA`: the content of requests and responses.

use std::ops::Range;

use super::walk::{Label, Walk};
use super::{Flags, FrameError, FrameKind, Padding, StreamId, encode_frame, padding};
use crate::wire::reader::{Reader, TooShort};

/// `DATA`: content of a request or response.
///
/// ```text
/// +---------------+
/// |Pad Length? (8)|
/// +---------------+-----------------------------------------------+
/// |                            Data (*)                         ...
/// +---------------------------------------------------------------+
/// |                          Padding? (*)                       ...
/// +---------------------------------------------------------------+
/// ```
///
/// The only frame under flow control: its whole payload counts, pad length and padding included.
///
/// Source: RFC 9113 §6.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data<'a> {
    /// The sender sends no more on this stream.
    pub end_stream: bool,
    /// The content, without padding.
    pub data: &'a [u8],
    /// Where the content lies in the payload.
    pub data_range: Range<usize>,
    /// `None` without the `PADDED` flag.
    pub padding: Option<Padding<'a>>,
}

impl<'a> Data<'a> {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooShort`] when the pad length is missing, [`FrameError::PaddingTooLong`] when it is more than
    /// is left.
    pub fn decode(payload: &'a [u8], flags: Flags) -> Result<Self, FrameError> {
        let kind = FrameKind::DATA;
        let mut reader = Reader::new(payload);
        let pad_length = padding::read_length(&mut reader, flags, kind)?;
        let content = padding::split(&mut reader, pad_length, kind)?;
        Ok(Self {
            end_stream: flags.contains(Flags::END_STREAM),
            data: content.bytes,
            data_range: content.range,
            padding: content.padding,
        })
    }

    /// Appends a whole frame. `PADDED` is set when there is a pad length; other flags are as given.
    pub fn encode(
        out: &mut Vec<u8>,
        stream: StreamId,
        flags: Flags,
        data: &[u8],
        pad_length: Option<u8>,
    ) {
        let mut payload = Vec::with_capacity(data.len());
        padding::encode_length(&mut payload, pad_length);
        payload.extend_from_slice(data);
        padding::encode_padding(&mut payload, pad_length);
        let flags = flags.with_if(pad_length.is_some(), Flags::PADDED);
        encode_frame(out, FrameKind::DATA, flags, stream, &payload);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        let pad_length = padding::length_field(walk)?;
        padding::content_fields(walk, &DATA, pad_length)
    }
}

const DATA: Label = Label {
    name: "data",
    meaning: "Content of the request or response; where a message begins or ends is not said here.",
    section: "RFC 9113 §6.1",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_flag_everything_is_data() {
        let data = Data::decode(&[5, 1, 2], Flags::END_STREAM).unwrap();
        assert_eq!(data.data, [5, 1, 2]);
        assert_eq!(data.data_range, 0..3);
        assert!(data.end_stream);
        assert_eq!(data.padding, None);
        assert_eq!(Data::decode(&[], Flags::NONE).unwrap().data_range, 0..0);
    }

    #[test]
    fn padding_is_cut_from_the_end() {
        let payload = [
            2, // pad length
            b'h', b'i', // data
            0, 0, // padding
        ];
        let data = Data::decode(&payload, Flags::PADDED).unwrap();
        assert_eq!(data.data, b"hi");
        assert_eq!(data.data_range, 1..3);
        let padding = data.padding.unwrap();
        assert_eq!((padding.length, padding.range), (2, 3..5));
        assert_eq!(padding.bytes, [0, 0]);
    }

    #[test]
    fn padding_may_leave_no_data_but_not_less() {
        let data = Data::decode(&[2, 0, 0], Flags::PADDED).unwrap();
        assert!(data.data.is_empty());
        let error = Data::decode(&[3, 0, 0], Flags::PADDED).unwrap_err();
        assert_eq!(
            error,
            FrameError::PaddingTooLong {
                kind: FrameKind::DATA,
                pad_length: 3,
                available: 2,
                offset: 1,
            }
        );
    }

    #[test]
    fn a_padded_frame_needs_its_pad_length() {
        let error = Data::decode(&[], Flags::PADDED).unwrap_err();
        assert!(matches!(
            error,
            FrameError::TooShort {
                field: "pad length",
                offset: 0,
                ..
            }
        ));
    }

    #[test]
    fn a_frame_is_written_as_the_rfc_draws_it() {
        let mut out = Vec::new();
        Data::encode(&mut out, StreamId(3), Flags::END_STREAM, b"ok", Some(1));
        assert_eq!(
            out,
            [
                0, 0, 4,    // length
                0,    // DATA
                0x09, // END_STREAM, PADDED
                0, 0, 0, 3, // stream
                1, // pad length
                b'o', b'k', // data
                0,    // padding
            ]
        );
    }
}
