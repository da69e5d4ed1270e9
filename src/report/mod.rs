//! One row type per command of the terminal, printed as a table and as JSON lines.
//!
//! The keys and what they mean are a contract (`OUTPUT.md`): one object per line, keys that do not
//! apply left out, times in nanoseconds since the Unix epoch, integers only.

pub mod about;
pub mod calls;
pub mod carrier;
pub mod compared;
pub mod connections;
pub mod csv;
pub mod export;
pub mod fields;
pub mod findings;
pub mod follow;
pub mod frames;
pub mod headers;
pub mod holes;
pub mod hpack;
pub mod lines;
pub mod messages;
pub mod notes;
pub mod output;
pub mod packets;
pub mod protobuf;
pub mod requests;
pub mod shares;
pub mod stalls;
pub mod state;
pub mod stats;
pub mod streams;
pub mod table;
pub mod text;
pub mod totals;

pub use about::{About, passing};
pub use output::{Format, write_rows};
pub use table::{Column, Tabular};
