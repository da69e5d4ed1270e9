//! What was seen of HTTP/1.1 on one connection: messages, and the exchanges that they make up.
//!
//! A message's row holds what finds it again in its sender's stream, and what lists ask of every message. Its fields are
//! read again from its head when somebody looks, and its content from the stream: chunks are walked over, not kept.

use super::ids::{ExchangeId, MessageId, PacketId, Side, Symbol};
use super::log::push_slowly;
use super::{Connection, Trace};
use crate::wire::http1::{ChunkReader, ChunkStep, Framing, Version, head};
use bytes::Bytes;
use std::ops::Range;

/// What a message is to its exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// The request.
    Request,
    /// A response that comes before the final one. Source: RFC 9110 §15.2.
    Interim,
    /// The final response.
    Response,
}

/// How far a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageEnd {
    /// Its end has not come.
    NotYet,
    /// All of it was sent, as far as its framing tells.
    Whole,
    /// The connection ended before it did.
    Cut,
    /// Where it ends cannot be known: its framing is damaged, or lies in a hole of the capture.
    Lost,
}

/// A message of HTTP/1.1. Replaced as a whole while more of it comes.
#[derive(Clone, Copy, Debug)]
pub struct MessageRow {
    /// Where its head starts in its sender's stream of bytes.
    pub offset: u64,
    /// Bytes behind the head that belong to it so far: content, what frames chunks, and trailers.
    pub body_bytes: u64,
    /// Bytes of content so far, without what frames chunks; with those that the capture does not hold.
    pub content_bytes: u64,
    /// Bytes of the head, with its empty line.
    pub head_bytes: u32,
    /// Bytes of the trailer section that ends a chunked body, with its empty line.
    pub trailer_bytes: u32,
    /// The exchange that it belongs to.
    pub exchange: ExchangeId,
    /// The packet that made its head readable.
    pub head_packet: PacketId,
    /// The packet with which its last byte so far was readable.
    pub last_packet: PacketId,
    /// The method of a request.
    pub method: Option<Symbol>,
    /// The target of a request, as it was sent.
    pub target: Option<Symbol>,
    /// The `Host` of a request.
    pub host: Option<Symbol>,
    /// Its `Content-Type`.
    pub content_type: Option<Symbol>,
    /// The status code of a response; 0 for a request.
    pub status: u16,
    /// The version of its sender.
    pub version: Version,
    /// How its end is told.
    pub framing: Framing,
    /// Who sent it.
    pub side: Side,
    /// What it is to its exchange.
    pub kind: MessageKind,
    /// How far it came.
    pub end: MessageEnd,
    /// Whether the capture holds all of it that was sent.
    pub held: bool,
}

// A message costs at least some tens of bytes of the capture; it must not cost much more here.
const _: () = assert!(size_of::<MessageRow>() <= 112);

impl MessageRow {
    /// Its head in its sender's stream.
    pub fn head_range(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.head_bytes.into())
    }

    /// What is behind its head, as it was sent.
    pub fn body_range(&self) -> Range<u64> {
        let start = self.head_range().end;
        start..start.saturating_add(self.body_bytes)
    }

    /// All of it.
    pub fn range(&self) -> Range<u64> {
        self.offset..self.body_range().end
    }

    /// Whether it came to its end and the capture holds all of it.
    pub fn is_whole(&self) -> bool {
        self.end == MessageEnd::Whole && self.held
    }

    /// The trailer section, with the empty line that ends it. Nearly always it is that line alone.
    pub fn trailer_range(&self) -> Range<u64> {
        let end = self.body_range().end;
        let start = end.saturating_sub(self.trailer_bytes.into());
        match self.end {
            MessageEnd::Whole => start..end,
            _ => end..end,
        }
    }
}

/// The messages of one exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExchangeRow {
    /// The request; `None` when the capture does not hold it.
    pub request: Option<MessageId>,
    /// The final response.
    pub response: Option<MessageId>,
    /// The latest of its messages.
    pub last: Option<MessageId>,
}

