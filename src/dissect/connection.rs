//! One TCP connection being read: its two streams, and the dissector of what they carry.

use super::http1::{UpgradeWatch, Watched};
use super::http2::Http2Dissector;
use super::interner::Interner;
use super::reassembly::{Delivery, Half, Payload, Verdict};
use super::recognition::{Recognised, Seen, Undecided};
use super::tls::TlsDissector;
use crate::capture::Packet;
use crate::trace::connection::TcpCounts;
use crate::trace::{
    ClientKnownBy, ConnectionBatch, ConnectionId, ConnectionRow, Finding, PacketId, Piece,
    Protocol, Severity, Side,
};
use crate::wire::link::Segment;
use crate::wire::tcp::TcpFlags;
use bytes::Bytes;

/// What a protocol's dissector may write to besides its own rows.
pub(super) struct Outside<'a> {
    /// The connection's texts.
    pub(super) texts: &'a mut Interner,
    /// The capture's findings.
    pub(super) findings: &'a mut Vec<Finding>,
    /// The connection.
    pub(super) connection: ConnectionId,
}

/// What a connection carries, as far as it is known.
enum Content {
    /// Too little was seen to tell.
    Undecided(Box<Undecided>),
    /// HTTP/2 in clear text.
    Http2(Box<Http2Dissector>),
    /// TLS, of which only the hellos are read.
    Tls(Box<TlsDissector>),
    /// HTTP/1, which may become HTTP/2; everything seen so far is kept until that is decided.
    Http1(Box<UpgradeWatch>, Vec<Seen>),
    /// Something that is recognised or given up, and not read any further.
    Unread,
}

/// The live state of a connection.
pub(super) struct ConnectionDissector {
    id: ConnectionId,
    row: ConnectionRow,
    halves: [Half; 2],
    finished: [bool; 2],
    /// The last acknowledgment of each side: number, window, and whether it carried nothing.
    last_ack: [Option<(u32, u16)>; 2],
    content: Content,
    texts: Interner,
    pieces: [Vec<Piece>; 2],
    deliveries: Vec<Delivery>,
    changed: bool,
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
            halves: [Half::default(), Half::default()],
            finished: [false; 2],
            last_ack: [None; 2],
            content: Content::Undecided(Box::new(Undecided::new())),
            texts: Interner::default(),
            pieces: [Vec::new(), Vec::new()],
            deliveries: Vec::new(),
            changed: false,
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

    /// Whether a segment belongs to a later connection between the same two ends: a SYN that is
    /// not the one already seen.
    pub(super) fn is_succeeded_by(&self, segment: &Segment<'_>) -> bool {
        let flags = segment.tcp.flags;
        if !flags.contains(TcpFlags::SYN) || flags.contains(TcpFlags::ACK) {
            return false;
        }
        let half = &self.halves[self.side_of(segment).index()];
        half.base()
            .is_some_and(|base| base != segment.tcp.sequence.wrapping_add(1))
    }

    /// Takes a segment. Returns whether the connection had no new rows before.
    pub(super) fn segment(
        &mut self,
        side: Side,
        id: PacketId,
        packet: &Packet,
        segment: &Segment<'_>,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let first_change = !std::mem::replace(&mut self.changed, true);
        self.row.last_packet = id;
        self.row.packets += 1;
        let flags = segment.tcp.flags;
        let sequence = segment.tcp.sequence;
        let mut payload_sequence = sequence;
        if flags.contains(TcpFlags::SYN) {
            self.synchronize(side, sequence, flags.contains(TcpFlags::ACK));
            payload_sequence = sequence.wrapping_add(1);
        }
        if flags.contains(TcpFlags::ACK) {
            self.acknowledge(side, segment);
            self.deliver(side.other(), id, findings);
        }
        if segment.payload_len > 0 {
            let end = segment.payload_offset + segment.payload.len();
            let payload = Payload {
                bytes: packet.bytes.slice(segment.payload_offset..end),
                len: segment.payload_len,
                packet: id,
                offset_in_packet: u32::try_from(segment.payload_offset).unwrap_or(u32::MAX),
            };
            let counts = &mut self.row.tcp[side.index()];
            let half = &mut self.halves[side.index()];
            match half.payload(payload_sequence, payload, &mut self.deliveries) {
                Verdict::New => {}
                Verdict::Old => counts.retransmissions += 1,
                Verdict::Early => counts.out_of_order += 1,
            }
            self.deliver(side, id, findings);
        }
        if flags.contains(TcpFlags::FIN) {
            let len = u32::try_from(segment.payload_len).unwrap_or(0);
            self.halves[side.index()].finish(payload_sequence.wrapping_add(len));
        }
        if flags.contains(TcpFlags::RST) {
            self.row.end_seen = true;
            self.end(Side::A, id, findings);
            self.end(Side::B, id, findings);
        }
        for side in Side::BOTH {
            if self.halves[side.index()].is_finished() {
                self.end(side, id, findings);
            }
        }
        first_change
    }

