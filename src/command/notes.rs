//! `wireloom notes`: what people wrote about a capture, and a new note on a frame.

use super::Failure;
use super::arguments::{Input, Rows};
use super::state::connection;
use crate::notes::home::data_folder;
use crate::notes::{Home, Kept, Note, NoteId, Notes, Place, Target, now_ns};
use crate::report::{self, passing};
use crate::trace::{FrameId, Trace};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Why notes cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotesError {
    /// Standard input is gone when it was read.
    #[error("Notes are kept beside a capture file; standard input has none.")]
    StandardInput,
    /// There is no HTTP/2 to write about.
    #[error("This capture holds no HTTP/2, so there is no frame to write about.")]
    NoHttp2,
    /// The frame is not a number, or not there.
    #[error("There is no frame {frame} on connection {connection}; `wireloom frames` lists them.")]
    NoFrame {
        /// What was asked for.
        frame: String,
        /// Where.
        connection: usize,
    },
    /// There is no note of that name.
    #[error("There is no note {0}; `wireloom notes CAPTURE --json` tells their names.")]
    NoNote(String),
    /// The note says nothing.
    #[error("A note needs some words.")]
    Blank,
    /// The file could not be written.
    #[error(transparent)]
    Save(#[from] crate::notes::home::SaveError),
}

impl NotesError {
    /// Whether something was asked for that does not exist.
    pub(super) fn is_usage(&self) -> bool {
        !matches!(self, Self::Save(_))
    }
}

/// The notes on a capture.
#[derive(Debug, clap::Args)]
pub(super) struct NotesWanted {
    #[command(flatten)]
    rows: Rows,

    /// Write a note on a frame
    #[arg(long, num_args = 2, value_names = ["FRAME", "TEXT"], conflicts_with = "remove")]
    add: Option<Vec<String>>,

    /// The connection of that frame [default: the HTTP/2 connection with most frames]
    #[arg(long, value_name = "C", requires = "add")]
    connection: Option<usize>,

    /// Delete a note, by its name
    #[arg(long, value_name = "NOTE")]
    remove: Option<String>,
}

/// The home of the notes on a capture.
fn home(input: &Input) -> Home {
    match input.capture == Path::new("-") {
        true => Home::nowhere(),
        false => Home::of_file(&input.capture, data_folder().as_deref()),
    }
}

/// The notes on a capture, for what shows them beside other things. Says on standard error what is wrong with their file.
#[cfg(feature = "gui")]
pub(super) fn of_input(input: &Input) -> crate::notes::Loaded {
    let loaded = home(input).load();
    for trouble in &loaded.troubles {
        eprintln!("wireloom: {trouble}");
    }
    loaded
}

/// Lists the notes, or changes them.
pub(super) fn notes(wanted: &NotesWanted) -> Result<(), Failure> {
    let path = &wanted.rows.listing.input.capture;
    let from_pipe = path == Path::new("-");
    if from_pipe && (wanted.add.is_some() || wanted.remove.is_some()) {
        return Err(NotesError::StandardInput.into());
    }
    let trace = super::read(&wanted.rows.listing.input)?;
    let mut home = home(&wanted.rows.listing.input);
    let loaded = home.load();
    for trouble in &loaded.troubles {
        eprintln!("wireloom: {trouble}");
    }
    let mut notes = loaded.notes.clone();
    let changed = match (&wanted.add, &wanted.remove) {
        (Some(add), _) => {
            notes.put(new_note(&trace, wanted.connection, add)?);
            true
        }
        (None, Some(id)) => {
            let removed = notes.remove(&NoteId(id.as_str().into()));
            removed.ok_or_else(|| NotesError::NoNote(id.clone()))?;
            true
        }
        (None, None) => false,
    };
    if changed {
        return Ok(save(&mut home, &loaded.notes, &notes)?);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let rows = report::notes::notes(&trace, &notes);
    let rows = passing(&trace, &wanted.rows.filter, rows);
    report::write_rows(&mut out, wanted.rows.listing.format(), rows)?;
    out.flush()?;
    if notes.is_empty() && loaded.troubles.is_empty() {
        eprintln!("wireloom: There are no notes on {}.", path.display());
    }
    Ok(())
}

fn new_note(trace: &Trace, wanted: Option<usize>, add: &[String]) -> Result<Note, Failure> {
    let (frame, text) = match add {
        [frame, text] => (frame, text.trim()),
        _ => return Err(NotesError::Blank.into()),
    };
    if text.is_empty() {
        return Err(NotesError::Blank.into());
    }
    let connection = connection(trace, wanted)?.ok_or(NotesError::NoHttp2)?;
    let number = frame.parse::<u32>().ok();
    let place = number.and_then(|number| {
        let frame = FrameId::from_index(usize::try_from(number).ok()?);
        Place::of(trace, Target::Frame(connection.id, frame))
    });
    let place = place.ok_or_else(|| NotesError::NoFrame {
        frame: frame.clone(),
        connection: connection.id.index(),
    })?;
    Ok(Note::new(place, text, now_ns()))
}

fn save(home: &mut Home, before: &Notes, now: &Notes) -> Result<(), NotesError> {
    let saved = home.save(before, now)?;
    for said in &saved.told {
        eprintln!("wireloom: {said}");
    }
    if let (Kept::Beside(path) | Kept::Own(path), true) = (&saved.kept, saved.told.is_empty()) {
        eprintln!("wireloom: The notes are in {}.", path.display());
    }
    Ok(())
}
