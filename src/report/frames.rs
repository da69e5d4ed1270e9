//! `wireloom frames`: one row per HTTP/2 frame.

use super::headers::FieldReport;
use super::streams::ErrorReport;
use super::table::{Column, Tabular};
use super::text;
use crate::analysis::grpc::{self, Ping};
use crate::analysis::hpack::hints::{NameHint, inferences};
use crate::analysis::hpack::inference::Inference;
use crate::trace::{Connection, Direction, FrameId, FrameRow, Trace};
use crate::wire::grpc::PingPurpose;
use crate::wire::http2::{FrameHeader, Payload, Priority};
use bytes::Bytes;
use serde::Serialize;
use std::collections::HashMap;

mod info;

pub use info::info;

/// An HTTP/2 frame.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FrameReport {
    /// The connection.
    pub connection: usize,
    /// Its number on the connection.
    pub frame: usize,
    /// Who sent it. Always there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// When it became readable.
    pub time_ns: i64,
    /// The packet that made it readable.
    pub packet: u64,
    /// The packet that brought its first byte.
    pub first_packet: u64,
    /// The packet that brought its last byte, when that was an earlier one than `packet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived_packet: Option<u64>,
    /// When that packet was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived_ns: Option<i64>,
    /// Its type: the RFC's name, or `UNKNOWN`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The type's number.
    pub type_code: u8,
    /// What is known about a type that has no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_note: Option<&'static str>,
    /// The stream it names.
    pub stream: u32,
    /// Bytes of payload.
    pub length: u32,
    /// The flags that are defined for its type.
    pub flags: Vec<&'static str>,
    /// All flags.
    pub flags_code: u8,
    /// The header list, on the frame that starts a header block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<FieldReport>>,
    /// Bytes of that header block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_block_bytes: Option<usize>,
    /// The table sizes that the block sets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub table_size_updates: Vec<u32>,
    /// The priority that `PRIORITY` or `HEADERS` carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<PriorityReport>,
    /// Bytes of padding, without the byte that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pad_length: Option<u8>,
    /// Bytes of `DATA` without padding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_length: Option<usize>,
    /// What `SETTINGS` announces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Vec<SettingReport>>,
    /// The increment of `WINDOW_UPDATE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub increment: Option<u32>,
    /// The error of `RST_STREAM` or `GOAWAY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorReport>,
    /// The last stream of `GOAWAY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_stream: Option<u32>,
    /// The debug data of `GOAWAY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debug_data: Option<String>,
    /// All of it, where it is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debug_data_hex: Option<String>,
    /// The stream that `PUSH_PROMISE` promises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised_stream: Option<u32>,
    /// The eight bytes of `PING`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opaque: Option<String>,
    /// What a `PING` is for: `keepalive`, `bandwidth`, `shutdown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<&'static str>,
    /// The library whose `PING` this is. Without one, the purpose is a conclusion from what went before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<&'static str>,
    /// The origin of `ALTSVC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The origins of `ORIGIN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origins: Option<Vec<String>>,
    /// The field value of `ALTSVC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_svc: Option<String>,
    /// The stream that `PRIORITY_UPDATE` is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prioritized_stream: Option<u32>,
    /// Its priority field value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_field: Option<String>,
    /// The payload in hexadecimal, of an unknown type or one that breaks its layout; at most [`MAX_PAYLOAD_BYTES`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// Not all of its payload is in the capture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated: Option<bool>,
    /// The findings about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<usize>,
    #[serde(skip)]
    info: String,
    #[serde(skip)]
    since_start: String,
}

/// A stream's place in the dependency tree. Source: RFC 7540 §5.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PriorityReport {
    /// Whether it becomes the only child of its parent.
    pub exclusive: bool,
    /// The parent.
    pub depends_on: u32,
    /// 1 to 256.
    pub weight: u16,
}

impl From<Priority> for PriorityReport {
    fn from(priority: Priority) -> Self {
        Self {
            exclusive: priority.exclusive,
            depends_on: priority.depends_on.0,
            weight: priority.weight,
        }
    }
}

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SettingReport {
    /// Its number.
    pub id: u16,
    /// Its name, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
    /// Its value.
    pub value: u32,
}

/// One row per frame, connection by connection, in the order in which frames became readable.
pub fn frames(trace: &Trace) -> impl Iterator<Item = FrameReport> + '_ {
    frames_with(trace, &[])
}

