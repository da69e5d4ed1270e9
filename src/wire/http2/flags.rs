//! The flags byte of a frame. The same bit means different things in different frame types.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

use super::FrameKind;

/// The eight flag bits of a frame header. Source: RFC 9113 §4.1, meanings in §6.1 to §6.10.
///
/// Bits that the frame's type does not define have no meaning and are ignored by a receiver; they are kept
/// here because a capture may hold them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// `DATA`, `HEADERS`: the sender sends no more on this stream.
    pub const END_STREAM: Self = Self(0x01);
    /// `SETTINGS`, `PING`: the answer to the peer's frame.
    pub const ACK: Self = Self(0x01);
    /// `HEADERS`, `PUSH_PROMISE`, `CONTINUATION`: the header block ends here.
    pub const END_HEADERS: Self = Self(0x04);
    /// `DATA`, `HEADERS`, `PUSH_PROMISE`: a pad length comes first and padding last.
    pub const PADDED: Self = Self(0x08);
    /// `HEADERS`: five bytes of priority come before the header block. Deprecated.
    pub const PRIORITY: Self = Self(0x20);

    /// Whether all bits of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The same flags with those of `other` added when `condition` holds.
    #[must_use]
    pub fn with_if(self, condition: bool, other: Self) -> Self {
        if condition { self | other } else { self }
    }

    /// The names of the set flags that `kind` defines, lowest bit first.
    pub fn names(self, kind: FrameKind) -> impl Iterator<Item = &'static str> {
        defined(kind)
            .iter()
            .filter(move |(flag, _)| self.contains(*flag))
            .map(|(_, name)| *name)
    }

    /// The set bits that `kind` gives no meaning to.
    #[must_use]
    pub fn undefined(self, kind: FrameKind) -> Self {
        let known = defined(kind)
            .iter()
            .fold(0, |bits, (flag, _)| bits | flag.0);
        Self(self.0 & !known)
    }
}

/// The flags that a frame type defines, lowest bit first.
fn defined(kind: FrameKind) -> &'static [(Flags, &'static str)] {
    match kind {
        FrameKind::DATA => &[(Flags::END_STREAM, "END_STREAM"), (Flags::PADDED, "PADDED")],
        FrameKind::HEADERS => &[
            (Flags::END_STREAM, "END_STREAM"),
            (Flags::END_HEADERS, "END_HEADERS"),
            (Flags::PADDED, "PADDED"),
            (Flags::PRIORITY, "PRIORITY"),
        ],
        FrameKind::SETTINGS | FrameKind::PING => &[(Flags::ACK, "ACK")],
        FrameKind::PUSH_PROMISE => &[
            (Flags::END_HEADERS, "END_HEADERS"),
            (Flags::PADDED, "PADDED"),
        ],
        FrameKind::CONTINUATION => &[(Flags::END_HEADERS, "END_HEADERS")],
        _ => &[],
    }
}

/// One sentence on the flags of a frame type, for the inspector.
pub(super) fn meaning(kind: FrameKind) -> &'static str {
    match kind {
        FrameKind::DATA => {
            "END_STREAM: the sender is done with this stream. PADDED: padding follows the data."
        }
        FrameKind::HEADERS => {
            "END_STREAM: no body follows. END_HEADERS: the header block is complete. \
             PADDED: padding follows it. PRIORITY: a priority comes before it."
        }
        FrameKind::SETTINGS => "ACK: the peer's settings were received and are in force.",
        FrameKind::PING => "ACK: this is the answer, with the same eight bytes.",
        FrameKind::PUSH_PROMISE => {
            "END_HEADERS: the promised request's header block is complete. PADDED: padding follows it."
        }
        FrameKind::CONTINUATION => "END_HEADERS: the header block is complete with this frame.",
        _ => "This frame type defines no flags; a receiver ignores any that are set.",
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

/// The byte in hexadecimal, as `0x05`.
impl fmt::Display for Flags {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#04x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(flags: u8, kind: FrameKind) -> Vec<&'static str> {
        Flags(flags).names(kind).collect()
    }

    #[test]
    fn the_same_bit_has_a_name_by_frame_type() {
        assert_eq!(names(0x01, FrameKind::DATA), ["END_STREAM"]);
        assert_eq!(names(0x01, FrameKind::PING), ["ACK"]);
        assert_eq!(names(0x01, FrameKind::CONTINUATION), [""; 0]);
        assert_eq!(
            names(0x2d, FrameKind::HEADERS),
            ["END_STREAM", "END_HEADERS", "PADDED", "PRIORITY"]
        );
    }

    #[test]
    fn bits_without_a_meaning_are_told_apart() {
        assert_eq!(names(0xff, FrameKind::DATA), ["END_STREAM", "PADDED"]);
        assert_eq!(Flags(0xff).undefined(FrameKind::DATA), Flags(0xf6));
        assert_eq!(names(0xff, FrameKind(0xee)), [""; 0]);
        assert_eq!(Flags(0xff).undefined(FrameKind(0xee)), Flags(0xff));
    }
}
