//! One call: what was asked of whom, how long it may take, what went to and fro, and how it ended.

use super::body::Body;
use super::deadline::{OtherDeadline, other_deadline};
use super::messages::Cuts;
use super::metadata::{Fields, MetadataField};
use super::recognition::{KnownBy, Recognised};
use crate::trace::{ClosedBy, Connection, ConnectionId, Direction, FrameId, Http2, Side, Trace};
use crate::wire::grpc::content_type::service_and_method;
use crate::wire::grpc::{Encoding, GrpcStatus, Timeout, Transport, web};
use crate::wire::http2::{ErrorCode, FrameHeader, FrameKind, Payload, StreamId};
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
    /// END_STREAM without trailers, which breaks the protocol.
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
    /// Its stream.
    pub stream: StreamId,
}

/// A gRPC call. Pairs are of the caller and the one called, in this order.
#[derive(Clone, Debug)]
pub struct Call {
    /// Where it is.
    pub id: CallId,
    /// `:path`; `None` when it cannot be known.
    pub path: Option<String>,
    /// `:authority`.
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
    /// Its first frame.
    pub first_frame: FrameId,
    /// When its first frame could be read, in nanoseconds since the Unix epoch.
    pub started_ns: i64,
    /// When the response's first frame could be read.
    pub first_response_ns: Option<i64>,
    /// When it ended.
    pub ended_ns: Option<i64>,
    /// The frame that ended it.
    pub end_frame: Option<FrameId>,
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

    /// When its time is over: `grpc-timeout` after its first frame, in nanoseconds since the Unix epoch. The
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

/// A call with everything that was read to know it.
pub(super) struct Reading<'a> {
    pub(super) call: Call,
    pub(super) recognised: Recognised<'a>,
    /// Of the caller and the one called.
    pub(super) bodies: [Body; 2],
    pub(super) cuts: [Cuts; 2],
    pub(super) request: Fields,
    pub(super) initial: Fields,
    pub(super) trailing: Fields,
}

/// What the frames of a stream tell, before its content is looked at.
#[derive(Default)]
struct Frames {
    request: Fields,
    initial: Fields,
    trailing: Fields,
    trailers_only: bool,
    first_response: Option<FrameId>,
    /// The first frame with END_STREAM of the one called, and whether it is `HEADERS`.
    response_end: Option<(FrameId, bool)>,
    reset: Option<(FrameId, Side, ErrorCode)>,
}

