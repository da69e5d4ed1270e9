//! Time on the screen: where an instant is drawn, which instant a point shows, and the ticks of an
//! axis.
//!
//! Pure: it knows no trace and draws nothing. Views build a [`TimeScale`] for every picture.

/// Between groups of three digits: a narrow space at which no line breaks.
const GROUP_SEPARATOR: char = '\u{202f}';

/// Maps time to the screen and back, linearly, for one visible window. Rebuilt every picture.
///
/// Times are nanoseconds since the first packet; `x` is in points from the left edge. Positions
/// stay `f64` until they are painted: zoomed in, both ends lie far outside what `f32` resolves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale {
    start_ns: f64,
    ns_per_point: f64,
}

/// The finest scale: a nanosecond on a thousand points tells no more than one on ten.
const MIN_NS_PER_POINT: f64 = 1e-3;

impl TimeScale {
    /// The scale that shows `start_ns..end_ns` on `width_points`. A window or width of nothing
    /// becomes the finest scale there is.
    pub fn new(start_ns: f64, end_ns: f64, width_points: f64) -> Self {
        let ns_per_point = (end_ns - start_ns) / width_points.max(1.0);
        Self {
            start_ns: if start_ns.is_finite() { start_ns } else { 0.0 },
            // `max` also turns the NaN of a senseless window into the minimum.
            ns_per_point: ns_per_point.max(MIN_NS_PER_POINT),
        }
    }

    /// The time at the left edge.
    pub fn start_ns(&self) -> f64 {
        self.start_ns
    }

    /// How much time a point shows; always above zero.
    pub fn ns_per_point(&self) -> f64 {
        self.ns_per_point
    }

    /// Where an instant is drawn, in points from the left edge.
    pub fn x_from_time(&self, time_ns: f64) -> f64 {
        (time_ns - self.start_ns) / self.ns_per_point
    }

    /// The instant that a point shows.
    pub fn time_from_x(&self, x: f64) -> f64 {
        self.start_ns + x * self.ns_per_point
    }

    /// The ticks within `width_points`, so far apart that each has room for a label
    /// `min_gap_points` wide.
    pub fn ticks(&self, width_points: f64, min_gap_points: f64) -> Ticks {
        let min_step_ns = min_gap_points.max(1.0) * self.ns_per_point;
        let step_ns = round_step_at_least(min_step_ns.max(1.0));
        let end_ns = self.time_from_x(width_points.max(0.0));
        Ticks {
            first: (self.start_ns / step_ns).ceil() as i64,
            last: (end_ns / step_ns).floor() as i64,
            step_ns,
            unit: Unit::suiting(step_ns, self.start_ns.abs().max(end_ns.abs())),
        }
    }
}

/// The smallest of 1, 2, 5, 10, 20, 50, … that is not below `least`, which is above zero.
pub fn round_step_at_least(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    // Rounding in `log10` may land one power too high or low; the last factor covers it.
    [1.0, 2.0, 5.0, 10.0, 20.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(least)
}

/// The unit that labels are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Seconds,
}

impl Unit {
    /// The unit in which the step is a whole number, unless the numbers then get longer than five
    /// digits: a larger one with decimals reads better there.
    fn suiting(step_ns: f64, largest_ns: f64) -> Self {
        let units = [
            Unit::Nanoseconds,
            Unit::Microseconds,
            Unit::Milliseconds,
            Unit::Seconds,
        ];
        let whole = units
            .into_iter()
            .rev()
            .find(|unit| step_ns >= unit.ns())
            .unwrap_or(Unit::Nanoseconds);
        units
            .into_iter()
            .find(|unit| unit.ns() >= whole.ns() && largest_ns < unit.ns() * 1e5)
            .unwrap_or(Unit::Seconds)
    }

    fn ns(self) -> f64 {
        match self {
            Unit::Nanoseconds => 1.0,
            Unit::Microseconds => 1e3,
            Unit::Milliseconds => 1e6,
            Unit::Seconds => 1e9,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Unit::Nanoseconds => "ns",
            Unit::Microseconds => "µs",
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
        }
    }
}

/// The ticks of an axis: times at round numbers, and what to write beside them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ticks {
    first: i64,
    last: i64,
    step_ns: f64,
    unit: Unit,
}

impl Ticks {
    /// The time between two ticks.
    pub fn step_ns(&self) -> f64 {
        self.step_ns
    }

    /// The times of the ticks, ascending.
    pub fn times_ns(&self) -> impl Iterator<Item = f64> {
        let step_ns = self.step_ns;
        (self.first..=self.last).map(move |tick| tick as f64 * step_ns)
    }

