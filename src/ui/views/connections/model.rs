//! What is said about each connection, and what in it is worth a look.

use crate::trace::{
    ClientKnownBy, ClosedBy, Connection, ConnectionId, Direction, Finding, Protocol, Severity,
    Trace,
};
use crate::ui::background::Latest;
use crate::ui::widgets::table::Sort;
use crate::ui::widgets::{filtered, format};
use crate::ui::{Item, ViewContext};
use std::collections::HashMap;
use std::sync::Arc;

/// A connection, as a row says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The connection.
    pub id: ConnectionId,
    /// The client's address and port.
    pub client: String,
    /// The server's address and port.
    pub server: String,
    /// How it is known who is who.
    pub known_by: &'static str,
    /// What it carries: `HTTP/2`, `TLS 1.3`.
    pub protocol: String,
    /// More about that: how many streams, which name was asked for.
    pub about: String,
    /// Packets.
    pub packets: u32,
    /// Bytes by direction: the client's, the server's.
    pub bytes: [u64; 2],
    /// Its first and its last packet, in nanoseconds since the first of the capture.
    pub times_ns: (i64, i64),
    /// What is worth a look, the worst first.
    pub worth: Vec<Worth>,
}

/// Something worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// How much it matters.
    pub severity: Severity,
    /// What it is, in few words.
    pub text: String,
    /// Where it is.
    pub item: Item,
}

/// Connections up to which the list is made within a picture. Beyond, a thread makes it.
const FEW: usize = 1000;
/// The same for packets' worth of findings.
const FEW_FINDINGS: usize = 5000;

/// The connections, packets and findings of a capture, of which a list was made.
type MadeOf = (usize, usize, usize);

/// Everything that is said about the connections of a capture at some moment of reading it.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
    summary: String,
}

impl Table {
    fn of(trace: &Trace) -> Self {
        let findings = Findings::of(trace);
        let rows = (trace.connections.iter()).map(|connection| row(trace, connection, &findings));
        Self {
            rows: rows.collect(),
            summary: summary(trace),
        }
    }

    /// The positions of those rows that are not `hidden`, in an order.
    fn sorted(&self, sort: Sort, hidden: &[bool]) -> Vec<usize> {
        let rows = &self.rows;
        let shown = |at: &usize| hidden.get(*at) != Some(&true);
        let mut order: Vec<usize> = (0..rows.len()).filter(shown).collect();
        if sort.column == 0 {
            // They are in the order of their numbers.
            if sort.descending {
                order.reverse();
            }
            return order;
        }
        order.sort_by(|a, b| match (rows.get(*a), rows.get(*b)) {
            (Some(one), Some(other)) => sort.apply(compare(one, other, sort.column)),
            _ => a.cmp(b),
        });
        order
    }
}

/// All rows of a capture, made again when the capture has grown, and their order. Of many connections a thread makes
/// them, and what was there before is shown until then.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    table: Latest<MadeOf, Arc<Table>>,
    order: Latest<(MadeOf, Sort, filtered::Progress), Vec<usize>>,
}

impl Rows {
    /// Follows the capture and the filter.
    pub fn follow(&mut self, ctx: &egui::Context, context: &ViewContext<'_>, sort: Sort) {
        let trace = context.trace;
        let made_of = (
            trace.connections.len(),
            trace.packets.len(),
            trace.findings.len(),
        );
        let quick = made_of.0 <= FEW && made_of.2 <= FEW_FINDINGS;
        self.table.follow(ctx, made_of, quick, || {
            let trace = trace.clone();
            move || Arc::new(Table::of(&trace))
        });
        let Some((made_of, table)) = self.table.get() else {
            return;
        };
        let key = (*made_of, sort, filtered::progress(context));
        let quick = table.rows.len() <= FEW || (sort.column == 0 && key.2.is_none());
        self.order.follow(ctx, key, quick, || {
            let (table, hidden) = (table.clone(), hidden(context, table));
            move || table.sorted(sort, &hidden)
        });
    }

    /// The same to the end, however long it takes.
    pub fn complete(context: &ViewContext<'_>, sort: Sort) -> Self {
        let ctx = egui::Context::default();
        let mut rows = Self::default();
        let table = Arc::new(Table::of(context.trace));
        let order = table.sorted(sort, &hidden(context, &table));
        rows.table.follow(&ctx, (0, 0, 0), true, || || table);
        let key = ((0, 0, 0), sort, None);
        rows.order.follow(&ctx, key, true, || || order);
        rows
    }

