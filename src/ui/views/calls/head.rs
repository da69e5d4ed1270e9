//! Above the calls: how many there are, how many ended with which status, and what is shown of them.

use super::list::Ended;
use super::model::{Counted, Sum};
use super::{Fit, Shown, State, layout, sum};
use crate::ui::ViewContext;
use crate::ui::theme::text_size;
use crate::ui::widgets::switch::{Choice, choices_ui, toggle_ui};
use crate::wire::grpc::GrpcStatus;
use egui::{
    Align, CursorIcon, FontId, Label, Layout, RichText, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, vec2,
};

/// Draws the count, the statuses as buttons, and the switches.
pub(super) fn head_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let sum = sum(context, &state.listed).with_chosen(state.only);
    let mut whole = true;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            controls_ui(ui, context, state);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                // Where the statuses find no room beside the controls, they stand below them.
                let small = FontId::proportional(text_size::SMALL);
                let colour = context.theme.text_weak;
                let width = |words: &str| {
                    let galley = ui.painter();
                    let galley = galley.layout_no_wrap(words.to_owned(), small.clone(), colour);
                    galley.size().x
                };
                let buttons = sum.standings.iter();
                let buttons = buttons.map(|of| width(&of.words) + 2.0 * PADDING + GAP);
                let wanted = width(&sum.count) + buttons.sum::<f32>() + 12.0;
                whole = wanted <= ui.available_width();
                ui.spacing_mut().item_spacing.x = GAP;
                ui.add(Label::new(weak(context, &sum.count)).truncate());
                if whole {
                    standings_ui(ui, context, &sum, &mut state.only, &mut state.failed_only);
                }
            });
        });
    });
    // A low pane has no lines to spare.
    let low = ui.available_height() < layout::BOTH_POINTS;
    if !whole && low {
        let words: Vec<&str> = sum.standings.iter().map(|of| of.words.as_str()).collect();
        let label = Label::new(weak(context, &words.join(" · "))).truncate();
        ui.add(label).on_hover_text(words.join("\n"));
    } else if !whole {
        ui.scope(|ui| {
            // Lines of words: they stand as close as words do.
            ui.spacing_mut().interact_size.y = ui.text_style_height(&egui::TextStyle::Small) + 5.0;
            ui.spacing_mut().item_spacing = vec2(GAP, 1.0);
            ui.horizontal_wrapped(|ui| {
                standings_ui(ui, context, &sum, &mut state.only, &mut state.failed_only);
            });
            ui.add_space(4.0);
        });
    }
    if let Some(about) = sum.about_concluded().filter(|_| !low) {
        ui.add(Label::new(weak(context, about)).truncate());
    }
}

/// Left and right of a status, in points; and between two.
const PADDING: f32 = 5.0;
const GAP: f32 = 3.0;

fn weak(context: &ViewContext<'_>, words: &str) -> RichText {
    let words = RichText::new(words).small().strong();
    words.color(context.theme.text_weak)
}

/// The statuses, each a button that leaves only the calls that ended so, and takes that back.
fn standings_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    sum: &Sum,
    only: &mut Option<Ended>,
    failed_only: &mut bool,
) {
    for standing in &sum.standings {
        let chosen = standing.ended.is_some() && standing.ended == *only;
        if standing_ui(ui, context, standing, chosen) {
            *only = standing.ended.filter(|_| !chosen);
            *failed_only = false;
            // What it leaves is listed in the next picture.
            ui.ctx().request_repaint();
        }
    }
}

