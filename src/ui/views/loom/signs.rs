//! Second signs: what tells streams of one colour apart, how many frames fell together, and what the filter leaves out.

use super::layout::Layout;
use super::model::Lane;
use super::paint::Picture;
use crate::trace::{Direction, FrameId};
use crate::wire::http2::{FrameKind, StreamId};
use egui::{Align2, FontId, Painter, Rect, pos2, vec2};

/// Rows of notches at most; with eight colours that tells forty streams apart.
const MOST_NOTCHES: usize = 4;
/// Lower bars have no room for notches.
const LEAST_NOTCHED_POINTS: f32 = 7.0;
/// A run of frames of one stream this wide bears the stream's number.
const LEAST_RUN_POINTS: f32 = 15.0;
/// Frames of one stream this close to each other are one run.
const RUN_GAP_POINTS: f32 = 9.0;
/// Between two counts in a lane.
const COUNT_POINTS: f32 = 20.0;

/// The notches of a bar whose stream's colour has been used so many times before: gaps across it, evenly spread.
pub fn notches(bar: Rect, lap: usize) -> impl Iterator<Item = Rect> {
    let room = bar.height() >= LEAST_NOTCHED_POINTS;
    let count = if room { lap.min(MOST_NOTCHES) } else { 0 };
    (1..=count).map(move |notch| {
        let y = bar.top() + bar.height() * notch as f32 / (count + 1) as f32;
        Rect::from_center_size(pos2(bar.center().x, y), vec2(bar.width(), 1.5))
    })
}

impl Picture<'_> {
    /// How many streams before this one have its colour.
    pub(super) fn lap(&self, stream: Option<StreamId>) -> usize {
        stream.map_or(0, |stream| self.context.carrier_lap(stream.into()))
    }

    /// Whether a filter is in force and none of these frames of a stream passes it; of any stream for `None`.
    pub(super) fn is_filtered_out(
        &self,
        first: FrameId,
        last: FrameId,
        stream: Option<StreamId>,
    ) -> bool {
        let Some(run) = self.context.matches else {
            return false;
        };
        let connection = self.reader.connection.id;
        if run.asked_on(connection) <= last.index() {
            return false;
        }
        let passing = match stream {
            Some(stream) => run.frames_of_on(connection, stream),
            None => run.frames_on(connection),
        };
        let at = passing.partition_point(|frame| *frame < first);
        passing.get(at).is_none_or(|frame| *frame > last)
    }

    /// The numbers of the streams that own the wire, where a run is wide enough for one.
    pub(super) fn paint_owners(&self, painter: &Painter) {
        let font = FontId::proportional(10.0);
        for (row, direction) in self.layout.wire.iter().zip(Direction::BOTH) {
            let side = self.reader.connection.side(direction);
            let mut runs: Vec<(StreamId, f32, f32, bool)> = Vec::new();
            for record in &self.model.wire[side.index()] {
                let (mut owners, rest) = record.part.owners();
                let owner = owners.next().filter(|_| rest == 0);
                let (Some(owner), None) = (owner, owners.next()) else {
                    runs.push((StreamId::CONNECTION, record.x, record.x, true));
                    continue;
                };
                let end = record.x + record.width;
                match runs.last_mut() {
                    Some((stream, _, run_end, future))
                        if *stream == owner.stream
                            && *future == record.future
                            && record.x - *run_end <= RUN_GAP_POINTS =>
                    {
                        *run_end = end;
                    }
                    _ => runs.push((owner.stream, record.x, end, record.future)),
                }
            }
            for (stream, start, end, future) in runs {
                let width = end - start;
                if stream == StreamId::CONNECTION || width < LEAST_RUN_POINTS {
                    continue;
                }
                let theme = self.context.theme;
                let colour = if future { theme.text_weak } else { theme.text };
                let galley = painter.layout_no_wrap(stream.to_string(), font.clone(), colour);
                if galley.size().x + 4.0 > width {
                    continue;
                }
                let x = self.x((start + end) / 2.0);
                let (align, y) = match direction {
                    Direction::Client => (Align2::CENTER_TOP, row.top()),
                    Direction::Server => (Align2::CENTER_BOTTOM, row.bottom()),
                };
                let place = align.anchor_size(pos2(x, y), galley.size());
                let ground = theme.lane.gamma_multiply(0.8);
                painter.rect_filled(place.expand2(vec2(2.0, -1.0)), 2.0, ground);
                painter.galley(place.min, galley, colour);
            }
        }
    }

    /// How many frames fell together in a column of a lane, where there is room to say so.
    pub(super) fn paint_counts(&self, painter: &Painter, lane: &Lane) {
        let rect = self.layout.lane_or_connection(lane.at);
        let font = FontId::proportional(9.5);
        for direction in Direction::BOTH {
            let half = Layout::half(rect, direction);
            let records = &lane.strand[self.reader.connection.side(direction).index()];
            for (at, record) in records.iter().enumerate() {
                let away = |other: Option<usize>| {
                    let other = other.and_then(|other| records.get(other));
                    other.map_or(f32::INFINITY, |other| (other.x - record.x).abs())
                };
                let crowded = away(at.checked_sub(1)).min(away(Some(at + 1))) < COUNT_POINTS;
                // How many promises there are stands before their shape.
                let promises = record.part.kinds.contains(FrameKind::PUSH_PROMISE);
                if record.is_single() || crowded || promises {
                    continue;
                }
                let (align, y) = match direction {
                    Direction::Client => (Align2::LEFT_TOP, half.top() - 1.0),
                    Direction::Server => (Align2::LEFT_BOTTOM, half.bottom() + 1.0),
                };
                let words = format!("×{}", record.part.frames);
                let colour = self.context.theme.text_weak;
                // Behind the bar of END_STREAM.
                let beside = if record.part.ends_stream { 9.0 } else { 3.0 };
                let at = pos2(self.x(record.x + record.width) + beside, y);
                painter.text(at, align, words, font.clone(), colour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_streams_have_no_notches_and_later_ones_have_more() {
        let bar = Rect::from_min_size(pos2(5.0, 10.0), vec2(4.0, 30.0));
        let counts: Vec<usize> = [0, 1, 2, 9].map(|lap| notches(bar, lap).count()).to_vec();
        assert_eq!(counts, [0, 1, 2, MOST_NOTCHES]);
        assert!(notches(bar, 3).all(|notch| bar.contains_rect(notch)));
        let low = Rect::from_min_size(pos2(5.0, 10.0), vec2(4.0, 3.0));
        assert_eq!(notches(low, 3).count(), 0);
    }
}
