//! The sentences of the ladder, and the ladder in words.

use super::State;
use super::gaps::Gaps;
use super::kept::Kept;
use super::round_trip::RoundTrip;
use super::track::{Reader, Rung, Rungs, Track};
use crate::ui::ViewContext;
use crate::ui::views::flow::stalls::Pauses;
use crate::ui::widgets::filtered;
use crate::ui::widgets::format;

/// Rungs that the view in words lists around the cursor.
const AROUND: usize = 30;

/// What a rung says, such as `DATA 16 384 bytes END_STREAM`.
pub fn rung_words(rung: &Rung) -> String {
    let mut words = rung.title.clone();
    for part in [Some(rung.about.as_str()), rung.mark].into_iter().flatten() {
        if !part.is_empty() {
            words.push(' ');
            words.push_str(part);
        }
    }
    words
}

/// What is said of a gap: `34 ms · stream 5 waits: its own window is used up`.
pub fn gap_words(track: &Track<'_>, pauses: &Pauses, index: usize, gap_ns: i64) -> String {
    let lasted = format::duration_ns(gap_ns);
    let until_ns = track.time_ns(index).unwrap_or(0);
    let from_ns = until_ns.saturating_sub(gap_ns);
    // Whoever waited through most of it.
    let covering = crate::trace::Side::BOTH.into_iter().flat_map(|side| {
        pauses.within(side, from_ns, until_ns).filter(|pause| {
            let end = pause.until_ns.unwrap_or(i64::MAX).min(until_ns);
            end.saturating_sub(pause.from_ns.max(from_ns)) > gap_ns / 2
        })
    });
    let mut covering: Vec<_> = covering.collect();
    covering.sort_by_key(|pause| (!pause.row().is_connection(), pause.stream));
    match covering.as_slice() {
        [] => {
            let nothing = match track.rungs {
                Rungs::Frames => "no frame was complete",
                Rungs::Segments => "nothing was captured",
                Rungs::Calls => "no call began or ended",
            };
            format!("{lasted} · {nothing}")
        }
        [pause] => format!("{lasted} · {}", pause.who_words()),
        [first, ..] if first.row().is_connection() => format!("{lasted} · {}", first.who_words()),
        many => {
            let mut streams: Vec<String> =
                many.iter().map(|pause| pause.stream.to_string()).collect();
            streams.dedup();
            let more = streams.len().saturating_sub(5);
            streams.truncate(5);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            if streams.len() == 1 {
                return format!(
                    "{lasted} · stream {} waits for its window",
                    streams.join("")
                );
            }
            format!(
                "{lasted} · streams {}{more} wait for their windows",
                streams.join(", ")
            )
        }
    }
}

/// The view in words, for screen readers and tests.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let Some(reader) = Reader::new(context) else {
        return format!("ladder: {}", nothing_words(context));
    };
    let mut kept = Kept::default();
    while kept.follow(&reader, state.rungs, context.matches, false) {}
    let track = Track::new(reader, state.rungs, &kept, context.matches);
    let mut gaps = Gaps::default();
    while gaps.follow(&track) {}
    let pauses = Pauses::of(context.trace, reader.connection);
    let happened = track.happened(context.cursor);
    let mut lines = vec![
        format!(
            "ladder of {}: {} of {} have happened at the cursor",
            state.rungs.name(),
            format::count(happened as u64),
            format::count(track.len() as u64)
        ),
        RoundTrip::new(&reader).words(),
    ];
    let noun = state.rungs.noun();
    lines.extend(filtered::words(context, track.len(), track.all(), noun));
    let first = happened.saturating_sub(AROUND);
    for index in first..(happened + AROUND).min(track.len()) {
        if let Some(gap) = gaps.before(index) {
            lines.push(format!("gap: {}", gap_words(&track, &pauses, index, gap)));
        }
        if let Some(rung) = track.rung(index) {
            let time = format::milliseconds(rung.time_ns.saturating_sub(reader.origin_ns));
            let stream = rung
                .stream
                .map_or_else(String::new, |stream| format!(" stream {stream}"));
            let future = if index >= happened { " (not yet)" } else { "" };
            lines.push(format!(
                "{time} ms {} to {}: {}{stream}{future}",
                rung.from.name(),
                rung.from.other().name(),
                rung_words(&rung)
            ));
        }
    }
    lines.join("\n")
}

/// Why there is nothing to show, and what to do.
pub fn nothing_words(context: &ViewContext<'_>) -> String {
    match context.connection {
        None if context.loading => {
            "Reading the capture; no connection has been met yet.".to_owned()
        }
        None => {
            "Open a capture to see who said what to whom, one thing below the other.".to_owned()
        }
        Some(connection) => format!(
            "Connection {} has no HTTP/2 frames to show: it carries {}. Choose another connection.",
            connection.id,
            connection.row.protocol.name()
        ),
    }
}
