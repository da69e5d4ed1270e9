//! Draws the plots, and finds what is under the pointer.

use super::index::Index;
use super::layout::{Layout, Offsets, Places};
use super::model::{Direction, LETTERS, Mark, Told, letter};
use super::passing::Passing;
use super::text::{Said, how, marks_words, segment_line};
use crate::trace::{Connection, PacketId, Side};
use crate::ui::theme::text_size;
use crate::ui::widgets::axis::TimeAxis;
use crate::ui::widgets::explained::explain;
use crate::ui::widgets::filtered::LEFT_OUT;
use crate::ui::widgets::format;
use crate::ui::widgets::time_scale::{TimeScale, round_step_at_least};
use crate::ui::{Item, ViewContext};
use egui::{Align2, Color32, FontId, Mesh, Painter, Pos2, Rect, Stroke, Ui, pos2, vec2};

/// The lowest segment: one of few bytes is still seen.
const LEAST_HEIGHT: f32 = 2.5;

/// Segments of which each is drawn in its stream's colour. Finding the stream costs a search.
const MAX_COLOURED: usize = 1500;

/// How much of its colour something keeps that has not happened yet.
const FUTURE: f32 = 0.3;

/// Letters closer than this would cover each other.
const LETTER_POINTS: f32 = 11.0;

/// One picture: what is drawn, and where.
pub(super) struct Picture<'a> {
    pub(super) context: &'a ViewContext<'a>,
    pub(super) connection: &'a Connection,
    pub(super) layout: &'a Layout,
    pub(super) scale: TimeScale,
    pub(super) sides: &'a [Side],
    pub(super) directions: &'a [Direction],
    /// What is said about each hole of each direction.
    pub(super) labels: &'a [Vec<Said>],
    pub(super) index: &'a Index,
    pub(super) passing: &'a Passing,
}

/// A direction with its places.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    side: Side,
    pub(super) direction: &'a Direction,
    pub(super) labels: &'a [Said],
    pub(super) places: Places,
    pub(super) offsets: Offsets,
}

