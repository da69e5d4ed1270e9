//! HPACK at work: a block's bytes and what they mean, the sender's dynamic table as a queue, and any
//! field spelt out bit by bit.
//!
//! [`model`] says which block and which table, [`layout`] where cards and cells go, [`motion`] how
//! entries move when the cursor crosses a block, [`bits`] takes a field apart, and the `paint_…`
//! modules draw the three parts one below the other.

mod bits;
mod compression;
mod layout;
mod model;
mod motion;
mod paint_bits;
mod paint_block;
mod paint_card;
mod paint_table;
#[cfg(test)]
mod tests;
mod words;

pub use words::text;

use super::View;
use crate::analysis::hpack::Usage;
use crate::trace::{Connection, Direction, Side, Trace};
use crate::ui::ViewContext;
use crate::ui::background::Background;
use crate::ui::theme::text_size;
use crate::ui::widgets::filtered;
use crate::ui::widgets::format::percent;
use crate::ui::widgets::switch::{Choice, choices_ui, toggle_ui};
use crate::ui::widgets::terms;
use crate::wire::hpack::{Representation, Start};
use egui::{Align2, FontId, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use model::{Part, Sender, Shown, parts};

/// The picture of what was saved, in points.
const LINE_SIZE: egui::Vec2 = vec2(330.0, 52.0);
/// Of which the numbers of blocks take, at the bottom.
const LINE_AXIS: f32 = 16.0;
/// Of which its words take, at the left.
const LINE_WORDS: f32 = 130.0;

/// What the view remembers between two pictures.
#[derive(Clone, Debug, Default)]
pub struct State {
    sender: Sender,
    static_table: bool,
    decoded: model::Decoded,
    motion: motion::Motion,
    compression: compression::Compression,
    usage: Background<[Usage; 2]>,
}

impl State {
    /// How often fields had named an entry of the table that is shown; `None` while that is counted.
    fn uses(&self, shown: &Shown<'_>, number: u64) -> Option<usize> {
        let usage = self.usage.get(shown.connection.id)?;
        Some(usage[shown.side.index()].entry_uses(number, shown.at))
    }
}

/// How often the entries of both tables were named.
fn usage(trace: &Trace, connection: &Connection) -> [Usage; 2] {
    Side::BOTH.map(|side| Usage::of(trace, connection, side))
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        hpack_ui(ui, context, self);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// A pane is low when it has fewer points than this below its controls.
const LOW_POINTS: f32 = 460.0;
/// Two columns need more points than this.
const TWO_COLUMNS_POINTS: f32 = 620.0;
/// How much of the width the block has beside the table, whose entries stand two by two.
const BLOCK_SHARE: f32 = 0.4;

/// Draws the view into the space that is left.
pub fn hpack_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    controls_ui(ui, context, state);
    let Some(shown) = Shown::new(context, state.sender, &mut state.decoded) else {
        let words = RichText::new(words::nothing_words(context)).color(context.theme.text_weak);
        ui.label(words);
        return;
    };
    let seconds = ui.input(|input| input.stable_dt).min(0.1);
    if state.motion.advance(motion::Place::of(&shown), seconds) {
        ui.ctx().request_repaint();
    }
    let blocks = &shown.http2.blocks[shown.side.index()];
    if state
        .compression
        .follow(shown.connection.id, shown.side, blocks)
    {
        ui.ctx().request_repaint();
    }
    let (trace, loading) = (context.trace, context.loading);
    state
        .usage
        .follow(ui.ctx(), trace, shown.connection, loading, usage);
    // Where the table would lie below all that is to be seen, it stands beside the block.
    let room = ui.available_size();
    let beside = room.y < LOW_POINTS && room.x > TWO_COLUMNS_POINTS;
    ScrollArea::vertical()
        .id_salt("hpack")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if let Some(words) = words::passing_words(context, &shown) {
                filtered::note_words_ui(ui, context, words);
            }
            heading_ui(ui, context, state, &shown);
            let block_ui = |ui: &mut Ui| paint_block::block_ui(ui, context, &shown);
            let bits_ui = |ui: &mut Ui| paint_bits::bits_ui(ui, context, &shown);
            let tables_ui = |ui: &mut Ui| {
                paint_table::table_ui(ui, context, state, &shown);
                if state.static_table {
                    paint_table::static_ui(ui, context, &shown);
                }
            };
            if beside {
                let gap = 16.0;
                let left = (ui.available_width() - gap) * BLOCK_SHARE;
                ui.horizontal_top(|ui| {
                    let spacing = std::mem::replace(&mut ui.spacing_mut().item_spacing.x, gap);
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.x = spacing;
                        ui.set_width(left);
                        block_ui(ui);
                        bits_ui(ui);
                    });
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.x = spacing;
                        tables_ui(ui);
                    });
                });
            } else {
                block_ui(ui);
                tables_ui(ui);
                bits_ui(ui);
            }
            ui.add_space(8.0);
        });
}