/// The same, with names that a person gives to unseen entries.
pub fn frames_with<'t>(
    trace: &'t Trace,
    hints: &'t [NameHint],
) -> impl Iterator<Item = FrameReport> + 't {
    frames_where(trace, hints, |_, _| true)
}

/// As [`frames_with`], without those that are not wanted.
pub fn frames_where<'t>(
    trace: &'t Trace,
    hints: &'t [NameHint],
    wanted: impl Fn(&Connection, FrameId) -> bool + Clone + 't,
) -> impl Iterator<Item = FrameReport> + 't {
    let findings = findings_by_frame(trace);
    trace.connections.iter().flat_map(move |connection| {
        let count = connection.http2().map_or(0, |http2| http2.frames.len());
        let (findings, wanted) = (findings.clone(), wanted.clone());
        let pings = std::cell::OnceCell::new();
        let concluded = std::cell::OnceCell::new();
        (0..count).filter_map(move |index| {
            let id = FrameId::from_index(index);
            if !wanted(connection, id) {
                return None;
            }
            let mut report = frame(trace, connection, id)?;
            if report.opaque.is_some() {
                let pings = pings.get_or_init(|| pings_by_frame(trace, connection));
                let ping: Option<&Ping> = pings.get(&id);
                report.purpose = ping.and_then(|ping| ping.purpose).map(PingPurpose::name);
                report.library = ping.and_then(|ping| ping.library);
            }
            if report.headers.is_some() {
                let [a, b] = concluded.get_or_init(|| inferences(trace, connection, hints));
                let row = connection.http2()?.frames.get(index)?;
                let inference = [a, b][row.side.index()];
                report.conclude(trace, connection, id, inference);
            }
            let key = (connection.id.index(), index);
            report.findings = findings.get(&key).cloned().unwrap_or_default();
            Some(report)
        })
    })
}

/// Each `PING` by its own frame and by that of its answer, which is for the same.
fn pings_by_frame(trace: &Trace, connection: &Connection) -> HashMap<FrameId, Ping> {
    let pings = grpc::pings(trace, connection).into_iter();
    let frames = pings.flat_map(|ping| {
        let answer = ping.answer.map(|answer| (answer, ping));
        [Some((ping.frame, ping)), answer]
    });
    frames.flatten().collect()
}

type FindingsByFrame = std::rc::Rc<HashMap<(usize, usize), Vec<usize>>>;

fn findings_by_frame(trace: &Trace) -> FindingsByFrame {
    let mut by_frame: HashMap<(usize, usize), Vec<usize>> = HashMap::new();
    for (number, finding) in super::findings::all(trace).enumerate() {
        if let (Some(connection), Some(frame)) = (finding.connection, finding.frame) {
            let key = (connection.index(), frame.index());
            by_frame.entry(key).or_default().push(number);
        }
    }
    std::rc::Rc::new(by_frame)
}

/// The row of one frame, without its findings; `None` when there is no such frame.
pub fn frame(trace: &Trace, connection: &Connection, id: FrameId) -> Option<FrameReport> {
    let row = connection.http2()?.frames.get(id.index())?;
    let arrived = trace.last_packet(connection, row);
    let came_earlier = (arrived < row.packet).then_some(arrived);
    let mut report = FrameReport {
        connection: connection.id.index(),
        frame: id.index(),
        direction: Some(connection.direction(row.side)),
        time_ns: trace.time_ns(row.packet),
        packet: row.packet.number(),
        first_packet: trace.first_packet(connection, row).number(),
        arrived_packet: came_earlier.map(|packet| packet.number()),
        arrived_ns: came_earlier.map(|packet| trace.time_ns(packet)),
        kind: row.kind.name(),
        type_code: row.kind.0,
        type_note: row.kind.note(),
        stream: row.stream.0,
        length: row.length,
        flags: row.flags.names(row.kind).collect(),
        flags_code: row.flags.0,
        truncated: (!row.whole).then_some(true),
        info: info(trace, connection, id),
        since_start: since_start(trace, row),
        ..FrameReport::default()
    };
    if row.whole
        && let Some(bytes) = trace.frame_bytes(connection, row)
    {
        report.fill(trace, connection, id, &bytes);
    }
    Some(report)
}

fn since_start(trace: &Trace, row: &FrameRow) -> String {
    let start_ns = trace.start_ns();
    text::seconds(trace.time_ns(row.packet), start_ns)
}

