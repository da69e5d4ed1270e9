//! The loom in words, for screen readers and tests.

use super::State;
use super::lineup::Lineup;
use super::links::Links;
use super::model::Model;
use super::reader::Reader;
use super::words::{frames_words, stream_words, time_words};
use crate::report::text;
use crate::trace::FrameId;
use crate::ui::ViewContext;
use crate::ui::views::stream_list::model as stream_words;
use crate::ui::widgets::filtered;
use crate::ui::widgets::waits::Waits;
use crate::wire::http2::StreamId;
use std::fmt::Write;

/// Lanes that are told where no picture has said which are visible.
pub const FIRST_LANES: usize = 50;
/// Frames of a lane that are counted by type.
const MAX_COUNTED: usize = 100_000;

/// What the loom shows: the time, the lanes in view with their frames, and what the cursor is at.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let reader = Reader::new(context);
    if reader.is_none() && !state.stack.on {
        return format!("loom: {}\n", nothing_words(context));
    }
    let mut words = String::from("loom");
    if let Some((start_ns, end_ns)) = state.shown_ns() {
        let (start, end) = (time_words(start_ns as i64), time_words(end_ns as i64));
        // Writing to a string cannot fail, here and below.
        let _ = write!(words, ", {start} to {end}");
    }
    if let Some(reader) = &reader {
        cursor_lines(&mut words, context, reader);
    } else {
        words.push('\n');
    }
    if state.stack.on {
        words.push_str(&state.stack.text(context, &state.wishes));
        return words;
    }
    let Some(reader) = reader else {
        return words;
    };
    let made;
    let waits = match state.waits.get(reader.connection.id) {
        Some(waits) => waits,
        None => {
            made = Waits::of(reader.trace, reader.connection);
            &made
        }
    };
    let made;
    let lineup = if state.lineup_of.is_some() {
        &state.lineup
    } else {
        made = state.lineup_for(&reader, context, 0..usize::MAX);
        &made
    };
    let shown: Vec<usize> = match &state.layout {
        Some(layout) => layout.shown_lanes().collect(),
        None => (0..lineup.lanes.len().min(FIRST_LANES)).collect(),
    };
    let mut links = state.links.clone();
    links.follow(&reader);
    let told = Told {
        context,
        reader: &reader,
        waits,
        links: &links,
        lineup,
    };
    told.connection_lines(&mut words);
    let streams = reader.http2.streams().len();
    let passing = streams.saturating_sub(lineup.filtered);
    let note = filtered::words(context, passing, streams, "stream");
    words.extend(note.map(|note| format!("{note}\n")));
    told.lane_lines(&mut words, &shown);
    words
}

/// How much has been read at the cursor, and the frame that was read last.
fn cursor_lines(words: &mut String, context: &ViewContext<'_>, reader: &Reader<'_>) {
    let count = context.frame_count();
    let all = frames_words(reader.http2.frames.len() as u64);
    let _ = writeln!(
        words,
        ": {} of {all} read at the cursor",
        text::grouped(count as u64)
    );
    let last = count.checked_sub(1).map(FrameId::from_index);
    if let Some((id, (time_ns, frame))) = last.and_then(|id| Some((id, reader.frame(id)?))) {
        let info = crate::report::frames::info(reader.trace, reader.connection, id);
        let _ = writeln!(
            words,
            "cursor: {}, after frame {id}: {} on {} {}",
            time_words(time_ns),
            frame.kind,
            stream_words(frame.stream),
            text::one_line(&info, 120),
        );
    }
}

/// What is told of one connection.
pub struct Told<'a> {
    /// What the view may read.
    pub context: &'a ViewContext<'a>,
    /// The connection.
    pub reader: &'a Reader<'a>,
    /// What made its streams wait.
    pub waits: &'a Waits,
    /// Which of them belong together.
    pub links: &'a Links,
    /// Its lanes.
    pub lineup: &'a Lineup,
}

impl Told<'_> {
    fn frame_count(&self) -> usize {
        let cursor = self.context.cursor;
        cursor.map_or(0, |cursor| cursor.frame_count(self.reader.connection))
    }

    /// The cursor's time, in nanoseconds since the first packet.
    fn now_ns(&self) -> Option<i64> {
        let now = self.context.now_ns()?;
        Some(now.saturating_sub(self.reader.origin_ns))
    }

    /// The connection's own lane, and what was sent again.
    pub fn connection_lines(&self, words: &mut String) {
        let about = "settings, pings and its window";
        let links = (self.links, self.frame_count());
        let own = StreamId::CONNECTION;
        lane_line(words, self.reader, self.waits, own, about, links, None);
        let losses = super::losses::lines(self.waits).into_iter();
        for line in losses.chain(super::copies::lines(self.reader.connection, self.waits)) {
            let _ = writeln!(words, "{line}");
        }
        let standpoint = super::standpoint::words(self.reader.connection, self.waits);
        words.extend(standpoint.map(|said| format!("{said}\n")));
        words.extend((self.lineup.words()).map(|words| format!("{words} are shown\n")));
    }

    /// The lanes at these positions.
    pub fn lane_lines(&self, words: &mut String, shown: &[usize]) {
        let (lineup, connection) = (self.lineup, self.reader.connection);
        let streams = self.reader.http2.streams();
        let stream = |position: usize| streams.get(*lineup.lanes.get(position)? as usize);
        let mut said = 0;
        for (&position, stream) in shown.iter().filter_map(|at| Some((at, stream(*at)?))) {
            said += 1;
            let headings = lineup.headings.iter();
            for heading in headings.filter(|heading| heading.before == position) {
                let _ = writeln!(words, "{}:", heading.title);
            }
            if position < lineup.pinned {
                words.push_str("pinned: ");
            }
            let purpose = stream_words::purpose(connection, stream);
            let outcome = stream_words::outcome(connection, stream);
            let about = text::one_line(&format!("{purpose}, {outcome}"), 160);
            let links = (self.links, self.frame_count());
            let (reader, waits) = (self.reader, self.waits);
            lane_line(
                words,
                reader,
                waits,
                stream.id,
                &about,
                links,
                self.now_ns(),
            );
        }
        let hidden = lineup.lanes.len().saturating_sub(said);
        if hidden > 0 {
            let hidden = text::grouped(hidden as u64);
            let _ = writeln!(words, "{hidden} more lanes above or below");
        }
    }
}

