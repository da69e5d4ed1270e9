//! The tab of a stream: what was asked and answered, when, and how much it took.

use super::section::{Entry, Section};
use crate::trace::{
    Connection, ConnectionId, Direction, FrameId, Http2, StreamRow, StreamState, Symbol, Trace,
};
use crate::ui::Item;
use crate::ui::views::stream_list::model::{grpc_status_name, purpose};
use crate::ui::widgets::format;
use crate::wire::http2::{FrameKind, StreamId};

/// Frames of a stream by type, counted as the capture grows.
#[derive(Clone, Debug, Default)]
pub(super) struct KindCounts {
    of: Option<(ConnectionId, StreamId, FrameId)>,
    counted: usize,
    counts: Vec<(FrameKind, u64)>,
}

impl KindCounts {
    /// Counts what is new and returns all, by number of the type.
    pub(super) fn update(
        &mut self,
        connection: &Connection,
        row: &StreamRow,
    ) -> &[(FrameKind, u64)] {
        let of = Some((connection.id, row.id, row.first_frame));
        let frames = connection
            .http2()
            .map(|http2| (http2, http2.frames_of(row.id)));
        let Some((http2, ids)) = frames else {
            return &[];
        };
        if self.of != of || ids.len() < self.counted {
            *self = Self {
                of,
                ..Self::default()
            };
        }
        for id in ids.range(self.counted..ids.len()) {
            let Some(frame) = http2.frames.get(id.index()) else {
                continue;
            };
            match self
                .counts
                .binary_search_by_key(&frame.kind, |(kind, _)| *kind)
            {
                Ok(at) => {
                    if let Some((_, count)) = self.counts.get_mut(at) {
                        *count += 1;
                    }
                }
                Err(at) => self.counts.insert(at, (frame.kind, 1)),
            }
        }
        self.counted = ids.len();
        &self.counts
    }
}

/// `Stream 5 · GET /img/loom.png`.
pub(super) fn heading(connection: &Connection, row: &StreamRow) -> String {
    format!("Stream {} · {}", row.id, purpose(connection, row))
}

/// All rows of the tab.
pub(super) fn sections(
    trace: &Trace,
    connection: &Connection,
    http2: &Http2,
    row: &StreamRow,
    counts: &[(FrameKind, u64)],
) -> Vec<Section> {
    let frame = |id: FrameId| Item::Frame(connection.id, id);
    let text = |name: &str, symbol: Option<Symbol>| {
        symbol.map(|symbol| Entry::new(name, connection.text_lossy(symbol)))
    };
    let mut request = Vec::new();
    request.extend(text("method", row.method));
    request.extend(text("scheme", row.scheme));
    request.extend(text("authority", row.authority));
    request.extend(text("path", row.path));
    request.push(
        Entry::new("first frame", format!("frame {}", row.first_frame))
            .item(frame(row.first_frame)),
    );
    if let Some(parent) = row.pushed_by {
        let entry = Entry::new("pushed", format!("promised on stream {parent}"));
        request.push(entry.item(Item::Stream(connection.id, parent)));
    }
    let mut response = Vec::new();
    response.extend(text("status", row.status));
    response.extend(text("content type", row.content_type));
    if let Some(status) = row.grpc_status {
        let code = connection.text_lossy(status);
        response.push(Entry::new(
            "gRPC",
            format!("{} ({code})", grpc_status_name(&code)),
        ));
    }
    if let Some(id) = row.response_frame {
        response.push(Entry::new("answered in", format!("frame {id}")).item(frame(id)));
    }
    let by_kind = counts
        .iter()
        .map(|(kind, count)| {
            Entry::new(
                &super::frame::kind_name(*kind),
                format::counted(*count, "frame"),
            )
            .hover(kind.meaning(), kind.section())
        })
        .collect();
    vec![
        Section::new("request", request),
        Section::new("response", response),
        Section::new("life", life(connection, row)),
        Section::new("times", times(trace, http2, row)),
        Section::new("bytes", sizes(connection, row)),
        Section::new("frames by type", by_kind),
    ]
}

fn life(connection: &Connection, row: &StreamRow) -> Vec<Entry> {
    let state = match row.state {
        StreamState::HalfClosed(side) => {
            format!(
                "half-closed: the {} has ended",
                connection.direction(side).name()
            )
        }
        state => state.name().to_owned(),
    };
    let mut entries = vec![Entry::new(
        "state",
        format!("{state}, at the end of the capture"),
    )];
    if let Some(side) = row.opened_by {
        let opener = connection.direction(side).name();
        entries.push(Entry::new("opened by", opener).hover(
            "The client opens odd streams, the server promises even ones.",
            "RFC 9113 §5.1.1",
        ));
    }
    if let Some(closed) = row.closed_by {
        entries.push(Entry::new("closed by", closed.name()).hover(
            "END_STREAM from both sides is the quiet end; RST_STREAM breaks it off; GOAWAY says that it was never looked at.",
            "RFC 9113 §5.1",
        ));
    }
    if let Some(error) = row.error {
        entries.push(Entry::new("error", error.to_string()).hover(error.meaning(), "RFC 9113 §7"));
    }
    if let Some(end) = row.end_frame {
        entries.push(
            Entry::new("ended in", format!("frame {end}")).item(Item::Frame(connection.id, end)),
        );
    }
    entries
}

fn times(trace: &Trace, http2: &Http2, row: &StreamRow) -> Vec<Entry> {
    let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
    let at = |frame: FrameId| {
        let frame = http2.frames.get(frame.index())?;
        Some(trace.time_ns(frame.packet))
    };
    let Some(start) = at(row.first_frame) else {
        return Vec::new();
    };
    let clock = |time: i64| format!("{} ms", format::milliseconds(time.saturating_sub(origin)));
    let mut entries = vec![Entry::new("started", clock(start)).hover(
        "When the first frame that names the stream could be read.",
        "",
    )];
    let marks = [
        (
            "first byte",
            row.response_frame,
            "When the response's first frame could be read.",
        ),
        (
            "ended",
            row.end_frame,
            "When the frame that ended the stream could be read.",
        ),
    ];
    for (name, frame, meaning) in marks {
        if let Some(time) = frame.and_then(at) {
            let after = format::duration_ns(time.saturating_sub(start));
            let entry = Entry::new(name, format!("{}, after {after}", clock(time)));
            entries.push(entry.hover(meaning, ""));
        }
    }
    entries
}

fn sizes(connection: &Connection, row: &StreamRow) -> Vec<Entry> {
    let mut entries = Vec::new();
    for direction in Direction::BOTH {
        let side = connection.side(direction).index();
        let (Some(data), Some(headers)) = (row.data_bytes.get(side), row.header_bytes.get(side))
        else {
            continue;
        };
        let name = direction.name();
        entries.push(
            Entry::new(&format!("content, {name}"), format::exact_bytes(*data))
                .hover("Bytes of DATA without padding.", "RFC 9113 §6.1"),
        );
        let saved = headers.decoded.saturating_sub(headers.encoded);
        let words = format!(
            "{} for {} of text, {} saved",
            format::exact_bytes(headers.encoded),
            format::exact_bytes(headers.decoded),
            format::percent(saved, headers.decoded)
        );
        if headers.decoded > 0 {
            entries.push(Entry::new(&format!("headers, {name}"), words).hover(
                "Header blocks on the wire, and names and values as text.",
                "RFC 7541",
            ));
        }
    }
    entries
}
