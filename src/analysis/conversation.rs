//! Conversations made by hand, for the tests of this room: who sends what, when, and how large the
//! windows of TCP are.

use crate::capture::Capture;
use crate::trace::Trace;
use crate::wire::http2::{Flags, FrameKind, PREFACE, Settings, StreamId, encode_frame};

/// A conversation on one TCP connection, written packet by packet. Every packet acknowledges what
/// the other side has sent, unless told otherwise.
pub(crate) struct Conversation {
    file: Vec<u8>,
    now_ns: u64,
    /// Last bytes of the addresses, of the client and of the server.
    hosts: [u8; 2],
    client_port: u16,
    /// Next sequence numbers, of the client and of the server.
    next: [u32; 2],
    /// What each side says it can take.
    windows: [u16; 2],
    /// What each side has not acknowledged of the other's bytes.
    unacknowledged: [u32; 2],
}

/// The time of the first packet.
pub(crate) const START_NS: i64 = 1_700_000_000_000_000_000;

/// pcap with nanoseconds; the packets begin with their IP header.
const FILE_HEADER: &[u8] =
    b"\x4d\x3c\xb2\xa1\x02\x00\x04\x00\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0";

const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;
const PSH_ACK: u8 = 0x18;

impl Conversation {
    /// A handshake of TCP, the preface, and both sides' empty `SETTINGS` with acknowledgments.
    pub(crate) fn new() -> Self {
        Self::with_settings(&[], &[])
    }

    /// The same with settings of the client and of the server.
    pub(crate) fn with_settings(
        client: &[(crate::wire::http2::SettingId, u32)],
        server: &[(crate::wire::http2::SettingId, u32)],
    ) -> Self {
        let mut conversation = Self::unconnected();
        conversation.connect();
        conversation.hello(client, server);
        conversation
    }

    fn hello(
        &mut self,
        client: &[(crate::wire::http2::SettingId, u32)],
        server: &[(crate::wire::http2::SettingId, u32)],
    ) {
        let settings = |bytes: &mut Vec<u8>, settings: &[_]| Settings::encode(bytes, settings);
        let acknowledgment = frame(FrameKind::SETTINGS, Flags::ACK, 0, b"");
        let mut hello = PREFACE.to_vec();
        settings(&mut hello, client);
        self.client(&hello);
        let mut answer = Vec::new();
        settings(&mut answer, server);
        answer.extend_from_slice(&acknowledgment);
        self.server(&answer);
        self.client(&acknowledgment);
    }

    /// The same between other hosts, from another port.
    pub(crate) fn between(client: u8, server: u8, client_port: u16) -> Self {
        let mut conversation = Self::unconnected();
        conversation.hosts = [client, server];
        conversation.client_port = client_port;
        conversation.connect();
        conversation.hello(&[], &[]);
        conversation
    }

    /// A handshake of TCP and nothing on it yet.
    pub(crate) fn connected() -> Self {
        let mut conversation = Self::unconnected();
        conversation.connect();
        conversation
    }

    /// A connection of which the capture missed the beginning.
    pub(crate) fn mid_connection() -> Self {
        let mut conversation = Self::unconnected();
        conversation.next = [7000, 9000];
        conversation
    }

    fn unconnected() -> Self {
        Self {
            file: FILE_HEADER.to_vec(),
            now_ns: 0,
            hosts: [1, 2],
            client_port: 50_000,
            next: [0; 2],
            windows: [u16::MAX; 2],
            unacknowledged: [0; 2],
        }
    }

    fn connect(&mut self) {
        self.packet(0, SYN, b"");
        self.packet(1, SYN | ACK, b"");
        self.next = [1; 2];
    }

    /// The packets that follow are captured at this time after the first.
    pub(crate) fn at_us(&mut self, time_us: u64) -> &mut Self {
        self.now_ns = time_us * 1000;
        self
    }

    /// From now on the client can take this much.
    pub(crate) fn client_window(&mut self, bytes: u16) -> &mut Self {
        self.windows[0] = bytes;
        self
    }

    /// From now on the client leaves so many of the server's bytes unacknowledged.
    pub(crate) fn client_owes(&mut self, bytes: u32) -> &mut Self {
        self.unacknowledged[0] = bytes;
        self
    }

    /// The client sends these bytes.
    pub(crate) fn client(&mut self, bytes: &[u8]) -> &mut Self {
        self.send(0, bytes)
    }

    /// The server sends these bytes.
    pub(crate) fn server(&mut self, bytes: &[u8]) -> &mut Self {
        self.send(1, bytes)
    }

    /// The server sends these bytes a second time: they began so many bytes before what it sends next.
    pub(crate) fn server_again(&mut self, back: u32, bytes: &[u8]) -> &mut Self {
        self.next[1] -= back;
        self.packet(1, PSH_ACK, bytes);
        self.next[1] += back;
        self
    }

    /// The server sends so many bytes that the capture misses.
    pub(crate) fn skip_server(&mut self, bytes: u32) -> &mut Self {
        self.next[1] += bytes;
        self
    }

