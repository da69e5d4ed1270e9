//! "What is this, how to read it, try this": the panel that explains a view, and shows it in words.
//! The texts are data: `assets/views.json`.

use super::Command;
use crate::ui::views::{ViewId, Views};
use crate::ui::widgets::icon::{Icon, IconButton};
use crate::ui::{Command as UiCommand, ViewContext};
use egui::{Align, Area, Frame, Id, Layout, Margin, Order, Rect, RichText, ScrollArea, Ui};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// How wide the panel is, in points: lines of about sixty letters.
const WIDTH: f32 = 400.0;

/// Letters of a view's words that are shown; copying takes all of them.
const MAX_WORDS_SHOWN: usize = 20_000;

/// What is said about a view.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Explanation {
    /// What it is, in two sentences.
    pub what: String,
    /// How it is read.
    pub read: Vec<String>,
    /// What to do with it.
    #[serde(rename = "try")]
    pub try_this: Vec<String>,
}

static EXPLANATIONS: LazyLock<HashMap<String, Explanation>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../assets/views.json")).unwrap_or_default()
});

/// What is said about a view; a test sees to it that each has something.
pub fn explanation(view: ViewId) -> Option<&'static Explanation> {
    EXPLANATIONS.get(view.name())
}

/// The view that is explained, and how.
#[derive(Clone, Debug)]
pub(super) struct Explained {
    pub(super) view: ViewId,
    in_words: bool,
}

impl Explained {
    pub(super) fn new(view: ViewId) -> Self {
        Self {
            view,
            in_words: false,
        }
    }
}

/// Draws the panel over the upper right corner of a pane, when it is this one that is explained.
pub(super) fn about_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    views: &Views,
    explained: &mut Option<Explained>,
    view: ViewId,
    pane: Rect,
) {
    let Some(state) = explained.as_mut().filter(|of| of.view == view) else {
        return;
    };
    let theme = context.theme;
    let window = ui.ctx().content_rect();
    let height = (window.bottom() - pane.top() - 40.0).clamp(220.0, 620.0);
    Area::new(Id::unique("explanation"))
        .order(Order::Foreground)
        .default_size(egui::vec2(WIDTH + 30.0, height))
        .pivot(egui::Align2::RIGHT_TOP)
        .fixed_pos(pane.right_top() + egui::vec2(-6.0, 4.0))
        .constrain_to(window.shrink(6.0))
        .show(ui.ctx(), |ui| {
            let frame = Frame::popup(ui.style()).inner_margin(Margin::same(14));
            let frame = frame.stroke(egui::Stroke::new(1.0, theme.accent));
            frame.show(ui, |ui| {
                ui.set_width(WIDTH.min(window.width() - 60.0));
                head_ui(ui, context, state);
                let text = state.in_words.then(|| views.text(view, context));
                ScrollArea::vertical()
                    .id_salt(("explanation", state.in_words))
                    .max_height(height - 60.0)
                    .show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        match &text {
                            Some(words) => words_ui(ui, context, words),
                            None => explanation_ui(ui, context, view),
                        }
                    });
            });
        });
}

fn head_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut Explained) {
    let title = state.view.title();
    ui.horizontal(|ui| {
        ui.label(RichText::new(title).strong().size(16.0));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = IconButton {
                icon: Icon::Close,
                label: "Close the explanation",
                hint: "Close (Esc)",
                enabled: true,
                prominent: false,
            };
            if close.show_small(ui, context.theme).clicked() {
                context.send(UiCommand::Workspace(Command::Explain(state.view)));
            }
            ui.selectable_value(&mut state.in_words, true, "In words")
                .on_hover_text("What the view shows now, as text to read aloud or copy");
            ui.selectable_value(&mut state.in_words, false, "Explained");
        });
    });
    ui.add_space(2.0);
}

fn explanation_ui(ui: &mut Ui, context: &ViewContext<'_>, view: ViewId) {
    let Some(about) = explanation(view) else {
        ui.label(view.entry().help);
        return;
    };
    ui.label(&about.what);
    for (title, lines) in [
        ("How to read it", &about.read),
        ("Try this", &about.try_this),
    ] {
        ui.add_space(6.0);
        ui.label(RichText::new(title).color(context.theme.accent));
        for line in lines {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                ui.label(RichText::new("•").color(context.theme.text_weak));
                ui.vertical(|ui| ui.label(line));
            });
        }
    }
}

fn words_ui(ui: &mut Ui, context: &ViewContext<'_>, words: &str) {
    if ui
        .small_button("Copy")
        .on_hover_text("Copy all of these words")
        .clicked()
    {
        ui.ctx().copy_text(words.to_owned());
    }
    let cut = words.char_indices().nth(MAX_WORDS_SHOWN);
    let shown = cut.map_or(words, |(at, _)| words.get(..at).unwrap_or(words));
    let font = egui::FontId::monospace(crate::ui::theme::text_size::SMALL);
    ui.add(egui::Label::new(RichText::new(shown).font(font)).selectable(true));
    if cut.is_some() {
        let more = "There is more; Copy takes all of it.";
        ui.label(RichText::new(more).color(context.theme.text_weak));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_is_explained_in_sentences_and_nothing_else_is() {
        for view in ViewId::all() {
            let about = explanation(view).unwrap_or_else(|| panic!("{}", view.name()));
            assert!(!about.read.is_empty() && !about.try_this.is_empty());
            let lines = about
                .read
                .iter()
                .chain(&about.try_this)
                .chain([&about.what]);
            for line in lines {
                assert!(line.ends_with('.'), "{}: {line}", view.name());
            }
        }
        for name in EXPLANATIONS.keys() {
            assert!(ViewId::from_name(name).is_some(), "{name}");
        }
    }
}
