//! Where the parts of the loom are: axis, wire, lanes, legend, and what is at a point. Pure.

use crate::trace::Direction;
use egui::{Pos2, Rangef, Rect, pos2, vec2};
use std::ops::Range;

/// The axis with its labels and the cursor's handle.
const AXIS_POINTS: f32 = 28.0;
/// One row of the wire in a low loom, and in a high one.
const WIRE_ROW_POINTS: [f32; 2] = [26.0, 38.0];
/// From this height on a loom is high.
const HIGH_POINTS: f32 = 560.0;
/// Between areas.
const GAP_POINTS: f32 = 6.0;
/// The line that explains shapes.
const LEGEND_POINTS: f32 = 26.0;
/// How high lanes are: the first with which all of them fit, else the last.
const LANE_POINTS: [f32; 4] = [72.0, 62.0, 52.0, 42.0];
/// Between two lanes.
const LANE_GAP_POINTS: f32 = 4.0;
/// The bar that shows which of the lanes are visible.
pub const SCROLL_BAR_POINTS: f32 = 8.0;
/// Above and below the shapes of a lane.
const LANE_PADDING_POINTS: f32 = 2.0;

/// The places of one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Everything.
    pub rect: Rect,
    /// Where time is drawn.
    pub plot: Rangef,
    /// The axis, across the plot.
    pub axis: Rect,
    /// What the client and the server sent, across the plot.
    pub wire: [Rect; 2],
    /// The lane of stream 0, across the plot; empty when it has no frame.
    pub connection_lane: Rect,
    /// Where the lanes of streams scroll, across everything.
    pub lanes: Rect,
    /// What the shapes mean.
    pub legend: Rect,
    /// How high a lane is, with the gap below it.
    pub lane_pitch: f32,
    /// How many lanes there are.
    pub lane_count: usize,
    /// How far the lanes are scrolled down, in points.
    pub scroll: f64,
}

/// What is at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// The axis.
    Axis,
    /// The wire's row of a sender.
    Wire(Direction),
    /// Half a lane; `None` is the lane of the connection, else the stream's row.
    Lane(Option<usize>, Direction),
    /// A lane's label.
    Label(Option<usize>),
    /// Nothing that answers.
    Elsewhere,
}

impl Layout {
    /// Places everything in `rect`, for so many streams. `scroll` is cut to what there is.
    pub fn new(rect: Rect, lane_count: usize, connection_lane: bool, scroll: f64) -> Self {
        let gutter = (rect.width() * 0.22)
            .clamp(120.0, 230.0)
            .min(rect.width() / 2.0);
        let left = rect.left() + gutter;
        let right = (rect.right() - SCROLL_BAR_POINTS - 2.0).max(left + 1.0);
        let plot = Rangef::new(left, right);
        let across = |top: f32, height: f32| {
            Rect::from_min_size(pos2(left, top), vec2(right - left, height))
        };
        let axis = across(rect.top(), AXIS_POINTS);
        let wire_row = WIRE_ROW_POINTS[usize::from(rect.height() >= HIGH_POINTS)];
        let client = across(axis.bottom(), wire_row);
        let server = across(client.bottom() + 1.0, wire_row);
        let top = server.bottom() + GAP_POINTS;
        let bottom = (rect.bottom() - LEGEND_POINTS).max(top);
        let shown = lane_count + usize::from(connection_lane);
        let pitch = LANE_POINTS
            .into_iter()
            .map(|height| height + LANE_GAP_POINTS)
            .find(|pitch| pitch * shown as f32 <= bottom - top)
            .unwrap_or(LANE_POINTS[3] + LANE_GAP_POINTS);
        let own_height = if connection_lane {
            pitch - LANE_GAP_POINTS
        } else {
            0.0
        };
        let connection_lane = across(top, own_height);
        let lanes_top = top + if own_height > 0.0 { pitch } else { 0.0 };
        let lanes = Rect::from_min_max(
            pos2(rect.left(), lanes_top.min(bottom)),
            pos2(rect.right(), bottom),
        );
        Self {
            rect,
            plot,
            axis,
            wire: [client, server],
            connection_lane,
            lanes,
            legend: Rect::from_min_max(pos2(rect.left(), bottom), rect.max),
            lane_pitch: pitch,
            lane_count,
            scroll: scroll.clamp(0.0, max_scroll(pitch, lane_count, lanes.height())),
        }
    }

    /// How wide time is drawn.
    pub fn width(&self) -> f32 {
        self.plot.span()
    }

    /// How far the lanes can be scrolled.
    pub fn max_scroll(&self) -> f64 {
        max_scroll(self.lane_pitch, self.lane_count, self.lanes.height())
    }

    /// The lanes that are at least partly visible.
    pub fn visible_lanes(&self) -> Range<usize> {
        let pitch = f64::from(self.lane_pitch);
        let first = (self.scroll / pitch).floor().max(0.0) as usize;
        let end = ((self.scroll + f64::from(self.lanes.height())) / pitch).ceil();
        let end = (end.max(0.0) as usize).min(self.lane_count);
        first.min(end)..end
    }

    /// A lane's place across the plot. It may reach out of [`Self::lanes`].
    pub fn lane(&self, row: usize) -> Rect {
        let below = row as f64 * f64::from(self.lane_pitch) - self.scroll;
        let top = self.lanes.top() + below as f32;
        Rect::from_x_y_ranges(
            self.plot,
            Rangef::new(top, top + self.lane_pitch - LANE_GAP_POINTS),
        )
    }

    /// The place of a lane, `None` for the connection's.
    pub fn lane_or_connection(&self, row: Option<usize>) -> Rect {
        row.map_or(self.connection_lane, |row| self.lane(row))
    }

