//! Which calls are listed, and in which order.

use super::model::kind;
use super::{said, words};
use crate::filter::{Cell, Evaluation, Filter, Subject};
use crate::trace::Trace;
use crate::ui::ViewContext;
use crate::ui::background::Latest;
use crate::ui::grpc::{CallRow, Grpc};
use crate::ui::widgets::table::Sort;
use std::cmp::Ordering;

/// Calls of which capture, filter and order a list is made of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Key {
    version: u64,
    filter: Option<String>,
    order: Order,
}

/// In which order calls are listed, and whether only those that failed are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By which column of the table.
    pub sort: Sort,
    /// Only calls that ended with another status than OK.
    pub failed_only: bool,
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
    fn of(trace: &Trace, grpc: &Grpc, filter: Option<&Filter>, order: Order) -> Self {
        let rows = grpc.calls.rows();
        let evaluation = Evaluation::new(trace);
        let passed = |row: &CallRow| {
            (!order.failed_only || row.has_failed())
                && filter.is_none_or(|filter| passes(&evaluation, filter, grpc, row))
        };
        let passed: Vec<bool> = rows.iter().map(passed).collect();
        let passed = |at: &usize| passed.get(*at).copied().unwrap_or(false);
        let lanes = grpc.calls.by_family().iter().copied().filter(passed);
        let mut table: Vec<usize> = (0..rows.len()).filter(passed).collect();
        table.sort_by(|a, b| match (rows.get(*a), rows.get(*b)) {
            (Some(one), Some(other)) => order
                .sort
                .apply(compare(grpc, one, other, order.sort.column))
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
    pub fn follow(&mut self, ctx: &egui::Context, context: &ViewContext<'_>, order: Order) {
        let filter = context.matches.map(|run| run.filter());
        let key = Key {
            version: context.grpc.version,
            filter: filter.map(|filter| filter.text().to_owned()),
            order,
        };
        let asks_few = filter.is_none() || context.trace.packets.len() <= FEW_PACKETS;
        let quick = asks_few && context.grpc.calls.rows().len() <= FEW;
        self.0.follow(ctx, key, quick, || {
            let (trace, filter) = (context.trace.clone(), filter.cloned());
            let grpc = context.grpc.for_a_thread();
            move || {
                let grpc = grpc();
                Lists::of(&trace, &grpc, filter.as_ref(), order)
            }
        });
    }

    /// The same to the end, however long it takes.
    pub fn complete(context: &ViewContext<'_>, order: Order) -> Self {
        let filter = context.matches.map(|run| run.filter());
        let lists = Lists::of(context.trace, context.grpc, filter, order);
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

/// Positions of the calls that pass, in the order of the table.
pub(super) fn passing(
    trace: &Trace,
    grpc: &Grpc,
    filter: Option<&Filter>,
    order: Order,
) -> impl Iterator<Item = usize> {
    Lists::of(trace, grpc, filter, order).table.into_iter()
}

/// Whether a call passes, as `wireloom calls --filter` has it.
fn passes(evaluation: &Evaluation<'_>, filter: &Filter, grpc: &Grpc, row: &CallRow) -> bool {
    let columns = match filter.has_columns(OWN_COLUMNS) {
        true => columns(grpc, row),
        false => Vec::new(),
    };
    let status = row.status_seen().map(|status| status.to_string());
    let name = format!("{}/{}", row.service(), row.method());
    let words = [
        name.as_str(),
        kind(grpc, row).0,
        row.transport.name(),
        row.ended_by.name(),
        status.as_deref().unwrap_or_default(),
        row.status_message.as_deref().unwrap_or_default(),
    ];
    let subject = Subject {
        connection: Some(row.id.connection),
        streams: row.id.carrier.stream().into_iter().collect(),
        exchange: row.id.carrier.exchange(),
        words: words.to_vec(),
        columns,
        own_columns: OWN_COLUMNS,
        ..Subject::default()
    };
    evaluation.passes(filter, &subject)
}

/// Columns that mean something else of a call than of its stream: its status is gRPC's.
const OWN_COLUMNS: &[&str] = &["status"];

/// What a call says in the columns of the command, by the names that these have as fields.
fn columns(grpc: &Grpc, row: &CallRow) -> Vec<(String, Cell)> {
    let ms = |time_ns: i64| Cell::Number(time_ns as f64 / 1e6);
    let number = |number: u64| Some(Cell::Number(number as f64));
    let text = |text: &str| Some(Cell::Text(text.to_owned()));
    let status = row.status_seen();
    let cells = [
        (
            "service-method",
            text(&format!("{}/{}", row.service(), row.method())),
        ),
        ("kind", text(kind(grpc, row).0)),
        ("timeout", row.timeout_ns.map(ms)),
        ("requests", number(row.messages[0].into())),
        ("responses", number(row.messages[1].into())),
        ("bytes", number(row.bytes[0].saturating_add(row.bytes[1]))),
        ("status", status.map(|status| Cell::Number(status.0.into()))),
        (
            "status",
            status.map(|status| Cell::Text(status.to_string())),
        ),
        ("message", row.status_message.as_deref().and_then(text)),
        ("ended-by", text(row.ended_by.name())),
        ("lasted", row.duration_ns().map(ms)),
    ];
    let said = cells
        .into_iter()
        .filter_map(|(name, cell)| Some((name.to_owned(), cell?)));
    said.collect()
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
        5 => {
            let said = |row| said::words(&grpc.calls, row);
            said(one).cmp(&said(other))
        }
        6 => one.started_ns.cmp(&other.started_ns),
        7 => one.duration_ns().cmp(&other.duration_ns()),
        8 => one.timeout_ns.cmp(&other.timeout_ns),
        9 => {
            let count = |row: &CallRow| total(row.messages.map(u64::from));
            count(one).cmp(&count(other))
        }
        10 => total(one.bytes).cmp(&total(other.bytes)),
        11 => words::ended(one).cmp(&words::ended(other)),
        12 => {
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
