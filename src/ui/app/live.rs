//! What the app does with live traffic: the recording is opened as it grows, and what becomes of it is said.

use super::{App, Notice};
use crate::capture::listen::Listening;
use crate::ui::Command as UiCommand;
use crate::ui::listening::{Command, Told};
use crate::ui::loader::{Input, Waker};
use crate::ui::widgets::format;
use std::fs::File;
use std::path::Path;

impl App {
    /// The same app showing what a helper records that listens already and wakes this waker.
    #[must_use]
    pub fn listening_to(mut self, listening: Listening, waker: Waker) -> Self {
        self.waker = waker;
        let file = listening.file().to_owned();
        self.listening.take_over(listening);
        self.show_recording(&file);
        self
    }

    pub(super) fn carry_out_listening(&mut self, command: Command) {
        match command {
            Command::Choose => self.ask_where_to_listen(),
            Command::Dismiss => self.listening.close_form(),
            Command::LookAgain => self.listening.look_again(self.waker.clone()),
            Command::Start { interface, typed } => {
                if !self.listening.is_asking() {
                    self.ask_where_to_listen();
                }
                self.settings.listened_on = Some(interface.to_string());
                self.settings.listened_for.clone_from(&typed);
                self.save_settings();
                self.listening.start(interface, &typed, self.waker.clone());
            }
            Command::Stop => self.listening.stop(),
            Command::SaveCopy => self.save_copy(),
        }
    }

    fn ask_where_to_listen(&mut self) {
        if self.presenter.is_some() {
            self.carry_out(UiCommand::TogglePresenter);
        }
        self.help_open = false;
        let settings = &self.settings;
        let last = settings.listened_on.as_deref();
        let typed = settings.listened_for.as_str();
        self.listening.open_form(last, typed, self.waker.clone());
    }

    /// Takes in what has become of listening.
    pub(super) fn follow_listening(&mut self) {
        match self.listening.follow() {
            None => {}
            Some(Told::Begun(file)) => self.show_recording(&file),
            Some(Told::Ended {
                file,
                interface,
                error,
            }) => {
                let len = std::fs::metadata(&file).map_or(0, |file| file.len());
                let why = error.map_or(String::new(), |error| format!(": {error}"));
                let text = format!(
                    "Listening on {interface} has ended{why}. The recording ({}) is kept: {}",
                    format::bytes(len),
                    file.display()
                );
                let document = self.document.as_mut();
                let shown = document.filter(|of| of.path() == Some(&file));
                let button = match shown {
                    Some(document) => {
                        document.finish();
                        ("Save a copy…", UiCommand::Listen(Command::SaveCopy))
                    }
                    None => ("Open it", UiCommand::Open(file)),
                };
                self.notice = Some(Notice {
                    text,
                    button: Some((button.0.to_owned(), button.1)),
                });
            }
        }
    }

    fn show_recording(&mut self, file: &Path) {
        self.open(Input::Growing(file.to_owned()));
        if let Some(listening) = self.listening.recording(Some(file)) {
            let what = match listening.filter() {
                Some(filter) => format!("what passes {filter}"),
                None => "all packets".to_owned(),
            };
            let interface = listening.interface();
            let text = format!(
                "Listening on {interface}: {what}, kept as it comes in {}",
                file.display()
            );
            self.notice = Some(Notice { text, button: None });
        }
    }

    /// Whether the capture that is open is being recorded by this window.
    pub(super) fn shows_recording(&self) -> bool {
        let file = self.document.as_ref().and_then(|of| of.path());
        self.listening.recording(file).is_some()
    }

    /// Another capture takes the place of the recording: nobody would see any longer what comes.
    pub(super) fn leave_recording(&mut self) {
        if self.shows_recording() {
            self.listening.stop();
        }
    }

    fn save_copy(&mut self) {
        let Some(file) = self.listening.last() else {
            return self.tell("Nothing was recorded in this window yet.");
        };
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let (name, file) = (name.into_owned(), file.to_owned());
        self.save_by("Save a copy of the recording", name, move |out| {
            std::io::copy(&mut File::open(&file)?, out).map(drop)
        });
    }
}
