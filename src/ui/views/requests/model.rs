//! A row per request, of HTTP/2 or HTTP/1.1: what was asked, what came back, and when each part was there.

use crate::analysis::exchanges::{self, Exchange};
use crate::analysis::requests::{self, RequestKind};
use crate::trace::{Carrier, Connection, FrameId, MessageEnd, Moment, Trace};
use crate::ui::views::stream_list::model as words;
use crate::ui::widgets::format;
use crate::ui::widgets::table::Sort;
use crate::ui::widgets::waits::{Waits, Why};
use std::cmp::Ordering;

/// A request and its response. Times count from the capture's first packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The stream or exchange.
    pub carrier: Carrier,
    /// What kind of exchange it is.
    pub kind: RequestKind,
    /// What was asked: `GET /style.css`.
    pub purpose: String,
    /// What came back: `200 · 24 KB`.
    pub outcome: String,
    /// Bytes of content, both ways.
    pub bytes: u64,
    /// When its first frame was there; when none was, of the stream's first.
    pub started_ns: i64,
    /// The last byte of the request.
    pub request_end_ns: Option<i64>,
    /// Interim responses.
    pub interim_ns: Vec<i64>,
    /// The first byte of the response; of a pushed one, whose head comes with the promise, of its content.
    pub first_byte_ns: Option<i64>,
    /// The last byte of the response.
    pub last_byte_ns: Option<i64>,
    /// The end, however it came; the end of what was read while it is open.
    pub ended_ns: i64,
    /// Whether it was ended by its response's last byte.
    pub whole: bool,
    /// From the last byte of the request, or the promise, to the first byte of the response.
    pub waiting_ns: Option<u64>,
    /// How long something held it back, as far as that is known (of HTTP/2): a window, a missing segment, too many streams.
    pub held_ns: u64,
    /// What took time, in a few words, each with how long: which others were sent first, then what held it back, the longest first.
    pub held_by: String,
    /// Why its first byte and its content came when they did.
    pub why: Vec<Why>,
    /// When it begins, for seeing whether it has happened.
    pub first: Moment,
}

impl Row {
    /// From its first frame to its end.
    pub fn total_ns(&self) -> i64 {
        self.ended_ns.saturating_sub(self.started_ns)
    }

    /// From the first frame of the request to its last byte; none for a response that was pushed.
    pub fn sending_ns(&self) -> Option<i64> {
        if self.kind == RequestKind::Pushed {
            return None;
        }
        Some(self.request_end_ns?.saturating_sub(self.started_ns))
    }

    /// The longest of what took time, for sorting.
    pub fn longest_ns(&self) -> i64 {
        let late = self.why.iter().filter(|why| !why.short.is_empty());
        let late = late.map(|why| why.gap_ns()).max().unwrap_or(0);
        late.max(i64::try_from(self.held_ns).unwrap_or(i64::MAX))
    }

    /// From the first byte of the response to the last.
    pub fn receiving_ns(&self) -> Option<i64> {
        Some(self.last_byte_ns?.saturating_sub(self.first_byte_ns?))
    }
}

/// All requests of a connection, and what made them wait.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// In the order of their beginning.
    pub rows: Vec<Row>,
    /// What made them wait.
    pub waits: Waits,
    /// From the first to the last instant of any.
    pub times_ns: (i64, i64),
    /// Whether anything held any of them back, and whether there is anything to say about why.
    pub held: (bool, bool),
    /// What took time in the row that has most to say of it.
    pub longest: String,
}

impl Rows {
    /// Works them out.
    pub fn of(trace: &Trace, connection: &Connection) -> Self {
        let waits = Waits::of(trace, connection);
        let on_streams = requests::requests(trace, connection)
            .filter_map(|request| row(trace, connection, &waits, &request));
        let in_exchanges = exchanges::exchanges(connection)
            .filter_map(|exchange| exchange_row(trace, connection, &exchange));
        let mut rows: Vec<Row> = in_exchanges.chain(on_streams).collect();
        rows.sort_by_key(|row| row.started_ns);
        let first = rows.iter().map(|row| row.started_ns).min().unwrap_or(0);
        let last = rows.iter().map(|row| row.ended_ns).max().unwrap_or(1);
        let held = (
            rows.iter().any(|row| row.held_ns > 0),
            rows.iter().any(|row| !row.held_by.is_empty()),
        );
        let longest = rows.iter().map(|row| &row.held_by);
        let longest = longest.max_by_key(|words| words.chars().count()).cloned();
        Self {
            held,
            longest: longest.unwrap_or_default(),
            rows,
            waits,
            times_ns: (first, last.max(first + 1)),
        }
    }

