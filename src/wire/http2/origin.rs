//! `ORIGIN`: what this connection may serve.

use super::altsvc::encode_origin;
use super::walk::{Label, Walk, text};
use super::{Flags, FrameError, FrameKind, StreamId, encode_frame};
use crate::wire::reader::{Reader, TooShort};

/// `ORIGIN`: the origins for which the client may use this connection.
///
/// ```text
/// +-------------------------------+-------------------------------+
/// |         Origin-Len (16)       | ASCII-Origin? (*)           ...
/// +-------------------------------+-------------------------------+
///                    any number of these, even none
/// ```
///
/// Source: RFC 8336 §2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The payload, known to be whole entries.
    entries: &'a [u8],
}

impl<'a> Origin<'a> {
    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooShort`] when an entry is cut.
    pub fn decode(payload: &'a [u8]) -> Result<Self, FrameError> {
        let kind = FrameKind::ORIGIN;
        let mut reader = Reader::new(payload);
        while !reader.is_empty() {
            let length = reader
                .u16()
                .map_err(FrameError::in_field(kind, ENTRY_LEN_NAME))?;
            reader
                .take(usize::from(length))
                .map_err(FrameError::in_field(kind, ENTRY.name))?;
        }
        Ok(Self { entries: payload })
    }

    /// The origins in the order they came, as `https://example.com`. Bytes, since a capture may hold any.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut reader = Reader::new(self.entries);
        std::iter::from_fn(move || read_entry(&mut reader).ok())
    }

    /// Appends a whole frame, on stream 0. Origins longer than 65535 bytes are cut to that.
    pub fn encode(out: &mut Vec<u8>, origins: &[&[u8]]) {
        let mut payload = Vec::new();
        for origin in origins {
            encode_origin(&mut payload, origin);
        }
        let stream = StreamId::CONNECTION;
        encode_frame(out, FrameKind::ORIGIN, Flags::NONE, stream, &payload);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        while let Some(length) = walk.peek_u16() {
            if walk.folds_list(&MORE_ORIGINS) {
                return Ok(());
            }
            let entry_len = usize::from(length) + 2;
            if entry_len > walk.remaining() {
                return Ok(()); // The rest is unreadable, and the decoder says why.
            }
            walk.bytes(&ENTRY, entry_len, |entry| {
                text(entry.get(2..).unwrap_or_default())
            })?;
        }
        Ok(())
    }
}

/// Whether an entry is an origin as browsers write it, `scheme://host` with or without `:port` and nothing behind.
/// Clients ignore other entries.
///
/// Source: RFC 8336 §2.1 and §2.3, RFC 6454 §6.2.
pub fn is_origin(entry: &[u8]) -> bool {
    let Some(colon) = entry.windows(3).position(|part| part == b"://") else {
        return false;
    };
    let (scheme, rest) = entry.split_at(colon);
    let authority = rest.get(3..).unwrap_or_default();
    let scheme_byte = |&byte: &u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')
    };
    let bracket = authority.iter().rposition(|&byte| byte == b']');
    let behind_host = authority.get(bracket.unwrap_or(0)..).unwrap_or_default();
    let port = behind_host
        .iter()
        .position(|&byte| byte == b':')
        .map_or(&b"0"[..], |colon| {
            behind_host.get(colon + 1..).unwrap_or_default()
        });
    let host_byte = |&byte: &u8| byte.is_ascii_graphic() && !b"/?#@\\".contains(&byte);
    scheme.first().is_some_and(u8::is_ascii_lowercase)
        && scheme.iter().all(scheme_byte)
        && !authority.is_empty()
        && !authority.starts_with(b":")
        && authority.iter().all(host_byte)
        && !port.is_empty()
        && port.iter().all(u8::is_ascii_digit)
}

fn read_entry<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], TooShort> {
    let length = reader.u16()?;
    reader.take(usize::from(length))
}

const ENTRY_LEN_NAME: &str = "origin length";

const ENTRY: Label = Label {
    name: "origin",
    meaning: "An origin this connection may serve, after two bytes that say how long it is.",
    section: "RFC 8336 §2",
};

const MORE_ORIGINS: Label = Label {
    name: "more origins",
    meaning: "Far more origins than any server needs; they are not listed one by one.",
    section: "RFC 8336 §2",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_in_order_and_may_be_none_or_empty() {
        let payload = [
            0, 1, b'a', // first origin
            0, 0, // an empty one
            0, 2, b'b', b'c', // third
        ];
        let origin = Origin::decode(&payload).unwrap();
        let expected: [&[u8]; 3] = [b"a", b"", b"bc"];
        assert_eq!(origin.iter().collect::<Vec<_>>(), expected);
        assert_eq!(Origin::decode(&[]).unwrap().iter().count(), 0);
    }

    #[test]
    fn a_cut_entry_is_an_error_with_its_place() {
        let error = Origin::decode(&[0, 1, b'a', 0, 2, b'b']).unwrap_err();
        assert_eq!(
            error,
            FrameError::TooShort {
                kind: FrameKind::ORIGIN,
                field: "origin",
                needed: 2,
                available: 1,
                offset: 5,
            }
        );
        let error = Origin::decode(&[0, 1, b'a', 0]).unwrap_err();
        assert!(matches!(
            error,
            FrameError::TooShort {
                field: "origin length",
                offset: 3,
                ..
            }
        ));
    }

    #[test]
    fn what_is_written_reads_back() {
        let origins: [&[u8]; 2] = [b"https://a.example", b"https://b.example"];
        let mut out = Vec::new();
        Origin::encode(&mut out, &origins);
        let origin = Origin::decode(&out[9..]).unwrap();
        assert_eq!(origin.iter().collect::<Vec<_>>(), origins);
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for fine in [
            "https://a.example",
            "http://a:8080",
            "https://[::1]",
            "https://[::1]:443",
        ] {
            assert!(is_origin(fine.as_bytes()), "{fine}");
        }
        for odd in [
            "",
            "null",
            "a.example",
            "https://",
            "https://a/",
            "https://a:",
            "https://a:x",
            "https://:1",
            "https://u@a",
            "HTTPS://a",
            "://a",
            "https://a b",
        ] {
            assert!(!is_origin(odd.as_bytes()), "{odd}");
        }
    }
}
