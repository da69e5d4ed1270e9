//! Draws a field bit by bit.

use super::bits::{Group, Run, RunKind, groups};
use super::layout::flow;
use super::model::{Shown, parts};
use super::paint_block;
use crate::report::text::one_line;
use crate::ui::ViewContext;
use crate::ui::theme::text_size;
use crate::ui::widgets::switch::caption_ui;
use crate::ui::widgets::terms;
use egui::{
    Align2, Color32, FontId, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// Height of a run: its label, its bits, and how many.
const RUN_HEIGHT: f32 = 40.0;
/// Between groups that share a line.
const BETWEEN_GROUPS: f32 = 28.0;

/// Draws the chosen part of the block.
pub fn bits_ui(ui: &mut Ui, context: &ViewContext<'_>, shown: &Shown<'_>) {
    let theme = context.theme;
    let Some(block) = shown.decoded() else {
        return;
    };
    let parts = parts(block);
    let Some(part) = super::chosen_part(context, shown).and_then(|chosen| parts.get(chosen)) else {
        return;
    };
    let title = format!("Bit by bit: {}", one_line(&part.says(), 100));
    caption_ui(
        ui,
        theme,
        &title,
        &part.cost(),
        &terms::hover_text("Huffman"),
    );
    let colour = paint_block::colour(theme, part.kind());
    let groups = groups(&block.bytes, part);
    let is_string = |group: &Group| group.runs.iter().any(|run| run.kind == RunKind::Symbol);
    // Numbers are short: those that follow one another share a line where there is room.
    for run in groups.chunk_by(|one, other| !is_string(one) && !is_string(other)) {
        let widths: Vec<f32> = run.iter().map(|group| words_width(ui, group)).collect();
        let all: f32 = widths.iter().map(|width| width + BETWEEN_GROUPS).sum();
        if run.len() == 1 || all > ui.available_width() {
            run.iter()
                .for_each(|group| group_ui(ui, context, group, colour));
            continue;
        }
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = BETWEEN_GROUPS;
            for (group, width) in run.iter().zip(widths) {
                ui.vertical(|ui| {
                    ui.set_width(width);
                    group_ui(ui, context, group, colour);
                });
            }
        });
    }
}

/// How wide the sentences of a group are, and its runs.
fn words_width(ui: &Ui, group: &Group) -> f32 {
    let width = |text: String| {
        let font = FontId::proportional(text_size::SMALL + 1.0);
        ui.painter()
            .layout_no_wrap(text, font, Color32::WHITE)
            .size()
            .x
    };
    let bits: usize = group.runs.iter().map(|run| run.bits.len().max(4)).sum();
    let runs = bits as f32 * 8.0 + group.runs.len() as f32 * 14.0;
    width(group.title.clone())
        .max(width(format!("= {}", group.sum)))
        .max(runs)
        + 4.0
}

fn group_ui(ui: &mut Ui, context: &ViewContext<'_>, group: &Group, colour: Color32) {
    let theme = context.theme;
    let (label, mono) = (
        FontId::monospace(text_size::BODY + 1.0),
        FontId::monospace(text_size::SMALL),
    );
    ui.spacing_mut().item_spacing.y = 3.0;
    let title = egui::RichText::new(&group.title).size(text_size::SMALL + 0.5);
    ui.label(title.color(theme.text_weak));
    let letter = ui
        .painter()
        .layout_no_wrap("0".to_owned(), mono.clone(), theme.text)
        .size()
        .x;
    let small = FontId::proportional(text_size::SMALL);
    let widths: Vec<f32> = group
        .runs
        .iter()
        .map(|run| {
            let words = run.label.chars().count() as f32 * letter * 1.15;
            (run.bits.len() as f32 * letter + 9.0).max(words + 9.0)
        })
        .collect();
    let indent = 10.0;
    let rects = flow(&widths, ui.available_width() - indent, RUN_HEIGHT, 3.0);
    let height = rects
        .iter()
        .fold(0.0_f32, |height, rect| height.max(rect.bottom()));
    let (_, area) = ui.allocate_space(vec2(ui.available_width(), height));
    let response = ui.interact(
        area,
        ui.scope_id().with(("bits", group.range.start)),
        Sense::hover(),
    );
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, format!("{}: {}", group.title, group.sum))
    });
    let ground = |colour, strength| theme.tinted_for_text(theme.background, colour, strength);
    for (run, rect) in group.runs.iter().zip(rects) {
        let rect = rect.translate(area.min.to_vec2() + vec2(indent, 0.0));
        if !ui.is_rect_visible(rect) {
            continue;
        }
        let (fill, edge) = match run.kind {
            RunKind::Pattern => (ground(colour, 0.62), colour),
            RunKind::Number => (ground(colour, 0.3), theme.line),
            RunKind::Flag => (ground(theme.accent, 0.45), theme.accent),
            RunKind::Symbol => (theme.lane, theme.line),
            RunKind::Padding => (Color32::TRANSPARENT, theme.line),
            RunKind::Wrong => (ground(theme.error, 0.3), theme.error),
        };
        let painter = ui.painter();
        painter.rect(rect, 3.0, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        let font = if run.kind == RunKind::Symbol {
            &label
        } else {
            &small
        };
        let words = if run.kind == RunKind::Symbol {
            theme.text
        } else {
            theme.text_weak
        };
        painter.text(
            pos2(rect.center().x, rect.top() + 11.0),
            Align2::CENTER_CENTER,
            &run.label,
            font.clone(),
            words_on(run, words, theme.text),
        );
        painter.text(
            pos2(rect.center().x, rect.bottom() - 11.0),
            Align2::CENTER_CENTER,
            &run.bits,
            mono.clone(),
            theme.text,
        );
        let count = run.bits.len();
        let hover = format!(
            "{}: {count} bit{}",
            run.label,
            if count == 1 { "" } else { "s" }
        );
        if response.hover_pos().is_some_and(|at| rect.contains(at)) {
            let small: Rect = rect.expand(1.0);
            painter.rect_stroke(
                small,
                3.0,
                Stroke::new(2.0, theme.accent),
                StrokeKind::Inside,
            );
            response.clone().on_hover_text_at_pointer(hover);
        }
    }
    let sum = egui::RichText::new(format!("= {}", group.sum)).size(text_size::SMALL + 1.0);
    ui.label(sum.color(theme.text));
    ui.add_space(2.0);
}

/// Labels on a strong ground need the strong colour.
fn words_on(run: &Run, weak: Color32, strong: Color32) -> Color32 {
    match run.kind {
        RunKind::Pattern | RunKind::Flag | RunKind::Number | RunKind::Wrong => strong,
        RunKind::Symbol | RunKind::Padding => weak,
    }
}
