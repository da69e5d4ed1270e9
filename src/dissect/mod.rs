//! Packets in, trace out.
//!
//! [`Dissector`] takes what [`crate::capture`] yields, in capture order, and writes rows: it slices
//! a packet down to its TCP segment, finds the connection, lets [`reassembly`] turn segments into
//! two streams of bytes, recognises what the streams carry, and hands them to that protocol's
//! dissector. Dissectors keep their own live state and never read the trace.

mod connection;
mod http1;
mod http2;
mod interner;
mod reassembly;
mod recognition;
mod tls;

use crate::capture::{Event, Packet};
use crate::trace::packets::PacketOwner;
use crate::trace::{
    Batch, ConnectionId, Finding, InterfaceRow, PacketId, PacketRow, Severity, Side,
};
use crate::wire::link::{self, Segment};
use connection::ConnectionDissector;
use std::collections::HashMap;
use std::net::SocketAddr;

/// Turns a capture's events into rows of a trace.
#[derive(Default)]
pub struct Dissector {
    /// The newest connection between two ends. The default hasher is keyed: addresses come from
    /// the capture, and a capture may be made to collide.
    flows: HashMap<Flow, ConnectionId>,
    connections: Vec<ConnectionDissector>,
    changed: Vec<ConnectionId>,
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
            Event::Interface(interface) => self.batch.interfaces.push(InterfaceRow {
                name: interface.name.map(String::from).unwrap_or_default(),
                link_type: interface.link_type,
            }),
            Event::Packet(packet) => self.packet(&packet),
            Event::Trouble(trouble) => self.batch.findings.push(Finding {
                severity: Severity::Warning,
                rule: trouble.kind.name(),
                section: None,
                text: trouble.to_string(),
                connection: None,
                stream: None,
                frame: None,
                packet: self.packets.checked_sub(1).map(PacketId::from_index),
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
                batch.connections.push(connection.take_batch());
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
        let sliced = link::segment(packet.link_type, &packet.bytes, packet.original_len);
        let (owner, skipped) = match sliced {
            Ok(segment) => (Some(self.segment(id, packet, &segment)), None),
            Err(skip) => (None, Some(skip)),
        };
        self.batch.packets.push(PacketRow {
            time_ns: packet.time_ns,
            offset: packet.offset,
            captured: u32::try_from(packet.bytes.len()).unwrap_or(u32::MAX),
            original_len: packet.original_len,
            owner,
            interface: u16::try_from(packet.interface).unwrap_or(u16::MAX),
            skipped,
        });
    }

    fn segment(&mut self, id: PacketId, packet: &Packet, segment: &Segment<'_>) -> PacketOwner {
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
        let mut side = Side::A;
        if let Some(dissector) = self.connections.get_mut(connection.index()) {
            side = dissector.side_of(segment);
            if dissector.segment(side, id, packet, segment, &mut self.batch.findings) {
                self.changed.push(connection);
            }
        }
        PacketOwner { connection, side }
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
