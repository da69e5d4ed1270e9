//! The states of streams over time.
//!
//! Every change is a row of one log, in which each row leads to the one before it of the same stream. Which streams are
//! active is a set, of which there are checkpoints: one whenever as many changes have passed as it has members.

use super::{History, Instant};
use crate::trace::http2::{StreamNumber, StreamState};
use crate::trace::log::Log;
use crate::wire::http2::StreamId;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Changes between two checkpoints when few streams are active: replaying them takes some microseconds.
const MIN_CHANGES_PER_CHECKPOINT: usize = 512;

/// A stream's state from a frame on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The frame that brought it.
    pub at: Instant,
    /// The stream.
    pub stream: StreamId,
    /// The state after it.
    pub state: StreamState,
    /// Whether it opens the stream, so that it has a place in the priority tree from now on: the default one unless
    /// it has another already. Not so for streams that are promised, or were opened where the capture does not show it.
    pub takes_default_place: bool,
    /// The row of the stream's transition before this one.
    pub(super) previous: TransitionNumber,
}

/// A row of [`History::transitions`], or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::trace::http2) struct TransitionNumber(Option<NonZeroU32>);

impl TransitionNumber {
    /// The row with this number, counting from 0. None beyond what a row can refer to.
    pub(super) fn from_index(index: usize) -> Self {
        let number = u32::try_from(index)
            .ok()
            .and_then(|index| index.checked_add(1));
        Self(number.and_then(NonZeroU32::new))
    }

    pub(in crate::trace::http2) fn index(self) -> Option<usize> {
        Some(self.0?.get() as usize - 1)
    }
}

/// A state that changed, as the dissector reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// The frame that brought it.
    pub at: Instant,
    /// The stream.
    pub stream: StreamId,
    /// Where it stands among the connection's streams.
    pub number: StreamNumber,
    /// The state after it.
    pub state: StreamState,
    /// See [`Transition::takes_default_place`].
    pub takes_default_place: bool,
}

/// A stream's state from a frame on, in the log of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateRow {
    /// The frame that brought it.
    pub at: Instant,
    /// The state after it.
    pub state: StreamState,
}

/// The streams that are neither idle nor closed, by number.
type ActiveStreams = Arc<[(StreamId, StreamState)]>;

/// Which streams are neither idle nor closed, now and in the past.
#[derive(Clone, Debug, Default)]
pub(in crate::trace::http2) struct Active {
    /// How many there are now.
    count: usize,
    checkpoints: Vec<Checkpoint>,
}

/// The active streams after some number of transitions.
#[derive(Clone, Debug)]
struct Checkpoint {
    transitions: usize,
    streams: ActiveStreams,
}

impl Active {
    /// How many streams are active after the latest transition.
    pub(in crate::trace::http2) fn count(&self) -> usize {
        self.count
    }

    /// Counts a transition that was just appended. The state that the stream had before tells whether it was counted.
    pub(super) fn step(
        &mut self,
        before: StreamState,
        after: StreamState,
        transitions: &Log<Transition>,
    ) {
        match (before.is_active(), after.is_active()) {
            (false, true) => self.count += 1,
            (true, false) => self.count = self.count.saturating_sub(1),
            _ => {}
        }
        let last = self.checkpoints.last();
        let passed = transitions.len() - last.map_or(0, |last| last.transitions);
        if passed >= self.count.max(MIN_CHANGES_PER_CHECKPOINT) {
            let streams = self.after(transitions, transitions.len());
            self.checkpoints.push(Checkpoint {
                transitions: transitions.len(),
                streams: streams.into(),
            });
        }
    }

