//! The content that one sender sends on a stream or in an exchange, joined, and where each byte of it lies.

use super::coded::Coded;
use crate::analysis::bodies::Trouble;
use crate::trace::{
    Carrier, Connection, FrameId, FrameRow, Http2, MessageEnd, MessageId, MessageRow, PacketId,
    Side, Trace, Unit,
};
use crate::wire::grpc::Prefix;
use crate::wire::grpc::web::TextBody;
use crate::wire::http2::{Flags, FrameKind, StreamId};
use bytes::{Bytes, BytesMut};
use std::ops::Range;
use std::sync::Arc;

/// The content of one `DATA` frame, or a chunk of a message of HTTP/1.1 or all its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyPart {
    /// The frame or the message.
    pub unit: Unit,
    /// Where its content starts in the body.
    pub start: u64,
    /// Its content in the sender's stream of bytes, without padding and what frames chunks.
    pub range: Range<u64>,
    /// Whether frames may be missing before it, so that the body does not join here.
    pub after_loss: bool,
    /// Whether all of the frame or message is in the capture.
    pub whole: bool,
}

impl BodyPart {
    fn end(&self) -> u64 {
        self.start + (self.range.end - self.range.start)
    }
}

/// The body that one side sends, as far as it has come.
///
/// It holds places, not bytes: those are read when somebody looks. The exceptions are base64 and what was compressed as a
/// whole, which keep no positions that are worth finding again.
#[derive(Clone, Debug)]
pub struct Body {
    /// Who sends it.
    pub side: Side,
    parts: Vec<BodyPart>,
    /// Whether the sender said that this is all.
    pub ended: bool,
    coded: Option<Arc<Coded>>,
    text: Option<Arc<TextBody>>,
}

/// How much of a body in base64 is decoded. Our choice: such bodies are a browser's, and small.
const MAX_TEXT_BODY_BYTES: u64 = 64 << 20;

impl Body {
    /// A body of which nothing was seen.
    pub(super) fn empty(side: Side) -> Self {
        Self {
            side,
            parts: Vec::new(),
            ended: false,
            coded: None,
            text: None,
        }
    }

    /// The body of a message of HTTP/1.1, without what frames chunks.
    pub fn of_message(
        trace: &Trace,
        connection: &Connection,
        (id, row): (MessageId, &MessageRow),
    ) -> Self {
        let mut body = Self::empty(row.side);
        for range in trace.message_content(connection, row) {
            body.push(BodyPart {
                unit: Unit::Message(id),
                start: body.sent_len(),
                range,
                after_loss: false,
                whole: row.held,
            });
        }
        body.ended = row.end == MessageEnd::Whole;
        body
    }

    /// The body of a side on a stream.
    pub fn of_stream(
        trace: &Trace,
        connection: &Connection,
        http2: &Http2,
        stream: StreamId,
        side: Side,
    ) -> Self {
        let mut body = Self::empty(side);
        let mut last: Option<(FrameId, u64)> = None;
        for &id in http2.frames_of(stream).iter() {
            let Some(frame) = http2.frames.get(id.index()) else {
                break;
            };
            if frame.side != side {
                continue;
            }
            if frame.kind == FrameKind::DATA {
                let after_loss = may_be_missing(connection, http2, side, last, id, frame);
                body.push(BodyPart {
                    unit: Unit::Frame(id),
                    start: body.sent_len(),
                    range: content_range(trace, connection, frame),
                    after_loss,
                    whole: frame.whole,
                });
            }
            if frame.kind == FrameKind::DATA || frame.kind == FrameKind::HEADERS {
                last = Some((id, frame.range().end));
            }
            body.ended |= frame.ends_stream() && frame.whole;
        }
        body
    }

    fn push(&mut self, part: BodyPart) {
        if !part.range.is_empty() || part.after_loss {
            self.parts.push(part);
        }
    }

    /// Takes the codings of the content off, where there are any. Before [`Self::decode_text`].
    pub(super) fn decode_content(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        carrier: Carrier,
    ) {
        self.coded = Coded::of(trace, connection, carrier, self).map(Arc::new);
    }

