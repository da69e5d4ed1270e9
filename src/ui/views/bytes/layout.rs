//! Where each byte is drawn: its offset, its two hexadecimal digits, its character.

use egui::{Pos2, Rect, Vec2};

/// Digits of the offset at the start of a row.
const OFFSET_DIGITS: f32 = 6.0;

/// The grid of one picture, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Bytes in a row: 16, or 8 where there is no room.
    pub per_row: u32,
    digit: f32,
}

impl Grid {
    /// A grid for a width, with digits that are this wide.
    pub fn new(width: f32, digit: f32) -> Self {
        let digit = digit.max(1.0);
        let wide = Self { per_row: 16, digit };
        if wide.width() <= width {
            wide
        } else {
            Self { per_row: 8, digit }
        }
    }

    /// How many rows some bytes take.
    pub fn rows(&self, bytes: u32) -> usize {
        bytes.div_ceil(self.per_row) as usize
    }

    /// Where the digits of a column's byte begin, from the row's left edge. The second half of a row
    /// stands a little apart.
    fn hex_x(&self, column: u32) -> f32 {
        let apart = if column >= self.per_row / 2 { 0.8 } else { 0.0 };
        (OFFSET_DIGITS + apart + column as f32 * 2.9) * self.digit
    }

    fn ascii_x(&self, column: u32) -> f32 {
        self.hex_x(self.per_row) + (0.6 + column as f32) * self.digit
    }

    fn width(&self) -> f32 {
        self.ascii_x(self.per_row)
    }

    /// The rectangle behind a byte's digits. Neighbours touch.
    pub fn hex_rect(&self, row: Rect, column: u32) -> Rect {
        let left = row.left() + self.hex_x(column) - 0.45 * self.digit;
        Rect::from_min_size(
            Pos2::new(left, row.top()),
            Vec2::new(2.9 * self.digit, row.height()),
        )
    }

    /// The rectangle behind a byte's character. Neighbours touch.
    pub fn ascii_rect(&self, row: Rect, column: u32) -> Rect {
        let left = row.left() + self.ascii_x(column);
        Rect::from_min_size(
            Pos2::new(left, row.top()),
            Vec2::new(self.digit, row.height()),
        )
    }

    /// The column whose digits or character are at an `x`.
    pub fn column_at(&self, row: Rect, x: f32) -> Option<u32> {
        (0..self.per_row).find(|column| {
            self.hex_rect(row, *column).x_range().contains(x)
                || self.ascii_rect(row, *column).x_range().contains(x)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Rect {
        Rect::from_min_size(Pos2::new(100.0, 50.0), Vec2::new(700.0, 18.0))
    }

    #[test]
    fn a_narrow_pane_has_eight_bytes_in_a_row() {
        assert_eq!(Grid::new(683.0, 7.0).per_row, 16);
        assert_eq!(Grid::new(370.0, 7.0).per_row, 8);
    }

    #[test]
    fn every_byte_is_hit_on_its_digits_and_on_its_character() {
        let grid = Grid::new(683.0, 7.0);
        for column in 0..grid.per_row {
            let hex = grid.hex_rect(row(), column).center().x;
            let ascii = grid.ascii_rect(row(), column).center().x;
            assert_eq!(grid.column_at(row(), hex), Some(column));
            assert_eq!(grid.column_at(row(), ascii), Some(column));
        }
        assert_eq!(grid.column_at(row(), 100.0), None);
    }

    #[test]
    fn digits_end_before_characters_begin() {
        let grid = Grid::new(683.0, 7.0);
        let last = grid.hex_rect(row(), grid.per_row - 1);
        assert!(last.right() < grid.ascii_rect(row(), 0).left());
    }

    #[test]
    fn the_last_row_may_be_short() {
        let grid = Grid::new(683.0, 7.0);
        assert_eq!(grid.rows(0), 0);
        assert_eq!(grid.rows(16), 1);
        assert_eq!(grid.rows(17), 2);
    }
}
