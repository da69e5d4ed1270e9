use crate::program::{complaint, run, shipped};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wireloom::wire::protobuf::schema::built_in;

fn lines(arguments: &[&str]) -> Vec<Value> {
    let output = run(arguments);
    assert!(output.status.success(), "{}", complaint(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn path(name: &str) -> String {
    shipped(name).to_str().unwrap().to_owned()
}

/// The client goes by the first version of the schema, the server by the second.
fn compared(command: &str) -> Vec<Value> {
    let (capture, old, new) = (
        path("grpc-newer-server.pcapng"),
        path("proto/v1/catalog.proto"),
        path("proto/v2/catalog.proto"),
    );
    lines(&[
        command,
        &capture,
        "--json",
        "--proto",
        &old,
        "--against",
        &new,
    ])
}

#[test]
fn the_same_messages_are_read_by_two_versions() {
    let rows = compared("messages");
    assert_eq!(rows.len(), 9);
    let article = rows
        .iter()
        .find(|row| row["stream"] == 1 && row["direction"] == "server")
        .unwrap();
    assert_eq!(article["type"], "catalog.Article");
    // What the server sent and the client does not know; see captures/record/grpc_newer.py.
    let ignored = article["ignored_by_old"].as_array().unwrap();
    assert!(
        ignored.contains(&json!("stock")) && ignored.contains(&json!("rating")),
        "{article}"
    );
    // `balance` changed from int32 to sint32, `colour` from fixed32 to uint32.
    assert_eq!(article["misread"], json!(["balance", "colour"]));
    let sides = article["fields"].as_array().unwrap();
    let reads = |side: &str, what: &str| {
        sides
            .iter()
            .any(|row| row[side].as_str().is_some_and(|text| text.contains(what)))
    };
    assert!(reads("old", "sold_out") && reads("new", "availability"));
    assert!(ignored.contains(&json!("price.discount")), "{article}");
    // An old client's article lacks what only the new version has, and has what that gave up.
    let put = rows
        .iter()
        .find(|row| row["stream"] == 7 && row["direction"] == "client")
        .unwrap();
    assert_eq!(put["ignored_by_new"], json!(["supplier"]));
    let defaults = put["defaulted_by_new"].as_array().unwrap();
    assert!(defaults.contains(&json!("rating: 0.0")), "{put}");
}

#[test]
fn changes_that_break_are_findings_with_what_the_capture_has_of_them() {
    let found = compared("findings");
    let by_rule = |rule: &str| -> Vec<&str> {
        let found = found.iter().filter(|row| row["rule"] == rule);
        found.map(|row| row["text"].as_str().unwrap()).collect()
    };
    let broken = by_rule("protobuf-incompatible-change");
    assert_eq!(broken.len(), 2, "{broken:?}");
    assert!(
        broken
            .iter()
            .any(|text| text.contains("`balance` (8) is sint32 instead of int32"))
    );
    assert!(
        broken
            .iter()
            .all(|text| text.contains("of that type in the capture"))
    );
    // Number and name of `supplier` are reserved, as they should be.
    assert!(by_rule("protobuf-removed-not-reserved").is_empty());
}

#[test]
fn reserved_numbers_and_names_that_come_back_are_findings() {
    // The second version reserves 6 and `supplier`; going back to the first one uses both again. And the client, which
    // goes by the first, sends what the second reserves.
    let (capture, old, new) = (
        path("grpc-newer-server.pcapng"),
        path("proto/v2/catalog.proto"),
        path("proto/v1/catalog.proto"),
    );
    let found = lines(&[
        "findings",
        &capture,
        "--json",
        "--proto",
        &old,
        "--against",
        &new,
    ]);
    let one = |rule: &str| -> &Value {
        let of_rule: Vec<&Value> = found.iter().filter(|row| row["rule"] == rule).collect();
        assert_eq!(of_rule.len(), 1, "{rule}: {found:#?}");
        of_rule[0]
    };
    let sent = one("protobuf-reserved-number-sent");
    assert!(
        sent["text"]
            .as_str()
            .unwrap()
            .contains("The field 6 is in ")
    );
    assert!(sent["stream"].is_u64() && sent["frame"].is_u64() && sent["severity"] == "warning");
    assert_eq!(one("protobuf-reserved-number-reused")["severity"], "error");
    assert_eq!(one("protobuf-reserved-name-reused")["severity"], "warning");
    // Without a schema there is nothing to say.
    assert_eq!(lines(&["findings", &capture, "--json"]).len(), 0);
}

#[test]
fn a_schema_of_two_versions_says_which_one_is_used() {
    let folder = path("proto");
    let output = run(&[
        "calls",
        &path("grpc-newer-server.pcapng"),
        "--proto",
        &folder,
    ]);
    let said = complaint(&output);
    assert!(
        said.contains("v2/catalog.proto was left out, since")
            && said.contains("v1/catalog.proto defines catalog.GetRequest too")
            && said.contains("name it in front of the folder"),
        "{said}"
    );
    // As it says.
    let second = path("proto/v2/catalog.proto");
    let capture = path("grpc-newer-server.pcapng");
    let arguments = [
        "messages", &capture, "--json", "--proto", &second, "--proto", &folder,
    ];
    let rows = lines(&arguments);
    assert!(
        rows.iter()
            .any(|row| row.to_string().contains("availability"))
    );
}

#[test]
fn totals_add_up_what_each_message_would_be_as_json() {
    let (capture, proto) = (
        path("grpc-user-service.pcapng"),
        path("proto/user_service.proto"),
    );
    let totals = lines(&["calls", &capture, "--json", "--totals", "--proto", &proto]);
    let calls = lines(&["calls", &capture, "--json", "--proto", &proto]);
    let sum = |rows: &[Value], key: &str| -> u64 {
        rows.iter().map(|row| row[key].as_u64().unwrap()).sum()
    };
    assert_eq!(sum(&totals, "calls"), calls.len() as u64);
    let (mut messages, mut compared, mut bytes) = (0, 0, [0, 0]);
    for row in &totals {
        if row["method"].as_str().unwrap().starts_with("helloworld.") {
            // Another schema has that one.
            assert!(row["size"].is_null() && row["compared"] == 0, "{row}");
            // How long its messages are is known all the same.
            let sent = row["bytes"]["request"].as_u64().unwrap()
                + row["bytes"]["response"].as_u64().unwrap();
            assert_eq!(
                row["protobuf"],
                serde_json::json!({"messages": 2, "bytes": sent})
            );
            continue;
        }
        messages += row["messages"]["request"].as_u64().unwrap()
            + row["messages"]["response"].as_u64().unwrap();
        compared += row["compared"].as_u64().unwrap();
        assert_eq!(row["protobuf"]["bytes"], row["size"]["protobuf"], "{row}");
        bytes[0] += row["size"]["protobuf"].as_u64().unwrap();
        bytes[1] += row["size"]["json"].as_u64().unwrap();
        let sent =
            row["bytes"]["request"].as_u64().unwrap() + row["bytes"]["response"].as_u64().unwrap();
        match row["method"].as_str().unwrap() {
            // Some of its messages travelled compressed.
            "users.UserService/ListUsers" => assert!(row["size"]["protobuf"].as_u64() > Some(sent)),
            _ => assert_eq!(row["size"]["protobuf"], sent, "{row}"),
        }
    }
    assert_eq!(messages, compared);
    assert!(bytes[1] > bytes[0] && bytes[0] > 0, "{bytes:?}");
    let some = lines(&[
        "calls", &capture, "--json", "--totals", "--proto", &proto, "--filter", "stream:1",
    ]);
    assert_eq!(sum(&some, "calls"), 1);
}

/// Another library's reading of the same definitions: `tests/data/protobuf/google_types.py`.
#[test]
fn the_types_that_are_built_in_are_those_of_googleapis() {
    let text = include_str!("../data/protobuf/google-types.json");
    let theirs: Value = serde_json::from_str(text).unwrap();
    let pool = built_in().pool();
    let mut fields = 0;
    for (name, expected) in theirs["messages"].as_object().unwrap() {
        let own = pool
            .get_message_by_name(name)
            .unwrap_or_else(|| panic!("{name} is missing"));
        let described: BTreeMap<u32, Value> = own
            .fields()
            .map(|field| {
                let proto = field.field_descriptor_proto();
                let of = proto.type_name().trim_start_matches('.');
                let of = (!of.is_empty()).then(|| of.to_owned());
                let kind = proto.r#type().as_str_name().trim_start_matches("TYPE_");
                let described = json!({
                    "number": field.number(),
                    "name": field.name(),
                    "type": kind.to_lowercase(),
                    "repeated": proto.label().as_str_name() == "LABEL_REPEATED",
                    "of": of,
                });
                (field.number(), described)
            })
            .collect();
        let described: Vec<Value> = described.into_values().collect();
        fields += described.len();
        assert_eq!(Value::from(described), *expected, "{name}");
    }
    for (name, expected) in theirs["enums"].as_object().unwrap() {
        let own = pool
            .get_enum_by_name(name)
            .unwrap_or_else(|| panic!("{name} is missing"));
        let values: BTreeMap<String, i32> = own
            .values()
            .map(|value| (value.name().to_owned(), value.number()))
            .collect();
        assert_eq!(json!(values), *expected, "{name}");
    }
    assert!(fields > 60, "{fields}");
}
