//! What follows from a trace: answers that nobody wrote down while it was read.

pub mod blocking;
pub mod cross_check;
pub mod fields;
