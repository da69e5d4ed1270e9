//! TCP under the frames: time against place in the stream, for each direction. Segments, what the
//! receiver acknowledged and allows, what was sent again, and the holes with the streams they held back.

mod beyond;
mod holes;
mod index;
mod labels;
mod layout;
mod legend;
mod model;
mod paint;
mod passing;
mod table;
mod text;

pub use text::text;

use crate::analysis::blocking::{self, Behind};
use crate::analysis::mending::{Mending, mending};
use crate::trace::{Connection, ConnectionId, Direction, Side};
use crate::ui::export::Table;
use crate::ui::views::View;
use crate::ui::views::loom::reader::packet_ns;
use crate::ui::views::loom::window::{Limits, Window};
use crate::ui::widgets::explained::explained_ui;
use crate::ui::widgets::filtered;
use crate::ui::widgets::following::Following;
use crate::ui::widgets::row_list::RowScroll;
use crate::ui::widgets::switch::{Choice, choices_ui, toggle_ui};
use crate::ui::{Command, Item, ViewContext};
use egui::{Rect, RichText, Sense, Ui};
use index::Index;
use layout::Layout;
use passing::Passing;
use std::collections::HashMap;

/// Points of scrolling that zoom by a factor of e.
const WHEEL_POINTS: f64 = 200.0;

/// A pointer this far from a segment still means it.
const REACH_POINTS: f32 = 9.0;

/// Holes of which one picture finds out what waited behind them: a whole window of bytes may have.
const BEHIND_PER_PICTURE: usize = 4;

/// Which directions are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    #[default]
    Both,
    Only(Direction),
}

/// What the view remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    index: Index,
    of: Option<ConnectionId>,
    /// What a person has zoomed to; `None` shows everything.
    window: Option<Window>,
    shown: Shown,
    table: bool,
    scroll: RowScroll,
    seen: Option<Item>,
    /// What waited behind each hole that was on the screen, and how it was mended, by its position in the log.
    behind: HashMap<usize, (Behind, Mending)>,
    passing: Passing,
    /// The plots, and the table below them.
    following: [Following; 2],
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        tcp_ui(ui, context, self);
    }

    fn table(&self, context: &ViewContext<'_>) -> Option<Table> {
        let filter = context.matches.map(|run| run.filter().clone());
        Some(Table::Packets(context.connection?.id, filter))
    }

    fn follow_cursor(&mut self, moves: Option<bool>) {
        for following in &mut self.following {
            following.told(moves);
        }
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

impl State {
    fn follow(&mut self, connection: &Connection) {
        if self.of != Some(connection.id) {
            *self = Self {
                of: Some(connection.id),
                shown: self.shown,
                table: self.table,
                following: self.following,
                ..Self::default()
            };
        }
    }

    /// What waited behind a hole, and how it was mended. Each that was not asked before takes one of `left`; without any left nothing is known.
    fn behind(
        &mut self,
        context: &ViewContext<'_>,
        connection: &Connection,
        hole: usize,
        left: &mut usize,
    ) -> (Behind, Mending) {
        if let Some(known) = self.behind.get(&hole) {
            return known.clone();
        }
        let row = connection.tcp().holes.get(hole).filter(|_| *left > 0);
        let Some(row) = row else {
            return Default::default();
        };
        *left -= 1;
        let behind = blocking::behind(context.trace, connection, row);
        let mending = mending(context.trace, connection, row);
        self.behind.insert(hole, (behind.clone(), mending));
        (behind, mending)
    }
}

/// Draws the view into the space that is left.
pub fn tcp_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    let Some(connection) = context.connection else {
        ui.label(RichText::new(nothing(context)).color(theme.text_weak));
        return;
    };
    state.follow(connection);
    if state.index.follow(context.trace, connection) {
        ui.ctx().request_repaint();
    }
    if state.passing.follow(context, connection, &state.index) {
        ui.ctx().request_repaint();
    }
    head_ui(ui, context, state, connection);
    if let Some(words) = state.passing.words(context, &state.index) {
        filtered::note_words_ui(ui, context, words);
    }
    let area = ui.available_rect_before_wrap();
    let below = if state.table {
        (area.height() * 0.42).clamp(90.0, 320.0).min(area.height())
    } else {
        0.0
    };
    let (plots, rows) = area.split_top_bottom_at_y(area.bottom() - below);
    plots_ui(ui, context, state, connection, plots);
    if below > 0.0 {
        let builder = egui::UiBuilder::new().id_salt("packets").max_rect(rows);
        ui.scope_builder(builder, |ui| {
            table::table_ui(ui, context, state, connection)
        });
    }
    ui.advance_cursor_after_rect(area);
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    if context.loading {
        "Reading the capture; no connection yet."
    } else {
        "Open a capture: what TCP did on a connection is drawn here."
    }
}

