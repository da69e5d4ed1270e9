//! How large a message is as protobuf and as JSON, and both after gzip.

use super::schema::is_closed;
use flate2::Compression;
use flate2::write::GzEncoder;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, SerializeOptions, Value};
use std::io::Write;

/// The largest message that is compared: its JSON may be several times as large, and is made only to be measured.
pub const MAX_COMPARED_BYTES: usize = 16 << 20;

/// The sizes of one message, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Sizes {
    /// On the wire.
    pub protobuf: u64,
    /// As protobuf's canonical JSON without spaces.
    pub json: u64,
    /// The wire's bytes after gzip.
    pub protobuf_gzip: u64,
    /// The JSON after gzip.
    pub json_gzip: u64,
}

impl std::ops::AddAssign for Sizes {
    fn add_assign(&mut self, other: Self) {
        self.protobuf += other.protobuf;
        self.json += other.json;
        self.protobuf_gzip += other.protobuf_gzip;
        self.json_gzip += other.json_gzip;
    }
}

/// A message as protobuf's canonical JSON: lowerCamelCase names, 64-bit numbers as text, bytes in base64, defaults left
/// out. Fields that the schema lacks are left out. `None` when the bytes are damaged, larger than [`MAX_COMPARED_BYTES`],
/// or hold an `Any` of an unknown type, for which there is no canonical JSON.
pub fn canonical_json(bytes: &[u8], message_type: &MessageDescriptor) -> Option<String> {
    if bytes.len() > MAX_COMPARED_BYTES {
        return None;
    }
    let mut message = DynamicMessage::decode(message_type.clone(), bytes).ok()?;
    forget_outside(&mut message);
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut out);
    let options = SerializeOptions::new();
    message
        .serialize_with_options(&mut serializer, &options)
        .ok()?;
    String::from_utf8(out).ok()
}

/// Takes away numbers that their closed enums lack: to a parser they are unknown fields.
fn forget_outside(message: &mut DynamicMessage) {
    let mut outside = Vec::new();
    for (field, value) in message.fields_mut() {
        let kind = match field.kind() {
            Kind::Message(entry) if field.is_map() => entry.map_entry_value_field().kind(),
            kind => kind,
        };
        let is_outside = |value: &Value| match (&kind, value) {
            (Kind::Enum(values), Value::EnumNumber(number)) => {
                values.get_value(*number).is_none() && is_closed(values)
            }
            _ => false,
        };
        match value {
            Value::List(list) => list.retain(|value| !is_outside(value)),
            Value::Map(map) => map.retain(|_, value| !is_outside(value)),
            ref value if is_outside(value) => outside.push(field.number()),
            _ => {}
        }
        match value {
            Value::Message(inner) => forget_outside(inner),
            Value::List(list) => list
                .iter_mut()
                .filter_map(Value::as_message_mut)
                .for_each(forget_outside),
            Value::Map(map) => map
                .values_mut()
                .filter_map(Value::as_message_mut)
                .for_each(forget_outside),
            _ => {}
        }
    }
    for number in outside {
        message.clear_field_by_number(number);
    }
}

/// Compares the sizes. `None` when there is no canonical JSON.
pub fn sizes(bytes: &[u8], message_type: &MessageDescriptor) -> Option<Sizes> {
    let json = canonical_json(bytes, message_type)?;
    Some(Sizes {
        protobuf: count(bytes.len()),
        json: count(json.len()),
        protobuf_gzip: gzip_size(bytes)?,
        json_gzip: gzip_size(json.as_bytes())?,
    })
}

fn gzip_size(bytes: &[u8]) -> Option<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    Some(count(encoder.finish().ok()?.len()))
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::encode::encode;
    use super::super::textbook::{USER_JSON, user_type};
    use super::*;

    #[test]
    fn the_textbooks_user_has_real_numbers() {
        let user = user_type().unwrap();
        let bytes = encode(USER_JSON, &user).unwrap();
        assert_eq!(canonical_json(&bytes, &user).unwrap(), USER_JSON);
        let sizes = sizes(&bytes, &user).unwrap();
        assert_eq!((sizes.protobuf, sizes.json), (43, 97));
        // Too small to gain from it: gzip's own header is larger than what is saved.
        assert!(sizes.protobuf_gzip > sizes.protobuf);
        assert!(sizes.json_gzip > sizes.protobuf_gzip);
    }

    #[test]
    fn damaged_bytes_have_no_json() {
        assert_eq!(canonical_json(&[0x08], &user_type().unwrap()), None);
    }
}
