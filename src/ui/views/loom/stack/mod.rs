//! Many connections on one time axis: each has its wire, and its lanes where it is unfolded.
//!
//! This file says which connections have a part of the picture, and where; [`kept`] holds what is worked out of each,
//! [`paint`] draws those in view.

mod kept;
mod paint;
#[cfg(test)]
mod tests;
mod text;

pub use paint::stack_ui;

use super::State;
use super::layout::{Content, Layout};
use super::lineup::Wishes;
use super::reader::{self, Reader};
use super::standpoint;
use super::window::Window;
use crate::trace::{ConnectionId, Trace};
use crate::ui::ViewContext;
use crate::ui::room::FRAMES_PER_PICTURE;
use crate::ui::widgets::{filtered, format};
use crate::wire::http2::StreamId;
use crate::wire::keyed::{KeyedMap, KeyedSet};
use egui::Rect;
use kept::Kept;

/// How high the wire of a connection is: its rows have room for a sign and a line of words.
const WIRE_POINTS: f32 = 56.0;
/// Below a connection.
const GAP_POINTS: f32 = 8.0;
/// Connections that are looked at: more than anybody scrolls through.
const MAX_CONNECTIONS: usize = 10_000;
/// Streams that are lined up for one picture; what is not done yet follows in the next.
const STREAMS_PER_PICTURE: usize = 8_000;

/// What is kept of the stack from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// Whether all connections are shown.
    pub on: bool,
    unfolded: KeyedSet<ConnectionId>,
    kept: KeyedMap<ConnectionId, Kept>,
    /// The connections of which more is kept than how their lanes stand, those drawn last at the end.
    drawn: Vec<ConnectionId>,
    sections: Vec<Section>,
    /// How high all sections are together, in points.
    height: f64,
    left_out: LeftOut,
    made_of: Option<MadeOf>,
    /// Whether not everything was lined up yet.
    unfinished: bool,
    /// Grows whenever lanes have to be lined up anew.
    generation: u64,
    asked: Option<(Wishes, filtered::Progress)>,
    /// What the next picture scrolls to.
    reveals: Option<(ConnectionId, Option<StreamId>)>,
}

/// Of what sections were made: connections, packets, what was asked of lanes and what the filter says, the time shown
/// where idle lanes are hidden, and how high a lane is.
type MadeOf = (
    usize,
    usize,
    Wishes,
    filtered::Progress,
    Option<Window>,
    f32,
);

/// A connection's part.
#[derive(Clone, Debug, PartialEq)]
struct Section {
    id: ConnectionId,
    /// How far below the first, in points.
    top: f64,
    content: Content,
}

/// How many connections there are, and which are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Connections with HTTP/2.
    pub all: usize,
    /// Those that do not pass the filter, whether they are hidden or dimmed.
    pub filtered: usize,
    /// Those that are shown.
    pub shown: usize,
}

impl LeftOut {
    /// `3 of 12 connections`; nothing while all are there.
    pub fn words(&self) -> Option<String> {
        let all = format::counted(self.all as u64, "connection");
        (self.shown < self.all).then(|| format!("{} of {all}", format::count(self.shown as u64)))
    }
}

/// Whether a filter is in force and nothing of a connection passes it.
pub fn is_filtered_out(context: &ViewContext<'_>, connection: ConnectionId) -> bool {
    context
        .matches
        .is_some_and(|run| run.asked_on(connection) > 0 && run.frames_on(connection).is_empty())
}

impl Stack {
    /// Folds the lanes of a connection away, or unfolds them.
    pub fn fold(&mut self, connection: ConnectionId) {
        if !self.unfolded.remove(&connection) {
            self.unfolded.insert(connection);
        }
        self.made_of = None;
    }

    /// The next picture has a connection in view.
    pub fn reveal(&mut self, connection: Option<ConnectionId>) {
        self.reveals = connection.map(|connection| (connection, None));
    }

    /// The next picture has a lane in view, else the connection's wire.
    pub fn reveal_stream(&mut self, connection: ConnectionId, stream: StreamId) {
        self.reveals = Some((connection, Some(stream)));
    }

    /// How many connections are left out.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Says where each connection's part is, where that may have changed.
    fn follow(
        &mut self,
        context: &ViewContext<'_>,
        wishes: &Wishes,
        window: Option<Window>,
        base: &Layout,
    ) {
        let trace = context.trace;
        let progress = filtered::progress(context);
        let window = window.filter(|_| wishes.hides_idle);
        let made_of = (
            trace.connections.len(),
            trace.packets.len(),
            wishes.clone(),
            progress.clone(),
            window,
            base.lane_pitch,
        );
        if self.made_of.as_ref() == Some(&made_of) && !self.unfinished {
            return;
        }
        self.made_of = Some(made_of);
        let asked = Some((wishes.clone(), progress));
        if self.asked != asked {
            self.asked = asked;
            self.generation += 1;
        }
        self.unfinished = false;
        self.left_out = LeftOut::default();
        self.sections.clear();
        let mut room = (STREAMS_PER_PICTURE, FRAMES_PER_PICTURE);
        let mut top = 0.0;
        for connection in trace.connections.iter().take(MAX_CONNECTIONS) {
            let Some(reader) = Reader::of(trace, connection) else {
                continue;
            };
            self.left_out.all += 1;
            if is_filtered_out(context, connection.id) {
                self.left_out.filtered += 1;
                if !wishes.keeps_filtered {
                    continue;
                }
            }
            if window.is_some_and(|window| !is_alive_in(trace, &reader, window)) {
                continue;
            }
            let Some(content) = self.content(context, &reader, wishes, window, &mut room) else {
                continue;
            };
            let height = f64::from(WIRE_POINTS + GAP_POINTS) + base.lanes_height(&content);
            self.sections.push(Section {
                id: connection.id,
                top,
                content,
            });
            top += height;
        }
        self.left_out.shown = self.sections.len();
        self.height = top;
    }

