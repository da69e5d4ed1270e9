//! JSON that requests and responses carry, each body as one message.

use super::bodies::Body;
use crate::trace::{
    Carrier, Connection, ExchangeId, PacketId, Side, StreamRow, Symbol, Trace, Unit,
};

/// A JSON document that one side sent on a stream or in an exchange.
#[derive(Clone, Debug)]
pub struct Document {
    /// The content as it was sent.
    pub body: Body,
    /// Content codings, in the order in which they were applied.
    pub encoding: Option<String>,
    /// The content without them, as far as it can be had.
    pub decoded: Vec<u8>,
    /// Why that is not all, a plain sentence.
    pub trouble: Option<String>,
    /// The `DATA` frame, or the message of HTTP/1.1, with its first byte.
    pub first: Unit,
    /// The one with its last byte so far.
    pub last: Unit,
    /// The packet with which that could be read.
    pub packet: PacketId,
    /// When that packet was captured, in nanoseconds since the Unix epoch.
    pub time_ns: i64,
}

/// Whether a content type is JSON's.
fn is_json(content_type: &[u8]) -> bool {
    const SUFFIX: &[u8] = b"+json";
    let essence = content_type.split(|&byte| byte == b';').next();
    let essence = essence.unwrap_or_default().trim_ascii();
    if essence.eq_ignore_ascii_case(b"application/json") {
        return true;
    }
    let suffix = essence.split_last_chunk::<{ SUFFIX.len() }>();
    suffix.is_some_and(|(_, suffix)| suffix.eq_ignore_ascii_case(SUFFIX))
        && !essence
            .windows(5)
            .any(|part| part.eq_ignore_ascii_case(b"/grpc"))
}

/// The sides of a stream that send JSON, the requesting one first, as the header fields say that dissecting
/// remembers.
pub fn senders<'a>(
    connection: &'a Connection,
    row: &'a StreamRow,
) -> impl Iterator<Item = Side> + 'a {
    let json = |symbol: Option<Symbol>| symbol.is_some_and(|text| is_json(connection.text(text)));
    let requester = match (row.opened_by, row.pushed_by) {
        (Some(opener), None) => opener,
        (Some(opener), Some(_)) => opener.other(),
        (None, _) => connection.row.client,
    };
    let responder = requester.other();
    let asks = row.pushed_by.is_none() && json(row.request_content_type);
    // Without a response, `content_type` is the request's.
    let answers = row.status.is_some() && json(row.content_type);
    [(requester, asks), (responder, answers)]
        .into_iter()
        .filter(|(side, sends)| *sends && row.data_bytes[side.index()] > 0)
        .map(|(side, _)| side)
}

/// The sides of an exchange that send JSON, the requesting one first.
pub fn senders_in(connection: &Connection, exchange: ExchangeId) -> impl Iterator<Item = Side> {
    let http1 = connection.http1();
    let row = http1.and_then(|http1| http1.exchange(exchange));
    let messages = row.map(|row| [row.request, row.response]).into_iter();
    let rows = messages
        .flatten()
        .flatten()
        .filter_map(move |id| http1?.message(id));
    let json = |symbol: Option<Symbol>| symbol.is_some_and(|text| is_json(connection.text(text)));
    rows.filter(move |row| json(row.content_type) && row.content_bytes > 0)
        .map(|row| row.side)
}

/// The document of a side on a stream or in an exchange; `None` when it has no content.
pub fn document(
    trace: &Trace,
    connection: &Connection,
    carrier: impl Into<Carrier>,
    sender: Side,
) -> Option<Document> {
    let body = Body::of(trace, connection, carrier, sender)?;
    let first = body.parts.first()?.unit;
    let last = body
        .parts
        .iter()
        .rev()
        .find(|part| !part.range.is_empty())?;
    let last_byte = last.range.end.checked_sub(1)?..last.range.end;
    let slice = connection.stream(sender).slices(last_byte).next();
    let begun = || last.unit.begun(connection)?.packet(connection);
    let packet = slice.map(|slice| slice.readable).or_else(begun)?;
    let codings = body.codings();
    let names: Vec<&str> = codings.iter().map(|coding| coding.name()).collect();
    let decoded = body.decoded(trace, connection);
    Some(Document {
        encoding: (!names.is_empty()).then(|| names.join(", ")),
        trouble: decoded.trouble.map(|trouble| format!("{trouble}.")),
        decoded: decoded.bytes,
        first,
        last: last.unit,
        packet,
        time_ns: trace.time_ns(packet),
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::conversation::{Conversation, START_NS, frame, headers};
    use crate::wire::http2::{Flags, FrameKind};

    #[test]
    fn json_is_told_by_its_content_type() {
        for content_type in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "a/b+json",
        ] {
            assert!(is_json(content_type.as_bytes()), "{content_type}");
        }
        for content_type in ["text/html", "application/grpc+json", "application/jsonp"] {
            assert!(!is_json(content_type.as_bytes()), "{content_type}");
        }
    }

    #[test]
    fn a_request_and_its_response_may_both_be_documents() {
        let json = ("content-type", "application/json");
        let mut talk = Conversation::new();
        let post = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", "/users"),
            json,
        ];
        talk.client(&headers(1, false, &post));
        talk.client(&frame(
            FrameKind::DATA,
            Flags::END_STREAM,
            1,
            b"{\"id\": 42}",
        ));
        talk.server(&headers(1, false, &[(":status", "201"), json]));
        talk.at_us(10)
            .server(&frame(FrameKind::DATA, Flags::NONE, 1, b"[1,"));
        talk.at_us(20)
            .server(&frame(FrameKind::DATA, Flags::NONE, 1, b" 2]"));
        talk.at_us(30)
            .server(&frame(FrameKind::DATA, Flags::END_STREAM, 1, b""));
        let trace = talk.trace();
        let connection = &trace.connections[0];
        let row = &connection.http2().unwrap().streams()[0];
        let sides: Vec<Side> = senders(connection, row).collect();
        assert_eq!(sides.len(), 2);
        let asked = document(&trace, connection, row.id, sides[0]).unwrap();
        assert_eq!(asked.decoded, b"{\"id\": 42}");
        let answered = document(&trace, connection, row.id, sides[1]).unwrap();
        assert_eq!(answered.decoded, b"[1, 2]");
        assert_eq!(answered.time_ns, START_NS + 20_000);
        assert!(answered.first < answered.last);
    }
}
