//! The gRPC calls of the capture: a table of them, and a lane for each over time with its messages, its deadline and the
//! calls that were made for it.

mod head;
mod lanes;
pub mod layout;
mod list;
mod methods;
pub mod model;
mod paint_table;
mod said;
pub mod words;

use crate::analysis::grpc::CallId;
use crate::ui::export::Table;
use crate::ui::grpc::{Instant, Standing};
use crate::ui::views::View;
use crate::ui::views::loom::window::{Limits, Window};
use crate::ui::widgets::following::Following;
use crate::ui::widgets::row_list::RowScroll;
use crate::ui::widgets::table::Sort;
use crate::ui::{Item, ViewContext};
use egui::{RichText, Ui, UiBuilder};
use list::{Listed, Order};
use methods::Methods;
use model::Sum;

/// What is shown of the calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// The table above, the lanes below it.
    #[default]
    Both,
    /// The table alone.
    Table,
    /// The lanes alone.
    Lanes,
    /// The calls of each method together.
    Methods,
}

/// Which stretch of time the lanes show.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Fit {
    /// That of all calls.
    #[default]
    All,
    /// That of the selected call and those that it belongs to; of all while none is selected.
    Selected,
    /// What a hand has made of it.
    Free(Window),
}

/// What the view remembers from picture to picture.
#[derive(Clone, Debug)]
pub struct State {
    shown: Shown,
    sort: Sort,
    /// Whether only calls that failed are listed.
    failed_only: bool,
    listed: Listed,
    methods: Methods,
    table_scroll: RowScroll,
    lane_scroll: RowScroll,
    fit: Fit,
    seen: Option<Item>,
    scrubbing: bool,
    /// Whether a hand has moved the lanes' stretch of time in this picture.
    by_hand: bool,
    /// Whether the cursor is in that stretch, or behind all calls.
    cursor_in_sight: bool,
    /// The table, and the lanes.
    following: [Following; 2],
}