    /// What is below a connection's wire; `None` where a search finds nothing in it.
    fn content(
        &mut self,
        context: &ViewContext<'_>,
        reader: &Reader<'_>,
        wishes: &Wishes,
        window: Option<Window>,
        room: &mut (usize, usize),
    ) -> Option<Content> {
        let id = reader.connection.id;
        let unfolded = self.unfolded.contains(&id);
        let searches = !wishes.search.trim().is_empty();
        let open = unfolded || searches;
        if !open && wishes.pinned_on(id).next().is_none() {
            return Some(Content::default());
        }
        let kept = self.kept.entry(id).or_default();
        let in_view = match window {
            Some(window) => kept.frames_in(reader, window, &mut room.1),
            None => Some(0..usize::MAX),
        };
        let is_done = kept.line_up(
            context,
            reader,
            wishes,
            (
                self.generation,
                open,
                in_view.clone().unwrap_or(0..usize::MAX),
            ),
            &mut room.0,
        );
        self.unfinished |= !is_done || in_view.is_none();
        let lineup = kept.lineup();
        if searches && !unfolded && is_done && lineup.lanes.is_empty() {
            return None;
        }
        Some(Content {
            lanes: lineup.lanes.len(),
            headings: lineup.heading_places().into(),
            connection_lane: unfolded && !reader.http2.frames_of(StreamId::CONNECTION).is_empty(),
            ..Content::default()
        })
    }

    /// The connections in view.
    fn visible(&self, scroll: f64, height: f64) -> &[Section] {
        let first = self
            .sections
            .partition_point(|section| section.top <= scroll);
        let end = self
            .sections
            .partition_point(|section| section.top < scroll + height);
        self.sections
            .get(first.saturating_sub(1)..end)
            .unwrap_or(&[])
    }

    /// From where to where a lane is, else its connection's wire: in points below the first section's top.
    fn place(
        &self,
        trace: &Trace,
        base: &Layout,
        (connection, stream): (ConnectionId, Option<StreamId>),
    ) -> Option<(f64, f64)> {
        let at = self
            .sections
            .partition_point(|section| section.id < connection);
        let section = self.sections.get(at).filter(|of| of.id == connection)?;
        let wire = (section.top, section.top + f64::from(WIRE_POINTS));
        let lane = || {
            let own = base.section(0.0, WIRE_POINTS, section.content.clone());
            let stream = stream?;
            if stream.is_connection() {
                let has_lane = section.content.connection_lane;
                return has_lane.then_some(own.connection_lane);
            }
            let http2 = trace.connection(connection)?.http2()?;
            let lineup = self.kept.get(&connection)?.lineup();
            let position = lineup.position(http2.stream_index(stream)?)?;
            (position < section.content.lanes).then(|| own.lane(position))
        };
        let Some(lane) = lane() else {
            return Some(wire);
        };
        Some((
            section.top + f64::from(lane.top()),
            section.top + f64::from(lane.bottom()),
        ))
    }
}

/// Whether a connection has packets around a stretch of time.
fn is_alive_in(trace: &Trace, reader: &Reader<'_>, window: Window) -> bool {
    let row = &reader.connection.row;
    let ends = [row.first_packet, row.last_packet].map(|at| reader::packet_ns(trace, at));
    ends[0].min(ends[1]) <= window.end_ns && ends[0].max(ends[1]) >= window.start_ns
}

/// Where everything is while all connections are shown. What is to be in view is scrolled to.
fn layout(state: &mut State, context: &ViewContext<'_>, rect: Rect) -> Layout {
    let content = Content {
        without_controls: state.hides_controls(context),
        footnote: state.stack.kept.iter().any(|(id, kept)| {
            let (waits, connection) = (kept.waits.get(*id), context.trace.connection(*id));
            let words = waits
                .zip(connection)
                .and_then(|(waits, of)| standpoint::words(of, waits));
            words.is_some()
        }),
        legend_rows: state.legend_rows(rect.width()),
        ..Content::default()
    };
    let base = Layout::new(rect, content, 0.0).stacked(0.0, 0.0);
    let (window, wishes) = (state.target, &state.wishes);
    state.stack.follow(context, wishes, window, &base);
    let layout = base.stacked(state.stack.height, state.scroll);
    let place = |revealed| state.stack.place(context.trace, &layout, revealed);
    if let Some((top, bottom)) = state.stack.reveals.and_then(place) {
        state.scroll = layout.scroll_to_show(top, bottom);
        state.stack.reveals = None;
        let height = layout.height;
        return layout.stacked(height, state.scroll);
    }
    layout
}
