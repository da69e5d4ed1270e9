//! One side's stream of bytes, cut into frames.
//!
//! Bytes come in whatever portions TCP delivered. A frame inside one portion is read where it lies;
//! only one that spans portions is copied together, and `DATA` never is: its length is enough.

use super::resync::{self, PROOF_AFTER_LOSS, Resync, Search};
use crate::wire::http2::{Flags, FrameHeader, FrameKind, PREFACE};

/// A frame as it was read.
pub(super) struct ReadFrame<'a> {
    pub(super) header: FrameHeader,
    /// Where its header starts in the side's stream.
    pub(super) offset: u64,
    /// Its payload; `None` for `DATA` and unknown types, which are not kept, and for a frame that
    /// is not whole.
    pub(super) payload: Option<&'a [u8]>,
    /// The first byte of the payload: the pad length of a padded frame.
    pub(super) first_byte: Option<u8>,
    /// Whether the padding of `DATA` was seen to hold another byte than 0.
    pub(super) padding_not_zero: bool,
    /// Whether all of its payload was there.
    pub(super) whole: bool,
}

/// What reading comes across.
pub(super) enum Found<'a> {
    /// A frame.
    Frame(ReadFrame<'a>),
    /// A hole swallowed the boundaries of frames; reading goes on at a later one.
    Lost,
    /// After a loss, the next frame that could be proven starts here.
    Resumed {
        /// The offset of that frame.
        offset: u64,
        /// How many bytes were passed over to find it.
        skipped: u64,
    },
}

/// A frame of which not all bytes have come.
struct Partial {
    header: FrameHeader,
    offset: u64,
    received: u32,
    kept: Vec<u8>,
    first_byte: Option<u8>,
    padding_not_zero: bool,
    whole: bool,
}

/// Reads one side's frames.
pub(super) struct Framing {
    preface_left: usize,
    header: [u8; FrameHeader::LEN],
    header_len: usize,
    partial: Option<Partial>,
    search: Option<Search>,
    /// How many frames have to make sense until it is believed that they were found.
    doubt: u8,
}

/// How many frames after the place that was found have to make sense. Content with long runs of zeros or
/// counters can look like two frames in a row, but not like ten.
pub(super) const FRAMES_IN_DOUBT: u8 = 8;

/// How often the search may begin again within one portion of bytes. More often only bytes made for it would.
const MAX_NEW_SEARCHES: usize = 4;

impl Framing {
    /// A side that begins with the client preface, or with a frame.
    pub(super) fn new(with_preface: bool) -> Self {
        Self {
            preface_left: if with_preface { PREFACE.len() } else { 0 },
            header: [0; FrameHeader::LEN],
            header_len: 0,
            partial: None,
            search: None,
            doubt: 0,
        }
    }

    /// A side that the capture met in the middle: the first frame has to be found.
    pub(super) fn searching() -> Self {
        Self {
            search: Some(Search::new(PROOF_AFTER_LOSS)),
            ..Self::new(false)
        }
    }