/// The part that is spelt out: the selected one, else the first that travels as text.
fn chosen_part(context: &ViewContext<'_>, shown: &Shown<'_>) -> Option<usize> {
    if let Some(selected) = shown.selected_part(context) {
        return Some(selected);
    }
    let parts = parts(shown.decoded()?);
    let telling = parts.iter().position(|part| match part {
        Part::Field(field) => field.representation != Representation::Indexed,
        Part::Update(_) => false,
    });
    telling.or((!parts.is_empty()).then_some(0))
}

fn controls_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    ui.horizontal_wrapped(|ui| {
        let senders = [
            Sender::AtCursor,
            Sender::Of(Direction::Client),
            Sender::Of(Direction::Server),
        ];
        let choice = |label, help, sender| Choice {
            label,
            help,
            chosen: state.sender == sender,
        };
        let choices = [
            choice(
                "At the cursor",
                "The block that the cursor has just passed, whoever sent it.",
                senders[0],
            ),
            choice(
                "Client → server",
                "The blocks of requests. Each direction has a dynamic table of its own.",
                senders[1],
            ),
            choice(
                "Server → client",
                "The blocks of responses. Each direction has a dynamic table of its own.",
                senders[2],
            ),
        ];
        if let Some(clicked) = choices_ui(ui, context.theme, "Blocks", &choices) {
            state.sender = senders.get(clicked).copied().unwrap_or_default();
        }
        let help =
            "The 61 entries that both ends know before anything is sent (RFC 7541 Appendix A).";
        if toggle_ui(ui, context.theme, "Static table", help, state.static_table) {
            state.static_table = !state.static_table;
        }
    });
}

/// Which block it is and what it cost, with what every block of the sender saved at the right.
fn heading_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &State, shown: &Shown<'_>) {
    let theme = context.theme;
    let width = ui.available_width();
    // How much text unseen entries stand for is not known, so neither is what they saved.
    let known = shown.http2.initial_table.start == Start::Known;
    let with_line = known && width > LINE_SIZE.x + 330.0;
    let area = ui.available_rect_before_wrap();
    ui.vertical(|ui| {
        if with_line {
            ui.set_max_width(width - LINE_SIZE.x - 24.0);
            ui.set_min_height(LINE_SIZE.y - 8.0);
        }
        ui.spacing_mut().item_spacing.y = 2.0;
        let words = RichText::new(words::block_words(shown)).color(theme.text_weak);
        ui.label(words)
            .on_hover_text(terms::hover_text("header block"));
        let words = RichText::new(words::cost_words(shown))
            .size(text_size::BODY + 3.5)
            .color(theme.text);
        ui.label(words).on_hover_text(terms::hover_text("HPACK"));
        if let Some(error) = shown.decoded().and_then(|block| block.error.as_ref()) {
            ui.label(
                RichText::new(format!("The block cannot be read further: {error}."))
                    .color(theme.error),
            );
        }
    });
    if with_line {
        let corner = pos2(area.left() + width - LINE_SIZE.x - 8.0, area.top() + 2.0);
        saved_ui(ui, context, state, shown, corner);
    }
}

