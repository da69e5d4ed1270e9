//! Between two pictures: entries slide in, move on and fall out. Each picture is a pure function of
//! the table; this only says how far the way from one to the next is.

use super::layout::Queue;
use super::model::Shown;
use crate::trace::{ConnectionId, Side};
use egui::{Rect, vec2};

/// How long the way takes, in seconds.
const SECONDS: f32 = 0.45;
/// How far an entry falls that is pushed out, in points.
const FALL: f32 = 46.0;
/// More entries than this do not move one by one: it would tell nothing.
const MAX_STEP: u64 = 64;

/// Which table a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    connection: ConnectionId,
    side: Side,
    first: u64,
    end: u64,
}

impl Place {
    /// The table of a picture.
    pub fn of(shown: &Shown<'_>) -> Self {
        Self {
            connection: shown.connection.id,
            side: shown.side,
            first: shown.table.first,
            end: shown.table.end,
        }
    }
}

/// The way from one table to the next.
#[derive(Clone, Copy, Debug, Default)]
pub struct Motion {
    from: Option<Place>,
    to: Option<Place>,
    progress: f32,
}

/// Where an entry is drawn, how clearly, and how far it has tilted, in radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Its card.
    pub rect: Rect,
    /// From 0, not there, to 1.
    pub strength: f32,
    /// Clockwise.
    pub tilt: f32,
}

impl Motion {
    /// Goes on by some time towards what is shown now. Returns whether it is still on its way.
    pub fn advance(&mut self, now: Place, seconds: f32) -> bool {
        match self.to {
            Some(to) if to == now => {
                self.progress = (self.progress + seconds / SECONDS).min(1.0);
            }
            Some(to) if to.connection == now.connection && to.side == now.side => {
                let step = to.end.abs_diff(now.end).max(to.first.abs_diff(now.first));
                *self = Self {
                    from: (step <= MAX_STEP).then_some(to),
                    to: Some(now),
                    progress: if step <= MAX_STEP { 0.0 } else { 1.0 },
                };
            }
            _ => {
                *self = Self {
                    from: None,
                    to: Some(now),
                    progress: 1.0,
                };
            }
        }
        self.progress < 1.0
    }

    /// The entries of both tables.
    pub fn numbers(&self) -> std::ops::Range<u64> {
        let to = self.to.map_or(0..0, |to| to.first..to.end);
        match self.from.filter(|_| self.progress < 1.0) {
            Some(from) => from.first.min(to.start)..from.end.max(to.end),
            None => to,
        }
    }

    /// Where an entry is now; `None` when it is in neither table.
    pub fn pose(&self, queue: &Queue, number: u64) -> Option<Pose> {
        let to = self.to?;
        let from = self.from.filter(|_| self.progress < 1.0).unwrap_or(to);
        let way = 1.0 - (1.0 - self.progress.clamp(0.0, 1.0)).powi(3);
        let (start, start_strength, start_tilt) = state_in(queue, from, number);
        let (end, end_strength, end_tilt) = state_in(queue, to, number);
        let is_there = |place: Place| (place.first..place.end).contains(&number);
        (is_there(from) || is_there(to)).then(|| Pose {
            rect: Rect::from_min_size(start.min.lerp(end.min, way), end.size()),
            strength: start_strength + (end_strength - start_strength) * way,
            tilt: start_tilt + (end_tilt - start_tilt) * way,
        })
    }
}

/// Where an entry is in one table: in its place, before its coming, or after its fall.
fn state_in(queue: &Queue, place: Place, number: u64) -> (Rect, f32, f32) {
    let back = i64::try_from(place.end).unwrap_or(i64::MAX)
        - i64::try_from(number).unwrap_or(i64::MAX)
        - 1;
    let rect = queue.place(back.max(-1));
    if number >= place.end {
        (rect, 0.0, 0.0)
    } else if number < place.first {
        (rect.translate(vec2(0.0, FALL)), 0.0, 0.22)
    } else {
        (rect, 1.0, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(first: u64, end: u64) -> Place {
        Place {
            connection: ConnectionId::from_index(0),
            side: Side::A,
            first,
            end,
        }
    }

    #[test]
    fn a_new_entry_slides_in_and_the_oldest_falls_out() {
        let (queue, mut motion) = (Queue::new(700.0), Motion::default());
        assert!(!motion.advance(place(0, 3), 0.0));
        assert!(motion.advance(place(1, 4), 0.0));
        let start = motion.pose(&queue, 3).unwrap();
        assert!(start.rect.right() < 0.0 && start.strength == 0.0);
        assert!(motion.advance(place(1, 4), 0.1));
        let fallen = motion.pose(&queue, 0).unwrap();
        assert!(fallen.tilt > 0.0 && fallen.rect.top() > 0.0);
        assert!(!motion.advance(place(1, 4), 10.0));
        assert_eq!(motion.pose(&queue, 3).unwrap().rect, queue.place(0));
        assert_eq!(motion.pose(&queue, 0), None);
    }

    #[test]
    fn the_way_back_ends_where_the_way_there_began() {
        let (queue, mut motion) = (Queue::new(700.0), Motion::default());
        motion.advance(place(0, 3), 0.0);
        let before = motion.pose(&queue, 1);
        motion.advance(place(1, 4), 0.0);
        motion.advance(place(1, 4), 9.0);
        motion.advance(place(0, 3), 0.0);
        motion.advance(place(0, 3), 9.0);
        assert_eq!(motion.pose(&queue, 1), before);
    }

    #[test]
    fn another_connection_is_shown_at_once() {
        let mut motion = Motion::default();
        motion.advance(place(0, 3), 0.0);
        let other = Place {
            side: Side::B,
            ..place(5, 9)
        };
        assert!(!motion.advance(other, 0.0));
        assert_eq!(motion.numbers(), 5..9);
    }
}
