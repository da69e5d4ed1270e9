//! Conversations written frame by frame, and the rules they break.

mod cases;
mod races;

use crate::dissect::connection::Outside;
use crate::dissect::http2::Http2Dissector;
use crate::dissect::interner::Interner;
use crate::trace::{ConnectionId, Finding, PacketId, Side};
use crate::wire::http2::{Flags, FrameKind, PREFACE, SettingId, Settings, StreamId, encode_frame};
use bytes::Bytes;

const CLIENT: Side = Side::A;
const SERVER: Side = Side::B;

/// A header list without Huffman code and without the table: names and values as they are.
fn list(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0x00);
        for text in [name, value] {
            assert!(text.len() < 127);
            block.push(text.len() as u8);
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// A list with more fields behind it.
fn with(list_before: &[u8], fields: &[(&str, &str)]) -> Vec<u8> {
    [list_before, &list(fields)].concat()
}

fn get() -> Vec<u8> {
    list(&[
        (":method", "GET"),
        (":scheme", "https"),
        (":authority", "loom.example"),
        (":path", "/"),
    ])
}

fn post() -> Vec<u8> {
    list(&[
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", "loom.example"),
        (":path", "/"),
    ])
}

fn ok() -> Vec<u8> {
    list(&[(":status", "200")])
}

/// END_HEADERS.
const WHOLE: Flags = Flags::END_HEADERS;
/// END_HEADERS and END_STREAM.
const LAST: Flags = Flags(0x05);
const END: Flags = Flags::END_STREAM;
const NONE: Flags = Flags::NONE;

/// Two endpoints that say whatever a test wants.
struct Talk {
    http2: Http2Dissector,
    texts: Interner,
    findings: Vec<Finding>,
    offsets: [u64; 2],
    frames: usize,
    time_ns: i64,
    /// Where the finding is expected; the last frame when nothing is said.
    here: Option<usize>,
}

impl Talk {
    /// Only the preface has been sent.
    fn silent() -> Self {
        Self::over(Http2Dissector::with_preface(CLIENT), true)
    }

    /// Both sides have sent their `SETTINGS` and acknowledged the other's: frames 0 to 3.
    fn new() -> Self {
        Self::with_settings(&[], &[])
    }

    fn with_settings(client: &[(SettingId, u32)], server: &[(SettingId, u32)]) -> Self {
        let mut talk = Self::silent();
        talk.settings(CLIENT, client);
        talk.settings(SERVER, server);
        talk.acknowledge(SERVER);
        talk.acknowledge(CLIENT);
        talk
    }

    /// A connection that the capture met in the middle.
    fn from_the_middle() -> Self {
        Self::over(Http2Dissector::from_the_middle(), false)
    }

    fn over(http2: Http2Dissector, preface: bool) -> Self {
        let mut talk = Self {
            http2,
            texts: Interner::default(),
            findings: Vec::new(),
            offsets: [0; 2],
            frames: 0,
            time_ns: 0,
            here: None,
        };
        if preface {
            talk.bytes(CLIENT, PREFACE);
        }
        talk
    }

    fn bytes(&mut self, side: Side, bytes: &[u8]) {
        let offset = self.offsets[side.index()];
        self.offsets[side.index()] += bytes.len() as u64;
        let mut outside = Outside {
            texts: &mut self.texts,
            findings: &mut self.findings,
            connection: ConnectionId::from_index(0),
            time_ns: self.time_ns,
        };
        let now = PacketId::from_index(self.frames);
        let bytes = Bytes::copy_from_slice(bytes);
        self.http2.data(side, offset, &bytes, now, &mut outside);
    }

    fn frame(&mut self, side: Side, kind: FrameKind, flags: Flags, stream: u32, payload: &[u8]) {
        let mut frame = Vec::new();
        encode_frame(&mut frame, kind, flags, StreamId(stream), payload);
        self.raw(side, &frame);
    }

    /// A frame as its bytes.
    fn raw(&mut self, side: Side, frame: &[u8]) {
        self.time_ns += 1_000_000;
        self.bytes(side, frame);
        self.frames += 1;
    }

    /// The next frame is where the finding should be.
    fn here(&mut self) -> &mut Self {
        self.here = Some(self.frames);
        self
    }

    fn settings(&mut self, side: Side, settings: &[(SettingId, u32)]) {
        let mut frame = Vec::new();
        Settings::encode(&mut frame, settings);
        self.raw(side, &frame);
    }

    fn acknowledge(&mut self, side: Side) {
        self.frame(side, FrameKind::SETTINGS, Flags::ACK, 0, &[]);
    }

    fn headers(&mut self, side: Side, stream: u32, flags: Flags, block: &[u8]) {
        self.frame(side, FrameKind::HEADERS, flags, stream, block);
    }

    fn data(&mut self, side: Side, stream: u32, flags: Flags, payload: &[u8]) {
        self.frame(side, FrameKind::DATA, flags, stream, payload);
    }

    fn reset(&mut self, side: Side, stream: u32, error: u8) {
        self.frame(side, FrameKind::RST_STREAM, NONE, stream, &[0, 0, 0, error]);
    }

    fn ping(&mut self, side: Side, flags: Flags, byte: u8) {
        self.frame(side, FrameKind::PING, flags, 0, &[byte; 8]);
    }

    fn window(&mut self, side: Side, stream: u32, increment: u32) {
        let payload = increment.to_be_bytes();
        self.frame(side, FrameKind::WINDOW_UPDATE, NONE, stream, &payload);
    }

    fn goaway(&mut self, side: Side, last_stream: u32) {
        let payload = [last_stream.to_be_bytes(), [0; 4]].concat();
        self.frame(side, FrameKind::GOAWAY, NONE, 0, &payload);
    }

    fn promise(&mut self, side: Side, stream: u32, promised: u32, block: &[u8]) {
        let payload = [&promised.to_be_bytes()[..], block].concat();
        self.frame(side, FrameKind::PUSH_PROMISE, WHOLE, stream, &payload);
    }

    /// A request on stream 1 and its response, both without content.
    fn exchange(&mut self, stream: u32) {
        self.headers(CLIENT, stream, LAST, &get());
        self.headers(SERVER, stream, LAST, &ok());
    }

    /// What was found: rule and frame.
    fn found(&mut self) -> Vec<(&'static str, usize)> {
        let frame = |finding: &Finding| finding.frame.map_or(usize::MAX, |frame| frame.index());
        self.findings
            .iter()
            .map(|finding| (finding.rule, frame(finding)))
            .collect()
    }
}

#[test]
fn a_conversation_as_it_should_be_has_no_findings() {
    let mut talk = Talk::new();
    talk.exchange(1);
    talk.headers(
        CLIENT,
        3,
        WHOLE,
        &with(&post(), &[("content-length", "5"), ("te", "trailers")]),
    );
    talk.data(CLIENT, 3, NONE, b"hel");
    talk.data(CLIENT, 3, END, b"lo");
    talk.headers(SERVER, 3, WHOLE, &list(&[(":status", "103")]));
    talk.headers(SERVER, 3, WHOLE, &with(&ok(), &[("content-length", "2")]));
    talk.data(SERVER, 3, NONE, b"ok");
    talk.headers(SERVER, 3, LAST, &list(&[("grpc-status", "0")]));
    talk.ping(CLIENT, NONE, 7);
    talk.ping(SERVER, Flags::ACK, 7);
    talk.window(CLIENT, 0, 100);
    talk.goaway(SERVER, 3);
    assert_eq!(talk.found(), []);
}
