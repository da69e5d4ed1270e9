//! One folder per view. [`registry`] lists them for the window, `wireloom render` and the tests.

pub mod body;
pub mod bytes;
pub mod calls;
pub mod connections;
pub mod exchanges;
pub mod findings;
pub mod flow;
pub mod frame_list;
pub mod hpack;
pub mod inspector;
pub mod ladder;
pub mod layers;
pub mod loom;
pub mod message;
pub mod notes;
pub mod priority;
pub mod registry;
pub mod requests;
pub mod sandbox;
pub mod stream_list;
pub mod tcp;

pub use registry::{View, ViewId, Views};

#[cfg(test)]
mod bounded;
#[cfg(test)]
pub(crate) mod testing;
