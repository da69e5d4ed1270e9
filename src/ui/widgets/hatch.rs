//! Hatching: what waits, or is missing, is crossed with slanted lines, so that it is told from
//! what is there without its colour.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2};

/// Between two lines, in points.
const STEP: f32 = 7.0;

/// Lines that one rectangle gets at most; wider ones are always cut to the screen before.
const MAX_LINES: usize = 1200;

/// Crosses a rectangle with lines that rise to the right. They lie on one grid for the whole screen,
/// so that neighbours join.
pub fn hatch(painter: &Painter, rect: Rect, colour: Color32) {
    let rect = rect.intersect(painter.clip_rect());
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return;
    }
    let stroke = Stroke::new(1.0, colour);
    painter.extend(lines(rect).map(|line| Shape::line_segment(line, stroke)));
}

/// A dashed line around a rectangle: what only was late.
pub fn dashed(painter: &Painter, rect: Rect, stroke: Stroke) {
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return;
    }
    let corners = [
        rect.left_bottom(),
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
    ];
    painter.extend(Shape::dashed_line(&corners, stroke, 3.0, 2.0));
}

/// The lines within a rectangle: each where `x + y` is a multiple of the step.
fn lines(rect: Rect) -> impl Iterator<Item = [Pos2; 2]> {
    let first = ((rect.left() + rect.top()) / STEP).ceil();
    let last = ((rect.right() + rect.bottom()) / STEP).floor();
    let count = (last - first).max(-1.0) as i64 + 1;
    (0..usize::try_from(count).unwrap_or(0).min(MAX_LINES)).map(move |line| {
        let sum = (first + line as f32) * STEP;
        let top = rect.top().max(sum - rect.right());
        let bottom = rect.bottom().min(sum - rect.left());
        [pos2(sum - bottom, bottom), pos2(sum - top, top)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_within_the_rectangle_and_join_those_of_its_neighbour() {
        let one = Rect::from_min_max(pos2(10.0, 20.0), pos2(60.0, 45.0));
        let found: Vec<_> = lines(one).collect();
        assert!(found.len() > 5);
        for [from, to] in &found {
            let within = one.expand(0.01);
            assert!(
                within.contains(*from) && within.contains(*to),
                "{from:?} {to:?}"
            );
            assert!(((from.x + from.y) / STEP).fract().abs() < 1e-3);
        }
        let empty = Rect::from_min_max(pos2(3.0, 3.0), pos2(3.0, 3.0));
        assert!(lines(empty).count() <= 1);
    }
}
