//! The cursor among the lanes: its line, and above it what it is and when.

use super::super::words;
use super::Lanes;
use crate::ui::Theme;
use egui::{Galley, Painter, Rangef, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use std::sync::Arc;

/// From the line to the words, in points.
const GAP_POINTS: f32 = 5.0;

/// The cursor, where the lanes show its instant.
pub(super) struct CursorLabel {
    x: f32,
    words: String,
    galley: Arc<Galley>,
    place: Rect,
}

impl CursorLabel {
    /// Where it is; `None` where its instant is out of sight.
    pub(super) fn of(lanes: &Lanes<'_>, painter: &Painter, plot: Rect) -> Option<Self> {
        let x = plot.left() + lanes.cursor_x? as f32;
        if !plot.x_range().contains(x) {
            return None;
        }
        let words = format!("cursor {}", words::at(lanes.cursor_ns));
        let colour = lanes.context.theme.cursor;
        let galley = painter.layout_no_wrap(words.clone(), lanes.small.clone(), colour);
        let left = label_left(plot.x_range(), x, galley.size().x);
        let place = Rect::from_min_size(pos2(left, plot.top() + 3.0), galley.size());
        Some(Self {
            x,
            words,
            galley,
            place,
        })
    }

    /// Whether its words and words there would run into each other.
    pub(super) fn covers(&self, words: Rangef) -> bool {
        self.place.x_range().expand(8.0).intersects(words)
    }

    /// Draws the line from top to bottom, and the words.
    pub(super) fn paint(self, ui: &Ui, theme: &Theme, y: Rangef) {
        let line = Stroke::new(1.0, theme.cursor.gamma_multiply(0.7));
        ui.painter().vline(self.x, y, line);
        let back = self.place.expand2(vec2(3.0, 0.0));
        ui.painter().rect_filled(back, 2.0, theme.panel);
        ui.painter()
            .galley(self.place.min, self.galley, theme.cursor);
        let id = ui.scope_id().with("cursor");
        let response = ui.interact(self.place, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &self.words));
    }
}

/// Where the words begin: right of the line, left of it where the plot ends.
fn label_left(plot: Rangef, x: f32, width: f32) -> f32 {
    match x + GAP_POINTS + width <= plot.max {
        true => x + GAP_POINTS,
        false => (x - GAP_POINTS - width).max(plot.min),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_the_cursor_stands_beside_its_line_within_the_plot() {
        let plot = Rangef::new(100.0, 500.0);
        assert_eq!(label_left(plot, 200.0, 90.0), 205.0);
        assert_eq!(label_left(plot, 480.0, 90.0), 385.0);
        assert_eq!(label_left(plot, 110.0, 600.0), 100.0);
    }
}
