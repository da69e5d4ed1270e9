//! What goes into reassembly, and what comes out.

use crate::dissect::fragments::Places;
use crate::trace::PacketId;
use bytes::Bytes;
use std::sync::Arc;

/// Payload of one segment and where it was captured.
#[derive(Clone, Debug)]
pub(in crate::dissect) struct Payload {
    /// The captured bytes.
    pub(in crate::dissect) bytes: Bytes,
    /// How many bytes the segment carried; more than were captured when the snap length cut it.
    pub(in crate::dissect) len: usize,
    /// The packet.
    pub(in crate::dissect) packet: PacketId,
    /// Where the bytes start in the packet; in the joined bytes when it came in fragments.
    pub(in crate::dissect) offset_in_packet: u32,
    /// Which packets the bytes came with, when the segment came in fragments.
    pub(in crate::dissect) fragments: Option<Arc<Places>>,
}

/// What reassembly hands on, in stream order.
#[derive(Clone, Debug)]
pub(in crate::dissect) enum Delivery {
    /// The next bytes of the stream.
    Data {
        /// Their offset in the stream.
        offset: u64,
        /// The bytes.
        bytes: Bytes,
        /// The packet that brought them.
        packet: PacketId,
        /// Where they start in the packet; in the joined bytes when it came in fragments.
        offset_in_packet: u32,
        /// Which packets they came with, when the segment came in fragments.
        fragments: Option<Arc<Places>>,
    },
    /// Bytes that the capture does not hold.
    Hole {
        /// Their offset in the stream.
        offset: u64,
        /// How many.
        len: u64,
    },
}

impl Payload {
    /// Drops the first `count` bytes.
    pub(super) fn skip(&mut self, count: usize) {
        let count = count.min(self.len);
        self.len -= count;
        let captured = count.min(self.bytes.len());
        self.bytes = self.bytes.slice(captured..);
        self.offset_in_packet = self
            .offset_in_packet
            .saturating_add(u32::try_from(captured).unwrap_or(u32::MAX));
    }

    /// Drops what lies behind the first `count` bytes.
    pub(super) fn cut(&mut self, count: usize) {
        self.len = self.len.min(count);
        self.bytes.truncate(self.len);
    }

    /// `len` bytes from `start` on.
    pub(super) fn part(&self, start: u64, len: u64) -> Self {
        let mut part = self.clone();
        part.skip(usize::try_from(start).unwrap_or(usize::MAX));
        part.cut(usize::try_from(len).unwrap_or(usize::MAX));
        part
    }
}
