//! A filter at work on a capture, a little at a time: on the frames and exchanges of the connection shown, then on those of
//! the others, then on connections and findings.
//!
//! A window asks a million frames in the gaps between its pictures or in a thread, and goes on when more were read.
//! Whether something passes is then a look at one bit.

mod exchanges;

use super::{Evaluation, Filter, Subject};
use crate::trace::{Connection, ConnectionId, ExchangeId, FrameId, Trace};
use crate::wire::http2::StreamId;
use crate::wire::keyed::KeyedMap;
use exchanges::Exchanges;

/// What passes, as far as it has been asked.
#[derive(Clone, Debug)]
pub struct Run {
    filter: Filter,
    shown: ConnectionId,
    frames: KeyedMap<ConnectionId, Frames>,
    /// Frames asked on all connections.
    frames_asked: usize,
    exchanges: KeyedMap<ConnectionId, Exchanges>,
    /// How often exchanges were asked, on all connections.
    exchanges_asked: usize,
    /// Of the connections before this one all frames were asked; of those behind it, only the shown one's.
    next: usize,
    /// Packets and findings of the capture when connections were gone through from the first on.
    pass_of: (usize, usize),
    connections: Bits,
    findings: Bits,
    /// Frames and packets of the capture when connections were asked: what they are grows with them.
    connections_of: (usize, usize),
}

/// Which frames of one connection pass.
#[derive(Clone, Debug, Default)]
struct Frames {
    bits: Bits,
    passing: Vec<FrameId>,
    by_stream: KeyedMap<StreamId, Vec<FrameId>>,
}

/// One answer for each member of a sequence, of which the first were asked.
#[derive(Clone, Debug, Default)]
struct Bits {
    words: Vec<u64>,
    asked: usize,
}

impl Bits {
    fn push(&mut self, passes: bool) {
        let bit = self.asked % 64;
        if bit == 0 {
            self.words.push(0);
        }
        if let Some(word) = self.words.last_mut() {
            *word |= u64::from(passes) << bit;
        }
        self.asked += 1;
    }

    /// Forgets the answers of all but the first.
    fn truncate(&mut self, asked: usize) {
        if asked >= self.asked {
            return;
        }
        self.words.truncate(asked.div_ceil(64));
        if let Some(word) = self.words.last_mut().filter(|_| !asked.is_multiple_of(64)) {
            *word &= (1 << (asked % 64)) - 1;
        }
        self.asked = asked;
    }

    /// `None` for what was not asked.
    fn get(&self, at: usize) -> Option<bool> {
        let word = self.words.get(at / 64)?;
        (at < self.asked).then_some(word >> (at % 64) & 1 == 1)
    }

    fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }
}

/// Frames asked between two looks at the clock. One costs from a tenth of a microsecond to some dozens.
const FRAMES_AT_ONCE: usize = 64;

impl Run {
    /// A run that has asked nothing.
    pub fn new(filter: Filter, shown: ConnectionId) -> Self {
        Self {
            filter,
            shown,
            frames: KeyedMap::default(),
            frames_asked: 0,
            exchanges: KeyedMap::default(),
            exchanges_asked: 0,
            next: 0,
            pass_of: (0, 0),
            connections: Bits::default(),
            findings: Bits::default(),
            connections_of: (0, 0),
        }
    }

    /// Goes on until everything that is there was asked, or `enough` says so. Returns whether all was asked.
    ///
    /// `summary` is what a person reads of a frame; only a filter with plain words asks for it.
    pub fn advance(
        &mut self,
        trace: &Trace,
        summary: impl Fn(&Trace, &Connection, FrameId) -> String,
        mut enough: impl FnMut() -> bool,
    ) -> bool {
        let evaluation = Evaluation::new(trace);
        if let Some(connection) = trace.connection(self.shown)
            && !self.ask(trace, connection, &evaluation, &summary, &mut enough)
        {
            return false;
        }
        // Any connection may have grown.
        if self.pass_of != size(trace) {
            self.pass_of = size(trace);
            self.next = 0;
        }
        while let Some(connection) = trace.connections.get(self.next) {
            if !self.ask(trace, connection, &evaluation, &summary, &mut enough) {
                return false;
            }
            self.next += 1;
            if self.next.is_multiple_of(FRAMES_AT_ONCE) && enough() {
                return false;
            }
        }
        let grown = size(trace);
        if self.connections_of != grown {
            self.connections = Bits::default();
            self.connections_of = grown;
        }
        while let Some(connection) = trace.connections.get(self.connections.asked) {
            let subject = Subject {
                connection: Some(connection.id),
                ..Subject::default()
            };
            self.connections
                .push(evaluation.passes(&self.filter, &subject));
            if enough() {
                return false;
            }
        }
        while let Some(finding) = trace.findings.get(self.findings.asked) {
            let subject = Subject {
                connection: finding.connection,
                packet: finding.packet,
                frame: finding.frame,
                streams: finding.stream.into_iter().collect(),
                exchange: finding.exchange,
                finding: Some(self.findings.asked),
                words: vec![finding.rule, &finding.text],
                ..Subject::default()
            };
            self.findings
                .push(evaluation.passes(&self.filter, &subject));
            if self.findings.asked.is_multiple_of(FRAMES_AT_ONCE) && enough() {
                return false;
            }
        }
        true
    }

