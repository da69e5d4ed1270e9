//! Where recordings are kept, and what they are called.

use crate::capture::listen::{Helper, InterfaceName, ListenError};
use crate::ui::widgets::format;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// How many recordings of one second are told apart by a number.
const MAX_NAMES: u32 = 1000;

/// The longest part of an interface's name in that of a recording, in bytes.
const MAX_NAME_LEN: usize = 32;

/// Where recordings are kept within the user's data folder.
pub(super) fn recordings(data_folder: &Path) -> PathBuf {
    data_folder.join("recordings")
}

/// Where recordings are kept when the system does not say where programs keep their data.
pub(super) fn folder_without_home() -> PathBuf {
    std::env::temp_dir().join("wireloom-recordings")
}

/// A name for a recording that begins now, in the user's data folder.
///
/// # Errors
///
/// [`ListenError::File`] when the folder cannot be made.
pub fn recording_of_now(
    interface: &InterfaceName,
    helper: &Helper,
) -> Result<PathBuf, ListenError> {
    let folder = crate::notes::home::data_folder();
    let folder = folder
        .as_deref()
        .map_or_else(folder_without_home, recordings);
    new_recording(&folder, interface, helper.ending())
}

/// A name that no file of the folder has: `lo-2026-11-21T22-40-05Z.pcapng`. Makes the folder.
pub(super) fn new_recording(
    folder: &Path,
    interface: &InterfaceName,
    ending: &str,
) -> Result<PathBuf, ListenError> {
    make_folder(folder).map_err(|error| ListenError::File {
        path: folder.to_owned(),
        error,
    })?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now_ns = i64::try_from(now.unwrap_or_default().as_nanos()).unwrap_or(i64::MAX);
    let stem = stem(interface, now_ns);
    let first = folder.join(format!("{stem}.{ending}"));
    let others = (2..MAX_NAMES).map(|number| folder.join(format!("{stem}-{number}.{ending}")));
    let mut names = std::iter::once(first.clone()).chain(others);
    Ok(names.find(|path| !path.exists()).unwrap_or(first))
}

fn stem(interface: &InterfaceName, now_ns: i64) -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() || c == '_' {
        true => c,
        false => '-',
    };
    let name: String = (interface.as_str().chars().map(plain))
        .take(MAX_NAME_LEN)
        .collect();
    let utc = format::utc(now_ns);
    let seconds = utc.split('.').next().unwrap_or_default();
    let seconds = seconds.replace(' ', "T").replace(':', "-");
    format!("{}-{seconds}Z", name.trim_matches('-'))
}

/// Makes a folder into which nobody else looks.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_named_after_its_interface_and_second_and_never_replaces_another() {
        let interface = |name: &str| name.parse::<InterfaceName>().unwrap();
        let at = 1_772_366_400_184_332_001;
        assert_eq!(stem(&interface("lo"), at), "lo-2026-03-01T12-00-00Z");
        let windows = stem(&interface(r"\Device\NPF_{1-2}/../x"), at);
        assert_eq!(windows, "Device-NPF_-1-2-----x-2026-03-01T12-00-00Z");
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("new/recordings");
        let first = new_recording(&inside, &interface("lo"), "pcapng").unwrap();
        assert!(first.starts_with(&inside) && !first.exists());
        std::fs::write(&first, "x").unwrap();
        let second = new_recording(&inside, &interface("lo"), "pcapng").unwrap();
        assert_ne!(first, second);
    }
}
