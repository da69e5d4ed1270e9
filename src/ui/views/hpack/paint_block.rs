//! Draws the block: a card for each field with its bytes, what they mean and what they cost.

use super::layout::{self, Card};
use super::model::{Kind, Part, Shown, item_of, parts};
use super::words;
use crate::report::text::one_line;
use crate::trace::headers::HeaderField;
use crate::ui::theme::{Theme, text_size};
use crate::ui::widgets::mark;
use crate::ui::widgets::switch::tinted;
use crate::ui::widgets::terms;
use crate::ui::{Command, ViewContext};
use egui::{
    Align, Align2, Color32, FontId, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};

/// Fields with cards; a block of more is a flood, and its cards would tell nothing.
const MAX_CARDS: usize = 400;

/// Letters of a field that a card writes at most.
const MAX_LETTERS: usize = 200;
/// Bytes of a field that are listed when the pointer is over its card.
const MAX_BYTES: usize = 256;

/// The colour of a kind of field.
pub fn colour(theme: &Theme, kind: Kind) -> Color32 {
    match kind {
        Kind::Static => theme.stream(0),
        Kind::Dynamic => theme.stream(2),
        Kind::Added => theme.stream(1),
        Kind::Never => theme.stream(5),
        Kind::Update => theme.stream(6),
        Kind::NotAdded | Kind::Unseen => theme.connection_frames,
    }
}

/// A kind's own shape, so that colour is not the only sign.
pub fn kind_mark(painter: &Painter, centre: Pos2, kind: Kind, colour: Color32) {
    let stroke = Stroke::new(1.8, colour);
    let square = Rect::from_center_size(centre, vec2(9.0, 9.0));
    match kind {
        Kind::Static => {
            painter.rect_filled(square, 1.0, colour);
        }
        Kind::Dynamic => {
            painter.circle_filled(centre, 5.0, colour);
        }
        Kind::Unseen => {
            painter.circle_stroke(centre, 4.5, stroke);
        }
        Kind::Added => {
            painter.hline(square.x_range(), centre.y, Stroke::new(2.4, colour));
            painter.vline(centre.x, square.y_range(), Stroke::new(2.4, colour));
        }
        Kind::NotAdded => {
            painter.rect_stroke(square, 1.0, stroke, StrokeKind::Inside);
        }
        Kind::Never => {
            painter.line_segment([square.left_top(), square.right_bottom()], stroke);
            painter.line_segment([square.right_top(), square.left_bottom()], stroke);
        }
        Kind::Update => {
            let points = vec![
                square.center_top(),
                square.right_bottom(),
                square.left_bottom(),
            ];
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        }
    }
}

/// Draws the cards.
pub fn block_ui(ui: &mut Ui, context: &ViewContext<'_>, shown: &Shown<'_>) {
    let Some(block) = shown.decoded() else {
        return;
    };
    title_ui(ui, context.theme);
    let parts = parts(block);
    let mono = FontId::monospace(text_size::MONOSPACE);
    let letter = ui.fonts_mut(|fonts| fonts.glyph_width(&mono, '0'));
    let small = FontId::proportional(text_size::SMALL);
    let fields: Vec<(usize, f32)> = parts
        .iter()
        .take(MAX_CARDS)
        .map(|part| {
            let letters = one_line(&part.says(), MAX_LETTERS).chars().count();
            let means = words::means_now(shown, part);
            let means = ui
                .painter()
                .layout_no_wrap(means, small.clone(), context.theme.text);
            let beside_its_sign = means.size().x + 17.0;
            (
                part.range().len(),
                (letter * letters as f32).max(beside_its_sign),
            )
        })
        .collect();
    let cards = layout::cards(&fields, ui.available_width());
    let height = layout::height(cards.iter().map(|card| card.rect));
    let (_, area) = ui.allocate_space(vec2(ui.available_width(), height));
    let (chosen, hovered) = (
        super::chosen_part(context, shown),
        shown.hovered_part(context),
    );
    for (position, (part, card)) in parts.iter().zip(&cards).enumerate() {
        let card = Card {
            rect: card.rect.translate(area.min.to_vec2()),
            ..*card
        };
        if !ui.is_rect_visible(card.rect) {
            continue;
        }
        let id = ui.scope_id().with(("field", position));
        let response = ui.interact(card.rect, id, Sense::click());
        response.widget_info(|| {
            let label = format!(
                "field {}: {}, {}, {}",
                position + 1,
                one_line(&part.says(), 120),
                part.means(),
                part.cost()
            );
            WidgetInfo::selected(Role::Button, true, chosen == Some(position), label)
        });
        let item = item_of(shown.connection, block, part.range());
        if let Some(item) = item {
            if response.hovered() {
                context.hover(item);
            }
            if response.clicked() {
                context.send(Command::Select(item));
            }
        }
        let look = Look {
            chosen: chosen == Some(position),
            hovered: hovered == Some(position) || response.has_focus(),
        };
        let means = words::means_now(shown, part);
        card_ui(ui, context.theme, &block.bytes, (part, &means), &card, look);
        response.on_hover_ui(|ui| {
            ui.label(words::part_hover(shown, position));
            if card.more > 0 {
                let all = block.bytes.get(part.range()).unwrap_or_default();
                let bytes = egui::RichText::new(hex_words(all)).font(mono.clone());
                ui.label(bytes.color(context.theme.text_weak));
            }
        });
    }
    if parts.len() > MAX_CARDS {
        let more = parts.len() - MAX_CARDS;
        ui.label(format!("… and {more} more fields: see the inspector"));
    }
}

