//! Where frames stand on the time axis of one picture, so that the wire and the lanes agree.

use super::reader::{Reader, Summaries};
use crate::trace::FrameId;
use crate::ui::widgets::time_scale::TimeScale;
use std::ops::Range;

/// What may reach into the plot from outside, such as half a shape.
pub const MARGIN_POINTS: f64 = 16.0;
/// Up to so many frames in view each gets a place of its own; beyond, columns are full anyway.
const DETAIL_FRAMES: usize = 16_384;
/// Frames of one packet share a time. They are drawn side by side, this far apart at most, in the
/// free room before the next packet's frames.
const SLOT_POINTS: f64 = 11.0;
/// All frames of a packet together take so much at most, so that none stands far from its time.
const SPREAD_POINTS: f64 = 32.0;

/// Where frames stand on the time axis of one picture.
#[derive(Clone, Debug)]
pub struct Places {
    /// The scale.
    pub scale: TimeScale,
    /// The frames in view, the margin included.
    pub visible: Range<usize>,
    /// The left edge and the room of each of them; empty when there are too many.
    slots: Vec<(f32, f32)>,
}

impl Places {
    /// The places of the frames in view of a plot `width` points wide.
    pub fn new(reader: &Reader<'_>, summaries: &Summaries, scale: TimeScale, width: f64) -> Self {
        let times = scale.time_from_x(-MARGIN_POINTS)..scale.time_from_x(width + MARGIN_POINTS);
        let visible = summaries.frames_within(reader, times);
        let slots = if visible.len() <= DETAIL_FRAMES {
            slots(reader, &scale, visible.clone())
        } else {
            Vec::new()
        };
        Self {
            scale,
            visible,
            slots,
        }
    }

    /// Whether each frame in view has a place of its own.
    pub fn detailed(&self) -> bool {
        !self.slots.is_empty()
    }

    /// The left edge of a frame and the room it has.
    pub fn slot(&self, id: FrameId, time_ns: i64) -> (f32, f32) {
        id.index()
            .checked_sub(self.visible.start)
            .and_then(|at| self.slots.get(at).copied())
            .unwrap_or_else(|| (near(self.scale.x_from_time(time_ns as f64)), 0.0))
    }

    /// The last frame that starts at or left of `x`, where each frame has a place of its own.
    pub fn frame_at(&self, x: f32) -> Option<FrameId> {
        let before = self.slots.partition_point(|(left, _)| *left <= x);
        let at = before.checked_sub(1)?;
        Some(FrameId::from_index(self.visible.start + at))
    }
}

/// How wide a frame is drawn that has so much room.
pub fn frame_width(room_points: f32) -> f32 {
    (room_points - 1.0).clamp(2.0, 5.0)
}

/// A position that an `f32` can hold and that is outside of any screen where it must be.
pub fn near(x: f64) -> f32 {
    x.clamp(-1e5, 1e5) as f32
}

fn slots(reader: &Reader<'_>, scale: &TimeScale, visible: Range<usize>) -> Vec<(f32, f32)> {
    let rows = &reader.http2.frames;
    let mut slots = Vec::with_capacity(visible.len());
    let mut start = visible.start;
    while start < visible.end
        && let Some(first) = rows.get(start)
    {
        let end = (start..visible.end)
            .find(|at| rows.get(*at).is_none_or(|row| row.packet != first.packet))
            .unwrap_or(visible.end);
        let x = scale.x_from_time(reader.time_ns(first) as f64);
        let room = rows.get(end).map_or(f64::INFINITY, |next| {
            scale.x_from_time(reader.time_ns(next) as f64) - x
        });
        let slot = slot_points(room, end - start);
        for place in 0..end - start {
            slots.push((near(x + place as f64 * slot), slot as f32));
        }
        start = end;
    }
    slots
}

/// How far apart so many frames of one packet stand, with so much room before the next packet's.
fn slot_points(room: f64, frames: usize) -> f64 {
    (room.min(SPREAD_POINTS) / frames as f64).clamp(0.0, SLOT_POINTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_a_packet_stand_apart_and_near_their_time() {
        assert_eq!(slot_points(f64::INFINITY, 1), SLOT_POINTS);
        assert_eq!(slot_points(6.0, 2), 3.0);
        for frames in 1..200 {
            assert!(slot_points(f64::INFINITY, frames) * frames as f64 <= SPREAD_POINTS + 1e-9);
        }
    }
}