    /// Says that the capture has ended. Returns whether the connection had no new rows before.
    pub(super) fn finish(&mut self, last: PacketId, findings: &mut Vec<Finding>) -> bool {
        let first_change = !std::mem::replace(&mut self.changed, true);
        for side in Side::BOTH {
            self.halves[side.index()].give_up(&mut self.deliveries);
            self.deliver(side, last, findings);
        }
        if let Content::Undecided(undecided) = &mut self.content
            && let Some(recognised) = undecided.at_the_end()
        {
            self.settle(recognised, findings);
        }
        if let Content::Http2(http2) = &mut self.content {
            let mut outside = Outside {
                texts: &mut self.texts,
                findings,
                connection: self.id,
            };
            http2.capture_ended(last, &mut outside);
        }
        first_change
    }

    /// Takes the rows written since the last call.
    pub(super) fn take_batch(&mut self) -> ConnectionBatch {
        self.changed = false;
        let http2 = match &mut self.content {
            Content::Http2(http2) => Some(http2.take_batch()),
            Content::Tls(tls) => {
                self.row.tls = Some(tls.summary());
                None
            }
            Content::Undecided(_) | Content::Http1(..) | Content::Unread => None,
        };
        ConnectionBatch {
            id: self.id,
            row: self.row.clone(),
            pieces: std::mem::take(&mut self.pieces),
            texts: self.texts.take_new(),
            http2,
        }
    }

