//! What each stream went through, as far as rules ask for it.

use crate::trace::{FrameId, Side};
use crate::wire::http2::StreamId;
use crate::wire::keyed::KeyedMap;
use std::collections::VecDeque;

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
    /// A response that is defined to have no content.
    pub(super) const NO_CONTENT: Self = Self(16);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) fn remove(&mut self, other: Self) {
        self.0 &= !other.0;
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
    /// Whether frames may be missing, so that the other side may have sent what nobody saw.
    pub(super) uncertain: bool,
    /// Whether it counts as open or half-closed.
    pub(super) counted: bool,
    /// Whether its end was noted.
    pub(super) ended: bool,
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
            uncertain: false,
            counted: false,
            ended: false,
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

/// How many closed streams are remembered. Frames may follow the end of a stream for about a round trip; a server
/// opens and closes a few hundred streams in that time at most.
const MAX_CLOSED: usize = 1024;

/// The streams that were seen being opened.
#[derive(Default)]
pub(super) struct Lives {
    slot_of: KeyedMap<StreamId, u32>,
    slots: Vec<Life>,
    free: Vec<u32>,
    /// Closed streams, the first closed first.
    closed: VecDeque<StreamId>,
    /// The highest stream that was forgotten, of the server's and of the client's.
    forgotten: [u32; 2],
    /// Frames of one stream tend to follow one another.
    latest: Option<(StreamId, u32)>,
}

impl Lives {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn get_mut(&mut self, stream: StreamId) -> Option<&mut Life> {
        let slot = match self.latest {
            Some((latest, slot)) if latest == stream => slot,
            _ => {
                let slot = *self.slot_of.get(&stream)?;
                self.latest = Some((stream, slot));
                slot
            }
        };
        self.slots.get_mut(slot as usize)
    }

    pub(super) fn insert(&mut self, stream: StreamId, life: Life) {
        self.latest = None;
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(life);
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = life;
        }
        if let Some(old) = self.slot_of.insert(stream, slot) {
            self.free.push(old);
        }
    }

    /// A stream is closed: it will be forgotten when many others have closed after it.
    pub(super) fn closed(&mut self, stream: StreamId) {
        self.closed.push_back(stream);
        if self.closed.len() <= MAX_CLOSED {
            return;
        }
        if let Some(oldest) = self.closed.pop_front()
            && let Some(slot) = self.slot_of.remove(&oldest)
        {
            self.latest = None;
            self.free.push(slot);
            let forgotten = &mut self.forgotten[usize::from(oldest.is_client_initiated())];
            *forgotten = oldest.0.max(*forgotten);
        }
    }

    /// Whether a stream may have been there and forgotten.
    pub(super) fn may_be_forgotten(&self, stream: StreamId) -> bool {
        stream.0 <= self.forgotten[usize::from(stream.is_client_initiated())]
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (StreamId, &Life)> {
        let find = |&slot: &u32| self.slots.get(slot as usize);
        self.slot_of
            .iter()
            .filter_map(move |(&stream, slot)| Some((stream, find(slot)?)))
    }
}
