//! Which calls are listed, in which order, and what each says at the cursor.

use crate::analysis::grpc::{CallId, EndedBy, Parent, RetryOf};
use crate::filter::{Evaluation, Filter, Subject};
use crate::trace::{Carrier, Direction, Moment, Trace};
use crate::ui::background::Latest;
use crate::ui::grpc::{CallRow, Calls, Grpc, Instant, Standing};
use crate::ui::widgets::format;
use crate::ui::widgets::table::Sort;
use crate::ui::{Item, ViewContext};
use std::cmp::Ordering;

/// Calls of which capture, filter and order a list is made of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Key {
    version: u64,
    filter: Option<String>,
    sort: Sort,
}

/// Calls up to which a list is made within a picture. Beyond, a thread makes it.
const FEW: usize = 1000;
/// Packets of a capture up to which a filter is asked within a picture.
const FEW_PACKETS: usize = 20_000;

/// Which calls are listed, found again only when something changed. Of many calls a thread finds it, and what was
/// listed before is shown until then.
#[derive(Clone, Debug, Default)]
pub struct Listed(Latest<Key, Lists>);

/// Positions of the calls that pass.
#[derive(Clone, Debug, Default)]
struct Lists {
    /// In the order of the table.
    table: Vec<usize>,
    /// In the order of the lanes.
    lanes: Vec<usize>,
}

impl Lists {
    fn of(trace: &Trace, grpc: &Grpc, filter: Option<&Filter>, sort: Sort) -> Self {
        let rows = grpc.calls.rows();
        let evaluation = Evaluation::new(trace);
        let passed =
            |row: &CallRow| filter.is_none_or(|filter| passes(&evaluation, filter, grpc, row));
        let passed: Vec<bool> = rows.iter().map(passed).collect();
        let passed = |at: &usize| passed.get(*at).copied().unwrap_or(false);
        let lanes = grpc.calls.by_family().iter().copied().filter(passed);
        let mut table: Vec<usize> = (0..rows.len()).filter(passed).collect();
        table.sort_by(|a, b| match (rows.get(*a), rows.get(*b)) {
            (Some(one), Some(other)) => sort
                .apply(compare(grpc, one, other, sort.column))
                .then(a.cmp(b)),
            _ => a.cmp(b),
        });
        Self {
            lanes: lanes.collect(),
            table,
        }
    }
}

impl Listed {
    /// Brings the list up to date, or lets a thread do it.
    pub fn follow(&mut self, ctx: &egui::Context, context: &ViewContext<'_>, sort: Sort) {
        let filter = context.matches.map(|run| run.filter());
        let key = Key {
            version: context.grpc.version,
            filter: filter.map(|filter| filter.text().to_owned()),
            sort,
        };
        let asks_few = filter.is_none() || context.trace.packets.len() <= FEW_PACKETS;
        let quick = asks_few && context.grpc.calls.rows().len() <= FEW;
        self.0.follow(ctx, key, quick, || {
            let (trace, filter) = (context.trace.clone(), filter.cloned());
            let (calls, reader) = (context.grpc.calls.clone(), context.grpc.reader.clone());
            move || {
                let mut grpc = Grpc::default();
                grpc.calls = calls;
                grpc.reader = reader;
                Lists::of(&trace, &grpc, filter.as_ref(), sort)
            }
        });
    }

    /// The same to the end, however long it takes.
    pub fn complete(context: &ViewContext<'_>, sort: Sort) -> Self {
        let filter = context.matches.map(|run| run.filter());
        let lists = Lists::of(context.trace, context.grpc, filter, sort);
        let mut listed = Self::default();
        let ctx = egui::Context::default();
        listed.0.follow(&ctx, Key::default(), true, || || lists);
        listed
    }

    /// Whether there is a list yet.
    pub fn is_made(&self) -> bool {
        self.0.get().is_some()
    }

    /// Positions of the calls that pass, in the order of the table.
    pub fn table(&self) -> &[usize] {
        self.0.get().map_or(&[], |(_, lists)| &lists.table)
    }

