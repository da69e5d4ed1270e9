//! `wireloom holes`: one row per range of a stream that was missing for a time, or for good.

use super::table::{Column, Tabular};
use super::text;
use crate::analysis::blocking;
use crate::trace::{Connection, Direction, HoleRow, Trace};
use serde::Serialize;

/// A hole.
#[derive(Clone, Debug, Serialize)]
pub struct HoleReport {
    /// The connection.
    pub connection: usize,
    /// Who sent the bytes.
    pub direction: Direction,
    /// Where it starts in the stream.
    pub offset: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Who lacked them: `capture` or `network`.
    pub kind: &'static str,
    /// When it was first seen.
    pub opened_ns: i64,
    /// When its last byte came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled_ns: Option<i64>,
    /// When nobody waited for it any longer, for one that was never filled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_up_ns: Option<i64>,
    /// Bytes that came behind it and could not be read before it closed.
    pub blocked_bytes: u64,
    /// Whose they were.
    pub streams: Vec<BlockedStreamReport>,
}

/// What an HTTP/2 stream had waiting behind a hole.
#[derive(Clone, Debug, Serialize)]
pub struct BlockedStreamReport {
    /// The stream's number.
    pub stream: u32,
    /// Bytes of its frames.
    pub bytes: u64,
    /// From the arrival of the first of them until the hole closed.
    pub waited_ns: u64,
}

/// One row per hole, connection by connection, in the order in which they closed.
pub fn holes(trace: &Trace) -> impl Iterator<Item = HoleReport> + '_ {
    trace.connections.iter().flat_map(move |connection| {
        let holes = connection.tcp().holes.iter();
        holes.map(move |hole| report(trace, connection, hole))
    })
}

fn report(trace: &Trace, connection: &Connection, hole: &HoleRow) -> HoleReport {
    let behind = blocking::behind(trace, connection, hole);
    let closed_ns = hole.closed.map(|packet| trace.time_ns(packet));
    HoleReport {
        connection: connection.id.index(),
        direction: connection.direction(hole.side),
        offset: hole.offset,
        bytes: hole.len,
        kind: hole.kind.name(),
        opened_ns: trace.time_ns(hole.opened),
        filled_ns: closed_ns.filter(|_| hole.filled),
        given_up_ns: closed_ns.filter(|_| !hole.filled),
        blocked_bytes: behind.bytes,
        streams: behind
            .streams
            .iter()
            .map(|waited| BlockedStreamReport {
                stream: waited.stream.0,
                bytes: waited.bytes,
                waited_ns: waited.waited_ns(),
            })
            .collect(),
    }
}

impl Tabular for HoleReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Text("sender"),
        Column::Number("offset"),
        Column::Number("bytes"),
        Column::Text("kind"),
        Column::Number("open for"),
        Column::Number("held back"),
        Column::Text("streams that waited"),
    ];

    fn amounts(&self) -> Vec<(&'static str, f64)> {
        let closed = self.filled_ns.or(self.given_up_ns);
        let open = closed.map(|closed| ("open for", text::milliseconds(closed - self.opened_ns)));
        let held_back = ("held back", text::number(self.blocked_bytes));
        open.into_iter().chain([held_back]).collect()
    }

    fn cells(&self) -> Vec<String> {
        let closed = self.filled_ns.or(self.given_up_ns);
        let open = closed.and_then(|closed| u64::try_from(closed - self.opened_ns).ok());
        let streams: Vec<String> = self
            .streams
            .iter()
            .map(|waited| format!("{} ({})", waited.stream, text::duration(waited.waited_ns)))
            .collect();
        vec![
            self.connection.to_string(),
            self.direction.name().to_owned(),
            self.offset.to_string(),
            self.bytes.to_string(),
            self.kind.to_owned(),
            open.map_or_else(String::new, text::duration),
            text::size(self.blocked_bytes),
            streams.join(", "),
        ]
    }
}
