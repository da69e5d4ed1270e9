//! A call in an exchange of HTTP/1.1: what its two messages tell. This is how browsers call.

use super::{Course, Ending};
use crate::analysis::grpc::call::EndedBy;
use crate::analysis::grpc::metadata::Fields;
use crate::analysis::grpc::recognition::Messages;
use crate::trace::{Connection, MessageEnd, MessageRow, Moment, Trace};

/// Reads the messages of an exchange. `web_trailers` are those inside the body; `nothing_else`: the body is empty, once
/// unpacked.
pub(super) fn read(
    trace: &Trace,
    connection: &Connection,
    messages: Messages<'_>,
    web_trailers: Option<Fields>,
    nothing_else: bool,
) -> Option<(Course, Ending)> {
    let request = messages.request.map(|(_, row)| row);
    let response = messages.response.map(|(_, row)| row);
    let head = |row: &MessageRow| Moment::Packet(row.head_packet);
    let fields = |row: Option<&MessageRow>| {
        let row = row?;
        let list = trace.message_fields(connection, row);
        Some(Fields::of_head(head(row), &list))
    };
    let mut initial = fields(response).unwrap_or_default();
    initial.http_status = response.map(|row| row.status.to_string().into());
    let in_body = web_trailers.is_some();
    let mut trailing = web_trailers.unwrap_or_default();
    let trailers_only = !in_body && nothing_else && initial.status.is_some();
    if trailers_only {
        trailing = initial.clone();
        initial.metadata.clear();
    }
    let ending = ending(trace, connection, response, trailers_only, &trailing);
    let course = Course {
        path: request.and_then(|row| path(connection, row)),
        authority: request
            .and_then(|row| row.host)
            .map(|host| connection.text_lossy(host).into_owned()),
        first: head(request.or(response)?),
        request: fields(request).unwrap_or_default(),
        initial,
        trailing,
        first_response: response.map(head),
        reset: None,
    };
    Some((course, ending))
}

/// The path of a target, which proxies are told with scheme and authority. Source: RFC 9112 §3.2.2.
fn path(connection: &Connection, row: &MessageRow) -> Option<String> {
    let target = connection.text_lossy(row.target?);
    let rest = target.split_once("://").map(|(_, rest)| rest);
    let path = match rest.and_then(|rest| rest.find('/').and_then(|at| rest.get(at..))) {
        Some(path) => path,
        None => &target,
    };
    let path = path.split('?').next().unwrap_or(path);
    Some(path.to_owned())
}

fn ending(
    trace: &Trace,
    connection: &Connection,
    response: Option<&MessageRow>,
    trailers_only: bool,
    trailing: &Fields,
) -> Ending {
    if let Some(row) = response.filter(|row| row.end == MessageEnd::Whole) {
        let by = if trailers_only {
            EndedBy::TrailersOnly
        } else if trailing.status.is_some() {
            EndedBy::Trailers
        } else {
            EndedBy::EndOfStream
        };
        return Ending {
            by,
            at: Some(Moment::Packet(row.last_packet)),
            time_ns: Some(trace.time_ns(row.last_packet)),
        };
    }
    let cut = response.is_some_and(|row| row.end == MessageEnd::Cut);
    if cut || connection.row.end_seen {
        let last = connection.row.last_packet;
        return Ending {
            by: EndedBy::Connection,
            at: Some(Moment::Packet(last)),
            time_ns: Some(trace.time_ns(last)),
        };
    }
    Ending {
        by: EndedBy::CaptureEnd,
        at: None,
        time_ns: None,
    }
}
