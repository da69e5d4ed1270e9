//! The types that protobuf brings along, as people read them: a `Timestamp` is a time, a `Struct` is JSON.
//!
//! Source: protobuf.dev, *ProtoJSON Format*, and the comments in `google/protobuf/*.proto`.

use super::super::schema::built_in;
use super::super::tree::{Message, Note};
use super::super::value::Value;
use super::super::walk::{RawValue, Walk};
use super::Work;
use prost_reflect::MessageDescriptor;
use serde_json::Value as Json;

impl Work<'_> {
    /// Gives a message of a well-known type its value, and an `Any` the fields of what it holds.
    pub(super) fn well_known(
        &mut self,
        message: &mut Message,
        bytes: &[u8],
        position: usize,
        message_type: &MessageDescriptor,
    ) {
        let Some(name) = message_type.full_name().strip_prefix("google.protobuf.") else {
            return;
        };
        // What is cut short would look whole.
        if message.damage.is_some() {
            return;
        }
        message.value = match name {
            "Timestamp" => time_text(signed(message, 1), signed(message, 2)).map(Value::Text),
            "Duration" => duration_text(signed(message, 1), signed(message, 2)).map(Value::Text),
            "FieldMask" => Some(Value::Text(mask_text(message))),
            "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value"
            | "UInt32Value" | "BoolValue" | "StringValue" | "BytesValue" => {
                let sent = message.last(1).and_then(|field| field.value.clone());
                sent.or_else(|| default_value(name))
            }
            "Struct" => Some(Value::Json(struct_json(message))),
            "Value" => Some(Value::Json(value_json(message))),
            "ListValue" => Some(Value::Json(list_json(message))),
            "Any" => {
                self.any(message, bytes, position, message_type);
                None
            }
            _ => None,
        };
    }

    /// Reads the bytes of an `Any` as the type that its URL names.
    fn any(
        &mut self,
        message: &mut Message,
        bytes: &[u8],
        position: usize,
        message_type: &MessageDescriptor,
    ) {
        let Some(Value::Text(url)) = message.last(1).and_then(|field| field.value.as_ref()) else {
            return;
        };
        let type_name = url.rsplit('/').next().unwrap_or(url).to_owned();
        let found = message_type
            .parent_pool()
            .get_message_by_name(&type_name)
            .or_else(|| self.know.any_types?.get_message_by_name(&type_name))
            .or_else(|| built_in().pool().get_message_by_name(&type_name));
        let raw = Walk::at(bytes, position)
            .filter(|raw| raw.number.0 == 2)
            .last();
        let Some(RawValue::Len(content)) = raw.map(|raw| raw.value) else {
            return;
        };
        let Some(field) = message.fields.iter_mut().rfind(|field| field.number.0 == 2) else {
            return;
        };
        let Some(found) = found else {
            field.notes.push(Note::UnknownAnyType { type_name });
            return;
        };
        // `Any` within `Any` may be nested without end.
        self.path.push(field.number);
        let inner = self.message(content, field.content.start, Some(&found));
        self.path.pop();
        field.type_name = Some(type_name);
        field.value.clone_from(&inner.value);
        field.inner = Some(inner);
    }
}

fn signed(message: &Message, number: u32) -> i64 {
    match message.last(number).and_then(|field| field.value.as_ref()) {
        Some(Value::Signed(value)) => *value,
        _ => 0,
    }
}

fn default_value(wrapper: &str) -> Option<Value> {
    Some(match wrapper {
        "DoubleValue" => Value::Double(0.0),
        "FloatValue" => Value::Float(0.0),
        "Int64Value" | "Int32Value" => Value::Signed(0),
        "UInt64Value" | "UInt32Value" => Value::Unsigned(0),
        "BoolValue" => Value::Bool(false),
        "StringValue" => Value::Text(String::new()),
        "BytesValue" => Value::Bytes(Vec::new()),
        _ => return None,
    })
}

/// RFC 3339, with as many digits after the second as it has in groups of three. `None` outside the years 1 to 9999.
pub(in super::super) fn time_text(seconds: i64, nanoseconds: i64) -> Option<String> {
    const FIRST: i64 = -62_135_596_800;
    const LAST: i64 = 253_402_300_799;
    if !(FIRST..=LAST).contains(&seconds) || !(0..1_000_000_000).contains(&nanoseconds) {
        return None;
    }
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years that begin in March have their odd day at the end; 400 of them always have 146 097 days.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let fraction = fraction_text(nanoseconds);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"
    ))
}

