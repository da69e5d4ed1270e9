//! The call that somebody looks at: its messages, the one that is taken apart, and the way between its fields and the
//! bytes of frames. Kept while the same call is looked at, for all views together.

use super::Grpc;
use crate::analysis::grpc::evolution::counterpart;
use crate::analysis::grpc::{self, Body, Call, CallMessages, Message, Payload, content};
use crate::report::protobuf::{ComparisonReport, compare};
use crate::trace::{Carrier, Connection, ConnectionId, Trace, Unit};
use crate::ui::Item;
use crate::ui::widgets::format;
use crate::ui::widgets::protobuf::Parsed;
use crate::wire::http2::FrameKind;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

mod message;

pub use message::OpenMessage;

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
    /// What a thread takes apart, and the position of its message.
    going: RefCell<Option<(usize, Receiver<Reading>)>>,
}

/// Messages of more bytes than this are taken apart by a thread: a picture would wait for it.
const QUICK_BYTES: u32 = 64 << 10;

/// The same for compressed ones, of which nobody knows before how large they get.
const QUICK_COMPRESSED_BYTES: u32 = 8 << 10;

/// Messages of more bytes are not compared by two versions of a schema: nobody reads so many lines.
const MAX_COMPARED_BYTES: usize = 256 << 10;

/// What reading a message gives.
struct Reading {
    payload: Payload,
    parsed: Option<Parsed>,
    comparison: Option<ComparisonReport>,
    trouble: Option<String>,
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
                going: RefCell::default(),
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
        let call = self.open(trace, connection, carrier_of(connection, unit)?)?;
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
            let call = self.open(trace, connection, carrier_of(connection, unit)?)?;
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

    /// A message taken apart. Cheap while it stays the same message. A large one comes without its fields at first,
    /// which a thread finds.
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
            && !message.working
        {
            return Some(message.clone());
        }
        let message = self.messages.list.get(position)?;
        let read = Rc::new(match self.reading(grpc, trace, connection, position) {
            Some(reading) => self.opened(connection, message, Some(reading)),
            None => match &*kept {
                Some((of, message)) if *of == position => return Some(message.clone()),
                _ => self.opened(connection, message, None),
            },
        });
        *kept = Some((position, read.clone()));
        Some(read)
    }

    /// What reading a message gives: at once where that is quick, else when a thread has found it.
    fn reading(
        &self,
        grpc: &Grpc,
        trace: &Trace,
        connection: &Connection,
        position: usize,
    ) -> Option<Reading> {
        let message = self.messages.list.get(position)?;
        let prefix = message.span.prefix;
        let limit = match prefix.compressed() {
            true => QUICK_COMPRESSED_BYTES,
            false => QUICK_BYTES,
        };
        let body = self.messages.body(message);
        let mut going = self.going.borrow_mut();
        if grpc.at_once || prefix.length <= limit {
            *going = None;
            return Some(read(trace, connection, &self.call, body, message, grpc));
        }
        if let Some((of, receiver)) = &*going
            && *of == position
        {
            let received = receiver.try_recv();
            if matches!(received, Err(TryRecvError::Empty)) {
                return None;
            }
            *going = None;
            // A thread that ended without an answer could not have been started: then a picture has to wait.
            let here = || read(trace, connection, &self.call, body, message, grpc);
            return Some(received.unwrap_or_else(|_| here()));
        }
        let (sender, receiver) = channel();
        *going = Some((position, receiver));
        let (trace, call, id) = (trace.clone(), self.call.clone(), connection.id);
        let (body, message) = (body.clone(), *message);
        let (reader, schemas) = (grpc.reader.clone(), grpc.schemas.clone());
        let work = move || {
            let grpc = Grpc {
                reader,
                schemas,
                ..Grpc::default()
            };
            if let Some(connection) = trace.connection(id) {
                // Another message may be looked at by now.
                let _ = sender.send(read(&trace, connection, &call, &body, &message, &grpc));
            }
        };
        // Without a thread the channel is closed, which is seen in the next picture.
        let _ = std::thread::Builder::new()
            .name("wireloom message".to_owned())
            .spawn(work);
        None
    }

    fn opened(
        &self,
        connection: &Connection,
        message: &Message,
        reading: Option<Reading>,
    ) -> OpenMessage {
        let direction = message.direction;
        let working = reading.is_none();
        let reading = reading.unwrap_or_else(|| Reading {
            payload: Payload::default(),
            parsed: None,
            comparison: None,
            trouble: Some(format!(
                "{} are being taken apart.",
                format::exact_bytes(message.span.prefix.length.into())
            )),
        });
        let compressed = message.span.prefix.compressed();
        let body = self.messages.body(message);
        OpenMessage {
            direction,
            scope: content::scope(&self.call, direction),
            working,
            in_place: !compressed && body.is_in_place(),
            sent_as: body.sent_as(),
            compressed,
            payload: reading.payload,
            parsed: reading.parsed,
            comparison: reading.comparison,
            trouble: reading.trouble,
            places: self.places(connection, message, message.span.payload_range()),
        }
    }
}

/// Reads a message: unpacks it and takes it apart.
fn read(
    trace: &Trace,
    connection: &Connection,
    call: &Call,
    body: &Body,
    message: &Message,
    grpc: &Grpc,
) -> Reading {
    let direction = message.direction;
    let encoding = call.encoding(direction);
    let payload = Payload::read(trace, connection, body, message, encoding);
    let trouble = match (&payload.error, &payload.decoded) {
        (Some(error), _) => Some(format!("The message cannot be unpacked: {error}.")),
        (None, None) => Some(
            "The message is compressed in a way that nobody announced or that cannot be unpacked here."
                .to_owned(),
        ),
        _ if !call.protobuf => Some(format!(
            "The messages of this call are no protobuf: its content type ends in +{}.",
            call.codec
        )),
        _ if !message.whole => Some("Not all of the message is in the capture.".to_owned()),
        _ => None,
    };
    let decoded = payload.decoded.clone().filter(|_| call.protobuf);
    let compared = decoded.as_ref().and_then(|decoded| {
        let against = grpc.schemas.against.as_deref()?;
        let few = decoded.len() <= MAX_COMPARED_BYTES;
        let (own, other) = counterpart(&grpc.reader, against, call, direction).filter(|_| few)?;
        Some(compare(decoded, &own, &other))
    });
    let parsed = decoded.map(|decoded| {
        let tree = grpc.reader.read(call, direction, &decoded);
        let message_type = grpc.reader.message_type(call, direction);
        Parsed::new(decoded, tree, message_type.as_ref())
    });
    Reading {
        payload,
        parsed,
        comparison: compared,
        trouble,
    }
}

/// A range of the sender's stream of bytes, counted from the first byte of what it lies in.
fn within(start: u64, range: &Range<u64>) -> Option<Range<u32>> {
    let at = |offset: u64| u32::try_from(offset.checked_sub(start)?).ok();
    Some(at(range.start)?..at(range.end)?)
}
