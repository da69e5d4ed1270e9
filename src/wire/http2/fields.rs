//! Names every byte of a frame for a person: which field it belongs to, what it says and what that is for.
//!
//! The inspector lists these notes and the window lights their bytes, so they tile the frame: sorted, disjoint,
//! and together all of it, whatever the bytes are. Each frame type notes its own fields beside its decoder;
//! this file speaks for the header and for what cannot be read, and `walk` keeps the tiling.

use std::ops::Range;

use super::walk::{Label, RESERVED_SET, Walk, byte_count};
use super::{
    AltSvc, Continuation, Data, FrameHeader, FrameKind, Goaway, Headers, Origin, Payload, Ping,
    Priority, PriorityUpdate, PushPromise, RstStream, Settings, WindowUpdate, flags,
};
use crate::wire::reader::TooShort;

/// One field of a frame, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldNote {
    /// The RFC's name of the field, in lower case; a setting goes by its own name.
    pub name: &'static str,
    /// What the bytes say.
    pub value: String,
    /// Where they are, counted from the first byte of the nine-byte frame header. May be empty.
    pub range: Range<usize>,
    /// What the field is for, in one sentence.
    pub meaning: &'static str,
    /// Where it is defined, as `"RFC 9113 §6.9"`.
    pub section: &'static str,
}

/// The fields of a frame, header and payload, in the order of their bytes.
///
/// The ranges cover `0..9 + header.length` without a gap. Bytes that cannot be read get a note `"unreadable"` with
/// the reason; when `payload` is shorter than the header says, a note `"not captured"` stands for what is missing.
/// Bytes of `payload` beyond the header's length are no part of this frame and are not looked at.
pub fn fields(header: &FrameHeader, payload: &[u8]) -> Vec<FieldNote> {
    let length = header.length as usize;
    let payload = payload.get(..length).unwrap_or(payload);
    let mut walk = Walk::new(header, payload);
    header_fields(&mut walk);
    let read = payload_fields(&mut walk);
    if payload.len() < length {
        walk.note_missing(payload.len());
    } else if let Err(error) = Payload::decode(header, payload) {
        walk.note_unreadable(error.to_string());
    } else if read.is_err() || !walk.at_end() {
        walk.note_unreadable("These bytes belong to no field.".to_owned());
    }
    walk.into_notes()
}

fn payload_fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
    match walk.header().kind {
        FrameKind::DATA => Data::fields(walk),
        FrameKind::HEADERS => Headers::fields(walk),
        FrameKind::PRIORITY => Priority::fields(walk),
        FrameKind::RST_STREAM => RstStream::fields(walk),
        FrameKind::SETTINGS => Settings::fields(walk),
        FrameKind::PUSH_PROMISE => PushPromise::fields(walk),
        FrameKind::PING => Ping::fields(walk),
        FrameKind::GOAWAY => Goaway::fields(walk),
        FrameKind::WINDOW_UPDATE => WindowUpdate::fields(walk),
        FrameKind::CONTINUATION => Continuation::fields(walk),
        FrameKind::ALTSVC => AltSvc::fields(walk),
        FrameKind::ORIGIN => Origin::fields(walk),
        FrameKind::PRIORITY_UPDATE => PriorityUpdate::fields(walk),
        _ => walk.bytes(&UNKNOWN_PAYLOAD, walk.remaining(), |bytes| {
            byte_count(bytes.len())
        }),
    }
}

const UNKNOWN_PAYLOAD: Label = Label {
    name: "payload",
    meaning: "Bytes of a frame type that this program does not know; a receiver that does not know it ignores them.",
    section: "RFC 9113 §5.5",
};

/// The header's four entries. The reserved bit shares a byte with the stream identifier, and so a note.
fn header_fields(walk: &mut Walk<'_>) {
    let header = walk.header();
    let mut note = |name, value, range, meaning| {
        let section = "RFC 9113 §4.1";
        walk.push(FieldNote {
            name,
            value,
            range,
            meaning,
            section,
        });
    };
    note(
        "length",
        byte_count(header.length as usize),
        0..3,
        "How many bytes of payload follow; the nine bytes of this header do not count.",
    );
    let kind = match header.kind.note() {
        Some(text) => format!("{} ({:#04x}): {text}", header.kind.name(), header.kind.0),
        None => format!("{} ({:#04x})", header.kind.name(), header.kind.0),
    };
    note("type", kind, 3..4, header.kind.meaning());
    let mut value = header.flags.to_string();
    for name in header.flags.names(header.kind) {
        value.push(' ');
        value.push_str(name);
    }
    let undefined = header.flags.undefined(header.kind);
    if undefined.0 != 0 {
        value.push_str(&format!(" (without meaning here: {undefined})"));
    }
    note("flags", value, 4..5, flags::meaning(header.kind));
    let reserved = if header.reserved { RESERVED_SET } else { "" };
    note(
        "stream identifier",
        format!("{}{reserved}", header.stream),
        5..FrameHeader::LEN,
        if header.stream.is_connection() {
            "0: this frame is about the connection as a whole."
        } else if header.stream.is_client_initiated() {
            "The stream this frame belongs to; the client opened it, as the odd number tells."
        } else {
            "The stream this frame belongs to; the server promised it, as the even number tells."
        },
    );
}

#[cfg(test)]
mod tests {
    use super::super::walk::MAX_LIST_NOTES;
    use super::super::{ErrorCode, Flags, SettingId, StreamId};
    use super::*;
    use proptest::prelude::*;

