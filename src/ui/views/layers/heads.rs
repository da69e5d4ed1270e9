//! Draws what stands at the beginning of boxes, their headers, each by the longest name that has room.

use super::model::Layer;
use crate::ui::theme::{Theme, text_size};
use crate::ui::widgets::{format, hatch, mark};
use egui::{Align, Color32, FontId, Painter, Rect, Stroke, StrokeKind, vec2};

/// A header at the beginning of a box is at least so wide.
pub const LEAST: f32 = 4.0;
/// On both sides of a name.
const ASIDE: f32 = 4.0;

/// `TCP 32`.
fn name((name, bytes): &(String, u64)) -> String {
    format!("{name} {bytes}")
}

fn font() -> FontId {
    FontId::proportional(text_size::SMALL)
}

/// How wide a name is with what is free around it.
fn width(painter: &Painter, words: &str) -> f32 {
    let galley = painter.layout_no_wrap(words.to_owned(), font(), Color32::WHITE);
    galley.size().x + 2.0 * ASIDE
}

/// What a box's own header is called, from the longest name to the shortest.
pub fn names(layer: Layer, bytes: u64) -> Vec<String> {
    let count = format::count(bytes);
    let all: &[&str] = match layer {
        Layer::Frame => &["header, 9 bytes", "header 9", "9"],
        Layer::Message => &["prefix, 5 bytes", "prefix 5", "5"],
        Layer::Chunk => &["size"],
        _ => {
            return vec![
                format!("head, {}", format::exact_bytes(bytes)),
                format!("head {count}"),
                "head".to_owned(),
            ];
        }
    };
    all.iter().map(|name| (*name).to_owned()).collect()
}

/// Writes the first of some names that has room. Returns whether one had.
pub fn paint_name(painter: &Painter, place: Rect, names: &[String], colour: Color32) -> bool {
    let fitting = names
        .iter()
        .find(|name| width(painter, name) <= place.width());
    if let Some(name) = fitting {
        let inner = place.shrink2(vec2(ASIDE, 0.0));
        mark::line(painter, inner, Align::Min, name, &font(), colour);
    }
    fitting.is_some()
}

/// Writes what a box says: the longest of some ways that has room, else what of the first short ones has.
pub fn paint_label(
    painter: &Painter,
    place: Rect,
    ways: [&str; 3],
    font: &FontId,
    colour: Color32,
) {
    let fits = |words: &&str| {
        let galley = painter.layout_no_wrap((*words).to_owned(), font.clone(), colour);
        galley.size().x <= place.width()
    };
    let [longest, long, short] = ways;
    let words = match place.width() {
        // A box that is a line cannot be written into.
        ..9.0 => return,
        9.0..26.0 => Some(short).filter(fits),
        _ => [longest, long].into_iter().find(fits).or(Some(short)),
    };
    if let Some(words) = words {
        mark::line(painter, place, Align::Min, words, font, colour);
    }
}

/// How wide each header of a packet is drawn: in proportion to its bytes, as far as the names leave room for that; `None` where
/// there is not even room for the names.
fn shares(names: &[f32], bytes: &[u64], room: f32) -> Option<Vec<f32>> {
    let least: f32 = names.iter().sum();
    if least > room {
        return None;
    }
    // At this scale each name has room in its header.
    let per_byte = names.iter().zip(bytes);
    let per_byte = per_byte.map(|(name, bytes)| name / (*bytes).max(1) as f32);
    let per_byte = per_byte.fold(0.0, f32::max);
    let in_scale: Vec<f32> = bytes.iter().map(|bytes| *bytes as f32 * per_byte).collect();
    let all: f32 = in_scale.iter().sum();
    let towards = ((room - least) / (all - least).max(1.0)).clamp(0.0, 1.0);
    let widths = names.iter().zip(in_scale);
    let widths = widths.map(|(name, in_scale)| name + (in_scale - name) * towards);
    Some(widths.collect())
}

/// What is said behind the headers of a packet, from the longest way to the shortest.
const IN_FRONT: [&str; 3] = [
    "in front of the bytes above, not on the ruler",
    "in front, not on the ruler",
    "in front",
];

/// Draws the headers of a packet: each with its name where there is room for all, else all together. They are hatched, since
/// they are no bytes of the stream.
pub fn paint_headers(
    painter: &Painter,
    place: Rect,
    headers: &[(String, u64)],
    edge: Color32,
    theme: &Theme,
) {
    let names: Vec<String> = headers.iter().map(name).collect();
    let widths: Vec<f32> = names.iter().map(|name| width(painter, name)).collect();
    let bytes: Vec<u64> = headers.iter().map(|(_, bytes)| *bytes).collect();
    let sum = format::count(bytes.iter().sum());
    let parts = match shares(&widths, &bytes, place.width()) {
        Some(widths) => names.into_iter().zip(widths).collect(),
        None => {
            let ways = [format!("headers {sum}"), sum];
            let fitting = ways
                .into_iter()
                .find(|words| width(painter, words) <= place.width());
            let words = fitting.unwrap_or_default();
            vec![(words, place.width())]
        }
    };
    let mut left = place.left();
    for (name, width) in parts {
        let part = Rect::from_x_y_ranges(left..=(left + width), place.y_range());
        let hatched = painter.with_clip_rect(part.intersect(painter.clip_rect()));
        hatch::hatch(&hatched, part, edge.gamma_multiply(0.35));
        // Words are read on an even ground.
        let inner = part.shrink2(vec2(ASIDE, 0.0));
        let galley = painter.layout_no_wrap(name.clone(), font(), theme.text);
        let ground = Rect::from_center_size(part.center(), galley.size() + vec2(2.0, -2.0));
        painter.rect_filled(ground.intersect(part), 2.0, theme.panel);
        mark::line(painter, inner, Align::Center, &name, &font(), theme.text);
        painter.rect_stroke(part, 2.0, Stroke::new(1.0, edge), StrokeKind::Inside);
        left = part.right();
    }
    let behind = place.with_min_x(left + ASIDE);
    let fitting = IN_FRONT
        .into_iter()
        .find(|words| width(painter, words) <= behind.width());
    if let Some(words) = fitting {
        mark::line(painter, behind, Align::Min, words, &font(), theme.text_weak);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_as_wide_as_their_bytes_where_the_names_leave_room_for_that() {
        let (names, bytes) = ([70.0, 45.0, 45.0], [14, 40, 32]);
        let in_scale = shares(&names, &bytes, 900.0).unwrap();
        assert_eq!(in_scale, [70.0, 200.0, 160.0]);
        let narrow = shares(&names, &bytes, 200.0).unwrap();
        assert!(narrow.iter().sum::<f32>() <= 200.5, "{narrow:?}");
        assert!(narrow.iter().zip(names).all(|(width, name)| *width >= name));
        assert!(narrow[1] > narrow[2], "{narrow:?}");
        assert_eq!(shares(&names, &bytes, 100.0), None);
    }
}
