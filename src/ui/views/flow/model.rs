//! What the windows' view shows: for one sender the windows of the connection and of its streams, as
//! steps over time, folded to the columns of the screen.

use super::line::{Line, Step};
use super::minmax::{Span, Spans};
use crate::trace::http2::history::{BalanceRows, SettingInForce};
use crate::trace::{Connection, ConnectionId, Direction, FrameId, Http2, Side, Trace};
use crate::ui::ViewContext;
use crate::ui::widgets::filtered;
use crate::ui::widgets::time_scale::TimeScale;
use crate::wire::http2::{DEFAULT_WINDOW_BYTES, SettingId, StreamId};
use std::cell::Cell;
use std::collections::HashMap;

/// Streams that are drawn at once: more lines would be a thicket.
pub const MAX_STREAMS: usize = 24;
/// Rows from which on a log's spans are kept from picture to picture.
const MANY_ROWS: usize = 1024;
/// Rows that one picture adds to such spans, and rows that it reads without them: a millisecond of each.
const ROWS_PER_PICTURE: usize = 100_000;

/// Whose windows.
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
    /// Who may send.
    pub side: Side,
}

impl<'a> Reader<'a> {
    /// A reader; `None` when there are no frames. Unless told, the sender is the one of more DATA.
    pub fn new(context: &ViewContext<'a>, sender: Option<Direction>) -> Option<Self> {
        let connection = context.connection?;
        let http2 = connection.http2()?;
        let (origin_ns, _) = context.trace.time_range_ns?;
        let direction = sender.unwrap_or_else(|| busier(connection));
        (!http2.frames.is_empty()).then_some(Self {
            trace: context.trace,
            connection,
            http2,
            origin_ns,
            side: connection.side(direction),
        })
    }

    /// The sender.
    pub fn direction(&self) -> Direction {
        self.connection.direction(self.side)
    }

    /// When a frame became readable, in nanoseconds since the first packet.
    pub fn time_ns(&self, frame: FrameId) -> Option<f64> {
        let row = self.http2.frames.get(frame.index())?;
        Some(
            self.trace
                .time_ns(row.packet)
                .saturating_sub(self.origin_ns) as f64,
        )
    }

    /// How many frames had become readable before an instant, of which `from` are known already. The next
    /// column is near, so it is looked for in growing steps: that touches few rows.
    pub fn frames_before(&self, from: usize, time_ns: f64) -> usize {
        let at = (time_ns as i64).saturating_add(self.origin_ns);
        let frames = &self.http2.frames;
        let is_before = |index: usize| {
            let row = frames.get(index);
            row.is_some_and(|row| self.trace.time_ns(row.packet) < at)
        };
        let (mut low, mut step) = (from, 1);
        while is_before(low + step - 1) {
            low += step;
            step *= 2;
        }
        let mut high = (low + step - 1).min(frames.len()).max(low);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The times of the first and the last frame.
    pub fn extent_ns(&self) -> Option<(f64, f64)> {
        let last = self.http2.frames.len().checked_sub(1)?;
        let first = self.time_ns(FrameId::from_index(0))?;
        Some((first, self.time_ns(FrameId::from_index(last))?.max(first)))
    }

    /// The window at an instant, as `state` tells it; `None` when it cannot be known.
    pub fn window_at(&self, stream: StreamId, count: usize) -> Option<i64> {
        let at = count.checked_sub(1).map(FrameId::from_index);
        if stream.is_connection() {
            self.http2.history.connection_window_at(self.side, at)
        } else {
            self.http2.history.stream_window_at(stream, self.side, at)
        }
    }
}

/// Who sent more DATA on the first streams.
fn busier(connection: &Connection) -> Direction {
    let sum = |direction: Direction| {
        let side = connection.side(direction).index();
        let streams = connection.http2().map_or(&[][..], Http2::streams);
        let sizes = streams.iter().take(1000).map(|row| row.data_bytes[side]);
        sizes.fold(0u64, u64::saturating_add)
    };
    if sum(Direction::Client) > sum(Direction::Server) {
        Direction::Client
    } else {
        Direction::Server
    }
}

/// How many rows belong to the first `count` frames.
fn rows_before(rows: BalanceRows<'_>, count: usize) -> usize {
    rows.partition_point(|row| row.at.index() < count)
}

/// Which streams a picture shows, chosen again only when something has changed.
#[derive(Clone, Debug, Default)]
struct Chosen {
    of: Option<ChosenOf>,
    streams: Vec<StreamId>,
    hidden: usize,
    in_view: usize,
    passing: usize,
}

/// Of what streams were chosen: how many frames there are, those in view, what is selected, whose windows, and what the
/// filter says.
type ChosenOf = (
    usize,
    (usize, usize),
    Option<StreamId>,
    Side,
    filtered::Progress,
);

/// What is kept from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    of: Option<(ConnectionId, i64, Side)>,
    spans: HashMap<StreamId, Spans>,
    chosen: Chosen,
}

