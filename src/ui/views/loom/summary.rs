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

/// Frames in one total of the lowest level. More make the summary smaller, and a column's edges,
/// where single frames are visited, dearer.
const LEAF_FRAMES: usize = 64;
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

/// The total of what one side sent in a stretch of frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// How many frames.
    pub frames: u32,
    /// Which types.
    pub kinds: Kinds,
    /// Whether one of them ends its stream.
    pub ends_stream: bool,
    /// Bytes of the frames, headers included, so that no frame weighs nothing.
    pub bytes: u64,
    /// The streams that sent most, in no order. Exact for up to eight streams.
    pub owners: [Owner; OWNERS],
}

impl Part {
    /// The total of one frame.
    pub fn of(frame: &FrameRow) -> Self {
        let bytes = u64::from(frame.length) + FrameHeader::LEN as u64;
        let mut owners = [Owner::default(); OWNERS];
        owners[0] = Owner {
            stream: frame.stream,
            bytes,
        };
        Self {
            frames: 1,
            kinds: Kinds::of(frame.kind),
            ends_stream: frame.ends_stream(),
            bytes,
            owners,
        }
    }

    /// Adds another total.
    pub fn add(&mut self, other: &Self) {
        self.frames = self.frames.saturating_add(other.frames);
        self.kinds.add(other.kinds);
        self.ends_stream |= other.ends_stream;
        self.bytes = self.bytes.saturating_add(other.bytes);
        for owner in other.owners {
            self.add_owner(owner);
        }
    }

    fn add_owner(&mut self, owner: Owner) {
        if owner.bytes == 0 {
            return;
        }
        let known = self
            .owners
            .iter_mut()
            .find(|known| known.bytes > 0 && known.stream == owner.stream);
        if let Some(known) = known {
            known.bytes = known.bytes.saturating_add(owner.bytes);
            return;
        }
        if let Some(least) = self.owners.iter_mut().min_by_key(|known| known.bytes)
            && least.bytes < owner.bytes
        {
            *least = owner;
        }
    }

    /// The streams that sent most, by number, and the bytes of all others.
    pub fn shares(&self) -> (impl Iterator<Item = Owner>, u64) {
        let mut owners = self.owners;
        owners.sort_unstable_by_key(|owner| owner.stream);
        let named: u64 = owners.iter().map(|owner| owner.bytes).sum();
        let rest = self.bytes.saturating_sub(named);
        (owners.into_iter().filter(|owner| owner.bytes > 0), rest)
    }
}

/// The total of a stretch of frames of both sides.
#[derive(Clone, Copy, Debug)]
pub struct Total {
    /// The earliest time, in nanoseconds since the first packet.
    pub min_ns: i64,
    /// The latest time.
    pub max_ns: i64,
    /// What either side sent.
    pub sides: [Part; 2],
}

impl Total {
    const EMPTY: Self = Self {
        min_ns: i64::MAX,
        max_ns: i64::MIN,
        sides: [Part {
            frames: 0,
            kinds: Kinds(0),
            ends_stream: false,
            bytes: 0,
            owners: [Owner {
                stream: StreamId(0),
                bytes: 0,
            }; OWNERS],
        }; 2],
    };

    fn add_frame(&mut self, time_ns: i64, frame: &FrameRow) {
        self.min_ns = self.min_ns.min(time_ns);
        self.max_ns = self.max_ns.max(time_ns);
        self.sides[frame.side.index()].add(&Part::of(frame));
    }

    fn add(&mut self, other: &Self) {
        self.min_ns = self.min_ns.min(other.min_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
        for side in Side::BOTH {
            self.sides[side.index()].add(&other.sides[side.index()]);
        }
    }
}

/// Totals of a sequence of frames. See the module text.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    levels: Vec<Vec<Total>>,
}

