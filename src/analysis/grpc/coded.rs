//! A body of gRPC-Web whose HTTP content was compressed as a whole, by `content-encoding`: what came out of it, and with
//! which bytes that were sent.
//!
//! gRPC compresses message by message. What stands between a browser and a server, such as a proxy, knows only HTTP and
//! compresses the body with all its messages; it has to be unpacked before messages can be told apart. What was sent for a
//! byte is then only known as far as the unpacker could go with each piece. Source: RFC 9110 §8.4.

use super::body::Body;
use crate::analysis::bodies::decoding::decode_counting;
use crate::analysis::bodies::{self, Coding, Trouble};
use crate::trace::{Carrier, Connection, Trace};
use bytes::Bytes;
use std::cell::{Cell, RefCell};
use std::io;
use std::ops::Range;

/// The most that comes out of a body. Our choice: that of a browser's call is small, and this much of each call that is
/// looked at is kept in memory.
pub const MAX_DECODED_BODY_BYTES: u64 = 64 << 20;

/// A body without its codings.
#[derive(Clone, Debug)]
pub(crate) struct Coded {
    /// The codings, in the order in which they were applied.
    codings: Vec<Coding>,
    /// What came out of them.
    pub(crate) bytes: Bytes,
    /// What stopped the unpacking.
    pub(crate) trouble: Option<Trouble>,
    steps: Vec<Step>,
}

/// How far the unpacker had come when it asked for more, and in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    /// What had come out.
    decoded: u64,
    /// What had gone in.
    sent: u64,
}

impl Coded {
    /// Unpacks a body; `None` where nothing says that it is packed.
    pub(super) fn of(
        trace: &Trace,
        connection: &Connection,
        carrier: Carrier,
        body: &Body,
    ) -> Option<Self> {
        if body.is_empty() {
            return None;
        }
        let codings = bodies::Body::of(trace, connection, carrier, body.side)?.codings();
        (!codings.is_empty()).then(|| {
            let runs = body.runs(trace, connection);
            Self::decode(codings, runs, MAX_DECODED_BODY_BYTES)
        })
    }

    /// Takes codings off what comes in pieces, the last applied first. No more than `limit_bytes` come out.
    pub(crate) fn decode(
        codings: Vec<Coding>,
        runs: impl Iterator<Item = Bytes>,
        limit_bytes: u64,
    ) -> Self {
        let (given, sent) = (Cell::new(0), Cell::new(0));
        let steps = RefCell::new(Vec::new());
        let pieces = Pieces {
            runs,
            rest: Bytes::new(),
            sent: &sent,
            given: &given,
            steps: &steps,
        };
        let decoded = decode_counting(pieces, &codings, limit_bytes, &given);
        let mut steps = steps.into_inner();
        // An unpacker that has come to the end of its data asks for no more.
        steps.push(Step {
            decoded: given.get(),
            sent: sent.get(),
        });
        let is_unknown = |coding: &Coding| matches!(coding, Coding::Unknown(_));
        let bytes = match codings.iter().any(is_unknown) {
            // Of what nobody can unpack, nothing is a message.
            true => Bytes::new(),
            false => decoded.bytes.into(),
        };
        Self {
            codings,
            bytes,
            trouble: decoded.trouble,
            steps,
        }
    }

    /// What was sent that a range of the bytes came out of: no less than that, and mostly no more than the pieces in which
    /// it lay.
    pub(crate) fn sent_range(&self, range: Range<u64>) -> Range<u64> {
        let before = (self.steps).partition_point(|step| step.decoded <= range.start);
        // An unpacker may hold some bits of a piece back when it asks for the next one.
        let start = before.checked_sub(2).and_then(|at| self.steps.get(at));
        let after = (self.steps).partition_point(|step| step.decoded < range.end);
        let end = self.steps.get(after).or(self.steps.last());
        let start = start.map_or(0, |step| step.sent);
        start..end.map_or(start, |step| step.sent).max(start)
    }

    /// `gzip`; several in the order in which they were applied.
    pub(super) fn name(&self) -> String {
        let names: Vec<&str> = self.codings.iter().map(Coding::name).collect();
        names.join(", ")
    }
}

/// Hands out a body piece by piece, and writes down how far that led.
struct Pieces<'a, I> {
    runs: I,
    rest: Bytes,
    sent: &'a Cell<u64>,
    given: &'a Cell<u64>,
    steps: &'a RefCell<Vec<Step>>,
}

