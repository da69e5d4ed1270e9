//! `wireloom body` and `wireloom follow`: what a stream carried, as bytes and as a text to read.

use super::Failure;
use super::arguments::{BodyWanted, Following};
use super::state::{self, StateError};
use crate::analysis::bodies::Body;
use crate::report::follow;
use crate::trace::{Connection, ConnectionId, Trace};
use crate::wire::http2::StreamId;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Why there is no body.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// There is no such stream.
    #[error(
        "Connection {connection} has no stream {stream}; `wireloom streams` lists those it has."
    )]
    NoStream {
        connection: ConnectionId,
        stream: u32,
    },
    /// The file cannot be written.
    #[error("The body cannot be written to {path}: {error}.", path = .path.display())]
    Write { path: PathBuf, error: io::Error },
}

/// Writes a body to standard output or to a file, and says on standard error what is missing.
pub(super) fn body(wanted: &BodyWanted) -> Result<(), Failure> {
    let trace = super::read(&wanted.input)?;
    let Some(connection) = connection(&trace, wanted.connection)? else {
        state::no_http2(&wanted.input);
        return Ok(());
    };
    let stream = StreamId(wanted.stream);
    let side = connection.side(wanted.direction.into());
    let Some(body) = Body::of(&trace, connection, stream, side) else {
        return Err(no_stream(connection, wanted.stream));
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
                "Of the body that the {who} sent on stream {}: {trouble}.",
                body.stream
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
        let stream = body.stream;
        notes.push(format!("The {who} sent no content on stream {stream}."));
    }
    Ok(notes)
}

/// Prints both messages of a stream, with headers and bodies, to be read.
pub(super) fn follow(wanted: &Following) -> Result<(), Failure> {
    let trace = super::read(&wanted.input)?;
    let Some(connection) = connection(&trace, wanted.connection)? else {
        state::no_http2(&wanted.input);
        return Ok(());
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let stream = StreamId(wanted.stream);
    if !follow::write(&mut out, &trace, connection, stream, wanted.as_sent)? {
        return Err(no_stream(connection, wanted.stream));
    }
    out.flush()?;
    Ok(())
}

fn no_stream(connection: &Connection, stream: u32) -> Failure {
    let connection = connection.id;
    Failure::Body(BodyError::NoStream { connection, stream })
}

/// The connection that was asked for, else the main one; `None` when there is no HTTP/2.
fn connection(trace: &Trace, wanted: Option<usize>) -> Result<Option<&Connection>, StateError> {
    match state::connection(trace, wanted)? {
        Some(connection) if connection.http2().is_none() => Err(StateError::NotHttp2 {
            connection: connection.id,
            protocol: connection.row.protocol.name(),
        }),
        connection => Ok(connection),
    }
}
