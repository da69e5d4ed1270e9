//! The call that somebody looks at: its messages, the one that is taken apart, and the way between its fields and the
//! bytes of frames. Kept while the same call is looked at, for all views together.

use super::Grpc;
use crate::analysis::grpc::{self, Call, CallMessages, Message, Payload, content};
use crate::trace::{Carrier, Connection, ConnectionId, Direction, Trace, Unit};
use crate::ui::Item;
use crate::ui::widgets::protobuf::Parsed;
use crate::wire::http2::FrameKind;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// Of what an open call was made: the call, the frames of its stream or the bytes of its exchange, and how messages are
/// read.
type Key = (ConnectionId, Carrier, u64, u64);

/// What is kept.
#[derive(Clone, Default)]
pub(super) struct Kept {
    call: RefCell<Option<(Key, Option<Rc<OpenCall>>)>>,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept")
    }
}

/// A call with its messages.
pub struct OpenCall {
    /// All that is known about it.
    pub call: Call,
    /// Its messages, both sides in the order in which they were there.
    pub messages: CallMessages,
    taken_apart: RefCell<Option<(usize, Rc<OpenMessage>)>>,
}

/// A message taken apart.
pub struct OpenMessage {
    /// Who sends it.
    pub direction: Direction,
    /// What its fields are pooled and said under.
    pub scope: String,
    /// Its bytes.
    pub payload: Payload,
    /// Its fields; `None` when it is not protobuf or cannot be unpacked.
    pub parsed: Option<Parsed>,
    /// Why it could not be read to its end, or is no protobuf: a sentence.
    pub trouble: Option<String>,
    /// Whether its fields lie in the frames as they are: neither compressed nor in base64.
    in_place: bool,
    /// Its payload: frames or messages of HTTP/1.1, and ranges of each counted from its first byte.
    places: Vec<(Unit, Range<u32>)>,
}

impl Grpc {
    /// A call with its messages; `None` when there is none. Cheap while it stays the same call.
    pub fn open(
        &self,
        trace: &Trace,
        connection: &Connection,
        carrier: impl Into<Carrier>,
    ) -> Option<Rc<OpenCall>> {
        let carrier = carrier.into();
        let key = (
            connection.id,
            carrier,
            extent(connection, carrier)?,
            self.version,
        );
        let mut kept = self.kept.call.borrow_mut();
        if let Some((of, call)) = &*kept
            && *of == key
        {
            return call.clone();
        }
        let call = grpc::call(trace, connection, carrier).and_then(|call| {
            let mut messages = grpc::messages(trace, connection, carrier)?;
            messages.list.retain(|message| !message.is_web_trailers());
            Some(Rc::new(OpenCall {
                call,
                messages,
                taken_apart: RefCell::default(),
            }))
        });
        *kept = Some((key, call.clone()));
        call
    }

    /// The innermost field of a message that owns a byte of a `DATA` frame or of a message of HTTP/1.1: the field's bytes
    /// within it, and the field in words. The byte counts from the first of the frame's header or the message's head.
    pub fn field_at(
        &self,
        trace: &Trace,
        connection: &Connection,
        unit: Unit,
        byte: u32,
    ) -> Option<(Range<u32>, String)> {
        if self.calls.rows().is_empty() {
            return None;
        }
        let carrier = carrier_of(connection, unit)?;
        let call = self.open(trace, connection, carrier)?;
        let position = call.message_at(connection, unit, byte)?;
        let message = call.message(self, trace, connection, position)?;
        let at = message.decoded_at(unit, byte)?;
        let field = message.parsed.as_ref()?.field_at(at)?;
        message
            .parts(field.range.clone())
            .find(|(of, _)| *of == unit)
            .map(|(_, range)| (range, field.text()))
    }
}

