//! Numbers as short as they can be said.

use std::fmt;

/// A number with at most two decimals and none that is not needed: `12`, `0.5`, `-3.25`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Num(pub(super) f32);

impl fmt::Display for Num {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whatever is not a number has no place in a picture.
        let finite = if self.0.is_finite() { self.0 } else { 0.0 };
        let hundredths = (f64::from(finite) * 100.0).round() as i64;
        let (sign, size) = (
            if hundredths < 0 { "-" } else { "" },
            hundredths.unsigned_abs(),
        );
        let (whole, rest) = (size / 100, size % 100);
        match (rest, rest % 10) {
            (0, _) => write!(f, "{sign}{whole}"),
            (_, 0) => write!(f, "{sign}{whole}.{}", rest / 10),
            _ => write!(f, "{sign}{whole}.{rest:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let said = |number: f32| Num(number).to_string();
        let numbers = [
            0.0,
            -0.001,
            12.0,
            0.5,
            -3.25,
            1.005,
            7.07,
            f32::NAN,
            f32::INFINITY,
        ];
        let said: Vec<String> = numbers.into_iter().map(said).collect();
        assert_eq!(
            said,
            ["0", "0", "12", "0.5", "-3.25", "1", "7.07", "0", "0"]
        );
    }
}
