//! Draws who waits: bands behind the windows, and a row for each that waits, with how long and what ended it.

use super::{FUTURE, Picture};
use crate::trace::http2::StalledBy;
use crate::ui::theme::text_size;
use crate::ui::views::flow::stalls::Pause;
use egui::{Align2, Color32, FontId, Galley, Painter, Rangef, Rect, Stroke, pos2, vec2};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Between the strokes of a hatched band.
const HATCH: f32 = 9.0;
/// With less room nobody asks what ended a wait: no words for it would fit.
const LEAST_FOR_CREDIT: f32 = 110.0;
/// Words within a narrower band would be broken within a word.
const LEAST_FOR_BAND_WORDS: f32 = 58.0;
/// Between two waits of which one follows the other at once.
const SEAM: f32 = 2.0;
/// Narrower ones have no room for a seam.
const LEAST_FOR_SEAM: f32 = 6.0;

impl Picture<'_> {
    fn pause_colour(&self, pause: &Pause) -> Color32 {
        match pause.by {
            StalledBy::Stream => self.colour(pause.stream),
            StalledBy::Connection | StalledBy::Both => self.context.theme.error,
        }
    }

    /// Bands behind the lines, for the selected stream and for all together.
    pub(super) fn paint_bands(&self, painter: &Painter, pauses: &[Pause]) {
        for pause in pauses.iter().filter(|pause| self.has_band(pause)) {
            let place = if pause.row().is_connection() {
                self.layout.plot_y()
            } else {
                self.layout.streams.rect.y_range()
            };
            let rect = Rect::from_x_y_ranges(self.band(pause), place);
            self.paint_hatched(painter, pause, rect, 0.5);
        }
    }

    /// In the bands, where they are wide enough, what ended the wait.
    pub(super) fn paint_band_words(&self, painter: &Painter, pauses: &[Pause]) {
        let theme = self.context.theme;
        let small = FontId::proportional(text_size::SMALL);
        let top = self.layout.plot_y().min + 4.0;
        let mut free = f32::NEG_INFINITY;
        for pause in pauses.iter().filter(|pause| pause.row().is_connection()) {
            let band = self.band(pause).intersection(painter.clip_rect().x_range());
            if band.span() < LEAST_FOR_BAND_WORDS || band.min < free {
                continue;
            }
            let colour = match self.is_future(band.min) {
                true => theme.text_weak,
                false => theme.text,
            };
            // More lines than two would cover the windows themselves.
            let ways = [
                pause.credit_in_short(&self.reader),
                pause.credit_frame_words(),
            ];
            let laid = ways
                .into_iter()
                .flatten()
                .map(|words| painter.layout(words, small.clone(), colour, band.span() - 10.0));
            let Some(galley) = { laid }.find(|galley| galley.rows.len() <= 2) else {
                continue;
            };
            let place = Rect::from_min_size(pos2(band.min + 5.0, top), galley.size());
            free = place.right();
            painter.rect_filled(
                place.expand(3.0),
                3.0,
                theme.background.gamma_multiply(0.75),
            );
            painter.galley(place.min, galley, colour);
        }
    }

    /// A tint, and strokes across it so that colour is not the only sign.
    fn paint_hatched(&self, painter: &Painter, pause: &Pause, rect: Rect, strength: f32) {
        let rect = rect.intersect(painter.clip_rect());
        if !rect.is_positive() {
            return;
        }
        let future = if self.is_future(rect.left()) {
            FUTURE
        } else {
            1.0
        };
        let colour = self.pause_colour(pause).gamma_multiply(strength * future);
        painter.rect_filled(rect, 0.0, colour.gamma_multiply(0.3));
        if rect.width() < HATCH {
            return;
        }
        let hatched = painter.with_clip_rect(rect);
        let stroke = Stroke::new(1.0, colour.gamma_multiply(0.6));
        let mut x = rect.left() - rect.height();
        while x < rect.right() {
            let (left, right) = (x, x + rect.height());
            hatched.line_segment([pos2(left, rect.bottom()), pos2(right, rect.top())], stroke);
            x += HATCH;
        }
    }

    /// A row for each that waits, with how long. Answers where words stand, row by row.
    pub(super) fn paint_waiting(&self, painter: &Painter, pauses: &[Pause]) -> Vec<Rect> {
        let mut told = Vec::new();
        let theme = self.context.theme;
        let small = FontId::proportional(text_size::SMALL);
        for (position, stream) in self.waiting.iter().enumerate() {
            let row = self.layout.waiting_row(position);
            let selected = Some(*stream) == self.selected;
            let ground = if selected {
                theme.selection
            } else {
                theme.lane
            };
            painter.rect_filled(row, 2.0, ground);
            let name = if stream.is_connection() {
                "all wait".to_owned()
            } else {
                format!("stream {stream} waits")
            };
            let at = pos2(row.left() - 8.0, row.center().y);
            let colour = if selected {
                theme.text
            } else {
                theme.text_weak
            };
            painter.text(at, Align2::RIGHT_CENTER, name, small.clone(), colour);
            let in_row = painter.with_clip_rect(row);
            let mut own = pauses
                .iter()
                .filter(|pause| pause.row() == *stream)
                .peekable();
            let mut before = row.left();
            while let Some(pause) = own.next() {
                let next = own.peek().map_or(row.right(), |next| self.band(next).min);
                told.extend(self.paint_wait(&in_row, pause, row, before..=next));
                before = self.band(pause).max;
            }
        }
        told
    }

    /// Where words in a wait begin: in its middle, else beside the cursor's line where that would cross them and there is room.
    fn beside_cursor(&self, visible: Rect, width: f32) -> f32 {
        let middle = visible.center().x - width / 2.0;
        let Some(x) = self.cursor_x() else {
            return middle;
        };
        if !Rangef::new(middle - 4.0, middle + width + 4.0).contains(x) {
            return middle;
        }
        let room = visible.x_range().shrink(4.0);
        let fits = |left: &f32| room.contains(*left) && room.contains(left + width);
        let beside = [x - 6.0 - width, x + 6.0];
        beside.into_iter().find(fits).unwrap_or(middle)
    }

    /// A wait in its row: how long it lasted, and, where there is room in it or beside it, what ended it. `free` reaches
    /// from the wait before to the next one. Answers where its words stand.
    fn paint_wait(
        &self,
        in_row: &Painter,
        pause: &Pause,
        row: Rect,
        free: RangeInclusive<f32>,
    ) -> Vec<Rect> {
        let theme = self.context.theme;
        let small = FontId::proportional(text_size::SMALL);
        let band = self.band(pause);
        // A gap, so that waits which follow at once are not read as one.
        let gap = if band.span() > LEAST_FOR_SEAM {
            SEAM
        } else {
            0.0
        };
        let rect = Rect::from_x_y_ranges(Rangef::new(band.min, band.max - gap), row.y_range());
        self.paint_hatched(in_row, pause, rect, 1.0);
        let future = if self.is_future(rect.left()) {
            FUTURE
        } else {
            1.0
        };
        if gap > 0.0 {
            let edge = Stroke::new(1.5, self.pause_colour(pause).gamma_multiply(future));
            in_row.vline(rect.left() + 0.75, row.y_range(), edge);
            if pause.until_ns.is_some() {
                in_row.vline(rect.right() - 0.75, row.y_range(), edge);
            }
        }
        let visible = rect.intersect(row);
        let colour = if self.is_future(rect.left()) {
            theme.text_weak
        } else {
            theme.text
        };
        let laid = |words: String| in_row.layout_no_wrap(words, small.clone(), colour);
        let inside = |galley: &Arc<Galley>| galley.size().x + 10.0 <= visible.width();
        let put = |left: f32, galley: Arc<Galley>| {
            let top = row.center().y - galley.size().y / 2.0;
            let ground = Rect::from_min_size(pos2(left, top), galley.size());
            let ground = ground.expand2(vec2(4.0, 0.0));
            in_row.rect_filled(ground, 3.0, theme.background.gamma_multiply(0.75));
            in_row.galley(pos2(left, top), galley, colour);
            ground
        };
        let centred =
            |galley: Arc<Galley>| put(self.beside_cursor(visible, galley.size().x), galley);
        let mut told = Vec::new();
        // Who of all it was that had something to send, where there is room to say so.
        let lasted = pause.lasted_words();
        let named = match pause.row().is_connection() {
            true => format!("stream {}: {lasted}", pause.stream),
            false => lasted.clone(),
        };
        let (before, beside) = (visible.left() - free.start(), free.end() - visible.right());
        let credit = (visible.width().max(beside) >= LEAST_FOR_CREDIT)
            .then(|| pause.credit_in_short(&self.reader))
            .flatten();
        if let Some(credit) = &credit {
            let frame = pause.credit_frame_words().unwrap_or_default();
            for words in [
                format!("{named}, {credit}"),
                format!("{lasted}, {credit}"),
                format!("{lasted}, {frame}"),
            ] {
                let galley = laid(words);
                if inside(&galley) {
                    return vec![centred(galley)];
                }
            }
        }
        // How long it was may stand out a little at both sides, where nothing else is.
        let lasted = laid(lasted);
        let out = (lasted.size().x + 12.0 - visible.width()) / 2.0;
        let stands_out = visible.width() > 12.0 && out < beside / 2.0 && out < before / 2.0;
        let short = match (laid(named), lasted) {
            (named, _) if inside(&named) => Some(named),
            (_, lasted) if inside(&lasted) || stands_out => Some(lasted),
            _ => None,
        };
        let said = short.is_some();
        if let Some(short) = short {
            told.push(centred(short));
        }
        // Beside a band that is too narrow for anything, how long it was comes first.
        let credit = credit.map(|credit| match said {
            true => credit,
            false => format!("{}, {credit}", pause.lasted_words()),
        });
        let words = credit
            .map(laid)
            .filter(|galley| galley.size().x + 20.0 <= beside);
        if let Some(words) = words {
            told.push(put(visible.right() + 8.0, words));
        }
        told
    }
}
