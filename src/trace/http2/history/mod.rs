//! The logs that the state of a connection at an instant is read from.
//!
//! An instant is the last frame that has been read, `None` before the first. Every row says with
//! which frame it came to be true, so what was true at an instant is a prefix of each log, found by binary search.
//! Two things are sets that logs alone would make slow to read: which streams are open, and the
//! priority tree. They have checkpoints, one whenever as many changes have passed as the thing
//! has members, so that history stays linear and a seek replays little.

mod settings;
mod states;
mod windows;

pub use settings::{Acknowledgment, AnnouncedSetting, SettingInForce, SettingsHistory};
pub use states::{StateChange, StateRow, Transition};
pub use windows::{BalanceChange, BalanceRow, BalanceRows, Stall, StalledBy};

use super::numbers::StreamNumbers;
use super::trees::{self, Trees};
use super::{LATE_STREAM, StreamNumber, StreamState};
use crate::trace::ids::FrameId;
use crate::trace::log::{Log, push_slowly};
use crate::wire::http2::{PriorityChange, SettingId, StreamId, Urgency};
use crate::wire::keyed::KeyedMap;
use states::{Active, TransitionNumber};
use windows::Balances;

/// The last frame that has been read; `None` before the first. What an upgrade from HTTP/1.1
/// brought along is true from `None` on.
pub type Instant = Option<FrameId>;

/// A change of the priority tree of RFC 7540, besides those that are in [`History::transitions`]: that a stream opens
/// or closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorityRow {
    /// The frame.
    pub at: Instant,
    /// The stream.
    pub stream: StreamId,
    /// What happened to it.
    pub change: PriorityChange,
}

/// A stream's urgency (RFC 9218) from a frame on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrgencyRow {
    /// The frame.
    pub at: Instant,
    /// The stream.
    pub stream: StreamId,
    /// What the client asks for.
    pub urgency: Urgency,
}

/// Rows to append to a [`History`].
#[derive(Debug, Default)]
pub struct HistoryBatch {
    /// By the side that announced.
    pub announced: [Vec<AnnouncedSetting>; 2],
    /// By the side that announced, not the one that acknowledges.
    pub acknowledged: [Vec<Acknowledgment>; 2],
    /// By the side that announced.
    pub in_force: [Vec<(SettingId, SettingInForce)>; 2],
    /// Balances that changed.
    pub balances: Vec<BalanceChange>,
    /// Frames from which on earlier frames may be missing.
    pub losses: Vec<Instant>,
    /// States that changed.
    pub transitions: Vec<StateChange>,
    /// Changes of the priority tree that are not in `transitions`.
    pub priority: Vec<PriorityRow>,
    /// Urgencies that changed.
    pub urgency: Vec<UrgencyRow>,
    /// Stalls that have come to an end.
    pub stalls: Vec<Stall>,
}

/// What one stream went through. There is one for each stream, and most are short: 32 bytes.
#[derive(Clone, Debug, Default)]
struct StreamHistory {
    last_transition: TransitionNumber,
    balances: Balances,
    /// The state after the latest transition.
    state: StreamState,
    /// Whether one of its transitions gave it its default place in the priority tree.
    took_default_place: bool,
}

/// The logs of one connection.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// By the side that announced.
    pub settings: [SettingsHistory; 2],
    /// Every change of a stream's state, in order.
    pub transitions: Log<Transition>,
    /// What was said about priorities, in order. That streams open and close, which changes the tree too, is in
    /// [`History::transitions`]; [`History::tree_at`] knows both.
    pub priority: Log<PriorityRow>,
    /// The times in which a sender had used a window up, in the order in which they ended.
    pub stalls: Log<Stall>,
    /// Frames from which on earlier ones may be missing; `None` for the beginning of the connection.
    pub losses: Log<Instant>,
    /// Streams that were prioritized while idle, in order.
    prioritized_idle: Log<UrgencyRow>,
    connection_balances: [Log<BalanceRow>; 2],
    /// By number, which is [`Self::number_of`] its id.
    streams: Vec<StreamHistory>,
    numbers: StreamNumbers,
    urgencies: KeyedMap<StreamId, Vec<UrgencyRow>>,
    stalls_of: KeyedMap<StreamId, Vec<u32>>,
    pub(super) active: Active,
    pub(super) trees: Trees,
}

impl History {
    /// Gives the next number to a stream.
    pub(super) fn add_stream(&mut self, stream: StreamId) {
        let number = u32::try_from(self.streams.len()).unwrap_or(LATE_STREAM);
        self.numbers.insert(stream, number);
        push_slowly(&mut self.streams, StreamHistory::default());
    }

