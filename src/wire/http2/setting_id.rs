//! The identifiers in `SETTINGS`, and what is known about each number.

use std::fmt;

/// A setting's identifier. Source: RFC 9113 §6.5.2 and the IANA registry "HTTP/2 Settings".
///
/// Every 16-bit number is a value: a receiver ignores those it does not know, and what a capture holds must be
/// shown. Names are the RFC's without `SETTINGS_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SettingId(pub u16);

/// What is known about one setting.
struct Entry {
    name: &'static str,
    /// `None`: no limit.
    initial_value: Option<u32>,
    least: u32,
    most: u32,
    allowed: &'static str,
    meaning: &'static str,
    section: &'static str,
}

impl SettingId {
    /// Room for the HPACK dynamic table, in bytes.
    pub const HEADER_TABLE_SIZE: Self = Self(0x1);
    /// Whether the server may push.
    pub const ENABLE_PUSH: Self = Self(0x2);
    /// How many streams the peer may have open.
    pub const MAX_CONCURRENT_STREAMS: Self = Self(0x3);
    /// The window that each new stream starts with, in bytes.
    pub const INITIAL_WINDOW_SIZE: Self = Self(0x4);
    /// The longest payload the sender of this setting accepts.
    pub const MAX_FRAME_SIZE: Self = Self(0x5);
    /// The longest header list the sender of this setting accepts; advice only.
    pub const MAX_HEADER_LIST_SIZE: Self = Self(0x6);
    /// Whether extended `CONNECT` may be used (RFC 8441).
    pub const ENABLE_CONNECT_PROTOCOL: Self = Self(0x8);
    /// Whether the sender disregards RFC 7540 priorities (RFC 9218).
    pub const NO_RFC7540_PRIORITIES: Self = Self(0x9);
    /// Whether TLS renegotiation is supported (`[MS-HTTP2E]`).
    pub const TLS_RENEG_PERMITTED: Self = Self(0x10);
    /// Whether `METADATA` frames are understood (draft-beky-httpbis-metadata).
    pub const ENABLE_METADATA: Self = Self(0x4d44);

