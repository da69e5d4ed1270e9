//! Pauses in which a window of HTTP/2 was used up.

use super::timing::{answer_ns, between_ns, settings_round_trip_ns, time_of};
use super::{Cause, Stall};
use crate::analysis::Certainty;
use crate::analysis::content_length::{self, Messages};
use crate::trace::http2::{Stall as UsedUp, StalledBy};
use crate::trace::{Connection, Http2, Side, StreamRow, Trace};

pub(super) fn stalls(trace: &Trace, connection: &Connection) -> Vec<Stall> {
    let Some(http2) = connection.http2() else {
        return Vec::new();
    };
    if http2.history.begins_in_the_middle() {
        return Vec::new();
    }
    let answer_ns = Side::BOTH.map(|side| answer_ns(trace, connection, side));
    let mut messages = Messages::new(trace, connection);
    let used_up = http2.history.stalls.iter();
    used_up
        .filter(|used_up| waited(trace, http2, used_up))
        .filter_map(|used_up| {
            let answer_ns = answer_ns[used_up.sender.index()];
            stall(trace, http2, used_up, &mut messages, answer_ns)
        })
        .collect()
}

fn stall(
    trace: &Trace,
    http2: &Http2,
    used_up: &UsedUp,
    messages: &mut Messages<'_>,
    answer_ns: u64,
) -> Option<Stall> {
    let UsedUp {
        stream,
        sender,
        from,
        ..
    } = *used_up;
    let waiting_bytes = messages.left(stream, sender, from);
    if !used_up.went_on && (waiting_bytes == Some(0) || ended(http2, used_up)) {
        return None; // It had sent everything.
    }
    let seen = used_up.unread_credit.is_none();
    let went_on_at_once = used_up.went_on
        && used_up.until.is_some_and(|until| {
            let next = content_length::next_data(http2, stream, sender, until);
            let took = next.and_then(|next| between_ns(trace, http2, until, next));
            took.is_some_and(|took| took <= answer_ns)
        });
    let until = used_up.until;
    Some(Stall {
        stream,
        sender,
        from,
        from_ns: time_of(trace, http2, from)?,
        until,
        until_ns: until.and_then(|until| time_of(trace, http2, until)),
        unread_credit: used_up.unread_credit,
        waiting_bytes,
        cause: match used_up.by {
            StalledBy::Stream => Cause::StreamWindow,
            StalledBy::Connection => Cause::ConnectionWindow,
            StalledBy::Both => Cause::BothWindows,
        },
        certainty: if seen && went_on_at_once {
            Certainty::Certain
        } else {
            Certainty::Likely
        },
    })
}

/// Whether the sender ended its side of the stream after the window was used up: without more
/// content, there was nothing left.
fn ended(http2: &Http2, used_up: &UsedUp) -> bool {
    let frames = http2.frames_of(used_up.stream);
    let first = frames.partition_point(|&id| id < used_up.from);
    frames.range(first..frames.len()).any(|id| {
        http2
            .frames
            .get(id.index())
            .is_some_and(|frame| frame.side == used_up.sender && frame.ends_stream())
    })
}

/// How long the senders of a stream had used up a window and then went on with `DATA`. Stalls after
/// which nothing followed do not count: there may have been nothing left to send. Those that are
/// inferred count when the sender cannot have known the credit that was captured before. `None` when the
/// capture begins in the middle, so that windows are unknown.
pub fn stalled_ns(trace: &Trace, http2: &Http2, row: &StreamRow) -> Option<u64> {
    if http2.history.begins_in_the_middle() {
        return None;
    }
    let mut stalled_ns = 0_u64;
    for stall in http2
        .history
        .stalls_of(row.id)
        .filter(|stall| stall.went_on)
    {
        if let Some(until) = stall.until
            && waited(trace, http2, stall)
        {
            let length = between_ns(trace, http2, stall.from, until);
            stalled_ns = stalled_ns.saturating_add(length.unwrap_or(0));
        }
    }
    Some(stalled_ns)
}

/// Whether the sender of a stall waited, if it had something to send: the window was seen to be used
/// up, or the credit that opened it again was on its way to the sender for less than a round trip.
pub fn waited(trace: &Trace, http2: &Http2, stall: &UsedUp) -> bool {
    let Some(credit) = stall.unread_credit else {
        return true;
    };
    let ahead = between_ns(trace, http2, credit, stall.from);
    let round_trip = settings_round_trip_ns(trace, http2, stall.sender);
    matches!((ahead, round_trip), (Some(ahead), Some(round_trip)) if ahead < round_trip)
}
