//! Which frames a stream's state allows, and in which order streams are opened. Source: RFC 9113 §5.1.

use super::frame_shape::lower;
use super::lives::{Life, Sent, number_of};
use super::{Rules, Scene};
use crate::dissect::http2::lives::Slot;
use crate::trace::Side;
use crate::trace::rules::{Rule, signals, streams as rules};
use crate::wire::http2::{ErrorCode, FrameKind, StreamId};

impl Rules {
    /// `HEADERS`, before its block is read: it opens a stream or goes on with one.
    pub(super) fn headers_frame(&mut self, scene: &mut Scene<'_>) {
        let stream = scene.stream();
        if stream.is_connection() {
            return;
        }
        self.floods.useful(scene);
        self.answers_owed(scene);
        if let Some(life) = self.lives.at(scene.slot) {
            let answers = !life.sent_by(scene.side).has(Sent::HEADERS)
                && life.opened_by == Some(scene.side.other());
            self.goes_on(scene);
            if answers {
                self.answers_after_goaway(scene);
            }
        } else if self.knows_idle(stream) {
            self.opens(scene);
        }
    }

    /// A frame that carries a message onward: `HEADERS` or `DATA` on a stream that is known.
    fn goes_on(&mut self, scene: &mut Scene<'_>) {
        let side = scene.side;
        let knowledge = self.senders[side.index()].knowledge;
        let Some(life) = self.lives.at(scene.slot) else {
            return;
        };
        let (own, other) = (life.sent_by(side), life.sent_by(side.other()));
        let broken: Option<(&Rule, &str)> = if own.has(Sent::RESET) {
            Some((
                &rules::FRAME_AFTER_OWN_RESET,
                "reset the stream before, so it may send nothing more there",
            ))
        } else if life.pushed && life.opened_by == Some(side.other()) {
            Some((
                &signals::PUSHED_STREAM_USED,
                "may not send content on a stream that the server promised",
            ))
        } else if own.has(Sent::END) {
            Some((
                &rules::FRAME_AFTER_END_STREAM,
                "had already ended its half of the stream with END_STREAM",
            ))
        } else if other.has(Sent::RESET) && knowledge.has(life.reset_at) {
            Some((
                &rules::FRAME_AFTER_PEER_RESET,
                "had already read the other side's RST_STREAM, as its answers to later frames show",
            ))
        } else {
            None
        };
        if let Some((rule, what)) = broken {
            let text = format!(
                "{} sent {} on stream {}, but it {what}.",
                scene.sender(),
                scene.header.kind,
                scene.stream()
            );
            self.book.broken(rule, text, scene);
        }
    }

    /// `HEADERS` on a stream that no frame was on before.
    fn opens(&mut self, scene: &mut Scene<'_>) {
        let (side, stream) = (scene.side, scene.stream());
        if scene.by_server() {
            if stream == StreamId(1) && !self.from_the_start {
                // The request came in HTTP/1.1, with an upgrade that the capture missed.
                self.lives
                    .insert(scene.slot, stream, Life::opened(None, scene.frame));
                return;
            }
            self.idle(
                scene,
                "answers a request on it, but no request was sent there",
            );
            return;
        }
        if stream.is_server_initiated() {
            let text = format!(
                "The client opened stream {stream}, but even numbers are for the streams of the \
                 server."
            );
            scene.at(5..9);
            self.book.broken(&rules::STREAM_ID_PARITY, text, scene);
        }
        let sender = &mut self.senders[side.index()];
        let highest = sender.highest_stream;
        sender.highest_stream = highest.max(stream.0);
        if stream.0 < highest {
            let text = format!(
                "The client opened stream {stream} after stream {highest}; each new stream needs a \
                 higher number than all before."
            );
            scene.at(5..9);
            self.book
                .broken(&rules::STREAM_ID_NOT_INCREASING, text, scene);
        }
        self.after_goaway(scene);
        self.lives
            .insert(scene.slot, stream, Life::opened(Some(side), scene.frame));
        self.count_open(scene);
    }

