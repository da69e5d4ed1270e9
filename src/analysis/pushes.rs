//! What became of what a server promised: used, refused, or sent for nothing.
//!
//! Whether a client used a response that came whole happens inside the client. But it says so when
//! it does not want one (`RST_STREAM`), and when it asks for the same thing itself.

use super::certainty::Certainty;
use crate::trace::{ClosedBy, Connection, FrameId, Http2, Side, StreamRow, StreamState, Symbol};
use crate::wire::http2::StreamId;
use std::collections::HashMap;

/// What became of a promised response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PushFate {
    /// It came whole, and the client never asked for the same thing itself.
    Used,
    /// The client reset the stream before any of the response had come.
    Refused,
    /// Bytes came that the client threw away: it reset the stream, or asked for the same thing itself.
    Wasted,
    /// The server reset the stream itself, or the connection ended.
    Withdrawn,
    /// Neither its end nor a refusal was seen.
    Unfinished,
}

impl PushFate {
    /// The word of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Refused => "refused",
            Self::Wasted => "wasted",
            Self::Withdrawn => "withdrawn",
            Self::Unfinished => "unfinished",
        }
    }
}

/// A promise and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Push {
    /// The `PUSH_PROMISE`; `None` when it was not captured.
    pub promise: Option<FrameId>,
    /// The stream that carried it.
    pub carrier: StreamId,
    /// What became of it.
    pub fate: PushFate,
    /// How sure that is: use happens inside the client.
    pub certainty: Certainty,
    /// The stream on which the client asked for the same thing itself.
    pub asked_on: Option<StreamId>,
}

type Target = (Symbol, Option<Symbol>, Symbol);

/// What the client asked for itself, to be looked up by method, authority and path.
#[derive(Debug, Default)]
pub(super) struct AskedFor {
    /// With the default, keyed hasher: the texts come from the capture.
    streams: HashMap<Target, StreamId>,
}

impl AskedFor {
    /// The requests of a connection that were not promised.
    pub(super) fn of(connection: &Connection, http2: &Http2) -> Self {
        let client = connection.row.client;
        let own = http2.streams().iter();
        let own = own.filter(|row| row.pushed_by.is_none() && row.opened_by == Some(client));
        Self {
            streams: own.filter_map(|row| Some((target(row)?, row.id))).collect(),
        }
    }
}

/// Equal texts of a connection are equal symbols.
fn target(row: &StreamRow) -> Option<Target> {
    Some((row.method?, row.authority, row.path?))
}

/// The frames that start and complete the promise of a stream.
pub fn promise(http2: &Http2, stream: StreamId) -> (Option<FrameId>, Option<FrameId>) {
    let states = http2.history.states_of(stream);
    let reserved = states.iter().find(|row| row.state == StreamState::Reserved);
    let last = reserved.and_then(|row| row.at);
    let block = last.and_then(|last| http2.block(http2.frames.get(last.index())?));
    (block.map(|block| block.first_frame).or(last), last)
}

/// What became of a promised stream. `client` is who would have asked.
pub(super) fn push(
    http2: &Http2,
    row: &StreamRow,
    client: Side,
    promise: Option<FrameId>,
    asked: &AskedFor,
) -> Option<Push> {
    let carrier = row.pushed_by?;
    let asked_on = target(row).and_then(|target| asked.streams.get(&target).copied());
    let server = client.other();
    let began = row.response_frame.is_some() || row.data_bytes[server.index()] > 0;
    let ended_by = row
        .end_frame
        .and_then(|frame| http2.frames.get(frame.index()))
        .map(|frame| frame.side);
    let (fate, certainty) = match row.closed_by {
        Some(ClosedBy::RstStream) if ended_by == Some(client) && began => {
            (PushFate::Wasted, Certainty::Certain)
        }
        Some(ClosedBy::RstStream) if ended_by == Some(client) => {
            (PushFate::Refused, Certainty::Certain)
        }
        Some(ClosedBy::RstStream | ClosedBy::Goaway | ClosedBy::Connection) => {
            (PushFate::Withdrawn, Certainty::Certain)
        }
        Some(ClosedBy::EndStream) if asked_on.is_some() => (PushFate::Wasted, Certainty::Likely),
        Some(ClosedBy::EndStream) => (PushFate::Used, Certainty::Likely),
        None => (PushFate::Unfinished, Certainty::Certain),
    };
    Some(Push {
        promise,
        carrier,
        fate,
        certainty,
        asked_on,
    })
}
