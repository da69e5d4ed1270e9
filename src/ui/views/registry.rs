//! The views that there are: one entry each, which menu, presets, `wireloom render` and the tests walk.
//!
//! A new view is a folder beside this file, `impl View for State` in it, one entry in [`VIEWS`] and
//! its explanation in `assets/views.json`.

use super::{
    body, bytes, calls, connections, findings, flow, frame_list, hpack, inspector, ladder, layers,
    loom, message, notes, priority, requests, sandbox, stream_list, tcp,
};
use crate::ui::export::Table;
use crate::ui::{Command, Theme, ViewContext};
use egui::{CentralPanel, Frame, Margin, Rect, Ui, UiBuilder};

/// A view's state: what it remembers between two pictures, and how it is drawn.
pub trait View {
    /// Draws it into the space that is left.
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>);

    /// What it shows, in words: for screen readers, for tests, and for whoever wants to copy it.
    fn text(&self, context: &ViewContext<'_>) -> String;

    /// The rows of its table, as filter and order leave them; `None` for a view without one.
    fn table(&self, _context: &ViewContext<'_>) -> Option<Table> {
        None
    }

    /// Whether what it remembers is a person's own, and stays when another capture is opened.
    fn outlives_capture(&self) -> bool {
        false
    }

    /// Carries out a command that this view alone understands.
    fn command(&mut self, _command: &Command, _context: &ViewContext<'_>) {}

    /// Says which time the loom shows, before each picture: views with a time axis move with it.
    fn follow_time(&mut self, _shown_ns: Option<(f64, f64)>) {}

    /// Says how the cursor moves by itself or by steps, before each picture: `None` while it stands, else whether views
    /// are to move along; see [`crate::ui::widgets::following`].
    fn follow_cursor(&mut self, _moves: Option<bool>) {}

    /// The stretch of time it shows, in nanoseconds since the first packet, when it is the view that
    /// the transport bar marks.
    fn shown_ns(&self) -> Option<(f64, f64)> {
        None
    }
}

/// A view, by its place in [`VIEWS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(usize);

impl ViewId {
    /// All of them.
    pub fn all() -> impl Iterator<Item = ViewId> {
        (0..VIEWS.len()).map(ViewId)
    }

    /// The view with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        VIEWS.iter().position(|entry| entry.name == name).map(Self)
    }

    /// What is known about it.
    pub fn entry(self) -> &'static Entry {
        // Ids come from `all` and `from_name` alone, so the first is never taken for another.
        VIEWS.get(self.0).unwrap_or(&VIEWS[0])
    }

    /// Its name on the command line and in the settings.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// What its tab says.
    pub fn title(self) -> &'static str {
        self.entry().title
    }

    /// The colour that it is drawn on.
    pub fn ground(self, theme: &Theme) -> egui::Color32 {
        match self.entry().to_the_edges {
            true => theme.background,
            false => theme.panel,
        }
    }
}

/// Where a view is at home, when it is opened and nothing else is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Narrow, beside the loom.
    Left,
    /// Where the loom is.
    Middle,
    /// Where the inspector is.
    Right,
    /// Where frames and bytes are.
    Below,
}

/// What is known about a view.
pub struct Entry {
    /// Its name on the command line, in the settings and in `assets/views.json`.
    pub name: &'static str,
    /// What its tab says.
    pub title: &'static str,
    /// What it shows, in one line.
    pub help: &'static str,
    /// Where it opens.
    pub place: Place,
    /// Whether it fills its pane to the edges and draws its own ground.
    pub to_the_edges: bool,
    /// Whether what it remembers holds for all connections of a capture.
    pub whole_capture: bool,
    /// Its state before the first picture.
    pub new: fn() -> Box<dyn View>,
}

