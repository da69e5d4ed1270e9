//! Findings: what was read and is wrong, odd or missing, each with its place and a plain sentence.

use super::carrier::Carrier;
use super::ids::{ConnectionId, ExchangeId, FrameId, PacketId};
use super::rules::Rule;
use crate::wire::http2::StreamId;
use std::ops::Range;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It hurts, though no rule is broken.
    Warning,
    /// A rule was broken, or bytes could not be read.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Something in the capture that a reader should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// A stable kebab-case name of the rule.
    pub rule: &'static str,
    /// Where the rule is written, such as `RFC 9113 §6.9`.
    pub section: Option<&'static str>,
    /// One plain sentence.
    pub text: String,
    /// The connection it is about.
    pub connection: Option<ConnectionId>,
    /// The stream it is about.
    pub stream: Option<StreamId>,
    /// The exchange of HTTP/1.1 it is about.
    pub exchange: Option<ExchangeId>,
    /// The frame it is about, on that connection.
    pub frame: Option<FrameId>,
    /// The bytes of the frame that it is about, counted from the first byte of the frame's header.
    pub range: Option<Range<u32>>,
    /// The packet it is about.
    pub packet: Option<PacketId>,
    /// Where in the capture file, for trouble with the file itself.
    pub file_offset: Option<u64>,
}

impl Finding {
    /// What happened and which rule it is about, of the capture as a whole. The place is told with the methods below.
    pub fn new(rule: &Rule, text: String) -> Self {
        Self {
            severity: rule.severity,
            rule: rule.name,
            section: rule.section,
            text,
            connection: None,
            stream: None,
            exchange: None,
            frame: None,
            range: None,
            packet: None,
            file_offset: None,
        }
    }

    /// On a connection.
    pub fn on(self, connection: ConnectionId) -> Self {
        Self {
            connection: Some(connection),
            ..self
        }
    }

    /// Of a stream or an exchange. Stream 0 is the connection itself and is not named.
    pub fn of_carrier(self, carrier: impl Into<Carrier>) -> Self {
        let carrier = carrier.into();
        Self {
            stream: carrier.stream().filter(|stream| !stream.is_connection()),
            exchange: carrier.exchange(),
            ..self
        }
    }

    /// Of a frame.
    pub fn of_frame(self, frame: FrameId) -> Self {
        Self {
            frame: Some(frame),
            ..self
        }
    }

    /// Of some bytes of its frame, counted from the first byte of the frame's header.
    pub fn of_bytes(self, range: Range<u32>) -> Self {
        Self {
            range: Some(range),
            ..self
        }
    }

    /// Of a packet.
    pub fn in_packet(self, packet: PacketId) -> Self {
        Self {
            packet: Some(packet),
            ..self
        }
    }

    /// At a place of the capture file.
    pub fn at_file_offset(self, offset: u64) -> Self {
        Self {
            file_offset: Some(offset),
            ..self
        }
    }

    /// The stream or exchange that it is about.
    pub fn carrier(&self) -> Option<Carrier> {
        let stream = self.stream.map(Carrier::from);
        stream.or(self.exchange.map(Carrier::from))
    }
}

/// How many findings a trace keeps. A capture made to break every rule in every frame would
/// otherwise cost more memory than its packets; the rest is counted.
pub const MAX_FINDINGS: usize = 100_000;
