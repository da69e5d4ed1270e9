//! How the guide is drawn: a veil with a hole, a ring around it, and the card with its arrow.

use super::place::{Placed, place, triangle};
use super::{Command, Done, Guide, STEPS, Step};
use crate::ui::widgets::anchor;
use crate::ui::{Command as UiCommand, ViewContext};
use egui::{
    Align, Area, Button, Color32, Frame, Id, Layout, Margin, Order, Rect, RichText, Sense, Shape,
    Stroke, Ui, vec2,
};

/// How wide the card is, in points: lines of about fifty letters.
const WIDTH: f32 = 340.0;

/// Its height before it was first drawn.
const FIRST_HEIGHT: f32 = 220.0;

/// How far the ring is outside of what it rings.
const RING: f32 = 4.0;

/// Draws the step.
pub(in crate::ui::app) fn guide_ui(ui: &Ui, context: &ViewContext<'_>, guide: &mut Guide) {
    let Some(step) = STEPS.get(guide.step) else {
        return;
    };
    let ctx = ui.ctx();
    let window = ctx.content_rect();
    let target = target(ui, step);
    guide.explained = explained(ui, target);
    let size = guide.size.unwrap_or(vec2(WIDTH, FIRST_HEIGHT));
    let placed = place(window, target.map(|target| target.expand(RING)), size);
    veil_ui(ui, context, &placed, window, guide.done_s.is_some());
    let theme = context.theme;
    let shown = Area::new(Id::unique("guide"))
        .order(Order::Middle)
        .fixed_pos(placed.card.min)
        .constrain(false)
        .show(ctx, |ui| {
            let frame = Frame::popup(ui.style())
                .inner_margin(Margin::same(16))
                .stroke(Stroke::new(1.5, theme.accent));
            frame.show(ui, |ui| {
                ui.set_width(WIDTH - 34.0);
                card_ui(ui, context, guide, step);
            });
        });
    if guide.size != Some(shown.response.rect.size()) {
        guide.size = Some(shown.response.rect.size());
        ctx.request_repaint();
    }
    if let Some(arrow) = placed.arrow {
        let layer = shown.response.layer_id;
        let filled = Shape::convex_polygon(triangle(arrow).to_vec(), theme.accent, Stroke::NONE);
        ctx.layer_painter(layer).add(filled);
    }
}

/// What is pointed at. A view that is behind another is pointed at by its tab.
fn target(ui: &Ui, step: &Step) -> Option<Rect> {
    let found = anchor::find(ui.ctx(), &step.at);
    found.or_else(|| {
        let view = match step.at.strip_prefix("view ") {
            Some(view) => view,
            None => step.show.as_deref()?,
        };
        let pane = anchor::find(ui.ctx(), &format!("view {view}"));
        pane.or_else(|| anchor::find(ui.ctx(), &format!("tab {view}")))
    })
}

/// Whether an explanation is shown for something in the target.
fn explained(ui: &Ui, target: Option<Rect>) -> bool {
    let pointer = ui.input(|input| input.pointer.hover_pos());
    let within = target
        .zip(pointer)
        .is_some_and(|(target, at)| target.contains(at));
    within
        && ui.memory(|memory| {
            let layers = memory.areas().visible_layer_ids();
            layers.iter().any(|layer| layer.order == Order::Tooltip)
        })
}

/// Everything but the target is dimmed a little until the reader has done what there is to do; it can
/// still be used.
fn veil_ui(ui: &Ui, context: &ViewContext<'_>, placed: &Placed, window: Rect, done: bool) {
    let theme = context.theme;
    let painter = ui.painter().with_clip_rect(window);
    let shade = Color32::from_black_alpha(match theme.choice {
        _ if done => 0,
        crate::ui::theme::ThemeChoice::Dark => 95,
        crate::ui::theme::ThemeChoice::Light => 60,
    });
    let hole = placed.target;
    if !hole.is_positive() {
        painter.rect_filled(window, 0.0, shade);
        return;
    }
    let sides = [
        window.with_max_y(hole.top()),
        window.with_min_y(hole.bottom()),
        Rect::from_x_y_ranges(window.left()..=hole.left(), hole.y_range()),
        Rect::from_x_y_ranges(hole.right()..=window.right(), hole.y_range()),
    ];
    for side in sides {
        painter.rect_filled(side, 0.0, shade);
    }
    let inside = egui::StrokeKind::Inside;
    painter.rect_stroke(hole, 6.0, Stroke::new(2.5, theme.accent), inside);
}

fn card_ui(ui: &mut Ui, context: &ViewContext<'_>, guide: &Guide, step: &Step) {
    let theme = context.theme;
    let send = |command| context.send(UiCommand::Guide(command));
    dots_ui(ui, context, guide.step);
    ui.label(RichText::new(&step.title).size(17.0).color(theme.text));
    ui.add_space(2.0);
    ui.label(RichText::new(&step.text).color(theme.text));
    ui.add_space(4.0);
    let done = guide.done_s.is_some();
    let task = match (done, &step.done) {
        (true, _) => RichText::new(format!("Done: {}", step.task)).color(theme.text_weak),
        (false, Done::Read) => RichText::new(&step.task).color(theme.text_weak),
        (false, _) => RichText::new(&step.task).strong().color(theme.accent),
    };
    ui.label(task);
    ui.add_space(6.0);
    let last = guide.step + 1 == STEPS.len();
    ui.horizontal(|ui| {
        if !last {
            let skip = ui.button("Skip the guide");
            if skip
                .on_hover_text("It is under Keys and in the palette")
                .clicked()
            {
                send(Command::End);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let words = if last { "Close the guide" } else { "Next" };
            let mut next = Button::new(words);
            if done || last {
                next = next
                    .fill(theme.selection)
                    .stroke(Stroke::new(1.0, theme.accent));
            }
            if ui.add(next).clicked() {
                send(Command::Next);
            }
            if ui
                .add_enabled(guide.step > 0, Button::new("Back"))
                .clicked()
            {
                send(Command::Back);
            }
        });
    });
}

/// One dot for each step: full as far as it was gone, the present one wide.
fn dots_ui(ui: &mut Ui, context: &ViewContext<'_>, now: usize) {
    let theme = context.theme;
    let count = STEPS.len();
    let size = vec2(count as f32 * 14.0 + 12.0, 10.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let words = format!("Step {} of {count}", now + 1);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    let mut x = rect.left();
    for step in 0..count {
        let width = if step == now { 18.0 } else { 8.0 };
        let dot = Rect::from_min_size(egui::pos2(x, rect.top() + 1.0), vec2(width, 8.0));
        let colour = if step <= now {
            theme.accent
        } else {
            theme.line
        };
        ui.painter().rect_filled(dot, 4.0, colour);
        x += width + 6.0;
    }
    response.on_hover_text(words);
}
