use crate::program::{run, shipped};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wireloom::capture::Capture;
use wireloom::dissect::read_all;
use wireloom::report;
use wireloom::trace::{Connection, FrameId, Http2State, Trace};
use wireloom::wire::http2::ClosedStreams;

const SIDES: [&str; 2] = ["client", "server"];

fn other(side: &str) -> &'static str {
    if side == "client" { "server" } else { "client" }
}

/// A table's size and its entries, newest first.
type TableSeen = (u64, Vec<(String, String)>);

/// State by replay from the first frame, as slowly and plainly as possible: it reads the rows of
/// `frames`, one after the other, and keeps numbers in maps.
#[derive(Default)]
struct Replay {
    settings: BTreeMap<&'static str, BTreeMap<String, u64>>,
    announced: BTreeMap<&'static str, Vec<Vec<(String, u64)>>>,
    connection: BTreeMap<&'static str, i64>,
    /// By stream and sender, without the initial size.
    moved: BTreeMap<(u64, &'static str), i64>,
    states: BTreeMap<u64, String>,
    half_closed_by: BTreeMap<u64, &'static str>,
    opened_by: BTreeMap<u64, &'static str>,
    /// Streams whose opening is missing.
    unseen: Vec<u64>,
    open_block: BTreeMap<&'static str, Value>,
    /// With closed streams kept, and with closed streams removed.
    trees: [PlainTree; 2],
    urgency: BTreeMap<u64, String>,
    updated: Vec<u64>,
    tables: BTreeMap<&'static str, TableSeen>,
}

/// The tree of RFC 7540 §5.3 as a map of parents and weights.
#[derive(Default)]
struct PlainTree {
    /// Stream, parent, weight.
    places: BTreeMap<u64, (u64, u64)>,
    /// Of even and of odd streams.
    highest_opened: [u64; 2],
}

impl PlainTree {
    fn open(&mut self, stream: u64) {
        let highest = &mut self.highest_opened[(stream % 2) as usize];
        *highest = stream.max(*highest);
        self.places.entry(stream).or_insert((0, 16));
    }

    fn prioritize(&mut self, stream: u64, priority: &Value) {
        if stream == 0 {
            return;
        }
        let (parent, weight) = (&priority["depends_on"], &priority["weight"]);
        let (parent, weight) = (parent.as_u64().unwrap(), weight.as_u64().unwrap());
        self.places.entry(stream).or_insert((0, 16));
        if stream == parent {
            return;
        }
        if parent != 0 && !self.places.contains_key(&parent) {
            if parent <= self.highest_opened[(parent % 2) as usize] {
                self.places.insert(stream, (0, 16));
                return;
            }
            self.places.insert(parent, (0, 16));
        }
        let mut above = parent;
        while above != 0 {
            if above == stream {
                self.places.get_mut(&parent).unwrap().0 = self.places[&stream].0;
                break;
            }
            above = self.places[&above].0;
        }
        if priority["exclusive"] == true {
            for place in self.places.values_mut().filter(|place| place.0 == parent) {
                place.0 = stream;
            }
        }
        self.places.insert(stream, (parent, weight));
    }

    /// RFC 7540 §5.3.4: what depended on the stream moves up, and its weight is shared among them in proportion to
    /// theirs. Weights are whole numbers from 1 on.
    fn remove(&mut self, stream: u64) {
        let Some((parent, weight)) = self.places.remove(&stream) else {
            return;
        };
        let orphans = self.places.values_mut().filter(|place| place.0 == stream);
        let orphans: Vec<&mut (u64, u64)> = orphans.collect();
        let total: u64 = orphans.iter().map(|place| place.1).sum();
        for place in orphans {
            *place = (parent, (weight * place.1 / total).max(1));
        }
    }
}

impl Replay {
    fn state(&self, stream: u64) -> String {
        self.states.get(&stream).cloned().unwrap_or("idle".into())
    }

