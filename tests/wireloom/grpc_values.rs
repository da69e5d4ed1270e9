use crate::program::shipped;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use wireloom::analysis::grpc::{self, MessageReader, Payload};
use wireloom::capture::{Capture, schema_files};
use wireloom::report::fields::json_value;
use wireloom::report::text;
use wireloom::trace::{Carrier, ConnectionId, Direction, ExchangeId, Trace};
use wireloom::wire::http2::StreamId;
use wireloom::wire::protobuf::tree::{Field, Label, Message};
use wireloom::wire::protobuf::{Overrides, Schema, SchemaBuilder, Value};

/// Every capture with gRPC calls that ships, but those that are made of another.
const CAPTURES: [&str; 12] = [
    "grpc-chain",
    "grpc-deadlines",
    "grpc-errors",
    "grpc-large",
    "grpc-newer-server",
    "grpc-reflection",
    "grpc-retries",
    "grpc-shapes",
    "grpc-tonic",
    "grpc-user-service",
    "grpc-web",
    "grpc-web-packed",
];

fn facts(stem: &str) -> Json {
    let page = std::fs::read_to_string(shipped(&format!("{stem}.facts.json"))).unwrap();
    serde_json::from_str(&page).unwrap()
}

fn trace(stem: &str) -> Trace {
    let plain = shipped(&format!("{stem}.pcapng"));
    let path = match plain.exists() {
        true => plain,
        false => shipped(&format!("{stem}.pcapng.gz")),
    };
    wireloom::dissect::read_all(Capture::open(&path).unwrap())
}

/// The schemas that the facts were read by, one for each version; the version without a name is empty.
fn readers(facts: &Json) -> BTreeMap<String, MessageReader> {
    let mut paths: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for name in facts["schemas"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        let (version, file) = name.split_once('=').unwrap_or(("", name));
        // What is no file is a module of Python: a schema that the program brings along.
        if file.ends_with(".proto") {
            let path = shipped("proto").join(version).join(file);
            paths.entry(version.to_owned()).or_default().push(path);
        }
    }
    let reader = |paths: Vec<PathBuf>| {
        let mut builder = SchemaBuilder::default();
        schema_files::read(&mut builder, &paths).unwrap();
        let schema = builder.build();
        assert!(schema.problems().is_empty(), "{:?}", schema.problems());
        MessageReader::new(schema, Overrides::default())
    };
    paths
        .into_iter()
        .map(|(version, paths)| (version, reader(paths)))
        .collect()
}

/// A message as protobuf's canonical JSON, put together from the fields that were read and from nothing else: what
/// is unknown is left out, and so are defaults of fields without presence.
fn canonical(message: &Message, of: &MessageDescriptor, schema: &Schema) -> Json {
    let mut made = Map::new();
    for field in message.fields.iter().filter(|field| !field.unknown) {
        let Some(declared) = of.get_field(field.number.0) else {
            let name = field.name.clone().unwrap();
            assert!(name.starts_with('['), "{name}");
            let extension = of.get_extension(field.number.0).unwrap();
            let kind = extension.kind();
            match (&field.label, &field.value) {
                (Some(Label::Repeated), Some(Value::List(elements))) => {
                    for element in elements {
                        let value = value_of(field, Some(&element.value), &kind, schema);
                        add_to_list(&mut made, name.clone(), value);
                    }
                }
                (label, value) => {
                    let value = value_of(field, value.as_ref(), &kind, schema);
                    match label {
                        Some(Label::Repeated) => add_to_list(&mut made, name, value),
                        _ => drop(made.insert(name, value)),
                    }
                }
            }
            continue;
        };
        let name = declared.json_name().to_owned();
        if declared.is_map() {
            let entry = match declared.kind() {
                Kind::Message(entry) => entry,
                kind => panic!("{kind:?}"),
            };
            let inner = field.inner.as_ref().unwrap();
            let part = |declared: FieldDescriptor| match inner.last(declared.number()) {
                Some(field) => value_of(field, field.value.as_ref(), &declared.kind(), schema),
                None => default_of(&declared.kind()),
            };
            let key = match part(entry.map_entry_key_field()) {
                Json::String(key) => key,
                key => key.to_string(),
            };
            let entries = made.entry(name).or_insert_with(|| Map::new().into());
            entries[key] = part(entry.map_entry_value_field());
        } else if declared.is_list() {
            match &field.value {
                Some(Value::List(elements)) => {
                    for element in elements {
                        let value = value_of(field, Some(&element.value), &declared.kind(), schema);
                        add_to_list(&mut made, name.clone(), value);
                    }
                }
                value => {
                    let value = value_of(field, value.as_ref(), &declared.kind(), schema);
                    add_to_list(&mut made, name, value);
                }
            }
        } else {
            // The last member of a oneof counts.
            for other in declared
                .containing_oneof()
                .iter()
                .flat_map(|oneof| oneof.fields())
            {
                made.remove(other.json_name());
            }
            let value = value_of(field, field.value.as_ref(), &declared.kind(), schema);
            match field.label {
                Some(Label::Implicit) if is_default(&value, &declared.kind()) => made.remove(&name),
                _ => made.insert(name, value),
            };
        }
    }
    made.into()
}