impl Default for State {
    fn default() -> Self {
        Self {
            shown: Shown::default(),
            sort: Sort {
                column: paint_table::START,
                descending: false,
            },
            failed_only: false,
            listed: Listed::default(),
            methods: Methods::default(),
            table_scroll: RowScroll::default(),
            lane_scroll: RowScroll::default(),
            fit: Fit::default(),
            seen: None,
            scrubbing: false,
            by_hand: false,
            cursor_in_sight: true,
            following: Default::default(),
        }
    }
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        calls_ui(ui, context, self);
    }

    fn follow_cursor(&mut self, moves: Option<bool>) {
        for following in &mut self.following {
            following.told(moves);
        }
    }

    fn table(&self, context: &ViewContext<'_>) -> Option<Table> {
        let rows = context.grpc.calls.rows();
        let order = self.listed.table().iter();
        let order = order.filter_map(|at| Some(rows.get(*at)?.id));
        (!rows.is_empty()).then(|| Table::Calls(order.collect()))
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// Lines that the text has at most; more, nobody reads.
const MAX_LINES: usize = 5000;

/// Draws the view into the space that is left.
pub fn calls_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    let calls = &context.grpc.calls;
    if calls.rows().is_empty() {
        if context.grpc.working {
            ui.spinner();
        }
        ui.label(RichText::new(nothing(context)).color(theme.text_weak));
        return;
    }
    state.listed.follow(ui.ctx(), context, state.order());
    if !state.listed.is_made() {
        ui.spinner();
        ui.label(RichText::new("Putting the calls in order.").color(theme.text_weak));
        return;
    }
    head::head_ui(ui, context, state);
    if state.listed.table().is_empty() {
        let words = match (state.failed_only, context.matches.is_some()) {
            (true, true) => "No call that failed passes the filter at the top.",
            (true, false) => "No call failed.",
            (false, _) => "No call passes the filter at the top.",
        };
        ui.label(RichText::new(words).color(theme.text_weak));
        return;
    }
    if state.shown == Shown::Methods {
        let order = state.order();
        methods::methods_ui(ui, context, &mut state.methods, order);
        return;
    }
    let selected = selected_call(context);
    selected_ui(ui, context, selected);
    let at = at_cursor(context, state);
    let picked = (state.seen != context.selection)
        .then_some(selected)
        .flatten()
        .and_then(|id| calls.position(id));
    state.seen = context.selection;
    let place = |list: &[usize], wanted: Option<usize>| {
        wanted.and_then(|wanted| list.iter().position(|at| *at == wanted))
    };
    let [of_table, of_lanes] = &mut state.following;
    let picked_row = place(state.listed.table(), picked).filter(|_| of_table.reveals());
    let row = place(state.listed.table(), at);
    if let Some(row) = picked_row {
        state.table_scroll.reveal(row);
    }
    of_table.scroll(&mut state.table_scroll, context.cursor, row);
    let picked_lane = place(state.listed.lanes(), picked).filter(|_| of_lanes.reveals());
    let lane = place(state.listed.lanes(), at);
    if let Some(lane) = picked_lane {
        // With the calls that were made for it.
        state.lane_scroll.reveal(lane + 2);
    }
    let moved = of_lanes.moved(context.cursor);
    if let (Some(_), Some(lane)) = (moved, lane) {
        state.lane_scroll.reveal(lane);
    }
    let area = ui.available_rect_before_wrap();
    let shown = match state.shown {
        Shown::Both if area.height() < layout::BOTH_POINTS => Shown::Table,
        shown => shown,
    };
    let rows = state.listed.table().len() as f32;
    let split = match shown {
        Shown::Table | Shown::Methods => area.bottom(),
        Shown::Lanes => area.top(),
        // A short table leaves its room to the lanes.
        Shown::Both => area.top() + (area.height() * 0.45).min(30.0 + rows * 26.0),
    };
    ui.advance_cursor_after_rect(area);
    let mut part = |rect, name: &str| ui.new_child(UiBuilder::new().id_salt(name).max_rect(rect));
    if shown != Shown::Lanes {
        let place = area.with_max_y(split);
        let mut child = part(place, "table");
        child.shrink_clip_rect(place);
        paint_table::table_ui(&mut child, context, state, selected);
        let scroll = &mut state.table_scroll;
        state.following[0].rows_ui(&mut child, theme, place, scroll, row);
    }
    if shown != Shown::Table {
        let top = if shown == Shown::Both {
            split + 6.0
        } else {
            split
        };
        let mut child = part(area.with_min_y(top), "lanes");
        lanes::lanes_ui(&mut child, context, state, selected, moved);
        let by_hand = state.lane_scroll.take_by_hand() | std::mem::take(&mut state.by_hand);
        let in_sight = lane.map(|lane| state.lane_scroll.shows(lane) && state.cursor_in_sight);
        let place = area.with_min_y(top);
        state.following[1].button_ui(&mut child, theme, place, by_hand, in_sight);
    }
}

/// What the selected call says, in full: its row may have no room for it.
fn selected_ui(ui: &mut Ui, context: &ViewContext<'_>, selected: Option<CallId>) {
    let Some(whole) = selected_words(context, selected) else {
        return;
    };
    let lines = match ui.available_height() < layout::BOTH_POINTS {
        true => SELECTED_LINES.0,
        false => SELECTED_LINES.1,
    };
    let letters = ui.available_width() / SELECTED_LETTER * lines;
    let words = crate::report::text::one_line(&whole, letters.max(60.0) as usize);
    let theme = context.theme;
    let line = ui.label(RichText::new(words).small().color(theme.text));
    line.on_hover_text(whole);
}

/// Lines for what the selected call says, in a low pane and in a high one; and about how wide a letter is, in points.
const SELECTED_LINES: (f32, f32) = (2.0, 4.0);
const SELECTED_LETTER: f32 = 6.2;

fn selected_words(context: &ViewContext<'_>, selected: Option<CallId>) -> Option<String> {
    let calls = &context.grpc.calls;
    let row = calls.rows().get(calls.position(selected?)?)?;
    let standing = Instant::new(context.trace, context.cursor).standing(row);
    Some(format!(
        "selected {}",
        words::selected(calls, row, standing)
    ))
}

impl State {
    fn order(&self) -> Order {
        Order {
            sort: self.sort,
            failed_only: self.failed_only,
        }
    }
}

