//! Which bytes are shown, which field each belongs to, and the way down to packets and the file.

use crate::analysis::fields::{FieldNode, FrameFields, frame_fields};
use crate::analysis::message_fields::message_fields;
use crate::trace::{
    Connection, ConnectionId, FrameId, FrameRow, MessageId, MessageKind, MessageRow, PacketId,
    Side, Trace, Unit,
};
use crate::ui::Item;
use crate::ui::widgets::format;
use std::ops::Range;

/// A frame, or a message of HTTP/1.1, taken apart, kept while it stays selected.
#[derive(Clone, Debug, Default)]
pub struct FrameCache {
    key: Option<Key>,
    fields: FrameFields,
}

/// What tells whether a frame has to be taken apart again: another frame, another capture, or more
/// of the frame's block was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    connection: ConnectionId,
    unit: Unit,
    offset: u64,
    len: u64,
    time_ns: i64,
    whole: bool,
    block_known: bool,
}

impl FrameCache {
    /// The frame, taken apart.
    pub fn get(&mut self, trace: &Trace, connection: &Connection, frame: FrameId) -> &FrameFields {
        let row = connection
            .http2()
            .and_then(|http2| Some((http2, http2.frames.get(frame.index())?)));
        let key = row.map(|(http2, row)| Key {
            connection: connection.id,
            unit: Unit::Frame(frame),
            offset: row.offset,
            len: row.length.into(),
            time_ns: trace.time_ns(row.packet),
            whole: row.whole,
            block_known: http2.block(row).is_some(),
        });
        if key.is_none() || key != self.key {
            self.fields = frame_fields(trace, connection, frame);
            self.key = key;
        }
        &self.fields
    }

    /// A message of HTTP/1.1, taken apart.
    pub fn message(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        id: MessageId,
        row: &MessageRow,
    ) -> &FrameFields {
        let key = Some(Key {
            connection: connection.id,
            unit: Unit::Message(id),
            offset: row.offset,
            len: row.body_bytes,
            time_ns: trace.time_ns(row.head_packet),
            whole: row.is_whole(),
            block_known: false,
        });
        if key != self.key {
            self.fields = message_fields(trace, connection, row);
            self.key = key;
        }
        &self.fields
    }
}

/// Where a frame or a message lies: who sent it, where it begins in the sender's stream, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Who sent it.
    pub side: Side,
    /// Its first byte in the sender's stream of bytes.
    pub offset: u64,
    /// How many bytes are shown of it.
    pub len: u32,
}

impl Extent {
    /// Of a frame, header and payload.
    pub fn of_frame(row: &FrameRow) -> Self {
        Self {
            side: row.side,
            offset: row.offset,
            len: row.length.saturating_add(9),
        }
    }

    /// Of a message, head and body; of a very long one, what 32 bits count.
    pub fn of_message(row: &MessageRow) -> Self {
        let len = row.range().end.saturating_sub(row.offset);
        Self {
            side: row.side,
            offset: row.offset,
            len: u32::try_from(len).unwrap_or(u32::MAX),
        }
    }
}

/// Bytes of a frame or a message; `None` for those that the capture does not hold. The range counts from its first byte.
pub fn window(
    trace: &Trace,
    connection: &Connection,
    extent: Extent,
    range: Range<u32>,
) -> Vec<Option<u8>> {
    let start = extent.offset.saturating_add(u64::from(range.start));
    let end = extent.offset.saturating_add(u64::from(range.end));
    let mut window = vec![None; range.len()];
    for slice in connection.stream(extent.side).slices(start..end) {
        let bytes = slice.packet.and_then(|packet| {
            let packet = trace.packets.get(packet.index())?;
            let offset = packet
                .offset
                .checked_add(u64::from(slice.offset_in_packet))?;
            trace.source.bytes(offset, slice.len as usize)
        });
        let at = usize::try_from(slice.offset.saturating_sub(start)).unwrap_or(usize::MAX);
        let places = window.iter_mut().skip(at);
        for (place, byte) in places.zip(bytes.iter().flatten()) {
            *place = Some(*byte);
        }
    }
    window
}

