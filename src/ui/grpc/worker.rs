//! The thread that works gRPC out, and when it is asked: in doubling steps while a capture is read, once when it was
//! read, and again for the messages when schemas change.

use super::{Calls, Grpc, SchemaState, Sources};
use crate::analysis::grpc::{self, MessageReader};
use crate::trace::{Finding, Trace};
use crate::ui::background::drop_elsewhere;
use crate::ui::loader::Waker;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

/// What the thread tells, each as soon as it is known.
enum News {
    Calls(Calls),
    Reader(MessageReader, SchemaState),
    Findings(Vec<Finding>),
}

/// What was asked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked {
    /// Packets read, as the last full power of two while reading goes on.
    packets: usize,
    /// Whether all was read.
    whole: bool,
    /// Which schemas: goes up whenever they are others.
    schemas: u32,
}

/// What is new, for whoever keeps the capture and talks to the person.
#[derive(Debug, Default)]
pub struct Told {
    /// Findings about calls.
    pub findings: Vec<Finding>,
    /// What became of the schemas.
    pub schemas: Option<Arc<SchemaState>>,
}

/// The work, and what came of it. See the module text.
#[derive(Default)]
pub struct Worker {
    grpc: Grpc,
    sources: Sources,
    schemas: u32,
    asked: Asked,
    going: Option<Going>,
    /// Whether the findings of this capture have been told.
    found: bool,
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
    /// A worker that knows what a person named and said before.
    pub fn new(sources: Sources) -> Self {
        Self {
            sources,
            ..Self::default()
        }
    }

    /// What was worked out elsewhere already, of a capture that was read whole.
    pub fn of(grpc: Grpc, trace: &Trace) -> Self {
        Self {
            grpc,
            asked: Asked {
                packets: trace.packets.len(),
                whole: true,
                schemas: 0,
            },
            found: true,
            ..Self::default()
        }
    }

    /// What is known.
    pub fn grpc(&self) -> &Grpc {
        &self.grpc
    }

    /// What a person named and said.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Takes what a person names and says now.
    pub fn set_sources(&mut self, sources: Sources) {
        if (&sources.paths, &sources.against) != (&self.sources.paths, &self.sources.against) {
            self.schemas += 1;
        }
        if sources.overrides != self.sources.overrides {
            let reader = MessageReader::clone(&self.grpc.reader);
            let reader = reader.with_overrides(sources.overrides.clone());
            self.grpc.reader = Arc::new(reader);
            self.grpc.version += 1;
        }
        self.sources = sources;
    }

    /// Another capture is opened.
    pub fn forget(&mut self) {
        let version = self.grpc.version + 1;
        let (sources, schemas) = (std::mem::take(&mut self.sources), self.schemas);
        *self = Self {
            sources,
            schemas,
            ..Self::default()
        };
        self.grpc.version = version;
    }

    /// Takes in what the thread has found, and asks for what is not known yet. Answers with what is new.
    pub fn follow(&mut self, trace: &Trace, loading: bool, waker: &Waker) -> Told {
        let told = self.receive();
        let packets = trace.packets.len();
        let asked = Asked {
            packets: match loading {
                true => packets.checked_ilog2().map_or(0, |power| 1 << power),
                false => packets,
            },
            whole: !loading,
            schemas: self.schemas,
        };
        // What is under way while reading goes on is of use at once, and soon done; when all was read, it is not.
        let busy = self.going.is_some() && (loading || self.asked.whole);
        if asked != self.asked && !busy && packets > 0 {
            let same_packets =
                (asked.packets, asked.whole) == (self.asked.packets, self.asked.whole);
            let job = Job {
                trace: trace.clone(),
                sources: self.sources.clone(),
                calls: !same_packets,
                reader: asked.whole,
                findings: asked.whole && !self.found,
            };
            self.asked = asked;
            self.going = start(job, waker.clone());
        }
        self.grpc.working = self.going.is_some();
        told
    }

    fn receive(&mut self) -> Told {
        let mut told = Told::default();
        while let Some(going) = &self.going {
            match going.news.try_recv() {
                Ok(News::Calls(calls)) => {
                    let before = std::mem::replace(&mut self.grpc.calls, Arc::new(calls));
                    drop_elsewhere(before);
                }
                Ok(News::Reader(reader, schemas)) => {
                    // More may have been said while the thread was at it.
                    let reader = reader.with_overrides(self.sources.overrides.clone());
                    self.grpc.reader = Arc::new(reader);
                    self.grpc.schemas = Arc::new(schemas);
                    told.schemas = Some(self.grpc.schemas.clone());
                }
                Ok(News::Findings(found)) => {
                    told.findings = found;
                    self.found = true;
                }
                Err(TryRecvError::Empty) => return told,
                Err(TryRecvError::Disconnected) => self.going = None,
            }
            self.grpc.version += 1;
        }
        told
    }
}

/// What the thread is to do.
struct Job {
    trace: Trace,
    sources: Sources,
    calls: bool,
    reader: bool,
    findings: bool,
}

fn start(job: Job, waker: Waker) -> Option<Going> {
    let (sender, news) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let told = stop.clone();
    let started = std::thread::Builder::new()
        .name("wireloom grpc".to_owned())
        .spawn(move || {
            let _ = work(&job, &sender, &told);
            // Whoever waits for the end hears of it when the sender is gone.
            drop(sender);
            waker.wake();
        });
    started.is_ok().then_some(Going { news, stop })
}

/// `None` when nobody waits for more.
fn work(job: &Job, sender: &Sender<News>, stop: &AtomicBool) -> Option<()> {
    let tell = |news: News| {
        sender.send(news).ok()?;
        (!stop.load(Ordering::Relaxed)).then_some(())
    };
    let mut any = true;
    if job.calls {
        let calls = Calls::of(&job.trace, stop)?;
        any = !calls.rows().is_empty();
        tell(News::Calls(calls))?;
    }
    if job.reader {
        let (reader, state) = job.sources.reader(&job.trace);
        tell(News::Reader(reader, state))?;
    }
    if job.findings && any {
        tell(News::Findings(grpc::survey(&job.trace).findings))?;
    }
    Some(())
}
