//! The window's middle: holds what is open, routes commands, and puts the panes on the screen.
//!
//! [`App::logic`] takes in what the loader has, lets time run and carries out commands;
//! [`App::ui`] draws one picture and collects the commands for the next. Neither knows whether
//! there is a real window: tests and `wireloom render window` call the same two.

pub mod actions;
mod carry_out;
pub mod document;
mod grpc_sources;
pub mod guide;
mod help;
pub mod keys;
mod live;
mod noting;
mod pages;
mod palette;
mod presenter;
mod saving;
mod top_bar;
pub mod window;

pub use window::{Renderer, WindowError, WindowOptions, run};

use super::filter_bar;
use super::filtering::Filtering;
use super::grpc::{self, Grpc};
use super::listening;
use super::loader::{Input, Waker};
use super::notes;
use super::settings::Settings;
use super::transport::{self, Pace, Transport};
use super::workspace::{self, Workspace};
use super::{Command, Item, Theme, ViewContext};
use crate::capture::Source;
use crate::filter::Filter;
use crate::trace::{ConnectionId, Cursor, Trace};
use document::Document;
use guide::Guide;
use palette::Palette;
use presenter::Presenter;
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::sync::mpsc::Receiver;

/// What the app starts with.
#[derive(Clone, Debug, Default)]
pub struct AppOptions {
    /// What to open first; `None` shows the start page.
    pub input: Option<Input>,
    /// The theme; `None` takes the remembered one.
    pub theme: Option<super::theme::ThemeChoice>,
    /// Where settings are read and written; `None` remembers nothing.
    pub settings_path: Option<PathBuf>,
    /// Where recordings are kept, and notes that cannot be kept beside their capture; `None` keeps those in memory.
    pub data_folder: Option<PathBuf>,
    /// The program that listens to live traffic; `None` looks for one.
    pub helper: Option<PathBuf>,
}

/// A line below the top bar that says what has happened.
struct Notice {
    text: String,
    /// A button beside it: what it says, and what it asks for.
    button: Option<(String, Command)>,
}

/// What the system's file dialog answers.
enum DialogAnswer {
    Chosen(PathBuf),
    Schemas(Vec<PathBuf>),
    /// Another version of the schemas, to compare with.
    OtherVersion(Vec<PathBuf>),
    NothingToDraft,
    Saved(PathBuf),
    NotSaved(PathBuf, std::io::Error),
    Closed,
    /// It closed faster than a person can.
    NeverOpened,
}

/// The window, with or without a real one around it. See the module text.
pub struct App {
    settings: Settings,
    settings_path: Option<PathBuf>,
    theme: Theme,
    theme_applied: bool,
    waker: Waker,
    document: Option<Document>,
    notes: notes::Desk,
    listening: listening::Desk,
    picture: Option<saving::WantedPicture>,
    data_folder: Option<PathBuf>,
    /// What views read while nothing is open.
    nothing: Trace,
    transport: Transport,
    transport_bar: transport::bar::State,
    selection: Option<Item>,
    hovered: Option<Item>,
    workspace: Workspace,
    help_open: bool,
    guide: Option<Guide>,
    palette: Option<Palette>,
    /// What gets the keyboard back, now that the palette is closed, after so many pictures.
    focus_back: Option<(egui::Id, u8)>,
    presenter: Option<Presenter>,
    /// What presenting has changed and is to be put back.
    put_back: Option<presenter::Before>,
    /// See [`keys::by_keyboard`].
    by_keyboard: bool,
    notice: Option<Notice>,
    dialog: Option<Receiver<DialogAnswer>>,
    commands: Vec<Command>,
    filter_input: filter_bar::Input,
    filter: Option<Filter>,
    filtering: Filtering,
    grpc: grpc::Worker,
    /// Problems of schemas that were told already.
    schema_problems: Vec<String>,
    /// Whether the sandbox stands in place of the start page.
    sandbox_open: bool,
    more_waits: bool,
}

