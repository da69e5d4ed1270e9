//! The segments of one connection with what their headers say, in the order of capture.
//!
//! A header is read from the packet's bytes once. The walk goes a bounded number of packets further
//! per picture, so that a capture of any size is usable at once and the picture fills as it goes.
//! Blocks of segments carry sums, so that a whole connection costs what the screen's width costs.

use super::holes::Holes;
use crate::trace::{Connection, ConnectionId, Marks, PacketId, Side, Trace};
use crate::wire::link::Segment as WireSegment;
use crate::wire::tcp::TcpFlags;
use std::ops::Range;

/// Packets that are looked at per picture. A header costs some 200 ns, so this is 1 ms.
const PER_PICTURE: usize = 5_000;

/// Packets of other connections are only stepped over, so that many more of them fit.
const OTHERS_PER_PICTURE: usize = 200_000;

/// Holes that are taken in per picture.
const HOLES_PER_PICTURE: usize = 20_000;

/// Segments of which one block has the sums.
pub(super) const BLOCK: usize = 16;

/// A segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) packet: PacketId,
    /// When it was captured, since the capture's first packet; never before the one that precedes
    /// it, whatever the clock did.
    pub(super) time_ns: i64,
    /// Where its first byte is in its sender's stream. Below 0 for a SYN.
    pub(super) start: i64,
    /// Bytes of payload.
    pub(super) len: u32,
    /// What it acknowledges, as an offset of the other side's stream.
    pub(super) ack: Option<i64>,
    /// The window it announces, in bytes.
    pub(super) window: Option<u32>,
    /// What its sender has sent and not seen acknowledged, after it.
    pub(super) flight: u32,
    /// The same of the other side, after it.
    pub(super) peer_flight: u32,
    pub(super) marks: Marks,
    pub(super) flags: TcpFlags,
}

impl Segment {
    /// One behind its last byte.
    pub(super) fn end(&self) -> i64 {
        self.start.saturating_add(i64::from(self.len))
    }
}

/// The sums of [`BLOCK`] segments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    /// The offsets of their payload, first and end; `None` when none has any.
    pub(super) data: Option<(i64, i64)>,
    pub(super) marks: Marks,
    pub(super) most_flight: u32,
    pub(super) most_peer_flight: u32,
}

impl Sums {
    /// Of both.
    pub(super) fn joined(self, other: Self) -> Self {
        Self {
            data: match (self.data, other.data) {
                (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
                (data, None) | (None, data) => data,
            },
            marks: self.marks | other.marks,
            most_flight: self.most_flight.max(other.most_flight),
            most_peer_flight: self.most_peer_flight.max(other.most_peer_flight),
        }
    }

    pub(super) fn of(segments: &[Segment]) -> Self {
        let mut sums = Self {
            data: None,
            marks: Marks::default(),
            most_flight: 0,
            most_peer_flight: 0,
        };
        for segment in segments {
            sums.marks |= segment.marks;
            sums.most_flight = sums.most_flight.max(segment.flight);
            sums.most_peer_flight = sums.most_peer_flight.max(segment.peer_flight);
            if segment.len > 0 {
                let (low, high) = sums.data.unwrap_or((i64::MAX, i64::MIN));
                sums.data = Some((low.min(segment.start), high.max(segment.end())));
            }
        }
        sums
    }
}

/// What one side sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pub(super) segments: Vec<Segment>,
    pub(super) blocks: Vec<Sums>,
    sent: i64,
    acked: i64,
}

impl Track {
    /// The segments within a stretch of time.
    pub(super) fn range(&self, start_ns: f64, end_ns: f64) -> Range<usize> {
        let before = |limit: f64| move |segment: &Segment| (segment.time_ns as f64) < limit;
        let start = self.segments.partition_point(before(start_ns));
        let end = self.segments.partition_point(before(end_ns));
        start..end.max(start)
    }

    /// The sums of some segments.
    pub(super) fn sums(&self, range: Range<usize>) -> Sums {
        let part = |range: Range<usize>| Sums::of(self.segments.get(range).unwrap_or(&[]));
        let first = range.start.next_multiple_of(BLOCK).min(range.end);
        let end = (range.end / BLOCK * BLOCK).max(first);
        let whole = self.blocks.get(first / BLOCK..end / BLOCK).unwrap_or(&[]);
        let ends = part(range.start..first).joined(part(end..range.end));
        whole.iter().fold(ends, |sums, block| sums.joined(*block))
    }

    fn push(&mut self, segment: Segment) {
        self.segments.push(segment);
        if self.segments.len().is_multiple_of(BLOCK) {
            let from = self.segments.len() - BLOCK;
            let last = self.segments.get(from..).unwrap_or(&[]);
            self.blocks.push(Sums::of(last));
        }
    }
}

/// Both sides of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    of: Option<ConnectionId>,
    next: usize,
    last_ns: i64,
    /// What each side sent.
    pub(super) sides: [Track; 2],
    /// What was missing of it.
    pub(super) holes: [Holes; 2],
    holes_read: usize,
    /// All segments in the order of capture: whose, and which of that side's.
    pub(super) order: Vec<(Side, u32)>,
}

