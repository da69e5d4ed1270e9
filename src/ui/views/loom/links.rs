//! Which streams belong together: a push and its promise, and what a stream depends on by its priority. Told for the
//! stream that is selected or pointed at, and for all where a person wants it.

use super::layout::Layout;
use super::model::Lane;
use super::paint::Picture;
use super::places::{frame_width, near};
use super::reader::Reader;
use crate::trace::{ConnectionId, Direction, FrameId};
use crate::wire::http2::{PriorityChange, StreamId};
use crate::wire::keyed::KeyedMap;
use egui::epaint::{CubicBezierShape, PathStroke};
use egui::{Align2, Color32, FontId, Painter, Pos2, Stroke, pos2, vec2};

/// Links of one picture; more would be a ball of wool.
const MAX_LINKS: usize = 300;

/// Up to so many pushes are shown without being asked for: what a server pushed, and with which request, is what a reader of
/// such a connection looks for.
const FEW_PUSHES: usize = 12;

/// Promised streams that are named one by one.
const MAX_NAMED: usize = 8;

/// Which links are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Those of the stream that is selected or pointed at.
    Pointed,
    /// Every push besides.
    Pushes,
    /// Those of all lanes.
    All,
}

/// A promise: on which stream, by which frame, for which stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Push {
    /// The stream that carries the promise.
    pub carrier: StreamId,
    /// The `PUSH_PROMISE`; `None` when it was not captured.
    pub promise: Option<FrameId>,
    /// The promised stream.
    pub pushed: StreamId,
}

/// What a frame said that a stream depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The frame.
    pub at: FrameId,
    /// The stream it depends on from then on; 0 is the connection.
    pub parent: StreamId,
    /// Its share among its siblings, 1 to 256.
    pub weight: u16,
}

/// All links of a connection, found as it grows.
#[derive(Clone, Debug, Default)]
pub struct Links {
    of: Option<(ConnectionId, i64)>,
    streams_read: usize,
    priorities_read: usize,
    pushes: KeyedMap<StreamId, Vec<Push>>,
    push_count: usize,
    dependencies: KeyedMap<StreamId, Vec<Dependency>>,
}

impl Links {
    /// Takes in what was read since the last picture.
    pub fn follow(&mut self, reader: &Reader<'_>) {
        let of = Some((reader.connection.id, reader.origin_ns));
        let http2 = reader.http2;
        if self.of != of || http2.streams().len() < self.streams_read {
            *self = Self {
                of,
                ..Self::default()
            };
        }
        for row in http2.streams().get(self.streams_read..).unwrap_or_default() {
            if let Some(carrier) = row.pushed_by {
                let push = Push {
                    carrier,
                    promise: crate::analysis::pushes::promise(http2, row.id).0,
                    pushed: row.id,
                };
                self.push_count += 1;
                for stream in [carrier, row.id] {
                    self.pushes.entry(stream).or_default().push(push);
                }
            }
        }
        self.streams_read = http2.streams().len();
        let log = &http2.history.priority;
        for row in log.range(self.priorities_read..log.len()) {
            if let (PriorityChange::Prioritize(priority), Some(at)) = (row.change, row.at) {
                let of_stream = self.dependencies.entry(row.stream).or_default();
                of_stream.push(Dependency {
                    at,
                    parent: priority.depends_on,
                    weight: priority.weight,
                });
            }
        }
        self.priorities_read = log.len();
    }

    /// The promises that a stream carries or was promised by.
    pub fn pushes_of(&self, stream: StreamId) -> &[Push] {
        self.pushes.get(&stream).map_or(&[], Vec::as_slice)
    }

    /// What a stream depends on after so many frames, as was said last.
    pub fn dependency_of(&self, stream: StreamId, frame_count: usize) -> Option<Dependency> {
        let said = self.dependencies.get(&stream)?;
        let count = said.partition_point(|row| row.at.index() < frame_count);
        said.get(count.checked_sub(1)?).copied()
    }

    /// What is shown of them: what was asked for, else pushes if they are few.
    pub fn shown(&self, asked: Option<bool>) -> Shown {
        match asked {
            Some(true) => Shown::All,
            None if (1..=FEW_PUSHES).contains(&self.push_count) => Shown::Pushes,
            Some(false) | None => Shown::Pointed,
        }
    }

    /// Whether there is any link.
    pub fn is_empty(&self) -> bool {
        self.pushes.is_empty() && self.dependencies.is_empty()
    }

    /// The links of a stream in words, for its label and for screen readers.
    pub fn words(&self, stream: StreamId, frame_count: usize) -> Vec<String> {
        let mut words: Vec<String> = (self.pushes_of(stream).iter())
            .map(|push| match push.promise {
                Some(frame) if push.carrier == stream => {
                    format!("promises stream {} in frame {frame}", push.pushed)
                }
                None if push.carrier == stream => format!("promises stream {}", push.pushed),
                Some(frame) => format!("promised on stream {} in frame {frame}", push.carrier),
                None => format!("promised on stream {}", push.carrier),
            })
            .collect();
        if let Some(dependency) = self.dependency_of(stream, frame_count) {
            let on = match dependency.parent {
                StreamId::CONNECTION => "nothing else".to_owned(),
                parent => format!("stream {parent}"),
            };
            let weight = dependency.weight;
            words.push(format!(
                "depends on {on} with weight {weight}, says frame {}",
                dependency.at
            ));
        }
        words
    }
}

