//! The row of packets on the screen: where each lies, how the segments above lead to it, and where selected bytes are in it.

use super::focus::Focus;
use super::model::{Layer, Slice};
use super::paint::Picture;
use crate::ui::widgets::switch::tinted;
use egui::{Painter, Rect, Shape, Stroke, pos2};
use std::ops::Range;

impl Picture<'_> {
    /// A packet's place in its row, with its headers.
    pub(super) fn packet(&self, row: usize, position: usize, range: &Range<u64>) -> Rect {
        let left = self.packets.x(position, self.layout.x(range.start));
        let right = self.packets.x(position, self.layout.x(range.end));
        let left = left - self.packets.header(position);
        let row = self.layout.row(row);
        row.with_min_x(left).with_max_x(right.max(left + 1.5))
    }

    /// The packets, and in which row they are.
    fn packets(&self) -> Option<(usize, &[Slice])> {
        let row = self.layers.len().checked_sub(1)?;
        let (layer, slices) = self.layers.get(row)?;
        (*layer == Layer::Packet).then_some((row, slices.as_slice()))
    }

    /// From each segment down to the packet that it lies in: there it stands behind the packet's headers.
    pub(super) fn paint_fans(&self, painter: &Painter) {
        let Some((row, packets)) = self.packets() else {
            return;
        };
        let theme = self.context.theme;
        let (above, below) = (
            self.layout.row(row.saturating_sub(1)).bottom(),
            self.layout.row(row).top(),
        );
        let plot = self.layout.plot;
        let painter = painter.with_clip_rect(Rect::from_x_y_ranges(
            plot.expand(1.0),
            painter.clip_rect().y_range(),
        ));
        for (position, packet) in packets.iter().enumerate() {
            let segment = (
                self.layout.x(packet.range.start).max(plot.min),
                self.layout.x(packet.range.end).min(plot.max),
            );
            if segment.1 - segment.0 < 3.0 {
                continue;
            }
            let x = |x: f32| self.packets.x(position, x);
            let corners = vec![
                pos2(segment.0, above),
                pos2(segment.1, above),
                pos2(x(segment.1), below),
                pos2(x(segment.0), below),
            ];
            let lit = self.focus.touches(&packet.range);
            let strength = if lit { 0.16 } else { 0.06 };
            let fill = tinted(theme.panel, theme.accent, strength);
            painter.add(Shape::convex_polygon(corners, fill, Stroke::NONE));
            let colour = if lit { theme.text_weak } else { theme.line };
            let stroke = Stroke::new(1.0, colour);
            // A segment that goes on beyond the picture has no edge there.
            let edges = [packet.range.start, packet.range.end].map(|byte| self.layout.x(byte));
            for at in edges
                .into_iter()
                .filter(|at| plot.expand(0.5).contains(*at))
            {
                painter.line_segment([pos2(at, above), pos2(x(at), below)], stroke);
            }
        }
    }

    /// Where some bytes are: through all layers that share the axis, and in each packet; and what draws there.
    pub(super) fn places(&self, painter: &Painter, focus: &Focus) -> Vec<(Painter, Rect)> {
        let area =
            Rect::from_x_y_ranges(self.layout.plot.expand(1.0), painter.clip_rect().y_range());
        let in_plot = painter.with_clip_rect(area);
        let mut places = Vec::new();
        let (row, packets) = self.packets().unwrap_or_default();
        let row = self.layout.row(row);
        for part in &focus.parts {
            let Some(place) = self.part(painter, part) else {
                continue;
            };
            places.push(place);
            let first = packets.partition_point(|packet| packet.range.end <= part.start);
            let touched = packets.iter().enumerate().skip(first);
            let touched = touched.take_while(|(_, packet)| packet.range.start < part.end);
            for (position, packet) in touched {
                let own = part.start.max(packet.range.start)..part.end.min(packet.range.end);
                let x = |byte: u64| self.packets.x(position, self.layout.x(byte));
                let right = x(own.end).max(x(own.start) + 2.0);
                let place = row.with_min_x(x(own.start)).with_max_x(right);
                places.push((in_plot.clone(), place));
            }
        }
        places
    }

    /// Where some bytes are in the layers that share the axis, and what draws there; `None` out of sight.
    fn part(&self, painter: &Painter, part: &Range<u64>) -> Option<(Painter, Rect)> {
        let last = self.layers.len().saturating_sub(2);
        let (left, right) = (self.layout.x(part.start), self.layout.x(part.end));
        let plot = self.layout.plot.expand(1.0);
        if right < plot.min - 4.0 || left > plot.max + 4.0 {
            return None;
        }
        let rect = Rect::from_x_y_ranges(
            left..=right.max(left + 2.0),
            (self.layout.row(0).top() - 5.0)..=(self.layout.row(last).bottom() + 5.0),
        );
        let area = Rect::from_x_y_ranges(plot, painter.clip_rect().y_range());
        Some((painter.with_clip_rect(area), rect))
    }
}
