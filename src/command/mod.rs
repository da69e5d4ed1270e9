//! The same answers as the window's, in a terminal.
//!
//! Standard output carries only the answer; everything else goes to standard error. The exit
//! status is 0 when the input is a capture, 1 when nothing could be read, 2 for a usage error.

mod arguments;
mod body;
mod draft;
mod export;
mod hints;
#[cfg(feature = "gui")]
mod live;
mod notes;
mod protobuf;
#[cfg(feature = "gui")]
mod render;
mod schema;
mod shares;
mod state;

use crate::analysis::hpack::hints::NameHint;
use crate::capture::Capture;
use crate::dissect;
use crate::filter::{Evaluation, Filter, Subject, nearest_of};
use crate::report::{self, About, Format, Tabular, passing};
use crate::trace::{Severity, Trace};
use arguments::{Arguments, HintedRows, Input, Listing, Rows, Subcommand};
use clap::{CommandFactory, Parser};
use serde::Serialize;
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;

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
    /// A schema could not be read.
    #[error(transparent)]
    Schema(#[from] crate::capture::schema_files::SchemaFileError),
    /// There is no such body, or it could not be written.
    #[error(transparent)]
    Body(#[from] body::BodyError),
    /// A protobuf message could not be read or written.
    #[error(transparent)]
    Protobuf(#[from] protobuf::ProtobufError),
    /// A draft of a schema could not be made.
    #[error(transparent)]
    Draft(#[from] draft::DraftError),
    /// Packets could not be exported.
    #[error(transparent)]
    Export(#[from] export::ExportError),
    /// A note could not be written.
    #[error(transparent)]
    Notes(#[from] notes::NotesError),
    /// A picture could not be drawn.
    #[cfg(feature = "gui")]
    #[error(transparent)]
    Render(#[from] render::RenderError),
    /// Nothing could be listened to.
    #[cfg(feature = "gui")]
    #[error(transparent)]
    Listen(#[from] crate::capture::listen::ListenError),
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
    if let Some(text) = mistyped(std::env::args_os().nth(1)) {
        eprintln!("wireloom: {text}");
        return ExitCode::from(2);
    }
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
                #[cfg(feature = "gui")]
                Failure::Render(error) if error.is_usage() => ExitCode::from(2),
                Failure::State(_) => ExitCode::from(2),
                Failure::Body(error) if error.is_usage() => ExitCode::from(2),
                Failure::Protobuf(error) if error.is_usage() => ExitCode::from(2),
                Failure::Notes(error) if error.is_usage() => ExitCode::from(2),
                Failure::Export(error) if error.is_usage() => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

/// What to say of a first word that is neither a command nor a file: with one word mistyped, the window would look for
/// a file of that name.
fn mistyped(first: Option<OsString>) -> Option<String> {
    let first = first?.into_string().ok()?;
    let is_path = first.starts_with('-') || first.contains(['/', '\\', '.']);
    if is_path || first.is_empty() || Path::new(&first).exists() {
        return None;
    }
    let program = Arguments::command();
    let names = || program.get_subcommands().map(clap::Command::get_name);
    if first == "help" || names().any(|name| name == first) {
        return None;
    }
    let hint = match nearest_of(&first, names()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`wireloom --help` lists the commands.".to_owned(),
    };
    Some(format!(
        "There is no command `{first}`, and no file of that name; {hint}"
    ))
}

fn answer(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        None => open_window(arguments),
        Some(Subcommand::Frames(wanted))
            if wanted.rows.filter.has_words() || wanted.rows.filter.has_columns(&[]) =>
        {
            hinted(&wanted, |trace, hints| {
                Box::new(report::frames::frames_with(trace, hints))
            })
        }
        Some(Subcommand::Frames(wanted)) => list(&wanted.rows.listing, |out, format, trace| {
            let hints = wanted.hints.checked(trace);
            report::write_rows(out, format, frames(trace, &wanted.rows.filter, hints))
        }),
        Some(Subcommand::Streams(wanted)) => {
            rows(&wanted, |trace| Box::new(report::streams::streams(trace)))
        }
        Some(Subcommand::Requests(wanted)) => {
            rows(&wanted, |trace| Box::new(report::requests::requests(trace)))
        }
        Some(Subcommand::Headers(wanted)) => hinted(&wanted, |trace, hints| {
            Box::new(report::headers::headers_with(trace, hints))
        }),
        Some(Subcommand::Hpack(wanted)) => hinted(&wanted, |trace, hints| {
            Box::new(report::hpack::hpack_with(trace, hints))
        }),
        Some(Subcommand::Body(wanted)) => body::body(&wanted),
        Some(Subcommand::Follow(wanted)) => body::follow(&wanted),
        Some(Subcommand::Connections(wanted)) => rows(&wanted, |trace| {
            Box::new(report::connections::connections(trace))
        }),
        Some(Subcommand::Packets(wanted)) => {
            rows(&wanted, |trace| Box::new(report::packets::packets(trace)))
        }
        Some(Subcommand::Holes(wanted)) => {
            rows(&wanted, |trace| Box::new(report::holes::holes(trace)))
        }
        Some(Subcommand::Stalls(wanted)) => {
            rows(&wanted, |trace| Box::new(report::stalls::stalls(trace)))
        }
        Some(Subcommand::Calls(wanted)) => schema::calls(&wanted),
        Some(Subcommand::Messages(wanted)) => schema::messages(&wanted),
        Some(Subcommand::Findings(wanted)) => schema::findings(&wanted),
        Some(Subcommand::Stats(listing)) => list(&listing, |mut out, format, trace| {
            let stats = report::stats::stats(trace);
            match format {
                Format::Table => stats.write_table(&mut out),
                Format::Json => report::output::write_json(&mut out, &stats),
                Format::Csv => report::output::write_csv(&mut out, std::iter::once(&stats)),
            }
        }),
        Some(Subcommand::Notes(wanted)) => notes::notes(&wanted),
        Some(Subcommand::Export(wanted)) => export::export(&wanted),
        Some(Subcommand::State(wanted)) => state::state(&wanted),
        Some(Subcommand::Shares(wanted)) => shares::shares(&wanted),
        Some(Subcommand::Draft(wanted)) => draft::draft(&wanted),
        Some(Subcommand::Protobuf(wanted)) => protobuf::run(&wanted),
        #[cfg(feature = "gui")]
        Some(Subcommand::Live(wanted)) => live::live(&wanted),
        #[cfg(feature = "gui")]
        Some(Subcommand::Render(wanted)) => {
            let trace = read(&wanted.input)?;
            Ok(render::render(&trace, &wanted)?)
        }
    }
}

/// Reads a capture and prints the rows that pass.
fn rows<R: Tabular + Serialize + About>(
    wanted: &Rows,
    rows: impl for<'t> FnOnce(&'t Trace) -> Box<dyn Iterator<Item = R> + 't>,
) -> Result<(), Failure> {
    list(&wanted.listing, |out, format, trace| {
        report::write_rows(out, format, passing(trace, &wanted.filter, rows(trace)))
    })
}

/// The same for rows in which a person may know names that the capture does not hold.
fn hinted<R: Tabular + Serialize + About>(
    wanted: &HintedRows,
    rows: impl for<'t> FnOnce(&'t Trace, &'t [NameHint]) -> Box<dyn Iterator<Item = R> + 't>,
) -> Result<(), Failure> {
    list(&wanted.rows.listing, |out, format, trace| {
        let rows = rows(trace, wanted.hints.checked(trace));
        report::write_rows(out, format, passing(trace, &wanted.rows.filter, rows))
    })
}

/// The frames that pass, asked before their rows are made: rows of a million frames take seconds.
fn frames<'t>(
    trace: &'t Trace,
    filter: &'t Filter,
    hints: &'t [NameHint],
) -> impl Iterator<Item = report::frames::FrameReport> + 't {
    let evaluation = Rc::new(Evaluation::new(trace));
    report::frames::frames_where(trace, hints, move |connection, frame| {
        let subject = Subject {
            connection: Some(connection.id),
            frame: Some(frame),
            ..Subject::default()
        };
        filter.is_empty() || evaluation.passes(filter, &subject)
    })
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
    // The program ends here, and the system takes all memory back at once: table by table takes a tenth of the whole time.
    std::mem::forget(trace);
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
        listen: None,
        renderer: arguments.renderer,
    })?)
}

#[cfg(not(feature = "gui"))]
fn open_window(_arguments: Arguments) -> Result<(), Failure> {
    Err(Failure::NoWindow)
}
