//! gRPC-Web: a body in base64, and trailers that are the body's last message.
//!
//! Source: `PROTOCOL-WEB.md`.

use std::ops::Range;

/// A body of `grpc-web-text`, decoded: base64, possibly several pieces after each other, each with its
/// own padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextBody {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many characters were read: all of them, or up to the damage, or up to a group that is not
    /// all there.
    pub read: usize,
    /// Whether a character came that is none of base64.
    pub damaged: bool,
    /// Where pieces begin, as (byte, character): positions run on evenly from each.
    pieces: Vec<(usize, usize)>,
}

impl TextBody {
    /// Decodes a body as far as it can be read. Four characters are up to three bytes.
    pub fn decode(text: &[u8]) -> Self {
        let mut body = Self {
            pieces: vec![(0, 0)],
            ..Self::default()
        };
        let (groups, _) = text.as_chunks::<4>();
        for group in groups {
            let padding = group.iter().rev().take_while(|&&c| c == b'=').count();
            let Some(bits) = group_bits(group, padding) else {
                body.damaged = true;
                return body;
            };
            let [_, bytes @ ..] = bits.to_be_bytes();
            let count = bytes.len().saturating_sub(padding);
            body.bytes.extend(bytes.iter().take(count));
            body.read += group.len();
            if padding > 0 {
                body.pieces.push((body.bytes.len(), body.read));
            }
        }
        body
    }

    /// The characters that a range of bytes was decoded from, in whole groups.
    pub fn characters(&self, range: Range<usize>) -> Range<usize> {
        let first = self.group_of(range.start);
        let last = self.group_of(range.end.saturating_sub(1).max(range.start));
        let end = if range.is_empty() { first } else { last + 4 };
        first..end.min(self.read)
    }

    /// Where the group begins that holds a byte.
    fn group_of(&self, byte: usize) -> usize {
        let after = self.pieces.partition_point(|(start, _)| *start <= byte);
        let piece = after.checked_sub(1).and_then(|at| self.pieces.get(at));
        let (start, character) = piece.copied().unwrap_or_default();
        character + (byte - start) / 3 * 4
    }
}

/// The 24 bits of a group, the padding as zeros.
fn group_bits(group: &[u8; 4], padding: usize) -> Option<u32> {
    if padding > 2 {
        return None;
    }
    let characters = group.iter().take(group.len() - padding);
    let bits = characters
        .map(|&c| sextet(c))
        .try_fold(0, |bits, sextet| Some(bits << 6 | sextet?))?;
    Some(bits << (6 * padding))
}

fn sextet(character: u8) -> Option<u32> {
    let value = match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// The trailers in the payload of the last message: lines of `name: value`, names in any case.
pub fn trailers(payload: &[u8]) -> impl Iterator<Item = (Vec<u8>, &[u8])> {
    payload
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            let name = name.trim_ascii().to_ascii_lowercase();
            (!name.is_empty()).then(|| (name, value.get(1..).unwrap_or_default().trim_ascii()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    #[test]
    fn pieces_with_their_own_padding_follow_each_other() {
        // "AAAAAAI=" is 00 00 00 00 02, "CCo=" is 08 2a.
        let body = TextBody::decode(b"AAAAAAI=CCo=");
        assert_eq!(body.bytes, [0, 0, 0, 0, 2, 8, 42]);
        assert_eq!((body.read, body.damaged), (12, false));
        assert_eq!(body.characters(0..5), 0..8);
        assert_eq!(body.characters(5..7), 8..12);
        assert_eq!(body.characters(6..7), 8..12);
        assert_eq!(body.characters(4..6), 4..12);
        assert_eq!(body.characters(7..7), 12..12);
    }

    #[test]
    fn reading_stops_at_the_damage_and_at_half_a_group() {
        let body = TextBody::decode(b"CCo=C!o=");
        assert_eq!(
            (body.bytes.as_slice(), body.read, body.damaged),
            (&[8, 42][..], 4, true)
        );
        let body = TextBody::decode(b"CCo=CC");
        assert_eq!((body.read, body.damaged), (4, false));
        assert!(TextBody::decode(b"A===").damaged);
        assert!(TextBody::decode(b"A=A=").damaged);
    }

    #[test]
    fn trailers_are_lines() {
        let found: Vec<_> =
            trailers(b"grpc-status:0\r\nGrpc-Message: all: well \r\nnonsense\r\n").collect();
        assert_eq!(
            found,
            [
                (b"grpc-status".to_vec(), &b"0"[..]),
                (b"grpc-message".to_vec(), &b"all: well"[..]),
            ]
        );
    }

    proptest! {
        #[test]
        fn pieces_of_base64_decode_to_the_joined_bytes(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..5)
        ) {
            let text: String = pieces.iter().map(|piece| STANDARD.encode(piece)).collect();
            let body = TextBody::decode(text.as_bytes());
            prop_assert_eq!(&body.bytes, &pieces.concat());
            prop_assert_eq!(body.read, text.len());
            for byte in 0..body.bytes.len() {
                let characters = body.characters(byte..byte + 1);
                let group = TextBody::decode(&text.as_bytes()[characters]);
                prop_assert!(group.bytes.contains(&body.bytes[byte]));
            }
        }
    }
}
