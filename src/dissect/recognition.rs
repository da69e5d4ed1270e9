//! What a connection carries, told from its first bytes.
//!
//! HTTP/2 begins with the client's 24-byte preface on whatever port; TLS with a ClientHello;
//! HTTP/1 with a request line. A connection that the capture met in the middle is recognised as
//! HTTP/2 by frames that follow one another (see [`super::http2::resync`]). Until one of them is certain, what both sides sent is kept (as
//! slices of the capture) and then read from the start, so a server that speaks first loses
//! nothing.
//!
//! Sources: RFC 9113 §3.4 (preface), RFC 8446 §5.1 (record layer), RFC 9112 §3 (request line).

use super::http2::resync::{PROOF_OF_HTTP2, Resync, Search};
use crate::trace::{PacketId, Side};
use crate::wire::http2::PREFACE;
use crate::wire::tls::{self, ContentType, Likeness, RecordHeader};
use bytes::Bytes;

/// Bytes that are kept of an undecided connection. A server that speaks first sends a banner or a
/// `SETTINGS` frame; one that sends more than this without a client's word is something else.
const MAX_UNDECIDED_BYTES: usize = 256 << 10;

/// How many first bytes of a side are looked at.
const LOOK_BYTES: usize = 64;

/// What a connection turned out to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recognised {
    /// HTTP/2, whose preface this side sent.
    Http2 {
        /// The sender of the preface.
        client: Side,
    },
    /// HTTP/2 whose beginning is not in the capture.
    Http2FromTheMiddle,
    /// TLS.
    Tls {
        /// The sender of the ClientHello, where a hello was seen.
        client: Option<Side>,
    },
    /// HTTP/1.
    Http1 {
        /// The sender of the request line.
        client: Side,
    },
    /// Nothing that is read here.
    Nothing,
}

/// A stretch of a side's stream seen before the connection was recognised.
pub(super) struct Seen {
    pub(super) side: Side,
    pub(super) offset: u64,
    pub(super) len: u64,
    /// `None` for a hole.
    pub(super) bytes: Option<Bytes>,
    pub(super) readable: PacketId,
}

/// What one side's first bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// They could still become something.
    Unclear,
    Http2Preface,
    ClientHello,
    ServerHello,
    /// A TLS record from behind the hellos.
    LaterTls,
    Http1Request,
    Http1Response,
    Other,
}

/// A connection that is not recognised yet.
pub(super) struct Undecided {
    seen: Vec<Seen>,
    seen_bytes: usize,
    starts: [Vec<u8>; 2],
    broken: [bool; 2],
    searches: [Search; 2],
    found_frames: [bool; 2],
    start_seen: bool,
}

impl Undecided {
    pub(super) fn new() -> Self {
        Self {
            seen: Vec::new(),
            seen_bytes: 0,
            starts: Default::default(),
            broken: [false; 2],
            searches: [Search::new(PROOF_OF_HTTP2), Search::new(PROOF_OF_HTTP2)],
            found_frames: [false; 2],
            start_seen: false,
        }
    }

    /// Says that the handshake is in the capture, so the first bytes of both sides are too.
    pub(super) fn start_seen(&mut self) {
        self.start_seen = true;
    }

    /// Takes the next bytes of a side. `Some` when the connection is recognised, or given up.
    pub(super) fn data(
        &mut self,
        side: Side,
        offset: u64,
        bytes: &Bytes,
        readable: PacketId,
    ) -> Option<Recognised> {
        self.seen.push(Seen {
            side,
            offset,
            len: bytes.len() as u64,
            bytes: Some(bytes.clone()),
            readable,
        });
        self.seen_bytes += bytes.len();
        let start = &mut self.starts[side.index()];
        if start.len() < LOOK_BYTES && !self.broken[side.index()] {
            let room = LOOK_BYTES - start.len();
            start.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        }
        let search = &mut self.searches[side.index()];
        search.push(offset, bytes);
        self.found_frames[side.index()] |= search.look() != Resync::NotYet;
        self.recognise(self.seen_bytes > MAX_UNDECIDED_BYTES)
    }

    /// Takes a hole: the side's later bytes are not its first ones.
    pub(super) fn hole(&mut self, side: Side, offset: u64, len: u64, readable: PacketId) {
        self.broken[side.index()] = true;
        self.searches[side.index()].restart();
        self.seen.push(Seen {
            side,
            offset,
            len,
            bytes: None,
            readable,
        });
    }

    /// Decides with what there is: nothing more will come.
    pub(super) fn at_the_end(&mut self) -> Option<Recognised> {
        if self.seen.is_empty() {
            return None;
        }
        self.recognise(true)
    }

    /// About how much memory is held: what was seen, and a copy of it in which frames are searched for.
    pub(super) fn held_bytes(&self) -> usize {
        2 * self.seen_bytes + self.seen.len() * size_of::<Seen>()
    }

    /// Everything seen so far, in the order in which it became readable.
    pub(super) fn into_seen(self) -> Vec<Seen> {
        self.seen
    }