fn lane_line(
    words: &mut String,
    reader: &Reader<'_>,
    waits: &Waits,
    stream: StreamId,
    about: &str,
    (links, frame_count): (&Links, usize),
    now: Option<i64>,
) {
    let ids = reader.http2.frames_of(stream);
    let time_ns = |id: Option<&FrameId>| Some(reader.frame(*id?)?.0);
    let (Some(first), Some(last)) = (time_ns(ids.get(0)), time_ns(ids.last())) else {
        return;
    };
    let mut counts: Vec<(String, u64)> = Vec::new();
    for id in ids.range(0..MAX_COUNTED) {
        let Some((_, frame)) = reader.frame(*id) else {
            continue;
        };
        let name = frame.kind.to_string();
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let mut kinds: Vec<_> = counts
        .into_iter()
        .map(|(name, count)| format!("{} {name}", text::grouped(count)))
        .collect();
    if ids.len() > MAX_COUNTED {
        kinds.push(format!(
            "and {} more",
            text::grouped((ids.len() - MAX_COUNTED) as u64)
        ));
    }
    let linked: String = (links.words(stream, frame_count).into_iter())
        .map(|words| format!("; {words}"))
        .collect();
    let held: String = (waits.reasons(stream).into_iter())
        .map(|(label, count, ns)| {
            format!("; held back {count}× for {}: {label}", text::duration(ns))
        })
        .collect();
    let why: String = (waits.why(stream).iter())
        .map(|why| format!("; {}", why.words()))
        .collect();
    let now = now.and_then(|time_ns| {
        let ways = match waits.at(stream, time_ns) {
            Some(wait) => waits.at_name(stream, wait),
            None => waits.why_at(stream, time_ns)?.in_lane(),
        };
        ways.into_iter().next()
    });
    let now = now.map_or_else(String::new, |words| format!("; at the cursor: {words}"));
    let _ = writeln!(
        words,
        "{} ({about}): {}; {} to {}{linked}{why}{held}{now}",
        stream_words(stream),
        kinds.join(", "),
        time_words(first),
        time_words(last),
    );
}

/// One sentence for a screen reader, made for every picture.
pub fn summary(reader: &Reader<'_>, model: &Model) -> String {
    let streams = reader.http2.streams().len();
    format!(
        "{} of {streams} streams on {}; {} of them in view, {} of the frames read at the cursor",
        frames_words(reader.http2.frames.len() as u64),
        "one connection",
        text::grouped(model.places.visible.len() as u64),
        text::grouped(model.frame_count as u64),
    )
}

/// Why there is nothing to show, and what to do.
pub fn nothing_words(context: &ViewContext<'_>) -> String {
    use crate::trace::Protocol;
    let Some(connection) = context.connection else {
        return if context.loading {
            "reading the capture; no HTTP/2 connection has been met yet".to_owned()
        } else {
            "no HTTP/2 connection to show: open a capture, or one of the tour".to_owned()
        };
    };
    match connection.row.protocol {
        Protocol::Tls => {
            let tls = connection.row.tls.clone().unwrap_or_default();
            let version = tls
                .version
                .map_or("TLS".to_owned(), |version| version.to_string());
            let to = tls
                .server_name
                .map_or(String::new(), |name| format!(" to {name}"));
            let alpn = match (tls.alpn, tls.alpn_offered.join(", ")) {
                (Some(alpn), _) => format!(", for {alpn} (ALPN)"),
                (None, offered) if offered.is_empty() => String::new(),
                (None, offered) => format!(", offering {offered} (ALPN)"),
            };
            let words = format!(
                "connection {} is {version}{to}{alpn}. Its frames are encrypted and cannot be read yet.",
                connection.id
            );
            text::one_line(&words, 400)
        }
        Protocol::Http2 => format!(
            "connection {} speaks HTTP/2; no frame has been read yet",
            connection.id
        ),
        protocol => format!(
            "connection {} carries {}, and the loom shows HTTP/2: choose another connection",
            connection.id,
            protocol.name(),
        ),
    }
}
