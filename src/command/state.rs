//! `wireloom state`: everything that was true of a connection right after one frame.

use super::Failure;
use super::arguments::{Input, Instant};
use crate::report::{self, Format};
use crate::trace::{Connection, ConnectionId, FrameId, Http2State, Trace};
use crate::wire::http2::ClosedStreams;
use std::io::{self, BufWriter, Write};

/// What was asked for does not exist.
#[derive(Debug, thiserror::Error)]
pub(super) enum StateError {
    /// There is no such connection.
    #[error("There is no connection {0}; `wireloom connections` lists them.")]
    NoConnection(usize),
    /// The connection carries something else.
    #[error("Connection {connection} carries {protocol}, of which there is no HTTP/2 state.")]
    NotHttp2 {
        connection: ConnectionId,
        protocol: &'static str,
    },
    /// A span without a frame in it.
    #[error(
        "Nothing lies behind frame {from} and up to frame {to}: `--from` names an earlier frame than `--at`."
    )]
    EmptySpan { from: FrameId, to: FrameId },
    /// There is no such frame.
    #[error(
        "There is no frame {frame} on connection {connection}, {}.", frames_there(*count)
    )]
    NoFrame {
        connection: ConnectionId,
        frame: usize,
        count: usize,
    },
}

/// Which frames a connection has, by their numbers and not by their count, which is one more than the last.
pub(super) fn frames_there(count: usize) -> String {
    match count.checked_sub(1) {
        None => "which has no HTTP/2 frames".to_owned(),
        Some(0) => "which has frame 0 alone".to_owned(),
        Some(last) => format!("whose frames are 0 to {last}"),
    }
}

/// One moment of one connection, and how its tree is kept.
#[derive(Debug, clap::Args)]
pub(super) struct StateWanted {
    #[command(flatten)]
    at: Instant,

    /// What becomes of closed streams in the tree of RFC 7540
    #[arg(long, value_enum, default_value = "keep")]
    closed_streams: Policy,

    #[command(flatten)]
    hints: super::hints::Hints,
}

/// What becomes of a stream in the priority tree when it closes. Source: RFC 7540 §5.3.4.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Policy {
    /// It stays, so that later streams can still depend on it
    Keep,
    /// It goes, and its children share its weight
    Remove,
}

impl From<Policy> for ClosedStreams {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Keep => Self::Keep,
            Policy::Remove => Self::Remove,
        }
    }
}

/// Prints the state. Nothing but a note when the capture holds no HTTP/2.
pub(super) fn state(wanted: &StateWanted) -> Result<(), Failure> {
    let policy = wanted.closed_streams.into();
    let hints = &wanted.hints;
    let wanted = &wanted.at;
    let trace = super::read(&wanted.listing.input)?;
    let Some(connection) = connection(&trace, wanted.connection)? else {
        no_http2(&wanted.listing.input);
        return Ok(());
    };
    let state = state_at(connection, wanted.at)?;
    let hints = hints.checked(&trace);
    let report = report::state::state_by(&trace, connection, &state, policy, hints);
    let mut out = BufWriter::new(io::stdout().lock());
    match wanted.listing.format() {
        Format::Table => report.write_table(&mut out)?,
        Format::Json => report::output::write_json(&mut out, &report)?,
        Format::Csv => report::output::write_csv(&mut out, std::iter::once(&report))?,
    }
    out.flush()?;
    Ok(())
}

/// Says that a capture holds no HTTP/2, which is no error.
pub(super) fn no_http2(input: &Input) {
    let path = input.capture.display();
    eprintln!("wireloom: {path} holds no HTTP/2 that can be read.");
}

/// The connection that was asked for, else the main one; `None` without HTTP/2.
pub(super) fn connection(
    trace: &Trace,
    wanted: Option<usize>,
) -> Result<Option<&Connection>, StateError> {
    match wanted {
        None => Ok(trace.main_connection()),
        Some(number) => match trace.connections.get(number) {
            Some(connection) => Ok(Some(connection)),
            None => Err(StateError::NoConnection(number)),
        },
    }
}

/// The state right after a frame, the last one for `None`.
pub(super) fn state_at(
    connection: &Connection,
    wanted: Option<usize>,
) -> Result<Http2State<'_>, StateError> {
    let count = connection.http2().map_or(0, |http2| http2.frames.len());
    if let Some(frame) = wanted.filter(|&frame| frame >= count) {
        return Err(StateError::NoFrame {
            connection: connection.id,
            frame,
            count,
        });
    }
    let last = wanted.or(count.checked_sub(1)).map(FrameId::from_index);
    Http2State::after(connection, last).ok_or(StateError::NotHttp2 {
        connection: connection.id,
        protocol: connection.row.protocol.name(),
    })
}
