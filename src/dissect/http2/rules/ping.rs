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
    waiting: VecDeque<([u8; 8], u32)>,
    /// Whether some were forgotten or not seen, so that an answer may belong to one of them.
    forgotten: bool,
}

impl Pings {
    pub(super) fn lose_track(&mut self) {
        self.waiting.clear();
        self.forgotten = true;
    }
}

impl Rules {
    /// `PING`, question or answer.
    pub(super) fn ping(&mut self, ping: &Ping, scene: &mut Scene<'_>) {
        if !ping.ack {
            self.floods.ping(&mut self.book, scene);
            let own = &mut self.senders[scene.side.index()].pings;
            own.waiting.push_back((ping.opaque, number_of(scene.frame)));
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
            .position(|(opaque, _)| *opaque == ping.opaque);
        match place.and_then(|place| asked.waiting.remove(place)) {
            Some((_, frame)) => {
                let knowledge = &mut self.senders[scene.side.index()].knowledge;
                knowledge.answered(frame);
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
