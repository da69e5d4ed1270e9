//! Beside the tree: the chosen field bit by bit, the message as JSON with the sizes of both, and how the field can be
//! read where no schema tells.

use crate::ui::grpc::{self, OpenMessage};
use crate::ui::widgets::protobuf::{Parsed, Tab, bits_ui, tabs_ui, versions_ui};
use crate::ui::widgets::terms;
use crate::ui::{Command, ViewContext};
use egui::{RichText, ScrollArea, Ui};

/// What can be chosen here.
const TABS: [Tab; 4] = [Tab::Bits, Tab::Json, Tab::Readings, Tab::Versions];

pub(super) fn detail_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    message: &OpenMessage,
    field: Option<usize>,
    tab: &mut Tab,
) {
    tabs_ui(ui, context.theme, "Beside the fields", &TABS, tab);
    let Some(parsed) = &message.parsed else {
        return;
    };
    let weak = |text: &str| RichText::new(text).color(context.theme.text_weak);
    let row = field.and_then(|position| parsed.rows.get(position));
    match (*tab, row) {
        (Tab::Bits, Some(row)) => bits_ui(ui, context.theme, parsed, row),
        (Tab::Bits, None) => {
            ui.label(weak(
                "Point at a field to see its bytes bit by bit; click to keep it.",
            ))
            .on_hover_text(terms::hover_text("varint"));
        }
        (Tab::Json, _) => json_ui(ui, context, parsed),
        (Tab::Readings, row) => readings_ui(ui, context, message, row),
        (Tab::Versions, _) => other_version_ui(ui, context, message),
    }
}

/// The JSON of a message with the byte counts of both.
pub(in crate::ui::views) fn json_ui(ui: &mut Ui, context: &ViewContext<'_>, parsed: &Parsed) {
    ui.label(RichText::new(parsed.size_words()).strong());
    let Some(json) = &parsed.pretty else {
        let words = "There is no canonical JSON: no schema tells the type, or the bytes do not fit it. \
                     Add .proto files with the Open menu, or drop them onto the window.";
        ui.label(RichText::new(words).color(context.theme.text_weak));
        return;
    };
    ScrollArea::both()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let shown = RichText::new(json).monospace();
            ui.add(egui::Label::new(shown).selectable(true));
        });
}

fn other_version_ui(ui: &mut Ui, context: &ViewContext<'_>, message: &OpenMessage) {
    let theme = context.theme;
    let weak = |text: &str| RichText::new(text).color(theme.text_weak);
    let choose = |ui: &mut Ui, label: &str| {
        let hint = "A .proto file or descriptor set in which the same types are older or newer";
        if ui.small_button(label).on_hover_text(hint).clicked() {
            context.send(Command::Grpc(grpc::Command::ChooseOtherVersion));
        }
    };
    let chosen = context.grpc.schemas.against.is_some();
    if !chosen {
        ui.label(weak(
            "Old and new programs meet on the wire. Choose another version of the schema: both readings of this \
             message stand side by side, with what old readers ignore, what new ones take for the default, and \
             which changes break.",
        ));
        choose(ui, "Choose another version…");
        return;
    }
    ui.horizontal(|ui| {
        choose(ui, "Another one…");
        let hint = "The other version is remembered until this is clicked";
        if ui
            .small_button("Compare no more")
            .on_hover_text(hint)
            .clicked()
        {
            context.send(Command::Grpc(grpc::Command::CompareWith(Vec::new())));
        }
        let name = context.grpc.schemas.other_name();
        if !name.is_empty() {
            let words = RichText::new(format!("the other version: {name}")).small();
            let label = egui::Label::new(words.color(theme.text_weak)).truncate();
            ui.add(label).on_hover_text(&name);
        }
    });
    match &message.comparison {
        Some(comparison) => versions_ui(ui, theme, comparison),
        None => {
            let why = message.not_compared();
            ui.label(weak(&why));
        }
    }
}

fn readings_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    message: &OpenMessage,
    row: Option<&crate::ui::widgets::protobuf::FieldRow>,
) {
    let theme = context.theme;
    let weak = |text: &str| RichText::new(text).small().color(theme.text_weak);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        match row {
            Some(row) if !row.readings.is_empty() => {
                ui.label(RichText::new(format!("How to read field {}", row.title())).strong());
                let about = format!("of {}, in all its messages", message.scope);
                ui.label(weak(&about));
                if let Some(reading) = crate::ui::widgets::protobuf::readings_ui(ui, row) {
                    context.send(Command::Grpc(grpc::Command::Read {
                        scope: message.scope.clone(),
                        path: row.path.clone(),
                        reading,
                    }));
                }
            }
            Some(_) => {
                ui.label("The schema says how to read this field.");
            }
            None => {
                ui.label(weak("Choose a field of the tree to see how it can be read, and why."));
            }
        }
        ui.add_space(8.0);
        ui.separator();
        ui.label(weak(
            "A schema that nobody has can be drafted from all messages of the capture and what was said about fields.",
        ));
        let save = ui.button("Save the draft as .proto…");
        let hint = "Writes what `wireloom draft` prints: a file for each package";
        if save.on_hover_text(hint).clicked() {
            context.send(Command::Grpc(grpc::Command::SaveDraft));
        }
    });
}
