//! What was seen, written once and in order: the trace only grows, and the past is a prefix of it.
//!
//! Dissectors append rows in [`Batch`]es; nothing above this room writes. A row that describes
//! something still going on (a stream, a connection) is replaced as a whole under its key. The state
//! of anything at an instant is found by binary search from a [`Cursor`].

pub mod carrier;
pub mod connection;
pub mod connections;
pub mod cursor;
pub mod finding;
pub mod fragments;
pub mod headers;
pub mod http1;
pub mod http2;
pub mod ids;
pub mod log;
pub mod packets;
pub mod provenance;
pub mod rules;
pub mod stream_bytes;
pub mod tcp;

pub use carrier::{Carrier, Moment, Read, Unit};
pub use connection::{ClientKnownBy, Connection, ConnectionBatch, ConnectionRow, Protocol};
pub use connections::Connections;
pub use cursor::Cursor;
pub use finding::{Finding, Severity};
pub use fragments::Fragments;
pub use headers::HeaderField;
pub use http1::{Http1, MessageEnd, MessageField, MessageKind, MessageRow};
pub use http2::{
    BlockRow, ClosedBy, FrameRow, Http2, Http2State, InsertionRow, StreamRow, StreamState,
};
pub use ids::{
    BlockId, ConnectionId, Direction, ExchangeId, FrameId, MessageId, PacketId, Side, Symbol,
};
pub use log::Log;
pub use packets::{
    FragmentRow, InterfaceRow, InterfaceWords, PacketComment, PacketOwner, PacketRow, Piece,
};
pub use provenance::{ByteOwner, FileRun};
pub use rules::Rule;
pub use tcp::{HoleKind, HoleRow, Marks, Tcp};

use crate::capture::{Secrets, Source};
use bytes::Bytes;
use rayon::prelude::*;
use std::sync::Arc;

/// Everything that was seen in a capture.
#[derive(Clone)]
pub struct Trace {
    /// The capture's bytes.
    pub source: Source,
    /// The interfaces that packets were captured on.
    pub interfaces: Vec<InterfaceRow>,
    /// Packets in file order.
    pub packets: Log<PacketRow>,
    /// Comments that somebody left on packets, by ascending packet. Few packets have one.
    pub comments: Log<PacketComment>,
    /// The fragments that carried TCP segments, by packet.
    pub fragments: Fragments,
    /// Keys that lie in the capture itself, in file order.
    pub secrets: Vec<Secrets>,
    /// Connections in the order of their first packets.
    pub connections: Connections,
    /// What was wrong, odd or missing, in the order in which it was noticed.
    pub findings: Log<Finding>,
    /// Findings beyond [`finding::MAX_FINDINGS`], which are only counted.
    pub findings_dropped: u64,
    /// The earliest and the latest packet time, in nanoseconds since the Unix epoch.
    pub time_range_ns: Option<(i64, i64)>,
    /// The HTTP/2 connection with most frames, and the HTTP/1.1 connection with most exchanges.
    main: Option<Main>,
    main_http1: Option<Main>,
}

/// A connection with how much it carries.
type Main = (usize, ConnectionId);

/// Takes a connection that has grown for the main one, if it carries more now, or as much and began earlier.
fn follow_main(main: &mut Option<Main>, carried: Option<usize>, id: ConnectionId) {
    let Some(carried) = carried else {
        return;
    };
    let is_more = |(most, first): Main| carried > most || (carried == most && id < first);
    if main.is_none_or(is_more) {
        *main = Some((carried, id));
    }
}

/// Frames from which on waking other threads is worth while: appending them takes about a millisecond.
const WORTH_A_THREAD_FRAMES: usize = 8192;

/// Rows to append to a [`Trace`], in order.
#[derive(Debug, Default)]
pub struct Batch {
    /// New interfaces.
    pub interfaces: Vec<InterfaceRow>,
    /// New packets.
    pub packets: Vec<PacketRow>,
    /// New comments.
    pub comments: Vec<PacketComment>,
    /// New fragments of segments that are whole now.
    pub fragments: Vec<FragmentRow>,
    /// New keys.
    pub secrets: Vec<Secrets>,
    /// Connections that are new or have new rows, by ascending number.
    pub connections: Vec<ConnectionBatch>,
    /// New findings.
    pub findings: Vec<Finding>,
    /// Findings that were only counted.
    pub findings_dropped: u64,
}

impl Batch {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.interfaces.is_empty()
            && self.packets.is_empty()
            && self.comments.is_empty()
            && self.fragments.is_empty()
            && self.secrets.is_empty()
            && self.connections.is_empty()
            && self.findings.is_empty()
    }
}

