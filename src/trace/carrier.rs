//! What carries a request with its response, and what is sent as one, in either version of HTTP.
//!
//! What lies above both versions (calls, bodies) speaks of a [`Carrier`], and of the [`Unit`]s that bytes lie in; a
//! [`Moment`] says when something was there, to the frame where there are frames.

use super::ids::{ExchangeId, FrameId, MessageId, PacketId};
use super::{Connection, Cursor};
use crate::wire::http2::StreamId;
use std::fmt;

/// What carries a request and its response on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// A stream of HTTP/2.
    Stream(StreamId),
    /// An exchange of HTTP/1.1.
    Exchange(ExchangeId),
}

impl Carrier {
    /// The stream; `None` for HTTP/1.1.
    pub fn stream(self) -> Option<StreamId> {
        match self {
            Carrier::Stream(stream) => Some(stream),
            Carrier::Exchange(_) => None,
        }
    }

    /// The exchange; `None` for HTTP/2.
    pub fn exchange(self) -> Option<ExchangeId> {
        match self {
            Carrier::Stream(_) => None,
            Carrier::Exchange(exchange) => Some(exchange),
        }
    }
}

impl From<StreamId> for Carrier {
    fn from(stream: StreamId) -> Self {
        Self::Stream(stream)
    }
}

impl From<ExchangeId> for Carrier {
    fn from(exchange: ExchangeId) -> Self {
        Self::Exchange(exchange)
    }
}

/// `stream 5` or `exchange 3`.
impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Carrier::Stream(stream) => write!(f, "stream {stream}"),
            Carrier::Exchange(exchange) => write!(f, "exchange {exchange}"),
        }
    }
}

/// What a sender sends as one: its bytes follow each other in the sender's stream of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A frame of HTTP/2.
    Frame(FrameId),
    /// A message of HTTP/1.1, head and body.
    Message(MessageId),
}

impl Unit {
    /// The frame; `None` for HTTP/1.1.
    pub fn frame(self) -> Option<FrameId> {
        match self {
            Unit::Frame(frame) => Some(frame),
            Unit::Message(_) => None,
        }
    }

    /// Where its first byte is in its sender's stream of bytes.
    pub fn offset(self, connection: &Connection) -> Option<u64> {
        match self {
            Unit::Frame(frame) => Some(connection.http2()?.frames.get(frame.index())?.offset),
            Unit::Message(message) => Some(connection.http1()?.message(message)?.offset),
        }
    }

    /// When it was there: a frame with its last byte, a message with its head.
    pub fn begun(self, connection: &Connection) -> Option<Moment> {
        match self {
            Unit::Frame(frame) => Some(Moment::Frame(frame)),
            Unit::Message(message) => {
                let row = connection.http1()?.message(message)?;
                Some(Moment::Packet(row.head_packet))
            }
        }
    }
}

/// When something was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// Right after a frame of HTTP/2.
    Frame(FrameId),
    /// With a packet.
    Packet(PacketId),
}

impl Moment {
    /// The frame; `None` for HTTP/1.1.
    pub fn frame(self) -> Option<FrameId> {
        match self {
            Moment::Frame(frame) => Some(frame),
            Moment::Packet(_) => None,
        }
    }

    /// The packet.
    pub fn packet(self, connection: &Connection) -> Option<PacketId> {
        match self {
            Moment::Frame(frame) => Some(connection.http2()?.frames.get(frame.index())?.packet),
            Moment::Packet(packet) => Some(packet),
        }
    }

    /// The instant as a cursor.
    pub fn cursor(self, connection: &Connection) -> Option<Cursor> {
        match self {
            Moment::Frame(frame) => Cursor::after_frame(connection, frame),
            Moment::Packet(packet) => Some(Cursor::after_packet(packet)),
        }
    }
}

/// `frame 17` or `packet 33`, as people count them.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Frame(frame) => write!(f, "frame {frame}"),
            Moment::Packet(packet) => write!(f, "packet {}", packet.number()),
        }
    }
}

/// How much of a connection has been read at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// How many frames of HTTP/2.
    pub frames: usize,
    /// How many packets of the capture.
    pub packets: usize,
}

impl Read {
    /// What has been read at a cursor; nothing without one.
    pub fn at(connection: &Connection, cursor: Option<Cursor>) -> Self {
        let Some(cursor) = cursor else {
            return Self::default();
        };
        Self {
            frames: cursor.frame_count(connection),
            packets: cursor.packet.index().saturating_add(1),
        }
    }

    /// Whether something was there by then.
    pub fn has(&self, moment: Moment) -> bool {
        match moment {
            Moment::Frame(frame) => frame.index() < self.frames,
            Moment::Packet(packet) => packet.index() < self.packets,
        }
    }
}
