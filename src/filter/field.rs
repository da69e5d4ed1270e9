//! The fields that can be asked for: our short names beside Wireshark's.

use super::columns::COLUMNS;
use crate::wire::grpc::GrpcStatus;
use values::{ERRORS, FLAGS, MARKS, STATES, TYPES};

mod values;

/// What can be asked of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Connection,
    Protocol,
    Port,
    SourcePort,
    DestinationPort,
    Address,
    SourceAddress,
    DestinationAddress,
    Packet,
    PacketLength,
    Time,
    RelativeSeconds,
    Mark,
    Retransmission,
    FastRetransmission,
    SpuriousRetransmission,
    OutOfOrder,
    DuplicateAck,
    ZeroWindow,
    KeepAlive,
    TcpLength,
    TcpFlag,
    Syn,
    Fin,
    Reset,
    Comment,
    Direction,
    Frame,
    Type,
    Flag,
    EndStreamFlag,
    EndHeadersFlag,
    AckFlag,
    Length,
    Error,
    Increment,
    Promised,
    Stream,
    Method,
    Scheme,
    Authority,
    Path,
    Status,
    ContentType,
    State,
    ClosedBy,
    GrpcStatus,
    Pushed,
    Header,
    HeaderName,
    HeaderValue,
    Finding,
    Severity,
    Rule,
    /// What one row of a list says, by the name of its column.
    Column(&'static str),
}

/// What a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers: `=`, `<`, `>`, ranges.
    Number,
    /// Text: a part of it is enough after a colon.
    Text,
    /// One of a few words: the whole word is meant.
    Word(&'static [&'static str]),
    /// A number that has a name, such as a frame type: both can be written.
    Named(&'static [&'static str]),
    /// An IP address, or a network such as `10.0.0.0/8`.
    Address,
    /// True or false: `field`, or `field == 1`.
    Flag,
}

/// A field, its names and what it is.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// Its names, ours first.
    pub names: &'static [&'static str],
    /// What its values are.
    pub kind: Kind,
    /// What it is, in a few words.
    pub help: &'static str,
    pub(super) field: Field,
}

pub(super) const fn info(
    field: Field,
    kind: Kind,
    names: &'static [&'static str],
    help: &'static str,
) -> FieldInfo {
    FieldInfo {
        names,
        kind,
        help,
        field,
    }
}

