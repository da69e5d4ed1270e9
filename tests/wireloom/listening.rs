use crate::fake_program::program;
use crate::following::{frames, seen, until};
use crate::keyboard::unnamed;
use crate::program::complaint;
use crate::screens::{click, inside, shows};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use wireloom::trace::ConnectionId;
use wireloom::ui::app::document::Reading;
use wireloom::ui::app::{App, AppOptions};
use wireloom::ui::{self, listening};

/// A capture of the tour: what helpers hear here.
fn whole() -> &'static [u8] {
    ui::tour::STOPS[0].bytes
}

fn halves() -> (&'static [u8], &'static [u8]) {
    whole().split_at(whole().len() / 2)
}

/// A helper that does what `body` says, and knows two interfaces.
fn helper(folder: &Path, body: &str) -> PathBuf {
    let list = "if [ \"$1\" = -D ]; then printf 'eth0\\t192.0.2.7\\nlo\\tloopback, 127.0.0.1\\n'; exit; fi";
    program(folder, "helper", &format!("{list}\n{body}"))
}

/// A helper that hears the first bytes at once, and the others once there is a file `go`.
fn slow_helper(folder: &Path, (first, rest): (&[u8], &[u8])) -> PathBuf {
    std::fs::write(folder.join("first"), first).unwrap();
    std::fs::write(folder.join("rest"), rest).unwrap();
    let body = "cd \"${0%/*}\"; printf '%s\\n' \"$@\" >arguments; cat first; \
                (while [ ! -e go ] && [ ! -e over ]; do sleep 0.02; done; [ ! -e go ] || cat rest) & cat >/dev/null; >over; wait";
    helper(folder, body)
}

/// How long everything before the first packet is.
fn header_len() -> usize {
    /// An enhanced packet block.
    const PACKET: u32 = 6;
    let number = |at: usize| u32::from_le_bytes(whole()[at..at + 4].try_into().unwrap());
    let mut at = 0;
    while number(at) != PACKET {
        at += number(at + 4) as usize;
    }
    at
}

fn app(folder: &Path, helper: PathBuf) -> Harness<'static, App> {
    let app = App::new(AppOptions {
        data_folder: Some(folder.join("data")),
        helper: Some(helper),
        ..AppOptions::default()
    });
    inside(app, [1366.0, 768.0])
}

fn open_form(harness: &mut Harness<'_, App>) {
    click(harness, "Listen to live traffic…");
    until(harness, |harness| {
        !shows(harness, "Looking for network interfaces.")
    });
}

fn recordings(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("data/recordings"));
    let paths = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    paths.collect()
}

fn is_done(harness: &Harness<'_, App>) -> bool {
    let document = harness.state().document();
    document.is_some_and(|of| matches!(of.reading, Reading::Done))
}

#[test]
fn a_recording_is_shown_as_it_grows_until_it_is_stopped_and_then_it_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut harness = app(folder, slow_helper(folder, halves()));
    open_form(&mut harness);
    assert_eq!(unnamed(&harness), Vec::<String>::new());
    assert!(shows(&harness, "this machine talking to itself"));
    assert!(shows(&harness, "All packets are recorded."));
    let field = harness.get_by_label("Ports, or a capture filter");
    field.focus();
    harness.run_steps(2);
    harness
        .get_by_label("Ports, or a capture filter")
        .type_text("8080");
    harness.run_steps(3);
    assert!(shows(&harness, "the capture filter tcp port 8080."));
    // The loopback interface was chosen already.
    click(&mut harness, "Listen");
    let read = |harness: &Harness<'_, App>| {
        let document = harness.state().document();
        document.is_some_and(|of| of.live() && !of.loading())
    };
    until(&mut harness, read);
    assert!(
        harness
            .query_by_label("Ports, or a capture filter")
            .is_none()
    );
    let half = frames(&harness);
    assert!((1..134).contains(&half), "{half}");
    assert_eq!(seen(&harness), half);
    // One connection that can be drawn is drawn.
    let loom = ui::views::ViewId::from_name("loom").unwrap();
    assert_eq!(harness.state().workspace().is_open(loom), (true, true));
    let [file] = &recordings(folder)[..] else {
        panic!("one recording");
    };
    let said = format!(
        "Listening on lo: what passes tcp port 8080, kept as it comes in {}",
        file.display()
    );
    assert!(shows(&harness, &said), "{said}");
    let arguments = std::fs::read_to_string(folder.join("arguments")).unwrap();
    assert!(arguments.contains("--interface=lo\n--filter=tcp port 8080\n"));
    // More comes, and the cursor stays at the end.
    std::fs::write(folder.join("go"), "").unwrap();
    until(&mut harness, |harness| frames(harness) == 134);
    until(&mut harness, read);
    assert_eq!(seen(&harness), 134);
    click(&mut harness, "Stop listening");
    until(&mut harness, is_done);
    assert_eq!(frames(&harness), 134);
    assert!(shows(
        &harness,
        "Listening on lo has ended. The recording ("
    ));
    assert!(shows(&harness, &format!("is kept: {}", file.display())));
    assert!(shows(&harness, "Save a copy…"));
    assert!(harness.query_by_label("Stop listening").is_none());
    assert!(std::fs::read(file).unwrap() == whole());
}

