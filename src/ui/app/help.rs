//! The list of keys, drawn over the window.

use super::guide;
use super::keys::{CONTROL_KEYS, Group, KEYS};
use crate::ui::widgets::icon::{Icon, IconButton};
use crate::ui::{Command, ViewContext};
use egui::{Frame, Id, Margin, Modal, RichText, ScrollArea};

/// A column is never wider than its longest line.
const COLUMN_POINTS: f32 = 560.0;

/// Shows the list until it is closed: by its key, by Escape, or by a click beside it.
pub(super) fn help_ui(ui: &mut egui::Ui, context: &ViewContext<'_>) {
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(16));
    let modal = Modal::new(Id::unique("keys")).frame(frame);
    let room = ui.ctx().content_rect().size();
    let height = room.y - 104.0;
    let response = modal.show(ui.ctx(), |ui| {
        let columns = match room.x > 960.0 {
            true => 2,
            false => 1,
        };
        let widest = (room.x - 90.0) / columns as f32;
        ui.set_width(widest.clamp(200.0, COLUMN_POINTS) * columns as f32);
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
                let guide = ui.button("Show the guide");
                if guide
                    .on_hover_text("The first minute with Wireloom, step by step")
                    .clicked()
                {
                    context.send(Command::Guide(guide::Command::Start));
                }
            });
        });
        ScrollArea::vertical()
            .max_height(height)
            .min_scrolled_height(height)
            .show(ui, |ui| list_ui(ui, context, columns));
    });
    if response.should_close() {
        context.send(Command::ToggleHelp);
    }
}

fn list_ui(ui: &mut egui::Ui, context: &ViewContext<'_>, columns: usize) {
    // Rows of text, not of buttons.
    ui.spacing_mut().interact_size.y = 17.0;
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.columns(columns, |uis| {
        for group in Group::ALL {
            // Each in the column that ends first.
            let end = |ui: &egui::Ui| ui.min_rect().bottom();
            let shortest = uis
                .iter_mut()
                .min_by(|one, other| end(one).total_cmp(&end(other)));
            if let Some(ui) = shortest {
                group_ui(ui, context, group);
            }
        }
    });
    ui.add_space(8.0);
    let mouse = "With the mouse: drag in the strip at the bottom to move the cursor. In the loom \
                 the wheel scrolls through the lanes, Ctrl and the wheel zoom, dragging moves.";
    ui.label(RichText::new(mouse).color(context.theme.text_weak));
}

fn group_ui(ui: &mut egui::Ui, context: &ViewContext<'_>, group: Group) {
    ui.add_space(8.0);
    ui.label(RichText::new(group.title()).color(context.theme.accent));
    let keys = KEYS.iter().filter(|key| key.group == group);
    let keys = keys.map(|key| (key.name, key.label));
    let controls = CONTROL_KEYS.iter().filter(|_| group == Group::Controls);
    let controls = controls.map(|key| (key.name, key.label));
    egui::Grid::new(group.title())
        .num_columns(2)
        .min_col_width(86.0)
        .max_col_width((ui.available_width() - 98.0).max(100.0))
        .spacing([12.0, 1.0])
        .show(ui, |ui| {
            for (name, label) in keys.chain(controls) {
                ui.label(RichText::new(name).monospace());
                ui.add(egui::Label::new(label).wrap());
                ui.end_row();
            }
        });
}
