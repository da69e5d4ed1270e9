//! In which file notes are kept, and what happens when that cannot be read or written.
//!
//! Beside the capture where that is possible. Where it is not (a folder that may only be read, a capture inside the
//! program), notes go to the user's data folder, and what is beside the capture is still seen through them.
//!
//! Nothing is ever lost by writing: a file is replaced in one step by one that was written whole; what another window
//! has written meanwhile is merged; and a file that is no notes is kept under another name before ours takes its place.

use super::merge::{difference, merge, overlay};
use super::sidecar;
use super::{NoteId, Notes};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

mod files;

use files::{Look, broken_name, hold, look, replace, with_ending};

/// What the name of a capture is followed by.
pub const ENDING: &str = ".notes.json";

/// The members of a file in the data folder that one beside the capture does not have.
const CAPTURE: &str = "capture";
const DELETED: &str = "deleted";

/// Where the notes on a capture are at home. See the module text.
#[derive(Clone, Debug)]
pub struct Home {
    beside: Beside,
    /// In the user's data folder.
    own: Option<PathBuf>,
    /// What the capture is called, for people who read the file in the data folder.
    capture: String,
    /// Held while a file is read, merged and written.
    lock: Option<PathBuf>,
    /// Whether the file beside the capture, and that in the data folder, were there when last looked at.
    seen: [bool; 2],
}

#[derive(Clone, Debug)]
enum Beside {
    File(PathBuf),
    Shipped(&'static str),
    Nothing,
}

/// Where notes are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Beside the capture, in this file.
    Beside(PathBuf),
    /// In the user's data folder, in this file.
    Own(PathBuf),
    /// Only in memory.
    Nowhere,
}

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    /// The notes; none where nothing could be read.
    pub notes: Notes,
    /// Where they will be kept, as far as can be told before writing.
    pub kept: Kept,
    /// What is wrong with the files, a sentence each.
    pub troubles: Vec<String>,
}

/// What was written.
#[derive(Debug)]
pub struct Saved {
    /// The notes now: ours, and what others have written.
    pub notes: Notes,
    /// Where they are kept.
    pub kept: Kept,
    /// What a person should know about it, a sentence each.
    pub told: Vec<String>,
}

/// Why notes could not be written. They are still in memory.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Neither place takes them.
    #[error("The notes cannot be written to {}: {error}. They are kept until the window closes.", path.display())]
    Write {
        /// The file tried last.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The capture is no file, and there is no data folder.
    #[error(
        "There is no file beside which these notes could be kept; they last until the window closes."
    )]
    Nowhere,
}

/// Both files, looked at.
struct Files {
    beside: Look,
    own: Look,
    /// The notes of the data folder without the members that only a file there has.
    own_notes: Notes,
    deleted: BTreeSet<NoteId>,
}

impl Files {
    fn seen(&self) -> Notes {
        overlay(&self.beside.notes(), &self.own_notes, &self.deleted)
    }
}

impl Home {
    /// The home of the notes on a capture file. `data` is the user's data folder.
    pub fn of_file(capture: &Path, data: Option<&Path>) -> Self {
        let whole = std::path::absolute(capture).unwrap_or_else(|_| capture.to_owned());
        // A pipe or a device has no place beside it that belongs to what comes out of it.
        let is_file = fs::metadata(&whole).map_or(true, |found| found.is_file());
        if !is_file {
            return Self::nowhere();
        }
        let name = whole.file_name().unwrap_or(whole.as_os_str());
        let hash = fnv1a(whole.as_os_str().as_encoded_bytes());
        let short: String = (name.to_string_lossy().chars())
            .filter(|character| character.is_alphanumeric() || "-_.".contains(*character))
            .take(80)
            .collect();
        Self {
            beside: Beside::File(beside(&whole)),
            own: data.map(|data| own_folder(data).join(format!("{short}-{hash:016x}{ENDING}"))),
            capture: whole.display().to_string(),
            lock: data.map(lock_file),
            seen: [false; 2],
        }
    }

    /// The home of the notes on a capture inside the program, with those that come with it.
    pub fn of_shipped(name: &str, notes: &'static str, data: Option<&Path>) -> Self {
        Self {
            beside: Beside::Shipped(notes),
            own: data.map(|data| own_folder(data).join(format!("tour-{name}{ENDING}"))),
            capture: name.to_owned(),
            lock: data.map(lock_file),
            seen: [false; 2],
        }
    }

    /// The home of notes on what is no file.
    pub fn nowhere() -> Self {
        Self {
            beside: Beside::Nothing,
            own: None,
            capture: String::new(),
            lock: None,
            seen: [false; 2],
        }
    }

    /// Reads the notes that there are.
    pub fn load(&mut self) -> Loaded {
        let files = self.look();
        self.seen = [files.beside.is_there(), files.own.is_there()];
        let beside = match &self.beside {
            Beside::File(path) => Some(path),
            Beside::Shipped(_) | Beside::Nothing => None,
        };
        let mut troubles = Vec::new();
        for (path, look) in [(beside, &files.beside), (self.own.as_ref(), &files.own)] {
            let Some(path) = path else { continue };
            match look {
                Look::Broken(error) => troubles.push(format!(
                    "{} {error}. It is left as it is; when a note is written, it is kept as {}.",
                    path.display(),
                    broken_name(path, 1).display(),
                )),
                Look::Unreadable(error) => {
                    troubles.push(format!("{} cannot be read: {error}.", path.display()));
                }
                Look::Missing | Look::Notes(_) => {}
            }
        }
        let kept = match (beside, &self.own) {
            (Some(path), _) if !files.own.is_there() => Kept::Beside(path.clone()),
            (_, Some(path)) => Kept::Own(path.clone()),
            (Some(path), None) => Kept::Beside(path.clone()),
            (None, None) => Kept::Nowhere,
        };
        Loaded {
            notes: files.seen(),
            kept,
            troubles,
        }
    }

