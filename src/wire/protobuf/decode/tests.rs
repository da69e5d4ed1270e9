use super::super::reading::ReadingKind;
use super::super::tree::Label;
use super::super::value::Value;
use super::super::{FieldNumber, Override, SchemaBuilder};
use super::*;

fn pool(source: &str) -> DescriptorPool {
    let mut builder = SchemaBuilder::default();
    builder.add_source("test.proto", source);
    let schema = builder.build();
    assert!(schema.problems().is_empty(), "{:?}", schema.problems());
    schema.pool().clone()
}

fn decode(source: &str, bytes: &[u8]) -> Message {
    let pool = pool(source);
    let message_type = pool.get_message_by_name("t.M").unwrap();
    Decoder::new().decode(bytes, Some(&message_type))
}

const USER: [u8; 9] = [
    0x08, 0x2a, // 1: 42
    0x12, 0x05, 0x41, 0x6c, 0x69, 0x63, 0x65, // 2: "Alice"
];

#[test]
fn the_textbooks_bytes_have_names_with_a_schema() {
    let message = decode(
        r#"syntax = "proto3"; package t; message M { int64 id = 1; string name = 2; }"#,
        &USER,
    );
    assert_eq!(message.type_name.as_deref(), Some("t.M"));
    let [id, name] = &message.fields[..] else {
        panic!()
    };
    assert_eq!(id.name.as_deref(), Some("id"));
    assert_eq!(id.value, Some(Value::Signed(42)));
    assert_eq!(name.value, Some(Value::Text("Alice".to_owned())));
    assert_eq!(name.type_name.as_deref(), Some("string"));
    assert_eq!(name.label, Some(Label::Implicit));
    assert!(name.readings.is_empty());
}

#[test]
fn without_a_schema_there_are_readings_and_the_best_is_shown() {
    let message = Decoder::new().decode(&USER, None);
    let [id, name] = &message.fields[..] else {
        panic!()
    };
    assert_eq!(id.readings[0].kind, ReadingKind::Signed);
    assert!(
        id.readings
            .iter()
            .any(|reading| reading.value == Some(Value::Signed(21)))
    );
    assert_eq!(name.value, Some(Value::Text("Alice".to_owned())));
    assert!(!name.unknown);
    assert!(
        name.readings
            .iter()
            .any(|reading| reading.kind == ReadingKind::Bytes)
    );
    assert!(
        name.readings
            .windows(2)
            .all(|pair| pair[0].score >= pair[1].score)
    );
}

#[test]
fn a_field_that_the_schema_lacks_is_unknown_and_has_readings() {
    let message = decode(
        r#"syntax = "proto3"; package t; message M { int64 id = 1; }"#,
        &USER,
    );
    assert!(message.fields[1].unknown);
    assert_eq!(
        message.fields[1].value,
        Some(Value::Text("Alice".to_owned()))
    );
    assert!(!message.fields[1].readings.is_empty());
}

#[test]
fn what_a_person_said_outweighs_everything() {
    let mut overrides = Overrides::default();
    let said = Override {
        reading: Some(ReadingKind::Bytes),
        name: Some("token".to_owned()),
    };
    overrides.set("s", &[FieldNumber(2)], said);
    let message = Decoder::new()
        .with_overrides(&overrides, "s")
        .decode(&USER, None);
    assert_eq!(
        message.fields[1].value,
        Some(Value::Bytes(b"Alice".to_vec()))
    );
    assert_eq!(message.fields[1].name.as_deref(), Some("token"));
    assert_eq!(message.fields[1].readings[0].score, 100);
}

