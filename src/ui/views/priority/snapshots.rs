//! The tree at chosen moments, small and side by side: what changed from one to the next is seen at a
//! glance. Until somebody keeps a moment, some at which the tree changed are shown.

use super::Shown;
use super::layout::{places, size, thickness};
use super::model::{Key, Node, nodes, telling_instants};
use super::shares::Shares;
use crate::trace::{ConnectionId, Cursor, FrameId};
use crate::ui::Command;
use crate::ui::theme::text_size;
use crate::ui::widgets::format;
use crate::ui::widgets::switch::{caption_ui, tinted, toggle_ui};
use crate::wire::http2::ClosedStreams;
use egui::{
    Align2, FontId, Rangef, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};
use std::collections::{HashMap, HashSet};

/// Moments that are shown unless some were kept.
const CHOSEN: usize = 4;
/// Moments that are kept.
const MAX_KEPT: usize = 8;
/// The height of one.
const HEIGHT: f32 = 118.0;
/// How wide one is, where there is little room and where there is much.
const WIDTH: Rangef = Rangef {
    min: 150.0,
    max: 206.0,
};
/// A narrower column has no room for numbers.
const LEAST_COLUMN: f32 = 24.0;
/// The smallest number beside a dot, in points.
const LEAST_NUMBER: f32 = 8.5;
/// Between two of them.
const GAP: f32 = 8.0;
/// The title above them, and what is free below.
const CAPTION: f32 = 34.0;

/// The trees that are kept, and those drawn lately.
#[derive(Clone, Debug, Default)]
pub struct Snapshots {
    kept: Vec<FrameId>,
    of: Option<(ConnectionId, ClosedStreams)>,
    drawn: HashMap<FrameId, Vec<Node>>,
}

impl Snapshots {
    /// Keeps a moment.
    pub fn keep(&mut self, frame: FrameId) {
        if !self.kept.contains(&frame) && self.kept.len() < MAX_KEPT {
            self.kept.push(frame);
            self.kept.sort_unstable();
        }
    }
}

/// Draws the row.
pub fn snapshots_ui(ui: &mut Ui, shown: &Shown<'_>, policy: ClosedStreams, state: &mut Snapshots) {
    let of = Some((shown.connection.id, policy));
    if state.of != of {
        if state.of.map(|(connection, _)| connection) != Some(shown.connection.id) {
            state.kept.clear();
        }
        state.of = of;
        state.drawn.clear();
    }
    let theme = shown.context.theme;
    let instants = instants(shown, state);
    if instants.is_empty() {
        return;
    }
    let about = if state.kept.is_empty() {
        "moments at which the tree had changed; a click goes there; keep your own with the button above · filled: open, ring: closed or idle"
    } else {
        "the moments that you kept; a click goes there · filled: open, ring: closed or idle"
    };
    caption_ui(ui, theme, "Snapshots", about, "");
    let count = instants.len() as f32;
    let width = ((ui.available_width() - GAP * (count - 1.0)) / count).clamp(WIDTH.min, WIDTH.max);
    ScrollArea::horizontal()
        .id_salt("snapshots")
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = GAP;
                for frame in instants {
                    if !state.drawn.contains_key(&frame) {
                        if state.drawn.len() > 4 * MAX_KEPT {
                            state.drawn.clear();
                        }
                        let tree = shown.http2.history.tree_by_policy_at(policy, Some(frame));
                        let nodes = nodes(
                            shown.connection,
                            shown.http2,
                            (Some(frame), &tree),
                            &Shares::default(),
                            true,
                        );
                        state.drawn.insert(frame, nodes);
                    }
                    if let Some(nodes) = state.drawn.get(&frame) {
                        snapshot_ui(ui, shown, frame, nodes, width);
                    }
                }
                if !state.kept.is_empty()
                    && toggle_ui(ui, theme, "Forget them", "Take the row away.", false)
                {
                    state.kept.clear();
                }
            });
        });
}

/// The moments that are shown: those that were kept, else some at which the tree had changed.
fn instants(shown: &Shown<'_>, state: &Snapshots) -> Vec<FrameId> {
    if state.kept.is_empty() {
        telling_instants(shown.http2, CHOSEN)
    } else {
        state.kept.clone()
    }
}

/// How much room the row takes, with its title; nothing when there is no moment to show.
pub fn height(ui: &Ui, shown: &Shown<'_>, state: &Snapshots) -> f32 {
    match instants(shown, state).is_empty() {
        true => 0.0,
        false => HEIGHT + CAPTION + 3.0 * ui.spacing().item_spacing.y,
    }
}

