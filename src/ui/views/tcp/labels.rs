//! Where the sentences about holes go: beside what they speak of, and not across a line.

use super::holes::Hole;
use super::paint::{Part, Picture};
use egui::{Painter, Pos2, Rect, Stroke, Vec2, pos2, vec2};

/// From one place that is tried to the next.
const STEP: f32 = 16.0;
/// Places that are tried on each side of a hole.
const STEPS: usize = 14;
/// Between a hole and its sentence.
const APART: f32 = 10.0;
/// A sentence further from its hole than this is tied to it by a line.
const LEAST_LEADER: f32 = 22.0;

/// Holes of one direction that are spoken of in one picture: of more, the longest.
const MAX_SAID: usize = 12;

/// Places for what is said about holes, each beside its hole, within `plot`: for each hole, sizes of several ways to say it,
/// the longest first. Below and to the right a stream of bytes leaves room, and above to the left. `is_busy` says where
/// something is drawn that must stay readable. Answers which of the ways has a place, and where.
pub(super) fn places<const WAYS: usize>(
    plot: Rect,
    holes: &[(Rect, [Vec2; WAYS])],
    is_busy: impl Fn(Rect) -> bool,
) -> Vec<Option<(usize, Rect)>> {
    let mut taken: Vec<Rect> = Vec::new();
    let mut places = Vec::with_capacity(holes.len());
    for &(hole, sizes) in holes {
        let free = |place: &Rect| {
            let apart = !taken
                .iter()
                .any(|taken| taken.intersects(place.expand(2.0)));
            apart && !is_busy(*place)
        };
        let mut ways = sizes.into_iter().enumerate();
        let place = ways.find_map(|(way, size)| {
            let place = candidates(plot, hole, size).find(free)?;
            Some((way, place))
        });
        taken.extend(place.map(|(_, place)| place));
        places.push(place);
    }
    places
}

fn candidates(plot: Rect, hole: Rect, size: Vec2) -> impl Iterator<Item = Rect> {
    let steps = (0..STEPS).map(|step| step as f32 * STEP);
    let corner = move |down: f32| {
        let below = pos2(hole.right() + APART, hole.bottom() + 8.0 + down);
        let above = pos2(
            hole.left() - APART - size.x,
            hole.top() - 8.0 - size.y - down,
        );
        let right = pos2(hole.right() + APART, hole.bottom() - 10.0 - size.y - down);
        let over = pos2(hole.left(), hole.top() - 22.0 - size.y - down);
        [below, right, above, over]
    };
    let at = move |corner: Pos2| {
        let left = corner.x.min(plot.right() - size.x).max(plot.left());
        Rect::from_min_size(pos2(left, corner.y), size)
    };
    let fits = move |place: &Rect| place.top() >= plot.top() && place.bottom() <= plot.bottom();
    steps.flat_map(corner).map(at).filter(fits)
}

/// Whether stairs of `(x, y)`, each level from its `x` to the next one's, pass through a place; by ascending `x`.
pub(super) fn is_crossed_by(place: Rect, stairs: &[Pos2], right: f32) -> bool {
    let first = stairs.partition_point(|stair| stair.x < place.left());
    let first = first.saturating_sub(1);
    let within = stairs.get(first..).unwrap_or_default();
    let mut steps = within
        .iter()
        .zip(1..)
        .take_while(|(stair, _)| stair.x <= place.right());
    steps.any(|(stair, next)| {
        let next = within.get(next);
        let until = next.map_or(right, |next| next.x);
        let level = place.y_range().contains(stair.y) && until >= place.left();
        let rise = next.is_some_and(|next| {
            let (low, high) = (stair.y.min(next.y), stair.y.max(next.y));
            place.x_range().contains(next.x) && low <= place.bottom() && high >= place.top()
        });
        level || rise
    })
}

