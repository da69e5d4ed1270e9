//! Provenance both ways: from a packet's byte up to what owns it, and from a range of a stream down
//! to the places in the capture file.
//!
//! Down is [`StreamBytes::slices`](super::stream_bytes::StreamBytes::slices). Up begins with the
//! sequence number in the packet's own header: it says where in the stream to look, and the pieces
//! there say which of the packet's bytes arrived first with it. Neither direction needs an index, but for the fragments of
//! an IP packet: they have no TCP header each, so [`Trace::fragments`] says which segment they made up.

use super::connection::Connection;
use super::http1::{Http1, MessageRow};
use super::http2::FrameRow;
use super::ids::{ConnectionId, FrameId, MessageId, PacketId, Side};
use super::packets::{FragmentRow, PacketOwner};
use super::stream_bytes::PieceSlice;
use super::tcp::TcpSide;
use super::{PacketRow, Trace};
use crate::wire::http2::FrameHeader;
use crate::wire::link::{self, HeaderLens, LinkType, Segment};
use std::ops::Range;

/// Where some bytes of a stream lie in the capture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileRun {
    /// Where they start in the stream.
    pub offset: u64,
    /// How many.
    pub len: u32,
    /// The packet that brought them.
    pub packet: PacketId,
    /// Where they start in the packet, from its first captured byte.
    pub offset_in_packet: u32,
    /// Where they start in the file, as [`Source::bytes`](crate::capture::Source::bytes) counts.
    pub file_offset: u64,
}

/// What owns a byte of a packet's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteOwner {
    /// The connection.
    pub connection: ConnectionId,
    /// The sender.
    pub side: Side,
    /// Where the byte is in the sender's stream.
    pub offset: u64,
    /// The HTTP/2 frame it belongs to, if any.
    pub frame: Option<FrameId>,
}

/// Frames that are looked through for the one that holds a byte. Those of the other side may lie
/// in between, and only a capture made for it has so many there.
const MAX_FRAMES_BETWEEN: usize = 1 << 16;

impl Trace {
    /// Calls `look` with a packet's TCP segment, read from the packet's bytes.
    pub fn with_segment<T>(
        &self,
        packet: PacketId,
        look: impl FnOnce(&PacketRow, &Segment<'_>) -> T,
    ) -> Option<T> {
        let row = self.packets.get(packet.index())?;
        row.owner?;
        let interface = self.interfaces.get(usize::from(row.interface))?;
        let bytes = self.packet_bytes(packet)?;
        let segment = link::segment(interface.link_type, &bytes, row.original_len).ok()?;
        Some(look(row, &segment))
    }

    /// How long the headers of a packet are, in front of its TCP payload, and what kind of link it begins with. `None` for
    /// fragments of IP packets, which have no TCP header each.
    pub fn header_lens(&self, packet: PacketId) -> Option<(LinkType, HeaderLens)> {
        let row = self.packets.get(packet.index())?;
        let interface = self.interfaces.get(usize::from(row.interface))?;
        let bytes = self.packet_bytes(packet)?;
        let lens = link::header_lens(interface.link_type, &bytes, row.original_len).ok()?;
        Some((interface.link_type, lens))
    }

    /// Who sent a packet, on which connection. Unlike its row it also tells of each fragment of an IP packet.
    pub fn owner_of_packet(&self, packet: PacketId) -> Option<PacketOwner> {
        if let Some(fragment) = self.fragments.get(packet) {
            return Some(fragment.owner);
        }
        self.packets.get(packet.index())?.owner
    }

    /// The runs of a packet's bytes that its sender's stream got from it, in stream order: nothing
    /// for a retransmission, several when a part of it was there before.
    pub fn stream_slices(&self, packet: PacketId) -> Vec<PieceSlice> {
        let slices = match self.fragments.get(packet) {
            Some(fragment) => self.slices_of(packet, fragment),
            None => self
                .with_segment(packet, |row, segment| {
                    let segment = FragmentRow {
                        packet,
                        owner: row.owner?,
                        whole: packet,
                        sequence: segment.tcp.data_sequence(),
                        payload_len: u32::try_from(segment.payload_len).ok()?,
                    };
                    self.slices_of(packet, &segment)
                })
                .flatten(),
        };
        slices.unwrap_or_default()
    }

    /// The runs of a segment's bytes that came with this packet: all of them, or a fragment's.
    fn slices_of(&self, packet: PacketId, segment: &FragmentRow) -> Option<Vec<PieceSlice>> {
        let (connection, side) = (
            self.connection(segment.owner.connection)?,
            segment.owner.side,
        );
        let stream = connection.stream(side);
        // Offsets are sequence numbers modulo 2³²: the nearest one to what was read then.
        let near = stream.read_with(segment.whole)?;
        let start = connection.tcp().sides[side.index()].offset_near(segment.sequence, near)?;
        let end = start.saturating_add(i64::from(segment.payload_len));
        let range = u64::try_from(start.max(0)).ok()?..u64::try_from(end).ok()?;
        let own = |slice: &PieceSlice| slice.packet == Some(packet);
        Some(stream.slices(range).filter(own).collect())
    }

    /// What owns the byte at this place of a packet; `None` for headers, and for bytes that had
    /// arrived before.
    pub fn owner_of(&self, packet: PacketId, offset_in_packet: u32) -> Option<ByteOwner> {
        let owner = self.owner_of_packet(packet)?;
        let connection = self.connection(owner.connection)?;
        let offset = self.stream_slices(packet).iter().find_map(|slice| {
            let within = offset_in_packet.checked_sub(slice.offset_in_packet)?;
            (within < slice.len).then(|| slice.offset + u64::from(within))
        })?;
        let frames = connection.frames_in(owner.side, offset..offset.saturating_add(1));
        Some(ByteOwner {
            connection: owner.connection,
            side: owner.side,
            offset,
            frame: frames.map(|(id, _)| id).next(),
        })
    }

    /// Where a range of a stream lies in the capture file; without what the capture does not hold.
    pub fn file_runs<'a>(
        &'a self,
        connection: &'a Connection,
        side: Side,
        range: Range<u64>,
    ) -> impl Iterator<Item = FileRun> + 'a {
        connection.stream(side).slices(range).filter_map(|slice| {
            let packet = slice.packet?;
            let start = self.packets.get(packet.index())?.offset;
            Some(FileRun {
                offset: slice.offset,
                len: slice.len,
                packet,
                offset_in_packet: slice.offset_in_packet,
                file_offset: start + u64::from(slice.offset_in_packet),
            })
        })
    }
}

