//! Why the first byte of a response, or of its content, came when it did: what the answering side did meanwhile, as far as
//! the wire shows it.
//!
//! ```text
//! request's last byte ---- head of the response ---- first DATA
//!        |  first gap            |  second gap        |
//! ```

use super::{Reason, Waits};
use crate::analysis::requests::{self, Request};
use crate::trace::{Connection, FrameId, Http2, Side, Trace};
use crate::ui::widgets::format;
use crate::wire::http2::{FrameKind, StreamId};
use std::collections::{BTreeMap, HashMap};

/// Frames of one gap that are looked at: the last ones.
const MAX_FRAMES: usize = 2048;
/// Gaps that are shorter need no reason.
const LEAST_NS: i64 = 3_000_000;
/// Streams that are named one by one.
const MAX_NAMED: usize = 4;
/// Round trips that are looked at for the shortest.
const MAX_ROUND_TRIPS: usize = 4096;

/// Why something came late. Times count from the capture's first packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// From when to when it was awaited, in nanoseconds.
    pub times_ns: (i64, i64),
    /// Who was to send it.
    pub sender: Side,
    /// What came: `first byte`, `content`.
    pub what: &'static str,
    /// In a sentence: `the server was sending pushes 2, 4, 6, 8 (70 KB)`.
    pub sentence: String,
    /// In a few words, where little room is; empty for what holds nothing back.
    pub short: String,
    /// How much of it a round trip takes, which the first byte of a response needs in any case; `None` where that is not known.
    pub round_trip_ns: Option<i64>,
}

impl Why {
    /// How long after what it follows, in nanoseconds.
    pub fn gap_ns(&self) -> i64 {
        self.times_ns.1.saturating_sub(self.times_ns.0)
    }

    /// `first byte after 102 ms: the server was sending …`.
    pub fn words(&self) -> String {
        let gap = format::duration_ns(self.gap_ns());
        let trip = self.round_trip_ns.map_or_else(String::new, |trip| {
            format!("; a round trip takes {} of it", format::duration_ns(trip))
        });
        match self.what {
            CONTENT => format!("content {gap} after the head: {}", self.sentence),
            what => format!("{what} after {gap}: {}{trip}", self.sentence),
        }
    }

    /// How much of it is a plain round trip, in brackets: ` (round trip 41 ms)`.
    fn trip_words(&self) -> String {
        self.round_trip_ns.map_or_else(String::new, |trip| {
            format!(" (round trip {})", format::short_duration_ns(trip))
        })
    }

    /// The same in a few words: `102 ms pushes 2, 4, 6, 8 first (round trip 41 ms)`. What the server thought has its own time, without the way there and
    /// back.
    pub fn in_short(&self) -> String {
        match self.is_of_others() {
            true => format!(
                "{} {}{}",
                format::short_duration_ns(self.gap_ns()),
                self.short,
                self.trip_words()
            ),
            false => self.short.clone(),
        }
    }

    /// What is said of it where it is drawn: the first of these that has room. Nothing, where nothing held it back.
    pub fn in_lane(&self) -> Vec<String> {
        let lasted = format::short_duration_ns(self.gap_ns());
        match (self.short.as_str(), self.is_of_others()) {
            ("", _) => Vec::new(),
            (short, true) => vec![
                format!("waits {lasted}: {short}{}", self.trip_words()),
                format!("{lasted}: {short}{}", self.trip_words()),
                format!("{lasted}: {short}"),
                short.to_owned(),
            ],
            (short, false) => vec![short.to_owned()],
        }
    }

    /// Whether others were sent before it.
    fn is_of_others(&self) -> bool {
        self.short.ends_with(FIRST)
    }
}

/// How the few words about others end that were sent before.
const FIRST: &str = " first";

const FIRST_BYTE: &str = "first byte";
const CONTENT: &str = "content";

