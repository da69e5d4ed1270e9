//! The least and the greatest of any stretch of a log, in a few steps however long it is.

use std::ops::Range;

/// Rows under one node, and nodes under one of the next level.
const FAN: usize = 64;

/// The least and the greatest value of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The least.
    pub least: i64,
    /// The greatest.
    pub greatest: i64,
}

impl Span {
    /// Of one value.
    pub fn of(value: i64) -> Self {
        Self {
            least: value,
            greatest: value,
        }
    }

    /// Of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            greatest: self.greatest.max(other.greatest),
        }
    }

    /// The span of values that are all higher by so much.
    #[must_use]
    pub fn raised(self, by: i64) -> Self {
        Self {
            least: self.least.saturating_add(by),
            greatest: self.greatest.saturating_add(by),
        }
    }
}

/// Spans of 64 rows, of 64 times 64, and so on, for a log that grows.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    levels: Vec<Vec<Span>>,
    rows: usize,
}

impl Spans {
    /// How many rows are in it.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Adds the next row.
    pub fn push(&mut self, value: i64) {
        let mut index = self.rows;
        self.rows += 1;
        let span = Span::of(value);
        let mut level = 0;
        loop {
            index /= FAN;
            if self.levels.len() == level {
                // A level begins with what the one below it holds already.
                let below = level
                    .checked_sub(1)
                    .and_then(|below| self.levels.get(below));
                let first = below.and_then(|spans| spans.iter().copied().reduce(Span::with));
                self.levels
                    .push(vec![first.map_or(span, |first| first.with(span))]);
            } else if let Some(spans) = self.levels.get_mut(level) {
                match spans.get_mut(index) {
                    Some(node) => *node = node.with(span),
                    None => spans.push(span),
                }
            }
            if index == 0 {
                return;
            }
            level += 1;
        }
    }

    /// The span of some rows; `value` reads a row. `None` when there are none.
    pub fn of(&self, rows: Range<usize>, value: &impl Fn(usize) -> Option<i64>) -> Option<Span> {
        let mut found: Option<Span> = None;
        let mut add = |span: Option<Span>| {
            if let Some(span) = span {
                found = Some(found.map_or(span, |found| found.with(span)));
            }
        };
        let (mut start, end) = (rows.start, rows.end);
        while start < end {
            // The largest node that begins here and ends in time.
            let (mut level, mut width) = (None, 1);
            for (next, _) in self.levels.iter().enumerate() {
                let wider = width * FAN;
                let fits = start.is_multiple_of(wider)
                    && start + wider <= end
                    && start + wider <= self.rows;
                if !fits {
                    break;
                }
                (level, width) = (Some(next), wider);
            }
            match level {
                Some(level) => {
                    let spans = self.levels.get(level);
                    add(spans.and_then(|spans| spans.get(start / width)).copied());
                }
                None => add(value(start).map(Span::of)),
            }
            start += width;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spans(values: &[i64]) -> Spans {
        let mut spans = Spans::default();
        values.iter().for_each(|&value| spans.push(value));
        spans
    }

    #[test]
    fn a_long_log_has_levels_that_agree_with_its_rows() {
        let values: Vec<i64> = (0..70_000).map(|row| (row * 7919) % 10_007).collect();
        let spans = spans(&values);
        assert_eq!(spans.levels.len(), 3);
        for range in [0..70_000, 1..69_999, 64..4160, 4096..8192, 5..6, 63..65] {
            let least = values[range.clone()].iter().min().unwrap();
            let greatest = values[range.clone()].iter().max().unwrap();
            let found = spans.of(range, &|row| values.get(row).copied()).unwrap();
            assert_eq!((found.least, found.greatest), (*least, *greatest));
        }
    }

    proptest! {
        #[test]
        fn any_stretch_has_the_span_of_its_rows(
            values in proptest::collection::vec(-1000i64..1000, 0..700), from in 0usize..700, len in 0usize..700,
        ) {
            let end = (from + len).min(values.len());
            let range = from.min(end)..end;
            let expected = values[range.clone()].iter().map(|&value| Span::of(value)).reduce(Span::with);
            prop_assert_eq!(spans(&values).of(range, &|row| values.get(row).copied()), expected);
        }
    }
}
