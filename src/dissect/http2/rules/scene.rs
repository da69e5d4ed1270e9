//! Where a frame stands, and how what is wrong with it is written down.

use crate::dissect::connection::Outside;
use crate::dissect::http2::framing::FRAMES_IN_DOUBT;
use crate::dissect::http2::lives::Slot;
use crate::dissect::interner::Interner;
use crate::trace::rules::{self, Rule};
use crate::trace::{ConnectionId, Finding, FrameId, PacketId, Side};
use crate::wire::http2::{FrameHeader, StreamId};
use std::ops::Range;

/// How many findings of one rule are listed for one connection. The rest is counted: a connection that breaks
/// one rule in every frame should not bury what else is to be found.
pub(super) const MAX_FINDINGS_PER_RULE: u32 = 1000;

/// The frame that is judged, and where findings go.
pub(in crate::dissect::http2) struct Scene<'a> {
    pub(super) connection: ConnectionId,
    pub(in crate::dissect::http2) side: Side,
    pub(in crate::dissect::http2) frame: FrameId,
    pub(in crate::dissect::http2) header: FrameHeader,
    /// Where the live state of its stream is; `None` for a frame of the connection.
    pub(in crate::dissect::http2) slot: Option<Slot>,
    /// The packet that made the frame readable.
    pub(in crate::dissect::http2) packet: PacketId,
    /// When that packet was captured, in nanoseconds since the Unix epoch.
    pub(super) time_ns: i64,
    /// Who the client is, as far as it is known.
    pub(in crate::dissect::http2) client: Option<Side>,
    pub(super) findings: &'a mut Vec<Finding>,
    /// The bytes of the frame that the next finding is about.
    range: Option<Range<u32>>,
}

impl<'a> Scene<'a> {
    /// A frame of this side, and the texts of its connection.
    pub(in crate::dissect::http2) fn new(
        side: Side,
        header: &FrameHeader,
        (frame, slot): (FrameId, Option<Slot>),
        packet: PacketId,
        outside: &'a mut Outside<'_>,
    ) -> (Self, &'a mut Interner) {
        let scene = Self {
            connection: outside.connection,
            side,
            frame,
            header: *header,
            slot,
            packet,
            time_ns: outside.time_ns,
            client: None,
            findings: outside.findings,
            range: None,
        };
        (scene, outside.texts)
    }

    /// The next finding is about these bytes of the frame, counted from its header's first byte.
    pub(super) fn at(&mut self, range: Range<usize>) {
        let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        self.range = Some(number(range.start)..number(range.end));
    }

    /// The next finding is about these bytes of the frame's payload.
    pub(super) fn at_payload(&mut self, range: Range<usize>) {
        let behind = |place: usize| place.saturating_add(FrameHeader::LEN);
        self.at(behind(range.start)..behind(range.end));
    }

    /// The stream of the frame.
    pub(super) fn stream(&self) -> StreamId {
        self.header.stream
    }

    /// Whether the client sent the frame, as far as it is known.
    pub(super) fn by_client(&self) -> bool {
        self.client == Some(self.side)
    }

    /// Whether the server sent the frame, as far as it is known.
    pub(super) fn by_server(&self) -> bool {
        self.client == Some(self.side.other())
    }

    /// How a sentence begins that is about the sender.
    pub(super) fn sender(&self) -> &'static str {
        self.name_of(self.side)
    }

    /// How a sentence goes on that is about the receiver.
    pub(super) fn receiver(&self) -> &'static str {
        match self.name_of(self.side.other()) {
            "The client" => "the client",
            "The server" => "the server",
            _ => "the other side",
        }
    }

    fn name_of(&self, side: Side) -> &'static str {
        match self.client {
            Some(client) if client == side => "The client",
            Some(_) => "The server",
            None => "The sender",
        }
    }
}

/// Writes findings down, and counts those of which there are too many.
#[derive(Default)]
pub(super) struct Book {
    counts: Vec<Count>,
    /// How many frames of each side have to pass before it is believed that they were found after a loss.
    doubt: [u8; 2],
}

struct Count {
    rule: &'static str,
    found: u32,
}

impl Book {
    /// A rule is broken by the frame of the scene.
    #[cold]
    pub(super) fn broken(&mut self, rule: &Rule, text: String, scene: &mut Scene<'_>) {
        self.broken_in(rule, rule.section, text, scene);
    }

    /// A rule is broken whose section depends on the type of the frame.
    #[cold]
    pub(super) fn broken_in(
        &mut self,
        rule: &Rule,
        section: Option<&'static str>,
        text: String,
        scene: &mut Scene<'_>,
    ) {
        let range = scene.range.take();
        if self.doubt[scene.side.index()] > 0 || !self.counts_as_new(rule.name) {
            return;
        }
        let finding = Finding::new(rule, text)
            .on(scene.connection)
            .of_carrier(scene.stream())
            .of_frame(scene.frame)
            .in_packet(scene.packet);
        scene.findings.push(Finding {
            section,
            range,
            ..finding
        });
    }

    /// The next frames of a side may be none: bytes that look like frames.
    pub(super) fn begin_doubt(&mut self, side: Side) {
        self.doubt[side.index()] = FRAMES_IN_DOUBT;
    }

    /// Another frame of a side made sense.
    pub(super) fn doubt_less(&mut self, side: Side) {
        let doubt = &mut self.doubt[side.index()];
        *doubt = doubt.saturating_sub(1);
    }

    fn counts_as_new(&mut self, rule: &'static str) -> bool {
        let place = self.counts.iter().position(|count| count.rule == rule);
        let count = match place.and_then(|place| self.counts.get_mut(place)) {
            Some(count) => count,
            None => {
                self.counts.push(Count { rule, found: 1 });
                return true;
            }
        };
        count.found = count.found.saturating_add(1);
        count.found <= MAX_FINDINGS_PER_RULE
    }

    /// Says how many findings were only counted.
    pub(super) fn close(&mut self, now: PacketId, outside: &mut Outside<'_>) {
        for count in self.counts.drain(..) {
            let more = count.found.saturating_sub(MAX_FINDINGS_PER_RULE);
            if more == 0 {
                continue;
            }
            let text = format!(
                "{more} more findings of the rule {} on this connection are only counted; the \
                 first {MAX_FINDINGS_PER_RULE} are listed.",
                count.rule
            );
            let rule = &rules::reading::MORE_OF_THE_SAME;
            outside.find(Finding::new(rule, text).in_packet(now));
        }
    }
}