/// Everything that was seen of HTTP/1.1 on one connection.
#[derive(Clone, Debug, Default)]
pub struct Http1 {
    messages: Vec<MessageRow>,
    /// For each message the one before it in the same exchange.
    before: Vec<Option<MessageId>>,
    exchanges: Vec<ExchangeRow>,
}

/// Rows to append to [`Http1`].
#[derive(Debug, Default)]
pub struct Http1Batch {
    /// Messages that are new or have changed, by ascending number: each row replaces the one before it.
    pub messages: Vec<(MessageId, MessageRow)>,
}

impl Http1 {
    /// Appends a batch.
    pub fn append(&mut self, batch: Http1Batch) {
        for (id, row) in batch.messages {
            if let Some(known) = self.messages.get_mut(id.index()) {
                *known = row;
                continue;
            }
            let id = MessageId::from_index(self.messages.len());
            while self.exchanges.len() <= row.exchange.index() {
                push_slowly(&mut self.exchanges, ExchangeRow::default());
            }
            let exchange = self.exchanges.get_mut(row.exchange.index());
            let before = exchange.and_then(|exchange| {
                match row.kind {
                    MessageKind::Request => exchange.request = Some(id),
                    MessageKind::Response => exchange.response = Some(id),
                    MessageKind::Interim => {}
                }
                exchange.last.replace(id)
            });
            push_slowly(&mut self.messages, row);
            push_slowly(&mut self.before, before);
        }
    }

    /// All messages, both directions together, in the order in which their heads became readable.
    pub fn messages(&self) -> &[MessageRow] {
        &self.messages
    }

    /// A message.
    pub fn message(&self, id: MessageId) -> Option<&MessageRow> {
        self.messages.get(id.index())
    }

    /// All exchanges, in the order in which they were first seen.
    pub fn exchanges(&self) -> &[ExchangeRow] {
        &self.exchanges
    }

    /// An exchange.
    pub fn exchange(&self, id: ExchangeId) -> Option<&ExchangeRow> {
        self.exchanges.get(id.index())
    }

    /// The messages of an exchange, the latest first.
    pub fn messages_of(&self, id: ExchangeId) -> impl Iterator<Item = (MessageId, &MessageRow)> {
        let last = self.exchange(id).and_then(|exchange| exchange.last);
        let ids = std::iter::successors(last, |id| self.before.get(id.index()).copied().flatten());
        ids.filter_map(|id| Some((id, self.message(id)?)))
    }

    /// The message that a side sent in an exchange: the request or the final response.
    pub fn message_of(&self, id: ExchangeId, sender: Side) -> Option<&MessageRow> {
        let exchange = self.exchange(id)?;
        let messages = [exchange.request, exchange.response].into_iter().flatten();
        let mut rows = messages.filter_map(|id| self.message(id));
        rows.find(|row| row.side == sender)
    }

    /// Bytes of memory that the rows occupy.
    pub fn memory_bytes(&self) -> usize {
        self.messages.capacity() * size_of::<MessageRow>()
            + self.before.capacity() * size_of::<Option<MessageId>>()
            + self.exchanges.capacity() * size_of::<ExchangeRow>()
            + size_of::<Self>()
    }
}

/// A field of a message, read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageField {
    /// Its name, as it was sent.
    pub name: Bytes,
    /// Its value, without white space around it.
    pub value: Bytes,
    /// Its line, or lines, in the sender's stream of bytes.
    pub range: Range<u64>,
}

impl MessageField {
    /// Whether it has this name.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// What is read at once where the framing of chunks is looked for: a size, and what ends the chunk before it.
const CHUNK_LOOK_BYTES: u64 = 64;

impl Trace {
    /// The head of a message, from its first byte to its empty line; `None` when the file can no longer be read.
    pub fn message_head(&self, connection: &Connection, row: &MessageRow) -> Option<Bytes> {
        let stream = connection.stream(row.side);
        stream.read(row.head_range(), &self.packets, &self.source)
    }

