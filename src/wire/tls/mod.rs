//! TLS as it can be seen without keys: whether a stream is TLS at all, and what its two hellos say.
//!
//! Each direction of a connection begins with records (see [`RecordHeader`]) that carry handshake messages; the
//! first message is a hello. [`HelloReader`] is fed the first bytes of one direction, in any slices, until it knows.

mod cipher_suite;
mod hello;
mod hello_reader;
mod record;

pub use cipher_suite::CipherSuite;
pub use hello::{ClientHello, Hello, HelloError, ProtocolVersion, ServerHello};
pub use hello_reader::{HelloProgress, HelloReader, MAX_HELLO_LEN, NotTls};
pub use record::{AlertDescription, ContentType, Likeness, RecordHeader, looks_like_tls};
