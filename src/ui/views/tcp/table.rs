//! The connection's packets as a table.

use super::State;
use super::index::Segment;
use super::text::{marks_words, segment_line};
use crate::trace::{Connection, Side};
use crate::ui::widgets::row_list::{BAR_POINTS, RowList};
use crate::ui::widgets::table::{self, Column};
use crate::ui::widgets::{format, mark};
use crate::ui::{Command, Item, ViewContext};
use egui::{Align, Rect, Response, Role, Sense, TextStyle, Ui, WidgetInfo};
use std::ops::Range;

/// The columns of the table.
const COLUMNS: [Column; 9] = [
    Column::number("packet", "Its number in the capture, from 1", 46.0, 0),
    Column::number("time, ms", "Since the capture's first packet", 92.0, 0),
    Column::number("", "Who sent it: → the client, ← the server", 12.0, 0),
    Column::number(
        "offset",
        "Where its first byte is in its sender's stream; the first byte of a stream is 0",
        80.0,
        0,
    ),
    Column::number("bytes", "Bytes of payload", 46.0, 0),
    Column::number(
        "acknowledges",
        "Everything of the other side before this offset has arrived",
        86.0,
        1,
    ),
    Column::number(
        "window, bytes",
        "What its sender can still receive",
        86.0,
        3,
    ),
    Column {
        number: false,
        ..Column::number("flags", "The control bits of the TCP header", 70.0, 2)
    },
    Column {
        number: false,
        share: 1.0,
        ..Column::number(
            "what it is",
            "What TCP did here beyond sending new bytes",
            110.0,
            0,
        )
    },
];

pub(super) fn table_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    state: &mut State,
    connection: &Connection,
) {
    ui.spacing_mut().item_spacing.y = 1.0;
    let places = table::places(&COLUMNS, ui.available_width() - BAR_POINTS);
    table::titles_ui(ui, context.theme, &COLUMNS, &places, None);
    let current = match context.selection {
        Some(Item::Packet(packet)) => state.index.place(packet),
        _ => context
            .selected_frame()
            .and_then(|(_, frame)| state.index.place(frame.packet)),
    };
    let current = current
        .map(|place| row_of(state, place))
        .filter(|(exact, _)| *exact);
    let listed = state.passing.listed();
    let place_of = |row: usize| match listed {
        Some(listed) => listed.get(row).copied(),
        None => Some(row),
    };
    let list = RowList {
        name: "Packets of the connection",
        row_height: ui.text_style_height(&TextStyle::Monospace) + 5.0,
        count: listed.map_or(state.index.order.len(), <[usize]>::len),
        current: current.map(|(_, row)| row),
    };
    let at = (context.cursor).and_then(|cursor| state.index.place_before(cursor.packet));
    let at = at.map(|place| row_of(state, place).1);
    state.following[1].scroll(&mut state.scroll, context.cursor, at);
    let area = ui.available_rect_before_wrap();
    let index = &state.index;
    let asked = list.show(ui, &mut state.scroll, |ui, row, rect, list| {
        if let Some((side, segment)) = place_of(row).and_then(|place| index.get(place)) {
            row_ui(ui, context, connection, side, segment, rect, list, &places);
        }
    });
    if let Some((_, segment)) = asked.and_then(place_of).and_then(|place| index.get(place)) {
        context.send(Command::Select(Item::Packet(segment.packet)));
    }
    (state.following[1]).rows_ui(ui, context.theme, area, &mut state.scroll, at);
}

/// The row of a packet, or of the last one before it that passes the filter; and whether it is its own.
pub(super) fn row_of(state: &State, place: usize) -> (bool, usize) {
    let Some(listed) = state.passing.listed() else {
        return (true, place);
    };
    match listed.binary_search(&place) {
        Ok(row) => (true, row),
        Err(row) => (false, row.saturating_sub(1)),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a row, where it goes, and whose it is"
)]
fn row_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    connection: &Connection,
    side: Side,
    segment: &Segment,
    rect: Rect,
    list: &Response,
    places: &[Range<f32>],
) {
    let theme = context.theme;
    let item = Item::Packet(segment.packet);
    let response = ui.interact(rect, list.id.with(segment.packet.index()), Sense::CLICK);
    let selected = context.selection == Some(item);
    let words = || segment_line(connection, side, segment);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, words()));
    if response.clicked() {
        list.request_focus();
        context.send(Command::Select(item));
    }
    if response.hovered() {
        context.hover(item);
    }
    let painter = ui.painter();
    if selected {
        painter.rect_filled(rect, 0.0, theme.selection);
    } else if context.hovered == Some(item) {
        painter.rect_filled(rect, 0.0, theme.hover);
    }
    let later = (context.cursor).is_some_and(|cursor| segment.packet > cursor.packet);
    let dim = |colour: egui::Color32| {
        if later { theme.later(colour) } else { colour }
    };
    let mono = TextStyle::Monospace.resolve(ui.style());
    let body = egui::FontId::proportional(mono.size);
    let has_bytes = segment.len > 0;
    let cells = [
        format::count(segment.packet.number()),
        format::milliseconds(segment.time_ns),
        connection.direction(side).arrow().to_owned(),
        format::signed(segment.start),
        if has_bytes {
            format::count(u64::from(segment.len))
        } else {
            String::new()
        },
        segment.ack.map_or_else(String::new, format::signed),
        (segment.window).map_or_else(String::new, |window| format::count(u64::from(window))),
        segment.flags.to_string(),
        marks_words(segment.marks),
    ];
    for (index, ((column, place), words)) in COLUMNS.iter().zip(places).zip(&cells).enumerate() {
        let cell = table::cell(rect, place);
        let align = if column.number {
            Align::Max
        } else {
            Align::Min
        };
        let (font, colour) = match index {
            0 | 7 => (&mono, theme.text_weak),
            8 => (&body, theme.warning),
            _ => (&mono, theme.text),
        };
        mark::line(painter, cell, align, words, font, dim(colour));
    }
    response.on_hover_ui(|ui| {
        ui.label(segment_line(connection, side, segment).replace(", ", "\n"));
    });
}
