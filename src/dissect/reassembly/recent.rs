//! The bytes that arrived lately, to see whether a retransmission says the same.

use bytes::Bytes;
use std::collections::VecDeque;

/// Segments whose bytes are remembered, to see whether a retransmission says the same. Of a mapped
/// file that is 40 bytes each; a retransmission later than that is not compared.
const MAX_RECENT_SEGMENTS: usize = 256;

/// Bytes that are remembered so: what comes through a pipe is kept in memory.
const MAX_RECENT_BYTES: usize = 1 << 20;

/// See the module text.
#[derive(Default)]
pub(super) struct Recent {
    /// By offset; disjoint.
    segments: VecDeque<(u64, Bytes)>,
    bytes: usize,
}

impl Recent {
    /// How many bytes are remembered.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Remembers bytes that arrived first at this offset.
    pub(super) fn remember(&mut self, offset: u64, bytes: &Bytes) {
        if bytes.is_empty() {
            return;
        }
        self.bytes += bytes.len();
        let entry = (offset, bytes.clone());
        match self.segments.back() {
            Some((last, _)) if *last > offset => {
                let place = self.segments.partition_point(|(start, _)| *start < offset);
                self.segments.insert(place, entry);
            }
            _ => self.segments.push_back(entry),
        }
        while self.segments.len() > MAX_RECENT_SEGMENTS
            || (self.bytes > MAX_RECENT_BYTES && self.segments.len() > 1)
        {
            match self.segments.pop_front() {
                Some((_, bytes)) => self.bytes -= bytes.len(),
                None => return,
            }
        }
    }

    /// Where bytes at an offset are not what arrived there first, as far as that is remembered.
    pub(super) fn difference(&self, offset: u64, bytes: &Bytes) -> Option<u64> {
        let end = offset + bytes.len() as u64;
        let first = self
            .segments
            .partition_point(|(start, known)| start + known.len() as u64 <= offset);
        let overlapping = self
            .segments
            .range(first..)
            .take_while(|(start, _)| *start < end);
        for (start, known) in overlapping {
            let from = offset.max(*start);
            let ours = bytes.get(usize::try_from(from - offset).ok()?..)?;
            let theirs = known.get(usize::try_from(from - start).ok()?..)?;
            let differs = ours
                .iter()
                .zip(theirs)
                .position(|(our, their)| our != their);
            if let Some(at) = differs {
                return Some(from + at as u64);
            }
        }
        None
    }
}
