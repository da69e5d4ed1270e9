//! What must hold of any bytes whatever: called by the fuzz targets, and by a test on a bounded corpus.
//!
//! Each function reads its input as one kind of thing and panics when a promise is broken. Nobody else calls them.

mod coded;
mod schemas;
mod script;

use std::io::Cursor;

use bytes::Bytes;

use crate::analysis::bodies::{self, Body, Coding, ContentKind};
use crate::analysis::goaways;
use crate::analysis::grpc::{self, MessageReader};
use crate::analysis::shares::Shares;
use crate::capture::{Capture, Event, LinkType};
use crate::report;
use crate::trace::{Carrier, Connection, ExchangeId, FrameId, Http2State, Side, Trace};
use crate::wire::hpack::{self, Table, VecLog};
use crate::wire::http2::{self, ClosedStreams, FrameHeader, Payload};
use crate::wire::link::{self, Contents};
use crate::wire::protobuf::{self, Decoder, Evidence, Overrides, SchemaBuilder};

/// Reads bytes as a capture file to its end. Every packet is found again through the source, and there are no more
/// events than bytes.
pub fn capture(bytes: &[u8]) {
    if let Ok(capture) = Capture::from_bytes(Bytes::copy_from_slice(bytes), "hostile") {
        events(capture, bytes.len().saturating_add(16));
    }
}

/// Reads bytes as what comes through a pipe, which may be compressed.
pub fn unpack(bytes: &[u8]) {
    if let Ok(capture) = Capture::from_reader(Cursor::new(bytes.to_vec()), "hostile") {
        events(capture, usize::MAX);
    }
}

