use crate::program::{complaint, run, run_with_input, shipped};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use wireloom::capture::schema_files;
use wireloom::report::fields::json_value;
use wireloom::wire::protobuf::draft;
use wireloom::wire::protobuf::tree::{Field, Label, Message, Note};
use wireloom::wire::protobuf::{Decoder, Evidence, Overrides, Schema, SchemaBuilder, Value};

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/protobuf")
}

/// A message whose truth Python's protobuf told.
pub struct Row {
    pub type_name: String,
    pub bytes: Vec<u8>,
    pub json: Json,
    /// The truth about every `LEN` field.
    pub fields: Vec<Json>,
}

/// The messages of a file beside this test's data.
pub fn rows(file: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    text.lines()
        .map(|line| {
            let mut row: Json = serde_json::from_str(line).unwrap();
            let hex = row["hex"].as_str().unwrap();
            let bytes = (0..hex.len()).step_by(2);
            Row {
                type_name: row["type"].as_str().unwrap().to_owned(),
                bytes: bytes
                    .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                    .collect(),
                json: row["json"].take(),
                fields: row["fields"].as_array().cloned().unwrap_or_default(),
            }
        })
        .collect()
}

fn schema() -> Schema {
    let mut builder = SchemaBuilder::default();
    let paths = ["truth.proto", "truth2.proto"].map(|name| folder().join(name));
    schema_files::read(&mut builder, &paths).unwrap();
    let schema = builder.build();
    assert!(schema.problems().is_empty(), "{:?}", schema.problems());
    schema
}

/// A message as Python's reading in the truth has it.
///
/// What parsers put with the unknown fields is left out, as Python does.
pub fn folded(message: &Message, bytes: &[u8]) -> Json {
    let name = message.type_name.as_deref().unwrap();
    // Python leaves the content of an `Any` as bytes.
    let is_any = name == "google.protobuf.Any";
    let mut made = Map::new();
    for field in &message.fields {
        let name = field.name.clone().unwrap();
        if field.unknown {
            continue;
        }
        let is_map = field.type_name.as_ref().unwrap().starts_with("map<");
        if is_any && field.number.0 == 2 {
            assert!(field.inner.is_some());
            let content = bytes[field.content.clone()].to_vec();
            made.insert(name, json_value(&Value::Bytes(content)));
        } else if is_map {
            let part = |number| field.inner.as_ref().unwrap().last(number).unwrap();
            let key = match &part(1).value {
                Some(Value::Text(text)) => text.clone(),
                key => key.as_ref().unwrap().to_string(),
            };
            let entries = made.entry(name).or_insert_with(|| Map::new().into());
            entries[key] = folded_value(part(2), part(2).value.as_ref(), bytes);
        } else if field.label == Some(Label::Repeated) {
            let list = made
                .entry(name)
                .or_insert_with(|| Vec::<Json>::new().into());
            let list = list.as_array_mut().unwrap();
            match &field.value {
                Some(Value::List(elements)) => list.extend(
                    elements
                        .iter()
                        .filter(|element| !is_outside(field, &element.value))
                        .map(|element| folded_value(field, Some(&element.value), bytes)),
                ),
                value => list.push(folded_value(field, value.as_ref(), bytes)),
            }
        } else {
            made.insert(name, folded_value(field, field.value.as_ref(), bytes));
        }
    }
    made.into()
}

fn is_outside(field: &Field, value: &Value) -> bool {
    field.notes.iter().any(|note| match (note, value) {
        (Note::OutsideClosedEnum { number: lacking }, Value::Enum { number, .. }) => {
            lacking == number
        }
        _ => false,
    })
}

fn folded_value(field: &Field, value: Option<&Value>, bytes: &[u8]) -> Json {
    match (&field.inner, value) {
        (Some(_), Some(value)) if is_time(field) => json_value(value),
        (Some(inner), _) => folded(inner, bytes),
        (None, Some(Value::Float(number))) if number.is_finite() => {
            json!({"float": number.to_bits()})
        }
        (None, Some(Value::Double(number))) if number.is_finite() => {
            json!({"double": number.to_bits()})
        }
        (None, Some(value)) => json_value(value),
        (None, None) => panic!("{field:?}"),
    }
}

