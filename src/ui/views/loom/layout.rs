//! Where the parts of the loom are: controls, axis, wire, lanes, legend, and what is at a point. Pure.

use egui::{Rangef, Rect, pos2, vec2};
use std::sync::Arc;

mod lanes;
mod zone;

pub use zone::Zone;

/// The line of controls.
const CONTROLS_POINTS: f32 = 30.0;
/// The axis with its labels and the cursor's handle.
const AXIS_POINTS: f32 = 28.0;
/// One row of the wire in a low loom, and in a high one.
const WIRE_ROW_POINTS: [f32; 2] = [26.0, 38.0];
/// From this height on a loom is high.
const HIGH_POINTS: f32 = 560.0;
/// From this height on there is room for three lines of words about losses.
const HIGHER_POINTS: f32 = 640.0;
/// What TCP lost: a line of signs, and lines of words, one in a low loom, two in a high one and three in a higher one.
const LOSS_SIGN_POINTS: f32 = 16.0;
/// See above.
const LOSS_WORDS_POINTS: f32 = 15.0;
/// Between areas.
const GAP_POINTS: f32 = 6.0;
/// A row of the lines that explain signs.
pub const LEGEND_ROW_POINTS: f32 = 18.0;
/// Above and below these rows together.
const LEGEND_MARGIN_POINTS: f32 = 8.0;
/// How many rows they have at most in a loom lower than this.
const LEGEND_ROWS: [(f32, usize); 3] = [(240.0, 1), (620.0, 2), (f32::INFINITY, 4)];
/// The line that says how many lanes are out of view.
const MORE_POINTS: f32 = 20.0;
/// With less room for lanes, that line gives its room to them.
const LEAST_FOR_MORE: f32 = 70.0;
/// A sentence below the legend.
const FOOTNOTE_POINTS: f32 = 20.0;
/// How high lanes are: the first with which all of them fit, else the last.
const LANE_POINTS: [f32; 4] = [72.0, 62.0, 52.0, 42.0];
/// Between two lanes.
const LANE_GAP_POINTS: f32 = 4.0;
/// The bar that shows which of the lanes are visible.
pub const SCROLL_BAR_POINTS: f32 = 8.0;
/// A heading above the lanes of a group.
const HEADING_POINTS: f32 = 24.0;
/// Pinned lanes take this share of the room at most; what does not fit scrolls with the others.
const PINNED_SHARE: f32 = 0.6;
/// Above and below the shapes of a lane.
const LANE_PADDING_POINTS: f32 = 2.0;

/// What there is to lay out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// How many lanes there are, by position.
    pub lanes: usize,
    /// How many of the first stay at the top.
    pub pinned: usize,
    /// The position of the first lane below each heading.
    pub headings: Arc<[usize]>,
    /// Whether the connection has a lane of its own.
    pub connection_lane: bool,
    /// Whether the line of controls gives its room to the picture.
    pub without_controls: bool,
    /// Whether a sentence stands below the legend.
    pub footnote: bool,
    /// Whether it stands in the line that counts lanes out of view instead: there it costs no lane.
    pub footnote_in_more: bool,
    /// Whether TCP lost something, or sent something again.
    pub losses: bool,
    /// How many rows the legend needs; it has as many as there is room for, and at least one.
    pub legend_rows: usize,
}

impl Content {
    /// How much room the sentence below the legend takes there.
    pub fn footnote_points(&self) -> f32 {
        match self.footnote && !self.footnote_in_more {
            true => FOOTNOTE_POINTS,
            false => 0.0,
        }
    }
}

/// The places of one picture. Lanes are counted by position.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Everything.
    pub rect: Rect,
    /// What a person chooses from; without height where that is hidden.
    pub controls: Rect,
    /// Where time is drawn.
    pub plot: Rangef,
    /// The axis, across the plot.
    pub axis: Rect,
    /// What the client and the server sent, across the plot.
    pub wire: [Rect; 2],
    /// What TCP lost and sent again, across the plot, below the wire; empty where there is nothing of that.
    pub losses: Rect,
    /// The lane of stream 0, across the plot; empty when it has no frame.
    pub connection_lane: Rect,
    /// Where pinned lanes stay, across everything; empty without any.
    pub pinned: Rect,
    /// Where the lanes of streams scroll, across everything.
    pub lanes: Rect,
    /// How many lanes are out of view, across everything; empty while all are in view.
    pub more: Rect,
    /// What the shapes mean.
    pub legend: Rect,
    /// How high a lane is, with the gap below it.
    pub lane_pitch: f32,
    /// What was laid out. Of the pinned lanes only those that stay at the top.
    pub content: Content,
    /// How high everything that scrolls is, in points.
    pub height: f64,
    /// How far the lanes are scrolled down, in points.
    pub scroll: f64,
}

