//! Opening a capture: is it one, of which format, and how are its bytes to be had?

use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;

use bytes::Bytes;
use memmap2::Mmap;

use super::follow::{FileReader, is_being_written};
use super::input::Input;
use super::pcap::{PcapReader, Variant};
use super::pcapng::PcapngReader;
use super::source::{Source, Spool};
use super::{BlockType, Compression, Event, Follow};

mod error;

pub use error::OpenError;
use error::looks_like;

/// A capture that is being read: an iterator of its [`Event`]s.
///
/// Ends when the file does. A pipe is waited for, so `next` may take as long as traffic takes.
pub struct Capture {
    input: Input,
    reader: Reader,
    pending: VecDeque<Event>,
    source: Source,
    compression: Option<Compression>,
    total_bytes: Option<u64>,
    followed: bool,
}

/// The format of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureFormat {
    /// The old format: one interface, one byte order.
    Pcap,
    /// The new format: sections of blocks.
    Pcapng,
}

enum Reader {
    Pcap(PcapReader),
    Pcapng(PcapngReader),
}

impl Capture {
    /// Opens a capture file. A finished file is mapped. One that was changed within the last
    /// [`Follow::RECENTLY`] may still be written: it is read, to where it ends by then. A compressed
    /// one (gzip, zstd, by its content) is unpacked into a temporary file as it is read. Anything that is no regular
    /// file (a FIFO, `/dev/stdin`) is read as a pipe, which waits for its first bytes.
    ///
    /// # Errors
    ///
    /// When nothing of it can be read. What is wrong further on comes as [`Event::Trouble`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::of_opened(path, open_file(path)?)
    }

    fn of_opened(path: &Path, (mut file, metadata): (File, Metadata)) -> Result<Self, OpenError> {
        let name = || path.display().to_string().into_boxed_str();
        let unreadable = |error| OpenError::Unreadable {
            name: name(),
            error,
        };
        if !metadata.is_file() {
            return Self::from_reader(file, &name());
        }
        if metadata.len() == 0 {
            return Err(OpenError::Empty { name: name() });
        }
        let mut first = [0; Compression::MAGIC_LEN];
        let len = read_up_to(&mut file, &mut first).map_err(unreadable)?;
        if Compression::from_magic(first.get(..len).unwrap_or_default()).is_some() {
            file.rewind().map_err(unreadable)?;
            return Self::from_reader(file, &name());
        }
        if is_being_written(&metadata) {
            return Self::from_input(
                Input::file(FileReader::new(file, None)),
                Some(metadata.len()),
                &name(),
            );
        }
        #[expect(
            unsafe_code,
            reason = "mapping is unsafe because the file may change underneath; capture files are only appended to, \
                      and bytes that changed are read as whatever they are now"
        )]
        let map = unsafe { Mmap::map(&file) }.map_err(unreadable)?;
        Self::from_bytes(Bytes::from_owner(map), &name())
    }

    /// Opens a capture file that another program is writing, and goes on as it grows: `next` waits until there is
    /// more, or until [`Follow::stop`] was called. An empty file is waited for too. A compressed file and a pipe are
    /// read as by [`Capture::open`].
    ///
    /// # Errors
    ///
    /// As [`Capture::open`]. Where a file has not even its header yet, this waits.
    pub fn follow(path: &Path, follow: &Follow) -> Result<Self, OpenError> {
        Self::following_opened(path, open_file(path)?, follow)
    }

    fn following_opened(
        path: &Path,
        (mut file, metadata): (File, Metadata),
        follow: &Follow,
    ) -> Result<Self, OpenError> {
        let name = path.display().to_string();
        let unreadable = |error| OpenError::Unreadable {
            name: name.as_str().into(),
            error,
        };
        if !metadata.is_file() {
            return Self::from_reader(file, &name);
        }
        let mut first = [0; Compression::MAGIC_LEN];
        let len = read_up_to(&mut file, &mut first).map_err(unreadable)?;
        if Compression::from_magic(first.get(..len).unwrap_or_default()).is_some() {
            file.rewind().map_err(unreadable)?;
            return Self::from_reader(file, &name);
        }
        let reader = FileReader::new(file, Some(follow.clone()));
        let mut capture = Self::from_input(Input::file(reader), None, &name)?;
        capture.followed = true;
        Ok(capture)
    }

    /// Opens a capture file as [`Capture::follow`] does when it was changed within the last [`Follow::RECENTLY`], since it
    /// may still be written, else as [`Capture::open`] does.
    ///
    /// # Errors
    ///
    /// As [`Capture::open`]; an empty file that was changed lately is waited for.
    pub fn open_or_follow(path: &Path, follow: &Follow) -> Result<Self, OpenError> {
        // Opened once: whoever writes to a pipe ends when its reader goes away, even for a moment.
        let opened = open_file(path)?;
        match opened.1.is_file() && is_being_written(&opened.1) {
            true => Self::following_opened(path, opened, follow),
            false => Self::of_opened(path, opened),
        }
    }

    /// Reads a capture from a pipe or anything else that is read once. `name` is for error messages.
    ///
    /// Waits until the first bytes are there. Everything read is kept in a temporary file for [`Capture::source`].
    ///
    /// # Errors
    ///
    /// When nothing of it can be read.
    pub fn from_reader(
        mut reader: impl Read + Send + 'static,
        name: &str,
    ) -> Result<Self, OpenError> {
        let mut first = [0; Compression::MAGIC_LEN];
        let len = read_up_to(&mut reader, &mut first).map_err(|error| OpenError::Unreadable {
            name: name.into(),
            error,
        })?;
        let first = first.get(..len).unwrap_or_default();
        let compression = Compression::from_magic(first);
        let reader = Cursor::new(Box::<[u8]>::from(first)).chain(reader);
        let spool = Spool::new().map_err(|error| OpenError::NoTemporaryFile {
            name: name.into(),
            error,
        })?;
        let reader: Box<dyn Read + Send> = match compression {
            None => Box::new(reader),
            Some(compression) => compression.unpack(reader),
        };
        let mut capture = Self::from_input(Input::stream(reader, spool), None, name)?;
        capture.compression = compression;
        Ok(capture)
    }

    /// Reads a capture that is in memory. `name` is for error messages.
    ///
    /// # Errors
    ///
    /// When nothing of it can be read.
    pub fn from_bytes(bytes: Bytes, name: &str) -> Result<Self, OpenError> {
        let total_bytes = Some(bytes.len() as u64);
        Self::from_input(Input::whole(bytes), total_bytes, name)
    }

    fn from_input(
        mut input: Input,
        total_bytes: Option<u64>,
        name: &str,
    ) -> Result<Self, OpenError> {
        let source = input.source();
        let mut pending = VecDeque::new();
        if input.peek(8).is_empty() {
            return Err(match input.trouble() {
                None => OpenError::Empty { name: name.into() },
                Some(trouble) => OpenError::Unreadable {
                    name: name.into(),
                    error: io::Error::other(trouble.kind),
                },
            });
        }
        let first = input.peek(8);
        let magic = first.first_chunk::<4>().copied();
        let not_a_capture = || OpenError::NotACapture {
            name: name.into(),
            first: first.into(),
            looks_like: looks_like(first),
        };
        let magic = magic.ok_or_else(not_a_capture)?;
        let reader = if u32::from_be_bytes(magic) == BlockType::SECTION_HEADER.0 {
            let header = input.peek(28);
            if header.len() < 28 {
                return Err(OpenError::HeaderCut {
                    name: name.into(),
                    found: header.len() as u64,
                });
            }
            Reader::Pcapng(PcapngReader::default())
        } else if let Some(variant) = Variant::from_magic(magic) {
            let found = input.peek(variant.header_len()).len() as u64;
            match PcapReader::open(variant, &mut input, &mut pending) {
                Some(reader) => Reader::Pcap(reader),
                None => {
                    return Err(OpenError::HeaderCut {
                        name: name.into(),
                        found,
                    });
                }
            }
        } else {
            return Err(not_a_capture());
        };
        Ok(Self {
            input,
            reader,
            pending,
            source,
            compression: None,
            total_bytes,
            followed: false,
        })
    }

    /// Any byte of the capture again, now and later.
    pub fn source(&self) -> Source {
        self.source.clone()
    }

    /// The format, as its first bytes say.
    pub fn format(&self) -> CaptureFormat {
        match self.reader {
            Reader::Pcap(_) => CaptureFormat::Pcap,
            Reader::Pcapng(_) => CaptureFormat::Pcapng,
        }
    }

    /// How the capture is compressed, when it is.
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// Bytes read so far, for progress; of a compressed capture those that came out.
    pub fn bytes_read(&self) -> u64 {
        self.input.position()
    }

    /// Bytes there are in all, or `None` for a pipe, a compressed file and one that is followed. A file that is
    /// still being written may have become longer.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// Whether it is a file whose growth is waited for, until [`Follow::stop`].
    pub fn is_followed(&self) -> bool {
        self.followed
    }
}

