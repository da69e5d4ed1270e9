//! Packets in, trace out.
//!
//! [`Dissector`] takes what [`crate::capture`] yields, in capture order, and writes rows: it slices
//! a packet down to its TCP segment, finds the connection, lets [`reassembly`] turn segments into
//! two streams of bytes, recognises what the streams carry, and hands them to that protocol's
//! dissector. Dissectors keep their own live state and never read the trace.

mod connection;
mod fragments;
mod http1;
mod http2;
mod interner;
mod reassembly;
mod recognition;
mod tcp;
mod tcp_gaps;
mod tcp_told;
mod tls;

use crate::capture::{Event, Packet};
use crate::trace::packets::{PacketComment, PacketOwner};
use crate::trace::{
    Batch, ConnectionId, Finding, InterfaceRow, Marks, PacketId, PacketRow, Severity, Side,
};
use crate::wire::keyed::{KeyedMap, KeyedSet};
use crate::wire::link::{self, Contents, Fragment, LinkType, Segment, Skip};
use connection::ConnectionDissector;
use fragments::{Fragments, Places};
use std::net::SocketAddr;

/// Turns a capture's events into rows of a trace.
#[derive(Default)]
pub struct Dissector {
    /// The newest connection between two ends.
    flows: KeyedMap<Flow, ConnectionId>,
    connections: Vec<ConnectionDissector>,
    changed: Vec<ConnectionId>,
    fragments: Fragments,
    /// Joined IP packets with a TCP segment, by the packet that made them whole.
    joined: KeyedMap<PacketId, Places>,
    /// Length of the frame check sequence of each interface's packets.
    fcs_lens: Vec<u8>,
    /// Link types that were said to be unknown.
    unread_links: KeyedSet<LinkType>,
    packets: usize,
    batch: Batch,
}

/// The two ends of a connection in a fixed order, whoever sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Flow(SocketAddr, SocketAddr);

impl Flow {
    fn of(segment: &Segment<'_>) -> Self {
        let (a, b) = (segment.source, segment.destination);
        if a <= b { Self(a, b) } else { Self(b, a) }
    }
}

impl Dissector {
    /// A dissector that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next event of the capture.
    pub fn event(&mut self, event: Event) {
        match event {
            Event::Interface(interface) => {
                self.fcs_lens.push(interface.fcs_len);
                self.batch.interfaces.push(InterfaceRow {
                    name: interface.name.map(String::from).unwrap_or_default(),
                    link_type: interface.link_type,
                });
            }
            Event::Packet(packet) => self.packet(&packet),
            Event::Secrets(secrets) => self.batch.secrets.push(secrets),
            Event::Trouble(trouble) => self.batch.findings.push(Finding {
                severity: Severity::Warning,
                rule: trouble.kind.name(),
                section: None,
                text: trouble.to_string(),
                connection: None,
                stream: None,
                frame: None,
                packet: self.packets.checked_sub(1).map(PacketId::from_index),
                range: None,
                file_offset: Some(trouble.offset),
            }),
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
        self.fragments.finish(&mut self.batch.findings);
        let last = PacketId::from_index(last);
        for connection in &mut self.connections {
            if connection.finish(last, &mut self.batch.findings) {
                self.changed.push(connection.id());
            }
        }
    }

    /// Takes the rows written since the last call.
    pub fn take_batch(&mut self) -> Batch {
        let mut batch = std::mem::take(&mut self.batch);
        self.changed.sort_unstable();
        self.changed.dedup();
        for id in self.changed.drain(..) {
            if let Some(connection) = self.connections.get_mut(id.index()) {
                let mut rows = connection.take_batch();
                for pieces in &mut rows.pieces {
                    fragments::point_at_packets(&self.joined, pieces);
                }
                batch.connections.push(rows);
            }
        }
        batch
    }

    /// How many packets wait in the batch that [`Self::take_batch`] would give.
    pub fn batch_packets(&self) -> usize {
        self.batch.packets.len()
    }

    fn packet(&mut self, packet: &Packet) {
        let id = PacketId::from_index(self.packets);
        self.packets += 1;
        if let Some(text) = &packet.comment {
            let text = text.clone();
            self.batch.comments.push(PacketComment { packet: id, text });
        }
        let (bytes, original_len) = self.without_fcs(packet);
        let read = match link::contents(packet.link_type, bytes, original_len) {
            Ok(Contents::Segment(segment)) => Ok(self.segment(id, packet, &segment)),
            Ok(Contents::Fragment(fragment)) => self.fragment(id, packet, &fragment),
            Err(skip) => Err(skip),
        };
        let (owner, marks, skipped) = match read {
            Ok((owner, marks)) => (Some(owner), marks, None),
            Err(skip) => (None, Marks::default(), Some(skip)),
        };
        if let Some(Skip::UnsupportedLinkType { link_type }) = skipped {
            self.unread_link(id, link_type);
        }
        self.batch.packets.push(PacketRow {
            time_ns: packet.time_ns,
            offset: packet.offset,
            captured: u32::try_from(packet.bytes.len()).unwrap_or(u32::MAX),
            original_len: packet.original_len,
            owner,
            interface: u16::try_from(packet.interface).unwrap_or(u16::MAX),
            skipped,
            marks,
        });
    }

    /// A packet without the frame check sequence at its end, when the file says that there is one.
    fn without_fcs<'a>(&self, packet: &'a Packet) -> (&'a [u8], u32) {
        let fcs_len = self.fcs_lens.get(packet.interface as usize);
        let original_len = packet
            .original_len
            .saturating_sub(fcs_len.copied().unwrap_or(0).into());
        let bytes = packet.bytes.get(..original_len as usize);
        (bytes.unwrap_or(&packet.bytes), original_len)
    }