fn add_to_list(made: &mut Map<String, Json>, name: String, value: Json) {
    let list = made.entry(name).or_insert_with(|| Json::Array(Vec::new()));
    list.as_array_mut().unwrap().push(value);
}

fn is_default(value: &Json, kind: &Kind) -> bool {
    // Minus zero is no default.
    let minus = value.as_f64().is_some_and(f64::is_sign_negative);
    *value == default_of(kind) && !minus && !matches!(kind, Kind::Message(_))
}

/// What a field without presence has when nothing was sent; messages always tell.
fn default_of(kind: &Kind) -> Json {
    match kind {
        Kind::String | Kind::Bytes => json!(""),
        Kind::Bool => json!(false),
        Kind::Double | Kind::Float => json!(0.0),
        Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => json!("0"),
        Kind::Enum(values) => json!(values.default_value().name()),
        Kind::Message(_) => Json::Object(Map::new()),
        _ => json!(0),
    }
}

fn value_of(field: &Field, value: Option<&Value>, kind: &Kind, schema: &Schema) -> Json {
    match (kind, value) {
        (Kind::Message(of), value) => message_value(field, value, of, schema),
        (_, Some(value)) => scalar(value, kind),
        (_, None) => panic!("{field:?}"),
    }
}

fn scalar(value: &Value, kind: &Kind) -> Json {
    match (value, kind) {
        (Value::Bytes(bytes), _) => json!(STANDARD.encode(bytes)),
        (_, Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64) => {
            json!(json_value(value).to_string())
        }
        (value, _) => json_value(value),
    }
}

/// A message within a message: what people read as one thing is one thing, an `Any` says its type.
fn message_value(
    field: &Field,
    value: Option<&Value>,
    of: &MessageDescriptor,
    schema: &Schema,
) -> Json {
    let inner = field.inner.as_ref().unwrap();
    let name = of.full_name();
    if name == "google.protobuf.Any" {
        return any(inner, schema);
    }
    let Some(value) = value else {
        return canonical(inner, of, schema);
    };
    match (name, value) {
        ("google.protobuf.FieldMask", Value::Text(mask)) => json!(camel(mask)),
        ("google.protobuf.Int64Value" | "google.protobuf.UInt64Value", value) => {
            json!(json_value(value).to_string())
        }
        (_, Value::Bytes(bytes)) => json!(STANDARD.encode(bytes)),
        (_, value) => json_value(value),
    }
}

fn any(message: &Message, schema: &Schema) -> Json {
    let url = message.last(1).and_then(|field| field.value.as_ref());
    let Some(Value::Text(url)) = url else {
        return json!({});
    };
    let held = message.last(2);
    let name = url.rsplit('/').next().unwrap();
    let of = schema
        .message(name)
        .or_else(|| wireloom::wire::protobuf::schema::built_in().message(name))
        .unwrap();
    let empty = Message::default();
    let inner = held.and_then(|held| held.inner.as_ref()).unwrap_or(&empty);
    let mut made = Map::new();
    let one_thing = held.filter(|held| held.value.is_some() || name == "google.protobuf.Any");
    match one_thing {
        Some(held) => {
            let value = message_value(held, held.value.as_ref(), &of, schema);
            made.insert("value".to_owned(), value);
        }
        None => made.extend(canonical(inner, &of, schema).as_object().unwrap().clone()),
    }
    made.insert("@type".to_owned(), json!(url));
    made.into()
}

/// The paths of a mask as JSON has them.
fn camel(mask: &str) -> String {
    let mut made = String::new();
    let mut upper = false;
    for letter in mask.chars() {
        match letter {
            '_' => upper = true,
            letter if std::mem::take(&mut upper) => made.extend(letter.to_uppercase()),
            letter => made.push(letter),
        }
    }
    made
}

/// Numbers by their value: Python writes 1e3 where others write 1000.0.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let has = |(key, value): (&String, &Json)| {
                other.get(key).is_some_and(|other| same(value, other))
            };
            one.len() == other.len() && one.iter().all(has)
        }
        (one, other) => one == other,
    }
}

