//! Everything that can be selected or hovered, in any view.

use crate::trace::{
    Carrier, Connection, ConnectionId, ExchangeId, FrameId, MessageId, PacketId, Unit,
};
use crate::wire::http2::StreamId;
use std::ops::Range;

/// Something in the trace that a person points at. One is selected and one hovered at a time, for
/// all views together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// A connection.
    Connection(ConnectionId),
    /// A stream of a connection; stream 0 is the connection's own.
    Stream(ConnectionId, StreamId),
    /// A frame.
    Frame(ConnectionId, FrameId),
    /// Some bytes of a frame: one field, or what was pointed at in the bytes.
    Bytes {
        /// The connection.
        connection: ConnectionId,
        /// The frame.
        frame: FrameId,
        /// The first byte, counted from the first byte of the frame's nine-byte header.
        start: u32,
        /// The byte behind the last one.
        end: u32,
    },
    /// An exchange of HTTP/1.1: a request with its responses.
    Exchange(ConnectionId, ExchangeId),
    /// A message of HTTP/1.1: a request or a response.
    Message(ConnectionId, MessageId),
    /// Some bytes of a message of HTTP/1.1: its first line, a field, or what was pointed at in the bytes.
    MessageBytes {
        /// The connection.
        connection: ConnectionId,
        /// The message.
        message: MessageId,
        /// The first byte, counted from the first byte of the message's head.
        start: u32,
        /// The byte behind the last one.
        end: u32,
    },
    /// A packet.
    Packet(PacketId),
}

impl Item {
    /// A stream or an exchange.
    pub fn of_carrier(connection: ConnectionId, carrier: Carrier) -> Self {
        match carrier {
            Carrier::Stream(stream) => Item::Stream(connection, stream),
            Carrier::Exchange(exchange) => Item::Exchange(connection, exchange),
        }
    }

    /// A frame or a message of HTTP/1.1.
    pub fn of_unit(connection: ConnectionId, unit: Unit) -> Self {
        match unit {
            Unit::Frame(frame) => Item::Frame(connection, frame),
            Unit::Message(message) => Item::Message(connection, message),
        }
    }

    /// Some bytes of a frame or of a message of HTTP/1.1, counted from its first byte.
    pub fn of_bytes(connection: ConnectionId, unit: Unit, range: Range<u32>) -> Self {
        let Range { start, end } = range;
        match unit {
            Unit::Frame(frame) => Item::Bytes {
                connection,
                frame,
                start,
                end,
            },
            Unit::Message(message) => Item::MessageBytes {
                connection,
                message,
                start,
                end,
            },
        }
    }

    /// The frame it is or belongs to.
    pub fn frame(self) -> Option<(ConnectionId, FrameId)> {
        match self.unit()? {
            (connection, Unit::Frame(frame)) => Some((connection, frame)),
            (_, Unit::Message(_)) => None,
        }
    }

    /// The frame, or the message of HTTP/1.1, that it is or belongs to.
    pub fn unit(self) -> Option<(ConnectionId, Unit)> {
        match self {
            Item::Frame(connection, frame)
            | Item::Bytes {
                connection, frame, ..
            } => Some((connection, Unit::Frame(frame))),
            Item::Message(connection, message)
            | Item::MessageBytes {
                connection,
                message,
                ..
            } => Some((connection, Unit::Message(message))),
            Item::Connection(_) | Item::Stream(..) | Item::Exchange(..) | Item::Packet(_) => None,
        }
    }

    /// The bytes that it is, within the frame or message they lie in.
    pub fn bytes(self) -> Option<(Unit, Range<u32>)> {
        match self {
            Item::Bytes {
                frame, start, end, ..
            } => Some((Unit::Frame(frame), start..end)),
            Item::MessageBytes {
                message,
                start,
                end,
                ..
            } => Some((Unit::Message(message), start..end)),
            _ => None,
        }
    }

    /// The stream or exchange that it is or belongs to.
    pub fn carrier(self, connection: &Connection) -> Option<Carrier> {
        if self.connection() != Some(connection.id) {
            return None;
        }
        match self {
            Item::Stream(_, stream) => Some(stream.into()),
            Item::Exchange(_, exchange) => Some(exchange.into()),
            _ => match self.unit()?.1 {
                Unit::Frame(frame) => {
                    let row = connection.http2()?.frames.get(frame.index())?;
                    Some(row.stream.into())
                }
                Unit::Message(message) => {
                    let row = connection.http1()?.message(message)?;
                    Some(row.exchange.into())
                }
            },
        }
    }

    /// The connection it is or belongs to.
    pub fn connection(self) -> Option<ConnectionId> {
        match self {
            Item::Connection(connection)
            | Item::Stream(connection, _)
            | Item::Frame(connection, _)
            | Item::Bytes { connection, .. }
            | Item::Exchange(connection, _)
            | Item::Message(connection, _)
            | Item::MessageBytes { connection, .. } => Some(connection),
            Item::Packet(_) => None,
        }
    }
}
