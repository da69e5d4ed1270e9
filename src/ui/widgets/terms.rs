//! Short explanations of protocol terms, for hovering. The texts are data: `assets/terms.json`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A term's explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// One or two sentences.
    pub text: String,
    /// Where it is written, such as `RFC 9113 §5`.
    pub section: Option<String>,
}

static TERMS: LazyLock<HashMap<String, Term>> = LazyLock::new(|| {
    let entries: HashMap<String, (String, Option<String>)> =
        serde_json::from_str(include_str!("../../../assets/terms.json")).unwrap_or_default();
    entries
        .into_iter()
        .map(|(name, (text, section))| (name, Term { text, section }))
        .collect()
});

/// The explanation of a term; `None` for a word that has none.
pub fn term(name: &str) -> Option<&'static Term> {
    TERMS.get(name)
}

/// All words that have an explanation.
pub fn names() -> impl Iterator<Item = &'static str> {
    TERMS.keys().map(String::as_str)
}

/// A sentence and its section as one hover text.
pub fn with_section(text: &str, section: &str) -> String {
    if section.is_empty() {
        text.to_owned()
    } else {
        format!("{text}\n{section}")
    }
}

/// A term's hover text; empty for a word that has no explanation.
pub fn hover_text(name: &str) -> String {
    term(name).map_or_else(String::new, |term| {
        with_section(&term.text, term.section.as_deref().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_can_be_read_and_end_as_sentences() {
        assert!(TERMS.len() > 30);
        for (name, term) in TERMS.iter() {
            assert!(term.text.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn a_term_says_its_section() {
        assert!(hover_text("stream").ends_with("\nRFC 9113 §5"));
        assert_eq!(hover_text("no such term"), "");
    }
}
