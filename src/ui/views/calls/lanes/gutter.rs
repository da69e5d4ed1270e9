//! Beside a lane: whose it is and how it stands; and from above, the call it was made for.

use super::super::layout::Lane;
use super::super::paint_table::{status_colour, stream_colour, stream_lap};
use super::super::words;
use super::{FUTURE, Lanes};
use crate::ui::grpc::{CallRow, Standing};
use crate::ui::widgets::mark;
use crate::wire::grpc::GrpcStatus;
use egui::{Align, Color32, Painter, Rect, Shape, Stroke, Ui, pos2, vec2};

impl Lanes<'_> {
    /// The call's name and how it stands.
    pub(super) fn gutter(&self, painter: &Painter, row: &CallRow, standing: Standing, lane: &Lane) {
        let theme = self.context.theme;
        let dim = |colour: Color32| match standing {
            Standing::NotYet => theme.later(colour),
            _ => colour,
        };
        let indent = 14.0 * f32::from(row.depth.min(6));
        let left = lane.gutter.left() + 4.0 + indent;
        let colour = dim(stream_colour(self.context, row.id));
        if row.depth > 0 {
            let stroke = Stroke::new(1.0, theme.text_weak);
            let corner = pos2(left - 7.0, lane.thread_y);
            painter.line_segment([pos2(corner.x, lane.gutter.top()), corner], stroke);
            painter.line_segment([corner, pos2(left, corner.y)], stroke);
        }
        let lap = stream_lap(self.context, row.id);
        mark::swatch(painter, pos2(left + 6.0, lane.thread_y), colour, lap);
        let words = Rect::from_min_max(
            pos2(left + 17.0, lane.gutter.top() + 6.0),
            pos2(lane.gutter.right(), lane.thread_y + 8.0),
        );
        mark::line(
            painter,
            words,
            Align::Min,
            &row.short_name(),
            &self.font,
            dim(theme.text),
        );
        let below = Rect::from_min_max(
            pos2(words.left(), lane.thread_y + 7.0),
            pos2(lane.gutter.right(), lane.gutter.bottom() - 3.0),
        );
        let status = match words::left(row, standing) {
            Some(left) => left,
            None => words::status(row, standing),
        };
        let mut second = format!("{} · {status}", words::place(row.id));
        if let Some(retry) = row.links.retry_of {
            second.push_str(&format!(", again {}", words::place(retry.id)));
        }
        let colour = match standing {
            Standing::Ended if row.status_seen() == Some(GrpcStatus::OK) => theme.text_weak,
            _ => status_colour(self.context, row, standing),
        };
        mark::line(
            painter,
            below,
            Align::Min,
            &second,
            &self.small,
            dim(colour),
        );
    }

    /// From the call that was being served down to the beginning of this one.
    pub(super) fn link(
        &self,
        ui: &Ui,
        row: &CallRow,
        parent_y: f32,
        lane: &Lane,
        standing: Standing,
    ) {
        let x = self.x(lane, row.started_ns);
        let clip = ui.clip_rect();
        if !lane.plot.x_range().contains(x) {
            return;
        }
        let painter = ui.painter_at(clip);
        let strength = if standing == Standing::NotYet {
            FUTURE
        } else {
            1.0
        };
        let colour = self.context.theme.text_weak.gamma_multiply(strength);
        let stroke = Stroke::new(1.2, colour);
        let (from, to) = (
            pos2(x, parent_y.max(clip.top())),
            pos2(x, lane.thread_y - 7.0),
        );
        painter.extend(Shape::dashed_line(&[from, to], stroke, 3.0, 3.0));
        let tip = vec![to + vec2(-3.5, -5.0), to + vec2(3.5, -5.0), to];
        painter.add(Shape::convex_polygon(tip, colour, Stroke::NONE));
    }
}
