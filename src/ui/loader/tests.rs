use super::*;
use crate::capture::Capture;
use crate::dissect::Dissector;
use crate::ui::tour;
use bytes::Bytes;
use std::time::Duration;

/// Reads to the end as a window does, and answers how it ended.
fn read(input: Input) -> (Option<Trace>, Loading) {
    let mut trace = None;
    let mut loader = Loader::start(input, Waker::default()).unwrap();
    loop {
        let (newer, loading) = loader.receive();
        trace = newer.or(trace);
        match loading {
            Loading::Going => std::thread::sleep(Duration::from_millis(1)),
            end => return (trace, end),
        }
    }
}

#[test]
fn every_capture_of_the_tour_is_read_to_its_end() {
    for (index, stop) in tour::STOPS.iter().enumerate() {
        let (trace, end) = read(Input::Tour(index));
        assert!(matches!(end, Loading::Done), "{}: {end:?}", stop.file);
        assert!(!trace.unwrap().connections.is_empty(), "{}", stop.file);
    }
}

#[test]
fn batches_give_the_same_trace_as_one_dissector() {
    let (trace, _) = read(Input::Tour(0));
    let trace = trace.unwrap();
    let bytes = Bytes::from_static(tour::STOPS[0].bytes);
    let mut dissector = Dissector::new();
    for event in Capture::from_bytes(bytes, "x").unwrap() {
        dissector.event(event);
    }
    dissector.finish();
    let mut whole = Trace::new(trace.source.clone());
    whole.append(dissector.take_batch());
    assert_eq!(trace.packets.len(), whole.packets.len());
    let frames = |trace: &Trace| {
        trace
            .main_connection()
            .unwrap()
            .http2()
            .unwrap()
            .frames
            .len()
    };
    assert_eq!(frames(&trace), frames(&whole));
    assert!(frames(&trace) > 0);
}

/// What a picture draws does not change under it, and a window that takes nothing is sent nothing more.
#[test]
fn what_was_read_comes_in_copies_that_do_not_change_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.pcapng");
    // One section behind the other.
    std::fs::write(&path, tour::STOPS[0].bytes.repeat(40)).unwrap();
    let file = std::fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    let mut loader = Loader::start(Input::File(path), Waker::default()).unwrap();
    let mut copies: Vec<(Trace, usize)> = Vec::new();
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < Duration::from_secs(60));
        let (newer, loading) = loader.receive();
        copies.extend(newer.map(|trace| {
            let packets = trace.packets.len();
            (trace, packets)
        }));
        if matches!(loading, Loading::Done) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let (whole, _) = copies.last().unwrap();
    assert!(whole.packets.len() > 1000);
    for (copy, packets) in &copies {
        assert_eq!(copy.packets.len(), *packets);
        let offsets = |of: &Trace| of.packets.range(0..*packets).map(|row| row.offset).sum();
        let (own, in_the_end): (u64, u64) = (offsets(copy), offsets(whole));
        assert_eq!(own, in_the_end);
        assert!(copy.connections.len() <= whole.connections.len());
    }
    assert!(copies.is_sorted_by_key(|(_, packets)| *packets));
}

#[test]
fn what_is_no_capture_fails_with_a_sentence_that_names_it() {
    let (trace, end) = read(Input::File("/nowhere/x.pcap".into()));
    let Loading::Failed(error) = end else {
        panic!("{end:?}");
    };
    assert!(trace.is_none());
    assert!(error.to_string().contains("/nowhere/x.pcap"), "{error}");
}

#[test]
fn a_cancelled_load_gives_nothing_more() {
    let mut loader = Loader::start(Input::Tour(0), Waker::default()).unwrap();
    loader.cancel();
    let (trace, end) = loader.receive();
    assert!(matches!(end, Loading::Done));
    assert!(trace.is_none());
}

/// A pipe whose writer sends a capture and then stays silent: everything sent must be there
/// although the pipe has not ended.
#[cfg(unix)]
#[test]
fn a_silent_pipe_holds_nothing_back() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let stop = tour::STOPS[0];
    let mut loader = Loader::start(Input::File(path.clone()), Waker::default()).unwrap();
    let mut pipe = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    // All but the last bytes, so that the reader still waits for the end of a block.
    pipe.write_all(&stop.bytes[..stop.bytes.len() - 4]).unwrap();
    let (whole, _) = read(Input::Tour(0));
    let wanted = whole.unwrap().packets.len() - 1;
    let mut trace: Option<Trace> = None;
    let began = Instant::now();
    while trace.as_ref().map_or(0, |trace| trace.packets.len()) < wanted {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "packets are held back"
        );
        let (newer, loading) = loader.receive();
        trace = newer.or(trace);
        assert!(matches!(loading, Loading::Going));
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(loader.progress().share(), None);
}
