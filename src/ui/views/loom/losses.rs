//! What TCP lost on the way, and what came of it: below the wire a bar from when the receiver missed a segment until it
//! had it, the sign where it was sent again, and words. What finds no place is counted.

mod place;
#[cfg(test)]
mod tests;

use super::copies::copy_words;
use super::hover::Hit;
use super::paint::Picture;
use super::standpoint::hole_words;
use super::surround::SMALL_POINTS;
use super::words::time_words;
use crate::analysis::mending::Mending;
use crate::analysis::sent_again::Why;
use crate::report::text;
use crate::ui::widgets::format;
use crate::ui::widgets::waits::{Copied, HoleWait, Waits};
use egui::{
    Align2, FontId, Galley, Painter, Pos2, Rangef, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2,
};
use place::{Placed, Row, place};
use std::sync::Arc;

/// Losses of which one picture speaks: the longest.
const MAX_SAID: usize = 40;
/// The bar from when a segment was missed until it came, in points.
const BAR_POINTS: f32 = 2.5;
/// A pointer this far from a bar still means it.
const REACH_POINTS: f32 = 80.0;
/// Losses that are listed for screen readers.
const MAX_LISTED: usize = 50;

/// Whether there is anything to say.
pub fn has_any(waits: &Waits) -> bool {
    !waits.holes.is_empty() || !waits.copies.is_empty()
}

/// Something that TCP lost, or sent again without that anybody is known to have missed it.
#[derive(Clone, Copy)]
enum Loss<'a> {
    Hole(usize, &'a HoleWait),
    Copy(usize, &'a Copied),
}

impl Loss<'_> {
    fn times_ns(&self) -> (i64, i64) {
        match self {
            Loss::Hole(_, hole) => hole.times_ns,
            Loss::Copy(_, copy) => (copy.time_ns, copy.time_ns),
        }
    }

    /// What is said of it: each shorter than the one before.
    fn ways(&self) -> Vec<String> {
        match self {
            Loss::Hole(_, hole) => {
                let ways = hole_words(hole).into_iter();
                ways.map(|words| format!("{}: {words}", hole.number))
                    .collect()
            }
            Loss::Copy(_, copy) => {
                let len = copy.row.range.end.saturating_sub(copy.row.range.start);
                let why = match copy.row.why {
                    Why::Asked => "asked for",
                    Why::Timeout => "after a timeout",
                    Why::InVain => "in vain",
                };
                vec![
                    format!("{} sent again {why}", format::bytes(len)),
                    format!("sent again {why}"),
                    "again".to_owned(),
                ]
            }
        }
    }
}

