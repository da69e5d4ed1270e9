//! Draws what is around the windows: bytes and times, the plots' titles, and where the capture was made.

use super::Picture;
use crate::ui::theme::text_size;
use crate::ui::views::flow::layout::Plot;
use crate::ui::views::flow::words;
use crate::ui::widgets::axis::TimeAxis;
use egui::{Align2, FontId, Painter, Rect, Stroke, pos2, vec2};

impl Picture<'_> {
    /// Round numbers of bytes, and zero; above them the plot's title. Answers with the title's place.
    pub(super) fn paint_scale(&self, painter: &Painter, plot: &Plot) -> Rect {
        let theme = self.context.theme;
        let small = FontId::proportional(text_size::SMALL);
        let right = plot.rect.left() - 8.0;
        let relative = self.model.lines.iter().any(|line| line.relative);
        for bytes in plot.ticks() {
            let y = plot.y(bytes);
            let stroke = if bytes == 0 {
                Stroke::new(1.6, theme.text_weak)
            } else {
                Stroke::new(1.0, theme.line)
            };
            painter.hline(plot.rect.x_range(), y, stroke);
            let words = match (bytes, relative) {
                (0, false) if self.waits_above_zero => "0 bytes".to_owned(),
                (0, false) => "0: must wait".to_owned(),
                (0, true) => "as it began".to_owned(),
                _ => words::tick_words(bytes, relative),
            };
            let colour = if bytes == 0 {
                theme.text
            } else {
                theme.text_weak
            };
            painter.text(
                pos2(right, y),
                Align2::RIGHT_CENTER,
                words,
                small.clone(),
                colour,
            );
        }
        let apart = self.layout.apart();
        let of_connection = apart && plot.rect == self.layout.connection.rect;
        let streams = self.model.lines.iter().skip(1);
        let above = streams.filter_map(|line| line.span_in_use(&self.model.settings).1);
        let words = words::title_words(of_connection, apart, above.max());
        let title = self.layout.title(plot);
        let galley = painter.layout_no_wrap(words, small, theme.text_weak);
        let place = Align2::LEFT_CENTER.anchor_size(title.left_center(), galley.size());
        painter.rect_filled(place.expand2(vec2(4.0, 0.0)), 0.0, theme.panel);
        painter.galley(place.min, galley, theme.text_weak);
        place
    }

    /// Round times, above all plots.
    pub(super) fn paint_times(&self, painter: &Painter) {
        let theme = self.context.theme;
        let (plot, axis) = (self.layout.plot_x(), self.layout.axis);
        let times = TimeAxis {
            rect: axis,
            plot,
            scale: &self.scale,
            gap_points: 96.0,
            inset_points: 4.0,
        };
        let pill = self.cursor_pill(painter);
        let taken = pill.map(|(_, pill, _)| pill.x_range().expand(6.0));
        for x in times.paint_around(painter, theme, taken) {
            let stroke = Stroke::new(1.0, theme.line.gamma_multiply(0.6));
            painter.vline(x, self.layout.plot_y(), stroke);
            painter.vline(
                x,
                axis.bottom() - 4.0..=axis.bottom(),
                Stroke::new(1.0, theme.line),
            );
        }
        painter.hline(plot, axis.bottom(), Stroke::new(1.0, theme.line));
    }

    /// Where the capture was made, behind the `title` of the streams' plot; without room there, above the line of 0,
    /// which it is about.
    pub(super) fn paint_standpoint(&self, painter: &Painter, title: Rect) {
        let theme = self.context.theme;
        let plot = &self.layout.streams;
        let words = words::near_receiver_words(self.reader.direction());
        let font = FontId::proportional(text_size::SMALL);
        let galley = painter.layout_no_wrap(words, font, theme.text_weak);
        let (width, height) = (galley.size().x, galley.size().y);
        let behind = plot.rect.right() - width - 4.0;
        let at = if behind >= title.right() + 24.0 {
            pos2(behind, title.center().y - height / 2.0)
        } else {
            let y = plot.y(0).min(plot.rect.bottom()) - 5.0;
            let at = pos2(plot.rect.left() + 8.0, y - height);
            // A part of a sentence explains nothing; who rests on a pause reads the same.
            if !self.has_room_for_sentences() || at.x + width > plot.rect.right() {
                return;
            }
            at
        };
        let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(4.0, 0.0));
        painter.rect_filled(ground, 2.0, theme.panel);
        painter.galley(at, galley, theme.text_weak);
    }
}
