//! Which streams and exchanges carry a gRPC call, asked without decoding a header block.

use super::body::Body;
use super::messages::{self, Cuts};
use crate::trace::{
    Carrier, Connection, ExchangeId, Http1, Http2, MessageId, MessageRow, Side, StreamRow, Symbol,
    Trace,
};
use crate::wire::grpc::{ContentType, Transport};

/// How it is known that something is a call.
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

/// What carries a call, with its rows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carried<'a> {
    /// A stream of HTTP/2.
    Stream(&'a Http2, &'a StreamRow),
    /// An exchange of HTTP/1.1.
    Exchange(ExchangeId, Messages<'a>),
}

/// The two messages of an exchange, as far as they were seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Messages<'a> {
    pub(super) request: Option<(MessageId, &'a MessageRow)>,
    pub(super) response: Option<(MessageId, &'a MessageRow)>,
}

impl<'a> Messages<'a> {
    fn of(http1: &'a Http1, id: ExchangeId) -> Option<Self> {
        let exchange = http1.exchange(id)?;
        let message = |id: Option<MessageId>| Some((id?, http1.message(id?)?));
        Some(Self {
            request: message(exchange.request),
            response: message(exchange.response),
        })
    }
}

/// A stream or an exchange that carries a call.
#[derive(Clone, Debug)]
pub(super) struct Recognised<'a> {
    pub(super) carried: Carried<'a>,
    /// The side that makes the call.
    pub(super) requester: Side,
    pub(super) known_by: KnownBy,
    pub(super) transport: Transport,
    /// What follows the `+` of the content type.
    pub(super) codec: String,
    pub(super) protobuf: bool,
}

/// The calls of a connection, in the order of their streams' first frames, or of their exchanges.
pub(super) fn recognised<'a>(
    trace: &'a Trace,
    connection: &'a Connection,
) -> impl Iterator<Item = Recognised<'a>> + 'a {
    let http2 = connection.http2().into_iter();
    let on_streams = http2.flat_map(move |http2| {
        let rows = http2.streams().iter();
        rows.filter_map(move |row| on_stream(trace, connection, http2, row))
    });
    let http1 = connection.http1().into_iter();
    let in_exchanges = http1.flat_map(move |http1| {
        let ids = (0..http1.exchanges().len()).map(ExchangeId::from_index);
        ids.filter_map(move |id| in_exchange(connection, http1, id))
    });
    on_streams.chain(in_exchanges)
}

/// The call that something carries; `None` when it carries none.
pub(super) fn recognise<'a>(
    trace: &Trace,
    connection: &'a Connection,
    carrier: Carrier,
) -> Option<Recognised<'a>> {
    match carrier {
        Carrier::Stream(stream) => {
            let http2 = connection.http2()?;
            on_stream(trace, connection, http2, http2.stream(stream)?)
        }
        Carrier::Exchange(exchange) => in_exchange(connection, connection.http1()?, exchange),
    }
}

/// Whether an exchange carries a call. Of gRPC, only gRPC-Web goes over HTTP/1.1.
fn in_exchange<'a>(
    connection: &Connection,
    http1: &'a Http1,
    id: ExchangeId,
) -> Option<Recognised<'a>> {
    let messages = Messages::of(http1, id)?;
    let said = |message: Option<(MessageId, &MessageRow)>| {
        let (_, row) = message?;
        ContentType::parse(connection.text(row.content_type?))
    };
    let content_type = said(messages.request)
        .or_else(|| said(messages.response))
        .filter(|content_type| content_type.transport.is_web())?;
    let requester = match (messages.request, messages.response) {
        (Some((_, row)), _) => row.side,
        (None, Some((_, row))) => row.side.other(),
        (None, None) => return None,
    };
    Some(Recognised {
        carried: Carried::Exchange(id, messages),
        requester,
        known_by: KnownBy::ContentType,
        transport: content_type.transport,
        codec: content_type.codec.to_owned(),
        protobuf: content_type.is_protobuf(),
    })
}

/// Whether a stream carries a call.
fn on_stream<'a>(
    trace: &Trace,
    connection: &Connection,
    http2: &'a Http2,
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
        carried: Carried::Stream(http2, row),
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
        let body = Body::of_stream(trace, connection, http2, row.id, side);
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
    /// What carries the call.
    pub(super) fn carrier(&self) -> Carrier {
        match self.carried {
            Carried::Stream(_, row) => Carrier::Stream(row.id),
            Carried::Exchange(id, _) => Carrier::Exchange(id),
        }
    }

    /// What a side of the call sends.
    fn body(&self, trace: &Trace, connection: &Connection, side: Side) -> Body {
        let mut body = match self.carried {
            Carried::Stream(http2, row) => Body::of_stream(trace, connection, http2, row.id, side),
            Carried::Exchange(_, messages) => {
                let mut sent = [messages.request, messages.response].into_iter().flatten();
                let own = sent.find(|(_, row)| row.side == side);
                own.map_or_else(
                    || Body::empty(side),
                    |message| Body::of_message(trace, connection, message),
                )
            }
        };
        if self.transport.is_web() {
            body.decode_content(trace, connection, self.carrier());
        }
        if self.transport == Transport::GrpcWebText {
            body.decode_text(trace, connection);
        }
        body
    }

    /// What a side of the call sends, cut into messages.
    pub(super) fn cuts(&self, trace: &Trace, connection: &Connection, side: Side) -> (Body, Cuts) {
        let body = self.body(trace, connection, side);
        let cuts = messages::cut(trace, connection, &body);
        (body, cuts)
    }
}
