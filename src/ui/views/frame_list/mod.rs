//! The frames of a connection as a table, as long as the capture has frames.

pub mod layout;
pub mod model;

use crate::trace::{Connection, FrameId, FrameRow};
use crate::ui::export::Table;
use crate::ui::views::View;
use crate::ui::widgets::following::Following;
use crate::ui::widgets::row_list::{self, BAR_POINTS, RowList, RowScroll};
use crate::ui::widgets::{format, mark, terms};
use crate::ui::{Command as UiCommand, Item, ViewContext};
use crate::wire::http2::StreamId;
use egui::{Align, FontId, Rect, Response, Role, Sense, TextStyle, Ui, WidgetInfo};
use layout::Column;
use model::{Infos, Listed, RowText};

/// What the frame list alone understands.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Scroll to a frame.
    ScrollTo(FrameId),
    /// List only frames of the selected stream, or all.
    OnlySelectedStream(bool),
}

/// What the table remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    only_selected_stream: bool,
    /// The stream last selected, so that the list stays when something else is selected.
    stream: Option<StreamId>,
    scroll: RowScroll,
    seen: Option<Item>,
    scroll_to: Option<FrameId>,
    infos: Infos,
    following: Following,
}

impl State {
    /// Carries out a command.
    pub fn carry_out(&mut self, command: &Command) {
        match *command {
            Command::ScrollTo(frame) => self.scroll_to = Some(frame),
            Command::OnlySelectedStream(only) => {
                self.only_selected_stream = only;
                // The rows are others now, so the selection is looked for again.
                self.seen = None;
            }
        }
    }

    /// Whether only frames of the selected stream are listed.
    pub fn only_selected_stream(&self) -> bool {
        self.only_selected_stream
    }

    fn only(&self, context: &ViewContext<'_>) -> Option<StreamId> {
        let stream = context.selected_stream().or(self.stream);
        stream.filter(|_| self.only_selected_stream)
    }
}

impl View for State {
    fn ui(&mut self, ui: &mut egui::Ui, context: &ViewContext<'_>) {
        frame_list_ui(ui, context, self);
    }

    fn table(&self, context: &ViewContext<'_>) -> Option<Table> {
        let connection = context.connection.filter(|of| of.http2().is_some())?;
        let only = self.only(context);
        let listed = Listed::new(connection, only, context.matches);
        let all = only.is_none() && context.matches.is_none();
        let frames = || (0..listed.len()).filter_map(|row| Some(listed.frame(row)?.0));
        Some(Table::Frames(
            connection.id,
            (!all).then(|| frames().collect()),
        ))
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }

    fn follow_cursor(&mut self, moves: Option<bool>) {
        self.following.told(moves);
    }

    fn command(&mut self, command: &UiCommand, _context: &ViewContext<'_>) {
        if let UiCommand::FrameList(command) = command {
            self.carry_out(command);
        }
    }
}

/// Draws the table into the space that is left.
pub fn frame_list_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let Some(connection) = context.connection.filter(|of| of.http2().is_some()) else {
        ui.label(egui::RichText::new(nothing(context)).color(context.theme.text_weak));
        return;
    };
    state.stream = context.selected_stream().or(state.stream);
    ui.spacing_mut().item_spacing.y = 1.0;
    let listed = Listed::new(connection, state.only(context), context.matches);
    head_ui(ui, context, state, &listed);

    let selected = context.selected_frame().map(|(frame, _)| frame);
    let current = selected.and_then(|frame| listed.row_of(frame));
    if context.selection != state.seen {
        state.seen = context.selection;
        if let Some(row) = current.filter(|_| state.following.reveals()) {
            state.scroll.reveal(row);
        }
    }
    if let Some(frame) = state.scroll_to.take() {
        state.scroll.reveal(listed.rows_before(frame.index()));
    }

    let fonts = Fonts::of(ui);
    let digit = ui
        .painter()
        .fonts_mut(|cache| cache.glyph_width(&fonts.mono, '0'));
    let width = ui.available_width() - BAR_POINTS;
    let digits = |number: usize| format::count(number as u64).chars().count();
    let largest_stream = connection
        .http2()
        .and_then(|http2| http2.streams().last())
        .map_or(0, |row| row.id.0 as usize);
    let frames = connection.http2().map_or(0, |http2| http2.frames.len());
    let kind_width = ui
        .painter()
        .layout_no_wrap(
            "WINDOW_UPDATE".to_owned(),
            fonts.body.clone(),
            context.theme.text,
        )
        .size()
        .x;
    let columns = layout::columns(
        width,
        digit,
        digits(frames),
        digits(largest_stream),
        kind_width,
    );
    titles_ui(ui, context, &columns);

    let happened = listed.rows_before(context.frame_count());
    // Before the first frame it is at the beginning.
    let at = (!listed.is_empty()).then_some(happened.saturating_sub(1));
    state
        .following
        .scroll(&mut state.scroll, context.cursor, at);
    let area = ui.available_rect_before_wrap();
    let list = RowList {
        name: "Frames",
        row_height: ui.text_style_height(&TextStyle::Monospace) + 5.0,
        count: listed.len(),
        current,
    };
    if listed.is_empty() {
        let words = match context.matches.is_some() {
            true => "No frame passes the filter. Esc in the filter bar shows all again.",
            false => "The selected stream has no frame.",
        };
        row_list::say_ui(ui, ui.available_rect_before_wrap(), words);
    }
    let infos = &mut state.infos;
    let asked = list.show(ui, &mut state.scroll, |ui, row, rect, list| {
        if let Some((id, frame)) = listed.frame(row) {
            let info = infos.get(context.trace, connection, id);
            let text = RowText::of(context.trace, connection, id, frame);
            let row = Row {
                id,
                frame,
                text,
                info,
                later: row >= happened,
            };
            row_ui(ui, context, connection, &row, rect, list, &columns, &fonts);
        }
        if row == happened && row > 0 {
            let stroke = egui::Stroke::new(1.0, context.theme.cursor);
            ui.painter().hline(rect.x_range(), rect.top(), stroke);
        }
    });
    (state.following).rows_ui(ui, context.theme, area, &mut state.scroll, at);
    if let Some((frame, _)) = asked.and_then(|row| listed.frame(row)) {
        context.send(UiCommand::Select(Item::Frame(connection.id, frame)));
    }
}

