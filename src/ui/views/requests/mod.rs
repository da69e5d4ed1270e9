//! The requests of a connection as a waterfall: sent, first byte, last byte, and what each waited for.

mod legend;
pub mod model;
mod paint;

use crate::trace::{Carrier, Connection, Read};
use crate::ui::background::Background;
use crate::ui::export::Table;
use crate::ui::views::View;
use crate::ui::widgets::following::Following;
use crate::ui::widgets::row_list::{BAR_POINTS, RowList, RowScroll};
use crate::ui::widgets::table::{self, Column, Sort};
use crate::ui::widgets::waits::Why;
use crate::ui::widgets::{filtered, format};
use crate::ui::{Command, Item, ViewContext};
use egui::{RichText, TextStyle, Ui};
use model::{Row, Rows};

/// The waterfall's share of the width, when that is more than the least.
const WATERFALL_SHARE: f32 = 0.3;

/// The columns of the table. The waterfall is the last.
const COLUMNS: [Column; 12] = [
    Column::number(
        "stream",
        "The stream; of HTTP/1.1, x and the number of the exchange on the connection",
        58.0,
        0,
    ),
    Column {
        number: false,
        share: 0.4,
        ..Column::number("request", "What was asked", 122.0, 0)
    },
    Column {
        number: false,
        ..Column::number("response", "The status, and how much content", 88.0, 2)
    },
    Column::number("content", "Bytes of content, both ways together", 62.0, 7),
    Column::number(
        "start, ms",
        "The first frame of the request, since the capture's first packet",
        66.0,
        6,
    ),
    Column::number(
        "sending, ms",
        "From the first frame of the request to its last byte: an upload takes its time here",
        78.0,
        8,
    ),
    Column::number(
        "waiting, ms",
        "From the last byte of the request to the first frame of the response: the server thinks, and \
         the way there and back. Of a pushed response: from the promise to the first byte of its content",
        74.0,
        3,
    ),
    Column::number(
        "receiving, ms",
        "From the first frame of the response, or a pushed one's content, to its last byte",
        84.0,
        4,
    ),
    Column::number(
        "held, ms",
        "How long something held it back meanwhile, the hatched parts of the bar: a window used up, a missing segment, TCP, too many \
         streams. Of two things at the same time it counts once. What the server sent first is a choice of the server, and no part of it",
        62.0,
        4,
    ),
    Column {
        number: false,
        share: 0.8,
        ..Column::number(
            "what took time",
            "What the server sent on other streams before it (“first”), and what held it back, each with how long; times may overlap. \
             The pointer on the row says more",
            206.0,
            5,
        )
    },
    Column::number(
        "total, ms",
        "From the first frame of the request to the end",
        64.0,
        1,
    ),
    Column {
        number: false,
        share: 1.0,
        ..Column::number(
            "waterfall",
            "Over time: thin while the request is sent and the response awaited, thick while it comes, \
             hatched where something held it back",
            210.0,
            0,
        )
    },
];

/// What the two columns about it mean, where they say anything.
const HELD_WORDS: &str = "held: hatched, something stopped its bytes · “streams 2, 4 first”: the server chose to send those before it, which is \
                          not held";

/// The column that says how long something held a request back; the next one says what.
const HELD: usize = 8;

/// The column that rows are sorted by at first: when they began.
const START: usize = 4;

/// How rows are sorted, how many there are, and what the filter leaves.
type MadeOf = (Sort, usize, filtered::Progress);

/// What the view remembers from picture to picture.
#[derive(Clone, Debug)]
pub struct State {
    rows: Background<Rows>,
    sort: Sort,
    /// The order of the rows, and of what it was made.
    order: (Vec<usize>, Option<MadeOf>),
    scroll: RowScroll,
    seen: Option<Item>,
    following: Following,
}