/// Reads a call. `None` only when the connection has no such stream.
pub(super) fn read<'a>(
    trace: &Trace,
    connection: &Connection,
    recognised: Recognised<'a>,
) -> Option<Reading<'a>> {
    let http2 = connection.http2()?;
    let row = recognised.row;
    let requester = recognised.requester;
    let mut frames = Frames::read(trace, connection, http2, row.id, requester);
    let (asked, asked_cuts) = recognised.cuts(trace, connection, requester)?;
    let (answered, mut answer_cuts) = recognised.cuts(trace, connection, requester.other())?;
    if recognised.transport.is_web() {
        frames.take_web_trailers(trace, connection, &answered, &mut answer_cuts);
    }
    let ending = frames.ending(trace, connection, http2, &recognised);
    let text = |symbol| connection.text_lossy(symbol).into_owned();
    let time_ns = |frame: FrameId| {
        let row = http2.frames.get(frame.index())?;
        Some(trace.time_ns(row.packet))
    };
    let started_ns = time_ns(row.first_frame)?;
    let Frames {
        request,
        initial,
        trailing,
        ..
    } = frames;
    let status_fields = if trailing.status.is_some() {
        &trailing
    } else {
        &initial
    };
    let status = status_fields.status.as_deref().and_then(GrpcStatus::parse);
    let timeout = request
        .timeout
        .as_deref()
        .and_then(|value| Timeout::parse(value).ok());
    let counts = [&asked_cuts, &answer_cuts].map(Cuts::counts);
    let mut call = Call {
        id: CallId {
            connection: connection.id,
            stream: row.id,
        },
        path: row.path.map(text),
        authority: row.authority.map(text),
        known_by: recognised.known_by,
        transport: recognised.transport,
        codec: recognised.codec.clone(),
        protobuf: recognised.protobuf,
        kind_seen: CallKind::of(counts[0].0 > 1, counts[1].0 > 1),
        timeout,
        encodings: [request.encoding.clone(), initial.encoding.clone()],
        accept_encodings: [
            request.accept_encoding.clone(),
            initial.accept_encoding.clone(),
        ],
        message_type: request.message_type.clone(),
        messages: counts.map(|(messages, _)| messages),
        bytes: counts.map(|(_, bytes)| bytes),
        status,
        implied_status: None,
        // Whether there is a deadline is only known of a request whose fields are all known.
        other_deadline: status.zip(ending.time_ns).and_then(|(status, ended_ns)| {
            let known = timeout.is_some()
                || (request.frame.is_some() && request.complete && request.timeout.is_none());
            known.then(|| other_deadline(status, timeout, started_ns, ended_ns))?
        }),
        status_message: status_fields.message_text(),
        status_details: status_fields
            .details
            .as_deref()
            .and_then(|value| crate::wire::grpc::binary_value(value).ok()),
        first_frame: row.first_frame,
        started_ns,
        first_response_ns: frames.first_response.and_then(time_ns),
        ended_ns: ending.time_ns,
        end_frame: ending.frame,
        ended_by: ending.by,
        cancelled: None,
        request_metadata: request.metadata.clone(),
        initial_metadata: initial.metadata.clone(),
        trailing_metadata: trailing.metadata.clone(),
        previous_attempts: request
            .previous_attempts
            .as_deref()
            .and_then(|value| std::str::from_utf8(value).ok()?.parse().ok()),
        request_seen: request.frame.is_some(),
    };
    if let (EndedBy::Reset(by), Some((_, _, error))) = (call.ended_by, frames.reset) {
        let over = |ended: i64| {
            let early_ns = call.timeout.map_or(0, |timeout| early_ns(timeout.ns()));
            let deadline_ns = call.deadline_ns();
            deadline_ns.is_some_and(|deadline| ended >= deadline.saturating_sub(early_ns))
        };
        call.cancelled = Some(Cancelled {
            by,
            error,
            deadline_passed: call.ended_ns.is_some_and(over),
        });
    }
    call.implied_status = implied_status(&call, &initial);
    Some(Reading {
        call,
        recognised,
        bodies: [asked, answered],
        cuts: [asked_cuts, answer_cuts],
        request,
        initial,
        trailing,
    })
}

/// How long before the deadline that it sent a caller may give up because its time is over. Our choice: libraries round
/// up what they send, to three digits, and begin to count before the request is on the wire.
fn early_ns(timeout_ns: i64) -> i64 {
    2_000_000 + timeout_ns / 100
}

/// What the caller's library reports when no `grpc-status` came, or came too late. Sources: `PROTOCOL-HTTP2.md`, Errors;
/// `http-grpc-status-mapping.md`.
fn implied_status(call: &Call, initial: &Fields) -> Option<GrpcStatus> {
    // Once the caller has given up, what is still under way changes nothing for it.
    let given_up = call.ended_by == EndedBy::Reset(Direction::Client);
    if call.status.is_some() && !given_up {
        return None;
    }
    let implied = status_instead(call, initial);
    implied.filter(|implied| call.status != Some(*implied))
}

fn status_instead(call: &Call, initial: &Fields) -> Option<GrpcStatus> {
    match call.ended_by {
        EndedBy::CaptureEnd => None,
        EndedBy::Reset(_) => {
            let cancelled = call.cancelled?;
            if cancelled.by == Direction::Client && cancelled.deadline_passed {
                return Some(GrpcStatus::DEADLINE_EXCEEDED);
            }
            Some(GrpcStatus::from_reset(cancelled.error))
        }
        EndedBy::Goaway | EndedBy::Connection => Some(GrpcStatus::UNAVAILABLE),
        // A status that was sent and cannot be known is not missing.
        _ if call.known_by != KnownBy::ContentType => None,
        _ => {
            let http_status = std::str::from_utf8(initial.http_status.as_deref()?).ok()?;
            match http_status.parse().ok()? {
                200 => Some(GrpcStatus::UNKNOWN),
                other => Some(GrpcStatus::from_http_status(other)),
            }
        }
    }
}

struct Ending {
    by: EndedBy,
    frame: Option<FrameId>,
    time_ns: Option<i64>,
}

