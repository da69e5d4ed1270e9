//! Who else waits while the connection's window is used up: a pause is told of one stream, but no other can send either.

use super::{Cause, Stall};
use crate::trace::{Connection, FrameId, FrameRow, Http2, Trace};
use crate::wire::http2::{FrameKind, StreamId};

/// Streams that are told of at most, over all pauses. A limit of ours: thousands of streams may wait thousands of times.
const MAX_SHARED: usize = 100_000;

/// Frames of a stream that are looked through on either side of a pause.
const MAX_FRAMES: usize = 64;

/// Besides the stream that a pause by the connection's window is told of, those that had begun to send and went on with
/// `DATA` only after it, with the pause's position in `stalls`. Whether their sender had these bytes at hand all the time
/// is likely, not certain. At most [`MAX_SHARED`] rows. Source: RFC 9113 §6.9.1.
pub fn kept_waiting_too(
    trace: &Trace,
    connection: &Connection,
    stalls: &[Stall],
) -> Vec<(usize, StreamId)> {
    let Some(http2) = connection.http2() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, stall) in stalls.iter().enumerate() {
        if !matches!(stall.cause, Cause::ConnectionWindow | Cause::BothWindows) {
            continue;
        }
        for stream in http2.history.active_at(Some(stall.from)).into_keys() {
            if stream != stall.stream && went_on_later(trace, http2, stream, stall) {
                found.push((index, stream));
            }
            if found.len() >= MAX_SHARED {
                return found;
            }
        }
    }
    found
}

/// Whether a stream's message had begun before a pause and its next `DATA` came after it.
fn went_on_later(trace: &Trace, http2: &Http2, stream: StreamId, stall: &Stall) -> bool {
    let Some(until_ns) = stall.until_ns else {
        return false; // Nothing was seen to be left.
    };
    let frames = http2.frames_of(stream);
    let behind = frames.partition_point(|&id| id <= stall.from);
    let own = |id: &FrameId| {
        let frame = http2.frames.get(id.index());
        frame.filter(|frame| frame.side == stall.sender)
    };
    let mut before = frames.range(behind.saturating_sub(MAX_FRAMES)..behind);
    let begun = before.any(|id| own(id).is_some_and(is_message));
    let mut after = frames.range(behind..behind.saturating_add(MAX_FRAMES));
    let next = after.find_map(|id| own(id).filter(|frame| is_content(frame)));
    begun && next.is_some_and(|next| trace.time_ns(next.packet) >= until_ns)
}

fn is_message(frame: &FrameRow) -> bool {
    matches!(frame.kind, FrameKind::HEADERS | FrameKind::DATA)
}

fn is_content(frame: &FrameRow) -> bool {
    frame.kind == FrameKind::DATA && frame.length > 0
}
