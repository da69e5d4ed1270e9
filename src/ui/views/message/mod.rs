//! The messages of the selected call: their fields as a tree tied to their bytes, bit by bit, and beside their JSON.

mod detail;
pub(in crate::ui::views) use detail::json_ui;
pub mod layout;
mod list;
pub mod model;

use crate::ui::grpc::{self, OpenMessage};
use crate::ui::views::View;
use crate::ui::widgets::protobuf::Tab;
use crate::ui::widgets::protobuf::{Acted, tree_ui};
use crate::ui::widgets::row_list::RowScroll;
use crate::ui::{Command, Item, ViewContext};
use egui::{Label, RichText, Ui, UiBuilder};
use layout::Areas;
use model::Looked;

/// What the view remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The message that is shown, by its position, and the selection that led to it.
    position: usize,
    seen: Option<(Option<Item>, u64)>,
    /// The field that was chosen, by its position in the tree.
    field: Option<usize>,
    /// What was selected for a field: when it comes back, the field is known already.
    sent: Option<(Item, usize)>,
    tab: Tab,
    list_scroll: RowScroll,
    tree_scroll: RowScroll,
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        message_ui(ui, context, self);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// Brings what is shown up to date with the selection.
fn follow<'a>(context: &ViewContext<'a>, state: &mut State) -> Option<Looked<'a>> {
    let (connection, call) = model::call(context)?;
    let now = (context.selection, context.grpc.version);
    let changed = state.seen != Some(now);
    let same_selection = state.seen.is_some_and(|(of, _)| of == context.selection);
    let known = state
        .sent
        .filter(|(item, _)| Some(*item) == context.selection);
    if changed && !same_selection && known.is_none() {
        state.position = model::message_of(context, connection, &call, context.selection);
        state.list_scroll.reveal(state.position);
    }
    let last = call.messages.list.len().saturating_sub(1);
    state.position = state.position.min(last);
    let message = call.message(context.grpc, context.trace, connection, state.position);
    if changed {
        state.seen = Some(now);
        let of_item = |message: &OpenMessage| model::field_of(message, context.selection);
        let field = match known {
            Some((_, field)) => Some(field),
            None => message.as_deref().and_then(of_item),
        };
        if let Some(field) = field {
            state.tree_scroll.reveal(field);
        }
        state.field = field.or(if same_selection { state.field } else { None });
    }
    Some(Looked {
        connection,
        call,
        position: state.position,
        message,
    })
}

/// How long after a picture a message that was not ready is looked at again.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(40);

/// Draws the view into the space that is left.
pub fn message_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    let Some(looked) = follow(context, state) else {
        ui.label(RichText::new(nothing(context)).color(theme.text_weak));
        return;
    };
    let area = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(area);
    let areas = Areas::of(area);
    let mut part = |rect, name: &str| {
        let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(rect));
        child.shrink_clip_rect(rect.expand(3.0));
        child
    };
    let mut list = part(areas.list, "list");
    let mut tree = part(areas.tree, "tree");
    let mut detail = part(areas.detail, "detail");
    let line = egui::Stroke::new(1.0, theme.line);
    ui.painter()
        .vline(areas.list.right() + 5.0, area.y_range(), line);
    if let Some(position) = list::list_ui(&mut list, context, &looked, &mut state.list_scroll) {
        state.position = position;
        state.field = None;
        if let Some(message) = looked.call.messages.list.get(position) {
            let item = Item::of_unit(looked.connection.id, message.first);
            context.send(Command::Select(item));
        }
    }
    let Some(message) = &looked.message else {
        let words = "This call has no message in this capture.";
        tree.label(RichText::new(words).color(theme.text_weak));
        return;
    };
    if message.working {
        // A thread takes it apart and cannot wake the window.
        ui.ctx().request_repaint_after(LOOK_AGAIN);
    }
    let acted = fields_ui(&mut tree, context, &looked, message, state);
    act(context, &looked, message, state, &acted);
    let hovered = acted.hovered.or(state.field).or(Some(0));
    detail::detail_ui(&mut detail, context, message, hovered, &mut state.tab);
}

