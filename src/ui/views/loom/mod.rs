//! The loom: a time axis on which each stream is a thread in its own colour and each frame a knot.
//!
//! It is drawn twice over one axis: as *the wire*, the one true order in which frames crossed the
//! connection, and as *lanes*, one per stream. Client frames are above the thread, server frames
//! below it. The path of a picture: [`window`] says which time is shown, [`layout`] where things
//! are, [`model`] which frames or sums of frames stand there, `paint` draws them and [`hover`] finds
//! what is under the pointer.

mod area;
mod bars;
mod command;
mod controls;
mod copies;
mod crowd;
mod flags;
mod fold;
mod found;
pub(in crate::ui::views) mod glyph;
mod hover;
mod input;
mod labels;
mod layout;
mod legend;
pub mod lineup;
mod links;
mod losses;
mod marks;
mod model;
mod more;
mod newest;
mod paint;
mod places;
pub mod reader;
mod ruler;
mod signs;
mod stack;
mod standpoint;
mod summary;
mod surround;
#[cfg(test)]
pub(crate) mod test_trace;
mod text;
mod wait_words;
mod waits;
pub(in crate::ui::views) mod window;
mod wishes;
mod words;

pub use command::Command;
pub use text::text;

use crate::trace::{Cursor, Trace};
use crate::ui::background::Background;
use crate::ui::views::{View, exchanges};
use crate::ui::widgets::filtered;
use crate::ui::widgets::findings::ByFrame;
use crate::ui::widgets::following::Following;
use crate::ui::widgets::waits::Waits;
use crate::ui::{Item, ViewContext};
use crate::wire::http2::StreamId;
use area::Area;
use layout::{Content, Layout};
use lineup::{Lineup, Wishes};
use links::Links;
use model::Model;
use reader::{Reader, Summaries};
use ruler::Ruler;
use stack::Stack;
use std::ops::Range;
use window::{Limits, Window};

/// What the loom remembers between two pictures.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Where the window is going; `None` before the first picture.
    target: Option<Window>,
    /// What the last picture showed.
    shown: Option<Window>,
    /// Whether a person has chosen what is shown. Until then everything is, also what is appended.
    touched: bool,
    following: Following,
    /// Whether a hand has moved the window in this picture.
    by_hand: bool,
    /// How far the lanes are scrolled down, in points.
    scroll: f64,
    newest: newest::Newest,
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
    /// What belongs together, and whether that is shown for all lanes.
    links: Links,
    /// Whether the links of all lanes are wanted; `None` while nobody has said.
    links_at_rest: Option<bool>,
    /// A chosen stretch of time, and whether a drag chooses one.
    area: Option<Area>,
    chooses_area: bool,
    ruler: Option<Ruler>,
    /// All connections on one time axis.
    stack: Stack,
    /// The instant at the pointer, or of the frame that is near.
    snapped_ns: Option<f64>,
    /// The lanes of a connection that has no frames but exchanges of HTTP/1.1.
    exchanges: exchanges::State,
    /// What made the streams wait.
    waits: Background<Waits>,
    findings: ByFrame,
    /// How many rows the legend needs at a width.
    legend: Option<(f32, usize)>,
}

/// Of what a lineup was made: the wishes, how many streams and frames there are, the frames in view where idle lanes
/// are hidden, and what the filter says.
type LineupOf = (Wishes, usize, usize, Range<usize>, filtered::Progress);

impl State {
    /// The stretch of time that the last picture showed, in nanoseconds since the first packet.
    pub fn shown_ns(&self) -> Option<(f64, f64)> {
        self.shown.map(|window| (window.start_ns, window.end_ns))
    }

    fn width(&self) -> f64 {
        self.layout
            .as_ref()
            .map_or(800.0, |layout| f64::from(layout.width()))
    }

    fn limits(&self, trace: &Trace) -> Limits {
        Limits::new(reader::capture_length_ns(trace), self.width())
    }

    /// The window that shows all frames; of all connections the whole capture.
    fn fitted(&self, context: &ViewContext<'_>) -> Option<Window> {
        let trace = context.trace;
        let (first_ns, last_ns) = if self.stack.on {
            reader::origin_ns(trace)?;
            (0.0, reader::capture_length_ns(trace))
        } else {
            let extent = self.summaries.extent(&Reader::new(context)?)?;
            (extent.first_ns as f64, extent.last_ns as f64)
        };
        let window = Window::fitted(first_ns, last_ns, self.width());
        Some(window.within(&self.limits(trace)))
    }

