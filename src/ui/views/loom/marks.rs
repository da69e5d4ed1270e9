//! What is marked on the loom: the selected frame, the one pointed at, and an area being chosen.

use super::bars::hang;
use super::glyph::{Glyph, RADIUS_POINTS};
use super::layout::Layout;
use super::paint::Picture;
use super::places::frame_width;
use crate::trace::{Direction, FrameId};
use egui::{Color32, Painter, Rangef, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

impl Picture<'_> {
    /// Rings a frame on the wire and in its lane, and ties the two together.
    pub(super) fn paint_mark(&self, in_plot: &Painter, id: FrameId, selected: bool) {
        let Some((time_ns, frame)) = self.reader.frame(id) else {
            return;
        };
        let (x, room) = self.model.places.slot(id, time_ns);
        let width = frame_width(room);
        let x = self.x(x);
        let middle = x + width / 2.0;
        let direction = self.reader.connection.direction(frame.side);
        let theme = self.context.theme;
        let colour = if selected {
            theme.text
        } else {
            theme.text_weak
        };
        let row = self.layout.wire[direction.index()];
        let on_wire = Rect::from_min_max(
            pos2(x - 1.5, row.top()),
            pos2(x + width + 1.5, row.bottom()),
        );
        mark(
            in_plot,
            on_wire,
            colour,
            self.context.stream_colour(frame.stream),
            selected,
        );
        let Some(lane) = self
            .model
            .lanes
            .iter()
            .find(|lane| lane.stream == frame.stream)
        else {
            return;
        };
        let rect = self.layout.lane_or_connection(lane.at);
        let half = Layout::half(rect, direction);
        let painter = self.lane_painter(in_plot, lane);
        let around = match Glyph::of(frame.kind) {
            Glyph::Bar => {
                let bytes = super::summary::frame_bytes(frame);
                let height = half.height() * self.height_share(bytes);
                hang(half, direction, x, width, 0.0..height).expand(2.0)
            }
            _ => {
                let centre = pos2(middle, half.center().y);
                Rect::from_center_size(centre, vec2(2.0, 2.0) * (RADIUS_POINTS + 2.5))
            }
        };
        let tie = Rangef::new(self.layout.wire[1].bottom(), around.top());
        if row.bottom() < tie.max {
            let from = if direction == Direction::Client {
                row.bottom()
            } else {
                tie.min
            };
            let stroke = Stroke::new(
                1.0,
                self.context
                    .stream_colour(frame.stream)
                    .gamma_multiply(0.55),
            );
            let reach = self.layout.lanes.bottom().min(tie.max);
            in_plot.vline(middle, from..=reach.max(from), stroke);
        }
        mark(
            &painter,
            around,
            colour,
            self.context.stream_colour(frame.stream),
            selected,
        );
    }

    /// The area that is being chosen.
    pub fn paint_area(&self, ui: &Ui, area: Rect) {
        let accent = self.context.theme.accent;
        let painter = ui.painter_at(self.layout.rect);
        painter.rect_filled(area, 0.0, accent.gamma_multiply(0.15));
        painter.vline(area.left(), area.y_range(), Stroke::new(1.0, accent));
        painter.vline(area.right(), area.y_range(), Stroke::new(1.0, accent));
        let duration = f64::from(area.width()) * self.model.places.scale.ns_per_point();
        let words = crate::report::text::duration(duration as u64);
        let font = egui::FontId::proportional(12.0);
        let at = pos2(area.center().x, area.top() + 4.0);
        painter.text(
            at,
            egui::Align2::CENTER_TOP,
            words,
            font,
            self.context.theme.text,
        );
    }
}

/// A ring around a frame; what is selected glows.
fn mark(painter: &Painter, around: Rect, colour: Color32, glow: Color32, selected: bool) {
    if selected {
        // A glow around the ring; what is inside keeps its contrast.
        for (reach, strength) in [(1.5, 0.75), (3.5, 0.4), (5.5, 0.18)] {
            let stroke = Stroke::new(2.0, glow.gamma_multiply(strength));
            painter.rect_stroke(
                around.expand(reach),
                reach + 2.0,
                stroke,
                StrokeKind::Outside,
            );
        }
    }
    let width = if selected { 1.6 } else { 1.0 };
    painter.rect_stroke(around, 2.0, Stroke::new(width, colour), StrokeKind::Outside);
}
