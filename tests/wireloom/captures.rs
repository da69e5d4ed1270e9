use crate::program::{rows, shipped};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

fn facts(capture: &str) -> Value {
    let stem = capture.split('.').next().unwrap();
    let page = std::fs::read_to_string(shipped(&format!("{stem}.facts.json"))).unwrap();
    serde_json::from_str(&page).unwrap()
}

fn number(row: &Value, key: &str) -> u64 {
    row[key]
        .as_u64()
        .unwrap_or_else(|| panic!("{key} is no number in {row}"))
}

fn sha256(lines: impl Iterator<Item = Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The bytes of a text of which all bytes are given in hex when it is not UTF-8.
fn bytes(row: &Value, key: &str) -> Vec<u8> {
    match row[format!("{key}_hex")].as_str() {
        Some(hex) => (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect(),
        None => row[key].as_str().unwrap_or("<unknown>").into(),
    }
}

/// Frames without those cut short, connection by connection, all of the client before all of the
/// server: the order in which the facts pages hash them.
fn in_order_of_facts(mut rows: Vec<Value>) -> Vec<Value> {
    rows.retain(|row| row["truncated"] != true);
    rows.sort_by_key(|row| (number(row, "connection"), row["direction"] == "server"));
    rows
}

fn type_name(frame: &Value) -> String {
    match frame["type"].as_str().unwrap() {
        "UNKNOWN" => format!("0x{:02x}", number(frame, "type_code")),
        name => name.to_owned(),
    }
}

fn agrees_with_its_facts(capture: &str) {
    let facts = facts(capture);
    let path = shipped(capture);
    let stats = &rows("stats", &path)[0];
    assert_eq!(stats["packets"], facts["packets"]);
    assert_eq!(stats["connections"]["total"], facts["connections"]);

    let frames = in_order_of_facts(rows("frames", &path));
    let mut by_type: BTreeMap<String, u64> = BTreeMap::new();
    for frame in &frames {
        *by_type.entry(type_name(frame)).or_default() += 1;
    }
    assert_eq!(
        serde_json::to_value(&by_type).unwrap(),
        facts["frames"]["by_type"]
    );
    assert_eq!(frames.len() as u64, number(&facts["frames"], "total"));
    let lines = frames.iter().map(|frame| {
        let flags = number(frame, "flags_code");
        let (kind, stream) = (type_name(frame), number(frame, "stream"));
        format!("{kind} {stream} {} {flags:02x}\n", number(frame, "length")).into_bytes()
    });
    assert_eq!(
        sha256(lines),
        facts["frames"]["sha256"],
        "{capture}: frames"
    );

    let headers = in_order_of_facts(rows("headers", &path));
    let line = |field: &Value| [bytes(field, "name"), bytes(field, "value")].join(&b": "[..]);
    let lines = headers.iter().map(|field| {
        let known = !field["name"].is_null() && !field["value"].is_null();
        let mut line = if known {
            line(field)
        } else {
            b"<unknown>: <unknown>".to_vec()
        };
        line.push(b'\n');
        line
    });
    assert_eq!(
        headers.len() as u64,
        number(&facts["header_fields"], "count")
    );
    assert_eq!(
        sha256(lines),
        facts["header_fields"]["sha256"],
        "{capture}: header fields"
    );

    streams_agree(capture, &facts);
    connections_agree(capture, &facts);
}

fn streams_agree(capture: &str, facts: &Value) {
    let mut streams = rows("streams", &shipped(capture));
    streams.sort_by_key(|row| (number(row, "connection"), number(row, "stream")));
    let expected = facts["streams"].as_array().unwrap();
    assert_eq!(streams.len(), expected.len(), "{capture}: streams");
    for (found, expected) in streams.iter().zip(expected) {
        for key in ["connection", "stream", "frames"] {
            assert_eq!(found[key], expected[key], "{capture}: {key} of {expected}");
        }
        for key in ["method", "path", "status"] {
            let mut expected = &expected[key];
            // Other readers do not say what an upgraded request asked for: the pages have it where
            // it stood, in HTTP/1.
            let connection = number(found, "connection") as usize;
            let upgraded = &facts["connection_list"][connection]["http1"][0];
            if found["stream"] == 1 && upgraded["status"] == "101" && expected.is_null() {
                expected = &upgraded[key];
            }
            let found = found.get(key).unwrap_or(&Value::Null);
            assert_eq!(found, expected, "{capture}: {key} of {expected}");
        }
        for side in ["client", "server"] {
            let found = &found["data_bytes"][side];
            let expected = &expected[format!("data_bytes_{side}")];
            assert_eq!(found, expected, "{capture}: data of {side}");
        }
    }
}

fn connections_agree(capture: &str, facts: &Value) {
    let connections = rows("connections", &shipped(capture));
    let expected = facts["connection_list"].as_array().unwrap();
    assert_eq!(connections.len(), expected.len());
    for (found, expected) in connections.iter().zip(expected) {
        for key in ["client", "server"] {
            assert_eq!(found[key], expected[key], "{capture}: {key}");
        }
        // The pages know nothing of what frames tell.
        let known_by = match found["client_known_by"].as_str().unwrap() {
            "frames" => "port",
            other => other,
        };
        assert_eq!(
            known_by, expected["client_known_by"],
            "{capture}: client_known_by"
        );
        let protocol = match expected["protocol"].as_str().unwrap() {
            "http2" | "http1 then http2" => "http/2",
            "http1" => "http/1.1",
            other => other,
        };
        assert_eq!(found["protocol"], protocol, "{capture}: protocol");
    }
}

#[test]
fn downloads() {
    agrees_with_its_facts("downloads.pcapng");
}

#[test]
fn priorities() {
    agrees_with_its_facts("priorities.pcapng");
}

#[test]
fn push() {
    agrees_with_its_facts("push.pcap");
}

#[test]
fn grpc_user_service() {
    agrees_with_its_facts("grpc-user-service.pcapng");
}

#[test]
fn http1_and_h2c() {
    agrees_with_its_facts("http1-and-h2c.pcapng");
}

#[test]
fn large_headers() {
    agrees_with_its_facts("large-headers.pcapng");
}

#[test]
fn lossy() {
    agrees_with_its_facts("lossy.pcapng");
}

#[test]
fn mid_connection() {
    agrees_with_its_facts("mid-connection.pcapng");
}

#[test]
fn mid_download() {
    agrees_with_its_facts("mid-download.pcapng");
}

#[test]
fn upgrade() {
    agrees_with_its_facts("upgrade.pcapng");
}

#[test]
fn nginx_and_curl() {
    agrees_with_its_facts("nginx-curl.pcapng");
}

#[test]
fn go() {
    agrees_with_its_facts("go-http2.pcapng");
}

#[test]
fn python() {
    agrees_with_its_facts("python-http2.pcapng");
}

#[test]
fn grpc_shapes() {
    agrees_with_its_facts("grpc-shapes.pcapng");
}

#[test]
fn grpc_newer_server() {
    agrees_with_its_facts("grpc-newer-server.pcapng");
}

#[test]
fn grpc_errors() {
    agrees_with_its_facts("grpc-errors.pcapng");
}

#[test]
fn grpc_large() {
    agrees_with_its_facts("grpc-large.pcapng.gz");
}

#[test]
fn grpc_reflection() {
    agrees_with_its_facts("grpc-reflection.pcapng");
}

#[test]
fn grpc_chain() {
    agrees_with_its_facts("grpc-chain.pcapng");
}

#[test]
fn grpc_deadlines() {
    agrees_with_its_facts("grpc-deadlines.pcapng");
}

#[test]
fn grpc_retries() {
    agrees_with_its_facts("grpc-retries.pcapng");
}

#[test]
fn grpc_web() {
    agrees_with_its_facts("grpc-web.pcapng");
}

#[test]
fn grpc_web_packed() {
    agrees_with_its_facts("grpc-web-packed.pcapng");
}

#[test]
fn grpc_tonic() {
    agrees_with_its_facts("grpc-tonic.pcapng");
}

#[test]
fn rust() {
    agrees_with_its_facts("rust-http2.pcapng");
}

#[test]
fn java() {
    agrees_with_its_facts("java-http2.pcapng");
}

#[test]
fn chromium() {
    agrees_with_its_facts("chromium.pcapng");
}

#[test]
fn lossy_sender() {
    agrees_with_its_facts("lossy-sender.pcapng");
}

/// The capture was taken at the sender: what the receiver lacked is told by its ACKs alone, one
/// way through the wire (20 ms) later. The page has it from the wire itself.
#[test]
fn holes_at_the_receiver_are_those_that_the_wire_made() {
    let facts = facts("lossy-sender.pcapng");
    let holes = rows("holes", &shipped("lossy-sender.pcapng"));
    let expected = facts["receiver_holes"].as_array().unwrap();
    assert_eq!(holes.len(), expected.len());
    for expected in expected {
        let found = holes
            .iter()
            .find(|hole| hole["offset"] == expected["offset"])
            .unwrap_or_else(|| panic!("{expected} was not seen"));
        assert_eq!(found["kind"], "network");
        assert_eq!(found["direction"], expected["direction"]);
        assert_eq!(found["bytes"], expected["bytes"]);
        for key in ["opened_ns", "filled_ns"] {
            let later = number(found, key).checked_sub(number(expected, key));
            assert!(
                later.is_some_and(|later| (19_000_000..25_000_000).contains(&later)),
                "{key}: {later:?} ns after the receiver"
            );
        }
        // One ACK may speak for the last segments before the hole is filled, and for the filling.
        let blocked = number(found, "blocked_bytes");
        assert!(blocked <= number(expected, "blocked_bytes"));
        assert!(blocked + 1448 >= number(expected, "blocked_bytes"));
        let ids = |hole: &Value| -> Vec<u64> {
            let streams = hole["streams"].as_array().unwrap();
            streams.iter().map(|one| number(one, "stream")).collect()
        };
        assert_eq!(ids(found), ids(expected));
    }
}

#[test]
fn firefox() {
    agrees_with_its_facts("firefox.pcapng");
}

#[test]
fn node_httpd_haproxy_nghttpx() {
    agrees_with_its_facts("more-servers.pcapng");
}

#[test]
fn tls_says_what_its_hellos_show() {
    agrees_with_its_facts("tls.pcapng");
    let facts = facts("tls.pcapng");
    let connections = rows("connections", &shipped("tls.pcapng"));
    for (found, expected) in connections
        .iter()
        .zip(facts["connection_list"].as_array().unwrap())
    {
        let (found, expected) = (&found["tls"], &expected["tls"]);
        assert_eq!(found["version"], expected["version"]);
        assert_eq!(found["sni"], expected["server_name"]);
        let code = expected["cipher_suite"].as_str().unwrap();
        let code = u16::from_str_radix(code.trim_start_matches("0x"), 16).unwrap();
        let name = wireloom::wire::tls::CipherSuite(code).name();
        assert_eq!(found["cipher"].as_str(), name);
        assert_eq!(found["alpn_offered"], expected["alpn_offered"]);
        if !expected["alpn_selected"].is_null() {
            assert_eq!(found["alpn"], expected["alpn_selected"]);
        }
        assert_eq!(found["decrypted"], false);
        assert!(found["reason"].as_str().unwrap().ends_with('.'));
    }
}

/// The pages of all shipped captures, by name.
fn shipped_pages() -> Vec<(String, Value)> {
    let mut pages: Vec<(String, Value)> = std::fs::read_dir(shipped(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".facts.json"))
        .map(|name| (name.clone(), facts(&name)))
        .collect();
    pages.sort_by(|(a, _), (b, _)| a.cmp(b));
    pages
}

#[test]
fn well_behaved_programs_break_no_rule_and_do_nothing_that_hurts() {
    let promised = [
        "downloads.pcapng",
        "priorities.pcapng",
        "push.pcap",
        "grpc-user-service.pcapng",
        "http1-and-h2c.pcapng",
        "large-headers.pcapng",
        "lossy.pcapng",
        "tls.pcapng",
        "upgrade.pcapng",
    ]
    .map(str::to_owned);
    let told = shipped_pages()
        .into_iter()
        .filter(|(_, page)| page["well_behaved"] == true)
        .map(|(_, page)| page["capture"].as_str().unwrap().to_owned());
    for capture in promised.into_iter().chain(told) {
        for finding in rows("findings", &shipped(&capture)) {
            // A server that hands no deadline on is an odd habit of the application, not of a program here.
            let habit = finding["rule"]
                .as_str()
                .unwrap()
                .starts_with("grpc-deadline");
            assert!(
                habit || finding["severity"] == "note",
                "{capture}: {finding}"
            );
        }
    }
}

#[test]
fn a_frame_that_waited_behind_a_hole_says_when_its_own_bytes_came() {
    // Packet 91 brings what was lost: stream 5's frame, whole since packet 73, becomes readable.
    let frames = rows("frames", &shipped("lossy.pcapng"));
    let waited: Vec<&Value> = frames
        .iter()
        .filter(|frame| frame["packet"] == 91 && frame["arrived_packet"].is_u64())
        .collect();
    assert!(!waited.is_empty());
    for frame in &waited {
        assert!(number(frame, "arrived_packet") < 91);
        assert!(frame["arrived_ns"].as_i64() < frame["time_ns"].as_i64());
    }
    assert!(
        waited
            .iter()
            .any(|frame| frame["stream"] == 5 && frame["arrived_packet"] == 73)
    );
    let packets: Vec<u64> = frames.iter().map(|frame| number(frame, "packet")).collect();
    assert!(packets.is_sorted());
}

#[test]
fn the_second_decoder_agrees_on_every_block_it_is_asked_about() {
    use wireloom::analysis::cross_check::{CrossCheck, header_block};
    use wireloom::trace::FrameId;
    let mut agreed = 0;
    for capture in [
        "downloads.pcapng",
        "priorities.pcapng",
        "push.pcap",
        "grpc-user-service.pcapng",
        "http1-and-h2c.pcapng",
        "large-headers.pcapng",
        "lossy.pcapng",
        "upgrade.pcapng",
        "mid-connection.pcapng",
    ] {
        let file = wireloom::capture::Capture::open(&shipped(capture)).unwrap();
        let trace = wireloom::dissect::read_all(file);
        for connection in &trace.connections {
            let Some(http2) = connection.http2() else {
                continue;
            };
            for (index, frame) in http2.frames.iter().enumerate() {
                if !frame.starts_block() {
                    continue;
                }
                let id = FrameId::from_index(index);
                match header_block(&trace, connection, id) {
                    CrossCheck::Agrees => agreed += 1,
                    CrossCheck::Differs { how } => panic!("{capture}, frame {index}: {how}"),
                    // Too large for it, or met in the middle.
                    CrossCheck::NotChecked { .. } => assert!(
                        capture == "mid-connection.pcapng" || capture == "large-headers.pcapng",
                        "{capture}, frame {index}"
                    ),
                }
            }
        }
    }
    assert!(agreed > 100, "{agreed}");
}
