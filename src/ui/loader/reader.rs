//! The thread that reads: from a file as fast as it goes, from a pipe as it comes, with copies for the window in between.

use super::{Input, LoadError, News, Progress, Waker};
use crate::capture::{Capture, Event, Follow};
use crate::dissect::Dissector;
use crate::trace::Trace;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Work before the first batch: a small capture is there within one picture, and of a large one
/// something is seen at once.
const FIRST_BATCH: Duration = Duration::from_millis(3);

/// Work per batch later on: less than a picture lasts.
const LARGEST_BATCH: Duration = Duration::from_millis(12);

/// Packets and frames of a batch: few enough that they are still in the cache when they are appended.
const LARGEST_BATCH_ROWS: usize = 4096;

/// For each second that copies for the window cost, so many are spent on reading. A copy of a connection with very many
/// streams takes longer than a picture.
const READING_PER_COPYING: u32 = 4;

/// Events from a pipe that may wait for the dissector.
const WAITING_EVENTS: usize = 1024;

/// How long a packet from a quiet pipe may wait for others before it is shown.
const PIPE_PATIENCE: Duration = Duration::from_millis(30);

/// When nothing has come for so long, all that there is was read: what still comes is live. Of a file its end is known
/// besides, however slow the disk is. Shorter and a slow pipe looks like a quiet wire; longer and what waits for the end is
/// felt to hang.
const QUIET: Duration = Duration::from_millis(400);

/// A file that was changed lately and does not grow for so long after [`QUIET`] is finished: two seconds in all. Shorter and
/// a program that writes what it has once a second is cut off; longer and what was just recorded looks unfinished.
const REST: Duration = Duration::from_millis(1600);

/// Events between two looks at the clock: a few tens of microseconds of work.
const EVENTS_PER_LOOK: u32 = 64;

/// The window no longer listens, or a person has cancelled.
pub(super) struct Unwanted;

/// The thread's side.
pub(super) struct Reader {
    pub(super) follow: Follow,
    pub(super) sender: SyncSender<News>,
    pub(super) waker: Waker,
    pub(super) cancel: Arc<AtomicBool>,
    pub(super) progress: Progress,
    pub(super) wants: Arc<AtomicBool>,
    pub(super) returned: Receiver<Trace>,
    /// Whether something was read that the window was not sent yet.
    pub(super) unsent: bool,
    /// Until then copies for the window would cost too much.
    pub(super) rests_until: Instant,
}

impl Reader {
    /// Reads all of it. The window learns by news what was read, and what went wrong.
    pub(super) fn read(&mut self, input: &Input) -> Result<(), Unwanted> {
        let capture = match input.open(&self.follow) {
            Ok(capture) => capture,
            Err(error) => return self.tell(News::Failed(error)),
        };
        self.progress.total_bytes = capture.total_bytes();
        let mut trace = Trace::new(capture.source());
        self.send(&trace)?;
        match capture.total_bytes() {
            Some(_) => self.read_file(capture, &mut trace)?,
            None => self.read_pipe(capture, &mut trace, matches!(input, Input::Growing(_)))?,
        }
        self.tell(News::Read(Box::new(trace), self.progress))?;
        self.tell(News::Done)
    }

    fn read_file(&mut self, mut capture: Capture, trace: &mut Trace) -> Result<(), Unwanted> {
        let mut dissector = Dissector::new();
        let mut pacer = Pacer::new();
        while let Some(event) = capture.next() {
            dissector.event(event);
            let looks = pacer.looks();
            if looks && (pacer.is_over() || dissector.batch_rows() >= LARGEST_BATCH_ROWS) {
                self.progress.read_bytes = capture.bytes_read();
                self.take_in(&mut dissector, trace)?;
                pacer.next();
            }
        }
        self.progress.read_bytes = capture.bytes_read();
        dissector.finish();
        trace.append(dissector.take_batch());
        Ok(())
    }