impl App {
    /// An app that opens what the options say.
    pub fn new(options: AppOptions) -> Self {
        let mut settings = options
            .settings_path
            .as_deref()
            .map(Settings::load)
            .unwrap_or_default();
        if let Some(theme) = options.theme {
            settings.theme = theme;
        }
        let grpc = grpc_sources::worker(&settings, options.settings_path.as_deref());
        let mut app = Self {
            theme: Theme::new(settings.theme),
            workspace: Workspace::new(settings.preset, settings.layout.clone()),
            settings,
            settings_path: options.settings_path,
            theme_applied: false,
            waker: Waker::default(),
            document: None,
            notes: notes::Desk::default(),
            listening: listening::Desk::new(options.data_folder.as_deref(), options.helper),
            picture: None,
            data_folder: options.data_folder,
            nothing: Trace::new(Source::empty()),
            transport: Transport::default(),
            transport_bar: transport::bar::State::default(),
            selection: None,
            hovered: None,
            help_open: false,
            guide: None,
            palette: None,
            focus_back: None,
            presenter: None,
            put_back: None,
            by_keyboard: false,
            notice: None,
            dialog: None,
            commands: Vec::new(),
            filter_input: filter_bar::Input::default(),
            filter: None,
            filtering: Filtering::default(),
            grpc,
            schema_problems: Vec::new(),
            sandbox_open: false,
            more_waits: false,
        };
        // Who names a capture of their own wants to see that.
        let first_time = app.settings_path.is_some() && !app.settings.guide_seen;
        if first_time && options.input == Some(Input::Tour(0)) {
            app.guide = Some(Guide::default());
        }
        if let Some(input) = options.input {
            app.open(input);
        }
        app
    }

    /// An app that shows a trace which is already there, at an instant of it.
    pub fn of_trace(
        title: &str,
        trace: Trace,
        connection: Option<ConnectionId>,
        cursor: Option<Cursor>,
        theme: super::theme::ThemeChoice,
    ) -> Self {
        let mut trace = trace;
        let grpc = Grpc::read_into(&mut trace);
        Self::of_grpc(title, (trace, grpc), connection, cursor, theme)
    }

    /// The same of a trace with what was worked out about gRPC, whose findings are among the trace's.
    pub fn of_grpc(
        title: &str,
        (trace, grpc): (Trace, Grpc),
        connection: Option<ConnectionId>,
        cursor: Option<Cursor>,
        theme: super::theme::ThemeChoice,
    ) -> Self {
        let mut app = Self::new(AppOptions {
            theme: Some(theme),
            ..AppOptions::default()
        });
        app.grpc = grpc::Worker::of(grpc, &trace);
        app.document = Some(Document::of_trace(title.to_owned(), trace, connection));
        if let Some(cursor) = cursor {
            app.transport.move_to(cursor);
        }
        app
    }

    /// The same with notes, which are kept nowhere.
    #[must_use]
    pub fn with_notes(mut self, board: notes::Board) -> Self {
        self.notes = notes::Desk::of_board(board);
        self
    }

    /// The first half of a picture: takes in what was read, carries out commands, and lets `dt_s`
    /// seconds pass.
    pub fn logic(&mut self, dt_s: f64) {
        self.take_dialog_answer();
        self.more_waits = false;
        if let Some(document) = &mut self.document {
            document.receive();
            let follows = self.transport.following() && self.selection.is_none();
            if follows && document.follow_newest() {
                self.workspace.views.forget_connection();
            }
        }
        self.tell_of_rest();
        self.follow_grpc();
        self.remember();
        self.greet();
        self.follow_notes();
        self.follow_listening();
        self.transport.rest();
        for command in std::mem::take(&mut self.commands) {
            self.carry_out(command);
        }
        self.guide(dt_s);
        self.advance_filter();
        if let Some(document) = &self.document
            && let Some(trace) = &document.trace
        {
            let (connection, before) = (document.connection(), self.transport.cursor());
            self.transport
                .update(dt_s, trace, connection, document.loading());
            let beat = self.transport.playing() && self.transport.pace() == Pace::Beat;
            if beat && self.transport.cursor() != before {
                // Frame by frame, each is worth a look.
                self.selection =
                    connection.and_then(|of| Some(Item::Frame(of.id, self.transport.frame(of)?)));
            }
        }
    }

