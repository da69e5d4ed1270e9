//! What the layers hold around the selected bytes: content, messages, frames, segments and packets,
//! all as ranges of one sender's stream of bytes.

use crate::analysis::grpc::{self, Body};
use crate::trace::{Connection, ConnectionId, FrameId, FrameRow, Http2, PacketId, Side, Trace};
use crate::ui::widgets::format;
use crate::ui::{Item, ViewContext};
use crate::wire::http2::{FrameHeader, FrameKind, StreamId};
use std::ops::Range;

/// Boxes of a layer. More of them are thinner than anybody sees.
const MAX_BOXES: usize = 400;

/// A layer, from the content down to the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Messages of a gRPC call.
    Message,
    /// What a frame carries: a body, or a header block.
    Content,
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
            Layer::Frame => "HTTP/2 frame",
            Layer::Segment => "TCP segment",
            Layer::Packet => "packet",
        }
    }

    /// What it is, for hovering.
    pub fn help(self) -> &'static str {
        match self {
            Layer::Message => {
                "A message of a call: five bytes that say whether it is compressed and how long it is, then the message. It may span several DATA frames."
            }
            Layer::Content => {
                "What the frames carry: a piece of a body in DATA, a piece of a header block in HEADERS, PUSH_PROMISE and CONTINUATION."
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
    /// What it says.
    pub label: String,
    /// What it says when the pointer is over it.
    pub about: String,
    /// The stream that it belongs to.
    pub stream: Option<StreamId>,
    /// What a click selects.
    pub item: Item,
    /// Whether the capture lacks the bytes.
    pub missing: bool,
}

/// What is in the middle.
#[derive(Clone, Debug, PartialEq)]
pub struct Focus {
    /// Whose stream of bytes.
    pub side: Side,
    /// The selected bytes.
    pub range: Range<u64>,
    /// These, and where else the field or message lies that they are a part of.
    pub parts: Vec<Range<u64>>,
    /// The frame that they are or belong to.
    pub frame: Option<FrameId>,
    /// Its stream.
    pub stream: Option<StreamId>,
}

impl Focus {
    /// What is selected; else the frame at the cursor.
    pub fn new(context: &ViewContext<'_>, connection: &Connection, http2: &Http2) -> Option<Self> {
        Self::of(context, connection, http2, context.selection)
    }

    /// What the pointer is over, when it is some bytes of the same sender.
    pub fn pointed(
        &self,
        context: &ViewContext<'_>,
        connection: &Connection,
        http2: &Http2,
    ) -> Option<Self> {
        let is_bytes =
            |item: &Item| matches!(item, Item::Bytes { .. } | Item::Frame(..) | Item::Packet(_));
        let item = context.hovered.filter(is_bytes)?;
        let own = item.connection().is_none_or(|of| of == connection.id);
        let pointed = own
            .then(|| Self::of(context, connection, http2, Some(item)))
            .flatten()?;
        (pointed.side == self.side).then_some(pointed)
    }

    /// Whether some of its bytes are among these.
    pub fn touches(&self, range: &Range<u64>) -> bool {
        let touching = |part: &Range<u64>| part.start < range.end && part.end > range.start;
        self.parts.iter().any(touching)
    }

    fn of(
        context: &ViewContext<'_>,
        connection: &Connection,
        http2: &Http2,
        selection: Option<Item>,
    ) -> Option<Self> {
        let of_frame = |frame: FrameId, bytes: Option<(u32, u32)>| {
            let row = http2.frames.get(frame.index())?;
            let whole = row.range();
            let range = match bytes {
                Some((start, end)) if start < end => {
                    let at = |byte: u32| (row.offset + u64::from(byte)).min(whole.end);
                    at(start)..at(end)
                }
                _ => whole,
            };
            Some(Self {
                side: row.side,
                parts: vec![range.clone()],
                range,
                frame: Some(frame),
                stream: Some(row.stream),
            })
        };
        let own = |of: ConnectionId| of == connection.id;
        match selection {
            Some(Item::Bytes {
                connection: of,
                frame,
                start,
                end,
            }) if own(of) => {
                let mut focus = of_frame(frame, Some((start, end)))?;
                let item = selection?;
                let parts = context.grpc.parts_of(context.trace, connection, item);
                let in_stream = parts.iter().filter_map(|(frame, range)| {
                    let row = http2.frames.get(frame.index())?;
                    let at = |byte: u32| row.offset + u64::from(byte);
                    Some(at(range.start)..at(range.end))
                });
                let in_stream: Vec<Range<u64>> = in_stream.collect();
                if !in_stream.is_empty() {
                    focus.parts = in_stream;
                }
                Some(focus)
            }
            Some(Item::Frame(of, frame)) if own(of) => of_frame(frame, None),
            Some(Item::Packet(packet)) => Self::of_packet(context.trace, connection, packet),
            Some(Item::Stream(of, stream)) if own(of) => {
                let frames = http2.frames_of(stream);
                let read = frames.partition_point(|frame| frame.index() < context.frame_count());
                of_frame(*frames.get(read.saturating_sub(1))?, None)
            }
            _ => of_frame(
                FrameId::from_index(context.frame_count().checked_sub(1)?),
                None,
            ),
        }
    }

    fn of_packet(trace: &Trace, connection: &Connection, packet: PacketId) -> Option<Self> {
        let owner = trace.owner_of_packet(packet)?;
        let slices = trace.stream_slices(packet);
        let (first, last) = (slices.first()?, slices.last()?);
        let range = first.offset..last.offset + u64::from(last.len);
        let frame = connection.frames_in(owner.side, range.clone()).next();
        (owner.connection == connection.id).then(|| Self {
            side: owner.side,
            frame: frame.map(|(id, _)| id),
            stream: frame.map(|(_, row)| row.stream),
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

/// Body and messages of a stream, found once.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    of: Option<(ConnectionId, StreamId, Side, usize)>,
    body: Option<Body>,
    messages: Vec<Placed>,
}

/// A message and where its bytes lie.
#[derive(Clone, Debug)]
struct Placed {
    number: u32,
    /// Its length without the prefix.
    len: u64,
    /// Prefix and payload: frames, and ranges of the sender's stream of bytes.
    places: Vec<(FrameId, Range<u64>)>,
}

impl Kept {
    /// Finds them for another stream, or when it has more frames than the last time.
    pub fn follow(&mut self, trace: &Trace, connection: &Connection, http2: &Http2, focus: &Focus) {
        let Some(stream) = focus.stream.filter(|stream| !stream.is_connection()) else {
            *self = Self::default();
            return;
        };
        let of = Some((
            connection.id,
            stream,
            focus.side,
            http2.frames_of(stream).len(),
        ));
        if self.of == of {
            return;
        }
        self.of = of;
        self.body = Some(Body::of(trace, connection, http2, stream, focus.side));
        self.messages = grpc::messages(trace, connection, stream).map_or_else(Vec::new, |found| {
            let own = found
                .list
                .iter()
                .filter(|message| connection.side(message.direction) == focus.side);
            own.map(|message| {
                let payload = message.span.payload_range();
                Placed {
                    number: message.number,
                    len: payload.end.saturating_sub(payload.start),
                    places: message.places(found.body(message)),
                }
            })
            .collect()
        });
    }
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
    let mut layers = Vec::new();
    let messages = messages(connection, kept, focus, &view);
    if !messages.is_empty() {
        layers.push((Layer::Message, messages));
    }
    let content = frames
        .iter()
        .filter_map(|&(id, row)| content(trace, connection, kept, focus, id, row))
        .collect();
    layers.push((Layer::Content, content));
    let frames = frames
        .iter()
        .map(|&(id, row)| frame(connection, id, row))
        .collect();
    layers.push((Layer::Frame, frames));
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
        let marks: Vec<&str> = trace
            .packets
            .get(packet.index())
            .map_or_else(Vec::new, |row| row.marks.names().collect());
        let size = trace
            .packets
            .get(packet.index())
            .map_or(0, |row| row.original_len);
        let words = format::exact_bytes(u64::from(piece.len));
        segments.push(Slice {
            about: format!(
                "{words} of a segment, {} to {} of the stream\n{}",
                format::count(range.start),
                format::count(range.end),
                marks.join(", ")
            )
            .trim_end()
            .to_owned(),
            label: words,
            head: 0,
            stream: None,
            item: Item::Packet(packet),
            missing: false,
            range: range.clone(),
        });
        packets.push(Slice {
            label: format!("packet {}", packet.number()),
            about: format!(
                "packet {}: {} with all its headers; {} of headers lie before these",
                packet.number(),
                format::exact_bytes(u64::from(size)),
                format::exact_bytes(u64::from(piece.offset_in_packet))
            ),
            head: 0,
            stream: None,
            item: Item::Packet(packet),
            missing: false,
            range,
        });
    }
    layers.push((Layer::Segment, segments));
    layers.push((Layer::Packet, packets));
    layers
}

fn missing(range: &Range<u64>, focus: &Focus, connection: &Connection) -> Slice {
    let len = format::exact_bytes(range.end - range.start);
    Slice {
        range: range.clone(),
        head: 0,
        label: "not in the capture".to_owned(),
        about: format!("{len} that the capture does not hold"),
        stream: None,
        item: focus
            .frame
            .map_or(Item::Connection(connection.id), |frame| {
                Item::Frame(connection.id, frame)
            }),
        missing: true,
    }
}

fn messages(connection: &Connection, kept: &Kept, focus: &Focus, view: &Range<u64>) -> Vec<Slice> {
    let touching = |range: &Range<u64>| range.start < view.end && range.end > view.start;
    kept.messages
        .iter()
        .flat_map(|message| {
            let (number, parts) = (message.number, message.places.len());
            let places = message.places.iter().enumerate();
            places.map(move |(part, (frame, range))| {
                let bytes = format::exact_bytes(message.len);
                let of = if parts > 1 {
                    format!(", part {} of {parts}", part + 1)
                } else {
                    String::new()
                };
                Slice {
                    range: range.clone(),
                    head: if part == 0 { 5 } else { 0 },
                    label: format!("message {number}{of}"),
                    about: format!("message {number}: {bytes} behind a prefix of 5{of}"),
                    stream: focus.stream,
                    item: Item::Frame(connection.id, *frame),
                    missing: false,
                }
            })
        })
        .filter(|slice| touching(&slice.range))
        .take(MAX_BOXES)
        .collect()
}

/// What a frame carries, as far as that has a life of its own.
fn content(
    trace: &Trace,
    connection: &Connection,
    kept: &Kept,
    focus: &Focus,
    id: FrameId,
    row: &FrameRow,
) -> Option<Slice> {
    let (range, label, about) = if row.kind == FrameKind::DATA {
        let part = kept
            .body
            .as_ref()
            .filter(|_| focus.stream == Some(row.stream))
            .and_then(|body| {
                let parts = body.parts();
                let index = parts.partition_point(|part| part.frame < id);
                parts.get(index).filter(|part| part.frame == id)
            });
        match part {
            Some(part) => {
                let len = part.range.end - part.range.start;
                let (start, end) = (format::count(part.start), format::count(part.start + len));
                (
                    part.range.clone(),
                    format!("body of stream {}, {start}–{end}", row.stream),
                    format!(
                        "bytes {start} to {end} of the body on stream {}",
                        row.stream
                    ),
                )
            }
            None => (
                row.payload_range(),
                format!("body of stream {}", row.stream),
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
        about,
        stream: Some(row.stream),
        item,
        missing: false,
    })
}

fn frame(connection: &Connection, id: FrameId, row: &FrameRow) -> Slice {
    let stream = if row.stream.is_connection() {
        String::new()
    } else {
        format!(", stream {}", row.stream)
    };
    Slice {
        range: row.range(),
        head: FrameHeader::LEN as u64,
        label: format!("{}{stream}", row.kind),
        about: format!(
            "frame {id}: {} on stream {}, {} behind a header of 9",
            row.kind,
            row.stream,
            format::exact_bytes(u64::from(row.length))
        ),
        stream: Some(row.stream),
        item: Item::Frame(connection.id, id),
        missing: false,
    }
}