    /// The positions of the rows in an order.
    pub fn sorted(&self, sort: Sort) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|a, b| match (self.rows.get(*a), self.rows.get(*b)) {
            (Some(one), Some(other)) => sort.apply(compare(one, other, sort.column)),
            _ => a.cmp(b),
        });
        order
    }
}

fn row(
    trace: &Trace,
    connection: &Connection,
    waits: &Waits,
    request: &requests::Request,
) -> Option<Row> {
    let http2 = connection.http2()?;
    let why = waits.why(request.stream).to_vec();
    let stream = http2.stream(request.stream)?;
    let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
    let relative = |time_ns: i64| time_ns.saturating_sub(origin);
    let time_of = |frame: FrameId| {
        let frame = http2.frames.get(frame.index())?;
        Some(relative(trace.time_ns(frame.packet)))
    };
    let timing = request.timing(trace, http2);
    let last_byte_ns = timing.last_byte_ns.map(relative);
    let ended_ns = timing.ended_ns.map(relative).or(last_byte_ns);
    let started_ns = timing.sent_ns.map(relative);
    let pushed_ns = pushed_content_ns(trace, connection, request);
    let first_byte_ns = pushed_ns.or(timing.first_byte_ns);
    let waiting_ns = match (pushed_ns, timing.request_end_ns) {
        (Some(came), Some(promised)) => u64::try_from(came.saturating_sub(promised)).ok(),
        _ => timing.waiting_ns(),
    };
    Some(Row {
        carrier: request.stream.into(),
        kind: request.kind,
        purpose: words::purpose(connection, stream),
        outcome: words::outcome(connection, stream),
        bytes: words::content_bytes(stream),
        started_ns: started_ns.or_else(|| time_of(stream.first_frame))?,
        request_end_ns: timing.request_end_ns.map(relative),
        interim_ns: (request.interim.iter())
            .filter_map(|interim| time_of(interim.frame))
            .collect(),
        first_byte_ns: first_byte_ns.map(relative),
        last_byte_ns,
        ended_ns: ended_ns.or_else(|| time_of(stream.last_frame))?,
        whole: last_byte_ns.is_some(),
        waiting_ns,
        held_ns: waits.held_back_ns(request.stream),
        held_by: took_time(&why, &waits.reasons(request.stream)),
        why,
        first: Moment::Frame(stream.first_frame),
    })
}

/// When the first byte of a pushed response's content was there, in nanoseconds since the Unix epoch: until then it is waited for.
fn pushed_content_ns(
    trace: &Trace,
    connection: &Connection,
    request: &requests::Request,
) -> Option<i64> {
    let data = request.response_data?;
    let row = connection.http2()?.frames.get(data.index())?;
    let range = row.offset..row.offset.saturating_add(1);
    let first = connection.stream(row.side).slices(range).next();
    let came = first.map_or(row.packet, |slice| slice.readable);
    (request.kind == RequestKind::Pushed).then(|| trace.time_ns(came))
}

