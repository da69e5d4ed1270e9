//! One side of a connection of HTTP/1.1: heads and bodies, one behind the other.

use super::{Met, Open, Shared, words};
use crate::dissect::connection::Outside;
use crate::trace::rules::http1 as rules;
use crate::trace::{MessageEnd, MessageKind, PacketId, Side};
use crate::wire::http1::{ChunkReader, ChunkStep, Framing, Head, StartLine};
use bytes::Bytes;

/// The longest head that is gathered. Servers limit theirs to 8 to 64 KiB.
pub(super) const MAX_HEAD_BYTES: usize = 64 << 10;

/// Where a side is.
///
/// ```text
///  Between ──head──► Body ──its end──► Between
///     │               │
///     └── what cannot be read, a hole ──► Searching ──start line──► Between
///  101, CONNECT ──► Tunnel
/// ```
enum State {
    /// Between messages, or in a head, of which this much is there.
    Between { head: Vec<u8>, offset: u64 },
    /// Behind the head of a message.
    Body(Open, Left),
    /// Looking for the beginning of a message.
    Searching,
    /// What comes is another protocol.
    Tunnel,
}

/// What is left of a body.
#[derive(Clone, Copy)]
enum Left {
    Bytes(u64),
    Chunks(ChunkReader),
    UntilClose,
}

/// Reads one side.
pub(super) struct Half {
    side: Side,
    requests: bool,
    state: State,
    /// Whether the side has begun, so that what is no start line is wrong and not the middle of something.
    begun: bool,
    /// Whether a row of the open message is newer than what was given out.
    changed: bool,
}

impl Half {
    pub(super) fn new(side: Side, requests: bool, start_seen: bool) -> Self {
        Self {
            side,
            requests,
            state: between(),
            begun: start_seen,
            changed: false,
        }
    }

    /// How much of a head waits for its end.
    pub(super) fn held_bytes(&self) -> usize {
        match &self.state {
            State::Between { head, .. } => head.len(),
            _ => 0,
        }
    }

    /// Writes down how far the message is that is being read.
    pub(super) fn write_open(&mut self, shared: &mut Shared) {
        if let State::Body(open, _) = &self.state
            && std::mem::take(&mut self.changed)
        {
            shared.rows.push((open.id, open.row));
        }
    }

    /// The other side switched protocols: what comes behind the message that is being read is something else.
    pub(super) fn tunnel_when_between(&mut self) {
        if let State::Between { .. } | State::Searching = self.state {
            self.state = State::Tunnel;
        }
    }

    /// Takes what one segment brought.
    pub(super) fn data(
        &mut self,
        offset: u64,
        bytes: &Bytes,
        now: PacketId,
        shared: &mut Shared,
        outside: &mut Outside<'_>,
    ) {
        if matches!(self.state, State::Searching) {
            if !self.begins_with_start_line(bytes) {
                return;
            }
            let text = words::resumed(self.who());
            shared.find(&rules::RESUMED, text, None, now, outside);
            shared.resumed(self.requests);
            self.state = between();
        }
        let (mut rest, mut at) = (bytes.clone(), offset);
        while !rest.is_empty() {
            let taken = match &mut self.state {
                State::Between { .. } => self.head(at, &rest, now, shared, outside),
                State::Body(..) => self.body(&rest, now, shared, outside),
                State::Searching | State::Tunnel => return,
            };
            let taken = taken.min(rest.len());
            rest = rest.slice(taken..);
            at = at.saturating_add(taken as u64);
        }
    }