    /// Reads the notes again because somebody else has written. `None` when a file is gone or broken that was there: nobody
    /// has deleted every note in it.
    pub fn load_again(&mut self) -> Option<Loaded> {
        let files = self.look();
        let looks = [&files.beside, &files.own];
        let vanished = (looks.iter().zip(self.seen)).any(|(look, seen)| seen && !look.is_there());
        (!vanished).then(|| self.load())
    }

    /// The files in which notes may be, for who watches them.
    pub fn files(&self) -> Vec<PathBuf> {
        let beside = match &self.beside {
            Beside::File(path) => Some(path.clone()),
            Beside::Shipped(_) | Beside::Nothing => None,
        };
        beside.into_iter().chain(self.own.clone()).collect()
    }

    /// Writes `ours`, which began as `base`, together with what others have written since.
    ///
    /// # Errors
    ///
    /// When no place takes them. What was written before is still there.
    pub fn save(&mut self, base: &Notes, ours: &Notes) -> Result<Saved, SaveError> {
        let _held = self.lock.as_deref().and_then(hold);
        let files = self.look();
        let mut theirs = files.seen();
        let looks = [&files.beside, &files.own];
        let vanished = (looks.iter().zip(self.seen)).any(|(look, seen)| seen && !look.is_there());
        if vanished {
            // A file that was taken away is not somebody who deleted every note in it.
            theirs = merge(&Notes::default(), base, &theirs);
        }
        let notes = merge(base, ours, &theirs);
        let mut told = Vec::new();
        if let Beside::File(path) = &self.beside {
            match replace(path, &files.beside, &notes, &mut told) {
                Ok(()) => {
                    if let (Some(own), Look::Notes(_)) = (&self.own, &files.own) {
                        // All that it had lies beside the capture now. If it stays, nothing is lost.
                        let _ = fs::remove_file(own);
                    }
                    self.seen = [true, false];
                    let kept = Kept::Beside(path.clone());
                    return Ok(Saved { notes, kept, told });
                }
                Err(error) => match &self.own {
                    Some(own) => told.push(format!(
                        "Notes cannot be written beside the capture ({error}), so they are kept in {}.",
                        own.display()
                    )),
                    None => {
                        let path = path.clone();
                        return Err(SaveError::Write { path, error });
                    }
                },
            }
        }
        let Some(path) = &self.own else {
            return Err(SaveError::Nowhere);
        };
        let (mut own, gone) = difference(&files.beside.notes(), &notes);
        own.rest
            .insert(CAPTURE.to_owned(), self.capture.clone().into());
        let deleted: BTreeSet<&NoteId> = gone.iter().chain(&files.deleted).collect();
        let deleted = deleted.into_iter().filter(|id| notes.get(id).is_none());
        let deleted: Vec<Value> = deleted.map(|id| Value::from(&*id.0)).collect();
        own.rest.insert(DELETED.to_owned(), deleted.into());
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| replace(path, &files.own, &own, &mut told));
        written.map_err(|error| SaveError::Write {
            path: path.clone(),
            error,
        })?;
        self.seen = [files.beside.is_there(), true];
        let kept = Kept::Own(path.clone());
        Ok(Saved { notes, kept, told })
    }

    fn look(&self) -> Files {
        let beside = match &self.beside {
            Beside::File(path) => look(path),
            Beside::Shipped(text) => sidecar::parse(text).map_or_else(Look::Broken, Look::Notes),
            Beside::Nothing => Look::Missing,
        };
        let own = self.own.as_deref().map_or(Look::Missing, look);
        let mut own_notes = own.notes();
        own_notes.rest.remove(CAPTURE);
        let deleted = own_notes.rest.remove(DELETED);
        let deleted = deleted.as_ref().and_then(Value::as_array).into_iter();
        let deleted = deleted.flatten().filter_map(Value::as_str);
        let deleted = deleted.map(|id| NoteId(id.into())).collect();
        Files {
            beside,
            own,
            own_notes,
            deleted,
        }
    }
}

/// Where the user's data is kept on this system; `None` when the system does not say.
pub fn data_folder() -> Option<PathBuf> {
    let folder = |variable: &str| {
        let folder = PathBuf::from(std::env::var_os(variable)?);
        folder.is_absolute().then_some(folder)
    };
    let data = if cfg!(target_os = "windows") {
        folder("APPDATA")?
    } else if cfg!(target_os = "macos") {
        folder("HOME")?.join("Library/Application Support")
    } else {
        folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")))?
    };
    Some(data.join("wireloom"))
}

/// The file beside a capture.
pub fn beside(capture: &Path) -> PathBuf {
    with_ending(capture, ENDING)
}

fn own_folder(data: &Path) -> PathBuf {
    data.join("notes")
}

fn lock_file(data: &Path) -> PathBuf {
    data.join("notes.lock")
}

/// The same hash in every version, since a file's name depends on it. Source: the FNV-1a function of 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
