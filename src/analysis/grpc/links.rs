//! What joins calls: a call that a server made while it served another, a call that was tried again, and
//! what several calls of one method tell about its kind.
//!
//! Names that are handed on in metadata say it (a trace, a request id); where there are none, a call that
//! begins and ends while its caller serves another one is taken for a part of that, which may be wrong.

mod deadlines;

use super::call::{Call, CallId, CallKind, EndedBy};
use super::deadline::OtherDeadline;
use super::metadata::MetadataField;
use super::{Payload, messages};
use crate::trace::{Connection, Direction, Finding, Moment, Trace};
use crate::wire::grpc::GrpcStatus;
use crate::wire::http2::ErrorCode;
use bytes::Bytes;
use std::collections::HashMap;
use std::net::IpAddr;

/// How two calls are known to belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkedBy {
    /// Both carry the same trace, and different spans of it.
    Trace,
    /// Both carry the same request id.
    RequestId,
    /// One lies within the other in time, on the same host.
    Time,
    /// The library counts its attempts.
    Attempts,
    /// The same request, after the first was refused unread.
    SameRequest,
}

impl LinkedBy {
    /// The word of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            LinkedBy::Trace => "trace",
            LinkedBy::RequestId => "request id",
            LinkedBy::Time => "time",
            LinkedBy::Attempts => "attempts",
            LinkedBy::SameRequest => "same request",
        }
    }
}

/// The call that a server was serving when it made another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// That call.
    pub id: CallId,
    /// How it is known.
    pub known_by: LinkedBy,
    /// How many calls it could have been; more than one makes it a guess.
    pub candidates: usize,
    /// What was left of its time when the other call began; `None` without a deadline.
    pub left_ns: Option<i64>,
}

impl Parent {
    /// What became of the deadline of the call that was being served, in a call that may take `timeout_ns`; `None`
    /// where that call had none.
    pub fn handed_on(&self, timeout_ns: Option<i64>) -> Option<HandedOn> {
        let left_ns = self.left_ns?;
        let tolerance_ns = deadlines::tolerance_ns(left_ns);
        Some(match timeout_ns {
            None => HandedOn::Dropped,
            Some(own) if own > left_ns.saturating_add(tolerance_ns) => HandedOn::Longer,
            Some(own) if own < left_ns.saturating_sub(tolerance_ns) => HandedOn::Shorter,
            Some(_) => HandedOn::Kept,
        })
    }
}

/// What a server made of the time that its caller had left, when it made a call of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandedOn {
    /// The call may take as long as its caller waits.
    Kept,
    /// It may take less.
    Shorter,
    /// It may take longer than anybody waits for it.
    Longer,
    /// It has no deadline at all.
    Dropped,
}

/// An earlier attempt at the same call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOf {
    /// The attempt before.
    pub id: CallId,
    /// How it is known.
    pub known_by: LinkedBy,
}

/// The call that a failure likely came from: it was made while serving this one, and failed before it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedAfter {
    /// That call.
    pub id: CallId,
    /// How it is known that it was made while serving this one.
    pub known_by: LinkedBy,
}

/// What one call has to do with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallLinks {
    /// The call that was being served.
    pub parent: Option<Parent>,
    /// The attempt before.
    pub retry_of: Option<RetryOf>,
    /// Where its failure likely came from.
    pub failed_after: Option<FailedAfter>,
}

/// What joins the calls of a capture.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// Only calls that have something to do with another.
    links: HashMap<CallId, CallLinks>,
    /// By path, who was seen to send more than one message.
    kinds: HashMap<String, [bool; 2]>,
}

/// What is kept of a call while all are compared.
struct Outline {
    id: CallId,
    path: usize,
    client: IpAddr,
    server: IpAddr,
    started_ns: i64,
    ended_ns: i64,
    deadline_ns: Option<i64>,
    timeout_ns: Option<i64>,
    first: Moment,
    end: Option<Moment>,
    attempts: u32,
    /// What its caller sees.
    status: Option<GrpcStatus>,
    /// It ended with another status than OK, or with none.
    failed: bool,
    other_deadline: Option<OtherDeadline>,
    /// Its caller reset it.
    given_up: bool,
    /// It was refused before anybody looked at it, so that a library may try again by itself.
    refused: bool,
    names: Vec<Name>,
}

