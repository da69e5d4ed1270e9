//! Packets that wait to be read together with others of their connection.
//!
//! Finding a packet's connection is quick and has to be done in the order of the file; reading what the connection
//! carries is neither. So packets wait in their connections until some hundred are there, and then the
//! connections are read side by side, each by one thread. What comes out does not depend on the threads: a
//! connection knows nothing of the others, and findings are put in order by their packets.

use crate::capture::Packet;
use crate::trace::{Marks, PacketId, Side};
use crate::wire::link::Segment;
use crate::wire::tcp::TcpHeader;
use std::net::SocketAddr;

/// A packet whose connection is known.
pub(super) struct WaitingPacket {
    pub(super) id: PacketId,
    pub(super) side: Side,
    pub(super) packet: Packet,
    source: SocketAddr,
    destination: SocketAddr,
    ip_id: Option<u16>,
    tcp_offset: usize,
    payload_offset: usize,
    payload_captured: usize,
    payload_len: usize,
}

impl WaitingPacket {
    /// Keeps a packet and where its segment is. Gives the packet back when the segment could not be found again so.
    pub(super) fn new(
        id: PacketId,
        side: Side,
        packet: Packet,
        segment: &Segment<'_>,
    ) -> Result<Self, Packet> {
        let waiting = Self {
            id,
            side,
            source: segment.source,
            destination: segment.destination,
            ip_id: segment.ip_id,
            tcp_offset: segment
                .payload_offset
                .saturating_sub(segment.tcp.header_len),
            payload_offset: segment.payload_offset,
            payload_captured: segment.payload.len(),
            payload_len: segment.payload_len,
            packet,
        };
        match waiting.segment() {
            Some(again) if again.tcp == segment.tcp => Ok(waiting),
            _ => Err(waiting.packet),
        }
    }

    /// The segment.
    pub(super) fn segment(&self) -> Option<Segment<'_>> {
        let bytes = &self.packet.bytes;
        let end = self.payload_offset.checked_add(self.payload_captured)?;
        Some(Segment {
            source: self.source,
            destination: self.destination,
            ip_id: self.ip_id,
            tcp: TcpHeader::decode(bytes.get(self.tcp_offset..)?).ok()?,
            payload: bytes.get(self.payload_offset..end)?,
            payload_len: self.payload_len,
            payload_offset: self.payload_offset,
        })
    }
}

/// How many frames payload holds, as the latest that was read tells. Reading a gigabyte of large bodies is a millisecond's
/// work, and reading as many small frames takes minutes: how long it takes depends on the frames.
pub(super) struct Pace {
    frames: usize,
    bytes: usize,
}

impl Default for Pace {
    fn default() -> Self {
        // Small frames, until it is known: a batch that comes too early costs less than one that is too large.
        Self {
            frames: 1,
            bytes: 64,
        }
    }
}

impl Pace {
    /// About how many frames so much payload holds.
    pub(super) fn frames_in(&self, bytes: usize) -> usize {
        bytes.saturating_mul(self.frames) / self.bytes.max(1)
    }

    /// So much payload held so many frames.
    pub(super) fn learn(&mut self, frames: usize, bytes: usize) {
        if bytes > 0 {
            *self = Self { frames, bytes };
        }
    }
}

/// What reading a connection's waiting packets gave, besides its own rows.
#[derive(Default)]
pub(super) struct Read {
    /// What segments are besides new data; those that are nothing else are left out.
    pub(super) marks: Vec<(PacketId, Marks)>,
    /// Findings, and with which packet they were made.
    pub(super) findings: Vec<(PacketId, crate::trace::Finding)>,
    /// Findings that were only counted.
    pub(super) findings_dropped: u64,
    /// How many frames there were.
    pub(super) frames: usize,
}
