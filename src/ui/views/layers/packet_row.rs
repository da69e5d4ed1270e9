//! The row of packets on the screen: its bytes stand exactly below the segment's; its headers, which are no part of the stream's
//! bytes, hang below them in a tab of their own. And where selected bytes are, through all layers.
//!
//! ```text
//! | segment, 74 bytes                      |
//! | packet 24 · 160 bytes                  |   the same bytes, below each other
//! |Ethernet|IPv6   |TCP   |  in front …        headers: not on the ruler
//! ```

use super::focus::Focus;
use super::heads;
use super::model::Slice;
use super::paint::Picture;
use egui::{Color32, Painter, Rect};
use std::ops::Range;

impl Picture<'_> {
    /// The tab below a packet with its headers; `None` where there is no room for one, and for one that begins out of sight.
    pub(super) fn tab(&self, row: usize, packet: &Slice) -> Option<Rect> {
        let (place, height) = (self.layout.slice(row, &packet.range), self.layout.tab());
        let begins = place.left() >= self.layout.plot.min - 0.5;
        let there = begins && height > 0.0 && !packet.headers.is_empty();
        let right = place.right().min(self.layout.plot.max);
        there.then(|| {
            let (top, bottom) = (place.bottom(), place.bottom() + height);
            Rect::from_x_y_ranges((place.left() + 0.5)..=(right - 0.5), top..=bottom)
        })
    }

    /// Draws the headers of a packet.
    pub(super) fn paint_tab(&self, painter: &Painter, tab: Rect, packet: &Slice, edge: Color32) {
        heads::paint_headers(painter, tab, &packet.headers, edge, self.context.theme);
    }

    /// Where some bytes are, and what draws there.
    pub(super) fn places(&self, painter: &Painter, focus: &Focus) -> Vec<(Painter, Rect)> {
        let parts = focus.parts.iter();
        parts.filter_map(|part| self.part(painter, part)).collect()
    }

    /// Where some bytes are, through all layers, and what draws there; `None` out of sight.
    fn part(&self, painter: &Painter, part: &Range<u64>) -> Option<(Painter, Rect)> {
        let last = self.layers.len().saturating_sub(1);
        let (left, right) = (self.layout.x(part.start), self.layout.x(part.end));
        let plot = self.layout.plot.expand(1.0);
        if right < plot.min - 4.0 || left > plot.max + 4.0 {
            return None;
        }
        let rect = Rect::from_x_y_ranges(
            left..=right.max(left + 2.0),
            (self.layout.row(0).top() - 5.0)..=self.layout.row(last).bottom(),
        );
        let area = Rect::from_x_y_ranges(plot, painter.clip_rect().y_range());
        Some((painter.with_clip_rect(area), rect))
    }
}
