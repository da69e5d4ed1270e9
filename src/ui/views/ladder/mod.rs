//! The ladder: client and server as two lines, time downwards, and an arrow for every frame, segment
//! or call. Every rung has its row, so that all of them can be read; quiet times are folded and said.
//!
//! [`track`] tells the rungs one by one, [`gaps`] which quiet times are folded, [`round_trip`] how far
//! apart the ends are, [`layout`] what is in view; `paint` draws it.

mod gaps;
mod kept;
mod layout;
mod paint;
pub(in crate::ui::views) mod round_trip;
#[cfg(test)]
mod tests;
mod track;
mod words;

pub use words::text;

use super::View;
use super::flow::stalls::Pauses;
use crate::trace::{ConnectionId, Cursor};
use crate::ui::background::Background;
use crate::ui::widgets::explained::explained_ui;
use crate::ui::widgets::filtered;
use crate::ui::widgets::following::Following;
use crate::ui::widgets::switch::{Choice, choices_ui};
use crate::ui::{Item, ViewContext};
use egui::{Role, Sense, Ui, WidgetInfo};
use gaps::Gaps;
use kept::Kept;
use layout::Layout;
use paint::Picture;
use round_trip::RoundTrip;
use track::{Reader, Rungs, Track};

/// In this time, in seconds, a scroll covers all but a third of its way.
const EASE_SECONDS: f64 = 0.06;

/// What the view remembers between two pictures.
#[derive(Clone, Debug, Default)]
pub struct State {
    rungs: Rungs,
    kept: Kept,
    gaps: Gaps,
    pauses: Background<Pauses>,
    /// How far it is scrolled down, and where that is going.
    scroll: f64,
    target: f64,
    /// What the last picture showed: when it changes, it is brought into view.
    seen: Option<(ConnectionId, Rungs, Option<Cursor>, Option<Item>)>,
    following: Following,
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        ladder_ui(ui, context, self);
    }

    fn follow_cursor(&mut self, moves: Option<bool>) {
        self.following.told(moves);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// Draws the view into the space that is left.
pub fn ladder_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let Some(reader) = Reader::new(context) else {
        let words = egui::RichText::new(words::nothing_words(context));
        ui.label(words.color(context.theme.text_weak));
        return;
    };
    let trip = RoundTrip::new(&reader);
    controls_ui(ui, context, state, &trip);
    let more = state
        .kept
        .follow(&reader, state.rungs, context.matches, context.loading);
    let track = Track::new(reader, state.rungs, &state.kept, context.matches);
    if state.gaps.follow(&track) || more {
        ui.ctx().request_repaint();
    }
    let noun = state.rungs.noun();
    filtered::note_ui(ui, context, track.len(), track.all(), noun);
    let rect = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(rect, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "ladder"));
    let loading = context.loading;
    state.pauses.follow(
        ui.ctx(),
        context.trace,
        reader.connection,
        loading,
        Pauses::of,
    );
    let none = Pauses::default();
    let pauses = state.pauses.get(reader.connection.id).unwrap_or(&none);

    let mut layout = Layout::new(rect, track.len(), &state.gaps, state.target);
    state.target = layout.scroll;
    let now = Some((
        reader.connection.id,
        state.rungs,
        context.cursor,
        context.selection,
    ));
    let at_cursor = track.happened(context.cursor).checked_sub(1);
    let returns = state.following.moved(context.cursor).is_some();
    if state.seen != now || returns {
        let selected = state.seen.map(|seen| seen.3) != Some(context.selection);
        let row = context
            .selection
            .filter(|_| selected && state.following.reveals())
            .and_then(|item| track.row_of(item));
        if let Some(row) = row.or(at_cursor.filter(|_| !state.following.stays())) {
            state.target = layout.scroll_to(row, &state.gaps);
        }
        if state
            .seen
            .is_none_or(|seen| (seen.0, seen.1) != (reader.connection.id, state.rungs))
        {
            // Something else is shown: it is there at once.
            state.scroll = state.target;
        }
        state.seen = now;
    }
    let mut by_hand = response.dragged();
    if response.hovered() {
        let wheel = ui.input(|input| f64::from(input.smooth_scroll_delta.y));
        by_hand |= wheel != 0.0;
        state.target -= wheel;
        state.scroll -= wheel;
    }
    if response.dragged() {
        let by = f64::from(response.drag_delta().y);
        state.target -= by;
        state.scroll -= by;
    }
    state.target = state.target.clamp(0.0, layout.max_scroll());
    let seconds = f64::from(ui.input(|input| input.stable_dt).min(0.1));
    let left = (-seconds / EASE_SECONDS).exp();
    let page = f64::from(layout.body.height());
    let way = state.target - state.scroll;
    state.scroll = if way.abs() < 0.5 || way.abs() > 4.0 * page {
        state.target
    } else {
        state.target - way * left
    };
    if state.scroll != state.target {
        ui.ctx().request_repaint();
    }
    layout.scroll = state.scroll.clamp(0.0, layout.max_scroll());

    let picture = Picture {
        context,
        track,
        layout,
        gaps: &state.gaps,
        pauses,
        trip,
        happened: track.happened(context.cursor),
    };
    picture.paint_ui(ui);
    let body = picture.layout.body;
    if let Some(scroll) = picture.scroll_bar_ui(ui) {
        by_hand = true;
        state.target = scroll;
        state.scroll = scroll;
    }
    let going = Layout::new(rect, picture.track.len(), &state.gaps, state.target);
    let in_sight = at_cursor.map(|row| body.y_range().contains(going.y(row, &state.gaps)));
    (state.following).button_ui(ui, context.theme, body, by_hand, in_sight);
}

fn controls_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State, trip: &RoundTrip) {
    ui.horizontal_wrapped(|ui| {
        let help = [
            "An arrow for every HTTP/2 frame.",
            "An arrow for every TCP segment, acknowledgments too.",
            "Two arrows for every call: its request, and the end of its response.",
        ];
        let choices: Vec<Choice<'_>> = Rungs::ALL
            .iter()
            .zip(["Frames", "Segments", "Calls"])
            .zip(help)
            .map(|((rungs, label), help)| Choice {
                label,
                help,
                chosen: *rungs == state.rungs,
            })
            .collect();
        if let Some(clicked) = choices_ui(ui, context.theme, "An arrow for each of", &choices) {
            state.rungs = Rungs::ALL.get(clicked).copied().unwrap_or_default();
        }
        let size = crate::ui::theme::text_size::SMALL + 0.5;
        let words = egui::RichText::new(trip.words()).size(size);
        explained_ui(ui, words.color(context.theme.text_weak));
    });
}
