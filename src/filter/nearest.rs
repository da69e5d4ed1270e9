//! What somebody most likely meant who wrote a name that there is not.

use super::columns::COLUMNS;
use super::field::FIELDS;

/// The name that somebody most likely meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let fields = || FIELDS.iter().chain(COLUMNS);
    let names = || fields().flat_map(|info| info.names.iter().copied());
    let begins = names().find(|own| own.starts_with(&name) || name.starts_with(own));
    let last = |text: &str| text.rsplit('.').next().unwrap_or_default().replace('_', "");
    let same_end = names().find(|own| last(own) == last(&name));
    same_end
        .or(begins)
        .or_else(|| names().find(|own| distance(own, &name) <= 2))
}

/// The word of a list that somebody most likely meant, if one is near.
pub fn nearest_of<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let word = word.to_ascii_lowercase();
    // Of a short word, two other letters make any other.
    let allowed = if word.len() < 4 { 1 } else { 2 };
    words
        .map(|own| (distance(own, &word), own))
        .filter(|(distance, own)| {
            *distance <= allowed || (word.len() >= 3 && own.starts_with(&word))
        })
        .min()
        .map(|(_, own)| own)
}

/// How many letters have to be changed, added or removed. Source: Levenshtein, 1966.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut corner = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(other.bytes()) {
            let cost = (corner + usize::from(a != b)).min(*cell + 1).min(left + 1);
            corner = std::mem::replace(cell, cost);
            left = cost;
        }
    }
    row.last().copied().unwrap_or_default()
}