/// A name that servers hand on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    kind: LinkedBy,
    id: Bytes,
    /// The part of the trace that the caller is.
    span: Bytes,
}

/// Calls that are looked at as the one that another belongs to. A name that thousands of calls share
/// tells nothing.
const MAX_CANDIDATES: usize = 256;

impl Links {
    /// Compares all calls of a capture. Each is read once.
    pub fn of(trace: &Trace) -> Self {
        let mut comparison = Comparison::default();
        for connection in &trace.connections {
            for call in super::calls_of(trace, connection) {
                comparison.add(connection, &call);
            }
        }
        comparison.compare(trace);
        comparison.links
    }

    /// What one call has to do with others.
    pub fn of_call(&self, id: CallId) -> CallLinks {
        self.links.get(&id).copied().unwrap_or_default()
    }

    /// The kind of a call, as all calls of its method show.
    pub fn kind_seen(&self, call: &Call) -> CallKind {
        let own = call.kind_seen.streams();
        let path = call.path.as_deref();
        let seen = path.and_then(|path| self.kinds.get(path));
        match seen {
            Some(seen) => CallKind::of(seen[0] || own[0], seen[1] || own[1]),
            None => call.kind_seen,
        }
    }

    fn note_kind(&mut self, call: &Call) {
        let own = call.kind_seen.streams();
        let Some(path) = call.path.as_deref().filter(|_| own != [false; 2]) else {
            return;
        };
        match self.kinds.get_mut(path) {
            Some(seen) => {
                seen[0] |= own[0];
                seen[1] |= own[1];
            }
            None => {
                self.kinds.insert(path.to_owned(), own);
            }
        }
    }

    fn find_parents(&mut self, outlines: &[Outline]) {
        let mut by_name: HashMap<(LinkedBy, &Bytes), Vec<usize>> = HashMap::new();
        let mut by_server: HashMap<IpAddr, Vec<usize>> = HashMap::new();
        for (at, outline) in outlines.iter().enumerate() {
            for name in &outline.names {
                by_name.entry((name.kind, &name.id)).or_default().push(at);
            }
            by_server.entry(outline.server).or_default().push(at);
        }
        for (at, child) in outlines.iter().enumerate() {
            // A call that goes on for a caller who has given up begins after the end of the one that it belongs to.
            let named = |running: bool| {
                child.names.iter().find_map(|name| {
                    let same = by_name.get(&(name.kind, &name.id))?;
                    let candidates = before(same, at)
                        .filter_map(|parent| outlines.get(parent))
                        .filter(|parent| parent.is_asked_of_the_caller(child))
                        .filter(|parent| parent.is_running_at_start_of(child) == running)
                        .filter(|parent| parent.is_other_part(child, name));
                    choose(candidates, name.kind)
                })
            };
            let by_name = named(true).or_else(|| named(false));
            let found = by_name.or_else(|| {
                // A call that carries a trace belongs to one with the same, or begins it.
                if child.is_traced() {
                    return None;
                }
                let hosted = by_server.get(&child.client)?;
                let candidates = before(hosted, at)
                    .filter_map(|parent| outlines.get(parent))
                    .filter(|parent| {
                        parent.is_asked_of_the_caller(child)
                            && parent.id.connection != child.id.connection
                            && parent.is_running_at_start_of(child)
                            && parent.outlasts(child)
                    });
                choose(candidates, LinkedBy::Time)
            });
            if let Some((parent, known_by, candidates)) = found {
                let left = |deadline: i64| deadline.saturating_sub(child.started_ns);
                self.links.entry(child.id).or_default().parent = Some(Parent {
                    id: parent.id,
                    known_by,
                    candidates,
                    left_ns: parent.deadline_ns.map(left),
                });
            }
        }
    }