    /// Reads what was sent as base64.
    pub(super) fn decode_text(&mut self, trace: &Trace, connection: &Connection) {
        let range = 0..self.uncoded_len().min(MAX_TEXT_BODY_BYTES);
        let text = self.read_uncoded_prefix(trace, connection, range);
        self.text = Some(Arc::new(TextBody::decode(&text)));
    }

    /// What it is made of.
    pub fn parts(&self) -> &[BodyPart] {
        &self.parts
    }

    /// How long it is so far, once decoded when it is base64.
    pub fn len(&self) -> u64 {
        match &self.text {
            Some(text) => text.bytes.len() as u64,
            None => self.uncoded_len(),
        }
    }

    /// Its length without the codings of its content.
    fn uncoded_len(&self) -> u64 {
        match &self.coded {
            Some(coded) => coded.bytes.len() as u64,
            None => self.sent_len(),
        }
    }

    /// Whether its bytes are those that were sent, and not decoded from them.
    pub fn is_in_place(&self) -> bool {
        self.text.is_none() && self.coded.is_none()
    }

    /// As what it was sent, where its bytes are decoded from that: `base64`, `gzip`, `base64, then gzip`.
    pub fn sent_as(&self) -> Option<String> {
        let text = self.text.as_ref().map(|_| "base64".to_owned());
        match (text, self.content_coding()) {
            (Some(text), Some(coding)) => Some(format!("{text}, then {coding}")),
            (text, coding) => text.or(coding),
        }
    }

    /// The codings of its content as a whole: `gzip`.
    pub fn content_coding(&self) -> Option<String> {
        self.coded.as_ref().map(|coded| coded.name())
    }

    /// What stopped the unpacking of its content. That more has not come yet is none.
    pub(super) fn coding_trouble(&self) -> Option<&Trouble> {
        let trouble = self.coded.as_ref()?.trouble.as_ref()?;
        let cut = matches!(trouble, Trouble::Cut { .. });
        (self.ended || !cut).then_some(trouble)
    }