    fn frame(&mut self, frame: &Value) {
        let side = if frame["direction"] == "client" {
            "client"
        } else {
            "server"
        };
        let stream = frame["stream"].as_u64().unwrap();
        let flag = |name: &str| frame["flags"].as_array().unwrap().contains(&name.into());
        match frame["type"].as_str().unwrap() {
            "SETTINGS" if flag("ACK") => {
                let waiting = self.announced.entry(other(side)).or_default();
                if !waiting.is_empty() {
                    for (name, value) in waiting.remove(0) {
                        self.settings
                            .entry(other(side))
                            .or_default()
                            .insert(name, value);
                    }
                }
            }
            "SETTINGS" => {
                let entries = frame["settings"].as_array().unwrap().iter();
                let entries = entries.map(|entry| {
                    let id = entry["id"].as_u64().unwrap();
                    let name = entry["name"]
                        .as_str()
                        .map_or(format!("0x{id:04x}"), str::to_owned);
                    (name, entry["value"].as_u64().unwrap())
                });
                self.announced
                    .entry(side)
                    .or_default()
                    .push(entries.collect());
            }
            "WINDOW_UPDATE" => {
                let increment = frame["increment"].as_i64().unwrap();
                if stream == 0 {
                    *self.connection.entry(other(side)).or_default() += increment;
                } else {
                    *self.moved.entry((stream, other(side))).or_default() += increment;
                }
            }
            "DATA" if stream != 0 => {
                let length = frame["length"].as_i64().unwrap();
                *self.connection.entry(side).or_default() -= length;
                *self.moved.entry((stream, side)).or_default() -= length;
                if flag("END_STREAM") && frame["truncated"] != true {
                    self.end_stream(stream, side);
                }
            }
            "HEADERS" | "PUSH_PROMISE" => {
                self.open_block.insert(side, frame.clone());
            }
            "RST_STREAM" => self.close(stream),
            "GOAWAY" => {
                let last = frame["last_stream"].as_u64().unwrap();
                let cut_off: Vec<u64> = self.active().map(|(&stream, _)| stream).collect();
                for stream in cut_off {
                    if stream > last && self.opened_by[&stream] != side {
                        self.close(stream);
                    }
                }
            }
            "PRIORITY" => self.prioritize(stream, &frame["priority"]),
            "PRIORITY_UPDATE" => {
                let stream = frame["prioritized_stream"].as_u64().unwrap();
                self.updated.push(stream);
                let value = frame["priority_field"].as_str().unwrap();
                self.urgency.insert(stream, value.to_owned());
            }
            _ => {}
        }
        if flag("END_HEADERS")
            && let Some(start) = self.open_block.remove(side)
        {
            self.block(side, &start);
        }
    }

    fn block(&mut self, side: &'static str, start: &Value) {
        let stream = start["stream"].as_u64().unwrap();
        let empty = Vec::new();
        let fields = start["headers"].as_array().unwrap_or(&empty);
        let table = self.tables.entry(side).or_insert((4096, Vec::new()));
        for update in start["table_size_updates"].as_array().unwrap_or(&empty) {
            table.0 = update.as_u64().unwrap();
            shrink(table);
        }
        for field in fields {
            if field["representation"] == "literal-incremental" {
                let text = |key: &str| field[key].as_str().unwrap_or("?").to_owned();
                table.1.insert(0, (text("name"), text("value")));
                shrink(table);
            }
        }
        let value = |name: &str| {
            let field = fields.iter().find(|field| field["name"] == name);
            field.map(|field| field["value"].as_str().unwrap().to_owned())
        };
        if start["type"] == "PUSH_PROMISE" {
            let promised = start["promised_stream"].as_u64().unwrap();
            if self.state(promised) == "idle" {
                self.states.insert(promised, "reserved".into());
                self.opened_by.insert(promised, side);
                let on = json!({"depends_on": stream, "weight": 16, "exclusive": false});
                self.open_in_tree(promised);
                self.prioritize(promised, &on);
            }
            return;
        }
        match self.state(stream).as_str() {
            "idle" => {
                self.states.insert(stream, "open".into());
                if value(":status").is_some() {
                    self.unseen.push(stream);
                    self.opened_by.insert(stream, other(side));
                } else {
                    self.opened_by.insert(stream, side);
                    self.open_in_tree(stream);
                }
            }
            "reserved" => {
                self.states.insert(stream, "half-closed".into());
                self.half_closed_by.insert(stream, other(side));
            }
            _ => {}
        }
        let requests = self.opened_by.get(&stream) == Some(&side) && stream % 2 == 1;
        if let Some(field) = value("priority")
            && requests
            && !self.updated.contains(&stream)
        {
            self.urgency.insert(stream, field);
        }
        if start["priority"].is_object() {
            self.prioritize(stream, &start["priority"]);
        }
        if start["flags"]
            .as_array()
            .unwrap()
            .contains(&"END_STREAM".into())
        {
            self.end_stream(stream, side);
        }
    }

