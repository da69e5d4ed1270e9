//! What is said of a call.

use super::model::kind;
use super::said;
use crate::analysis::grpc::{CallId, EndedBy, FailedAfter, HandedOn, Parent, RetryOf};
use crate::trace::{Carrier, Direction, Read};
use crate::ui::ViewContext;
use crate::ui::grpc::{CallRow, Calls, Instant, Standing};
use crate::ui::widgets::{format, grpc_status};

/// Connection and stream in few letters: `1 · 7`; an exchange of HTTP/1.1 as `1 · x7`. No line ends within them: the
/// spaces are U+00A0.
pub fn place(id: CallId) -> String {
    let connection = id.connection;
    match id.carrier {
        Carrier::Stream(stream) => format!("{connection}\u{a0}·\u{a0}{stream}"),
        Carrier::Exchange(exchange) => format!("{connection}\u{a0}·\u{a0}x{exchange}"),
    }
}

/// Where a call is, in words: `connection 1 stream 7`.
pub fn place_words(id: CallId) -> String {
    format!("connection {} {}", id.connection, id.carrier)
}

/// An instant as the table has it: `304.47 ms`.
pub fn at(time_ns: i64) -> String {
    format!("{:.2} ms", time_ns as f64 / 1e6)
}

/// The status by name; while it runs, that it does and how much of its time is left.
pub fn status(row: &CallRow, standing: Standing) -> String {
    match standing {
        Standing::NotYet => "not begun".to_owned(),
        Standing::Running { left_ns: None, .. } => "running".to_owned(),
        Standing::Running {
            left_ns: Some(left),
            ..
        } if left < 0 => "running, too late".to_owned(),
        Standing::Running { .. } => "running".to_owned(),
        Standing::Ended => match (row.status, row.implied_status) {
            (_, Some(implied)) => format!("({implied})"),
            (Some(status), None) => status.to_string(),
            (None, None) => "no status".to_owned(),
        },
    }
}

/// Of a status in brackets, which no server sent or sent in time: where it comes from. It stands behind what the server says, never
/// above it.
pub fn concluded(row: &CallRow, standing: Standing) -> Option<String> {
    let implied = row.implied_status.filter(|_| standing == Standing::Ended)?;
    Some(match row.status {
        None => format!("nobody sent {implied}: it is concluded from how the call ended"),
        Some(sent) => format!("the caller had given up before {sent} came, and reports {implied}"),
    })
}

/// What is left of a running call's time: `430 ms of 1 s left`, or by how much it is over.
pub fn left(row: &CallRow, standing: Standing) -> Option<String> {
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

/// How long it may take, and what that has to do with the time that the caller of the server had left which made it:
/// `151 ms, shorter than the 2 s its caller had left`. `None` when there is nothing to say.
pub fn allowed(row: &CallRow) -> Option<String> {
    let own = row.timeout_ns.map(format::duration_ns);
    let parent = row.links.parent.filter(|_| !row.inferred);
    let handed_on = parent.and_then(|parent| {
        let left = format::duration_ns(parent.left_ns?);
        Some(match parent.handed_on(row.timeout_ns)? {
            HandedOn::Kept => "handed on by its caller".to_owned(),
            HandedOn::Shorter => format!("shorter than the {left} its caller had left"),
            HandedOn::Longer => format!("longer than the {left} its caller had left"),
            HandedOn::Dropped => format!("although its caller had {left} left"),
        })
    });
    match (own, handed_on) {
        (Some(own), Some(handed_on)) => Some(format!("deadline {own}, {handed_on}")),
        (Some(own), None) => Some(format!("deadline {own}")),
        (None, Some(handed_on)) => Some(format!("no deadline, {handed_on}")),
        (None, None) => None,
    }
}

/// That its deadline was over before it ended, and by how much as far as the capture shows:
/// `exceeded by 3.4 ms: deadline 151 ms`. The caller's own clock may have been first.
pub fn exceeded(row: &CallRow) -> String {
    let allowed = allowed(row).unwrap_or_default();
    match past_deadline_ns(row) {
        Some(past) => format!("exceeded by {}: {allowed}", format::duration_ns(past)),
        None => format!("exceeded by its caller's clock: {allowed}"),
    }
}

/// By how much a call went on beyond its deadline, as the capture shows it.
pub(super) fn past_deadline_ns(row: &CallRow) -> Option<i64> {
    let past = row.ended_ns?.saturating_sub(row.deadline_ns()?);
    (past > 0).then_some(past)
}

/// How it ended, where that is not the usual way, and who gave it up.
pub fn ended(row: &CallRow) -> String {
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

/// Calls of a row that are named; more are counted.
const MAX_NAMED: usize = 2;

/// The calls that the server made while it served this one, the call it was made for, and which attempt it is.
pub fn linked(calls: &Calls, row: &CallRow) -> String {
    let mut words: Vec<String> = called(calls, row, place).into_iter().collect();
    if let Some(parent) = row.links.parent {
        words.push(format!("called by {}{}", place(parent.id), guess(&parent)));
    }
    if let Some(retry) = row.links.retry_of {
        words.push(format!("again {}", place(retry.id)));
    }
    words.join(", ")
}

/// The calls that were made for one: `called 0 · 5, 0 · 7 + 2`, whose line does not end before the count.
fn called(calls: &Calls, row: &CallRow, place: fn(CallId) -> String) -> Option<String> {
    let children = calls.children(calls.position(row.id)?);
    let rows = children.iter().filter_map(|at| calls.rows().get(*at));
    let named: Vec<String> = rows
        .take(MAX_NAMED)
        .map(|child| {
            let guess = child.links.parent.as_ref().map_or("", guess);
            format!("{}{guess}", place(child.id))
        })
        .collect();
    let more = match children.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!("\u{a0}+\u{a0}{}", format::count(more as u64)),
    };
    (!named.is_empty()).then(|| format!("called {}{more}", named.join(", ")))
}

fn guess(parent: &Parent) -> &'static str {
    match parent.candidates {
        0 | 1 => "",
        _ => "?",
    }
}

