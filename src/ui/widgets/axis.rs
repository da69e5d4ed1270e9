//! An axis of times: labels at round times, each within the axis.

use super::time_scale::TimeScale;
use crate::ui::theme::{Theme, text_size};
use egui::{FontId, Painter, Rangef, Rect, pos2};

/// Where an axis of times is, and what it shows.
#[derive(Clone, Copy, Debug)]
pub struct TimeAxis<'a> {
    /// Where its labels may be.
    pub rect: Rect,
    /// The plots below or above it, from side to side.
    pub plot: Rangef,
    /// The times that the plots show.
    pub scale: &'a TimeScale,
    /// How far apart labels are at least, in points from middle to middle.
    pub gap_points: f32,
    /// From the top of the axis to that of its labels, in points.
    pub inset_points: f32,
}

impl TimeAxis<'_> {
    /// Draws the labels. Answers where their times are, for lines across the plots: those lie below everything else.
    pub fn paint(&self, painter: &Painter, theme: &Theme) -> Vec<f32> {
        self.paint_around(painter, theme, None)
    }

    /// The same, without the labels that would stand where something else is.
    pub fn paint_around(
        &self,
        painter: &Painter,
        theme: &Theme,
        taken: Option<Rangef>,
    ) -> Vec<f32> {
        let font = FontId::proportional(text_size::SMALL);
        let width = f64::from(self.plot.span());
        let ticks = self.scale.ticks(width, f64::from(self.gap_points));
        let at = ticks.times_ns().map(|time_ns| {
            let x = self.plot.min + self.scale.x_from_time(time_ns) as f32;
            let words = ticks.label(time_ns);
            let galley = painter.layout_no_wrap(words, font.clone(), theme.text_weak);
            let left = self.label_left(x, galley.size().x);
            let top = self.rect.top() + self.inset_points;
            let place = Rangef::new(left, left + galley.size().x);
            if taken.is_none_or(|taken| taken.intersection(place).span() <= 0.0) {
                painter.galley(pos2(left, top), galley, theme.text_weak);
            }
            x
        });
        at.collect()
    }

    /// Where a label of this width begins: its middle is at its time, as far as the axis reaches.
    fn label_left(&self, x: f32, width: f32) -> f32 {
        let half = width / 2.0;
        let centre = x.max(self.rect.left() + half).min(self.rect.right() - half);
        centre - half
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    #[test]
    fn labels_are_in_the_middle_of_their_times_and_within_the_axis() {
        let axis = TimeAxis {
            rect: Rect::from_min_size(pos2(100.0, 0.0), vec2(200.0, 20.0)),
            plot: Rangef::new(100.0, 300.0),
            scale: &TimeScale::new(0.0, 1e6, 200.0),
            gap_points: 50.0,
            inset_points: 4.0,
        };
        assert_eq!(axis.label_left(200.0, 40.0), 180.0);
        assert_eq!(axis.label_left(100.0, 40.0), 100.0);
        assert_eq!(axis.label_left(300.0, 40.0), 260.0);
    }
}
