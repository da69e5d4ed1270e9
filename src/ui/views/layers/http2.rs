//! What of HTTP/2 lies around the selected bytes: frames, and what they carry.

use super::focus::Focus;
use super::kept::Kept;
use super::model::Slice;
use crate::trace::{Connection, FrameId, FrameRow, Trace, Unit};
use crate::ui::Item;
use crate::ui::widgets::format;
use crate::wire::http2::{FrameHeader, FrameKind};

/// What a frame carries, as far as that has a life of its own.
pub(super) fn content(
    trace: &Trace,
    connection: &Connection,
    kept: &Kept,
    focus: &Focus,
    id: FrameId,
    row: &FrameRow,
) -> Option<Slice> {
    let (range, label, short, about) = if row.kind == FrameKind::DATA {
        let part = kept
            .body
            .as_ref()
            .filter(|_| focus.carrier == Some(row.stream.into()))
            .and_then(|body| {
                let parts = body.parts();
                let index = parts.partition_point(|part| part.unit < Unit::Frame(id));
                parts.get(index).filter(|part| part.unit == Unit::Frame(id))
            });
        match part {
            Some(part) => {
                let len = part.range.end - part.range.start;
                let span = format::span(part.start..part.start.saturating_add(len));
                (
                    part.range.clone(),
                    format!("body of stream {}, {span}", row.stream),
                    "body",
                    format!("bytes {span} of the body on stream {}", row.stream),
                )
            }
            None => (
                row.payload_range(),
                format!("body of stream {}", row.stream),
                "body",
                format!("a piece of the body on stream {}", row.stream),
            ),
        }
    } else if row.block.is_some() {
        let bytes = trace.frame_bytes(connection, row)?;
        let header = FrameHeader::decode(bytes.first_chunk()?);
        let payload = bytes.slice(FrameHeader::LEN..);
        let (_, fragment) = crate::wire::http2::Payload::decode(&header, &payload)
            .ok()?
            .header_block_fragment()?;
        let start = row.payload_range().start;
        (
            start + fragment.start as u64..start + fragment.end as u64,
            format!("header block of stream {}", row.stream),
            "fields",
            format!("header fields on stream {}, packed by HPACK", row.stream),
        )
    } else {
        return None;
    };
    let within = |byte: u64| u32::try_from(byte.saturating_sub(row.offset)).ok();
    let item = Item::Bytes {
        connection: connection.id,
        frame: id,
        start: within(range.start)?,
        end: within(range.end)?,
    };
    (range.start < range.end).then_some(Slice {
        range,
        head: 0,
        label,
        short: short.to_owned(),
        about,
        headers: Vec::new(),
        carrier: Some(row.stream.into()),
        item,
        missing: false,
    })
}

/// A frame.
pub(super) fn frame(connection: &Connection, id: FrameId, row: &FrameRow) -> Slice {
    let stream = if row.stream.is_connection() {
        String::new()
    } else {
        format!(", stream {}", row.stream)
    };
    Slice {
        range: row.range(),
        head: FrameHeader::LEN as u64,
        label: format!("{}{stream}", row.kind),
        short: row.kind.to_string(),
        about: format!(
            "frame {id}: {} on stream {}, {} behind a header of 9: length (3), type (1), flags (1), stream (4)",
            row.kind,
            row.stream,
            format::exact_bytes(u64::from(row.length))
        ),
        headers: Vec::new(),
        carrier: Some(row.stream.into()),
        item: Item::Frame(connection.id, id),
        missing: false,
    }
}