#[test]
fn why_listening_does_not_work_is_said_in_the_form_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let body = "echo 'helper: lo: capturing is not permitted' >&2; exit 1";
    let mut harness = app(folder, helper(folder, body));
    open_form(&mut harness);
    click(&mut harness, "Listen");
    let told = |harness: &Harness<'_, App>| shows(harness, "Listening on lo is not permitted");
    until(&mut harness, told);
    if cfg!(target_os = "linux") {
        let line = format!(
            "sudo setcap cap_net_raw=ep {}",
            folder.join("helper").display()
        );
        assert!(shows(&harness, &line));
        assert!(shows(&harness, "Copy the command"));
    }
    assert!(harness.state().document().is_none());
    assert_eq!(recordings(folder), Vec::<PathBuf>::new());
    // Another interface may be listened on at once.
    click(&mut harness, "eth0");
    click(&mut harness, "Listen");
    until(&mut harness, |harness| {
        shows(harness, "Listening on eth0 is not permitted")
    });
    click(&mut harness, "Cancel");
    assert!(!shows(&harness, "is not permitted"));
    // A helper that is not there is named.
    let mut harness = app(folder, folder.join("nowhere"));
    open_form(&mut harness);
    assert!(shows(&harness, "nowhere: it cannot be run"));
    assert!(shows(&harness, "Look again"));
}

#[test]
fn while_nothing_comes_the_page_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut harness = app(folder, slow_helper(folder, whole().split_at(header_len())));
    open_form(&mut harness);
    click(&mut harness, "Listen");
    until(&mut harness, |harness| {
        shows(harness, "No packet has come yet.")
    });
    assert!(shows(&harness, "Nothing comes?"));
    assert!(shows(
        &harness,
        "lo carries only what this machine says to itself."
    ));
    assert_eq!(unnamed(&harness), Vec::<String>::new());
    std::fs::write(folder.join("go"), "").unwrap();
    until(&mut harness, |harness| frames(harness) == 134);
    assert!(!shows(&harness, "Nothing comes?"));
    assert_eq!(seen(&harness), 134);
}

#[test]
fn another_capture_ends_the_recording_and_the_way_back_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut harness = app(folder, slow_helper(folder, halves()));
    open_form(&mut harness);
    click(&mut harness, "Listen");
    until(&mut harness, |harness| frames(harness) > 0);
    harness.state_mut().send(ui::Command::OpenTour(1));
    until(&mut harness, |harness| {
        shows(harness, "Listening on lo has ended.")
    });
    let other = |harness: &Harness<'_, App>| harness.state().document().unwrap().title.clone();
    assert_eq!(other(&harness), ui::tour::STOPS[1].file);
    click(&mut harness, "Open it");
    until(&mut harness, |harness| frames(harness) > 0);
    assert!(other(&harness).starts_with("lo-"));
    // There is nothing to stop any more.
    let stop = ui::Command::Listen(listening::Command::Stop);
    harness.state_mut().send(stop);
    harness.run_steps(3);
}

