//! The holes of one side, found by time: a picture looks at those in view, not at all of them.

use crate::trace::{HoleRow, Trace};
use crate::ui::widgets::time_scale::TimeScale;

/// Holes that are drawn in one picture at most: more than a screen can keep apart.
pub(super) const MAX_HOLES: usize = 200;
/// Holes that are numbered in the order in which they opened; more, in the order of the log.
const MAX_ORDERED: usize = 20_000;
/// Holes of which one block knows the times.
const BLOCK: usize = 64;
/// Holes that are looked at one by one. Of more in view, one stands for each block.
const MANY: usize = 64 * BLOCK;

/// A hole on the screen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole {
    /// Its position in the connection's log.
    pub(super) index: usize,
    /// What it is called in the plot: the first of its side is 1.
    pub(super) number: usize,
    /// From when to when, in points from the left edge.
    pub(super) x: (f32, f32),
    pub(super) row: HoleRow,
}

/// A stretch of time, in nanoseconds since the capture's first packet.
type Span = (i64, i64);

/// The holes of one side, in the order of the connection's log.
#[derive(Clone, Debug, Default)]
pub(super) struct Holes {
    rows: Vec<(Span, usize)>,
    /// What [`BLOCK`] of them cover together.
    blocks: Vec<Span>,
    /// When each opened, and its position in the log, in order: so they are numbered.
    opened: Vec<(i64, usize)>,
}

impl Holes {
    /// Takes in the next hole of the log.
    pub(super) fn push(&mut self, trace: &Trace, index: usize, row: &HoleRow) {
        let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
        let time_ns = |packet| trace.time_ns(packet).saturating_sub(origin);
        let span = (time_ns(row.opened), row.closed.map_or(i64::MAX, time_ns));
        self.add(span, index);
    }

    /// The number of a hole among those of its side, from 1, in the order in which they opened.
    pub(super) fn number(&self, hole: (i64, usize)) -> usize {
        let earlier = match self.rows.len() > MAX_ORDERED {
            true => self.rows.partition_point(|(_, index)| *index < hole.1),
            false => self.opened.partition_point(|other| *other < hole),
        };
        earlier + 1
    }

    /// The same of a hole by its row in the log.
    pub(super) fn number_of(&self, trace: &Trace, index: usize, row: &HoleRow) -> usize {
        let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
        let opened = trace.time_ns(row.opened).saturating_sub(origin);
        self.number((opened, index))
    }

    fn add(&mut self, span: Span, index: usize) {
        if self.rows.len().is_multiple_of(BLOCK) {
            self.blocks.push(span);
        } else if let Some(block) = self.blocks.last_mut() {
            *block = (block.0.min(span.0), block.1.max(span.1));
        }
        self.rows.push((span, index));
        // The log has them as they closed, which is nearly the order in which they opened.
        if self.opened.len() < MAX_ORDERED {
            let opened = (span.0, index);
            let place = self.opened.partition_point(|other| *other < opened);
            self.opened.insert(place, opened);
        }
    }

    /// Positions in the log of the holes to be drawn: all in view, or some that are spread over the view.
    fn within(&self, start_ns: f64, end_ns: f64) -> Vec<(Span, usize)> {
        let in_view = |span: &Span| span.1 as f64 >= start_ns && span.0 as f64 <= end_ns;
        let blocks = self.blocks.iter().enumerate();
        let blocks: Vec<usize> = blocks
            .filter(|(_, span)| in_view(span))
            .map(|(block, _)| block)
            .collect();
        let rows_of = |block: usize| {
            let rows = self.rows.get(block * BLOCK..).unwrap_or(&[]);
            let rows = rows.iter().take(BLOCK);
            rows.filter(|(span, _)| in_view(span)).copied()
        };
        let found: Vec<_> = if blocks.len() * BLOCK <= MANY {
            blocks.into_iter().flat_map(rows_of).collect()
        } else {
            let some = blocks.iter().step_by(blocks.len().div_ceil(MAX_HOLES));
            some.filter_map(|block| rows_of(*block).next()).collect()
        };
        let step = found.len().div_ceil(MAX_HOLES).max(1);
        found.into_iter().step_by(step).collect()
    }

    /// The holes of a picture.
    pub(super) fn on(
        &self,
        row: impl Fn(usize) -> Option<HoleRow>,
        scale: &TimeScale,
        width: f64,
    ) -> Vec<Hole> {
        let x = |time_ns: i64| scale.x_from_time(time_ns as f64);
        let (start_ns, end_ns) = (scale.start_ns(), scale.time_from_x(width));
        let found = self.within(start_ns, end_ns).into_iter();
        let holes = found.filter_map(|((from, to), index)| {
            let to = if to == i64::MAX { width } else { x(to) };
            Some(Hole {
                index,
                number: self.number((from, index)),
                x: (x(from).max(-4.0) as f32, to.min(width + 4.0) as f32),
                row: row(index)?,
            })
        });
        holes.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hole every ten nanoseconds, each open for five; the third never closed.
    fn holes(count: i64) -> Holes {
        let mut holes = Holes::default();
        for number in 0..count {
            let until = if number == 2 {
                i64::MAX
            } else {
                10 * number + 5
            };
            let span = (10 * number, until);
            holes.add(span, number as usize);
        }
        holes
    }

    #[test]
    fn all_holes_that_reach_into_the_view_are_found() {
        let found = holes(10_000).within(50_004.0, 50_020.0);
        let found: Vec<usize> = found.into_iter().map(|(_, index)| index).collect();
        assert_eq!(found, [2, 5000, 5001, 5002]);
    }

    #[test]
    fn holes_are_numbered_from_one_on_each_side() {
        let mut holes = Holes::default();
        for (from, index) in [(50, 0), (10, 3), (70, 4)] {
            holes.add((from, from + 5), index);
        }
        let numbers = [(10, 3), (50, 0), (70, 4)].map(|hole| holes.number(hole));
        assert_eq!(numbers, [1, 2, 3]);
    }

    #[test]
    fn of_very_many_some_are_drawn_that_lie_all_over_the_view() {
        for count in [1_000, 100_000] {
            let found = holes(count).within(0.0, 10.0 * count as f64);
            assert!(found.len() <= MAX_HOLES && found.len() > MAX_HOLES / 3);
            let last = found.last().unwrap().1 as i64;
            assert!(last > count - count / 50, "{last} of {count}");
        }
    }
}
