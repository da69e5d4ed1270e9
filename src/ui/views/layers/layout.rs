//! Where the layers go: bytes from left to right, layers below each other. Pure.

use egui::{Rangef, Rect, pos2};
use std::ops::Range;

/// Room for the names at the left.
const NAMES: f32 = 122.0;
/// Numbers of bytes at the top.
const AXIS: f32 = 28.0;
/// Between two layers, where there is room.
const BETWEEN: f32 = 10.0;
/// Below the packets' bytes, for their headers.
const TAB: f32 = 20.0;
/// Less than this has no room for the headers' names.
const LEAST_TAB: f32 = 16.0;
/// The highest layer; more would tell no more.
const HIGHEST: f32 = 96.0;
/// The lowest layer that can be read.
const LOWEST: f32 = 14.0;

/// The places of one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Everything.
    pub rect: Rect,
    /// From left to right.
    pub plot: Rangef,
    /// The first byte shown, and how many bytes a point stands for.
    start: f64,
    bytes_per_point: f64,
    row: f32,
    between: f32,
    tab: f32,
    words: f32,
    rows: usize,
}

impl Layout {
    /// The places for so many layers and these bytes, with words of this height below them.
    pub fn new(rect: Rect, (start, end): (f64, f64), rows: usize, words: f32) -> Self {
        let plot = Rangef::new(
            rect.left() + NAMES,
            (rect.right() - 8.0).max(rect.left() + NAMES + 1.0),
        );
        let room = rect.height() - AXIS - words;
        let each = room / (rows.max(1) as f32 + 0.3);
        let between = (each * 0.2).clamp(3.0, BETWEEN);
        let tab = (each * 0.3).min(TAB);
        let tab = if tab < LEAST_TAB { 0.0 } else { tab };
        let row = (each - between).clamp(LOWEST, HIGHEST);
        Self {
            rect,
            plot,
            start,
            bytes_per_point: ((end - start) / f64::from(plot.span())).max(1e-4),
            row,
            between,
            tab,
            words,
            rows,
        }
    }

    /// How many bytes a point stands for.
    pub fn bytes_per_point(&self) -> f64 {
        self.bytes_per_point
    }

    /// Where a byte begins.
    pub fn x(&self, byte: u64) -> f32 {
        let x = (byte as f64 - self.start) / self.bytes_per_point;
        self.plot.min + x.clamp(-1e5, 1e5) as f32
    }

    /// The byte at a place.
    pub fn byte(&self, x: f32) -> f64 {
        self.start + f64::from(x - self.plot.min) * self.bytes_per_point
    }

    /// The bytes in view.
    pub fn view(&self) -> Range<u64> {
        let at = |x: f32| self.byte(x).max(0.0) as u64;
        at(self.plot.min)..at(self.plot.max).saturating_add(1)
    }

    /// A layer.
    pub fn row(&self, row: usize) -> Rect {
        let top = self.rect.top() + AXIS + row as f32 * (self.row + self.between);
        Rect::from_x_y_ranges(self.plot, top..=top + self.row)
    }

    /// How high the tabs below the last row are; 0 where they have no room.
    pub fn tab(&self) -> f32 {
        self.tab
    }

    /// A box of a layer; at least wide enough to be seen.
    pub fn slice(&self, row: usize, range: &Range<u64>) -> Rect {
        let left = self.x(range.start);
        let right = self.x(range.end).max(left + 1.5);
        self.row(row).with_min_x(left).with_max_x(right)
    }

    /// Where the numbers of bytes are.
    pub fn axis_y(&self) -> f32 {
        self.rect.top() + AXIS - 6.0
    }

    /// Where it is said what is lit.
    pub fn words(&self) -> Rect {
        let top = self.row(self.rows).top() + self.tab;
        Rect::from_min_max(
            pos2(self.rect.left(), top),
            pos2(self.rect.right(), top + self.words),
        )
    }

    /// Round numbers of bytes, far enough apart for their words.
    pub fn ticks(&self) -> Vec<u64> {
        let rough = self.bytes_per_point * 110.0;
        let mut step = 1u64;
        while (step as f64) < rough && step < 1 << 50 {
            step *= 2;
        }
        let view = self.view();
        let first = view.start.div_ceil(step);
        (first..=view.end / step)
            .map(|tick| tick * step)
            .take(64)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    #[test]
    fn bytes_lie_below_each_other_in_every_layer() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(1000.0, 500.0));
        let layout = Layout::new(rect, (100.0, 300.0), 5, 60.0);
        let (upper, lower) = (layout.slice(0, &(120..200)), layout.slice(4, &(120..200)));
        assert_eq!(upper.x_range(), lower.x_range());
        assert!(upper.bottom() < lower.top());
        assert!((layout.byte(layout.x(150)) - 150.0).abs() < 1e-2);
        assert!(layout.words().bottom() <= rect.bottom());
        assert!(
            layout.tab() > 15.0 && layout.words().top() >= layout.row(4).bottom() + layout.tab()
        );
        // The pane below the loom at 1366x768 still has room for all of it.
        let low = Layout::new(rect.with_max_y(176.0), (100.0, 300.0), 5, 50.0);
        assert!(low.words().bottom() <= 176.5, "{:?}", low.words());
        assert_eq!(low.tab(), 0.0);
        assert!(
            layout
                .ticks()
                .windows(2)
                .all(|pair| layout.x(pair[1]) - layout.x(pair[0]) > 70.0)
        );
    }
}
