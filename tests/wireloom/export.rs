use crate::program::{complaint, rows, run, run_with_input, shipped};
use serde_json::Value;

/// The rows of a command, without the numbers that differ between a capture and a part of it.
fn said(rows: Vec<Value>, connection: u64) -> Vec<Value> {
    let of_connection = |row: &Value| row["connection"] == connection;
    let mut rows: Vec<Value> = rows.into_iter().filter(of_connection).collect();
    for row in &mut rows {
        let members = row.as_object_mut().unwrap();
        members
            .retain(|key, _| !key.contains("packet") && key != "connection" && key != "findings");
    }
    rows
}

#[test]
fn a_connection_exported_alone_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("part.pcapng");
    let whole = shipped("grpc-chain.pcapng");
    let output = run(&[
        "export",
        whole.to_str().unwrap(),
        "--connection",
        "1",
        "-o",
        part.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", complaint(&output));
    assert!(complaint(&output).contains(" packets written to "));
    for command in ["frames", "headers", "streams"] {
        assert_eq!(
            said(rows(command, &part), 0),
            said(rows(command, &whole), 1),
            "{command}"
        );
    }
}

#[test]
fn an_export_goes_through_a_pipe_and_never_over_the_capture() {
    let whole = shipped("push.pcap");
    let whole = whole.to_str().unwrap();
    let output = run(&["export", whole, "-o", "-", "--from", "0ms", "--to", "60ms"]);
    assert!(output.status.success(), "{}", complaint(&output));
    let packets = run_with_input(&["packets", "-", "--json"], &output.stdout);
    let packets = String::from_utf8(packets.stdout).unwrap().lines().count();
    assert!(packets > 3 && packets < rows("packets", &shipped("push.pcap")).len());
    let before = std::fs::read(whole).unwrap();
    for wrong in [
        ["-o", whole, "--to", "1s"],
        ["-o", "-", "--connection", "77"],
        ["-o", "-", "--stream", "9999"],
        ["-o", "-", "--from", "soon"],
    ] {
        let output = run(&[&["export", whole][..], &wrong[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
    assert!(std::fs::read(whole).unwrap() == before);
}