fn head_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State, connection: &Connection) {
    let theme = context.theme;
    ui.horizontal_wrapped(|ui| {
        let choices = [
            (Shown::Both, "Both", "Both directions, one above the other"),
            (
                Shown::Only(Direction::Client),
                "Client →",
                "Only what the client sent",
            ),
            (
                Shown::Only(Direction::Server),
                "← Server",
                "Only what the server sent",
            ),
        ];
        let shown = choices.map(|(shown, label, help)| Choice {
            label,
            help,
            chosen: shown == state.shown,
        });
        if let Some(clicked) = choices_ui(ui, theme, "Direction", &shown) {
            state.shown = choices.get(clicked).map_or(Shown::Both, |choice| choice.0);
        }
        let help = "List the connection's packets below.";
        if toggle_ui(ui, theme, "Packets", help, state.table) {
            state.table = !state.table;
        }
        if state.window.is_some() && toggle_ui(ui, theme, "Show all", "Show all of it.", false) {
            state.window = None;
        }
        let size = crate::ui::theme::text_size::SMALL + 0.5;
        let words = RichText::new(text::heading(connection)).size(size);
        explained_ui(ui, words.color(theme.text_weak));
    });
}

/// The sides that are drawn, the client's first.
fn sides(state: &State, connection: &Connection) -> Vec<Side> {
    match state.shown {
        Shown::Both => Direction::BOTH.map(|of| connection.side(of)).to_vec(),
        Shown::Only(direction) => vec![connection.side(direction)],
    }
}

fn plots_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    state: &mut State,
    connection: &Connection,
    rect: Rect,
) {
    let response = ui.interact(rect, ui.scope_id().with("plots"), Sense::click_and_drag());
    response.widget_info(|| {
        let words = format!("TCP: {}", text::heading(connection));
        egui::WidgetInfo::labeled(egui::Role::Canvas, true, words)
    });
    let sides = sides(state, connection);
    let bytes: Vec<u64> = sides
        .iter()
        .map(|side| connection.stream(*side).len())
        .collect();
    let layout = Layout::new(rect, &bytes);
    let width = f64::from(layout.width());
    let times_ns = times_ns(context, connection);
    let limits = Limits::new(capture_length_ns(context), width);
    let fitted = Window::fitted(times_ns.0, times_ns.1, width).within(&limits);
    follow_selection(context, state, fitted, &limits);
    let cursor_ns = (context.cursor).map(|cursor| packet_ns(context.trace, cursor.packet));
    let moved = state.following[0].moved(context.cursor);
    if let (Some(moved), Some(cursor_ns), Some(window)) = (moved, cursor_ns, state.window)
        && (times_ns.0..=times_ns.1).contains(&cursor_ns)
    {
        state.window = Some(window.with_cursor(cursor_ns, moved.forward, &limits));
    }
    let before = state.window.unwrap_or(fitted).within(&limits);
    let window = navigate(ui, &response, state, &layout, before, &limits);
    let scale = window.scale(width);
    let folded = model::Folded::of(&state.index, &scale, width);
    let directions: Vec<_> = sides
        .iter()
        .map(|side| model::Direction::of(connection, (&state.index, &folded), *side, &scale, width))
        .collect();
    let mut labels = Vec::new();
    let mut left = BEHIND_PER_PICTURE;
    for direction in &directions {
        let words = direction.holes.iter().map(|hole| {
            let (behind, mending) = state.behind(context, connection, hole.index, &mut left);
            text::hole(context.trace, hole, &behind, mending)
        });
        labels.push(words.collect::<Vec<_>>());
    }
    if left == 0 {
        ui.ctx().request_repaint();
    }
    let picture = paint::Picture {
        context,
        connection,
        layout: &layout,
        scale,
        sides: &sides,
        directions: &directions,
        labels: &labels,
        index: &state.index,
        passing: &state.passing,
    };
    picture.paint(ui);
    act(&response, &picture);
    let in_sight = cursor_ns
        .filter(|at| (times_ns.0..=times_ns.1).contains(at))
        .map(|at| window.contains(at));
    (state.following[0]).button_ui(ui, context.theme, rect, window != before, in_sight);
}

