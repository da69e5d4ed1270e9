//! Draws the lanes: a thread per call with its messages, the bar of its deadline, and what links it to other calls.

use super::layout::{self, Lane, deadline_bar, folded, mark_height};
use super::paint_table::{status_colour, status_hover_ui, stream_colour};
use super::{Fit, State, lane_window, model};
use crate::analysis::grpc::{CallId, EndedBy};
use crate::trace::{Cursor, Direction};
use crate::ui::grpc::{CallRow, Instant, MarkKind, Standing};
use crate::ui::theme::text_size;
use crate::ui::views::loom::glyph::Glyph;
use crate::ui::widgets::following::Moved;
use crate::ui::widgets::row_list::{BAR_POINTS, RowList};
use crate::ui::widgets::time_scale::TimeScale;
use crate::ui::widgets::{format, hatch, mark};
use crate::ui::{Command, Item, ViewContext};
use crate::wire::http2::FrameKind;
use egui::{
    Align, Color32, FontId, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind,
    TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// How much of its colour something keeps that has not happened yet.
const FUTURE: f32 = 0.35;

/// How far beside a mark the pointer still hits it, in points.
const NEAR: f32 = 6.0;

/// What the lanes of one picture have in common.
struct Lanes<'a> {
    context: &'a ViewContext<'a>,
    scale: TimeScale,
    selected: Option<CallId>,
    /// Where the instant of the cursor is; `None` before the first packet.
    cursor_x: Option<f64>,
    font: FontId,
    small: FontId,
}

/// Draws the lanes into the space that is left.
pub(super) fn lanes_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    state: &mut State,
    selected: Option<CallId>,
    moved: Option<Moved>,
) {
    let area = ui.available_rect_before_wrap();
    let rows_width = area.width() - BAR_POINTS;
    let gutter = layout::gutter_points(rows_width);
    let plot = Rect::from_min_max(
        pos2(area.left() + gutter, area.top()),
        pos2(area.left() + rows_width, area.bottom()),
    );
    let width = f64::from(plot.width().max(1.0));
    let (mut window, limits) = lane_window(context, state, width);
    let now_ns = Instant::new(context.trace, context.cursor).now_ns;
    let last_ns = context.grpc.calls.times_ns().map_or(0, |(_, last)| last);
    let happens = context.cursor.is_some() && now_ns <= last_ns;
    if let (Some(moved), Fit::Free(free), true) = (moved, state.fit, happens) {
        window = free
            .with_cursor(now_ns as f64, moved.forward, &limits)
            .within(&limits);
        state.fit = Fit::Free(window);
    }
    state.cursor_in_sight = !happens || window.contains(now_ns as f64);
    let scale = window.scale(width);
    let mut instant = Instant::new(context.trace, context.cursor);
    let cursor_x = context
        .cursor
        .map(|_| scale.x_from_time(instant.now_ns as f64));
    let lanes = Lanes {
        context,
        scale,
        selected,
        cursor_x,
        font: TextStyle::Body.resolve(ui.style()),
        small: FontId::proportional(text_size::SMALL),
    };
    lanes.axis_ui(ui, plot);

    // Below the rows, which answer first: the wheel and the hand move through time.
    let ground = ui.interact(plot, ui.scope_id().with("plot"), Sense::click_and_drag());
    ground.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Lanes of calls over time"));
    act(ui, &ground, &lanes, plot, state, window, &limits);

    let calls = &context.grpc.calls;
    let order = state.listed.lanes();
    let row_at = |position: usize| calls.rows().get(*order.get(position)?);
    let current = selected.and_then(|id| {
        let row = calls.position(id)?;
        order.iter().position(|at| *at == row)
    });
    let list = RowList {
        name: "Lanes",
        row_height: layout::LANE_POINTS,
        count: order.len(),
        current,
    };
    let mut drawn: Vec<(CallId, f32)> = Vec::new();
    let asked = list.show(ui, &mut state.lane_scroll, |ui, position, rect, list| {
        let Some(row) = row_at(position) else { return };
        let lane = Lane::of(rect.with_max_x(area.left() + rows_width));
        drawn.push((row.id, lane.thread_y));
        let above = row.links.parent.map(|parent| {
            let known = drawn.iter().rev().find(|(id, _)| *id == parent.id);
            known.map_or(f32::NEG_INFINITY, |(_, y)| *y)
        });
        lanes.row_ui(ui, row, rect, lane, above, list, &mut instant);
    });
    if let Some(row) = asked.and_then(row_at) {
        context.send(Command::Select(Item::Stream(
            row.id.connection,
            row.id.stream,
        )));
    }
    if let Some(x) = cursor_x.map(|x| plot.left() + x as f32)
        && plot.x_range().contains(x)
    {
        let line = Stroke::new(1.0, context.theme.cursor.gamma_multiply(0.7));
        ui.painter().vline(x, area.y_range(), line);
    }
}

