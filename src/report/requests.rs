//! `wireloom requests`: one row per exchange of a request and its response, with its times.

use super::connections::PerDirection;
use super::table::{Column, Tabular};
use super::text;
use crate::analysis::Certainty;
use crate::analysis::exchanges::{self, Exchange};
use crate::analysis::requests::{self, Request, RequestKind};
use crate::trace::{Connection, FrameId, Http2, MessageEnd, MessageRow, Symbol, Trace};
use crate::wire::http1::RequestSeen;
use serde::Serialize;

/// A request and its response.
#[derive(Clone, Debug, Serialize)]
pub struct RequestReport {
    /// The connection.
    pub connection: usize,
    /// The stream of HTTP/2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<u32>,
    /// The number of the exchange on a connection of HTTP/1.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<usize>,
    /// `request`, `connect`, `extended-connect`, `push` or `upgrade`.
    pub kind: &'static str,
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
    /// `:protocol` of an extended `CONNECT`; what an exchange of HTTP/1.1 switched to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// `:status` of the final response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `content-type` of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Interim responses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interim: Vec<InterimReport>,
    /// What became of a promise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<PushReport>,
    /// When the request's first frame was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_ns: Option<i64>,
    /// When its last byte was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_end_ns: Option<i64>,
    /// When the first frame of the final response was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_ns: Option<i64>,
    /// When the response's last byte was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_byte_ns: Option<i64>,
    /// When the stream ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_ns: Option<i64>,
    /// From `sent_ns` to `request_end_ns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sending_ns: Option<u64>,
    /// From `request_end_ns` to `first_byte_ns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_ns: Option<u64>,
    /// From `first_byte_ns` to `last_byte_ns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiving_ns: Option<u64>,
    /// The frames of its parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames: Option<RequestFrames>,
    /// The packets with which the parts of an exchange of HTTP/1.1 could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packets: Option<RequestPackets>,
    /// The versions of HTTP/1 that the two sides speak.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<PerMessage<String>>,
    /// How the ends of the bodies of an exchange of HTTP/1.1 are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framing: Option<PerMessage<&'static str>>,
    /// Something of the exchange of HTTP/1.1 is not in the capture, or never came.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Bytes of `DATA` without padding.
    pub data_bytes: PerDirection<u64>,
    /// How the stream ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<&'static str>,
}

/// An interim response.
#[derive(Clone, Debug, Serialize)]
pub struct InterimReport {
    /// Its `HEADERS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<usize>,
    /// When it was there.
    pub time_ns: i64,
    /// Its `:status`; `null` when it cannot be known.
    pub status: Option<String>,
}

/// What became of a promise.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PushReport {
    /// The stream that carried the promise.
    pub promised_on: u32,
    /// `used`, `refused`, `wasted`, `withdrawn` or `unfinished`.
    pub fate: &'static str,
    /// How sure that is.
    pub certainty: Certainty,
    /// The stream on which the client asked for the same thing itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_on: Option<u32>,
}

/// The frames of the parts of an exchange.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct RequestFrames {
    /// The `HEADERS` of the request, or the `PUSH_PROMISE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<usize>,
    /// The request's trailers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_trailers: Option<usize>,
    /// The request's last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_end: Option<usize>,
    /// The `HEADERS` of the final response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<usize>,
    /// The first `DATA` of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_data: Option<usize>,
    /// The response's trailers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_trailers: Option<usize>,
    /// The response's last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_end: Option<usize>,
}

/// Something of those messages of an exchange that were seen.
#[derive(Clone, Debug, Serialize)]
pub struct PerMessage<T> {
    /// Of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<T>,
    /// Of the final response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<T>,
}

/// The packets with which the parts of an exchange could be read.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct RequestPackets {
    /// The request's head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
    /// The request's last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_end: Option<u64>,
    /// The head of the final response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<u64>,
    /// The response's last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_end: Option<u64>,
}

/// One row per exchange, connection by connection, in the order of their streams' first frames, or of HTTP/1.1's requests.
pub fn requests(trace: &Trace) -> impl Iterator<Item = RequestReport> + '_ {
    trace.connections.iter().flat_map(move |connection| {
        let of_streams = requests::requests(trace, connection)
            .filter_map(move |request| report(trace, connection, &request));
        let of_messages = exchanges::exchanges(connection)
            .map(move |exchange| report_exchange(trace, connection, &exchange));
        of_streams.chain(of_messages)
    })
}

