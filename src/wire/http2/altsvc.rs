//! `ALTSVC`: the same origin in another place.

use super::walk::{Label, Walk, byte_count, text};
use super::{Flags, FrameError, FrameKind, StreamId, encode_frame};
use crate::wire::reader::{Reader, TooShort};
use crate::wire::structured_fields::is_http_token_byte;

/// `ALTSVC`: another host, port or protocol that serves an origin.
///
/// ```text
/// +-------------------------------+-------------------------------+
/// |         Origin-Len (16)       | Origin? (*)                 ...
/// +-------------------------------+-------------------------------+
/// |                   Alt-Svc-Field-Value (*)                   ...
/// +---------------------------------------------------------------+
/// ```
///
/// On stream 0 the origin is named; on another stream it is empty and the request's origin is meant. Frames that
/// break this are ignored by clients but decode here.
///
/// Source: RFC 7838 §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AltSvc<'a> {
    /// ASCII origin, as `https://example.com`; empty on a stream.
    pub origin: &'a [u8],
    /// What an `Alt-Svc` header field would say, as `h3=":443"`.
    pub field_value: &'a [u8],
}

impl<'a> AltSvc<'a> {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooShort`] when the origin's length or the origin is cut.
    pub fn decode(payload: &'a [u8]) -> Result<Self, FrameError> {
        let kind = FrameKind::ALTSVC;
        let mut reader = Reader::new(payload);
        let length = reader
            .u16()
            .map_err(FrameError::in_field(kind, ORIGIN_LEN.name))?;
        let origin = reader
            .take(usize::from(length))
            .map_err(FrameError::in_field(kind, ORIGIN.name))?;
        Ok(Self {
            origin,
            field_value: reader.rest(),
        })
    }

    /// Appends a whole frame. An origin longer than 65535 bytes is cut to that.
    pub fn encode(&self, out: &mut Vec<u8>, stream: StreamId) {
        let mut payload = Vec::with_capacity(2 + self.origin.len() + self.field_value.len());
        encode_origin(&mut payload, self.origin);
        payload.extend_from_slice(self.field_value);
        encode_frame(out, FrameKind::ALTSVC, Flags::NONE, stream, &payload);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        let length = walk.u16(&ORIGIN_LEN, |length| byte_count(usize::from(length)))?;
        if length > 0 {
            walk.bytes(&ORIGIN, usize::from(length), text)?;
        }
        walk.bytes(&FIELD_VALUE, walk.remaining(), text)
    }
}

/// Appends an origin after its 16-bit length, cutting it to what that length can say.
pub(super) fn encode_origin(payload: &mut Vec<u8>, origin: &[u8]) {
    let origin = origin.get(..usize::from(u16::MAX)).unwrap_or(origin);
    let length = u16::try_from(origin.len()).unwrap_or(u16::MAX);
    payload.extend_from_slice(&length.to_be_bytes());
    payload.extend_from_slice(origin);
}

/// Whether a value follows the grammar of `Alt-Svc`, so that a client can make use of it: `clear`, or a list such as
/// `h3=":443"; ma=3600, h2="other.example:8000"`.
///
/// Source: RFC 7838 §3.
pub fn is_alt_svc_value(value: &[u8]) -> bool {
    if value.trim_ascii() == b"clear" {
        return true;
    }
    let mut rest = value.trim_ascii();
    let mut alternatives = 0;
    loop {
        let Some(after) = alternative(rest) else {
            return false;
        };
        alternatives += 1;
        rest = after.trim_ascii_start();
        // Empty elements of a list are skipped (RFC 9110 §5.6.1.2).
        let had_comma = rest.first() == Some(&b',');
        while let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
        }
        if rest.is_empty() {
            return alternatives > 0;
        }
        if !had_comma {
            return false;
        }
    }
}

/// Takes `h3=":443"; ma=3600` from the front, and gives what is behind it.
fn alternative(value: &[u8]) -> Option<&[u8]> {
    let rest = token(value)?.strip_prefix(b"=")?;
    let (authority, mut rest) = quoted_string(rest)?;
    let colon = authority.iter().rposition(|&byte| byte == b':')?;
    let port = authority.get(colon + 1..)?;
    if port.is_empty() || !port.iter().all(u8::is_ascii_digit) {
        return None;
    }
    while let Some(after) = rest.trim_ascii_start().strip_prefix(b";") {
        let value = token(after.trim_ascii_start())?.strip_prefix(b"=")?;
        rest = match quoted_string(value) {
            Some((_, after)) => after,
            None => token(value)?,
        };
    }
    Some(rest)
}

/// What is behind a token of at least one byte.
fn token(value: &[u8]) -> Option<&[u8]> {
    let length = value
        .iter()
        .take_while(|&&byte| is_http_token_byte(byte))
        .count();
    value.get(length..).filter(|_| length > 0)
}

/// What a quoted string holds, as it is written, and what is behind it.
fn quoted_string(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = value.strip_prefix(b"\"")?;
    let mut escaped = false;
    let end = inner.iter().position(|&byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some((inner.get(..end)?, inner.get(end + 1..)?))
}

const ORIGIN_LEN: Label = Label {
    name: "origin length",
    meaning: "How many bytes the origin has; 0 when it is the origin of the stream's request.",
    section: "RFC 7838 §4",
};

const ORIGIN: Label = Label {
    name: "origin",
    meaning: "The origin that can be reached in another place too.",
    section: "RFC 7838 §4",
};

const FIELD_VALUE: Label = Label {
    name: "Alt-Svc field value",
    meaning: "The other place and the protocol spoken there, as an Alt-Svc header field would say it.",
    section: "RFC 7838 §3",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_and_value_are_told_apart_by_the_length() {
        let payload = [
            0, 2, // origin length
            b'h', b'o', // origin
            b'h', b'3', // field value
        ];
        let expected = AltSvc {
            origin: b"ho",
            field_value: b"h3",
        };
        assert_eq!(AltSvc::decode(&payload), Ok(expected));
        assert_eq!(AltSvc::decode(&[0, 0]).unwrap().field_value, b"");
    }

    #[test]
    fn an_origin_longer_than_the_frame_is_an_error() {
        let error = AltSvc::decode(&[0, 9, b'h']).unwrap_err();
        assert_eq!(
            error,
            FrameError::TooShort {
                kind: FrameKind::ALTSVC,
                field: "origin",
                needed: 9,
                available: 1,
                offset: 2,
            }
        );
        let error = AltSvc::decode(&[0]).unwrap_err();
        assert!(matches!(
            error,
            FrameError::TooShort {
                field: "origin length",
                ..
            }
        ));
    }

    #[test]
    fn what_is_written_reads_back() {
        let alt_svc = AltSvc {
            origin: b"https://example.com",
            field_value: b"h3=\":443\"",
        };
        let mut out = Vec::new();
        alt_svc.encode(&mut out, StreamId::CONNECTION);
        assert_eq!(AltSvc::decode(&out[9..]), Ok(alt_svc));
    }

    #[test]
    fn values_that_clients_can_use_follow_the_grammar() {
        for fine in [
            "clear",
            "h2=\":8000\"",
            "h3=\":443\"; ma=2592000,h3-29=\":443\"; ma=2592000",
            "h2=\"alt.example:443\" ; persist=1 , , w%3Dx=\"[::1]:1\";v=\"a;b\"",
        ] {
            assert!(is_alt_svc_value(fine.as_bytes()), "{fine}");
        }
        for odd in [
            "",
            "h2",
            "h2=:443",
            "h2=\"host\"",
            "h2=\"host:\"",
            "h2=\":443",
            "clear, h2=\":1\"",
            "h2=\":1\" h3=\":2\"",
            "h2=\":1\";",
            "h2=\":1\"; ma",
            "=\":1\"",
            "h2=\":1\"x",
        ] {
            assert!(!is_alt_svc_value(odd.as_bytes()), "{odd}");
        }
    }
}
