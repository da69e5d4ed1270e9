//! Many connections on one time axis: each has its wire, and its lanes where it is unfolded.

use super::State;
use super::controls::triangle;
use super::input;
use super::layout::{Content, Layout};
use super::lineup::{Grouping, Lineup, Wishes};
use super::links::Links;
use super::model::Model;
use super::paint::Picture;
use super::reader::{Reader, Summaries};
use super::surround::{LABEL_INSET_POINTS, SMALL_POINTS, TEXT_POINTS};
use super::words::frames_words;
use crate::trace::{Connection, ConnectionId};
use crate::ui::widgets::time_scale::TimeScale;
use crate::ui::widgets::{filtered, format};
use crate::ui::{Command as UiCommand, Item, ViewContext};
use crate::wire::keyed::{KeyedMap, KeyedSet};
use egui::{Align2, FontId, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};

/// How high the wire of a connection is.
const WIRE_POINTS: f32 = 46.0;
/// Below a connection.
const GAP_POINTS: f32 = 8.0;
/// Connections that are looked at: more than anybody scrolls through.
const MAX_CONNECTIONS: usize = 10_000;

/// What is kept of the stack from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// Whether all connections are shown.
    pub on: bool,
    unfolded: KeyedSet<ConnectionId>,
    kept: KeyedMap<ConnectionId, Kept>,
    sections: Vec<Section>,
    made_of: Option<(usize, usize, filtered::Progress)>,
}

/// What is kept of one connection.
#[derive(Clone, Debug, Default)]
struct Kept {
    summaries: Summaries,
    links: Links,
    lineup: Lineup,
    lineup_of: Option<(Wishes, usize, filtered::Progress)>,
}

/// A connection's part.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Section {
    id: ConnectionId,
    /// How far below the first, in points.
    top: f64,
    lanes: usize,
}

impl Stack {
    /// Folds the lanes of a connection away, or unfolds them.
    pub fn fold(&mut self, connection: ConnectionId) {
        if !self.unfolded.remove(&connection) {
            self.unfolded.insert(connection);
        }
    }

    /// Says where each connection's part is. Returns how high all of them are together.
    fn follow(&mut self, context: &ViewContext<'_>, wishes: &Wishes, pitch: f64) -> f64 {
        let trace = context.trace;
        let made_of = Some((
            trace.connections.len(),
            trace.packets.len(),
            filtered::progress(context),
        ));
        if self.made_of != made_of {
            self.made_of = made_of;
            self.sections = (trace.connections.iter().take(MAX_CONNECTIONS))
                .filter(|connection| Reader::of(trace, connection).is_some())
                .filter(|connection| {
                    let run = context.matches;
                    run.is_none_or(|run| {
                        run.asked_on(connection.id) == 0 || !run.frames_on(connection.id).is_empty()
                    })
                })
                .map(|connection| Section {
                    id: connection.id,
                    top: 0.0,
                    lanes: 0,
                })
                .collect();
        }
        let mut top = 0.0;
        for section in &mut self.sections {
            section.top = top;
            section.lanes = 0;
            if self.unfolded.contains(&section.id)
                && let Some(reader) = trace
                    .connection(section.id)
                    .and_then(|of| Reader::of(trace, of))
            {
                let kept = self.kept.entry(section.id).or_default();
                kept.line_up(context, &reader, wishes);
                section.lanes = kept.lineup.lanes.len();
            }
            top += f64::from(WIRE_POINTS + GAP_POINTS) + section.lanes as f64 * pitch;
        }
        top
    }

    /// The connections in view.
    fn visible(&self, scroll: f64, height: f64) -> &[Section] {
        let first = self
            .sections
            .partition_point(|section| section.top <= scroll);
        let end = self
            .sections
            .partition_point(|section| section.top < scroll + height);
        self.sections
            .get(first.saturating_sub(1)..end)
            .unwrap_or(&[])
    }

