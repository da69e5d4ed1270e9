//! What a chain of calls does with the time that its first caller allows: whether each hands on what is left, and
//! which call a failure came from.

use super::{FailedAfter, HandedOn, LinkedBy, Links, Outline, Parent};
use crate::analysis::grpc::deadline::OtherDeadline;
use crate::analysis::grpc::findings::finding;
use crate::trace::rules::grpc as rules;
use crate::trace::{Carrier, Finding, Trace};
use crate::wire::grpc::GrpcStatus;
use std::collections::HashMap;

impl Links {
    /// Joins failures to the calls that they likely came from: of those that were made while serving a call and failed
    /// before it did, the last.
    pub(super) fn find_causes(&mut self, outlines: &[Outline]) {
        let of_id = outlines.iter().map(|outline| (outline.id, outline));
        let by_id: HashMap<_, &Outline> = of_id.collect();
        let mut last: HashMap<_, (i64, FailedAfter)> = HashMap::new();
        for made in outlines.iter().filter(|outline| outline.failed) {
            let parent = self.of_call(made.id).parent;
            let Some(parent) = parent.filter(|parent| parent.candidates <= 1) else {
                continue;
            };
            let Some(served) = by_id.get(&parent.id).filter(|of| of.can_come_from(made)) else {
                continue;
            };
            let found = FailedAfter {
                id: made.id,
                known_by: parent.known_by,
            };
            let last = last.entry(served.id).or_insert((i64::MIN, found));
            if made.ended_ns >= last.0 {
                *last = (made.ended_ns, found);
            }
        }
        for (id, (_, found)) in last {
            self.links.entry(id).or_default().failed_after = Some(found);
        }
    }
}

impl Outline {
    /// Whether the failure of this call may come from that of one which was made for it. A server that gives a call up
    /// because its own caller's time is over is no cause.
    fn can_come_from(&self, made: &Self) -> bool {
        let in_time = || {
            let over = self.deadline_ns.unwrap_or(i64::MAX);
            made.status == Some(GrpcStatus::DEADLINE_EXCEEDED)
                && made.ended_ns.saturating_add(tolerance_ns(0)) < over
        };
        self.failed && made.ended_ns <= self.ended_ns && (!made.given_up || in_time())
    }
}

/// What is to be said about a call's deadline and that of the call it was made for.
pub(super) fn findings<'a>(
    trace: &'a Trace,
    links: &'a Links,
    call: &'a Outline,
) -> impl Iterator<Item = Finding> + 'a {
    let links = links.of_call(call.id);
    let handed_on = links
        .parent
        .and_then(|parent| handed_on(trace, call, &parent));
    let other = call
        .other_deadline
        .and_then(|other| of_another(trace, call, other, links.failed_after));
    handed_on.into_iter().chain(other)
}

/// How much longer or shorter than its parent's a deadline may be before it is another one. Our choice: libraries write a time with
/// three digits and round up, a server may have looked at its clock earlier, and the two were captured in different
/// places.
pub(super) fn tolerance_ns(left_ns: i64) -> i64 {
    20_000_000 + left_ns.max(0) / 20
}

/// A deadline that is not handed on, where it is known that it should be.
fn handed_on(trace: &Trace, call: &Outline, parent: &Parent) -> Option<Finding> {
    // A guess blames nobody.
    if parent.known_by == LinkedBy::Time || parent.candidates > 1 {
        return None;
    }
    let left_ns = parent.left_ns?;
    let served = format!(
        "{} of connection {}",
        parent.id.carrier, parent.id.connection
    );
    let left_ms = left_ns / 1_000_000;
    let may_take_ms = call.timeout_ns.unwrap_or_default() / 1_000_000;
    let (rule, text) = match parent.handed_on(call.timeout_ns)? {
        HandedOn::Dropped => (
            &rules::DEADLINE_NOT_INHERITED,
            format!(
                "The call has no deadline, though it was made while serving {served}, whose caller waits \
                 only {left_ms} ms more."
            ),
        ),
        HandedOn::Longer => (
            &rules::DEADLINE_LONGER,
            format!(
                "The call may take {may_take_ms} ms, though it was made while serving {served}, whose caller \
                 waits only {left_ms} ms more."
            ),
        ),
        HandedOn::Kept | HandedOn::Shorter => return None,
    };
    Some(finding(
        trace.connection(call.id.connection)?,
        rule,
        text,
        Some(call.id.carrier),
        Some(call.first),
    ))
}

/// A status that tells of another deadline than the call's own.
fn of_another(
    trace: &Trace,
    call: &Outline,
    other: OtherDeadline,
    cause: Option<FailedAfter>,
) -> Option<Finding> {
    let mut text = other.sentence();
    if let Some(from) = cause {
        let (carrier, number) = match from.id.carrier {
            Carrier::Stream(stream) => ("Stream", stream.to_string()),
            Carrier::Exchange(exchange) => ("Exchange", exchange.to_string()),
        };
        text.push_str(&format!(
            " {carrier} {number} of connection {}, which was made while serving this call, failed right before.",
            from.id.connection,
        ));
    }
    Some(finding(
        trace.connection(call.id.connection)?,
        &rules::OTHER_DEADLINE,
        text,
        Some(call.id.carrier),
        call.end,
    ))
}
