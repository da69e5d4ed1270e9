//! Draws what stands at the beginning of boxes, their headers, each by the longest name that has room.

use super::layout::Layout;
use super::model::{Layer, Slice};
use super::packets::Packets;
use crate::ui::theme::{Theme, text_size};
use crate::ui::widgets::format;
use crate::ui::widgets::mark;
use egui::{Align, Color32, FontId, Painter, Rangef, Rect, Stroke, pos2, vec2};

/// A header at the beginning of a box is at least so wide.
pub const LEAST: f32 = 4.0;
/// On both sides of a name.
const ASIDE: f32 = 4.0;

/// Where the packets lie in their row, with room for the names of their headers.
pub fn packets(painter: &Painter, layout: &Layout, layers: &[(Layer, Vec<Slice>)]) -> Packets {
    let packets = layers.last().filter(|(layer, _)| *layer == Layer::Packet);
    let packets = packets.map_or(&[][..], |(_, slices)| slices.as_slice());
    let places: Vec<(Rangef, bool)> = packets
        .iter()
        .map(|packet| {
            let place = Rangef::new(layout.x(packet.range.start), layout.x(packet.range.end));
            (place, !packet.headers.is_empty())
        })
        .collect();
    // They are alike in nearly every packet of a side.
    let widths = packets.iter().take(8).map(|packet| {
        let names = packet.headers.iter().map(name);
        names.map(|name| width(painter, &name)).sum::<f32>()
    });
    Packets::new(layout.plot, &places, widths.fold(0.0, f32::max))
}

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

/// Writes what a box says: all of it, else the short form, else what of that has room.
pub fn paint_label(
    painter: &Painter,
    place: Rect,
    ways: [&str; 2],
    font: &FontId,
    colour: Color32,
) {
    let fits = |words: &&str| {
        let galley = painter.layout_no_wrap((*words).to_owned(), font.clone(), colour);
        galley.size().x <= place.width()
    };
    let [long, short] = ways;
    let words = match place.width() {
        // A box that is a line cannot be written into.
        ..9.0 => return,
        9.0..26.0 => Some(short).filter(fits),
        _ => Some(long).filter(fits).or(Some(short)),
    };
    if let Some(words) = words {
        mark::line(painter, place, Align::Min, words, font, colour);
    }
}

/// Draws the headers of a packet: each with its name where there is room for all, else all together.
pub fn paint_headers(
    painter: &Painter,
    place: Rect,
    headers: &[(String, u64)],
    ground: Color32,
    theme: &Theme,
) {
    painter.rect_filled(place, 3.0, ground);
    let names: Vec<String> = headers.iter().map(name).collect();
    let widths: Vec<f32> = names.iter().map(|name| width(painter, name)).collect();
    let all: f32 = widths.iter().sum();
    if all > place.width() + 0.5 {
        let bytes = format::count(headers.iter().map(|(_, bytes)| bytes).sum());
        let ways = [format!("headers {bytes}"), bytes];
        paint_name(painter, place, &ways, theme.text);
        return;
    }
    let mut left = place.left();
    for (position, (name, width)) in names.iter().zip(widths).enumerate() {
        // What is left over is shared.
        let right = left + width * (place.width() / all.max(1.0));
        let part = Rect::from_x_y_ranges(left..=right, place.y_range());
        if position > 0 {
            let line = Stroke::new(1.0, theme.text_weak);
            painter.line_segment([pos2(left, part.top()), pos2(left, part.bottom())], line);
        }
        let inner = part.shrink2(vec2(ASIDE, 0.0));
        mark::line(painter, inner, Align::Center, name, &font(), theme.text);
        left = right;
    }
}
