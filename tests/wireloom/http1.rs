use crate::program::{complaint, rows, run, shipped};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const PROGRAMS: &str = "http1-programs.pcapng";

fn facts(capture: &str) -> Value {
    let stem = capture.split('.').next().unwrap();
    let page = std::fs::read_to_string(shipped(&format!("{stem}.facts.json"))).unwrap();
    serde_json::from_str(&page).unwrap()
}

/// The exchanges of a capture as tshark lists them, with their connection and number.
fn expected(capture: &str) -> Vec<(u64, u64, Value)> {
    let facts = facts(capture);
    let connections = facts["connection_list"].as_array().unwrap().iter();
    let exchanging = connections.filter(|one| one["protocol"] == "http1");
    exchanging
        .flat_map(|one| {
            let connection = one["connection"].as_u64().unwrap();
            let list = one["http1"].as_array().unwrap().clone();
            (0_u64..)
                .zip(list)
                .map(move |(number, exchange)| (connection, number, exchange))
        })
        .collect()
}

const CAPTURES: [&str; 4] = [
    "http1-and-h2c.pcapng",
    "grpc-web.pcapng",
    "grpc-web-packed.pcapng",
    PROGRAMS,
];

#[test]
fn exchanges_agree_with_their_facts() {
    for capture in CAPTURES {
        let found = rows("requests", &shipped(capture)).into_iter();
        let mut found = found.filter(|row| row.get("exchange").is_some());
        let all = expected(capture);
        assert!(all.len() > 1, "{capture}");
        for (connection, number, expected) in all {
            let row = found.next().unwrap();
            assert_eq!(row["connection"], connection);
            assert_eq!(row["exchange"], number);
            for key in ["method", "path", "status"] {
                assert_eq!(row[key], expected[key], "{capture}: {key} of {expected}");
            }
            let sent = &row["data_bytes"];
            assert_eq!(sent["server"], expected["body_bytes"], "{row}");
            let asked = expected["request_bytes"].as_u64().unwrap_or(0);
            assert_eq!(sent["client"], asked, "{row}");
            let interim = row["interim"].as_array().into_iter().flatten();
            let interim: Vec<&Value> = interim.map(|one| &one["status"]).collect();
            let wanted = expected["interim"].as_array().into_iter().flatten();
            assert_eq!(interim, wanted.collect::<Vec<_>>(), "{row}");
            assert_eq!(row.get("truncated"), None, "{row}");
        }
        assert_eq!(found.next(), None, "{capture}");
    }
}

#[test]
fn totals_agree_with_the_facts() {
    for capture in CAPTURES {
        let found = rows("stats", &shipped(capture)).remove(0);
        let found = &found["exchanges"];
        let all = expected(capture);
        let mut methods: BTreeMap<&str, u64> = BTreeMap::new();
        let mut classes: BTreeMap<String, u64> = BTreeMap::new();
        let (mut sent, mut asked) = (0, 0);
        for (_, _, exchange) in &all {
            *methods
                .entry(exchange["method"].as_str().unwrap())
                .or_default() += 1;
            let interim = exchange["interim"].as_array().into_iter().flatten();
            for status in interim.chain([&exchange["status"]]) {
                let class = format!("{}xx", &status.as_str().unwrap()[..1]);
                *classes.entry(class).or_default() += 1;
            }
            sent += exchange["body_bytes"].as_u64().unwrap();
            asked += exchange["request_bytes"].as_u64().unwrap_or(0);
        }
        let connections = all.iter().filter(|(_, number, _)| *number == 0).count();
        assert_eq!(found["total"], all.len());
        assert_eq!(found["by_method"], json!(methods), "{capture}");
        assert_eq!(found["by_status"], json!(classes), "{capture}");
        let bytes = json!({"client": asked, "server": sent});
        assert_eq!(found["content_bytes"], bytes, "{capture}");
        assert_eq!(found["connections"], connections);
        assert_eq!(found["reused"], all.len() - connections);
    }
    let programs = rows("stats", &shipped(PROGRAMS)).remove(0);
    let programs = &programs["exchanges"];
    assert_eq!(
        (&programs["pipelined"], &programs["interim"]),
        (&json!(2), &json!(1))
    );
    // Heads and bodies are all the bytes of these connections, but for WebSocket's.
    let connections = rows("connections", &shipped(PROGRAMS));
    for side in ["client", "server"] {
        let exchanged = connections.iter().take(6);
        let sent: u64 = exchanged
            .map(|row| row["bytes"][side].as_u64().unwrap())
            .sum();
        let part = |key: &str| programs[key][side].as_u64().unwrap();
        let upgrade = rows("requests", &shipped(PROGRAMS)).pop().unwrap();
        assert_eq!(
            (&upgrade["kind"], &upgrade["protocol"]),
            (&json!("upgrade"), &json!("websocket"))
        );
        let heads = part("head_bytes") + part("body_bytes");
        assert!(
            heads > sent && heads - sent < 700,
            "{side}: {heads}, {sent}"
        );
    }
    assert_eq!(
        rows("stats", &shipped("push.pcap"))[0].get("exchanges"),
        None
    );
}

