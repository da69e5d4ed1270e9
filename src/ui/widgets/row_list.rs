//! A list of equally high rows, of which only the visible ones are drawn.
//!
//! egui's own scroll areas count in `f32` points. A million rows of 20 points are twenty million
//! points, where `f32` tells only every second point apart: rows would jump and the last ones be out
//! of reach. So this list counts in rows, as `f64`, and turns only visible rows into points.

use egui::{
    Color32, EventFilter, Id, Key, Mesh, Modifiers, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo,
    pos2,
};

/// Points that the scroll bar takes on the right.
pub const BAR_POINTS: f32 = 10.0;

/// The shortest handle that a pointer still hits.
const MIN_HANDLE_POINTS: f32 = 18.0;

/// Where a list is scrolled to.
#[derive(Clone, Debug, Default)]
pub struct RowScroll {
    /// The row at the upper edge, with the part of it that is above the edge.
    top: f64,
    reveal: Option<usize>,
    /// Where on the handle the pointer holds it.
    grab: Option<f32>,
    /// Whether a hand has scrolled it since this was last asked.
    by_hand: bool,
    /// How many rows there was room for, with parts of rows.
    visible: f64,
}

impl RowScroll {
    /// Scrolls so that a row is visible the next time the list is shown, no further than needed.
    pub fn reveal(&mut self, row: usize) {
        self.reveal = Some(row);
    }

    /// Whether a hand has scrolled it since this was last asked.
    pub fn take_by_hand(&mut self) -> bool {
        std::mem::take(&mut self.by_hand)
    }

    /// Whether a row was in sight in the last picture, at least half of it.
    pub fn shows(&self, row: usize) -> bool {
        let middle = row as f64 + 0.5;
        (self.top..=self.top + self.visible).contains(&middle)
    }

    /// The row at the upper edge, with the part of it that is above the edge.
    pub fn top(&self) -> f64 {
        self.top
    }

    /// Carries out what was asked, and keeps the list from being scrolled beyond its ends.
    fn settle(&mut self, count: usize, visible: f64) {
        if let Some(row) = self.reveal.take() {
            let row = row.min(count.saturating_sub(1)) as f64;
            if row < self.top {
                self.top = row;
            } else if row + 1.0 > self.top + visible {
                // The uppermost row is whole; what the height leaves over shows the beginning of the next one.
                self.top = (row + 1.0 - visible - 1e-6).ceil();
            }
        }
        self.top = self.top.clamp(0.0, max_top(count, visible));
        self.visible = visible;
    }
}

/// What a list without rows says in its place: why, and what to do.
pub fn say_ui(ui: &Ui, area: Rect, words: &str) {
    let area = area.shrink2(egui::vec2(2.0, 6.0));
    let font = egui::TextStyle::Body.resolve(ui.style());
    let colour = ui.visuals().weak_text_color();
    let galley = ui
        .painter()
        .layout(words.to_owned(), font, colour, area.width());
    ui.painter().galley(area.min, galley, colour);
}

/// How far rows fade out at an edge behind which more follow, at most.
const FADE_POINTS: f32 = 14.0;

/// Lets rows fade out at the upper and the lower edge, where so many points more lie behind it: a row that is cut is seen to
/// go on. One shape for both.
fn edges_ui(ui: &Ui, area: Rect, hidden: [f32; 2]) {
    let ground = ui.visuals().panel_fill;
    let mut mesh = Mesh::default();
    for (hidden, (edge, inwards)) in hidden
        .into_iter()
        .zip([(area.top(), 1.0), (area.bottom(), -1.0)])
    {
        if hidden < 1.0 {
            continue;
        }
        let first = u32::try_from(mesh.vertices.len()).unwrap_or(0);
        let inner = edge + inwards * FADE_POINTS.min(hidden).min(area.height() / 2.0);
        for (y, colour) in [(edge, ground), (inner, Color32::TRANSPARENT)] {
            mesh.colored_vertex(pos2(area.left(), y), colour);
            mesh.colored_vertex(pos2(area.right(), y), colour);
        }
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first + 1, first + 2, first + 3);
    }
    if !mesh.is_empty() {
        ui.painter().add(mesh);
    }
}

/// The largest row at the upper edge: the last row then ends at the lower edge.
fn max_top(count: usize, visible: f64) -> f64 {
    (count as f64 - visible).max(0.0)
}

/// The rows that are at least partly visible.
fn visible_rows(top: f64, visible: f64, count: usize) -> std::ops::Range<usize> {
    let first = (top.max(0.0) as usize).min(count);
    let end = ((top + visible).ceil().max(0.0) as usize).min(count);
    first..end.max(first)
}

