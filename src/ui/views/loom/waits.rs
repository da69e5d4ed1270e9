//! What made streams wait, on the loom: pauses of a sender shaded with their cause, lost segments
//! hatched across the streams that they held back, and marks where something was found.

use super::layout::Layout;
use super::model::Lane;
use super::paint::Picture;
use super::standpoint;
use super::surround::SMALL_POINTS;
use crate::analysis::mending::Mending;
use crate::analysis::stalls::Cause;
use crate::trace::Direction;
use crate::ui::Theme;
use crate::ui::widgets::hatch;
use crate::ui::widgets::waits::{HoleWait, Reason, Wait};
use crate::wire::http2::StreamId;
use egui::{Color32, FontId, Painter, Rangef, Rect, Stroke, pos2, vec2};
use std::sync::Arc;

/// How much of its colour something keeps that has not happened yet.
const FUTURE: f32 = 0.45;
/// A pause narrower than this is not shaded: the picture would be full of them.
const LEAST_POINTS: f32 = 3.0;
/// The network's own pauses come between any two flights; only long ones are worth the ink.
const LEAST_NETWORK_POINTS: f32 = 24.0;
/// No words fit into less.
const LEAST_FOR_WORDS: f32 = 24.0;
/// Holes of which one picture speaks on the wire: the longest.
const MAX_SAID: usize = 40;
/// In what is hatched behind the end of a stream.
const SENT: &str = "sent, not yet received";

/// Which kinds of waits a picture shows, for the legend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitsSeen {
    /// Held back by a lost segment, or one that was sent again.
    hole: bool,
    /// By one that only came late.
    late: bool,
    /// By the network.
    network: bool,
    /// By a window or a limit.
    window: bool,
}

impl WaitsSeen {
    /// What one of two pictures shows.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            hole: self.hole | other.hole,
            late: self.late | other.late,
            network: self.network | other.network,
            window: self.window | other.window,
        }
    }

    /// What the shades mean: colour, how it is drawn, name and help.
    pub fn signs(
        self,
        theme: &Theme,
    ) -> impl Iterator<Item = (Color32, Shading, &'static str, &'static str)> {
        let signs = [
            (
                self.window,
                theme.warning,
                Shading::Plain,
                "must wait",
                "Its sender had more to send and was not allowed to: a window was used up, or too many streams were open. \
                 The pointer on it says which.",
            ),
            (
                self.network,
                theme.text_weak,
                Shading::Plain,
                "on its way",
                "Its sender had sent what it may, and waited for the network.",
            ),
            (
                self.hole,
                theme.error,
                Shading::Hatched,
                "missing segment",
                "TCP lost a segment: what came behind it could not be read by the receiver before it was sent again. Frames stand \
                 where the capture has them, which is earlier when it was taken near the sender.",
            ),
            (
                self.late,
                theme.error,
                Shading::Dashed,
                "late segment",
                "A TCP segment was overtaken by others and came late; nothing was lost. What had come behind it waited for it.",
            ),
        ];
        let shown = signs.into_iter().filter(|sign| sign.0);
        shown.map(|(_, colour, shading, name, help)| (colour, shading, name, help))
    }
}

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

