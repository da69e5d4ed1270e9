//! The screen is a picture of one instant: two instants give two pictures, the same instant gives the
//! same one, and what a view says in words is what the commands print.

use crate::made;
use crate::program::{rows, run, shipped};
use crate::screens::inside;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};
use serde_json::Value;
use wireloom::capture::Capture;
use wireloom::trace::{Cursor, FrameId, PacketId, Trace};
use wireloom::ui::app::App;
use wireloom::ui::offscreen::{self, Scene};
use wireloom::ui::theme::ThemeChoice;
use wireloom::ui::views::ViewId;
use wireloom::ui::{Command, Item, workspace};

/// Views about the whole capture, whatever the instant.
const TIMELESS_WORDS: [&str; 4] = ["connections", "findings", "notes", "sandbox"];
/// Views about gRPC, of which the other capture has none.
const ABOUT_GRPC: [&str; 2] = ["calls", "message"];
/// A view without anything that moves with the cursor.
const TIMELESS_PICTURES: [&str; 3] = ["findings", "notes", "sandbox"];

fn trace(capture: &str) -> Trace {
    wireloom::dissect::read_all(Capture::open(&shipped(capture)).unwrap())
}

fn at(trace: &Trace, frame: usize) -> Option<Cursor> {
    let connection = trace.main_connection().unwrap();
    Cursor::after_frame(connection, FrameId::from_index(frame))
}

fn picture(trace: &Trace, view: &str, frame: usize) -> Vec<u8> {
    let cursor = at(trace, frame);
    let scene = Scene::new(trace, None, cursor);
    offscreen::render_view(view, &scene, [640, 420], ThemeChoice::Dark).unwrap()
}

fn words(trace: &Trace, view: &str, cursor: Option<Cursor>) -> String {
    offscreen::view_text(view, &Scene::new(trace, None, cursor)).unwrap()
}

#[test]
fn time_counts_from_the_earliest_packet_everywhere_even_where_it_is_not_the_first() {
    let mut bytes = made::requests(1, 3, 1).into_bytes();
    // The first packet's clock was half a second ahead of those after it, which are 0.1 ms apart.
    bytes[28..32].copy_from_slice(&500_000_u32.to_le_bytes());
    let trace = wireloom::dissect::read_all(made::open_bytes(bytes));
    let connection = trace.main_connection().unwrap();
    let row = connection.http2().unwrap().frames.get(5).unwrap();
    let since_start = trace.time_ns(row.packet) - trace.time_ns(PacketId::from_index(1));
    assert_eq!(trace.start_ns(), trace.time_ns(PacketId::from_index(1)));
    let time = format!(
        "{}.{:03}",
        since_start / 1_000_000,
        since_start / 1_000 % 1_000
    );
    let cursor = at(&trace, 5);
    for (view, line) in [
        ("loom", format!("cursor: {time} ms, after frame 5")),
        ("frames", "frame 5, ".to_owned()),
    ] {
        let words = words(&trace, view, cursor);
        let said = words
            .lines()
            .find(|said| said.starts_with(&line))
            .unwrap_or(&words);
        assert!(said.contains(&time), "{view}: {time} in\n{said}");
    }
}

#[test]
fn every_view_shows_two_instants_as_two_pictures() {
    let pushes = trace("push.pcap");
    let calls = trace("grpc-user-service.pcapng");
    for view in ViewId::all().map(ViewId::name) {
        let trace = if ABOUT_GRPC.contains(&view) {
            &calls
        } else {
            &pushes
        };
        let (early, late) = (at(trace, 13), at(trace, 30));
        let differ = words(trace, view, early) != words(trace, view, late);
        assert_eq!(differ, !TIMELESS_WORDS.contains(&view), "{view}: words");
        let differ = picture(trace, view, 13) != picture(trace, view, 30);
        assert_eq!(
            differ,
            !TIMELESS_PICTURES.contains(&view),
            "{view}: picture"
        );
    }
}

#[test]
fn an_instant_has_one_picture() {
    let trace = trace("push.pcap");
    for view in ["loom", "hpack"] {
        assert!(
            picture(&trace, view, 13) == picture(&trace, view, 13),
            "{view}"
        );
    }
}

/// Numbers as the commands print them: the window groups digits by three.
fn digits(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let groups = plain.ends_with(|last: char| last.is_ascii_digit())
            && characters.peek().is_some_and(char::is_ascii_digit)
            && character.is_whitespace();
        if !groups {
            plain.push(character);
        }
    }
    plain
}

