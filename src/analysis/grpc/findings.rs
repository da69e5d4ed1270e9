//! Where a call breaks a rule of gRPC, and what hurts it.

use super::call::{Call, EndedBy};
use super::reading::{self, Reading};
use super::recognition::{self, Recognised};
use crate::trace::rules::{Rule, grpc as rules};
use crate::trace::{Carrier, Connection, Direction, Finding, Moment, Trace};
use crate::wire::counted::counted;
use crate::wire::grpc::{ContentType, Encoding, GrpcStatus, Timeout};
use crate::wire::http2::{ErrorCode, FrameHeader, FrameKind, Payload, StreamId};
use rayon::prelude::*;

/// Calls that are read at once, on as many threads as there are.
const CALLS_AT_ONCE: usize = 1024;

/// What is wrong with the calls of a connection, in their order. `take` is told each call.
pub(super) fn of_connection(
    trace: &Trace,
    connection: &Connection,
    mut take: impl FnMut(&Call),
) -> Vec<Finding> {
    let mut list = Vec::new();
    let mut recognised = recognition::recognised(trace, connection).peekable();
    while recognised.peek().is_some() {
        let some: Vec<_> = recognised.by_ref().take(CALLS_AT_ONCE).collect();
        let judged: Vec<(Call, Vec<Finding>)> = some
            .into_par_iter()
            .filter_map(|recognised| judge(trace, connection, recognised))
            .collect();
        for (call, found) in judged {
            take(&call);
            list.extend(found);
        }
    }
    list.extend(too_many_pings(trace, connection));
    list
}

fn judge(
    trace: &Trace,
    connection: &Connection,
    recognised: Recognised<'_>,
) -> Option<(Call, Vec<Finding>)> {
    let reading = reading::read(trace, connection, recognised)?;
    let mut found = Found {
        connection,
        carrier: reading.call.id.carrier,
        list: Vec::new(),
    };
    found.request(&reading);
    found.response(&reading);
    found.deadline(&reading.call);
    found.metadata(&reading);
    for direction in Direction::BOTH {
        found.messages(&reading, direction);
    }
    Some((reading.call, found.list))
}

/// How long after its deadline a call may end before that is said. Our choice: an answer may be on its way, and
/// libraries round the time up.
const DEADLINE_TOLERANCE_NS: i64 = 20_000_000;

struct Found<'a> {
    connection: &'a Connection,
    carrier: Carrier,
    list: Vec<Finding>,
}

