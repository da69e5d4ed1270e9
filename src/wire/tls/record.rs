//! The record layer: what TLS cuts a stream into.

use std::fmt;

/// The header of a TLS record.
///
/// ```text
/// +---------------+-------------------------------+-------------------------------+
/// | Content Type  |        Legacy Version         |            Length             |
/// +---------------+-------------------------------+-------------------------------+
/// ```
///
/// Source: RFC 8446 §5.1, RFC 5246 §6.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// What the record carries; `application_data` for nearly everything that TLS 1.3 encrypts.
    pub content_type: ContentType,
    /// 0x0301 or 0x0303; the version in use is in the hellos.
    pub legacy_version: u16,
    /// Length of what follows the header.
    pub length: u16,
}

impl RecordHeader {
    /// Length of the header.
    pub const LEN: usize = 5;

    /// The longest record: 2^14 bytes and 2048 for what encryption adds. Source: RFC 5246 §6.2.3.
    pub const MAX_LENGTH: u16 = (1 << 14) + 2048;

    /// Reads a header. Whether it makes sense is up to [`RecordHeader::plausible`].
    pub fn decode(bytes: [u8; Self::LEN]) -> Self {
        let [content_type, v0, v1, l0, l1] = bytes;
        Self {
            content_type: ContentType(content_type),
            legacy_version: u16::from_be_bytes([v0, v1]),
            length: u16::from_be_bytes([l0, l1]),
        }
    }

    /// Whether TLS would write such a header: a known content type, version 3.x, and a length that may be.
    pub fn plausible(self) -> bool {
        self.content_type.name().is_some()
            && (0x0300..=0x0304).contains(&self.legacy_version)
            && self.length <= Self::MAX_LENGTH
            && (self.length > 0 || self.content_type == ContentType::APPLICATION_DATA)
    }
}

/// What a record carries. Source: RFC 8446 §5.1, RFC 6520 §3.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentType(pub u8);

impl ContentType {
    /// Kept for middleboxes in TLS 1.3, a real message before.
    pub const CHANGE_CIPHER_SPEC: Self = Self(20);
    /// An alert.
    pub const ALERT: Self = Self(21);
    /// Handshake messages.
    pub const HANDSHAKE: Self = Self(22);
    /// What the application sends, or anything encrypted in TLS 1.3.
    pub const APPLICATION_DATA: Self = Self(23);
    /// A heartbeat.
    pub const HEARTBEAT: Self = Self(24);

    /// The name of the RFC; `None` for other numbers.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::CHANGE_CIPHER_SPEC => "change_cipher_spec",
            Self::ALERT => "alert",
            Self::HANDSHAKE => "handshake",
            Self::APPLICATION_DATA => "application_data",
            Self::HEARTBEAT => "heartbeat",
            _ => return None,
        })
    }
}

impl fmt::Debug for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "ContentType({})", self.0),
        }
    }
}

/// Why a side gave up. Source: RFC 8446 §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AlertDescription(pub u8);

impl AlertDescription {
    /// The name of the RFC; `None` for other numbers.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            22 => "record_overflow",
            40 => "handshake_failure",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            109 => "missing_extension",
            110 => "unsupported_extension",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            _ => return None,
        })
    }
}

impl fmt::Display for AlertDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "alert {}", self.0),
        }
    }
}

/// How much the first bytes of a stream are like TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They are a TLS record header, and of a handshake the message is one too.
    Yes,
    /// Too few bytes to tell.
    Maybe,
    /// They are something else.
    No,
}

/// Whether a direction of a connection begins like TLS. Six bytes are enough to tell.
///
/// A capture that starts in the middle may begin with any record, so all content types count.
pub fn looks_like_tls(first: &[u8]) -> Likeness {
    let type_fits = |byte: &u8| ContentType(*byte).name().is_some();
    let fits = match first {
        [] => true,
        [kind] => type_fits(kind),
        [kind, major] => type_fits(kind) && *major == 3,
        [kind, major, minor] | [kind, major, minor, _] => {
            type_fits(kind) && *major == 3 && *minor <= 4
        }
        [t, v0, v1, l0, l1, rest @ ..] => {
            let header = RecordHeader::decode([*t, *v0, *v1, *l0, *l1]);
            if !header.plausible() {
                return Likeness::No;
            }
            if header.content_type != ContentType::HANDSHAKE {
                return Likeness::Yes;
            }
            // A first message is a hello or, encrypted in TLS 1.2, noise; the latter is not the start of a stream.
            return match rest.first() {
                None => Likeness::Maybe,
                Some(0..=2) => Likeness::Yes,
                Some(_) => Likeness::No,
            };
        }
    };
    if fits { Likeness::Maybe } else { Likeness::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_protocols_do_not_look_like_tls() {
        for other in [
            &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
            b"GET / HTTP/1.1\r\n",
            b"HTTP/1.1 200 OK\r\n",
            b"SSH-2.0-OpenSSH_9.2",
            &[0, 0, 18, 4, 0, 0, 0, 0, 0], // SETTINGS
            &[22, 3, 9, 0, 5, 1],          // no such version
            &[22, 3, 1, 0, 0, 1],          // an empty handshake record
            &[22, 3, 1, 0xff, 0xff, 1],    // too long
            &[22, 3, 1, 0, 5, 77],         // no such handshake message
        ] {
            assert_eq!(looks_like_tls(other), Likeness::No, "{other:?}");
        }
    }

    #[test]
    fn six_bytes_tell_and_fewer_may_be() {
        let hello = [22, 3, 1, 2, 0, 1];
        for len in 0..6 {
            assert_eq!(looks_like_tls(&hello[..len]), Likeness::Maybe, "{len}");
        }
        assert_eq!(looks_like_tls(&hello), Likeness::Yes);
        assert_eq!(looks_like_tls(&[23, 3, 3, 0, 40]), Likeness::Yes);
    }
}
