//! What is visible of one direction: segments folded to the columns of the screen, the lines of
//! acknowledgments and windows, and the holes. No painting.

use super::holes::Hole;
use super::index::{BLOCK, Index, Segment, Sums, Track};
use crate::trace::{Connection, Marks, PacketId, Side};
use crate::ui::widgets::time_scale::TimeScale;
use std::ops::Range;

/// Segments that fell into the same column; where they are few, only those next to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mark {
    /// Points from the left edge.
    pub(super) x: f32,
    /// Offsets of the payload, first and end.
    pub(super) data: (i64, i64),
    pub(super) marks: Marks,
    /// The first of them, in the side's track.
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) packet: PacketId,
}

/// A point of the lines that the receiver draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) x: f32,
    /// What is acknowledged.
    pub(super) ack: i64,
    /// One behind what may be sent.
    pub(super) limit: Option<i64>,
    pub(super) marks: Marks,
    pub(super) packet: PacketId,
}

/// One direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Direction {
    pub(super) marks: Vec<Mark>,
    pub(super) told: Vec<Told>,
    pub(super) holes: Vec<Hole>,
    /// Bytes in flight, the most in each column: points from the left edge, bytes.
    pub(super) flight: Vec<(f32, u32)>,
    /// The offsets that are to be seen, first and end.
    pub(super) offsets: (i64, i64),
}

impl Direction {
    /// What a side sent, in a stretch of time.
    pub(super) fn of(
        connection: &Connection,
        (index, folded): (&Index, &Folded),
        side: Side,
        scale: &TimeScale,
        width: f64,
    ) -> Self {
        let (own, peer) = (side.index(), side.other().index());
        let mut direction = Self::default();
        for column in &folded.columns[own] {
            direction.flight.push((column.x, column.sums.most_flight));
            direction.add_marks(&index.sides[own], column);
        }
        // The line goes on from what was acknowledged before.
        let before = folded.before[peer].as_ref();
        direction
            .told
            .extend(before.and_then(|segment| told_by(segment, 0.0)));
        for column in &folded.columns[peer] {
            direction
                .flight
                .push((column.x, column.sums.most_peer_flight));
            let last = (column.first + column.count).checked_sub(1);
            let last = last.and_then(|at| index.sides[peer].segments.get(at));
            if let Some(mut told) = last.and_then(|segment| told_by(segment, column.x)) {
                told.marks = column.sums.marks;
                direction.told.push(told);
            }
        }
        direction.flight.sort_by(|a, b| a.0.total_cmp(&b.0));
        let log = &connection.tcp().holes;
        let row = |index| log.get(index).copied();
        direction.holes = index.holes[side.index()].on(row, scale, width);
        direction.offsets = direction.seen();
        direction
    }

    /// The segments of a column. Where they are few, those apart from the ones before have a mark of their own: what is
    /// sent again stands where its bytes lie, not at the end of a line up to what is new.
    fn add_marks(&mut self, track: &Track, column: &Column) {
        let mark = |first: usize, count: usize, sums: Sums| {
            Some(Mark {
                x: column.x,
                data: sums.data?,
                marks: sums.marks,
                first,
                count,
                packet: track.segments.get(first)?.packet,
            })
        };
        let all = column.first..column.first + column.count;
        let segments = match column.count {
            ..=BLOCK => track.segments.get(all).unwrap_or(&[]),
            _ => {
                self.marks
                    .extend(mark(column.first, column.count, column.sums));
                return;
            }
        };
        let (mut first, mut sums) = (0, Sums::of(&[]));
        for (at, segment) in segments.iter().enumerate() {
            let is_apart = |(low, high)| segment.start > high || segment.end() < low;
            if segment.len > 0 && sums.data.is_some_and(is_apart) {
                self.marks
                    .extend(mark(column.first + first, at - first, sums));
                (first, sums) = (at, Sums::of(&[]));
            }
            sums = sums.joined(Sums::of(std::slice::from_ref(segment)));
        }
        let count = column.count - first;
        self.marks.extend(mark(column.first + first, count, sums));
    }

    /// The offsets of everything that is to be seen. The window's line may lie far above and does
    /// not count.
    fn seen(&self) -> (i64, i64) {
        let data = self.marks.iter().map(|mark| mark.data);
        let told = self.told.iter().map(|told| (told.ack, told.ack));
        let holes = self.holes.iter().map(|hole| {
            let range = hole.row.range();
            let offset = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
            (offset(range.start), offset(range.end))
        });
        let all = data.chain(told).chain(holes);
        let (low, high) = all.fold((i64::MAX, i64::MIN), |(low, high), (start, end)| {
            (low.min(start), high.max(end))
        });
        if low > high {
            (0, 1)
        } else {
            (low, high.max(low + 1))
        }
    }
}

