//! What a person has said about fields whose schema is not known. It outweighs all evidence, and is kept.

use super::number::FieldNumber;
use super::reading::ReadingKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Readings chosen by a person, per scope and field path.
///
/// A scope is any text that says whose messages are alike, such as `/users.UserService/GetUser request`; a path is the
/// field numbers from the outermost message inwards, joined by dots: `1.5.2`. Stored, it is one map per scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overrides {
    scopes: BTreeMap<String, BTreeMap<String, Override>>,
}

/// What is known about one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// How to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingKind>,
    /// What to call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Overrides {
    /// What was said about a field.
    pub fn get(&self, scope: &str, path: &[FieldNumber]) -> Option<&Override> {
        // Almost always nothing was said, and then no text is made.
        self.scopes.get(scope)?.get(&text_from_path(path))
    }

    /// Says how to read a field, in place of what was said before. An override without reading and name is forgotten.
    pub fn set(&mut self, scope: &str, path: &[FieldNumber], said: Override) {
        let fields = self.scopes.entry(scope.to_owned()).or_default();
        if said == Override::default() {
            fields.remove(&text_from_path(path));
        } else {
            fields.insert(text_from_path(path), said);
        }
        self.scopes.retain(|_, fields| !fields.is_empty());
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// Everything that was said: scope, path as text, override.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Override)> {
        self.scopes.iter().flat_map(|(scope, fields)| {
            fields
                .iter()
                .map(move |(path, said)| (scope.as_str(), path.as_str(), said))
        })
    }
}

/// A path as text: `1.5.2`.
pub fn text_from_path(path: &[FieldNumber]) -> String {
    let mut text = String::new();
    for (index, number) in path.iter().enumerate() {
        let separator = if index == 0 { "" } else { "." };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{number}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_kept_and_can_be_taken_back() {
        let path = [FieldNumber(1), FieldNumber(5)];
        let said = Override {
            reading: Some(ReadingKind::Bytes),
            name: Some("token".to_owned()),
        };
        let mut overrides = Overrides::default();
        overrides.set("/a.B/C request", &path, said.clone());
        let stored = serde_json::to_string(&overrides).unwrap();
        assert_eq!(
            stored,
            r#"{"/a.B/C request":{"1.5":{"reading":"bytes","name":"token"}}}"#
        );
        let mut again: Overrides = serde_json::from_str(&stored).unwrap();
        assert_eq!(again.get("/a.B/C request", &path), Some(&said));
        assert_eq!(again.get("/a.B/C response", &path), None);
        again.set("/a.B/C request", &path, Override::default());
        assert!(again.is_empty());
    }
}
