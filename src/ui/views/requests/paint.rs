//! Draws a row: its numbers, and its part of the waterfall.

use super::model::{Row, Rows};
use super::{COLUMNS, row_parts, row_text};
use crate::trace::{Carrier, Connection};
use crate::ui::theme::text_size;
use crate::ui::widgets::time_scale::TimeScale;
use crate::ui::widgets::{format, hatch, mark, table};
use crate::ui::{Command, Item, ViewContext};
use egui::{
    Align, Color32, CornerRadius, FontId, Painter, Rect, Response, Role, Sense, Stroke, StrokeKind,
    TextStyle, Ui, WidgetInfo, pos2, vec2,
};
use std::ops::Range;

/// How much of its colour something keeps that has not happened yet.
const FUTURE: f32 = 0.3;

/// The table about to be drawn.
pub(super) struct Waterfall<'a> {
    /// How many lines a row has for its words.
    pub(super) lines: usize,
    pub(super) context: &'a ViewContext<'a>,
    pub(super) connection: &'a Connection,
    pub(super) rows: &'a Rows,
    pub(super) places: &'a [Range<f32>],
}

/// What the waterfall shows: from 0 on, unless the first request came so late that most of it would be empty.
fn shown_ns((first, last): (i64, i64)) -> (f64, f64) {
    let (first, last) = (first as f64, last as f64);
    let from = if first <= last - first { 0.0 } else { first };
    let room = (last - from) * 0.02;
    (from.min(first) - room, last + room)
}

