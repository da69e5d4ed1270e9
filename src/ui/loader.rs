//! Reads a capture in the background and hands it to the window as it grows.
//!
//! One named thread per load runs packets through the dissector and appends what comes out to a trace of its own. Each time
//! the window has taken the copy before, it gets another, which shares all that no longer changes: so a picture never waits for
//! rows to be appended, and what it draws does not change meanwhile. Copies go through a channel that belongs to this load alone,
//! so nothing late from a closed file can reach the next one. What the window no longer needs it gives back, and
//! the thread frees it. Dropping the [`Loader`] ends the thread at its next batch.

use super::background::drop_elsewhere;
use super::tour;
use crate::capture::{Capture, Event, Follow, OpenError};
use crate::dissect::Dissector;
use crate::trace::Trace;
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel,
};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Work before the first batch: a small capture is there within one picture, and of a large one
/// something is seen at once.
const FIRST_BATCH: Duration = Duration::from_millis(3);

/// Work per batch later on: less than a picture lasts.
const LARGEST_BATCH: Duration = Duration::from_millis(12);

/// Packets and frames of a batch: few enough that they are still in the cache when they are appended.
const LARGEST_BATCH_ROWS: usize = 4096;

/// News that may wait for the window. Of what was read there is one among them, and at the end another.
const WAITING_NEWS: usize = 8;

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

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, or a named pipe.
    File(PathBuf),
    /// A file that another program is writing, although it may not grow for a while.
    Growing(PathBuf),
    /// Standard input.
    StandardInput,
    /// A capture of the tour, by its position.
    Tour(usize),
}

impl Input {
    /// What a person calls it: the file's name, or the tour's title.
    pub fn title(&self) -> String {
        match self {
            Input::File(path) | Input::Growing(path) => path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            Input::StandardInput => "standard input".to_owned(),
            Input::Tour(index) => match tour::STOPS.get(*index) {
                Some(stop) => stop.file.to_owned(),
                None => "tour".to_owned(),
            },
        }
    }

    /// Where it is, when it is a file.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Input::File(path) | Input::Growing(path) => Some(path),
            Input::StandardInput | Input::Tour(_) => None,
        }
    }

    fn open(&self, follow: &Follow) -> Result<Capture, LoadError> {
        match self {
            Input::File(path) => Ok(Capture::open_or_follow(path, follow)?),
            Input::Growing(path) => Ok(Capture::follow(path, follow)?),
            Input::StandardInput => Ok(Capture::from_reader(std::io::stdin(), "standard input")?),
            Input::Tour(index) => {
                let stop = tour::STOPS.get(*index).ok_or(LoadError::NoSuchStop)?;
                let bytes = Bytes::from_static(stop.bytes);
                Ok(Capture::from_bytes(bytes, stop.file)?)
            }
        }
    }
}

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

/// The window no longer listens, or a person has cancelled.
struct Unwanted;

/// The thread's side.
struct Reader {
    follow: Follow,
    sender: SyncSender<News>,
    waker: Waker,
    cancel: Arc<AtomicBool>,
    progress: Progress,
    wants: Arc<AtomicBool>,
    returned: Receiver<Trace>,
    /// Whether something was read that the window was not sent yet.
    unsent: bool,
    /// Until then copies for the window would cost too much.
    rests_until: Instant,
}

impl Reader {
    fn read(&mut self, input: &Input) -> Result<(), Unwanted> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads to the end as a window does, and answers how it ended.
    fn read(input: Input) -> (Option<Trace>, Loading) {
        let mut trace = None;
        let mut loader = Loader::start(input, Waker::default()).unwrap();
        loop {
            let (newer, loading) = loader.receive();
            trace = newer.or(trace);
            match loading {
                Loading::Going => std::thread::sleep(Duration::from_millis(1)),
                end => return (trace, end),
            }
        }
    }