    /// The client ends the connection with RST.
    pub(crate) fn reset(&mut self) -> &mut Self {
        self.packet(0, RST, b"");
        self
    }

    fn send(&mut self, sender: usize, bytes: &[u8]) -> &mut Self {
        if bytes.is_empty() {
            self.packet(sender, ACK, b"");
        }
        for part in bytes.chunks(60_000) {
            self.packet(sender, PSH_ACK, part);
            self.next[sender] += u32::try_from(part.len()).unwrap();
        }
        self
    }

    fn packet(&mut self, sender: usize, flags: u8, payload: &[u8]) {
        let peer = 1 - sender;
        let length = u16::try_from(40 + payload.len()).unwrap();
        let acknowledged = self.next[peer].saturating_sub(self.unacknowledged[sender]);
        let mut bytes = vec![0x45, 0];
        bytes.extend(length.to_be_bytes());
        bytes.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        let end = |side: usize| [192, 0, 2, self.hosts[side]];
        bytes.extend(end(sender));
        bytes.extend(end(peer));
        let port = |side: usize| [self.client_port, 80][side].to_be_bytes();
        bytes.extend(port(sender));
        bytes.extend(port(peer));
        bytes.extend(self.next[sender].to_be_bytes());
        bytes.extend(acknowledged.to_be_bytes());
        bytes.extend([0x50, flags]);
        bytes.extend(self.windows[sender].to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend_from_slice(payload);
        let now_ns = START_NS as u64 + self.now_ns;
        for word in [now_ns / 1_000_000_000, now_ns % 1_000_000_000] {
            self.file.extend((word as u32).to_le_bytes());
        }
        for _ in 0..2 {
            self.file.extend(u32::from(length).to_le_bytes());
        }
        self.file.extend(bytes);
    }

    /// What the dissector makes of several at once, packets in the order of their times.
    pub(crate) fn together(conversations: &[&Self]) -> Trace {
        let mut packets = Vec::new();
        for conversation in conversations {
            let mut rest = &conversation.file[FILE_HEADER.len()..];
            while let Some(header) = rest.first_chunk::<16>() {
                let number = |at: usize| {
                    u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
                };
                let (packet, next) = rest.split_at(16 + number(8) as usize);
                packets.push(((number(0), number(4)), packet));
                rest = next;
            }
        }
        packets.sort_by_key(|(time, _)| *time);
        let mut file = FILE_HEADER.to_vec();
        file.extend(packets.iter().flat_map(|(_, packet)| *packet));
        crate::dissect::read_all(Capture::from_bytes(file.into(), "made up").unwrap())
    }

    /// What the dissector makes of it.
    pub(crate) fn trace(&self) -> Trace {
        let capture = Capture::from_bytes(self.file.clone().into(), "made up").unwrap();
        crate::dissect::read_all(capture)
    }
}

/// One of the captures of the repository, read whole.
pub(crate) fn shipped(name: &str) -> Trace {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name);
    crate::dissect::read_all(Capture::open(&path).unwrap())
}

/// A frame.
pub(crate) fn frame(kind: FrameKind, flags: Flags, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_frame(&mut bytes, kind, flags, StreamId(stream), payload);
    bytes
}

/// A header block that leaves the tables alone.
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0); // literal without indexing, new name
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// `HEADERS` with END_HEADERS.
pub(crate) fn headers(stream: u32, ends: bool, fields: &[(&str, &str)]) -> Vec<u8> {
    let flags = Flags::END_HEADERS.with_if(ends, Flags::END_STREAM);
    frame(FrameKind::HEADERS, flags, stream, &block(fields))
}

/// The `HEADERS` of a `GET` without content.
pub(crate) fn get(stream: u32, path: &str) -> Vec<u8> {
    let fields = [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "a.example"),
        (":path", path),
    ];
    headers(stream, true, &fields)
}

/// `DATA` with so many zeros.
pub(crate) fn data(stream: u32, length: usize, ends: bool) -> Vec<u8> {
    let flags = Flags::NONE.with_if(ends, Flags::END_STREAM);
    frame(FrameKind::DATA, flags, stream, &vec![0; length])
}

/// `RST_STREAM` with CANCEL.
pub(crate) fn cancel(stream: u32) -> Vec<u8> {
    frame(FrameKind::RST_STREAM, Flags::NONE, stream, &[0, 0, 0, 8])
}

/// `WINDOW_UPDATE`.
pub(crate) fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    let increment = increment.to_be_bytes();
    frame(FrameKind::WINDOW_UPDATE, Flags::NONE, stream, &increment)
}

/// `PUSH_PROMISE` for a `GET`.
pub(crate) fn promise(stream: u32, promised: u32, path: &str) -> Vec<u8> {
    let mut payload = promised.to_be_bytes().to_vec();
    payload.extend(block(&[
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "a.example"),
        (":path", path),
    ]));
    frame(
        FrameKind::PUSH_PROMISE,
        Flags::END_HEADERS,
        stream,
        &payload,
    )
}
