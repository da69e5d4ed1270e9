//! TCP reassembly: segments of one side in, its stream of bytes in order out.
//!
//! Sequence numbers are unwrapped to offsets in the stream, the first payload byte being 0. What
//! arrives early waits; what arrived before, waiting or not, is not taken again (the first arrival
//! wins). A hole that the receiver acknowledges was lost by the capture, not by the network: nobody
//! will send it again, so it is given up at that ACK. Any other hole is given up when more waits
//! behind it than [`MAX_WAITING_BYTES`] or [`MAX_WAITING_SEGMENTS`].
//!
//! Source: RFC 9293 §3.4 (sequence numbers), §3.10.7.4 (segment arrival).

mod payload;
mod recent;

pub(super) use payload::{Delivery, Payload};

use super::tcp_gaps::{Gaps, Origin, missing_in};
use crate::trace::PacketId;
use crate::trace::tcp::{HoleKind, HoleRow};
use recent::Recent;
use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes that may wait behind a hole before it is given up. The largest receive window that Linux
/// offers by default is 6 MiB, so a sender cannot get further ahead than this in ordinary traffic.
pub(super) const MAX_WAITING_BYTES: usize = 16 << 20;

/// Segments that may wait behind a hole, so that one-byte segments cost no more than large ones.
pub(super) const MAX_WAITING_SEGMENTS: usize = 16 << 10;

/// What a segment that waits takes beside its bytes, about.
const WAITING_SEGMENT_BYTES: usize = 128;

/// How far ahead of the stream a segment may lie: the largest window there is. What lies further
/// belongs to another connection. Source: RFC 7323 §2.3.
pub(super) const MAX_WINDOW_BYTES: u64 = 1 << 30;

/// What a segment was to the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arrival {
    /// Its bytes that were not there yet.
    pub(super) new: u64,
    /// Its bytes that had arrived, or been given up, before.
    pub(super) old: u64,
    /// When it fills a hole: what is known of when the segment behind that hole was sent.
    pub(super) behind: Option<Origin>,
    /// The stream offset of its first byte that is not what arrived there first.
    pub(super) differs: Option<u64>,
    /// Whether it lies where this stream cannot be: before its start, behind its FIN, or further
    /// ahead than any window.
    pub(super) outside: bool,
}

/// The stream of one side.
#[derive(Default)]
pub(super) struct Half {
    /// The sequence number of stream offset 0, once known.
    base: Option<u32>,
    /// Whether a SYN said so.
    synchronized: bool,
    /// The offset of the next byte to deliver.
    next: u64,
    /// One behind the last offset ever seen, waiting segments included.
    highest: u64,
    /// One behind the last offset that the other side acknowledged; its FIN counts as a byte.
    acked: Option<u64>,
    /// Segments behind a hole, by offset; disjoint.
    waiting: BTreeMap<u64, Payload>,
    waiting_bytes: usize,
    gaps: Gaps,
    /// Holes that closed and were not taken yet.
    closed: Vec<HoleRow>,
    /// One behind the last hole that was filled late.
    filled_until: u64,
    /// The stream's length, once a FIN said so.
    end: Option<u64>,
    recent: Recent,
}

impl Half {
    /// Learns the first sequence number from a SYN, which itself takes one number.
    pub(super) fn synchronize(&mut self, sequence: u32) {
        if self.base.is_none() {
            self.base = Some(sequence.wrapping_add(1));
            self.synchronized = true;
        }
    }

    /// The sequence number of stream offset 0.
    pub(super) fn base(&self) -> Option<u32> {
        self.base
    }

    /// The offset of the next byte to deliver.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// One behind the last offset ever seen.
    pub(super) fn highest(&self) -> u64 {
        self.highest
    }

    /// One behind the last offset that the other side acknowledged, FIN included.
    pub(super) fn acked(&self) -> Option<u64> {
        self.acked
    }

    /// The stream's length, once a FIN said so.
    pub(super) fn end(&self) -> Option<u64> {
        self.end
    }

