//! Protobuf to try out, with or without a capture: type a schema and values and see the bytes, or paste bytes and see the
//! fields; each field bit by bit. The textbooks' example is its first exercise.

pub mod model;

use crate::ui::ViewContext;
use crate::ui::views::View;
use crate::ui::views::message::json_ui;
use crate::ui::widgets::protobuf::{Tab, bits_ui, tabs_ui, tree_ui, versions_text, versions_ui};
use crate::ui::widgets::row_list::RowScroll;
use crate::ui::widgets::switch::{Choice, choices_ui};
use egui::{Label, Rect, RichText, ScrollArea, TextEdit, Ui, UiBuilder, pos2};
use model::{Exercise, Input, MAX_CHARS, Outcome, Side};

/// What the view remembers from picture to picture.
#[derive(Default)]
pub struct State {
    input: Input,
    /// The exercise that is being done, until something else is typed.
    exercise: Option<Exercise>,
    made: Option<(Input, Outcome)>,
    field: Option<usize>,
    scroll: RowScroll,
    tab: Tab,
    /// Whether the first exercise was begun.
    begun: bool,
}

/// What can be shown below the fields.
const TABS: [Tab; 3] = [Tab::Bits, Tab::Json, Tab::Versions];

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        sandbox_ui(ui, context, self);
    }

    fn text(&self, _context: &ViewContext<'_>) -> String {
        text(self)
    }

    fn outlives_capture(&self) -> bool {
        true
    }
}

impl State {
    fn take(&mut self, exercise: Exercise) {
        self.input = exercise.input();
        self.exercise = Some(exercise);
        self.field = None;
        self.tab = match exercise {
            Exercise::Alice => Tab::Json,
            Exercise::Versions => Tab::Versions,
            _ => Tab::Bits,
        };
    }
}

/// Draws the sandbox into the space that is left.
pub fn sandbox_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    if !std::mem::replace(&mut state.begun, true) {
        state.take(Exercise::Number);
    }
    let choices = Exercise::ALL.map(|exercise| Choice {
        label: exercise.label(),
        help: exercise.look_for(),
        chosen: state.exercise == Some(exercise),
    });
    ScrollArea::horizontal()
        .id_salt("exercises")
        .show(ui, |ui| {
            if let Some(clicked) = choices_ui(ui, theme, "Exercise", &choices)
                && let Some(exercise) = Exercise::ALL.get(clicked)
            {
                state.take(*exercise);
            }
        });
    if let Some(exercise) = state.exercise {
        ui.add(Label::new(RichText::new(exercise.look_for()).color(theme.text_weak)).wrap());
    }
    ui.add_space(4.0);
    let area = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(area);
    let [left, right] = areas(area);
    let mut part = |rect: Rect, name: &str| {
        let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(rect));
        child.shrink_clip_rect(rect.expand(3.0));
        child
    };
    let (mut left, mut right) = (part(left, "input"), part(right, "outcome"));
    input_ui(&mut left, context, state);
    if state.made.as_ref().is_none_or(|(of, _)| *of != state.input) {
        state.made = Some((state.input.clone(), Outcome::of(&state.input)));
    }
    outcome_ui(&mut right, context, state);
}

/// What is typed at the left, what becomes of it at the right; one above the other where it is narrow.
fn areas(area: Rect) -> [Rect; 2] {
    const GAP: f32 = 14.0;
    if area.width() > 640.0 {
        let middle = area.left() + (area.width() * 0.36).clamp(260.0, 460.0);
        return [
            area.with_max_x(middle - GAP / 2.0),
            area.with_min_x(middle + GAP / 2.0),
        ];
    }
    let middle = area.top() + area.height() * 0.4;
    [
        Rect::from_min_max(area.min, pos2(area.right(), middle - GAP / 2.0)),
        area.with_min_y(middle + GAP / 2.0),
    ]
}

