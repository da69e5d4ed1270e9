//! The type byte of a frame, and what is known about each number.

use std::fmt;

/// A frame type. Source: RFC 9113 §6 and the IANA registry "HTTP/2 Frame Type".
///
/// Every number is a value: extensions add types, a receiver ignores those it does not know (§5.5), and what a
/// capture holds must be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameKind(pub u8);

impl FrameKind {
    /// Content of a request or response.
    pub const DATA: Self = Self(0x00);
    /// Opens a stream, or carries a response's header or a trailer.
    pub const HEADERS: Self = Self(0x01);
    /// A wish about a stream's place in the priority tree (deprecated).
    pub const PRIORITY: Self = Self(0x02);
    /// Ends a stream at once.
    pub const RST_STREAM: Self = Self(0x03);
    /// Rules one side sets for the connection.
    pub const SETTINGS: Self = Self(0x04);
    /// Announces a response that nobody asked for yet.
    pub const PUSH_PROMISE: Self = Self(0x05);
    /// Measures the round trip or keeps the connection alive.
    pub const PING: Self = Self(0x06);
    /// Winds the connection down.
    pub const GOAWAY: Self = Self(0x07);
    /// Allows the peer to send more `DATA`.
    pub const WINDOW_UPDATE: Self = Self(0x08);
    /// The next part of a header block.
    pub const CONTINUATION: Self = Self(0x09);
    /// Names another place that serves an origin (RFC 7838).
    pub const ALTSVC: Self = Self(0x0a);
    /// Lists the origins this connection may serve (RFC 8336).
    pub const ORIGIN: Self = Self(0x0c);
    /// Changes a request's urgency (RFC 9218).
    pub const PRIORITY_UPDATE: Self = Self(0x10);

    /// The types with a name, in the order of their numbers.
    pub const KNOWN: [Self; 13] = [
        Self::DATA,
        Self::HEADERS,
        Self::PRIORITY,
        Self::RST_STREAM,
        Self::SETTINGS,
        Self::PUSH_PROMISE,
        Self::PING,
        Self::GOAWAY,
        Self::WINDOW_UPDATE,
        Self::CONTINUATION,
        Self::ALTSVC,
        Self::ORIGIN,
        Self::PRIORITY_UPDATE,
    ];

