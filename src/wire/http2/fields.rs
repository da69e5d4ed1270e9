//! Names every byte of a frame for a person: which field it belongs to, what it says and what that is for.
//!
//! The inspector lists these notes and the window lights their bytes, so they tile the frame: sorted, disjoint,
//! and together all of it, whatever the bytes are. Each frame type notes its own fields beside its decoder;
//! this file keeps the tiling and speaks for the header and for what cannot be read.

use std::ops::Range;

use super::{
    AltSvc, Continuation, Data, FrameHeader, FrameKind, Goaway, Headers, Origin, Payload, Ping,
    Priority, PriorityUpdate, PushPromise, RstStream, Settings, StreamId, WindowUpdate, flags,
};
use crate::wire::reader::{Reader, TooShort};

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

/// Lists of entries (`SETTINGS`, `ORIGIN`) get at most this many notes; one more note folds the rest. Nobody reads
/// further, and a frame of 16 MB could hold millions.
const MAX_LIST_NOTES: usize = 1024;

/// The fields of a frame, header and payload, in the order of their bytes.
///
/// The ranges cover `0..9 + header.length` without a gap. Bytes that cannot be read get a note `"unreadable"` with
/// the reason; when `payload` is shorter than the header says, a note `"not captured"` stands for what is missing.
/// Bytes of `payload` beyond the header's length are no part of this frame and are not looked at.
pub fn fields(header: &FrameHeader, payload: &[u8]) -> Vec<FieldNote> {
    let length = header.length as usize;
    let payload = payload.get(..length).unwrap_or(payload);
    let mut walk = Walk {
        header: *header,
        reader: Reader::at(payload, FrameHeader::LEN),
        end: header.frame_len(),
        notes: Vec::new(),
    };
    header_fields(&mut walk);
    let read = payload_fields(&mut walk);
    if payload.len() < length {
        walk.note_missing(payload.len());
    } else if let Err(error) = Payload::decode(header, payload) {
        walk.note_unreadable(error.to_string());
    } else if read.is_err() || !walk.reader.is_empty() {
        walk.note_unreadable("These bytes belong to no field.".to_owned());
    }
    walk.notes
}

fn payload_fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
    match walk.header.kind {
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
            format!("{} bytes", bytes.len())
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
    let header = walk.header;
    let mut note = |name, value, range, meaning| {
        walk.notes.push(FieldNote {
            name,
            value,
            range,
            meaning,
            section: "RFC 9113 §4.1",
        });
    };
    note(
        "length",
        format!("{} bytes", header.length),
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

const RESERVED_SET: &str = " (and the reserved bit is set, which receivers ignore)";

/// What stays the same about a field, whatever its value.
pub(super) struct Label {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) section: &'static str,
}

/// Goes through a payload and notes its fields. Each step notes exactly the bytes it moves over.
///
/// The payload may end before its length says so, when the capture does: then a step fails and the walk ends.
pub(super) struct Walk<'a> {
    header: FrameHeader,
    reader: Reader<'a>,
    end: usize,
    notes: Vec<FieldNote>,
}

impl<'a> Walk<'a> {
    pub(super) fn header(&self) -> FrameHeader {
        self.header
    }

    /// Bytes until the frame ends by its length, captured or not.
    pub(super) fn remaining(&self) -> usize {
        self.end.saturating_sub(self.reader.position())
    }

    pub(super) fn u8(
        &mut self,
        label: &Label,
        value: impl FnOnce(u8) -> String,
    ) -> Result<u8, TooShort> {
        let start = self.reader.position();
        let number = self.reader.u8()?;
        self.note(label, value(number), start);
        Ok(number)
    }

    pub(super) fn u16(
        &mut self,
        label: &Label,
        value: impl FnOnce(u16) -> String,
    ) -> Result<u16, TooShort> {
        let start = self.reader.position();
        let number = self.reader.u16()?;
        self.note(label, value(number), start);
        Ok(number)
    }

    pub(super) fn u32(
        &mut self,
        label: &Label,
        value: impl FnOnce(u32) -> String,
    ) -> Result<u32, TooShort> {
        let start = self.reader.position();
        let number = self.reader.u32()?;
        self.note(label, value(number), start);
        Ok(number)
    }

