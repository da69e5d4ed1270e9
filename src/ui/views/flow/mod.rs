//! Flow control: what one sender may still send, on the connection and on each stream, over the same
//! time as the loom. `DATA` eats a window, `WINDOW_UPDATE` lifts it, `SETTINGS` moves all of them.
//!
//! [`model`] reads the balances and folds them to columns by [`minmax`], [`stalls`] keeps the times in
//! which a sender had to wait, [`layout`] says where things go, `paint` draws them.

mod layout;
mod line;
mod list;
mod minmax;
mod model;
mod paint;
pub(super) mod stalls;
#[cfg(test)]
mod tests;
mod words;

pub use words::text;

use super::loom::window::{Limits, Window};
use super::{View, loom};
use crate::trace::{Cursor, Direction};
use crate::ui::background::Background;
use crate::ui::widgets::explained::explained_ui;
use crate::ui::widgets::filtered;
use crate::ui::widgets::following::Following;
use crate::ui::widgets::switch::{Choice, choices_ui};
use crate::ui::{Command, Item, ViewContext};
use crate::wire::http2::StreamId;
use egui::{Pos2, Response, Role, Sense, Ui, WidgetInfo};
use layout::Layout;
use model::{Kept, Model, Reader};
use paint::Picture;

/// How near the pointer must be to a line, in points.
const NEAR: f32 = 9.0;
/// Pauses that are drawn at once. More are bars beside each other that nobody can tell apart.
const MAX_PAUSES: usize = 3000;

/// What the view remembers between two pictures.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Whose windows; `None` for whoever sent more.
    sender: Option<Direction>,
    /// What is shown; `None` before the first picture, and for everything.
    window: Option<Window>,
    /// What the loom showed in the last picture.
    loom_ns: Option<(f64, f64)>,
    kept: Kept,
    pauses: Background<stalls::Pauses>,
    scrubbing: bool,
    following: Following,
    list: list::State,
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        flow_ui(ui, context, self);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }

    fn follow_cursor(&mut self, moves: Option<bool>) {
        self.following.told(moves);
    }

    fn follow_time(&mut self, shown_ns: Option<(f64, f64)>) {
        if self.loom_ns != shown_ns {
            self.loom_ns = shown_ns;
            self.window = shown_ns.map(|(start_ns, end_ns)| Window { start_ns, end_ns });
        }
    }
}

/// Draws the view into the space that is left.
pub fn flow_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let Some(reader) = Reader::new(context, state.sender) else {
        let words = egui::RichText::new(words::nothing_words(context));
        ui.label(words.color(context.theme.text_weak));
        return;
    };
    controls_ui(ui, context, state, &reader);
    let Some((first_ns, last_ns)) = reader.extent_ns() else {
        return;
    };
    // The width does not depend on the heights, and the heights depend on what is in view.
    let room = ui.available_rect_before_wrap();
    let columns = Layout::new(room, minmax::Span::of(0), None, 0).columns();
    let fitted = Window::fitted(first_ns, last_ns, columns as f64);
    let capture_ns = context.trace.time_range_ns.map_or(0, |(_, last)| last);
    let length_ns = capture_ns.saturating_sub(reader.origin_ns).max(0) as f64;
    let limits = Limits::new(length_ns, columns as f64);
    let cursor_ns =
        (context.cursor).map(|cursor| loom::reader::packet_ns(context.trace, cursor.packet));
    let moved = state.following.moved(context.cursor);
    if let (Some(moved), Some(cursor_ns), Some(window)) = (moved, cursor_ns, state.window)
        && cursor_ns <= fitted.end_ns
    {
        state.window = Some(window.with_cursor(cursor_ns, moved.forward, &limits));
    }
    let window = state.window.unwrap_or(fitted).within(&limits);
    let scale = window.scale(columns as f64);

    let selected = context.selected_stream();
    let model = Model::new(context, &reader, &mut state.kept, &scale, columns);
    if model.unread {
        ui.ctx().request_repaint();
    }
    if context.matches.is_some() {
        let words = words::passing_words(context, model.passing, model.in_view);
        filtered::note_words_ui(ui, context, words);
    }
    let loading = context.loading;
    state.pauses.follow(
        ui.ctx(),
        context.trace,
        reader.connection,
        loading,
        stalls::Pauses::of,
    );
    let none = stalls::Pauses::default();
    let all_pauses = state.pauses.get(reader.connection.id).unwrap_or(&none);
    let connection = model
        .lines
        .first()
        .map_or(minmax::Span::of(0), line::Line::span);
    let in_use = |line: &line::Line| line.span_in_use(&model.settings);
    let streams = model.lines.iter().skip(1).map(|line| in_use(line).0);
    let plot_ns = |x: f64| (scale.time_from_x(x) as i64).saturating_add(reader.origin_ns);
    let shown_ns = (plot_ns(0.0), plot_ns(columns as f64));
    let in_view = all_pauses.within(reader.side, shown_ns.0, shown_ns.1);
    let hides = |stream| filtered::hides_stream(context, reader.connection.id, stream);
    let passes = |pause: &&stalls::Pause| pause.row().is_connection() || !hides(pause.row());
    let pauses: Vec<_> = (in_view.filter(passes).copied()).take(MAX_PAUSES).collect();
    let told = list::Told {
        context,
        reader: &reader,
        pauses: &pauses,
        all: all_pauses,
        shown_ns,
    };
    let whole = ui.available_rect_before_wrap();
    let rows = list::head_ui(ui, &told, &mut state.list);
    let rect = ui.available_rect_before_wrap();
    let below = match rows.is_empty() {
        true => 0.0,
        false => state.list.height(whole.height()),
    };
    let place = rect.with_min_y(rect.bottom() - below);
    let rect = rect.with_max_y(place.top());
    let response = ui.allocate_rect(rect, Sense::click_and_drag());
    if below > 0.0 {
        list::list_ui(ui, &told, &rows, place, &mut state.list);
    }
    let waiting = paint::waiting_rows(&pauses, selected, rect.height());
    let layout = Layout::new(
        rect,
        connection,
        streams.reduce(minmax::Span::with),
        waiting.len(),
    );
    let picture = Picture {
        context,
        reader,
        layout,
        scale,
        model: &model,
        selected,
        waiting,
        waits_above_zero: pauses.iter().any(|pause| !pause.seen),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "flow control"));
    picture.paint(ui, &pauses);
    picture.legend_ui(ui);
    picture.signs_ui(ui);
    let place = picture.layout.axis.union(rect);
    let by_hand = act(ui, &response, &picture, &pauses, state, window, &limits);
    let shown = state.window.unwrap_or(fitted).within(&limits);
    let in_sight = cursor_ns.map(|at| shown.contains(at) || at > fitted.end_ns);
    (state.following).button_ui(ui, context.theme, place, by_hand, in_sight);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(words::summary(&picture));
    });
}

