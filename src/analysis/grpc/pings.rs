//! What each `PING` is for, and how long its answer took.
//!
//! gRPC's libraries send `PING` to see whether the other end is still there, and to measure how many
//! bytes arrive within one round trip. Some have bytes of their own for each ([`PingPurpose`]); of the others,
//! what went before tells: a measurement follows `DATA` that has just come, keepalive a silence.

use super::recognition;
use crate::trace::{Connection, FrameId, Http2, Side, Trace};
use crate::wire::grpc::PingPurpose;
use crate::wire::http2::{Flags, FrameHeader, FrameKind, Payload, StreamId};
use std::collections::HashMap;

/// A `PING` that is not an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping {
    /// The frame.
    pub frame: FrameId,
    /// Who sent it.
    pub side: Side,
    /// Its eight bytes, which the answer repeats.
    pub opaque: [u8; 8],
    /// What it is for; `None` when nothing tells.
    pub purpose: Option<PingPurpose>,
    /// The library whose bytes these are. Without one, the purpose is a conclusion.
    pub library: Option<&'static str>,
    /// The answer.
    pub answer: Option<FrameId>,
    /// From `PING` to answer, where the capture was taken.
    pub round_trip_ns: Option<u64>,
}

/// A silence that is long enough to ask whether the other end is still there. Our choice: libraries
/// allow ten seconds and more between two keepalives unless they are told otherwise, tests use one.
const SILENCE_NS: i64 = 900_000_000;

/// Unanswered `PING`s that are remembered per side: what a flood sends beyond that has no answer.
const MAX_OPEN: usize = 4096;

/// The `PING` frames of a connection, in order, without the answers.
pub fn pings(trace: &Trace, connection: &Connection) -> Vec<Ping> {
    let Some(http2) = connection.http2() else {
        return Vec::new();
    };
    let mut pings: Vec<Ping> = Vec::new();
    let mut open: [HashMap<[u8; 8], usize>; 2] = Default::default();
    let speaks_grpc = recognition::recognised(trace, connection).next().is_some();
    for &id in http2.frames_of(StreamId::CONNECTION).iter() {
        let Some(row) = http2.frames.get(id.index()) else {
            break;
        };
        if row.kind != FrameKind::PING {
            continue;
        }
        let Some(opaque) = trace
            .frame_bytes(connection, row)
            .and_then(|bytes| opaque(&bytes))
        else {
            continue;
        };
        if row.flags.contains(Flags::ACK) {
            let asked = open[row.side.other().index()].remove(&opaque);
            if let Some(ping) = asked.and_then(|at| pings.get_mut(at)) {
                ping.answer = Some(id);
                ping.round_trip_ns = time_between(trace, http2, ping.frame, id);
            }
            continue;
        }
        let known = PingPurpose::from_opaque(opaque);
        let last = pings.iter().rev().find(|ping| ping.side == row.side);
        let guess = || {
            speaks_grpc
                .then(|| purpose(trace, http2, id, last))
                .flatten()
        };
        if open[row.side.index()].len() < MAX_OPEN {
            open[row.side.index()].insert(opaque, pings.len());
        }
        pings.push(Ping {
            frame: id,
            side: row.side,
            opaque,
            purpose: known.map(|(purpose, _)| purpose).or_else(guess),
            library: known.map(|(_, library)| library),
            answer: None,
            round_trip_ns: None,
        });
    }
    pings
}

/// Frames that are looked at before a `PING`.
const MAX_LOOKED_BACK: usize = 256;

/// What a `PING` is for, by what went before.
fn purpose(trace: &Trace, http2: &Http2, id: FrameId, last: Option<&Ping>) -> Option<PingPurpose> {
    let row = http2.frames.get(id.index())?;
    let now_ns = trace.time_ns(row.packet);
    let first = id.index().saturating_sub(MAX_LOOKED_BACK);
    let since = last.map_or(0, |ping| ping.frame.index() + 1);
    let earlier = http2.frames.range(first..id.index());
    let mut received = (first..id.index())
        .zip(earlier)
        .rev()
        .filter(|(_, frame)| frame.side != row.side);
    // The answer to an earlier PING is nothing that was received on its own account.
    let (at, frame) = received.find(|(_, frame)| {
        frame.kind != FrameKind::PING && frame.kind != FrameKind::WINDOW_UPDATE
    })?;
    let silence_ns = now_ns.saturating_sub(trace.time_ns(frame.packet));
    if silence_ns >= SILENCE_NS {
        return Some(PingPurpose::Keepalive);
    }
    let carries = frame.kind == FrameKind::DATA || frame.kind == FrameKind::HEADERS;
    (carries && at >= since).then_some(PingPurpose::Bandwidth)
}

fn opaque(frame: &[u8]) -> Option<[u8; 8]> {
    let (header, payload) = frame.split_first_chunk::<{ FrameHeader::LEN }>()?;
    match Payload::decode(&FrameHeader::decode(header), payload).ok()? {
        Payload::Ping(ping) => Some(ping.opaque),
        _ => None,
    }
}

fn time_between(trace: &Trace, http2: &Http2, from: FrameId, until: FrameId) -> Option<u64> {
    let time_ns = |id: FrameId| Some(trace.time_ns(http2.frames.get(id.index())?.packet));
    u64::try_from(time_ns(until)?.saturating_sub(time_ns(from)?)).ok()
}
