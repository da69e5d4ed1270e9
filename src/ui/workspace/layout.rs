//! How panes are arranged, as a plain value: what presets are written in, what the settings
//! remember, and what the menu changes. The tiles on the screen are made from it and read back.

use serde::{Deserialize, Serialize};

/// Deeper than a person nests panes, who may split every view from the one before. What a damaged file nests deeper is left out.
const MAX_DEPTH: usize = 32;

/// Shares of a row or a column are parts of about a thousand.
const WHOLE: u16 = 1000;

/// An arrangement of panes. Views are named, so that a file survives a view that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// Views behind each other: the position of the one in front, and their names.
    Tabs(usize, Vec<String>),
    /// Side by side, each with its share of the width.
    Row(Vec<(u16, Layout)>),
    /// Below each other, each with its share of the height.
    Column(Vec<(u16, Layout)>),
}

/// On which side of its neighbours a view gets a pane of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// To the right.
    Right,
    /// Below.
    Below,
}

impl Layout {
    /// Nothing.
    pub fn empty() -> Self {
        Layout::Tabs(0, Vec::new())
    }

    /// Whether there is no view in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Layout::Tabs(_, views) => views.is_empty(),
            Layout::Row(parts) | Layout::Column(parts) => {
                parts.iter().all(|(_, part)| part.is_empty())
            }
        }
    }

    /// The names of all its views, in reading order.
    pub fn views(&self) -> Vec<&str> {
        self.groups()
            .into_iter()
            .flat_map(|(_, views)| views.iter().map(String::as_str))
            .collect()
    }

    /// The names of the views in front.
    pub fn in_front(&self) -> Vec<&str> {
        self.groups()
            .into_iter()
            .filter_map(|(front, views)| views.get(front).map(String::as_str))
            .collect()
    }

    /// All groups of tabs, in reading order.
    fn groups(&self) -> Vec<(usize, &Vec<String>)> {
        match self {
            Layout::Tabs(front, views) => vec![(*front, views)],
            Layout::Row(parts) | Layout::Column(parts) => {
                parts.iter().flat_map(|(_, part)| part.groups()).collect()
            }
        }
    }

    /// Visits all groups of tabs, in reading order, with the share of the whole area each has.
    fn groups_mut<'a>(
        &'a mut self,
        area: f64,
        found: &mut Vec<(f64, &'a mut usize, &'a mut Vec<String>)>,
    ) {
        match self {
            Layout::Tabs(front, views) => found.push((area, front, views)),
            Layout::Row(parts) | Layout::Column(parts) => {
                let sum: f64 = parts.iter().map(|(share, _)| f64::from(*share)).sum();
                for (share, part) in parts {
                    part.groups_mut(area * f64::from(*share) / sum.max(1.0), found);
                }
            }
        }
    }

    /// Brings a view to the front of its tabs. Answers whether it is there at all.
    pub fn bring_to_front(&mut self, view: &str) -> bool {
        let mut groups = Vec::new();
        self.groups_mut(1.0, &mut groups);
        for (_, front, views) in groups {
            if let Some(at) = views.iter().position(|name| name == view) {
                *front = at;
                return true;
            }
        }
        false
    }

    /// Opens a view behind one of its neighbours; where none of them is open, in the largest
    /// group. It comes to the front.
    pub fn open(&mut self, view: &str, neighbours: &[&str]) {
        if self.bring_to_front(view) {
            return;
        }
        let mut groups = Vec::new();
        self.groups_mut(1.0, &mut groups);
        let kin = |views: &Vec<String>| {
            let is_kin = |name: &String| neighbours.contains(&name.as_str());
            views.iter().filter(|name| is_kin(name)).count()
        };
        let best = groups.into_iter().max_by(|one, other| {
            let by_kin = kin(one.2).cmp(&kin(other.2));
            by_kin.then(one.0.total_cmp(&other.0))
        });
        match best {
            Some((_, front, views)) => {
                views.push(view.to_owned());
                *front = views.len() - 1;
            }
            None => *self = Layout::Tabs(0, vec![view.to_owned()]),
        }
    }

    /// Closes a view. Its neighbours take its space.
    pub fn close(&mut self, view: &str) {
        self.retain(&mut |name| name != view, 0);
    }

    /// Takes a view out of its tabs and gives it half of their space. A view that is alone stays.
    pub fn split(&mut self, view: &str, side: Side) {
        match self {
            Layout::Tabs(front, views) => {
                let Some(at) = views.iter().position(|name| name == view) else {
                    return;
                };
                if views.len() < 2 {
                    return;
                }
                let name = views.remove(at);
                *front = at.saturating_sub(1);
                let rest = std::mem::replace(self, Layout::empty());
                let parts = vec![(WHOLE / 2, rest), (WHOLE / 2, Layout::Tabs(0, vec![name]))];
                *self = match side {
                    Side::Right => Layout::Row(parts),
                    Side::Below => Layout::Column(parts),
                };
            }
            Layout::Row(parts) | Layout::Column(parts) => {
                for (_, part) in parts {
                    part.split(view, side);
                }
            }
        }
    }

    /// Moves a view to the tabs that come next in reading order, and from the last to the first.
    pub fn move_on(&mut self, view: &str) {
        let mut groups = Vec::new();
        self.groups_mut(1.0, &mut groups);
        let count = groups.len();
        let Some(at) = groups
            .iter()
            .position(|(_, _, views)| views.iter().any(|name| name == view))
        else {
            return;
        };
        if count < 2 {
            return;
        }
        if let Some((_, front, views)) = groups.get_mut(at) {
            views.retain(|name| name != view);
            **front = 0;
        }
        if let Some((_, front, views)) = groups.get_mut((at + 1) % count) {
            views.push(view.to_owned());
            **front = views.len() - 1;
        }
        self.retain(&mut |_| true, 0);
    }

    /// Leaves out what is not known, what is there twice, what is nested too deep, and groups
    /// without views.
    pub fn tidy(&mut self, known: impl Fn(&str) -> bool) {
        let mut seen = Vec::new();
        self.retain(
            &mut |name| {
                let keep = known(name) && !seen.iter().any(|other| other == name);
                if keep {
                    seen.push(name.to_owned());
                }
                keep
            },
            0,
        );
    }

    fn retain(&mut self, keep: &mut impl FnMut(&str) -> bool, depth: usize) {
        if depth > MAX_DEPTH {
            *self = Layout::empty();
            return;
        }
        match self {
            Layout::Tabs(front, views) => {
                let in_front = views.get(*front).cloned();
                views.retain(|name| keep(name));
                let same = views
                    .iter()
                    .position(|name| Some(name) == in_front.as_ref());
                *front = same.unwrap_or((*front).min(views.len().saturating_sub(1)));
            }
            Layout::Row(parts) | Layout::Column(parts) => {
                for (share, part) in parts.iter_mut() {
                    *share = (*share).max(1);
                    part.retain(keep, depth + 1);
                }
                parts.retain(|(_, part)| !part.is_empty());
                match parts.len() {
                    0 => *self = Layout::empty(),
                    1 => {
                        if let Some((_, only)) = parts.pop() {
                            *self = only;
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// A share of a whole, for [`Layout::Row`] and [`Layout::Column`]; at least the smallest there is.
pub fn share_of(part: f32, whole: f32) -> u16 {
    let share = f32::from(WHOLE) * part / whole.max(f32::MIN_POSITIVE);
    // Casts of floats end at the ends of the range.
    (share.round() as u16).clamp(1, WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::ViewId;

    fn tabs(views: &[&str]) -> Layout {
        Layout::Tabs(0, views.iter().map(|name| (*name).to_owned()).collect())
    }

    fn three() -> Layout {
        Layout::Row(vec![
            (200, tabs(&["streams"])),
            (
                800,
                Layout::Column(vec![(600, tabs(&["loom", "tcp"])), (400, tabs(&["bytes"]))]),
            ),
        ])
    }

    #[test]
    fn a_view_that_is_closed_leaves_its_space_to_its_neighbours() {
        let mut layout = three();
        layout.close("bytes");
        let expected = Layout::Row(vec![
            (200, tabs(&["streams"])),
            (800, tabs(&["loom", "tcp"])),
        ]);
        assert_eq!(layout, expected);
        layout.close("streams");
        layout.close("loom");
        assert_eq!(layout, tabs(&["tcp"]));
        layout.close("tcp");
        assert!(layout.is_empty());
        layout.open("loom", &[]);
        assert_eq!(layout, tabs(&["loom"]));
    }

    #[test]
    fn a_view_opens_behind_its_kin_else_where_there_is_most_room() {
        let mut layout = three();
        layout.open("frames", &["bytes", "frames"]);
        assert_eq!(layout.in_front(), ["streams", "loom", "frames"]);
        layout.open("hpack", &["inspector"]);
        assert_eq!(layout.in_front(), ["streams", "hpack", "frames"]);
        // One that is open comes to the front where it is.
        layout.open("tcp", &[]);
        assert_eq!(layout.in_front(), ["streams", "tcp", "frames"]);
    }

    #[test]
    fn a_split_view_gets_half_of_its_tabs_and_one_that_is_alone_stays() {
        let mut layout = tabs(&["loom", "tcp"]);
        layout.split("tcp", Side::Below);
        let expected = Layout::Column(vec![(500, tabs(&["loom"])), (500, tabs(&["tcp"]))]);
        assert_eq!(layout, expected);
        layout.split("tcp", Side::Right);
        assert_eq!(layout, expected);
    }

    #[test]
    fn a_view_moves_from_tabs_to_tabs_and_round() {
        let mut layout = three();
        layout.move_on("bytes");
        assert_eq!(layout.views(), ["streams", "bytes", "loom", "tcp"]);
        layout.move_on("bytes");
        assert_eq!(layout.views(), ["streams", "loom", "tcp", "bytes"]);
        assert_eq!(layout.in_front(), ["streams", "bytes"]);
    }

    #[test]
    fn tidying_leaves_out_what_is_unknown_double_or_too_deep() {
        let mut layout = Layout::Row(vec![
            (
                0,
                Layout::Tabs(9, vec!["loom".into(), "gone".into(), "loom".into()]),
            ),
            (5, tabs(&["gone"])),
            (5, tabs(&["bytes", "loom"])),
        ]);
        layout.tidy(|name| name != "gone");
        let expected = Layout::Row(vec![(1, tabs(&["loom"])), (5, tabs(&["bytes"]))]);
        assert_eq!(layout, expected);
        let mut deep = tabs(&["loom"]);
        for _ in 0..MAX_DEPTH + 1 {
            deep = Layout::Row(vec![(1, deep)]);
        }
        deep.tidy(|_| true);
        assert!(deep.is_empty());
    }

    #[test]
    fn views_split_from_each_other_one_by_one_are_all_kept() {
        let views: Vec<&str> = ViewId::all().map(ViewId::name).collect();
        assert!(views.len() + 3 < MAX_DEPTH, "a preset has three levels");
        let mut layout = tabs(&views);
        for (at, view) in views.iter().enumerate() {
            let side = [Side::Right, Side::Below][at % 2];
            layout.split(view, side);
            layout.tidy(|_| true);
        }
        assert_eq!(layout.views().len(), views.len());
        assert_eq!(layout.in_front().len(), views.len());
    }

    #[test]
    fn shares_are_never_nothing() {
        assert_eq!(share_of(0.25, 1.0), 250);
        assert_eq!(share_of(0.0, 1.0), 1);
        assert_eq!(share_of(1.0, 0.0), WHOLE);
        assert_eq!(share_of(f32::NAN, 1.0), 1);
    }
}
