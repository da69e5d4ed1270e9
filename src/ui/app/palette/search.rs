//! Finds entries by some letters of their names, in their order: `hpk` finds *Show HPACK*. What an
//! entry says about itself is searched for whole pieces: some letters of a sentence mean nothing.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// One that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Which one, by its position.
    pub(super) entry: usize,
    /// The characters of its name that were asked for, by their position.
    pub(super) letters: Vec<u32>,
    score: u32,
}

/// The entries whose name, or whose name and explanation together, have these letters: best first,
/// and among equals in their own order. All of them for nothing.
pub(super) fn search<'a>(
    query: &str,
    entries: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<Found> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let (case, normalize) = (CaseMatching::Ignore, Normalization::Smart);
    let pattern = Pattern::new(query, case, normalize, AtomKind::Fuzzy);
    let pieces = Pattern::new(query, case, normalize, AtomKind::Substring);
    let mut buffer = Vec::new();
    let mut found = Vec::new();
    for (entry, (name, about)) in entries.enumerate() {
        let mut letters = Vec::new();
        let own = Utf32Str::new(name, &mut buffer);
        let score = match pattern.indices(own, &mut matcher, &mut letters) {
            // Twice: a name is what a person thinks of first. Its own whole pieces count most.
            Some(score) => {
                let whole = pieces.score(own, &mut matcher).unwrap_or(0);
                score.saturating_mul(2).saturating_add(whole)
            }
            None => {
                let whole = format!("{name} {about}");
                let whole = Utf32Str::new(&whole, &mut buffer);
                letters.clear();
                match pieces.score(whole, &mut matcher) {
                    Some(score) => score,
                    None => continue,
                }
            }
        };
        letters.sort_unstable();
        letters.dedup();
        found.push(Found {
            entry,
            letters,
            score,
        });
    }
    // Stable: equals stay in their order.
    found.sort_by_key(|found| std::cmp::Reverse(found.score));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: [(&str, &str); 5] = [
        ("Step one frame forward", ""),
        ("Show HPACK", "A header block byte by byte"),
        ("Show Loom", "Every frame over time"),
        ("Stream 3", "GET /style.css"),
        ("Play or pause", ""),
    ];

    fn names(query: &str) -> Vec<&'static str> {
        let found = search(query, ENTRIES.into_iter());
        found.iter().map(|found| ENTRIES[found.entry].0).collect()
    }

    #[test]
    fn letters_in_their_order_find_a_name_and_nothing_finds_all() {
        assert_eq!(names("hpk"), ["Show HPACK"]);
        assert_eq!(names("loom show"), ["Show Loom"]);
        assert_eq!(names("PLAY"), ["Play or pause"]);
        assert_eq!(names("qqq"), Vec::<&str>::new());
        let all: Vec<&str> = ENTRIES.iter().map(|entry| entry.0).collect();
        assert_eq!(names("  "), all);
    }

    #[test]
    fn a_name_goes_before_an_explanation() {
        assert_eq!(names("style"), ["Stream 3"]);
        assert_eq!(names("vry frm"), Vec::<&str>::new());
        assert_eq!(names("frame"), ["Step one frame forward", "Show Loom"]);
    }

    #[test]
    fn the_letters_that_were_found_are_told() {
        let found = search("hpk", ENTRIES.into_iter());
        assert_eq!(found[0].letters, [5, 6, 9]);
    }
}
