//! The lives of a connection's streams: what their rows say at the end, and every change of state on the way.

use super::lives::Lives;
use crate::trace::http2::history::StateChange;
use crate::trace::http2::history::{BalanceChange, BalanceRow, Instant, PriorityRow, UrgencyRow};
use crate::trace::http2::{HeaderBytes, HistoryBatch, LATE_STREAM, StreamNumber};
use crate::trace::{ClosedBy, FrameId, Side, StreamRow, StreamState, Symbol};
use crate::wire::http2::{
    Balance, ErrorCode, Priority, PriorityChange, StreamEvent, StreamId, Urgency,
};
use std::collections::BTreeSet;

/// The fields of a header list that a stream's row remembers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Noted {
    pub(super) method: Option<Symbol>,
    pub(super) scheme: Option<Symbol>,
    pub(super) authority: Option<Symbol>,
    pub(super) path: Option<Symbol>,
    pub(super) status: Option<Symbol>,
    pub(super) content_type: Option<Symbol>,
    pub(super) grpc_status: Option<Symbol>,
    /// What the `priority` field asks for.
    pub(super) urgency: Option<Urgency>,
    /// Whether `:status` is 1xx.
    pub(super) interim: bool,
    pub(super) bytes: HeaderBytes,
}

/// How many streams may be named by `PRIORITY_UPDATE` before they are opened. Source: RFC 9218 §7.1 lets
/// a server remember as few as may be open at once.
const MAX_UPDATED_UNOPENED: usize = 1000;

/// All streams of a connection.
#[derive(Default)]
pub(super) struct Streams {
    lives: Lives,
    /// Streams that are neither idle nor closed.
    active: BTreeSet<StreamId>,
    changed: Vec<StreamId>,
    /// Streams that `PRIORITY_UPDATE` named before any frame was on them.
    updated_unopened: BTreeSet<StreamId>,
    /// The lowest last stream and the error of a side's `GOAWAY`s.
    goaways: [Option<(StreamId, ErrorCode)>; 2],
    /// The frame that is being read.
    pub(super) now: Instant,
    /// Whether streams may have been opened where the capture does not show it.
    pub(super) unseen: bool,
    /// What was written since the last batch.
    pub(super) rows: HistoryBatch,
}

impl Streams {
    /// Takes the rows of streams that have changed since the last call.
    pub(super) fn take_changed(&mut self) -> (Vec<StreamRow>, Vec<StreamNumber>) {
        let mut rows = Vec::with_capacity(self.changed.len());
        let mut numbers = Vec::with_capacity(self.changed.len());
        for id in self.changed.drain(..) {
            if let Some(life) = self.lives.get_mut(&id) {
                life.changed = false;
                rows.push(life.row);
                numbers.push(life.number);
                if life.number == LATE_STREAM {
                    life.row.start_counting_again();
                }
            }
        }
        self.lives.forget();
        (rows, numbers)
    }

    /// The row of a stream, which this frame names.
    pub(super) fn touch(&mut self, id: StreamId, frame: FrameId) -> &mut StreamRow {
        let life = self.lives.get_or_insert(id, frame);
        if !self.updated_unopened.is_empty() && self.updated_unopened.remove(&id) {
            life.updated = true;
        }
        life.row.last_frame = frame;
        if !std::mem::replace(&mut life.changed, true) {
            self.changed.push(id);
        }
        &mut life.row
    }

    /// `HEADERS` whose block has been read.
    pub(super) fn headers(&mut self, id: StreamId, side: Side, frame: FrameId, noted: &Noted) {
        let row = self.touch(id, frame);
        if row.state == StreamState::Idle {
            // Response headers on a stream that was not seen before: the capture missed the
            // request, which the other side sent.
            let answers = noted.status.is_some();
            row.opened_by = Some(if answers { side.other() } else { side });
            if answers || (self.unseen && noted.method.is_none()) {
                self.opening_unseen(id, frame);
            }
        }
        let receiver = side.other();
        self.step(id, StreamEvent::Headers { receiver });
        let row = self.touch(id, frame);
        row.header_bytes[side.index()].encoded += noted.bytes.encoded;
        row.header_bytes[side.index()].decoded += noted.bytes.decoded;
        let requests = row.opened_by == Some(side) && row.pushed_by.is_none();
        if requests {
            note_request(row, noted);
        } else {
            if noted.status.is_some() && !noted.interim {
                row.status = noted.status;
                row.response_frame.get_or_insert(frame);
            }
            if noted.status.is_some() && noted.content_type.is_some() {
                row.content_type = noted.content_type;
            }
            row.grpc_status = noted.grpc_status.or(row.grpc_status);
        }
        if let Some(urgency) = noted.urgency
            && requests
            && !self.lives.get(&id).is_some_and(|life| life.updated)
        {
            self.rows.urgency.push(UrgencyRow {
                at: self.now,
                stream: id,
                urgency,
            });
        }
    }