impl Picture<'_> {
    /// What is said about holes: to the lower right, where the stream leaves room, else beside.
    pub(super) fn paint_hole_words(&self, painter: &Painter, part: &Part<'_>) {
        let theme = self.context.theme;
        let plot = part.places.plot.shrink(3.0);
        // The name of the direction stands in the upper left corner.
        let name = Rect::from_min_size(plot.left_top(), vec2(70.0, 20.0));
        let mut holes: Vec<_> = part.direction.holes.iter().zip(part.labels).collect();
        if holes.len() > MAX_SAID {
            // More sentences would find no place; the others are said when the pointer is over them.
            let length = |hole: &Hole| hole.x.1 - hole.x.0;
            holes.sort_by(|one, other| length(other.0).total_cmp(&length(one.0)));
            holes.truncate(MAX_SAID);
        }
        let mut said: Vec<_> = (holes.into_iter())
            .map(|(hole, said)| {
                let colour = self.dim(self.hole_colour(said.mending), hole.row.opened);
                let words = &said.words;
                // Where there is little room: how much and how long, without whom it held back.
                let short = words.split(';').next().unwrap_or_default();
                let ways = [words.as_str(), short];
                let galleys = ways
                    .map(|words| painter.layout_no_wrap(words.to_owned(), self.small(), colour));
                (self.waits_rect(part, hole), galleys, colour)
            })
            .collect();
        // What lasted longest has its place first.
        said.sort_by(|one, other| other.0.width().total_cmp(&one.0.width()));
        let sizes: Vec<_> = said
            .iter()
            .map(|(hole, [long, short], _)| (*hole, [long.size(), short.size()]))
            .collect();
        let stairs = self.stairs(part);
        let is_busy = |place: Rect| {
            let crossed = |stairs: &Vec<Pos2>| is_crossed_by(place, stairs, plot.right());
            let over_a_hole = sizes.iter().any(|(hole, _)| hole.intersects(place));
            let place = place.expand(3.0);
            // Letters stand above and below segments.
            let near = place.expand2(vec2(4.0, 12.0));
            let over_a_segment = || {
                let marks = &part.direction.marks;
                let first = marks.partition_point(|mark| self.x(mark.x) < near.left());
                let within = marks.iter().skip(first);
                let mut within = within.take_while(|mark| self.x(mark.x) <= near.right());
                within.any(|mark| self.rect_of(part, mark).intersects(near))
            };
            over_a_hole || name.intersects(place) || stairs.iter().any(crossed) || over_a_segment()
        };
        let places = places(plot, &sizes, is_busy);
        for ((hole, galleys, colour), place) in said.into_iter().zip(places) {
            let Some((way, place)) = place else { continue };
            let [long, short] = galleys;
            let galley = if way == 0 { long } else { short };
            painter.rect_filled(place.expand(2.0), 2.0, theme.lane.gamma_multiply(0.8));
            // A sentence that had to go further says by a line which hole it is about.
            let near = place.clamp(hole.center());
            let from = hole.clamp(near);
            if from.distance(near) > LEAST_LEADER {
                painter.line_segment([from, near], Stroke::new(1.0, colour.gamma_multiply(0.5)));
            }
            painter.galley(place.min, galley, colour);
        }
    }

    /// What is acknowledged, and up to where the receiver has room, as they are on the screen.
    fn stairs(&self, part: &Part<'_>) -> [Vec<Pos2>; 2] {
        let told = part.direction.told.iter();
        let acknowledged = told
            .clone()
            .map(|here| pos2(self.x(here.x), part.offsets.y(here.ack)));
        let limits =
            told.filter_map(|here| Some(pos2(self.x(here.x), part.offsets.y(here.limit?))));
        [acknowledged.collect(), limits.collect()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const PLOT: Rect = Rect {
        min: pos2(0.0, 0.0),
        max: pos2(400.0, 200.0),
    };

    fn hole(x: f32, y: f32) -> (Rect, [Vec2; 2]) {
        let rect = Rect::from_min_size(pos2(x, y), vec2(20.0, 10.0));
        (rect, [vec2(120.0, 14.0), vec2(60.0, 14.0)])
    }

    #[test]
    fn sentences_stand_below_to_the_right_of_their_holes_and_apart() {
        let holes = [hole(30.0, 60.0), hole(34.0, 62.0)];
        let places = places(PLOT, &holes, |_| false);
        let (one, other) = (places[0].unwrap().1, places[1].unwrap().1);
        assert!(one.left() > 50.0 && one.top() > 70.0);
        assert!(!one.intersects(other));
    }

    #[test]
    fn a_sentence_makes_way_for_a_line() {
        let stairs = [pos2(0.0, 150.0), pos2(60.0, 85.0), pos2(300.0, 20.0)];
        let busy = |place| is_crossed_by(place, &stairs, 400.0);
        let (_, place) = places(PLOT, &[hole(30.0, 60.0)], busy)[0].unwrap();
        assert!(!is_crossed_by(place, &stairs, 400.0), "{place:?}");
        assert!(is_crossed_by(
            Rect::from_min_size(pos2(70.0, 80.0), vec2(50.0, 14.0)),
            &stairs,
            400.0
        ));
    }

    #[test]
    fn at_the_right_edge_it_still_ends_within_the_plot() {
        let (_, place) = places(PLOT, &[hole(370.0, 60.0)], |_| false)[0].unwrap();
        assert!(PLOT.contains_rect(place), "{place:?}");
    }

    #[test]
    fn where_a_sentence_has_no_room_less_is_said_or_nothing() {
        let narrow = |place: Rect| place.width() > 100.0;
        assert_eq!(places(PLOT, &[hole(30.0, 60.0)], narrow)[0].unwrap().0, 1);
        assert_eq!(places(PLOT, &[hole(30.0, 60.0)], |_| true), [None]);
    }
}
