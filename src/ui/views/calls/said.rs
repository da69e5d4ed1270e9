//! What a call that failed says, and who noticed first: the server's own words, what it likely came from, who gave it up and
//! when, and what its status means.

use super::words::{at, past_deadline_ns, place, status};
use crate::analysis::grpc::{Cancelled, FailedAfter, OtherDeadline};
use crate::trace::Direction;
use crate::ui::grpc::{CallRow, Calls, Standing};
use crate::ui::widgets::format::duration_ns;
use crate::wire::grpc::status::explanation;
use crate::wire::http2::ErrorCode;

/// What a call that failed says: the server's own words in quotes; which deadline it tells of where that was another one;
/// what it came from; and without a word of the server's, what its status means, without quotes. Of a call that succeeded,
/// only what the server says.
pub fn words(calls: &Calls, row: &CallRow) -> String {
    let message = server_words(row);
    if !row.has_failed() {
        return message.unwrap_or_default();
    }
    let other = row.other_deadline.map(other_deadline);
    let with_other = |words: String| match (&other, words.is_empty()) {
        (Some(other), false) => format!("{words} ({other})"),
        (Some(other), true) => format!("({other})"),
        (None, _) => words,
    };
    let noticed = noticed(calls, row);
    let parts = match message {
        Some(message) => [Some(with_other(message)), noticed],
        None => [noticed, Some(with_other(meaning(row).unwrap_or_default()))],
    };
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let told = parts.into_iter().filter(|part| !part.is_empty());
    told.collect::<Vec<_>>().join("; ")
}

/// The server's own words (grpc-message), always in quotes, and nothing else ever is. What came too late says so.
fn server_words(row: &CallRow) -> Option<String> {
    let message = row.status_message.as_deref()?;
    Some(match (row.implied_status, row.status) {
        (Some(_), Some(sent)) => format!("“{message}” (sent with {sent}, too late)"),
        _ => format!("“{message}”"),
    })
}

/// What a status means, in our words: without quotes, behind `means:`.
fn meaning(row: &CallRow) -> Option<String> {
    let meaning = &explanation(row.status_seen()?)?.meaning;
    let mut letters = meaning.chars();
    let first: String = letters.next()?.to_lowercase().collect();
    Some(format!("means: {first}{}", letters.as_str()))
}

/// Of which other deadline a call tells, in few words.
pub fn other_deadline(other: OtherDeadline) -> String {
    match other {
        OtherDeadline::Without => "it has no deadline of its own".to_owned(),
        OtherDeadline::Early(by_ns) => format!("{} before its own deadline", duration_ns(by_ns)),
        OtherDeadline::Late(by_ns) => format!("{} after its own deadline", duration_ns(by_ns)),
    }
}

/// Who noticed first, as far as the capture shows it: the call that the failure likely came from, how that ended and how long
/// before; else who gave the call up, when, and which came first, this or the end of the call it was made for.
fn noticed(calls: &Calls, row: &CallRow) -> Option<String> {
    if let Some(from) = row.links.failed_after {
        return Some(came_from(calls, row, from));
    }
    let cancelled = row.cancelled?;
    let mut words = format!("{} at {}", given_up(cancelled), at(row.ended_ns?));
    match past_deadline_ns(row) {
        Some(past) => words.push_str(&format!(", {} past its deadline", duration_ns(past))),
        None if row.is_late() => words.push_str(", its deadline over by its own clock"),
        None => {}
    }
    words.extend(made_for(calls, row).map(|served| format!("; {served}")));
    Some(words)
}

/// The call that a failure likely came from: what became of it, and how long before.
fn came_from(calls: &Calls, row: &CallRow, from: FailedAfter) -> String {
    let mut words = format!("likely from {}, made for it", place(from.id));
    let Some(made) = calls.get(from.id) else {
        return words;
    };
    let how = match made.cancelled {
        Some(cancelled) => given_up(cancelled),
        None => status(made, Standing::Ended),
    };
    words.push_str(&format!(": {how}"));
    if let Some((first, last)) = made.ended_ns.zip(row.ended_ns) {
        let before = duration_ns(last.saturating_sub(first));
        words.push_str(&format!(" at {}, {before} before this ended", at(first)));
    }
    words
}

/// Which ended first, a call or the one it was made for, where both failed and it is sure that they belong together.
fn made_for(calls: &Calls, row: &CallRow) -> Option<String> {
    let parent = row.links.parent.filter(|parent| parent.candidates <= 1)?;
    let served = calls.get(parent.id).filter(|served| served.has_failed())?;
    let later = served.ended_ns?.saturating_sub(row.ended_ns?);
    let when = match later >= 0 {
        true => format!("ended {} later", duration_ns(later)),
        false => format!("had ended {} before", duration_ns(later.saturating_neg())),
    };
    let status = status(served, Standing::Ended);
    Some(format!(
        "made for {}, which {when}: {status}",
        place(served.id)
    ))
}

/// Who gave a call up, and with which code where that is not the usual one.
fn given_up(cancelled: Cancelled) -> String {
    let who = match cancelled.by {
        Direction::Client => "its client",
        Direction::Server => "its server",
    };
    match cancelled.error {
        ErrorCode::CANCEL => format!("{who} cancelled"),
        error => format!("{who} reset it ({error})"),
    }
}
