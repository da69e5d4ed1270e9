//! Above the calls: how many there are, how many ended with which status, and what is shown of them.

use super::model::{Counted, Sum};
use super::{Fit, Shown, State, layout, sum};
use crate::ui::filter_bar;
use crate::ui::widgets::switch::{Choice, choices_ui, toggle_ui};
use crate::ui::{Command, ViewContext};
use crate::wire::grpc::GrpcStatus;
use egui::{Align, CursorIcon, Label, Layout, RichText, Role, Sense, Ui, WidgetInfo};

/// Draws the count, the statuses as buttons, and the switches.
pub(super) fn head_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let sum = sum(context, &state.listed);
    let mut whole = true;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            controls_ui(ui, context, state);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                // Where the statuses find no room beside the controls, they stand below them.
                let font = egui::TextStyle::Small.resolve(ui.style());
                let colour = context.theme.text_weak;
                let line = ui.painter().layout_no_wrap(sum.line(), font, colour);
                whole = line.size().x + 8.0 <= ui.available_width();
                ui.spacing_mut().item_spacing.x = 0.0;
                ui.add(Label::new(weak(context, &sum.count)).truncate());
                if whole {
                    standings_ui(ui, context, &sum, true);
                }
            });
        });
    });
    if whole {
        return;
    }
    // A low pane has no lines to spare.
    if ui.available_height() < layout::BOTH_POINTS {
        let words: Vec<&str> = sum.standings.iter().map(|of| of.words.as_str()).collect();
        let label = Label::new(weak(context, &words.join(" · "))).truncate();
        ui.add(label).on_hover_text(words.join("\n"));
        return;
    }
    ui.scope(|ui| {
        // Lines of words, not of buttons: they stand as close as words do.
        ui.spacing_mut().interact_size.y = ui.text_style_height(&egui::TextStyle::Small) + 3.0;
        ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
        ui.horizontal_wrapped(|ui| standings_ui(ui, context, &sum, false));
        ui.add_space(4.0);
    });
}

fn weak(context: &ViewContext<'_>, words: &str) -> RichText {
    let words = RichText::new(words).small().strong();
    words.color(context.theme.text_weak)
}

/// The statuses, each a button, which no end of a line parts.
fn standings_ui(ui: &mut Ui, context: &ViewContext<'_>, sum: &Sum, behind_count: bool) {
    let filter = context.matches.map_or("", |run| run.filter().text());
    for (at, standing) in sum.standings.iter().enumerate() {
        if behind_count && at == 0 {
            ui.add(Label::new(weak(context, " · ")).extend());
        }
        let last = at + 1 == sum.standings.len();
        standing_ui(ui, context, standing, filter, last);
    }
}

fn standing_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    standing: &Counted,
    filter: &str,
    last: bool,
) {
    // What parts it from the next one stays in its line.
    let dot = if last { "" } else { " · " };
    let mut words = weak(context, &format!("{}{dot}", standing.words));
    let Some(status) = standing.status else {
        ui.add(Label::new(words).extend());
        return;
    };
    let word = filter_word(status);
    let without = without(filter, &word);
    if without.is_some() {
        words = words.color(context.theme.accent).underline();
    }
    let label = Label::new(words).extend().selectable(false);
    let response = ui.add(label.sense(Sense::click()));
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, without.is_some(), &standing.words)
    });
    let mut help = match without {
        Some(_) => format!("Click: takes {word} out of the filter"),
        None => format!("Click: leaves only these calls (filter {word})"),
    };
    if standing.concluded {
        help = format!(
            "No server sent {status} here: it is concluded from how the call ended, as the caller's library does.\n{help}"
        );
    }
    let response = response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text(help);
    if response.clicked() {
        let filter = without.unwrap_or_else(|| with(filter, &word));
        context.send(Command::Filter(filter_bar::Command::Set(filter)));
    }
}

/// The word by which the filter leaves calls of a status.
fn filter_word(status: GrpcStatus) -> String {
    match status.name() {
        Some(name) => format!("status:{name}"),
        None => format!("status:{}", status.0),
    }
}

/// A filter that asks for a word too.
fn with(filter: &str, word: &str) -> String {
    let filter = filter.trim();
    let mut words = filter.split_whitespace();
    if filter.is_empty() {
        word.to_owned()
    } else if words.any(|word| word.eq_ignore_ascii_case("or") || word == "||") {
        format!("({filter}) {word}")
    } else {
        format!("{filter} {word}")
    }
}

/// A filter without a word that it ends with; `None` when it does not.
fn without(filter: &str, word: &str) -> Option<String> {
    let before = filter.trim().strip_suffix(word)?;
    if before.is_empty() {
        return Some(String::new());
    }
    let words = before.strip_suffix(char::is_whitespace)?.trim_end();
    let last = words.rsplit(char::is_whitespace).next().unwrap_or_default();
    let joins = ["or", "and", "not"].iter();
    let joined = joins.clone().any(|join| last.eq_ignore_ascii_case(join))
        || last.ends_with(['|', '&', '!']);
    (!joined).then(|| words.to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;

    #[test]
    fn a_status_goes_into_the_filter_and_out_of_it_again() {
        for filter in ["", "stream:3", "stream:3 or stream:5"] {
            let word = filter_word(GrpcStatus(5));
            assert_eq!(without(filter, &word), None);
            let more = with(filter, &word);
            assert!(Filter::parse(&more).is_ok(), "{more}");
            let less = without(&more, &word).unwrap();
            assert_eq!(less.trim_matches(['(', ')']), filter);
        }
        assert_eq!(with("a or b", "status:OK"), "(a or b) status:OK");
        assert_eq!(without("not status:OK", "status:OK"), None);
        assert_eq!(without("grpc-status:OK", "status:OK"), None);
        assert_eq!(filter_word(GrpcStatus(77)), "status:77");
    }
}
