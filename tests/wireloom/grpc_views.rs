//! gRPC in the window, against what the commands say of the same captures.

use crate::program::{run, shipped};
use crate::screens::{click, inside, shows, window};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use serde_json::Value;
use std::time::{Duration, Instant};
use wireloom::trace::ConnectionId;
use wireloom::ui::app::{App, AppOptions};
use wireloom::ui::loader::Input;
use wireloom::ui::settings::Settings;
use wireloom::ui::views::ViewId;
use wireloom::ui::{Command, Item, tour, workspace};
use wireloom::wire::http2::StreamId;

/// The window on a capture of the tour with one view in front, after what is worked out about gRPC is there.
fn with_view(capture: &str, view: &str) -> Harness<'static, App> {
    let stop = tour::STOPS.iter().position(|stop| stop.file == capture);
    let mut harness = window(stop.unwrap());
    let began = Instant::now();
    while harness.state().grpc().working || harness.state().grpc().calls.rows().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(2));
        harness.step();
    }
    let view = ViewId::from_name(view).unwrap();
    let show = Command::Workspace(workspace::Command::Show(view));
    harness.state_mut().send(show);
    harness.set_size([1920.0, 1080.0].into());
    harness.run_steps(4);
    harness
}

fn rows(command: &str, capture: &str) -> Vec<Value> {
    let path = shipped(capture);
    let output = run(&[command, "--json", path.to_str().unwrap()]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn click_row(harness: &mut Harness<'_, App>, begins: &str) {
    harness
        .get_by(|node| node.label().is_some_and(|label| label.starts_with(begins)))
        .click();
    harness.run_steps(4);
}

#[test]
fn every_call_of_the_command_is_a_row_of_the_window() {
    for capture in ["grpc-chain.pcapng", "grpc-errors.pcapng"] {
        let mut harness = with_view(capture, "calls");
        // High enough for all rows in its pane.
        harness.set_size([1920.0, 6000.0].into());
        harness.run_steps(4);
        click(&mut harness, "Calls as: Lanes");
        click(&mut harness, "Calls as: Table");
        let calls = rows("calls", capture);
        assert!(
            shows(&harness, &format!("{} calls", calls.len())),
            "{capture}"
        );
        for call in &calls {
            let begins = format!(
                "connection {} stream {}, {}/{}, {} as far as seen, ",
                call["connection"],
                call["stream"],
                call["service"].as_str().unwrap(),
                call["method"].as_str().unwrap(),
                call["kind"].as_str().unwrap(),
            );
            assert!(shows(&harness, &begins), "{begins}");
        }
    }
}

#[test]
fn a_click_on_a_call_of_another_connection_shows_that_connection_and_its_stream() {
    let mut harness = with_view("grpc-chain.pcapng", "calls");
    let shown = |harness: &Harness<'_, App>| harness.state().document().unwrap().connection;
    let before = shown(&harness).unwrap();
    for call in [[0, 1], [1, 1]] {
        click_row(
            &mut harness,
            &format!("connection {} stream {}, ", call[0], call[1]),
        );
        let connection = ConnectionId::from_index(call[0]);
        let stream = Item::Stream(connection, StreamId(call[1] as u32));
        assert_eq!(harness.state().selection(), Some(stream));
        assert_eq!(shown(&harness), Some(connection));
    }
    assert!(before.index() < 2);
}

#[test]
fn the_filter_leaves_the_calls_that_the_command_leaves() {
    let mut harness = with_view("grpc-errors.pcapng", "calls");
    let path = shipped("grpc-errors.pcapng");
    let all = rows("calls", "grpc-errors.pcapng").len();
    for filter in [
        "grpc-status:4",
        "status:DEADLINE_EXCEEDED",
        "status:>=13",
        "message:purpose lasted:<50",
        "ended-by:client",
    ] {
        let arguments = ["calls", "--json", "--filter", filter];
        let output = run(&[&arguments[..], &[path.to_str().unwrap()]].concat());
        let left = String::from_utf8(output.stdout).unwrap().lines().count();
        let set = wireloom::ui::filter_bar::Command::Set(filter.to_owned());
        harness.state_mut().send(Command::Filter(set));
        harness.run_steps(6);
        assert!(left > 0 && left < all, "{filter}: {left}");
        let plural = if left == 1 { "" } else { "s" };
        let words = format!("{left} call{plural} of {all}");
        assert!(shows(&harness, &words), "{filter}: {words}");
    }
}

#[test]
fn calls_that_failed_are_listed_alone_and_say_why_in_plain_words() {
    let mut harness = with_view("grpc-errors.pcapng", "calls");
    let calls = rows("calls", "grpc-errors.pcapng");
    let status = |call: &Value| {
        let seen = [&call["implied_status"], &call["status"]];
        seen.iter().find_map(|status| status["code"].as_u64())
    };
    let failed = calls.iter().filter(|call| status(call) != Some(0)).count();
    click(&mut harness, "Calls as: Table");
    click(&mut harness, "Failed only");
    let words = format!("{failed} calls of {}", calls.len());
    assert!(shows(&harness, &words), "{words}");
    // The server's own words, and where it has none, what the status means.
    assert!(shows(
        &harness,
        "“not_found — 100% on purpose, second line”"
    ));
    assert!(shows(
        &harness,
        "means: something failed and nobody said what"
    ));
    // The server said at once that time was over, though the caller would have waited three seconds.
    assert!(shows(&harness, " before its own deadline)"));
    click(&mut harness, "Failed only");
    assert!(shows(&harness, &format!("{} calls", calls.len())));
}

#[test]
fn findings_about_calls_are_among_the_findings_of_the_capture() {
    let harness = with_view("grpc-chain.pcapng", "findings");
    let told = rows("findings", "grpc-chain.pcapng");
    let trace = harness.state().document().unwrap().trace.as_ref().unwrap();
    let shown: Vec<&str> = trace.findings.iter().map(|finding| finding.rule).collect();
    let told: Vec<&str> = told
        .iter()
        .map(|row| row["rule"].as_str().unwrap())
        .collect();
    assert_eq!(shown, told);
    assert!(
        shown.contains(&"grpc-deadline-longer-than-parent"),
        "{shown:?}"
    );
    assert!(shows(&harness, "made while serving stream"));
}

fn wait(harness: &mut Harness<'_, App>, until: impl Fn(&App) -> bool) {
    let began = Instant::now();
    while !until(harness.state()) {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(2));
        harness.step();
    }
    harness.run_steps(4);
}

/// Names and texts in the JSON that Python's protobuf made of a message.
fn words_of(json: &Value, into: &mut Vec<String>) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                // In JSON some names are written otherwise than in the schema.
                into.extend(Some(name.clone()).filter(|name| !name.contains(char::is_uppercase)));
                words_of(value, into);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| words_of(element, into)),
        Value::String(text) => into.push(text.clone()),
        _ => {}
    }
}

