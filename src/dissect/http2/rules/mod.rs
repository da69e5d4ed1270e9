//! Which rules a conversation breaks, as far as somebody who only listens can tell.
//!
//! A sender is judged by what it must have known. Its own frames it knows. Of the other side's frames it
//! knows those that it acknowledged or answered (see [`knowledge`]); before that, frames may have crossed
//! on the wire. A limit counts from its acknowledgment on, and a larger one from its announcement. Where
//! the capture has a hole, or began in the middle, nothing is said that depends on what was not seen.
//!
//! Each frame passes through here once, before the rest of the dissector acts on it. A frame that breaks
//! nothing costs a few comparisons and one look-up of its stream.

mod continuation;
mod fields;
mod floods;
mod flow_control;
mod frame_shape;
mod goaway;
mod hpack;
mod knowledge;
mod lives;
mod messages;
mod ping;
mod priority;
mod push;
mod scene;
mod settings;
mod stream_state;
mod target;
#[cfg(test)]
mod tests;
mod values;

pub(super) use continuation::Order;
pub(super) use fields::FieldCheck;
pub(super) use messages::Block;
pub(super) use scene::Scene;

use super::flow::Flow;
use super::framing::ReadFrame;
use super::lives::Slot;
use crate::dissect::connection::Outside;
use crate::trace::{PacketId, Side};
use crate::wire::http2::{FrameError, FrameKind, Payload, StreamId};
use floods::Floods;
use flow_control::Windows;
use goaway::Goaways;
use knowledge::Knowledge;
use lives::Lives;
use ping::Pings;
use priority::Priorities;
use push::Pushes;
use scene::Book;
use settings::{Limits, SettingsRules};

/// What one side has sent, as far as rules ask for it.
#[derive(Default)]
struct Sender {
    /// Whether a frame of this side was seen.
    began: bool,
    /// The highest stream that this side opened or promised.
    highest_stream: u32,
    /// How many of its streams are open or half-closed.
    open_streams: u32,
    /// How far this side has read the other's frames, for certain.
    knowledge: Knowledge,
    /// Whether the last block of this side was lost, so that `CONTINUATION` may follow from nowhere.
    block_lost: bool,
    /// Where in its frame's payload the latest header block starts, while it lies in one frame.
    block_start: Option<usize>,
    settings: SettingsRules,
    /// What the other side allows this one.
    limits: Limits,
    pings: Pings,
    goaways: Goaways,
}

/// The rules of HTTP/2 on one connection.
pub(super) struct Rules {
    /// Who the client is; `None` while it is not known.
    client: Option<Side>,
    /// Whether frames were missed. Then what nobody has sent may still have been sent.
    lost: bool,
    /// Whether each side's first frame in the capture is known to be its first frame.
    from_the_start: bool,
    book: Book,
    senders: [Sender; 2],
    lives: Lives,
    windows: Windows,
    pushes: Pushes,
    priorities: Priorities,
    floods: Floods,
}

impl Rules {
    /// A connection that is seen from its first frame on.
    pub(super) fn from_the_start(client: Side) -> Self {
        Self {
            client: Some(client),
            lost: false,
            from_the_start: true,
            book: Book::default(),
            senders: Side::BOTH.map(|_| Sender {
                limits: Limits::initial(),
                ..Sender::default()
            }),
            lives: Lives::default(),
            windows: Windows::default(),
            pushes: Pushes::default(),
            priorities: Priorities::default(),
            floods: Floods::default(),
        }
    }

    /// A connection that the capture met in the middle.
    pub(super) fn from_the_middle() -> Self {
        let mut rules = Self::from_the_start(Side::A);
        rules.client = None;
        rules.lose_track();
        rules
    }

    /// The TCP handshake was not seen, so that the first frames may be missing on one side.
    pub(super) fn start_unseen(&mut self) {
        self.from_the_start = false;
    }

    /// A stream gets a place in the dissector's tables.
    #[inline]
    pub(super) fn enter(&mut self, slot: Slot, stream: StreamId) {
        self.lives.enter(slot, stream);
    }

    /// The dissector has forgotten the stream in this place.
    pub(super) fn forget(&mut self, slot: Slot) {
        self.lives.forget(slot);
    }