    /// Where a stream stands among the connection's streams, counting from 0 in the order of their first frames.
    pub(super) fn number_of(&self, stream: StreamId) -> Option<usize> {
        Some(self.numbers.get(stream)? as usize)
    }

    fn of_number(&mut self, number: StreamNumber, stream: StreamId) -> Option<&mut StreamHistory> {
        let number = if number == LATE_STREAM {
            self.numbers.get(stream)?
        } else {
            number
        };
        self.streams.get_mut(number as usize)
    }

    fn of_stream(&self, stream: StreamId) -> Option<&StreamHistory> {
        self.streams.get(self.number_of(stream)?)
    }

    pub(super) fn append(&mut self, batch: HistoryBatch) {
        let settings = batch
            .announced
            .into_iter()
            .zip(batch.acknowledged)
            .zip(batch.in_force);
        for (history, ((announced, acknowledged), in_force)) in
            self.settings.iter_mut().zip(settings)
        {
            history.announced.extend(announced);
            history.acknowledged.extend(acknowledged);
            for (id, row) in in_force {
                history.in_force.entry(id).or_default().push(row);
            }
        }
        self.losses.extend(batch.losses);
        for change in batch.balances {
            let sender = change.sender.index();
            if change.stream.is_connection() {
                self.connection_balances[sender].push(change.row);
            } else {
                if let Some(history) = self.of_number(change.number, change.stream) {
                    history.balances.push(change.sender, change.row);
                }
            }
        }
        let mut priority = batch.priority.into_iter().peekable();
        for change in batch.transitions {
            while let Some(row) = priority.next_if(|row| trees::comes_before(row, &change)) {
                self.prioritize(row);
            }
            self.transition(change);
        }
        for row in priority {
            self.prioritize(row);
        }
        for row in batch.urgency {
            if self.state_at(row.stream, row.at) == StreamState::Idle {
                self.prioritized_idle.push(row);
            }
            self.urgencies.entry(row.stream).or_default().push(row);
        }
        for stall in batch.stalls {
            let number = u32::try_from(self.stalls.len()).unwrap_or(u32::MAX);
            self.stalls_of.entry(stall.stream).or_default().push(number);
            self.stalls.push(stall);
        }
    }

    /// What the client asked for a stream by RFC 9218; `None` when it said nothing.
    pub fn urgency_at(&self, stream: StreamId, at: Instant) -> Option<Urgency> {
        let rows = self.urgencies.get(&stream)?;
        let count = rows.partition_point(|row| row.at <= at);
        Some(rows.get(count.checked_sub(1)?)?.urgency)
    }

    /// Streams that were prioritized before they were opened, the latest first, at most so many
    /// rows of the log.
    pub(super) fn prioritized_idle_at(
        &self,
        at: Instant,
        rows: usize,
    ) -> impl Iterator<Item = StreamId> + '_ {
        let end = self.prioritized_idle.partition_point(|row| row.at <= at);
        self.prioritized_idle
            .range(end.saturating_sub(rows)..end)
            .rev()
            .map(|row| row.stream)
    }

    /// Times in which a sender had used a window up with this stream's `DATA`.
    pub fn stalls_of(&self, stream: StreamId) -> impl Iterator<Item = &Stall> {
        self.stalls_of
            .get(&stream)
            .into_iter()
            .flatten()
            .filter_map(|&number| self.stalls.get(number as usize))
    }

    /// Whether the capture met the connection in the middle.
    pub fn begins_in_the_middle(&self) -> bool {
        self.losses.get(0) == Some(&None)
    }

    /// Bytes of memory, roughly.
    pub fn memory_bytes(&self) -> usize {
        let streams = self.streams.iter();
        let streams: usize = streams.map(|history| history.balances.memory_bytes()).sum();
        let settings = self.settings.iter().map(SettingsHistory::memory_bytes);
        let urgencies: usize = self
            .urgencies
            .values()
            .map(|rows| rows.capacity() * size_of::<UrgencyRow>())
            .sum();
        self.streams.capacity() * size_of::<StreamHistory>()
            + self.numbers.memory_bytes()
            + self.urgencies.capacity() * size_of::<(StreamId, Vec<UrgencyRow>)>()
            + urgencies
            + self.stalls_of.capacity() * size_of::<(StreamId, Vec<u32>)>()
            + streams
            + self.active.memory_bytes()
            + self.trees.memory_bytes()
            + settings.sum::<usize>()
            + self
                .connection_balances
                .iter()
                .map(Log::memory_bytes)
                .sum::<usize>()
            + self.transitions.memory_bytes()
            + self.priority.memory_bytes()
            + self.stalls.memory_bytes()
            + self.losses.memory_bytes()
            + self.prioritized_idle.memory_bytes()
    }
}
