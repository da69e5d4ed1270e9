//! The sentences of the windows' view, and the view in words.

use super::State;
use super::layout::bytes_words;
use super::line::Line;
use super::model::Reader;
use super::paint::Picture;
use super::stalls::{Pause, Pauses};
use crate::report::text::one_line;
use crate::trace::{Connection, Direction, FrameId};
use crate::ui::ViewContext;
use crate::ui::views::stream_list::model as stream_words;
use crate::ui::widgets::filtered;
use crate::ui::widgets::format::count;
use crate::wire::http2::{FrameKind, StreamId};
use egui::Pos2;

/// Streams and stalls that the view in words lists.
const MAX_LINES: usize = 100;

/// A window's size: `4 096 bytes`, with a minus when it is below zero.
pub fn size_words(bytes: i64) -> String {
    let sign = if bytes < 0 { "−" } else { "" };
    let noun = if bytes.unsigned_abs() == 1 {
        "byte"
    } else {
        "bytes"
    };
    format!("{sign}{} {noun}", count(bytes.unsigned_abs()))
}

/// A number that shrinks or grows: `+4 096`.
fn change_words(bytes: i64) -> String {
    let sign = if bytes < 0 { "−" } else { "+" };
    format!("{sign}{}", count(bytes.unsigned_abs()))
}

/// What a line is called.
pub fn line_words(line: &Line) -> String {
    if line.stream.is_connection() {
        "connection".to_owned()
    } else {
        format!("stream {}", line.stream)
    }
}

/// A line's value where only changes are known, or where all is.
pub fn value_words(line: &Line, value: i64) -> String {
    if line.relative {
        format!("{} since the capture began", change_words(value))
    } else {
        size_words(value)
    }
}

/// What a stream was for.
pub fn purpose(connection: &Connection, stream: StreamId) -> String {
    let row = connection.http2().and_then(|http2| http2.stream(stream));
    row.map_or_else(String::new, |row| {
        one_line(&stream_words::purpose(connection, row), 60)
    })
}

/// What the frame of a step did: `frame 12: DATA of 16 384 bytes`.
fn step_words(picture: &Picture<'_>, frame: FrameId) -> String {
    let Some(row) = picture.reader.http2.frames.get(frame.index()) else {
        return String::new();
    };
    if row.kind == FrameKind::DATA {
        return format!(
            "last change: frame {frame}, DATA of {} bytes",
            count(u64::from(row.length))
        );
    }
    format!(
        "last change: frame {frame}, {} {}",
        row.kind,
        one_line(
            &crate::report::frames::info(picture.reader.trace, picture.reader.connection, frame),
            80
        )
    )
}

/// What is said at a point.
pub fn hover_words(
    picture: &Picture<'_>,
    at: Pos2,
    near: Option<usize>,
    pauses: &[Pause],
) -> String {
    let mut lines = Vec::new();
    let x = at.x - picture.layout.plot_x().min;
    if let Some(line) = near.and_then(|near| picture.model.lines.get(near))
        && let Some(value) = line.value_at(x)
    {
        let about = purpose(picture.reader.connection, line.stream);
        lines.push(
            format!("{} {about}", line_words(line))
                .trim_end()
                .to_owned(),
        );
        lines.push(value_words(line, value));
        if let Some(step) = line.step_at(x) {
            lines.push(step_words(picture, step.frame));
        }
    }
    if let Some(pause) = picture.pause_at(at, pauses) {
        lines.push(pause.words(&picture.reader));
        lines.push("RFC 9113 §6.9.1".to_owned());
    }
    lines.join("\n")
}

/// One sentence for a screen reader, made for every picture.
pub fn summary(picture: &Picture<'_>) -> String {
    let windows: Vec<_> = picture
        .model
        .lines
        .iter()
        .take(8)
        .filter_map(|line| {
            Some(format!(
                "{} {}",
                line_words(line),
                value_words(line, line.at_cursor?)
            ))
        })
        .collect();
    let unread = if picture.model.unread {
        format!("; {UNREAD}")
    } else {
        String::new()
    };
    format!(
        "what the {} may still send at the cursor: {}{unread}",
        picture.reader.direction().name(),
        windows.join(", ")
    )
}

/// Said while lines end where they have been read.
pub const UNREAD: &str = "still reading: lines end where that has come to";

