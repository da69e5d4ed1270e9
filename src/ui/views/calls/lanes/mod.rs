//! Draws the lanes: a thread per call with its messages, the bar of its deadline, and what links it to other calls.

mod bar;
mod cursor;
mod gutter;
mod hand;
mod hit;
mod legend;
mod thread;

use super::layout::{self, Lane};
use super::paint_table::hover_ui;
use super::{Fit, State, lane_window, model, words};
use crate::analysis::grpc::CallId;
use crate::ui::grpc::{CallRow, Instant};
use crate::ui::theme::text_size;
use crate::ui::widgets::following::Moved;
use crate::ui::widgets::row_list::{BAR_POINTS, RowList};
use crate::ui::widgets::time_scale::TimeScale;
use crate::ui::{Command, ViewContext};
use egui::{
    FontId, Rangef, Rect, Response, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// How much of its colour something keeps that has not happened yet.
const FUTURE: f32 = 0.35;
/// How much of its colour the ground of a lane has that is selected or pointed at.
const MARKED_LANE: f32 = 0.8;

/// What the lanes of one picture have in common.
struct Lanes<'a> {
    context: &'a ViewContext<'a>,
    scale: TimeScale,
    selected: Option<CallId>,
    /// Where the instant of the cursor is; `None` before the first packet.
    cursor_x: Option<f64>,
    /// That instant, in nanoseconds since the first packet.
    cursor_ns: i64,
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
    let mut area = ui.available_rect_before_wrap();
    // A low pane keeps its room for the lanes.
    let with_key = area.height() > layout::AXIS_POINTS + 3.0 * layout::LANE_POINTS;
    let key = area.with_min_y(area.bottom() - legend::LEGEND_POINTS);
    if with_key {
        area.max.y = key.top();
        ui.set_max_height(area.height());
    }
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
        window = (free.with_cursor(now_ns as f64, moved.forward, &limits)).within(&limits);
        state.fit = Fit::Free(window);
    }
    state.cursor_in_sight = !happens || window.contains(now_ns as f64);
    let scale = window.scale(width);
    let mut instant = Instant::new(context.trace, context.cursor);
    let cursor_ns = instant.now_ns.saturating_add(context.running_ns);
    let cursor_x = (context.cursor).map(|_| scale.x_from_time(cursor_ns as f64));
    let lanes = Lanes {
        context,
        scale,
        selected,
        cursor_x,
        cursor_ns,
        font: TextStyle::Body.resolve(ui.style()),
        small: FontId::proportional(text_size::SMALL),
    };
    if with_key {
        lanes.legend_ui(ui, key);
    }
    let cursor = cursor::CursorLabel::of(&lanes, ui.painter(), plot);
    lanes.axis_ui(ui, plot, cursor.as_ref());

    // Below the rows, which answer first: the wheel and the hand move through time.
    let ground = ui.interact(plot, ui.scope_id().with("plot"), Sense::click_and_drag());
    ground.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Lanes of calls over time"));
    hand::act(ui, &ground, &lanes, plot, state, window, &limits);

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
    if let Some(label) = cursor {
        label.paint(ui, context.theme, area.y_range());
    }
}

impl Lanes<'_> {
    /// What is behind the words and signs of a lane.
    fn ground(&self, row: &CallRow) -> egui::Color32 {
        let theme = self.context.theme;
        match self.selected == Some(row.id) {
            true => theme.panel.lerp_to_gamma(theme.selection, MARKED_LANE),
            false => theme.panel,
        }
    }

    /// The times, but those that the cursor's own covers.
    fn axis_ui(&self, ui: &mut Ui, plot: Rect, cursor: Option<&cursor::CursorLabel>) {
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
            let label = Rangef::new(x + 4.0, x + 4.0 + galley.size().x);
            let covered = cursor.is_some_and(|cursor| cursor.covers(label));
            if label.max < plot.right() + 24.0 && !covered {
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
        let parts = words::parts(context, row, instant);
        let name = format!("Lane of {}", parts.join(", "));
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
            ui.painter().rect_filled(
                rect.shrink2(vec2(0.0, 1.0)),
                4.0,
                fill.gamma_multiply(MARKED_LANE),
            );
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
            hover_ui(ui, row, standing, &parts);
        });
    }

    fn x(&self, lane: &Lane, time_ns: i64) -> f32 {
        // Far outside, `f32` would no longer tell points apart; nothing is drawn there.
        let x = self.scale.x_from_time(time_ns as f64);
        lane.plot.left() + x.clamp(-1e5, 1e5) as f32
    }
}
