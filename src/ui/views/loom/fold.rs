//! Columns of frames: one record for what falls together on the screen.
//!
//! The number of records is bounded by the width of the plot, never by the number of frames: where
//! many frames are in view, totals of a [`Summary`] are added up instead of frames. Columns are
//! counted from time zero, so that panning changes none.

use super::places::{MARGIN_POINTS, Places, frame_width, near};
use super::reader::Reader;
use super::summary::{Owners, Part, Shares, Summary};
use crate::trace::{FrameId, FrameRow, Side};
use std::ops::Range;

/// A total this much narrower than a column, as a share of it, may lie across an edge: the column
/// holds so many frames that it does not matter on which side these are counted.
const EDGE_SHARE: f64 = 0.5;

/// What one column of a row shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record<S = Owners> {
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
    pub part: Part<S>,
}

impl<S> Record<S> {
    /// Whether it is one frame; else several fell together.
    pub fn is_single(&self) -> bool {
        self.part.frames == 1
    }

    /// Its middle, in points from the plot's left edge.
    pub fn centre(&self) -> f32 {
        self.x + self.width / 2.0
    }

    /// Takes more frames in; from then on it fills its column.
    fn widen(&mut self, place: (f32, f32), ids: (FrameId, FrameId), times_ns: (i64, i64)) {
        (self.x, self.width) = place;
        self.first = self.first.min(ids.0);
        self.last = self.last.max(ids.1);
        self.times_ns.0 = self.times_ns.0.min(times_ns.0);
        self.times_ns.1 = self.times_ns.1.max(times_ns.1);
    }

    fn key(&self) -> (i64, bool) {
        (self.column, self.future)
    }
}

impl Record<()> {
    /// The same record without knowing whose the frames are.
    pub fn of_lane(self) -> Record {
        Record {
            column: self.column,
            future: self.future,
            first: self.first,
            last: self.last,
            times_ns: self.times_ns,
            x: self.x,
            width: self.width,
            part: self.part.with_shares(Owners::default()),
        }
    }
}

/// The records of a row, by side of the sender, from left to right.
pub type Strand<S = Owners> = [Vec<Record<S>>; 2];

/// Puts frames and totals into columns.
pub struct Fold<'a, S = Owners> {
    reader: &'a Reader<'a>,
    places: &'a Places,
    column_points: f64,
    /// Points from time zero to the plot's left edge.
    shift_points: f64,
    columns: Range<i64>,
    /// What has come together.
    pub strand: Strand<S>,
}

impl<'a, S: Shares> Fold<'a, S> {
    /// An empty row with columns of this width, for a plot `width` points wide.
    pub fn new(reader: &'a Reader<'a>, places: &'a Places, column_points: f64, width: f64) -> Self {
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
    pub fn add(
        &mut self,
        summary: Option<&Summary<S>>,
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
                    let (left, right) = (x(total.min_ns), x(total.max_ns));
                    let (first, last) = (fold.column(left), fold.column(right));
                    if last < fold.columns.start || first >= fold.columns.end {
                        return true;
                    }
                    let column = if first == last {
                        first
                    } else if right - left <= fold.column_points * EDGE_SHARE {
                        fold.column((left + right) / 2.0)
                    } else {
                        return false;
                    };
                    let ids = (read(range.start), read(range.end.saturating_sub(1)));
                    let (Some(first_id), Some(last_id)) = ids else {
                        return false;
                    };
                    let times_ns = (total.min_ns, total.max_ns);
                    let ids = (first_id, last_id);
                    for (side, part) in Side::BOTH.into_iter().zip(&total.sides) {
                        if part.frames == 0 {
                            continue;
                        }
                        if let Some(last) = fold.last(side, (column, future), ids, times_ns) {
                            last.part.add(part);
                            continue;
                        }
                        let record = fold.record(column, future, ids, times_ns, *part);
                        fold.put(side, record);
                    }
                    true
                },
                |at| {
                    let mut fold = fold.borrow_mut();
                    if let Some(id) = read(at)
                        && let Some((time_ns, frame)) = fold.reader.frame(id)
                    {
                        fold.add_frame(id, time_ns, frame, future);
                    }
                },
            );
        }
    }

    fn add_frame(&mut self, id: FrameId, time_ns: i64, frame: &FrameRow, future: bool) {
        let (x, room) = self.places.slot(id, time_ns);
        let column = self.column(f64::from(x));
        if !self.columns.contains(&column) {
            return;
        }
        let (ids, times_ns) = ((id, id), (time_ns, time_ns));
        if let Some(last) = self.last(frame.side, (column, future), ids, times_ns) {
            last.part.add_frame(frame);
            return;
        }
        let mut part = Part::default();
        part.add_frame(frame);
        let mut record = self.record(column, future, ids, times_ns, part);
        record.x = x;
        record.width = frame_width(room);
        self.put(frame.side, record);
    }

    /// The last record of a side, widened for more frames, where these fall to it. Nearly always they do, and dense columns
    /// hold many.
    fn last(
        &mut self,
        side: Side,
        key: (i64, bool),
        ids: (FrameId, FrameId),
        times_ns: (i64, i64),
    ) -> Option<&mut Record<S>> {
        let place = (self.left(key.0), self.column_points as f32);
        let last = self.strand[side.index()].last_mut();
        let last = last.filter(|last| last.key() == key)?;
        last.widen(place, ids, times_ns);
        Some(last)
    }

    /// A record that fills its column.
    fn record(
        &self,
        column: i64,
        future: bool,
        (first, last): (FrameId, FrameId),
        times_ns: (i64, i64),
        part: Part<S>,
    ) -> Record<S> {
        Record {
            column,
            future,
            first,
            last,
            times_ns,
            x: self.left(column),
            width: self.column_points as f32,
            part,
        }
    }

    /// The left edge of a column, in points from the plot's left edge.
    fn left(&self, column: i64) -> f32 {
        near(column as f64 * self.column_points - self.shift_points)
    }

    fn put(&mut self, side: Side, record: Record<S>) {
        let place = (self.left(record.column), self.column_points as f32);
        let records = &mut self.strand[side.index()];
        let key = record.key();
        // Frames nearly always come in order of time, so the place is nearly always the last.
        let at = match records.last() {
            Some(last) if last.key() > key => records.partition_point(|known| known.key() < key),
            Some(last) if last.key() == key => records.len() - 1,
            _ => records.len(),
        };
        match records.get_mut(at) {
            Some(known) if known.key() == key => {
                known.widen(place, (record.first, record.last), record.times_ns);
                known.part.add(&record.part);
            }
            _ => records.insert(at, record),
        }
    }
}
