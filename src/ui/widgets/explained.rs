//! Sentences whose protocol terms explain themselves: each has a faint dotted line below it, and the pointer on it tells
//! what it means, with the section. So captions and legends need no hover texts of their own.

use super::terms;
use egui::{CursorIcon, Label, Pos2, Rect, Response, RichText, Sense, Shape, Ui};
use std::ops::Range;
use std::sync::LazyLock;

/// Words of every day, that are terms only where they stand above a column or beside a value.
const EVERYDAY: &[&str] = &[
    "answered in",
    "arrived",
    "authority",
    "begins in packet",
    "client",
    "client known by",
    "connection",
    "content type",
    "direction",
    "ended in",
    "first frame",
    "first packet",
    "flags",
    "frame",
    "in short",
    "last packet",
    "lasted",
    "length",
    "method",
    "packet",
    "path",
    "protocol",
    "readable",
    "scheme",
    "server",
    "state",
    "status",
    "stream",
    "time",
    "type",
];

/// The terms that are looked for, the longest first, so that `dynamic table` is not taken for less.
static PHRASES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let names = terms::names().filter(|name| !EVERYDAY.contains(name));
    let mut phrases: Vec<&str> = names.collect();
    phrases.sort_unstable_by_key(|name| (std::cmp::Reverse(name.len()), *name));
    phrases
});

/// Draws a sentence like a label; its terms are explained when the pointer is on them.
pub fn explained_ui(ui: &mut Ui, words: RichText) -> Response {
    let text = words.text().to_owned();
    let (at, galley, response) = Label::new(words).layout_in_ui(ui);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &text));
    if !ui.is_rect_visible(response.rect) {
        return response;
    }
    let colour = ui.visuals().text_color();
    ui.painter().galley(at, galley.clone(), colour);
    // In a row of buttons a line is higher than its letters.
    let letters = galley
        .job
        .sections
        .first()
        .map_or(12.0, |section| section.format.font_id.size);
    let place = |characters: usize| {
        let cursor = egui::text::CCursor::new(characters);
        let place = galley.pos_from_cursor(cursor).translate(at.to_vec2());
        Rect::from_center_size(place.center(), egui::vec2(0.0, letters * 1.35))
    };
    for (number, (range, term)) in terms_in(&text).into_iter().enumerate() {
        let count = |end: usize| text.get(..end).map_or(0, |text| text.chars().count());
        let (first, last) = (place(count(range.start)), place(count(range.end)));
        if first.top() != last.top() {
            // It is broken over two rows: its first part stands for it.
            continue;
        }
        let rect = Rect::from_min_max(first.min, last.max);
        explain(ui, rect, response.id.with(number), term);
    }
    response
}

/// Explains a term that was painted at a place.
pub fn explain(ui: &Ui, rect: Rect, id: egui::Id, term: &str) {
    explain_as(ui, rect, id, &terms::hover_text(term));
}

/// Explains what was painted at a place.
pub fn explain_as(ui: &Ui, rect: Rect, id: egui::Id, meaning: &str) {
    let below = rect.bottom() - 0.5;
    let line = [
        Pos2::new(rect.left(), below),
        Pos2::new(rect.right(), below),
    ];
    let colour = ui.visuals().weak_text_color().gamma_multiply(0.55);
    ui.painter()
        .extend(Shape::dotted_line(&line, colour, 3.0, 0.6));
    let response = ui.interact(rect, id, Sense::hover());
    response
        .on_hover_cursor(CursorIcon::Help)
        .on_hover_text(meaning);
}

/// Where terms stand in a text, in bytes, each once; none inside another.
fn terms_in(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    for &phrase in PHRASES.iter() {
        let place = places(text, phrase).find(|range| {
            let apart = |(other, _): &(Range<usize>, _)| {
                range.end <= other.start || other.end <= range.start
            };
            found.iter().all(apart)
        });
        found.extend(place.map(|range| (range, phrase)));
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// Where a phrase stands as whole words, with a capital at the beginning of a sentence and with an `s` for many.
fn places<'a>(text: &'a str, phrase: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let is_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    // What comes behind the first letter is written in one way only.
    let rest = phrase.get(1..).unwrap_or_default();
    let first = phrase.chars().next().unwrap_or(' ');
    text.match_indices(rest).filter_map(move |(at, _)| {
        let start = at.checked_sub(1)?;
        let letter = text.get(start..at)?.chars().next()?;
        if letter != first && letter != first.to_ascii_uppercase() {
            return None;
        }
        let before = text.get(..start)?.chars().next_back();
        let behind = text.get(at + rest.len()..)?;
        let plural = behind.strip_prefix('s').filter(|_| !phrase.ends_with('S'));
        let ends = |rest: &str| !rest.chars().next().is_some_and(is_of_word);
        let end = match (ends(behind), plural.is_some_and(ends)) {
            (true, _) => at + rest.len(),
            (false, true) => at + rest.len() + 1,
            (false, false) => return None,
        };
        (!before.is_some_and(is_of_word)).then_some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, &'static str)> {
        let terms = terms_in(text).into_iter();
        terms.map(|(range, term)| (&text[range], term)).collect()
    }

    #[test]
    fn whole_words_are_found_longest_first_with_capitals_and_plurals() {
        assert_eq!(
            found("DATA eats a window, WINDOW_UPDATE lifts it"),
            [("DATA", "DATA"), ("WINDOW_UPDATE", "WINDOW_UPDATE")]
        );
        assert_eq!(
            found("Dynamic table · header blocks of HPACK"),
            [
                ("Dynamic table", "dynamic table"),
                ("header blocks", "header block"),
                ("HPACK", "HPACK")
            ]
        );
        assert_eq!(
            found("PRIORITY_UPDATE"),
            [("PRIORITY_UPDATE", "PRIORITY_UPDATE")]
        );
        assert_eq!(found("segmented, wholes, METADATA"), []);
    }

    #[test]
    fn a_term_is_explained_once_and_words_of_every_day_are_not() {
        assert_eq!(found("time and trailers and trailers").len(), 1);
        assert_eq!(found("é trailers"), [("trailers", "trailers")]);
        assert_eq!(found(""), []);
    }
}