/// A status and how many calls have it. Returns whether it was clicked.
fn standing_ui(ui: &mut Ui, context: &ViewContext<'_>, standing: &Counted, chosen: bool) -> bool {
    let theme = context.theme;
    let status = standing.ended.map(|ended| ended.status);
    let colour = match status {
        None | Some(Some(GrpcStatus::OK)) => theme.text_weak,
        Some(Some(GrpcStatus::CANCELLED) | None) => theme.warning,
        Some(Some(_)) => theme.error,
    };
    let font = FontId::proportional(text_size::SMALL);
    let galley = (ui.painter()).layout_no_wrap(standing.words.clone(), font, colour);
    let size = galley.size() + vec2(2.0 * PADDING, 4.0);
    let sense = match standing.ended {
        Some(_) => Sense::click(),
        None => Sense::hover(),
    };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let painter = ui.painter();
    let at = rect.center() - galley.size() / 2.0;
    let Some(ended) = standing.ended else {
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &standing.words));
        painter.galley(at, galley, colour);
        return false;
    };
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &standing.words));
    let lit = response.hovered() || response.has_focus();
    if chosen {
        let edge = Stroke::new(1.0, theme.accent);
        painter.rect(rect, 4.0, theme.selection, edge, StrokeKind::Inside);
    } else if lit {
        painter.rect_filled(rect, 4.0, theme.hover);
    }
    if response.has_focus() {
        let edge = Stroke::new(2.0, theme.accent);
        painter.rect_stroke(rect, 4.0, edge, StrokeKind::Inside);
    }
    painter.galley(at, galley, colour);
    // A line below says that it can be clicked; a thick one that it was.
    let under = rect.shrink2(vec2(PADDING, 0.0)).x_range();
    let line = match chosen {
        true => Stroke::new(2.0, theme.accent),
        false => Stroke::new(1.0, colour.gamma_multiply(0.4)),
    };
    painter.hline(under, rect.bottom() - 1.5, line);
    let mut help = match chosen {
        true => "Click: shows the other calls again".to_owned(),
        false => "Click: shows only these calls".to_owned(),
    };
    if let Some(status) = ended.status {
        let word = filter_word(status);
        help.push_str(&format!(
            ". {word} in the filter at the top does so in every view"
        ));
        if ended.concluded {
            help = format!(
                "No server sent {status} here: it is concluded from how the call ended, as the caller's library does.\n{help}"
            );
        }
    }
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.on_hover_text(help).clicked()
}

/// The word by which the filter leaves calls of a status.
fn filter_word(status: GrpcStatus) -> String {
    match status.name() {
        Some(name) => format!("status:{name}"),
        None => format!("status:{}", status.0),
    }
}

/// What is shown of the calls, and how.
fn controls_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let choice = |label, help, shown| Choice {
        label,
        help,
        chosen: state.shown == shown,
    };
    let choices = [
        choice("Both", "The table, and the lanes below it", Shown::Both),
        choice("Table", "The table alone", Shown::Table),
        choice("Lanes", "The lanes alone", Shown::Lanes),
        choice(
            "Methods",
            "The calls of each method together, and how large their messages would be as JSON",
            Shown::Methods,
        ),
    ];
    if let Some(clicked) = choices_ui(ui, context.theme, "Calls as", &choices) {
        let all = [Shown::Both, Shown::Table, Shown::Lanes, Shown::Methods];
        state.shown = all.get(clicked).copied().unwrap_or_default();
    }
    if matches!(state.shown, Shown::Both | Shown::Lanes) {
        zoom_ui(ui, context, state);
    }
    let help = "Only calls that ended with another status than OK";
    if toggle_ui(ui, context.theme, "Failed only", help, state.failed_only) {
        state.failed_only = !state.failed_only;
        state.only = None;
    }
}

/// Which stretch of time the lanes show.
fn zoom_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let choices = [
        Choice {
            label: "All calls",
            help: "The lanes show the time of all calls (double-click into them does the same)",
            chosen: state.fit == Fit::All,
        },
        Choice {
            label: "Selected",
            help: "The lanes show the time of the selected call and of those that it belongs to",
            chosen: state.fit == Fit::Selected,
        },
    ];
    match choices_ui(ui, context.theme, "Lanes show", &choices) {
        Some(0) => state.fit = Fit::All,
        Some(1) => state.fit = Fit::Selected,
        _ => {}
    }
}
