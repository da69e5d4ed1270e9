//! What a frame says, in a few words.

use super::{lossy, payload_hex};
use crate::report::text;
use crate::trace::{Connection, FrameId, Trace};
use crate::wire::http2::{FrameHeader, Payload, Priority};

/// What a frame says, in a few words: `GET /style.css`, `200 text/css`, `+32768 bytes`.
pub fn info(trace: &Trace, connection: &Connection, id: FrameId) -> String {
    let Some(row) = connection
        .http2()
        .and_then(|http2| http2.frames.get(id.index()))
    else {
        return String::new();
    };
    if !row.whole {
        return "not all of it is in the capture".to_owned();
    }
    if row.kind == crate::wire::http2::FrameKind::DATA {
        return if row.ends_stream() {
            "last of the stream".to_owned()
        } else {
            String::new()
        };
    }
    let Some(bytes) = trace.frame_bytes(connection, row) else {
        return String::new();
    };
    let Some((header, payload)) = bytes.split_first_chunk::<{ FrameHeader::LEN }>() else {
        return String::new();
    };
    match Payload::decode(&FrameHeader::decode(header), payload) {
        Ok(payload) => payload_info(trace, connection, id, &payload),
        Err(error) => error.to_string(),
    }
}

fn payload_info(
    trace: &Trace,
    connection: &Connection,
    id: FrameId,
    payload: &Payload<'_>,
) -> String {
    match payload {
        Payload::Headers(_) => headers_info(trace, connection, id),
        Payload::PushPromise(promise) => format!(
            "promises stream {}: {}",
            promise.promised_stream,
            headers_info(trace, connection, id)
        ),
        Payload::Priority(priority) => priority_info(priority),
        Payload::RstStream(reset) => reset.error.to_string(),
        Payload::Settings(settings) => {
            let settings: Vec<String> = settings
                .iter()
                .map(|(id, value)| format!("{id} {value}"))
                .collect();
            settings.join(", ")
        }
        Payload::Ping(ping) => text::hex(&ping.opaque),
        Payload::Goaway(goaway) => {
            let debug_data = lossy(goaway.debug_data);
            let mut info = format!("{}, last stream {}", goaway.error, goaway.last_stream);
            if !debug_data.is_empty() {
                info.push_str(&format!(", \"{}\"", text::one_line(&debug_data, 60)));
            }
            info
        }
        Payload::WindowUpdate(update) => {
            format!(
                "+{} bytes",
                text::grouped(u64::from(update.increment_bytes))
            )
        }
        Payload::Continuation(_) => "more of the header block".to_owned(),
        Payload::AltSvc(alt_svc) => lossy(alt_svc.field_value),
        Payload::Origin(origin) => origin.iter().map(lossy).collect::<Vec<_>>().join(", "),
        Payload::PriorityUpdate(update) => format!(
            "stream {}: {}",
            update.prioritized_stream,
            lossy(update.field_value)
        ),
        Payload::Unknown(bytes) => payload_hex(bytes),
        Payload::Data(_) => String::new(),
    }
}

fn priority_info(priority: &Priority) -> String {
    format!(
        "depends on {}{}, weight {}",
        priority.depends_on,
        if priority.exclusive {
            " exclusively"
        } else {
            ""
        },
        priority.weight
    )
}

fn headers_info(trace: &Trace, connection: &Connection, id: FrameId) -> String {
    let fields = trace.header_fields(connection, id);
    let value = |name: &str| {
        let field = fields.iter().find(|field| field.is_named(name))?;
        Some(text::one_line(&lossy(field.value.as_deref()?), 80))
    };
    if let Some(status) = value(":status") {
        return match value("content-type") {
            Some(content_type) => format!("{status} {content_type}"),
            None => status,
        };
    }
    match (value(":method"), value(":path").or(value(":authority"))) {
        (Some(method), Some(target)) => format!("{method} {target}"),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => match value("grpc-status") {
            Some(status) => format!("grpc-status {status}"),
            None => match fields.len() {
                0 => "header block not readable".to_owned(),
                1 => "1 field".to_owned(),
                count => format!("{count} fields"),
            },
        },
    }
}