    /// A stream of this side becomes active. Source: RFC 9113 §5.1.2.
    pub(super) fn count_open(&mut self, scene: &mut Scene<'_>) {
        let (side, stream) = (scene.side, scene.stream());
        let Some(life) = self.lives.at(scene.slot) else {
            return;
        };
        if std::mem::replace(&mut life.counted, true) {
            return;
        }
        let sender = &mut self.senders[side.index()];
        sender.open_streams = sender.open_streams.saturating_add(1);
        let open = sender.open_streams;
        if let Some(limit) = sender.limits.streams
            && open > limit
            && !self.goaway_was_sent()
        {
            let text = format!(
                "{} has {open} streams open with stream {stream}, but {} allows {limit} at once \
                 (SETTINGS_MAX_CONCURRENT_STREAMS).",
                scene.sender(),
                scene.receiver()
            );
            self.book.broken(&rules::TOO_MANY_STREAMS, text, scene);
        }
    }

    /// A stream that may have come to its end does not count any more.
    fn count_closed(&mut self, slot: Option<Slot>) {
        let Some(life) = self.lives.at(slot) else {
            return;
        };
        if life.ended || !life.is_closed() {
            return;
        }
        life.ended = true;
        let (counted, opener) = (std::mem::take(&mut life.counted), life.opened_by);
        if let Some(opener) = opener.filter(|_| counted) {
            let open = &mut self.senders[opener.index()].open_streams;
            *open = open.saturating_sub(1);
        }
    }

    /// Whether a stream of which nothing is known is idle for certain.
    pub(super) fn knows_idle(&self, stream: StreamId) -> bool {
        !self.lost && !self.lives.may_be_forgotten(stream)
    }

    /// A frame on a stream that is idle. Reported once for each stream.
    #[cold]
    pub(super) fn idle(&mut self, scene: &mut Scene<'_>, what: &str) {
        let stream = scene.stream();
        let text = format!(
            "{} names stream {stream}, which is idle: {} {what}.",
            scene.header.kind,
            lower(scene.sender())
        );
        scene.at(5..9);
        self.book.broken(&rules::FRAME_ON_IDLE_STREAM, text, scene);
        self.lives
            .insert(scene.slot, stream, Life::opened(None, scene.frame));
    }

    /// `DATA`, with so many bytes of content behind its padding; `None` when that cannot be known.
    pub(in crate::dissect::http2) fn data(
        &mut self,
        content: Option<u64>,
        ends: bool,
        scene: &mut Scene<'_>,
    ) {
        let (side, stream) = (scene.side, scene.stream());
        if stream.is_connection() {
            return;
        }
        self.floods.data(&mut self.book, content, ends, scene);
        self.spend(scene);
        self.answers_owed(scene);
        let Some(life) = self.lives.at(scene.slot) else {
            if self.knows_idle(stream) {
                self.idle(scene, "sent content on it before any HEADERS");
            }
            return;
        };
        let own = life.sent[side.index()];
        life.content_left[side.index()] = match (life.content_left[side.index()], content) {
            (Some(left), Some(content)) => Some(left.saturating_sub_unsigned(content)),
            _ => None,
        };
        let other = life.sent_by(side.other());
        let pushed_to = life.pushed && life.opened_by == Some(side.other());
        if own.has(Sent::END) || own.has(Sent::RESET) || other.has(Sent::RESET) || pushed_to {
            self.goes_on(scene);
        } else if !own.has(Sent::FINAL)
            && !life.uncertain
            && (life.pushed || life.opened_by == Some(side.other()))
        {
            self.before_headers(scene);
        } else if own.has(Sent::NO_CONTENT) && content.is_some_and(|bytes| bytes > 0) {
            self.content_without_place(scene);
        }
        if ends {
            self.ends(scene);
        }
    }

    /// END_STREAM of the sender.
    pub(super) fn ends(&mut self, scene: &mut Scene<'_>) {
        let Some(life) = self.lives.at(scene.slot) else {
            return;
        };
        let sent = &mut life.sent[scene.side.index()];
        if sent.has(Sent::END) {
            return;
        }
        sent.add(Sent::END);
        self.content_is_complete(scene);
        self.count_closed(scene.slot);
    }

    /// `RST_STREAM`.
    pub(super) fn reset(&mut self, error: ErrorCode, scene: &mut Scene<'_>) {
        let (side, stream) = (scene.side, scene.stream());
        if stream.is_connection() {
            return;
        }
        let knowledge = self.senders[side.index()].knowledge;
        let Some(life) = self.lives.at(scene.slot) else {
            if self.knows_idle(stream) {
                self.idle(scene, "resets what nobody has opened");
            }
            return;
        };
        let peer_reset = life.sent_by(side.other()).has(Sent::RESET);
        if peer_reset && knowledge.has(life.reset_at) {
            self.on_closed(scene);
            return;
        }
        let own = life.sent_by(side);
        if !own.has(Sent::RESET) && !peer_reset {
            life.reset_at = number_of(scene.frame);
        }
        life.sent[side.index()].add(Sent::RESET);
        let (opener, answered) = (
            life.opened_by,
            life.sent_by(side.other()).has(Sent::HEADERS),
        );
        self.count_closed(scene.slot);
        if !own.has(Sent::RESET) {
            let by_opener = opener == Some(side);
            self.floods
                .reset(&mut self.book, error, by_opener, answered, scene);
        }
    }

