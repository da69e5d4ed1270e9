//! What a lane of an exchange shows: heads and bodies of its messages, where each lies in time.

use crate::analysis::exchanges::{Exchange, exchange};
use crate::trace::{
    Connection, ExchangeId, MessageEnd, MessageId, MessageKind, MessageRow, Moment, Read, Side,
    Trace,
};
use crate::ui::views::requests::model::{exchange_outcome, exchange_purpose};
use crate::ui::widgets::format;
use crate::ui::widgets::time_scale::TimeScale;
use crate::wire::http1::Framing;
use std::ops::Range;

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The head of a request or of the final response.
    Head,
    /// An interim response.
    Interim,
    /// Content that one or more packets brought.
    Body,
    /// Trailers behind the chunks.
    Trailers,
    /// From here on another protocol is spoken.
    Switch,
    /// The message was cut off, or its end is lost.
    Broken,
}

impl Part {
    /// All of them, with the word of the key.
    pub const KEY: [(Part, &'static str); 6] = [
        (Part::Head, "head"),
        (Part::Interim, "interim response"),
        (Part::Body, "content"),
        (Part::Trailers, "trailers"),
        (Part::Switch, "another protocol from here"),
        (Part::Broken, "cut off"),
    ];
}

/// A mark on a lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// What it stands for.
    pub part: Part,
    /// Whether the client sent it.
    pub client: bool,
    /// Its message; `None` for an interim response, which is found by its packet.
    pub message: Option<MessageId>,
    /// When it was there; of content of several packets, when the first was.
    pub at: Moment,
    /// That time, in nanoseconds since the capture's first packet.
    pub time_ns: i64,
    /// The time of the last packet of content that it stands for.
    pub end_ns: i64,
    /// Bytes that it stands for.
    pub bytes: u64,
}

/// A lane: one exchange.
#[derive(Clone, Debug)]
pub struct Lane {
    /// The exchange.
    pub exchange: Exchange,
    /// What was asked.
    pub purpose: String,
    /// What came back.
    pub outcome: String,
    /// From its first to its last byte, in nanoseconds since the capture's first packet.
    pub times_ns: Range<i64>,
    /// Its parts, those of the client first.
    pub marks: Vec<Mark>,
}

/// Content closer than this on the screen is one mark, in points.
const FOLD_POINTS: f64 = 4.0;

/// Pieces of one body that are looked at for a picture. Of a longer body, the rest is one mark.
const MAX_PIECES: usize = 2000;

impl Lane {
    /// The lane of an exchange; `None` when there is no such one.
    pub fn of(
        trace: &Trace,
        connection: &Connection,
        id: ExchangeId,
        scale: &TimeScale,
    ) -> Option<Self> {
        let exchange = exchange(connection, id)?;
        let row = connection.http1()?.exchange(id)?;
        let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
        let mut marks = Vec::new();
        let mut times: Option<Range<i64>> = None;
        for message in exchange.messages() {
            let of = match message.kind {
                MessageKind::Request => row.request,
                MessageKind::Response => row.response,
                MessageKind::Interim => None,
            };
            let reader = Reader {
                trace,
                connection,
                origin,
                message,
                id: of,
            };
            reader.marks(scale, &mut marks);
            let (first, last) = (
                reader.time_ns(Moment::Packet(message.head_packet)),
                reader.time_ns(Moment::Packet(message.last_packet)),
            );
            times = Some(match times {
                Some(times) => times.start.min(first)..times.end.max(last),
                None => first..last,
            });
        }
        Some(Self {
            purpose: exchange_purpose(connection, &exchange),
            outcome: exchange_outcome(&exchange),
            times_ns: times?,
            marks,
            exchange,
        })
    }

    /// When it began.
    pub fn began(&self) -> Option<Moment> {
        let first = self.exchange.messages().next()?;
        Some(Moment::Packet(first.head_packet))
    }

