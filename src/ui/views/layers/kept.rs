//! Body and messages of the stream or exchange in the middle, found once and kept while it stays there.

use super::focus::Focus;
use crate::analysis::grpc::{self, Body};
use crate::trace::{Carrier, Connection, ConnectionId, Side, Trace, Unit};
use std::ops::Range;

/// Body and messages of a stream, or of a message of HTTP/1.1.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    of: Option<(ConnectionId, Carrier, Option<Unit>, Side, u64)>,
    pub(super) body: Option<Body>,
    pub(super) messages: Vec<Placed>,
}

/// A gRPC message and where its bytes lie.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) number: u32,
    /// Its length without the prefix.
    pub(super) len: u64,
    /// Prefix and payload: frames or messages of HTTP/1.1, and ranges of the sender's stream of bytes.
    pub(super) places: Vec<(Unit, Range<u64>)>,
    /// Whether these bytes are the message itself, not base64 or compressed data that became it.
    pub(super) in_place: bool,
}

impl Kept {
    /// Finds them for another stream or message, or when it has grown since the last time.
    pub fn follow(&mut self, trace: &Trace, connection: &Connection, focus: &Focus) {
        let carrier = focus.carrier.filter(|carrier| {
            let stream = carrier.stream();
            stream.is_none_or(|stream| !stream.is_connection())
        });
        let Some(carrier) = carrier else {
            *self = Self::default();
            return;
        };
        let message = match focus.unit {
            Some(unit @ Unit::Message(_)) => Some(unit),
            _ => None,
        };
        let size = size(connection, carrier, message);
        let of = Some((connection.id, carrier, message, focus.side, size));
        if self.of == of {
            return;
        }
        self.of = of;
        self.body = match (carrier, message) {
            (Carrier::Stream(stream), _) => connection
                .http2()
                .map(|http2| Body::of_stream(trace, connection, http2, stream, focus.side)),
            (Carrier::Exchange(_), Some(Unit::Message(id))) => connection
                .http1()
                .and_then(|http1| http1.message(id))
                .map(|row| Body::of_message(trace, connection, (id, row))),
            _ => None,
        };
        self.messages = grpc::messages(trace, connection, carrier).map_or_else(Vec::new, |found| {
            let own = found
                .list
                .iter()
                .filter(|message| connection.side(message.direction) == focus.side);
            own.map(|message| {
                let payload = message.span.payload_range();
                let body = found.body(message);
                Placed {
                    number: message.number,
                    len: payload.end.saturating_sub(payload.start),
                    places: message.places(body),
                    in_place: body.is_in_place(),
                }
            })
            .collect()
        });
    }
}

/// What grows with a stream or a message: its frames, or its bytes.
fn size(connection: &Connection, carrier: Carrier, message: Option<Unit>) -> u64 {
    match (carrier, message) {
        (Carrier::Stream(stream), _) => connection
            .http2()
            .map_or(0, |http2| http2.frames_of(stream).len() as u64),
        (_, Some(Unit::Message(id))) => connection
            .http1()
            .and_then(|http1| http1.message(id))
            .map_or(0, |row| row.body_bytes),
        _ => 0,
    }
}
