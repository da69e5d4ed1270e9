//! How much is held in memory for later by all connections together: bytes that came before what belongs in front of
//! them, and bytes of connections that are not recognised yet.
//!
//! Each connection has limits of its own, but a capture may have tens of thousands open, and a file made for it would
//! fill them all. So the sum is kept, and when it is too large, those that hold most are read on without what
//! they wait for, until an eighth is free again. What is decided depends on packets alone, not on batches or threads.

use super::Dissector;
use super::connection::ConnectionDissector;
use super::open_connections::Slot;
use crate::trace::rules::reading as rules;
use crate::trace::{ConnectionId, Finding, PacketId};
use std::cmp::Reverse;

/// See [`Limits::held_bytes`](super::Limits::held_bytes). Sixteen connections may wait for their largest window at once;
/// ordinary captures hold some kilobytes.
pub const MAX_HELD_BYTES: usize = 256 << 20;

/// How often the sum is looked at: in packets, and in their bytes. It may be passed by as much.
const LOOK_AFTER_PACKETS: usize = 4096;
const LOOK_AFTER_BYTES: usize = 16 << 20;

/// What a connection, or all of them, hold in memory for later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Holds {
    /// Bytes that wait for something.
    pub(super) waiting_bytes: usize,
    /// Bytes that are only remembered to compare retransmissions with.
    pub(super) recent_bytes: usize,
}

/// The sum over all open connections.
#[derive(Default)]
pub(super) struct Held {
    all: Holds,
    /// Packets and bytes since the sum was looked at.
    packets: usize,
    bytes: usize,
    said: bool,
}

impl Held {
    /// A connection was read on.
    pub(super) fn changed(&mut self, connection: &mut ConnectionDissector) {
        let (before, now) = connection.holds_since();
        self.subtract(before);
        self.all.waiting_bytes += now.waiting_bytes;
        self.all.recent_bytes += now.recent_bytes;
    }

    /// A connection is not open any more.
    pub(super) fn gone(&mut self, connection: &ConnectionDissector) {
        self.subtract(connection.held());
    }

    fn subtract(&mut self, holds: Holds) {
        let all = &mut self.all;
        all.waiting_bytes = all.waiting_bytes.saturating_sub(holds.waiting_bytes);
        all.recent_bytes = all.recent_bytes.saturating_sub(holds.recent_bytes);
    }

    /// Counts a packet. Returns whether it is time to look at the sum.
    pub(super) fn is_time_to_look(&mut self, packet_bytes: usize) -> bool {
        self.packets += 1;
        self.bytes = self.bytes.saturating_add(packet_bytes);
        let due = self.packets >= LOOK_AFTER_PACKETS || self.bytes >= LOOK_AFTER_BYTES;
        if due {
            (self.packets, self.bytes) = (0, 0);
        }
        due
    }
}

impl Dissector {
    /// Sees to it that no more is held than may be.
    pub(super) fn look_at_what_is_held(&mut self, now: PacketId) {
        self.read_waiting();
        let limit = self.limits.held_bytes;
        if self.held.all.recent_bytes > limit {
            // Nothing is lost by it but a comparison.
            for slot in self.open.slots() {
                if let Some(connection) = self.open.get_mut(slot) {
                    connection.forget_recent();
                    self.held.changed(connection);
                }
            }
        }
        if self.held.all.waiting_bytes > limit {
            self.read_without_waiting(limit - limit / 8, now);
        }
    }

    /// Lets the connections that hold most read on, until no more is held than this.
    fn read_without_waiting(&mut self, enough_bytes: usize, now: PacketId) {
        let slots = self.open.slots().into_iter();
        let mut holders: Vec<(Reverse<usize>, ConnectionId, Slot)> = slots
            .filter_map(|slot| {
                let connection = self.open.get(slot)?;
                let held = connection.held().waiting_bytes;
                (held > 0).then(|| (Reverse(held), connection.id(), slot))
            })
            .collect();
        holders.sort_unstable();
        if !std::mem::replace(&mut self.held.said, true) {
            let text = format!(
                "More than {} MB wait for what is missing before them: the connections that hold most are \
                 read on without it.",
                self.limits.held_bytes >> 20
            );
            self.warn(Finding::new(&rules::TOO_MUCH_HELD_BACK, text).in_packet(now));
        }
        let mut findings = Vec::new();
        for (_, id, slot) in holders {
            if self.held.all.waiting_bytes <= enough_bytes {
                break;
            }
            if let Some(connection) = self.open.get_mut(slot) {
                connection.stop_waiting(now, &mut findings);
                self.held.changed(connection);
                if connection.starts_batch() {
                    self.changed.push((slot, id));
                }
            }
        }
        self.take_findings(&mut findings);
    }
}
