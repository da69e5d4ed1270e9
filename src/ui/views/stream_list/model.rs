//! What a stream was for and how it ended, in few words; which streams a filter leaves.

use crate::filter::Run;
use crate::trace::{
    ClosedBy, Connection, ConnectionId, Side, StreamRow, StreamState, Symbol, Trace,
};
use crate::ui::widgets::format;
use crate::wire::grpc::GrpcStatus;
use std::borrow::Cow;

/// What a stream was for: `GET /style.css`, `UserService/ListUsers`, `pushed /hero.png`.
pub fn purpose(connection: &Connection, row: &StreamRow) -> String {
    let text = |symbol: Option<Symbol>| symbol.map(|symbol| connection.text_lossy(symbol));
    let (method, path) = (text(row.method), text(row.path));
    if row.pushed_by.is_some() {
        return match path {
            Some(path) => format!("pushed {path}"),
            None => "pushed".to_owned(),
        };
    }
    match (method, path) {
        (_, Some(path)) if is_grpc(connection, row) => grpc_call(&path).to_owned(),
        (Some(method), Some(path)) => format!("{method} {path}"),
        (Some(method), None) => match text(row.authority) {
            Some(authority) => format!("{method} {authority}"),
            None => method.into_owned(),
        },
        (None, Some(path)) => path.into_owned(),
        (None, None) if row.state == StreamState::Idle => "priority only, no request".to_owned(),
        (None, None) => "request not seen".to_owned(),
    }
}

/// Whether nothing was ever sent on a stream but `PRIORITY`: it is only a node of the priority tree.
pub fn is_only_named(row: &StreamRow) -> bool {
    row.state == StreamState::Idle && row.method.or(row.path).is_none() && row.pushed_by.is_none()
}

/// How a stream ended, or where it stands, with its content's size: `200 · 18 KB`,
/// `RST CANCEL`, `open`.
pub fn outcome(connection: &Connection, row: &StreamRow) -> String {
    let mut parts = Vec::new();
    match (row.closed_by, row.error) {
        (Some(ClosedBy::RstStream), Some(error)) => parts.push(format!("RST {error}")),
        (Some(ClosedBy::RstStream), None) => parts.push("RST".to_owned()),
        (Some(ClosedBy::Goaway), _) => parts.push("GOAWAY".to_owned()),
        _ => {
            if let Some(status) = row.grpc_status {
                parts.push(grpc_status_name(&connection.text_lossy(status)).into_owned());
            } else if let Some(status) = row.status {
                parts.push(connection.text_lossy(status).into_owned());
            }
            match row.closed_by {
                None => parts.push(row.state.name().to_owned()),
                Some(ClosedBy::Connection) => parts.push("cut off".to_owned()),
                Some(_) => {}
            }
        }
    }
    // What was broken off says why; its size is there on hover.
    let size = content_bytes(row);
    if (size > 0 && row.error.is_none()) || parts.is_empty() {
        parts.push(format::short_bytes(size));
    }
    parts.join(" · ")
}

/// Bytes of content, both ways together.
pub fn content_bytes(row: &StreamRow) -> u64 {
    row.data_bytes
        .iter()
        .fold(0, |sum, size| sum.saturating_add(*size))
}

/// Whether it is a gRPC call, as its content type tells.
pub fn is_grpc(connection: &Connection, row: &StreamRow) -> bool {
    row.content_type
        .is_some_and(|symbol| connection.text(symbol).starts_with(b"application/grpc"))
}

/// Service and method of a gRPC path, without the package: `/user.UserService/ListUsers` is
/// `UserService/ListUsers`.
fn grpc_call(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    let Some((service, _)) = path.rsplit_once('/') else {
        return path;
    };
    match service.rfind('.') {
        Some(dot) => path.get(dot + 1..).unwrap_or(path),
        None => path,
    }
}

/// The name of a gRPC status code. Source: gRPC's list of status codes.
pub fn grpc_status_name(code: &str) -> Cow<'_, str> {
    let name = code.parse().ok().and_then(|code| GrpcStatus(code).name());
    match name {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("grpc-status {code}")),
    }
}

/// Whole words about a stream, for hovering.
pub fn details(trace: &Trace, connection: &Connection, row: &StreamRow) -> String {
    let text = |symbol: Option<Symbol>| symbol.map(|symbol| connection.text_lossy(symbol));
    let mut lines = vec![format!("stream {}: {}", row.id, purpose(connection, row))];
    if let Some(path) = text(row.path) {
        let scheme = text(row.scheme).map_or(String::new(), |scheme| format!("{scheme}://"));
        let authority = text(row.authority).unwrap_or_default();
        lines.push(format!("{scheme}{authority}{path}"));
    }
    if let Some(parent) = row.pushed_by {
        lines.push(format!("promised on stream {parent}"));
    }
    if let Some(content_type) = text(row.content_type) {
        lines.push(format!("content type {content_type}"));
    }
    let http2 = connection.http2();
    let start = trace.time_range_ns.map_or(0, |(first, _)| first);
    let at = |frame: crate::trace::FrameId| {
        let frame = http2?.frames.get(frame.index())?;
        Some(trace.time_ns(frame.packet).saturating_sub(start))
    };
    let mut times = Vec::new();
    let began = at(row.first_frame);
    if let Some(time) = began {
        times.push(format!("started at {}", format::duration_ns(time)));
    }
    let since = |time: i64| format::duration_ns(time.saturating_sub(began.unwrap_or(time)));
    if let Some(time) = row.response_frame.and_then(at) {
        times.push(format!("answered after {}", since(time)));
    }
    match row.end_frame.and_then(at) {
        Some(time) => times.push(format!("ended after {}", since(time))),
        None => times.push(format!("{} at the end", row.state.name())),
    }
    lines.push(times.join(", "));
    for direction in crate::trace::Direction::BOTH {
        let side = connection.side(direction).index();
        let (Some(data), Some(headers)) = (row.data_bytes.get(side), row.header_bytes.get(side))
        else {
            continue;
        };
        lines.push(format!(
            "{} sent {} of content, {} of headers as {}",
            direction.name(),
            format::exact_bytes(*data),
            format::exact_bytes(headers.decoded),
            format::exact_bytes(headers.encoded),
        ));
    }
    lines.push(format::counted(u64::from(row.frames), "frame"));
    lines.join("\n")
}

