//! The sentences of the layers, and the view in words.

use super::State;
use super::focus::Focus;
use super::kept::Kept;
use super::model::{Layer, Slice, headers_words, layers};
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
    let span = match focus.parts.as_slice() {
        [one] => format::span(one.clone()),
        parts => format!(
            "{} and on",
            format::count(parts.first().map_or(0, |part| part.start))
        ),
    };
    format!(
        "lit: {} of what the {sender} sent{frame}: bytes {span}; they lie in {}",
        format::exact_bytes(len),
        parts.join(", ")
    )
}

/// The packet of which the headers are spelt out: the first of those that are lit, else the first there is.
fn spelt_packet<'a>(focus: &Focus, layers: &'a [(Layer, Vec<Slice>)]) -> Option<&'a Slice> {
    let (_, packets) = layers.iter().find(|(layer, _)| *layer == Layer::Packet)?;
    let mut with_headers = packets.iter().filter(|packet| !packet.headers.is_empty());
    let lit = (with_headers.clone()).find(|packet| focus.touches(&packet.range));
    lit.or_else(|| with_headers.next())
}

/// What the darker beginnings of boxes are, with their bytes: what has no room for its name in the picture has it here.
pub fn heads_words(focus: &Focus, layers: &[(Layer, Vec<Slice>)]) -> String {
    let mut parts = Vec::new();
    for (layer, slices) in layers {
        let heads = slices.iter().any(|slice| slice.head > 0);
        let words = match layer {
            Layer::Message if heads => "gRPC prefix 5 bytes (compressed or not 1, length 4)",
            Layer::Chunk if heads => "chunk: a line with its size",
            Layer::Http1Message if heads => "HTTP/1.1 message: its head, up to the empty line",
            Layer::Frame if heads => "frame header 9 bytes (length 3, type 1, flags 1, stream 4)",
            _ => continue,
        };
        parts.push(words.to_owned());
    }
    if let Some(packet) = spelt_packet(focus, layers) {
        let all: u64 = packet.headers.iter().map(|(_, len)| len).sum();
        parts.push(format!(
            "{}: {} of them headers ({}), which no layer above has",
            packet.label,
            format::count(all),
            headers_words(&packet.headers)
        ));
    }
    format!("stronger beginnings of boxes: {}", parts.join(" · "))
}

/// The same in few words, for a low pane: `frame header 9 · gRPC prefix 5 · packet 15: Ethernet 14 + IPv6 40 + TCP 32 bytes`.
pub fn heads_in_short(focus: &Focus, layers: &[(Layer, Vec<Slice>)]) -> String {
    let heads = |(_, slices): &(Layer, Vec<Slice>)| slices.iter().any(|slice| slice.head > 0);
    let with_heads = layers.iter().filter(|layer| heads(layer));
    let names = with_heads.filter_map(|(layer, _)| match layer {
        Layer::Message => Some("gRPC prefix 5".to_owned()),
        Layer::Frame => Some("frame header 9".to_owned()),
        _ => None,
    });
    let packet = spelt_packet(focus, layers)
        .map(|packet| format!("{}: {}", packet.label, headers_words(&packet.headers)));
    let parts: Vec<String> = names.chain(packet).collect();
    format!("{} bytes", parts.join(" · "))
}

/// What is selected, in few words.
pub fn focus_in_short(connection: &Connection, focus: &Focus) -> String {
    let sender = connection.direction(focus.side).name();
    let lens = focus.parts.iter().map(|part| part.end - part.start);
    let span = format::span(focus.parts.first().cloned().unwrap_or_default());
    let more = if focus.parts.len() > 1 { " and on" } else { "" };
    format!(
        "lit: bytes {span}{more} of the {sender}, {}",
        format::exact_bytes(lens.sum())
    )
}

/// How the picture is read, and what a hand can do.
pub const HINT: &str = "from left to right are bytes, not time; bytes 0–8 are nine, both ends count · click to select · wheel: zoom · drag: move · \
                        double click: back";

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
    lines.push(heads_words(&focus, &found));
    for (layer, slices) in &found {
        for slice in slices {
            let about = slice.about.replace('\n', ", ");
            let end = match layer {
                Layer::Packet => "packet, outermost",
                _ => layer.name(),
            };
            lines.push(format!("{end}: {} ({about})", slice.label));
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
