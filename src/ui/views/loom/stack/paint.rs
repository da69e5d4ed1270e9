//! Draws the connections in view, one below the other, and what surrounds them.

use super::kept::Kept;
use super::{GAP_POINTS, Section, WIRE_POINTS, layout};
use crate::trace::{Connection, ConnectionId, Direction};
use crate::ui::views::loom::controls::{self, triangle};
use crate::ui::views::loom::layout::{Content, Layout};
use crate::ui::views::loom::links::{self, Links};
use crate::ui::views::loom::model::Model;
use crate::ui::views::loom::paint::Picture;
use crate::ui::views::loom::reader::{Extent, Reader};
use crate::ui::views::loom::surround::{LABEL_INSET_POINTS, SMALL_POINTS, TEXT_POINTS};
use crate::ui::views::loom::words::frames_words;
use crate::ui::views::loom::{self, State, flags, input, losses, ruler};
use crate::ui::widgets::format;
use crate::ui::widgets::time_scale::TimeScale;
use crate::ui::{Command, Item, ViewContext};
use egui::{Align2, FontId, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};

/// Draws all connections, and answers to a hand.
pub fn stack_ui(
    ui: &mut Ui,
    rect: Rect,
    response: &egui::Response,
    context: &ViewContext<'_>,
    state: &mut State,
) {
    state.layout = Some(layout(state, context, rect));
    let seconds = f64::from(ui.input(|input| input.stable_dt).min(0.25));
    if state.settle(context, seconds).is_none() {
        return;
    }
    input::navigate(ui, response, context.trace, state);
    let layout = layout(state, context, rect);
    state.scroll = layout.scroll;
    state.layout = Some(layout.clone());
    let Some(shown) = state.shown else {
        return;
    };
    state.findings.follow(context.trace);
    let mut area = state.area.take();
    let counts_on = (area.as_mut()).is_some_and(|area| area.follow_all(context));
    state.area = area;
    let scale = shown.scale(f64::from(layout.width()));

    // What is drawn from is taken out of the state while a hand may change the rest of it.
    let findings = std::mem::take(&mut state.findings);
    let mut stack = std::mem::take(&mut state.stack);
    let height = f64::from(layout.lanes.height());
    let visible = stack.visible(layout.scroll, height).to_vec();
    let ids: Vec<ConnectionId> = visible.iter().map(|section| section.id).collect();
    let more = stack.work_out(ui.ctx(), context, &ids);
    if more || counts_on || stack.unfinished || state.target != state.shown {
        ui.ctx().request_repaint();
    }
    let mut extent: Option<Extent> = None;
    let mut parts = Vec::with_capacity(visible.len());
    for section in &visible {
        if let Some(part) = Part::new(&mut stack.kept, section, context, &layout, scale) {
            extent = match (extent, part.extent) {
                (Some(all), Some(of)) => Some(Extent::both(all, of)),
                (one, other) => one.or(other),
            };
            parts.push(part);
        }
    }
    let behind = |part: &Part<'_>| {
        let kept = stack.kept.get(&part.reader.connection.id);
        kept.is_some_and(|kept| kept.summaries.lanes_are_behind())
    };
    if parts.iter().any(behind) {
        ui.ctx().request_repaint();
    }
    let none = Links::default();
    let pins = state.wishes.pinned.clone();
    let pictures: Vec<Picture<'_>> = (parts.iter())
        .map(|part| {
            let kept = stack.kept.get(&part.reader.connection.id);
            Picture {
                context: &part.context,
                reader: part.reader,
                layout: part.layout.clone(),
                model: &part.model,
                waits: kept.and_then(|kept| kept.waits.get(part.reader.connection.id)),
                findings: &findings,
                links: kept.map_or(&none, |kept| &kept.links),
                links_shown: links_shown(state),
                pins: Some(&pins),
                is_part: true,
                cursor: Default::default(),
            }
        })
        .collect();
    // The cursor belongs to the connection shown; else to whichever is in view.
    let shown = context.connection.map(|connection| connection.id);
    let around = (pictures.iter())
        .find(|picture| Some(picture.reader.connection.id) == shown)
        .or(pictures.first());
    let has_links = pictures.iter().any(|picture| !picture.links.is_empty());
    let links = has_links.then(|| links_shown(state));
    if let Some(around) = around {
        let whole = Picture {
            context: around.context,
            reader: around.reader,
            layout: layout.clone(),
            model: around.model,
            waits: None,
            findings: &findings,
            links: &none,
            links_shown: links::Shown::Pointed,
            pins: None,
            is_part: false,
            cursor: Default::default(),
        };
        whole.paint_around(ui);
        for picture in &pictures {
            let id = picture.reader.connection.id;
            picture.paint_section(ui);
            picture.lane_labels_ui(ui);
            if let Some(kept) = stack.kept.get(&id) {
                controls::headings_ui(ui, picture, kept.lineup());
            }
            heading_ui(ui, picture, shown, stack.unfolded.contains(&id));
            picture.flags_ui(ui, flags::Of::Part);
        }
        let everywhere = ui.painter_at(layout.rect);
        whole.paint_cursor(&everywhere);
        whole.paint_scroll_bar(&everywhere);
        whole.flags_ui(ui, flags::Of::Instants);
        let rows = whole.legend_ui(ui, extent.as_ref(), &pictures);
        state.legend_needs(ui.ctx(), rect.width(), rows);
        state.stack.left_out = stack.left_out;
        state.stack.on = true;
        controls::controls_ui(ui, context, layout.controls, state, links);
        if let Some(area) = &state.area {
            whole.area_ui(ui, area);
        }
        if let Some(ruler) = state.ruler {
            let to_ns = ruler.to_ns.unwrap_or_else(|| state.ruler_ns(context));
            let kept = shown.and_then(|shown| stack.kept.get(&shown));
            let words = ruler_words(context, kept, ruler.from_ns, to_ns);
            whole.ruler_ui(ui, ruler, to_ns, words);
        }
        input::act(ui, response, &whole, &pictures, state);
    } else {
        state.stack.left_out = stack.left_out;
        state.stack.on = true;
        controls::controls_ui(ui, context, layout.controls, state, None);
        let words = super::text::nothing_words(context, &stack);
        let at = layout.lanes.center();
        let font = FontId::proportional(TEXT_POINTS);
        let painter = ui.painter_at(layout.lanes);
        painter.text(
            at,
            Align2::CENTER_CENTER,
            words,
            font,
            context.theme.text_weak,
        );
    }
    drop(pictures);
    let summary = super::text::summary(&stack, visible.len());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(summary);
    });
    (state.findings, state.stack) = (findings, stack);
}

