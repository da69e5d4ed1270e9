//! IP fragments in, whole IP packets out.
//!
//! Fragments wait under the addresses and number of their packet until all are there. What they make up is one run of
//! bytes in memory, and [`Places`] remembers which captured packet each byte came with, so that the trace points at
//! packets as always.
//!
//! Where IPv4 fragments overlap, the byte that arrived first stands; an IPv6 packet with overlapping fragments is
//! dropped whole, as its receiver must. The same fragment twice is no overlap.
//!
//! Source: RFC 791 §3.2, RFC 8200 §4.5, RFC 5722 §4 (overlaps).

use crate::wire::keyed::KeyedMap;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use bytes::{Bytes, BytesMut};

use crate::trace::rules::reading as rules;
use crate::trace::{Finding, PacketId, Piece};
use crate::wire::link::{Fragment, Joined};

/// How many packets may be in pieces at a time: of the newest so many that began, the others are given up. Our choice;
/// fragments of one packet travel together.
pub(super) const MAX_DATAGRAMS: usize = 1024;

/// Bytes of all fragments that wait. Our choice: 256 packets of the greatest length there is.
pub(super) const MAX_FRAGMENT_BYTES: usize = 16 << 20;

/// Fragments that wait, so that small ones cost no more than large ones.
pub(super) const MAX_FRAGMENTS: usize = 16 << 10;

/// How long the first fragment waits for the last. Source: RFC 8200 §4.5; RFC 791 leaves it to the receiver.
const MAX_AGE_NS: i64 = 60 * 1_000_000_000;

/// The longest payload of an IP packet.
const MAX_PAYLOAD_LEN: usize = 65_535;

/// What the fragments of a packet have in common. IPv6 does not count the protocol: RFC 8200 §4.5.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    id: u32,
    protocol: Option<u8>,
}

/// The packets that are in pieces.
#[derive(Default)]
pub(super) struct Fragments {
    datagrams: KeyedMap<Key, Datagram>,
    /// In the order in which they began, with those that were joined since.
    order: VecDeque<(Key, PacketId)>,
    bytes: usize,
    pieces: usize,
}

/// One packet in pieces.
struct Datagram {
    /// The captured packet it began with.
    began: PacketId,
    began_ns: i64,
    /// The protocol that the fragment with offset 0 names.
    protocol: u8,
    /// By offset, without overlaps.
    pieces: BTreeMap<usize, Stored>,
    /// Sum of the lengths of `pieces`.
    covered: usize,
    /// How many bytes of them were captured.
    captured: usize,
    /// Length of the whole, once the last fragment came.
    len: Option<usize>,
    /// Whether an overlap was reported.
    reported: bool,
    /// Dropped for overlaps; the rest of it is swallowed.
    dropped: bool,
}

struct Stored {
    len: usize,
    /// A copy: fragments are rare, and what waits must not hold on to what surrounds it.
    bytes: Bytes,
    packet: PacketId,
    offset_in_packet: u32,
}

/// A packet that is whole again.
pub(super) struct Whole {
    source: IpAddr,
    destination: IpAddr,
    id: u32,
    protocol: u8,
    /// The captured bytes up to the first that was not.
    pub(super) bytes: Bytes,
    len: usize,
    /// Where they came from.
    pub(super) places: Places,
}

impl Whole {
    /// For finding the TCP segment in it.
    pub(super) fn joined(&self) -> Joined<'_> {
        Joined {
            source: self.source,
            destination: self.destination,
            id: self.id,
            protocol: self.protocol,
            payload: &self.bytes,
            payload_len: self.len,
        }
    }
}

