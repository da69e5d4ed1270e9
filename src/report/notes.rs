//! `wireloom notes`: one row per note that people wrote about the capture.

use super::table::{Column, Tabular};
use super::text;
use crate::notes::{Note, Notes, Target};
use crate::trace::{Direction, PacketId, Trace};
use serde::Serialize;

/// A note.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NoteReport {
    /// Its name.
    pub note: String,
    /// What it is about: `frame`, `stream`, `connection`, `instant`, or `unknown` for what only a newer program understands.
    pub about: &'static str,
    /// The connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<usize>,
    /// The stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<u32>,
    /// The exchange of HTTP/1.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<usize>,
    /// The frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<usize>,
    /// The frame's sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The packet that made the frame readable, the first packet of the stream, exchange or connection, or that of the instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packet: Option<u64>,
    /// When that packet was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ns: Option<i64>,
    /// True when the capture does not hold what it is about.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub missing: bool,
    /// What somebody wrote.
    pub text: String,
    /// When it was written.
    pub written_ns: i64,
    /// When it was last changed.
    pub changed_ns: i64,
    #[serde(skip)]
    place: String,
    #[serde(skip)]
    since_start: String,
}

/// One row per note, in the order of the capture; those about what it does not hold come last.
pub fn notes<'t>(trace: &'t Trace, notes: &'t Notes) -> impl Iterator<Item = NoteReport> + 't {
    let mut rows: Vec<(NoteReport, Option<PacketId>)> = (notes.in_order().into_iter())
        .map(|note| note_report(trace, note))
        .collect();
    rows.sort_by_key(|(row, packet)| (row.missing, *packet));
    rows.into_iter().map(|(row, _)| row)
}

/// The row of a note, and the packet that it stands at.
pub fn note_report(trace: &Trace, note: &Note) -> (NoteReport, Option<PacketId>) {
    let target = note.at.find(trace);
    let mut row = NoteReport {
        note: note.id.to_string(),
        about: note.at.kind(),
        missing: target.is_none(),
        text: note.text.clone(),
        written_ns: note.written_ns,
        changed_ns: note.changed_ns,
        place: note.at.words(),
        ..NoteReport::default()
    };
    let packet = target.and_then(|target| row.stands_at(trace, target));
    row.packet = packet.map(PacketId::number);
    row.time_ns = packet.map(|packet| trace.time_ns(packet));
    if let Some(time_ns) = row.time_ns {
        row.since_start = text::seconds(time_ns, trace.start_ns());
    }
    (row, packet)
}

impl NoteReport {
    /// Says what it is about as the trace has it now. Returns the packet.
    fn stands_at(&mut self, trace: &Trace, target: Target) -> Option<PacketId> {
        match target {
            Target::Frame(connection, frame) => {
                let connection = trace.connection(connection)?;
                let row = connection.http2()?.frames.get(frame.index())?;
                self.connection = Some(connection.id.index());
                self.frame = Some(frame.index());
                self.stream = Some(row.stream.0);
                self.direction = Some(connection.direction(row.side));
                self.place = match row.stream.is_connection() {
                    true => format!("frame {frame}, {}", row.kind),
                    false => format!("frame {frame}, {} on stream {}", row.kind, row.stream),
                };
                Some(row.packet)
            }
            Target::Stream(connection, stream) => {
                let connection = trace.connection(connection)?;
                let http2 = connection.http2()?;
                self.connection = Some(connection.id.index());
                self.stream = Some(stream.0);
                let first = http2.frames_of(stream).get(0)?;
                Some(http2.frames.get(first.index())?.packet)
            }
            Target::Exchange(connection, exchange) => {
                let connection = trace.connection(connection)?;
                let messages = connection.http1()?.messages_of(exchange);
                self.connection = Some(connection.id.index());
                self.exchange = Some(exchange.index());
                self.place = format!("exchange {exchange}");
                messages.last().map(|(_, row)| row.head_packet)
            }
            Target::Connection(connection) => {
                self.connection = Some(connection.index());
                self.place = format!("connection {connection}");
                Some(trace.connection(connection)?.row.first_packet)
            }
            Target::Instant(cursor) => Some(cursor.packet),
        }
    }

    /// What it is about, in words, as the trace has it: `frame 12, HEADERS on stream 5`.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl Tabular for NoteReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("packet"),
        Column::Number("time s"),
        Column::Text("about"),
        Column::Text("note"),
    ];

    fn cells(&self) -> Vec<String> {
        fn number(number: Option<impl ToString>) -> String {
            number.map_or_else(String::new, |number| number.to_string())
        }
        let place = match self.missing {
            true => format!("{} (not in this capture)", self.place),
            false => self.place.clone(),
        };
        vec![
            number(self.connection),
            number(self.packet),
            self.since_start.clone(),
            text::one_line(&place, 80),
            text::one_line(&self.text, 300),
        ]
    }
}
