use crate::program::{run, shipped};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Fields that gRPC itself uses, which are no metadata of the callers.
const OWN_FIELDS: [&str; 10] = [
    "content-type",
    "te",
    "grpc-timeout",
    "grpc-encoding",
    "grpc-accept-encoding",
    "grpc-message-type",
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "grpc-previous-rpc-attempts",
];

fn rows(command: &str, capture: &str, schemas: &[String]) -> Vec<Value> {
    let path = shipped(capture);
    let mut arguments = vec![command, "--json", path.to_str().unwrap()];
    for schema in schemas {
        arguments.extend(["--proto", schema]);
    }
    let output = run(&arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Connection, and stream or exchange.
fn place(row: &Value) -> (u64, Option<u64>, Option<u64>) {
    let (stream, exchange) = (row["stream"].as_u64(), row["exchange"].as_u64());
    assert!(stream.is_some() != exchange.is_some(), "{row}");
    (row["connection"].as_u64().unwrap(), stream, exchange)
}

/// Metadata as the facts write it: pairs, with `-bin` values in hex.
fn pairs(list: &Value) -> Vec<(String, String)> {
    let fields = list.as_array().unwrap().iter();
    fields
        .map(|field| {
            let text = |key: &str| field[key].as_str().map(str::to_owned);
            let value = text("decoded_hex").or_else(|| text("value"));
            (text("name").unwrap(), value.unwrap())
        })
        .collect()
}

fn expected_pairs(list: &Value) -> Vec<(String, String)> {
    let pairs: Vec<(String, String)> = serde_json::from_value(list.clone()).unwrap();
    pairs
        .into_iter()
        .filter(|(name, _)| !OWN_FIELDS.contains(&name.as_str()))
        .collect()
}

/// The calls of a capture against its facts, which hyperframe, hpack and Python's protobuf found.
fn agree_with_the_facts(stem: &str, capture: &str) {
    let page = std::fs::read_to_string(shipped(&format!("{stem}.facts.json"))).unwrap();
    let facts: Value = serde_json::from_str(&page).unwrap();
    let schemas: Vec<String> = facts["schemas"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .filter(|name| name.ends_with(".proto") && !name.contains('='))
        .map(|name| shipped(&format!("proto/{name}")).display().to_string())
        .collect();
    let by_place = |schemas: &[String]| -> BTreeMap<_, Value> {
        let rows = rows("calls", capture, schemas).into_iter();
        rows.map(|row| (place(&row), row)).collect()
    };
    let (found, without_schema) = (by_place(&schemas), by_place(&[]));
    let mut messages: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    for row in rows("messages", capture, &schemas) {
        let direction = row["direction"].as_str().unwrap().to_owned();
        let list = messages.entry((place(&row), direction)).or_default();
        assert_eq!(row["number"], list.len());
        list.push(row);
    }
    let expected = facts["calls"].as_array().unwrap();
    assert_eq!(found.len(), expected.len(), "{capture}");
    let stats = &rows("stats", capture, &[])[0];
    assert_eq!(stats["calls"], expected.len());
    let mut total = 0;
    for expected in expected {
        let about = format!("{capture}: {:?} {}", place(expected), expected["path"]);
        let call = &found[&place(expected)];
        let name = |key: &str| call[key].as_str().unwrap();
        let path = format!("/{}/{}", name("service"), name("method"));
        assert_eq!(expected["path"], path, "{about}");
        let told = !schemas.is_empty();
        if !expected["kind"].is_null() && told {
            assert_eq!(call["kind"], expected["kind"], "{about}");
            assert_eq!(call["kind_seen"], Value::Null, "{about}");
        }
        for key in ["timeout_ns", "status", "status_message"] {
            assert_eq!(call[key], expected[key], "{about}: {key}");
        }
        // With the schema, details of the program's own types are read as well.
        let details = &without_schema[&place(expected)]["details"];
        assert_eq!(details, &expected["details"], "{about}: details");
        for (key, ours) in [("request", "client"), ("response", "server")] {
            for about_coding in ["encoding", "content_encoding"] {
                let (ours, theirs) = (&call[about_coding][key], &expected[about_coding][key]);
                assert_eq!(ours, theirs, "{about}: {about_coding}");
            }
            let list = &messages.remove(&(place(expected), ours.to_owned()));
            let list = list.clone().unwrap_or_default();
            let expected = expected["messages"][key].as_array().unwrap();
            let whole: Vec<&Value> = list
                .iter()
                .filter(|row| row["truncated"].is_null())
                .collect();
            assert_eq!(whole.len(), expected.len(), "{about}");
            assert_eq!(call["messages"][key], expected.len(), "{about}");
            total += expected.len();
            for (found, expected) in whole.iter().zip(expected) {
                for key in ["length", "compressed", "decoded_length"] {
                    assert_eq!(found[key], expected[key], "{about}: {key}");
                }
                if told {
                    assert_eq!(found["type"], expected["type"], "{about}");
                }
            }
        }
        for key in ["request", "initial", "trailing"] {
            let found = pairs(&call["metadata"][key]);
            assert_eq!(
                found,
                expected_pairs(&expected["metadata"][key]),
                "{about}: {key}"
            );
        }
        match name("ended_by") {
            "trailers" => assert_eq!(expected["trailers_only"], false, "{about}"),
            "trailers-only" => assert_eq!(expected["trailers_only"], true, "{about}"),
            reset => {
                let by = reset.strip_prefix("reset by ").unwrap_or("nobody");
                let error = &expected["resets"][by];
                assert_eq!(&call["cancelled"]["error"]["name"], error, "{about}");
                assert_eq!(call["cancelled"]["by"], by);
            }
        }
        for key in ["parent", "retry_of"] {
            let place_of = |row: &Value| match row[key].as_object() {
                Some(other) => json!([other["connection"], other["stream"]]),
                None => Value::Null,
            };
            assert_eq!(place_of(call), place_of(expected), "{about}: {key}");
        }
    }
    assert_eq!(stats["messages"], total, "{capture}");
}

#[test]
fn calls_agree_with_their_facts() {
    for stem in [
        "grpc-user-service",
        "grpc-errors",
        "grpc-large",
        "grpc-newer-server",
        "grpc-reflection",
        "grpc-retries",
        "grpc-shapes",
        "grpc-tonic",
        "grpc-web",
        "grpc-web-packed",
    ] {
        let packed = format!("{stem}.pcapng.gz");
        if shipped(&packed).exists() {
            agree_with_the_facts(stem, &packed);
        } else {
            agree_with_the_facts(stem, &format!("{stem}.pcapng"));
        }
    }
}

#[test]
fn a_chain_of_calls_agrees_with_what_its_middle_served() {
    agree_with_the_facts("grpc-chain", "grpc-chain.pcapng");
    agree_with_the_facts("grpc-deadlines", "grpc-deadlines.pcapng");
}

#[test]
fn json_bodies_are_messages_without_grpc() {
    let messages = rows("messages", "http1-and-h2c.pcapng", &[]);
    // Six files over HTTP/1.1, and the same over HTTP/2.
    assert_eq!(messages.len(), 12);
    let told = |from: usize| -> Vec<&Value> {
        let some = messages.iter().skip(from).take(6);
        some.map(|message| &message["json"]).collect()
    };
    let sorted = |mut list: Vec<&Value>| {
        list.sort_by_key(|json| json.to_string());
        list.into_iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(sorted(told(0)), sorted(told(6)));
    for message in &messages {
        assert_eq!(message["protocol"], "http");
        assert!(message["json"].is_object() || message["json"].is_array());
    }
}

#[test]
fn a_schema_that_is_not_there_is_said_in_one_sentence() {
    let capture = shipped("grpc-user-service.pcapng");
    let output = run(&[
        "calls",
        capture.to_str().unwrap(),
        "--proto",
        "/nowhere/x.proto",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaint.contains("/nowhere/x.proto"), "{complaint}");
    assert_eq!(complaint.lines().count(), 1);
    assert!(output.stdout.is_empty());
}
