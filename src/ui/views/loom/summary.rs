//! Running totals over a long sequence of frames, so that a picture of a million of them asks
//! thousands of totals instead.
//!
//! ```text
//! frames   0 1 2 …           63 | 64 …          127 | 128 … | …
//! level 0  total of 64 frames   | total of 64       | …
//! level 1  total of 8 × 64 frames                           | …
//! ```
//!
//! Logs only grow, so totals are made once, when their last frame is there; frames behind the last
//! full total are visited one by one. A total knows its earliest and latest time, so clocks that
//! run backwards cost speed and never hide a frame.

use crate::trace::{FrameRow, Side};
use crate::wire::http2::{FrameHeader, FrameKind, StreamId};
use std::ops::Range;

/// Totals of one level in one of the next.
const FAN: usize = 8;
/// How many streams a total names, as many as there are colours; what others sent is only in the
/// sum.
const OWNERS: usize = 8;

/// A set of frame types. Types without a name share one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// Every place in the set, what a reader must not miss first. The last stands for all types
    /// without a name.
    pub const BY_IMPORTANCE: [FrameKind; 14] = [
        FrameKind::GOAWAY,
        FrameKind::RST_STREAM,
        FrameKind::PUSH_PROMISE,
        FrameKind::HEADERS,
        FrameKind::SETTINGS,
        FrameKind::PING,
        FrameKind::CONTINUATION,
        FrameKind::PRIORITY,
        FrameKind::PRIORITY_UPDATE,
        FrameKind::ALTSVC,
        FrameKind::ORIGIN,
        FrameKind::WINDOW_UPDATE,
        FrameKind::DATA,
        FrameKind(0xff),
    ];

    /// The set of one type.
    pub fn of(kind: FrameKind) -> Self {
        let place = match kind {
            FrameKind::PRIORITY_UPDATE => 13,
            kind if kind.is_known() && kind.0 < 13 => kind.0,
            _ => 15,
        };
        Self(1 << place)
    }

    /// Adds all types of another set.
    pub fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the type is in the set.
    pub fn contains(self, kind: FrameKind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }

    /// The types in the set, the most important first.
    pub fn iter(self) -> impl Iterator<Item = FrameKind> {
        Self::BY_IMPORTANCE
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }
}

/// What a stream sent in a stretch of frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The stream.
    pub stream: StreamId,
    /// Bytes of its frames, headers included; 0 marks a place that is free.
    pub bytes: u64,
}

/// Who sent what a total counts.
pub trait Shares: Copy + Default {
    /// Frames in one total of the lowest level. More make the summary smaller, and a column's
    /// edges, where single frames are visited, dearer.
    const LEAF_FRAMES: usize;

    /// Adds what a stream sent.
    fn add(&mut self, owner: Owner);

    /// Adds what others sent.
    fn merge(&mut self, other: &Self);
}

/// In a lane all frames are the same stream's.
impl Shares for () {
    // A lane's frames lie far apart in memory, so visiting one is dear, and a total is small.
    const LEAF_FRAMES: usize = 8;

    fn add(&mut self, _: Owner) {}

    fn merge(&mut self, (): &Self) {}
}

/// The streams that sent most, in no order. Exact for up to eight streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owners([Owner; OWNERS]);

impl Shares for Owners {
    const LEAF_FRAMES: usize = 64;

    fn add(&mut self, owner: Owner) {
        let mut least = 0;
        let mut least_bytes = u64::MAX;
        for (place, known) in self.0.iter_mut().enumerate() {
            if known.bytes > 0 && known.stream == owner.stream {
                known.bytes = known.bytes.saturating_add(owner.bytes);
                return;
            }
            if known.bytes < least_bytes {
                (least, least_bytes) = (place, known.bytes);
            }
        }
        if least_bytes < owner.bytes
            && let Some(least) = self.0.get_mut(least)
        {
            *least = owner;
        }
    }

    fn merge(&mut self, other: &Self) {
        for owner in other.0.into_iter().filter(|owner| owner.bytes > 0) {
            self.add(owner);
        }
    }
}

/// The total of what one side sent in a stretch of frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part<S = Owners> {
    /// How many frames.
    pub frames: u32,
    /// Which types.
    pub kinds: Kinds,
    /// Whether one of them ends its stream.
    pub ends_stream: bool,
    /// Bytes of the frames, headers included, so that no frame weighs nothing.
    pub bytes: u64,
    /// Which streams sent them.
    pub shares: S,
}

impl<S: Shares> Part<S> {
    /// Adds a frame.
    pub fn add_frame(&mut self, frame: &FrameRow) {
        let bytes = frame_bytes(frame);
        self.frames = self.frames.saturating_add(1);
        self.kinds.add(Kinds::of(frame.kind));
        self.ends_stream |= frame.ends_stream();
        self.bytes = self.bytes.saturating_add(bytes);
        self.shares.add(Owner {
            stream: frame.stream,
            bytes,
        });
    }

    /// Adds another total.
    pub fn add(&mut self, other: &Self) {
        self.frames = self.frames.saturating_add(other.frames);
        self.kinds.add(other.kinds);
        self.ends_stream |= other.ends_stream;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.shares.merge(&other.shares);
    }