    /// The label of a time, such as `150 ms` or `12.345 20 s`, exact to the tick.
    pub fn label(&self, time_ns: f64) -> String {
        let decimals = (self.unit.ns() / self.step_ns)
            .log10()
            .ceil()
            .clamp(0.0, 9.0);
        let value = time_ns / self.unit.ns();
        // A zero that rounding made negative is zero.
        let value = if value.abs() < 1e-12 { 0.0 } else { value };
        let text = format!("{value:.*}", decimals as usize);
        format!("{} {}", grouped(&text), self.unit.name())
    }

    /// The widest label in view, for measuring.
    pub fn longest_label(&self) -> String {
        let first = self.label(self.first as f64 * self.step_ns);
        let last = self.label(self.last as f64 * self.step_ns);
        if first.chars().count() > last.chars().count() {
            first
        } else {
            last
        }
    }
}

/// A decimal number with groups of three digits set apart, on both sides of the point.
fn grouped(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = String::from(sign);
    let lead = whole.len() % 3;
    for (index, digit) in whole.chars().enumerate() {
        // Four digits are read at a glance; from five on they are grouped.
        if whole.len() > 4 && index > 0 && index % 3 == lead {
            text.push(GROUP_SEPARATOR);
        }
        text.push(digit);
    }
    for (index, digit) in fraction.chars().enumerate() {
        if index == 0 {
            text.push('.');
        } else if index % 3 == 0 {
            text.push(GROUP_SEPARATOR);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(start_ns: f64, end_ns: f64) -> Vec<String> {
        let ticks = TimeScale::new(start_ns, end_ns, 500.0).ticks(500.0, 100.0);
        ticks
            .times_ns()
            .map(|time_ns| ticks.label(time_ns).replace(GROUP_SEPARATOR, "_"))
            .collect()
    }

    #[test]
    fn ticks_are_one_two_or_five_of_a_unit() {
        assert_eq!(
            labels(0.0, 400e6),
            ["0 ms", "100 ms", "200 ms", "300 ms", "400 ms"]
        );
        assert_eq!(labels(0.0, 9e9), ["0 s", "2 s", "4 s", "6 s", "8 s"]);
        assert_eq!(labels(3.1e3, 4.4e3), ["3500 ns", "4000 ns"]);
    }

    #[test]
    fn long_numbers_are_written_in_a_larger_unit() {
        assert_eq!(
            labels(12_345_100_000.0, 12_345_300_000.0),
            [
                "12_345.10 ms",
                "12_345.15 ms",
                "12_345.20 ms",
                "12_345.25 ms",
                "12_345.30 ms"
            ]
        );
        assert_eq!(
            labels(3_600_000_000_000.0, 3_600_000_004_000.0),
            [
                "3600.000_000 s",
                "3600.000_001 s",
                "3600.000_002 s",
                "3600.000_003 s",
                "3600.000_004 s"
            ]
        );
    }

    #[test]
    fn a_window_of_nothing_still_has_a_scale() {
        for scale in [
            TimeScale::new(5.0, 5.0, 100.0),
            TimeScale::new(5.0, 1.0, 0.0),
            TimeScale::new(f64::NAN, f64::NAN, f64::NAN),
        ] {
            assert!(scale.ns_per_point() > 0.0);
            assert!(scale.x_from_time(5.0).is_finite());
            assert!(scale.ticks(100.0, 60.0).times_ns().count() < 10);
        }
    }

    #[test]
    fn an_hour_is_drawn_to_the_nanosecond() {
        let hour_ns = 3.6e12;
        let scale = TimeScale::new(hour_ns, hour_ns + 100.0, 1000.0);
        assert!((scale.x_from_time(hour_ns + 1.0) - 10.0).abs() < 0.01);
    }

    proptest! {
        #[test]
        fn time_and_x_are_each_others_inverse(start in 0.0..1e13, length in 1e2..1e13, x in 0.0..4000.0) {
            let scale = TimeScale::new(start, start + length, 1000.0);
            let back = scale.x_from_time(scale.time_from_x(x));
            prop_assert!((back - x).abs() < 0.1, "{x} came back as {back}");
        }

        #[test]
        fn ticks_keep_their_distance_and_are_not_sparse(start in -1e9..1e13, length in 2e3..1e13) {
            let scale = TimeScale::new(start, start + length, 1000.0);
            let ticks = scale.ticks(1000.0, 80.0);
            let gap = ticks.step_ns() / scale.ns_per_point();
            prop_assert!((79.9..=220.0).contains(&gap), "ticks {gap} points apart");
            let mut last = String::new();
            for time_ns in ticks.times_ns() {
                let label = ticks.label(time_ns);
                prop_assert_ne!(&label, &last);
                last = label;
            }
        }
    }
}
