//! The filter at work beside the pictures: in the gaps between them where a capture is small, else in a thread of its
//! own, so that no picture ever waits for it. Views ask one [`Run`] whether something passes, which is a look at a bit.

use crate::filter::{Filter, Run};
use crate::trace::{ConnectionId, Trace};
use crate::ui::loader::Waker;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// Captures up to this size are asked between two pictures: that takes some milliseconds.
const FEW_PACKETS: usize = 20_000;

/// How long a picture waits for the filter.
const TURN: Duration = Duration::from_millis(4);

/// How long a thread works before it first shows what it has found; each time twice as long as before.
const FIRST_LOOK: Duration = Duration::from_millis(20);

/// What a filter has found so far, and the work that is going on.
#[derive(Default)]
pub struct Filtering {
    run: Option<Arc<Run>>,
    worker: Option<Worker>,
    /// Packets of the capture when a thread was last started.
    packets: usize,
}

/// A thread that asks a copy of the trace.
struct Worker {
    found: Receiver<Arc<Run>>,
    stopped: Arc<AtomicBool>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

impl Filtering {
    /// What was found so far; `None` without a filter.
    pub fn run(&self) -> Option<&Run> {
        self.run.as_deref()
    }

    /// Forgets everything: another capture is open.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Goes on asking, for as long as a picture can wait, or starts a thread that does. Returns whether another picture
    /// is needed to go on.
    pub fn advance(
        &mut self,
        filter: Option<&Filter>,
        trace: Option<&Trace>,
        shown: Option<ConnectionId>,
        loading: bool,
        waker: &Waker,
    ) -> bool {
        let (Some(filter), Some(trace), Some(shown)) = (filter, trace, shown) else {
            self.forget();
            return false;
        };
        let of_filter = |run: &Arc<Run>| run.filter().text() == filter.text();
        if !self.run.as_ref().is_some_and(of_filter) {
            self.worker = None;
            self.packets = 0;
            self.run = Some(Arc::new(Run::new(filter.clone(), shown)));
        }
        self.receive();
        let Some(run) = &mut self.run else {
            return false;
        };
        if run.connection() != shown {
            Arc::make_mut(run).show(shown);
        }
        if run.is_complete(trace) || self.worker.is_some() {
            return false;
        }
        let packets = trace.packets.len();
        if packets <= FEW_PACKETS {
            let began = Instant::now();
            let enough = || began.elapsed() > TURN;
            return !Arc::make_mut(run).advance(trace, crate::report::frames::info, enough);
        }
        // While a capture is read the thread follows in steps, since each needs a copy of the trace.
        if loading && packets < self.packets.saturating_add(self.packets / 2) {
            return false;
        }
        self.packets = packets;
        self.worker = Worker::start(run.clone(), trace.clone(), waker.clone());
        false
    }

    fn receive(&mut self) {
        while let Some(worker) = &self.worker {
            match worker.found.try_recv() {
                Ok(run) => self.run = Some(run),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => self.worker = None,
            }
        }
    }
}

impl Worker {
    fn start(mut run: Arc<Run>, trace: Trace, waker: Waker) -> Option<Self> {
        let (sender, found) = channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = stopped.clone();
        let work = move || {
            let mut look = FIRST_LOOK;
            loop {
                let began = Instant::now();
                let enough = || began.elapsed() > look || stop.load(Ordering::Relaxed);
                let done =
                    Arc::make_mut(&mut run).advance(&trace, crate::report::frames::info, enough);
                // Nobody listens when the filter has been changed.
                if sender.send(run.clone()).is_err() || done || stop.load(Ordering::Relaxed) {
                    break;
                }
                waker.wake();
                look *= 2;
            }
            drop(sender);
            waker.wake();
        };
        let thread = std::thread::Builder::new().name("wireloom filter".to_owned());
        thread.spawn(work).ok().map(|_| Self { found, stopped })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    /// Asks until nothing is left to do. Returns whether a thread was needed.
    fn ask(filtering: &mut Filtering, world: &World, filter: &str) -> bool {
        let filter = Filter::parse(filter).unwrap();
        let began = Instant::now();
        let mut by_thread = false;
        loop {
            filtering.advance(
                Some(&filter),
                Some(&world.trace),
                world.connection,
                false,
                &Waker::default(),
            );
            by_thread |= filtering.worker.is_some();
            if filtering.run().unwrap().is_complete(&world.trace) && filtering.worker.is_none() {
                return by_thread;
            }
            assert!(began.elapsed() < Duration::from_secs(30));
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_small_capture_is_asked_between_pictures_and_a_large_one_by_a_thread_with_the_same_answer()
    {
        let small = World::of_capture("downloads.pcapng");
        let mut filtering = Filtering::default();
        assert!(!ask(&mut filtering, &small, "type:DATA"));
        let few = filtering.run().unwrap().frames().to_vec();
        assert!(few.len() > 10);
        // The same capture behind packets that belong to nobody.
        let mut large = World::of_capture("downloads.pcapng");
        let stranger = crate::trace::PacketRow {
            owner: None,
            ..*large.trace.packets.get(0).unwrap()
        };
        large.trace.append(crate::trace::Batch {
            packets: vec![stranger; FEW_PACKETS],
            ..Default::default()
        });
        let mut filtering = Filtering::default();
        assert!(ask(&mut filtering, &large, "type:DATA"));
        assert_eq!(filtering.run().unwrap().frames(), few);
    }

    #[test]
    fn another_filter_begins_again_and_none_forgets() {
        let world = World::of_capture("downloads.pcapng");
        let mut filtering = Filtering::default();
        ask(&mut filtering, &world, "type:DATA");
        ask(&mut filtering, &world, "type:PING");
        assert_eq!(filtering.run().unwrap().filter().text(), "type:PING");
        filtering.advance(
            None,
            Some(&world.trace),
            world.connection,
            false,
            &Waker::default(),
        );
        assert!(filtering.run().is_none());
    }
}
