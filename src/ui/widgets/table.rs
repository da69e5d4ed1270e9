//! Columns of a table: how wide each is, its title, and which one the rows are sorted by.

use crate::ui::Theme;
use crate::ui::widgets::{mark, terms};
use egui::{Align, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};
use std::cmp::Ordering;
use std::ops::Range;

/// Between two columns, in points.
const GAP: f32 = 12.0;

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// What stands above it, with its unit.
    pub title: &'static str,
    /// What it means, for hovering: a sentence, or a term of `assets/terms.json`.
    pub hover: &'static str,
    /// The least width it can be read in, in points.
    pub least: f32,
    /// Its share of the width that is left over.
    pub share: f32,
    /// Numbers stand at the right.
    pub number: bool,
    /// Where there is no room for all columns, the one with the highest rank goes first; one of
    /// rank 0 always stays.
    pub rank: u8,
}

impl Column {
    /// A column of numbers that takes no share of the width that is left over.
    pub const fn number(title: &'static str, hover: &'static str, least: f32, rank: u8) -> Self {
        Self {
            title,
            hover,
            least,
            share: 0.0,
            number: true,
            rank,
        }
    }
}

/// By which column rows are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: usize,
    /// The largest first.
    pub descending: bool,
}

impl Sort {
    /// What a click on a title makes of it.
    #[must_use]
    pub fn clicked(self, column: usize, number: bool) -> Self {
        if self.column == column {
            Self {
                column,
                descending: !self.descending,
            }
        } else {
            // Of numbers, the largest are what people look for.
            Self {
                column,
                descending: number,
            }
        }
    }

    /// An order of two rows in this direction.
    pub fn apply(self, order: Ordering) -> Ordering {
        if self.descending {
            order.reverse()
        } else {
            order
        }
    }
}

/// Where each column is, in points from the left edge; a column without room is empty.
pub fn places(columns: &[Column], width: f32) -> Vec<Range<f32>> {
    let mut limit = columns.iter().map(|column| column.rank).max().unwrap_or(0);
    let fits = |limit: u8| {
        let shown = columns.iter().filter(|column| column.rank <= limit);
        let (least, count) = shown.fold((0.0, 0.0), |(sum, count), column| {
            (sum + column.least, count + 1.0_f32)
        });
        least + GAP * (count - 1.0).max(0.0)
    };
    while limit > 0 && fits(limit) > width {
        limit -= 1;
    }
    let over = (width - fits(limit)).max(0.0);
    let shares: f32 = (columns.iter())
        .filter(|column| column.rank <= limit)
        .map(|column| column.share)
        .sum();
    let mut left = 0.0;
    columns
        .iter()
        .map(|column| {
            if column.rank > limit {
                return left..left;
            }
            let extra = if shares > 0.0 {
                over * column.share / shares
            } else {
                0.0
            };
            let place = left..(left + column.least + extra).min(width.max(left));
            left = place.end + GAP;
            place
        })
        .collect()
}

/// The part of a row that belongs to a column.
pub fn cell(row: Rect, place: &Range<f32>) -> Rect {
    Rect::from_x_y_ranges(
        row.left() + place.start..=(row.left() + place.end).min(row.right()),
        row.y_range(),
    )
}

/// Draws the titles. A click on one sorts by it, when the table can be sorted.
pub fn titles_ui(
    ui: &mut Ui,
    theme: &Theme,
    columns: &[Column],
    places: &[Range<f32>],
    mut sort: Option<&mut Sort>,
) {
    let height = ui.text_style_height(&TextStyle::Small) + 6.0;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let font = TextStyle::Small.resolve(ui.style());
    for (index, (column, place)) in columns.iter().zip(places).enumerate() {
        let cell = cell(rect, place);
        if cell.width() < 1.0 {
            continue;
        }
        let sense = if sort.is_some() {
            Sense::click()
        } else {
            Sense::hover()
        };
        let response = ui.interact(cell, ui.scope_id().with(("title", index)), sense);
        let sorted = sort.as_ref().is_some_and(|sort| sort.column == index);
        let colour = if response.hovered() && sort.is_some() || sorted {
            theme.text
        } else {
            theme.text_weak
        };
        let align = if column.number {
            Align::Max
        } else {
            Align::Min
        };
        let words = if sorted {
            cell.with_max_x(cell.right() - 10.0)
        } else {
            cell
        };
        let width = mark::line(ui.painter(), words, align, column.title, &font, colour);
        if let Some(sort) = &mut sort {
            let label = format!("Sort by {}", column.title);
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, sorted, &label));
            if sorted {
                let x = match align {
                    Align::Max => cell.right() - 4.0,
                    _ => words.left() + width + 6.0,
                };
                arrow(ui, pos2(x, cell.center().y), sort.descending, colour);
            }
            if response.clicked() {
                **sort = sort.clicked(index, column.number);
            }
        }
        if !column.hover.is_empty() {
            let explained = terms::hover_text(column.hover);
            let text = if explained.is_empty() {
                column.hover
            } else {
                &explained
            };
            response.on_hover_text(text);
        }
    }
    let line = Stroke::new(1.0, theme.line);
    ui.painter().hline(rect.x_range(), rect.bottom(), line);
}

/// A small triangle: up for ascending, down for descending.
fn arrow(ui: &Ui, centre: egui::Pos2, descending: bool, colour: egui::Color32) {
    let down = if descending { 1.0 } else { -1.0 };
    let points = vec![
        centre + vec2(-3.5, -2.0 * down),
        centre + vec2(3.5, -2.0 * down),
        centre + vec2(0.0, 3.0 * down),
    ];
    ui.painter()
        .add(Shape::convex_polygon(points, colour, Stroke::NONE));
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn column(least: f32, share: f32, rank: u8) -> Column {
        Column {
            title: "bytes",
            hover: "",
            least,
            share,
            number: true,
            rank,
        }
    }

    #[test]
    fn columns_share_what_is_left_over() {
        let columns = [
            column(50.0, 0.0, 0),
            column(50.0, 1.0, 0),
            column(50.0, 3.0, 1),
        ];
        let places = places(&columns, 50.0 * 3.0 + 2.0 * GAP + 40.0);
        let widths: Vec<f32> = places.iter().map(|place| place.end - place.start).collect();
        assert_eq!(widths, [50.0, 60.0, 80.0]);
    }

    #[test]
    fn where_there_is_no_room_the_highest_rank_goes_first_and_rank_0_stays() {
        let columns = [
            column(50.0, 0.0, 0),
            column(50.0, 1.0, 2),
            column(50.0, 1.0, 1),
        ];
        let empty = |width| {
            places(&columns, width)
                .iter()
                .map(|place| place.is_empty())
                .collect::<Vec<_>>()
        };
        assert_eq!(empty(130.0), [false, true, false]);
        assert_eq!(empty(60.0), [false, true, true]);
        assert_eq!(empty(10.0), [false, true, true]);
    }

    #[test]
    fn a_second_click_turns_the_order_round() {
        let sort = Sort::default().clicked(2, true);
        assert!(sort.descending);
        assert_eq!(sort.apply(Ordering::Less), Ordering::Greater);
        assert!(!sort.clicked(2, true).descending);
        assert!(!sort.clicked(0, false).descending);
    }
}
