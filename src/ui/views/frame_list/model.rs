//! Which frames are listed, and what each row says.

use crate::filter::Run;
use crate::trace::{Connection, ConnectionId, FrameId, FrameRow, Trace};
use crate::ui::widgets::format;
use crate::wire::http2::StreamId;
use std::collections::HashMap;

/// The frames listed: all of a connection, or those of one stream. Rows count from 0.
#[derive(Clone, Copy)]
pub struct Listed<'a> {
    connection: &'a Connection,
    only: Option<StreamId>,
    /// The frames that pass the filter, of the stream if only it is listed.
    passing: Option<&'a [FrameId]>,
}

impl<'a> Listed<'a> {
    /// All frames of a connection, or those of a stream; of them those that pass the filter.
    pub fn new(
        connection: &'a Connection,
        only: Option<StreamId>,
        matches: Option<&'a Run>,
    ) -> Self {
        let matches = matches.filter(|run| run.connection() == connection.id);
        let passing = matches.map(|run| match only {
            Some(stream) => run.frames_of(stream),
            None => run.frames(),
        });
        Self {
            connection,
            only,
            passing,
        }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        let Some(http2) = self.connection.http2() else {
            return 0;
        };
        if let Some(passing) = self.passing {
            return passing.len();
        }
        match self.only {
            Some(stream) => http2.frames_of(stream).len(),
            None => http2.frames.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The frame in a row.
    pub fn frame(&self, row: usize) -> Option<(FrameId, &'a FrameRow)> {
        let http2 = self.connection.http2()?;
        let id = match self.only {
            _ if self.passing.is_some() => *self.passing?.get(row)?,
            Some(stream) => *http2.frames_of(stream).get(row)?,
            None => FrameId::from_index(row),
        };
        Some((id, http2.frames.get(id.index())?))
    }

    /// The row of a frame; `None` when it is not listed.
    pub fn row_of(&self, frame: FrameId) -> Option<usize> {
        let row = self.rows_before(frame.index());
        (self.frame(row)?.0 == frame).then_some(row)
    }

    /// How many rows have frames with lower numbers than this.
    pub fn rows_before(&self, frame_index: usize) -> usize {
        let Some(http2) = self.connection.http2() else {
            return 0;
        };
        if let Some(passing) = self.passing {
            return passing.partition_point(|id| id.index() < frame_index);
        }
        match self.only {
            Some(stream) => http2
                .frames_of(stream)
                .partition_point(|id| id.index() < frame_index),
            None => frame_index.min(http2.frames.len()),
        }
    }
}

/// What the columns of a row say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowText {
    /// The frame's number.
    pub number: String,
    /// Milliseconds since the start of the capture.
    pub time: String,
    /// Who sent it, as an arrow.
    pub arrow: &'static str,
    /// Who sent it, as a word.
    pub sender: &'static str,
    /// The stream's number.
    pub stream: String,
    /// The frame's type.
    pub kind: String,
    /// Its flags.
    pub flags: String,
    /// Bytes of payload.
    pub length: String,
}

impl RowText {
    /// What a row says, without the one-line summary.
    pub fn of(trace: &Trace, connection: &Connection, id: FrameId, row: &FrameRow) -> Self {
        let start = trace.time_range_ns.map_or(0, |(first, _)| first);
        let direction = connection.direction(row.side);
        let kind = match row.kind.is_known() {
            true => row.kind.name().to_owned(),
            false => format!("UNKNOWN {:#04x}", row.kind.0),
        };
        Self {
            number: format::count(id.index() as u64),
            time: format::milliseconds(trace.time_ns(row.packet).saturating_sub(start)),
            arrow: direction.arrow(),
            sender: direction.name(),
            stream: row.stream.to_string(),
            kind,
            flags: row.flags.names(row.kind).collect::<Vec<_>>().join(" "),
            length: format::count(u64::from(row.length)),
        }
    }

    /// The row as a screen reader says it.
    pub fn spoken(&self, info: &str) -> String {
        let mut parts = vec![
            format!("frame {}", self.number),
            self.kind.clone(),
            format!("stream {}", self.stream),
            format!("from {}", self.sender),
            format!("{} ms", self.time),
            format!("{} bytes", self.length),
        ];
        for part in [&self.flags[..], info] {
            if !part.is_empty() {
                parts.push(part.to_owned());
            }
        }
        parts.join(", ")
    }
}

/// One-line summaries of the frames lately on screen: making one may decode a header block, too
/// much to do again for every picture.
#[derive(Clone, Debug, Default)]
pub struct Infos {
    of: Option<(ConnectionId, usize)>,
    texts: HashMap<FrameId, String>,
}

impl Infos {
    /// Summaries kept before all are forgotten; some screens full.
    const KEPT: usize = 2048;

    /// The summary of a frame.
    pub fn get(&mut self, trace: &Trace, connection: &Connection, frame: FrameId) -> &str {
        let frames = connection.http2().map_or(0, |http2| http2.frames.len());
        let of = Some((connection.id, frames));
        if self.of != of || self.texts.len() >= Self::KEPT {
            self.texts.clear();
            self.of = of;
        }
        self.texts
            .entry(frame)
            .or_insert_with(|| crate::report::frames::info(trace, connection, frame))
    }
}