/// What one picture shows.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The connection's window first, then those of streams.
    pub lines: Vec<Line>,
    /// Streams in view that are not drawn, though the filter lets them pass.
    pub hidden: usize,
    /// Streams in view with DATA of the sender.
    pub in_view: usize,
    /// Those of them that pass the filter.
    pub passing: usize,
    /// The times at which the initial size of all streams' windows changed, and to what.
    pub settings: Vec<(f32, u32)>,
    /// Whether a line ends where its rows have been read, and the next picture knows more.
    pub unread: bool,
}

impl Model {
    /// Everything in `scale`, on so many columns.
    pub fn new(
        context: &ViewContext<'_>,
        reader: &Reader<'_>,
        kept: &mut Kept,
        scale: &TimeScale,
        columns: usize,
    ) -> Self {
        let cursor_count = context.frame_count();
        let of = Some((reader.connection.id, reader.origin_ns, reader.side));
        if kept.of != of {
            *kept = Kept {
                of,
                ..Kept::default()
            };
        }
        let mut frames: Vec<usize> = Vec::with_capacity(columns + 1);
        for column in 0..=columns {
            let from = frames.last().copied().unwrap_or(0);
            frames.push(reader.frames_before(from, scale.time_from_x(column as f64)));
        }
        let (first, end) = (
            frames.first().copied().unwrap_or(0),
            frames.last().copied().unwrap_or(0),
        );
        choose(context, reader, &mut kept.chosen, first, end);
        let changes = reader.http2.history.settings[reader.side.other().index()]
            .changes(SettingId::INITIAL_WINDOW_SIZE);
        let view = View {
            reader,
            frames: &frames,
            scale,
            changes,
            cursor_count,
            to_add: Cell::new(ROWS_PER_PICTURE),
            to_read: Cell::new(ROWS_PER_PICTURE),
            unread: Cell::new(false),
        };
        let mut lines = vec![view.connection(kept.spans.entry(StreamId::CONNECTION).or_default())];
        for &stream in &kept.chosen.streams {
            lines.extend(view.stream(stream, &mut kept.spans));
        }
        let settings = changes
            .iter()
            .filter_map(|change| {
                let x = scale.x_from_time(reader.time_ns(change.at?)?) as f32;
                let visible = (0.0..=columns as f32).contains(&x);
                Some((x, change.value.filter(|_| visible)?))
            })
            .collect();
        Self {
            lines,
            hidden: kept.chosen.hidden,
            in_view: kept.chosen.in_view,
            passing: kept.chosen.passing,
            settings,
            unread: view.unread.get(),
        }
    }
}