    /// A 31-bit number after a reserved bit.
    pub(super) fn u31(
        &mut self,
        label: &Label,
        value: impl FnOnce(u32) -> String,
    ) -> Result<u32, TooShort> {
        let low = |raw: u32| StreamId::from_low_31_bits(raw).0;
        let raw = self.u32(label, |raw| {
            let reserved = if raw == low(raw) { "" } else { RESERVED_SET };
            value(low(raw)) + reserved
        })?;
        Ok(low(raw))
    }

    /// A field of `len` bytes. When the capture ends inside it, what there is gets the note, and the walk ends.
    pub(super) fn bytes(
        &mut self,
        label: &Label,
        len: usize,
        value: impl FnOnce(&'a [u8]) -> String,
    ) -> Result<(), TooShort> {
        let start = self.reader.position();
        match self.reader.take(len) {
            Ok(bytes) => {
                self.note(label, value(bytes), start);
                Ok(())
            }
            // Within the frame, but the capture ends first.
            Err(short) if len <= self.remaining() && !self.reader.is_empty() => {
                let bytes = self.reader.rest();
                let text = format!("{}, of {len} bytes", value(bytes));
                self.note(label, text, start);
                Err(short)
            }
            Err(short) => Err(short),
        }
    }

    /// A list's entry of `len` bytes, whose label depends on what it says.
    pub(super) fn labelled(
        &mut self,
        len: usize,
        read: impl FnOnce(&'a [u8]) -> Result<(Label, String), TooShort>,
    ) -> Result<(), TooShort> {
        let start = self.reader.position();
        let (label, value) = read(self.reader.take(len)?)?;
        self.note(&label, value, start);
        Ok(())
    }

    /// The next two bytes as a number, without moving; `None` when the frame or the capture ends first.
    pub(super) fn peek_u16(&self) -> Option<u16> {
        let mut ahead = self.reader;
        ahead.u16().ok()
    }

    /// Whether a list has had its share of notes; then the rest of the frame gets one note.
    pub(super) fn folds_list(&mut self, label: &Label) -> bool {
        if self.notes.len() < MAX_LIST_NOTES {
            return false;
        }
        // A failure here only means that the capture ends first, which the caller finds out itself.
        let _ = self.bytes(label, self.remaining(), |bytes| {
            format!("{} bytes more of the same kind", bytes.len())
        });
        true
    }

    fn note(&mut self, label: &Label, value: String, start: usize) {
        self.notes.push(FieldNote {
            name: label.name,
            value,
            range: start..self.reader.position(),
            meaning: label.meaning,
            section: label.section,
        });
    }

    fn note_unreadable(&mut self, reason: String) {
        let start = self.reader.position();
        self.reader.rest();
        self.note(&UNREADABLE, reason, start);
    }

    fn note_missing(&mut self, captured: usize) {
        if !self.reader.is_empty() {
            self.note_unreadable("The capture ends inside this field.".to_owned());
        }
        let range = self.reader.position()..self.end;
        self.notes.push(FieldNote {
            name: "not captured",
            value: format!(
                "{} bytes; the capture holds {captured} of {}",
                range.len(),
                self.header.length
            ),
            range,
            meaning: "These bytes were on the wire, but they are not in the capture.",
            section: "RFC 9113 §4.1",
        });
    }
}

const UNREADABLE: Label = Label {
    name: "unreadable",
    meaning: "These bytes do not say what the frame's type wants to hear, so nobody can tell what they mean.",
    section: "RFC 9113 §4.2",
};

/// Bytes that should be text, for a line on the screen: bad UTF-8 as U+FFFD, control characters escaped, cut when long.
pub(super) fn text(bytes: &[u8]) -> String {
    /// Longer than any line on a screen; the bytes themselves are shown elsewhere.
    const LONGEST: usize = 256;
    let shown = bytes.get(..LONGEST).unwrap_or(bytes);
    let mut text = String::from("\"");
    text.extend(
        String::from_utf8_lossy(shown)
            .chars()
            .flat_map(char::escape_debug),
    );
    text.push('"');
    if shown.len() < bytes.len() {
        text.push_str(&format!("… ({} bytes)", bytes.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{ErrorCode, Flags, SettingId};
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
            ["9..12 unreadable: WINDOW_UPDATE carries 3 bytes where its RFC fixes 4"]
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
                "10..11 unreadable: DATA claims 9 bytes of padding at its end, but after the first 1 bytes of the payload only 1 are left",
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
                "10..12 data: 2 bytes, of 5 bytes",
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