/// What is said of all of them together: `5 lost, 2 late, 7 sent again`.
pub fn total_words(waits: &Waits) -> Option<String> {
    let count = |is: fn(&Mending) -> bool| {
        let holes = waits.holes.iter();
        holes.filter(|hole| is(&hole.mending)).count()
    };
    let counts = [
        (count(|of| matches!(of, Mending::SentAgain { .. })), "lost"),
        (count(|of| *of == Mending::Late), "late"),
        (count(|of| *of == Mending::Unknown), "missing"),
        (waits.copies.len(), "sent again"),
    ];
    let said = counts.into_iter().filter(|(count, _)| *count > 0);
    let said: Vec<String> = said
        .map(|(count, what)| format!("{} {what}", text::grouped(count as u64)))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// The same and each hole of which no copy tells, for screen readers.
pub fn lines(waits: &Waits) -> Vec<String> {
    let total = total_words(waits).map(|total| format!("TCP segments: {total}"));
    let mended = |at: &usize| {
        let mut copies = waits.copies.iter();
        copies.any(|copy| copy.row.hole == Some(*at))
    };
    let holes = waits.holes.iter().enumerate();
    let others = holes.filter(|(at, _)| !mended(at)).take(MAX_LISTED);
    let others = others.map(|(_, hole)| {
        let [words, ..] = hole_words(hole);
        let from = time_words(hole.times_ns.0);
        format!("{}: {words}; from {from} on", hole.number)
    });
    total.into_iter().chain(others).collect()
}

impl Picture<'_> {
    /// The losses in view, what lasted longest first.
    fn losses(&self) -> Vec<(Rangef, Loss<'_>)> {
        let Some(waits) = self.waits else {
            return Vec::new();
        };
        let plot = self.layout.plot;
        let holes = waits.holes.iter().enumerate();
        let holes = holes.map(|(at, hole)| Loss::Hole(at, hole));
        let copies = waits.copies.iter().enumerate();
        let lone = copies.filter(|(_, copy)| copy.row.hole.is_none());
        let lone = lone.map(|(at, copy)| Loss::Copy(at, copy));
        let mut seen: Vec<_> = holes
            .chain(lone)
            .map(|loss| {
                let (from, until) = loss.times_ns();
                let span = self.span(from, until);
                (Rangef::new(span.min, span.max.max(span.min + 2.0)), loss)
            })
            .filter(|(span, _)| span.max >= plot.min && span.min <= plot.max)
            .collect();
        seen.sort_by_key(|(_, loss)| {
            let (from, until) = loss.times_ns();
            std::cmp::Reverse(until.saturating_sub(from))
        });
        seen
    }

    /// Bars, signs and words below the wire.
    pub(super) fn paint_losses(&self, in_plot: &Painter) {
        if !self.layout.losses.is_positive() {
            return;
        }
        let theme = self.context.theme;
        let losses = self.losses();
        let (signs, lines) = self.layout.losses_lines();
        for (span, loss) in &losses {
            let Loss::Hole(_, hole) = loss else {
                continue;
            };
            let bar = Rect::from_x_y_ranges(*span, signs.bottom() - BAR_POINTS..=signs.bottom());
            let colour = self.at_cursor(theme.error, span.min);
            match hole.mending {
                Mending::Late => {
                    let ends = [bar.left_center(), bar.right_center()];
                    let stroke = egui::Stroke::new(BAR_POINTS, colour);
                    in_plot.extend(egui::Shape::dashed_line(&ends, stroke, 4.0, 3.0));
                }
                _ => {
                    in_plot.rect_filled(bar, 1.0, colour);
                }
            }
        }
        self.paint_numbers(in_plot, &losses, signs);
        let lines: Vec<Rect> = lines.collect();
        for placed in self.placed_words(in_plot, &losses, lines.len()) {
            let Some(line) = lines.get(placed.line) else {
                continue;
            };
            let colour = self.words_at_cursor(theme.error, placed.anchor);
            // From the bar down to words that do not stand right below it.
            let from = pos2(placed.anchor, signs.bottom());
            let reach = line.center().y;
            if placed.line > 0 || !placed.range().contains(placed.anchor) {
                let stroke = egui::Stroke::new(1.0, colour.gamma_multiply(0.6));
                in_plot.vline(from.x, from.y..=reach, stroke);
            }
            let galley = self.laid(in_plot, &placed.words);
            let at = pos2(placed.left, line.center().y - galley.size().y / 2.0);
            let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(2.0, 0.0));
            in_plot.rect_filled(ground, 2.0, theme.background);
            in_plot.galley_with_override_text_color(at, galley, colour);
        }
        self.paint_copies(in_plot, &self.copy_marks());
    }

    /// The number of each hole at the beginning of its bar, where no sign stands.
    fn paint_numbers(&self, in_plot: &Painter, losses: &[(Rangef, Loss<'_>)], signs: Rect) {
        let marks = self.copy_marks();
        let mut taken: Vec<Rangef> = marks
            .iter()
            .map(|of| self.sign_rect(of).x_range())
            .collect();
        for (span, loss) in losses.iter().take(MAX_SAID) {
            let Loss::Hole(_, hole) = loss else {
                continue;
            };
            let galley = self.laid(in_plot, &hole.number.to_string());
            let place = Rangef::new(span.min, span.min + galley.size().x);
            let is_free = |of: &Rangef| of.intersection(place.expand(1.0)).span() <= 0.0;
            if taken.iter().all(is_free) {
                taken.push(place);
                let colour = self.words_at_cursor(self.context.theme.error, span.min);
                let top = signs.bottom() - BAR_POINTS - galley.size().y;
                in_plot.galley_with_override_text_color(pos2(place.min, top), galley, colour);
            }
        }
    }

    fn laid(&self, painter: &Painter, words: &str) -> Arc<Galley> {
        let font = FontId::proportional(SMALL_POINTS);
        painter.layout_no_wrap(words.to_owned(), font, self.context.theme.error)
    }

    /// Which words stand where. Every loss in view is said or counted, as far as there is any room.
    fn placed_words(
        &self,
        painter: &Painter,
        losses: &[(Rangef, Loss<'_>)],
        lines: usize,
    ) -> Vec<Placed> {
        let rows = losses.iter().take(MAX_SAID).map(|(span, loss)| {
            let ways = loss.ways().into_iter().map(|words| {
                let width = self.laid(painter, &words).size().x;
                (words, width)
            });
            Row {
                span: *span,
                ways: ways.collect(),
                is_loss: !matches!(loss, Loss::Copy(..)),
            }
        });
        let width = |words: &str| self.laid(painter, words).size().x;
        place(rows.collect(), self.layout.plot, lines, width)
    }

    /// What is at a point below the wire: the sign there, else the loss that is nearest.
    pub(super) fn loss_hit(&self, at: Pos2) -> Option<Hit> {
        if let Some(hit) = self.copy_hit(at) {
            return Some(hit);
        }
        let away = |span: &Rangef| (span.min - at.x).max(at.x - span.max).max(0.0);
        let losses = self.losses();
        let (_, loss) = losses
            .iter()
            .filter(|(span, _)| away(span) < REACH_POINTS)
            .min_by(|(a, _), (b, _)| {
                let order = away(a).total_cmp(&away(b));
                order.then(a.span().total_cmp(&b.span()))
            })?;
        Some(match loss {
            Loss::Copy(copy, _) => Hit::Copies(vec![*copy]),
            Loss::Hole(hole, _) => Hit::Hole(*hole),
        })
    }

    /// What is said of a hole: what it was, who waited, and how it was mended.
    pub(super) fn hole_ui(&self, ui: &mut Ui, at: usize) {
        let theme = self.context.theme;
        for (line, words) in self.hole_lines(at).into_iter().enumerate() {
            let words = egui::RichText::new(words);
            ui.label(match line {
                0 => words.strong().color(theme.text),
                1 => words,
                _ => words.color(theme.text_weak),
            });
        }
    }

    fn hole_lines(&self, at: usize) -> Vec<String> {
        let Some((waits, hole)) = self.waits.and_then(|of| Some((of, of.holes.get(at)?))) else {
            return Vec::new();
        };
        let [words, ..] = hole_words(hole);
        let words = format!("{}: {words}", hole.number);
        let mut copies = waits.copies.iter();
        if let Some(copy) = copies.find(|copy| copy.row.hole == Some(at)) {
            let told = copy_words(self.reader.connection, copy);
            // Its first line is the name of what the sign stands for.
            return std::iter::once(words)
                .chain(told.into_iter().skip(1))
                .collect();
        }
        let why = match hole.mending {
            Mending::Late => {
                "Others overtook it on the way, and nothing was lost. TCP hands bytes on in order, so what had come before waited for it."
            }
            Mending::SentAgain { .. } => {
                "It was lost on the way and sent again. TCP hands bytes on in order, so what had come before waited for it."
            }
            Mending::Unknown => {
                "The capture does not say how it was mended, or has no packet that did it."
            }
        };
        let streams = hole.behind.streams.iter().map(|waited| {
            let length = text::duration(waited.waited_ns());
            format!("stream {} ({length})", waited.stream)
        });
        let streams: Vec<String> = streams.take(8).collect();
        let held_back = (!streams.is_empty()).then(|| format!("Held back: {}", streams.join(", ")));
        let from = format!("from {} on", time_words(hole.times_ns.0));
        let lines = [Some(words), held_back, Some(why.to_owned()), Some(from)];
        lines.into_iter().flatten().collect()
    }

    /// How much of what there is, beside the signs.
    pub(super) fn losses_label_ui(&self, ui: &Ui) {
        let place = self.layout.losses;
        let Some(total) = self
            .waits
            .and_then(total_words)
            .filter(|_| place.is_positive())
        else {
            return;
        };
        let theme = self.context.theme;
        let (left, right) = (self.layout.rect.left() + 4.0, self.layout.plot.min - 10.0);
        let painter = ui.painter_at(Rect::from_x_y_ranges(left..=right, place.y_range()));
        let (signs, _) = self.layout.losses_lines();
        let font = FontId::proportional(SMALL_POINTS);
        let name = pos2(right, signs.center().y);
        painter.text(
            name,
            Align2::RIGHT_CENTER,
            "TCP segments",
            font.clone(),
            theme.text_weak,
        );
        let below = pos2(right, signs.bottom() + 7.0);
        painter.text(below, Align2::RIGHT_CENTER, &total, font, theme.error);
        let area = Rect::from_x_y_ranges(left..=self.layout.plot.min, place.y_range());
        let id = ui.scope_id().with("losses");
        let response = ui.interact(area, id, Sense::hover());
        let label = format!("TCP segments: {total}");
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
        response.on_hover_text(format!(
            "{total}. A bar stands for the time from when the receiver missed a segment until it had it, with the number that the view of TCP \
             gives it, the round arrow for where it was sent again. The pointer on them says whose bytes they were and who waited."
        ));
    }
}