    /// Asks the frames and the exchanges of a connection; returns whether all of them were asked.
    fn ask(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        evaluation: &Evaluation<'_>,
        summary: &impl Fn(&Trace, &Connection, FrameId) -> String,
        enough: &mut impl FnMut() -> bool,
    ) -> bool {
        if !self.ask_frames(trace, connection, evaluation, summary, enough) {
            return false;
        }
        let http1 = connection.http1();
        let Some(http1) = http1.filter(|http1| !http1.exchanges().is_empty()) else {
            return true;
        };
        let found = self.exchanges.entry(connection.id).or_default();
        let asked = &mut self.exchanges_asked;
        found.ask(connection, http1, (&self.filter, evaluation), asked, enough)
    }

    /// Asks the frames of a connection; returns whether all of them were asked.
    fn ask_frames(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        evaluation: &Evaluation<'_>,
        summary: &impl Fn(&Trace, &Connection, FrameId) -> String,
        enough: &mut impl FnMut() -> bool,
    ) -> bool {
        let Some(frames) = connection.http2().map(|http2| &http2.frames) else {
            return true;
        };
        if self.asked_on(connection.id) >= frames.len() {
            return true;
        }
        let has_words = self.filter.has_words();
        let found = self.frames.entry(connection.id).or_default();
        while found.bits.asked < frames.len() {
            let from = found.bits.asked;
            let until = frames.len().min(from + FRAMES_AT_ONCE);
            for (id, row) in (from..).zip(frames.range(from..until)) {
                let id = FrameId::from_index(id);
                let summary = has_words.then(|| summary(trace, connection, id));
                let subject = Subject {
                    connection: Some(connection.id),
                    frame: Some(id),
                    words: summary.as_deref().into_iter().collect(),
                    ..Subject::default()
                };
                let passes = evaluation.passes(&self.filter, &subject);
                found.bits.push(passes);
                self.frames_asked += 1;
                if passes {
                    found.passing.push(id);
                    found.by_stream.entry(row.stream).or_default().push(id);
                }
            }
            if enough() {
                break;
            }
        }
        found.bits.asked == frames.len()
    }

