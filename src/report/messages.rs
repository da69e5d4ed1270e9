//! `wireloom messages`: one row per message of a gRPC call, and per JSON body.

use super::carrier::CarrierReport;
use super::fields::{self, DamageReport, FieldReport};
use super::table::{Column, Tabular};
use super::text;
use crate::analysis::documents::{self, Document};
use crate::analysis::grpc::{self, Call, CallMessages, Message, MessageReader, Payload};
use crate::trace::{
    Carrier, Connection, Direction, ExchangeId, FrameId, Side, StreamRow, Trace, Unit,
};
use crate::wire::protobuf::tree;
use serde::Serialize;

/// A message.
#[derive(Clone, Debug, Serialize)]
pub struct MessageReport {
    /// The connection.
    pub connection: usize,
    /// What carries it.
    #[serde(flatten)]
    pub carrier: CarrierReport,
    /// Who sends it.
    pub direction: Direction,
    /// Its number per stream or exchange and direction, from 0.
    pub number: u32,
    /// When its last byte could be read.
    pub time_ns: i64,
    /// The packet with which it could be read.
    pub packet: u64,
    /// The frame with its first byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_frame: Option<usize>,
    /// The frame with its last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<usize>,
    /// What carries it.
    pub protocol: &'static str,
    /// Bytes as they travelled, without the prefix.
    pub length: u64,
    /// Whether it is compressed.
    pub compressed: bool,
    /// What its sender announced for compressed messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Bytes once unpacked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoded_length: Option<usize>,
    /// Not all of it is in the capture.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Why it could not be read to its end, one plain sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Its type, when a schema tells.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// Its fields, for protobuf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<FieldReport>>,
    /// What stopped the reading of its fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<DamageReport>,
    /// What it says, for text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it says, for JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<serde_json::Value>,
    #[serde(skip)]
    summary: String,
}

/// One row per message, stream by stream or exchange by exchange; within a call in the order in which they were there.
pub fn messages<'t>(
    trace: &'t Trace,
    reader: &'t MessageReader,
) -> impl Iterator<Item = MessageReport> + 't {
    trace.connections.iter().flat_map(move |connection| {
        let rows = connection.http2().map_or(&[][..], |http2| http2.streams());
        let on_streams = rows
            .iter()
            .flat_map(move |row| of_stream(trace, connection, reader, row));
        let exchanges = connection
            .http1()
            .map_or(0, |http1| http1.exchanges().len());
        let in_exchanges = (0..exchanges).flat_map(move |index| {
            let exchange = ExchangeId::from_index(index);
            of_carrier(trace, connection, reader, exchange.into()).unwrap_or_else(|| {
                let senders = documents::senders_in(connection, exchange);
                of_documents(trace, connection, exchange.into(), senders)
            })
        });
        on_streams.chain(in_exchanges)
    })
}

fn of_stream(
    trace: &Trace,
    connection: &Connection,
    reader: &MessageReader,
    row: &StreamRow,
) -> Vec<MessageReport> {
    of_carrier(trace, connection, reader, row.id.into()).unwrap_or_else(|| {
        let senders = documents::senders(connection, row);
        of_documents(trace, connection, row.id.into(), senders)
    })
}

/// The bodies of JSON that these sides send.
fn of_documents(
    trace: &Trace,
    connection: &Connection,
    carrier: Carrier,
    senders: impl Iterator<Item = Side>,
) -> Vec<MessageReport> {
    senders
        .filter_map(|side| documents::document(trace, connection, carrier, side))
        .map(|document| of_document(connection, &document))
        .collect()
}

/// The messages of the call that something carries; `None` when it carries none.
fn of_carrier(
    trace: &Trace,
    connection: &Connection,
    reader: &MessageReader,
    carrier: Carrier,
) -> Option<Vec<MessageReport>> {
    let call = grpc::call(trace, connection, carrier)?;
    let messages = grpc::messages(trace, connection, carrier)?;
    Some(of_call(trace, connection, reader, &call, &messages))
}

/// A body of JSON is one message.
fn of_document(connection: &Connection, document: &Document) -> MessageReport {
    let json = serde_json::from_slice(&document.decoded).ok();
    let text = || String::from_utf8_lossy(&document.decoded).into_owned();
    MessageReport {
        connection: connection.id.index(),
        carrier: document.body.carrier.into(),
        direction: connection.direction(document.body.sender),
        number: 0,
        time_ns: document.time_ns,
        packet: document.packet.number(),
        first_frame: frame(document.first),
        frame: frame(document.last),
        protocol: "http",
        length: document.body.len(),
        compressed: document.encoding.is_some(),
        encoding: document.encoding.clone(),
        decoded_length: Some(document.decoded.len()),
        truncated: !document.body.is_complete(),
        trouble: document.trouble.clone(),
        type_name: None,
        fields: None,
        damage: None,
        text: json.is_none().then(text),
        json,
        summary: String::new(),
    }
}

