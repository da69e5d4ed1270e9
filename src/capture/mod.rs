//! Where packets come from: capture files and pipes, read once from front to back.
//!
//! A [`Capture`] is an iterator of [`Event`]s. A finished file is mapped and its packets are slices of the map; a
//! pipe is read as it comes and kept in a temporary file. Either way a [`Source`] gives any byte back later, by its
//! offset, so nobody above has to keep packets. Nothing is interpreted here beyond the file format: what a packet
//! holds is the business of `wire` and `dissect`.
//!
//! | module | what it answers |
//! | --- | --- |
//! | [`event`](Event) | what a capture consists of |
//! | `open` | is this a capture, of which format? |
//! | `input` | the next bytes, mapped or piped |
//! | [`source`](Source) | any bytes, later |
//! | `pcap`, `pcapng` | the two formats |
//! | `pcapng_writer` | captures written by us |

mod event;
mod input;
mod open;
mod pcap;
mod pcapng;
pub mod pcapng_writer;
mod resync;
mod source;
mod trouble;

pub use crate::wire::link::LinkType;
pub use event::{
    BlockType, Event, Interface, NameResolution, Packet, Secrets, SecretsType, Section, Skipped,
    Statistics,
};
pub use open::{Capture, CaptureFormat, OpenError};
pub use source::Source;
pub use trouble::{Trouble, TroubleKind};

#[cfg(test)]
mod tests;
