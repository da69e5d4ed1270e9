//! `grpc-encoding`: how compressed messages are packed, and unpacking them within a limit.
//!
//! Source: `compression.md`. A message is compressed on its own: what came before it does not matter.

use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, Write};

/// What one message may unpack to. Our choice: four times what gRPC's libraries accept unless told otherwise
/// (4 MiB). A larger message is shown up to here.
pub const MAX_UNPACKED_BYTES: usize = 16 << 20;

/// How far back zstd may refer. Source: RFC 8878 §3.1.1.1.2 wants decoders to support 8 MiB.
const MAX_ZSTD_WINDOW_BYTES: u64 = 8 << 20;

/// Bytes that are unpacked between two looks at the limit.
const STEP_BYTES: usize = 64 << 10;

/// How a compressed message is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950, with a header of two bytes; some senders leave it out.
    Deflate,
    /// RFC 8878.
    Zstd,
    /// Google's Snappy, in its framing or as one block.
    Snappy,
}

impl Encoding {
    /// The encoding that a field names; `None` for one that cannot be unpacked here.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        match name.trim_ascii() {
            b"identity" => Some(Encoding::Identity),
            b"gzip" => Some(Encoding::Gzip),
            b"deflate" => Some(Encoding::Deflate),
            b"zstd" => Some(Encoding::Zstd),
            b"snappy" => Some(Encoding::Snappy),
            _ => None,
        }
    }

    /// The name in `grpc-encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Identity => "identity",
            Encoding::Gzip => "gzip",
            Encoding::Deflate => "deflate",
            Encoding::Zstd => "zstd",
            Encoding::Snappy => "snappy",
        }
    }
}

/// Why a message could not be unpacked to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// More would come out than may.
    #[error("it unpacks to more than {limit} bytes, which is where unpacking stopped")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The bytes are not what they are said to be, or end early.
    #[error("what follows the first {unpacked} bytes is not {}", encoding.name())]
    Damaged {
        /// What they are said to be.
        encoding: Encoding,
        /// How much came out before.
        unpacked: usize,
    },
}

/// What came out of a message, and why nothing more did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The bytes before any trouble.
    pub bytes: Vec<u8>,
    /// The trouble.
    pub error: Option<UnpackError>,
}

/// Unpacks a message. Memory stays within a few times `limit`, however much would come out.
pub fn unpack(encoding: Encoding, packed: &[u8], limit: usize) -> Unpacked {
    let mut out = Limited {
        bytes: Vec::new(),
        limit,
        full: false,
    };
    let sound = match encoding {
        Encoding::Identity => out.write_all(packed).is_ok(),
        Encoding::Gzip => gzip(packed, &mut out),
        Encoding::Deflate => deflate(packed, &mut out),
        Encoding::Zstd => zstd(packed, &mut out),
        Encoding::Snappy => snappy(packed, &mut out),
    };
    let error = if out.full {
        Some(UnpackError::TooLarge { limit })
    } else if sound {
        None
    } else {
        let unpacked = out.bytes.len();
        Some(UnpackError::Damaged { encoding, unpacked })
    };
    Unpacked {
        bytes: out.bytes,
        error,
    }
}

