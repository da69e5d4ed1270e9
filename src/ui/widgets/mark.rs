//! Small marks that several views draw alike: swatches, severities, cut text.

use crate::trace::Severity;
use crate::ui::Theme;
use egui::text::LayoutJob;
use egui::{Align, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, TextFormat};

/// A stream's colour as a small rounded square. Where its colour has been used `lap` times before, gaps lie across it, as
/// across its bars on the loom.
pub fn swatch(painter: &Painter, centre: Pos2, colour: Color32, lap: usize) {
    let square = Rect::from_center_size(centre, egui::vec2(10.0, 10.0));
    if lap == 0 {
        painter.rect_filled(square, 2.0, colour);
        return;
    }
    for part in swatch_parts(square, lap) {
        painter.rect_filled(part, 1.0, colour);
    }
}

/// More gaps would not be told apart in a swatch.
const MOST_GAPS: usize = 3;

/// What is left of a swatch between its gaps.
fn swatch_parts(square: Rect, lap: usize) -> impl Iterator<Item = Rect> {
    const GAP: f32 = 1.5;
    let gaps = lap.min(MOST_GAPS);
    let height = (square.height() - GAP * gaps as f32) / (gaps + 1) as f32;
    (0..=gaps).map(move |part| {
        let top = square.top() + part as f32 * (height + GAP);
        Rect::from_x_y_ranges(square.x_range(), top..=top + height)
    })
}

/// A finding's severity: a filled square with a cross for an error, a triangle for a warning, a
/// disc for a note.
pub fn severity(painter: &Painter, centre: Pos2, severity: Severity, theme: &Theme) {
    let colour = severity_colour(severity, theme);
    match severity {
        Severity::Error => {
            let square = Rect::from_center_size(centre, egui::vec2(10.0, 10.0));
            painter.rect_filled(square, 1.0, colour);
            let cross = square.shrink(2.5);
            let stroke = Stroke::new(1.5, theme.panel);
            painter.line_segment([cross.left_top(), cross.right_bottom()], stroke);
            painter.line_segment([cross.right_top(), cross.left_bottom()], stroke);
        }
        Severity::Warning => {
            let points = vec![
                centre + egui::vec2(0.0, -5.5),
                centre + egui::vec2(5.5, 4.5),
                centre + egui::vec2(-5.5, 4.5),
            ];
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        }
        Severity::Note => {
            painter.circle_filled(centre, 4.5, colour);
        }
    }
}

/// A note: a flag on its pole.
pub fn flag(painter: &Painter, centre: Pos2, colour: Color32) {
    let at = |x: f32, y: f32| centre + egui::vec2(x, y);
    painter.line_segment([at(-3.5, -6.0), at(-3.5, 6.0)], Stroke::new(1.5, colour));
    let cloth = vec![at(-3.5, -6.0), at(5.0, -2.8), at(-3.5, 0.4)];
    painter.add(Shape::convex_polygon(cloth, colour, Stroke::NONE));
}

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds: a tick.
    Yes,
    /// It does not: a cross.
    No,
}

/// A tick or a cross.
pub fn verdict(painter: &Painter, centre: Pos2, verdict: Verdict, colour: Color32) {
    let stroke = Stroke::new(1.8, colour);
    let at = |x: f32, y: f32| centre + egui::vec2(x, y);
    match verdict {
        Verdict::Yes => {
            let points = vec![at(-4.0, 0.0), at(-1.0, 3.5), at(4.5, -3.5)];
            painter.line(points, stroke);
        }
        Verdict::No => {
            painter.line_segment([at(-3.5, -3.5), at(3.5, 3.5)], stroke);
            painter.line_segment([at(3.5, -3.5), at(-3.5, 3.5)], stroke);
        }
    }
}

/// The word for a severity.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The colour of a severity.
pub fn severity_colour(severity: Severity, theme: &Theme) -> Color32 {
    match severity {
        Severity::Error => theme.error,
        Severity::Warning => theme.warning,
        Severity::Note => theme.accent,
    }
}

/// Writes one line into a rectangle, centred in height, cut with `…` when it is too long.
/// Returns how wide the text came out, in points.
pub fn line(
    painter: &Painter,
    rect: Rect,
    align: Align,
    text: &str,
    font: &FontId,
    colour: Color32,
) -> f32 {
    if rect.width() < 1.0 || text.is_empty() {
        return 0.0;
    }
    let mut job =
        LayoutJob::single_section(text.to_owned(), TextFormat::simple(font.clone(), colour));
    job.wrap.max_width = rect.width();
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = painter.layout_job(job);
    let width = galley.size().x;
    let x = match align {
        Align::Min => rect.left(),
        Align::Center => rect.center().x - width / 2.0,
        Align::Max => rect.right() - width,
    };
    let y = rect.center().y - galley.size().y / 2.0;
    painter.galley(egui::pos2(x, y), galley, colour);
    width
}

/// Writes words into a rectangle at its left, in as many lines as fit it, at most so many; the last one is cut where there
/// are more.
pub fn lines(
    painter: &Painter,
    rect: Rect,
    at_most: usize,
    text: &str,
    font: &FontId,
    colour: Color32,
) {
    if rect.width() < 1.0 || text.is_empty() {
        return;
    }
    let format = TextFormat::simple(font.clone(), colour);
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap.max_width = rect.width();
    // A line takes about a quarter more than its letters are high.
    let fit = (rect.height() / (font.size * 1.25)).floor().max(1.0) as usize;
    job.wrap.max_rows = at_most.min(fit);
    job.wrap.break_anywhere = job.wrap.max_rows == 1;
    let galley = painter.layout_job(job);
    let y = rect.center().y - galley.size().y / 2.0;
    painter.galley(egui::pos2(rect.left(), y), galley, colour);
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    #[test]
    fn swatches_of_one_colour_have_as_many_gaps_as_streams_had_it_before() {
        let square = Rect::from_center_size(pos2(20.0, 30.0), vec2(10.0, 10.0));
        for (lap, parts) in [(1, 2), (2, 3), (3, 4), (9, 4)] {
            let all: Vec<Rect> = swatch_parts(square, lap).collect();
            assert_eq!(all.len(), parts);
            assert!(
                all.iter()
                    .all(|part| square.expand(0.01).contains_rect(*part))
            );
            let apart = |two: &[Rect]| two[1].top() - two[0].bottom() > 1.0;
            assert!(all.windows(2).all(apart), "{all:?}");
        }
    }
}
