//! How a view moves along with the cursor, the same way in every view.
//!
//! While time runs, and on every step, a view keeps what the cursor is at in sight: a table scrolls to its row, a time
//! axis moves. A hand that scrolls it out of sight ends that for this view alone; a small button then leads back. What is
//! selected by hand is brought into sight in any case.

use super::row_list::RowScroll;
use crate::trace::Cursor;
use crate::ui::Theme;
use egui::{Align2, Rect, RichText, Ui, UiBuilder, Vec2, vec2};

/// From the edges of the view to the button.
const INSET: Vec2 = vec2(16.0, 8.0);
/// How large the button is.
const SIZE: Vec2 = vec2(66.0, 22.0);

/// Whether a view moves along. See the module text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Following {
    /// How the cursor moves: see [`Self::told`].
    moves: Option<bool>,
    /// Whether no view was to move along when it last moved.
    was_off: bool,
    seen: Option<Cursor>,
    /// Whether the cursor has moved since the view was drawn last: behind another tab it is not.
    due: bool,
    /// Whether a hand has moved the view away from the cursor.
    away: bool,
    /// Whether it is to come back though the cursor stands.
    returns: bool,
}

/// The cursor has moved, and the view is to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Whether to a later instant.
    pub forward: bool,
}

impl Following {
    /// Says before each picture how the cursor moves by itself, or by steps: `None` while it stands, else whether views
    /// are to move along.
    pub fn told(&mut self, moves: Option<bool>) {
        if moves == Some(true) && std::mem::take(&mut self.was_off) {
            self.away = false;
            self.returns = true;
        }
        self.was_off |= moves == Some(false);
        self.due |= moves == Some(true);
        self.moves = moves;
    }

    /// Whether the view stays where it is, whatever the cursor does.
    pub fn stays(&self) -> bool {
        self.away || self.moves == Some(false)
    }

    /// Whether the cursor moves by itself, or by steps, and views are to move along.
    pub fn moves_along(&self) -> bool {
        self.moves == Some(true)
    }

    /// Whether the view is to bring what the cursor is at into sight, in this picture.
    pub fn moved(&mut self, cursor: Option<Cursor>) -> Option<Moved> {
        let before = std::mem::replace(&mut self.seen, cursor);
        let returns = std::mem::take(&mut self.returns);
        let due = std::mem::take(&mut self.due) || self.moves == Some(true);
        let moved = before != cursor && due && !self.stays();
        (moved || returns).then_some(Moved {
            forward: cursor >= before,
        })
    }

    /// Whether what is newly selected is to be brought into sight. By a step it is only where the view moves along.
    pub fn reveals(&self) -> bool {
        self.moves.is_none() || !self.stays()
    }

    /// Takes in whether a hand has moved the view and whether what the cursor is at is in sight; `None` where the view
    /// does not show such a thing. Draws the button at the lower right of `area` while the view is away.
    pub fn button_ui(
        &mut self,
        ui: &mut Ui,
        theme: &Theme,
        area: Rect,
        by_hand: bool,
        in_sight: Option<bool>,
    ) {
        match in_sight {
            Some(true) => self.away = false,
            Some(false) if by_hand => self.away = true,
            _ => {}
        }
        if !self.away || self.moves == Some(false) {
            return;
        }
        let corner = area.right_bottom() - INSET;
        let place = Align2::RIGHT_BOTTOM.anchor_size(corner, SIZE);
        let mut child = ui.new_child(UiBuilder::new().id_salt("follow").max_rect(place));
        let words = RichText::new("follow").small().color(theme.background);
        let button = egui::Button::new(words)
            .fill(theme.accent)
            .corner_radius(11.0);
        let shown = child.put(place, button).on_hover_text(
            "You have scrolled away from the cursor. Back to it; from then on this view moves along with it again.",
        );
        shown.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, "Follow the cursor again")
        });
        if shown.clicked() {
            self.away = false;
            self.returns = true;
            ui.ctx().request_repaint();
        }
    }

    /// For a table, before its rows are drawn: scrolls to the row that the cursor is at.
    pub fn scroll(&mut self, scroll: &mut RowScroll, cursor: Option<Cursor>, at: Option<usize>) {
        if self.moved(cursor).is_some()
            && let Some(row) = at
        {
            scroll.reveal(row);
        }
    }

    /// For a table, after its rows were drawn.
    pub fn rows_ui(
        &mut self,
        ui: &mut Ui,
        theme: &Theme,
        area: Rect,
        scroll: &mut RowScroll,
        at: Option<usize>,
    ) {
        let by_hand = scroll.take_by_hand();
        let in_sight = at.map(|row| scroll.shows(row));
        self.button_ui(ui, theme, area, by_hand, in_sight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::PacketId;

    fn at(packet: usize) -> Option<Cursor> {
        Some(Cursor::after_packet(PacketId::from_index(packet)))
    }

    /// Draws a picture after which a hand may have scrolled.
    fn picture(following: &mut Following, by_hand: bool, in_sight: bool) {
        egui::__run_test_ui(|ui| {
            let theme = Theme::new(crate::ui::theme::ThemeChoice::Dark);
            let area = ui.max_rect();
            following.button_ui(ui, &theme, area, by_hand, Some(in_sight));
        });
    }

    #[test]
    fn a_view_moves_with_steps_and_time_but_not_while_a_capture_is_read() {
        let mut following = Following::default();
        following.told(None);
        let first = following.moved(at(3));
        assert_eq!(first, None, "the first picture is where it is");
        following.told(Some(true));
        assert_eq!(following.moved(at(4)), Some(Moved { forward: true }));
        assert_eq!(following.moved(at(2)), Some(Moved { forward: false }));
        assert_eq!(following.moved(at(2)), None);
        following.told(None);
        assert_eq!(following.moved(at(9)), None);
        assert!(following.reveals());
    }

    #[test]
    fn a_view_behind_another_follows_when_it_comes_to_the_front() {
        let mut following = Following::default();
        following.told(None);
        following.moved(at(0));
        // Steps, while it is not drawn.
        following.told(Some(true));
        following.told(None);
        assert_eq!(following.moved(at(5)), Some(Moved { forward: true }));
        assert_eq!(following.moved(at(5)), None);
    }

    #[test]
    fn a_hand_takes_a_view_away_until_the_cursor_is_in_sight_again() {
        let mut following = Following::default();
        following.told(Some(true));
        following.moved(at(0));
        picture(&mut following, false, false);
        assert!(!following.stays(), "nobody has scrolled");
        picture(&mut following, true, true);
        assert!(!following.stays(), "it is still in sight");
        picture(&mut following, true, false);
        assert!(following.stays() && !following.reveals());
        assert_eq!(following.moved(at(1)), None);
        following.told(None);
        assert!(following.reveals(), "what is clicked at is shown");
        picture(&mut following, false, true);
        assert!(!following.stays());
    }

    #[test]
    fn switched_off_for_all_views_and_on_again_they_come_back() {
        let mut following = Following::default();
        following.told(Some(false));
        following.moved(at(0));
        assert_eq!(following.moved(at(1)), None);
        following.told(None);
        following.told(Some(true));
        assert_eq!(following.moved(at(1)), Some(Moved { forward: true }));
        assert_eq!(following.moved(at(1)), None);
    }
}