fn of_call(
    trace: &Trace,
    connection: &Connection,
    reader: &MessageReader,
    call: &Call,
    messages: &CallMessages,
) -> Vec<MessageReport> {
    let calls = messages
        .list
        .iter()
        .filter(|message| !message.is_web_trailers());
    calls
        .map(|message| report(trace, connection, reader, call, messages, message))
        .collect()
}

fn report(
    trace: &Trace,
    connection: &Connection,
    reader: &MessageReader,
    call: &Call,
    messages: &CallMessages,
    message: &Message,
) -> MessageReport {
    let direction = message.direction;
    let encoding = call.encoding(direction);
    let body = messages.body(message);
    let payload = Payload::read(trace, connection, body, message, encoding);
    let announced = call.encodings[direction.index()].as_deref();
    let compressed = message.span.prefix.compressed();
    let trouble = match payload.error {
        Some(error) => Some(format!("The message cannot be unpacked: {error}.")),
        None if compressed && encoding.is_none() => Some(match announced {
            Some(name) => format!(
                "The message is compressed with {}, which cannot be unpacked here.",
                String::from_utf8_lossy(name)
            ),
            None => {
                "The message says that it is compressed, and no encoding is announced.".to_owned()
            }
        }),
        None => None,
    };
    let decoded = payload.decoded.as_deref();
    let fields = decoded
        .filter(|_| call.protobuf)
        .map(|decoded| reader.read(call, direction, decoded));
    let damage = fields.as_ref().and_then(fields::damage);
    let json = (!call.protobuf && call.codec.eq_ignore_ascii_case("json"))
        .then(|| serde_json::from_slice(payload.decoded.as_deref()?).ok())
        .flatten();
    MessageReport {
        connection: connection.id.index(),
        carrier: call.id.carrier.into(),
        direction,
        number: message.number,
        time_ns: message.time_ns,
        packet: message.packet.number(),
        first_frame: frame(message.first),
        frame: frame(message.last),
        protocol: if call.transport.is_web() {
            "grpc-web"
        } else {
            "grpc"
        },
        length: u64::from(message.span.prefix.length),
        compressed,
        encoding: announced.map(|name| String::from_utf8_lossy(name).into_owned()),
        decoded_length: payload.decoded.as_ref().map(|bytes| bytes.len()),
        truncated: !message.whole,
        trouble,
        type_name: reader
            .message_type(call, direction)
            .map(|message_type| message_type.full_name().to_owned()),
        summary: fields.as_ref().map(summary).unwrap_or_default(),
        fields: fields.as_ref().map(fields::fields),
        damage,
        text: None,
        json,
    }
}

fn frame(unit: Unit) -> Option<usize> {
    unit.frame().map(FrameId::index)
}

/// Characters of a summary: as many as fit a line.
const SUMMARY_CHARS: usize = 120;

/// The fields on one line: `id: 42, name: "Alice"`.
fn summary(message: &tree::Message) -> String {
    let mut line = String::new();
    for field in &message.fields {
        if line.len() > SUMMARY_CHARS {
            break;
        }
        if !line.is_empty() {
            line.push_str(", ");
        }
        match &field.name {
            Some(name) => line.push_str(name),
            None => line.push_str(&field.number.0.to_string()),
        }
        line.push_str(": ");
        match (&field.value, &field.inner) {
            (Some(value), _) => line.push_str(&fields::json_value(value).to_string()),
            (None, Some(inner)) => line.push_str(&format!("{{{}}}", summary(inner))),
            (None, None) => line.push_str("{}"),
        }
    }
    line
}

impl Tabular for MessageReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("stream"),
        Column::Number("exchange"),
        Column::Text(""),
        Column::Number("#"),
        Column::Number("packet"),
        Column::Text("protocol"),
        Column::Text("type"),
        Column::Number("length"),
        Column::Number("unpacked"),
        Column::Text("what"),
    ];

    fn cells(&self) -> Vec<String> {
        let unpacked = if self.compressed {
            self.decoded_length
        } else {
            None
        };
        let what = match (&self.trouble, &self.json, &self.text) {
            (Some(trouble), ..) => trouble.clone(),
            (_, Some(json), _) => json.to_string(),
            (_, _, Some(text)) => text.clone(),
            _ if self.truncated => format!("cut short: {}", self.summary),
            _ => self.summary.clone(),
        };
        let [stream, exchange] = self.carrier.cells();
        vec![
            self.connection.to_string(),
            stream,
            exchange,
            self.direction.arrow().to_owned(),
            self.number.to_string(),
            self.packet.to_string(),
            self.protocol.to_owned(),
            self.type_name.clone().unwrap_or_default(),
            self.length.to_string(),
            unpacked.map_or_else(String::new, |length| length.to_string()),
            text::one_line(&what, SUMMARY_CHARS),
        ]
    }
}