    /// The notes on one written frame, as `name: value range` lines.
    fn lines(frame: &[u8]) -> Vec<String> {
        let header = FrameHeader::decode(frame.first_chunk().unwrap());
        fields(&header, &frame[FrameHeader::LEN..])
            .iter()
            .map(|note| format!("{:?} {}: {}", note.range, note.name, note.value))
            .collect()
    }

    #[test]
    fn a_padded_request_with_priority_names_every_byte() {
        let mut out = Vec::new();
        let flags = Flags::END_HEADERS | Flags(0x40);
        let priority = Priority {
            exclusive: true,
            ..Priority::DEFAULT
        };
        Headers::encode(
            &mut out,
            StreamId(1),
            flags,
            &[0x82, 0x84],
            Some(priority),
            Some(3),
        );
        assert_eq!(
            lines(&out),
            [
                "0..3 length: 11 bytes",
                "3..4 type: HEADERS (0x01)",
                "4..5 flags: 0x6c END_HEADERS PADDED PRIORITY (without meaning here: 0x40)",
                "5..9 stream identifier: 1",
                "9..10 pad length: 3 bytes",
                "10..14 stream dependency: exclusive, on 0",
                "14..15 weight: 16",
                "15..17 header block fragment: 2 bytes",
                "17..20 padding: 3 bytes",
            ]
        );
    }

    #[test]
    fn each_setting_is_an_entry_of_its_own() {
        let mut out = Vec::new();
        let settings = [(SettingId::MAX_FRAME_SIZE, 1), (SettingId(0xfe03), 1)];
        Settings::encode(&mut out, &settings);
        assert_eq!(
            lines(&out)[4..],
            [
                "9..15 MAX_FRAME_SIZE: 1 (setting 0x5), which is not allowed: 16384 to 16777215 bytes; else PROTOCOL_ERROR.",
                "15..21 unknown setting: 1 (setting 0xfe03: gRPC: binary metadata may travel unencoded; not registered)",
            ]
        );
    }

    #[test]
    fn text_in_a_goaway_is_shown_and_escaped() {
        let mut out = Vec::new();
        Goaway::encode(&mut out, StreamId(3), ErrorCode(0xb), b"too_many_pings\n");
        assert_eq!(
            lines(&out)[4..],
            [
                "9..13 last stream ID: 3",
                "13..17 error code: ENHANCE_YOUR_CALM (0xb): The peer behaves in a way that may cause too much load.",
                "17..32 additional debug data: \"too_many_pings\\n\"",
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let frame = [
            0, 0, 3,    // length
            0x08, // WINDOW_UPDATE
            0,    // flags
            0, 0, 0, 0, // stream 0
            0, 0, 1, // one byte short
        ];
        assert_eq!(
            lines(&frame)[4..],
            [
                "9..12 unreadable: WINDOW_UPDATE has a payload of length 3, and its RFC allows only 4"
            ]
        );
        let frame = [
            0, 0, 2,    // length
            0x00, // DATA
            0x08, // PADDED
            0, 0, 0, 1, // stream 1
            9, // pad length, too long
            0, // what is left
        ];
        assert_eq!(
            lines(&frame)[4..],
            [
                "9..10 pad length: 9 bytes",
                "10..11 unreadable: DATA claims padding of length 9, but from offset 1 of its payload on there is only room for 1",
            ]
        );
    }

    #[test]
    fn a_frame_cut_by_the_capture_keeps_what_there_is() {
        let frame = [
            0, 0, 8,    // length
            0x00, // DATA
            0x08, // PADDED
            0, 0, 0, 1, // stream 1
            2, // pad length
            b'a', b'b', // data, three bytes missing, and the padding
        ];
        assert_eq!(
            lines(&frame)[4..],
            [
                "9..10 pad length: 2 bytes",
                "10..12 data: 2 bytes; the capture holds 2 of 5 bytes",
                "12..17 not captured: 5 bytes; the capture holds 3 of 8",
            ]
        );
    }

    #[test]
    fn a_frame_with_millions_of_settings_gets_few_notes() {
        let mut out = Vec::new();
        Settings::encode(&mut out, &vec![(SettingId(0x77), 0); 100_000]);
        let lines = lines(&out);
        assert_eq!(lines.len(), MAX_LIST_NOTES + 1);
        assert!(lines.last().unwrap().contains("600009 more settings"));
    }

    proptest! {
        #[test]
        fn notes_tile_any_frame(
            kind in 0_u8..=0x12,
            flags: u8,
            stream: u32,
            length in 0_u32..48,
            payload in proptest::collection::vec(prop_oneof![0_u8..6, any::<u8>()], 0..48),
        ) {
            let header = FrameHeader {
                length,
                kind: FrameKind(kind),
                flags: Flags(flags),
                reserved: stream > StreamId::MAX.0,
                stream: StreamId::from_low_31_bits(stream),
            };
            let notes = fields(&header, &payload);
            let mut at = 0;
            for note in &notes {
                prop_assert_eq!(note.range.start, at, "{:?}", notes);
                prop_assert!(note.range.end >= at, "{:?}", notes);
                at = note.range.end;
            }
            prop_assert_eq!(at, header.frame_len(), "{:?}", notes);

            // Whole frames say "unreadable" exactly when the decoder does.
            if let Some(whole) = payload.get(..length as usize) {
                let unreadable = notes.iter().any(|note| note.name == "unreadable");
                let error = Payload::decode(&header, whole).is_err();
                prop_assert_eq!(unreadable, error, "{:?}", notes);
            }
        }
    }
}
