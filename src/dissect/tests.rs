//! What is true of a trace at every step of reading.

use super::Dissector;
use crate::capture::Capture;
use crate::trace::{Connection, ConnectionId, Trace};
use std::path::Path;

/// The connection with most of something, the first of several, found by asking all of them.
fn most(trace: &Trace, of: impl Fn(&Connection) -> Option<usize>) -> Option<ConnectionId> {
    let carrying = trace.connections.iter().filter(|one| of(one).is_some());
    let most = carrying.rev().max_by_key(|one| of(one));
    most.map(|one| one.id)
}

fn compare(trace: &Trace) {
    let frames = |one: &Connection| one.http2().map(|http2| http2.frames.len());
    let exchanges = |one: &Connection| one.http1().map(|http1| http1.exchanges().len());
    let id = |one: Option<&Connection>| one.map(|one| one.id);
    assert_eq!(id(trace.main_connection()), most(trace, frames));
    assert_eq!(id(trace.main_http1_connection()), most(trace, exchanges));
}

#[test]
fn the_main_connections_are_those_with_most_at_every_step_of_reading() {
    let (mut several, mut http1) = (0, 0);
    for entry in std::fs::read_dir(Path::new("captures")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(capture) = Capture::open(&path) else {
            continue;
        };
        let mut trace = Trace::new(capture.source());
        let mut dissector = Dissector::new();
        for event in capture {
            dissector.event(event);
            trace.append(dissector.take_batch());
            compare(&trace);
        }
        dissector.finish();
        trace.append(dissector.take_batch());
        compare(&trace);
        several += usize::from(trace.connections.len() > 1);
        http1 += usize::from(trace.main_http1_connection().is_some());
    }
    assert!(several > 2 && http1 > 0, "{several}, {http1}");
}
