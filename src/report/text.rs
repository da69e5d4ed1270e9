//! Text as a person reads it: bytes that may not be UTF-8, sizes and times.

/// Bytes as text, with U+FFFD for what is not UTF-8, and all of them in hex where that loses
/// something.
pub fn text_and_hex(bytes: &[u8]) -> (String, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (
            String::from_utf8_lossy(bytes).into_owned(),
            Some(hex(bytes)),
        ),
    }
}

/// Bytes as lower-case hex digits without separators.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// A number with a narrow space between groups of three digits, for reading: `65 535`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes, for reading: `812 B`, `17.6 KB`, `1.2 MB`. Units are powers of ten.
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, f64); 4] = [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12)];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let value = bytes as f64;
    let (unit, scale) = UNITS
        .into_iter()
        .rev()
        .find(|(_, scale)| value >= *scale)
        .unwrap_or(UNITS[0]);
    let scaled = value / scale;
    if scaled >= 100.0 {
        format!("{scaled:.0} {unit}")
    } else {
        format!("{scaled:.1} {unit}")
    }
}

/// Seconds since a start, with microseconds: `0.184332`. Negative when the clock ran backwards.
pub fn seconds(time_ns: i64, start_ns: i64) -> String {
    let elapsed_us = time_ns.saturating_sub(start_ns) / 1000;
    let sign = if elapsed_us < 0 { "-" } else { "" };
    let elapsed_us = elapsed_us.unsigned_abs();
    format!(
        "{sign}{}.{:06}",
        elapsed_us / 1_000_000,
        elapsed_us % 1_000_000
    )
}

/// A duration, for reading: `812 ns`, `34.1 µs`, `83 ms`, `2.5 s`.
pub fn duration(ns: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let value = ns as f64;
    let (scaled, unit) = match ns {
        0..1_000 => return format!("{ns} ns"),
        1_000..1_000_000 => (value / 1e3, "µs"),
        1_000_000..1_000_000_000 => (value / 1e6, "ms"),
        _ => (value / 1e9, "s"),
    };
    if scaled >= 100.0 {
        format!("{scaled:.0} {unit}")
    } else {
        format!("{scaled:.1} {unit}")
    }
}

/// A time as a number of milliseconds, for comparing.
#[expect(
    clippy::cast_precision_loss,
    reason = "it is compared with what a person writes"
)]
pub fn milliseconds(ns: i64) -> f64 {
    ns as f64 / 1e6
}

/// A count as a number, for comparing.
#[expect(
    clippy::cast_precision_loss,
    reason = "it is compared with what a person writes"
)]
pub fn number(count: u64) -> f64 {
    count as f64
}

/// Text for one line of a table: control characters become visible, long text ends in `…`.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let mut line = String::new();
    for (count, character) in text.chars().enumerate() {
        if count + 1 == max_chars && text.chars().nth(max_chars).is_some() {
            line.push('…');
            break;
        }
        line.push(if character.is_control() {
            '·'
        } else {
            character
        });
    }
    line
}

/// Lines of text for a tooltip or a pane: control characters become visible, long text ends in `…`.
pub fn visible_lines(text: &str, max_chars: usize) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == max_chars {
            shown.push('…');
            break;
        }
        shown.push(match character {
            '\n' | '\t' => character,
            _ if character.is_control() => '·',
            _ => character,
        });
    }
    shown
}

/// Text with its control characters made visible, other than tabs.
pub fn visible(text: &str) -> String {
    let visible = |character: char| match character {
        '\t' => '\t',
        _ if character.is_control() => '·',
        _ => character,
    };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_not_utf8_has_all_its_bytes_in_hex() {
        assert_eq!(text_and_hex(b"plain"), ("plain".to_owned(), None));
        assert_eq!(
            text_and_hex(b"a\xff"),
            ("a\u{fffd}".to_owned(), Some("61ff".to_owned()))
        );
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(65_535), "65\u{a0}535");
        assert_eq!(grouped(999), "999");
        assert_eq!(size(812), "812 B");
        assert_eq!(size(17_640), "17.6 KB");
        assert_eq!(size(160_000), "160 KB");
        assert_eq!(duration(83_000_000), "83.0 ms");
        assert_eq!(seconds(1_184_332_999, 1_000_000_000), "0.184332");
        assert_eq!(seconds(999_000_000, 1_000_000_000), "-0.001000");
    }

    #[test]
    fn one_line_is_cut_and_has_no_controls() {
        assert_eq!(one_line("a\nb", 10), "a·b");
        assert_eq!(one_line("abcdef", 4), "abc…");
        assert_eq!(one_line("abcd", 4), "abcd");
        assert_eq!(visible_lines("a\nb\u{1b}cd", 4), "a\nb·…");
        assert_eq!(visible("a\tb\u{1b}[31m"), "a\tb·[31m");
    }
}
