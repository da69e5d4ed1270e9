//! The stretch of time that the loom shows, and how it moves. Pure: a value changed by method.

use crate::ui::widgets::time_scale::TimeScale;

/// A stretch of time, in nanoseconds since the first packet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Its first instant.
    pub start_ns: f64,
    /// Its end, always behind its start.
    pub end_ns: f64,
}

/// What a window must keep to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The earliest instant that can be shown.
    pub start_ns: f64,
    /// The latest.
    pub end_ns: f64,
    /// The shortest window.
    pub min_length_ns: f64,
}

/// Zoomed in as far as it goes, 100 points show 1 µs: finer than any clock of a capture.
const MIN_NS_PER_POINT: f64 = 10.0;
/// Room before the first frame, in points: for half a shape.
const LEAD_POINTS: f64 = 16.0;
/// Room behind the last frame, in points: for the frames of its packet, side by side.
const TAIL_POINTS: f64 = 40.0;
/// What a lone instant is fitted into.
const LONE_INSTANT_NS: f64 = 1e6;
/// In this time, in seconds, a moving window covers all but a third of its way.
const EASE_SECONDS: f64 = 0.05;

impl Limits {
    /// The limits for a capture `length_ns` long, drawn `width_points` wide.
    pub fn new(length_ns: f64, width_points: f64) -> Self {
        let width = width_points.max(1.0);
        let min_length_ns = width * MIN_NS_PER_POINT;
        let length = length_ns.max(LONE_INSTANT_NS).max(min_length_ns);
        let per_point = length / width;
        Self {
            start_ns: -length * 0.02 - LEAD_POINTS * per_point,
            end_ns: length * 1.02 + TAIL_POINTS * per_point,
            min_length_ns,
        }
    }
}

impl Window {
    /// The window that shows `first_ns..=last_ns` with some room on both sides.
    pub fn around(first_ns: f64, last_ns: f64, width_points: f64) -> Self {
        let inner = (width_points - LEAD_POINTS - TAIL_POINTS).max(1.0);
        if last_ns - first_ns < 1.0 {
            return Self {
                start_ns: first_ns - LONE_INSTANT_NS * 0.3,
                end_ns: first_ns + LONE_INSTANT_NS * 0.7,
            };
        }
        let per_point = (last_ns - first_ns) / inner;
        Self {
            start_ns: first_ns - LEAD_POINTS * per_point,
            end_ns: last_ns + TAIL_POINTS * per_point,
        }
    }

    /// The window that shows all frames, and time zero too when that costs little room.
    pub fn fitted(first_ns: f64, last_ns: f64, width_points: f64) -> Self {
        let zero_is_near = first_ns > 0.0 && first_ns < (last_ns - first_ns) * 0.2;
        Self::around(
            if zero_is_near { 0.0 } else { first_ns },
            last_ns,
            width_points,
        )
    }

    /// How much time it shows.
    pub fn length_ns(&self) -> f64 {
        self.end_ns - self.start_ns
    }

    /// The instant in its middle.
    pub fn centre_ns(&self) -> f64 {
        (self.start_ns + self.end_ns) / 2.0
    }

    /// Whether an instant is in it.
    pub fn contains(&self, time_ns: f64) -> bool {
        (self.start_ns..=self.end_ns).contains(&time_ns)
    }

    /// The scale that draws it.
    pub fn scale(&self, width_points: f64) -> TimeScale {
        TimeScale::new(self.start_ns, self.end_ns, width_points)
    }

    /// Closer by `factor` (further away below 1); `anchor_ns` stays where it is on the screen.
    #[must_use]
    pub fn zoomed(self, factor: f64, anchor_ns: f64, limits: &Limits) -> Self {
        let widest = limits.end_ns - limits.start_ns;
        let length = (self.length_ns() / factor.max(1e-6))
            .min(widest)
            .max(limits.min_length_ns);
        let before = (anchor_ns - self.start_ns) / self.length_ns();
        let start_ns = anchor_ns - before * length;
        Self {
            start_ns,
            end_ns: start_ns + length,
        }
        .within(limits)
    }

    /// Later by a time, earlier when it is negative.
    #[must_use]
    pub fn moved(self, by_ns: f64, limits: &Limits) -> Self {
        Self {
            start_ns: self.start_ns + by_ns,
            end_ns: self.end_ns + by_ns,
        }
        .within(limits)
    }

    /// The same length with another instant in its middle.
    #[must_use]
    pub fn centred(self, time_ns: f64, limits: &Limits) -> Self {
        self.moved(time_ns - self.centre_ns(), limits)
    }

