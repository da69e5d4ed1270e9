//! Pictures as SVG: what egui would paint, as shapes that a browser, a word processor or a printer draws at any size.
//!
//! egui hands out its shapes before they become triangles: rectangles, circles, paths and laid-out texts. Each becomes one
//! element; neighbours that look the same become one path, and only what a clip rectangle cuts gets a clip. Text stays text,
//! so that it can be searched and copied: each word stands where egui placed it, in the same font where the reader has it
//! (Inter, Hack), else in a similar one.

mod mesh;
mod number;
mod pictures;
mod shapes;
mod text;

use egui::epaint::ClippedShape;
use egui::{Color32, Rect, Shape};
use number::Num;
pub use pictures::{Pictures, Shown};
use std::collections::HashMap;
use std::fmt::Write;

/// A picture that is being written.
pub(super) struct Svg<'a> {
    size: Rect,
    body: String,
    /// The clip rectangle of the open group, as its number.
    group: Option<usize>,
    clips: Vec<[i64; 4]>,
    clip_numbers: HashMap<[i64; 4], usize>,
    /// Blurs, in hundredths of a point.
    blurs: Vec<i64>,
    /// A path that the next shape may join.
    path: Option<Path>,
    pictures: &'a Pictures,
}

/// A path that is being put together from neighbours of one look.
#[derive(Clone, Debug, PartialEq)]
struct Path {
    look: String,
    data: String,
}

/// Writes the picture that lies within `size`, in points. `title` is what a screen reader says, `pictures` what is drawn
/// within it pixel by pixel.
pub fn write(
    shapes: &[ClippedShape],
    size: Rect,
    ground: Color32,
    title: &str,
    pictures: &Pictures,
) -> String {
    let mut svg = Svg {
        size,
        body: String::new(),
        group: None,
        clips: Vec::new(),
        clip_numbers: HashMap::new(),
        blurs: Vec::new(),
        path: None,
        pictures,
    };
    for clipped in shapes {
        svg.clipped(clipped.clip_rect, &clipped.shape);
    }
    svg.end_group();
    let (width, height) = (Num(size.width()), Num(size.height()));
    let (left, top) = (Num(size.left()), Num(size.top()));
    let mut file = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"{left} {top} {width} {height}\" role=\"img\">\n<title>{}</title>\n",
        escaped(title)
    );
    svg.definitions(&mut file);
    let ground = fill(ground);
    // Writing to a string cannot fail.
    let _ = writeln!(
        file,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"{ground}/>"
    );
    file.push_str(&svg.body);
    file.push_str("</svg>\n");
    file
}

impl Svg<'_> {
    fn clipped(&mut self, clip: Rect, shape: &Shape) {
        if let Shape::Vec(shapes) = shape {
            for shape in shapes {
                self.clipped(clip, shape);
            }
            return;
        }
        let clip = clip.intersect(self.size);
        let bounds = shape.visual_bounding_rect();
        if !clip.is_positive() || !bounds.intersects(clip) {
            return;
        }
        self.in_group((!clip.contains_rect(bounds)).then_some(clip));
        self.shape(shape);
    }

    /// Opens the group with this clip, unless it is open.
    fn in_group(&mut self, clip: Option<Rect>) {
        let number = clip.map(|clip| self.clip_number(clip));
        if number == self.group {
            return;
        }
        self.end_group();
        if let Some(number) = number {
            let _ = writeln!(self.body, "<g clip-path=\"url(#c{number})\">");
        }
        self.group = number;
    }

    fn end_group(&mut self) {
        self.end_path();
        if self.group.take().is_some() {
            self.body.push_str("</g>\n");
        }
    }

    fn clip_number(&mut self, clip: Rect) -> usize {
        let key = [clip.left(), clip.top(), clip.width(), clip.height()];
        let key = key.map(|length| (f64::from(length) * 100.0).round() as i64);
        if let Some(number) = self.clip_numbers.get(&key) {
            return *number;
        }
        let number = self.clips.len();
        self.clips.push(key);
        self.clip_numbers.insert(key, number);
        number
    }

    fn blur_number(&mut self, width: f32) -> usize {
        let key = (f64::from(width) * 100.0).round() as i64;
        let known = self.blurs.iter().position(|blur| *blur == key);
        known.unwrap_or_else(|| {
            self.blurs.push(key);
            self.blurs.len() - 1
        })
    }

    fn definitions(&self, file: &mut String) {
        if self.clips.is_empty() && self.blurs.is_empty() {
            return;
        }
        file.push_str("<defs>\n");
        for (number, clip) in self.clips.iter().enumerate() {
            let [x, y, width, height] = clip.map(|hundredths| Num(hundredths as f32 / 100.0));
            let _ = writeln!(
                file,
                "<clipPath id=\"c{number}\"><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/></clipPath>"
            );
        }
        for (number, blur) in self.blurs.iter().enumerate() {
            // egui blurs in a straight line over this width.
            let deviation = Num(*blur as f32 / 400.0);
            let _ = writeln!(
                file,
                "<filter id=\"b{number}\" x=\"-50%\" y=\"-50%\" width=\"200%\" height=\"200%\"><feGaussianBlur stdDeviation=\"{deviation}\"/></filter>"
            );
        }
        file.push_str("</defs>\n");
    }

    /// Adds an element.
    fn element(&mut self, element: &str) {
        self.end_path();
        self.body.push_str(element);
        self.body.push('\n');
    }

    /// Adds a part of a path. It joins the one before when that looks the same; only what is opaque may, since where
    /// parts overlap, two would cover more than one.
    fn path(&mut self, look: String, data: &str, opaque: bool) {
        match &mut self.path {
            Some(path) if opaque && path.look == look => path.data.push_str(data),
            _ => {
                self.end_path();
                let data = data.to_owned();
                self.path = Some(Path { look, data });
                if !opaque {
                    self.end_path();
                }
            }
        }
    }

    fn end_path(&mut self) {
        if let Some(Path { look, data }) = self.path.take() {
            let _ = writeln!(self.body, "<path d=\"{data}\"{look}/>");
        }
    }
}

/// ` fill="#…"`, with its opacity.
fn fill(colour: Color32) -> String {
    paint("fill", colour)
}

/// A colour as an attribute; `none` when nothing of it is seen.
fn paint(attribute: &str, colour: Color32) -> String {
    let [red, green, blue, alpha] = colour.to_srgba_unmultiplied();
    match alpha {
        0 => format!(" {attribute}=\"none\""),
        255 => format!(" {attribute}=\"#{red:02x}{green:02x}{blue:02x}\""),
        _ => {
            let opacity = Num(f32::from(alpha) / 255.0);
            format!(
                " {attribute}=\"#{red:02x}{green:02x}{blue:02x}\" {attribute}-opacity=\"{opacity}\""
            )
        }
    }
}

/// Text between tags or quotes. What XML cannot hold becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            _ if character.is_control() => safe.push('\u{fffd}'),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
