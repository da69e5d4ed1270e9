//! Draws a row: two lines of words, and a bar on the capture's time axis.

use super::model::{Row, Worth};
use super::{choose, open, row_text};
use crate::trace::Protocol;
use crate::ui::widgets::{format, mark, table};
use crate::ui::{Command, Item, ViewContext};
use egui::{
    Align, Color32, CornerRadius, FontId, Rect, Response, Role, Sense, Stroke, TextStyle, Ui,
    WidgetInfo, pos2, vec2,
};
use std::ops::Range;

/// A bar for an instant is still this wide.
const LEAST_BAR: f32 = 4.0;

pub(super) fn row_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    row: &Row,
    rect: Rect,
    list: &Response,
    places: &[Range<f32>],
) {
    let theme = context.theme;
    let response = ui.interact(rect, list.id.with(row.id.index()), Sense::CLICK);
    let shown = context.connection.map(|connection| connection.id) == Some(row.id);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, shown, row_text(context, row)));
    if response.clicked() {
        list.request_focus();
        choose(context, row);
    }
    if response.double_clicked() {
        open(context, row);
    }
    if response.hovered() {
        context.hover(Item::Connection(row.id));
    }
    let back = rect.shrink2(vec2(0.0, 1.0));
    if shown {
        ui.painter().rect_filled(back, 4.0, theme.selection);
    } else if response.hovered() {
        ui.painter().rect_filled(back, 4.0, theme.hover);
    }
    let body = TextStyle::Body.resolve(ui.style());
    let mono = FontId::monospace(TextStyle::Small.resolve(ui.style()).size);
    let inner = rect.shrink2(vec2(0.0, 5.0));
    let place = |column: usize| {
        let place = places.get(column).cloned().unwrap_or_default();
        table::cell(inner, &place)
    };
    let lines = |cell: Rect| {
        let middle = cell.center().y;
        [cell.with_max_y(middle), cell.with_min_y(middle)]
    };
    let painter = ui.painter();
    let number = row.id.to_string();
    let [first, _] = lines(place(0));
    mark::line(painter, first, Align::Max, &number, &mono, theme.text_weak);
    for (cell, (what, end)) in lines(place(1))
        .into_iter()
        .zip([("client ", &row.client), ("server ", &row.server)])
    {
        let width = mark::line(painter, cell, Align::Min, what, &mono, theme.text_weak);
        let rest = cell.with_min_x(cell.left() + width);
        mark::line(painter, rest, Align::Min, end, &mono, theme.text);
    }
    for (cell, (words, colour, font)) in lines(place(2)).into_iter().zip([
        (&row.protocol, theme.text, &body),
        (
            &row.about,
            theme.text_weak,
            &TextStyle::Small.resolve(ui.style()),
        ),
    ]) {
        mark::line(painter, cell, Align::Min, words, font, colour);
    }
    for (cell, (arrow, bytes)) in lines(place(3))
        .into_iter()
        .zip([("→", row.bytes[0]), ("←", row.bytes[1])])
    {
        let words = format!("{arrow} {}", format::short_bytes(bytes));
        mark::line(painter, cell, Align::Max, &words, &mono, theme.text);
    }
    when_ui(ui, context, row, place(5));
    worth_ui(ui, context, row, lines(place(4)), list);
    response.on_hover_text_at_pointer(format!(
        "{}\nDouble-click to see what it carried.",
        row_text(context, row).replace("; ", "\n")
    ));
}