fn snapshot_ui(ui: &mut Ui, shown: &Shown<'_>, frame: FrameId, nodes: &[Node], width: f32) {
    let theme = shown.context.theme;
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click());
    let time_ns = shown.http2.frames.get(frame.index()).map_or(0, |row| {
        let first = shown
            .context
            .trace
            .packets
            .get(0)
            .map_or(0, |row| row.time_ns);
        shown
            .context
            .trace
            .time_ns(row.packet)
            .saturating_sub(first)
    });
    let current = shown.at == Some(frame);
    let now = if current { " · shown above" } else { "" };
    let words = format!(
        "after frame {frame} · {}{now}",
        format::duration_ns(time_ns)
    );
    response.widget_info(|| {
        let label = format!("tree {words}, {} streams", nodes.len().saturating_sub(1));
        WidgetInfo::selected(Role::Button, true, current, label)
    });
    let painter = ui.painter_at(rect);
    let ground = if response.hovered() || response.has_focus() {
        theme.hover
    } else {
        theme.lane
    };
    let edge = if current {
        // As the cursor is everywhere: blue is for what is selected.
        Stroke::new(2.0, theme.cursor)
    } else {
        Stroke::new(1.0, theme.line)
    };
    painter.rect(rect, 6.0, ground, edge, StrokeKind::Inside);
    let small = FontId::proportional(text_size::SMALL);
    painter.text(
        rect.left_top() + vec2(9.0, 5.0),
        Align2::LEFT_TOP,
        words,
        small.clone(),
        theme.text_weak,
    );
    let inside = Rect::from_min_max(rect.min + vec2(12.0, 26.0), rect.max - vec2(38.0, 10.0));
    let places = places(nodes, egui::Vec2::INFINITY);
    let all = size(&places);
    let (wide, high) = (
        inside.width() / all.x.max(1.0),
        inside.height() / all.y.max(1.0),
    );
    let at = |place: &Rect| {
        pos2(
            inside.left() + place.center().x * wide,
            inside.top() + place.center().y * high,
        )
    };
    for node in nodes {
        let parent = node.parent.and_then(|parent| places.get(&parent));
        if let (Some(parent), Some(place)) = (parent, places.get(&node.key)) {
            let stroke = Stroke::new(
                thickness(node.weight) * 0.45,
                tinted(theme.line, theme.text_weak, 0.5),
            );
            painter.line_segment([at(parent), at(place)], stroke);
        }
    }
    let parents: HashSet<Key> = nodes.iter().filter_map(|node| node.parent).collect();
    let leaves = nodes.iter().filter(|node| !parents.contains(&node.key));
    let each = inside.height() / leaves.count().max(1) as f32;
    // Of a long chain, the dots alone.
    let columns = nodes.iter().map(|node| node.depth + 1).max().unwrap_or(1);
    let room = each >= LEAST_NUMBER && inside.width() / columns as f32 >= LEAST_COLUMN;
    let numbers = FontId::proportional(each.clamp(LEAST_NUMBER, text_size::SMALL));
    for node in nodes {
        let (place, stream) = match (places.get(&node.key), node.key) {
            (Some(place), Key::Stream(stream)) => (place, stream),
            (Some(place), Key::Closed(_)) => {
                let words = node.title.replace(" streams", "");
                let colour = theme.text_weak;
                painter.circle(at(place), 3.6, ground, Stroke::new(1.4, colour));
                let galley = painter.layout_no_wrap(words, small.clone(), colour);
                // Over the ring where there is no room beside it.
                let beside = match at(place).x + 7.0 + galley.size().x < rect.right() - 4.0 {
                    true => at(place) + vec2(7.0, -galley.size().y / 2.0),
                    false => at(place) + vec2(6.0 - galley.size().x, -5.0 - galley.size().y),
                };
                painter.galley(beside, galley, colour);
                continue;
            }
            (None, _) => continue,
        };
        let colour = if stream.is_connection() || node.idle {
            theme.connection_frames
        } else {
            shown.context.stream_colour(stream)
        };
        if node.closed || node.idle {
            painter.circle(at(place), 3.6, ground, Stroke::new(1.4, colour));
        } else {
            painter.circle_filled(at(place), 4.4, colour);
        }
        if room && !stream.is_connection() {
            // Lines leave a dot to the right; the one that comes from the left ends before the number.
            let galley = painter.layout_no_wrap(stream.to_string(), numbers.clone(), theme.text);
            let (aside, anchor) = match parents.contains(&node.key) {
                true => (-7.0, Align2::RIGHT_CENTER),
                false => (7.0, Align2::LEFT_CENTER),
            };
            let beside = anchor.anchor_size(at(place) + vec2(aside, 0.0), galley.size());
            let plate = beside.shrink2(vec2(-1.5, beside.height() * 0.15));
            painter.rect_filled(plate, 0.0, ground);
            painter.galley(beside.min, galley, theme.text);
        }
    }
    if response.clicked()
        && let Some(cursor) = Cursor::after_frame(shown.connection, frame)
    {
        shown.context.send(Command::MoveCursor(cursor));
    }
    response.on_hover_text("The tree at this moment. Click to go there.");
}
