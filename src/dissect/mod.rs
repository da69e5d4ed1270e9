//! Packets in, trace out.
//!
//! [`Dissector`] takes what [`crate::capture`] yields, in capture order, and writes rows: it slices
//! a packet down to its TCP segment, finds the connection, lets [`reassembly`] turn segments into
//! two streams of bytes, recognises what the streams carry, and hands them to that protocol's
//! dissector. Dissectors keep their own live state and never read the trace.

mod connection;
mod fragments;
mod held;
mod http1;
mod http2;
mod interner;
mod open_connections;
mod reading;
mod reassembly;
mod recognition;
mod tcp;
mod tcp_gaps;
mod tcp_told;
mod tls;
mod waiting;

use crate::capture::{Event, Packet, TroubleKind};
use crate::trace::packets::{FragmentRow, PacketComment, PacketOwner};
use crate::trace::rules::reading as rules;
use crate::trace::{
    Batch, ConnectionBatch, ConnectionId, Finding, InterfaceRow, InterfaceWords, Marks, PacketId,
    PacketRow, Rule,
};
use crate::wire::keyed::KeyedSet;
use crate::wire::link::{self, Contents, Fragment, LinkType, Segment, Skip};
use connection::ConnectionDissector;
use fragments::Fragments;
use held::Held;
pub use held::MAX_HELD_BYTES;
use open_connections::{Flow, OpenConnections, Slot};
use waiting::{Pace, WaitingPacket};

/// How many connections are told apart in one capture, so that a scan of a whole network costs no more than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are read at a time. When there are more, the one that was quiet for longest is given up.
    pub open_connections: usize,
    /// Connections of the whole capture. Packets of later ones are skipped.
    pub connections: usize,
    /// Bytes that all connections together may hold back, because they wait for what is missing before them or because
    /// it is not clear yet what they are. When there are more, those that hold most are read without it.
    pub held_bytes: usize,
}

/// See [`Limits::open_connections`]. About 2 kB each while nothing waits in them. Linux tracks four times as many on a
/// machine with 8 GB (`nf_conntrack_max`), and forgets those without an answer within two minutes.
pub const MAX_OPEN_CONNECTIONS: usize = 1 << 16;

/// See [`Limits::connections`]. One that nothing is on takes less than 300 bytes.
pub const MAX_CONNECTIONS: usize = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            open_connections: MAX_OPEN_CONNECTIONS,
            connections: MAX_CONNECTIONS,
            held_bytes: held::MAX_HELD_BYTES,
        }
    }
}

/// Turns a capture's events into rows of a trace.
#[derive(Default)]
pub struct Dissector {
    limits: Limits,
    open: OpenConnections,
    /// How many connections there were.
    connections: usize,
    /// Connections with new rows.
    changed: Vec<(Slot, ConnectionId)>,
    /// Connections with packets that wait to be read.
    busy: Vec<Slot>,
    waiting_packets: usize,
    waiting_bytes: usize,
    pace: Pace,
    /// Frames of the batch, as far as they were read.
    frames: usize,
    /// The last rows of connections that are not open any more.
    given_up: Vec<ConnectionBatch>,
    /// Findings, and how many packets had been taken when each was made.
    findings: Vec<(usize, Finding)>,
    findings_dropped: u64,
    held: Held,
    said_too_many_open: bool,
    said_too_many: bool,
    fragments: Fragments,
    /// Length of the frame check sequence of each interface's packets.
    fcs_lens: Vec<u8>,
    /// Link types that were said to be unknown.
    unread_links: KeyedSet<LinkType>,
    packets: usize,
    batch: Batch,
}

