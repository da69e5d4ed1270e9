//! What is in the middle of the picture: the selected bytes, and what they belong to.

use crate::trace::{Carrier, Connection, FrameId, MessageId, PacketId, Side, Trace, Unit};
use crate::ui::{Item, ViewContext};
use std::ops::Range;

/// What is in the middle.
#[derive(Clone, Debug, PartialEq)]
pub struct Focus {
    /// Whose stream of bytes.
    pub side: Side,
    /// The selected bytes.
    pub range: Range<u64>,
    /// These, and where else the field or message lies that they are a part of.
    pub parts: Vec<Range<u64>>,
    /// The frame, or the message of HTTP/1.1, that they are or belong to.
    pub unit: Option<Unit>,
    /// Its stream or exchange.
    pub carrier: Option<Carrier>,
}

impl Focus {
    /// What is selected; else the frame or the message at the cursor.
    pub fn new(context: &ViewContext<'_>, connection: &Connection) -> Option<Self> {
        Self::of(context, connection, context.selection)
    }

    /// What the pointer is over, when it is some bytes of the same sender.
    pub fn pointed(&self, context: &ViewContext<'_>, connection: &Connection) -> Option<Self> {
        let is_bytes = |item: &Item| item.unit().is_some() || matches!(item, Item::Packet(_));
        let item = context.hovered.filter(is_bytes)?;
        let own = item.connection().is_none_or(|of| of == connection.id);
        let pointed = own
            .then(|| Self::of(context, connection, Some(item)))
            .flatten()?;
        (pointed.side == self.side).then_some(pointed)
    }

    /// Whether some of its bytes are among these.
    pub fn touches(&self, range: &Range<u64>) -> bool {
        let touching = |part: &Range<u64>| part.start < range.end && part.end > range.start;
        self.parts.iter().any(touching)
    }

    /// The whole frame or message that its bytes belong to; the bytes themselves where there is none.
    pub fn whole(&self, connection: &Connection) -> Range<u64> {
        let extent = self.unit.and_then(|unit| extent(connection, unit));
        extent.map_or_else(|| self.range.clone(), |(_, range)| range)
    }

    fn of(
        context: &ViewContext<'_>,
        connection: &Connection,
        selection: Option<Item>,
    ) -> Option<Self> {
        let selection = selection.filter(|item| {
            let of = item.connection();
            of.is_none_or(|of| of == connection.id) && !matches!(item, Item::Connection(_))
        });
        let Some(item) = selection else {
            return Self::of_unit(connection, at_cursor(context, connection)?, None);
        };
        if let Item::Packet(packet) = item {
            return Self::of_packet(context.trace, connection, packet);
        }
        let (unit, bytes) = match (item.bytes(), item.unit()) {
            (Some((unit, bytes)), _) => (unit, Some(bytes)),
            (None, Some((_, unit))) => (unit, None),
            (None, None) => {
                let carrier = item.carrier(connection)?;
                (latest_of(context, connection, carrier)?, None)
            }
        };
        let mut focus = Self::of_unit(connection, unit, bytes.clone())?;
        if bytes.is_some() {
            let parts = context.grpc.parts_of(context.trace, connection, item);
            let in_stream = parts.iter().filter_map(|(unit, range)| {
                let start = unit.offset(connection)?;
                let at = |byte: u32| start + u64::from(byte);
                Some(at(range.start)..at(range.end))
            });
            let in_stream: Vec<Range<u64>> = in_stream.collect();
            if !in_stream.is_empty() {
                focus.parts = in_stream;
            }
        }
        Some(focus)
    }

    fn of_unit(connection: &Connection, unit: Unit, bytes: Option<Range<u32>>) -> Option<Self> {
        let (side, whole) = extent(connection, unit)?;
        let range = match bytes.filter(|bytes| bytes.start < bytes.end) {
            Some(bytes) => {
                let at = |byte: u32| whole.start.saturating_add(byte.into()).min(whole.end);
                at(bytes.start)..at(bytes.end)
            }
            None => whole,
        };
        Some(Self {
            side,
            parts: vec![range.clone()],
            range,
            unit: Some(unit),
            carrier: carrier_of(connection, unit),
        })
    }

