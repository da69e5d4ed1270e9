//! What leaves the window as a file: a table as its filter and its order leave it, a pane as a picture, packets.
//!
//! A view says which rows it shows; a thread makes the same rows that the command of that name prints, and writes them. No
//! picture waits for it.

use super::views::ViewId;
use crate::analysis::grpc::{CallId, MessageReader};
use crate::filter::{Evaluation, Filter, Subject};
use crate::report::carrier::CarrierReport;
use crate::report::csv::Sheet;
use crate::report::export::Wanted;
use crate::report::lines::Lines;
use crate::report::output::{write_csv, write_json};
use crate::report::{calls, connections, findings, frames, packets, requests, streams};
use crate::trace::{Carrier, Connection, ConnectionId, ExchangeId, FrameId, Trace};
use crate::wire::http2::StreamId;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

/// Something to save.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A view's table.
    Table(ViewId, TableFormat),
    /// What a pane shows; the whole window for `None`.
    Picture(Option<ViewId>, PictureFormat),
    /// Packets of the connection shown.
    Packets(Packets),
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// See [`crate::report::csv`].
    Csv,
    /// One object per line.
    Json,
}

impl TableFormat {
    /// What the name of the file ends in.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "jsonl",
        }
    }
}

/// How a picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// Pixels.
    Png,
    /// Shapes and text.
    Svg,
}

/// Which packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packets {
    /// All of the connection.
    Connection,
    /// Those with bytes of the selected stream.
    Stream,
    /// Those of the stretch that is looped, else of the time that the loom shows, with all before them: the header tables
    /// of a part alone would be unknown.
    Times,
}

/// The rows that a table shows, in its order.
#[derive(Clone, Debug, PartialEq)]
pub enum Table {
    /// Frames of a connection, ascending; all of them for `None`.
    Frames(ConnectionId, Option<Vec<FrameId>>),
    /// Streams of a connection.
    Streams(ConnectionId, Vec<StreamId>),
    /// Requests of a connection, by their streams.
    Requests(ConnectionId, Vec<Carrier>),
    /// Connections.
    Connections(Vec<ConnectionId>),
    /// Findings, by their positions in the trace.
    Findings(Vec<usize>),
    /// Packets of a connection that pass a filter; all of them for `None`.
    Packets(ConnectionId, Option<Filter>),
    /// gRPC calls.
    Calls(Vec<CallId>),
}

/// Writes a table.
///
/// # Errors
///
/// Those of `out`.
pub fn write_table(
    trace: &Trace,
    reader: &MessageReader,
    table: Table,
    format: TableFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    let to = (format, out);
    match table {
        Table::Frames(connection, wanted) => {
            let wanted = wanted.map(|frames| Arc::new(frames.into_iter().collect::<BTreeSet<_>>()));
            let rows = frames::frames_where(trace, &[], move |of: &Connection, frame| {
                let listed = wanted.as_ref().is_none_or(|frames| frames.contains(&frame));
                of.id == connection && listed
            });
            write(to, rows)
        }
        Table::Streams(connection, order) => {
            let rows = streams::streams(trace).filter(|row| row.connection == connection.index());
            write_ordered(to, rows, |row| StreamId(row.stream), order)
        }
        Table::Requests(connection, order) => {
            let rows = requests::requests(trace).filter(|row| row.connection == connection.index());
            let order = order.into_iter().map(Some);
            let carrier = |row: &requests::RequestReport| {
                let stream = row.stream.map(|stream| Carrier::Stream(StreamId(stream)));
                stream.or_else(|| Some(ExchangeId::from_index(row.exchange?).into()))
            };
            write_ordered(to, rows, carrier, order)
        }
        Table::Connections(order) => {
            let rows = connections::connections(trace);
            let key =
                |row: &connections::ConnectionReport| ConnectionId::from_index(row.connection);
            write_ordered(to, rows, key, order)
        }
        Table::Findings(order) => {
            let rows = findings::findings(trace).take(trace.findings.len());
            write_ordered(to, rows, |row| row.finding, order)
        }
        Table::Packets(connection, filter) => {
            let evaluation = Evaluation::new(trace);
            let rows = packets::packets_where(trace, |packet| {
                let owner = trace.owner_of_packet(packet);
                owner.is_some_and(|owner| owner.connection == connection)
                    && filter.as_ref().is_none_or(|filter| {
                        let subject = Subject {
                            connection: Some(connection),
                            packet: Some(packet),
                            ..Subject::default()
                        };
                        evaluation.passes(filter, &subject)
                    })
            });
            write(to, rows)
        }
        Table::Calls(order) => {
            let rows = calls::calls(trace, reader);
            let order = order
                .into_iter()
                .map(|id| (id.connection, CarrierReport::from(id.carrier)));
            let key =
                |row: &calls::CallReport| (ConnectionId::from_index(row.connection), row.carrier);
            write_ordered(to, rows, key, order)
        }
    }
}