    /// The same total with other shares.
    pub fn with_shares<T>(self, shares: T) -> Part<T> {
        Part {
            frames: self.frames,
            kinds: self.kinds,
            ends_stream: self.ends_stream,
            bytes: self.bytes,
            shares,
        }
    }
}

impl Part<Owners> {
    /// The streams that sent most, by number, and the bytes of all others.
    pub fn owners(&self) -> (impl Iterator<Item = Owner>, u64) {
        let mut owners = self.shares.0;
        owners.sort_unstable_by_key(|owner| owner.stream);
        let named: u64 = owners.iter().map(|owner| owner.bytes).sum();
        let rest = self.bytes.saturating_sub(named);
        (owners.into_iter().filter(|owner| owner.bytes > 0), rest)
    }
}

/// The bytes of a frame, header included, so that no frame weighs nothing.
pub fn frame_bytes(frame: &FrameRow) -> u64 {
    u64::from(frame.length) + FrameHeader::LEN as u64
}

/// The total of a stretch of frames of both sides.
#[derive(Clone, Copy, Debug)]
pub struct Total<S = Owners> {
    /// The earliest time, in nanoseconds since the first packet.
    pub min_ns: i64,
    /// The latest time.
    pub max_ns: i64,
    /// What either side sent.
    pub sides: [Part<S>; 2],
}

impl<S: Shares> Default for Total<S> {
    fn default() -> Self {
        Self {
            min_ns: i64::MAX,
            max_ns: i64::MIN,
            sides: Default::default(),
        }
    }
}

impl<S: Shares> Total<S> {
    /// Adds a frame.
    pub fn add_frame(&mut self, time_ns: i64, frame: &FrameRow) {
        self.min_ns = self.min_ns.min(time_ns);
        self.max_ns = self.max_ns.max(time_ns);
        self.sides[frame.side.index()].add_frame(frame);
    }

    /// Adds another total.
    pub fn add(&mut self, other: &Self) {
        self.min_ns = self.min_ns.min(other.min_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
        for side in Side::BOTH {
            self.sides[side.index()].add(&other.sides[side.index()]);
        }
    }
}

/// Totals of a sequence of frames. See the module text.
#[derive(Clone, Debug)]
pub struct Summary<S = Owners> {
    levels: Vec<Vec<Total<S>>>,
}

impl<S> Default for Summary<S> {
    fn default() -> Self {
        Self { levels: Vec::new() }
    }
}

impl<S: Shares> Summary<S> {
    /// How many frames, from the first on, are in a total.
    pub fn len(&self) -> usize {
        self.levels.first().map_or(0, Vec::len) * S::LEAF_FRAMES
    }

    /// Makes the totals that are missing for the first `len` frames. `read` gives the time and the
    /// row of the frame at a position.
    pub fn extend<'a>(&mut self, len: usize, read: impl Fn(usize) -> Option<(i64, &'a FrameRow)>) {
        let mut next = self.len();
        while next + S::LEAF_FRAMES <= len {
            let mut total = Total::default();
            for (time_ns, frame) in (next..next + S::LEAF_FRAMES).filter_map(&read) {
                total.add_frame(time_ns, frame);
            }
            self.push(0, total);
            next += S::LEAF_FRAMES;
        }
    }

    fn push(&mut self, level: usize, total: Total<S>) {
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Vec::new);
        }
        let Some(totals) = self.levels.get_mut(level) else {
            return;
        };
        totals.push(total);
        if totals.len().is_multiple_of(FAN) {
            let mut sum = Total::default();
            for total in totals.iter().rev().take(FAN) {
                sum.add(total);
            }
            self.push(level + 1, sum);
        }
    }

    /// Walks over the positions `range` in order. `take` is offered totals, the largest first; one
    /// that it refuses is taken apart. What no total covers is given to `frame`.
    pub fn walk(
        &self,
        range: Range<usize>,
        mut take: impl FnMut(&Total<S>, Range<usize>) -> bool,
        mut frame: impl FnMut(usize),
    ) {
        let mut position = range.start;
        while position < range.end {
            position = self
                .totals_at(position, range.end)
                .find(|(total, end)| take(total, position..*end))
                .map_or_else(
                    || {
                        // To the end of the leaf, whose total was refused or is not there.
                        let end = (position / S::LEAF_FRAMES + 1) * S::LEAF_FRAMES;
                        let end = end.min(range.end);
                        (position..end).for_each(&mut frame);
                        end
                    },
                    |(_, end)| end,
                );
        }
    }

    /// The totals that start at a position and end by `limit`, the largest first, each with its end.
    fn totals_at(&self, position: usize, limit: usize) -> impl Iterator<Item = (&Total<S>, usize)> {
        let spans = std::iter::successors(Some(S::LEAF_FRAMES), |span| span.checked_mul(FAN));
        let aligned = self
            .levels
            .iter()
            .zip(spans)
            .take_while(|(_, span)| position.is_multiple_of(*span))
            .count();
        (0..aligned).rev().filter_map(move |level| {
            let span = S::LEAF_FRAMES.checked_mul(FAN.checked_pow(u32::try_from(level).ok()?)?)?;
            let end = position.checked_add(span)?;
            let total = self.levels.get(level)?.get(position / span)?;
            (end <= limit).then_some((total, end))
        })
    }
}

#[cfg(test)]
mod tests;
