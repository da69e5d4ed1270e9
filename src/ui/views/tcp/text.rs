//! The view in words, and the words on it.

use super::holes::Hole;
use super::index::{Index, Segment};
use super::model::LETTERS;
use super::passing::Passing;
use super::{State, nothing};
use crate::analysis::blocking::{self, Behind};
use crate::analysis::mending::{Mending, mending};
use crate::report::connections::stream_bytes;
use crate::trace::{Connection, Direction, HoleRow, Marks, Side, Trace};
use crate::ui::widgets::format;
use crate::ui::{Item, ViewContext};

/// Packets that are said before and behind the selected one.
const AROUND: usize = 12;

/// Holes that are said.
const MAX_HOLES: usize = 50;

/// `client sent 585 B, server 248 KB · 2 retransmissions · 5 holes`.
pub(super) fn heading(connection: &Connection) -> String {
    let counts = connection.row.tcp[0] + connection.row.tcp[1];
    let mut words = format!(
        "client sent {}, server {}",
        format::bytes(stream_bytes(connection, Direction::Client)),
        format::bytes(stream_bytes(connection, Direction::Server)),
    );
    for (count, noun) in [
        (u64::from(counts.retransmissions), "retransmission"),
        (connection.tcp().holes.len() as u64, "hole"),
        (u64::from(counts.zero_windows), "zero window"),
    ] {
        if count > 0 {
            words.push_str(&format!(" · {}", format::counted(count, noun)));
        }
    }
    words
}

/// What the view shows, line by line.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let Some(connection) = context.connection else {
        return nothing(context).to_owned();
    };
    let mut index = state.index.clone();
    index.finish(context.trace, connection);
    let mut lines = vec![format!("TCP: {}", heading(connection))];
    let passing = Passing::complete(context, connection, &index);
    lines.extend(passing.words(context, &index));
    for direction in Direction::BOTH {
        lines.push(side_line(connection, &index, direction));
    }
    lines.extend(round_trips(context.trace, connection));
    let holes = &connection.tcp().holes;
    for (at, row) in (0..).zip(holes.range(0..MAX_HOLES)) {
        let behind = blocking::behind(context.trace, connection, row);
        let words = hole_words(
            context.trace,
            row,
            &behind,
            mending(context.trace, connection, row),
        );
        let sender = connection.direction(row.side).name();
        let numbers = &index.holes[row.side.index()];
        let number = numbers.number_of(context.trace, at, row);
        lines.push(format!("hole {number} of the {sender}: {words}"));
    }
    if holes.len() > MAX_HOLES {
        let more = format::count((holes.len() - MAX_HOLES) as u64);
        lines.push(format!("{more} more holes"));
    }
    let middle = match context.selection {
        Some(Item::Packet(packet)) => index.place(packet),
        _ => context
            .selected_frame()
            .and_then(|(_, frame)| index.place(frame.packet)),
    };
    let middle = middle.unwrap_or(0);
    let places: Vec<usize> = match passing.listed() {
        Some(listed) => {
            let middle = listed.partition_point(|place| *place < middle);
            let around = listed.iter().skip(middle.saturating_sub(AROUND));
            around.take(2 * AROUND).copied().collect()
        }
        None => (middle.saturating_sub(AROUND)..middle + AROUND).collect(),
    };
    for (side, segment) in places.into_iter().filter_map(|place| index.get(place)) {
        lines.push(segment_line(connection, side, segment));
    }
    lines.join("\n")
}

fn side_line(connection: &Connection, index: &Index, direction: Direction) -> String {
    let track = &index.sides[connection.side(direction).index()];
    let flight = track.segments.iter().map(|segment| segment.flight).max();
    let mut parts = vec![
        format::counted(track.segments.len() as u64, "packet"),
        format!(
            "at most {} in flight",
            format::bytes(u64::from(flight.unwrap_or(0)))
        ),
    ];
    for (mark, _, word, _) in LETTERS {
        let count = track.segments.iter().filter(|of| of.marks.contains(mark));
        match count.count() {
            0 => {}
            count => parts.push(format!("{word} {}×", format::count(count as u64))),
        }
    }
    format!("{}: {}", direction.name(), parts.join(", "))
}