/// Why responses came late, by stream.
pub(super) fn all(
    trace: &Trace,
    connection: &Connection,
    waits: &Waits,
) -> HashMap<StreamId, Vec<Why>> {
    let Some(http2) = connection.http2() else {
        return HashMap::new();
    };
    let asked = Asked {
        trace,
        connection,
        http2,
        waits,
        round_trip_ns: round_trip_ns(trace, connection),
    };
    requests::requests(trace, connection)
        .map(|request| (request.stream, asked.why(&request)))
        .filter(|(_, why)| !why.is_empty())
        .collect()
}

/// What is asked about.
struct Asked<'a> {
    /// The capture.
    trace: &'a Trace,
    /// The connection.
    connection: &'a Connection,
    /// Its frames.
    http2: &'a Http2,
    /// What made its streams wait.
    waits: &'a Waits,
    /// The shortest round trip that TCP shows at this place, in nanoseconds.
    round_trip_ns: Option<i64>,
}

/// The shortest time from a segment of the client to its acknowledgment: from the place of the capture to the server and back.
fn round_trip_ns(trace: &Trace, connection: &Connection) -> Option<i64> {
    let samples = connection.tcp().round_trips.range(0..MAX_ROUND_TRIPS);
    let of_client = samples.filter_map(|sample| {
        let owner = trace.packets.get(sample.segment.index())?.owner?;
        let sent = trace.time_ns(sample.segment);
        let took = trace.time_ns(sample.acknowledgment).saturating_sub(sent);
        (owner.side == connection.row.client && took >= 0).then_some(took)
    });
    of_client.min()
}

