use super::*;
use fake_program::program;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Also for the tests of the whole program.
#[path = "../../../tests/wireloom/fake_program.rs"]
mod fake_program;

fn start(folder: &Path, name: &str, body: &str) -> Result<Listening, ListenError> {
    let helper = Helper::find(Some(&program(folder, name, body))).unwrap();
    let wanted = Wanted {
        interface: "lo".parse().unwrap(),
        filter: filter_of("8080"),
        file: folder.join("recording.pcapng"),
    };
    Listening::start(&helper, &wanted, || {})
}

fn recorded(folder: &Path) -> Option<String> {
    std::fs::read_to_string(folder.join("recording.pcapng")).ok()
}

fn ended(listening: &mut Listening) -> Result<(), ListenError> {
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < Duration::from_secs(30));
        match listening.receive() {
            Some(News::Ended(result)) => return result,
            Some(News::Begun) => {}
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

#[test]
fn what_the_helper_hears_is_in_the_file_and_it_ends_when_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let body = "printf '%s\\n' \"$@\" >\"$0.arguments\"; printf heard; cat >/dev/null; printf ', and the counts'";
    let helper = Helper::find(Some(&program(folder.path(), "fake", body))).unwrap();
    let wanted = Wanted {
        interface: "lo".parse().unwrap(),
        filter: filter_of("8080"),
        file: folder.path().join("recording.pcapng"),
    };
    let woken = Arc::new(AtomicUsize::new(0));
    let wake = Arc::clone(&woken);
    let mut listening = Listening::start(&helper, &wanted, move || {
        wake.fetch_add(1, Ordering::SeqCst);
    })
    .unwrap();
    listening.wait_begun().unwrap();
    assert_eq!(recorded(folder.path()).unwrap(), "heard");
    assert!(!listening.is_stopping());
    assert!(listening.receive().is_none());
    listening.stop();
    assert!(listening.is_stopping());
    ended(&mut listening).unwrap();
    assert_eq!(recorded(folder.path()).unwrap(), "heard, and the counts");
    let arguments = std::fs::read_to_string(folder.path().join("fake.arguments")).unwrap();
    let wanted_arguments = "--interface=lo\n--filter=tcp port 8080\n--until-input-ends\n";
    assert_eq!(arguments, wanted_arguments);
    drop(listening);
    assert_eq!(woken.load(Ordering::SeqCst), 2);
    // What passed is for this user alone.
    use std::os::unix::fs::PermissionsExt;
    let file = std::fs::metadata(&wanted.file).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[test]
fn dropping_it_ends_the_helper_and_keeps_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let body = "printf heard; cat >/dev/null; printf ' to the end'";
    let mut listening = start(folder.path(), "fake", body).unwrap();
    listening.wait_begun().unwrap();
    drop(listening);
    assert_eq!(recorded(folder.path()).unwrap(), "heard to the end");
}

#[test]
fn a_helper_that_does_not_want_to_end_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let body = "printf heard; exec sleep 60";
    let mut listening = start(folder.path(), "fake", body).unwrap();
    listening.wait_begun().unwrap();
    let began = Instant::now();
    drop(listening);
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(recorded(folder.path()).unwrap(), "heard");
}

#[test]
fn a_helper_that_writes_to_a_pipe_is_recorded_and_ended_too() {
    let folder = tempfile::tempdir().unwrap();
    let body = "printf heard; exec sleep 60";
    let mut listening = start(folder.path(), "tcpdump", body).unwrap();
    listening.wait_begun().unwrap();
    let began = Instant::now();
    listening.stop();
    ended(&mut listening).unwrap();
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(recorded(folder.path()).unwrap(), "heard");
}

#[test]
fn a_helper_that_refuses_says_why_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let body = "echo 'fake: nope: there is no such interface' >&2; exit 1";
    let mut listening = start(folder.path(), "fake", body).unwrap();
    let error = listening.wait_begun().unwrap_err();
    assert_eq!(error.to_string(), "nope: there is no such interface");
    assert_eq!(recorded(folder.path()), None);
    let body = "echo 'fake: lo: capturing is not permitted' >&2; exit 1";
    let mut listening = start(folder.path(), "fake", body).unwrap();
    let error = listening.wait_begun().unwrap_err();
    assert!(matches!(error, ListenError::NotPermitted { .. }), "{error}");
    // One that ends well without a word has not listened either.
    let mut listening = start(folder.path(), "fake", "exit 0").unwrap();
    let error = listening.wait_begun().unwrap_err();
    assert!(matches!(error, ListenError::Silent { .. }), "{error}");
}

#[test]
fn a_helper_that_fails_later_says_why_and_what_it_heard_stays() {
    let folder = tempfile::tempdir().unwrap();
    let body = "printf heard; echo 'fake: the interface went down' >&2; exit 1";
    let mut listening = start(folder.path(), "fake", body).unwrap();
    listening.wait_begun().unwrap();
    let error = ended(&mut listening).unwrap_err();
    assert_eq!(error.to_string(), "the interface went down");
    assert_eq!(recorded(folder.path()).unwrap(), "heard");
}

#[test]
fn a_file_that_is_there_is_left_alone_and_a_helper_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.pcapng");
    std::fs::write(&file, "of yesterday").unwrap();
    let error = start(folder.path(), "fake", "printf heard").unwrap_err();
    assert!(matches!(error, ListenError::Exists { .. }), "{error}");
    assert_eq!(recorded(folder.path()).unwrap(), "of yesterday");
    std::fs::remove_file(&file).unwrap();
    let helper = Helper::find(Some(&folder.path().join("nowhere"))).unwrap();
    let wanted = Wanted {
        interface: "lo".parse().unwrap(),
        filter: None,
        file,
    };
    let error = Listening::start(&helper, &wanted, || {}).unwrap_err();
    assert!(matches!(error, ListenError::NotStarted { .. }), "{error}");
    assert!(error.to_string().contains("nowhere"), "{error}");
    assert_eq!(recorded(folder.path()), None);
}

#[test]
fn interfaces_without_tcp_are_not_listed() {
    let folder = tempfile::tempdir().unwrap();
    let body =
        "printf 'eth0\\t192.0.2.7\\nnflog\\tLinux netfilter log\\nusbmon1\\t\\nlo\\tloopback\\n'";
    let helper = Helper::find(Some(&program(folder.path(), "fake", body))).unwrap();
    let listed = helper.interfaces().unwrap();
    let names: Vec<&str> = listed.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(names, ["eth0", "lo"]);
    assert_eq!(&*listed[0].about, "192.0.2.7");
    let broken = program(
        folder.path(),
        "broken",
        "echo 'broken: no list' >&2; exit 1",
    );
    let error = Helper::find(Some(&broken))
        .unwrap()
        .interfaces()
        .unwrap_err();
    assert_eq!(error.to_string(), "no list");
}
