//! The state of an HTTP/2 connection at an instant, each part read when it is asked for.

use super::history::{AnnouncedSetting, Instant, SettingInForce};
use super::{History, Http2, StreamState};
use crate::trace::headers::TraceLog;
use crate::trace::{Connection, Cursor, FrameId, Side};
use crate::wire::hpack::table::{self, Table, TableEntry};
use crate::wire::http2::{ClosedStreams, PriorityTree, SettingId, StreamId, Urgency};
use std::collections::BTreeMap;

/// How many streams that are prioritized but not opened are listed. Source: RFC 9218 §7.1 lets a server
/// keep as few as may be open at once.
const MAX_PRIORITIZED_IDLE: usize = 1000;

/// A connection as it was right after a frame. It holds nothing but the place: asking for a part
/// is a few binary searches.
#[derive(Clone, Copy)]
pub struct Http2State<'a> {
    connection: &'a Connection,
    http2: &'a Http2,
    at: Instant,
}

impl<'a> Http2State<'a> {
    /// The state at the cursor; `None` when the connection does not speak HTTP/2.
    pub fn at(connection: &'a Connection, cursor: Cursor) -> Option<Self> {
        let count = cursor.frame_count(connection);
        Self::after(connection, count.checked_sub(1).map(FrameId::from_index))
    }

    /// The state right after a frame, before the first one for `None`; `None` when the connection
    /// does not speak HTTP/2.
    pub fn after(connection: &'a Connection, at: Instant) -> Option<Self> {
        let http2 = connection.http2()?;
        Some(Self {
            connection,
            http2,
            at,
        })
    }

    /// The last frame that has been read.
    pub fn last_frame(&self) -> Instant {
        self.at
    }

    /// The logs behind it.
    pub fn history(&self) -> &'a History {
        &self.http2.history
    }

    /// The HPACK dynamic table for the blocks that a side sends.
    pub fn table(&self, sender: Side) -> Table {
        match self.at {
            Some(frame) => self.http2.table_after(sender, frame),
            None => self.http2.initial_table,
        }
    }

    /// The entries of that table, newest first, with the log that holds them.
    pub fn table_entries(&self, sender: Side) -> Vec<TableEntry<'a>> {
        let insertions = &self.http2.insertions[sender.index()];
        let in_force = self.table(sender);
        (in_force.first..in_force.end)
            .rev()
            .zip(table::FIRST_DYNAMIC_INDEX..)
            .filter_map(|(number, index)| {
                let row = insertions.get(usize::try_from(number).ok()?)?;
                let entry = TraceLog::new(self.connection, self.http2, sender).entry_of(row);
                Some(TableEntry {
                    index,
                    number,
                    entry,
                })
            })
            .collect()
    }

    /// One setting that a side announced and the other acknowledged, else its initial value; `None`
    /// when there is no limit or it cannot be known.
    pub fn setting(&self, announced_by: Side, id: SettingId) -> Option<u32> {
        let history = self.history();
        match history.settings[announced_by.index()].at(id, self.at) {
            Some(row) => row.value,
            None if history.begins_in_the_middle() => None,
            None => id.initial_value(),
        }
    }

    /// The settings that a side announced and the other acknowledged, by number.
    pub fn settings(
        &self,
        announced_by: Side,
    ) -> impl Iterator<Item = (SettingId, SettingInForce)> + use<'a> {
        self.http2.history.settings[announced_by.index()].all_at(self.at)
    }

    /// The settings that a side announced and the other has not acknowledged yet.
    pub fn proposed_settings(
        &self,
        announced_by: Side,
    ) -> impl Iterator<Item = &'a AnnouncedSetting> + use<'a> {
        self.http2.history.settings[announced_by.index()].proposed_at(self.at)
    }

    /// What a side may still send on the connection; `None` when it cannot be known.
    pub fn connection_window(&self, sender: Side) -> Option<i64> {
        self.history().connection_window_at(sender, self.at)
    }

    /// What a side may still send on a stream, as far as its own window goes; may be negative;
    /// `None` when it cannot be known.
    pub fn stream_window(&self, stream: StreamId, sender: Side) -> Option<i64> {
        self.history().stream_window_at(stream, sender, self.at)
    }

    /// The streams that are neither idle nor closed.
    pub fn active_streams(&self) -> BTreeMap<StreamId, StreamState> {
        self.history().active_at(self.at)
    }

    /// The state of a stream.
    pub fn stream_state(&self, stream: StreamId) -> StreamState {
        self.history().state_at(stream, self.at)
    }

    /// The priority tree of RFC 7540, with closed streams kept.
    pub fn priority_tree(&self) -> PriorityTree {
        self.history().tree_at(self.at)
    }

    /// The priority tree by another policy. Replays every change up to here.
    pub fn priority_tree_by(&self, policy: ClosedStreams) -> PriorityTree {
        self.history().tree_by_policy_at(policy, self.at)
    }

    /// What the client asked for a stream by RFC 9218; `None` when it said nothing.
    pub fn urgency(&self, stream: StreamId) -> Option<Urgency> {
        self.history().urgency_at(stream, self.at)
    }

    /// The urgencies of streams that are not closed, as far as the client said something.
    pub fn urgencies(&self) -> BTreeMap<StreamId, Urgency> {
        let history = self.history();
        let mut streams: Vec<StreamId> = self.active_streams().into_keys().collect();
        streams.extend(
            history
                .prioritized_idle_at(self.at, MAX_PRIORITIZED_IDLE)
                .filter(|&stream| self.stream_state(stream) == StreamState::Idle),
        );
        streams
            .into_iter()
            .filter_map(|stream| Some((stream, self.urgency(stream)?)))
            .collect()
    }
}
