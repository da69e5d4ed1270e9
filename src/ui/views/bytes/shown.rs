//! What the bytes are of: a frame, a message of HTTP/1.1, or a packet.

use super::model::{self, Crumb, Extent, FrameCache};
use crate::analysis::fields::FrameFields;
use crate::trace::{Connection, Cursor, FrameId, FrameRow, MessageId, MessageRow, PacketId, Unit};
use crate::ui::widgets::format;
use crate::ui::{Item, ViewContext};
use crate::wire::http2::FrameHeader;
use std::ops::Range;

/// What is shown.
#[derive(Clone, Copy)]
pub(super) enum Shown<'a> {
    Frame(&'a Connection, FrameId, &'a FrameRow),
    Message(&'a Connection, MessageId, &'a MessageRow),
    Packet(PacketId, u32),
}

impl<'a> Shown<'a> {
    pub(super) fn of(context: &ViewContext<'a>) -> Option<Self> {
        if let Some(Item::Packet(packet)) = context.selection {
            let row = context.trace.packets.get(packet.index())?;
            return Some(Shown::Packet(packet, row.captured));
        }
        let own = |of| {
            let connection = context.connection;
            connection.filter(|connection| connection.id == of)
        };
        if let Some(Item::Exchange(of, exchange)) = context.selection {
            // The latest of its two messages that was there at the cursor.
            let http1 = own(of)?.http1()?;
            let row = http1.exchange(exchange)?;
            let came = |id: &MessageId| {
                let row = http1.message(*id);
                let cursor = |row: &MessageRow| Cursor::after_packet(row.head_packet);
                row.is_some_and(|row| Some(cursor(row)) <= context.cursor)
            };
            let id = (row.response.filter(came))
                .or(row.request)
                .or(row.response)?;
            return Some(Shown::Message(own(of)?, id, http1.message(id)?));
        }
        let (of, unit) = context.selection?.unit()?;
        let connection = own(of)?;
        match unit {
            Unit::Frame(frame) => {
                let row = connection.http2()?.frames.get(frame.index())?;
                Some(Shown::Frame(connection, frame, row))
            }
            Unit::Message(message) => {
                let row = connection.http1()?.message(message)?;
                Some(Shown::Message(connection, message, row))
            }
        }
    }

    /// The connection, and the frame or message.
    pub(super) fn unit(&self) -> Option<(&'a Connection, Unit)> {
        match self {
            Shown::Frame(connection, frame, _) => Some((connection, Unit::Frame(*frame))),
            Shown::Message(connection, message, _) => Some((connection, Unit::Message(*message))),
            Shown::Packet(..) => None,
        }
    }

    /// Where it lies in its sender's stream of bytes.
    pub(super) fn extent(&self) -> Option<Extent> {
        match self {
            Shown::Frame(_, _, row) => Some(Extent::of_frame(row)),
            Shown::Message(_, _, row) => Some(Extent::of_message(row)),
            Shown::Packet(..) => None,
        }
    }

    pub(super) fn len(&self) -> u32 {
        match (self, self.extent()) {
            (Shown::Packet(_, captured), _) => *captured,
            (_, extent) => extent.map_or(0, |extent| extent.len),
        }
    }

    /// What comes before the content: a frame's header, a message's head.
    pub(super) fn head(&self) -> Option<Range<u32>> {
        match self {
            Shown::Frame(..) => Some(0..u32::try_from(FrameHeader::LEN).unwrap_or(9)),
            Shown::Message(_, _, row) => Some(0..row.head_bytes),
            Shown::Packet(..) => None,
        }
    }

    pub(super) fn window(&self, context: &ViewContext<'_>, range: Range<u32>) -> Vec<Option<u8>> {
        if let (Some((connection, _)), Some(extent)) = (self.unit(), self.extent()) {
            return model::window(context.trace, connection, extent, range);
        }
        let Shown::Packet(packet, _) = self else {
            return Vec::new();
        };
        let row = context.trace.packets.get(packet.index());
        let bytes = row.and_then(|row| {
            let offset = row.offset.checked_add(u64::from(range.start))?;
            context.trace.source.bytes(offset, range.len())
        });
        match bytes {
            Some(bytes) => bytes.iter().map(|byte| Some(*byte)).collect(),
            None => vec![None; range.len()],
        }
    }

    /// Its fields; `None` of a packet.
    pub(super) fn fields<'c>(
        &self,
        context: &ViewContext<'_>,
        cache: &'c mut FrameCache,
    ) -> Option<&'c FrameFields> {
        match self {
            Shown::Frame(connection, frame, _) => {
                Some(cache.get(context.trace, connection, *frame))
            }
            Shown::Message(connection, id, row) => {
                Some(cache.message(context.trace, connection, *id, row))
            }
            Shown::Packet(..) => None,
        }
    }

    /// What is selected for some of its bytes.
    pub(super) fn item(&self, range: &Range<u32>) -> Option<Item> {
        let (connection, unit) = self.unit()?;
        Some(Item::of_bytes(connection.id, unit, range.clone()))
    }

    pub(super) fn selected(&self, item: Option<Item>) -> Option<Range<u32>> {
        let (connection, unit) = self.unit()?;
        model::bytes_of(item, connection.id, unit)
    }

    pub(super) fn crumbs(&self, context: &ViewContext<'_>, cache: &mut FrameCache) -> Vec<Crumb> {
        let range = self.selected(context.selection);
        let fields = self.fields(context, cache);
        let field = range.as_ref().map(|range| {
            let node = fields.and_then(|fields| fields.with_range(range));
            (node.map_or("bytes", |node| &node.name), range)
        });
        match self {
            Shown::Frame(connection, id, row) => {
                model::crumbs(context.trace, connection, *id, row, field)
            }
            Shown::Message(connection, id, row) => {
                model::message_crumbs(context.trace, connection, *id, row, field)
            }
            Shown::Packet(packet, captured) => vec![Crumb {
                text: format!("packet {}", packet.number()),
                hover: format!(
                    "{} were captured",
                    format::exact_bytes(u64::from(*captured))
                ),
                item: None,
            }],
        }
    }
}