/// `CONNECTION 0 · 7 streams · 412 KB`; of HTTP/1.1 its exchanges.
pub fn heading(connection: &Connection) -> String {
    let streams = connection.http2().map_or(0, |http2| http2.streams().len());
    let size = Side::BOTH.iter().fold(0u64, |sum, side| {
        sum.saturating_add(connection.stream(*side).len())
    });
    let carried = match (connection.http2(), connection.http1()) {
        (None, Some(http1)) => format::counted(http1.exchanges().len() as u64, "exchange"),
        _ => format::counted(streams as u64, "stream"),
    };
    format!(
        "CONNECTION {} · {carried} · {}",
        connection.id,
        format::short_bytes(size)
    )
}

/// What the list was made from: connection, what was searched, how many frames there were, and the filter with how many
/// frames it had asked.
type Key = (ConnectionId, String, usize, Option<(String, usize)>);

/// Which streams a search and the filter leave. Found again only when something changed.
#[derive(Clone, Debug, Default)]
pub struct Filtered {
    key: Option<Key>,
    rows: Vec<usize>,
    /// How many of them, from the first on, carry something; behind them stand those that only priorities name.
    carrying: usize,
    digits: usize,
}

impl Filtered {
    /// Brings the list up to date.
    pub fn update(&mut self, connection: &Connection, query: &str, matches: Option<&Run>) {
        let Some(http2) = connection.http2() else {
            *self = Self::default();
            return;
        };
        let frames = http2.frames.len();
        let matches = matches.filter(|run| run.connection() == connection.id);
        let of_filter = matches.map(|run| (run.filter().text().to_owned(), run.asked()));
        let key = (connection.id, query.to_owned(), frames, of_filter);
        if self.key.as_ref() == Some(&key) {
            return;
        }
        let wanted = query.trim().to_lowercase();
        let streams = http2.streams();
        self.rows = (0..streams.len())
            .filter(|index| {
                matches.is_none_or(|run| {
                    let row = streams.get(*index);
                    row.is_some_and(|row| !run.frames_of(row.id).is_empty())
                })
            })
            .filter(|index| {
                wanted.is_empty()
                    || streams
                        .get(*index)
                        .is_some_and(|row| found(connection, row, &wanted))
            })
            .collect();
        // As in the loom: inner nodes of a priority tree carry nothing, and would push what was asked for out of sight.
        let is_named = |index: &usize| streams.get(*index).is_some_and(is_only_named);
        self.rows.sort_by_key(is_named);
        self.carrying = self.rows.partition_point(|index| !is_named(index));
        let largest = streams.iter().map(|row| row.id.0).max().unwrap_or(0);
        self.digits = largest.to_string().len().max(2);
        self.key = Some(key);
    }

    /// The rows of [`Http2::streams`](crate::trace::Http2::streams) that are left, in the order of their first frames; those
    /// that only priorities name stand last.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Where a row of [`Http2::streams`](crate::trace::Http2::streams) is in the list.
    pub fn position(&self, row: usize) -> Option<usize> {
        let (carrying, named) = self.rows.split_at_checked(self.carrying)?;
        let behind = || Some(self.carrying + named.binary_search(&row).ok()?);
        carrying.binary_search(&row).ok().or_else(behind)
    }

    /// Digits of the largest stream number.
    pub fn digits(&self) -> usize {
        self.digits
    }
}

/// Whether number, purpose, status or outcome contain the text, which is in lower case.
pub fn found(connection: &Connection, row: &StreamRow, wanted: &str) -> bool {
    let contains = |text: &str| text.to_lowercase().contains(wanted);
    let symbols = [
        row.path,
        row.authority,
        row.method,
        row.status,
        row.content_type,
    ];
    row.id.0.to_string() == wanted
        || symbols
            .into_iter()
            .flatten()
            .any(|symbol| contains(&connection.text_lossy(symbol)))
        || contains(&purpose(connection, row))
        || contains(&outcome(connection, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grpc_path_loses_its_package() {
        assert_eq!(
            grpc_call("/user.v1.UserService/ListUsers"),
            "UserService/ListUsers"
        );
        assert_eq!(grpc_call("/UserService/ListUsers"), "UserService/ListUsers");
        assert_eq!(grpc_call("odd"), "odd");
    }

    #[test]
    fn a_grpc_status_has_its_name() {
        assert_eq!(grpc_status_name("0"), "OK");
        assert_eq!(grpc_status_name("16"), "UNAUTHENTICATED");
        assert_eq!(grpc_status_name("99"), "grpc-status 99");
    }
}
