//! What a picture is of: a trace at an instant, with what else a view reads, without a window around it.

use super::app::App;
use super::grpc::{Grpc, Sources};
use super::notes::Board;
use super::theme::{Theme, ThemeChoice};
use super::views::{ViewId, Views};
use super::{Item, ViewContext};
use crate::notes::Loaded;
use crate::trace::{Connection, ConnectionId, Cursor, FrameId, Trace};
use egui::Ui;
use std::cell::{Cell, RefCell};
use std::path::PathBuf;

/// What a picture is of.
pub struct Scene {
    /// The name of the capture, as the window says it.
    title: String,
    /// What was seen.
    trace: Trace,
    grpc: Grpc,
    /// What people wrote about it.
    notes: Board,
    connection: Option<ConnectionId>,
    cursor: Option<Cursor>,
}

impl Scene {
    /// An instant of a trace that nobody has written notes on.
    ///
    /// `connection` is the one with most frames unless told. When the cursor stands right behind a frame, that frame is also
    /// selected, so that the inspector and the bytes have something to show.
    pub fn new(trace: &Trace, connection: Option<ConnectionId>, cursor: Option<Cursor>) -> Self {
        let mut trace = trace.clone();
        let grpc = Grpc::read_into(&mut trace);
        Self {
            title: "capture".to_owned(),
            trace,
            grpc,
            notes: Board::default(),
            connection,
            cursor,
        }
    }

    /// With the name of the capture.
    #[must_use]
    pub fn named(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    /// With the notes on it.
    #[must_use]
    pub fn with_notes(mut self, notes: Loaded) -> Self {
        self.notes = Board::of_loaded(notes);
        self.notes.follow(&self.trace);
        self
    }

    /// With schemas for gRPC messages, and what is wrong with these, a sentence each.
    #[must_use]
    pub fn with_schemas(mut self, paths: &[PathBuf]) -> (Self, Vec<String>) {
        if paths.is_empty() {
            return (self, Vec::new());
        }
        let sources = Sources {
            paths: paths.to_vec(),
            ..Sources::default()
        };
        self.grpc.read_by(&sources, &self.trace);
        let problems = self.grpc.schemas.problems.clone();
        (self, problems)
    }

    fn shown(&self) -> Option<&Connection> {
        match self.connection {
            Some(id) => self.trace.connection(id),
            None => (self.trace.main_connection()).or_else(|| self.trace.main_http1_connection()),
        }
    }

    /// The frame right behind which the cursor stands; `None` when it stands behind a whole packet.
    fn selection(&self) -> Option<Item> {
        let (connection, cursor) = self.shown().zip(self.cursor)?;
        let last = cursor.frame_count(connection).checked_sub(1)?;
        let frame = FrameId::from_index(last);
        let exact = Cursor::after_frame(connection, frame) == Some(cursor);
        exact.then_some(Item::Frame(connection.id, frame))
    }

    /// What draws the whole window, or a view of it.
    pub(super) fn painter(
        &self,
        view: Option<ViewId>,
        theme: ThemeChoice,
    ) -> Box<dyn FnMut(&mut Ui) + '_> {
        match view {
            None => {
                let mut app = self.app(theme);
                Box::new(move |ui| {
                    app.logic(0.0);
                    app.ui(ui);
                })
            }
            Some(view) => {
                let mut views = Views::default();
                let theme = Theme::new(theme);
                Box::new(move |ui| {
                    self.read(&theme, |context| views.framed_ui(view, ui, context));
                })
            }
        }
    }

    fn app(&self, theme: ThemeChoice) -> App {
        let id = self.shown().map(|connection| connection.id);
        let (trace, grpc) = (self.trace.clone(), self.grpc.clone());
        let app = App::of_grpc(&self.title, (trace, grpc), id, self.cursor, theme);
        let mut app = app.with_notes(self.notes.clone());
        if let Some(item) = self.selection() {
            app.send(super::Command::Select(item));
        }
        app
    }

    /// Runs `act` with a view's context.
    pub(super) fn read(&self, theme: &Theme, act: impl FnOnce(&ViewContext<'_>)) {
        let next_hovered = Cell::new(None);
        let commands = RefCell::new(Vec::new());
        act(&ViewContext {
            trace: &self.trace,
            connection: self.shown(),
            cursor: self.cursor.or_else(|| Cursor::end_of(&self.trace)),
            running_ns: 0,
            selection: self.selection(),
            hovered: None,
            theme,
            matches: None,
            grpc: &self.grpc,
            notes: &self.notes,
            loading: false,
            next_hovered: &next_hovered,
            commands: &commands,
        });
    }
}
