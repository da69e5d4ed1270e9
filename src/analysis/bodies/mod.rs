//! The content of a request or a response: as it was sent, and decoded.
//!
//! A body is the content of one sender's `DATA` frames on a stream, without padding
//! (RFC 9113 §8.1), or of a message of HTTP/1.1, without what frames its chunks (RFC 9112 §7.1). Nothing is copied until
//! it is read. What the capture does not hold is said: by range where it is known how much is missing, and as a doubt where
//! whole frames may be.

pub mod decoding;
pub mod kind;

pub use decoding::{Coding, Decoded, MAX_CODINGS, MAX_DECODED_BYTES, Trouble, decode};
pub use kind::ContentKind;

use super::requests;
use crate::trace::{Carrier, Connection, ExchangeId, FrameRow, MessageEnd, Side, Trace, Unit};
use crate::wire::http2::{Flags, FrameHeader, FrameKind, StreamId};
use bytes::Bytes;
use std::io;
use std::ops::Range;

/// The content of one `DATA` frame, or a chunk of a message of HTTP/1.1 or all its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyPart {
    /// The frame or the message.
    pub unit: Unit,
    /// Where it starts in the body.
    pub offset: u64,
    /// Its bytes in the sender's stream of bytes.
    pub range: Range<u64>,
}

/// The body of a message.
#[derive(Clone, Debug)]
pub struct Body {
    /// What carries it.
    pub carrier: Carrier,
    /// Who sent it.
    pub sender: Side,
    /// Its parts, in order.
    pub parts: Vec<BodyPart>,
    /// Ranges of it that the capture does not hold, in order.
    pub missing: Vec<Range<u64>>,
    /// Whether it may be longer: frames of it may be missing altogether, or its end cannot be known.
    pub may_be_longer: bool,
    /// Whether its end was seen.
    pub ended: bool,
    /// The fields that say what it is, in order and as far as they are known: of the message's header block or head. Empty
    /// when that was not seen.
    fields: Vec<(Bytes, Bytes)>,
}

/// The fields that say what a body is.
const ABOUT: [&str; 3] = ["content-type", "content-encoding", "transfer-encoding"];

impl Body {
    /// The body that a side sent on a stream or in an exchange; without parts when there is none. `None` when the
    /// connection has no such stream or exchange.
    pub fn of(
        trace: &Trace,
        connection: &Connection,
        carrier: impl Into<Carrier>,
        sender: Side,
    ) -> Option<Self> {
        match carrier.into() {
            Carrier::Stream(stream) => Self::of_stream(trace, connection, stream, sender),
            Carrier::Exchange(exchange) => Self::in_exchange(trace, connection, exchange, sender),
        }
    }

    fn empty(carrier: Carrier, sender: Side) -> Self {
        Self {
            carrier,
            sender,
            parts: Vec::new(),
            missing: Vec::new(),
            may_be_longer: false,
            ended: false,
            fields: Vec::new(),
        }
    }

    /// The body of the request or of the final response.
    fn in_exchange(
        trace: &Trace,
        connection: &Connection,
        exchange: ExchangeId,
        sender: Side,
    ) -> Option<Self> {
        let http1 = connection.http1()?;
        let row = http1.exchange(exchange)?;
        let mut body = Self::empty(exchange.into(), sender);
        let messages = [row.request, row.response].into_iter().flatten();
        let mut messages = messages.filter_map(|id| Some((id, http1.message(id)?)));
        let Some((id, row)) = messages.find(|(_, row)| row.side == sender) else {
            return Some(body);
        };
        let fields = trace.message_fields(connection, row).into_iter();
        body.fields = fields
            .filter(|field| ABOUT.iter().any(|name| field.is_named(name)))
            .map(|field| (field.name, field.value))
            .collect();
        for range in trace.message_content(connection, row) {
            body.add(connection, Unit::Message(id), range);
        }
        body.ended = row.end == MessageEnd::Whole;
        body.may_be_longer = row.end == MessageEnd::Lost;
        Some(body)
    }

    fn of_stream(
        trace: &Trace,
        connection: &Connection,
        stream: StreamId,
        sender: Side,
    ) -> Option<Self> {
        let http2 = connection.http2()?;
        http2.stream(stream)?;
        let request = requests::request(trace, connection, stream);
        let head = request.and_then(|request| {
            if request.requester == sender {
                request.sent
            } else {
                request.response
            }
        });
        let mut body = Self::empty(stream.into(), sender);
        if let Some(head) = head {
            let fields = trace.header_fields(connection, head).into_iter();
            body.fields = fields
                .filter(|field| ABOUT.iter().any(|name| field.is_named(name)))
                .filter_map(|field| Some((field.name?, field.value?)))
                .collect();
        }
        let (mut first, mut last) = (head, head);
        for &id in http2.frames_of(stream).iter() {
            let Some(frame) = http2.frames.get(id.index()) else {
                continue;
            };
            if frame.side != sender {
                continue;
            }
            first = first.or(Some(id));
            last = Some(id);
            body.ended |= frame.whole && frame.ends_stream();
            if frame.kind == FrameKind::DATA {
                let range = content_range(trace, connection, frame);
                body.add(connection, Unit::Frame(id), range);
            }
        }
        // An upgrade's request is not a frame; everything else begins with one.
        let beginning_seen = head.is_some();
        let losses = &http2.history.losses;
        let lost_within = losses
            .iter()
            .any(|&loss| first < loss && (loss <= last || !body.ended));
        body.may_be_longer =
            lost_within || (!beginning_seen && http2.history.begins_in_the_middle());
        Some(body)
    }

