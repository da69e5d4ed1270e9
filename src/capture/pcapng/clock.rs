//! The times of a pcapng interface: a counter, its unit and its start.

/// How an interface counts time. Source: draft-ietf-opsawg-pcapng §4.2 (`if_tsresol`, `if_tsoffset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    unit: Unit,
    /// Seconds added to every time.
    offset_seconds: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// A tick is this many nanoseconds.
    Nanoseconds(u32),
    /// This many ticks make a nanosecond; 0 for more than 64 bits can count.
    PerNanosecond(u64),
    /// A second has two to this power of ticks.
    Binary(u8),
}

impl Clock {
    /// From the two options. The default is microseconds since the epoch.
    ///
    /// ```text
    /// +-+-------------+
    /// |B|  Exponent   |   B = 0: ticks of 10^-Exponent seconds, B = 1: of 2^-Exponent
    /// +-+-------------+
    /// ```
    pub(super) fn new(resolution: Option<u8>, offset_seconds: Option<i64>) -> Self {
        let resolution = resolution.unwrap_or(6);
        let exponent = resolution & 0x7f;
        let unit = if resolution & 0x80 != 0 {
            Unit::Binary(exponent)
        } else if let Some(below) = 9_u32.checked_sub(u32::from(exponent)) {
            Unit::Nanoseconds(10_u32.pow(below))
        } else {
            Unit::PerNanosecond(10_u64.checked_pow(u32::from(exponent) - 9).unwrap_or(0))
        };
        Self {
            unit,
            offset_seconds: offset_seconds.unwrap_or(0),
        }
    }

    /// Nanoseconds since the Unix epoch, kept within what 64 bits hold (the years 1678 to 2262).
    pub(super) fn time_ns(self, ticks: u64) -> i64 {
        let ticks = i128::from(ticks);
        let counted = match self.unit {
            Unit::Nanoseconds(nanoseconds) => ticks * i128::from(nanoseconds),
            Unit::PerNanosecond(0) => 0,
            Unit::PerNanosecond(per) => ticks / i128::from(per),
            // Below 2^64 ticks times below 2^30 fits; shifting by up to 127 is defined.
            Unit::Binary(exponent) => (ticks * 1_000_000_000) >> exponent,
        };
        let time = counted + i128::from(self.offset_seconds) * 1_000_000_000;
        i64::try_from(time).unwrap_or(if time < 0 { i64::MIN } else { i64::MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_and_of_two_become_nanoseconds() {
        let cases = [
            (None, None, 5_000_001, 5_000_001_000),    // microseconds
            (Some(9), None, 5, 5),                     // nanoseconds
            (Some(3), None, 1_500, 1_500_000_000),     // milliseconds
            (Some(0), None, 7, 7_000_000_000),         // seconds
            (Some(12), None, 5_999, 5),                // picoseconds
            (Some(0x80 | 10), None, 512, 500_000_000), // 1/1024 s
            (Some(0x80 | 32), None, 1 << 31, 500_000_000),
            (Some(0x80), None, 3, 3_000_000_000),
            (Some(6), Some(-1), 2_000_000, 1_000_000_000),
            (Some(6), Some(10), 0, 10_000_000_000),
        ];
        for (resolution, offset, ticks, expected) in cases {
            assert_eq!(
                Clock::new(resolution, offset).time_ns(ticks),
                expected,
                "{resolution:?} {offset:?}"
            );
        }
    }

    #[test]
    fn absurd_clocks_saturate() {
        for resolution in 0..=255 {
            for offset in [i64::MIN, 0, i64::MAX] {
                for ticks in [0, 1, u64::MAX] {
                    Clock::new(Some(resolution), Some(offset)).time_ns(ticks);
                }
            }
        }
        assert_eq!(Clock::new(Some(0), None).time_ns(u64::MAX), i64::MAX);
        assert_eq!(Clock::new(Some(6), Some(i64::MIN)).time_ns(0), i64::MIN);
        assert_eq!(Clock::new(Some(100), None).time_ns(u64::MAX), 0);
    }
}