/// What the table says: the selected frame and those around it, or the first ones on screen.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    /// Rows before and after the middle.
    const AROUND: usize = 20;
    let Some(connection) = context.connection.filter(|of| of.http2().is_some()) else {
        return nothing(context).to_owned();
    };
    let listed = Listed::new(connection, state.only(context), context.matches);
    let middle = context
        .selected_frame()
        .and_then(|(frame, _)| listed.row_of(frame))
        .unwrap_or(state.scroll.top() as usize);
    let happened = listed.rows_before(context.frame_count());
    let mut lines = vec![heading(context, &listed, state.only(context))];
    for row in middle.saturating_sub(AROUND)..middle.saturating_add(AROUND) {
        let Some((id, frame)) = listed.frame(row) else {
            break;
        };
        let info = crate::report::frames::info(context.trace, connection, id);
        let mut line = RowText::of(context.trace, connection, id, frame).spoken(&info);
        if row >= happened {
            line.push_str(", not yet");
        }
        lines.push(line);
    }
    lines.join("\n")
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    match (context.connection, context.loading) {
        (Some(connection), _) if connection.http1().is_some() => {
            "This connection carries HTTP/1.1, which has no frames. Its messages stand in the Loom and the Ladder, its requests in the Requests view."
        }
        (Some(_), _) => {
            "This connection has no HTTP/2 frames. The Connections view says what each connection carries: choose another one."
        }
        (None, true) => "Reading the capture; no frame yet.",
        (None, false) => "Open a capture: each of its frames is a row here.",
    }
}

fn heading(context: &ViewContext<'_>, listed: &Listed<'_>, only: Option<StreamId>) -> String {
    let mut count = format::counted(listed.len() as u64, "frame");
    if context.matches.is_some() {
        count.push_str(" passing the filter");
    }
    match only {
        Some(stream) if stream.is_connection() => format!("{count} of the connection itself"),
        Some(stream) => format!("{count} of stream {stream}"),
        None => count,
    }
}

fn head_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &State, listed: &Listed<'_>) {
    ui.horizontal(|ui| {
        let heading = heading(context, listed, state.only(context)).to_uppercase();
        let text = egui::RichText::new(heading).small().strong();
        ui.label(text.color(context.theme.text_weak))
            .on_hover_text(terms::hover_text("frame"));
        let mut only = state.only_selected_stream;
        let words = egui::RichText::new("only the selected stream").small();
        let switch = ui.checkbox(&mut only, words);
        if switch
            .on_hover_text("List only the frames of the stream that is selected")
            .changed()
        {
            context.send(UiCommand::FrameList(Command::OnlySelectedStream(only)));
        }
    });
}

/// The fonts of the table.
struct Fonts {
    mono: FontId,
    body: FontId,
}

impl Fonts {
    fn of(ui: &Ui) -> Self {
        let mono = TextStyle::Monospace.resolve(ui.style());
        let body = FontId::proportional(mono.size);
        Self { mono, body }
    }
}

fn titles_ui(ui: &mut Ui, context: &ViewContext<'_>, columns: &[std::ops::Range<f32>; 8]) {
    let height = ui.text_style_height(&TextStyle::Small) + 4.0;
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(egui::vec2(width, height), Sense::hover());
    let font = TextStyle::Small.resolve(ui.style());
    for (column, x) in Column::ALL.into_iter().zip(columns) {
        let cell = column_rect(rect, x);
        let align = if column.is_number() {
            Align::Max
        } else {
            Align::Min
        };
        mark::line(
            ui.painter(),
            cell,
            align,
            column.title(),
            &font,
            context.theme.text_weak,
        );
        if !column.term().is_empty() {
            ui.interact(
                cell,
                ui.scope_id().with(("title", column.term())),
                Sense::hover(),
            )
            .on_hover_text(terms::hover_text(column.term()));
        }
    }
    let stroke = egui::Stroke::new(1.0, context.theme.line);
    ui.painter().hline(rect.x_range(), rect.bottom(), stroke);
}