    fn add(&mut self, connection: &Connection, unit: Unit, range: Range<u64>) {
        let offset = self.len();
        let mut expected = range.start;
        for run in connection.stream(self.sender).slices(range.clone()) {
            if run.packet.is_some() {
                self.miss(offset, &range, expected..run.offset);
                expected = run.offset + u64::from(run.len);
            }
        }
        self.miss(offset, &range, expected..range.end);
        self.parts.push(BodyPart {
            unit,
            offset,
            range,
        });
    }

    fn miss(&mut self, offset: u64, part: &Range<u64>, missing: Range<u64>) {
        if missing.is_empty() {
            return;
        }
        let start = offset + (missing.start - part.start);
        let end = offset + (missing.end - part.start);
        match self.missing.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => self.missing.push(start..end),
        }
    }

    /// How long it is, missing bytes included; without frames that were not captured.
    pub fn len(&self) -> u64 {
        self.parts
            .last()
            .map_or(0, |part| part.offset + (part.range.end - part.range.start))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of its bytes are in the capture.
    pub fn captured_bytes(&self) -> u64 {
        let missing = self.missing.iter().map(|range| range.end - range.start);
        self.len().saturating_sub(missing.sum())
    }

    /// Whether all of it, from the first byte to the last, is in the capture.
    pub fn is_complete(&self) -> bool {
        self.ended && self.missing.is_empty() && !self.may_be_longer
    }

    /// `content-type` of the message.
    pub fn content_type(&self) -> Option<&[u8]> {
        self.named("content-type").next()
    }

    /// Whether it was sent in chunks of HTTP/1.1.
    pub fn is_chunked(&self) -> bool {
        self.named("transfer-encoding")
            .flat_map(|value| value.split(|&byte| byte == b','))
            .any(|name| name.trim_ascii().eq_ignore_ascii_case(b"chunked"))
    }

    fn named(&self, wanted: &str) -> impl Iterator<Item = &[u8]> {
        let fields = self.fields.iter();
        let own = fields.filter(move |(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()));
        own.map(|(_, value)| &**value)
    }

    /// Its codings in the order in which they were applied: those of the content, and of HTTP/1.1 those of the transfer,
    /// except for the chunks, which are taken off already. Source: RFC 9110 §8.4, RFC 9112 §6.1.
    pub fn codings(&self) -> Vec<Coding> {
        let list = |name| {
            self.named(name)
                .flat_map(|value| value.split(|&byte| byte == b','))
        };
        let transfer = list("transfer-encoding")
            .filter(|name| !name.trim_ascii().eq_ignore_ascii_case(b"chunked"));
        list("content-encoding")
            .chain(transfer)
            .filter_map(Coding::parse)
            .collect()
    }

    /// Its captured bytes as they were sent, in runs; missing ones are left out.
    pub fn runs<'a>(
        &'a self,
        trace: &'a Trace,
        connection: &'a Connection,
    ) -> impl Iterator<Item = Bytes> + 'a {
        let stream = connection.stream(self.sender);
        let ranges = self.parts.iter().map(|part| part.range.clone());
        let runs = ranges.flat_map(|range| stream.slices(range));
        runs.filter_map(move |run| {
            let range = run.offset..run.offset + u64::from(run.len);
            stream.read(range, &trace.packets, &trace.source)
        })
    }

    /// Its bytes as they were sent, up to the first that is missing.
    pub fn reader<'a>(&'a self, trace: &'a Trace, connection: &'a Connection) -> BodyReader<'a> {
        BodyReader {
            body: self,
            trace,
            connection,
            part: 0,
            rest: Bytes::new(),
        }
    }

    /// Its content without codings, at most [`MAX_DECODED_BYTES`], with what stopped the decoding.
    pub fn decoded(&self, trace: &Trace, connection: &Connection) -> Decoded {
        let reader = self.reader(trace, connection);
        let mut decoded = decode(reader, &self.codings(), MAX_DECODED_BYTES);
        if let Some(missing) = self.missing.first()
            && matches!(decoded.trouble, None | Some(Trouble::Cut { .. }))
        {
            decoded.trouble = Some(Trouble::Missing {
                offset: missing.start,
                bytes: missing.end - missing.start,
            });
        }
        decoded
    }
}

/// Where the content of a `DATA` frame lies in its sender's stream.
fn content_range(trace: &Trace, connection: &Connection, frame: &FrameRow) -> Range<u64> {
    let payload = frame.payload_range();
    if !frame.flags.contains(Flags::PADDED) {
        return payload;
    }
    let first = frame.offset + FrameHeader::LEN as u64;
    let pad_length = connection
        .stream(frame.side)
        .read(first..first + 1, &trace.packets, &trace.source)
        .and_then(|byte| byte.first().copied());
    let start = (payload.start + 1).min(payload.end);
    let end = payload.end.saturating_sub(pad_length.map_or(0, u64::from));
    start..end.max(start)
}

/// Reads a body from its parts, one after the other.
pub struct BodyReader<'a> {
    body: &'a Body,
    trace: &'a Trace,
    connection: &'a Connection,
    part: usize,
    rest: Bytes,
}

impl io::Read for BodyReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            let Some(part) = self.body.parts.get(self.part) else {
                return Ok(0);
            };
            let stream = self.connection.stream(self.body.sender);
            let range = part.range.clone();
            let wanted = range.end - range.start;
            self.rest = stream.read_prefix(range, &self.trace.packets, &self.trace.source);
            self.part = if self.rest.len() as u64 == wanted {
                self.part + 1
            } else {
                usize::MAX // Behind a hole, nothing fits.
            };
        }
        let count = self.rest.len().min(buffer.len());
        let taken = self.rest.split_to(count);
        if let Some(place) = buffer.get_mut(..count) {
            place.copy_from_slice(&taken);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
