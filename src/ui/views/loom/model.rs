//! What the loom draws: records of single frames, and of frames that fall together on the screen.
//!
//! A record is what one column of a row shows. The number of records is bounded by the width of the
//! plot, never by the number of frames: where many frames are in view, totals of a [`Summary`] are
//! added up instead of frames. Columns are counted from time zero, so that panning changes none.

use super::summary::{Kinds, Part, Summary};
use crate::trace::{Connection, ConnectionId, FrameId, FrameRow, Http2, Side, StreamRow, Trace};
use crate::ui::ViewContext;
use crate::ui::widgets::time_scale::TimeScale;
use crate::wire::http2::StreamId;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Range;

/// Width of a column of the wire, in points: a bar of two and a gap.
const WIRE_COLUMN_POINTS: f64 = 3.0;
/// Width of a column of a lane, whose shapes need more room.
const LANE_COLUMN_POINTS: f64 = 4.0;
/// What may reach into the plot from outside, such as half a shape.
const MARGIN_POINTS: f64 = 16.0;
/// Up to so many frames in view each gets a place of its own; beyond, columns are full anyway.
const DETAIL_FRAMES: usize = 16_384;
/// Frames of one packet share a time. They are drawn side by side, this far apart at most, in the
/// free room before the next packet's frames.
const SLOT_POINTS: f64 = 11.0;
/// Lanes with fewer frames in view are read frame by frame.
const SUMMARY_FRAMES: usize = 2048;

/// What the model reads.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The trace.
    pub trace: &'a Trace,
    /// The connection.
    pub connection: &'a Connection,
    /// What it carries.
    pub http2: &'a Http2,
    /// When the first packet was captured: time zero.
    pub origin_ns: i64,
}

impl<'a> Reader<'a> {
    /// A reader of the connection shown; `None` when it has no HTTP/2 frames.
    pub fn new(context: &ViewContext<'a>) -> Option<Self> {
        let connection = context.connection?;
        let http2 = connection.http2()?;
        let origin_ns = context.trace.packets.get(0)?.time_ns;
        (!http2.frames.is_empty()).then_some(Self {
            trace: context.trace,
            connection,
            http2,
            origin_ns,
        })
    }

    /// When a frame became readable, in nanoseconds since the first packet.
    pub fn time_ns(&self, frame: &FrameRow) -> i64 {
        self.trace
            .time_ns(frame.packet)
            .saturating_sub(self.origin_ns)
    }

    /// A frame with its time.
    pub fn frame(&self, id: FrameId) -> Option<(i64, &'a FrameRow)> {
        let frame = self.http2.frames.get(id.index())?;
        Some((self.time_ns(frame), frame))
    }

    /// The time between the first and the last packet of the capture.
    pub fn capture_length_ns(&self) -> f64 {
        let last = self.trace.time_range_ns.map_or(0, |(_, last)| last);
        last.saturating_sub(self.origin_ns).max(0) as f64
    }

    fn identity(&self) -> Identity {
        Identity {
            connection: self.connection.id,
            origin_ns: self.origin_ns,
            ends: self.connection.row.ends,
        }
    }
}

/// Which connection of which capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    connection: ConnectionId,
    origin_ns: i64,
    ends: [SocketAddr; 2],
}

/// The times and types of all frames of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The earliest time.
    pub first_ns: i64,
    /// The latest time.
    pub last_ns: i64,
    /// The types seen.
    pub kinds: Kinds,
    /// Whether a frame ends its stream.
    pub ends_stream: bool,
}

/// The totals kept from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct Summaries {
    of: Option<Identity>,
    frames: usize,
    wire: Summary,
    lanes: HashMap<StreamId, Summary>,
}

impl Summaries {
    /// Adds what was appended since the last picture. Returns whether another connection or
    /// another capture is shown than then.
    pub fn follow(&mut self, reader: &Reader<'_>) -> bool {
        let identity = Some(reader.identity());
        let len = reader.http2.frames.len();
        let changed = self.of != identity || len < self.frames;
        if changed {
            *self = Self {
                of: identity,
                ..Self::default()
            };
        }
        self.frames = len;
        self.wire
            .extend(len, |at| reader.frame(FrameId::from_index(at)));
        changed
    }