    /// What is shown, in words.
    pub fn text(&self, context: &ViewContext<'_>) -> String {
        let mut words = String::new();
        for connection in context.trace.connections.iter().take(MAX_CONNECTIONS) {
            if Reader::of(context.trace, connection).is_none() {
                continue;
            }
            let state = if self.unfolded.contains(&connection.id) {
                "unfolded"
            } else {
                "folded"
            };
            words.push_str(&format!("{}, {state}\n", title(connection)));
        }
        words
    }
}

impl Kept {
    fn line_up(&mut self, context: &ViewContext<'_>, reader: &Reader<'_>, wishes: &Wishes) {
        // Groups, pins and idle lanes are about one connection.
        let wishes = Wishes {
            order: wishes.order,
            grouping: Grouping::None,
            keeps_filtered: wishes.keeps_filtered,
            search: wishes.search.clone(),
            ..Wishes::default()
        };
        let made_of = (
            wishes,
            reader.http2.streams().len(),
            filtered::progress(context),
        );
        if self.lineup_of.as_ref() != Some(&made_of) {
            let connection = reader.connection;
            self.lineup = Lineup::new(
                connection,
                reader.http2,
                &made_of.0,
                0..usize::MAX,
                |stream| !filtered::hides_stream(context, connection.id, stream),
            );
            self.lineup_of = Some(made_of);
        }
    }
}

/// `connection 3 · 192.0.2.1:55264 → 192.0.2.2:8080 · 7 streams, 412 frames`.
fn title(connection: &Connection) -> String {
    use crate::trace::Direction::{Client, Server};
    let http2 = connection.http2();
    let streams = http2.map_or(0, |http2| http2.streams().len()) as u64;
    let frames = http2.map_or(0, |http2| http2.frames.len()) as u64;
    format!(
        "connection {} · {} → {} · {}, {}",
        connection.id,
        connection.end(Client),
        connection.end(Server),
        format::counted(streams, "stream"),
        frames_words(frames),
    )
}

/// Where everything is while all connections are shown.
pub fn layout(state: &mut State, context: &ViewContext<'_>, rect: Rect) -> Layout {
    let content = Content {
        without_controls: state.hides_controls(context),
        ..Content::default()
    };
    let base = Layout::new(rect, content, 0.0).stacked(0.0, 0.0);
    let pitch = f64::from(base.lane_pitch);
    let height = state.stack.follow(context, &state.wishes, pitch);
    base.stacked(height, state.scroll)
}

