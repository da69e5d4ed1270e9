//! One TCP connection being read: its two streams, and the dissector of what they carry.

mod content;

use super::fragments::Places;
use super::held::Holds;
use super::interner::Interner;
use super::reassembly::Delivery;
use super::recognition::Undecided;
use super::tcp::{Oddity, Outcome, Tcp};
use super::waiting::{Read, WaitingPacket};
use crate::capture::Packet;
use crate::trace::connection::TcpCounts;
use crate::trace::finding::MAX_FINDINGS;
use crate::trace::rules::reading;
use crate::trace::{
    ClientKnownBy, ConnectionBatch, ConnectionId, ConnectionRow, Finding, Marks, PacketId, Piece,
    Protocol, Side,
};
use crate::wire::link::Segment;
use crate::wire::tcp::TcpFlags;
use content::Content;
use std::sync::Arc;

/// What a protocol's dissector may write to besides its own rows.
pub(super) struct Outside<'a> {
    /// The connection's texts.
    pub(super) texts: &'a mut Interner,
    /// The capture's findings.
    pub(super) findings: &'a mut Vec<Finding>,
    /// The connection.
    pub(super) connection: ConnectionId,
    /// When the packet that is being read was captured, in nanoseconds since the Unix epoch.
    pub(super) time_ns: i64,
}

impl Outside<'_> {
    /// Writes down what was found on the connection.
    pub(super) fn find(&mut self, finding: Finding) {
        self.findings.push(finding.on(self.connection));
    }
}

/// The live state of a connection.
pub(super) struct ConnectionDissector {
    id: ConnectionId,
    row: ConnectionRow,
    tcp: Tcp,
    finished: [bool; 2],
    content: Content,
    texts: Interner,
    pieces: [Vec<Piece>; 2],
    outcome: Outcome,
    changed: bool,
    waiting: Vec<WaitingPacket>,
    /// What [`Self::holds_since`] told last.
    held: Holds,
    /// Whether a packet was seen after which another connection may begin.
    may_end: bool,
    /// When the latest packet was captured.
    time_ns: i64,
}

impl ConnectionDissector {
    /// A connection that begins with this segment, as far as the capture knows.
    pub(super) fn new(id: ConnectionId, packet: PacketId, first: &Segment<'_>) -> Self {
        let flags = first.tcp.flags;
        let (client, client_known_by) = if flags.contains(TcpFlags::SYN) {
            let answers = flags.contains(TcpFlags::ACK);
            let client = if answers { Side::B } else { Side::A };
            (client, ClientKnownBy::Syn)
        } else if first.destination.port() > first.source.port() {
            (Side::B, ClientKnownBy::Port)
        } else {
            (Side::A, ClientKnownBy::Port)
        };
        Self {
            id,
            row: ConnectionRow {
                ends: [first.source, first.destination],
                client,
                client_known_by,
                protocol: Protocol::Unknown,
                tls: None,
                first_packet: packet,
                last_packet: packet,
                packets: 0,
                start_seen: false,
                end_seen: false,
                tcp: [TcpCounts::default(); 2],
            },
            tcp: Tcp::default(),
            finished: [false; 2],
            content: Content::Undecided(Box::new(Undecided::new())),
            texts: Interner::default(),
            pieces: [Vec::new(), Vec::new()],
            outcome: Outcome::default(),
            changed: false,
            waiting: Vec::new(),
            held: Holds::default(),
            may_end: false,
            time_ns: 0,
        }
    }

    pub(super) fn id(&self) -> ConnectionId {
        self.id
    }

    /// Which side sent a segment.
    pub(super) fn side_of(&self, segment: &Segment<'_>) -> Side {
        if segment.source == self.row.ends[Side::A.index()] {
            Side::A
        } else {
            Side::B
        }
    }

    /// Keeps a packet until the next [`Self::read_waiting`]. Returns whether none waited before.
    pub(super) fn wait(&mut self, packet: WaitingPacket) -> bool {
        self.waiting.push(packet);
        self.waiting.len() == 1
    }

    /// Reads the packets that wait.
    pub(super) fn read_waiting(&mut self) -> Read {
        let (mut read, mut findings) = (Read::default(), Vec::new());
        let frames_before = self.content.frames_written();
        let mut waiting = std::mem::take(&mut self.waiting);
        for packet in waiting.drain(..) {
            let Some(segment) = packet.segment() else {
                continue;
            };
            let (side, id) = (packet.side, packet.id);
            let marks = self.segment(side, id, &packet.packet, &segment, &mut findings);
            if !marks.is_empty() {
                read.marks.push((id, marks));
            }
            if !findings.is_empty() {
                let room = MAX_FINDINGS.saturating_sub(read.findings.len());
                read.findings_dropped += findings.len().saturating_sub(room) as u64;
                let kept = findings.drain(..).take(room);
                read.findings.extend(kept.map(|finding| (id, finding)));
            }
        }
        self.waiting = waiting;
        read.frames = self.content.frames_written() - frames_before;
        read
    }

