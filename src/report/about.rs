//! What each row is about, for filters.

use super::calls::CallReport;
use super::carrier::CarrierReport;
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
use super::shares::ShareReport;
use super::stalls::StallReport;
use super::streams::StreamReport;
use super::table::{Column, Tabular};
use crate::filter::{Cell, Evaluation, Filter, Subject, field_name};
use crate::trace::{ConnectionId, ExchangeId, FrameId, PacketId, Trace};
use crate::wire::http2::StreamId;

/// A row that a filter can be asked about.
pub trait About {
    /// What it is about.
    fn subject(&self) -> Subject<'_>;

    /// Which of its columns mean something else than the fields of the same names.
    fn own_columns() -> &'static [&'static str] {
        &[]
    }
}

/// What a row says in its columns, as a filter asks for it.
fn columns<R: Tabular + About>(row: &R, cells: &[String]) -> Vec<(String, Cell)> {
    let amounts = row.amounts();
    let mut columns = Vec::new();
    for (column, cell) in R::COLUMNS.iter().zip(cells) {
        let name = field_name(column.title());
        let amounts = amounts.iter().filter(|(title, _)| *title == column.title());
        let before = columns.len();
        columns.extend(amounts.map(|(_, amount)| (name.clone(), Cell::Number(*amount))));
        let exact = columns.len() > before;
        match column {
            _ if cell.is_empty() => {}
            Column::Text(_) if name == "flags" => {
                let flags = cell.split([' ', ',']).map(str::to_owned);
                columns.extend(flags.map(|flag| (name.clone(), Cell::Text(flag))));
            }
            Column::Text(_) => {
                if name == "type" {
                    columns.push(("message-type".to_owned(), Cell::Text(cell.clone())));
                }
                columns.push((name, Cell::Text(cell.clone())));
            }
            Column::Number(_) => {
                if let (false, Ok(number)) = (exact, cell.parse()) {
                    columns.push((name, Cell::Number(number)));
                }
            }
        }
    }
    columns
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
        let words = filter.has_words();
        let asked = filter.has_columns(R::own_columns());
        let cells = match words || asked {
            true => row.cells(),
            false => Vec::new(),
        };
        let mut subject = row.subject();
        if words {
            subject.words.extend(cells.iter().map(String::as_str));
        }
        if asked {
            subject.columns = columns(row, &cells);
            subject.own_columns = R::own_columns();
        }
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
    fn own_columns() -> &'static [&'static str] {
        &["length", "flags"]
    }

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
            exchange: self.exchange.map(ExchangeId::from_index),
            finding: Some(self.finding),
            ..Subject::default()
        }
    }
}

impl About for RequestReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            streams: self.stream.map(StreamId).into_iter().collect(),
            exchange: self.exchange.map(ExchangeId::from_index),
            words: vec![self.kind],
            ..Subject::default()
        }
    }
}

impl About for CallReport {
    fn own_columns() -> &'static [&'static str] {
        &["status"]
    }

    fn subject(&self) -> Subject<'_> {
        let status = self.status.and_then(|status| status.name);
        let words = [Some(self.kind), Some(self.transport), status];
        Subject {
            connection: connection(self.connection),
            words: words.into_iter().flatten().collect(),
            ..self.carrier.subject()
        }
    }
}

/// A message of a call: a frame stands for its stream.
fn of_message(carrier: &CarrierReport, frame: Option<usize>) -> Subject<'static> {
    match frame {
        Some(frame) => Subject {
            frame: Some(FrameId::from_index(frame)),
            ..Subject::default()
        },
        None => carrier.subject(),
    }
}

impl About for MessageReport {
    fn own_columns() -> &'static [&'static str] {
        &["type", "length", "protocol"]
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            direction: Some(self.direction),
            words: vec![self.protocol],
            ..of_message(&self.carrier, self.frame)
        }
    }
}

impl About for ComparedReport {
    fn own_columns() -> &'static [&'static str] {
        &["type"]
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            direction: Some(self.direction),
            ..of_message(&self.carrier, self.frame)
        }
    }
}

