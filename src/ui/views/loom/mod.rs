//! The loom: a time axis on which each stream is a thread in its own colour and each frame a knot.
//!
//! It is drawn twice over one axis: as *the wire*, the one true order in which frames crossed the
//! connection, and as *lanes*, one per stream. Client frames are above the thread, server frames
//! below it. The path of a picture: [`window`] says which time is shown, [`layout`] where things
//! are, [`model`] which frames or sums of frames stand there, `paint` draws them and [`hover`] finds
//! what is under the pointer.

mod bars;
mod controls;
mod fold;
pub(in crate::ui::views) mod glyph;
mod hover;
mod input;
mod labels;
mod layout;
mod lineup;
mod marks;
mod model;
mod paint;
mod places;
pub mod reader;
mod summary;
mod surround;
#[cfg(test)]
pub(crate) mod test_trace;
mod text;
mod waits;
pub(in crate::ui::views) mod window;
mod wishes;

pub use text::text;

use crate::trace::{Cursor, FrameId};
use crate::ui::background::Background;
use crate::ui::views::View;
use crate::ui::widgets::filtered;
use crate::ui::widgets::findings::ByFrame;
use crate::ui::widgets::waits::Waits;
use crate::ui::{Item, ViewContext};
use crate::wire::http2::StreamId;
use layout::{Content, Layout};
use lineup::{Grouping, Lineup, Order, Wishes};
use model::Model;
use reader::{Extent, Reader, Summaries};
use std::ops::Range;
use window::{Limits, Window};

/// What the loom alone understands.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Show less time, larger, around the pointer.
    ZoomIn,
    /// Show more time, smaller.
    ZoomOut,
    /// Show what came earlier.
    PanLeft,
    /// Show what comes later.
    PanRight,
    /// Bring the selection into the middle; a second time, fit it.
    CentreSelection,
    /// Show all frames of the connection.
    FitAll,
    /// Scroll the lane of a stream into view.
    ScrollTo(StreamId),
    /// Show this stretch of time, in nanoseconds since the first packet.
    ShowTimes {
        /// Its first instant.
        start_ns: f64,
        /// Its end.
        end_ns: f64,
    },
    /// Sort the lanes.
    SortBy(Order),
    /// Put lanes together under headings.
    GroupBy(Grouping),
    /// Fold the lanes below a heading away, or unfold them.
    Fold(String),
    /// Keep a stream's lane at the top, or no longer.
    Pin(StreamId),
    /// The same for the selected stream.
    PinSelected,
    /// Leave out lanes without a frame in the time shown, or not.
    ToggleIdle,
    /// Keep the lanes of streams that the filter leaves out, dimmed, or not.
    ToggleFiltered,
    /// Show only streams whose number or words contain this.
    Search(String),
}

/// How much closer one step of zooming gets.
const ZOOM_STEP: f64 = 1.6;
/// How much of the window one step of panning moves.
const PAN_STEP: f64 = 0.2;

/// What the loom remembers between two pictures.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Where the window is going; `None` before the first picture.
    target: Option<Window>,
    /// What the last picture showed.
    shown: Option<Window>,
    /// Whether a person has chosen what is shown. Until then everything is, also what is appended.
    touched: bool,
    /// How the cursor runs by itself; see [`View::follow_cursor`].
    runs: Option<bool>,
    /// Whether a hand has moved the window in this picture.
    by_hand: bool,
    /// How far the lanes are scrolled down, in points.
    scroll: f64,
    /// The places of the last picture.
    layout: Option<Layout>,
    /// The instant under the pointer in the last picture.
    pointer_ns: Option<f64>,
    drag: Option<input::Drag>,
    /// Cursor and selection of the last picture: when they change, they are brought into view.
    seen: (Option<Cursor>, Option<Item>),
    summaries: Summaries,
    /// What a person asked of the lanes.
    wishes: Wishes,
    lineup: Lineup,
    /// Of what the lineup was made.
    lineup_of: Option<LineupOf>,
    /// What made the streams wait.
    waits: Background<Waits>,
    findings: ByFrame,
}

/// Of what a lineup was made: the wishes, how many streams and frames there are, the frames in view where idle lanes
/// are hidden, and what the filter says.
type LineupOf = (Wishes, usize, usize, Range<usize>, filtered::Progress);

impl State {
    /// The stretch of time that the last picture showed, in nanoseconds since the first packet.
    pub fn shown_ns(&self) -> Option<(f64, f64)> {
        self.shown.map(|window| (window.start_ns, window.end_ns))
    }

