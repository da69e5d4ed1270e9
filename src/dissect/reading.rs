//! When packets that wait in their connections are read, and by how many threads.

use super::Dissector;
use super::connection::ConnectionDissector;
use super::fragments::Places;
use super::open_connections::Slot;
use super::waiting::Read;
use crate::capture::Packet;
use crate::trace::finding::MAX_FINDINGS;
use crate::trace::{Marks, PacketId, Side};
use crate::wire::link::Segment;
use rayon::prelude::*;

/// Packets that wait to be read together, bytes of their payload, and about how many frames are in it. Enough that handing
/// them to threads costs little beside reading them, few enough that their rows stay in the cache.
pub(super) const MAX_WAITING_TO_BE_READ: usize = 4096;
pub(super) const MAX_WAITING_TO_BE_READ_BYTES: usize = 1 << 20;
pub(super) const MAX_WAITING_TO_BE_READ_FRAMES: usize = 8192;

/// Packets and frames from which on waking other threads is worth while: reading them takes some tenths of a millisecond.
const WORTH_A_THREAD: usize = 1024;

impl Dissector {
    /// Whether so many packets wait that it is time to read them.
    pub(super) fn enough_waits(&self) -> bool {
        self.waiting_bytes >= MAX_WAITING_TO_BE_READ_BYTES
            || self.waiting_packets >= MAX_WAITING_TO_BE_READ
            || self.pace.frames_in(self.waiting_bytes) >= MAX_WAITING_TO_BE_READ_FRAMES
    }

    /// Reads a segment that cannot wait.
    pub(super) fn read_at_once(
        &mut self,
        (slot, side): (Slot, Side),
        id: PacketId,
        packet: &Packet,
        segment: &Segment<'_>,
        places: Option<Places>,
    ) {
        self.read_waiting_of(slot);
        let mut findings = Vec::new();
        if let Some(connection) = self.open.get_mut(slot) {
            let found = &mut findings;
            let marks = match places {
                Some(places) => {
                    connection.fragmented_segment((side, id), packet, segment, places, found)
                }
                None => connection.segment(side, id, packet, segment, found),
            };
            self.held.changed(connection);
            self.mark(id, marks);
        }
        self.take_findings(&mut findings);
    }

    /// Reads the packets of one connection that wait.
    pub(super) fn read_waiting_of(&mut self, slot: Slot) {
        if let Some(connection) = self.open.get_mut(slot) {
            let read = connection.read_waiting();
            self.held.changed(connection);
            self.take_read(read);
        }
    }

    /// Reads all packets that wait, connections side by side.
    pub(super) fn read_waiting(&mut self) {
        let work = self.waiting_packets + self.pace.frames_in(self.waiting_bytes);
        let side_by_side = self.busy.len() > 1 && work >= WORTH_A_THREAD;
        let slots = std::mem::take(&mut self.busy);
        let (frames, bytes) = (self.frames, self.waiting_bytes);
        (self.waiting_packets, self.waiting_bytes) = (0, 0);
        if side_by_side {
            self.read_side_by_side(slots);
        } else {
            for slot in slots {
                self.read_waiting_of(slot);
            }
        }
        self.pace.learn(self.frames - frames, bytes);
        if self.findings.len() >= 2 * MAX_FINDINGS {
            self.findings.sort_by_key(|(packets, _)| *packets);
            let dropped = self.findings.drain(MAX_FINDINGS..).count();
            self.findings_dropped += dropped as u64;
        }
    }

    fn read_side_by_side(&mut self, slots: Vec<Slot>) {
        let mut work: Vec<(Slot, Box<ConnectionDissector>, Read)> = slots
            .into_iter()
            .filter_map(|slot| Some((slot, self.open.take(slot)?, Read::default())))
            .collect();
        work.par_iter_mut()
            .with_max_len(1)
            .for_each(|(_, connection, read)| *read = connection.read_waiting());
        for (slot, mut connection, read) in work {
            self.held.changed(&mut connection);
            self.open.put_back(slot, connection);
            self.take_read(read);
        }
    }

    fn take_read(&mut self, read: Read) {
        self.frames += read.frames;
        for (id, marks) in read.marks {
            self.mark(id, marks);
        }
        let findings = read.findings.into_iter();
        self.findings
            .extend(findings.map(|(id, finding)| (id.index() + 1, finding)));
        self.findings_dropped += read.findings_dropped;
    }

    /// Writes into a packet's row what its segment is. The row is still in the batch: a batch is given when nothing waits.
    fn mark(&mut self, id: PacketId, marks: Marks) {
        let first = self.packets - self.batch.packets.len();
        let row = id.index().checked_sub(first);
        if let Some(row) = row.and_then(|row| self.batch.packets.get_mut(row)) {
            row.marks = marks;
        }
    }
}