impl<I: Iterator<Item = Bytes>> io::Read for Pieces<'_, I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.steps.borrow_mut().push(Step {
            decoded: self.given.get(),
            sent: self.sent.get(),
        });
        if self.rest.is_empty() {
            // To hand out nothing would say that this was the end.
            let next = self.runs.find(|run| !run.is_empty());
            self.rest = next.unwrap_or_default();
        }
        let count = self.rest.len().min(buffer.len());
        let taken = self.rest.split_to(count);
        if let Some(place) = buffer.get_mut(..count) {
            place.copy_from_slice(&taken);
        }
        self.sent.set(self.sent.get().saturating_add(count as u64));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    /// Two texts, each of which can be unpacked as soon as its own piece is there, as servers send that answer bit by bit.
    fn flushed(parts: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let mut pieces = Vec::new();
        let mut before = 0;
        for part in parts {
            encoder.write_all(part).unwrap();
            encoder.flush().unwrap();
            pieces.push(encoder.get_ref()[before..].to_vec());
            before = encoder.get_ref().len();
        }
        let all = encoder.finish().unwrap();
        pieces.last_mut().unwrap().extend_from_slice(&all[before..]);
        pieces
    }

    fn decode(pieces: &[Vec<u8>], limit_bytes: u64) -> Coded {
        let runs = pieces.iter().map(|piece| Bytes::copy_from_slice(piece));
        Coded::decode(vec![Coding::Gzip], runs, limit_bytes)
    }

    #[test]
    fn each_text_is_there_with_the_piece_that_it_came_in() {
        let pieces = flushed(&[b"first message", b"second", b"the third one"]);
        let coded = decode(&pieces, 1000);
        assert_eq!(&coded.bytes[..], b"first messagesecondthe third one");
        assert_eq!(coded.trouble, None);
        assert_eq!(coded.name(), "gzip");
        let lens = pieces.iter().map(|piece| piece.len() as u64);
        let ends: Vec<u64> = lens
            .scan(0, |end, len| {
                *end += len;
                Some(*end)
            })
            .collect();
        assert_eq!(coded.sent_range(0..13), 0..ends[0]);
        assert_eq!(coded.sent_range(13..19).end, ends[1]);
        assert!(coded.sent_range(13..19).start <= ends[0]);
        assert_eq!(coded.sent_range(19..32).end, ends[2]);
        assert!(coded.sent_range(19..32).start <= ends[1]);
        assert_eq!(coded.sent_range(0..32), 0..ends[2]);
    }

    #[test]
    fn an_unpacker_that_asks_for_no_more_has_used_what_it_was_given() {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"one message").unwrap();
        let sent = encoder.finish().unwrap();
        let len = sent.len() as u64;
        let coded = Coded::decode(vec![Coding::Deflate], [sent.into()].into_iter(), 1000);
        assert_eq!(&coded.bytes[..], b"one message");
        assert_eq!(coded.trouble, None);
        assert_eq!(coded.sent_range(0..11), 0..len);
    }

    #[test]
    fn damage_keeps_what_came_before_and_a_bomb_ends_at_the_limit() {
        let mut pieces = flushed(&[b"first message", b"second"]);
        pieces[1].fill(0xff);
        let coded = decode(&pieces, 1000);
        assert_eq!(&coded.bytes[..], b"first message");
        assert!(matches!(coded.trouble, Some(Trouble::Damaged { .. })));
        let bomb = flushed(&[&vec![0; 4 << 20]]);
        assert!(bomb[0].len() < 10_000);
        let coded = decode(&bomb, 1000);
        assert_eq!(coded.bytes.len(), 1000);
        assert_eq!(coded.trouble, Some(Trouble::TooLong { limit_bytes: 1000 }));
    }

    #[test]
    fn what_nobody_can_unpack_holds_no_messages() {
        let runs = [Bytes::from_static(b"\0\0\0\0\x02\x08\x2a")].into_iter();
        let coded = Coded::decode(vec![Coding::Unknown("lzma".into())], runs, 1000);
        assert!(coded.bytes.is_empty());
        assert!(coded.trouble.is_some());
        // Also when something else is wrong with it.
        let codings = vec![Coding::Unknown("lzma".into()), Coding::Gzip];
        let mut packed = flushed(&[b"\0\0\0\0\x02\x08\x2a"]).concat();
        packed.pop();
        let coded = Coded::decode(codings, [packed.into()].into_iter(), 1000);
        assert!(coded.bytes.is_empty());
        assert!(matches!(coded.trouble, Some(Trouble::Cut { .. })));
    }
}