    /// Takes the next bytes, which start at `offset` of the stream.
    pub(super) fn data(&mut self, offset: u64, bytes: &[u8], found: &mut impl FnMut(Found<'_>)) {
        if self.search.is_none() && self.doubt == 0 {
            self.read(offset, bytes, found);
            return;
        }
        let (mut offset, mut bytes) = (offset, std::borrow::Cow::Borrowed(bytes));
        for _ in 0..MAX_NEW_SEARCHES {
            if let Some(search) = &mut self.search {
                search.push(offset, &bytes);
                match search.look() {
                    Resync::NotYet => return,
                    Resync::At {
                        offset: at,
                        skipped,
                    } => {
                        (offset, bytes) = (at, search.take_from(at).into());
                        self.search = None;
                        self.doubt = FRAMES_IN_DOUBT;
                        found(Found::Resumed { offset, skipped });
                    }
                }
            }
            let read = self.read(offset, &bytes, found);
            if self.search.is_none() {
                return;
            }
            // What looked like frames was something else: back to searching.
            found(Found::Lost);
            offset += read as u64;
            bytes = bytes.get(read..).unwrap_or_default().to_vec().into();
        }
        if let Some(search) = &mut self.search {
            search.push(offset, &bytes);
        }
    }

    /// Reads frames. Stops with a search begun where something makes no sense, while that is in doubt. Returns how
    /// many bytes were used.
    fn read(&mut self, mut offset: u64, bytes: &[u8], found: &mut impl FnMut(Found<'_>)) -> usize {
        let mut rest = bytes;
        if self.preface_left > 0 {
            let count = self.preface_left.min(rest.len());
            self.preface_left -= count;
            offset += count as u64;
            rest = rest.get(count..).unwrap_or_default();
        }
        while !rest.is_empty() {
            if self.doubt > 0 && self.partial.is_none() && self.header_len == 0 {
                self.doubt -= 1;
                if rest
                    .first_chunk()
                    .is_some_and(|header| !resync::is_plausible(&FrameHeader::decode(header)))
                {
                    self.search = Some(Search::new(PROOF_AFTER_LOSS));
                    return bytes.len() - rest.len();
                }
            }
            let taken = match self.partial.as_mut() {
                Some(partial) => {
                    let taken = partial.take(rest);
                    self.emit_if_complete(found);
                    taken
                }
                None => self.take_header(offset, rest, found),
            };
            offset += taken as u64;
            rest = rest.get(taken..).unwrap_or_default();
        }
        bytes.len()
    }

    /// Reads a header, and the whole frame at once when it lies in `rest`. Returns how many bytes
    /// were used.
    fn take_header(
        &mut self,
        offset: u64,
        rest: &[u8],
        found: &mut impl FnMut(Found<'_>),
    ) -> usize {
        if self.header_len == 0
            && let Some((header, behind)) = rest.split_first_chunk::<{ FrameHeader::LEN }>()
        {
            let header = FrameHeader::decode(header);
            let length = header.length as usize;
            if let Some(payload) = behind.get(..length) {
                found(Found::Frame(ReadFrame {
                    header,
                    offset,
                    payload: keeps_payload(header.kind).then_some(payload),
                    first_byte: payload.first().copied(),
                    padding_not_zero: padding_holds_more(&header, payload, 0, payload.first()),
                    whole: true,
                }));
                return FrameHeader::LEN + length;
            }
            self.begin(header, offset);
            return FrameHeader::LEN;
        }
        let mut taken = 0;
        for (place, &byte) in self.header.iter_mut().skip(self.header_len).zip(rest) {
            *place = byte;
            taken += 1;
        }
        self.header_len += taken;
        if self.header_len == FrameHeader::LEN {
            self.header_len = 0;
            let start = (offset + taken as u64).saturating_sub(FrameHeader::LEN as u64);
            self.begin(FrameHeader::decode(&self.header), start);
            self.emit_if_complete(found); // a frame without payload
        }
        taken
    }

    fn begin(&mut self, header: FrameHeader, offset: u64) {
        self.partial = Some(Partial {
            header,
            offset,
            received: 0,
            kept: Vec::new(),
            first_byte: None,
            padding_not_zero: false,
            whole: true,
        });
    }

    fn emit_if_complete(&mut self, found: &mut impl FnMut(Found<'_>)) {
        if let Some(partial) = self
            .partial
            .take_if(|partial| partial.received >= partial.header.length)
        {
            partial.emit(found);
        }
    }

    /// Takes a hole of `len` bytes.
    pub(super) fn hole(&mut self, len: u64, found: &mut impl FnMut(Found<'_>)) {
        if let Some(search) = &mut self.search {
            search.restart();
            return;
        }
        if let Some(partial) = &mut self.partial {
            let missing = partial.header.length - partial.received;
            partial.whole = false;
            if len <= u64::from(missing) {
                // The frame's own length bridges the hole: the next boundary is still known.
                partial.received += u32::try_from(len).unwrap_or(missing);
                self.emit_if_complete(found);
                return;
            }
        }
        self.flush(found);
        self.header_len = 0;
        self.preface_left = 0;
        self.search = Some(Search::new(PROOF_AFTER_LOSS));
        found(Found::Lost);
    }

    /// Gives what has come of an incomplete frame: no more bytes will follow.
    pub(super) fn flush(&mut self, found: &mut impl FnMut(Found<'_>)) {
        if let Some(search) = &mut self.search
            && let Resync::At { offset, skipped } = search.look_at_the_end()
        {
            let rest = search.take_from(offset);
            self.search = None;
            found(Found::Resumed { offset, skipped });
            self.read(offset, &rest, found);
        }
        if let Some(mut partial) = self.partial.take() {
            partial.whole = false;
            partial.emit(found);
        }
    }

    /// How many bytes of a frame header have come without the rest.
    pub(super) fn header_bytes_left(&self) -> usize {
        self.header_len
    }
}

impl Partial {
    /// Takes what belongs to it from the front of `bytes`. Returns how many bytes that was.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let missing = (self.header.length - self.received) as usize;
        let own = bytes.get(..missing).unwrap_or(bytes);
        if self.received == 0 {
            self.first_byte = own.first().copied();
        }
        let first = self.first_byte.as_ref();
        self.padding_not_zero |= padding_holds_more(&self.header, own, self.received, first);
        if self.whole && keeps_payload(self.header.kind) {
            self.kept.extend_from_slice(own);
        }
        self.received += u32::try_from(own.len()).unwrap_or(0);
        own.len()
    }

    fn emit(self, found: &mut impl FnMut(Found<'_>)) {
        let keeps = self.whole && keeps_payload(self.header.kind);
        found(Found::Frame(ReadFrame {
            header: self.header,
            offset: self.offset,
            payload: keeps.then_some(&self.kept),
            first_byte: self.first_byte,
            padding_not_zero: self.padding_not_zero,
            whole: self.whole,
        }));
    }
}

/// Whether a part of a padded `DATA` frame's payload, which starts at `start`, holds a byte of padding that is
/// not 0. The payload's first byte says how long the padding is.
#[inline]
fn padding_holds_more(header: &FrameHeader, part: &[u8], start: u32, first: Option<&u8>) -> bool {
    if header.kind != FrameKind::DATA || !header.flags.contains(Flags::PADDED) {
        return false;
    }
    let Some(&pad_length) = first else {
        return false;
    };
    let Some(padding_start) = header.length.checked_sub(u32::from(pad_length)) else {
        return false;
    };
    // The first byte is the pad length itself.
    let skipped = padding_start.max(1).saturating_sub(start) as usize;
    let padding = part.get(skipped..).unwrap_or_default();
    padding.iter().any(|&byte| byte != 0)
}

/// Whether anything later depends on the payload of a frame of this type.
fn keeps_payload(kind: FrameKind) -> bool {
    kind != FrameKind::DATA && kind.name() != "UNKNOWN"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `WINDOW_UPDATE` on stream 3, `DATA` of 5 bytes on stream 1, `SETTINGS` ACK.
    const FRAMES: &[u8] = b"\x00\x00\x04\x08\x00\x00\x00\x00\x03\x00\x00\x10\x00\
                            \x00\x00\x05\x00\x01\x00\x00\x00\x01hello\
                            \x00\x00\x00\x04\x01\x00\x00\x00\x00";

    fn read_in_portions(portion: usize, with_preface: bool) -> Vec<String> {
        let mut bytes = Vec::new();
        if with_preface {
            bytes.extend_from_slice(PREFACE);
        }
        bytes.extend_from_slice(FRAMES);
        let mut framing = Framing::new(with_preface);
        let mut seen = Vec::new();
        let mut offset = 0;
        for chunk in bytes.chunks(portion) {
            framing.data(offset, chunk, &mut |found| seen.push(describe(&found)));
            offset += chunk.len() as u64;
        }
        assert_eq!(framing.header_bytes_left(), 0);
        seen
    }

    fn describe(found: &Found<'_>) -> String {
        match found {
            Found::Frame(frame) => format!(
                "{} {} at {} payload {:?} first {:?}{}",
                frame.header.kind.name(),
                frame.header.length,
                frame.offset,
                frame.payload.map(<[u8]>::len),
                frame.first_byte,
                if frame.whole { "" } else { " cut" }
            ),
            Found::Lost => "lost".to_owned(),
            Found::Resumed { offset, skipped } => format!("resumed at {offset} after {skipped}"),
        }
    }

    #[test]
    fn frames_are_the_same_however_tcp_cuts_them() {
        let whole = read_in_portions(usize::MAX, false);
        assert_eq!(
            whole,
            [
                "WINDOW_UPDATE 4 at 0 payload Some(4) first Some(0)",
                "DATA 5 at 13 payload None first Some(104)",
                "SETTINGS 0 at 27 payload Some(0) first None",
            ]
        );
        for portion in 1..FRAMES.len() {
            assert_eq!(read_in_portions(portion, false), whole, "{portion}");
        }
        for portion in 1..64 {
            assert_eq!(read_in_portions(portion, true).len(), 3, "{portion}");
        }
    }

    #[test]
    fn a_hole_inside_a_payload_loses_only_that_frame() {
        let mut framing = Framing::new(false);
        let mut seen = Vec::new();
        framing.data(0, &FRAMES[..24], &mut |found| seen.push(describe(&found)));
        framing.hole(3, &mut |found| seen.push(describe(&found)));
        framing.data(27, &FRAMES[27..], &mut |found| seen.push(describe(&found)));
        assert_eq!(seen[1], "DATA 5 at 13 payload None first Some(104) cut");
        assert_eq!(seen[2], "SETTINGS 0 at 27 payload Some(0) first None");
    }

    #[test]
    fn a_hole_over_a_boundary_is_bridged_by_the_next_frames_that_prove_themselves() {
        let mut framing = Framing::new(false);
        let mut seen = Vec::new();
        let mut feed = |framing: &mut Framing, offset: u64, bytes: &[u8]| {
            framing.data(offset, bytes, &mut |found| seen.push(describe(&found)));
        };
        feed(&mut framing, 0, &FRAMES[..15]);
        let mut lost = Vec::new();
        framing.hole(10, &mut |found| lost.push(describe(&found)));
        assert_eq!(lost, ["lost"]);
        feed(&mut framing, 25, &FRAMES[25..]); // "lo", SETTINGS
        feed(&mut framing, 36, FRAMES);
        assert_eq!(seen[1], "resumed at 27 after 2");
        assert_eq!(seen.len(), 1 + 1 + 4);
    }
}
