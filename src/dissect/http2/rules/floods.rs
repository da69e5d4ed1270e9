//! Patterns that hurt: frames that are allowed one by one, and an attack or a waste together.
//!
//! Servers have limits against them; beyond the strictest of those defaults a connection is likely to be
//! closed, so it is a warning here. The limits of nghttp2 1.57 and later, Netty 4.1.100 and later, Envoy
//! 1.28, Rust's h2 0.4 and Apache httpd 2.4 were compared. Where all of them are far above it, a hundred
//! frames in a row that did nothing useful are already worth a look, and 100 is used.
//!
//! A burst is a run of frames with less than [`BURST_GAP_NS`] between two of them. It is said once.

use super::scene::Book;
use super::{Rules, Scene};
use crate::trace::rules::{Rule, patterns as rules};
use crate::wire::http2::{ErrorCode, FrameKind};

/// The longest pause within a burst: keep-alives and reports are seconds apart. Our choice.
const BURST_GAP_NS: i64 = 1_000_000_000;

/// Requests that the client cancelled before any answer, in a burst. Source: servers that offer their usual 100
/// concurrent streams never see more from a client that cancels all it has. Netty allows 200 in 30 s, nghttp2 a
/// burst of 1000, Envoy 500; h2 allows 20 that the application has not looked at, which nobody outside can count.
const MAX_CANCELLED: u32 = 100;

/// Streams that the server reset because of errors, in a burst. Source: Netty allows 200 in 30 s, h2 1024;
/// 100 as for the client's.
const MAX_PROVOKED_RESETS: u32 = 100;

/// `CONTINUATION` frames of one block. Source: nghttp2 (`NGHTTP2_DEFAULT_MAX_CONTINUATIONS`); Netty allows 16 small
/// ones, h2 what its largest header list needs and a quarter more.
const MAX_CONTINUATIONS: u32 = 8;

/// `PING` frames in a burst without content or requests between. Source: Envoy and nghttp2 let 1000 answers wait,
/// Netty 10,000; 100 in a row already did nothing useful.
const MAX_PINGS: u32 = 100;

/// `SETTINGS` frames in a burst. Source: as for `PING`.
const MAX_SETTINGS: u32 = 100;

/// `DATA` frames in a row without content and without END_STREAM. Source: Envoy
/// (`max_consecutive_inbound_frames_with_empty_payload`); Netty allows 2.
const MAX_EMPTY_DATA: u32 = 1;

/// `WINDOW_UPDATE` frames in a burst without `DATA` of the other side between. Source: 100 in a row did nothing
/// useful; Envoy's limit is the formula below.
const MAX_WINDOW_UPDATES: u32 = 100;

/// `WINDOW_UPDATE` frames for each `DATA` frame, and what is added for each stream and at the start. Source: Envoy
/// (`max_inbound_window_update_frames_per_data_frame_sent`): 5 + 2 × (streams + 10 × `DATA` frames).
const WINDOW_UPDATES_PER_DATA: u64 = 10;

/// An increment that lets only a tiny frame through: about what the frame's own header takes. Our choice.
const TINY_INCREMENT_BYTES: u32 = 32;

/// A window below which a tiny increment forces tiny frames. Above it, the receiver only tells at once what it has
/// taken. Our choice.
const SMALL_WINDOW_BYTES: i64 = 1024;

/// Tiny increments in a burst. No server has a limit: 100, as for the others.
const MAX_TINY_INCREMENTS: u32 = 100;

/// `PRIORITY` and `PRIORITY_UPDATE` frames in a burst without a request between. Source: Envoy
/// (`max_inbound_priority_frames_per_stream`).
const MAX_PRIORITIES: u32 = 100;

/// A run of frames of one kind.
#[derive(Clone, Copy, Default)]
struct Burst {
    count: u32,
    latest_ns: i64,
    said: bool,
}

impl Burst {
    /// Counts a frame. Returns whether the burst has just passed its limit.
    fn passes(&mut self, limit: u32, time_ns: i64) -> bool {
        if time_ns.saturating_sub(self.latest_ns) > BURST_GAP_NS {
            *self = Self::default();
        }
        self.latest_ns = time_ns;
        self.count = self.count.saturating_add(1);
        self.count > limit && !std::mem::replace(&mut self.said, true)
    }

