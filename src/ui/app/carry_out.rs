//! What each command does.

use super::document::{Document, Reading};
use super::guide::{self, Guide};
use super::palette::Palette;
use super::presenter::Presenter;
use super::{App, DialogAnswer, Notice};
use crate::trace::{Cursor, FrameId, Unit};
use crate::ui::loader::Input;
use crate::ui::theme::{Theme, ThemeChoice};
use crate::ui::transport::Step;
use crate::ui::transport::stepping::{StepUnit, span_of};
use crate::ui::views::ViewId;
use crate::ui::{Command, Item, filter_bar, tour, transport, workspace};
use crate::wire::http2::StreamId;
use std::sync::mpsc::{TryRecvError, channel};
use std::time::{Duration, Instant};

/// A dialog that closes faster than this was never seen by anybody.
pub(super) const DIALOG_NEVER_SEEN: Duration = Duration::from_millis(250);

/// The endings of capture files, for the dialog.
const CAPTURE_ENDINGS: [&str; 4] = ["pcapng", "pcap", "cap", "dmp"];

impl App {
    pub(super) fn carry_out(&mut self, command: Command) {
        if let Some(presenter) = &mut self.presenter
            && command.moves_time()
        {
            presenter.blank = false;
        }
        match command {
            Command::Open(path) => self.open(Input::File(path)),
            Command::OpenGrowing(path) => self.open(Input::Growing(path)),
            Command::ChooseFile => self.choose_file(),
            Command::SaveFile { name, bytes } => self.save_file(name, bytes),
            Command::OpenTour(stop) => self.open(Input::Tour(stop)),
            Command::Close => {
                if self.presenter.is_some() {
                    self.toggle_presenter();
                }
                self.leave_recording();
                self.document = None;
                self.notes = crate::ui::notes::Desk::default();
                self.forget_capture();
            }
            Command::CancelLoading => self.cancel_loading(),
            Command::ShowConnection(connection) => {
                if let Some(document) = &mut self.document {
                    document.connection = Some(connection);
                    document.chosen = true;
                    self.workspace.views.forget_connection();
                    self.selection = None;
                    self.transport.pause();
                }
            }
            Command::Select(item) => self.select(item),
            // With nothing selected, Escape leaves the guide.
            Command::ClearSelection => {
                if self.selection.take().is_none() {
                    self.guide_command(guide::Command::End);
                }
            }
            Command::MoveCursor(cursor) => self.transport.move_to(cursor),
            Command::TogglePlay => self.toggle_play(),
            Command::StepForward => self.step_by_unit(Step::Forward),
            Command::StepBack => self.step_by_unit(Step::Back),
            Command::StepPacketForward => self.step_by(StepUnit::Packet, Step::Forward),
            Command::StepPacketBack => self.step_by(StepUnit::Packet, Step::Back),
            Command::StepRoundTripForward => self.step_by(StepUnit::RoundTrip, Step::Forward),
            Command::StepRoundTripBack => self.step_by(StepUnit::RoundTrip, Step::Back),
            Command::SetStepUnit(unit) => self.transport.set_unit(unit),
            Command::SetLoop(times_ns) => self.transport.set_loop(times_ns),
            Command::ToggleLoop => self.toggle_loop(),
            Command::ToggleFoldWaits => {
                let folds = self.transport.folds_waits();
                self.transport.set_folds_waits(!folds);
            }
            Command::StepForwardInStream => self.step_in_stream(Step::Forward),
            Command::StepBackInStream => self.step_in_stream(Step::Back),
            Command::ToStart => {
                if let Some(trace) = self.document.as_ref().and_then(|of| of.trace.as_ref()) {
                    self.transport.to_start(trace);
                }
            }
            Command::ToEnd => {
                if let Some(trace) = self.document.as_ref().and_then(|of| of.trace.as_ref()) {
                    self.transport.to_end(trace);
                }
            }
            Command::FollowCursor(follow) => self.transport.set_views_follow(follow),
            Command::FollowEnd(false) => self.transport.stay(),
            Command::FollowEnd(true) => self.carry_out(Command::ToEnd),
            Command::SetPace(pace) => self.transport.set_pace(pace),
            Command::SetTheme(choice) => self.set_theme(choice),
            Command::ToggleTheme => self.set_theme(self.theme.choice.other()),
            Command::ForgetRecent => {
                self.settings.recent.clear();
                self.save_settings();
            }
            Command::DismissNotice => self.notice = None,
            Command::Guide(command) => self.guide_command(command),
            Command::ToggleHelp => self.help_open = !self.help_open,
            Command::TogglePalette => self.toggle_palette(),
            Command::Notes(command) => self.carry_out_note(command),
            Command::Export(command) => self.carry_out_export(command),
            Command::Listen(command) => self.carry_out_listening(command),
            Command::TogglePresenter => self.toggle_presenter(),
            Command::ToggleBlank => {
                if let Some(presenter) = &mut self.presenter {
                    presenter.blank = !presenter.blank;
                }
            }
            Command::Grpc(command) => self.carry_out_grpc(command),
            Command::Workspace(command) => self.arrange(command),
            Command::Filter(filter_bar::Command::Set(text)) => {
                let before = self.filter.take();
                self.filter = self.filter_input.set(&text, before);
            }
            Command::Filter(filter_bar::Command::Type(text)) => self.filter_input.begin(&text),
            // While presenting there is no field to type in.
            Command::Filter(filter_bar::Command::Focus) if self.presenter.is_some() => {}
            Command::Filter(filter_bar::Command::Focus) => self.filter_input.focus(),
            // Without a filter there is nothing to find: one is typed first.
            Command::Filter(_) if self.filter.is_none() => {
                self.carry_out(Command::Filter(filter_bar::Command::Focus));
            }
            Command::Filter(command) => {
                let forward = command == filter_bar::Command::Next;
                let mut found = filter_bar::Found::default();
                self.with_context(|_, context| found = filter_bar::step(context, forward));
                self.filter_input.say(found.words);
                if let Some(item) = found.item {
                    self.select(item);
                }
            }
            command @ (Command::Loom(_) | Command::FrameList(_)) => {
                self.with_context(|workspace, context| workspace.views.command(&command, context));
            }
        }
    }

