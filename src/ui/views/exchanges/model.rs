//! What a lane of an exchange shows: heads and bodies of its messages, where each lies in time.

use crate::analysis::exchanges::{Exchange, exchange};
use crate::trace::{
    Connection, ExchangeId, MessageEnd, MessageId, MessageKind, MessageRow, Moment, Read, Side,
    Trace,
};
use crate::ui::views::requests::model::{exchange_outcome, exchange_purpose};
use crate::ui::widgets::format;
use crate::ui::widgets::time_scale::TimeScale;
use crate::wire::http1::{Framing, status};
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

    /// What it is, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            Part::Head => {
                "The first line and the fields of a request or of its final response (RFC 9112 §2.1)."
            }
            Part::Interim => {
                "A response with a status below 200: the final one is still to come (RFC 9110 §15.2)."
            }
            Part::Body => {
                "What follows the head: a bar for what came at one time, the higher the more bytes. It stands beyond the heads, so that what came with its head stands at the same instant."
            }
            Part::Trailers => "Fields behind the last chunk (RFC 9112 §7.1.2).",
            Part::Switch => {
                "From here on the connection carries something else, as Upgrade or CONNECT asked for (RFC 9110 §7.8, §9.3.6)."
            }
            Part::Broken => "The message was cut off, or its end is lost.",
        }
    }

    /// The parts of a message.
    fn of(message: &MessageRow) -> impl Iterator<Item = Part> {
        let head = match message.kind {
            MessageKind::Interim => Part::Interim,
            _ => Part::Head,
        };
        let lines = message.trailer_range();
        let parts = [
            (head, true),
            (Part::Body, message.content_bytes > 0),
            // An empty line alone is no trailer.
            (Part::Trailers, lines.end.saturating_sub(lines.start) > 2),
            (Part::Switch, message.framing == Framing::Tunnel),
            (
                Part::Broken,
                matches!(message.end, MessageEnd::Cut | MessageEnd::Lost),
            ),
        ];
        let there = parts.into_iter().filter(|(_, there)| *there);
        there.map(|(part, _)| part)
    }

    /// Those that occur on a connection, in the order of the key.
    pub fn occurring(connection: &Connection) -> Vec<Part> {
        let messages = connection.http1().map_or(&[][..], |http1| http1.messages());
        let mut found: Vec<Part> = Vec::new();
        for part in messages.iter().flat_map(Part::of) {
            if !found.contains(&part) {
                found.push(part);
            }
            if found.len() == Part::KEY.len() {
                break;
            }
        }
        let key = Part::KEY.into_iter().map(|(part, _)| part);
        key.filter(|part| found.contains(part)).collect()
    }
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
    /// The same with the status code's name, where there is room.
    pub named_outcome: String,
    /// What is special about it, in a few words: `pipelined`, `no content`.
    pub notes: Vec<&'static str>,
    /// From its first to its last byte, in nanoseconds since the capture's first packet.
    pub times_ns: Range<i64>,
    /// When the head of the final response was there, likewise.
    pub answered_ns: Option<i64>,
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
        let notes = [
            (is_pipelined(connection, &exchange), PIPELINED),
            (has_no_content(&exchange), "no content"),
        ];
        let answered = exchange.response.as_ref().map(|row| row.head_packet);
        let outcome = exchange_outcome(&exchange);
        let named_outcome = match &exchange.response {
            Some(row) => outcome.replacen(&row.status.to_string(), &status::words(row.status), 1),
            None => outcome.clone(),
        };
        Some(Self {
            purpose: exchange_purpose(connection, &exchange),
            outcome,
            named_outcome,
            notes: notes
                .into_iter()
                .filter(|note| note.0)
                .map(|note| note.1)
                .collect(),
            times_ns: times?,
            answered_ns: answered.map(|packet| trace.time_ns(packet).saturating_sub(origin)),
            marks,
            exchange,
        })
    }

    /// How long its final response was awaited, from the request's head on.
    pub fn awaited_ns(&self) -> Option<i64> {
        let asked = self.marks.iter().filter(|mark| mark.client);
        let asked = asked.map(|mark| mark.time_ns).min()?;
        Some(self.answered_ns?.saturating_sub(asked))
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
                _ => status::words(message.status),
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
            let awaited_ns = self
                .awaited_ns()
                .filter(|_| message.kind == MessageKind::Response);
            let awaited = awaited_ns.map_or_else(String::new, |awaited_ns| {
                format!(", {} after the request", format::duration_ns(awaited_ns))
            });
            parts.push(format!(
                "{what} by the {} at {time}{awaited}: head of {}, {content}{came}",
                side(message.side),
                format::exact_bytes(message.head_bytes.into()),
            ));
        }
        if self.notes.contains(&PIPELINED) {
            parts.push(
                "pipelined: sent before the response before it was there; responses come in the order of requests (RFC 9112 §9.3.2)"
                    .to_owned(),
            );
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

/// Said of a request that did not wait for the response before it.
pub const PIPELINED: &str = "pipelined";

/// Whether a request was sent before the response to the one before it was there. Source: RFC 9112 §9.3.2.
fn is_pipelined(connection: &Connection, of: &Exchange) -> bool {
    let before = of.id.index().checked_sub(1).map(ExchangeId::from_index);
    let before = before.and_then(|id| exchange(connection, id));
    let sent = of.request.as_ref().map(|row| row.head_packet);
    let (Some(before), Some(sent)) = (before, sent) else {
        return false;
    };
    before.request.is_some() && before.response.is_some_and(|row| row.last_packet > sent)
}

/// Whether the final response is whole and has no content, as those to `HEAD` and with 204 and 304 have none.
fn has_no_content(of: &Exchange) -> bool {
    let whole = |row: &MessageRow| row.end == MessageEnd::Whole && row.content_bytes == 0;
    !of.is_tunnel() && of.response.as_ref().is_some_and(whole)
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
