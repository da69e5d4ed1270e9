//! Schemas from anywhere: descriptor sets, files that servers tell by reflection, and the text of `.proto` files.

use super::{fields_tile, script::Choices, steps_tile};
use crate::wire::protobuf::{Decoder, SchemaBuilder, encode, evolution, size};

/// Files of one schema.
const MAX_FILES: usize = 8;

/// Types that are asked.
const MAX_TYPES: usize = 40;

/// Reads bytes as files of a schema, each behind a byte that says what it is and two with its length, the lowest first.
/// Every type that comes out is found by its name, can be compared with itself, and reads bytes.
pub(super) fn schemas(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut builder = SchemaBuilder::default();
    for number in 0..MAX_FILES {
        if choices.is_empty() {
            break;
        }
        let kind = choices.byte();
        let length = u16::from_le_bytes([choices.byte(), choices.byte()]);
        let content = choices.bytes(length.into());
        let text = String::from_utf8_lossy(content);
        let name = format!("{number}.proto");
        match kind % 4 {
            0 => builder.add_descriptor_set(&name, content),
            1 => builder.add_file_descriptor(content),
            2 => drop(builder.add_source(&name, &text)),
            _ => drop(builder.add_source(&name, &format!("edition = \"2023\";\n{text}"))),
        }
    }
    let schema = builder.build();
    for problem in schema.problems() {
        assert!(!problem.to_string().is_empty());
    }
    for (path, method) in schema.methods().take(MAX_TYPES) {
        assert!(schema.method(path).is_some());
        Decoder::new().decode(bytes, Some(&method.input));
    }
    for message_type in schema.pool().all_messages().take(MAX_TYPES) {
        assert!(schema.message(message_type.full_name()).is_some());
        let message = Decoder::new().decode(bytes, Some(&message_type));
        fields_tile(&message, 0, bytes.len());
        steps_tile(&message, bytes);
        size::sizes(bytes, &message_type);
        evolution::changes(&message_type, &message_type);
        if let Ok(written) = encode::encode("{}", &message_type) {
            let read = Decoder::new().decode(&written, Some(&message_type));
            assert_eq!(read.first_damage(), None);
        }
    }
}