    fn guide_command(&mut self, command: guide::Command) {
        let goes_on = match (command, &mut self.guide) {
            (guide::Command::Start, _) => {
                if self.presenter.is_some() {
                    self.toggle_presenter();
                }
                self.help_open = false;
                self.guide = Some(Guide::default());
                true
            }
            (guide::Command::Next, Some(guide)) => guide.go(true),
            (guide::Command::Back, Some(guide)) => guide.go(false),
            (guide::Command::End, _) | (_, None) => false,
        };
        if !goes_on && self.guide.take().is_some() {
            self.settings.guide_seen = true;
            self.save_settings();
        }
    }

    fn toggle_palette(&mut self) {
        if let Some(palette) = self.palette.take() {
            self.focus_back = palette.before().map(|focus| (focus, 1));
            return;
        }
        self.help_open = false;
        let presenting = self.presenter.is_some();
        let mut opened = None;
        self.reading(|parts, context| {
            let palette = Palette::new(context, parts.settings, parts.workspace, presenting);
            opened = Some(palette);
        });
        self.palette = opened;
    }

    /// Presents the view that a person worked with last, or ends that.
    fn toggle_presenter(&mut self) {
        match self.presenter.take() {
            Some(presenter) => self.put_back = presenter.before(),
            // Without a capture there is nothing to present.
            None if self.document.is_none() => {}
            None => {
                let view = self.workspace.focused().or(ViewId::from_name("loom"));
                self.presenter = view.map(Presenter::new);
            }
        }
        self.restyle();
    }