/// All bytes of a field as hex digits; of a very long one the first.
fn hex_words(bytes: &[u8]) -> String {
    let shown: Vec<String> = (bytes.iter().take(MAX_BYTES))
        .map(|byte| format!("{byte:02x}"))
        .collect();
    match bytes.len().saturating_sub(MAX_BYTES) {
        0 => shown.join(" "),
        more => format!("{} and {more} more bytes", shown.join(" ")),
    }
}

#[derive(Clone, Copy)]
struct Look {
    chosen: bool,
    hovered: bool,
}

fn card_ui(
    ui: &Ui,
    theme: &Theme,
    bytes: &[u8],
    (part, means_now): (&Part<'_>, &str),
    card: &Card,
    look: Look,
) {
    let painter = ui.painter_at(card.rect.expand(1.0));
    let kind = part.kind();
    let colour = colour(theme, kind);
    let ground = if look.hovered {
        theme.hover
    } else {
        theme.lane
    };
    let edge = if look.chosen {
        Stroke::new(2.0, theme.accent)
    } else {
        Stroke::new(1.0, tinted(theme.line, colour, 0.35))
    };
    painter.rect(card.rect, 6.0, ground, edge, StrokeKind::Inside);
    let range = part.range();
    let mono = FontId::monospace(text_size::MONOSPACE);
    let own = bytes.get(range.clone()).unwrap_or_default();
    for (position, byte) in own.iter().take(card.cells).enumerate() {
        let cell = card.cell(position);
        let strength = match part {
            Part::Field(field) => strength(field, range.start + position),
            Part::Update(_) => SHADES[0],
        };
        let fill = theme.tinted_for_text(theme.background, colour, strength);
        painter.rect_filled(cell, 3.0, fill);
        if kind == Kind::Unseen {
            let points = [
                cell.left_top(),
                cell.right_top(),
                cell.right_bottom(),
                cell.left_bottom(),
                cell.left_top(),
            ];
            painter.extend(Shape::dashed_line(
                &points,
                Stroke::new(1.2, colour),
                4.0,
                3.0,
            ));
        }
        painter.text(
            cell.center(),
            Align2::CENTER_CENTER,
            format!("{byte:02x}"),
            mono.clone(),
            theme.text,
        );
    }
    if card.more > 0 {
        let cell = card.cell(card.cells);
        painter.text(
            cell.left_center() + vec2(1.0, 0.0),
            Align2::LEFT_CENTER,
            match card.more {
                1 => "1 more byte".to_owned(),
                more => format!("{more} more bytes"),
            },
            FontId::proportional(text_size::SMALL),
            theme.text_weak,
        );
    }
    let inner = card.rect.shrink2(vec2(layout::CARD_PADDING + 1.0, 0.0));
    let top = card.words_top();
    let row =
        |top: f32| Rect::from_min_max(pos2(inner.left(), top), pos2(inner.right(), top + 16.0));
    let means = row(top);
    kind_mark(&painter, means.left_center() + vec2(5.0, 0.0), kind, colour);
    let small = FontId::proportional(text_size::SMALL);
    let beside = means.with_min_x(means.left() + 16.0);
    mark::line(
        &painter,
        beside,
        Align::Min,
        means_now,
        &small,
        theme.text_weak,
    );
    let says = one_line(&part.says(), MAX_LETTERS);
    mark::line(
        &painter,
        row(top + 17.0),
        Align::Min,
        &says,
        &mono,
        theme.text,
    );
    cost_ui(&painter, theme, part, row(top + 37.0), colour);
}

/// How strongly a byte is coloured: the first byte most, lengths in between, text least.
const SHADES: [f32; 3] = [0.62, 0.42, 0.2];

/// The title, with what the shades of bytes and the small bars mean.
fn title_ui(ui: &mut Ui, theme: &Theme) {
    let [kind, length, letters, bar] = words::KEY;
    // No field's own colour: each field's bytes have these shades in the colour of its sign.
    let colour = colour(theme, Kind::NotAdded);
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(5.0, 2.0);
        let title = egui::RichText::new("The block, byte by byte").size(text_size::SMALL + 1.5);
        ui.label(title.strong().color(theme.text))
            .on_hover_text(terms::hover_text("header block"));
        ui.add_space(5.0);
        let words = |ui: &mut Ui, words: &str| {
            let words = egui::RichText::new(words).size(text_size::SMALL + 0.5);
            ui.label(words.color(theme.text_weak));
        };
        let sign = |ui: &mut Ui, width: f32, name: &str| {
            let (rect, response) = ui.allocate_exact_size(vec2(width, 12.0), Sense::hover());
            response
                .widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("sign: {name}")));
            rect
        };
        words(ui, words::SHADES_OF);
        for (shade, name) in SHADES.into_iter().zip([kind, length, letters]) {
            let rect = sign(ui, 16.0, name);
            let fill = theme.tinted_for_text(theme.background, colour, shade);
            ui.painter().rect_filled(rect, 2.0, fill);
            words(ui, name);
            ui.add_space(6.0);
        }
        words(ui, "small bar:");
        let rect = sign(ui, 30.0, bar).shrink2(vec2(0.0, 2.0));
        let filled = rect.with_max_x(rect.left() + rect.width() * 0.4);
        ui.painter().rect_filled(filled, 1.0, colour);
        let edge = Stroke::new(1.0, theme.text_weak);
        ui.painter()
            .rect_stroke(rect, 1.0, edge, StrokeKind::Inside);
        words(ui, bar);
        words(ui, "· select a field to see its bits");
    });
}