    /// The capture in one line, as of the moment that the rows are of; `None` before there are any.
    pub fn summary(&self) -> Option<&str> {
        Some(&self.table.get()?.1.summary)
    }

    fn order(&self) -> &[usize] {
        self.order.get().map_or(&[], |(_, order)| order)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.order().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order().is_empty()
    }

    /// The row at a position.
    pub fn get(&self, position: usize) -> Option<&Row> {
        let (_, table) = self.table.get()?;
        table.rows.get(*self.order().get(position)?)
    }

    /// Where a connection stands.
    pub fn position(&self, id: ConnectionId) -> Option<usize> {
        self.order().iter().position(|at| *at == id.index())
    }
}

/// Which rows the filter hides.
fn hidden(context: &ViewContext<'_>, table: &Table) -> Vec<bool> {
    let Some(run) = context.matches else {
        return Vec::new();
    };
    let rows = table.rows.iter();
    rows.map(|row| run.connection_passes(row.id) == Some(false))
        .collect()
}

/// The order of two rows by a column of the table.
fn compare(one: &Row, other: &Row, column: usize) -> std::cmp::Ordering {
    let worst = |row: &Row| {
        (
            row.worth.first().map(|worth| worth.severity),
            row.worth.len(),
        )
    };
    let by_column = match column {
        1 => (&one.server, &one.client).cmp(&(&other.server, &other.client)),
        2 => (&one.protocol, &one.about).cmp(&(&other.protocol, &other.about)),
        3 => (one.bytes[0] + one.bytes[1]).cmp(&(other.bytes[0] + other.bytes[1])),
        4 => worst(one).cmp(&worst(other)),
        5 => one.times_ns.cmp(&other.times_ns),
        _ => std::cmp::Ordering::Equal,
    };
    by_column.then(one.id.cmp(&other.id))
}

/// A connection's worst findings, and how many there are.
#[derive(Default)]
struct Findings<'a> {
    of: HashMap<ConnectionId, Vec<&'a Finding>>,
}

impl<'a> Findings<'a> {
    fn of(trace: &'a Trace) -> Self {
        let mut of: HashMap<ConnectionId, Vec<&Finding>> = HashMap::new();
        for finding in trace.findings.iter() {
            if let Some(connection) = finding.connection {
                of.entry(connection).or_default().push(finding);
            }
        }
        Self { of }
    }
}

fn row(trace: &Trace, connection: &Connection, findings: &Findings<'_>) -> Row {
    let about = &connection.row;
    let start = trace.time_range_ns.map_or(0, |(first, _)| first);
    let time_ns = |packet| trace.time_ns(packet).saturating_sub(start);
    let of_it = findings
        .of
        .get(&connection.id)
        .map_or(&[][..], Vec::as_slice);
    Row {
        id: connection.id,
        client: connection.end(Direction::Client).to_string(),
        server: connection.end(Direction::Server).to_string(),
        known_by: match about.client_known_by {
            ClientKnownBy::Syn => "the SYN it sent",
            ClientKnownBy::Preface => "the first bytes it sent",
            ClientKnownBy::Frames => "what its frames do",
            ClientKnownBy::Port => "a guess: the higher port",
        },
        protocol: protocol(connection),
        about: details(connection),
        packets: about.packets,
        bytes: [Direction::Client, Direction::Server]
            .map(|direction| crate::report::connections::stream_bytes(connection, direction)),
        times_ns: (time_ns(about.first_packet), time_ns(about.last_packet)),
        worth: worth(connection, of_it),
    }
}

fn protocol(connection: &Connection) -> String {
    match connection.row.protocol {
        Protocol::Http2 => "HTTP/2".to_owned(),
        Protocol::Http1 => "HTTP/1.1".to_owned(),
        Protocol::Unknown => "not recognised".to_owned(),
        Protocol::Tls => {
            let tls = connection.row.tls.as_ref();
            let version = tls.and_then(|tls| tls.version);
            version.map_or("TLS".to_owned(), |version| version.to_string())
        }
    }
}

fn details(connection: &Connection) -> String {
    if let Some(http2) = connection.http2() {
        return format::counted(http2.streams().len() as u64, "stream");
    }
    let name = connection
        .row
        .tls
        .as_ref()
        .and_then(|tls| tls.server_name.clone());
    match (name, connection.row.protocol) {
        (Some(name), _) => name,
        (None, Protocol::Tls) => "encrypted".to_owned(),
        (None, _) => format::counted(u64::from(connection.row.packets), "packet"),
    }
}

