//! Captures that lie compressed with gzip or zstd: what comes out, as a stream.
//!
//! Which one it is says the content, never the name. Bytes come out as they are asked for, so the first packets of a
//! large file are there at once, and a file that was cut gives everything before the cut. Compression keeps no
//! positions: offsets of such a capture count in what came out.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The most that comes out of a compressed capture. Our choice: it is kept in a temporary file, and a disk has room
/// for this; a larger capture can be unpacked by hand and is then mapped.
pub(super) const MAX_UNPACKED_LEN: u64 = 64 << 30;

/// How many times larger than what was read the unpacked bytes may be, beyond [`FREE_UNPACKED_LEN`]. Our choice:
/// traffic shrinks to a third or a twentieth, the body of one repeated byte in packets to about a hundredth.
pub(super) const MAX_RATIO: u64 = 300;

/// What may come out whatever went in. Our choice: a disk does not notice.
pub(super) const FREE_UNPACKED_LEN: u64 = 64 << 20;

/// How far back zstd may refer, which is memory. `zstd` itself reads this much unless told otherwise (`--long=27`).
const MAX_WINDOW_LEN: u64 = 128 << 20;

/// Unpacked at once: a block of zstd is never longer.
const BLOCK_LEN: usize = 128 * 1024;

/// How a capture is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip, RFC 1952.
    Gzip,
    /// Zstandard, RFC 8878.
    Zstd,
}

impl Compression {
    /// How many first bytes it takes to tell.
    pub(super) const MAGIC_LEN: usize = 4;

    /// Recognises compression by the first bytes.
    ///
    /// ```text
    /// 1f 8b 08        gzip with deflate, the only method there is    RFC 1952 §2.3.1
    /// 28 b5 2f fd     a zstd frame                                   RFC 8878 §3.1.1
    /// 5x 2a 4d 18     a skippable frame, which may come first        RFC 8878 §3.1.2
    /// ```
    pub(super) fn from_magic(first: &[u8]) -> Option<Self> {
        match first {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// What comes out of `packed`.
    pub(super) fn unpack(self, packed: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        let packed = BufReader::new(Packed {
            reader: packed,
            read: 0,
        });
        match self {
            Self::Gzip => Box::new(Limited {
                unpacked: MultiGzDecoder::new(packed),
                packed_read: |gzip| gzip.get_ref().get_ref().read,
                given: 0,
            }),
            Self::Zstd => Box::new(Limited {
                unpacked: Zstd::new(packed, MAX_WINDOW_LEN),
                packed_read: |zstd| zstd.packed.get_ref().read,
                given: 0,
            }),
        }
    }
}

/// Counts what goes in.
struct Packed<R> {
    reader: R,
    read: u64,
}

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}

/// Ends a stream that grows out of proportion.
struct Limited<R> {
    unpacked: R,
    /// How many compressed bytes went in.
    packed_read: fn(&R) -> u64,
    given: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacked.read(buffer).map_err(|error| {
            // The decoders have many words for data that is wrong.
            match error.kind() {
                io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                    io::ErrorKind::InvalidData.into()
                }
                _ => error,
            }
        })?;
        self.given += read as u64;
        let allowed = (self.packed_read)(&self.unpacked)
            .saturating_mul(MAX_RATIO)
            .clamp(FREE_UNPACKED_LEN, MAX_UNPACKED_LEN);
        if self.given > allowed {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(read)
    }
}

/// What comes out of zstd frames, one after the other. Bodies of responses use it too.
pub(crate) struct Zstd<R> {
    packed: R,
    frame: FrameDecoder,
    /// Whether `frame` is in the middle of one.
    inside: bool,
    /// Why nothing more will come, once what was decoded has been given.
    failed: Option<io::ErrorKind>,
}

impl<R: BufRead> Zstd<R> {
    /// Reads frames that refer back no further than this.
    pub(crate) fn new(packed: R, max_window_len: u64) -> Self {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(max_window_len);
        Self {
            packed,
            frame,
            inside: false,
            failed: None,
        }
    }