#[test]
fn fields_equal_what_pythons_protobuf_decodes() {
    let schema = schema();
    let rows = rows("messages.jsonl");
    assert!(rows.len() >= 200);
    for row in &rows {
        let message_type = schema.message(&row.type_name).unwrap();
        let message = Decoder::new().decode(&row.bytes, Some(&message_type));
        assert_eq!(message.first_damage(), None);
        assert_eq!(folded(&message, &row.bytes), row.json);
    }
}

fn is_time(field: &Field) -> bool {
    let name = field.type_name.as_deref().unwrap();
    matches!(
        name,
        "google.protobuf.Timestamp" | "google.protobuf.Duration"
    )
}

#[test]
fn a_draft_from_messages_compiles_and_decodes_all_of_them() {
    let rows = rows("messages.jsonl");
    let mut evidence = Evidence::default();
    for row in &rows {
        evidence.feed(&row.type_name, &row.bytes);
    }
    let scopes: BTreeSet<&str> = rows.iter().map(|row| row.type_name.as_str()).collect();
    for scope in scopes {
        let text = draft::draft_message(&evidence, &Overrides::default(), scope, "Drafted");
        let mut builder = SchemaBuilder::default();
        builder.add_source("draft.proto", &text);
        let schema = builder.build();
        assert!(
            schema.problems().is_empty(),
            "{:?}\n{text}",
            schema.problems()
        );
        let message_type = schema.message("Drafted").unwrap();
        for row in rows.iter().filter(|row| row.type_name == scope) {
            let message = Decoder::new().decode(&row.bytes, Some(&message_type));
            assert_eq!(message.first_damage(), None, "{scope}");
            let unknown = message.fields.iter().find(|field| field.unknown);
            assert_eq!(unknown, None, "{scope}");
            // Another program understands the draft too.
            let dynamic =
                prost_reflect::DynamicMessage::decode(message_type.clone(), &row.bytes[..]);
            assert!(dynamic.is_ok(), "{scope} {dynamic:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_messages_are_read_up_to_the_damage(
        row in 0..255_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| rows("messages.jsonl"));
        let mut bytes = ROWS[row].bytes.clone();
        if !bytes.is_empty() {
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        wireloom::hostile::protobuf(&bytes);
    }
}

fn printed(arguments: &[&str]) -> String {
    let output = run(&[&["protobuf"], arguments].concat());
    assert!(output.status.success(), "{}", complaint(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_command_shows_the_exercise_and_reads_hex_however_it_comes() {
    assert!(printed(&[]).contains("1 id: int64 = 42"));
    let json = printed(&["--json", "08 2A", "12 05 41 6C 69 63 65"]);
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!(json["fields"][1]["value"], "Alice");
    assert_eq!(json["fields"][1]["range"], json!([2, 9]));
    assert_eq!(json["steps"][1]["number"], 42);
    for input in [&b"08 2a"[..], b"\x08\x2a"] {
        let output = run_with_input(&["protobuf", "-", "--json"], input);
        let json: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["hex"], "082a");
    }
}

#[test]
fn values_become_bytes_and_bytes_become_values() {
    let proto = folder().join("truth.proto");
    let proto = proto.to_str().unwrap();
    let arguments = ["--proto", proto, "--type", "User", "--json"];
    let written = printed(
        &[
            &arguments[..],
            &["--encode", r#"{"id":42,"status":"ACTIVE"}"#],
        ]
        .concat(),
    );
    let written: Json = serde_json::from_str(&written).unwrap();
    assert_eq!(written["hex"], "082a3001");
    assert_eq!(written["json"], r#"{"id":"42","status":"ACTIVE"}"#);
    let read = printed(&[&arguments[..], &["082a3001"]].concat());
    assert_eq!(serde_json::from_str::<Json>(&read).unwrap(), written);
    assert_eq!(written["fields"][1]["value"], "ACTIVE");
    assert_eq!(written["fields"][1]["enum_number"], 1);
}

#[test]
fn what_makes_no_sense_is_one_sentence_and_status_2() {
    let proto = folder().join("truth.proto");
    let proto = proto.to_str().unwrap();
    for arguments in [
        &["protobuf", "hello"][..],
        &["protobuf", "082a", "--proto", proto, "--type", "Nobody"],
        &["protobuf", "--proto", proto, "--encode", "{}"],
        &[
            "protobuf",
            "--proto",
            proto,
            "--type",
            "User",
            "--encode",
            r#"{"id":"x"}"#,
        ],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(
            complaint(&output).lines().count(),
            1,
            "{}",
            complaint(&output)
        );
    }
    let missing = run(&["protobuf", "082a", "--proto", "no/such.proto"]);
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn descriptors_made_to_harm_are_refused_or_read() {
    use prost_reflect::prost::Message as _;
    use prost_reflect::prost_types::FileDescriptorSet;
    let schema = schema();
    let files = schema.pool().file_descriptor_protos();
    let files = files.filter(|file| file.name().ends_with("truth2.proto"));
    let file = files.cloned().collect();
    let bytes = FileDescriptorSet { file }.encode_to_vec();
    assert!(bytes.len() > 500);
    let mut seed = 1_u64;
    for _ in 0..500 {
        let mut bytes = bytes.clone();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(seed >> 33).unwrap() % bytes.len();
            bytes[at] = seed.to_le_bytes()[3];
        }
        wireloom::hostile::schema(&bytes);
        bytes.truncate(usize::try_from(seed >> 40).unwrap() % bytes.len());
        wireloom::hostile::schema(&bytes);
    }
}

/// The files of schemas that ship with the program and its tests, as the fuzz target takes them.
fn schema_seeds() -> Vec<Vec<u8>> {
    let piece = |kind: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap();
        let mut piece = vec![kind];
        piece.extend(length.to_le_bytes());
        piece.extend_from_slice(content);
        piece
    };
    let read = |name: &str| std::fs::read(folder().join(name)).unwrap();
    let mut seeds: Vec<Vec<u8>> = ["truth.proto", "truth2.proto", "editions.proto"]
        .map(|name| piece(2, &read(name)))
        .into();
    seeds.push(piece(0, &read("editions.binpb")));
    let captured = ["shapes.proto", "legacy.proto"].map(|name| {
        let file = std::fs::read(shipped("proto").join(name)).unwrap();
        piece(2, &file)
    });
    seeds.push(captured.concat());
    seeds
}

#[test]
fn schemas_made_to_harm_are_refused_or_read_whatever_they_are_made_of() {
    let mut seed = 3_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for bytes in schema_seeds() {
        wireloom::hostile::schemas(&bytes);
        for _ in 0..40 {
            let mut bytes = bytes.clone();
            for _ in 0..3 {
                let at = random(bytes.len());
                bytes[at] = u8::try_from(random(256)).unwrap();
            }
            wireloom::hostile::schemas(&bytes);
            bytes.truncate(random(bytes.len()));
            wireloom::hostile::schemas(&bytes);
        }
    }
}

#[test]
fn a_draft_of_a_capture_decodes_the_capture() {
    for name in [
        "grpc-shapes.pcapng",
        "grpc-user-service.pcapng",
        "grpc-tonic.pcapng",
    ] {
        let capture = shipped(name);
        let capture = capture.to_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().to_str().unwrap();
        let output = run(&["draft", capture, "-o", folder]);
        assert!(output.status.success(), "{}", complaint(&output));
        let output = run(&["messages", capture, "--proto", folder, "--json"]);
        assert_eq!(complaint(&output), "");
        let text = String::from_utf8(output.stdout).unwrap();
        let mut read = 0;
        for line in text.lines() {
            let message: Json = serde_json::from_str(line).unwrap();
            let Some(fields) = message["fields"].as_array() else {
                continue;
            };
            assert!(message["type"].is_string(), "{line}");
            assert!(
                fields.iter().all(|field| field["unknown"].is_null()),
                "{line}"
            );
            read += 1;
        }
        assert!(read > 5, "{name}");
    }
}
