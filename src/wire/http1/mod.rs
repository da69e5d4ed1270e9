//! HTTP/1.1 messages, pure: heads ([`Head`]), how long the body behind one is ([`Framing`]), and chunks
//! ([`ChunkReader`]).
//!
//! Readers are lenient where real programs are, since a capture holds what was sent, and say what was odd about it.
//!
//! Sources: RFC 9112; RFC 9110 for methods, status codes and fields.

pub mod chunked;
pub mod framing;
pub mod head;
pub mod meaning;
pub mod start_line;
pub mod status;

pub use chunked::{ChunkError, ChunkReader, ChunkStep};
pub use framing::{Framing, FramingOddity, Measured, RequestSeen};
pub use head::{Field, Head, HeadError, HeadOddity};
pub use start_line::{StartLine, Version};
