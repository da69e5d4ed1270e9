//! Where the card stands: beside what it points at, never over it. Pure.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Between the card and what it points at: the arrow's room, in points.
const GAP: f32 = 16.0;

/// Between the card and the window's edge.
const EDGE: f32 = 8.0;

/// Of what fills the window only so much is pointed at: its upper part.
const HEAD: f32 = 120.0;

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    /// The card.
    pub(super) card: Rect,
    /// What is lit.
    pub(super) target: Rect,
    /// The arrow's tip, at the target's edge, and the middle of its base, at the card's.
    pub(super) arrow: Option<[Pos2; 2]>,
}

/// Places a card of this size: below, above, right or left of the target, where there is room. What
/// leaves no room on any side is pointed at by its upper part.
pub(super) fn place(window: Rect, target: Option<Rect>, size: Vec2) -> Placed {
    let inner = window.shrink(EDGE);
    let Some(target) = target.map(|target| target.intersect(window)) else {
        return Placed {
            card: Rect::from_center_size(inner.center(), size),
            target: Rect::NOTHING,
            arrow: None,
        };
    };
    let head = target.with_max_y(target.bottom().min(target.top() + HEAD));
    for target in [target, head] {
        if let Some(placed) = beside(inner, target, size) {
            return placed;
        }
    }
    // No window is that small: see its least size.
    let corner = pos2(inner.right() - size.x, inner.bottom() - size.y);
    Placed {
        card: Rect::from_min_size(corner, size),
        target: head,
        arrow: None,
    }
}

fn beside(inner: Rect, target: Rect, size: Vec2) -> Option<Placed> {
    let centre = target.center();
    let left =
        (centre.x - size.x / 2.0).clamp(inner.left(), (inner.right() - size.x).max(inner.left()));
    let top =
        (centre.y - size.y / 2.0).clamp(inner.top(), (inner.bottom() - size.y).max(inner.top()));
    let corners = [
        pos2(left, target.bottom() + GAP),
        pos2(left, target.top() - GAP - size.y),
        pos2(target.right() + GAP, top),
        pos2(target.left() - GAP - size.x, top),
    ];
    let cards = corners.map(|corner| Rect::from_min_size(corner, size));
    let card = cards
        .into_iter()
        .find(|card| inner.expand(0.5).contains_rect(*card))?;
    // From the card's edge to the nearest point of the target, both in the middle of what overlaps.
    let between = |one: egui::Rangef, other: egui::Rangef| {
        let both = one.intersection(other);
        both.center()
    };
    let arrow = if card.top() >= target.bottom() {
        let x = between(card.x_range().shrink(16.0), target.x_range());
        [pos2(x, target.bottom() + 3.0), pos2(x, card.top())]
    } else if card.bottom() <= target.top() {
        let x = between(card.x_range().shrink(16.0), target.x_range());
        [pos2(x, target.top() - 3.0), pos2(x, card.bottom())]
    } else if card.left() >= target.right() {
        let y = between(card.y_range().shrink(16.0), target.y_range());
        [pos2(target.right() + 3.0, y), pos2(card.left(), y)]
    } else {
        let y = between(card.y_range().shrink(16.0), target.y_range());
        [pos2(target.left() - 3.0, y), pos2(card.right(), y)]
    };
    Some(Placed {
        card,
        target,
        arrow: Some(arrow),
    })
}

/// The triangle from the card to the target.
pub(super) fn triangle([tip, base]: [Pos2; 2]) -> [Pos2; 3] {
    let across = match (tip.x - base.x).abs() > (tip.y - base.y).abs() {
        true => vec2(0.0, 9.0),
        false => vec2(9.0, 0.0),
    };
    [tip, base + across, base - across]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Rect = Rect {
        min: Pos2::ZERO,
        max: pos2(1366.0, 768.0),
    };
    const CARD: Vec2 = vec2(360.0, 210.0);

    #[track_caller]
    fn stands(target: Rect) -> Placed {
        let placed = place(WINDOW, Some(target), CARD);
        assert!(WINDOW.contains_rect(placed.card), "{placed:?}");
        let over = placed.card.intersect(placed.target);
        assert!(!over.is_positive(), "{placed:?}");
        placed
    }

    #[test]
    fn a_card_stands_in_the_window_and_never_over_what_it_points_at() {
        for x in 0..14 {
            for y in 0..8 {
                let corner = pos2(x as f32 * 97.0, y as f32 * 95.0);
                for size in [vec2(30.0, 28.0), vec2(240.0, 46.0), vec2(780.0, 430.0)] {
                    stands(Rect::from_min_size(corner, size).intersect(WINDOW));
                }
            }
        }
    }

    #[test]
    fn what_fills_the_window_is_pointed_at_by_its_head() {
        let placed = stands(Rect::from_min_max(pos2(0.0, 42.0), pos2(1366.0, 714.0)));
        assert_eq!(placed.target.height(), HEAD);
        assert!(placed.arrow.is_some());
    }

    #[test]
    fn the_arrow_goes_from_the_card_to_the_target() {
        let play = Rect::from_min_size(pos2(84.0, 728.0), vec2(30.0, 28.0));
        let placed = stands(play);
        let [tip, base] = placed.arrow.unwrap();
        assert!(tip.y <= play.top() && base.y == placed.card.bottom());
        assert!(play.x_range().contains(tip.x));
        let [a, b, c] = triangle([tip, base]);
        assert!(a.y > b.y && b.y == c.y && b.x != c.x);
    }

    #[test]
    fn without_a_target_it_stands_in_the_middle() {
        let placed = place(WINDOW, None, CARD);
        assert_eq!(placed.card.center(), WINDOW.center());
        assert_eq!(placed.arrow, None);
    }
}