    fn who(&self) -> &'static str {
        if self.requests { "client" } else { "server" }
    }

    fn begins_with_start_line(&self, bytes: &[u8]) -> bool {
        let line = bytes.iter().position(|byte| *byte == b'\n');
        let line = line.and_then(|end| bytes.get(..end)).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match StartLine::parse(line) {
            Some(StartLine::Request { .. }) => self.requests,
            Some(StartLine::Response { .. }) => !self.requests,
            None => false,
        }
    }

    fn may_begin(&self, bytes: &[u8]) -> bool {
        if self.requests {
            StartLine::may_begin_request(bytes)
        } else {
            StartLine::may_begin_response(bytes)
        }
    }

    /// Reads bytes of a head. Returns how many were taken.
    fn head(
        &mut self,
        at: u64,
        bytes: &[u8],
        now: PacketId,
        shared: &mut Shared,
        outside: &mut Outside<'_>,
    ) -> usize {
        let (mut head, offset) = match std::mem::replace(&mut self.state, State::Searching) {
            State::Between { head, offset } if !head.is_empty() => (head, offset),
            _ => (Vec::new(), at),
        };
        if head.is_empty() {
            // Receivers pass over empty lines before a request. Source: RFC 9112 §2.2.
            let empty = bytes
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let empty = empty.count();
            if empty > 0 {
                self.state = between();
                return empty;
            }
        }
        let before = head.len();
        let end = if before == 0 {
            Head::end(bytes, 0)
        } else {
            let room = (MAX_HEAD_BYTES + 4).saturating_sub(before);
            head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            Head::end(&head, before)
        };
        let seen: &[u8] = if before == 0 { bytes } else { &head };
        let Some(end) = end.filter(|end| *end <= MAX_HEAD_BYTES) else {
            if !self.may_begin(seen) {
                return self.no_head(bytes.len(), now, shared, outside);
            }
            if seen.len() > MAX_HEAD_BYTES {
                let text = words::head_too_long(self.who());
                shared.find(&rules::HEAD_TOO_LONG, text, None, now, outside);
                shared.lost(self.requests);
                return bytes.len();
            }
            if before == 0 {
                head.extend_from_slice(bytes);
            }
            self.state = State::Between { head, offset };
            return bytes.len();
        };
        let read = seen.get(..end).unwrap_or_default();
        let parsed = Head::parse(read)
            .ok()
            .filter(|head| matches!(head.start, StartLine::Request { .. }) == self.requests);
        let Some(parsed) = parsed else {
            return self.no_head(bytes.len(), now, shared, outside);
        };
        self.begun = true;
        let met = Met {
            head: &parsed,
            bytes: read,
            offset,
            head_bytes: u32::try_from(end).unwrap_or(u32::MAX),
            side: self.side,
            now,
        };
        let open = shared.begin(&met, outside);
        self.begin(open, shared);
        end.saturating_sub(before)
    }

    /// What comes is no head: the rest of it is passed over.
    fn no_head(
        &mut self,
        length: usize,
        now: PacketId,
        shared: &mut Shared,
        outside: &mut Outside<'_>,
    ) -> usize {
        if self.begun {
            let text = words::no_start_line(self.who());
            shared.find(&rules::NO_START_LINE, text, None, now, outside);
        }
        self.begun = true;
        shared.lost(self.requests);
        self.state = State::Searching;
        length
    }

    fn begin(&mut self, open: Open, shared: &mut Shared) {
        let left = match open.row.framing {
            Framing::Length(length) => Left::Bytes(length),
            Framing::Chunked => Left::Chunks(ChunkReader::default()),
            Framing::UntilClose => Left::UntilClose,
            Framing::None | Framing::Tunnel => Left::Bytes(0),
        };
        let over = matches!(left, Left::Bytes(0));
        self.changed = true;
        self.state = State::Body(open, left);
        if over {
            self.close(MessageEnd::Whole, shared);
        }
    }

    /// Reads bytes of a body. Returns how many were taken.
    fn body(
        &mut self,
        bytes: &[u8],
        now: PacketId,
        shared: &mut Shared,
        outside: &mut Outside<'_>,
    ) -> usize {
        let provable = !self.requests && self.begins_with_start_line(bytes);
        let State::Body(open, left) = &mut self.state else {
            return bytes.len();
        };
        let row = &mut open.row;
        // Whether a response to a request that nobody saw has a body is not known: it may have been asked for with HEAD.
        if provable && row.body_bytes == 0 && open.unasked {
            self.close(MessageEnd::Whole, shared);
            return 0;
        }
        row.last_packet = now;
        self.changed = true;
        let length = bytes.len();
        match left {
            Left::UntilClose => {
                row.body_bytes = row.body_bytes.saturating_add(length as u64);
                row.content_bytes = row.body_bytes;
                length
            }
            Left::Bytes(count) => {
                let taken = length.min(usize::try_from(*count).unwrap_or(usize::MAX));
                *count -= taken as u64;
                row.body_bytes = row.body_bytes.saturating_add(taken as u64);
                row.content_bytes = row.body_bytes;
                if *count == 0 {
                    self.close(MessageEnd::Whole, shared);
                }
                taken
            }
            Left::Chunks(chunks) => {
                let taken = match chunks.step() {
                    ChunkStep::Content(left) => {
                        let taken = length.min(usize::try_from(left).unwrap_or(usize::MAX));
                        chunks.pass_content(taken as u64);
                        row.content_bytes = row.content_bytes.saturating_add(taken as u64);
                        taken
                    }
                    _ => chunks.framing(bytes),
                };
                row.body_bytes = row.body_bytes.saturating_add(taken as u64);
                row.trailer_bytes = chunks.trailer_bytes();
                match chunks.step() {
                    ChunkStep::End => self.close(MessageEnd::Whole, shared),
                    ChunkStep::Broken(error) => {
                        let text = words::Said { row }.chunk(error);
                        let about = Some(row.exchange);
                        shared.find(&rules::BAD_CHUNK, text, about, now, outside);
                        self.close(MessageEnd::Lost, shared);
                        shared.lost(self.requests);
                        self.state = State::Searching;
                    }
                    ChunkStep::Framing | ChunkStep::Content(_) => {}
                }
                taken
            }
        }
    }

    /// Ends the message that is being read.
    fn close(&mut self, end: MessageEnd, shared: &mut Shared) {
        let next = between();
        let State::Body(mut open, _) = std::mem::replace(&mut self.state, next) else {
            return;
        };
        open.row.end = end;
        self.changed = false;
        shared.rows.push((open.id, open.row));
        let switched = !self.requests && open.row.kind == MessageKind::Response;
        if shared.tunnel && (self.requests || (switched && open.row.framing == Framing::Tunnel)) {
            self.state = State::Tunnel;
        }
    }

    /// Takes a hole of so many bytes.
    pub(super) fn hole(&mut self, len: u64, now: PacketId, shared: &mut Shared) {
        let State::Body(open, left) = &mut self.state else {
            if let State::Between { .. } = self.state {
                self.begun = true;
                shared.lost(self.requests);
                self.state = State::Searching;
            }
            return;
        };
        let row = &mut open.row;
        row.held = false;
        row.last_packet = now;
        self.changed = true;
        let room = match left {
            Left::UntilClose => u64::MAX,
            Left::Bytes(count) => *count,
            Left::Chunks(chunks) => match chunks.step() {
                ChunkStep::Content(left) => left,
                _ => 0,
            },
        };
        let known = len.min(room);
        row.body_bytes = row.body_bytes.saturating_add(known);
        row.content_bytes = row.content_bytes.saturating_add(known);
        let ended = match left {
            Left::UntilClose => false,
            Left::Bytes(count) => {
                *count -= known;
                *count == 0
            }
            Left::Chunks(chunks) => {
                chunks.pass_content(known);
                false
            }
        };
        if len > room && !ended {
            self.close(MessageEnd::Lost, shared);
        } else if ended {
            self.close(MessageEnd::Whole, shared);
        }
        if len > room && !matches!(self.state, State::Tunnel) {
            shared.lost(self.requests);
            self.state = State::Searching;
        }
    }

    /// Nothing more comes from this side.
    pub(super) fn ended(&mut self, now: PacketId, shared: &mut Shared, outside: &mut Outside<'_>) {
        match &mut self.state {
            State::Body(_, Left::UntilClose) => self.close(MessageEnd::Whole, shared),
            State::Body(open, _) => {
                let text = words::Said { row: &open.row }.cut();
                let about = Some(open.row.exchange);
                shared.find(&rules::MESSAGE_CUT, text, about, now, outside);
                self.close(MessageEnd::Cut, shared);
            }
            State::Between { head, .. } if !head.is_empty() => {
                let text = words::head_cut(self.who());
                shared.find(&rules::MESSAGE_CUT, text, None, now, outside);
            }
            State::Between { .. } | State::Searching | State::Tunnel => {}
        }
        self.state = State::Tunnel;
    }
}

fn between() -> State {
    State::Between {
        head: Vec::new(),
        offset: 0,
    }
}
