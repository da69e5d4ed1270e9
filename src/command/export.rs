//! `wireloom export`: a part of a capture as a capture of its own.

use super::Failure;
use super::arguments::Input;
use crate::filter::Filter;
use crate::report::export::{Wanted, selection, write};
use crate::report::output::write_whole;
use crate::trace::ConnectionId;
use crate::wire::http2::StreamId;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Why nothing could be exported.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    /// There is no such connection.
    #[error("There is no connection {0}; `wireloom connections` lists them.")]
    NoConnection(usize),
    /// There is no such stream.
    #[error("Connection {connection} has no stream {stream}; `wireloom streams` lists them.")]
    NoStream {
        /// The connection.
        connection: usize,
        /// What was asked for.
        stream: u32,
    },
    /// The capture would be written over while it is read.
    #[error("{0} is the capture itself; an export needs a file of its own.")]
    Itself(PathBuf),
    /// The file could not be written.
    #[error("The packets cannot be written to {path}: {error}.", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl ExportError {
    /// Whether something was asked for that makes no sense.
    pub(super) fn is_usage(&self) -> bool {
        !matches!(self, Self::Write { .. })
    }
}

/// Which packets, and where they go.
#[derive(Debug, clap::Args)]
pub(super) struct ExportWanted {
    #[command(flatten)]
    input: Input,

    /// The pcapng file to write; `-` is standard output
    #[arg(short, long, value_name = "OUT.pcapng")]
    output: PathBuf,

    /// Only packets of this connection
    #[arg(long, value_name = "C")]
    connection: Option<usize>,

    /// Only packets with bytes of this stream [of the HTTP/2 connection with most frames, unless told]
    #[arg(long, value_name = "N")]
    stream: Option<u32>,

    /// Only packets from this time on, since the first one: `20ms`, `1.5s`; a plain number is milliseconds
    #[arg(long, value_name = "T", value_parser = time, allow_hyphen_values = true)]
    from: Option<i64>,

    /// Only packets up to this time
    #[arg(long, value_name = "T", value_parser = time, allow_hyphen_values = true)]
    to: Option<i64>,

    /// Only packets that pass, such as `stream:3,5 type:DATA`
    #[arg(long, value_name = "EXPR")]
    filter: Option<Filter>,

    /// Of each connection, all packets from its first on: without them its header tables are unknown
    #[arg(long)]
    with_start: bool,

    /// Notes as comments on their packets
    #[arg(long)]
    notes: bool,
}

/// A time in nanoseconds.
fn time(text: &str) -> Result<i64, String> {
    let units = [
        ("ns", 1.0),
        ("us", 1e3),
        ("µs", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
    ];
    let unit = units
        .iter()
        .find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, *scale)));
    let (number, scale) = unit.unwrap_or((text, 1e6));
    let number = number.trim().parse::<f64>().ok();
    match number
        .map(|number| number * scale)
        .filter(|ns| ns.is_finite())
    {
        // Beyond what fits, the end of time is meant.
        Some(ns) => Ok(ns.round() as i64),
        None => Err("a time is a number with a unit, such as 20ms, 1.5s or 300us".to_owned()),
    }
}

/// Exports.
pub(super) fn export(wanted: &ExportWanted) -> Result<(), Failure> {
    let output = &wanted.output;
    let is_itself = |path: &Path| {
        let both = [path, output.as_path()].map(std::fs::canonicalize);
        matches!(both, [Ok(one), Ok(other)] if one == other && one.is_file())
    };
    if is_itself(&wanted.input.capture) {
        return Err(ExportError::Itself(output.clone()).into());
    }
    let trace = super::read(&wanted.input)?;
    let mut connection = wanted.connection.map(ConnectionId::from_index);
    if let Some(number) = wanted
        .connection
        .filter(|at| trace.connections.get(*at).is_none())
    {
        return Err(ExportError::NoConnection(number).into());
    }
    if let Some(stream) = wanted.stream {
        connection = connection.or(trace.main_connection().map(|main| main.id));
        let http2 = connection.and_then(|id| trace.connection(id)?.http2());
        if http2.is_none_or(|http2| http2.frames_of(StreamId(stream)).is_empty()) {
            let connection = connection.map_or(0, ConnectionId::index);
            return Err(ExportError::NoStream { connection, stream }.into());
        }
    }
    let times = (wanted.from.is_some() || wanted.to.is_some())
        .then(|| wanted.from.unwrap_or(i64::MIN)..=wanted.to.unwrap_or(i64::MAX));
    let packets = selection(
        &trace,
        &Wanted {
            connection,
            stream: wanted.stream.map(StreamId),
            times_ns: times,
            filter: wanted.filter.clone(),
            with_start: wanted.with_start,
        },
    );
    let notes = (wanted.notes).then(|| super::notes::of_input(&wanted.input).notes);
    let about = match wanted.input.capture.file_name() {
        Some(name) => format!("a part of {}", name.to_string_lossy()),
        None => String::new(),
    };
    let put = |mut out: &mut dyn Write| write(&trace, &packets, notes.as_ref(), &about, &mut out);
    if output == Path::new("-") {
        let mut out = BufWriter::new(io::stdout().lock());
        put(&mut out)?;
        out.flush()?;
    } else {
        write_whole(output, put).map_err(|error| ExportError::Write {
            path: output.clone(),
            error,
        })?;
    }
    let (count, all) = (packets.len(), trace.packets.len());
    eprintln!(
        "wireloom: {count} of {all} packets written to {}.",
        output.display()
    );
    Ok(())
}
