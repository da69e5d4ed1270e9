use crate::program::{complaint, rows, run, shipped};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A copy of a shipped capture in a folder of its own.
fn copy(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::copy(shipped(name), &path).unwrap();
    (folder, path)
}

fn sidecar(capture: &Path) -> PathBuf {
    let mut name = capture.as_os_str().to_owned();
    name.push(".notes.json");
    name.into()
}

fn add(capture: &Path, frame: &str, text: &str) -> std::process::Output {
    run(&["notes", capture.to_str().unwrap(), "--add", frame, text])
}

#[test]
fn a_note_on_a_frame_is_listed_with_its_place_and_deleted_by_its_name() {
    let (_folder, capture) = copy("push.pcap");
    let added = add(
        &capture,
        "12",
        "The page is promised here.\nLook at the table.",
    );
    assert!(added.status.success(), "{}", complaint(&added));
    assert!(complaint(&added).contains(".notes.json"));
    add(&capture, "3", "=1+2");

    let listed = rows("notes", &capture);
    let frames = rows("frames", &capture);
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["frame"], 3, "in the order of the capture");
    assert_eq!(
        listed[1]["text"],
        "The page is promised here.\nLook at the table."
    );
    for key in ["connection", "stream", "packet", "time_ns", "direction"] {
        assert_eq!(listed[1][key], frames[12][key], "{key}");
    }
    assert_eq!(listed[1]["missing"], Value::Null);

    let path = capture.to_str().unwrap();
    let table = run(&["notes", path, "--filter", "frame:12"]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("frame 12, "), "{table}");
    assert!(table.contains("The page is promised here.·Look"), "{table}");
    assert!(!table.contains("=1+2"), "{table}");

    let name = listed[0]["note"].as_str().unwrap();
    assert!(run(&["notes", path, "--remove", name]).status.success());
    assert_eq!(rows("notes", &capture).len(), 1);
    assert_eq!(
        run(&["notes", path, "--remove", name]).status.code(),
        Some(2)
    );
}

#[test]
fn notes_follow_their_frames_and_stay_in_a_capture_that_has_others() {
    let (_folder, capture) = copy("downloads.pcapng");
    add(&capture, "20", "frame 20");
    // Another capture under the same name.
    std::fs::copy(shipped("push.pcap"), &capture).unwrap();
    let listed = rows("notes", &capture);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["missing"], true);
    assert_eq!(listed[0]["packet"], Value::Null);
    let again = add(&capture, "2", "another");
    assert!(again.status.success());
    std::fs::copy(shipped("downloads.pcapng"), &capture).unwrap();
    let listed = rows("notes", &capture);
    assert_eq!(listed.len(), 2, "nothing is lost");
    assert_eq!(listed[0]["frame"], 20);
}

#[test]
fn what_cannot_be_noted_is_a_usage_error() {
    let (_folder, capture) = copy("push.pcap");
    for (frame, text) in [("100000", "x"), ("-1", "x"), ("first", "x"), ("3", "  ")] {
        let output = add(&capture, frame, text);
        assert_eq!(output.status.code(), Some(2), "{frame} {text}");
    }
    let output = run(&["notes", "-", "--add", "1", "x"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!sidecar(&capture).exists());
}

#[test]
fn a_broken_file_of_notes_is_one_sentence_and_is_never_lost() {
    let (_folder, capture) = copy("push.pcap");
    let broken = b"{\"notes\": [\xff\xfe".to_vec();
    std::fs::write(sidecar(&capture), &broken).unwrap();
    let output = run(&["notes", capture.to_str().unwrap(), "--json"]);
    assert!(output.status.success());
    assert!(output.stdout.is_empty());
    assert_eq!(complaint(&output).lines().count(), 1);
    assert!(
        complaint(&output).contains("is not JSON"),
        "{}",
        complaint(&output)
    );
    assert_eq!(std::fs::read(sidecar(&capture)).unwrap(), broken);
    assert!(add(&capture, "1", "new").status.success());
    let mut aside = sidecar(&capture).into_os_string();
    aside.push(".broken");
    assert_eq!(std::fs::read(aside).unwrap(), broken);
    assert_eq!(rows("notes", &capture).len(), 1);
}
