//! While live traffic is listened to and the cursor stays at its end, the lane of the newest stream stays in view, until a
//! hand scrolls it out of view. Scrolled back into view, it stays there again.

use super::State;
use super::layout::Layout;
use super::reader::Reader;
use crate::ui::ViewContext;

/// What the lanes were in the last picture.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Newest {
    /// How many streams there were.
    streams: usize,
    /// How far the lanes were scrolled down, in points.
    scroll: f64,
    /// Whether the loom moved along with the cursor.
    along: bool,
    /// Whether a hand has scrolled the newest lane out of view.
    away: bool,
}

impl State {
    /// Scrolls to the lane of the newest stream, where streams have come and the cursor is at the end. Answers whether
    /// that changed what is in view.
    pub(super) fn follow_newest(
        &mut self,
        reader: &Reader<'_>,
        context: &ViewContext<'_>,
        layout: &Layout,
    ) -> bool {
        let before = self.newest;
        let streams = reader.http2.streams().len();
        let place_of = |count: usize| {
            let last = count.checked_sub(1)?;
            let position = self.lineup.position(last)?;
            Some(layout.scroll_to(position))
        };
        let along = self.following.moves_along();
        let mut away = before.away && along == before.along;
        if layout.scroll != before.scroll {
            let in_view = place_of(before.streams).is_none_or(|place| place == layout.scroll);
            away = !in_view;
        }
        let at_end = context.frame_count() == reader.http2.frames.len();
        let follows = along && at_end && !away && streams > before.streams;
        let place = place_of(streams).filter(|_| follows);
        let scroll = place.unwrap_or(layout.scroll);
        let moved = scroll != self.scroll;
        self.scroll = scroll;
        self.newest = Newest {
            streams,
            scroll,
            along,
            away,
        };
        moved
    }
}