/// The view in words, for screen readers and tests.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let Some(reader) = Reader::new(context, state.sender) else {
        return format!("flow control: {}", nothing_words(context));
    };
    let frames = context.frame_count();
    let pauses = Pauses::of(context.trace, reader.connection);
    let waits_above = |stream: StreamId| {
        context.now_ns().is_some_and(|now| {
            let mut now_on = pauses.within(reader.side, now, now);
            now_on.any(|pause| pause.row() == stream && !pause.seen && pause.is_at(now))
        })
    };
    let words = |stream: StreamId| match reader.window_at(stream, frames).map(size_words) {
        Some(size) if waits_above(stream) => on_its_way_words(reader.direction(), &size),
        Some(size) => size,
        None => "not known".to_owned(),
    };
    let mut lines = vec![
        format!(
            "flow control: what the {} may still send after {frames} frames",
            reader.direction().name()
        ),
        format!("connection: {}", words(StreamId::CONNECTION)),
    ];
    let at = frames.checked_sub(1).map(FrameId::from_index);
    let active = reader.http2.history.active_at(at);
    let all = active.len();
    let hides = |stream| filtered::hides_stream(context, reader.connection.id, stream);
    let passing: Vec<StreamId> = active
        .into_keys()
        .filter(|stream| !hides(*stream))
        .collect();
    let note = filtered::words(context, passing.len(), all, "open stream");
    lines.extend(note);
    for stream in passing.into_iter().take(MAX_LINES) {
        let about = purpose(reader.connection, stream);
        lines.push(format!("stream {stream} {about}: {}", words(stream)));
    }
    let shown_ns = (i64::MIN, i64::MAX);
    let in_view: Vec<Pause> = (pauses.within(reader.side, shown_ns.0, shown_ns.1))
        .filter(|pause| pause.row().is_connection() || !hides(pause.row()))
        .take(super::MAX_PAUSES)
        .copied()
        .collect();
    let told = super::list::Told {
        context,
        reader: &reader,
        pauses: &in_view,
        all: Some(&pauses),
        shown_ns,
    };
    let longest = told.longest_first();
    lines.push(told.longest_words(longest.first()));
    lines.push(told.cursor_words(told.at_cursor().as_ref()));
    let all = pauses.within(reader.side, shown_ns.0, shown_ns.1);
    let all = all.filter(|pause| pause.row().is_connection() || !hides(pause.row()));
    lines.extend(all.take(MAX_LINES).map(|pause| pause.words(&reader)));
    lines.join("\n")
}

/// What the filter leaves of the streams in view.
pub fn passing_words(context: &ViewContext<'_>, passing: usize, in_view: usize) -> String {
    let words = filtered::words(context, passing, in_view, "stream").unwrap_or_default();
    format!("{words}, of those with DATA in view")
}

/// Why a wait can begin above 0.
pub fn near_receiver_words(sender: Direction) -> String {
    format!(
        "Captured near the {}: the {} waits above 0 while a WINDOW_UPDATE is on its way to it.",
        sender.other().name(),
        sender.name()
    )
}

/// Of a window that its sender cannot know yet: what it may send while it waits, and what the window will be.
pub fn on_its_way_words(sender: Direction, value: &str) -> String {
    format!(
        "the {} may send 0 now; {value} when what is on its way has arrived",
        sender.name()
    )
}

/// The same where there is little room.
pub fn on_its_way_in_short(value: &str) -> String {
    format!("0 now, then {value}")
}

/// What a plot shows. `above` is what streams began with, if that lies above the scale.
pub fn title_words(of_connection: bool, apart: bool, above: Option<i64>) -> String {
    let words = match (of_connection, apart) {
        (true, true) => "connection's window, in bytes: all streams together",
        (false, true) => "streams' windows, in bytes: each stream for itself",
        (_, false) => "windows, in bytes: all streams together (dashed) and each for itself",
    };
    match above {
        Some(above) if apart && !of_connection => format!(
            "{words}; {} until SETTINGS, above this scale",
            size_words(above)
        ),
        _ => words.to_owned(),
    }
}

/// A number beside the axis.
pub fn tick_words(bytes: i64, relative: bool) -> String {
    let words = bytes_words(bytes);
    if relative && bytes > 0 {
        format!("+{words}")
    } else {
        words
    }
}

/// Why there is nothing to show, and what to do.
pub fn nothing_words(context: &ViewContext<'_>) -> String {
    match context.connection {
        None if context.loading => {
            "Reading the capture; no connection has been met yet.".to_owned()
        }
        None => "Open a capture to see its flow-control windows.".to_owned(),
        Some(connection) => format!(
            "Connection {} has no HTTP/2 frames to show, and so no flow control of its own: it carries {}. Choose another connection.",
            connection.id,
            connection.row.protocol.name()
        ),
    }
}
