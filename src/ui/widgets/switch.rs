//! Small controls that several views share: a row of choices, and captions.

use super::explained::explained_ui;
use crate::ui::Theme;
use egui::{Color32, CornerRadius, FontId, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

/// Height of a row of choices, in points.
const HEIGHT: f32 = 24.0;
/// Left and right of a choice's words.
const PADDING: f32 = 10.0;

/// A choice of a row.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// What it says.
    pub label: &'a str,
    /// What it does, for hovering.
    pub help: &'a str,
    /// Whether it is the one in force.
    pub chosen: bool,
}

/// A row of choices of which one is in force. Returns the one that was clicked.
pub fn choices_ui(ui: &mut Ui, theme: &Theme, name: &str, choices: &[Choice<'_>]) -> Option<usize> {
    let font = FontId::proportional(crate::ui::theme::text_size::SMALL + 0.5);
    let galleys: Vec<_> = choices
        .iter()
        .map(|choice| {
            let colour = if choice.chosen {
                theme.text
            } else {
                theme.text_weak
            };
            ui.painter()
                .layout_no_wrap(choice.label.to_owned(), font.clone(), colour)
        })
        .collect();
    let width: f32 = galleys
        .iter()
        .map(|galley| galley.size().x + 2.0 * PADDING)
        .sum();
    let (whole, _) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    let painter = ui.painter().clone();
    painter.rect_filled(whole, 5.0, theme.lane);
    let mut left = whole.left();
    let mut clicked = None;
    for (index, (choice, galley)) in choices.iter().zip(galleys).enumerate() {
        let size = vec2(galley.size().x + 2.0 * PADDING, HEIGHT);
        let rect = Rect::from_min_size(pos2(left, whole.top()), size);
        left += size.x;
        let id = ui.scope_id().with((name, index));
        let response = ui.interact(rect, id, Sense::click());
        response.widget_info(|| {
            let label = format!("{name}: {}", choice.label);
            WidgetInfo::selected(Role::RadioButton, true, choice.chosen, label)
        });
        if choice.chosen {
            painter.rect_filled(rect.shrink(2.0), 4.0, theme.selection);
            let under = Rect::from_min_max(
                pos2(rect.left() + PADDING, rect.bottom() - 4.0),
                pos2(rect.right() - PADDING, rect.bottom() - 2.5),
            );
            painter.rect_filled(under, 0.0, theme.accent);
        } else if response.hovered() {
            painter.rect_filled(rect.shrink(2.0), 4.0, theme.hover);
        }
        if response.has_focus() {
            let stroke = Stroke::new(2.0, theme.accent);
            painter.rect_stroke(rect, 5.0, stroke, egui::StrokeKind::Inside);
        }
        let at = rect.center() - galley.size() / 2.0;
        painter.galley(at, galley, theme.text);
        if response.on_hover_text(choice.help).clicked() {
            clicked = Some(index);
        }
    }
    let stroke = Stroke::new(1.0, theme.line);
    painter.rect_stroke(
        whole,
        CornerRadius::same(5),
        stroke,
        egui::StrokeKind::Inside,
    );
    clicked
}

/// A button that stays pressed. Returns whether it was clicked.
pub fn toggle_ui(ui: &mut Ui, theme: &Theme, label: &str, help: &str, on: bool) -> bool {
    let choice = Choice {
        label,
        help,
        chosen: on,
    };
    let font = FontId::proportional(crate::ui::theme::text_size::SMALL + 0.5);
    let colour = if on { theme.text } else { theme.text_weak };
    let galley = ui
        .painter()
        .layout_no_wrap(choice.label.to_owned(), font, colour);
    let size = vec2(galley.size().x + 2.0 * PADDING, HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, label));
    let fill = match (on, response.hovered()) {
        (true, _) => theme.selection,
        (false, true) => theme.hover,
        (false, false) => theme.lane,
    };
    let edge = if response.has_focus() || on {
        theme.accent
    } else {
        theme.line
    };
    ui.painter().rect(
        rect,
        5.0,
        fill,
        Stroke::new(1.0, edge),
        egui::StrokeKind::Inside,
    );
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, theme.text);
    response.on_hover_text(help).clicked()
}

/// A caption over a part of a view, in small capitals' place: quiet, with what it means on hover.
pub fn caption_ui(ui: &mut Ui, theme: &Theme, title: &str, about: &str, help: &str) {
    let small = crate::ui::theme::text_size::SMALL;
    ui.add_space(6.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let words = egui::RichText::new(title).size(small + 1.5).strong();
        let response = ui.label(words.color(theme.text));
        if !help.is_empty() {
            response.on_hover_text(help);
        }
        if !about.is_empty() {
            let about = egui::RichText::new(about).size(small + 0.5);
            explained_ui(ui, about.color(theme.text_weak));
        }
    });
}

/// A colour laid thinly over a ground, so that text stays readable on it.
pub fn tinted(ground: Color32, colour: Color32, strength: f32) -> Color32 {
    ground.lerp_to_gamma(colour, strength)
}
