//! gRPC for the window: the calls of the whole capture, how their messages are read, and what is wrong with
//! them. A thread works it out once ([`Worker`]); every picture reads what there is ([`Grpc`]).

pub mod calls;
mod marks;
mod worker;

pub use calls::{CallRow, Calls, Instant, Standing};
pub use marks::{Mark, MarkKind, MessageMark};
pub use worker::Worker;

use crate::analysis::grpc::{MessageReader, learn_reflection};
use crate::trace::{Batch, Trace};
use crate::wire::protobuf::{Overrides, SchemaBuilder};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What views read about gRPC.
#[derive(Clone, Debug, Default)]
pub struct Grpc {
    /// The calls, as far as they are worked out.
    pub calls: Arc<Calls>,
    /// How messages are read.
    pub reader: Arc<MessageReader>,
    /// Goes up whenever `calls` or `reader` is another.
    pub version: u64,
    /// Whether more is being worked out.
    pub working: bool,
}

impl Grpc {
    /// Everything at once, for pictures without a window. The findings about calls go where the others are.
    pub fn read_into(trace: &mut Trace) -> Self {
        let calls = Calls::of(trace, &AtomicBool::new(false)).unwrap_or_default();
        if !calls.rows().is_empty() {
            let findings = crate::analysis::grpc::survey(trace).findings;
            trace.append(Batch {
                findings,
                ..Batch::default()
            });
        }
        Self {
            calls: Arc::new(calls),
            reader: Arc::new(reader(trace)),
            version: 1,
            working: false,
        }
    }
}

/// A reader that has learnt from the capture.
fn reader(trace: &Trace) -> MessageReader {
    let mut builder = SchemaBuilder::default();
    learn_reflection(trace, &mut builder);
    let mut reader = MessageReader::new(builder.build(), Overrides::default());
    reader.learn(trace);
    reader
}
