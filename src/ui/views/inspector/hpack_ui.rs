//! Draws the tab of a header block.

use super::hpack::{Block, FieldLine, TableLine};
use super::section::{FEW_ROWS, more_ui, row_fill, title_ui};
use crate::analysis::cross_check::CrossCheck;
use crate::ui::widgets::{mark, terms};
use crate::ui::{Command, ViewContext};
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, RichText, Role, Sense, TextStyle, Ui, WidgetInfo};

/// Lines that a field takes at most; all of it is there on hover.
const MAX_LINES: usize = 4;

/// A cell: texts in their colours, in lines below each other.
struct Cell<'a> {
    width: f32,
    /// Whether it is a sentence for people; what travelled is in letters of one width.
    words: bool,
    lines: Vec<(&'a str, Color32)>,
}

pub(super) fn block_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    block: &Block<'_>,
    check: &CrossCheck,
    all: &mut bool,
) {
    let theme = context.theme;
    ui.horizontal_wrapped(|ui| {
        let text = RichText::new(block.heading()).color(theme.text);
        ui.label(text).on_hover_text(terms::hover_text("HPACK"));
        let (words, hover) = super::hpack::check_words(check);
        let (sign, colour) = match check {
            CrossCheck::Agrees => (Some(mark::Verdict::Yes), theme.accent),
            CrossCheck::Differs { .. } => (Some(mark::Verdict::No), theme.error),
            CrossCheck::NotChecked { .. } => (None, theme.text_weak),
        };
        if let Some(sign) = sign {
            let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, 12.0), Sense::hover());
            mark::verdict(ui.painter(), rect.center(), sign, colour);
        }
        ui.label(RichText::new(words).small().color(colour))
            .on_hover_text(hover);
    });
    if let Some(error) = block.error() {
        ui.label(
            RichText::new(format!("The block cannot be read further: {error}.")).color(theme.error),
        );
    }
    let limit = if *all { usize::MAX } else { FEW_ROWS };
    fields_ui(ui, context, &block.lines(limit));
    more_ui(ui, block.line_count(), all);

    let sender = block.connection.direction(block.row.side);
    let title = format!(
        "dynamic table · {} → {} · after this block",
        sender.name(),
        sender.other().name()
    );
    title_ui(ui, context, &title);
    bar_ui(ui, context, block);
    ui.label(
        RichText::new(block.table_summary())
            .small()
            .color(theme.text_weak),
    )
    .on_hover_text(terms::hover_text("dynamic table"));
    table_ui(ui, context, &block.table_lines(limit));
    more_ui(ui, block.table_len(), all);
}

fn fields_ui(ui: &mut Ui, context: &ViewContext<'_>, lines: &[FieldLine]) {
    let theme = context.theme;
    let width = ui.available_width();
    let (bytes, means) = ((width * 0.23).min(110.0), (width * 0.31).min(130.0));
    let widths = [bytes, means, width - bytes - means];
    titles_ui(
        ui,
        context,
        &[
            ("bytes", widths[0]),
            ("means", widths[1]),
            ("field", widths[2]),
        ],
    );
    for (position, line) in lines.iter().enumerate() {
        let field = format!("{}: {}", line.name, line.value);
        let secret = if line.sensitive { "sensitive" } else { "" };
        let mut cells = [
            Cell {
                width: bytes,
                words: false,
                lines: vec![(&line.bytes, theme.text_weak)],
            },
            Cell {
                width: means,
                words: true,
                lines: vec![(&line.means, theme.text), (&line.detail, theme.text_weak)],
            },
            Cell {
                width: widths[2],
                words: false,
                lines: vec![(&field, theme.text), (secret, theme.warning)],
            },
        ];
        cells
            .iter_mut()
            .for_each(|cell| cell.lines.retain(|(text, _)| !text.is_empty()));
        let rows = row_ui(ui, context, &cells, None);
        let response = ui.interact(
            rows.rect,
            ui.scope_id().with(("field", position)),
            Sense::CLICK,
        );
        let selected = line.item.is_some() && line.item == context.selection;
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &field));
        if let Some(item) = line.item {
            if response.hovered() {
                context.hover(item);
                ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
            }
            if response.clicked() {
                context.send(Command::Select(item));
            }
        }
        rows.paint(ui, row_fill(context, line.item));
        let hover = if rows.cut {
            format!("{field}\n{}", line.hover)
        } else {
            line.hover.clone()
        };
        response.on_hover_text(hover);
    }
}

