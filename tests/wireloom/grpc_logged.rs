use crate::program::{run, shipped};
use serde_json::Value;
use std::collections::BTreeMap;

const CAPTURES: [(&str, &str); 7] = [
    ("grpc-chain", "grpc-chain.pcapng"),
    ("grpc-errors", "grpc-errors.pcapng"),
    ("grpc-large", "grpc-large.pcapng.gz"),
    ("grpc-newer-server", "grpc-newer-server.pcapng"),
    ("grpc-reflection", "grpc-reflection.pcapng"),
    ("grpc-retries", "grpc-retries.pcapng"),
    ("grpc-shapes", "grpc-shapes.pcapng"),
];

fn calls(capture: &str) -> Vec<Value> {
    let path = shipped(capture);
    let output = run(&["calls", "--json", path.to_str().unwrap()]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn logged(stem: &str) -> Vec<Value> {
    let page = std::fs::read_to_string(shipped(&format!("{stem}.client.json"))).unwrap();
    serde_json::from_str(&page).unwrap()
}

fn path(call: &Value) -> String {
    let part = |key: &str| call[key].as_str().unwrap();
    format!("/{}/{}", part("service"), part("method"))
}

/// What a program is told of its calls: an attempt that the library made again is no call of its own.
fn by_path(calls: &[Value]) -> BTreeMap<String, Vec<&Value>> {
    let place = |of: &Value| (of["connection"].clone(), of["stream"].clone());
    let again: Vec<_> = calls
        .iter()
        .filter(|call| call["retry_of"].is_object())
        .map(|call| place(&call["retry_of"]))
        .collect();
    let mut paths: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for call in calls.iter().filter(|call| !again.contains(&place(call))) {
        paths.entry(path(call)).or_default().push(call);
    }
    paths
}

/// A pair of metadata, with the bytes of `-bin` values in hex as programs wrote them down.
fn has(list: &Value, pair: &Value) -> bool {
    list.as_array().unwrap().iter().any(|field| {
        let value = field.get("decoded_hex").unwrap_or(&field["value"]);
        field["name"] == pair[0] && *value == pair[1]
    })
}

#[test]
fn calls_equal_what_the_programs_that_made_them_wrote_down() {
    let mut compared = 0;
    for (stem, capture) in CAPTURES {
        let calls = calls(capture);
        let mut left = by_path(&calls);
        for told in logged(stem) {
            let path = told["path"].as_str().unwrap();
            let about = format!("{stem} {path}");
            let call = left.get_mut(path).unwrap().remove(0);
            let about = format!("{about} stream {}", call["stream"]);
            // What the caller's library reports, whoever ended the call.
            let seen = call.get("implied_status").unwrap_or(&call["status"]);
            assert_eq!(*seen, told["status"], "{about}");
            let given_up = call["ended_by"] == "reset by client";
            if !given_up {
                let message = call["status_message"].as_str().unwrap_or_default();
                assert_eq!(message, told["status_message"], "{about}");
                for (key, part) in [("initial", "initial"), ("trailing", "trailing")] {
                    // What gRPC itself sends is no metadata here.
                    let own = |pair: &&Value| pair[0] == "grpc-status-details-bin";
                    for pair in told[key]
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter(|pair| !own(pair))
                    {
                        assert!(has(&call["metadata"][part], pair), "{about}: {key} {pair}");
                    }
                }
            }
            for pair in told["metadata"].as_array().unwrap() {
                assert!(has(&call["metadata"]["request"], pair), "{about}: {pair}");
            }
            // A reader may stop before the last answer, and takes none that did not come.
            let answers = call["messages"]["response"].as_u64().unwrap();
            if let Some(taken) = told["responses"].as_u64() {
                assert!(taken <= answers, "{about}: {taken} of {answers}");
                assert!(
                    taken == answers || seen["code"] != 0,
                    "{about}: {taken} of {answers}"
                );
            }
            // The library rounds up what it sends, and sends less when connecting took some of it. What is tried again
            // has less time left.
            let asked_ns = told["timeout_s"].as_f64().map(|seconds| seconds * 1e9);
            let sent_ns = call["timeout_ns"].as_f64();
            assert_eq!(asked_ns.is_some(), sent_ns.is_some(), "{about}");
            if let (Some(asked), Some(sent)) = (asked_ns, sent_ns) {
                assert!(sent < asked * 1.01 + 6e7, "{about}: {sent} of {asked}");
                let again = call["retry_of"].is_object();
                assert!(again || sent > asked - 6e8, "{about}: {sent} of {asked}");
            }
            compared += 1;
        }
        // Paths that the program called have no calls left that it did not write down.
        for told in logged(stem) {
            let rest = &left[told["path"].as_str().unwrap()];
            assert!(rest.is_empty(), "{stem} {}: {}", told["path"], rest.len());
        }
    }
    assert!(compared > 80, "{compared}");
}