/// Reads bytes as one packet: the first two are the link type. A payload is where it says, and no longer than on the
/// wire.
pub fn link(bytes: &[u8]) {
    let Some((&link_type, packet)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let link_type = LinkType(u16::from_le_bytes(link_type));
    let original_len = u32::try_from(packet.len()).unwrap_or(u32::MAX);
    let (payload, len, offset) = match link::contents(link_type, packet, original_len) {
        Ok(Contents::Segment(segment)) => {
            (segment.payload, segment.payload_len, segment.payload_offset)
        }
        Ok(Contents::Fragment(fragment)) => (
            fragment.payload,
            fragment.payload_len,
            fragment.payload_offset,
        ),
        Err(_) => return,
    };
    assert!(payload.len() <= len);
    assert_eq!(packet.get(offset..offset + payload.len()), Some(payload));
}

/// Reads bytes as a capture up to its trace, and looks at it.
pub fn dissect(bytes: &[u8]) {
    if let Ok(capture) = Capture::from_bytes(Bytes::copy_from_slice(bytes), "hostile") {
        look_at_everything(&crate::dissect::read_all(capture));
    }
}

/// Reads bytes as choices of TCP segments: anywhere in the sequence space, with any flags.
pub fn segments(bytes: &[u8]) {
    dissect(&script::segments(bytes));
}

/// Reads bytes as choices of HTTP/2 frames, other bytes and holes, in both directions of one connection.
pub fn conversation(bytes: &[u8]) {
    dissect(&script::conversation(bytes));
}

/// Reads bytes as choices of what two sides of HTTP/1.1 send: heads, chunks, other bytes and holes.
///
/// The messages of a side follow each other without overlap, and each is one of its exchange's.
pub fn http1(bytes: &[u8]) {
    let file = Bytes::from(script::http1(bytes));
    let Ok(capture) = Capture::from_bytes(file, "hostile") else {
        return;
    };
    let trace = crate::dissect::read_all(capture);
    look_at_everything(&trace);
    for connection in &trace.connections {
        let Some(http1) = connection.http1() else {
            continue;
        };
        let mut ends = [0; 2];
        for row in http1.messages() {
            let end = &mut ends[usize::from(row.side == Side::B)];
            assert!(row.offset >= *end);
            *end = row.range().end;
            assert!(*end <= connection.stream(row.side).len());
            assert!(row.head_packet <= row.last_packet);
            let content: u64 = trace
                .message_content(connection, row)
                .map(|range| range.end - range.start)
                .sum();
            assert!(content <= row.content_bytes && row.content_bytes <= row.body_bytes);
            assert!(content == row.content_bytes || !row.held);
        }
        let count: usize = (0..http1.exchanges().len())
            .map(|index| {
                let id = crate::trace::ExchangeId::from_index(index);
                http1.messages_of(id).count()
            })
            .sum();
        assert_eq!(count, http1.messages().len());
    }
}

/// Reads bytes as a frame. Its notes lie one behind the other, from its first byte to its last.
pub fn frame(bytes: &[u8]) {
    let Some((header, payload)) = bytes.split_first_chunk::<{ FrameHeader::LEN }>() else {
        return;
    };
    let header = FrameHeader::decode(header);
    let mut next = 0;
    for note in http2::fields(&header, payload) {
        assert_eq!(note.range.start, next);
        next = note.range.end;
    }
    assert_eq!(next, header.frame_len());
    if let Ok(decoded) = Payload::decode(&header, payload)
        && let Some((fragment, range)) = decoded.header_block_fragment()
    {
        assert_eq!(payload.get(range), Some(fragment));
    }
}

/// Reads bytes as the header blocks of one direction, each behind a byte with its length. Steps lie one behind the
/// other, and a table never holds more than a limit that is known.
pub fn hpack(bytes: &[u8]) {
    let mut choices = script::Choices::new(bytes);
    let allowed = match choices.byte() {
        0 => None,
        byte => Some(u32::from(byte) * 32),
    };
    let mut table = if allowed.is_some() {
        Table::new(4096)
    } else {
        Table::unseen()
    };
    let mut log = VecLog::new();
    let mut decoder = hpack::Decoder::new();
    while !choices.is_empty() {
        let len = choices.byte().into();
        let block = choices.bytes(len);
        let (before, mut decoded, mut next) = (table, 0_u64, 0);
        let read = decoder.decode(block, &mut table, &mut log, allowed, |step| {
            assert_eq!(step.range().start, next);
            next = step.range().end;
            if let hpack::Step::Field(field) = step {
                decoded = decoded.saturating_add(field.decoded_bytes() as u64);
            }
        });
        assert!(decoded <= hpack::MAX_DECODED_BLOCK_BYTES);
        assert!(table.first >= before.first && table.end >= before.end);
        // An assumed limit evicts nothing: entries that it would push out may still be in force.
        let bounded = table.size_bytes <= u64::from(table.max_size_bytes);
        assert!(bounded || table.limit == hpack::Limit::Assumed);
        assert_eq!(table.entries(&log).count() as u64, table.len());
        match read {
            Ok(_) => assert_eq!(next, block.len()),
            Err(_) => table.lose_history(),
        }
    }
}

/// Asks of a trace all that the commands ask.
///
/// The pieces of each stream follow each other without gap or overlap, and their bytes are found again. The frames of
/// one direction do not overlap, and they became readable in the order of their numbers.
pub fn look_at_everything(trace: &Trace) {
    for connection in &trace.connections {
        for side in Side::BOTH {
            let mut next = 0;
            for piece in connection.stream(side).pieces().iter() {
                assert_eq!(piece.offset, next);
                next = piece.end();
                if let Some(packet) = piece.packet {
                    assert!(packet <= piece.readable);
                    let bytes = trace.packet_bytes(packet).unwrap_or_default();
                    let start = piece.offset_in_packet as usize;
                    assert!(bytes.get(start..start + piece.len as usize).is_some());
                }
            }
        }
        let Some(http2) = connection.http2() else {
            continue;
        };
        let (mut ends, mut packet) = ([0; 2], None);
        for frame in http2.frames.iter() {
            let end = &mut ends[usize::from(frame.side == Side::B)];
            assert!(frame.offset >= *end);
            *end = frame.range().end;
            assert!(packet <= Some(frame.packet));
            packet = Some(frame.packet);
        }
    }
    let out = &mut std::io::sink();
    let json = report::Format::Json;
    let written = report::write_rows(out, json, report::frames::frames(trace))
        .and_then(|()| report::write_rows(out, json, report::streams::streams(trace)))
        .and_then(|()| report::write_rows(out, json, report::headers::headers(trace)))
        .and_then(|()| report::write_rows(out, json, report::connections::connections(trace)))
        .and_then(|()| report::write_rows(out, json, report::findings::findings(trace)))
        .and_then(|()| report::write_rows(out, json, report::packets::packets(trace)))
        .and_then(|()| report::write_rows(out, json, report::holes::holes(trace)));
    assert!(written.is_ok());
    let mut builder = SchemaBuilder::default();
    grpc::learn_reflection(trace, &mut builder);
    let mut reader = MessageReader::new(builder.build(), Overrides::default());
    reader.learn(trace);
    let calls = report::write_rows(out, json, report::calls::calls(trace, &reader));
    let messages = report::write_rows(out, json, report::messages::messages(trace, &reader));
    assert!(calls.is_ok() && messages.is_ok());
    report::stats::stats(trace);
    let written = report::write_rows(out, json, report::requests::requests(trace))
        .and_then(|()| report::write_rows(out, json, report::stalls::stalls(trace)))
        .and_then(|()| report::write_rows(out, json, report::hpack::hpack(trace)));
    assert!(written.is_ok());
    for connection in &trace.connections {
        conclusions(trace, connection);
        let frames = connection.http2().map_or(0, |http2| http2.frames.len());
        for at in [0, frames / 2, frames] {
            let frame = at.checked_sub(1).map(FrameId::from_index);
            if let Some(state) = Http2State::after(connection, frame) {
                let state = report::state::state(trace, connection, &state);
                assert!(state.write_table(out).is_ok());
            }
        }
    }
}

/// How many streams of a connection are followed.
const MAX_FOLLOWED: usize = 64;

/// Draws every conclusion about a connection.
///
/// What of a body is missing and what is there make up the whole. Shares are parts of one, and what was
/// delivered within two halves is what was delivered in all.
fn conclusions(trace: &Trace, connection: &Connection) {
    let exchanges = connection
        .http1()
        .map_or(0, |http1| http1.exchanges().len());
    for index in 0..exchanges.min(MAX_FOLLOWED) {
        bodies(trace, connection, ExchangeId::from_index(index).into());
    }
    let Some(http2) = connection.http2() else {
        return;
    };
    goaways::goaways(trace, connection);
    for row in http2.streams().iter().take(MAX_FOLLOWED) {
        bodies(trace, connection, row.id.into());
    }
    let end = http2.frames.len();
    let instant = |count: usize| count.checked_sub(1).map(FrameId::from_index);
    for sender in Side::BOTH {
        let Some(shares) = Shares::new(trace, connection, sender) else {
            continue;
        };
        let delivered = |from: usize, to: usize| -> u64 {
            let shares = shares.over(instant(from), instant(to), ClosedStreams::Remove);
            assert!(shares.iter().map(|share| share.ideal).sum::<f64>() < 1.0 + 1e-6);
            shares.iter().map(|share| share.delivered_bytes).sum()
        };
        let middle = end / 2;
        let halves = delivered(0, middle) + delivered(middle, end);
        assert_eq!(halves, delivered(0, end));
    }
}

/// Reads bytes as content with each coding, and with several. No more comes out than is allowed.
pub fn content(bytes: &[u8]) {
    for names in [
        "gzip",
        "deflate",
        "br",
        "zstd",
        "zstd, gzip",
        "gzip, br, deflate",
    ] {
        let codings = names
            .split(',')
            .filter_map(|name| Coding::parse(name.as_bytes()));
        let codings: Vec<Coding> = codings.collect();
        let decoded = bodies::decode(bytes, &codings, MAX_CONTENT_BYTES);
        assert!(decoded.bytes.len() as u64 <= MAX_CONTENT_BYTES);
        ContentKind::of(None, &decoded.bytes);
    }
}

/// Reads bytes as choices of a body of gRPC-Web that was compressed as a whole: its codings, how much may come out, where
/// its pieces end, what is damaged. What can be unpacked as a whole comes out of the pieces too, and what was sent for a byte
/// is enough to unpack it.
pub fn coded(bytes: &[u8]) {
    coded::coded(bytes);
}

/// What of the bodies of a stream or an exchange is missing and what is there make up the whole.
fn bodies(trace: &Trace, connection: &Connection, carrier: Carrier) {
    let written = report::follow::write(&mut std::io::sink(), trace, connection, carrier, false);
    assert!(matches!(written, Ok(true)));
    for sender in Side::BOTH {
        let body = Body::of(trace, connection, carrier, sender);
        let Some(body) = body else { continue };
        let captured: u64 = body
            .runs(trace, connection)
            .map(|run| run.len() as u64)
            .sum();
        assert_eq!(captured, body.captured_bytes());
        let mut next = 0;
        for missing in &body.missing {
            assert!(next <= missing.start && missing.start < missing.end);
            next = missing.end;
        }
        assert!(next <= body.len());
    }
}

/// How much may come out of [`content`].
const MAX_CONTENT_BYTES: u64 = 1 << 20;

/// Reads bytes as a protobuf message, with evidence of itself and without. The fields of every message follow each other
/// without gap, from its first byte to its last or to the damage, and lie within their own.
pub fn protobuf(bytes: &[u8]) {
    let mut evidence = Evidence::default();
    evidence.feed("hostile", bytes);
    let alone = Decoder::new().decode(bytes, None);
    fields_tile(&alone, 0, bytes.len());
    let decoder = Decoder::new().with_evidence(&evidence, "hostile");
    fields_tile(&decoder.decode(bytes, None), 0, bytes.len());
    steps_tile(&alone, bytes);
    for name in ["google.protobuf.Value", "google.rpc.Status"] {
        let Some(message_type) = protobuf::schema::built_in().message(name) else {
            continue;
        };
        let message = decoder.decode(bytes, Some(&message_type));
        fields_tile(&message, 0, bytes.len());
        steps_tile(&message, bytes);
        let _ = protobuf::size::sizes(bytes, &message_type);
    }
    // A draft of what was learnt is a schema.
    let overrides = protobuf::Overrides::default();
    let draft = protobuf::draft::draft_message(&evidence, &overrides, "hostile", "Drafted");
    let mut builder = protobuf::SchemaBuilder::default();
    builder.add_source("draft.proto", &draft);
    let drafted = builder.build();
    assert!(
        drafted.problems().is_empty(),
        "{:?}\n{draft}",
        drafted.problems()
    );
    schema(bytes);
}

fn fields_tile(message: &protobuf::tree::Message, start: usize, end: usize) {
    let mut next = start;
    for field in &message.fields {
        assert_eq!(field.range.start, next);
        assert!(field.content.start >= field.range.start);
        assert!(field.content.end <= field.range.end);
        next = field.range.end;
        assert!(next <= end);
        if let Some(inner) = &field.inner {
            fields_tile(inner, field.content.start, field.content.end);
        }
    }
    match message.damage {
        None => assert_eq!(next, end),
        Some(damage) => assert!(damage.at <= end),
    }
}

fn steps_tile(message: &protobuf::tree::Message, bytes: &[u8]) {
    let mut next = 0;
    for step in protobuf::bits::steps(message, bytes) {
        assert_eq!(step.range.start, next);
        next = step.range.end;
    }
    // Fields beyond the limit are not split, nor what is nested too deep.
    assert!(next <= bytes.len());
}

/// Reads bytes as a descriptor set. Every type that comes out can be asked for its fields, and reads bytes.
pub fn schema(bytes: &[u8]) {
    let mut builder = protobuf::SchemaBuilder::default();
    builder.add_descriptor_set("hostile", bytes);
    let schema = builder.build();
    for message_type in schema.pool().all_messages().take(100) {
        let message = Decoder::new().decode(bytes, Some(&message_type));
        fields_tile(&message, 0, bytes.len());
    }
}

/// Reads bytes as the files of a schema: descriptor sets, what servers tell by reflection, texts in every syntax and in
/// editions, importing each other.
pub fn schemas(bytes: &[u8]) {
    schemas::schemas(bytes);
}

fn events(capture: Capture, limit: usize) {
    let source = capture.source();
    for (count, event) in capture.enumerate() {
        assert!(count <= limit, "more events than bytes");
        if let Event::Packet(packet) = event {
            let again = source.bytes(packet.offset, packet.bytes.len());
            assert_eq!(again.as_ref(), Some(&packet.bytes));
        }
    }
}
