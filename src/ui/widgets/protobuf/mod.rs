//! A protobuf message as a person reads it: its fields as rows of a tree, its bytes bit by bit, its JSON. What the
//! message view and the sandbox share.

mod bits;
mod tabs;
mod tree;
mod versions;

pub use bits::bits_ui;
pub use tabs::{Tab, tabs_ui};
pub use tree::{Acted, readings_ui, tree_ui};
pub use versions::{versions_text, versions_ui};

use crate::ui::widgets::format;
use crate::wire::protobuf::bits::{Part, Step, steps, zigzag_words};
use crate::wire::protobuf::number::FieldNumber;
use crate::wire::protobuf::reading::Reading;
use crate::wire::protobuf::size::{self, Sizes};
use crate::wire::protobuf::tree::{Field, Message};
use crate::wire::protobuf::{Value, WireType};
use bytes::Bytes;
use prost_reflect::MessageDescriptor;
use std::ops::Range;

/// A field as a row of the tree.
#[derive(Clone, Debug)]
pub struct FieldRow {
    /// How deep it is nested.
    pub depth: usize,
    /// Field numbers from the outermost message inwards.
    pub path: Vec<FieldNumber>,
    /// All of it, tag to end.
    pub range: Range<usize>,
    /// How it was cut.
    pub wire_type: WireType,
    /// Its name in the schema, or the one that a person gave it.
    pub name: Option<String>,
    /// Its type in the schema, else how it is read.
    pub type_words: String,
    /// Its value on one line.
    pub value: String,
    /// Ways to read it, best first, where no schema tells.
    pub readings: Vec<Reading>,
    /// Whether there is a schema and it lacks this field.
    pub unknown: bool,
    /// What is odd, as sentences.
    pub notes: Vec<String>,
}

/// A message taken apart.
pub struct Parsed {
    /// Its bytes.
    pub bytes: Bytes,
    /// Its type's full name, when a schema has it.
    pub type_name: Option<String>,
    /// Its fields and theirs, in the order of the wire.
    pub rows: Vec<FieldRow>,
    /// Fields beyond [`MAX_ROWS`], which are not listed.
    pub left_out: bool,
    /// Fields of the schema that were not sent, with what readers see instead: `7 phone = ""`.
    pub not_sent: Vec<String>,
    /// What stopped the reading, in words.
    pub damage: Option<String>,
    /// Every run of bytes and what it says.
    pub steps: Vec<Step>,
    /// Canonical JSON, when a schema tells the type; cut after [`MAX_JSON_BYTES`].
    pub json: Option<String>,
    /// The same on many lines, for reading.
    pub pretty: Option<String>,
    /// Its sizes as protobuf and as JSON.
    pub sizes: Option<Sizes>,
}

/// Fields that are listed: more, nobody scrolls through.
pub const MAX_ROWS: usize = 100_000;

/// How much of the JSON is kept for showing.
pub const MAX_JSON_BYTES: usize = 200_000;

/// Messages up to this many bytes are compared with their JSON: a picture waits for it once.
const MAX_COMPARED_BYTES: usize = 1 << 20;

/// Characters of a value that are shown on its line.
const VALUE_CHARS: usize = 200;

impl Parsed {
    /// Puts together what is shown of a message that was decoded from `bytes`.
    pub fn new(bytes: Bytes, message: Message, message_type: Option<&MessageDescriptor>) -> Self {
        let mut rows = Vec::new();
        let mut path = Vec::new();
        let all = add_rows(&message, &mut path, &mut rows);
        let compared = message_type.filter(|_| bytes.len() <= MAX_COMPARED_BYTES);
        let json = compared.and_then(|of| size::canonical_json(&bytes, of));
        let pretty = json.as_ref().map(|json| {
            let pretty = serde_json::from_str::<serde_json::Value>(json)
                .and_then(|value| serde_json::to_string_pretty(&value));
            pretty.unwrap_or_else(|_| json.clone())
        });
        Self {
            type_name: message.type_name.clone(),
            rows,
            left_out: !all,
            not_sent: message_type.map_or_else(Vec::new, |of| not_sent(&message, of)),
            damage: message.first_damage().map(|damage| damage.to_string()),
            steps: steps(&message, &bytes),
            sizes: compared.and_then(|of| size::sizes(&bytes, of)),
            json: json.map(shortened),
            pretty: pretty.map(shortened),
            bytes,
        }
    }

    /// The innermost field that owns a byte.
    pub fn field_at(&self, byte: usize) -> Option<&FieldRow> {
        self.rows_at(byte).next()
    }

    /// The fields that own a byte, the innermost first.
    pub fn rows_at(&self, byte: usize) -> impl Iterator<Item = &FieldRow> {
        // Rows are in the order of their first bytes; the innermost owner comes last.
        let end = self.rows.partition_point(|row| row.range.start <= byte);
        let before = self.rows.get(..end).unwrap_or_default();
        let mut rest = before.iter().rev();
        let mut depth = usize::MAX;
        std::iter::from_fn(move || {
            let around = |row: &&FieldRow| row.depth < depth && row.range.contains(&byte);
            let owner = rest.by_ref().find(around).filter(|_| depth > 0)?;
            depth = owner.depth;
            Some(owner)
        })
    }

    /// The steps of one field without those of the fields within it.
    pub fn steps_of(&self, range: &Range<usize>) -> &[Step] {
        let first = self
            .steps
            .partition_point(|step| step.range.start < range.start);
        let rest = self.steps.get(first..).unwrap_or_default();
        let depth = rest.first().map_or(0, |step| step.depth);
        let count = rest
            .iter()
            .take_while(|step| step.range.end <= range.end && step.depth == depth)
            .count();
        rest.get(..count).unwrap_or_default()
    }