fn round_trips(trace: &Trace, connection: &Connection) -> Option<String> {
    let samples = &connection.tcp().round_trips;
    let lengths: Vec<i64> = samples
        .iter()
        .map(|sample| {
            let (from, to) = (sample.segment, sample.acknowledgment);
            trace.time_ns(to).saturating_sub(trace.time_ns(from))
        })
        .collect();
    let (least, most) = (*lengths.iter().min()?, *lengths.iter().max()?);
    Some(format!(
        "round trips seen from here: {} to {}",
        format::duration_ns(least),
        format::duration_ns(most)
    ))
}

/// What is said of a hole, and how it was mended.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) words: String,
    pub(super) mending: Mending,
}

/// What a hole was, how it was mended and whom it held back.
pub(super) fn hole(trace: &Trace, hole: &Hole, behind: &Behind, mending: Mending) -> Said {
    Said {
        words: hole_words(trace, &hole.row, behind, mending),
        mending,
    }
}

fn hole_words(trace: &Trace, row: &HoleRow, behind: &Behind, mending: Mending) -> String {
    let len = format::bytes(row.len);
    let lasted = row.closed.map(|closed| {
        let opened = trace.time_ns(row.opened);
        format::duration_ns(trace.time_ns(closed).saturating_sub(opened))
    });
    let mut words = match (mending, lasted) {
        (Mending::SentAgain { bytes }, Some(lasted)) if bytes < row.len => {
            let lost = format::bytes(bytes);
            let late = format::bytes(row.len.saturating_sub(bytes));
            format!("{lost} lost, sent again, {late} beside it only late, all there after {lasted}")
        }
        (Mending::SentAgain { .. }, Some(lasted)) => {
            format!("{len} lost, sent again, there after {lasted}")
        }
        (Mending::Late, Some(lasted)) => format!("{len} late by {lasted}, not lost"),
        (_, Some(lasted)) => format!("{len} missing for {lasted}"),
        (_, None) => format!("{len} missing"),
    };
    if !row.kind.is_at_the_receiver() {
        words.push_str(", lost by the capture alone");
    } else if !row.filled {
        words.push_str(", never filled");
    }
    let streams: Vec<String> = (behind.streams.iter().take(8))
        .map(|waited| waited.stream.to_string())
        .collect();
    match streams.as_slice() {
        [] => {}
        [one] => words.push_str(&format!("; stream {one} had to wait")),
        _ => {
            let more = match behind.streams.len().saturating_sub(streams.len()) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            words.push_str(&format!(
                "; streams {}{more} had to wait",
                streams.join(", ")
            ));
        }
    }
    words
}

/// How a hole was mended, in a sentence with its line's end.
pub(super) fn how(mending: Mending) -> &'static str {
    match mending {
        Mending::SentAgain { .. } => "The network lost it: its sender had to send it again.\n",
        Mending::Late => {
            "The network did not lose it: it came after bytes that were sent behind it (out of order).\n"
        }
        Mending::Unknown => "",
    }
}

/// A packet as a row says it.
pub(super) fn segment_line(connection: &Connection, side: Side, segment: &Segment) -> String {
    let mut parts = vec![
        format!("packet {}", format::count(segment.packet.number())),
        format::duration_ns(segment.time_ns),
        format!("from the {}", connection.direction(side).name()),
    ];
    if segment.len > 0 {
        let end = segment.end().saturating_sub(1);
        parts.push(format!(
            "bytes {} to {} of the stream",
            format::signed(segment.start),
            format::signed(end)
        ));
    }
    if let Some(ack) = segment.ack {
        parts.push(format!("acknowledges {}", format::signed(ack)));
    }
    if let Some(window) = segment.window {
        parts.push(format!("window {}", format::bytes(u64::from(window))));
    }
    parts.push(segment.flags.to_string());
    let words = marks_words(segment.marks);
    if !words.is_empty() {
        parts.push(words);
    }
    parts.join(", ")
}

/// The names of marks: `fast retransmission, overlap`.
pub(super) fn marks_words(marks: Marks) -> String {
    let names: Vec<String> = marks.names().map(|name| name.replace('-', " ")).collect();
    names.join(", ")
}
