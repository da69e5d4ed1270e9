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

#[test]
fn an_edition_is_read_with_its_features() {
    let source = r#"// A file of today.
edition = "2023";
package t;
option features.enum_type = CLOSED;
message A {
  reserved old_name, older_name;
  reserved 9;
  int32 explicit = 1;
  int32 implicit = 2 [features.field_presence = IMPLICIT, deprecated = true];
  int32 required = 3 [features.field_presence = LEGACY_REQUIRED];
  repeated int32 packed = 4;
  repeated int32 expanded = 5 [features.repeated_field_encoding = EXPANDED];
  B child = 6 [features.message_encoding = DELIMITED];
  string text = 7 [default = "hi"];
  map<string, B> map = 8;
  oneof one { int32 this = 10; B that = 11; }
}
message B { int32 n = 1 [features.field_presence = IMPLICIT]; E e = 2; }
enum E { option features.enum_type = OPEN; ZERO = 0; ONE = 1; }
"#;
    let mut builder = SchemaBuilder::default();
    builder.add_source("t.proto", source);
    let schema = builder.build();
    assert!(schema.problems().is_empty(), "{:?}", schema.problems());
    let a = schema.message("t.A").unwrap();
    let field = |name: &str| a.get_field_by_name(name).unwrap();
    assert!(field("explicit").supports_presence());
    assert!(!field("implicit").supports_presence());
    assert!(field("required").is_required());
    assert!(field("packed").is_packed());
    assert!(!field("expanded").is_packed());
    assert!(field("child").is_group());
    assert!(field("map").is_map() && field("this").containing_oneof().is_some());
    assert_eq!(field("text").default_value().as_str(), Some("hi"));
    assert!(a.reserved_names().eq(["old_name", "older_name"]));
    let b = schema.message("t.B").unwrap();
    assert!(!b.get_field(1).unwrap().supports_presence());
    // What protoc and Python's protobuf 7 write for explicit 0, packed [1, 2], expanded [3], child {n: 5}, required 4.
    let bytes = [
        0x08, 0x00, // explicit: 0
        0x18, 0x04, // required: 4
        0x22, 0x02, 0x01, 0x02, // packed: 1, 2
        0x28, 0x03, // expanded: 3
        0x33, 0x08, 0x05, 0x34, // child: a group with n: 5
    ];
    let json = crate::wire::protobuf::size::canonical_json(&bytes, &a).unwrap();
    assert_eq!(
        json,
        r#"{"explicit":0,"required":4,"packed":[1,2],"expanded":[3],"child":{"n":5}}"#
    );
    let message = crate::wire::protobuf::Decoder::new().decode(&bytes, Some(&a));
    assert!(message.damage.is_none());
    assert!(
        message
            .fields
            .iter()
            .all(|field| !field.unknown && field.notes.is_empty()),
        "{message:?}"
    );
}
