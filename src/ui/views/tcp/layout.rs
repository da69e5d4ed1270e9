//! Where the plots are. Pure.

use egui::{Rangef, Rect, pos2};

/// Room for the labels of offsets.
const GUTTER: f32 = 58.0;
/// Room for the labels of time.
const AXIS: f32 = 20.0;
/// A line of the legend.
pub(super) const LEGEND: f32 = 18.0;
/// A narrower view has two lines for it, unless it is so low that the plots need the room.
const LEAST_FOR_ONE_LINE: f32 = 1100.0;
const LEAST_FOR_TWO_LINES: f32 = 200.0;
/// Between two plots.
const GAP: f32 = 8.0;
/// Height of the strip with the bytes in flight.
const FLIGHT: f32 = 34.0;
/// A plot lower than this has no room for that strip.
const LEAST_FOR_FLIGHT: f32 = 110.0;

/// A direction's places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Places {
    /// Time against offset.
    pub(super) plot: Rect,
    /// Bytes in flight, when there is room.
    pub(super) flight: Option<Rect>,
}

/// The places of a picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// All of it.
    pub(super) rect: Rect,
    /// From the left edge of the plots to the right one.
    pub(super) plot: Rangef,
    /// The labels of time.
    pub(super) axis: Rect,
    /// The legend.
    pub(super) legend: Rect,
    /// Each direction.
    pub(super) directions: Vec<Places>,
}

impl Layout {
    /// Shares the height between directions by what they carry: the lesser one gets at least a
    /// third.
    pub(super) fn new(rect: Rect, bytes: &[u64]) -> Self {
        let plot = Rangef::new(
            rect.left() + GUTTER,
            rect.right().max(rect.left() + GUTTER + 1.0),
        );
        let narrow = rect.width() < LEAST_FOR_ONE_LINE;
        let lines = match narrow && rect.height() > LEAST_FOR_TWO_LINES {
            true => 2.0,
            false => 1.0,
        };
        let legend = rect.with_min_y(rect.bottom() - LEGEND * lines - 2.0);
        let axis = Rect::from_x_y_ranges(plot, legend.top() - AXIS..=legend.top());
        let sum: f64 = bytes.iter().map(|bytes| (*bytes as f64).max(1.0)).sum();
        let gaps = GAP * bytes.len().saturating_sub(1) as f32;
        let height = (axis.top() - rect.top() - gaps).max(1.0);
        let least = match bytes.len() {
            0 | 1 => 1.0,
            _ => 1.0 / 3.0,
        };
        let mut top = rect.top();
        let directions = bytes
            .iter()
            .map(|bytes| {
                let share = ((*bytes as f64).max(1.0) / sum) as f32;
                let share = share.clamp(least, 1.0_f32.max(least) - least * (gaps / GAP));
                let whole = Rect::from_x_y_ranges(plot, top..=top + height * share);
                top = whole.bottom() + GAP;
                if whole.height() < LEAST_FOR_FLIGHT {
                    return Places {
                        plot: whole,
                        flight: None,
                    };
                }
                let split = whole.bottom() - FLIGHT;
                Places {
                    plot: whole.with_max_y(split - 2.0),
                    flight: Some(Rect::from_min_max(pos2(whole.left(), split), whole.max)),
                }
            })
            .collect();
        Self {
            rect,
            plot,
            axis,
            legend,
            directions,
        }
    }

    /// How wide the plots are, in points.
    pub(super) fn width(&self) -> f32 {
        self.plot.span().max(1.0)
    }
}

/// Offsets on the screen: the first at the bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Offsets {
    pub(super) plot: Rect,
    pub(super) first: f64,
    pub(super) end: f64,
}

impl Offsets {
    pub(super) fn new(plot: Rect, (first, end): (i64, i64)) -> Self {
        let room = (end as f64 - first as f64) * 0.06;
        Self {
            plot,
            first: first as f64 - room,
            // Above it is room for the marks, and for the line of the window where it is near.
            end: end as f64 + room * 2.5,
        }
    }

    pub(super) fn y(&self, offset: i64) -> f32 {
        let share = (offset as f64 - self.first) / (self.end - self.first).max(1.0);
        self.plot.bottom() - self.plot.height() * share as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    fn area(width: f32, height: f32) -> Rect {
        Rect::from_min_size(pos2(10.0, 20.0), vec2(width, height))
    }

    #[test]
    fn plots_fill_the_height_and_do_not_overlap() {
        for bytes in [&[500_000, 600][..], &[1, 1], &[0, 9], &[70]] {
            for height in [60.0, 240.0, 700.0] {
                let layout = Layout::new(area(600.0, height), bytes);
                let mut top = layout.rect.top();
                for places in &layout.directions {
                    assert!(places.plot.top() >= top - 0.01);
                    top = places.flight.unwrap_or(places.plot).bottom();
                }
                assert!((top - layout.axis.top()).abs() < 0.5, "{bytes:?} {height}");
            }
        }
    }

    #[test]
    fn what_carries_more_gets_more_room_but_never_all() {
        let layout = Layout::new(area(600.0, 400.0), &[600, 500_000]);
        let heights: Vec<f32> = (layout.directions.iter())
            .map(|places| places.flight.unwrap_or(places.plot).bottom() - places.plot.top())
            .collect();
        assert!(
            heights[1] > 1.8 * heights[0] && heights[0] > 80.0,
            "{heights:?}"
        );
    }

    #[test]
    fn later_bytes_stand_higher() {
        let offsets = Offsets::new(area(100.0, 100.0), (0, 1000));
        assert!(offsets.y(1000) < offsets.y(0));
        assert!(offsets.plot.y_range().contains(offsets.y(0)));
        assert!(offsets.plot.y_range().contains(offsets.y(1000)));
    }
}
