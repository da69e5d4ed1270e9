//! The key below the plots: lines, letters and hatching, each with what it means.

use super::beyond;
use super::layout::LEGEND;
use super::model::LETTERS;
use super::paint::Picture;
use super::text::Said;
use crate::analysis::mending::Mending;
use crate::trace::Marks;
use crate::ui::widgets::explained::{explain, explain_as};
use crate::ui::widgets::hatch;
use crate::wire::http2::StreamId;
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use std::cell::Cell;
use std::mem::discriminant;

/// What a stroke is, and what its colour says.
const SEGMENT: &str = "segment, in its stream's colour; grey: several or no stream";

/// Said behind the name of the first kind of hole.
const HEIGHT: &str = ", as high as what waited behind it";

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
        let corner = pos2(rect.left() + 4.0, rect.top() + LEGEND / 2.0 + 1.0);
        let at = Cell::new(corner);
        // The place of a sign of this width, and its name's; on the next line where this one is full. Past the last one, nowhere.
        let next = |sign: f32, name: &str| {
            let galley = painter.layout_no_wrap(name.to_owned(), self.small(), theme.text_weak);
            let width = sign + galley.size().x;
            let mut place = at.get();
            if place.x + width > rect.right() {
                place = pos2(corner.x, place.y + LEGEND);
            }
            if place.y > rect.bottom() {
                return None;
            }
            at.set(pos2(place.x + width + 12.0, place.y));
            let words = pos2(place.x + sign, place.y - galley.size().y / 2.0);
            let words = Rect::from_min_size(words, galley.size());
            painter.galley(words.min, galley, theme.text_weak);
            Some((place, words))
        };
        let id = |words: &str| ui.scope_id().with(("legend", words));
        if let Some((at, words)) = next(18.0, SEGMENT) {
            // In two streams' colours, and in none.
            let first = self.context.stream_colour(StreamId(1));
            let other = self.context.stream_colour(StreamId(3));
            for (x, colour) in [(2.0, first), (7.0, other), (12.0, theme.connection_frames)] {
                let segment = Rect::from_center_size(at + vec2(x, 0.0), vec2(2.5, 10.0));
                painter.rect_filled(segment, 0.0, colour);
            }
            explain(ui, words, id("segment"), "segment");
        }
        for (colour, width, name) in [
            (theme.text_weak, 1.5, "acknowledged"),
            (theme.accent, 1.0, "receive window"),
        ] {
            if let Some((at, words)) = next(19.0, name) {
                let line = [at, at + vec2(14.0, 0.0)];
                painter.add(Shape::line_segment(line, Stroke::new(width, colour)));
                explain(ui, words, id(name), name);
            }
        }
        if self.parts().any(|part| !self.beyond(&part).is_empty())
            && let Some((at, words)) = next(15.0, beyond::NAME)
        {
            let place = Rect::from_center_size(at + vec2(6.0, 0.0), vec2(8.0, 10.0));
            beyond::paint_mark(painter, place, theme.accent);
            explain_as(ui, words, id(beyond::NAME), beyond::MEANING);
        }
        let mut height = HEIGHT;
        for (of, name, meaning) in HOLES {
            let name = &format!("{name}{height}");
            let same = |said: &Said| discriminant(&said.mending) == discriminant(&of);
            if self.labels.iter().flatten().any(same)
                && let Some((at, words)) = next(19.0, name)
            {
                let square = Rect::from_center_size(at + vec2(7.0, 0.0), vec2(14.0, 10.0));
                let hole = square.with_min_y(square.bottom() - 3.0);
                self.paint_hole(painter, of, (hole, square), self.hole_colour(of));
                explain_as(ui, words, id(name), meaning);
                height = "";
            }
        }
        // Of several marks of a segment one letter is drawn: the legend names those that are.
        let drawn: Vec<usize> = (self.parts())
            .flat_map(|part| self.letters(&part))
            .map(|(_, which, _)| which)
            .collect();
        for (which, (_, letter, name, meaning)) in LETTERS.iter().enumerate() {
            if drawn.contains(&which)
                && let Some((at, words)) = next(15.0, name)
            {
                let colour = self.letter_colour(which);
                self.paint_letter(painter, at + vec2(6.0, 0.0), *letter, colour);
                explain_as(ui, words, id(name), &format!("{name}: {meaning}."));
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
