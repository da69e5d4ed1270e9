//! Every message of every call, unpacked: what commands that add up or compare messages walk along.

use super::{Call, Message, Payload};
use crate::trace::{Connection, Trace};
use bytes::Bytes;

/// Calls `take` with each whole protobuf message of a capture that could be unpacked to its end.
///
/// Reads all messages once: call it once per load, not for every picture.
pub fn each_message(trace: &Trace, mut take: impl FnMut(&Connection, &Call, &Message, &Bytes)) {
    for connection in &trace.connections {
        for call in super::calls_of(trace, connection).filter(|call| call.protobuf) {
            let Some(messages) = super::messages(trace, connection, call.id.carrier) else {
                continue;
            };
            for message in &messages.list {
                if !message.whole || message.is_web_trailers() {
                    continue;
                }
                let encoding = call.encoding(message.direction);
                let body = messages.body(message);
                let payload = Payload::read(trace, connection, body, message, encoding);
                if let (Some(decoded), None) = (&payload.decoded, &payload.error) {
                    take(connection, &call, message, decoded);
                }
            }
        }
    }
}
