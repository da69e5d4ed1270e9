//! Draws the lanes: a thread per call with its messages, the bar of its deadline, and what links it to other calls.

mod near;
mod parts;

use super::layout::{self, Lane};
use super::paint_table::{status_colour, status_hover_ui, stream_colour};
use super::{Fit, State, lane_window, model};
use crate::analysis::grpc::CallId;
use crate::trace::Cursor;
use crate::ui::grpc::{CallRow, Instant, Standing};
use crate::ui::theme::text_size;
use crate::ui::widgets::mark;
use crate::ui::widgets::row_list::{BAR_POINTS, RowList};
use crate::ui::widgets::time_scale::TimeScale;
use crate::ui::{Command, ViewContext};
use egui::{
    Align, Color32, FontId, Painter, Pos2, Rect, Response, Role, Sense, Stroke, TextStyle, Ui,
    WidgetInfo, pos2, vec2,
};

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
) {
    let area = ui.available_rect_before_wrap();
    let rows_width = area.width() - BAR_POINTS;
    let gutter = layout::gutter_points(rows_width);
    let plot = Rect::from_min_max(
        pos2(area.left() + gutter, area.top()),
        pos2(area.left() + rows_width, area.bottom()),
    );
    let width = f64::from(plot.width().max(1.0));
    let (window, limits) = lane_window(context, state, width);
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
        context.send(Command::Select(model::item(row.id)));
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
            state.fit = Fit::Free(window.zoomed(zoom, time_ns(at), limits));
            ui.ctx().request_repaint();
        } else if sideways != 0.0 {
            let by = -f64::from(sideways) * lanes.scale.ns_per_point();
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
        let item = model::item(row.id);
        let id = list.id.with((row.id.connection.index(), row.id.carrier));
        // Drags go to the plot below.
        let response = ui.interact(rect, id, Sense::CLICK);
        let selected = self.selected == Some(row.id);
        let said = model::row_text(context, row, instant);
        let name = format!("Lane of {said}");
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, &name));
        let read = instant.read(row.id);
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
        self.marks(&painter, row, read, &lane);
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
}
