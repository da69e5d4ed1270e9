//! One call: what was asked of whom, how long it may take, what went to and fro, and how it ended.

use super::deadline::OtherDeadline;
use super::metadata::MetadataField;
use super::recognition::KnownBy;
use crate::trace::{Carrier, ConnectionId, Direction, Moment};
use crate::wire::grpc::content_type::service_and_method;
use crate::wire::grpc::{Encoding, GrpcStatus, Timeout, Transport};
use crate::wire::http2::ErrorCode;
use bytes::Bytes;

/// How many messages either side of a method may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// One question, one answer.
    Unary,
    /// Many messages, one answer.
    ClientStreaming,
    /// One question, many messages.
    ServerStreaming,
    /// Both sides send as they like.
    Bidirectional,
}

impl CallKind {
    /// The word of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            CallKind::Unary => "unary",
            CallKind::ClientStreaming => "client-streaming",
            CallKind::ServerStreaming => "server-streaming",
            CallKind::Bidirectional => "bidirectional",
        }
    }

    /// By who may send more than one message.
    pub fn of(client_streams: bool, server_streams: bool) -> Self {
        match (client_streams, server_streams) {
            (false, false) => CallKind::Unary,
            (true, false) => CallKind::ClientStreaming,
            (false, true) => CallKind::ServerStreaming,
            (true, true) => CallKind::Bidirectional,
        }
    }

    /// Who may send more than one message: the caller, and the one called.
    pub fn streams(self) -> [bool; 2] {
        match self {
            CallKind::Unary => [false, false],
            CallKind::ClientStreaming => [true, false],
            CallKind::ServerStreaming => [false, true],
            CallKind::Bidirectional => [true, true],
        }
    }
}

/// How a call came to its end, of several ways the first that the capture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndedBy {
    /// Trailers after the response, or inside the body for gRPC-Web.
    Trailers,
    /// A response that is nothing but trailers.
    TrailersOnly,
    /// The end of the response without trailers, which breaks the protocol.
    EndOfStream,
    /// `RST_STREAM`.
    Reset(Direction),
    /// `GOAWAY`: the server never looked at it.
    Goaway,
    /// The TCP connection ended.
    Connection,
    /// It was still running when the capture ended.
    CaptureEnd,
}

impl EndedBy {
    /// The words of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            EndedBy::Trailers => "trailers",
            EndedBy::TrailersOnly => "trailers-only",
            EndedBy::EndOfStream => "end of stream",
            EndedBy::Reset(Direction::Client) => "reset by client",
            EndedBy::Reset(Direction::Server) => "reset by server",
            EndedBy::Goaway => "goaway",
            EndedBy::Connection => "connection",
            EndedBy::CaptureEnd => "capture end",
        }
    }
}

/// Somebody gave a call up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// Who sent `RST_STREAM`.
    pub by: Direction,
    /// What it said.
    pub error: ErrorCode,
    /// Whether the call's time was over then, as far as clocks agree.
    pub deadline_passed: bool,
}

/// Another call, on this or another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallId {
    /// Its connection.
    pub connection: ConnectionId,
    /// Its stream or exchange.
    pub carrier: Carrier,
}

