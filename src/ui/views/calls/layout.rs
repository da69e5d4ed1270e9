//! Where a call's parts lie on its lane. Pure.

use crate::ui::grpc::{CallRow, MessageMark, Standing};
use crate::ui::widgets::time_scale::TimeScale;
use egui::{Rangef, Rect};
use std::ops::Range;

/// Height of a lane in points: a line of words, the thread with marks on both sides, the bar of the deadline.
pub const LANE_POINTS: f32 = 44.0;

/// Height of the axis in points.
pub const AXIS_POINTS: f32 = 22.0;

/// The least height in which table and lanes are shown together.
pub const BOTH_POINTS: f32 = 300.0;

/// Marks closer than this are drawn as one.
pub const FOLD_POINTS: f64 = 4.0;

/// The places within one lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lane {
    /// Name and standing.
    pub gutter: Rect,
    /// The stretch of time.
    pub plot: Rect,
    /// The thread.
    pub thread_y: f32,
    /// The bar of the deadline.
    pub deadline: Rangef,
}

/// How wide the names are beside lanes of this width.
pub fn gutter_points(width: f32) -> f32 {
    (width * 0.26).clamp(110.0, 260.0).min(width * 0.5)
}

impl Lane {
    /// The places within a row.
    pub fn of(row: Rect) -> Self {
        let x = row.left() + gutter_points(row.width());
        let gutter = Rect::from_min_max(row.min, egui::pos2(x - 8.0, row.bottom()));
        let plot = Rect::from_min_max(egui::pos2(x, row.top()), row.max);
        Self {
            gutter,
            plot,
            thread_y: row.top() + 17.0,
            deadline: Rangef::new(row.bottom() - 10.0, row.bottom() - 4.0),
        }
    }
}

/// The bar of a deadline, in points from the left edge of the plot.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadlineBar {
    /// From the call's beginning to its deadline.
    pub whole: Range<f64>,
    /// What is left of it: it shrinks as the cursor moves on, and stays as it was when the call ended.
    pub left: Range<f64>,
    /// How far the call went on beyond it: to scale, but never too short to be seen.
    pub over: Option<Range<f64>>,
    /// Where it is cut, because the deadline lies beyond the plot.
    pub cut: Option<f64>,
}

/// The least width of what went on beyond a deadline, in points.
pub const LEAST_OVER_POINTS: f64 = 3.0;

/// The room at the right edge of the plot for the sign that a bar goes on, in points.
pub const GOES_ON_POINTS: f64 = 22.0;

/// The bar of a call's deadline in a plot of this width; `None` when it has none.
pub fn deadline_bar(
    row: &CallRow,
    standing: Standing,
    now_ns: i64,
    scale: &TimeScale,
    width: f64,
) -> Option<DeadlineBar> {
    let deadline_ns = row.deadline_ns()?;
    let at_ns = match standing {
        Standing::NotYet => row.started_ns,
        Standing::Running { .. } => now_ns,
        Standing::Ended => row.ended_ns.unwrap_or(now_ns),
    };
    let x = |time_ns: i64| scale.x_from_time(time_ns as f64);
    let (start, end, at) = (x(row.started_ns), x(deadline_ns), x(at_ns));
    Some(DeadlineBar {
        whole: start..end,
        left: at.clamp(start, end.max(start))..end,
        over: (at_ns > deadline_ns).then_some(end..at.max(end + LEAST_OVER_POINTS)),
        cut: (end > width).then_some((width - GOES_ON_POINTS).max(0.0)),
    })
}

/// Where the words of a deadline begin: behind its bar, where the plot has no room there, before the bar's end; and before
/// the bar where it is shorter than they are. In points of the screen, like the bar and the plot.
pub fn deadline_words_x(plot: Rangef, bar: Rangef, behind: f32, width: f32) -> f32 {
    if behind + width <= plot.max {
        return behind;
    }
    let within = bar.max.min(plot.max) - width - 4.0;
    let before = bar.min - width - 8.0;
    match within < bar.min && before >= plot.min {
        true => before,
        false => within.max(plot.min + 2.0),
    }
}

/// Messages of one side that are drawn as one mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fold {
    /// Where, in points from the left edge of the plot.
    pub x: f64,
    /// Where the last of them is.
    pub end_x: f64,
    /// Position of the first of them among the side's messages.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// The messages of a side within the plot, those that are too close together as one. The cost is that of the
/// plot's width, not that of the messages.
pub fn folded(marks: &[MessageMark], scale: &TimeScale, width: f64) -> Vec<Fold> {
    let mut folds = Vec::new();
    let start_ns = scale.time_from_x(-FOLD_POINTS);
    let end_ns = scale.time_from_x(width + FOLD_POINTS);
    let mut first = marks.partition_point(|mark| (mark.time_ns as f64) < start_ns);
    while let Some(mark) = marks.get(first) {
        if mark.time_ns as f64 > end_ns {
            break;
        }
        let x = scale.x_from_time(mark.time_ns as f64);
        let until_ns = scale.time_from_x(x + FOLD_POINTS);
        let rest = marks.get(first..).unwrap_or_default();
        let count = rest
            .partition_point(|mark| (mark.time_ns as f64) < until_ns)
            .max(1);
        let before = first.checked_sub(1).and_then(|before| marks.get(before));
        let last = rest.get(count - 1).unwrap_or(mark);
        folds.push(Fold {
            x,
            end_x: scale.x_from_time(last.time_ns as f64),
            first,
            count,
            bytes: last
                .sum_bytes
                .saturating_sub(before.map_or(0, |before| before.sum_bytes)),
        });
        first += count;
    }
    folds
}

/// The height of a mark for messages of so many bytes, in points: each tenfold is worth as much.
pub fn mark_height(bytes: u64) -> f32 {
    let tens = (bytes.max(1) as f32).log10();
    (4.0 + tens * 1.6).min(11.0)
}
