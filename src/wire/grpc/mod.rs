//! gRPC, pure: what stands between HTTP/2 and the messages of a call.
//!
//! Sources: `PROTOCOL-HTTP2.md` (gRPC over HTTP/2), `PROTOCOL-WEB.md` (gRPC-Web) and
//! `compression.md` of the gRPC documentation, cited by their names and headings.

pub mod content_type;
pub mod encoding;
pub mod message;
pub mod metadata;
pub mod ping;
pub mod status;
pub mod timeout;
pub mod web;

pub use content_type::{ContentType, Transport};
pub use encoding::{Encoding, UnpackError, Unpacked, unpack};
pub use message::{Framing, MessageSpan, Prefix};
pub use metadata::{BinaryError, binary_value, percent_decode};
pub use ping::PingPurpose;
pub use status::GrpcStatus;
pub use timeout::{Timeout, TimeoutError, TimeoutUnit};
