//! What each command does.

use super::document::Document;
use super::{App, DialogAnswer, Notice};
use crate::trace::{Cursor, FrameId};
use crate::ui::loader::Input;
use crate::ui::theme::{Theme, ThemeChoice};
use crate::ui::transport::Step;
use crate::ui::{Command, Item, filter_bar, tour, transport};
use crate::wire::http2::StreamId;
use std::sync::mpsc::{TryRecvError, channel};
use std::time::{Duration, Instant};

/// A dialog that closes faster than this was never seen by anybody.
const DIALOG_NEVER_SEEN: Duration = Duration::from_millis(250);

/// The endings of capture files, for the dialog.
const CAPTURE_ENDINGS: [&str; 4] = ["pcapng", "pcap", "cap", "dmp"];

impl App {
    pub(super) fn carry_out(&mut self, command: Command) {
        match command {
            Command::Open(path) => self.open(Input::File(path)),
            Command::ChooseFile => self.choose_file(),
            Command::OpenTour(stop) => self.open(Input::Tour(stop)),
            Command::Close => {
                self.document = None;
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
            Command::ClearSelection => self.selection = None,
            Command::MoveCursor(cursor) => self.transport.move_to(cursor),
            Command::TogglePlay => self.toggle_play(),
            Command::StepForward => self.step(Step::Forward, None),
            Command::StepBack => self.step(Step::Back, None),
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
            Command::SetPace(pace) => self.transport.set_pace(pace),
            Command::SetTheme(choice) => self.set_theme(choice),
            Command::ToggleTheme => self.set_theme(self.theme.choice.other()),
            Command::ForgetRecent => {
                self.settings.recent.clear();
                self.save_settings();
            }
            Command::DismissNotice => self.notice = None,
            Command::ToggleHelp => self.help_open = !self.help_open,
            Command::Workspace(command) => self.workspace.command(command),
            Command::Filter(filter_bar::Command::Set(text)) => {
                self.filter = self.filter_input.set(&text);
            }
            Command::Filter(filter_bar::Command::Focus) => self.filter_input.focus(),
            Command::Filter(command) => {
                let forward = command == filter_bar::Command::Next;
                let mut found = None;
                self.with_context(|_, context| found = filter_bar::step(context, forward));
                if let Some(item) = found {
                    self.select(item);
                }
            }
            command @ (Command::Loom(_) | Command::FrameList(_)) => {
                self.with_context(|workspace, context| workspace.views.command(&command, context));
            }
        }
    }

    pub(super) fn open(&mut self, input: Input) {
        let notice = match input {
            Input::Tour(index) => tour_notice(index),
            _ => None,
        };
        self.document = Some(Document::open(input, self.waker.clone()));
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

    /// What was true of the capture before is not true of the next.
    fn forget_capture(&mut self) {
        self.transport.restart();
        self.transport_bar = transport::bar::State::default();
        self.workspace.forget_capture();
        self.selection = None;
        self.hovered = None;
        self.notice = None;
    }

    fn tell(&mut self, text: &str) {
        self.notice = Some(Notice {
            text: text.to_owned(),
            button: None,
        });
    }

    fn cancel_loading(&mut self) {
        let Some(document) = &mut self.document else {
            return;
        };
        if document.loading() {
            document.cancel();
            self.tell(
                "Reading was stopped; what had been read is shown. Open the file again to read all \
                 of it.",
            );
        }
    }

    fn select(&mut self, item: Item) {
        if let Some(connection) = item.connection()
            && let Some(document) = &mut self.document
            && document.connection != Some(connection)
        {
            document.connection = Some(connection);
            document.chosen = true;
            self.workspace.views.forget_connection();
        }
        self.selection = Some(item);
        if let Item::Frame(_, frame) = item
            && let Some(cursor) = self.after_frame(frame)
        {
            self.transport.pause();
            self.transport.move_to(cursor);
        }
    }

    fn after_frame(&self, frame: FrameId) -> Option<Cursor> {
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

    fn step_in_stream(&mut self, step: Step) {
        let connection = self.document.as_ref().and_then(Document::connection);
        let stream = match (self.selection, connection) {
            (Some(Item::Stream(_, stream)), _) => Some(stream),
            (Some(item), Some(connection)) => item
                .frame()
                .and_then(|(_, frame)| Some(connection.http2()?.frames.get(frame.index())?.stream)),
            _ => None,
        };
        if stream.is_some() {
            self.step(step, stream);
        }
    }

    fn set_theme(&mut self, choice: ThemeChoice) {
        self.theme = Theme::new(choice);
        self.theme_applied = false;
        self.settings.theme = choice;
        self.save_settings();
    }

    pub(super) fn save_settings(&self) {
        if let Some(path) = &self.settings_path {
            // A convenience: see the module text of `settings`.
            let _ = self.settings.save(path);
        }
    }

    /// Shows the system's dialog in a thread of its own: it stays open as long as a person likes.
    fn choose_file(&mut self) {
        if self.dialog.is_some() {
            return;
        }
        let (sender, receiver) = channel();
        let waker = self.waker.clone();
        let shown = std::thread::Builder::new()
            .name("wireloom file dialog".to_owned())
            .spawn(move || {
                let opened = Instant::now();
                let chosen = rfd::FileDialog::new()
                    .set_title("Open a capture")
                    .add_filter("Captures", &CAPTURE_ENDINGS)
                    .add_filter("All files", &["*"])
                    .pick_file();
                let answer = match chosen {
                    Some(path) => DialogAnswer::Chosen(path),
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
            Ok(DialogAnswer::Chosen(path)) => self.open(Input::File(path)),
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
        let dropped = ctx.input(|input| {
            let first = input.raw.dropped_files.first();
            first.map(|file| file.path().to_owned())
        });
        if let Some(path) = dropped {
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