    /// Whether a frame at this time would be the first.
    fn begins(&self, time_ns: i64) -> bool {
        self.count == 0 || time_ns.saturating_sub(self.latest_ns) > BURST_GAP_NS
    }

    /// Something useful happened.
    fn interrupt(&mut self) {
        self.count = 0;
    }
}

/// The runs of one side.
#[derive(Default)]
struct OfSide {
    cancelled: Burst,
    /// How many requests there were before the burst of cancelled ones.
    requests_before: u64,
    provoked_resets: Burst,
    pings: Burst,
    settings: Burst,
    window_updates: Burst,
    tiny_increments: Burst,
    priorities: Burst,
    empty_data: u32,
    continuations: u32,
    /// Since the beginning, for Envoy's formula.
    all_window_updates: u64,
    data_frames: u64,
    requests: u64,
    too_many_updates: bool,
}

/// The runs of both sides.
#[derive(Default)]
pub(super) struct Floods {
    sides: [OfSide; 2],
}

impl Floods {
    /// `HEADERS`: a request or a response.
    pub(super) fn useful(&mut self, scene: &Scene<'_>) {
        for side in &mut self.sides {
            side.pings.interrupt();
            side.settings.interrupt();
        }
        let own = &mut self.sides[scene.side.index()];
        own.priorities.interrupt();
        own.continuations = 0;
        own.empty_data = 0;
        own.requests = own.requests.saturating_add(1);
    }

    /// `DATA`.
    pub(super) fn data(
        &mut self,
        book: &mut Book,
        content: Option<u64>,
        ends: bool,
        scene: &mut Scene<'_>,
    ) {
        let own = &mut self.sides[scene.side.index()];
        own.data_frames = own.data_frames.saturating_add(1);
        if content != Some(0) || ends {
            own.empty_data = 0;
            for side in &mut self.sides {
                side.pings.interrupt();
                side.settings.interrupt();
            }
            // It is this side's windows that the other opens.
            self.sides[scene.side.other().index()]
                .window_updates
                .interrupt();
            return;
        }
        own.empty_data = own.empty_data.saturating_add(1);
        if own.empty_data == MAX_EMPTY_DATA + 1 {
            let text = format!(
                "{} sends one DATA frame after another without content that do not end a stream; \
                 Envoy closes a connection after {MAX_EMPTY_DATA} of them.",
                scene.sender()
            );
            book.broken(&rules::EMPTY_DATA_FLOOD, text, scene);
        }
    }

    /// `PING`, not an answer.
    pub(super) fn ping(&mut self, book: &mut Book, scene: &mut Scene<'_>) {
        let own = &mut self.sides[scene.side.index()];
        if own.pings.passes(MAX_PINGS, scene.time_ns) {
            burst(book, &rules::PING_FLOOD, MAX_PINGS, "PING", scene);
        }
    }

    /// `SETTINGS`, not an answer.
    pub(super) fn settings(&mut self, book: &mut Book, scene: &mut Scene<'_>) {
        let own = &mut self.sides[scene.side.index()];
        if own.settings.passes(MAX_SETTINGS, scene.time_ns) {
            burst(
                book,
                &rules::SETTINGS_FLOOD,
                MAX_SETTINGS,
                "SETTINGS",
                scene,
            );
        }
    }

    /// `CONTINUATION` of a block that is open.
    pub(super) fn continuation(&mut self, book: &mut Book, scene: &mut Scene<'_>) {
        let own = &mut self.sides[scene.side.index()];
        own.continuations = own.continuations.saturating_add(1);
        if own.continuations == MAX_CONTINUATIONS + 1 {
            let text = format!(
                "This header block goes on over more than {MAX_CONTINUATIONS} CONTINUATION frames, \
                 after which nghttp2 closes a connection."
            );
            book.broken(&rules::CONTINUATION_FLOOD, text, scene);
        }
    }

