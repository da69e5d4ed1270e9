//! Where the columns go.

use std::ops::Range;

/// The columns, from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The frame's number.
    Number,
    /// When it could be read.
    Time,
    /// Who sent it.
    Direction,
    /// The stream it names.
    Stream,
    /// Its type.
    Kind,
    /// Its flags.
    Flags,
    /// Bytes of payload.
    Length,
    /// One line on what it says.
    Info,
}

impl Column {
    /// All columns, from left to right.
    pub const ALL: [Column; 8] = [
        Column::Number,
        Column::Time,
        Column::Direction,
        Column::Stream,
        Column::Kind,
        Column::Flags,
        Column::Length,
        Column::Info,
    ];

    /// What the table's head says.
    pub fn title(self) -> &'static str {
        match self {
            Column::Number => "#",
            Column::Time => "time, ms",
            Column::Direction => "",
            Column::Stream => "stream",
            Column::Kind => "type",
            Column::Flags => "flags",
            Column::Length => "bytes",
            Column::Info => "info",
        }
    }

    /// The word that explains it, see `assets/terms.json`.
    pub fn term(self) -> &'static str {
        match self {
            Column::Number => "frame",
            Column::Time => "time",
            Column::Direction => "direction",
            Column::Stream => "stream",
            Column::Kind => "type",
            Column::Flags => "flags",
            Column::Length => "length",
            Column::Info => "",
        }
    }

    /// Whether its texts end at its right edge.
    pub fn is_number(self) -> bool {
        matches!(self, Column::Number | Column::Time | Column::Length)
    }
}

/// The horizontal space of each column, in points from the table's left edge.
///
/// `digit` is how wide a digit is and `kind_width` how wide the longest common type is. Numbers get what they need, flags what is common; the summary gets the rest, and takes from the
/// flags when that is less than a few words.
pub fn columns(
    width: f32,
    digit: f32,
    number_digits: usize,
    stream_digits: usize,
    kind_width: f32,
) -> [Range<f32>; 8] {
    const GAP: f32 = 10.0;
    let chars = |count: usize| count as f32 * digit;
    let swatch = 14.0;
    let mut widths = [
        chars(number_digits.max(3)),
        chars(12),
        chars(2),
        swatch + chars(stream_digits.max(4)),
        kind_width,
        chars(20),
        chars(6),
        0.0,
    ];
    let fixed: f32 = widths.iter().sum::<f32>() + GAP * 8.0;
    let wanted_info = chars(18);
    let lacking = (wanted_info - (width - fixed)).max(0.0);
    // Where there is plenty, all flags that a frame can have are written out.
    let plenty = (width - fixed - 2.0 * wanted_info).clamp(0.0, chars(13));
    let from_flags = lacking.min(chars(12)) - plenty;
    if let Some(flags) = widths.get_mut(5) {
        *flags -= from_flags;
    }
    if let Some(info) = widths.last_mut() {
        *info = (width - fixed + from_flags).max(0.0);
    }
    let mut left = GAP / 2.0;
    widths.map(|width| {
        let column = left..left + width;
        left += width + GAP;
        column
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_follow_each_other_and_end_at_the_edge() {
        for width in [600.0, 680.0, 1200.0] {
            let columns = columns(width, 7.0, 4, 2, 110.0);
            assert!(columns.is_sorted_by(|left, right| left.end < right.start));
            let last = columns.last().unwrap();
            assert!(
                last.end <= width && last.end > width - 12.0,
                "{width} {last:?}"
            );
        }
    }

    #[test]
    fn flags_give_way_to_the_summary() {
        let [_, _, _, _, _, flags, _, info] = columns(600.0, 7.0, 4, 2, 110.0);
        assert!(flags.end - flags.start < 20.0 * 7.0);
        assert!(info.end - info.start > 40.0);
    }
}
