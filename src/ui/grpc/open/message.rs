//! A message taken apart, and the way between its fields and the bytes of frames.

use super::MAX_COMPARED_BYTES;
use crate::analysis::grpc::Payload;
use crate::report::protobuf::ComparisonReport;
use crate::trace::{ConnectionId, Direction, Unit};
use crate::ui::Item;
use crate::ui::widgets::format;
use crate::ui::widgets::protobuf::Parsed;
use std::ops::Range;

/// A message taken apart.
pub struct OpenMessage {
    /// Who sends it.
    pub direction: Direction,
    /// What its fields are pooled and said under.
    pub scope: String,
    /// Its bytes.
    pub payload: Payload,
    /// Its fields; `None` when it is not protobuf or cannot be unpacked.
    pub parsed: Option<Parsed>,
    /// What this and the other version of the schema read in it, when there is another.
    pub comparison: Option<ComparisonReport>,
    /// Why it could not be read to its end, or is no protobuf: a sentence.
    pub trouble: Option<String>,
    /// Whether a thread is still taking it apart: until then there are no fields.
    pub working: bool,
    /// Whether its fields lie in the frames as they are: neither compressed nor in base64.
    pub in_place: bool,
    /// As what all content of its sender was sent, when that was base64 or compressed as a whole.
    pub(super) sent_as: Option<String>,
    /// Whether the message itself is compressed.
    pub(super) compressed: bool,
    /// Its payload: frames or messages of HTTP/1.1, and ranges of each counted from its first byte.
    pub(super) places: Vec<(Unit, Range<u32>)>,
}

impl OpenMessage {
    /// Why two versions of the schema are not compared by this message: a sentence.
    pub fn not_compared(&self) -> String {
        let bytes = self.payload.decoded.as_ref().map_or(0, bytes::Bytes::len);
        if self.working {
            "The message is being taken apart.".to_owned()
        } else if bytes > MAX_COMPARED_BYTES {
            format!(
                "This message has {}. Two readings are put side by side of messages up to {}: choose a smaller one of \
                 the same type, or compare all of them with wireloom messages --proto … --against ….",
                format::exact_bytes(bytes as u64),
                format::exact_bytes(MAX_COMPARED_BYTES as u64)
            )
        } else if self.parsed.is_none() {
            "There is nothing to compare: the message cannot be read as protobuf.".to_owned()
        } else {
            "There is nothing to compare: one of the two versions has no type for this message."
                .to_owned()
        }
    }

    /// Where the bytes of its fields are, when that is not simply in one frame: a sentence.
    pub fn place_words(&self) -> Option<String> {
        let frames = self.places.len() as u64;
        if !self.in_place {
            let sent = format::exact_bytes(self.payload.sent.len() as u64);
            let how = match (&self.sent_as, self.compressed) {
                (None, _) => format!("{sent} of compressed data became them"),
                (Some(whole), false) => format!("all content of this side was sent as {whole}"),
                (Some(whole), true) => format!(
                    "{sent} of compressed data became them, and all content of this side was sent as {whole}"
                ),
            };
            return Some(format!(
                "These bytes were never on the wire: {how}. What is lit in frames and layers is what the message \
                 travelled in."
            ));
        }
        (frames > 1).then(|| {
            format!(
                "The message lies in {}; a field may begin in one and end in another.",
                format::counted(frames, "DATA frame")
            )
        })
    }

    /// In how many frames a range of the unpacked message lies.
    pub fn frames_of(&self, range: Range<usize>) -> usize {
        self.parts(range).count()
    }

    /// The parts of frames or messages of HTTP/1.1 that hold a range of the unpacked message; all of it where single bytes
    /// cannot be told.
    pub fn parts(&self, range: Range<usize>) -> impl Iterator<Item = (Unit, Range<u32>)> + '_ {
        let whole = 0..u64::MAX;
        let wanted = match self.in_place {
            true => range.start as u64..range.end as u64,
            false => whole,
        };
        let mut before = 0_u64;
        self.places.iter().filter_map(move |(unit, place)| {
            let start = before;
            let len = u64::from(place.end.saturating_sub(place.start));
            before = start.saturating_add(len);
            let from = wanted.start.max(start);
            let to = wanted.end.min(before);
            let at = |offset: u64| {
                place
                    .start
                    .saturating_add(u32::try_from(offset - start).unwrap_or(u32::MAX))
            };
            (from < to).then(|| (*unit, at(from)..at(to)))
        })
    }

    /// The byte of the unpacked message that lies at a byte of a frame; `None` where single bytes cannot be told.
    pub fn decoded_at(&self, unit: Unit, byte: u32) -> Option<usize> {
        if !self.in_place {
            return None;
        }
        let mut before = 0_usize;
        for (of, place) in &self.places {
            if *of == unit && place.contains(&byte) {
                return Some(before + (byte - place.start) as usize);
            }
            before = before.saturating_add(place.len());
        }
        None
    }

    /// What a range of the unpacked message is as an item: its bytes in the frame that is preferred, else in the first.
    pub fn item(
        &self,
        connection: ConnectionId,
        range: Range<usize>,
        preferred: Option<Unit>,
    ) -> Option<Item> {
        let in_preferred = self
            .parts(range.clone())
            .find(|(unit, _)| Some(*unit) == preferred);
        let (unit, range) = in_preferred.or_else(|| self.parts(range).next())?;
        Some(Item::of_bytes(connection, unit, range))
    }
}
