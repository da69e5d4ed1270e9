//! The length-prefixed messages that a call's `DATA` carries, whatever the frames it is cut into.

use std::ops::Range;

/// What stands before each message.
///
/// ```text
/// +---------------+-----------------------------------------------+
/// |   Flags (8)   |              Message Length (32)            ...
/// +---------------+-----------------------------------------------+
/// ```
///
/// Source: `PROTOCOL-HTTP2.md`, Length-Prefixed-Message; `PROTOCOL-WEB.md` for the top bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Bit 0: the message is compressed with the announced encoding. Bit 7, in gRPC-Web only: these
    /// are the trailers. The others have no meaning.
    pub flags: u8,
    /// Bytes that follow, as they travel.
    pub length: u32,
}

impl Prefix {
    /// Bytes of a prefix.
    pub const LEN: usize = 5;

    const COMPRESSED: u8 = 0x01;
    const TRAILERS: u8 = 0x80;

    /// Reads a prefix. Every five bytes are one.
    pub fn decode(bytes: [u8; Self::LEN]) -> Self {
        let [flags, length @ ..] = bytes;
        Self {
            flags,
            length: u32::from_be_bytes(length),
        }
    }

    /// The five bytes.
    pub fn encode(self) -> [u8; Self::LEN] {
        let [a, b, c, d] = self.length.to_be_bytes();
        [self.flags, a, b, c, d]
    }

    /// Whether the message is compressed.
    pub fn compressed(self) -> bool {
        self.flags & Self::COMPRESSED != 0
    }

    /// Whether these are the trailers of gRPC-Web.
    pub fn web_trailers(self) -> bool {
        self.flags & Self::TRAILERS != 0
    }

    /// Whether a bit is set that has no meaning.
    pub fn unknown_flags(self, web: bool) -> bool {
        let known = Self::COMPRESSED | if web { Self::TRAILERS } else { 0 };
        self.flags & !known != 0
    }
}

/// Where a message lies in its body: the bytes of all `DATA` of one sender on one stream, joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageSpan {
    /// Its prefix.
    pub prefix: Prefix,
    /// Where its prefix starts in the body.
    pub start: u64,
}

impl MessageSpan {
    /// The five bytes of the prefix.
    pub fn prefix_range(&self) -> Range<u64> {
        self.start..self.payload_start()
    }

    /// What follows the prefix.
    pub fn payload_range(&self) -> Range<u64> {
        self.payload_start()..self.end()
    }

    /// Prefix and payload.
    pub fn range(&self) -> Range<u64> {
        self.start..self.end()
    }

    /// The first byte behind it.
    pub fn end(&self) -> u64 {
        self.payload_start()
            .saturating_add(u64::from(self.prefix.length))
    }

    fn payload_start(&self) -> u64 {
        self.start.saturating_add(Prefix::LEN as u64)
    }
}

/// Cuts a body into messages. It asks for the bytes of prefixes alone, so a body may be large, lie
/// anywhere and still grow: what it will be asked next stays the same until the bytes are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Framing {
    next: u64,
}

impl Framing {
    /// The first prefix stands at this place of the body.
    pub fn starting_at(offset: u64) -> Self {
        Self { next: offset }
    }

    /// Where the next prefix stands.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// The next message. `read` gives the prefix at a place of the body, or `None` while it is not all
    /// there. The message's own bytes may not be there yet.
    pub fn next(
        &mut self,
        read: impl FnOnce(u64) -> Option<[u8; Prefix::LEN]>,
    ) -> Option<MessageSpan> {
        let span = MessageSpan {
            prefix: Prefix::decode(read(self.next)?),
            start: self.next,
        };
        self.next = span.end();
        Some(span)
    }

    /// The next message of a body that lies in one slice.
    pub fn next_in(&mut self, body: &[u8]) -> Option<MessageSpan> {
        self.next(|at| {
            let rest = body.get(usize::try_from(at).ok()?..)?;
            rest.first_chunk().copied()
        })
    }
}

/// The messages of a body that lies in one slice, as far as their prefixes are there.
pub fn messages(body: &[u8]) -> impl Iterator<Item = MessageSpan> + '_ {
    let mut framing = Framing::default();
    std::iter::from_fn(move || framing.next_in(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_prefix_is_a_flag_byte_and_a_length() {
        let prefix = Prefix::decode([
            1, // compressed
            0, 0, 1, 2, // length
        ]);
        assert!(prefix.compressed() && !prefix.web_trailers());
        assert_eq!(prefix.length, 258);
        assert_eq!(prefix.encode(), [1, 0, 0, 1, 2]);
        assert!(Prefix::decode([0x80, 0, 0, 0, 0]).web_trailers());
        assert!(Prefix::decode([0x80, 0, 0, 0, 0]).unknown_flags(false));
        assert!(!Prefix::decode([0x81, 0, 0, 0, 0]).unknown_flags(true));
        assert!(Prefix::decode([0x02, 0, 0, 0, 0]).unknown_flags(true));
    }

    #[test]
    fn messages_follow_each_other_and_may_be_empty() {
        let body = [
            0, 0, 0, 0, 2, 8, 42, // two bytes
            0, 0, 0, 0, 0, // empty
            1, 0, 0, 0, 9, 1, 2, // not all of it
        ];
        let spans: Vec<MessageSpan> = messages(&body).collect();
        let ranges: Vec<_> = spans.iter().map(MessageSpan::payload_range).collect();
        assert_eq!(ranges, [5..7, 12..12, 17..26]);
        assert_eq!(spans[0].prefix_range(), 0..5);
        assert_eq!(spans[2].range(), 12..26);
    }

    #[test]
    fn a_prefix_that_is_not_all_there_is_asked_for_again() {
        let body = [0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 3, 1, 2, 3];
        let mut framing = Framing::default();
        assert!(framing.next_in(&body[..6]).is_some());
        assert_eq!(framing.next_in(&body[..9]), None);
        assert_eq!(framing.position(), 6);
        assert_eq!(framing.next_in(&body).unwrap().payload_range(), 11..14);
    }

    #[test]
    fn the_largest_length_ends_the_walk() {
        let body = [0, 255, 255, 255, 255, 1];
        let spans: Vec<_> = messages(&body).collect();
        assert_eq!(spans.len(), 1);
        assert_eq!(spans[0].end(), 5 + u64::from(u32::MAX));
        let mut framing = Framing::starting_at(u64::MAX - 1);
        let last = framing.next(|_| Some([0, 255, 255, 255, 255])).unwrap();
        assert_eq!(last.end(), u64::MAX);
    }

    proptest! {
        #[test]
        fn any_bytes_are_cut_without_gap_or_overlap(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut next = 0;
            for span in messages(&body) {
                prop_assert_eq!(span.start, next);
                prop_assert!(span.payload_range().start <= body.len() as u64);
                next = span.end();
            }
        }
    }
}
