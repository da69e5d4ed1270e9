//! What a hand does: wheel, drag, click, double-click.

use super::State;
use super::area::Area;
use super::hover::{self, Hit};
use super::layout::Zone;
use super::paint::Picture;
use super::window::Window;
use crate::trace::{Cursor, PacketId, Trace};
use crate::ui::Command;
use egui::{Pos2, Rect, Response, Ui};

/// Points of scrolling that zoom by a factor of e.
const WHEEL_POINTS: f64 = 200.0;
/// An area narrower than this is a slip of the hand.
const MIN_AREA_POINTS: f32 = 6.0;

/// What a drag that is going on does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drag {
    /// Moves the window and the lanes.
    Pan,
    /// Moves the cursor.
    Scrub,
    /// Chooses a stretch of time; from this `x` on.
    Area(f32),
    /// Moves the lanes by their scroll bar.
    Scroll,
}

/// Moves the window and the lanes as wheel and drag say.
pub fn navigate(ui: &Ui, response: &Response, trace: &Trace, state: &mut State) {
    let (Some(layout), Some(window)) = (state.layout.clone(), state.shown) else {
        return;
    };
    let limits = state.limits(trace);
    let scale = window.scale(f64::from(layout.width()));
    let time_ns = |at: Pos2| scale.time_from_x(f64::from(at.x - layout.plot.min));
    let pointer = ui
        .input(|input| input.pointer.hover_pos())
        .filter(|_| ui.rect_contains_pointer(layout.rect));
    state.pointer_ns = pointer.filter(|at| layout.plot.contains(at.x)).map(time_ns);

    if let Some(at) = pointer {
        let over_lanes = at.y >= layout.lanes.top();
        let (zoom, scroll) =
            ui.input(|input| (f64::from(input.zoom_delta()), input.smooth_scroll_delta));
        let wheel = if over_lanes || zoom != 1.0 {
            0.0
        } else {
            f64::from(scroll.y)
        };
        let factor = zoom * (wheel / WHEEL_POINTS).exp();
        if factor != 1.0 {
            let anchor_ns = state.pointer_ns.unwrap_or(window.start_ns);
            state.set_window(window.zoomed(factor, anchor_ns, &limits));
        } else if scroll != egui::Vec2::ZERO {
            if over_lanes {
                state.scroll -= f64::from(scroll.y);
            }
            if scroll.x != 0.0 {
                let by_ns = -f64::from(scroll.x) * scale.ns_per_point();
                state.set_window(window.moved(by_ns, &limits));
            }
        }
        if factor != 1.0 || scroll != egui::Vec2::ZERO {
            ui.input_mut(|input| input.smooth_scroll_delta = egui::Vec2::ZERO);
        }
    }

    if response.drag_started()
        && let Some(origin) = ui.input(|input| input.pointer.press_origin())
    {
        let shift = ui.input(|input| input.modifiers.shift);
        state.drag = Some(match layout.zone(origin) {
            Zone::Axis => Drag::Scrub,
            _ if shift != state.chooses_area => Drag::Area(origin.x),
            _ if origin.x > layout.plot.max && origin.y >= layout.lanes.top() => Drag::Scroll,
            _ => Drag::Pan,
        });
    }
    match state.drag {
        Some(Drag::Pan) if response.dragged() => {
            let by = response.drag_delta();
            state.scroll -= f64::from(by.y);
            if by.x != 0.0 {
                state.set_window(window.moved(-f64::from(by.x) * scale.ns_per_point(), &limits));
            }
        }
        Some(Drag::Scroll) if response.dragged() => {
            let share = response.drag_delta().y / layout.lanes.height().max(1.0);
            state.scroll += f64::from(share) * layout.height;
        }
        Some(Drag::Area(from)) if response.drag_stopped() => {
            if let Some(to) = response.interact_pointer_pos()
                && (to.x - from).abs() >= MIN_AREA_POINTS
            {
                let ends = [from.min(to.x), from.max(to.x)].map(|x| time_ns(Pos2::new(x, 0.0)));
                state.area = Some(Area::new(ends[0], ends[1]));
            }
        }
        _ => {}
    }
}

