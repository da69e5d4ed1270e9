//! Shapes of a lane that stand so close together that they would cover each other: which of them are dots, and which
//! are drawn once with their number.

use super::fold::Record;
use super::glyph::RADIUS_POINTS;
use super::paint::Picture;
use crate::wire::http2::{FrameKind, StreamId};
use egui::{Color32, FontId, Painter, Pos2, pos2};

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

/// Where the number beside shapes that are drawn as one begins: before them, or behind them if the shape `before` them
/// stands there. What promises announce is written behind them: their number then has no place, and needs none.
fn place_of_count(
    width: f32,
    before: Option<&Mark>,
    heaped: &[Mark],
    promises: bool,
) -> Option<f32> {
    let (first, last) = (heaped.first()?, heaped.last()?);
    let gap = RADIUS_POINTS * 1.2 + 3.0;
    let left = first.centre.x - gap - width;
    let taken =
        |by: &Mark| by.centre.y == first.centre.y && by.centre.x + RADIUS_POINTS * 1.2 > left;
    match before {
        Some(by) if taken(by) && promises => None,
        Some(by) if taken(by) => Some(last.centre.x + gap),
        _ => Some(left),
    }
}

/// Types of which there are so many that a dot does where they are crowded. Others are rare, and
/// worth covering their neighbours.
pub(super) fn is_common(kind: FrameKind) -> bool {
    kind == FrameKind::HEADERS || kind == FrameKind::WINDOW_UPDATE
}

impl Picture<'_> {
    /// The colour of words about a stream; fainter of what has not happened yet, or is left out. On the ground of the
    /// selected lane fainter words would not be read.
    pub(super) fn words_colour(&self, stream: StreamId, faint: bool) -> Color32 {
        let colour = self.context.stream_words(stream);
        match faint && self.context.selected_stream() != Some(stream) {
            true => self.context.theme.later(colour),
            false => colour,
        }
    }

    /// How many frames shapes of a lane stand for that are drawn as one.
    pub(super) fn paint_heap_count(
        &self,
        painter: &Painter,
        stream: StreamId,
        before: Option<&Mark>,
        heaped: &[Mark],
    ) {
        let Some(first) = heaped.first() else {
            return;
        };
        let count: u64 = heaped.iter().map(|mark| mark.count).sum();
        let font = FontId::proportional(10.5);
        let colour = self.words_colour(stream, first.strength < 1.0);
        let galley = painter.layout_no_wrap(format!("×{count}"), font, colour);
        let promises = first.kind == FrameKind::PUSH_PROMISE;
        if let Some(left) = place_of_count(galley.size().x, before, heaped, promises) {
            let top = first.centre.y - galley.size().y / 2.0;
            painter.galley(pos2(left, top), galley, colour);
        }
    }

    /// How many frames of a type a record of a lane stands for; 1 where they are too many to look at, and of types that are
    /// never drawn with their number.
    pub(super) fn count_of(&self, lane: StreamId, record: &Record<()>, kind: FrameKind) -> u64 {
        let too_many = u64::from(record.part.frames) > MAX_COUNTED;
        if record.is_single() || too_many || is_common(kind) {
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

    fn mark(kind: FrameKind, x: f32) -> Mark {
        Mark {
            kind,
            centre: pos2(x, 5.0),
            colour: Color32::WHITE,
            strength: 1.0,
            count: 1,
        }
    }

    #[test]
    fn frames_of_one_rare_type_at_one_place_are_one_shape_with_a_number() {
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

    #[test]
    fn the_number_of_a_heap_does_not_stand_on_the_shape_before_it() {
        let settings = [300.0, 304.0].map(|x| mark(FrameKind::SETTINGS, x));
        let place = |before: Option<f32>, promises| {
            let before = before.map(|x| mark(FrameKind::PING, x));
            place_of_count(12.0, before.as_ref(), &settings, promises)
        };
        let free = place(None, false).unwrap();
        assert!(free + 12.0 < 300.0, "{free}");
        assert_eq!(place(Some(200.0), false), Some(free));
        let behind = place(Some(290.0), false).unwrap();
        assert!(behind > 304.0, "{behind}");
        assert_eq!(place(Some(290.0), true), None);
        assert_eq!(place_of_count(12.0, None, &[], false), None);
    }
}