    /// The times and types of all frames; `None` without frames.
    pub fn extent(&self, reader: &Reader<'_>) -> Option<Extent> {
        let mut first_ns = i64::MAX;
        let mut last_ns = i64::MIN;
        let mut all = Part::default();
        let mut tail = Part::default();
        let (mut tail_first, mut tail_last) = (i64::MAX, i64::MIN);
        self.wire.walk(
            0..reader.http2.frames.len(),
            |total, _| {
                first_ns = first_ns.min(total.min_ns);
                last_ns = last_ns.max(total.max_ns);
                total.sides.iter().for_each(|part| all.add(part));
                true
            },
            |at| {
                if let Some((time_ns, frame)) = reader.frame(FrameId::from_index(at)) {
                    tail_first = tail_first.min(time_ns);
                    tail_last = tail_last.max(time_ns);
                    tail.add(&Part::of(frame));
                }
            },
        );
        all.add(&tail);
        (all.frames > 0).then_some(Extent {
            first_ns: first_ns.min(tail_first),
            last_ns: last_ns.max(tail_last),
            kinds: all.kinds,
            ends_stream: all.ends_stream,
        })
    }

    /// The shortest range of frames that holds all with times in `times_ns`.
    fn frames_within(&self, reader: &Reader<'_>, times_ns: Range<f64>) -> Range<usize> {
        let found = std::cell::Cell::new(None);
        let add = |range: Range<usize>| {
            let first = found.get().map_or(range.start, |(first, _)| first);
            found.set(Some((first, range.end)));
        };
        self.wire.walk(
            0..reader.http2.frames.len(),
            |total, range| {
                let (min, max) = (total.min_ns as f64, total.max_ns as f64);
                if max < times_ns.start || min > times_ns.end {
                    return true;
                }
                let inside = min >= times_ns.start && max <= times_ns.end;
                if inside {
                    add(range);
                }
                inside
            },
            |at| {
                let time_ns = reader
                    .frame(FrameId::from_index(at))
                    .map(|(time, _)| time as f64);
                if time_ns.is_some_and(|time| time >= times_ns.start && time <= times_ns.end) {
                    add(at..at + 1);
                }
            },
        );
        found.get().map_or(0..0, |(start, end)| start..end)
    }
}

/// Where frames stand on the time axis of one picture.
#[derive(Clone, Debug)]
pub struct Places {
    /// The scale.
    pub scale: TimeScale,
    /// The frames in view, the margin included.
    pub visible: Range<usize>,
    /// The left edge and the room of each of them; empty when there are too many.
    slots: Vec<(f32, f32)>,
}

impl Places {
    fn new(reader: &Reader<'_>, summaries: &Summaries, scale: TimeScale, width: f64) -> Self {
        let times = scale.time_from_x(-MARGIN_POINTS)..scale.time_from_x(width + MARGIN_POINTS);
        let visible = summaries.frames_within(reader, times);
        let slots = if visible.len() <= DETAIL_FRAMES {
            slots(reader, &scale, visible.clone())
        } else {
            Vec::new()
        };
        Self {
            scale,
            visible,
            slots,
        }
    }

    /// Whether each frame in view has a place of its own.
    pub fn detailed(&self) -> bool {
        !self.slots.is_empty()
    }

    /// The left edge of a frame and the room it has.
    pub fn slot(&self, id: FrameId, time_ns: i64) -> (f32, f32) {
        id.index()
            .checked_sub(self.visible.start)
            .and_then(|at| self.slots.get(at).copied())
            .unwrap_or_else(|| (near(self.scale.x_from_time(time_ns as f64)), 0.0))
    }

    /// The last frame that starts at or left of `x`, where each frame has a place of its own.
    pub fn frame_at(&self, x: f32) -> Option<FrameId> {
        let before = self.slots.partition_point(|(left, _)| *left <= x);
        let at = before.checked_sub(1)?;
        Some(FrameId::from_index(self.visible.start + at))
    }
}

/// How wide a frame is drawn that has so much room.
pub fn frame_width(room_points: f32) -> f32 {
    (room_points - 1.0).clamp(2.0, 5.0)
}

/// A position that an `f32` can hold and that is outside of any screen where it must be.
fn near(x: f64) -> f32 {
    x.clamp(-1e5, 1e5) as f32
}

