//! How numbers are written, the same in every view: thousands apart, always with a unit.

use std::time::Duration;

/// Between groups of three digits: U+202F, a narrow space at which no line breaks. egui draws it
/// as a narrow gap whether or not the font has it.
pub const GROUP_SEPARATOR: char = '\u{202f}';

/// A whole number with its thousands apart: `1 234 567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(GROUP_SEPARATOR);
        }
        text.push(digit);
    }
    text
}

/// The same for a number that may be below zero: `−1`.
pub fn signed(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", count(number.unsigned_abs()))
}

/// A number of things: `1 stream`, `7 streams`. The plural is the noun with an `s`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// A size as a person reads it: `812 B`, `18.2 KB`, `4.1 MB`. A kilobyte has 1000 bytes, as on
/// a line's data sheet, so that sizes divide by times without a calculator.
pub fn bytes(size: u64) -> String {
    const UNITS: [(&str, f64); 4] = [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12)];
    if size < 1000 {
        return format!("{size} B");
    }
    let size = size as f64;
    // A unit is left when rounding would write 1000 of it.
    let (unit, scale) = UNITS
        .into_iter()
        .find(|(_, scale)| size / scale < 999.95)
        .unwrap_or(("TB", 1e12));
    let value = format!("{:.1}", size / scale);
    format!("{} {unit}", value.strip_suffix(".0").unwrap_or(&value))
}

/// A size in as few letters as possible, for narrow columns: `812 B`, `9.4 KB`, `273 KB`.
pub fn short_bytes(size: u64) -> String {
    let text = bytes(size);
    match text.split_once('.') {
        Some((whole, rest)) if whole.len() > 1 => {
            let unit = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
            // Rounded, not cut: `bytes` has rounded to one digit behind the point before.
            let value: f64 = text
                .trim_end_matches(|letter: char| !letter.is_ascii_digit())
                .parse()
                .unwrap_or(0.0);
            format!("{value:.0}{unit}")
        }
        _ => text,
    }
}

/// A size to the byte: `1 byte`, `16 384 bytes`.
pub fn exact_bytes(size: u64) -> String {
    counted(size, "byte")
}

/// Which bytes a range holds, the first and the last: `72–158`; of a single one, its number; of none, where they would be.
///
/// The window names bytes like this everywhere: both ends are part of it.
pub fn span(range: std::ops::Range<u64>) -> String {
    let last = range.end.saturating_sub(1);
    match last > range.start {
        true => format!("{}–{}", count(range.start), count(last)),
        false => count(range.start),
    }
}

/// A duration in the unit that suits it: `417 ns`, `32.5 µs`, `1.25 ms`, `3.7 s`.
pub fn duration_ns(duration_ns: i64) -> String {
    let sign = if duration_ns < 0 { "−" } else { "" };
    let size = duration_ns.unsigned_abs();
    let (value, unit) = match size {
        0..1_000 => return format!("{sign}{size} ns"),
        1_000..1_000_000 => (size as f64 / 1e3, "µs"),
        1_000_000..1_000_000_000 => (size as f64 / 1e6, "ms"),
        _ => (size as f64 / 1e9, "s"),
    };
    // Three digits that matter: 1.25, 12.5, 125.
    let decimals = match value {
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{sign}{text} {unit}")
}

/// A duration in as few digits as tell it from another one: `102 ms`, `21 ms`, `4.2 ms`.
pub fn short_duration_ns(duration: i64) -> String {
    let ms = duration as f64 / 1e6;
    match ms {
        10.0..1000.0 => format!("{ms:.0} ms"),
        _ => duration_ns(duration),
    }
}

/// A time of the capture in milliseconds to the nanosecond, without its unit, for columns that
/// name it: `184.332 001`.
pub fn milliseconds(time_ns: i64) -> String {
    let sign = if time_ns < 0 { "−" } else { "" };
    let size = time_ns.unsigned_abs();
    let (whole, rest) = (size / 1_000_000, size % 1_000_000);
    let (micro, nano) = (rest / 1000, rest % 1000);
    format!(
        "{sign}{}.{micro:03}{GROUP_SEPARATOR}{nano:03}",
        count(whole)
    )
}

/// How much of a whole, such as `83 %`. Nothing of nothing is 0 %.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0 %".to_owned();
    }
    let share = 100.0 * part as f64 / whole as f64;
    match share {
        s if part > 0 && s < 1.0 => "under 1 %".to_owned(),
        s => format!("{s:.0} %"),
    }
}

/// Bytes as hexadecimal, two digits each with a space between them, cut with `…` after `limit`.
pub fn hex(bytes: &[u8], limit: usize) -> String {
    let mut text = String::with_capacity(3 * bytes.len().min(limit) + 2);
    for (index, byte) in bytes.iter().take(limit).enumerate() {
        if index > 0 {
            text.push(' ');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('?'));
        }
    }
    if bytes.len() > limit {
        text.push_str(" …");
    }
    text
}

