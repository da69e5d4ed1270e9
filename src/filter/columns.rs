//! Columns of the lists that commands print, as fields.
//!
//! Most columns ask something of the capture and are fields by themselves. These here are what one row says: how long a
//! call lasted, why a sender paused. A row that has no such column passes no comparison with it.

use super::expression::Value;
use super::field::{Field, FieldInfo, Kind, info};

/// What a row says in one of its columns.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number: times in milliseconds, sizes in bytes, shares in percent.
    Number(f64),
    /// A text.
    Text(String),
}

impl Cell {
    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text),
        }
    }
}

/// The name under which a column with this title is a field: `closed by` is `closed-by`.
pub fn field_name(title: &str) -> String {
    match title {
        "" => "direction".to_owned(),
        "conn" => "connection".to_owned(),
        "#" => "number".to_owned(),
        "time s" => "time".to_owned(),
        "rtt µs" => "rtt".to_owned(),
        _ => title.to_lowercase().replace([' ', '/'], "-"),
    }
}

const fn number(name: &'static [&'static str], help: &'static str) -> FieldInfo {
    info(Field::Column(name[0]), Kind::Number, name, help)
}

const fn text(name: &'static [&'static str], help: &'static str) -> FieldInfo {
    info(Field::Column(name[0]), Kind::Text, name, help)
}

/// The columns that are fields of their row alone.
pub(super) const COLUMNS: &[FieldInfo] = &[
    number(&["number"], "the row's number in its list"),
    number(&["lasted", "open-for"], "how long, in milliseconds"),
    number(&["timeout"], "the time that a call has, in milliseconds"),
    number(&["sending"], "how long the request took, in milliseconds"),
    number(
        &["waiting"],
        "from the request to the response, in milliseconds",
    ),
    number(
        &["receiving"],
        "how long the response took, in milliseconds",
    ),
    number(&["rtt"], "a round trip, in microseconds"),
    number(&["bytes"], "how many bytes"),
    number(&["client-data"], "bytes of content from the client"),
    number(&["server-data"], "bytes of content from the server"),
    number(&["client-sent"], "bytes from the client"),
    number(&["server-sent"], "bytes from the server"),
    number(&["header-bytes"], "bytes of header blocks"),
    number(&["held-back"], "bytes that came behind a hole"),
    number(&["still-to-send"], "bytes that were still to be sent"),
    number(&["offset"], "the place in its sender's stream"),
    number(&["packets"], "how many packets"),
    number(&["frames"], "how many HTTP/2 frames"),
    number(&["streams"], "how many HTTP/2 streams"),
    number(&["exchange"], "the number of an exchange of HTTP/1.1"),
    number(&["requests"], "how many request messages"),
    number(&["responses"], "how many response messages"),
    number(&["blocks"], "how many header blocks"),
    number(&["sent"], "bytes of header blocks that were sent"),
    number(&["of"], "bytes of what that decodes to"),
    number(&["static"], "bytes saved by the static table"),
    number(&["dynamic"], "bytes saved by the dynamic table"),
    number(&["huffman"], "bytes saved by Huffman code"),
    number(&["overhead"], "bytes of indexes and lengths"),
    number(&["index"], "the index of a header field in its table"),
    number(
        &["inserted"],
        "the number of an insertion, or how many there were",
    ),
    number(&["evicted"], "entries that an insertion pushed out"),
    number(&["never-used"], "entries that no field referred to"),
    number(&["unpacked"], "bytes of a message once unpacked"),
    number(&["seq"], "the segment's sequence number"),
    number(&["ack"], "the segment's acknowledgment number"),
    number(&["window"], "the segment's window, not scaled"),
    number(&["payload"], "bytes of the segment's payload"),
    number(&["parent"], "the stream that a stream depends on"),
    number(&["weight"], "a stream's weight, 1 to 256"),
    number(&["ideal"], "a stream's ideal share, in percent"),
    number(&["expected"], "bytes that a stream should have got"),
    number(&["got"], "bytes that a stream got"),
    number(&["out-of-turn"], "bytes that a stream got before its turn"),
    text(&["kind"], "what kind of call, request or hole"),
    text(&["cause"], "why a sender paused"),
    text(&["certainty"], "how sure a conclusion is"),
    text(&["certain"], "since when a table is certain"),
    text(
        &["service-method", "service"],
        "a call's service and method",
    ),
    text(&["message"], "the message with which a call ended"),
    text(&["message-type"], "a protobuf message's type"),
    text(&["ended-by"], "what ended a call"),
    text(&["request"], "a request's method and path"),
    text(&["representation"], "how HPACK wrote a field"),
    text(&["name"], "a header field's name"),
    text(&["value"], "a header field's value"),
    text(&["client"], "the client's address and port"),
    text(&["server"], "the server's address and port"),
    text(&["urgency"], "a stream's urgency by RFC 9218"),
    text(&["at-the-end"], "whether a stream had something to send"),
    text(&["notes"], "what else is to be said of the row"),
    text(&["info"], "what a frame says"),
    text(&["what"], "what a finding or message says"),
    text(
        &["streams-that-waited"],
        "streams that waited behind a hole",
    ),
    text(
        &["old-readers-ignore"],
        "fields that only the new version knows",
    ),
    text(
        &["new-readers-ignore"],
        "fields that only the old version knows",
    ),
    text(
        &["new-readers-see-instead"],
        "defaults of fields that were not sent",
    ),
    text(&["misread"], "fields that two versions read differently"),
];

/// The name under which a row may have a column that means something else there than in the rest of the capture:
/// `status` of a call is gRPC's.
pub(super) fn own_name(field: Field) -> Option<&'static str> {
    Some(match field {
        Field::Column(name) => name,
        Field::Status => "status",
        Field::Type => "type",
        Field::Length => "length",
        Field::Flag => "flags",
        Field::Protocol => "protocol",
        _ => return None,
    })
}
