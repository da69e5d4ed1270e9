//! How high each row of the table is: as many lines as its call needs for what it says, and no more.
//!
//! The list counts in units of one line, of which a row has one more than lines. So rows of several heights lie in a list
//! whose rows are equally high.

use crate::ui::widgets::row_list::RowScroll;

/// Lines that a row has at most; what is longer is read above the table.
pub const MAX_LINES: usize = 4;

/// Units of a row of one line.
const LEAST_UNITS: usize = 2;

/// Where each row begins, in units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    count: usize,
    /// Where each begins, and where the last one ends. Empty while all have one line.
    starts: Vec<usize>,
}

impl Rows {
    /// Rows of one line each.
    pub fn of_one_line(count: usize) -> Self {
        let starts = Vec::new();
        Self { count, starts }
    }

    /// Rows of so many lines each.
    pub fn of_lines(lines: impl Iterator<Item = usize>) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for lines in lines {
            end += lines.clamp(1, MAX_LINES) + LEAST_UNITS - 1;
            starts.push(end);
        }
        let count = starts.len() - 1;
        Self { count, starts }
    }

    /// The units of all rows.
    pub fn units(&self) -> usize {
        self.first(self.count)
    }

    /// The first unit of a row; of one behind the last, where that ends.
    pub fn first(&self, row: usize) -> usize {
        match self.starts.is_empty() {
            true => row.min(self.count).saturating_mul(LEAST_UNITS),
            false => {
                let last = self.starts.last().copied().unwrap_or(0);
                self.starts.get(row).copied().unwrap_or(last)
            }
        }
    }

    /// The units of a row.
    pub fn units_of(&self, row: usize) -> usize {
        self.first(row + 1).saturating_sub(self.first(row))
    }

    /// The lines of a row.
    pub fn lines_of(&self, row: usize) -> usize {
        self.units_of(row).saturating_sub(LEAST_UNITS - 1).max(1)
    }

    /// The row that a unit belongs to.
    pub fn row_at(&self, unit: usize) -> usize {
        match self.starts.is_empty() {
            true => unit / LEAST_UNITS,
            false => (self.starts.partition_point(|start| *start <= unit)).saturating_sub(1),
        }
    }

    /// The row that a key leads to, from the current one to a unit: at least one further.
    pub fn asked(&self, current: Option<usize>, unit: usize) -> usize {
        let row = self.row_at(unit);
        match current {
            Some(current) if row == current && unit > self.first(current) => {
                (row + 1).min(self.count.saturating_sub(1))
            }
            _ => row,
        }
    }

    /// Brings a whole row into view.
    pub fn reveal(&self, scroll: &mut RowScroll, row: usize) {
        let first = self.first(row);
        let above = (first as f64) < scroll.top();
        let last = first + self.units_of(row).saturating_sub(1);
        scroll.reveal(if above { first } else { last });
    }

    /// Whether most of a row was in sight in the last picture.
    pub fn shows(&self, scroll: &RowScroll, row: usize) -> bool {
        scroll.shows(self.first(row) + self.units_of(row) / 2)
    }

    /// Whether a row lies above what was in sight in the last picture.
    pub fn is_above(&self, scroll: &RowScroll, row: usize) -> bool {
        ((self.first(row) + self.units_of(row) / 2) as f64) < scroll.top()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_units_of_its_lines() {
        let rows = Rows::of_lines([1, 4, 2, 9, 1].into_iter());
        let units: Vec<usize> = (0..5).map(|row| rows.units_of(row)).collect();
        assert_eq!(units, [2, 5, 3, 5, 2]);
        let lines: Vec<usize> = (0..5).map(|row| rows.lines_of(row)).collect();
        assert_eq!(lines, [1, 4, 2, 4, 1]);
        assert_eq!(rows.units(), 17);
        let rows_at: Vec<usize> = (0..17).map(|unit| rows.row_at(unit)).collect();
        assert_eq!(rows_at, [0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4]);
        for (row, unit) in [(0, 0), (1, 2), (4, 15)] {
            assert_eq!(rows.first(row), unit);
        }
        // Of very many rows nothing is kept.
        let many = Rows::of_one_line(1_000_000);
        let of_lines = Rows::of_lines(std::iter::repeat_n(1, 1000));
        assert_eq!(many.units(), 2_000_000);
        for row in [0, 1, 999] {
            assert_eq!(many.first(row), of_lines.first(row));
            assert_eq!(many.row_at(2 * row + 1), of_lines.row_at(2 * row + 1));
        }
    }

    #[test]
    fn a_key_leads_from_a_high_row_to_the_next_one_and_back() {
        let rows = Rows::of_lines([4, 1, 3].into_iter());
        let down = |current: usize| rows.asked(Some(current), rows.first(current) + 1);
        let up = |current: usize| {
            let unit = rows.first(current).saturating_sub(1);
            rows.asked(Some(current), unit)
        };
        assert_eq!([down(0), down(1), down(2)], [1, 2, 2]);
        assert_eq!([up(2), up(1), up(0)], [1, 0, 0]);
        assert_eq!(rows.asked(None, 6), 1);
    }

    #[test]
    fn a_high_row_comes_into_view_whole() {
        let rows = Rows::of_lines(std::iter::repeat_n(4, 100));
        let mut scroll = RowScroll::default();
        rows.reveal(&mut scroll, 50);
        let mut below = RowScroll::default();
        below.reveal(254);
        // Its last unit, since it lies below.
        assert_eq!(format!("{scroll:?}"), format!("{below:?}"));
    }
}