    /// `PRIORITY`, or the priority in `HEADERS`.
    pub(super) fn prioritize(&mut self, id: StreamId, priority: Priority) {
        self.change_tree(id, PriorityChange::Prioritize(priority));
    }

    /// `PRIORITY_UPDATE`, which names a stream and is not on it.
    pub(super) fn update_urgency(&mut self, id: StreamId, urgency: Urgency) {
        if id == StreamId::CONNECTION {
            return;
        }
        if let Some(life) = self.lives.get_mut(&id) {
            life.updated = true;
        } else if self.updated_unopened.len() < MAX_UPDATED_UNOPENED {
            self.updated_unopened.insert(id);
        }
        self.rows.urgency.push(UrgencyRow {
            at: self.now,
            stream: id,
            urgency,
        });
    }

    /// `DATA` on a stream.
    pub(super) fn data(&mut self, id: StreamId, frame: FrameId) {
        if self.unseen && self.touch(id, frame).state == StreamState::Idle {
            self.opening_unseen(id, frame);
            self.step(id, StreamEvent::DataUnannounced);
        }
    }

    /// The balance of a stream's window.
    pub(super) fn balance(&self, id: StreamId, sender: Side) -> Balance {
        let life = self.lives.get(&id);
        life.map_or_else(Balance::default, |life| life.balances[sender.index()])
    }

    /// Changes the balance of a stream's window.
    pub(super) fn change_balance(
        &mut self,
        id: StreamId,
        sender: Side,
        frame: FrameId,
        change: impl FnOnce(Balance) -> Balance,
    ) {
        self.touch(id, frame);
        let Some(life) = self.lives.get_mut(&id) else {
            return;
        };
        let balance = &mut life.balances[sender.index()];
        *balance = change(*balance);
        self.rows.balances.push(BalanceChange {
            stream: id,
            number: life.number,
            sender,
            row: BalanceRow::new(frame, *balance),
        });
    }

    /// The stream was opened where the capture does not show it.
    fn opening_unseen(&mut self, id: StreamId, frame: FrameId) {
        if let Some(life) = self.lives.get_mut(&id) {
            life.opening_unseen = true;
        }
        for sender in Side::BOTH {
            self.change_balance(id, sender, frame, Balance::lose_track);
        }
    }

    /// The stream's number for the rows of a batch; [`LATE_STREAM`] when it has none.
    pub(super) fn number_of(&self, id: StreamId) -> StreamNumber {
        self.lives.get(&id).map_or(LATE_STREAM, |life| life.number)
    }

    /// Moves a stream to the state after an event, and writes it down.
    fn step(&mut self, id: StreamId, event: StreamEvent<Side>) {
        let Some(life) = self.lives.get_mut(&id) else {
            return;
        };
        let before = life.row.state;
        let state = before.after(event);
        if state == before {
            return;
        }
        life.row.state = state;
        let first = !before.is_active() && state.is_active();
        self.rows.transitions.push(StateChange {
            at: self.now,
            stream: id,
            number: life.number,
            state,
            // The promise says where a reserved stream hangs.
            takes_default_place: first && state != StreamState::Reserved && !life.opening_unseen,
        });
        if state == StreamState::Closed {
            self.lives.closed(id);
        }
        if state.is_active() {
            self.active.insert(id);
        } else {
            self.active.remove(&id);
        }
    }

    fn change_tree(&mut self, stream: StreamId, change: PriorityChange) {
        self.rows.priority.push(PriorityRow {
            at: self.now,
            stream,
            change,
        });
    }

    /// `PUSH_PROMISE` whose block has been read.
    pub(super) fn promise(
        &mut self,
        id: StreamId,
        promised: StreamId,
        side: Side,
        frame: FrameId,
        noted: &Noted,
    ) {
        let carrier = self.touch(id, frame);
        carrier.header_bytes[side.index()].encoded += noted.bytes.encoded;
        carrier.header_bytes[side.index()].decoded += noted.bytes.decoded;
        let row = self.touch(promised, frame);
        if row.state == StreamState::Idle {
            row.opened_by = Some(side);
            row.pushed_by = Some(id);
            note_request(row, noted);
            self.step(promised, StreamEvent::Promised);
            self.change_tree(promised, PriorityChange::Promise { on: id });
        }
    }