    /// Carries out a command.
    pub fn command(&mut self, command: Command, context: &ViewContext<'_>) {
        let Some(reader) = Reader::new(context) else {
            return;
        };
        self.summaries.follow(&reader);
        let limits = self.limits(&reader);
        let window = match self.target {
            Some(window) => window,
            None => match self.fitted(&reader) {
                Some(window) => window,
                None => return,
            },
        };
        let step_ns = window.length_ns() * PAN_STEP;
        let next = match command {
            Command::ZoomIn => window.zoomed(ZOOM_STEP, self.anchor_ns(&reader, context), &limits),
            Command::ZoomOut => {
                window.zoomed(1.0 / ZOOM_STEP, self.anchor_ns(&reader, context), &limits)
            }
            Command::PanLeft => window.moved(-step_ns, &limits),
            Command::PanRight => window.moved(step_ns, &limits),
            Command::ShowTimes { start_ns, end_ns } => Window {
                start_ns,
                end_ns: end_ns.max(start_ns),
            }
            .within(&limits),
            Command::CentreSelection => match self.centred(&reader, context, window, &limits) {
                Some(next) => next,
                None => return,
            },
            Command::FitAll => {
                self.touched = false;
                self.target = self.fitted(&reader);
                return;
            }
            Command::ScrollTo(stream) => {
                self.scroll_to(&reader, stream);
                return;
            }
            wish => {
                self.wish(wish, context);
                return;
            }
        };
        self.touched = true;
        self.target = Some(next);
    }

    fn width(&self) -> f64 {
        self.layout
            .as_ref()
            .map_or(800.0, |layout| f64::from(layout.width()))
    }

    fn limits(&self, reader: &Reader<'_>) -> Limits {
        Limits::new(reader.capture_length_ns(), self.width())
    }

    /// The window that shows all frames.
    fn fitted(&self, reader: &Reader<'_>) -> Option<Window> {
        let Extent {
            first_ns, last_ns, ..
        } = self.summaries.extent(reader)?;
        let window = Window::fitted(first_ns as f64, last_ns as f64, self.width());
        Some(window.within(&self.limits(reader)))
    }

    /// What stays in place while zooming by key: the pointer's instant, else the cursor's.
    fn anchor_ns(&self, reader: &Reader<'_>, context: &ViewContext<'_>) -> f64 {
        let Some(window) = self.target else {
            return 0.0;
        };
        let cursor_ns = context.cursor.map(|cursor| {
            let time_ns = reader.trace.time_ns(cursor.packet);
            time_ns.saturating_sub(reader.origin_ns) as f64
        });
        self.pointer_ns
            .or(cursor_ns)
            .filter(|time_ns| window.contains(*time_ns))
            .unwrap_or(window.centre_ns())
    }

    /// The selection in the middle, or fitted when it already is there.
    fn centred(
        &mut self,
        reader: &Reader<'_>,
        context: &ViewContext<'_>,
        window: Window,
        limits: &Limits,
    ) -> Option<Window> {
        let stream = context.selected_stream()?;
        self.scroll_to(reader, stream);
        let time_ns = |id: FrameId| Some(reader.frame(id)?.0 as f64);
        let (first_ns, last_ns) = match context.selected_frame() {
            Some((id, _)) => (time_ns(id)?, time_ns(id)?),
            None => {
                let frames = reader.http2.frames_of(stream);
                (time_ns(*frames.get(0)?)?, time_ns(*frames.last()?)?)
            }
        };
        let centred = window.centred((first_ns + last_ns) / 2.0, limits);
        let is_there = (centred.start_ns - window.start_ns).abs() < window.length_ns() * 0.01;
        let lone = last_ns - first_ns < 1.0;
        Some(match (is_there, lone) {
            (false, _) => centred,
            (true, true) => window.zoomed(8.0, first_ns, limits),
            (true, false) => Window::around(first_ns, last_ns, self.width()).within(limits),
        })
    }

    fn scroll_to(&mut self, reader: &Reader<'_>, stream: StreamId) {
        let place = reader.http2.stream_index(stream);
        let position = place.and_then(|place| self.lineup.position(place));
        if let (Some(layout), Some(position)) = (&self.layout, position) {
            self.scroll = layout.scroll_to(position);
        }
    }

    /// Brings the window to where it should be in this picture, and the cursor and the selection
    /// into it when they have changed. Returns what to show.
    fn settle(
        &mut self,
        reader: &Reader<'_>,
        context: &ViewContext<'_>,
        seconds: f64,
    ) -> Option<Window> {
        let limits = self.limits(reader);
        let fitted = self.fitted(reader)?;
        let mut target = match self.target {
            Some(window) if self.touched => window.within(&limits),
            _ => fitted,
        };
        let (cursor, selection) = (context.cursor, context.selection);
        let time_ns = |packet| {
            reader
                .trace
                .time_ns(packet)
                .saturating_sub(reader.origin_ns) as f64
        };
        if selection != self.seen.1
            && let Some(stream) = context.selected_stream()
        {
            self.scroll_to(reader, stream);
            let frame = context
                .selected_frame()
                .map(|(_, frame)| time_ns(frame.packet));
            if let Some(time_ns) = frame.filter(|time_ns| !target.contains(*time_ns)) {
                target = target.centred(time_ns, &limits);
            }
        } else if cursor != self.seen.0
            && self.drag.is_none()
            && self.runs != Some(false)
            && let (Some(before), Some(cursor)) = (self.seen.0, cursor)
        {
            let time_ns = time_ns(cursor.packet);
            let frames = context.frame_count() > 0 && time_ns <= fitted.end_ns;
            if frames && !target.contains(time_ns) {
                // It goes on towards the far side.
                let side = if cursor > before { 0.35 } else { -0.35 };
                let centred = target.centred(time_ns, &limits);
                target = centred.moved(side * target.length_ns(), &limits);
            }
        }
        self.seen = (cursor, selection);
        let shown = match self.shown {
            Some(shown) => shown.eased(target, seconds),
            None => target,
        };
        self.target = Some(target);
        self.shown = Some(shown);
        Some(shown)
    }

