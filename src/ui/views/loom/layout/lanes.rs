//! Where each lane is, which of them are in view, and how far to scroll for one.

use super::{HEADING_POINTS, LANE_GAP_POINTS, LANE_PADDING_POINTS, Layout};
use crate::trace::Direction;
use egui::{Rangef, Rect, vec2};
use std::ops::Range;

impl Layout {
    /// How far below the first the top of a lane that scrolls is, in points.
    fn top_of(&self, position: usize) -> f64 {
        let lanes = position.saturating_sub(self.content.pinned);
        let headings = self
            .content
            .headings
            .partition_point(|before| *before <= position);
        lanes as f64 * f64::from(self.lane_pitch) + headings as f64 * f64::from(HEADING_POINTS)
    }

    /// The lanes that scroll and are at least partly visible.
    pub fn visible_lanes(&self) -> Range<usize> {
        let (pinned, all) = (self.content.pinned, self.content.lanes);
        let pitch = f64::from(self.lane_pitch);
        let bottom = self.scroll + f64::from(self.lanes.height());
        let first = first_where(pinned..all, |at| self.top_of(at) + pitch > self.scroll);
        let end = first_where(first..all, |at| self.top_of(at) >= bottom);
        first..end
    }

    /// How many lanes that scroll are out of view or cut off: above, and below.
    pub fn hidden_lanes(&self) -> [usize; 2] {
        let lanes = self.visible_lanes();
        let (pinned, all) = (self.content.pinned, self.content.lanes);
        let is_whole = |at: &usize| {
            let lane = self.lane(*at);
            lane.top() >= self.lanes.top() - 0.5 && lane.bottom() <= self.lanes.bottom() + 0.5
        };
        let first = lanes.clone().find(is_whole).unwrap_or(lanes.start);
        let end = lanes.rev().find(is_whole).map_or(first, |last| last + 1);
        [first.saturating_sub(pinned), all.saturating_sub(end)]
    }

    /// The scroll position that shows the lanes below those in view, or above.
    pub fn page(&self, down: bool) -> f64 {
        let whole = ((self.lanes.height() + 0.5) / self.lane_pitch).floor();
        let page = f64::from(whole.max(1.0) * self.lane_pitch);
        let to = self.scroll + if down { page } else { -page };
        to.clamp(0.0, self.max_scroll())
    }

    /// All lanes that are visible: those that stay at the top, then those that scroll.
    pub fn shown_lanes(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.content.pinned).chain(self.visible_lanes())
    }

    /// The headings that are at least partly visible, each with its place across everything.
    pub fn visible_headings(&self) -> impl Iterator<Item = (usize, Rect)> + '_ {
        let headings = 0..self.content.headings.len();
        let first = first_where(headings.clone(), |at| {
            self.heading(at).bottom() > self.lanes.top()
        });
        (first..headings.end)
            .map(|at| (at, self.heading(at)))
            .take_while(|(_, rect)| rect.top() < self.lanes.bottom())
    }

    fn heading(&self, heading: usize) -> Rect {
        let before = self.content.headings.get(heading).copied().unwrap_or(0);
        let lanes = before.saturating_sub(self.content.pinned) as f64 * f64::from(self.lane_pitch);
        let below = lanes + heading as f64 * f64::from(HEADING_POINTS) - self.scroll;
        let top = self.lanes.top() + below as f32;
        let height = HEADING_POINTS - LANE_GAP_POINTS;
        Rect::from_x_y_ranges(self.lanes.x_range(), Rangef::new(top, top + height))
    }

    /// A lane's place across the plot. It may reach out of [`Self::lanes`].
    pub fn lane(&self, position: usize) -> Rect {
        let top = if position < self.content.pinned {
            self.pinned.top() + position as f32 * self.lane_pitch
        } else {
            self.lanes.top() + (self.top_of(position) - self.scroll) as f32
        };
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

    /// Where a lane may be drawn: pinned ones stay, the connection's has its own place.
    pub fn lane_clip(&self, row: Option<usize>) -> Rect {
        match row {
            None => self.rect,
            Some(position) if position < self.content.pinned => self.pinned,
            Some(_) => self.lanes,
        }
    }

    /// The scroll position closest to the present one that shows a lane whole.
    pub fn scroll_to(&self, position: usize) -> f64 {
        if position < self.content.pinned {
            return self.scroll;
        }
        let top = self.top_of(position);
        self.scroll_to_show(top, top + f64::from(self.lane_pitch))
    }

    /// The same for what is so far below the first that scrolls, in points.
    pub fn scroll_to_show(&self, top: f64, bottom: f64) -> f64 {
        let least = bottom - f64::from(self.lanes.height());
        self.scroll
            .max(least)
            .min(top)
            .clamp(0.0, self.max_scroll())
    }
}

/// The first of a range where something holds that holds for all behind it; the end when it holds nowhere.
fn first_where(range: Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end.max(range.start));
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}
