//! The calls of a capture as rows that stay small: what tables and lanes show of each, and how it stands at a cursor.

use super::marks::{self, Mark, MessageMark};
use crate::analysis::grpc::{
    self, Call, CallId, CallKind, CallLinks, Cancelled, EndedBy, Links, OtherDeadline,
};
use crate::trace::{Cursor, Direction, Moment, Read, Trace};
use crate::wire::grpc::{GrpcStatus, Transport};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A call. Times count from the capture's first packet; pairs are of the caller and the one called.
#[derive(Clone, Debug)]
pub struct CallRow {
    /// Where it is.
    pub id: CallId,
    /// `:path`; `None` when it cannot be known.
    pub path: Option<Arc<str>>,
    /// The kind, as all calls of its method show.
    pub kind_seen: CallKind,
    /// How it travels.
    pub transport: Transport,
    /// No header said that it is a call.
    pub inferred: bool,
    /// How long the caller will wait.
    pub timeout_ns: Option<i64>,
    /// Whole messages.
    pub messages: [u32; 2],
    /// Their bytes as they travelled, without prefixes.
    pub bytes: [u64; 2],
    /// `grpc-status`.
    pub status: Option<GrpcStatus>,
    /// What the caller's library reports when none came, or came too late.
    pub implied_status: Option<GrpcStatus>,
    /// `grpc-message` on one line, cut where nobody reads on; `None` when it is empty.
    pub status_message: Option<Arc<str>>,
    /// Of which other deadline than its own a status of `DEADLINE_EXCEEDED` tells.
    pub other_deadline: Option<OtherDeadline>,
    /// When it began.
    pub started_ns: i64,
    /// When it ended.
    pub ended_ns: Option<i64>,
    /// When it began, to the frame where there are frames.
    pub first: Moment,
    /// When it ended.
    pub end: Option<Moment>,
    /// How it ended.
    pub ended_by: EndedBy,
    /// Who gave it up.
    pub cancelled: Option<Cancelled>,
    /// The call it was made for, and the attempt before.
    pub links: CallLinks,
    /// How many calls it lies within, one in the other.
    pub depth: u16,
    /// Header lists and resets, in order.
    pub marks: Vec<Mark>,
    /// Messages of the client and of the server, in order.
    pub message_marks: [Vec<MessageMark>; 2],
}

/// How a call stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its first frame is behind the cursor.
    NotYet,
    /// It has begun and not ended.
    Running {
        /// Since when.
        for_ns: i64,
        /// What is left of its time; negative when it is over. `None` without a deadline.
        left_ns: Option<i64>,
    },
    /// It has ended.
    Ended,
}

impl CallRow {
    /// The service, such as `users.UserService`.
    pub fn service(&self) -> &str {
        self.service_and_method().0
    }

    /// The method, such as `GetUser`.
    pub fn method(&self) -> &str {
        self.service_and_method().1
    }

    fn service_and_method(&self) -> (&str, &str) {
        let path = self.path.as_deref();
        path.and_then(crate::wire::grpc::content_type::service_and_method)
            .unwrap_or(("?", "?"))
    }

    /// Service without its package, and method: `UserService/GetUser`.
    pub fn short_name(&self) -> String {
        let (service, method) = self.service_and_method();
        let service = service.rsplit('.').next().unwrap_or(service);
        format!("{service}/{method}")
    }

    /// When its time is over.
    pub fn deadline_ns(&self) -> Option<i64> {
        Some(self.started_ns.saturating_add(self.timeout_ns?))
    }

    /// How long it took.
    pub fn duration_ns(&self) -> Option<i64> {
        Some(self.ended_ns?.saturating_sub(self.started_ns))
    }

    /// The status that the caller sees.
    pub fn status_seen(&self) -> Option<GrpcStatus> {
        self.implied_status.or(self.status)
    }

    /// Whether it ended with another status than OK, or with none.
    pub fn has_failed(&self) -> bool {
        self.ended_ns.is_some() && self.status_seen() != Some(GrpcStatus::OK)
    }

    /// Whether its time was over before it ended.
    pub fn is_late(&self) -> bool {
        let over = self.deadline_ns().zip(self.ended_ns);
        over.is_some_and(|(deadline, ended)| ended > deadline)
            || self.cancelled.is_some_and(|by| by.deadline_passed)
    }