    /// The active streams after so many transitions, by number.
    fn after(&self, transitions: &Log<Transition>, count: usize) -> Vec<(StreamId, StreamState)> {
        let passed = |checkpoint: &Checkpoint| checkpoint.transitions <= count;
        let passed = self.checkpoints.partition_point(passed);
        let checkpoint = passed
            .checked_sub(1)
            .and_then(|last| self.checkpoints.get(last));
        let (first, before): (usize, &[_]) = match checkpoint {
            Some(checkpoint) => (checkpoint.transitions, &checkpoint.streams),
            None => (0, &[]),
        };
        // Most streams that changed have come and gone again. Each row tells which one it replaces, so the latest of each
        // stream are found in one walk, without a table of streams.
        let mut replaced = vec![false; count.saturating_sub(first)];
        let mut replaced_before = Vec::new();
        for row in transitions.range(first..count) {
            let Some(previous) = row.previous.index() else {
                continue;
            };
            match previous.checked_sub(first) {
                Some(place) => {
                    if let Some(place) = replaced.get_mut(place) {
                        *place = true;
                    }
                }
                None => replaced_before.push(row.stream),
            }
        }
        replaced_before.sort_unstable();
        let stays =
            |(stream, _): &&(StreamId, StreamState)| replaced_before.binary_search(stream).is_err();
        let mut states: Vec<_> = before.iter().filter(stays).copied().collect();
        let latest = transitions.range(first..count).zip(replaced);
        states.extend(
            latest
                .filter(|(row, replaced)| !replaced && row.state.is_active())
                .map(|(row, _)| (row.stream, row.state)),
        );
        states.sort_unstable_by_key(|(stream, _)| *stream);
        states
    }

    /// Bytes of memory, roughly.
    pub(super) fn memory_bytes(&self) -> usize {
        let streams = self
            .checkpoints
            .iter()
            .map(|checkpoint| checkpoint.streams.len());
        streams.sum::<usize>() * size_of::<(StreamId, StreamState)>()
            + self.checkpoints.capacity() * size_of::<Checkpoint>()
    }
}

impl History {
    pub(super) fn transition(&mut self, change: StateChange) {
        let number = TransitionNumber::from_index(self.transitions.len());
        let Some(history) = self.of_number(change.number, change.stream) else {
            return;
        };
        let row = Transition {
            at: change.at,
            stream: change.stream,
            state: change.state,
            takes_default_place: change.takes_default_place,
            previous: history.last_transition,
        };
        let (before, had_place) = (history.state, history.took_default_place);
        history.last_transition = number;
        history.state = change.state;
        history.took_default_place |= change.takes_default_place;
        self.grow_tree(&row, had_place);
        self.transitions.push(row);
        self.active.step(before, row.state, &self.transitions);
        self.remember_tree();
    }

    /// Every state that a stream came to, in order. A life has few: the machine has no way back.
    pub fn states_of(&self, stream: StreamId) -> Vec<StateRow> {
        let mut rows: Vec<StateRow> = self
            .transitions_of(stream)
            .map(|row| StateRow {
                at: row.at,
                state: row.state,
            })
            .collect();
        rows.reverse();
        rows
    }

    /// The transitions of a stream, the latest first.
    pub(in crate::trace::http2) fn transitions_of(
        &self,
        stream: StreamId,
    ) -> impl Iterator<Item = &Transition> {
        let last = self
            .of_stream(stream)
            .map(|history| history.last_transition);
        self.transitions_back(last.unwrap_or_default())
    }

    fn transitions_back(&self, from: TransitionNumber) -> impl Iterator<Item = &Transition> {
        let row = |number: TransitionNumber| self.transitions.get(number.index()?);
        std::iter::successors(row(from), move |later| row(later.previous))
    }

    /// The number of the row with which a stream took its default place; `None` when it did not.
    pub(in crate::trace::http2) fn opening_of(&self, stream: StreamId) -> Option<usize> {
        let mut number = self.of_stream(stream)?.last_transition;
        loop {
            let index = number.index()?;
            let row = self.transitions.get(index)?;
            if row.takes_default_place {
                return Some(index);
            }
            number = row.previous;
        }
    }

    /// The state of a stream.
    pub fn state_at(&self, stream: StreamId, at: Instant) -> StreamState {
        self.transitions_of(stream)
            .find(|row| row.at <= at)
            .map_or(StreamState::Idle, |row| row.state)
    }

    /// The streams that are neither idle nor closed.
    pub fn active_at(&self, at: Instant) -> BTreeMap<StreamId, StreamState> {
        self.active_after(self.transitions.partition_point(|row| row.at <= at))
    }

    /// The streams that are neither idle nor closed after so many transitions.
    pub(in crate::trace::http2) fn active_after(
        &self,
        count: usize,
    ) -> BTreeMap<StreamId, StreamState> {
        self.active
            .after(&self.transitions, count)
            .into_iter()
            .collect()
    }
}