    /// Whether nothing has come.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn sent_len(&self) -> u64 {
        self.parts.last().map_or(0, BodyPart::end)
    }

    /// The bytes of a range; `None` when they are not all in the capture.
    pub fn read(&self, trace: &Trace, connection: &Connection, range: Range<u64>) -> Option<Bytes> {
        if range.end > self.len() {
            return None;
        }
        let wanted = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        let bytes = self.read_prefix(trace, connection, range);
        (bytes.len() == wanted).then_some(bytes)
    }

    /// The bytes of a range up to the first that the capture does not hold.
    pub fn read_prefix(&self, trace: &Trace, connection: &Connection, range: Range<u64>) -> Bytes {
        let Some(text) = &self.text else {
            return self.read_uncoded_prefix(trace, connection, range);
        };
        let start = usize::try_from(range.start).unwrap_or(usize::MAX);
        let end = usize::try_from(range.end)
            .unwrap_or(usize::MAX)
            .min(text.bytes.len());
        text.bytes
            .get(start..end)
            .map(Bytes::copy_from_slice)
            .unwrap_or_default()
    }

    fn read_uncoded_prefix(
        &self,
        trace: &Trace,
        connection: &Connection,
        range: Range<u64>,
    ) -> Bytes {
        let Some(coded) = &self.coded else {
            return self.read_sent_prefix(trace, connection, range);
        };
        let narrow = |at: u64| {
            usize::try_from(at)
                .unwrap_or(usize::MAX)
                .min(coded.bytes.len())
        };
        let start = narrow(range.start);
        coded.bytes.slice(start..narrow(range.end).max(start))
    }

    /// What was sent, piece by piece as packets brought it, up to the first byte that is missing.
    pub(super) fn runs<'a>(
        &'a self,
        trace: &'a Trace,
        connection: &'a Connection,
    ) -> impl Iterator<Item = Bytes> + 'a {
        let stream = connection.stream(self.side);
        let slices = self.parts.iter();
        let slices = slices.flat_map(|part| {
            let mut next = part.range.start;
            let held = stream.slices(part.range.clone()).take_while(move |slice| {
                let joins = slice.packet.is_some() && slice.offset == next;
                next = slice.offset.saturating_add(slice.len.into());
                joins
            });
            let runs = held.map(|slice| Some(slice.offset..slice.offset + u64::from(slice.len)));
            // Behind a hole nothing fits.
            runs.chain((!part.whole || part.after_loss).then_some(None))
        });
        let runs = slices.map_while(|range| range);
        runs.map_while(move |range| stream.read(range, &trace.packets, &trace.source))
    }

    fn read_sent_prefix(&self, trace: &Trace, connection: &Connection, range: Range<u64>) -> Bytes {
        let stream = connection.stream(self.side);
        let read = |range| stream.read_prefix(range, &trace.packets, &trace.source);
        let mut places = self.places_of_sent(range);
        let Some((_, first)) = places.next() else {
            return Bytes::new();
        };
        let Some((_, second)) = places.next() else {
            return self
                .in_one_run(trace, connection, first.clone())
                .unwrap_or_else(|| read(first));
        };
        let mut joined = BytesMut::new();
        for range in [first, second]
            .into_iter()
            .chain(places.map(|(_, range)| range))
        {
            let wanted = range.end - range.start;
            let bytes = read(range);
            joined.extend_from_slice(&bytes);
            if (bytes.len() as u64) < wanted {
                break;
            }
        }
        joined.freeze()
    }

    /// Bytes that lie in one packet are not copied.
    fn in_one_run(
        &self,
        trace: &Trace,
        connection: &Connection,
        range: Range<u64>,
    ) -> Option<Bytes> {
        connection
            .stream(self.side)
            .read(range, &trace.packets, &trace.source)
    }

    /// The five bytes at a place of the body.
    pub(super) fn prefix(
        &self,
        trace: &Trace,
        connection: &Connection,
        at: u64,
    ) -> Option<[u8; Prefix::LEN]> {
        let range = at..at.checked_add(Prefix::LEN as u64)?;
        self.read(trace, connection, range)?.first_chunk().copied()
    }

    /// Where a range of the body lies: frames or messages, and ranges of the sender's stream of bytes. Of
    /// base64, the whole groups of characters.
    pub fn places(&self, range: Range<u64>) -> impl Iterator<Item = (Unit, Range<u64>)> + '_ {
        self.places_of_sent(self.sent_range(range))
    }

    /// The range of what was sent that a range of the body comes from.
    fn sent_range(&self, range: Range<u64>) -> Range<u64> {
        let Some(text) = &self.text else {
            return self.coded_range(range);
        };
        let narrow = |at: u64| {
            usize::try_from(at)
                .unwrap_or(usize::MAX)
                .min(text.bytes.len())
        };
        let characters = text.characters(narrow(range.start)..narrow(range.end));
        self.coded_range(characters.start as u64..characters.end as u64)
    }

    fn coded_range(&self, range: Range<u64>) -> Range<u64> {
        match &self.coded {
            Some(coded) => coded.sent_range(range),
            None => range,
        }
    }

    fn places_of_sent(&self, range: Range<u64>) -> impl Iterator<Item = (Unit, Range<u64>)> + '_ {
        let first = self.parts.partition_point(|part| part.end() <= range.start);
        let parts = self.parts.get(first..).unwrap_or_default();
        parts
            .iter()
            .take_while({
                let end = range.end;
                move |part| part.start < end
            })
            .filter_map(move |part| {
                let start = part.start.max(range.start);
                let end = part.end().min(range.end);
                let shift = |at: u64| part.range.start + (at - part.start);
                (start < end).then(|| (part.unit, shift(start)..shift(end)))
            })
    }

    /// The last frame or message with bytes of a range, and the packet with which the last of those bytes could be
    /// read that the capture holds.
    pub(super) fn arrival(
        &self,
        connection: &Connection,
        range: Range<u64>,
    ) -> Option<(Unit, PacketId)> {
        let sent = self.sent_range(range.start..range.end.min(self.len()));
        // Base64 can be read when the last character of its group is there.
        let last = sent.end.checked_sub(1)?;
        let stream = connection.stream(self.side);
        let slice = |(unit, range): (Unit, Range<u64>)| {
            let held = stream.slices(range).filter(|slice| slice.packet.is_some());
            Some((unit, held.last()?.readable))
        };
        let last = self.places_of_sent(last..sent.end).find_map(slice);
        last.or_else(|| self.places_of_sent(sent).filter_map(slice).last())
    }

    /// Whether the capture holds all bytes of a range.
    pub(super) fn holds(&self, connection: &Connection, range: Range<u64>) -> bool {
        if range.end > self.len() {
            return false;
        }
        let sent = self.sent_range(range);
        let first = self.parts.partition_point(|part| part.end() <= sent.start);
        let parts = self.parts.get(first..).unwrap_or_default();
        let mut parts = parts.iter().take_while(|part| part.start < sent.end);
        parts.all(|part| part.whole) || {
            let stream = connection.stream(self.side);
            self.places_of_sent(sent).all(|(_, range)| {
                let held = stream
                    .slices(range.clone())
                    .filter(|slice| slice.packet.is_some());
                held.map(|slice| u64::from(slice.len)).sum::<u64>() == range.end - range.start
            })
        }
    }

    /// Where parts begin before which frames may be missing.
    pub(super) fn breaks(&self) -> impl Iterator<Item = u64> + '_ {
        let joined = !self.is_in_place();
        let broken = self
            .parts
            .iter()
            .filter(move |part| part.after_loss && !joined);
        broken.map(|part| part.start)
    }

    /// Whether a part ends here.
    pub(super) fn is_part_end(&self, at: u64) -> bool {
        if !self.is_in_place() {
            return at == self.len();
        }
        let next = self.parts.partition_point(|part| part.end() < at);
        self.parts.get(next).is_some_and(|part| part.end() == at)
    }

    /// Where parts begin.
    pub(super) fn part_starts(&self, from: u64) -> impl Iterator<Item = u64> + '_ {
        let first = self.parts.partition_point(|part| part.start < from);
        let parts = self.parts.get(first..).unwrap_or_default();
        // Decoded, only the beginning is known to be one.
        let known = if self.is_in_place() { usize::MAX } else { 1 };
        parts.iter().map(|part| part.start).take(known)
    }
}

