//! What the loom draws: the wire, the lanes in view, and where the cursor is.

use super::fold::{Fold, Strand};
use super::places::{Places, frame_width, near};
use super::reader::{Reader, Summaries};
use crate::trace::{FrameId, StreamRow};
use crate::ui::widgets::time_scale::TimeScale;
use crate::wire::http2::StreamId;

/// Width of a column of the wire, in points: a bar of two and a gap.
const WIRE_COLUMN_POINTS: f64 = 3.0;
/// Width of a column of a lane, whose shapes need more room.
const LANE_COLUMN_POINTS: f64 = 4.0;
/// Lanes with fewer frames in view are read frame by frame.
const SUMMARY_FRAMES: usize = 128;

/// One lane.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Its position among the lanes; `None` for the connection's own, which has a place of its own.
    pub at: Option<usize>,
    /// The stream's place among the connection's streams; `None` for the connection's own lane.
    pub row: Option<usize>,
    /// The stream.
    pub stream: StreamId,
    /// Its frames.
    pub strand: Strand<()>,
    /// From where to where the stream lived, in points; `None` for the connection.
    pub life: Option<Life>,
}

/// The life of a stream, in points from the plot's left edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Life {
    /// Its first frame.
    pub start: f32,
    /// The first frame of the response, or the end when there was none.
    pub response: f32,
    /// Its last frame.
    pub end: f32,
}

/// Everything that one picture draws of the frames.
#[derive(Clone, Debug)]
pub struct Model {
    /// Where frames stand.
    pub places: Places,
    /// How many frames have been read at the cursor.
    pub frame_count: usize,
    /// The wire: all frames.
    pub wire: Strand,
    /// The lanes that are visible.
    pub lanes: Vec<Lane>,
    /// Bytes of the column of the wire that holds most: what is drawn highest.
    pub busiest_bytes: u64,
}

impl Model {
    /// Prepares a picture `width` points wide, with the lanes of these streams: each with its position and
    /// the stream's place.
    pub fn new(
        reader: &Reader<'_>,
        summaries: &mut Summaries,
        scale: TimeScale,
        width: f64,
        lanes: impl IntoIterator<Item = (usize, usize)>,
        frame_count: usize,
    ) -> Self {
        let places = Places::new(reader, summaries, scale, width);
        let mut fold = Fold::new(reader, &places, WIRE_COLUMN_POINTS, width);
        let summary = (!places.detailed()).then_some(&summaries.wire);
        let visible = places.visible.clone();
        fold.add(summary, visible, frame_count, |at| {
            Some(FrameId::from_index(at))
        });
        let wire = fold.strand;
        let busiest_bytes = wire
            .iter()
            .flatten()
            .map(|record| record.part.bytes)
            .max()
            .unwrap_or(1);
        let mut model = Self {
            places,
            frame_count,
            wire,
            lanes: Vec::new(),
            busiest_bytes,
        };
        let own = StreamId::CONNECTION;
        if !reader.http2.frames_of(own).is_empty() {
            let strand = model.strand(reader, summaries, own, width);
            model.lanes.push(Lane {
                at: None,
                row: None,
                stream: own,
                strand,
                life: None,
            });
        }
        for (at, row) in lanes {
            let Some(stream) = reader.http2.streams().get(row) else {
                continue;
            };
            let strand = model.strand(reader, summaries, stream.id, width);
            let life = model.life(reader, stream);
            model.lanes.push(Lane {
                at: Some(at),
                row: Some(row),
                stream: stream.id,
                strand,
                life,
            });
        }
        model
    }

    fn strand(
        &self,
        reader: &Reader<'_>,
        summaries: &mut Summaries,
        stream: StreamId,
        width: f64,
    ) -> Strand<()> {
        let ids = reader.http2.frames_of(stream);
        let position = |frame: usize| ids.partition_point(|id| id.index() < frame);
        let mut visible = position(self.places.visible.start)..position(self.places.visible.end);
        let read = |at: usize| ids.get(at).copied();
        let summary = if self.places.detailed() || visible.len() <= SUMMARY_FRAMES {
            None
        } else {
            let (summary, known) = summaries.lane(stream, ids.len(), |at| reader.frame(read(at)?));
            visible.end = visible.end.min(known);
            visible.start = visible.start.min(known);
            Some(summary)
        };
        let mut fold = Fold::new(reader, &self.places, LANE_COLUMN_POINTS, width);
        fold.add(summary, visible, position(self.frame_count), read);
        fold.strand
    }

    fn life(&self, reader: &Reader<'_>, stream: &StreamRow) -> Option<Life> {
        let x = |id: FrameId| {
            let (x, room) = self.places.slot(id, reader.frame(id)?.0);
            Some(x + frame_width(room) / 2.0)
        };
        let start = x(stream.first_frame)?;
        let end = x(stream.last_frame)?;
        let response = stream.response_frame.and_then(x).unwrap_or(end);
        Some(Life {
            start,
            response: response.clamp(start, end.max(start)),
            end,
        })
    }

    /// The place of the cursor, in points: right behind the last frame that has been read, and further as time runs on.
    pub fn cursor_x(
        &self,
        reader: &Reader<'_>,
        cursor: crate::trace::Cursor,
        running_ns: i64,
    ) -> f32 {
        let at_packet = reader.trace.time_ns(cursor.packet);
        let time_ns = at_packet
            .saturating_add(running_ns)
            .saturating_sub(reader.origin_ns);
        let at_time = near(self.places.scale.x_from_time(time_ns as f64));
        let last = self.frame_count.checked_sub(1).map(FrameId::from_index);
        match last.and_then(|id| Some((id, reader.frame(id)?))) {
            Some((id, (time_ns, frame))) if frame.packet == cursor.packet => {
                let (x, room) = self.places.slot(id, time_ns);
                at_time.max(x + frame_width(room) + 1.5)
            }
            _ => at_time,
        }
    }
}