    fn of_packet(trace: &Trace, connection: &Connection, packet: PacketId) -> Option<Self> {
        let owner = trace.owner_of_packet(packet)?;
        let slices = trace.stream_slices(packet);
        let (first, last) = (slices.first()?, slices.last()?);
        let range = first.offset..last.offset + u64::from(last.len);
        let mut frames = connection.frames_in(owner.side, range.clone());
        let frame = frames.next().map(|(id, _)| Unit::Frame(id));
        let message = || {
            let mut messages = connection.messages_in(owner.side, range.clone());
            messages.next().map(|(id, _)| Unit::Message(id))
        };
        let unit = frame.or_else(message);
        (owner.connection == connection.id).then(|| Self {
            side: owner.side,
            unit,
            carrier: unit.and_then(|unit| carrier_of(connection, unit)),
            parts: vec![range.clone()],
            range,
        })
    }

    /// What is shown at first: the selected bytes with a part of their neighbours.
    pub fn window(&self, whole: Range<u64>) -> (f64, f64) {
        let around = whole.start.min(self.range.start)..whole.end.max(self.range.end);
        let len = (around.end - around.start).max(60) as f64;
        (
            around.start as f64 - len * 0.18,
            around.end as f64 + len * 0.18,
        )
    }
}

/// Who sent a frame or a message, and where it lies in the sender's stream of bytes.
fn extent(connection: &Connection, unit: Unit) -> Option<(Side, Range<u64>)> {
    match unit {
        Unit::Frame(frame) => {
            let row = connection.http2()?.frames.get(frame.index())?;
            Some((row.side, row.range()))
        }
        Unit::Message(message) => {
            let row = connection.http1()?.message(message)?;
            Some((row.side, row.range()))
        }
    }
}

fn carrier_of(connection: &Connection, unit: Unit) -> Option<Carrier> {
    match unit {
        Unit::Frame(frame) => {
            let row = connection.http2()?.frames.get(frame.index())?;
            Some(row.stream.into())
        }
        Unit::Message(message) => Some(connection.http1()?.message(message)?.exchange.into()),
    }
}

/// The last frame, or the last message whose head was there, at the cursor.
fn at_cursor(context: &ViewContext<'_>, connection: &Connection) -> Option<Unit> {
    if let Some(last) = context.frame_count().checked_sub(1) {
        return Some(Unit::Frame(FrameId::from_index(last)));
    }
    let packet = context.cursor?.packet;
    let messages = connection.http1()?.messages();
    let read = messages.partition_point(|row| row.head_packet <= packet);
    let last = MessageId::from_index(read.checked_sub(1)?);
    Some(Unit::Message(last))
}

/// The last frame of a stream, or message of an exchange, that was there at the cursor; else the first.
fn latest_of(context: &ViewContext<'_>, connection: &Connection, carrier: Carrier) -> Option<Unit> {
    match carrier {
        Carrier::Stream(stream) => {
            let frames = connection.http2()?.frames_of(stream);
            let read = frames.partition_point(|frame| frame.index() < context.frame_count());
            Some(Unit::Frame(*frames.get(read.saturating_sub(1))?))
        }
        Carrier::Exchange(exchange) => {
            let http1 = connection.http1()?;
            let has_come = |row: &crate::trace::MessageRow| {
                (context.cursor).is_some_and(|cursor| row.head_packet <= cursor.packet)
            };
            let mut first = None;
            for (id, row) in http1.messages_of(exchange) {
                if has_come(row) {
                    return Some(Unit::Message(id));
                }
                first = Some(id);
            }
            first.map(Unit::Message)
        }
    }
}
