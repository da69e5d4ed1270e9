//! The live state of a connection's streams: those that are open, and those that were closed lately.
//!
//! A closed stream's row is in the trace; what is live of it goes when [`MAX_CLOSED_LIVES`] others have closed
//! after it. Frames that name it later still count: they are collected anew and added to its row.

use super::ranges::Ranges;
use super::streams::idle;
use crate::trace::http2::{LATE_STREAM, StreamNumber};
use crate::trace::{FrameId, StreamRow, StreamState};
use crate::wire::http2::{Balance, StreamId};
use crate::wire::keyed::KeyedMap;
use std::cell::Cell;
use std::collections::VecDeque;

/// Closed streams that stay live. `WINDOW_UPDATE`, `RST_STREAM` and `PRIORITY` may follow the end of a stream
/// for about a round trip, in which a connection sees a few hundred streams at most.
pub(super) const MAX_CLOSED_LIVES: usize = 1024;

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
    free: Vec<u32>,
    slot_of: KeyedMap<StreamId, u32>,
    /// The stream that was asked for last: a frame asks several times.
    last: Cell<Option<(StreamId, u32)>>,
    /// Closed streams, the first closed first.
    closed: VecDeque<StreamId>,
    forgotten: Ranges,
    /// How many streams there were.
    count: StreamNumber,
}

impl Lives {
    /// A stream's live state; `None` when no frame named it, or it was forgotten.
    pub(super) fn get(&self, id: &StreamId) -> Option<&Life> {
        self.slots.get(self.slot(*id)? as usize)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, id: &StreamId) -> Option<&mut Life> {
        let slot = self.slot(*id)?;
        self.slots.get_mut(slot as usize)
    }

    /// A stream's live state, new when this frame is the first that names it.
    pub(super) fn get_or_insert(&mut self, id: StreamId, frame: FrameId) -> &mut Life {
        let slot = match self.slot(id) {
            Some(slot) => slot,
            None => self.insert(id, frame),
        };
        // `insert` and `slot` answer with places that exist.
        &mut self.slots[slot as usize]
    }

    /// Says that a stream is closed.
    pub(super) fn closed(&mut self, id: StreamId) {
        self.closed.push_back(id);
    }

    /// Forgets the streams that were closed longest ago. Their rows must have been taken.
    pub(super) fn forget(&mut self) {
        while self.closed.len() > MAX_CLOSED_LIVES {
            let Some(id) = self.closed.pop_front() else {
                return;
            };
            if let Some(slot) = self.slot_of.remove(&id) {
                self.free.push(slot);
                self.forgotten.insert(id);
            }
        }
        self.last.set(None);
    }

    #[inline]
    fn slot(&self, id: StreamId) -> Option<u32> {
        if let Some((last, slot)) = self.last.get()
            && last == id
        {
            return Some(slot);
        }
        let slot = *self.slot_of.get(&id)?;
        self.last.set(Some((id, slot)));
        Some(slot)
    }

    fn insert(&mut self, id: StreamId, frame: FrameId) -> u32 {
        let late = self.forgotten.contains(id);
        let mut life = Life {
            row: idle(id, frame),
            number: LATE_STREAM,
            changed: false,
            balances: [Balance::default(); 2],
            opening_unseen: false,
            updated: false,
        };
        if late {
            life.row.state = StreamState::Closed;
            life.balances = [Balance::default().lose_track(); 2];
            self.closed.push_back(id);
        } else {
            life.number = self.count;
            self.count = self.count.saturating_add(1).min(LATE_STREAM - 1);
        }
        let slot = match self.free.pop() {
            Some(slot) => {
                if let Some(place) = self.slots.get_mut(slot as usize) {
                    *place = life;
                }
                slot
            }
            None => {
                self.slots.push(life);
                // There are no more streams than 31-bit numbers.
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.slot_of.insert(id, slot);
        self.last.set(Some((id, slot)));
        slot
    }
}
