//! What the two sides allow one another: settings from their announcement to their acknowledgment, the
//! connection's windows, and the times in which a sender had used a window up.

use super::lives::Slot;
use super::streams::Streams;
use crate::trace::http2::history::{
    Acknowledgment, AnnouncedSetting, BalanceChange, BalanceRow, Instant, SettingInForce,
};
use crate::trace::http2::{LATE_STREAM, Stall, StalledBy};
use crate::trace::{FrameId, Side};
use crate::wire::http2::{Balance, DEFAULT_WINDOW_BYTES, SettingId, StreamId};
use crate::wire::keyed::KeyedMap;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many `SETTINGS` frames may wait for their acknowledgment before the oldest are forgotten.
const MAX_PENDING_SETTINGS: usize = 1024;

/// How many streams of one sender are watched for stalls at a time. More than servers allow to be open;
/// a change of the initial window size looks at each.
const MAX_WATCHED_STREAMS: usize = 1000;

/// The settings that one side announces.
#[derive(Default)]
struct Announced {
    pending: VecDeque<Pending>,
    in_force: BTreeMap<SettingId, Option<u32>>,
}

/// A `SETTINGS` frame that waits for its acknowledgment.
struct Pending {
    at: Instant,
    /// `None` when the frame was not whole.
    settings: Option<Vec<(SettingId, u32)>>,
}

/// A stream whose `DATA` used a window up.
struct Watched {
    by: StalledBy,
    from: FrameId,
    unread_credit: Option<FrameId>,
    reopened: Option<FrameId>,
}

/// What one side may send.
#[derive(Default)]
struct Sender {
    balance: Balance,
    watched: KeyedMap<StreamId, Watched>,
    /// Those of them that wait for the connection's window, perhaps among other things.
    behind_connection: BTreeSet<StreamId>,
    /// The latest credits of each stream that was not ended, and of the connection.
    credits: KeyedMap<StreamId, VecDeque<Credit>>,
}

/// A `WINDOW_UPDATE`.
struct Credit {
    increment: u32,
    frame: FrameId,
}

/// How many credits of a stream are remembered: those that may be on their way at the same time.
const MAX_CREDITS: usize = 64;

/// When the latest credits make up exactly what is left of a window, everything before them was used
/// up. Returns the first of them.
fn first_unused(credits: Option<&VecDeque<Credit>>, window: i64) -> Option<FrameId> {
    let mut left = window;
    for credit in credits?.iter().rev() {
        left = left.checked_sub(i64::from(credit.increment))?;
        if left <= 0 {
            return (left == 0).then_some(credit.frame);
        }
    }
    None
}

/// See the module text.
pub(super) struct Flow {
    announced: [Announced; 2],
    senders: [Sender; 2],
    /// Whether frames were missed, so that windows are not known.
    lost: bool,
    /// See [`Self::max_table_size`]. Every header block asks.
    max_table_sizes: [Option<u32>; 2],
}

impl Default for Flow {
    fn default() -> Self {
        Self {
            announced: Default::default(),
            senders: Default::default(),
            lost: false,
            max_table_sizes: [SettingId::HEADER_TABLE_SIZE.initial_value(); 2],
        }
    }
}

impl Flow {
    /// Frames before this one may be missing; `None`: the capture begins in the middle.
    pub(super) fn lose_track(&mut self, at: Instant, streams: &mut Streams) {
        self.lost = true;
        streams.unseen = true;
        streams.rows.losses.push(at);
        self.settings_changed();
    }

    /// How large the table of this side's blocks may be: what the other side announced and this side
    /// acknowledged, or may have read already. `None` when that is not known. Source: RFC 7541 §4.2.
    pub(super) fn max_table_size(&self, sender: Side) -> Option<u32> {
        self.max_table_sizes[sender.index()]
    }

    fn settings_changed(&mut self) {
        self.max_table_sizes = Side::BOTH.map(|sender| {
            let possible = self.settings_possible(sender.other(), SettingId::HEADER_TABLE_SIZE);
            possible.map(|(_, most)| most)
        });
    }

    /// The smallest and the largest value of a setting that may be in force, since what was announced may have
    /// been read before it is acknowledged; `None` when there is no limit or it cannot be known.
    pub(super) fn settings_possible(
        &self,
        announced_by: Side,
        id: SettingId,
    ) -> Option<(u32, u32)> {
        let announced = &self.announced[announced_by.index()];
        let in_force = match announced.in_force.get(&id) {
            Some(value) => (*value)?,
            None if self.lost => return None,
            None => id.initial_value()?,
        };
        let (mut least, mut most) = (in_force, in_force);
        for pending in &announced.pending {
            for &(announced, value) in pending.settings.as_ref()? {
                if announced == id {
                    least = least.min(value);
                    most = most.max(value);
                }
            }
        }
        Some((least, most))
    }

