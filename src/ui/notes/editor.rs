//! The small window in which a note is written.

use super::Command;
use crate::notes::{Note, NoteId, Place};
use crate::ui::theme::text_size;
use crate::ui::{Command as UiCommand, ViewContext};
use egui::{Align2, Id, Key, Modifiers, RichText, TextEdit, Ui, vec2};

/// What is written about.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A place that gets a new note.
    New(Place),
    /// A note that is changed, as it was when that began.
    Known(Box<Note>),
}

/// What is being written. See the module text.
#[derive(Clone, Debug, Default)]
pub struct Editor {
    open: Option<Draft>,
    /// What was typed and put aside with Escape, until the same is written about again.
    aside: Option<(Subject, String)>,
}

#[derive(Clone, Debug)]
struct Draft {
    subject: Subject,
    title: String,
    text: String,
    /// The text before anything was typed.
    before: String,
    /// Whether it still has to get the keyboard.
    fresh: bool,
}

impl Subject {
    fn is(&self, id: &NoteId) -> bool {
        matches!(self, Subject::Known(note) if note.id == *id)
    }

    /// Whether it is the same note, or a new one in the same place.
    fn is_same(&self, other: &Self) -> bool {
        match other {
            Subject::Known(note) => self.is(&note.id),
            new @ Subject::New(_) => self == new,
        }
    }
}

impl Editor {
    pub(super) fn open(&mut self, subject: Subject, title: String, text: &str) {
        let aside = self.aside.take_if(|(other, _)| other.is_same(&subject));
        self.open = Some(Draft {
            subject,
            title,
            text: aside.map_or_else(|| text.to_owned(), |(_, text)| text),
            before: text.to_owned(),
            fresh: true,
        });
    }

    /// Whether something is being written.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether something was typed.
    pub(super) fn is_changed(&self) -> bool {
        let draft = self.open.as_ref();
        draft.is_some_and(|draft| draft.text.trim() != draft.before.trim())
    }

    pub(super) fn is_about(&self, id: &NoteId) -> bool {
        let draft = self.open.as_ref();
        draft.is_some_and(|draft| draft.subject.is(id))
    }

    /// Closes it and hands out what was written.
    pub(super) fn take(&mut self) -> Option<(Subject, String)> {
        self.open.take().map(|draft| (draft.subject, draft.text))
    }

    /// Closes it. What was typed comes back when the same is written about again.
    pub fn discard(&mut self) {
        if self.is_changed() {
            self.aside = self.take();
        } else {
            self.open = None;
        }
    }

    #[cfg(test)]
    pub(super) fn type_text(&mut self, text: &str) {
        if let Some(draft) = &mut self.open {
            text.clone_into(&mut draft.text);
        }
    }

    /// Draws it over everything, when it is open.
    pub fn ui(&mut self, ui: &Ui, context: &ViewContext<'_>) {
        let Some(draft) = &mut self.open else {
            return;
        };
        let send = |command| context.send(UiCommand::Notes(command));
        let title = RichText::new(&draft.title).size(text_size::BODY).strong();
        egui::Window::new(title)
            .id(Id::unique("note editor"))
            .collapsible(false)
            .resizable(true)
            .default_width(380.0)
            .pivot(Align2::RIGHT_TOP)
            .default_pos(ui.max_rect().right_top() + vec2(-24.0, 88.0))
            .show(ui.ctx(), |ui| {
                // Before the field gets them.
                let keep = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
                let close = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
                let field = TextEdit::multiline(&mut draft.text)
                    .hint_text("What is to be seen here?")
                    .desired_rows(4)
                    .desired_width(f32::INFINITY);
                let response = ui.add(field).accessible_name("Text of the note");
                if std::mem::take(&mut draft.fresh) {
                    response.request_focus();
                }
                ui.add_space(4.0);
                let known = match &draft.subject {
                    Subject::Known(note) => context.notes.notes().get(&note.id).is_some(),
                    Subject::New(_) => true,
                };
                if !known {
                    let words = "Another window has deleted this note meanwhile. Saving writes it again, with this text.";
                    ui.label(RichText::new(words).small().color(context.theme.warning));
                }
                ui.horizontal(|ui| {
                    let words = ui.button("Save note").on_hover_text("Ctrl+Enter");
                    if words.clicked() || keep {
                        send(Command::Keep);
                    }
                    if ui.button("Cancel").on_hover_text("Esc; what was typed comes back when the same is written about again").clicked() || close {
                        send(Command::Discard);
                    }
                    if let Subject::Known(note) = &draft.subject
                        && known
                        && ui.button("Delete note").clicked()
                    {
                        send(Command::Delete(note.id.clone()));
                    }
                });
            });
    }
}
