//! What the loom alone can be asked for, and what that does.

use super::lineup::{Grouping, Order};
use super::reader::Reader;
use super::ruler::Ruler;
use super::window::{Limits, Window};
use super::{State, reader};
use crate::trace::{ConnectionId, FrameId};
use crate::ui::ViewContext;
use crate::wire::http2::StreamId;

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
    /// Scroll to the lanes below those in view.
    LanesBelow,
    /// Scroll to the lanes above those in view.
    LanesAbove,
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
    /// Fold the lanes below a heading of a connection away, or unfold them.
    Fold(ConnectionId, String),
    /// Keep a stream's lane at the top, or no longer.
    Pin(ConnectionId, StreamId),
    /// The same for the selected stream.
    PinSelected,
    /// Leave out lanes without a frame in the time shown, or not.
    ToggleIdle,
    /// Keep the lanes of streams that the filter leaves out, dimmed, or not.
    ToggleFiltered,
    /// Show only streams whose number or words contain this.
    Search(String),
    /// Show promises and dependencies of all lanes in view, or only of what is selected or pointed at.
    ToggleLinks,
    /// All connections on one time axis, or only the one shown.
    ToggleStack,
    /// Fold a connection's lanes away, or unfold them.
    FoldConnection(ConnectionId),
    /// Lay the ruler on; again: end it there; again: take it away.
    Ruler,
    /// Let a drag choose a stretch of time, or move the picture.
    ToggleAreaMode,
    /// Choose no stretch of time any more.
    ClearArea,
}

/// How much closer one step of zooming gets.
const ZOOM_STEP: f64 = 1.6;
/// How much of the window one step of panning moves.
const PAN_STEP: f64 = 0.2;

impl State {
    /// Carries out a command.
    pub fn command(&mut self, command: Command, context: &ViewContext<'_>) {
        let command = match command {
            Command::ToggleStack => return self.toggle_stack(context),
            Command::LanesBelow | Command::LanesAbove => {
                let below = command == Command::LanesBelow;
                let layout = self.layout.as_ref();
                self.scroll = layout.map_or(self.scroll, |layout| layout.page(below));
                return;
            }
            command => command,
        };
        if !self.stack.on
            && let Some(reader) = Reader::new(context)
        {
            self.summaries.follow(&reader);
        }
        let limits = self.limits(context.trace);
        let Some(window) = self.target.or_else(|| self.fitted(context)) else {
            return;
        };
        let step_ns = window.length_ns() * PAN_STEP;
        let centres = command == Command::CentreSelection;
        let next = match command {
            Command::ZoomIn => window.zoomed(ZOOM_STEP, self.anchor_ns(context), &limits),
            Command::ZoomOut => window.zoomed(1.0 / ZOOM_STEP, self.anchor_ns(context), &limits),
            Command::PanLeft => window.moved(-step_ns, &limits),
            Command::PanRight => window.moved(step_ns, &limits),
            Command::ShowTimes { start_ns, end_ns } => Window {
                start_ns,
                end_ns: end_ns.max(start_ns),
            }
            .within(&limits),
            Command::CentreSelection => match self.centred(context, window, &limits) {
                Some(next) => next,
                None => return,
            },
            Command::FitAll => {
                self.touched = false;
                self.target = self.fitted(context);
                return;
            }
            Command::ScrollTo(stream) => {
                self.scroll_to(context, stream);
                return;
            }
            Command::Ruler => {
                self.ruler = Ruler::pressed(self.ruler, self.ruler_ns(context));
                return;
            }
            Command::FoldConnection(connection) => {
                self.stack.fold(connection);
                return;
            }
            Command::ToggleLinks => {
                let shown = match self.stack.on {
                    true => self.links_at_rest == Some(true),
                    false => self.links.shown(self.links_at_rest) != super::links::Shown::Pointed,
                };
                self.links_at_rest = Some(!shown);
                return;
            }
            Command::ToggleAreaMode => {
                self.chooses_area = !self.chooses_area;
                return;
            }
            Command::ClearArea => {
                self.area = None;
                return;
            }
            wish => {
                self.wish(wish, context);
                return;
            }
        };
        self.touched = true;
        self.by_hand |= !centres;
        self.target = Some(next);
    }

    /// All connections, or the one shown: its part is in view at first.
    fn toggle_stack(&mut self, context: &ViewContext<'_>) {
        self.stack.on = !self.stack.on;
        self.stack
            .reveal(context.connection.map(|connection| connection.id));
        self.scroll = 0.0;
        self.touched = false;
    }

    /// What stays in place while zooming by key: the pointer's instant, else the cursor's.
    fn anchor_ns(&self, context: &ViewContext<'_>) -> f64 {
        let Some(window) = self.target else {
            return 0.0;
        };
        self.pointer_ns
            .or(cursor_ns(context))
            .filter(|time_ns| window.contains(*time_ns))
            .unwrap_or(window.centre_ns())
    }

    /// The selection in the middle, or fitted when it already is there.
    fn centred(
        &mut self,
        context: &ViewContext<'_>,
        window: Window,
        limits: &Limits,
    ) -> Option<Window> {
        let reader = Reader::new(context)?;
        let stream = context.selected_stream()?;
        self.scroll_to(context, stream);
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

    /// Where the ruler is laid on or ends: at what is pointed at, else at the cursor.
    pub(super) fn ruler_ns(&self, context: &ViewContext<'_>) -> f64 {
        self.pointer_ns
            .and(self.snapped_ns)
            .or(cursor_ns(context))
            .unwrap_or(0.0)
    }
}

/// The cursor's time, in nanoseconds since the first packet.
fn cursor_ns(context: &ViewContext<'_>) -> Option<f64> {
    Some(reader::packet_ns(context.trace, context.cursor?.packet))
}
