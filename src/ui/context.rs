//! What a view reads, and how it answers.

use super::{Command, Item, Theme};
use crate::filter::Run;
use crate::trace::{Connection, Cursor, FrameRow, Trace};
use crate::wire::http2::StreamId;
use std::cell::{Cell, RefCell};

/// Everything a view may read while it draws one picture.
///
/// Hover is written in this picture and read in the next, so the order of drawing never matters.
pub struct ViewContext<'a> {
    /// What was seen so far.
    pub trace: &'a Trace,
    /// The connection shown; `None` while none is known.
    pub connection: Option<&'a Connection>,
    /// The instant shown; `None` before the first packet.
    pub cursor: Option<Cursor>,
    /// What is selected.
    pub selection: Option<Item>,
    /// What the pointer was over in the last picture.
    pub hovered: Option<Item>,
    /// Colours, sizes and fonts.
    pub theme: &'a Theme,
    /// Which frames pass the filter; `None` while there is no filter.
    pub matches: Option<&'a Run>,
    /// Whether the capture is still being read.
    pub loading: bool,
    /// What the pointer is over in this picture.
    pub next_hovered: &'a Cell<Option<Item>>,
    /// The answers, carried out after the picture.
    pub commands: &'a RefCell<Vec<Command>>,
}

impl ViewContext<'_> {
    /// Answers with a command.
    pub fn send(&self, command: Command) {
        self.commands.borrow_mut().push(command);
    }

    /// The same with another connection shown, for views of several.
    pub fn with_connection<'b>(&'b self, connection: &'b Connection) -> ViewContext<'b> {
        ViewContext {
            trace: self.trace,
            connection: Some(connection),
            cursor: self.cursor,
            selection: self.selection,
            hovered: self.hovered,
            theme: self.theme,
            matches: self.matches,
            loading: self.loading,
            next_hovered: self.next_hovered,
            commands: self.commands,
        }
    }

    /// Says what the pointer is over.
    pub fn hover(&self, item: Item) {
        self.next_hovered.set(Some(item));
    }

    /// How many frames of the connection shown have been read at the cursor.
    pub fn frame_count(&self) -> usize {
        match (self.cursor, self.connection) {
            (Some(cursor), Some(connection)) => cursor.frame_count(connection),
            _ => 0,
        }
    }

    /// The selected frame of the connection shown.
    pub fn selected_frame(&self) -> Option<(crate::trace::FrameId, &FrameRow)> {
        let connection = self.connection?;
        let (of, frame) = self.selection?.frame()?;
        if of != connection.id {
            return None;
        }
        Some((frame, connection.http2()?.frames.get(frame.index())?))
    }

    /// The stream that the selection is or belongs to, on the connection shown.
    pub fn selected_stream(&self) -> Option<StreamId> {
        match self.selection? {
            Item::Stream(of, stream) if Some(of) == self.connection.map(|c| c.id) => Some(stream),
            _ => self.selected_frame().map(|(_, frame)| frame.stream),
        }
    }

    /// The colour of a stream, the same in every view.
    pub fn stream_colour(&self, stream: StreamId) -> egui::Color32 {
        let index = self
            .connection
            .and_then(|connection| connection.http2()?.stream_index(stream));
        match index {
            Some(index) => self.theme.stream(index),
            None => self.theme.connection_frames,
        }
    }
}
