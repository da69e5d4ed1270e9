//! Windows over time: the balance of each after every frame that changed it, and the times in which one was used up.

use super::{History, Instant};
use crate::trace::http2::StreamNumber;
use crate::trace::ids::{FrameId, Side};
use crate::trace::log::Log;
use crate::wire::http2::{Balance, DEFAULT_WINDOW_BYTES, SettingId, StreamId};
use std::sync::Arc;

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

/// The logs of a stream's balances, by sender. Most streams have `DATA` in one direction, many a single frame of it.
#[derive(Clone, Debug, Default)]
pub(super) enum Balances {
    #[default]
    None,
    One(Side, BalanceRow),
    /// Shared with copies of the trace until one of them grows.
    Many(Arc<[Log<BalanceRow>; 2]>),
}

impl Balances {
    pub(super) fn of(&self, sender: Side) -> BalanceRows<'_> {
        match self {
            Self::One(side, row) if *side == sender => BalanceRows::One(row),
            Self::None | Self::One(..) => BalanceRows::None,
            Self::Many(rows) => BalanceRows::Many(&rows[sender.index()]),
        }
    }

    pub(super) fn push(&mut self, sender: Side, row: BalanceRow) {
        match self {
            Self::None => *self = Self::One(sender, row),
            Self::One(side, first) => {
                let mut rows = <[Log<BalanceRow>; 2]>::default();
                rows[side.index()].push(*first);
                rows[sender.index()].push(row);
                *self = Self::Many(Arc::new(rows));
            }
            Self::Many(rows) => Arc::make_mut(rows)[sender.index()].push(row),
        }
    }

    /// Bytes of memory beside the value itself.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::None | Self::One(..) => 0,
            Self::Many(rows) => {
                let logs: usize = rows.iter().map(Log::memory_bytes).sum();
                logs + size_of::<[Log<BalanceRow>; 2]>()
            }
        }
    }
}

/// The balances of one window for one sender, in order.
#[derive(Clone, Copy, Debug)]
pub enum BalanceRows<'a> {
    /// It never changed.
    None,
    /// It changed once.
    One(&'a BalanceRow),
    /// It changed more often.
    Many(&'a Log<BalanceRow>),
}

impl<'a> BalanceRows<'a> {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::Many(rows) => rows.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at a position, counting from 0.
    pub fn get(&self, index: usize) -> Option<&'a BalanceRow> {
        match self {
            Self::None => None,
            Self::One(row) => (index == 0).then_some(*row),
            Self::Many(rows) => rows.get(index),
        }
    }

    /// How many rows, from the first on, `before` is true for.
    pub fn partition_point(&self, mut before: impl FnMut(&BalanceRow) -> bool) -> usize {
        match self {
            Self::None => 0,
            Self::One(row) => usize::from(before(row)),
            Self::Many(rows) => rows.partition_point(before),
        }
    }
}

impl History {
    /// The log of a stream's balance for one sender.
    pub fn stream_balances(&self, stream: StreamId, sender: Side) -> BalanceRows<'_> {
        self.of_stream(stream)
            .map_or(BalanceRows::None, |history| history.balances.of(sender))
    }

    /// The log of the connection's balance for one sender.
    pub fn connection_balances(&self, sender: Side) -> BalanceRows<'_> {
        BalanceRows::Many(&self.connection_balances[sender.index()])
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
}