    /// Changes the window at once, without easing: it follows a hand.
    fn set_window(&mut self, window: Window) {
        self.touched = true;
        self.by_hand = true;
        self.target = Some(window);
        self.shown = Some(window);
    }
}

impl View for State {
    fn ui(&mut self, ui: &mut egui::Ui, context: &ViewContext<'_>) {
        loom_ui(ui, context, self);
        if std::mem::take(&mut self.by_hand) && self.runs == Some(true) {
            context.send(crate::ui::Command::FollowCursor(false));
        }
    }

    fn follow_cursor(&mut self, runs: Option<bool>) {
        self.runs = runs;
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }

    fn command(&mut self, command: &crate::ui::Command, context: &ViewContext<'_>) {
        if let crate::ui::Command::Loom(command) = command {
            State::command(self, command.clone(), context);
        }
    }

    fn shown_ns(&self) -> Option<(f64, f64)> {
        State::shown_ns(self)
    }
}

/// Shows the loom in all the space that is left.
pub fn loom_ui(ui: &mut egui::Ui, context: &ViewContext<'_>, state: &mut State) {
    let rect = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(rect, egui::Sense::click_and_drag());
    ui.painter()
        .rect_filled(rect, 0.0, context.theme.background);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, "loom"));
    let Some(reader) = Reader::new(context) else {
        *state = State::default();
        surround::nothing_ui(ui, rect, context);
        return;
    };
    if state.summaries.follow(&reader) {
        let summaries = std::mem::take(&mut state.summaries);
        *state = State {
            summaries,
            wishes: std::mem::take(&mut state.wishes),
            ..State::default()
        };
        // Streams of another connection have other numbers.
        state.wishes.pinned.clear();
        state.wishes.search.clear();
    }
    state.line_up(&reader, context);
    let content = Content {
        lanes: state.lineup.lanes.len(),
        pinned: state.lineup.pinned,
        headings: state.lineup.heading_places().into(),
        connection_lane: !reader.http2.frames_of(StreamId::CONNECTION).is_empty(),
    };
    let places = |scroll| Layout::new(rect, content.clone(), scroll);
    state.layout = Some(places(state.scroll));
    let seconds = f64::from(ui.input(|input| input.stable_dt).min(0.25));
    if state.settle(&reader, context, seconds).is_none() {
        return;
    }
    input::navigate(ui, &response, &reader, state);
    let layout = places(state.scroll);
    state.scroll = layout.scroll;
    state.layout = Some(layout.clone());
    let Some(shown) = state.shown else {
        return;
    };
    if state.target != state.shown {
        ui.ctx().request_repaint();
    }

    let width = f64::from(layout.width());
    let model = Model::new(
        &reader,
        &mut state.summaries,
        shown.scale(width),
        width,
        layout
            .shown_lanes()
            .filter_map(|at| Some((at, *state.lineup.lanes.get(at)? as usize))),
        context.frame_count(),
    );
    let extent = state.summaries.extent(&reader);
    let loading = context.loading;
    state.waits.follow(
        ui.ctx(),
        context.trace,
        reader.connection,
        loading,
        Waits::of,
    );
    state.findings.follow(context.trace);
    // What is drawn from is taken out of the state while a hand may change the rest of it.
    let (waits, findings) = (
        std::mem::take(&mut state.waits),
        std::mem::take(&mut state.findings),
    );
    let picture = paint::Picture {
        context,
        reader,
        layout,
        model: &model,
        waits: waits.get(reader.connection.id),
        findings: &findings,
    };
    picture.paint(ui);
    picture.labels_ui(ui);
    picture.legend_ui(ui, extent.as_ref());
    controls::headings_ui(ui, &picture, &state.lineup);
    controls::controls_ui(ui, &picture, state);
    input::act(ui, &response, &picture, state);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(text::summary(&reader, &model));
    });
    (state.waits, state.findings) = (waits, findings);
}

#[cfg(test)]
mod tests;
