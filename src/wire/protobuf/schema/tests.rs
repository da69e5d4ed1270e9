use super::super::{Decoder, Value};
use super::*;
use prost_reflect::prost::Message;
use prost_reflect::prost_types::FileDescriptorSet;

fn build(files: &[(&str, &str)]) -> Schema {
    let mut builder = SchemaBuilder::default();
    for (name, source) in files {
        builder.add_source(name, source);
    }
    builder.build()
}

fn problems(schema: &Schema) -> Vec<String> {
    schema.problems().iter().map(ToString::to_string).collect()
}

const SERVICE: &str = r#"syntax = "proto3"; package users;
    import "common/address.proto";
    import "google/protobuf/timestamp.proto";
    import "google/api/annotations.proto";
    service UserService {
        rpc GetUser(GetUserRequest) returns (User) { option (google.api.http) = { get: "/v1/x" }; }
        rpc Chat(stream User) returns (stream User);
    }
    message GetUserRequest { int64 user_id = 1; }
    message User { int64 id = 1; common.Address address = 5; google.protobuf.Timestamp since = 7; }"#;
const ADDRESS: &str = r#"syntax = "proto3"; package common; message Address { string city = 2; }"#;

#[test]
fn imports_are_found_by_the_end_of_their_paths() {
    let schema = build(&[
        ("api/users/service.proto", SERVICE),
        ("api/common/address.proto", ADDRESS),
    ]);
    assert_eq!(
        problems(&schema),
        ["api/users/service.proto imports google/api/annotations.proto, which was not found"]
    );
    let method = schema.method("/users.UserService/GetUser").unwrap();
    assert_eq!(method.input.full_name(), "users.GetUserRequest");
    assert_eq!(method.kind, MethodKind::Unary);
    let chat = schema.method("/users.UserService/Chat").unwrap();
    assert_eq!(chat.kind, MethodKind::Bidirectional);
    assert_eq!(schema.message("User").unwrap().full_name(), "users.User");
}

#[test]
fn a_missing_import_leaves_the_rest_and_its_types_are_unknown_fields() {
    let schema = build(&[("users/service.proto", SERVICE)]);
    assert_eq!(schema.problems().len(), 3);
    assert!(problems(&schema)[2].contains("uses the type common.Address"));
    let user = schema.message("users.User").unwrap();
    let bytes = [
        0x08, 0x2a, // 1: 42
        0x2a, 0x06, 0x12, 0x04, 0x42, 0x65, 0x72, 0x6e, // 5: 2: "Bern"
    ];
    let tree = Decoder::new().decode(&bytes, Some(&user));
    assert_eq!(tree.fields[0].value, Some(Value::Signed(42)));
    assert_eq!(tree.fields[1].name.as_deref(), Some("address"));
    let city = &tree.fields[1].children()[0];
    assert!(city.unknown);
    assert_eq!(city.value, Some(Value::Text("Bern".to_owned())));
    assert_eq!(
        schema.message_names(),
        [
            "google.protobuf.Timestamp",
            "users.GetUserRequest",
            "users.User"
        ]
    );
}

#[test]
fn one_file_that_cannot_be_read_does_not_take_the_others_along() {
    let schema = build(&[
        ("bad.proto", "syntax = \"proto3\"; message {"),
        (
            "good.proto",
            "syntax = \"proto3\"; message Good { int32 n = 1; }",
        ),
        (
            "again.proto",
            "syntax = \"proto3\"; message Good { int32 other = 1; }",
        ),
        (
            "circle.proto",
            "syntax = \"proto3\"; import \"wheel.proto\"; message C { W w = 1; }",
        ),
        (
            "wheel.proto",
            "syntax = \"proto3\"; import \"circle.proto\"; message W { int32 n = 1; }",
        ),
    ]);
    assert!(
        schema
            .message("Good")
            .unwrap()
            .get_field_by_name("n")
            .is_some()
    );
    assert!(schema.message("C").is_some());
    let problems = problems(&schema);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].starts_with("bad.proto:1:"), "{problems:?}");
    assert!(
        problems
            .iter()
            .any(|problem| problem.starts_with("again.proto was left out"))
    );
    assert!(
        problems
            .iter()
            .any(|problem| problem.contains("imports it in turn"))
    );
}

#[test]
fn descriptor_sets_and_reflection_give_the_same_as_the_files() {
    let schema = build(&[
        ("users/service.proto", SERVICE),
        ("common/address.proto", ADDRESS),
    ]);
    let files: Vec<_> = schema.pool().file_descriptor_protos().cloned().collect();
    let mut reflected = SchemaBuilder::default();
    // In any order.
    for file in files.iter().rev() {
        reflected.add_file_descriptor(&file.encode_to_vec());
    }
    let reflected = reflected.build();
    assert!(reflected.problems().is_empty());
    assert!(reflected.method("/users.UserService/Chat").is_some());
    let mut set = SchemaBuilder::default();
    set.add_descriptor_set(
        "set.binpb",
        &FileDescriptorSet { file: files }.encode_to_vec(),
    );
    assert_eq!(set.build().message_names(), schema.message_names());
    let mut bad = SchemaBuilder::default();
    bad.add_descriptor_set("bad.binpb", &[0x0a, 0x05]);
    assert_eq!(bad.build().problems().len(), 1);
}

#[test]
fn the_details_of_grpc_errors_are_built_in() {
    assert!(built_in().problems().is_empty());
    let status = built_in().message("google.rpc.Status").unwrap();
    let detail = [
        0x0a, 0x02, 0x08, 0x05, // retry_delay: 5 s
    ];
    let url = b"type.googleapis.com/google.rpc.RetryInfo";
    let mut any = vec![0x0a, 40];
    any.extend(url);
    any.extend([0x12, 0x04]);
    any.extend(detail);
    let mut bytes = vec![0x08, 0x0e, 0x1a, 48];
    bytes.extend(any);
    let tree = Decoder::new().decode(&bytes, Some(&status));
    let held = &tree.fields[1].children()[1];
    assert_eq!(held.type_name.as_deref(), Some("google.rpc.RetryInfo"));
    assert_eq!(held.children()[0].value, Some(Value::Text("5s".to_owned())));
    // A file of the user's may import them.
    let schema = build(&[(
        "mine.proto",
        "syntax = \"proto3\"; import \"google/rpc/status.proto\"; message Mine { google.rpc.Status status = 1; }",
    )]);
    assert!(schema.problems().is_empty(), "{:?}", problems(&schema));
}
