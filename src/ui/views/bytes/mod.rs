//! The bytes of what is selected, with the selected field lit, and the way down to the packet.

pub mod layout;
pub mod model;
mod paint;
mod shown;

use crate::ui::views::View;
use crate::ui::widgets::copy::{self, Format};
use crate::ui::widgets::row_list::{BAR_POINTS, RowList, RowScroll};
use crate::ui::{Command, Item, ViewContext};
use egui::{RichText, TextStyle, Ui};
use layout::Grid;
use model::{Crumb, FrameCache};
use shown::Shown;

/// Bytes that are read for one picture at most; more than any screen shows.
const MAX_BYTES_PER_PICTURE: u32 = 16 * 1024;

/// Bytes that are copied at most: more would choke what they are pasted into.
const MAX_BYTES_COPIED: u32 = 1 << 20;

/// Below the bytes of a short frame, where there is room.
const HOW_TO_READ: &str =
    "tinted: the frame's header · a line below: one field · lit: what is selected";

/// What the view remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    scroll: RowScroll,
    seen: Option<Item>,
    cache: FrameCache,
}

impl View for State {
    fn ui(&mut self, ui: &mut egui::Ui, context: &ViewContext<'_>) {
        bytes_ui(ui, context, self);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// Draws the view into the space that is left.
pub fn bytes_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let Some(shown) = Shown::of(context) else {
        ui.label(RichText::new(nothing(context)).color(context.theme.text_weak));
        return;
    };
    head_ui(ui, context, state, &shown);

    let mono = TextStyle::Monospace.resolve(ui.style());
    let digit = ui
        .painter()
        .fonts_mut(|fonts| fonts.glyph_width(&mono, '0'));
    let grid = Grid::new(ui.available_width() - BAR_POINTS, digit);
    let selected = shown.selected(context.selection);
    if context.selection != state.seen {
        let same_unit = state.seen.and_then(Item::unit) == context.selection.and_then(Item::unit);
        state.seen = context.selection;
        match &selected {
            Some(range) => state.scroll.reveal((range.start / grid.per_row) as usize),
            None if !same_unit => state.scroll.reveal(0),
            None => {}
        }
    }
    let list = RowList {
        name: "Bytes",
        row_height: ui.text_style_height(&TextStyle::Monospace) + 3.0,
        count: grid.rows(shown.len()),
        current: selected
            .as_ref()
            .map(|range| (range.start / grid.per_row) as usize),
    };
    let area = ui.available_rect_before_wrap();
    let first_row = state.scroll.top().max(0.0) as u32;
    let start = first_row.saturating_mul(grid.per_row).min(shown.len());
    // One screen further, for the rows that scrolling brings in within this very picture.
    let rows = 2 * (ui.available_height() / list.row_height).ceil().max(0.0) as u32 + 2;
    let bytes = rows.saturating_mul(grid.per_row).min(MAX_BYTES_PER_PICTURE);
    let mut window = start..start.saturating_add(bytes).min(shown.len());
    let mut content = shown.window(context, window.clone());
    let cache = &mut state.cache;
    let fields = shown.fields(context, cache);
    let asked = list.show(ui, &mut state.scroll, |ui, row, rect, list| {
        let from = u32::try_from(row)
            .unwrap_or(u32::MAX)
            .saturating_mul(grid.per_row);
        let to = from.saturating_add(grid.per_row).min(shown.len());
        if from < window.start || to > window.end {
            // Scrolling went further than foreseen.
            window = from..from.saturating_add(bytes).min(shown.len());
            content = shown.window(context, window.clone());
        }
        let at = (from - window.start) as usize;
        let bytes = content.get(at..at + (to - from) as usize).unwrap_or(&[]);
        let row = paint::ByteRow {
            from,
            bytes,
            fields,
            grid,
        };
        paint::row_ui(ui, context, &shown, &row, rect, list);
    });
    let used = grid.rows(shown.len()) as f32 * list.row_height;
    if matches!(shown, Shown::Frame(..)) {
        let font = TextStyle::Small.resolve(ui.style());
        let words = HOW_TO_READ.to_owned();
        // In as many lines as a narrow pane takes.
        let words = (ui.painter()).layout(words, font, context.theme.text_weak, area.width());
        let room = area.height() - used - 4.0;
        if room > words.size().y + 8.0 {
            let at = area.left_bottom() - egui::vec2(0.0, 4.0 + words.size().y);
            ui.painter().galley(at, words, context.theme.text_weak);
        }
    }
    if let (Some(row), Some(fields)) = (asked, fields) {
        let byte = u32::try_from(row)
            .unwrap_or(u32::MAX)
            .saturating_mul(grid.per_row);
        let item = fields.at(byte).and_then(|node| shown.item(&node.range));
        if let Some(item) = item {
            context.send(Command::Select(item));
        }
    }
}

/// What the view says: the way to the bytes, and the first of them.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let Some(shown) = Shown::of(context) else {
        return nothing(context).to_owned();
    };
    let crumbs = shown.crumbs(context, &mut state.cache.clone());
    let mut lines = vec![crumb_line(&crumbs)];
    let range = shown.selected(context.selection).unwrap_or(0..shown.len());
    let shown_range = range.start
        ..range
            .end
            .min(range.start.saturating_add(256))
            .min(shown.len());
    for (number, bytes) in shown
        .window(context, shown_range.clone())
        .chunks(16)
        .enumerate()
    {
        let offset = shown_range.start as usize + 16 * number;
        let digits: Vec<String> = bytes.iter().map(|byte| paint::hex_digits(*byte)).collect();
        lines.push(format!("{offset:04x} {}", digits.join(" ")));
    }
    lines.join("\n")
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    match context.selection {
        Some(Item::Stream(..) | Item::Connection(_)) => {
            "Select one of its frames to see the frame's bytes here."
        }
        Some(Item::Exchange(..)) => "Neither its request nor its response was captured.",
        _ if (context.connection)
            .is_some_and(|of| of.http2().is_none() && of.http1().is_some()) =>
        {
            "Select a request or a response, on the loom or in the list of requests, to see its bytes here."
        }
        _ => "Select a frame, on the loom or in the list, to see its bytes here.",
    }
}

