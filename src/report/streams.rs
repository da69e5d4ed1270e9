//! `wireloom streams`: one row per HTTP/2 stream.

use super::connections::PerDirection;
use super::requests::{InterimReport, PushReport};
use super::table::{Column, Tabular};
use super::text;
use crate::analysis::requests::{self, Request};
use crate::analysis::{blocking, stalls};
use crate::trace::{Connection, Direction, FrameId, Http2, StreamRow, StreamState, Symbol, Trace};
use serde::Serialize;

/// An HTTP/2 stream.
#[derive(Clone, Debug, Serialize)]
pub struct StreamReport {
    /// The connection.
    pub connection: usize,
    /// The stream's number.
    pub stream: u32,
    /// Who sent the request, or the promise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_by: Option<Direction>,
    /// The stream whose promise promised it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed_by: Option<u32>,
    /// `:method`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// `:scheme`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// `:authority`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// `:path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `:status` of the final response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `content-type` of the response, or of the request while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The state at the end of the capture: RFC 9113 §5.1.
    pub state: &'static str,
    /// Who sent END_STREAM, when only one side has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_closed_by: Option<Direction>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<&'static str>,
    /// The error that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorReport>,
    /// When its first frame became readable.
    pub started_ns: i64,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_ns: Option<i64>,
    /// When the first frame of the final response became readable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_ns: Option<i64>,
    /// `:protocol` of an extended `CONNECT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Interim responses (1xx).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interim: Vec<InterimReport>,
    /// Who sent trailers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trailers: Vec<Direction>,
    /// What became of a promise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<PushReport>,
    /// When the last byte of the request was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_end_ns: Option<i64>,
    /// When the last byte of the response was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_byte_ns: Option<i64>,
    /// How long bytes of it waited at their receiver behind bytes that were missing.
    pub blocked_ns: u64,
    /// How long its senders had used up a window and then went on; left out when windows are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stalled_ns: Option<u64>,
    /// Whole frames that name it.
    pub frames: u32,
    /// Bytes of `DATA` without padding.
    pub data_bytes: PerDirection<u64>,
    /// Bytes of header blocks.
    pub header_bytes: PerDirection<HeaderBytesReport>,
}

/// Bytes of header blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HeaderBytesReport {
    /// On the wire.
    pub encoded: u64,
    /// Names and values as text.
    pub decoded: u64,
}

/// An error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorReport {
    /// The number.
    pub code: u32,
    /// Its name, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
}

impl From<crate::wire::http2::ErrorCode> for ErrorReport {
    fn from(error: crate::wire::http2::ErrorCode) -> Self {
        Self {
            code: error.0,
            name: error.name(),
        }
    }
}

/// One row per stream, connection by connection, in the order of first frames.
pub fn streams(trace: &Trace) -> impl Iterator<Item = StreamReport> + '_ {
    trace.connections.iter().flat_map(move |connection| {
        let streams = connection.http2().map(|http2| (http2, http2.streams()));
        let blocked_ns = blocking::blocked_ns(trace, connection);
        streams.into_iter().flat_map(move |(http2, rows)| {
            let blocked_ns = blocked_ns.clone();
            let mut requests = requests::requests(trace, connection).peekable();
            rows.iter().map(move |row| {
                let mut report = report(trace, connection, http2, row);
                report.blocked_ns = blocked_ns.get(&row.id).copied().unwrap_or(0);
                // Both are in the order of the streams, of which some carry no request.
                if let Some(request) = requests.next_if(|request| request.stream == row.id) {
                    report.add(trace, connection, &request);
                }
                report
            })
        })
    })
}