    /// Positions of the calls that pass, each behind the one that it was made for.
    pub fn lanes(&self) -> &[usize] {
        self.0.get().map_or(&[], |(_, lists)| &lists.lanes)
    }
}

/// Whether a call passes, as `wireloom calls --filter` has it.
fn passes(evaluation: &Evaluation<'_>, filter: &Filter, grpc: &Grpc, row: &CallRow) -> bool {
    let status = row.status_seen().map(|status| status.to_string());
    let name = format!("{}/{}", row.service(), row.method());
    let words = [
        name.as_str(),
        kind(grpc, row).0,
        row.transport.name(),
        row.ended_by.name(),
        status.as_deref().unwrap_or_default(),
    ];
    let subject = Subject {
        connection: Some(row.id.connection),
        streams: row.id.carrier.stream().into_iter().collect(),
        exchange: row.id.carrier.exchange(),
        words: words.to_vec(),
        ..Subject::default()
    };
    evaluation.passes(filter, &subject)
}

/// The kind of a call, and whether a schema says so.
pub fn kind(grpc: &Grpc, row: &CallRow) -> (&'static str, bool) {
    let path = row.path.as_deref();
    let said = path.and_then(|path| grpc.reader.schema().method(path));
    match said {
        Some(method) => (method.kind.name(), true),
        None => (row.kind_seen.name(), false),
    }
}

/// The order of two calls by a column of the table.
fn compare(grpc: &Grpc, one: &CallRow, other: &CallRow, column: usize) -> Ordering {
    let total = |pair: [u64; 2]| pair[0].saturating_add(pair[1]);
    let id = |row: &CallRow| (row.id.connection, row.id.carrier);
    match column {
        0 => id(one).cmp(&id(other)),
        1 => one.service().cmp(other.service()),
        2 => one.method().cmp(other.method()),
        3 => kind(grpc, one).cmp(&kind(grpc, other)),
        4 => one.status_seen().cmp(&other.status_seen()),
        5 => one.started_ns.cmp(&other.started_ns),
        6 => one.duration_ns().cmp(&other.duration_ns()),
        7 => one.timeout_ns.cmp(&other.timeout_ns),
        8 => {
            let count = |row: &CallRow| total(row.messages.map(u64::from));
            count(one).cmp(&count(other))
        }
        9 => total(one.bytes).cmp(&total(other.bytes)),
        10 => ended_words(one).cmp(&ended_words(other)),
        11 => {
            let parent = |row: &CallRow| {
                let links = row.links;
                let parent = links.parent.map(|of| (of.id.connection, of.id.carrier));
                let retry = links.retry_of.map(|of| (of.id.connection, of.id.carrier));
                (parent, retry)
            };
            parent(one).cmp(&parent(other))
        }
        _ => Ordering::Equal,
    }
}

/// The cells of a row at an instant, one per column.
pub fn cells(context: &ViewContext<'_>, row: &CallRow, instant: &mut Instant<'_>) -> [String; 12] {
    let standing = instant.standing(row);
    let read = instant.read(row.id);
    let (messages, bytes) = match standing {
        Standing::Running { .. } => {
            let so_far = Direction::BOTH.map(|direction| row.messages_at(direction, read));
            (
                so_far.map(|(count, _)| count),
                so_far.map(|(_, bytes)| bytes),
            )
        }
        _ => (row.messages, row.bytes),
    };
    let ms = |time_ns: i64| format!("{:.2}", time_ns as f64 / 1e6);
    [
        place(row.id),
        row.service().to_owned(),
        row.method().to_owned(),
        kind(context.grpc, row).0.to_owned(),
        status_words(row, standing),
        ms(row.started_ns),
        match standing {
            Standing::Running { for_ns, .. } => format!("{} …", ms(for_ns)),
            _ => row.duration_ns().map_or_else(String::new, ms),
        },
        row.timeout_ns.map_or_else(String::new, format::duration_ns),
        format!(
            "{} → {}",
            format::count(messages[0].into()),
            format::count(messages[1].into())
        ),
        format::short_bytes(bytes[0].saturating_add(bytes[1])),
        match standing {
            Standing::Running { .. } => String::new(),
            _ => ended_words(row),
        },
        linked_words(row),
    ]
}

