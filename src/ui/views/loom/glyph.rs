//! The shapes by which frame types are told apart, whatever their colour.

use crate::wire::http2::FrameKind;
use egui::epaint::PathStroke;
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

/// Half the height of a shape, in points.
pub const RADIUS_POINTS: f32 = 5.5;
/// The width of lines that are shapes.
const STROKE_POINTS: f32 = 1.8;

/// A shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// `DATA`: a bar, drawn by the row itself because its height means something.
    Bar,
    /// `HEADERS`.
    Diamond,
    /// `CONTINUATION`: what a diamond left over.
    OpenDiamond,
    /// `PUSH_PROMISE`: half a request, and an arrow to the client.
    HalfDiamond,
    /// `WINDOW_UPDATE`.
    Ring,
    /// `SETTINGS`.
    Hexagon,
    /// `RST_STREAM`.
    Cross,
    /// `PING`.
    Triangle,
    /// `GOAWAY`: a stop sign.
    Octagon,
    /// `PRIORITY`, `PRIORITY_UPDATE`.
    Chevron,
    /// `ALTSVC`, `ORIGIN`: an empty house.
    Square,
    /// A type without a name.
    QuestionMark,
}

impl Glyph {
    /// The shape of a type.
    pub fn of(kind: FrameKind) -> Self {
        match kind {
            FrameKind::DATA => Glyph::Bar,
            FrameKind::HEADERS => Glyph::Diamond,
            FrameKind::PRIORITY | FrameKind::PRIORITY_UPDATE => Glyph::Chevron,
            FrameKind::RST_STREAM => Glyph::Cross,
            FrameKind::SETTINGS => Glyph::Hexagon,
            FrameKind::PUSH_PROMISE => Glyph::HalfDiamond,
            FrameKind::PING => Glyph::Triangle,
            FrameKind::GOAWAY => Glyph::Octagon,
            FrameKind::WINDOW_UPDATE => Glyph::Ring,
            FrameKind::CONTINUATION => Glyph::OpenDiamond,
            FrameKind::ALTSVC | FrameKind::ORIGIN => Glyph::Square,
            _ => Glyph::QuestionMark,
        }
    }

    /// Whether a line leads from the thread to it. With one, a chevron would be an arrow, which the legend does not have.
    pub fn has_stem(self) -> bool {
        self != Glyph::Chevron
    }

    /// Draws it around `at`. `ground` is what lies behind, for shapes that are open.
    pub fn paint(self, painter: &Painter, at: Pos2, radius: f32, colour: Color32, ground: Color32) {
        let stroke = Stroke::new(STROKE_POINTS, colour);
        let outline = Stroke::new(1.0, ground);
        match self {
            Glyph::Bar => {
                let bar = Rect::from_center_size(at, vec2(4.0, radius * 2.0));
                painter.rect_filled(bar, 0.5, colour);
            }
            Glyph::Diamond => polygon(painter, corners(at, radius, 4, 0.0), colour, outline),
            Glyph::OpenDiamond => {
                polygon(painter, corners(at, radius - 0.8, 4, 0.0), ground, stroke);
            }
            Glyph::HalfDiamond => {
                let half = vec![
                    at + vec2(-radius * 0.2, -radius),
                    at + vec2(-radius * 0.2, radius),
                    at + vec2(-radius * 1.2, 0.0),
                ];
                polygon(painter, half, colour, outline);
                let tip = at + vec2(radius, 0.0);
                let back = -radius * 0.55;
                painter.line_segment([at + vec2(radius * 0.1, 0.0), tip], stroke);
                painter.line_segment([tip, tip + vec2(back, back)], stroke);
                painter.line_segment([tip, tip + vec2(back, -back)], stroke);
            }
            Glyph::Ring => {
                let width = STROKE_POINTS.min(radius * 0.4);
                painter.circle(at, radius - width * 0.6, ground, Stroke::new(width, colour));
            }
            Glyph::Hexagon => polygon(painter, corners(at, radius, 6, 0.0), colour, outline),
            Glyph::Octagon => {
                let turn = std::f32::consts::PI / 8.0;
                polygon(painter, corners(at, radius + 0.5, 8, turn), colour, outline);
                let bar = Rect::from_center_size(at, vec2(radius, 1.8));
                painter.rect_filled(bar, 0.0, ground);
            }
            Glyph::Cross => {
                let arm = radius * 0.8;
                let stroke = Stroke::new(2.4, colour);
                painter.line_segment([at + vec2(-arm, -arm), at + vec2(arm, arm)], stroke);
                painter.line_segment([at + vec2(-arm, arm), at + vec2(arm, -arm)], stroke);
            }
            Glyph::Triangle => {
                let turn = -std::f32::consts::FRAC_PI_2;
                polygon(
                    painter,
                    corners(at + vec2(0.0, 1.0), radius, 3, turn),
                    colour,
                    outline,
                );
            }
            Glyph::Chevron => {
                let arm = radius * 0.7;
                let points = vec![
                    pos2(at.x - arm, at.y + arm * 0.5),
                    pos2(at.x, at.y - arm * 0.5),
                    pos2(at.x + arm, at.y + arm * 0.5),
                ];
                painter.add(Shape::line(points, PathStroke::new(2.0, colour)));
            }
            Glyph::Square => {
                let square = Rect::from_center_size(at, vec2(radius, radius) * 1.5);
                painter.rect(square, 1.0, ground, stroke, egui::StrokeKind::Inside);
            }
            Glyph::QuestionMark => {
                painter.circle_filled(at, radius, ground);
                let font = FontId::proportional(radius * 2.6);
                painter.text(at, Align2::CENTER_CENTER, "?", font, colour);
            }
        }
    }
}

fn polygon(painter: &Painter, points: Vec<Pos2>, fill: Color32, stroke: Stroke) {
    painter.add(Shape::convex_polygon(points, fill, stroke));
}

/// The corners of a regular polygon; the first lies in the direction `turn`, in radians.
fn corners(centre: Pos2, radius: f32, count: u8, turn: f32) -> Vec<Pos2> {
    (0..count)
        .map(|corner| {
            let angle = turn + std::f32::consts::TAU * f32::from(corner) / f32::from(count);
            centre + radius * vec2(angle.cos(), angle.sin())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_of_rfc_9113_have_shapes_of_their_own() {
        let shapes: Vec<_> = (0..=9).map(|kind| Glyph::of(FrameKind(kind))).collect();
        for (index, shape) in shapes.iter().enumerate() {
            assert!(!shapes[..index].contains(shape), "{shape:?} twice");
        }
        let stems = shapes.iter().filter(|shape| shape.has_stem());
        assert_eq!(stems.count(), 9, "PRIORITY has none");
        assert_eq!(Glyph::of(FrameKind(0x4d)), Glyph::QuestionMark);
    }
}
