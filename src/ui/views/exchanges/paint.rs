//! Draws the lanes of exchanges, the axis above them and the key, and says what the pointer is at.

use super::key::{glyph, head_ui};
use super::layout::{CONTENT_POINTS, LANE_POINTS, Places};
use super::model::{Lane, Mark, Part};
use super::{State, window};
use crate::trace::{Carrier, Connection, Cursor, Moment, Read};
use crate::ui::theme::text_size;
use crate::ui::views::loom::window::{Limits, Window};
use crate::ui::widgets::row_list::{BAR_POINTS, RowList};
use crate::ui::widgets::time_scale::TimeScale;
use crate::ui::widgets::{format, mark};
use crate::ui::{Command, Item, ViewContext};
use egui::{
    Align, Color32, FontId, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, TextStyle,
    Ui, WidgetInfo, pos2, vec2,
};

/// Height of the axis in points.
const AXIS_POINTS: f32 = 20.0;

/// How much of its colour something keeps that has not happened yet.
const FUTURE: f32 = 0.35;

/// How far beside a mark the pointer still hits it, in points.
const NEAR: f32 = 6.0;

/// What the lanes of one picture have in common.
struct Picture<'a> {
    context: &'a ViewContext<'a>,
    connection: &'a Connection,
    scale: TimeScale,
    read: Read,
    cursor_x: Option<f32>,
    selected: Option<Carrier>,
}

pub(super) fn lanes_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    connection: &Connection,
    state: &mut State,
) {
    let whole = ui.available_rect_before_wrap();
    ui.painter()
        .rect_filled(whole, 0.0, context.theme.background);
    let rows_width = whole.width() - BAR_POINTS;
    let gutter = (rows_width * 0.3).clamp(120.0, 300.0).min(rows_width * 0.5);
    let width = f64::from((rows_width - gutter).max(1.0));
    let (shown, limits) = window(context, connection, state, width);
    let scale = shown.scale(width);
    head_ui(ui, context, connection, state, &scale);
    let area = ui.available_rect_before_wrap();
    let plot = Rect::from_min_max(
        pos2(area.left() + gutter, area.top()),
        pos2(area.left() + rows_width, area.bottom()),
    );
    let origin = context.trace.time_range_ns.map_or(0, |(first, _)| first);
    let cursor_x = context.now_ns().map(|now| {
        let time_ns = now.saturating_sub(origin);
        plot.left() + scale.x_from_time(time_ns as f64).clamp(-1e5, 1e5) as f32
    });
    let picture = Picture {
        context,
        connection,
        scale,
        read: Read::at(connection, context.cursor),
        cursor_x,
        selected: context.selected_carrier(),
    };
    picture.axis_ui(ui, plot);
    // Below the rows, which answer first: the wheel and the hand move through time.
    let ground = ui.interact(plot, ui.scope_id().with("plot"), Sense::click_and_drag());
    ground.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Lanes of exchanges over time"));
    act(ui, &ground, &picture, plot, state, shown, &limits);
    let exchange = picture.selected.and_then(Carrier::exchange);
    let current = exchange.and_then(|id| state.position(id));
    if state.seen.0 != context.selection {
        state.seen.0 = context.selection;
        if let Some(row) = current {
            state.scroll.reveal(row);
        }
    }
    let list = RowList {
        name: "Exchanges",
        row_height: LANE_POINTS,
        count: state.lanes(connection),
        current,
    };
    let mut scroll = std::mem::take(&mut state.scroll);
    let asked = list.show(ui, &mut scroll, |ui, position, rect, list| {
        let id = state.lane(position);
        let lane = id.and_then(|id| Lane::of(context.trace, connection, id, &picture.scale));
        if let Some(lane) = lane {
            let rect = rect.with_max_x(area.left() + rows_width);
            picture.row_ui(ui, &lane, rect, gutter, list);
        }
    });
    state.scroll = scroll;
    if let Some(id) = asked.and_then(|row| state.lane(row)) {
        context.send(Command::Select(Item::Exchange(connection.id, id)));
    }
    if let Some(x) = cursor_x.filter(|x| plot.x_range().contains(*x)) {
        let line = Stroke::new(1.4, context.theme.cursor);
        ui.painter().vline(x, area.y_range(), line);
    }
}

