//! Reads a capture in the background and hands it to the window as it grows.
//!
//! One named thread per load runs packets through the dissector and appends what comes out to a trace of its own. Each time
//! the window has taken the copy before, it gets another, which shares all that no longer changes: so a picture never waits for
//! rows to be appended, and what it draws does not change meanwhile. Copies go through a channel that belongs to this load alone,
//! so nothing late from a closed file can reach the next one. What the window no longer needs it gives back, and
//! the thread frees it. Dropping the [`Loader`] ends the thread at its next batch.

use super::background::drop_elsewhere;
use crate::capture::{Follow, OpenError};
use crate::trace::Trace;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

mod input;
mod reader;

pub use input::Input;
use reader::Reader;

/// News that may wait for the window. Of what was read there is one among them, and at the end another.
const WAITING_NEWS: usize = 8;

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It could not be opened, or is no capture.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The tour has fewer captures.
    #[error("the tour has no such capture")]
    NoSuchStop,
    /// The system refuses another thread.
    #[error("no thread could be started to read the capture: {0}")]
    Thread(#[source] std::io::Error),
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the capture that were read.
    pub read_bytes: u64,
    /// All bytes of it; `None` for a pipe.
    pub total_bytes: Option<u64>,
}

impl Progress {
    /// How much was read, from 0 to 1; `None` when the end is not known.
    pub fn share(self) -> Option<f32> {
        let total = self.total_bytes.filter(|&total| total > 0)?;
        Some((self.read_bytes as f64 / total as f64).min(1.0) as f32)
    }
}

/// What the thread tells.
enum News {
    /// What was read so far, all of it.
    Read(Box<Trace>, Progress),
    /// All that there is was read, and it may still grow.
    Quiet,
    /// It grows, or somebody said that it will.
    Live,
    /// It did not grow: what was read is all.
    Rested,
    Done,
    Failed(LoadError),
}

/// Asks the window for another picture, once there is a window.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<OnceLock<egui::Context>>);

impl Waker {
    /// Says which window. Later windows are ignored.
    pub fn attach(&self, ctx: &egui::Context) {
        if self.0.get().is_none() {
            // What was asked for until now was asked of nobody.
            ctx.request_repaint();
            self.0.get_or_init(|| ctx.clone());
        }
    }

    /// Asks for another picture.
    pub fn wake(&self) {
        if let Some(ctx) = self.0.get() {
            ctx.request_repaint();
        }
    }
}

/// A capture that is being read. See the module text.
#[derive(Debug)]
pub struct Loader {
    news: Receiver<News>,
    /// Whether the window has taken what it was sent.
    wants: Arc<AtomicBool>,
    back: Sender<Trace>,
    cancel: Arc<AtomicBool>,
    follow: Follow,
    quiet: bool,
    live: bool,
    rested: bool,
    progress: Progress,
}

/// How a load stands after its news were taken.
#[derive(Debug)]
pub enum Loading {
    /// There is more to read.
    Going,
    /// All was read, or reading was cancelled.
    Done,
    /// Nothing could be read.
    Failed(LoadError),
}

impl Loader {
    /// Begins to read.
    ///
    /// # Errors
    ///
    /// [`LoadError::Thread`] when no thread can be started. Whatever else goes wrong is news.
    pub fn start(input: Input, waker: Waker) -> Result<Self, LoadError> {
        let (sender, news) = sync_channel(WAITING_NEWS);
        let (back, returned) = channel();
        let wants = Arc::new(AtomicBool::new(true));
        let cancel = Arc::new(AtomicBool::new(false));
        let follow = Follow::new();
        let mut reader = Reader {
            follow: follow.clone(),
            sender,
            waker,
            cancel: cancel.clone(),
            progress: Progress::default(),
            wants: wants.clone(),
            returned,
            unsent: false,
            rests_until: Instant::now(),
        };
        std::thread::Builder::new()
            .name("wireloom loader".to_owned())
            .spawn(move || {
                // A window that is gone needs no news.
                let _ = reader.read(&input);
            })
            .map_err(LoadError::Thread)?;
        Ok(Self {
            news,
            wants,
            back,
            cancel,
            follow,
            quiet: false,
            live: false,
            rested: false,
            progress: Progress::default(),
        })
    }

    /// Stops reading. What was read stays.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
        self.follow.stop();
    }

    /// Waits for nothing more: what is in the file by now is read, and then it is done.
    pub fn finish(&self) {
        self.follow.stop();
    }

    /// Whether all that there is was read, and what is read may still grow.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether more comes: a pipe, or a file that was seen to grow.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Whether reading has ended because a file that had been changed lately did not grow.
    pub fn has_rested(&self) -> bool {
        self.rested
    }

    /// How far reading has come.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// What was read since the last time, if anything, and how reading stands. Whoever has taken the new trace
    /// [gives the one before back](Self::give_back).
    pub fn receive(&mut self) -> (Option<Trace>, Loading) {
        let mut newest = None;
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return (newest, Loading::Done);
            }
            let end = match self.news.try_recv() {
                Ok(News::Quiet) => {
                    self.quiet = true;
                    continue;
                }
                Ok(News::Live) => {
                    self.live = true;
                    continue;
                }
                Ok(News::Rested) => {
                    self.rested = true;
                    continue;
                }
                Ok(News::Read(trace, progress)) => {
                    self.quiet = false;
                    self.progress = progress;
                    self.wants.store(true, Ordering::Relaxed);
                    if let Some(before) = newest.replace(*trace) {
                        self.give_back(before);
                    }
                    continue;
                }
                Ok(News::Done) | Err(TryRecvError::Disconnected) => Loading::Done,
                Ok(News::Failed(error)) => Loading::Failed(error),
                Err(TryRecvError::Empty) => Loading::Going,
            };
            return (newest, end);
        }
    }

    /// Gives a trace back that is not needed any more: to free it may take longer than a picture has time for.
    pub fn give_back(&self, trace: Trace) {
        if let Err(unwanted) = self.back.send(trace) {
            drop_elsewhere(unwanted.0);
        }
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.cancel();
    }
}

#[cfg(test)]
mod tests;