    /// How it stands when so much of its connection has been read, at `now_ns`.
    pub fn standing(&self, read: Read, now_ns: i64) -> Standing {
        if !read.has(self.first) {
            return Standing::NotYet;
        }
        let over = match self.end {
            Some(end) => read.has(end),
            // The connection or the capture ended.
            None => self.ended_ns.is_some_and(|end| end <= now_ns),
        };
        if over {
            return Standing::Ended;
        }
        Standing::Running {
            for_ns: now_ns.saturating_sub(self.started_ns),
            left_ns: self.deadline_ns().map(|end| end.saturating_sub(now_ns)),
        }
    }

    /// Messages of a side when so much of its connection has been read, and their bytes.
    pub fn messages_at(&self, direction: Direction, read: Read) -> (u32, u64) {
        let Some(marks) = self.message_marks.get(direction.index()) else {
            return (0, 0);
        };
        let count = marks.partition_point(|mark| read.has(mark.at));
        let bytes = count.checked_sub(1).and_then(|last| marks.get(last));
        (
            u32::try_from(count).unwrap_or(u32::MAX),
            bytes.map_or(0, |last| last.sum_bytes),
        )
    }
}

/// All calls of a capture.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// Connection by connection, in the order of first frames.
    rows: Vec<CallRow>,
    by_id: HashMap<CallId, usize>,
    /// Each call behind the one it was made for; the others by their beginning.
    by_family: Vec<usize>,
    children: HashMap<usize, Vec<usize>>,
    times_ns: Option<(i64, i64)>,
}

/// Messages that get a mark, of all calls together: 24 bytes each.
const MAX_MESSAGE_MARKS: usize = 8_000_000;

impl Calls {
    /// Reads every call of a capture; `None` when it was told to stop.
    pub fn of(trace: &Trace, stop: &AtomicBool) -> Option<Self> {
        let links = Links::of(trace);
        let origin_ns = trace.time_range_ns.map_or(0, |(first, _)| first);
        let mut calls = Self::default();
        let mut paths: HashSet<Arc<str>> = HashSet::new();
        let mut room = MAX_MESSAGE_MARKS;
        for connection in &trace.connections {
            for call in grpc::calls_of(trace, connection) {
                if stop.load(Ordering::Relaxed) {
                    return None;
                }
                let path = call.path.as_deref().map(|path| match paths.get(path) {
                    Some(known) => known.clone(),
                    None => {
                        let path: Arc<str> = path.into();
                        paths.insert(path.clone());
                        path
                    }
                });
                let marks = marks::of_frames(trace, connection, &call, origin_ns);
                let message_marks = marks::of_messages(trace, connection, &call, origin_ns, room);
                room -= message_marks.iter().map(Vec::len).sum::<usize>().min(room);
                calls.by_id.insert(call.id, calls.rows.len());
                let row = row(&call, path, links.of_call(call.id), origin_ns);
                calls.rows.push(CallRow {
                    kind_seen: links.kind_seen(&call),
                    marks,
                    message_marks,
                    ..row
                });
            }
        }
        calls.join();
        calls.times_ns = calls.times();
        Some(calls)
    }

    /// The calls, connection by connection, in the order of first frames.
    pub fn rows(&self) -> &[CallRow] {
        &self.rows
    }

    /// The position of a call among the rows.
    pub fn position(&self, id: CallId) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// A call.
    pub fn get(&self, id: CallId) -> Option<&CallRow> {
        self.rows.get(self.position(id)?)
    }

    /// Positions of the rows: each call behind the one it was made for, the others by their beginning.
    pub fn by_family(&self) -> &[usize] {
        &self.by_family
    }

    /// The calls that were made while serving the one at a position.
    pub fn children(&self, position: usize) -> &[usize] {
        self.children.get(&position).map_or(&[], Vec::as_slice)
    }

    /// The outermost call that one belongs to.
    pub fn root(&self, mut position: usize) -> usize {
        // A chain is no longer than there are calls.
        for _ in 0..self.rows.len() {
            let parent = self.rows.get(position).and_then(|row| row.links.parent);
            match parent.and_then(|parent| self.position(parent.id)) {
                Some(next) if self.depth(next) < self.depth(position) => position = next,
                _ => break,
            }
        }
        position
    }

    fn depth(&self, position: usize) -> u16 {
        self.rows.get(position).map_or(0, |row| row.depth)
    }

    /// From the beginning of the first call to the end of the last.
    pub fn times_ns(&self) -> Option<(i64, i64)> {
        self.times_ns
    }

