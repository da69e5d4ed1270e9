//! Requests with their responses: which frames each of them is made of, and how long each part took.
//!
//! A stream carries one exchange (RFC 9113 §8.1). Its rows say how it ended; here its frames are
//! told apart: the request, interim responses (1xx), the final one, trailers, and the last byte of
//! either message. Times are those at which a frame became readable at the place of the capture.

use super::pushes::{self, Push};
use crate::trace::{Connection, FrameId, FrameRow, Http2, Side, StreamRow, StreamState, Trace};
use crate::wire::http2::{FrameKind, StreamId};
use bytes::Bytes;

/// What kind of exchange it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// A request and its response.
    Plain,
    /// `CONNECT`: a tunnel to another host. Source: RFC 9113 §8.5.
    Connect,
    /// `CONNECT` with `:protocol`: another protocol on this stream, such as WebSocket. Source: RFC 8441 §4.
    ExtendedConnect,
    /// A response to a request that the server promised. Source: RFC 9113 §8.4.
    Pushed,
}

impl RequestKind {
    /// The word of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "request",
            Self::Connect => "connect",
            Self::ExtendedConnect => "extended-connect",
            Self::Pushed => "push",
        }
    }
}

/// An interim response. Source: RFC 9110 §15.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interim {
    /// The `HEADERS` that starts it.
    pub frame: FrameId,
    /// Its `:status`; `None` when it cannot be known.
    pub status: Option<Bytes>,
}

/// An exchange on one stream. Frames that were not captured, or have not come, are `None`.
#[derive(Clone, Debug)]
pub struct Request {
    /// The stream.
    pub stream: StreamId,
    /// What kind of exchange it is.
    pub kind: RequestKind,
    /// Who sends the request: for a push, who would have sent it.
    pub requester: Side,
    /// `:protocol` of an extended `CONNECT`.
    pub protocol: Option<Bytes>,
    /// The `HEADERS` that starts the request; for a push, the `PUSH_PROMISE`. An upgrade from HTTP/1.1
    /// has none.
    pub sent: Option<FrameId>,
    /// The frame with the last byte of the request; for a push, the one that completes the promise.
    pub request_end: Option<FrameId>,
    /// The `HEADERS` with the request's trailers.
    pub request_trailers: Option<FrameId>,
    /// Interim responses, in order.
    pub interim: Vec<Interim>,
    /// The `HEADERS` that starts the final response.
    pub response: Option<FrameId>,
    /// The first `DATA` of the response.
    pub response_data: Option<FrameId>,
    /// The `HEADERS` with the response's trailers.
    pub response_trailers: Option<FrameId>,
    /// The frame with the last byte of the response, which has END_STREAM.
    pub response_end: Option<FrameId>,
    /// The frame that ended the stream, whichever way.
    pub ended: Option<FrameId>,
    /// What became of it, when it was promised.
    pub push: Option<Push>,
}

/// When the parts of an exchange were there, in nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// The request's first frame.
    pub sent_ns: Option<i64>,
    /// The request's last byte.
    pub request_end_ns: Option<i64>,
    /// The first frame of the final response.
    pub first_byte_ns: Option<i64>,
    /// The response's last byte.
    pub last_byte_ns: Option<i64>,
    /// The end of the stream.
    pub ended_ns: Option<i64>,
}

impl Timing {
    /// From the request's first frame to its last byte.
    pub fn sending_ns(&self) -> Option<u64> {
        length_ns(self.sent_ns, self.request_end_ns)
    }

    /// From the request's last byte to the response's first frame; `None` when the response began
    /// while the request was still being sent.
    pub fn waiting_ns(&self) -> Option<u64> {
        length_ns(self.request_end_ns, self.first_byte_ns)
    }

    /// From the response's first frame to its last byte.
    pub fn receiving_ns(&self) -> Option<u64> {
        length_ns(self.first_byte_ns, self.last_byte_ns)
    }
}

fn length_ns(from_ns: Option<i64>, until_ns: Option<i64>) -> Option<u64> {
    u64::try_from(until_ns?.checked_sub(from_ns?)?).ok()
}

impl Request {
    /// When its parts were there.
    pub fn timing(&self, trace: &Trace, http2: &Http2) -> Timing {
        let time_ns = |frame: Option<FrameId>| {
            let frame = http2.frames.get(frame?.index())?;
            Some(trace.time_ns(frame.packet))
        };
        Timing {
            sent_ns: time_ns(self.sent),
            request_end_ns: time_ns(self.request_end),
            first_byte_ns: time_ns(self.response),
            last_byte_ns: time_ns(self.response_end),
            ended_ns: time_ns(self.ended),
        }
    }
}