impl About for ShareReport {
    fn subject(&self) -> Subject<'_> {
        Subject {
            connection: connection(self.connection),
            direction: Some(self.direction),
            streams: vec![StreamId(self.stream)],
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::grpc::MessageReader;
    use crate::capture::Capture;
    use crate::filter::Problem;
    use crate::report;
    use crate::wire::protobuf::{Overrides, SchemaBuilder};

    fn shipped(name: &str) -> Trace {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("captures")
            .join(name);
        crate::dissect::read_all(Capture::open(&path).unwrap())
    }

    /// Each column is a field, and each number in a row can be compared.
    fn check<R: Tabular + About>(what: &str, rows: impl Iterator<Item = R>) -> usize {
        for column in R::COLUMNS {
            let name = field_name(column.title());
            if let Err(error) = Filter::parse(&format!("{name}:1")) {
                let unknown = matches!(error.problem, Problem::UnknownField { .. });
                assert!(!unknown, "{what}: {} is no field {name}", column.title());
            }
        }
        let mut checked = 0;
        for row in rows {
            let cells = row.cells();
            let columns = columns(&row, &cells);
            for (column, cell) in R::COLUMNS.iter().zip(&cells) {
                let name = field_name(column.title());
                let number = columns
                    .iter()
                    .any(|(own, cell)| *own == name && matches!(cell, Cell::Number(_)));
                // "to the end" is no length.
                let open_end = cell.is_empty() || cell == "to the end";
                if matches!(column, Column::Number(_)) && !open_end && name != "time" {
                    assert!(number, "{what}: {name} is {cell:?}, which is no number");
                }
            }
            checked += 1;
        }
        assert!(checked > 0, "{what}");
        checked
    }

    #[test]
    fn every_column_of_every_list_is_a_field_with_its_exact_value() {
        let reader = MessageReader::new(SchemaBuilder::default().build(), Overrides::default());
        let trace = shipped("push.pcap");
        check("frames", report::frames::frames(&trace));
        check("streams", report::streams::streams(&trace));
        check("requests", report::requests::requests(&trace));
        check("headers", report::headers::headers(&trace));
        check("hpack", report::hpack::hpack(&trace));
        check("connections", report::connections::connections(&trace));
        check("packets", report::packets::packets(&trace));
        check("stalls", report::stalls::stalls(&trace));
        let lossy = shipped("lossy.pcapng");
        check("holes", report::holes::holes(&lossy));
        let broken = shipped("fourteen-breaks.pcapng");
        check("findings", report::findings::findings(&broken));
        let calls = shipped("grpc-user-service.pcapng");
        check("calls", report::calls::calls(&calls, &reader));
        check("messages", report::messages::messages(&calls, &reader));
        check(
            "compared",
            std::iter::empty::<ComparedReport>().chain(one_compared()),
        );
    }

    fn one_compared() -> Option<ComparedReport> {
        Some(ComparedReport {
            connection: 0,
            carrier: crate::trace::Carrier::Stream(StreamId(1)).into(),
            direction: crate::trace::Direction::Client,
            number: 0,
            frame: Some(3),
            type_name: "users.User".to_owned(),
            ignored_by_old: vec!["email".to_owned()],
            ignored_by_new: Vec::new(),
            defaulted_by_new: Vec::new(),
            misread: Vec::new(),
            fields: Vec::new(),
        })
    }

    #[test]
    fn what_a_row_says_passes_comparisons() {
        let reader = MessageReader::new(SchemaBuilder::default().build(), Overrides::default());
        let trace = shipped("grpc-user-service.pcapng");
        let calls = |filter: &str| -> Vec<Option<u32>> {
            let filter = Filter::parse(filter).unwrap();
            let calls = report::calls::calls(&trace, &reader);
            passing(&trace, &filter, calls)
                .map(|call| call.carrier.stream)
                .collect()
        };
        let all = calls("");
        let failed = calls("not status:OK");
        assert!(!failed.is_empty() && failed.len() < all.len(), "{failed:?}");
        assert_eq!(calls("status:0").len() + failed.len(), all.len());
        assert_eq!(calls("status:NOT_FOUND"), calls("status == 5"));
        assert!(calls("kind:unary").len() < all.len());
        assert_eq!(calls("service:UserService/Chat").len(), 1);
        assert_eq!(calls("lasted:>=0"), all);
        assert_eq!(calls("lasted:<0.001"), []);
        let exact = report::calls::calls(&trace, &reader)
            .filter(|call| call.bytes.request + call.bytes.response > 100)
            .count();
        assert_eq!(calls("bytes:>100").len(), exact);
        assert_eq!(calls("cause:network"), [], "calls have no such column");
    }
}
