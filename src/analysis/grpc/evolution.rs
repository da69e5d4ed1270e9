//! What two versions of a schema make of the messages of a capture, and what in a capture a schema forbids.
//!
//! A number that a schema reserves was given up once, so that nobody uses it for something else. A message that has it,
//! and a version that gives it to another field, are findings; so are changes after which one side misreads the other.

use super::content::MessageReader;
use super::findings::finding;
use super::unpacked::each_message;
use super::{Call, Message};
use crate::trace::rules::{Rule, protobuf as rules};
use crate::trace::{Carrier, Connection, Direction, Finding, Moment, Trace};
use crate::wire::counted::counted;
use crate::wire::protobuf::evolution::{self, Change, ChangeKind, Verdict};
use crate::wire::protobuf::{Decoder, Schema, tree};
use prost_reflect::{Kind, MessageDescriptor};
use std::collections::{BTreeMap, BTreeSet};

/// The type that another version has for the messages that a side of a call sends.
pub fn counterpart(
    reader: &MessageReader,
    other: &Schema,
    call: &Call,
    direction: Direction,
) -> Option<(MessageDescriptor, MessageDescriptor)> {
    let own = reader.message_type(call, direction)?;
    let by_method = call.path.as_deref().and_then(|path| other.method(path));
    let by_method = by_method.map(|method| match direction {
        Direction::Client => method.input.clone(),
        Direction::Server => method.output.clone(),
    });
    let theirs = by_method
        .filter(|theirs| !other.is_missing(theirs))
        .or_else(|| other.message(own.full_name()))?;
    Some((own, theirs))
}

/// What is to be said about the messages of a capture by their schema, and by another version of it.
pub fn findings(trace: &Trace, reader: &MessageReader, against: Option<&Schema>) -> Vec<Finding> {
    let mut seen = Seen::default();
    let mut pairs: BTreeMap<String, (MessageDescriptor, MessageDescriptor)> = BTreeMap::new();
    each_message(trace, |connection, call, message, decoded| {
        let Some(own) = reader.message_type(call, message.direction) else {
            return;
        };
        if let Some(pair) =
            against.and_then(|other| counterpart(reader, other, call, message.direction))
        {
            pairs.entry(own.full_name().to_owned()).or_insert(pair);
        }
        let read = Decoder::new().decode(decoded, Some(&own));
        seen.count(&Place::of(connection, call, message), &read, &own, 0);
    });
    let mut found = seen.reserved(trace);
    let mut said = BTreeSet::new();
    for (own, theirs) in pairs.values() {
        for change in evolution::changes(own, theirs) {
            let key = (change.type_name.clone(), change.number, change.kind);
            if let Some(rule) = rule_of(&change).filter(|_| said.insert(key)) {
                found.push(seen.changed(trace, rule, &change));
            }
        }
    }
    found
}

/// The rule that a change breaks; `None` when the two sides go on to understand each other.
fn rule_of(change: &Change) -> Option<&'static Rule> {
    match (change.kind, change.verdict) {
        (ChangeKind::ReservedNumberReused, _) => Some(&rules::RESERVED_NUMBER_REUSED),
        (ChangeKind::ReservedNameReused, _) => Some(&rules::RESERVED_NAME_REUSED),
        (ChangeKind::NotReserved, _) => Some(&rules::NUMBER_NOT_RESERVED),
        (_, Verdict::Breaking) => Some(&rules::INCOMPATIBLE_CHANGE),
        _ => None,
    }
}

/// Where a message lies.
#[derive(Clone, Copy)]
struct Place {
    connection: usize,
    carrier: Carrier,
    at: Moment,
}

impl Place {
    fn of(connection: &Connection, call: &Call, message: &Message) -> Self {
        Self {
            connection: connection.id.index(),
            carrier: call.id.carrier,
            at: message.moment(),
        }
    }
}

/// How many messages have a field, and where the first one is.
struct Occurrence {
    first: Place,
    messages: usize,
    reserved: bool,
}

/// How deep messages within messages are looked at.
const MAX_DEPTH: usize = 32;

#[derive(Default)]
struct Seen {
    /// By type and number.
    fields: BTreeMap<(String, u32), Occurrence>,
    /// How many messages there are of each type.
    instances: BTreeMap<String, usize>,
}

impl Seen {
    fn count(
        &mut self,
        place: &Place,
        message: &tree::Message,
        message_type: &MessageDescriptor,
        depth: usize,
    ) {
        let name = message_type.full_name();
        *self.instances.entry(name.to_owned()).or_default() += 1;
        let mut counted = BTreeSet::new();
        for field in &message.fields {
            let number = field.number.0;
            if counted.insert(number) {
                let occurrence =
                    self.fields
                        .entry((name.to_owned(), number))
                        .or_insert_with(|| Occurrence {
                            first: *place,
                            messages: 0,
                            reserved: message_type
                                .reserved_ranges()
                                .any(|range| range.contains(&number)),
                        });
                occurrence.messages += 1;
            }
            let inner_type = match message_type.get_field(number).map(|field| field.kind()) {
                Some(Kind::Message(inner)) => inner,
                _ => continue,
            };
            if let Some(inner) = field.inner.as_ref().filter(|_| depth < MAX_DEPTH) {
                self.count(place, inner, &inner_type, depth + 1);
            }
        }
    }

    fn of_type(&self, name: &str) -> usize {
        self.instances.get(name).copied().unwrap_or(0)
    }

    /// Fields on the wire that their own schema reserves.
    fn reserved(&self, trace: &Trace) -> Vec<Finding> {
        let reserved = self.fields.iter().filter(|(_, seen)| seen.reserved);
        reserved
            .map(|((name, number), seen)| {
                let text = format!(
                    "The field {number} is in {} of {} {name}, whose schema reserves it: a program of \
                     another version sends it.",
                    seen.messages,
                    counted(self.of_type(name), "message")
                );
                place(trace, &rules::RESERVED_NUMBER_SENT, text, Some(seen.first))
            })
            .collect()
    }

    /// A change between two versions, with what of it is in the capture.
    fn changed(&self, trace: &Trace, rule: &Rule, change: &Change) -> Finding {
        let number = u32::try_from(change.number).ok();
        let key = number.map(|number| (change.type_name.clone(), number));
        let seen = key.and_then(|key| self.fields.get(&key));
        let evidence = match seen {
            Some(seen) => format!(
                "it is in {} of {} of that type in the capture",
                seen.messages,
                counted(self.of_type(&change.type_name), "message")
            ),
            None => "no message in the capture has it".to_owned(),
        };
        let text = format!("In {}, {}; {evidence}.", change.type_name, change.text);
        place(trace, rule, text, seen.map(|seen| seen.first))
    }
}

fn place(trace: &Trace, rule: &Rule, text: String, at: Option<Place>) -> Finding {
    let connection = at.and_then(|at| Some((at, trace.connections.get(at.connection)?)));
    match connection {
        Some((at, connection)) => finding(connection, rule, text, Some(at.carrier), Some(at.at)),
        None => Finding::new(rule, text),
    }
}
