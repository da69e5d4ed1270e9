//! The key of the waterfall: each shape that a row can have, with its word.

use crate::ui::theme::Theme;
use crate::ui::widgets::hatch;
use egui::{Painter, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// A sample of a shape, in points.
const SAMPLE: egui::Vec2 = vec2(22.0, 12.0);

/// What a row of the waterfall is made of, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Sending,
    Waiting,
    Receiving,
    Interim,
    HeldBack,
    BrokenOff,
}

const PARTS: [(Part, &str); 6] = [
    (Part::Sending, "sending"),
    (Part::Waiting, "waiting"),
    (Part::Receiving, "receiving"),
    (Part::Interim, "interim response"),
    (Part::HeldBack, "held back"),
    (Part::BrokenOff, "ended before its last byte"),
];

/// Draws the key at the right, as far as there is room: what does not fit is told by the titles' hover text.
pub(super) fn legend_ui(ui: &mut Ui, theme: &Theme) {
    let font = egui::TextStyle::Small.resolve(ui.style());
    let widths = PARTS.map(|(_, words)| {
        let galley = ui
            .painter()
            .layout_no_wrap(words.to_owned(), font.clone(), theme.text_weak);
        galley.size().x + SAMPLE.x + 4.0 + 14.0
    });
    let room = ui.available_width() - 8.0;
    let mut used = 0.0;
    let fitting = widths
        .iter()
        .take_while(|width| {
            used += **width;
            used <= room
        })
        .count();
    let width: f32 = widths.iter().take(fitting).sum();
    ui.add_space((room - width).max(0.0));
    ui.spacing_mut().item_spacing.x = 4.0;
    for (part, words) in PARTS.into_iter().take(fitting) {
        let (rect, response) = ui.allocate_exact_size(SAMPLE, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("sign: {words}")));
        paint(ui.painter(), theme, part, rect);
        ui.label(RichText::new(words).small().color(theme.text_weak));
        ui.add_space(6.0);
    }
}

fn paint(painter: &Painter, theme: &Theme, part: Part, rect: Rect) {
    let (colour, y) = (theme.text_weak, rect.center().y);
    let band = |half: f32| Rect::from_x_y_ranges(rect.x_range(), y - half..=y + half);
    match part {
        Part::Sending => {
            painter.rect_filled(band(3.0), 0.0, colour);
        }
        Part::Waiting => {
            painter.rect_filled(band(0.75), 0.0, colour);
        }
        Part::Receiving => {
            painter.rect_filled(band(6.0), 2.0, colour.gamma_multiply(0.75));
            let first = Stroke::new(1.5, colour);
            painter.vline(rect.left() + 0.75, band(6.0).y_range(), first);
        }
        Part::Interim => {
            painter.circle_filled(pos2(rect.center().x, y), 2.5, colour);
        }
        Part::HeldBack => {
            painter.rect_filled(band(6.0), 0.0, theme.warning.gamma_multiply(0.18));
            hatch::hatch(painter, band(6.0), theme.warning.gamma_multiply(0.7));
        }
        Part::BrokenOff => {
            let edge = Stroke::new(1.5, theme.error);
            painter.rect_stroke(band(6.0), 2.0, edge, StrokeKind::Inside);
        }
    }
}
