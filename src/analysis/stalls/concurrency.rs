//! Streams that could not be opened because as many were open as the other side allows.
//!
//! Nobody says so on the wire. But a side that opens its next stream right when one of as many as
//! are allowed has closed had waited for that. It is certain when the side had said before, by a
//! priority for the very stream, that it wanted it; or when that happened so often in a row that
//! chance is no explanation.

use super::timing::{answer_ns, between_ns, time_of};
use super::{Cause, Stall};
use crate::analysis::Certainty;
use crate::trace::http2::Instant;
use crate::trace::{Connection, FrameId, Http2, Side, StreamState, Trace};
use crate::wire::http2::{FrameKind, SettingId, StreamId};
use std::collections::BTreeSet;

/// The streams of one side that count against the limit.
#[derive(Default)]
struct Opened {
    open: BTreeSet<StreamId>,
    /// The frame since which as many are open as allowed.
    full_since: Option<FrameId>,
    /// That, and the frame that made room again.
    last_full: Option<(FrameId, FrameId)>,
    /// The stalls that followed one another without an opening that came late, by their place in the list.
    row: Vec<usize>,
}

/// After how many streams in a row that were opened right when there was room, it is certain that all of them
/// waited for it. Our choice: once may be chance; for five times in a row, the program would have had to begin each
/// request by itself within the few milliseconds after another had ended.
const CERTAIN_IN_A_ROW: usize = 5;

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
                match opened.stall(trace, http2, answer_ns[opener.index()]) {
                    Some(stall) => {
                        own.row.push(stalls.len());
                        stalls.push(stall);
                    }
                    None => own.row.clear(),
                }
                if own.row.len() >= CERTAIN_IN_A_ROW {
                    make_certain(&mut stalls, &mut own.row);
                }
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

/// All but the latest are dealt with, so they are forgotten; the rest of a long row follows one by one.
fn make_certain(stalls: &mut [Stall], row: &mut Vec<usize>) {
    for &place in row.iter() {
        if let Some(stall) = stalls.get_mut(place) {
            stall.certainty = Certainty::Certain;
        }
    }
    let dealt_with = row.len().saturating_sub(CERTAIN_IN_A_ROW - 1);
    row.drain(..dealt_with);
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
        if took > answer_ns {
            return None;
        }
        let certainty = if self.was_wanted(http2) {
            Certainty::Certain
        } else {
            Certainty::Likely
        };
        Some(Stall {
            stream: self.stream,
            sender: self.opener,
            from: self.from,
            from_ns: time_of(trace, http2, self.from)?,
            until: Some(self.frame),
            until_ns: time_of(trace, http2, self.frame),
            unread_credit: None,
            waiting_bytes: None,
            cause: Cause::ConcurrentStreams,
            certainty,
        })
    }

    /// Whether its opener had sent a priority for the stream before there was room for it: then the request was
    /// ready. Sources: RFC 7540 §5.3 (`PRIORITY` on an idle stream), RFC 9218 §7.1 (`PRIORITY_UPDATE`).
    fn was_wanted(&self, http2: &Http2) -> bool {
        let before = self.room.index().checked_sub(1).map(FrameId::from_index);
        let first = http2.frames_of(self.stream).iter().next();
        let first = first.and_then(|&frame| Some((frame, http2.frames.get(frame.index())?)));
        let by_priority = first.is_some_and(|(frame, row)| {
            frame < self.room && row.side == self.opener && row.kind == FrameKind::PRIORITY
        });
        by_priority || http2.history.urgency_at(self.stream, before).is_some()
    }
}
