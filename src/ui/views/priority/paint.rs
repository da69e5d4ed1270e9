//! Draws the tree and the urgencies.

use super::layout::{places, size, thickness};
use super::model::{Chip, Key, Node, nodes};
use super::{Shown, State, words};
use crate::ui::theme::{Theme, text_size};
use crate::ui::widgets::mark;
use crate::ui::widgets::switch::{caption_ui, tinted};
use crate::ui::{Command, Item};
use crate::wire::http2::StreamId;
use egui::epaint::CubicBezierShape;
use egui::{
    Align, Align2, Color32, FontId, Painter, Rect, Role, ScrollArea, Sense, Shape, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use std::collections::{BTreeMap, HashMap};

/// In this time, in seconds, a card covers all but a third of its way.
const EASE_SECONDS: f32 = 0.09;
/// The width of `38 % of 100 %` beside a card's bar.
const SHARE_WORDS: f32 = 122.0;
/// Lower cards have a single line.
const LEAST_FOR_ROWS: f32 = 44.0;
/// The height of an urgency's band.
const BAND: f32 = 32.0;

/// Draws the tree, with its cards on their way from where they were.
/// `seen_points` is the height that is seen without scrolling.
pub fn tree_ui(ui: &mut Ui, shown: &Shown<'_>, state: &mut State, seen_points: f32) {
    let nodes = nodes(
        shown.connection,
        shown.http2,
        (shown.at, &state.counted.tree),
        &state.counted.shares,
        !state.closed,
    );
    let targets = places(&nodes, vec2(ui.available_width() - 4.0, seen_points - 10.0));
    let seconds = ui.input(|input| input.stable_dt).min(0.1);
    if glide(&mut state.glided, &nodes, &targets, seconds) {
        ui.ctx().request_repaint();
    }
    let all = size(&targets) + vec2(4.0, 4.0);
    let wide = ui.available_width();
    ScrollArea::horizontal()
        .id_salt("tree")
        .auto_shrink([false, true])
        .show(ui, |ui| {
            let (_, area) = ui.allocate_space(vec2(all.x.max(wide), all.y));
            let moved = area.min.to_vec2() + vec2(2.0, 2.0);
            for node in &nodes {
                let parent = node.parent.and_then(|parent| state.glided.get(&parent));
                let (Some(parent), Some(child)) = (parent, state.glided.get(&node.key)) else {
                    continue;
                };
                link(
                    ui.painter(),
                    shown,
                    node,
                    parent.translate(moved),
                    child.translate(moved),
                );
            }
            for node in &nodes {
                if let Some(rect) = state.glided.get(&node.key) {
                    let rect = rect.translate(moved);
                    if ui.is_rect_visible(rect) {
                        card_ui(ui, shown, node, rect, state.span);
                    }
                }
            }
        });
}

/// Moves cards towards their places; new ones come out of the card they hang below. Returns whether
/// any is still on its way.
pub fn glide(
    glided: &mut HashMap<Key, Rect>,
    nodes: &[Node],
    targets: &HashMap<Key, Rect>,
    seconds: f32,
) -> bool {
    let first = glided.is_empty();
    let left = (-seconds.max(0.0) / EASE_SECONDS).exp();
    let mut moving = false;
    let mut next = HashMap::with_capacity(targets.len());
    for node in nodes {
        let Some(&target) = targets.get(&node.key) else {
            continue;
        };
        let start = glided.get(&node.key).copied().or_else(|| {
            let parent = node.parent?;
            next.get(&parent).or_else(|| glided.get(&parent)).copied()
        });
        let place = match start {
            Some(start) if !first => {
                let corner = target.min + (start.min - target.min) * left;
                if (corner - target.min).length() < 0.5 {
                    target
                } else {
                    moving = true;
                    Rect::from_min_size(corner, target.size())
                }
            }
            _ => target,
        };
        next.insert(node.key, place);
    }
    *glided = next;
    moving
}

fn stream_of(node: &Node) -> StreamId {
    match node.key {
        Key::Stream(stream) | Key::Closed(stream) => stream,
    }
}

/// How many streams before a node's have its colour.
fn lap(shown: &Shown<'_>, node: &Node) -> usize {
    match node.key {
        Key::Stream(stream) if !node.idle => shown.context.carrier_lap(stream.into()),
        _ => 0,
    }
}

fn colour(shown: &Shown<'_>, node: &Node) -> Color32 {
    let theme = shown.context.theme;
    match node.key {
        Key::Closed(_) => theme.text_weak,
        Key::Stream(stream) if stream.is_connection() || node.idle => theme.connection_frames,
        Key::Stream(stream) => shown.context.stream_colour(stream),
    }
}

fn link(painter: &Painter, shown: &Shown<'_>, node: &Node, parent: Rect, child: Rect) {
    let theme = shown.context.theme;
    let (from, to) = (parent.right_center(), child.left_center());
    let reach = vec2(((to.x - from.x) * 0.55).max(10.0), 0.0);
    let width = thickness(node.weight);
    let active = node.got.delivered_bytes > 0;
    let strength = if active { 0.55 } else { 0.0 };
    let stroke = Stroke::new(width, tinted(theme.line, colour(shown, node), strength));
    let points = [from, from + reach, to - reach, to];
    painter.add(CubicBezierShape::from_points_stroke(
        points,
        false,
        Color32::TRANSPARENT,
        stroke,
    ));
}

fn card_ui(ui: &Ui, shown: &Shown<'_>, node: &Node, rect: Rect, span: usize) {
    let context = shown.context;
    let theme = context.theme;
    let stream = stream_of(node);
    let is_stream = matches!(node.key, Key::Stream(stream) if !stream.is_connection());
    let response = ui.interact(rect, ui.scope_id().with(node.key), Sense::click());
    let selected = is_stream && context.selected_stream() == Some(stream);
    response.widget_info(|| {
        let label = format!(
            "{}, {}, {}, delivered {}, ideal {}",
            node.title,
            words::weight_words(node.weight),
            node.about,
            words::share_words(node.got.delivered),
            words::share_words(node.got.ideal)
        );
        WidgetInfo::selected(Role::Button, true, selected, label)
    });
    let item = Item::Stream(shown.connection.id, stream);
    let pointed = is_stream && context.hovered == Some(item);
    let colour = colour(shown, node);
    let painter = ui.painter();
    let ground = if pointed || response.has_focus() {
        theme.hover
    } else {
        theme.lane
    };
    painter.rect_filled(rect, 7.0, ground);
    // The edge says whether the stream is open, closed or idle, never which one it is: blue is what is selected, and nothing else.
    let edge = match node.closed || node.idle {
        true => Stroke::new(1.2, tinted(theme.line, theme.text_weak, 0.6)),
        false => Stroke::new(1.4, theme.text_weak),
    };
    if selected {
        let frame = Stroke::new(2.4, theme.accent);
        painter.rect_stroke(rect.expand(2.0), 8.0, frame, StrokeKind::Middle);
    }
    if node.closed || node.idle {
        let corners = [
            rect.left_top(),
            rect.right_top(),
            rect.right_bottom(),
            rect.left_bottom(),
            rect.left_top(),
        ];
        if node.idle {
            painter.extend(Shape::dotted_line(&corners, edge.color, 4.5, 1.1));
        } else {
            painter.extend(Shape::dashed_line(&corners, edge, 7.0, 5.0));
        }
    } else {
        painter.rect_stroke(rect, 7.0, edge, StrokeKind::Inside);
    }
    let body = FontId::proportional(text_size::BODY);
    let small = FontId::proportional(text_size::SMALL);
    let inner = rect.shrink2(vec2(10.0, 0.0));
    if rect.height() < LEAST_FOR_ROWS {
        line_ui(painter, theme, node, inner, (colour, lap(shown, node)));
        if is_stream && response.hovered() {
            context.hover(item);
        }
        if is_stream && response.clicked() {
            context.send(Command::Select(item));
        }
        response.on_hover_text(words::hover_words(node));
        return;
    }
    // Places are those of the highest card; in a lower one, all move up.
    let lower = (rect.height() / 56.0).min(1.0);
    let row = |top: f32, height: f32| {
        let top = rect.top() + top * lower - (1.0 - lower) * 6.0;
        Rect::from_min_max(pos2(inner.left(), top), pos2(inner.right(), top + height))
    };
    if node.parent.is_none() {
        painter.text(
            rect.center(),
            Align2::CENTER_CENTER,
            &node.title,
            body,
            theme.text,
        );
        return;
    }
    let first = row(4.0, 18.0);
    let swatch = first.left_center() + vec2(5.0, 0.0);
    mark::swatch(painter, swatch, colour, lap(shown, node));
    let strong = if node.closed {
        theme.text_weak
    } else {
        theme.text
    };
    let beside = first.with_min_x(first.left() + 16.0);
    mark::line(
        painter,
        beside.with_max_x(inner.right() - 62.0),
        Align::Min,
        &node.title,
        &body,
        strong,
    );
    if is_stream {
        let weight = words::weight_words(node.weight);
        mark::line(painter, first, Align::Max, &weight, &small, theme.text_weak);
    }
    mark::line(
        painter,
        row(21.0, 16.0),
        Align::Min,
        &node.about,
        &small,
        theme.text_weak,
    );
    match words::nothing_sent_words(node, span) {
        Some(nothing) => {
            let row = row(37.0, 16.0);
            mark::line(painter, row, Align::Min, &nothing, &small, theme.text_weak);
        }
        None => share_ui(painter, theme, node, row(39.0, 12.0), colour),
    }
    if is_stream && response.hovered() {
        context.hover(item);
    }
    if is_stream && response.clicked() {
        context.send(Command::Select(item));
    }
    response.on_hover_text(words::hover_words(node));
}

/// A card of a single line: the stream, and what it got and should have got, or else its weight.
fn line_ui(
    painter: &Painter,
    theme: &Theme,
    node: &Node,
    inner: Rect,
    (colour, lap): (Color32, usize),
) {
    let small = FontId::proportional(text_size::SMALL);
    let body = FontId::proportional(text_size::BODY);
    mark::swatch(painter, inner.left_center() + vec2(3.0, 0.0), colour, lap);
    let got = node.got;
    let counted = got.delivered_bytes > 0 || got.ideal > 0.0;
    let (share, due) = (
        words::share_words(got.delivered),
        words::share_words(got.ideal),
    );
    let ways = match (node.parent, counted) {
        (None, _) => [String::new(), String::new()],
        (_, true) => [format!("got {share}, due {due}"), format!("got {share}")],
        (_, false) => [
            words::weight_words(node.weight),
            format!("w {}", node.weight),
        ],
    };
    // The stream's name comes first; the pointer tells all of it.
    let width = |words: &str, font: &FontId| {
        let galley = painter.layout_no_wrap(words.to_owned(), font.clone(), theme.text);
        galley.size().x
    };
    let room = inner.width() - 18.0 - width(&node.title, &body);
    let fitting = ways.iter().find(|words| width(words, &small) <= room);
    let shown = if counted { theme.text } else { theme.text_weak };
    let right = fitting.map_or("", String::as_str);
    let taken = mark::line(painter, inner, Align::Max, right, &small, shown);
    let title = inner
        .with_min_x(inner.left() + 12.0)
        .with_max_x(inner.right() - taken - 6.0);
    mark::line(painter, title, Align::Min, &node.title, &body, theme.text);
}

/// What a stream got, as a bar, and what it should have got, as a tick.
fn share_ui(painter: &Painter, theme: &Theme, node: &Node, row: Rect, colour: Color32) {
    let got = node.got;
    if got.delivered_bytes == 0 && got.ideal <= 0.0 {
        return;
    }
    let bar = Rect::from_min_max(
        row.min + vec2(0.0, 2.0),
        pos2(
            (row.right() - SHARE_WORDS).max(row.left() + 24.0),
            row.bottom() - 2.0,
        ),
    );
    painter.rect_filled(bar, 2.0, theme.background);
    let x = |share: f32| bar.left() + bar.width() * share.clamp(0.0, 1.0);
    painter.rect_filled(bar.with_max_x(x(got.delivered)), 2.0, colour);
    painter.rect_stroke(bar, 2.0, Stroke::new(1.0, theme.line), StrokeKind::Inside);
    let small = FontId::proportional(text_size::SMALL);
    let percent = format!(
        "got {}, due {}",
        words::share_words(got.delivered),
        words::share_words(got.ideal)
    );
    mark::line(painter, row, Align::Max, &percent, &small, theme.text);
    let tick = x(got.ideal);
    painter.vline(tick, row.y_range(), Stroke::new(3.6, theme.lane));
    painter.vline(tick, row.y_range(), Stroke::new(2.0, theme.text));
}

/// Draws the eight urgencies, the most urgent on top.
pub fn bands_ui(ui: &mut Ui, shown: &Shown<'_>, bands: &BTreeMap<u8, Vec<Chip>>) {
    let theme = shown.context.theme;
    caption_ui(
        ui,
        theme,
        "Urgencies",
        "0 is served first · ⇉ incremental: takes turns with others of the same urgency · dashed: nothing was said, so 3",
        "RFC 9218 §4",
    );
    let small = FontId::proportional(text_size::SMALL);
    for urgency in 0..8u8 {
        let (_, band) = ui.allocate_space(vec2(ui.available_width(), BAND));
        let painter = ui.painter_at(band);
        painter.rect_filled(band.shrink2(vec2(0.0, 1.5)), 3.0, theme.lane);
        let name = format!("u={urgency}");
        let body = FontId::monospace(text_size::BODY);
        painter.text(
            band.left_center() + vec2(10.0, 0.0),
            Align2::LEFT_CENTER,
            name,
            body,
            theme.text,
        );
        let at = band.left_center() + vec2(52.0, 0.0);
        painter.text(
            at,
            Align2::LEFT_CENTER,
            words::band_words(urgency),
            small.clone(),
            theme.text_weak,
        );
        let mut left = band.left() + 165.0;
        let chips = bands.get(&urgency).map_or(&[][..], Vec::as_slice);
        for (position, chip) in chips.iter().enumerate() {
            let mark = if chip.urgency.incremental { "⇉ " } else { "" };
            let words = format!("{mark}stream {} {}", chip.stream, chip.about);
            let words = crate::report::text::one_line(&words, 40);
            let galley = painter.layout_no_wrap(words.clone(), small.clone(), theme.text);
            let rect = Rect::from_min_size(
                pos2(left, band.top() + 4.0),
                vec2(galley.size().x + 28.0, BAND - 8.0),
            );
            if rect.right() > band.right() - 80.0 && position > 0 {
                let more = format!("and {} more", chips.len() - position);
                let at = pos2(left, band.center().y);
                painter.text(
                    at,
                    Align2::LEFT_CENTER,
                    more,
                    small.clone(),
                    theme.text_weak,
                );
                break;
            }
            let id = ui.scope_id().with(("urgency", chip.stream.0));
            let response = ui.interact(rect, id, Sense::click());
            response.widget_info(|| {
                WidgetInfo::labeled(Role::Button, true, format!("urgency {urgency}: {words}"))
            });
            let item = Item::Stream(shown.connection.id, chip.stream);
            let colour = shown.context.stream_colour(chip.stream);
            let selected = shown.context.selected_stream() == Some(chip.stream);
            let fill = if selected {
                theme.selection
            } else {
                theme.panel
            };
            painter.rect_filled(rect, 5.0, fill);
            if selected {
                let frame = Stroke::new(2.4, theme.accent);
                painter.rect_stroke(rect, 5.0, frame, StrokeKind::Inside);
            } else if chip.said {
                let edge = Stroke::new(1.4, theme.text_weak);
                painter.rect_stroke(rect, 5.0, edge, StrokeKind::Inside);
            } else {
                let corners = [
                    rect.left_top(),
                    rect.right_top(),
                    rect.right_bottom(),
                    rect.left_bottom(),
                    rect.left_top(),
                ];
                let edge = Stroke::new(1.2, theme.text_weak);
                painter.extend(Shape::dashed_line(&corners, edge, 4.0, 3.0));
            }
            let lap = shown.context.carrier_lap(chip.stream.into());
            mark::swatch(&painter, rect.left_center() + vec2(11.0, 0.0), colour, lap);
            let at = pos2(rect.left() + 21.0, rect.center().y - galley.size().y / 2.0);
            painter.galley(at, galley, theme.text);
            if response.hovered() {
                shown.context.hover(item);
            }
            if response.clicked() {
                shown.context.send(Command::Select(item));
            }
            left = rect.right() + 6.0;
        }
    }
}