impl Dissector {
    /// A dissector that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with other limits.
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Takes the next event of the capture.
    pub fn event(&mut self, event: Event) {
        match event {
            Event::Interface(interface) => {
                self.fcs_lens.push(interface.fcs_len);
                self.batch.interfaces.push(InterfaceRow {
                    name: interface.name.map(String::from).unwrap_or_default(),
                    link_type: interface.link_type,
                    snapshot_len: interface.snapshot_len,
                    fcs_len: interface.fcs_len,
                    words: InterfaceWords {
                        description: interface.description,
                        filter: interface.filter,
                        comment: interface.comment,
                    },
                });
            }
            Event::Packet(packet) => self.packet(packet),
            Event::Secrets(secrets) => self.batch.secrets.push(secrets),
            Event::Trouble(trouble) => {
                let rule = rule_of_trouble(trouble.kind);
                let finding = Finding::new(rule, trouble.to_string());
                self.warn(Finding {
                    packet: self.packets.checked_sub(1).map(PacketId::from_index),
                    ..finding.at_file_offset(trouble.offset)
                });
            }
            _ => {}
        }
    }

    /// How many packets were taken so far.
    pub fn packets(&self) -> usize {
        self.packets
    }

    /// Says that the capture has ended: what is still incomplete becomes a row as it is.
    pub fn finish(&mut self) {
        let Some(last) = self.packets.checked_sub(1) else {
            return;
        };
        self.read_waiting();
        let mut findings = Vec::new();
        self.fragments.finish(&mut findings);
        let last = PacketId::from_index(last);
        for slot in self.open.slots() {
            if let Some(connection) = self.open.get_mut(slot)
                && connection.finish(last, &mut findings)
            {
                self.changed.push((slot, connection.id()));
            }
        }
        self.take_findings(&mut findings);
    }

    /// Takes the rows written since the last call.
    pub fn take_batch(&mut self) -> Batch {
        self.read_waiting();
        self.frames = 0;
        let mut batch = std::mem::take(&mut self.batch);
        batch.connections = std::mem::take(&mut self.given_up);
        for (slot, id) in self.changed.drain(..) {
            if let Some(connection) = self.open.get_mut(slot)
                && connection.id() == id
            {
                batch.connections.push(connection.take_batch());
            }
        }
        batch.connections.sort_unstable_by_key(|rows| rows.id);
        // Connections are read one by one; what was found is told in the order of the file.
        self.findings.sort_by_key(|(packets, _)| *packets);
        let findings = self.findings.drain(..).map(|(_, finding)| finding);
        batch.findings.extend(findings);
        batch.findings_dropped = std::mem::take(&mut self.findings_dropped);
        batch
    }

    /// How many packets and frames are in the batch that [`Self::take_batch`] would give, as far as they were read.
    pub fn batch_rows(&self) -> usize {
        self.batch.packets.len() + self.frames
    }

    fn packet(&mut self, mut packet: Packet) {
        let id = PacketId::from_index(self.packets);
        self.packets += 1;
        if let Some(text) = packet.comment.take() {
            self.batch.comments.push(PacketComment { packet: id, text });
        }
        self.batch.packets.push(PacketRow {
            time_ns: packet.time_ns,
            offset: packet.offset,
            captured: u32::try_from(packet.bytes.len()).unwrap_or(u32::MAX),
            original_len: packet.original_len,
            owner: None,
            interface: u16::try_from(packet.interface).unwrap_or(u16::MAX),
            skipped: None,
            marks: Marks::default(),
        });
        self.cut_fcs(&mut packet);
        let bytes = packet.bytes.clone();
        let read = match link::contents(packet.link_type, &bytes, packet.original_len) {
            Ok(Contents::Segment(segment)) => self.segment(id, packet, &segment),
            Ok(Contents::Fragment(fragment)) => self.fragment(id, &packet, &fragment),
            Err(skip) => Err(skip),
        };
        if let Err(Skip::UnsupportedLinkType { link_type }) = read {
            self.unread_link(id, link_type);
        }
        if let Some(row) = self.batch.packets.last_mut() {
            row.owner = read.ok();
            row.skipped = read.err();
        }
        if self.enough_waits() {
            self.read_waiting();
        }
        if self.held.is_time_to_look(bytes.len()) {
            self.look_at_what_is_held(id);
        }
    }