/// The content of a `DATA` frame in its sender's stream, without padding.
fn content_range(trace: &Trace, connection: &Connection, frame: &FrameRow) -> Range<u64> {
    let payload = frame.payload_range();
    if !frame.flags.contains(Flags::PADDED) || payload.is_empty() {
        return payload;
    }
    let start = payload.start + 1;
    let stream = connection.stream(frame.side);
    let pad_length = stream
        .read(payload.start..start, &trace.packets, &trace.source)
        .and_then(|byte| byte.first().copied());
    let end = payload
        .end
        .saturating_sub(u64::from(pad_length.unwrap_or(0)));
    start..end.max(start)
}

/// Whether frames of this sender may be missing between the last one on the stream and this one.
fn may_be_missing(
    connection: &Connection,
    http2: &Http2,
    side: Side,
    last: Option<(FrameId, u64)>,
    id: FrameId,
    frame: &FrameRow,
) -> bool {
    let Some((last, end)) = last else {
        // Content without a header block before it. An upgrade from HTTP/1.1 has none either.
        return !http2.history.losses.is_empty();
    };
    let losses = &http2.history.losses;
    let until = losses.partition_point(|&loss| loss <= Some(id));
    let after = losses.partition_point(|&loss| loss <= Some(last));
    after < until
        && connection
            .stream(side)
            .slices(end..frame.offset)
            .any(|slice| slice.packet.is_none())
}
