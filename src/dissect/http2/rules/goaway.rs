//! `GOAWAY`, and what may follow it. Source: RFC 9113 §6.8.

use super::lives::number_of;
use super::{Rules, Scene};
use crate::trace::rules::streams as rules;
use crate::wire::http2::{ErrorCode, FrameKind, Goaway, StreamId};

/// What one side said about the end.
#[derive(Default)]
pub(super) struct Goaways {
    last_stream: Option<StreamId>,
    first_frame: u32,
    /// Whether it said that the connection is broken, and nothing was sent on it since.
    fatal: bool,
}

impl Goaways {
    /// Whether there was one.
    pub(super) fn any(&self) -> bool {
        self.last_stream.is_some()
    }
}

impl Rules {
    /// `GOAWAY`.
    pub(super) fn goaway(&mut self, goaway: &Goaway<'_>, scene: &mut Scene<'_>) {
        let last_stream = goaway.last_stream;
        let own = &mut self.senders[scene.side.index()].goaways;
        own.fatal = goaway.error != ErrorCode::NO_ERROR;
        let before = own.last_stream.replace(last_stream);
        match before {
            None => own.first_frame = number_of(scene.frame),
            Some(before) if last_stream > before => {
                let text = format!(
                    "This GOAWAY names stream {last_stream} as the last, but the one before named \
                     stream {before}; it may only become lower."
                );
                scene.at_payload(0..4);
                self.book
                    .broken(&rules::GOAWAY_LAST_STREAM_RISES, text, scene);
            }
            Some(_) => {}
        }
    }

    /// A stream is opened: not by somebody who has read a `GOAWAY`.
    pub(super) fn after_goaway(&mut self, scene: &mut Scene<'_>) {
        let other = &self.senders[scene.side.other().index()].goaways;
        let knowledge = self.senders[scene.side.index()].knowledge;
        if other.any() && knowledge.has(other.first_frame) {
            let text = format!(
                "{} opened stream {} although it had read the GOAWAY of {}, as its answers to \
                 later frames show.",
                scene.sender(),
                scene.stream(),
                scene.receiver()
            );
            self.book.broken(&rules::STREAM_AFTER_GOAWAY, text, scene);
        }
    }

    /// A response is begun: not to a request that the own `GOAWAY` gave up.
    pub(super) fn answers_after_goaway(&mut self, scene: &mut Scene<'_>) {
        let last = self.senders[scene.side.index()].goaways.last_stream;
        let Some(last) = last.filter(|&last| scene.stream() > last) else {
            return;
        };
        let text = format!(
            "{} answers the request on stream {}, but its GOAWAY had said that it deals with none \
             above stream {last}.",
            scene.sender(),
            scene.stream()
        );
        self.book.broken(&rules::ANSWER_AFTER_GOAWAY, text, scene);
    }

    /// Any frame: not another message from somebody who gave the connection up. Source: RFC 9113 §5.4.1.
    #[inline]
    pub(super) fn after_own_error(&mut self, scene: &mut Scene<'_>) {
        let own = &mut self.senders[scene.side.index()].goaways;
        if own.fatal && matches!(scene.header.kind, FrameKind::HEADERS | FrameKind::DATA) {
            own.fatal = false; // Said once.
            let text = format!(
                "{} goes on with {}, although its GOAWAY said that the connection is broken; after \
                 that it has to close it.",
                scene.sender(),
                scene.header.kind
            );
            self.book.broken(&rules::GOES_ON_AFTER_ERROR, text, scene);
        }
    }
}
