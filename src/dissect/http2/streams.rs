//! The lives of a connection's streams: what their rows say at the end, and every change of state on the way.

use super::active::Active;
use super::lives::{Life, Lives, Slot};
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
    active: Active,
    changed: Vec<Slot>,
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
        for slot in self.changed.drain(..) {
            let life = self.lives.at_mut(slot);
            life.changed = false;
            rows.push(life.row);
            numbers.push(life.number);
            if life.number == LATE_STREAM {
                life.row.start_counting_again();
            }
        }
        self.lives.reuse();
        (rows, numbers)
    }

    /// The stream that this frame names, and whether no frame named it before.
    #[inline]
    pub(super) fn enter(&mut self, id: StreamId, frame: FrameId) -> (Slot, bool) {
        let (slot, new) = self.lives.enter(id, frame);
        let life = self.lives.at_mut(slot);
        if !self.updated_unopened.is_empty() && self.updated_unopened.remove(&id) {
            life.updated = true;
        }
        life.row.last_frame = frame;
        if !std::mem::replace(&mut life.changed, true) {
            self.changed.push(slot);
        }
        (slot, new)
    }

    /// A stream that was forgotten and not told yet.
    #[inline]
    pub(super) fn next_forgotten(&mut self) -> Option<Slot> {
        self.lives.next_forgotten()
    }

    /// Where a stream's live state is; `None` when no frame named it, or it was forgotten.
    pub(super) fn slot_of(&self, id: StreamId) -> Option<Slot> {
        self.lives.slot_of(id)
    }

    /// The row of a stream that was entered.
    #[inline]
    pub(super) fn row(&mut self, slot: Slot) -> &mut StreamRow {
        &mut self.lives.at_mut(slot).row
    }

    /// The stream's number for the rows of a batch; [`LATE_STREAM`] when it has none.
    pub(super) fn number_of(&self, slot: Slot) -> StreamNumber {
        self.lives.at(slot).number
    }

    /// `HEADERS` whose block has been read.
    pub(super) fn headers(&mut self, slot: Slot, side: Side, frame: FrameId, noted: &Noted) {
        let row = self.row(slot);
        if row.state == StreamState::Idle {
            // Response headers on a stream that was not seen before: the capture missed the
            // request, which the other side sent.
            let answers = noted.status.is_some();
            row.opened_by = Some(if answers { side.other() } else { side });
            if answers || (self.unseen && noted.method.is_none()) {
                self.opening_unseen(slot, frame);
            }
        }
        let receiver = side.other();
        self.step(slot, StreamEvent::Headers { receiver });
        let Life { row, updated, .. } = self.lives.at_mut(slot);
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
            && !*updated
        {
            self.rows.urgency.push(UrgencyRow {
                at: self.now,
                stream: row.id,
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
        if let Some(slot) = self.lives.slot_of(id) {
            self.lives.at_mut(slot).updated = true;
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
    pub(super) fn data(&mut self, slot: Slot, frame: FrameId) {
        if self.unseen && self.row(slot).state == StreamState::Idle {
            self.opening_unseen(slot, frame);
            self.step(slot, StreamEvent::DataUnannounced);
        }
    }

    /// The balance of a stream's window.
    pub(super) fn balance(&self, slot: Option<Slot>, sender: Side) -> Balance {
        slot.map_or_else(Balance::default, |slot| {
            self.lives.at(slot).balances[sender.index()]
        })
    }

    /// Changes the balance of a stream's window.
    #[inline]
    pub(super) fn change_balance(
        &mut self,
        slot: Slot,
        sender: Side,
        frame: FrameId,
        change: impl FnOnce(Balance) -> Balance,
    ) {
        let life = self.lives.at_mut(slot);
        let balance = &mut life.balances[sender.index()];
        *balance = change(*balance);
        self.rows.balances.push(BalanceChange {
            stream: life.row.id,
            number: life.number,
            sender,
            row: BalanceRow::new(frame, *balance),
        });
    }

    /// The stream was opened where the capture does not show it.
    fn opening_unseen(&mut self, slot: Slot, frame: FrameId) {
        self.lives.at_mut(slot).opening_unseen = true;
        for sender in Side::BOTH {
            self.change_balance(slot, sender, frame, Balance::lose_track);
        }
    }

    /// Moves a stream to the state after an event, and writes it down.
    fn step(&mut self, slot: Slot, event: StreamEvent<Side>) {
        let life = self.lives.at_mut(slot);
        let before = life.row.state;
        let state = before.after(event);
        if state == before {
            return;
        }
        life.row.state = state;
        let (id, opened_by) = (life.row.id, life.row.opened_by);
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
            self.lives.closed(slot);
        }
        if first {
            self.active.add(id, slot, opened_by, &self.lives);
        }
    }

    fn change_tree(&mut self, stream: StreamId, change: PriorityChange) {
        self.rows.priority.push(PriorityRow {
            at: self.now,
            stream,
            change,
        });
    }

    /// `PUSH_PROMISE` whose block has been read. Both streams were entered.
    pub(super) fn promise(&mut self, carrier: Slot, promised: Slot, side: Side, noted: &Noted) {
        let row = self.row(carrier);
        row.header_bytes[side.index()].encoded += noted.bytes.encoded;
        row.header_bytes[side.index()].decoded += noted.bytes.decoded;
        let on = row.id;
        let row = self.row(promised);
        if row.state == StreamState::Idle {
            row.opened_by = Some(side);
            row.pushed_by = Some(on);
            note_request(row, noted);
            let id = row.id;
            self.step(promised, StreamEvent::Promised);
            self.change_tree(id, PriorityChange::Promise { on });
        }
    }

    /// END_STREAM on `DATA` or `HEADERS`.
    pub(super) fn end_stream(&mut self, slot: Slot, side: Side, frame: FrameId) {
        let before = self.row(slot).state;
        self.step(slot, StreamEvent::EndStream(side));
        let row = self.row(slot);
        if before != StreamState::Closed && row.state == StreamState::Closed {
            row.closed_by = Some(ClosedBy::EndStream);
            row.end_frame = Some(frame);
        }
    }

    /// `RST_STREAM`.
    pub(super) fn reset(&mut self, slot: Slot, error: ErrorCode, frame: FrameId) {
        self.close(slot, ClosedBy::RstStream, Some(error), Some(frame));
    }

    /// `GOAWAY` of `side`: streams of the other side above `last` were not and will not be
    /// processed. Source: RFC 9113 §6.8.
    pub(super) fn goaway(&mut self, side: Side, last: StreamId, error: ErrorCode, frame: FrameId) {
        for slot in self.active.take_above(last, side.other(), &self.lives) {
            self.mark(slot);
            self.close(slot, ClosedBy::Goaway, Some(error), Some(frame));
        }
        let lowest = &mut self.goaways[side.index()];
        if lowest.is_none_or(|(lowest, _)| last <= lowest) {
            *lowest = Some((last, error));
        }
    }

    /// The TCP connection has ended, and every stream with it. No frame says so: the log of states
    /// has no row for it.
    pub(super) fn connection_ended(&mut self, last: Option<FrameId>) {
        for slot in self.active.take_all(&self.lives) {
            self.mark(slot);
            let row = self.row(slot);
            row.state = StreamState::Closed;
            let (id, opener) = (row.id, row.opened_by);
            // What was opened above the last stream of a GOAWAY was never looked at.
            let goaway = opener.and_then(|opener| self.goaways[opener.other().index()]);
            let cut_off = goaway.filter(|(lowest, _)| id > *lowest);
            let row = self.row(slot);
            row.closed_by = Some(match cut_off {
                Some(_) => ClosedBy::Goaway,
                None => ClosedBy::Connection,
            });
            row.error = cut_off.map(|(_, error)| error);
            row.end_frame = last;
        }
    }

    fn mark(&mut self, slot: Slot) {
        if !std::mem::replace(&mut self.lives.at_mut(slot).changed, true) {
            self.changed.push(slot);
        }
    }

    fn close(
        &mut self,
        slot: Slot,
        by: ClosedBy,
        error: Option<ErrorCode>,
        frame: Option<FrameId>,
    ) {
        let row = self.row(slot);
        if row.state != StreamState::Closed {
            row.closed_by = Some(by);
            row.error = error;
            row.end_frame = frame;
            self.step(slot, StreamEvent::CutOff);
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
