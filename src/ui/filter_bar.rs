//! The filter bar: an expression that decides which frames and streams are listed, and leads from match to match.

use super::{Command as UiCommand, Item, ViewContext};
use crate::filter::{Completion, Filter, FilterError, Run, completions};
use crate::trace::{Connection, Trace};
use crate::ui::widgets::format;
use crate::ui::widgets::icon::{Icon, IconButton};
use egui::text::CCursor;
use egui::text_edit::TextEditState;
use egui::{Key, Modifiers, Popup, RichText, TextEdit, Ui};

/// What the filter bar alone understands.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Filter by this expression from now on; nothing but white space shows everything.
    Set(String),
    /// Begin to type.
    Focus,
    /// Select the next frame that passes.
    Next,
    /// Select the previous frame that passes.
    Previous,
}

/// What is being typed.
#[derive(Clone, Debug, Default)]
pub struct Input {
    text: String,
    error: Option<FilterError>,
    wants_focus: bool,
}

impl Input {
    /// Takes an expression; `None` when it is not understood, or lets everything pass.
    pub fn set(&mut self, text: &str) -> Option<Filter> {
        text.clone_into(&mut self.text);
        let parsed = Filter::parse(text);
        self.error = parsed.as_ref().err().cloned();
        parsed.ok().filter(|filter| !filter.is_empty())
    }

    /// The next picture gives the field the keyboard.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// The expression as it stands in the field.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with it.
    pub fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }
}

/// Where a step from match to match leads, from what is selected or from the cursor.
pub fn step(context: &ViewContext<'_>, forward: bool) -> Option<Item> {
    let run = context.matches?;
    let selected = context.selected_frame().map(|(frame, _)| frame);
    let from = selected.or_else(|| {
        let read = context.frame_count().checked_sub(1)?;
        Some(crate::trace::FrameId::from_index(read))
    });
    // At the end the search begins again at the other.
    let found = if forward {
        run.next(from).or_else(|| run.next(None))
    } else {
        run.previous(from).or_else(|| run.previous(None))
    };
    Some(Item::Frame(run.connection(), found?))
}

/// What the bar says beside the field: how many frames pass.
pub fn count_text(trace: &Trace, run: &Run) -> String {
    let all = trace
        .connection(run.connection())
        .and_then(Connection::http2)
        .map_or(0, |http2| http2.frames.len());
    let found = format::count(run.frames().len() as u64);
    if run.asked() < all {
        let share = run.asked() as f64 / all as f64 * 100.0;
        return format!("{found} so far, {share:.0} %");
    }
    format!("{found} of {}", format::counted(all as u64, "frame"))
}

/// The name by which screen readers and tests find the field.
pub const LABEL: &str = "Filter";

/// Draws the field and what belongs to it.
pub fn filter_ui(ui: &mut Ui, context: &ViewContext<'_>, input: &mut Input) {
    let theme = context.theme;
    let id = ui.make_persistent_id("filter");
    let count = context.matches.map(|run| count_text(context.trace, run));
    let beside = if count.is_some() { 170.0 } else { 8.0 };
    let width = (ui.available_width() - beside).clamp(120.0, 420.0);

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
    let colour = if input.error.is_some() {
        theme.error
    } else {
        theme.text
    };
    let field = TextEdit::singleline(&mut input.text)
        .id(id)
        .desired_width(width)
        .text_color(colour)
        .lock_focus(!offers.is_empty())
        .hint_text("filter: stream:3,5 type:DATA path:/img");
    let response = ui.add(field).accessible_name(LABEL);
    if std::mem::take(&mut input.wants_focus) {
        response.request_focus();
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        let back = ui.input(|input| input.modifiers.shift);
        context.send(UiCommand::Filter(if back {
            Command::Previous
        } else {
            Command::Next
        }));
        response.request_focus();
    }
    let mut chosen = take.then(|| offers.first().cloned()).flatten();
    Popup::from_response(&response)
        .open(focused && (!offers.is_empty() || input.error.is_some()))
        .close_behavior(egui::PopupCloseBehavior::IgnoreClicks)
        .show(|ui| {
            ui.set_max_width(460.0);
            if let Some(error) = &input.error {
                ui.label(RichText::new(error.to_string()).color(theme.error));
            }
            for (index, offer) in offers.iter().enumerate() {
                if offer_ui(ui, context, offer, index == 0).clicked() {
                    chosen = Some(offer.clone());
                }
            }
        });
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
        context.send(UiCommand::Filter(Command::Set(input.text.clone())));
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
        ui.label(RichText::new(count).small().color(theme.text_weak));
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

fn offer_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    offer: &Completion,
    first: bool,
) -> egui::Response {
    ui.horizontal(|ui| {
        let text = RichText::new(&offer.text).monospace();
        let button = ui.add(egui::Button::selectable(first, text));
        ui.label(
            RichText::new(offer.help)
                .small()
                .color(context.theme.text_weak),
        );
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