/// A connection in view.
struct Part<'a> {
    context: ViewContext<'a>,
    reader: Reader<'a>,
    layout: Layout,
    model: Model,
    extent: Option<Extent>,
}

impl<'a> Part<'a> {
    fn new(
        kept: &mut crate::wire::keyed::KeyedMap<ConnectionId, Kept>,
        section: &Section,
        context: &'a ViewContext<'a>,
        layout: &Layout,
        scale: TimeScale,
    ) -> Option<Self> {
        let connection = context.trace.connection(section.id)?;
        let reader = Reader::of(context.trace, connection)?;
        let kept = kept.entry(section.id).or_default();
        let top = layout.lanes.top() + (section.top - layout.scroll) as f32;
        let content = Content {
            losses: kept.waits.get(section.id).is_some_and(losses::has_any),
            ..section.content.clone()
        };
        let own = layout.section(top, WIRE_POINTS, content);
        let lanes: Vec<(usize, usize)> = (own.shown_lanes())
            .filter_map(|at| Some((at, *kept.lineup().lanes.get(at)? as usize)))
            .collect();
        let context = context.with_connection(connection);
        let count = context.frame_count();
        let width = f64::from(layout.width());
        let mut model = Model::new(&reader, &mut kept.summaries, scale, width, lanes, count);
        if !section.content.connection_lane {
            // Its frames are on the wire.
            model.lanes.retain(|lane| lane.at.is_some());
        }
        let extent = kept.summaries.extent(&reader);
        Some(Self {
            context,
            reader,
            layout: own,
            model,
            extent,
        })
    }
}

