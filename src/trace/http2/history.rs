//! The logs that the state of a connection at an instant is read from.
//!
//! An instant is the last frame that has been read, `None` before the first. Every row says with
//! which frame it came to be true, so what was true at an instant is a prefix of each log, found by binary search.
//! Two things are sets that logs alone would make slow to read: which streams are open, and the
//! priority tree. They have checkpoints, one whenever as many changes have passed as the thing
//! has members, so that history stays linear and a seek replays little.

use super::trees::{self, Trees};
use super::{LATE_STREAM, StreamNumber, StreamState};
use crate::trace::ids::{FrameId, Side};
use crate::trace::log::{Log, push_slowly};
use crate::wire::http2::{
    Balance, DEFAULT_WINDOW_BYTES, PriorityChange, SettingId, StreamId, Urgency,
};
use crate::wire::keyed::KeyedMap;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// The last frame that has been read; `None` before the first. What an upgrade from HTTP/1.1
/// brought along is true from `None` on.
pub type Instant = Option<FrameId>;

/// Changes between two checkpoints when the thing has few members: below this, replaying costs
/// less than copying.
const MIN_CHANGES_PER_CHECKPOINT: usize = 256;

/// A setting that a side announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnouncedSetting {
    /// The `SETTINGS` frame; `None` for the HTTP2-Settings field of an upgrade.
    pub at: Instant,
    /// Which setting.
    pub id: SettingId,
    /// Its value.
    pub value: u32,
}

/// The acknowledgment of one `SETTINGS` frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgment {
    /// The frame with ACK; `None` for the 101 of an upgrade.
    pub at: Instant,
    /// The `SETTINGS` that it acknowledges: `None` for the HTTP2-Settings field of an upgrade.
    pub announced: Instant,
    /// Whether that one was seen. Otherwise it was sent before the capture began, or in a hole.
    pub seen: bool,
}

/// A setting from the instant on at which it was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingInForce {
    /// The acknowledgment.
    pub at: Instant,
    /// The `SETTINGS` that announced it.
    pub announced: Instant,
    /// The value; `None` when something was acknowledged that was not seen.
    pub value: Option<u32>,
}

/// What one side announced and the other acknowledged.
#[derive(Clone, Debug, Default)]
pub struct SettingsHistory {
    /// Everything announced, in order.
    pub announced: Log<AnnouncedSetting>,
    /// Every acknowledgment, in order.
    pub acknowledged: Log<Acknowledgment>,
    in_force: BTreeMap<SettingId, Vec<SettingInForce>>,
}

impl SettingsHistory {
    /// What is in force of one setting; `None` when it was not announced and acknowledged.
    pub fn at(&self, id: SettingId, at: Instant) -> Option<SettingInForce> {
        let rows = self.in_force.get(&id)?;
        let count = rows.partition_point(|row| row.at <= at);
        rows.get(count.checked_sub(1)?).copied()
    }

    /// All settings in force, by number.
    pub fn all_at(&self, at: Instant) -> impl Iterator<Item = (SettingId, SettingInForce)> + '_ {
        self.in_force
            .keys()
            .filter_map(move |&id| Some((id, self.at(id, at)?)))
    }

    /// Every value that one setting had, in order.
    pub fn changes(&self, id: SettingId) -> &[SettingInForce] {
        self.in_force.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Settings that were announced and wait for their acknowledgment.
    pub fn proposed_at(&self, at: Instant) -> impl Iterator<Item = &AnnouncedSetting> {
        let acknowledged = self.acknowledged.partition_point(|row| row.at <= at);
        let last = self
            .acknowledged
            .range(0..acknowledged)
            .rev()
            .find(|row| row.seen);
        let first = last.map_or(0, |last| {
            self.announced
                .partition_point(|row| row.at <= last.announced)
        });
        let end = self.announced.partition_point(|row| row.at <= at);
        self.announced.range(first..end)
    }
}

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
    previous: TransitionNumber,
}

/// A row of [`History::transitions`], or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct TransitionNumber(Option<NonZeroU32>);

impl TransitionNumber {
    /// The row with this number, counting from 0. None beyond what a row can refer to.
    fn from_index(index: usize) -> Self {
        let number = u32::try_from(index)
            .ok()
            .and_then(|index| index.checked_add(1));
        Self(number.and_then(NonZeroU32::new))
    }

    fn index(self) -> Option<usize> {
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

/// A balance from a frame on. There is one for each `DATA` frame, so it is packed into 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceRow {
    /// The `DATA` or `WINDOW_UPDATE` frame.
    pub at: FrameId,
    complete: bool,
    bytes: i64,
}

impl BalanceRow {
    /// A balance from a frame on.
    pub fn new(at: FrameId, balance: Balance) -> Self {
        Self {
            at,
            complete: balance.complete,
            bytes: balance.bytes,
        }
    }

