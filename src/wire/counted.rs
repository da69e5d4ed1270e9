//! Counts in sentences.

use std::fmt::Display;

/// A count and what is counted, in the form that goes with it: `1 byte`, `2 bytes`, `1 entry`, `0 entries`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    if count == N::from(1) {
        return format!("{count} {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_one_and_everything_else_is_many() {
        assert_eq!(counted(1_u64, "byte"), "1 byte");
        assert_eq!(counted(0_usize, "byte"), "0 bytes");
        assert_eq!(counted(1_u8, "entry"), "1 entry");
        assert_eq!(counted(12_i64, "entry"), "12 entries");
    }
}
