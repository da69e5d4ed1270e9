//! What is kept of one connection of several from picture to picture, and how much of it at most.

use super::Stack;
use crate::trace::ConnectionId;
use crate::ui::ViewContext;
use crate::ui::background::{Background, quick_rows, rows_of};
use crate::ui::room::FRAMES_PER_PICTURE;
use crate::ui::views::loom::lineup::{Lineup, Wishes};
use crate::ui::views::loom::links::Links;
use crate::ui::views::loom::reader::{Reader, Summaries};
use crate::ui::views::loom::window::Window;
use crate::ui::widgets::filtered;
use crate::ui::widgets::waits::Waits;
use std::ops::Range;

/// Connections of which everything is kept at the same time: many more than fit into a window.
const MAX_DRAWN: usize = 128;

/// What is kept of one connection.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Its totals.
    pub summaries: Summaries,
    /// What belongs together.
    pub links: Links,
    /// What made its streams wait.
    pub waits: Background<Waits>,
    lineup: Lineup,
    lined_up: Option<LinedUp>,
}

/// Of what lanes were lined up: what was asked of them, whether all are shown or only the pinned ones, the frames in view,
/// and how many streams there were.
type LinedUp = ((u64, bool, Range<usize>), usize);

impl Kept {
    /// The lanes.
    pub fn lineup(&self) -> &Lineup {
        &self.lineup
    }

    /// The frames in a stretch of time; `None` while not all of them are known.
    pub fn frames_in(
        &mut self,
        reader: &Reader<'_>,
        window: Window,
        room: &mut usize,
    ) -> Option<Range<usize>> {
        self.summaries.follow_within(reader, room);
        let times_ns = window.start_ns..window.end_ns;
        (!self.summaries.is_behind(reader)).then(|| self.summaries.frames_within(reader, times_ns))
    }

    /// Lines the lanes up where that is needed and there is room for so many streams. Returns whether they are.
    pub fn line_up(
        &mut self,
        context: &ViewContext<'_>,
        reader: &Reader<'_>,
        wishes: &Wishes,
        (generation, open, in_view): (u64, bool, Range<usize>),
        room: &mut usize,
    ) -> bool {
        let streams = reader.http2.streams().len();
        let made_of = ((generation, open, in_view.clone()), streams);
        if self.lined_up.as_ref() == Some(&made_of) {
            return true;
        }
        if *room == 0 {
            return false;
        }
        *room = room.saturating_sub(streams.max(1));
        let connection = reader.connection;
        let passes = |stream| !filtered::hides_stream(context, connection.id, stream);
        let lineup = Lineup::new(connection, reader.http2, wishes, in_view, passes);
        self.lineup = match open {
            true => lineup,
            false => lineup.only_pinned(),
        };
        self.lined_up = Some(made_of);
        true
    }

    /// Gives up what only a picture needs.
    fn forget_picture(&mut self) {
        self.summaries = Summaries::default();
        self.links = Links::default();
        self.waits = Background::default();
    }
}

impl Stack {
    /// Works out what a picture of these connections needs, as much as one picture has time for. The connection shown
    /// is worked out in any case. Returns whether there is more to do.
    pub(super) fn work_out(
        &mut self,
        ctx: &egui::Context,
        context: &ViewContext<'_>,
        visible: &[ConnectionId],
    ) -> bool {
        let shown = context.connection.map(|connection| connection.id);
        let apart = shown.filter(|shown| !visible.contains(shown));
        let mut more = false;
        let mut frames = FRAMES_PER_PICTURE;
        let quick = quick_rows(context.loading);
        let mut rows = quick;
        let mut has_thread = visible.iter().any(|id| {
            let kept = self.kept.get(id);
            kept.is_some_and(|kept| kept.waits.is_working())
        });
        for &id in visible.iter().chain(&apart) {
            let reader = (context.trace.connection(id))
                .and_then(|connection| Reader::of(context.trace, connection));
            let Some(reader) = reader else {
                continue;
            };
            let kept = self.kept.entry(id).or_default();
            kept.summaries.follow_within(&reader, &mut frames);
            more |= kept.summaries.is_behind(&reader);
            kept.links.follow(&reader);
            let (connection, loading) = (reader.connection, context.loading);
            let is_working = kept.waits.is_working();
            if !is_working && !kept.waits.is_current(connection, loading) {
                let cost = rows_of(connection);
                let needs_thread = cost > quick;
                let has_room = match needs_thread {
                    true => !has_thread,
                    // At least one is worked out in every picture.
                    false => cost <= rows || rows == quick,
                };
                if !has_room {
                    // A thread wakes the window when it is done.
                    more |= !needs_thread;
                    continue;
                }
                has_thread |= needs_thread;
                rows = rows.saturating_sub(if needs_thread { 0 } else { cost });
            }
            (kept.waits).follow(ctx, context.trace, connection, loading, Waits::of);
        }
        self.forget_others(visible, apart);
        more
    }

    /// Of connections that were drawn long ago only the lanes are kept.
    fn forget_others(&mut self, visible: &[ConnectionId], apart: Option<ConnectionId>) {
        let drawn = || visible.iter().chain(&apart);
        if (self.drawn).ends_with(visible) && self.drawn.len() <= MAX_DRAWN {
            return;
        }
        self.drawn.retain(|id| !drawn().any(|drawn| drawn == id));
        self.drawn.extend(drawn());
        let too_many = self
            .drawn
            .len()
            .saturating_sub(MAX_DRAWN.max(visible.len() + 1));
        for id in self.drawn.drain(..too_many) {
            if let Some(kept) = self.kept.get_mut(&id) {
                kept.forget_picture();
            }
        }
    }
}