/// All views, in the order of the menu.
pub const VIEWS: &[Entry] = &[
    Entry {
        name: "loom",
        title: "Loom",
        help: "Every frame over time: the wire, and a lane for each stream",
        place: Place::Middle,
        to_the_edges: true,
        whole_capture: true,
        new: || Box::<loom::State>::default(),
    },
    Entry {
        name: "streams",
        title: "Streams",
        help: "What each stream was for and how it ended",
        place: Place::Left,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<stream_list::State>::default(),
    },
    Entry {
        name: "inspector",
        title: "Inspector",
        help: "Everything known about what is selected",
        place: Place::Right,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<inspector::State>::default(),
    },
    Entry {
        name: "frames",
        title: "Frames",
        help: "Every frame as a row of a table",
        place: Place::Below,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<frame_list::State>::default(),
    },
    Entry {
        name: "bytes",
        title: "Bytes",
        help: "The bytes of what is selected, down to the packet",
        place: Place::Below,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<bytes::State>::default(),
    },
    Entry {
        name: "connections",
        title: "Connections",
        help: "Every connection of the capture, and what in it is worth a look",
        place: Place::Middle,
        to_the_edges: false,
        whole_capture: true,
        new: || Box::<connections::State>::default(),
    },
    Entry {
        name: "requests",
        title: "Requests",
        help: "Requests as a waterfall: sent, first byte, last byte, and what they waited for",
        place: Place::Middle,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<requests::State>::default(),
    },
    Entry {
        name: "calls",
        title: "Calls",
        help: "gRPC calls as a table and as lanes over time, with messages and deadlines",
        place: Place::Middle,
        to_the_edges: false,
        whole_capture: true,
        new: || Box::<calls::State>::default(),
    },
    Entry {
        name: "message",
        title: "Message",
        help: "A protobuf message: its fields, their bytes, and those bit by bit",
        place: Place::Below,
        to_the_edges: false,
        whole_capture: true,
        new: || Box::<message::State>::default(),
    },
    Entry {
        name: "sandbox",
        title: "Protobuf sandbox",
        help: "Protobuf to try out: bytes to fields, values to bytes, bit by bit; with exercises",
        place: Place::Middle,
        to_the_edges: false,
        whole_capture: true,
        new: || Box::<sandbox::State>::default(),
    },
    Entry {
        name: "body",
        title: "Body",
        help: "The content of the selected stream: text, JSON, bytes or a picture",
        place: Place::Below,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<body::State>::default(),
    },
    Entry {
        name: "tcp",
        title: "TCP",
        help: "Segments, acknowledgments, windows and holes below the frames",
        place: Place::Middle,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<tcp::State>::default(),
    },
    Entry {
        name: "findings",
        title: "Findings",
        help: "What is wrong, odd or missing, by severity and rule",
        place: Place::Below,
        to_the_edges: false,
        whole_capture: true,
        new: || Box::<findings::State>::default(),
    },
    Entry {
        name: "hpack",
        title: "HPACK",
        help: "A header block byte by byte, and the dynamic table as a queue",
        place: Place::Middle,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<hpack::State>::default(),
    },
    Entry {
        name: "flow",
        title: "Flow control",
        help: "What a sender may still send, over time, and who has to wait",
        place: Place::Middle,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<flow::State>::default(),
    },
    Entry {
        name: "priority",
        title: "Priority",
        help: "Who was to be served first, by tree and by urgency, and who was",
        place: Place::Middle,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<priority::State>::default(),
    },
    Entry {
        name: "ladder",
        title: "Ladder",
        help: "Client and server as two lines, and an arrow for each frame, segment or call",
        place: Place::Middle,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<ladder::State>::default(),
    },
    Entry {
        name: "layers",
        title: "Layers",
        help: "The same bytes as content, message, frame, segment and packet",
        place: Place::Below,
        to_the_edges: false,
        whole_capture: false,
        new: || Box::<layers::State>::default(),
    },
    Entry {
        name: "notes",
        title: "Notes",
        help: "What people wrote about the capture; a click moves the cursor there",
        place: Place::Below,
        to_the_edges: false,
        whole_capture: true,
        new: || Box::<notes::State>::default(),
    },
];