    /// Cuts off the frame check sequence at the end of a packet, when the file says that there is one.
    fn cut_fcs(&self, packet: &mut Packet) {
        let fcs_len = self.fcs_lens.get(packet.interface as usize);
        packet.original_len = packet
            .original_len
            .saturating_sub(fcs_len.copied().unwrap_or(0).into());
        packet.bytes.truncate(packet.original_len as usize);
    }

    /// Says once of each link type that its packets cannot be read.
    fn unread_link(&mut self, packet: PacketId, link_type: LinkType) {
        if self.unread_links.insert(link_type) {
            let text = format!("Packets of the link type {link_type} cannot be read.");
            self.warn(Finding::new(&rules::UNSUPPORTED_LINK_TYPE, text).in_packet(packet));
        }
    }

    /// Takes a fragment; goes on with the TCP segment when it made one whole.
    fn fragment(
        &mut self,
        id: PacketId,
        packet: &Packet,
        fragment: &Fragment<'_>,
    ) -> Result<PacketOwner, Skip> {
        let mut findings = Vec::new();
        let whole = self
            .fragments
            .fragment(id, packet.time_ns, fragment, &mut findings);
        self.take_findings(&mut findings);
        let mut whole = whole.ok_or(Skip::IpFragment)?;
        let places = std::mem::take(&mut whole.places);
        let segment = link::joined_segment(&whole.joined())?;
        // What follows counts in the joined bytes, until pieces are made of them.
        let joined = Packet {
            bytes: whole.bytes.clone(),
            comment: None,
            ..*packet
        };
        let (slot, owner) = self.connection_of(id, &segment)?;
        let rows = places.packets().map(|packet| FragmentRow {
            packet,
            owner,
            whole: id,
            sequence: segment.tcp.data_sequence(),
            payload_len: u32::try_from(segment.payload_len).unwrap_or(u32::MAX),
        });
        self.batch.fragments.extend(rows);
        self.read_at_once((slot, owner.side), id, &joined, &segment, Some(places));
        Ok(owner)
    }

    /// Takes a segment: it waits in its connection, to be read together with others.
    fn segment(
        &mut self,
        id: PacketId,
        packet: Packet,
        segment: &Segment<'_>,
    ) -> Result<PacketOwner, Skip> {
        let (slot, owner) = self.connection_of(id, segment)?;
        match WaitingPacket::new(id, owner.side, packet, segment) {
            Ok(waiting) => {
                self.waiting_packets += 1;
                self.waiting_bytes += segment.payload.len();
                if let Some(connection) = self.open.get_mut(slot)
                    && connection.wait(waiting)
                {
                    self.busy.push(slot);
                }
            }
            Err(packet) => self.read_at_once((slot, owner.side), id, &packet, segment, None),
        }
        Ok(owner)
    }

    /// The connection of a segment, and who sent it.
    fn connection_of(
        &mut self,
        id: PacketId,
        segment: &Segment<'_>,
    ) -> Result<(Slot, PacketOwner), Skip> {
        let flow = Flow::of(segment);
        let mut known = self.open.find(&flow);
        if let Some(slot) = known {
            let own = self.open.get_mut(slot);
            if own.is_some_and(|own| own.may_be_succeeded_by(segment)) {
                self.read_waiting_of(slot);
                let own = self.open.get(slot);
                if own.is_some_and(|own| own.is_succeeded_by(segment)) {
                    self.give_up(slot, id);
                    known = None;
                }
            }
        }
        let slot = match known {
            Some(slot) => {
                self.open.heard(slot);
                slot
            }
            None => self.open_connection(id, flow, segment)?,
        };
        let connection = self.open.get_mut(slot).ok_or(Skip::TooManyConnections)?;
        let owner = PacketOwner {
            connection: connection.id(),
            side: connection.side_of(segment),
        };
        if connection.starts_batch() {
            self.changed.push((slot, connection.id()));
        }
        Ok((slot, owner))
    }

