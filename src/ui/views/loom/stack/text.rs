//! All connections in words, for screen readers and tests.

use super::kept::Kept;
use super::paint::title;
use super::{MAX_CONNECTIONS, Stack, is_filtered_out};
use crate::ui::ViewContext;
use crate::ui::views::loom::copies;
use crate::ui::views::loom::lineup::Wishes;
use crate::ui::views::loom::reader::Reader;
use crate::ui::views::loom::text::{FIRST_LANES, Told};
use crate::ui::widgets::waits::Waits;
use crate::ui::widgets::{filtered, format};

/// Why no connection is shown, and what to do.
pub fn nothing_words(context: &ViewContext<'_>, stack: &Stack) -> String {
    let left_out = stack.left_out();
    if left_out.all == 0 {
        return match context.loading {
            true => "Reading the capture; no HTTP/2 connection has been met yet.".to_owned(),
            false => "No connection of this capture carries HTTP/2 that can be read.".to_owned(),
        };
    }
    let connections = format::counted(left_out.all as u64, "connection");
    format!(
        "None of {connections} is shown: clear the filter, the search, or \u{201c}hide idle\u{201d} in the menu of lanes."
    )
}

/// One sentence for a screen reader, made for every picture.
pub fn summary(stack: &Stack, in_view: usize) -> String {
    let left_out = stack.left_out();
    format!(
        "{} on one time axis, {} of them shown, {in_view} in view",
        format::counted(left_out.all as u64, "connection"),
        format::count(left_out.shown as u64),
    )
}

impl Stack {
    /// The connections that are shown, each with how it is shown and with its lanes where they are. Before the first
    /// picture all are told.
    pub fn text(&self, context: &ViewContext<'_>, wishes: &Wishes) -> String {
        let mut words = String::new();
        let section = |id| {
            let at = self
                .sections
                .binary_search_by_key(&id, |section| section.id);
            at.ok().and_then(|at| self.sections.get(at))
        };
        let (mut all, mut filtered_out) = (0, 0);
        for connection in context.trace.connections.iter().take(MAX_CONNECTIONS) {
            let Some(reader) = Reader::of(context.trace, connection) else {
                continue;
            };
            all += 1;
            let is_out = is_filtered_out(context, connection.id);
            filtered_out += usize::from(is_out);
            let section = section(connection.id);
            let is_shown = match self.made_of.is_some() {
                true => section.is_some(),
                false => !is_out || wishes.keeps_filtered,
            };
            if !is_shown {
                continue;
            }
            let state = if self.unfolded.contains(&connection.id) {
                "unfolded"
            } else {
                "folded"
            };
            words.push_str(&format!("{}, {state}\n", title(connection)));
            if let (Some(section), Some(kept)) = (section, self.kept.get(&connection.id)) {
                lines(&mut words, context, &reader, kept, section.content.lanes);
            }
        }
        let note = filtered::words(context, all - filtered_out, all, "connection");
        words.extend(note.map(|note| format!("{note}\n")));
        words
    }
}

/// What made streams of a connection wait, and its lanes where they are shown.
fn lines(
    words: &mut String,
    context: &ViewContext<'_>,
    reader: &Reader<'_>,
    kept: &Kept,
    lanes: usize,
) {
    let none = Waits::default();
    let waits = kept.waits.get(reader.connection.id).unwrap_or(&none);
    let told = Told {
        context,
        reader,
        waits,
        links: &kept.links,
        lineup: kept.lineup(),
    };
    if lanes == 0 {
        let copies = copies::lines(reader.connection, waits).into_iter();
        words.extend(copies.map(|line| format!("{line}\n")));
        return;
    }
    told.connection_lines(words);
    let shown: Vec<usize> = (0..lanes.min(FIRST_LANES)).collect();
    told.lane_lines(words, &shown);
}