    fn end_stream(&mut self, stream: u64, side: &'static str) {
        match self.state(stream).as_str() {
            "idle" | "open" => {
                self.states.insert(stream, "half-closed".into());
                self.half_closed_by.insert(stream, side);
                let opened = self.opened_by.contains_key(&stream);
                if !opened {
                    self.open_in_tree(stream);
                    self.opened_by.insert(stream, "nobody");
                }
            }
            "half-closed" if self.half_closed_by[&stream] != side => self.close(stream),
            _ => {}
        }
    }

    fn close(&mut self, stream: u64) {
        let before = self.states.insert(stream, "closed".into());
        if before.as_deref() != Some("closed") {
            let [_, without_closed] = &mut self.trees;
            without_closed.remove(stream);
        }
    }

    fn active(&self) -> impl Iterator<Item = (&u64, &String)> {
        self.states.iter().filter(|(_, state)| *state != "closed")
    }

    fn open_in_tree(&mut self, stream: u64) {
        for tree in &mut self.trees {
            tree.open(stream);
        }
    }

    fn prioritize(&mut self, stream: u64, priority: &Value) {
        for tree in &mut self.trees {
            tree.prioritize(stream, priority);
        }
    }

    fn window(&self, stream: u64, sender: &'static str) -> Value {
        if self.unseen.contains(&stream) {
            return Value::Null;
        }
        let settings = self.settings.get(other(sender));
        let initial = settings.and_then(|settings| settings.get("INITIAL_WINDOW_SIZE"));
        let initial = *initial.unwrap_or(&65_535) as i64;
        let moved = self.moved.get(&(stream, sender)).copied().unwrap_or(0);
        (initial + moved).into()
    }

