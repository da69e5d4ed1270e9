//! `grpc-timeout`: how long the caller will wait.

/// A timeout as it is written: at most eight digits and a unit, such as `500m`.
///
/// Source: `PROTOCOL-HTTP2.md`, Requests: `Timeout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// The number.
    pub value: u32,
    /// What it counts.
    pub unit: TimeoutUnit,
}

/// What a timeout counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutUnit {
    /// `H`
    Hours,
    /// `M`
    Minutes,
    /// `S`
    Seconds,
    /// `m`
    Milliseconds,
    /// `u`
    Microseconds,
    /// `n`
    Nanoseconds,
}

/// Why a timeout cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeoutError {
    /// No digits come first.
    #[error("it begins with no digit")]
    NoDigits,
    /// More than eight digits.
    #[error("{digits} digits where at most 8 are allowed")]
    TooManyDigits {
        /// How many there are.
        digits: usize,
    },
    /// What follows the digits is no unit.
    #[error("the digits must be followed by one of H, M, S, m, u and n alone")]
    NoUnit,
}

impl Timeout {
    const MAX_DIGITS: usize = 8;

    /// Reads the field's value.
    ///
    /// # Errors
    ///
    /// [`TimeoutError`] when it does not follow the grammar.
    pub fn parse(value: &[u8]) -> Result<Self, TimeoutError> {
        let digits = value
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return Err(TimeoutError::NoDigits);
        }
        if digits > Self::MAX_DIGITS {
            return Err(TimeoutError::TooManyDigits { digits });
        }
        let (number, unit) = value.split_at_checked(digits).unwrap_or_default();
        let unit = match unit {
            b"H" => TimeoutUnit::Hours,
            b"M" => TimeoutUnit::Minutes,
            b"S" => TimeoutUnit::Seconds,
            b"m" => TimeoutUnit::Milliseconds,
            b"u" => TimeoutUnit::Microseconds,
            b"n" => TimeoutUnit::Nanoseconds,
            _ => return Err(TimeoutError::NoUnit),
        };
        let value = number.iter().fold(0_u32, |value, digit| {
            value
                .saturating_mul(10)
                .saturating_add(u32::from(digit.saturating_sub(b'0')))
        });
        Ok(Self { value, unit })
    }

    /// In nanoseconds. The longest timeouts, beyond 292 years, become `i64::MAX`.
    pub fn ns(self) -> i64 {
        let unit_ns = match self.unit {
            TimeoutUnit::Hours => 3_600_000_000_000,
            TimeoutUnit::Minutes => 60_000_000_000,
            TimeoutUnit::Seconds => 1_000_000_000,
            TimeoutUnit::Milliseconds => 1_000_000,
            TimeoutUnit::Microseconds => 1_000,
            TimeoutUnit::Nanoseconds => 1,
        };
        i64::from(self.value).saturating_mul(unit_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(text: &str) -> Result<i64, TimeoutError> {
        Timeout::parse(text.as_bytes()).map(Timeout::ns)
    }

    #[test]
    fn every_unit_is_read() {
        assert_eq!(ns("1H"), Ok(3_600_000_000_000));
        assert_eq!(ns("2M"), Ok(120_000_000_000));
        assert_eq!(ns("3S"), Ok(3_000_000_000));
        assert_eq!(ns("451m"), Ok(451_000_000));
        assert_eq!(ns("5u"), Ok(5_000));
        assert_eq!(ns("00000006n"), Ok(6));
        assert_eq!(ns("0S"), Ok(0));
        assert_eq!(ns("99999999H"), Ok(i64::MAX));
    }

    #[test]
    fn what_is_not_the_grammar_is_said() {
        assert_eq!(ns(""), Err(TimeoutError::NoDigits));
        assert_eq!(ns("S"), Err(TimeoutError::NoDigits));
        assert_eq!(ns("-1S"), Err(TimeoutError::NoDigits));
        assert_eq!(ns("10"), Err(TimeoutError::NoUnit));
        assert_eq!(ns("10s"), Err(TimeoutError::NoUnit));
        assert_eq!(ns("10Sm"), Err(TimeoutError::NoUnit));
        assert_eq!(
            ns("123456789n"),
            Err(TimeoutError::TooManyDigits { digits: 9 })
        );
    }
}
