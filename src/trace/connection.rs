//! A TCP connection: who its ends are, what it carries, and the tables of what was seen on it.

use super::http1::{Http1, Http1Batch};
use super::http2::{Http2, Http2Batch};
use super::ids::{ConnectionId, Direction, PacketId, Side, Symbol};
use super::log::Log;
use super::packets::Piece;
use super::stream_bytes::StreamBytes;
use super::tcp::{Tcp, TcpBatch};
use crate::wire::tls::{CipherSuite, ProtocolVersion};
use bytes::Bytes;
use std::net::SocketAddr;

/// How it is known which end is the client. Source: `output.md`, "Who is the client".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKnownBy {
    /// A guess: the end with the higher port.
    Port,
    /// The frames told: odd stream ids, promises, pseudo-headers.
    Frames,
    /// It sent the HTTP/2 client preface, an HTTP/1 request or a TLS ClientHello.
    Preface,
    /// It sent the SYN.
    Syn,
}

/// What a connection carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Nothing was recognised (yet).
    #[default]
    Unknown,
    /// HTTP/2 in clear text.
    Http2,
    /// TLS that stays encrypted.
    Tls,
    /// HTTP/1.0 or HTTP/1.1 in clear text.
    Http1,
}

impl Protocol {
    /// The word of `output.md`.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Unknown => "unknown",
            Protocol::Http2 => "http/2",
            Protocol::Tls => "tls",
            Protocol::Http1 => "http/1.1",
        }
    }
}

/// What the hellos of a TLS connection show. Sources: RFC 8446 §4.1, RFC 6066 §3, RFC 7301.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSummary {
    /// The version the server chose.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite the server chose.
    pub cipher_suite: Option<CipherSuite>,
    /// The application protocol the server chose, where the hello says so in clear text.
    pub alpn: Option<String>,
    /// The application protocols that the client offered, in its order.
    pub alpn_offered: Vec<String>,
    /// The server name that the client asked for.
    pub server_name: Option<String>,
}

/// What TCP did to a side's stream, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpCounts {
    /// Segments that were sent again: those with [`Marks::RETRANSMISSION`](super::Marks).
    pub retransmissions: u32,
    /// Segments that were overtaken: those with [`Marks::OUT_OF_ORDER`](super::Marks).
    pub out_of_order: u32,
    /// Acknowledgments that say the same as the one before, with nothing else new.
    pub duplicate_acks: u32,
    /// Segments that say the sender can receive nothing.
    pub zero_windows: u32,
    /// Ranges of the stream that the capture does not hold.
    pub holes: u32,
    /// Bytes in those ranges.
    pub missing_bytes: u64,
}

impl std::ops::Add for TcpCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            retransmissions: self.retransmissions + other.retransmissions,
            out_of_order: self.out_of_order + other.out_of_order,
            duplicate_acks: self.duplicate_acks + other.duplicate_acks,
            zero_windows: self.zero_windows + other.zero_windows,
            holes: self.holes + other.holes,
            missing_bytes: self.missing_bytes + other.missing_bytes,
        }
    }
}

/// What is known of a connection at the end of what was read. Replaced as a whole when it changes.
#[derive(Clone, Debug)]
pub struct ConnectionRow {
    /// The two ends, by side.
    pub ends: [SocketAddr; 2],
    /// Which side is the client.
    pub client: Side,
    /// How that is known.
    pub client_known_by: ClientKnownBy,
    /// What it carries.
    pub protocol: Protocol,
    /// What the hellos say, when it is TLS.
    pub tls: Option<Box<TlsSummary>>,
    /// Its first packet.
    pub first_packet: PacketId,
    /// Its last packet so far.
    pub last_packet: PacketId,
    /// How many packets.
    pub packets: u32,
    /// Whether the handshake's SYN was seen.
    pub start_seen: bool,
    /// Whether a FIN of each side, or a RST, was seen.
    pub end_seen: bool,
    /// What TCP did, by side of the sender.
    pub tcp: [TcpCounts; 2],
}

