//! gRPC for the window: the calls of the whole capture, how their messages are read, and what is wrong with
//! them. A thread works it out once ([`Worker`]); every picture reads what there is ([`Grpc`]).

pub mod calls;
mod marks;
mod open;
pub mod sources;
mod worker;

pub use calls::{CallRow, Calls, Instant, Standing};
pub use marks::{Mark, MarkKind, MessageMark};
pub use open::{OpenCall, OpenMessage};
pub use sources::{SchemaState, Sources};
pub use worker::Worker;

use crate::analysis::grpc::MessageReader;
use crate::trace::{Batch, Trace};
use crate::wire::protobuf::number::FieldNumber;
use crate::wire::protobuf::reading::ReadingKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a person can ask about gRPC and protobuf.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Read a field in another way from now on, or as the evidence has it.
    Read {
        /// Whose messages.
        scope: String,
        /// Field numbers from the outermost message inwards.
        path: Vec<FieldNumber>,
        /// The way; `None` takes back what was said.
        reading: Option<ReadingKind>,
    },
    /// Draft the schema that nobody has, and write it to files that the system's dialog asks for.
    SaveDraft,
    /// Use these schema files and folders too.
    AddSchemas(Vec<PathBuf>),
    /// Choose schema files in the system's dialog.
    ChooseSchemas,
    /// Choose a folder of schema files in the system's dialog.
    ChooseSchemaFolder,
    /// Show the place where protobuf is tried out, or without a capture the start page again.
    Sandbox,
    /// No longer use a schema file or folder.
    ForgetSchema(PathBuf),
    /// Choose another version of the schemas in the system's dialog, to compare with.
    ChooseOtherVersion,
    /// Compare with these files and folders; with nothing when there are none.
    CompareWith(Vec<PathBuf>),
}

/// What views read about gRPC.
#[derive(Clone, Debug, Default)]
pub struct Grpc {
    /// The calls, as far as they are worked out.
    pub calls: Arc<Calls>,
    /// How messages are read.
    pub reader: Arc<MessageReader>,
    /// What became of the schemas.
    pub schemas: Arc<SchemaState>,
    /// Goes up whenever `calls` or `reader` is another.
    pub version: u64,
    /// Whether more is being worked out.
    pub working: bool,
    /// Whether what is asked of it must be there in the same picture, however long it takes.
    at_once: bool,
    kept: open::Kept,
}

impl Grpc {
    /// Makes one with the same calls and the same reader within a thread beside the picture: what is worked out for pictures
    /// stays with them.
    pub fn for_a_thread(&self) -> impl FnOnce() -> Self + Send + use<> {
        let (calls, reader) = (self.calls.clone(), self.reader.clone());
        move || Self {
            calls,
            reader,
            ..Self::default()
        }
    }

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
        let mut grpc = Self {
            calls: Arc::new(calls),
            at_once: true,
            ..Self::default()
        };
        grpc.read_by(&Sources::default(), trace);
        grpc
    }

    /// Reads messages by these schemas from now on.
    pub fn read_by(&mut self, sources: &Sources, trace: &Trace) {
        let (reader, schemas) = sources.reader(trace);
        self.reader = Arc::new(reader);
        self.schemas = Arc::new(schemas);
        self.version += 1;
    }
}
