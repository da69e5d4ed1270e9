//! `wireloom render`: a view as a picture.

use super::arguments::{Rendering, Theme};
use super::state::frames_there;
use crate::trace::{Connection, ConnectionId, Cursor, FrameId, Trace};
use crate::ui::offscreen::{self, OffscreenError, Scene};
use crate::ui::theme::ThemeChoice;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub(super) enum RenderError {
    /// There is no such connection.
    #[error("There is no connection {0}; `wireloom connections` lists them.")]
    NoConnection(usize),
    /// There is no such frame.
    #[error("There is no frame {frame} on connection {connection}, {}.", frames_there(*count))]
    NoFrame {
        connection: ConnectionId,
        frame: usize,
        count: usize,
    },
    /// Drawing failed.
    #[error(transparent)]
    Offscreen(#[from] OffscreenError),
    /// Writing failed.
    #[error("The picture cannot be written to {path}: {error}.", path = .path.display())]
    Write {
        path: PathBuf,
        error: std::io::Error,
    },
}

impl RenderError {
    /// Whether something was asked for that does not exist.
    pub(super) fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NoConnection(_)
                | Self::NoFrame { .. }
                | Self::Offscreen(OffscreenError::NoSuchView)
        )
    }
}

/// Draws the picture and writes it. A file that ends in `.svg` gets shapes, one that ends in `.txt` the view in words.
pub(super) fn render(trace: &Trace, wanted: &Rendering) -> Result<(), RenderError> {
    let connection = connection(trace, wanted.connection)?;
    let cursor = match (wanted.at, connection) {
        (None, _) | (_, None) => Cursor::end_of(trace),
        (Some(frame), Some(connection)) => Some(cursor_after(connection, frame)?),
    };
    let theme = match wanted.theme {
        Theme::Dark => ThemeChoice::Dark,
        Theme::Light => ThemeChoice::Light,
    };
    let connection = connection.map(|connection| connection.id);
    let notes = super::notes::of_input(&wanted.input);
    let title = match wanted.input.capture.file_name() {
        Some(name) if name != "-" => name.to_string_lossy(),
        _ => "standard input".into(),
    };
    let (scene, problems) = Scene::new(trace, connection, cursor)
        .named(&title)
        .with_notes(notes)
        .with_schemas(&wanted.proto);
    for problem in problems {
        eprintln!("wireloom: {problem}");
    }
    let ends_in = |wished: &str| {
        let ending = wanted.output.extension();
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case(wished))
    };
    let view = &wanted.view;
    let picture = if ends_in("txt") {
        offscreen::view_text(view, &scene)?.into_bytes()
    } else if ends_in("svg") {
        offscreen::render_svg(view, &scene, wanted.size, theme)?.into_bytes()
    } else {
        offscreen::render_view(view, &scene, wanted.size, theme)?
    };
    let written = if wanted.output == Path::new("-") {
        std::io::stdout().write_all(&picture)
    } else {
        std::fs::write(&wanted.output, &picture)
    };
    written.map_err(|error| RenderError::Write {
        path: wanted.output.clone(),
        error,
    })
}

fn connection(trace: &Trace, wanted: Option<usize>) -> Result<Option<&Connection>, RenderError> {
    match wanted {
        None => Ok(trace.main_connection().or(trace.connections.first())),
        Some(number) => match trace.connections.get(number) {
            Some(connection) => Ok(Some(connection)),
            None => Err(RenderError::NoConnection(number)),
        },
    }
}

fn cursor_after(connection: &Connection, frame: usize) -> Result<Cursor, RenderError> {
    Cursor::after_frame(connection, FrameId::from_index(frame)).ok_or_else(|| {
        RenderError::NoFrame {
            connection: connection.id,
            frame,
            count: connection.http2().map_or(0, |http2| http2.frames.len()),
        }
    })
}
