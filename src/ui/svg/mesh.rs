//! Triangles: bars and areas that views put together themselves.
//!
//! Two triangles that make up a rectangle become one, and neighbours of one colour become one path. A triangle whose
//! corners differ in colour gets their mean.

use super::number::Num;
use super::shapes::box_path;
use super::{Svg, fill};
use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, Pos2, Rect, TextureId};

impl Svg<'_> {
    /// Adds triangles, moved by `origin`. Corners without a colour of their own get `fallback`.
    pub(super) fn mesh(&mut self, mesh: &Mesh, origin: Pos2, fallback: Color32, opacity: f32) {
        if mesh.texture_id != TextureId::default() {
            return self.empty_place(mesh.calc_bounds().translate(origin.to_vec2()));
        }
        let corner = |index: &u32| mesh.vertices.get(*index as usize);
        let place = |vertex: &Vertex| vertex.pos + origin.to_vec2();
        let mut triangles = mesh.indices.chunks_exact(3).peekable();
        while let Some(triangle) = triangles.next() {
            let Some(corners) = all_of(triangle.iter().map(corner)) else {
                continue;
            };
            let colour = mean(&corners, fallback).gamma_multiply(opacity);
            if colour.a() == 0 {
                continue;
            }
            let mut points: Vec<Pos2> = corners.iter().map(|corner| place(corner)).collect();
            let mut rect = None;
            if let Some(next) = triangles.peek()
                && let Some(more) = all_of(next.iter().map(corner))
                && mean(&more, fallback).gamma_multiply(opacity) == colour
            {
                let all = points
                    .iter()
                    .copied()
                    .chain(more.iter().map(|corner| place(corner)));
                rect = rectangle(&all.collect::<Vec<_>>());
                if rect.is_some() {
                    triangles.next();
                }
            }
            let data = match rect {
                Some(rect) => box_path(rect),
                None => {
                    let mut data = String::new();
                    for (at, point) in points.drain(..).enumerate() {
                        let letter = if at == 0 { 'M' } else { 'L' };
                        data.push_str(&format!("{letter}{} {}", Num(point.x), Num(point.y)));
                    }
                    data.push('Z');
                    data
                }
            };
            self.path(fill(colour), &data, colour.is_opaque());
        }
    }

    /// A picture whose pixels nobody knows: its place stays, empty and outlined.
    pub(super) fn empty_place(&mut self, rect: Rect) {
        let data = box_path(rect);
        let look = " fill=\"none\" stroke=\"#808080\" stroke-dasharray=\"4\"";
        self.path(look.to_owned(), &data, false);
    }
}

fn all_of<'a>(corners: impl Iterator<Item = Option<&'a Vertex>>) -> Option<Vec<&'a Vertex>> {
    corners.collect()
}

fn mean(corners: &[&Vertex], fallback: Color32) -> Color32 {
    let colour = |vertex: &Vertex| match vertex.color {
        Color32::PLACEHOLDER => fallback,
        // A letter's corner has the texture's colour, which is not drawn here.
        _ if vertex.uv != WHITE_UV && vertex.uv != Pos2::ZERO => Color32::TRANSPARENT,
        colour => colour,
    };
    let count = corners.len().max(1);
    let mut sums = [0_usize; 4];
    for corner in corners {
        for (sum, part) in sums.iter_mut().zip(colour(corner).to_array()) {
            *sum += usize::from(part);
        }
    }
    let [red, green, blue, alpha] =
        sums.map(|sum| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX));
    Color32::from_rgba_premultiplied(red, green, blue, alpha)
}

/// The rectangle that two triangles make up, when they do.
fn rectangle(points: &[Pos2]) -> Option<Rect> {
    let rect = Rect::from_points(points);
    let is_corner = |point: &Pos2| {
        (point.x == rect.left() || point.x == rect.right())
            && (point.y == rect.top() || point.y == rect.bottom())
    };
    let corners = [
        rect.left_top(),
        rect.right_top(),
        rect.left_bottom(),
        rect.right_bottom(),
    ];
    let whole =
        points.iter().all(is_corner) && corners.iter().all(|corner| points.contains(corner));
    // Each triangle is half of it, so together they are all of it or the same half twice.
    let halves = points
        .chunks_exact(3)
        .map(|half| corners.iter().position(|corner| !half.contains(corner)));
    let halves: Vec<_> = halves.collect();
    let differ = matches!(halves.as_slice(), [Some(a), Some(b)] if a + b == 3);
    (whole && differ).then_some(rect)
}
