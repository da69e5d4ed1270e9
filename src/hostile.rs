//! What must hold of any bytes whatever: called by the fuzz targets, and by a test on a bounded corpus.
//!
//! Each function reads its input as one kind of thing and panics when a promise is broken. Nobody else calls them.

use std::io::Cursor;

use bytes::Bytes;

use crate::capture::{Capture, Event, LinkType};
use crate::wire::link::{self, Contents};
use crate::wire::protobuf::{self, Decoder, Evidence};

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

/// Reads bytes as a capture up to its trace. The pieces of each stream follow each other without gap or overlap, and
/// their bytes are found again.
pub fn dissect(bytes: &[u8]) {
    let Ok(capture) = Capture::from_bytes(Bytes::copy_from_slice(bytes), "hostile") else {
        return;
    };
    let trace = crate::dissect::read_all(capture);
    for connection in &trace.connections {
        for side in crate::trace::Side::BOTH {
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
    }
}

/// Reads bytes as a protobuf message, with evidence of itself and without. The fields of every message follow each other
/// without gap, from its first byte to its last or to the damage, and lie within their own.
pub fn protobuf(bytes: &[u8]) {
    let mut evidence = Evidence::default();
    evidence.feed("hostile", bytes);
    let alone = Decoder::new().decode(bytes, None);
    fields_tile(&alone, 0, bytes.len());
    let decoder = Decoder::new().with_evidence(&evidence, "hostile");
    fields_tile(&decoder.decode(bytes, None), 0, bytes.len());
    for name in ["google.protobuf.Value", "google.rpc.Status"] {
        let message_type = protobuf::schema::built_in().message(name);
        fields_tile(
            &decoder.decode(bytes, message_type.as_ref()),
            0,
            bytes.len(),
        );
    }
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
