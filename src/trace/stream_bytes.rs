//! Provenance: which packets hold a range of one direction's stream, and the bytes themselves.
//!
//! A stream is a list of [`Piece`]s in stream order. Following a range down to packets, or reading
//! it, is a binary search and a walk over the pieces it touches; nothing is copied unless a range
//! lies in several packets.

use super::PacketId;
use super::log::Log;
use super::packets::{PacketRow, Piece};
use crate::capture::Source;
use bytes::{Bytes, BytesMut};
use std::ops::Range;

/// The payload that one side of a connection sent, as pieces of packets.
#[derive(Clone, Debug, Default)]
pub struct StreamBytes {
    pieces: Log<Piece>,
}

/// A run of bytes of a stream inside one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PieceSlice {
    /// Where the run starts in the stream.
    pub offset: u64,
    /// How many bytes.
    pub len: u32,
    /// Where the run starts in its packet, from the packet's first captured byte.
    pub offset_in_packet: u32,
    /// The packet; `None` where the capture does not hold the bytes.
    pub packet: Option<PacketId>,
    /// When it could be read: see [`Piece::readable`].
    pub readable: PacketId,
}

impl StreamBytes {
    /// Appends pieces that follow those already there.
    pub fn extend(&mut self, pieces: impl IntoIterator<Item = Piece>) {
        self.pieces.extend(pieces);
    }

    /// All pieces in stream order.
    pub fn pieces(&self) -> &Log<Piece> {
        &self.pieces
    }

    /// How long the stream is, holes included.
    pub fn len(&self) -> u64 {
        self.pieces.last().map_or(0, Piece::end)
    }

    /// Whether the capture holds nothing of this stream.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The runs that make up `range`, cut to what exists, in stream order.
    pub fn slices(&self, range: Range<u64>) -> impl Iterator<Item = PieceSlice> + '_ {
        let first = self
            .pieces
            .partition_point(|piece| piece.end() <= range.start);
        self.pieces
            .range(first..usize::MAX)
            .take_while({
                let end = range.end;
                move |piece| piece.offset < end
            })
            .filter_map(move |piece| {
                let start = piece.offset.max(range.start);
                let end = piece.end().min(range.end);
                // Both differences lie within one piece, whose length is a `u32`.
                let len = u32::try_from(end.checked_sub(start)?).ok()?;
                let skipped = u32::try_from(start - piece.offset).ok()?;
                (len > 0).then(|| PieceSlice {
                    offset: start,
                    len,
                    offset_in_packet: piece.offset_in_packet.saturating_add(skipped),
                    packet: piece.packet,
                    readable: piece.readable,
                })
            })
    }

    /// The first offset that became readable with this packet or later, or the stream's end;
    /// `None` for an empty stream.
    pub fn read_with(&self, packet: PacketId) -> Option<u64> {
        let first = self.pieces.partition_point(|piece| piece.readable < packet);
        let piece = self.pieces.get(first);
        (!self.is_empty()).then(|| piece.map_or(self.len(), |piece| piece.offset))
    }

    /// The packet that brought the byte at `offset`; `None` in a hole and beyond the end.
    pub fn packet_of(&self, offset: u64) -> Option<PacketId> {
        self.slices(offset..offset.saturating_add(1)).next()?.packet
    }

    /// The bytes of `range`, shared with the capture when they lie in one packet.
    ///
    /// `None` when part of the range lies in a hole, beyond the end, or can no longer be read from
    /// the capture file.
    pub fn read(
        &self,
        range: Range<u64>,
        packets: &Log<PacketRow>,
        source: &Source,
    ) -> Option<Bytes> {
        let wanted = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        let mut joined = BytesMut::new();
        for run in self.slices(range) {
            let bytes = run_bytes(&run, packets, source)?;
            if bytes.len() == wanted {
                return Some(bytes);
            }
            if joined.is_empty() {
                // The runs that make up the range exist, so this is backed by the file.
                joined.reserve(wanted.min(1 << 26));
            }
            joined.extend_from_slice(&bytes);
        }
        (joined.len() == wanted).then(|| joined.freeze())
    }

    /// As much of `range` as can be read before the first hole.
    pub fn read_prefix(
        &self,
        range: Range<u64>,
        packets: &Log<PacketRow>,
        source: &Source,
    ) -> Bytes {
        let mut joined = BytesMut::new();
        let mut expected = range.start;
        for run in self.slices(range) {
            if run.offset != expected {
                break;
            }
            let Some(bytes) = run_bytes(&run, packets, source) else {
                break;
            };
            expected = run.offset + u64::from(run.len);
            joined.extend_from_slice(&bytes);
        }
        joined.freeze()
    }
}

fn run_bytes(run: &PieceSlice, packets: &Log<PacketRow>, source: &Source) -> Option<Bytes> {
    let packet = packets.get(run.packet?.index())?;
    let offset = packet.offset.checked_add(u64::from(run.offset_in_packet))?;
    source.bytes(offset, run.len as usize)
}
