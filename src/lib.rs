//! Wireloom shows how HTTP/2 and gRPC really travel: it reads a capture, rebuilds the byte streams,
//! takes the frames apart, and keeps all of it so that the state at any instant can be looked at.
//!
//! The rooms, from the bottom up. A room uses the rooms below it, never one above:
//!
//! - [`wire`]: the formats, pure functions of bytes.
//! - [`capture`]: where packets come from: files, pipes, interfaces.
//! - [`trace`]: what was seen, as append-only tables; any past state is a prefix of them.
//! - [`dissect`]: packets in, trace out.
//! - [`analysis`]: what follows from a trace.
//! - [`filter`]: which of it somebody wants to see.
//! - [`notes`]: what people wrote about it, and the files where that is kept.
//! - [`report`]: rows for commands, as tables and as JSON.
//! - [`command`]: the same answers in a terminal.
//! - [`ui`]: the window (feature `gui`).
//!
//! [`hostile`] stands outside: what must hold of any bytes, for the fuzz targets.

pub mod analysis;
pub mod capture;
pub mod command;
pub mod dissect;
pub mod filter;
pub mod hostile;
pub mod notes;
pub mod report;
pub mod trace;
#[cfg(feature = "gui")]
pub mod ui;
pub mod wire;