    /// `WINDOW_UPDATE`.
    pub(super) fn window_update(&mut self, book: &mut Book, lost: bool, scene: &mut Scene<'_>) {
        let other = &self.sides[scene.side.other().index()];
        let (data_frames, answers) = (other.data_frames, other.requests);
        let own = &mut self.sides[scene.side.index()];
        own.all_window_updates = own.all_window_updates.saturating_add(1);
        let streams = own.requests.max(answers);
        let allowed = 5 + 2 * (streams.saturating_add(WINDOW_UPDATES_PER_DATA * data_frames));
        let too_many = !lost && own.all_window_updates > allowed;
        let began = too_many && !std::mem::replace(&mut own.too_many_updates, too_many);
        own.too_many_updates = too_many;
        let passes = own.window_updates.passes(MAX_WINDOW_UPDATES, scene.time_ns);
        if began {
            let text = format!(
                "{} has sent {} WINDOW_UPDATE frames while the other side sent {data_frames} DATA \
                 frames; Envoy closes a connection above {allowed}.",
                scene.sender(),
                allowed + 1
            );
            book.broken(&rules::WINDOW_UPDATE_FLOOD, text, scene);
        } else if passes && !too_many {
            let (rule, limit) = (&rules::WINDOW_UPDATE_FLOOD, MAX_WINDOW_UPDATES);
            burst(book, rule, limit, "WINDOW_UPDATE", scene);
        }
    }

    /// A window that was opened to this many bytes.
    pub(super) fn small_window(
        &mut self,
        book: &mut Book,
        increment: u32,
        window: i64,
        scene: &mut Scene<'_>,
    ) {
        if increment > TINY_INCREMENT_BYTES || window > SMALL_WINDOW_BYTES {
            return;
        }
        let own = &mut self.sides[scene.side.index()];
        if own
            .tiny_increments
            .passes(MAX_TINY_INCREMENTS, scene.time_ns)
        {
            let text = format!(
                "{} opened a small window more than {MAX_TINY_INCREMENTS} times in a burst by \
                 {TINY_INCREMENT_BYTES} bytes or less.",
                scene.sender()
            );
            book.broken(&rules::WINDOW_UPDATE_TINY, text, scene);
        }
    }

    /// A first `RST_STREAM` on a stream.
    pub(super) fn reset(
        &mut self,
        book: &mut Book,
        error: ErrorCode,
        by_opener: bool,
        answered: bool,
        scene: &mut Scene<'_>,
    ) {
        let own = &mut self.sides[scene.side.index()];
        if by_opener {
            if answered {
                return;
            }
            if own.cancelled.begins(scene.time_ns) {
                own.requests_before = own.requests.saturating_sub(1);
            }
            // Whoever cancels less than half of what it asks for still does something useful.
            let asked = own.requests.saturating_sub(own.requests_before);
            let limit = u32::try_from(asked / 2)
                .unwrap_or(u32::MAX)
                .max(MAX_CANCELLED);
            if own.cancelled.passes(limit, scene.time_ns) {
                let text = format!(
                    "{} opened and reset more than {MAX_CANCELLED} streams in a burst before any of \
                     them was answered.",
                    scene.sender()
                );
                book.broken(&rules::RAPID_RESET, text, scene);
            }
        } else if !matches!(
            error,
            ErrorCode::NO_ERROR | ErrorCode::REFUSED_STREAM | ErrorCode::CANCEL
        ) && own
            .provoked_resets
            .passes(MAX_PROVOKED_RESETS, scene.time_ns)
        {
            let text = format!(
                "{} reset more than {MAX_PROVOKED_RESETS} streams of the other side in a burst \
                 because of errors (the last with {error}).",
                scene.sender()
            );
            book.broken(&rules::MADE_YOU_RESET, text, scene);
        }
    }
}

impl Rules {
    /// `PRIORITY` or `PRIORITY_UPDATE`.
    pub(super) fn priority_flood(&mut self, scene: &mut Scene<'_>) {
        let own = &mut self.floods.sides[scene.side.index()];
        if own.priorities.passes(MAX_PRIORITIES, scene.time_ns) {
            let kind = match scene.header.kind {
                FrameKind::PRIORITY_UPDATE => "PRIORITY_UPDATE",
                _ => "PRIORITY",
            };
            let rule = &rules::PRIORITY_FLOOD;
            burst(&mut self.book, rule, MAX_PRIORITIES, kind, scene);
        }
    }
}

#[cold]
fn burst(book: &mut Book, rule: &Rule, limit: u32, kind: &str, scene: &mut Scene<'_>) {
    let text = format!(
        "{} sent more than {limit} {kind} frames in a burst, without requests or content between \
         them.",
        scene.sender()
    );
    book.broken(rule, text, scene);
}
