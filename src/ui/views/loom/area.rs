//! A stretch of time that a person has chosen, with what crossed the connection in it. It is kept until it is cleared.
//!
//! The frames are counted one by one, since totals per stream must be exact; a bounded number per picture.

mod card;

use super::reader::{Reader, Summaries};
use super::words::{frames_words, stream_words, time_words};
use super::{State, stack};
use crate::report::text;
use crate::trace::{ConnectionId, Direction, FrameId, Side};
use crate::ui::widgets::{filtered, format};
use crate::ui::{Item, ViewContext};
use crate::wire::http2::{FrameKind, StreamId};
use crate::wire::keyed::KeyedMap;
use std::collections::BTreeMap;

/// Frames counted per picture: less than a millisecond.
const FRAMES_PER_PICTURE: usize = 50_000;

/// Frames, and their bytes with headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many frames.
    pub frames: u64,
    /// Their bytes, headers included.
    pub bytes: u64,
}

impl Sum {
    fn add(&mut self, bytes: u64) {
        self.frames += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// Of what an area adds up the frames.
#[derive(Clone, Debug, PartialEq)]
enum Scope {
    /// One connection, and who of it is the client.
    One(ConnectionId, Side),
    /// All connections that pass the filter.
    All(filtered::Progress),
}

/// A chosen stretch of time and its totals, as far as they have been counted.
#[derive(Clone, Debug)]
pub struct Area {
    /// Its first instant, in nanoseconds since the first packet.
    pub start_ns: f64,
    /// Its end.
    pub end_ns: f64,
    scope: Option<Scope>,
    /// The frame from which each connection is counted on.
    next: KeyedMap<ConnectionId, usize>,
    /// Packets of the capture when all that was there had been counted.
    counted: Option<usize>,
    /// All frames.
    pub all: Sum,
    /// By sender.
    pub directions: [Sum; 2],
    /// By type.
    pub kinds: BTreeMap<u8, Sum>,
    /// By stream; of all connections, by connection.
    shares: KeyedMap<Item, Sum>,
}

impl Area {
    /// A stretch of time of which nothing has been counted.
    pub fn new(start_ns: f64, end_ns: f64) -> Self {
        Self {
            start_ns,
            end_ns: end_ns.max(start_ns),
            scope: None,
            next: KeyedMap::default(),
            counted: None,
            all: Sum::default(),
            directions: Default::default(),
            kinds: BTreeMap::new(),
            shares: KeyedMap::default(),
        }
    }

    /// Begins anew where something else is to be counted.
    fn begin(&mut self, scope: Scope) {
        if self.scope.as_ref() != Some(&scope) {
            *self = Self::new(self.start_ns, self.end_ns);
            self.scope = Some(scope);
        }
    }

    /// Counts on. Returns whether there is more to count.
    pub fn follow(&mut self, reader: &Reader<'_>, summaries: &Summaries) -> bool {
        let connection = reader.connection;
        let client = connection.side(Direction::Client);
        self.begin(Scope::One(connection.id, client));
        let range = summaries.frames_within(reader, self.start_ns..self.end_ns);
        let next = self.next.get(&connection.id).copied().unwrap_or(0);
        let from = next.max(range.start);
        let until = range.end.min(from.saturating_add(FRAMES_PER_PICTURE));
        self.count(reader, from..until, |stream| {
            Item::Stream(connection.id, stream)
        });
        self.next.insert(connection.id, until.max(next));
        let complete = until >= range.end && !summaries.is_behind(reader);
        self.counted = complete.then_some(reader.trace.packets.len());
        !complete
    }

    /// Counts on, on every connection that passes the filter. Returns whether there is more to count.
    pub fn follow_all(&mut self, context: &ViewContext<'_>) -> bool {
        self.begin(Scope::All(filtered::progress(context)));
        let trace = context.trace;
        if self.counted == Some(trace.packets.len()) {
            return false;
        }
        let mut room = FRAMES_PER_PICTURE;
        for connection in trace.connections.iter() {
            let Some(reader) = Reader::of(trace, connection) else {
                continue;
            };
            let len = reader.http2.frames.len();
            let from = self.next.get(&connection.id).copied().unwrap_or(0);
            if from >= len || stack::is_filtered_out(context, connection.id) {
                continue;
            }
            if room == 0 {
                return true;
            }
            let until = len.min(from.saturating_add(room));
            self.count(&reader, from..until, |_| Item::Connection(connection.id));
            self.next.insert(connection.id, until);
            room -= until - from;
        }
        self.counted = Some(trace.packets.len());
        false
    }

    fn count(
        &mut self,
        reader: &Reader<'_>,
        frames: std::ops::Range<usize>,
        owner: impl Fn(StreamId) -> Item,
    ) {
        for at in frames {
            let Some((time_ns, frame)) = reader.frame(FrameId::from_index(at)) else {
                continue;
            };
            // Clocks that run backwards put strangers between.
            if (time_ns as f64) < self.start_ns || time_ns as f64 > self.end_ns {
                continue;
            }
            let bytes = super::summary::frame_bytes(frame);
            let direction = reader.connection.direction(frame.side);
            self.all.add(bytes);
            self.directions[direction.index()].add(bytes);
            self.kinds.entry(frame.kind.0).or_default().add(bytes);
            let share = self.shares.entry(owner(frame.stream)).or_default();
            share.add(bytes);
        }
    }

    /// Whether everything has been counted.
    pub fn complete(&self) -> bool {
        self.counted.is_some()
    }

    /// What has a share, what has most bytes first: streams, or connections where there are several.
    pub fn shares(&self) -> Vec<(Item, Sum)> {
        let mut shares: Vec<_> = self
            .shares
            .iter()
            .map(|(item, sum)| (*item, *sum))
            .collect();
        shares.sort_unstable_by_key(|(item, sum)| (std::cmp::Reverse(sum.bytes), rank(*item)));
        shares
    }

    fn noun(&self) -> &'static str {
        match self.scope {
            Some(Scope::All(_)) => "connection",
            _ => "stream",
        }
    }

    /// What the card says, line by line.
    pub fn lines(&self) -> Vec<String> {
        let length = text::duration((self.end_ns - self.start_ns) as u64);
        let (from, to) = (
            time_words(self.start_ns as i64),
            time_words(self.end_ns as i64),
        );
        let is_own = |item: &Item| matches!(item, Item::Stream(_, StreamId::CONNECTION));
        let own = self.shares.keys().filter(|item| is_own(item)).count();
        let owners = (self.shares.len() - own) as u64;
        let mut lines = vec![
            format!("{length}: {from} to {to}"),
            format!(
                "{}, {}, {}",
                frames_words(self.all.frames),
                text::size(self.all.bytes),
                format::counted(owners, self.noun()),
            ),
        ];
        lines.extend(Direction::BOTH.into_iter().map(|direction| {
            let sum = self.directions[direction.index()];
            let (name, bytes) = (direction.name(), text::size(sum.bytes));
            let plural = if self.noun() == "connection" { "s" } else { "" };
            format!("{name}{plural}: {}, {bytes}", frames_words(sum.frames))
        }));
        for (kind, sum) in &self.kinds {
            let (count, bytes) = (text::grouped(sum.frames), text::size(sum.bytes));
            lines.push(format!("{count} {}: {bytes}", FrameKind(*kind)));
        }
        lines
    }

    /// A share of the bytes: `stream 5: 34 %, 12 frames`.
    pub fn share_words(&self, item: Item, sum: Sum) -> String {
        let share = sum.bytes as f64 / self.all.bytes.max(1) as f64 * 100.0;
        let share = if share < 1.0 && sum.bytes > 0 {
            "under 1 %".to_owned()
        } else {
            format!("{share:.0} %")
        };
        let name = match item {
            Item::Stream(_, stream) => stream_words(stream),
            Item::Connection(connection) => format!("connection {connection}"),
            Item::Frame(..) | Item::Bytes { .. } | Item::Packet(_) => String::new(),
        };
        format!("{name}: {share}, {}", frames_words(sum.frames))
    }

    /// Everything as text, for copying and for screen readers.
    pub fn text(&self) -> String {
        let mut lines = self.lines();
        let shares = self.shares();
        lines.extend(
            shares
                .iter()
                .map(|(item, sum)| self.share_words(*item, *sum)),
        );
        lines.join("\n")
    }
}

/// By number, where the bytes are the same.
fn rank(item: Item) -> (usize, u32) {
    match item {
        Item::Stream(connection, stream) => (connection.index(), stream.0),
        item => (item.connection().map_or(0, ConnectionId::index), 0),
    }
}

impl State {
    /// Counts what is in the chosen stretch of time. Returns whether there is more to count.
    pub(super) fn follow_area(&mut self, reader: &Reader<'_>) -> bool {
        let summaries = &self.summaries;
        self.area
            .as_mut()
            .is_some_and(|area| area.follow(reader, summaries))
    }
}

#[cfg(test)]
mod tests;