impl Default for State {
    fn default() -> Self {
        Self {
            rows: Background::default(),
            sort: Sort {
                column: START,
                descending: false,
            },
            order: (Vec::new(), None),
            scroll: RowScroll::default(),
            seen: None,
            following: Following::default(),
        }
    }
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        requests_ui(ui, context, self);
    }

    fn follow_cursor(&mut self, moves: Option<bool>) {
        self.following.told(moves);
    }

    fn table(&self, context: &ViewContext<'_>) -> Option<Table> {
        let connection = context.connection?.id;
        let rows = &self.rows.get(connection)?.rows;
        let order = self.order.0.iter();
        let order = order.filter_map(|at| Some(rows.get(*at)?.carrier));
        Some(Table::Requests(connection, order.collect()))
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// Draws the view into the space that is left.
pub fn requests_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    let connection = context.connection.filter(|of| has_requests(of));
    let Some(connection) = connection else {
        ui.label(RichText::new(nothing(context)).color(theme.text_weak));
        return;
    };
    let loading = context.loading;
    state
        .rows
        .follow(ui.ctx(), context.trace, connection, loading, Rows::of);
    let Some(rows) = state.rows.get(connection.id) else {
        ui.spinner();
        ui.label(RichText::new("Putting requests and responses together.").color(theme.text_weak));
        return;
    };
    let words = RichText::new(heading(rows)).small().strong();
    ui.horizontal(|ui| {
        ui.label(words.color(theme.text_weak));
        if !rows.rows.is_empty() {
            legend::legend_ui(ui, theme);
        }
    });
    if rows.rows.is_empty() {
        ui.label(RichText::new("No request on this connection yet.").color(theme.text_weak));
        return;
    }
    let made_of = Some((state.sort, rows.rows.len(), filtered::progress(context)));
    if state.order.1 != made_of {
        state.order = (passing(context, connection, rows, state.sort), made_of);
    }
    if rows.held.1 {
        ui.label(RichText::new(HELD_WORDS).small().color(theme.text_weak));
    }
    filtered::note_ui(ui, context, state.order.0.len(), rows.rows.len(), "request");
    let width = ui.available_width() - BAR_POINTS;
    let mut columns = COLUMNS;
    if let Some(waterfall) = columns.last_mut() {
        waterfall.least = waterfall.least.max(width * WATERFALL_SHARE);
    }
    // Columns in which nothing stands give their room to the others.
    for (column, any) in [(HELD, rows.held.0), (HELD + 1, rows.held.1)] {
        if let Some(column) = columns.get_mut(column).filter(|_| !any) {
            (column.least, column.share) = (0.0, 0.0);
        }
    }
    let places = table::places(&columns, width);
    table::titles_ui(ui, theme, &COLUMNS, &places, Some(&mut state.sort));
    let order = &state.order.0;
    let row_at = |position: usize| rows.rows.get(*order.get(position)?);
    let place = |of: Carrier| {
        (0..order.len()).find(|position| row_at(*position).is_some_and(|row| row.carrier == of))
    };
    let current = context.selected_carrier().and_then(place);
    if state.seen != context.selection {
        state.seen = context.selection;
        if let Some(row) = current.filter(|_| state.following.reveals()) {
            state.scroll.reveal(row);
        }
    }
    let at = context.stream_at_cursor();
    let at = at.and_then(|stream| place(stream.into()));
    state
        .following
        .scroll(&mut state.scroll, context.cursor, at);
    let told = places.get(HELD + 1).map(|place| place.end - place.start);
    let lines = lines(ui.ctx(), &rows.longest, told.unwrap_or(0.0));
    let list = RowList {
        name: "Requests",
        row_height: (ui.text_style_height(&TextStyle::Body) + 9.0)
            .max(ui.text_style_height(&TextStyle::Small) * lines as f32 + 8.0),
        count: order.len(),
        current,
    };
    let waterfall = paint::Waterfall {
        lines,
        context,
        connection,
        rows,
        places: &places,
    };
    waterfall.axis_ui(ui);
    let area = ui.available_rect_before_wrap();
    let asked = list.show(ui, &mut state.scroll, |ui, position, rect, list| {
        if let Some(row) = row_at(position) {
            waterfall.row_ui(ui, row, rect, list);
        }
    });
    if let Some(row) = asked.and_then(row_at) {
        context.send(Command::Select(Item::of_carrier(
            connection.id,
            row.carrier,
        )));
    }
    (state.following).rows_ui(ui, theme, area, &mut state.scroll, at);
}

/// Lines that a row has at most for what took time.
const MAX_LINES: usize = 3;

/// How many lines such words take in a column: so many have all rows, since they are equally high.
fn lines(ctx: &egui::Context, words: &str, width: f32) -> usize {
    if width < 1.0 || words.is_empty() {
        return 1;
    }
    let font = TextStyle::Small.resolve(&ctx.global_style());
    let colour = egui::Color32::PLACEHOLDER;
    let galley = ctx.fonts_mut(|fonts| fonts.layout(words.to_owned(), font, colour, width));
    galley.rows.len().clamp(1, MAX_LINES)
}