fn slots(reader: &Reader<'_>, scale: &TimeScale, visible: Range<usize>) -> Vec<(f32, f32)> {
    let rows = &reader.http2.frames;
    let mut slots = Vec::with_capacity(visible.len());
    let mut start = visible.start;
    while start < visible.end
        && let Some(first) = rows.get(start)
    {
        let end = (start..visible.end)
            .find(|at| rows.get(*at).is_none_or(|row| row.packet != first.packet))
            .unwrap_or(visible.end);
        let x = scale.x_from_time(reader.time_ns(first) as f64);
        let room = rows.get(end).map_or(f64::INFINITY, |next| {
            scale.x_from_time(reader.time_ns(next) as f64) - x
        });
        let slot = (room / (end - start) as f64).clamp(0.0, SLOT_POINTS);
        for place in 0..end - start {
            slots.push((near(x + place as f64 * slot), slot as f32));
        }
        start = end;
    }
    slots
}

/// What one column of a row shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    column: i64,
    /// Whether it lies behind the cursor: it has not happened yet.
    pub future: bool,
    /// The first frame; in a total of both sides it may be the other side's.
    pub first: FrameId,
    /// The last frame, likewise.
    pub last: FrameId,
    /// The earliest and the latest time.
    pub times_ns: (i64, i64),
    /// The left edge, in points from the plot's left edge.
    pub x: f32,
    /// How wide it is drawn.
    pub width: f32,
    /// What it shows.
    pub part: Part,
}

impl Record {
    /// Whether it is one frame; else several fell together.
    pub fn is_single(&self) -> bool {
        self.part.frames == 1
    }

    /// Its middle, in points from the plot's left edge.
    pub fn centre(&self) -> f32 {
        self.x + self.width / 2.0
    }
}

/// The records of a row, by side of the sender, from left to right.
pub type Strand = [Vec<Record>; 2];