/// Connection and stream in few letters: `1 · 7`; an exchange of HTTP/1.1 as `1 · x7`.
pub fn place(id: CallId) -> String {
    match id.carrier {
        Carrier::Stream(stream) => format!("{} · {stream}", id.connection),
        Carrier::Exchange(exchange) => format!("{} · x{exchange}", id.connection),
    }
}

/// What is selected for a call.
pub fn item(id: CallId) -> Item {
    Item::of_carrier(id.connection, id.carrier)
}

/// What is selected for something that was there at a moment: the frame, or the message of HTTP/1.1 of that side.
pub fn item_at(trace: &Trace, id: CallId, direction: Direction, at: Moment) -> Item {
    let message = || {
        let connection = trace.connection(id.connection)?;
        let row = connection.http1()?.exchange(id.carrier.exchange()?)?;
        match direction {
            Direction::Client => row.request,
            Direction::Server => row.response,
        }
    };
    match at {
        Moment::Frame(frame) => Item::Frame(id.connection, frame),
        Moment::Packet(packet) => match message() {
            Some(message) => Item::Message(id.connection, message),
            None => Item::Packet(packet),
        },
    }
}

/// Where a call is, in words: `connection 1 stream 7`.
pub fn place_words(id: CallId) -> String {
    format!("connection {} {}", id.connection, id.carrier)
}

/// The status by name; while it runs, that it does and how much of its time is left.
pub fn status_words(row: &CallRow, standing: Standing) -> String {
    match standing {
        Standing::NotYet => "not begun".to_owned(),
        Standing::Running { left_ns: None, .. } => "running".to_owned(),
        Standing::Running {
            left_ns: Some(left),
            ..
        } if left < 0 => "running, too late".to_owned(),
        Standing::Running { .. } => "running".to_owned(),
        Standing::Ended => match (row.status, row.implied_status) {
            (Some(status), _) => status.to_string(),
            (None, Some(implied)) => format!("({implied})"),
            (None, None) => "no status".to_owned(),
        },
    }
}

/// What is left of a running call's time: `430 ms of 1 s left`, or by how much it is over.
pub fn left_words(row: &CallRow, standing: Standing) -> Option<String> {
    let Standing::Running {
        left_ns: Some(left),
        ..
    } = standing
    else {
        return None;
    };
    let whole = format::duration_ns(row.timeout_ns?);
    Some(if left < 0 {
        format!(
            "{whole} were over {} ago",
            format::duration_ns(left.saturating_neg())
        )
    } else {
        format!("{} of {whole} left", format::duration_ns(left))
    })
}

/// How it ended, where that is not the usual way, and who gave it up.
pub fn ended_words(row: &CallRow) -> String {
    let late = match row.is_late() {
        true => ", deadline passed",
        false => "",
    };
    match (row.cancelled, row.ended_by) {
        (Some(by), _) => format!("{} by {}{late}", by.error, by.by.name()),
        (None, EndedBy::Trailers) => String::new(),
        (None, EndedBy::CaptureEnd) => "still running".to_owned(),
        (None, EndedBy::Goaway) => "GOAWAY, never looked at".to_owned(),
        (None, ended) => format!("{}{late}", ended.name()),
    }
}

/// The call that it was made for, and which attempt it is.
pub fn linked_words(row: &CallRow) -> String {
    let mut words = Vec::new();
    if let Some(parent) = row.links.parent {
        words.push(format!("for {}{}", place(parent.id), guess(&parent)));
    }
    if let Some(retry) = row.links.retry_of {
        words.push(format!("again {}", place(retry.id)));
    }
    words.join(", ")
}

fn guess(parent: &Parent) -> &'static str {
    match parent.candidates {
        0 | 1 => "",
        _ => "?",
    }
}

