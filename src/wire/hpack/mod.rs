//! HPACK (RFC 7541): how HTTP/2 packs header fields, and what its tables hold at any moment.
//!
//! A header block is a list of [representations](Representation). Each either names an entry of a table
//! or carries strings, and some add an entry to the dynamic table, which both ends keep alike. So a block
//! means something only together with every block before it in the same direction.
//!
//! Here the dynamic table is a range of an [`InsertionLog`]: every entry ever inserted is kept, numbered
//! 0, 1, 2, … and a [`Table`] is the small value that says which of them are in force. To see a block of
//! the past again, take the [`Table`] of that moment and decode on a [`Replay`] of the same log.
//!
//! - [`Decoder`] reads a block and reports every [`Step`]: where its bytes are, what it resolved to,
//!   what it inserted and evicted.
//! - [`Encoder`] writes blocks with every representation at the caller's choice.
//! - [`static_table`], [`huffman`] and [`integer`] are the parts, each usable alone.

pub mod block_error;
pub mod decoder;
pub mod encoder;
pub mod huffman;
pub mod integer;
pub mod log;
pub mod representation;
pub mod static_table;
pub mod step;
pub mod table;

pub use block_error::{BlockError, BlockErrorKind, Part};
pub use decoder::{Decoder, MAX_DECODED_BLOCK_BYTES};
pub use encoder::{EncodeError, Encoder, How, HuffmanUse};
pub use log::{Entry, InsertionLog, Name, Placeholder, Replay, Source, VecLog};
pub use representation::Representation;
pub use step::{Certainty, Field, SizeUpdate, Step, StringLiteral, Summary};
pub use table::{Inserted, Limit, Lookup, Start, Table, TableEntry};

#[cfg(test)]
mod tests;