/// All exchanges of a connection, in the order of their streams' first frames. Streams that never
/// left `idle`, such as groups of priorities, are none.
///
/// Header blocks of interim responses and `CONNECT` requests are decoded again: call it once per
/// load or batch, not for every picture.
pub fn requests<'a>(
    trace: &'a Trace,
    connection: &'a Connection,
) -> impl Iterator<Item = Request> + 'a {
    let http2 = connection.http2().into_iter();
    http2.flat_map(move |http2| {
        let asked = pushes::AskedFor::of(connection, http2);
        http2
            .streams()
            .iter()
            .filter_map(move |row| read(trace, connection, http2, row, &asked))
    })
}

/// The exchange on one stream; `None` when there is none.
pub fn request(trace: &Trace, connection: &Connection, stream: StreamId) -> Option<Request> {
    let http2 = connection.http2()?;
    let row = http2.stream(stream)?;
    let asked = match row.pushed_by {
        Some(_) => pushes::AskedFor::of(connection, http2),
        None => pushes::AskedFor::default(),
    };
    read(trace, connection, http2, row, &asked)
}

fn read(
    trace: &Trace,
    connection: &Connection,
    http2: &Http2,
    row: &StreamRow,
    asked: &pushes::AskedFor,
) -> Option<Request> {
    if row.state == StreamState::Idle {
        return None;
    }
    let pushed = row.pushed_by.is_some();
    let opener = row.opened_by.unwrap_or(if row.id.is_client_initiated() {
        connection.row.client
    } else {
        connection.row.client.other()
    });
    let requester = if pushed { opener.other() } else { opener };
    let mut request = Request {
        stream: row.id,
        kind: if pushed {
            RequestKind::Pushed
        } else {
            RequestKind::Plain
        },
        requester,
        protocol: None,
        sent: None,
        request_end: None,
        request_trailers: None,
        interim: Vec::new(),
        response: row.response_frame,
        response_data: None,
        response_trailers: None,
        response_end: None,
        ended: row.end_frame,
        push: None,
    };
    for &id in http2.frames_of(row.id).iter() {
        if let Some(frame) = http2.frames.get(id.index()) {
            request.take(trace, connection, id, frame);
        }
    }
    if pushed {
        let (first, last) = pushes::promise(http2, row.id);
        (request.sent, request.request_end) = (first, last);
        request.push = pushes::push(http2, row, requester, first, asked);
    } else if let Some(sent) = request.sent
        && row
            .method
            .is_some_and(|method| connection.text(method) == b"CONNECT")
    {
        let protocol = field(trace, connection, sent, ":protocol");
        request.kind = match protocol {
            Some(_) => RequestKind::ExtendedConnect,
            None => RequestKind::Connect,
        };
        request.protocol = protocol;
    }
    Some(request)
}

impl Request {
    /// The next frame on the stream.
    fn take(&mut self, trace: &Trace, connection: &Connection, id: FrameId, frame: &FrameRow) {
        let requests = frame.side == self.requester && self.kind != RequestKind::Pushed;
        match frame.kind {
            FrameKind::HEADERS if requests => {
                if self.sent.is_none() {
                    self.sent = Some(id);
                } else {
                    self.request_trailers = Some(id);
                }
            }
            FrameKind::HEADERS if frame.side != self.requester => {
                self.response_headers(trace, connection, id);
            }
            FrameKind::DATA if frame.side != self.requester => {
                self.response_data.get_or_insert(id);
            }
            _ => {}
        }
        if frame.whole && frame.ends_stream() {
            if requests {
                self.request_end.get_or_insert(id);
            } else if frame.side != self.requester {
                self.response_end.get_or_insert(id);
            }
        }
    }

    fn response_headers(&mut self, trace: &Trace, connection: &Connection, id: FrameId) {
        match self.response {
            // `response` may stand for the end of a block that began in this frame.
            Some(response) if self.same_block(connection, response, id) => self.response = Some(id),
            Some(response) if id > response => self.response_trailers = Some(id),
            Some(_) => self.interim.push(Interim {
                frame: id,
                status: field(trace, connection, id, ":status"),
            }),
            None => {
                let status = field(trace, connection, id, ":status");
                if status.as_ref().is_some_and(|text| text.starts_with(b"1")) {
                    self.interim.push(Interim { frame: id, status });
                } else {
                    self.response = Some(id);
                }
            }
        }
    }

    fn same_block(&self, connection: &Connection, one: FrameId, other: FrameId) -> bool {
        let row = |id: FrameId| connection.http2()?.frames.get(id.index());
        one == other
            || match (row(one), row(other)) {
                (Some(one), Some(other)) => {
                    one.block.is_some() && (one.side, one.block) == (other.side, other.block)
                }
                _ => false,
            }
    }
}

/// The value of a field in the block that a frame starts.
fn field(trace: &Trace, connection: &Connection, frame: FrameId, name: &str) -> Option<Bytes> {
    let fields = trace.header_fields(connection, frame);
    fields
        .into_iter()
        .find(|field| field.is_named(name))
        .and_then(|field| field.value)
}

#[cfg(test)]
#[path = "requests/tests.rs"]
mod tests;
