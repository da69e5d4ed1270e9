//! What the sandbox holds: a schema, values or bytes, and what becomes of them. Pure; worked out only when something was
//! typed.

use crate::report::protobuf::{ComparisonReport, compare};
use crate::ui::widgets::protobuf::Parsed;
use crate::wire::protobuf::encode::encode;
use crate::wire::protobuf::textbook;
use crate::wire::protobuf::{Decoder, Evidence, Schema, SchemaBuilder};
use bytes::Bytes;
use prost_reflect::MessageDescriptor;

/// Which end one types at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// Bytes are pasted, fields are seen.
    #[default]
    Bytes,
    /// Values are typed as JSON, bytes are seen.
    Values,
}

/// What is typed. See the module text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Which end is typed at.
    pub side: Side,
    /// A `.proto` file.
    pub schema: String,
    /// The type of the message; empty takes the first of the schema.
    pub type_name: String,
    /// Another version of that file; may stay empty.
    pub other: String,
    /// Bytes in hex.
    pub hex: String,
    /// Values in protobuf's JSON.
    pub json: String,
}

/// What can be typed at most: a sandbox is for small things.
pub const MAX_CHARS: usize = 64_000;

/// Under which the evidence of the sandbox is pooled.
const SCOPE: &str = "sandbox";

impl Default for Input {
    fn default() -> Self {
        Exercise::Number.input()
    }
}

/// The exercises that come with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exercise {
    /// `08 2A`.
    Number,
    /// `12 05 41 6C 69 63 65`.
    Text,
    /// Both with their schema.
    Named,
    /// Alice as values.
    Alice,
    /// A number of two bytes, and packed numbers.
    Varint,
    /// A schema that has moved on.
    Versions,
}

impl Exercise {
    /// All of them, in the order in which they are best done.
    pub const ALL: [Self; 6] = [
        Self::Number,
        Self::Text,
        Self::Named,
        Self::Varint,
        Self::Alice,
        Self::Versions,
    ];

    /// What its button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Number => "1: 08 2A",
            Self::Text => "2: 12 05 41 …",
            Self::Named => "3: the same with a schema",
            Self::Varint => "4: two bytes",
            Self::Alice => "5: Alice, against JSON",
            Self::Versions => "6: two versions",
        }
    }

    /// What to look for.
    pub fn look_for(self) -> &'static str {
        match self {
            Self::Number => {
                "08 is the tag: field number 1, wire type 0 (a varint follows). 2A is the varint: 42. Whether that is 42, or 21 as zigzag has it, the bytes do not say."
            }
            Self::Text => {
                "12 is the tag: field number 2, wire type 2 (a length follows). 05 says that five bytes follow; they read Alice."
            }
            Self::Named => {
                "The same bytes with their schema: fields get names and types. The names are not in the bytes, so both ends need the schema."
            }
            Self::Varint => {
                "96 01 is one number: the first byte's highest bit says that more follows, and the groups of seven bits come lowest first: 0000001 0010110 = 150. The last field packs three of them."
            }
            Self::Alice => {
                "Values in, bytes out. Change a value and see which bytes change. Textbooks say 45 bytes against 95 of JSON; the real numbers stand above the fields, before and after gzip."
            }
            Self::Versions => {
                "Three programs of different age. Field 4 is new: the first version keeps it as an unknown field. Field 3 was given up and reserved, and the second version gives its number to a bool: what an old program still sends there as text is lost on it."
            }
        }
    }

    /// What it types in.
    pub fn input(self) -> Input {
        let first = "08 2A";
        let second = "12 05 41 6C 69 63 65";
        let (side, schema, hex) = match self {
            Self::Number => (Side::Bytes, "", first.to_owned()),
            Self::Text => (Side::Bytes, "", second.to_owned()),
            Self::Named => (Side::Bytes, textbook::PROTO, format!("{first} {second}")),
            Self::Varint => (Side::Bytes, "", "08 96 01 1A 04 03 8E 02 05".to_owned()),
            Self::Alice => (Side::Values, textbook::PROTO, String::new()),
            Self::Versions => (
                Side::Bytes,
                FIRST_VERSION,
                format!("{first} {second} 1A 03 61 40 62 22 03 35 35 35"),
            ),
        };
        let other = match self {
            Self::Versions => SECOND_VERSION,
            _ => "",
        };
        Input {
            other: other.to_owned(),
            side,
            schema: schema.to_owned(),
            type_name: String::new(),
            hex,
            json: textbook::USER_JSON.to_owned(),
        }
    }
}

