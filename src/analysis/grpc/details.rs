//! What `grpc-status-details-bin` says beyond code and message: a `google.rpc.Status` with details of any type.

use crate::wire::protobuf::schema::built_in;
use crate::wire::protobuf::tree::Message;
use crate::wire::protobuf::{Decoder, Schema, Value};
use prost_reflect::DynamicMessage;

/// An error as its details tell it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusDetails {
    /// The code, which should be that of `grpc-status`.
    pub code: i64,
    /// The message, which should be that of `grpc-message`.
    pub message: String,
    /// The details, in order.
    pub details: Vec<StatusDetail>,
    /// All of it as fields with their bytes.
    pub fields: Message,
}

/// One detail.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusDetail {
    /// Its type's URL, such as `type.googleapis.com/google.rpc.RetryInfo`.
    pub type_url: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it says in protobuf's JSON; `None` when its type is not known or its bytes do not fit it.
    pub json: Option<serde_json::Value>,
}

/// How many details are read. An error has a handful.
const MAX_DETAILS: usize = 1000;

/// Reads the bytes of a `google.rpc.Status`. Types of details are those of google.rpc, and those of a schema.
pub fn status_details(bytes: &[u8], schema: Option<&Schema>) -> StatusDetails {
    let status_type = built_in().message("google.rpc.Status");
    let decoder = match schema {
        Some(schema) => Decoder::new().with_any_types(schema.pool()),
        None => Decoder::new(),
    };
    let fields = decoder.decode(bytes, status_type.as_ref());
    let value = |number| fields.last(number).and_then(|field| field.value.as_ref());
    let code = match value(1) {
        Some(Value::Signed(code)) => *code,
        _ => 0,
    };
    let message = value(2).map(text).unwrap_or_default();
    let details = fields.fields.iter().filter(|field| field.number.0 == 3);
    let details = details
        .filter_map(|field| field.inner.as_ref())
        .take(MAX_DETAILS)
        .map(|any| {
            let type_url = any.last(1).and_then(|url| url.value.as_ref());
            let type_url = type_url.map(text).unwrap_or_default();
            let content = any.last(2).map(|value| value.content.clone());
            let content = content.and_then(|range| bytes.get(range));
            let content = content.unwrap_or_default().to_vec();
            StatusDetail {
                json: json(&type_url, &content, schema),
                type_url,
                bytes: content,
            }
        })
        .collect();
    StatusDetails {
        code,
        message,
        details,
        fields,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::NotText(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    }
}

fn json(type_url: &str, bytes: &[u8], schema: Option<&Schema>) -> Option<serde_json::Value> {
    let name = type_url.rsplit('/').next()?;
    let of = |schema: &Schema| schema.pool().get_message_by_name(name);
    let message_type = of(built_in()).or_else(|| schema.and_then(of))?;
    let message = DynamicMessage::decode(message_type, bytes).ok()?;
    serde_json::to_value(&message).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_of_known_types_are_read_and_the_others_kept() {
        let any = |url: &str, content: &[u8]| {
            let mut any = vec![0x0a, u8::try_from(url.len()).unwrap()];
            any.extend_from_slice(url.as_bytes());
            any.extend([0x12, u8::try_from(content.len()).unwrap()]);
            any.extend_from_slice(content);
            let mut field = vec![0x1a, u8::try_from(any.len()).unwrap()];
            field.extend(any);
            field
        };
        let mut bytes = vec![
            0x08, 0x08, // code 8
            0x12, 0x04, b'l', b'a', b't', b'e', // message
        ];
        // RetryInfo { retry_delay { seconds: 2, nanos: 500000000 } }
        let retry = [0x0a, 0x08, 0x08, 0x02, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01];
        bytes.extend(any("type.googleapis.com/google.rpc.RetryInfo", &retry));
        bytes.extend(any("example.com/own.Type", &[0x08, 1]));
        let status = status_details(&bytes, None);
        assert_eq!((status.code, status.message.as_str()), (8, "late"));
        let json = status.details[0].json.as_ref().unwrap();
        assert_eq!(json["retryDelay"], "2.500s");
        assert_eq!(status.details[1].type_url, "example.com/own.Type");
        assert_eq!(status.details[1].json, None);
        assert_eq!(status.details[1].bytes, [8, 1]);
    }

    #[test]
    fn any_bytes_are_read_as_far_as_they_go() {
        for length in 0..40 {
            let bytes: Vec<u8> = (0..length).map(|n| 0x1a_u8.wrapping_mul(n)).collect();
            assert!(status_details(&bytes, None).details.len() <= bytes.len());
        }
        assert_eq!(status_details(&[0x1a, 0xff], None).details, []);
    }
}
