//! What a picture costs: logic, layout and tessellation without a GPU, on a capture of a million frames and five
//! thousand streams.
//!
//! Each preset's window and each view alone are drawn at every zoom, while time runs, while the cursor and the
//! selection jump, and while the capture is read. The table says the 50th and the 99th percentile of each in
//! milliseconds; what is above the aim is marked. `cargo bench --bench pictures -- NAME…` draws only these.
//!
//! Where the system says it (Linux), times are CPU time of the thread that draws, so that a busy machine does not matter;
//! else they are what a clock says. A case is drawn three times from the same start, and of each picture the fastest time
//! counts. Only reading has to be taken as it comes.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that goes wrong has to stop"
)]

#[path = "pictures/capture.rs"]
mod capture;
#[path = "../tests/wireloom/made.rs"]
#[expect(dead_code, reason = "other benchmarks and the tests use the rest")]
mod made;
#[path = "pictures/subject.rs"]
mod subject;

use std::io::Write;
use std::time::Duration;
use subject::{Case, Subject, Zoom};
use wireloom::dissect::read_all;
use wireloom::trace::Severity;
use wireloom::ui::views::registry::VIEWS;
use wireloom::ui::workspace::preset::Preset;
use wireloom::wire::http2::StreamId;

/// At 60 pictures a second a picture may take 16.7 ms; half of that is for the GPU and the system.
const AIM: Duration = Duration::from_millis(8);
/// How often each case is drawn.
const RUNS: usize = 3;

/// All cases but reading, in the order of the table.
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

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name == part);
    let file = capture::busy().into_bytes();
    let mut written = tempfile::NamedTempFile::new().unwrap();
    written.write_all(&file).unwrap();
    let trace = read_all(made::open_bytes(file));
    let http2 = trace.connections[0].http2().unwrap();
    let own = http2.frames_of(StreamId::CONNECTION).len();
    assert_eq!(http2.frames.len(), capture::FRAMES + own);
    let mut findings = trace.findings.iter();
    let broken = findings.find(|of| of.severity == Severity::Error);
    assert!(broken.is_none(), "{broken:?}");
    assert_eq!(http2.streams().len(), capture::STREAMS as usize);

    let presets = Preset::ALL.map(|preset| (preset.name().to_lowercase(), Subject::Window(preset)));
    let views = VIEWS
        .iter()
        .map(|entry| (entry.name.to_owned(), Subject::View(entry.name)));
    let names: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
    println!("| picture | {} | reading |", names.join(" | "));
    println!("| --- |{}", " ---: |".repeat(CASES.len() + 1));
    let mut over = Vec::new();
    for (name, subject) in presets.into_iter().chain(views) {
        if !is_wanted(&name) {
            continue;
        }
        print!("| {name} |");
        for (case_name, case) in CASES {
            let times = fastest(|| subject.draw(&trace, case));
            if percentile(&times, 0.99) > AIM {
                over.push(format!("{name}, {case_name}"));
            }
            cell(&times);
        }
        if let Subject::Window(preset) = subject {
            let times: Vec<Duration> = (0..RUNS)
                .flat_map(|_| subject::reading(preset, written.path()))
                .collect();
            if percentile(&times, 0.99) > AIM {
                over.push(format!("{name}, reading"));
            }
            cell(&times);
        } else {
            print!(" |");
        }
        println!();
    }
    println!();
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

/// The fastest time of each picture over all runs.
fn fastest(draw: impl Fn() -> Vec<Duration>) -> Vec<Duration> {
    let mut times = draw();
    for _ in 1..RUNS {
        for (best, time) in times.iter_mut().zip(draw()) {
            *best = time.min(*best);
        }
    }
    times
}

fn percentile(times: &[Duration], share: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}

fn cell(times: &[Duration]) {
    let ms = |share| percentile(times, share).as_secs_f64() * 1e3;
    let mark = if percentile(times, 0.99) > AIM {
        "**"
    } else {
        ""
    };
    print!(" {mark}{:.1} / {:.1}{mark} |", ms(0.5), ms(0.99));
    std::io::stdout().flush().unwrap();
}