impl TcpSide {
    /// The offset of a sequence number, as the one closest to `near`. Negative before the first
    /// byte that is known of; `None` while nothing is.
    pub fn offset_near(&self, sequence: u32, near: u64) -> Option<i64> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "sequence numbers are offsets modulo 2^32"
        )]
        let expected = self.base?.wrapping_add(near as u32);
        let ahead = i64::from(sequence.wrapping_sub(expected).cast_signed());
        Some(
            i64::try_from(near)
                .unwrap_or(i64::MAX)
                .saturating_add(ahead),
        )
    }
}

impl Connection {
    /// The frames that have bytes in a range of a side's stream, in stream order.
    pub fn frames_in(
        &self,
        side: Side,
        range: Range<u64>,
    ) -> impl Iterator<Item = (FrameId, &FrameRow)> {
        // No frame with these bytes was readable before the bytes themselves.
        let readable = self.stream(side).slices(range.clone()).next();
        let frames = self.http2().zip(readable).map(|(http2, slice)| {
            let first = http2
                .frames
                .partition_point(|row| row.packet < slice.readable);
            let rows = http2
                .frames
                .range(first..first.saturating_add(MAX_FRAMES_BETWEEN));
            rows.enumerate()
                .map(move |(index, row)| (FrameId::from_index(first + index), row))
        });
        let end = range.end;
        frames
            .into_iter()
            .flatten()
            .filter(move |(_, row)| row.side == side)
            .take_while(move |(_, row)| row.offset < end)
            .filter(move |(_, row)| {
                let row_end = if row.whole {
                    row.range().end
                } else {
                    self.end_of(row)
                };
                row_end > range.start
            })
    }

    /// The messages of HTTP/1.1 that have bytes in a range of a side's stream, in stream order.
    pub fn messages_in(
        &self,
        side: Side,
        range: Range<u64>,
    ) -> impl Iterator<Item = (MessageId, &MessageRow)> {
        let messages = self.http1().map_or(&[][..], Http1::messages);
        let readable = self.stream(side).slices(range.clone()).next();
        // A message that holds the first byte has its head before it, or around it.
        let first = readable.map_or(messages.len(), |slice| {
            let behind = messages.partition_point(|row| row.head_packet <= slice.readable);
            let before = messages.get(..behind).unwrap_or_default();
            let mut looked = before.iter().rev().take(MAX_FRAMES_BETWEEN);
            let back = looked.position(|row| row.side == side && row.offset <= range.start);
            behind.saturating_sub(back.map_or(MAX_FRAMES_BETWEEN, |back| back + 1))
        });
        let rows = messages.get(first..).unwrap_or_default();
        rows.iter()
            .take(2 * MAX_FRAMES_BETWEEN)
            .enumerate()
            .map(move |(index, row)| (MessageId::from_index(first + index), row))
            .filter(move |(_, row)| row.side == side)
            .take_while(move |(_, row)| row.offset < range.end)
            .filter(move |(_, row)| row.range().end > range.start)
    }

    /// One behind the last byte that belongs to a frame which is not whole: at the latest where its
    /// header says, and at least its header.
    fn end_of(&self, row: &FrameRow) -> u64 {
        let header = row.offset.saturating_add(FrameHeader::LEN as u64);
        let slices = self.stream(row.side).slices(row.range());
        let hole = slices
            .filter(|slice| slice.packet.is_none())
            .map(|slice| slice.offset)
            .next();
        hole.unwrap_or(row.range().end).max(header)
    }
}
