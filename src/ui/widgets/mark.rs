//! Small marks that several views draw alike: swatches, severities, cut text.

use crate::trace::Severity;
use crate::ui::Theme;
use egui::text::LayoutJob;
use egui::{Align, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, TextFormat};

/// A stream's colour as a small rounded square.
pub fn swatch(painter: &Painter, centre: Pos2, colour: Color32) {
    let square = Rect::from_center_size(centre, egui::vec2(10.0, 10.0));
    painter.rect_filled(square, 2.0, colour);
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