/// What a hand does in the plot: wheel with Ctrl zooms, sideways moves, a drag moves or scrubs, a double click shows
/// all.
fn act(
    ui: &Ui,
    ground: &Response,
    lanes: &Lanes<'_>,
    plot: Rect,
    state: &mut State,
    window: crate::ui::views::loom::window::Window,
    limits: &crate::ui::views::loom::window::Limits,
) {
    let context = lanes.context;
    let time_ns = |at: Pos2| lanes.scale.time_from_x(f64::from(at.x - plot.left()));
    let pointer = ui.input(|input| input.pointer.hover_pos());
    if let Some(at) = pointer.filter(|at| plot.contains(*at) && ui.rect_contains_pointer(plot)) {
        let zoom = ui.input(|input| f64::from(input.zoom_delta()));
        let sideways = ui.input(|input| input.smooth_scroll_delta.x);
        if (zoom - 1.0).abs() > 1e-6 {
            state.by_hand = true;
            state.fit = Fit::Free(window.zoomed(zoom, time_ns(at), limits));
            ui.ctx().request_repaint();
        } else if sideways != 0.0 {
            let by = -f64::from(sideways) * lanes.scale.ns_per_point();
            state.by_hand = true;
            state.fit = Fit::Free(window.moved(by, limits));
            ui.ctx().request_repaint();
        }
    }
    let pressed = ground.interact_pointer_pos();
    let on_axis = |at: Pos2| at.y < plot.top() + layout::AXIS_POINTS;
    if ground.drag_started() {
        state.scrubbing = pressed.is_some_and(on_axis);
    }
    if ground.dragged() && !state.scrubbing {
        let by = -f64::from(ground.drag_delta().x) * lanes.scale.ns_per_point();
        state.by_hand |= by != 0.0;
        state.fit = Fit::Free(window.moved(by, limits));
    }
    if ground.double_clicked() {
        state.fit = Fit::All;
        return;
    }
    let scrubs =
        (ground.dragged() && state.scrubbing) || (ground.clicked() && pressed.is_some_and(on_axis));
    if let Some(at) = pressed
        && scrubs
    {
        let origin = context.trace.time_range_ns.map_or(0, |(first, _)| first);
        let at_ns = (time_ns(at) as i64).saturating_add(origin);
        if let Some(packet) = context.trace.packet_at(at_ns) {
            context.send(Command::MoveCursor(Cursor::after_packet(packet)));
        }
    }
}

