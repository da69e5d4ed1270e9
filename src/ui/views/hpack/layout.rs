//! Where fields, entries and bits go. Pure: numbers in, rectangles out, all counted from the
//! top left corner of their part.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// A byte's cell.
pub const CELL: Vec2 = vec2(25.0, 24.0);
/// Between cells of one field.
const CELL_GAP: f32 = 2.0;
/// Bytes of a field that are drawn as cells; the rest is a number.
pub const MAX_CELLS: usize = 16;
/// The same in a block of many fields, which would else fill the screen.
const MAX_CELLS_OF_MANY: usize = 8;
/// Cells that `6 more bytes` takes.
const MORE_CELLS: usize = 3;
/// As many fields are many.
const MANY: usize = 6;
/// The narrowest card: room for a short field's words.
const CARD_WIDTH: f32 = 212.0;
/// Around the cells of a card.
pub const CARD_PADDING: f32 = 7.0;
/// Below the cells: what the field means, says, and costs.
pub const CARD_WORDS: f32 = 58.0;
/// Between cards.
pub const GAP: f32 = 8.0;

/// A field's card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Card {
    /// The whole.
    pub rect: Rect,
    /// How many bytes are drawn as cells.
    pub cells: usize,
    /// How many are not.
    pub more: usize,
}

impl Card {
    /// A byte's cell, by its position in the field.
    pub fn cell(&self, position: usize) -> Rect {
        let left = self.rect.left() + CARD_PADDING + position as f32 * (CELL.x + CELL_GAP);
        Rect::from_min_size(pos2(left, self.rect.top() + CARD_PADDING), CELL)
    }

    /// Where the words begin.
    pub fn words_top(&self) -> f32 {
        self.rect.top() + CARD_PADDING + CELL.y + 4.0
    }
}

/// Puts fields side by side, in rows: each with its length in bytes, and how wide its words are. A card is as wide as its words
/// where a row has room for that, and what a row has left goes to those whose words are still cut.
pub fn cards(fields: &[(usize, f32)], width: f32) -> Vec<Card> {
    // As wide as the words where that takes no more rows.
    let (narrow, wide) = (in_rows(fields, width, false), in_rows(fields, width, true));
    let bottom = |cards: &[Card]| height(cards.iter().map(|card| card.rect));
    let mut cards = match bottom(&wide) <= bottom(&narrow) {
        true => wide,
        false => narrow,
    };
    let mut rest = cards.as_mut_slice();
    let mut words = fields.iter().map(|(_, words)| wanted_for(*words));
    while let Some(first) = rest.first() {
        let top = first.rect.top();
        let count = rest
            .iter()
            .take_while(|card| card.rect.top() == top)
            .count();
        let (row, below) = rest.split_at_mut(count);
        let wanted: Vec<f32> = words.by_ref().take(count).collect();
        widen(row, &wanted, width);
        rest = below;
    }
    cards
}

/// How wide a card with words of this width wants to be.
fn wanted_for(words: f32) -> f32 {
    words + 2.0 * CARD_PADDING + 4.0
}

/// Shares what a row has left among the cards whose words need it.
fn widen(row: &mut [Card], wanted: &[f32], width: f32) {
    let mut left = width - row.last().map_or(0.0, |card| card.rect.right());
    let mut missing: Vec<f32> = (row.iter().zip(wanted))
        .map(|(card, wanted)| (wanted - card.rect.width()).max(0.0))
        .collect();
    let mut extra = vec![0.0_f32; row.len()];
    // Those that need little get all of it; the others share what remains.
    for _ in 0..row.len() {
        let open = missing.iter().filter(|missing| **missing > 0.5).count();
        if open == 0 || left < 1.0 {
            break;
        }
        let each = left / open as f32;
        for (missing, extra) in missing.iter_mut().zip(&mut extra) {
            let given = missing.min(each);
            *missing -= given;
            *extra += given;
            left -= given;
        }
    }
    let mut moved = 0.0;
    for (card, extra) in row.iter_mut().zip(extra) {
        card.rect = card.rect.translate(vec2(moved, 0.0));
        card.rect.max.x += extra;
        moved += extra;
    }
}

fn in_rows(fields: &[(usize, f32)], width: f32, words_count: bool) -> Vec<Card> {
    let room = ((width - 2.0 * CARD_PADDING) / (CELL.x + CELL_GAP)).floor();
    let most = if fields.len() > MANY {
        MAX_CELLS_OF_MANY
    } else {
        MAX_CELLS
    };
    let fitting = (room.max(3.0) as usize).min(most);
    let height = 2.0 * CARD_PADDING + CELL.y + CARD_WORDS;
    let mut corner = Pos2::ZERO;
    fields
        .iter()
        .map(|&(len, words)| {
            // What is not drawn is said in words, as wide as some cells: `6 more bytes`.
            let cells = match len {
                _ if len <= fitting => len,
                _ => fitting.saturating_sub(MORE_CELLS).max(1),
            };
            let more = len - cells;
            let drawn = if more > 0 { fitting } else { cells };
            let wanted = drawn as f32 * (CELL.x + CELL_GAP) - CELL_GAP + 2.0 * CARD_PADDING;
            let words = if words_count { wanted_for(words) } else { 0.0 };
            let card_width = wanted.max(CARD_WIDTH).max(words).min(width);
            if corner.x > 0.0 && corner.x + card_width > width {
                corner = pos2(0.0, corner.y + height + GAP);
            }
            let rect = Rect::from_min_size(corner, vec2(card_width, height));
            corner.x += card_width + GAP;
            Card { rect, cells, more }
        })
        .collect()
}

