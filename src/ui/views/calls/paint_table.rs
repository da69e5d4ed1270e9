//! Draws the table of calls.

use super::State;
use super::{model, said, words};
use crate::analysis::grpc::CallId;
use crate::trace::Carrier;
use crate::ui::grpc::{CallRow, Instant, Standing};
use crate::ui::theme::{STREAM_COLOURS, text_size};
use crate::ui::widgets::mark;
use crate::ui::widgets::row_list::{BAR_POINTS, RowList};
use crate::ui::widgets::table::{self, Column};
use crate::ui::{Command, ViewContext};
use crate::wire::grpc::GrpcStatus;
use egui::{
    Align, Color32, FontId, Rect, Response, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2,
};
use std::ops::Range;

const fn words(
    title: &'static str,
    hover: &'static str,
    least: f32,
    share: f32,
    rank: u8,
) -> Column {
    Column {
        title,
        hover,
        least,
        share,
        number: false,
        rank,
    }
}

/// The columns.
pub(super) const COLUMNS: [Column; 13] = [
    words(
        "conn · stream",
        "The connection and the stream that carries the call; x and a number for an exchange of HTTP/1.1",
        86.0,
        0.0,
        0,
    ),
    words("service", "The service, from the path", 96.0, 0.6, 4),
    words("method", "The method, from the path", 96.0, 0.6, 0),
    words("kind", "Kind of call", 94.0, 0.0, 6),
    words(
        "status",
        "The call's gRPC status; in brackets what no server sent, or not in time: it is concluded from how the call ended",
        146.0,
        0.0,
        0,
    ),
    words(
        "what it says",
        "What the server says about a failure (grpc-message), always in quotes; else, behind “means:”, what the status means. Click a row to read all of it above the table, point at it for what to do",
        190.0,
        1.6,
        1,
    ),
    Column::number(
        "start, ms",
        "The first frame of the call, since the capture's first packet",
        68.0,
        5,
    ),
    Column::number(
        "took, ms",
        "From its first frame to its end; with … so far",
        74.0,
        1,
    ),
    Column::number("deadline", "Deadline", 62.0, 3),
    Column::number(
        "messages",
        "Messages out → messages back; while it runs, so far",
        68.0,
        4,
    ),
    Column::number(
        "bytes",
        "Bytes of its messages as they travelled, both ways, without prefixes",
        58.0,
        7,
    ),
    words(
        "ended by",
        "How it ended where that was not by trailers after the answer; who gave it up, and with which code",
        110.0,
        0.5,
        3,
    ),
    words(
        "linked",
        "The calls that the server made while it served this one (called), the call that was being served when this one was made (called by; ? for a guess), or that it tries again (again)",
        84.0,
        0.2,
        3,
    ),
];

/// The column of the method.
const METHOD: usize = 2;

/// The column of what a call says.
const SAID: usize = 5;

/// The column that rows are sorted by at first: when they began.
pub(super) const START: usize = 6;

/// Calls whose words are measured for the widths of the columns; with more, every column has its usual width.
const MAX_MEASURED: usize = 500;

/// About how wide a letter of small words is, in points.
const LETTER_POINTS: f32 = 6.4;

/// The columns, those of words no wider than what the listed calls have to say in them: what is free goes mostly to what
/// the calls say, where they say anything.
pub(super) fn columns(context: &ViewContext<'_>, listed: &[usize]) -> [Column; 13] {
    let mut columns = COLUMNS;
    if listed.len() > MAX_MEASURED {
        return columns;
    }
    let calls = &context.grpc.calls;
    let letters = |words: &str| words.chars().count();
    let mut longest = [0; 6];
    for row in listed.iter().filter_map(|at| calls.rows().get(*at)) {
        let said = [
            letters(row.service()),
            letters(row.method()),
            letters(model::kind(context.grpc, row).0),
            letters(&words::ended(row)),
            letters(&words::linked(calls, row)),
            letters(&said::words(calls, row)),
        ];
        longest = std::array::from_fn(|at| longest[at].max(said[at]));
    }
    for (at, longest) in [1, 2, 3, 11, 12, SAID].into_iter().zip(longest) {
        let Some(column) = columns.get_mut(at) else {
            continue;
        };
        // The title and the arrow of the order have room in any case.
        let title = letters(column.title) as f32 * LETTER_POINTS + 14.0;
        let letter = if at == METHOD { 7.6 } else { LETTER_POINTS };
        let needed = (longest as f32 * letter).max(title);
        if needed <= column.least {
            column.least = needed;
            column.share = 0.0;
        } else if at == SAID {
            // Sentences need the room more than names do.
            column.share = 6.0;
        }
    }
    columns
}

/// Whether what some listed call says needs a second line in a column of this width.
fn needs_two_lines(context: &ViewContext<'_>, listed: &[usize], width: f32) -> bool {
    if listed.len() > MAX_MEASURED || width < 1.0 {
        return false;
    }
    let calls = &context.grpc.calls;
    let mut rows = listed.iter().filter_map(|at| calls.rows().get(*at));
    rows.any(|row| said::words(calls, row).chars().count() as f32 * LETTER_POINTS > width)
}