    /// The guide looks whether its step was done.
    fn guide(&mut self, dt_s: f64) {
        let Some(mut guide) = self.guide.take() else {
            return;
        };
        let title = self
            .document
            .as_ref()
            .map(|document| document.title.clone());
        let transport = self.transport.clone();
        let mut asked = Vec::new();
        self.with_context(|workspace, context| {
            asked = guide.update(dt_s, title.as_deref(), context, &transport, workspace);
        });
        self.guide = Some(guide);
        for command in asked {
            match command {
                // From a reader, this leaves the guide.
                Command::ClearSelection => self.selection = None,
                command => self.carry_out(command),
            }
        }
    }

    /// Takes in what is known about gRPC, and the findings about it like those of the capture.
    fn follow_grpc(&mut self) {
        let Some(document) = &mut self.document else {
            return;
        };
        let loading = document.loading();
        let Some(trace) = &document.trace else {
            return;
        };
        let told = self.grpc.follow(trace, loading, &self.waker);
        if !told.findings.is_empty() {
            document.add_findings(told.findings);
            // The filter may ask for findings.
            self.filtering.forget();
        }
        if let Some(schemas) = told.schemas {
            self.tell_schemas(&schemas);
        }
    }

    /// Asks more of the capture whether it passes the filter, for as long as a picture can wait.
    fn advance_filter(&mut self) {
        let document = self.document.as_ref();
        self.more_waits |= self.filtering.advance(
            self.filter.as_ref(),
            document.and_then(|document| document.trace.as_ref()),
            document.and_then(|document| document.connection),
            document.is_some_and(Document::loading),
            &self.waker,
        );
    }

