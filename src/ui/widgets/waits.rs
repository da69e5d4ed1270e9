//! What made a connection's streams wait: pauses of senders with their cause, holes in TCP with the streams that they
//! held back, segments that were sent again, and why responses came when they did. Worked out once, then looked up by stream
//! and time.

mod why;
mod words;

pub use why::Why;

use crate::analysis::blocking::{self, Behind};
use crate::analysis::mending::{Mending, mending};
use crate::analysis::sent_again::{self, SentAgain};
use crate::analysis::stalls::{self, Cause, Stall};
use crate::trace::{Connection, FrameId, HoleRow, Side, Trace};
use crate::wire::http2::StreamId;
use std::collections::HashMap;

/// Holes that are looked into: more than anybody looks at one by one.
const MAX_HOLES: usize = 5000;

/// Pauses that are looked through for one lane of one picture.
const MAX_LOOKED_AT: usize = 20_000;

/// Waits of one stream that another is compared with, so that no time is told twice.
const MAX_OVERLAPS: usize = 8;

/// A time in which a stream waited, counted from the capture's first packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// From when.
    pub from_ns: i64,
    /// Until when.
    pub until_ns: i64,
    /// Who would have sent.
    pub sender: Side,
    /// Why.
    pub reason: Reason,
    /// Which one it is among the waits of its stream's sender with the same cause, from 1 on.
    pub number: usize,
    /// The frame that let the sender go on, where a window held it back and the capture has it.
    pub ended_by: Option<FrameId>,
}

/// Why a stream waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A sender paused.
    Paused(Cause),
    /// Bytes lay behind a hole in the TCP stream, by its position in the connection's log.
    Hole(usize),
    /// Bytes lay in or behind a segment that was sent again without any word of a hole, by its position in
    /// [`Waits::copies`].
    Copy(usize),
}

impl Reason {
    /// In a few words, for a label.
    pub fn label(self) -> &'static str {
        match self {
            Reason::Paused(Cause::StreamWindow) => "stream window empty",
            Reason::Paused(Cause::ConnectionWindow) => "connection window empty",
            Reason::Paused(Cause::BothWindows) => "both windows empty",
            Reason::Paused(Cause::TcpWindow) => "TCP window full",
            Reason::Paused(Cause::Network) => "network",
            Reason::Paused(Cause::ConcurrentStreams) => "too many streams",
            Reason::Paused(Cause::NothingToSend) => "nothing to send",
            Reason::Hole(_) => "missing segment",
            Reason::Copy(_) => "segment sent again",
        }
    }

    /// In a sentence, with the section.
    pub fn sentence(self) -> &'static str {
        match self {
            Reason::Paused(Cause::StreamWindow) => {
                "The stream's flow-control window was used up (RFC 9113 §6.9.1)."
            }
            Reason::Paused(Cause::ConnectionWindow) => {
                "The connection's flow-control window was used up (RFC 9113 §6.9.1)."
            }
            Reason::Paused(Cause::BothWindows) => {
                "The flow-control windows of the stream and of the connection were used up \
                 (RFC 9113 §6.9.1)."
            }
            Reason::Paused(Cause::TcpWindow) => "The receiver's TCP had no room (RFC 9293 §3.8.6).",
            Reason::Paused(Cause::Network) => {
                "There was more to send and no window in the way: TCP waited for acknowledgments, or \
                 the wire was slow (RFC 5681 §3.1)."
            }
            Reason::Paused(Cause::ConcurrentStreams) => {
                "As many streams were open as the other side allows (RFC 9113 §5.1.2)."
            }
            Reason::Paused(Cause::NothingToSend) => {
                "Every window was open: the program had nothing to send."
            }
            Reason::Hole(_) => {
                "A TCP segment was missing. TCP hands bytes on in order, so what had come behind it \
                 waited, whichever stream it belonged to."
            }
            Reason::Copy(_) => {
                "A TCP segment had to be sent again, since no acknowledgment came for it. TCP hands bytes on in order, \
                 so its bytes and those behind it waited, whichever stream they belonged to."
            }
        }
    }

    /// A letter that stands for why a sender paused, where there is no room for words; a legend says what it means.
    pub fn sign(self) -> Option<&'static str> {
        match self {
            Reason::Paused(Cause::StreamWindow) => Some("S"),
            Reason::Paused(Cause::ConnectionWindow) => Some("C"),
            Reason::Paused(Cause::BothWindows) => Some("S+C"),
            Reason::Paused(Cause::TcpWindow) => Some("T"),
            Reason::Paused(Cause::ConcurrentStreams) => Some("M"),
            Reason::Paused(Cause::Network) => Some("N"),
            Reason::Paused(Cause::NothingToSend) | Reason::Hole(_) | Reason::Copy(_) => None,
        }
    }

    /// How much it says where several tell of the same time.
    fn weight(self) -> u8 {
        match self {
            Reason::Hole(_) | Reason::Copy(_) => 3,
            Reason::Paused(Cause::NothingToSend) => 0,
            Reason::Paused(Cause::Network) => 1,
            Reason::Paused(_) => 2,
        }
    }

    /// Whether TCP lacked a segment, which holds back the streams of both kinds alike: their own and others.
    pub fn is_of_tcp(self) -> bool {
        matches!(self, Reason::Hole(_) | Reason::Copy(_))
    }

    /// Whether something held the stream back; a program that has nothing to send is held by nobody.
    pub fn is_held_back(self) -> bool {
        self != Reason::Paused(Cause::NothingToSend)
    }
}