impl Trace {
    /// An empty trace of a capture.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            interfaces: Vec::new(),
            packets: Log::default(),
            comments: Log::default(),
            fragments: Fragments::default(),
            secrets: Vec::new(),
            connections: Connections::default(),
            findings: Log::default(),
            findings_dropped: 0,
            time_range_ns: None,
            main: None,
            main_http1: None,
        }
    }

    /// Appends a batch. Batches must come in the order in which they were made.
    pub fn append(&mut self, batch: Batch) {
        self.interfaces.extend(batch.interfaces);
        self.comments.extend(batch.comments);
        self.fragments.extend(batch.fragments);
        self.secrets.extend(batch.secrets);
        for row in batch.packets {
            let (first, last) = self.time_range_ns.unwrap_or((row.time_ns, row.time_ns));
            self.time_range_ns = Some((first.min(row.time_ns), last.max(row.time_ns)));
            self.packets.push(row);
        }
        let grown: Vec<ConnectionId> = batch.connections.iter().map(|rows| rows.id).collect();
        self.append_to_connections(batch.connections);
        for id in grown {
            self.follow_mains(id);
        }
        self.findings_dropped += batch.findings_dropped;
        for finding in batch.findings {
            if self.findings.len() < finding::MAX_FINDINGS {
                self.findings.push(finding);
            } else {
                self.findings_dropped += 1;
            }
        }
    }

    /// Appends to connections, to several at a time when there is enough to do.
    fn append_to_connections(&mut self, batches: Vec<ConnectionBatch>) {
        for rows in &batches {
            if rows.id.index() == self.connections.len() {
                self.connections
                    .push(Connection::new(rows.id, rows.row.clone()));
            }
        }
        let frames: usize = batches.iter().map(ConnectionBatch::frames).sum();
        if batches.len() < 2 || frames < WORTH_A_THREAD_FRAMES {
            for rows in batches {
                if let Some(connection) = self.connections.get_mut(rows.id) {
                    connection.append(rows);
                }
            }
            return;
        }
        // Each is taken out, so that threads may have several at a time.
        let nothing = batches.first().map(|rows| {
            let row = rows.row.clone();
            Arc::new(Connection::new(rows.id, row))
        });
        let work: Vec<_> = batches
            .into_iter()
            .filter_map(|rows| {
                let place = self.connections.shared_mut(rows.id)?;
                Some((std::mem::replace(place, nothing.clone()?), rows))
            })
            .collect();
        let grown: Vec<_> = work
            .into_par_iter()
            .with_max_len(1)
            .map(|(mut connection, rows)| {
                Arc::make_mut(&mut connection).append(rows);
                connection
            })
            .collect();
        for connection in grown {
            if let Some(place) = self.connections.shared_mut(connection.id) {
                *place = connection;
            }
        }
    }

    /// What a connection carries only grows, so the one with most is the one before or one that has grown.
    fn follow_mains(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(id.index()) else {
            return;
        };
        let frames = connection.http2().map(|http2| http2.frames.len());
        let exchanges = connection.http1().map(|http1| http1.exchanges().len());
        follow_main(&mut self.main, frames, id);
        follow_main(&mut self.main_http1, exchanges, id);
    }

    /// A connection by its number.
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.get(id.index())
    }

    /// The HTTP/2 connection with most frames, the first of several: what a command or a window
    /// shows unless told otherwise.
    pub fn main_connection(&self) -> Option<&Connection> {
        self.connection(self.main?.1)
    }

    /// The HTTP/1.1 connection with most exchanges, the first of several.
    pub fn main_http1_connection(&self) -> Option<&Connection> {
        self.connection(self.main_http1?.1)
    }

    /// Time zero of what counts from the start: when the earliest packet was captured, in nanoseconds since the Unix epoch. In a
    /// file whose packets do not stand in order of time that is not the first one; 0 without packets.
    pub fn start_ns(&self) -> i64 {
        self.time_range_ns.map_or(0, |(first, _)| first)
    }

    /// When a packet was captured, in nanoseconds since the Unix epoch.
    pub fn time_ns(&self, packet: PacketId) -> i64 {
        self.packets
            .get(packet.index())
            .map_or(0, |packet| packet.time_ns)
    }

    /// What somebody wrote about a packet into the capture file.
    pub fn comment(&self, packet: PacketId) -> Option<&str> {
        let index = self.comments.partition_point(|row| row.packet < packet);
        let row = self.comments.get(index)?;
        (row.packet == packet).then_some(&*row.text)
    }

    /// The captured bytes of a packet; `None` when the file can no longer be read.
    pub fn packet_bytes(&self, packet: PacketId) -> Option<Bytes> {
        let row = self.packets.get(packet.index())?;
        self.source.bytes(row.offset, row.captured as usize)
    }

    /// All bytes of a frame, header and payload; `None` when they are not all in the capture.
    pub fn frame_bytes(&self, connection: &Connection, frame: &FrameRow) -> Option<Bytes> {
        connection
            .stream(frame.side)
            .read(frame.range(), &self.packets, &self.source)
    }

    /// The bytes of a frame up to the first one that is not in the capture.
    pub fn frame_bytes_prefix(&self, connection: &Connection, frame: &FrameRow) -> Bytes {
        connection
            .stream(frame.side)
            .read_prefix(frame.range(), &self.packets, &self.source)
    }

    /// The packet that brought a frame's first byte.
    pub fn first_packet(&self, connection: &Connection, frame: &FrameRow) -> PacketId {
        connection
            .stream(frame.side)
            .packet_of(frame.offset)
            .unwrap_or(frame.packet)
    }

    /// The packet that brought a frame's last byte.
    pub fn last_packet(&self, connection: &Connection, frame: &FrameRow) -> PacketId {
        connection
            .stream(frame.side)
            .packet_of(frame.range().end - 1)
            .unwrap_or(frame.packet)
    }
}