    /// `SETTINGS` of a side; `None` when the frame was not whole.
    pub(super) fn announce(
        &mut self,
        side: Side,
        settings: Option<Vec<(SettingId, u32)>>,
        streams: &mut Streams,
    ) {
        let at = streams.now;
        let rows = &mut streams.rows.announced[side.index()];
        for &(id, value) in settings.iter().flatten() {
            rows.push(AnnouncedSetting { at, id, value });
        }
        let pending = &mut self.announced[side.index()].pending;
        pending.push_back(Pending { at, settings });
        if pending.len() > MAX_PENDING_SETTINGS {
            pending.pop_front();
        }
        self.settings_changed();
    }

    /// An acknowledgment of what this side announced.
    pub(super) fn acknowledge(&mut self, announcer: Side, streams: &mut Streams) {
        let at = streams.now;
        let announced = &mut self.announced[announcer.index()];
        let pending = announced.pending.pop_front();
        if pending.is_none() && !self.lost {
            return; // It acknowledges nothing.
        }
        let of = pending.as_ref().and_then(|pending| pending.at);
        streams.rows.acknowledged[announcer.index()].push(Acknowledgment {
            at,
            announced: of,
            seen: pending.is_some(),
        });
        let rows = &mut streams.rows.in_force[announcer.index()];
        let mut set = |announced: &mut Announced, id, value: Option<u32>| {
            if announced.in_force.insert(id, value) != Some(value) {
                let announced = of;
                rows.push((
                    id,
                    SettingInForce {
                        at,
                        announced,
                        value,
                    },
                ));
            }
        };
        match pending.and_then(|pending| pending.settings) {
            Some(settings) => {
                for (id, value) in settings {
                    set(announced, id, Some(value));
                }
            }
            None => {
                // Something came into force that was not seen.
                let known = announced
                    .in_force
                    .iter()
                    .filter(|(_, value)| value.is_some());
                let mut ids: Vec<SettingId> = known.map(|(&id, _)| id).collect();
                ids.push(SettingId::INITIAL_WINDOW_SIZE);
                for id in ids {
                    set(announced, id, None);
                }
            }
        }
        self.settings_changed();
        let sender = announcer.other();
        let watched: Vec<StreamId> = self.senders[sender.index()]
            .watched
            .keys()
            .copied()
            .collect();
        for stream in watched {
            self.look_again(stream, sender, streams);
        }
    }

    /// `WINDOW_UPDATE` for this sender, on a stream or, without a slot, on the connection; `None` when the frame was not
    /// whole.
    pub(super) fn credit(
        &mut self,
        (stream, slot): (StreamId, Option<Slot>),
        sender: Side,
        increment: Option<u32>,
        frame: FrameId,
        streams: &mut Streams,
    ) {
        if let Some(increment) = increment.filter(|&increment| increment > 0) {
            let credits = self.senders[sender.index()]
                .credits
                .entry(stream)
                .or_default();
            credits.push_back(Credit { increment, frame });
            if credits.len() > MAX_CREDITS {
                credits.pop_front();
            }
        }
        let change = |balance: Balance| match increment {
            Some(increment) => balance.credit(increment),
            None => balance.lose_track(),
        };
        if let Some(slot) = slot {
            streams.change_balance(slot, sender, frame, change);
            self.look_again(stream, sender, streams);
            return;
        }
        self.change_connection(sender, frame, streams, change);
        let own = &mut self.senders[sender.index()];
        for stream in std::mem::take(&mut own.behind_connection) {
            self.look_again(stream, sender, streams);
        }
    }

