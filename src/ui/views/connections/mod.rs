//! The start page of a capture: every connection with its time, its ends, what it carries, and what in
//! it is worth a look. A click chooses the connection for all views.

pub mod model;
mod paint;

use crate::trace::ConnectionId;
use crate::ui::export::Table;
use crate::ui::views::{View, ViewId};
use crate::ui::widgets::row_list::{BAR_POINTS, RowList, RowScroll};
use crate::ui::widgets::table::{self, Column, Sort};
use crate::ui::widgets::{filtered, format};
use crate::ui::{Command, Item, ViewContext, workspace};
use egui::{RichText, TextStyle, Ui};
use model::{Row, Rows};

/// The columns of the table.
const COLUMNS: [Column; 6] = [
    Column {
        title: "#",
        hover: "The connection's number, in the order of first packets",
        least: 28.0,
        share: 0.0,
        number: true,
        rank: 0,
    },
    Column {
        title: "client and server",
        hover: "The two ends: the client opened the connection and sends the requests",
        least: 160.0,
        share: 0.6,
        number: false,
        rank: 0,
    },
    Column {
        title: "carries",
        hover: "The protocol, and how much of it",
        least: 96.0,
        share: 0.2,
        number: false,
        rank: 1,
    },
    Column {
        title: "bytes",
        hover: "Bytes of the two TCP streams, each once: → from the client, ← from the server",
        least: 74.0,
        share: 0.0,
        number: true,
        rank: 3,
    },
    Column {
        title: "worth a look",
        hover: "Findings, holes, broken streams, pushes: the worst first. A click goes there",
        least: 170.0,
        share: 1.4,
        number: false,
        rank: 0,
    },
    Column {
        title: "when",
        hover: "From its first packet to its last, on the time axis of the whole capture. The upper half is as high as the \
                client sent much, the lower half as the server did.",
        least: 90.0,
        share: 1.0,
        number: false,
        rank: 2,
    },
];

/// The least room that the key of the bars needs, in points.
const KEY: f32 = 330.0;

/// What the view remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    rows: Rows,
    sort: Sort,
    scroll: RowScroll,
    seen: Option<ConnectionId>,
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        connections_ui(ui, context, self);
    }

    fn table(&self, context: &ViewContext<'_>) -> Option<Table> {
        let rows = (0..self.rows.len()).filter_map(|at| Some(self.rows.get(at)?.id));
        (!context.trace.connections.is_empty()).then(|| Table::Connections(rows.collect()))
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// Draws the view into the space that is left.
pub fn connections_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    state.rows.follow(ui.ctx(), context, state.sort);
    let Some(summary) = state.rows.summary() else {
        ui.spinner();
        ui.label(RichText::new("Putting the connections together.").color(theme.text_weak));
        return;
    };
    let heading = RichText::new(summary).small().strong();
    ui.horizontal(|ui| {
        ui.add(egui::Label::new(heading.color(theme.text_weak)).truncate());
        let key = RichText::new("bars: how much the client sent above, the server below").small();
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.available_width() > KEY && !context.trace.connections.is_empty() {
                ui.label(key.color(theme.text_weak));
            }
        });
    });
    if context.trace.connections.is_empty() {
        ui.label(RichText::new(nothing(context)).color(theme.text_weak));
        return;
    }
    let (shown, all) = (state.rows.len(), context.trace.connections.len());
    filtered::note_ui(ui, context, shown, all, "connection");
    let width = ui.available_width() - BAR_POINTS;
    let places = table::places(&COLUMNS, width);
    table::titles_ui(ui, theme, &COLUMNS, &places, Some(&mut state.sort));
    state.rows.follow(ui.ctx(), context, state.sort);
    let shown = context.connection.map(|connection| connection.id);
    let current = shown.and_then(|id| state.rows.position(id));
    if state.seen != shown {
        state.seen = shown;
        if let Some(row) = current {
            state.scroll.reveal(row);
        }
    }
    let list = RowList {
        name: "Connections",
        row_height: 2.0 * ui.text_style_height(&TextStyle::Body) + 14.0,
        count: state.rows.len(),
        current,
    };
    let rows = &state.rows;
    let asked = list.show(ui, &mut state.scroll, |ui, position, rect, list| {
        if let Some(row) = rows.get(position) {
            paint::row_ui(ui, context, row, rect, list, &places);
        }
    });
    if let Some(row) = asked.and_then(|position| rows.get(position)) {
        choose(context, row);
    }
}

/// Chooses a connection everywhere.
fn choose(context: &ViewContext<'_>, row: &Row) {
    context.send(Command::Select(Item::Connection(row.id)));
}

/// Chooses a connection and shows its frames.
fn open(context: &ViewContext<'_>, row: &Row) {
    choose(context, row);
    if let Some(loom) = ViewId::from_name("loom") {
        context.send(Command::Workspace(workspace::Command::Show(loom)));
    }
}

/// What the view says, line by line.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let mut lines = vec![model::summary(context.trace)];
    if context.trace.connections.is_empty() {
        lines.push(nothing(context).to_owned());
    }
    let rows = Rows::complete(context, state.sort);
    let all = context.trace.connections.len();
    lines.extend(filtered::words(context, rows.len(), all, "connection"));
    for row in (0..rows.len()).filter_map(|position| rows.get(position)) {
        lines.push(row_text(context, row));
    }
    lines.join("\n")
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    match (context.loading, context.trace.packets.is_empty()) {
        (true, _) => "Reading the capture; no connection yet.",
        (false, true) => "Open a capture, or drop one here: its connections are listed here.",
        (false, false) => "No packet of this capture belongs to a TCP connection.",
    }
}

fn row_text(context: &ViewContext<'_>, row: &Row) -> String {
    let shown = context.connection.map(|connection| connection.id) == Some(row.id);
    let worth: Vec<&str> = row.worth.iter().map(|worth| worth.text.as_str()).collect();
    format!(
        "connection {}{}: client {}, server {} (told by {}); {}, {}; {} from the client, {} from the \
         server; {} to {}; {}",
        row.id,
        if shown { ", shown" } else { "" },
        row.client,
        row.server,
        row.known_by,
        row.protocol,
        row.about,
        format::bytes(row.bytes[0]),
        format::bytes(row.bytes[1]),
        format::duration_ns(row.times_ns.0),
        format::duration_ns(row.times_ns.1),
        if worth.is_empty() {
            "nothing stands out".to_owned()
        } else {
            format!("worth a look: {}", worth.join("; "))
        },
    )
}

#[cfg(test)]
mod tests;