impl Found<'_> {
    fn add(&mut self, rule: &Rule, text: String, at: Option<Moment>) {
        let carrier = Some(self.carrier);
        self.list
            .push(finding(self.connection, rule, text, carrier, at));
    }

    fn request(&mut self, reading: &Reading<'_>) {
        let request = &reading.request;
        if let Some(value) = request.timeout.as_deref()
            && let Err(error) = Timeout::parse(value)
        {
            let shown = String::from_utf8_lossy(value);
            let text = format!("The grpc-timeout {shown:?} cannot be read: {error}.");
            self.add(&rules::TIMEOUT_MALFORMED, text, request.at);
        }
        let trailers = request.te.as_deref() == Some(b"trailers");
        let web = reading.call.transport.is_web();
        if request.at.is_some() && request.complete && !trailers && !web {
            let text =
                "The request has no \"te: trailers\", by which a server learns that no proxy on \
                        the way drops trailers."
                    .to_owned();
            self.add(&rules::TE_MISSING, text, request.at);
        }
    }

    fn response(&mut self, reading: &Reading<'_>) {
        let call = &reading.call;
        let (initial, trailing) = (&reading.initial, &reading.trailing);
        let last = trailing.at.or(call.end);
        let status = trailing.status.as_deref().or(initial.status.as_deref());
        if let Some(value) = status
            && GrpcStatus::parse(value).is_none()
        {
            let shown = String::from_utf8_lossy(value);
            let text = format!("The grpc-status {shown:?} is no number.");
            self.add(&rules::STATUS_MALFORMED, text, last);
        }
        let http_status = initial.http_status.as_deref();
        let is_http_error = http_status.is_some_and(|status| status != b"200");
        if let Some(status) = http_status
            && is_http_error
            && call.status.is_none()
        {
            let shown = String::from_utf8_lossy(status);
            let implied = call.implied_status.unwrap_or(GrpcStatus::UNKNOWN);
            let text = format!(
                "The answer is HTTP {shown} and not gRPC's, likely from something between the two; the \
                 caller reports {implied}."
            );
            self.add(&rules::HTTP_STATUS, text, initial.at);
        }
        let ended = matches!(
            call.ended_by,
            EndedBy::Trailers | EndedBy::TrailersOnly | EndedBy::EndOfStream
        );
        let all_seen = initial.complete && (trailing.complete || trailing.at.is_none());
        if ended && status.is_none() && !is_http_error && all_seen && initial.at.is_some() {
            let text =
                "The response ended without a grpc-status, so the caller cannot know whether \
                        the call succeeded."
                    .to_owned();
            self.add(&rules::STATUS_MISSING, text, call.end);
        }
        if let Some(content_type) = initial.content_type.as_deref()
            && ContentType::parse(content_type).is_none()
            && !is_http_error
        {
            let shown = String::from_utf8_lossy(content_type);
            let text = format!("The response to a gRPC request has the content type {shown:?}.");
            self.add(&rules::CONTENT_TYPE, text, initial.at);
        }
    }

    /// Time that is over and that nobody minded.
    fn deadline(&mut self, call: &Call) {
        let Some((deadline_ns, ended_ns)) = call.deadline_ns().zip(call.ended_ns) else {
            return;
        };
        let late_ns = ended_ns.saturating_sub(deadline_ns);
        let unheeded = matches!(call.ended_by, EndedBy::Trailers | EndedBy::EndOfStream)
            && call.status_seen() != Some(GrpcStatus::DEADLINE_EXCEEDED);
        if unheeded && late_ns > DEADLINE_TOLERANCE_NS {
            let text = format!(
                "The call ended {} ms after its deadline, and neither side gave it up then.",
                late_ns / 1_000_000
            );
            self.add(&rules::DEADLINE_UNHEEDED, text, call.end);
        }
    }

    fn metadata(&mut self, reading: &Reading<'_>) {
        let call = &reading.call;
        let lists = [
            (&call.request_metadata, reading.request.at),
            (&call.initial_metadata, reading.initial.at),
            (&call.trailing_metadata, reading.trailing.at),
        ];
        for (list, at) in lists {
            let mut bad = list
                .iter()
                .filter(|field| matches!(field.binary, Some(Err(_))));
            if let Some(field) = bad.next() {
                let name = String::from_utf8_lossy(&field.name);
                let text = format!(
                    "The value of {name} is not base64, which names ending in -bin promise."
                );
                self.add(&rules::BINARY_METADATA, text, at);
            }
        }
    }

    fn messages(&mut self, reading: &Reading<'_>, direction: Direction) {
        let caller = self.connection.direction(reading.recognised.requester);
        let part = usize::from(direction != caller);
        let (Some(body), Some(cuts)) = (reading.bodies.get(part), reading.cuts.get(part)) else {
            return;
        };
        let web = reading.call.transport.is_web();
        let fields = if part == 0 {
            &reading.request
        } else {
            &reading.initial
        };
        let moment_at = |at: u64| {
            let mut places = body.places(at..at.saturating_add(1));
            let (unit, _) = places.next()?;
            unit.begun(self.connection)
        };
        let who = direction.name();
        let trouble = body.coding_trouble();
        if let Some(trouble) = trouble {
            let text = format!("The {who}'s content cannot be unpacked to its end: {trouble}.");
            let at = moment_at(body.len().saturating_sub(1)).or(fields.at);
            self.add(&rules::CONTENT_CODING, text, at);
        }
        if let Some(cut) = cuts.list.last()
            && body.ended
            && trouble.is_none()
            && cut.span.end() > body.len()
        {
            let text = format!(
                "A message of the {who} says it has {}, but its content ends after {} of them.",
                counted(cut.span.prefix.length, "byte"),
                body.len().saturating_sub(cut.span.payload_range().start)
            );
            let at = moment_at(cut.span.start);
            self.add(&rules::MESSAGE_CUT_SHORT, text, at);
        }
        if cuts.left_over > 0 && body.ended && trouble.is_none() {
            let text = format!(
                "The {who}'s content ends with {}, less than the prefix of a message.",
                counted(cuts.left_over, "byte")
            );
            let at = moment_at(body.len().saturating_sub(1));
            self.add(&rules::MESSAGE_CUT_SHORT, text, at);
        }
        let unknown = |prefix: crate::wire::grpc::Prefix| prefix.unknown_flags(web);
        if let Some(cut) = cuts.list.iter().find(|cut| unknown(cut.span.prefix)) {
            let text = format!(
                "A message of the {who} begins with the flag byte {:#04x}, where only 0 and 1 have a \
                 meaning.",
                cut.span.prefix.flags
            );
            let at = moment_at(cut.span.start);
            self.add(&rules::UNKNOWN_FLAGS, text, at);
        }
        let mut compressed = cuts.list.iter().filter(|cut| cut.span.prefix.compressed());
        if let Some(cut) = compressed.next()
            && fields.at.is_some()
            && fields.complete
        {
            let name = fields.encoding.as_deref();
            let at = moment_at(cut.span.start);
            match (name, name.and_then(Encoding::from_name)) {
                (None, _) | (_, Some(Encoding::Identity)) => {
                    let text = format!(
                        "A message of the {who} says that it is compressed, and no grpc-encoding says how."
                    );
                    self.add(&rules::COMPRESSED_WITHOUT_ENCODING, text, at);
                }
                (Some(name), None) => {
                    let shown = String::from_utf8_lossy(name);
                    let text = format!(
                        "The {who} compresses with {shown:?}, which cannot be unpacked here."
                    );
                    self.add(&rules::UNKNOWN_ENCODING, text, at);
                }
                (Some(_), Some(_)) => {}
            }
        }
    }
}

