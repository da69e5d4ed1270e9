//! Signs beside frames about which something was found.

use super::paint::Picture;
use crate::trace::{Direction, Finding, FrameId, Severity};
use crate::ui::widgets::mark;
use egui::{Painter, pos2};

/// Marks of findings closer than this in one lane would cover each other.
const MARK_POINTS: f32 = 11.0;
/// Findings that are looked at for one picture.
const MAX_FINDINGS: usize = 20_000;

impl Picture<'_> {
    /// How many findings of which severity are about frames in view, the worst first; with several connections in any of
    /// their parts.
    pub(super) fn findings_seen(&self, parts: &[Picture<'_>]) -> Vec<(Severity, usize)> {
        let mut counts = std::collections::BTreeMap::new();
        let own = std::slice::from_ref(self);
        for picture in if parts.is_empty() { own } else { parts } {
            let visible = &picture.model.places.visible;
            let id = FrameId::from_index;
            let frames = id(visible.start)..id(visible.end);
            let found = picture
                .findings
                .of_frames(picture.reader.connection.id, frames);
            for (_, _, at) in found.iter().take(MAX_FINDINGS) {
                if let Some(finding) = picture.reader.trace.findings.get(*at) {
                    *counts
                        .entry(std::cmp::Reverse(finding.severity))
                        .or_insert(0) += 1;
                }
            }
        }
        counts
            .into_iter()
            .map(|(severity, count)| (severity.0, count))
            .collect()
    }

    /// A small sign of its severity at each frame about which something was found.
    pub(super) fn paint_findings(&self, in_plot: &Painter) {
        let visible = &self.model.places.visible;
        let id = FrameId::from_index;
        let connection = self.reader.connection.id;
        let found = self
            .findings
            .of_frames(connection, id(visible.start)..id(visible.end));
        let mut last: Vec<(usize, f32)> = Vec::new();
        for (_, frame, at) in found.iter().take(MAX_FINDINGS) {
            let (Some((time_ns, row)), Some(finding)) = (
                self.reader.frame(*frame),
                self.reader.trace.findings.get(*at),
            ) else {
                continue;
            };
            let (x, _) = self.model.places.slot(*frame, time_ns);
            // Beside the frame, so that its shape stays visible.
            let x = self.x(x) - 8.0;
            let lanes = self.model.lanes.iter().enumerate();
            let lane = lanes.clone().find(|(_, lane)| lane.stream == row.stream);
            let Some((index, lane)) = lane else {
                continue;
            };
            match last.iter_mut().find(|(of, _)| *of == index) {
                Some((_, last)) if x - *last < MARK_POINTS => continue,
                Some((_, last)) => *last = x,
                None => last.push((index, x)),
            }
            let painter = &self.lane_painter(in_plot, lane);
            let rect = self.layout.lane_or_connection(lane.at);
            let direction = self.reader.connection.direction(row.side);
            let y = match direction {
                Direction::Client => rect.top() + 6.0,
                Direction::Server => rect.bottom() - 6.0,
            };
            painter.circle_filled(pos2(x, y), 7.0, self.context.theme.lane);
            mark::severity(painter, pos2(x, y), finding.severity, self.context.theme);
        }
    }

    /// What was found about a frame.
    pub(super) fn findings_of(&self, frame: FrameId) -> impl Iterator<Item = &Finding> {
        let connection = self.reader.connection.id;
        self.findings.of_frame(self.reader.trace, connection, frame)
    }
}
