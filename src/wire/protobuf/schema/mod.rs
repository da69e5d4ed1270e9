//! Schemas: which message types there are, and which of them a method takes and gives.
//!
//! A [`SchemaBuilder`] is fed with the text of `.proto` files, descriptor sets and what servers told by reflection, in any
//! order; [`SchemaBuilder::build`] makes of it whatever can be made. What is missing becomes a [`SchemaProblem`] and a
//! type without fields, never the end of the matter.

mod builder;
mod built_in;
mod editions;
mod features;
mod marks;
mod problem;
mod repair;
#[cfg(test)]
mod tests;

pub use builder::{MAX_FILES, SchemaBuilder};
pub use built_in::built_in;
pub use marks::{checks_utf8, extension_checks_utf8, is_closed};
pub use problem::SchemaProblem;

use prost_reflect::{DescriptorPool, MessageDescriptor};
use std::collections::{BTreeSet, HashMap};

/// Everything known of types and methods.
#[derive(Debug, Default)]
pub struct Schema {
    pool: DescriptorPool,
    methods: HashMap<String, Method>,
    missing: BTreeSet<String>,
    problems: Vec<SchemaProblem>,
}

/// What a method takes and gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    /// The type of each request message.
    pub input: MessageDescriptor,
    /// The type of each response message.
    pub output: MessageDescriptor,
    /// Whether there may be any number of requests, and of responses.
    pub kind: MethodKind,
}

/// The four kinds of method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodKind {
    /// One request, one response.
    Unary,
    /// Many requests, one response.
    ClientStreaming,
    /// One request, many responses.
    ServerStreaming,
    /// Many of both.
    Bidirectional,
}

impl MethodKind {
    /// The kind by which sides stream.
    pub fn from_streaming(client: bool, server: bool) -> Self {
        match (client, server) {
            (false, false) => Self::Unary,
            (true, false) => Self::ClientStreaming,
            (false, true) => Self::ServerStreaming,
            (true, true) => Self::Bidirectional,
        }
    }

    /// Whether the client streams, and whether the server does.
    pub fn streaming(self) -> (bool, bool) {
        match self {
            Self::Unary => (false, false),
            Self::ClientStreaming => (true, false),
            Self::ServerStreaming => (false, true),
            Self::Bidirectional => (true, true),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::ClientStreaming => "client-streaming",
            Self::ServerStreaming => "server-streaming",
            Self::Bidirectional => "bidirectional",
        }
    }
}

impl Schema {
    fn new(pool: DescriptorPool, missing: BTreeSet<String>, problems: Vec<SchemaProblem>) -> Self {
        let mut methods = HashMap::new();
        for service in pool.services() {
            for method in service.methods() {
                let path = format!("/{}/{}", service.full_name(), method.name());
                let (client, server) = (method.is_client_streaming(), method.is_server_streaming());
                methods.insert(
                    path,
                    Method {
                        input: method.input(),
                        output: method.output(),
                        kind: MethodKind::from_streaming(client, server),
                    },
                );
            }
        }
        Self {
            pool,
            methods,
            missing,
            problems,
        }
    }

    /// What a method takes and gives, by its path: `/users.UserService/GetUser`.
    pub fn method(&self, path: &str) -> Option<&Method> {
        self.methods.get(path)
    }

    /// The paths of all methods, in no order.
    pub fn methods(&self) -> impl Iterator<Item = (&str, &Method)> {
        self.methods
            .iter()
            .map(|(path, method)| (path.as_str(), method))
    }

    /// A message type by its full name, `users.User`, or by its last part when only one type has it.
    pub fn message(&self, name: &str) -> Option<MessageDescriptor> {
        let name = name.trim_start_matches('.');
        self.pool.get_message_by_name(name).or_else(|| {
            let mut same = self
                .pool
                .all_messages()
                .filter(|message| message.name() == name && !message.is_map_entry());
            let found = same.next()?;
            same.next().is_none().then_some(found)
        })
    }

    /// The full names of all message types, those that maps stand for and those that are missing left out, sorted.
    pub fn message_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .pool
            .all_messages()
            .filter(|message| !message.is_map_entry() && !self.is_missing(message))
            .map(|message| message.full_name().to_owned())
            .collect();
        names.sort_unstable();
        names
    }

    /// Whether a type is only known by its name, because its file is not there.
    pub fn is_missing(&self, message: &MessageDescriptor) -> bool {
        self.missing.contains(message.full_name())
    }

    /// All descriptors.
    pub fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// What could not be read or found. The rest is there all the same.
    pub fn problems(&self) -> &[SchemaProblem] {
        &self.problems
    }

    /// Whether there is no type at all.
    pub fn is_empty(&self) -> bool {
        self.pool.all_messages().len() == 0
    }
}
