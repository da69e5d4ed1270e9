//! Which call, which message and which field are looked at, from the selection and what was chosen in the view.

use crate::trace::{Carrier, Connection, Unit};
use crate::ui::grpc::{OpenCall, OpenMessage};
use crate::ui::widgets::format;
use crate::ui::{Item, ViewContext};
use crate::wire::http2::FrameKind;
use std::rc::Rc;

/// What is looked at in one picture.
pub struct Looked<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The call.
    pub call: Rc<OpenCall>,
    /// The position of the message among those of the call.
    pub position: usize,
    /// The message; `None` for a call without any.
    pub message: Option<Rc<OpenMessage>>,
}

/// Frames that are looked at for the last one with content before the cursor.
const MAX_BACK: usize = 1000;

/// The call that the selection belongs to: its stream, else that of the last content before the cursor.
pub fn call<'a>(context: &ViewContext<'a>) -> Option<(&'a Connection, Rc<OpenCall>)> {
    let connection = context.connection?;
    let selected = context
        .selected_carrier()
        .filter(|of| of.stream().is_none_or(|stream| !stream.is_connection()));
    let carrier = selected.or_else(|| {
        let http2 = connection.http2()?;
        let read = context.frame_count();
        let mut last = (read.saturating_sub(MAX_BACK)..read).rev();
        let rows = last.by_ref().filter_map(|at| http2.frames.get(at));
        let mut data = rows.filter(|row| row.kind == FrameKind::DATA);
        Some(Carrier::Stream(data.next()?.stream))
    })?;
    let call = context.grpc.open(context.trace, connection, carrier)?;
    Some((connection, call))
}

/// The message that a selection leads to: the one that owns its bytes; for a frame without any and a stream, the last
/// that is there at the cursor, else the first.
pub fn message_of(
    context: &ViewContext<'_>,
    connection: &Connection,
    call: &OpenCall,
    selection: Option<Item>,
) -> usize {
    let of_bytes = |unit: Unit, byte: u32| call.message_at(connection, unit, byte);
    let found = match (selection.and_then(Item::bytes), selection) {
        (Some((unit, range)), _) => of_bytes(unit, range.start),
        // The first byte of the payload.
        (None, Some(Item::Frame(_, frame))) => of_bytes(Unit::Frame(frame), 9),
        (None, Some(Item::Message(_, message))) => of_bytes(Unit::Message(message), 0),
        _ => None,
    };
    found.unwrap_or_else(|| {
        let read = context.read();
        let list = call.messages.list.iter();
        let there = list.filter(|message| read.has(message.moment())).count();
        there.saturating_sub(1)
    })
}

/// The field that an item's bytes belong to: the one with just these bytes, else the innermost that owns the first.
pub fn field_of(message: &OpenMessage, item: Option<Item>) -> Option<usize> {
    let (unit, range) = item?.bytes()?;
    let parsed = message.parsed.as_ref()?;
    let first = message.decoded_at(unit, range.start)?;
    let last = message.decoded_at(unit, range.end.checked_sub(1)?)?;
    let whole = parsed.bytes.len();
    let range = first..last.saturating_add(1);
    if range == (0..whole) && parsed.rows.len() != 1 {
        // All of it is no field.
        return None;
    }
    let exact = parsed.rows.iter().position(|row| row.range == range);
    exact.or_else(|| {
        let own = parsed.field_at(first)?;
        parsed.rows.iter().position(|row| row.range == own.range)
    })
}

/// A message of the list in words: `→ 0 · 12 bytes · frame 17`.
pub fn message_words(call: &OpenCall, position: usize) -> String {
    let Some(message) = call.messages.list.get(position) else {
        return String::new();
    };
    let mut words = format!(
        "{} message {} · {}",
        message.direction.name(),
        message.number,
        format::exact_bytes(message.span.prefix.length.into()),
    );
    if message.span.prefix.compressed() {
        words.push_str(" compressed");
    }
    let place = match (message.first, message.last) {
        (Unit::Frame(first), Unit::Frame(last)) if first == last => format!(" · frame {first}"),
        (Unit::Frame(first), Unit::Frame(last)) => format!(" · frames {first} to {last}"),
        _ => format!(" · packet {}", message.packet.number()),
    };
    words.push_str(&place);
    if !message.whole {
        words.push_str(" · not all of it is in the capture");
    }
    words
}

/// What stands above the tree: the type, or that there is no schema; bytes; what is wrong.
pub fn message_heading(message: &OpenMessage) -> String {
    let Some(parsed) = &message.parsed else {
        return message.trouble.clone().unwrap_or_default();
    };
    let name = match &parsed.type_name {
        Some(name) => name.clone(),
        None => "no schema: fields are read as is likely".to_owned(),
    };
    let mut words = format!(
        "{name} · {}",
        format::exact_bytes(parsed.bytes.len() as u64)
    );
    let sent = message.payload.sent.len();
    if sent != parsed.bytes.len() {
        words.push_str(&format!(" unpacked from {}", format::count(sent as u64)));
    }
    if let Some(damage) = &parsed.damage {
        words.push_str(&format!(" · damaged at {damage}"));
    }
    if let Some(trouble) = &message.trouble {
        words.push_str(&format!(" · {trouble}"));
    }
    words
}