/// What a hand does in the plot: wheel with Ctrl zooms, sideways moves, a drag moves or scrubs, a double click shows all.
fn act(
    ui: &Ui,
    ground: &Response,
    picture: &Picture<'_>,
    plot: Rect,
    state: &mut State,
    shown: Window,
    limits: &Limits,
) {
    let context = picture.context;
    let time_ns = |at: Pos2| picture.scale.time_from_x(f64::from(at.x - plot.left()));
    let pointer = ui.input(|input| input.pointer.hover_pos());
    if let Some(at) = pointer.filter(|at| plot.contains(*at) && ui.rect_contains_pointer(plot)) {
        let zoom = ui.input(|input| f64::from(input.zoom_delta()));
        let sideways = ui.input(|input| input.smooth_scroll_delta.x);
        if (zoom - 1.0).abs() > 1e-6 {
            state.window = Some(shown.zoomed(zoom, time_ns(at), limits));
            ui.ctx().request_repaint();
        } else if sideways != 0.0 {
            let by = -f64::from(sideways) * picture.scale.ns_per_point();
            state.window = Some(shown.moved(by, limits));
            ui.ctx().request_repaint();
        }
    }
    let pressed = ground.interact_pointer_pos();
    let on_axis = |at: Pos2| at.y < plot.top() + AXIS_POINTS;
    if ground.drag_started() {
        state.scrubbing = pressed.is_some_and(on_axis);
    }
    if ground.dragged() && !state.scrubbing {
        let by = -f64::from(ground.drag_delta().x) * picture.scale.ns_per_point();
        state.window = Some(shown.moved(by, limits));
    }
    if ground.double_clicked() {
        state.window = None;
        return;
    }
    let scrubs =
        (ground.dragged() && state.scrubbing) || (ground.clicked() && pressed.is_some_and(on_axis));
    if let Some(at) = pressed.filter(|_| scrubs) {
        let origin = context.trace.time_range_ns.map_or(0, |(first, _)| first);
        let at_ns = (time_ns(at) as i64).saturating_add(origin);
        if let Some(packet) = context.trace.packet_at(at_ns) {
            context.send(Command::MoveCursor(Cursor::after_packet(packet)));
        }
    }
}