    /// Whether a segment could belong to a later connection between the same two ends. When it could,
    /// [`Self::is_succeeded_by`] tells, once nothing waits any more.
    pub(super) fn may_be_succeeded_by(&mut self, segment: &Segment<'_>) -> bool {
        let flags = segment.tcp.flags;
        let may_end = self.may_end;
        self.may_end |= flags.fin() || flags.rst();
        may_end || (flags.syn() && !flags.ack())
    }

    /// Whether a segment belongs to a later connection between the same two ends.
    pub(super) fn is_succeeded_by(&self, segment: &Segment<'_>) -> bool {
        self.tcp.is_succeeded_by(self.side_of(segment), segment)
    }

    /// Whether the connection had no new rows before, as it will from now on.
    pub(super) fn starts_batch(&mut self) -> bool {
        !std::mem::replace(&mut self.changed, true)
    }

    /// Takes a segment that came in fragments, with these packets.
    pub(super) fn fragmented_segment(
        &mut self,
        (side, id): (Side, PacketId),
        packet: &Packet,
        segment: &Segment<'_>,
        places: Places,
        findings: &mut Vec<Finding>,
    ) -> Marks {
        self.tcp.fragments = Some(Arc::new(places));
        let marks = self.segment(side, id, packet, segment, findings);
        self.tcp.fragments = None;
        marks
    }

    /// Takes a segment. Returns what it is besides new data.
    pub(super) fn segment(
        &mut self,
        side: Side,
        id: PacketId,
        packet: &Packet,
        segment: &Segment<'_>,
        findings: &mut Vec<Finding>,
    ) -> Marks {
        self.row.last_packet = id;
        self.time_ns = packet.time_ns;
        self.row.packets += 1;
        let flags = segment.tcp.flags;
        if flags.contains(TcpFlags::SYN) {
            self.synchronize(side, flags.contains(TcpFlags::ACK));
        }
        let mut outcome = std::mem::take(&mut self.outcome);
        let marks = self.tcp.segment(side, id, packet, segment, &mut outcome);
        for oddity in outcome.oddities.drain(..) {
            findings.push(self.odd(oddity, side, id));
        }
        self.deliver(&mut outcome, id, findings);
        self.outcome = outcome;
        if self.tcp.is_reset() {
            self.row.end_seen = true;
            self.end(Side::A, id, findings);
            self.end(Side::B, id, findings);
        }
        for side in Side::BOTH {
            if self.tcp.is_finished(side) {
                self.end(side, id, findings);
            }
        }
        marks
    }

    /// Says that the capture has ended. Returns whether the connection had no new rows before.
    pub(super) fn finish(&mut self, last: PacketId, findings: &mut Vec<Finding>) -> bool {
        let first_change = self.starts_batch();
        let mut outcome = std::mem::take(&mut self.outcome);
        self.tcp.give_up(last, &mut outcome);
        self.deliver(&mut outcome, last, findings);
        self.outcome = outcome;
        if let Content::Undecided(undecided) = &mut self.content
            && let Some(recognised) = undecided.at_the_end()
        {
            self.settle(recognised, findings);
        }
        self.stay_http1(findings);
        let mut outside = Outside {
            texts: &mut self.texts,
            findings,
            connection: self.id,
            time_ns: self.time_ns,
        };
        match &mut self.content {
            Content::Http2(http2) => http2.capture_ended(last, &mut outside),
            Content::Http1(http1) => http1.capture_ended(last, &mut outside),
            _ => {}
        }
        first_change
    }

    /// Reads on without what is waited for, so that nothing more is held: holes are given up, and what was not
    /// recognised is what it looks like by now.
    pub(super) fn stop_waiting(&mut self, now: PacketId, findings: &mut Vec<Finding>) {
        let mut outcome = std::mem::take(&mut self.outcome);
        self.tcp.give_up(now, &mut outcome);
        self.deliver(&mut outcome, now, findings);
        self.outcome = outcome;
        match &mut self.content {
            Content::Undecided(undecided) => {
                if let Some(recognised) = undecided.at_the_end() {
                    self.settle(recognised, findings);
                }
            }
            Content::Upgradable(..) => self.stay_http1(findings),
            Content::Http1(_) | Content::Http2(_) | Content::Tls(_) | Content::Unread => {}
        }
    }

    /// Forgets the bytes that are remembered for comparing retransmissions.
    pub(super) fn forget_recent(&mut self) {
        self.tcp.forget_recent();
    }

    /// What is held in memory for later.
    fn holds(&self) -> Holds {
        Holds {
            waiting_bytes: self.tcp.held_bytes() + self.content.held_bytes(),
            recent_bytes: self.tcp.recent_bytes(),
        }
    }

    /// What was held when this was asked last, and what is held now.
    pub(super) fn holds_since(&mut self) -> (Holds, Holds) {
        let now = self.holds();
        (std::mem::replace(&mut self.held, now), now)
    }

