//! The list of keys, drawn over the window.

use super::keys::{Group, KEYS};
use crate::ui::widgets::icon::{Icon, IconButton};
use crate::ui::{Command, ViewContext};
use egui::{Frame, Id, Margin, Modal, RichText, ScrollArea};

/// Shows the list until it is closed: by its key, by Escape, or by a click beside it.
pub(super) fn help_ui(ui: &mut egui::Ui, context: &ViewContext<'_>) {
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(16));
    let modal = Modal::new(Id::unique("keys")).frame(frame);
    let height = ui.ctx().content_rect().height() - 120.0;
    let response = modal.show(ui.ctx(), |ui| {
        ui.set_width(430.0);
        ui.horizontal(|ui| {
            ui.heading("Keys");
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let close = IconButton {
                    icon: Icon::Close,
                    label: "Close the list of keys",
                    hint: "Close (Esc)",
                    enabled: true,
                    prominent: false,
                };
                if close.show(ui, context.theme).clicked() {
                    context.send(Command::ToggleHelp);
                }
            });
        });
        ScrollArea::vertical()
            .max_height(height)
            .show(ui, |ui| list_ui(ui, context));
    });
    if response.should_close() {
        context.send(Command::ToggleHelp);
    }
}

fn list_ui(ui: &mut egui::Ui, context: &ViewContext<'_>) {
    // Rows of text, not of buttons.
    ui.spacing_mut().interact_size.y = 18.0;
    for group in Group::ALL {
        ui.add_space(8.0);
        ui.label(RichText::new(group.title()).color(context.theme.accent));
        egui::Grid::new(group.title())
            .num_columns(2)
            .min_col_width(80.0)
            .spacing([16.0, 4.0])
            .show(ui, |ui| {
                for key in KEYS.iter().filter(|key| key.group == group) {
                    ui.label(RichText::new(key.name).monospace());
                    ui.label(key.label);
                    ui.end_row();
                }
            });
    }
    ui.add_space(8.0);
    let mouse = "With the mouse: drag in the strip at the bottom to move the cursor; in the \
                     loom, scroll to zoom and drag to pan.";
    ui.label(RichText::new(mouse).color(context.theme.text_weak));
}
