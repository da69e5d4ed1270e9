//! The chunked transfer coding: content in pieces, each behind its length.

/// The longest line with a chunk's size and extensions. Our choice: programs allow from some hundred bytes to 16 KiB.
pub const MAX_CHUNK_LINE_BYTES: u32 = 16 << 10;

/// The longest trailer section. Our choice: as long as a head may be.
pub const MAX_TRAILER_BYTES: u32 = 64 << 10;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkStep {
    /// A size, a line's end or a trailer.
    Framing,
    /// So many bytes of content.
    Content(u64),
    /// Nothing: the body is complete.
    End,
    /// Nothing that can be read.
    Broken(ChunkError),
}

/// Why a chunk cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// The size is no hexadecimal number.
    #[error("the size of a chunk is no hexadecimal number")]
    Size,
    /// The size has more than 64 bits.
    #[error("the size of a chunk has more than 64 bits")]
    TooLarge,
    /// Behind a chunk's content there is no end of line.
    #[error("there is no end of line behind the content of a chunk")]
    NoLineEnd,
    /// The line with the size is too long.
    #[error("the line with the size of a chunk is longer than {MAX_CHUNK_LINE_BYTES} bytes")]
    LineTooLong,
    /// The trailers are too long.
    #[error("the trailers are longer than {MAX_TRAILER_BYTES} bytes")]
    TrailersTooLong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In the digits of a size.
    Size,
    /// Behind the digits, up to the line's end.
    Extensions,
    /// Behind a CR that has to end the line of a size.
    SizeEnd,
    Content,
    /// Behind content, before CR LF.
    ContentEnd,
    /// Behind the CR there.
    ContentEndFeed,
    /// In the trailers; `empty` while nothing of this line but CR has come.
    Trailers {
        empty: bool,
    },
    End,
    Broken(ChunkError),
}

/// Reads the framing of a chunked body, fed its bytes in any pieces. Content only has to be counted.
///
/// ```text
///  chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
///  last-chunk   = 1*("0") [ chunk-ext ] CRLF
///
///           size           0                 empty line
///  Size ──► Content    Size ──► Trailers ──────────────► End
///    ▲         │
///    └─ CRLF ──┘        anything else ──► Broken
/// ```
///
/// LF alone ends a line too, as most programs allow. Source: RFC 9112 §7.1.
#[derive(Clone, Copy, Debug)]
pub struct ChunkReader {
    state: State,
    /// The size as far as it was read, then what is left of the content.
    left: u64,
    /// Digits of the size.
    digits: u32,
    line_bytes: u32,
    trailer_bytes: u32,
    chunks: u64,
}

impl Default for ChunkReader {
    fn default() -> Self {
        Self {
            state: State::Size,
            left: 0,
            digits: 0,
            line_bytes: 0,
            trailer_bytes: 0,
            chunks: 0,
        }
    }
}

impl ChunkReader {
    /// What comes next.
    pub fn step(&self) -> ChunkStep {
        match self.state {
            State::Content => ChunkStep::Content(self.left),
            State::End => ChunkStep::End,
            State::Broken(error) => ChunkStep::Broken(error),
            _ => ChunkStep::Framing,
        }
    }

    /// Bytes of the trailer section so far, with the empty line that ends it.
    pub fn trailer_bytes(&self) -> u32 {
        self.trailer_bytes
    }

    /// Chunks with content that have begun.
    pub fn chunks(&self) -> u64 {
        self.chunks
    }

    /// Reads framing, up to the next content, the end, or the end of these bytes. Returns how many bytes that was.
    pub fn framing(&mut self, bytes: &[u8]) -> usize {
        let mut read = 0;
        for &byte in bytes {
            if !matches!(self.step(), ChunkStep::Framing) {
                break;
            }
            self.byte(byte);
            read += 1;
        }
        read
    }

    /// Passes over content, whether it is there or lost. More than is left counts as what is left.
    pub fn pass_content(&mut self, bytes: u64) {
        if self.state == State::Content {
            self.left = self.left.saturating_sub(bytes);
            if self.left == 0 {
                self.state = State::ContentEnd;
            }
        }
    }

    fn byte(&mut self, byte: u8) {
        self.state = match self.state {
            State::Size => self.size(byte),
            State::Extensions => match byte {
                b'\n' => self.size_read(),
                _ => self.in_line(State::Extensions),
            },
            State::SizeEnd => match byte {
                b'\n' => self.size_read(),
                _ => State::Broken(ChunkError::Size),
            },
            State::ContentEnd => match byte {
                b'\r' => State::ContentEndFeed,
                b'\n' => State::Size,
                _ => State::Broken(ChunkError::NoLineEnd),
            },
            State::ContentEndFeed => match byte {
                b'\n' => State::Size,
                _ => State::Broken(ChunkError::NoLineEnd),
            },
            State::Trailers { empty } => self.trailer(byte, empty),
            state @ (State::Content | State::End | State::Broken(_)) => state,
        };
    }

