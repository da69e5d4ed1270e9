//! What of HTTP/1.1 lies around the selected bytes: messages, the chunks that frame their content, and the content.

use super::focus::Focus;
use super::kept::Kept;
use super::model::{MAX_BOXES, Slice};
use crate::trace::{Connection, MessageEnd, MessageId, MessageKind, MessageRow, Unit};
use crate::ui::Item;
use crate::ui::widgets::format;
use crate::wire::http1::Framing;
use std::ops::Range;

/// The line end behind the bytes of a chunk.
const LINE_END: u64 = 2;

/// What a person calls a message: `request of exchange 3`.
fn name(row: &MessageRow) -> String {
    let kind = match row.kind {
        MessageKind::Request => "request".to_owned(),
        MessageKind::Interim => format!("interim response {}", row.status),
        MessageKind::Response => format!("response {}", row.status),
    };
    format!("{kind} of exchange {}", row.exchange)
}

/// A message: its head, and what is behind it.
pub(super) fn message(connection: &Connection, id: MessageId, row: &MessageRow) -> Slice {
    let name = name(row);
    let ends = match (row.framing, row.end) {
        (_, MessageEnd::NotYet) => ", whose end has not come",
        (Framing::None | Framing::Tunnel, _) => "",
        (Framing::Length(_), _) => ", as Content-Length says",
        (Framing::Chunked, _) => " in chunks, up to the one of length 0",
        (Framing::UntilClose, _) => ", up to the end of the connection",
    };
    Slice {
        range: row.range(),
        head: row.head_bytes.into(),
        about: format!(
            "{name}: a head of {}, and {} behind it{ends}",
            format::exact_bytes(row.head_bytes.into()),
            format::exact_bytes(row.body_bytes),
        ),
        short: match row.kind {
            MessageKind::Request => "request".to_owned(),
            MessageKind::Interim | MessageKind::Response => row.status.to_string(),
        },
        label: name,
        headers: Vec::new(),
        carrier: Some(row.exchange.into()),
        item: Item::Message(connection.id, id),
        missing: false,
    }
}

/// Some bytes of a message as what a click selects.
fn item(connection: &Connection, (id, row): (MessageId, &MessageRow), range: &Range<u64>) -> Item {
    let within = |byte: u64| u32::try_from(byte.saturating_sub(row.offset)).ok();
    match (within(range.start), within(range.end)) {
        (Some(start), Some(end)) if start < end => {
            Item::of_bytes(connection.id, Unit::Message(id), start..end)
        }
        _ => Item::Message(connection.id, id),
    }
}

/// What a message carries: its head's fields, and its content, of the one in the middle piece by piece.
pub(super) fn content(
    connection: &Connection,
    kept: &Kept,
    focus: &Focus,
    view: &Range<u64>,
    (id, row): (MessageId, &MessageRow),
) -> Vec<Slice> {
    let of = row.exchange;
    let slice = |range: Range<u64>, label: String, about: String| Slice {
        item: item(connection, (id, row), &range),
        range,
        head: 0,
        label,
        short: "content".to_owned(),
        about,
        headers: Vec::new(),
        carrier: Some(of.into()),
        missing: false,
    };
    let name = name(row);
    let mut head = slice(
        row.head_range(),
        format!("head of exchange {of}"),
        format!("first line and fields of the {name}, as text"),
    );
    head.short = "head".to_owned();
    let mut slices = vec![head];
    if focus.unit != Some(Unit::Message(id)) {
        if row.content_bytes > 0 {
            let about = format!("content of the {name}");
            slices.push(slice(
                row.body_range(),
                format!("content of exchange {of}"),
                about,
            ));
        }
        return slices;
    }
    slices.extend(parts(kept, view).map(|(_, range, start)| {
        let span = format::span(start..start + (range.end - range.start));
        slice(
            range,
            format!("content of exchange {of}, {span}"),
            format!("bytes {span} of the content of the {name}"),
        )
    }));
    slices
}

/// The pieces of the content in the middle that are in view: their positions, where they lie, and where they start in
/// the content.
fn parts(kept: &Kept, view: &Range<u64>) -> impl Iterator<Item = (usize, Range<u64>, u64)> {
    let parts = kept.body.as_ref().map_or(&[][..], |body| body.parts());
    let first = parts.partition_point(|part| part.range.end + LINE_END <= view.start);
    let end = view.end;
    let in_view = parts.iter().enumerate().skip(first);
    in_view
        .take_while(move |(_, part)| part.range.start < end.saturating_add(CHUNK_LINE_LOOK))
        .take(MAX_BOXES)
        .map(|(position, part)| (position, part.range.clone(), part.start))
}

/// A chunk's line with its size may be in view when its bytes are not: no sender writes a longer one.
const CHUNK_LINE_LOOK: u64 = 64;

/// The chunks of the message in the middle: a line with the size, the bytes, and a line end; the last one has none.
pub(super) fn chunks(
    connection: &Connection,
    kept: &Kept,
    focus: &Focus,
    view: &Range<u64>,
) -> Vec<Slice> {
    let Some(Unit::Message(id)) = focus.unit else {
        return Vec::new();
    };
    let row = connection.http1().and_then(|http1| http1.message(id));
    let Some(row) = row.filter(|row| row.framing == Framing::Chunked) else {
        return Vec::new();
    };
    let all = kept.body.as_ref().map_or(&[][..], |body| body.parts());
    let body = row.body_range();
    let ends = |position: Option<usize>| {
        let part = position.and_then(|position| all.get(position));
        part.map_or(body.start, |part| {
            part.range.end.saturating_add(LINE_END).min(body.end)
        })
    };
    let mut slices: Vec<Slice> = parts(kept, view)
        .map(|(position, content, _)| {
            let begin = ends(position.checked_sub(1));
            let range = begin..ends(Some(position));
            let bytes = format::exact_bytes(content.end - content.start);
            Slice {
                item: item(connection, (id, row), &range),
                head: content.start.saturating_sub(begin),
                range,
                label: format!("chunk {position}, {bytes}"),
                short: position.to_string(),
                headers: Vec::new(),
                about: format!(
                    "chunk {position}: a line with its size in hexadecimal digits, {bytes}, and a line end"
                ),
                carrier: Some(row.exchange.into()),
                missing: false,
            }
        })
        .collect();
    let last = ends(all.len().checked_sub(1))..body.end;
    let in_view = last.start < view.end && last.end > view.start;
    if in_view && row.end == MessageEnd::Whole && !last.is_empty() {
        let trailers = u64::from(row.trailer_bytes).saturating_sub(LINE_END);
        let and = match trailers {
            0 => String::new(),
            bytes => format!(", and {} of trailers", format::exact_bytes(bytes)),
        };
        slices.push(Slice {
            item: item(connection, (id, row), &last),
            head: 0,
            range: last,
            label: "last chunk: 0".to_owned(),
            short: "0".to_owned(),
            headers: Vec::new(),
            about: format!("the chunk of length 0, which ends the content{and}"),
            carrier: Some(row.exchange.into()),
            missing: false,
        });
    }
    slices
}
