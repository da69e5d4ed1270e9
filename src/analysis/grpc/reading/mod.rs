//! Reads a call: its header lists and its content, and what follows from them, whatever carries it.
//!
//! What frames of a stream tell is in [`stream`], what messages of HTTP/1.1 tell in [`exchange`]; both make a [`Course`].

mod exchange;
mod stream;

use super::body::Body;
use super::call::{Call, CallId, CallKind, Cancelled, EndedBy};
use super::deadline::other_deadline;
use super::messages::Cuts;
use super::metadata::Fields;
use super::recognition::{Carried, KnownBy, Recognised};
use crate::trace::{Connection, Direction, Moment, Side, Trace};
use crate::wire::grpc::{GrpcStatus, Timeout, web};
use crate::wire::http2::ErrorCode;

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

/// What a call's carrier tells, before its content is looked at.
struct Course {
    path: Option<String>,
    authority: Option<String>,
    first: Moment,
    request: Fields,
    initial: Fields,
    trailing: Fields,
    first_response: Option<Moment>,
    reset: Option<(Moment, Side, ErrorCode)>,
}

/// How a call ended.
struct Ending {
    by: EndedBy,
    at: Option<Moment>,
    time_ns: Option<i64>,
}

/// Reads a call. `None` only when nothing of it can be found again.
pub(super) fn read<'a>(
    trace: &Trace,
    connection: &Connection,
    recognised: Recognised<'a>,
) -> Option<Reading<'a>> {
    let requester = recognised.requester;
    let (asked, asked_cuts) = recognised.cuts(trace, connection, requester);
    let (answered, answer_cuts) = recognised.cuts(trace, connection, requester.other());
    let web_trailers = recognised
        .transport
        .is_web()
        .then(|| web_trailers(trace, connection, &answered, &answer_cuts))
        .flatten();
    let (course, ending) = match recognised.carried {
        Carried::Stream(http2, row) => {
            stream::read(trace, connection, (http2, row), requester, web_trailers)
        }
        Carried::Exchange(_, messages) => {
            let nothing_else = answered.is_empty() && answered.coding_trouble().is_none();
            exchange::read(trace, connection, messages, web_trailers, nothing_else)?
        }
    };
    let time_ns = |moment: Moment| Some(trace.time_ns(moment.packet(connection)?));
    let started_ns = time_ns(course.first)?;
    let Course {
        request,
        initial,
        trailing,
        ..
    } = course;
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
            carrier: recognised.carrier(),
        },
        path: course.path,
        authority: course.authority,
        known_by: recognised.known_by,
        transport: recognised.transport,
        codec: recognised.codec.clone(),
        protobuf: recognised.protobuf,
        kind_seen: CallKind::of(counts[0].0 > 1, counts[1].0 > 1),
        timeout,
        encodings: [request.encoding.clone(), initial.encoding.clone()],
        content_codings: [&asked, &answered].map(Body::content_coding),
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
                || (request.at.is_some() && request.complete && request.timeout.is_none());
            known.then(|| other_deadline(status, timeout, started_ns, ended_ns))?
        }),
        status_message: status_fields.message_text(),
        status_details: status_fields
            .details
            .as_deref()
            .and_then(|value| crate::wire::grpc::binary_value(value).ok()),
        first: course.first,
        started_ns,
        first_response_ns: course.first_response.and_then(time_ns),
        ended_ns: ending.time_ns,
        end: ending.at,
        ended_by: ending.by,
        cancelled: None,
        request_metadata: request.metadata.clone(),
        initial_metadata: initial.metadata.clone(),
        trailing_metadata: trailing.metadata.clone(),
        previous_attempts: request
            .previous_attempts
            .as_deref()
            .and_then(|value| std::str::from_utf8(value).ok()?.parse().ok()),
        request_seen: request.at.is_some(),
    };
    if let (EndedBy::Reset(by), Some((_, _, error))) = (call.ended_by, course.reset) {
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

/// The trailers of gRPC-Web, which are the last message of the body.
fn web_trailers(
    trace: &Trace,
    connection: &Connection,
    body: &Body,
    cuts: &Cuts,
) -> Option<Fields> {
    let mut cuts = cuts.list.iter();
    let cut = cuts.find(|cut| cut.span.prefix.web_trailers())?;
    if !cut.whole || cut.span.prefix.compressed() {
        return None;
    }
    let payload = body.read_prefix(trace, connection, cut.span.payload_range());
    Some(Fields::of_web_trailers(web::trailers(&payload)))
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
