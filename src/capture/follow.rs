//! Files that another program is still writing: read by position instead of mapped, and followed as they grow.
//!
//! A mapped file that shrinks ends the process at the next look at it, and one that is being written may do so (the
//! program is started again with the same file, or turns files over). No system says whether a file is being
//! written, so the time of its last change is asked: see [`Follow::RECENTLY`].

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::source::Source;

/// How long to wait before looking again whether a followed file has grown. Our choice: a tenth of a second feels
/// immediate, and looking costs one call of the system.
const WAIT: Duration = Duration::from_millis(100);

/// Ends the following of a growing file from outside, and tells whether its end was reached. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct Follow {
    stopped: Arc<AtomicBool>,
    at_end: Arc<AtomicBool>,
}

impl Follow {
    /// A file that was changed no longer ago may still be written. Our choice: programs that capture write at least
    /// every few seconds while there is traffic, and reading instead of mapping costs one copy.
    pub const RECENTLY: Duration = Duration::from_secs(10);

    /// A switch that is on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits no longer: the capture ends where its file ends now.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    /// Whether [`Follow::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Whether all that is in the file was read, so that its growth is waited for.
    pub fn is_at_end(&self) -> bool {
        self.at_end.load(Ordering::Acquire)
    }
}

/// Whether a file may still be written: it was changed recently, or in the future of this clock.
pub(super) fn is_being_written(metadata: &Metadata) -> bool {
    metadata.modified().is_ok_and(|changed| {
        SystemTime::now()
            .duration_since(changed)
            .is_ok_and(|age| age < Follow::RECENTLY)
            || changed > SystemTime::now()
    })
}

/// Reads a file by position, and lets its [`Source`] see what was read.
pub(super) struct FileReader {
    source: Source,
    position: u64,
    /// Ends at the end of the file when there is none.
    follow: Option<Follow>,
}

impl FileReader {
    pub(super) fn new(file: File, follow: Option<Follow>) -> Self {
        Self {
            source: Source::file(file, 0),
            position: 0,
            follow,
        }
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Asked before reading, so that what was written before the stop is read.
            let stopped = self.follow.as_ref().is_none_or(Follow::is_stopped);
            let read = self.source.read_at(buffer, self.position)?;
            if let Some(follow) = &self.follow {
                follow.at_end.store(read == 0, Ordering::Release);
            }
            if read > 0 {
                self.position += read as u64;
                self.source.grow_to(self.position);
                return Ok(read);
            }
            if self
                .source
                .file_len()
                .is_some_and(|len| len < self.position)
            {
                return Err(io::ErrorKind::StaleNetworkFileHandle.into());
            }
            if stopped || buffer.is_empty() {
                return Ok(0);
            }
            std::thread::sleep(WAIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_growing_file_is_read_as_it_grows_until_the_stop() {
        let mut writer = tempfile::NamedTempFile::new().unwrap();
        let follow = Follow::new();
        let mut reader = FileReader::new(writer.reopen().unwrap(), Some(follow.clone()));
        let source = reader.source().clone();
        let reading = std::thread::spawn(move || {
            let mut read = Vec::new();
            reader.read_to_end(&mut read).map(|_| read)
        });
        for text in ["one ", "two ", "three"] {
            writer.write_all(text.as_bytes()).unwrap();
            std::thread::sleep(WAIT / 4);
        }
        follow.stop();
        assert_eq!(reading.join().unwrap().unwrap(), b"one two three");
        assert_eq!(source.bytes(4, 3).unwrap(), "two");
    }

    #[test]
    fn the_end_is_told_once_all_was_read_and_no_longer_when_the_file_grows() {
        let mut writer = tempfile::NamedTempFile::new().unwrap();
        writer.write_all(b"one two").unwrap();
        let follow = Follow::new();
        let mut reader = FileReader::new(writer.reopen().unwrap(), Some(follow.clone()));
        assert!(!follow.is_at_end());
        reader.read_exact(&mut [0; 4]).unwrap();
        assert!(!follow.is_at_end());
        reader.read_exact(&mut [0; 3]).unwrap();
        follow.stop();
        assert_eq!(reader.read(&mut [0; 4]).unwrap(), 0);
        assert!(follow.is_at_end());
        writer.write_all(b" three").unwrap();
        assert_eq!(reader.read(&mut [0; 4]).unwrap(), 4);
        assert!(!follow.is_at_end());
    }

    #[test]
    fn a_file_that_shrinks_is_an_error_and_no_signal() {
        let mut writer = tempfile::NamedTempFile::new().unwrap();
        writer.write_all(&[7; 5000]).unwrap();
        let mut reader = FileReader::new(writer.reopen().unwrap(), None);
        let source = reader.source().clone();
        reader.read_exact(&mut [0; 5000]).unwrap();
        writer.as_file().set_len(100).unwrap();
        let error = reader.read(&mut [0; 10]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StaleNetworkFileHandle);
        assert_eq!(source.bytes(0, 100).unwrap(), vec![7; 100]);
        assert_eq!(source.bytes(0, 5000), None);
    }
}
