//! Presenter mode: one view alone, large enough for the last row, with a sentence about the frame
//! at the cursor and one thin line for time.
//!
//! Nothing of it is remembered: the panes are not touched, and the size of the type and the window
//! are put back when it ends.

use super::Parts;
use super::document::Document;
use crate::ui::transport::bar;
use crate::ui::views::ViewId;
use crate::ui::{ViewContext, narrate};
use egui::{
    Align, CentralPanel, Color32, Context, FontId, Frame, Label, Layout, Margin, Panel, RichText,
    Role, Sense, Ui, ViewportCommand, WidgetInfo, vec2,
};

/// So many points high is the window while presenting: text of 14 points is then a thirtieth of the
/// screen. Lower, and a lane of the loom has no room beside the caption; higher, and the last row
/// cannot read it.
const HEIGHT: f32 = 460.0;

/// However large the screen, type is not made larger or smaller than this.
const ZOOM: std::ops::RangeInclusive<f32> = 1.25..=4.0;

/// The caption's type, in points.
const CAPTION: f32 = 21.0;
/// The same where it takes two lines.
const CAPTION_OF_TWO_LINES: f32 = 18.5;

/// Two lines of caption: a longer sentence is cut, so that nothing above it jumps.
const CAPTION_HEIGHT: f32 = 62.0;

/// Pictures until a view has found its size.
const SETTLING: u8 = 4;

/// The line for time, in points.
const TIME_HEIGHT: f32 = 24.0;

/// What is presented.
#[derive(Clone, Copy, Debug)]
pub(super) struct Presenter {
    pub(super) view: ViewId,
    /// Whether the screen is black.
    pub(super) blank: bool,
    before: Option<Before>,
    /// The height that the type was made to fit.
    fitted: f32,
    /// Pictures until the view has found its size, in which the selection is brought into it.
    settling: u8,
}

/// What is put back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    zoom: f32,
    full_screen: bool,
}

impl Presenter {
    pub(super) fn new(view: ViewId) -> Self {
        Self {
            view,
            blank: false,
            before: None,
            fitted: 0.0,
            settling: SETTLING,
        }
    }

    /// Whether the selection is to be brought into view once more: what is presented has just got
    /// another size.
    pub(super) fn settles(&mut self) -> bool {
        let settles = self.settling > 0;
        self.settling = self.settling.saturating_sub(1);
        settles
    }

    /// What is to be put back when it ends.
    pub(super) fn before(&self) -> Option<Before> {
        self.before
    }

    /// Makes the window and its type as large as the screen allows; again when the window has
    /// another height, not when a person has changed the size of the type.
    pub(super) fn fit(&mut self, ctx: &Context) {
        let zoom = ctx.zoom_factor();
        if self.before.is_none() {
            let full = ctx.input(|input| input.viewport().fullscreen.unwrap_or(false));
            self.before = Some(Before {
                zoom,
                full_screen: full,
            });
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(true));
        }
        let height = (ctx.content_rect().height() * zoom).round();
        if (height - self.fitted).abs() > 2.0 {
            self.fitted = height;
            self.settling = SETTLING;
            let zoom = (height / HEIGHT).clamp(*ZOOM.start(), *ZOOM.end());
            ctx.set_zoom_factor(zoom);
        }
    }
}

impl Before {
    /// Puts the window back.
    pub(super) fn restore(self, ctx: &Context) {
        ctx.set_zoom_factor(self.zoom);
        if !self.full_screen {
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(false));
        }
    }
}

/// Draws the view that is presented.
pub(super) fn present_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    parts: &mut Parts<'_>,
    presenter: &Presenter,
) {
    if presenter.blank {
        return blank_ui(ui);
    }
    let live = parts.document.is_some_and(Document::live);
    let moves = parts.transport.moves(live);
    parts.workspace.views.follow_cursor(moves);
    let shown_ns = parts.workspace.views.shown_ns();
    bottom("presented time", TIME_HEIGHT, 2, context).show(ui, |ui| {
        time_ui(ui, context, parts, presenter.view, shown_ns);
    });
    bottom("caption", CAPTION_HEIGHT, 4, context).show(ui, |ui| caption_ui(ui, context));
    parts.workspace.views.framed_ui(presenter.view, ui, context);
}

fn bottom(name: &'static str, height: f32, margin: i8, context: &ViewContext<'_>) -> Panel {
    let frame = Frame::new()
        .fill(context.theme.panel)
        .inner_margin(Margin::symmetric(12, margin));
    Panel::bottom(name)
        .exact_size(height)
        .resizable(false)
        .frame(frame)
}

/// A black screen, as a clicker's key asks for when the class is to look at the teacher.
fn blank_ui(ui: &mut Ui) {
    let frame = Frame::new().fill(Color32::BLACK);
    CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        let (_, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        let words = "The screen is blank: B or a step brings the picture back";
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    });
}

/// The sentence, with the colour of the frame's stream before it.
fn caption_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    let sentence = narrate::at_cursor(context);
    ui.horizontal_centered(|ui| {
        let colour = match narrate::stream_at_cursor(context) {
            Some(stream) => context.stream_colour(stream),
            None => context.theme.connection_frames,
        };
        let (bar, _) = ui.allocate_exact_size(vec2(6.0, 46.0), Sense::hover());
        ui.painter().rect_filled(bar, 3.0, colour);
        let one_line = ui.painter().layout_no_wrap(
            sentence.clone(),
            FontId::proportional(CAPTION),
            context.theme.text,
        );
        // Two lines are a little smaller, so that they do not touch what is above and below.
        let size = match one_line.size().x <= ui.available_width() {
            true => CAPTION,
            false => CAPTION_OF_TWO_LINES,
        };
        let text = RichText::new(&sentence)
            .font(FontId::proportional(size))
            .color(context.theme.text);
        ui.set_max_height(ui.available_height());
        ui.add(Label::new(text).wrap());
    });
}

/// How far it is, where in time, and which of the open views is shown.
fn time_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    parts: &mut Parts<'_>,
    view: ViewId,
    shown_ns: Option<(f64, f64)>,
) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let name = RichText::new(view.title()).color(context.theme.accent);
        let hint = "F6 or V: the next view · B: black · Esc: back to all panes";
        ui.label(name).on_hover_text(hint);
        ui.add_space(10.0);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            bar::thin_ui(ui, context, parts.transport, parts.transport_bar, shown_ns);
        });
    });
}
