//! What must hold of any bytes whatever: called by the fuzz targets, and by a test on a bounded corpus.
//!
//! Each function reads its input as one kind of thing and panics when a promise is broken. Nobody else calls them.

use std::io::Cursor;

use bytes::Bytes;

use crate::capture::{Capture, Event, LinkType};
use crate::wire::link::{self, Contents};

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