#[test]
fn lists_maps_enums_groups_and_extensions_are_named() {
    let source = r#"syntax = "proto2"; package t;
        message M {
            repeated int32 numbers = 1 [packed = true];
            map<string, sint32> counts = 2;
            optional Colour colour = 3;
            optional group Point = 4 { optional float x = 1; }
            extensions 100 to 199;
        }
        enum Colour { NONE = 0; RED = 1; }
        extend M { optional string nick = 100; }"#;
    let message = decode(
        source,
        &[
            0x0a, 0x03, 0x01, 0xac, 0x02, // 1: packed 1, 300
            0x12, 0x05, 0x0a, 0x01, 0x61, 0x10, 0x03, // 2: "a" is -2
            0x18, 0x01, // 3: RED
            0x18, 0x07, // 3: 7
            0x23, 0x0d, 0, 0, 0x80, 0x3f, 0x24, // 4: group with x = 1.0
            0xa2, 0x06, 0x02, 0x41, 0x6c, // 100: "Al"
        ],
    );
    assert_eq!(message.damage, None);
    let [numbers, counts, red, seven, point, nick] = &message.fields[..] else {
        panic!()
    };
    let Some(Value::List(elements)) = &numbers.value else {
        panic!()
    };
    assert_eq!(elements[1].value, Value::Signed(300));
    assert_eq!((elements[1].start, elements[1].end), (3, 5));
    assert_eq!(numbers.notes, []);
    assert_eq!(counts.type_name.as_deref(), Some("map<string, sint32>"));
    assert_eq!(counts.children()[1].value, Some(Value::Signed(-2)));
    assert_eq!(red.value.as_ref().unwrap().to_string(), "RED");
    // Enums of proto2 are closed: parsers keep RED, and put 7 with the unknown fields.
    assert_eq!((red.unknown, seven.unknown), (false, true));
    assert_eq!(red.notes, []);
    assert_eq!(seven.notes, [Note::OutsideClosedEnum { number: 7 }]);
    assert_eq!(point.name.as_deref(), Some("point"));
    assert_eq!(point.children()[0].value, Some(Value::Float(1.0)));
    assert_eq!(nick.name.as_deref(), Some("[t.nick]"));
    assert_eq!(nick.value, Some(Value::Text("Al".to_owned())));
}

#[test]
fn well_known_types_are_shown_as_people_read_them() {
    let source = r#"syntax = "proto3"; package t;
        import "google/protobuf/timestamp.proto"; import "google/protobuf/any.proto";
        import "google/protobuf/struct.proto"; import "google/protobuf/wrappers.proto";
        message M {
            google.protobuf.Timestamp at = 1;
            google.protobuf.Any detail = 2;
            google.protobuf.Struct settings = 3;
            google.protobuf.Int64Value count = 4;
        }
        message Detail { string why = 1; }"#;
    let mut bytes = vec![0x0a, 0x06, 0x08, 0x80, 0xe2, 0xcf, 0xaa, 0x06]; // 1: 1 700 000 000 s
    let url = b"type.googleapis.com/t.Detail";
    bytes.extend([0x12, 6 + 2 + 28, 0x0a, 28]); // 2: type_url …
    bytes.extend(url);
    bytes.extend([0x12, 0x04, 0x0a, 0x02, 0x6e, 0x6f]); // … and value
    bytes.extend([
        0x1a, 0x0b, 0x0a, 0x09, 0x0a, 0x01, 0x6b, 0x12, 0x04, 0x1a, 0x02, 0x6f, 0x6b,
    ]); // 3: {"k": "ok"}
    bytes.extend([0x22, 0x00]); // 4: 0
    let message = decode(source, &bytes);
    let [at, detail, settings, count] = &message.fields[..] else {
        panic!()
    };
    assert_eq!(
        at.value,
        Some(Value::Text("2023-11-14T22:13:20Z".to_owned()))
    );
    let held = &detail.children()[1];
    assert_eq!(held.type_name.as_deref(), Some("t.Detail"));
    assert_eq!(held.children()[0].value, Some(Value::Text("no".to_owned())));
    assert_eq!(held.children()[0].name.as_deref(), Some("why"));
    assert_eq!(
        settings.value,
        Some(Value::Json(serde_json::json!({"k": "ok"})))
    );
    assert_eq!(count.value, Some(Value::Signed(0)));
}