    /// The second half of a picture: draws it, and collects commands for the next.
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        self.waker.attach(ui.ctx());
        if !self.theme_applied {
            self.theme.apply(ui.ctx());
            // This picture's style was chosen before.
            ui.set_style(ui.ctx().global_style());
            self.theme_applied = true;
        }
        if let Some(before) = self.put_back.take() {
            before.restore(ui.ctx());
        }
        self.give_focus_back(ui.ctx());
        self.by_keyboard = keys::by_keyboard(ui.ctx(), self.by_keyboard);
        let mut pressed = keys::take_anywhere(ui.ctx());
        if let Some(presenter) = &mut self.presenter {
            presenter.fit(ui.ctx());
            let settles = presenter.settles();
            // A clicker's keys are for time, whatever a list would do with them.
            if self.palette.is_none() {
                pressed.extend(keys::take_presenting(ui.ctx()));
            }
            if settles {
                let stream = self.selected_stream();
                let scroll =
                    stream.map(|of| Command::Loom(super::views::loom::Command::ScrollTo(of)));
                pressed.extend(scroll);
                ui.ctx().request_repaint();
            }
        }
        self.take_dropped_files(ui.ctx());
        self.draw(ui);
        if self.by_keyboard {
            super::widgets::focus::ring(ui.ctx(), &self.theme);
        }
        self.take_picture(ui.ctx());
        if self.palette.is_none() {
            pressed.extend(keys::pressed(ui.ctx(), self.by_keyboard));
        }
        // What lies over the window keeps all keys but those that close it.
        if self.palette.is_some() {
            pressed.retain(|command| *command == Command::TogglePalette);
        } else if self.listening.is_asking() {
            pressed.retain(|command| *command == Command::TogglePalette);
        } else if self.help_open {
            let closes = [Command::ToggleHelp, Command::TogglePalette];
            pressed.retain(|command| closes.contains(command));
        }
        if let Some(view) = self.workspace.explained() {
            // Escape first closes what lies on top.
            for command in &mut pressed {
                if *command == Command::ClearSelection {
                    *command = Command::Workspace(workspace::Command::Explain(view));
                }
            }
        }
        if self.workspace.take_changed(ui.ctx()) {
            self.settings.preset = self.workspace.preset();
            self.settings.layout = Some(self.workspace.layout());
            self.save_settings();
        }
        self.commands.extend(pressed);
        let guided = self.guide.as_ref().is_some_and(Guide::waits);
        let busy = self.more_waits || self.transport.playing() || guided;
        if busy || !self.commands.is_empty() {
            ui.ctx().request_repaint();
        }
    }

    /// The palette was modal until the last picture: only in the next one may something else have the
    /// keyboard.
    fn give_focus_back(&mut self, ctx: &egui::Context) {
        match self.focus_back.take() {
            Some((focus, 0)) => ctx.memory_mut(|memory| memory.request_focus(focus)),
            Some((focus, pictures)) => {
                self.focus_back = Some((focus, pictures - 1));
                ctx.request_repaint();
            }
            None => {}
        }
    }

    /// Lets `act` read what views read, and change their state; the commands it sends wait for the
    /// next picture.
    fn with_context(&mut self, act: impl FnOnce(&mut Workspace, &ViewContext<'_>)) {
        self.reading(|parts, context| act(parts.workspace, context));
    }

    /// Runs `act` with a view's context. Returns what the pointer was over.
    fn reading(&mut self, act: impl FnOnce(&mut Parts<'_>, &ViewContext<'_>)) -> Option<Item> {
        let document = self.document.as_ref();
        let next_hovered = Cell::new(None);
        let commands = RefCell::new(Vec::new());
        let trace = document
            .and_then(|document| document.trace.as_ref())
            .unwrap_or(&self.nothing);
        let context = ViewContext {
            trace,
            connection: document.and_then(Document::connection),
            cursor: self.transport.cursor(),
            running_ns: self.transport.running_ns(trace),
            selection: self.selection,
            hovered: self.hovered,
            theme: &self.theme,
            matches: self.filtering.run(),
            grpc: self.grpc.grpc(),
            notes: &self.notes.board,
            loading: document.is_some_and(Document::loading),
            next_hovered: &next_hovered,
            commands: &commands,
        };
        let mut parts = Parts {
            settings: &self.settings,
            document,
            transport: &self.transport,
            transport_bar: &mut self.transport_bar,
            workspace: &mut self.workspace,
            filter_input: &mut self.filter_input,
            note_editor: &mut self.notes.editor,
            listening: &mut self.listening,
            presenter: self.presenter,
            guide: self.guide.as_mut(),
            palette: self.palette.as_mut(),
            help_open: self.help_open,
            sandbox_open: self.sandbox_open,
            notice: self.notice.as_ref(),
        };
        act(&mut parts, &context);
        self.commands.extend(commands.into_inner());
        next_hovered.get()
    }

    fn draw(&mut self, ui: &mut egui::Ui) {
        let hovered = self.reading(|parts, context| parts.draw(ui, context));
        if hovered != self.hovered {
            // Other views light up what the pointer is over, in the next picture.
            ui.ctx().request_repaint();
        }
        self.hovered = hovered;
    }

    /// The capture that is open.
    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// The cursor and how it moves.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// What is known about gRPC.
    pub fn grpc(&self) -> &Grpc {
        self.grpc.grpc()
    }

    /// What is selected.
    pub fn selection(&self) -> Option<Item> {
        self.selection
    }

    /// The panes.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The view that is presented.
    pub fn presented(&self) -> Option<super::views::ViewId> {
        self.presenter.map(|presenter| presenter.view)
    }

    /// Asks for something, as a key or a button would. It is done before the next picture.
    pub fn send(&mut self, command: Command) {
        self.commands.push(command);
    }
}

