//! Findings: what was read and is wrong, odd or missing, each with its place and a plain sentence.

use super::ids::{ConnectionId, FrameId, PacketId};
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
    /// The frame it is about, on that connection.
    pub frame: Option<FrameId>,
    /// The bytes of the frame that it is about, counted from the first byte of the frame's header.
    pub range: Option<Range<u32>>,
    /// The packet it is about.
    pub packet: Option<PacketId>,
    /// Where in the capture file, for trouble with the file itself.
    pub file_offset: Option<u64>,
}

/// How many findings a trace keeps. A capture made to break every rule in every frame would
/// otherwise cost more memory than its packets; the rest is counted.
pub const MAX_FINDINGS: usize = 100_000;