    fn size(&mut self, byte: u8) -> State {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ if self.digits == 0 => return State::Broken(ChunkError::Size),
            b'\r' => return State::SizeEnd,
            b'\n' => return self.size_read(),
            // White space before the line's end is bad, and known from old servers.
            b';' | b' ' | b'\t' => return self.in_line(State::Extensions),
            _ => return State::Broken(ChunkError::Size),
        };
        if self.left >> 60 != 0 {
            return State::Broken(ChunkError::TooLarge);
        }
        self.left = self.left << 4 | u64::from(digit);
        self.digits = self.digits.saturating_add(1);
        self.in_line(State::Size)
    }

    fn in_line(&mut self, state: State) -> State {
        self.line_bytes = self.line_bytes.saturating_add(1);
        match self.line_bytes > MAX_CHUNK_LINE_BYTES {
            true => State::Broken(ChunkError::LineTooLong),
            false => state,
        }
    }

    fn size_read(&mut self) -> State {
        (self.digits, self.line_bytes) = (0, 0);
        if self.left == 0 {
            return State::Trailers { empty: true };
        }
        self.chunks = self.chunks.saturating_add(1);
        State::Content
    }

    fn trailer(&mut self, byte: u8, empty: bool) -> State {
        self.trailer_bytes = self.trailer_bytes.saturating_add(1);
        match byte {
            b'\n' if empty => State::End,
            _ if self.trailer_bytes >= MAX_TRAILER_BYTES => {
                State::Broken(ChunkError::TrailersTooLong)
            }
            b'\n' => State::Trailers { empty: true },
            b'\r' => State::Trailers { empty },
            _ => State::Trailers { empty: false },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The content, what was read, and the last step.
    fn read(bytes: &[u8], piece: usize) -> (Vec<u8>, usize, ChunkStep) {
        let (mut reader, mut content, mut at) = (ChunkReader::default(), Vec::new(), 0);
        while at < bytes.len() {
            let rest = &bytes[at..bytes.len().min(at + piece)];
            let taken = match reader.step() {
                ChunkStep::Framing => reader.framing(rest),
                ChunkStep::Content(left) => {
                    let count = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    content.extend_from_slice(&rest[..count]);
                    reader.pass_content(count as u64);
                    count
                }
                ChunkStep::End | ChunkStep::Broken(_) => break,
            };
            at += taken;
        }
        (content, at, reader.step())
    }

    #[test]
    fn a_body_with_extensions_and_trailers_is_read_whichever_way_it_is_cut() {
        let body = b"5;name=\"a\"\r\nhello\r\nA \r\n, wireloom\r\n00\r\nX-Sum: 1\r\n\r\nnext";
        for piece in 1..body.len() {
            let (content, at, step) = read(body, piece);
            assert_eq!(content, b"hello, wireloom");
            assert_eq!((at, step), (body.len() - 4, ChunkStep::End));
        }
        let mut reader = ChunkReader::default();
        assert_eq!(reader.framing(b"0\r\nX-Sum: 1\r\n\r\n"), 15);
        assert_eq!((reader.trailer_bytes(), reader.chunks()), (12, 0));
    }

    #[test]
    fn lines_may_end_in_a_line_feed_alone() {
        let (content, _, step) = read(b"2\nab\n0\n\n", 3);
        assert_eq!((content, step), (b"ab".to_vec(), ChunkStep::End));
    }

    #[test]
    fn what_is_no_chunk_is_said() {
        let broken = |bytes: &[u8]| match read(bytes, 100).2 {
            ChunkStep::Broken(error) => error,
            step => panic!("{step:?}"),
        };
        assert_eq!(broken(b"\r\n"), ChunkError::Size);
        assert_eq!(broken(b"0x5\r\n"), ChunkError::Size);
        assert_eq!(broken(b"-5\r\n"), ChunkError::Size);
        assert_eq!(broken(b"5\rx"), ChunkError::Size);
        assert_eq!(broken(b"2\r\nabc"), ChunkError::NoLineEnd);
        assert_eq!(broken(b"10000000000000000\r\n"), ChunkError::TooLarge);
        let mut long = b"1;".to_vec();
        long.resize(MAX_CHUNK_LINE_BYTES as usize + 2, b'x');
        assert_eq!(broken(&long), ChunkError::LineTooLong);
        let mut long = b"0\r\n".to_vec();
        long.resize(MAX_TRAILER_BYTES as usize + 3, b'x');
        assert_eq!(broken(&long), ChunkError::TrailersTooLong);
    }

    proptest! {
        #[test]
        fn what_is_written_in_chunks_is_read_again(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 0..6),
            piece in 1_usize..50,
        ) {
            let mut body = Vec::new();
            for piece in &pieces {
                body.extend(format!("{:X}\r\n", piece.len()).bytes());
                body.extend(piece);
                body.extend(b"\r\n");
            }
            body.extend(b"0\r\n\r\n");
            let (content, at, step) = read(&body, piece);
            prop_assert_eq!(content, pieces.concat());
            prop_assert_eq!((at, step), (body.len(), ChunkStep::End));
        }
    }
}
