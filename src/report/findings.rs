//! `wireloom findings`: one row per finding.

use super::table::{Column, Tabular};
use super::text;
use crate::analysis::grpc::{self, MessageReader};
use crate::trace::finding::MAX_FINDINGS;
use crate::trace::{Finding, Severity, Trace, rules};
use crate::wire::protobuf::Schema;
use serde::Serialize;

/// Something that a reader of the capture should know.
#[derive(Clone, Debug, Serialize)]
pub struct FindingReport {
    /// Its number.
    pub finding: usize,
    /// How much it matters.
    pub severity: Severity,
    /// The rule's stable name.
    pub rule: &'static str,
    /// Where the rule is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<&'static str>,
    /// One plain sentence.
    pub text: String,
    /// The connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<usize>,
    /// The stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<u32>,
    /// The exchange of HTTP/1.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<usize>,
    /// The frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<usize>,
    /// The bytes of the frame that it is about: first, and one behind the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[u32; 2]>,
    /// The packet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packet: Option<u64>,
    /// When that packet was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ns: Option<i64>,
    /// Where in the file, for trouble with the file itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_offset: Option<u64>,
}

/// All findings in order: those noticed while reading, then those that follow from the trace.
pub fn all(trace: &Trace) -> impl Iterator<Item = Finding> + '_ {
    with(trace, grpc::survey(trace).findings)
}

/// The same, for who has read the calls already and knows what is wrong with them.
pub(super) fn with(trace: &Trace, of_calls: Vec<Finding>) -> impl Iterator<Item = Finding> + '_ {
    let noticed = trace.findings.iter().cloned();
    let concluded = noticed.chain(of_calls);
    concluded.chain((trace.findings_dropped > 0).then(|| more(trace.findings_dropped)))
}

/// Says how many findings were only counted.
fn more(dropped: u64) -> Finding {
    let text =
        format!("{dropped} more findings are only counted; the first {MAX_FINDINGS} are listed.");
    Finding::new(&rules::reading::MORE_FINDINGS, text)
}

/// One row per finding.
pub fn findings(trace: &Trace) -> impl Iterator<Item = FindingReport> + '_ {
    numbered(trace, all(trace))
}

/// The same, and behind them what a schema tells of the messages, and another version of it.
pub fn findings_by_schema<'t>(
    trace: &'t Trace,
    reader: &MessageReader,
    against: Option<&Schema>,
) -> impl Iterator<Item = FindingReport> + 't {
    let of_schema = grpc::evolution::findings(trace, reader, against);
    numbered(trace, all(trace).chain(of_schema))
}

fn numbered<'t>(
    trace: &'t Trace,
    findings: impl Iterator<Item = Finding> + 't,
) -> impl Iterator<Item = FindingReport> + 't {
    findings.enumerate().map(|(number, finding)| FindingReport {
        finding: number,
        severity: finding.severity,
        rule: finding.rule,
        section: finding.section,
        text: finding.text,
        connection: finding.connection.map(|connection| connection.index()),
        stream: finding.stream.map(|stream| stream.0),
        exchange: finding.exchange.map(|exchange| exchange.index()),
        frame: finding.frame.map(|frame| frame.index()),
        range: finding.range.map(|range| [range.start, range.end]),
        packet: finding.packet.map(|packet| packet.number()),
        time_ns: finding.packet.map(|packet| trace.time_ns(packet)),
        file_offset: finding.file_offset,
    })
}

impl Tabular for FindingReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("#"),
        Column::Text("severity"),
        Column::Text("rule"),
        Column::Number("conn"),
        Column::Number("stream"),
        Column::Number("exchange"),
        Column::Number("frame"),
        Column::Number("packet"),
        Column::Text("what"),
    ];

    fn cells(&self) -> Vec<String> {
        fn number(number: Option<impl ToString>) -> String {
            number.map_or_else(String::new, |number| number.to_string())
        }
        let section = self
            .section
            .map_or_else(String::new, |section| format!(" ({section})"));
        vec![
            self.finding.to_string(),
            self.severity.name().to_owned(),
            self.rule.to_owned(),
            number(self.connection),
            number(self.stream),
            number(self.exchange),
            number(self.frame),
            number(self.packet),
            text::one_line(&self.text, 300) + &section,
        ]
    }
}