/// What is worth a look on a connection, the worst first.
fn worth(connection: &Connection, findings: &[&Finding]) -> Vec<Worth> {
    let whole = Item::Connection(connection.id);
    let mut worth = of_findings(connection.id, findings);
    let mut add = |severity, text: String, item| {
        worth.push(Worth {
            severity,
            text,
            item,
        });
    };
    let tcp = connection.row.tcp[0] + connection.row.tcp[1];
    let holes = connection.tcp().holes.len() as u64;
    if holes > 0 {
        let text = format!("{} in the byte streams", format::counted(holes, "hole"));
        let first = connection.tcp().holes.get(0);
        let item = first.map_or(whole, |hole| Item::Packet(hole.opened));
        add(Severity::Warning, text, item);
    }
    if tcp.missing_bytes > 0 {
        let text = format!("{} not in the capture", format::bytes(tcp.missing_bytes));
        add(Severity::Warning, text, whole);
    }
    if tcp.zero_windows > 0 {
        let count = format::count(u64::from(tcp.zero_windows));
        add(
            Severity::Warning,
            format!("TCP window at zero, {count}×"),
            whole,
        );
    }
    let marks = tcp.retransmissions;
    if marks > 0 {
        let text = format::counted(u64::from(marks), "retransmission");
        add(Severity::Note, text, whole);
    }
    if let Some(http2) = connection.http2() {
        let streams = http2.streams();
        let first = |of: &dyn Fn(&crate::trace::StreamRow) -> bool| {
            let mut found = streams.iter().filter(|row| of(row));
            let first = found.next()?;
            Some((first.id, 1 + found.count() as u64))
        };
        let reset = |row: &crate::trace::StreamRow| row.closed_by == Some(ClosedBy::RstStream);
        if let Some((stream, count)) = first(&reset) {
            let text = format!(
                "{} broken off by RST_STREAM",
                format::counted(count, "stream")
            );
            add(Severity::Warning, text, Item::Stream(connection.id, stream));
        }
        if let Some((stream, count)) = first(&|row| row.pushed_by.is_some()) {
            let text = match count {
                1 => "1 push of the server".to_owned(),
                _ => format!("{} pushes of the server", format::count(count)),
            };
            add(Severity::Note, text, Item::Stream(connection.id, stream));
        }
    }
    if connection.row.protocol == Protocol::Tls {
        add(
            Severity::Note,
            "encrypted: only the handshake is shown".to_owned(),
            whole,
        );
    }
    if !connection.row.start_seen {
        add(
            Severity::Note,
            "its beginning is not in the capture".to_owned(),
            whole,
        );
    }
    worth.sort_by_key(|worth| std::cmp::Reverse(worth.severity));
    worth
}

/// Findings of one severity as one line; a lone one says itself.
fn of_findings(connection: ConnectionId, findings: &[&Finding]) -> Vec<Worth> {
    let mut worth = Vec::new();
    for (severity, noun) in [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "note"),
    ] {
        let mut of_it = findings
            .iter()
            .filter(|finding| finding.severity == severity);
        let Some(first) = of_it.next() else {
            continue;
        };
        let others = of_it.count() as u64;
        let text = match others {
            0 => first.text.clone(),
            _ => format!(
                "{} · first: {}",
                format::counted(others + 1, noun),
                first.text
            ),
        };
        let item =
            crate::ui::widgets::findings::item(first).unwrap_or(Item::Connection(connection));
        worth.push(Worth {
            severity,
            text,
            item,
        });
    }
    worth
}

/// The capture in one line: `385 packets over 553 ms · 1 connection, HTTP/2`.
pub fn summary(trace: &Trace) -> String {
    let mut words = format!(
        "{}{}",
        format::counted(trace.packets.len() as u64, "packet"),
        trace.time_range_ns.map_or(String::new(), |(first, last)| {
            format!(" over {}", format::duration_ns(last.saturating_sub(first)))
        }),
    );
    let mut counts: Vec<(String, u64)> = Vec::new();
    for connection in &trace.connections {
        let name = match connection.row.protocol {
            Protocol::Tls => "TLS".to_owned(),
            Protocol::Unknown => "not recognised".to_owned(),
            _ => protocol(connection),
        };
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(name, count)| format!("{} {name}", format::count(count)))
        .collect();
    words.push_str(&format!(
        " · {}",
        format::counted(trace.connections.len() as u64, "connection")
    ));
    if !counts.is_empty() {
        words.push_str(&format!(" ({})", counts.join(", ")));
    }
    words
}