    /// What `state` must say, for the keys that are compared.
    fn expected(&self) -> Value {
        let by_side = |of: &dyn Fn(&'static str) -> Value| -> Value {
            SIDES.iter().map(|&side| (side, of(side))).collect()
        };
        let active: Vec<u64> = self.active().map(|(&stream, _)| stream).collect();
        let windows: serde_json::Map<String, Value> = active
            .iter()
            .map(|&stream| {
                (
                    stream.to_string(),
                    by_side(&|side| self.window(stream, side)),
                )
            })
            .collect();
        let states: BTreeMap<String, &String> = self
            .active()
            .map(|(stream, state)| (stream.to_string(), state))
            .collect();
        let connection =
            by_side(&|side| (65_535 + self.connection.get(side).copied().unwrap_or(0)).into());
        let [kept, without_closed] = self.trees.each_ref().map(|tree| -> Vec<Value> {
            let places = tree.places.iter();
            places
                .map(|(&stream, &(parent, weight))| {
                    json!({"stream": stream, "parent": parent, "weight": weight, "state": self.state(stream)})
                })
                .collect()
        });
        let urgency: Vec<Value> = self
            .urgency
            .iter()
            .filter(|&(&stream, _)| self.state(stream) != "closed")
            .map(|(&stream, field)| {
                let level = field
                    .find("u=")
                    .map_or(3, |at| field[at + 2..at + 3].parse::<u64>().unwrap());
                let incremental = field.split(',').any(|member| member.trim() == "i");
                json!({"stream": stream, "urgency": level, "incremental": incremental})
            })
            .collect();
        let hpack = by_side(&|side| {
            let (max_size, entries) = self.tables.get(side).cloned().unwrap_or((4096, Vec::new()));
            let entries: Vec<Value> = entries
                .iter()
                .map(|(name, value)| json!([name, value]))
                .collect();
            json!({"max_size": max_size, "entries": entries})
        });
        json!({
            "connection": connection,
            "windows": windows,
            "streams": states,
            "settings": by_side(&|side| json!(self.settings.get(side).cloned().unwrap_or_default())),
            "priority": kept,
            "priority_without_closed": without_closed,
            "urgency": urgency,
            "hpack": hpack,
        })
    }
}

fn shrink((max_size, entries): &mut (u64, Vec<(String, String)>)) {
    let size = |entries: &[(String, String)]| -> u64 {
        entries
            .iter()
            .map(|(name, value)| (name.len() + value.len() + 32) as u64)
            .sum()
    };
    while size(entries) > *max_size {
        entries.pop();
    }
}

/// What the program says, for the same keys.
fn said(trace: &Trace, connection: &Connection, frame: usize) -> Value {
    let state = Http2State::after(connection, Some(FrameId::from_index(frame))).unwrap();
    let by = |policy| {
        let report = report::state::state_by(trace, connection, &state, policy, &[]);
        serde_json::to_value(report).unwrap()
    };
    let report = by(ClosedStreams::Keep);
    let without_closed = by(ClosedStreams::Remove);
    assert_eq!(without_closed["closed_streams"], "remove");
    let table = |side: &str| {
        let table = &report["hpack"][side];
        let entries = table["entries"].as_array().unwrap().iter();
        let entries: Vec<Value> = entries
            .map(|entry| json!([entry["name"], entry["value"]]))
            .collect();
        json!({"max_size": table["max_size"], "entries": entries})
    };
    json!({
        "connection": report["windows"]["connection"],
        "windows": report["windows"]["streams"],
        "streams": report["streams"],
        "settings": report["settings"],
        "priority": report["priority"],
        "priority_without_closed": without_closed["priority"],
        "urgency": report["urgency"],
        "hpack": {"client": table("client"), "server": table("server")},
    })
}

/// Compares the state after every frame with replay, in a random order of seeking.
fn equals_replay(trace: &Trace, what: &str) -> usize {
    let frames: Vec<Value> = report::frames::frames(trace)
        .map(|frame| serde_json::to_value(frame).unwrap())
        .collect();
    let mut compared = 0;
    for connection in &trace.connections {
        let mut replay = Replay::default();
        let own = frames
            .iter()
            .filter(|frame| frame["connection"] == connection.id.index());
        let after: Vec<Value> = own
            .map(|frame| {
                replay.frame(frame);
                replay.expected()
            })
            .collect();
        for (frame, expected) in after.iter().enumerate().rev() {
            assert_eq!(
                said(trace, connection, frame),
                *expected,
                "{what}, frame {frame}"
            );
            compared += 1;
        }
    }
    compared
}

#[test]
fn the_state_after_every_frame_equals_replay_from_the_start() {
    let mut compared = 0;
    for capture in [
        "downloads.pcapng",
        "priorities.pcapng",
        "push.pcap",
        "grpc-user-service.pcapng",
        "http1-and-h2c.pcapng",
        "large-headers.pcapng",
        "lossy.pcapng",
    ] {
        let trace = read_all(Capture::open(&shipped(capture)).unwrap());
        compared += equals_replay(&trace, capture);
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn the_second_tree_shares_weights_as_the_standard_says() {
    // A, of weight 60, has B of 1 and C of 2; it closes: B gets 20, C 40.
    let mut tree = PlainTree::default();
    tree.open(1);
    for (stream, parent, weight) in [(1, 0, 60), (3, 1, 1), (5, 1, 2)] {
        let priority = json!({"depends_on": parent, "weight": weight, "exclusive": false});
        tree.prioritize(stream, &priority);
    }
    tree.remove(1);
    assert_eq!(tree.places, BTreeMap::from([(3, (0, 20)), (5, (0, 40))]));
}

fn state_of(capture: &str, at: Option<usize>) -> Value {
    let path = shipped(capture);
    let mut arguments = vec!["state", "--json", path.to_str().unwrap()];
    let at = at.map(|at| at.to_string());
    if let Some(at) = &at {
        arguments.extend(["--at", at]);
    }
    let output = run(&arguments);
    assert!(
        output.status.success(),
        "{capture}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_was_never_seen_is_null_in_a_capture_that_begins_in_the_middle() {
    for capture in ["mid-download.pcapng", "mid-connection.pcapng"] {
        let trace = read_all(Capture::open(&shipped(capture)).unwrap());
        let frames = trace
            .main_connection()
            .unwrap()
            .http2()
            .unwrap()
            .frames
            .len();
        for at in [0, frames / 2, frames - 1] {
            let state = state_of(capture, Some(at));
            for side in SIDES {
                assert!(state["windows"]["connection"][side].is_null());
                for windows in state["windows"]["streams"].as_object().unwrap().values() {
                    assert!(windows[side].is_null(), "{windows}");
                }
            }
        }
    }
    // The downloads go on at frame 10, whoever asked for them.
    let state = state_of("mid-download.pcapng", Some(10));
    assert!(!state["streams"].as_object().unwrap().is_empty());
}

#[test]
fn the_windows_of_the_downloads_follow_the_clients_8191_bytes() {
    // Frame 1 is the first request; the server acknowledges the client's SETTINGS with frame 9.
    let before = state_of("downloads.pcapng", Some(2));
    assert_eq!(before["windows"]["streams"]["1"]["server"], 65_535);
    assert_eq!(before["settings"]["client"], json!({}));
    assert_eq!(
        before["proposed_settings"]["client"]["INITIAL_WINDOW_SIZE"],
        8191
    );
    let after = state_of("downloads.pcapng", Some(14));
    assert_eq!(after["settings"]["client"]["INITIAL_WINDOW_SIZE"], 8191);
    assert_eq!(after["windows"]["streams"]["11"]["server"], 8191);
    assert_eq!(after["windows"]["streams"]["11"]["client"], 65_535);
    // Each stream had to wait for its window: the bytes sent are exactly those allowed before.
    let streams = crate::program::rows("streams", &shipped("downloads.pcapng"));
    for stream in streams {
        assert!(stream["stalled_ns"].as_u64().unwrap() > 0, "{stream}");
    }
}

#[test]
fn the_priority_tree_has_the_groups_that_were_never_opened() {
    let state = state_of("priorities.pcapng", Some(5));
    let node = |stream: u64, parent: u64, weight: u64| json!({"stream": stream, "parent": parent, "weight": weight, "state": "idle"});
    let groups = [
        node(3, 0, 201),
        node(5, 0, 101),
        node(7, 0, 1),
        node(9, 7, 1),
        node(11, 3, 1),
    ];
    assert_eq!(state["priority"], json!(groups));
    let later = state_of("priorities.pcapng", Some(17));
    let style = json!({"stream": 15, "parent": 3, "weight": 32, "state": "half-closed"});
    assert!(later["priority"].as_array().unwrap().contains(&style));
}

#[test]
fn promised_streams_are_reserved_below_the_stream_that_carries_the_promise() {
    let frames = crate::program::rows("frames", &shipped("push.pcap"));
    let last_promise = frames
        .iter()
        .rposition(|frame| frame["type"] == "PUSH_PROMISE")
        .unwrap();
    let state = state_of("push.pcap", Some(last_promise));
    for stream in ["2", "4", "6", "8"] {
        assert_eq!(state["streams"][stream], "reserved");
    }
    let nodes = state["priority"].as_array().unwrap();
    let node = nodes.iter().find(|node| node["stream"] == 2).unwrap();
    assert_eq!((&node["parent"], &node["weight"]), (&json!(13), &json!(16)));
}

#[test]
fn the_101_acknowledges_the_settings_of_an_upgrade() {
    let state = state_of("upgrade.pcapng", Some(0));
    assert_eq!(state["settings"]["client"]["MAX_CONCURRENT_STREAMS"], 100);
    assert_eq!(state["settings"]["server"], json!({}));
    assert_eq!(state["streams"]["1"], "half-closed");
    assert_eq!(state["half_closed_by"]["1"], "client");
}

#[test]
fn a_frame_that_does_not_exist_is_a_usage_error_and_no_http2_is_a_note() {
    let path = shipped("downloads.pcapng");
    let output = run(&["state", path.to_str().unwrap(), "--at", "134"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(crate::program::complaint(&output).contains("whose frames are 0 to 133"));
    let path = shipped("tls.pcapng");
    let output = run(&["state", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
    let path = shipped("priorities.pcapng");
    let table = String::from_utf8(run(&["state", path.to_str().unwrap()]).stdout).unwrap();
    assert!(
        table.contains("  3 weight 201 (idle)\n    11 weight 1 (idle)\n"),
        "{table}"
    );
}

/// One frame of a made-up conversation: who sends it, and its bytes.
fn any_frame() -> impl Strategy<Value = (bool, Vec<u8>)> {
    let stream = (0..6_u32).prop_map(|number| 2 * number + 1);
    (
        any::<bool>(),
        0..12_u8,
        stream,
        0..14_u32,
        any::<u8>(),
        any::<bool>(),
    )
        .prop_map(|(from_client, kind, stream, other, byte, flag)| {
            let priority = |payload: &mut Vec<u8>| {
                payload.extend((other | u32::from(flag) << 31).to_be_bytes());
                payload.push(byte);
            };
            let mut payload = Vec::new();
            let request: &[u8] = if from_client {
                b"\x82\x87\x40\x08priority\x03u=1"
            } else {
                b"\x88\x40\x01a\x01b"
            };
            let (kind, flags, stream) = match kind {
                0 | 1 => {
                    payload.extend_from_slice(request);
                    (1, 0x4 | u8::from(flag), stream)
                }
                2 => {
                    priority(&mut payload);
                    payload.extend_from_slice(&request[..1]);
                    (1, 0x24, stream)
                }
                3 | 4 => {
                    payload.resize(usize::from(byte) * 40 + 1, 0);
                    payload[0] = byte / 8; // the pad length
                    (0, 0x8 | u8::from(byte > 200), stream)
                }
                5 => {
                    let size = u32::from(byte) * 300;
                    payload.extend([0, 4]);
                    payload.extend(size.to_be_bytes());
                    (4, 0, 0)
                }
                6 => (4, 1, 0),
                7 | 8 => {
                    payload.extend((u32::from(byte) * 20 + 1).to_be_bytes());
                    (8, 0, if flag { 0 } else { stream })
                }
                9 => {
                    priority(&mut payload);
                    (2, 0, stream)
                }
                10 if byte < 40 => {
                    payload.extend([0, 0, 0, 8]);
                    (3, 0, stream)
                }
                10 => {
                    payload.extend(stream.to_be_bytes());
                    payload.extend_from_slice(if flag { b"u=5, i" } else { b"i" });
                    (0x10, 0, 0)
                }
                _ if from_client => {
                    payload.extend([0; 8]);
                    (6, 0, 0)
                }
                _ => {
                    payload.extend((2 * (other + 1)).to_be_bytes());
                    payload.push(0x82);
                    (5, 0x4, stream)
                }
            };
            let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
            frame.extend([kind, flags]);
            frame.extend(stream.to_be_bytes());
            frame.extend(payload);
            (from_client, frame)
        })
}

/// A capture of a conversation, one packet for each part: classic pcap with raw IPv4.
fn capture_of(parts: &[(bool, Vec<u8>)]) -> Vec<u8> {
    let mut file =
        b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0".to_vec();
    let mut sequence = [1_u32, 1];
    let mut packet =
        |number: usize, from_client: bool, flags: u8, payload: &[u8], sequence: [u32; 2]| {
            let (own, peer) = if from_client { (0, 1) } else { (1, 0) };
            let length = u16::try_from(40 + payload.len()).unwrap();
            let mut bytes = vec![0x45, 0];
            bytes.extend(length.to_be_bytes());
            bytes.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
            bytes.extend([192, 0, 2, own, 192, 0, 2, peer]);
            let ports = if from_client {
                [50_000_u16, 80]
            } else {
                [80, 50_000]
            };
            ports
                .iter()
                .for_each(|port| bytes.extend(port.to_be_bytes()));
            bytes.extend(sequence[usize::from(own)].to_be_bytes());
            bytes.extend(sequence[usize::from(peer)].to_be_bytes());
            bytes.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
            bytes.extend_from_slice(payload);
            for word in [number as u32, 0, u32::from(length), u32::from(length)] {
                file.extend(word.to_le_bytes());
            }
            file.extend(bytes);
        };
    packet(0, true, 0x02, b"", [0, 0]);
    packet(1, false, 0x12, b"", [1, 0]);
    for (number, (from_client, bytes)) in parts.iter().enumerate() {
        packet(number + 2, *from_client, 0x18, bytes, sequence);
        sequence[usize::from(!from_client)] += u32::try_from(bytes.len()).unwrap();
    }
    file
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_state_in_any_conversation_equals_replay(
        conversation in prop::collection::vec(any_frame(), 1..400),
    ) {
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
        let mut parts = vec![(true, preface)];
        parts.extend(conversation);
        let capture = Capture::from_bytes(capture_of(&parts).into(), "made up").unwrap();
        let trace = read_all(capture);
        prop_assert_eq!(equals_replay(&trace, "made up"), parts.len());
    }
}
