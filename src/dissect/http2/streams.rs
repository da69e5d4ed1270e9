//! The lives of a connection's streams.
//!
//! ```text
//!                  PUSH_PROMISE            HEADERS
//!      reserved <--------------- idle ----------------> open
//!          |                                              |
//!          | HEADERS                                      | END_STREAM of one side
//!          v                                              v
//!     half-closed (the promiser sends)              half-closed
//!          |                                              |
//!          |     END_STREAM of the other, RST_STREAM,     |
//!          +---> GOAWAY, end of the connection  <---------+
//!                               |
//!                               v
//!                            closed
//! ```
//!
//! Source: RFC 9113 §5.1, as both endpoints together see it: a capture shows what was sent, and
//! an endpoint's own view follows half a round trip later.

use crate::trace::http2::HeaderBytes;
use crate::trace::{ClosedBy, FrameId, Side, StreamRow, StreamState, Symbol};
use crate::wire::http2::{ErrorCode, StreamId};
use std::collections::{BTreeSet, HashMap};

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
    /// Whether `:status` is 1xx.
    pub(super) interim: bool,
    pub(super) bytes: HeaderBytes,
}

/// All streams of a connection.
#[derive(Default)]
pub(super) struct Streams {
    /// With the default, keyed hasher: stream ids come from the capture.
    lives: HashMap<StreamId, Life>,
    /// Streams that are neither idle nor closed.
    active: BTreeSet<StreamId>,
    changed: Vec<StreamId>,
}

struct Life {
    row: StreamRow,
    changed: bool,
}

impl Streams {
    /// Takes the rows of streams that have changed since the last call.
    pub(super) fn take_changed(&mut self) -> Vec<StreamRow> {
        let mut rows = Vec::with_capacity(self.changed.len());
        for id in self.changed.drain(..) {
            if let Some(life) = self.lives.get_mut(&id) {
                life.changed = false;
                rows.push(life.row);
            }
        }
        rows
    }

    /// The row of a stream, which this frame names.
    pub(super) fn touch(&mut self, id: StreamId, frame: FrameId) -> &mut StreamRow {
        let life = self.lives.entry(id).or_insert_with(|| Life {
            row: idle(id, frame),
            changed: false,
        });
        life.row.last_frame = frame;
        if !std::mem::replace(&mut life.changed, true) {
            self.changed.push(id);
        }
        &mut life.row
    }

    /// `HEADERS` whose block has been read.
    pub(super) fn headers(&mut self, id: StreamId, side: Side, frame: FrameId, noted: &Noted) {
        let row = self.touch(id, frame);
        match row.state {
            StreamState::Idle => {
                row.state = StreamState::Open;
                // Response headers on a stream that was not seen before: the capture missed the
                // request, which the other side sent.
                let answers = noted.status.is_some();
                row.opened_by = Some(if answers { side.other() } else { side });
            }
            StreamState::Reserved => row.state = StreamState::HalfClosed(side.other()),
            StreamState::Open | StreamState::HalfClosed(_) | StreamState::Closed => {}
        }
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
        if row.state != StreamState::Closed {
            self.active.insert(id);
        }
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
            row.state = StreamState::Reserved;
            row.opened_by = Some(side);
            row.pushed_by = Some(id);
            note_request(row, noted);
            self.active.insert(promised);
        }
    }

    /// END_STREAM on `DATA` or `HEADERS`.
    pub(super) fn end_stream(&mut self, id: StreamId, side: Side, frame: FrameId) {
        let row = self.touch(id, frame);
        match row.state {
            StreamState::Idle | StreamState::Open => row.state = StreamState::HalfClosed(side),
            StreamState::HalfClosed(closed) if closed != side => {
                self.close(id, ClosedBy::EndStream, None, Some(frame));
            }
            StreamState::HalfClosed(_) | StreamState::Reserved | StreamState::Closed => {}
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
    }

    /// The TCP connection has ended, and every stream with it.
    pub(super) fn connection_ended(&mut self, last: Option<FrameId>) {
        for id in std::mem::take(&mut self.active) {
            self.mark(id);
            self.close(id, ClosedBy::Connection, None, last);
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
        self.active.remove(&id);
        let Some(life) = self.lives.get_mut(&id) else {
            return;
        };
        if life.row.state != StreamState::Closed {
            life.row.state = StreamState::Closed;
            life.row.closed_by = Some(by);
            life.row.error = error;
            life.row.end_frame = frame;
        }
    }
}

fn note_request(row: &mut StreamRow, noted: &Noted) {
    row.method = noted.method.or(row.method);
    row.scheme = noted.scheme.or(row.scheme);
    row.authority = noted.authority.or(row.authority);
    row.path = noted.path.or(row.path);
    // A response's content type replaces it.
    row.content_type = row.content_type.or(noted.content_type);
}

fn idle(id: StreamId, frame: FrameId) -> StreamRow {
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
