use crate::program::{rows, shipped};
use serde_json::Value;
use wireloom::capture::{Capture, Event};
use wireloom::dissect::Dissector;
use wireloom::trace::{Finding, Severity, Trace, rules};

fn facts(name: &str) -> Value {
    let page = std::fs::read_to_string(shipped(&format!("{name}.facts.json"))).unwrap();
    serde_json::from_str(&page).unwrap()
}

#[test]
fn each_of_fourteen_broken_rules_is_found_at_its_frame_and_nothing_else() {
    let facts = facts("fourteen-breaks");
    let capture = shipped("fourteen-breaks.pcapng");
    let found: Vec<Value> = rows("findings", &capture);
    let breaks = facts["breaks"].as_array().unwrap();
    assert_eq!(breaks.len(), 14);
    assert_eq!(found.len(), breaks.len(), "{found:#?}");
    for (found, broken) in found.iter().zip(breaks) {
        assert_eq!(found["rule"], broken["rule"]);
        assert_eq!(found["frame"], broken["frame"], "{found}");
        assert_eq!(found["severity"], "error");
        assert_eq!(found["connection"], 0);
        assert!(found["packet"].is_u64() && found["time_ns"].is_i64());
        assert!(found["text"].as_str().unwrap().ends_with('.'));
        assert!(found["section"].as_str().unwrap().starts_with("RFC "));
    }
    // Another reader says something about one of them.
    let experts = facts["tshark"]["expert_messages"].as_array().unwrap();
    assert_eq!(experts.len(), 1);
}

#[test]
fn a_frame_names_the_findings_about_it() {
    let capture = shipped("fourteen-breaks.pcapng");
    let frames = rows("frames", &capture);
    for finding in rows("findings", &capture) {
        let frame = frames
            .iter()
            .find(|frame| frame["frame"] == finding["frame"])
            .unwrap();
        let numbers = frame["findings"].as_array().unwrap();
        assert!(numbers.contains(&finding["finding"]), "{frame}");
        if let Some(range) = finding["range"].as_array() {
            let place = |at: usize| range[at].as_u64().unwrap();
            let end = frame["length"].as_u64().unwrap() + 9;
            assert!(place(0) < place(1) && place(1) <= end, "{finding}");
        }
    }
    let marked = frames.iter().filter(|frame| !frame["findings"].is_null());
    assert_eq!(marked.count(), 14);
}

#[test]
fn every_rule_that_a_shipped_capture_breaks_is_explained() {
    let mut checked = 0;
    for entry in std::fs::read_dir(shipped("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        // The notes on a capture lie beside it, and are none.
        if !name.contains(".pcap") || name.ends_with(".json") {
            continue;
        }
        for finding in rows("findings", &path) {
            let rule = finding["rule"].as_str().unwrap();
            let known = match rules::by_name(rule) {
                Some(known) => known,
                // What is concluded about calls has its own explanation in its text.
                None if rule.starts_with("grpc-") => continue,
                None => panic!("{rule} is not explained"),
            };
            // How sure it is decides over some that are concluded from several connections.
            if !rule.starts_with("grpc-deadline") {
                assert_eq!(finding["severity"], known.severity.name(), "{finding}");
            }
            checked += 1;
        }
    }
    assert!(checked > 14);
}

/// What is found when only some packets of a capture are there.
fn findings_of(capture: &str, keeps: impl Fn(usize) -> bool) -> Vec<Finding> {
    let capture = Capture::open(&shipped(capture)).unwrap();
    let mut trace = Trace::new(capture.source());
    let mut dissector = Dissector::new();
    let mut number = 0;
    for event in capture {
        if matches!(event, Event::Packet(_)) {
            number += 1;
            if !keeps(number) {
                continue;
            }
        }
        dissector.event(event);
    }
    dissector.finish();
    trace.append(dissector.take_batch());
    trace.findings.iter().cloned().collect()
}

#[test]
fn nobody_is_blamed_for_what_the_capture_lost_or_began_too_late_to_see() {
    let mut read = 0;
    for entry in std::fs::read_dir(shipped("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".facts.json") {
            continue;
        }
        let page = facts(name.trim_end_matches(".facts.json"));
        let capture = page["capture"].as_str().unwrap();
        let packets = page["packets"].as_u64().unwrap() as usize;
        if page["well_behaved"] != true || packets > 1000 {
            continue;
        }
        let lost = [
            findings_of(capture, |number| number % 23 != 5),
            findings_of(capture, |number| number % 41 != 17),
            findings_of(capture, |number| {
                !(packets / 3..packets / 3 + 9).contains(&number)
            }),
            findings_of(capture, |number| number > 7),
            findings_of(capture, |number| number > packets / 2),
        ];
        for finding in lost.into_iter().flatten() {
            let blamed = finding.severity > Severity::Note && finding.rule != "capture-hole";
            assert!(!blamed, "{capture}: {finding:?}");
            read += 1;
        }
    }
    assert!(read > 50, "only {read} findings at all");
}