    /// Says once of each link type that its packets cannot be read.
    fn unread_link(&mut self, packet: PacketId, link_type: LinkType) {
        if self.unread_links.insert(link_type) {
            self.batch.findings.push(Finding {
                severity: Severity::Warning,
                rule: "unsupported-link-type",
                section: None,
                text: format!("Packets of the link type {link_type} cannot be read."),
                connection: None,
                stream: None,
                frame: None,
                packet: Some(packet),
                range: None,
                file_offset: None,
            });
        }
    }

    /// Takes a fragment; goes on with the TCP segment when it made one whole.
    fn fragment(
        &mut self,
        id: PacketId,
        packet: &Packet,
        fragment: &Fragment<'_>,
    ) -> Result<(PacketOwner, Marks), Skip> {
        let findings = &mut self.batch.findings;
        let mut whole = self
            .fragments
            .fragment(id, packet.time_ns, fragment, findings)
            .ok_or(Skip::IpFragment)?;
        let places = std::mem::take(&mut whole.places);
        let segment = link::joined_segment(&whole.joined())?;
        // What follows counts in the joined bytes; `take_batch` points at the packets they came with.
        let joined = Packet {
            bytes: whole.bytes.clone(),
            comment: None,
            ..*packet
        };
        self.joined.insert(id, places);
        Ok(self.segment(id, &joined, &segment))
    }

    fn segment(
        &mut self,
        id: PacketId,
        packet: &Packet,
        segment: &Segment<'_>,
    ) -> (PacketOwner, Marks) {
        let flow = Flow::of(segment);
        let known = self.flows.get(&flow).copied();
        let current = known.and_then(|id| self.connections.get(id.index()));
        let connection = match (known, current) {
            (Some(known), Some(current)) if !current.is_succeeded_by(segment) => known,
            _ => {
                let new = ConnectionId::from_index(self.connections.len());
                self.connections
                    .push(ConnectionDissector::new(new, id, segment));
                self.flows.insert(flow, new);
                new
            }
        };
        let (mut side, mut marks) = (Side::A, Marks::default());
        if let Some(dissector) = self.connections.get_mut(connection.index()) {
            side = dissector.side_of(segment);
            if dissector.starts_batch() {
                self.changed.push(connection);
            }
            marks = dissector.segment(side, id, packet, segment, &mut self.batch.findings);
        }
        (PacketOwner { connection, side }, marks)
    }
}

/// Reads a whole capture into a trace, for commands and tests.
pub fn read_all(capture: crate::capture::Capture) -> crate::trace::Trace {
    let mut trace = crate::trace::Trace::new(capture.source());
    let mut dissector = Dissector::new();
    for event in capture {
        dissector.event(event);
        if dissector.batch_packets() >= BATCH_PACKETS {
            trace.append(dissector.take_batch());
        }
    }
    dissector.finish();
    trace.append(dissector.take_batch());
    trace
}

/// Packets in one batch of [`read_all`]: enough that handing over costs nothing beside reading,
/// few enough that the rows stay in the cache until they are appended.
const BATCH_PACKETS: usize = 4096;