/// The first two things worth a look; the second line says how many more there are.
fn worth_ui(ui: &Ui, context: &ViewContext<'_>, row: &Row, lines: [Rect; 2], list: &Response) {
    let theme = context.theme;
    let small = TextStyle::Small.resolve(ui.style());
    if row.worth.is_empty() {
        let words = "nothing stands out";
        mark::line(
            ui.painter(),
            lines[0],
            Align::Min,
            words,
            &small,
            theme.text_weak,
        );
    }
    for (index, (worth, cell)) in row.worth.iter().zip(lines).enumerate() {
        if cell.width() < 20.0 {
            return;
        }
        let more = match (index, row.worth.len()) {
            (1, count @ 3..) => format!(" +{} more", count - 2),
            _ => String::new(),
        };
        let id = list.id.with(("worth", row.id.index(), index));
        let response = ui.interact(cell, id, Sense::CLICK);
        response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &worth.text));
        if response.hovered() {
            context.hover(worth.item);
        }
        if response.clicked() {
            context.send(Command::Select(worth.item));
        }
        let centre = pos2(cell.left() + 6.0, cell.center().y);
        mark::severity(ui.painter(), centre, worth.severity, theme);
        let right = cell.right() - if more.is_empty() { 0.0 } else { 52.0 };
        let words = cell.with_min_x(cell.left() + 17.0).with_max_x(right);
        let colour = if response.hovered() {
            theme.accent
        } else {
            theme.text
        };
        mark::line(ui.painter(), words, Align::Min, &worth.text, &small, colour);
        mark::line(
            ui.painter(),
            cell,
            Align::Max,
            &more,
            &small,
            theme.text_weak,
        );
        response.on_hover_text(all_worth(&row.worth));
    }
}

fn all_worth(worth: &[Worth]) -> String {
    let lines: Vec<String> = worth
        .iter()
        .map(|worth| format!("{}: {}", mark::severity_name(worth.severity), worth.text))
        .collect();
    lines.join("\n")
}

/// The connection's time on the axis of the whole capture, with the cursor.
fn when_ui(ui: &Ui, context: &ViewContext<'_>, row: &Row, cell: Rect) {
    let Some((first, last)) = context.trace.time_range_ns else {
        return;
    };
    if cell.width() < 10.0 {
        return;
    }
    let theme = context.theme;
    let painter = ui.painter_at(cell.expand2(vec2(2.0, 5.0)));
    let length = last.saturating_sub(first).max(1) as f64;
    let x = |time_ns: i64| cell.left() + cell.width() * (time_ns as f64 / length) as f32;
    let (start, end) = (x(row.times_ns.0), x(row.times_ns.1));
    let start = start.min(cell.right() - LEAST_BAR);
    let bar = Rect::from_x_y_ranges(
        start..=end.max(start + LEAST_BAR),
        cell.center().y - 7.0..=cell.center().y + 7.0,
    );
    let colour = colour(context, row);
    painter.rect_filled(bar, CornerRadius::same(3), colour.gamma_multiply(0.35));
    // How the bytes were shared: the client's above, the server's below, the root so that both show.
    let most = row.bytes[0].max(row.bytes[1]).max(1) as f64;
    for (index, bytes) in row.bytes.into_iter().enumerate() {
        let height = 6.0 * (bytes as f64 / most).sqrt() as f32;
        let middle = bar.center().y;
        let half = match index {
            0 => bar.with_max_y(middle).with_min_y(middle - height),
            _ => bar.with_min_y(middle).with_max_y(middle + height),
        };
        painter.rect_filled(half, CornerRadius::same(2), colour);
    }
    let lasted = row.times_ns.1.saturating_sub(row.times_ns.0);
    let words = format::duration_ns(lasted);
    let font = TextStyle::Small.resolve(ui.style());
    let galley = painter.layout_no_wrap(words, font, theme.text_weak);
    let beside = bar.right() + 6.0;
    let top = cell.center().y - galley.size().y / 2.0;
    let mut before_end = bar.left() - 2.0;
    if beside + galley.size().x < cell.right() {
        painter.galley(pos2(beside, top), galley, theme.text_weak);
    } else if bar.left() - 6.0 - galley.size().x > cell.left() {
        let left = bar.left() - 6.0 - galley.size().x;
        painter.galley(pos2(left, top), galley, theme.text_weak);
        before_end = left - 6.0;
    }
    let before = cell.left()..=before_end;
    let line = Stroke::new(1.0, theme.line);
    painter.hline(before, cell.center().y, line);
    if let Some(now) = context.now_ns() {
        let at = x(now.saturating_sub(first));
        let line = Stroke::new(1.0, theme.cursor.gamma_multiply(0.7));
        painter.vline(at, cell.y_range().expand(5.0), line);
    }
}

fn colour(context: &ViewContext<'_>, row: &Row) -> Color32 {
    let connection = context.trace.connection(row.id);
    match connection.map(|connection| connection.row.protocol) {
        Some(Protocol::Http2) => context.theme.accent,
        _ => context.theme.connection_frames,
    }
}
