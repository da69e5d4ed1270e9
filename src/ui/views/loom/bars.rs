//! Upright bars, of which a picture has thousands.

use crate::trace::Direction;
use egui::{Color32, Mesh, Painter, Pos2, Rect, pos2, vec2};

/// A bar's colour at the thread, as a share of that at its tip.
const BASE_COLOUR: f32 = 0.62;

/// A bar that starts at the inner edge of its row: the client's grow up, the server's down.
pub fn hang(
    row: Rect,
    direction: Direction,
    x: f32,
    width: f32,
    reach: std::ops::Range<f32>,
) -> Rect {
    let (top, bottom) = match direction {
        Direction::Client => (row.bottom() - reach.end, row.bottom() - reach.start),
        Direction::Server => (row.top() + reach.start, row.top() + reach.end),
    };
    Rect::from_min_max(pos2(x, top), pos2(x + width, bottom))
}

/// Upright bars with edges on whole pixels, collected into one mesh: thousands cost little.
pub struct Bars<'a> {
    painter: &'a Painter,
    mesh: Mesh,
    pixel: f32,
}

impl<'a> Bars<'a> {
    /// No bars yet.
    pub fn new(painter: &'a Painter) -> Self {
        let pixel = 1.0 / painter.pixels_per_point().max(0.1);
        Self {
            painter,
            mesh: Mesh::default(),
            pixel,
        }
    }

    fn snapped(&self, bar: Rect) -> Rect {
        let snap = |points: f32| (points / self.pixel).round() * self.pixel;
        let left = snap(bar.left());
        let width = snap(bar.width()).max(self.pixel);
        Rect::from_min_max(
            pos2(left, snap(bar.top())),
            pos2(
                left + width,
                snap(bar.bottom()).max(snap(bar.top()) + self.pixel),
            ),
        )
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, bars: usize) {
        self.mesh.reserve_vertices(bars.saturating_mul(4));
        self.mesh.reserve_triangles(bars.saturating_mul(2));
    }

    /// Adds a bar of one colour.
    pub fn plain(&mut self, bar: Rect, colour: Color32) {
        if bar.height() > 0.0 {
            self.mesh.add_colored_rect(self.snapped(bar), colour);
        }
    }

    /// A bar that is strongest at its tip.
    pub fn toned(&mut self, bar: Rect, direction: Direction, colour: Color32) {
        let bar = self.snapped(bar);
        let base = colour.gamma_multiply(BASE_COLOUR);
        let (top, bottom) = match direction {
            Direction::Client => (colour, base),
            Direction::Server => (base, colour),
        };
        let first = u32::try_from(self.mesh.vertices.len()).unwrap_or(u32::MAX - 4);
        let corner = |mesh: &mut Mesh, at: Pos2, colour| mesh.colored_vertex(at, colour);
        corner(&mut self.mesh, bar.left_top(), top);
        corner(&mut self.mesh, bar.right_top(), top);
        corner(&mut self.mesh, bar.left_bottom(), bottom);
        corner(&mut self.mesh, bar.right_bottom(), bottom);
        self.mesh.add_triangle(first, first + 1, first + 2);
        self.mesh.add_triangle(first + 2, first + 1, first + 3);
    }

    /// A diamond too small to be more than a dot.
    pub fn dot(&mut self, centre: Pos2, radius: f32, colour: Color32) {
        let first = u32::try_from(self.mesh.vertices.len()).unwrap_or(u32::MAX - 4);
        for corner in [
            vec2(0.0, -1.0),
            vec2(1.0, 0.0),
            vec2(-1.0, 0.0),
            vec2(0.0, 1.0),
        ] {
            self.mesh.colored_vertex(centre + corner * radius, colour);
        }
        self.mesh.add_triangle(first, first + 1, first + 2);
        self.mesh.add_triangle(first + 2, first + 1, first + 3);
    }

    /// Draws all of them.
    pub fn paint(self) {
        if !self.mesh.is_empty() {
            self.painter.add(self.mesh);
        }
    }
}
