//! The next bytes of a capture, whether they are mapped or come through a pipe.

use std::io::{self, Read};

use bytes::{Buf, Bytes, BytesMut};

use super::follow::FileReader;
use super::source::{Source, Spool};
use super::{Trouble, TroubleKind};

/// How much is asked of a pipe at once. Our choice: what a Linux pipe holds.
const CHUNK_LEN: usize = 64 * 1024;

/// Bytes read from front to back, in pieces that are only ever as long as a format asks.
pub(super) enum Input {
    /// Everything is there; what was read is split off the front.
    Whole {
        /// What was not read yet.
        rest: Bytes,
        /// Offset of the first byte of `rest`.
        position: u64,
    },
    /// Comes piece by piece.
    Stream(Stream),
}

/// A reader that is asked for more only when what was read before does not suffice: a packet of a live pipe comes
/// out as soon as its last byte is in.
pub(super) struct Stream {
    reader: Box<dyn Read + Send>,
    /// Read, and not taken yet.
    buffer: BytesMut,
    /// Offset of the first byte of `buffer`.
    position: u64,
    chunk: Box<[u8]>,
    ended: bool,
    keep: Keep,
    trouble: Option<Trouble>,
}

/// Who keeps the bytes of a stream.
pub(super) enum Keep {
    /// The temporary file.
    Spool(Spool),
    /// The temporary file failed.
    Lost(Source),
    /// The file itself.
    File(Source),
}

impl Input {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole {
            rest: bytes,
            position: 0,
        }
    }

    pub(super) fn stream(reader: Box<dyn Read + Send>, spool: Spool) -> Self {
        Self::Stream(Stream::new(reader, Keep::Spool(spool)))
    }

    /// A file that is read where it lies.
    pub(super) fn file(reader: FileReader) -> Self {
        let source = reader.source().clone();
        Self::Stream(Stream::new(Box::new(reader), Keep::File(source)))
    }

    /// Where any byte can be had again.
    pub(super) fn source(&self) -> Source {
        match self {
            Self::Whole { rest, .. } => Source::whole(rest.clone()),
            Self::Stream(stream) => match &stream.keep {
                Keep::Spool(spool) => spool.source().clone(),
                Keep::Lost(source) | Keep::File(source) => source.clone(),
            },
        }
    }

    /// Offset of the next byte.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        match self {
            Self::Whole { position, .. } => *position,
            Self::Stream(stream) => stream.position,
        }
    }

    /// The next `len` bytes, which stay; fewer only at the end. Waits for a pipe.
    #[inline]
    pub(super) fn peek(&mut self, len: usize) -> &[u8] {
        match self {
            Self::Whole { rest, .. } => rest.get(..len).unwrap_or(rest),
            Self::Stream(stream) => {
                stream.fill(len);
                stream.buffer.get(..len).unwrap_or(&stream.buffer)
            }
        }
    }

    /// Takes the next `len` bytes, fewer only at the end.
    #[inline]
    pub(super) fn take(&mut self, len: usize) -> Bytes {
        match self {
            Self::Whole { rest, position } => {
                let len = len.min(rest.len());
                *position += len as u64;
                rest.split_to(len)
            }
            Self::Stream(stream) => {
                stream.fill(len);
                let len = len.min(stream.buffer.len());
                stream.position += len as u64;
                stream.buffer.split_to(len).freeze()
            }
        }
    }

    /// Steps over bytes that were peeked at.
    #[inline]
    pub(super) fn skip(&mut self, len: usize) {
        match self {
            Self::Whole { rest, position } => {
                let len = len.min(rest.len());
                *position += len as u64;
                rest.advance(len);
            }
            Self::Stream(stream) => {
                let len = len.min(stream.buffer.len());
                stream.position += len as u64;
                stream.buffer.advance(len);
            }
        }
    }

    /// What went wrong below the format; each trouble once.
    pub(super) fn trouble(&mut self) -> Option<Trouble> {
        match self {
            Self::Whole { .. } => None,
            Self::Stream(stream) => stream.trouble.take(),
        }
    }
}

impl Stream {
    fn new(reader: Box<dyn Read + Send>, keep: Keep) -> Self {
        Self {
            reader,
            buffer: BytesMut::new(),
            position: 0,
            chunk: vec![0; CHUNK_LEN].into(),
            ended: false,
            keep,
            trouble: None,
        }
    }

    /// Reads until `len` bytes are in the buffer or there are no more.
    fn fill(&mut self, len: usize) {
        while self.buffer.len() < len && !self.ended {
            match self.reader.read(&mut self.chunk) {
                Ok(0) => self.ended = true,
                Ok(read) => {
                    let chunk = self.chunk.get(..read).unwrap_or_default();
                    let end = self.position + self.buffer.len() as u64;
                    if let Keep::Spool(spool) = &mut self.keep
                        && let Err(error) = spool.append(chunk)
                    {
                        self.trouble.get_or_insert(Trouble {
                            offset: end,
                            kind: TroubleKind::SpoolFailed { kind: error.kind() },
                        });
                        self.keep = Keep::Lost(spool.source().clone());
                    }
                    self.buffer.extend_from_slice(chunk);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.trouble = Some(Trouble {
                        offset: self.position + self.buffer.len() as u64,
                        kind: TroubleKind::ReadFailed { kind: error.kind() },
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, and fails at the end.
    struct Dribble(&'static [u8]);

    impl Read for Dribble {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Err(io::ErrorKind::ConnectionReset.into());
            };
            self.0 = rest;
            buffer[0] = *first;
            Ok(1)
        }
    }

    #[test]
    fn a_stream_reads_no_more_than_it_is_asked_for() {
        let mut input = Input::stream(Box::new(Dribble(b"hello")), Spool::new().unwrap());
        assert_eq!(input.peek(2), b"he");
        assert_eq!(input.source().len(), 2);
        assert_eq!(input.take(3), "hel");
        assert_eq!(input.position(), 3);
        assert_eq!(input.source().bytes(0, 3).unwrap(), "hel");
        assert_eq!(input.trouble(), None);
        assert_eq!(input.take(10), "lo");
        assert_eq!(
            input.trouble(),
            Some(Trouble {
                offset: 5,
                kind: TroubleKind::ReadFailed {
                    kind: io::ErrorKind::ConnectionReset
                }
            })
        );
        assert_eq!(input.trouble(), None);
        assert_eq!(input.source().bytes(1, 4).unwrap(), "ello");
    }

    #[test]
    fn a_whole_input_behaves_the_same() {
        let mut input = Input::whole(Bytes::from_static(b"hello"));
        assert_eq!(input.peek(2), b"he");
        input.skip(1);
        assert_eq!(input.take(3), "ell");
        assert_eq!(input.position(), 4);
        assert_eq!(input.peek(9), b"o");
        input.skip(9);
        assert_eq!(input.position(), 5);
        assert_eq!(input.take(1), "");
    }
}