    /// What was held when that was asked last.
    pub(super) fn held(&self) -> Holds {
        self.held
    }

    /// Takes the rows written since the last call.
    pub(super) fn take_batch(&mut self) -> ConnectionBatch {
        self.changed = false;
        let (mut http2, mut http1) = (None, None);
        match &mut self.content {
            Content::Http2(dissector) => http2 = Some(dissector.take_batch()),
            Content::Http1(dissector) => http1 = Some(dissector.take_batch()),
            Content::Tls(tls) => self.row.tls = Some(Box::new(tls.summary())),
            Content::Undecided(_) | Content::Upgradable(..) | Content::Unread => {}
        }
        self.row.tcp = Side::BOTH.map(|side| *self.tcp.counts(side));
        ConnectionBatch {
            id: self.id,
            row: self.row.clone(),
            pieces: std::mem::take(&mut self.pieces),
            tcp: self.tcp.take_batch(),
            texts: self.texts.take_new(),
            http2,
            http1,
        }
    }

    fn synchronize(&mut self, side: Side, answers: bool) {
        self.row.start_seen = true;
        if let Content::Undecided(undecided) = &mut self.content {
            undecided.start_seen();
        }
        let client = if answers { side.other() } else { side };
        self.client_is(client, ClientKnownBy::Syn);
    }

    /// Learns who the client is, unless it is known by better evidence.
    fn client_is(&mut self, client: Side, by: ClientKnownBy) {
        if by > self.row.client_known_by {
            self.row.client = client;
            self.row.client_known_by = by;
        }
    }

    /// Hands what reassembly gave out to the content's dissector, and writes it down as pieces.
    fn deliver(&mut self, outcome: &mut Outcome, now: PacketId, findings: &mut Vec<Finding>) {
        for (side, delivery) in outcome.deliveries.drain(..) {
            match delivery {
                Delivery::Data {
                    offset,
                    bytes,
                    packet,
                    offset_in_packet,
                    fragments,
                } => {
                    let piece = Piece {
                        offset,
                        len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                        offset_in_packet,
                        packet: Some(packet),
                        readable: now,
                    };
                    let pieces = &mut self.pieces[side.index()];
                    match fragments {
                        Some(places) => places.pieces(piece, pieces),
                        None => pieces.push(piece),
                    }
                    self.data(side, offset, &bytes, now, findings);
                }
                Delivery::Hole { offset, len } => {
                    let counts = self.tcp.counts(side);
                    counts.holes += 1;
                    counts.missing_bytes += len;
                    self.hole(side, offset, len, now, findings);
                }
            }
        }
    }

    fn odd(&self, oddity: Oddity, side: Side, packet: PacketId) -> Finding {
        let sender = if side == self.row.client {
            "client"
        } else {
            "server"
        };
        let (rule, text) = match oddity {
            Oddity::Differs(offset) => (
                &reading::RETRANSMISSION_DIFFERS,
                format!(
                    "The {sender} sent byte {offset} of its stream again with another value; the \
                     one that arrived first is shown."
                ),
            ),
            Oddity::DataAfterReset => (
                &reading::DATA_AFTER_RESET,
                format!(
                    "The {sender} sent data after the connection was reset; it is not part of the \
                     stream."
                ),
            ),
            Oddity::ResetOutsideWindow => (
                &reading::RESET_OUTSIDE_WINDOW,
                format!(
                    "A reset in the {sender}'s name lies outside the window, so its receiver has \
                     to ignore it."
                ),
            ),
            Oddity::OutsideStream => (
                &reading::SEGMENT_OUTSIDE_STREAM,
                format!(
                    "A segment of the {sender} lies where its stream cannot be: behind its FIN, \
                     or further ahead than any window."
                ),
            ),
        };
        Finding::new(rule, text).on(self.id).in_packet(packet)
    }

    fn begins_in_the_middle(&self) -> Finding {
        let text = "The capture begins in the middle of this connection: SETTINGS, HPACK entries \
                    and windows from before are unknown, and what depends on them is marked.";
        Finding::new(&reading::BEGINS_IN_THE_MIDDLE, text.to_owned())
            .on(self.id)
            .in_packet(self.row.first_packet)
    }

    fn hole(
        &mut self,
        side: Side,
        offset: u64,
        len: u64,
        now: PacketId,
        findings: &mut Vec<Finding>,
    ) {
        // A piece's length is a `u32`: a longer hole is several pieces.
        let mut start = offset;
        while start < offset + len {
            let part = u32::try_from(offset + len - start).unwrap_or(u32::MAX);
            self.pieces[side.index()].push(Piece {
                offset: start,
                len: part,
                offset_in_packet: 0,
                packet: None,
                readable: now,
            });
            start += u64::from(part);
        }
        self.hole_in_content(side, offset, len, now, findings);
    }
}
