//! `wireloom follow`: what a stream or an exchange carried, as a text to read: each message's fields, its body,
//! its trailers.

mod exchange;

use super::text;
use crate::analysis::bodies::{Body, ContentKind};
use crate::analysis::grpc;
use crate::analysis::requests::{self, Request};
use crate::trace::{Carrier, Connection, FrameId, Side, Trace};
use crate::wire::http2::StreamId;
use std::io::{self, Write};

/// Writes both messages of a stream or an exchange, request first, with text as it is and a line for what is not text.
/// Returns whether there is such a stream or exchange.
///
/// # Errors
///
/// Those of `out`.
pub fn write(
    out: &mut impl Write,
    trace: &Trace,
    connection: &Connection,
    carrier: impl Into<Carrier>,
    as_sent: bool,
) -> io::Result<bool> {
    let carrier = carrier.into();
    let found = match carrier {
        Carrier::Stream(stream) => write_stream(out, trace, connection, stream, as_sent)?,
        Carrier::Exchange(exchange) => exchange::write(out, trace, connection, exchange, as_sent)?,
    };
    if grpc::call(trace, connection, carrier).is_some() {
        let connection = connection.id;
        let filter = match carrier {
            Carrier::Stream(stream) => format!("connection:{connection} stream:{stream}"),
            Carrier::Exchange(exchange) => format!("connection:{connection} exchange:{exchange}"),
        };
        writeln!(
            out,
            "== This is a gRPC call: `wireloom messages CAPTURE --filter '{filter}'` shows the fields of its messages"
        )?;
    }
    Ok(found)
}

fn write_stream(
    out: &mut impl Write,
    trace: &Trace,
    connection: &Connection,
    stream: StreamId,
    as_sent: bool,
) -> io::Result<bool> {
    let Some(request) = requests::request(trace, connection, stream) else {
        let known = connection
            .http2()
            .is_some_and(|http2| http2.stream(stream).is_some());
        if known {
            writeln!(out, "Stream {stream} carried no message.")?;
        }
        return Ok(known);
    };
    let writer = Writer {
        trace,
        connection,
        request: &request,
        as_sent,
    };
    writer.request(out)?;
    writer.response(out)?;
    Ok(true)
}

struct Writer<'a> {
    trace: &'a Trace,
    connection: &'a Connection,
    request: &'a Request,
    as_sent: bool,
}

impl Writer<'_> {
    fn request(&self, out: &mut impl Write) -> io::Result<()> {
        let request = self.request;
        let (what, sender) = match &request.push {
            Some(push) => (
                format!("Promise on stream {}", push.carrier),
                request.requester.other(),
            ),
            None => ("Request".to_owned(), request.requester),
        };
        self.fields(out, &what, sender, request.sent)?;
        if request.push.is_none() {
            self.body(out, request.requester)?;
        }
        if request.request_trailers.is_some() {
            let trailers = request.request_trailers;
            self.fields(out, "Request trailers", request.requester, trailers)?;
        }
        Ok(())
    }

    fn response(&self, out: &mut impl Write) -> io::Result<()> {
        let request = self.request;
        let responder = request.requester.other();
        for interim in &request.interim {
            self.fields(out, "Interim response", responder, Some(interim.frame))?;
        }
        if request.response.is_none() && request.response_data.is_none() {
            return writeln!(out, "== No response was seen");
        }
        self.fields(out, "Response", responder, request.response)?;
        self.body(out, responder)?;
        if request.response_trailers.is_some() {
            let trailers = request.response_trailers;
            self.fields(out, "Response trailers", responder, trailers)?;
        }
        Ok(())
    }

    fn fields(
        &self,
        out: &mut impl Write,
        what: &str,
        sender: Side,
        frame: Option<FrameId>,
    ) -> io::Result<()> {
        let who = self.connection.direction(sender).name();
        let Some(frame) = frame else {
            return writeln!(
                out,
                "== {what} of the {who}: its header block was not seen\n"
            );
        };
        writeln!(out, "== {what} of the {who}, frame {frame}")?;
        for field in self.trace.header_fields(self.connection, frame) {
            let part = |part: &Option<bytes::Bytes>| match part {
                Some(bytes) => text::visible(&String::from_utf8_lossy(bytes)),
                None => "?".to_owned(),
            };
            writeln!(out, "{}: {}", part(&field.name), part(&field.value))?;
        }
        writeln!(out)
    }

    fn body(&self, out: &mut impl Write, sender: Side) -> io::Result<()> {
        let stream = self.request.stream;
        let Some(body) = Body::of(self.trace, self.connection, stream, sender) else {
            return Ok(());
        };
        write_body(out, self.trace, self.connection, &body, self.as_sent)
    }
}

/// Writes a body: what it is, what of it is missing, and its text.
fn write_body(
    out: &mut impl Write,
    trace: &Trace,
    connection: &Connection,
    body: &Body,
    as_sent: bool,
) -> io::Result<()> {
    let who = connection.direction(body.sender).name();
    let mut notes = doubts(body, who);
    if body.is_empty() && notes.is_empty() {
        return Ok(());
    }
    let codings = body.codings();
    let content = if as_sent || codings.is_empty() {
        let runs: Vec<_> = body.runs(trace, connection).collect();
        runs.concat()
    } else {
        let decoded = body.decoded(trace, connection);
        if let Some(trouble) = decoded.trouble {
            notes.push(format!("Decoding stopped: {trouble}."));
        }
        decoded.bytes
    };
    let names: Vec<&str> = codings.iter().map(|coding| coding.name()).collect();
    let coded = match (names.is_empty(), as_sent) {
        (true, _) => String::new(),
        (false, true) => format!(", as sent with {}", names.join(", ")),
        (false, false) => format!(
            ", decoded from {} of {}",
            text::size(body.captured_bytes()),
            names.join(", ")
        ),
    };
    let kind = ContentKind::of(body.content_type(), &content);
    let size = text::size(content.len() as u64);
    writeln!(
        out,
        "== Body of the {who}: {size} of {}{coded}",
        kind.name()
    )?;
    for note in notes {
        writeln!(out, "== {}", text::visible(&note))?;
    }
    if kind.is_text() {
        let text = String::from_utf8_lossy(&content);
        for line in text.lines() {
            writeln!(out, "{}", text::visible(line))?;
        }
    }
    writeln!(out)
}

/// What a person should know who looks at a body: what of it is missing. One sentence each.
pub fn doubts(body: &Body, who: &str) -> Vec<String> {
    let mut doubts = Vec::new();
    let missing = body.len() - body.captured_bytes();
    if missing > 0 {
        let first = body.missing.first().map_or(0, |range| range.start);
        doubts.push(format!(
            "{missing} bytes of the body are not in the capture, the first of them at {first}; they are left out."
        ));
    }
    if body.may_be_longer {
        doubts.push(match body.carrier {
            Carrier::Stream(_) => "The capture may miss whole frames of the body.".to_owned(),
            Carrier::Exchange(_) => "Where the body ends cannot be known.".to_owned(),
        });
    } else if !body.ended && !body.parts.is_empty() {
        doubts.push(format!(
            "The {who} did not end the body as far as was seen."
        ));
    }
    doubts
}