impl Layout {
    /// Places everything in `rect`. `scroll` is cut to what there is.
    pub fn new(rect: Rect, content: Content, scroll: f64) -> Self {
        if content.footnote && !content.footnote_in_more {
            let in_more = Content {
                footnote_in_more: true,
                ..content.clone()
            };
            let layout = Self::arranged(rect, in_more, scroll);
            if layout.more.is_positive() {
                return layout;
            }
        }
        Self::arranged(rect, content, scroll)
    }

    fn arranged(rect: Rect, mut content: Content, scroll: f64) -> Self {
        let gutter = (rect.width() * 0.22)
            .clamp(120.0, 230.0)
            .min(rect.width() / 2.0);
        let left = rect.left() + gutter;
        let right = (rect.right() - SCROLL_BAR_POINTS - 2.0).max(left + 1.0);
        let plot = Rangef::new(left, right);
        let across = |top: f32, height: f32| {
            Rect::from_min_size(pos2(left, top), vec2(right - left, height))
        };
        let height = match content.without_controls {
            true => 0.0,
            false => CONTROLS_POINTS,
        };
        let controls = Rect::from_min_size(rect.min, vec2(rect.width(), height));
        let axis = across(controls.bottom(), AXIS_POINTS);
        let wire_row = WIRE_ROW_POINTS[usize::from(rect.height() >= HIGH_POINTS)];
        let client = across(axis.bottom(), wire_row);
        let server = across(client.bottom() + 1.0, wire_row);
        let least = [HIGH_POINTS, HIGHER_POINTS].into_iter();
        let lines = 1 + least.filter(|least| rect.height() >= *least).count();
        let losses_height = match content.losses {
            true => LOSS_SIGN_POINTS + LOSS_WORDS_POINTS * lines as f32,
            false => 0.0,
        };
        let losses = across(server.bottom() + 1.0, losses_height);
        let top = losses.bottom() + GAP_POINTS;
        let rows = LEGEND_ROWS.iter().find(|(below, _)| rect.height() < *below);
        let most = rows.map_or(1, |(_, most)| *most);
        content.legend_rows = content.legend_rows.clamp(1, most);
        let legend = LEGEND_ROW_POINTS * content.legend_rows as f32 + LEGEND_MARGIN_POINTS;
        let foot = legend + content.footnote_points();
        let bottom = (rect.bottom() - foot).max(top);
        let connection_lane = content.connection_lane;
        let shown = content.lanes + usize::from(connection_lane);
        let headings = HEADING_POINTS * content.headings.len() as f32;
        let pitch = LANE_POINTS
            .into_iter()
            .map(|height| height + LANE_GAP_POINTS)
            .find(|pitch| pitch * shown as f32 + headings <= bottom - top)
            .unwrap_or_else(|| pitch_of_whole_lanes(bottom - top));
        let own_height = if connection_lane {
            pitch - LANE_GAP_POINTS
        } else {
            0.0
        };
        let connection_lane = across(top, own_height);
        let lanes_top = top + if own_height > 0.0 { pitch } else { 0.0 };
        let lanes_top = lanes_top.min(bottom);
        let room = ((bottom - lanes_top) * PINNED_SHARE / pitch)
            .floor()
            .max(0.0) as usize;
        content.pinned = content.pinned.min(content.lanes).min(room);
        let below_pinned = lanes_top + content.pinned as f32 * pitch;
        let whole = |top: f32, bottom: f32| {
            Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), bottom))
        };
        let pinned = whole(lanes_top, below_pinned);
        let lanes = whole(below_pinned, bottom);
        let height = content_height(pitch, &content);
        let overflows = height > f64::from(lanes.height()) && lanes.height() >= LEAST_FOR_MORE;
        let more_points = if overflows { MORE_POINTS } else { 0.0 };
        let more = lanes.with_min_y(lanes.bottom() - more_points);
        let lanes = lanes.with_max_y(more.top());
        Self {
            rect,
            controls,
            plot,
            axis,
            wire: [client, server],
            losses,
            connection_lane,
            pinned,
            lanes,
            more,
            legend: Rect::from_min_max(pos2(rect.left(), bottom), rect.max),
            lane_pitch: pitch,
            content,
            height,
            scroll: scroll.clamp(0.0, (height - f64::from(lanes.height())).max(0.0)),
        }
    }

    /// The line of signs of what TCP lost, and below it the lines of words.
    pub fn losses_lines(&self) -> (Rect, impl Iterator<Item = Rect> + use<>) {
        let place = self.losses;
        let words = place.top() + LOSS_SIGN_POINTS.min(place.height() - LOSS_WORDS_POINTS);
        let count = ((place.bottom() - words) / LOSS_WORDS_POINTS)
            .floor()
            .max(0.0) as usize;
        let line = move |at: usize| {
            let top = words + LOSS_WORDS_POINTS * at as f32;
            place.with_min_y(top).with_max_y(top + LOSS_WORDS_POINTS)
        };
        (place.with_max_y(words), (0..count).map(line))
    }

    /// How wide time is drawn.
    pub fn width(&self) -> f32 {
        self.plot.span()
    }

    /// How far the lanes can be scrolled.
    pub fn max_scroll(&self) -> f64 {
        (self.height - f64::from(self.lanes.height())).max(0.0)
    }

    /// The same place with nothing but room for connections one below the other, so high together.
    pub fn stacked(mut self, height: f64, scroll: f64) -> Self {
        let top = self.axis.bottom();
        for row in &mut self.wire {
            *row = Rect::from_x_y_ranges(row.x_range(), top..=top);
        }
        self.connection_lane = self.wire[0];
        self.losses = self.wire[0];
        // What is below the lanes stays.
        self.content = Content {
            footnote: self.content.footnote,
            legend_rows: self.content.legend_rows,
            ..Content::default()
        };
        self.pinned = self.pinned.with_min_y(top).with_max_y(top);
        self.lanes = self.lanes.with_min_y(top + 2.0);
        self.lanes.max.y = self.legend.top();
        self.more = self.more.with_min_y(self.legend.top());
        self.lane_pitch = LANE_POINTS[3] + LANE_GAP_POINTS;
        self.height = height;
        self.scroll = scroll.clamp(0.0, self.max_scroll());
        self
    }

    /// The places of one of several connections: the top of its part, on the screen, its wire of this height, and below
    /// it its lanes. Nothing of it is seen or answers outside of where lanes scroll.
    pub fn section(&self, top: f32, wire_height: f32, content: Content) -> Self {
        let mut own = self.clone();
        own.rect = self.lanes;
        let half = (wire_height - 1.0) / 2.0;
        let across = |top: f32| Rect::from_x_y_ranges(self.plot, top..=top + half);
        own.wire = [across(top), across(top + half + 1.0)];
        // Of several connections each says over its wire what was lost.
        let over = half.min(LOSS_SIGN_POINTS + LOSS_WORDS_POINTS);
        own.losses = match content.losses {
            true => own.wire[1].with_min_y(own.wire[1].bottom() - over),
            false => own.wire[1].with_min_y(own.wire[1].bottom()),
        };
        own.content = Content {
            pinned: 0,
            ..content
        };
        own.height = content_height(own.lane_pitch, &own.content);
        let mut first = top + wire_height + LANE_GAP_POINTS;
        let own_lane = Rangef::new(first, first + own.lane_pitch - LANE_GAP_POINTS);
        if own.content.connection_lane {
            own.connection_lane = Rect::from_x_y_ranges(self.plot, own_lane);
            first += own.lane_pitch;
        }
        own.scroll = f64::from(self.lanes.top() - first);
        own
    }

    /// How high the lanes of such a part are, with the gaps below them.
    pub fn lanes_height(&self, content: &Content) -> f64 {
        let own_lane = if content.connection_lane {
            f64::from(self.lane_pitch)
        } else {
            0.0
        };
        own_lane + content_height(self.lane_pitch, content)
    }
}

/// How high lanes are that do not all fit: so that those in view are whole, as long as nobody has scrolled.
fn pitch_of_whole_lanes(room: f32) -> f32 {
    let least = LANE_POINTS[3] + LANE_GAP_POINTS;
    let room = (room - MORE_POINTS).max(0.0);
    let count = (room / least).floor();
    // A loom that has no room for two lanes has other troubles.
    if count < 2.0 {
        return least;
    }
    room / count
}

fn content_height(pitch: f32, content: &Content) -> f64 {
    let lanes = content.lanes.saturating_sub(content.pinned);
    f64::from(pitch) * lanes as f64 + f64::from(HEADING_POINTS) * content.headings.len() as f64
}

#[cfg(test)]
mod tests;
