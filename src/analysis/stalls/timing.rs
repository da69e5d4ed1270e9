//! How long a round trip takes, as a connection shows it at the place of the capture.

use crate::trace::{Connection, FrameId, Http2, Side, Trace};

/// How many acknowledgments of `SETTINGS`, or samples of TCP, are looked at for the shortest one.
const MAX_ROUND_TRIPS: usize = 16;

/// What a program takes before it acts on what it has just read. Our choice: schedulers hand out turns of
/// a few milliseconds.
const REACTION_NS: u64 = 2_000_000;

/// When a frame became readable.
pub(super) fn time_of(trace: &Trace, http2: &Http2, frame: FrameId) -> Option<i64> {
    let frame = http2.frames.get(frame.index())?;
    Some(trace.time_ns(frame.packet))
}

/// From one frame to another; `None` when clocks ran backwards.
pub(super) fn between_ns(
    trace: &Trace,
    http2: &Http2,
    from: FrameId,
    until: FrameId,
) -> Option<u64> {
    let (from, until) = (time_of(trace, http2, from)?, time_of(trace, http2, until)?);
    u64::try_from(until.saturating_sub(from)).ok()
}

/// The shortest time from a `SETTINGS` to its acknowledgment by this side: at least one round trip
/// between where the capture was taken and that side.
pub(super) fn settings_round_trip_ns(trace: &Trace, http2: &Http2, side: Side) -> Option<u64> {
    let announced = &http2.history.settings[side.other().index()];
    let answers = announced.acknowledged.range(0..MAX_ROUND_TRIPS);
    answers
        .filter_map(|row| between_ns(trace, http2, row.announced?, row.at?))
        .min()
}

/// The shortest time from a segment to its acknowledgment by this side.
pub(super) fn tcp_round_trip_ns(
    trace: &Trace,
    connection: &Connection,
    acknowledger: Side,
) -> Option<u64> {
    let samples = connection.tcp().round_trips.iter();
    let of_side = samples.filter(|sample| {
        let owner = trace
            .packets
            .get(sample.acknowledgment.index())
            .and_then(|packet| packet.owner);
        owner.is_some_and(|owner| owner.side == acknowledger)
    });
    of_side
        .take(MAX_ROUND_TRIPS)
        .filter_map(|sample| {
            let sent_ns = trace.time_ns(sample.segment);
            let seen_ns = trace.time_ns(sample.acknowledgment);
            u64::try_from(seen_ns.saturating_sub(sent_ns)).ok()
        })
        .min()
}

/// Within this time after something that a side waited for was captured, what it sends is its
/// answer: there, back, and the program's own time.
pub(super) fn answer_ns(trace: &Trace, connection: &Connection, side: Side) -> u64 {
    let round_trip = tcp_round_trip_ns(trace, connection, side).unwrap_or(0);
    round_trip
        .saturating_add(round_trip / 2)
        .saturating_add(REACTION_NS)
}
