//! Everything that can be selected or hovered, in any view.

use crate::trace::{ConnectionId, FrameId, PacketId};
use crate::wire::http2::StreamId;

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
    /// A packet.
    Packet(PacketId),
}

impl Item {
    /// The frame it is or belongs to.
    pub fn frame(self) -> Option<(ConnectionId, FrameId)> {
        match self {
            Item::Frame(connection, frame)
            | Item::Bytes {
                connection, frame, ..
            } => Some((connection, frame)),
            Item::Connection(_) | Item::Stream(..) | Item::Packet(_) => None,
        }
    }

    /// The connection it is or belongs to.
    pub fn connection(self) -> Option<ConnectionId> {
        match self {
            Item::Connection(connection)
            | Item::Stream(connection, _)
            | Item::Frame(connection, _)
            | Item::Bytes { connection, .. } => Some(connection),
            Item::Packet(_) => None,
        }
    }
}