/// A hole, and what lay behind it.
#[derive(Clone, Debug)]
pub struct HoleWait {
    /// The hole.
    pub row: HoleRow,
    /// What had to wait.
    pub behind: Behind,
    /// How it was mended.
    pub mending: Mending,
    /// From when to when it was open, counted from the capture's first packet.
    pub times_ns: (i64, i64),
    /// Which one it is among those of its side, in the order in which they opened, from 1 on: so the view of TCP numbers them too.
    pub number: usize,
}

/// Numbers holes, each side for itself.
fn number(holes: &mut [HoleWait]) {
    let mut order: Vec<usize> = (0..holes.len()).collect();
    let opened = |at: &usize| holes.get(*at).map(|hole| hole.times_ns.0);
    order.sort_by_key(|at| (opened(at), *at));
    let mut counts = [0; 2];
    for at in order {
        if let Some(hole) = holes.get_mut(at) {
            let count = &mut counts[hole.row.side.index()];
            *count += 1;
            hole.number = *count;
        }
    }
}

/// A segment that was sent again, and when.
#[derive(Clone, Debug)]
pub struct Copied {
    /// The segment.
    pub row: SentAgain,
    /// When it was sent again, counted from the capture's first packet.
    pub time_ns: i64,
    /// When it was sent before, where the capture has that.
    pub first_ns: Option<i64>,
}

/// Which kinds of waits there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occurring {
    /// Why senders paused, by their order in [`CAUSES`].
    pub causes: Vec<Cause>,
    /// Whether a segment was lost, or is not known to have come.
    pub lost: bool,
    /// Whether one only came late.
    pub late: bool,
}

/// The causes that hold a sender back, in the order in which they are explained.
const CAUSES: [Cause; 6] = [
    Cause::StreamWindow,
    Cause::ConnectionWindow,
    Cause::BothWindows,
    Cause::TcpWindow,
    Cause::ConcurrentStreams,
    Cause::Network,
];

impl Occurring {
    /// What occurs on one of two connections.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let either = |cause: &Cause| self.causes.contains(cause) || other.causes.contains(cause);
        Self {
            causes: CAUSES.into_iter().filter(either).collect(),
            lost: self.lost || other.lost,
            late: self.late || other.late,
        }
    }
}

/// All waits of a connection.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    by_stream: HashMap<StreamId, OfStream>,
    late: HashMap<StreamId, Vec<Why>>,
    /// Which kinds of them there are.
    pub occurring: Occurring,
    /// The holes, in the order of the connection's log.
    pub holes: Vec<HoleWait>,
    /// The segments that were sent again, by ascending time.
    pub copies: Vec<Copied>,
    /// By sender: whether it waited though the capture had the `WINDOW_UPDATE` already, which was still on its way.
    pub credit_under_way: [bool; 2],
}

#[derive(Clone, Debug, Default)]
struct OfStream {
    /// By ascending beginning.
    waits: Vec<Wait>,
    longest_ns: i64,
    sums: Vec<Sum>,
}

/// All waits of a stream's sender with one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sum {
    of: (Reason, Side),
    count: usize,
    lasted_ns: u64,
}

impl OfStream {
    /// Puts the waits in order, numbers them and adds them up.
    fn put_in_order(&mut self) {
        self.waits.sort_by_key(|wait| wait.from_ns);
        self.sums.clear();
        for wait in &mut self.waits {
            let of = (wait.reason, wait.sender);
            if !matches!(wait.reason, Reason::Paused(_)) {
                continue;
            }
            let lasted_ns = u64::try_from(wait.until_ns.saturating_sub(wait.from_ns)).unwrap_or(0);
            wait.number = match self.sums.iter_mut().find(|sum| sum.of == of) {
                Some(sum) => {
                    sum.count += 1;
                    sum.lasted_ns = sum.lasted_ns.saturating_add(lasted_ns);
                    sum.count
                }
                None => {
                    self.sums.push(Sum {
                        of,
                        count: 1,
                        lasted_ns,
                    });
                    1
                }
            };
        }
    }
}