/// An instant as date and time of day in UTC: `2026-03-01 12:00:00.184 332 001 UTC`.
pub fn utc(time_ns: i64) -> String {
    let seconds = time_ns.div_euclid(1_000_000_000);
    let nanos = Duration::from_nanos(time_ns.rem_euclid(1_000_000_000).unsigned_abs());
    let day_seconds = seconds.rem_euclid(86_400);
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let (hour, minute) = (day_seconds / 3600, day_seconds / 60 % 60);
    let (second, nanos) = (day_seconds % 60, nanos.subsec_nanos());
    let (milli, micro, nano) = (nanos / 1_000_000, nanos / 1000 % 1000, nanos % 1000);
    let gap = GROUP_SEPARATOR;
    format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}{gap}{micro:03}{gap}{nano:03} UTC"
    )
}

/// Year, month and day of a day counted from 1 January 1970, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is a year's last, and 400 years have always
/// the same number of days.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    const DAYS_PER_400_YEARS: i64 = 146_097;
    // 1 March of the year 0 was this many days before 1 January 1970.
    let days = days + 719_468;
    let (era, day_of_era) = (
        days.div_euclid(DAYS_PER_400_YEARS),
        days.rem_euclid(DAYS_PER_400_YEARS),
    );
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + 400 * era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The narrow space, as it is easier to read in a test.
    fn plain(text: String) -> String {
        text.replace(GROUP_SEPARATOR, "_")
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(plain(count(0)), "0");
        assert_eq!(plain(count(999)), "999");
        assert_eq!(plain(count(1000)), "1_000");
        assert_eq!(plain(count(u64::MAX)), "18_446_744_073_709_551_615");
    }

    #[test]
    fn one_thing_has_no_plural() {
        assert_eq!(counted(1, "stream"), "1 stream");
        assert_eq!(counted(0, "stream"), "0 streams");
    }

    #[test]
    fn a_size_has_three_or_four_digits_and_a_unit() {
        let sizes = [0, 999, 1000, 18_240, 999_949, 999_950, 4_096_000, u64::MAX];
        let texts = sizes.map(bytes);
        assert_eq!(
            texts,
            [
                "0 B",
                "999 B",
                "1 KB",
                "18.2 KB",
                "999.9 KB",
                "1 MB",
                "4.1 MB",
                "18446744.1 TB"
            ]
        );
    }

    #[test]
    fn a_short_size_has_two_digits_or_none_behind_the_point() {
        let texts = [812, 9_400, 18_240, 273_700, 28_000].map(short_bytes);
        assert_eq!(texts, ["812 B", "9.4 KB", "18 KB", "274 KB", "28 KB"]);
    }

    #[test]
    fn a_range_of_bytes_is_named_by_its_first_and_its_last() {
        assert_eq!(span(0..9), "0–8");
        assert_eq!(span(72..73), "72");
        assert_eq!(plain(span(16_384..32_768)), "16_384–32_767");
        assert_eq!(span(5..5), "5");
    }

    #[test]
    fn a_duration_is_written_in_the_unit_that_suits_it() {
        let texts = [0, 417, 32_500, 1_250_000, 12_000_000, 3_700_000_000, -5_000].map(duration_ns);
        assert_eq!(
            texts,
            [
                "0 ns", "417 ns", "32.5 µs", "1.25 ms", "12 ms", "3.7 s", "−5 µs"
            ]
        );
        assert_eq!(duration_ns(100_000), "100 µs");
        assert_eq!(duration_ns(i64::MIN), "−9223372037 s");
    }

    #[test]
    fn milliseconds_keep_every_nanosecond() {
        assert_eq!(plain(milliseconds(184_332_001)), "184.332_001");
        assert_eq!(plain(milliseconds(-1)), "−0.000_001");
        assert_eq!(plain(milliseconds(12_345_000_000)), "12_345.000_000");
    }

    #[test]
    fn a_share_too_small_to_round_is_not_nothing() {
        assert_eq!(percent(1, 1000), "under 1 %");
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(percent(1, 2), "50 %");
    }

    #[test]
    fn hex_is_cut_where_it_is_told() {
        assert_eq!(hex(&[0x44, 0x8a, 0x60], 3), "44 8a 60");
        assert_eq!(hex(&[0x44, 0x8a, 0x60], 2), "44 8a …");
        assert_eq!(hex(&[], 2), "");
    }

    #[test]
    fn instants_are_dates_of_the_calendar() {
        assert_eq!(plain(utc(0)), "1970-01-01 00:00:00.000_000_000 UTC");
        assert_eq!(
            plain(utc(951_782_400_000_000_000)),
            "2000-02-29 00:00:00.000_000_000 UTC"
        );
        assert_eq!(plain(utc(-1)), "1969-12-31 23:59:59.999_999_999 UTC");
        assert_eq!(
            plain(utc(1_772_366_400_184_332_001)),
            "2026-03-01 12:00:00.184_332_001 UTC"
        );
    }
}