fn controls_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State, reader: &Reader<'_>) {
    ui.horizontal_wrapped(|ui| {
        let shown = reader.direction();
        let choice = |label, help, direction| Choice {
            label,
            help,
            chosen: shown == direction,
        };
        let choices = [
            choice(
                "Client sends",
                "What the client may still send; the server's WINDOW_UPDATE frames lift it.",
                Direction::Client,
            ),
            choice(
                "Server sends",
                "What the server may still send; the client's WINDOW_UPDATE frames lift it.",
                Direction::Server,
            ),
        ];
        if let Some(clicked) = choices_ui(ui, context.theme, "Windows", &choices) {
            state.sender = Direction::BOTH.get(clicked).copied();
        }
        let words = format!(
            "bytes the {} may still send: DATA uses them up, WINDOW_UPDATE adds more",
            shown.name(),
        );
        let size = crate::ui::theme::text_size::SMALL + 0.5;
        let words = egui::RichText::new(words).size(size);
        explained_ui(ui, words.color(context.theme.text_weak));
    });
}

/// What a hand does: wheel, drag, click, double-click. Returns whether it has moved the window.
fn act(
    ui: &Ui,
    response: &Response,
    picture: &Picture<'_>,
    pauses: &[stalls::Pause],
    state: &mut State,
    window: Window,
    limits: &Limits,
) -> bool {
    let context = picture.context;
    let mut by_hand = false;
    let x = picture.layout.plot_x();
    let time_ns = |at: Pos2| picture.scale.time_from_x(f64::from(at.x - x.min));
    let mut show = |next: Window| {
        by_hand = true;
        state.window = Some(next);
        context.send(Command::Loom(loom::Command::ShowTimes {
            start_ns: next.start_ns,
            end_ns: next.end_ns,
        }));
        ui.ctx().request_repaint();
    };
    if let Some(at) = response.hover_pos() {
        let zoom = ui.input(|input| f64::from(input.zoom_delta()));
        let sideways = ui.input(|input| input.smooth_scroll_delta.x);
        if (zoom - 1.0).abs() > 1e-6 {
            show(window.zoomed(zoom, time_ns(at), limits));
        } else if sideways != 0.0 {
            show(window.moved(-f64::from(sideways) * picture.scale.ns_per_point(), limits));
        }
    }
    let pointer = response.interact_pointer_pos();
    let on_axis = |at: Pos2| picture.layout.axis.contains(at);
    if response.drag_started() {
        state.scrubbing = pointer.is_some_and(on_axis);
    }
    if response.dragged() && !state.scrubbing {
        let by_ns = -f64::from(response.drag_delta().x) * picture.scale.ns_per_point();
        let next = window.moved(by_ns, limits);
        by_hand = true;
        state.window = Some(next);
        context.send(Command::Loom(loom::Command::ShowTimes {
            start_ns: next.start_ns,
            end_ns: next.end_ns,
        }));
    }
    if response.double_clicked() {
        state.window = None;
        context.send(Command::Loom(loom::Command::FitAll));
        return by_hand;
    }
    let scrubs = (response.dragged() && state.scrubbing)
        || (response.clicked() && pointer.is_some_and(on_axis));
    if let Some(at) = pointer
        && scrubs
    {
        let at_ns = (time_ns(at) as i64).saturating_add(picture.reader.origin_ns);
        if let Some(packet) = context.trace.packet_at(at_ns) {
            context.send(Command::MoveCursor(Cursor::after_packet(packet)));
        }
        return by_hand;
    }
    let Some(at) = response.hover_pos() else {
        return by_hand;
    };
    let near = picture.line_near(at, NEAR);
    if let Some((line, step)) = near {
        let stream = picture
            .model
            .lines
            .get(line)
            .map_or(StreamId::CONNECTION, |line| line.stream);
        context.hover(Item::Stream(picture.reader.connection.id, stream));
        if response.clicked() {
            let item = match step {
                Some(frame) => Item::Frame(picture.reader.connection.id, frame),
                None => Item::Stream(picture.reader.connection.id, stream),
            };
            context.send(Command::Select(item));
        }
    } else if response.clicked()
        && let Some(pause) = picture.pause_at(at, pauses)
    {
        let item = Item::Frame(picture.reader.connection.id, pause.from);
        context.send(Command::Select(item));
    }
    let said = words::hover_words(picture, at, near.map(|(line, _)| line), pauses);
    if !said.is_empty() {
        response.clone().on_hover_text_at_pointer(said);
    }
    by_hand
}
