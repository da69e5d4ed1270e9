//! Takes content codings off again: gzip, deflate, br and zstd, and chains of them.
//!
//! What was decoded before trouble is kept. Every step of a chain has the same limit, so that a
//! small body that unpacks to a huge one costs what is allowed and no more.

use crate::capture::Zstd;
use flate2::bufread::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

/// The most that comes out of a body, and out of each coding on the way. Our choice: the largest pictures and data files
/// of web pages are far below it, and it is kept in memory.
pub const MAX_DECODED_BYTES: u64 = 256 << 20;

/// How many codings are taken off one after the other. Our choice: nobody applies more than two.
pub const MAX_CODINGS: usize = 8;

/// How far back zstd may refer, which is memory. Source: RFC 9659 §3.
const MAX_ZSTD_WINDOW_LEN: u64 = 8 << 20;

/// Read at once.
const CHUNK_LEN: usize = 64 << 10;

/// A content coding. Source: RFC 9110 §8.4.1 and the registry that it founds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950; some send RFC 1951 without its frame, which is read too. Source: RFC 9110 §8.4.1.2.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
    /// Something else, by its name.
    Unknown(Box<str>),
}

impl Coding {
    /// Reads one name; `None` for nothing and for `identity`, which changes nothing.
    pub fn parse(name: &[u8]) -> Option<Self> {
        let name = String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase();
        match name.as_str() {
            "" | "identity" => None,
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => Some(Self::Unknown(name.into())),
        }
    }

    /// Its name in `content-encoding`.
    pub fn name(&self) -> &str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Unknown(name) => name,
        }
    }
}

impl std::fmt::Display for Coding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Why decoding stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody here knows how to take this coding off.
    #[error("the content coding {coding:?} is not known, so it is left on")]
    UnknownCoding {
        /// Its name.
        coding: Box<str>,
    },
    /// There are too many.
    #[error("there are {count} content codings, of which at most {MAX_CODINGS} are taken off")]
    TooManyCodings {
        /// How many.
        count: usize,
    },
    /// The data is not what the coding wants.
    #[error("what was sent as {coding} is damaged after the first {decoded_bytes} bytes decoded")]
    Damaged {
        /// The coding.
        coding: Coding,
        /// What came out of it before.
        decoded_bytes: u64,
    },
    /// The data ends before the coding does.
    #[error("what was sent as {coding} ends early, after the first {decoded_bytes} bytes decoded")]
    Cut {
        /// The coding.
        coding: Coding,
        /// What came out of it before.
        decoded_bytes: u64,
    },
    /// Too much comes out.
    #[error("more than {limit_bytes} bytes come out, of which these are the first")]
    TooLong {
        /// The limit.
        limit_bytes: u64,
    },
    /// Bytes of the body are not in the capture.
    #[error(
        "{bytes} bytes at {offset} of what was sent are not in the capture; nothing behind them can be decoded"
    )]
    Missing {
        /// Where they are in the body as it was sent.
        offset: u64,
        /// How many.
        bytes: u64,
    },
}

/// What came out, and what stopped it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// As much as could be decoded.
    pub bytes: Vec<u8>,
    /// `None` when that is all.
    pub trouble: Option<Trouble>,
}

/// Takes codings off, the last applied first. With an unknown one, what it was applied to last comes out.
pub fn decode<'a>(sent: impl Read + 'a, codings: &[Coding], limit_bytes: u64) -> Decoded {
    decode_counting(sent, codings, limit_bytes, &Cell::new(0))
}

