//! The fields of a protobuf message: the `fields` of `messages` and of `protobuf`.

use super::text;
use crate::wire::protobuf::tree::{Field, Label, Message};
use crate::wire::protobuf::{Element, Reading, Value};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::ops::Range;

/// One field.
#[derive(Clone, Debug, Serialize)]
pub struct FieldReport {
    /// Its number.
    pub number: u32,
    /// How it was cut: `VARINT`, `I64`, `LEN`, `SGROUP`, `I32`.
    pub wire_type: &'static str,
    /// Its name in the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its type in the schema.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// How often it may be there: `optional`, `required`, `repeated`, `oneof`; left out for at most once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<&'static str>,
    /// The oneof that it is a member of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oneof: Option<String>,
    /// Its value. Messages have none, unless they are of a type that people read as one thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// All bytes of a string that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_hex: Option<String>,
    /// The number of an enum's value whose name is in `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enum_number: Option<i32>,
    /// `[first, end)` within the decoded message, tag included.
    pub range: [usize; 2],
    /// `[first, end)` of the value alone.
    pub value_range: [usize; 2],
    /// `[first, end)` of each element of a packed field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub element_ranges: Vec<[usize; 2]>,
    /// Its fields, where it is a message or a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<FieldReport>>,
    /// Whether there is a schema and it lacks this field.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
    /// Ways to read it, best first, where no schema tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<ReadingReport>,
    /// What is odd, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What stopped the reading of its fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<DamageReport>,
}

/// One way to read a field.
#[derive(Clone, Debug, Serialize)]
pub struct ReadingReport {
    /// The way: a type's name, such as `string` or `packed uint64`.
    pub reading: &'static str,
    /// How likely, 0 to 100.
    pub score: u8,
    /// Why.
    pub reason: String,
    /// What it would say, where that is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
}

/// Where and why the reading of a message stopped.
#[derive(Clone, Debug, Serialize)]
pub struct DamageReport {
    /// The first byte that could not be read, within the decoded message.
    pub byte: usize,
    /// Why.
    pub text: String,
}

/// The fields of a message as rows.
pub fn fields(message: &Message) -> Vec<FieldReport> {
    message.fields.iter().map(field).collect()
}

/// What stopped the reading of a message, leaving out nested ones.
pub fn damage(message: &Message) -> Option<DamageReport> {
    message.damage.map(|damage| DamageReport {
        byte: damage.at,
        text: damage.kind.to_string(),
    })
}

fn field(field: &Field) -> FieldReport {
    FieldReport {
        number: field.number.0,
        wire_type: field.wire_type.name(),
        name: field.name.clone(),
        type_name: field.type_name.clone(),
        label: field.label.as_ref().and_then(Label::word),
        oneof: match &field.label {
            Some(Label::Oneof(name)) => Some(name.clone()),
            _ => None,
        },
        value: field.value.as_ref().map(json_value),
        value_hex: match &field.value {
            Some(Value::NotText(bytes)) => Some(text::hex(bytes)),
            _ => None,
        },
        enum_number: match &field.value {
            Some(Value::Enum {
                number,
                name: Some(_),
            }) => Some(*number),
            _ => None,
        },
        range: pair(&field.range),
        value_range: pair(&field.content),
        element_ranges: match &field.value {
            Some(Value::List(elements)) => elements
                .iter()
                .map(|element| [element.start, element.end])
                .collect(),
            _ => Vec::new(),
        },
        children: field.inner.as_ref().map(fields),
        unknown: field.unknown,
        readings: field.readings.iter().map(reading).collect(),
        notes: field.notes.iter().map(ToString::to_string).collect(),
        damage: field.inner.as_ref().and_then(damage),
    }
}

fn pair(range: &Range<usize>) -> [usize; 2] {
    [range.start, range.end]
}

fn reading(reading: &Reading) -> ReadingReport {
    ReadingReport {
        reading: reading.kind.name(),
        score: reading.score,
        reason: reading.reason.clone(),
        value: reading.value.as_ref().map(json_value),
    }
}

/// A value as JSON: numbers as numbers, bytes in hex, enums by name where they have one. What JSON has no number for
/// (infinity, not a number) is a string, as in protobuf's own JSON.
pub fn json_value(value: &Value) -> Json {
    match value {
        Value::Unsigned(number) => json!(number),
        Value::Signed(number) => json!(number),
        Value::Bool(truth) => json!(truth),
        Value::Float(number) if number.is_finite() => {
            // Through its digits: 0.1 as a float is 0.1, not 0.10000000149011612.
            json!(number.to_string().parse::<f64>().unwrap_or_default())
        }
        Value::Float(number) => json!(special(f64::from(*number))),
        Value::Double(number) if number.is_finite() => json!(number),
        Value::Double(number) => json!(special(*number)),
        Value::Text(text) => json!(text),
        Value::NotText(bytes) => json!(String::from_utf8_lossy(bytes)),
        Value::Bytes(bytes) => json!(text::hex(bytes)),
        Value::Enum {
            name: Some(name), ..
        } => json!(name),
        Value::Enum { number, name: None } => json!(number),
        Value::Json(value) => value.clone(),
        Value::List(elements) => elements.iter().map(element_json).collect(),
    }
}

fn element_json(element: &Element) -> Json {
    json_value(&element.value)
}

fn special(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::protobuf::Decoder;

    #[test]
    fn fields_are_a_tree_with_ranges() {
        let bytes = [
            0x0a, 0x07, // 1: a message
            0x08, 0x2a, // 1: 42
            0x12, 0x03, 0x41, 0x6c, 0x69, // 2: "Ali"
        ];
        let message = Decoder::new().decode(&bytes, None);
        let rows = serde_json::to_value(fields(&message)).unwrap();
        assert_eq!(rows[0]["wire_type"], "LEN");
        assert_eq!(rows[0]["range"], json!([0, 9]));
        assert_eq!(rows[0]["readings"][0]["reading"], "message");
        assert_eq!(rows[0]["children"][1]["value"], "Ali");
        assert_eq!(rows[0]["children"][1]["range"], json!([4, 9]));
        assert_eq!(rows[0]["children"][1]["value_range"], json!([6, 9]));
        assert!(rows[0].get("value").is_none());
        assert!(rows[0].get("unknown").is_none());
    }

    #[test]
    fn numbers_that_json_lacks_are_words() {
        assert_eq!(json_value(&Value::Double(f64::NAN)), "NaN");
        assert_eq!(json_value(&Value::Float(f32::NEG_INFINITY)), "-Infinity");
        assert_eq!(json_value(&Value::Float(0.1)), json!(0.1));
        assert_eq!(json_value(&Value::Unsigned(u64::MAX)), json!(u64::MAX));
        assert_eq!(json_value(&Value::Bytes(vec![0xff, 0])), "ff00");
    }
}
