//! The field in which an expression is typed, what is offered and what is wrong below it, and the buttons beside it.

use super::{Command, Input, count_text};
use crate::filter::{Completion, FilterError, completions, is_begun};
use crate::ui::widgets::icon::{Icon, IconButton};
use crate::ui::{Command as UiCommand, ViewContext};
use egui::text::CCursor;
use egui::text_edit::{TextEditOutput, TextEditState};
use egui::{Color32, Key, Modifiers, Popup, RichText, Stroke, TextEdit, Ui, vec2};
use std::ops::Range;

/// Room for the steps, what was found, and the button that clears the field.
const BESIDE_POINTS: f32 = 230.0;

/// Of that, for what was found, in two lines.
const FOUND_POINTS: f32 = 112.0;

/// How long the line below what is wrong is at least.
const LEAST_UNDERLINE_POINTS: f32 = 7.0;

/// The name by which screen readers and tests find the field.
pub const LABEL: &str = "Filter";

/// Draws the field and what belongs to it.
pub fn filter_ui(ui: &mut Ui, context: &ViewContext<'_>, input: &mut Input) {
    let theme = context.theme;
    let id = ui.make_persistent_id("filter");
    let selected = context.selected_frame().map(|(frame, _)| frame);
    let count = (context.matches).map(|run| count_text(context.trace, run, selected));
    let said = said(context, input);
    // The same with and without a filter: nothing jumps while one is typed.
    let width = (ui.available_width() - BESIDE_POINTS).clamp(120.0, 420.0);

    let focused = ui.memory(|memory| memory.has_focus(id));
    let caret = TextEditState::load(ui.ctx(), id)
        .and_then(|state| state.cursor.char_range())
        .map(|range| byte_of(&input.text, range.primary.index.into()));
    let offers = match (focused, caret) {
        (true, Some(caret)) => completions(&input.text, caret),
        _ => Vec::new(),
    };
    let take = focused
        && !offers.is_empty()
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab));

    let before = input.text.clone();
    let field = TextEdit::singleline(&mut input.text)
        .id(id)
        .desired_width(width)
        .text_color(theme.text)
        .lock_focus(!offers.is_empty())
        .hint_text(hint(context));
    let shown = field.show(ui);
    if let Some(error) = &input.error {
        underline(ui, &shown, wrong_part(&input.text, error), theme.error);
    }
    let response = shown.response.response.accessible_name(LABEL);
    let in_force = (context.matches).is_some_and(|run| run.filter().text() == input.text.trim());
    let begun = !in_force && caret.is_some_and(|caret| is_begun(&input.text, caret));
    if std::mem::take(&mut input.wants_focus) {
        response.request_focus();
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        let back = ui.input(|input| input.modifiers.shift);
        // Also a word that may only be begun is meant as it stands.
        context.send(UiCommand::Filter(Command::Set(input.text.clone())));
        context.send(UiCommand::Filter(if back {
            Command::Previous
        } else {
            Command::Next
        }));
        response.request_focus();
    }
    let mut chosen = take.then(|| offers.first().cloned()).flatten();
    let popup = Popup::from_response(&response)
        .open(focused && (!offers.is_empty() || input.error.is_some()))
        .close_behavior(egui::PopupCloseBehavior::IgnoreClicks)
        .show(|ui| {
            ui.set_max_width(460.0);
            if let Some(error) = &input.error {
                ui.label(RichText::new(error.to_string()).color(theme.error));
            }
            if let (true, Some(word)) = (begun, plain_word(&input.text)) {
                let words = format!("Enter looks for the word “{word}”");
                ui.label(RichText::new(words).small().color(theme.text_weak));
            }
            for (index, offer) in offers.iter().enumerate() {
                let same = |of: &Completion| of.help == offer.help;
                let said = index > 0 && offers.get(index - 1).is_some_and(same);
                if offer_ui(ui, context, offer, index == 0, said).clicked() {
                    chosen = Some(offer.clone());
                }
            }
        });
    let at_popup = popup.is_some_and(|popup| {
        let pointer = ui.input(|input| input.pointer.latest_pos());
        pointer.is_some_and(|at| popup.response.rect.contains(at))
    });
    if response.lost_focus() && begun && chosen.is_none() && !at_popup {
        context.send(UiCommand::Filter(Command::Set(input.text.clone())));
    }
    if let Some(offer) = chosen {
        let end = offer.range.start + offer.text.len();
        input.text.replace_range(offer.range, &offer.text);
        if let Some(mut state) = TextEditState::load(ui.ctx(), id) {
            let at = input.text.get(..end).map_or(0, |text| text.chars().count());
            let caret = CCursor::new(at);
            state
                .cursor
                .set_char_range(Some(egui::text::CCursorRange::one(caret)));
            state.store(ui.ctx(), id);
        }
        response.request_focus();
    }
    if input.text != before {
        let caret = TextEditState::load(ui.ctx(), id)
            .and_then(|state| state.cursor.char_range())
            .map_or(0, |range| byte_of(&input.text, range.primary.index.into()));
        let text = input.text.clone();
        context.send(UiCommand::Filter(match is_begun(&text, caret) {
            true => Command::Type(text),
            false => Command::Set(text),
        }));
    }
    if !focused {
        response.on_hover_text(match &input.error {
            Some(error) => error.to_string(),
            None => "Which frames and streams are listed. Fields with a colon (stream:3), words, and, or, not; \
                     Wireshark's names work too. Enter leads to the next match. (/)"
                .to_owned(),
        });
    }
    if let Some(count) = count {
        let steps = [
            (
                Icon::StepBack,
                "Previous match",
                "The previous frame or exchange that passes (P)",
                Command::Previous,
            ),
            (
                Icon::StepForward,
                "Next match",
                "The next frame or exchange that passes (N)",
                Command::Next,
            ),
        ];
        for (icon, label, hint, command) in steps {
            let button = IconButton {
                icon,
                label,
                hint,
                enabled: true,
                prominent: false,
            };
            if button.show(ui, theme).clicked() {
                context.send(UiCommand::Filter(command));
            }
        }
        ui.vertical(|ui| {
            ui.set_width(FOUND_POINTS);
            ui.spacing_mut().item_spacing.y = 0.0;
            let line = ui.text_style_height(&egui::TextStyle::Small);
            let lines = if said.is_some() { 2.0 } else { 1.0 };
            ui.add_space(((ui.available_height() - lines * line) / 2.0).max(0.0));
            let mut show = |words: String, colour| {
                let words = RichText::new(words).small().color(colour);
                ui.add(egui::Label::new(words).truncate());
            };
            show(count, theme.text_weak);
            if let Some(said) = said {
                show(said, theme.accent);
            }
        });
        let clear = IconButton {
            icon: Icon::Close,
            label: "Clear the filter",
            hint: "Show everything again",
            enabled: true,
            prominent: false,
        };
        if clear.show(ui, theme).clicked() {
            context.send(UiCommand::Filter(Command::Set(String::new())));
        }
    }
}

