//! Where rungs go: one below the other, with room for folded gaps, and only those in view. Pure.
//! Heights are `f64`: a million rungs are beyond what `f32` tells apart.

use super::gaps::Gaps;
use egui::{Rangef, Rect};

/// A rung.
pub const ROW: f64 = 23.0;
/// A folded gap.
pub const GAP: f64 = 34.0;
/// The names of the two lines.
const HEAD: f32 = 46.0;
/// The times at the left.
const TIMES: f32 = 92.0;
/// The scroll bar.
const BAR: f32 = 12.0;

/// The places of one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Everything.
    pub rect: Rect,
    /// The names of the two lines.
    pub head: Rect,
    /// The rungs.
    pub body: Rect,
    /// The client's line.
    pub client_x: f32,
    /// The server's line.
    pub server_x: f32,
    /// How far the rungs are scrolled down.
    pub scroll: f64,
    /// How many rungs there are, and how high they are together.
    pub len: usize,
    /// See `len`.
    pub height: f64,
}

impl Layout {
    /// The places for so many rungs.
    pub fn new(rect: Rect, len: usize, gaps: &Gaps, scroll: f64) -> Self {
        let head = rect.with_max_y((rect.top() + HEAD).min(rect.bottom()));
        let body = rect.with_min_y(head.bottom());
        let inner = Rangef::new(rect.left() + TIMES, rect.right() - BAR);
        // Words of the client at the left, of the server at the right, and arrows in between.
        let words = (inner.span() * 0.31).min(460.0);
        let height = height(len, gaps);
        let furthest = (height + 40.0 - f64::from(body.height())).max(0.0);
        Self {
            rect,
            head,
            body,
            client_x: inner.min + words,
            server_x: (inner.max - words).max(inner.min + words + 40.0),
            scroll: scroll.clamp(0.0, furthest),
            len,
            height,
        }
    }

    /// How far the rungs can be scrolled.
    pub fn max_scroll(&self) -> f64 {
        (self.height + 40.0 - f64::from(self.body.height())).max(0.0)
    }

    /// The middle of a rung, on the screen.
    pub fn y(&self, index: usize, gaps: &Gaps) -> f32 {
        (top(index, gaps) + ROW / 2.0 - self.scroll) as f32 + self.body.top()
    }

    /// The rungs in view, with one more at either end.
    pub fn visible(&self, gaps: &Gaps) -> std::ops::Range<usize> {
        let first = self.at(self.scroll, gaps).saturating_sub(1);
        let last = self.at(self.scroll + f64::from(self.body.height()), gaps);
        first..last.saturating_add(2).min(self.len)
    }

    /// How far to scroll so that a rung lies in the upper half; as it is when it is well in view.
    pub fn scroll_to(&self, index: usize, gaps: &Gaps) -> f64 {
        let top = top(index, gaps);
        let page = f64::from(self.body.height());
        if top >= self.scroll + ROW && top + 2.0 * ROW <= self.scroll + page {
            return self.scroll;
        }
        (top - page * 0.45).clamp(0.0, self.max_scroll())
    }

    /// The rung at a height.
    fn at(&self, height: f64, gaps: &Gaps) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            if top(middle, gaps) + ROW <= height {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The top of a rung, below its gap.
fn top(index: usize, gaps: &Gaps) -> f64 {
    index as f64 * ROW + gaps.up_to(index) as f64 * GAP
}

fn height(len: usize, gaps: &Gaps) -> f64 {
    len.checked_sub(1).map_or(0.0, |last| top(last, gaps) + ROW)
}

/// How much lower an arrow ends than it begins, in points: more for a longer way, but a rung's place
/// is its order and not its time, so this is a sign and no measure.
pub fn slant(one_way_ns: Option<f64>) -> f32 {
    let Some(one_way_ns) = one_way_ns else {
        return 8.0;
    };
    // 10 µs is nearly level, 30 ms and more are as steep as it gets.
    let decades = (one_way_ns.max(1.0) / 1e4).log10();
    (3.0 + decades * 3.6).clamp(3.0, 15.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    fn layout(len: usize, scroll: f64) -> Layout {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(900.0, 500.0));
        Layout::new(rect, len, &Gaps::default(), scroll)
    }

    #[test]
    fn of_a_million_rungs_only_those_in_view_are_looked_at() {
        let gaps = Gaps::default();
        let layout = layout(1_000_000, 12_345_678.0);
        let visible = layout.visible(&gaps);
        assert!(visible.len() < 30, "{visible:?}");
        let y = layout.y(visible.start + 3, &gaps);
        assert!(layout.body.y_range().contains(y), "{y}");
        // Neighbours stay one row apart however far down they are.
        let apart = layout.y(visible.start + 4, &gaps) - y;
        assert!((apart - ROW as f32).abs() < 0.01, "{apart}");
    }

    #[test]
    fn scrolling_ends_at_the_last_rung() {
        let layout = layout(100, 1e9);
        assert_eq!(layout.scroll, layout.max_scroll());
        assert!(layout.visible(&Gaps::default()).contains(&99));
        assert_eq!(layout.scroll_to(99, &Gaps::default()), layout.scroll);
    }

    #[test]
    fn a_longer_way_is_steeper() {
        assert!(slant(Some(20_000.0)) < slant(Some(20_000_000.0)));
        assert_eq!(slant(Some(1e12)), 15.0);
    }
}