    fn synchronize(&mut self, side: Side, sequence: u32, answers: bool) {
        self.halves[side.index()].synchronize(sequence);
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

    fn acknowledge(&mut self, side: Side, segment: &Segment<'_>) {
        let tcp = &segment.tcp;
        let counts = &mut self.row.tcp[side.index()];
        let reset = tcp.flags.contains(TcpFlags::RST);
        if tcp.window == 0 && !reset && !tcp.flags.contains(TcpFlags::SYN) {
            counts.zero_windows += 1;
        }
        let carries_nothing = segment.payload_len == 0
            && !tcp.flags.contains(TcpFlags::SYN)
            && !tcp.flags.contains(TcpFlags::FIN)
            && !reset;
        let now = (tcp.acknowledgment, tcp.window);
        // RFC 5681 §2: a duplicate ACK carries no data, moves nothing and opens no window, while
        // data is outstanding.
        if carries_nothing
            && self.last_ack[side.index()] == Some(now)
            && self.halves[side.other().index()].is_ahead_of(tcp.acknowledgment)
        {
            counts.duplicate_acks += 1;
        }
        self.last_ack[side.index()] = Some(now);
        if !reset {
            self.halves[side.other().index()]
                .acknowledged(tcp.acknowledgment, &mut self.deliveries);
        }
    }

    /// Hands what reassembly gave out to the content's dissector, and writes it down as pieces.
    fn deliver(&mut self, side: Side, now: PacketId, findings: &mut Vec<Finding>) {
        let mut deliveries = std::mem::take(&mut self.deliveries);
        for delivery in deliveries.drain(..) {
            match delivery {
                Delivery::Data {
                    offset,
                    bytes,
                    packet,
                    offset_in_packet,
                } => {
                    self.pieces[side.index()].push(Piece {
                        offset,
                        len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                        offset_in_packet,
                        packet: Some(packet),
                        readable: now,
                    });
                    self.data(side, offset, &bytes, now, findings);
                }
                Delivery::Hole { offset, len } => {
                    let counts = &mut self.row.tcp[side.index()];
                    counts.holes += 1;
                    counts.missing_bytes += len;
                    self.hole(side, offset, len, now, findings);
                }
            }
        }
        self.deliveries = deliveries;
    }

    fn data(
        &mut self,
        side: Side,
        offset: u64,
        bytes: &Bytes,
        now: PacketId,
        findings: &mut Vec<Finding>,
    ) {
        let mut outside = Outside {
            texts: &mut self.texts,
            findings,
            connection: self.id,
        };
        match &mut self.content {
            Content::Http2(http2) => {
                http2.data(side, offset, bytes, now, &mut outside);
                if let Some(client) = http2.client_told_by_frames() {
                    self.client_is(client, ClientKnownBy::Frames);
                }
            }
            Content::Http1(watch, seen) => {
                seen.push(Seen {
                    side,
                    offset,
                    len: bytes.len() as u64,
                    bytes: Some(bytes.clone()),
                    readable: now,
                });
                match watch.data(side, bytes) {
                    Watched::NotYet => {}
                    Watched::Never => self.content = Content::Unread,
                    Watched::Upgraded { request, starts } => {
                        let (client, seen) = (watch.client(), std::mem::take(seen));
                        let http2 = Http2Dissector::upgraded(client, &request, &mut self.texts);
                        self.content = Content::Http2(Box::new(http2));
                        self.row.protocol = Protocol::Http2;
                        self.read_again(seen, starts, findings);
                    }
                }
            }
            Content::Tls(tls) => tls.data(side, bytes),
            Content::Undecided(undecided) => {
                if let Some(recognised) = undecided.data(side, offset, bytes, now) {
                    self.settle(recognised, findings);
                }
            }
            Content::Unread => {}
        }
    }

    /// Goes on as what the connection was recognised as, with everything seen so far.
    fn settle(&mut self, recognised: Recognised, findings: &mut Vec<Finding>) {
        let Content::Undecided(undecided) = std::mem::replace(&mut self.content, Content::Unread)
        else {
            return;
        };
        let (protocol, client) = match recognised {
            Recognised::Http2 { client } => {
                self.content = Content::Http2(Box::new(Http2Dissector::with_preface(client)));
                (Protocol::Http2, Some(client))
            }
            Recognised::Tls { client } => {
                self.content = Content::Tls(Box::default());
                (Protocol::Tls, client)
            }
            Recognised::Http1 { client } => {
                let watch = Box::new(UpgradeWatch::new(client));
                self.content = Content::Http1(watch, Vec::new());
                (Protocol::Http1, Some(client))
            }
            Recognised::Http2FromTheMiddle => {
                self.content = Content::Http2(Box::new(Http2Dissector::from_the_middle()));
                findings.push(self.begins_in_the_middle());
                (Protocol::Http2, None)
            }
            Recognised::Nothing => (Protocol::Unknown, None),
        };
        self.row.protocol = protocol;
        if let Some(client) = client {
            self.client_is(client, ClientKnownBy::Preface);
        }
        self.read_again(undecided.into_seen(), [0; 2], findings);
    }

    /// Reads what was kept, from these offsets of the two sides on.
    fn read_again(&mut self, kept: Vec<Seen>, starts: [u64; 2], findings: &mut Vec<Finding>) {
        for seen in kept {
            let start = starts[seen.side.index()];
            let end = seen.offset + seen.len;
            if end <= start {
                continue;
            }
            let offset = seen.offset.max(start);
            let skipped = usize::try_from(offset - seen.offset).unwrap_or(usize::MAX);
            match seen.bytes {
                Some(bytes) if skipped <= bytes.len() => {
                    let bytes = bytes.slice(skipped..);
                    self.data(seen.side, offset, &bytes, seen.readable, findings);
                }
                _ => {
                    let len = end - offset;
                    self.hole_in_content(seen.side, offset, len, seen.readable, findings);
                }
            }
        }
    }

    fn begins_in_the_middle(&self) -> Finding {
        Finding {
            severity: Severity::Note,
            rule: "begins-in-the-middle",
            section: None,
            text: "The capture begins in the middle of this connection: SETTINGS, HPACK entries \
                   and windows from before are unknown, and what depends on them is marked."
                .to_owned(),
            connection: Some(self.id),
            stream: None,
            frame: None,
            packet: Some(self.row.first_packet),
            file_offset: None,
        }
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

    fn hole_in_content(
        &mut self,
        side: Side,
        offset: u64,
        len: u64,
        now: PacketId,
        findings: &mut Vec<Finding>,
    ) {
        let mut outside = Outside {
            texts: &mut self.texts,
            findings,
            connection: self.id,
        };
        match &mut self.content {
            Content::Http2(http2) => http2.hole(side, offset, len, now, &mut outside),
            Content::Tls(tls) => tls.hole(side),
            Content::Undecided(undecided) => undecided.hole(side, offset, len, now),
            Content::Http1(..) => self.content = Content::Unread,
            Content::Unread => {}
        }
    }

    /// Says once that a side will send nothing more.
    fn end(&mut self, side: Side, now: PacketId, findings: &mut Vec<Finding>) {
        if std::mem::replace(&mut self.finished[side.index()], true) {
            return;
        }
        if self.finished == [true; 2] {
            self.row.end_seen = true;
        }
        if let Content::Http2(http2) = &mut self.content {
            let mut outside = Outside {
                texts: &mut self.texts,
                findings,
                connection: self.id,
            };
            http2.side_ended(side, now, &mut outside);
            if self.finished == [true; 2] {
                http2.connection_ended();
            }
        }
    }
}