impl Iterator for Capture {
    type Item = Event;

    /// The next event; waits for a pipe.
    #[inline]
    fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.pending.pop_front() {
            return Some(event);
        }
        let event = match &mut self.reader {
            Reader::Pcap(reader) => reader.next(&mut self.input),
            Reader::Pcapng(reader) => reader.next(&mut self.input, &mut self.pending),
        };
        match self.input.trouble() {
            None => event,
            Some(trouble) => {
                self.pending.extend(event);
                Some(Event::Trouble(trouble))
            }
        }
    }
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Capture")
            .field("format", &self.format())
            .field("bytes_read", &self.bytes_read())
            .field("total_bytes", &self.total_bytes)
            .finish_non_exhaustive()
    }
}

/// Opens a file and says what it is.
fn open_file(path: &Path) -> Result<(File, Metadata), OpenError> {
    let name = || path.display().to_string().into_boxed_str();
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => OpenError::Missing { name: name() },
        io::ErrorKind::PermissionDenied => OpenError::NotPermitted { name: name() },
        _ => OpenError::Unreadable {
            name: name(),
            error,
        },
    })?;
    let metadata = file.metadata().map_err(|error| OpenError::Unreadable {
        name: name(),
        error,
    })?;
    if metadata.is_dir() {
        return Err(OpenError::Directory { name: name() });
    }
    Ok((file, metadata))
}

/// Reads until the buffer is full or there is no more; waits for a pipe.
fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while let Some(rest) = buffer.get_mut(len..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(len)
}