/// A gRPC call. Pairs are of the caller and the one called, in this order.
#[derive(Clone, Debug)]
pub struct Call {
    /// Where it is.
    pub id: CallId,
    /// `:path`, or the target of HTTP/1.1 as a path; `None` when it cannot be known.
    pub path: Option<String>,
    /// `:authority`, or `Host`.
    pub authority: Option<String>,
    /// How it is known to be a call.
    pub known_by: KnownBy,
    /// How it travels.
    pub transport: Transport,
    /// What follows the `+` of the content type; empty for protobuf.
    pub codec: String,
    /// Whether its messages are protobuf.
    pub protobuf: bool,
    /// The kind, as the numbers of messages tell: a method may allow more.
    pub kind_seen: CallKind,
    /// `grpc-timeout`, when it can be read.
    pub timeout: Option<Timeout>,
    /// `grpc-encoding`, as written.
    pub encodings: [Option<Bytes>; 2],
    /// How the content was compressed as a whole, of gRPC-Web: `gzip`.
    pub content_codings: [Option<String>; 2],
    /// `grpc-accept-encoding`, as written.
    pub accept_encodings: [Option<Bytes>; 2],
    /// `grpc-message-type`: the full name of the request's type.
    pub message_type: Option<Bytes>,
    /// Whole messages.
    pub messages: [u32; 2],
    /// Bytes of these messages as they travelled, without prefixes.
    pub bytes: [u64; 2],
    /// `grpc-status`.
    pub status: Option<GrpcStatus>,
    /// What the caller's library reports when no `grpc-status` came, or another one came after the caller had given the
    /// call up.
    pub implied_status: Option<GrpcStatus>,
    /// Of which other deadline than its own a status of `DEADLINE_EXCEEDED` tells; `None` when it is the call's own.
    pub other_deadline: Option<OtherDeadline>,
    /// `grpc-message`, decoded.
    pub status_message: Option<Bytes>,
    /// `grpc-status-details-bin`, decoded from base64.
    pub status_details: Option<Vec<u8>>,
    /// When it began: its first frame, or the head of the request of HTTP/1.1.
    pub first: Moment,
    /// That time, in nanoseconds since the Unix epoch.
    pub started_ns: i64,
    /// When the response's first frame, or its head, could be read.
    pub first_response_ns: Option<i64>,
    /// When it ended.
    pub ended_ns: Option<i64>,
    /// The frame that ended it, or the packet with the last byte of the response of HTTP/1.1.
    pub end: Option<Moment>,
    /// How it ended.
    pub ended_by: EndedBy,
    /// Who gave it up.
    pub cancelled: Option<Cancelled>,
    /// Metadata of the request.
    pub request_metadata: Vec<MetadataField>,
    /// Metadata that began the response.
    pub initial_metadata: Vec<MetadataField>,
    /// Metadata of the trailers.
    pub trailing_metadata: Vec<MetadataField>,
    /// `grpc-previous-rpc-attempts`: how often the client's library has tried already.
    pub previous_attempts: Option<u32>,
    /// Whether the request's header list was seen. Otherwise the capture began later.
    pub request_seen: bool,
}

impl Call {
    /// The service, such as `users.UserService`.
    pub fn service(&self) -> Option<&str> {
        self.service_and_method().map(|(service, _)| service)
    }

    /// The method, such as `GetUser`.
    pub fn method(&self) -> Option<&str> {
        self.service_and_method().map(|(_, method)| method)
    }

    fn service_and_method(&self) -> Option<(&str, &str)> {
        service_and_method(self.path.as_deref()?)
    }

    /// The encoding that a sender announced; `None` when there is none or it cannot be unpacked.
    pub fn encoding(&self, direction: Direction) -> Option<Encoding> {
        let name = self.encodings.get(direction.index())?.as_deref()?;
        Encoding::from_name(name)
    }

    /// When its time is over: `grpc-timeout` after its beginning, in nanoseconds since the Unix epoch. The
    /// server counts from when the request reaches it.
    pub fn deadline_ns(&self) -> Option<i64> {
        Some(self.started_ns.saturating_add(self.timeout?.ns()))
    }

    /// How much of its time is left at an instant, negative once it is over. `None` without a deadline, before
    /// it began and after it ended.
    pub fn time_left_ns(&self, at_ns: i64) -> Option<i64> {
        let running = at_ns >= self.started_ns && self.ended_ns.is_none_or(|end| at_ns <= end);
        running
            .then(|| self.deadline_ns())?
            .map(|deadline| deadline.saturating_sub(at_ns))
    }

    /// How long it took, or has taken at the end of what was read.
    pub fn duration_ns(&self) -> Option<u64> {
        u64::try_from(self.ended_ns?.saturating_sub(self.started_ns)).ok()
    }

    /// The status that a caller sees: the one that came in time, or the one that stands for its absence.
    pub fn status_seen(&self) -> Option<GrpcStatus> {
        self.implied_status.or(self.status)
    }
}