/// The row that a key leads to.
fn row_for_key(key: Key, current: Option<usize>, count: usize, page: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let row = match (key, current) {
        (Key::Home, _) => 0,
        (Key::End, _) => last,
        (_, None) => 0,
        (Key::ArrowUp, Some(row)) => row.saturating_sub(1),
        (Key::ArrowDown, Some(row)) => row.saturating_add(1),
        (Key::PageUp, Some(row)) => row.saturating_sub(page),
        (Key::PageDown, Some(row)) => row.saturating_add(page),
        _ => return None,
    };
    Some(row.min(last))
}

/// A list about to be shown.
#[derive(Clone, Copy, Debug)]
pub struct RowList<'a> {
    /// What a screen reader calls it.
    pub name: &'a str,
    /// How high each row is, in points. Rounded up to whole points, so that all rows come out
    /// equally high on the screen.
    pub row_height: f32,
    /// How many rows.
    pub count: usize,
    /// The row that is selected, where keys start from.
    pub current: Option<usize>,
}

impl RowList<'_> {
    /// Shows the list in all the space that is left. `row_ui` draws a row into its rectangle.
    ///
    /// Returns the row that was asked for by key while the list has the keyboard: up, down, page,
    /// home, end. It is brought into view.
    pub fn show(
        self,
        ui: &mut Ui,
        scroll: &mut RowScroll,
        mut row_ui: impl FnMut(&mut Ui, usize, Rect, &egui::Response),
    ) -> Option<usize> {
        let row_height = self.row_height.ceil().max(1.0);
        let rect = ui.available_rect_before_wrap();
        let id = ui.scope_id().with(self.name);
        let visible = f64::from(rect.height() / row_height).max(0.0);
        let response = ui.allocate_rect(rect, Sense::hover());
        let list = ui.interact(rect, id, Sense::click());
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, ui.is_enabled(), self.name));
        if list.clicked() {
            list.request_focus();
        }

        let asked = self.keys(ui, &list, visible);
        if let Some(row) = asked {
            scroll.reveal(row);
        }
        if max_top(self.count, visible) > 0.0 && response.contains_pointer() {
            let delta = ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta.y));
            scroll.top -= f64::from(delta / row_height);
            scroll.by_hand |= delta != 0.0;
        }
        scroll.settle(self.count, visible);
        let bar = Rect::from_min_max(egui::pos2(rect.right() - BAR_POINTS, rect.top()), rect.max);
        self.bar_ui(ui, id, bar, scroll, visible);

        let scrolls = max_top(self.count, visible) > 0.0;
        let right = if scrolls { bar.left() } else { rect.right() };
        let area = Rect::from_min_max(rect.min, egui::pos2(right, rect.bottom()));
        let mut child = ui.new_child(UiBuilder::new().id_salt(id).max_rect(area));
        child.shrink_clip_rect(area);
        for row in visible_rows(scroll.top, visible, self.count) {
            let above = (row as f64 - scroll.top) as f32 * row_height;
            let y = child.painter().round_to_pixel_center(area.top() + above) - 0.5;
            let row_rect = Rect::from_min_size(
                egui::pos2(area.left(), y),
                egui::vec2(area.width(), row_height),
            );
            row_ui(&mut child, row, row_rect, &list);
        }
        let below = max_top(self.count, visible) - scroll.top;
        edges_ui(
            &child,
            area,
            [scroll.top, below].map(|rows| rows as f32 * row_height),
        );
        if list.has_focus() {
            let stroke = ui.visuals().selection.stroke;
            let kind = egui::StrokeKind::Inside;
            ui.painter().rect_stroke(rect, 2.0, stroke, kind);
        }
        asked
    }

    fn keys(&self, ui: &Ui, list: &egui::Response, visible: f64) -> Option<usize> {
        if !list.has_focus() {
            return None;
        }
        let filter = EventFilter {
            vertical_arrows: true,
            // They step through time and must not carry the focus away.
            horizontal_arrows: true,
            ..Default::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(list.id, filter));
        let page = (visible as usize).saturating_sub(1).max(1);
        let mut row = self.current;
        let mut asked = None;
        for key in [
            Key::ArrowUp,
            Key::ArrowDown,
            Key::PageUp,
            Key::PageDown,
            Key::Home,
            Key::End,
        ] {
            let times = ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
            for _ in 0..times {
                row = row_for_key(key, row, self.count, page);
                asked = row;
            }
        }
        asked
    }

    fn bar_ui(&self, ui: &Ui, id: Id, bar: Rect, scroll: &mut RowScroll, visible: f64) {
        let max = max_top(self.count, visible);
        if max <= 0.0 {
            return;
        }
        let response = ui.interact(bar, id.with("bar"), Sense::CLICK | Sense::DRAG);
        let name = format!("Scroll {}", self.name);
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, &name));
        let share = (visible / self.count as f64) as f32;
        let length = (bar.height() * share)
            .max(MIN_HANDLE_POINTS)
            .min(bar.height());
        let travel = bar.height() - length;
        let handle_top = |top: f64| bar.top() + travel * (top / max) as f32;
        match response.interact_pointer_pos() {
            Some(pointer) => {
                scroll.by_hand = true;
                let from_handle = pointer.y - handle_top(scroll.top);
                let on_handle = (0.0..=length).contains(&from_handle);
                let held = if on_handle { from_handle } else { length / 2.0 };
                let grab = *scroll.grab.get_or_insert(held);
                if travel > 0.0 {
                    let moved = (pointer.y - grab - bar.top()) / travel;
                    scroll.top = f64::from(moved.clamp(0.0, 1.0)) * max;
                }
            }
            None => scroll.grab = None,
        }
        let active = response.hovered() || response.dragged();
        let colour = if active {
            ui.visuals().widgets.hovered.fg_stroke.color
        } else {
            ui.visuals().widgets.noninteractive.fg_stroke.color
        };
        let handle = Rect::from_min_size(
            egui::pos2(bar.left() + 2.0, handle_top(scroll.top)),
            egui::vec2(bar.width() - 4.0, length),
        );
        let strength = if active { 0.9 } else { 0.45 };
        ui.painter()
            .rect_filled(handle, 3.0, colour.gamma_multiply(strength));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::kittest::Queryable;

    #[test]
    fn rows_fade_out_where_more_follow_and_nowhere_else() {
        let fades = |count: usize, top: f64| {
            let mut found: Vec<f32> = Vec::new();
            let mut scroll = RowScroll {
                top,
                ..Default::default()
            };
            let mut harness = egui_kittest::Harness::builder()
                .with_size(egui::vec2(200.0, 100.0))
                .build_ui(|ui| {
                    let list = RowList {
                        name: "rows",
                        row_height: 20.0,
                        count,
                        current: None,
                    };
                    list.show(ui, &mut scroll, |_, _, _, _| {});
                });
            harness.run();
            let area = harness.get_by_label("rows").rect();
            for shape in &harness.output().shapes {
                if let egui::Shape::Mesh(mesh) = &shape.shape {
                    let solid = mesh.vertices.iter().filter(|of| of.color.a() == 255);
                    found.extend(solid.map(|of| (of.pos.y - area.center().y).signum()));
                }
            }
            found.dedup();
            found
        };
        assert!(fades(3, 0.0).is_empty());
        assert_eq!(fades(50, 0.0), [1.0], "more below");
        assert_eq!(fades(50, 49.0), [-1.0], "more above");
        assert_eq!(fades(50, 20.0), [-1.0, 1.0], "both");
    }

    #[test]
    fn a_row_in_view_moves_nothing() {
        let mut scroll = RowScroll {
            top: 10.0,
            ..Default::default()
        };
        scroll.reveal(12);
        scroll.settle(1000, 8.5);
        assert_eq!(scroll.top(), 10.0);
    }

    #[test]
    fn a_row_out_of_view_comes_to_the_nearer_edge() {
        let mut scroll = RowScroll {
            top: 10.0,
            ..Default::default()
        };
        scroll.reveal(100);
        scroll.settle(1000, 8.0);
        assert_eq!(scroll.top(), 93.0);
        scroll.reveal(5);
        scroll.settle(1000, 8.0);
        assert_eq!(scroll.top(), 5.0);
    }

    #[test]
    fn the_last_of_a_million_rows_ends_at_the_lower_edge() {
        let mut scroll = RowScroll::default();
        scroll.reveal(999_999);
        scroll.settle(1_000_000, 9.25);
        assert_eq!(scroll.top(), 999_990.75);
        assert_eq!(
            visible_rows(scroll.top(), 9.25, 1_000_000),
            999_990..1_000_000
        );
    }

    #[test]
    fn a_list_that_shrinks_is_scrolled_back() {
        let mut scroll = RowScroll {
            top: 500.0,
            ..Default::default()
        };
        scroll.settle(3, 8.0);
        assert_eq!(scroll.top(), 0.0);
        assert_eq!(visible_rows(0.0, 8.0, 3), 0..3);
        assert_eq!(visible_rows(0.0, 8.0, 0), 0..0);
    }

    #[test]
    fn keys_stay_within_the_list() {
        assert_eq!(row_for_key(Key::ArrowUp, Some(0), 5, 3), Some(0));
        assert_eq!(row_for_key(Key::PageDown, Some(3), 5, 3), Some(4));
        assert_eq!(row_for_key(Key::End, None, 5, 3), Some(4));
        assert_eq!(row_for_key(Key::ArrowDown, None, 5, 3), Some(0));
        assert_eq!(row_for_key(Key::ArrowDown, None, 0, 3), None);
    }
}