    #[test]
    fn every_capture_of_the_tour_is_read_to_its_end() {
        for (index, stop) in tour::STOPS.iter().enumerate() {
            let (trace, end) = read(Input::Tour(index));
            assert!(matches!(end, Loading::Done), "{}: {end:?}", stop.file);
            assert!(!trace.unwrap().connections.is_empty(), "{}", stop.file);
        }
    }

    #[test]
    fn batches_give_the_same_trace_as_one_dissector() {
        let (trace, _) = read(Input::Tour(0));
        let trace = trace.unwrap();
        let bytes = Bytes::from_static(tour::STOPS[0].bytes);
        let mut dissector = Dissector::new();
        for event in Capture::from_bytes(bytes, "x").unwrap() {
            dissector.event(event);
        }
        dissector.finish();
        let mut whole = Trace::new(trace.source.clone());
        whole.append(dissector.take_batch());
        assert_eq!(trace.packets.len(), whole.packets.len());
        let frames = |trace: &Trace| {
            trace
                .main_connection()
                .unwrap()
                .http2()
                .unwrap()
                .frames
                .len()
        };
        assert_eq!(frames(&trace), frames(&whole));
        assert!(frames(&trace) > 0);
    }

    /// What a picture draws does not change under it, and a window that takes nothing is sent nothing more.
    #[test]
    fn what_was_read_comes_in_copies_that_do_not_change_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.pcapng");
        // One section behind the other.
        std::fs::write(&path, tour::STOPS[0].bytes.repeat(40)).unwrap();
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH)
            .unwrap();
        let mut loader = Loader::start(Input::File(path), Waker::default()).unwrap();
        let mut copies: Vec<(Trace, usize)> = Vec::new();
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < Duration::from_secs(60));
            let (newer, loading) = loader.receive();
            copies.extend(newer.map(|trace| {
                let packets = trace.packets.len();
                (trace, packets)
            }));
            if matches!(loading, Loading::Done) {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let (whole, _) = copies.last().unwrap();
        assert!(whole.packets.len() > 1000);
        for (copy, packets) in &copies {
            assert_eq!(copy.packets.len(), *packets);
            let offsets = |of: &Trace| of.packets.range(0..*packets).map(|row| row.offset).sum();
            let (own, in_the_end): (u64, u64) = (offsets(copy), offsets(whole));
            assert_eq!(own, in_the_end);
            assert!(copy.connections.len() <= whole.connections.len());
        }
        assert!(copies.is_sorted_by_key(|(_, packets)| *packets));
    }

    #[test]
    fn what_is_no_capture_fails_with_a_sentence_that_names_it() {
        let (trace, end) = read(Input::File("/nowhere/x.pcap".into()));
        let Loading::Failed(error) = end else {
            panic!("{end:?}");
        };
        assert!(trace.is_none());
        assert!(error.to_string().contains("/nowhere/x.pcap"), "{error}");
    }

    #[test]
    fn a_cancelled_load_gives_nothing_more() {
        let mut loader = Loader::start(Input::Tour(0), Waker::default()).unwrap();
        loader.cancel();
        let (trace, end) = loader.receive();
        assert!(matches!(end, Loading::Done));
        assert!(trace.is_none());
    }

    /// A pipe whose writer sends a capture and then stays silent: everything sent must be there
    /// although the pipe has not ended.
    #[cfg(unix)]
    #[test]
    fn a_silent_pipe_holds_nothing_back() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        let stop = tour::STOPS[0];
        let mut loader = Loader::start(Input::File(path.clone()), Waker::default()).unwrap();
        let mut pipe = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        // All but the last bytes, so that the reader still waits for the end of a block.
        pipe.write_all(&stop.bytes[..stop.bytes.len() - 4]).unwrap();
        let (whole, _) = read(Input::Tour(0));
        let wanted = whole.unwrap().packets.len() - 1;
        let mut trace: Option<Trace> = None;
        let began = Instant::now();
        while trace.as_ref().map_or(0, |trace| trace.packets.len()) < wanted {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "packets are held back"
            );
            let (newer, loading) = loader.receive();
            trace = newer.or(trace);
            assert!(matches!(loading, Loading::Going));
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(loader.progress().share(), None);
    }
}