    fn find_retries(&mut self, trace: &Trace, outlines: &[Outline]) {
        let mut same_method: HashMap<(usize, IpAddr), Vec<usize>> = HashMap::new();
        for (at, call) in outlines.iter().enumerate() {
            let tried_before = same_method.entry((call.path, call.client)).or_default();
            let mut tried = before(tried_before, at)
                .filter_map(|earlier| outlines.get(earlier))
                .filter(|earlier| earlier.failed && earlier.ended_ns <= call.started_ns);
            let found = if call.attempts > 0 {
                let last = tried.find(|earlier| earlier.attempts + 1 == call.attempts);
                last.map(|earlier| (earlier, LinkedBy::Attempts))
            } else {
                let refused = tried.by_ref().filter(|earlier| earlier.refused);
                let same = refused
                    .take(MAX_COMPARED)
                    .find(|earlier| same_request(trace, earlier.id, call.id));
                same.map(|earlier| (earlier, LinkedBy::SameRequest))
            };
            drop(tried);
            if let Some((earlier, known_by)) = found {
                self.links.entry(call.id).or_default().retry_of = Some(RetryOf {
                    id: earlier.id,
                    known_by,
                });
            }
            tried_before.push(at);
        }
    }
}

/// How much later than its caller's a call may be given up and still lie within it: a server that is told that its
/// caller has given up does the same in turn. Our choice: programs take milliseconds for that.
const PASSING_ON_NS: i64 = 20_000_000;

/// Requests that are compared with one that was refused.
const MAX_COMPARED: usize = 8;

/// The last of these that come before `at`, latest first.
fn before(sorted: &[usize], at: usize) -> impl Iterator<Item = usize> + '_ {
    let count = sorted.partition_point(|&other| other < at);
    let earlier = sorted.get(..count).unwrap_or_default();
    earlier.iter().rev().take(MAX_CANDIDATES).copied()
}

/// The candidate that began last: of calls that lie within each other, the innermost.
fn choose<'a>(
    mut candidates: impl Iterator<Item = &'a Outline>,
    known_by: LinkedBy,
) -> Option<(&'a Outline, LinkedBy, usize)> {
    let first = candidates.next()?;
    Some((first, known_by, 1 + candidates.count()))
}

impl Outline {
    fn of(connection: &Connection, call: &Call, path: usize) -> Self {
        let refused = call.ended_by == EndedBy::Goaway
            || call
                .cancelled
                .is_some_and(|cancelled| cancelled.error == ErrorCode::REFUSED_STREAM);
        Self {
            id: call.id,
            path,
            client: connection.end(Direction::Client).ip(),
            server: connection.end(Direction::Server).ip(),
            started_ns: call.started_ns,
            ended_ns: call.ended_ns.unwrap_or(i64::MAX),
            deadline_ns: call.deadline_ns(),
            timeout_ns: call.timeout.map(|timeout| timeout.ns()),
            first: call.first,
            end: call.end,
            attempts: call.previous_attempts.unwrap_or(0),
            status: call.status_seen(),
            other_deadline: call.other_deadline,
            failed: call.ended_ns.is_some() && call.status_seen() != Some(GrpcStatus::OK),
            given_up: call.ended_by == EndedBy::Reset(Direction::Client),
            refused,
            names: names(&call.request_metadata),
        }
    }

    /// Whether this call was asked, before the other one began, of the host that makes the other one.
    fn is_asked_of_the_caller(&self, child: &Self) -> bool {
        self.server == child.client && self.id != child.id && self.started_ns <= child.started_ns
    }

    /// Whether this call was running when the other one began.
    fn is_running_at_start_of(&self, child: &Self) -> bool {
        self.ended_ns >= child.started_ns
    }

    /// Whether the other call ended within this one, or was given up because this one was.
    fn outlasts(&self, child: &Self) -> bool {
        let slack_ns = if child.given_up { PASSING_ON_NS } else { 0 };
        self.ended_ns.saturating_add(slack_ns) >= child.ended_ns
    }

