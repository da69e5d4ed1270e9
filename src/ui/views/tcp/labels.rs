//! Where the sentences about holes go: beside what they speak of, and not across a line. A number ties each to its hole, so no
//! leader crosses the plot.

use super::holes::Hole;
use super::paint::{Part, Picture};
use egui::{Color32, FontId, Painter, Pos2, Rect, Stroke, StrokeKind, Vec2, pos2, vec2};
use std::cell::Cell;

/// From one place that is tried to the next.
const STEP: f32 = 16.0;
/// Places that are tried on each side of a hole.
const STEPS: usize = 14;
/// Between a hole and its sentence.
const APART: f32 = 10.0;
/// A number's badge, half of it.
const BADGE: Vec2 = vec2(6.5, 6.5);
/// Half of a letter's circle, with what is free around it.
const LETTER: f32 = 7.0;

/// Holes of one direction that are spoken of in one picture: of more, the longest.
const MAX_SAID: usize = 12;

/// Places that are looked at in one picture: in a crowd, some holes are only numbered, and said when the pointer is over them.
const MAX_TRIED: usize = 1500;

/// Places for what is said about holes, each beside its hole, within `plot`: for each hole, sizes of several ways to say it,
/// the longest first. Below and to the right a stream of bytes leaves room, and above to the left. `is_busy` says where
/// something is drawn that must stay readable. Answers which of the ways has a place, and where.
///
/// Where no place near a hole is free, any other in the plot is taken. `plots` are tried one after the other.
pub(super) fn places<const WAYS: usize>(
    plots: &[Rect],
    holes: &[(Rect, [Vec2; WAYS])],
    is_busy: impl Fn(Rect) -> bool,
) -> Vec<Option<(usize, Rect)>> {
    let mut taken: Vec<Rect> = Vec::new();
    let mut places = Vec::with_capacity(holes.len());
    let tried = Cell::new(0);
    for &(hole, sizes) in holes {
        let free = |place: &Rect| {
            tried.set(tried.get() + 1);
            let apart = !taken
                .iter()
                .any(|taken| taken.intersects(place.expand(2.0)));
            apart && tried.get() <= MAX_TRIED && !is_busy(*place)
        };
        let mut ways = sizes.into_iter().enumerate();
        let place = ways.find_map(|(way, size)| {
            let near = |plot: &Rect| candidates(*plot, hole, size).find(free);
            let anywhere = |plot: &Rect| all_over(*plot, size).find(free);
            let place = plots.iter().find_map(near);
            let place = place.or_else(|| plots.iter().find_map(anywhere))?;
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

/// Places in all of the plot, from the lower right on, where a stream leaves most room.
fn all_over(plot: Rect, size: Vec2) -> impl Iterator<Item = Rect> {
    let lines = ((plot.height() / STEP) as usize).min(2 * STEPS);
    (0..lines).flat_map(move |line| {
        let top = plot.bottom() - size.y - line as f32 * STEP;
        let room = (plot.width() - size.x).max(0.0);
        let at = move |share: f32| Rect::from_min_size(pos2(plot.left() + room * share, top), size);
        [1.0, 0.66, 0.33, 0.0].map(at)
    })
}

/// Where the badges of holes go: at the hole, apart from each other and from what else stands there, which is sorted from left
/// to right.
fn badges(plot: Rect, holes: &[Rect], busy: &[Rect]) -> Vec<Pos2> {
    let mut taken: Vec<Rect> = Vec::new();
    let badges = holes.iter().map(|hole| {
        let inside = hole.width() > 3.5 * BADGE.x && hole.height() > 3.5 * BADGE.y;
        let corner = BADGE + vec2(2.0, 2.0);
        let within = [
            hole.left_top() + corner,
            pos2(hole.right() - corner.x, hole.top() + corner.y),
            hole.right_bottom() - corner,
            hole.center(),
        ];
        let around = [
            pos2(hole.center().x, hole.top() - BADGE.y - 4.0),
            pos2(hole.center().x, hole.bottom() + BADGE.y + 4.0),
            pos2(hole.left() - BADGE.x - 3.0, hole.top()),
            pos2(hole.right() + BADGE.x + 3.0, hole.top()),
            pos2(hole.right() + BADGE.x + 3.0, hole.bottom() + BADGE.y),
            pos2(hole.center().x, hole.top() - 3.0 * BADGE.y - 6.0),
            pos2(hole.center().x, hole.bottom() + 3.0 * BADGE.y + 6.0),
            pos2(hole.left() - 3.0 * BADGE.x - 6.0, hole.center().y),
            pos2(hole.right() + 3.0 * BADGE.x + 6.0, hole.center().y),
        ];
        let first = within.into_iter().filter(|_| inside);
        let rect = |at: &Pos2| Rect::from_center_size(*at, BADGE * 2.0);
        let free = |at: &Pos2| {
            let own = rect(at);
            let first = busy.partition_point(|busy| busy.right() < own.left());
            let near = busy.iter().skip(first);
            let mut near = near.take_while(|busy| busy.left() <= own.right());
            plot.contains_rect(own)
                && !taken.iter().any(|taken| taken.intersects(own))
                && !near.any(|busy| busy.intersects(own))
        };
        let place = first.chain(around).find(free);
        let place = place.unwrap_or_else(|| hole.center_top());
        taken.push(rect(&place));
        place
    });
    badges.collect()
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
        let letters = self.letters(part);
        let mut letters: Vec<Rect> = letters
            .iter()
            .map(|(at, ..)| Rect::from_center_size(*at, Vec2::splat(2.0 * LETTER)))
            .collect();
        letters.sort_by(|one, other| one.left().total_cmp(&other.left()));
        let places_of: Vec<Rect> = holes
            .iter()
            .map(|(hole, _)| self.waits_rect(part, hole))
            .collect();
        let badges = badges(plot, &places_of, &letters);
        let mut said: Vec<_> = (holes.into_iter().zip(places_of).zip(&badges))
            .map(|(((hole, said), place), badge)| {
                let colour = self.dim(self.hole_colour(said.mending), hole.row.opened);
                let words = format!("{}: {}", hole.number, said.words);
                // Where there is little room: how much and how long, without whom it held back.
                let short = words.split(';').next().unwrap_or_default().to_owned();
                let galleys =
                    [words, short].map(|words| painter.layout_no_wrap(words, self.small(), colour));
                self.paint_badge(painter, *badge, hole.number, colour);
                (place, galleys, colour)
            })
            .collect();
        // What lasted longest has its place first.
        said.sort_by(|one, other| other.0.width().total_cmp(&one.0.width()));
        let sizes: Vec<_> = said
            .iter()
            .map(|(hole, [long, short], _)| (*hole, [long.size(), short.size()]))
            .collect();
        let stairs = self.stairs(part);
        let beyond = self.beyond_words(painter, part);
        let is_busy = |place: Rect| {
            let crossed = |stairs: &Vec<Pos2>| is_crossed_by(place, stairs, plot.right());
            let over_a_hole = sizes.iter().any(|(hole, _)| hole.intersects(place));
            let place = place.expand(3.0);
            let of_badge = |at: &Pos2| Rect::from_center_size(*at, BADGE * 2.0);
            let first = letters.partition_point(|letter| letter.right() < place.left());
            let near = letters.iter().skip(first);
            let mut near = near.take_while(|letter| letter.left() <= place.right());
            let over_a_sign = near.any(|letter| letter.intersects(place))
                || badges.iter().any(|at| of_badge(at).intersects(place));
            // Letters stand above and below segments.
            let near = place.expand2(vec2(4.0, 12.0));
            let over_a_segment = || {
                let marks = &part.direction.marks;
                let first = marks.partition_point(|mark| self.x(mark.x) < near.left());
                let within = marks.iter().skip(first);
                let mut within = within.take_while(|mark| self.x(mark.x) <= near.right());
                within.any(|mark| self.rect_of(part, mark).intersects(near))
            };
            over_a_hole
                || over_a_sign
                || name.intersects(place)
                || beyond.iter().any(|(said, _)| said.intersects(place))
                || stairs.iter().any(crossed)
                || over_a_segment()
        };
        // Beside the cursor's line before across it.
        let beside = self.cursor_x().map(|x| match x > plot.center().x {
            true => plot.with_max_x(x - 5.0),
            false => plot.with_min_x(x + 5.0),
        });
        let plots: Vec<Rect> = beside.into_iter().chain([plot]).collect();
        let places = places(&plots, &sizes, is_busy);
        for ((_, galleys, colour), place) in said.into_iter().zip(places) {
            let Some((way, place)) = place else { continue };
            let [long, short] = galleys;
            let galley = if way == 0 { long } else { short };
            painter.rect_filled(place.expand(2.0), 2.0, theme.lane.gamma_multiply(0.8));
            painter.galley(place.min, galley, colour);
        }
    }

    /// A hole's number, on a square: letters stand on discs.
    fn paint_badge(&self, painter: &Painter, at: Pos2, number: usize, colour: Color32) {
        let theme = self.context.theme;
        let font = FontId::proportional(10.0);
        let galley = painter.layout_no_wrap(number.to_string(), font, colour);
        let half = vec2(BADGE.x.max(galley.size().x / 2.0 + 3.0), BADGE.y);
        let square = Rect::from_center_size(at, half * 2.0);
        let edge = Stroke::new(1.2, colour);
        painter.rect(square, 2.5, theme.lane, edge, StrokeKind::Inside);
        painter.galley(square.center() - galley.size() / 2.0, galley, colour);
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
        let places = places(&[PLOT], &holes, |_| false);
        let (one, other) = (places[0].unwrap().1, places[1].unwrap().1);
        assert!(one.left() > 50.0 && one.top() > 70.0);
        assert!(!one.intersects(other));
    }

    #[test]
    fn a_sentence_makes_way_for_a_line() {
        let stairs = [pos2(0.0, 150.0), pos2(60.0, 85.0), pos2(300.0, 20.0)];
        let busy = |place| is_crossed_by(place, &stairs, 400.0);
        let (_, place) = places(&[PLOT], &[hole(30.0, 60.0)], busy)[0].unwrap();
        assert!(!is_crossed_by(place, &stairs, 400.0), "{place:?}");
        assert!(is_crossed_by(
            Rect::from_min_size(pos2(70.0, 80.0), vec2(50.0, 14.0)),
            &stairs,
            400.0
        ));
    }

    #[test]
    fn at_the_right_edge_it_still_ends_within_the_plot() {
        let (_, place) = places(&[PLOT], &[hole(370.0, 60.0)], |_| false)[0].unwrap();
        assert!(PLOT.contains_rect(place), "{place:?}");
    }

    #[test]
    fn where_nothing_near_a_hole_is_free_its_sentence_stands_elsewhere_and_its_number_tells() {
        let near =
            Rect::from_min_size(pos2(30.0, 60.0), vec2(20.0, 10.0)).expand2(vec2(160.0, 70.0));
        let busy = |place: Rect| place.intersects(near);
        let (way, place) = places(&[PLOT], &[hole(30.0, 60.0)], busy)[0].unwrap();
        assert_eq!(way, 0);
        assert!(
            !place.intersects(near) && PLOT.contains_rect(place),
            "{place:?}"
        );
    }

    #[test]
    fn badges_stand_at_their_holes_apart_from_each_other_and_from_letters() {
        let large = Rect::from_min_size(pos2(100.0, 60.0), vec2(80.0, 60.0));
        let small = Rect::from_min_size(pos2(170.0, 50.0), vec2(3.0, 5.0));
        let letter = Rect::from_center_size(pos2(108.0, 68.0), Vec2::splat(2.0 * LETTER));
        let found = badges(PLOT, &[large, small, small], &[letter]);
        let rects: Vec<Rect> = found
            .iter()
            .map(|at| Rect::from_center_size(*at, BADGE * 2.0))
            .chain([letter])
            .collect();
        for (position, one) in rects.iter().enumerate() {
            assert!(PLOT.contains_rect(*one));
            let mut others = rects.iter().skip(position + 1);
            assert!(!others.any(|other| other.intersects(*one)), "{rects:?}");
        }
        assert!(large.contains(found[0]));
        assert!(found[1].distance(small.center()) < 40.0);
    }

    #[test]
    fn where_a_sentence_has_no_room_less_is_said_or_nothing() {
        let narrow = |place: Rect| place.width() > 100.0;
        assert_eq!(
            places(&[PLOT], &[hole(30.0, 60.0)], narrow)[0].unwrap().0,
            1
        );
        assert_eq!(places(&[PLOT], &[hole(30.0, 60.0)], |_| true), [None]);
    }
}
