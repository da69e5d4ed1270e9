//! What the rungs of the ladder are: frames, segments or calls, in order, however many there are.

use super::kept::{CallEnd, Kept};
use crate::analysis::requests::request;
use crate::filter::Run;
use crate::report::text::one_line;
use crate::trace::{Cursor, Direction, FrameId, PacketId};
use crate::ui::Item;
pub use crate::ui::views::loom::reader::Reader;
use crate::ui::views::stream_list::model as stream_words;
use crate::ui::widgets::format;
use crate::wire::http2::StreamId;

/// What a rung is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rungs {
    /// An HTTP/2 frame.
    #[default]
    Frames,
    /// A TCP segment.
    Segments,
    /// A request, or the end of its response.
    Calls,
}

impl Rungs {
    /// All of them, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Frames, Self::Segments, Self::Calls];

    /// `frame`, `segment`, `call`.
    pub fn noun(self) -> &'static str {
        match self {
            Rungs::Frames => "frame",
            Rungs::Segments => "segment",
            Rungs::Calls => "call end",
        }
    }

    /// `frames`, `segments`, `calls`.
    pub fn name(self) -> &'static str {
        match self {
            Rungs::Frames => "frames",
            Rungs::Segments => "segments",
            Rungs::Calls => "calls",
        }
    }
}

/// An arrow between the two lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Rung {
    /// When it was captured, in nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// Who sent it.
    pub from: Direction,
    /// What it is, such as `DATA`.
    pub title: String,
    /// What it says.
    pub about: String,
    /// The stream that it belongs to.
    pub stream: Option<StreamId>,
    /// What a click selects.
    pub item: Item,
    /// Whether it ends its stream, or was lost or sent again.
    pub mark: Option<&'static str>,
}

/// The rungs of a picture.
#[derive(Clone, Copy)]
pub struct Track<'a> {
    /// What is read.
    pub reader: Reader<'a>,
    /// What each is.
    pub rungs: Rungs,
    kept: &'a Kept,
    matches: Option<&'a Run>,
}

impl<'a> Track<'a> {
    /// The rungs of a connection.
    pub fn new(reader: Reader<'a>, rungs: Rungs, kept: &'a Kept, matches: Option<&'a Run>) -> Self {
        Self {
            reader,
            rungs,
            kept,
            matches,
        }
    }

    /// What is listed changes with this: the filter, and how far it has come.
    pub fn filtered(&self) -> Option<(String, usize)> {
        let run = self.matches?;
        Some((run.filter().text().to_owned(), run.asked()))
    }

    /// How many there are that pass the filter.
    pub fn len(&self) -> usize {
        match (self.matches, self.rungs) {
            (None, _) => self.all(),
            (Some(run), Rungs::Frames) => run.frames_on(self.reader.connection.id).len(),
            (Some(_), _) => self.kept.passing().len(),
        }
    }

    /// Where a row stands among all rungs.
    fn place(&self, row: usize) -> Option<usize> {
        match (self.matches, self.rungs) {
            (None, _) => Some(row),
            (Some(run), Rungs::Frames) => {
                let frames = run.frames_on(self.reader.connection.id);
                frames.get(row).map(|frame| frame.index())
            }
            (Some(_), _) => self.kept.passing().get(row).map(|at| *at as usize),
        }
    }

    /// How many rows stand for rungs before this place.
    fn rows_before(&self, place: usize) -> usize {
        match (self.matches, self.rungs) {
            (None, _) => place,
            (Some(run), Rungs::Frames) => {
                let frames = run.frames_on(self.reader.connection.id);
                frames.partition_point(|frame| frame.index() < place)
            }
            (Some(_), _) => {
                let places = &self.kept.passing();
                places.partition_point(|at| (*at as usize) < place)
            }
        }
    }

    /// How many there are, whether they pass the filter or not.
    pub fn all(&self) -> usize {
        match self.rungs {
            Rungs::Frames => self.reader.http2.frames.len(),
            Rungs::Segments => self.kept.segments.len(),
            Rungs::Calls => self.kept.calls.len(),
        }
    }

    fn packet(&self, row: usize) -> Option<PacketId> {
        let index = self.place(row)?;
        match self.rungs {
            Rungs::Frames => self.reader.http2.frames.get(index).map(|row| row.packet),
            Rungs::Segments => self.kept.segments.get(index).copied(),
            Rungs::Calls => {
                let frame = self.kept.calls.get(index)?.frame;
                self.reader
                    .http2
                    .frames
                    .get(frame.index())
                    .map(|row| row.packet)
            }
        }
    }

    /// When a rung was captured, in nanoseconds since the Unix epoch.
    pub fn time_ns(&self, index: usize) -> Option<i64> {
        Some(self.reader.trace.time_ns(self.packet(index)?))
    }

    /// How many have happened at the cursor.
    pub fn happened(&self, cursor: Option<Cursor>) -> usize {
        let Some(cursor) = cursor else {
            return 0;
        };
        let frames = cursor.frame_count(self.reader.connection);
        let happened = match self.rungs {
            Rungs::Frames => frames,
            Rungs::Segments => self
                .kept
                .segments
                .partition_point(|&id| id <= cursor.packet),
            Rungs::Calls => self
                .kept
                .calls
                .partition_point(|end| end.frame.index() < frames),
        };
        self.rows_before(happened)
    }

    /// The row of what is selected; `None` when it is not listed.
    pub fn row_of(&self, item: Item) -> Option<usize> {
        let place = self.place_of(item)?;
        let row = self.rows_before(place);
        (self.place(row) == Some(place)).then_some(row)
    }

