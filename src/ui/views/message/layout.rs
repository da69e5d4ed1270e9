//! Where list, tree and details of the message view are. Pure.

use egui::{Rect, pos2};

/// The three areas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Areas {
    /// The messages of the call.
    pub list: Rect,
    /// The fields of the one that is chosen.
    pub tree: Rect,
    /// Bits, JSON or readings of the chosen field.
    pub detail: Rect,
}

/// Between two areas, in points.
const GAP: f32 = 10.0;

/// From this width on, the details stand beside the tree.
const WIDE: f32 = 880.0;

impl Areas {
    /// Divides the space.
    pub fn of(rect: Rect) -> Self {
        let list_width = (rect.width() * 0.2).clamp(150.0, 210.0);
        let list = rect.with_max_x(rect.left() + list_width);
        let rest = rect.with_min_x(list.right() + GAP);
        if rest.width() + list_width >= WIDE {
            let middle = rest.left() + rest.width() * 0.5;
            return Self {
                list,
                tree: rest.with_max_x(middle - GAP / 2.0),
                detail: rest.with_min_x(middle + GAP / 2.0),
            };
        }
        let middle = rest.top() + rest.height() * 0.45;
        Self {
            list,
            tree: Rect::from_min_max(rest.min, pos2(rest.right(), middle - GAP / 2.0)),
            detail: rest.with_min_y(middle + GAP / 2.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_areas_do_not_overlap_whatever_the_size() {
        for (width, height) in [
            (300.0, 200.0),
            (700.0, 300.0),
            (1200.0, 250.0),
            (1900.0, 900.0),
        ] {
            let rect = Rect::from_min_max(pos2(10.0, 20.0), pos2(10.0 + width, 20.0 + height));
            let areas = Areas::of(rect);
            let all = [areas.list, areas.tree, areas.detail];
            for (index, one) in all.iter().enumerate() {
                assert!(
                    rect.contains_rect(*one) && one.is_positive(),
                    "{width}: {one:?}"
                );
                for other in &all[index + 1..] {
                    assert!(!one.intersects(*other), "{width}: {one:?} {other:?}");
                }
            }
        }
    }
}
