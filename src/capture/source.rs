//! Any byte of a capture, again, by its offset.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

/// The bytes of a capture, for looking at them again later.
///
/// Cheap to clone, and it may be used from several threads while the capture is still being read.
#[derive(Clone, Debug)]
pub struct Source(Backing);

#[derive(Clone, Debug)]
enum Backing {
    /// The whole capture, mapped or in memory.
    Whole(Bytes),
    /// A file that is read where bytes are asked for.
    File(Arc<ReadableFile>),
}

/// A file and how much of it may be read.
#[derive(Debug)]
struct ReadableFile {
    file: File,
    len: AtomicU64,
}

impl Source {
    /// A capture of no bytes: what is shown while none is open.
    pub fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    /// A capture that is there as a whole.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self(Backing::Whole(bytes))
    }

    /// A file of which `len` bytes can be read now.
    pub(super) fn file(file: File, len: u64) -> Self {
        Self(Backing::File(Arc::new(ReadableFile {
            file,
            len: AtomicU64::new(len),
        })))
    }

    /// `len` bytes from `offset` on, or `None` when the capture does not (yet) have all of them.
    ///
    /// Of a mapped file this is a slice, of a pipe a copy; never larger than the capture.
    pub fn bytes(&self, offset: u64, len: usize) -> Option<Bytes> {
        let end = offset.checked_add(u64::try_from(len).ok()?)?;
        match &self.0 {
            Backing::Whole(bytes) => {
                let start = usize::try_from(offset).ok()?;
                let end = usize::try_from(end).ok()?;
                (end <= bytes.len()).then(|| bytes.slice(start..end))
            }
            Backing::File(readable) => {
                if end > readable.len.load(Ordering::Acquire) {
                    return None;
                }
                let mut buffer = vec![0; len];
                read_exact_at(&readable.file, &mut buffer, offset).ok()?;
                Some(buffer.into())
            }
        }
    }

    /// How many bytes can be read now; grows while a pipe is read.
    pub fn len(&self) -> u64 {
        match &self.0 {
            Backing::Whole(bytes) => bytes.len() as u64,
            Backing::File(readable) => readable.len.load(Ordering::Acquire),
        }
    }

    /// Whether nothing can be read (yet).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads into `buffer` from `offset` on, as much as there is; `Ok(0)` at the end of the file.
    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match &self.0 {
            Backing::File(readable) => read_at(&readable.file, buffer, offset),
            Backing::Whole(_) => Ok(0),
        }
    }

    /// How long the file is now; `None` when the system will not say.
    pub(super) fn file_len(&self) -> Option<u64> {
        match &self.0 {
            Backing::File(readable) => readable.file.metadata().ok().map(|data| data.len()),
            Backing::Whole(_) => None,
        }
    }

    /// Tells that bytes up to `len` are in the file now.
    pub(super) fn grow_to(&self, len: u64) {
        if let Backing::File(readable) = &self.0 {
            readable.len.store(len, Ordering::Release);
        }
    }
}

/// The temporary file that keeps what came through a pipe. It has no name and vanishes with the program.
#[derive(Debug)]
pub(super) struct Spool {
    writer: File,
    written: u64,
    source: Source,
}

impl Spool {
    pub(super) fn new() -> io::Result<Self> {
        let writer = tempfile::tempfile()?;
        let reader = writer.try_clone()?;
        Ok(Self {
            writer,
            written: 0,
            source: Source::file(reader, 0),
        })
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// Appends, and lets the source see it.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        append_at(&mut self.writer, bytes, self.written)?;
        self.written += bytes.len() as u64;
        self.source.grow_to(self.written);
        Ok(())
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(unix)]
fn append_at(file: &mut File, bytes: &[u8], _written: u64) -> io::Result<()> {
    io::Write::write_all(file, bytes)
}

/// Windows moves the file's position with each read, so writes say their own.
#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !buffer.is_empty() {
        match file.seek_read(buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = buffer.get_mut(read..).unwrap_or_default();
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(windows)]
fn append_at(file: &mut File, mut bytes: &[u8], mut written: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        let n = file.seek_write(bytes, written)?;
        if n == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(n..).unwrap_or_default();
        written += n as u64;
    }
    Ok(())
}

/// Elsewhere reading by position is not to be had: what needs it has to keep packets itself.
#[cfg(not(any(unix, windows)))]
fn read_exact_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(any(unix, windows)))]
fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(any(unix, windows)))]
fn append_at(file: &mut File, bytes: &[u8], _written: u64) -> io::Result<()> {
    io::Write::write_all(file, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spool_gives_back_what_was_appended_and_no_more() {
        let mut spool = Spool::new().unwrap();
        let source = spool.source().clone();
        assert!(source.is_empty());
        assert_eq!(source.bytes(0, 1), None);
        spool.append(b"hello ").unwrap();
        assert_eq!(source.bytes(1, 4).unwrap(), "ello");
        spool.append(b"world").unwrap();
        assert_eq!(source.bytes(4, 7).unwrap(), "o world");
        assert_eq!(source.bytes(4, 8), None);
        assert_eq!(source.bytes(u64::MAX, 8), None);
        assert_eq!(source.len(), 11);
    }

    #[test]
    fn a_whole_source_gives_slices() {
        let source = Source::whole(Bytes::from_static(b"hello"));
        assert_eq!(source.bytes(1, 3).unwrap(), "ell");
        assert_eq!(source.bytes(5, 0).unwrap(), "");
        assert_eq!(source.bytes(1, 5), None);
        assert_eq!(source.bytes(1, usize::MAX), None);
    }
}