    fn times(&self) -> Option<(i64, i64)> {
        let first = self.rows.iter().map(|row| row.started_ns).min()?;
        let last = self.rows.iter().flat_map(|row| {
            let messages = row.message_marks.iter();
            let last_message = messages.filter_map(|marks| Some(marks.last()?.time_ns));
            let last_mark = row.marks.last().map(|mark| mark.time_ns);
            row.ended_ns
                .into_iter()
                .chain(last_message)
                .chain(last_mark)
        });
        Some((first, last.max().unwrap_or(first).max(first)))
    }

    /// Puts calls behind those that they were made for.
    fn join(&mut self) {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|at| self.rows.get(*at).map(|row| (row.started_ns, *at)));
        let mut roots = Vec::new();
        for &at in &order {
            let parent = self.rows.get(at).and_then(|row| row.links.parent);
            match parent.and_then(|parent| self.position(parent.id)) {
                Some(parent) if parent != at => self.children.entry(parent).or_default().push(at),
                _ => roots.push(at),
            }
        }
        let mut seen = vec![false; self.rows.len()];
        let mut waiting: Vec<(usize, u16)> = roots.iter().rev().map(|at| (*at, 0)).collect();
        // Calls whose ancestors are a ring, which no sane capture has, come last.
        let mut rest = order.into_iter();
        loop {
            let Some((at, depth)) = waiting.pop() else {
                match rest.find(|at| seen.get(*at) == Some(&false)) {
                    Some(at) => waiting.push((at, 0)),
                    None => break,
                }
                continue;
            };
            match seen.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            if let Some(row) = self.rows.get_mut(at) {
                row.depth = depth;
            }
            self.by_family.push(at);
            let children = self.children.get(&at).into_iter().flatten().rev();
            waiting.extend(children.map(|child| (*child, depth.saturating_add(1))));
        }
    }
}

fn row(call: &Call, path: Option<Arc<str>>, links: CallLinks, origin_ns: i64) -> CallRow {
    let relative = |time_ns: i64| time_ns.saturating_sub(origin_ns);
    CallRow {
        id: call.id,
        path,
        kind_seen: call.kind_seen,
        transport: call.transport,
        inferred: call.known_by.is_inferred(),
        timeout_ns: call.timeout.map(|timeout| timeout.ns()),
        messages: call.messages,
        bytes: call.bytes,
        status: call.status,
        implied_status: call.implied_status,
        status_message: status_message(call),
        other_deadline: call.other_deadline,
        started_ns: relative(call.started_ns),
        ended_ns: call.ended_ns.map(relative),
        first: call.first,
        end: call.end,
        ended_by: call.ended_by,
        cancelled: call.cancelled,
        links,
        depth: 0,
        marks: Vec::new(),
        message_marks: Default::default(),
    }
}

/// Characters of a status message that a row keeps.
const MAX_MESSAGE_CHARS: usize = 300;

fn status_message(call: &Call) -> Option<Arc<str>> {
    let message = String::from_utf8_lossy(call.status_message.as_deref()?);
    let line = message.replace(['\r', '\n'], " ");
    let line = crate::report::text::one_line(&line, MAX_MESSAGE_CHARS);
    (!line.is_empty()).then(|| line.into())
}

/// The instant of a cursor: how much of each connection has been read, and the time. Asked for one connection
/// after the other, it searches once per connection.
pub struct Instant<'t> {
    trace: &'t Trace,
    cursor: Option<Cursor>,
    /// In nanoseconds since the capture's first packet.
    pub now_ns: i64,
    read: HashMap<usize, Read>,
}

impl<'t> Instant<'t> {
    /// The instant of a cursor.
    pub fn new(trace: &'t Trace, cursor: Option<Cursor>) -> Self {
        let origin_ns = trace.time_range_ns.map_or(0, |(first, _)| first);
        let now_ns = cursor.map_or(i64::MIN, |cursor| {
            trace.time_ns(cursor.packet).saturating_sub(origin_ns)
        });
        Self {
            trace,
            cursor,
            now_ns,
            read: HashMap::new(),
        }
    }

    /// How much of a call's connection has been read.
    pub fn read(&mut self, id: CallId) -> Read {
        let (trace, cursor) = (self.trace, self.cursor);
        *self.read.entry(id.connection.index()).or_insert_with(|| {
            let connection = trace.connection(id.connection);
            connection.map_or_else(Read::default, |connection| Read::at(connection, cursor))
        })
    }

    /// How a call stands.
    pub fn standing(&mut self, row: &CallRow) -> Standing {
        let read = self.read(row.id);
        row.standing(read, self.now_ns)
    }
}
