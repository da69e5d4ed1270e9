//! Words that several parts of the loom use.

use crate::report::text;
use crate::trace::Direction;
use crate::wire::http2::StreamId;

/// `1 frame`, `12 frames`.
pub fn frames_words(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} frame{plural}", text::grouped(count))
}

/// `1 lane`, `12 lanes`.
pub fn lanes_words(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} lane{plural}", text::grouped(count as u64))
}

/// `stream 5`, and `the connection` for stream 0.
pub fn stream_words(stream: StreamId) -> String {
    if stream.is_connection() {
        "the connection".to_owned()
    } else {
        format!("stream {stream}")
    }
}

/// Which way a frame goes.
pub fn sender_words(direction: Direction) -> &'static str {
    match direction {
        Direction::Client => "client to server",
        Direction::Server => "server to client",
    }
}

/// A time since the first packet, to the microsecond: `184.332 ms`.
pub fn time_words(time_ns: i64) -> String {
    let ms = time_ns as f64 / 1e6;
    format!("{ms:.3} ms")
}