/// Chooses the streams with most DATA of this sender among those in view that pass the filter; the selected one always.
fn choose(
    context: &ViewContext<'_>,
    reader: &Reader<'_>,
    chosen: &mut Chosen,
    first: usize,
    end: usize,
) {
    let selected = context.selected_stream();
    let of = Some((
        reader.http2.frames.len(),
        (first, end),
        selected,
        reader.side,
        filtered::progress(context),
    ));
    if chosen.of == of {
        return;
    }
    let side = reader.side.index();
    let mut in_view: Vec<(u64, StreamId)> = reader
        .http2
        .streams()
        .iter()
        .filter(|row| {
            let ended = row.end_frame.unwrap_or(row.last_frame).index();
            row.data_bytes[side] > 0 && row.first_frame.index() < end && ended >= first
        })
        .map(|row| (row.data_bytes[side], row.id))
        .collect();
    let seen = in_view.len();
    let connection = reader.connection.id;
    in_view.retain(|(_, stream)| !filtered::hides_stream(context, connection, *stream));
    in_view.sort_unstable_by_key(|&(bytes, stream)| (std::cmp::Reverse(bytes), stream));
    let all = in_view.len();
    in_view.truncate(MAX_STREAMS);
    let mut streams: Vec<StreamId> = in_view.into_iter().map(|(_, stream)| stream).collect();
    streams.sort_unstable();
    let hidden = all - streams.len();
    // The selected one comes last, so that it lies above the others.
    if let Some(selected) = selected.filter(|stream| !stream.is_connection()) {
        streams.retain(|&stream| stream != selected);
        streams.push(selected);
    }
    *chosen = Chosen {
        of,
        streams,
        hidden,
        in_view: seen,
        passing: all,
    };
}

/// What all lines of a picture share.
struct View<'a> {
    reader: &'a Reader<'a>,
    /// For every column how many frames come before it; one more at the end.
    frames: &'a [usize],
    scale: &'a TimeScale,
    changes: &'a [SettingInForce],
    cursor_count: usize,
    /// Rows that this picture may still add to spans.
    to_add: Cell<usize>,
    /// Rows that it may still read one by one.
    to_read: Cell<usize>,
    unread: Cell<bool>,
}

/// Takes as much as there is, up to what is wanted.
fn take(from: &Cell<usize>, wanted: usize) -> usize {
    let taken = wanted.min(from.get());
    from.set(from.get() - taken);
    taken
}