impl Picture<'_> {
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let places = self.layout.directions.iter();
        let parts = self.sides.iter().zip(self.directions).zip(self.labels);
        parts
            .zip(places)
            .map(|(((side, direction), labels), places)| Part {
                side: *side,
                direction,
                labels,
                places: *places,
                offsets: Offsets::new(places.plot, direction.offsets),
            })
    }

    pub(super) fn paint(&self, ui: &Ui) {
        let painter = ui.painter_at(self.layout.rect);
        for part in self.parts() {
            self.paint_ground(&painter, &part);
            let inside = painter.with_clip_rect(part.places.plot.intersect(painter.clip_rect()));
            self.paint_holes(&inside, &part);
            self.paint_told(&inside, &part);
            self.paint_segments(&inside, &part);
            self.paint_letters(&inside, &part);
            self.paint_beyond(&inside, &part);
            self.paint_hole_words(&inside, &part);
            self.paint_flight(ui, &painter, &part);
        }
        self.paint_axis(&painter);
        self.paint_cursor(&painter);
        self.paint_legend(ui, &painter);
    }

    /// A place on the screen, from points from the plots' left edge.
    pub(super) fn x(&self, x: f32) -> f32 {
        self.layout.plot.min + x
    }

    fn later(&self, packet: PacketId) -> bool {
        (self.context.cursor).is_some_and(|cursor| packet > cursor.packet)
    }

    pub(super) fn dim(&self, colour: Color32, packet: PacketId) -> Color32 {
        if self.later(packet) {
            colour.gamma_multiply(FUTURE)
        } else {
            colour
        }
    }

    pub(super) fn small(&self) -> FontId {
        FontId::proportional(text_size::SMALL)
    }

    fn paint_ground(&self, painter: &Painter, part: &Part<'_>) {
        let theme = self.context.theme;
        let plot = part.places.plot;
        painter.rect_filled(plot, 0.0, theme.lane);
        let span = (part.offsets.end - part.offsets.first).max(1.0);
        let lines = f64::from(plot.height() / 34.0).max(1.0);
        let step = round_step_at_least((span / lines).max(1.0));
        let mut offset = (part.offsets.first.max(0.0) / step).ceil() * step;
        while offset <= part.offsets.end {
            let y = part.offsets.y(offset as i64);
            let line = Stroke::new(1.0, theme.line.gamma_multiply(0.6));
            painter.hline(plot.x_range(), y, line);
            if y - 7.0 > plot.top() && y + 7.0 < plot.bottom() {
                let at = pos2(plot.left() - 6.0, y);
                let words = format::bytes(offset as u64);
                let font = self.small();
                painter.text(at, Align2::RIGHT_CENTER, words, font, theme.text_weak);
            }
            offset += step;
        }
        let direction = self.connection.direction(part.side);
        let words = format!("{} {}", direction.name(), direction.arrow());
        let at = plot.left_top() + vec2(8.0, 5.0);
        painter.text(at, Align2::LEFT_TOP, words, self.small(), theme.text);
    }

    /// What is missing, and above it, tinted, what was there and had to wait: hatched, or within a dashed line where
    /// nothing was lost.
    fn paint_holes(&self, painter: &Painter, part: &Part<'_>) {
        for (hole, said) in part.direction.holes.iter().zip(part.labels) {
            let rect = self.hole_rect(part, hole);
            let colour = self.dim(self.hole_colour(said.mending), hole.row.opened);
            let waits = self.waits_rect(part, hole);
            self.paint_hole(painter, said.mending, (rect, waits), colour);
        }
    }

    /// A hole, with what lay behind it and had to wait.
    pub(super) fn waits_rect(&self, part: &Part<'_>, hole: &super::holes::Hole) -> Rect {
        let rect = self.hole_rect(part, hole);
        let until = i64::try_from(hole.row.until).unwrap_or(i64::MAX);
        rect.with_min_y(part.offsets.y(until).min(rect.top()))
    }

    pub(super) fn hole_rect(&self, part: &Part<'_>, hole: &super::holes::Hole) -> Rect {
        let range = hole.row.range();
        let y = |offset: u64| part.offsets.y(i64::try_from(offset).unwrap_or(i64::MAX));
        let rect = Rect::from_x_y_ranges(
            self.x(hole.x.0)..=self.x(hole.x.1).max(self.x(hole.x.0) + 2.0),
            y(range.end)..=y(range.start),
        );
        let short = (5.0 - rect.height()).max(0.0) / 2.0;
        rect.expand2(vec2(0.0, short))
    }

    /// Two stairs: what is acknowledged, and up to where the receiver has room.
    fn paint_told(&self, painter: &Painter, part: &Part<'_>) {
        let theme = self.context.theme;
        let ack = |told: &Told| Some(part.offsets.y(told.ack));
        self.paint_stairs(painter, part, Stroke::new(1.5, theme.text_weak), ack);
        let top = part.places.plot.top() - 2.0;
        let limit = |told: &Told| Some(part.offsets.y(told.limit?)).filter(|y| *y >= top);
        let accent = theme.accent.gamma_multiply(0.8);
        self.paint_stairs(painter, part, Stroke::new(1.0, accent), limit);
    }

    /// One line through all steps, since thousands of short ones take longer than a picture has. It is interrupted
    /// where there is no height, and dimmed behind the cursor.
    fn paint_stairs(
        &self,
        painter: &Painter,
        part: &Part<'_>,
        stroke: Stroke,
        y: impl Fn(&Told) -> Option<f32>,
    ) {
        let told = &part.direction.told;
        let mut points: Vec<Pos2> = Vec::new();
        let mut drawn = PacketId::from_index(0);
        let draw = |points: &mut Vec<Pos2>, packet: PacketId| {
            let points = std::mem::take(points);
            if points.len() > 1 {
                let colour = self.dim(stroke.color, packet);
                painter.line(points, Stroke::new(stroke.width, colour));
            }
        };
        for (index, here) in told.iter().enumerate() {
            let Some(y) = y(here) else {
                draw(&mut points, drawn);
                continue;
            };
            let next = told
                .get(index + 1)
                .map_or(self.layout.width(), |next| next.x);
            let from = pos2(self.x(here.x), y);
            points.push(from);
            if self.later(here.packet) != self.later(drawn) {
                draw(&mut points, drawn);
                points.push(from);
            }
            drawn = here.packet;
            points.push(pos2(self.x(next), y));
        }
        draw(&mut points, drawn);
    }

    fn colour_of(&self, part: &Part<'_>, mark: &Mark, single: bool) -> Color32 {
        let theme = self.context.theme;
        let offset = u64::try_from(mark.data.0).ok().filter(|_| single);
        let frame = offset.and_then(|offset| {
            let mut frames = self.connection.frames_in(part.side, offset..offset + 1);
            Some(frames.next()?.1.stream)
        });
        match frame {
            Some(stream) => self.context.stream_colour(stream),
            None => theme.connection_frames,
        }
    }

    pub(super) fn rect_of(&self, part: &Part<'_>, mark: &Mark) -> Rect {
        let (low, high) = (part.offsets.y(mark.data.0), part.offsets.y(mark.data.1));
        let short = (LEAST_HEIGHT - (low - high)).max(0.0) / 2.0;
        let x = self.x(mark.x);
        Rect::from_x_y_ranges(x - 1.25..=x + 1.25, high - short..=low + short)
    }

    fn paint_segments(&self, painter: &Painter, part: &Part<'_>) {
        let single = part.direction.marks.len() <= MAX_COLOURED;
        for mark in &part.direction.marks {
            let colour = self.colour_of(part, mark, single && mark.count == 1);
            let rect = self.rect_of(part, mark);
            let chosen = |item: Option<Item>| item == Some(Item::Packet(mark.packet));
            if chosen(self.context.selection) || chosen(self.context.hovered) {
                let halo = Stroke::new(1.5, self.context.theme.cursor);
                let outside = egui::StrokeKind::Outside;
                painter.rect_stroke(rect.expand(2.0), 2.0, halo, outside);
            }
            let hidden = (self.passing).hides(part.side, mark.first..mark.first + mark.count);
            let colour = match hidden {
                true => colour.gamma_multiply(LEFT_OUT),
                false => colour,
            };
            painter.rect_filled(rect, 0.0, self.dim(colour, mark.packet));
        }
    }

    /// Letters above segments that were sent again or overtaken, and on the line of the
    /// acknowledgments for what they complain about.
    fn paint_letters(&self, painter: &Painter, part: &Part<'_>) {
        for (at, which, packet) in self.letters(part) {
            if let Some((_, letter, ..)) = LETTERS.get(which) {
                let colour = self.dim(self.letter_colour(which), packet);
                self.paint_letter(painter, at, *letter, colour);
            }
        }
    }

    /// Where letters stand, which of [`LETTERS`], and the packet that each is about.
    pub(super) fn letters(&self, part: &Part<'_>) -> Vec<(Pos2, usize, PacketId)> {
        let sent = (part.direction.marks.iter()).map(|mark| {
            let top = self.rect_of(part, mark).center_top() - vec2(0.0, 8.0);
            (top, mark.marks, false, mark.packet)
        });
        let told = (part.direction.told.iter()).map(|told| {
            let at = pos2(self.x(told.x), part.offsets.y(told.ack) + 8.0);
            (at, told.marks, true, told.packet)
        });
        let mut last = [f32::NEG_INFINITY; LETTERS.len()];
        let mut letters = Vec::new();
        for (at, marks, receiving, packet) in sent.chain(told) {
            let Some(which) = letter(marks, receiving) else {
                continue;
            };
            if let Some(last) = last.get_mut(which)
                && at.x - *last >= LETTER_POINTS
            {
                *last = at.x;
                letters.push((at, which, packet));
            }
        }
        letters
    }

    fn paint_flight(&self, ui: &Ui, painter: &Painter, part: &Part<'_>) {
        let Some(rect) = part.places.flight else {
            return;
        };
        let theme = self.context.theme;
        painter.rect_filled(rect, 0.0, theme.lane);
        let most = part.direction.flight.iter().map(|(_, bytes)| *bytes).max();
        let most = most.unwrap_or(0);
        let colour = theme.accent.gamma_multiply(0.45);
        let height =
            |bytes: u32| (rect.height() - 4.0) * (f64::from(bytes) / f64::from(most.max(1))) as f32;
        let inside = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
        let flight = &part.direction.flight;
        let mut bars = Mesh::default();
        for (index, (x, bytes)) in flight.iter().enumerate() {
            let until = flight.get(index + 1).map_or(x + 1.0, |next| next.0);
            let bar = Rect::from_x_y_ranges(
                self.x(*x)..=self.x(until.max(x + 1.0)),
                rect.bottom() - height(*bytes)..=rect.bottom(),
            );
            bars.add_colored_rect(bar, colour);
        }
        inside.add(bars);
        let words = format!("in flight, at most {}", format::bytes(u64::from(most)));
        let at = rect.left_top() + vec2(8.0, 2.0);
        let galley = painter.layout_no_wrap(words, self.small(), theme.text_weak);
        // Bars may stand behind it.
        let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 0.0));
        painter.rect_filled(ground, 3.0, theme.lane.gamma_multiply(0.8));
        painter.galley(at, galley, theme.text_weak);
        explain(
            ui,
            ground,
            ui.scope_id().with(("in flight", part.side)),
            "in flight",
        );
    }

    fn paint_axis(&self, painter: &Painter) {
        let theme = self.context.theme;
        let times = TimeAxis {
            rect: self.layout.axis,
            plot: self.layout.plot,
            scale: &self.scale,
            gap_points: 90.0,
            inset_points: 3.0,
        };
        for x in times.paint(painter, theme) {
            let line = Stroke::new(1.0, theme.line.gamma_multiply(0.6));
            for places in &self.layout.directions {
                painter.vline(x, places.plot.y_range(), line);
            }
        }
    }

    /// Where the cursor is, if that is in view.
    pub(super) fn cursor_x(&self) -> Option<f32> {
        let range = self.context.trace.time_range_ns;
        let origin = range.map_or(0, |(first, _)| first);
        let time_ns = self.context.now_ns()?.saturating_sub(origin);
        let x = self.x(self.scale.x_from_time(time_ns as f64) as f32);
        Some(x).filter(|x| self.layout.plot.contains(*x))
    }

    fn paint_cursor(&self, painter: &Painter) {
        if let Some(x) = self.cursor_x() {
            let theme = self.context.theme;
            let line = Stroke::new(1.5, theme.cursor);
            painter.vline(x, self.layout.rect.top()..=self.layout.axis.top(), line);
            // Its time, over the axis's numbers.
            let range = self.context.trace.time_range_ns;
            let origin = range.map_or(0, |(first, _)| first);
            let now_ns = self.context.now_ns().unwrap_or(origin);
            let words = format::duration_ns(now_ns.saturating_sub(origin));
            let galley = painter.layout_no_wrap(words, self.small(), theme.text);
            let half = galley.size().x / 2.0;
            let (least, most) = (
                self.layout.axis.left() + half,
                self.layout.axis.right() - half - 4.0,
            );
            let middle = pos2(x.min(most).max(least), self.layout.axis.center().y);
            let place = Rect::from_center_size(middle, galley.size());
            painter.rect_filled(place.expand2(vec2(4.0, 0.0)), 3.0, theme.panel);
            let edge = Stroke::new(1.0, theme.cursor);
            painter.rect_stroke(
                place.expand2(vec2(4.0, 0.0)),
                3.0,
                edge,
                egui::StrokeKind::Inside,
            );
            painter.galley(place.min, galley, theme.text);
        }
    }

    /// What is at a point: what a click selects, and what is said about it.
    pub(super) fn hit(&self, at: Pos2, reach: f32) -> Option<(Option<Item>, String)> {
        let part = self.parts().find(|part| {
            let whole = part.places.flight.unwrap_or(part.places.plot);
            part.places.plot.union(whole).contains(at)
        })?;
        let by_distance = |mark: &&Mark| {
            let rect = self.rect_of(&part, mark);
            rect.distance_to_pos(at)
        };
        let nearest = (part.direction.marks.iter())
            .filter(|mark| (self.x(mark.x) - at.x).abs() <= reach)
            .min_by(|one, other| by_distance(one).total_cmp(&by_distance(other)))
            .filter(|mark| by_distance(mark) <= reach);
        if let Some(mark) = nearest {
            return Some((
                Some(Item::Packet(mark.packet)),
                self.mark_words(&part, mark),
            ));
        }
        if let Some(told) = (part.direction.told.iter())
            .filter(|told| (self.x(told.x) - at.x).abs() <= reach)
            .find(|told| (part.offsets.y(told.ack) - at.y).abs() <= reach)
        {
            let place = self.index.place(told.packet);
            let (side, segment) = place.and_then(|place| self.index.get(place))?;
            let words = segment_line(self.connection, side, segment).replace(", ", "\n");
            return Some((Some(Item::Packet(told.packet)), words));
        }
        let holes = || part.direction.holes.iter().zip(part.labels);
        let hole = holes()
            .find(|(hole, _)| self.hole_rect(&part, hole).expand(2.0).contains(at))
            .or_else(|| holes().find(|(hole, _)| self.waits_rect(&part, hole).contains(at)));
        hole.map(|(hole, said)| {
            let (words, how) = (&said.words, how(said.mending));
            let waited = hole.row.until.saturating_sub(hole.row.range().end);
            let words = format!(
                "{}: {words}\n{how}TCP hands bytes on in order: what came behind the hole lay in the \
                 receiver's memory until it was filled. As high as that is the hatching: {}.",
                hole.number,
                format::bytes(waited)
            );
            (Some(Item::Packet(hole.row.opened)), words)
        })
    }

    fn mark_words(&self, part: &Part<'_>, mark: &Mark) -> String {
        let track = &self.index.sides[part.side.index()];
        let Some(segment) = track.segments.get(mark.first) else {
            return String::new();
        };
        if mark.count > 1 {
            return format!(
                "{} close together, bytes {} to {}\n{}\nZoom in (wheel) to tell them apart.",
                format::counted(mark.count as u64, "packet"),
                format::signed(mark.data.0),
                format::signed(mark.data.1.saturating_sub(1)),
                marks_words(mark.marks),
            )
            .replace("\n\n", "\n");
        }
        let mut words = segment_line(self.connection, part.side, segment).replace(", ", "\n");
        for (mark, _, name, meaning) in LETTERS {
            if segment.marks.contains(mark) {
                words.push_str(&format!("\n{name}: {meaning}."));
            }
        }
        words.push_str(&format!(
            "\nin flight after it: {}",
            format::bytes(u64::from(segment.flight))
        ));
        words
    }
}
