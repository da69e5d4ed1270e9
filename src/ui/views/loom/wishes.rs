//! Carries out what a person asks of the lanes, and lines them up again when that or the capture has changed.

use super::lineup::Lineup;
use super::reader::Reader;
use super::{Command, State};
use crate::ui::ViewContext;
use crate::ui::widgets::filtered;
use crate::wire::http2::StreamId;
use std::ops::Range;

impl State {
    /// Takes in a wish about the lanes. Other commands change nothing here.
    pub(super) fn wish(&mut self, wish: Command, context: &ViewContext<'_>) {
        let wishes = &mut self.wishes;
        match wish {
            Command::SortBy(order) => wishes.order = order,
            Command::GroupBy(grouping) => {
                wishes.grouping = grouping;
                wishes.folded.clear();
            }
            Command::Fold(connection, title) => toggle(&mut wishes.folded, (connection, title)),
            Command::Pin(connection, stream) => toggle(&mut wishes.pinned, (connection, stream)),
            Command::PinSelected => {
                if let Some(stream) = context.selected_stream()
                    && stream != StreamId::CONNECTION
                    && let Some(connection) = context.connection
                {
                    toggle(&mut wishes.pinned, (connection.id, stream));
                }
            }
            Command::ToggleIdle => wishes.hides_idle = !wishes.hides_idle,
            Command::ToggleFiltered => wishes.keeps_filtered = !wishes.keeps_filtered,
            Command::Search(text) => {
                wishes.search = text;
                self.scroll = 0.0;
            }
            _ => {}
        }
    }

    /// Lines the lanes up again where that is needed.
    pub(super) fn line_up(&mut self, reader: &Reader<'_>, context: &ViewContext<'_>) {
        let target = self.target.filter(|_| self.wishes.hides_idle);
        let in_view = target.map_or(0..usize::MAX, |window| {
            self.summaries
                .frames_within(reader, window.start_ns..window.end_ns)
        });
        let made_of = (
            self.wishes.clone(),
            reader.http2.streams().len(),
            // While a capture is read streams grow; what is sorted by that follows when all was read.
            if context.loading {
                0
            } else {
                reader.http2.frames.len()
            },
            in_view.clone(),
            filtered::progress(context),
        );
        if self.lineup_of.as_ref() == Some(&made_of) {
            return;
        }
        self.lineup = self.lineup_for(reader, context, in_view);
        self.lineup_of = Some(made_of);
    }

    pub(super) fn lineup_for(
        &self,
        reader: &Reader<'_>,
        context: &ViewContext<'_>,
        in_view: Range<usize>,
    ) -> Lineup {
        let connection = reader.connection;
        Lineup::new(connection, reader.http2, &self.wishes, in_view, |stream| {
            !filtered::hides_stream(context, connection.id, stream)
        })
    }
}

/// Takes a thing out of a list, or puts it at the end.
fn toggle<T: PartialEq>(list: &mut Vec<T>, thing: T) {
    match list.iter().position(|known| *known == thing) {
        Some(at) => drop(list.remove(at)),
        None => list.push(thing),
    }
}
