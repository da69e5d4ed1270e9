//! What each stream went through, as far as rules ask for it.

use crate::trace::{FrameId, Side};
use crate::wire::http2::StreamId;
use std::collections::HashMap;

/// What one side has sent on a stream.
#[derive(Clone, Copy, Default)]
pub(super) struct Sent(u8);

impl Sent {
    /// A header block.
    pub(super) const HEADERS: Self = Self(1);
    /// The block that begins the message: the request, or the final response.
    pub(super) const FINAL: Self = Self(2);
    /// END_STREAM.
    pub(super) const END: Self = Self(4);
    /// `RST_STREAM`.
    pub(super) const RESET: Self = Self(8);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What is known of a request's method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Method {
    /// None that rules treat differently, or not seen.
    #[default]
    Other,
    Get,
    Head,
    Connect,
    /// CONNECT with `:protocol`.
    ExtendedConnect,
}

/// A stream.
#[derive(Clone, Copy)]
pub(super) struct Life {
    /// `None` when its opening was out of place, so that nothing more is expected of it.
    pub(super) opened_by: Option<Side>,
    /// Whether `PUSH_PROMISE` promised it.
    pub(super) pushed: bool,
    /// Whether it counts as open or half-closed.
    pub(super) counted: bool,
    pub(super) method: Method,
    pub(super) sent: [Sent; 2],
    /// Bytes of content that are still to come by content-length; `None` when nobody knows.
    pub(super) content_left: [Option<i64>; 2],
    /// Credits less `DATA`, by sender.
    pub(super) balance: [i64; 2],
    /// The frame that opened it.
    pub(super) opened_at: u32,
    /// The first `RST_STREAM`.
    pub(super) reset_at: u32,
}

impl Life {
    pub(super) fn opened(by: Option<Side>, at: FrameId) -> Self {
        Self {
            opened_by: by,
            pushed: false,
            counted: false,
            method: Method::Other,
            sent: [Sent::default(); 2],
            content_left: [None; 2],
            balance: [0; 2],
            opened_at: number_of(at),
            reset_at: 0,
        }
    }

    /// What this side has sent.
    pub(super) fn sent_by(&self, side: Side) -> Sent {
        self.sent[side.index()]
    }

    /// Whether neither side may go on.
    pub(super) fn is_closed(&self) -> bool {
        let [a, b] = self.sent;
        a.has(Sent::RESET) || b.has(Sent::RESET) || (a.has(Sent::END) && b.has(Sent::END))
    }
}

/// A frame's number in the few bytes that a life has for it.
pub(super) fn number_of(frame: FrameId) -> u32 {
    u32::try_from(frame.index()).unwrap_or(u32::MAX)
}

/// The streams that were seen being opened.
#[derive(Default)]
pub(super) struct Lives {
    /// With the default, keyed hasher: stream ids come from the capture.
    place_of: HashMap<StreamId, u32>,
    lives: Vec<Life>,
    /// Frames of one stream tend to follow one another.
    latest: Option<(StreamId, u32)>,
}

impl Lives {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn get_mut(&mut self, stream: StreamId) -> Option<&mut Life> {
        let place = match self.latest {
            Some((latest, place)) if latest == stream => place,
            _ => {
                let place = *self.place_of.get(&stream)?;
                self.latest = Some((stream, place));
                place
            }
        };
        self.lives.get_mut(place as usize)
    }

    pub(super) fn insert(&mut self, stream: StreamId, life: Life) {
        let place = u32::try_from(self.lives.len()).unwrap_or(u32::MAX);
        self.place_of.insert(stream, place);
        self.lives.push(life);
        self.latest = None;
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (StreamId, &Life)> {
        let find = |&place: &u32| self.lives.get(place as usize);
        self.place_of
            .iter()
            .filter_map(move |(&stream, place)| Some((stream, find(place)?)))
    }
}