/// The names of all views, for a sentence: `loom, streams and bytes`.
pub fn names() -> String {
    let names: Vec<&str> = VIEWS.iter().map(|entry| entry.name).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The state of every view.
pub struct Views {
    states: Vec<Box<dyn View>>,
    /// Where each was drawn last.
    rects: Vec<Option<Rect>>,
}

impl Default for Views {
    fn default() -> Self {
        Self {
            states: VIEWS.iter().map(|entry| (entry.new)()).collect(),
            rects: vec![None; VIEWS.len()],
        }
    }
}

impl Views {
    /// Draws a view into the space that is left, and takes just that: a pane is as large as a person
    /// made it, and must not change its size with what is selected.
    pub fn view_ui(&mut self, view: ViewId, ui: &mut Ui, context: &ViewContext<'_>) {
        let rect = ui.available_rect_before_wrap();
        // Its own, so that what it remembers by id moves with it from pane to pane.
        let id = egui::Id::unique(("view", view.name()));
        let mut child = ui.new_child(UiBuilder::new().scope_id(id).max_rect(rect));
        // Outlines of the focus lie a little outside.
        child.shrink_clip_rect(rect.expand(4.0));
        ui.advance_cursor_after_rect(rect);
        let shown_ns = self.shown_ns();
        if let Some(state) = self.states.get_mut(view.0) {
            state.follow_time(shown_ns);
            state.ui(&mut child, context);
        }
    }

    /// Draws a view on its own ground.
    pub fn framed_ui(&mut self, view: ViewId, ui: &mut Ui, context: &ViewContext<'_>) {
        let margin = match view.entry().to_the_edges {
            true => Margin::ZERO,
            false => Margin::symmetric(10, 8),
        };
        let frame = Frame::new()
            .fill(view.ground(context.theme))
            .inner_margin(margin);
        if let Some(rect) = self.rects.get_mut(view.0) {
            *rect = Some(ui.max_rect());
        }
        CentralPanel::no_frame()
            .frame(frame)
            .show(ui, |ui| self.view_ui(view, ui, context));
    }

    /// Where a view was drawn last, with its ground.
    pub fn rect(&self, view: ViewId) -> Option<Rect> {
        *self.rects.get(view.0)?
    }

    /// The rows of a view's table: see [`View::table`].
    pub fn table(&self, view: ViewId, context: &ViewContext<'_>) -> Option<Table> {
        self.states.get(view.0)?.table(context)
    }

    /// Says to all of them how the cursor moves.
    pub fn follow_cursor(&mut self, moves: Option<bool>) {
        for state in &mut self.states {
            state.follow_cursor(moves);
        }
    }

    /// What a view shows, in words.
    pub fn text(&self, view: ViewId, context: &ViewContext<'_>) -> String {
        self.states
            .get(view.0)
            .map_or_else(String::new, |state| state.text(context))
    }

    /// Carries out what one of them alone understands.
    pub fn command(&mut self, command: &Command, context: &ViewContext<'_>) {
        for state in &mut self.states {
            state.command(command, context);
        }
    }

    /// The stretch of time that the loom shows, in nanoseconds since the first packet.
    pub fn shown_ns(&self) -> Option<(f64, f64)> {
        self.states.iter().find_map(|state| state.shown_ns())
    }

    /// Another capture is shown.
    pub fn forget_capture(&mut self) {
        for (state, entry) in self.states.iter_mut().zip(VIEWS) {
            if !state.outlives_capture() {
                *state = (entry.new)();
            }
        }
        self.rects.fill(None);
    }

    /// Another connection is shown: what was true of the one before is not true of it.
    pub fn forget_connection(&mut self) {
        for (state, entry) in self.states.iter_mut().zip(VIEWS) {
            if !entry.whole_capture {
                *state = (entry.new)();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    #[test]
    fn every_view_has_a_name_of_its_own_and_a_line_of_help() {
        for (index, entry) in VIEWS.iter().enumerate() {
            let id = ViewId::from_name(entry.name).unwrap();
            assert_eq!(id, ViewId(index), "{} is there twice", entry.name);
            assert!(!entry.help.is_empty() && !entry.help.ends_with('.'));
        }
        assert!(names().starts_with("loom, ") && names().contains(" and "));
    }

    #[test]
    fn every_view_says_something_before_and_after_a_capture_is_open() {
        let nothing = World::of_trace(crate::trace::Trace::new(crate::capture::Source::empty()));
        let mut capture = World::of_capture("downloads.pcapng");
        capture.select_frame(40);
        for view in ViewId::all() {
            let views = Views::default();
            for world in [&nothing, &capture] {
                let said = world.read(|context| views.text(view, context));
                assert!(!said.trim().is_empty(), "{}", view.name());
            }
        }
    }
}
