//! `wireloom packets`: one row per packet of the capture.

use super::table::{Column, Tabular};
use crate::trace::{Connection, Direction, PacketId, PacketRow, Trace};
use crate::wire::link::Segment;
use serde::Serialize;

/// A packet.
#[derive(Clone, Debug, Serialize)]
pub struct PacketReport {
    /// Its number.
    pub packet: u64,
    /// When it was captured.
    pub time_ns: i64,
    /// The interface, counting from 0 over the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface: Option<u16>,
    /// Bytes on the wire.
    pub length: u32,
    /// Bytes in the capture.
    pub captured: u32,
    /// What it is to TCP.
    #[serde(flatten)]
    pub segment: Option<SegmentReport>,
    /// Why nothing was read from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<&'static str>,
    /// What somebody wrote about it into the capture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A TCP segment. The numbers of its header are as written there.
#[derive(Clone, Debug, Serialize)]
pub struct SegmentReport {
    /// The connection.
    pub connection: usize,
    /// Who sent it.
    pub direction: Direction,
    /// The sequence number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u32>,
    /// The acknowledgment number, with ACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ack: Option<u32>,
    /// The window field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<u16>,
    /// The window in bytes: the field, scaled as the handshake says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_bytes: Option<u32>,
    /// Names of the flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<&'static str>>,
    /// Bytes of payload on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<usize>,
    /// Where the first byte that the stream got from it is in the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// What it is besides new data or a plain acknowledgment.
    pub marks: Vec<&'static str>,
    /// The time since the segment that it acknowledges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtt_ns: Option<u64>,
    /// Numbers of the frames that got bytes from it.
    pub frames: Vec<usize>,
}

/// One row per packet, in file order.
pub fn packets(trace: &Trace) -> impl Iterator<Item = PacketReport> + '_ {
    packets_where(trace, |_| true)
}

/// The same of those that are wanted.
pub fn packets_where<'t>(
    trace: &'t Trace,
    wanted: impl Fn(PacketId) -> bool + 't,
) -> impl Iterator<Item = PacketReport> + 't {
    let rows = trace.packets.iter().enumerate();
    let rows = rows.map(|(index, row)| (PacketId::from_index(index), row));
    rows.filter(move |(id, _)| wanted(*id))
        .map(|(id, row)| PacketReport {
            packet: id.number(),
            time_ns: row.time_ns,
            interface: (row.interface != u16::MAX).then_some(row.interface),
            length: row.original_len,
            captured: row.captured,
            segment: segment(trace, id, row),
            skipped: row.skipped.map(crate::wire::link::Skip::name),
            comment: trace.comment(id).map(str::to_owned),
        })
}

fn segment(trace: &Trace, id: PacketId, row: &PacketRow) -> Option<SegmentReport> {
    let owner = trace.owner_of_packet(id)?;
    let connection = trace.connection(owner.connection)?;
    let round_trip = connection.tcp().round_trip(id);
    let mut report = SegmentReport {
        connection: owner.connection.index(),
        direction: connection.direction(owner.side),
        seq: None,
        ack: None,
        window: None,
        window_bytes: None,
        flags: None,
        payload: None,
        offset: None,
        marks: row.marks.names().collect(),
        rtt_ns: round_trip.map(|sample| {
            let sent_ns = trace.time_ns(sample.segment);
            u64::try_from(row.time_ns.saturating_sub(sent_ns)).unwrap_or(0)
        }),
        frames: Vec::new(),
    };
    trace.with_segment(id, |row, segment| {
        header(&mut report, connection, row, segment);
    });
    // A fragment has no header of its own that would say how long its segment is.
    if report.payload != Some(0) {
        let slices = trace.stream_slices(id);
        report.offset = slices.first().map(|slice| slice.offset);
        for slice in slices {
            let range = slice.offset..slice.offset + u64::from(slice.len);
            let frames = connection.frames_in(owner.side, range);
            report.frames.extend(frames.map(|(frame, _)| frame.index()));
        }
        report.frames.dedup();
    }
    Some(report)
}

fn header(
    report: &mut SegmentReport,
    connection: &Connection,
    row: &PacketRow,
    segment: &Segment<'_>,
) {
    let tcp = &segment.tcp;
    let side = row
        .owner
        .map(|owner| connection.tcp().sides[owner.side.index()]);
    // The window of a SYN itself is never scaled: RFC 7323 §2.2.
    let shift = side.and_then(|side| side.window_shift);
    let shift = if tcp.flags.syn() { Some(0) } else { shift };
    report.seq = Some(tcp.sequence);
    report.ack = tcp.flags.ack().then_some(tcp.acknowledgment);
    report.window = Some(tcp.window);
    report.window_bytes = shift.map(|shift| u32::from(tcp.window) << shift);
    report.flags = Some(tcp.flags.names().collect());
    report.payload = Some(segment.payload_len);
}

impl Tabular for PacketReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("#"),
        Column::Number("conn"),
        Column::Text("sender"),
        Column::Number("length"),
        Column::Number("seq"),
        Column::Number("ack"),
        Column::Number("window"),
        Column::Text("flags"),
        Column::Number("payload"),
        Column::Number("rtt µs"),
        Column::Text("frames"),
        Column::Text("notes"),
    ];

    fn cells(&self) -> Vec<String> {
        fn cell(value: Option<impl ToString>) -> String {
            value.map_or_else(String::new, |value| value.to_string())
        }
        let segment = self.segment.as_ref();
        let frames = segment.map_or(&[][..], |segment| &segment.frames);
        let frames = match frames {
            [] => String::new(),
            [only] => only.to_string(),
            [first, .., last] => format!("{first}–{last}"),
        };
        let mut notes: Vec<&str> = segment.map_or_else(Vec::new, |segment| segment.marks.clone());
        notes.extend(self.skipped);
        notes.extend(self.comment.as_deref());
        vec![
            self.packet.to_string(),
            cell(segment.map(|segment| segment.connection)),
            cell(segment.map(|segment| segment.direction.name())),
            self.length.to_string(),
            cell(segment.and_then(|segment| segment.seq)),
            cell(segment.and_then(|segment| segment.ack)),
            cell(segment.and_then(|segment| segment.window)),
            segment
                .and_then(|segment| segment.flags.as_ref())
                .map_or_else(String::new, |flags| flags.join(",")),
            cell(segment.and_then(|segment| segment.payload)),
            cell(
                segment
                    .and_then(|segment| segment.rtt_ns)
                    .map(|rtt| rtt / 1000),
            ),
            frames,
            super::text::one_line(&notes.join(", "), 80),
        ]
    }
}
