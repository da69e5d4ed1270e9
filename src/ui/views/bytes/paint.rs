//! One row of bytes: what is lit, the digits, the characters, and what the pointer hits.

use super::layout::Grid;
use super::model;
use super::shown::Shown;
use crate::analysis::fields::FrameFields;
use crate::ui::{Command, Item, ViewContext};
use egui::{Align2, Color32, Rect, Response, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo};
use std::ops::Range;

/// A row about to be drawn.
pub(super) struct ByteRow<'a> {
    /// The number of its first byte.
    pub(super) from: u32,
    /// Its bytes; `None` for those that the capture does not hold.
    pub(super) bytes: &'a [Option<u8>],
    /// The fields of the frame.
    pub(super) fields: Option<&'a FrameFields>,
    /// Where each byte goes.
    pub(super) grid: Grid,
}

/// Two digits, or two dots for a byte that the capture does not hold.
pub(super) fn hex_digits(byte: Option<u8>) -> String {
    byte.map_or_else(|| "··".to_owned(), |byte| format!("{byte:02x}"))
}

fn character(byte: Option<u8>) -> char {
    match byte {
        Some(byte @ 0x20..=0x7e) => char::from(byte),
        Some(_) => '.',
        None => '·',
    }
}

pub(super) fn row_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    shown: &Shown<'_>,
    row: &ByteRow<'_>,
    rect: Rect,
    list: &Response,
) {
    let response = ui.interact(rect, list.id.with(row.from), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, spoken(row)));
    lights_ui(ui, context, shown, row, rect);
    digits_ui(ui, context, row, rect);
    hits_ui(context, shown, row, rect, list, response);
}

fn spoken(row: &ByteRow<'_>) -> String {
    let digits: Vec<String> = row.bytes.iter().map(|byte| hex_digits(*byte)).collect();
    let missing = if row.bytes.contains(&None) {
        ", some are not in the capture"
    } else {
        ""
    };
    format!("bytes from {}: {}{missing}", row.from, digits.join(" "))
}

/// What is lit: the frame's header faintly, the selected bytes strongly, the hovered ones framed; and
/// a line under each field, so that fields are told apart without colour.
fn lights_ui(ui: &Ui, context: &ViewContext<'_>, shown: &Shown<'_>, row: &ByteRow<'_>, rect: Rect) {
    let theme = context.theme;
    let [strong, faint] = theme.lit;
    if let Some(head) = shown.head() {
        light(ui, row, rect, &head, faint, Stroke::NONE);
    }
    if let Some(selected) = shown.selected(context.selection) {
        light(ui, row, rect, &selected, strong, Stroke::NONE);
    }
    if let Some(hovered) = shown.selected(context.hovered) {
        light(
            ui,
            row,
            rect,
            &hovered,
            Color32::TRANSPARENT,
            Stroke::new(1.0, theme.accent),
        );
    }
    let Some(fields) = row.fields else { return };
    let mut column = 0;
    let count = u32::try_from(row.bytes.len()).unwrap_or(0);
    while column < count {
        let Some(node) = fields.at(row.from + column) else {
            column += 1;
            continue;
        };
        let first = column;
        // Runs of the same innermost field: a field may enclose others.
        while column < count && fields.at(row.from + column) == Some(node) {
            column += 1;
        }
        let left = row.grid.hex_rect(rect, first).left() + 3.0;
        let right = row.grid.hex_rect(rect, column - 1).right() - 3.0;
        let stroke = Stroke::new(1.0, theme.line);
        ui.painter()
            .hline(left..=right, rect.bottom() - 1.0, stroke);
    }
}

fn light(
    ui: &Ui,
    row: &ByteRow<'_>,
    rect: Rect,
    range: &Range<u32>,
    fill: Color32,
    stroke: Stroke,
) {
    let end = row.from + u32::try_from(row.bytes.len()).unwrap_or(0);
    let (from, to) = (range.start.max(row.from), range.end.min(end));
    if from >= to {
        return;
    }
    let (first, last) = (from - row.from, to - row.from - 1);
    let runs = [
        row.grid
            .hex_rect(rect, first)
            .union(row.grid.hex_rect(rect, last)),
        row.grid
            .ascii_rect(rect, first)
            .union(row.grid.ascii_rect(rect, last)),
    ];
    for run in runs {
        let run = run.shrink2(egui::vec2(0.0, 0.5));
        ui.painter()
            .rect(run, 2.0, fill, stroke, egui::StrokeKind::Inside);
    }
}

fn digits_ui(ui: &Ui, context: &ViewContext<'_>, row: &ByteRow<'_>, rect: Rect) {
    let theme = context.theme;
    let font = TextStyle::Monospace.resolve(ui.style());
    let painter = ui.painter();
    let offset = format!("{:04x}", row.from);
    painter.text(
        rect.left_center(),
        Align2::LEFT_CENTER,
        offset,
        font.clone(),
        theme.text_weak,
    );
    for (column, byte) in (0..).zip(row.bytes) {
        let colour = if byte.is_some() {
            theme.text
        } else {
            theme.text_weak
        };
        let hex = row.grid.hex_rect(rect, column).center();
        painter.text(
            hex,
            Align2::CENTER_CENTER,
            hex_digits(*byte),
            font.clone(),
            colour,
        );
        let ascii = row.grid.ascii_rect(rect, column).center();
        painter.text(
            ascii,
            Align2::CENTER_CENTER,
            character(*byte),
            font.clone(),
            theme.text_weak,
        );
    }
}

fn hits_ui(
    context: &ViewContext<'_>,
    shown: &Shown<'_>,
    row: &ByteRow<'_>,
    rect: Rect,
    list: &Response,
    response: Response,
) {
    let (Some((connection, unit)), Some(extent), Some(fields)) =
        (shown.unit(), shown.extent(), row.fields)
    else {
        return;
    };
    let pointer = response.interact_pointer_pos().or(response.hover_pos());
    let column = pointer.and_then(|pointer| row.grid.column_at(rect, pointer.x));
    let Some(column) = column.filter(|column| (*column as usize) < row.bytes.len()) else {
        return;
    };
    let byte = row.from + column;
    let node = fields.at(byte);
    let inner = context.grpc.field_at(context.trace, connection, unit, byte);
    let range = match &inner {
        Some((range, _)) => range.clone(),
        None => node.map_or(byte..byte + 1, |node| node.range.clone()),
    };
    let item = Item::of_bytes(connection.id, unit, range);
    if response.hovered() {
        context.hover(item);
    }
    if response.clicked() {
        list.request_focus();
        context.send(Command::Select(item));
    }
    response.on_hover_ui_at_pointer(|ui| {
        let place = model::place(context.trace, connection, extent, byte);
        let part = unit
            .frame()
            .and_then(|frame| fields.header_part_at(frame, byte));
        ui.label(model::byte_text(&place, byte, node, part));
        if let Some((_, words)) = &inner {
            ui.label(words);
        }
    });
}
