//! Which streams carry a gRPC call, asked without decoding a header block.

use super::body::Body;
use super::messages::{self, Cuts};
use crate::trace::{Connection, Http2, Side, StreamRow, Symbol, Trace};
use crate::wire::grpc::{ContentType, Transport};

/// How it is known that a stream carries a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownBy {
    /// The content type says so.
    ContentType,
    /// A `grpc-status` came, and the content type was not seen.
    Status,
    /// No header tells, and the content is a row of length-prefixed messages.
    Messages,
}

impl KnownBy {
    /// Whether it is a conclusion, not something that was said.
    pub fn is_inferred(self) -> bool {
        self != KnownBy::ContentType
    }
}

/// A stream that carries a call.
#[derive(Clone, Debug)]
pub(super) struct Recognised<'a> {
    pub(super) row: &'a StreamRow,
    /// The side that makes the call.
    pub(super) requester: Side,
    pub(super) known_by: KnownBy,
    pub(super) transport: Transport,
    /// What follows the `+` of the content type.
    pub(super) codec: String,
    pub(super) protobuf: bool,
}

/// The calls of a connection, in the order of their streams' first frames.
pub(super) fn recognised<'a>(
    trace: &'a Trace,
    connection: &'a Connection,
) -> impl Iterator<Item = Recognised<'a>> + 'a {
    let http2 = connection.http2().into_iter();
    http2.flat_map(move |http2| {
        let rows = http2.streams().iter();
        rows.filter_map(move |row| recognise(trace, connection, http2, row))
    })
}

/// Whether a stream carries a call.
pub(super) fn recognise<'a>(
    trace: &Trace,
    connection: &Connection,
    http2: &Http2,
    row: &'a StreamRow,
) -> Option<Recognised<'a>> {
    if row.pushed_by.is_some() {
        return None;
    }
    let said = |symbol: Option<Symbol>| ContentType::parse(connection.text(symbol?));
    let client = connection.row.client;
    let requester = row.opened_by.unwrap_or(if row.id.is_client_initiated() {
        client
    } else {
        client.other()
    });
    let content_type = said(row.request_content_type).or_else(|| said(row.content_type));
    let known_by = if content_type.is_some() {
        KnownBy::ContentType
    } else if row.request_content_type.is_some() || row.content_type.is_some() {
        return None;
    } else if row.grpc_status.is_some() {
        KnownBy::Status
    } else if http2.history.losses.is_empty() {
        // Every header was seen.
        return None;
    } else if looks_like_messages(trace, connection, http2, row) {
        KnownBy::Messages
    } else {
        return None;
    };
    Some(Recognised {
        row,
        requester,
        known_by,
        transport: content_type.map_or(Transport::Grpc, |content_type| content_type.transport),
        codec: content_type.map_or_else(String::new, |content_type| content_type.codec.to_owned()),
        protobuf: content_type.is_none_or(|content_type| content_type.is_protobuf()),
    })
}

/// Whether what was sent on a stream is messages, as far as its lengths tell. Content of both sides
/// has to look like it, and calls are made with `POST`.
fn looks_like_messages(
    trace: &Trace,
    connection: &Connection,
    http2: &Http2,
    row: &StreamRow,
) -> bool {
    if row
        .method
        .is_some_and(|method| connection.text(method) != b"POST")
    {
        return false;
    }
    let mut found = false;
    for side in Side::BOTH {
        let body = Body::of(trace, connection, http2, row.id, side);
        if body.is_empty() {
            continue;
        }
        if messages::message_start(trace, connection, &body, 0).is_none() {
            return false;
        }
        found = true;
    }
    found
}

impl Recognised<'_> {
    /// What a side of the call sends.
    pub(super) fn body(&self, trace: &Trace, connection: &Connection, side: Side) -> Option<Body> {
        let http2 = connection.http2()?;
        let mut body = Body::of(trace, connection, http2, self.row.id, side);
        if self.transport == Transport::GrpcWebText {
            body.decode_text(trace, connection);
        }
        Some(body)
    }

    /// What a side of the call sends, cut into messages.
    pub(super) fn cuts(
        &self,
        trace: &Trace,
        connection: &Connection,
        side: Side,
    ) -> Option<(Body, Cuts)> {
        let body = self.body(trace, connection, side)?;
        let cuts = messages::cut(trace, connection, &body);
        Some((body, cuts))
    }
}
