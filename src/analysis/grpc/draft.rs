//! The schema that nobody has, drafted from the messages of a capture.

use super::call::CallKind;
use super::content::{MessageReader, scope};
use crate::trace::{Direction, Trace};
use crate::wire::protobuf::draft::{self, DraftFile, DraftMethod};
use crate::wire::protobuf::schema::MethodKind;
use std::collections::BTreeMap;

/// Drafts the services of all protobuf calls whose types no schema tells, a file per package. The reader has learnt from
/// the capture before.
pub fn draft(trace: &Trace, reader: &MessageReader) -> Vec<DraftFile> {
    let mut methods: BTreeMap<String, DraftMethod> = BTreeMap::new();
    for call in super::calls(trace).filter(|call| call.protobuf) {
        let Some(path) = call.path.clone().filter(|_| reader.method(&call).is_none()) else {
            continue;
        };
        let (client, server) = match call.kind_seen {
            CallKind::Unary => (false, false),
            CallKind::ClientStreaming => (true, false),
            CallKind::ServerStreaming => (false, true),
            CallKind::Bidirectional => (true, true),
        };
        let method = methods.entry(path.clone()).or_insert_with(|| DraftMethod {
            path,
            request_scope: scope(&call, Direction::Client),
            response_scope: scope(&call, Direction::Server),
            kind: MethodKind::Unary,
        });
        // One call with several messages is enough to know that a side streams.
        let (before_client, before_server) = method.kind.streaming();
        method.kind = MethodKind::from_streaming(client || before_client, server || before_server);
    }
    let methods: Vec<DraftMethod> = methods.into_values().collect();
    draft::draft(reader.evidence(), reader.overrides(), &methods)
}
