//! What a `GOAWAY` cut off. Source: RFC 9113 §6.8.

use crate::trace::{ClosedBy, Connection, FrameId, Side, StreamRow, Trace};
use crate::wire::http2::{ErrorCode, FrameHeader, FrameKind, Payload, StreamId};
use bytes::Bytes;

/// How many are read of one connection. A graceful end has two; a flood of them is a finding.
const MAX_GOAWAYS: usize = 64;

/// A `GOAWAY` and what it meant for the streams of the other side.
#[derive(Clone, Debug)]
pub struct Goaway {
    /// The frame.
    pub frame: FrameId,
    /// Who will take no more streams.
    pub sender: Side,
    /// The highest stream of the other side that was or may be processed.
    pub last_stream: StreamId,
    /// Why.
    pub error: ErrorCode,
    /// What the sender says in its own words.
    pub debug_data: Bytes,
    /// Streams of the other side that were open and above the last one: they can be asked for
    /// again elsewhere, nothing was done for them.
    pub cut_off: Vec<StreamId>,
    /// Streams that the other side opened although, or before it knew that, nobody would look at them.
    pub opened_after: Vec<StreamId>,
}

/// The `GOAWAY`s of a connection that can be read, in order.
pub fn goaways(trace: &Trace, connection: &Connection) -> Vec<Goaway> {
    let Some(http2) = connection.http2() else {
        return Vec::new();
    };
    let frames = http2.frames_of(StreamId::CONNECTION).iter();
    frames
        .filter_map(|&id| {
            let frame = http2.frames.get(id.index())?;
            if frame.kind != FrameKind::GOAWAY {
                return None;
            }
            let bytes = trace.frame_bytes(connection, frame)?;
            let header = FrameHeader::decode(bytes.first_chunk()?);
            let payload = bytes.slice(FrameHeader::LEN..);
            let Ok(Payload::Goaway(goaway)) = Payload::decode(&header, &payload) else {
                return None;
            };
            let (last, sender) = (goaway.last_stream, frame.side);
            let above = |row: &&StreamRow| row.id > last && row.opened_by == Some(sender.other());
            let named = |of: &dyn Fn(&StreamRow) -> bool| -> Vec<StreamId> {
                let streams = http2.streams().iter().filter(above);
                streams.filter(|row| of(row)).map(|row| row.id).collect()
            };
            let opened_at = |row: &StreamRow| {
                let states = http2.history.states_of(row.id);
                states.first().and_then(|state| state.at)
            };
            Some(Goaway {
                frame: id,
                sender,
                last_stream: last,
                error: goaway.error,
                debug_data: payload.slice(goaway.debug_data_range),
                cut_off: named(&|row| {
                    row.closed_by == Some(ClosedBy::Goaway) && row.end_frame == Some(id)
                }),
                opened_after: named(&|row| opened_at(row) > Some(id)),
            })
        })
        .take(MAX_GOAWAYS)
        .collect()
}
