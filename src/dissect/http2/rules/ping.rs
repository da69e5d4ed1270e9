//! `PING` and its answers. Source: RFC 9113 §6.7.

use super::lives::number_of;
use super::{Rules, Scene};
use crate::trace::rules::signals as rules;
use crate::wire::http2::Ping;
use std::collections::VecDeque;

/// How many questions are remembered until they are answered. More wait only in a flood.
const MAX_WAITING: usize = 256;

/// The questions of one side.
#[derive(Default)]
pub(super) struct Pings {
    waiting: VecDeque<Question>,
    /// Whether some were forgotten or not seen, so that an answer may belong to one of them.
    forgotten: bool,
    overdue_said: bool,
}

/// A `PING` that waits for its answer.
struct Question {
    opaque: [u8; 8],
    frame: u32,
    time_ns: i64,
}

impl Pings {
    pub(super) fn lose_track(&mut self) {
        self.waiting.clear();
        self.forgotten = true;
    }

    /// Whether one was sent before this time and is not answered.
    pub(super) fn is_overdue(&self, latest_ns: i64) -> bool {
        let oldest = self.waiting.front();
        oldest.is_some_and(|oldest| oldest.time_ns < latest_ns)
            && !self.forgotten
            && !self.overdue_said
    }

    /// It was said that an answer is overdue.
    pub(super) fn overdue_said(&mut self) {
        self.overdue_said = true;
    }
}

impl Rules {
    /// `PING`, question or answer.
    pub(super) fn ping(&mut self, ping: &Ping, scene: &mut Scene<'_>) {
        if !ping.ack {
            self.floods.ping(&mut self.book, scene);
            let own = &mut self.senders[scene.side.index()].pings;
            own.waiting.push_back(Question {
                opaque: ping.opaque,
                frame: number_of(scene.frame),
                time_ns: scene.time_ns,
            });
            if own.waiting.len() > MAX_WAITING {
                own.waiting.pop_front();
                own.forgotten = true;
            }
            return;
        }
        let asked = &mut self.senders[scene.side.other().index()].pings;
        let place = asked
            .waiting
            .iter()
            .position(|question| question.opaque == ping.opaque);
        match place.and_then(|place| asked.waiting.remove(place)) {
            Some(question) => {
                let knowledge = &mut self.senders[scene.side.index()].knowledge;
                knowledge.answered(question.frame);
            }
            None if asked.forgotten => {}
            None => {
                let text = format!(
                    "{} answers a PING that {} has not sent, or has had answered: its eight bytes \
                     match no open question.",
                    scene.sender(),
                    scene.receiver()
                );
                self.book.broken(&rules::PING_ACK_UNASKED, text, scene);
            }
        }
    }
}