    fn place_of(&self, item: Item) -> Option<usize> {
        let connection = self.reader.connection.id;
        if item.connection().is_some_and(|of| of != connection) {
            return None;
        }
        let frame = item.frame().map(|(_, frame)| frame);
        match (self.rungs, item) {
            (Rungs::Frames, Item::Packet(packet)) => {
                let frames = &self.reader.http2.frames;
                let first = frames.partition_point(|row| row.packet < packet);
                (frames.get(first)?.packet == packet).then_some(first)
            }
            (Rungs::Frames, _) => frame.map(FrameId::index),
            (Rungs::Segments, Item::Packet(packet)) => {
                self.kept.segments.binary_search(&packet).ok()
            }
            (Rungs::Segments, _) => {
                let packet = self.reader.http2.frames.get(frame?.index())?.packet;
                self.kept.segments.binary_search(&packet).ok()
            }
            (Rungs::Calls, Item::Stream(_, stream)) => {
                self.kept.calls.iter().position(|end| end.stream == stream)
            }
            (Rungs::Calls, _) => {
                let frame = frame?;
                let first = self.kept.calls.partition_point(|end| end.frame < frame);
                (self.kept.calls.get(first)?.frame == frame).then_some(first)
            }
        }
    }

    /// A rung, with its words.
    pub fn rung(&self, row: usize) -> Option<Rung> {
        let time_ns = self.time_ns(row)?;
        let index = self.place(row)?;
        match self.rungs {
            Rungs::Frames => self.frame(index, time_ns),
            Rungs::Segments => self.segment(*self.kept.segments.get(index)?, time_ns),
            Rungs::Calls => self.call(*self.kept.calls.get(index)?, time_ns),
        }
    }

    fn frame(&self, index: usize, time_ns: i64) -> Option<Rung> {
        let Reader {
            trace, connection, ..
        } = self.reader;
        let row = self.reader.http2.frames.get(index)?;
        let id = FrameId::from_index(index);
        let info = crate::report::frames::info(trace, connection, id);
        let size = (row.length > 0 && row.kind == crate::wire::http2::FrameKind::DATA)
            .then(|| format::exact_bytes(u64::from(row.length)));
        let about = match size {
            Some(size) => size,
            None if is_answer(row) => "ACK".to_owned(),
            None => one_line(&info, 60),
        };
        Some(Rung {
            time_ns,
            from: connection.direction(row.side),
            title: row.kind.to_string(),
            about,
            stream: Some(row.stream),
            item: Item::Frame(connection.id, id),
            mark: row.ends_stream().then_some("END_STREAM"),
        })
    }

    fn segment(&self, packet: PacketId, time_ns: i64) -> Option<Rung> {
        let Reader {
            trace, connection, ..
        } = self.reader;
        let row = trace.packets.get(packet.index())?;
        let side = row.owner?.side;
        let words = trace.with_segment(packet, |_, segment| {
            let flags = segment.tcp.flags;
            let names = [
                (flags.syn(), "SYN"),
                (flags.fin(), "FIN"),
                (flags.rst(), "RST"),
            ];
            let names: Vec<&str> = names
                .iter()
                .filter(|(set, _)| *set)
                .map(|(_, name)| *name)
                .collect();
            (names.join(" "), segment.payload_len)
        });
        let (flags, payload) = words.unwrap_or_default();
        let title = match (payload, flags.as_str()) {
            (0, "") => "ACK".to_owned(),
            (0, flags) => flags.to_owned(),
            (_, flags) => format!("{flags} {}", format::exact_bytes(payload as u64))
                .trim()
                .to_owned(),
        };
        let frames = &self.reader.http2.frames;
        let first = frames.partition_point(|frame| frame.packet < packet);
        let readable = frames
            .range(first..first + 8)
            .take_while(|frame| frame.packet == packet)
            .map(|frame| frame.kind.to_string());
        let mut kinds: Vec<String> = readable.collect();
        kinds.dedup();
        let stream = frames
            .get(first)
            .filter(|frame| frame.packet == packet)
            .map(|frame| frame.stream);
        Some(Rung {
            time_ns,
            from: connection.direction(side),
            title,
            about: format!("packet {} {}", packet.number(), kinds.join(", "))
                .trim_end()
                .to_owned(),
            stream,
            item: Item::Packet(packet),
            mark: row.marks.names().next(),
        })
    }

    fn call(&self, end: CallEnd, time_ns: i64) -> Option<Rung> {
        let Reader {
            trace,
            connection,
            http2,
            ..
        } = self.reader;
        let row = http2.stream(end.stream)?;
        let frame = http2.frames.get(end.frame.index())?;
        let (title, about) = if end.ends {
            let outcome = one_line(&stream_words::outcome(connection, row), 60);
            let timing =
                request(trace, connection, end.stream).map(|request| request.timing(trace, http2));
            let took = timing.and_then(|timing| timing.sent_ns);
            let took = took.map_or_else(String::new, |sent_ns| {
                format!(
                    "after {}",
                    format::duration_ns(time_ns.saturating_sub(sent_ns))
                )
            });
            (outcome, took)
        } else {
            let push = if row.pushed_by.is_some() {
                "promised"
            } else {
                ""
            };
            (
                one_line(&stream_words::purpose(connection, row), 60),
                push.to_owned(),
            )
        };
        Some(Rung {
            time_ns,
            from: connection.direction(frame.side),
            title,
            about,
            stream: Some(end.stream),
            item: Item::Frame(connection.id, end.frame),
            mark: None,
        })
    }
}

/// Whether a frame only answers another one.
fn is_answer(row: &crate::trace::FrameRow) -> bool {
    use crate::wire::http2::{Flags, FrameKind};
    let kinds = [FrameKind::SETTINGS, FrameKind::PING];
    kinds.contains(&row.kind) && row.flags.contains(Flags::ACK)
}
