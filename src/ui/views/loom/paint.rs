//! Draws the wire and the lanes.

use super::bars::{Bars, hang};
use super::crowd::{Mark, crowded, heap, is_common};
use super::glyph::{Glyph, RADIUS_POINTS};
use super::layout::Layout;
use super::links::{self, Links};
use super::model::{Lane, Life, Model};
use super::reader::Reader;
use super::signs;
use crate::trace::{ConnectionId, Direction};
use crate::ui::widgets::findings::ByFrame;
use crate::ui::widgets::waits::Waits;
use crate::ui::{Item, ViewContext};
use crate::wire::http2::{FrameKind, StreamId};
use egui::{Color32, Painter, Rangef, Rect, Stroke, Ui, pos2, vec2};

/// How much of its colour something keeps that has not happened yet: dim, and still to be told apart.
const FUTURE: f32 = 0.42;
/// How much of its colour the wire keeps where another stream is pointed at.
const OTHER_STREAM: f32 = 0.22;
/// The lowest bar, as a share of its row: a frame of few bytes is still seen.
const LEAST_HEIGHT: f32 = 0.3;
/// Half the size of what is left of shapes that would cover each other.
const CROWDED_RADIUS_POINTS: f32 = 3.5;
/// The thinnest bar of a lane, in points: there is more room than on the wire.
const LEAST_LANE_BAR: f32 = 3.0;
/// Streams that share a busy column of the wire.
const BARS_PER_COLUMN: usize = 4;

/// One picture: what is drawn, and where.
pub struct Picture<'a> {
    /// What the view may read.
    pub context: &'a ViewContext<'a>,
    /// The connection.
    pub reader: Reader<'a>,
    /// The places.
    pub layout: Layout,
    /// The frames.
    pub model: &'a Model,
    /// What made the streams wait, as soon as that is known.
    pub waits: Option<&'a Waits>,
    /// Which frames something was found about.
    pub findings: &'a ByFrame,
    /// Which streams belong together.
    pub links: &'a Links,
    /// What is shown of that.
    pub links_shown: links::Shown,
    /// The streams whose lanes stay at the top; `None` where there are no lanes.
    pub pins: Option<&'a [(ConnectionId, StreamId)]>,
    /// Whether it is one of several connections.
    pub is_part: bool,
    /// Where the cursor is, as soon as somebody has asked.
    pub cursor: std::cell::OnceCell<Option<f32>>,
}

