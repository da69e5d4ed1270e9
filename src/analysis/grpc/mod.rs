//! gRPC: calls and their messages, derived from streams of HTTP/2 and exchanges of HTTP/1.1 when somebody looks.
//!
//! Which of them are calls is known from what dissecting remembers of each ([`recognition`]). A call ([`mod@call`])
//! reads its header blocks or heads again ([`reading`], [`metadata`]); its messages are places in the content of
//! its `DATA` or its chunks ([`body`], [`mod@messages`]), so that a message leads down to frames, packets and bytes.

pub mod body;
pub mod call;
pub(crate) mod coded;
pub mod content;
pub mod deadline;
pub mod details;
pub mod draft;
pub mod evolution;
pub mod findings;
pub mod links;
pub mod messages;
pub mod metadata;
pub mod pings;
mod reading;
pub mod recognition;
pub mod unpacked;

pub use body::{Body, BodyPart};
pub use call::{Call, CallId, CallKind, Cancelled, EndedBy};
pub use coded::MAX_DECODED_BODY_BYTES;
pub use content::{MessageReader, learn_reflection};
pub use deadline::OtherDeadline;
pub use details::{StatusDetail, StatusDetails, status_details};
pub use draft::draft;
pub use links::{CallLinks, FailedAfter, HandedOn, LinkedBy, Links, Parent, RetryOf};
pub use messages::{Message, Payload};
pub use metadata::MetadataField;
pub use pings::{Ping, pings};
pub use recognition::KnownBy;

use crate::trace::{Carrier, Connection, Direction, Finding, Trace, Unit};

/// The calls of a connection, in the order of their streams' first frames, or of their exchanges.
///
/// Header blocks are decoded again: call it once per load or batch, not for every picture.
pub fn calls_of<'a>(
    trace: &'a Trace,
    connection: &'a Connection,
) -> impl Iterator<Item = Call> + 'a {
    let recognised = recognition::recognised(trace, connection);
    recognised.filter_map(|recognised| Some(reading::read(trace, connection, recognised)?.call))
}

/// All calls of a capture, connection by connection.
pub fn calls(trace: &Trace) -> impl Iterator<Item = Call> + '_ {
    trace
        .connections
        .iter()
        .flat_map(|connection| calls_of(trace, connection))
}

/// The call on a stream or in an exchange; `None` when it carries none.
pub fn call(trace: &Trace, connection: &Connection, carrier: impl Into<Carrier>) -> Option<Call> {
    let recognised = recognition::recognise(trace, connection, carrier.into())?;
    Some(reading::read(trace, connection, recognised)?.call)
}

/// The messages of a call.
#[derive(Clone, Debug)]
pub struct CallMessages {
    /// The content that they lie in, by direction: of the client, of the server.
    pub bodies: [Body; 2],
    /// The messages of both sides in the order in which they were there.
    pub list: Vec<Message>,
}

impl CallMessages {
    /// The content that a message lies in.
    pub fn body(&self, message: &Message) -> &Body {
        &self.bodies[message.direction.index()]
    }
}

/// The messages of the call on a stream or in an exchange; `None` when it carries none.
pub fn messages(
    trace: &Trace,
    connection: &Connection,
    carrier: impl Into<Carrier>,
) -> Option<CallMessages> {
    let recognised = recognition::recognise(trace, connection, carrier.into())?;
    let of = |direction: Direction| {
        let side = connection.side(direction);
        let (body, cuts) = recognised.cuts(trace, connection, side);
        let list = messages::messages(trace, connection, &body, &cuts);
        (body, list)
    };
    let (asked, mut list) = of(Direction::Client);
    let (answered, answers) = of(Direction::Server);
    list.extend(answers);
    list.sort_by_key(|message| {
        let there = match message.last {
            Unit::Frame(frame) => frame.index(),
            Unit::Message(_) => message.packet.index(),
        };
        (there, message.direction, message.number)
    });
    Some(CallMessages {
        bodies: [asked, answered],
        list,
    })
}

/// What the calls of a capture amount to, from reading each of them once.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// How many there are.
    pub calls: usize,
    /// Their whole messages.
    pub messages: usize,
    /// What is wrong with them, connection by connection; then with how they hang together.
    pub findings: Vec<Finding>,
}

/// Reads each call of a capture once, with its header blocks.
pub fn survey(trace: &Trace) -> Survey {
    let mut comparison = links::Comparison::default();
    let mut survey = Survey::default();
    for connection in &trace.connections {
        let found = findings::of_connection(trace, connection, |call| {
            comparison.add(connection, call);
            survey.calls += 1;
            let [asked, answered] = call.messages;
            survey.messages += asked as usize + answered as usize;
        });
        survey.findings.extend(found);
    }
    survey.findings.extend(comparison.findings(trace));
    survey
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod web_tests;
