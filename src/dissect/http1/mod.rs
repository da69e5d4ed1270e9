//! HTTP/1.1: where each message begins and ends, and which response answers which request.
//!
//! A side is read by [`half`]: heads, then bodies as their framing says. Here its messages get their exchange: responses
//! come in the order of requests (RFC 9112 §9.3.2), and what a response may have behind its head depends on what asked
//! for it. [`upgrade`] watches whether the connection turns into HTTP/2 before any of that.
//!
//! Lengths may leap over holes of the capture; where a hole hides a head or the framing of chunks, reading goes on with
//! the next segment that begins with a whole start line.

mod half;
mod upgrade;
mod words;

pub(super) use upgrade::{UpgradeRequest, UpgradeWatch, Watched};

use super::connection::Outside;
use crate::trace::http1::Http1Batch;
use crate::trace::rules::{Rule, http1 as rules, reading};
use crate::trace::{
    ExchangeId, Finding, MessageEnd, MessageId, MessageKind, MessageRow, PacketId, Side,
};
use crate::wire::http1::{Framing, Head, RequestSeen, StartLine, Version};
use bytes::Bytes;
use half::Half;
use std::collections::VecDeque;

/// Findings of one rule on one connection that are listed; the rest is counted.
const MAX_FINDINGS_PER_RULE: u32 = 1000;

/// A request whose final response has not begun.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    exchange: ExchangeId,
    request: RequestSeen,
    /// Whether the request was seen; otherwise an interim response stands for it.
    seen: bool,
}

/// A message of which more may come.
#[derive(Clone, Copy, Debug)]
struct Open {
    id: MessageId,
    row: MessageRow,
    /// Whether no request was seen that it answers.
    unasked: bool,
}

/// Reads a connection of HTTP/1.1.
pub(super) struct Http1Dissector {
    client: Side,
    halves: [Half; 2],
    shared: Shared,
}

/// What both sides' messages have in common.
struct Shared {
    waiting: VecDeque<Waiting>,
    /// Exchanges whose response was captured before any request, where none of those can be missing.
    unasked: VecDeque<ExchangeId>,
    /// Whether every request so far was seen.
    requests_complete: bool,
    exchanges: usize,
    messages: usize,
    rows: Vec<(MessageId, MessageRow)>,
    /// What follows is another protocol.
    tunnel: bool,
    counts: Vec<(&'static str, u32)>,
}

impl Http1Dissector {
    /// Reads a connection of which this side sends the requests. `start_seen`: the capture has its beginning.
    pub(super) fn new(client: Side, start_seen: bool) -> Self {
        let half = |side| Half::new(side, side == client, start_seen);
        Self {
            client,
            halves: [half(Side::A), half(Side::B)],
            shared: Shared {
                waiting: VecDeque::new(),
                unasked: VecDeque::new(),
                requests_complete: start_seen,
                exchanges: 0,
                messages: 0,
                rows: Vec::new(),
                tunnel: false,
                counts: Vec::new(),
            },
        }
    }

    /// Takes the next bytes of a side: what one segment brought.
    pub(super) fn data(
        &mut self,
        side: Side,
        offset: u64,
        bytes: &Bytes,
        now: PacketId,
        outside: &mut Outside<'_>,
    ) {
        self.halves[side.index()].data(offset, bytes, now, &mut self.shared, outside);
        if self.shared.tunnel {
            self.halves[self.client.index()].tunnel_when_between();
        }
    }

    /// Takes a hole.
    pub(super) fn hole(&mut self, side: Side, len: u64, now: PacketId) {
        self.halves[side.index()].hole(len, now, &mut self.shared);
    }

    /// A side will send nothing more.
    pub(super) fn side_ended(&mut self, side: Side, now: PacketId, outside: &mut Outside<'_>) {
        self.halves[side.index()].ended(now, &mut self.shared, outside);
    }

    /// Nothing more will come.
    pub(super) fn capture_ended(&mut self, now: PacketId, outside: &mut Outside<'_>) {
        self.shared.close(now, outside);
    }

    /// About how much memory is held for later.
    pub(super) fn held_bytes(&self) -> usize {
        self.halves.iter().map(Half::held_bytes).sum()
    }

    /// Takes the rows written since the last call.
    pub(super) fn take_batch(&mut self) -> Http1Batch {
        for half in &mut self.halves {
            half.write_open(&mut self.shared);
        }
        let mut messages = std::mem::take(&mut self.shared.rows);
        messages.sort_by_key(|(id, _)| *id);
        Http1Batch { messages }
    }
}

/// The head of a message, and where it was met.
struct Met<'a> {
    head: &'a Head<'a>,
    bytes: &'a [u8],
    offset: u64,
    head_bytes: u32,
    side: Side,
    now: PacketId,
}