/// How long the ruler is, and what it measures on the connection shown: round trips are another on every connection.
pub(super) fn ruler_words(
    context: &ViewContext<'_>,
    kept: Option<&Kept>,
    from_ns: f64,
    to_ns: f64,
) -> String {
    match (Reader::new(context), kept) {
        (Some(reader), Some(kept)) => {
            let words = ruler::words(&reader, &kept.summaries, from_ns, to_ns);
            format!("{words} on connection {}", reader.connection.id)
        }
        _ => ruler::length_words(from_ns, to_ns),
    }
}

/// `connection 3 · 192.0.2.1:55264 → 192.0.2.2:8080 · 7 streams, 412 frames`.
pub(super) fn title(connection: &Connection) -> String {
    let http2 = connection.http2();
    let streams = http2.map_or(0, |http2| http2.streams().len()) as u64;
    let frames = http2.map_or(0, |http2| http2.frames.len()) as u64;
    format!(
        "connection {} · {} → {} · {}, {}",
        connection.id,
        connection.end(Direction::Client),
        connection.end(Direction::Server),
        format::counted(streams, "stream"),
        frames_words(frames),
    )
}

/// The connection's name beside its wire. A click chooses it; the triangle folds its lanes away.
fn heading_ui(ui: &Ui, picture: &Picture<'_>, shown: Option<ConnectionId>, unfolded: bool) {
    let (context, layout) = (picture.context, &picture.layout);
    let (theme, connection) = (context.theme, picture.reader.connection);
    let y = layout.wire[0].top()..=layout.wire[1].bottom();
    let place = Rect::from_x_y_ranges(layout.rect.left()..=layout.plot.min, y);
    let visible = place.intersect(layout.lanes);
    if !visible.is_positive() {
        return;
    }
    let painter = ui.painter_at(visible);
    let said = title(connection);
    let id = ui.scope_id().with(("connection", connection.id));
    let name = ui.interact(
        visible.with_min_x(visible.left() + 24.0),
        id,
        Sense::click(),
    );
    let is_shown = shown == Some(connection.id);
    name.widget_info(|| WidgetInfo::selected(Role::Button, true, is_shown, &said));
    let corner = visible.with_max_x(visible.left() + 24.0);
    let fold = ui.interact(corner, id.with("fold"), Sense::click());
    let what = if unfolded { "fold" } else { "unfold" };
    fold.widget_info(|| {
        let label = format!("{what} connection {}", connection.id);
        WidgetInfo::labeled(Role::Button, true, label)
    });
    let fill = match (is_shown, name.hovered() || fold.hovered()) {
        (_, true) => theme.hover,
        (true, _) => theme.selection,
        _ => theme.panel,
    };
    painter.rect_filled(place, 3.0, fill);
    let at = pos2(place.left() + 12.0, place.top() + 14.0);
    triangle(&painter, at, unfolded, theme.text_weak);
    let left = place.left() + LABEL_INSET_POINTS + 16.0;
    let http2 = picture.reader.http2;
    let streams = format::counted(http2.streams().len() as u64, "stream");
    let server = connection.end(Direction::Server);
    let lines = [
        (
            format!("connection {}", connection.id),
            TEXT_POINTS,
            theme.text,
        ),
        (format!("to {server}"), SMALL_POINTS, theme.text_weak),
        (streams, SMALL_POINTS, theme.text_weak),
    ];
    for (line, (words, size, colour)) in lines.into_iter().enumerate() {
        let at = pos2(left, place.top() + 11.0 + 16.0 * line as f32);
        let font = FontId::proportional(size);
        painter.text(at, Align2::LEFT_CENTER, words, font, colour);
    }
    let line = ui.painter_at(layout.lanes);
    line.hline(
        layout.rect.x_range(),
        layout.wire[0].top() - GAP_POINTS / 2.0,
        Stroke::new(1.0, theme.line),
    );
    if fold.clicked() {
        let fold = loom::Command::FoldConnection(connection.id);
        context.send(Command::Loom(fold));
    }
    if name.hovered() {
        context.hover(Item::Connection(connection.id));
    }
    if name.clicked() {
        context.send(Command::Select(Item::Connection(connection.id)));
    }
    name.on_hover_text(format!(
        "{said}\nA click chooses this connection in every view."
    ));
}

/// With many connections, links are shown where they were asked for.
fn links_shown(state: &State) -> links::Shown {
    match state.links_at_rest {
        Some(true) => links::Shown::All,
        _ => links::Shown::Pointed,
    }
}