impl Waits {
    /// Works them out. Looks at every packet of the connection once.
    pub fn of(trace: &Trace, connection: &Connection) -> Self {
        let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
        let end_ns = trace.time_ns(connection.row.last_packet);
        let mut waits = Self::default();
        let stalls = stalls::stalls(trace, connection);
        for stall in &stalls {
            waits.add(stall.stream, wait_of(stall, origin, end_ns));
            if stall.cause.is_flow_control() && stall.unread_credit.is_some() {
                waits.credit_under_way[stall.sender.index()] = true;
            }
        }
        for (index, stream) in stalls::kept_waiting_too(trace, connection, &stalls) {
            if let Some(stall) = stalls.get(index) {
                waits.add_new(stream, wait_of(stall, origin, end_ns));
            }
        }
        for (index, row) in connection.tcp().holes.iter().take(MAX_HOLES).enumerate() {
            let behind = blocking::behind(trace, connection, row);
            for waited in behind
                .streams
                .iter()
                .filter(|_| row.kind.is_at_the_receiver())
            {
                let wait = Wait {
                    from_ns: waited.since_ns.saturating_sub(origin),
                    until_ns: waited.until_ns.saturating_sub(origin),
                    sender: row.side,
                    reason: Reason::Hole(index),
                    number: 1,
                    ended_by: None,
                };
                waits.add(waited.stream, wait);
            }
            let opened = trace.time_ns(row.opened);
            let closed = row.closed.map_or(end_ns, |closed| trace.time_ns(closed));
            waits.holes.push(HoleWait {
                row: *row,
                behind,
                mending: mending(trace, connection, row),
                times_ns: (opened.saturating_sub(origin), closed.saturating_sub(origin)),
                number: 0,
            });
        }
        number(&mut waits.holes);
        let since_start = |packet| trace.time_ns(packet).saturating_sub(origin);
        let rows = sent_again::sent_again(trace, connection).into_iter();
        waits.copies = rows
            .map(|row| Copied {
                time_ns: since_start(row.packet),
                first_ns: row.first.map(since_start),
                row,
            })
            .collect();
        waits.copies.sort_by_key(|copy| copy.time_ns);
        for index in 0..waits.copies.len() {
            let Some(copy) = waits.copies.get(index).filter(|of| of.row.hole.is_none()) else {
                continue;
            };
            let sender = copy.row.side;
            for waited in copy.row.held_back.clone() {
                let wait = Wait {
                    from_ns: waited.since_ns.saturating_sub(origin),
                    until_ns: waited.until_ns.saturating_sub(origin),
                    sender,
                    reason: Reason::Copy(index),
                    number: 1,
                    ended_by: None,
                };
                waits.add(waited.stream, wait);
            }
        }
        for of_stream in waits.by_stream.values_mut() {
            of_stream.put_in_order();
        }
        waits.occurring = waits.found();
        waits.late = why::all(trace, connection, &waits);
        waits
    }

    fn found(&self) -> Occurring {
        let mut paused: Vec<Cause> = Vec::new();
        for wait in self.by_stream.values().flat_map(|of| &of.waits) {
            match wait.reason {
                Reason::Paused(cause) if !paused.contains(&cause) => paused.push(cause),
                _ => {}
            }
        }
        let late = |hole: &HoleWait| hole.mending == Mending::Late;
        Occurring {
            causes: CAUSES
                .into_iter()
                .filter(|of| paused.contains(of))
                .collect(),
            lost: !self.copies.is_empty() || self.holes.iter().any(|hole| !late(hole)),
            late: self.holes.iter().any(late),
        }
    }

    /// Adds a wait unless the stream's latest ones tell of that time already.
    fn add_new(&mut self, stream: StreamId, wait: Wait) {
        let known = self.by_stream.get(&stream).map_or(&[][..], |of| &of.waits);
        let behind = known.partition_point(|known| known.from_ns < wait.until_ns);
        let mut latest = known.get(..behind).unwrap_or_default().iter().rev();
        if !latest
            .by_ref()
            .take(MAX_OVERLAPS)
            .any(|known| known.until_ns > wait.from_ns)
        {
            let of_stream = self.by_stream.entry(stream).or_default();
            let length = wait.until_ns.saturating_sub(wait.from_ns);
            of_stream.longest_ns = of_stream.longest_ns.max(length);
            of_stream.waits.insert(behind, wait);
        }
    }