    /// The first line of a message, without its end.
    pub fn start_line(&self, connection: &Connection, row: &MessageRow) -> Option<Bytes> {
        let head = self.message_head(connection, row)?;
        let end = head.iter().position(|byte| *byte == b'\n')?;
        let line = head.get(..end)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Some(head.slice_ref(line))
    }

    /// The fields of a message's head.
    pub fn message_fields(&self, connection: &Connection, row: &MessageRow) -> Vec<MessageField> {
        let Some(bytes) = self.message_head(connection, row) else {
            return Vec::new();
        };
        let Ok(head) = head::Head::parse(&bytes) else {
            return Vec::new();
        };
        owned(&bytes, row.offset, head.fields)
    }

    /// The trailers behind the content of a message.
    pub fn message_trailers(&self, connection: &Connection, row: &MessageRow) -> Vec<MessageField> {
        let range = row.trailer_range();
        let start = range.start;
        let stream = connection.stream(row.side);
        let Some(bytes) = stream.read(range, &self.packets, &self.source) else {
            return Vec::new();
        };
        owned(&bytes, start, head::trailers(&bytes))
    }

    /// Where the content of a message lies in its sender's stream, without what frames chunks.
    pub fn message_content<'a>(
        &'a self,
        connection: &'a Connection,
        row: &MessageRow,
    ) -> ContentRanges<'a> {
        ContentRanges {
            trace: self,
            connection,
            side: row.side,
            rest: row.body_range(),
            content_left: row.content_bytes,
            chunks: (row.framing == Framing::Chunked).then(ChunkReader::default),
        }
    }
}

fn owned(bytes: &Bytes, start: u64, fields: Vec<head::Field<'_>>) -> Vec<MessageField> {
    let place = |at: usize| start.saturating_add(at as u64);
    fields
        .into_iter()
        .map(|field| MessageField {
            name: bytes.slice_ref(field.name),
            value: match field.value {
                std::borrow::Cow::Borrowed(value) => bytes.slice_ref(value),
                std::borrow::Cow::Owned(value) => value.into(),
            },
            range: place(field.range.start)..place(field.range.end),
        })
        .collect()
}

/// Ranges of a sender's stream that are content of one message, in order. Made by [`Trace::message_content`].
pub struct ContentRanges<'a> {
    trace: &'a Trace,
    connection: &'a Connection,
    side: Side,
    rest: Range<u64>,
    content_left: u64,
    chunks: Option<ChunkReader>,
}

impl ContentRanges<'_> {
    fn take(&mut self, wanted: u64) -> Option<Range<u64>> {
        let left = self.rest.end.saturating_sub(self.rest.start);
        let len = wanted.min(left).min(self.content_left);
        let start = self.rest.start;
        self.rest.start = start.saturating_add(len);
        self.content_left = self.content_left.saturating_sub(len);
        (len > 0).then(|| start..start + len)
    }
}

impl Iterator for ContentRanges<'_> {
    type Item = Range<u64>;

    fn next(&mut self) -> Option<Range<u64>> {
        let Some(mut chunks) = self.chunks else {
            return self.take(u64::MAX);
        };
        while !self.rest.is_empty() && self.content_left > 0 {
            match chunks.step() {
                ChunkStep::Framing => {
                    let end = self.rest.start.saturating_add(CHUNK_LOOK_BYTES);
                    let look = self.rest.start..end.min(self.rest.end);
                    let stream = self.connection.stream(self.side);
                    let bytes = stream.read_prefix(look, &self.trace.packets, &self.trace.source);
                    let read = chunks.framing(&bytes);
                    if read == 0 {
                        return None;
                    }
                    self.rest.start = self.rest.start.saturating_add(read as u64);
                }
                ChunkStep::Content(left) => {
                    let range = self.take(left)?;
                    chunks.pass_content(range.end - range.start);
                    self.chunks = Some(chunks);
                    return Some(range);
                }
                ChunkStep::End | ChunkStep::Broken(_) => return None,
            }
        }
        None
    }
}