/// What is said beside the field: what the last step met, or that what is typed does not decide yet.
fn said(context: &ViewContext<'_>, input: &Input) -> Option<String> {
    let in_force = context.matches?.filter().text();
    match input.said {
        Some(said) => Some(said.to_owned()),
        None if in_force == input.text.trim() => None,
        None => Some(format!("still {in_force}")),
    }
}

/// What stands in the empty field: an example of what the connection shown has.
fn hint(context: &ViewContext<'_>) -> &'static str {
    match context.connection {
        Some(of) if of.http2().is_none() && of.http1().is_some() => {
            "filter: method:GET status:404 path:/img"
        }
        _ => "filter: stream:3,5 type:DATA path:/img",
    }
}

/// The last word of an expression, when it is not the value of a field.
fn plain_word(text: &str) -> Option<&str> {
    let word = text.rsplit(|c: char| c.is_whitespace() || "()!\"".contains(c));
    word.clone().next().filter(|word| !word.contains(':'))
}

/// The characters that an error is about, at least one: an expression that ends too early is wrong behind its end.
pub(super) fn wrong_part(text: &str, error: &FilterError) -> Range<usize> {
    let character = |byte: usize| {
        let before = text.char_indices().take_while(|(at, _)| *at < byte);
        before.count()
    };
    let start = character(error.range.start);
    start..character(error.range.end).max(start + 1)
}

/// Draws a thick line below some characters of the field.
fn underline(ui: &Ui, shown: &TextEditOutput, part: Range<usize>, colour: Color32) {
    let left = |at| {
        let place = shown.galley.pos_from_cursor(CCursor::new(at));
        place.translate(shown.galley_pos.to_vec2())
    };
    let (from, to) = (left(part.start), left(part.end));
    let end = to.left().max(from.left() + LEAST_UNDERLINE_POINTS);
    let y = from.bottom() + 1.0;
    // Behind the last character there is no text any more that would be clipped.
    let painter = ui.painter_at(
        shown
            .text_clip_rect
            .expand2(vec2(LEAST_UNDERLINE_POINTS, 4.0)),
    );
    painter.hline(from.left()..=end, y, Stroke::new(2.0, colour));
}

fn offer_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    offer: &Completion,
    first: bool,
    said: bool,
) -> egui::Response {
    ui.horizontal(|ui| {
        let text = RichText::new(&offer.text).monospace();
        let button = ui.add(egui::Button::selectable(first, text));
        if !said {
            let help = RichText::new(offer.help).small();
            ui.label(help.color(context.theme.text_weak));
        }
        if first {
            ui.label(RichText::new("Tab").small().color(context.theme.accent));
        }
        button
    })
    .inner
}

/// Where a character begins, in bytes.
fn byte_of(text: &str, characters: usize) -> usize {
    text.char_indices()
        .nth(characters)
        .map_or(text.len(), |(at, _)| at)
}