/// What drawing needs besides the context of a view.
struct Parts<'a> {
    settings: &'a Settings,
    document: Option<&'a Document>,
    transport: &'a Transport,
    transport_bar: &'a mut transport::bar::State,
    workspace: &'a mut Workspace,
    filter_input: &'a mut filter_bar::Input,
    note_editor: &'a mut notes::editor::Editor,
    listening: &'a mut listening::Desk,
    presenter: Option<Presenter>,
    guide: Option<&'a mut Guide>,
    palette: Option<&'a mut Palette>,
    help_open: bool,
    sandbox_open: bool,
    notice: Option<&'a Notice>,
}

impl Parts<'_> {
    fn draw(&mut self, ui: &mut egui::Ui, context: &ViewContext<'_>) {
        // What lies under a list that covers it has no pointer: a hint that was open would stay open above the list.
        let covered = self.help_open || self.palette.is_some();
        let pointer = covered.then(|| ui.input_mut(|input| std::mem::take(&mut input.pointer)));
        match self.presenter {
            Some(presenter) => presenter::present_ui(ui, context, self, &presenter),
            None => self.panes_ui(ui, context),
        }
        self.note_editor.ui(ui, context);
        if let Some(guide) = &mut self.guide
            && self.presenter.is_none()
        {
            guide::guide_ui(ui, context, guide);
        }
        if let Some(pointer) = pointer {
            ui.input_mut(|input| input.pointer = pointer);
        }
        if self.help_open {
            help::help_ui(ui, context);
        }
        listening::form_ui(ui, context, self.listening);
        if let Some(palette) = &mut self.palette {
            palette::palette_ui(ui, context, palette);
        }
        pages::drop_ui(ui, context);
    }

    /// The whole window: bars, panes, or a page where there are none.
    fn panes_ui(&mut self, ui: &mut egui::Ui, context: &ViewContext<'_>) {
        top_bar::show(
            ui,
            context,
            (self.document, self.listening),
            self.settings,
            self.workspace,
            self.filter_input,
        );
        if let Some(notice) = self.notice {
            pages::notice_ui(ui, context, notice);
        }
        match self.document {
            Some(document) if document.connection().is_some() => {
                let shown_ns = self.workspace.views.shown_ns();
                transport_panel(ui, context, |ui| {
                    let state = &mut *self.transport_bar;
                    let live = document.live();
                    let moves = self.transport.moves(live);
                    self.workspace.views.follow_cursor(moves);
                    transport::bar::transport_ui(
                        ui,
                        context,
                        self.transport,
                        state,
                        shown_ns,
                        live,
                    );
                });
                self.workspace.ui(ui, context);
                if self.workspace.views.shown_ns() != shown_ns {
                    // The bar is drawn before the loom and has shown where it was.
                    ui.ctx().request_repaint();
                }
            }
            None if self.sandbox_open => {
                pages::sandbox_page_ui(ui, context, &mut self.workspace.views);
            }
            document => {
                pages::page_ui(ui, context, (document, self.listening), self.settings);
            }
        }
    }
}

/// The space of the transport bar, at the bottom of everything.
fn transport_panel(ui: &mut egui::Ui, context: &ViewContext<'_>, add: impl FnOnce(&mut egui::Ui)) {
    let frame = egui::Frame::new()
        .fill(context.theme.panel)
        .inner_margin(egui::Margin::symmetric(12, 4));
    egui::Panel::bottom("transport")
        .exact_size(54.0)
        .frame(frame)
        .show(ui, add);
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        // While the window is hidden the time in `input` stands still.
        let hidden = ctx.input(|input| input.viewport().minimized.unwrap_or(false));
        let dt_s = ctx.input(|input| f64::from(input.unstable_dt));
        App::logic(self, if hidden { 0.0 } else { dt_s });
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        App::ui(self, ui);
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        self.theme.background.to_normalized_gamma_f32()
    }
}
