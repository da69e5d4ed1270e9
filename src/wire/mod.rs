//! The formats, pure: functions of bytes that do no I/O, hold no clock and know nothing of the
//! rest of the crate.

pub mod counted;
pub mod grpc;
pub mod hpack;
pub mod http1;
pub mod http2;
pub mod keyed;
pub mod link;
pub mod protobuf;
pub mod reader;
pub mod structured_fields;
pub mod tcp;
pub mod tls;
