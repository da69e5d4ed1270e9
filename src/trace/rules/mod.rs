//! The rules that a conversation can break, each with its place in the RFCs and what a student should
//! know about it.
//!
//! A [`Finding`](super::Finding) says what happened at one place; its rule says why that matters. The
//! names are stable: filters, scripts and lessons use them. [`all`] lists them; `RULES.md` is written
//! from that list.

pub mod fields;
pub mod frames;
pub mod grpc;
pub mod hpack;
pub mod http1;
pub mod patterns;
pub mod protobuf;
pub mod reading;
pub mod signals;
pub mod streams;
pub mod tls;

use super::finding::Severity;

/// A rule of a protocol, or something else that findings are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A stable kebab-case name.
    pub name: &'static str,
    /// How much it matters when it is broken.
    pub severity: Severity,
    /// Where it is written, such as `RFC 9113 §6.9`; `None` when no document says it.
    pub section: Option<&'static str>,
    /// Why there is such a rule, for somebody who meets it for the first time.
    pub why: &'static str,
}

/// Writes down rules of one subject, and the list of them.
macro_rules! rules {
    ($($rule:ident = $name:literal, $severity:ident, $section:expr, $why:literal;)*) => {
        use super::Rule;
        use crate::trace::finding::Severity;

        $(
            #[doc = $why]
            pub const $rule: Rule = Rule {
                name: $name,
                severity: Severity::$severity,
                section: $section,
                why: $why,
            };
        )*

        /// The rules of this subject.
        pub const ALL: &[Rule] = &[$($rule),*];
    };
}
use rules;

/// Every rule, subject by subject.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    subjects().flat_map(|(_, rules)| rules)
}

/// The subjects and their rules.
pub fn subjects() -> impl Iterator<Item = (&'static str, &'static [Rule])> {
    [
        ("Frames", frames::ALL),
        ("Streams, flow control and messages", streams::ALL),
        ("Header fields", fields::ALL),
        ("HPACK", hpack::ALL),
        ("Settings, push, priority and extensions", signals::ALL),
        ("Patterns that hurt", patterns::ALL),
        ("TLS", tls::ALL),
        ("HTTP/1.1", http1::ALL),
        ("gRPC", grpc::ALL),
        ("Protobuf", protobuf::ALL),
        ("The capture itself", reading::ALL),
    ]
    .into_iter()
}

/// The rule of this name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.name == name)
}

/// `RULES.md`, as it stands in the repository.
pub fn page() -> String {
    let mut page = String::from(
        "# Rules\n\n\
         What `wireloom findings` and the window can say about a conversation. `error`: a rule was broken. `warning`: it\n\
         hurts, though no rule is broken. `note`: worth knowing. A sender is only blamed for what it must have known: what\n\
         may have crossed on the wire, or was sent where the capture has a hole, is no finding.\n",
    );
    for (subject, rules) in subjects() {
        page.push_str("\n## ");
        page.push_str(subject);
        page.push_str("\n\n| rule | severity | section | why |\n| --- | --- | --- | --- |\n");
        for rule in rules {
            let section = rule.section.unwrap_or("–");
            let (name, severity, why) = (rule.name, rule.severity.name(), rule.why);
            page.push_str(&format!("| `{name}` | {severity} | {section} | {why} |\n"));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_stable_kebab_case_and_each_is_there_once() {
        let mut names = HashSet::new();
        for rule in all() {
            assert!(names.insert(rule.name), "{} is there twice", rule.name);
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(rule.name.chars().all(kebab), "{}", rule.name);
            assert!(
                rule.why.ends_with('.'),
                "{} ends in no full stop",
                rule.name
            );
            assert!(rule.why.len() > 60, "{} says too little", rule.name);
            assert_eq!(by_name(rule.name), Some(rule));
        }
        assert!(names.len() > 80);
    }

    #[test]
    fn an_error_names_the_section_that_it_breaks() {
        for rule in all().filter(|rule| rule.severity == Severity::Error) {
            assert!(rule.section.is_some(), "{}", rule.name);
        }
    }

    #[test]
    fn the_page_in_the_repository_lists_these_rules() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/RULES.md");
        if std::env::var_os("WRITE_RULES").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap();
        assert_eq!(
            written,
            page(),
            "write it again: WRITE_RULES=1 cargo test the_page_in"
        );
    }
}