impl FrameReport {
    /// Adds what the payload says.
    fn fill(&mut self, trace: &Trace, connection: &Connection, id: FrameId, bytes: &Bytes) {
        let Some((header, payload)) = bytes.split_first_chunk::<{ FrameHeader::LEN }>() else {
            return;
        };
        let header = FrameHeader::decode(header);
        let bytes = payload;
        let Ok(payload) = Payload::decode(&header, bytes) else {
            self.payload = Some(payload_hex(bytes));
            return;
        };
        self.pad_length = payload.padding().map(|padding| padding.length);
        if payload.header_block_fragment().is_some()
            && !matches!(payload, Payload::Continuation(_))
            && let Some(block) = trace.header_block(connection, id)
            && block.row.complete
        {
            self.header_block_bytes = Some(block.bytes.len());
            self.table_size_updates = block
                .size_updates
                .iter()
                .map(|update| update.max_size_bytes)
                .collect();
            self.headers = Some(block.fields.iter().map(FieldReport::from).collect());
        }
        match payload {
            Payload::Data(data) => self.data_length = Some(data.data.len()),
            Payload::Headers(headers) => {
                self.priority = headers.priority.map(PriorityReport::from);
            }
            Payload::Priority(priority) => self.priority = Some(priority.into()),
            Payload::RstStream(reset) => self.error = Some(reset.error.into()),
            Payload::Settings(settings) => {
                self.settings = Some(
                    settings
                        .iter()
                        .map(|(id, value)| SettingReport {
                            id: id.0,
                            name: id.name(),
                            value,
                        })
                        .collect(),
                );
            }
            Payload::PushPromise(promise) => self.promised_stream = Some(promise.promised_stream.0),
            Payload::Ping(ping) => self.opaque = Some(text::hex(&ping.opaque)),
            Payload::Goaway(goaway) => {
                self.last_stream = Some(goaway.last_stream.0);
                self.error = Some(goaway.error.into());
                let (debug_data, hex) = text::text_and_hex(goaway.debug_data);
                self.debug_data = Some(debug_data);
                self.debug_data_hex = hex;
            }
            Payload::WindowUpdate(update) => self.increment = Some(update.increment_bytes),
            Payload::AltSvc(alt_svc) => {
                self.origin = Some(lossy(alt_svc.origin));
                self.alt_svc = Some(lossy(alt_svc.field_value));
            }
            Payload::Origin(origin) => self.origins = Some(origin.iter().map(lossy).collect()),
            Payload::PriorityUpdate(update) => {
                self.prioritized_stream = Some(update.prioritized_stream.0);
                self.priority_field = Some(lossy(update.field_value));
            }
            Payload::Unknown(_) => self.payload = Some(payload_hex(bytes)),
            Payload::Continuation(_) => {}
        }
    }
}

impl FrameReport {
    /// Names what a block alone does not tell.
    fn conclude(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        id: FrameId,
        inference: &Inference,
    ) {
        if inference.names.is_empty() {
            return;
        }
        let mut fields = trace.header_fields(connection, id);
        let reports: Vec<FieldReport> = fields
            .iter_mut()
            .map(|field| {
                let reason = inference.apply(field);
                FieldReport::concluded(field, reason)
            })
            .collect();
        let concluded = reports.iter().filter(|field| field.inferred_by.is_some());
        let names: Vec<&str> = concluded
            .filter_map(|field| field.name.as_deref())
            .collect();
        if !names.is_empty() {
            let names = text::one_line(&names.join(", "), 80);
            self.info.push_str(&format!("; inferred: {names}"));
            self.headers = Some(reports);
        }
    }
}

/// How much of a payload that nobody can read is printed.
pub const MAX_PAYLOAD_BYTES: usize = 1024;

fn payload_hex(payload: &[u8]) -> String {
    text::hex(payload.get(..MAX_PAYLOAD_BYTES).unwrap_or(payload))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Tabular for FrameReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("#"),
        Column::Number("time s"),
        Column::Number("packet"),
        Column::Text(""),
        Column::Number("stream"),
        Column::Text("type"),
        Column::Text("flags"),
        Column::Number("length"),
        Column::Text("info"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.connection.to_string(),
            self.frame.to_string(),
            self.since_start.clone(),
            self.packet.to_string(),
            self.direction.map_or("", Direction::arrow).to_owned(),
            self.stream.to_string(),
            self.kind.to_owned(),
            self.flags.join(" "),
            self.length.to_string(),
            self.info.clone(),
        ]
    }
}