/// The positions of the rows that pass the filter, in an order.
fn passing(
    context: &ViewContext<'_>,
    connection: &Connection,
    rows: &Rows,
    sort: Sort,
) -> Vec<usize> {
    let mut sorted = rows.sorted(sort);
    sorted.retain(|at| {
        let row = rows.rows.get(*at);
        row.is_some_and(|row| !filtered::hides(context, connection.id, row.carrier))
    });
    sorted
}

/// What the view says, line by line.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let Some(connection) = context.connection.filter(|of| has_requests(of)) else {
        return nothing(context).to_owned();
    };
    let made;
    let rows = match state.rows.get(connection.id) {
        Some(rows) => rows,
        None => {
            made = Rows::of(context.trace, connection);
            &made
        }
    };
    let mut lines = vec![heading(rows)];
    let sorted = passing(context, connection, rows, state.sort);
    lines.extend(filtered::words(
        context,
        sorted.len(),
        rows.rows.len(),
        "request",
    ));
    for row in sorted.iter().filter_map(|at| rows.rows.get(*at)) {
        lines.push(row_text(context, connection, rows, row));
    }
    lines.join("\n")
}

fn has_requests(connection: &Connection) -> bool {
    connection.http2().is_some() || connection.http1().is_some()
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    match (context.connection, context.loading) {
        (Some(_), _) => {
            "This connection has no requests that could be read. The Connections view says what each connection carries."
        }
        (None, true) => "Reading the capture; no request yet.",
        (None, false) => "Open a capture: its requests are drawn here as a waterfall.",
    }
}

fn heading(rows: &Rows) -> String {
    let pushes = (rows.rows.iter())
        .filter(|row| row.kind == crate::analysis::requests::RequestKind::Pushed)
        .count() as u64;
    let requests = rows.rows.len() as u64 - pushes;
    let mut words = format::counted(requests, "request");
    if pushes > 0 {
        words.push_str(&format!(" · {} pushed", format::count(pushes)));
    }
    if let Some(slowest) = rows.rows.iter().max_by_key(|row| row.total_ns()) {
        words.push_str(&format!(
            " · slowest: {}, {}",
            slowest.carrier,
            format::duration_ns(slowest.total_ns())
        ));
    }
    words
}

fn row_text(context: &ViewContext<'_>, connection: &Connection, rows: &Rows, row: &Row) -> String {
    row_parts(context, connection, rows, row).join(", ")
}

/// What is said of a row, part by part.
fn row_parts(
    context: &ViewContext<'_>,
    connection: &Connection,
    rows: &Rows,
    row: &Row,
) -> Vec<String> {
    let mut parts = vec![format!("{}, {}", row.carrier, row.purpose)];
    parts.push(row.outcome.clone());
    parts.push(format!("sent at {}", format::duration_ns(row.started_ns)));
    match (row.waiting_ns, row.first_byte_ns) {
        (Some(waiting), _) => {
            let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
            let words = format::duration_ns(waiting);
            parts.push(format!("first byte {words} after the request"));
        }
        (None, Some(first)) => {
            parts.push(format!("first byte at {}", format::duration_ns(first)));
        }
        (None, None) => parts.push("no response".to_owned()),
    }
    if let Some(receiving) = row.receiving_ns() {
        parts.push(format!(
            "last byte {} later",
            format::duration_ns(receiving)
        ));
    }
    parts.push(format!("{} in all", format::duration_ns(row.total_ns())));
    let reasons = (row.carrier.stream()).map(|stream| rows.waits.reasons(stream));
    parts.extend(row.why.iter().map(Why::words));
    if row.held_ns > 0 {
        let held = format::duration_ns(i64::try_from(row.held_ns).unwrap_or(i64::MAX));
        let sum: u64 = reasons.iter().flatten().map(|(.., sum)| sum).sum();
        let once = match sum > row.held_ns {
            true => ", what came at the same time counted once",
            false => "",
        };
        parts.push(format!("held back {held} in all{once}"));
    }
    for (label, count, sum) in reasons.into_iter().flatten() {
        let sum = format::duration_ns(i64::try_from(sum).unwrap_or(i64::MAX));
        parts.push(format!("held back {count}× for {sum}: {label}"));
    }
    if !Read::at(connection, context.cursor).has(row.first) {
        parts.push("not yet started".to_owned());
    }
    parts
}

#[cfg(test)]
mod tests;