/// What took time, each with how long: `102 ms pushes 2, 4 first · 20 ms connection window`. Of what came late, the longest gap
/// alone: the pointer on the row tells of the other.
fn took_time(why: &[Why], reasons: &[(&'static str, usize, u64)]) -> String {
    let late = why.iter().filter(|why| !why.short.is_empty());
    let late = late.max_by_key(|why| why.gap_ns());
    let mut parts: Vec<String> = late.map(Why::in_short).into_iter().collect();
    let all = parts.len() + reasons.len();
    for (label, _, sum) in reasons.iter().take(MAX_CAUSES - parts.len()) {
        let lasted = format::short_duration_ns(i64::try_from(*sum).unwrap_or(i64::MAX));
        let short = label.trim_end_matches(" empty");
        parts.push(format!("{lasted} {short}"));
    }
    if all > parts.len() {
        parts.push(format!("+ {} more", all - parts.len()));
    }
    parts.join(" · ")
}

/// Causes that are named in a row; of more, the pointer on the row tells.
const MAX_CAUSES: usize = 3;

fn exchange_row(trace: &Trace, connection: &Connection, exchange: &Exchange) -> Option<Row> {
    let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
    let relative = |time_ns: i64| time_ns.saturating_sub(origin);
    let timing = exchange.timing(trace);
    let (request, response) = (exchange.request.as_ref(), exchange.response.as_ref());
    let first = exchange.messages().next()?.head_packet;
    let last = exchange.messages().map(|row| row.last_packet).max()?;
    let last_byte_ns = timing.last_byte_ns.map(relative);
    let content =
        |message: Option<&crate::trace::MessageRow>| message.map_or(0, |row| row.content_bytes);
    Some(Row {
        carrier: exchange.id.into(),
        kind: match exchange.is_tunnel() {
            true => RequestKind::Connect,
            false => RequestKind::Plain,
        },
        purpose: exchange_purpose(connection, exchange),
        outcome: exchange_outcome(exchange),
        bytes: content(request).saturating_add(content(response)),
        started_ns: relative(trace.time_ns(first)),
        request_end_ns: timing.request_end_ns.map(relative),
        interim_ns: (exchange.interim.iter())
            .map(|row| relative(trace.time_ns(row.head_packet)))
            .collect(),
        first_byte_ns: timing.first_byte_ns.map(relative),
        last_byte_ns,
        ended_ns: relative(timing.ended_ns.unwrap_or_else(|| trace.time_ns(last))),
        whole: last_byte_ns.is_some(),
        waiting_ns: timing.waiting_ns(),
        held_ns: 0,
        held_by: String::new(),
        why: Vec::new(),
        first: Moment::Packet(first),
    })
}

/// What an exchange asks for: `GET /style.css`; its content, when the request was not captured.
pub fn exchange_purpose(connection: &Connection, exchange: &Exchange) -> String {
    let Some(row) = &exchange.request else {
        return "a request that was not captured".to_owned();
    };
    let text = |symbol: Option<crate::trace::Symbol>| {
        symbol.map_or_else(|| "?".into(), |symbol| connection.text_lossy(symbol))
    };
    let words = format!("{} {}", text(row.method), text(row.target));
    crate::report::text::one_line(&words, MAX_PURPOSE_CHARS)
}

/// Characters of what was asked: the line cuts it to its width.
const MAX_PURPOSE_CHARS: usize = 300;

/// What came back: `200 · 24 KB`; that nothing did.
pub fn exchange_outcome(exchange: &Exchange) -> String {
    let Some(row) = &exchange.response else {
        return "no response".to_owned();
    };
    let mut words = row.status.to_string();
    if row.content_bytes > 0 {
        words.push_str(&format!(" · {}", format::short_bytes(row.content_bytes)));
    }
    match row.end {
        MessageEnd::Whole => {}
        MessageEnd::NotYet => words.push_str(" …"),
        MessageEnd::Cut | MessageEnd::Lost => words.push_str(", cut short"),
    }
    words
}

/// The order of two rows by a column of the table.
fn compare(one: &Row, other: &Row, column: usize) -> Ordering {
    let by_column = match column {
        1 => one.purpose.cmp(&other.purpose),
        2 => one.outcome.cmp(&other.outcome),
        3 => one.bytes.cmp(&other.bytes),
        4 => one.started_ns.cmp(&other.started_ns),
        5 => one.sending_ns().cmp(&other.sending_ns()),
        6 => one.waiting_ns.cmp(&other.waiting_ns),
        7 => one.receiving_ns().cmp(&other.receiving_ns()),
        8 => one.held_ns.cmp(&other.held_ns),
        9 => one.longest_ns().cmp(&other.longest_ns()),
        10 => one.total_ns().cmp(&other.total_ns()),
        11 => (one.started_ns, one.ended_ns).cmp(&(other.started_ns, other.ended_ns)),
        _ => Ordering::Equal,
    };
    by_column.then(one.carrier.cmp(&other.carrier))
}
