//! What a view reads, and how it answers.

use super::grpc::Grpc;
use super::notes::Board;
use super::{Command, Item, Theme};
use crate::filter::Run;
use crate::trace::{Carrier, Connection, Cursor, FrameRow, Moment, Read, Trace};
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
    /// How much time of the capture has passed since the cursor's packet, in nanoseconds: while it is played, time runs on
    /// between packets.
    pub running_ns: i64,
    /// What is selected.
    pub selection: Option<Item>,
    /// What the pointer was over in the last picture.
    pub hovered: Option<Item>,
    /// Colours, sizes and fonts.
    pub theme: &'a Theme,
    /// Which frames pass the filter; `None` while there is no filter.
    pub matches: Option<&'a Run>,
    /// The gRPC calls of the capture, and how their messages are read.
    pub grpc: &'a Grpc,
    /// What people wrote about the capture.
    pub notes: &'a Board,
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
            running_ns: self.running_ns,
            selection: self.selection,
            hovered: self.hovered,
            theme: self.theme,
            matches: self.matches,
            grpc: self.grpc,
            notes: self.notes,
            loading: self.loading,
            next_hovered: self.next_hovered,
            commands: self.commands,
        }
    }

    /// Says what the pointer is over.
    pub fn hover(&self, item: Item) {
        self.next_hovered.set(Some(item));
    }

    /// The time at the cursor, on the capture's clock: what the transport bar says.
    pub fn now_ns(&self) -> Option<i64> {
        let at_packet = self.trace.time_ns(self.cursor?.packet);
        Some(at_packet.saturating_add(self.running_ns))
    }

    /// How many frames of the connection shown have been read at the cursor.
    pub fn frame_count(&self) -> usize {
        match (self.cursor, self.connection) {
            (Some(cursor), Some(connection)) => cursor.frame_count(connection),
            _ => 0,
        }
    }

    /// How much of the connection shown has been read at the cursor.
    pub fn read(&self) -> Read {
        let connection = self.connection;
        connection.map_or_else(Read::default, |of| Read::at(of, self.cursor))
    }

    /// Whether something of the connection shown was there at the cursor.
    pub fn has_come(&self, moment: Moment) -> bool {
        self.read().has(moment)
    }

    /// The stream of the last frame that has been read at the cursor; `None` for the connection's own frames.
    pub fn stream_at_cursor(&self) -> Option<StreamId> {
        let last = self.frame_count().checked_sub(1)?;
        let row = self.connection?.http2()?.frames.get(last)?;
        Some(row.stream).filter(|stream| !stream.is_connection())
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

    /// The stream or exchange that the selection is or belongs to, on the connection shown.
    pub fn selected_carrier(&self) -> Option<Carrier> {
        self.selection?.carrier(self.connection?)
    }

    /// The stream that a person looks at: what the pointer is over in any view, else the selected
    /// one. The connection itself is none.
    pub fn focused_stream(&self) -> Option<StreamId> {
        let connection = self.connection?;
        let pointed = match self.hovered {
            Some(Item::Stream(of, stream)) if of == connection.id => Some(stream),
            Some(item) => match item.frame() {
                Some((of, frame)) if of == connection.id => {
                    let row = connection.http2()?.frames.get(frame.index());
                    row.map(|row| row.stream)
                }
                _ => None,
            },
            None => None,
        };
        let stream = pointed.or_else(|| self.selected_stream());
        stream.filter(|stream| !stream.is_connection())
    }

    /// Whether a stream is to be seen in its full colour: while presenting, only the selected one is.
    pub fn in_spotlight(&self, stream: StreamId) -> bool {
        let selected = match self.theme.presenting {
            true => self.selected_stream().filter(|of| !of.is_connection()),
            false => None,
        };
        selected.is_none_or(|selected| selected == stream)
    }

    /// The colour of a stream or an exchange, the same in every view.
    pub fn carrier_colour(&self, carrier: Carrier) -> egui::Color32 {
        match carrier {
            Carrier::Stream(stream) => self.stream_colour(stream),
            Carrier::Exchange(exchange) => self.theme.stream(exchange.index()),
        }
    }

    /// The same for words and signs as thin as words.
    pub fn carrier_words(&self, carrier: Carrier) -> egui::Color32 {
        match carrier {
            Carrier::Stream(stream) => self.stream_words(stream),
            Carrier::Exchange(exchange) => self.theme.stream_words(exchange.index()),
        }
    }

    /// The colour of a stream, the same in every view.
    pub fn stream_colour(&self, stream: StreamId) -> egui::Color32 {
        let colour = match self.stream_index(stream) {
            Some(index) => self.theme.stream(index),
            None => self.theme.connection_frames,
        };
        match self.in_spotlight(stream) {
            true => colour,
            false => self.theme.in_shade(colour),
        }
    }

    /// The same for its number and what else is written in its colour.
    pub fn stream_words(&self, stream: StreamId) -> egui::Color32 {
        let colour = match self.stream_index(stream) {
            Some(index) => self.theme.stream_words(index),
            None => self.theme.connection_frames,
        };
        match self.in_spotlight(stream) {
            true => colour,
            false => self.theme.later(colour),
        }
    }

    /// How many streams or exchanges before this one have its colour: the second sign that tells them apart.
    pub fn carrier_lap(&self, carrier: Carrier) -> usize {
        let index = match carrier {
            Carrier::Stream(stream) => self.stream_index(stream),
            Carrier::Exchange(exchange) => Some(exchange.index()),
        };
        index.map_or(0, |index| index / super::theme::STREAM_COLOURS)
    }

    fn stream_index(&self, stream: StreamId) -> Option<usize> {
        self.connection?.http2()?.stream_index(stream)
    }
}