    /// One behind the last hole that was filled late.
    pub(super) fn filled_until(&self) -> u64 {
        self.filled_until
    }

    /// Whether everything up to the FIN has been delivered.
    pub(super) fn is_finished(&self) -> bool {
        self.end.is_some_and(|end| self.next >= end)
    }

    /// Whether bytes beyond this acknowledgment have been sent.
    pub(super) fn is_ahead_of(&self, acknowledgment: u32) -> bool {
        self.base.is_some()
            && i64::try_from(self.highest).unwrap_or(i64::MAX) > self.offset_of(acknowledgment)
    }

    /// The offset of a sequence number, as the one closest to the next byte expected. Negative
    /// before the first byte.
    pub(super) fn offset_of(&self, sequence: u32) -> i64 {
        let base = self.base.unwrap_or(sequence);
        // Truncation is the point: sequence numbers are offsets modulo 2³².
        #[expect(clippy::cast_possible_truncation, reason = "modulo 2^32 by definition")]
        let expected = base.wrapping_add(self.next as u32);
        let ahead = i64::from(sequence.wrapping_sub(expected).cast_signed());
        i64::try_from(self.next).unwrap_or(i64::MAX) + ahead
    }

    /// Whether every byte of a segment has arrived before. True for an empty one.
    pub(super) fn has(&self, sequence: u32, len: usize) -> bool {
        let start = self.offset_of(sequence);
        let end = start.saturating_add_unsigned(len as u64);
        let Ok(end) = u64::try_from(end) else {
            return true;
        };
        let start = u64::try_from(start).unwrap_or(0).max(self.next);
        end <= start || (end <= self.highest && self.not_waiting(start..end).is_empty())
    }

    /// Takes a segment's payload. Without a SYN the first segment defines offset 0.
    ///
    /// `origin` is asked for when the segment makes or fills a hole.
    pub(super) fn payload(
        &mut self,
        sequence: u32,
        mut payload: Payload,
        origin: impl Fn() -> Origin,
        out: &mut Vec<Delivery>,
    ) -> Arrival {
        let base = *self.base.get_or_insert(sequence);
        debug_assert_eq!(self.base, Some(base));
        let now = payload.packet;
        let start = self.offset_of(sequence);
        let end = start.saturating_add_unsigned(payload.len as u64);
        let mut arrival = Arrival::default();
        let outside = Arrival {
            outside: true,
            ..arrival
        };
        let (Ok(end), Ok(from)) = (u64::try_from(end), u64::try_from(start.max(0))) else {
            return outside;
        };
        if end == 0 || from > self.next.saturating_add(MAX_WINDOW_BYTES) {
            return outside;
        }
        let end = end.min(self.end.unwrap_or(u64::MAX));
        if from >= end {
            return outside;
        }
        payload
            .skip(usize::try_from(from.saturating_add_signed(start.saturating_neg())).unwrap_or(0));
        payload.cut(usize::try_from(end - from).unwrap_or(payload.len));
        let seen = self.highest;
        if from > seen {
            self.gaps.open(seen..from, now, origin(), 0, false);
        }
        self.highest = seen.max(end);
        if from == self.next && self.waiting.is_empty() {
            // Nearly every segment: the next bytes, and nothing waits.
            arrival.new = end - from;
            self.recent.remember(from, &payload.bytes);
            self.deliver(payload, out);
            return arrival;
        }
        let parts = self.not_waiting(from.max(self.next)..end);
        arrival.new = parts.iter().map(|part| part.end - part.start).sum();
        arrival.old = end - from - arrival.new;
        if arrival.old > 0 {
            arrival.differs = self.recent.difference(from, &payload.bytes);
        }
        for part in parts {
            if part.start < seen {
                let below = part.start..part.end.min(seen);
                arrival.behind = arrival.behind.or(self.gaps.origin_at(part.start));
                self.fill(below, now);
            }
            self.wait(
                part.start,
                payload.part(part.start - from, part.end - part.start),
            );
        }
        self.deliver_waiting(out);
        self.give_up_if_too_much_waits(now, out);
        arrival
    }

