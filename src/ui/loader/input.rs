//! What can be read: files, named pipes, standard input, the tour's captures.

use super::LoadError;
use crate::capture::{Capture, Follow};
use crate::ui::tour;
use bytes::Bytes;
use std::path::{Path, PathBuf};

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, or a named pipe.
    File(PathBuf),
    /// A file that another program is writing, although it may not grow for a while.
    Growing(PathBuf),
    /// Standard input.
    StandardInput,
    /// A capture of the tour, by its position.
    Tour(usize),
}

impl Input {
    /// What a person calls it: the file's name, or the tour's title.
    pub fn title(&self) -> String {
        match self {
            Input::File(path) | Input::Growing(path) => path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            Input::StandardInput => "standard input".to_owned(),
            Input::Tour(index) => match tour::STOPS.get(*index) {
                Some(stop) => stop.file.to_owned(),
                None => "tour".to_owned(),
            },
        }
    }

    /// Where it is, when it is a file.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Input::File(path) | Input::Growing(path) => Some(path),
            Input::StandardInput | Input::Tour(_) => None,
        }
    }

    pub(super) fn open(&self, follow: &Follow) -> Result<Capture, LoadError> {
        match self {
            Input::File(path) => Ok(Capture::open_or_follow(path, follow)?),
            Input::Growing(path) => Ok(Capture::follow(path, follow)?),
            Input::StandardInput => Ok(Capture::from_reader(std::io::stdin(), "standard input")?),
            Input::Tour(index) => {
                let stop = tour::STOPS.get(*index).ok_or(LoadError::NoSuchStop)?;
                let bytes = Bytes::from_static(stop.bytes);
                Ok(Capture::from_bytes(bytes, stop.file)?)
            }
        }
    }
}
