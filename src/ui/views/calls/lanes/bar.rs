//! The bar of a call's deadline.

use super::super::layout::{Lane, deadline_bar};
use super::super::words;
use super::Lanes;
use crate::ui::grpc::{CallRow, Standing};
use crate::ui::widgets::hatch;
use egui::{Painter, Rect, Stroke, StrokeKind, pos2, vec2};

impl Lanes<'_> {
    /// The bar of the deadline: an outline as long as the call may take, filled with what is left of it.
    pub(super) fn deadline(
        &self,
        painter: &Painter,
        row: &CallRow,
        standing: Standing,
        now_ns: i64,
        lane: &Lane,
    ) {
        let theme = self.context.theme;
        let Some(bar) = deadline_bar(row, standing, now_ns, &self.scale) else {
            return;
        };
        let running = matches!(standing, Standing::Running { .. });
        let strength = if running { 1.0 } else { 0.45 };
        let part = |range: &std::ops::Range<f64>| {
            let x = |x: f64| lane.plot.left() + x.clamp(-1e5, 1e5) as f32;
            Rect::from_x_y_ranges(x(range.start)..=x(range.end), lane.deadline)
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
        painter.vline(whole.right(), lane.deadline.expand(2.0), end);
        let mut words_x = whole.right() + 6.0;
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
                ("deadline exceeded".to_owned(), theme.error)
            }
            None => return,
        };
        let galley = painter.layout_no_wrap(words, self.small.clone(), colour);
        // Where there is no room behind the bar, before its end.
        let limit = lane.plot.right() - galley.size().x - 2.0;
        let x = words_x.min(limit).max(lane.plot.left() + 2.0);
        let y = lane.deadline.center() - galley.size().y / 2.0;
        let at = pos2(x, y);
        let behind = Rect::from_min_size(at, galley.size()).expand2(vec2(2.0, 0.0));
        if x < words_x {
            painter.rect_filled(behind, 2.0, theme.panel.gamma_multiply(0.85));
        }
        painter.galley(at, galley, colour);
    }
}