    /// Takes a FIN, whose sequence number is that of the first byte that will not come. Returns
    /// whether one was seen before.
    pub(super) fn finish(&mut self, sequence: u32) -> bool {
        if self.base.is_none() {
            self.base = Some(sequence);
        }
        if self.end.is_some() {
            return true;
        }
        let farthest = self.next.saturating_add(MAX_WINDOW_BYTES);
        self.end = u64::try_from(self.offset_of(sequence))
            .ok()
            .filter(|&end| end >= self.highest && end <= farthest);
        false
    }

    /// Takes the other side's acknowledgment: whatever it covers has arrived at the receiver. What
    /// the capture has not got by then is a hole.
    pub(super) fn acknowledged(&mut self, sequence: u32, now: PacketId, out: &mut Vec<Delivery>) {
        let untouched = self.highest == 0 && self.end.is_none() && !self.synchronized;
        if self.base.is_none() || untouched {
            // Nothing of this side was captured yet; its next byte is the acknowledged one.
            self.base = Some(sequence);
            self.acked = Some(0);
            return;
        }
        let Ok(mut acknowledged) = u64::try_from(self.offset_of(sequence)) else {
            return;
        };
        let farthest = self.highest.saturating_add(MAX_WAITING_BYTES as u64);
        if acknowledged <= farthest {
            self.acked = self.acked.max(Some(acknowledged));
        }
        if let Some(end) = self.end {
            acknowledged = acknowledged.min(end); // the FIN takes a number but no byte
        }
        while self.next < acknowledged {
            let hole_end = match self.waiting.keys().next() {
                Some(&waiting) => waiting.min(acknowledged),
                // An ACK far beyond anything seen is a stray of another connection, not a hole.
                None if acknowledged > farthest => return,
                None => acknowledged,
            };
            self.hole(hole_end, HoleKind::Capture, now, out);
            self.deliver_waiting(out);
        }
    }

    /// Gives up every hole: the capture has ended.
    pub(super) fn give_up(&mut self, now: PacketId, out: &mut Vec<Delivery>) {
        while let Some(&waiting) = self.waiting.keys().next() {
            self.hole(waiting, self.kind_of_given_up(), now, out);
            self.deliver_waiting(out);
        }
    }