/// Every field that can be asked for.
pub const FIELDS: &[FieldInfo] = &[
    info(
        Field::Stream,
        Kind::Number,
        &["stream", "http2.streamid"],
        "the HTTP/2 stream's number, 0 for the connection",
    ),
    info(
        Field::Type,
        Kind::Named(TYPES),
        &["type", "http2.type"],
        "the frame's type",
    ),
    info(
        Field::Path,
        Kind::Text,
        &["path", "http2.headers.path", "http.request.uri"],
        "the request's path",
    ),
    info(
        Field::Status,
        Kind::Named(&GrpcStatus::NAMES),
        &["status", "http2.headers.status", "http.response.code"],
        "the response's status code; a name, such as NOT_FOUND, is gRPC's, and of a call numbers are too",
    ),
    info(
        Field::Method,
        Kind::Word(&[
            "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT",
        ]),
        &["method", "http2.headers.method", "http.request.method"],
        "the request's method",
    ),
    info(
        Field::Authority,
        Kind::Text,
        &["authority", "host", "http2.headers.authority", "http.host"],
        "the host that the request names",
    ),
    info(
        Field::Scheme,
        Kind::Word(&["http", "https"]),
        &["scheme", "http2.headers.scheme"],
        "the request's scheme",
    ),
    info(
        Field::ContentType,
        Kind::Text,
        &[
            "content-type",
            "http2.headers.content_type",
            "http.content_type",
        ],
        "the content's media type",
    ),
    info(
        Field::GrpcStatus,
        Kind::Named(&GrpcStatus::NAMES),
        &["grpc-status", "grpc.status_code"],
        "how a gRPC call ended: OK is 0, NOT_FOUND is 5",
    ),
    info(
        Field::State,
        Kind::Word(STATES),
        &["state"],
        "the stream's state at the end of the capture",
    ),
    info(
        Field::ClosedBy,
        Kind::Word(&["END_STREAM", "RST_STREAM", "GOAWAY", "connection"]),
        &["closed-by"],
        "what ended the stream",
    ),
    info(
        Field::Pushed,
        Kind::Flag,
        &["pushed"],
        "the server promised the stream",
    ),
    info(
        Field::Direction,
        Kind::Word(&["client", "server"]),
        &["direction", "sender", "from"],
        "who sent it",
    ),
    info(
        Field::Flag,
        Kind::Word(FLAGS),
        &["flag", "flags"],
        "a flag of the frame, or of the segment",
    ),
    info(
        Field::EndStreamFlag,
        Kind::Flag,
        &["http2.flags.end_stream", "http2.flags.es"],
        "the frame ends its sender's half of the stream",
    ),
    info(
        Field::EndHeadersFlag,
        Kind::Flag,
        &["http2.flags.eh", "http2.flags.end_headers"],
        "the frame ends its header block",
    ),
    info(
        Field::AckFlag,
        Kind::Flag,
        &[
            "http2.flags.ack.settings",
            "http2.flags.ack.ping",
            "http2.flags.ack",
        ],
        "the frame acknowledges SETTINGS or a PING",
    ),
    info(
        Field::Length,
        Kind::Number,
        &["length", "http2.length"],
        "bytes of the frame's payload",
    ),
    info(
        Field::Frame,
        Kind::Number,
        &["frame"],
        "the HTTP/2 frame's number on its connection, from 0",
    ),
    info(
        Field::Error,
        Kind::Named(ERRORS),
        &["error", "http2.rst_stream.error", "http2.goaway.error"],
        "the error code of RST_STREAM or GOAWAY",
    ),
    info(
        Field::Increment,
        Kind::Number,
        &["increment", "http2.window_update.window_size_increment"],
        "bytes that WINDOW_UPDATE adds",
    ),
    info(
        Field::Promised,
        Kind::Number,
        &["promised", "http2.push_promise.promised_stream_id"],
        "the stream that PUSH_PROMISE promises",
    ),
    info(
        Field::Header,
        Kind::Text,
        &["header", "http2.header"],
        "a header field, as `name: value`",
    ),
    info(
        Field::HeaderName,
        Kind::Text,
        &["header.name", "http2.header.name"],
        "a header field's name",
    ),
    info(
        Field::HeaderValue,
        Kind::Text,
        &["header.value", "http2.header.value"],
        "a header field's value",
    ),
    info(
        Field::Connection,
        Kind::Number,
        &["connection", "tcp.stream"],
        "the TCP connection's number, from 0",
    ),
    info(
        Field::Protocol,
        Kind::Word(&[
            "http/2", "http/1.1", "tls", "unknown", "grpc", "grpc-web", "http",
        ]),
        &["protocol"],
        "what the connection carries; of a message, what carries it",
    ),
    info(
        Field::Port,
        Kind::Number,
        &["port", "tcp.port"],
        "the port of either end",
    ),
    info(
        Field::SourcePort,
        Kind::Number,
        &["tcp.srcport"],
        "the sender's port",
    ),
    info(
        Field::DestinationPort,
        Kind::Number,
        &["tcp.dstport"],
        "the receiver's port",
    ),
    info(
        Field::Address,
        Kind::Address,
        &["ip", "ip.addr", "ipv6.addr"],
        "the address of either end",
    ),
    info(
        Field::SourceAddress,
        Kind::Address,
        &["ip.src", "ipv6.src"],
        "the sender's address",
    ),
    info(
        Field::DestinationAddress,
        Kind::Address,
        &["ip.dst", "ipv6.dst"],
        "the receiver's address",
    ),
    info(
        Field::Packet,
        Kind::Number,
        &["packet", "frame.number"],
        "the packet's number in the capture, from 1",
    ),
    info(
        Field::PacketLength,
        Kind::Number,
        &["frame.len"],
        "bytes of the packet on the wire",
    ),
    info(
        Field::Time,
        Kind::Number,
        &["time"],
        "milliseconds since the first packet",
    ),
    info(
        Field::RelativeSeconds,
        Kind::Number,
        &["frame.time_relative"],
        "seconds since the first packet",
    ),
    info(
        Field::Mark,
        Kind::Word(MARKS),
        &["mark", "tcp.analysis"],
        "what TCP did",
    ),
    info(
        Field::Retransmission,
        Kind::Flag,
        &["tcp.analysis.retransmission"],
        "the segment was sent again",
    ),
    info(
        Field::FastRetransmission,
        Kind::Flag,
        &["tcp.analysis.fast_retransmission"],
        "sent again soon after the receiver told of a hole",
    ),
    info(
        Field::SpuriousRetransmission,
        Kind::Flag,
        &["tcp.analysis.spurious_retransmission"],
        "sent again though the receiver had it",
    ),
    info(
        Field::OutOfOrder,
        Kind::Flag,
        &["tcp.analysis.out_of_order"],
        "the segment was overtaken",
    ),
    info(
        Field::DuplicateAck,
        Kind::Flag,
        &["tcp.analysis.duplicate_ack"],
        "acknowledges the same again",
    ),
    info(
        Field::ZeroWindow,
        Kind::Flag,
        &["tcp.analysis.zero_window"],
        "its sender can receive nothing",
    ),
    info(
        Field::KeepAlive,
        Kind::Flag,
        &["tcp.analysis.keep_alive"],
        "asks whether the other end is there",
    ),
    info(
        Field::TcpLength,
        Kind::Number,
        &["tcp.len"],
        "bytes of the segment's payload",
    ),
    info(
        Field::TcpFlag,
        Kind::Word(&["SYN", "ACK", "FIN", "RST", "PSH", "URG"]),
        &["tcp.flags"],
        "a flag of the segment",
    ),
    info(
        Field::Syn,
        Kind::Flag,
        &["tcp.flags.syn"],
        "the segment begins a connection",
    ),
    info(
        Field::Fin,
        Kind::Flag,
        &["tcp.flags.fin"],
        "the segment ends its sender's stream",
    ),
    info(
        Field::Reset,
        Kind::Flag,
        &["tcp.flags.reset"],
        "the segment aborts the connection",
    ),
    info(
        Field::Comment,
        Kind::Text,
        &["comment", "frame.comment", "pkt_comment"],
        "what somebody wrote about the packet",
    ),
    info(
        Field::Finding,
        Kind::Text,
        &["finding"],
        "the sentence of a finding",
    ),
    info(
        Field::Severity,
        Kind::Word(&["error", "warning", "note"]),
        &["severity"],
        "how much a finding matters",
    ),
    info(
        Field::Rule,
        Kind::Text,
        &["rule"],
        "the name of a finding's rule",
    ),
];

/// The field with this name, in any case of letters.
pub(super) fn field_named(name: &str) -> Option<&'static FieldInfo> {
    let fields = FIELDS.iter().chain(COLUMNS);
    fields
        .into_iter()
        .find(|info| info.names.iter().any(|own| own.eq_ignore_ascii_case(name)))
}
