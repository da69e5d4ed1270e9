//! Values to bytes: protobuf's JSON, read by a schema and written as the wire format.

use prost_reflect::prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor};

/// JSON that does not fit the schema.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct EncodeError {
    #[from]
    source: serde_json::Error,
}

/// Writes a message that is given as protobuf's JSON (field names of the schema work as well as their lowerCamelCase).
///
/// # Errors
///
/// When it is not JSON, or has what the type has not; the error says line and column.
pub fn encode(json: &str, message_type: &MessageDescriptor) -> Result<Vec<u8>, EncodeError> {
    let mut json = serde_json::Deserializer::from_str(json);
    let message = DynamicMessage::deserialize(message_type.clone(), &mut json)?;
    json.end()?;
    Ok(message.encode_to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::textbook::user_type;
    use super::*;

    #[test]
    fn what_fits_the_schema_is_written_and_what_does_not_is_refused() {
        let user = user_type().unwrap();
        assert_eq!(encode(r#"{"id":42}"#, &user).unwrap(), [0x08, 0x2a]);
        assert_eq!(
            encode(r#"{"address":{"zip_code":"1"},"status":1}"#, &user).unwrap(),
            [0x2a, 0x03, 0x22, 0x01, 0x31, 0x30, 0x01]
        );
        for bad in ["{", "{}x", r#"{"nobody":1}"#, r#"{"id":"x"}"#] {
            assert!(encode(bad, &user).is_err(), "{bad}");
        }
    }
}
