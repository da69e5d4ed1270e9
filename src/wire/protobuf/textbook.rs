//! The example that every student meets: one user in bytes.

use super::schema::{Schema, SchemaBuilder};
use prost_reflect::MessageDescriptor;
use std::sync::LazyLock;

/// The schema of the textbooks.
pub const PROTO: &str = include_str!("../../../assets/protobuf/textbook/user.proto");

/// Alice, as JSON that the schema reads.
pub const USER_JSON: &str = r#"{"id":"42","name":"Alice","email":"alice@example.com","roles":["admin","user"],"status":"ACTIVE"}"#;

/// The first fields of Alice on the wire: `id` is 42, and `name` is Alice.
pub const FIRST_FIELDS: [u8; 9] = [
    0x08, 0x2a, // 1: 42
    0x12, 0x05, 0x41, 0x6c, 0x69, 0x63, 0x65, // 2: "Alice"
];

/// The type `users.User`.
pub fn user_type() -> Option<MessageDescriptor> {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        let mut builder = SchemaBuilder::default();
        builder.add_source("user.proto", PROTO);
        builder.build()
    });
    SCHEMA.message("users.User")
}

#[cfg(test)]
mod tests {
    use super::super::encode::encode;
    use super::*;

    #[test]
    fn alice_begins_as_in_the_textbooks() {
        let bytes = encode(USER_JSON, &user_type().unwrap()).unwrap();
        assert!(bytes.starts_with(&FIRST_FIELDS));
    }
}
