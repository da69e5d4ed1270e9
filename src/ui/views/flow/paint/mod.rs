//! Draws the windows: steps over time, pauses behind them, values at the cursor.

mod legend;
mod scale;
mod waits;

use super::layout::{Layout, Plot};
use super::line::Line;
use super::model::{Model, Reader};
use super::stalls::Pause;
use super::words;
use crate::trace::FrameId;
use crate::ui::ViewContext;
use crate::ui::theme::text_size;
use crate::ui::widgets::time_scale::TimeScale;
use crate::wire::http2::StreamId;
use egui::{Color32, FontId, Galley, Painter, Pos2, Rangef, Rect, Shape, Stroke, Ui, pos2, vec2};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of who waits, and how many points of the view's height each of them takes for granted: in a low view the windows
/// themselves need the room.
const MAX_ROWS: usize = 9;
/// See above.
const HEIGHT_PER_ROW: f32 = 72.0;
/// Lines with more steps get no marks for each.
const MAX_MARKS: usize = 160;
/// How much of its colour something keeps that has not happened yet.
const FUTURE: f32 = 0.3;
/// A lower plot has no room for sentences among its lines.
const LEAST_FOR_SENTENCES: f32 = 110.0;

/// One picture: what is drawn, and where.
pub struct Picture<'a> {
    /// What the view may read.
    pub context: &'a ViewContext<'a>,
    /// Whose windows.
    pub reader: Reader<'a>,
    /// The places.
    pub layout: Layout,
    /// The time.
    pub scale: TimeScale,
    /// The lines.
    pub model: &'a Model,
    /// The selected stream.
    pub selected: Option<StreamId>,
    /// Who waits in view, from top to bottom; stream 0 stands for all.
    pub waiting: Vec<StreamId>,
    /// Whether some wait began before the window was used up here: what was left was still on its way.
    pub waits_above_zero: bool,
}

/// Who gets a row in a view of this height: those that wait longest, in the order of their numbers.
pub fn waiting_rows(pauses: &[Pause], selected: Option<StreamId>, height: f32) -> Vec<StreamId> {
    let mut waited: BTreeMap<StreamId, i64> = BTreeMap::new();
    for pause in pauses {
        let lasted = pause
            .until_ns
            .unwrap_or(i64::MAX)
            .saturating_sub(pause.from_ns);
        let sum = waited.entry(pause.row()).or_default();
        *sum = sum.saturating_add(lasted.max(0));
    }
    let mut rows: Vec<(StreamId, i64)> = waited.into_iter().collect();
    rows.sort_by_key(|&(stream, lasted)| {
        let first = stream.is_connection() || Some(stream) == selected;
        (!first, std::cmp::Reverse(lasted))
    });
    let most = (height / HEIGHT_PER_ROW).max(3.0) as usize;
    rows.truncate(most.min(MAX_ROWS));
    rows.sort_unstable();
    rows.into_iter().map(|(stream, _)| stream).collect()
}

/// What is left of a line from top to bottom between parts of it that lie in order.
fn parts_between(line: Rangef, parts: impl Iterator<Item = Rangef>) -> Vec<Rangef> {
    let mut from = line.min;
    let mut left = Vec::new();
    for part in parts {
        left.push(Rangef::new(from, part.min));
        from = from.max(part.max);
    }
    left.push(Rangef::new(from, line.max));
    left.retain(|part| part.span() > 0.0);
    left
}

/// Between the two lines of a stream whose colour another one has already.
const DOUBLE_POINTS: f32 = 1.2;