impl Lanes<'_> {
    fn axis_ui(&self, ui: &mut Ui, plot: Rect) {
        let (_, _) = ui.allocate_exact_size(
            vec2(ui.available_width(), layout::AXIS_POINTS),
            Sense::hover(),
        );
        let theme = self.context.theme;
        let painter = ui.painter_at(plot.expand2(vec2(30.0, 0.0)));
        let ticks = self.scale.ticks(f64::from(plot.width()), 84.0);
        for time_ns in ticks.times_ns() {
            let x = plot.left() + self.scale.x_from_time(time_ns) as f32;
            let grid = Stroke::new(1.0, theme.line.gamma_multiply(0.6));
            painter.vline(x, plot.y_range(), grid);
            let words = ticks.label(time_ns);
            let galley = painter.layout_no_wrap(words, self.small.clone(), theme.text_weak);
            if x + 4.0 + galley.size().x < plot.right() + 24.0 {
                painter.galley(pos2(x + 4.0, plot.top() + 3.0), galley, theme.text_weak);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a lane is drawn from")]
    fn row_ui(
        &self,
        ui: &Ui,
        row: &CallRow,
        rect: Rect,
        lane: Lane,
        parent_y: Option<f32>,
        list: &Response,
        instant: &mut Instant<'_>,
    ) {
        let (context, theme) = (self.context, self.context.theme);
        let item = Item::Stream(row.id.connection, row.id.stream);
        let id = list.id.with((row.id.connection.index(), row.id.stream.0));
        // Drags go to the plot below.
        let response = ui.interact(rect, id, Sense::CLICK);
        let selected = self.selected == Some(row.id);
        let said = model::row_text(context, row, instant);
        let name = format!("Lane of {said}");
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, &name));
        let frames = instant.frames(row.id);
        let standing = instant.standing(row);
        let hovered = response.hovered() || context.hovered == Some(item);
        if selected || hovered {
            let fill = if selected {
                theme.selection
            } else {
                theme.hover
            };
            ui.painter()
                .rect_filled(rect.shrink2(vec2(0.0, 1.0)), 4.0, fill.gamma_multiply(0.8));
        }
        let line = Stroke::new(1.0, theme.line.gamma_multiply(0.5));
        ui.painter().hline(rect.x_range(), rect.bottom(), line);
        self.gutter(ui.painter(), row, standing, &lane);
        let painter = ui.painter_at(lane.plot.expand2(vec2(4.0, 0.0)).intersect(ui.clip_rect()));
        if let Some(parent_y) = parent_y {
            self.link(ui, row, parent_y, &lane, standing);
        }
        self.deadline(&painter, row, standing, instant.now_ns, &lane);
        self.thread(&painter, row, standing, &lane);
        self.marks(&painter, row, frames, &lane);
        self.ending(&painter, row, standing, &lane);

        let near = response
            .hover_pos()
            .and_then(|at| self.mark_near(row, &lane, at));
        if response.hovered() {
            context.hover(near.as_ref().map_or(item, |(item, _)| *item));
        }
        if response.double_clicked() {
            return;
        }
        if response.clicked() {
            list.request_focus();
            let chosen = near.as_ref().map_or(item, |(item, _)| *item);
            context.send(Command::Select(chosen));
        }
        response.on_hover_ui_at_pointer(|ui| {
            if let Some((_, words)) = &near {
                ui.strong(words);
                ui.separator();
            }
            ui.label(said.replace(", ", "\n"));
            status_hover_ui(ui, row, standing);
        });
    }

    fn x(&self, lane: &Lane, time_ns: i64) -> f32 {
        // Far outside, `f32` would no longer tell points apart; nothing is drawn there.
        let x = self.scale.x_from_time(time_ns as f64);
        lane.plot.left() + x.clamp(-1e5, 1e5) as f32
    }

    fn gutter(&self, painter: &Painter, row: &CallRow, standing: Standing, lane: &Lane) {
        let theme = self.context.theme;
        let dim = |colour: Color32| match standing {
            Standing::NotYet => colour.gamma_multiply(0.5),
            _ => colour,
        };
        let indent = 14.0 * f32::from(row.depth.min(6));
        let left = lane.gutter.left() + 4.0 + indent;
        let colour = dim(stream_colour(self.context, row.id));
        if row.depth > 0 {
            let stroke = Stroke::new(1.0, theme.text_weak);
            let corner = pos2(left - 7.0, lane.thread_y);
            painter.line_segment([pos2(corner.x, lane.gutter.top()), corner], stroke);
            painter.line_segment([corner, pos2(left, corner.y)], stroke);
        }
        mark::swatch(painter, pos2(left + 6.0, lane.thread_y), colour);
        let words = Rect::from_min_max(
            pos2(left + 17.0, lane.gutter.top() + 6.0),
            pos2(lane.gutter.right(), lane.thread_y + 8.0),
        );
        mark::line(
            painter,
            words,
            Align::Min,
            &row.short_name(),
            &self.font,
            dim(theme.text),
        );
        let below = Rect::from_min_max(
            pos2(words.left(), lane.thread_y + 7.0),
            pos2(lane.gutter.right(), lane.gutter.bottom() - 3.0),
        );
        let status = match model::left_words(row, standing) {
            Some(left) => left,
            None => model::status_words(row, standing),
        };
        let mut second = format!("{} · {status}", model::place(row.id));
        if let Some(retry) = row.links.retry_of {
            second.push_str(&format!(", again {}", model::place(retry.id)));
        }
        let colour = match standing {
            Standing::Ended if row.status_seen() == Some(crate::wire::grpc::GrpcStatus::OK) => {
                theme.text_weak
            }
            _ => status_colour(self.context, row, standing),
        };
        mark::line(
            painter,
            below,
            Align::Min,
            &second,
            &self.small,
            dim(colour),
        );
    }

    /// From the call that was being served down to the beginning of this one.
    fn link(&self, ui: &Ui, row: &CallRow, parent_y: f32, lane: &Lane, standing: Standing) {
        let x = self.x(lane, row.started_ns);
        let clip = ui.clip_rect();
        if !lane.plot.x_range().contains(x) {
            return;
        }
        let painter = ui.painter_at(clip);
        let strength = if standing == Standing::NotYet {
            FUTURE
        } else {
            1.0
        };
        let colour = self.context.theme.text_weak.gamma_multiply(strength);
        let stroke = Stroke::new(1.2, colour);
        let (from, to) = (
            pos2(x, parent_y.max(clip.top())),
            pos2(x, lane.thread_y - 7.0),
        );
        painter.extend(Shape::dashed_line(&[from, to], stroke, 3.0, 3.0));
        let tip = vec![to + vec2(-3.5, -5.0), to + vec2(3.5, -5.0), to];
        painter.add(Shape::convex_polygon(tip, colour, Stroke::NONE));
    }

    /// The bar of the deadline: an outline as long as the call may take, filled with what is left of it.
    fn deadline(
        &self,
        painter: &Painter,
        row: &CallRow,
        standing: Standing,
        now_ns: i64,
        lane: &Lane,
    ) {
        let theme = self.context.theme;
        let Some(bar) = deadline_bar(row, standing, now_ns, &self.scale) else {
            return;
        };
        let running = matches!(standing, Standing::Running { .. });
        let strength = if running { 1.0 } else { 0.45 };
        let part = |range: &std::ops::Range<f64>| {
            let x = |x: f64| lane.plot.left() + x.clamp(-1e5, 1e5) as f32;
            Rect::from_x_y_ranges(x(range.start)..=x(range.end), lane.deadline)
        };
        let whole = part(&bar.whole);
        painter.rect_stroke(
            whole,
            2.0,
            Stroke::new(1.0, theme.text_weak.gamma_multiply(strength)),
            StrokeKind::Inside,
        );
        let left = part(&bar.left);
        if left.width() > 0.5 {
            let filled = match standing {
                Standing::Running { .. } => theme.accent.gamma_multiply(0.85),
                Standing::NotYet => theme.accent.gamma_multiply(0.12),
                // What was left when it ended, for comparing.
                Standing::Ended => theme.accent.gamma_multiply(0.2),
            };
            painter.rect_filled(left.shrink(1.0), 1.0, filled);
        }
        let end = Stroke::new(2.0, theme.text_weak.gamma_multiply(strength));
        painter.vline(whole.right(), lane.deadline.expand(2.0), end);
        let mut words_x = whole.right() + 6.0;
        if let Some(over) = &bar.over {
            let over = part(over);
            let colour = theme.error.gamma_multiply(strength.max(0.8));
            painter.rect_filled(over, 0.0, colour.gamma_multiply(0.25));
            hatch::hatch(painter, over, colour);
            painter.vline(
                whole.right(),
                lane.deadline.expand(3.0),
                Stroke::new(2.0, colour),
            );
            words_x = words_x.max(over.right() + 6.0);
        }
        let (words, colour) = match model::left_words(row, standing) {
            Some(words) => {
                let late = bar.over.is_some();
                (words, if late { theme.error } else { theme.accent })
            }
            None if standing == Standing::Ended && row.is_late() => {
                ("deadline exceeded".to_owned(), theme.error)
            }
            None => return,
        };
        let galley = painter.layout_no_wrap(words, self.small.clone(), colour);
        // Where there is no room behind the bar, before its end.
        let limit = lane.plot.right() - galley.size().x - 2.0;
        let x = words_x.min(limit).max(lane.plot.left() + 2.0);
        let y = lane.deadline.center() - galley.size().y / 2.0;
        let at = pos2(x, y);
        let behind = Rect::from_min_size(at, galley.size()).expand2(vec2(2.0, 0.0));
        if x < words_x {
            painter.rect_filled(behind, 2.0, theme.panel.gamma_multiply(0.85));
        }
        painter.galley(at, galley, colour);
    }

    /// The thread from the call's beginning to its end: bright as far as it has come.
    fn thread(&self, painter: &Painter, row: &CallRow, standing: Standing, lane: &Lane) {
        let colour = stream_colour(self.context, row.id);
        let start = self.x(lane, row.started_ns);
        let last_mark = row.marks.last().map(|mark| mark.time_ns);
        let capture = self.context.trace.time_range_ns;
        let capture_ns = capture.map_or(0, |(first, last)| last.saturating_sub(first));
        let end_ns = row.ended_ns.or(last_mark).unwrap_or(row.started_ns);
        let end_ns = match row.ended_by {
            EndedBy::CaptureEnd => capture_ns,
            _ => end_ns,
        };
        let end = self.x(lane, end_ns).max(start + 1.0);
        let now = match (standing, self.cursor_x) {
            (Standing::NotYet, _) => start,
            (Standing::Ended, _) | (_, None) => end,
            (_, Some(x)) => (lane.plot.left() + x.clamp(-1e5, 1e5) as f32).clamp(start, end),
        };
        let y = lane.thread_y;
        painter.hline(
            start..=end,
            y,
            Stroke::new(1.0, colour.gamma_multiply(FUTURE)),
        );
        painter.hline(start..=now, y, Stroke::new(2.0, colour));
        if matches!(standing, Standing::Running { .. }) {
            // Drawn open: it goes on.
            let stroke = Stroke::new(2.0, colour);
            let tip = pos2(now + 5.0, y);
            painter.line_segment([tip + vec2(-5.0, -4.0), tip], stroke);
            painter.line_segment([tip + vec2(-5.0, 4.0), tip], stroke);
        }
    }

    /// Header lists, resets and messages: those of the caller above the thread, the answers below it.
    fn marks(&self, painter: &Painter, row: &CallRow, frames: usize, lane: &Lane) {
        let theme = self.context.theme;
        let colour = stream_colour(self.context, row.id);
        let width = f64::from(lane.plot.width());
        for direction in Direction::BOTH {
            let up = direction == Direction::Client;
            let marks = row.message_marks.get(direction.index());
            for fold in folded(marks.map_or(&[], Vec::as_slice), &self.scale, width) {
                let first = marks.and_then(|marks| marks.get(fold.first));
                let later = first.is_some_and(|mark| mark.frame.index() >= frames);
                let strength = if later { FUTURE } else { 1.0 };
                let height = mark_height(fold.bytes);
                let x = lane.plot.left() + fold.x as f32;
                let end = lane.plot.left() + fold.end_x as f32;
                let (top, bottom) = match up {
                    true => (lane.thread_y - 1.5 - height, lane.thread_y - 1.5),
                    false => (lane.thread_y + 1.5, lane.thread_y + 1.5 + height),
                };
                let bar = Rect::from_min_max(pos2(x - 1.75, top), pos2(end + 1.75, bottom));
                painter.rect_filled(bar, 1.0, colour.gamma_multiply(strength));
            }
        }
        for mark in &row.marks {
            let later = mark.frame.index() >= frames;
            let strength = if later { FUTURE } else { 1.0 };
            let x = self.x(lane, mark.time_ns);
            if !lane.plot.x_range().expand(8.0).contains(x) {
                continue;
            }
            let up = mark.direction == Direction::Client;
            let y = lane.thread_y + if up { -5.5 } else { 5.5 };
            let at = pos2(x, y);
            let ground = theme.panel;
            match mark.kind {
                MarkKind::Headers => {
                    let glyph = Glyph::of(FrameKind::HEADERS);
                    glyph.paint(painter, at, 4.2, colour.gamma_multiply(strength), ground);
                }
                MarkKind::Trailers => {
                    Glyph::OpenDiamond.paint(
                        painter,
                        at,
                        4.6,
                        colour.gamma_multiply(strength),
                        ground,
                    );
                    let stroke = Stroke::new(1.5, theme.text.gamma_multiply(strength));
                    let line = lane.thread_y - 7.0..=lane.thread_y + 9.0;
                    painter.vline(x + 5.5, line, stroke);
                }
                MarkKind::Reset => {
                    let colour = theme.error.gamma_multiply(strength);
                    Glyph::Cross.paint(painter, pos2(x, lane.thread_y), 5.0, colour, ground);
                }
            }
        }
    }

    /// What stands behind the end of a call that did not end as it should.
    fn ending(&self, painter: &Painter, row: &CallRow, standing: Standing, lane: &Lane) {
        let theme = self.context.theme;
        if standing != Standing::Ended {
            return;
        }
        let x = self.x(lane, row.ended_ns.unwrap_or(row.started_ns));
        let words = match row.status_seen() {
            Some(crate::wire::grpc::GrpcStatus::OK) if row.cancelled.is_none() => return,
            _ if row.ended_by == EndedBy::Goaway => {
                let at = pos2(x, lane.thread_y);
                Glyph::Octagon.paint(painter, at, 5.0, theme.error, theme.panel);
                "GOAWAY".to_owned()
            }
            _ => {
                let ended = model::ended_words(row);
                match (row.status, ended.is_empty()) {
                    (Some(status), true) => status.to_string(),
                    (Some(status), false) => format!("{status} · {ended}"),
                    (None, _) => ended,
                }
            }
        };
        let colour = status_colour(self.context, row, standing);
        let galley = painter.layout_no_wrap(words, self.small.clone(), colour);
        let wanted = x + 12.0;
        let limit = lane.plot.right() - galley.size().x - 2.0;
        if wanted > lane.plot.right() + 40.0 || x < lane.plot.left() - 40.0 {
            return;
        }
        let at = pos2(wanted.min(limit), lane.thread_y - galley.size().y / 2.0);
        if wanted > limit {
            let behind = Rect::from_min_size(at, galley.size()).expand2(vec2(2.0, 0.0));
            painter.rect_filled(behind, 2.0, theme.panel.gamma_multiply(0.85));
        }
        painter.galley(at, galley, colour);
    }

    /// The mark under the pointer, what it leads to, and what it is.
    fn mark_near(&self, row: &CallRow, lane: &Lane, at: Pos2) -> Option<(Item, String)> {
        if !lane.plot.contains(at) || at.y > lane.deadline.min - 2.0 {
            return None;
        }
        let up = at.y < lane.thread_y;
        let frame = |frame| Item::Frame(row.id.connection, frame);
        let heads = row.marks.iter().filter(|mark| {
            mark.kind == MarkKind::Reset || (mark.direction == Direction::Client) == up
        });
        let distance = |time_ns: i64| (self.x(lane, time_ns) - at.x).abs();
        let head = heads.min_by(|a, b| distance(a.time_ns).total_cmp(&distance(b.time_ns)));
        if let Some(mark) = head.filter(|mark| distance(mark.time_ns) < NEAR) {
            let what = match (mark.kind, mark.direction) {
                (MarkKind::Headers, Direction::Client) => "request headers",
                (MarkKind::Headers, Direction::Server) => "response headers",
                (MarkKind::Trailers, _) => "trailers with the status",
                (MarkKind::Reset, _) => "RST_STREAM",
            };
            let words = format!(
                "{what}: frame {}, at {}",
                mark.frame.index(),
                format::duration_ns(mark.time_ns)
            );
            return Some((frame(mark.frame), words));
        }
        let direction = if up {
            Direction::Client
        } else {
            Direction::Server
        };
        let marks = row.message_marks.get(direction.index())?;
        let folds = folded(marks, &self.scale, f64::from(lane.plot.width()));
        let fold = folds.into_iter().find(|fold| {
            let (first, last) = (fold.x as f32, fold.end_x as f32);
            let x = at.x - lane.plot.left();
            (first - NEAR..=last + NEAR).contains(&x)
        })?;
        let mark = marks.get(fold.first)?;
        let who = if up { "request" } else { "response" };
        let words = if fold.count == 1 {
            format!(
                "{who} message {} of {}: {}, complete with frame {}, at {}",
                fold.first + 1,
                marks.len(),
                format::exact_bytes(fold.bytes),
                mark.frame.index(),
                format::duration_ns(mark.time_ns)
            )
        } else {
            format!(
                "{} {who} messages from the {}. on: {} (zoom in to tell them apart)",
                format::count(fold.count as u64),
                fold.first + 1,
                format::bytes(fold.bytes)
            )
        };
        Some((frame(mark.frame), words))
    }
}
