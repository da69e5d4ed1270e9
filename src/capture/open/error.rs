//! Why a capture could not be opened.

use std::fmt::Write as _;
use std::io;

/// Why a capture could not be opened: nothing of it can be read. One plain sentence that names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no such file.
    #[error("{name}: there is no such file; check the path")]
    Missing {
        /// The file as the user gave it.
        name: Box<str>,
    },
    /// The file may not be read.
    #[error("{name}: reading it is not permitted; check its owner and mode")]
    NotPermitted {
        /// The file as the user gave it.
        name: Box<str>,
    },
    /// The file cannot be read for another reason.
    #[error("{name}: it cannot be read: {error}")]
    Unreadable {
        /// The file as the user gave it.
        name: Box<str>,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// It is a directory.
    #[error("{name}: this is a directory; give one capture file inside it")]
    Directory {
        /// The file as the user gave it.
        name: Box<str>,
    },
    /// There is not a single byte.
    #[error("{name}: it is empty; a capture has at least a header")]
    Empty {
        /// The file as the user gave it.
        name: Box<str>,
    },
    /// It begins like a capture and ends before its header does.
    #[error(
        "{name}: it ends inside the header of a capture, after {found} bytes; record or copy it again"
    )]
    HeaderCut {
        /// The file as the user gave it.
        name: Box<str>,
        /// Bytes there are.
        found: u64,
    },
    /// It is something else.
    #[error("{name}: this is not a pcap or pcapng capture, it begins with {}", first_bytes(.first, *.looks_like))]
    NotACapture {
        /// The file as the user gave it.
        name: Box<str>,
        /// Its first bytes, up to eight.
        first: Box<[u8]>,
        /// What else begins like that.
        looks_like: Option<&'static str>,
    },
    /// No temporary file can be made for a pipe.
    #[error(
        "{name}: a temporary file to keep it in cannot be made: {error}; set TMPDIR to a place with room"
    )]
    NoTemporaryFile {
        /// The pipe as the user gave it.
        name: Box<str>,
        /// What the system says.
        #[source]
        error: io::Error,
    },
}

/// What a file that is no capture may be.
pub(super) fn looks_like(first: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 10] = [
        (
            &[0x1f, 0x8b],
            "compressed with gzip once more; decompress it first",
        ),
        (
            &[0x28, 0xb5, 0x2f, 0xfd],
            "compressed with zstd once more; decompress it first",
        ),
        (b"\xfd7zXZ", "compressed with xz; decompress it first"),
        (b"BZh", "compressed with bzip2; decompress it first"),
        (b"PK\x03\x04", "a zip archive; take the capture out first"),
        (b"snoop\0", "a snoop capture; convert it with editcap"),
        (
            b"GMBU",
            "a Network Monitor capture; convert it with editcap",
        ),
        (b"\x7fELF", "a program"),
        (b"{", "JSON, perhaps a HAR file"),
        (b"CLIENT_", "a TLS key log; give it with --keylog"),
    ];
    KNOWN
        .iter()
        .find(|(magic, _)| first.starts_with(magic))
        .map(|&(_, name)| name)
}

/// The first bytes of a file in a sentence.
pub(super) fn first_bytes(first: &[u8], looks_like: Option<&'static str>) -> String {
    let mut text = String::new();
    for (index, byte) in first.iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        let _ = write!(text, "{space}{byte:02x}");
    }
    if let Some(looks_like) = looks_like {
        let _ = write!(text, " and looks like it is {looks_like}");
    }
    text
}