/// A server that says goodbye because the client's keepalive was too eager.
fn too_many_pings<'a>(
    trace: &'a Trace,
    connection: &'a Connection,
) -> impl Iterator<Item = Finding> + 'a {
    let http2 = connection.http2().into_iter();
    http2.flat_map(move |http2| {
        let frames = http2.frames_of(StreamId::CONNECTION).iter();
        frames.filter_map(move |&id| {
            let row = http2.frames.get(id.index())?;
            if row.kind != FrameKind::GOAWAY {
                return None;
            }
            let bytes = trace.frame_bytes(connection, row)?;
            let (header, payload) = bytes.split_first_chunk::<{ FrameHeader::LEN }>()?;
            let payload = Payload::decode(&FrameHeader::decode(header), payload).ok()?;
            let Payload::Goaway(goaway) = payload else {
                return None;
            };
            let told = goaway.error == ErrorCode::ENHANCE_YOUR_CALM
                && goaway.debug_data == b"too_many_pings";
            let text = "The server ended the connection because PINGs came more often than it allows: the \
                        client's keepalive time is shorter than the server permits.";
            told.then(|| {
                finding(
                    connection,
                    &rules::TOO_MANY_PINGS,
                    text.to_owned(),
                    None,
                    Some(Moment::Frame(id)),
                )
            })
        })
    })
}

pub(super) fn finding(
    connection: &Connection,
    rule: &Rule,
    text: String,
    carrier: Option<Carrier>,
    at: Option<Moment>,
) -> Finding {
    let finding = Finding::new(rule, text).on(connection.id);
    let finding = match carrier {
        Some(carrier) => finding.of_carrier(carrier),
        None => finding,
    };
    Finding {
        frame: at.and_then(Moment::frame),
        packet: at.and_then(|at| at.packet(connection)),
        ..finding
    }
}
