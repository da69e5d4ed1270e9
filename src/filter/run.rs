//! A filter at work on the frames of a connection, a little at a time.
//!
//! A window asks a million frames in the gaps between its pictures, and goes on when more were read.

use super::{Evaluation, Filter, Subject};
use crate::trace::{Connection, ConnectionId, FrameId, Trace};
use crate::wire::http2::StreamId;
use std::collections::HashMap;

/// Which frames of one connection pass, as far as they have been asked.
#[derive(Clone, Debug)]
pub struct Run {
    filter: Filter,
    connection: ConnectionId,
    asked: usize,
    frames: Vec<FrameId>,
    by_stream: HashMap<StreamId, Vec<FrameId>>,
}

/// Frames asked between two looks at the clock. One costs from a tenth of a microsecond to some dozens.
const FRAMES_AT_ONCE: usize = 64;

impl Run {
    /// A run that has asked nothing.
    pub fn new(filter: Filter, connection: ConnectionId) -> Self {
        Self {
            filter,
            connection,
            asked: 0,
            frames: Vec::new(),
            by_stream: HashMap::new(),
        }
    }

    /// Goes on until all frames that are there were asked, or `enough` says so. Returns whether all were asked.
    ///
    /// `summary` is what a person reads of a frame; only a filter with plain words asks for it.
    pub fn advance(
        &mut self,
        trace: &Trace,
        summary: impl Fn(&Trace, &Connection, FrameId) -> String,
        mut enough: impl FnMut() -> bool,
    ) -> bool {
        let connection = trace.connection(self.connection);
        let Some((connection, http2)) = connection.and_then(|of| Some((of, of.http2()?))) else {
            return true;
        };
        let frames = &http2.frames;
        if self.asked >= frames.len() {
            return true;
        }
        let has_words = self.filter.has_words();
        let evaluation = Evaluation::new(trace);
        while self.asked < frames.len() {
            let until = frames.len().min(self.asked + FRAMES_AT_ONCE);
            for (id, row) in (self.asked..).zip(frames.range(self.asked..until)) {
                let id = FrameId::from_index(id);
                let summary = has_words.then(|| summary(trace, connection, id));
                let subject = Subject {
                    connection: Some(self.connection),
                    frame: Some(id),
                    words: summary.as_deref().into_iter().collect(),
                    ..Subject::default()
                };
                if evaluation.passes(&self.filter, &subject) {
                    self.frames.push(id);
                    self.by_stream.entry(row.stream).or_default().push(id);
                }
            }
            self.asked = until;
            if enough() {
                break;
            }
        }
        self.asked == frames.len()
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The connection whose frames are asked.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// How many frames were asked.
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// The frames that pass, ascending.
    pub fn frames(&self) -> &[FrameId] {
        &self.frames
    }

    /// Those of one stream.
    pub fn frames_of(&self, stream: StreamId) -> &[FrameId] {
        self.by_stream.get(&stream).map_or(&[], Vec::as_slice)
    }

    /// Whether a frame passes.
    pub fn passes(&self, frame: FrameId) -> bool {
        self.frames.binary_search(&frame).is_ok()
    }

    /// The first frame that passes behind this one; the very first for `None`.
    pub fn next(&self, after: Option<FrameId>) -> Option<FrameId> {
        let at = after.map_or(0, |after| self.frames.partition_point(|id| *id <= after));
        self.frames.get(at).copied()
    }

    /// The last frame that passes before this one; the very last for `None`.
    pub fn previous(&self, before: Option<FrameId>) -> Option<FrameId> {
        let all = self.frames.len();
        let end = before.map_or(all, |before| self.frames.partition_point(|id| *id < before));
        self.frames.get(end.checked_sub(1)?).copied()
    }
}