    /// What readers see although it was not sent: a line, and all of it; `None` when there is nothing.
    pub fn not_sent_words(&self) -> Option<(String, String)> {
        let line = format!(
            "not sent, read as the default: {}",
            self.not_sent.join(", ")
        );
        let all = format!(
            "Not sent, read as the default:\n{}",
            self.not_sent.join("\n")
        );
        (!self.not_sent.is_empty()).then_some((line, all))
    }

    /// Two messages of sizes: `43 bytes as protobuf, 97 as JSON; 63 and 107 after gzip`.
    pub fn size_words(&self) -> String {
        match &self.sizes {
            Some(sizes) => format!(
                "{} as protobuf, {} as JSON; {} and {} after gzip",
                super::format::exact_bytes(sizes.protobuf),
                super::format::count(sizes.json),
                super::format::count(sizes.protobuf_gzip),
                super::format::count(sizes.json_gzip)
            ),
            None => format!(
                "{} as protobuf",
                super::format::exact_bytes(self.bytes.len() as u64)
            ),
        }
    }
}

fn not_sent(message: &Message, of: &MessageDescriptor) -> Vec<String> {
    let lacking = crate::report::protobuf::not_sent(message, of).into_iter();
    let words = |field: crate::report::protobuf::NotSentReport| {
        let default = crate::report::text::one_line(&field.default, 40);
        format!("{} {} = {default}", field.number, field.name)
    };
    lacking.map(words).collect()
}

/// As much of a JSON text as is kept for showing.
fn shortened(mut json: String) -> String {
    if json.len() > MAX_JSON_BYTES {
        json.truncate(json.floor_char_boundary(MAX_JSON_BYTES));
        json.push('…');
    }
    json
}

/// Adds the fields of a message. Answers whether there was room for all.
fn add_rows(message: &Message, path: &mut Vec<FieldNumber>, rows: &mut Vec<FieldRow>) -> bool {
    for field in &message.fields {
        if rows.len() >= MAX_ROWS {
            return false;
        }
        path.push(field.number);
        rows.push(field_row(field, path));
        let all = match &field.inner {
            Some(inner) => add_rows(inner, path, rows),
            None => true,
        };
        path.pop();
        if !all {
            return false;
        }
    }
    true
}

fn field_row(field: &Field, path: &[FieldNumber]) -> FieldRow {
    let type_words = match (&field.type_name, field.readings.first()) {
        (Some(name), _) => {
            let label = field.label.as_ref().and_then(|label| label.word());
            label.map_or_else(|| name.clone(), |label| format!("{label} {name}"))
        }
        (None, Some(best)) => format!("{} · {} %", best.kind.name(), best.score),
        (None, None) => field.wire_type.to_string(),
    };
    let value = match (&field.value, &field.inner) {
        (Some(value), _) => value_words(value),
        (None, Some(inner)) => {
            let count = inner.fields.len() as u64;
            format!("{{ {} }}", super::format::counted(count, "field"))
        }
        (None, None) => String::new(),
    };
    FieldRow {
        depth: path.len().saturating_sub(1),
        path: path.to_vec(),
        range: field.range.clone(),
        wire_type: field.wire_type,
        name: field.name.clone(),
        type_words,
        value: crate::report::text::one_line(&value, VALUE_CHARS),
        readings: field.readings.clone(),
        unknown: field.unknown,
        notes: field.notes.iter().map(ToString::to_string).collect(),
    }
}

/// A value in words; of a long one, its beginning.
fn value_words(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) if bytes.len() > VALUE_CHARS => {
            let some = bytes.get(..VALUE_CHARS).unwrap_or_default();
            Value::Bytes(some.to_vec()).to_string()
        }
        Value::Text(text) if text.len() > 4 * VALUE_CHARS => {
            let end = text.floor_char_boundary(4 * VALUE_CHARS);
            Value::Text(text.get(..end).unwrap_or_default().to_owned()).to_string()
        }
        Value::List(elements) if elements.len() > VALUE_CHARS => {
            let some = elements.get(..VALUE_CHARS).unwrap_or_default();
            Value::List(some.to_vec()).to_string()
        }
        value => value.to_string(),
    }
}

impl FieldRow {
    /// Number and name: `2 name`, `5 (unknown to the schema)`.
    pub fn title(&self) -> String {
        match (&self.name, self.unknown) {
            (Some(name), _) => format!("{} {name}", self.path_end()),
            (None, true) => format!("{} (not in the schema)", self.path_end()),
            (None, false) => self.path_end(),
        }
    }

    fn path_end(&self) -> String {
        self.path
            .last()
            .map_or_else(String::new, ToString::to_string)
    }

    /// The field in words.
    pub fn text(&self) -> String {
        let mut words = format!("field {}, {}", self.title(), self.type_words);
        if !self.value.is_empty() {
            words.push_str(&format!(" = {}", self.value));
        }
        let span = format::span(self.range.start as u64..self.range.end as u64);
        words.push_str(&format!(", bytes {span}"));
        words
    }
}

/// What a step says, with the way from zigzag where it is one that people ask for.
pub fn step_words(step: &Step) -> String {
    format!("{}: {}", step.part.name(), step.meaning)
}

/// How a varint would be read as zigzag, for a value without a schema.
pub fn zigzag_hint(step: &Step, row: &FieldRow) -> Option<String> {
    let says = step.part == Part::Varint && !row.readings.is_empty();
    let small = step.number.filter(|number| *number < 1 << 20)?;
    says.then(|| zigzag_words(small))
}