/// The shade of one byte of a field.
fn strength(field: &HeaderField, byte: usize) -> f32 {
    let [first, length, text] = SHADES;
    if field.index_range.contains(&byte) {
        return first;
    }
    let strings = [&field.name_string, &field.value_string];
    let is_length = strings
        .into_iter()
        .flatten()
        .any(|string| string.length_range.contains(&byte));
    if is_length { length } else { text }
}

/// What travelled, filled, of what it stands for, outlined; and the numbers.
fn cost_ui(painter: &Painter, theme: &Theme, part: &Part<'_>, row: Rect, colour: Color32) {
    let (wire, text) = (part.range().len() as f32, part.text_bytes() as f32);
    let bar = Rect::from_min_size(row.min + vec2(0.0, 4.0), vec2(46.0, 8.0));
    let most = wire.max(text).max(1.0);
    let outline = bar.with_max_x(bar.left() + bar.width() * (text / most).max(0.02));
    let filled = bar.with_max_x(bar.left() + bar.width() * (wire / most).max(0.04));
    painter.rect_filled(filled, 1.0, colour);
    if text > 0.0 {
        painter.rect_stroke(
            outline,
            1.0,
            Stroke::new(1.0, theme.text_weak),
            StrokeKind::Inside,
        );
    }
    let small = FontId::proportional(text_size::SMALL);
    let beside = row.with_min_x(bar.right() + 7.0);
    mark::line(
        painter,
        beside,
        Align::Min,
        &part.cost(),
        &small,
        theme.text_weak,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_without_a_cell_are_listed_at_the_pointer() {
        assert_eq!(hex_words(&[0x0f, 0x0d, 0xff]), "0f 0d ff");
        let long = hex_words(&[7; MAX_BYTES + 3]);
        assert!(long.ends_with("07 and 3 more bytes"), "{long}");
    }
}
