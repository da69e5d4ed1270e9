//! What could be written next.

use super::field::{FIELDS, Kind, field_named};
use std::ops::Range;

/// A way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The part of the text that it replaces, in bytes.
    pub range: Range<usize>,
    /// What to write there.
    pub text: String,
    /// What it means.
    pub help: &'static str,
}

/// How many ways to go on are offered: what a person takes in at a glance.
const MAX_COMPLETIONS: usize = 12;

/// What could be written at `caret` (in bytes of `text`): fields that begin as the word does, or the values of the
/// field before the colon.
pub fn completions(text: &str, caret: usize) -> Vec<Completion> {
    let Some(before) = text.get(..caret.min(text.len())) else {
        return Vec::new();
    };
    let word = begun_word(text, caret);
    let start = before.len() - word.len();
    if before.matches('"').count() % 2 == 1 {
        return Vec::new();
    }
    let mut found = match word.split_once(':') {
        Some((name, values)) => {
            let begun = values.rsplit(',').next().unwrap_or_default();
            value_completions(name, begun, caret - begun.len()..caret)
        }
        None => field_completions(word, start..caret),
    };
    found.truncate(MAX_COMPLETIONS);
    found
}

/// Whether the word before `caret` (in bytes of `text`) is only begun: it may become the name of a field, one of its
/// values, or `and`, `or` and `not`. To search for it as it stands would empty every list for a moment.
pub fn is_begun(text: &str, caret: usize) -> bool {
    let after = text.get(caret..).and_then(|after| after.chars().next());
    if after.is_some_and(|c| !c.is_whitespace() && c != ')') {
        return false;
    }
    let begins = |word: &str| {
        let begun = begun_word(text, caret);
        !begun.is_empty() && begun.len() < word.len() && word.starts_with(begun)
    };
    ["and", "or", "not"].into_iter().any(begins) || !completions(text, caret).is_empty()
}

/// The letters before `caret` that belong together.
fn begun_word(text: &str, caret: usize) -> &str {
    let before = text.get(..caret.min(text.len())).unwrap_or_default();
    let start = before.rfind(ends_word).map_or(0, |at| at + 1);
    before.get(start..).unwrap_or_default()
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || "()!\"".contains(c)
}

fn field_completions(word: &str, range: Range<usize>) -> Vec<Completion> {
    if word.is_empty() {
        return Vec::new();
    }
    let lower = word.to_ascii_lowercase();
    let fields = FIELDS.iter().filter_map(|info| {
        let name = info.names.iter().find(|name| name.starts_with(&lower))?;
        let wiresharks = name.contains('.') && info.names.first() != Some(name);
        let end = match info.kind {
            Kind::Flag => "",
            _ if wiresharks => " == ",
            _ => ":",
        };
        let text = format!("{name}{end}");
        // A flag that stands there already needs nothing more.
        (text != lower).then(|| Completion {
            range: range.clone(),
            text,
            help: info.help,
        })
    });
    fields.collect()
}

fn value_completions(name: &str, begun: &str, range: Range<usize>) -> Vec<Completion> {
    let Some(info) = field_named(name) else {
        return Vec::new();
    };
    let (Kind::Word(values) | Kind::Named(values)) = info.kind else {
        return Vec::new();
    };
    let lower = begun.to_ascii_lowercase();
    let values = values.iter().filter(|value| {
        let value = value.to_ascii_lowercase();
        value.starts_with(&lower) && value != lower
    });
    values
        .map(|value| Completion {
            range: range.clone(),
            text: if value.contains([' ', '(']) {
                format!("\"{value}\"")
            } else {
                (*value).to_owned()
            },
            help: info.help,
        })
        .collect()
}