fn state(capture: &str, frame: usize) -> Value {
    let path = shipped(capture);
    let frame = frame.to_string();
    let output = run(&["state", "--json", "--at", &frame, path.to_str().unwrap()]);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn flow_control_says_the_windows_of_the_state_command() {
    let mut compared = 0;
    for (capture, frames) in [
        ("lossy.pcapng", [20, 40, 55]),
        ("push.pcap", [12, 20, 30]),
        ("downloads.pcapng", [30, 77, 120]),
    ] {
        let trace = trace(capture);
        for frame in frames {
            let said = digits(&words(&trace, "flow", at(&trace, frame)));
            let windows = &state(capture, frame)["windows"];
            let connection = windows["connection"]["server"].as_i64().unwrap();
            let line = format!("connection: {connection} bytes");
            assert!(
                said.lines().any(|said| said == line),
                "{capture} {frame}: {line}\n{said}"
            );
            // The view lists the streams that have something to send; each as `state` has it.
            for line in said.lines().filter(|line| line.starts_with("stream ")) {
                let Some((name, bytes)) = line.rsplit_once(": ") else {
                    continue;
                };
                let Some(bytes) = bytes.strip_suffix(" bytes") else {
                    continue;
                };
                let stream = name.split(' ').nth(1).unwrap();
                let window = &windows["streams"][stream]["server"];
                assert_eq!(
                    window.as_i64(),
                    bytes.parse().ok(),
                    "{capture} {frame}: {line}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 15, "{compared}");
}

#[test]
fn lists_say_the_rows_of_their_commands() {
    let capture = "lossy.pcapng";
    let trace = trace(capture);
    let said = |view| words(&trace, view, Cursor::end_of(&trace));
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();

    let (requests, streams, loom) = (said("requests"), said("streams"), said("loom"));
    let rows_of = |command| rows(command, &shipped(capture));
    let found = rows_of("requests");
    assert_eq!(found.len(), 5);
    for row in &found {
        let (method, path) = (text(row, "method"), text(row, "path"));
        let line = format!(
            "stream {}, {method} {path}, {}",
            row["stream"],
            text(row, "status")
        );
        for list in [&requests, &streams] {
            assert!(
                list.lines().any(|said| said.starts_with(&line)),
                "{line}\n{list}"
            );
        }
        let lane = format!("stream {} ({method} {path}", row["stream"]);
        assert!(
            loom.lines().any(|said| said.starts_with(&lane)),
            "{lane}\n{loom}"
        );
    }

    let holes = rows_of("holes");
    let tcp = said("tcp");
    let listed = tcp.lines().filter(|line| line.starts_with("hole "));
    assert_eq!(listed.count(), holes.len());
    for row in &holes {
        let streams: Vec<String> = row["streams"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|stream| stream["stream"].to_string())
            .collect();
        let behind = format!("{} had to wait", streams.join(", "));
        assert!(
            streams.is_empty() || tcp.contains(&behind),
            "{behind}\n{tcp}"
        );
    }

    let frames = rows_of("frames");
    let ladder = said("ladder");
    assert!(ladder.starts_with(&format!("ladder of frames: {0} of {0} have", frames.len())));
    assert!(said("frames").starts_with(&format!("{} frames", frames.len())));
    for row in &rows_of("connections") {
        let line = format!(
            "client {}, server {}",
            text(row, "client"),
            text(row, "server")
        );
        assert!(said("connections").contains(&line), "{line}");
    }
}

#[test]
fn findings_say_the_sentences_of_their_command() {
    let trace = trace("fourteen-breaks.pcapng");
    let found = rows("findings", &shipped("fourteen-breaks.pcapng"));
    assert_eq!(found.len(), 14);
    let said = words(&trace, "findings", Cursor::end_of(&trace));
    for finding in &found {
        for key in ["rule", "section", "text"] {
            let text = finding[key].as_str().unwrap();
            assert!(said.contains(text), "{text}\n{said}");
        }
    }
}

/// The window on a capture right after a frame, with one view brought to the front.
fn window(capture: &str, frame: usize, view: &str, theme: ThemeChoice) -> Harness<'static, App> {
    let trace = trace(capture);
    let connection = trace.main_connection().unwrap();
    let (id, cursor) = (connection.id, at(&trace, frame));
    let mut app = App::of_trace(capture, trace, Some(id), cursor, theme);
    app.send(Command::Select(Item::Frame(id, FrameId::from_index(frame))));
    let view = ViewId::from_name(view).unwrap();
    app.send(Command::Workspace(workspace::Command::Show(view)));
    let mut harness = inside(app, [1366.0, 768.0]);
    // Until what glides has arrived.
    harness.run_steps(40);
    harness
}

/// Pictures that a person has looked at, kept in `tests/snapshots`. After a change that is meant, `UPDATE_SNAPSHOTS=1`
/// writes them anew: look at them before they are committed.
#[test]
fn the_window_looks_as_it_did_when_somebody_last_looked() {
    let mut results = SnapshotResults::new();
    // Renderers round differently at the edges of letters.
    let options = SnapshotOptions::new()
        .threshold(2.0)
        .max_failed_pixels(6_000);
    for (name, capture, frame, view, theme) in [
        ("loom", "push.pcap", 13, "loom", ThemeChoice::Dark),
        ("hpack", "push.pcap", 28, "hpack", ThemeChoice::Light),
        ("flow", "downloads.pcapng", 62, "flow", ThemeChoice::Dark),
        ("ladder", "push.pcap", 20, "ladder", ThemeChoice::Light),
    ] {
        let mut harness = window(capture, frame, view, theme);
        harness.snapshot_options(name, &options);
        results.extend(harness.take_snapshot_results());
    }
}