fn crumb_line(crumbs: &[Crumb]) -> String {
    let texts: Vec<&str> = crumbs.iter().map(|crumb| crumb.text.as_str()).collect();
    texts.join(" › ")
}

fn head_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State, shown: &Shown<'_>) {
    let crumbs = shown.crumbs(context, &mut state.cache);
    let count = crumbs.len();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            copy_ui(ui, context, shown);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                for (position, crumb) in crumbs.iter().enumerate() {
                    crumb_ui(ui, context, crumb, position + 1 == count);
                    if position + 1 < count {
                        ui.label(RichText::new("›").small().color(context.theme.text_weak));
                    }
                }
            });
        });
    });
}

fn crumb_ui(ui: &mut Ui, context: &ViewContext<'_>, crumb: &Crumb, last: bool) {
    let text = RichText::new(&crumb.text).small();
    let text = if last {
        text.strong()
    } else {
        text.color(context.theme.text_weak)
    };
    let response = match crumb.item {
        Some(_) => ui.add(egui::Button::new(text).frame(false).truncate()),
        None => ui.add(egui::Label::new(text).truncate()),
    };
    let response = response.on_hover_text(&crumb.hover);
    if let Some(item) = crumb.item {
        if response.hovered() {
            context.hover(item);
        }
        if response.clicked() {
            context.send(Command::Select(item));
        }
    }
}

fn copy_ui(ui: &mut Ui, context: &ViewContext<'_>, shown: &Shown<'_>) {
    let range = shown.selected(context.selection);
    let what = if range.is_some() {
        "the selected bytes"
    } else {
        "all bytes shown here"
    };
    let range = range.unwrap_or(0..shown.len());
    let end = range
        .end
        .min(range.start.saturating_add(MAX_BYTES_COPIED))
        .min(shown.len());
    let range = range.start..end.max(range.start);
    let formats = [Format::Hex, Format::Text, Format::Json];
    copy::menu_ui(ui, context.theme, what, &formats, |format| {
        let bytes = shown.window(context, range.clone());
        Some(copied(&bytes, range.start, format))
    });
}

/// Bytes in a format. Bytes that the capture does not hold are dots in digits, U+FFFD in text and
/// `null` in JSON.
fn copied(bytes: &[Option<u8>], offset: u32, format: Format) -> String {
    let digits = || {
        let digits: Vec<String> = bytes.iter().map(|byte| paint::hex_digits(*byte)).collect();
        digits.join(" ")
    };
    match format {
        Format::Hex => digits(),
        Format::Text => {
            let mut text = String::new();
            // Runs without gaps, so that letters of several bytes stay whole.
            for run in bytes.split_inclusive(Option::is_none) {
                let known: Vec<u8> = run.iter().copied().flatten().collect();
                text.push_str(&String::from_utf8_lossy(&known));
                if known.len() < run.len() {
                    text.push('\u{fffd}');
                }
            }
            text
        }
        Format::Json => {
            let whole = bytes.iter().all(Option::is_some);
            let value = serde_json::json!({
                "offset": offset,
                "length": bytes.len(),
                "hex": whole.then(|| digits().replace(' ', "")),
                "bytes": bytes,
            });
            value.to_string()
        }
    }
}

#[cfg(test)]
mod tests;