impl Asked<'_> {
    /// The reasons of both gaps, in the order of time.
    fn why(&self, request: &Request) -> Vec<Why> {
        let first = self.gap(request, request.request_end, request.response, FIRST_BYTE);
        let content = self.gap(request, request.response, request.response_data, CONTENT);
        first.into_iter().chain(content).collect()
    }

    fn time_ns(&self, frame: FrameId) -> Option<i64> {
        let row = self.http2.frames.get(frame.index())?;
        Some(self.trace.time_ns(row.packet))
    }

    /// When the first byte of a frame was there: a large one is whole only with its last packet.
    fn began_ns(&self, frame: FrameId) -> Option<i64> {
        let row = self.http2.frames.get(frame.index())?;
        let range = row.offset..row.offset.saturating_add(1);
        let first = self.connection.stream(row.side).slices(range).next();
        first.map(|slice| self.trace.time_ns(slice.readable))
    }

    fn gap(
        &self,
        request: &Request,
        after: Option<FrameId>,
        came: Option<FrameId>,
        what: &'static str,
    ) -> Option<Why> {
        let (after, came) = (after?, came?);
        let until_ns = self.began_ns(came).or_else(|| self.time_ns(came))?;
        let from_ns = self.time_ns(after)?;
        let gap_ns = until_ns.checked_sub(from_ns)?;
        if gap_ns < LEAST_NS {
            return None;
        }
        let (sentence, short) = self.reason(request, (after, came), (from_ns, until_ns), what);
        let origin = self.trace.time_range_ns.map_or(0, |(first, _)| first);
        let trip = self.round_trip_ns.filter(|_| what == FIRST_BYTE);
        let trip = trip.filter(|trip| (LEAST_NS..gap_ns).contains(trip));
        Some(Why {
            round_trip_ns: trip.filter(|_| short.ends_with(FIRST)),
            times_ns: (
                from_ns.saturating_sub(origin),
                until_ns.saturating_sub(origin),
            ),
            sender: request.requester.other(),
            what,
            sentence,
            short,
        })
    }

    fn reason(
        &self,
        request: &Request,
        (after, came): (FrameId, FrameId),
        (from_ns, until_ns): (i64, i64),
        what: &'static str,
    ) -> (String, String) {
        let answers = request.requester.other();
        let who = self.connection.direction(answers).name();
        let missing = self.missing_ns(request.stream, answers, (from_ns, until_ns));
        let others = self.sent_meanwhile(request.stream, answers, after, came);
        let bytes: u64 = others.values().sum();
        let mut said = Vec::new();
        let mut short = String::new();
        if missing >= LEAST_NS {
            let lasted = format::duration_ns(missing);
            said.push(format!("it waited {lasted} for a missing segment"));
        }
        if bytes > 0 {
            let names = self.names(others.keys().copied());
            let more = came.index().saturating_sub(after.index()) > MAX_FRAMES;
            let over = if more { "over " } else { "" };
            let size = format!("{over}{}", format::short_bytes(bytes));
            said.push(format!("the {who} was sending {names} ({size})"));
            short = format!("{names}{FIRST}");
        }
        if !said.is_empty() {
            return (said.join("; "), short);
        }
        let gap = until_ns.saturating_sub(from_ns);
        let beyond = self.round_trip_ns.filter(|_| what == FIRST_BYTE);
        let trip = beyond.filter(|trip| *trip >= LEAST_NS);
        let words = |ns: i64| format::duration_ns(ns);
        match trip {
            Some(trip) if gap <= trip.saturating_add(trip / 4) => (
                format!("about one round trip ({}), there and back", words(trip)),
                String::new(),
            ),
            Some(trip) => {
                let thought = words(gap.saturating_sub(trip));
                (
                    format!(
                        "no content on the wire meanwhile: the {who} thought about {thought}, beyond a round trip of {}",
                        words(trip)
                    ),
                    format!("{who} thought {thought}"),
                )
            }
            None => (
                format!("no content on the wire meanwhile: the {who} thought, or TCP held it back"),
                String::new(),
            ),
        }
    }

    /// How long bytes of the stream lay behind a missing segment within the gap, in nanoseconds.
    fn missing_ns(&self, stream: StreamId, sender: Side, (from_ns, until_ns): (i64, i64)) -> i64 {
        let origin = self.trace.time_range_ns.map_or(0, |(first, _)| first);
        let (from, until) = (
            from_ns.saturating_sub(origin),
            until_ns.saturating_sub(origin),
        );
        let waits = self.waits.within(stream, from as f64, until as f64);
        let of_tcp = waits.filter(|wait| {
            wait.sender == sender && matches!(wait.reason, Reason::Hole(_) | Reason::Copy(_))
        });
        let lengths = of_tcp.map(|wait| wait.until_ns.min(until) - wait.from_ns.max(from));
        lengths.max().unwrap_or(0)
    }

    /// What the answering side sent on other streams in the gap: bytes of `DATA` by stream.
    fn sent_meanwhile(
        &self,
        own: StreamId,
        sender: Side,
        after: FrameId,
        came: FrameId,
    ) -> BTreeMap<StreamId, u64> {
        let range = after.index().saturating_add(1)..came.index();
        let first = range.start.max(range.end.saturating_sub(MAX_FRAMES));
        let mut sent: BTreeMap<StreamId, u64> = BTreeMap::new();
        for row in self.http2.frames.range(first..range.end.max(first)) {
            let other = row.side == sender && row.stream != own;
            if other && row.kind == FrameKind::DATA && row.length > 0 {
                let sum = sent.entry(row.stream).or_default();
                *sum = sum.saturating_add(u64::from(row.length));
            }
        }
        sent
    }

    /// `pushes 2, 4`, `streams 5, 7 and 3 more`.
    fn names(&self, streams: impl Iterator<Item = StreamId>) -> String {
        let streams: Vec<StreamId> = streams.collect();
        let is_push = |stream: &StreamId| {
            let row = self.http2.stream(*stream);
            row.is_some_and(|row| row.pushed_by.is_some())
        };
        let noun = match (streams.iter().all(is_push), streams.len()) {
            (true, 1) => "push",
            (true, _) => "pushes",
            (false, 1) => "stream",
            (false, _) => "streams",
        };
        let named: Vec<String> = streams
            .iter()
            .take(MAX_NAMED)
            .map(StreamId::to_string)
            .collect();
        match streams.len().saturating_sub(MAX_NAMED) {
            0 => format!("{noun} {}", named.join(", ")),
            more => format!("{noun} {} and {more} more", named.join(", ")),
        }
    }
}
