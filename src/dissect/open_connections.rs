//! The connections that are being read, of which there are at most so many.
//!
//! A packet's connection is found by its two ends. When too many are open, the one that was quiet for longest is
//! given up: its rows stay, what is live of it goes, and what its ends send later begins a new connection.

use super::connection::ConnectionDissector;
use crate::wire::keyed::KeyedMap;
use crate::wire::link::Segment;
use std::net::SocketAddr;

/// The two ends of a connection in a fixed order, whoever sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Flow(SocketAddr, SocketAddr);

impl Flow {
    /// The ends of a segment.
    pub(super) fn of(segment: &Segment<'_>) -> Self {
        let (a, b) = (segment.source, segment.destination);
        if a <= b { Self(a, b) } else { Self(b, a) }
    }
}

/// A place in `places`.
pub(super) type Slot = u32;

const NOWHERE: Slot = Slot::MAX;

/// The connections that are being read.
pub(super) struct OpenConnections {
    places: Vec<Place>,
    free: Vec<Slot>,
    slot_of: KeyedMap<Flow, Slot>,
    /// The ends of the queue in which a connection moves to the end with each packet.
    longest_quiet: Slot,
    shortest_quiet: Slot,
}

struct Place {
    flow: Flow,
    /// `None` while it is worked on elsewhere, and in a free place.
    connection: Option<Box<ConnectionDissector>>,
    longer_quiet: Slot,
    shorter_quiet: Slot,
}

impl Default for OpenConnections {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
            slot_of: KeyedMap::default(),
            longest_quiet: NOWHERE,
            shortest_quiet: NOWHERE,
        }
    }
}

impl OpenConnections {
    /// How many are open.
    pub(super) fn len(&self) -> usize {
        self.slot_of.len()
    }

    /// The connection between two ends.
    pub(super) fn find(&self, flow: &Flow) -> Option<Slot> {
        self.slot_of.get(flow).copied()
    }

    /// What is open at a place.
    pub(super) fn get(&self, slot: Slot) -> Option<&ConnectionDissector> {
        self.places.get(slot as usize)?.connection.as_deref()
    }

    /// What is open at a place, to be changed.
    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut ConnectionDissector> {
        self.places
            .get_mut(slot as usize)?
            .connection
            .as_deref_mut()
    }

    /// Takes a connection out, to work on it; [`Self::put_back`] must follow.
    pub(super) fn take(&mut self, slot: Slot) -> Option<Box<ConnectionDissector>> {
        self.places.get_mut(slot as usize)?.connection.take()
    }

    /// Puts a connection back to its place.
    pub(super) fn put_back(&mut self, slot: Slot, connection: Box<ConnectionDissector>) {
        if let Some(place) = self.places.get_mut(slot as usize) {
            place.connection = Some(connection);
        }
    }

    /// All open places, in the order of the connections' first packets.
    pub(super) fn slots(&self) -> Vec<Slot> {
        let mut slots: Vec<Slot> = self.slot_of.values().copied().collect();
        slots.sort_unstable_by_key(|&slot| self.get(slot).map(ConnectionDissector::id));
        slots
    }

    /// Opens a connection between ends that have none.
    pub(super) fn open(&mut self, flow: Flow, connection: ConnectionDissector) -> Slot {
        let place = Place {
            flow,
            connection: Some(Box::new(connection)),
            longer_quiet: NOWHERE,
            shorter_quiet: NOWHERE,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                if let Some(free) = self.places.get_mut(slot as usize) {
                    *free = place;
                }
                slot
            }
            None => {
                self.places.push(place);
                Slot::try_from(self.places.len() - 1).unwrap_or(NOWHERE)
            }
        };
        self.slot_of.insert(flow, slot);
        self.join(slot);
        slot
    }

    /// Says that a connection has a packet.
    pub(super) fn heard(&mut self, slot: Slot) {
        if self.shortest_quiet != slot {
            self.leave(slot);
            self.join(slot);
        }
    }

    /// The connection that was quiet for longest.
    pub(super) fn longest_quiet(&self) -> Option<Slot> {
        (self.longest_quiet != NOWHERE).then_some(self.longest_quiet)
    }

    /// Gives up a connection.
    pub(super) fn remove(&mut self, slot: Slot) -> Option<Box<ConnectionDissector>> {
        let flow = self.places.get(slot as usize)?.flow;
        self.slot_of.remove(&flow)?;
        self.leave(slot);
        self.free.push(slot);
        self.take(slot)
    }

    fn join(&mut self, slot: Slot) {
        let last = std::mem::replace(&mut self.shortest_quiet, slot);
        self.edit(slot, |place| {
            (place.longer_quiet, place.shorter_quiet) = (last, NOWHERE);
        });
        if !self.edit(last, |place| place.shorter_quiet = slot) {
            self.longest_quiet = slot;
        }
    }

    fn leave(&mut self, slot: Slot) {
        let Some(place) = self.places.get(slot as usize) else {
            return;
        };
        let (longer, shorter) = (place.longer_quiet, place.shorter_quiet);
        if !self.edit(longer, |place| place.shorter_quiet = shorter) {
            self.longest_quiet = shorter;
        }
        if !self.edit(shorter, |place| place.longer_quiet = longer) {
            self.shortest_quiet = longer;
        }
    }

    fn edit(&mut self, slot: Slot, change: impl FnOnce(&mut Place)) -> bool {
        self.places.get_mut(slot as usize).map(change).is_some()
    }
}