fn fields_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    looked: &Looked<'_>,
    message: &OpenMessage,
    state: &mut State,
) -> Acted {
    let theme = context.theme;
    let name = looked.call.call.path.as_deref().unwrap_or("?");
    let title = format!(
        "{name} · {}",
        model::message_words(&looked.call, looked.position)
    );
    ui.add(Label::new(RichText::new(title).strong()).truncate());
    let heading = RichText::new(model::message_heading(message)).small();
    ui.add(Label::new(heading.color(theme.text_weak)).truncate())
        .on_hover_text(model::message_heading(message));
    let Some(parsed) = &message.parsed else {
        if message.working {
            ui.spinner();
        }
        return Acted::default();
    };
    if let Some(words) = message.place_words() {
        let shown = RichText::new(&words).small().color(theme.text_weak);
        ui.add(Label::new(shown).truncate()).on_hover_text(words);
    }
    if let Some((line, all)) = parsed.not_sent_words() {
        let shown = RichText::new(line).small().color(theme.text_weak);
        ui.add(Label::new(shown).truncate()).on_hover_text(all);
    }
    if parsed.rows.is_empty() {
        let words = "An empty message: every field has its default, and none is sent.";
        ui.label(RichText::new(words).color(theme.text_weak));
        return Acted::default();
    }
    let lit = match context.hovered {
        Some(item) if Some(item) != context.selection => model::field_of(message, Some(item)),
        _ => None,
    };
    tree_ui(
        ui,
        theme,
        parsed,
        &mut state.tree_scroll,
        state.field,
        lit,
        true,
    )
}

/// What a person did with the tree leads to bytes, and to what is said about a field.
fn act(
    context: &ViewContext<'_>,
    looked: &Looked<'_>,
    message: &OpenMessage,
    state: &mut State,
    acted: &Acted,
) {
    let Some(parsed) = &message.parsed else {
        return;
    };
    let preferred = context.selection.and_then(Item::unit).map(|(_, unit)| unit);
    let item_of = |position: usize| {
        let row = parsed.rows.get(position)?;
        message.item(looked.connection.id, row.range.clone(), preferred)
    };
    if let Some(item) = acted.hovered.and_then(item_of) {
        context.hover(item);
    }
    if let Some(position) = acted.chosen {
        state.field = Some(position);
        if let Some(item) = item_of(position) {
            state.sent = Some((item, position));
            context.send(Command::Select(item));
        }
    }
    if let Some((position, reading)) = acted.reading
        && let Some(row) = parsed.rows.get(position)
    {
        state.field = Some(position);
        context.send(Command::Grpc(grpc::Command::Read {
            scope: message.scope.clone(),
            path: row.path.clone(),
            reading,
        }));
    }
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    match (context.connection, context.selected_carrier()) {
        (None, _) => "Open a capture: the messages of its gRPC calls are taken apart here.",
        (Some(_), Some(_)) => {
            "What is selected carries no gRPC call. Choose a call in the Calls view, or one of its frames."
        }
        (Some(_), None) => {
            "Choose a gRPC call, or one of its frames: its messages are taken apart here."
        }
    }
}

/// Lines that the text has at most.
const MAX_LINES: usize = 2000;

/// What the view says, line by line.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let mut state = state.clone();
    let Some(looked) = follow(context, &mut state) else {
        return nothing(context).to_owned();
    };
    let mut lines = Vec::new();
    for position in 0..looked.call.messages.list.len().min(MAX_LINES) {
        let shown = if position == looked.position {
            "shown: "
        } else {
            ""
        };
        lines.push(format!(
            "{shown}{}",
            model::message_words(&looked.call, position)
        ));
    }
    if let Some(message) = &looked.message {
        lines.push(model::message_heading(message));
        lines.extend(message.place_words());
        if let Some(parsed) = &message.parsed {
            for (position, row) in parsed.rows.iter().take(MAX_LINES).enumerate() {
                let chosen = if state.field == Some(position) {
                    "chosen: "
                } else {
                    ""
                };
                lines.push(format!("{}{chosen}{}", "  ".repeat(row.depth), row.text()));
            }
            lines.extend(parsed.not_sent_words().map(|(line, _)| line));
            lines.push(parsed.size_words());
            let comparison = message.comparison.iter();
            lines.extend(comparison.flat_map(crate::ui::widgets::protobuf::versions_text));
            lines.extend(parsed.json.clone());
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