    /// The RFC's name without `SETTINGS_`, `None` for numbers that no registry or draft we know names.
    pub fn name(self) -> Option<&'static str> {
        Some(self.entry()?.name)
    }

    /// Something known about a number that has no name.
    pub fn note(self) -> Option<&'static str> {
        match self.0 {
            0x2b60..=0x2b65 => Some("a limit for WebTransport over HTTP/2, from a draft"),
            0xfe03 => Some("gRPC: binary metadata may travel unencoded; not registered"),
            0xfe04 => Some("gRPC: preferred size of frames for encryption; not registered"),
            0xfe05 => Some("gRPC: its private SECURITY frame may be used; not registered"),
            id if id & 0x0f0f == 0x0a0a => Some(
                "grease (0x?a?a): sent with random content to keep receivers tolerant of settings they do not know",
            ),
            _ => None,
        }
    }

    /// What the setting rules, in one short sentence.
    pub fn meaning(self) -> &'static str {
        self.entry().map_or(
            "A setting this program has no name for; a receiver that does not know it must ignore it.",
            |entry| entry.meaning,
        )
    }

    /// The value in force until a `SETTINGS` says otherwise; `None` when there is no limit or it is unknown.
    pub fn initial_value(self) -> Option<u32> {
        self.entry()?.initial_value
    }

    /// Which values are allowed, and what follows from others, in one sentence.
    pub fn allowed(self) -> &'static str {
        self.entry()
            .map_or("Any value; nothing is known about it.", |entry| {
                entry.allowed
            })
    }

    /// Whether `value` is in the allowed range. Who may send it is another question.
    pub fn allows(self, value: u32) -> bool {
        self.entry()
            .is_none_or(|entry| (entry.least..=entry.most).contains(&value))
    }

    /// Where the setting is defined, as `"RFC 9113 §6.5.2"`.
    pub fn section(self) -> &'static str {
        self.entry()
            .map_or("RFC 9113 §6.5.2", |entry| entry.section)
    }

    fn entry(self) -> Option<Entry> {
        Some(match self {
            Self::HEADER_TABLE_SIZE => Entry {
                name: "HEADER_TABLE_SIZE",
                initial_value: Some(4096),
                least: 0,
                most: u32::MAX,
                allowed: "Any number of bytes.",
                meaning: "The peer's HPACK encoder may use a dynamic table of at most this many bytes.",
                section: "RFC 9113 §6.5.2",
            },
            Self::ENABLE_PUSH => Entry {
                name: "ENABLE_PUSH",
                initial_value: Some(1),
                least: 0,
                most: 1,
                allowed: "0 or 1, and 1 from a client only; else PROTOCOL_ERROR.",
                meaning: "Whether the server may send PUSH_PROMISE.",
                section: "RFC 9113 §6.5.2",
            },
            Self::MAX_CONCURRENT_STREAMS => Entry {
                name: "MAX_CONCURRENT_STREAMS",
                initial_value: None,
                least: 0,
                most: u32::MAX,
                allowed: "Any number; there is no limit until it is sent.",
                meaning: "The peer may have this many of its streams open at once.",
                section: "RFC 9113 §6.5.2",
            },
            Self::INITIAL_WINDOW_SIZE => Entry {
                name: "INITIAL_WINDOW_SIZE",
                initial_value: Some(65_535),
                least: 0,
                most: 0x7fff_ffff,
                allowed: "At most 2147483647 bytes; else FLOW_CONTROL_ERROR.",
                meaning: "Each stream's window starts with this many bytes; a change moves all open ones, \
                          not the connection's.",
                section: "RFC 9113 §6.5.2",
            },
            Self::MAX_FRAME_SIZE => Entry {
                name: "MAX_FRAME_SIZE",
                initial_value: Some(16_384),
                least: 16_384,
                most: 0xff_ffff,
                allowed: "16384 to 16777215 bytes; else PROTOCOL_ERROR.",
                meaning: "The peer may send frames with at most this many bytes of payload.",
                section: "RFC 9113 §6.5.2",
            },
            Self::MAX_HEADER_LIST_SIZE => Entry {
                name: "MAX_HEADER_LIST_SIZE",
                initial_value: None,
                least: 0,
                most: u32::MAX,
                allowed: "Any number of bytes; advice only, without limit until it is sent.",
                meaning: "The sender accepts header lists up to this size: names and values uncompressed, \
                          and 32 bytes for each field.",
                section: "RFC 9113 §6.5.2",
            },
            Self::ENABLE_CONNECT_PROTOCOL => Entry {
                name: "ENABLE_CONNECT_PROTOCOL",
                initial_value: Some(0),
                least: 0,
                most: 1,
                allowed: "0 or 1, and never 0 after 1.",
                meaning: "The server takes CONNECT with :protocol, as WebSocket over HTTP/2 needs it.",
                section: "RFC 8441 §3",
            },
            Self::NO_RFC7540_PRIORITIES => Entry {
                name: "NO_RFC7540_PRIORITIES",
                initial_value: Some(0),
                least: 0,
                most: 1,
                allowed: "0 or 1, fixed by the first SETTINGS; else PROTOCOL_ERROR.",
                meaning: "The sender neither sends nor heeds the weights and dependencies of RFC 7540.",
                section: "RFC 9218 §2.1",
            },
            Self::TLS_RENEG_PERMITTED => Entry {
                name: "TLS_RENEG_PERMITTED",
                initial_value: Some(0),
                least: 0,
                most: u32::MAX,
                allowed: "Bits for client and server.",
                meaning: "Whether TLS renegotiation is permitted, for client certificates on Windows.",
                section: "[MS-HTTP2E]",
            },
            Self::ENABLE_METADATA => Entry {
                name: "ENABLE_METADATA",
                initial_value: Some(0),
                least: 0,
                most: u32::MAX,
                allowed: "1 to announce it; the draft is not an RFC.",
                meaning: "The sender understands METADATA frames (type 0x4d).",
                section: "draft-beky-httpbis-metadata",
            },
            _ => return None,
        })
    }
}

/// The name, else the number in hexadecimal.
impl fmt::Display for SettingId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "{:#06x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initial_values_are_those_of_the_rfcs_and_are_allowed() {
        let values: Vec<_> = (1..=9).map(|id| SettingId(id).initial_value()).collect();
        assert_eq!(
            values,
            [
                Some(4096),
                Some(1),
                None,
                Some(65_535),
                Some(16_384),
                None,
                None, // 0x7 is not assigned
                Some(0),
                Some(0),
            ]
        );
        for id in (0..=u16::MAX).map(SettingId) {
            assert!(
                id.initial_value().is_none_or(|value| id.allows(value)),
                "{id}"
            );
        }
    }

    #[test]
    fn ranges_end_where_the_rfc_ends_them() {
        let window = SettingId::INITIAL_WINDOW_SIZE;
        assert!(window.allows(0x7fff_ffff) && !window.allows(0x8000_0000));
        let frame = SettingId::MAX_FRAME_SIZE;
        assert!(!frame.allows(16_383) && frame.allows(16_384));
        assert!(frame.allows(16_777_215) && !frame.allows(16_777_216));
        assert!(!SettingId::ENABLE_PUSH.allows(7));
        assert!(SettingId(0x7777).allows(u32::MAX));
    }

    #[test]
    fn numbers_without_a_name_keep_their_number_and_may_have_a_note() {
        assert_eq!(SettingId(0xfe03).to_string(), "0xfe03");
        assert_eq!(SettingId(0xfe03).name(), None);
        assert!(SettingId(0xfe03).note().unwrap().contains("gRPC"));
        assert!(SettingId(0x5a9b).note().is_none());
        assert!(SettingId(0x5a1a).note().unwrap().contains("grease"));
        assert_eq!(SettingId(0x7).note(), None);
    }
}