/// The row of one exchange of HTTP/1.1.
pub fn report_exchange(
    trace: &Trace,
    connection: &Connection,
    exchange: &Exchange,
) -> RequestReport {
    let text =
        |symbol: Option<Symbol>| symbol.map(|symbol| connection.text_lossy(symbol).into_owned());
    let (request, response) = (exchange.request.as_ref(), exchange.response.as_ref());
    let timing = exchange.timing(trace);
    let method = request.and_then(|row| row.method);
    let switched = response.filter(|row| row.status == 101);
    let connects = method
        .is_some_and(|method| RequestSeen::of(connection.text(method)) == RequestSeen::Connect);
    let part = |row: Option<&MessageRow>| row.map(|row| row.version.to_string());
    let framing = |row: Option<&MessageRow>| row.map(|row| row.framing.name());
    let cut = |row: &MessageRow| !row.held || row.end != MessageEnd::Whole;
    let end = |row: Option<&MessageRow>| {
        let ended = row.filter(|row| row.end == MessageEnd::Whole);
        ended.map(|row| row.last_packet.number())
    };
    let content = |row: Option<&MessageRow>| row.map_or(0, |row| row.content_bytes);
    RequestReport {
        connection: connection.id.index(),
        stream: None,
        exchange: Some(exchange.id.index()),
        kind: match (switched, connects) {
            (Some(_), _) => "upgrade",
            (None, true) => RequestKind::Connect.name(),
            (None, false) => RequestKind::Plain.name(),
        },
        method: text(method),
        scheme: None,
        authority: text(request.and_then(|row| row.host)),
        path: text(request.and_then(|row| row.target)),
        protocol: switched.and_then(|row| {
            let fields = trace.message_fields(connection, row);
            let upgrade = fields.iter().find(|field| field.is_named("upgrade"));
            upgrade.map(|field| lossy(&field.value))
        }),
        status: response.map(|row| row.status.to_string()),
        content_type: text(response.and_then(|row| row.content_type)),
        interim: (exchange.interim.iter())
            .map(|row| InterimReport {
                frame: None,
                time_ns: trace.time_ns(row.head_packet),
                status: Some(row.status.to_string()),
            })
            .collect(),
        push: None,
        sent_ns: timing.sent_ns,
        request_end_ns: timing.request_end_ns,
        first_byte_ns: timing.first_byte_ns,
        last_byte_ns: timing.last_byte_ns,
        ended_ns: timing.ended_ns,
        sending_ns: timing.sending_ns(),
        waiting_ns: timing.waiting_ns(),
        receiving_ns: timing.receiving_ns(),
        frames: None,
        packets: Some(RequestPackets {
            request: request.map(|row| row.head_packet.number()),
            request_end: end(request),
            response: response.map(|row| row.head_packet.number()),
            response_end: end(response),
        }),
        version: Some(PerMessage {
            request: part(request),
            response: part(response),
        }),
        framing: Some(PerMessage {
            request: framing(request),
            response: framing(response),
        }),
        truncated: request.is_none_or(cut) || response.is_none_or(cut),
        data_bytes: PerDirection {
            client: content(request),
            server: content(response),
        },
        closed_by: None,
    }
}

/// The row of one exchange; `None` when the connection has no such stream.
pub fn report(trace: &Trace, connection: &Connection, request: &Request) -> Option<RequestReport> {
    let http2 = connection.http2()?;
    let row = http2.stream(request.stream)?;
    let text =
        |symbol: Option<Symbol>| symbol.map(|symbol| connection.text_lossy(symbol).into_owned());
    let timing = request.timing(trace, http2);
    Some(RequestReport {
        connection: connection.id.index(),
        stream: Some(request.stream.0),
        exchange: None,
        kind: request.kind.name(),
        method: text(row.method),
        scheme: text(row.scheme),
        authority: text(row.authority),
        path: text(row.path),
        protocol: request.protocol.as_deref().map(lossy),
        status: text(row.status),
        content_type: request.response.and(text(row.content_type)),
        interim: interim(trace, http2, request),
        push: request.push.map(|push| PushReport {
            promised_on: push.carrier.0,
            fate: push.fate.name(),
            certainty: push.certainty,
            asked_on: push.asked_on.map(|stream| stream.0),
        }),
        sent_ns: timing.sent_ns,
        request_end_ns: timing.request_end_ns,
        first_byte_ns: timing.first_byte_ns,
        last_byte_ns: timing.last_byte_ns,
        ended_ns: timing.ended_ns,
        sending_ns: timing.sending_ns(),
        waiting_ns: timing.waiting_ns(),
        receiving_ns: timing.receiving_ns(),
        frames: Some(frames(request)),
        packets: None,
        version: None,
        framing: None,
        truncated: false,
        data_bytes: PerDirection::of(|direction| {
            row.data_bytes[connection.side(direction).index()]
        }),
        closed_by: row.closed_by.map(crate::trace::ClosedBy::name),
    })
}

