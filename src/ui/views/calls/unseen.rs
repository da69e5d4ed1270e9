//! The way to the calls that failed, when none of them is in sight.

use super::model;
use super::rows::Rows;
use crate::ui::grpc::{CallRow, Instant, Standing};
use crate::ui::widgets::format;
use crate::ui::widgets::row_list::RowScroll;
use crate::ui::{Command, ViewContext};
use egui::{Align2, Color32, FontId, Rect, Role, Stroke, Ui, UiBuilder, WidgetInfo, vec2};

/// Calls that failed, all of them out of sight on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// How many.
    pub count: usize,
    /// The row of the nearest of them.
    pub nearest: usize,
    /// Whether they are further down.
    pub below: bool,
}

impl Unseen {
    /// Those of the rows `failed`, which are in order: further down where there are any, else further up; `None` while
    /// one is in sight.
    pub fn of(failed: &[usize], rows: &Rows, scroll: &RowScroll) -> Option<Self> {
        let above = failed.partition_point(|row| rows.is_above(scroll, *row));
        match failed.get(above) {
            Some(nearest) if rows.shows(scroll, *nearest) => None,
            Some(nearest) => Some(Self {
                count: failed.len() - above,
                nearest: *nearest,
                below: true,
            }),
            None => Some(Self {
                count: above,
                nearest: *failed.last()?,
                below: false,
            }),
        }
    }

    /// What leads there: `10 calls that failed are further down: go to the first`.
    pub fn words(&self) -> String {
        let (side, end) = match self.below {
            true => ("down", "first"),
            false => ("up", "last"),
        };
        match self.count {
            1 => format!("1 call that failed is further {side}: go to it"),
            count => format!(
                "{} calls that failed are further {side}: go to the {end}",
                format::count(count as u64)
            ),
        }
    }
}

/// Height of the button in points.
const HEIGHT: f32 = 22.0;

/// Says how many calls failed of which none is in sight, in a button at the edge of `area` that lies nearer to them. A click
/// selects the nearest, and answers its row.
pub(super) fn unseen_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    area: Rect,
    (order, failed): (&[usize], &[usize]),
    (rows, scroll): (&Rows, &RowScroll),
) -> Option<usize> {
    let calls = &context.grpc.calls;
    let row_at = |row: &usize| calls.rows().get(*order.get(*row)?);
    // As they stand at the cursor, unless looking at all of them would cost every picture.
    let mut instant = Instant::new(context.trace, context.cursor);
    let mut has_ended = |row: &CallRow| instant.standing(row) == Standing::Ended;
    let ended: Vec<usize>;
    let failed = match failed.len() > model::MAX_COUNTED {
        true => failed,
        false => {
            let of = failed
                .iter()
                .filter(|row| row_at(row).is_some_and(&mut has_ended));
            ended = of.copied().collect();
            &ended
        }
    };
    let unseen = Unseen::of(failed, rows, scroll)?;
    let theme = context.theme;
    let words = unseen.words();
    let font = FontId::proportional(crate::ui::theme::text_size::SMALL);
    let width = ui
        .painter()
        .layout_no_wrap(words.clone(), font.clone(), theme.error)
        .size()
        .x;
    let (edge, inwards, corner) = match unseen.below {
        true => (area.center_bottom(), -4.0, Align2::CENTER_BOTTOM),
        false => (area.center_top(), 28.0, Align2::CENTER_TOP),
    };
    let place = corner.anchor_size(edge + vec2(0.0, inwards), vec2(width + 38.0, HEIGHT));
    let mut child = ui.new_child(UiBuilder::new().id_salt("unseen").max_rect(place));
    let button = egui::Button::new("")
        .fill(theme.panel)
        .stroke(Stroke::new(1.0, theme.error))
        .corner_radius(11.0);
    let response = child.put(place, button);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    // A button may be higher than asked.
    let place = response.rect;
    arrow(&child, place, unseen.below, theme.error);
    let at = place.left_center() + vec2(28.0, 0.0);
    let painter = child.painter();
    painter.text(at, Align2::LEFT_CENTER, &words, font, theme.error);
    let row = response.clicked().then_some(unseen.nearest)?;
    context.send(Command::Select(model::item(row_at(&row)?.id)));
    ui.ctx().request_repaint();
    Some(row)
}

/// A small triangle towards them.
fn arrow(ui: &Ui, place: Rect, below: bool, colour: Color32) {
    let centre = place.left_center() + vec2(16.0, 0.0);
    let towards = if below { 1.0 } else { -1.0 };
    let points = vec![
        centre + vec2(-4.5, -3.0 * towards),
        centre + vec2(4.5, -3.0 * towards),
        centre + vec2(0.0, 4.0 * towards),
    ];
    let shape = egui::Shape::convex_polygon(points, colour, Stroke::NONE);
    ui.painter().add(shape);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_calls_that_failed_is_said_while_none_of_them_is_in_sight() {
        let rows = Rows::of_one_line(100);
        let mut scroll = RowScroll::default();
        let below = Unseen::of(&[30, 40], &rows, &scroll).unwrap();
        assert_eq!(
            below.words(),
            "2 calls that failed are further down: go to the first"
        );
        assert_eq!(below.nearest, 30);
        assert_eq!(Unseen::of(&[], &rows, &scroll), None);
        // The uppermost row is in sight.
        scroll.reveal(0);
        assert_eq!(Unseen::of(&[], &rows, &scroll), None);
        let one = Unseen::of(&[30], &rows, &scroll).unwrap();
        assert_eq!(one.words(), "1 call that failed is further down: go to it");
    }
}