/// Where one byte of a frame or a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BytePlace {
    /// Its place in its sender's stream of bytes.
    pub stream_offset: u64,
    /// The packet that brought it, its place there and in the capture file.
    pub packet: Option<(PacketId, u32, u64)>,
}

/// Where a byte of a frame or a message is.
pub fn place(trace: &Trace, connection: &Connection, extent: Extent, byte: u32) -> BytePlace {
    let stream_offset = extent.offset.saturating_add(u64::from(byte));
    let slice = connection
        .stream(extent.side)
        .slices(stream_offset..stream_offset.saturating_add(1))
        .next();
    let packet = slice.and_then(|slice| {
        let id = slice.packet?;
        let packet = trace.packets.get(id.index())?;
        let file = packet
            .offset
            .checked_add(u64::from(slice.offset_in_packet))?;
        Some((id, slice.offset_in_packet, file))
    });
    BytePlace {
        stream_offset,
        packet,
    }
}

/// One step of the way from the packet to the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// What it says.
    pub text: String,
    /// More of it, for hovering.
    pub hover: String,
    /// What a click on it selects.
    pub item: Option<Item>,
}

/// The way from the packets down to the selected field of a frame.
pub fn crumbs(
    trace: &Trace,
    connection: &Connection,
    id: FrameId,
    row: &FrameRow,
    field: Option<(&str, &Range<u32>)>,
) -> Vec<Crumb> {
    let packets = [
        trace.first_packet(connection, row),
        trace.last_packet(connection, row),
    ];
    let unit = Crumb {
        text: format!("frame {id} {}", row.kind.name()),
        hover: format!(
            "{} of header and {} of payload",
            format::exact_bytes(9),
            format::exact_bytes(u64::from(row.length))
        ),
        item: Some(Item::Frame(connection.id, id)),
    };
    way(
        trace,
        connection,
        Extent::of_frame(row),
        packets,
        unit,
        field,
    )
}

/// The way from the packets down to the selected field of a message of HTTP/1.1.
pub fn message_crumbs(
    trace: &Trace,
    connection: &Connection,
    id: MessageId,
    row: &MessageRow,
    field: Option<(&str, &Range<u32>)>,
) -> Vec<Crumb> {
    let kind = match row.kind {
        MessageKind::Request => "request",
        MessageKind::Interim => "interim response",
        MessageKind::Response => "response",
    };
    let unit = Crumb {
        text: format!("{kind} of exchange {}", row.exchange),
        hover: format!(
            "{} of head and {} behind it",
            format::exact_bytes(u64::from(row.head_bytes)),
            format::exact_bytes(row.body_bytes)
        ),
        item: Some(Item::Message(connection.id, id)),
    };
    let packets = [row.head_packet, row.last_packet];
    way(
        trace,
        connection,
        Extent::of_message(row),
        packets,
        unit,
        field,
    )
}

fn way(
    trace: &Trace,
    connection: &Connection,
    extent: Extent,
    packets: [PacketId; 2],
    unit: Crumb,
    field: Option<(&str, &Range<u32>)>,
) -> Vec<Crumb> {
    let bytes = field.map_or(0..extent.len, |(_, range)| range.clone());
    let mut crumbs = packets_crumb(trace, connection, extent, packets);
    let (first, last) = (
        extent.offset.saturating_add(u64::from(bytes.start)),
        extent
            .offset
            .saturating_add(u64::from(bytes.end.saturating_sub(1).max(bytes.start))),
    );
    let sender = connection.direction(extent.side);
    crumbs.push(Crumb {
        text: format!(
            "TCP stream bytes {}",
            format::span(first..last.saturating_add(1))
        ),
        hover: format!(
            "Counted from the first byte that the {} sent on connection {}, which is 0.",
            sender.name(),
            connection.id
        ),
        item: Some(Item::Connection(connection.id)),
    });
    crumbs.push(unit);
    if let Some((name, range)) = field {
        crumbs.push(Crumb {
            text: name.to_owned(),
            hover: format!(
                "bytes {} to {}, counted from the first",
                range.start,
                range.end.saturating_sub(1)
            ),
            item: None,
        });
    }
    crumbs
}