    /// Reading a pipe blocks, and what came before must not wait for what comes next: a second
    /// thread reads, and this one notices when nothing comes. A file that was changed lately is read like one; when it
    /// does not grow meanwhile, and nobody said that it will, it has an end after all.
    fn read_pipe(
        &mut self,
        capture: Capture,
        trace: &mut Trace,
        will_grow: bool,
    ) -> Result<(), Unwanted> {
        let followed = capture.is_followed();
        let mut may_rest = followed && !will_grow;
        if !may_rest && capture.compression().is_none() {
            self.tell(News::Live)?;
        }
        let (sender, events) = sync_channel(WAITING_EVENTS);
        let reading = std::thread::Builder::new()
            .name("wireloom pipe".to_owned())
            .spawn(move || {
                for event in capture {
                    if sender.send(event).is_err() {
                        break;
                    }
                }
            });
        if let Err(error) = reading {
            return self.tell(News::Failed(LoadError::Thread(error)));
        }
        let mut dissector = Dissector::new();
        let mut pacer = Pacer::new();
        let mut unsent = false;
        let mut quiet = false;
        loop {
            let next = match (unsent, quiet) {
                (true, _) => events.recv_timeout(PIPE_PATIENCE),
                (false, false) => events.recv_timeout(QUIET),
                // Before its first packet comes, a capture is not finished.
                (false, true) if may_rest && dissector.packets() > 0 => events.recv_timeout(REST),
                (false, true) => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match next {
                Ok(event) => {
                    if let Event::Packet(packet) = &event {
                        let end = packet.offset.saturating_add(packet.bytes.len() as u64);
                        self.progress.read_bytes = end;
                    }
                    dissector.event(event);
                    unsent = true;
                    if quiet && may_rest {
                        may_rest = false;
                        self.tell(News::Live)?;
                    }
                    quiet = false;
                    if !pacer.is_over() && dissector.batch_rows() < LARGEST_BATCH_ROWS {
                        continue;
                    }
                }
                Err(RecvTimeoutError::Timeout) if !unsent && quiet => {
                    // What comes until the other thread notices is still read.
                    may_rest = false;
                    self.follow.stop();
                    self.tell(News::Rested)?;
                    continue;
                }
                // A slow disk, or a busy machine.
                Err(RecvTimeoutError::Timeout)
                    if !unsent && followed && !self.follow.is_at_end() =>
                {
                    continue;
                }
                Err(RecvTimeoutError::Timeout) if !unsent => {
                    quiet = true;
                    self.tell(News::Quiet)?;
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.take_in(&mut dissector, trace)?;
            pacer.next();
            unsent = self.unsent;
        }
        dissector.finish();
        trace.append(dissector.take_batch());
        Ok(())
    }

    /// Appends what was read, and sends it to the window if that has time for more.
    fn take_in(&mut self, dissector: &mut Dissector, trace: &mut Trace) -> Result<(), Unwanted> {
        let batch = dissector.take_batch();
        if !batch.is_empty() {
            // What a copy shares is copied by the append behind it.
            let began = Instant::now();
            trace.append(batch);
            if !std::mem::replace(&mut self.unsent, true) {
                self.rest_after(began);
            }
        }
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Unwanted);
        }
        let waits = self.unsent && self.wants.load(Ordering::Relaxed);
        if waits && Instant::now() >= self.rests_until {
            self.send(trace)?;
        }
        Ok(())
    }

    /// Sends a copy to the window.
    fn send(&mut self, trace: &Trace) -> Result<(), Unwanted> {
        let began = Instant::now();
        self.returned.try_iter().for_each(drop);
        let copy = Box::new(trace.clone());
        self.rests_until = began;
        self.rest_after(began);
        self.unsent = false;
        self.wants.store(false, Ordering::Relaxed);
        self.tell(News::Read(copy, self.progress))
    }

    /// Puts the next copy off for a while, as long as is fair after what this one has cost since `began`.
    fn rest_after(&mut self, began: Instant) {
        let rest = began.elapsed() * READING_PER_COPYING;
        self.rests_until = self.rests_until.max(Instant::now()) + rest;
    }

    fn tell(&self, news: News) -> Result<(), Unwanted> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Unwanted);
        }
        self.sender.send(news).map_err(|_| Unwanted)?;
        self.waker.wake();
        Ok(())
    }
}

/// Says when a batch is large enough.
struct Pacer {
    began: Instant,
    length: Duration,
    events: u32,
}

impl Pacer {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            length: FIRST_BATCH,
            events: 0,
        }
    }

    /// Counts an event. Returns whether it is worth a look at the clock.
    fn looks(&mut self) -> bool {
        self.events += 1;
        if self.events < EVENTS_PER_LOOK {
            return false;
        }
        self.events = 0;
        true
    }

    fn is_over(&self) -> bool {
        self.began.elapsed() >= self.length
    }

    fn next(&mut self) {
        self.length = (self.length * 2).min(LARGEST_BATCH);
        self.began = Instant::now();
    }
}