    /// Whether everything that is there was asked.
    pub fn is_complete(&self, trace: &Trace) -> bool {
        self.connections_of == size(trace)
            && self.connections.asked == trace.connections.len()
            && self.findings.asked == trace.findings.len()
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The connection that is asked first, and that everything below speaks of unless told otherwise.
    pub fn connection(&self) -> ConnectionId {
        self.shown
    }

    /// Speaks of another connection from now on, and asks it first.
    pub fn show(&mut self, connection: ConnectionId) {
        self.shown = connection;
    }

    /// How many frames were asked.
    pub fn asked(&self) -> usize {
        self.asked_on(self.shown)
    }

    /// How many frames of a connection were asked.
    pub fn asked_on(&self, connection: ConnectionId) -> usize {
        let frames = self.frames.get(&connection);
        frames.map_or(0, |frames| frames.bits.asked)
    }

    /// How many frames and exchanges of all connections, connections and findings were asked: it changes when an answer
    /// may have.
    pub fn progress(&self) -> (usize, usize, usize) {
        (
            self.frames_asked + self.exchanges_asked,
            self.connections.asked,
            self.findings.asked,
        )
    }

    /// The frames that pass, ascending.
    pub fn frames(&self) -> &[FrameId] {
        self.frames_on(self.shown)
    }

    /// The frames of a connection that pass, ascending.
    pub fn frames_on(&self, connection: ConnectionId) -> &[FrameId] {
        let frames = self.frames.get(&connection);
        frames.map_or(&[], |frames| &frames.passing)
    }

    /// How many exchanges of a connection were asked.
    pub fn exchanges_asked_on(&self, connection: ConnectionId) -> usize {
        let exchanges = self.exchanges.get(&connection);
        exchanges.map_or(0, |exchanges| exchanges.bits.asked)
    }

    /// The exchanges of a connection that pass, ascending.
    pub fn exchanges_on(&self, connection: ConnectionId) -> &[ExchangeId] {
        let exchanges = self.exchanges.get(&connection);
        exchanges.map_or(&[], |exchanges| &exchanges.passing)
    }

    /// Whether an exchange passes; `None` when it was not asked yet.
    pub fn exchange_passes(&self, connection: ConnectionId, exchange: ExchangeId) -> Option<bool> {
        let exchanges = self.exchanges.get(&connection)?;
        exchanges.bits.get(exchange.index())
    }

    /// Those of one stream.
    pub fn frames_of(&self, stream: StreamId) -> &[FrameId] {
        self.frames_of_on(self.shown, stream)
    }

    /// Those of one stream of a connection.
    pub fn frames_of_on(&self, connection: ConnectionId, stream: StreamId) -> &[FrameId] {
        self.frames
            .get(&connection)
            .and_then(|frames| frames.by_stream.get(&stream))
            .map_or(&[], Vec::as_slice)
    }

    /// How many streams have frames that pass.
    pub fn streams_on(&self, connection: ConnectionId) -> usize {
        let frames = self.frames.get(&connection);
        frames.map_or(0, |frames| {
            let own = frames.by_stream.contains_key(&StreamId::CONNECTION);
            frames.by_stream.len() - usize::from(own)
        })
    }

    /// Whether a frame passes.
    pub fn passes(&self, frame: FrameId) -> bool {
        self.frame_passes(self.shown, frame).unwrap_or(false)
    }

    /// Whether a frame passes; `None` when it was not asked yet.
    pub fn frame_passes(&self, connection: ConnectionId, frame: FrameId) -> Option<bool> {
        self.frames.get(&connection)?.bits.get(frame.index())
    }

    /// Whether a stream has a frame that passes; `None` when there may be one that was not asked yet.
    pub fn stream_passes(
        &self,
        trace: &Trace,
        connection: ConnectionId,
        stream: StreamId,
    ) -> Option<bool> {
        let frames = self.frames.get(&connection)?;
        if frames.by_stream.contains_key(&stream) {
            return Some(true);
        }
        let all = trace.connection(connection)?.http2()?.frames.len();
        (frames.bits.asked == all).then_some(false)
    }

    /// Whether a connection passes; `None` when it was not asked yet.
    pub fn connection_passes(&self, connection: ConnectionId) -> Option<bool> {
        self.connections.get(connection.index())
    }

    /// Whether a finding passes, by its number; `None` when it was not asked yet.
    pub fn finding_passes(&self, finding: usize) -> Option<bool> {
        self.findings.get(finding)
    }

    /// How many findings pass.
    pub fn findings_count(&self) -> usize {
        self.findings.count()
    }

    /// How many connections pass.
    pub fn connections_count(&self) -> usize {
        self.connections.count()
    }

    /// The first frame that passes behind this one; the very first for `None`.
    pub fn next(&self, after: Option<FrameId>) -> Option<FrameId> {
        let frames = self.frames();
        let at = after.map_or(0, |after| frames.partition_point(|id| *id <= after));
        frames.get(at).copied()
    }

    /// The last frame that passes before this one; the very last for `None`.
    pub fn previous(&self, before: Option<FrameId>) -> Option<FrameId> {
        let frames = self.frames();
        let end = before.map_or(frames.len(), |before| {
            frames.partition_point(|id| *id < before)
        });
        frames.get(end.checked_sub(1)?).copied()
    }
}

/// Packets and findings of a capture.
fn size(trace: &Trace) -> (usize, usize) {
    (trace.packets.len(), trace.findings.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_tell_what_was_not_asked_from_what_does_not_pass() {
        let mut bits = Bits::default();
        for at in 0..130 {
            bits.push(at % 3 == 0);
        }
        assert_eq!(bits.count(), 44);
        assert_eq!(bits.get(129), Some(true));
        assert_eq!(bits.get(128), Some(false));
        assert_eq!(bits.get(130), None);
        assert_eq!(bits.get(9_999), None);
        // What is asked again has a new answer.
        for kept in [100, 64, 1] {
            bits.truncate(kept);
            assert_eq!(bits.get(kept), None);
            bits.push(false);
            assert_eq!(bits.get(kept), Some(false));
            assert_eq!(bits.get(kept - 1), Some((kept - 1) % 3 == 0));
        }
    }
}
