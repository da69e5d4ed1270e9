//! What each stream went through, as far as rules ask for it.

use crate::dissect::http2::lives::Slot;
use crate::trace::{FrameId, Side};
use crate::wire::http2::StreamId;
use crate::wire::keyed::KeyedMap;

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

/// The streams that were seen being opened, in the places that the dissector has for them: a frame's stream was looked
/// up already. What is known of a stream goes when the dissector forgets it.
#[derive(Default)]
pub(super) struct Lives {
    /// By slot.
    places: Vec<Option<Place>>,
    /// How often everything was forgotten.
    generation: u32,
    /// Streams that were promised, until a frame is on them.
    promised: KeyedMap<StreamId, Life>,
    /// The highest stream that was forgotten, of the server's and of the client's.
    forgotten: [u32; 2],
}

#[derive(Clone, Copy)]
struct Place {
    /// [`Lives::generation`] when it was written.
    generation: u32,
    stream: StreamId,
    life: Life,
}

impl Lives {
    /// Forgets everything. That takes no longer for many streams than for few: a capture may make it happen with every
    /// frame.
    pub(super) fn clear(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.promised.clear();
        self.forgotten = [0; 2];
    }

    /// What is known of the stream in this place.
    #[inline]
    pub(super) fn at(&mut self, slot: Option<Slot>) -> Option<&mut Life> {
        let place = self.places.get_mut(slot?.index())?.as_mut()?;
        (place.generation == self.generation).then_some(&mut place.life)
    }

    /// Writes down a stream that has a place.
    pub(super) fn insert(&mut self, slot: Option<Slot>, stream: StreamId, life: Life) {
        let Some(index) = slot.map(Slot::index) else {
            return;
        };
        if self.places.len() <= index {
            self.places.resize(index + 1, None);
        }
        if let Some(place) = self.places.get_mut(index) {
            *place = Some(Place {
                generation: self.generation,
                stream,
                life,
            });
        }
    }

    /// Writes down a stream that no frame may have been on yet.
    pub(super) fn insert_promised(&mut self, slot: Option<Slot>, stream: StreamId, life: Life) {
        if slot.is_some() {
            self.insert(slot, stream, life);
        } else {
            self.promised.insert(stream, life);
        }
    }

    /// A stream gets a place.
    #[inline]
    pub(super) fn enter(&mut self, slot: Slot, stream: StreamId) {
        if let Some(place) = self.places.get_mut(slot.index()) {
            *place = None;
        }
        if !self.promised.is_empty()
            && let Some(life) = self.promised.remove(&stream)
        {
            self.insert(Some(slot), stream, life);
        }
    }

    /// The dissector has forgotten a stream.
    pub(super) fn forget(&mut self, slot: Slot) {
        if let Some(place) = self.places.get_mut(slot.index())
            && let Some(Place {
                generation, stream, ..
            }) = place.take()
            && generation == self.generation
        {
            let forgotten = &mut self.forgotten[usize::from(stream.is_client_initiated())];
            *forgotten = stream.0.max(*forgotten);
        }
    }

    /// Whether a stream may have been there and forgotten.
    pub(super) fn may_be_forgotten(&self, stream: StreamId) -> bool {
        stream.0 <= self.forgotten[usize::from(stream.is_client_initiated())]
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (StreamId, &Life)> {
        let valid = |place: &&Place| place.generation == self.generation;
        let placed = self.places.iter().flatten().filter(valid);
        let placed = placed.map(|place| (place.stream, &place.life));
        placed.chain(self.promised.iter().map(|(&id, life)| (id, life)))
    }
}
