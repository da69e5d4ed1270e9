//! A view without the app around it: a capture, a selection, and what the view asked for.

use crate::capture::Capture;
use crate::filter::{Filter, Run};
use crate::trace::{ConnectionId, Cursor, FrameId, Trace};
use crate::ui::grpc::Grpc;
use crate::ui::notes::Board;
use crate::ui::theme::ThemeChoice;
use crate::ui::{Command, Item, Theme, ViewContext};
use egui_kittest::Harness;
use std::cell::{Cell, RefCell};
use std::path::Path;

/// What a view reads, and what it answered.
pub(crate) struct World {
    pub(crate) trace: Trace,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) cursor: Option<Cursor>,
    pub(crate) running_ns: i64,
    pub(crate) selection: Option<Item>,
    pub(crate) hovered: Option<Item>,
    pub(crate) commands: Vec<Command>,
    pub(crate) theme: Theme,
    pub(crate) notes: Board,
    pub(crate) matches: Option<Run>,
    pub(crate) grpc: Grpc,
    pub(crate) loading: bool,
}

impl World {
    /// One of the captures of the repository, read whole, with the cursor at its end.
    pub(crate) fn of_capture(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("captures")
            .join(name);
        Self::of_trace(crate::dissect::read_all(Capture::open(&path).unwrap()))
    }

    /// The same with the cursor right after a frame of the connection shown.
    pub(crate) fn at_frame(name: &str, frame: usize) -> Self {
        let mut world = Self::of_capture(name);
        let connection = world.trace.connection(world.connection.unwrap()).unwrap();
        world.cursor = Cursor::after_frame(connection, FrameId::from_index(frame));
        world
    }

    /// The same with that frame selected.
    pub(crate) fn on_frame(name: &str, frame: usize) -> Self {
        let mut world = Self::at_frame(name, frame);
        world.select_frame(frame);
        world
    }

    /// The same with what is worked out about gRPC, and the findings about it.
    pub(crate) fn of_calls(name: &str) -> Self {
        let mut world = Self::of_capture(name);
        world.grpc = Grpc::read_into(&mut world.trace);
        world
    }

    pub(crate) fn of_trace(trace: Trace) -> Self {
        Self {
            connection: (trace.main_connection())
                .or_else(|| trace.main_http1_connection())
                .map(|connection| connection.id),
            cursor: Cursor::end_of(&trace),
            running_ns: 0,
            trace,
            selection: None,
            hovered: None,
            commands: Vec::new(),
            theme: Theme::new(ThemeChoice::Dark),
            notes: Board::default(),
            matches: None,
            grpc: Grpc::default(),
            loading: false,
        }
    }

    pub(crate) fn select_frame(&mut self, frame: usize) {
        let connection = self.connection.unwrap();
        self.selection = Some(Item::Frame(connection, FrameId::from_index(frame)));
    }

    /// Puts a filter in force that has asked everything.
    pub(crate) fn filter(&mut self, text: &str) {
        let mut run = Run::new(Filter::parse(text).unwrap(), self.connection.unwrap());
        assert!(run.advance(&self.trace, crate::report::frames::info, || false));
        self.matches = Some(run);
    }

    /// Reads with a context, as a view's text twin does.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&ViewContext<'_>) -> R) -> R {
        let (next_hovered, commands) = (Cell::new(None), RefCell::default());
        read(&ViewContext {
            trace: &self.trace,
            connection: self.connection.and_then(|id| self.trace.connection(id)),
            cursor: self.cursor,
            running_ns: self.running_ns,
            selection: self.selection,
            hovered: self.hovered,
            theme: &self.theme,
            matches: self.matches.as_ref(),
            grpc: &self.grpc,
            notes: &self.notes,
            loading: self.loading,
            next_hovered: &next_hovered,
            commands: &commands,
        })
    }

    /// Draws one picture and carries out what concerns the selection, as the app does.
    pub(crate) fn show<S>(
        &mut self,
        ui: &mut egui::Ui,
        state: &mut S,
        view: impl Fn(&mut egui::Ui, &ViewContext<'_>, &mut S),
    ) {
        let (commands, hovered) = self.read(|context| {
            view(ui, context, state);
            (context.commands.take(), context.next_hovered.take())
        });
        self.hovered = hovered;
        for command in &commands {
            if let Command::Select(item) = command {
                self.selection = Some(*item);
            }
        }
        self.commands.extend(commands);
    }
}

/// A window of this size with nothing but one view in it.
pub(crate) fn pane<'a, S: Default + 'a>(
    world: World,
    size: [f32; 2],
    view: impl Fn(&mut egui::Ui, &ViewContext<'_>, &mut S) + Copy + 'a,
) -> Harness<'a, (World, S)> {
    let theme = world.theme.clone();
    let egui_theme = match theme.choice {
        ThemeChoice::Dark => egui::Theme::Dark,
        ThemeChoice::Light => egui::Theme::Light,
    };
    Harness::builder()
        .with_theme(egui_theme)
        .with_size(egui::Vec2::from(size))
        .with_context_setup(move |ctx| theme.apply(ctx))
        .build_ui_state(
            move |ui, (world, state): &mut (World, S)| {
                let frame = egui::Frame::new().fill(world.theme.panel).inner_margin(8.0);
                frame.show(ui, |ui| world.show(ui, state, view));
            },
            (world, S::default()),
        )
}
