//! What each row is about, for filters.

use super::calls::CallReport;
use super::compared::ComparedReport;
use super::connections::ConnectionReport;
use super::findings::FindingReport;
use super::frames::FrameReport;
use super::headers::HeaderReport;
use super::holes::HoleReport;
use super::hpack::HpackReport;
use super::messages::MessageReport;
use super::notes::NoteReport;
use super::packets::PacketReport;
use super::requests::RequestReport;
use super::stalls::StallReport;
use super::streams::StreamReport;
use super::table::Tabular;
use crate::filter::{Evaluation, Filter, Subject};
use crate::trace::{ConnectionId, FrameId, PacketId, Trace};
use crate::wire::http2::StreamId;

/// A row that a filter can be asked about.
pub trait About {
    /// What it is about.
    fn subject(&self) -> Subject<'_>;
}

/// The rows that pass a filter. Its plain words are searched in the row's own cells too.
pub fn passing<'t, R: About + Tabular>(
    trace: &'t Trace,
    filter: &'t Filter,
    rows: impl Iterator<Item = R> + 't,
) -> impl Iterator<Item = R> + 't {
    let evaluation = Evaluation::new(trace);
    rows.filter(move |row| {
        if filter.is_empty() {
            return true;
        }
        let cells = match filter.has_words() {
            true => row.cells(),
            false => Vec::new(),
        };
        let mut subject = row.subject();
        subject.words.extend(cells.iter().map(String::as_str));
        evaluation.passes(filter, &subject)
    })
}

fn connection(index: usize) -> Option<ConnectionId> {
    Some(ConnectionId::from_index(index))
}

fn packet(number: u64) -> Option<PacketId> {
    let index = usize::try_from(number.checked_sub(1)?).ok()?;
    Some(PacketId::from_index(index))
}

impl About for FrameReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            frame: Some(FrameId::from_index(self.frame)),
            ..Subject::default()
        }
    }
}

impl About for StreamReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            streams: vec![StreamId(self.stream)],
            ..Subject::default()
        }
    }
}

impl About for HeaderReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            frame: Some(FrameId::from_index(self.frame)),
            header: Some([self.field.name.as_deref(), self.field.value.as_deref()]),
            ..Subject::default()
        }
    }
}

impl About for HpackReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            direction: Some(self.direction),
            ..Subject::default()
        }
    }
}

impl About for ConnectionReport {
    fn subject(&self) -> Subject<'_> {
        let tls = self.tls.as_ref();
        Subject {
            connection: connection(self.connection),
            words: tls.and_then(|tls| tls.sni.as_deref()).into_iter().collect(),
            ..Subject::default()
        }
    }
}

impl About for PacketReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            packet: packet(self.packet),
            words: self.skipped.into_iter().collect(),
            ..Subject::default()
        }
    }
}

impl About for HoleReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            streams: self
                .streams
                .iter()
                .map(|blocked| StreamId(blocked.stream))
                .collect(),
            direction: Some(self.direction),
            words: vec![self.kind],
            ..Subject::default()
        }
    }
}

impl About for FindingReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: self.connection.and_then(connection),
            packet: self.packet.and_then(packet),
            frame: self.frame.map(FrameId::from_index),
            streams: self.stream.map(StreamId).into_iter().collect(),
            finding: Some(self.finding),
            ..Subject::default()
        }
    }
}

impl About for RequestReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            streams: vec![StreamId(self.stream)],
            words: vec![self.kind],
            ..Subject::default()
        }
    }
}

impl About for CallReport {
    fn subject(&self) -> Subject<'_> {
        let status = self.status.and_then(|status| status.name);
        let words = [Some(self.kind), Some(self.transport), status];
        Subject {
            connection: connection(self.connection),
            streams: vec![StreamId(self.stream)],
            words: words.into_iter().flatten().collect(),
            ..Subject::default()
        }
    }
}

impl About for MessageReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            frame: Some(FrameId::from_index(self.frame)),
            direction: Some(self.direction),
            words: vec![self.protocol],
            ..Subject::default()
        }
    }
}

impl About for ComparedReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            frame: Some(FrameId::from_index(self.frame)),
            direction: Some(self.direction),
            ..Subject::default()
        }
    }
}

impl About for StallReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            direction: Some(self.direction),
            streams: vec![StreamId(self.stream)],
            words: vec![self.cause],
            ..Subject::default()
        }
    }
}

impl About for NoteReport {
    fn subject(&self) -> Subject<'_> {
        let words = [self.note.as_str(), self.about, self.text.as_str()];
        // A frame stands for its stream and its packet.
        let alone = self.frame.is_none();
        Subject {
            connection: self.connection.and_then(connection),
            frame: self.frame.map(FrameId::from_index),
            packet: self.packet.filter(|_| alone).and_then(packet),
            streams: (self.stream.filter(|_| alone).map(StreamId))
                .into_iter()
                .collect(),
            words: words.into(),
            ..Subject::default()
        }
    }
}
