//! The walk over a payload that gives every byte to exactly one note.
//!
//! The frame types say what a field is; this says where it is, so that none of them can leave a gap.

use super::{FieldNote, FrameHeader, StreamId};
use crate::wire::reader::{Reader, TooShort};

/// Lists of entries (`SETTINGS`, `ORIGIN`) get at most this many notes; one more note folds the rest. Nobody reads
/// further, and a frame of 16 MB could hold millions.
pub(super) const MAX_LIST_NOTES: usize = 1024;

/// Said after the value of a field whose reserved bit is set.
pub(super) const RESERVED_SET: &str = " (and the reserved bit is set, which receivers ignore)";

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
    /// Starts behind the header, at the payload's first byte. `payload` is no longer than the header says.
    pub(super) fn new(header: &FrameHeader, payload: &'a [u8]) -> Self {
        Self {
            header: *header,
            reader: Reader::at(payload, FrameHeader::LEN),
            end: header.frame_len(),
            notes: Vec::new(),
        }
    }

    /// The notes so far, in the order of their bytes.
    pub(super) fn into_notes(self) -> Vec<FieldNote> {
        self.notes
    }

    /// Adds a note on bytes before the payload.
    pub(super) fn push(&mut self, note: FieldNote) {
        self.notes.push(note);
    }

    /// Whether every byte that was captured has its note.
    pub(super) fn at_end(&self) -> bool {
        self.reader.is_empty()
    }

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
                let text = format!(
                    "{}; the capture holds {} of {len} bytes",
                    value(bytes),
                    bytes.len()
                );
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
        let mut ahead = self.reader;
        let (label, value) = read(ahead.take(len)?)?;
        self.reader = ahead;
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
            format!("{} more of the same kind", byte_count(bytes.len()))
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

    /// Gives all that is left to one note with the reason.
    pub(super) fn note_unreadable(&mut self, reason: String) {
        let start = self.reader.position();
        self.reader.rest();
        self.note(&UNREADABLE, reason, start);
    }

    /// Closes a frame of which the capture holds only the first `captured` bytes of payload.
    pub(super) fn note_missing(&mut self, captured: usize) {
        if !self.reader.is_empty() {
            self.note_unreadable("The capture ends inside this field.".to_owned());
        }
        let range = self.reader.position()..self.end;
        self.notes.push(FieldNote {
            name: "not captured",
            value: format!(
                "{}; the capture holds {captured} of {}",
                byte_count(range.len()),
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
    meaning: "Nobody can tell what these bytes mean; the value says why.",
    section: "RFC 9113 §4.2",
};

/// "1 byte", "2 bytes".
pub(super) fn byte_count(count: usize) -> String {
    match count {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

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
