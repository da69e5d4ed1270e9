//! What surrounds the frames: axis, cursor, scroll bar, and what is said when there are none.

use super::layout::SCROLL_BAR_POINTS;
use super::paint::Picture;
use super::text::nothing_words;
use crate::ui::ViewContext;
use egui::{FontId, Painter, Rangef, Rect, Shape, Stroke, Ui, pos2, vec2};

/// Text on the axis and beside the lanes, in points.
pub const TEXT_POINTS: f32 = 12.5;
/// Text that explains.
pub const SMALL_POINTS: f32 = 11.5;
/// Half the width of the cursor's handle.
const HANDLE_POINTS: f32 = 6.0;
/// From the edge to a label.
pub const LABEL_INSET_POINTS: f32 = 10.0;

impl Picture<'_> {
    /// Labels at round times, and lines down from them.
    pub(super) fn paint_axis(&self, painter: &Painter, in_plot: &Painter) {
        let theme = self.context.theme;
        let axis = self.layout.axis;
        let font = FontId::proportional(SMALL_POINTS);
        let scale = &self.model.places.scale;
        let width = f64::from(self.layout.width());
        let text_width = |text: String| {
            painter
                .layout_no_wrap(text, font.clone(), theme.text_weak)
                .size()
                .x
        };
        let widest = text_width(scale.ticks(width, 90.0).longest_label());
        let ticks = scale.ticks(width, f64::from(widest * 1.5 + 18.0).max(72.0));
        let down = Rangef::new(axis.bottom(), self.layout.legend.top());
        let minor = scale.ticks(width, ticks.step_ns() / scale.ns_per_point() / 5.1);
        for time_ns in minor.times_ns() {
            let x = self.layout.plot.min + scale.x_from_time(time_ns) as f32;
            let short = Rangef::new(axis.bottom() - 3.0, axis.bottom());
            painter.vline(x, short, Stroke::new(1.0, theme.line));
        }
        let taken = self
            .cursor_words_rect(painter)
            .map(|(rect, _)| rect.x_range().expand(6.0));
        for time_ns in ticks.times_ns() {
            let x = self.layout.plot.min + scale.x_from_time(time_ns) as f32;
            in_plot.vline(x, down, Stroke::new(1.0, theme.line.gamma_multiply(0.6)));
            painter.vline(
                x,
                axis.bottom() - 6.0..=axis.bottom(),
                Stroke::new(1.0, theme.line),
            );
            let galley =
                painter.layout_no_wrap(ticks.label(time_ns), font.clone(), theme.text_weak);
            let half = galley.size().x / 2.0;
            let centre = x.max(axis.left() + half).min(axis.right() - half);
            let covered = Rangef::new(centre - half, centre + half);
            if taken.is_none_or(|taken| taken.intersection(covered).span() <= 0.0) {
                painter.galley(pos2(covered.min, axis.top() + 4.0), galley, theme.text_weak);
            }
        }
        painter.hline(axis.x_range(), axis.bottom(), Stroke::new(1.0, theme.line));
    }

    /// The time at the cursor, the same as in the transport bar.
    pub(super) fn cursor_words(&self) -> Option<String> {
        let now = self.context.now_ns()?;
        Some(super::words::time_words(
            now.saturating_sub(self.reader.origin_ns),
        ))
    }

    /// The cursor's time, in a pill on the axis, and where it goes.
    pub(super) fn cursor_words_rect(
        &self,
        painter: &Painter,
    ) -> Option<(Rect, std::sync::Arc<egui::Galley>)> {
        let x = self.cursor_x().filter(|x| self.layout.plot.contains(*x))?;
        let words = self.cursor_words()?;
        let font = FontId::proportional(SMALL_POINTS);
        let galley = painter.layout_no_wrap(words, font, self.context.theme.background);
        let size = galley.size() + vec2(12.0, 3.0);
        let axis = self.layout.axis;
        let left = (x - size.x / 2.0).clamp(axis.left(), (axis.right() - size.x).max(axis.left()));
        Some((
            Rect::from_min_size(pos2(left, axis.top() + 2.0), size),
            galley,
        ))
    }

    /// The line through everything at the cursor, its handle and its time.
    pub(super) fn paint_cursor(&self, painter: &Painter) {
        let theme = self.context.theme;
        let Some((pill, galley)) = self.cursor_words_rect(painter) else {
            return;
        };
        let Some(x) = self.cursor_x() else {
            return;
        };
        let x = painter.round_to_pixel_center(x);
        let bottom = self.layout.axis.bottom();
        let halo = theme.background.gamma_multiply(0.5);
        let down = Rangef::new(bottom, self.layout.legend.top());
        painter.vline(x, down, Stroke::new(3.0, halo));
        painter.vline(
            x,
            Rangef::new(pill.bottom(), down.max),
            Stroke::new(1.4, theme.cursor),
        );
        painter.rect_filled(pill, 4.0, theme.cursor);
        painter.galley(pill.min + vec2(6.0, 1.5), galley, theme.background);
        let handle = vec![
            pos2(x - HANDLE_POINTS, pill.bottom() - 0.5),
            pos2(x + HANDLE_POINTS, pill.bottom() - 0.5),
            pos2(x, bottom + 2.0),
        ];
        painter.add(Shape::convex_polygon(handle, theme.cursor, Stroke::NONE));
    }

    /// The bar that shows which of the lanes are visible.
    pub(super) fn paint_scroll_bar(&self, painter: &Painter) {
        let layout = &self.layout;
        if layout.max_scroll() <= 0.0 {
            return;
        }
        let all = layout.height;
        let share = |points: f64| (points / all) as f32 * layout.lanes.height();
        let length = share(f64::from(layout.lanes.height())).max(18.0);
        let travel = layout.lanes.height() - length;
        let top = layout.lanes.top() + travel * (layout.scroll / layout.max_scroll()) as f32;
        let handle = Rect::from_min_size(
            pos2(layout.rect.right() - SCROLL_BAR_POINTS, top),
            vec2(SCROLL_BAR_POINTS - 3.0, length),
        );
        painter.rect_filled(
            handle,
            3.0,
            self.context.theme.text_weak.gamma_multiply(0.45),
        );
    }
}

/// Says why there is nothing to draw, and what to do.
pub fn nothing_ui(ui: &mut Ui, rect: Rect, context: &ViewContext<'_>) {
    let mut words = nothing_words(context);
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink(24.0)));
    child.vertical_centered(|ui| {
        ui.add_space((rect.height() / 2.0 - 48.0).max(0.0));
        if context.loading {
            ui.spinner();
        }
        let text = egui::RichText::new(words)
            .size(14.0)
            .color(context.theme.text_weak);
        ui.label(text);
    });
}