    fn recognise(&self, must_decide: bool) -> Option<Recognised> {
        let looks = Side::BOTH.map(|side| look(&self.starts[side.index()]));
        for side in Side::BOTH {
            let other = looks[side.other().index()];
            // A lone answer tells the protocol when nothing better can come from the other side.
            let alone = must_decide || other == Look::Other;
            let (answered, both_later) = (Some(side.other()), other == Look::LaterTls);
            match looks[side.index()] {
                Look::Http2Preface => return Some(Recognised::Http2 { client: side }),
                Look::ClientHello => return Some(Recognised::Tls { client: Some(side) }),
                Look::Http1Request => return Some(Recognised::Http1 { client: side }),
                Look::ServerHello if alone => return Some(Recognised::Tls { client: answered }),
                Look::LaterTls if alone || both_later => {
                    return Some(Recognised::Tls { client: None });
                }
                Look::Http1Response if alone => {
                    let client = side.other();
                    return Some(Recognised::Http1 { client });
                }
                _ => {}
            }
        }
        // A server may send its first frames before the client's preface has come, so frames are
        // believed only when the other side has shown that it sends none.
        let found = Side::BOTH.iter().any(|side| {
            let other = looks[side.other().index()];
            self.found_frames[side.index()] && (must_decide || other == Look::Other)
        });
        if found {
            return Some(Recognised::Http2FromTheMiddle);
        }
        // Of a connection seen from its start, the first bytes tell everything.
        let hopeless = self.start_seen && looks.iter().all(|&look| look == Look::Other);
        (must_decide || hopeless).then_some(Recognised::Nothing)
    }
}

/// What the first bytes of a side look like.
fn look(start: &[u8]) -> Look {
    if start.is_empty() {
        return Look::Unclear;
    }
    if start.starts_with(PREFACE) {
        return Look::Http2Preface;
    }
    if PREFACE.starts_with(start) {
        return Look::Unclear;
    }
    match tls::looks_like_tls(start) {
        Likeness::Yes => tls_look(start),
        Likeness::Maybe => Look::Unclear,
        Likeness::No => http1_look(start),
    }
}

/// Which hello a TLS stream begins with, if it begins with one.
fn tls_look(start: &[u8]) -> Look {
    let handshake = start.first() == Some(&ContentType::HANDSHAKE.0);
    match start.get(RecordHeader::LEN) {
        Some(1) if handshake => Look::ClientHello,
        Some(2) if handshake => Look::ServerHello,
        _ => Look::LaterTls,
    }
}

fn http1_look(start: &[u8]) -> Look {
    const VERSION: &[u8] = b"HTTP/1.";
    if start.starts_with(VERSION) {
        return Look::Http1Response;
    }
    if VERSION.starts_with(start) {
        return Look::Unclear;
    }
    // A method is a token of upper-case letters in everything that is spoken (RFC 9110 §9.1 allows
    // more), then a space and a target.
    let letters = start
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase() || **byte == b'-')
        .count();
    match start.get(letters) {
        None if letters <= 16 => Look::Unclear,
        Some(b' ') if (3..=16).contains(&letters) => match start.get(letters + 1) {
            None => Look::Unclear,
            Some(b'/' | b'*' | b'h' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'[') => {
                Look::Http1Request
            }
            Some(_) => Look::Other,
        },
        _ => Look::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(chunks: &[(Side, &'static [u8])]) -> Option<Recognised> {
        let mut undecided = Undecided::new();
        undecided.start_seen();
        let mut offsets = [0; 2];
        let mut recognised = None;
        for (number, &(side, bytes)) in chunks.iter().enumerate() {
            let offset = offsets[side.index()];
            offsets[side.index()] += bytes.len() as u64;
            let bytes = Bytes::from_static(bytes);
            recognised = undecided.data(side, offset, &bytes, PacketId::from_index(number));
        }
        recognised
    }

    #[test]
    fn the_preface_is_recognised_whichever_way_it_is_cut() {
        for cut in 1..PREFACE.len() {
            let (first, rest) = PREFACE.split_at(cut);
            assert_eq!(
                told(&[(Side::A, first)]),
                None,
                "{cut} bytes could be HTTP/1"
            );
            let whole = told(&[(Side::A, first), (Side::A, rest)]);
            assert_eq!(whole, Some(Recognised::Http2 { client: Side::A }));
        }
    }

    #[test]
    fn a_server_that_speaks_first_is_waited_for() {
        let settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00";
        assert_eq!(told(&[(Side::B, settings)]), None);
        assert_eq!(
            told(&[(Side::B, settings), (Side::A, PREFACE)]),
            Some(Recognised::Http2 { client: Side::A })
        );
    }

    #[test]
    fn http1_is_told_by_its_request_line() {
        assert_eq!(told(&[(Side::A, b"GE")]), None);
        assert_eq!(
            told(&[(Side::A, b"GET /index.html HTTP/1.1\r\n")]),
            Some(Recognised::Http1 { client: Side::A })
        );
    }

    #[test]
    fn what_is_nothing_on_both_sides_is_given_up() {
        assert_eq!(told(&[(Side::A, b"\x00\x01\x02\x03")]), None);
        assert_eq!(
            told(&[(Side::A, b"\x00\x01\x02\x03"), (Side::B, b"220 mail ready")]),
            Some(Recognised::Nothing)
        );
    }
}