/// A user after field 3 was given up.
const FIRST_VERSION: &str = "message User {\n  int64 id = 1;\n  string name = 2;\n  reserved 3;\n  reserved \"email\";\n}\n";

/// The same, later: somebody forgot why 3 was reserved.
const SECOND_VERSION: &str = "message User {\n  int64 id = 1;\n  string name = 2;\n  bool verified = 3;\n  string phone = 4;\n}\n";

/// What became of the input.
pub struct Outcome {
    /// The message taken apart; `None` when there are no bytes.
    pub parsed: Option<Parsed>,
    /// Its bytes in hex.
    pub hex: String,
    /// What both versions read in the bytes, when there are two.
    pub comparison: Option<ComparisonReport>,
    /// What is wrong with the input, each a sentence.
    pub problems: Vec<String>,
    /// The types that the schema defines.
    pub types: Vec<String>,
}

impl Outcome {
    /// Works it out.
    pub fn of(input: &Input) -> Self {
        let mut problems = Vec::new();
        let schema = schema(&input.schema, &mut problems);
        let mut types = schema.message_names();
        types.retain(|name| !name.starts_with("google.protobuf."));
        let message_type = message_type(input, &schema, &types, &mut problems);
        let bytes = match input.side {
            Side::Bytes => match bytes_from_hex(&input.hex) {
                Some(bytes) => Some(bytes),
                None => {
                    problems.push(
                        "This is not hex: two digits make a byte, as in 08 2A; spaces, commas and 0x may stand between."
                            .to_owned(),
                    );
                    None
                }
            },
            Side::Values => match &message_type {
                Some(of) => match encode(&input.json, of) {
                    Ok(bytes) => Some(bytes),
                    Err(error) => {
                        problems.push(format!(
                            "These values do not fit {}: {error}.",
                            of.full_name()
                        ));
                        None
                    }
                },
                None => {
                    problems
                        .push("Values need a schema: type one, or take an exercise.".to_owned());
                    None
                }
            },
        };
        let bytes = bytes.filter(|bytes| !bytes.is_empty());
        let comparison = message_type
            .as_ref()
            .and_then(|of| compared(input, of, bytes.as_deref()?, &mut problems));
        let parsed = bytes.map(|bytes| {
            let mut evidence = Evidence::default();
            evidence.feed(SCOPE, &bytes);
            let tree = Decoder::new()
                .with_evidence(&evidence, SCOPE)
                .decode(&bytes, message_type.as_ref());
            Parsed::new(Bytes::from(bytes), tree, message_type.as_ref())
        });
        if let Some(damage) = parsed.as_ref().and_then(|parsed| parsed.damage.as_ref()) {
            problems.push(format!(
                "The bytes stop making sense at {damage}; what stands before is shown."
            ));
        }
        let hex = parsed.as_ref().map(|parsed| hex_of(&parsed.bytes));
        Self {
            parsed,
            hex: hex.unwrap_or_default(),
            comparison,
            problems,
            types,
        }
    }
}

/// What the other version makes of the bytes; `None` when none was typed.
fn compared(
    input: &Input,
    message_type: &MessageDescriptor,
    bytes: &[u8],
    problems: &mut Vec<String>,
) -> Option<ComparisonReport> {
    if input.other.trim().is_empty() {
        return None;
    }
    let other = schema(&input.other, problems);
    let Some(found) = other.message(message_type.full_name()) else {
        let name = message_type.full_name();
        problems.push(format!("The other version has no type {name}."));
        return None;
    };
    Some(compare(bytes, message_type, &found))
}

fn schema(text: &str, problems: &mut Vec<String>) -> Schema {
    let mut builder = SchemaBuilder::default();
    if !text.trim().is_empty() {
        // Whoever tries something out leaves the first line away.
        let proto = match text.contains("syntax") {
            true => text.to_owned(),
            false => format!("syntax = \"proto3\";\n{text}"),
        };
        builder.add_source("sandbox.proto", &proto);
    }
    let schema = builder.build();
    problems.extend(
        schema
            .problems()
            .iter()
            .map(|problem| format!("{problem}.")),
    );
    schema
}

