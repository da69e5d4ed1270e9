//! Where the keyboard is: a ring around the control that has the focus, whatever view drew it. Only while a person goes
//! from control to control by keyboard: a click needs no ring.

use crate::ui::Theme;
use egui::{Context, CornerRadius, Id, LayerId, Order, Rect, Stroke, StrokeKind};

/// Draws the ring, over everything else.
pub fn ring(ctx: &Context, theme: &Theme) {
    let Some(rect) = focused_rect(ctx) else {
        return;
    };
    let painter = ctx.layer_painter(LayerId::new(Order::Tooltip, Id::unique("focus")));
    let screen = ctx.content_rect();
    // One that fills the window has its ring just inside.
    let rect = rect.expand(2.0).intersect(screen.shrink(1.5));
    let width = if theme.presenting { 3.0 } else { 2.0 };
    painter.rect_stroke(
        rect,
        CornerRadius::same(6),
        Stroke::new(width, theme.accent),
        StrokeKind::Inside,
    );
}

/// The place of the control with the focus, as far as it is seen.
fn focused_rect(ctx: &Context) -> Option<Rect> {
    let id = ctx.memory(|memory| memory.focused())?;
    let response = ctx.read_response(id)?;
    let rect = response.interact_rect;
    rect.is_positive().then_some(rect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    #[test]
    fn the_ring_is_where_the_focus_is() {
        let mut harness = Harness::new_ui(|ui| {
            _ = ui.button("one");
            _ = ui.button("other");
        });
        harness.run();
        assert_eq!(focused_rect(&harness.ctx), None);
        for name in ["one", "other"] {
            harness.key_press(egui::Key::Tab);
            harness.run();
            let place = harness.get_by_label(name).rect();
            assert_eq!(focused_rect(&harness.ctx), Some(place), "{name}");
        }
    }
}