/// The call that the cursor is at: that of the last frame, else one that runs then. Of very many calls it is not
/// searched.
fn at_cursor(context: &ViewContext<'_>, state: &State) -> Option<usize> {
    let calls = &context.grpc.calls;
    if state.listed.lanes().len() > model::MAX_COUNTED {
        return None;
    }
    let of_frame = (context.connection.zip(context.stream_at_cursor())).and_then(|(of, stream)| {
        calls.position(CallId {
            connection: of.id,
            carrier: stream.into(),
        })
    });
    if of_frame.is_some() {
        return of_frame;
    }
    let mut instant = Instant::new(context.trace, context.cursor);
    let mut runs = |at: &&usize| {
        let row = calls.rows().get(**at);
        row.is_some_and(|row| matches!(instant.standing(row), Standing::Running { .. }))
    };
    state.listed.lanes().iter().find(|at| runs(at)).copied()
}

/// From beginning to end or deadline of the selected call's whole chain.
fn family_ns(context: &ViewContext<'_>) -> Option<(i64, i64)> {
    let calls = &context.grpc.calls;
    let root = calls.root(calls.position(selected_call(context)?)?);
    let mut waiting = vec![root];
    let mut times: Option<(i64, i64)> = None;
    // Of a call with thousands of calls below it, the first tell enough.
    for _ in 0..1000 {
        let Some(at) = waiting.pop() else { break };
        let Some(row) = calls.rows().get(at) else {
            continue;
        };
        let ends = [row.ended_ns, row.deadline_ns().filter(|_| row.is_late())];
        let last = ends.into_iter().flatten().max().unwrap_or(row.started_ns);
        let (first, before) = times.unwrap_or((row.started_ns, last));
        times = Some((first.min(row.started_ns), before.max(last)));
        waiting.extend(calls.children(at).iter().filter(|child| **child != root));
    }
    times
}

/// The stretch of time of the lanes, and what it must keep to.
fn lane_window(context: &ViewContext<'_>, state: &State, width: f64) -> (Window, Limits) {
    let (first, last) = context.grpc.calls.times_ns().unwrap_or((0, 1));
    let fitted = Window::fitted(first as f64, last as f64, width);
    let capture = context.trace.time_range_ns;
    let capture_ns = capture.map_or(0, |(first, last)| last.saturating_sub(first));
    let limits = Limits::new(capture_ns as f64, width);
    let window = match state.fit {
        Fit::All => None,
        Fit::Selected => {
            family_ns(context).map(|(first, last)| Window::around(first as f64, last as f64, width))
        }
        Fit::Free(window) => Some(window),
    };
    (window.unwrap_or(fitted).within(&limits), limits)
}

/// The call that the selection is or belongs to.
fn selected_call(context: &ViewContext<'_>) -> Option<CallId> {
    let id = CallId {
        connection: context.connection?.id,
        carrier: context.selected_carrier()?,
    };
    context.grpc.calls.position(id).map(|_| id)
}

fn nothing(context: &ViewContext<'_>) -> &'static str {
    if context.grpc.working || context.loading {
        return "Looking for gRPC calls; none found so far.";
    }
    match context.connection {
        Some(_) => {
            "This capture has no gRPC calls. Calls are requests whose content type begins with \
             application/grpc, or whose content looks like gRPC messages."
        }
        None => "Open a capture: its gRPC calls are listed here.",
    }
}

fn sum(context: &ViewContext<'_>, listed: &Listed) -> Sum {
    Sum::of(
        context.trace,
        &context.grpc.calls,
        listed.table(),
        context.cursor,
    )
}

/// What the view says, line by line.
pub fn text(context: &ViewContext<'_>, state: &State) -> String {
    let calls = &context.grpc.calls;
    if calls.rows().is_empty() {
        return nothing(context).to_owned();
    }
    let listed = Listed::complete(context, state.order());
    if state.shown == Shown::Methods {
        return Methods::text(context, state.order()).join("\n");
    }
    let mut instant = Instant::new(context.trace, context.cursor);
    let mut lines = vec![sum(context, &listed).line()];
    lines.extend(selected_words(context, selected_call(context)));
    let rows = listed.table().iter().filter_map(|at| calls.rows().get(*at));
    lines.extend(
        rows.take(MAX_LINES)
            .map(|row| words::row_text(context, row, &mut instant)),
    );
    if let Some(more) = listed.table().len().checked_sub(MAX_LINES + 1) {
        lines.push(format!("… and {} more", more + 1));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
