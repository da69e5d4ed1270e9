//! The layers of some bytes as a sandwich: gRPC message, content, HTTP/2 frame or chunk and message of HTTP/1.1, TCP
//! segment, packet.
//! From left to right are bytes of one sender's stream, not time.
//!
//! [`model`] finds what each layer holds, [`layout`] where it goes, `paint` draws it, [`heads`] its headers.

mod focus;
mod heads;
mod http1;
mod http2;
mod kept;
mod layout;
mod model;
mod packet_row;
mod paint;
#[cfg(test)]
mod tests;
mod words;

pub use words::text;

use super::View;
use crate::ui::{Item, ViewContext};
use egui::{Role, Sense, Ui, WidgetInfo};
use focus::Focus;
use kept::Kept;
use layout::Layout;
use model::layers;
use paint::{Picture, Words};

/// The least that is shown: a few bytes.
const MIN_BYTES: f64 = 8.0;

/// What the view remembers between two pictures.
#[derive(Clone, Debug, Default)]
pub struct State {
    kept: Kept,
    /// What a hand has chosen to see; `None` shows what is selected.
    window: Option<(f64, f64)>,
    /// What was shown in the last picture: another one is shown from its own beginning to its end.
    seen: Option<(Focus, Option<Item>)>,
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        layers_ui(ui, context, self);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// Draws the view into the space that is left.
pub fn layers_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let found = context
        .connection
        .and_then(|connection| Some((connection, Focus::new(context, connection)?)));
    let Some((connection, focus)) = found else {
        let words = egui::RichText::new(words::nothing_words(context));
        ui.label(words.color(context.theme.text_weak));
        return;
    };
    state.kept.follow(context.trace, connection, &focus);
    let fitted = focus.window(focus.whole(connection));
    let now = (focus.clone(), context.selection);
    if state.seen.as_ref() != Some(&now) {
        // A part of what is in view is lit where it is; anything else is brought into view.
        let in_view = state.window.is_some_and(|(start, end)| {
            start <= focus.range.start as f64
                && focus.range.end as f64 <= end
                && state
                    .seen
                    .as_ref()
                    .is_some_and(|seen| seen.0.side == focus.side)
        });
        if !in_view {
            state.window = None;
        }
        state.seen = Some(now);
    }
    let window = state.window.unwrap_or(fitted);
    let rect = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(rect, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "layers"));
    let view = Layout::new(rect, window, 5, 0.0).view();
    let layers = layers(context.trace, connection, &state.kept, &focus, view);
    let words = Words::new(ui, context, connection, &focus, &layers, rect);
    let layout = Layout::new(rect, window, layers.len(), words.height());
    let pointed = focus.pointed(context, connection);
    let picture = Picture {
        context,
        connection,
        layout,
        layers: &layers,
        words,
        focus: &focus,
        pointed: pointed.as_ref(),
    };
    picture.paint_ui(ui);

    // What a hand does: wheel and drag.
    let length = connection.stream(focus.side).len() as f64;
    let mut show = |(start, end): (f64, f64)| {
        let len = (end - start).clamp(MIN_BYTES, length * 1.2 + 64.0);
        let middle = ((start + end) / 2.0).clamp(0.0, length);
        state.window = Some((middle - len / 2.0, middle + len / 2.0));
        ui.ctx().request_repaint();
    };
    let over = ui.rect_contains_pointer(rect);
    if let Some(at) = ui.input(|input| input.pointer.hover_pos()).filter(|_| over) {
        let (zoom, scroll) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta));
        let factor = f64::from(zoom) * (f64::from(scroll.y) / 200.0).exp();
        if (factor - 1.0).abs() > 1e-6 {
            let anchor = layout.byte(at.x);
            show((
                anchor - (anchor - window.0) / factor,
                anchor + (window.1 - anchor) / factor,
            ));
        }
    }
    if response.dragged() {
        let by = -f64::from(response.drag_delta().x) * layout.bytes_per_point();
        show((window.0 + by, window.1 + by));
    }
    if response.double_clicked() {
        state.window = None;
    }
}
