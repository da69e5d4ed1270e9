//! The live state of a connection's streams: those that are open, and those that were closed lately.
//!
//! A closed stream's row is in the trace; what is live of it goes when [`MAX_CLOSED_LIVES`] others have closed
//! after it. Frames that name it later still count: they are collected anew and added to its row.
//!
//! A frame's stream is looked up once, with [`Lives::enter`]. Its [`Slot`] then leads to it without a search, here and in
//! the tables of the rules.

use super::ranges::Ranges;
use super::streams::idle;
use crate::trace::http2::{LATE_STREAM, StreamNumber};
use crate::trace::{FrameId, StreamRow, StreamState};
use crate::wire::http2::{Balance, StreamId};
use crate::wire::keyed::KeyedMap;
use std::collections::VecDeque;

/// Closed streams that stay live. `WINDOW_UPDATE`, `RST_STREAM` and `PRIORITY` may follow the end of a stream
/// for about a round trip, in which a connection sees a few hundred streams at most.
pub(super) const MAX_CLOSED_LIVES: usize = 512;

/// Where a stream's live state is kept. Good for as long as one frame is read: the place of a stream that was forgotten
/// goes to another one, but not before the next batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(u32);

impl Slot {
    /// A place in a list with one row for each slot.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A stream's live state.
pub(super) struct Life {
    /// What its row says now; of a stream that was forgotten, what came since.
    pub(super) row: StreamRow,
    /// Which stream of the connection it is; [`LATE_STREAM`] when it was forgotten.
    pub(super) number: StreamNumber,
    pub(super) changed: bool,
    /// Of the stream's windows, by sender.
    pub(super) balances: [Balance; 2],
    /// Whether it was opened where the capture does not show it, so that its windows and its place in the
    /// priority tree are unknown.
    pub(super) opening_unseen: bool,
    /// Whether a `PRIORITY_UPDATE` came, which a later `priority` field does not change.
    pub(super) updated: bool,
}

/// The live streams, by number.
#[derive(Default)]
pub(super) struct Lives {
    slots: Vec<Life>,
    free: Vec<Slot>,
    slot_of: KeyedMap<StreamId, Slot>,
    /// The stream that was asked for last: the next frame is often on the same one.
    last: Option<(StreamId, Slot)>,
    /// Closed streams, the first closed first.
    closed: VecDeque<(StreamId, Slot)>,
    forgotten: Ranges,
    /// The places of streams that were forgotten since the last batch: their last rows have to be taken first.
    retired: Vec<Slot>,
    /// How many of them [`Self::next_forgotten`] has told.
    retired_told: usize,
    /// How many streams there were.
    count: StreamNumber,
}

impl Lives {
    /// Where a stream's live state is; `None` when no frame named it, or it was forgotten.
    pub(super) fn slot_of(&self, id: StreamId) -> Option<Slot> {
        match self.last {
            Some((last, slot)) if last == id => Some(slot),
            _ => self.slot_of.get(&id).copied(),
        }
    }

    /// The same for a stream that this frame names, and whether it is the first frame to do so.
    #[inline]
    pub(super) fn enter(&mut self, id: StreamId, frame: FrameId) -> (Slot, bool) {
        if let Some((last, slot)) = self.last
            && last == id
        {
            return (slot, false);
        }
        let (slot, new) = match self.slot_of.get(&id) {
            Some(slot) => (*slot, false),
            None => (self.insert(id, frame), true),
        };
        self.last = Some((id, slot));
        (slot, new)
    }

    /// What is live of a stream.
    #[inline]
    pub(super) fn at(&self, slot: Slot) -> &Life {
        // Slots come from here, and places are never taken away.
        &self.slots[slot.index()]
    }

    /// The same, to be changed.
    #[inline]
    pub(super) fn at_mut(&mut self, slot: Slot) -> &mut Life {
        &mut self.slots[slot.index()]
    }

    /// Says that a stream is closed. The one that was closed longest ago may be forgotten for it.
    pub(super) fn closed(&mut self, slot: Slot) {
        self.closed.push_back((self.at(slot).row.id, slot));
        // At once, not when a batch is taken: what is said of late frames must not depend on the size of batches.
        if self.closed.len() > MAX_CLOSED_LIVES
            && let Some((oldest, slot)) = self.closed.pop_front()
        {
            self.slot_of.remove(&oldest);
            self.last = None;
            self.forgotten.insert(oldest);
            self.retired.push(slot);
        }
    }

    /// A stream that was forgotten and not told yet.
    #[inline]
    pub(super) fn next_forgotten(&mut self) -> Option<Slot> {
        let slot = *self.retired.get(self.retired_told)?;
        self.retired_told += 1;
        Some(slot)
    }

    /// Gives the places of streams that were forgotten to others. Their rows must have been taken.
    pub(super) fn reuse(&mut self) {
        self.free.append(&mut self.retired);
        self.retired_told = 0;
    }

    #[cold]
    fn insert_late(&mut self, slot: Slot) {
        let life = self.at_mut(slot);
        life.number = LATE_STREAM;
        life.row.state = StreamState::Closed;
        life.balances = [Balance::default().lose_track(); 2];
        self.closed(slot);
    }

    fn insert(&mut self, id: StreamId, frame: FrameId) -> Slot {
        let late = self.forgotten.contains(id);
        let life = Life {
            row: idle(id, frame),
            number: self.count,
            changed: false,
            balances: [Balance::default(); 2],
            opening_unseen: false,
            updated: false,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                *self.at_mut(slot) = life;
                slot
            }
            None => {
                self.slots.push(life);
                // There are no more streams than 31-bit numbers.
                Slot(u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX))
            }
        };
        self.slot_of.insert(id, slot);
        if late {
            self.insert_late(slot);
        } else {
            self.count = self.count.saturating_add(1).min(LATE_STREAM - 1);
        }
        slot
    }
}