    /// END_STREAM on `DATA` or `HEADERS`.
    pub(super) fn end_stream(&mut self, id: StreamId, side: Side, frame: FrameId) {
        let before = self.touch(id, frame).state;
        self.step(id, StreamEvent::EndStream(side));
        let row = self.touch(id, frame);
        if before != StreamState::Closed && row.state == StreamState::Closed {
            row.closed_by = Some(ClosedBy::EndStream);
            row.end_frame = Some(frame);
        }
    }

    /// `RST_STREAM`.
    pub(super) fn reset(&mut self, id: StreamId, error: ErrorCode, frame: FrameId) {
        self.touch(id, frame);
        self.close(id, ClosedBy::RstStream, Some(error), Some(frame));
    }

    /// `GOAWAY` of `side`: streams of the other side above `last` were not and will not be
    /// processed. Source: RFC 9113 §6.8.
    pub(super) fn goaway(&mut self, side: Side, last: StreamId, error: ErrorCode, frame: FrameId) {
        let cut_off: Vec<StreamId> = self
            .active
            .range(StreamId(last.0.saturating_add(1))..)
            .filter(|id| {
                let row = self.lives.get(id).map(|life| &life.row);
                row.is_some_and(|row| row.opened_by == Some(side.other()))
            })
            .copied()
            .collect();
        for id in cut_off {
            self.mark(id);
            self.close(id, ClosedBy::Goaway, Some(error), Some(frame));
        }
        let lowest = &mut self.goaways[side.index()];
        if lowest.is_none_or(|(lowest, _)| last <= lowest) {
            *lowest = Some((last, error));
        }
    }

    /// The TCP connection has ended, and every stream with it. No frame says so: the log of states
    /// has no row for it.
    pub(super) fn connection_ended(&mut self, last: Option<FrameId>) {
        for id in std::mem::take(&mut self.active) {
            self.mark(id);
            if let Some(life) = self.lives.get_mut(&id) {
                life.row.state = StreamState::Closed;
                // What was opened above the last stream of a GOAWAY was never looked at.
                let opener = life.row.opened_by;
                let goaway = opener.and_then(|opener| self.goaways[opener.other().index()]);
                let cut_off = goaway.filter(|(lowest, _)| id > *lowest);
                life.row.closed_by = Some(match cut_off {
                    Some(_) => ClosedBy::Goaway,
                    None => ClosedBy::Connection,
                });
                life.row.error = cut_off.map(|(_, error)| error);
                life.row.end_frame = last;
            }
        }
    }

    fn mark(&mut self, id: StreamId) {
        if let Some(life) = self.lives.get_mut(&id)
            && !std::mem::replace(&mut life.changed, true)
        {
            self.changed.push(id);
        }
    }

    fn close(
        &mut self,
        id: StreamId,
        by: ClosedBy,
        error: Option<ErrorCode>,
        frame: Option<FrameId>,
    ) {
        let Some(life) = self.lives.get_mut(&id) else {
            return;
        };
        if life.row.state != StreamState::Closed {
            life.row.closed_by = Some(by);
            life.row.error = error;
            life.row.end_frame = frame;
            self.step(id, StreamEvent::CutOff);
        }
    }
}

fn note_request(row: &mut StreamRow, noted: &Noted) {
    row.method = noted.method.or(row.method);
    row.scheme = noted.scheme.or(row.scheme);
    row.authority = noted.authority.or(row.authority);
    row.path = noted.path.or(row.path);
    row.request_content_type = row.request_content_type.or(noted.content_type);
    // A response's content type replaces it.
    row.content_type = row.content_type.or(noted.content_type);
}

/// A stream that nothing was said of but its number.
pub(super) fn idle(id: StreamId, frame: FrameId) -> StreamRow {
    StreamRow {
        id,
        opened_by: None,
        pushed_by: None,
        method: None,
        scheme: None,
        authority: None,
        path: None,
        status: None,
        content_type: None,
        request_content_type: None,
        grpc_status: None,
        state: StreamState::Idle,
        closed_by: None,
        error: None,
        first_frame: frame,
        last_frame: frame,
        end_frame: None,
        response_frame: None,
        frames: 0,
        data_bytes: [0; 2],
        header_bytes: [HeaderBytes::default(); 2],
    }
}
