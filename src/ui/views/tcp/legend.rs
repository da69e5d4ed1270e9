//! The key below the plots: lines, letters and hatching, each with what it means.

use super::model::{LETTERS, is_about_receiving};
use super::paint::Picture;
use super::text::Said;
use crate::analysis::mending::Mending;
use crate::trace::Marks;
use crate::ui::widgets::explained::{explain, explain_as};
use crate::ui::widgets::hatch;
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use std::mem::discriminant;

/// Holes by how they were mended: name, and what it means.
const HOLES: [(Mending, &str, &str); 3] = [
    (
        Mending::SentAgain { bytes: 0 },
        "lost, sent again",
        "The network lost bytes of the stream and their sender sent them again. What had come behind them, up to the hatching's \
         top, waited in the receiver's memory: TCP hands bytes on in order (RFC 9293 §3.10.7.4).",
    ),
    (
        Mending::Late,
        "late, not lost",
        "Bytes of the stream were overtaken by those behind them (out of order), which waited for them in the receiver's \
         memory. Nothing was lost, nothing had to be sent again for it (RFC 9293 §3.10.7.4).",
    ),
    (
        Mending::Unknown,
        "missing",
        "Bytes of the stream that were not there when bytes behind them were. They never came, or are only not in the capture.",
    ),
];

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
        for (of, name, meaning) in HOLES {
            let same = |said: &Said| discriminant(&said.mending) == discriminant(&of);
            if self.labels.iter().flatten().any(same) {
                let square = Rect::from_center_size(pos2(x + 7.0, y), vec2(14.0, 10.0));
                let hole = square.with_min_y(square.bottom() - 3.0);
                self.paint_hole(painter, of, (hole, square), self.hole_colour(of));
                let place = words(x + 19.0, name);
                explain_as(ui, place, id(name), meaning);
                x = place.right() + 12.0;
            }
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

    /// One hole, and what waited behind it; also in the legend.
    pub(super) fn paint_hole(
        &self,
        painter: &Painter,
        mending: Mending,
        (hole, waits): (Rect, Rect),
        colour: Color32,
    ) {
        painter.rect_filled(waits, 0.0, colour.gamma_multiply(0.13));
        if mending == Mending::Late {
            // Cut to what is seen: a dash costs as much as a line.
            let around = waits.intersect(painter.clip_rect().expand(4.0));
            let stroke = Stroke::new(1.0, colour.gamma_multiply(0.8));
            hatch::dashed(painter, around, stroke);
        } else {
            hatch::hatch(painter, waits, colour.gamma_multiply(0.25));
            painter.rect_filled(hole, 0.0, colour.gamma_multiply(0.45));
        }
    }

    /// What was lost is told from what was late.
    pub(super) fn hole_colour(&self, mending: Mending) -> Color32 {
        match mending {
            Mending::SentAgain { .. } => self.context.theme.error,
            Mending::Late | Mending::Unknown => self.context.theme.warning,
        }
    }

    pub(super) fn letter_colour(&self, which: usize) -> Color32 {
        let theme = self.context.theme;
        match LETTERS.get(which) {
            Some((mark, ..)) if *mark == Marks::DUPLICATE_ACK => theme.text_weak,
            Some((mark, ..)) if *mark == Marks::ZERO_WINDOW => theme.error,
            // In the colour of what was lost.
            Some((mark, ..))
                if [Marks::FAST_RETRANSMISSION, Marks::RETRANSMISSION].contains(mark) =>
            {
                theme.error
            }
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
