//! The sentences of the layers, and the view in words.

use super::State;
use super::focus::Focus;
use super::kept::Kept;
use super::model::{Layer, Slice, layers};
use crate::trace::{Connection, Unit};
use crate::ui::ViewContext;
use crate::ui::widgets::format;

/// What is selected, as bytes of a stream.
pub fn focus_words(
    connection: &Connection,
    focus: &Focus,
    layers: &[(Layer, Vec<Slice>)],
) -> String {
    let lens = focus.parts.iter().map(|part| part.end - part.start);
    let len: u64 = lens.sum();
    let sender = connection.direction(focus.side).name();
    let touching = |slice: &&Slice| focus.touches(&slice.range);
    let count = |layer: Layer| {
        let of = layers.iter().find(|(other, _)| *other == layer);
        of.map_or(0, |(_, slices)| {
            slices.iter().filter(touching).count() as u64
        })
    };
    let frame = match (focus.unit, focus.parts.len()) {
        (Some(Unit::Frame(frame)), 2..) => format!(
            ", in {}, of which frame {frame} is one",
            format::counted(focus.parts.len() as u64, "frame")
        ),
        (Some(Unit::Frame(frame)), _) => format!(", of frame {frame}"),
        (Some(Unit::Message(_)), count) => {
            let in_parts = match count {
                2.. => format!(", in {}", format::counted(count as u64, "chunk")),
                _ => String::new(),
            };
            let carrier = focus.carrier.map(|carrier| format!(", of {carrier}"));
            in_parts + &carrier.unwrap_or_default()
        }
        (None, _) => String::new(),
    };
    let mut parts = Vec::new();
    for (layer, noun) in [
        (Layer::Message, "gRPC message"),
        (Layer::Http1Message, "HTTP/1.1 message"),
        (Layer::Frame, "frame"),
        (Layer::Segment, "TCP segment"),
    ] {
        let count = count(layer);
        if count > 0 {
            parts.push(format::counted(count, noun));
        }
    }
    format!(
        "lit: {} of what the {sender} sent{frame}, from byte {} on; they lie in {}",
        format::exact_bytes(len),
        format::count(focus.parts.first().map_or(0, |part| part.start)),
        parts.join(", ")
    )
}

/// The view in words, for screen readers and tests.
pub fn text(context: &ViewContext<'_>, _state: &State) -> String {
    let found = context
        .connection
        .and_then(|connection| Some((connection, Focus::new(context, connection)?)));
    let Some((connection, focus)) = found else {
        return format!("layers: {}", nothing_words(context));
    };
    let mut kept = Kept::default();
    kept.follow(context.trace, connection, &focus);
    let found = layers(
        context.trace,
        connection,
        &kept,
        &focus,
        focus.range.clone(),
    );
    let mut lines = vec![format!(
        "layers: {}",
        focus_words(connection, &focus, &found)
    )];
    for (layer, slices) in &found {
        for slice in slices {
            let about = slice.about.replace('\n', ", ");
            lines.push(format!("{}: {} ({about})", layer.name(), slice.label));
        }
    }
    lines.join("\n")
}

/// Why there is nothing to show, and what to do.
pub fn nothing_words(context: &ViewContext<'_>) -> String {
    match context.connection {
        None if context.loading => "Reading the capture; no connection has been met yet.".to_owned(),
        None => "Open a capture to see how its bytes are wrapped.".to_owned(),
        Some(connection) if connection.http2().is_none() && connection.http1().is_none() => format!(
            "Connection {} carries {}: choose a connection of HTTP/2 or HTTP/1.1.",
            connection.id,
            connection.row.protocol.name()
        ),
        Some(_) => "Select a frame or an exchange, or step to the first one with the → key: its bytes are shown here in every layer.".to_owned(),
    }
}