    /// The label's place beside a lane.
    pub fn label(&self, row: Option<usize>) -> Rect {
        let lane = self.lane_or_connection(row);
        Rect::from_x_y_ranges(Rangef::new(self.rect.left(), self.plot.min), lane.y_range())
    }

    /// The half of a lane in which a sender's frames are drawn: the client's above the thread.
    pub fn half(lane: Rect, direction: Direction) -> Rect {
        let inner = lane.shrink2(vec2(0.0, LANE_PADDING_POINTS));
        match direction {
            Direction::Client => inner.with_max_y(inner.center().y),
            Direction::Server => inner.with_min_y(inner.center().y),
        }
    }

    /// The scroll position closest to the present one that shows a lane whole.
    pub fn scroll_to(&self, row: usize) -> f64 {
        let top = row as f64 * f64::from(self.lane_pitch);
        let least = top + f64::from(self.lane_pitch - self.lanes.height());
        self.scroll
            .max(least)
            .min(top)
            .clamp(0.0, self.max_scroll())
    }

    /// What is at a point.
    pub fn zone(&self, at: Pos2) -> Zone {
        if !self.rect.contains(at) {
            return Zone::Elsewhere;
        }
        let in_plot = self.plot.contains(at.x);
        if self.axis.y_range().contains(at.y) {
            return if in_plot { Zone::Axis } else { Zone::Elsewhere };
        }
        for (row, direction) in self.wire.iter().zip(Direction::BOTH) {
            if in_plot && row.y_range().contains(at.y) {
                return Zone::Wire(direction);
            }
        }
        let row = if self.connection_lane.y_range().contains(at.y) {
            None
        } else if self.lanes.contains(at) {
            let below = f64::from(at.y - self.lanes.top()) + self.scroll;
            match (below / f64::from(self.lane_pitch)).max(0.0) as usize {
                row if row < self.lane_count => Some(row),
                _ => return Zone::Elsewhere,
            }
        } else {
            return Zone::Elsewhere;
        };
        if at.x < self.plot.min {
            return Zone::Label(row);
        }
        let upper = at.y < self.lane_or_connection(row).center().y;
        let direction = if upper {
            Direction::Client
        } else {
            Direction::Server
        };
        if in_plot {
            Zone::Lane(row, direction)
        } else {
            Zone::Elsewhere
        }
    }
}

fn max_scroll(pitch: f32, lanes: usize, height: f32) -> f64 {
    (f64::from(pitch) * lanes as f64 - f64::from(height)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(lanes: usize, scroll: f64) -> Layout {
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(780.0, 480.0));
        Layout::new(rect, lanes, true, scroll)
    }

    #[test]
    fn only_visible_lanes_of_many_are_laid_out() {
        let layout = layout(5000, 2000.0 * 46.0);
        let visible = layout.visible_lanes();
        assert_eq!(visible.start, 2000);
        assert!(visible.len() < 12, "{visible:?}");
        assert!(layout.lane(visible.start).bottom() > layout.lanes.top());
        assert!(layout.lane(visible.end - 1).top() < layout.lanes.bottom());
    }

    #[test]
    fn scrolling_ends_with_the_last_lane() {
        let layout = layout(5000, f64::MAX);
        assert_eq!(layout.visible_lanes().end, 5000);
        assert!(
            (layout.lane(4999).bottom() - layout.lanes.bottom()).abs() <= LANE_GAP_POINTS + 0.1
        );
    }

    #[test]
    fn lanes_that_fit_do_not_scroll() {
        let layout = layout(3, 500.0);
        assert_eq!((layout.scroll, layout.max_scroll()), (0.0, 0.0));
        assert_eq!(layout.visible_lanes(), 0..3);
    }

    #[test]
    fn areas_follow_each_other_without_overlap() {
        let layout = layout(40, 0.0);
        let tops_and_bottoms = [
            layout.axis,
            layout.wire[0],
            layout.wire[1],
            layout.connection_lane,
            layout.lanes,
            layout.legend,
        ];
        for pair in tops_and_bottoms.windows(2) {
            assert!(pair[0].bottom() <= pair[1].top(), "{pair:?}");
        }
    }

    #[test]
    fn the_middle_of_a_lane_parts_client_from_server() {
        let layout = layout(9, 0.0);
        let lane = layout.lane(2);
        let x = layout.plot.center();
        let above = layout.zone(pos2(x, lane.center().y - 3.0));
        let below = layout.zone(pos2(x, lane.center().y + 3.0));
        assert_eq!(above, Zone::Lane(Some(2), Direction::Client));
        assert_eq!(below, Zone::Lane(Some(2), Direction::Server));
        assert_eq!(
            layout.zone(layout.label(Some(2)).center()),
            Zone::Label(Some(2))
        );
        assert_eq!(layout.zone(layout.label(None).center()), Zone::Label(None));
    }

    #[test]
    fn a_lane_out_of_view_is_scrolled_to_the_nearer_edge() {
        let down = layout(100, 0.0);
        let revealed = layout(100, down.scroll_to(50));
        assert!(revealed.lane(50).bottom() <= revealed.lanes.bottom() + 0.1);
        assert_eq!(revealed.scroll_to(50), revealed.scroll);
        assert_eq!(
            layout(100, 3000.0).scroll_to(5),
            5.0 * f64::from(down.lane_pitch)
        );
    }

    #[test]
    fn a_place_too_small_for_anything_is_still_laid_out() {
        for size in [vec2(0.0, 0.0), vec2(50.0, 30.0), vec2(3000.0, 80.0)] {
            let layout = Layout::new(Rect::from_min_size(pos2(0.0, 0.0), size), 9, true, 10.0);
            assert!(layout.width() >= 1.0 && layout.lanes.height() >= 0.0);
            assert!(layout.visible_lanes().len() <= 9);
        }
    }
}
