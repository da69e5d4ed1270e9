//! Files in editions: what their features say is read the same from their text, from a descriptor set and from what
//! reflection sends, and as Python's protobuf reads it.

use crate::protobuf::{Row, folded, folder, rows};
use serde_json::Value as Json;
use wireloom::capture::schema_files;
use wireloom::wire::protobuf::evolution::default_text;
use wireloom::wire::protobuf::size::canonical_json;
use wireloom::wire::protobuf::walk::{RawValue, Walk};
use wireloom::wire::protobuf::{Decoder, Schema, SchemaBuilder};

fn from_text() -> Schema {
    let mut builder = SchemaBuilder::default();
    let names = ["editions.proto", "editions2024.proto"];
    let paths: Vec<_> = names.iter().map(|name| folder().join(name)).collect();
    schema_files::read(&mut builder, &paths).unwrap();
    builder.build()
}

fn set() -> Vec<u8> {
    std::fs::read(folder().join("editions.binpb")).unwrap()
}

fn from_set() -> Schema {
    let mut builder = SchemaBuilder::default();
    builder.add_descriptor_set("editions.binpb", &set());
    builder.build()
}

fn from_reflection() -> Schema {
    let mut builder = SchemaBuilder::default();
    for file in Walk::new(&set()) {
        let RawValue::Len(content) = file.value else {
            panic!("{file:?}")
        };
        builder.add_file_descriptor(content);
    }
    builder.build()
}

fn check(schema: &Schema, rows: &[Row]) {
    assert!(schema.problems().is_empty(), "{:?}", schema.problems());
    for row in rows {
        let message_type = schema.message(&row.type_name).unwrap();
        let message = Decoder::new().decode(&row.bytes, Some(&message_type));
        assert_eq!(message.first_damage(), None);
        assert_eq!(folded(&message, &row.bytes), row.json, "{:02x?}", row.bytes);
        // Numbers that a closed enum lacks are not in JSON either.
        if let Some(json) = canonical_json(&row.bytes, &message_type) {
            let json: Json = serde_json::from_str(&json).unwrap();
            assert_eq!(json.get("allLevels"), row.json.get("all_levels"));
            assert_eq!(json.get("levels"), row.json.get("levels"));
            assert_eq!(json.get("level"), row.json.get("level"));
        }
    }
}

#[test]
fn messages_of_editions_equal_what_pythons_protobuf_decodes() {
    let rows = rows("editions.jsonl");
    assert!(rows.len() >= 90);
    check(&from_text(), &rows);
    check(&from_set(), &rows);
    check(&from_reflection(), &rows);
}

#[test]
fn features_are_the_same_from_text_and_from_descriptors() {
    let (text, set) = (from_text(), from_set());
    assert_eq!(text.message_names(), set.message_names());
    for name in text.message_names() {
        let (one, other) = (text.message(&name).unwrap(), set.message(&name).unwrap());
        for field in one.fields() {
            let same = other.get_field(field.number()).unwrap();
            let facts = |field: &prost_reflect::FieldDescriptor| {
                (
                    field.supports_presence(),
                    field.is_required(),
                    field.is_packed(),
                    field.is_group(),
                    default_text(field),
                )
            };
            assert_eq!(facts(&field), facts(&same), "{name}.{}", field.name());
        }
    }
}

#[test]
fn what_a_closed_enum_lacks_is_an_unknown_field() {
    let schema = from_set();
    let message_type = schema.message("editions.Everything").unwrap();
    let bytes = [
        0x18, 0x01, // required: 1
        0x78, 0x05, // level: 5, which its closed enum lacks
        0x90, 0x01, 0x05, // open: 5, which its open enum lacks
        0x52, 0x01, 0xff, // unchecked: not UTF-8
        0x42, 0x01, 0xff, // text: not UTF-8
    ];
    let message = Decoder::new().decode(&bytes, Some(&message_type));
    let notes: Vec<String> = message
        .fields
        .iter()
        .map(|field| field.notes.iter().map(ToString::to_string).collect())
        .collect();
    assert!(message.fields[1].unknown && !message.fields[2].unknown);
    assert!(notes[1].starts_with("the enum is closed and has no value 5"));
    assert_eq!(notes[2], "the schema has no name for the value 5");
    assert!(notes[3].contains("does not ask parsers to check"));
    assert!(notes[4].contains("many parsers refuse"));
}
