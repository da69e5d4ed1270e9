//! Draws the card of one entry of a table, also while it falls out.

use super::motion::Pose;
use crate::report::text::one_line;
use crate::ui::theme::{Theme, text_size};
use crate::ui::widgets::mark;
use egui::{
    Align, Color32, FontId, Painter, Rect, Shape, Stroke, StrokeKind, emath::Rot2,
    epaint::TextShape, pos2, vec2,
};

/// What one card says, and how it looks.
pub(super) struct Face {
    pub(super) number: String,
    pub(super) note: String,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) edge: Color32,
    pub(super) fill: Color32,
    pub(super) dashed: bool,
}

/// Draws a card where and how it is.
pub(super) fn face_ui(painter: &Painter, theme: &Theme, face: &Face, pose: &Pose) {
    let rect = pose.rect;
    let faded = |colour: Color32| colour.gamma_multiply(pose.strength);
    let turn = Rot2::from_angle(pose.tilt);
    let turned = |at: egui::Pos2| rect.center() + turn * (at - rect.center());
    let stroke = Stroke::new(1.4, faded(face.edge));
    let corners = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
    ]
    .map(turned);
    if face.dashed {
        let closed: Vec<_> = corners.iter().chain(corners.first()).copied().collect();
        painter.extend(Shape::dashed_line(&closed, stroke, 5.0, 4.0));
    } else if pose.tilt == 0.0 {
        painter.rect(rect, 6.0, faded(face.fill), stroke, StrokeKind::Inside);
    } else {
        painter.add(Shape::convex_polygon(
            corners.to_vec(),
            faded(face.fill),
            stroke,
        ));
    }
    let small = FontId::proportional(text_size::SMALL);
    let mono = FontId::monospace(text_size::MONOSPACE);
    let inner = rect.shrink2(vec2(9.0, 0.0));
    let lines = [
        (5.0, &face.number, &small, theme.text_weak, Align::Min),
        (5.0, &face.note, &small, theme.text_weak, Align::Max),
        (22.0, &face.name, &mono, theme.text_weak, Align::Min),
        (40.0, &face.value, &mono, theme.text, Align::Min),
    ];
    for (top, text, font, colour, align) in lines {
        let row = Rect::from_min_max(
            pos2(inner.left(), rect.top() + top),
            pos2(inner.right(), rect.top() + top + 16.0),
        );
        if pose.tilt == 0.0 {
            mark::line(
                painter,
                row,
                align,
                &one_line(text, 120),
                font,
                faded(colour),
            );
        } else {
            tilted_line(
                painter,
                row,
                align,
                text,
                font,
                faded(colour),
                &turned,
                pose.tilt,
            );
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "a line of text and how it lies")]
fn tilted_line(
    painter: &Painter,
    row: Rect,
    align: Align,
    text: &str,
    font: &FontId,
    colour: Color32,
    turned: &dyn Fn(egui::Pos2) -> egui::Pos2,
    tilt: f32,
) {
    let mut job = egui::text::LayoutJob::single_section(
        one_line(text, 120),
        egui::TextFormat::simple(font.clone(), colour),
    );
    job.wrap.max_width = row.width().max(1.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = painter.layout_job(job);
    let left = match align {
        Align::Max => row.right() - galley.size().x,
        _ => row.left(),
    };
    let at = turned(pos2(left, row.center().y - galley.size().y / 2.0));
    let mut shape = TextShape::new(at, galley, colour);
    shape.angle = tilt;
    painter.add(shape);
}
