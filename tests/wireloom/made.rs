//! Captures made in memory, of any size, with the program's own encoders. The benchmarks make theirs here too.

use std::net::Ipv4Addr;
use wireloom::capture::Capture;
use wireloom::wire::hpack::Encoder;
use wireloom::wire::http2::{Data, Flags, Headers, PREFACE, SettingId, Settings, StreamId};

/// A capture that is being made: classic pcap with raw IPv4.
pub struct Made {
    file: Vec<u8>,
    packets: u32,
}

/// One TCP connection of it.
pub struct MadeConnection {
    pub client: (Ipv4Addr, u16),
    /// The next sequence numbers: of the client, of the server.
    pub next: [u32; 2],
}

pub const SERVER: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 80);
const SYN: u8 = 0x02;
pub const ACK: u8 = 0x10;

impl Made {
    pub fn new() -> Self {
        let header = b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00\0\0\0\0\0\0\0\0\xff\xff\x04\0\x65\0\0\0";
        Self {
            file: header.to_vec(),
            packets: 0,
        }
    }

    /// A SYN of client `number`, which nothing follows.
    pub fn syn(&mut self, number: u32) -> MadeConnection {
        let address = Ipv4Addr::from(0x0a00_0000 + number / 50_000);
        let port = 10_000 + (number % 50_000) as u16;
        let connection = MadeConnection {
            client: (address, port),
            next: [1, 1],
        };
        self.segment(connection.client, SERVER, [0, 0], SYN, b"");
        connection
    }

    /// A connection of client `number` with its handshake.
    pub fn connection(&mut self, number: u32) -> MadeConnection {
        let connection = self.syn(number);
        self.segment(SERVER, connection.client, [0, 1], SYN | ACK, b"");
        connection
    }

    /// Bytes of one side, in packets of an Ethernet's size.
    pub fn send(&mut self, connection: &mut MadeConnection, from_client: bool, bytes: &[u8]) {
        let (own, other) = if from_client { (0, 1) } else { (1, 0) };
        let ends = [connection.client, SERVER];
        for payload in bytes.chunks(1448) {
            let numbers = [connection.next[own], connection.next[other]];
            self.segment(ends[own], ends[other], numbers, ACK, payload);
            connection.next[own] = connection.next[own].wrapping_add(payload.len() as u32);
        }
    }

    /// A packet, wherever it belongs in the streams.
    pub fn segment(
        &mut self,
        source: (Ipv4Addr, u16),
        destination: (Ipv4Addr, u16),
        [sequence, acknowledgment]: [u32; 2],
        flags: u8,
        payload: &[u8],
    ) {
        let length = 40 + payload.len() as u16;
        // Ten thousand packets a second.
        let (seconds, micros) = (self.packets / 10_000, self.packets % 10_000 * 100);
        for word in [seconds, micros, length.into(), length.into()] {
            self.file.extend(word.to_le_bytes());
        }
        self.file.extend([0x45, 0]);
        self.file.extend(length.to_be_bytes());
        self.file.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        self.file.extend(source.0.octets());
        self.file.extend(destination.0.octets());
        self.file.extend(source.1.to_be_bytes());
        self.file.extend(destination.1.to_be_bytes());
        self.file.extend(sequence.to_be_bytes());
        self.file.extend(acknowledgment.to_be_bytes());
        self.file.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        self.file.extend(payload);
        self.packets += 1;
    }

    /// What was added to the file since the last call.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.file)
    }

    /// The capture file.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.take_bytes()
    }
}

/// Opens a capture that was made.
pub fn open(made: Made) -> Capture {
    open_bytes(made.into_bytes())
}

/// Opens the bytes of a capture that was made.
pub fn open_bytes(bytes: Vec<u8>) -> Capture {
    Capture::from_bytes(bytes.into(), "made up").expect("it has a header")
}

/// One side of an HTTP/2 conversation that is being written.
#[derive(Default)]
pub struct Side {
    encoder: Encoder,
    /// What was written and not sent.
    pub bytes: Vec<u8>,
}

impl Side {
    /// A `HEADERS` frame with a whole block.
    pub fn headers(&mut self, stream: u32, flags: Flags, fields: &[(&str, &str)]) {
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let block = self.encoder.block(fields);
        let flags = flags | Flags::END_HEADERS;
        Headers::encode(&mut self.bytes, StreamId(stream), flags, &block, None, None);
    }

    /// A `DATA` frame.
    pub fn data(&mut self, stream: u32, flags: Flags, content: &[u8]) {
        Data::encode(&mut self.bytes, StreamId(stream), flags, content, None);
    }
}

/// An HTTP/2 conversation on a connection of a capture.
pub struct Conversation {
    pub connection: MadeConnection,
    pub client: Side,
    pub server: Side,
}

impl Conversation {
    /// A connection of client `number` on which both sides have said their settings: four frames.
    pub fn begin(made: &mut Made, number: u32) -> Self {
        let mut own = Self {
            connection: made.connection(number),
            client: Side::default(),
            server: Side::default(),
        };
        own.client.bytes.extend(PREFACE);
        Settings::encode(
            &mut own.client.bytes,
            &[(SettingId::INITIAL_WINDOW_SIZE, 1 << 30)],
        );
        Settings::encode(&mut own.server.bytes, &[]);
        own.send(made);
        Settings::encode_ack(&mut own.client.bytes);
        Settings::encode_ack(&mut own.server.bytes);
        own.send(made);
        own
    }

    /// A request without content.
    pub fn request(&mut self, stream: u32, path: &str) {
        let fields = [
            (":method", "GET"),
            (":scheme", "http"),
            (":authority", "loom.example"),
            (":path", path),
            ("user-agent", "made up"),
        ];
        self.client.headers(stream, Flags::END_STREAM, &fields);
    }

    /// A response with a little content: two frames.
    pub fn response(&mut self, stream: u32) {
        let fields = [
            (":status", "200"),
            ("content-type", "text/plain"),
            ("content-length", "5"),
        ];
        self.server.headers(stream, Flags::NONE, &fields);
        self.server.data(stream, Flags::END_STREAM, b"hello");
    }

    /// Sends what both sides have written, the client first.
    pub fn send(&mut self, made: &mut Made) {
        for (from_client, side) in [(true, &mut self.client), (false, &mut self.server)] {
            made.send(&mut self.connection, from_client, &side.bytes);
            side.bytes.clear();
        }
    }
}

/// Connections with so many requests each, so many at a time, of three frames each. The responses come in the order of
/// the requests. Each connection has four frames more.
pub fn requests(connections: u32, streams: u32, at_a_time: u32) -> Made {
    let mut made = Made::new();
    let mut conversations: Vec<_> = (0..connections)
        .map(|number| Conversation::begin(&mut made, number))
        .collect();
    let ids: Vec<u32> = (0..streams).map(|number| 2 * number + 1).collect();
    for group in ids.chunks(at_a_time as usize) {
        for conversation in &mut conversations {
            group
                .iter()
                .for_each(|&stream| conversation.request(stream, "/small.txt"));
            conversation.send(&mut made);
            group
                .iter()
                .for_each(|&stream| conversation.response(stream));
            conversation.send(&mut made);
        }
    }
    made
}
