//! What lies under the pointer.

use super::super::layout::{Lane, folded};
use super::Lanes;
use crate::trace::Direction;
use crate::ui::Item;
use crate::ui::grpc::{CallRow, MarkKind};
use crate::ui::widgets::format;
use egui::Pos2;

/// How far beside a mark the pointer still hits it, in points.
const NEAR: f32 = 6.0;

impl Lanes<'_> {
    /// The mark under the pointer, what it leads to, and what it is.
    pub(super) fn mark_near(&self, row: &CallRow, lane: &Lane, at: Pos2) -> Option<(Item, String)> {
        if !lane.plot.contains(at) || at.y > lane.deadline.min - 2.0 {
            return None;
        }
        let up = at.y < lane.thread_y;
        let frame = |frame| Item::Frame(row.id.connection, frame);
        let heads = row.marks.iter().filter(|mark| {
            mark.kind == MarkKind::Reset || (mark.direction == Direction::Client) == up
        });
        let distance = |time_ns: i64| (self.x(lane, time_ns) - at.x).abs();
        let head = heads.min_by(|a, b| distance(a.time_ns).total_cmp(&distance(b.time_ns)));
        if let Some(mark) = head.filter(|mark| distance(mark.time_ns) < NEAR) {
            let what = match (mark.kind, mark.direction) {
                (MarkKind::Headers, Direction::Client) => "request headers",
                (MarkKind::Headers, Direction::Server) => "response headers",
                (MarkKind::Trailers, _) => "trailers with the status",
                (MarkKind::Reset, _) => "RST_STREAM",
            };
            let words = format!(
                "{what}: frame {}, at {}",
                mark.frame.index(),
                format::duration_ns(mark.time_ns)
            );
            return Some((frame(mark.frame), words));
        }
        let direction = if up {
            Direction::Client
        } else {
            Direction::Server
        };
        let marks = row.message_marks.get(direction.index())?;
        let folds = folded(marks, &self.scale, f64::from(lane.plot.width()));
        let fold = folds.into_iter().find(|fold| {
            let (first, last) = (fold.x as f32, fold.end_x as f32);
            let x = at.x - lane.plot.left();
            (first - NEAR..=last + NEAR).contains(&x)
        })?;
        let mark = marks.get(fold.first)?;
        let who = if up { "request" } else { "response" };
        let words = if fold.count == 1 {
            format!(
                "{who} message {} of {}: {}, complete with frame {}, at {}",
                fold.first + 1,
                marks.len(),
                format::exact_bytes(fold.bytes),
                mark.frame.index(),
                format::duration_ns(mark.time_ns)
            )
        } else {
            format!(
                "{} {who} messages from the {}. on: {} (zoom in to tell them apart)",
                format::count(fold.count as u64),
                fold.first + 1,
                format::bytes(fold.bytes)
            )
        };
        Some((frame(mark.frame), words))
    }
}
