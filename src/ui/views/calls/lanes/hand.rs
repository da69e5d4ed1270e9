//! What a hand does in the lanes: zooms, moves, scrubs.

use super::super::layout;
use super::super::{Fit, State};
use super::Lanes;
use crate::trace::Cursor;
use crate::ui::Command;
use crate::ui::views::loom::window::{Limits, Window};
use egui::{Pos2, Rect, Response, Ui};

/// What a hand does in the plot: wheel with Ctrl zooms, sideways moves, a drag moves or scrubs, a double click shows
/// all.
pub(super) fn act(
    ui: &Ui,
    ground: &Response,
    lanes: &Lanes<'_>,
    plot: Rect,
    state: &mut State,
    window: Window,
    limits: &Limits,
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