    /// Takes the holes that closed since the last call.
    pub(super) fn take_closed(&mut self) -> std::vec::Drain<'_, HoleRow> {
        self.closed.drain(..)
    }

    /// A hole that nobody filled: when acknowledgments were seen and stop short of it, the receiver
    /// lacked the bytes too; without any, only the capture is known to lack them.
    fn kind_of_given_up(&self) -> HoleKind {
        match self.acked {
            Some(acked) if acked <= self.next => HoleKind::Network,
            _ => HoleKind::Capture,
        }
    }

    /// The parts of a range at or behind `next` that have not arrived.
    fn not_waiting(&self, range: Range<u64>) -> Vec<Range<u64>> {
        if range.start >= range.end {
            return Vec::new();
        }
        let before = self.waiting.range(..range.start).next_back();
        let within = self.waiting.range(range.clone());
        let there = before.into_iter().chain(within);
        missing_in(
            range,
            there.map(|(&start, payload)| start..start + payload.len as u64),
        )
    }

    fn wait(&mut self, offset: u64, payload: Payload) {
        self.recent.remember(offset, &payload.bytes);
        self.waiting_bytes += payload.bytes.len();
        self.waiting.insert(offset, payload);
    }

    /// About how much memory is held for what waits: bytes, and what a segment takes besides.
    pub(super) fn held_bytes(&self) -> usize {
        self.waiting_bytes + self.waiting.len() * WAITING_SEGMENT_BYTES
    }

    /// Bytes that are remembered for comparing retransmissions.
    pub(super) fn recent_bytes(&self) -> usize {
        self.recent.bytes()
    }

    /// Forgets the bytes that are remembered for comparing.
    pub(super) fn forget_recent(&mut self) {
        self.recent = Recent::default();
    }

    fn give_up_if_too_much_waits(&mut self, now: PacketId, out: &mut Vec<Delivery>) {
        while self.waiting_bytes > MAX_WAITING_BYTES || self.waiting.len() > MAX_WAITING_SEGMENTS {
            let Some(&first) = self.waiting.keys().next() else {
                return;
            };
            self.hole(first, self.kind_of_given_up(), now, out);
            self.deliver_waiting(out);
        }
    }

    fn deliver_waiting(&mut self, out: &mut Vec<Delivery>) {
        while let Some(entry) = self.waiting.first_entry() {
            if *entry.key() > self.next {
                return;
            }
            let payload = entry.remove();
            self.waiting_bytes -= payload.bytes.len();
            self.deliver(payload, out);
        }
    }

    /// Hands on the next bytes; those that the snap length cut off are a hole.
    fn deliver(&mut self, payload: Payload, out: &mut Vec<Delivery>) {
        let cut = payload.len.saturating_sub(payload.bytes.len()) as u64;
        if !payload.bytes.is_empty() {
            let offset = self.next;
            self.next += payload.bytes.len() as u64;
            out.push(Delivery::Data {
                offset,
                bytes: payload.bytes,
                packet: payload.packet,
                offset_in_packet: payload.offset_in_packet,
                fragments: payload.fragments,
            });
        }
        if cut > 0 {
            let offset = self.next;
            self.next += cut;
            out.push(Delivery::Hole { offset, len: cut });
            let cut = offset..self.next;
            let row = self.row(cut, payload.packet, HoleKind::Capture, payload.packet);
            self.closed.push(row);
        }
    }

    /// Gives up what is missing from `next` to `end`, where the next bytes wait or nothing does.
    fn hole(&mut self, end: u64, kind: HoleKind, now: PacketId, out: &mut Vec<Delivery>) {
        if end <= self.next {
            return;
        }
        let range = self.next..end;
        if end > self.highest {
            let unseen = self.highest.max(self.next)..end;
            self.gaps.open(unseen, now, Origin::default(), 0, false);
            self.highest = end;
        }
        let mut lost = range.clone();
        while !lost.is_empty() {
            let Some(parts) = self.gaps.lose(&lost) else {
                break;
            };
            if let Some(filled) = parts.filled_before {
                self.close_filled(filled, parts.opened, now);
            }
            let mut row = self.row(parts.lost.clone(), parts.opened, kind, now);
            row.filled = false;
            self.closed.push(row);
            if let Some(filled) = parts.filled_after {
                self.close_filled(filled, parts.opened, now);
            }
            lost.start = parts.lost.end;
        }
        self.next = end;
        out.push(Delivery::Hole {
            offset: range.start,
            len: range.end - range.start,
        });
    }

    fn fill(&mut self, range: Range<u64>, now: PacketId) {
        if let Some(closed) = self.gaps.fill(&range) {
            self.close_filled(closed.range, closed.opened, now);
        }
    }

    fn close_filled(&mut self, range: Range<u64>, opened: PacketId, now: PacketId) {
        self.filled_until = self.filled_until.max(range.end);
        let mut row = self.row(range, opened, HoleKind::Network, now);
        row.filled = true;
        self.closed.push(row);
    }

    fn row(&self, range: Range<u64>, opened: PacketId, kind: HoleKind, now: PacketId) -> HoleRow {
        HoleRow {
            offset: range.start,
            len: range.end - range.start,
            until: self.highest,
            opened,
            closed: Some(now),
            told: (0, 0),
            side: crate::trace::Side::A, // the connection knows better
            kind,
            filled: false,
        }
    }
}

#[cfg(test)]
mod tests;
