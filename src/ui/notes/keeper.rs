//! Reads and writes the file of notes in a thread, so that no picture waits for a disk or a share in the network.
//!
//! One thing at a time: what changes while a file is being written is merged with what came of it, and written next.

use super::watch::Watch;
use crate::notes::merge::merge;
use crate::notes::{Home, Kept, Loaded, Notes, Saved};
use crate::ui::loader::Waker;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::Duration;

/// How long a closing window waits for a file that is being written.
const PATIENCE: Duration = Duration::from_secs(10);

/// The keeper of one capture's notes.
#[derive(Default)]
pub struct Keeper {
    /// Not here while a thread works with it.
    home: Option<Home>,
    job: Option<Receiver<Done>>,
    /// The notes as they are in the file, as far as we know.
    base: Notes,
    /// Whether something has changed that was not sent to the file yet.
    touched: bool,
    /// Whether what was sent last did not get there.
    unsaved: bool,
    waker: Waker,
    watch: Watch,
    /// Whether somebody else has written since we read.
    written_elsewhere: bool,
}

/// What a thread has done.
struct Done {
    home: Home,
    work: Work,
}

enum Work {
    Loaded(Loaded),
    /// `None` when there is nothing to take over.
    LoadedAgain(Option<Loaded>),
    Saved {
        sent: Notes,
        result: Result<Saved, String>,
    },
}

/// What became of it. The notes are those to go on with: the file's, and what has changed meanwhile.
#[derive(Debug)]
pub enum Answer {
    /// The file was read.
    Loaded {
        /// The notes.
        notes: Notes,
        /// Where they are kept.
        kept: Kept,
        /// What is wrong with the files, a sentence each.
        troubles: Vec<String>,
    },
    /// The file was written.
    Saved {
        /// The notes.
        notes: Notes,
        /// Where they are kept.
        kept: Kept,
        /// What a person should know, a sentence each.
        told: Vec<String>,
    },
    /// The file could not be written: a sentence.
    Failed(String),
}

impl Keeper {
    /// Begins to read.
    pub fn open(home: Home, waker: Waker) -> Self {
        let mut keeper = Self {
            watch: Watch::start(home.files(), waker.clone()),
            waker,
            ..Self::default()
        };
        keeper.start(home, |home| Work::Loaded(home.load()));
        keeper
    }

    /// Says that notes have changed.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// Takes in what a thread has done.
    pub fn receive(&mut self, now: &Notes) -> Option<Answer> {
        let done = match self.job.as_ref()?.try_recv() {
            Err(TryRecvError::Empty) => return None,
            done => done.ok(),
        };
        self.job = None;
        done.and_then(|done| self.take(done, now))
    }

    /// Writes what has changed, and reads what others have written, unless a thread is at work: then afterwards.
    pub fn send(&mut self, now: &Notes) {
        self.written_elsewhere |= self.watch.take_changed();
        if !(self.touched || self.written_elsewhere) || self.job.is_some() {
            return;
        }
        let Some(home) = self.home.take() else {
            return;
        };
        // What is written is merged with what is there.
        self.written_elsewhere = false;
        if !self.touched {
            return self.start(home, |home| Work::LoadedAgain(home.load_again()));
        }
        self.touched = false;
        let (base, sent) = (self.base.clone(), now.clone());
        self.start(home, move |home| {
            let result = home.save(&base, &sent).map_err(|error| error.to_string());
            Work::Saved { sent, result }
        });
    }

    /// Waits for what is being written, and writes what is not.
    pub fn finish(&mut self, now: &Notes) {
        let mut now = now.clone();
        if let Some(job) = self.job.take() {
            match job.recv_timeout(PATIENCE) {
                Ok(done) => match self.take(done, &now) {
                    Some(Answer::Loaded { notes, .. } | Answer::Saved { notes, .. }) => now = notes,
                    Some(Answer::Failed(_)) | None => {}
                },
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
        if let (true, Some(home)) = (self.touched || self.unsaved, &mut self.home) {
            // There is no window left to say it in.
            if let Err(error) = home.save(&self.base, &now) {
                eprintln!("wireloom: {error}");
            }
        }
    }

    fn take(&mut self, done: Done, now: &Notes) -> Option<Answer> {
        self.home = Some(done.home);
        Some(match done.work {
            Work::Loaded(loaded) => {
                let notes = merge(&Notes::default(), now, &loaded.notes);
                self.base = loaded.notes;
                Answer::Loaded {
                    notes,
                    kept: loaded.kept,
                    troubles: loaded.troubles,
                }
            }
            Work::LoadedAgain(loaded) => {
                let loaded = loaded?;
                let notes = merge(&self.base, now, &loaded.notes);
                self.base = loaded.notes;
                Answer::Loaded {
                    notes,
                    kept: loaded.kept,
                    troubles: loaded.troubles,
                }
            }
            Work::Saved { sent, result } => match result {
                Ok(saved) => {
                    let notes = merge(&sent, now, &saved.notes);
                    self.base = saved.notes;
                    self.unsaved = false;
                    Answer::Saved {
                        notes,
                        kept: saved.kept,
                        told: saved.told,
                    }
                }
                Err(text) => {
                    self.unsaved = true;
                    Answer::Failed(text)
                }
            },
        })
    }

    fn start(&mut self, mut home: Home, work: impl FnOnce(&mut Home) -> Work + Send + 'static) {
        let (sender, receiver) = channel();
        let waker = self.waker.clone();
        let kept = home.clone();
        let started = std::thread::Builder::new()
            .name("wireloom notes".to_owned())
            .spawn(move || {
                let work = work(&mut home);
                // The window may be gone.
                let _ = sender.send(Done { home, work });
                waker.wake();
            });
        match started {
            Ok(_) => self.job = Some(receiver),
            Err(_) => {
                // No thread to be had: tried again with the next change.
                self.home = Some(kept);
                self.touched = true;
            }
        }
    }
}
