//! Streams that could not be opened because as many were open as the other side allows.
//!
//! Nobody says so on the wire. But a side that opens its next stream right when one of as many as
//! are allowed has closed had waited for that.

use super::timing::{answer_ns, between_ns, time_of};
use super::{Cause, Stall};
use crate::analysis::Certainty;
use crate::trace::http2::Instant;
use crate::trace::{Connection, FrameId, Http2, Side, StreamState, Trace};
use crate::wire::http2::{SettingId, StreamId};
use std::collections::BTreeSet;

/// The streams of one side that count against the limit.
#[derive(Default)]
struct Opened {
    open: BTreeSet<StreamId>,
    /// The frame since which as many are open as allowed.
    full_since: Option<FrameId>,
    /// That, and the frame that made room again.
    last_full: Option<(FrameId, FrameId)>,
}

pub(super) fn stalls(trace: &Trace, connection: &Connection) -> Vec<Stall> {
    let Some(http2) = connection.http2() else {
        return Vec::new();
    };
    if http2.history.begins_in_the_middle() {
        return Vec::new();
    }
    let answer_ns = Side::BOTH.map(|side| answer_ns(trace, connection, side));
    let limits = Side::BOTH.map(|side| Limits::announced_by(http2, side));
    let mut sides: [Opened; 2] = Default::default();
    let mut stalls = Vec::new();
    for row in http2.history.transitions.iter() {
        let Some(frame) = row.at else { continue };
        let opener = http2.stream(row.stream).and_then(|row| row.opened_by);
        let Some(opener) = opener else { continue };
        let own = &mut sides[opener.index()];
        let counts = matches!(row.state, StreamState::Open | StreamState::HalfClosed(_));
        let Some(limit) = limits[opener.other().index()].at(row.at) else {
            continue;
        };
        if counts && own.open.insert(row.stream) {
            let waited = own.last_full.take_if(|_| own.open.len() == limit);
            if let Some((from, room)) = waited {
                let opened = OpenedLate {
                    stream: row.stream,
                    opener,
                    from,
                    room,
                    frame,
                };
                stalls.extend(opened.stall(trace, http2, answer_ns[opener.index()]));
            }
            if own.open.len() >= limit {
                own.full_since.get_or_insert(frame);
            }
        } else if !counts && own.open.remove(&row.stream) && own.open.len() < limit {
            own.last_full = own.full_since.take().map(|since| (since, frame));
        }
    }
    stalls
}

/// How many streams one side said that the other may have open, over time.
struct Limits(Vec<(Instant, u32)>);

impl Limits {
    fn announced_by(http2: &Http2, side: Side) -> Self {
        let announced = http2.history.settings[side.index()].announced.iter();
        let limits = announced.filter(|row| row.id == SettingId::MAX_CONCURRENT_STREAMS);
        Self(limits.map(|row| (row.at, row.value)).collect())
    }

    /// Unlimited until somebody says something.
    fn at(&self, at: Instant) -> Option<usize> {
        let count = self.0.partition_point(|&(from, _)| from <= at);
        let &(_, limit) = self.0.get(count.checked_sub(1)?)?;
        usize::try_from(limit).ok()
    }
}

struct OpenedLate {
    stream: StreamId,
    opener: Side,
    /// Since when as many were open as allowed.
    from: FrameId,
    /// What made room.
    room: FrameId,
    /// What opened it.
    frame: FrameId,
}

impl OpenedLate {
    fn stall(&self, trace: &Trace, http2: &Http2, answer_ns: u64) -> Option<Stall> {
        let took = between_ns(trace, http2, self.room, self.frame)?;
        (took <= answer_ns).then_some(Stall {
            stream: self.stream,
            sender: self.opener,
            from: self.from,
            from_ns: time_of(trace, http2, self.from)?,
            until: Some(self.frame),
            until_ns: time_of(trace, http2, self.frame),
            waiting_bytes: None,
            cause: Cause::ConcurrentStreams,
            certainty: Certainty::Likely,
        })
    }
}
