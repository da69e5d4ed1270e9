//! The fields of messages: named by a schema, else read as what all messages of the method make likely.

use super::call::Call;
use super::messages::Payload;
use crate::trace::{Direction, Trace};
use crate::wire::protobuf::schema::{Method, built_in};
use crate::wire::protobuf::tree::Message;
use crate::wire::protobuf::{Decoder, Evidence, Overrides, Schema, SchemaBuilder, Walk};
use prost_reflect::MessageDescriptor;
use std::collections::HashMap;
use std::sync::Arc;

/// Reads messages of a capture. A copy shares what was learnt.
#[derive(Clone, Debug, Default)]
pub struct MessageReader {
    schema: Arc<Schema>,
    evidence: Arc<Evidence>,
    overrides: Overrides,
}

/// Messages of one method and direction that evidence is taken from. Our choice: after that many, more
/// change nothing.
const MAX_LEARNT_MESSAGES: u32 = 2000;

impl MessageReader {
    /// A reader with a schema and with what a person said about fields without one.
    pub fn new(schema: Schema, overrides: Overrides) -> Self {
        Self {
            schema: Arc::new(schema),
            evidence: Arc::default(),
            overrides,
        }
    }

    /// The same reader after a person has said something else about fields.
    #[must_use]
    pub fn with_overrides(self, overrides: Overrides) -> Self {
        Self { overrides, ..self }
    }

    /// The schema.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What was learnt of fields without a schema.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// What a person said about fields without a schema.
    pub fn overrides(&self) -> &Overrides {
        &self.overrides
    }

    /// Learns from all messages of the capture whose type no schema tells.
    pub fn learn(&mut self, trace: &Trace) {
        let mut learnt: HashMap<String, u32> = HashMap::new();
        let mut evidence = Evidence::clone(&self.evidence);
        for connection in &trace.connections {
            for call in super::calls_of(trace, connection).filter(|call| call.protobuf) {
                let unknown = Direction::BOTH.map(|side| self.message_type(&call, side).is_none());
                if unknown == [false; 2] {
                    continue;
                }
                let Some(messages) = super::messages(trace, connection, call.id.stream) else {
                    continue;
                };
                let complete = messages
                    .list
                    .iter()
                    .filter(|message| message.whole && !message.is_web_trailers());
                for message in complete.filter(|message| unknown[message.direction.index()]) {
                    let scope = scope(&call, message.direction);
                    let count = learnt.entry(scope.clone()).or_default();
                    if *count >= MAX_LEARNT_MESSAGES {
                        continue;
                    }
                    *count += 1;
                    let encoding = call.encoding(message.direction);
                    let body = messages.body(message);
                    let payload = Payload::read(trace, connection, body, message, encoding);
                    if let (Some(decoded), None) = (payload.decoded, payload.error) {
                        evidence.feed(&scope, &decoded);
                    }
                }
            }
        }
        self.evidence = Arc::new(evidence);
    }

    /// What the schema says about the method of a call.
    pub fn method(&self, call: &Call) -> Option<&Method> {
        self.method_at(call.path.as_deref()?)
    }

    /// The same by the method's path. The services that gRPC's libraries bring along are known without a schema.
    pub fn method_at(&self, path: &str) -> Option<&Method> {
        let own = self.schema.method(path);
        own.or_else(|| built_in().method(path))
    }

    /// The type of the messages that a side of a call sends; `None` when no schema tells.
    pub fn message_type(&self, call: &Call, direction: Direction) -> Option<MessageDescriptor> {
        let named = || {
            let name = call.message_type.as_deref()?;
            let request = direction == Direction::Client;
            request.then(|| self.schema.message(std::str::from_utf8(name).ok()?))?
        };
        let found = self.method(call).map(|method| match direction {
            Direction::Client => method.input.clone(),
            Direction::Server => method.output.clone(),
        });
        found
            .or_else(named)
            .filter(|message| !self.schema.is_missing(message))
    }

    /// The fields of a message that was unpacked.
    pub fn read(&self, call: &Call, direction: Direction, decoded: &[u8]) -> Message {
        let scope = scope(call, direction);
        let message_type = self.message_type(call, direction);
        Decoder::new()
            .with_evidence(&self.evidence, &scope)
            .with_overrides(&self.overrides, &scope)
            .with_any_types(self.schema.pool())
            .decode(decoded, message_type.as_ref())
    }
}

/// What messages of a side of a call are pooled under, such as `/users.UserService/GetUser request`.
pub fn scope(call: &Call, direction: Direction) -> String {
    let part = match direction {
        Direction::Client => "request",
        Direction::Server => "response",
    };
    format!("{} {part}", call.path.as_deref().unwrap_or("?"))
}

/// The services by which a server tells its own schema.
const REFLECTION_SERVICES: [&str; 2] = [
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

/// Adds the files that servers told of themselves in this capture.
///
/// A `ServerReflectionResponse` has in field 4 a `FileDescriptorResponse`, whose field 1 is a list of
/// serialized `FileDescriptorProto`. Source: gRPC's `reflection.proto`.
pub fn learn_reflection(trace: &Trace, builder: &mut SchemaBuilder) {
    for connection in &trace.connections {
        let calls = super::calls_of(trace, connection).filter(|call| {
            let service = call.service();
            service.is_some_and(|service| REFLECTION_SERVICES.contains(&service))
        });
        for call in calls {
            let Some(messages) = super::messages(trace, connection, call.id.stream) else {
                continue;
            };
            let answers = messages.list.iter().filter(|message| {
                message.direction == Direction::Server && !message.is_web_trailers()
            });
            for message in answers {
                let encoding = call.encoding(message.direction);
                let body = messages.body(message);
                let payload = Payload::read(trace, connection, body, message, encoding);
                let decoded = payload.decoded.unwrap_or_default();
                for files in contents(&decoded, 4) {
                    for file in contents(files, 1) {
                        builder.add_file_descriptor(file);
                    }
                }
            }
        }
    }
}

/// The contents of the length-delimited fields of a message that have this number.
fn contents(message: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    use crate::wire::protobuf::RawValue;
    Walk::new(message).filter_map(move |field| match field.value {
        RawValue::Len(content) if field.number.0 == number => Some(content),
        _ => None,
    })
}
