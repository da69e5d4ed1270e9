//! What the parts of a head say, in a sentence, for those who meet them for the first time.
//!
//! The texts of fields are data: `assets/http-fields.json`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a part of a head says, and where that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// A sentence.
    pub text: &'static str,
    /// Such as `RFC 9110 §8.3`; empty where there is none.
    pub section: &'static str,
}

static FIELDS: LazyLock<HashMap<&'static str, (&'static str, &'static str)>> =
    LazyLock::new(|| {
        let text = include_str!("../../../assets/http-fields.json");
        serde_json::from_str(text).unwrap_or_default()
    });

/// What a field says; `None` for one that is not in the list. Names are not case-sensitive.
pub fn field(name: &[u8]) -> Option<Meaning> {
    let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
    let (text, section) = FIELDS.get(name.as_str()).copied()?;
    Some(Meaning { text, section })
}

/// What a method asks for; `None` for one that is not in use.
pub fn method(name: &[u8]) -> Option<Meaning> {
    let (text, section) = match name {
        b"GET" => ("Give me this.", "RFC 9110 §9.3.1"),
        b"HEAD" => (
            "Give me the head of the answer that GET would get, without its content.",
            "RFC 9110 §9.3.2",
        ),
        b"POST" => ("Do something with what I send.", "RFC 9110 §9.3.3"),
        b"PUT" => ("Put what I send in this place.", "RFC 9110 §9.3.4"),
        b"DELETE" => ("Take this away.", "RFC 9110 §9.3.5"),
        b"CONNECT" => (
            "Open a tunnel to this host: what follows is passed on as it is.",
            "RFC 9110 §9.3.6",
        ),
        b"OPTIONS" => ("What may I ask of this?", "RFC 9110 §9.3.7"),
        b"TRACE" => ("Send back what reached you.", "RFC 9110 §9.3.8"),
        b"PATCH" => ("Change this as I say.", "RFC 5789"),
        _ => return None,
    };
    Some(Meaning { text, section })
}

/// What the class of a status says.
pub fn status(code: u16) -> Meaning {
    let (text, section) = match (code, code / 100) {
        (100, _) => ("Go on, send the content.", "RFC 9110 §15.2.1"),
        (101, _) => (
            "From here on, both speak another protocol on this connection.",
            "RFC 9110 §15.2.2",
        ),
        (304, _) => (
            "What the client has is still good, so nothing is sent.",
            "RFC 9110 §15.4.5",
        ),
        (_, 1) => ("The final answer comes later.", "RFC 9110 §15.2"),
        (_, 2) => ("It was done as asked.", "RFC 9110 §15.3"),
        (_, 3) => ("The client has to go on elsewhere.", "RFC 9110 §15.4"),
        (_, 4) => (
            "The request cannot be fulfilled as it is.",
            "RFC 9110 §15.5",
        ),
        (_, 5) => ("The server failed.", "RFC 9110 §15.6"),
        _ => ("No such class of status exists.", "RFC 9110 §15"),
    };
    Meaning { text, section }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_in_any_case_and_their_texts_are_sentences() {
        assert_eq!(field(b"Host"), field(b"host"));
        assert!(field(b"X-Nobody").is_none() && field(b"\xff").is_none());
        assert!(FIELDS.len() > 40);
        for (name, (text, section)) in FIELDS.iter() {
            assert!(text.ends_with('.'), "{name}");
            assert_eq!(*name, name.to_ascii_lowercase());
            assert!(section.is_empty() || section.contains(' ') || section.starts_with("gRPC"));
        }
    }

    #[test]
    fn methods_and_statuses_say_what_they_ask_and_answer() {
        assert!(method(b"GET").is_some() && method(b"get").is_none());
        assert_ne!(status(304).text, status(302).text);
        assert_eq!(status(999).section, "RFC 9110 §15");
    }
}