fn packets_crumb(
    trace: &Trace,
    connection: &Connection,
    extent: Extent,
    [first, last]: [PacketId; 2],
) -> Vec<Crumb> {
    let text = if first == last {
        format!("packet {}", first.number())
    } else {
        let (low, high) = (first.min(last), first.max(last));
        format!("packets {}–{}", low.number(), high.number())
    };
    let begin = place(trace, connection, extent, 0);
    let hover = match begin.packet {
        Some((packet, in_packet, file)) => format!(
            "It begins at byte {in_packet} of packet {}, byte {} of the capture file.",
            packet.number(),
            format::count(file)
        ),
        None => "The capture does not hold its beginning.".to_owned(),
    };
    vec![Crumb {
        text,
        hover,
        item: Some(Item::Packet(first)),
    }]
}

/// The bytes that are selected or hovered, when the item is of this frame or message.
pub fn bytes_of(item: Option<Item>, connection: ConnectionId, unit: Unit) -> Option<Range<u32>> {
    let item = item.filter(|item| item.connection() == Some(connection))?;
    let (of, range) = item.bytes()?;
    (of == unit).then_some(range)
}

/// What is said about a byte when it is pointed at.
pub fn byte_text(
    place: &BytePlace,
    byte: u32,
    node: Option<&FieldNode>,
    part: Option<&str>,
) -> String {
    let mut lines = Vec::new();
    if let Some(node) = node {
        lines.push(match node.value.is_empty() {
            true => node.name.clone(),
            false => format!("{}: {}", node.name, shortened(&node.value)),
        });
        if let Some(part) = part {
            lines.push(format!("this byte: {part}"));
        }
        lines.push(node.meaning.clone());
        lines.push(node.section.clone());
    }
    lines.push(format!(
        "byte {byte}, {} of the stream",
        format::count(place.stream_offset)
    ));
    lines.push(match place.packet {
        Some((packet, in_packet, file)) => format!(
            "byte {in_packet} of packet {}, {} of the file",
            packet.number(),
            format::count(file)
        ),
        None => "The capture does not hold this byte.".to_owned(),
    });
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// A value cut to what a hover text can hold.
fn shortened(value: &str) -> String {
    const MAX_CHARS: usize = 160;
    match value.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", value.get(..at).unwrap_or_default()),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_names_its_field_and_its_place() {
        let node = FieldNode {
            name: ":path".to_owned(),
            value: "/img/loom.png".to_owned(),
            range: 11..22,
            meaning: "The value travels as text.".to_owned(),
            section: "RFC 7541 §6.2.1".to_owned(),
            group: crate::analysis::fields::FieldGroup::HeaderField(2),
        };
        let place = BytePlace {
            stream_offset: 2322,
            packet: Some((PacketId::from_index(40), 77, 9000)),
        };
        let text = byte_text(&place, 11, Some(&node), Some("the value"));
        let expected = "\
:path: /img/loom.png
this byte: the value
The value travels as text.
RFC 7541 §6.2.1
byte 11, 2_322 of the stream
byte 77 of packet 41, 9_000 of the file";
        assert_eq!(text.replace(format::GROUP_SEPARATOR, "_"), expected);
    }

    #[test]
    fn a_byte_in_a_hole_says_so() {
        let place = BytePlace {
            stream_offset: 5,
            packet: None,
        };
        let text = byte_text(&place, 0, None, None);
        assert!(text.ends_with("The capture does not hold this byte."));
    }
}
