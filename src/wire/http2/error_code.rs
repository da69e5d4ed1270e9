//! The reasons that `RST_STREAM` and `GOAWAY` give.

use std::fmt;

/// An HTTP/2 error code, from `RST_STREAM` and `GOAWAY`. Source: RFC 9113 §7.
///
/// Every 32-bit number is a value: extensions add codes, and what a capture holds must be shown. A receiver
/// treats a code it does not know as `INTERNAL_ERROR` or as nothing special.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// Nothing is wrong: a graceful end.
    pub const NO_ERROR: Self = Self(0x0);
    /// A rule was broken that has no code of its own.
    pub const PROTOCOL_ERROR: Self = Self(0x1);
    /// The endpoint itself failed.
    pub const INTERNAL_ERROR: Self = Self(0x2);
    /// More was sent than the window allowed, or a window grew too large.
    pub const FLOW_CONTROL_ERROR: Self = Self(0x3);
    /// No acknowledgement of a `SETTINGS` came in time.
    pub const SETTINGS_TIMEOUT: Self = Self(0x4);
    /// A frame came for a stream that was half-closed.
    pub const STREAM_CLOSED: Self = Self(0x5);
    /// A frame had an invalid size.
    pub const FRAME_SIZE_ERROR: Self = Self(0x6);
    /// The stream was refused before any processing, so a retry is safe.
    pub const REFUSED_STREAM: Self = Self(0x7);
    /// The stream is no longer needed.
    pub const CANCEL: Self = Self(0x8);
    /// The header compression context cannot be kept.
    pub const COMPRESSION_ERROR: Self = Self(0x9);
    /// The connection behind a `CONNECT` failed.
    pub const CONNECT_ERROR: Self = Self(0xa);
    /// The peer causes too much load.
    pub const ENHANCE_YOUR_CALM: Self = Self(0xb);
    /// TLS below does not meet the requirements.
    pub const INADEQUATE_SECURITY: Self = Self(0xc);
    /// Use HTTP/1.1 instead.
    pub const HTTP_1_1_REQUIRED: Self = Self(0xd);

    /// The RFC's name, `None` for codes it does not define.
    pub fn name(self) -> Option<&'static str> {
        Some(self.entry()?.0)
    }

    /// What the code says, in one short sentence.
    pub fn meaning(self) -> &'static str {
        self.entry().map_or(
            "No RFC defines this code; receivers may treat it as INTERNAL_ERROR.",
            |(_, meaning)| meaning,
        )
    }

    fn entry(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::NO_ERROR => (
                "NO_ERROR",
                "Nothing is wrong; this ends what is no longer needed.",
            ),
            Self::PROTOCOL_ERROR => (
                "PROTOCOL_ERROR",
                "The peer broke a rule that has no code of its own.",
            ),
            Self::INTERNAL_ERROR => ("INTERNAL_ERROR", "The sender of this code failed inside."),
            Self::FLOW_CONTROL_ERROR => (
                "FLOW_CONTROL_ERROR",
                "The peer sent more than the window allowed, or made a window too large.",
            ),
            Self::SETTINGS_TIMEOUT => (
                "SETTINGS_TIMEOUT",
                "The peer did not acknowledge SETTINGS in time.",
            ),
            Self::STREAM_CLOSED => (
                "STREAM_CLOSED",
                "The peer sent a frame on a stream it had already ended.",
            ),
            Self::FRAME_SIZE_ERROR => (
                "FRAME_SIZE_ERROR",
                "The peer sent a frame of a size that is not allowed.",
            ),
            Self::REFUSED_STREAM => (
                "REFUSED_STREAM",
                "The stream was refused before anything was done with it, so it is safe to try again.",
            ),
            Self::CANCEL => (
                "CANCEL",
                "The sender of this code no longer needs the stream.",
            ),
            Self::COMPRESSION_ERROR => (
                "COMPRESSION_ERROR",
                "A header block could not be decoded, so the HPACK table is lost for the whole connection.",
            ),
            Self::CONNECT_ERROR => (
                "CONNECT_ERROR",
                "The TCP connection behind a CONNECT request was reset or failed.",
            ),
            Self::ENHANCE_YOUR_CALM => (
                "ENHANCE_YOUR_CALM",
                "The peer behaves in a way that may cause too much load.",
            ),
            Self::INADEQUATE_SECURITY => (
                "INADEQUATE_SECURITY",
                "The TLS below does not meet what HTTP/2 requires.",
            ),
            Self::HTTP_1_1_REQUIRED => (
                "HTTP_1_1_REQUIRED",
                "The request must be made over HTTP/1.1 instead.",
            ),
            _ => return None,
        })
    }
}

/// The name, else the number in hexadecimal.
impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "{:#x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourteen_codes_of_the_rfc_have_names_and_the_next_has_none() {
        assert_eq!(ErrorCode(0x0).name(), Some("NO_ERROR"));
        assert_eq!(ErrorCode(0x8).name(), Some("CANCEL"));
        assert_eq!(ErrorCode(0xd).name(), Some("HTTP_1_1_REQUIRED"));
        assert!((0x0..=0xd).all(|code| ErrorCode(code).name().is_some()));
        assert_eq!(ErrorCode(0xe).name(), None);
        assert_eq!(ErrorCode(0xe).to_string(), "0xe");
        assert!(ErrorCode(u32::MAX).meaning().contains("INTERNAL_ERROR"));
    }
}