    /// Whether this call is another part of the same trace. Calls that one caller makes carry the same span, as
    /// neighbours; a server may hand the span on as it came, which is another caller's then.
    fn is_other_part(&self, child: &Self, name: &Name) -> bool {
        let own = self.names.iter().find(|own| own.kind == name.kind);
        let other_span = |own: &Name| own.span.is_empty() || own.span != name.span;
        own.is_some_and(|own| own.id == name.id && (other_span(own) || self.client != child.client))
    }

    /// Whether it is part of a trace.
    fn is_traced(&self) -> bool {
        self.names.iter().any(|name| name.kind == LinkedBy::Trace)
    }
}

/// The names in a request's metadata that servers hand on, traces first.
fn names(metadata: &[MetadataField]) -> Vec<Name> {
    let value = |name: &[u8]| {
        let field = metadata.iter().find(|field| field.name == name)?;
        field.value.clone().filter(|value| !value.is_empty())
    };
    let mut names = Vec::new();
    let mut add = |kind, id: &[u8], span: &[u8]| {
        names.push(Name {
            kind,
            id: Bytes::copy_from_slice(id),
            span: Bytes::copy_from_slice(span),
        });
    };
    // W3C Trace Context: version, trace, span and flags, with dashes in between.
    if let Some(context) = value(b"traceparent")
        && let [_, trace, span, ..] = context.split(|&byte| byte == b'-').collect::<Vec<_>>()[..]
    {
        add(LinkedBy::Trace, trace, span);
    } else if let (Some(trace), Some(span)) = (value(b"x-b3-traceid"), value(b"x-b3-spanid")) {
        add(LinkedBy::Trace, &trace, &span);
    } else if let Some(bytes) = metadata
        .iter()
        .find(|field| &*field.name == b"grpc-trace-bin")
        .and_then(|field| field.binary.as_ref()?.as_ref().ok())
        // OpenCensus: 0, 0, 16 bytes of trace, 1, 8 bytes of span.
        && let (Some(trace), Some(span)) = (bytes.get(2..18), bytes.get(19..27))
    {
        add(LinkedBy::Trace, trace, span);
    }
    if let Some(id) = value(b"x-request-id") {
        add(LinkedBy::RequestId, &id, b"");
    }
    names
}

/// Whether two calls begin with the same message.
fn same_request(trace: &Trace, first: CallId, second: CallId) -> bool {
    let request = |id: CallId| {
        let connection = trace.connection(id.connection)?;
        let found = messages(trace, connection, id.carrier)?;
        let mut requests = found.list.iter();
        let message = requests.find(|message| message.direction == Direction::Client)?;
        let body = found.body(message);
        let payload = Payload::read(trace, connection, body, message, None);
        message.whole.then_some((message.span.prefix, payload.sent))
    };
    matches!((request(first), request(second)), (Some(first), Some(second)) if first == second)
}

/// Calls that are being compared.
#[derive(Default)]
pub(super) struct Comparison {
    links: Links,
    paths: HashMap<String, usize>,
    outlines: Vec<Outline>,
}

impl Comparison {
    /// Takes the next call.
    pub(super) fn add(&mut self, connection: &Connection, call: &Call) {
        self.links.note_kind(call);
        let next = self.paths.len();
        let path = call.path.clone().unwrap_or_default();
        let path = *self.paths.entry(path).or_insert(next);
        self.outlines.push(Outline::of(connection, call, path));
    }

    fn compare(&mut self, trace: &Trace) {
        self.outlines.sort_by_key(|outline| outline.started_ns);
        self.links.find_parents(&self.outlines);
        self.links.find_causes(&self.outlines);
        self.links.find_retries(trace, &self.outlines);
    }

    /// What is to be said about deadlines, and how they are handed on.
    pub(super) fn findings(mut self, trace: &Trace) -> Vec<Finding> {
        self.outlines.sort_by_key(|outline| outline.started_ns);
        self.links.find_parents(&self.outlines);
        self.links.find_causes(&self.outlines);
        let of_call = |call| deadlines::findings(trace, &self.links, call);
        self.outlines.iter().flat_map(of_call).collect()
    }
}

#[cfg(test)]
mod tests;