impl Fragments {
    /// Takes a fragment. Gives the whole when it was the last one that was missing.
    pub(super) fn fragment(
        &mut self,
        packet: PacketId,
        time_ns: i64,
        fragment: &Fragment<'_>,
        findings: &mut Vec<Finding>,
    ) -> Option<Whole> {
        let key = Key {
            source: fragment.source,
            destination: fragment.destination,
            id: fragment.id,
            protocol: fragment.source.is_ipv4().then_some(fragment.protocol),
        };
        if self.datagrams.get(&key).is_some_and(|datagram| {
            time_ns.saturating_sub(datagram.began_ns).saturating_abs() > MAX_AGE_NS
        }) {
            self.remove(&key, findings);
        }
        let datagram = self.datagrams.entry(key).or_insert_with(|| {
            self.order.push_back((key, packet));
            Datagram::new(packet, time_ns, fragment.protocol)
        });
        let (bytes, pieces) = datagram.size();
        datagram.add(packet, fragment, findings);
        let (bytes_now, pieces_now) = datagram.size();
        let complete = datagram.len == Some(datagram.covered) && !datagram.dropped;
        self.bytes = (self.bytes + bytes_now).saturating_sub(bytes);
        self.pieces = (self.pieces + pieces_now).saturating_sub(pieces);
        if complete {
            let datagram = self.remove(&key, findings)?;
            return Some(datagram.join(&key));
        }
        while self.order.len() > MAX_DATAGRAMS
            || self.bytes > MAX_FRAGMENT_BYTES
            || self.pieces > MAX_FRAGMENTS
        {
            let Some((oldest, began)) = self.order.pop_front() else {
                break;
            };
            if self.datagrams.get(&oldest).map(|datagram| datagram.began) == Some(began) {
                self.remove(&oldest, findings);
            }
        }
        None
    }

    /// Says that the capture has ended: nothing will be joined any more.
    pub(super) fn finish(&mut self, findings: &mut Vec<Finding>) {
        for (key, _) in std::mem::take(&mut self.order) {
            self.remove(&key, findings);
        }
    }

    /// Forgets a packet; what was lost with it becomes a finding when it was the beginning of a TCP segment.
    fn remove(&mut self, key: &Key, findings: &mut Vec<Finding>) -> Option<Datagram> {
        const TCP: u8 = 6;
        let datagram = self.datagrams.remove(key)?;
        let (bytes, pieces) = datagram.size();
        self.bytes = self.bytes.saturating_sub(bytes);
        self.pieces = self.pieces.saturating_sub(pieces);
        let complete = datagram.len == Some(datagram.covered);
        if !complete && datagram.protocol == TCP && datagram.pieces.contains_key(&0) {
            let text = "An IP packet with TCP came in fragments, and not all of them are in the \
                        capture, so its bytes are missing.";
            let finding = Finding::new(&rules::FRAGMENTS_MISSING, text.to_owned());
            findings.push(finding.in_packet(datagram.began));
        }
        Some(datagram)
    }
}

impl Datagram {
    fn new(began: PacketId, began_ns: i64, protocol: u8) -> Self {
        Self {
            began,
            began_ns,
            protocol,
            pieces: BTreeMap::new(),
            covered: 0,
            captured: 0,
            len: None,
            reported: false,
            dropped: false,
        }
    }

    /// Captured bytes and pieces.
    fn size(&self) -> (usize, usize) {
        (self.captured, self.pieces.len())
    }