impl Shared {
    /// Begins the message with this head.
    fn begin(&mut self, met: &Met<'_>, outside: &mut Outside<'_>) -> Open {
        let (kind, status, waiting) = match met.head.start {
            StartLine::Request { method, .. } => {
                let request = RequestSeen::of(method);
                (MessageKind::Request, 0, self.asked(request))
            }
            StartLine::Response { status, .. } if is_interim(status) => {
                (MessageKind::Interim, status, self.promised())
            }
            StartLine::Response { status, .. } => (MessageKind::Response, status, self.answered()),
        };
        let measured = Framing::of(met.head, waiting.request);
        let head = met.head;
        let mut intern = |text: Option<&[u8]>| text.map(|text| outside.texts.intern(text));
        let (method, target) = match head.start {
            StartLine::Request { method, target, .. } => (Some(method), Some(target)),
            StartLine::Response { .. } => (None, None),
        };
        let row = MessageRow {
            offset: met.offset,
            body_bytes: 0,
            content_bytes: 0,
            head_bytes: met.head_bytes,
            trailer_bytes: 0,
            exchange: waiting.exchange,
            head_packet: met.now,
            last_packet: met.now,
            method: intern(method),
            target: intern(target),
            host: intern(head.field("host").filter(|_| kind == MessageKind::Request)),
            content_type: intern(head.field("content-type")),
            status,
            version: head.start.version(),
            framing: measured.framing,
            side: met.side,
            kind,
            end: MessageEnd::NotYet,
            held: true,
        };
        let id = MessageId::from_index(self.messages);
        self.messages = self.messages.saturating_add(1);
        let said = words::Said { row: &row };
        let about = Some(row.exchange);
        for (oddity, place) in &head.oddities {
            let line = met.bytes.get(place.clone()).unwrap_or_default();
            self.find(
                words::rule_of_head(*oddity),
                said.head(*oddity, line),
                about,
                met.now,
                outside,
            );
        }
        for oddity in &measured.oddities {
            self.find(
                words::rule_of_framing(*oddity),
                said.framing(*oddity),
                about,
                met.now,
                outside,
            );
        }
        if kind == MessageKind::Request
            && row.version >= Version::HTTP_1_1
            && head.all("host").count() != 1
        {
            let text = said.host(head.all("host").count());
            self.find(&rules::HOST_MISSING, text, about, met.now, outside);
        }
        if kind != MessageKind::Request && !waiting.seen {
            self.find(
                &rules::RESPONSE_WITHOUT_REQUEST,
                said.unasked(),
                about,
                met.now,
                outside,
            );
        }
        if row.framing == Framing::Tunnel {
            self.tunnel = true;
            let text = said.tunnel(head.field("upgrade"));
            self.find(&rules::TUNNEL, text, about, met.now, outside);
        }
        Open {
            id,
            row,
            unasked: kind == MessageKind::Response && !waiting.seen,
        }
    }

    /// A request: its exchange waits for a response, unless that was captured before it.
    fn asked(&mut self, request: RequestSeen) -> Waiting {
        if let Some(exchange) = self.unasked.pop_front() {
            return Waiting {
                exchange,
                request,
                seen: true,
            };
        }
        let waiting = Waiting {
            exchange: self.new_exchange(),
            request,
            seen: true,
        };
        self.waiting.push_back(waiting);
        waiting
    }

    /// An interim response: its request waits on.
    fn promised(&mut self) -> Waiting {
        if let Some(waiting) = self.waiting.front() {
            return *waiting;
        }
        let waiting = self.unseen();
        self.waiting.push_back(waiting);
        waiting
    }

    /// A final response.
    fn answered(&mut self) -> Waiting {
        let waiting = match self.waiting.pop_front() {
            Some(waiting) => waiting,
            None => self.unseen(),
        };
        if !waiting.seen && self.requests_complete {
            self.unasked.push_back(waiting.exchange);
        }
        waiting
    }

    fn unseen(&mut self) -> Waiting {
        Waiting {
            exchange: self.new_exchange(),
            request: RequestSeen::Other,
            seen: false,
        }
    }

    fn new_exchange(&mut self) -> ExchangeId {
        let exchange = ExchangeId::from_index(self.exchanges);
        self.exchanges = self.exchanges.saturating_add(1);
        exchange
    }

    /// Messages of a side may be missing from here on.
    fn lost(&mut self, requests: bool) {
        self.unasked.clear();
        if requests {
            self.requests_complete = false;
        }
    }

    /// A side is read again. The responses to earlier requests are taken for lost: few clients send a request before the
    /// one before it is answered.
    fn resumed(&mut self, requests: bool) {
        if !requests {
            let last = self.waiting.pop_back();
            self.waiting.clear();
            self.waiting.extend(last);
        }
    }

    /// Writes down what was found, with the exchange that it is about.
    fn find(
        &mut self,
        rule: &'static Rule,
        text: String,
        about: Option<ExchangeId>,
        packet: PacketId,
        outside: &mut Outside<'_>,
    ) {
        let known = self.counts.iter_mut().find(|(name, _)| *name == rule.name);
        let count = match known {
            Some((_, count)) => {
                *count = count.saturating_add(1);
                *count
            }
            None => {
                self.counts.push((rule.name, 1));
                1
            }
        };
        if count <= MAX_FINDINGS_PER_RULE {
            let finding = Finding::new(rule, text).in_packet(packet);
            outside.find(match about {
                Some(exchange) => finding.of_carrier(exchange),
                None => finding,
            });
        }
    }

    /// Says how many findings were only counted.
    fn close(&mut self, now: PacketId, outside: &mut Outside<'_>) {
        for (name, count) in std::mem::take(&mut self.counts) {
            let more = count.saturating_sub(MAX_FINDINGS_PER_RULE);
            if more > 0 {
                let text = format!(
                    "{more} more findings of the rule {name} on this connection are only counted; the first \
                     {MAX_FINDINGS_PER_RULE} are listed."
                );
                outside.find(Finding::new(&reading::MORE_OF_THE_SAME, text).in_packet(now));
            }
        }
    }
}

/// Whether a status is of a response before the final one. Behind 101 no other one comes.
fn is_interim(status: u16) -> bool {
    (100..200).contains(&status) && status != 101
}