impl Picture<'_> {
    fn plot_of(&self, line: &Line) -> &Plot {
        if line.stream.is_connection() {
            &self.layout.connection
        } else {
            &self.layout.streams
        }
    }

    fn colour(&self, stream: StreamId) -> Color32 {
        if stream.is_connection() {
            self.context.theme.text
        } else {
            self.context.stream_colour(stream)
        }
    }

    /// Where an instant is drawn, counted from the left edge of the window.
    fn x(&self, time_ns: i64) -> f32 {
        let since = time_ns.saturating_sub(self.reader.origin_ns) as f64;
        let x = self.scale.x_from_time(since).clamp(-1e6, 1e6);
        self.layout.plot_x().min + x as f32
    }

    /// Where the cursor is; everything right of it has not happened yet.
    fn cursor_x(&self) -> Option<f32> {
        Some(self.x(self.context.now_ns()?))
    }

    /// The line nearest to a point, and the frame that last changed it there.
    pub fn line_near(&self, at: Pos2, near: f32) -> Option<(usize, Option<FrameId>)> {
        let x = at.x - self.layout.plot_x().min;
        let lines = self.model.lines.iter().enumerate();
        let distances = lines.filter_map(|(index, line)| {
            let plot = self.plot_of(line);
            let level = (plot.y(line.value_at(x)?) - at.y).abs();
            // A rise or fall nearby counts as much as a level.
            let step = line
                .step_at(x + near)
                .filter(|step| (step.x - x).abs() < near);
            let upright = step.map(|step| {
                let (top, bottom) = (plot.y(step.span.greatest), plot.y(step.span.least));
                let away = (top - at.y).max(at.y - bottom).max(0.0);
                away.max((step.x - x).abs())
            });
            let distance = upright.map_or(level, |upright| upright.min(level));
            let frame = step.or_else(|| line.step_at(x)).map(|step| step.frame);
            (distance < near).then_some((distance, index, frame))
        });
        let nearest = distances.min_by(|one, other| one.0.total_cmp(&other.0))?;
        Some((nearest.1, nearest.2))
    }

    /// The pause at a point, in its row or behind the plots.
    pub fn pause_at(&self, at: Pos2, pauses: &[Pause]) -> Option<Pause> {
        if !self.layout.plot_x().contains(at.x) {
            return None;
        }
        let row = (0..self.waiting.len()).find(|&row| self.layout.waiting_row(row).contains(at));
        let stream = row.and_then(|row| self.waiting.get(row).copied());
        if stream.is_none() && !self.layout.plot_y().contains(at.y) {
            return None;
        }
        let is_drawn = |pause: &&Pause| match stream {
            Some(stream) => pause.row() == stream,
            None => self.has_band(pause),
        };
        let away = |pause: &Pause| {
            let band = self.band(pause);
            (band.min - at.x).max(at.x - band.max).max(0.0)
        };
        let drawn = pauses.iter().filter(is_drawn);
        // Beyond the end of one the next may begin.
        let near = drawn.filter(|pause| away(pause) <= 1.5);
        near.min_by(|one, other| away(one).total_cmp(&away(other)))
            .copied()
    }

    /// Whether a pause is shown behind the plots too: that of the selected stream, and that of all.
    fn has_band(&self, pause: &Pause) -> bool {
        pause.row().is_connection() || Some(pause.stream) == self.selected
    }

    fn band(&self, pause: &Pause) -> Rangef {
        let from = self.x(pause.from_ns);
        let until = pause
            .until_ns
            .map_or(self.layout.plot_x().max, |until| self.x(until));
        Rangef::new(from, until.max(from + 1.5))
    }

    fn has_room_for_sentences(&self) -> bool {
        self.layout.streams.rect.height() >= LEAST_FOR_SENTENCES
    }

    /// Draws everything but the legend.
    pub fn paint(&self, ui: &Ui, pauses: &[Pause]) {
        let painter = ui.painter_at(self.layout.rect);
        let theme = self.context.theme;
        let area = Rect::from_x_y_ranges(self.layout.plot_x(), self.layout.plot_y());
        let in_plots = ui.painter_at(area.expand2(vec2(0.0, 6.0)));
        painter.rect_filled(self.layout.streams.rect, 2.0, theme.lane);
        if self.layout.apart() {
            painter.rect_filled(self.layout.connection.rect, 2.0, theme.lane);
        }
        self.paint_bands(&in_plots, pauses);
        self.paint_times(&painter);
        let title = self.paint_scale(&painter, &self.layout.streams);
        if self.layout.apart() {
            self.paint_scale(&painter, &self.layout.connection);
        }
        self.paint_settings(&in_plots);
        for line in self.model.lines.iter().rev() {
            if Some(line.stream) != self.selected {
                self.paint_line(&in_plots, line);
            }
        }
        for line in &self.model.lines {
            if Some(line.stream) == self.selected {
                self.paint_line(&in_plots, line);
            }
        }
        if self.has_room_for_sentences() {
            self.paint_band_words(&in_plots, pauses);
        }
        let numbers = self.paint_waiting(&painter, pauses);
        if self.waits_above_zero {
            self.paint_standpoint(&painter, title);
        }
        self.paint_cursor(&painter, pauses, &numbers);
    }

    /// Where a SETTINGS moved the windows of all streams.
    fn paint_settings(&self, painter: &Painter) {
        let theme = self.context.theme;
        let small = FontId::proportional(text_size::SMALL);
        let mut free = f32::NEG_INFINITY;
        for &(x, value) in &self.model.settings {
            let x = self.layout.plot_x().min + x;
            let down = self.layout.streams.rect.y_range();
            let points = [pos2(x, down.min), pos2(x, down.max)];
            let stroke = Stroke::new(1.2, theme.accent);
            painter.extend(Shape::dashed_line(&points, stroke, 3.0, 4.0));
            if x < free || !self.has_room_for_sentences() {
                continue;
            }
            let words = format!(
                "SETTINGS: every stream begins with {}",
                super::layout::bytes_words(i64::from(value))
            );
            let galley = painter.layout_no_wrap(words, small.clone(), theme.accent);
            // Below the line of 0, where no window is; without room there, the dashed line stands alone.
            let at = pos2(x + 5.0, down.max - 4.0 - galley.size().y);
            if at.y < self.layout.streams.y(0) + 2.0 {
                continue;
            }
            if at.x + galley.size().x > self.layout.plot_x().max {
                continue;
            }
            free = at.x + galley.size().x + 8.0;
            let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 0.0));
            painter.rect_filled(ground, 2.0, theme.lane.gamma_multiply(0.8));
            painter.galley(at, galley, theme.accent);
        }
    }

    fn paint_line(&self, painter: &Painter, line: &Line) {
        let plot = self.plot_of(line);
        let left = self.layout.plot_x().min;
        let selected = Some(line.stream) == self.selected;
        let focused = self.context.focused_stream();
        let pointed = focused == Some(line.stream);
        let someone = focused.is_some();
        let (width, strength) = match (selected || pointed, line.stream.is_connection()) {
            (true, _) => (2.6, 1.0),
            (false, true) => (1.8, 0.95),
            (false, false) if someone => (1.2, 0.35),
            (false, false) => (1.5, 0.9),
        };
        let colour = self.colour(line.stream).gamma_multiply(strength);
        let mut points = vec![pos2(left + line.from_x, plot.y(line.at_start))];
        let mut value = line.at_start;
        for step in &line.steps {
            let x = left + step.x;
            points.push(pos2(x, plot.y(value)));
            let (low, high) = (value.min(step.after), value.max(step.after));
            if step.span.least < low || step.span.greatest > high {
                // It went further within this column, and came back.
                let reach =
                    [step.span.greatest, step.span.least].map(|bytes| pos2(x, plot.y(bytes)));
                let future = if self.is_future(x) { FUTURE } else { 1.0 };
                painter.line_segment(reach, Stroke::new(width, colour.gamma_multiply(future)));
            }
            points.push(pos2(x, plot.y(step.after)));
            value = step.after;
        }
        points.push(pos2(left + line.to_x, plot.y(value)));
        let dashed = line.stream.is_connection() || line.relative;
        let lap = self.context.carrier_lap(line.stream.into());
        if dashed || lap == 0 {
            self.split_at_cursor(painter, &points, Stroke::new(width, colour), dashed);
        } else {
            // Another stream has the colour already: two thin lines in the place of one.
            let both = Stroke::new(width + DOUBLE_POINTS, colour);
            self.split_at_cursor(painter, &points, both, false);
            painter.line(points, Stroke::new(DOUBLE_POINTS, self.context.theme.lane));
        }
        if line.steps.len() <= MAX_MARKS && (selected || line.stream.is_connection()) {
            for step in line.steps.iter().filter(|step| step.raised) {
                let at = pos2(left + step.x, plot.y(step.after));
                if !self.is_future(at.x) {
                    painter.circle(at, 4.2, self.context.theme.lane, Stroke::new(1.8, colour));
                }
            }
        }
    }

    fn is_future(&self, x: f32) -> bool {
        self.cursor_x().is_none_or(|cursor| x > cursor + 0.5)
    }

    /// A line that is dimmed behind the cursor.
    fn split_at_cursor(&self, painter: &Painter, points: &[Pos2], stroke: Stroke, dashed: bool) {
        let everything = painter.clip_rect();
        let x = self
            .cursor_x()
            .unwrap_or(everything.left())
            .clamp(everything.left(), everything.right());
        let draw = |clip: Rect, stroke: Stroke| {
            let painter = painter.with_clip_rect(clip);
            if dashed {
                painter.extend(Shape::dashed_line(points, stroke, 6.0, 3.5));
            } else {
                painter.line(points.to_vec(), stroke);
            }
        };
        if x > everything.left() {
            draw(everything.with_max_x(x + 1.0), stroke);
        }
        if x < everything.right() {
            let dim = Stroke::new(stroke.width, stroke.color.gamma_multiply(FUTURE));
            draw(everything.with_min_x(x + 1.0), dim);
        }
    }

    /// Whether the sender waits at the cursor, though what it waits for was captured already.
    fn is_on_its_way(&self, line: &Line, pauses: &[Pause]) -> bool {
        let Some(now) = self.context.now_ns() else {
            return false;
        };
        let of_line = |of: &&Pause| of.row() == line.stream && !of.seen;
        pauses.iter().filter(of_line).any(|of| of.is_at(now))
    }

    /// The cursor's time, in a pill on the axis: where the cursor is, the pill's place, and its words.
    fn cursor_pill(&self, painter: &Painter) -> Option<(f32, Rect, Arc<Galley>)> {
        let plot = self.layout.plot_x();
        let x = self.cursor_x().filter(|x| plot.expand(1.0).contains(*x))?;
        let since = (self.context.now_ns()?).saturating_sub(self.reader.origin_ns);
        let words = format!("{:.1} ms", since as f64 / 1e6);
        let font = FontId::proportional(text_size::SMALL);
        let galley = painter.layout_no_wrap(words, font, self.context.theme.background);
        let size = galley.size() + vec2(12.0, 3.0);
        let axis = self.layout.axis;
        let most = (axis.right() - size.x).max(axis.left());
        let left = (x - size.x / 2.0).clamp(axis.left(), most);
        let place = Rect::from_min_size(pos2(left, axis.top() + 2.0), size);
        Some((x, place, galley))
    }

    /// The line through everything at the cursor, its time, and what each window is there. The line leaves free what must be
    /// read: `numbers`, from top to bottom.
    fn paint_cursor(&self, painter: &Painter, pauses: &[Pause], numbers: &[Rect]) {
        let theme = self.context.theme;
        let plot = self.layout.plot_x();
        let Some((x, pill, time)) = self.cursor_pill(painter) else {
            return;
        };
        let small = FontId::proportional(text_size::SMALL + 0.5);
        let down = Rangef::new(self.layout.axis.bottom(), self.layout.waiting.bottom());
        let crossed = numbers.iter().filter(|of| of.x_range().contains(x));
        for part in parts_between(down, crossed.map(|of| of.y_range())) {
            painter.vline(x, part, Stroke::new(1.4, theme.cursor));
        }
        painter.rect_filled(pill, 4.0, theme.cursor);
        painter.galley(pill.min + vec2(6.0, 1.5), time, theme.background);
        let handle = vec![
            pos2(x - 6.0, pill.bottom() - 0.5),
            pos2(x + 6.0, pill.bottom() - 0.5),
            pos2(x, (down.min + 2.0).max(pill.bottom() + 3.0)),
        ];
        painter.add(Shape::convex_polygon(handle, theme.cursor, Stroke::NONE));
        let telling = |line: &&Line| {
            line.stream.is_connection()
                || self
                    .selected
                    .is_none_or(|stream| stream.is_connection() || stream == line.stream)
        };
        let mut values: Vec<(f32, &Line, i64)> = self
            .model
            .lines
            .iter()
            .filter_map(|line| Some((self.plot_of(line).y(line.at_cursor?), line, line.at_cursor?)))
            .collect();
        for &(y, line, _) in &values {
            painter.circle_filled(pos2(x, y), 3.6, self.colour(line.stream));
        }
        values.retain(|(_, line, _)| telling(line));
        values.sort_by(|one, other| one.0.total_cmp(&other.0));
        values.truncate(10);
        let height = 18.0;
        let lowest = self.layout.plot_y().max - height * values.len() as f32;
        let mut free = self.layout.plot_y().min;
        for (rank, (y, line, value)) in values.into_iter().enumerate() {
            let size = words::value_words(line, value);
            let ways = match self.is_on_its_way(line, pauses) {
                true => vec![
                    words::on_its_way_words(self.reader.direction(), &size),
                    words::on_its_way_in_short(&size),
                ],
                false => vec![size],
            };
            let laid = ways.into_iter().map(|size| {
                let words = format!("{}: {size}", words::line_words(line));
                painter.layout_no_wrap(words, small.clone(), theme.text)
            });
            let laid: Vec<Arc<Galley>> = laid.collect();
            let room = (plot.max - x).max(x - plot.min) - 8.0;
            let fits = |galley: &&Arc<Galley>| galley.size().x + 26.0 < room;
            let Some(galley) = laid.iter().find(fits).or(laid.last()).cloned() else {
                continue;
            };
            let width = galley.size().x + 26.0;
            let left = if x + width + 8.0 < plot.max {
                x + 8.0
            } else {
                x - 8.0 - width
            };
            let top = (y - height / 2.0)
                .max(free)
                .min(lowest + height * rank as f32);
            free = top + height;
            let rect = Rect::from_min_size(pos2(left, top), vec2(width, height - 2.0));
            painter.rect_filled(rect, 4.0, theme.background.gamma_multiply(0.9));
            painter.circle_filled(
                pos2(rect.left() + 10.0, rect.center().y),
                4.0,
                self.colour(line.stream),
            );
            painter.galley(
                pos2(rect.left() + 20.0, rect.center().y - galley.size().y / 2.0),
                galley,
                theme.text,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursors_line_leaves_numbers_free() {
        let range = |from, to| Rangef::new(from, to);
        let parts = |of: &[Rangef]| parts_between(range(10.0, 100.0), of.iter().copied());
        assert_eq!(parts(&[]), [range(10.0, 100.0)]);
        let numbers = [range(20.0, 30.0), range(30.0, 40.0), range(90.0, 100.0)];
        assert_eq!(parts(&numbers), [range(10.0, 20.0), range(40.0, 90.0)]);
    }
}