fn interim(trace: &Trace, http2: &Http2, request: &Request) -> Vec<InterimReport> {
    let rows = request.interim.iter();
    rows.map(|interim| InterimReport {
        frame: Some(interim.frame.index()),
        time_ns: http2
            .frames
            .get(interim.frame.index())
            .map_or(0, |frame| trace.time_ns(frame.packet)),
        status: interim.status.as_deref().map(lossy),
    })
    .collect()
}

fn frames(request: &Request) -> RequestFrames {
    let index = |frame: Option<FrameId>| frame.map(FrameId::index);
    RequestFrames {
        request: index(request.sent),
        request_trailers: index(request.request_trailers),
        request_end: index(request.request_end),
        response: index(request.response),
        response_data: index(request.response_data),
        response_trailers: index(request.response_trailers),
        response_end: index(request.response_end),
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Tabular for RequestReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("stream"),
        Column::Number("exchange"),
        Column::Text("request"),
        Column::Text("status"),
        Column::Number("client data"),
        Column::Number("server data"),
        Column::Number("sending"),
        Column::Number("waiting"),
        Column::Number("receiving"),
        Column::Text("notes"),
    ];

    fn amounts(&self) -> Vec<(&'static str, f64)> {
        let times = [
            ("sending", self.sending_ns),
            ("waiting", self.waiting_ns),
            ("receiving", self.receiving_ns),
        ];
        let times = times.into_iter().filter_map(|(title, ns)| {
            let ns = i64::try_from(ns?).unwrap_or(i64::MAX);
            Some((title, text::milliseconds(ns)))
        });
        let data = [
            ("client data", text::number(self.data_bytes.client)),
            ("server data", text::number(self.data_bytes.server)),
        ];
        times.chain(data).collect()
    }

    fn cells(&self) -> Vec<String> {
        let request = [&self.method, &self.path]
            .map(|part| part.clone().unwrap_or_default())
            .join(" ");
        let lasted = |length_ns: Option<u64>| length_ns.map_or_else(String::new, text::duration);
        vec![
            self.connection.to_string(),
            self.stream
                .map_or_else(String::new, |stream| stream.to_string()),
            (self.exchange).map_or_else(String::new, |exchange| exchange.to_string()),
            text::one_line(request.trim(), 60),
            self.status.clone().unwrap_or_default(),
            text::size(self.data_bytes.client),
            text::size(self.data_bytes.server),
            // Of a push, nobody sent a request and nobody waited for an answer to it.
            lasted(self.sending_ns.filter(|_| self.push.is_none())),
            lasted(self.waiting_ns.filter(|_| self.push.is_none())),
            lasted(self.receiving_ns),
            text::one_line(&self.notes().join(", "), 80),
        ]
    }
}

impl RequestReport {
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.kind != RequestKind::Plain.name() && self.push.is_none() {
            notes.push(match &self.protocol {
                Some(protocol) => format!("{} for {protocol}", self.kind),
                None => self.kind.to_owned(),
            });
        }
        if let Some(push) = self.push {
            let sure = match push.certainty {
                Certainty::Certain => "",
                Certainty::Likely => "likely ",
            };
            notes.push(format!(
                "promised on {}, {sure}{}",
                push.promised_on, push.fate
            ));
        }
        for interim in &self.interim {
            let status = interim.status.as_deref().unwrap_or("?");
            notes.push(format!("{status} first"));
        }
        let frames = self.frames.unwrap_or_default();
        if frames.response_trailers.is_some() || frames.request_trailers.is_some() {
            notes.push("trailers".to_owned());
        }
        if let Some(closed_by) = self.closed_by.filter(|&by| by != "END_STREAM") {
            notes.push(format!("closed by {closed_by}"));
        }
        if self.truncated {
            notes.push("cut short".to_owned());
        }
        notes
    }
}
