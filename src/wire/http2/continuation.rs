//! `CONTINUATION`: the rest of a header block.

use super::headers::FRAGMENT;
use super::walk::Walk;
use super::{Flags, FrameKind, StreamId, encode_frame, padding};
use crate::wire::reader::TooShort;

/// `CONTINUATION`: the next part of a header block that did not fit into one frame.
///
/// ```text
/// +---------------------------------------------------------------+
/// |                  Header Block Fragment (*)                  ...
/// +---------------------------------------------------------------+
/// ```
///
/// Follows `HEADERS`, `PUSH_PROMISE` or another `CONTINUATION` of the same stream, with no other frame of the
/// connection in between. It has no padding and no range of its own: the fragment is the whole payload.
///
/// Source: RFC 9113 §6.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Continuation<'a> {
    /// The header block is complete with this frame.
    pub end_headers: bool,
    /// The header block's next part, for HPACK.
    pub header_block_fragment: &'a [u8],
}

impl<'a> Continuation<'a> {
    /// Reads the payload. Any payload is a fragment.
    pub fn decode(payload: &'a [u8], flags: Flags) -> Self {
        Self {
            end_headers: flags.contains(Flags::END_HEADERS),
            header_block_fragment: payload,
        }
    }

    /// Appends a whole frame.
    pub fn encode(out: &mut Vec<u8>, stream: StreamId, flags: Flags, header_block_fragment: &[u8]) {
        encode_frame(
            out,
            FrameKind::CONTINUATION,
            flags,
            stream,
            header_block_fragment,
        );
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        padding::content_fields(walk, &FRAGMENT, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_the_fragment_even_when_a_padded_bit_is_set() {
        let continuation = Continuation::decode(&[1, 2], Flags::PADDED | Flags::END_HEADERS);
        assert_eq!(continuation.header_block_fragment, [1, 2]);
        assert!(continuation.end_headers);
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut out = Vec::new();
        Continuation::encode(&mut out, StreamId(1), Flags::NONE, &[0x82]);
        let continuation = Continuation::decode(&out[9..], Flags(out[4]));
        assert_eq!(continuation.header_block_fragment, [0x82]);
        assert!(!continuation.end_headers);
    }
}