    fn open_connection(
        &mut self,
        id: PacketId,
        flow: Flow,
        segment: &Segment<'_>,
    ) -> Result<Slot, Skip> {
        if self.connections >= self.limits.connections {
            if !std::mem::replace(&mut self.said_too_many, true) {
                let text = format!(
                    "The capture has more than {} connections: packets of those that begin from here \
                     on are skipped.",
                    self.limits.connections
                );
                self.warn(Finding::new(&rules::TOO_MANY_CONNECTIONS, text).in_packet(id));
            }
            return Err(Skip::TooManyConnections);
        }
        if self.open.len() >= self.limits.open_connections
            && let Some(quiet) = self.open.longest_quiet()
        {
            if !std::mem::replace(&mut self.said_too_many_open, true) {
                let text = format!(
                    "More than {} connections are open at a time: those that were quiet for \
                     longest are given up, and what they send later is shown as a new connection.",
                    self.limits.open_connections
                );
                self.warn(Finding::new(&rules::TOO_MANY_OPEN_CONNECTIONS, text).in_packet(id));
            }
            self.give_up(quiet, id);
        }
        let new = ConnectionId::from_index(self.connections);
        self.connections += 1;
        let connection = ConnectionDissector::new(new, id, segment);
        Ok(self.open.open(flow, connection))
    }

    /// Reads a connection no further. Its last rows go into the next batch.
    fn give_up(&mut self, slot: Slot, now: PacketId) {
        self.read_waiting_of(slot);
        if let Some(mut connection) = self.open.remove(slot) {
            self.held.gone(&connection);
            let mut findings = Vec::new();
            connection.finish(now, &mut findings);
            self.given_up.push(connection.take_batch());
            self.take_findings(&mut findings);
        }
    }

    fn take_findings(&mut self, findings: &mut Vec<Finding>) {
        let packets = self.packets;
        let findings = findings.drain(..).map(|finding| (packets, finding));
        self.findings.extend(findings);
    }

    fn warn(&mut self, finding: Finding) {
        self.findings.push((self.packets, finding));
    }
}

/// What rule trouble with the file is about.
fn rule_of_trouble(kind: TroubleKind) -> &'static Rule {
    match kind {
        TroubleKind::CutRecord { .. } => &rules::CAPTURE_CUT,
        TroubleKind::DamagedRecord { .. } | TroubleKind::DamagedEnd { .. } => {
            &rules::CAPTURE_DAMAGED
        }
        TroubleKind::DamagedBlock { .. } => &rules::CAPTURE_BLOCK_DAMAGED,
        TroubleKind::UnknownInterface { .. } => &rules::CAPTURE_INTERFACE_UNKNOWN,
        TroubleKind::UnknownVersion { .. } => &rules::CAPTURE_VERSION_UNKNOWN,
        TroubleKind::ReadFailed { .. } => &rules::CAPTURE_READ_FAILED,
        TroubleKind::SpoolFailed { .. } => &rules::CAPTURE_SPOOL_FAILED,
    }
}

/// Reads a whole capture into a trace, for commands and tests. One thread reads while another appends.
pub fn read_all(mut capture: crate::capture::Capture) -> crate::trace::Trace {
    let mut trace = crate::trace::Trace::new(capture.source());
    let mut dissector = Dissector::new();
    let mut batch = Some(Batch::default());
    while let Some(ready) = batch {
        let read = || read_batch(&mut capture, &mut dissector);
        ((), batch) = rayon::join(|| trace.append(ready), read);
    }
    dissector.finish();
    trace.append(dissector.take_batch());
    trace
}

/// Reads packets until there are enough for a batch; `None` at the end of the capture.
fn read_batch(capture: &mut crate::capture::Capture, dissector: &mut Dissector) -> Option<Batch> {
    loop {
        dissector.event(capture.next()?);
        if dissector.batch_rows() >= BATCH_ROWS {
            return Some(dissector.take_batch());
        }
    }
}

/// Packets and frames in one batch of [`read_all`]: enough that handing over costs nothing beside reading,
/// few enough that the rows stay in the cache until they are appended.
const BATCH_ROWS: usize = 8192;

#[cfg(test)]
mod tests;
