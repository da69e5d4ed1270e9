//! The notes on what is inspected, above everything else that is known about it.

use super::{Subject, Tab};
use crate::notes::{Note, Target};
use crate::report::text;
use crate::trace::Cursor;
use crate::ui::notes::Command;
use crate::ui::widgets::mark;
use crate::ui::{Command as UiCommand, ViewContext};
use egui::{RichText, Role, Ui, WidgetInfo, vec2};

/// Letters of a note that are shown here.
const MAX_SHOWN: usize = 4000;

/// What a note written here is about.
fn target(subject: &Subject<'_>, tab: Tab) -> Option<Target> {
    let connection = subject.connection;
    match tab {
        Tab::Frame | Tab::Headers => Some(Target::Frame(connection?.id, subject.frame?.0)),
        Tab::Call | Tab::Stream if subject.stream.is_some() => {
            Some(Target::Stream(connection?.id, subject.stream?.id))
        }
        // Exchanges of HTTP/1.1, and calls in them: a note on a message is one on its exchange.
        Tab::Call | Tab::Stream | Tab::Message | Tab::Exchange => Some(Target::Exchange(
            connection?.id,
            subject.exchange.as_ref()?.id,
        )),
        Tab::Connection => Some(Target::Connection(connection?.id)),
        Tab::Packet => Some(Target::Instant(Cursor::after_packet(subject.packet?))),
    }
}

/// The notes, with a way to change them.
pub(super) fn notes_ui(ui: &mut Ui, context: &ViewContext<'_>, subject: &Subject<'_>, tab: Tab) {
    let Some(target) = target(subject, tab) else {
        return;
    };
    let theme = context.theme;
    for note in context.notes.on(target) {
        egui::Frame::new()
            .fill(theme.lane)
            .corner_radius(3.0)
            .inner_margin(6.0)
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.horizontal_top(|ui| {
                    let (rect, _) = ui.allocate_exact_size(vec2(14.0, 16.0), egui::Sense::hover());
                    mark::flag(ui.painter(), rect.center(), theme.accent);
                    let words = RichText::new(text::visible_lines(&note.text, MAX_SHOWN));
                    ui.add(egui::Label::new(words.color(theme.text)).wrap());
                });
                let edit = ui.small_button("Edit note");
                if edit.clicked() {
                    context.send(UiCommand::Notes(Command::Edit(note.id.clone())));
                }
            });
        ui.add_space(3.0);
    }
}

/// A button for the first note, beside what else can be done.
pub(super) fn write_ui(ui: &mut Ui, context: &ViewContext<'_>, subject: &Subject<'_>, tab: Tab) {
    let Some(target) = target(subject, tab) else {
        return;
    };
    if context.notes.on(target).next().is_some() {
        return;
    }
    let button = ui.add(egui::Button::new(RichText::new("Note").small()).small());
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Write a note"));
    let hint = "Write a note on it (M). Notes are kept beside the capture.";
    if button.on_hover_text(hint).clicked() {
        context.send(UiCommand::Notes(Command::Write(target)));
    }
}

/// The notes in words.
pub(super) fn text(context: &ViewContext<'_>, subject: &Subject<'_>, tab: Tab) -> String {
    let notes = target(subject, tab).into_iter();
    let notes = notes.flat_map(|target| context.notes.on(target));
    let line = |note: &Note| format!("note: {}", text::visible_lines(&note.text, MAX_SHOWN));
    notes.map(line).collect::<Vec<_>>().join("\n")
}