/// Seconds with fraction: `1.5s`. `None` when seconds and nanoseconds have different signs, or too many of them.
fn duration_text(seconds: i64, nanoseconds: i64) -> Option<String> {
    const LONGEST: i64 = 315_576_000_000;
    if !(-LONGEST..=LONGEST).contains(&seconds)
        || !(-999_999_999..=999_999_999).contains(&nanoseconds)
        || seconds.signum() * nanoseconds.signum() < 0
    {
        return None;
    }
    let sign = if seconds < 0 || nanoseconds < 0 {
        "-"
    } else {
        ""
    };
    let fraction = fraction_text(nanoseconds.abs());
    Some(format!("{sign}{}{fraction}s", seconds.abs()))
}

fn fraction_text(nanoseconds: i64) -> String {
    match nanoseconds {
        0 => String::new(),
        ns if ns % 1_000_000 == 0 => format!(".{:03}", ns / 1_000_000),
        ns if ns % 1_000 == 0 => format!(".{:06}", ns / 1_000),
        ns => format!(".{ns:09}"),
    }
}

fn mask_text(message: &Message) -> String {
    let paths: Vec<&str> = message
        .fields
        .iter()
        .filter_map(|field| match &field.value {
            Some(Value::Text(path)) => Some(path.as_str()),
            _ => None,
        })
        .collect();
    paths.join(",")
}

fn struct_json(message: &Message) -> Json {
    let entries = message
        .fields
        .iter()
        .filter(|field| field.number.0 == 1)
        .filter_map(|field| field.inner.as_ref());
    let mut object = serde_json::Map::new();
    for entry in entries {
        let key = match entry.last(1).and_then(|key| key.value.as_ref()) {
            Some(Value::Text(key)) => key.clone(),
            _ => String::new(),
        };
        let value = match entry.last(2).and_then(|value| value.value.as_ref()) {
            Some(Value::Json(value)) => value.clone(),
            _ => Json::Null,
        };
        object.insert(key, value);
    }
    Json::Object(object)
}

fn list_json(message: &Message) -> Json {
    let elements = message.fields.iter().filter(|field| field.number.0 == 1);
    Json::Array(
        elements
            .map(|element| match &element.value {
                Some(Value::Json(value)) => value.clone(),
                _ => Json::Null,
            })
            .collect(),
    )
}

/// A `Value`: the last member of its oneof counts.
fn value_json(message: &Message) -> Json {
    match message.fields.last().and_then(|field| field.value.as_ref()) {
        Some(Value::Json(value)) => value.clone(),
        Some(Value::Text(text)) => Json::String(text.clone()),
        Some(Value::Bool(truth)) => Json::Bool(*truth),
        Some(Value::Double(number)) => Json::from(*number),
        _ => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        assert_eq!(time_text(0, 0).unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(
            time_text(1_700_000_000, 500_000_000).unwrap(),
            "2023-11-14T22:13:20.500Z"
        );
        assert_eq!(
            time_text(951_782_400, 1).unwrap(),
            "2000-02-29T00:00:00.000000001Z"
        );
        assert_eq!(time_text(-1, 0).unwrap(), "1969-12-31T23:59:59Z");
        assert_eq!(
            time_text(-62_135_596_800, 0).unwrap(),
            "0001-01-01T00:00:00Z"
        );
        assert_eq!(
            time_text(253_402_300_799, 0).unwrap(),
            "9999-12-31T23:59:59Z"
        );
        assert_eq!(time_text(i64::MAX, 0), None);
        assert_eq!(time_text(0, -1), None);
    }

    #[test]
    fn durations_are_seconds() {
        assert_eq!(duration_text(1, 500_000_000).unwrap(), "1.500s");
        assert_eq!(duration_text(0, -1_000).unwrap(), "-0.000001s");
        assert_eq!(duration_text(-3, 0).unwrap(), "-3s");
        assert_eq!(duration_text(1, -1), None);
    }
}
