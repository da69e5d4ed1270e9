//! What the layers hold around the selected bytes: content, messages, frames or messages of HTTP/1.1, segments and
//! packets, all as ranges of one sender's stream of bytes.

use super::focus::Focus;
use super::kept::Kept;
use super::{http1, http2};
use crate::trace::{
    Carrier, Connection, FrameId, FrameRow, MessageId, MessageRow, PacketId, Trace, Unit,
};
use crate::ui::Item;
use crate::ui::widgets::format;
use crate::wire::grpc::Prefix;
use std::ops::Range;

/// Boxes of a layer. More of them are thinner than anybody sees.
pub(super) const MAX_BOXES: usize = 400;

/// A layer, from the content down to the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Messages of a gRPC call.
    Message,
    /// What a frame or a message of HTTP/1.1 carries: a body, or header fields.
    Content,
    /// Chunks of a message of HTTP/1.1.
    Chunk,
    /// Messages of HTTP/1.1.
    Http1Message,
    /// HTTP/2 frames.
    Frame,
    /// TCP segments.
    Segment,
    /// Packets, with the headers before the bytes.
    Packet,
}

impl Layer {
    /// What it is called at the left.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Message => "gRPC message",
            Layer::Content => "content",
            Layer::Chunk => "chunk",
            Layer::Http1Message => "HTTP/1.1 message",
            Layer::Frame => "HTTP/2 frame",
            Layer::Segment => "TCP segment",
            Layer::Packet => "packet",
        }
    }

    /// What it is, for hovering.
    pub fn help(self) -> &'static str {
        match self {
            Layer::Message => {
                "A message of a call: five bytes that say whether it is compressed and how long it is, then the message. It may span several DATA frames, or chunks."
            }
            Layer::Content => {
                "What the frames carry: a piece of a body in DATA, a piece of a header block in HEADERS, PUSH_PROMISE and CONTINUATION. In HTTP/1.1: the head with its fields, and the content behind it."
            }
            Layer::Chunk => {
                "A sender that does not know how long its content gets sends it in chunks, each behind a line with its size; one of length 0 ends it.\nRFC 9112 §7.1"
            }
            Layer::Http1Message => {
                "A request or a response: a first line and fields as text, an empty line, and the content.\nRFC 9112 §2.1"
            }
            Layer::Frame => {
                "HTTP/2 frames, each with nine bytes before its payload.\nRFC 9113 §4.1"
            }
            Layer::Segment => {
                "TCP carries a stream of bytes and cuts it where it likes: a segment may begin and end in the middle of a frame.\nRFC 9293 §3.1"
            }
            Layer::Packet => {
                "What crossed the network: a segment with the headers of link, IP and TCP before it."
            }
        }
    }
}

/// A box of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// Its bytes in the sender's stream.
    pub range: Range<u64>,
    /// Bytes at its beginning that are a header and not content.
    pub head: u64,
    /// Headers in front of its bytes that are no part of the stream: of a packet, what they are and how long.
    pub headers: Vec<(String, u64)>,
    /// What it says.
    pub label: String,
    /// The same where there is little room.
    pub short: String,
    /// What it says when the pointer is over it.
    pub about: String,
    /// The stream or exchange that it belongs to.
    pub carrier: Option<Carrier>,
    /// What a click selects.
    pub item: Item,
    /// Whether the capture lacks the bytes.
    pub missing: bool,
}

/// The layers of one picture, from top to bottom.
pub fn layers(
    trace: &Trace,
    connection: &Connection,
    kept: &Kept,
    focus: &Focus,
    view: Range<u64>,
) -> Vec<(Layer, Vec<Slice>)> {
    let side = focus.side;
    let frames: Vec<(FrameId, &FrameRow)> = connection
        .frames_in(side, view.clone())
        .take(MAX_BOXES)
        .collect();
    let requests: Vec<(MessageId, &MessageRow)> = connection
        .messages_in(side, view.clone())
        .take(MAX_BOXES)
        .collect();
    let mut layers = vec![(Layer::Message, messages(connection, kept, focus, &view))];
    let of_frames = frames
        .iter()
        .filter_map(|&(id, row)| http2::content(trace, connection, kept, focus, id, row));
    let of_messages = requests
        .iter()
        .flat_map(|&message| http1::content(connection, kept, focus, &view, message));
    layers.push((Layer::Content, of_messages.chain(of_frames).collect()));
    let chunks = http1::chunks(connection, kept, focus, &view);
    layers.push((Layer::Chunk, chunks));
    let requests = requests.into_iter();
    let requests = requests.map(|(id, row)| http1::message(connection, id, row));
    layers.push((Layer::Http1Message, requests.collect()));
    let frames = frames
        .iter()
        .map(|&(id, row)| http2::frame(connection, id, row))
        .collect();
    layers.push((Layer::Frame, frames));
    // A connection has the layers of the protocol that it speaks.
    layers.retain(|(layer, slices)| {
        !slices.is_empty()
            || (*layer == Layer::Content)
            || (*layer == Layer::Frame && connection.http1().is_none())
    });
    let mut segments: Vec<Slice> = Vec::new();
    let mut packets: Vec<Slice> = Vec::new();
    // Whole pieces, not cut to what is in view: what is said of them must not change with the zoom.
    let pieces = connection.stream(side).pieces();
    let first = pieces.partition_point(|piece| piece.end() <= view.start);
    let in_view = pieces.range(first..first.saturating_add(MAX_BOXES));
    for piece in in_view.take_while(|piece| piece.offset < view.end) {
        let range = piece.offset..piece.end();
        let Some(packet) = piece.packet else {
            segments.push(missing(&range, focus, connection));
            packets.push(missing(&range, focus, connection));
            continue;
        };
        let row = trace.packets.get(packet.index());
        let marks: Vec<&str> = row.map_or_else(Vec::new, |row| row.marks.names().collect());
        let size = row.map_or(0, |row| row.original_len);
        let words = format::exact_bytes(u64::from(piece.len));
        segments.push(Slice {
            about: format!(
                "{words} of a segment, {} of the stream\n{}",
                format::span(range.clone()),
                marks.join(", ")
            )
            .trim_end()
            .to_owned(),
            short: format::count(u64::from(piece.len)),
            label: words,
            head: 0,
            headers: Vec::new(),
            carrier: None,
            item: Item::Packet(packet),
            missing: false,
            range: range.clone(),
        });
        let spelt = packets.len() < MAX_SPELT;
        let headers = headers(trace, packet, piece.offset_in_packet, spelt);
        packets.push(Slice {
            label: format!(
                "packet {} · {}",
                packet.number(),
                format::exact_bytes(u64::from(size))
            ),
            short: packet.number().to_string(),
            about: format!(
                "packet {}: {} with its headers: {}, and {} behind them",
                packet.number(),
                format::exact_bytes(u64::from(size)),
                headers_words(&headers),
                format::exact_bytes(
                    u64::from(size).saturating_sub(headers.iter().map(|(_, len)| len).sum())
                )
            ),
            head: 0,
            headers,
            carrier: None,
            item: Item::Packet(packet),
            missing: false,
            range,
        });
    }
    layers.push((Layer::Segment, segments));
    layers.push((Layer::Packet, packets));
    layers
}

