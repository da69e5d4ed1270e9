//! `wireloom stats`: one object of totals.

mod exchanges;

pub use exchanges::Exchanges;

use super::text;
use crate::analysis::{documents, grpc};
use crate::trace::{Connection, ExchangeId, Http2, Severity, Trace};
use crate::wire::counted::counted;
use crate::wire::http2::FrameKind;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Totals of a capture.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StatsReport {
    /// Packets of the file.
    pub packets: usize,
    /// Bytes that the packets had on the wire.
    pub bytes: u64,
    /// From the earliest packet to the latest.
    pub duration_ns: i64,
    /// Connections, in total and by protocol.
    pub connections: Connections,
    /// HTTP/2 frames that are whole.
    pub frames: Frames,
    /// Header blocks.
    pub headers: Headers,
    /// HTTP/2 streams.
    pub streams: usize,
    /// `PUSH_PROMISE` frames.
    pub pushes: usize,
    /// Exchanges of HTTP/1.1, when there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchanges: Option<Exchanges>,
    /// gRPC calls.
    pub calls: usize,
    /// Whole messages: those of calls, and bodies of JSON.
    pub messages: usize,
    /// Findings by severity.
    pub findings: Findings,
    /// Packets that carry nothing that is read, by reason.
    pub skipped: BTreeMap<&'static str, usize>,
}

/// Connections, in total and by protocol.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Connections {
    /// All of them.
    pub total: usize,
    /// By the protocol they carry.
    #[serde(flatten)]
    pub by_protocol: BTreeMap<&'static str, usize>,
}

/// Frames, in total and by type.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Frames {
    /// All whole ones.
    pub total: usize,
    /// By type.
    pub by_type: BTreeMap<&'static str, usize>,
    /// Frames of which not everything is in the capture, which count nowhere else.
    pub truncated: usize,
}

/// Header blocks that were decoded whole.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Headers {
    /// How many.
    pub blocks: usize,
    /// Their fields.
    pub fields: u64,
    /// Their bytes on the wire.
    pub encoded_bytes: u64,
    /// The bytes of their fields' names and values.
    pub decoded_bytes: u64,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Findings {
    /// A rule was broken, or bytes could not be read.
    pub error: usize,
    /// It hurts.
    pub warning: usize,
    /// Worth knowing.
    pub note: usize,
}

/// The totals of a trace.
pub fn stats(trace: &Trace) -> StatsReport {
    let mut report = StatsReport {
        packets: trace.packets.len(),
        duration_ns: trace
            .time_range_ns
            .map_or(0, |(first, last)| last.saturating_sub(first)),
        ..StatsReport::default()
    };
    for packet in trace.packets.iter() {
        report.bytes += u64::from(packet.original_len);
        if let Some(skip) = &packet.skipped {
            *report.skipped.entry(skip.name()).or_default() += 1;
        }
    }
    report.connections.total = trace.connections.len();
    for connection in &trace.connections {
        let protocol = connection.row.protocol.name();
        *report.connections.by_protocol.entry(protocol).or_default() += 1;
        if let Some(http2) = connection.http2() {
            report.add(http2);
            report.messages += documents(connection, http2);
        }
        if let Some(http1) = connection.http1() {
            let exchanges = report.exchanges.get_or_insert_default();
            exchanges.add(connection, http1);
            let ids = (0..http1.exchanges().len()).map(ExchangeId::from_index);
            let senders = |id| documents::senders_in(connection, id).count();
            report.messages += ids.map(senders).sum::<usize>();
        }
    }
    let survey = grpc::survey(trace);
    report.calls = survey.calls;
    report.messages += survey.messages;
    for finding in super::findings::with(trace, survey.findings) {
        match finding.severity {
            Severity::Error => report.findings.error += 1,
            Severity::Warning => report.findings.warning += 1,
            Severity::Note => report.findings.note += 1,
        }
    }
    report
}

/// Bodies of JSON.
fn documents(connection: &Connection, http2: &Http2) -> usize {
    let rows = http2.streams().iter();
    rows.map(|row| documents::senders(connection, row).count())
        .sum()
}

impl StatsReport {
    fn add(&mut self, http2: &Http2) {
        // Counted by code first: finding a name takes longer than anything else that is done with a frame here.
        let mut by_code = [0_usize; 256];
        for frame in http2.frames.iter() {
            if frame.whole {
                by_code[usize::from(frame.kind.0)] += 1;
            } else {
                self.frames.truncated += 1;
            }
        }
        for (code, count) in (0..=u8::MAX).zip(by_code).filter(|(_, count)| *count > 0) {
            self.frames.total += count;
            *self
                .frames
                .by_type
                .entry(FrameKind(code).name())
                .or_default() += count;
        }
        self.pushes += by_code[usize::from(FrameKind::PUSH_PROMISE.0)];
        for block in http2.blocks.iter().flat_map(|blocks| blocks.iter()) {
            if block.complete {
                self.headers.blocks += 1;
                self.headers.fields += u64::from(block.fields);
                self.headers.encoded_bytes += u64::from(block.encoded_bytes);
                self.headers.decoded_bytes += u64::from(block.decoded_bytes);
            }
        }
        self.streams += http2.streams().len();
    }

    /// Prints the totals for a person.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        let line =
            |out: &mut dyn Write, what: &str, value: String| writeln!(out, "{what:<14}{value}");
        let by_name = |counts: &BTreeMap<&'static str, usize>| {
            let mut counts: Vec<_> = counts.iter().collect();
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let words: Vec<String> = counts
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            words.join(", ")
        };
        let duration_ns = u64::try_from(self.duration_ns).unwrap_or(0);
        line(
            out,
            "packets",
            format!(
                "{} with {}, in {}",
                self.packets,
                text::size(self.bytes),
                text::duration(duration_ns)
            ),
        )?;
        line(
            out,
            "connections",
            format!(
                "{} ({})",
                self.connections.total,
                by_name(&self.connections.by_protocol)
            ),
        )?;
        line(
            out,
            "frames",
            format!("{} ({})", self.frames.total, by_name(&self.frames.by_type)),
        )?;
        if self.frames.truncated > 0 {
            line(
                out,
                "",
                format!("{} more are cut short", self.frames.truncated),
            )?;
        }
        line(out, "streams", self.streams.to_string())?;
        line(out, "pushes", self.pushes.to_string())?;
        if let Some(exchanges) = &self.exchanges {
            line(out, "exchanges", exchanges.words())?;
            line(out, "", exchanges.bytes_words())?;
        }
        line(
            out,
            "calls",
            format!("{} with {}", self.calls, counted(self.messages, "message")),
        )?;
        line(
            out,
            "headers",
            format!(
                "{} with {}; {} for {} of text",
                counted(self.headers.blocks, "block"),
                counted(self.headers.fields, "field"),
                counted(self.headers.encoded_bytes, "byte"),
                counted(self.headers.decoded_bytes, "byte")
            ),
        )?;
        line(
            out,
            "findings",
            format!(
                "{}, {}, {}",
                counted(self.findings.error, "error"),
                counted(self.findings.warning, "warning"),
                counted(self.findings.note, "note")
            ),
        )?;
        if !self.skipped.is_empty() {
            line(out, "skipped", by_name(&self.skipped))?;
        }
        Ok(())
    }
}