/// Shows what is under the pointer and answers clicks. `whole` has the axis; with several connections each has a part
/// of its own.
pub fn act(
    ui: &mut Ui,
    response: &Response,
    whole: &Picture<'_>,
    parts: &[Picture<'_>],
    state: &mut State,
) {
    let layout = &whole.layout;
    let pointer = response.hover_pos().or(response.interact_pointer_pos());
    if let (Some(Drag::Area(from)), Some(at)) = (state.drag, pointer)
        && response.dragged()
    {
        let (left, right) = (from.min(at.x), from.max(at.x));
        let area = Rect::from_x_y_ranges(left..=right, layout.axis.bottom()..=layout.legend.top());
        whole.paint_area(ui, area);
    }
    if state.drag == Some(Drag::Scrub)
        && response.dragged()
        && let Some(at) = pointer
    {
        scrub(whole, at);
    }
    if !response.dragged() {
        state.drag = None;
    }
    state.snapped_ns = pointer
        .filter(|at| state.ruler.is_some() || layout.plot.contains(at.x))
        .map(|at| {
            let part = parts
                .iter()
                .find(|part| part.layout.zone(at) != Zone::Elsewhere);
            part.unwrap_or(whole).snapped_ns(at.x)
        });
    let escape =
        |ui: &Ui| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
    if (state.ruler.is_some() || state.area.is_some()) && escape(ui) {
        (state.ruler, state.area) = (None, None);
    }
    let Some(at) = pointer.filter(|_| state.drag.is_none()) else {
        return;
    };
    let hits = std::iter::once(whole).chain(parts);
    let (picture, hit) = (hits.map(|picture| (picture, hover::hit(picture, at))))
        .find(|(_, hit)| !matches!(hit, Hit::Nothing))
        .unwrap_or((whole, Hit::Nothing));
    if response.hovered() {
        if let Some(item) = hit.item(picture) {
            picture.context.hover(item);
        }
        if hit.is_frames() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        } else if layout.zone(at) == Zone::Axis {
            ui.ctx().set_cursor_icon(egui::CursorIcon::ResizeHorizontal);
        }
        hover::tooltip_ui(ui, response, picture, &hit);
    }
    if response.double_clicked() {
        double_click(picture, &hit, state);
    } else if response.clicked() {
        match &hit {
            Hit::Axis => scrub(picture, at),
            hit => {
                if let Some(item) = hit.item(picture) {
                    picture.context.send(Command::Select(item));
                }
            }
        }
    }
}

/// Zooms into frames that fell together; elsewhere shows everything.
fn double_click(picture: &Picture<'_>, hit: &Hit, state: &mut State) {
    match hit {
        Hit::Frames { record, .. } if !record.is_single() => {
            let (first_ns, last_ns) = record.times_ns;
            let limits = state.limits(picture.reader.trace);
            let window = Window::around(first_ns as f64, last_ns as f64, state.width());
            state.touched = true;
            state.target = Some(window.within(&limits));
        }
        Hit::Frames { .. } => {}
        _ => {
            state.touched = false;
            state.target = None;
        }
    }
}

fn scrub(picture: &Picture<'_>, at: Pos2) {
    let x = at.x - picture.layout.plot.min;
    let cursor = cursor_at(picture, x.clamp(0.0, picture.layout.width()));
    if Some(cursor) != picture.context.cursor {
        picture.context.send(Command::MoveCursor(cursor));
    }
}

/// The instant at `x` points from the plot's left edge.
pub fn cursor_at(picture: &Picture<'_>, x: f32) -> Cursor {
    let reader = &picture.reader;
    let places = &picture.model.places;
    let frame = places
        .frame_at(x)
        .and_then(|id| Some((id, reader.frame(id)?.0)));
    let by_frame = frame.and_then(|(id, _)| Cursor::after_frame(reader.connection, id));
    if let (Some((id, time_ns)), Some(by_frame)) = (frame, by_frame) {
        let (left, room) = places.slot(id, time_ns);
        if x < left + room {
            return by_frame;
        }
    }
    let time_ns = places.scale.time_from_x(f64::from(x)) as i64;
    let packet = reader
        .trace
        .packet_at(time_ns.saturating_add(reader.origin_ns));
    let before_all = Cursor {
        packet: PacketId::from_index(0),
        frames_in_packet: 0,
    };
    let by_time = packet.map_or(before_all, Cursor::after_packet);
    by_frame.map_or(by_time, |by_frame| by_frame.max(by_time))
}