fn column_rect(rect: Rect, x: &std::ops::Range<f32>) -> Rect {
    rect.with_min_x(rect.left() + x.start)
        .with_max_x((rect.left() + x.end).min(rect.right()))
}

struct Row<'a> {
    id: FrameId,
    frame: &'a FrameRow,
    text: RowText,
    info: &'a str,
    /// Whether it lies behind the cursor.
    later: bool,
}

#[expect(
    clippy::too_many_arguments,
    reason = "a row, where it goes, and what it is drawn with"
)]
fn row_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    connection: &Connection,
    row: &Row<'_>,
    rect: Rect,
    list: &Response,
    columns: &[std::ops::Range<f32>; 8],
    fonts: &Fonts,
) {
    let theme = context.theme;
    let item = Item::Frame(connection.id, row.id);
    let is_it = |of: Option<Item>| of.and_then(Item::frame) == Some((connection.id, row.id));
    let selected = is_it(context.selection);
    let response = ui.interact(rect, list.id.with(row.id), Sense::CLICK);
    let noted = context.notes.is_noted(connection.id, row.id);
    response.widget_info(|| {
        let note = if noted { ", noted" } else { "" };
        WidgetInfo::selected(Role::Row, true, selected, row.text.spoken(row.info) + note)
    });
    if response.clicked() {
        list.request_focus();
        context.send(UiCommand::Select(item));
    }
    if response.hovered() {
        context.hover(item);
    }
    if selected {
        ui.painter().rect_filled(rect, 0.0, theme.selection);
    } else if is_it(context.hovered)
        || context.hovered == Some(Item::Stream(connection.id, row.frame.stream))
    {
        ui.painter().rect_filled(rect, 0.0, theme.hover);
    }
    if noted {
        let at = egui::pos2(rect.left() + 6.0, rect.center().y);
        mark::flag(ui.painter(), at, theme.accent);
    }
    let dim = |colour: egui::Color32| {
        if row.later {
            theme.later(colour)
        } else {
            colour
        }
    };
    let (strong, weak) = (dim(theme.text), dim(theme.text_weak));
    let text = &row.text;
    for (column, x) in Column::ALL.into_iter().zip(columns) {
        let mut cell = column_rect(rect, x);
        let (words, font, colour) = match column {
            Column::Number => (text.number.as_str(), &fonts.mono, weak),
            Column::Time => (text.time.as_str(), &fonts.mono, strong),
            Column::Direction => (text.arrow, &fonts.mono, strong),
            Column::Stream => {
                let centre = egui::pos2(cell.left() + 5.0, cell.center().y);
                mark::swatch(
                    ui.painter(),
                    centre,
                    dim(context.stream_colour(row.frame.stream)),
                    context.carrier_lap(row.frame.stream.into()),
                );
                cell.min.x += 14.0;
                (text.stream.as_str(), &fonts.mono, strong)
            }
            Column::Kind => (text.kind.as_str(), &fonts.body, strong),
            Column::Flags => (text.flags.as_str(), &fonts.body, weak),
            Column::Length => (text.length.as_str(), &fonts.mono, strong),
            Column::Info => (row.info, &fonts.body, strong),
        };
        let align = if column.is_number() {
            Align::Max
        } else {
            Align::Min
        };
        mark::line(ui.painter(), cell, align, words, font, colour);
    }
    if response.hovered() {
        response.on_hover_text(hover_text(context, connection, row));
    }
}

fn hover_text(context: &ViewContext<'_>, connection: &Connection, row: &Row<'_>) -> String {
    let frame = row.frame;
    let mut lines = vec![
        format!(
            "frame {}: {} on stream {}, from {}",
            row.id, row.text.kind, frame.stream, row.text.sender
        ),
        frame.kind.meaning().to_owned(),
        frame.kind.section().to_owned(),
    ];
    if !row.info.is_empty() {
        lines.push(row.info.to_owned());
    }
    if !row.text.flags.is_empty() {
        lines.push(format!("flags {}", row.text.flags));
    }
    let (first, readable) = (context.trace.first_packet(connection, frame), frame.packet);
    lines.push(if first == readable {
        format!("in packet {}", readable.number())
    } else {
        format!(
            "from packet {}, readable with packet {}",
            first.number(),
            readable.number()
        )
    });
    let noted = crate::notes::Target::Frame(connection.id, row.id);
    for note in context.notes.on(noted) {
        let words = crate::report::text::visible_lines(&note.text, 400);
        lines.push(format!("note: {words}"));
    }
    if !frame.whole {
        lines.push("Not all of its payload is in the capture.".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
