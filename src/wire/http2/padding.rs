//! Padding, which `DATA`, `HEADERS` and `PUSH_PROMISE` share.

use std::ops::Range;

use super::walk::{Label, Walk, byte_count};
use super::{Flags, FrameError, FrameKind};
use crate::wire::reader::{Reader, TooShort};

/// Bytes at the end of a payload that hide the true length of what comes before.
///
/// ```text
/// +---------------+
/// |Pad Length (8) |
/// +---------------+-----------------------------------------------+
/// |           Other fields and content (*)                      ...
/// +---------------------------------------------------------------+
/// |                       Padding (*)                           ...
/// +---------------------------------------------------------------+
/// ```
///
/// There only with the `PADDED` flag; the pad length and the padding count against flow control in `DATA`.
///
/// Source: RFC 9113 §6.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Padding<'a> {
    /// The pad length: 0 to 255 bytes of padding, not counting the byte that says so.
    pub length: u8,
    /// The padding itself. Senders must fill it with zeros.
    pub bytes: &'a [u8],
    /// Where the padding lies in the payload; empty at its end when the pad length is 0.
    pub range: Range<usize>,
}

/// What is left of a padded payload: the content, and the padding after it.
pub(super) struct Content<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) range: Range<usize>,
    pub(super) padding: Option<Padding<'a>>,
}

/// Reads the pad length when the flags say that there is one.
pub(super) fn read_length(
    reader: &mut Reader<'_>,
    flags: Flags,
    kind: FrameKind,
) -> Result<Option<u8>, FrameError> {
    if !flags.contains(Flags::PADDED) {
        return Ok(None);
    }
    let length = reader
        .u8()
        .map_err(FrameError::in_field(kind, PAD_LENGTH.name))?;
    Ok(Some(length))
}

/// Splits all that is left into content and padding.
pub(super) fn split<'a>(
    reader: &mut Reader<'a>,
    length: Option<u8>,
    kind: FrameKind,
) -> Result<Content<'a>, FrameError> {
    let start = reader.position();
    let available = reader.remaining();
    let pad_length = length.unwrap_or(0);
    let too_long = FrameError::PaddingTooLong {
        kind,
        pad_length,
        available,
        offset: start,
    };
    let content_len = available
        .checked_sub(usize::from(pad_length))
        .ok_or(too_long)?;
    let bytes = reader.take(content_len).map_err(|_| too_long)?;
    let middle = reader.position();
    let pad = reader.rest();
    let end = reader.position();
    Ok(Content {
        bytes,
        range: start..middle,
        padding: length.map(|length| Padding {
            length,
            bytes: pad,
            range: middle..end,
        }),
    })
}

/// Appends the pad length, when there is to be one.
pub(super) fn encode_length(payload: &mut Vec<u8>, pad_length: Option<u8>) {
    payload.extend(pad_length);
}

/// Appends that many zeros.
pub(super) fn encode_padding(payload: &mut Vec<u8>, pad_length: Option<u8>) {
    payload.extend(std::iter::repeat_n(0, usize::from(pad_length.unwrap_or(0))));
}

const PAD_LENGTH: Label = Label {
    name: "pad length",
    meaning: "How many bytes of padding end this frame.",
    section: "RFC 9113 §6.1",
};

const PADDING: Label = Label {
    name: "padding",
    meaning: "Zeros without meaning that hide the true length from an onlooker.",
    section: "RFC 9113 §6.1",
};

/// Notes the pad length when there is one, and returns it; 0 without.
pub(super) fn length_field(walk: &mut Walk<'_>) -> Result<usize, TooShort> {
    if !walk.header().flags.contains(Flags::PADDED) {
        return Ok(0);
    }
    let length = walk.u8(&PAD_LENGTH, |length| byte_count(usize::from(length)))?;
    Ok(usize::from(length))
}

/// Notes what is left as the content and the padding after it. Content may be cut by the capture's end.
pub(super) fn content_fields(
    walk: &mut Walk<'_>,
    label: &Label,
    pad_length: usize,
) -> Result<(), TooShort> {
    let Some(content_len) = walk.remaining().checked_sub(pad_length) else {
        return Ok(()); // The rest is unreadable, and the decoder says why.
    };
    walk.bytes(label, content_len, |bytes| byte_count(bytes.len()))?;
    if pad_length > 0 {
        walk.bytes(&PADDING, pad_length, |bytes| {
            let zeros = bytes.iter().all(|byte| *byte == 0);
            let zeros = if zeros { "" } else { ", not all zero" };
            byte_count(bytes.len()) + zeros
        })?;
    }
    Ok(())
}