/// Fields that the schema lacks, as the facts write them.
fn unknown(message: &Message, above: &str, bytes: &[u8], found: &mut Vec<String>) {
    for field in &message.fields {
        let path = format!("{above}{}", field.number);
        if field.unknown {
            let content = &bytes[field.content.clone()];
            let little = |content: &[u8]| {
                let mut all = [0; 8];
                all[..content.len()].copy_from_slice(content);
                u64::from_le_bytes(all).to_string()
            };
            let value = match field.wire_type.name() {
                "VARINT" => {
                    let seven = |sum: u64, byte: &u8| sum << 7 | u64::from(byte & 0x7f);
                    content.iter().rev().fold(0, seven).to_string()
                }
                "I64" | "I32" => little(content),
                "LEN" => text::hex(content),
                _ => "group".to_owned(),
            };
            found.push(format!("{path} {} {value}", field.wire_type as u8));
        } else if let Some(inner) = &field.inner {
            unknown(inner, &format!("{path}."), bytes, found);
        }
    }
}

fn expected_unknown(list: &Json) -> Vec<String> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    let mut made: Vec<String> = list
        .iter()
        .map(|field| {
            let value = match &field["value"] {
                Json::Null => field["hex"].as_str().unwrap().to_owned(),
                Json::String(word) => word.clone(),
                number => number.to_string(),
            };
            let path = field["path"].as_str().unwrap();
            format!("{path} {} {value}", field["wire_type"])
        })
        .collect();
    made.sort();
    made
}

/// Compares a message with what Python's protobuf reads by one version of the schema.
fn agrees(
    about: &str,
    reader: &MessageReader,
    call: &grpc::Call,
    direction: Direction,
    bytes: &[u8],
    [json, unknown_fields]: [&Json; 2],
) {
    let read = reader.read(call, direction, bytes);
    assert_eq!(read.first_damage(), None, "{about}");
    let of = reader.message_type(call, direction).unwrap();
    let made = canonical(&read, &of, reader.schema());
    if let Some(hash) = json["json_sha256"].as_str() {
        let compact = made.to_string();
        assert_eq!(json["json_bytes"], compact.len(), "{about}");
        assert_eq!(text::hex(&Sha256::digest(compact)), hash, "{about}");
    } else {
        assert!(same(&made, json), "{about}:\n{made}\n{json}");
    }
    let mut found = Vec::new();
    unknown(&read, "", bytes, &mut found);
    found.sort();
    assert_eq!(found, expected_unknown(unknown_fields), "{about}");
}

#[test]
fn values_of_every_message_equal_what_pythons_protobuf_decodes() {
    for stem in CAPTURES {
        let facts = facts(stem);
        let (trace, readers) = (trace(stem), readers(&facts));
        let (mut compared, mut all) = (0, 0);
        for expected in facts["calls"].as_array().unwrap() {
            let index = |key: &str| expected[key].as_u64().unwrap();
            let connection = ConnectionId::from_index(index("connection") as usize);
            let connection = trace.connection(connection).unwrap();
            let carrier = match expected["exchange"].as_u64() {
                Some(exchange) => ExchangeId::from_index(exchange as usize).into(),
                None => Carrier::from(StreamId(index("stream") as u32)),
            };
            let call = grpc::call(&trace, connection, carrier).unwrap();
            let messages = grpc::messages(&trace, connection, carrier).unwrap();
            for (key, direction) in [
                ("request", Direction::Client),
                ("response", Direction::Server),
            ] {
                let list = messages.list.iter().filter(|message| {
                    message.direction == direction && message.whole && !message.is_web_trailers()
                });
                let wanted = expected["messages"][key].as_array().unwrap();
                assert_eq!(list.clone().count(), wanted.len(), "{stem} {carrier}");
                for (number, (message, wanted)) in list.zip(wanted).enumerate() {
                    let about = format!("{stem}, {carrier}, {key} {number}");
                    let encoding = call.encoding(direction);
                    let body = messages.body(message);
                    let payload = Payload::read(&trace, connection, body, message, encoding);
                    let bytes = payload.decoded.unwrap();
                    let hash = text::hex(&Sha256::digest(&bytes));
                    assert_eq!(wanted["sha256"], hash, "{about}");
                    all += 1;
                    let versions = wanted["json_by"].as_object();
                    for (version, reader) in &readers {
                        let told = match versions {
                            Some(by) => [&by[version], &wanted["unknown_by"][version]],
                            None if wanted["json_sha256"].is_string() => {
                                [wanted, &wanted["unknown"]]
                            }
                            None => [&wanted["json"], &wanted["unknown"]],
                        };
                        if !told[0].is_null() {
                            agrees(&about, reader, &call, direction, &bytes, told);
                            compared += 1;
                        }
                    }
                }
            }
        }
        // Messages of methods that no schema has, in a capture about such errors, have no type.
        let without_type = if stem == "grpc-errors" { 2 } else { 0 };
        let versions = readers.len();
        assert_eq!(compared, (all - without_type) * versions, "{stem}");
        assert!(all > 5, "{stem}");
    }
}
