//! HTTP/2 frames: how nine bytes of header and a payload become values, and back.
//!
//! RFC 9113 defines ten frame types; `ALTSVC` (RFC 7838), `ORIGIN` (RFC 8336) and `PRIORITY_UPDATE`
//! (RFC 9218) were added later. Each has a file of its own with the picture of its bytes, its decoder,
//! its encoder and what the inspector says about its fields. Header blocks stay bytes here: HPACK takes
//! them apart. No rule between frames is checked here either; that needs the history of the connection.
//!
//! What such a history is made of stands here too, as values with transitions: a stream's state, a window's
//! balance, the priority tree.
//!
//! What is odd but readable decodes (an increment of zero, a reserved bit that is set, an acknowledgement
//! with content), so that it can be seen. An error means that the bytes do not say what the fields are.

mod altsvc;
mod continuation;
mod data;
mod error_code;
mod fields;
mod flags;
mod frame_error;
mod frame_header;
mod frame_kind;
mod goaway;
mod headers;
mod origin;
mod padding;
mod payload;
mod ping;
mod priority;
mod priority_tree;
mod priority_update;
mod push_promise;
mod rst_stream;
mod setting_id;
mod settings;
mod stream_id;
mod stream_state;
mod urgency;
mod walk;
mod window;
mod window_update;

pub use altsvc::{AltSvc, is_alt_svc_value};
pub use continuation::Continuation;
pub use data::Data;
pub use error_code::ErrorCode;
pub use fields::{FieldNote, fields};
pub use flags::Flags;
pub use frame_error::FrameError;
pub use frame_header::{FrameHeader, encode_frame};
pub use frame_kind::FrameKind;
pub use goaway::Goaway;
pub use headers::Headers;
pub use origin::{Origin, is_origin};
pub use padding::Padding;
pub use payload::Payload;
pub use ping::Ping;
pub use priority::Priority;
pub use priority_tree::{ClosedStreams, PriorityChange, PriorityNode, PriorityTree};
pub use priority_update::PriorityUpdate;
pub use push_promise::PushPromise;
pub use rst_stream::RstStream;
pub use setting_id::SettingId;
pub use settings::Settings;
pub use stream_id::StreamId;
pub use stream_state::{StreamEvent, StreamState};
pub use urgency::Urgency;
pub use window::{Balance, DEFAULT_WINDOW_BYTES};
pub use window_update::WindowUpdate;

/// What a client sends before its first frame; the first `SETTINGS` follows at once.
///
/// It reads as a request no HTTP/1.1 server would take: method `PRI`, path `*`, version `HTTP/2.0`, body `SM`.
///
/// Source: RFC 9113 §3.4.
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
