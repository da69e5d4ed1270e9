//! Where the cards of the tree go: the root at the left, every step of dependency one column to the
//! right, and below each other what shares. Pure.

use super::model::{Key, Node};
use egui::{Pos2, Rect, Vec2, pos2, vec2};
use std::collections::HashMap;

/// A card where there is room.
const CARD: Vec2 = vec2(218.0, 56.0);
/// The smallest card.
const LEAST_CARD: Vec2 = vec2(164.0, 47.0);
/// Between two cards below each other.
const GAP: f32 = 9.0;
/// The same where there is little room.
const LEAST_GAP: f32 = 5.0;
/// A card of a single line, and what is between two of them.
const LINE: (f32, f32) = (24.0, 4.0);
/// The narrowest card of a single line: a stream's name.
const LEAST_LINE: f32 = 104.0;
/// Between two columns: room for the lines; as a share of the card, which may be narrower.
const BETWEEN: f32 = 0.32;
/// The same where there is little room.
const LEAST_BETWEEN: f32 = 0.18;

/// Every card's place, counted from the top left corner. Cards and what is between them are narrower and lower when that
/// lets all of them into `room`. A parent stands in the middle of its children; where they are more than the height of `room`, beside
/// the first of them, so that root and branches are seen before anybody scrolls.
pub fn places(nodes: &[Node], room: Vec2) -> HashMap<Key, Rect> {
    let columns = nodes.iter().map(|node| node.depth + 1).max().unwrap_or(1) as f32;
    let fitting = |between: f32| room.x / (columns * (1.0 + between) - between);
    let share = match fitting(BETWEEN) < LEAST_CARD.x {
        true => LEAST_BETWEEN,
        false => BETWEEN,
    };
    let mut children: HashMap<Option<Key>, Vec<&Node>> = HashMap::new();
    for node in nodes {
        children.entry(node.parent).or_default().push(node);
    }
    let is_leaf = |node: &&Node| !children.contains_key(&Some(node.key));
    let leaves = nodes.iter().filter(is_leaf).count().max(1) as f32;
    // All or nothing: cards that are low and still do not fit would only be harder to read.
    let fit = |height: f32, gap: f32| leaves * (height + gap) - gap <= room.y;
    // A deep tree in a narrow pane has single lines, which may be narrower than cards.
    let deep = fitting(LEAST_BETWEEN) < LEAST_CARD.x && fitting(LEAST_BETWEEN) >= LEAST_LINE;
    let (height, gap) = if deep && fit(LINE.0, LINE.1) {
        LINE
    } else if fit(CARD.y, GAP) {
        (CARD.y, GAP)
    } else if fit(LEAST_CARD.y, LEAST_GAP) {
        let each = (room.y + LEAST_GAP) / leaves;
        let height = (each - LEAST_GAP).clamp(LEAST_CARD.y, CARD.y);
        (height, (each - height).min(GAP))
    } else if fit(LINE.0, LINE.1) {
        LINE
    } else {
        (CARD.y, GAP)
    };
    let least = if height == LINE.0 {
        LEAST_LINE
    } else {
        LEAST_CARD.x
    };
    let card = vec2(fitting(share).clamp(least, CARD.x), height);
    let between = card.x * share;
    let mut tops: HashMap<Key, f32> = HashMap::new();
    let mut next = 0.0;
    // Children come behind their parents in the list: from the end on, every child is placed first.
    // Leaves need their order from the top, so they are numbered in a first walk.
    for node in nodes {
        if !children.contains_key(&Some(node.key)) {
            tops.insert(node.key, next);
            next += card.y + gap;
        }
    }
    let too_high = next - gap > room.y + 0.5;
    for node in nodes.iter().rev() {
        if let Some(below) = children.get(&Some(node.key)) {
            let placed = below.iter().filter_map(|child| tops.get(&child.key));
            let (least, greatest) = placed
                .fold((f32::INFINITY, 0.0_f32), |(least, greatest), &top| {
                    (least.min(top), greatest.max(top))
                });
            let top = match least.is_finite() {
                true if too_high => least,
                true => (least + greatest) / 2.0,
                false => 0.0,
            };
            tops.insert(node.key, top);
        }
    }
    nodes
        .iter()
        .filter_map(|node| {
            let left = node.depth as f32 * (card.x + between);
            let corner = pos2(left, *tops.get(&node.key)?);
            Some((node.key, Rect::from_min_size(corner, card)))
        })
        .collect()
}