/// Packets of a picture whose headers are told apart; of more, none is wide enough for it.
const MAX_SPELT: usize = 64;

/// What lies in a packet in front of its stream's bytes: each header, or all of them together.
fn headers(trace: &Trace, packet: PacketId, before: u32, spelt: bool) -> Vec<(String, u64)> {
    let lens = spelt.then(|| trace.header_lens(packet)).flatten();
    let Some((link_type, lens)) = lens else {
        return vec![("headers".to_owned(), u64::from(before))];
    };
    let link = link_type.name().unwrap_or("link");
    let ip = match lens.ip_version {
        4 => "IPv4",
        6 => "IPv6",
        _ => "IP",
    };
    let all = [(link, lens.link), (ip, lens.ip), ("TCP", lens.tcp)];
    let there = all.into_iter().filter(|(_, len)| *len > 0);
    there
        .map(|(name, len)| (name.to_owned(), len as u64))
        .collect()
}

/// `Ethernet 14 + IPv4 20 + TCP 32`.
pub(super) fn headers_words(headers: &[(String, u64)]) -> String {
    let each = headers.iter();
    let each: Vec<String> = each.map(|(name, len)| format!("{name} {len}")).collect();
    each.join(" + ")
}

fn missing(range: &Range<u64>, focus: &Focus, connection: &Connection) -> Slice {
    let len = format::exact_bytes(range.end - range.start);
    Slice {
        range: range.clone(),
        head: 0,
        label: "not in the capture".to_owned(),
        short: "missing".to_owned(),
        headers: Vec::new(),
        about: format!("{len} that the capture does not hold"),
        carrier: None,
        item: focus.unit.map_or(Item::Connection(connection.id), |unit| {
            Item::of_unit(connection.id, unit)
        }),
        missing: true,
    }
}

/// Bytes before each gRPC message.
const PREFIX: u64 = Prefix::LEN as u64;

/// What a click on a gRPC message selects: its frame, or in HTTP/1.1 its bytes, of whose message it may be a small part.
fn message_item(connection: &Connection, unit: Unit, range: &Range<u64>) -> Item {
    let of_bytes = || {
        let start = unit.offset(connection)?;
        let at = |byte: u64| u32::try_from(byte.checked_sub(start)?).ok();
        Some(Item::of_bytes(
            connection.id,
            unit,
            at(range.start)?..at(range.end)?,
        ))
    };
    match unit {
        Unit::Frame(_) => None,
        Unit::Message(_) => of_bytes(),
    }
    .unwrap_or_else(|| Item::of_unit(connection.id, unit))
}

fn messages(connection: &Connection, kept: &Kept, focus: &Focus, view: &Range<u64>) -> Vec<Slice> {
    let touching = |range: &Range<u64>| range.start < view.end && range.end > view.start;
    kept.messages
        .iter()
        .flat_map(|message| {
            let (number, parts) = (message.number, message.places.len());
            let places = message.places.iter().enumerate();
            places.map(move |(part, (unit, range))| {
                let bytes = format::exact_bytes(message.len);
                let of = if parts > 1 {
                    format!(", part {} of {parts}", part + 1)
                } else {
                    String::new()
                };
                let became = match message.in_place {
                    true => String::new(),
                    false => {
                        "; what was sent is decoded to it, so its own bytes are not here".to_owned()
                    }
                };
                Slice {
                    range: range.clone(),
                    head: if part == 0 && message.in_place {
                        PREFIX
                    } else {
                        0
                    },
                    label: format!("message {number}{of}"),
                    short: format!("msg {number}"),
                    about: format!(
                        "message {number}: {bytes} behind a prefix of {PREFIX}: compressed or not (1), length (4){of}{became}"
                    ),
                    headers: Vec::new(),
                    carrier: focus.carrier,
                    item: message_item(connection, *unit, range),
                    missing: false,
                }
            })
        })
        .filter(|slice| touching(&slice.range))
        .take(MAX_BOXES)
        .collect()
}
