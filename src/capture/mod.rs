//! Where packets come from: capture files and pipes, read once from front to back.
//!
//! A [`Capture`] is an iterator of [`Event`]s. A finished file is mapped and its packets are slices of the map; one
//! that is still being written is read; a pipe and what comes out of a compressed file are read as they come and kept
//! in a temporary file. In each case a [`Source`] gives any byte back later, by its
//! offset, so nobody above has to keep packets. Nothing is interpreted here beyond the file format: what a packet
//! holds is the business of `wire` and `dissect`.
//!
//! | module | what it answers |
//! | --- | --- |
//! | [`event`](Event) | what a capture consists of |
//! | `open` | is this a capture, of which format? |
//! | `input` | the next bytes, mapped or read |
//! | `unpack` | what comes out of gzip and zstd |
//! | [`follow`](Follow) | a file that another program is still writing |
//! | [`source`](Source) | any bytes, later |
//! | [`listen`] | live traffic: a helper program that records it |
//! | `pcap`, `pcapng` | the two formats |
//! | `pcapng_writer` | captures written by us |
//! | [`schema_files`] | `.proto` files and descriptor sets, and what they import |

mod event;
mod follow;
mod input;
pub mod listen;
mod open;
mod pcap;
mod pcapng;
pub mod pcapng_writer;
mod resync;
pub mod schema_files;
mod source;
mod trouble;
mod unpack;

pub use crate::wire::link::LinkType;
pub use event::{
    BlockType, Event, Interface, NameResolution, Packet, Secrets, SecretsType, Section, Skipped,
    Statistics,
};
pub use follow::Follow;
pub use open::{Capture, CaptureFormat, OpenError};
pub use source::Source;
pub use trouble::{Trouble, TroubleKind};
pub use unpack::Compression;
pub(crate) use unpack::Zstd;

#[cfg(test)]
mod tests;
