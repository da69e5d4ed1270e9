//! The bar of a call's deadline.

use super::super::layout::{Lane, deadline_bar, deadline_words_x};
use super::super::words;
use super::Lanes;
use crate::ui::grpc::{CallRow, Standing};
use crate::ui::widgets::hatch;
use egui::{Painter, Pos2, Rangef, Rect, Stroke, StrokeKind, pos2, vec2};

/// Width of the sign behind a bar that is cut, in points.
const GOES_ON_POINTS: f32 = 18.0;

/// Dots and an arrow behind a bar that is longer than it is drawn.
pub(super) fn goes_on(painter: &Painter, from: Pos2, stroke: Stroke) {
    for dot in [3.0, 7.0, 11.0] {
        painter.circle_filled(from + vec2(dot, 0.0), 1.2, stroke.color);
    }
    let tip = from + vec2(GOES_ON_POINTS, 0.0);
    for up in [-4.0, 4.0] {
        painter.line_segment([tip + vec2(-4.0, up), tip], stroke);
    }
}

impl Lanes<'_> {
    /// The bar of the deadline: an outline as long as the call may take, filled with what is left of it; with dots and an
    /// arrow where it reaches beyond the plot.
    pub(super) fn deadline(
        &self,
        painter: &Painter,
        row: &CallRow,
        standing: Standing,
        now_ns: i64,
        lane: &Lane,
    ) {
        let theme = self.context.theme;
        let width = f64::from(lane.plot.width());
        let Some(bar) = deadline_bar(row, standing, now_ns, &self.scale, width) else {
            return;
        };
        let running = matches!(standing, Standing::Running { .. });
        let strength = if running { 1.0 } else { 0.45 };
        let part = |range: &std::ops::Range<f64>| {
            let x = |x: f64| lane.plot.left() + x.clamp(-1e5, 1e5) as f32;
            let end = bar.cut.map_or(range.end, |cut| range.end.min(cut));
            let end = end.max(range.start);
            Rect::from_x_y_ranges(x(range.start)..=x(end), lane.deadline)
        };
        let whole = part(&bar.whole);
        painter.rect_stroke(
            whole,
            2.0,
            Stroke::new(1.0, theme.text_weak.gamma_multiply(strength)),
            StrokeKind::Inside,
        );
        let left = part(&bar.left);
        if left.width() > 0.5 {
            let filled = match standing {
                Standing::Running { .. } => theme.accent.gamma_multiply(0.85),
                Standing::NotYet => theme.accent.gamma_multiply(0.12),
                // What was left when it ended, for comparing.
                Standing::Ended => theme.accent.gamma_multiply(0.2),
            };
            painter.rect_filled(left.shrink(1.0), 1.0, filled);
        }
        let end = Stroke::new(2.0, theme.text_weak.gamma_multiply(strength));
        if bar.cut.is_some() {
            goes_on(painter, pos2(whole.right(), lane.deadline.center()), end);
        } else {
            painter.vline(whole.right(), lane.deadline.expand(2.0), end);
        }
        let mut words_x = whole.right() + 8.0;
        if let Some(over) = &bar.over {
            let over = part(over);
            let colour = theme.error.gamma_multiply(strength.max(0.8));
            painter.rect_filled(over, 0.0, colour.gamma_multiply(0.25));
            hatch::hatch(painter, over, colour);
            painter.vline(
                whole.right(),
                lane.deadline.expand(3.0),
                Stroke::new(2.0, colour),
            );
            words_x = words_x.max(over.right() + 6.0);
        }
        let (words, colour) = match words::left(row, standing) {
            Some(words) => {
                let late = bar.over.is_some();
                (words, if late { theme.error } else { theme.accent })
            }
            None if standing == Standing::Ended && row.is_late() => {
                (words::exceeded(row), theme.error)
            }
            None => (words::allowed(row).unwrap_or_default(), theme.text_weak),
        };
        // A lane out of sight needs no words of a deadline far away.
        if whole.right() < lane.plot.left() || whole.left() > lane.plot.right() {
            return;
        }
        let galley = painter.layout_no_wrap(words, self.small.clone(), colour);
        let place = Rangef::new(whole.left().max(lane.plot.left()), whole.right());
        if bar.cut.is_some() {
            // Behind it is the sign that it goes on.
            words_x = lane.plot.right();
        }
        let x = deadline_words_x(lane.plot.x_range(), place, words_x, galley.size().x);
        let at = pos2(x, lane.deadline.center() - galley.size().y / 2.0);
        if x < words_x {
            let behind = Rect::from_min_size(at, galley.size()).expand2(vec2(4.0, 0.0));
            painter.rect_filled(behind, 2.0, self.ground(row));
        }
        painter.galley(at, galley, colour);
    }
}