impl Picture<'_> {
    /// Draws the links: of the stream that is selected or pointed at, or of every lane in view.
    pub(super) fn paint_links(&self, painter: &Painter, links: &Links, shown: Shown) {
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

    /// Beside the promises of a stream which streams they announce, once for all: `pushes 2, 4, 6, 8`.
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
            let strength = if future { 0.5 } else { 1.0 };
            let colour = self.context.theme.text.gamma_multiply(strength);
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
            let theme = self.context.theme;
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
            &words,
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
        self.paint_link(painter, (lane.stream, x), to, colour, &words, true);
    }

    /// A curve from lane to lane with an arrow at its end. A lane that is not in view is met at the edge, and named.
    fn paint_link(
        &self,
        painter: &Painter,
        from: (StreamId, f32),
        to: (StreamId, f32),
        colour: Color32,
        words: &str,
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
        let galley = painter.layout_no_wrap(format!("{words}{hidden}"), font, colour);
        let at = Align2::LEFT_CENTER
            .anchor_size(pos2(start.x + 6.0, (start.y + end.y) / 2.0), galley.size());
        let ground = at.expand2(vec2(3.0, 0.0));
        painter.rect_filled(
            ground,
            3.0,
            self.context.theme.background.gamma_multiply(0.85),
        );
        painter.galley(at.min, galley, colour);
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

/// Which streams are promised: `pushes 2, 4`.
fn promised_words(pushed: &[StreamId]) -> String {
    let names: Vec<String> = pushed
        .iter()
        .take(MAX_NAMED)
        .map(StreamId::to_string)
        .collect();
    match pushed.len().saturating_sub(MAX_NAMED) {
        0 => format!("pushes {}", names.join(", ")),
        more => format!("pushes {} and {more} more", names.join(", ")),
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
    use crate::ui::views::testing::World;

    fn links(world: &World) -> Links {
        let mut links = Links::default();
        world.read(|context| links.follow(&Reader::new(context).unwrap()));
        links
    }

    #[test]
    fn a_push_is_found_from_both_ends() {
        let world = World::of_capture("push.pcap");
        let pushed = pushed_stream(&world).unwrap();
        let links = links(&world);
        let of_pushed = links.pushes_of(pushed);
        assert_eq!(of_pushed.len(), 1);
        assert!(
            links
                .pushes_of(of_pushed[0].carrier)
                .contains(&of_pushed[0])
        );
        let words = links.words(pushed, 0).join(" ");
        assert!(words.contains("promised on stream"), "{words}");
    }

    fn pushed_stream(world: &World) -> Option<StreamId> {
        let http2 = world.trace.main_connection()?.http2()?;
        let mut rows = http2.streams().iter();
        Some(rows.find(|row| row.pushed_by.is_some())?.id)
    }

    #[test]
    fn promises_are_named_once_for_all() {
        let ids = |count: u32| (1..=count).map(|at| StreamId(at * 2)).collect::<Vec<_>>();
        assert_eq!(promised_words(&ids(4)), "pushes 2, 4, 6, 8");
        assert!(promised_words(&ids(11)).ends_with("16 and 3 more"));
    }

    #[test]
    fn a_few_pushes_are_shown_at_first_and_whatever_was_asked_for() {
        let pushes = links(&World::of_capture("push.pcap"));
        assert_eq!(pushes.push_count, 4);
        assert_eq!(pushes.shown(None), Shown::Pushes);
        assert_eq!(pushes.shown(Some(false)), Shown::Pointed);
        assert_eq!(pushes.shown(Some(true)), Shown::All);
        let none = links(&World::of_capture("downloads.pcapng"));
        assert_eq!(none.shown(None), Shown::Pointed);
    }

    #[test]
    fn what_a_stream_depends_on_is_what_was_said_last() {
        let world = World::of_capture("priorities.pcapng");
        let links = links(&world);
        let http2 = world.trace.main_connection().unwrap().http2().unwrap();
        let said = http2
            .history
            .priority
            .iter()
            .filter_map(|row| match row.change {
                PriorityChange::Prioritize(priority) => Some((row.stream, row.at?, priority)),
                _ => None,
            });
        let said: Vec<_> = said.collect();
        let (stream, at, priority) = said.last().unwrap();
        let found = links.dependency_of(*stream, http2.frames.len()).unwrap();
        assert_eq!(
            (found.at, found.parent, found.weight),
            (*at, priority.depends_on, priority.weight)
        );
        assert!(
            links.dependency_of(*stream, 0).is_none(),
            "nothing was said before the first frame"
        );
        assert!(
            links
                .words(*stream, http2.frames.len())
                .join("")
                .contains("depends on")
        );
    }
}
