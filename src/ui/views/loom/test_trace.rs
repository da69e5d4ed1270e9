//! Traces made by hand for the tests of the loom.

use crate::capture::Capture;
use crate::trace::http2::Http2Batch;
use crate::trace::tcp::TcpBatch;
use crate::trace::{
    Batch, ClientKnownBy, ConnectionBatch, ConnectionId, ConnectionRow, FrameId, FrameRow,
    HoleKind, HoleRow, PacketId, PacketRow, Protocol, Side, StreamRow, StreamState, Trace,
};
use crate::wire::http2::{Flags, FrameKind, StreamId};
use std::net::SocketAddr;

/// A frame of a trace made by hand.
#[derive(Clone, Copy)]
pub struct Sent {
    pub time_ns: i64,
    pub side: Side,
    pub stream: u32,
    pub kind: FrameKind,
    pub length: u32,
    pub flags: Flags,
}

/// What the client sent.
pub fn client(time_ns: i64, stream: u32, kind: FrameKind, length: u32) -> Sent {
    Sent {
        time_ns,
        side: Side::A,
        stream,
        kind,
        length,
        flags: Flags::NONE,
    }
}

/// What the server sent.
pub fn server(time_ns: i64, stream: u32, kind: FrameKind, length: u32) -> Sent {
    Sent {
        side: Side::B,
        ..client(time_ns, stream, kind, length)
    }
}

/// A trace of one connection with these frames in this order. Frames that follow each other with
/// the same time and sender come in one packet. Time zero is that of the first frame.
pub fn trace_of(frames: &[Sent]) -> Trace {
    traces_of(1, frames)
}

/// The same with so many connections, one after the other.
pub fn traces_of(connections: usize, frames: &[Sent]) -> Trace {
    let mut trace = Trace::new(empty_capture().source());
    let mut batch = Batch::default();
    let length_ns = frames.last().map_or(0, |sent| sent.time_ns) + 1_000;
    for index in 0..connections {
        let later_ns = length_ns * index as i64;
        let connection = connection_of(index, frames, later_ns, &mut batch.packets);
        batch.connections.push(connection);
    }
    trace.append(batch);
    trace
}

fn connection_of(
    index: usize,
    frames: &[Sent],
    later_ns: i64,
    packets: &mut Vec<PacketRow>,
) -> ConnectionBatch {
    let mut http2 = Http2Batch::default();
    let mut streams: std::collections::HashMap<u32, usize> = Default::default();
    let mut last = None;
    let first_packet = packets.len();
    for (index, sent) in frames.iter().enumerate() {
        if last != Some((sent.time_ns, sent.side)) {
            last = Some((sent.time_ns, sent.side));
            packets.push(PacketRow {
                time_ns: 1_700_000_000_000_000_000 + later_ns + sent.time_ns,
                offset: 0,
                captured: 0,
                original_len: 0,
                owner: None,
                interface: 0,
                skipped: None,
                marks: Default::default(),
            });
        }
        let id = FrameId::from_index(index);
        http2.frames.push(FrameRow {
            offset: 0,
            packet: PacketId::from_index(packets.len() - 1),
            stream: StreamId(sent.stream),
            length: sent.length,
            block: None,
            kind: sent.kind,
            flags: sent.flags,
            side: sent.side,
            whole: true,
        });
        if sent.stream == 0 {
            continue;
        }
        let row = *streams.entry(sent.stream).or_insert_with(|| {
            http2.streams.push(stream_row(StreamId(sent.stream), id));
            http2.streams.len() - 1
        });
        let row = &mut http2.streams[row];
        row.last_frame = id;
        row.frames += 1;
        if sent.side == Side::B && sent.kind == FrameKind::HEADERS && row.response_frame.is_none() {
            row.response_frame = Some(id);
        }
    }
    let last_packet = PacketId::from_index(packets.len().max(1) - 1);
    let end: SocketAddr = "192.0.2.1:8080".parse().unwrap();
    ConnectionBatch {
        id: ConnectionId::from_index(index),
        row: ConnectionRow {
            ends: [end, end],
            client: Side::A,
            client_known_by: ClientKnownBy::Preface,
            protocol: Protocol::Http2,
            tls: None,
            first_packet: PacketId::from_index(first_packet),
            last_packet,
            packets: (packets.len() - first_packet) as u32,
            start_seen: false,
            end_seen: false,
            tcp: Default::default(),
        },
        pieces: Default::default(),
        tcp: Default::default(),
        texts: Vec::new(),
        http2: Some(http2),
        http1: None,
    }
}

fn stream_row(id: StreamId, first_frame: FrameId) -> StreamRow {
    StreamRow {
        id,
        opened_by: Some(Side::A),
        pushed_by: None,
        method: None,
        scheme: None,
        authority: None,
        path: None,
        status: None,
        content_type: None,
        request_content_type: None,
        grpc_status: None,
        state: StreamState::Open,
        closed_by: None,
        error: None,
        first_frame,
        last_frame: first_frame,
        end_frame: None,
        response_frame: None,
        frames: 0,
        data_bytes: [0; 2],
        header_bytes: Default::default(),
    }
}

/// So many frames of so many streams, a frame every two microseconds, now and then from the client.
pub fn busy_trace(frames: usize, streams: u32) -> Trace {
    let frames: Vec<_> = (0..frames)
        .map(|number| {
            let stream = (number as u32).wrapping_mul(2_654_435_761) % streams * 2 + 1;
            let time_ns = number as i64 * 2000;
            match number % 7 {
                0 => client(time_ns, stream, FrameKind::WINDOW_UPDATE, 4),
                1 => server(time_ns, stream, FrameKind::HEADERS, 40),
                _ => server(
                    time_ns,
                    stream,
                    FrameKind::DATA,
                    100 + number as u32 % 16_000,
                ),
            }
        })
        .collect();
    trace_of(&frames)
}

/// The same with so many holes in what the server sent, each open for a few packets.
pub fn busy_trace_with_holes(frames: usize, streams: u32, holes: usize) -> Trace {
    let mut trace = busy_trace(frames, streams);
    let row = |number: usize| {
        let packet = number * (trace.packets.len() - 8) / holes;
        HoleRow {
            offset: 100 * number as u64,
            len: 50,
            until: 100 * number as u64 + 100,
            opened: PacketId::from_index(packet),
            closed: Some(PacketId::from_index(packet + 5)),
            told: (0, 0),
            side: Side::B,
            kind: HoleKind::Network,
            filled: true,
        }
    };
    let holes = (0..holes).map(row).collect();
    let connection = trace.connections.edit(ConnectionId::from_index(0));
    connection.append(ConnectionBatch {
        id: connection.id,
        row: connection.row.clone(),
        pieces: Default::default(),
        tcp: TcpBatch {
            holes,
            ..TcpBatch::default()
        },
        texts: Vec::new(),
        http2: None,
        http1: None,
    });
    trace
}

/// A pcap file without a packet: its 24-byte header.
fn empty_capture() -> Capture {
    let mut header = Vec::new();
    header.extend(0xa1b2_c3d4_u32.to_le_bytes()); // magic: microseconds, little-endian
    header.extend([2, 0, 4, 0]); // version 2.4
    header.extend([0; 8]); // time zone, accuracy
    header.extend(65_535_u32.to_le_bytes()); // longest packet
    header.extend(1_u32.to_le_bytes()); // Ethernet
    Capture::from_bytes(header.into(), "empty.pcap").unwrap()
}