#[test]
fn the_fields_of_a_message_are_those_that_python_read() {
    let mut harness = with_view("grpc-user-service.pcapng", "message");
    let schemas = wireloom::ui::grpc::Command::AddSchemas(vec![shipped("proto")]);
    harness.state_mut().send(Command::Grpc(schemas));
    wait(&mut harness, |app| app.grpc().schemas.files > 0);
    let page = std::fs::read_to_string(shipped("grpc-user-service.facts.json")).unwrap();
    let facts: Value = serde_json::from_str(&page).unwrap();
    // The first answer with some fields to it.
    let mut calls = facts["calls"].as_array().unwrap().iter();
    let (call, words) = calls
        .find_map(|call| {
            let mut words = Vec::new();
            let answers = call["messages"]["response"].as_array()?;
            words_of(&answers.last()?["json"], &mut words);
            (words.len() > 5).then_some((call, words))
        })
        .unwrap();
    let index = |key: &str| call[key].as_u64().unwrap();
    let connection = ConnectionId::from_index(index("connection") as usize);
    let stream = Item::Stream(connection, StreamId(index("stream") as u32));
    harness.state_mut().send(Command::Select(stream));
    harness.run_steps(6);
    for word in words {
        assert!(shows(&harness, &word), "{word}");
    }
    click(&mut harness, "Beside the fields: JSON");
    assert!(shows(&harness, " as protobuf, "));
}

#[test]
fn what_was_typed_into_the_sandbox_is_there_after_another_capture_was_opened() {
    let mut harness = with_view("grpc-errors.pcapng", "sandbox");
    click(&mut harness, "Exercise: 5: Alice, against JSON");
    // Said to be 45 bytes against 95.
    assert!(shows(&harness, "43 bytes as protobuf, 97 as JSON"));
    let other = Command::Open(shipped("grpc-chain.pcapng"));
    harness.state_mut().send(other);
    harness.run_steps(2);
    wait(&mut harness, |app| {
        let read = app.document().is_some_and(|document| !document.loading());
        read && app
            .document()
            .is_some_and(|document| document.title.contains("chain"))
    });
    let view = ViewId::from_name("sandbox").unwrap();
    let show = Command::Workspace(workspace::Command::Show(view));
    harness.state_mut().send(show);
    harness.run_steps(4);
    assert!(shows(&harness, "43 bytes as protobuf, 97 as JSON"));
}

#[test]
fn the_other_version_of_the_schemas_is_there_when_the_window_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.ron");
    let open = || {
        let app = App::new(AppOptions {
            input: Some(Input::File(shipped("grpc-newer-server.pcapng"))),
            settings_path: Some(settings.clone()),
            ..AppOptions::default()
        });
        inside(app, [1366.0, 768.0])
    };
    let mut harness = open();
    let own = wireloom::ui::grpc::Command::AddSchemas(vec![shipped("proto/v2/catalog.proto")]);
    harness.state_mut().send(Command::Grpc(own));
    let other = vec![shipped("proto/v1/catalog.proto")];
    let compare = wireloom::ui::grpc::Command::CompareWith(other.clone());
    harness.state_mut().send(Command::Grpc(compare));
    wait(&mut harness, |app| app.grpc().schemas.against.is_some());
    drop(harness);
    assert_eq!(Settings::load(&settings).other_schemas, other);
    let mut harness = open();
    wait(&mut harness, |app| {
        app.grpc().schemas.against.is_some() && app.grpc().schemas.files > 0
    });
    let forget = wireloom::ui::grpc::Command::CompareWith(Vec::new());
    harness.state_mut().send(Command::Grpc(forget));
    wait(&mut harness, |app| app.grpc().schemas.against.is_none());
    assert!(Settings::load(&settings).other_schemas.is_empty());
}

#[test]
fn what_a_server_says_of_a_failure_is_read_in_a_narrow_pane() {
    let mut harness = with_view("grpc-errors.pcapng", "calls");
    harness.set_size([1366.0, 768.0].into());
    harness.run_steps(4);
    // Its title is there only where the column is.
    assert!(shows(&harness, "what it says"));
    assert!(shows(&harness, "“cancelled — 100% on purpose"));
}