/// Takes bytes up to a limit and then fails.
struct Limited {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit.saturating_sub(self.bytes.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.bytes.extend_from_slice(taken);
        if taken.is_empty() && !bytes.is_empty() {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn gzip(packed: &[u8], out: &mut Limited) -> bool {
    let mut decoder = MultiGzDecoder::new(out);
    decoder.write_all(packed).is_ok() && decoder.try_finish().is_ok()
}

fn deflate(packed: &[u8], out: &mut Limited) -> bool {
    // RFC 1950 §2.2: method 8 in the low bits, and the first two bytes are a multiple of 31.
    let has_header = match packed.first_chunk() {
        Some(&[method, check]) => {
            method & 0x0f == 8 && u16::from_be_bytes([method, check]).is_multiple_of(31)
        }
        None => false,
    };
    let mut inflater = Decompress::new(has_header);
    let mut step = Vec::with_capacity(STEP_BYTES);
    loop {
        let done = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
        let rest = packed.get(done..).unwrap_or_default();
        let status = inflater.decompress_vec(rest, &mut step, FlushDecompress::None);
        if out.write_all(&step).is_err() {
            return false;
        }
        match status {
            Ok(Status::StreamEnd) => return true,
            // Nothing went in and nothing came out: the end is missing.
            Ok(_) if step.is_empty() && inflater.total_in() == done as u64 => return false,
            Ok(_) => step.clear(),
            Err(_) => return false,
        }
    }
}

fn zstd(packed: &[u8], out: &mut Limited) -> bool {
    let mut rest = packed;
    let mut decoder = FrameDecoder::new();
    // How far back a frame may refer is memory too.
    decoder.set_max_window_size(MAX_ZSTD_WINDOW_BYTES);
    if decoder.init(&mut rest).is_err() {
        return false;
    }
    while !decoder.is_finished() {
        let strategy = BlockDecodingStrategy::UptoBytes(STEP_BYTES);
        let sound = decoder.decode_blocks(&mut rest, strategy).is_ok();
        if !sound {
            // The decoder holds back what later blocks may refer to. An empty last block (and room for the
            // checksum) says that there are none.
            let last_block = [1, 0, 0, 0, 0, 0, 0];
            let _ = decoder.decode_blocks(&last_block[..], BlockDecodingStrategy::All);
        }
        let unpacked = decoder.collect().unwrap_or_default();
        if out.write_all(&unpacked).is_err() || !sound {
            return false;
        }
    }
    let held_back = decoder.collect().unwrap_or_default();
    let sum = decoder.get_checksum_from_data();
    let agrees = sum.is_none() || sum == decoder.get_calculated_checksum();
    out.write_all(&held_back).is_ok() && agrees
}

/// What every framed Snappy stream begins with. Source: Snappy's `framing_format.txt` §4.1.
const SNAPPY_STREAM: &[u8] = b"\xff\x06\x00\x00sNaPpY";

fn snappy(packed: &[u8], out: &mut Limited) -> bool {
    let Some(mut rest) = packed.strip_prefix(SNAPPY_STREAM) else {
        return snappy_block(packed, out);
    };
    // Each chunk: a type, three bytes of length with the lowest first, then as many bytes.
    while let Some((&[kind, low, middle, high], after)) = rest.split_first_chunk() {
        let length = u32::from_le_bytes([low, middle, high, 0]) as usize;
        let Some((chunk, next)) = after.split_at_checked(length) else {
            return false;
        };
        rest = next;
        // Data begins with a checksum of four bytes.
        let data = chunk.get(4..);
        let sound = match (kind, data) {
            (0x00, Some(data)) => snappy_block(data, out),
            (0x01, Some(data)) => out.write_all(data).is_ok(),
            // Padding and what may be skipped.
            (0x80..=0xff, _) => true,
            _ => false,
        };
        if !sound {
            return false;
        }
    }
    rest.is_empty()
}

fn snappy_block(block: &[u8], out: &mut Limited) -> bool {
    let Ok(length) = snap::raw::decompress_len(block) else {
        return false;
    };
    // A block says first how long it will be, and is unpacked in one piece.
    if length > out.limit.saturating_sub(out.bytes.len()) {
        out.full = true;
        return false;
    }
    match snap::raw::Decoder::new().decompress_vec(block) {
        Ok(bytes) => out.write_all(&bytes).is_ok(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use proptest::prelude::*;

    fn pack(encoding: Encoding, bytes: &[u8]) -> Vec<u8> {
        let level = Compression::fast();
        match encoding {
            Encoding::Identity => bytes.to_vec(),
            Encoding::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Encoding::Deflate => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Encoding::Zstd => ruzstd::encoding::compress_to_vec(
                bytes,
                ruzstd::encoding::CompressionLevel::Fastest,
            ),
            Encoding::Snappy => {
                let mut encoder = snap::write::FrameEncoder::new(Vec::new());
                encoder.write_all(bytes).unwrap();
                encoder.into_inner().unwrap()
            }
        }
    }

    const ALL: [Encoding; 5] = [
        Encoding::Identity,
        Encoding::Gzip,
        Encoding::Deflate,
        Encoding::Zstd,
        Encoding::Snappy,
    ];

    #[test]
    fn what_was_packed_comes_out_again() {
        let text: Vec<u8> = (0..200_000_u32)
            .flat_map(|n| (n / 7).to_be_bytes())
            .collect();
        for encoding in ALL {
            let packed = pack(encoding, &text);
            let unpacked = unpack(encoding, &packed, MAX_UNPACKED_BYTES);
            assert_eq!(unpacked.error, None, "{encoding:?}");
            assert_eq!(unpacked.bytes, text, "{encoding:?}");
            assert_eq!(
                Encoding::from_name(encoding.name().as_bytes()),
                Some(encoding)
            );
        }
        assert_eq!(Encoding::from_name(b"br"), None);
    }

    #[test]
    fn variants_that_senders_use_are_read_too() {
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(b"no header").unwrap();
        let raw = raw.finish().unwrap();
        assert_eq!(unpack(Encoding::Deflate, &raw, 100).bytes, b"no header");
        let block = snap::raw::Encoder::new()
            .compress_vec(b"one block")
            .unwrap();
        assert_eq!(unpack(Encoding::Snappy, &block, 100).bytes, b"one block");
    }

    #[test]
    fn a_bomb_stops_at_the_limit_and_shows_its_beginning() {
        // 1 GB of zeros in 1 MB of gzip: packed piece by piece.
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
        let zeros = vec![0; 1 << 20];
        for _ in 0..64 {
            encoder.write_all(&zeros).unwrap();
        }
        let one = encoder.finish().unwrap();
        // Members of a gzip file may follow each other.
        let bomb = one.repeat(16);
        let limit = 1 << 20;
        let unpacked = unpack(Encoding::Gzip, &bomb, limit);
        assert_eq!(unpacked.error, Some(UnpackError::TooLarge { limit }));
        assert_eq!(unpacked.bytes.len(), limit);
        assert!(unpacked.bytes.capacity() <= 2 * limit);
        for encoding in ALL {
            let packed = pack(encoding, &zeros);
            let unpacked = unpack(encoding, &packed, 1000);
            assert_eq!(
                unpacked.error,
                Some(UnpackError::TooLarge { limit: 1000 }),
                "{encoding:?}"
            );
            assert!(unpacked.bytes.len() <= 1000);
            let exactly = unpack(encoding, &packed, zeros.len());
            assert_eq!(exactly.error, None, "{encoding:?}");
        }
    }

    #[test]
    fn a_snappy_block_that_claims_four_gigabytes_allocates_nothing() {
        let claim = [0xff, 0xff, 0xff, 0xff, 0x0f, 0];
        let unpacked = unpack(Encoding::Snappy, &claim, 1 << 20);
        assert_eq!(
            unpacked.error,
            Some(UnpackError::TooLarge { limit: 1 << 20 })
        );
    }

    #[test]
    fn what_precedes_the_damage_is_kept() {
        let text: Vec<u8> = (0..100_000_u32)
            .flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_be_bytes())
            .collect();
        for encoding in [
            Encoding::Gzip,
            Encoding::Deflate,
            Encoding::Zstd,
            Encoding::Snappy,
        ] {
            let packed = pack(encoding, &text);
            let unpacked = unpack(encoding, &packed[..packed.len() / 2], 1 << 20);
            assert!(
                matches!(unpacked.error, Some(UnpackError::Damaged { .. })),
                "{encoding:?}"
            );
            assert!(
                !unpacked.bytes.is_empty() && text.starts_with(&unpacked.bytes),
                "{encoding:?}"
            );
            assert!(
                unpack(encoding, b"plain text", 100).error.is_some(),
                "{encoding:?}"
            );
            assert!(unpack(encoding, &[], 100).bytes.is_empty(), "{encoding:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_within_the_limit(
            packed in proptest::collection::vec(any::<u8>(), 0..400),
            damage in any::<(prop::sample::Index, u8)>(),
        ) {
            for encoding in ALL {
                prop_assert!(unpack(encoding, &packed, 1000).bytes.len() <= 1000);
                let mut damaged = pack(encoding, &packed);
                if !damaged.is_empty() {
                    let at = damage.0.index(damaged.len());
                    damaged[at] ^= damage.1;
                }
                prop_assert!(unpack(encoding, &damaged, 1000).bytes.len() <= 1000);
            }
        }
    }
}
