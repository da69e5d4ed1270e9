//! Draws links as curves from lane to lane, and says what a stream promises beside its promises.

use super::{Dependency, Links, Push, Shown};
use crate::trace::{Direction, FrameId};
use crate::ui::views::loom::layout::Layout;
use crate::ui::views::loom::model::Lane;
use crate::ui::views::loom::paint::Picture;
use crate::ui::views::loom::places::{frame_width, near};
use crate::wire::http2::StreamId;
use egui::epaint::{CubicBezierShape, PathStroke};
use egui::{Align2, Color32, FontId, Painter, Pos2, Stroke, pos2, vec2};

/// Links of one picture; more would be a ball of wool.
const MAX_LINKS: usize = 300;

/// Promised streams that are named one by one.
const MAX_NAMED: usize = 8;

impl Picture<'_> {
    /// Draws the links: of the stream that is selected or pointed at, or of every lane in view.
    pub(in crate::ui::views::loom) fn paint_links(
        &self,
        painter: &Painter,
        links: &Links,
        shown: Shown,
    ) {
        let chosen = [self.context.selected_stream(), self.any_pointed_stream()];
        let wanted = |stream: StreamId| shown == Shown::All || chosen.contains(&Some(stream));
        let mut drawn: Vec<Push> = Vec::new();
        let mut in_short: Vec<Push> = Vec::new();
        for lane in self.model.lanes.iter().filter(|lane| lane.at.is_some()) {
            for push in links.pushes_of(lane.stream) {
                let is_wanted =
                    shown == Shown::Pushes || wanted(push.carrier) || wanted(push.pushed);
                if is_wanted && drawn.len() < MAX_LINKS && !drawn.contains(push) {
                    drawn.push(*push);
                    // What a stream promises is said once, beside its promises.
                    let named = chosen.contains(&Some(push.pushed));
                    self.paint_push(painter, push, named);
                    if !named {
                        in_short.push(*push);
                    }
                }
            }
            if wanted(lane.stream)
                && let Some(dependency) = links.dependency_of(lane.stream, self.model.frame_count)
                && dependency.parent != StreamId::CONNECTION
            {
                self.paint_dependency(painter, lane, dependency);
            }
        }
        self.paint_promised(painter, &in_short, wanted);
    }

    /// Beside the promises of a stream which streams they announce, once for all: `pushes streams 2, 4, 6, 8`.
    fn paint_promised(
        &self,
        painter: &Painter,
        pushes: &[Push],
        has_other_words: impl Fn(StreamId) -> bool,
    ) {
        let mut carriers: Vec<StreamId> = pushes.iter().map(|push| push.carrier).collect();
        carriers.sort_unstable();
        carriers.dedup();
        for carrier in carriers {
            let own = pushes.iter().filter(|push| push.carrier == carrier);
            let named: Vec<StreamId> = own.clone().map(|push| push.pushed).collect();
            let frames = own.filter_map(|push| push.promise);
            let last = frames.clone().max().and_then(|frame| self.x_of(frame));
            let (Some(x), Some(lane)) = (last, self.lane_of(carrier)) else {
                continue;
            };
            let future = frames
                .min()
                .is_some_and(|at| at.index() >= self.model.frame_count);
            let theme = self.context.theme;
            let colour = match future {
                true => theme.later(theme.text),
                false => theme.text,
            };
            // In the upper half stands what it depends on, where that is shown.
            let (direction, beside) = match has_other_words(carrier) {
                true => (Direction::Server, 24.0),
                false => (Direction::Client, 8.0),
            };
            let half = Layout::half(self.layout.lane_or_connection(lane.at), direction);
            let font = FontId::proportional(11.0);
            let galley = painter.layout_no_wrap(promised_words(&named), font, colour);
            let at = pos2(x + beside, half.center().y - galley.size().y / 2.0);
            let ground = egui::Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 0.0));
            painter.rect_filled(ground, 3.0, theme.background.gamma_multiply(0.85));
            painter.galley(at, galley, colour);
        }
    }

    /// The stream that the pointer is at in any view, at one of its frames or beside them.
    fn any_pointed_stream(&self) -> Option<StreamId> {
        match self.context.hovered? {
            crate::ui::Item::Stream(of, stream) if of == self.reader.connection.id => Some(stream),
            item => item
                .frame()
                .filter(|(of, _)| *of == self.reader.connection.id)
                .and_then(|(_, id)| Some(self.reader.frame(id)?.1.stream)),
        }
    }

    fn lane_of(&self, stream: StreamId) -> Option<&Lane> {
        self.model.lanes.iter().find(|lane| lane.stream == stream)
    }

    /// The middle of a frame on the screen, whether it is in view or not.
    fn x_of(&self, frame: FrameId) -> Option<f32> {
        let (time_ns, _) = self.reader.frame(frame)?;
        let (x, room) = self.model.places.slot(frame, time_ns);
        Some(self.x(near(f64::from(x + frame_width(room) / 2.0))))
    }

    /// From the promise to where the promised stream begins.
    fn paint_push(&self, painter: &Painter, push: &Push, named: bool) {
        let Some(row) = self.reader.http2.stream(push.pushed) else {
            return;
        };
        let begins = self.x_of(row.first_frame);
        let Some(from_x) = push.promise.and_then(|frame| self.x_of(frame)).or(begins) else {
            return;
        };
        let to_x = begins.unwrap_or(from_x).max(from_x + 10.0);
        let future = push
            .promise
            .is_some_and(|frame| frame.index() >= self.model.frame_count);
        let strength = if future { 0.3 } else { 1.0 };
        let colour = self
            .context
            .stream_colour(push.pushed)
            .gamma_multiply(strength);
        let words = match named {
            true => format!("push: stream {} → {}", push.carrier, push.pushed),
            false => String::new(),
        };
        self.paint_link(
            painter,
            (push.carrier, from_x),
            (push.pushed, to_x),
            colour,
            (&words, self.words_colour(push.pushed, future)),
            false,
        );
    }

    /// From the frame that says so to the stream that it depends on.
    fn paint_dependency(&self, painter: &Painter, lane: &Lane, dependency: Dependency) {
        let Some(x) = self.x_of(dependency.at) else {
            return;
        };
        let colour = self.context.theme.text_weak;
        let words = format!("weight {}", dependency.weight);
        let to = (dependency.parent, x + 22.0);
        self.paint_link(
            painter,
            (lane.stream, x),
            to,
            colour,
            (&words, colour),
            true,
        );
    }

    /// A curve from lane to lane with an arrow at its end. A lane that is not in view is met at the edge, and named.
    fn paint_link(
        &self,
        painter: &Painter,
        from: (StreamId, f32),
        to: (StreamId, f32),
        colour: Color32,
        (words, words_colour): (&str, Color32),
        dashed: bool,
    ) {
        let y = |stream| {
            let lane = self.lane_of(stream)?;
            Some(self.layout.lane_or_connection(lane.at).center().y)
        };
        let (from_y, to_y) = (y(from.0), y(to.0));
        let lanes = self.layout.lanes;
        let at_edge = |stream: StreamId, other: f32| {
            let place = self.reader.http2.stream_index(stream);
            let below = place > self.lane_at(other).and_then(|lane| lane.row);
            if below {
                lanes.bottom() - 3.0
            } else {
                lanes.top() + 3.0
            }
        };
        let (start_y, end_y) = match (from_y, to_y) {
            (Some(from_y), Some(to_y)) => (from_y, to_y),
            (Some(from_y), None) => (from_y, at_edge(to.0, from_y)),
            (None, Some(to_y)) => (at_edge(from.0, to_y), to_y),
            (None, None) => return,
        };
        let (start, end) = (pos2(from.1, start_y), pos2(to.1, end_y));
        let bend = vec2(0.0, (end.y - start.y) * 0.55);
        let points = [start, start + bend, pos2(end.x - 14.0, end.y), end];
        let stroke = Stroke::new(1.6, colour);
        let curve = CubicBezierShape::from_points_stroke(
            points,
            false,
            Color32::TRANSPARENT,
            PathStroke::from(stroke),
        );
        if dashed {
            let path = curve.flatten(Some(0.5));
            painter.extend(egui::Shape::dashed_line(&path, stroke, 5.0, 4.0));
        } else {
            painter.add(curve);
        }
        arrow(painter, end, colour);
        if words.is_empty() {
            return;
        }
        let hidden = match (from_y, to_y) {
            (_, None) => format!(" (stream {} is not in view)", to.0),
            (None, _) => format!(" (stream {} is not in view)", from.0),
            _ => String::new(),
        };
        let font = FontId::proportional(11.0);
        let galley = painter.layout_no_wrap(format!("{words}{hidden}"), font, words_colour);
        let at = Align2::LEFT_CENTER
            .anchor_size(pos2(start.x + 6.0, (start.y + end.y) / 2.0), galley.size());
        let ground = at.expand2(vec2(3.0, 0.0));
        painter.rect_filled(
            ground,
            3.0,
            self.context.theme.background.gamma_multiply(0.85),
        );
        painter.galley(at.min, galley, words_colour);
    }

    fn lane_at(&self, y: f32) -> Option<&Lane> {
        let mut lanes = self.model.lanes.iter();
        lanes.find(|lane| {
            self.layout
                .lane_or_connection(lane.at)
                .y_range()
                .contains(y)
        })
    }
}

