//! Where the parts of a lane go. Pure.
//!
//! ```text
//!     ▌        content of the request
//!     ◆        its head
//!     ------   the thread
//!          ◆   head of the response
//!          ▌   its content: below the head, at the instant at which it came
//! ```

use super::model::{Mark, Part};
use crate::ui::widgets::time_scale::TimeScale;
use egui::{Rect, pos2, vec2};

/// Height of a lane in points: two lines of words beside it, the thread with marks on both sides.
pub(super) const LANE_POINTS: f32 = 44.0;

/// From the thread to the middle of a head and of every other mark that is no content, in points.
const HEADS_POINTS: f32 = 6.0;

/// From the thread to where bars of content begin, in points: beyond the heads, so that both are seen where they came at once.
pub(super) const CONTENT_POINTS: f32 = 11.5;

/// Where the parts of one lane are.
pub(super) struct Places {
    /// What is said of it.
    pub(super) gutter: Rect,
    /// Its marks.
    pub(super) plot: Rect,
    /// The line between request and response.
    pub(super) thread_y: f32,
}

impl Places {
    pub(super) fn of(row: Rect, gutter: f32) -> Self {
        Self {
            gutter: row.with_max_x(row.left() + gutter - 8.0),
            plot: row.with_min_x(row.left() + gutter),
            thread_y: row.center().y,
        }
    }

    /// Where a time is.
    pub(super) fn x(&self, scale: &TimeScale, time_ns: i64) -> f32 {
        // Far outside, `f32` would no longer tell points apart; nothing is drawn there.
        let x = scale.x_from_time(time_ns as f64);
        self.plot.left() + x.clamp(-1e5, 1e5) as f32
    }

    /// Where a mark is: around the instant at which it came, never beside it.
    pub(super) fn mark(&self, scale: &TimeScale, mark: &Mark) -> Rect {
        let from = self.x(scale, mark.time_ns);
        let to = self.x(scale, mark.end_ns).max(from);
        let side = if mark.client { -1.0 } else { 1.0 };
        if mark.part == Part::Body {
            let inner = self.thread_y + side * CONTENT_POINTS;
            let outer = inner + side * body_height(mark.bytes);
            return Rect::from_two_pos(pos2(from - 1.75, inner), pos2(to + 1.75, outer));
        }
        let middle = pos2(from, self.thread_y + side * HEADS_POINTS);
        Rect::from_center_size(middle, vec2(2.0, 9.6))
    }
}

/// How high a bar of content is, in points: with the logarithm of its bytes.
fn body_height(bytes: u64) -> f32 {
    let levels = (bytes.max(1) as f32).log2();
    (1.5 + levels * 0.45).clamp(3.0, 9.5)
}