#[test]
fn a_recording_that_fails_is_kept_and_the_reason_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("whole"), whole()).unwrap();
    let body = "cat \"${0%/*}/whole\"; echo 'helper: the interface went down' >&2; exit 1";
    let mut harness = app(folder, helper(folder, body));
    harness
        .state_mut()
        .send(ui::Command::Listen(listening::Command::Start {
            interface: "lo".parse().unwrap(),
            typed: String::new(),
        }));
    until(&mut harness, is_done);
    let said = "Listening on lo has ended: the interface went down. The recording (";
    assert!(shows(&harness, said));
    assert_eq!(frames(&harness), 134);
}

/// A window that listens to captures of several short connections, and then of a long one.
fn several_connections(folder: &Path) -> Harness<'static, App> {
    let of = |name: &str| {
        let stop = ui::tour::STOPS.iter().find(|stop| stop.file == name);
        stop.unwrap().bytes
    };
    let heard = (of("large-headers.pcapng"), of("downloads.pcapng"));
    let mut harness = app(folder, slow_helper(folder, heard));
    open_form(&mut harness);
    click(&mut harness, "Listen");
    until(&mut harness, |harness| frames(harness) > 0);
    until(&mut harness, |harness| {
        !harness.state().document().unwrap().loading()
    });
    harness
}

fn shown(harness: &Harness<'_, App>) -> ConnectionId {
    let document = harness.state().document().unwrap();
    document.connection().unwrap().id
}

/// The connection with most frames, and how many they are.
fn main_one(harness: &Harness<'_, App>) -> (ConnectionId, usize) {
    let trace = harness.state().document().unwrap().trace.as_ref().unwrap();
    let main = trace.main_connection().unwrap();
    (main.id, main.http2().unwrap().frames.len())
}

#[test]
fn a_connection_that_is_looked_at_stays_though_another_has_more_frames_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut harness = several_connections(folder);
    let before = shown(&harness);
    // Somebody looks at what has happened, and does not follow the end.
    click(&mut harness, "Follow the end of the capture");
    std::fs::write(folder.join("go"), "").unwrap();
    until(&mut harness, |harness| main_one(harness).1 == 134);
    assert_ne!(main_one(&harness).0, before);
    until(&mut harness, |harness| {
        !harness.state().document().unwrap().loading()
    });
    assert_eq!(shown(&harness), before);
    click(&mut harness, "Stop listening");
    until(&mut harness, is_done);
    assert_eq!(shown(&harness), before);
}

#[test]
fn following_the_end_leads_to_the_newest_connection_when_the_one_shown_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut harness = several_connections(folder);
    // All four of the first capture are over by now.
    until(&mut harness, |harness| shown(harness).index() == 3);
    std::fs::write(folder.join("go"), "").unwrap();
    until(&mut harness, |harness| frames(harness) == 134);
    assert_eq!(shown(&harness).index(), 4);
    assert_eq!(seen(&harness), 134);
}

fn live(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wireloom"))
        .arg("live")
        .args(arguments)
        // There is said to be a display; nothing gets as far as looking for it.
        .env("DISPLAY", ":4711")
        .env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn on_the_command_line_it_is_said_why_listening_does_not_work() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let body = "echo 'helper: nope: there is no such interface' >&2; exit 1";
    let helper = helper(folder, body);
    let helper = helper.to_str().unwrap();
    let listed = live(&["--list", "--helper", helper]);
    assert!(listed.status.success());
    let text = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(text, "eth0\t192.0.2.7\nlo\tloopback, 127.0.0.1\n");
    let refused = live(&["-i", "nope", "--helper", helper]);
    assert_eq!(refused.status.code(), Some(1));
    let words = "wireloom: nope: there is no such interface\n";
    assert_eq!(complaint(&refused), words);
    // What is there is never written over.
    let taken = folder.join("taken.pcapng");
    std::fs::write(&taken, "x").unwrap();
    let refused = live(&[
        "-i",
        "lo",
        "--helper",
        helper,
        "-w",
        taken.to_str().unwrap(),
    ]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(complaint(&refused).contains("there is a file of that name already"));
    assert_eq!(std::fs::read(&taken).unwrap(), b"x");
    // An interface is no option.
    for arguments in [&["-i=-w"][..], &["-i", "--list=1"], &[]] {
        let refused = live(arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
    }
}