/// How high a list of rectangles is.
pub fn height(rects: impl Iterator<Item = Rect>) -> f32 {
    rects.fold(0.0, |height, rect| height.max(rect.bottom()))
}

/// The places of the queue: the first is index 62, at the left of the first row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    columns: usize,
    card: Vec2,
}

/// The narrowest card of an entry where there is more than one: room for a date, which is the longest of common values.
const ENTRY_WIDTH: f32 = 228.0;
/// Two of these go side by side before there is one alone.
const NARROW_ENTRY_WIDTH: f32 = 190.0;
/// Number, name and value.
const ENTRY_HEIGHT: f32 = 62.0;

impl Queue {
    /// As many places side by side as there is room for.
    pub fn new(width: f32) -> Self {
        let fit = |entry: f32| ((width + GAP) / (entry + GAP)).floor() as usize;
        let columns = fit(ENTRY_WIDTH).max(fit(NARROW_ENTRY_WIDTH).clamp(1, 2));
        let each = (width + GAP) / columns as f32 - GAP;
        Self {
            columns,
            card: vec2(each.max(40.0), ENTRY_HEIGHT),
        }
    }

    /// The place of the entry so many places behind the newest; before the first one lies what is
    /// about to come in.
    pub fn place(&self, place: i64) -> Rect {
        let columns = self.columns as i64;
        let (row, column) = if place < 0 {
            (0, place)
        } else {
            (place / columns, place % columns)
        };
        let step = self.card + vec2(GAP, GAP);
        Rect::from_min_size(pos2(column as f32 * step.x, row as f32 * step.y), self.card)
    }

    /// The places that lie at least partly between two heights.
    pub fn visible(&self, top: f32, bottom: f32) -> std::ops::Range<i64> {
        let step = self.card.y + GAP;
        let first = (top / step).floor().max(0.0) as i64;
        let last = (bottom / step).ceil().max(0.0) as i64;
        first * self.columns as i64..(last + 1) * self.columns as i64
    }

    /// How high so many places are.
    pub fn height(&self, count: u64) -> f32 {
        let rows = count.div_ceil(self.columns as u64);
        (rows as f32 * (self.card.y + GAP) - GAP).max(0.0)
    }
}

/// Puts boxes of these widths side by side, in rows of one height.
pub fn flow(widths: &[f32], width: f32, row_height: f32, gap: f32) -> Vec<Rect> {
    let mut corner = Pos2::ZERO;
    widths
        .iter()
        .map(|&wanted| {
            if corner.x > 0.0 && corner.x + wanted > width {
                corner = pos2(0.0, corner.y + row_height + gap);
            }
            let rect = Rect::from_min_size(corner, vec2(wanted, row_height));
            corner.x += wanted + gap;
            rect
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_fields_share_a_row_and_long_ones_are_cut_to_cells() {
        let cards = cards(&[1, 1, 1, 40].map(|len| (len, 0.0)), 700.0);
        let tops: Vec<_> = cards.iter().map(|card| card.rect.top()).collect();
        assert_eq!(tops[0], tops[2]);
        assert!(tops[3] > tops[2]);
        assert_eq!(
            (cards[3].cells, cards[3].more),
            (MAX_CELLS - MORE_CELLS, 27)
        );
        for card in &cards {
            assert!(card.rect.right() <= 700.0);
            let last = card.cells + MORE_CELLS * usize::from(card.more > 0) - 1;
            assert!(card.cell(last).right() <= card.rect.right());
        }
    }

    #[test]
    fn room_that_a_row_has_left_goes_to_words_that_are_cut() {
        let fields = [(1, 60.0), (1, 230.0), (1, 400.0)];
        let cards = cards(&fields, 800.0);
        let widths: Vec<f32> = cards.iter().map(|card| card.rect.width()).collect();
        assert_eq!(widths[0], CARD_WIDTH);
        assert_eq!(widths[1], wanted_for(230.0));
        assert!(
            widths[2] > widths[1] && cards[2].rect.right() <= 800.1,
            "{widths:?}"
        );
        for pair in cards.windows(2) {
            assert!((pair[1].rect.left() - pair[0].rect.right() - GAP).abs() < 0.1);
        }
    }

    #[test]
    fn cards_are_as_wide_as_their_words_where_that_takes_no_more_rows() {
        let fields = [60.0, 250.0, 60.0, 60.0, 60.0].map(|words| (1, words));
        let cards = cards(&fields, 920.0);
        assert_eq!(cards[1].rect.width(), wanted_for(250.0));
        let rows = cards.iter().filter(|card| card.rect.left() == 0.0);
        assert_eq!(rows.count(), 2);
    }

    #[test]
    fn a_narrow_pane_still_has_cards() {
        let cards = cards(&[(30, 500.0)], 90.0);
        assert!(cards[0].cells >= 1 && cards[0].rect.width() <= 90.0);
        assert_eq!(Queue::new(60.0).place(2).left(), 0.0);
    }

    #[test]
    fn the_newest_entry_is_at_the_left_and_what_comes_in_waits_beside_it() {
        let queue = Queue::new(1000.0);
        assert_eq!(queue.place(0).left_top(), pos2(0.0, 0.0));
        assert!(queue.place(-1).right() < 0.0);
        assert_eq!(queue.place(4).left(), 0.0);
        assert!(queue.place(4).top() > queue.place(3).bottom());
        assert_eq!(queue.height(5), queue.place(4).bottom());
        let visible = queue.visible(queue.place(4).top() + 1.0, queue.place(4).bottom() - 1.0);
        assert!(visible.contains(&4) && visible.contains(&7) && !visible.contains(&3));
    }
}
