//! Server push: who may promise what, and on which stream. Source: RFC 9113 §6.6, §8.4.

use super::lives::{Life, Sent};
use super::{Rules, Scene};
use crate::dissect::http2::lives::Slot;
use crate::trace::rules::signals as rules;
use crate::wire::http2::StreamId;

/// What was promised.
#[derive(Default)]
pub(super) struct Pushes {
    highest_promised: u32,
}

impl Pushes {
    /// Whether the server promised this stream or a later one.
    pub(super) fn reached(&self, stream: StreamId) -> bool {
        stream.0 <= self.highest_promised
    }
}

impl Rules {
    /// `PUSH_PROMISE`, before its block is read.
    pub(super) fn push_promise(
        &mut self,
        promised: StreamId,
        promised_slot: Option<Slot>,
        scene: &mut Scene<'_>,
    ) {
        let stream = scene.stream();
        if scene.by_client() {
            let text = format!(
                "The client sent PUSH_PROMISE for stream {promised}, but only servers push."
            );
            self.book.broken(&rules::PUSH_FROM_CLIENT, text, scene);
            return;
        }
        if self.senders[scene.side.index()].limits.push_forbidden {
            let text = format!(
                "The server promised stream {promised} although it had acknowledged that the \
                 client wants no push (SETTINGS_ENABLE_PUSH 0)."
            );
            self.book.broken(&rules::PUSH_DISABLED, text, scene);
        }
        self.push_carrier(stream, promised, scene);
        self.push_target(promised, promised_slot, scene);
    }

    /// The stream on which the promise is sent.
    fn push_carrier(&mut self, stream: StreamId, promised: StreamId, scene: &mut Scene<'_>) {
        let side = scene.side;
        let knows_idle = self.knows_idle(stream);
        let wrong = match self.lives.at(scene.slot) {
            _ if stream.is_connection() => return, // Said already.
            None if !knows_idle => return,
            None => Some("nobody has opened"),
            Some(life) if life.opened_by == Some(side) => Some("the server opened itself"),
            Some(life) if life.sent_by(side).has(Sent::END) => Some("the server has ended"),
            Some(life) if life.sent_by(side).has(Sent::RESET) => Some("the server has reset"),
            Some(_) => None,
        };
        if let Some(wrong) = wrong {
            let text = format!(
                "The server promised stream {promised} on stream {stream}, which {wrong}; a promise \
                 belongs to an open request."
            );
            self.book.broken(&rules::PUSH_ON_WRONG_STREAM, text, scene);
        }
    }

    /// The stream that is promised.
    fn push_target(&mut self, promised: StreamId, slot: Option<Slot>, scene: &mut Scene<'_>) {
        let highest = self.pushes.highest_promised;
        let wrong = if !promised.is_server_initiated() {
            Some("that is no even number".to_owned())
        } else if promised.0 <= highest {
            Some(format!("it had promised stream {highest} before"))
        } else {
            None
        };
        if let Some(wrong) = wrong {
            let text = format!("The server promised stream {promised}, but {wrong}.");
            self.book.broken(&rules::PUSH_STREAM_ID, text, scene);
            return;
        }
        self.pushes.highest_promised = promised.0;
        let mut life = Life::opened(Some(scene.side), scene.frame);
        life.pushed = true;
        life.sent[scene.side.other().index()].add(Sent::END);
        self.lives.insert_promised(slot, promised, life);
    }
}
