use crate::program::{complaint, rows, run, run_with_input, shipped};
use serde_json::{Value, json};

const DOWNLOADS: &str = "downloads.pcapng";

fn capture(name: &str) -> String {
    shipped(name).to_str().unwrap().to_owned()
}

#[test]
fn every_list_is_printed_as_a_table_and_as_json_with_as_many_rows() {
    for command in [
        "frames",
        "streams",
        "headers",
        "connections",
        "packets",
        "holes",
    ] {
        let table = run(&[command, &capture(DOWNLOADS)]);
        assert!(table.status.success());
        assert_eq!(complaint(&table), "");
        let lines = String::from_utf8(table.stdout).unwrap().lines().count();
        assert_eq!(
            lines,
            1 + rows(command, &shipped(DOWNLOADS)).len(),
            "{command}"
        );
    }
}

/// What a cell of CSV says about a value of JSON.
fn cell_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether there is anything but objects in objects.
fn has_leaf(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().any(has_leaf),
        _ => true,
    }
}

#[test]
fn every_list_is_printed_as_csv_with_the_keys_of_its_json() {
    let lists = "frames streams requests headers hpack connections packets holes stalls calls messages findings stats state shares";
    for command in lists.split(' ') {
        for name in [DOWNLOADS, "grpc-errors.pcapng", "lossy.pcapng"] {
            let output = run(&[command, "--csv", &capture(name)]);
            assert!(output.status.success(), "{}", complaint(&output));
            let mut csv = csv::Reader::from_reader(output.stdout.as_slice());
            let titles: Vec<String> = csv.headers().unwrap().iter().map(str::to_owned).collect();
            let records: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
            let rows = rows(command, &shipped(name));
            assert_eq!(records.len(), rows.len(), "{command} {name}");
            for (record, row) in records.iter().zip(&rows) {
                for (title, cell) in titles.iter().zip(record) {
                    let value = title.split('.').try_fold(row, |value, key| value.get(key));
                    match value {
                        // Lists are JSON of their own.
                        Some(list @ Value::Array(_)) => {
                            assert_eq!(serde_json::from_str::<Value>(cell).unwrap(), *list);
                        }
                        Some(value) => assert_eq!(cell, cell_of(value), "{command} {title}"),
                        // A key with a point in its name, such as a method's.
                        None if !cell.is_empty() => {
                            let keys: Vec<&str> = title.split('.').collect();
                            assert!(keys.len() > 1, "{command} {title}: {cell}");
                        }
                        None => {}
                    }
                }
                for key in row.as_object().unwrap().keys() {
                    let members = format!("{key}.");
                    let shown = |title: &String| title == key || title.starts_with(&members);
                    assert!(
                        !has_leaf(&row[key]) || titles.iter().any(shown),
                        "{command} {key}"
                    );
                }
            }
        }
    }
}

#[test]
fn standard_input_is_read_like_a_file() {
    let bytes = std::fs::read(shipped(DOWNLOADS)).unwrap();
    for command in ["frames", "streams", "stats"] {
        let from_file = run(&[command, "--json", &capture(DOWNLOADS)]);
        let from_pipe = run_with_input(&[command, "--json", "-"], &bytes);
        assert!(from_pipe.status.success());
        assert_eq!(from_file.stdout, from_pipe.stdout, "{command}");
    }
}

#[test]
fn what_cannot_be_read_is_one_sentence_and_status_1() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let text = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(text.path(), "This is a letter, not a capture.\n").unwrap();
    for path in [
        "no-such-file.pcap",
        ".",
        empty.path().to_str().unwrap(),
        text.path().to_str().unwrap(),
    ] {
        let output = run(&["frames", path]);
        assert_eq!(output.status.code(), Some(1), "{path}");
        assert!(output.stdout.is_empty(), "{path}");
        let complaint = complaint(&output);
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(complaint.contains(path), "{complaint}");
    }
}