/// The numbers of the blocks below what they saved: the first, the last, and one in between where there is room.
fn axis_ui(ui: &Ui, context: &ViewContext<'_>, plot: egui::Rect, font: &FontId, count: usize) {
    let theme = context.theme;
    let mut numbers = vec![1, count.div_ceil(2), count];
    numbers.dedup();
    numbers.retain(|number| *number > 0);
    let mut free = f32::NEG_INFINITY;
    // The first and the last have their places first.
    let last = numbers.len().saturating_sub(1);
    let words = |number: usize| {
        let words = format!("block {}", crate::ui::widgets::format::count(number as u64));
        ui.painter()
            .layout_no_wrap(words, font.clone(), theme.text_weak)
    };
    let end = words(count).size().x;
    for (place, number) in numbers.into_iter().enumerate() {
        let galley = words(number);
        let x = plot.left() + plot.width() * (number as f32 - 0.5) / count as f32;
        let left = (x - galley.size().x / 2.0)
            .max(plot.left() - 6.0)
            .min(plot.right() + 6.0 - galley.size().x);
        let until = plot.right() + 6.0 - end - 8.0;
        let between = place > 0 && place < last;
        if left < free || (between && left + galley.size().x > until) {
            continue;
        }
        free = left + galley.size().x + 8.0;
        let tick = egui::Rangef::new(plot.bottom(), plot.bottom() + 3.0);
        ui.painter()
            .vline(x, tick, Stroke::new(1.0, theme.text_weak));
        ui.painter()
            .galley(pos2(left, plot.bottom() + 3.0), galley, theme.text_weak);
    }
}

/// What each block saved, as a line from the first to the last, with the block shown as a dot.
fn saved_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    state: &State,
    shown: &Shown<'_>,
    corner: egui::Pos2,
) {
    let theme = context.theme;
    let rect = egui::Rect::from_min_size(corner, LINE_SIZE);
    let blocks = &shown.http2.blocks[shown.side.index()];
    let columns = state
        .compression
        .columns(blocks, (rect.width() - LINE_WORDS) as usize);
    let all = state
        .compression
        .of_blocks(blocks, 0..state.compression.len());
    let response = ui.interact(rect, ui.scope_id().with("saved"), Sense::hover());
    let said = format!(
        "saved by all blocks of the {}: {} of {} bytes of text",
        shown.direction.name(),
        percent(all.text.saturating_sub(all.wire), all.text),
        all.text
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &said));
    let font = FontId::proportional(text_size::SMALL);
    let painter = ui.painter();
    let plot = rect
        .with_min_x(rect.left() + LINE_WORDS)
        .with_min_y(rect.top() + 3.0)
        .with_max_y(rect.bottom() - LINE_AXIS);
    for (share, label) in [(0.0, "0 %"), (1.0, "100 %")] {
        let y = plot.bottom() - plot.height() * share;
        painter.hline(plot.x_range(), y, Stroke::new(1.0, theme.line));
        painter.text(
            pos2(plot.left() - 5.0, y),
            Align2::RIGHT_CENTER,
            label,
            font.clone(),
            theme.text_weak,
        );
    }
    let at = |position: f32, saved: f32| {
        pos2(
            plot.left() + plot.width() * position,
            plot.bottom() - plot.height() * saved,
        )
    };
    let step = 1.0 / columns.len().max(1) as f32;
    let points: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(column, &saved)| at((column as f32 + 0.5) * step, saved))
        .collect();
    painter.line(points, Stroke::new(1.6, theme.accent));
    axis_ui(ui, context, plot, &font, blocks.len());
    if let Some(block) = &shown.block {
        let index = block.id.index();
        let saved = state
            .compression
            .of_blocks(blocks, index..index + 1)
            .saved();
        let position = (index as f32 + 0.5) / blocks.len().max(1) as f32;
        let dot = at(position, saved);
        painter.vline(dot.x, plot.y_range(), Stroke::new(1.0, theme.text_weak));
        painter.circle(dot, 4.0, theme.background, Stroke::new(2.0, theme.text));
    }
    let now = shown.block.as_ref().map_or_else(String::new, |block| {
        let index = block.id.index();
        let bytes = state.compression.of_blocks(blocks, index..index + 1);
        let number = crate::ui::widgets::format::count(index as u64 + 1);
        let saved = percent(bytes.text.saturating_sub(bytes.wire), bytes.text);
        format!("block {number}: {saved}")
    });
    for (line, words) in ["saved,", "block by block", &now].into_iter().enumerate() {
        painter.text(
            pos2(
                plot.left() - 44.0,
                plot.center().y - 14.0 + 14.0 * line as f32,
            ),
            Align2::RIGHT_CENTER,
            words,
            font.clone(),
            theme.text_weak,
        );
    }
    response.on_hover_text(format!(
        "{said}.\nThe line rises as the tables fill: later blocks can name what earlier ones brought."
    ));
}
