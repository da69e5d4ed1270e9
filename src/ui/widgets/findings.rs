//! Where a finding leads, and which findings belong to a frame.

use crate::trace::{ConnectionId, ExchangeId, Finding, FrameId, Severity, Trace, rules};
use crate::ui::Item;
use crate::ui::widgets::format;

/// What a finding is about: the smallest thing that it names and that can be selected.
pub fn item(finding: &Finding) -> Option<Item> {
    let of_packet = finding.packet.map(Item::Packet);
    let Some(connection) = finding.connection else {
        return of_packet;
    };
    match (finding.frame, finding.carrier()) {
        (Some(frame), _) => Some(Item::Frame(connection, frame)),
        (None, Some(carrier)) => Some(Item::of_carrier(connection, carrier)),
        (None, None) => of_packet.or(Some(Item::Connection(connection))),
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

/// Its place in words: `stream 5, frame 90, packet 249`, or `exchange 3, packet 12`.
pub fn place(finding: &Finding) -> String {
    let mut words = Vec::new();
    words.extend(finding.carrier().map(|carrier| carrier.to_string()));
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

/// The findings of frames and of exchanges of HTTP/1.1, found by these. Follows the capture as it grows.
#[derive(Clone, Debug, Default)]
pub struct ByFrame {
    read: usize,
    /// Ascending; the position is that in the trace.
    of: Vec<(ConnectionId, FrameId, usize)>,
    /// The same for exchanges.
    of_exchanges: Vec<(ConnectionId, ExchangeId, usize)>,
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
            if let (Some(connection), Some(exchange)) = (finding.connection, finding.exchange) {
                let position = self.read + at;
                self.of_exchanges.push((connection, exchange, position));
            }
        }
        self.read = trace.findings.len();
        // Two runs that are in order each, which this sort joins in one walk.
        self.of.sort();
        self.of_exchanges.sort();
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

impl ByFrame {
    /// The findings of one exchange of HTTP/1.1.
    pub fn of_exchange<'t>(
        &self,
        trace: &'t Trace,
        connection: ConnectionId,
        exchange: ExchangeId,
    ) -> Vec<&'t Finding> {
        let wanted = (connection, exchange);
        let first = (self.of_exchanges).partition_point(|row| (row.0, row.1) < wanted);
        let rows = self.of_exchanges.get(first..).unwrap_or_default();
        let rows = rows.iter().take_while(|row| (row.0, row.1) == wanted);
        rows.filter_map(|row| trace.findings.get(row.2)).collect()
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
            connection: connection.map(ConnectionId::from_index),
            frame: frame.map(FrameId::from_index),
            ..Finding::new(&rules::reading::RESYNCHRONISED, "Something.".to_owned())
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
        it.exchange = Some(ExchangeId::from_index(6));
        let exchange = Item::Exchange(connection, ExchangeId::from_index(6));
        assert_eq!(item(&it), Some(exchange));
        assert_eq!(place(&it), "exchange 6, packet 4");
        it.exchange = None;
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
