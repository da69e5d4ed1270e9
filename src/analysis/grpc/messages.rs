//! The messages of a body: where each lies, when it was there, and its bytes once unpacked.

use super::body::Body;
use crate::trace::{Connection, Cursor, Direction, Moment, PacketId, Trace, Unit};
use crate::wire::grpc::encoding::MAX_UNPACKED_BYTES;
use crate::wire::grpc::{Encoding, Framing, MessageSpan, UnpackError, unpack};
use bytes::Bytes;
use std::ops::Range;

/// A length-prefixed message of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who sends it.
    pub direction: Direction,
    /// Its number among those of its sender in the call, from 0.
    pub number: u32,
    /// Its prefix, and where it lies in the body.
    pub span: MessageSpan,
    /// The `DATA` frame, or the message of HTTP/1.1, with its first byte.
    pub first: Unit,
    /// The one with its last byte that came.
    pub last: Unit,
    /// The packet with which its last byte could be read.
    pub packet: PacketId,
    /// When that packet was captured, in nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// Whether all of it is in the capture.
    pub whole: bool,
}

impl Message {
    /// Whether it carries the trailers of gRPC-Web, which is no message of the call.
    pub fn is_web_trailers(&self) -> bool {
        self.span.prefix.web_trailers()
    }

    /// When it was there: right after the frame, or with the packet, with its last byte.
    pub fn moment(&self) -> Moment {
        match self.last {
            Unit::Frame(frame) => Moment::Frame(frame),
            Unit::Message(_) => Moment::Packet(self.packet),
        }
    }

    /// That instant as a cursor.
    pub fn cursor(&self, connection: &Connection) -> Option<Cursor> {
        self.moment().cursor(connection)
    }

    /// Where its bytes lie, prefix and payload: frames or messages of HTTP/1.1, and ranges of the sender's stream of
    /// bytes.
    pub fn places(&self, body: &Body) -> Vec<(Unit, Range<u64>)> {
        body.places(self.span.range()).collect()
    }
}

/// A message's bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// As they travelled, without the prefix, up to the first that the capture does not hold.
    pub sent: Bytes,
    /// Unpacked, where the message is compressed; up to the damage or the limit. `None` when it cannot
    /// be unpacked at all.
    pub decoded: Option<Bytes>,
    /// Why it was not unpacked to its end.
    pub error: Option<UnpackError>,
}

impl Payload {
    /// The bytes of a message. `encoding` is what its sender announced.
    pub fn read(
        trace: &Trace,
        connection: &Connection,
        body: &Body,
        message: &Message,
        encoding: Option<Encoding>,
    ) -> Self {
        let sent = body.read_prefix(trace, connection, message.span.payload_range());
        if !message.span.prefix.compressed() {
            return Self {
                decoded: Some(sent.clone()),
                sent,
                error: None,
            };
        }
        // Some senders set the flag and pack nothing; an empty message has nothing to unpack.
        let unpacked = match encoding {
            Some(encoding) if !sent.is_empty() => unpack(encoding, &sent, MAX_UNPACKED_BYTES),
            Some(_) => Default::default(),
            None => {
                return Self {
                    sent,
                    decoded: None,
                    error: None,
                };
            }
        };
        Self {
            sent,
            decoded: Some(unpacked.bytes.into()),
            error: unpacked.error,
        }
    }
}

/// A message's place, before it is known when it was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) span: MessageSpan,
    pub(super) whole: bool,
}

/// A body cut into messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Cuts {
    /// The messages, in order.
    pub(super) list: Vec<Cut>,
    /// Bytes at the end that are less than a prefix.
    pub(super) left_over: u64,
}

/// Cuts a body into messages. Where frames are missing, it goes on with the next frame that begins a
/// message.
pub(super) fn cut(trace: &Trace, connection: &Connection, body: &Body) -> Cuts {
    let mut cuts = Cuts::default();
    let mut breaks = body.breaks().peekable();
    let mut framing = Framing::default();
    let len = body.len();
    loop {
        let position = framing.position();
        while breaks.next_if(|&place| place < position).is_some() {}
        let next = match breaks.peek() {
            Some(&place) if place == position => {
                breaks.next();
                Err(place)
            }
            _ => Ok(framing.next(|at| body.prefix(trace, connection, at))),
        };
        let resume = match next {
            Ok(Some(span)) => {
                let broken = breaks.next_if(|&place| place < span.end());
                let whole = broken.is_none() && body.holds(connection, span.range());
                cuts.list.push(Cut { span, whole });
                match broken {
                    Some(place) => place,
                    None => continue,
                }
            }
            Ok(None) if position.saturating_add(4) < len => position + 1,
            Ok(None) => {
                cuts.left_over = len.saturating_sub(position);
                return cuts;
            }
            Err(place) => place,
        };
        match message_start(trace, connection, body, resume) {
            Some(start) => framing = Framing::starting_at(start),
            None => return cuts,
        }
        // The place was looked at, and is no break any more.
        let position = framing.position();
        while breaks.next_if(|&place| place <= position).is_some() {}
    }
}

/// Frames that are tried as the beginning of a message.
const MAX_STARTS: usize = 64;

/// Messages that are followed to see whether their lengths lead to the end of a frame.
const MAX_FOLLOWED: usize = 16;

/// The first frame of a body, from a place on, with which a message seems to begin: the lengths of this
/// and perhaps the next messages lead to the end of a frame, and not all are empty.
pub(super) fn message_start(
    trace: &Trace,
    connection: &Connection,
    body: &Body,
    from: u64,
) -> Option<u64> {
    let mut starts = body.part_starts(from).take(MAX_STARTS);
    starts.find(|&start| {
        let mut framing = Framing::starting_at(start);
        let mut empty = true;
        for _ in 0..MAX_FOLLOWED {
            let span = framing.next(|at| body.prefix(trace, connection, at));
            let Some(span) = span.filter(|span| span.end() <= body.len()) else {
                return false;
            };
            if span.prefix.unknown_flags(true) {
                return false;
            }
            empty &= span.prefix.length == 0;
            if !empty && body.is_part_end(span.end()) {
                return true;
            }
        }
        false
    })
}

/// The messages of a body with the times at which they were there.
pub(super) fn messages(
    trace: &Trace,
    connection: &Connection,
    body: &Body,
    cuts: &Cuts,
) -> Vec<Message> {
    let direction = connection.direction(body.side);
    let numbered = (0..).zip(&cuts.list);
    numbered
        .filter_map(|(number, cut)| {
            let first = cut.span.start..cut.span.start.saturating_add(1);
            let (first, _) = body.places(first).next()?;
            let (last, packet) = body.arrival(connection, cut.span.range())?;
            Some(Message {
                direction,
                number,
                span: cut.span,
                first,
                last,
                packet,
                time_ns: trace.time_ns(packet),
                whole: cut.whole,
            })
        })
        .collect()
}

impl Cuts {
    /// Whole messages and their bytes, without the trailers of gRPC-Web.
    pub(super) fn counts(&self) -> (u32, u64) {
        let counted = self
            .list
            .iter()
            .filter(|cut| cut.whole && !cut.span.prefix.web_trailers());
        counted.fold((0_u32, 0_u64), |(count, bytes), cut| {
            let length = u64::from(cut.span.prefix.length);
            (count.saturating_add(1), bytes.saturating_add(length))
        })
    }
}
