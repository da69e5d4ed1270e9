//! The tabs of a connection and of a packet.

use super::section::{Entry, Section};
use crate::trace::connection::TcpCounts;
use crate::trace::{ClientKnownBy, Connection, Direction, PacketId, Trace};
use crate::ui::Item;
use crate::ui::widgets::format;

/// `Connection 0 · 127.0.0.1:51922 → 127.0.0.1:8443`.
pub(super) fn heading(connection: &Connection) -> String {
    format!(
        "Connection {} · {} → {}",
        connection.id,
        connection.end(Direction::Client),
        connection.end(Direction::Server)
    )
}

/// All rows of a connection's tab.
pub(super) fn sections(trace: &Trace, connection: &Connection) -> Vec<Section> {
    let row = &connection.row;
    let mut facts = vec![
        Entry::new("client", connection.end(Direction::Client).to_string()),
        Entry::new("server", connection.end(Direction::Server).to_string()),
        Entry::new("client known by", known_by(row.client_known_by)),
        Entry::new("protocol", row.protocol.name())
            .hover("What the connection carries, as its first bytes tell.", ""),
    ];
    if let Some(http2) = connection.http2() {
        facts.push(
            Entry::new("streams", format::count(http2.streams().len() as u64)).hover(
                "Requests and their responses, and whatever else was named by a number.",
                "RFC 9113 §5",
            ),
        );
        facts.push(
            Entry::new("frames", format::count(http2.frames.len() as u64))
                .hover("Frames of both sides.", "RFC 9113 §4"),
        );
    }
    vec![
        Section::new("", facts),
        Section::new("TLS", tls(connection)),
        Section::new("capture", life(trace, connection)),
        Section::new("TCP, client → server", tcp(connection, Direction::Client)),
        Section::new("TCP, server → client", tcp(connection, Direction::Server)),
    ]
}

fn known_by(known: ClientKnownBy) -> &'static str {
    match known {
        ClientKnownBy::Syn => "the SYN it sent",
        ClientKnownBy::Preface => "the preface it sent",
        ClientKnownBy::Frames => "what its frames do",
        ClientKnownBy::Port => "its higher port, a guess",
    }
}

fn tls(connection: &Connection) -> Vec<Entry> {
    let Some(tls) = &connection.row.tls else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    if let Some(version) = tls.version {
        entries.push(
            Entry::new("version", version.to_string())
                .hover("The version that the server chose.", "RFC 8446 §4.2.1"),
        );
    }
    if let Some(suite) = tls.cipher_suite {
        entries.push(Entry::new("cipher suite", suite.to_string()).hover(
            "How the connection is encrypted; the server chose it.",
            "RFC 8446 §4.1.3",
        ));
    }
    if let Some(alpn) = &tls.alpn {
        entries.push(Entry::new("ALPN", alpn.clone()));
    }
    if !tls.alpn_offered.is_empty() {
        entries.push(
            Entry::new("ALPN offered", tls.alpn_offered.join(", "))
                .hover("What the client offered, the best first.", "RFC 7301"),
        );
    }
    if let Some(name) = &tls.server_name {
        entries.push(Entry::new("SNI", name.clone()));
    }
    entries
}

fn life(trace: &Trace, connection: &Connection) -> Vec<Entry> {
    let row = &connection.row;
    let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
    let (start, end) = (
        trace.time_ns(row.first_packet),
        trace.time_ns(row.last_packet),
    );
    let clock = |time: i64| format!("{} ms", format::milliseconds(time.saturating_sub(origin)));
    let seen = |seen: bool, yes: &str, no: &str| if seen { yes.to_owned() } else { no.to_owned() };
    vec![
        Entry::new("packets", format::count(u64::from(row.packets))).hover("Packets that belong to this connection.", ""),
        Entry::new("first packet", format!("packet {}, at {}", format::count(row.first_packet.number()), clock(start)))
            .item(Item::Packet(row.first_packet)),
        Entry::new("last packet", format!("packet {}, at {}", format::count(row.last_packet.number()), clock(end)))
            .item(Item::Packet(row.last_packet)),
        Entry::new("lasted", format::duration_ns(end.saturating_sub(start))),
        Entry::new("beginning", seen(row.start_seen, "seen: the handshake is in the capture", "not seen: it began before the capture"))
            .hover("Without the beginning, header fields that were put into tables earlier cannot be known.", "RFC 7541 §2.3.2"),
        Entry::new("end", seen(row.end_seen, "seen: FIN of both sides, or RST", "not seen")),
    ]
}