impl Summary {
    /// Makes the totals that are missing for the first `len` frames. `read` gives the time and the
    /// row of the frame at a position.
    pub fn extend<'a>(&mut self, len: usize, read: impl Fn(usize) -> Option<(i64, &'a FrameRow)>) {
        let mut next = self.levels.first().map_or(0, Vec::len) * LEAF_FRAMES;
        while next + LEAF_FRAMES <= len {
            let mut total = Total::EMPTY;
            for (time_ns, frame) in (next..next + LEAF_FRAMES).filter_map(&read) {
                total.add_frame(time_ns, frame);
            }
            self.push(0, total);
            next += LEAF_FRAMES;
        }
    }

    fn push(&mut self, level: usize, total: Total) {
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Vec::new);
        }
        let Some(totals) = self.levels.get_mut(level) else {
            return;
        };
        totals.push(total);
        if totals.len().is_multiple_of(FAN) {
            let mut sum = Total::EMPTY;
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
        mut take: impl FnMut(&Total, Range<usize>) -> bool,
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
                        let end = (position / LEAF_FRAMES + 1) * LEAF_FRAMES;
                        let end = end.min(range.end);
                        (position..end).for_each(&mut frame);
                        end
                    },
                    |(_, end)| end,
                );
        }
    }

    /// The totals that start at a position and end by `limit`, the largest first, each with its end.
    fn totals_at(&self, position: usize, limit: usize) -> impl Iterator<Item = (&Total, usize)> {
        let spans = std::iter::successors(Some(LEAF_FRAMES), |span| span.checked_mul(FAN));
        let aligned = self
            .levels
            .iter()
            .zip(spans)
            .take_while(|(_, span)| position.is_multiple_of(*span))
            .count();
        (0..aligned).rev().filter_map(move |level| {
            let span = LEAF_FRAMES.checked_mul(FAN.checked_pow(u32::try_from(level).ok()?)?)?;
            let end = position.checked_add(span)?;
            let total = self.levels.get(level)?.get(position / span)?;
            (end <= limit).then_some((total, end))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::PacketId;
    use crate::wire::http2::Flags;
    use proptest::prelude::*;

    fn frame(number: usize, stream: u32) -> FrameRow {
        FrameRow {
            offset: 0,
            packet: PacketId::from_index(number),
            stream: StreamId(stream),
            length: 91,
            block: None,
            kind: FrameKind::DATA,
            flags: Flags::NONE,
            side: Side::BOTH[number % 2],
            whole: true,
        }
    }

    fn summary_of(frames: &[FrameRow]) -> Summary {
        let mut summary = Summary::default();
        summary.extend(frames.len(), |at| Some((at as i64, frames.get(at)?)));
        summary
    }

    #[test]
    fn a_total_names_the_streams_that_sent_most() {
        let mut part = Part::default();
        for stream in [1, 3, 5, 7, 9, 11, 13, 15] {
            part.add(&Part::of(&frame(0, stream)));
        }
        let mut later = Part::default();
        for stream in [17, 17, 17] {
            later.add(&Part::of(&frame(0, stream)));
        }
        part.add(&later);
        assert_eq!((part.frames, part.bytes), (11, 1100));
        let (owners, rest) = part.shares();
        let owners: Vec<_> = owners.map(|owner| (owner.stream.0, owner.bytes)).collect();
        assert_eq!(owners.len(), 8);
        assert_eq!((owners.last(), rest), (Some(&(17, 300)), 100));
    }

    #[test]
    fn every_named_type_has_a_place_of_its_own() {
        for kind in FrameKind::KNOWN {
            let set: Vec<_> = Kinds::of(kind).iter().collect();
            assert_eq!(set, [kind]);
        }
        assert_eq!(Kinds::of(FrameKind(0x4d)).iter().count(), 1);
    }

    #[test]
    fn a_long_walk_is_offered_few_totals() {
        let frames: Vec<_> = (0..100_000).map(|n| frame(n, 1)).collect();
        let mut offered = 0;
        let mut single = 0;
        summary_of(&frames).walk(
            0..100_000,
            |_, _| {
                offered += 1;
                true
            },
            |_| single += 1,
        );
        assert!(
            offered < 40 && single < LEAF_FRAMES,
            "{offered} totals, {single} frames"
        );
    }

    proptest! {
        #[test]
        fn a_walk_meets_every_frame_once_in_order(
            count in 0usize..6000, start in 0usize..3000, end in 0usize..6000, grain in 1usize..5000,
        ) {
            let frames: Vec<_> = (0..count).map(|n| frame(n, 1)).collect();
            let summary = summary_of(&frames);
            let end = end.min(count);
            let met = std::cell::RefCell::new(Vec::new());
            summary.walk(
                start..end,
                |total, range| {
                    let take = range.len() <= grain;
                    if take {
                        let frames = total.sides[0].frames + total.sides[1].frames;
                        assert_eq!(frames as usize, range.len());
                        assert_eq!(total.min_ns..total.max_ns + 1, range.start as i64..range.end as i64);
                        met.borrow_mut().extend(range);
                    }
                    take
                },
                |position| met.borrow_mut().push(position),
            );
            prop_assert_eq!(met.into_inner(), (start..end).collect::<Vec<_>>());
        }
    }
}
