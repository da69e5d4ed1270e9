//! The fields of a message as lines of a table: the tree laid flat.

use crate::report::fields::FieldReport;
use serde::Serialize;

/// A field, and where in the tree it is.
#[derive(Clone, Debug, Serialize)]
pub struct FieldLine<'a> {
    /// The numbers of the fields around it and its own, with dots between.
    pub path: String,
    /// Its name in the schema.
    pub name: Option<&'a str>,
    /// Its type in the schema; else how it is read.
    #[serde(rename = "type")]
    pub type_name: Option<&'a str>,
    /// How it was cut.
    pub wire_type: &'static str,
    /// Its value; messages have none.
    pub value: Option<&'a serde_json::Value>,
    /// All bytes of a string that is not UTF-8.
    pub value_hex: Option<&'a str>,
    /// The number of an enum's value whose name is in `value`.
    pub enum_number: Option<i32>,
    /// Its first byte within the message.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// Whether there is a schema and it lacks this field.
    pub unknown: bool,
    /// How likely the reading is, 0 to 100, where no schema tells.
    pub score: Option<u8>,
    /// Why.
    pub reason: Option<&'a str>,
    /// What is odd, in sentences.
    pub notes: String,
}

/// All fields of a message and of those within it, in the order of their bytes.
pub fn lines(fields: &[FieldReport]) -> Vec<FieldLine<'_>> {
    let mut made = Vec::new();
    add(fields, "", &mut made);
    made
}

fn add<'a>(fields: &'a [FieldReport], above: &str, made: &mut Vec<FieldLine<'a>>) {
    for field in fields {
        let path = match above {
            "" => field.number.to_string(),
            above => format!("{above}.{}", field.number),
        };
        let best = field.readings.first();
        let read_as = best.map(|reading| reading.reading);
        let line = FieldLine {
            path: path.clone(),
            name: field.name.as_deref(),
            type_name: field.type_name.as_deref().or(read_as),
            wire_type: field.wire_type,
            value: field.value.as_ref(),
            value_hex: field.value_hex.as_deref(),
            enum_number: field.enum_number,
            start: field.range[0],
            end: field.range[1],
            unknown: field.unknown,
            score: best.map(|reading| reading.score),
            reason: best.map(|reading| reading.reason.as_str()),
            notes: field.notes.join("; "),
        };
        made.push(line);
        add(field.children.as_deref().unwrap_or_default(), &path, made);
    }
}
