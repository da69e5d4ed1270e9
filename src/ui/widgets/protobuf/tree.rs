//! The fields of a message as a tree: number, name, type or ranked readings, value.

use super::{FieldRow, Parsed};
use crate::ui::Theme;
use crate::ui::theme::text_size;
use crate::ui::widgets::mark;
use crate::ui::widgets::row_list::{RowList, RowScroll};
use crate::wire::protobuf::reading::ReadingKind;
use egui::{Align, FontId, Rect, Response, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// What a person did with the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acted {
    /// The position of the field under the pointer.
    pub hovered: Option<usize>,
    /// The position of the field that was clicked, or reached by key.
    pub chosen: Option<usize>,
    /// Another reading that was asked for: the field's position, and the reading; `None` takes back what was said.
    pub reading: Option<(usize, Option<ReadingKind>)>,
}

/// Draws the tree into the space that is left. `lit` are the bytes that something else points at, `chosen` those of the
/// chosen field. `can_say` offers other readings where no schema tells.
pub fn tree_ui(
    ui: &mut Ui,
    theme: &Theme,
    parsed: &Parsed,
    scroll: &mut RowScroll,
    chosen: Option<usize>,
    lit: Option<usize>,
    can_say: bool,
) -> Acted {
    let mut acted = Acted::default();
    let list = RowList {
        name: "Fields",
        row_height: ui.text_style_height(&TextStyle::Body) + 6.0,
        count: parsed.rows.len(),
        current: chosen,
    };
    let asked = list.show(ui, scroll, |ui, position, rect, list| {
        let Some(row) = parsed.rows.get(position) else {
            return;
        };
        let response = row_ui(ui, theme, row, position, rect, list, chosen, lit);
        if response.hovered() {
            acted.hovered = Some(position);
        }
        if response.clicked() {
            list.request_focus();
            acted.chosen = Some(position);
        }
        if can_say && !row.readings.is_empty() {
            response.context_menu(|ui| {
                if let Some(said) = readings_ui(ui, row) {
                    acted.reading = Some((position, said));
                    ui.close();
                }
            });
        }
    });
    acted.chosen = asked.or(acted.chosen);
    acted
}

#[expect(clippy::too_many_arguments, reason = "what a row is drawn from")]
fn row_ui(
    ui: &Ui,
    theme: &Theme,
    row: &FieldRow,
    position: usize,
    rect: Rect,
    list: &Response,
    chosen: Option<usize>,
    lit: Option<usize>,
) -> Response {
    let response = ui.interact(rect, list.id.with(position), Sense::CLICK);
    let selected = chosen == Some(position);
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, selected, row.text()));
    let painter = ui.painter();
    let back = rect.shrink2(vec2(0.0, 1.0));
    if selected {
        painter.rect_filled(back, 4.0, theme.selection);
    } else if lit == Some(position) {
        painter.rect_filled(back, 4.0, theme.lit[0]);
    } else if response.hovered() {
        painter.rect_filled(back, 4.0, theme.hover);
    }
    let (mono, small) = (
        FontId::monospace(text_size::MONOSPACE),
        TextStyle::Small.resolve(ui.style()),
    );
    let body = TextStyle::Body.resolve(ui.style());
    let indent = 16.0 * row.depth.min(12) as f32;
    let left = rect.left() + 6.0 + indent;
    let cell = |from: f32, to: f32| {
        Rect::from_min_max(pos2(from, rect.top()), pos2(to.max(from), rect.bottom()))
    };
    let number = row
        .path
        .last()
        .map_or_else(String::new, ToString::to_string);
    let names = (rect.width() * 0.34).max(110.0);
    let types = (rect.width() * 0.22).max(70.0);
    mark::line(
        painter,
        cell(left, left + 26.0),
        Align::Max,
        &number,
        &mono,
        theme.accent,
    );
    let name_cell = cell(left + 34.0, rect.left() + names + indent.min(60.0));
    match (&row.name, row.unknown) {
        (Some(name), _) => mark::line(painter, name_cell, Align::Min, name, &body, theme.text),
        (None, true) => {
            let words = "not in the schema";
            mark::line(painter, name_cell, Align::Min, words, &small, theme.warning)
        }
        (None, false) => {
            let words = row.wire_type.to_string();
            mark::line(
                painter,
                name_cell,
                Align::Min,
                &words,
                &small,
                theme.text_weak,
            )
        }
    };
    let type_cell = cell(name_cell.right() + 8.0, name_cell.right() + 8.0 + types);
    mark::line(
        painter,
        type_cell,
        Align::Min,
        &row.type_words,
        &small,
        theme.text_weak,
    );
    let odd = !row.notes.is_empty();
    let value_cell = cell(
        type_cell.right() + 8.0,
        rect.right() - if odd { 18.0 } else { 4.0 },
    );
    mark::line(
        painter,
        value_cell,
        Align::Min,
        &row.value,
        &mono,
        theme.text,
    );
    if odd {
        let at = pos2(rect.right() - 9.0, rect.center().y);
        mark::severity(painter, at, crate::trace::Severity::Warning, theme);
    }
    response.on_hover_ui_at_pointer(|ui| {
        ui.label(row.text());
        for note in &row.notes {
            ui.label(format!("Odd: {note}."));
        }
        for reading in &row.readings {
            ui.label(reading_words(reading));
        }
    })
}

/// A reading with how likely it is and why.
fn reading_words(reading: &crate::wire::protobuf::reading::Reading) -> String {
    let value = reading.value.as_ref().map_or_else(String::new, |value| {
        format!(
            " = {}",
            crate::report::text::one_line(&super::value_words(value), 60)
        )
    });
    format!(
        "{} · {} %{value}: {}",
        reading.kind.name(),
        reading.score,
        reading.reason
    )
}

/// The readings that a field can have, as buttons. Answers with the one that was clicked.
pub fn readings_ui(ui: &mut Ui, row: &FieldRow) -> Option<Option<ReadingKind>> {
    let mut said = None;
    let best = row.readings.first().map(|reading| reading.kind);
    let mut kinds: Vec<ReadingKind> = row.readings.iter().map(|reading| reading.kind).collect();
    for kind in ReadingKind::of(row.wire_type) {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    for kind in kinds {
        let reading = row.readings.iter().find(|reading| reading.kind == kind);
        let words = reading.map_or_else(|| kind.name().to_owned(), reading_words);
        let button = egui::Button::selectable(best == Some(kind), words).truncate();
        let response = ui.add(button);
        response.widget_info(|| {
            let label = format!("Read as {}", kind.name());
            WidgetInfo::selected(Role::Button, true, best == Some(kind), label)
        });
        if response.clicked() {
            said = Some(Some(kind));
        }
    }
    let back = ui.button("Decide by evidence").on_hover_text(
        "Take back what was said about this field: what all messages of the method make likely counts again",
    );
    if back.clicked() {
        said = Some(None);
    }
    said
}