/// A connection and everything seen on it.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its number.
    pub id: ConnectionId,
    /// The summary.
    pub row: ConnectionRow,
    streams: [StreamBytes; 2],
    tcp: Tcp,
    texts: Log<Bytes>,
    http2: Option<Box<Http2>>,
    http1: Option<Box<Http1>>,
}

/// Rows to append to a [`Connection`].
#[derive(Debug)]
pub struct ConnectionBatch {
    /// The connection.
    pub id: ConnectionId,
    /// Its summary now.
    pub row: ConnectionRow,
    /// Pieces that follow those known, by side.
    pub pieces: [Vec<Piece>; 2],
    /// What TCP did.
    pub tcp: TcpBatch,
    /// Texts interned since the last batch.
    pub texts: Vec<Bytes>,
    /// What was seen of HTTP/2; `None` when the connection does not speak it.
    pub http2: Option<Http2Batch>,
    /// What was seen of HTTP/1.1; `None` when the connection does not speak it.
    pub http1: Option<Http1Batch>,
}

impl ConnectionBatch {
    /// How many frames it has.
    pub(super) fn frames(&self) -> usize {
        self.http2.as_ref().map_or(0, |http2| http2.frames.len())
    }
}

impl Connection {
    /// An empty connection.
    pub fn new(id: ConnectionId, row: ConnectionRow) -> Self {
        Self {
            id,
            row,
            streams: Default::default(),
            tcp: Tcp::default(),
            texts: Log::default(),
            http2: None,
            http1: None,
        }
    }

    /// Appends a batch and replaces the summary.
    pub fn append(&mut self, batch: ConnectionBatch) {
        self.row = batch.row;
        for (stream, pieces) in self.streams.iter_mut().zip(batch.pieces) {
            stream.extend(pieces);
        }
        self.tcp.append(batch.tcp);
        self.texts.extend(batch.texts);
        if let Some(rows) = batch.http2 {
            self.http2.get_or_insert_default().append(rows);
        }
        if let Some(rows) = batch.http1 {
            self.http1.get_or_insert_default().append(rows);
        }
    }

    /// The bytes that a side sent.
    pub fn stream(&self, side: Side) -> &StreamBytes {
        &self.streams[side.index()]
    }

    /// What TCP did.
    pub fn tcp(&self) -> &Tcp {
        &self.tcp
    }

    /// What was seen of HTTP/2; `None` when the connection does not speak it.
    pub fn http2(&self) -> Option<&Http2> {
        self.http2.as_deref()
    }

    /// What was seen of HTTP/1.1; `None` when the connection does not speak it.
    pub fn http1(&self) -> Option<&Http1> {
        self.http1.as_deref()
    }

    /// The bytes of an interned text.
    pub fn text(&self, symbol: Symbol) -> &[u8] {
        self.texts.get(symbol.index()).map_or(&[], |text| text)
    }

    /// An interned text as a person reads it, with U+FFFD for bytes that are not UTF-8.
    pub fn text_lossy(&self, symbol: Symbol) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.text(symbol))
    }

    /// Who a side is.
    pub fn direction(&self, side: Side) -> Direction {
        if side == self.row.client {
            Direction::Client
        } else {
            Direction::Server
        }
    }

    /// Which side a sender is.
    pub fn side(&self, direction: Direction) -> Side {
        match direction {
            Direction::Client => self.row.client,
            Direction::Server => self.row.client.other(),
        }
    }

    /// The address of a sender.
    pub fn end(&self, direction: Direction) -> SocketAddr {
        self.row.ends[self.side(direction).index()]
    }

    /// Bytes of memory that the connection's tables occupy, roughly.
    pub fn memory_bytes(&self) -> usize {
        let texts: usize = self.texts.iter().map(Bytes::len).sum();
        let http2 = self.http2().map_or(0, Http2::memory_bytes);
        let http1 = self.http1().map_or(0, Http1::memory_bytes);
        let pieces: usize = self
            .streams
            .iter()
            .map(|stream| stream.pieces().memory_bytes())
            .sum();
        texts
            + self.texts.memory_bytes()
            + http2
            + http1
            + pieces
            + self.tcp.memory_bytes()
            + std::mem::size_of::<Self>()
    }
}