impl Grpc {
    /// All parts of what an item's bytes are a part of: a field that lies in several frames, or a message whose fields
    /// have no bytes of their own in the frames, since it was compressed. Empty where the bytes stand for themselves.
    pub fn parts_of(
        &self,
        trace: &Trace,
        connection: &Connection,
        item: Item,
    ) -> Vec<(Unit, Range<u32>)> {
        let Some((unit, bytes)) = item.bytes() else {
            return Vec::new();
        };
        let find = || {
            if item.connection() != Some(connection.id) || self.calls.rows().is_empty() {
                return None;
            }
            let carrier = carrier_of(connection, unit)?;
            let call = self.open(trace, connection, carrier)?;
            let position = call.message_at(connection, unit, bytes.start)?;
            let message = call.message(self, trace, connection, position)?;
            let here = |parts: &[(Unit, Range<u32>)]| parts.contains(&(unit, bytes.clone()));
            if !message.in_place {
                return Some(message.places.clone()).filter(|parts| here(parts));
            }
            let at = message.decoded_at(unit, bytes.start)?;
            let parsed = message.parsed.as_ref()?;
            let mut owners = parsed.rows_at(at).map(|row| row.range.clone());
            owners.find_map(|range| {
                let parts: Vec<_> = message.parts(range).collect();
                (parts.len() > 1 && here(&parts)).then_some(parts)
            })
        };
        find().unwrap_or_default()
    }
}

/// The stream of a `DATA` frame, or the exchange of a message of HTTP/1.1.
fn carrier_of(connection: &Connection, unit: Unit) -> Option<Carrier> {
    match unit {
        Unit::Frame(frame) => {
            let row = connection.http2()?.frames.get(frame.index())?;
            (row.kind == FrameKind::DATA).then(|| row.stream.into())
        }
        Unit::Message(message) => Some(connection.http1()?.message(message)?.exchange.into()),
    }
}

/// How much of a call's carrier there is: with more, the call is another.
fn extent(connection: &Connection, carrier: Carrier) -> Option<u64> {
    match carrier {
        Carrier::Stream(stream) => Some(connection.http2()?.frames_of(stream).len() as u64),
        Carrier::Exchange(exchange) => {
            let rows = connection.http1()?.messages_of(exchange);
            Some(rows.map(|(_, row)| row.range().end - row.offset).sum())
        }
    }
}

impl OpenCall {
    /// Where a message lies: frames or messages of HTTP/1.1, and ranges counted from the first byte of each.
    fn places(
        &self,
        connection: &Connection,
        message: &Message,
        range: Range<u64>,
    ) -> Vec<(Unit, Range<u32>)> {
        let body = self.messages.body(message);
        body.places(range)
            .filter_map(|(unit, range)| Some((unit, within(unit.offset(connection)?, &range)?)))
            .collect()
    }

    /// The position of the message that owns a byte of a frame or of a message of HTTP/1.1; else of the first with bytes
    /// in it.
    pub fn message_at(&self, connection: &Connection, unit: Unit, byte: u32) -> Option<usize> {
        let list = &self.messages.list;
        let side = match unit {
            Unit::Frame(frame) => connection.http2()?.frames.get(frame.index())?.side,
            Unit::Message(message) => connection.http1()?.message(message)?.side,
        };
        let direction = connection.direction(side);
        // A side's messages lie in the order of their frames.
        let within = |message: &Message| {
            message.direction == direction && message.first <= unit && unit <= message.last
        };
        let mut first = None;
        for (position, message) in list.iter().enumerate() {
            if !within(message) {
                continue;
            }
            first = first.or(Some(position));
            let places = self.places(connection, message, message.span.range());
            if places
                .iter()
                .any(|(id, range)| *id == unit && range.contains(&byte))
            {
                return Some(position);
            }
        }
        first
    }

    /// A message taken apart. Cheap while it stays the same message.
    pub fn message(
        &self,
        grpc: &Grpc,
        trace: &Trace,
        connection: &Connection,
        position: usize,
    ) -> Option<Rc<OpenMessage>> {
        let mut kept = self.taken_apart.borrow_mut();
        if let Some((of, message)) = &*kept
            && *of == position
        {
            return Some(message.clone());
        }
        let message = self.messages.list.get(position)?;
        let read = Rc::new(self.take_apart(grpc, trace, connection, message));
        *kept = Some((position, read.clone()));
        Some(read)
    }

