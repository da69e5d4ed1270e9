//! The tabs of HTTP/1.1: an exchange with its times, and a message with its fields.

use super::section::{Entry, Section};
use crate::analysis::exchanges::Exchange;
use crate::analysis::fields::FrameFields;
use crate::trace::{
    Connection, MessageEnd, MessageId, MessageKind, MessageRow, PacketId, Trace, Unit,
};
use crate::ui::Item;
use crate::ui::views::requests::model::{exchange_outcome, exchange_purpose};
use crate::ui::widgets::format;
use crate::wire::http1::Framing;

/// Rows of content that are listed of a message: of a long body, the first chunks tell enough.
const MAX_BODY_ROWS: usize = 60;

/// `Exchange 3 · GET /img/loom.png`.
pub(super) fn heading(connection: &Connection, exchange: &Exchange) -> String {
    format!(
        "Exchange {} · {}",
        exchange.id,
        exchange_purpose(connection, exchange)
    )
}

/// All rows of an exchange's tab.
pub(super) fn sections(
    trace: &Trace,
    connection: &Connection,
    exchange: &Exchange,
) -> Vec<Section> {
    let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
    let timing = exchange.timing(trace);
    let at = |time_ns: Option<i64>| {
        time_ns.map(|time_ns| format::duration_ns(time_ns.saturating_sub(origin)))
    };
    let mut about = vec![
        Entry::new("asked", exchange_purpose(connection, exchange)),
        Entry::new("answered", exchange_outcome(exchange)),
    ];
    if exchange.is_tunnel() {
        about.push(
            Entry::new("then", "the connection speaks another protocol").hover(
                "Behind this response the bytes are no messages of HTTP/1.1 any more.",
                "RFC 9110 §7.8",
            ),
        );
    }
    let when = [
        ("request's head", at(timing.sent_ns)),
        ("request's last byte", at(timing.request_end_ns)),
        ("response's head", at(timing.first_byte_ns)),
        ("response's last byte", at(timing.last_byte_ns)),
        ("waited", timing.waiting_ns().map(lasted)),
        ("received in", timing.receiving_ns().map(lasted)),
    ];
    let when = when.into_iter();
    let when = when.filter_map(|(name, value)| Some(Entry::new(name, value?)));
    let row = connection
        .http1()
        .and_then(|http1| http1.exchange(exchange.id));
    let mut messages = Vec::new();
    if let Some((id, message)) = row
        .and_then(|row| row.request)
        .zip(exchange.request.as_ref())
    {
        messages.push(message_entry(connection, id, message));
    }
    for interim in &exchange.interim {
        let packet = Item::Packet(interim.head_packet);
        let words = format!(
            "{} in packet {}",
            interim.status,
            interim.head_packet.number()
        );
        messages.push(Entry::new("interim response", words).item(packet));
    }
    if let Some((id, message)) = row
        .and_then(|row| row.response)
        .zip(exchange.response.as_ref())
    {
        messages.push(message_entry(connection, id, message));
    }
    vec![
        Section::new("", about),
        Section::new("when, since the capture's first packet", when.collect()),
        Section::new("messages", messages),
    ]
}

fn lasted(length_ns: u64) -> String {
    format::duration_ns(i64::try_from(length_ns).unwrap_or(i64::MAX))
}

fn message_entry(connection: &Connection, id: MessageId, row: &MessageRow) -> Entry {
    let words = format!(
        "head of {}, content of {}, in {}",
        format::exact_bytes(row.head_bytes.into()),
        format::exact_bytes(row.content_bytes),
        packets(row.head_packet, row.last_packet),
    );
    Entry::new(kind_name(row.kind), words).item(Item::Message(connection.id, id))
}

fn packets(first: PacketId, last: PacketId) -> String {
    match first == last {
        true => format!("packet {}", first.number()),
        false => format!("packets {} to {}", first.number(), last.number()),
    }
}

fn kind_name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Request => "request",
        MessageKind::Interim => "interim response",
        MessageKind::Response => "response",
    }
}

/// `Request of exchange 3, from the client`.
pub(super) fn message_heading(connection: &Connection, row: &MessageRow) -> String {
    let mut kind = kind_name(row.kind).to_owned();
    if let Some(first) = kind.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let who = connection.direction(row.side).name();
    format!("{kind} of exchange {}, from the {who}", row.exchange)
}

/// All rows of a message's tab: its first line, its fields, each with its bytes, and how it ends.
pub(super) fn message_sections(
    connection: &Connection,
    (id, row): (MessageId, &MessageRow),
    fields: &FrameFields,
) -> Vec<Section> {
    let head_end = row.head_bytes;
    let mut line = Vec::new();
    let mut head = Vec::new();
    let mut body = Vec::new();
    for node in &fields.nodes {
        let value = match node.value.is_empty() {
            true => format::exact_bytes(u64::from(node.range.end - node.range.start)),
            false => node.value.clone(),
        };
        let entry = Entry::new(&node.name, value)
            .hover(&node.meaning, &node.section)
            .item(Item::of_bytes(
                connection.id,
                Unit::Message(id),
                node.range.clone(),
            ));
        let is_line = matches!(
            (row.kind, node.name.as_str()),
            (MessageKind::Request, "method" | "target" | "version")
                | (_, "version" | "status" | "reason")
        ) && line.len() < 3;
        if is_line {
            line.push(entry);
        } else if node.range.start < head_end {
            head.push(entry);
        } else if body.len() < MAX_BODY_ROWS {
            body.push(entry);
        }
    }
    let ends = match row.framing {
        Framing::None => "with its head: it has no content",
        Framing::Length(_) => "after as many bytes as Content-Length says",
        Framing::Chunked => "with the chunk of length 0",
        Framing::UntilClose => "with the connection",
        Framing::Tunnel => "never: another protocol follows",
    };
    let came = match (row.end, row.held) {
        (MessageEnd::Whole, true) => "whole",
        (MessageEnd::Whole, false) => "whole, and not all of it is in the capture",
        (MessageEnd::NotYet, _) => "its end has not come",
        (MessageEnd::Cut, _) => "cut off by the end of the connection",
        (MessageEnd::Lost, _) => "where it ends cannot be known",
    };
    let about = vec![
        Entry::new("sent by", connection.direction(row.side).name()),
        Entry::new("ends", ends).hover(
            "How the receiver knows where the message ends and the next one begins.",
            "RFC 9112 §6.3",
        ),
        Entry::new("came", came),
        Entry::new("in", packets(row.head_packet, row.last_packet))
            .item(Item::Packet(row.head_packet)),
        Entry::new("exchange", row.exchange.to_string())
            .item(Item::Exchange(connection.id, row.exchange)),
    ];
    vec![
        Section::new("first line", line),
        Section::new("fields of the head", head),
        Section::new("behind the head", body),
        Section::new("about it", about),
    ]
}
