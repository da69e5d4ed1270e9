//! What follows from a trace: answers that nobody wrote down while it was read.

pub mod blocking;
pub mod bodies;
pub mod certainty;
pub mod content_length;
#[cfg(test)]
pub(crate) mod conversation;
pub mod cross_check;
pub mod documents;
pub mod exchanges;
pub mod fields;
pub mod goaways;
pub mod grpc;
pub mod hpack;
pub mod mending;
pub mod message_fields;
pub mod pushes;
pub mod requests;
pub mod sent_again;
pub mod shares;
pub mod stalls;

pub use certainty::Certainty;
