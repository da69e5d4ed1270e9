//! What is said of waits in their lanes: why and how long, in the shade, or beside it where that is free. Where there is
//! room for nothing else, a letter says why, and the legend says what the letter means.

use super::fold::Record;
use super::glyph::RADIUS_POINTS;
use super::layout::Layout;
use super::model::Lane;
use super::paint::Picture;
use super::surround::SMALL_POINTS;
use crate::analysis::stalls::Cause;
use crate::trace::Direction;
use crate::ui::widgets::waits::{Reason, Wait, Waits};
use crate::wire::http2::FrameKind;
use egui::{Color32, FontId, Galley, Painter, Rangef, Rect, Stroke, pos2, vec2};
use std::sync::Arc;

/// Between the middle of a shape and words.
const BESIDE_SHAPE: f32 = RADIUS_POINTS + 5.0;
/// No words fit into less.
const LEAST_FOR_WORDS: f32 = 24.0;
/// No letter fits into less.
const LEAST_FOR_SIGN: f32 = 8.0;
/// Words stand beside a shade at most this far from it.
const BESIDE_POINTS: f32 = 30.0;
/// Shades of one half of a lane beside which words are looked for a place; where there are more, nothing is free.
const MAX_BESIDE: usize = 24;
/// Half the height of the ends of a line that shows how long something lasts.
const LENGTH_END: f32 = 3.5;
/// In what is hatched behind the end of a stream.
const SENT: &str = "sent, not yet received";

/// What stands in a half of a lane, from left to right: words go between.
struct Taken(Vec<Rangef>);

impl Taken {
    fn of(mut all: Vec<Rangef>) -> Self {
        all.sort_by(|a, b| a.min.total_cmp(&b.min));
        Self(all)
    }

    /// The places beside a shade: before it up to what stands there, and behind it and what ends it.
    fn beside(&self, shade: Rangef, within: Rangef) -> [Rangef; 2] {
        let before = self.0.iter().filter(|of| of.min < shade.min - 0.5);
        let left = before.map(|of| of.max).fold(within.min, f32::max);
        let mut right = Rangef::new(shade.max, within.max);
        for of in self.0.iter().filter(|of| of.max > shade.max + 0.5) {
            if of.min - right.min > BESIDE_POINTS {
                right.max = of.min;
                break;
            }
            right.min = right.min.max(of.max);
        }
        if right.min - shade.max > BESIDE_POINTS {
            right.max = right.min;
        }
        [Rangef::new(left, shade.min), right]
    }

    /// The widest place within a range that nothing takes, the first of several.
    fn widest_within(&self, within: Rangef) -> Rangef {
        let mut widest = Rangef::new(within.min, within.min);
        let mut from = within.min;
        let end = Rangef::new(within.max, within.max);
        for of in self.0.iter().chain([&end]) {
            let until = of.min.min(within.max);
            if until - from > widest.span() {
                widest = Rangef::new(from, until);
            }
            from = from.max(of.max);
        }
        widest
    }

    fn add(&mut self, place: Rangef) {
        let at = self.0.partition_point(|of| of.min < place.min);
        self.0.insert(at, place);
    }
}

/// What a record takes up in its half of a lane, in points.
fn taken_by(record: &Record<()>) -> Rangef {
    let is_shape = record.part.kinds.iter().any(|kind| kind != FrameKind::DATA);
    let reach = if is_shape { RADIUS_POINTS } else { 1.0 };
    let end = if record.part.ends_stream { 11.0 } else { 0.0 };
    let count = if record.is_single() { 0.0 } else { 24.0 };
    Rangef::new(
        record.x - reach,
        record.x + record.width.max(reach) + end + count,
    )
}

/// A line from end to end, without what words on it take: what is left of it at both sides.
fn length_parts(line: Rangef, words: Rangef) -> impl Iterator<Item = [f32; 2]> {
    let words = words.expand(4.0);
    let parts = [[line.min, words.min], [words.max, line.max]];
    parts.into_iter().filter(|[from, to]| to > from)
}

/// A wait with the place of its shade.
struct Shade<'a> {
    wait: &'a Wait,
    area: Rect,
}

