//! The packets of a capture and the interfaces they were captured on.

use super::ids::{ConnectionId, PacketId, Side};
use super::tcp::Marks;
use crate::wire::link::{LinkType, Skip};

/// An interface that packets were captured on.
#[derive(Clone, Debug)]
pub struct InterfaceRow {
    /// The name the capture gives it, such as `eth0`; empty when it gives none.
    pub name: String,
    /// What its packets begin with.
    pub link_type: LinkType,
    /// Packets were cut to this many bytes; `None` for no limit.
    pub snapshot_len: Option<u32>,
    /// Length of the frame check sequence at the end of each packet, when the capture says there is one.
    pub fcs_len: u8,
    /// What the capture says about it in words.
    pub words: InterfaceWords,
}

/// What a capture says about an interface in words, as far as it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceWords {
    /// What it is.
    pub description: Option<Box<str>>,
    /// The filter that chose its packets.
    pub filter: Option<Box<str>>,
    /// Comments on it, one a line.
    pub comment: Option<Box<str>>,
}

/// One captured packet. What its headers say is read from its bytes when somebody looks.
#[derive(Clone, Copy, Debug)]
pub struct PacketRow {
    /// When it was captured, in nanoseconds since the Unix epoch. Clocks may run backwards.
    pub time_ns: i64,
    /// Where its first captured byte is in the capture file.
    pub offset: u64,
    /// How many bytes of it were captured.
    pub captured: u32,
    /// How many bytes it had on the wire.
    pub original_len: u32,
    /// The connection it belongs to and who sent it, for a TCP segment.
    pub owner: Option<PacketOwner>,
    /// The interface, counting from 0 over the whole file.
    pub interface: u16,
    /// Why nothing was read from it; `None` for a TCP segment.
    pub skipped: Option<Skip>,
    /// What the segment is besides new data or a plain acknowledgment.
    pub marks: Marks,
}

/// What somebody wrote about a packet into the capture file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketComment {
    /// The packet.
    pub packet: PacketId,
    /// The comments, one a line.
    pub text: Box<str>,
}

/// Which connection a segment belongs to, and who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketOwner {
    /// The connection.
    pub connection: ConnectionId,
    /// The sender.
    pub side: Side,
}

/// A fragment of an IP packet that carried a TCP segment. There is one for each packet that brought bytes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentRow {
    /// The captured packet.
    pub packet: PacketId,
    /// The connection of the segment, and who sent it.
    pub owner: PacketOwner,
    /// The packet that made the segment whole: the last of its fragments to come.
    pub whole: PacketId,
    /// The sequence number of the segment's first byte of payload.
    pub sequence: u32,
    /// How many bytes of payload the segment carried.
    pub payload_len: u32,
}

/// A run of payload bytes that one packet added to a side's stream, in stream order.
///
/// Pieces are disjoint and ascending. A retransmission adds no piece; a packet that overlaps older
/// data adds only what is new; a hole that was given up is a piece without a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it starts in the stream of bytes. The first payload byte of a direction is 0.
    pub offset: u64,
    /// How many bytes.
    pub len: u32,
    /// Where it starts in its packet, from the packet's first captured byte.
    pub offset_in_packet: u32,
    /// The packet that brought it; `None` for bytes the capture does not hold.
    pub packet: Option<PacketId>,
    /// The packet with which everything up to the end of this piece had arrived (or been given
    /// up). Never before `packet`, and never falling from piece to piece.
    pub readable: PacketId,
}

impl Piece {
    /// The stream offset just behind it.
    pub fn end(&self) -> u64 {
        self.offset + u64::from(self.len)
    }
}
