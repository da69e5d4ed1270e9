//! Draws the two lines, the arrows between them, and the folded gaps.

use super::gaps::Gaps;
use super::layout::{self, Layout};
use super::round_trip::RoundTrip;
use super::track::{Rung, Rungs, Track};
use super::words;
use crate::trace::Direction;
use crate::ui::theme::text_size;
use crate::ui::views::flow::stalls::Pauses;
use crate::ui::widgets::{format, mark};
use crate::ui::{Command, Item, ViewContext};
use egui::{
    Align, Align2, Color32, FontId, Painter, Rangef, Rect, Role, Sense, Shape, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

/// How much of its colour something keeps that has not happened yet.
const FUTURE: f32 = 0.45;
/// How much an arrow of another stream keeps while one is looked at: what belongs together stands out.
const ASIDE: f32 = 0.4;
/// An arrow's head, in points.
const HEAD: f32 = 8.0;

/// One picture: what is drawn, and where.
pub struct Picture<'a> {
    /// What the view may read.
    pub context: &'a ViewContext<'a>,
    /// The rungs.
    pub track: Track<'a>,
    /// The places.
    pub layout: Layout,
    /// The folded gaps.
    pub gaps: &'a Gaps,
    /// Who waited.
    pub pauses: &'a Pauses,
    /// How far apart the ends are.
    pub trip: RoundTrip,
    /// How many rungs have happened.
    pub happened: usize,
}

