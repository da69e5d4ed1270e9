//! Segments that were sent again: a mark below the wire where the copy crossed it, and what is said about it. The streams
//! that waited for it are hatched in their lanes; see [`super::waits`].

use super::hover::Hit;
use super::paint::Picture;
use super::words::{sender_words, stream_words, time_words};
use crate::analysis::blocking::Waited;
use crate::analysis::sent_again::Why;
use crate::report::text;
use crate::trace::{Connection, Direction};
use crate::ui::widgets::waits::{Copied, Waits};
use crate::ui::widgets::{format, hatch};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

/// How wide a mark is. Copies nearer than this become one mark with a number.
pub(super) const MARK_POINTS: f32 = 13.0;
/// How high the sign is, if its line is.
const SIGN_POINTS: f32 = 13.0;
/// Copies that are told one by one at a mark of several.
const MAX_TOLD: usize = 3;
/// Copies that are said in words.
const MAX_SAID: usize = 50;
/// Streams that are named one by one.
const MAX_NAMED: usize = 6;

/// Copies that stand together on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its left edge, in points from the plot's left edge.
    pub x: f32,
    /// Who sent them: the client, the server.
    pub sent_by: [bool; 2],
    /// Their positions in [`Waits::copies`].
    pub copies: Vec<usize>,
    /// Whether all were sent in vain.
    pub in_vain: bool,
}

/// The marks of copies, each with its place in points and its sender, from left to right.
pub fn marks<'a>(copies: impl Iterator<Item = (usize, f32, Direction, &'a Copied)>) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, x, direction, copy) in copies {
        let in_vain = copy.row.why == Why::InVain;
        let mark = match marks.last_mut() {
            Some(mark) if x - mark.x < MARK_POINTS => mark,
            _ => {
                marks.push(Mark {
                    x,
                    sent_by: [false; 2],
                    copies: Vec::new(),
                    in_vain: true,
                });
                let Some(mark) = marks.last_mut() else {
                    continue;
                };
                mark
            }
        };
        mark.copies.push(index);
        mark.in_vain &= in_vain;
        mark.sent_by[direction.index()] = true;
    }
    marks
}

impl Picture<'_> {
    /// The marks in view.
    pub(super) fn copy_marks(&self) -> Vec<Mark> {
        let Some(waits) = self.waits else {
            return Vec::new();
        };
        let scale = &self.model.places.scale;
        let width = f64::from(self.layout.width());
        let reach = f64::from(MARK_POINTS) * scale.ns_per_point();
        let (start, end) = (scale.start_ns() - reach, scale.time_from_x(width));
        let time = |copy: &Copied| copy.time_ns as f64;
        let first = waits.copies.partition_point(|copy| time(copy) < start);
        let until = waits.copies.partition_point(|copy| time(copy) <= end);
        let seen = waits.copies.get(first..until.max(first)).unwrap_or(&[]);
        marks((first..).zip(seen).map(|(index, copy)| {
            let x = scale.x_from_time(time(copy)) as f32;
            let direction = self.reader.connection.direction(copy.row.side);
            (index, x, direction, copy)
        }))
    }

    /// The sign of a mark, in its line below the wire.
    pub(super) fn sign_rect(&self, mark: &Mark) -> Rect {
        let (signs, _) = self.layout.losses_lines();
        let left = self.x(mark.x) - 1.0;
        let height = SIGN_POINTS.min(signs.height());
        let top = signs.center().y - height / 2.0;
        Rect::from_min_size(pos2(left, top), vec2(MARK_POINTS - 1.0, height))
    }

    /// Marks below the wire, and hatching on it where they crossed it.
    pub(super) fn paint_copies(&self, in_plot: &Painter, marks: &[Mark]) {
        let theme = self.context.theme;
        for mark in marks {
            let sign = self.sign_rect(mark);
            let whole = match mark.in_vain {
                true => theme.text_weak,
                false => theme.error,
            };
            let colour = self.at_cursor(whole, sign.left());
            let rows = self.layout.wire.iter().zip(mark.sent_by);
            for (row, _) in rows.filter(|(_, sent)| *sent && !mark.in_vain) {
                let column = Rect::from_x_y_ranges(sign.x_range(), row.y_range());
                let clip = column.intersect(in_plot.clip_rect());
                let painter = &in_plot.with_clip_rect(clip);
                hatch::hatch(painter, column, colour.gamma_multiply(0.7));
            }
            in_plot.rect(
                sign,
                2.0,
                theme.background,
                Stroke::new(1.0, colour),
                egui::StrokeKind::Inside,
            );
            again_sign(in_plot, sign.center(), colour);
            if let more @ 2.. = mark.copies.len() {
                let font = FontId::proportional(9.5);
                let words = format!("×{more}");
                let at = pos2(sign.right() + 1.0, sign.center().y);
                let colour = self.words_at_cursor(whole, sign.left());
                in_plot.text(at, Align2::LEFT_CENTER, words, font, colour);
            }
        }
    }

    /// The mark at a point.
    pub(super) fn copy_hit(&self, at: Pos2) -> Option<Hit> {
        let marks = self.copy_marks();
        let hit = marks
            .into_iter()
            .find(|mark| self.sign_rect(mark).expand(1.0).contains(at))?;
        Some(Hit::Copies(hit.copies))
    }

    /// What is said at a mark.
    pub(super) fn copies_ui(&self, ui: &mut Ui, copies: &[usize]) {
        let Some(waits) = self.waits else {
            return;
        };
        let theme = self.context.theme;
        let told = copies.iter().filter_map(|at| waits.copies.get(*at));
        for (index, copy) in told.take(MAX_TOLD).enumerate() {
            if index > 0 {
                ui.separator();
            }
            for (line, words) in copy_words(self.reader.connection, copy)
                .into_iter()
                .enumerate()
            {
                let words = egui::RichText::new(words);
                ui.label(match line {
                    0 => words.strong().color(theme.text),
                    1 | 2 => words,
                    _ => words.color(theme.text_weak),
                });
            }
        }
        if let more @ 1.. = copies.len().saturating_sub(MAX_TOLD) {
            let words = format!("and {more} more here: zoom in to tell them apart");
            ui.label(egui::RichText::new(words).color(theme.text_weak));
        }
    }
}