    /// A frame without effect on a stream that its sender knows to be closed.
    pub(super) fn on_closed(&mut self, scene: &mut Scene<'_>) {
        let text = format!(
            "{} sent {} on stream {}, which it knows to be closed; it has no effect.",
            scene.sender(),
            scene.header.kind,
            scene.stream()
        );
        self.book
            .broken(&rules::UPDATE_ON_CLOSED_STREAM, text, scene);
    }

    /// Content of a response whose `HEADERS` have not come.
    #[cold]
    fn before_headers(&mut self, scene: &mut Scene<'_>) {
        let stream = scene.stream();
        let text = format!(
            "{} sent DATA on stream {stream} before the HEADERS of the response.",
            scene.sender()
        );
        self.book.broken(&rules::DATA_BEFORE_HEADERS, text, scene);
        if let Some(life) = self.lives.at(scene.slot) {
            life.sent[scene.side.index()].add(Sent::FINAL); // Said once.
        }
    }

    /// Content of a response that is defined to have none. Source: RFC 9110 §6.4.1.
    #[cold]
    fn content_without_place(&mut self, scene: &mut Scene<'_>) {
        let stream = scene.stream();
        let text = format!(
            "{} sent content on stream {stream}, but a response to HEAD, or with status 204, 205 or \
             304, has none.",
            scene.sender()
        );
        self.book.broken(&rules::CONTENT_NOT_ALLOWED, text, scene);
        if let Some(life) = self.lives.at(scene.slot) {
            life.sent[scene.side.index()].remove(Sent::NO_CONTENT); // Said once.
        }
    }

    /// Whether a side has sent a `GOAWAY`, after which the streams that it leaves out are not counted.
    fn goaway_was_sent(&self) -> bool {
        Side::BOTH
            .iter()
            .any(|side| self.senders[side.index()].goaways.any())
    }

    /// The stream that an upgrade from HTTP/1.1 brought along, of which the client's half is closed.
    pub(in crate::dissect::http2) fn upgraded(
        &mut self,
        client: Side,
        (stream, slot): (StreamId, Slot),
        head: bool,
    ) {
        let frame = crate::trace::FrameId::from_index(0);
        let mut life = Life::opened(Some(client), frame);
        for part in [Sent::HEADERS, Sent::FINAL, Sent::END] {
            life.sent[client.index()].add(part);
        }
        life.counted = true;
        if head {
            life.method = super::lives::Method::Head;
        }
        self.lives.insert(Some(slot), stream, life);
        let sender = &mut self.senders[client.index()];
        sender.highest_stream = stream.0;
        sender.open_streams = 1;
    }

    /// Whether a `WINDOW_UPDATE` may name its stream. Returns whether its effect should be judged.
    pub(super) fn may_update(&mut self, scene: &mut Scene<'_>) -> bool {
        debug_assert_eq!(scene.header.kind, FrameKind::WINDOW_UPDATE);
        let (side, stream) = (scene.side, scene.stream());
        let knowledge = self.senders[side.index()].knowledge;
        let Some(life) = self.lives.at(scene.slot) else {
            if self.knows_idle(stream) {
                self.idle(scene, "opens a window for what nobody has opened");
            }
            return false;
        };
        if life.pushed && life.opened_by == Some(side) && !life.sent_by(side).has(Sent::HEADERS) {
            let text = format!(
                "{} sent WINDOW_UPDATE on stream {}, which it has only promised; HEADERS come first.",
                scene.sender(),
                scene.stream()
            );
            self.book
                .broken(&rules::FRAME_ON_RESERVED_STREAM, text, scene);
            return false;
        }
        let known_reset =
            life.sent_by(side.other()).has(Sent::RESET) && knowledge.has(life.reset_at);
        if life.sent_by(side).has(Sent::RESET) || known_reset {
            self.on_closed(scene);
            return false;
        }
        true
    }
}
