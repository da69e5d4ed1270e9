//! The key below the plots: lines, letters and hatching, each with what it means.

use super::model::{LETTERS, is_about_receiving};
use super::paint::Picture;
use crate::trace::Marks;
use crate::ui::widgets::explained::{explain, explain_as};
use crate::ui::widgets::hatch;
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

impl Picture<'_> {
    /// The lines, and the letters that are to be seen, each with what it means.
    pub(super) fn paint_legend(&self, ui: &Ui, painter: &Painter) {
        let theme = self.context.theme;
        let rect = self.layout.legend;
        let mut x = rect.left() + 4.0;
        let y = rect.center().y + 1.0;
        let words = |x: f32, words: &str| {
            let galley = painter.layout_no_wrap(words.to_owned(), self.small(), theme.text_weak);
            let place = Rect::from_min_size(pos2(x, y - galley.size().y / 2.0), galley.size());
            painter.galley(place.min, galley, theme.text_weak);
            place
        };
        let id = |words: &str| ui.scope_id().with(("legend", words));
        let segment = Rect::from_center_size(pos2(x + 4.0, y), vec2(2.5, 10.0));
        painter.rect_filled(segment, 0.0, theme.connection_frames);
        let place = words(x + 12.0, "segment");
        explain(ui, place, id("segment"), "segment");
        x = place.right() + 12.0;
        for (colour, width, name) in [
            (theme.text_weak, 1.5, "acknowledged"),
            (theme.accent, 1.0, "receive window"),
        ] {
            let line = [pos2(x, y), pos2(x + 14.0, y)];
            painter.add(Shape::line_segment(line, Stroke::new(width, colour)));
            let place = words(x + 19.0, name);
            explain(ui, place, id(name), name);
            x = place.right() + 12.0;
        }
        if self.directions.iter().any(|of| !of.holes.is_empty()) {
            let square = Rect::from_center_size(pos2(x + 7.0, y), vec2(14.0, 10.0));
            hatch::hatch(painter, square, theme.warning);
            let place = words(x + 19.0, "missing");
            explain(ui, place, id("missing"), "hole");
            x = place.right() + 12.0;
        }
        for (which, (mark, letter, name, meaning)) in LETTERS.iter().enumerate() {
            let receiving = is_about_receiving(*mark);
            let shown = self.directions.iter().any(|of| match receiving {
                true => of.told.iter().any(|told| told.marks.contains(*mark)),
                false => of.marks.iter().any(|segment| segment.marks.contains(*mark)),
            });
            let galley = painter.layout_no_wrap((*name).to_owned(), self.small(), theme.text_weak);
            if shown && x + 15.0 + galley.size().x < rect.right() {
                self.paint_letter(
                    painter,
                    pos2(x + 6.0, y),
                    *letter,
                    self.letter_colour(which),
                );
                let place = words(x + 15.0, name);
                explain_as(ui, place, id(name), &format!("{name}: {meaning}."));
                x = place.right() + 12.0;
            }
        }
    }

    pub(super) fn letter_colour(&self, which: usize) -> Color32 {
        let theme = self.context.theme;
        match LETTERS.get(which) {
            Some((mark, ..)) if *mark == Marks::DUPLICATE_ACK => theme.text_weak,
            Some((mark, ..)) if *mark == Marks::ZERO_WINDOW => theme.error,
            _ => theme.warning,
        }
    }

    pub(super) fn paint_letter(&self, painter: &Painter, at: Pos2, letter: char, colour: Color32) {
        painter.circle_filled(at, 6.0, self.context.theme.lane);
        painter.circle_stroke(at, 6.0, Stroke::new(1.0, colour));
        let font = FontId::monospace(9.5);
        painter.text(at, Align2::CENTER_CENTER, letter, font, colour);
    }
}