impl Picture<'_> {
    /// Draws everything but labels and legend.
    pub fn paint(&self, ui: &Ui) {
        let layout = &self.layout;
        let below_axis = layout.axis.bottom()..=layout.legend.top();
        let plot = Rect::from_x_y_ranges(layout.plot, below_axis);
        let everywhere = ui.painter_at(layout.rect);
        let in_plot = ui.painter_at(plot);
        self.paint_grounds(&everywhere);
        self.paint_axis(&everywhere, &in_plot);
        self.paint_waits(&in_plot);
        self.paint_wire(&in_plot);
        for lane in &self.model.lanes {
            self.paint_lane(&self.lane_painter(&in_plot, lane), lane);
        }
        self.paint_wait_words(&in_plot);
        let lanes = layout.pinned.union(layout.lanes).intersect(plot);
        self.paint_links(&ui.painter_at(lanes), self.links, self.links_shown);
        self.paint_cursor(&everywhere);
        self.paint_marks(&in_plot);
        self.paint_scroll_bar(&everywhere);
    }

    /// Draws one of several connections: its wire and its lanes, where they scroll.
    pub fn paint_section(&self, ui: &Ui) {
        let layout = &self.layout;
        let plot = Rect::from_x_y_ranges(layout.plot, layout.lanes.y_range());
        let in_plot = ui.painter_at(plot);
        self.paint_grounds(&ui.painter_at(layout.lanes));
        self.paint_waits(&in_plot);
        self.paint_wire(&in_plot);
        for lane in &self.model.lanes {
            self.paint_lane(&self.lane_painter(&in_plot, lane), lane);
        }
        self.paint_wait_words(&in_plot);
        self.paint_links(&in_plot, self.links, self.links_shown);
        self.paint_marks(&in_plot);
    }

    /// Draws what surrounds several connections.
    pub fn paint_around(&self, ui: &Ui) {
        let layout = &self.layout;
        let plot = Rect::from_x_y_ranges(layout.plot, layout.lanes.y_range());
        self.paint_axis(&ui.painter_at(layout.rect), &ui.painter_at(plot));
    }

    /// The frame that is pointed at and the selected one.
    fn paint_marks(&self, in_plot: &Painter) {
        if let Some(
            Item::Frame(of, id)
            | Item::Bytes {
                connection: of,
                frame: id,
                ..
            },
        ) = self.context.hovered
            && of == self.reader.connection.id
        {
            self.paint_mark(in_plot, id, false);
        }
        if let Some((id, _)) = self.context.selected_frame() {
            self.paint_mark(in_plot, id, true);
        }
    }

    /// The stream that the pointer is at in any view, without being at one of its frames.
    fn pointed_stream(&self) -> Option<StreamId> {
        match self.context.hovered? {
            Item::Stream(of, stream) if of == self.reader.connection.id => Some(stream),
            _ => None,
        }
    }

    /// What lies behind rows and lanes, tinted where selected or pointed at.
    fn paint_grounds(&self, painter: &Painter) {
        let theme = self.context.theme;
        for row in self.layout.wire {
            painter.rect_filled(row, 0.0, theme.lane);
        }
        for lane in &self.model.lanes {
            let label = self.layout.label(lane.at);
            let whole = label.union(self.layout.lane_or_connection(lane.at));
            let clip = self.layout.lane_clip(lane.at);
            let painter = painter.with_clip_rect(clip.intersect(painter.clip_rect()));
            if let Some(colour) = self.tint(lane.stream) {
                painter.rect_filled(whole, 0.0, colour);
            } else {
                painter.rect_filled(self.layout.lane_or_connection(lane.at), 0.0, theme.lane);
            }
            let beam = Rect::from_x_y_ranges(
                Rangef::new(self.layout.plot.min - 3.0, self.layout.plot.min),
                whole.y_range(),
            );
            painter.rect_filled(beam, 0.0, self.context.stream_colour(lane.stream));
            for notch in signs::notches(beam, self.lap(Some(lane.stream))) {
                painter.rect_filled(notch, 0.0, theme.background);
            }
        }
    }

    /// Draws into a lane and no further.
    pub(super) fn lane_painter(&self, in_plot: &Painter, lane: &Lane) -> Painter {
        let clip = self.layout.lane_clip(lane.at);
        in_plot.with_clip_rect(clip.intersect(in_plot.clip_rect()))
    }

    fn tint(&self, stream: StreamId) -> Option<Color32> {
        let theme = self.context.theme;
        if self.context.selected_stream() == Some(stream) {
            return Some(theme.selection);
        }
        let hovered = match self.context.hovered? {
            Item::Stream(of, stream) if of == self.reader.connection.id => Some(stream),
            item => item
                .frame()
                .filter(|(of, _)| *of == self.reader.connection.id)
                .and_then(|(_, id)| Some(self.reader.frame(id)?.1.stream)),
        };
        (hovered == Some(stream)).then_some(theme.hover)
    }

    fn ground(&self, stream: StreamId) -> Color32 {
        self.tint(stream).unwrap_or(self.context.theme.lane)
    }

    /// How high a bar of so many bytes is, as a share of the highest in view. The root makes
    /// frames of a hundred bytes and of ten thousand both visible.
    pub(super) fn height_share(&self, bytes: u64) -> f32 {
        let share = bytes as f64 / self.model.busiest_bytes.max(1) as f64;
        (share.sqrt() as f32).clamp(LEAST_HEIGHT, 1.0)
    }

    /// A place on the screen, from points from the plot's left edge.
    pub(super) fn x(&self, x: f32) -> f32 {
        self.layout.plot.min + x
    }

    fn paint_wire(&self, painter: &Painter) {
        let pointed = self.pointed_stream();
        let mut bars = Bars::new(painter);
        for (row, direction) in self.layout.wire.iter().zip(Direction::BOTH) {
            let row = row.shrink2(vec2(0.0, 1.0));
            let side = self.reader.connection.side(direction);
            bars.reserve(self.model.wire[side.index()].len() * BARS_PER_COLUMN);
            for record in &self.model.wire[side.index()] {
                let height = row.height() * self.height_share(record.part.bytes);
                let strength = |stream| {
                    let other = pointed.is_some_and(|pointed| Some(pointed) != stream);
                    let hidden = self.is_filtered_out(record.first, record.last, stream);
                    let of_stream = if other || hidden { OTHER_STREAM } else { 1.0 };
                    if record.future {
                        FUTURE * of_stream
                    } else {
                        of_stream
                    }
                };
                let (owners, rest) = record.part.owners();
                let owners = owners.map(|owner| (Some(owner.stream), owner.bytes));
                let rest = Some((None, rest)).filter(|(_, bytes)| *bytes > 0);
                let mut from = 0.0;
                for (stream, bytes) in owners.chain(rest) {
                    let share = bytes as f32 / record.part.bytes.max(1) as f32;
                    let colour = match stream {
                        Some(stream) => self.context.stream_colour(stream),
                        None => self.context.theme.text_weak.gamma_multiply(0.6),
                    };
                    let to = from + height * share;
                    let bar = hang(row, direction, self.x(record.x), record.width, from..to);
                    bars.plain(bar, colour.gamma_multiply(strength(stream)));
                    for notch in signs::notches(bar, self.lap(stream)) {
                        bars.plain(notch, self.context.theme.lane);
                    }
                    from = to;
                }
            }
        }
        bars.paint();
        self.paint_owners(painter);
    }

    fn paint_lane(&self, painter: &Painter, lane: &Lane) {
        let rect = self.layout.lane_or_connection(lane.at);
        let colour = self.context.stream_colour(lane.stream);
        let cursor_x = self.cursor_x();
        let thread = Thread {
            y: rect.center().y,
            colour,
            cursor_x,
        };
        match lane.life {
            Some(life) => self.paint_life(painter, &thread, life),
            None => {
                let faint = colour.gamma_multiply(0.25);
                painter.hline(self.layout.plot, thread.y, Stroke::new(1.0, faint));
            }
        }
        let mut bars = Bars::new(painter);
        let mut shapes: Vec<Mark> = Vec::new();
        for direction in Direction::BOTH {
            let half = Layout::half(rect, direction);
            let side = self.reader.connection.side(direction);
            bars.reserve(lane.strand[side.index()].len());
            for record in &lane.strand[side.index()] {
                let hidden = self.is_filtered_out(record.first, record.last, Some(lane.stream));
                let of_filter = if hidden { OTHER_STREAM } else { 1.0 };
                let strength = if record.future { FUTURE } else { 1.0 } * of_filter;
                let colour = colour.gamma_multiply(strength);
                let x = self.x(record.x);
                let centre = pos2(self.x(record.centre()), half.center().y);
                if record.part.kinds.contains(FrameKind::DATA) {
                    let height = half.height() * self.height_share(record.part.bytes);
                    let width = record.width.max(LEAST_LANE_BAR);
                    bars.toned(
                        hang(half, direction, x, width, 0.0..height),
                        direction,
                        colour,
                    );
                }
                let shape = record
                    .part
                    .kinds
                    .iter()
                    .find(|kind| *kind != FrameKind::DATA);
                if let Some(kind) = shape {
                    shapes.push(Mark {
                        kind,
                        centre,
                        colour,
                        strength,
                        count: self.count_of(lane.stream, record, kind),
                    });
                }
                if record.part.ends_stream {
                    let gap = if shape.is_some() {
                        RADIUS_POINTS - 1.0
                    } else {
                        record.width / 2.0
                    };
                    let end = Rect::from_min_size(
                        pos2(centre.x + gap + 1.5, half.center().y - half.height() * 0.36),
                        vec2(2.0, half.height() * 0.72),
                    );
                    bars.plain(end, self.context.theme.text.gamma_multiply(strength));
                }
            }
        }
        let crowded = crowded(&shapes);
        for (mark, crowded) in shapes.iter().zip(&crowded) {
            let (kind, centre, colour) = (mark.kind, mark.centre, mark.colour);
            if !crowded && !Glyph::of(kind).has_stem() {
                continue;
            }
            if !crowded {
                let stem = [
                    pos2(centre.x - 0.5, thread.y),
                    pos2(centre.x + 0.5, centre.y),
                ];
                bars.plain(
                    Rect::from_two_pos(stem[0], stem[1]),
                    colour.gamma_multiply(0.6),
                );
            } else if kind == FrameKind::HEADERS {
                bars.dot(centre, CROWDED_RADIUS_POINTS, colour);
            } else if is_common(kind) {
                let size = vec2(1.3, 1.3) * CROWDED_RADIUS_POINTS;
                bars.plain(Rect::from_center_size(centre, size), colour);
            }
        }
        bars.paint();
        let ground = self.ground(lane.stream);
        let mut at = 0;
        while let (Some(mark), Some(crowded)) = (shapes.get(at), crowded.get(at)) {
            let alike = heap(shapes.get(at..).unwrap_or_default());
            let heaped = shapes.get(at..at + alike).unwrap_or_default();
            let count: u64 = heaped.iter().map(|mark| mark.count).sum();
            let before = at.checked_sub(1).and_then(|before| shapes.get(before));
            at += alike;
            if *crowded && is_common(mark.kind) {
                continue;
            }
            let colour = match mark.kind {
                FrameKind::RST_STREAM => self.context.theme.error.gamma_multiply(mark.strength),
                _ => mark.colour,
            };
            let glyph = Glyph::of(mark.kind);
            glyph.paint(painter, mark.centre, RADIUS_POINTS, colour, ground);
            let promises = mark.kind == FrameKind::PUSH_PROMISE;
            if count > 1 && (promises || *crowded && !is_common(mark.kind)) {
                self.paint_heap_count(painter, lane.stream, before, heaped);
            }
        }
        self.paint_counts(painter, lane);
    }

    /// The thread: thin while the stream waits for its response, strong while the response comes.
    fn paint_life(&self, painter: &Painter, thread: &Thread, life: Life) {
        let points = [life.start, life.response, life.end].map(|x| self.x(x));
        let waiting = Stroke::new(1.0, thread.colour.gamma_multiply(0.55));
        thread.paint(
            painter,
            points[0],
            points[1],
            |painter, from, to, strength| {
                let colour = waiting.color.gamma_multiply(strength);
                // Dashes are laid from the thread's start, and only where they can be seen.
                let clip = painter.clip_rect().x_range();
                let phase = 6.0;
                let first = ((from.max(clip.min) - points[0]) / phase).floor().max(0.0);
                let mut x = points[0] + first * phase;
                while x < to.min(clip.max) {
                    let dash = Rangef::new(x.max(from), (x + 3.0).min(to));
                    painter.hline(dash, thread.y, Stroke::new(1.0, colour));
                    x += phase;
                }
            },
        );
        thread.paint(
            painter,
            points[1],
            points[2],
            |painter, from, to, strength| {
                let colour = thread.colour.gamma_multiply(0.75 * strength);
                painter.hline(from..=to, thread.y, Stroke::new(1.5, colour));
            },
        );
    }

    /// The cursor's `x` on the screen.
    pub fn cursor_x(&self) -> Option<f32> {
        *self.cursor.get_or_init(|| {
            let cursor = self.context.cursor?;
            let at = |running_ns| self.model.cursor_x(&self.reader, cursor, running_ns);
            let (begun, now) = (at(0), at(self.context.running_ns));
            // Time that runs on between packets waits at the edge for the next one, which brings the window along.
            Some(self.x(now.min(self.layout.width().max(begun))))
        })
    }
}

/// A line that is dimmed from the cursor on.
struct Thread {
    y: f32,
    colour: Color32,
    cursor_x: Option<f32>,
}

impl Thread {
    fn paint(&self, painter: &Painter, from: f32, to: f32, line: impl Fn(&Painter, f32, f32, f32)) {
        let split = self.cursor_x.map_or(from, |x| x.clamp(from, to.max(from)));
        if split > from {
            line(painter, from, split, 1.0);
        }
        if to > split {
            line(painter, split, to, FUTURE);
        }
    }
}