fn write<R: Serialize>(
    (format, mut out): (TableFormat, &mut dyn Write),
    mut rows: impl Iterator<Item = R>,
) -> io::Result<()> {
    match format {
        TableFormat::Csv => write_csv(&mut out, rows),
        TableFormat::Json => rows.try_for_each(|row| write_json(&mut out, &row)),
    }
}

/// Writes rows in another order; those that are not in it are left out. Rows wait in a temporary file, so that a long table
/// costs a few bytes of memory per row.
fn write_ordered<R: Serialize, K: Ord>(
    (format, mut out): (TableFormat, &mut dyn Write),
    rows: impl Iterator<Item = R>,
    key: impl Fn(&R) -> K,
    order: impl IntoIterator<Item = K>,
) -> io::Result<()> {
    let ranks: BTreeMap<K, usize> = (order.into_iter().enumerate())
        .map(|(rank, key)| (key, rank))
        .collect();
    let rows = rows.filter_map(|row| Some((*ranks.get(&key(&row))?, row)));
    let mut places: BTreeMap<usize, u64> = BTreeMap::new();
    match format {
        TableFormat::Csv => {
            let mut sheet = Sheet::default();
            for (rank, row) in rows {
                places.insert(rank, sheet.push(&row)?);
            }
            sheet.finish_in_order(&mut out, places.into_values())
        }
        TableFormat::Json => {
            let mut lines = Lines::default();
            for (rank, row) in rows {
                places.insert(rank, lines.push(&row)?);
            }
            lines.finish_in_order(&mut out, places.into_values())
        }
    }
}

/// What packets are wanted, and what the file is called.
pub fn packets_wanted(
    packets: Packets,
    connection: ConnectionId,
    stream: Option<StreamId>,
    times_ns: Option<(i64, i64)>,
) -> Option<(Wanted, String)> {
    let wanted = Wanted {
        connection: Some(connection),
        ..Wanted::default()
    };
    Some(match packets {
        Packets::Connection => (wanted, format!("connection-{connection}.pcapng")),
        Packets::Stream => {
            let name = format!("connection-{connection}-stream-{}.pcapng", stream?);
            (Wanted { stream, ..wanted }, name)
        }
        Packets::Times => {
            let (start, end) = times_ns?;
            let wanted = Wanted {
                times_ns: Some(start..=end),
                with_start: true,
                ..wanted
            };
            let ms = |ns: i64| ns / 1_000_000;
            let name = format!("connection-{connection}-{}-{}ms.pcapng", ms(start), ms(end));
            (wanted, name)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Capture;
    use std::path::Path;

    fn written(table: Table, format: TableFormat) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/push.pcap");
        let trace = crate::dissect::read_all(Capture::open(&path).unwrap());
        let mut out = Vec::new();
        let reader = MessageReader::default();
        write_table(&trace, &reader, table, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_leave_in_the_order_of_the_table_and_only_those_it_shows() {
        let order = [15, 1, 13].map(StreamId).to_vec();
        let table = Table::Streams(ConnectionId::FIRST, order);
        let json = written(table.clone(), TableFormat::Json);
        let streams: Vec<serde_json::Value> = json
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["stream"].clone())
            .collect();
        let known = written(
            Table::Streams(ConnectionId::FIRST, (0..40).map(StreamId).collect()),
            TableFormat::Json,
        );
        let expected: Vec<i64> = [15, 1, 13]
            .into_iter()
            .filter(|stream| known.contains(&format!("\"stream\":{stream},")))
            .collect();
        assert_eq!(streams, expected);
        assert!(expected.len() > 1);
        assert_eq!(
            written(table, TableFormat::Csv).lines().count(),
            expected.len() + 1
        );
    }

    #[test]
    fn packets_leave_as_the_filter_leaves_them() {
        let lines = |filter: Option<&str>| -> Vec<String> {
            let filter = filter.map(|filter| Filter::parse(filter).unwrap());
            let table = Table::Packets(ConnectionId::FIRST, filter);
            let json = written(table, TableFormat::Json);
            json.lines().map(str::to_owned).collect()
        };
        let all = lines(None);
        let data = lines(Some("type:DATA"));
        assert!(
            data.len() > 3 && data.len() < all.len(),
            "{} {}",
            data.len(),
            all.len()
        );
        let others = lines(Some("not type:DATA"));
        assert_eq!(data.len() + others.len(), all.len());
        assert!(data.iter().chain(&others).all(|line| all.contains(line)));
        assert!(data.iter().all(|line| !line.contains("\"frames\":[]")));
    }

    #[test]
    fn a_list_of_frames_may_be_all_or_some() {
        let id = ConnectionId::FIRST;
        let all = written(Table::Frames(id, None), TableFormat::Json)
            .lines()
            .count();
        let some = vec![FrameId::from_index(3), FrameId::from_index(7)];
        let some = written(Table::Frames(id, Some(some)), TableFormat::Json);
        assert!(all > 30);
        assert_eq!(some.lines().count(), 2);
        assert!(some.contains("\"frame\":3,") && some.contains("\"frame\":7,"));
    }
}