    fn add(&mut self, stream: StreamId, wait: Wait) {
        let of_stream = self.by_stream.entry(stream).or_default();
        let length = wait.until_ns.saturating_sub(wait.from_ns);
        of_stream.longest_ns = of_stream.longest_ns.max(length);
        of_stream.waits.push(wait);
    }

    /// The waits of a stream that reach into a stretch of time.
    pub fn within(
        &self,
        stream: StreamId,
        start_ns: f64,
        end_ns: f64,
    ) -> impl Iterator<Item = &Wait> {
        let of_stream = self.by_stream.get(&stream);
        let waits = of_stream.map_or(&[][..], |of| &of.waits);
        let longest = of_stream.map_or(0, |of| of.longest_ns) as f64;
        let first = waits.partition_point(|wait| (wait.from_ns as f64) < start_ns - longest);
        let end = waits.partition_point(|wait| (wait.from_ns as f64) <= end_ns);
        let found = waits.get(first..end.max(first)).unwrap_or(&[]);
        found
            .iter()
            .take(MAX_LOOKED_AT)
            .filter(move |wait| wait.until_ns as f64 >= start_ns)
    }

    /// What a stream waits for at an instant: of several, what says most.
    pub fn at(&self, stream: StreamId, time_ns: i64) -> Option<&Wait> {
        let near = self.within(stream, time_ns as f64, time_ns as f64);
        near.filter(|wait| (wait.from_ns..wait.until_ns).contains(&time_ns))
            .filter(|wait| wait.reason.is_held_back())
            .max_by_key(|wait| wait.reason.weight())
    }

    /// What a stream waits for somewhere in a stretch of time: of several, what says most.
    pub fn near(&self, stream: StreamId, start_ns: f64, end_ns: f64) -> Option<&Wait> {
        let found = self.within(stream, start_ns, end_ns);
        found.max_by_key(|wait| wait.reason.weight())
    }

    /// Why the first byte of a stream's response, and of its content, came late, in the order of time.
    pub fn why(&self, stream: StreamId) -> &[Why] {
        self.late.get(&stream).map_or(&[], Vec::as_slice)
    }

    /// Why a stream's response is awaited at an instant.
    pub fn why_at(&self, stream: StreamId, time_ns: i64) -> Option<&Why> {
        let mut all = self.why(stream).iter();
        all.find(|why| (why.times_ns.0..why.times_ns.1).contains(&time_ns))
    }

    /// Why a stream's response was awaited somewhere in a stretch of time.
    pub fn why_near(&self, stream: StreamId, start_ns: f64, end_ns: f64) -> Option<&Why> {
        let mut all = self.why(stream).iter();
        all.find(|why| why.times_ns.0 as f64 <= end_ns && why.times_ns.1 as f64 >= start_ns)
    }

    /// How many waits of a stream's sender have the cause of this one, and how long all of them lasted, in nanoseconds.
    pub fn all_like(&self, stream: StreamId, wait: &Wait) -> (usize, u64) {
        let sums = self.by_stream.get(&stream).map_or(&[][..], |of| &of.sums);
        let sum = sums.iter().find(|sum| sum.of == (wait.reason, wait.sender));
        sum.map_or((1, 0), |sum| (sum.count, sum.lasted_ns))
    }

    /// How long a stream was held back, all reasons together; times that overlap count once.
    pub fn held_back_ns(&self, stream: StreamId) -> u64 {
        let waits = self.by_stream.get(&stream).map_or(&[][..], |of| &of.waits);
        let (mut total, mut until) = (0_u64, i64::MIN);
        for wait in waits.iter().filter(|wait| wait.reason.is_held_back()) {
            let from = wait.from_ns.max(until);
            total += u64::try_from(wait.until_ns.saturating_sub(from)).unwrap_or(0);
            until = until.max(wait.until_ns);
        }
        total
    }