fn report(trace: &Trace, connection: &Connection, http2: &Http2, row: &StreamRow) -> StreamReport {
    let text =
        |symbol: Option<Symbol>| symbol.map(|symbol| connection.text_lossy(symbol).into_owned());
    let time_ns = |frame: FrameId| {
        let frame = http2.frames.get(frame.index());
        frame.map(|frame| trace.time_ns(frame.packet))
    };
    StreamReport {
        connection: connection.id.index(),
        stream: row.id.0,
        opened_by: row.opened_by.map(|side| connection.direction(side)),
        pushed_by: row.pushed_by.map(|stream| stream.0),
        method: text(row.method),
        scheme: text(row.scheme),
        authority: text(row.authority),
        path: text(row.path),
        status: text(row.status),
        content_type: text(row.content_type),
        state: row.state.name(),
        half_closed_by: match row.state {
            StreamState::HalfClosed(side) => Some(connection.direction(side)),
            _ => None,
        },
        closed_by: row.closed_by.map(crate::trace::ClosedBy::name),
        error: row.error.map(ErrorReport::from),
        started_ns: time_ns(row.first_frame).unwrap_or_default(),
        ended_ns: row.end_frame.and_then(time_ns),
        first_byte_ns: row.response_frame.and_then(time_ns),
        protocol: None,
        interim: Vec::new(),
        trailers: Vec::new(),
        push: None,
        request_end_ns: None,
        last_byte_ns: None,
        blocked_ns: 0,
        stalled_ns: stalls::stalled_ns(trace, http2, row),
        frames: row.frames,
        data_bytes: PerDirection::of(|direction| {
            row.data_bytes[connection.side(direction).index()]
        }),
        header_bytes: PerDirection::of(|direction| {
            let bytes = row.header_bytes[connection.side(direction).index()];
            HeaderBytesReport {
                encoded: bytes.encoded,
                decoded: bytes.decoded,
            }
        }),
    }
}

impl StreamReport {
    /// What is known of its request and response.
    fn add(&mut self, trace: &Trace, connection: &Connection, request: &Request) {
        let Some(exchange) = super::requests::report(trace, connection, request) else {
            return;
        };
        let sent_trailers = [
            (request.requester, request.request_trailers),
            (request.requester.other(), request.response_trailers),
        ];
        self.protocol = exchange.protocol;
        self.interim = exchange.interim;
        self.push = exchange.push;
        self.request_end_ns = exchange.request_end_ns;
        self.last_byte_ns = exchange.last_byte_ns;
        self.trailers = sent_trailers
            .into_iter()
            .filter(|(_, frame)| frame.is_some())
            .map(|(side, _)| connection.direction(side))
            .collect();
    }
}

impl Tabular for StreamReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("stream"),
        Column::Text("request"),
        Column::Text("status"),
        Column::Text("content type"),
        Column::Text("state"),
        Column::Text("closed by"),
        Column::Number("frames"),
        Column::Number("client data"),
        Column::Number("server data"),
        Column::Number("header bytes"),
        Column::Number("lasted"),
    ];

    fn amounts(&self) -> Vec<(&'static str, f64)> {
        let encoded = self.header_bytes.client.encoded + self.header_bytes.server.encoded;
        let lasted = self.ended_ns.map(|ended| {
            let lasted = ended.saturating_sub(self.started_ns);
            ("lasted", text::milliseconds(lasted))
        });
        let bytes = [
            ("client data", text::number(self.data_bytes.client)),
            ("server data", text::number(self.data_bytes.server)),
            ("header bytes", text::number(encoded)),
        ];
        bytes.into_iter().chain(lasted).collect()
    }

    fn cells(&self) -> Vec<String> {
        let mut request = [&self.method, &self.path]
            .map(|part| part.clone().unwrap_or_default())
            .join(" ");
        if let Some(pushed_by) = self.pushed_by {
            request.push_str(&format!(" (pushed by {pushed_by})"));
        }
        let closed_by = match (self.closed_by, &self.error) {
            (Some(by), Some(error)) => format!("{by} {}", error.name.unwrap_or("?")),
            (Some(by), None) => by.to_owned(),
            (None, _) => String::new(),
        };
        let encoded = self.header_bytes.client.encoded + self.header_bytes.server.encoded;
        let decoded = self.header_bytes.client.decoded + self.header_bytes.server.decoded;
        let lasted = self
            .ended_ns
            .and_then(|ended| u64::try_from(ended.saturating_sub(self.started_ns)).ok());
        vec![
            self.connection.to_string(),
            self.stream.to_string(),
            text::one_line(request.trim(), 60),
            self.status.clone().unwrap_or_default(),
            text::one_line(self.content_type.as_deref().unwrap_or_default(), 30),
            self.state.to_owned(),
            closed_by,
            self.frames.to_string(),
            text::size(self.data_bytes.client),
            text::size(self.data_bytes.server),
            format!("{encoded} of {decoded}"),
            lasted.map_or_else(String::new, text::duration),
        ]
    }
}
