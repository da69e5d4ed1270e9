//! The loom of a connection that speaks HTTP/1.1: a lane per exchange, with heads and bodies where they lie in time.
//!
//! It stands in the loom's place, since such a connection has no frames: requests above the thread, responses below it.

mod key;
mod layout;
mod life;
pub mod model;
mod paint;

use crate::trace::{Connection, ConnectionId, Cursor, ExchangeId, MessageKind, Read};
use crate::ui::views::loom::window::{Limits, Window};
use crate::ui::widgets::filtered;
use crate::ui::widgets::format;
use crate::ui::widgets::row_list::RowScroll;
use crate::ui::widgets::time_scale::TimeScale;
use crate::ui::{Item, ViewContext};
use egui::Ui;
use model::Lane;

/// What is remembered from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    scroll: RowScroll,
    /// What a hand has made of the stretch of time; `None` shows all of the connection.
    window: Option<Window>,
    seen: (Option<Item>, Option<Cursor>),
    scrubbing: bool,
    /// What the line above the lanes says.
    occurring: Option<Occurring>,
    /// The exchanges that pass the filter, and of what that was found.
    passing: Option<(filtered::Progress, usize, Vec<ExchangeId>)>,
}

/// What occurs on a connection, for the line above the lanes.
#[derive(Clone, Debug, PartialEq)]
struct Occurring {
    /// Of which connection, and how many packets of it, it was found.
    of: (ConnectionId, u32),
    /// The signs that the key explains.
    parts: Vec<model::Part>,
    /// The longest time from the head of a final response to its last byte.
    longest_ns: i64,
    end: Option<life::End>,
}

impl Occurring {
    fn new(context: &ViewContext<'_>, connection: &Connection) -> Self {
        let messages = connection.http1().map_or(&[][..], |http1| http1.messages());
        let responses = messages
            .iter()
            .filter(|row| row.kind == MessageKind::Response);
        let time_ns = |packet| context.trace.time_ns(packet);
        let lengths =
            responses.map(|row| time_ns(row.last_packet).saturating_sub(time_ns(row.head_packet)));
        Self {
            of: Self::key(connection),
            parts: model::Part::occurring(connection),
            longest_ns: lengths.max().unwrap_or(0),
            end: life::End::of(context.trace, connection),
        }
    }

    fn key(connection: &Connection) -> (ConnectionId, u32) {
        (connection.id, connection.row.packets)
    }
}

/// Lines that the text has at most.
const MAX_LINES: usize = 2000;

/// The connection shown, when it has exchanges and no frames.
pub fn shown<'a>(context: &ViewContext<'a>) -> Option<&'a Connection> {
    let connection = context.connection?;
    let exchanges = connection.http1()?.exchanges();
    (connection.http2().is_none() && !exchanges.is_empty()).then_some(connection)
}

/// Draws the lanes into the space that is left.
pub fn exchanges_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    connection: &Connection,
    state: &mut State,
) {
    state.follow_filter(context, connection);
    state.follow_connection(context, connection);
    paint::lanes_ui(ui, context, connection, state);
}

impl State {
    /// Takes in what occurs, whenever packets came.
    fn follow_connection(&mut self, context: &ViewContext<'_>, connection: &Connection) {
        let key = Occurring::key(connection);
        if self.occurring.as_ref().is_none_or(|known| known.of != key) {
            self.occurring = Some(Occurring::new(context, connection));
        }
    }

    /// Takes in which exchanges pass, whenever the filter has asked more.
    fn follow_filter(&mut self, context: &ViewContext<'_>, connection: &Connection) {
        let count = exchange_count(connection);
        if context.matches.is_none() {
            self.passing = None;
            return;
        }
        let progress = filtered::progress(context);
        let known = self.passing.as_ref();
        if known.is_some_and(|(of, known, _)| *of == progress && *known == count) {
            return;
        }
        let passes = |id: &ExchangeId| !filtered::hides(context, connection.id, (*id).into());
        let ids = (0..count).map(ExchangeId::from_index);
        self.passing = Some((progress, count, ids.filter(passes).collect()));
    }

    /// How many lanes there are.
    fn lanes(&self, connection: &Connection) -> usize {
        match &self.passing {
            Some((_, _, ids)) => ids.len(),
            None => exchange_count(connection),
        }
    }

    /// The exchange of a lane.
    fn lane(&self, position: usize) -> Option<ExchangeId> {
        match &self.passing {
            Some((_, _, ids)) => ids.get(position).copied(),
            None => Some(ExchangeId::from_index(position)),
        }
    }

    /// The lane of an exchange.
    fn position(&self, id: ExchangeId) -> Option<usize> {
        match &self.passing {
            Some((_, _, ids)) => ids.binary_search(&id).ok(),
            None => Some(id.index()),
        }
    }
}

fn exchange_count(connection: &Connection) -> usize {
    connection
        .http1()
        .map_or(0, |http1| http1.exchanges().len())
}

/// The stretch of time of the connection, and what it must keep to.
fn window(
    context: &ViewContext<'_>,
    connection: &Connection,
    state: &State,
    width: f64,
) -> (Window, Limits) {
    let origin = context.trace.time_range_ns.map_or(0, |(first, _)| first);
    let time = |packet| context.trace.time_ns(packet).saturating_sub(origin) as f64;
    let (first, last) = (
        time(connection.row.first_packet),
        time(connection.row.last_packet),
    );
    let capture = context.trace.time_range_ns;
    let length = capture.map_or(0, |(first, last)| last.saturating_sub(first)) as f64;
    let limits = Limits::new(length, width);
    let window = state
        .window
        .unwrap_or_else(|| Window::fitted(first, last.max(first + 1.0), width));
    (window.within(&limits), limits)
}

fn heading(context: &ViewContext<'_>, connection: &Connection, state: &State) -> String {
    let count = exchange_count(connection) as u64;
    let end = state.occurring.as_ref().and_then(|known| known.end);
    let mut words = format!(
        "HTTP/1.1 · {} {}",
        format::counted(count, "exchange"),
        life::words(context.trace, connection, end)
    );
    if let Some((_, _, ids)) = &state.passing {
        let passing = ids.len() as u64;
        words.push_str(&format!(" · {} pass the filter", format::count(passing)));
    }
    words
}

/// What is said, line by line.
pub fn text(context: &ViewContext<'_>, connection: &Connection, state: &State) -> String {
    let mut state = state.clone();
    state.follow_filter(context, connection);
    state.follow_connection(context, connection);
    let read = Read::at(connection, context.cursor);
    let scale = TimeScale::new(0.0, 1e9, 1000.0);
    let mut lines = vec![heading(context, connection, &state)];
    let count = state.lanes(connection);
    for id in (0..count.min(MAX_LINES)).filter_map(|at| state.lane(at)) {
        let lane = Lane::of(context.trace, connection, id, &scale);
        lines.extend(lane.map(|lane| lane.text(connection, read)));
    }
    if let Some(more) = count.checked_sub(MAX_LINES + 1) {
        lines.push(format!("… and {} more", more + 1));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
