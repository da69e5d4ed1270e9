use crate::program::{run, shipped};
use serde_json::Value;
use std::collections::BTreeMap;

const CAPTURES: [(&str, &str); 8] = [
    ("grpc-chain", "grpc-chain.pcapng"),
    ("grpc-deadlines", "grpc-deadlines.pcapng"),
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

/// The server in the middle wrote down each call that it made in turn, how long it allowed for it, and what became of it.
#[test]
fn deadlines_of_a_server_itself_equal_what_it_wrote_down() {
    let calls = calls("grpc-deadlines.pcapng");
    let page = std::fs::read_to_string(shipped("grpc-deadlines.server.json")).unwrap();
    let served: Vec<Value> = serde_json::from_str(&page).unwrap();
    let time = |call: &Value, key: &str| call[key].as_f64().unwrap();
    let mut asked = calls
        .iter()
        .filter(|call| path(call) == "/shop.Orders/Place");
    let mut made_count = 0;
    for served in &served {
        let call = asked.next().unwrap();
        let customer = served["request"]["customer"].as_str().unwrap();
        let is_child = |other: &&Value| {
            let parent = &other["parent"];
            parent["connection"] == call["connection"] && parent["stream"] == call["stream"]
        };
        let children: Vec<&Value> = calls.iter().filter(is_child).collect();
        let made = served["made"].as_array().unwrap();
        assert_eq!(children.len(), made.len(), "{customer}");
        let mut cause = None;
        for (child, told) in children.iter().zip(made) {
            made_count += 1;
            assert_eq!(path(child), told["path"].as_str().unwrap());
            assert_eq!(child["parent"]["known_by"], "trace", "{customer}");
            // What the caller had left when the server looked, a moment before it asked.
            match told["left_s"].as_f64() {
                Some(left_s) => {
                    let left_ns = time(&child["parent"], "left_ns");
                    assert!(
                        (left_ns - left_s * 1e9).abs() < 4e7,
                        "{customer}: {left_ns}"
                    );
                }
                None => assert_eq!(child["parent"]["left_ns"], Value::Null, "{customer}"),
            }
            // The library rounds up, and takes off what connecting took.
            let (sent, allowed) = (time(child, "timeout_ns"), time(told, "timeout_s") * 1e9);
            assert!(
                sent < allowed * 1.01 + 2e6 && sent > allowed - 6e7,
                "{customer}: {sent}"
            );
            let seen = child.get("implied_status").unwrap_or(&child["status"]);
            let (started, ended) = (time(child, "started_ns"), time(child, "ended_ns"));
            if told["status"].is_object() {
                assert_eq!(*seen, told["status"], "{customer}");
            }
            if seen["name"] == "DEADLINE_EXCEEDED" {
                // Orders gave up when its own time was over, long before its caller's.
                assert_eq!(child["ended_by"], "reset by client", "{customer}");
                assert_eq!(child["cancelled"]["deadline_passed"], true, "{customer}");
                assert!((ended - started - allowed).abs() < 3e7, "{customer}");
                cause = Some(*child);
            }
            if told["left_alone"] == true {
                assert!(
                    ended > time(call, "ended_ns") + 1e8,
                    "{customer}: it goes on"
                );
                assert_eq!(seen["name"], "OK");
            }
            if let Some(late_s) = told["late_s"].as_f64() {
                let late_ns = ended - started - sent;
                assert!(
                    late_ns > 2e8 && late_ns < late_s * 1e9 + 1e6,
                    "{customer}: {late_ns}"
                );
            }
        }
        let failed = call["status"]["name"] == "DEADLINE_EXCEEDED";
        assert_eq!(failed, call["other_deadline"].is_object(), "{customer}");
        let named = &call["failed_after"];
        match cause.filter(|_| failed) {
            Some(cause) => {
                assert_eq!(named["connection"], cause["connection"], "{customer}");
                assert_eq!(named["stream"], cause["stream"], "{customer}");
            }
            None => assert_eq!(*named, Value::Null, "{customer}"),
        }
    }
    assert_eq!(asked.next(), None);
    assert!(made_count >= 8, "{made_count}");
    let path = shipped("grpc-deadlines.pcapng");
    let output = run(&["findings", "--json", path.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut rules: Vec<String> = rows
        .map(|row: Value| row["rule"].as_str().unwrap().to_owned())
        .collect();
    rules.sort();
    // The courier that heeds no deadline; and four answers that tell of another deadline than the call's own.
    let other = "grpc-deadline-of-another";
    assert_eq!(
        rules,
        [other, other, other, other, "grpc-deadline-unheeded"]
    );
}
