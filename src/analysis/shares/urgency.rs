//! Who is served next, by RFC 9218 §10.

use crate::wire::http2::{StreamId, Urgency};

/// The streams among which a server would choose next: the most urgent ones; of those that are not
/// incremental only the first requested, since parts of the others are of no use yet, and all
/// incremental ones, which take turns. Nobody when nobody can send.
pub fn next_streams(ready: &[(StreamId, Urgency)]) -> Vec<StreamId> {
    let Some(most_urgent) = ready.iter().map(|(_, urgency)| urgency.urgency).min() else {
        return Vec::new();
    };
    let same = || {
        let same = ready.iter();
        same.filter(|(_, urgency)| urgency.urgency == most_urgent)
    };
    let whole = same().filter(|(_, urgency)| !urgency.incremental);
    let first = whole.map(|&(stream, _)| stream).min();
    let in_turns = same().filter(|(_, urgency)| urgency.incremental);
    let mut next: Vec<StreamId> = in_turns.map(|&(stream, _)| stream).collect();
    next.extend(first);
    next.sort_unstable();
    next
}

/// The order in which a server would turn to the streams: by urgency; among equals first those
/// that are not incremental, one after the other as they were requested, then those that take turns.
/// RFC 9218 leaves open how the two kinds mix; this is one of the ways that its §10 allows.
pub fn order(ready: &[(StreamId, Urgency)]) -> Vec<StreamId> {
    let mut order = ready.to_vec();
    order.sort_unstable_by_key(|&(stream, urgency)| (urgency.urgency, urgency.incremental, stream));
    order.into_iter().map(|(stream, _)| stream).collect()
}
