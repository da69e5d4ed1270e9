//! The same answers as the window's, in a terminal.
//!
//! Standard output carries only the answer; everything else goes to standard error. The exit
//! status is 0 when the input is a capture, 1 when nothing could be read, 2 for a usage error.

mod arguments;
mod body;
#[cfg(feature = "gui")]
mod render;
mod state;

use crate::capture::Capture;
use crate::dissect;
use crate::report::{self, Format};
use crate::trace::{Severity, Trace};
use arguments::{Arguments, Input, Listing, Subcommand};
use clap::Parser;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

/// Why a command could not answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The capture could not be read.
    #[error(transparent)]
    Open(#[from] crate::capture::OpenError),
    /// The answer could not be written.
    #[error("The answer cannot be written: {0}.")]
    Write(#[from] io::Error),
    /// What was asked for does not exist.
    #[error(transparent)]
    State(#[from] state::StateError),
    /// There is no such body, or it could not be written.
    #[error(transparent)]
    Body(#[from] body::BodyError),
    /// A picture could not be drawn.
    #[cfg(feature = "gui")]
    #[error(transparent)]
    Render(#[from] render::RenderError),
    /// The window could not be opened.
    #[cfg(feature = "gui")]
    #[error(transparent)]
    Window(#[from] crate::ui::WindowError),
    /// There is no window in this build.
    #[cfg(not(feature = "gui"))]
    #[error(
        "This build has no window; `wireloom frames CAPTURE` and `wireloom --help` work in a terminal."
    )]
    NoWindow,
}

/// Runs what the command line asks for. Returns the exit status.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // `--help` and `--version` come here too, and succeed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match answer(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the answer has seen enough.
        Err(Failure::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("wireloom: {failure}");
            match failure {
                Failure::State(_) | Failure::Body(body::BodyError::NoStream { .. }) => {
                    ExitCode::from(2)
                }
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn answer(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        None => open_window(arguments),
        Some(Subcommand::Frames(listing)) => list(&listing, |out, format, trace| {
            report::write_rows(out, format, report::frames::frames(trace))
        }),
        Some(Subcommand::Streams(listing)) => list(&listing, |out, format, trace| {
            report::write_rows(out, format, report::streams::streams(trace))
        }),
        Some(Subcommand::Requests(listing)) => list(&listing, |out, format, trace| {
            report::write_rows(out, format, report::requests::requests(trace))
        }),
        Some(Subcommand::Headers(listing)) => list(&listing, |out, format, trace| {
            report::write_rows(out, format, report::headers::headers(trace))
        }),
        Some(Subcommand::Body(wanted)) => body::body(&wanted),
        Some(Subcommand::Follow(wanted)) => body::follow(&wanted),
        Some(Subcommand::Connections(listing)) => list(&listing, |out, format, trace| {
            report::write_rows(out, format, report::connections::connections(trace))
        }),
        Some(Subcommand::Packets(listing)) => list(&listing, |out, format, trace| {
            report::write_rows(out, format, report::packets::packets(trace))
        }),
        Some(Subcommand::Holes(listing)) => list(&listing, |out, format, trace| {
            report::write_rows(out, format, report::holes::holes(trace))
        }),
        Some(Subcommand::Stalls(listing)) => list(&listing, |out, format, trace| {
            report::write_rows(out, format, report::stalls::stalls(trace))
        }),
        Some(Subcommand::Findings(listing)) => list(&listing, |out, format, trace| {
            report::write_rows(out, format, report::findings::findings(trace))
        }),
        Some(Subcommand::Stats(listing)) => list(&listing, |mut out, format, trace| {
            let stats = report::stats::stats(trace);
            match format {
                Format::Table => stats.write_table(&mut out),
                Format::Json => report::output::write_json(&mut out, &stats),
            }
        }),
        Some(Subcommand::State(wanted)) => state::state(&wanted),
        #[cfg(feature = "gui")]
        Some(Subcommand::Render(wanted)) => {
            let trace = read(&wanted.input)?;
            Ok(render::render(&trace, &wanted)?)
        }
    }
}

/// Reads a capture and prints one kind of rows.
fn list(
    listing: &Listing,
    print: impl FnOnce(&mut BufWriter<io::StdoutLock<'_>>, Format, &Trace) -> io::Result<()>,
) -> Result<(), Failure> {
    let trace = read(&listing.input)?;
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    print(&mut out, listing.format(), &trace)?;
    out.flush()?;
    Ok(())
}

/// Reads a whole capture, and says on standard error what is wrong with the file itself.
fn read(input: &Input) -> Result<Trace, Failure> {
    let capture = open(&input.capture)?;
    let trace = dissect::read_all(capture);
    for finding in trace.findings.iter() {
        if finding.file_offset.is_some() && finding.severity >= Severity::Warning {
            eprintln!("wireloom: {}: {}", input.capture.display(), finding.text);
        }
    }
    if trace.packets.is_empty() {
        eprintln!("wireloom: {} holds no packets.", input.capture.display());
    } else if trace.connections.is_empty() {
        eprintln!("wireloom: {} holds no TCP.", input.capture.display());
    }
    Ok(trace)
}

/// Opens a capture file, or standard input for `-`.
fn open(path: &Path) -> Result<Capture, Failure> {
    let capture = if path == Path::new("-") {
        Capture::from_reader(io::stdin(), "standard input")?
    } else {
        Capture::open(path)?
    };
    Ok(capture)
}

#[cfg(feature = "gui")]
fn open_window(arguments: Arguments) -> Result<(), Failure> {
    Ok(crate::ui::run(crate::ui::WindowOptions {
        capture: arguments.capture,
        renderer: arguments.renderer,
    })?)
}

#[cfg(not(feature = "gui"))]
fn open_window(_arguments: Arguments) -> Result<(), Failure> {
    Err(Failure::NoWindow)
}