    /// The lane in words, as it stands when so much was read.
    pub fn text(&self, connection: &Connection, read: Read) -> String {
        let exchange = &self.exchange;
        let mut parts = vec![format!("exchange {}", exchange.id), self.purpose.clone()];
        if !self.began().is_some_and(|began| read.has(began)) {
            parts.push("not yet started".to_owned());
            return parts.join(", ");
        }
        let side = |side: Side| connection.direction(side).name();
        for message in exchange.messages() {
            if !read.has(Moment::Packet(message.head_packet)) {
                continue;
            }
            let what = match message.kind {
                MessageKind::Request => "request".to_owned(),
                _ => format!("{}", message.status),
            };
            let content = match message.content_bytes {
                0 => "no content".to_owned(),
                bytes => format!("{} of content", format::exact_bytes(bytes)),
            };
            let came = match message.end {
                MessageEnd::Whole if read.has(Moment::Packet(message.last_packet)) => "",
                MessageEnd::Whole | MessageEnd::NotYet => " so far",
                MessageEnd::Cut => ", cut off",
                MessageEnd::Lost => ", its end lost",
            };
            let time = format::duration_ns(self.time_of(message));
            parts.push(format!(
                "{what} by the {} at {time}: head of {}, {content}{came}",
                side(message.side),
                format::exact_bytes(message.head_bytes.into()),
            ));
        }
        if exchange.is_tunnel() {
            parts.push("then another protocol".to_owned());
        }
        parts.join(", ")
    }

    fn time_of(&self, message: &MessageRow) -> i64 {
        let at = Moment::Packet(message.head_packet);
        let mark = self.marks.iter().find(|mark| mark.at == at);
        mark.map_or(self.times_ns.start, |mark| mark.time_ns)
    }
}

struct Reader<'a> {
    trace: &'a Trace,
    connection: &'a Connection,
    origin: i64,
    message: &'a MessageRow,
    id: Option<MessageId>,
}

impl Reader<'_> {
    fn time_ns(&self, at: Moment) -> i64 {
        let packet = at.packet(self.connection);
        packet.map_or(0, |packet| {
            self.trace.time_ns(packet).saturating_sub(self.origin)
        })
    }

    fn mark(&self, part: Part, at: Moment, bytes: u64) -> Mark {
        let time_ns = self.time_ns(at);
        Mark {
            part,
            client: self.message.kind == MessageKind::Request,
            message: self.id,
            at,
            time_ns,
            end_ns: time_ns,
            bytes,
        }
    }

    fn marks(&self, scale: &TimeScale, marks: &mut Vec<Mark>) {
        let message = self.message;
        let head = Moment::Packet(message.head_packet);
        let part = match message.kind {
            MessageKind::Interim => Part::Interim,
            _ => Part::Head,
        };
        marks.push(self.mark(part, head, message.head_bytes.into()));
        self.body(scale, marks);
        let last = Moment::Packet(message.last_packet);
        let lines = message.trailer_range();
        // An empty line alone is no trailer.
        if lines.end.saturating_sub(lines.start) > 2 {
            marks.push(self.mark(Part::Trailers, last, lines.end - lines.start));
        }
        if message.framing == Framing::Tunnel {
            marks.push(self.mark(Part::Switch, last, 0));
        }
        if matches!(message.end, MessageEnd::Cut | MessageEnd::Lost) {
            marks.push(self.mark(Part::Broken, last, 0));
        }
    }

    /// The content by the packets that brought it, folded where they are close.
    fn body(&self, scale: &TimeScale, marks: &mut Vec<Mark>) {
        let message = self.message;
        if message.content_bytes == 0 {
            return;
        }
        let range = message.body_range();
        let stream = self.connection.stream(message.side);
        let mut folded: Option<Mark> = None;
        let mut seen = range.start;
        let near = FOLD_POINTS * scale.ns_per_point();
        for slice in stream.slices(range.clone()).take(MAX_PIECES) {
            seen = slice.offset.saturating_add(slice.len.into());
            let mark = self.mark(Part::Body, Moment::Packet(slice.readable), slice.len.into());
            match &mut folded {
                Some(open) if (mark.time_ns.saturating_sub(open.end_ns) as f64) < near => {
                    open.end_ns = open.end_ns.max(mark.time_ns);
                    open.bytes = open.bytes.saturating_add(mark.bytes);
                }
                _ => marks.extend(folded.replace(mark)),
            }
        }
        if seen < range.end
            && let Some(open) = &mut folded
        {
            open.end_ns = open
                .end_ns
                .max(self.time_ns(Moment::Packet(message.last_packet)));
            open.bytes = open.bytes.saturating_add(range.end - seen);
        }
        marks.extend(folded);
    }
}