impl Waterfall<'_> {
    /// The labels of time, in the line of the waterfall.
    pub(super) fn axis_ui(&self, ui: &mut Ui) {
        let height = ui.text_style_height(&TextStyle::Small) + 4.0;
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        let cell = self.cell(rect);
        let scale = self.scale(cell.width());
        let theme = self.context.theme;
        let font = FontId::proportional(text_size::SMALL);
        let ticks = scale.ticks(f64::from(cell.width()), 62.0);
        for time_ns in ticks.times_ns() {
            let x = cell.left() + scale.x_from_time(time_ns) as f32;
            let words = ticks.label(time_ns);
            let galley = ui
                .painter()
                .layout_no_wrap(words, font.clone(), theme.text_weak);
            if x + galley.size().x < cell.right() + 6.0 {
                ui.painter()
                    .galley(pos2(x + 3.0, rect.top()), galley, theme.text_weak);
            }
            let line = Stroke::new(1.0, theme.line);
            ui.painter().vline(x, rect.y_range(), line);
        }
    }

    fn cell(&self, row: Rect) -> Rect {
        let place = self.places.last().cloned().unwrap_or_default();
        table::cell(row, &place)
    }

    fn scale(&self, width: f32) -> TimeScale {
        let (start, end) = shown_ns(self.rows.times_ns);
        TimeScale::new(start, end, f64::from(width))
    }

    pub(super) fn row_ui(&self, ui: &Ui, row: &Row, rect: Rect, list: &Response) {
        let (context, theme) = (self.context, self.context.theme);
        let item = Item::of_carrier(self.connection.id, row.carrier);
        let response = ui.interact(rect, list.id.with(row.carrier), Sense::CLICK);
        let selected = context.selected_carrier() == Some(row.carrier);
        let words = || row_text(context, self.connection, self.rows, row);
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, words()));
        if response.clicked() {
            list.request_focus();
            context.send(Command::Select(item));
        }
        if response.hovered() {
            context.hover(item);
        }
        let painter = ui.painter();
        let back = rect.shrink2(vec2(0.0, 1.0));
        if selected {
            painter.rect_filled(back, 4.0, theme.selection);
        } else if response.hovered() || context.hovered == Some(item) {
            painter.rect_filled(back, 4.0, theme.hover);
        }
        let later = !context.has_come(row.first);
        let dim = |colour: Color32| {
            if later {
                context.theme.later(colour)
            } else {
                colour
            }
        };
        let mono = FontId::monospace(text_size::SMALL);
        let body = TextStyle::Body.resolve(ui.style());
        let small = TextStyle::Small.resolve(ui.style());
        let ms = |time_ns: i64| format!("{:.2}", time_ns as f64 / 1e6);
        let cells = [
            match row.carrier {
                Carrier::Stream(stream) => stream.to_string(),
                Carrier::Exchange(exchange) => format!("x{exchange}"),
            },
            row.purpose.clone(),
            row.outcome.clone(),
            format::short_bytes(row.bytes),
            ms(row.started_ns),
            row.sending_ns().map_or_else(String::new, ms),
            row.waiting_ns
                .map_or_else(String::new, |of| format!("{:.2}", of as f64 / 1e6)),
            row.receiving_ns().map_or_else(String::new, ms),
            match row.held_ns {
                0 => String::new(),
                held => format!("{:.2}", held as f64 / 1e6),
            },
            row.held_by.clone(),
            ms(row.total_ns()),
        ];
        for (index, ((column, place), words)) in
            COLUMNS.iter().zip(self.places).zip(&cells).enumerate()
        {
            let mut cell = table::cell(rect, place);
            let align = if column.number {
                Align::Max
            } else {
                Align::Min
            };
            let (font, colour) = match index {
                1 => (&body, theme.text),
                2 | 9 => (&small, theme.text_weak),
                8 => (&mono, theme.warning),
                _ => (&mono, theme.text),
            };
            if index == 0 && cell.width() > 30.0 {
                let centre = pos2(cell.left() + 6.0, cell.center().y);
                let colour = dim(context.carrier_colour(row.carrier));
                mark::swatch(painter, centre, colour, context.carrier_lap(row.carrier));
                cell.min.x += 14.0;
            }
            if matches!(index, 1 | 9) && self.lines > 1 {
                mark::lines(painter, cell, self.lines, words, font, dim(colour));
            } else {
                mark::line(painter, cell, align, words, font, dim(colour));
            }
        }
        let cell = self.cell(rect);
        if cell.width() > 4.0 {
            self.paint_bar(&ui.painter_at(cell), row, cell);
        }
        response.on_hover_ui_at_pointer(|ui| {
            ui.label(row_parts(context, self.connection, self.rows, row).join("\n"));
        });
    }

    /// Thin while the request is sent and the response awaited, thick while it comes.
    fn paint_bar(&self, painter: &Painter, row: &Row, cell: Rect) {
        let (context, theme) = (self.context, self.context.theme);
        let scale = self.scale(cell.width());
        let x = |time_ns: i64| cell.left() + scale.x_from_time(time_ns as f64) as f32;
        let colour = context.carrier_colour(row.carrier);
        let y = cell.center().y;
        let cursor_x = context.now_ns().map(|now| {
            let origin = context.trace.time_range_ns.map_or(0, |(first, _)| first);
            x(now.saturating_sub(origin))
        });
        // In two parts: what has happened at the cursor, and what has not.
        let split = cursor_x.unwrap_or(cell.right());
        let parts = [
            (cell.with_max_x(split.max(cell.left())), 1.0),
            (cell.with_min_x(split.min(cell.right())), FUTURE),
        ];
        for (clip, strength) in parts {
            let painter = painter.with_clip_rect(clip.intersect(painter.clip_rect()));
            let colour = colour.gamma_multiply(strength);
            let sent = row.request_end_ns.unwrap_or(row.started_ns);
            let answered = row.first_byte_ns.unwrap_or(row.ended_ns);
            let thin = |from: f32, to: f32, half: f32, colour: Color32| {
                let bar = Rect::from_x_y_ranges(from..=to.max(from + 1.5), y - half..=y + half);
                painter.rect_filled(bar, 0.0, colour);
            };
            thin(x(row.started_ns), x(sent), 3.0, colour);
            thin(
                x(sent),
                x(answered.max(sent)),
                0.75,
                colour.gamma_multiply(0.8),
            );
            if let Some(first) = row.first_byte_ns {
                let last = row.last_byte_ns.unwrap_or(row.ended_ns);
                let bar = Rect::from_x_y_ranges(
                    x(first)..=x(last).max(x(first) + 2.5),
                    y - 6.0..=y + 6.0,
                );
                painter.rect_filled(bar, CornerRadius::same(2), colour.gamma_multiply(0.75));
                painter.vline(x(first) + 0.75, bar.y_range(), Stroke::new(1.5, colour));
                if !row.whole {
                    let broken = Stroke::new(1.5, theme.error.gamma_multiply(strength));
                    painter.rect_stroke(bar, 2.0, broken, StrokeKind::Inside);
                }
            }
            for interim in &row.interim_ns {
                painter.circle_filled(pos2(x(*interim), y), 2.5, colour);
            }
            let (start, end) = (scale.start_ns(), scale.time_from_x(f64::from(cell.width())));
            let waits = row.carrier.stream();
            let waits = waits.map(|stream| self.rows.waits.within(stream, start, end));
            for wait in waits.into_iter().flatten() {
                let (from, until) = (x(wait.from_ns), x(wait.until_ns));
                if wait.reason.is_held_back() && until - from >= 1.0 {
                    let rect = Rect::from_x_y_ranges(from..=until, y - 6.0..=y + 6.0);
                    let warning = theme.warning.gamma_multiply(strength);
                    painter.rect_filled(rect, 0.0, warning.gamma_multiply(0.18));
                    let clipped = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
                    hatch::hatch(&clipped, rect, warning.gamma_multiply(0.7));
                }
            }
        }
        if let Some(x) = cursor_x.filter(|x| cell.x_range().contains(*x)) {
            let line = Stroke::new(1.0, theme.cursor.gamma_multiply(0.6));
            painter.vline(x, cell.y_range(), line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waterfall_begins_at_0_unless_that_is_far_away() {
        assert_eq!(shown_ns((40, 240)), (-4.8, 244.8));
        assert_eq!(shown_ns((1000, 1100)), (998.0, 1102.0));
    }
}
