//! The panes: what each shows, and where they are.
//!
//! [`Panes::pane_ui`] draws any one of them into any space, which is all that a different
//! arrangement, `wireloom render` and the tests need. [`Panes::show`] is the arrangement: streams
//! on the left, the loom in the middle, the inspector on the right, frames and bytes below.

use crate::ui::ViewContext;
use crate::ui::views::{bytes, flow, frame_list, hpack, inspector, loom, stream_list};
use egui::{CentralPanel, Frame, Margin, Panel, Ui, UiBuilder};

/// What a pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// Streams and findings.
    StreamList,
    /// Frames over time.
    Loom,
    /// All about what is selected.
    Inspector,
    /// Frames as a table.
    FrameList,
    /// Bytes of what is selected.
    Bytes,
    /// A header block and the dynamic table.
    Hpack,
    /// Flow-control windows over time.
    Flow,
}

impl Pane {
    /// All of them.
    pub const ALL: [Pane; 7] = [
        Pane::StreamList,
        Pane::Loom,
        Pane::Inspector,
        Pane::FrameList,
        Pane::Bytes,
        Pane::Hpack,
        Pane::Flow,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Pane::StreamList => "streams",
            Pane::Loom => "loom",
            Pane::Inspector => "inspector",
            Pane::FrameList => "frames",
            Pane::Bytes => "bytes",
            Pane::Hpack => "hpack",
            Pane::Flow => "flow",
        }
    }

    /// The pane with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pane| pane.name() == name)
    }
}

/// The state of every view.
#[derive(Default)]
pub struct Panes {
    /// See [`Pane::StreamList`].
    pub stream_list: stream_list::State,
    /// See [`Pane::Loom`].
    pub loom: loom::State,
    /// See [`Pane::Inspector`].
    pub inspector: inspector::State,
    /// See [`Pane::FrameList`].
    pub frame_list: frame_list::State,
    /// See [`Pane::Bytes`].
    pub bytes: bytes::State,
    /// See [`Pane::Hpack`].
    pub hpack: hpack::State,
    /// See [`Pane::Flow`].
    pub flow: flow::State,
}

impl Panes {
    /// Draws one pane into the space that is left, and takes just that: a panel is as large
    /// as what is in it, and must not change its size with what is selected.
    pub fn pane_ui(&mut self, pane: Pane, ui: &mut Ui, context: &ViewContext<'_>) {
        let rect = ui.available_rect_before_wrap();
        let mut child = ui.new_child(UiBuilder::new().id_salt(pane.name()).max_rect(rect));
        // Outlines of the focus lie a little outside.
        child.shrink_clip_rect(rect.expand(4.0));
        ui.advance_cursor_after_rect(rect);
        let ui = &mut child;
        match pane {
            Pane::StreamList => stream_list::stream_list_ui(ui, context, &mut self.stream_list),
            Pane::Loom => loom::loom_ui(ui, context, &mut self.loom),
            Pane::Inspector => inspector::inspector_ui(ui, context, &mut self.inspector),
            Pane::FrameList => frame_list::frame_list_ui(ui, context, &mut self.frame_list),
            Pane::Bytes => bytes::bytes_ui(ui, context, &mut self.bytes),
            Pane::Hpack => hpack::hpack_ui(ui, context, &mut self.hpack),
            Pane::Flow => {
                self.flow.follow_loom(self.loom.shown_ns());
                flow::flow_ui(ui, context, &mut self.flow);
            }
        }
    }

    /// Draws one pane alone, on its own ground.
    pub fn framed_ui(&mut self, pane: Pane, ui: &mut Ui, context: &ViewContext<'_>) {
        let frame = match pane {
            Pane::Loom => Frame::new().fill(context.theme.background),
            _ => Frame::new()
                .fill(context.theme.panel)
                .inner_margin(Margin::symmetric(10, 8)),
        };
        CentralPanel::no_frame()
            .frame(frame)
            .show(ui, |ui| self.pane_ui(pane, ui, context));
    }

    /// Draws all of them into the space that is left.
    pub fn show(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        let theme = context.theme;
        let framed = Frame::new()
            .fill(theme.panel)
            .inner_margin(Margin::symmetric(10, 8));
        let space = ui.available_size();

        // No pane may take so much that the loom has nothing left.
        Panel::bottom("below")
            .resizable(true)
            .default_size((space.y * 0.32).clamp(150.0, 360.0))
            .size_range(96.0..=(space.y * 0.6).max(96.0))
            .frame(Frame::new().fill(theme.panel))
            .show(ui, |ui| {
                let width = ui.available_width();
                Panel::right("bytes")
                    .resizable(true)
                    .default_size(width * 0.45)
                    .size_range(240.0..=(width * 0.7).max(240.0))
                    .frame(framed)
                    .show(ui, |ui| self.pane_ui(Pane::Bytes, ui, context));
                self.framed_ui(Pane::FrameList, ui, context);
            });
        Panel::left("streams")
            .resizable(true)
            .default_size((space.x * 0.18).clamp(200.0, 340.0))
            .size_range(150.0..=(space.x * 0.35).max(150.0))
            .frame(framed)
            .show(ui, |ui| self.pane_ui(Pane::StreamList, ui, context));
        Panel::right("inspector")
            .resizable(true)
            .default_size((space.x * 0.25).clamp(280.0, 460.0))
            .size_range(220.0..=(space.x * 0.45).max(220.0))
            .frame(framed)
            .show(ui, |ui| self.pane_ui(Pane::Inspector, ui, context));
        self.framed_ui(Pane::Loom, ui, context);
    }
}

/// The space of the transport bar, at the bottom of everything.
pub fn transport_panel(ui: &mut Ui, context: &ViewContext<'_>, add: impl FnOnce(&mut Ui)) {
    Panel::bottom("transport")
        .exact_size(54.0)
        .frame(
            Frame::new()
                .fill(context.theme.panel)
                .inner_margin(Margin::symmetric(12, 4)),
        )
        .show(ui, add);
}