    /// Opens the next frame; `false` at the end of the file.
    fn open(&mut self) -> io::Result<bool> {
        loop {
            if self.packed.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.frame.reset(&mut self.packed) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut (&mut self.packed).take(length), &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(_) => return Err(self.what_is_wrong().into()),
            }
        }
    }

    /// Decodes one more block. What precedes a cut or damaged one can still be had.
    fn decode(&mut self) {
        if self
            .frame
            .decode_blocks(
                &mut self.packed,
                BlockDecodingStrategy::UptoBytes(BLOCK_LEN),
            )
            .is_err()
        {
            self.failed = Some(self.what_is_wrong());
            // The decoder holds back what later blocks may refer to. An empty last block (and room for the checksum)
            // says that there are none.
            let last_block = [1, 0, 0, 0, 0, 0, 0];
            let _ = self
                .frame
                .decode_blocks(&last_block[..], BlockDecodingStrategy::All);
        }
    }

    /// Data that ends early, or data that is wrong.
    fn what_is_wrong(&mut self) -> io::ErrorKind {
        match self.packed.fill_buf() {
            Ok([]) => io::ErrorKind::UnexpectedEof,
            Ok(_) => io::ErrorKind::InvalidData,
            Err(error) => error.kind(),
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if self.inside {
                let read = self.frame.read(buffer)?;
                if read > 0 {
                    return Ok(read);
                }
            }
            if let Some(kind) = self.failed {
                return Err(kind.into());
            }
            if self.inside && !self.frame.is_finished() {
                self.decode();
                continue;
            }
            if self.inside {
                self.inside = false;
                // The checksum covers what was given, so it is known only now.
                if let Some(said) = self.frame.get_checksum_from_data()
                    && self.frame.get_calculated_checksum() != Some(said)
                {
                    self.failed = Some(io::ErrorKind::InvalidData);
                    continue;
                }
            }
            match self.open() {
                Ok(true) => self.inside = true,
                Ok(false) => return Ok(0),
                Err(error) => {
                    self.failed = Some(error.kind());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    /// Bytes that do not repeat, in the size of several blocks.
    fn noise() -> Vec<u8> {
        (0..400_000_u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8)
            .collect()
    }

    /// What comes out, and how it ends.
    fn unpack(packed: &[u8]) -> (Vec<u8>, Option<io::ErrorKind>) {
        let compression = Compression::from_magic(packed).unwrap();
        let mut unpacked = Vec::new();
        let end = compression
            .unpack(io::Cursor::new(packed.to_vec()))
            .read_to_end(&mut unpacked);
        (unpacked, end.err().map(|error| error.kind()))
    }

    #[test]
    fn both_kinds_come_out_as_they_went_in() {
        let bytes = noise();
        assert_eq!(unpack(&gzip(&bytes)), (bytes.clone(), None));
        assert_eq!(unpack(&zstd(&bytes)), (bytes, None));
        assert_eq!(unpack(&gzip(b"")), (vec![], None));
        assert_eq!(unpack(&zstd(b"")), (vec![], None));
    }

    #[test]
    fn several_members_and_frames_are_one_stream() {
        let two = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(unpack(&two), (b"one two".to_vec(), None));
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9];
        let two = [&skippable[..], &zstd(b"one "), &skippable, &zstd(b"two")].concat();
        assert_eq!(unpack(&two), (b"one two".to_vec(), None));
    }

    #[test]
    fn data_that_was_cut_gives_what_is_before_the_cut() {
        let bytes = noise();
        for (packed, block) in [(gzip(&bytes), 64 * 1024), (zstd(&bytes), BLOCK_LEN)] {
            for cut in [packed.len() / 4, packed.len() / 2, packed.len() - 1] {
                let (unpacked, end) = unpack(&packed[..cut]);
                assert_eq!(end, Some(io::ErrorKind::UnexpectedEof), "{cut}");
                assert!(bytes.starts_with(&unpacked));
                let share = bytes.len() as u64 * cut as u64 / packed.len() as u64;
                assert!(unpacked.len() as u64 + 2 * block as u64 >= share, "{cut}");
            }
        }
    }

    #[test]
    fn data_of_any_length_ends_and_damaged_data_says_so() {
        for packed in [gzip(&noise()[..3000]), zstd(&noise()[..3000])] {
            for cut in 4..packed.len() {
                assert_eq!(
                    unpack(&packed[..cut]).1,
                    Some(io::ErrorKind::UnexpectedEof),
                    "{cut}"
                );
            }
            for at in 4..packed.len() {
                let mut damaged = packed.clone();
                damaged[at] ^= 0x41;
                let _ = unpack(&damaged);
            }
            let trailing = [&packed[..], b"something else"].concat();
            assert_eq!(unpack(&trailing).1, Some(io::ErrorKind::InvalidData));
        }
    }

    #[test]
    fn a_bomb_goes_off_in_its_box() {
        let zeros = vec![0; 80 << 20];
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&zeros).unwrap();
        let packed = encoder.finish().unwrap();
        assert!(packed.len() as u64 * MAX_RATIO < zeros.len() as u64);
        let (unpacked, end) = unpack(&packed);
        assert_eq!(end, Some(io::ErrorKind::FileTooLarge));
        assert!(unpacked.len() as u64 <= FREE_UNPACKED_LEN.max(packed.len() as u64 * MAX_RATIO));
    }
}
