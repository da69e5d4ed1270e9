//! The streams of a connection: what each was for, how it ended; and below them the findings.

mod findings;
pub mod model;

use crate::trace::{Connection, StreamRow};
use crate::ui::export::Table;
use crate::ui::views::View;
use crate::ui::widgets::following::Following;
use crate::ui::widgets::row_list::{RowList, RowScroll, say_ui};
use crate::ui::widgets::{mark, terms};
use crate::ui::{Command, Item, ViewContext};
use egui::{Align, Rect, Response, Role, Sense, TextStyle, Ui, UiBuilder, WidgetInfo};

/// How wide a row's words are at most, in points.
const MOST_POINTS: f32 = 560.0;

/// What the list remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    query: String,
    filtered: model::Filtered,
    scroll: RowScroll,
    seen: Option<Item>,
    findings: findings::State,
    following: Following,
}

impl View for State {
    fn ui(&mut self, ui: &mut egui::Ui, context: &ViewContext<'_>) {
        stream_list_ui(ui, context, self);
    }

    fn follow_cursor(&mut self, moves: Option<bool>) {
        self.following.told(moves);
    }

    fn table(&self, context: &ViewContext<'_>) -> Option<Table> {
        let connection = context.connection?;
        let streams = connection.http2()?.streams();
        let rows = self.filtered.rows().iter();
        let rows = rows.filter_map(|row| Some(streams.get(*row)?.id));
        Some(Table::Streams(connection.id, rows.collect()))
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// Draws the list into the space that is left.
pub fn stream_list_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let area = ui.available_rect_before_wrap();
    let below = findings::height(ui, context, &state.findings, area.height());
    let split = area.bottom() - below;
    let upper = Rect::from_min_max(area.min, egui::pos2(area.right(), split));
    ui.scope_builder(UiBuilder::new().id_salt("streams").max_rect(upper), |ui| {
        streams_ui(ui, context, state);
    });
    if below > 0.0 {
        let lower = Rect::from_min_max(egui::pos2(area.left(), split), area.max);
        ui.scope_builder(UiBuilder::new().id_salt("findings").max_rect(lower), |ui| {
            findings::findings_ui(ui, context, &mut state.findings);
        });
    }
    ui.advance_cursor_after_rect(area);
}

/// What the list says, line by line.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let mut lines = Vec::new();
    match context.connection {
        Some(connection) => {
            lines.push(model::heading(connection));
            let mut filtered = state.filtered.clone();
            filtered.update(connection, &state.query, context.matches);
            let rows = connection.http2().map_or(&[][..], |http2| http2.streams());
            for row in filtered.rows().iter().filter_map(|index| rows.get(*index)) {
                lines.push(row_text(context, connection, row));
            }
        }
        None => lines.push(nothing(context).to_owned()),
    }
    lines.extend(findings::lines(context));
    lines.join("\n")
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    if context.loading {
        "Reading the capture; no connection yet."
    } else {
        "No connection: open a capture, or drop one here."
    }
}

fn row_text(context: &ViewContext<'_>, connection: &Connection, row: &StreamRow) -> String {
    let later = if happened(context, row).0 {
        ""
    } else {
        ", not yet started"
    };
    format!(
        "stream {}, {}, {}{later}",
        row.id,
        model::purpose(connection, row),
        model::outcome(connection, row)
    )
}

/// Whether it has started, and whether it has ended, at the cursor.
fn happened(context: &ViewContext<'_>, row: &StreamRow) -> (bool, bool) {
    let count = context.frame_count();
    let end = row.end_frame.unwrap_or(row.last_frame);
    (row.first_frame.index() < count, end.index() < count)
}

fn streams_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let Some(connection) = context.connection else {
        ui.label(egui::RichText::new(nothing(context)).color(context.theme.text_weak));
        return;
    };
    let heading = egui::RichText::new(model::heading(connection))
        .small()
        .strong()
        .color(context.theme.text_weak);
    ui.add(egui::Label::new(heading).truncate())
        .on_hover_text(terms::hover_text("stream"));
    let Some(http2) = connection.http2() else {
        let words = match connection.http1() {
            Some(_) => "This connection carries HTTP/1.1, which has no streams: one exchange follows another. They are listed in the Requests view.".to_owned(),
            None => format!(
                "This connection carries {}, so it has no HTTP/2 streams.",
                connection.row.protocol.name()
            ),
        };
        ui.label(egui::RichText::new(words).color(context.theme.text_weak));
        return;
    };
    state
        .filtered
        .update(connection, &state.query, context.matches);
    search_ui(ui, context, state, http2.streams().len());
    state
        .filtered
        .update(connection, &state.query, context.matches);

    let selected = context
        .selected_stream()
        .and_then(|id| http2.stream_index(id));
    let current = selected.and_then(|index| state.filtered.position(index));
    if context.selection != state.seen {
        state.seen = context.selection;
        if let Some(row) = current.filter(|_| state.following.reveals()) {
            state.scroll.reveal(row);
        }
    }
    let at = (context.stream_at_cursor())
        .and_then(|id| http2.stream_index(id))
        .and_then(|index| state.filtered.position(index));
    state
        .following
        .scroll(&mut state.scroll, context.cursor, at);
    let list = RowList {
        name: "Streams",
        row_height: ui.text_style_height(&TextStyle::Body) + 8.0,
        count: state.filtered.rows().len(),
        current,
    };
    let filtered = &state.filtered;
    let row_at = |position: usize| http2.streams().get(*filtered.rows().get(position)?);
    let area = ui.available_rect_before_wrap();
    let asked = list.show(ui, &mut state.scroll, |ui, position, rect, list| {
        if let Some(row) = row_at(position) {
            row_ui(ui, context, connection, row, rect, list, filtered.digits());
        }
    });
    if let Some(row) = asked.and_then(row_at) {
        context.send(Command::Select(Item::Stream(connection.id, row.id)));
    }
    (state.following).rows_ui(ui, context.theme, area, &mut state.scroll, at);
    if filtered.rows().is_empty() {
        let words = match (state.query.is_empty(), context.matches.is_some()) {
            (true, false) => "No stream yet.",
            (true, true) => "No stream passes the filter. Esc in the filter bar shows all again.",
            (false, _) => "No stream has this in its path, method, status or number.",
        };
        say_ui(ui, area, words);
    }
}