    /// Credits less `DATA`, with this frame.
    pub fn balance(&self) -> Balance {
        Balance {
            bytes: self.bytes,
            complete: self.complete,
        }
    }
}

/// A balance that changed, as the dissector reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceChange {
    /// Whose window, 0 for the connection's.
    pub stream: StreamId,
    /// Where the stream stands among the connection's streams; without meaning for the connection's own window.
    pub number: StreamNumber,
    /// The side that may send.
    pub sender: Side,
    /// From when on.
    pub row: BalanceRow,
}

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

/// Which window kept a sender waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StalledBy {
    /// The stream's.
    Stream,
    /// The connection's.
    Connection,
    /// Both were used up when it began.
    Both,
}

impl StalledBy {
    /// `stream`, `connection` or `both`.
    pub fn name(self) -> &'static str {
        match self {
            StalledBy::Stream => "stream",
            StalledBy::Connection => "connection",
            StalledBy::Both => "both",
        }
    }
}

/// A time in which a sender had used up what it was allowed, as far as it knew.
///
/// Near the sender a capture sees a window of 0. Near the receiver it seldom does: the next
/// `WINDOW_UPDATE` is captured while the last `DATA` is still on its way. But then the bytes sent
/// are exactly those allowed by the credits before that one, which `unread_credit` remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// The stream whose `DATA` used the window up.
    pub stream: StreamId,
    /// The sender that may have waited.
    pub sender: Side,
    /// Which window.
    pub by: StalledBy,
    /// The `DATA` that used it up.
    pub from: FrameId,
    /// The frame that opened the windows again, or ended the stream; `None` when none did. With
    /// an `unread_credit`: the next frame of the sender on the stream.
    pub until: Option<FrameId>,
    /// Whether `DATA` with content followed on the stream, so that the sender did have more to send. It may
    /// still have got it only later. Without, it may have had nothing left.
    pub went_on: bool,
    /// The first credit that was captured before `from` and that the sender cannot have known, if it
    /// waited: it did only if less than a round trip lies between the two. `None` when the window was seen to be used up.
    pub unread_credit: Option<FrameId>,
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
}

/// The logs of a stream's balances, by sender. Most streams have `DATA` in one direction, many a single frame of it.
#[derive(Clone, Debug, Default)]
enum Balances {
    #[default]
    None,
    One(Side, BalanceRow),
    Many(Box<[Vec<BalanceRow>; 2]>),
}

impl Balances {
    fn of(&self, sender: Side) -> &[BalanceRow] {
        match self {
            Self::One(side, row) if *side == sender => std::slice::from_ref(row),
            Self::None | Self::One(..) => &[],
            Self::Many(rows) => &rows[sender.index()],
        }
    }

    fn push(&mut self, sender: Side, row: BalanceRow) {
        match self {
            Self::None => *self = Self::One(sender, row),
            Self::One(side, first) => {
                let mut rows = Box::<[Vec<BalanceRow>; 2]>::default();
                rows[side.index()].push(*first);
                rows[sender.index()].push(row);
                *self = Self::Many(rows);
            }
            Self::Many(rows) => rows[sender.index()].push(row),
        }
    }
}

/// Streams that are neither idle nor closed, after some number of transitions.
#[derive(Clone, Debug)]
struct ActiveCheckpoint {
    transitions: usize,
    streams: Arc<BTreeMap<StreamId, StreamState>>,
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
    number_of: KeyedMap<StreamId, StreamNumber>,
    urgencies: KeyedMap<StreamId, Vec<UrgencyRow>>,
    stalls_of: KeyedMap<StreamId, Vec<u32>>,
    active_checkpoints: Vec<ActiveCheckpoint>,
    pub(super) active: BTreeMap<StreamId, StreamState>,
    pub(super) trees: Trees,
}

impl History {
    /// Gives the next number to a stream.
    pub(super) fn add_stream(&mut self, stream: StreamId) {
        let number = u32::try_from(self.streams.len()).unwrap_or(LATE_STREAM);
        self.number_of.insert(stream, number);
        push_slowly(&mut self.streams, StreamHistory::default());
    }

    /// Where a stream stands among the connection's streams, counting from 0 in the order of their first frames.
    pub(super) fn number_of(&self, stream: StreamId) -> Option<usize> {
        Some(*self.number_of.get(&stream)? as usize)
    }