/// One lane.
#[derive(Clone, Debug)]
pub struct Lane {
    /// The stream's row; `None` for the connection's own lane.
    pub row: Option<usize>,
    /// The stream.
    pub stream: StreamId,
    /// Its frames.
    pub strand: Strand,
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
    /// Prepares a picture `width` points wide, with the lanes of the streams in `rows`.
    pub fn new(
        reader: &Reader<'_>,
        summaries: &mut Summaries,
        scale: TimeScale,
        width: f64,
        rows: Range<usize>,
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
            let strand = model.strand(reader, &mut summaries.lanes, own, width);
            model.lanes.push(Lane {
                row: None,
                stream: own,
                strand,
                life: None,
            });
        }
        for row in rows {
            let Some(stream) = reader.http2.streams().get(row) else {
                break;
            };
            let strand = model.strand(reader, &mut summaries.lanes, stream.id, width);
            let life = model.life(reader, stream);
            model.lanes.push(Lane {
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
        summaries: &mut HashMap<StreamId, Summary>,
        stream: StreamId,
        width: f64,
    ) -> Strand {
        let ids = reader.http2.frames_of(stream);
        let position = |frame: usize| ids.partition_point(|id| id.index() < frame);
        let visible = position(self.places.visible.start)..position(self.places.visible.end);
        let read = |at: usize| ids.get(at).copied();
        let summary = if self.places.detailed() || visible.len() <= SUMMARY_FRAMES {
            None
        } else {
            let summary = summaries.entry(stream).or_default();
            summary.extend(ids.len(), |at| reader.frame(read(at)?));
            Some(&*summary)
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

    /// The place of the cursor, in points: right behind the last frame that has been read.
    pub fn cursor_x(&self, reader: &Reader<'_>, cursor: crate::trace::Cursor) -> f32 {
        let time_ns = reader
            .trace
            .time_ns(cursor.packet)
            .saturating_sub(reader.origin_ns);
        let at_packet = near(self.places.scale.x_from_time(time_ns as f64));
        let last = self.frame_count.checked_sub(1).map(FrameId::from_index);
        match last.and_then(|id| Some((id, reader.frame(id)?))) {
            Some((id, (time_ns, frame))) if frame.packet == cursor.packet => {
                let (x, room) = self.places.slot(id, time_ns);
                x + frame_width(room) + 1.0
            }
            _ => at_packet,
        }
    }
}

/// Puts frames and totals into columns.
struct Fold<'a> {
    reader: &'a Reader<'a>,
    places: &'a Places,
    column_points: f64,
    /// Points from time zero to the plot's left edge.
    shift_points: f64,
    columns: Range<i64>,
    strand: Strand,
}

impl<'a> Fold<'a> {
    fn new(reader: &'a Reader<'a>, places: &'a Places, column_points: f64, width: f64) -> Self {
        let shift_points = places.scale.start_ns() / places.scale.ns_per_point();
        let column = |x: f64| ((x + shift_points) / column_points).floor() as i64;
        Self {
            reader,
            places,
            column_points,
            shift_points,
            columns: column(-MARGIN_POINTS)..column(width + MARGIN_POINTS).saturating_add(1),
            strand: Strand::default(),
        }
    }

    fn column(&self, x: f64) -> i64 {
        ((x + self.shift_points) / self.column_points).floor() as i64
    }

    /// Adds the frames at `positions` of a sequence, of which those from `future` on have not
    /// happened yet.
    fn add(
        &mut self,
        summary: Option<&Summary>,
        positions: Range<usize>,
        future: usize,
        read: impl Fn(usize) -> Option<FrameId>,
    ) {
        let none = Summary::default();
        let summary = summary.unwrap_or(&none);
        let split = future.clamp(positions.start, positions.end);
        let fold = std::cell::RefCell::new(self);
        for (range, future) in [
            (positions.start..split, false),
            (split..positions.end, true),
        ] {
            summary.walk(
                range,
                |total, range| {
                    let mut fold = fold.borrow_mut();
                    let x = |time_ns: i64| fold.places.scale.x_from_time(time_ns as f64);
                    let first = fold.column(x(total.min_ns));
                    let last = fold.column(x(total.max_ns));
                    if last < fold.columns.start || first >= fold.columns.end {
                        return true;
                    }
                    let ids = (read(range.start), read(range.end.saturating_sub(1)));
                    let (Some(first_id), Some(last_id)) = ids else {
                        return false;
                    };
                    if first != last {
                        return false;
                    }
                    let times_ns = (total.min_ns, total.max_ns);
                    for (side, part) in Side::BOTH.into_iter().zip(total.sides) {
                        if part.frames > 0 {
                            let record =
                                fold.record(first, future, (first_id, last_id), times_ns, part);
                            fold.put(side, record);
                        }
                    }
                    true
                },
                |at| {
                    let mut fold = fold.borrow_mut();
                    let Some((id, (time_ns, frame))) =
                        read(at).and_then(|id| Some((id, fold.reader.frame(id)?)))
                    else {
                        return;
                    };
                    let (x, room) = fold.places.slot(id, time_ns);
                    let column = fold.column(f64::from(x));
                    if !fold.columns.contains(&column) {
                        return;
                    }
                    let mut record = fold.record(
                        column,
                        future,
                        (id, id),
                        (time_ns, time_ns),
                        Part::of(frame),
                    );
                    record.x = x;
                    record.width = frame_width(room);
                    fold.put(frame.side, record);
                },
            );
        }
    }

    /// A record that fills its column.
    fn record(
        &self,
        column: i64,
        future: bool,
        (first, last): (FrameId, FrameId),
        times_ns: (i64, i64),
        part: Part,
    ) -> Record {
        let x = column as f64 * self.column_points - self.shift_points;
        let width = self.column_points as f32;
        Record {
            column,
            future,
            first,
            last,
            times_ns,
            x: near(x),
            width,
            part,
        }
    }

    fn put(&mut self, side: Side, record: Record) {
        let column = self.record(
            record.column,
            record.future,
            (record.first, record.last),
            record.times_ns,
            record.part,
        );
        let records = &mut self.strand[side.index()];
        let key = |record: &Record| (record.column, record.future);
        // Frames nearly always come in order of time, so the place is nearly always the last.
        let at = match records.last() {
            Some(last) if key(last) > key(&record) => {
                records.partition_point(|known| key(known) < key(&record))
            }
            Some(last) if key(last) == key(&record) => records.len() - 1,
            _ => records.len(),
        };
        match records.get_mut(at) {
            Some(known) if key(known) == key(&record) => {
                known.x = column.x;
                known.width = column.width;
                known.first = known.first.min(record.first);
                known.last = known.last.max(record.last);
                known.times_ns.0 = known.times_ns.0.min(record.times_ns.0);
                known.times_ns.1 = known.times_ns.1.max(record.times_ns.1);
                known.part.add(&record.part);
            }
            _ => records.insert(at, record),
        }
    }
}
