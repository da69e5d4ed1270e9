//! `wireloom stalls`: one row per pause of a sender, and why it paused.

use super::table::{Column, Tabular};
use super::text;
use crate::analysis::Certainty;
use crate::analysis::stalls::{self, Stall};
use crate::trace::{Connection, Direction, FrameId, Trace};
use serde::Serialize;

/// A pause of a sender.
#[derive(Clone, Debug, Serialize)]
pub struct StallReport {
    /// The connection.
    pub connection: usize,
    /// The stream that was waited on.
    pub stream: u32,
    /// Who paused.
    pub direction: Direction,
    /// Why.
    pub cause: &'static str,
    /// How sure that is.
    pub certainty: Certainty,
    /// When it began.
    pub from_ns: i64,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_ns: Option<i64>,
    /// How long it lasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasted_ns: Option<u64>,
    /// The last frame before it.
    pub from_frame: usize,
    /// The frame that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_frame: Option<usize>,
    /// How much of the message was still to be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_bytes: Option<u64>,
}

/// One row per pause, connection by connection, by ascending beginning.
pub fn stalls(trace: &Trace) -> impl Iterator<Item = StallReport> + '_ {
    trace.connections.iter().flat_map(move |connection| {
        stalls::stalls(trace, connection)
            .into_iter()
            .map(move |stall| report(connection, &stall))
    })
}

fn report(connection: &Connection, stall: &Stall) -> StallReport {
    StallReport {
        connection: connection.id.index(),
        stream: stall.stream.0,
        direction: connection.direction(stall.sender),
        cause: stall.cause.name(),
        certainty: stall.certainty,
        from_ns: stall.from_ns,
        until_ns: stall.until_ns,
        lasted_ns: stall.lasted_ns(),
        from_frame: stall.from.index(),
        until_frame: stall.until.map(FrameId::index),
        waiting_bytes: stall.waiting_bytes,
    }
}

impl Tabular for StallReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("stream"),
        Column::Text("sender"),
        Column::Text("cause"),
        Column::Text("certainty"),
        Column::Number("lasted"),
        Column::Number("still to send"),
        Column::Text("frames"),
    ];

    fn amounts(&self) -> Vec<(&'static str, f64)> {
        let lasted = self.lasted_ns.map(|ns| {
            let ns = i64::try_from(ns).unwrap_or(i64::MAX);
            ("lasted", text::milliseconds(ns))
        });
        let left = self
            .waiting_bytes
            .map(|bytes| ("still to send", text::number(bytes)));
        lasted.into_iter().chain(left).collect()
    }

    fn cells(&self) -> Vec<String> {
        let until = self
            .until_frame
            .map_or_else(String::new, |frame| frame.to_string());
        vec![
            self.connection.to_string(),
            self.stream.to_string(),
            self.direction.name().to_owned(),
            self.cause.to_owned(),
            self.certainty.name().to_owned(),
            self.lasted_ns
                .map_or_else(|| "to the end".to_owned(), text::duration),
            self.waiting_bytes.map_or_else(String::new, text::size),
            format!("{}–{until}", self.from_frame),
        ]
    }
}