impl Picture<'_> {
    /// Words in what is shaded, and marks of findings, above the frames.
    pub(super) fn paint_wait_words(&self, in_plot: &Painter) {
        if let Some(waits) = self.waits {
            for lane in &self.model.lanes {
                self.paint_words_of(&self.lane_painter(in_plot, lane), lane, waits);
            }
        }
        self.paint_losses(in_plot);
        self.paint_findings(in_plot);
    }

    /// The shades of a lane that are wide enough to say something, those of TCP last.
    fn shades<'a>(&self, lane: &Lane, waits: &'a Waits) -> Vec<Shade<'a>> {
        let scale = &self.model.places.scale;
        let times = scale.start_ns()..scale.time_from_x(f64::from(self.layout.width()));
        let rect = self.layout.lane_or_connection(lane.at);
        let mut last = f32::NEG_INFINITY;
        let all = waits.within(lane.stream, times.start, times.end);
        let mut shades: Vec<Shade<'_>> = all
            .filter_map(|wait| {
                let area = self.area_of(rect, wait, &mut last)?;
                (area.width() >= LEAST_FOR_SIGN).then_some(Shade { wait, area })
            })
            .collect();
        shades.sort_by_key(|shade| shade.wait.reason.is_of_tcp());
        shades
    }

    fn paint_words_of(&self, painter: &Painter, lane: &Lane, waits: &Waits) {
        let font = FontId::proportional(SMALL_POINTS);
        let shades = self.shades(lane, waits);
        let mut taken: [Option<Taken>; 2] = [None, None];
        let mut told: Vec<Rect> = Vec::new();
        // Beside a shade stands what is true of all of its kind, and so once in a lane.
        let mut said_of: Vec<Reason> = Vec::new();
        // Pauses are told at the lower edge, what TCP lacked at the upper one.
        let mut free = [f32::NEG_INFINITY; 2];
        for Shade { wait, area } in &shades {
            let at_top = wait.reason.is_of_tcp();
            let free = &mut free[usize::from(at_top)];
            if area.left() < *free {
                continue;
            }
            let colour = self.words_at_cursor(self.colour_of(wait), area.left());
            let visible = area.intersect(painter.clip_rect());
            let layout = |words: String| painter.layout_no_wrap(words, font.clone(), colour);
            let sent = self.is_sent(lane, wait).then(|| SENT.to_owned());
            let ways: Vec<String> = sent.into_iter().chain(waits.in_lane(wait)).collect();
            let mut put = |left: f32, galley: Arc<Galley>| {
                let top = match at_top {
                    true => area.top() + 1.0,
                    false => area.bottom() - galley.size().y - 1.0,
                };
                told.push(self.words_on_ground(painter, pos2(left, top), galley, colour));
            };
            let fits = |galley: &Arc<Galley>| galley.size().x + 6.0 <= visible.width();
            let inside = (visible.width() >= LEAST_FOR_WORDS)
                .then(|| ways.iter().cloned().map(layout).find(fits))
                .flatten();
            if let Some(galley) = inside {
                put(visible.center().x - galley.size().x / 2.0, galley);
                *free = area.right();
                continue;
            }
            // Of a window, which is worth the ink, it may be said beside the shade.
            let is_window = !at_top && wait.reason != Reason::Paused(Cause::Network);
            let is_new = is_window && !said_of.contains(&wait.reason);
            if is_new && shades.len() <= MAX_BESIDE && painter.clip_rect().intersects(*area) {
                let direction = self.reader.connection.direction(wait.sender);
                let half = &mut taken[direction.index()];
                let half = half.get_or_insert_with(|| self.taken(lane, direction, &shades));
                let places = half.beside(area.x_range(), self.layout.plot);
                let said = waits
                    .beside(lane.stream, wait)
                    .into_iter()
                    .find_map(|words| {
                        let galley = layout(words);
                        let room = galley.size().x + 8.0;
                        let place = places.iter().rposition(|place| place.span() >= room)?;
                        let left = match place {
                            0 => places[0].max - room + 4.0,
                            _ => places[1].min + 4.0,
                        };
                        Some((left, galley))
                    });
                if let Some((left, galley)) = said {
                    half.add(Rangef::new(left - 3.0, left + galley.size().x + 3.0));
                    put(left, galley);
                    said_of.push(wait.reason);
                    if waits.all_like(lane.stream, wait).0 < 2 {
                        continue;
                    }
                }
            }
            if let Some(sign) = wait.reason.sign() {
                let galley = layout(sign.to_owned());
                if galley.size().x + 1.0 <= visible.width() {
                    put(visible.center().x - galley.size().x / 2.0, galley);
                    *free = area.right();
                }
            }
        }
        told.extend(shades.iter().map(|shade| shade.area));
        self.paint_late_words(painter, lane, waits, &told);
    }

    /// Why a response came late, where it was awaited, unless other words or shades are there.
    fn paint_late_words(&self, painter: &Painter, lane: &Lane, waits: &Waits, told: &[Rect]) {
        let font = FontId::proportional(SMALL_POINTS);
        for why in waits.why(lane.stream) {
            let span = self.span(why.times_ns.0, why.times_ns.1);
            let inner = Rangef::new(span.min + BESIDE_SHAPE, span.max - BESIDE_SHAPE);
            let inner = inner.intersection(painter.clip_rect().x_range());
            if inner.span() < LEAST_FOR_WORDS {
                continue;
            }
            let direction = self.reader.connection.direction(why.sender);
            let half = Layout::half(self.layout.lane_or_connection(lane.at), direction);
            // A head that came long before its content is not covered.
            let free = self.taken(lane, direction, &[]).widest_within(inner);
            let colour = self.words_at_cursor(self.context.theme.text_weak, inner.min);
            for words in why.in_lane() {
                let galley = painter.layout_no_wrap(words, font.clone(), colour);
                let size = galley.size();
                let left = free.center() - size.x / 2.0;
                let place = Rect::from_min_size(pos2(left, half.center().y - size.y / 2.0), size);
                let is_free = told.iter().all(|of| !of.intersects(place.expand(2.0)));
                if size.x <= free.span() && is_free {
                    self.paint_length(
                        painter,
                        span,
                        (half.center().y, place.x_range()),
                        told,
                        colour,
                    );
                    self.words_on_ground(painter, place.min, galley, colour);
                    break;
                }
            }
        }
    }

    /// As in a drawing: a thin line with ends, as long as what the words on it speak of.
    fn paint_length(
        &self,
        painter: &Painter,
        span: Rangef,
        (y, words): (f32, Rangef),
        told: &[Rect],
        colour: Color32,
    ) {
        let line =
            Rect::from_x_y_ranges(span.shrink(RADIUS_POINTS), y - LENGTH_END..=y + LENGTH_END);
        if told.iter().any(|of| of.intersects(line)) {
            return;
        }
        let stroke = Stroke::new(1.0, colour.gamma_multiply(0.7));
        for [from, to] in length_parts(line.x_range(), words) {
            painter.hline(from..=to, y, stroke);
        }
        painter.vline(line.left(), line.y_range(), stroke);
        painter.vline(line.right(), line.y_range(), stroke);
    }

    fn words_on_ground(
        &self,
        painter: &Painter,
        at: egui::Pos2,
        galley: Arc<Galley>,
        colour: Color32,
    ) -> Rect {
        let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(2.0, 0.0));
        painter.rect_filled(ground, 2.0, self.context.theme.lane.gamma_multiply(0.75));
        painter.galley(at, galley, colour);
        ground
    }

    /// What stands in a half of a lane: frames, and what is shaded.
    fn taken(&self, lane: &Lane, direction: Direction, shades: &[Shade<'_>]) -> Taken {
        let side = self.reader.connection.side(direction);
        let records = lane.strand[side.index()].iter().map(|record| {
            let taken = taken_by(record);
            Rangef::new(self.x(taken.min), self.x(taken.max))
        });
        let half = Layout::half(self.layout.lane_or_connection(lane.at), direction);
        let shaded = shades.iter().filter(|shade| shade.area.intersects(half));
        let shaded = shaded.map(|shade| shade.area.x_range());
        Taken::of(records.chain(shaded).collect())
    }

    /// What a lane waits for at the cursor, in as many words as there is room for, and their colour.
    pub(super) fn waits_at_cursor(&self, lane: &Lane) -> Option<(Color32, Vec<String>)> {
        let waits = self.waits?;
        let now = self.context.now_ns()?;
        let since = now.saturating_sub(self.reader.origin_ns);
        let Some(wait) = waits.at(lane.stream, since) else {
            let why = waits.why_at(lane.stream, since)?;
            let ways = why.in_lane();
            let colour = self.context.theme.text_weak;
            return (!ways.is_empty()).then_some((colour, ways));
        };
        let sent = self.is_sent(lane, wait).then(|| SENT.to_owned());
        let ways = sent
            .into_iter()
            .chain(waits.at_name(lane.stream, wait))
            .collect();
        Some((self.colour_of(wait), ways))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Cursor, FrameId};
    use crate::ui::views::loom::{State, loom_ui};
    use crate::ui::views::testing::{World, pane};
    use egui_kittest::kittest::Queryable;

    fn range(min: f32, max: f32) -> Rangef {
        Rangef::new(min, max)
    }

    #[test]
    fn words_beside_a_shade_go_before_it_or_behind_what_ends_it() {
        let taken = Taken::of(vec![
            range(100.0, 140.0),
            range(20.0, 26.0),
            range(139.0, 152.0),
        ]);
        let [before, behind] = taken.beside(range(100.0, 140.0), range(0.0, 300.0));
        assert_eq!(before, range(26.0, 100.0));
        assert_eq!(behind, range(152.0, 300.0));
        // Something else follows.
        let taken = Taken::of(vec![range(100.0, 140.0), range(200.0, 210.0)]);
        let behind = taken.beside(range(100.0, 140.0), range(0.0, 300.0))[1];
        assert_eq!(behind, range(140.0, 200.0));
        // What is taken far beyond its end leaves no place that would be read with it.
        let taken = Taken::of(vec![range(135.0, 190.0)]);
        let behind = taken.beside(range(100.0, 140.0), range(0.0, 300.0))[1];
        assert!(behind.span() <= 0.0, "{behind:?}");
    }

    #[test]
    fn words_that_say_why_a_response_was_late_stand_in_the_widest_place_that_is_free() {
        let taken = Taken::of(vec![
            range(0.0, 12.0),
            range(40.0, 52.0),
            range(200.0, 210.0),
        ]);
        let widest = |min, max| taken.widest_within(range(min, max));
        assert_eq!(widest(14.0, 180.0), range(52.0, 180.0));
        assert_eq!(widest(5.0, 60.0), range(12.0, 40.0));
        assert_eq!(widest(60.0, 240.0), range(60.0, 200.0));
        assert_eq!(widest(41.0, 50.0).span(), 0.0);
        assert_eq!(
            Taken::of(Vec::new()).widest_within(range(3.0, 9.0)),
            range(3.0, 9.0)
        );
    }

    #[test]
    fn a_line_as_long_as_a_wait_leaves_the_words_on_it_free() {
        let parts = |words| length_parts(range(10.0, 110.0), words).collect::<Vec<_>>();
        assert_eq!(parts(range(40.0, 80.0)), [[10.0, 36.0], [84.0, 110.0]]);
        assert_eq!(parts(range(12.0, 80.0)), [[84.0, 110.0]]);
        assert!(parts(range(10.0, 110.0)).is_empty());
    }

    #[test]
    fn in_a_narrow_loom_the_label_says_what_its_stream_waits_for_at_the_cursor() {
        let world = World::of_capture("push.pcap");
        let connection = world.trace.main_connection().unwrap();
        let waits = Waits::of(&world.trace, connection);
        let http2 = connection.http2().unwrap();
        let origin = world.trace.packets.get(0).unwrap().time_ns;
        // The last frame before stream 6 waits for the connection's window is one of its own.
        let window = crate::ui::widgets::waits::Reason::Paused(
            crate::analysis::stalls::Cause::ConnectionWindow,
        );
        let six = crate::wire::http2::StreamId(6);
        let wait = waits
            .within(six, f64::MIN, f64::MAX)
            .find(|wait| wait.reason == window)
            .unwrap()
            .clone();
        let before = |at: &usize| {
            let row = http2.frames.get(*at).unwrap();
            world.trace.time_ns(row.packet) - origin <= wait.from_ns
        };
        let frame = (0..http2.frames.len()).rfind(before).unwrap();
        let cursor = Cursor::after_frame(connection, FrameId::from_index(frame));
        let mut world = world;
        world.cursor = cursor;
        let said = world.read(|context| crate::ui::views::loom::text(context, &State::default()));
        let line = said.lines().find(|line| line.starts_with("stream 6 "));
        let words = "; at the cursor: waits ";
        assert!(
            line.is_some_and(|line| line.contains(words) && line.contains("connection window")),
            "{said}"
        );
        let mut harness = pane(world, [780.0, 560.0], loom_ui);
        harness.run();
        harness.get_by_label_contains("stream 6, pushed /img/shuttle.png, waits ");
        harness.get_by_label("legend: connection window empty");
    }

    #[test]
    fn what_was_sent_before_a_response_is_said_where_it_was_awaited() {
        let mut world = World::of_capture("push.pcap");
        let connection = world.trace.main_connection().unwrap();
        let waits = Waits::of(&world.trace, connection);
        let fifteen = crate::wire::http2::StreamId(15);
        let why = waits.why(fifteen)[0].clone();
        let first = "pushes 2, 4, 6, 8 first";
        assert_eq!(why.short, first);
        let lasted = crate::ui::widgets::format::short_duration_ns(why.gap_ns());
        let trip = why
            .round_trip_ns
            .map(crate::ui::widgets::format::short_duration_ns);
        assert_eq!(trip.as_deref(), Some("41 ms"));
        let first = format!("{first} (round trip 41 ms)");
        assert_eq!(why.in_lane()[0], format!("waits {lasted}: {first}"));
        // In the middle of it, and not before and after.
        let middle = (why.times_ns.0 + why.times_ns.1) / 2;
        assert_eq!(waits.why_at(fifteen, middle), Some(&why));
        for away in [why.times_ns.0 - 1, why.times_ns.1] {
            assert_eq!(waits.why_at(fifteen, away), None);
        }
        // The text twin gives the sentence, and at the cursor the few words.
        let origin = world.trace.packets.get(0).unwrap().time_ns;
        let http2 = connection.http2().unwrap();
        let before = |at: &usize| {
            let row = http2.frames.get(*at).unwrap();
            world.trace.time_ns(row.packet) - origin <= middle
        };
        let frame = (0..http2.frames.len()).rfind(before).unwrap();
        let cursor = Cursor::after_frame(connection, FrameId::from_index(frame));
        let sentence = "the server was sending pushes 2, 4, 6, 8";
        let text = |world: &World| {
            world.read(|context| crate::ui::views::loom::text(context, &State::default()))
        };
        let said = text(&world);
        let line = |said: &str| {
            let line = said.lines().find(|line| line.starts_with("stream 15 "));
            line.unwrap().to_owned()
        };
        assert!(line(&said).contains(sentence), "{said}");
        assert!(!line(&said).contains("at the cursor"), "{said}");
        world.cursor = cursor;
        let said = text(&world);
        assert!(line(&said).contains(&format!("; at the cursor: waits {lasted}: {first}")));
        // On the screen: the label, and its tooltip.
        let mut harness = pane(world, [1000.0, 700.0], loom_ui);
        harness.run();
        let waiting = format!("waits {lasted}: {first}");
        let label = harness.get_by_label_contains(&waiting);
        let place = label.rect();
        label.hover();
        harness.run();
        harness.get_by_label_contains(sentence);
        // In the lane itself the pointer finds the sentence between request and response.
        harness.hover_at(egui::pos2(900.0, 650.0));
        harness.run();
        assert!(harness.query_by_label_contains(sentence).is_none());
        let told = (200..900).step_by(10).any(|x| {
            harness.hover_at(egui::pos2(x as f32, place.center().y + 6.0));
            harness.run();
            let over_lane = x as f32 > place.right() + 20.0;
            over_lane && harness.query_by_label_contains(sentence).is_some()
        });
        assert!(told);
    }
}