/// How large all of them are.
pub fn size(places: &HashMap<Key, Rect>) -> Vec2 {
    places
        .values()
        .fold(Vec2::ZERO, |size, rect| size.max(rect.max - Pos2::ZERO))
}

/// How thick the line to a stream of this weight is, in points.
pub fn thickness(weight: u16) -> f32 {
    1.2 + f32::from(weight) / 256.0 * 10.8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::priority::shares::Got;
    use crate::wire::http2::StreamId;

    fn node(stream: u32, parent: Option<u32>, depth: usize) -> Node {
        Node {
            members: Vec::new(),
            key: Key::Stream(StreamId(stream)),
            parent: parent.map(|parent| Key::Stream(StreamId(parent))),
            depth,
            weight: 16,
            title: String::new(),
            about: String::new(),
            closed: false,
            idle: false,
            got: Got::default(),
        }
    }

    #[test]
    fn a_parent_stands_in_the_middle_of_its_children_and_cards_do_not_overlap() {
        let nodes = [
            node(0, None, 0),
            node(3, Some(0), 1),
            node(11, Some(3), 2),
            node(13, Some(3), 2),
            node(5, Some(0), 1),
        ];
        let places = places(&nodes, vec2(1000.0, 1000.0));
        let at = |stream: u32| places[&Key::Stream(StreamId(stream))];
        assert_eq!(
            at(3).center().y,
            (at(11).center().y + at(13).center().y) / 2.0
        );
        assert!(at(3).right() < at(11).left());
        let all: Vec<Rect> = places.values().copied().collect();
        for (index, one) in all.iter().enumerate() {
            assert!(all[index + 1..].iter().all(|other| !one.intersects(*other)));
        }
        assert_eq!(size(&places).x, at(11).right());
        let narrow = super::places(&nodes, vec2(600.0, 1000.0));
        assert!(size(&narrow).x <= 600.0);
        // Three columns of the narrowest cards still fit when what is between them gives way.
        let narrower = super::places(&nodes, vec2(555.0, 1000.0));
        assert!(size(&narrower).x <= 555.0);
    }

    #[test]
    fn where_the_pane_is_low_the_root_stands_beside_the_first_branch() {
        let nodes = [
            node(0, None, 0),
            node(3, Some(0), 1),
            node(5, Some(0), 1),
            node(7, Some(0), 1),
        ];
        let top = |height: f32, stream: u32| {
            places(&nodes, vec2(1000.0, height))[&Key::Stream(StreamId(stream))].top()
        };
        assert_eq!(top(500.0, 0), top(500.0, 5));
        assert_eq!(top(70.0, 0), top(70.0, 3));
        assert_eq!(top(70.0, 0), 0.0);
    }

    #[test]
    fn cards_are_lower_and_then_single_lines_where_that_lets_all_of_them_in() {
        let nodes = [
            node(0, None, 0),
            node(3, Some(0), 1),
            node(5, Some(0), 1),
            node(7, Some(0), 1),
        ];
        let sized = |height: f32| {
            let places = places(&nodes, vec2(1000.0, height));
            let card = places[&Key::Stream(StreamId(5))];
            (card.height(), size(&places).y <= height)
        };
        assert_eq!(sized(300.0), (CARD.y, true));
        let (height, fit) = sized(170.0);
        assert!((LEAST_CARD.y..CARD.y).contains(&height) && fit);
        assert_eq!(sized(90.0), (LINE.0, true));
        assert_eq!(sized(60.0), (CARD.y, false));
    }

    #[test]
    fn a_deep_tree_becomes_narrower_before_it_is_cut_off() {
        let parent = |stream: u32| stream.checked_sub(1);
        let nodes: Vec<Node> = (0..5)
            .map(|stream| node(stream, parent(stream), stream as usize))
            .collect();
        let sized = |width: f32| {
            let places = places(&nodes, vec2(width, 300.0));
            (size(&places), places[&Key::Stream(StreamId(4))].size())
        };
        let (all, card) = sized(1400.0);
        assert!(all.x <= 1400.0 && card == CARD, "{card:?}");
        for width in [757.0, 640.0] {
            let (all, card) = sized(width);
            assert!(all.x <= width && card.y == LINE.0, "{all:?} {card:?}");
        }
        let (all, card) = sized(300.0);
        assert!(all.x > 300.0 && card.x == LEAST_CARD.x, "{card:?}");
    }

    #[test]
    fn a_heavier_stream_has_a_thicker_line() {
        assert!(thickness(256) > thickness(201) && thickness(201) > thickness(1));
    }
}