/// Draws the table into the space that is left.
pub(super) fn table_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    state: &mut State,
    selected: Option<CallId>,
) {
    let calls = &context.grpc.calls;
    let columns = columns(context, state.listed.table());
    let places = table::places(&columns, ui.available_width() - BAR_POINTS);
    table::titles_ui(ui, context.theme, &columns, &places, Some(&mut state.sort));
    let order = state.listed.table();
    let width = places
        .get(SAID)
        .map_or(0.0, |place| place.end - place.start);
    let lines = match needs_two_lines(context, order, width) {
        true => 2.0,
        false => 1.0,
    };
    let small = ui.text_style_height(&TextStyle::Small);
    let row_at = |position: usize| calls.rows().get(*order.get(position)?);
    let current = selected.and_then(|id| {
        let row = calls.position(id)?;
        order.iter().position(|at| *at == row)
    });
    let list = RowList {
        name: "Calls",
        row_height: (ui.text_style_height(&TextStyle::Body) + 7.0).max(lines * small + 8.0),
        count: order.len(),
        current,
    };
    let mut instant = Instant::new(context.trace, context.cursor);
    let asked = list.show(ui, &mut state.table_scroll, |ui, position, rect, list| {
        if let Some(row) = row_at(position) {
            row_ui(
                ui,
                context,
                row,
                rect,
                list,
                &places,
                selected,
                &mut instant,
            );
        }
    });
    if let Some(row) = asked.and_then(row_at) {
        context.send(Command::Select(model::item(row.id)));
    }
}

/// The colour of a call's status: trouble stands out, and is always named too.
pub(super) fn status_colour(
    context: &ViewContext<'_>,
    row: &CallRow,
    standing: Standing,
) -> Color32 {
    let theme = context.theme;
    match (standing, row.status_seen()) {
        (Standing::NotYet, _) => theme.text_weak,
        (Standing::Running { left_ns, .. }, _) => match left_ns {
            Some(left) if left < 0 => theme.error,
            _ => theme.accent,
        },
        (Standing::Ended, Some(GrpcStatus::OK)) => theme.text,
        (Standing::Ended, Some(GrpcStatus::CANCELLED) | None) => theme.warning,
        (Standing::Ended, Some(_)) => theme.error,
    }
}

/// The colour that a call's stream has in every view of its connection.
pub(super) fn stream_colour(context: &ViewContext<'_>, id: CallId) -> Color32 {
    context.theme.stream(carrier_index(context, id))
}

/// How many of its connection's streams before it have that colour.
pub(super) fn stream_lap(context: &ViewContext<'_>, id: CallId) -> usize {
    carrier_index(context, id) / STREAM_COLOURS
}

fn carrier_index(context: &ViewContext<'_>, id: CallId) -> usize {
    let index = match id.carrier {
        Carrier::Stream(stream) => {
            let connection = context.trace.connection(id.connection);
            connection.and_then(|connection| connection.http2()?.stream_index(stream))
        }
        Carrier::Exchange(exchange) => Some(exchange.index()),
    };
    index.unwrap_or(0)
}

#[expect(clippy::too_many_arguments, reason = "what a row is drawn from")]
fn row_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    row: &CallRow,
    rect: Rect,
    list: &Response,
    places: &[Range<f32>],
    selected: Option<CallId>,
    instant: &mut Instant<'_>,
) {
    let theme = context.theme;
    let item = model::item(row.id);
    let id = list.id.with((row.id.connection.index(), row.id.carrier));
    let response = ui.interact(rect, id, Sense::CLICK);
    let selected = selected == Some(row.id);
    let parts = words::parts(context, row, instant);
    let said = parts.join(", ");
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &said));
    if response.clicked() {
        list.request_focus();
        context.send(Command::Select(item));
    }
    if response.hovered() {
        context.hover(item);
    }
    let painter = ui.painter();
    let back = rect.shrink2(vec2(0.0, 1.0));
    if selected {
        painter.rect_filled(back, 4.0, theme.selection);
    } else if response.hovered() || context.hovered == Some(item) {
        painter.rect_filled(back, 4.0, theme.hover);
    }
    let standing = instant.standing(row);
    let dim = |colour: Color32| match standing {
        Standing::NotYet => theme.later(colour),
        _ => colour,
    };
    let mono = FontId::monospace(text_size::SMALL);
    let body = TextStyle::Body.resolve(ui.style());
    let small = TextStyle::Small.resolve(ui.style());
    let status = status_colour(context, row, standing);
    let cells = model::cells(context, row, instant);
    for (index, ((column, place), words)) in COLUMNS.iter().zip(places).zip(&cells).enumerate() {
        let mut cell = table::cell(rect, place);
        let align = match column.number {
            true => Align::Max,
            false => Align::Min,
        };
        let (font, colour) = match index {
            1 | 3 | 5 | 12 => (&small, theme.text_weak),
            2 => (&body, theme.text),
            4 => (&small, status),
            11 if row.cancelled.is_some() || row.is_late() => (&small, theme.warning),
            11 => (&small, theme.text_weak),
            _ => (&mono, theme.text),
        };
        if index == 0 && cell.width() > 30.0 {
            let centre = pos2(cell.left() + 6.0, cell.center().y);
            let lap = stream_lap(context, row.id);
            mark::swatch(painter, centre, dim(stream_colour(context, row.id)), lap);
            cell.min.x += 16.0;
        }
        // Where a row has two lines, other words may have them too.
        if matches!(index, SAID | 11 | 12) && cell.height() > 2.0 * small.size {
            mark::lines(painter, cell, 2, words, font, dim(colour));
        } else {
            mark::line(painter, cell, align, words, font, dim(colour));
        }
    }
    response.on_hover_ui_at_pointer(|ui| hover_ui(ui, row, standing, &parts));
}

/// A call in its parts; what its status means, and what to do about it.
pub(super) fn hover_ui(ui: &mut Ui, row: &CallRow, standing: Standing, parts: &[String]) {
    ui.label(parts.join("\n"));
    let advice = words::advice(row, standing);
    if !advice.is_empty() {
        ui.separator();
        ui.label(advice.join("\n"));
    }
}
