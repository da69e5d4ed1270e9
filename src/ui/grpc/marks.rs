//! What is drawn of a call on its lane: header lists, messages and the end, each with its frame and time.

use crate::analysis::exchanges;
use crate::analysis::grpc::{self, Call};
use crate::trace::{Carrier, Connection, Direction, ExchangeId, MessageEnd, Moment, Trace};
use crate::wire::http2::FrameKind;

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A header list that begins a side's part, or comes before the response.
    Headers,
    /// The header list that ends a response.
    Trailers,
    /// `RST_STREAM`.
    Reset,
}

/// A header list or a reset of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it stands for.
    pub kind: MarkKind,
    /// Who sent it.
    pub direction: Direction,
    /// When it was there.
    pub at: Moment,
    /// That time, in nanoseconds since the capture's first packet.
    pub time_ns: i64,
}

/// A message of one side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageMark {
    /// When it was there.
    pub at: Moment,
    /// That time, in nanoseconds since the capture's first packet.
    pub time_ns: i64,
    /// Bytes of this and all messages of its side before it.
    pub sum_bytes: u64,
}

/// Header lists and resets of one call that get a mark: a call has a handful, a stream made to annoy
/// thousands.
const MAX_MARKS: usize = 32;

/// The header lists and resets of a call, in order.
pub(super) fn of_frames(
    trace: &Trace,
    connection: &Connection,
    call: &Call,
    origin_ns: i64,
) -> Vec<Mark> {
    let stream = match call.id.carrier {
        Carrier::Stream(stream) => stream,
        Carrier::Exchange(exchange) => {
            return of_heads(trace, connection, call, exchange, origin_ns);
        }
    };
    let Some(http2) = connection.http2() else {
        return Vec::new();
    };
    let frames = http2.frames_of(stream).iter();
    let rows = frames.filter_map(|id| Some((*id, http2.frames.get(id.index())?)));
    let shown =
        rows.filter(|(_, row)| row.kind == FrameKind::HEADERS || row.kind == FrameKind::RST_STREAM);
    let mut answered = false;
    shown
        .take(MAX_MARKS)
        .map(|(frame, row)| {
            let direction = connection.direction(row.side);
            let only = call.ended_by == grpc::EndedBy::TrailersOnly;
            let server = direction == Direction::Server;
            let first = !answered;
            answered |= server;
            let kind = if row.kind == FrameKind::RST_STREAM {
                MarkKind::Reset
            } else if server && row.ends_stream() && (only || !first) {
                MarkKind::Trailers
            } else {
                MarkKind::Headers
            };
            Mark {
                kind,
                direction,
                at: Moment::Frame(frame),
                time_ns: trace.time_ns(row.packet).saturating_sub(origin_ns),
            }
        })
        .collect()
}

/// The heads of an exchange of HTTP/1.1, and the end of its response, which holds the trailers.
fn of_heads(
    trace: &Trace,
    connection: &Connection,
    call: &Call,
    exchange: ExchangeId,
    origin_ns: i64,
) -> Vec<Mark> {
    let Some(exchange) = exchanges::exchange(connection, exchange) else {
        return Vec::new();
    };
    let mark = |kind, side, packet| Mark {
        kind,
        direction: connection.direction(side),
        at: Moment::Packet(packet),
        time_ns: trace.time_ns(packet).saturating_sub(origin_ns),
    };
    let rows = exchange.messages().take(MAX_MARKS);
    let mut marks: Vec<Mark> = rows
        .map(|row| mark(MarkKind::Headers, row.side, row.head_packet))
        .collect();
    let response = exchange.response.as_ref();
    if let Some(row) = response.filter(|row| row.end == MessageEnd::Whole) {
        match (call.ended_by, marks.last_mut()) {
            (grpc::EndedBy::TrailersOnly, Some(last)) => last.kind = MarkKind::Trailers,
            (grpc::EndedBy::Trailers, _) => {
                marks.push(mark(MarkKind::Trailers, row.side, row.last_packet));
            }
            _ => {}
        }
    }
    marks
}

/// The messages of a call, of the client and of the server, in the order in which they were there.
pub(super) fn of_messages(
    trace: &Trace,
    connection: &Connection,
    call: &Call,
    origin_ns: i64,
    room: usize,
) -> [Vec<MessageMark>; 2] {
    let mut sides = [Vec::new(), Vec::new()];
    let Some(messages) = grpc::messages(trace, connection, call.id.carrier) else {
        return sides;
    };
    let own = messages.list.iter();
    let own = own.filter(|message| message.whole && !message.is_web_trailers());
    for message in own.take(room) {
        let Some(side) = sides.get_mut(message.direction.index()) else {
            continue;
        };
        let before = side.last().map_or(0, |last: &MessageMark| last.sum_bytes);
        side.push(MessageMark {
            at: message.moment(),
            time_ns: message.time_ns.saturating_sub(origin_ns),
            sum_bytes: before.saturating_add(u64::from(message.span.prefix.length)),
        });
    }
    sides
}