    fn take_apart(
        &self,
        grpc: &Grpc,
        trace: &Trace,
        connection: &Connection,
        message: &Message,
    ) -> OpenMessage {
        let direction = message.direction;
        let encoding = self.call.encoding(direction);
        let body = self.messages.body(message);
        let payload = Payload::read(trace, connection, body, message, encoding);
        let compressed = message.span.prefix.compressed();
        let trouble = match (&payload.error, &payload.decoded) {
            (Some(error), _) => Some(format!("The message cannot be unpacked: {error}.")),
            (None, None) => Some(
                "The message is compressed in a way that nobody announced or that cannot be unpacked here."
                    .to_owned(),
            ),
            _ if !self.call.protobuf => Some(format!(
                "The messages of this call are no protobuf: its content type ends in +{}.",
                self.call.codec
            )),
            _ if !message.whole => Some("Not all of the message is in the capture.".to_owned()),
            _ => None,
        };
        let decoded = payload.decoded.clone().filter(|_| self.call.protobuf);
        let parsed = decoded.map(|decoded| {
            let tree = grpc.reader.read(&self.call, direction, &decoded);
            let message_type = grpc.reader.message_type(&self.call, direction);
            Parsed::new(decoded, tree, message_type.as_ref())
        });
        let places = self.places(connection, message, message.span.payload_range());
        OpenMessage {
            direction,
            scope: content::scope(&self.call, direction),
            in_place: !compressed && self.call.transport.name() != "grpc-web-text",
            payload,
            parsed,
            trouble,
            places,
        }
    }
}

/// A range of the sender's stream of bytes, counted from the first byte of what it lies in.
fn within(start: u64, range: &Range<u64>) -> Option<Range<u32>> {
    let at = |offset: u64| u32::try_from(offset.checked_sub(start)?).ok();
    Some(at(range.start)?..at(range.end)?)
}

impl OpenMessage {
    /// The parts of frames or messages of HTTP/1.1 that hold a range of the unpacked message; all of it where single bytes
    /// cannot be told.
    pub fn parts(&self, range: Range<usize>) -> impl Iterator<Item = (Unit, Range<u32>)> + '_ {
        let whole = 0..u64::MAX;
        let wanted = match self.in_place {
            true => range.start as u64..range.end as u64,
            false => whole,
        };
        let mut before = 0_u64;
        self.places.iter().filter_map(move |(unit, place)| {
            let start = before;
            let len = u64::from(place.end.saturating_sub(place.start));
            before = start.saturating_add(len);
            let from = wanted.start.max(start);
            let to = wanted.end.min(before);
            let at = |offset: u64| {
                place
                    .start
                    .saturating_add(u32::try_from(offset - start).unwrap_or(u32::MAX))
            };
            (from < to).then(|| (*unit, at(from)..at(to)))
        })
    }

    /// The byte of the unpacked message that lies at a byte of a unit; `None` where single bytes cannot be told.
    pub fn decoded_at(&self, unit: Unit, byte: u32) -> Option<usize> {
        if !self.in_place {
            return None;
        }
        let mut before = 0_usize;
        for (of, place) in &self.places {
            if *of == unit && place.contains(&byte) {
                return Some(before + (byte - place.start) as usize);
            }
            before = before.saturating_add(place.len());
        }
        None
    }

    /// What a range of the unpacked message is as an item: its bytes in the unit that is preferred, else in the first.
    pub fn item(
        &self,
        connection: ConnectionId,
        range: Range<usize>,
        preferred: Option<Unit>,
    ) -> Option<Item> {
        let in_preferred = self
            .parts(range.clone())
            .find(|(unit, _)| Some(*unit) == preferred);
        let (unit, range) = in_preferred.or_else(|| self.parts(range).next())?;
        Some(Item::of_bytes(connection, unit, range))
    }
}