fn told_by(segment: &Segment, x: f32) -> Option<Told> {
    let ack = segment.ack?;
    Some(Told {
        x,
        ack,
        limit: (segment.window).map(|window| ack.saturating_add(i64::from(window))),
        marks: segment.marks,
        packet: segment.packet,
    })
}

/// Segments that are drawn at the same place.
#[derive(Debug)]
struct Column {
    x: f32,
    sums: Sums,
    first: usize,
    count: usize,
}

/// Both sides' segments in a stretch of time, folded to columns one point wide. Both directions are drawn from both.
#[derive(Debug)]
pub(super) struct Folded {
    columns: [Vec<Column>; 2],
    /// The last segment of each side before the stretch.
    before: [Option<Segment>; 2],
}

impl Folded {
    /// Folds what is in view.
    pub(super) fn of(index: &Index, scale: &TimeScale, width: f64) -> Self {
        let (start_ns, end_ns) = (scale.start_ns(), scale.time_from_x(width));
        let visible = Side::BOTH.map(|side| index.sides[side.index()].range(start_ns, end_ns));
        let [a, b] = &visible;
        Self {
            columns: [
                columns(&index.sides[0], a.clone(), scale),
                columns(&index.sides[1], b.clone(), scale),
            ],
            before: Side::BOTH.map(|side| {
                let last = visible[side.index()].start.checked_sub(1)?;
                index.sides[side.index()].segments.get(last).copied()
            }),
        }
    }
}

/// Folds segments to columns. The end of each is searched for, and blocks that lie within it count as a whole.
fn columns(track: &Track, visible: Range<usize>, scale: &TimeScale) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let mut last = f64::NAN;
    let mut at = visible.start;
    while let Some((segment, rest)) = (track.segments)
        .get(at..visible.end)
        .and_then(<[Segment]>::split_first)
    {
        let x = scale.x_from_time(segment.time_ns as f64);
        let column = x.floor();
        let until_ns = scale.time_from_x(column + 1.0);
        let is_within = |segment: &Segment| (segment.time_ns as f64) < until_ns;
        // The end is near, compared to all that is in view: it is looked for in growing steps.
        let mut room = BLOCK;
        while rest.get(room).is_some_and(is_within) {
            room *= 2;
        }
        let near = rest.get(..room).unwrap_or(rest);
        let count = 1 + near.partition_point(is_within);
        let sums = track.sums(at..at + count);
        match columns.last_mut() {
            Some(open) if last == column => {
                open.sums = open.sums.joined(sums);
                open.count += count;
            }
            _ => columns.push(Column {
                x: x as f32,
                sums,
                first: at,
                count,
            }),
        }
        last = column;
        at += count;
    }
    columns
}

/// The letter that stands for a mark, and its word. The first that applies is drawn.
pub(super) const LETTERS: [(Marks, char, &str, &str); 9] = [
    (
        Marks::FAST_RETRANSMISSION,
        'F',
        "fast retransmission",
        "sent again at once, because duplicate acknowledgments told of a hole (RFC 5681 §3.2)",
    ),
    (
        Marks::SPURIOUS_RETRANSMISSION,
        'S',
        "spurious retransmission",
        "sent again although the receiver had told to have it",
    ),
    (
        Marks::KEEP_ALIVE,
        'K',
        "keep-alive",
        "asks whether the other side is still there (RFC 9293 §3.8.4)",
    ),
    (
        Marks::WINDOW_PROBE,
        'P',
        "window probe",
        "asks whether a window of zero has opened (RFC 9293 §3.8.6.1)",
    ),
    (
        Marks::RETRANSMISSION,
        'R',
        "retransmission",
        "sent again: the same bytes, because no acknowledgment came",
    ),
    (
        Marks::OUT_OF_ORDER,
        'O',
        "out of order",
        "overtaken on its way: bytes behind it came first",
    ),
    (
        Marks::OVERLAP,
        'V',
        "overlap",
        "some of its bytes were there already",
    ),
    (
        Marks::ZERO_WINDOW,
        'Z',
        "zero window",
        "its sender can receive nothing at the moment",
    ),
    (
        Marks::DUPLICATE_ACK,
        'D',
        "duplicate ACK",
        "acknowledges the same as the one before: something is missing (RFC 5681 §2)",
    ),
];

/// Whether a mark speaks about what its sender receives.
pub(super) fn is_about_receiving(mark: Marks) -> bool {
    mark == Marks::ZERO_WINDOW || mark == Marks::DUPLICATE_ACK
}

/// The letter for a set of marks, of those about receiving or of those about sending.
pub(super) fn letter(marks: Marks, receiving: bool) -> Option<usize> {
    (LETTERS.iter())
        .position(|(mark, ..)| is_about_receiving(*mark) == receiving && marks.contains(*mark))
}
