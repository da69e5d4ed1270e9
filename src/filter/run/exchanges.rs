//! Which exchanges of HTTP/1.1 pass. Other than frames, an exchange changes while its messages come, so those that had not
//! ended are asked again when their connection has grown.

use super::super::{Evaluation, Filter, Subject};
use super::{Bits, FRAMES_AT_ONCE};
use crate::trace::{Connection, ExchangeId, Http1, MessageEnd};

/// Which exchanges of one connection pass.
#[derive(Clone, Debug, Default)]
pub(super) struct Exchanges {
    pub(super) bits: Bits,
    /// Those that pass, ascending.
    pub(super) passing: Vec<ExchangeId>,
    /// So many of the first had ended when they were asked: their answers stay.
    settled: usize,
    /// Packets of the connection when they were asked.
    packets: u32,
}

impl Exchanges {
    /// Goes on until all were asked, or `enough` says so; returns whether all were. Adds to `count` how many it asked.
    pub(super) fn ask(
        &mut self,
        connection: &Connection,
        http1: &Http1,
        (filter, evaluation): (&Filter, &Evaluation<'_>),
        count: &mut usize,
        enough: &mut impl FnMut() -> bool,
    ) -> bool {
        if self.packets != connection.row.packets {
            self.packets = connection.row.packets;
            self.bits.truncate(self.settled);
            let kept = (self.passing).partition_point(|id| id.index() < self.settled);
            self.passing.truncate(kept);
        }
        let all = http1.exchanges().len();
        while self.bits.asked < all {
            let from = self.bits.asked;
            for at in from..all.min(from + FRAMES_AT_ONCE) {
                let id = ExchangeId::from_index(at);
                let subject = Subject {
                    connection: Some(connection.id),
                    exchange: Some(id),
                    ..Subject::default()
                };
                let passes = evaluation.passes(filter, &subject);
                self.bits.push(passes);
                *count += 1;
                if passes {
                    self.passing.push(id);
                }
                if self.settled == at && has_ended(http1, id) {
                    self.settled += 1;
                }
            }
            if enough() {
                break;
            }
        }
        self.bits.asked >= all
    }
}

/// Whether nothing more comes of an exchange.
fn has_ended(http1: &Http1, id: ExchangeId) -> bool {
    let Some(row) = http1.exchange(id) else {
        return false;
    };
    let ended = |message| {
        let message: Option<_> = http1.message(message);
        message.is_some_and(|row| row.end != MessageEnd::NotYet)
    };
    row.response.is_some_and(ended) && row.request.is_none_or(ended)
}
