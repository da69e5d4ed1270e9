//! Where a finding leads, and which findings belong to a frame.

use crate::trace::{ConnectionId, Finding, FrameId, Severity, Trace, rules};
use crate::ui::Item;
use crate::ui::widgets::format;

/// What a finding is about: the smallest thing that it names and that can be selected.
pub fn item(finding: &Finding) -> Option<Item> {
    match (finding.connection, finding.frame, finding.stream) {
        (Some(connection), Some(frame), _) => Some(Item::Frame(connection, frame)),
        (_, _, _) if finding.packet.is_some() && finding.stream.is_none() => {
            finding.packet.map(Item::Packet)
        }
        (Some(connection), None, Some(stream)) => Some(Item::Stream(connection, stream)),
        (Some(connection), None, None) => Some(Item::Connection(connection)),
        (None, _, _) => finding.packet.map(Item::Packet),
    }
}

/// The bytes of its frame that it is about, or the whole frame.
pub fn bytes(finding: &Finding) -> Option<Item> {
    let (connection, frame) = (finding.connection?, finding.frame?);
    Some(match &finding.range {
        Some(range) => Item::Bytes {
            connection,
            frame,
            start: range.start,
            end: range.end,
        },
        None => Item::Frame(connection, frame),
    })
}

/// Why there is such a rule, for somebody who meets it for the first time; empty for an unknown one.
pub fn why(finding: &Finding) -> &'static str {
    rules::by_name(finding.rule).map_or("", |rule| rule.why)
}

/// Its place in words: `stream 5, frame 90, packet 249`.
pub fn place(finding: &Finding) -> String {
    let mut words = Vec::new();
    words.extend(finding.stream.map(|stream| format!("stream {stream}")));
    words.extend(finding.frame.map(|frame| format!("frame {frame}")));
    words.extend(
        finding
            .packet
            .map(|packet| format!("packet {}", format::count(packet.number()))),
    );
    if words.is_empty() {
        words.extend(
            finding
                .connection
                .map(|connection| format!("connection {connection}")),
        );
        words.extend(
            finding
                .file_offset
                .map(|offset| format!("byte {} of the file", format::count(offset))),
        );
    }
    words.join(", ")
}

/// The findings of frames, found by frame. Follows the capture as it grows.
#[derive(Clone, Debug, Default)]
pub struct ByFrame {
    read: usize,
    /// Ascending; the position is that in the trace.
    of: Vec<(ConnectionId, FrameId, usize)>,
}

impl ByFrame {
    /// Takes in what the trace has found since.
    pub fn follow(&mut self, trace: &Trace) {
        if self.read > trace.findings.len() {
            *self = Self::default();
        }
        if self.read == trace.findings.len() {
            return;
        }
        let new = trace.findings.range(self.read..trace.findings.len());
        for (at, finding) in new.enumerate() {
            if let (Some(connection), Some(frame)) = (finding.connection, finding.frame) {
                self.of.push((connection, frame, self.read + at));
            }
        }
        self.read = trace.findings.len();
        // Two runs that are in order each, which this sort joins in one walk.
        self.of.sort();
    }

    /// The findings of a run of frames of a connection, by frame.
    pub fn of_frames(
        &self,
        connection: ConnectionId,
        frames: std::ops::Range<FrameId>,
    ) -> &[(ConnectionId, FrameId, usize)] {
        let start = (self.of).partition_point(|row| (row.0, row.1) < (connection, frames.start));
        let end = (self.of).partition_point(|row| (row.0, row.1) < (connection, frames.end));
        self.of.get(start..end.max(start)).unwrap_or(&[])
    }

    /// The findings of one frame.
    pub fn of_frame<'t>(
        &'t self,
        trace: &'t Trace,
        connection: ConnectionId,
        frame: FrameId,
    ) -> impl Iterator<Item = &'t Finding> {
        let next = FrameId::from_index(frame.index() + 1);
        self.of_frames(connection, frame..next)
            .iter()
            .filter_map(|(_, _, at)| trace.findings.get(*at))
    }
}

/// The words for a severity, for a group's title.
pub fn severity_title(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Errors: a rule was broken, or bytes could not be read",
        Severity::Warning => "Warnings: it hurts, though no rule is broken",
        Severity::Note => "Notes: worth knowing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Source;
    use crate::trace::{Batch, PacketId};
    use crate::wire::http2::StreamId;

    fn finding(connection: Option<usize>, frame: Option<usize>) -> Finding {
        Finding {
            severity: Severity::Note,
            rule: "rule",
            section: None,
            text: "Something.".to_owned(),
            connection: connection.map(ConnectionId::from_index),
            stream: None,
            frame: frame.map(FrameId::from_index),
            range: None,
            packet: None,
            file_offset: None,
        }
    }

    #[test]
    fn a_finding_leads_to_the_smallest_thing_it_names() {
        let connection = ConnectionId::from_index(2);
        let mut it = finding(Some(2), Some(7));
        assert_eq!(
            item(&it),
            Some(Item::Frame(connection, FrameId::from_index(7)))
        );
        it.frame = None;
        it.stream = Some(StreamId(5));
        it.packet = Some(PacketId::from_index(3));
        assert_eq!(item(&it), Some(Item::Stream(connection, StreamId(5))));
        assert_eq!(place(&it), "stream 5, packet 4");
        it.stream = None;
        assert_eq!(item(&it), Some(Item::Packet(PacketId::from_index(3))));
        it.packet = None;
        assert_eq!(item(&it), Some(Item::Connection(connection)));
        assert_eq!(item(&finding(None, None)), None);
    }

    #[test]
    fn findings_are_found_by_frame_while_the_capture_grows() {
        let mut trace = Trace::new(Source::empty());
        let mut by_frame = ByFrame::default();
        for frames in [[Some(9), None], [Some(4), Some(9)]] {
            let findings = frames.map(|frame| finding(Some(0), frame)).into();
            trace.append(Batch {
                findings,
                ..Batch::default()
            });
            by_frame.follow(&trace);
        }
        let connection = ConnectionId::from_index(0);
        let count = |frame| {
            let frame = FrameId::from_index(frame);
            by_frame.of_frame(&trace, connection, frame).count()
        };
        assert_eq!([count(4), count(5), count(9)], [1, 0, 2]);
        let all = FrameId::from_index(0)..FrameId::from_index(100);
        assert_eq!(by_frame.of_frames(connection, all.clone()).len(), 3);
        assert!(
            by_frame
                .of_frames(ConnectionId::from_index(1), all)
                .is_empty()
        );
    }
}
