//! What the loom reads of a trace, with its times counted from the first packet, and the totals it
//! keeps from picture to picture.

use super::summary::{Kinds, Owners, Summary, Total};
use crate::trace::{Connection, ConnectionId, FrameId, FrameRow, Http2, PacketId, Trace};
use crate::ui::ViewContext;
use crate::ui::room::{FRAMES_PER_PICTURE, Room};
use crate::wire::http2::StreamId;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Range;

/// Time zero: when the earliest packet was captured, as everywhere in the window. `None` without a packet.
pub fn origin_ns(trace: &Trace) -> Option<i64> {
    Some(trace.time_range_ns?.0)
}

/// The time between the first and the last packet of the capture.
pub fn capture_length_ns(trace: &Trace) -> f64 {
    let last = trace.time_range_ns.map_or(0, |(_, last)| last);
    let origin = origin_ns(trace).unwrap_or(last);
    last.saturating_sub(origin).max(0) as f64
}

/// The time of a packet, in nanoseconds since the first one.
pub fn packet_ns(trace: &Trace, packet: PacketId) -> f64 {
    let origin = origin_ns(trace).unwrap_or(0);
    trace.time_ns(packet).saturating_sub(origin) as f64
}

/// What the model reads.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The trace.
    pub trace: &'a Trace,
    /// The connection.
    pub connection: &'a Connection,
    /// What it carries.
    pub http2: &'a Http2,
    /// When the earliest packet was captured: time zero.
    pub origin_ns: i64,
    /// Whether more of the capture is being read.
    pub loading: bool,
}

impl<'a> Reader<'a> {
    /// A reader of the connection shown; `None` when it has no HTTP/2 frames.
    pub fn new(context: &ViewContext<'a>) -> Option<Self> {
        Some(Self {
            loading: context.loading,
            ..Self::of(context.trace, context.connection?)?
        })
    }

    /// A reader of any connection; `None` when it has no HTTP/2 frames.
    pub fn of(trace: &'a Trace, connection: &'a Connection) -> Option<Self> {
        let http2 = connection.http2()?;
        let origin_ns = origin_ns(trace)?;
        (!http2.frames.is_empty()).then_some(Self {
            trace,
            connection,
            http2,
            origin_ns,
            loading: false,
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

impl Extent {
    /// What is seen on either of two connections.
    pub fn both(mut one: Self, other: Self) -> Self {
        one.kinds.add(other.kinds);
        Self {
            first_ns: one.first_ns.min(other.first_ns),
            last_ns: one.last_ns.max(other.last_ns),
            kinds: one.kinds,
            ends_stream: one.ends_stream || other.ends_stream,
        }
    }
}

/// The totals kept from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct Summaries {
    of: Option<Identity>,
    frames: usize,
    /// Of all frames.
    pub wire: Summary,
    /// Of long lanes that have been in view.
    lanes: HashMap<StreamId, Summary<()>>,
    room: Room,
    /// How many more frames of lanes this picture may add up, and whether more are to be.
    room_for_lanes: usize,
    lanes_are_behind: bool,
}

impl Summaries {
    /// Adds what was appended since the last picture, as much as a picture has time for: what is not
    /// added yet is not shown. Returns whether another connection or another capture is shown than then.
    pub fn follow(&mut self, reader: &Reader<'_>) -> bool {
        let changed = self.begin(reader);
        let mut room = self.room.of_next(reader.loading);
        // As many of lanes as of the wire.
        self.room_for_lanes = room;
        self.take(reader, &mut room);
        changed
    }

    /// The same where several connections share what a picture has time for: `room` frames, which become fewer.
    pub fn follow_within(&mut self, reader: &Reader<'_>, room: &mut usize) -> bool {
        let changed = self.begin(reader);
        self.room_for_lanes = FRAMES_PER_PICTURE;
        self.take(reader, room);
        changed
    }

    /// Forgets what is not of this connection. Returns whether it was of another.
    fn begin(&mut self, reader: &Reader<'_>) -> bool {
        let identity = Some(reader.identity());
        let changed = self.of != identity || reader.http2.frames.len() < self.frames;
        if changed {
            *self = Self {
                of: identity,
                ..Self::default()
            };
        }
        self.lanes_are_behind = false;
        changed
    }

    fn take(&mut self, reader: &Reader<'_>, room: &mut usize) {
        let len = reader.http2.frames.len();
        let frames = len.min(self.frames.saturating_add(*room));
        *room = room.saturating_sub(frames - self.frames);
        self.frames = frames;
        self.wire
            .extend(self.frames, |at| reader.frame(FrameId::from_index(at)));
    }

    /// Whether there are frames that the next picture will add.
    pub fn is_behind(&self, reader: &Reader<'_>) -> bool {
        self.frames < reader.http2.frames.len()
    }

    /// The totals of a lane in view with so many frames, and how many of these may be shown: where there are more than a
    /// picture has time for, the next ones go on.
    pub fn lane<'a>(
        &mut self,
        stream: StreamId,
        frames: usize,
        read: impl Fn(usize) -> Option<(i64, &'a FrameRow)>,
    ) -> (&Summary<()>, usize) {
        let summary = self.lanes.entry(stream).or_default();
        let before = summary.len();
        let end = frames.min(before.saturating_add(self.room_for_lanes));
        summary.extend(end, read);
        let taken = summary.len().saturating_sub(before);
        self.room_for_lanes = self.room_for_lanes.saturating_sub(taken);
        if end == frames {
            return (summary, frames);
        }
        self.lanes_are_behind = true;
        (summary, summary.len())
    }

    /// Whether a lane in view has frames that the next picture will add.
    pub fn lanes_are_behind(&self) -> bool {
        self.lanes_are_behind
    }

    /// The times and types of all frames; `None` without frames.
    pub fn extent(&self, reader: &Reader<'_>) -> Option<Extent> {
        let mut all = Total::<Owners>::default();
        let mut rest = Total::<Owners>::default();
        self.wire.walk(
            0..self.frames.min(reader.http2.frames.len()),
            |total, _| {
                all.add(total);
                true
            },
            |at| {
                if let Some((time_ns, frame)) = reader.frame(FrameId::from_index(at)) {
                    rest.add_frame(time_ns, frame);
                }
            },
        );
        all.add(&rest);
        let mut both = all.sides[0];
        both.add(&all.sides[1]);
        (both.frames > 0).then_some(Extent {
            first_ns: all.min_ns,
            last_ns: all.max_ns,
            kinds: both.kinds,
            ends_stream: both.ends_stream,
        })
    }

    /// The shortest range of frames that holds all with times in `times_ns`.
    pub fn frames_within(&self, reader: &Reader<'_>, times_ns: Range<f64>) -> Range<usize> {
        let found = std::cell::Cell::new(None);
        let add = |range: Range<usize>| {
            let first = found.get().map_or(range.start, |(first, _)| first);
            found.set(Some((first, range.end)));
        };
        self.wire.walk(
            0..self.frames.min(reader.http2.frames.len()),
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
