//! The thread of a call, what lies on it, and its end.

use super::super::layout::{Lane, folded, mark_height};
use super::super::paint_table::{status_colour, stream_colour};
use super::super::words;
use super::{FUTURE, Lanes};
use crate::analysis::grpc::EndedBy;
use crate::trace::{Direction, Read};
use crate::ui::grpc::{CallRow, MarkKind, Standing};
use crate::ui::views::loom::glyph::Glyph;
use crate::wire::grpc::GrpcStatus;
use crate::wire::http2::FrameKind;
use egui::{Painter, Rect, Stroke, pos2, vec2};

impl Lanes<'_> {
    /// The thread from the call's beginning to its end: bright as far as it has come.
    pub(super) fn thread(&self, painter: &Painter, row: &CallRow, standing: Standing, lane: &Lane) {
        let colour = stream_colour(self.context, row.id);
        let start = self.x(lane, row.started_ns);
        let last_mark = row.marks.last().map(|mark| mark.time_ns);
        let capture = self.context.trace.time_range_ns;
        let capture_ns = capture.map_or(0, |(first, last)| last.saturating_sub(first));
        let end_ns = row.ended_ns.or(last_mark).unwrap_or(row.started_ns);
        let end_ns = match row.ended_by {
            EndedBy::CaptureEnd => capture_ns,
            _ => end_ns,
        };
        let end = self.x(lane, end_ns).max(start + 1.0);
        let now = match (standing, self.cursor_x) {
            (Standing::NotYet, _) => start,
            (Standing::Ended, _) | (_, None) => end,
            (_, Some(x)) => (lane.plot.left() + x.clamp(-1e5, 1e5) as f32).clamp(start, end),
        };
        let y = lane.thread_y;
        painter.hline(
            start..=end,
            y,
            Stroke::new(1.0, colour.gamma_multiply(FUTURE)),
        );
        painter.hline(start..=now, y, Stroke::new(2.0, colour));
        if matches!(standing, Standing::Running { .. }) {
            // Drawn open: it goes on.
            let stroke = Stroke::new(2.0, colour);
            let tip = pos2(now + 5.0, y);
            painter.line_segment([tip + vec2(-5.0, -4.0), tip], stroke);
            painter.line_segment([tip + vec2(-5.0, 4.0), tip], stroke);
        }
    }

    /// Header lists, resets and messages: those of the caller above the thread, the answers below it.
    pub(super) fn marks(&self, painter: &Painter, row: &CallRow, read: Read, lane: &Lane) {
        let theme = self.context.theme;
        let colour = stream_colour(self.context, row.id);
        let width = f64::from(lane.plot.width());
        for direction in Direction::BOTH {
            let up = direction == Direction::Client;
            let marks = row.message_marks.get(direction.index());
            for fold in folded(marks.map_or(&[], Vec::as_slice), &self.scale, width) {
                let first = marks.and_then(|marks| marks.get(fold.first));
                let later = first.is_some_and(|mark| !read.has(mark.at));
                let strength = if later { FUTURE } else { 1.0 };
                let height = mark_height(fold.bytes);
                let x = lane.plot.left() + fold.x as f32;
                let end = lane.plot.left() + fold.end_x as f32;
                let (top, bottom) = match up {
                    true => (lane.thread_y - 1.5 - height, lane.thread_y - 1.5),
                    false => (lane.thread_y + 1.5, lane.thread_y + 1.5 + height),
                };
                let bar = Rect::from_min_max(pos2(x - 1.75, top), pos2(end + 1.75, bottom));
                painter.rect_filled(bar, 1.0, colour.gamma_multiply(strength));
            }
        }
        for mark in &row.marks {
            let later = !read.has(mark.at);
            let strength = if later { FUTURE } else { 1.0 };
            let x = self.x(lane, mark.time_ns);
            if !lane.plot.x_range().expand(8.0).contains(x) {
                continue;
            }
            let up = mark.direction == Direction::Client;
            let y = lane.thread_y + if up { -5.5 } else { 5.5 };
            let at = pos2(x, y);
            let ground = self.ground(row);
            match mark.kind {
                MarkKind::Headers => {
                    let glyph = Glyph::of(FrameKind::HEADERS);
                    glyph.paint(painter, at, 4.2, colour.gamma_multiply(strength), ground);
                }
                MarkKind::Trailers => {
                    Glyph::OpenDiamond.paint(
                        painter,
                        at,
                        4.6,
                        colour.gamma_multiply(strength),
                        ground,
                    );
                    let stroke = Stroke::new(1.5, theme.text.gamma_multiply(strength));
                    let line = lane.thread_y - 7.0..=lane.thread_y + 9.0;
                    painter.vline(x + 5.5, line, stroke);
                }
                MarkKind::Reset => {
                    let colour = theme.error.gamma_multiply(strength);
                    Glyph::Cross.paint(painter, pos2(x, lane.thread_y), 5.0, colour, ground);
                }
            }
        }
    }

    /// What stands behind the end of a call that did not end as it should.
    pub(super) fn ending(&self, painter: &Painter, row: &CallRow, standing: Standing, lane: &Lane) {
        let theme = self.context.theme;
        if standing != Standing::Ended {
            return;
        }
        let x = self.x(lane, row.ended_ns.unwrap_or(row.started_ns));
        let words = match row.status_seen() {
            Some(GrpcStatus::OK) if row.cancelled.is_none() => return,
            _ if row.ended_by == EndedBy::Goaway => {
                let at = pos2(x, lane.thread_y);
                Glyph::Octagon.paint(painter, at, 5.0, theme.error, self.ground(row));
                "GOAWAY".to_owned()
            }
            _ => words::ending(row),
        };
        let colour = status_colour(self.context, row, standing);
        let galley = painter.layout_no_wrap(words, self.small.clone(), colour);
        let wanted = x + 12.0;
        let limit = lane.plot.right() - galley.size().x - 2.0;
        if wanted > lane.plot.right() + 40.0 || x < lane.plot.left() - 40.0 {
            return;
        }
        let at = pos2(wanted.min(limit), lane.thread_y - galley.size().y / 2.0);
        if wanted > limit {
            let behind = Rect::from_min_size(at, galley.size()).expand2(vec2(2.0, 0.0));
            painter.rect_filled(behind, 2.0, self.ground(row).gamma_multiply(0.85));
        }
        painter.galley(at, galley, colour);
    }
}
