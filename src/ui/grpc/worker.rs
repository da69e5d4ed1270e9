//! The thread that works gRPC out, and when it is asked: in doubling steps while a capture is read, once when it was
//! read, and again for the messages when schemas change.

use super::{Calls, Grpc};
use crate::analysis::grpc::{self, MessageReader};
use crate::trace::{Finding, Trace};
use crate::ui::loader::Waker;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

/// What the thread tells, each as soon as it is known.
enum News {
    Calls(Calls),
    Reader(MessageReader),
    Findings(Vec<Finding>),
}

/// What was asked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked {
    /// Packets read, as the last full power of two while reading goes on.
    packets: usize,
    /// Whether all was read.
    whole: bool,
}

/// The work, and what came of it. See the module text.
#[derive(Default)]
pub struct Worker {
    grpc: Grpc,
    asked: Asked,
    going: Option<Going>,
}

struct Going {
    news: Receiver<News>,
    stop: Arc<AtomicBool>,
}

impl Drop for Going {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Worker {
    /// What was worked out elsewhere already, of a capture that was read whole.
    pub fn of(grpc: Grpc, trace: &Trace) -> Self {
        Self {
            grpc,
            asked: Asked {
                packets: trace.packets.len(),
                whole: true,
            },
            going: None,
        }
    }

    /// What is known.
    pub fn grpc(&self) -> &Grpc {
        &self.grpc
    }

    /// Another capture is opened.
    pub fn forget(&mut self) {
        let version = self.grpc.version + 1;
        *self = Self::default();
        self.grpc.version = version;
    }

    /// Takes in what the thread has found, and asks for what is not known yet. Answers with findings that
    /// are new.
    pub fn follow(&mut self, trace: &Trace, loading: bool, waker: &Waker) -> Vec<Finding> {
        let findings = self.receive();
        let packets = trace.packets.len();
        let asked = Asked {
            packets: match loading {
                true => packets.checked_ilog2().map_or(0, |power| 1 << power),
                false => packets,
            },
            whole: !loading,
        };
        // What is under way while reading goes on is of use at once, and soon done; when all was read, it is not.
        let busy = self.going.is_some() && (loading || self.asked.whole);
        if asked != self.asked && !busy && packets > 0 {
            self.asked = asked;
            self.going = start(trace.clone(), asked.whole, waker.clone());
        }
        self.grpc.working = self.going.is_some();
        findings
    }

    fn receive(&mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        while let Some(going) = &self.going {
            match going.news.try_recv() {
                Ok(News::Calls(calls)) => self.grpc.calls = Arc::new(calls),
                Ok(News::Reader(reader)) => self.grpc.reader = Arc::new(reader),
                Ok(News::Findings(found)) => findings = found,
                Err(TryRecvError::Empty) => return findings,
                Err(TryRecvError::Disconnected) => self.going = None,
            }
            self.grpc.version += 1;
        }
        findings
    }
}

fn start(trace: Trace, whole: bool, waker: Waker) -> Option<Going> {
    let (sender, news) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let told = stop.clone();
    let started = std::thread::Builder::new()
        .name("wireloom grpc".to_owned())
        .spawn(move || {
            let _ = work(&trace, whole, &sender, &told);
            // Whoever waits for the end hears of it when the sender is gone.
            drop(sender);
            waker.wake();
        });
    started.is_ok().then_some(Going { news, stop })
}

/// `None` when nobody waits for more.
fn work(trace: &Trace, whole: bool, sender: &Sender<News>, stop: &AtomicBool) -> Option<()> {
    let tell = |news: News| sender.send(news).ok();
    let calls = Calls::of(trace, stop)?;
    let any = !calls.rows().is_empty();
    tell(News::Calls(calls))?;
    if !any || !whole || stop.load(Ordering::Relaxed) {
        return None;
    }
    tell(News::Reader(super::reader(trace)))?;
    if stop.load(Ordering::Relaxed) {
        return None;
    }
    tell(News::Findings(grpc::survey(trace).findings))
}