fn tcp(connection: &Connection, direction: Direction) -> Vec<Entry> {
    let side = connection.side(direction);
    let stream = connection.stream(side);
    let Some(counts) = connection.row.tcp.get(side.index()) else {
        return Vec::new();
    };
    let TcpCounts {
        retransmissions,
        out_of_order,
        duplicate_acks,
        zero_windows,
        holes,
        missing_bytes,
    } = *counts;
    let mut entries = vec![
        Entry::new("bytes sent", format::exact_bytes(stream.len())).hover(
            "Bytes of the stream, each counted once, however often it was sent.",
            "",
        ),
    ];
    let rows = [
        ("retransmission", "retransmissions", retransmissions),
        ("out of order", "out of order", out_of_order),
        ("duplicate ACK", "duplicate ACKs", duplicate_acks),
        ("zero window", "zero windows", zero_windows),
    ];
    for (term, name, count) in rows {
        let words = format::counted(u64::from(count), "segment");
        entries.push(Entry::new(term, words).called(name));
    }
    let missing = match holes {
        0 => "none".to_owned(),
        holes => format!(
            "{}, {}",
            format::count(u64::from(holes)),
            format::exact_bytes(missing_bytes)
        ),
    };
    entries.push(Entry::new("hole", missing).called("missing"));
    entries
}

/// All rows of a packet's tab.
pub(super) fn packet_sections(trace: &Trace, packet: PacketId) -> Vec<Section> {
    let Some(row) = trace.packets.get(packet.index()) else {
        return Vec::new();
    };
    let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
    let clock = format::milliseconds(row.time_ns.saturating_sub(origin));
    let mut facts = vec![
        Entry::new("time", format!("{clock} ms")).hover(
            "When it was captured, counted from the first packet.",
            &format::utc(row.time_ns),
        ),
        Entry::new("length", format::exact_bytes(u64::from(row.original_len)))
            .hover("Bytes that it had on the wire.", ""),
    ];
    if row.captured < row.original_len {
        facts.push(
            Entry::new("captured", format::exact_bytes(u64::from(row.captured))).hover(
                "The capture was told to keep only the start of long packets.",
                "",
            ),
        );
    }
    let at = format!("byte {}", format::count(row.offset));
    facts.push(
        Entry::new("in the file", at).hover("Where its first byte is in the capture file.", ""),
    );
    if let Some(interface) = trace.interfaces.get(usize::from(row.interface))
        && !interface.name.is_empty()
    {
        let words = &interface.words;
        let filter = words
            .filter
            .as_ref()
            .map(|text| format!("Captured with the filter: {text}"));
        let about = [
            words.description.as_deref(),
            filter.as_deref(),
            words.comment.as_deref(),
        ];
        let about: Vec<&str> = about.into_iter().flatten().collect();
        facts.push(Entry::new("interface", interface.name.clone()).hover(&about.join("\n"), ""));
    }
    if let Some(skip) = row.skipped {
        facts.push(Entry::new("not read", skip.to_string()));
    }
    if let Some((owner, connection)) = row
        .owner
        .and_then(|owner| Some((owner, trace.connection(owner.connection)?)))
    {
        let direction = connection.direction(owner.side);
        facts.push(
            Entry::new("from", connection.end(direction).to_string()).hover(direction.name(), ""),
        );
        facts.push(
            Entry::new("to", connection.end(direction.other()).to_string())
                .hover(direction.other().name(), ""),
        );
        let entry = Entry::new("connection", connection.id.to_string());
        facts.push(entry.item(Item::Connection(connection.id)));
    }
    vec![Section::new("", facts)]
}
