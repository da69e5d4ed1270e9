//! Finding the next frame after a loss.
//!
//! HTTP/2 has no marks between frames, but a frame header is nine bytes of which few values make
//! sense. Two headers in a row, the second exactly where the first one's length puts it, are taken
//! as proof. For random bytes the chance of one plausible header is below 1 in 500,000: a length up
//! to 16,384 (2⁻¹⁰), a defined type (13/256), defined flags only (about 1/32), reserved bit clear
//! (1/2); for two of them it is below 10⁻¹¹ at each place.

use crate::wire::http2::{FrameHeader, FrameKind};

/// How many bytes are searched before the oldest half is given up. Two frames of the default
/// maximum size fit twice.
const MAX_SEARCH_BYTES: usize = 128 << 10;

/// The largest frame that is believed while searching: the default `SETTINGS_MAX_FRAME_SIZE`.
const MAX_BELIEVED_LENGTH: u32 = 16_384;

/// The answer of [`Search::look`].
pub(super) enum Resync {
    /// Nothing is proven yet.
    NotYet,
    /// A frame starts here.
    At {
        /// The offset of the frame in the stream.
        offset: u64,
        /// How many bytes were passed over since the search began.
        skipped: u64,
    },
}

/// How many places are remembered at which one plausible header was seen and the next is still to
/// come. Bytes made to look plausible everywhere get no more attention than this.
const MAX_CANDIDATES: usize = 64;

/// Bytes behind a loss, searched for a frame.
#[derive(Default)]
pub(super) struct Search {
    start: u64,
    bytes: Vec<u8>,
    given_up: u64,
    /// Places before this one have been looked at.
    looked_at: usize,
    /// Places with a plausible header whose successor has not come, ascending.
    candidates: Vec<usize>,
}

impl Search {
    /// Adds bytes that follow those already there.
    pub(super) fn push(&mut self, offset: u64, bytes: &[u8]) {
        if self.bytes.is_empty() {
            self.start = offset;
        }
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > MAX_SEARCH_BYTES {
            let drop = self.bytes.len() - MAX_SEARCH_BYTES / 2;
            self.bytes.drain(..drop);
            self.start += drop as u64;
            self.given_up += drop as u64;
            self.looked_at = self.looked_at.saturating_sub(drop);
            self.candidates.retain(|&place| place >= drop);
            for place in &mut self.candidates {
                *place -= drop;
            }
        }
    }

    /// Another hole: what came before it proves nothing any more.
    pub(super) fn restart(&mut self) {
        self.given_up += self.bytes.len() as u64;
        self.bytes.clear();
        self.candidates.clear();
        self.looked_at = 0;
    }

    /// Looks for the first place where two frames follow one another.
    pub(super) fn look(&mut self) -> Resync {
        let last = self.bytes.len().saturating_sub(FrameHeader::LEN - 1);
        let new = self.looked_at..last;
        self.looked_at = last.max(self.looked_at);
        let mut pending = Vec::new();
        for start in self.candidates.drain(..).chain(new) {
            let Some(next) = end_of_plausible_frame(&self.bytes, start) else {
                continue;
            };
            if end_of_plausible_frame(&self.bytes, next).is_some() {
                return Resync::At {
                    offset: self.start + start as u64,
                    skipped: self.given_up + start as u64,
                };
            }
            if next + FrameHeader::LEN > self.bytes.len() && pending.len() < MAX_CANDIDATES {
                pending.push(start);
            }
        }
        self.candidates = pending;
        Resync::NotYet
    }

    /// The bytes from this offset on.
    pub(super) fn take_from(&mut self, offset: u64) -> Vec<u8> {
        let start = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        std::mem::take(&mut self.bytes)
            .get(start..)
            .map(<[u8]>::to_vec)
            .unwrap_or_default()
    }
}

/// Where the frame that starts at `start` would end; `None` unless its header makes sense.
fn end_of_plausible_frame(bytes: &[u8], start: usize) -> Option<usize> {
    let header = FrameHeader::decode(bytes.get(start..)?.first_chunk()?);
    is_plausible(&header).then(|| start + FrameHeader::LEN + header.length as usize)
}

/// Whether a header is one that an ordinary endpoint could send.
pub(super) fn is_plausible(header: &FrameHeader) -> bool {
    let on_a_stream = header.stream.0 != 0;
    let length = header.length;
    let (flags, fits) = match header.kind {
        FrameKind::DATA => (0x09, on_a_stream),
        FrameKind::HEADERS => (0x2d, on_a_stream && length > 0),
        FrameKind::PRIORITY => (0x00, on_a_stream && length == 5),
        FrameKind::RST_STREAM => (0x00, on_a_stream && length == 4),
        FrameKind::SETTINGS => {
            let empty_ack = header.flags.0 & 1 == 0 || length == 0;
            (0x01, !on_a_stream && length % 6 == 0 && empty_ack)
        }
        FrameKind::PUSH_PROMISE => (0x0c, on_a_stream && length > 4),
        FrameKind::PING => (0x01, !on_a_stream && length == 8),
        FrameKind::GOAWAY => (0x00, !on_a_stream && length >= 8),
        FrameKind::WINDOW_UPDATE => (0x00, length == 4),
        FrameKind::CONTINUATION => (0x04, on_a_stream),
        FrameKind::ALTSVC => (0x00, length >= 2),
        FrameKind::ORIGIN => (0x00, !on_a_stream),
        FrameKind::PRIORITY_UPDATE => (0x00, !on_a_stream && length >= 4),
        _ => return false,
    };
    fits && header.flags.0 & !flags == 0 && !header.reserved && length <= MAX_BELIEVED_LENGTH
}