impl Index {
    /// Takes in more of a connection. Answers whether there is more to come.
    pub(super) fn follow(&mut self, trace: &Trace, connection: &Connection) -> bool {
        if self.of != Some(connection.id) {
            *self = Self {
                of: Some(connection.id),
                next: connection.row.first_packet.index(),
                ..Self::default()
            };
        }
        let end = connection.row.last_packet.index() + 1;
        let (mut read, mut passed) = (0, 0);
        while self.next < end && read < PER_PICTURE && passed < OTHERS_PER_PICTURE {
            let id = PacketId::from_index(self.next);
            self.next += 1;
            let owner = (trace.packets.get(id.index())).and_then(|packet| packet.owner);
            match owner.filter(|owner| owner.connection == connection.id) {
                Some(owner) => {
                    read += 1;
                    self.take(trace, connection, id, owner.side);
                }
                None => passed += 1,
            }
        }
        let log = &connection.tcp().holes;
        let until = log.len().min(self.holes_read + HOLES_PER_PICTURE);
        for index in self.holes_read..until {
            if let Some(row) = log.get(index)
                && let Some(holes) = self.holes.get_mut(row.side.index())
            {
                holes.push(trace, index, row);
            }
        }
        self.holes_read = until;
        self.next < end || until < log.len()
    }

    /// Takes in all of a connection at once.
    pub(super) fn finish(&mut self, trace: &Trace, connection: &Connection) {
        while self.follow(trace, connection) {}
    }

    fn take(&mut self, trace: &Trace, connection: &Connection, id: PacketId, side: Side) {
        let (own, peer) = match side {
            Side::A => (0, 1),
            Side::B => (1, 0),
        };
        let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
        let time_ns = trace.time_ns(id).saturating_sub(origin).max(self.last_ns);
        let (sent, peer_sent) = (self.sides[own].sent, self.sides[peer].sent);
        let found = trace.with_segment(id, |row, segment| {
            read(connection, side, row.marks, segment, [sent, peer_sent])
        });
        let Some(mut segment) = found else {
            return;
        };
        segment.packet = id;
        segment.time_ns = time_ns;
        self.last_ns = time_ns;
        self.sides[own].sent = sent.max(segment.end());
        if let Some(ack) = segment.ack {
            self.sides[peer].acked = self.sides[peer].acked.max(ack.min(peer_sent));
        }
        let flight = |track: &Track| {
            u32::try_from(track.sent.saturating_sub(track.acked).max(0)).unwrap_or(u32::MAX)
        };
        segment.flight = flight(&self.sides[own]);
        segment.peer_flight = flight(&self.sides[peer]);
        let position = u32::try_from(self.sides[own].segments.len()).unwrap_or(u32::MAX);
        self.order.push((side, position));
        self.sides[own].push(segment);
    }

    /// The segment at a place of the order of capture.
    pub(super) fn get(&self, place: usize) -> Option<(Side, &Segment)> {
        let (side, position) = *self.order.get(place)?;
        let track = &self.sides[side.index()];
        Some((side, track.segments.get(position as usize)?))
    }

    /// Where a packet stands in the order of capture.
    pub(super) fn place(&self, packet: PacketId) -> Option<usize> {
        let packet_at = |place: &(Side, u32)| {
            let track = &self.sides[place.0.index()];
            track.segments.get(place.1 as usize).map(|of| of.packet)
        };
        self.order
            .binary_search_by_key(&Some(packet), packet_at)
            .ok()
    }

    /// The last segment that was captured by an instant.
    pub(super) fn place_before(&self, packet: PacketId) -> Option<usize> {
        let behind = self.order.partition_point(|(side, at)| {
            let segment = self.sides[side.index()].segments.get(*at as usize);
            segment.is_some_and(|segment| segment.packet <= packet)
        });
        behind.checked_sub(1)
    }
}

/// What a header says, in offsets of the two streams. `sent` is what each side has sent so far, its
/// own first.
fn read(
    connection: &Connection,
    side: Side,
    marks: Marks,
    segment: &WireSegment<'_>,
    sent: [i64; 2],
) -> Segment {
    let tcp = &segment.tcp;
    let near = |sent: i64| u64::try_from(sent).unwrap_or(0);
    let own = &connection.tcp().sides[side.index()];
    let peer = &connection.tcp().sides[side.other().index()];
    // The window of a SYN itself is never scaled: RFC 7323 §2.2.
    let shift = if tcp.flags.syn() {
        Some(0)
    } else {
        own.window_shift
    };
    let ack = tcp.flags.ack().then_some(tcp.acknowledgment);
    Segment {
        packet: PacketId::from_index(0),
        time_ns: 0,
        start: own
            .offset_near(tcp.sequence, near(sent[0]))
            .unwrap_or(sent[0]),
        len: u32::try_from(segment.payload_len).unwrap_or(u32::MAX),
        ack: ack.and_then(|ack| peer.offset_near(ack, near(sent[1]))),
        window: shift.map(|shift| {
            u32::from(tcp.window)
                .checked_shl(u32::from(shift))
                .unwrap_or(0)
        }),
        flight: 0,
        peer_flight: 0,
        marks,
        flags: tcp.flags,
    }
}