/// First and last packet of the connection, since the capture's first.
fn times_ns(context: &ViewContext<'_>, connection: &Connection) -> (f64, f64) {
    let origin = context.trace.time_range_ns.map_or(0, |(first, _)| first);
    let time_ns = |packet| context.trace.time_ns(packet).saturating_sub(origin) as f64;
    let row = &connection.row;
    (time_ns(row.first_packet), time_ns(row.last_packet))
}

fn capture_length_ns(context: &ViewContext<'_>) -> f64 {
    let range = context.trace.time_range_ns;
    range.map_or(0.0, |(first, last)| last.saturating_sub(first) as f64)
}

/// Brings what was selected elsewhere into the window.
fn follow_selection(context: &ViewContext<'_>, state: &mut State, fitted: Window, limits: &Limits) {
    if state.seen == context.selection {
        return;
    }
    state.seen = context.selection;
    let packet = match context.selection {
        Some(Item::Packet(packet)) => Some(packet),
        _ => context.selected_frame().map(|(_, frame)| frame.packet),
    };
    let Some(packet) = packet else {
        return;
    };
    if let Some(place) = state
        .index
        .place(packet)
        .filter(|_| state.following[1].reveals())
    {
        let row = table::row_of(state, place).1;
        state.scroll.reveal(row);
    }
    if !state.following[0].reveals() {
        return;
    }
    let origin = context.trace.time_range_ns.map_or(0, |(first, _)| first);
    let time_ns = context.trace.time_ns(packet).saturating_sub(origin) as f64;
    let window = state.window.unwrap_or(fitted);
    if !window.contains(time_ns) {
        state.window = Some(window.centred(time_ns, limits));
    }
}

/// Wheel and drag.
fn navigate(
    ui: &Ui,
    response: &egui::Response,
    state: &mut State,
    layout: &Layout,
    window: Window,
    limits: &Limits,
) -> Window {
    let scale = window.scale(f64::from(layout.width()));
    let mut next = window;
    if response.contains_pointer()
        && let Some(at) = ui.input(|input| input.pointer.hover_pos())
    {
        let (zoom, scroll) =
            ui.input(|input| (f64::from(input.zoom_delta()), input.smooth_scroll_delta));
        let factor = zoom * (f64::from(scroll.y) / WHEEL_POINTS).exp();
        if factor != 1.0 {
            let anchor = scale.time_from_x(f64::from(at.x - layout.plot.min));
            next = next.zoomed(factor, anchor, limits);
        }
        if scroll.x != 0.0 {
            next = next.moved(-f64::from(scroll.x) * scale.ns_per_point(), limits);
        }
        if factor != 1.0 || scroll != egui::Vec2::ZERO {
            ui.input_mut(|input| input.smooth_scroll_delta = egui::Vec2::ZERO);
        }
    }
    if response.dragged() && response.drag_delta().x != 0.0 {
        let by_ns = -f64::from(response.drag_delta().x) * scale.ns_per_point();
        next = next.moved(by_ns, limits);
    }
    if next != window {
        state.window = Some(next);
    }
    if response.double_clicked() {
        state.window = None;
    }
    next
}

/// Says what is under the pointer, and selects it on a click.
fn act(response: &egui::Response, picture: &paint::Picture<'_>) {
    let Some(at) = response.hover_pos() else {
        return;
    };
    let Some((item, words)) = picture.hit(at, REACH_POINTS) else {
        return;
    };
    if let Some(item) = item {
        picture.context.hover(item);
        if response.clicked() {
            picture.context.send(Command::Select(item));
        }
    }
    if !response.dragged() {
        response.clone().on_hover_text_at_pointer(words);
    }
}

#[cfg(test)]
mod tests;