fn table_ui(ui: &mut Ui, context: &ViewContext<'_>, lines: &[TableLine]) {
    if lines.is_empty() {
        return;
    }
    let theme = context.theme;
    let width = ui.available_width();
    let (index, size, new) = (38.0, 38.0, 30.0);
    let name = ((width - index - size - new) * 0.38).max(40.0);
    let value = (width - index - size - new - name).max(40.0);
    titles_ui(
        ui,
        context,
        &[
            ("index", index),
            ("name", name),
            ("value", value),
            ("bytes", size),
            ("", new),
        ],
    );
    for line in lines {
        let (number, bytes) = (line.index.to_string(), line.size.to_string());
        let cells = [
            Cell {
                width: index,
                words: false,
                lines: vec![(&number, theme.text_weak)],
            },
            Cell {
                width: name,
                words: false,
                lines: vec![(&line.name, theme.text)],
            },
            Cell {
                width: value,
                words: false,
                lines: vec![(&line.value, theme.text)],
            },
            Cell {
                width: size,
                words: false,
                lines: vec![(&bytes, theme.text_weak)],
            },
            Cell {
                width: new,
                words: false,
                lines: vec![(if line.new { "new" } else { "" }, theme.accent)],
            },
        ];
        let rows = row_ui(ui, context, &cells, Some(2));
        let response = ui.interact(
            rows.rect,
            ui.scope_id().with(("entry", line.index)),
            Sense::hover(),
        );
        response.widget_info(|| {
            let new = if line.new { ", new" } else { "" };
            let label = format!(
                "index {}, {}: {}, {} bytes{new}",
                line.index, line.name, line.value, line.size
            );
            WidgetInfo::labeled(Role::Row, true, label)
        });
        rows.paint(ui, line.new.then_some(theme.lit[1]));
        response.on_hover_text(format!("{}: {}\n{}", line.name, line.value, line.hover));
    }
}

/// How full the table is.
fn bar_ui(ui: &mut Ui, context: &ViewContext<'_>, block: &Block<'_>) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(egui::vec2(width, 8.0), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Meter,
            true,
            format!("dynamic table: {}", block.table_summary()),
        )
    });
    ui.painter().rect_filled(rect, 3.0, context.theme.line);
    let filled = rect.with_max_x(rect.left() + rect.width() * block.fill());
    ui.painter().rect_filled(filled, 3.0, context.theme.accent);
    response.on_hover_text(format!(
        "{}\n{}",
        block.table_summary(),
        terms::hover_text("evicted")
    ));
}

fn titles_ui(ui: &mut Ui, context: &ViewContext<'_>, titles: &[(&str, f32)]) {
    let height = ui.text_style_height(&TextStyle::Small) + 4.0;
    let (rect, _) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), height), Sense::hover());
    let font = TextStyle::Small.resolve(ui.style());
    let mut left = rect.left() + 2.0;
    for (title, width) in titles {
        let cell = rect.with_min_x(left).with_max_x(left + width);
        mark::line(
            ui.painter(),
            cell,
            egui::Align::Min,
            title,
            &font,
            context.theme.text_weak,
        );
        left += width;
    }
    let stroke = egui::Stroke::new(1.0, context.theme.line);
    ui.painter().hline(rect.x_range(), rect.bottom(), stroke);
}

/// A row laid out, to be painted when it is known what lies behind it.
struct LaidRow {
    rect: egui::Rect,
    cells: Vec<(f32, std::sync::Arc<egui::Galley>)>,
    /// Whether some text did not fit.
    cut: bool,
}

impl LaidRow {
    fn paint(&self, ui: &Ui, fill: Option<Color32>) {
        if !ui.is_rect_visible(self.rect) {
            return;
        }
        if let Some(fill) = fill {
            ui.painter().rect_filled(self.rect, 3.0, fill);
        }
        for (left, galley) in &self.cells {
            let corner = egui::pos2(self.rect.left() + left, self.rect.top() + 2.0);
            ui.painter()
                .galley(corner, galley.clone(), Color32::PLACEHOLDER);
        }
    }
}

fn row_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    cells: &[Cell<'_>],
    max_lines: Option<usize>,
) -> LaidRow {
    let size = (TextStyle::Body.resolve(ui.style()).size - 1.5).max(9.0);
    let (mono, words) = (FontId::monospace(size), FontId::proportional(size + 0.5));
    let mut left = 2.0;
    let (mut height, mut cut) = (0.0_f32, false);
    let mut laid = Vec::with_capacity(cells.len());
    for cell in cells {
        let mut job = LayoutJob::default();
        let font = if cell.words { &words } else { &mono };
        for (position, (text, colour)) in cell.lines.iter().enumerate() {
            let text = if position == 0 {
                (*text).to_owned()
            } else {
                format!("\n{text}")
            };
            job.append(&text, 0.0, TextFormat::simple(font.clone(), *colour));
        }
        job.wrap.max_width = (cell.width - 6.0).max(10.0);
        job.wrap.max_rows = max_lines.unwrap_or(MAX_LINES);
        let galley = ui.painter().layout_job(job);
        height = height.max(galley.size().y);
        cut |= galley.elided;
        laid.push((left, galley));
        left += cell.width;
    }
    let (_, rect) = ui.allocate_space(egui::vec2(ui.available_width(), height + 4.0));
    let stroke = egui::Stroke::new(1.0, context.theme.line.gamma_multiply(0.5));
    ui.painter().hline(rect.x_range(), rect.bottom(), stroke);
    LaidRow {
        rect,
        cells: laid,
        cut,
    }
}