fn message_type(
    input: &Input,
    schema: &Schema,
    types: &[String],
    problems: &mut Vec<String>,
) -> Option<MessageDescriptor> {
    let wanted = input.type_name.trim();
    if wanted.is_empty() {
        // The first that the schema defines.
        let place = |name: &&String| {
            let last = name.rsplit('.').next().unwrap_or(name);
            let at = input.schema.find(&format!("message {last}"));
            at.unwrap_or(usize::MAX)
        };
        return schema.message(types.iter().min_by_key(place)?);
    }
    let found = schema.message(wanted);
    if found.is_none() && !input.schema.trim().is_empty() {
        problems.push(format!("The schema has no type {wanted}."));
    }
    found
}

/// Bytes from hex digits in pairs, between which there may be spaces, commas, colons, `0x` and `\x`.
fn bytes_from_hex(text: &str) -> Option<Vec<u8>> {
    let text = text.replace("0x", " ").replace("\\x", " ");
    let mut bytes = Vec::new();
    let between = |c: char| c.is_whitespace() || matches!(c, ',' | ':' | '-' | '_');
    for word in text.split(between) {
        let digits: Option<Vec<u32>> = word.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
        for pair in digits.chunks(2) {
            let value = pair.iter().fold(0, |sum, digit| sum * 16 + digit);
            bytes.push(u8::try_from(value).ok()?);
        }
    }
    Some(bytes)
}

fn hex_of(bytes: &[u8]) -> String {
    crate::ui::widgets::format::hex(bytes, 4000).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exercise_comes_out_without_a_problem() {
        for exercise in Exercise::ALL {
            let outcome = Outcome::of(&exercise.input());
            assert_eq!(outcome.problems, Vec::<String>::new(), "{exercise:?}");
            assert!(outcome.parsed.is_some());
            assert!(exercise.look_for().ends_with('.'));
        }
    }

    #[test]
    fn the_textbooks_bytes_have_names_only_with_the_schema() {
        let value = |exercise: Exercise| {
            let outcome = Outcome::of(&exercise.input());
            let rows = outcome.parsed.unwrap().rows;
            let texts = rows.iter().map(|row| row.title() + " = " + &row.value);
            texts.collect::<Vec<_>>()
        };
        assert_eq!(value(Exercise::Number), ["1 = 42"]);
        assert_eq!(value(Exercise::Text), ["2 = \"Alice\""]);
        assert_eq!(value(Exercise::Named), ["1 id = 42", "2 name = \"Alice\""]);
    }

    #[test]
    fn values_become_the_bytes_that_the_command_makes() {
        let outcome = Outcome::of(&Exercise::Alice.input());
        assert!(
            outcome.hex.starts_with("08 2A 12 05 41 6C 69 63 65"),
            "{}",
            outcome.hex
        );
        let sizes = outcome.parsed.unwrap().sizes.unwrap();
        assert_eq!((sizes.protobuf, sizes.json), (43, 97));
    }

    #[test]
    fn what_is_wrong_is_said_and_what_can_be_read_is_shown() {
        let mut input = Exercise::Number.input();
        input.hex = "08 2".to_owned();
        assert!(Outcome::of(&input).problems[0].starts_with("This is not hex"));
        input.hex = "08 2A 12 05 41".to_owned();
        let outcome = Outcome::of(&input);
        assert!(
            outcome.problems[0].contains("byte "),
            "{:?}",
            outcome.problems
        );
        assert_eq!(outcome.parsed.unwrap().rows[0].value, "42");
        let mut input = Exercise::Alice.input();
        input.json = r#"{"id": "many"}"#.to_owned();
        assert!(Outcome::of(&input).problems[0].starts_with("These values do not fit users.User"));
        input.schema = "message Half {".to_owned();
        assert!(!Outcome::of(&input).problems.is_empty());
        let small = Input {
            schema: "message Point { sint32 x = 1; }".to_owned(),
            json: r#"{"x": -1}"#.to_owned(),
            ..Exercise::Alice.input()
        };
        assert_eq!(Outcome::of(&small).hex, "08 01");
    }
}