    /// The RFC's name in capitals, `"UNKNOWN"` for every number without one.
    pub fn name(self) -> &'static str {
        match self {
            Self::DATA => "DATA",
            Self::HEADERS => "HEADERS",
            Self::PRIORITY => "PRIORITY",
            Self::RST_STREAM => "RST_STREAM",
            Self::SETTINGS => "SETTINGS",
            Self::PUSH_PROMISE => "PUSH_PROMISE",
            Self::PING => "PING",
            Self::GOAWAY => "GOAWAY",
            Self::WINDOW_UPDATE => "WINDOW_UPDATE",
            Self::CONTINUATION => "CONTINUATION",
            Self::ALTSVC => "ALTSVC",
            Self::ORIGIN => "ORIGIN",
            Self::PRIORITY_UPDATE => "PRIORITY_UPDATE",
            _ => "UNKNOWN",
        }
    }

    /// Whether [`Self::name`] is a real name.
    pub fn is_known(self) -> bool {
        Self::KNOWN.contains(&self)
    }

    /// Something known about a number that has no name; `None` for named types and for numbers that tell nothing.
    pub fn note(self) -> Option<&'static str> {
        match self.0 {
            0x0b => Some(
                "BLOCKED in an abandoned draft of HTTP/2; also the first of the numbers that clients \
                 send as grease, to keep servers tolerant of types they do not know",
            ),
            0x0d => Some("CACHE_DIGEST in an abandoned draft"),
            0x4d => Some(
                "METADATA of draft-beky-httpbis-metadata, as Envoy sends it after setting 0x4d44",
            ),
            0xc8 => Some("SECURITY, private to gRPC, after setting 0xfe05"),
            0x2a | 0x49 | 0x68 | 0x87 | 0xa6 | 0xc5 | 0xe4 => Some(
                "grease (0x0b + 0x1f × n): sent with random content to keep servers tolerant of types \
                 they do not know",
            ),
            _ => None,
        }
    }

    /// What the type is for, in one short sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::DATA => {
                "Carries content of a request or response; the only type under flow control."
            }
            Self::HEADERS => {
                "Carries a header block: it opens a stream with a request, answers one, or ends it with trailers."
            }
            Self::PRIORITY => {
                "Tells where a stream should stand in the priority tree of RFC 7540; deprecated since RFC 9113."
            }
            Self::RST_STREAM => "Ends one stream at once, with the reason; the connection goes on.",
            Self::SETTINGS => {
                "Sets rules that the peer must keep while sending on this connection."
            }
            Self::PUSH_PROMISE => {
                "The server promises a response to a request that the client has not made yet."
            }
            Self::PING => {
                "Asks for the same eight bytes back, to measure a round trip or keep the connection alive."
            }
            Self::GOAWAY => {
                "The sender accepts no more new streams, and says which was the last it may have acted on."
            }
            Self::WINDOW_UPDATE => "Allows the peer to send more bytes of DATA.",
            Self::CONTINUATION => {
                "Carries the next part of a header block that did not fit into one frame."
            }
            Self::ALTSVC => {
                "Names another host, port or protocol where the same origin can be reached."
            }
            Self::ORIGIN => "Lists the origins for which this connection may be used.",
            Self::PRIORITY_UPDATE => "The client changes how urgent a response is to it.",
            _ => {
                "A type this program has no name for; a receiver that does not know it must ignore it."
            }
        }
    }

    /// Where the type is defined, as `"RFC 9113 §6.1"`.
    pub fn section(self) -> &'static str {
        match self {
            Self::DATA => "RFC 9113 §6.1",
            Self::HEADERS => "RFC 9113 §6.2",
            Self::PRIORITY => "RFC 9113 §6.3",
            Self::RST_STREAM => "RFC 9113 §6.4",
            Self::SETTINGS => "RFC 9113 §6.5",
            Self::PUSH_PROMISE => "RFC 9113 §6.6",
            Self::PING => "RFC 9113 §6.7",
            Self::GOAWAY => "RFC 9113 §6.8",
            Self::WINDOW_UPDATE => "RFC 9113 §6.9",
            Self::CONTINUATION => "RFC 9113 §6.10",
            Self::ALTSVC => "RFC 7838 §4",
            Self::ORIGIN => "RFC 8336 §2",
            Self::PRIORITY_UPDATE => "RFC 9218 §7.1",
            _ => "RFC 9113 §5.5",
        }
    }
}

/// The name; numbers without one as `UNKNOWN (0x4d)`.
impl fmt::Display for FrameKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_known() {
            formatter.write_str(self.name())
        } else {
            write!(formatter, "{} ({:#04x})", self.name(), self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_type_has_a_name_and_a_section_of_its_own() {
        let mut names: Vec<_> = FrameKind::KNOWN.iter().map(|kind| kind.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FrameKind::KNOWN.len());
        for kind in FrameKind::KNOWN {
            assert_ne!(kind.section(), FrameKind(0xff).section(), "{kind}");
            assert_ne!(kind.meaning(), FrameKind(0xff).meaning(), "{kind}");
            assert_eq!(kind.note(), None, "{kind}");
        }
    }

    #[test]
    fn numbers_without_a_name_keep_their_number() {
        assert_eq!(FrameKind(0x4d).name(), "UNKNOWN");
        assert_eq!(FrameKind(0x4d).to_string(), "UNKNOWN (0x4d)");
        assert!(FrameKind(0x4d).note().unwrap().contains("METADATA"));
        assert!(FrameKind(0x0b).note().unwrap().contains("BLOCKED"));
        assert_eq!(FrameKind(0x0e).note(), None);
    }

    #[test]
    fn all_eight_greased_numbers_have_a_note() {
        for n in 0..8 {
            let kind = FrameKind(0x0b + 0x1f * n);
            assert!(kind.note().unwrap().contains("grease"), "{kind}");
        }
    }
}