    /// The same length, moved so that the cursor is in it. It goes on towards the far side.
    #[must_use]
    pub fn with_cursor(self, time_ns: f64, forward: bool, limits: &Limits) -> Self {
        if self.contains(time_ns) {
            return self;
        }
        let side = if forward { 0.35 } else { -0.35 };
        let centred = self.centred(time_ns, limits);
        centred.moved(side * self.length_ns(), limits)
    }

    /// Cut and moved into the limits.
    #[must_use]
    pub fn within(self, limits: &Limits) -> Self {
        let widest = limits.end_ns - limits.start_ns;
        let length = self.length_ns().min(widest).max(limits.min_length_ns);
        let latest = (limits.end_ns - length).max(limits.start_ns);
        let start_ns = self.start_ns.max(limits.start_ns).min(latest);
        Self {
            start_ns,
            end_ns: start_ns + length,
        }
    }

    /// A step of `seconds` on the way to another window; the other one itself once it is near.
    #[must_use]
    pub fn eased(self, target: Self, seconds: f64) -> Self {
        let left = (-seconds.max(0.0) / EASE_SECONDS).exp();
        let step = |from: f64, to: f64| to + (from - to) * left;
        let next = Self {
            start_ns: step(self.start_ns, target.start_ns),
            end_ns: step(self.end_ns, target.end_ns),
        };
        let away = (next.start_ns - target.start_ns).abs() + (next.end_ns - target.end_ns).abs();
        if away < target.length_ns() * 5e-4 {
            target
        } else {
            next
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits {
        start_ns: 0.0,
        end_ns: 1e9,
        min_length_ns: 1e4,
    };

    #[test]
    fn zooming_keeps_the_instant_under_the_pointer() {
        let window = Window {
            start_ns: 2e8,
            end_ns: 6e8,
        };
        let closer = window.zoomed(2.0, 3e8, &LIMITS);
        assert_eq!((closer.start_ns, closer.end_ns), (2.5e8, 4.5e8));
    }

    #[test]
    fn a_fitted_window_leaves_room_for_half_a_shape() {
        let scale = Window::around(5e6, 25e6, 800.0).scale(800.0);
        assert!((scale.x_from_time(5e6) - LEAD_POINTS).abs() < 1e-6);
        assert!((scale.x_from_time(25e6) - (800.0 - TAIL_POINTS)).abs() < 1e-6);
    }

    #[test]
    fn a_handshake_before_the_first_frame_is_shown_unless_it_was_long() {
        assert!(Window::fitted(5e6, 90e6, 800.0).contains(0.0));
        assert!(!Window::fitted(500e6, 590e6, 800.0).contains(0.0));
    }

    #[test]
    fn a_window_moves_with_the_cursor_only_when_that_leaves_it() {
        let window = Window {
            start_ns: 2e8,
            end_ns: 3e8,
        };
        assert_eq!(window.with_cursor(2.5e8, true, &LIMITS), window);
        let later = window.with_cursor(3.1e8, true, &LIMITS);
        assert!(
            later.contains(3.1e8) && later.end_ns - 3.1e8 > 0.8e8,
            "{later:?}"
        );
        let earlier = window.with_cursor(1.9e8, false, &LIMITS);
        assert!(
            earlier.contains(1.9e8) && 1.9e8 - earlier.start_ns > 0.8e8,
            "{earlier:?}"
        );
    }

    #[test]
    fn easing_arrives() {
        let target = Window {
            start_ns: 5e8,
            end_ns: 6e8,
        };
        let mut window = Window {
            start_ns: 0.0,
            end_ns: 1e9,
        };
        let mut pictures = 0;
        while window != target {
            window = window.eased(target, 1.0 / 60.0);
            pictures += 1;
        }
        assert!((3..60).contains(&pictures), "{pictures} pictures");
    }

    proptest! {
        #[test]
        fn a_window_never_leaves_its_limits(
            start in -1e9..2e9, length in 1.0..3e9, factor in 0.001..1000.0, anchor in 0.0..1e9,
            by in -2e9..2e9,
        ) {
            let window = Window { start_ns: start, end_ns: start + length };
            for window in [window.zoomed(factor, anchor, &LIMITS), window.moved(by, &LIMITS)] {
                prop_assert!(window.start_ns >= LIMITS.start_ns - 1e-3, "{window:?}");
                prop_assert!(window.end_ns <= LIMITS.end_ns + 1e-3, "{window:?}");
                prop_assert!(window.length_ns() >= LIMITS.min_length_ns - 1e-3, "{window:?}");
            }
        }
    }
}