    /// `DATA` with so many bytes, of which so many are content.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one frame and its surroundings"
    )]
    pub(super) fn spend(
        &mut self,
        (stream, slot): (StreamId, Slot),
        sender: Side,
        payload_bytes: u32,
        content_bytes: u64,
        ends: bool,
        frame: FrameId,
        streams: &mut Streams,
    ) {
        if content_bytes > 0 {
            self.end_stall(stream, sender, true, frame, streams);
        }
        if payload_bytes > 0 {
            let spend = |balance: Balance| balance.spend(payload_bytes);
            self.change_connection(sender, frame, streams, spend);
            streams.change_balance(slot, sender, frame, spend);
        }
        if content_bytes > 0 && !ends {
            self.watch((stream, slot), sender, frame, streams);
        }
    }

    /// A side has sent END_STREAM, or the stream was reset.
    pub(super) fn ended(
        &mut self,
        stream: StreamId,
        sender: Side,
        frame: FrameId,
        streams: &mut Streams,
    ) {
        self.end_stall(stream, sender, false, frame, streams);
        let credits = &mut self.senders[sender.index()].credits;
        if !credits.is_empty() && stream != StreamId::CONNECTION {
            credits.remove(&stream);
        }
    }

    /// The capture has ended: stalls still going on are written down.
    pub(super) fn finish(&mut self, streams: &mut Streams) {
        for sender in Side::BOTH {
            let own = &mut self.senders[sender.index()];
            let mut watched: Vec<_> = own.watched.drain().collect();
            watched.sort_unstable_by_key(|(_, watched)| watched.from);
            for (stream, watched) in watched {
                streams.rows.stalls.push(Stall {
                    stream,
                    sender,
                    by: watched.by,
                    from: watched.from,
                    until: watched.reopened,
                    went_on: false,
                    unread_credit: watched.unread_credit,
                });
            }
        }
    }

    fn change_connection(
        &mut self,
        sender: Side,
        frame: FrameId,
        streams: &mut Streams,
        change: impl FnOnce(Balance) -> Balance,
    ) {
        let own = &mut self.senders[sender.index()];
        own.balance = change(own.balance);
        streams.rows.balances.push(BalanceChange {
            stream: StreamId::CONNECTION,
            number: LATE_STREAM,
            sender,
            row: BalanceRow::new(frame, own.balance),
        });
    }

    /// What is left of the windows of a stream and of the connection.
    fn windows(&self, slot: Option<Slot>, sender: Side, streams: &Streams) -> Option<[i64; 2]> {
        let receiver = sender.other();
        let in_force = &self.announced[receiver.index()].in_force;
        let initial = match in_force.get(&SettingId::INITIAL_WINDOW_SIZE) {
            Some(value) => *value,
            None => Some(DEFAULT_WINDOW_BYTES),
        };
        let own = streams.balance(slot, sender).window(initial)?;
        let balance = self.senders[sender.index()].balance;
        Some([own, balance.window(Some(DEFAULT_WINDOW_BYTES))?])
    }

    fn watch(
        &mut self,
        (stream, slot): (StreamId, Slot),
        sender: Side,
        frame: FrameId,
        streams: &Streams,
    ) {
        if self.lost {
            return;
        }
        let windows = self.windows(Some(slot), sender, streams);
        let Some([stream_window, connection_window]) = windows else {
            return;
        };
        let own = &mut self.senders[sender.index()];
        if own.watched.len() >= MAX_WATCHED_STREAMS {
            return;
        }
        let mut unread_credit = None;
        let by = match stalled_by(stream_window, connection_window) {
            Some(by) => by,
            None => {
                let unused = |stream, window| first_unused(own.credits.get(&stream), window);
                let of_stream = unused(stream, stream_window);
                let of_connection = unused(StreamId::CONNECTION, connection_window);
                unread_credit = of_stream.or(of_connection);
                match (of_stream, of_connection) {
                    (None, None) => return,
                    (Some(_), None) => StalledBy::Stream,
                    (None, Some(_)) => StalledBy::Connection,
                    (Some(_), Some(_)) => StalledBy::Both,
                }
            }
        };
        own.watched.insert(
            stream,
            Watched {
                by,
                from: frame,
                unread_credit,
                reopened: None,
            },
        );
        if by != StalledBy::Stream && unread_credit.is_none() {
            own.behind_connection.insert(stream);
        }
    }

    /// Something moved one of the windows that a stream may be waiting for.
    fn look_again(&mut self, stream: StreamId, sender: Side, streams: &Streams) {
        if !self.senders[sender.index()].watched.contains_key(&stream) {
            return;
        }
        let windows = self.windows(streams.slot_of(stream), sender, streams);
        let Some([stream_window, connection_window]) = windows else {
            return;
        };
        let own = &mut self.senders[sender.index()];
        let Some(watched) = own.watched.get_mut(&stream) else {
            return;
        };
        if watched.unread_credit.is_some() {
            return; // Only what the sender does next tells when it knew.
        }
        match stalled_by(stream_window, connection_window) {
            None => watched.reopened = watched.reopened.or(streams.now),
            Some(StalledBy::Stream) => {}
            Some(StalledBy::Connection | StalledBy::Both) => {
                own.behind_connection.insert(stream);
            }
        }
    }

    fn end_stall(
        &mut self,
        stream: StreamId,
        sender: Side,
        went_on: bool,
        frame: FrameId,
        streams: &mut Streams,
    ) {
        let own = &mut self.senders[sender.index()];
        if own.watched.is_empty() {
            return;
        }
        let Some(watched) = own.watched.remove(&stream) else {
            return;
        };
        own.behind_connection.remove(&stream);
        streams.rows.stalls.push(Stall {
            stream,
            sender,
            by: watched.by,
            from: watched.from,
            until: Some(watched.reopened.unwrap_or(frame)),
            went_on,
            unread_credit: watched.unread_credit,
        });
    }
}

/// Which windows are used up.
fn stalled_by(stream_window: i64, connection_window: i64) -> Option<StalledBy> {
    match (stream_window <= 0, connection_window <= 0) {
        (true, true) => Some(StalledBy::Both),
        (true, false) => Some(StalledBy::Stream),
        (false, true) => Some(StalledBy::Connection),
        (false, false) => None,
    }
}
