use super::*;
use crate::wire::protobuf::SchemaBuilder;

fn compare(old: &str, new: &str) -> Vec<(String, Verdict)> {
    let message = |body: &str| {
        let mut builder = SchemaBuilder::default();
        builder.add_source("m.proto", body);
        let schema = builder.build();
        assert!(schema.problems().is_empty(), "{:?}", schema.problems());
        schema.message("M").unwrap()
    };
    changes(&message(old), &message(new))
        .into_iter()
        .map(|change| {
            (
                format!("{} {}", change.number, change.kind.name()),
                change.verdict,
            )
        })
        .collect()
}

fn proto3(old: &str, new: &str) -> Vec<(String, Verdict)> {
    let file = |body: &str| format!("syntax = \"proto3\"; message M {{ {body} }}");
    compare(&file(old), &file(new))
}

fn said(what: &str, verdict: Verdict) -> (String, Verdict) {
    (what.to_owned(), verdict)
}

#[test]
fn the_textbooks_user_evolves() {
    let v1 = "int64 id = 1; string name = 2;";
    let v2 = "int64 id = 1; string name = 2; string email = 3;";
    let v3 = "int64 id = 1; string name = 2; reserved 3; reserved \"email\"; string phone = 4;";
    assert_eq!(proto3(v1, v2), [said("3 field-added", Verdict::Safe)]);
    assert_eq!(
        proto3(v2, v3),
        [
            said("3 field-removed", Verdict::Safe),
            said("4 field-added", Verdict::Safe)
        ]
    );
    // Somebody forgets why 3 was reserved.
    let v4 = "int64 id = 1; string name = 2; bool email = 3;";
    assert_eq!(
        proto3(v3, v4)[2..],
        [
            said("3 field-added", Verdict::Safe),
            said("3 reserved-number-reused", Verdict::Breaking),
            said("3 reserved-name-reused", Verdict::Careful),
        ]
    );
}

#[test]
fn a_number_that_is_free_again_is_told() {
    assert_eq!(
        proto3("int32 a = 1; int32 b = 2;", "int32 a = 1;"),
        [
            said("2 field-removed", Verdict::Safe),
            said("2 removed-number-not-reserved", Verdict::Careful),
        ]
    );
}

#[test]
fn types_are_judged_by_their_bytes() {
    let verdict = |old: &str, new: &str| {
        let changes = proto3(&format!("{old} f = 1;"), &format!("{new} f = 1;"));
        assert_eq!(changes[0].0, "1 type-changed");
        changes[0].1
    };
    assert_eq!(verdict("int32", "int64"), Verdict::Careful);
    assert_eq!(verdict("uint32", "bool"), Verdict::Careful);
    assert_eq!(verdict("int32", "sint32"), Verdict::Breaking);
    assert_eq!(verdict("sint32", "sint64"), Verdict::Careful);
    assert_eq!(verdict("fixed32", "sfixed32"), Verdict::Careful);
    assert_eq!(verdict("fixed32", "float"), Verdict::Breaking);
    assert_eq!(verdict("fixed32", "fixed64"), Verdict::Breaking);
    assert_eq!(verdict("string", "bytes"), Verdict::Careful);
    assert_eq!(verdict("bytes", "M"), Verdict::Careful);
    assert_eq!(verdict("string", "M"), Verdict::Breaking);
    assert_eq!(verdict("string", "int32"), Verdict::Breaking);
}

#[test]
fn lists_oneofs_and_names_are_compared() {
    assert_eq!(
        proto3("string a = 1;", "repeated string b = 1;"),
        [
            said("1 field-renamed", Verdict::Careful),
            said("1 label-changed", Verdict::Careful)
        ]
    );
    assert_eq!(
        proto3("int32 a = 1;", "repeated int32 a = 1;"),
        [said("1 label-changed", Verdict::Breaking)]
    );
    assert_eq!(
        proto3("int32 a = 1;", "oneof o { int32 a = 1; }"),
        [said("1 oneof-changed", Verdict::Careful)]
    );
    assert_eq!(
        proto3(
            "enum E { A = 0; B = 1; } E e = 1; M m = 2;",
            "enum E { A = 0; C = 2; } E e = 1; M m = 2;"
        ),
        [
            said("1 enum-value-changed", Verdict::Careful),
            said("2 enum-value-changed", Verdict::Safe)
        ]
    );
}

#[test]
fn required_fields_break_and_defaults_differ() {
    let file = |body: &str| format!("syntax = \"proto2\"; message M {{ {body} }}");
    assert_eq!(
        compare(
            &file("optional int32 a = 1;"),
            &file("optional int32 a = 1; required int32 b = 2;")
        ),
        [said("2 field-added", Verdict::Breaking)]
    );
    assert_eq!(
        compare(
            &file("optional int32 a = 1 [default = 5];"),
            &file("optional int32 a = 1 [default = 6];")
        ),
        [said("1 default-changed", Verdict::Careful)]
    );
}
