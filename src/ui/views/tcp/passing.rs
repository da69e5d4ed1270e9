//! Which packets of the connection pass the filter: those with bytes of a frame that does, or that pass by themselves.
//!
//! They are asked one after the other, as long as a picture has time for; until then nothing is left out.

use super::index::Index;
use crate::filter::Evaluation;
use crate::filter::Subject;
use crate::trace::{Connection, ConnectionId, Side};
use crate::ui::ViewContext;
use crate::ui::widgets::filtered;
use std::ops::Range;
use std::time::{Duration, Instant};

/// How long a picture waits for this.
const TURN: Duration = Duration::from_millis(2);

/// Packets that are asked between two looks at the clock.
const AT_ONCE: usize = 32;

/// The packets that pass. See the module text.
#[derive(Clone, Debug, Default)]
pub(super) struct Passing {
    of: Option<(ConnectionId, String)>,
    /// How many packets were asked.
    asked: usize,
    /// For each side: how many of its first segments pass.
    before: [Vec<u32>; 2],
    /// The places of those that pass, in the order of capture.
    listed: Vec<usize>,
}

impl Passing {
    /// Asks on. Returns whether there is more to ask.
    pub(super) fn follow(
        &mut self,
        context: &ViewContext<'_>,
        connection: &Connection,
        index: &Index,
    ) -> bool {
        let began = Instant::now();
        self.ask(context, connection, index, || began.elapsed() > TURN)
    }

    /// Asks of every packet.
    pub(super) fn complete(
        context: &ViewContext<'_>,
        connection: &Connection,
        index: &Index,
    ) -> Self {
        let mut passing = Self::default();
        passing.ask(context, connection, index, || false);
        passing
    }

    fn ask(
        &mut self,
        context: &ViewContext<'_>,
        connection: &Connection,
        index: &Index,
        enough: impl Fn() -> bool,
    ) -> bool {
        let Some(run) = context.matches else {
            *self = Self::default();
            return false;
        };
        let of = (connection.id, run.filter().text().to_owned());
        if self.of.as_ref() != Some(&of) {
            *self = Self {
                of: Some(of),
                ..Self::default()
            };
        }
        if self.asked >= index.order.len() {
            return false;
        }
        let evaluation = Evaluation::new(context.trace);
        while let Some((side, segment)) = index.get(self.asked) {
            let subject = Subject {
                connection: Some(connection.id),
                packet: Some(segment.packet),
                ..Subject::default()
            };
            let passes = evaluation.passes(run.filter(), &subject);
            let before = &mut self.before[side.index()];
            let count = before.last().copied().unwrap_or(0);
            before.push(count + u32::from(passes));
            if passes {
                self.listed.push(self.asked);
            }
            self.asked += 1;
            if self.asked.is_multiple_of(AT_ONCE) && enough() {
                break;
            }
        }
        self.asked < index.order.len()
    }

    /// Whether a filter is in force and none of these segments of a side passes it.
    pub(super) fn hides(&self, side: Side, segments: Range<usize>) -> bool {
        let before = &self.before[side.index()];
        let Some(behind) = segments
            .end
            .checked_sub(1)
            .and_then(|last| before.get(last))
        else {
            return false;
        };
        let first = segments.start.checked_sub(1);
        *behind == first.and_then(|at| before.get(at)).copied().unwrap_or(0)
    }

    /// The places of the packets that are listed; `None` without a filter.
    pub(super) fn listed(&self) -> Option<&[usize]> {
        self.of.as_ref().map(|_| self.listed.as_slice())
    }

    /// `12 of 500 packets pass the filter`; nothing without a filter.
    pub(super) fn words(&self, context: &ViewContext<'_>, index: &Index) -> Option<String> {
        filtered::words(context, self.listed()?.len(), index.order.len(), "packet")
    }
}