#[test]
fn what_counts_of_repeated_singular_fields_is_noted() {
    let source = r#"syntax = "proto3"; package t;
        message M { oneof choice { int32 a = 1; string b = 2; } M child = 3; string text = 4; map<int32, int32> m = 5; }"#;
    let message = decode(
        source,
        &[
            0x08, 0x01, // 1: replaced by b
            0x12, 0x01, 0x78, // 2: "x"
            0x1a, 0x02, 0x08, 0x01, // 3
            0x1a, 0x02, 0x08, 0x02, // 3 again: merged
            0x22, 0x01, 0xff, // 4: not UTF-8
            0x2a, 0x04, 0x08, 0x01, 0x10, 0x01, // 5: 1 is 1
            0x2a, 0x04, 0x08, 0x01, 0x10, 0x02, // 5: 1 is 2
        ],
    );
    let notes: Vec<&[Note]> = message
        .fields
        .iter()
        .map(|field| &field.notes[..])
        .collect();
    assert_eq!(notes[0], [Note::OneofReplaced { by: "b".to_owned() }]);
    assert_eq!(notes[1], []);
    assert_eq!(notes[2], []);
    assert_eq!(notes[3], [Note::MergedWith { at: 5 }]);
    assert_eq!(notes[4], [Note::NotUtf8]);
    assert_eq!(notes[5], [Note::KeyReplaced { at: 22 }]);
    assert_eq!(notes[6], []);
}

#[test]
fn another_wire_type_than_the_schemas_is_unknown() {
    let source =
        r#"syntax = "proto3"; package t; message M { string name = 1; repeated int32 n = 2; }"#;
    let message = decode(source, &[0x08, 0x05, 0x10, 0x05]);
    assert!(message.fields[0].unknown);
    assert!(matches!(
        message.fields[0].notes[..],
        [Note::WrongWireType { .. }]
    ));
    assert_eq!(message.fields[0].value, Some(Value::Signed(5)));
    assert_eq!(message.fields[1].notes, [Note::NotPacked]);
    assert_eq!(message.fields[1].value, Some(Value::Signed(5)));
}

#[test]
fn a_message_that_is_cut_keeps_its_fields_down_to_the_cut() {
    let source = r#"syntax = "proto3"; package t; message M { M child = 1; string name = 2; }"#;
    let message = decode(source, &[0x0a, 0x09, 0x12, 0x05, 0x41, 0x6c]);
    let child = &message.fields[0];
    assert_eq!(
        child.notes,
        [Note::Cut {
            declared: 9,
            available: 4
        }]
    );
    assert_eq!(
        child.children()[0].value,
        Some(Value::Text("Al".to_owned()))
    );
    assert_eq!(message.damage.unwrap().at, 1);
    assert_eq!(child.inner.as_ref().unwrap().damage.unwrap().at, 3);
}

#[test]
fn nesting_and_counts_have_limits() {
    let mut deep = Vec::new();
    for _ in 0..300 {
        let mut outer = vec![0x0a];
        super::super::varint::Varint::write(deep.len() as u64, &mut outer);
        outer.append(&mut deep);
        deep = outer;
    }
    let source = r#"syntax = "proto3"; package t; message M { M child = 1; }"#;
    let damage = decode(source, &deep).first_damage().unwrap();
    assert_eq!(damage.kind, DamageKind::TooDeep);
    let _ = Decoder::new().decode(&deep, None);
    let _ = Decoder::new().decode(&[0x0b; 300], None);

    let many = [0x10, 0x01].repeat(MAX_FIELDS + 1);
    let message = Decoder::new().decode(&many, None);
    assert_eq!(message.fields.len(), MAX_FIELDS);
    assert_eq!(message.damage.unwrap().kind, DamageKind::TooManyFields);
}