fn input_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    let before = state.input.clone();
    let choices = [
        Choice {
            label: "Bytes to fields",
            help: "Paste bytes in hex and see the fields in them",
            chosen: state.input.side == Side::Bytes,
        },
        Choice {
            label: "Values to bytes",
            help: "Type values as JSON and see the bytes that are sent",
            chosen: state.input.side == Side::Values,
        },
    ];
    match choices_ui(ui, theme, "From", &choices) {
        Some(0) => {
            // What was made of the values is at hand.
            if let Some((_, outcome)) = &state.made
                && state.input.side == Side::Values
                && !outcome.hex.is_empty()
            {
                state.input.hex.clone_from(&outcome.hex);
            }
            state.input.side = Side::Bytes;
        }
        Some(1) => state.input.side = Side::Values,
        _ => {}
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let weak = |text: &str| RichText::new(text).small().color(theme.text_weak);
            let editor = |text, rows| {
                TextEdit::multiline(text)
                    .code_editor()
                    .desired_rows(rows)
                    .desired_width(f32::INFINITY)
                    .char_limit(MAX_CHARS)
            };
            match state.input.side {
                Side::Bytes => {
                    ui.label(weak("Bytes, two hex digits each"));
                    ui.add(editor(&mut state.input.hex, 3))
                        .accessible_name("Bytes in hex");
                }
                Side::Values => {
                    ui.label(weak("Values, as protobuf's JSON"));
                    ui.add(editor(&mut state.input.json, 5))
                        .accessible_name("Values as JSON");
                }
            }
            ui.add_space(6.0);
            let about = match state.input.side {
                Side::Bytes => "Schema (a .proto file; may stay empty)",
                Side::Values => "Schema (a .proto file)",
            };
            ui.label(weak(about));
            ui.add(editor(&mut state.input.schema, 8))
                .accessible_name("Schema");
            ui.horizontal(|ui| {
                ui.label(weak("Type"));
                let field = TextEdit::singleline(&mut state.input.type_name)
                    .hint_text("the first of the schema")
                    .desired_width(180.0);
                ui.add(field).accessible_name("Message type");
            });
            ui.add_space(6.0);
            ui.label(weak("Another version of the schema (may stay empty)"));
            ui.add(editor(&mut state.input.other, 5))
                .accessible_name("Another version of the schema");
        });
    if state.input != before {
        state.exercise = None;
        if state.input.side != before.side {
            state.field = None;
        }
    }
}

fn outcome_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let theme = context.theme;
    let Some((_, outcome)) = &state.made else {
        return;
    };
    for problem in outcome.problems.iter().take(4) {
        ui.add(Label::new(RichText::new(problem).color(theme.warning)).wrap());
    }
    let Some(parsed) = &outcome.parsed else {
        return;
    };
    let name = parsed.type_name.as_deref().unwrap_or("without a schema");
    let heading = RichText::new(format!("{name} · {}", parsed.size_words())).strong();
    ui.add(Label::new(heading).truncate());
    ui.add(Label::new(RichText::new(&outcome.hex).monospace()).truncate())
        .on_hover_text(&outcome.hex);
    if let Some((line, all)) = parsed.not_sent_words() {
        let shown = RichText::new(line).small().color(theme.text_weak);
        ui.add(Label::new(shown).truncate()).on_hover_text(all);
    }
    let rest = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(rest);
    let rows = parsed.rows.len() as f32;
    let middle = rest.top() + (24.0 * rows + 10.0).clamp(34.0, rest.height() * 0.42);
    let mut part = |rect: Rect, name: &str| {
        let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(rect));
        child.shrink_clip_rect(rect.expand(3.0));
        child
    };
    let mut tree = part(rest.with_max_y(middle), "tree");
    let mut below = part(rest.with_min_y(middle + 6.0), "below");
    let acted = tree_ui(
        &mut tree,
        theme,
        parsed,
        &mut state.scroll,
        state.field,
        None,
        false,
    );
    state.field = acted.chosen.or(state.field);
    tabs_ui(&mut below, theme, "Outcome", &TABS, &mut state.tab);
    let field = acted.hovered.or(state.field).unwrap_or(0);
    match parsed.rows.get(field).or(parsed.rows.first()) {
        _ if state.tab == Tab::Json => json_ui(&mut below, context, parsed),
        _ if state.tab == Tab::Versions => match &outcome.comparison {
            Some(comparison) => versions_ui(&mut below, theme, comparison),
            None => {
                let words = "Type a schema and another version of it, or take exercise 6.";
                below.label(RichText::new(words).color(theme.text_weak));
            }
        },
        Some(row) => bits_ui(&mut below, theme, parsed, row),
        None => {}
    }
}

/// What the sandbox says, line by line.
pub fn text(state: &State) -> String {
    let made;
    let outcome = match &state.made {
        Some((_, outcome)) => outcome,
        None => {
            made = Outcome::of(&state.input);
            &made
        }
    };
    let mut lines = vec!["Protobuf to try out".to_owned()];
    let exercise = state.exercise.unwrap_or(Exercise::Number);
    if state.exercise.is_some() || state.made.is_none() {
        lines.push(exercise.look_for().to_owned());
    }
    lines.extend(outcome.problems.iter().cloned());
    lines.extend(outcome.comparison.iter().flat_map(versions_text));
    if let Some(parsed) = &outcome.parsed {
        lines.push(outcome.hex.clone());
        lines.push(parsed.size_words());
        for row in parsed.rows.iter().take(1000) {
            lines.push(format!("{}{}", "  ".repeat(row.depth), row.text()));
        }
        for step in parsed.steps.iter().take(1000) {
            lines.push(crate::ui::widgets::protobuf::step_words(step));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
