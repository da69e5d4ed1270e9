//! `HEADERS`: a header block, and what comes with it.

use std::ops::Range;

use super::walk::{Label, Walk};
use super::{Flags, FrameError, FrameKind, Padding, Priority, StreamId, encode_frame, padding};
use crate::wire::reader::{Reader, TooShort};

/// `HEADERS`: opens a stream with a request's header, or carries a response's header or a trailer.
///
/// ```text
/// +---------------+
/// |Pad Length? (8)|
/// +-+-------------+-----------------------------------------------+
/// |E|                 Stream Dependency? (31)                     |
/// +-+-------------+-----------------------------------------------+
/// |  Weight? (8)  |
/// +---------------+-----------------------------------------------+
/// |                  Header Block Fragment (*)                  ...
/// +---------------------------------------------------------------+
/// |                          Padding? (*)                       ...
/// +---------------------------------------------------------------+
/// ```
///
/// RFC 9113 calls the fragment *field block fragment*. Without `END_HEADERS`, `CONTINUATION` frames go on with it.
///
/// Source: RFC 9113 §6.2; the priority's meaning in RFC 7540 §5.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers<'a> {
    /// The sender sends no body and no trailer after this header block.
    pub end_stream: bool,
    /// The header block is complete with this frame.
    pub end_headers: bool,
    /// `None` without the `PRIORITY` flag.
    pub priority: Option<Priority>,
    /// The header block's first part, for HPACK.
    pub header_block_fragment: &'a [u8],
    /// Where the fragment lies in the payload.
    pub fragment_range: Range<usize>,
    /// `None` without the `PADDED` flag.
    pub padding: Option<Padding<'a>>,
}

impl<'a> Headers<'a> {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooShort`] when the pad length or the priority is cut, [`FrameError::PaddingTooLong`] when the
    /// padding is longer than what is left for the fragment.
    pub fn decode(payload: &'a [u8], flags: Flags) -> Result<Self, FrameError> {
        let kind = FrameKind::HEADERS;
        let mut reader = Reader::new(payload);
        let pad_length = padding::read_length(&mut reader, flags, kind)?;
        let priority = if flags.contains(Flags::PRIORITY) {
            let read = Priority::read(&mut reader);
            Some(read.map_err(FrameError::in_field(kind, "priority"))?)
        } else {
            None
        };
        let content = padding::split(&mut reader, pad_length, kind)?;
        Ok(Self {
            end_stream: flags.contains(Flags::END_STREAM),
            end_headers: flags.contains(Flags::END_HEADERS),
            priority,
            header_block_fragment: content.bytes,
            fragment_range: content.range,
            padding: content.padding,
        })
    }

    /// Appends a whole frame. `PADDED` and `PRIORITY` are set when their arguments are there; other flags are as given.
    pub fn encode(
        out: &mut Vec<u8>,
        stream: StreamId,
        flags: Flags,
        header_block_fragment: &[u8],
        priority: Option<Priority>,
        pad_length: Option<u8>,
    ) {
        let mut payload = Vec::with_capacity(header_block_fragment.len());
        padding::encode_length(&mut payload, pad_length);
        if let Some(priority) = priority {
            payload.extend_from_slice(&priority.encode_payload());
        }
        payload.extend_from_slice(header_block_fragment);
        padding::encode_padding(&mut payload, pad_length);
        let flags = flags
            .with_if(pad_length.is_some(), Flags::PADDED)
            .with_if(priority.is_some(), Flags::PRIORITY);
        encode_frame(out, FrameKind::HEADERS, flags, stream, &payload);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        let pad_length = padding::length_field(walk)?;
        if walk.header().flags.contains(Flags::PRIORITY) {
            Priority::fields(walk)?;
        }
        padding::content_fields(walk, &FRAGMENT, pad_length)
    }
}

/// Shared with `PUSH_PROMISE` and `CONTINUATION`.
pub(super) const FRAGMENT: Label = Label {
    name: "header block fragment",
    meaning: "Header fields compressed by HPACK; the block is whole only with all its fragments.",
    section: "RFC 9113 §4.3",
};

#[cfg(test)]
mod tests {
    use super::*;

    /// `:method: GET`, `:path: /`: two indexed fields.
    const BLOCK: [u8; 2] = [0x82, 0x84];

    #[test]
    fn a_plain_frame_is_all_fragment() {
        let headers = Headers::decode(&BLOCK, Flags::END_HEADERS).unwrap();
        assert_eq!(headers.header_block_fragment, BLOCK);
        assert_eq!(headers.fragment_range, 0..2);
        assert!(headers.end_headers && !headers.end_stream);
        assert_eq!((headers.priority, headers.padding), (None, None));
    }

    #[test]
    fn padding_and_priority_come_around_the_fragment() {
        let payload = [
            1, // pad length
            0x80, 0, 0, 3,  // exclusive, depends on stream 3
            15, // weight 16
            0x82, 0x84, // header block fragment
            0,    // padding
        ];
        let headers = Headers::decode(&payload, Flags::PADDED | Flags::PRIORITY).unwrap();
        let priority = Priority {
            exclusive: true,
            depends_on: StreamId(3),
            weight: 16,
        };
        assert_eq!(headers.priority, Some(priority));
        assert_eq!(headers.header_block_fragment, BLOCK);
        assert_eq!(headers.fragment_range, 6..8);
        assert_eq!(headers.padding.unwrap().range, 8..9);
    }

    #[test]
    fn padding_must_not_reach_into_the_priority() {
        let payload = [
            1, // pad length
            0, 0, 0, 0, 15, // priority
        ];
        let error = Headers::decode(&payload, Flags::PADDED | Flags::PRIORITY).unwrap_err();
        assert_eq!(
            error,
            FrameError::PaddingTooLong {
                kind: FrameKind::HEADERS,
                pad_length: 1,
                available: 0,
                offset: 6,
            }
        );
    }

    #[test]
    fn a_cut_priority_is_named() {
        let error = Headers::decode(&[0, 0, 0, 0], Flags::PRIORITY).unwrap_err();
        assert_eq!(
            error,
            FrameError::TooShort {
                kind: FrameKind::HEADERS,
                field: "priority",
                needed: 5,
                available: 4,
                offset: 0,
            }
        );
    }

    #[test]
    fn what_is_written_reads_back() {
        let priority = Priority {
            exclusive: false,
            depends_on: StreamId(11),
            weight: 256,
        };
        let mut out = Vec::new();
        let flags = Flags::END_HEADERS | Flags::END_STREAM;
        Headers::encode(
            &mut out,
            StreamId(5),
            flags,
            &BLOCK,
            Some(priority),
            Some(4),
        );
        let payload = out.get(9..).unwrap();
        let headers = Headers::decode(payload, Flags(out[4])).unwrap();
        assert_eq!(headers.priority, Some(priority));
        assert_eq!(headers.header_block_fragment, BLOCK);
        assert_eq!(headers.padding.unwrap().length, 4);
        assert!(headers.end_stream && headers.end_headers);
    }
}
