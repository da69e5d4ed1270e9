//! What the list of notes says, and what a click on a row leads to.

use crate::notes::Target;
use crate::report::text;
use crate::ui::notes::Board;
use crate::ui::notes::board::Placed;
use crate::ui::widgets::format;
use crate::ui::{Item, ViewContext};

/// `3 notes`.
pub fn heading(board: &Board) -> String {
    format::counted(board.rows().len() as u64, "note")
}

/// What stands where there are no notes.
pub fn nothing(context: &ViewContext<'_>) -> &'static str {
    match (context.trace.packets.is_empty(), context.loading) {
        (true, false) => "Notes on a capture are listed here. Open one first.",
        _ => {
            "No notes yet. Select a frame, a stream, an exchange or a connection, or move the cursor, and press M: what you write is kept \
             beside the capture, and a flag on the loom shows where."
        }
    }
}

/// Where and when: `frame 12, HEADERS on stream 5 · 184.332 001 ms`.
pub fn place_words(row: &Placed) -> String {
    match (row.target, row.time_ns) {
        (Some(_), Some(time_ns)) => format!("{} · {} ms", row.words, format::milliseconds(time_ns)),
        (Some(_), None) => row.words.clone(),
        (None, _) => format!("{} · not in this capture, or not read yet", row.words),
    }
}

/// A row as it is read aloud.
pub fn row_text(board: &Board, row: &Placed) -> String {
    let note = board.notes().get(&row.id);
    let words = note.map_or("", |note| note.text.as_str());
    format!("{}: {}", place_words(row), text::one_line(words, 400))
}

/// What is lit in other views for it.
pub fn item_of(target: Target) -> Option<Item> {
    match target {
        Target::Frame(connection, frame) => Some(Item::Frame(connection, frame)),
        Target::Stream(connection, stream) => Some(Item::Stream(connection, stream)),
        Target::Exchange(connection, exchange) => Some(Item::Exchange(connection, exchange)),
        Target::Connection(connection) => Some(Item::Connection(connection)),
        Target::Instant(_) => None,
    }
}
