//! Notices that another window has written the file of notes: a thread looks at the file's time and length now and then.

use crate::ui::loader::Waker;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, SystemTime};

/// How often it looks. Our choice: what somebody else writes is there before they have said so, and two questions to the
/// system in two seconds cost nothing.
const EVERY: Duration = Duration::from_secs(2);

/// A watch over some files. Dropping it ends its thread.
#[derive(Debug, Default)]
pub struct Watch {
    changed: Arc<AtomicBool>,
    _running: Option<Sender<()>>,
}

impl Watch {
    /// Begins to watch.
    pub fn start(paths: Vec<PathBuf>, waker: Waker) -> Self {
        if paths.is_empty() {
            return Self::default();
        }
        let changed = Arc::new(AtomicBool::new(false));
        let (running, ended) = channel::<()>();
        let seen = changed.clone();
        let started = std::thread::Builder::new()
            .name("wireloom notes watch".to_owned())
            .spawn(move || {
                let mut before = stamps(&paths);
                while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    let now = stamps(&paths);
                    if now != before {
                        before = now;
                        seen.store(true, Ordering::Release);
                        waker.wake();
                    }
                }
            });
        // Without a thread, what others write is seen with the next change of our own.
        let _running = started.is_ok().then_some(running);
        Self { changed, _running }
    }

    /// Whether a file has changed since this was asked last.
    pub fn take_changed(&self) -> bool {
        self.changed.swap(false, Ordering::AcqRel)
    }
}

/// What tells one state of a file from another; `None` when there is no file.
fn stamps(paths: &[PathBuf]) -> Vec<Option<(Option<SystemTime>, u64)>> {
    let stamp = |path: &PathBuf| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.modified().ok(), found.len()))
    };
    paths.iter().map(stamp).collect()
}
