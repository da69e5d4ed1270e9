//! `wireloom body` and `wireloom follow`: what a stream or an exchange carried, as bytes and as a text to read.

use super::Failure;
use super::arguments::{BodyWanted, Carried, Following, Input};
use super::state::{self, StateError};
use crate::analysis::bodies::Body;
use crate::report::follow;
use crate::trace::{Carrier, Connection, ConnectionId, Trace};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Why there is no body.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// There is no such stream or exchange.
    #[error("Connection {connection} has no {carrier}; {} lists those it has.", lists(*carrier))]
    NotThere {
        connection: ConnectionId,
        carrier: Carrier,
    },
    /// The connection carries something else.
    #[error("Connection {connection} carries {protocol}, which has no exchanges of HTTP/1.1.")]
    NotHttp1 {
        connection: ConnectionId,
        protocol: &'static str,
    },
    /// The file cannot be written.
    #[error("The body cannot be written to {path}: {error}.", path = .path.display())]
    Write { path: PathBuf, error: io::Error },
}

impl BodyError {
    /// Whether what was asked for does not exist.
    pub(super) fn is_usage(&self) -> bool {
        !matches!(self, Self::Write { .. })
    }
}

fn lists(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Stream(_) => "`wireloom streams`",
        Carrier::Exchange(_) => "`wireloom requests`",
    }
}

/// Writes a body to standard output or to a file, and says on standard error what is missing.
pub(super) fn body(wanted: &BodyWanted) -> Result<(), Failure> {
    let trace = super::read(&wanted.input)?;
    let Some(connection) = connection(&trace, &wanted.carrier, &wanted.input)? else {
        return Ok(());
    };
    let carrier = wanted.carrier.carrier();
    let side = connection.side(wanted.direction.into());
    let Some(body) = Body::of(&trace, connection, carrier, side) else {
        return Err(not_there(connection, carrier));
    };
    let written = match &wanted.output {
        Some(path) if path != Path::new("-") => {
            let file = File::create(path);
            let written = file.and_then(|file| {
                let mut out = BufWriter::new(file);
                write(&mut out, &trace, connection, &body, wanted)
            });
            written.map_err(|error| {
                let path = path.clone();
                Failure::Body(BodyError::Write { path, error })
            })
        }
        _ => {
            let mut out = BufWriter::new(io::stdout().lock());
            write(&mut out, &trace, connection, &body, wanted).map_err(Failure::from)
        }
    };
    for line in written? {
        eprintln!("wireloom: {line}");
    }
    Ok(())
}

/// Writes the bytes. Returns what a person should know about them.
fn write(
    out: &mut impl Write,
    trace: &Trace,
    connection: &Connection,
    body: &Body,
    wanted: &BodyWanted,
) -> io::Result<Vec<String>> {
    let who = wanted.direction.name();
    let mut notes = Vec::new();
    if wanted.decode {
        let decoded = body.decoded(trace, connection);
        out.write_all(&decoded.bytes)?;
        if let Some(trouble) = decoded.trouble {
            notes.push(format!(
                "Of the body that the {who} sent {}: {trouble}.",
                place(body.carrier)
            ));
        }
    } else {
        for run in body.runs(trace, connection) {
            out.write_all(&run)?;
        }
    }
    out.flush()?;
    notes.extend(follow::doubts(body, who));
    if body.is_empty() && notes.is_empty() {
        notes.push(format!(
            "The {who} sent no content {}.",
            place(body.carrier)
        ));
    }
    Ok(notes)
}

/// `on stream 5`, `in exchange 3`.
fn place(carrier: Carrier) -> String {
    match carrier {
        Carrier::Stream(_) => format!("on {carrier}"),
        Carrier::Exchange(_) => format!("in {carrier}"),
    }
}

/// Prints both messages of a stream or an exchange, with fields and bodies, to be read.
pub(super) fn follow(wanted: &Following) -> Result<(), Failure> {
    let trace = super::read(&wanted.input)?;
    let Some(connection) = connection(&trace, &wanted.carrier, &wanted.input)? else {
        return Ok(());
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let carrier = wanted.carrier.carrier();
    if !follow::write(&mut out, &trace, connection, carrier, wanted.as_sent)? {
        return Err(not_there(connection, carrier));
    }
    out.flush()?;
    Ok(())
}

fn not_there(connection: &Connection, carrier: Carrier) -> Failure {
    let connection = connection.id;
    Failure::Body(BodyError::NotThere {
        connection,
        carrier,
    })
}

/// The connection that was asked for, else the main one of HTTP/2 or HTTP/1.1. `None` when there is no such one, which is
/// said.
fn connection<'t>(
    trace: &'t Trace,
    wanted: &Carried,
    input: &Input,
) -> Result<Option<&'t Connection>, Failure> {
    if wanted.carrier().exchange().is_some() {
        return exchanging(trace, wanted.connection, input);
    }
    match state::connection(trace, wanted.connection)? {
        Some(connection) if connection.http2().is_none() => {
            Err(Failure::State(StateError::NotHttp2 {
                connection: connection.id,
                protocol: connection.row.protocol.name(),
            }))
        }
        Some(connection) => Ok(Some(connection)),
        None => {
            state::no_http2(input);
            Ok(None)
        }
    }
}

/// The same for an exchange.
fn exchanging<'t>(
    trace: &'t Trace,
    wanted: Option<usize>,
    input: &Input,
) -> Result<Option<&'t Connection>, Failure> {
    if wanted.is_none() {
        let main = trace.main_http1_connection();
        if main.is_none() {
            let path = input.capture.display();
            eprintln!("wireloom: {path} holds no HTTP/1.1 that can be read.");
        }
        return Ok(main);
    }
    match state::connection(trace, wanted)? {
        Some(connection) if connection.http1().is_none() => {
            Err(Failure::Body(BodyError::NotHttp1 {
                connection: connection.id,
                protocol: connection.row.protocol.name(),
            }))
        }
        connection => Ok(connection),
    }
}