impl Picture<'_> {
    fn span(&self, from_ns: i64, until_ns: i64) -> Rangef {
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
    fn is_sent(&self, lane: &Lane, wait: &Wait) -> bool {
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
            let mut last = f32::NEG_INFINITY;
            for wait in waits.within(lane.stream, times.start, times.end) {
                let Some(area) = self.area_of(rect, wait, &mut last) else {
                    continue;
                };
                let colour = self.at_cursor(self.colour_of(wait), area.left());
                painter.rect_filled(area, 0.0, colour.gamma_multiply(0.16));
                let shading = match wait.reason.is_of_tcp() {
                    true if waits.is_late(wait) => Shading::Dashed,
                    true => Shading::Hatched,
                    false => Shading::Plain,
                };
                shading.paint(painter, area, colour.gamma_multiply(0.8));
            }
        }
    }

    fn colour_of(&self, wait: &Wait) -> Color32 {
        let theme = self.context.theme;
        match wait.reason {
            Reason::Hole(_) | Reason::Copy(_) => theme.error,
            Reason::Paused(Cause::Network) => theme.text_weak,
            Reason::Paused(_) => theme.warning,
        }
    }

    /// Which kinds of waits are in view.
    pub(super) fn waits_seen(&self) -> WaitsSeen {
        let mut seen = WaitsSeen::default();
        let Some(waits) = self.waits else {
            return seen;
        };
        let scale = &self.model.places.scale;
        let times = scale.start_ns()..scale.time_from_x(f64::from(self.layout.width()));
        let in_view =
            |(from, until): (i64, i64)| (until as f64) >= times.start && (from as f64) <= times.end;
        for hole in waits.holes.iter().filter(|hole| in_view(hole.times_ns)) {
            match hole.mending {
                Mending::Late => seen.late = true,
                _ => seen.hole = true,
            }
        }
        for lane in &self.model.lanes {
            for wait in waits.within(lane.stream, times.start, times.end) {
                match wait.reason {
                    reason if !reason.is_held_back() => {}
                    Reason::Hole(_) if waits.is_late(wait) => seen.late = true,
                    Reason::Hole(_) | Reason::Copy(_) => seen.hole = true,
                    Reason::Paused(Cause::Network) => seen.network = true,
                    Reason::Paused(_) => seen.window = true,
                }
            }
        }
        seen
    }

    /// Where a wait is drawn: the sender's half of the lane, or all of it behind a hole. `last` is
    /// where the one before ended: narrow ones within the same point are left out.
    fn area_of(&self, lane: Rect, wait: &Wait, last: &mut f32) -> Option<Rect> {
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

    /// Words in what is shaded, and marks of findings, above the frames.
    pub(super) fn paint_wait_words(&self, in_plot: &Painter) {
        let font = FontId::proportional(SMALL_POINTS);
        let scale = &self.model.places.scale;
        let times = scale.start_ns()..scale.time_from_x(f64::from(self.layout.width()));
        let theme = self.context.theme;
        for lane in &self.model.lanes {
            let Some(waits) = self.waits else {
                break;
            };
            let painter = &self.lane_painter(in_plot, lane);
            let rect = self.layout.lane_or_connection(lane.at);
            let mut last = f32::NEG_INFINITY;
            // Pauses are told at the lower edge, what TCP lacked at the upper one.
            let mut free = [f32::NEG_INFINITY; 2];
            for wait in waits.within(lane.stream, times.start, times.end) {
                let Some(area) = self.area_of(rect, wait, &mut last) else {
                    continue;
                };
                let at_top = wait.reason.is_of_tcp();
                let free = &mut free[usize::from(at_top)];
                if area.left() < *free {
                    continue;
                }
                let colour = self.words_at_cursor(self.colour_of(wait), area.left());
                let visible = area.intersect(painter.clip_rect());
                if visible.width() < LEAST_FOR_WORDS {
                    continue;
                }
                let layout = |words: String| painter.layout_no_wrap(words, font.clone(), colour);
                let fits = |galley: &Arc<egui::Galley>| galley.size().x + 6.0 <= visible.width();
                let sent = self.is_sent(lane, wait).then(|| SENT.to_owned());
                let said = sent.into_iter().chain(waits.in_lane(wait)).map(layout);
                let Some(galley) = { said }.find(fits) else {
                    continue;
                };
                let top = match at_top {
                    true => area.top() + 1.0,
                    false => area.bottom() - galley.size().y - 1.0,
                };
                let at = pos2(visible.center().x - galley.size().x / 2.0, top);
                let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(2.0, 0.0));
                painter.rect_filled(ground, 2.0, theme.lane.gamma_multiply(0.75));
                painter.galley(at, galley, colour);
                *free = area.right();
            }
        }
        self.paint_hole_words(in_plot, &font);
        self.paint_copies(in_plot);
        self.paint_findings(in_plot);
    }

    /// On the wire: what was lost or late, how many streams that stopped and for how long. What lasted longest has its
    /// place first; what finds none is said when the pointer is over it.
    fn paint_hole_words(&self, painter: &Painter, font: &FontId) {
        let Some(waits) = self.waits else {
            return;
        };
        let theme = self.context.theme;
        let plot = self.layout.plot;
        let mut holes: Vec<_> = (waits.holes.iter())
            .map(|hole| (self.span(hole.times_ns.0, hole.times_ns.1), hole))
            .filter(|(span, _)| span.max >= plot.min && span.min <= plot.max)
            .collect();
        let lasted = |hole: &HoleWait| hole.times_ns.1.saturating_sub(hole.times_ns.0);
        holes.sort_by_key(|(_, hole)| std::cmp::Reverse(lasted(hole)));
        let row = self.layout.wire[Direction::Server.index()];
        let mut taken: Vec<Rangef> = Vec::new();
        for (span, hole) in holes.into_iter().take(MAX_SAID) {
            let colour = self.words_at_cursor(theme.error, span.min);
            let galleys = standpoint::hole_words(hole)
                .map(|words| painter.layout_no_wrap(words, font.clone(), colour));
            let found = galleys.into_iter().find_map(|galley| {
                let left = (span.center() - galley.size().x / 2.0)
                    .min(plot.max - galley.size().x - 2.0)
                    .max(plot.min + 2.0);
                let place = Rangef::new(left, left + galley.size().x).expand(5.0);
                let free = taken.iter().all(|of| of.intersection(place).span() < 0.0);
                free.then_some((galley, left, place))
            });
            let Some((galley, left, place)) = found else {
                continue;
            };
            taken.push(place);
            let at = pos2(left, row.bottom() - galley.size().y);
            let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 0.0));
            painter.rect_filled(ground, 2.0, theme.background.gamma_multiply(0.85));
            painter.galley(at, galley, colour);
        }
    }

    /// The wait of a lane at a place on the screen: the one that says most.
    pub(super) fn wait_at(&self, lane: crate::wire::http2::StreamId, x: f32) -> Option<&Wait> {
        let waits = self.waits?;
        let time_ns = (self.model.places.scale).time_from_x(f64::from(x - self.layout.plot.min));
        let reach = self.model.places.scale.ns_per_point() * 2.0;
        let found = waits.within(lane, time_ns - reach, time_ns + reach);
        found.max_by_key(|wait| match wait.reason {
            Reason::Hole(_) | Reason::Copy(_) => 3,
            Reason::Paused(Cause::NothingToSend) => 0,
            Reason::Paused(Cause::Network) => 1,
            Reason::Paused(_) => 2,
        })
    }

    /// What is said of a wait that began when all of a stream had been sent.
    pub(super) fn sent_words(&self, stream: StreamId, wait: &Wait) -> Option<&'static str> {
        let lane = self.model.lanes.iter().find(|lane| lane.stream == stream)?;
        self.is_sent(lane, wait).then_some(
            "Its sender had sent the last byte before (END_STREAM): what is hatched is how long the receiver could not read it.",
        )
    }
}
