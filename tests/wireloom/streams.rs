use crate::program::{complaint, rows, run, shipped};
use serde_json::Value;

fn capture(name: &str) -> String {
    shipped(name).to_str().unwrap().to_owned()
}

/// The page of facts of a capture, which other readers wrote.
fn facts(name: &str) -> Value {
    let stem = name.split('.').next().unwrap();
    let text = std::fs::read(shipped(&format!("{stem}.facts.json"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn bodies_are_as_long_as_other_readers_say() {
    let mut compared = 0;
    for name in ["downloads.pcapng", "large-headers.pcapng", "push.pcap"] {
        for stream in facts(name)["streams"].as_array().unwrap() {
            for direction in ["client", "server"] {
                let (number, connection) = (&stream["stream"], &stream["connection"]);
                let output = run(&[
                    "body",
                    &capture(name),
                    "--stream",
                    &number.to_string(),
                    "--connection",
                    &connection.to_string(),
                    "--direction",
                    direction,
                ]);
                assert!(output.status.success());
                let expected = stream[format!("data_bytes_{direction}")].as_u64().unwrap();
                assert_eq!(output.stdout.len() as u64, expected, "{name} {stream}");
                compared += 1;
            }
        }
    }
    assert!(compared > 50);
}

#[test]
fn a_body_goes_to_a_file_and_trouble_to_standard_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let push = capture("push.pcap");
    let output = run(&["body", &push, "--stream", "6", "-o", path]);
    assert!(output.status.success() && output.stdout.is_empty());
    let picture = std::fs::read(path).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.ends_with(b"IEND\xaeB`\x82"));
    assert_eq!(complaint(&output), "");
    // The request of a GET has none.
    let output = run(&["body", &push, "--stream", "15", "--direction", "client"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(complaint(&output).contains("sent no content on stream 15"));
    let output = run(&["body", &push, "--stream", "99"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("no stream 99"));
    let output = run(&[
        "body",
        &push,
        "--stream",
        "6",
        "-o",
        "no/such/folder/picture.png",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(complaint(&output).lines().count(), 1);
    let output = run(&["body", &capture("tls.pcapng"), "--stream", "1"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    let cut_off = run(&[
        "body",
        &capture("mid-download.pcapng"),
        "--stream",
        "7",
        "--decode",
    ]);
    assert!(cut_off.status.success() && !cut_off.stdout.is_empty());
    assert!(complaint(&cut_off).contains("may miss whole frames"));
}

#[test]
fn following_a_stream_reads_from_top_to_bottom() {
    let upload = capture("large-headers.pcapng");
    let output = run(&["follow", &upload, "--connection", "1", "--stream", "1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let expected = [
        "== Request of the client",
        ":path: /upload",
        "A thread to be woven.",
        "x-length-cm: 120",
        "== Response of the server",
        ":status: 200",
        "A thread to be woven.",
        "x-checksum: 5f3759df",
    ];
    let mut rest = text.as_str();
    for part in expected {
        let (_, behind) = rest.split_once(part).expect(part);
        rest = behind;
    }
    let promised = run(&["follow", &capture("push.pcap"), "--stream", "6"]);
    let text = String::from_utf8(promised.stdout).unwrap();
    assert!(text.starts_with("== Promise on stream 13 of the server, frame "));
    assert!(text.contains("24.2 KB of png"));
}

#[test]
fn requests_have_their_times_in_order() {
    for name in ["downloads.pcapng", "grpc-user-service.pcapng", "push.pcap"] {
        let requests = rows("requests", &shipped(name));
        assert!(!requests.is_empty());
        for request in &requests {
            let mut last = i64::MIN;
            for key in ["sent_ns", "request_end_ns", "last_byte_ns", "ended_ns"] {
                if let Some(time_ns) = request[key].as_i64() {
                    // A cancelled call ends before all of it was there.
                    if key != "ended_ns" || request["closed_by"] == "END_STREAM" {
                        assert!(time_ns >= last, "{name} {request}");
                        last = time_ns;
                    }
                }
            }
        }
    }
    // The slow call's deadline passed; its trailers crossed the client's RST_STREAM.
    let calls = rows("requests", &shipped("grpc-user-service.pcapng"));
    let slow = calls.iter().find(|call| call["stream"] == 17).unwrap();
    assert_eq!(slow["closed_by"], "RST_STREAM");
    // The chat sends and receives at the same time: nothing was waited for.
    let chat = calls.iter().find(|call| call["stream"] == 11).unwrap();
    assert!(chat.get("waiting_ns").is_none() && chat["sending_ns"].as_u64().unwrap() > 100_000_000);
}

#[test]
fn stalls_add_up_to_what_streams_say() {
    let path = shipped("downloads.pcapng");
    let stalls = rows("stalls", &path);
    for stream in rows("streams", &path) {
        let own = stalls.iter().filter(|stall| {
            stall["stream"] == stream["stream"] && stall["cause"] == "stream-window"
        });
        let sum: u64 = own.map(|stall| stall["lasted_ns"].as_u64().unwrap()).sum();
        assert_eq!(sum, stream["stalled_ns"].as_u64().unwrap(), "{stream}");
    }
}

#[test]
fn shares_of_a_span_add_up_to_what_was_delivered() {
    let path = capture("priorities.pcapng");
    let shares = |arguments: &[&str]| -> Vec<Value> {
        let output = run(&[&["shares", &path, "--json"], arguments].concat());
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let sum = |rows: &[Value], key: &str| -> u64 {
        rows.iter().map(|row| row[key].as_u64().unwrap()).sum()
    };
    let (all, first, rest) = (
        shares(&[]),
        shares(&["--at", "29"]),
        shares(&["--from", "29"]),
    );
    let delivered = facts("priorities.pcapng")["data_bytes"]["server"].as_u64();
    assert_eq!(Some(sum(&all, "delivered_bytes")), delivered);
    let halves = sum(&first, "delivered_bytes") + sum(&rest, "delivered_bytes");
    assert_eq!(Some(halves), delivered);
    assert!(
        sum(&first, "ideal_ppm").abs_diff(1_000_000) < 10,
        "{first:?}"
    );
    // The script hangs below the group of the style sheets, which has 201 of 202 parts.
    let script = first.iter().find(|row| row["stream"] == 19).unwrap();
    assert_eq!(
        (&script["parent"], &script["weight"]),
        (&3.into(), &32.into())
    );
    assert!(script["ideal_ppm"].as_u64().unwrap() > 900_000);
    let output = run(&["shares", &path, "--from", "9999"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn closed_streams_leave_the_tree_when_asked_to() {
    let path = capture("priorities.pcapng");
    for (policy, expected) in [("keep", 12), ("remove", 5)] {
        let output = run(&["state", &path, "--json", "--closed-streams", policy]);
        let state: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(state["closed_streams"], policy);
        assert_eq!(state["priority"].as_array().unwrap().len(), expected);
    }
}
