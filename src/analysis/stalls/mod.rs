//! Why a sender paused: which of the limits it had reached, or whether it had nothing to send.
//!
//! A pause of a sender on a stream may be due to HTTP/2's windows, to TCP's, to the number of
//! streams that the other side allows, to the network, or to the program itself. What was sent and
//! what was allowed at that moment tells them apart, as far as a passive reader can know:
//!
//! ```text
//! windows       a window of HTTP/2 was used up                     from the history of balances
//! concurrency   as many streams were open as the server allows     from the history of states
//! pauses        the rest, byte by byte: TCP's window, the network, or nothing to send
//!                                                 from the packets
//! shared        who else waited for the connection's window
//! ```

mod concurrency;
mod pauses;
mod shared;
mod timing;
mod windows;

pub use shared::kept_waiting_too;
pub use windows::{stalled_ns, waited};

use super::Certainty;
use crate::trace::{Connection, FrameId, Side, Trace};
use crate::wire::http2::StreamId;

/// What kept a sender waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The window of the stream was used up. Source: RFC 9113 §6.9.1.
    StreamWindow,
    /// The window of the connection was used up. Source: RFC 9113 §6.9.1.
    ConnectionWindow,
    /// The windows of the stream and of the connection were used up.
    BothWindows,
    /// The receiver's TCP had no room. Source: RFC 9293 §3.8.6.
    TcpWindow,
    /// There was more to send and no window was in the way: TCP waited for acknowledgments (its congestion
    /// control, Nagle's algorithm), or the wire itself was slow. Sources: RFC 5681 §3.1, RFC 9293 §3.7.4.
    Network,
    /// As many streams were open as the receiver allows. Source: RFC 9113 §5.1.2.
    ConcurrentStreams,
    /// Everything sent was acknowledged and every window was open.
    NothingToSend,
}

impl Cause {
    /// The word of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::StreamWindow => "stream-window",
            Self::ConnectionWindow => "connection-window",
            Self::BothWindows => "both-windows",
            Self::TcpWindow => "tcp-window",
            Self::Network => "network",
            Self::ConcurrentStreams => "concurrent-streams",
            Self::NothingToSend => "nothing-to-send",
        }
    }

    /// Whether it is a window of HTTP/2.
    pub fn is_flow_control(self) -> bool {
        matches!(
            self,
            Self::StreamWindow | Self::ConnectionWindow | Self::BothWindows
        )
    }
}

/// A time in which a sender paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// The stream that was waited on. For [`Cause::ConcurrentStreams`], the one that could not be opened.
    pub stream: StreamId,
    /// Who paused.
    pub sender: Side,
    /// The last frame before it.
    pub from: FrameId,
    /// When it began, in nanoseconds since the Unix epoch.
    pub from_ns: i64,
    /// The frame that ended it: what opened the window again, or the next one sent. `None` when
    /// it went on to the end of the capture.
    pub until: Option<FrameId>,
    /// When it ended.
    pub until_ns: Option<i64>,
    /// The credit that ended it, where the capture saw that before `from`, but the sender only later: near the
    /// receiver a `WINDOW_UPDATE` is captured long before it arrives.
    pub unread_credit: Option<FrameId>,
    /// How much of the message was still to be sent, where its length is known.
    pub waiting_bytes: Option<u64>,
    /// Why.
    pub cause: Cause,
    /// How sure that is.
    pub certainty: Certainty,
}

impl Stall {
    /// How long it lasted; `None` when its end was not seen.
    pub fn lasted_ns(&self) -> Option<u64> {
        u64::try_from(self.until_ns?.saturating_sub(self.from_ns)).ok()
    }
}

/// Every pause of both sides of a connection, by ascending beginning.
///
/// Looks at each packet of the connection once: call it once per load, not for every picture.
pub fn stalls(trace: &Trace, connection: &Connection) -> Vec<Stall> {
    let mut stalls = flow_control_stalls(trace, connection);
    stalls.extend(concurrency::stalls(trace, connection));
    let pauses = pauses::stalls(trace, connection, &stalls);
    stalls.extend(pauses);
    sort(&mut stalls);
    stalls
}

/// Only those for which a window of HTTP/2 was used up. They come from the history alone, so
/// this is quick.
pub fn flow_control_stalls(trace: &Trace, connection: &Connection) -> Vec<Stall> {
    let mut stalls = windows::stalls(trace, connection);
    sort(&mut stalls);
    stalls
}

fn sort(stalls: &mut [Stall]) {
    stalls.sort_by_key(|stall| (stall.from_ns, stall.from, stall.stream));
}

#[cfg(test)]
mod tests;