    /// Takes what the fragment adds.
    fn add(&mut self, packet: PacketId, fragment: &Fragment<'_>, findings: &mut Vec<Finding>) {
        if self.dropped || fragment.payload_len == 0 {
            return;
        }
        let (start, end) = (
            fragment.offset,
            fragment.offset.saturating_add(fragment.payload_len),
        );
        let resent = |(at, piece): (&usize, &Stored)| *at == start && piece.len == end - start;
        if self.pieces.get_key_value(&start).is_some_and(resent) {
            return;
        }
        let last = self.pieces.last_key_value();
        let furthest = last.map_or(0, |(at, piece)| at + piece.len);
        // Two ends, bytes behind the end, or more than a packet holds: no receiver makes sense of it.
        let contradicts = end > MAX_PAYLOAD_LEN
            || self
                .len
                .is_some_and(|len| end > len || (!fragment.more && end != len))
            || (!fragment.more && furthest > end);
        let gaps = self.gaps(start, end);
        let overlaps = gaps.iter().map(|(from, to)| to - from).sum::<usize>() < end - start;
        if contradicts || overlaps {
            let drop = contradicts || fragment.source.is_ipv6();
            self.report(packet, drop, findings);
            if drop {
                self.dropped = true;
                self.pieces.clear();
                (self.covered, self.captured) = (0, 0);
                return;
            }
        }
        if start == 0 {
            self.protocol = fragment.protocol;
        }
        if !fragment.more {
            self.len = Some(end);
        }
        for (from, to) in gaps {
            let skipped = from - start;
            let captured = fragment.payload.len().min(to - start);
            let bytes = fragment.payload.get(skipped..captured).unwrap_or_default();
            let offset = fragment.payload_offset.saturating_add(skipped);
            self.covered += to - from;
            self.captured += bytes.len();
            self.pieces.insert(
                from,
                Stored {
                    len: to - from,
                    bytes: Bytes::copy_from_slice(bytes),
                    packet,
                    offset_in_packet: u32::try_from(offset).unwrap_or(u32::MAX),
                },
            );
        }
    }

    /// The parts of `start..end` that no piece covers.
    fn gaps(&self, start: usize, end: usize) -> Vec<(usize, usize)> {
        let mut gaps = Vec::new();
        let before = self.pieces.range(..=start).next_back();
        let mut from = start.max(before.map_or(0, |(at, piece)| at + piece.len));
        for (&at, piece) in self.pieces.range(start..end) {
            if at > from {
                gaps.push((from, at));
            }
            from = from.max(at + piece.len);
        }
        if from < end {
            gaps.push((from, end));
        }
        gaps
    }

    fn report(&mut self, packet: PacketId, drop: bool, findings: &mut Vec<Finding>) {
        if std::mem::replace(&mut self.reported, true) {
            return;
        }
        let what = if drop {
            "the packet was dropped, as a receiver must"
        } else {
            "what arrived first stands"
        };
        let text = format!("Fragments of an IP packet overlap or contradict each other; {what}.");
        findings.push(Finding::new(&rules::FRAGMENTS_OVERLAP, text).in_packet(packet));
    }

    /// Puts the pieces together, up to the first byte that a snapshot length cut.
    fn join(self, key: &Key) -> Whole {
        let mut bytes = BytesMut::with_capacity(self.covered);
        let mut places = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces.into_values() {
            places.push(Place {
                start: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                packet: piece.packet,
                offset_in_packet: piece.offset_in_packet,
            });
            bytes.extend_from_slice(&piece.bytes);
            if piece.bytes.len() < piece.len {
                break;
            }
        }
        Whole {
            source: key.source,
            destination: key.destination,
            id: key.id,
            protocol: self.protocol,
            bytes: bytes.freeze(),
            len: self.covered,
            places: Places(places),
        }
    }
}

/// Which packet each byte of a joined packet came with.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<Place>);

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The first byte, counted in the joined bytes.
    start: u32,
    packet: PacketId,
    offset_in_packet: u32,
}

impl Places {
    /// The packets.
    pub(super) fn packets(&self) -> impl Iterator<Item = PacketId> + '_ {
        self.0.iter().map(|place| place.packet)
    }

    /// A piece of a stream that counts in the joined bytes, as pieces that count in packets.
    pub(super) fn pieces(&self, piece: Piece, out: &mut Vec<Piece>) {
        let end = piece.offset_in_packet.saturating_add(piece.len);
        for (index, place) in self.0.iter().enumerate() {
            let next = self.0.get(index + 1).map_or(u32::MAX, |next| next.start);
            let from = piece.offset_in_packet.max(place.start);
            let to = end.min(next);
            if from < to {
                out.push(Piece {
                    offset: piece.offset + u64::from(from - piece.offset_in_packet),
                    len: to - from,
                    offset_in_packet: place.offset_in_packet.saturating_add(from - place.start),
                    packet: Some(place.packet),
                    readable: piece.readable,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests;