    /// While presenting, what is asked of the panes is done to the one view that is shown.
    fn arrange(&mut self, command: workspace::Command) {
        let Some(presenter) = &mut self.presenter else {
            return self.workspace.command(command);
        };
        let beside = |onwards| self.workspace.open_view_beside(presenter.view, onwards);
        let view = match command {
            workspace::Command::NextPane => beside(true),
            workspace::Command::PreviousPane => beside(false),
            workspace::Command::Show(view) => Some(view),
            _ => None,
        };
        presenter.view = view.unwrap_or(presenter.view);
    }

    pub(super) fn open(&mut self, input: Input) {
        let notice = match input {
            Input::Tour(index) => tour_notice(index),
            _ => None,
        };
        if self.document.as_ref().map(Document::path) != Some(input.path()) {
            self.leave_recording();
        }
        self.open_notes(&input);
        self.document = Some(Document::open(input, self.waker.clone()));
        self.sandbox_open = false;
        self.forget_capture();
        self.notice = notice;
    }

    /// Remembers the file that is open, once it has turned out to be a capture.
    pub(super) fn remember(&mut self) {
        if let Some(document) = &mut self.document
            && document.trace.is_some()
            && let Some(path) = document.unproven.take()
        {
            self.settings.remember(&path);
            self.save_settings();
        }
    }

    /// Brings the view to the front that a newly opened capture starts with, where it is open.
    pub(super) fn greet(&mut self) {
        let view = self.document.as_mut().and_then(Document::greeting);
        if let Some(view) = view.and_then(ViewId::from_name) {
            self.workspace.bring_to_front(view);
        }
    }

    /// What was true of the capture before is not true of the next.
    fn forget_capture(&mut self) {
        self.transport.restart();
        self.grpc.forget();
        self.transport_bar = transport::bar::State::default();
        self.workspace.forget_capture();
        self.filtering.forget();
        self.selection = None;
        self.hovered = None;
        self.notice = None;
    }

    /// Says that a file is not live after all, and offers to wait for its growth.
    pub(super) fn tell_of_rest(&mut self) {
        let Some(document) = &mut self.document else {
            return;
        };
        if let Some(path) = document.take_rested() {
            self.notice = Some(Notice {
                text: format!(
                    "{} was written a moment ago and does not grow any more, so it is read as finished.",
                    document.title
                ),
                button: Some(("Wait for more".to_owned(), Command::OpenGrowing(path))),
            });
        }
    }

    pub(super) fn tell(&mut self, text: &str) {
        self.notice = Some(Notice {
            text: text.to_owned(),
            button: None,
        });
    }

    fn cancel_loading(&mut self) {
        if self.shows_recording() {
            return self.listening.stop();
        }
        let Some(document) = &mut self.document else {
            return;
        };
        let text = match (&document.reading, document.live()) {
            (Reading::Going(_), true) => {
                "What comes from now on is not read any more; what had been read is shown."
            }
            (Reading::Going(_), false) => {
                "Reading was stopped; what had been read is shown. Open the file again to read all \
                 of it."
            }
            _ => return,
        };
        document.cancel();
        self.tell(text);
    }

    pub(super) fn select(&mut self, item: Item) {
        if let Some(connection) = item.connection()
            && let Some(document) = &mut self.document
            && document.connection != Some(connection)
        {
            document.connection = Some(connection);
            document.chosen = true;
            self.workspace.views.forget_connection();
        }
        self.selection = Some(item);
        let unit = match item {
            Item::Frame(..) | Item::Message(..) => item.unit(),
            _ => None,
        };
        if let Some((_, unit)) = unit
            && let Some(cursor) = self.after_unit(unit)
        {
            self.transport.pause();
            self.transport.move_to(cursor);
            // What is chosen by hand comes into sight also where a view was scrolled away.
            self.transport.rest();
        }
    }

    fn after_unit(&self, unit: Unit) -> Option<Cursor> {
        let connection = self.document.as_ref()?.connection()?;
        unit.begun(connection)?.cursor(connection)
    }