    /// Scrolls to a lane of the connection shown.
    fn scroll_to(&mut self, context: &ViewContext<'_>, stream: StreamId) {
        let Some(connection) = context.connection else {
            return;
        };
        if self.stack.on {
            return self.stack.reveal_stream(connection.id, stream);
        }
        let place = connection.http2().and_then(|of| of.stream_index(stream));
        let position = place.and_then(|place| self.lineup.position(place));
        if let (Some(layout), Some(position)) = (&self.layout, position) {
            self.scroll = layout.scroll_to(position);
        }
    }

    /// Brings the window to where it should be in this picture, and the cursor and the selection
    /// into it when they have changed. Returns what to show.
    fn settle(&mut self, context: &ViewContext<'_>, seconds: f64) -> Option<Window> {
        let limits = self.limits(context.trace);
        let fitted = self.fitted(context)?;
        let mut target = match self.target {
            Some(window) if self.touched => window.within(&limits),
            _ => fitted,
        };
        let (cursor, selection) = (context.cursor, context.selection);
        let time_ns = |packet| reader::packet_ns(context.trace, packet);
        let mut follows = None;
        if selection != self.seen.1
            && self.following.reveals()
            && let Some(stream) = context.selected_stream()
        {
            self.scroll_to(context, stream);
            let frame = context
                .selected_frame()
                .map(|(_, frame)| time_ns(frame.packet));
            if let Some(time_ns) = frame.filter(|time_ns| !target.contains(*time_ns)) {
                target = target.centred(time_ns, &limits);
            }
        } else if self.stack.on
            && selection != self.seen.1
            && let Some(Item::Connection(connection)) = selection
        {
            self.stack.reveal(Some(connection));
        } else if cursor != self.seen.0
            && self.drag.is_none()
            && !self.following.stays()
            && let (Some(before), Some(cursor)) = (self.seen.0, cursor)
        {
            follows = Some(cursor > before);
        }
        if self.following.moved(cursor).is_some() && self.drag.is_none() {
            follows = follows.or(Some(true));
        }
        if let (Some(forward), Some(cursor)) = (follows, cursor) {
            let time_ns = time_ns(cursor.packet);
            if context.frame_count() > 0 && time_ns <= fitted.end_ns {
                target = target.with_cursor(time_ns, forward, &limits);
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

    /// How many rows the legend has: as many as it needed before.
    fn legend_rows(&self, width: f32) -> usize {
        self.legend
            .filter(|(of, _)| *of == width)
            .map_or(1, |(_, rows)| rows)
    }

    /// The legend needs so many rows. It never gives one back while it is as wide as it was, so that lanes do not jump.
    fn legend_needs(&mut self, ctx: &egui::Context, width: f32, rows: Option<usize>) {
        let before = self.legend_rows(width);
        let rows = rows.unwrap_or(1).max(before);
        if rows > before {
            ctx.request_repaint();
        }
        self.legend = Some((width, rows));
    }

    /// Another connection is shown alone: what was made of the one before is not true of it. What a person asked of
    /// lanes stays.
    fn forget_connection(&mut self, summaries: Summaries) {
        *self = Self {
            summaries,
            wishes: std::mem::take(&mut self.wishes),
            links_at_rest: self.links_at_rest,
            chooses_area: self.chooses_area,
            seen: self.seen,
            following: self.following,
            stack: std::mem::take(&mut self.stack),
            ..Self::default()
        };
    }

    /// The way back to the cursor, where a hand has moved the window away from it.
    fn follow_ui(&mut self, ui: &mut egui::Ui, context: &ViewContext<'_>) {
        let (Some(layout), Some(window)) = (&self.layout, self.target) else {
            return;
        };
        let in_sight = context
            .cursor
            .filter(|_| context.frame_count() > 0)
            .map(|cursor| {
                let time_ns = reader::packet_ns(context.trace, cursor.packet);
                let beyond = self
                    .fitted(context)
                    .is_some_and(|fitted| time_ns > fitted.end_ns);
                window.contains(time_ns) || beyond
            });
        let place = layout.rect.with_max_y(layout.more.top());
        let by_hand = std::mem::take(&mut self.by_hand);
        (self.following).button_ui(ui, context.theme, place, by_hand, in_sight);
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
        self.follow_ui(ui, context);
    }

    fn follow_cursor(&mut self, moves: Option<bool>) {
        self.following.told(moves);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        match exchanges::shown(context).filter(|_| !self.stack.on) {
            Some(connection) => exchanges::text(context, connection, &self.exchanges),
            None => text(context, self),
        }
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
    if let Some(connection) = exchanges::shown(context).filter(|_| !state.stack.on) {
        exchanges::exchanges_ui(ui, context, connection, &mut state.exchanges);
        return;
    }
    let rect = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(rect, egui::Sense::click_and_drag());
    ui.painter()
        .rect_filled(rect, 0.0, context.theme.background);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, "loom"));
    if state.stack.on && reader::origin_ns(context.trace).is_some() {
        return stack::stack_ui(ui, rect, &response, context, state);
    }
    let Some(reader) = Reader::new(context) else {
        state.forget_connection(Summaries::default());
        surround::nothing_ui(ui, rect, context);
        return;
    };
    if state.summaries.follow(&reader) {
        let summaries = std::mem::take(&mut state.summaries);
        state.forget_connection(summaries);
    }
    state.line_up(&reader, context);
    let content = Content {
        lanes: state.lineup.lanes.len(),
        pinned: state.lineup.pinned,
        headings: state.lineup.heading_places().into(),
        connection_lane: !reader.http2.frames_of(StreamId::CONNECTION).is_empty(),
        without_controls: state.hides_controls(context),
        footnote: (state.waits.get(reader.connection.id))
            .is_some_and(|waits| standpoint::words(reader.connection, waits).is_some()),
        footnote_in_more: false,
        losses: (state.waits.get(reader.connection.id)).is_some_and(losses::has_any),
        legend_rows: state.legend_rows(rect.width()),
    };
    let places = |state: &State| Layout::new(rect, content.clone(), state.scroll);
    state.layout = Some(places(state));
    let seconds = f64::from(ui.input(|input| input.stable_dt).min(0.25));
    if state.settle(context, seconds).is_none() {
        return;
    }
    input::navigate(ui, &response, context.trace, state);
    let mut layout = places(state);
    state.scroll = layout.scroll;
    if state.follow_newest(&reader, context, &layout) {
        layout = places(state);
    }
    state.layout = Some(layout.clone());
    let Some(shown) = state.shown else {
        return;
    };
    if state.target != state.shown || state.summaries.is_behind(&reader) {
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
    if state.summaries.lanes_are_behind() {
        ui.ctx().request_repaint();
    }
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
    state.links.follow(&reader);
    if state.follow_area(&reader) {
        ui.ctx().request_repaint();
    }
    // What is drawn from is taken out of the state while a hand may change the rest of it.
    let (waits, findings, links) = (
        std::mem::take(&mut state.waits),
        std::mem::take(&mut state.findings),
        std::mem::take(&mut state.links),
    );
    let pins = state.wishes.pinned.clone();
    let picture = paint::Picture {
        context,
        reader,
        layout,
        model: &model,
        waits: waits.get(reader.connection.id),
        findings: &findings,
        links: &links,
        links_shown: links.shown(state.links_at_rest),
        pins: Some(&pins),
        is_part: false,
        cursor: Default::default(),
    };
    picture.paint(ui);
    picture.labels_ui(ui);
    picture.flags_ui(ui, flags::Of::All);
    picture.losses_label_ui(ui);
    more::more_ui(ui, &picture);
    let rows = picture.legend_ui(ui, extent.as_ref(), &[]);
    state.legend_needs(ui.ctx(), rect.width(), rows);
    controls::headings_ui(ui, &picture, &state.lineup);
    let place = picture.layout.controls;
    let shown = (!picture.links.is_empty()).then_some(picture.links_shown);
    controls::controls_ui(ui, context, place, state, shown);
    if let Some(area) = &state.area {
        picture.area_ui(ui, area);
    }
    if let Some(ruler) = state.ruler {
        let to_ns = ruler.to_ns.unwrap_or_else(|| state.ruler_ns(context));
        let words = ruler::words(&reader, &state.summaries, ruler.from_ns, to_ns);
        picture.ruler_ui(ui, ruler, to_ns, words);
    }
    input::act(ui, &response, &picture, &[], state);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(text::summary(&reader, &model));
    });
    (state.waits, state.findings, state.links) = (waits, findings, links);
}

#[cfg(test)]
mod tests;