impl View<'_> {
    fn connection(&self, spans: &mut Spans) -> Line {
        let history = &self.reader.http2.history;
        let rows = history.connection_balances(self.reader.side);
        let last = self.reader.http2.frames.len();
        let known = self.reader.window_at(StreamId::CONNECTION, last).is_some();
        let initial = if known {
            i64::from(DEFAULT_WINDOW_BYTES)
        } else {
            0
        };
        let life = 0..usize::MAX;
        self.line(StreamId::CONNECTION, rows, spans, life, !known, |_| initial)
    }

    fn stream(&self, stream: StreamId, kept: &mut HashMap<StreamId, Spans>) -> Option<Line> {
        let row = self.reader.http2.stream(stream)?;
        let history = &self.reader.http2.history;
        let rows = history.stream_balances(stream, self.reader.side);
        let opened = row.first_frame.index();
        let ended = row.end_frame.map_or(usize::MAX, FrameId::index);
        let at = ended.min(self.reader.http2.frames.len().saturating_sub(1));
        let known = self.reader.window_at(stream, at + 1).is_some();
        let initial = |count: usize| {
            if !known {
                return 0;
            }
            let read = self
                .changes
                .partition_point(|change| change.at.is_none_or(|at| at.index() < count));
            let in_force = read.checked_sub(1).and_then(|last| self.changes.get(last));
            in_force.map_or(i64::from(DEFAULT_WINDOW_BYTES), |change| {
                i64::from(change.value.unwrap_or(DEFAULT_WINDOW_BYTES))
            })
        };
        let mut short = Spans::default();
        let spans = if rows.len() > MANY_ROWS {
            kept.entry(stream).or_default()
        } else {
            &mut short
        };
        Some(self.line(stream, rows, spans, opened..ended, !known, initial))
    }

    fn line(
        &self,
        stream: StreamId,
        rows: BalanceRows<'_>,
        spans: &mut Spans,
        life: std::ops::Range<usize>,
        relative: bool,
        initial: impl Fn(usize) -> i64,
    ) -> Line {
        let added = take(&self.to_add, rows.len().saturating_sub(spans.len()));
        for row in spans.len()..spans.len() + added {
            spans.push(rows.get(row).map_or(0, |row| row.balance().bytes));
        }
        let bytes = |row: usize| rows.get(row).map(|row| row.balance().bytes);
        let balance_after = |row: usize| row.checked_sub(1).and_then(bytes).unwrap_or(0);
        let columns = self.frames.len().saturating_sub(1);
        let x_of = |frame: usize| {
            let time_ns = self.reader.time_ns(FrameId::from_index(frame));
            time_ns.map_or(0.0, |time_ns| self.scale.x_from_time(time_ns) as f32)
        };
        let first = self.frames.first().copied().unwrap_or(0);
        let start = first.max(life.start);
        let from_x = if life.start >= first {
            x_of(life.start)
        } else {
            0.0
        };
        let to_x = match self.frames.last() {
            Some(&end) if life.end < end => x_of(life.end),
            _ => columns as f32,
        };
        let mut line = Line {
            stream,
            from_x: from_x.clamp(0.0, columns as f32),
            to_x: to_x.clamp(0.0, columns as f32),
            at_start: initial(start + 1).saturating_add(balance_after(rows_before(rows, start))),
            steps: Vec::new(),
            relative,
            at_cursor: self.at_cursor(stream, &rows, &life, relative, &initial),
        };
        let mut before = rows_before(rows, start);
        let mut value = line.at_start;
        for column in 0..columns {
            let frames = self.frames[column].max(start)..self.frames[column + 1];
            if frames.start >= frames.end || frames.start > life.end {
                continue;
            }
            let after = rows_before(rows, frames.end.min(life.end.saturating_add(1)));
            let (raise, lower) = (initial(frames.start), initial(frames.end));
            if before == after && raise == lower {
                continue;
            }
            // Behind the spans, rows are read one by one, which takes longer than one picture where they are many.
            let one_by_one = after.saturating_sub(before.max(spans.len()));
            if take(&self.to_read, one_by_one) < one_by_one {
                self.unread.set(true);
                line.to_x = line.to_x.min(column as f32);
                break;
            }
            let ended = lower.saturating_add(balance_after(after));
            let mut span = Span::of(value).with(Span::of(ended));
            if let Some(inside) = spans.of(before..after, &bytes) {
                // A setting that changed within the column counts for all of it: it is one point wide.
                span = span.with(inside.raised(lower));
            }
            let frame = after
                .checked_sub(1)
                .and_then(|last| rows.get(last))
                .map(|row| row.at);
            let single = after == before + 1 && raise == lower;
            let x = match frame {
                Some(frame) if single => x_of(frame.index()),
                _ => column as f32 + 0.5,
            };
            line.steps.push(Step {
                x,
                raised: span.greatest > value,
                span,
                after: ended,
                frame: frame.unwrap_or(FrameId::from_index(frames.start)),
            });
            (before, value) = (after, ended);
        }
        line
    }

    fn at_cursor(
        &self,
        stream: StreamId,
        rows: &BalanceRows<'_>,
        life: &std::ops::Range<usize>,
        relative: bool,
        initial: &impl Fn(usize) -> i64,
    ) -> Option<i64> {
        let count = self.cursor_count;
        if count <= life.start || count.checked_sub(1)? > life.end {
            return None;
        }
        if !relative {
            return self.reader.window_at(stream, count);
        }
        let last = rows_before(*rows, count)
            .checked_sub(1)
            .and_then(|last| rows.get(last));
        Some(initial(count).saturating_add(last.map_or(0, |row| row.balance().bytes)))
    }
}