#[test]
fn usage_errors_have_status_2() {
    for arguments in [
        &["frames"][..],
        &["frames", "a", "--no-such-option"],
        &["frames", "a", "b"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_capture_that_is_cut_short_is_read_up_to_there_with_status_0() {
    let bytes = std::fs::read(shipped("push.pcap")).unwrap();
    let output = run_with_input(&["frames", "--json", "-"], &bytes[..bytes.len() / 2]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        complaint(&output).lines().count(),
        1,
        "{}",
        complaint(&output)
    );
    let whole = rows("frames", &shipped("push.pcap"));
    let cut = String::from_utf8(output.stdout).unwrap();
    let cut: Vec<Value> = cut
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|frame| frame["truncated"] != true)
        .collect();
    assert!(cut.len() > 20);
    for (cut, whole) in cut.iter().zip(&whole) {
        assert_eq!(cut, whole);
    }
}

#[test]
fn a_capture_without_packets_is_a_capture() {
    // Classic pcap, little endian, microseconds, snap length 65,535, Ethernet, and no record.
    let header = b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0";
    let output = run_with_input(&["frames", "--json", "-"], header);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
    assert!(complaint(&output).contains("no packets"));
}

#[test]
fn frames_carry_what_their_type_says() {
    let frames = rows("frames", &shipped("large-headers.pcapng"));
    let first = |kind: &str| {
        frames
            .iter()
            .find(|frame| frame["type"] == kind)
            .unwrap_or_else(|| panic!("no {kind}"))
    };
    let goaway = frames
        .iter()
        .find(|frame| frame["debug_data"] == "thank you, that was all")
        .unwrap();
    assert_eq!(goaway["error"]["name"], "NO_ERROR");
    assert!(goaway["last_stream"].is_u64());
    assert_eq!(first("RST_STREAM")["error"]["name"], "CANCEL");
    assert_eq!(first("PING")["opaque"].as_str().unwrap().len(), 16);
    assert!(first("PRIORITY_UPDATE")["priority_field"].is_string());
    assert_eq!(first("UNKNOWN")["type_code"], 0xbe);
    assert!(first("SETTINGS")["settings"].is_array());
    let padded = frames
        .iter()
        .find(|frame| frame["pad_length"].is_u64())
        .unwrap();
    assert!(
        padded["flags"]
            .as_array()
            .unwrap()
            .contains(&"PADDED".into())
    );
    let two_updates = frames
        .iter()
        .filter_map(|frame| frame["table_size_updates"].as_array())
        .find(|updates| updates.len() == 2);
    assert!(two_updates.is_some());
}

#[test]
fn a_block_with_continuations_is_listed_once_on_the_frame_that_starts_it() {
    let frames = rows("frames", &shipped("large-headers.pcapng"));
    let continuation = frames
        .iter()
        .position(|frame| frame["type"] == "CONTINUATION")
        .unwrap();
    assert!(frames[continuation].get("headers").is_none());
    let same = |frame: &&Value| {
        frame["stream"] == frames[continuation]["stream"]
            && frame["direction"] == frames[continuation]["direction"]
            && frame["connection"] == frames[continuation]["connection"]
    };
    let start = frames[..continuation].iter().rfind(same).unwrap();
    assert_eq!(start["type"], "HEADERS");
    let block_bytes = start["header_block_bytes"].as_u64().unwrap();
    assert!(block_bytes > start["length"].as_u64().unwrap());
    assert!(start["headers"].as_array().unwrap().len() > 4);
}

#[test]
fn header_rows_tile_their_block() {
    let headers = rows("headers", &shipped(DOWNLOADS));
    let frames = rows("frames", &shipped(DOWNLOADS));
    for frame in frames.iter().filter(|frame| frame["headers"].is_array()) {
        let fields = headers.iter().filter(|row| row["frame"] == frame["frame"]);
        let mut at = 0;
        for field in fields {
            assert_eq!(field["range"][0], at);
            at = field["range"][1].as_u64().unwrap();
        }
        assert_eq!(frame["header_block_bytes"], at);
    }
}

#[test]
fn a_filter_leaves_the_rows_that_pass_and_changes_none_of_them() {
    for (command, filter, holds) in [
        (
            "frames",
            "type:DATA stream:3",
            (|row| row["type"] == "DATA" && row["stream"] == 3) as fn(&Value) -> bool,
        ),
        ("streams", "http2.headers.path contains \"png\"", |row| {
            row["path"].as_str().unwrap().contains("png")
        }),
        ("headers", "header.name:content-type", |row| {
            row["name"] == "content-type"
        }),
        ("packets", "tcp.flags.syn == 1", |row| {
            row["flags"].to_string().contains("SYN")
        }),
        ("connections", "protocol:tls", |row| {
            row["protocol"] == "tls"
        }),
    ] {
        let all = rows(command, &shipped(DOWNLOADS));
        let wanted: Vec<_> = all.iter().filter(|row| holds(row)).cloned().collect();
        let output = run(&[command, "--json", &capture(DOWNLOADS), "--filter", filter]);
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let found: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(found, wanted, "{command} {filter}");
        assert!(found.len() < all.len());
    }
}

#[test]
fn a_filter_that_is_not_understood_is_a_usage_error_that_names_the_place() {
    let output = run(&[
        "frames",
        &capture(DOWNLOADS),
        "--filter",
        "type:DATA steram:3",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let complaint = complaint(&output);
    assert!(complaint.contains("column 11"), "{complaint}");
    assert!(complaint.contains("stream"), "{complaint}");
}

#[test]
fn a_plain_word_is_found_wherever_the_table_shows_it() {
    for (command, name, word, at_least) in [
        ("packets", "lossy.pcapng", "retransmission", 1),
        ("headers", DOWNLOADS, "literal-incremental", 1),
        ("messages", "grpc-user-service.pcapng", "Alice", 2),
        ("calls", "grpc-user-service.pcapng", "trailers-only", 1),
        ("frames", DOWNLOADS, "MAX_CONCURRENT", 1),
        ("findings", "fourteen-breaks.pcapng", "7541", 1),
    ] {
        let output = run(&[command, &capture(name), "--filter", word]);
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let rows: Vec<_> = text.lines().skip(1).collect();
        assert!(rows.len() >= at_least, "{command} {word}");
        let shown = rows.iter().filter(|row| row.contains(word)).count();
        assert!(shown >= at_least, "{command} {word}");
    }
}

#[test]
fn a_hint_names_an_unseen_entry_everywhere() {
    let capture = shipped("mid-connection.pcapng");
    let capture = capture.to_str().unwrap();
    let json = |arguments: &[&str]| -> Vec<Value> {
        let output = run(&[arguments, &["--json", "--hint", "client:3=x-request-id"]].concat());
        assert!(output.status.success() && complaint(&output).is_empty());
        let lines = String::from_utf8(output.stdout).unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let is_hinted = |field: &&Value| {
        field["name"] == "x-request-id"
            && field["inferred_by"] == "hint"
            && field["certainty"] == "inferred"
            && field["value"].is_null()
            && field["placeholder"] == 3
    };
    let headers = json(&["headers", capture]);
    let hinted = headers.iter().filter(is_hinted).count();
    assert!(hinted > 10, "{hinted}");
    let frames = json(&["frames", capture]);
    let fields = frames
        .iter()
        .filter_map(|frame| frame["headers"].as_array());
    assert_eq!(fields.flatten().filter(is_hinted).count(), hinted);
    let hpack = json(&["hpack", capture]);
    let known = json!({"placeholder": 3, "name": "x-request-id", "by": "hint", "uses": hinted});
    assert!(
        hpack[0]["inferred"].as_array().unwrap().contains(&known),
        "{}",
        hpack[0]
    );

    let output = run(&["headers", capture, "--hint", "server:77=x"]);
    assert!(output.status.success());
    assert!(complaint(&output).contains("No field of the server refers to an unseen entry 77"));
    let output = run(&["headers", capture, "--hint", "3=x"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("SENDER:ENTRY=NAME"));
}

#[test]
fn a_mistyped_command_is_told_with_the_nearest_one() {
    let output = run(&["frmes", &capture(DOWNLOADS)]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        complaint(&output),
        "wireloom: There is no command `frmes`, and no file of that name; did you mean `frames`?\n"
    );
    let output = run(&["zzzzz"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("`wireloom --help` lists the commands."));
    assert!(run(&["help"]).status.success());
}

#[test]
fn what_can_hold_for_no_row_is_a_usage_error_with_its_column() {
    for (filter, said) in [
        (
            "type:DATA time:40..20",
            "column 16: nothing lies between 40 and 20",
        ),
        (
            "type:DATA | type:HEADERS",
            "column 11: `|` is no operator; `or` or `||` is.",
        ),
        ("caus:network", "did you mean cause?"),
    ] {
        let output = run(&["frames", &capture(DOWNLOADS), "--filter", filter]);
        assert_eq!(output.status.code(), Some(2), "{filter}");
        assert!(
            complaint(&output).contains(said),
            "{filter}: {}",
            complaint(&output)
        );
    }
    let output = run(&["shares", &capture(DOWNLOADS), "--from", "90", "--at", "20"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("Nothing lies behind frame 90 and up to frame 20"));
}

#[test]
fn columns_of_every_list_can_be_filtered() {
    for (command, file, filter) in [
        ("hpack", DOWNLOADS, "direction:server inserted:>0"),
        ("shares", DOWNLOADS, "got:>1000"),
        (
            "stalls",
            DOWNLOADS,
            "cause:stream-window certainty:likely lasted:>1",
        ),
        (
            "calls",
            "grpc-user-service.pcapng",
            "status:NOT_FOUND kind:unary",
        ),
        (
            "messages",
            "grpc-user-service.pcapng",
            "length:>100 protocol:grpc",
        ),
        ("requests", "push.pcap", "kind:request or notes:promised"),
        ("holes", "lossy.pcapng", "kind:network bytes:>0"),
        ("packets", "lossy.pcapng", "flags:SYN"),
    ] {
        let count = |filter: &str| {
            let output = run(&[command, &capture(file), "--json", "--filter", filter]);
            assert!(
                output.status.success(),
                "{command} {filter}: {}",
                complaint(&output)
            );
            output.stdout.iter().filter(|&&byte| byte == b'\n').count()
        };
        let (some, all) = (count(filter), count(""));
        assert!(
            some > 0 && some <= all,
            "{command} {filter}: {some} of {all}"
        );
        assert_eq!(
            count(&format!("not ({filter})")),
            all - some,
            "{command} {filter}"
        );
    }
}

#[test]
fn a_draft_says_what_it_wrote_and_a_call_where_its_messages_are() {
    let folder = std::env::temp_dir().join(format!("wireloom-draft-{}", std::process::id()));
    let output = run(&[
        "draft",
        &capture("grpc-user-service.pcapng"),
        "-o",
        folder.to_str().unwrap(),
    ]);
    assert!(output.status.success() && output.stdout.is_empty());
    let said = complaint(&output);
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(said.lines().count(), files, "{said}");
    assert!(
        said.lines()
            .all(|line| line.ends_with(".proto is written.")),
        "{said}"
    );
    std::fs::remove_dir_all(&folder).unwrap();

    let output = run(&[
        "follow",
        &capture("grpc-user-service.pcapng"),
        "--stream",
        "1",
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("wireloom messages CAPTURE --filter 'connection:0 stream:1'"),
        "{text}"
    );
    let output = run(&["follow", &capture(DOWNLOADS), "--stream", "1"]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("gRPC"));
}
