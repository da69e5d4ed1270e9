//! Ranges of a stream that are missing while bytes behind them are there.
//!
//! The same book is kept twice per stream: for what the capture has got, and for what the receiver
//! tells to have ([`super::tcp_told`]).

use crate::trace::PacketId;
use std::collections::BTreeMap;
use std::ops::Range;

/// What a segment says about when it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// The sender's clock. Source: RFC 7323 §3.
    pub(super) timestamp: Option<u32>,
    /// The identification of its IPv4 header, which most systems count up along a connection.
    pub(super) ip_id: Option<u16>,
}

/// Identifications further apart than this were not counted along one connection.
const MAX_IP_ID_DISTANCE: i16 = 4096;

impl Origin {
    /// Whether this was sent after `other`; `None` when nothing tells.
    pub(super) fn is_later_than(&self, other: &Self) -> Option<bool> {
        if let (Some(own), Some(other)) = (self.timestamp, other.timestamp)
            && own != other
        {
            return Some(own.wrapping_sub(other).cast_signed() > 0);
        }
        let distance = self.ip_id?.wrapping_sub(other.ip_id?).cast_signed();
        let counted = distance != 0 && distance.saturating_abs() <= MAX_IP_ID_DISTANCE;
        counted.then_some(distance > 0)
    }
}

/// One missing range, as it was when it was first seen.
#[derive(Clone, Copy, Debug)]
struct Gap {
    end: u64,
    /// How much of it is still missing.
    missing: u64,
    opened: PacketId,
    /// When the segment behind it was sent.
    origin: Origin,
    /// A number of the keeper's, handed back when the gap closes.
    mark: u32,
    /// Whether it is kept for the book's sake only.
    silent: bool,
}

/// A range that is not missing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    /// All of it.
    pub(super) range: Range<u64>,
    /// With which packet it was first seen.
    pub(super) opened: PacketId,
    /// The keeper's number.
    pub(super) mark: u32,
    /// Whether it is of no interest.
    pub(super) silent: bool,
}

/// What became of a range when part of it was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    /// The part given up.
    pub(super) lost: Range<u64>,
    /// What had been filled before it.
    pub(super) filled_before: Option<Range<u64>>,
    /// What had been filled behind it, when nothing is missing there any more.
    pub(super) filled_after: Option<Range<u64>>,
    /// With which packet it was first seen.
    pub(super) opened: PacketId,
}

/// All missing ranges of a stream, disjoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Gaps(BTreeMap<u64, Gap>);

impl Gaps {
    /// Whether nothing is missing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes down a range that is missing. It must lie behind all others.
    pub(super) fn open(
        &mut self,
        range: Range<u64>,
        opened: PacketId,
        origin: Origin,
        mark: u32,
        silent: bool,
    ) {
        if range.is_empty() {
            return;
        }
        let gap = Gap {
            end: range.end,
            missing: range.end - range.start,
            opened,
            origin,
            mark,
            silent,
        };
        self.0.insert(range.start, gap);
    }

    /// When the segment behind the gap at this offset was sent.
    pub(super) fn origin_at(&self, offset: u64) -> Option<Origin> {
        let (_, gap) = self.0.range(..=offset).next_back()?;
        (offset < gap.end).then_some(gap.origin)
    }

    /// Takes bytes that were missing and have come, all of one gap. Returns the gap when it closes.
    pub(super) fn fill(&mut self, range: &Range<u64>) -> Option<Closed> {
        let (&start, gap) = self.0.range_mut(..=range.start).next_back()?;
        if range.start >= gap.end {
            return None;
        }
        let came = range.end.min(gap.end) - range.start;
        gap.missing = gap.missing.saturating_sub(came);
        if gap.missing > 0 {
            return None;
        }
        let closed = Closed {
            range: start..gap.end,
            opened: gap.opened,
            mark: gap.mark,
            silent: gap.silent,
        };
        self.0.remove(&start);
        Some(closed)
    }

    /// Gives up bytes that are missing, those of the first gap. What is left of that gap goes on.
    pub(super) fn lose(&mut self, range: &Range<u64>) -> Option<Lost> {
        let (&start, gap) = self.0.range(..=range.start).next_back()?;
        if range.start >= gap.end {
            return None;
        }
        let mut rest = *gap;
        self.0.remove(&start);
        let end = range.end.min(rest.end);
        rest.missing = rest.missing.saturating_sub(end - range.start);
        let after = end..rest.end;
        let filled_after = (rest.missing == 0 && !after.is_empty()).then_some(after);
        let lost = Lost {
            lost: range.start..end,
            filled_before: (start < range.start).then_some(start..range.start),
            filled_after,
            opened: rest.opened,
        };
        if rest.missing > 0 {
            self.0.insert(end, rest);
        }
        Some(lost)
    }
}

/// The parts of `range` that none of `there` covers. `there` ascends and is disjoint.
pub(super) fn missing_in(
    range: Range<u64>,
    there: impl Iterator<Item = Range<u64>>,
) -> Vec<Range<u64>> {
    let mut missing = Vec::new();
    let mut from = range.start;
    for known in there {
        let until = known.start.min(range.end);
        if from < until {
            missing.push(from..until);
        }
        from = from.max(known.end);
    }
    if from < range.end {
        missing.push(from..range.end);
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(number: usize) -> PacketId {
        PacketId::from_index(number)
    }

    #[test]
    fn what_is_there_is_cut_out_of_what_is_missing() {
        let there = [0..2, 3..5, 8..20];
        assert_eq!(missing_in(1..10, there.into_iter()), [2..3, 5..8]);
        assert_eq!(missing_in(1..2, std::iter::once(0..9)), []);
        assert_eq!(missing_in(1..4, std::iter::empty()), vec![1..4; 1]);
    }

    #[test]
    fn a_gap_closes_when_its_last_byte_has_come() {
        let mut gaps = Gaps::default();
        gaps.open(10..30, packet(1), Origin::default(), 7, false);
        assert_eq!(gaps.fill(&(20..30)), None);
        assert_eq!(gaps.fill(&(10..15)), None);
        let closed = gaps.fill(&(15..20)).unwrap();
        assert_eq!((closed.range, closed.mark), (10..30, 7));
        assert!(gaps.is_empty());
    }

    #[test]
    fn a_gap_that_is_given_up_in_part_is_cut_there() {
        let mut gaps = Gaps::default();
        gaps.open(10..30, packet(1), Origin::default(), 0, false);
        gaps.fill(&(10..12));
        gaps.fill(&(20..30));
        let lost = gaps.lose(&(12..15)).unwrap();
        assert_eq!(
            (lost.filled_before, lost.lost, lost.filled_after),
            (Some(10..12), 12..15, None)
        );
        let lost = gaps.lose(&(15..20)).unwrap();
        assert_eq!(
            (lost.filled_before, lost.lost, lost.filled_after),
            (None, 15..20, Some(20..30))
        );
        assert!(gaps.is_empty());
    }

    #[test]
    fn timestamps_tell_what_was_sent_later_and_else_identifications() {
        let origin = |timestamp, ip_id| Origin { timestamp, ip_id };
        let early = origin(Some(u32::MAX), Some(5));
        assert_eq!(origin(Some(1), Some(4)).is_later_than(&early), Some(true));
        assert_eq!(
            origin(Some(u32::MAX), Some(4)).is_later_than(&early),
            Some(false)
        );
        assert_eq!(origin(None, Some(9)).is_later_than(&early), Some(true));
        assert_eq!(origin(None, Some(30_000)).is_later_than(&early), None);
        assert_eq!(origin(None, None).is_later_than(&early), None);
    }
}
