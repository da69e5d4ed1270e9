//! What a picture costs: logic, layout and tessellation without a GPU, on a capture of a million frames and five
//! thousand streams.
//!
//! Each preset's window and each view alone are drawn at every zoom, while time runs, while the cursor and the
//! selection jump, and while the capture is read. A second table has long lists: five thousand requests, a million TCP
//! segments, fifty thousand connections, sixty thousand gRPC calls; they are also scrolled, sorted and filtered. The
//! tables say the 50th and the 99th percentile of each in milliseconds; what is above the aim is marked.
//! `cargo bench --bench pictures -- NAME…` draws only these rows, `+CASE` only this case.
//!
//! Where the system says it (Linux), times are CPU time of the thread that draws, so that a busy machine does not matter;
//! else they are what a clock says. A case is drawn three times from the same start, and of each picture the fastest time
//! counts. No two readings have the same pictures: of five the one in the middle counts, by its 99th percentile.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that goes wrong has to stop"
)]

#[path = "pictures/capture.rs"]
mod capture;
#[path = "pictures/lists.rs"]
mod lists;
#[path = "../tests/wireloom/made.rs"]
#[expect(dead_code, reason = "other benchmarks and the tests use the rest")]
mod made;
#[path = "pictures/scene.rs"]
mod scene;
#[path = "pictures/subject.rs"]
mod subject;
#[path = "pictures/table.rs"]
mod table;

use made::Made;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use subject::{Case, Subject, Zoom};
use table::Table;
use wireloom::dissect::read_all;
use wireloom::trace::{Severity, Trace};
use wireloom::ui::grpc::Grpc;
use wireloom::ui::views::ViewId;
use wireloom::ui::views::registry::VIEWS;
use wireloom::ui::workspace::preset::Preset;
use wireloom::wire::http2::StreamId;

/// At 60 pictures a second a picture may take 16.7 ms; half of that is for the GPU and the system.
const AIM: Duration = Duration::from_millis(8);

/// The cases of windows and views, in the order of the table.
const CASES: [(&str, Case); 9] = [
    ("first", Case::First),
    ("whole", Case::Zoomed(Zoom::Whole)),
    ("1/10", Case::Zoomed(Zoom::Part(10.0))),
    ("1/100", Case::Zoomed(Zoom::Part(100.0))),
    ("1 ms", Case::Zoomed(Zoom::Part(5_000.0))),
    ("playing", Case::Playing(Zoom::Whole)),
    ("playing 1/100", Case::Playing(Zoom::Part(100.0))),
    ("cursor jumps", Case::Jumping { select: false }),
    ("selection jumps", Case::Jumping { select: true }),
];

/// The cases of long lists.
const OF_LISTS: [(&str, Case); 8] = [
    ("first", Case::First),
    ("whole", Case::Zoomed(Zoom::Whole)),
    ("1/100", Case::Zoomed(Zoom::Part(100.0))),
    ("playing", Case::Playing(Zoom::Whole)),
    ("cursor jumps", Case::Jumping { select: false }),
    ("selection jumps", Case::Jumping { select: true }),
    ("scrolling", Case::Scrolling),
    ("sorting", Case::Sorting),
];

/// What only a window does.
const OF_WINDOWS: [(&str, Case); 2] = [
    ("a filter is typed", Case::Typing),
    ("reading", Case::Reading),
];

/// A capture.
pub struct World {
    /// What was read of it.
    pub trace: Trace,
    /// What is known about gRPC.
    pub grpc: Grpc,
    /// Where it can be read from.
    pub file: PathBuf,
    _written: tempfile::NamedTempFile,
}

impl World {
    fn new(made: Made) -> Self {
        let bytes = made.into_bytes();
        let mut written = tempfile::NamedTempFile::new().unwrap();
        written.write_all(&bytes).unwrap();
        let mut trace = read_all(made::open_bytes(bytes));
        let errors = |of: &&wireloom::trace::Finding| of.severity == Severity::Error;
        let broken = trace.findings.iter().find(errors);
        assert!(broken.is_none(), "{broken:?}");
        let grpc = Grpc::read_into(&mut trace);
        Self {
            trace,
            grpc,
            file: written.path().to_owned(),
            _written: written,
        }
    }

    fn busy() -> Self {
        let world = Self::new(capture::busy());
        let http2 = world.trace.connections[0].http2().unwrap();
        let own = http2.frames_of(StreamId::CONNECTION).len();
        assert_eq!(http2.frames.len(), capture::FRAMES + own);
        assert_eq!(http2.streams().len(), capture::STREAMS as usize);
        world
    }

    fn segments() -> Self {
        let world = Self::new(lists::segments());
        assert!(world.trace.packets.len() > 1_000_000);
        assert!(world.trace.connections[0].tcp().holes.len() > 6_000);
        world
    }

    fn connections() -> Self {
        let world = Self::new(lists::connections());
        assert_eq!(world.trace.connections.len(), lists::CONNECTIONS as usize);
        world
    }

    fn calls() -> Self {
        let world = Self::new(lists::calls());
        assert_eq!(world.grpc.calls.rows().len(), lists::CALLS as usize);
        world
    }
}

/// A row of the second table: what it is called, the view and its capture.
type List = (&'static str, &'static str, fn() -> World);

const LISTS: [List; 4] = [
    ("5,000 requests", "requests", World::busy),
    ("1,000,000 segments", "tcp", World::segments),
    ("50,000 connections", "connections", World::connections),
    ("60,000 calls", "calls", World::calls),
];

fn main() {
    let arguments = std::env::args().skip(1);
    let wanted: Vec<String> = arguments
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let mut over = Vec::new();
    pictures(&wanted, &mut over);
    long_lists(&wanted, &mut over);
    println!(
        "Milliseconds, 50th / 99th percentile; aim: {} ms at the 99th.",
        AIM.as_millis()
    );
    if over.is_empty() {
        println!("All within the aim.");
    } else {
        println!("Above the aim: {}.", over.join("; "));
    }
}

/// Windows and views with a million frames.
fn pictures(wanted: &[String], over: &mut Vec<String>) {
    let presets = Preset::ALL.map(|preset| (preset.name().to_lowercase(), Subject::Window(preset)));
    let views = VIEWS.iter().filter_map(|entry| {
        let view = ViewId::from_name(entry.name)?;
        Some((entry.name.to_owned(), Subject::View(view)))
    });
    let mut table = Table::new("picture", CASES.iter().chain(&OF_WINDOWS), wanted, over);
    let mut world = None;
    for (name, subject) in presets.into_iter().chain(views) {
        if !table.begins(&name) {
            continue;
        }
        let world = world.get_or_insert_with(World::busy);
        table.cells(world, CASES.map(|(_, case)| (subject, case)));
        if let Subject::Window(_) = subject {
            table.cells(world, OF_WINDOWS.map(|(_, case)| (subject, case)));
        }
        table.end();
    }
}

/// Views whose lists are long.
fn long_lists(wanted: &[String], over: &mut Vec<String>) {
    let mut table = Table::new("list", OF_LISTS.iter().chain(&OF_WINDOWS), wanted, over);
    for (name, view, world) in LISTS {
        if !table.begins(name) {
            continue;
        }
        let (world, view) = (world(), ViewId::from_name(view).unwrap());
        table.cells(
            &world,
            OF_LISTS.map(|(_, case)| (Subject::View(view), case)),
        );
        table.cells(
            &world,
            OF_WINDOWS.map(|(_, case)| (Subject::With(view), case)),
        );
        table.end();
    }
}