/// The same for who wants to know, while it hands out what was sent, how many bytes have come out so far.
pub(in crate::analysis) fn decode_counting<'a>(
    sent: impl Read + 'a,
    codings: &[Coding],
    limit_bytes: u64,
    given_bytes: &Cell<u64>,
) -> Decoded {
    if codings.len() > MAX_CODINGS {
        return Decoded {
            bytes: Vec::new(),
            trouble: Some(Trouble::TooManyCodings {
                count: codings.len(),
            }),
        };
    }
    let trouble = Rc::new(RefCell::new(None));
    let mut chain: Box<dyn Read + 'a> = Box::new(sent);
    let mut unknown = None;
    for coding in codings.iter().rev() {
        let input = BufReader::new(chain);
        let unpacked: Box<dyn Read + 'a> = match coding {
            Coding::Gzip => Box::new(MultiGzDecoder::new(input)),
            Coding::Deflate => Box::new(Inflate::new(input)),
            Coding::Brotli => Box::new(Brotli::new(input)),
            Coding::Zstd => Box::new(Zstd::new(input, MAX_ZSTD_WINDOW_LEN)),
            Coding::Unknown(name) => {
                unknown = Some(Trouble::UnknownCoding {
                    coding: name.clone(),
                });
                chain = Box::new(input);
                break;
            }
        };
        chain = Box::new(Step {
            unpacked,
            coding: coding.clone(),
            given_bytes: 0,
            limit_bytes,
            trouble: Rc::clone(&trouble),
        });
    }
    let mut bytes = Vec::new();
    let mut too_long = None;
    let mut chunk = vec![0; CHUNK_LEN];
    loop {
        match chain.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => {
                bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
                given_bytes.set(bytes.len() as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
        if bytes.len() as u64 > limit_bytes {
            bytes.truncate(usize::try_from(limit_bytes).unwrap_or(usize::MAX));
            too_long = Some(Trouble::TooLong { limit_bytes });
            break;
        }
    }
    let trouble = trouble.take();
    Decoded {
        bytes,
        trouble: too_long.or(trouble).or(unknown),
    }
}

/// One coding of a chain: counts what comes out, and remembers the first trouble of all.
struct Step<R> {
    unpacked: R,
    coding: Coding,
    given_bytes: u64,
    limit_bytes: u64,
    trouble: Rc<RefCell<Option<Trouble>>>,
}

impl<R: Read> Read for Step<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let fail = |trouble: Trouble| {
            self.trouble.borrow_mut().get_or_insert(trouble);
        };
        match self.unpacked.read(buffer) {
            Ok(count) => {
                self.given_bytes = self.given_bytes.saturating_add(count as u64);
                // One chunk more, so that the end of the chain sees that there is more.
                if self.given_bytes > self.limit_bytes.saturating_add(CHUNK_LEN as u64) {
                    fail(Trouble::TooLong {
                        limit_bytes: self.limit_bytes,
                    });
                    return Err(io::ErrorKind::FileTooLarge.into());
                }
                Ok(count)
            }
            Err(error) => {
                let (coding, decoded_bytes) = (self.coding.clone(), self.given_bytes);
                fail(if error.kind() == io::ErrorKind::UnexpectedEof {
                    Trouble::Cut {
                        coding,
                        decoded_bytes,
                    }
                } else {
                    Trouble::Damaged {
                        coding,
                        decoded_bytes,
                    }
                });
                Err(error)
            }
        }
    }
}

/// `deflate`, with the frame of zlib or without.
struct Inflate<R> {
    packed: R,
    inflate: Option<Decompress>,
    ended: bool,
}

impl<R: BufRead> Inflate<R> {
    fn new(packed: R) -> Self {
        Self {
            packed,
            inflate: None,
            ended: false,
        }
    }
}

/// Whether these are the first bytes of zlib: method 8, and a check of the two bytes. Source: RFC 1950 §2.2.
/// Deflate alone that begins so would have a stored block of odd bits, which no encoder writes.
fn is_zlib(first: &[u8]) -> bool {
    match *first {
        [method, flags, ..] => {
            method & 0x0f == 8 && u16::from_be_bytes([method, flags]).is_multiple_of(31)
        }
        [method] => method & 0x0f == 8,
        [] => true,
    }
}

impl<R: BufRead> Read for Inflate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.ended {
            return Ok(0);
        }
        loop {
            let input = self.packed.fill_buf()?;
            let at_end = input.is_empty();
            let inflate = self
                .inflate
                .get_or_insert_with(|| Decompress::new(is_zlib(input)));
            let (read_before, given_before) = (inflate.total_in(), inflate.total_out());
            let flush = if at_end {
                FlushDecompress::Finish
            } else {
                FlushDecompress::None
            };
            let status = inflate.decompress(input, buffer, flush);
            let read = inflate.total_in() - read_before;
            let given = inflate.total_out() - given_before;
            self.packed.consume(usize::try_from(read).unwrap_or(0));
            self.ended = matches!(status, Ok(Status::StreamEnd));
            match usize::try_from(given) {
                Ok(given) if given > 0 || self.ended => return Ok(given),
                _ => {}
            }
            if status.is_err() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if at_end {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// `br`. Its decoder has one word for data that is damaged and data that ends early.
struct Brotli<R: Read> {
    unpacked: brotli_decompressor::Decompressor<Watched<R>>,
    ended: Rc<RefCell<bool>>,
}

/// Notices when nothing more comes.
struct Watched<R> {
    inner: R,
    ended: Rc<RefCell<bool>>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.ended.replace(true);
        }
        Ok(count)
    }
}

impl<R: Read> Brotli<R> {
    fn new(packed: R) -> Self {
        let ended = Rc::new(RefCell::new(false));
        let watched = Watched {
            inner: packed,
            ended: Rc::clone(&ended),
        };
        Self {
            unpacked: brotli_decompressor::Decompressor::new(watched, CHUNK_LEN),
            ended,
        }
    }
}

impl<R: Read> Read for Brotli<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.unpacked.read(buffer).map_err(|_| {
            if *self.ended.borrow() {
                io::ErrorKind::UnexpectedEof.into()
            } else {
                io::ErrorKind::InvalidData.into()
            }
        })
    }
}
