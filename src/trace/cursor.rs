//! The cursor: an instant of the capture.
//!
//! Time is only a label on a position. Several frames share a packet, and clocks run backwards, so
//! an instant is a packet and a number of frames within it. Everything at or before the cursor has
//! happened, everything behind it has not.

use super::{Connection, PacketId, Trace};

/// An instant: everything up to and including a packet, of whose frames only the first
/// `frames_in_packet` have been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The packet.
    pub packet: PacketId,
    /// How many of the frames that became readable with this packet have been read;
    /// `u32::MAX` means all of them.
    pub frames_in_packet: u32,
}

impl Cursor {
    /// The instant right after a packet and all of its frames.
    pub fn after_packet(packet: PacketId) -> Self {
        Self {
            packet,
            frames_in_packet: u32::MAX,
        }
    }

    /// The instant right after the frame in row `frame` of a connection.
    pub fn after_frame(connection: &Connection, frame: super::FrameId) -> Option<Self> {
        let frames = &connection.http2()?.frames;
        let packet = frames.get(frame.index())?.packet;
        let first = frames.partition_point(|row| row.packet < packet);
        let count = u32::try_from(frame.index().checked_sub(first)?).ok()?;
        Some(Self {
            packet,
            frames_in_packet: count.saturating_add(1),
        })
    }

    /// The instant at which the capture has been read to its end; `None` without packets.
    pub fn end_of(trace: &Trace) -> Option<Self> {
        let last = trace.packets.len().checked_sub(1)?;
        Some(Self::after_packet(PacketId::from_index(last)))
    }

    /// How many frames of a connection have been read at this instant: the prefix of its log.
    pub fn frame_count(&self, connection: &Connection) -> usize {
        let Some(http2) = connection.http2() else {
            return 0;
        };
        let first = http2.frames.partition_point(|row| row.packet < self.packet);
        let end = http2
            .frames
            .partition_point(|row| row.packet <= self.packet);
        end.min(first.saturating_add(self.frames_in_packet as usize))
    }
}

impl Trace {
    /// The last packet captured at or before a time, taking packets to be in order of time;
    /// `None` before the first.
    pub fn packet_at(&self, time_ns: i64) -> Option<PacketId> {
        let count = self.packets.partition_point(|row| row.time_ns <= time_ns);
        Some(PacketId::from_index(count.checked_sub(1)?))
    }
}
