//! Bodies of gRPC-Web that were compressed as a whole: by an encoder and then damaged, or by nobody.

use super::script::Choices;
use crate::analysis::bodies::{self, Coding};
use crate::analysis::grpc::coded::Coded;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::{self, Write};

/// What is applied, one name per choice.
const NAMES: [&[u8]; 5] = [b"gzip", b"deflate", b"br", b"zstd", b"lzma"];

/// The longest content that is made for a body: long enough for a bomb.
const MAX_MADE_BYTES: usize = 1 << 20;

/// At most so many bytes may come out: a power of two up to this one.
const MAX_LIMIT_BITS: u8 = 17;

/// How many ranges of what came out are asked for, spread evenly.
const ASKED: u64 = 4;

/// Reads bytes as choices of such a body. What can be unpacked as a whole comes out of the pieces too; how far a damaged one
/// leads may depend on them. What was sent for a range lies within what was sent, moves on with the range, and is enough:
/// what was sent up to its end gives the range.
pub(super) fn coded(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let count = 1 + choices.byte() % 3;
    let codings: Vec<Coding> = (0..count)
        .filter_map(|_| {
            let name = NAMES.get(usize::from(choices.byte()) % NAMES.len())?;
            Coding::parse(name)
        })
        .collect();
    let limit_bytes = 1_u64 << (choices.byte() % (MAX_LIMIT_BITS + 1));
    // A single byte does not tell zlib from deflate without its frame.
    let piece_len = usize::from(choices.byte()) + 2;
    let sent = Bytes::from(sent(&mut choices, &codings));
    let whole = bodies::decode(&sent[..], &codings, limit_bytes);
    let coded = Coded::decode(codings.clone(), pieces(&sent, piece_len), limit_bytes);
    let len = coded.bytes.len() as u64;
    assert!(len <= limit_bytes);
    if whole.trouble.is_none() {
        assert_eq!(coded.trouble, None);
        assert_eq!(&coded.bytes[..], &whole.bytes[..]);
    }
    if codings
        .iter()
        .any(|coding| matches!(coding, Coding::Unknown(_)))
    {
        assert!(coded.bytes.is_empty());
    }
    let mut before = 0..0;
    for asked in 0..ASKED {
        let range = len * asked / ASKED..len * (asked + 1) / ASKED;
        let from = coded.sent_range(range.clone());
        assert!(from.start <= from.end && from.end <= sent.len() as u64);
        assert!(before.start <= from.start && before.end <= from.end);
        let enough = usize::try_from(from.end).unwrap_or(usize::MAX);
        let enough = sent.slice(..enough.min(sent.len()));
        let again = Coded::decode(codings.clone(), pieces(&enough, piece_len), limit_bytes);
        assert!(again.bytes.len() as u64 >= range.end);
        before = from;
    }
}

/// What is sent: something repeated, packed by those of the codings that there is an encoder for; or the bytes themselves.
/// Some of its last bytes may be cut off, and one byte may be another.
fn sent(choices: &mut Choices<'_>, codings: &[Coding]) -> Vec<u8> {
    let repeated = 1_usize << (choices.byte() % 16);
    let (cut_off, damaged_at) = (choices.byte(), choices.byte());
    let damage = choices.byte();
    let content = choices.bytes(usize::MAX);
    let repeated = repeated.min(MAX_MADE_BYTES / content.len().max(1)).max(1);
    let mut sent = content.repeat(repeated);
    for coding in codings {
        let packed = match coding {
            Coding::Gzip => gzip(&sent),
            Coding::Deflate => zlib(&sent),
            _ => continue,
        };
        sent = packed.unwrap_or(sent);
    }
    sent.truncate(sent.len().saturating_sub(cut_off.into()));
    if let Some(byte) = sent.get_mut(usize::from(damaged_at)) {
        *byte ^= damage;
    }
    sent
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content)?;
    encoder.finish()
}

fn zlib(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content)?;
    encoder.finish()
}

/// Pieces of so many bytes, with an empty one here and there.
fn pieces(sent: &Bytes, len: usize) -> impl Iterator<Item = Bytes> + '_ {
    let count = sent.len().div_ceil(len);
    (0..count).flat_map(move |number| {
        let start = number * len;
        let piece = sent.slice(start..sent.len().min(start + len));
        let empty = (number % 5 == 3).then(Bytes::new);
        empty.into_iter().chain([piece])
    })
}