    pub(super) fn after_frame(&self, frame: FrameId) -> Option<Cursor> {
        Cursor::after_frame(self.document.as_ref()?.connection()?, frame)
    }

    fn toggle_play(&mut self) {
        if let Some(document) = &self.document
            && let Some(trace) = &document.trace
        {
            self.transport.toggle_play(trace, document.connection());
        }
    }

    /// A step also selects the frame it comes to, so that the other views tell what it is.
    fn step(&mut self, step: Step, stream: Option<StreamId>) {
        let Some(connection) = self.document.as_ref().and_then(Document::connection) else {
            return;
        };
        if let Some(frame) = self.transport.step(connection, step, stream) {
            self.selection = Some(Item::Frame(connection.id, frame));
        }
    }

    fn step_by_unit(&mut self, step: Step) {
        self.step_by(self.transport.unit(), step);
    }

    fn step_by(&mut self, unit: StepUnit, step: Step) {
        let document = self.document.as_ref();
        let trace = document.and_then(|document| document.trace.as_ref());
        let connection = document.and_then(Document::connection);
        let http1 = connection.filter(|of| of.http2().is_none() && of.http1().is_some());
        let item = match (unit, trace, connection) {
            (StepUnit::Frame | StepUnit::StreamFrame, ..) if http1.is_some() => {
                http1.and_then(|of| self.transport.step_message(of, step))
            }
            (StepUnit::Frame, ..) => return self.step(step, None),
            (StepUnit::StreamFrame, ..) if self.selected_stream().is_some() => {
                return self.step_in_stream(step);
            }
            (StepUnit::StreamFrame, ..) => return self.step(step, None),
            (StepUnit::Packet, Some(trace), Some(connection)) => {
                self.transport.step_packet(trace, connection, step)
            }
            (StepUnit::RoundTrip, Some(trace), Some(connection)) => {
                self.transport.step_round_trip(trace, connection, step)
            }
            _ => None,
        };
        self.selection = item.or(self.selection);
    }

    /// What is selected is played over and over: its stream, else the stretch that the loom shows.
    fn toggle_loop(&mut self) {
        if self.transport.looped_ns().is_some() {
            return self.transport.set_loop(None);
        }
        let document = self.document.as_ref();
        let trace = document.and_then(|document| document.trace.as_ref());
        let connection = document.and_then(Document::connection);
        let of_stream = match (trace, connection, self.selected_stream()) {
            (Some(trace), Some(connection), Some(stream)) => span_of(trace, connection, stream),
            _ => None,
        };
        let shown = self.workspace.views.shown_ns();
        let shown = shown.map(|(start, end)| (start.max(0.0) as i64, end.max(0.0) as i64));
        self.transport.set_loop(of_stream.or(shown));
    }

    pub(super) fn selected_stream(&self) -> Option<StreamId> {
        let connection = self.document.as_ref().and_then(Document::connection);
        match (self.selection, connection) {
            (Some(Item::Stream(_, stream)), _) => Some(stream),
            (Some(item), Some(connection)) => item
                .frame()
                .and_then(|(_, frame)| Some(connection.http2()?.frames.get(frame.index())?.stream)),
            _ => None,
        }
    }

    fn step_in_stream(&mut self, step: Step) {
        let stream = self.selected_stream();
        if stream.is_some() {
            self.step(step, stream);
        }
    }

    fn set_theme(&mut self, choice: ThemeChoice) {
        self.settings.theme = choice;
        self.restyle();
        self.save_settings();
    }

    fn restyle(&mut self) {
        let choice = self.settings.theme;
        self.theme = match self.presenter {
            Some(_) => Theme::for_presenting(choice),
            None => Theme::new(choice),
        };
        self.theme_applied = false;
    }

    pub(super) fn save_settings(&self) {
        if let Some(path) = &self.settings_path {
            // A convenience: see the module text of `settings`.
            let _ = self.settings.save(path);
        }
    }

