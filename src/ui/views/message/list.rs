//! The messages of a call, one below the other.

use super::model::{self, Looked};
use crate::trace::Direction;
use crate::ui::theme::text_size;
use crate::ui::widgets::row_list::{RowList, RowScroll};
use crate::ui::widgets::{format, mark};
use crate::ui::{Item, ViewContext};
use egui::{
    Align, FontId, Rect, Response, RichText, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// Draws the list. Answers with the position of the message that was chosen.
pub(super) fn list_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    looked: &Looked<'_>,
    scroll: &mut RowScroll,
) -> Option<usize> {
    let messages = &looked.call.messages.list;
    let heading = format::counted(messages.len() as u64, "message");
    let heading = RichText::new(heading).small().strong();
    ui.label(heading.color(context.theme.text_weak));
    let list = RowList {
        name: "Messages",
        row_height: ui.text_style_height(&TextStyle::Body) + 8.0,
        count: messages.len(),
        current: Some(looked.position),
    };
    let mut chosen = None;
    let asked = list.show(ui, scroll, |ui, position, rect, list| {
        if row_ui(ui, context, looked, position, rect, list) {
            chosen = Some(position);
        }
    });
    asked.or(chosen)
}

fn row_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    looked: &Looked<'_>,
    position: usize,
    rect: Rect,
    list: &Response,
) -> bool {
    let theme = context.theme;
    let Some(message) = looked.call.messages.list.get(position) else {
        return false;
    };
    let response = ui.interact(rect, list.id.with(position), Sense::CLICK);
    let selected = position == looked.position;
    let words = model::message_words(&looked.call, position);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, selected, &words));
    let painter = ui.painter();
    let back = rect.shrink2(vec2(0.0, 1.0));
    if selected {
        painter.rect_filled(back, 4.0, theme.selection);
    } else if response.hovered() {
        painter.rect_filled(back, 4.0, theme.hover);
    }
    if response.hovered() {
        context.hover(Item::of_unit(looked.connection.id, message.first));
    }
    let there = context.has_come(message.moment());
    let dim = |colour: egui::Color32| {
        if there { colour } else { theme.later(colour) }
    };
    let client = message.direction == Direction::Client;
    let mono = FontId::monospace(text_size::SMALL);
    let cell = |from: f32, to: f32| {
        Rect::from_min_max(pos2(from, rect.top()), pos2(to.max(from), rect.bottom()))
    };
    let arrow = if client { "→" } else { "←" };
    let colour = context.carrier_words(looked.call.call.id.carrier);
    let left = rect.left() + 4.0;
    mark::line(
        painter,
        cell(left, left + 14.0),
        Align::Min,
        arrow,
        &mono,
        // Coloured and faint, it would not be read on the ground of what is selected.
        if selected { colour } else { dim(colour) },
    );
    let name = format!(
        "{} {}",
        if client { "request" } else { "response" },
        message.number
    );
    let size = format::short_bytes(message.span.prefix.length.into());
    let taken = mark::line(
        painter,
        cell(rect.right() - 56.0, rect.right() - 6.0),
        Align::Max,
        &size,
        &mono,
        dim(theme.text_weak),
    );
    let body = TextStyle::Body.resolve(ui.style());
    mark::line(
        painter,
        cell(left + 18.0, rect.right() - 6.0 - taken - 6.0),
        Align::Min,
        &name,
        &body,
        dim(theme.text),
    );
    response.on_hover_text(words).clicked()
}