    /// The reasons for which a stream was held back, with how often and how long, the longest first.
    pub fn reasons(&self, stream: StreamId) -> Vec<(&'static str, usize, u64)> {
        let waits = self.by_stream.get(&stream).map_or(&[][..], |of| &of.waits);
        let mut sums: Vec<(&'static str, usize, u64)> = Vec::new();
        for wait in waits.iter().filter(|wait| wait.reason.is_held_back()) {
            let length = u64::try_from(wait.until_ns.saturating_sub(wait.from_ns)).unwrap_or(0);
            let label = self.label(wait.reason);
            match sums.iter_mut().find(|(known, ..)| *known == label) {
                Some((_, count, sum)) => {
                    *count += 1;
                    *sum = sum.saturating_add(length);
                }
                None => sums.push((label, 1, length)),
            }
        }
        sums.sort_by_key(|(_, _, sum)| std::cmp::Reverse(*sum));
        sums
    }
}

fn wait_of(stall: &Stall, origin: i64, end_ns: i64) -> Wait {
    let until_ns = stall.until_ns.unwrap_or(end_ns).max(stall.from_ns);
    Wait {
        from_ns: stall.from_ns.saturating_sub(origin),
        until_ns: until_ns.saturating_sub(origin),
        sender: stall.sender,
        reason: Reason::Paused(stall.cause),
        number: 1,
        ended_by: stall
            .unread_credit
            .or(stall.until)
            .filter(|_| stall.cause.is_flow_control()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    #[test]
    fn streams_behind_a_lost_segment_are_found_by_their_time() {
        let world = World::of_capture("lossy.pcapng");
        let connection = world.trace.main_connection().unwrap();
        let waits = Waits::of(&world.trace, connection);
        assert_eq!(waits.holes.len(), connection.tcp().holes.len());
        let hole = waits
            .holes
            .iter()
            .find(|hole| !hole.behind.streams.is_empty())
            .unwrap();
        for waited in &hole.behind.streams {
            let (from, until) = (hole.times_ns.0 as f64, hole.times_ns.1 as f64);
            let found = waits
                .within(waited.stream, from, until)
                .filter(|wait| matches!(wait.reason, Reason::Hole(_)));
            assert!(found.count() > 0, "{}", waited.stream);
            assert!(waits.held_back_ns(waited.stream) >= waited.waited_ns());
            assert!(!waits.reasons(waited.stream).is_empty());
            assert_eq!(waits.within(waited.stream, -9.0, -1.0).count(), 0);
        }
    }

    /// When a stream waited for the connection's window.
    fn spans_of(waits: &Waits, stream: u32) -> Vec<(i64, i64)> {
        let of_stream = waits.by_stream.get(&StreamId(stream));
        let waits = of_stream.map_or(&[][..], |of| &of.waits);
        let window = Reason::Paused(Cause::ConnectionWindow);
        let found = waits.iter().filter(move |wait| wait.reason == window);
        found.map(|wait| (wait.from_ns, wait.until_ns)).collect()
    }

    #[test]
    fn the_connections_window_keeps_every_stream_waiting_that_goes_on_later() {
        let world = World::of_capture("push.pcap");
        let connection = world.trace.main_connection().unwrap();
        let waits = Waits::of(&world.trace, connection);
        assert_eq!(
            waits.occurring.causes,
            [Cause::ConnectionWindow, Cause::Network]
        );
        assert!(!waits.occurring.lost && !waits.occurring.late);
        // In the middle of it, and right after it.
        let first = spans_of(&waits, 6)[0];
        let at = |time_ns| waits.at(StreamId(6), time_ns).map(|wait| wait.reason);
        let window = Reason::Paused(Cause::ConnectionWindow);
        assert_eq!(at((first.0 + first.1) / 2), Some(window));
        assert_ne!(at(first.1), Some(window));
        // The window is used up by DATA of stream 6; stream 15 sends its next DATA right after it.
        let spans = |stream: u32| spans_of(&waits, stream);
        let [first, second] = [spans(6), spans(15)];
        assert_eq!(first.len(), 1);
        assert_eq!(second.len(), 2);
        assert_eq!(first[0], second[0]);
        for ended in [2, 4, 8, 13] {
            assert!(spans(ended).is_empty(), "{ended}");
        }
        let by_window = waits.reasons(StreamId(15))[0];
        assert_eq!(by_window.0, "connection window empty");
        assert_eq!(by_window.1, 2);
        assert_eq!(by_window.2, waits.held_back_ns(StreamId(15)));
    }

    #[test]
    fn overlapping_waits_count_once() {
        let mut waits = Waits::default();
        for (from_ns, until_ns, cause) in [
            (10, 30, Cause::StreamWindow),
            (20, 40, Cause::TcpWindow),
            (0, 100, Cause::NothingToSend),
        ] {
            let reason = Reason::Paused(cause);
            let wait = Wait {
                from_ns,
                until_ns,
                sender: Side::A,
                reason,
                number: 1,
                ended_by: None,
            };
            waits.add(StreamId(1), wait);
        }
        assert_eq!(waits.held_back_ns(StreamId(1)), 30);
        assert_eq!(waits.held_back_ns(StreamId(3)), 0);
        assert_eq!(waits.reasons(StreamId(1)).len(), 2);
    }
}