/// Which streams are promised: `pushes streams 2, 4`.
fn promised_words(pushed: &[StreamId]) -> String {
    let names: Vec<String> = pushed
        .iter()
        .take(MAX_NAMED)
        .map(StreamId::to_string)
        .collect();
    let noun = if pushed.len() == 1 {
        "stream"
    } else {
        "streams"
    };
    match pushed.len().saturating_sub(MAX_NAMED) {
        0 => format!("pushes {noun} {}", names.join(", ")),
        more => format!("pushes {noun} {} and {more} more", names.join(", ")),
    }
}

/// An arrow's head that points right.
fn arrow(painter: &Painter, tip: Pos2, colour: Color32) {
    let points = vec![tip, tip + vec2(-8.0, -4.5), tip + vec2(-8.0, 4.5)];
    painter.add(egui::Shape::convex_polygon(points, colour, Stroke::NONE));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_are_named_once_for_all() {
        let ids = |count: u32| (1..=count).map(|at| StreamId(at * 2)).collect::<Vec<_>>();
        assert_eq!(promised_words(&ids(4)), "pushes streams 2, 4, 6, 8");
        assert_eq!(promised_words(&ids(1)), "pushes stream 2");
        assert!(promised_words(&ids(11)).ends_with("16 and 3 more"));
    }
}
