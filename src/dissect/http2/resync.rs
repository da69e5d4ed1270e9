//! Finding frames where nothing says that one starts: after a loss, or in a connection that the
//! capture met in the middle.
//!
//! HTTP/2 has no marks between frames, but a frame header is nine bytes of which few values make
//! sense. Several headers in a row, each exactly where the length before it puts it, are taken as
//! proof. For random bytes the chance of one plausible header is below 1 in 500,000: a length up to
//! 16,384 (2⁻¹⁰), a defined type (13/256), defined flags only (about 1/32), reserved bit clear
//! (1/2). For two of them it is below 10⁻¹¹ at each place, for three below 10⁻¹⁶.

use crate::wire::http2::{FrameHeader, FrameKind};

/// How many bytes are searched before the oldest half is given up. Two frames of the default
/// maximum size fit twice.
const MAX_SEARCH_BYTES: usize = 128 << 10;

/// The largest frame that is believed while searching: the default `SETTINGS_MAX_FRAME_SIZE`.
const MAX_BELIEVED_LENGTH: u32 = 16_384;

/// Frames in a row that prove where a frame starts, on a connection known to speak HTTP/2.
pub(in crate::dissect) const PROOF_AFTER_LOSS: usize = 2;

/// Frames in a row that prove that a connection speaks HTTP/2, wherever they are found.
pub(in crate::dissect) const PROOF_OF_HTTP2: usize = 3;

/// The answer of [`Search::look`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dissect) enum Resync {
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

/// Bytes that are searched for the start of a frame.
pub(in crate::dissect) struct Search {
    frames_needed: usize,
    start: u64,
    bytes: Vec<u8>,
    given_up: u64,
    /// Places before this one have been looked at.
    looked_at: usize,
    /// Places with a plausible header whose successor has not come, ascending.
    candidates: Vec<usize>,
}

impl Search {
    /// A search that takes this many frames in a row as proof.
    pub(in crate::dissect) fn new(frames_needed: usize) -> Self {
        Self {
            frames_needed,
            start: 0,
            bytes: Vec::new(),
            given_up: 0,
            looked_at: 0,
            candidates: Vec::new(),
        }
    }

    /// Adds bytes that follow those already there.
    pub(in crate::dissect) fn push(&mut self, offset: u64, bytes: &[u8]) {
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
    pub(in crate::dissect) fn restart(&mut self) {
        self.given_up += self.bytes.len() as u64;
        self.bytes.clear();
        self.candidates.clear();
        self.looked_at = 0;
    }

    /// Looks for the first place where two frames follow one another.
    pub(in crate::dissect) fn look(&mut self) -> Resync {
        let last = self.bytes.len().saturating_sub(FrameHeader::LEN - 1);
        let new = self.looked_at..last;
        self.looked_at = last.max(self.looked_at);
        let mut pending = Vec::new();
        for start in self.candidates.drain(..).chain(new) {
            match frames_in_a_row(&self.bytes, start, self.frames_needed) {
                Row::Proven => {
                    return Resync::At {
                        offset: self.start + start as u64,
                        skipped: self.given_up + start as u64,
                    };
                }
                Row::Open { frames } if frames > 0 && pending.len() < MAX_CANDIDATES => {
                    pending.push(start);
                }
                Row::Open { .. } | Row::Broken => {}
            }
        }
        self.candidates = pending;
        Resync::NotYet
    }

    /// Looks for the first place from which frames lead exactly to the end: no more bytes will
    /// come.
    pub(in crate::dissect) fn look_at_the_end(&self) -> Resync {
        let exact = self.candidates.iter().find(|&&start| {
            let mut at = start;
            while let Some(next) = end_of_plausible_frame(&self.bytes, at) {
                at = next;
            }
            at == self.bytes.len()
        });
        match exact {
            Some(&start) => Resync::At {
                offset: self.start + start as u64,
                skipped: self.given_up + start as u64,
            },
            None => Resync::NotYet,
        }
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

/// How far frames follow one another.
enum Row {
    /// As many as are needed.
    Proven,
    /// So far so good, but the next header has not come.
    Open { frames: usize },
    /// A header that makes no sense.
    Broken,
}

fn frames_in_a_row(bytes: &[u8], start: usize, needed: usize) -> Row {
    let mut at = start;
    for frames in 0..needed {
        if at + FrameHeader::LEN > bytes.len() {
            return Row::Open { frames };
        }
        match end_of_plausible_frame(bytes, at) {
            Some(next) => at = next,
            None => return Row::Broken,
        }
    }
    Row::Proven
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
            (0x01, !on_a_stream && length.is_multiple_of(6) && empty_ack)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::http2::{Data, Flags, StreamId, WindowUpdate};

    fn some_frames() -> Vec<u8> {
        let mut bytes = Vec::new();
        let stream = StreamId(3);
        WindowUpdate {
            increment_bytes: 4096,
        }
        .encode(&mut bytes, stream);
        Data::encode(&mut bytes, stream, Flags::END_STREAM, b"hello", None);
        WindowUpdate { increment_bytes: 1 }.encode(&mut bytes, StreamId::CONNECTION);
        bytes
    }

    #[test]
    fn frames_are_found_behind_bytes_of_any_other_kind() {
        let mut bytes = vec![0x77; 1000];
        bytes.extend(some_frames());
        let mut search = Search::new(PROOF_OF_HTTP2);
        let mut found = None;
        for (at, byte) in bytes.iter().enumerate() {
            search.push(at as u64, &[*byte]);
            if let Resync::At { offset, skipped } = search.look() {
                found = Some((offset, skipped));
                break;
            }
        }
        assert_eq!(found, Some((1000, 1000)));
    }

    #[test]
    fn random_bytes_are_not_taken_for_frames() {
        // xorshift64: 64 MiB of bytes without a pattern.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut search = Search::new(PROOF_AFTER_LOSS);
        let mut chunk = Vec::with_capacity(1 << 16);
        let mut offset = 0;
        while offset < 64 << 20 {
            chunk.clear();
            while chunk.len() < 1 << 16 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                chunk.extend_from_slice(&state.to_le_bytes());
            }
            search.push(offset, &chunk);
            assert_eq!(search.look(), Resync::NotYet, "at {offset}");
            offset += chunk.len() as u64;
        }
    }

    #[test]
    fn a_single_frame_that_ends_with_the_stream_is_believed_at_the_end() {
        let mut bytes = Vec::new();
        WindowUpdate { increment_bytes: 9 }.encode(&mut bytes, StreamId(1));
        let mut search = Search::new(PROOF_AFTER_LOSS);
        search.push(70, &bytes);
        assert_eq!(search.look(), Resync::NotYet);
        let skipped = 0;
        assert_eq!(
            search.look_at_the_end(),
            Resync::At {
                offset: 70,
                skipped
            }
        );
    }
}