fn search_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State, total: usize) {
    ui.horizontal(|ui| {
        let counted = if state.query.is_empty() {
            String::new()
        } else {
            format!("{} of {total}", state.filtered.rows().len())
        };
        let small = TextStyle::Small.resolve(ui.style());
        let counted_width = if counted.is_empty() { 0.0 } else { 64.0 };
        let edit = egui::TextEdit::singleline(&mut state.query)
            .hint_text("path, method, status…")
            .desired_width((ui.available_width() - counted_width - 16.0).max(40.0));
        ui.add(edit)
            .accessible_name("Filter streams")
            .on_hover_text(
                "Show only streams whose path, method, status or number contains this text",
            );
        if !counted.is_empty() {
            let text = egui::RichText::new(counted).font(small);
            ui.label(text.color(context.theme.text_weak));
        }
    });
}

fn row_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    connection: &Connection,
    row: &StreamRow,
    rect: Rect,
    list: &Response,
    digits: usize,
) {
    let theme = context.theme;
    let response = ui.interact(rect, list.id.with(row.id.0), Sense::CLICK);
    let selected = context.selected_stream() == Some(row.id);
    response.widget_info(|| {
        WidgetInfo::selected(
            Role::ListBoxOption,
            true,
            selected,
            row_text(context, connection, row),
        )
    });
    let item = Item::Stream(connection.id, row.id);
    if response.clicked() {
        list.request_focus();
        context.send(Command::Select(item));
    }
    if response.hovered() {
        context.hover(item);
    }
    let back = rect.shrink2(egui::vec2(0.0, 1.0));
    if selected {
        ui.painter().rect_filled(back, 4.0, theme.selection);
    } else if is_hovered(context, connection, row) {
        ui.painter().rect_filled(back, 4.0, theme.hover);
    }

    let (started, ended) = happened(context, row);
    let dim = |colour: egui::Color32, happened: bool| {
        if happened {
            colour
        } else {
            theme.later(colour)
        }
    };
    let body = TextStyle::Body.resolve(ui.style());
    let mono = egui::FontId::monospace((body.size - 1.5).max(9.0));
    let small = TextStyle::Small.resolve(ui.style());
    let painter = ui.painter();
    let inner = rect.shrink2(egui::vec2(6.0, 0.0));
    // However wide the pane: what belongs together stays together.
    let inner = inner.with_max_x(inner.right().min(inner.left() + MOST_POINTS));
    let swatch = egui::pos2(inner.left() + 5.0, inner.center().y);
    let colour = dim(context.stream_colour(row.id), started);
    mark::swatch(painter, swatch, colour, context.carrier_lap(row.id.into()));
    let digit_width = painter.fonts_mut(|fonts| fonts.glyph_width(&mono, '0'));
    let number_right = inner.left() + 16.0 + digits as f32 * digit_width;
    let number = inner
        .with_min_x(inner.left() + 16.0)
        .with_max_x(number_right);
    mark::line(
        painter,
        number,
        Align::Max,
        &row.id.to_string(),
        &mono,
        dim(theme.text_weak, started),
    );
    let purpose = model::purpose(connection, row);
    let outcome = model::outcome(connection, row);
    let width_of = |words: &str, font: &egui::FontId| {
        let galley = painter.layout_no_wrap(words.to_owned(), font.clone(), theme.text);
        galley.size().x
    };
    // A path tells more than a size: where both have no room, the size is only told by the hover text.
    let room = inner.right() - number_right - 16.0;
    let outcome = match outcome.split_once(" · ") {
        Some((status, _)) if width_of(&purpose, &body) + width_of(&outcome, &small) > room => {
            status
        }
        _ => outcome.as_str(),
    };
    let outcome_rect = inner.with_min_x(number_right + 8.0 + inner.width() * 0.25);
    let width = mark::line(
        painter,
        outcome_rect,
        Align::Max,
        outcome,
        &small,
        dim(theme.text_weak, ended),
    );
    let purpose_rect = inner
        .with_min_x(number_right + 8.0)
        .with_max_x(inner.right() - width - 8.0);
    mark::line(
        painter,
        purpose_rect,
        Align::Min,
        &purpose,
        &body,
        dim(theme.text, started),
    );
    response.on_hover_ui(|ui| {
        ui.label(model::details(context.trace, connection, row));
    });
}

fn is_hovered(context: &ViewContext<'_>, connection: &Connection, row: &StreamRow) -> bool {
    match context.hovered {
        Some(Item::Stream(of, id)) => of == connection.id && id == row.id,
        Some(item) => item.frame().is_some_and(|(of, frame)| {
            of == connection.id
                && connection
                    .http2()
                    .and_then(|http2| http2.frames.get(frame.index()))
                    .is_some_and(|frame| frame.stream == row.id)
        }),
        None => false,
    }
}

#[cfg(test)]
mod tests;