/// What stands behind the end of a call that failed: its status, how it ended where that is odd, and what is said.
pub fn ending(row: &CallRow) -> String {
    let usual = matches!(row.ended_by, EndedBy::TrailersOnly | EndedBy::Trailers);
    let ended = Some(ended(row)).filter(|words| !usual && !words.is_empty());
    let status = row
        .status_seen()
        .map(|_| self::status(row, Standing::Ended));
    let server = row.status_message.as_deref().map(|message| {
        let message = crate::report::text::one_line(message, 60);
        match row.implied_status.is_some() {
            true => format!("too late: “{message}”"),
            false => format!("“{message}”"),
        }
    });
    let other = row.other_deadline.map(said::other_deadline);
    let parts = [status, ended, server, other];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What the status of a call that has ended means and what to do about it, a line each.
pub fn advice(row: &CallRow, standing: Standing) -> Vec<String> {
    let Some(status) = row.status_seen().filter(|_| standing == Standing::Ended) else {
        return Vec::new();
    };
    let mut lines: Vec<String> = grpc_status::hover_text(status)
        .lines()
        .map(str::to_owned)
        .collect();
    if let Some(other) = row.other_deadline {
        lines.push(other.sentence());
    }
    lines.extend(row.links.failed_after.map(cause));
    lines
}

/// The selected call at the instant, with all that it says: what its row of the table may have no room for.
pub fn selected(calls: &Calls, row: &CallRow, standing: Standing) -> String {
    let mut words = format!(
        "{}: {}/{}, {}",
        place(row.id),
        row.service(),
        row.method(),
        status(row, standing)
    );
    words.extend(left(row, standing).map(|left| format!(", {left}")));
    if standing == Standing::Ended {
        let said = said::words(calls, row);
        let said = match (row.status_message.is_some(), said.is_empty()) {
            (_, true) => String::new(),
            (true, _) => format!(" · the server says {said}"),
            (false, _) => format!(" · the server says nothing; {said}"),
        };
        words.push_str(&said);
    }
    words.extend(concluded(row, standing).map(|from| format!(" · {from}")));
    words
}

/// Where a failure came from.
fn cause(from: FailedAfter) -> String {
    format!(
        "Right before, {} had failed, which was made while serving this call (known by {}): the failure likely comes from there.",
        place_words(from.id),
        from.known_by.name()
    )
}

/// A call in words, all that is known at the instant.
pub fn row_text(context: &ViewContext<'_>, row: &CallRow, instant: &mut Instant<'_>) -> String {
    parts(context, row, instant).join(", ")
}

/// The same in its parts.
pub fn parts(context: &ViewContext<'_>, row: &CallRow, instant: &mut Instant<'_>) -> Vec<String> {
    let standing = instant.standing(row);
    let (kind, from_schema) = kind(context.grpc, row);
    let mut parts = vec![
        place_words(row.id),
        format!("{}/{}", row.service(), row.method()),
        match from_schema {
            true => kind.to_owned(),
            false => format!("{kind} as far as seen"),
        },
    ];
    if row.inferred {
        parts.push("inferred: no header said that it is a call".to_owned());
    }
    parts.push(status(row, standing));
    parts.extend(left(row, standing));
    if standing == Standing::Ended {
        let said = said::words(&context.grpc.calls, row);
        parts.extend(Some(said).filter(|said| !said.is_empty()));
    }
    parts.extend(concluded(row, standing));
    parts.push(format!(
        "started at {}",
        format::duration_ns(row.started_ns)
    ));
    parts.extend(time_words(row, standing));
    parts.push(content_words(row, standing, instant.read(row.id)));
    if standing == Standing::Ended {
        parts.extend(Some(ended(row)).filter(|words| !words.is_empty()));
    }
    parts.extend(called(&context.grpc.calls, row, place_words));
    parts.extend(row.links.parent.map(|parent| parent_words(&parent)));
    parts.extend(row.links.retry_of.map(|retry| retry_words(&retry)));
    parts
}

/// How long it took or runs, and how long it may.
fn time_words(row: &CallRow, standing: Standing) -> Vec<String> {
    let lasted = match (standing, row.duration_ns()) {
        (Standing::Running { for_ns, .. }, _) => {
            Some(format!("running for {}", format::duration_ns(for_ns)))
        }
        (Standing::Ended, Some(duration)) => {
            Some(format!("took {}", format::duration_ns(duration)))
        }
        _ => None,
    };
    let deadline = match standing {
        Standing::Ended | Standing::NotYet => allowed(row),
        Standing::Running { .. } => None,
    };
    lasted.into_iter().chain(deadline).collect()
}

fn content_words(row: &CallRow, standing: Standing, read: Read) -> String {
    let (asked, answered, bytes) = match standing {
        Standing::Running { .. } => {
            let [asked, answered] = Direction::BOTH.map(|side| row.messages_at(side, read));
            (asked.0, answered.0, [asked.1, answered.1])
        }
        _ => (row.messages[0], row.messages[1], row.bytes),
    };
    format!(
        "{} out, {} back, {}",
        format::counted(asked.into(), "message"),
        format::count(answered.into()),
        format::exact_bytes(bytes[0].saturating_add(bytes[1]))
    )
}

fn parent_words(parent: &Parent) -> String {
    let mut words = format!(
        "called by {} (known by {})",
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

/// A text of parts as lines.
pub fn lines(parts: &str) -> String {
    parts.replace(", ", "\n")
}
