//! An exchange of HTTP/1.1 as a text: heads as they were sent, bodies without what frames them.

use super::write_body;
use crate::analysis::bodies::Body;
use crate::analysis::exchanges::{self, Exchange};
use crate::report::text;
use crate::trace::{Connection, ExchangeId, MessageEnd, MessageField, MessageRow, Trace};
use crate::wire::counted::counted;
use std::io::{self, Write};

/// Writes the messages of an exchange. Returns whether there is such a one.
pub(super) fn write(
    out: &mut impl Write,
    trace: &Trace,
    connection: &Connection,
    id: ExchangeId,
    as_sent: bool,
) -> io::Result<bool> {
    let Some(exchange) = exchanges::exchange(connection, id) else {
        return Ok(false);
    };
    let writer = Writer {
        trace,
        connection,
        exchange: &exchange,
        as_sent,
    };
    match &exchange.request {
        Some(row) => writer.message(out, "Request", row)?,
        None => writeln!(out, "== No request was seen\n")?,
    }
    for row in &exchange.interim {
        writer.head(out, "Interim response", row)?;
    }
    match &exchange.response {
        Some(row) => writer.message(out, "Response", row)?,
        None => writeln!(out, "== No response was seen")?,
    }
    if exchange.is_tunnel() {
        writeln!(
            out,
            "== What follows on this connection is no HTTP/1.1 any more"
        )?;
    }
    Ok(true)
}

struct Writer<'a> {
    trace: &'a Trace,
    connection: &'a Connection,
    exchange: &'a Exchange,
    as_sent: bool,
}

impl Writer<'_> {
    fn message(&self, out: &mut impl Write, what: &str, row: &MessageRow) -> io::Result<()> {
        self.head(out, what, row)?;
        let id = self.exchange.id;
        if let Some(body) = Body::of(self.trace, self.connection, id, row.side) {
            write_body(out, self.trace, self.connection, &body, self.as_sent)?;
        }
        let trailers = self.trace.message_trailers(self.connection, row);
        if !trailers.is_empty() {
            let who = self.connection.direction(row.side).name();
            writeln!(out, "== {what} trailers of the {who}")?;
            fields(out, &trailers)?;
        }
        Ok(())
    }

    fn head(&self, out: &mut impl Write, what: &str, row: &MessageRow) -> io::Result<()> {
        let who = self.connection.direction(row.side).name();
        let packet = row.head_packet.number();
        let cut = match row.end {
            MessageEnd::Whole => "",
            MessageEnd::NotYet => ", whose end has not come",
            MessageEnd::Cut => ", which the end of the connection cut off",
            MessageEnd::Lost => ", whose end is lost",
        };
        writeln!(out, "== {what} of the {who}, packet {packet}{cut}")?;
        match self.trace.start_line(self.connection, row) {
            Some(line) => {
                writeln!(out, "{}", text::visible(&String::from_utf8_lossy(&line)))?;
                fields(out, &self.trace.message_fields(self.connection, row))
            }
            None => writeln!(
                out,
                "== Its head of {} cannot be read again\n",
                counted(row.head_bytes, "byte")
            ),
        }
    }
}

fn fields(out: &mut impl Write, fields: &[MessageField]) -> io::Result<()> {
    for field in fields {
        let [name, value] =
            [&field.name, &field.value].map(|part| text::visible(&String::from_utf8_lossy(part)));
        writeln!(out, "{name}: {value}")?;
    }
    writeln!(out)
}