    fn choose_file(&mut self) {
        let dialog = self.dialog_at_capture();
        self.ask(move || {
            let chosen = dialog
                .set_title("Open a capture")
                .add_filter("Captures", &CAPTURE_ENDINGS)
                .add_filter("All files", &["*"])
                .pick_file();
            chosen.map(DialogAnswer::Chosen)
        });
    }

    fn save_file(&mut self, name: String, bytes: std::sync::Arc<[u8]>) {
        self.save_by("Save the content", name, move |out| out.write_all(&bytes));
    }

    /// Shows the system's dialog in a thread of its own: it stays open as long as a person likes.
    /// `show` answers `None` when it was closed without a choice.
    pub(super) fn ask(&mut self, show: impl FnOnce() -> Option<DialogAnswer> + Send + 'static) {
        if self.dialog.is_some() {
            return;
        }
        let (sender, receiver) = channel();
        let waker = self.waker.clone();
        let shown = std::thread::Builder::new()
            .name("wireloom file dialog".to_owned())
            .spawn(move || {
                let opened = Instant::now();
                let answer = match show() {
                    Some(answer) => answer,
                    None if opened.elapsed() < DIALOG_NEVER_SEEN => DialogAnswer::NeverOpened,
                    None => DialogAnswer::Closed,
                };
                // The window may be gone.
                let _ = sender.send(answer);
                waker.wake();
            });
        if shown.is_ok() {
            self.dialog = Some(receiver);
        }
    }

    pub(super) fn take_dialog_answer(&mut self) {
        let Some(dialog) = &self.dialog else {
            return;
        };
        let answer = dialog.try_recv();
        if !matches!(answer, Err(TryRecvError::Empty)) {
            self.dialog = None;
        }
        match answer {
            Ok(DialogAnswer::Schemas(paths)) => self.add_schemas(paths),
            Ok(DialogAnswer::OtherVersion(paths)) => self.compare_with(paths),
            Ok(DialogAnswer::NothingToDraft) => {
                self.tell("There is no gRPC call whose message types are not known.");
            }
            Ok(DialogAnswer::Chosen(path)) => self.open(Input::File(path)),
            Ok(DialogAnswer::Saved(path)) => self.tell(&format!("Saved as {}.", path.display())),
            Ok(DialogAnswer::NotSaved(path, error)) => {
                self.tell(&format!(
                    "{} could not be written: {error}.",
                    path.display()
                ));
            }
            Ok(DialogAnswer::NeverOpened) => {
                self.tell(
                    "The system's file dialog could not be shown. Drop a capture onto the window, \
                     or name it on the command line: wireloom CAPTURE",
                );
            }
            Ok(DialogAnswer::Closed) | Err(_) => {}
        }
    }

    pub(super) fn take_dropped_files(&mut self, ctx: &egui::Context) {
        let dropped: Vec<_> = ctx.input(|input| {
            let files = input.raw.dropped_files.iter();
            files.map(|file| file.path().to_owned()).collect()
        });
        let (schemas, captures): (Vec<_>, Vec<_>) = dropped
            .into_iter()
            .partition(|path| crate::ui::grpc::sources::is_schema(path));
        if !schemas.is_empty() {
            let add = crate::ui::grpc::Command::AddSchemas(schemas);
            self.commands.push(Command::Grpc(add));
        }
        if let Some(path) = captures.into_iter().next() {
            self.commands.push(Command::Open(path));
        }
    }
}

/// What to look for in a capture of the tour, and the way to the next.
fn tour_notice(index: usize) -> Option<Notice> {
    let stop = tour::STOPS.get(index)?;
    let count = tour::STOPS.len();
    let next = tour::STOPS.get(index + 1);
    Some(Notice {
        text: format!(
            "The tour, {} of {count}: {}. {}",
            index + 1,
            stop.title,
            stop.look_for
        ),
        button: next.map(|next| {
            (
                format!("Next: {}", next.title),
                Command::OpenTour(index + 1),
            )
        }),
    })
}
