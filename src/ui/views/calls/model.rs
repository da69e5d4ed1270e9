//! What the table shows of each call at the cursor, and what all of them amount to.

use super::{said, words};
use crate::analysis::grpc::CallId;
use crate::trace::{Cursor, Direction, Moment, Trace};
use crate::ui::grpc::{CallRow, Calls, Grpc, Instant, Standing};
use crate::ui::widgets::format;
use crate::ui::{Item, ViewContext};
use crate::wire::grpc::GrpcStatus;
use std::collections::BTreeMap;

/// The kind of a call, and whether a schema says so.
pub fn kind(grpc: &Grpc, row: &CallRow) -> (&'static str, bool) {
    let path = row.path.as_deref();
    let said = path.and_then(|path| grpc.reader.method_at(path));
    match said {
        Some(method) => (method.kind.name(), true),
        None => (row.kind_seen.name(), false),
    }
}

/// The cells of a row at an instant, one per column.
pub fn cells(context: &ViewContext<'_>, row: &CallRow, instant: &mut Instant<'_>) -> [String; 13] {
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
        words::place(row.id),
        row.service().to_owned(),
        row.method().to_owned(),
        kind(context.grpc, row).0.to_owned(),
        words::status(row, standing),
        match standing {
            Standing::Ended => said::words(&context.grpc.calls, row),
            _ => String::new(),
        },
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
            _ => words::ended(row),
        },
        words::linked(&context.grpc.calls, row),
    ]
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

/// What all listed calls amount to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many there are: `29 calls`, `3 calls of 29`.
    pub count: String,
    /// How many of them stand how, those that went well first: `9 OK`, `2 CANCELLED`. Empty for very many calls.
    pub standings: Vec<Counted>,
}

/// How many calls stand one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Number and name: `2 CANCELLED`.
    pub words: String,
    /// The status that they ended with.
    pub status: Option<GrpcStatus>,
    /// Whether nobody sent that status: it is concluded.
    pub concluded: bool,
}

impl Sum {
    /// Counts the listed calls as they stand at the cursor.
    pub fn of(trace: &Trace, calls: &Calls, listed: &[usize], cursor: Option<Cursor>) -> Self {
        let mut count = format::counted(listed.len() as u64, "call");
        if listed.len() < calls.rows().len() {
            count.push_str(&format!(" of {}", format::count(calls.rows().len() as u64)));
        }
        // Counting statuses of very many calls would cost every picture.
        let counted = match listed.len() > MAX_COUNTED {
            true => &[],
            false => listed,
        };
        let mut instant = Instant::new(trace, cursor);
        let mut by_standing: BTreeMap<(u8, u32, String), (u64, &CallRow)> = BTreeMap::new();
        for row in counted.iter().filter_map(|at| calls.rows().get(*at)) {
            let key = match instant.standing(row) {
                Standing::Ended => {
                    let status = row.status_seen();
                    let failed = u8::from(status != Some(GrpcStatus::OK));
                    let number = status.map_or(u32::MAX, |status| status.0);
                    let name = status.map_or_else(|| "no status".to_owned(), |it| it.to_string());
                    // As in the table: in brackets what no server sent.
                    let name = match row.implied_status {
                        Some(_) => format!("({name}) concluded"),
                        None => name,
                    };
                    (failed, number, name)
                }
                Standing::Running { .. } => (2, 0, "running".to_owned()),
                standing => (3, 0, words::status(row, standing)),
            };
            by_standing.entry(key).or_insert((0, row)).0 += 1;
        }
        let standings = by_standing.into_iter();
        Self {
            count,
            standings: standings
                .map(|((group, _, standing), (count, row))| {
                    let ended = group < 2;
                    Counted {
                        words: format!("{} {standing}", format::count(count)),
                        status: row.status_seen().filter(|_| ended),
                        concluded: ended && row.implied_status.is_some(),
                    }
                })
                .collect(),
        }
    }

    /// On one line: `12 calls · 9 OK · 2 CANCELLED · 1 running`.
    pub fn line(&self) -> String {
        let mut words = self.count.clone();
        for standing in &self.standings {
            words.push_str(" · ");
            words.push_str(&standing.words);
        }
        words
    }
}

/// Calls whose statuses are counted in the heading.
pub const MAX_COUNTED: usize = 2000;