    fn of_number(&mut self, number: StreamNumber, stream: StreamId) -> Option<&mut StreamHistory> {
        let number = if number == LATE_STREAM {
            *self.number_of.get(&stream)?
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

    fn transition(&mut self, change: StateChange) {
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
        self.grow_tree(&row);
        let row_number = TransitionNumber::from_index(self.transitions.len());
        if let Some(history) = self.of_number(change.number, change.stream) {
            history.last_transition = row_number;
        }
        if row.state.is_active() {
            self.active.insert(row.stream, row.state);
        } else {
            self.active.remove(&row.stream);
        }
        self.transitions.push(row);
        self.remember_tree();
        let last = self.active_checkpoints.last();
        let passed = self.transitions.len() - last.map_or(0, |last| last.transitions);
        if passed >= self.active.len().max(MIN_CHANGES_PER_CHECKPOINT) {
            self.active_checkpoints.push(ActiveCheckpoint {
                transitions: self.transitions.len(),
                streams: Arc::new(self.active.clone()),
            });
        }
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
    pub(super) fn transitions_of(&self, stream: StreamId) -> impl Iterator<Item = &Transition> {
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
    pub(super) fn opening_of(&self, stream: StreamId) -> Option<usize> {
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
    pub(super) fn active_after(&self, count: usize) -> BTreeMap<StreamId, StreamState> {
        let checkpoints = &self.active_checkpoints;
        let passed = checkpoints.partition_point(|checkpoint| checkpoint.transitions <= count);
        let checkpoint = passed.checked_sub(1).and_then(|last| checkpoints.get(last));
        let (first, mut active) = match checkpoint {
            Some(checkpoint) => (checkpoint.transitions, (*checkpoint.streams).clone()),
            None => (0, BTreeMap::new()),
        };
        for row in self.transitions.range(first..count) {
            if row.state.is_active() {
                active.insert(row.stream, row.state);
            } else {
                active.remove(&row.stream);
            }
        }
        active
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

    /// The log of a stream's balance for one sender.
    pub fn stream_balances(&self, stream: StreamId, sender: Side) -> &[BalanceRow] {
        self.of_stream(stream)
            .map_or(&[], |history| history.balances.of(sender))
    }

    /// The log of the connection's balance for one sender.
    pub fn connection_balances(&self, sender: Side) -> &Log<BalanceRow> {
        &self.connection_balances[sender.index()]
    }

    /// How large a new stream's window is for this sender: what the receiver announced and the
    /// sender acknowledged. `None` when it cannot be known.
    pub fn initial_window_at(&self, sender: Side, at: Instant) -> Option<u32> {
        let announced = &self.settings[sender.other().index()];
        match announced.at(SettingId::INITIAL_WINDOW_SIZE, at) {
            Some(row) => row.value,
            None if self.begins_in_the_middle() => None,
            None => Some(DEFAULT_WINDOW_BYTES),
        }
    }

    /// What a side may still send on the connection as a whole; `None` when it cannot be known.
    pub fn connection_window_at(&self, sender: Side, at: Instant) -> Option<i64> {
        let lost = self.losses.partition_point(|&loss| loss <= at) > 0;
        let rows = &self.connection_balances[sender.index()];
        let count = rows.partition_point(|row| Some(row.at) <= at);
        let last = count.checked_sub(1).and_then(|last| rows.get(last));
        let balance = last.map_or_else(Balance::default, BalanceRow::balance);
        balance.window((!lost).then_some(DEFAULT_WINDOW_BYTES))
    }

    /// What a side may still send on a stream, as far as the stream's own window goes; `None` when
    /// it cannot be known: frames may be missing since the stream was opened.
    pub fn stream_window_at(&self, stream: StreamId, sender: Side, at: Instant) -> Option<i64> {
        let rows = self.stream_balances(stream, sender);
        let count = rows.partition_point(|row| Some(row.at) <= at);
        let last = count.checked_sub(1).and_then(|last| rows.get(last));
        let balance = last.map_or_else(Balance::default, BalanceRow::balance);
        let losses = self.losses.partition_point(|&loss| loss <= at);
        if let Some(last) = losses.checked_sub(1)
            && let Some(&loss) = self.losses.get(last)
        {
            let opened = self.transitions_of(stream).last()?.at;
            if opened < loss {
                return None;
            }
        }
        balance.window(self.initial_window_at(sender, at))
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
        let streams: usize = self
            .streams
            .iter()
            .map(|history| match &history.balances {
                Balances::None | Balances::One(..) => 0,
                Balances::Many(rows) => {
                    let count: usize = rows.iter().map(Vec::capacity).sum();
                    count * size_of::<BalanceRow>() + size_of::<[Vec<BalanceRow>; 2]>()
                }
            })
            .sum();
        let active: usize = self
            .active_checkpoints
            .iter()
            .map(|checkpoint| checkpoint.streams.len() * size_of::<(StreamId, StreamState)>())
            .sum();
        let settings: usize = self
            .settings
            .iter()
            .map(|history| {
                let in_force = history.in_force.values().map(Vec::capacity).sum::<usize>();
                history.announced.memory_bytes()
                    + history.acknowledged.memory_bytes()
                    + in_force * size_of::<SettingInForce>()
            })
            .sum();
        let urgencies: usize = self
            .urgencies
            .values()
            .map(|rows| rows.capacity() * size_of::<UrgencyRow>())
            .sum();
        self.streams.capacity() * size_of::<StreamHistory>()
            + self.number_of.capacity() * size_of::<(StreamId, StreamNumber)>()
            + self.urgencies.capacity() * size_of::<(StreamId, Vec<UrgencyRow>)>()
            + urgencies
            + self.stalls_of.capacity() * size_of::<(StreamId, Vec<u32>)>()
            + streams
            + active
            + self.trees.memory_bytes()
            + settings
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
