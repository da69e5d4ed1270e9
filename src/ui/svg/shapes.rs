//! Lines, rectangles, circles and curves.

use super::number::Num;
use super::{Svg, fill, paint};
use egui::emath::GuiRounding;
use egui::epaint::{
    CircleShape, ColorMode, CubicBezierShape, EllipseShape, PathShape, PathStroke,
    QuadraticBezierShape, RectShape,
};
use egui::{Color32, Pos2, Rect, Shape, Stroke, StrokeKind};
use std::fmt::Write;

/// As `wireloom render` paints: one pixel per point.
const PIXELS_PER_POINT: f32 = 1.0;

impl Svg<'_> {
    pub(super) fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Noop | Shape::Callback(_) => {}
            Shape::Vec(shapes) => {
                for shape in shapes {
                    self.shape(shape);
                }
            }
            Shape::Circle(circle) => self.circle(circle),
            Shape::Ellipse(ellipse) => self.ellipse(ellipse),
            Shape::LineSegment { points, stroke } => self.segment(*points, *stroke),
            Shape::Path(path) => self.polyline(path),
            Shape::Band(_) => {
                // No view draws bands of varying width.
            }
            Shape::Rect(rect) => self.rect(rect),
            Shape::Text(text) => self.text(text),
            Shape::Mesh(mesh) => self.mesh(mesh, Pos2::ZERO, Color32::WHITE, 1.0),
            Shape::QuadraticBezier(curve) => self.quadratic(curve),
            Shape::CubicBezier(curve) => self.cubic(curve),
        }
    }

    fn circle(&mut self, circle: &CircleShape) {
        let (x, y) = (Num(circle.center.x), Num(circle.center.y));
        let radius = Num(circle.radius + outside(circle.stroke));
        let look = format!("{}{}", fill(circle.fill), paint_stroke(circle.stroke));
        self.element(&format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"{look}/>"
        ));
    }

    fn ellipse(&mut self, ellipse: &EllipseShape) {
        let (x, y) = (Num(ellipse.center.x), Num(ellipse.center.y));
        let more = outside(ellipse.stroke);
        let (a, b) = (Num(ellipse.radius.x + more), Num(ellipse.radius.y + more));
        let look = format!("{}{}", fill(ellipse.fill), paint_stroke(ellipse.stroke));
        let turned = turned(ellipse.angle, ellipse.center);
        self.element(&format!(
            "<ellipse cx=\"{x}\" cy=\"{y}\" rx=\"{a}\" ry=\"{b}\"{look}{turned}/>"
        ));
    }

    /// A line; upright and level ones lie on pixels, as egui paints them.
    fn segment(&mut self, [mut from, mut to]: [Pos2; 2], line: Stroke) {
        if line.is_empty() {
            return;
        }
        if from.x == to.x {
            line.round_center_to_pixel(PIXELS_PER_POINT, &mut from.x);
            to.x = from.x;
        }
        if from.y == to.y {
            line.round_center_to_pixel(PIXELS_PER_POINT, &mut from.y);
            to.y = from.y;
        }
        let data = format!(
            "M{} {}L{} {}",
            Num(from.x),
            Num(from.y),
            Num(to.x),
            Num(to.y)
        );
        // Hatching is many lines side by side; where two cross, one covers as much as two would.
        self.path(stroke(line), &data, true);
    }

    fn polyline(&mut self, path: &PathShape) {
        let mut data = String::new();
        for (at, point) in path.points.iter().enumerate() {
            let letter = if at == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _ = write!(data, "{letter}{} {}", Num(point.x), Num(point.y));
        }
        if path.closed {
            data.push('Z');
        }
        let inside = if path.closed {
            path.fill
        } else {
            Color32::TRANSPARENT
        };
        let line = solid(&path.stroke);
        let look = match (inside.a(), line.is_empty()) {
            (0, false) => stroke(line),
            (_, true) => fill(inside),
            _ => format!("{}{}", fill(inside), paint_stroke(line)),
        };
        // Filled neighbours with an outline would hide each other's lines.
        let joins =
            (inside.is_opaque() && line.is_empty()) || (inside.a() == 0 && line.color.is_opaque());
        self.path(look, &data, joins);
    }

    fn rect(&mut self, shape: &RectShape) {
        if self.textured(shape) {
            return;
        }
        let mut rect = shape.rect;
        let line = shape.stroke;
        if shape.round_to_pixels.unwrap_or(true) {
            rect = rect.round_to_pixels(PIXELS_PER_POINT);
        }
        let round = shape.corner_radius;
        let rounded = [round.nw, round.ne, round.sw, round.se];
        let plain = rounded.iter().all(|radius| *radius == 0) && shape.angle == 0.0;
        if plain && line.is_empty() && shape.blur_width <= 0.0 {
            let data = box_path(rect);
            return self.path(fill(shape.fill), &data, shape.fill.is_opaque());
        }
        let grown = match shape.stroke_kind {
            _ if line.is_empty() => 0.0,
            StrokeKind::Inside => -line.width / 2.0,
            StrokeKind::Middle => 0.0,
            StrokeKind::Outside => line.width / 2.0,
        };
        let rect = rect.expand(grown);
        let radius = rounded.iter().copied().max().unwrap_or(0);
        let radius = (f32::from(radius) + grown).clamp(0.0, rect.size().min_elem() / 2.0);
        let mut look = format!("{}{}", fill(shape.fill), paint_stroke(line));
        look.push_str(&turned(shape.angle, rect.center()));
        if shape.blur_width > 0.0 {
            let number = self.blur_number(shape.blur_width);
            let _ = write!(look, " filter=\"url(#b{number})\"");
        }
        let (x, y) = (Num(rect.left()), Num(rect.top()));
        let (width, height) = (Num(rect.width()), Num(rect.height()));
        let corner = match radius > 0.0 {
            true => format!(" rx=\"{}\"", Num(radius)),
            false => String::new(),
        };
        self.element(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{corner}{look}/>"
        ));
    }

    fn quadratic(&mut self, curve: &QuadraticBezierShape) {
        let [a, b, c] = curve.points;
        let data = format!(
            "M{} {}Q{} {} {} {}",
            Num(a.x),
            Num(a.y),
            Num(b.x),
            Num(b.y),
            Num(c.x),
            Num(c.y)
        );
        self.curve(data, curve.closed, curve.fill, &curve.stroke);
    }

    fn cubic(&mut self, curve: &CubicBezierShape) {
        let [a, b, c, d] = curve.points;
        let data = format!(
            "M{} {}C{} {} {} {} {} {}",
            Num(a.x),
            Num(a.y),
            Num(b.x),
            Num(b.y),
            Num(c.x),
            Num(c.y),
            Num(d.x),
            Num(d.y)
        );
        self.curve(data, curve.closed, curve.fill, &curve.stroke);
    }

    fn curve(&mut self, mut data: String, closed: bool, inside: Color32, line: &PathStroke) {
        if closed {
            data.push('Z');
        }
        let look = format!("{}{}", fill(inside), paint_stroke(solid(line)));
        self.path(look, &data, false);
    }
}