impl Picture<'_> {
    fn axis_ui(&self, ui: &mut Ui, plot: Rect) {
        let size = vec2(ui.available_width(), AXIS_POINTS);
        ui.allocate_exact_size(size, Sense::hover());
        let theme = self.context.theme;
        let font = FontId::proportional(text_size::SMALL);
        let ticks = self.scale.ticks(f64::from(plot.width()), 84.0);
        for time_ns in ticks.times_ns() {
            let x = plot.left() + self.scale.x_from_time(time_ns) as f32;
            let grid = Stroke::new(1.0, theme.line.gamma_multiply(0.6));
            ui.painter().vline(x, plot.y_range(), grid);
            let words = ticks.label(time_ns);
            let galley = ui
                .painter()
                .layout_no_wrap(words, font.clone(), theme.text_weak);
            if x + 4.0 + galley.size().x < plot.right() + 8.0 {
                let at = pos2(x + 4.0, plot.top() + 2.0);
                ui.painter().galley(at, galley, theme.text_weak);
            }
        }
    }

    fn x(&self, places: &Places, time_ns: i64) -> f32 {
        places.x(&self.scale, time_ns)
    }

    fn row_ui(&self, ui: &Ui, lane: &Lane, rect: Rect, gutter: f32, list: &Response) {
        let (context, theme) = (self.context, self.context.theme);
        let id = lane.exchange.id;
        let item = Item::Exchange(self.connection.id, id);
        let response = ui.interact(rect, list.id.with(id), Sense::CLICK);
        let selected = self.selected == Some(id.into());
        let said = lane.text(self.connection, self.read);
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, &said));
        let fill = if selected {
            theme.selection
        } else if response.hovered() || context.hovered == Some(item) {
            theme.hover
        } else {
            Color32::TRANSPARENT
        };
        ui.painter()
            .rect_filled(rect.shrink2(vec2(0.0, 1.0)), 4.0, fill);
        let line = Stroke::new(1.0, theme.line.gamma_multiply(0.5));
        ui.painter().hline(rect.x_range(), rect.bottom(), line);
        let places = Places::of(rect, gutter);
        self.words(ui, lane, &places);
        let clip = places.plot.expand2(vec2(6.0, 0.0));
        let painter = ui.painter_at(clip.intersect(ui.clip_rect()));
        self.thread(&painter, lane, &places);
        for mark in &lane.marks {
            self.mark(&painter, lane, mark, &places);
        }
        let pointer = response.hover_pos();
        let near = pointer.and_then(|at| self.near(lane, &places, at));
        let chosen = near.as_ref().map_or(item, |(item, _)| *item);
        if response.hovered() {
            context.hover(chosen);
        }
        if response.clicked() {
            list.request_focus();
            context.send(Command::Select(chosen));
        }
        response.on_hover_ui_at_pointer(|ui| {
            if let Some((_, words)) = &near {
                ui.strong(words);
                ui.separator();
            }
            ui.label(said.replace(", ", "\n"));
        });
    }

    fn colour(&self, lane: &Lane) -> Color32 {
        self.context.carrier_colour(lane.exchange.id.into())
    }

    fn words(&self, ui: &Ui, lane: &Lane, places: &Places) {
        let theme = self.context.theme;
        let later = !lane.began().is_some_and(|began| self.read.has(began));
        let dim = |colour: Color32| match later {
            true => colour.gamma_multiply(0.5),
            false => colour,
        };
        let (left, right) = (places.gutter.left() + 8.0, places.gutter.right());
        let painter = ui.painter();
        mark::swatch(
            painter,
            pos2(left + 6.0, places.thread_y),
            dim(self.colour(lane)),
            self.context.carrier_lap(lane.exchange.id.into()),
        );
        let cell =
            |top: f32, bottom: f32| Rect::from_min_max(pos2(left + 18.0, top), pos2(right, bottom));
        let body = TextStyle::Body.resolve(ui.style());
        let small = FontId::proportional(text_size::SMALL);
        let above = cell(places.gutter.top() + 2.0, places.thread_y + 3.0);
        mark::line(
            painter,
            above,
            Align::Min,
            &lane.purpose,
            &body,
            dim(theme.text),
        );
        let below = cell(places.thread_y + 3.0, places.gutter.bottom() - 2.0);
        let outcome = match later {
            true => "not yet started".to_owned(),
            false => {
                let notes = lane.notes.iter().map(|note| format!(" · {note}"));
                let notes: String = notes.collect();
                let said =
                    |outcome: &str| format!("exchange {} · {outcome}{notes}", lane.exchange.id);
                let fits = |words: &String| {
                    let galley =
                        painter.layout_no_wrap(words.clone(), small.clone(), theme.text_weak);
                    galley.size().x <= below.width()
                };
                let named = Some(said(&lane.named_outcome)).filter(fits);
                named.unwrap_or_else(|| said(&lane.outcome))
            }
        };
        mark::line(
            painter,
            below,
            Align::Min,
            &outcome,
            &small,
            dim(theme.text_weak),
        );
    }

    /// The thread: dashed while the response is awaited, a line while it comes; bright as far as it has come.
    fn thread(&self, painter: &Painter, lane: &Lane, places: &Places) {
        let colour = self.colour(lane);
        let start = self.x(places, lane.times_ns.start);
        let end = self.x(places, lane.times_ns.end).max(start + 1.0);
        let now = self.cursor_x.unwrap_or(end).clamp(start, end);
        let y = places.thread_y;
        let answered = lane.answered_ns.map_or(end, |at| self.x(places, at));
        let answered = answered.clamp(start, end);
        let clip = painter.clip_rect().x_range();
        let draw = |from: f32, to: f32, colour: Color32| {
            let awaited = [
                pos2(from.max(clip.min), y),
                pos2(to.min(answered).min(clip.max), y),
            ];
            if awaited[1].x > awaited[0].x {
                painter.extend(Shape::dashed_line(
                    &awaited,
                    Stroke::new(1.2, colour),
                    3.0,
                    3.0,
                ));
            }
            if to > answered {
                painter.hline(from.max(answered)..=to, y, Stroke::new(2.0, colour));
            }
        };
        draw(start, now, colour);
        draw(now, end, colour.gamma_multiply(FUTURE));
        if lane.answered_ns.is_some() {
            self.awaited_words(painter, lane, places, start..answered);
        }
    }

    /// How long the response was awaited, below the dashes where these are long enough.
    fn awaited_words(
        &self,
        painter: &Painter,
        lane: &Lane,
        places: &Places,
        dashes: std::ops::Range<f32>,
    ) {
        let Some(waited_ns) = lane.awaited_ns() else {
            return;
        };
        let theme = self.context.theme;
        let clip = painter.clip_rect().x_range();
        let (from, to) = (dashes.start.max(clip.min), dashes.end.min(clip.max));
        let is_later = self.cursor_x.is_some_and(|cursor| cursor < to);
        let colour = match is_later {
            true => theme.later(theme.text_weak),
            false => theme.text_weak,
        };
        let font = FontId::proportional(text_size::SMALL);
        let words = format::duration_ns(waited_ns);
        let galley = painter.layout_no_wrap(words, font, colour);
        // Beside the mark of the response.
        if galley.size().x + 22.0 > to - from {
            return;
        }
        let left = (from + to - galley.size().x) / 2.0;
        painter.galley(pos2(left, places.thread_y + 1.0), galley, colour);
    }

    fn mark(&self, painter: &Painter, lane: &Lane, mark: &Mark, places: &Places) {
        let theme = self.context.theme;
        let strength = if self.read.has(mark.at) { 1.0 } else { FUTURE };
        let colour = match mark.part {
            Part::Broken => theme.error,
            _ => self.colour(lane),
        };
        let colour = colour.gamma_multiply(strength);
        let place = places.mark(&self.scale, mark);
        if mark.part == Part::Body {
            painter.rect_filled(place, 1.0, colour.gamma_multiply(0.85));
            return;
        }
        glyph(painter, mark.part, place.center(), colour, theme.background);
    }

    /// The mark under the pointer: what it leads to, and what it is.
    fn near(&self, lane: &Lane, places: &Places, at: Pos2) -> Option<(Item, String)> {
        if !places.plot.contains(at) {
            return None;
        }
        let client = at.y < places.thread_y;
        let distance = |mark: &Mark| {
            let place = places.mark(&self.scale, mark);
            (place.left() - at.x).max(at.x - place.right()).max(0.0)
        };
        let own = lane.marks.iter().filter(|mark| mark.client == client);
        // Of content and a head at the same instant, the one on this side of what divides them.
        let beyond = (at.y - places.thread_y).abs() > CONTENT_POINTS;
        let order = |mark: &&Mark| (distance(mark), (mark.part == Part::Body) != beyond);
        let nearest = own.min_by(|a, b| {
            let ((one, body), (other, other_body)) = (order(a), order(b));
            one.total_cmp(&other).then(body.cmp(&other_body))
        });
        let mark = nearest.filter(|mark| distance(mark) < NEAR)?;
        let item = match (mark.message, mark.at) {
            (Some(message), _) => Item::Message(self.connection.id, message),
            (None, Moment::Packet(packet)) => Item::Packet(packet),
            (None, Moment::Frame(_)) => return None,
        };
        let who = if mark.client { "request" } else { "response" };
        let bytes = format::exact_bytes(mark.bytes);
        let what = match mark.part {
            Part::Head => format!("{who}: head of {bytes}"),
            Part::Interim => format!("interim response of {bytes}"),
            Part::Body => format!("{who}: {bytes} behind the head"),
            Part::Trailers => format!("{who}: trailers, {bytes}"),
            Part::Switch => "from here on another protocol".to_owned(),
            Part::Broken => format!("{who}: cut off, or its end is lost"),
        };
        let time = format::duration_ns(mark.time_ns);
        Some((item, format!("{what}, {}, at {time}", mark.at)))
    }
}