/// Draws all connections, and answers to a hand.
pub fn stack_ui(
    ui: &mut Ui,
    response: &egui::Response,
    context: &ViewContext<'_>,
    state: &mut State,
    (layout, scale): (&Layout, TimeScale),
) {
    let (trace, width) = (context.trace, f64::from(layout.width()));
    let (waits, findings) = (
        std::mem::take(&mut state.waits),
        std::mem::take(&mut state.findings),
    );
    let mut stack = std::mem::take(&mut state.stack);
    let height = f64::from(layout.lanes.height());
    let visible = stack.visible(layout.scroll, height).to_vec();
    let mut models = Vec::with_capacity(visible.len());
    let mut extent = None;
    for section in &visible {
        let Some(connection) = trace.connection(section.id) else {
            continue;
        };
        let Some(reader) = Reader::of(trace, connection) else {
            continue;
        };
        let kept = stack.kept.entry(section.id).or_default();
        kept.summaries.follow(&reader);
        if kept.summaries.is_behind(&reader) {
            ui.ctx().request_repaint();
        }
        kept.links.follow(&reader);
        let top = layout.lanes.top() + (section.top - layout.scroll) as f32;
        let own = layout.section(top, WIRE_POINTS, section.lanes);
        let lanes: Vec<(usize, usize)> = (own.shown_lanes())
            .filter_map(|at| Some((at, *kept.lineup.lanes.get(at)? as usize)))
            .collect();
        let own_context = context.with_connection(connection);
        let count = own_context.frame_count();
        let mut model = Model::new(&reader, &mut kept.summaries, scale, width, lanes, count);
        // The connection's own lane has no place here; its frames are on the wire.
        model.lanes.retain(|lane| lane.at.is_some());
        let of = kept.summaries.extent(&reader);
        extent = match (extent, of) {
            (Some(all), Some(of)) => Some(super::reader::Extent::both(all, of)),
            (one, other) => one.or(other),
        };
        models.push((own_context, reader, own, model));
    }
    let none = Links::default();
    let pictures: Vec<Picture<'_>> = (models.iter())
        .map(|(context, reader, layout, model)| Picture {
            context,
            reader: *reader,
            layout: layout.clone(),
            model,
            waits: waits.get(reader.connection.id),
            findings: &findings,
            links: stack
                .kept
                .get(&reader.connection.id)
                .map_or(&none, |kept| &kept.links),
            links_at_rest: state.links_at_rest,
            pins: None,
        })
        .collect();
    // The cursor belongs to the connection shown; else to whichever is in view.
    let shown = context.connection.map(|connection| connection.id);
    let around = (pictures.iter())
        .find(|picture| Some(picture.reader.connection.id) == shown)
        .or(pictures.first());
    if let Some(around) = around {
        around.paint_around(ui);
    }
    for picture in &pictures {
        picture.paint_section(ui);
        picture.lane_labels_ui(ui);
        heading_ui(
            ui,
            picture,
            shown,
            stack.unfolded.contains(&picture.reader.connection.id),
        );
    }
    if let Some(around) = around {
        around.paint_cursor(&ui.painter_at(layout.rect));
        let whole = Picture {
            context: around.context,
            reader: around.reader,
            layout: layout.clone(),
            model: around.model,
            waits: None,
            findings: around.findings,
            links: around.links,
            links_at_rest: state.links_at_rest,
            pins: None,
        };
        whole.paint_scroll_bar(&ui.painter_at(layout.rect));
        whole.legend_ui(ui, extent.as_ref());
        super::controls::controls_ui(ui, &whole, state);
        if let Some(area) = &state.area {
            whole.area_ui(ui, area);
        }
        if let Some(ruler) = state.ruler {
            let moving_ns = state.ruler_ns(&whole.reader, context);
            whole.ruler_ui(ui, &state.summaries, ruler, moving_ns);
        }
    }
    input::act(ui, response, &pictures, state);
    drop(pictures);
    (state.waits, state.findings, state.stack) = (waits, findings, stack);
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
        WidgetInfo::labeled(
            Role::Button,
            true,
            format!("{what} connection {}", connection.id),
        )
    });
    let fill = match (is_shown, name.hovered() || fold.hovered()) {
        (_, true) => theme.hover,
        (true, _) => theme.selection,
        _ => theme.panel,
    };
    painter.rect_filled(place, 3.0, fill);
    triangle(
        &painter,
        pos2(place.left() + 12.0, place.top() + 14.0),
        unfolded,
        theme.text_weak,
    );
    let left = place.left() + LABEL_INSET_POINTS + 16.0;
    let http2 = picture.reader.http2;
    let streams = format::counted(http2.streams().len() as u64, "stream");
    let server = connection.end(crate::trace::Direction::Server);
    for (line, (words, size, colour)) in [
        (
            format!("connection {}", connection.id),
            TEXT_POINTS,
            theme.text,
        ),
        (format!("to {server}"), SMALL_POINTS, theme.text_weak),
        (streams, SMALL_POINTS, theme.text_weak),
    ]
    .into_iter()
    .enumerate()
    {
        let at = pos2(left, place.top() + 8.0 + 14.5 * line as f32);
        painter.text(
            at,
            Align2::LEFT_CENTER,
            words,
            FontId::proportional(size),
            colour,
        );
    }
    let line = ui.painter_at(layout.lanes);
    line.hline(
        layout.rect.x_range(),
        layout.wire[0].top() - GAP_POINTS / 2.0,
        Stroke::new(1.0, theme.line),
    );
    if fold.clicked() {
        let fold = super::Command::FoldConnection(connection.id);
        context.send(UiCommand::Loom(fold));
    }
    if name.hovered() {
        context.hover(Item::Connection(connection.id));
    }
    if name.clicked() {
        context.send(UiCommand::Select(Item::Connection(connection.id)));
    }
    name.on_hover_text(format!(
        "{said}\nA click chooses this connection in every view."
    ));
}