/// An arrow that goes round: again.
pub fn again_sign(painter: &Painter, centre: Pos2, colour: Color32) {
    const RADIUS: f32 = 3.4;
    const STEPS: u8 = 12;
    let at = |angle: f32| centre + RADIUS * vec2(angle.cos(), angle.sin());
    let (from, to) = (-0.9_f32, 4.4_f32);
    let angle = |step: u8| from + (to - from) * f32::from(step) / f32::from(STEPS);
    let points: Vec<Pos2> = (0..=STEPS).map(|step| at(angle(step))).collect();
    painter.add(Shape::line(points, Stroke::new(1.3, colour)));
    let tip = at(from);
    let head = [vec2(1.6, 1.8), vec2(-2.6, 0.6), vec2(1.0, -2.8)];
    let head = head.map(|corner| tip + corner).to_vec();
    painter.add(Shape::convex_polygon(head, colour, Stroke::NONE));
}

/// What is said about a copy: what it is, what it carries, why, and who waited.
pub fn copy_words(connection: &Connection, copy: &Copied) -> Vec<String> {
    let row = &copy.row;
    let kind = match row.why {
        Why::Asked => "fast retransmission",
        Why::Timeout => "retransmission after a timeout",
        Why::InVain => "spurious retransmission",
    };
    let number = format::count(row.packet.number());
    let sender = sender_words(connection.direction(row.side));
    let len = row.range.end.saturating_sub(row.range.start);
    let carried = match (len, row.streams.is_empty()) {
        (0, _) => "a SYN or FIN, without any bytes".to_owned(),
        (_, true) => format!("{} bytes, of no frame that was read", format::count(len)),
        (_, false) => {
            let of = row.streams.iter().map(|stream| stream_words(*stream));
            format!("{} bytes of {}", format::count(len), listed(of.collect()))
        }
    };
    let after = copy.first_ns.map_or(String::new(), |first| {
        let length = format::duration_ns(copy.time_ns.saturating_sub(first));
        format!(", {length} after the first time")
    });
    let why = match row.why {
        Why::Asked => {
            "The receiver's acknowledgments told that it was missing, so it was sent again at once (RFC 5681 §3.2)."
        }
        Why::Timeout => {
            "No acknowledgment had come in time, so its sender's timer ran out (RFC 6298 §5)."
        }
        Why::InVain => {
            "In vain: the receiver had these bytes already, only its acknowledgment was late or lost (RFC 2883 §1)."
        }
    };
    let at = time_words(copy.time_ns);
    vec![
        format!("sent again: {kind}"),
        format!("{carried}, {sender}{after}"),
        waited_words(row.why, &row.held_back),
        why.to_owned(),
        format!("packet {number} · {at}"),
    ]
}

/// `Held back: stream 5 (21 ms), stream 7 (3 ms)`.
fn waited_words(why: Why, held_back: &[Waited]) -> String {
    if held_back.is_empty() {
        return match why {
            Why::InVain => "Nobody had to wait for it.".to_owned(),
            _ => "No stream's bytes are known to have waited for it.".to_owned(),
        };
    }
    let waited = held_back.iter().map(|waited| {
        let length = text::duration(waited.waited_ns());
        format!("{} ({length})", stream_words(waited.stream))
    });
    format!("Held back: {}", listed(waited.collect()))
}

fn listed(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(MAX_NAMED);
    if more > 0 {
        names.truncate(MAX_NAMED);
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

/// The copies as lines, for screen readers and tests.
pub fn lines(connection: &Connection, waits: &Waits) -> Vec<String> {
    let said = waits.copies.iter().take(MAX_SAID);
    let mut lines: Vec<String> = said
        .map(|copy| copy_words(connection, copy).join("; "))
        .collect();
    if let more @ 1.. = waits.copies.len().saturating_sub(MAX_SAID) {
        lines.push(format!("{more} more segments were sent again"));
    }
    lines
}

#[cfg(test)]
mod tests;
