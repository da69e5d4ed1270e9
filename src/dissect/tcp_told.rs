//! What a receiver tells to have: the holes that a capture at the sender does not show by itself.
//!
//! Acknowledgments say up to where everything arrived, selective ones what arrived beyond
//! (RFC 2018). A gap between the two is a hole at the receiver. When the capture holds those bytes
//! in order, only these words tell of it.

use super::tcp_gaps::{Gaps, Origin, missing_in};
use crate::trace::tcp::{HoleKind, HoleRow, ToldRow};
use crate::trace::{PacketId, Side};
use std::collections::BTreeMap;
use std::ops::Range;

/// Ranges beyond a hole that are kept per stream. A receiver names four at most in one segment; a
/// real one holds a few dozen after heavy loss.
const MAX_TOLD_RANGES: usize = 256;

/// What the receiver of a stream told to have.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    acked: u64,
    /// Ranges beyond `acked`, disjoint.
    have: BTreeMap<u64, u64>,
    /// One behind the last byte told.
    top: u64,
    gaps: Gaps,
}

/// Where rows go, and what the stream itself is like.
pub(super) struct ToldInto<'a> {
    pub(super) side: Side,
    pub(super) now: PacketId,
    /// The capture holds every byte before this, and no hole behind `filled_until` was filled late.
    pub(super) in_order_until: u64,
    pub(super) filled_until: u64,
    /// How many rows of [`ToldRow`] the connection has written before those in `told`.
    pub(super) told_before: u32,
    pub(super) told: &'a mut Vec<ToldRow>,
    pub(super) holes: &'a mut Vec<HoleRow>,
}

impl ToldInto<'_> {
    fn told_count(&self) -> u32 {
        let new = u32::try_from(self.told.len()).unwrap_or(u32::MAX);
        self.told_before.saturating_add(new)
    }
}

impl Told {
    /// Whether the receiver has bytes beyond this offset and said so.
    pub(super) fn is_beyond(&self, offset: u64) -> bool {
        self.have
            .values()
            .next_back()
            .is_some_and(|&end| end > offset)
    }

    /// Whether the receiver said to have all of a range.
    pub(super) fn has(&self, range: &Range<u64>) -> bool {
        range.end <= self.acked
            || self
                .have
                .range(..=range.start)
                .next_back()
                .is_some_and(|(_, &end)| range.end <= end)
    }

    /// Whether a hole is open that only the receiver's words show.
    pub(super) fn is_empty(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Takes an acknowledgment.
    pub(super) fn acknowledged(&mut self, until: u64, into: &mut ToldInto<'_>) {
        if until <= self.acked {
            return;
        }
        if !self.gaps.is_empty() {
            for part in self.not_told(self.acked..until.min(self.top)) {
                self.fill(&part, into);
            }
        }
        self.acked = until;
        self.top = self.top.max(until);
        while let Some(entry) = self.have.first_entry() {
            if *entry.get() > until {
                break;
            }
            entry.remove();
        }
    }

    /// Takes one block of a selective acknowledgment.
    pub(super) fn selectively(&mut self, block: Range<u64>, into: &mut ToldInto<'_>) {
        let block = block.start.max(self.acked)..block.end;
        if block.is_empty() || self.have.len() >= MAX_TOLD_RANGES {
            return;
        }
        let parts = self.not_told(block.clone());
        if parts.is_empty() {
            return;
        }
        for part in parts {
            if part.start > self.top {
                self.open(self.top..part.start, into.now, into);
            }
            let below = part.start..part.end.min(self.top);
            if !below.is_empty() {
                self.fill(&below, into);
            }
            self.top = self.top.max(part.end);
            into.told.push(ToldRow {
                offset: part.start,
                len: part.end - part.start,
                packet: into.now,
                side: into.side,
            });
        }
        self.join(block);
    }

    /// Takes a retransmission that three duplicate acknowledgments asked for: without selective
    /// ones, it alone says how much was missing.
    pub(super) fn asked_for(
        &mut self,
        range: Range<u64>,
        since: PacketId,
        into: &mut ToldInto<'_>,
    ) {
        if self.gaps.is_empty() && self.have.is_empty() && range.start == self.acked {
            self.open(range.clone(), since, into);
            self.top = self.top.max(range.end);
        }
    }

    fn open(&mut self, range: Range<u64>, since: PacketId, into: &ToldInto<'_>) {
        // What is missing in the capture too, or was until now, is a hole of its own there.
        let silent = range.end > into.in_order_until || range.start < into.filled_until;
        let mark = into.told_count();
        self.gaps
            .open(range, since, Origin::default(), mark, silent);
    }

    fn fill(&mut self, part: &Range<u64>, into: &mut ToldInto<'_>) {
        let Some(closed) = self.gaps.fill(part).filter(|closed| !closed.silent) else {
            return;
        };
        into.holes.push(HoleRow {
            offset: closed.range.start,
            len: closed.range.end - closed.range.start,
            until: self.top,
            opened: closed.opened,
            closed: Some(into.now),
            told: (closed.mark, into.told_count()),
            side: into.side,
            kind: HoleKind::NetworkAsTold,
            filled: true,
        });
    }

    fn not_told(&self, range: Range<u64>) -> Vec<Range<u64>> {
        if range.start >= range.end {
            return Vec::new();
        }
        let before = self.have.range(..range.start).next_back();
        let there = before.into_iter().chain(self.have.range(range.clone()));
        missing_in(range, there.map(|(&start, &end)| start..end))
    }

    /// Adds a range to what is told, as one with those that it touches.
    fn join(&mut self, mut range: Range<u64>) {
        while let Some((&start, &end)) = self.have.range(..=range.end).next_back() {
            if end < range.start {
                break;
            }
            self.have.remove(&start);
            range = range.start.min(start)..range.end.max(end);
        }
        self.have.insert(range.start, range.end);
    }
}
