//! Files of notes: looked at, replaced in one step, kept aside when they are broken.

use crate::notes::Notes;
use crate::notes::sidecar::{self, MAX_FILE_BYTES, SidecarError};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many broken files are kept beside each other.
const MAX_BROKEN: u32 = 100;

/// How long one window waits for another to finish writing. It then writes all the same: merging has most likely seen
/// what there is.
const PATIENCE: Duration = Duration::from_secs(2);

/// A file of notes, looked at.
pub(super) enum Look {
    Missing,
    Notes(Notes),
    Broken(SidecarError),
    Unreadable(io::Error),
}

impl Look {
    pub(super) fn notes(&self) -> Notes {
        match self {
            Self::Notes(notes) => notes.clone(),
            _ => Notes::default(),
        }
    }

    pub(super) fn is_there(&self) -> bool {
        matches!(self, Self::Notes(_))
    }
}

pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// What a broken file is kept as.
pub(super) fn broken_name(path: &Path, number: u32) -> PathBuf {
    match number {
        1 => with_ending(path, ".broken"),
        number => with_ending(path, &format!(".broken-{number}")),
    }
}

pub(super) fn look(path: &Path) -> Look {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Look::Missing,
        Err(error) => return Look::Unreadable(error),
    };
    if !found.is_file() {
        // A pipe would keep us waiting.
        return Look::Unreadable(io::Error::other("it is not a file"));
    }
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| {
        // It may grow while it is read.
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut text)
    });
    match read {
        Err(error) => Look::Unreadable(error),
        Ok(_) if text.len() as u64 > MAX_FILE_BYTES => Look::Broken(SidecarError::TooLarge),
        Ok(_) => {
            let text = String::from_utf8_lossy(&text);
            sidecar::parse(&text).map_or_else(Look::Broken, Look::Notes)
        }
    }
}

/// Puts notes in the place of what was found there, in one step. What is broken is kept beside it first.
pub(super) fn replace(
    path: &Path,
    found: &Look,
    notes: &Notes,
    told: &mut Vec<String>,
) -> io::Result<()> {
    if let Look::Unreadable(error) = found {
        return Err(io::Error::new(error.kind(), error.to_string()));
    }
    let text = sidecar::write(notes)?;
    // A link keeps leading to the file.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&path).ok().map(|found| found.permissions());
    if before.as_ref().is_some_and(fs::Permissions::readonly) {
        // Replacing would succeed where the folder may be written.
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the file may only be read",
        ));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".notes-").suffix(".new");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Like any file that this person writes: the rest is up to the umask.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // The error would name a file that nobody has heard of.
    let made = builder.tempfile_in(folder);
    let mut new = made.map_err(|error| io::Error::from(error.kind()))?;
    new.write_all(text.as_bytes())?;
    if let Some(before) = before {
        new.as_file().set_permissions(before)?;
    }
    new.as_file().sync_all()?;
    if matches!(found, Look::Broken(_)) {
        let aside = keep_aside(&path)?;
        told.push(format!(
            "What was in {} could not be read as notes; it is kept as {}.",
            path.display(),
            aside.display()
        ));
    }
    new.persist(&path)?;
    Ok(())
}

/// Gives a broken file another name.
fn keep_aside(path: &Path) -> io::Result<PathBuf> {
    let names = (1..=MAX_BROKEN).map(|number| broken_name(path, number));
    let free = names.into_iter().find(|name| !name.exists());
    let free = free.ok_or_else(|| io::Error::other("too many broken files are kept already"))?;
    fs::rename(path, &free)?;
    Ok(free)
}

/// Waits until no other window writes notes, for a while. The lock ends with the file.
pub(super) fn hold(lock: &Path) -> Option<File> {
    fs::create_dir_all(lock.parent()?).ok()?;
    let file = File::create(lock).ok()?;
    let began = Instant::now();
    while file.try_lock().is_err() {
        if began.elapsed() > PATIENCE {
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Some(file)
}