/// egui draws the line of a round shape outside of it; SVG in the middle of its edge.
fn outside(line: Stroke) -> f32 {
    match line.is_empty() {
        true => 0.0,
        false => line.width / 2.0,
    }
}

/// A rectangle as a part of a path.
pub(super) fn box_path(rect: Rect) -> String {
    let (x, y) = (Num(rect.left()), Num(rect.top()));
    let (width, height) = (Num(rect.width()), Num(rect.height()));
    format!("M{x} {y}h{width}v{height}H{x}Z")
}

/// A line without anything inside.
fn stroke(line: Stroke) -> String {
    if line.is_empty() {
        return String::new();
    }
    format!(" fill=\"none\"{}", paint_stroke(line))
}

fn paint_stroke(line: Stroke) -> String {
    if line.is_empty() {
        return String::new();
    }
    let width = match line.width {
        1.0 => String::new(),
        width => format!(" stroke-width=\"{}\"", Num(width)),
    };
    format!("{}{width}", paint("stroke", line.color))
}

/// A path's stroke in one colour.
fn solid(line: &PathStroke) -> Stroke {
    let colour = match &line.color {
        ColorMode::Solid(colour) => *colour,
        // Colours that depend on the place: that of the middle.
        ColorMode::UV(colour_at) => colour_at(Rect::ZERO, Pos2::ZERO),
    };
    Stroke::new(line.width, colour)
}

/// A turn clockwise about a point, as an attribute.
pub(super) fn turned(angle: f32, about: Pos2) -> String {
    match angle {
        0.0 => String::new(),
        angle => format!(
            " transform=\"rotate({} {} {})\"",
            Num(angle.to_degrees()),
            Num(about.x),
            Num(about.y)
        ),
    }
}
