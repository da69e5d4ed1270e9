//! What made streams wait, on the loom: pauses of a sender shaded with their cause, lost segments
//! hatched across the streams that they held back, and marks where something was found.

use super::layout::Layout;
use super::model::Lane;
use super::paint::Picture;
use crate::analysis::mending::Mending;
use crate::analysis::stalls::Cause;
use crate::trace::Direction;
use crate::ui::widgets::hatch;
use crate::ui::widgets::waits::{Reason, Wait, Why};
use crate::wire::http2::StreamId;
use egui::{Color32, Painter, Pos2, Rangef, Rect, Shape, Stroke, pos2};

/// How much of its colour something keeps that has not happened yet.
const FUTURE: f32 = 0.45;
/// A pause narrower than this is not shaded: the picture would be full of them.
const LEAST_POINTS: f32 = 3.0;
/// The network's own pauses come between any two flights; only long ones are worth the ink.
const LEAST_NETWORK_POINTS: f32 = 24.0;
/// How much of its colour the ground of a pause has, and of what TCP lacked, which is hatched besides.
const GROUND: f32 = 0.24;
const HATCHED_GROUND: f32 = 0.16;
/// The line at the outer edge of a pause: it is seen on any ground.
const EDGE_POINTS: f32 = 2.0;

/// A line from a frame to the end of a wait that would be shorter says nothing.
const LEAST_END_POINTS: f32 = 5.0;
/// Such lines that are drawn in one lane.
const MAX_ENDS: usize = 60;

/// How a wait is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shading {
    /// A tint.
    Plain,
    /// Crossed with lines: lost.
    Hatched,
    /// With a dashed edge: only late.
    Dashed,
}

impl Shading {
    /// Draws it.
    pub fn paint(self, painter: &Painter, rect: Rect, colour: Color32) {
        let painter = &painter.with_clip_rect(rect.intersect(painter.clip_rect()));
        match self {
            Shading::Plain => {}
            Shading::Hatched => hatch::hatch(painter, rect, colour),
            Shading::Dashed => {
                let edge = rect.shrink(0.75).intersect(painter.clip_rect().expand(2.0));
                hatch::dashed(painter, edge, Stroke::new(1.2, colour));
            }
        }
    }
}

/// What lies above what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Network,
    Window,
    Tcp,
}

impl Layer {
    fn of(reason: Reason) -> Self {
        match reason {
            Reason::Paused(Cause::Network) => Layer::Network,
            Reason::Paused(_) => Layer::Window,
            Reason::Hole(_) | Reason::Copy(_) => Layer::Tcp,
        }
    }
}