impl Frames {
    fn read(
        trace: &Trace,
        connection: &Connection,
        http2: &Http2,
        stream: StreamId,
        requester: Side,
    ) -> Self {
        let mut frames = Self::default();
        for &id in http2.frames_of(stream).iter() {
            let Some(frame) = http2.frames.get(id.index()) else {
                break;
            };
            let responds = frame.side != requester;
            if frame.kind == FrameKind::HEADERS && frame.whole {
                let list = trace.header_fields(connection, id);
                let fields = Fields::of(id, &list);
                let ends = frame.ends_stream();
                if !responds {
                    if frames.request.frame.is_none() {
                        frames.request = fields;
                    }
                    continue;
                }
                if fields.http_status.as_deref().is_some_and(is_interim) {
                    continue;
                }
                let begins =
                    frames.initial.frame.is_none() && (fields.http_status.is_some() || !ends);
                match (begins, ends) {
                    (true, true) => {
                        frames.trailers_only = true;
                        frames.initial = Fields {
                            metadata: Vec::new(),
                            ..fields.clone()
                        };
                        frames.trailing = fields;
                    }
                    (true, false) => frames.initial = fields,
                    (false, _) => frames.trailing = fields,
                }
            }
            if responds && (frame.kind == FrameKind::HEADERS || frame.kind == FrameKind::DATA) {
                frames.first_response.get_or_insert(id);
                if frame.ends_stream() && frame.whole {
                    let headers = frame.kind == FrameKind::HEADERS;
                    frames.response_end.get_or_insert((id, headers));
                }
            }
            if frame.kind == FrameKind::RST_STREAM && frames.reset.is_none() {
                let bytes = trace.frame_bytes(connection, frame);
                let error = bytes.and_then(|bytes| reset_error(&bytes));
                frames.reset = Some((id, frame.side, error.unwrap_or(ErrorCode::NO_ERROR)));
            }
        }
        frames
    }

    /// The last message of a body of gRPC-Web holds the trailers. It is taken out of the messages.
    fn take_web_trailers(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        body: &Body,
        cuts: &mut Cuts,
    ) {
        let Some(at) = cuts
            .list
            .iter()
            .position(|cut| cut.span.prefix.web_trailers())
        else {
            return;
        };
        let Some(cut) = cuts.list.get(at) else {
            return;
        };
        if cut.whole && !cut.span.prefix.compressed() {
            let payload = body.read_prefix(trace, connection, cut.span.payload_range());
            self.trailing = Fields::of_web_trailers(web::trailers(&payload));
        }
    }

    fn ending(
        &self,
        trace: &Trace,
        connection: &Connection,
        http2: &Http2,
        recognised: &Recognised<'_>,
    ) -> Ending {
        let row = recognised.row;
        let web_trailers = recognised.transport.is_web() && self.trailing.status.is_some();
        let answered = self.response_end.map(|(frame, headers)| {
            let by = if self.trailers_only {
                EndedBy::TrailersOnly
            } else if headers || web_trailers {
                EndedBy::Trailers
            } else {
                EndedBy::EndOfStream
            };
            (frame, by)
        });
        let reset = self
            .reset
            .map(|(frame, side, _)| (frame, EndedBy::Reset(connection.direction(side))));
        let cut_off = match row.closed_by {
            Some(ClosedBy::Goaway) => row.end_frame.map(|frame| (frame, EndedBy::Goaway)),
            _ => None,
        };
        let first = [answered, reset, cut_off]
            .into_iter()
            .flatten()
            .min_by_key(|(frame, _)| *frame);
        if let Some((frame, by)) = first {
            let row = http2.frames.get(frame.index());
            return Ending {
                by,
                frame: Some(frame),
                time_ns: row.map(|row| trace.time_ns(row.packet)),
            };
        }
        if row.closed_by == Some(ClosedBy::Connection) {
            return Ending {
                by: EndedBy::Connection,
                frame: None,
                time_ns: Some(trace.time_ns(connection.row.last_packet)),
            };
        }
        Ending {
            by: EndedBy::CaptureEnd,
            frame: None,
            time_ns: None,
        }
    }
}

/// Whether a `:status` is 1xx.
fn is_interim(status: &[u8]) -> bool {
    status.len() == 3 && status.first() == Some(&b'1')
}

fn reset_error(frame: &[u8]) -> Option<ErrorCode> {
    let (header, payload) = frame.split_first_chunk::<{ FrameHeader::LEN }>()?;
    match Payload::decode(&FrameHeader::decode(header), payload).ok()? {
        Payload::RstStream(reset) => Some(reset.error),
        _ => None,
    }
}