    /// Frames told who the client is.
    pub(super) fn client_is(&mut self, client: Option<Side>) {
        self.client = self.client.or(client);
    }

    /// Frames are missing: what was known of streams, windows and blocks is not known any more.
    pub(super) fn lose_track(&mut self) {
        self.lost = true;
        self.from_the_start = false;
        self.lives.clear();
        for sender in &mut self.senders {
            sender.block_lost = true;
            sender.open_streams = 0;
            sender.pings.lose_track();
            sender.settings.lose_track();
            sender.limits = Limits::default();
        }
    }

    /// Frames of a side were searched for and seem to be found.
    pub(super) fn resumed(&mut self, side: Side) {
        self.book.begin_doubt(side);
    }

    /// A frame, whatever its type, before it is read any further.
    pub(super) fn frame(&mut self, read: &ReadFrame<'_>, scene: &mut Scene<'_>) {
        scene.client = self.client;
        self.book.doubt_less(scene.side);
        self.first_frame(scene);
        self.frame_shape(read, scene);
        self.after_own_error(scene);
        if read.header.kind == FrameKind::DATA {
            self.data_padding(read, scene);
        } else if !read.whole && read.header.kind.is_known() {
            self.lose_track();
        }
    }

    /// A frame whose payload was read.
    /// Streams that it names besides its own are looked up with `slot_of`.
    pub(super) fn payload(
        &mut self,
        payload: &Payload<'_>,
        bytes: &[u8],
        slot_of: impl FnOnce(StreamId) -> Option<Slot>,
        scene: &mut Scene<'_>,
    ) {
        if let Some((_, range)) = payload.header_block_fragment() {
            self.senders[scene.side.index()].block_start = Some(range.start);
        }
        match payload {
            Payload::Headers(headers) => {
                self.headers_frame(scene);
                if let Some(priority) = &headers.priority {
                    self.priority_signal(priority, scene);
                }
            }
            Payload::Priority(priority) => {
                self.priority_signal(priority, scene);
                self.priority_flood(scene);
            }
            Payload::RstStream(reset) => self.reset(reset.error, scene),
            Payload::Settings(settings) => self.settings_frame(settings, scene),
            Payload::PushPromise(promise) => {
                let promised = promise.promised_stream;
                self.push_promise(promised, slot_of(promised), scene);
            }
            Payload::Ping(ping) => self.ping(ping, scene),
            Payload::Goaway(goaway) => self.goaway(goaway, scene),
            Payload::WindowUpdate(update) => self.window_update(update.increment_bytes, scene),
            Payload::PriorityUpdate(update) => {
                self.priority_update(update.prioritized_stream, scene);
                self.priority_update_value(update, scene);
                self.priority_flood(scene);
            }
            Payload::AltSvc(alternative) => self.altsvc(alternative, scene),
            Payload::Origin(origins) => self.origin(origins, scene),
            Payload::Data(_) | Payload::Continuation(_) | Payload::Unknown(_) => {}
        }
        self.payload_details(payload, bytes, scene);
    }

    /// A frame whose payload could not be read.
    pub(super) fn unreadable(&mut self, error: &FrameError, scene: &mut Scene<'_>) {
        self.frame_error(error, scene);
        let without_effect = matches!(
            scene.header.kind,
            FrameKind::PING
                | FrameKind::PRIORITY
                | FrameKind::PRIORITY_UPDATE
                | FrameKind::GOAWAY
                | FrameKind::ALTSVC
                | FrameKind::ORIGIN
        );
        if !without_effect {
            self.lose_track(); // What it was meant to do is unknown.
        }
    }

    /// Settings were announced or acknowledged: what each side may do has changed.
    pub(super) fn settings_changed(&mut self, flow: &Flow) {
        if self.lost {
            return;
        }
        for side in Side::BOTH {
            self.senders[side.index()].limits = Limits::of(flow, side.other());
        }
    }

    /// The capture has ended: says what was only counted.
    pub(super) fn finish(&mut self, now: PacketId, outside: &mut Outside<'_>) {
        self.book.close(now, outside);
    }
}