impl Picture<'_> {
    /// From where to where a time is drawn, little further than the plot.
    pub(super) fn span(&self, from_ns: i64, until_ns: i64) -> Rangef {
        let scale = &self.model.places.scale;
        let x = |time_ns: i64| {
            let x = scale.x_from_time(time_ns as f64);
            self.x(x.clamp(-8.0, f64::from(self.layout.width()) + 8.0) as f32)
        };
        Rangef::new(x(from_ns), x(until_ns))
    }

    /// What lies behind the cursor keeps little of its colour.
    pub(super) fn at_cursor(&self, colour: Color32, x: f32) -> Color32 {
        match self.cursor_x() {
            Some(cursor) if x > cursor => colour.gamma_multiply(FUTURE),
            _ => colour,
        }
    }

    /// The same for words, which are to be read.
    pub(super) fn words_at_cursor(&self, colour: Color32, x: f32) -> Color32 {
        match self.cursor_x() {
            Some(cursor) if x > cursor => self.context.theme.later(colour),
            _ => colour,
        }
    }

    /// Whether a lane's stream had been sent to its end before a wait began: what is hatched is then only on its way.
    pub(super) fn is_sent(&self, lane: &Lane, wait: &Wait) -> bool {
        let sent = || {
            let row = self.reader.http2.streams().get(lane.row?)?;
            let (time_ns, frame) = self.reader.frame(row.end_frame.unwrap_or(row.last_frame))?;
            Some(wait.sender == frame.side && frame.ends_stream() && time_ns <= wait.from_ns)
        };
        wait.reason.is_of_tcp() && sent().unwrap_or(false)
    }

    /// Shades and hatches, below the frames.
    pub(super) fn paint_waits(&self, in_plot: &Painter) {
        let Some(waits) = self.waits else {
            return;
        };
        let theme = self.context.theme;
        for hole in &waits.holes {
            let span = self.span(hole.times_ns.0, hole.times_ns.1);
            if span.max < self.layout.plot.min || span.min > self.layout.plot.max {
                continue;
            }
            let direction = self.reader.connection.direction(hole.row.side);
            let row = self.layout.wire[direction.index()];
            let rect =
                Rect::from_x_y_ranges(span.min..=span.max.max(span.min + 2.0), row.y_range());
            let colour = self.at_cursor(theme.error, rect.left());
            in_plot.rect_filled(rect, 0.0, colour.gamma_multiply(0.14));
            let shading = match hole.mending {
                Mending::Late => Shading::Dashed,
                _ => Shading::Hatched,
            };
            shading.paint(in_plot, rect, colour);
        }
        let scale = &self.model.places.scale;
        let times = scale.start_ns()..scale.time_from_x(f64::from(self.layout.width()));
        for lane in &self.model.lanes {
            let painter = &self.lane_painter(in_plot, lane);
            let rect = self.layout.lane_or_connection(lane.at);
            // What says more lies above what says less.
            for layer in [Layer::Network, Layer::Window, Layer::Tcp] {
                let mut last = f32::NEG_INFINITY;
                let all = waits.within(lane.stream, times.start, times.end);
                for wait in all.filter(|wait| Layer::of(wait.reason) == layer) {
                    let Some(area) = self.area_of(rect, wait, &mut last) else {
                        continue;
                    };
                    let colour = self.at_cursor(self.colour_of(wait), area.left());
                    if layer != Layer::Tcp {
                        self.paint_pause(painter, wait, area, colour);
                        continue;
                    }
                    painter.rect_filled(area, 0.0, colour.gamma_multiply(HATCHED_GROUND));
                    let shading = match waits.is_late(wait) {
                        true => Shading::Dashed,
                        false => Shading::Hatched,
                    };
                    shading.paint(painter, area, colour.gamma_multiply(0.8));
                }
            }
            if self.context.selected_stream() == Some(lane.stream) {
                self.paint_ends(painter, rect, lane.stream);
            }
        }
    }

    /// In the selected lane: dashed, from each `WINDOW_UPDATE` where the capture has it to the end of the wait that it ended when it
    /// had arrived.
    fn paint_ends(&self, painter: &Painter, lane: Rect, stream: StreamId) {
        for [from, to] in self.ends(lane, stream) {
            let colour = self.at_cursor(self.context.theme.warning, from.x);
            let stroke = Stroke::new(1.0, colour.gamma_multiply(0.9));
            painter.extend(Shape::dashed_line(&[from, to], stroke, 3.0, 2.5));
        }
    }

    /// From where to where these lines go, in the lane of a stream.
    pub(super) fn ends(&self, lane: Rect, stream: StreamId) -> Vec<[Pos2; 2]> {
        let scale = &self.model.places.scale;
        let times = scale.start_ns()..scale.time_from_x(f64::from(self.layout.width()));
        let waits = self.waits.into_iter();
        let waits = waits.flat_map(|waits| waits.within(stream, times.start, times.end));
        let mut last = f32::NEG_INFINITY;
        let ends = waits.filter_map(|wait| {
            let (time_ns, frame) = self.reader.frame(wait.ended_by?)?;
            let area = self.area_of(lane, wait, &mut last)?;
            let from = self.span(time_ns, wait.until_ns);
            let shown = frame.stream == stream && from.span() >= LEAST_END_POINTS;
            let half = Layout::half(lane, self.reader.connection.direction(frame.side));
            (shown && area.width() >= LEAST_END_POINTS).then_some([
                pos2(from.min, half.center().y),
                pos2(area.right(), area.center().y),
            ])
        });
        ends.take(MAX_ENDS).collect()
    }

    /// What ended a wait for a window: `Ended by frame 16, WINDOW_UPDATE +5 521 bytes, when it arrived at the server.`
    pub(super) fn ended_words(&self, wait: &Wait) -> Option<String> {
        let id = wait.ended_by?;
        let (time_ns, frame) = self.reader.frame(id)?;
        let reader = &self.reader;
        let info = crate::report::frames::info(reader.trace, reader.connection, id);
        let sender = reader.connection.direction(wait.sender).name();
        let arrived = match time_ns < wait.until_ns {
            true => format!(", when it arrived at the {sender}"),
            false => String::new(),
        };
        let what = format!("frame {id}, {} {info}", frame.kind);
        Some(format!("Ended by {}{arrived}.", what.trim_end()))
    }

    /// The shade of a pause. What the lane of a selected stream is tinted with does not show through.
    fn paint_pause(&self, painter: &Painter, wait: &Wait, area: Rect, colour: Color32) {
        painter.rect_filled(area, 0.0, self.context.theme.lane);
        painter.rect_filled(area, 0.0, colour.gamma_multiply(GROUND));
        let edge = match self.reader.connection.direction(wait.sender) {
            Direction::Client => area.with_max_y(area.top() + EDGE_POINTS),
            Direction::Server => area.with_min_y(area.bottom() - EDGE_POINTS),
        };
        painter.rect_filled(edge, 0.0, colour.gamma_multiply(0.8));
    }

    pub(super) fn colour_of(&self, wait: &Wait) -> Color32 {
        let theme = self.context.theme;
        match wait.reason {
            Reason::Hole(_) | Reason::Copy(_) => theme.error,
            Reason::Paused(Cause::Network) => theme.text_weak,
            Reason::Paused(_) => theme.warning,
        }
    }

    /// Where a wait is drawn: the sender's half of the lane, or all of it behind a hole. `last` is
    /// where the one before ended: narrow ones within the same point are left out.
    pub(super) fn area_of(&self, lane: Rect, wait: &Wait, last: &mut f32) -> Option<Rect> {
        if !wait.reason.is_held_back() {
            return None;
        }
        let span = self.span(wait.from_ns, wait.until_ns);
        let (half, least) = match wait.reason {
            Reason::Hole(_) | Reason::Copy(_) => (lane, 1.0),
            Reason::Paused(cause) => {
                let direction = self.reader.connection.direction(wait.sender);
                let least = match cause {
                    Cause::Network => LEAST_NETWORK_POINTS,
                    _ => LEAST_POINTS,
                };
                (Layout::half(lane, direction), least)
            }
        };
        if span.span() < least && !(wait.reason.is_of_tcp() && span.max > *last + 1.0) {
            return None;
        }
        *last = span.max;
        Some(Rect::from_x_y_ranges(
            span.min..=span.max.max(span.min + 1.5),
            half.y_range(),
        ))
    }

    /// The wait of a lane at a place on the screen: the one that says most.
    pub(super) fn wait_at(&self, lane: crate::wire::http2::StreamId, x: f32) -> Option<&Wait> {
        let waits = self.waits?;
        let time_ns = (self.model.places.scale).time_from_x(f64::from(x - self.layout.plot.min));
        let reach = self.model.places.scale.ns_per_point() * 2.0;
        waits.near(lane, time_ns - reach, time_ns + reach)
    }

    /// Why a lane's response was awaited at a place on the screen.
    pub(super) fn why_at(&self, lane: StreamId, x: f32) -> Option<&Why> {
        let scale = &self.model.places.scale;
        let time_ns = scale.time_from_x(f64::from(x - self.layout.plot.min));
        let reach = scale.ns_per_point();
        let waits = self.waits?;
        waits.why_near(lane, time_ns - reach, time_ns + reach)
    }

    /// What is said of a wait that began when all of a stream had been sent.
    pub(super) fn sent_words(&self, stream: StreamId, wait: &Wait) -> Option<&'static str> {
        let lane = self.model.lanes.iter().find(|lane| lane.stream == stream)?;
        self.is_sent(lane, wait).then_some(
            "Its sender had sent the last byte before (END_STREAM): what is hatched is how long the receiver could not read it.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::loom::model::Model;
    use crate::ui::views::loom::reader::Reader;
    use crate::ui::views::loom::{State, links, loom_ui};
    use crate::ui::views::testing::{World, pane};
    use egui::{Ui, vec2};
    use egui_kittest::kittest::Queryable;

    #[test]
    fn lines_lead_from_where_a_window_update_was_sent_to_the_end_of_the_wait_that_it_ended() {
        let found = std::cell::RefCell::new(Vec::new());
        let into = &found;
        let mut harness = pane(
            World::of_capture("downloads.pcapng"),
            [1000.0, 700.0],
            move |ui: &mut Ui, context: &crate::ui::ViewContext<'_>, state: &mut State| {
                loom_ui(ui, context, state);
                let (Some(layout), Some(reader)) = (state.layout.clone(), Reader::new(context))
                else {
                    return;
                };
                let points = f64::from(layout.width());
                let scale = state.shown.unwrap().scale(points);
                let lanes = std::iter::empty();
                let model = Model::new(&reader, &mut state.summaries, scale, points, lanes, 0);
                let at = pos2(layout.plot.min, 100.0);
                let lane = Rect::from_min_size(at, vec2(layout.width(), 60.0));
                let picture = Picture {
                    context,
                    waits: state.waits.get(reader.connection.id),
                    reader,
                    layout,
                    model: &model,
                    findings: &state.findings,
                    links: &state.links,
                    links_shown: links::Shown::Pointed,
                    pins: None,
                    is_part: false,
                    cursor: Default::default(),
                };
                let waits = picture.waits.into_iter();
                let waits = waits.flat_map(|of| of.within(StreamId(1), f64::MIN, f64::MAX));
                let said: Vec<String> = waits.filter_map(|of| picture.ended_words(of)).collect();
                *into.borrow_mut() = vec![(picture.ends(lane, StreamId(1)), said)];
            },
        );
        harness.run();
        // What is hatched has its sentence in the legend's foot.
        harness.get_by_label_contains("a wait ends when it arrives");
        drop(harness);
        let (ends, said) = found.into_inner().remove(0);
        assert_eq!(ends.len(), 4);
        for [from, to] in &ends {
            assert!(to.x - from.x > 10.0, "{ends:?}");
            assert!(
                from.y < 130.0 && to.y > 130.0,
                "from the client's half to the server's"
            );
        }
        assert!(
            said[0].starts_with("Ended by frame 16, WINDOW_UPDATE +"),
            "{said:?}"
        );
        assert!(
            said[0].ends_with(", when it arrived at the server."),
            "{said:?}"
        );
    }
}