/// A call in words, all that is known at the instant.
pub fn row_text(context: &ViewContext<'_>, row: &CallRow, instant: &mut Instant<'_>) -> String {
    let standing = instant.standing(row);
    let read = instant.read(row.id);
    let (kind, said) = kind(context.grpc, row);
    let mut parts = vec![
        place_words(row.id),
        format!("{}/{}", row.service(), row.method()),
        match said {
            true => kind.to_owned(),
            false => format!("{kind} as far as seen"),
        },
    ];
    if row.inferred {
        parts.push("inferred: no header said that it is a call".to_owned());
    }
    parts.push(status_words(row, standing));
    if let Some(left) = left_words(row, standing) {
        parts.push(left);
    }
    parts.push(format!(
        "started at {}",
        format::duration_ns(row.started_ns)
    ));
    match (standing, row.duration_ns()) {
        (Standing::Running { for_ns, .. }, _) => {
            parts.push(format!("running for {}", format::duration_ns(for_ns)));
        }
        (Standing::Ended, Some(duration)) => {
            parts.push(format!("took {}", format::duration_ns(duration)));
        }
        _ => {}
    }
    if let (Some(timeout), Standing::Ended | Standing::NotYet) = (row.timeout_ns, standing) {
        parts.push(format!("deadline {}", format::duration_ns(timeout)));
    }
    let (asked, answered, bytes) = match standing {
        Standing::Running { .. } => {
            let [asked, answered] = Direction::BOTH.map(|side| row.messages_at(side, read));
            (asked.0, answered.0, [asked.1, answered.1])
        }
        _ => (row.messages[0], row.messages[1], row.bytes),
    };
    parts.push(format!(
        "{} out, {} back, {}",
        format::counted(asked.into(), "message"),
        format::count(answered.into()),
        format::exact_bytes(bytes[0].saturating_add(bytes[1]))
    ));
    if standing == Standing::Ended {
        parts.extend(Some(ended_words(row)).filter(|words| !words.is_empty()));
    }
    if let Some(parent) = row.links.parent {
        parts.push(parent_words(&parent));
    }
    if let Some(retry) = row.links.retry_of {
        parts.push(retry_words(&retry));
    }
    parts.join(", ")
}

fn parent_words(parent: &Parent) -> String {
    let mut words = format!(
        "made while serving {} (known by {})",
        place_words(parent.id),
        parent.known_by.name()
    );
    if parent.candidates > 1 {
        words.push_str(&format!(", a guess among {} calls", parent.candidates));
    }
    if let Some(left) = parent.left_ns {
        words.push_str(&format!(
            ", whose caller had {} left",
            format::duration_ns(left)
        ));
    }
    words
}

fn retry_words(retry: &RetryOf) -> String {
    format!(
        "tries {} again (known by {})",
        place_words(retry.id),
        retry.known_by.name()
    )
}

/// What all listed calls amount to: `12 calls · 9 OK · 2 CANCELLED · 1 running`.
pub fn heading(
    trace: &Trace,
    calls: &Calls,
    listed: &[usize],
    cursor: Option<crate::trace::Cursor>,
) -> String {
    let mut instant = Instant::new(trace, cursor);
    let mut by_status: std::collections::BTreeMap<String, u64> = Default::default();
    let mut words = format::counted(listed.len() as u64, "call");
    if listed.len() < calls.rows().len() {
        words.push_str(&format!(" of {}", format::count(calls.rows().len() as u64)));
    }
    // Counting statuses of very many calls would cost every picture.
    if listed.len() > MAX_COUNTED {
        return words;
    }
    for row in listed.iter().filter_map(|at| calls.rows().get(*at)) {
        let standing = instant.standing(row);
        let status = match standing {
            Standing::Running { .. } => "running".to_owned(),
            standing => status_words(row, standing),
        };
        *by_status.entry(status).or_default() += 1;
    }
    for (status, count) in by_status {
        words.push_str(&format!(" · {} {status}", format::count(count)));
    }
    words
}

/// Calls whose statuses are counted in the heading.
pub const MAX_COUNTED: usize = 2000;