fn carried(command: &str, connection: u64, exchange: u64, more: &[&str]) -> Vec<u8> {
    let path = shipped(PROGRAMS);
    let (connection, exchange) = (connection.to_string(), exchange.to_string());
    let arguments = [
        &[
            command,
            path.to_str().unwrap(),
            "--connection",
            &connection,
            "--exchange",
            &exchange,
        ],
        more,
    ];
    let output = run(&arguments.concat());
    assert!(output.status.success(), "{}", complaint(&output));
    output.stdout
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn bodies_are_those_that_the_programs_sent() {
    for (connection, number, exchange) in expected(PROGRAMS) {
        let body = carried("body", connection, number, &[]);
        assert_eq!(body.len() as u64, exchange["body_bytes"], "{exchange}");
    }
    // The same page in gzip and chunks, and as it is.
    let plain = carried("body", 0, 6, &[]);
    assert!(
        plain.starts_with(b"<!DOCTYPE html>"),
        "{}",
        String::from_utf8_lossy(&plain)
    );
    assert_eq!(carried("body", 0, 0, &["--decode"]), plain);
    assert!(carried("body", 0, 0, &[]).starts_with(&[0x1f, 0x8b]));
    // node told what reached it.
    let told: Value = serde_json::from_slice(&carried("body", 2, 0, &[])).unwrap();
    let upload = carried("body", 2, 0, &["--direction", "client"]);
    assert_eq!(
        told,
        json!({"received": upload.len(), "sha256": sha256(&upload)})
    );
    // What curl asked for as a part is that part of the picture's neighbour.
    assert_eq!(carried("body", 0, 3, &[]).len(), 1000);
}

#[test]
fn following_an_exchange_reads_from_top_to_bottom() {
    let in_order = |text: &str, expected: &[&str]| {
        let mut rest = text;
        for part in expected {
            let (_, behind) = rest
                .split_once(part)
                .unwrap_or_else(|| panic!("{part} in {text}"));
            rest = behind;
        }
    };
    let text = String::from_utf8(carried("follow", 3, 0, &[])).unwrap();
    let checksum = sha256(&carried("body", 3, 0, &[]))[..16].to_owned();
    let checksum = format!("x-checksum: {checksum}");
    in_order(
        &text,
        &[
            "== Request of the client, packet ",
            "GET /trailers HTTP/1.1",
            "== Response of the server, packet ",
            "HTTP/1.1 200 OK",
            "Transfer-Encoding: chunked",
            "== Body of the server: 36 B of text",
            "a line that is cut in two",
            "== Response trailers of the server",
            "x-lines: 3",
            &checksum,
        ],
    );
    let text = String::from_utf8(carried("follow", 2, 0, &[])).unwrap();
    in_order(
        &text,
        &[
            "PUT /upload",
            "== Body of the client",
            "== Interim response",
            "HTTP/1.1 100 Continue",
            "\"received\":9000",
        ],
    );
    let text = String::from_utf8(carried("follow", 0, 0, &[])).unwrap();
    in_order(
        &text,
        &[
            "== Body of the server: ",
            "decoded from ",
            "of gzip",
            "<!DOCTYPE html>",
        ],
    );
    let text = String::from_utf8(carried("follow", 6, 0, &[])).unwrap();
    in_order(
        &text,
        &["HTTP/1.1 101 Switching Protocols", "no HTTP/1.1 any more"],
    );
    let web = shipped("grpc-web.pcapng");
    let output = run(&["follow", web.to_str().unwrap(), "--exchange", "1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    in_order(&text, &["This is a gRPC call", "connection:1 exchange:1"]);
}

#[test]
fn what_does_not_exist_is_said_in_one_sentence() {
    let programs = shipped(PROGRAMS);
    let programs = programs.to_str().unwrap();
    let push = shipped("push.pcap");
    let push = push.to_str().unwrap();
    let asks: [(&[&str], i32, &str); 6] = [
        (
            &["body", programs, "--exchange", "99"],
            2,
            "no exchange 99; `wireloom requests`",
        ),
        (
            &["body", push, "--exchange", "0", "--connection", "0"],
            2,
            "carries http/2",
        ),
        (&["follow", push, "--exchange", "0"], 0, "holds no HTTP/1.1"),
        (&["follow", programs, "--stream", "1"], 0, "holds no HTTP/2"),
        (
            &["body", programs, "--exchange", "1", "--stream", "1"],
            2,
            "cannot be used with",
        ),
        (&["body", programs], 2, "--stream <N>|--exchange <N>"),
    ];
    for (arguments, status, words) in asks {
        let output = run(arguments);
        let said = complaint(&output);
        assert_eq!(output.status.code(), Some(status), "{said}");
        assert!(said.contains(words), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn bodies_of_json_are_messages_of_their_exchange() {
    let messages = rows("messages", &shipped(PROGRAMS));
    let places: Vec<_> = messages
        .iter()
        .map(|row| (row["connection"].as_u64(), row["exchange"].as_u64()))
        .collect();
    assert_eq!(
        places,
        [(Some(1), Some(0)), (Some(1), Some(2)), (Some(2), Some(0))]
    );
    for message in &messages {
        assert_eq!(
            (&message["protocol"], message.get("frame")),
            (&json!("http"), None)
        );
        assert!(message["json"].is_object(), "{message}");
    }
    let stats = rows("stats", &shipped(PROGRAMS)).remove(0);
    assert_eq!(stats["messages"], messages.len());
}
