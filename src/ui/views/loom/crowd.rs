//! Shapes of a lane that stand so close together that they would cover each other: which of them are dots, and which
//! are drawn once with their number.

use super::fold::Record;
use super::glyph::RADIUS_POINTS;
use super::paint::Picture;
use crate::wire::http2::{FrameKind, StreamId};
use egui::{Color32, Pos2};

/// Frames of one record of a lane that are counted by type.
const MAX_COUNTED: u64 = 32;

/// A shape of a lane.
pub(super) struct Mark {
    /// Of which type.
    pub kind: FrameKind,
    /// Where.
    pub centre: Pos2,
    /// Its colour.
    pub colour: Color32,
    /// How much of its colour is left.
    pub strength: f32,
    /// For how many frames of the type it stands.
    pub count: u64,
}

impl Mark {
    /// Whether one would cover the other.
    fn touches(&self, other: &Self) -> bool {
        self.centre.y == other.centre.y
            && (self.centre.x - other.centre.x).abs() < RADIUS_POINTS * 1.25
    }
}

/// How many shapes, from the first on, are frames of one type that would cover each other, and are of a type that is not
/// folded to dots: these are drawn once, with their number.
pub(super) fn heap(shapes: &[Mark]) -> usize {
    let more = shapes.windows(2).take_while(|pair| {
        let [one, next] = pair else {
            return false;
        };
        let alike = one.kind == next.kind && one.strength == next.strength;
        alike && !is_common(one.kind) && one.touches(next)
    });
    more.count() + 1
}

/// Which shapes would cover each other.
pub(super) fn crowded(shapes: &[Mark]) -> Vec<bool> {
    let with_next: Vec<_> = shapes
        .windows(2)
        .map(|pair| pair[0].touches(&pair[1]))
        .collect();
    let touches = |index: Option<usize>| index.and_then(|index| with_next.get(index).copied());
    (0..shapes.len())
        .map(|index| {
            let before = touches(index.checked_sub(1)).unwrap_or(false);
            before || touches(Some(index)).unwrap_or(false)
        })
        .collect()
}

/// Types of which there are so many that a dot does where they are crowded. Others are rare, and
/// worth covering their neighbours.
pub(super) fn is_common(kind: FrameKind) -> bool {
    kind == FrameKind::HEADERS || kind == FrameKind::WINDOW_UPDATE
}

impl Picture<'_> {
    /// How many frames of a type a record of a lane stands for; 1 where they are too many to look at.
    pub(super) fn count_of(&self, lane: StreamId, record: &Record<()>, kind: FrameKind) -> u64 {
        if record.is_single() || u64::from(record.part.frames) > MAX_COUNTED {
            return 1;
        }
        let ids = self.reader.http2.frames_of(lane);
        let from = ids.partition_point(|id| *id < record.first);
        let until = ids.partition_point(|id| *id <= record.last);
        let of_kind = ids.range(from..until).filter(|id| {
            let frame = self.reader.frame(**id);
            frame.is_some_and(|(_, frame)| frame.kind == kind)
        });
        of_kind.count().max(1) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn frames_of_one_rare_type_at_one_place_are_one_shape_with_a_number() {
        let mark = |kind, x| Mark {
            kind,
            centre: pos2(x, 5.0),
            colour: Color32::WHITE,
            strength: 1.0,
            count: 1,
        };
        let push = FrameKind::PUSH_PROMISE;
        let marks = [0.0, 4.0, 8.0, 12.0].map(|x| mark(push, x));
        assert_eq!(heap(&marks), 4);
        assert_eq!(
            heap(&[mark(push, 0.0), mark(FrameKind::RST_STREAM, 4.0)]),
            1
        );
        assert_eq!(heap(&[mark(push, 0.0), mark(push, 40.0)]), 1);
        let headers = [0.0, 4.0].map(|x| mark(FrameKind::HEADERS, x));
        assert_eq!(heap(&headers), 1, "these are dots");
        assert_eq!(heap(&[]), 1);
    }
}