impl Picture<'_> {
    /// Draws everything but the scroll bar.
    pub fn paint_ui(&self, ui: &Ui) {
        let theme = self.context.theme;
        let layout = &self.layout;
        let painter = ui.painter_at(layout.rect);
        self.paint_lines(&painter);
        let body = ui.painter_at(layout.body);
        let visible = layout.visible(self.gaps);
        let mut last_ns = None;
        for index in visible.clone() {
            let Some(rung) = self.track.rung(index) else {
                continue;
            };
            let y = layout.y(index, self.gaps);
            if let Some(gap_ns) = self.gaps.before(index) {
                self.paint_gap(ui, &body, index, gap_ns, y);
            }
            self.rung_ui(ui, &body, index, &rung, y, last_ns);
            last_ns = Some(rung.time_ns);
        }
        // The cursor lies between what has happened and what has not.
        let y = match self.happened.checked_sub(1) {
            Some(last) => layout.y(last, self.gaps) + layout::ROW as f32 / 2.0,
            None => layout.body.top() + 1.0,
        };
        if layout.body.y_range().contains(y) && self.happened < self.track.len() {
            body.hline(layout.rect.x_range(), y, Stroke::new(1.4, theme.cursor));
            let handle = vec![
                pos2(layout.rect.left(), y - 6.0),
                pos2(layout.rect.left() + 9.0, y),
                pos2(layout.rect.left(), y + 6.0),
            ];
            body.add(Shape::convex_polygon(handle, theme.cursor, Stroke::NONE));
        }
    }

    fn x(&self, end: Direction) -> f32 {
        match end {
            Direction::Client => self.layout.client_x,
            Direction::Server => self.layout.server_x,
        }
    }

    /// The two ends, and where the capture was taken between them.
    fn paint_lines(&self, painter: &Painter) {
        let theme = self.context.theme;
        let layout = &self.layout;
        let down = Rangef::new(layout.head.bottom() - 4.0, layout.body.bottom());
        let connection = self.track.reader.connection;
        let body = FontId::proportional(text_size::BODY + 1.0);
        let small = FontId::proportional(text_size::SMALL);
        for end in Direction::BOTH {
            let x = self.x(end);
            painter.vline(x, down, Stroke::new(2.0, theme.text_weak));
            let top = pos2(x, layout.head.top() + 4.0);
            painter.text(
                top,
                Align2::CENTER_TOP,
                end.name(),
                body.clone(),
                theme.text,
            );
            let address = connection.end(end).to_string();
            let below = pos2(x, layout.head.top() + 22.0);
            painter.text(
                below,
                Align2::CENTER_TOP,
                address,
                small.clone(),
                theme.text_weak,
            );
        }
        let at = pos2(layout.rect.left() + 84.0, layout.head.bottom() - 6.0);
        painter.text(
            at,
            Align2::RIGHT_BOTTOM,
            "ms",
            small.clone(),
            theme.text_weak,
        );
        if let Some(place) = self
            .trip
            .place()
            .filter(|place| (0.06..=0.94).contains(place))
        {
            let x = layout.client_x + (layout.server_x - layout.client_x) * place;
            let points = [pos2(x, down.min), pos2(x, down.max)];
            painter.extend(Shape::dashed_line(
                &points,
                Stroke::new(1.0, theme.line),
                3.0,
                5.0,
            ));
            let at = pos2(x, layout.head.bottom() - 6.0);
            painter.text(
                at,
                Align2::CENTER_BOTTOM,
                "captured here (estimate)",
                small,
                theme.text_weak,
            );
        }
    }

    fn paint_gap(&self, ui: &Ui, painter: &Painter, index: usize, gap_ns: i64, y: f32) {
        let theme = self.context.theme;
        let layout = &self.layout;
        let centre = y - (layout::ROW / 2.0 + layout::GAP / 2.0) as f32;
        let across = Rangef::new(layout.client_x - 40.0, layout.server_x + 40.0);
        // The lines are broken: time passes here without its length.
        for end in Direction::BOTH {
            let x = self.x(end);
            let broken = Rangef::new(centre - 9.0, centre + 9.0);
            painter.vline(x, broken, Stroke::new(4.0, theme.panel));
            painter.extend(Shape::dashed_line(
                &[pos2(x, broken.min), pos2(x, broken.max)],
                Stroke::new(2.0, theme.text_weak),
                2.0,
                3.0,
            ));
        }
        for offset in [-9.0, 9.0] {
            let points = [
                pos2(across.min, centre + offset),
                pos2(across.max, centre + offset),
            ];
            painter.extend(Shape::dashed_line(
                &points,
                Stroke::new(1.0, theme.line),
                2.0,
                4.0,
            ));
        }
        let words = words::gap_words(&self.track, self.pauses, index, gap_ns);
        let font = FontId::proportional(text_size::SMALL + 0.5);
        let waits = words.contains("wait");
        let colour = if waits {
            theme.warning
        } else {
            theme.text_weak
        };
        let row = Rect::from_x_y_ranges(across, Rangef::new(centre - 9.0, centre + 9.0));
        mark::line(
            painter,
            row.shrink2(vec2(48.0, 0.0)),
            Align::Center,
            &words,
            &font,
            colour,
        );
        let response = ui.interact(
            row.intersect(layout.body),
            ui.scope_id().with(("gap", index)),
            Sense::hover(),
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("gap: {words}")));
        response.on_hover_text("A quiet time, longer than is usual here, so it is folded.");
    }

    fn rung_ui(
        &self,
        ui: &Ui,
        painter: &Painter,
        index: usize,
        rung: &Rung,
        y: f32,
        last_ns: Option<i64>,
    ) {
        let theme = self.context.theme;
        let layout = &self.layout;
        let row = Rect::from_x_y_ranges(
            layout.rect.left()..=layout.rect.right() - 12.0,
            Rangef::point(y).expand(layout::ROW as f32 / 2.0),
        );
        let visible = row.intersect(layout.body);
        if !visible.is_positive() {
            return;
        }
        let future = index >= self.happened;
        let response = ui.interact(visible, ui.scope_id().with(("rung", index)), Sense::click());
        let selected = self.is_at(rung, self.context.selection, index);
        response.widget_info(|| {
            let stream = rung
                .stream
                .map_or_else(String::new, |stream| format!(", stream {stream}"));
            let label = format!(
                "{} sends {}{stream}",
                rung.from.name(),
                words::rung_words(rung)
            );
            WidgetInfo::selected(Role::Row, true, selected, label)
        });
        if response.hovered() {
            self.context.hover(rung.item);
        }
        if response.clicked() {
            self.context.send(Command::Select(rung.item));
        }
        if selected {
            painter.rect_filled(row, 3.0, theme.selection);
        } else if self.is_at(rung, self.context.hovered, index) || response.has_focus() {
            painter.rect_filled(row, 3.0, theme.hover);
        }
        let own = match rung.stream {
            Some(stream) if !stream.is_connection() => self.context.stream_colour(stream),
            _ => theme.connection_frames,
        };
        let focused = self.context.focused_stream();
        let aside = focused.is_some() && rung.stream != focused;
        let strength = match (future, aside) {
            (false, false) => 1.0,
            (false, true) => ASIDE,
            (true, false) => FUTURE,
            // Both alike would be as good as gone.
            (true, true) => FUTURE * ASIDE.sqrt(),
        };
        let colour = own.gamma_multiply(strength);
        self.paint_arrow(painter, rung, y, colour);
        self.paint_words(painter, rung, row, last_ns, future);
    }

    fn is_at(&self, rung: &Rung, item: Option<Item>, index: usize) -> bool {
        match item {
            Some(item) if item == rung.item => true,
            Some(item) => item.frame().is_some() && self.track.row_of(item) == Some(index),
            None => false,
        }
    }

    fn paint_arrow(&self, painter: &Painter, rung: &Rung, y: f32, colour: Color32) {
        let slant = layout::slant(self.trip.one_way_ns());
        // What is captured near an end is drawn at that end's time.
        let place = self.trip.place().unwrap_or(0.5);
        let travelled = match rung.from {
            Direction::Client => place,
            Direction::Server => 1.0 - place,
        };
        let from = pos2(self.x(rung.from), y - slant * travelled);
        let to = pos2(self.x(rung.from.other()), y + slant * (1.0 - travelled));
        let along = (to - from).normalized();
        let width = if self.track.rungs == Rungs::Segments {
            1.4
        } else {
            2.0
        };
        painter.line_segment([from, to - along * HEAD * 0.7], Stroke::new(width, colour));
        let across = along.rot90() * HEAD * 0.45;
        let head = vec![to, to - along * HEAD + across, to - along * HEAD - across];
        painter.add(Shape::convex_polygon(head, colour, Stroke::NONE));
        painter.circle_filled(from, 3.0, colour);
        if rung.mark.is_some() {
            // A bar before the head: the last of its stream, or something about the segment.
            let at = to - along * (HEAD + 5.0);
            painter.line_segment(
                [at + along.rot90() * 6.0, at - along.rot90() * 6.0],
                Stroke::new(2.0, colour),
            );
        }
    }

    fn paint_words(
        &self,
        painter: &Painter,
        rung: &Rung,
        row: Rect,
        last_ns: Option<i64>,
        future: bool,
    ) {
        let theme = self.context.theme;
        let layout = &self.layout;
        let small = FontId::proportional(text_size::SMALL);
        let mono = FontId::monospace(text_size::SMALL);
        let body = FontId::proportional(text_size::MONOSPACE);
        let when = |colour| {
            if future { theme.later(colour) } else { colour }
        };
        let (strong, weak) = (when(theme.text), when(theme.text_weak));
        let times = row.with_max_x(row.left() + 84.0);
        if last_ns != Some(rung.time_ns) {
            let since = rung.time_ns.saturating_sub(self.track.reader.origin_ns);
            let words = format::milliseconds(since);
            let micro = words
                .rsplit_once(format::GROUP_SEPARATOR)
                .map_or(words.as_str(), |(micro, _)| micro);
            mark::line(painter, times, Align::Max, micro, &mono, weak);
        }
        let gap = 12.0;
        let (place, align) = match rung.from {
            Direction::Client => (
                Rect::from_x_y_ranges(times.right() + 10.0..=layout.client_x - gap, row.y_range()),
                Align::Max,
            ),
            Direction::Server => (
                Rect::from_x_y_ranges(layout.server_x + gap..=row.right() - 4.0, row.y_range()),
                Align::Min,
            ),
        };
        let (stream, colour) = match rung.stream {
            Some(stream) if !stream.is_connection() => {
                (format!("{stream}"), when(self.context.stream_words(stream)))
            }
            _ => (String::new(), weak),
        };
        let said = words::rung_words(rung);
        // Outside the number of the stream, in its colour; towards the line what it says.
        let number = 26.0;
        let (at_number, at_words) = match align {
            Align::Max => (
                place.with_min_x((place.right() - number).max(place.left())),
                place.with_max_x((place.right() - number - 4.0).max(place.left())),
            ),
            _ => (
                place.with_max_x((place.left() + number).min(place.right())),
                place.with_min_x((place.left() + number + 4.0).min(place.right())),
            ),
        };
        mark::line(painter, at_number, Align::Center, &stream, &small, colour);
        mark::line(painter, at_words, align, &said, &body, strong);
    }

    /// The scroll bar. Returns how far a hand has moved the rungs with it.
    pub fn scroll_bar_ui(&self, ui: &Ui) -> Option<f64> {
        let layout = &self.layout;
        let most = layout.max_scroll();
        if most <= 0.0 {
            return None;
        }
        let track = Rect::from_x_y_ranges(
            layout.rect.right() - 9.0..=layout.rect.right() - 1.0,
            layout.body.y_range(),
        );
        let all = layout.height + 40.0;
        let length = (f64::from(track.height()) / all * f64::from(track.height())).max(24.0) as f32;
        let travel = (track.height() - length).max(1.0);
        let top = track.top() + travel * (layout.scroll / most) as f32;
        let handle = Rect::from_min_size(pos2(track.left(), top), vec2(track.width(), length));
        let response = ui.interact(track, ui.scope_id().with("scroll"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "scroll the ladder"));
        let theme = self.context.theme;
        let strength = if response.hovered() || response.dragged() {
            0.7
        } else {
            0.4
        };
        ui.painter()
            .rect_filled(handle, 4.0, theme.text_weak.gamma_multiply(strength));
        if let Some(last) = self.happened.checked_sub(1) {
            // Where the cursor is in all of it.
            let share = last as f32 / self.track.len().max(1) as f32;
            let y = track.top() + track.height() * share;
            ui.painter()
                .hline(track.x_range(), y, Stroke::new(2.0, theme.cursor));
        }
        let at = response
            .interact_pointer_pos()
            .filter(|_| response.dragged() || response.clicked())?;
        let share = ((at.y - track.top() - length / 2.0) / travel).clamp(0.0, 1.0);
        Some(f64::from(share) * most)
    }
}
