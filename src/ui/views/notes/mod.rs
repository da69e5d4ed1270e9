//! The notes on a capture: where, when, and what somebody wrote. A click moves the cursor there.

pub mod model;
mod place;

use crate::notes::NoteId;
use crate::ui::notes::board::Placed;
use crate::ui::notes::{Command, kept_words, target_of};
use crate::ui::views::View;
use crate::ui::widgets::mark;
use crate::ui::widgets::row_list::{RowList, RowScroll};
use crate::ui::{Command as UiCommand, ViewContext};
use egui::{
    Align, Key, Modifiers, Rect, Response, RichText, Role, Sense, TextStyle, Ui, WidgetInfo, pos2,
    vec2,
};
use model::{heading, item_of, nothing, row_text};
use place::Place;

/// Rows that are said in words.
const MAX_SAID: usize = 200;

/// Room for a row's two buttons, in points.
const BUTTONS_POINTS: f32 = 140.0;

/// What the list remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    scroll: RowScroll,
    place: Place,
    seen: Option<usize>,
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        notes_ui(ui, context, self);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context)
    }
}

fn send(context: &ViewContext<'_>, command: Command) {
    context.send(UiCommand::Notes(command));
}

/// Draws the list into the space that is left.
pub fn notes_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    head_ui(ui, context);
    foot_ui(ui, context);
    let rows = context.notes.rows();
    if rows.is_empty() {
        ui.add_space(6.0);
        ui.label(RichText::new(nothing(context)).color(context.theme.text_weak));
        return;
    }
    let selected = target_of(context.trace, context.selection, None);
    let current = state.place.row(rows, selected);
    if current != state.seen {
        state.seen = current;
        if let Some(row) = current {
            state.scroll.reveal(row);
        }
    }
    let lines = ui.text_style_height(&TextStyle::Body) + ui.text_style_height(&TextStyle::Small);
    let list = RowList {
        name: "Notes",
        row_height: lines + 12.0,
        count: rows.len(),
        current,
    };
    let mut clicked = None;
    let asked = list.show(ui, &mut state.scroll, |ui, position, rect, list| {
        let selected = current == Some(position);
        let row = rows.get(position);
        if row.is_some_and(|row| row_ui(ui, context, row, rect, list, selected)) {
            clicked = Some(position);
        }
    });
    if let Some(row) = asked.or(clicked).and_then(|position| rows.get(position)) {
        state.place.go_to(&row.id);
        send(context, Command::GoTo(row.id.clone()));
    }
}

/// What the view says, line by line.
pub fn text(context: &ViewContext<'_>) -> String {
    let board = context.notes;
    let mut lines = vec![heading(board)];
    if board.rows().is_empty() {
        lines.push(nothing(context).to_owned());
    }
    for row in board.rows().iter().take(MAX_SAID) {
        lines.push(row_text(board, row));
    }
    let more = board.rows().len().saturating_sub(MAX_SAID);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.extend(board.failed.clone());
    lines.extend(board.troubles.iter().cloned());
    lines.join("\n")
}

fn head_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    ui.horizontal(|ui| {
        let words = RichText::new(heading(context.notes).to_uppercase()).small();
        ui.label(words.strong().color(context.theme.text_weak));
        ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
            let target = target_of(context.trace, context.selection, context.cursor);
            let what = match target {
                Some(target) => crate::ui::notes::board::target_words(context.trace, target),
                None => "what is selected".to_owned(),
            };
            let write = ui.add_enabled(target.is_some(), egui::Button::new("Write a note").small());
            if write.on_hover_text(format!("On {what} (M)")).clicked() {
                send(context, Command::WriteHere);
            }
            let undo = egui::Button::new("Undo").small();
            let undo = ui.add_enabled(context.notes.can_undo, undo);
            if undo
                .on_hover_text("Take the last change to the notes back")
                .clicked()
            {
                send(context, Command::Undo);
            }
        });
    });
}

/// What is wrong, and where the notes are kept.
fn foot_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    let (board, theme) = (context.notes, context.theme);
    if let Some(failed) = &board.failed {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(failed).color(theme.warning));
            if ui.small_button("Try again").clicked() {
                send(context, Command::TryAgain);
            }
        });
    }
    for trouble in &board.troubles {
        ui.add(egui::Label::new(RichText::new(trouble).color(theme.warning)).wrap());
    }
    if !board.rows().is_empty() {
        let words = RichText::new(kept_words(&board.kept)).small();
        ui.add(egui::Label::new(words.color(theme.text_weak)).truncate())
            .on_hover_text(kept_words(&board.kept));
    }
}

/// Answers whether a click asks to go there.
fn row_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    row: &Placed,
    rect: Rect,
    list: &Response,
    selected: bool,
) -> bool {
    let theme = context.theme;
    let Some(note) = context.notes.notes().get(&row.id) else {
        return false;
    };
    let response = ui.interact(rect, list.id.with(&*row.id.0), Sense::CLICK);
    let said = row_text(context.notes, row);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &said));
    let clicked = response.clicked();
    if clicked {
        list.request_focus();
    }
    if response.double_clicked() {
        send(context, Command::Edit(row.id.clone()));
    }
    if selected && list.has_focus() {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::Delete) {
            send(context, Command::Delete(row.id.clone()));
        } else if pressed(Key::Enter) {
            send(context, Command::Edit(row.id.clone()));
        }
    }
    let pointed = ui.rect_contains_pointer(rect);
    if pointed && let Some(item) = row.target.and_then(item_of) {
        context.hover(item);
    }
    let painter = ui.painter();
    let back = rect.shrink2(vec2(0.0, 1.0));
    if selected {
        painter.rect_filled(back, 4.0, theme.selection);
    } else if pointed {
        painter.rect_filled(back, 4.0, theme.hover);
    }
    let flag = pos2(rect.left() + 14.0, rect.center().y);
    let colour = match row.target {
        Some(_) => theme.accent,
        None => theme.text_weak,
    };
    mark::flag(painter, flag, colour);
    let body = TextStyle::Body.resolve(ui.style());
    let small = TextStyle::Small.resolve(ui.style());
    let buttons = if pointed || selected {
        BUTTONS_POINTS
    } else {
        0.0
    };
    let cell = rect
        .with_min_x(rect.left() + 28.0)
        .with_max_x(rect.right() - 8.0 - buttons);
    let middle = rect.top() + 5.0 + ui.text_style_height(&TextStyle::Small);
    let upper = cell.with_min_y(rect.top() + 4.0).with_max_y(middle);
    let place = model::place_words(row);
    mark::line(painter, upper, Align::Min, &place, &small, theme.text_weak);
    let lower = cell.with_min_y(middle).with_max_y(rect.bottom() - 4.0);
    let line = note.first_line();
    mark::line(painter, lower, Align::Min, line, &body, theme.text);
    let hover = crate::report::text::visible_lines(&note.text, 2000);
    response.on_hover_text(hover);
    if buttons > 0.0 {
        buttons_ui(ui, context, &row.id, &row.words, rect);
    }
    clicked
}

fn buttons_ui(ui: &mut Ui, context: &ViewContext<'_>, id: &NoteId, place: &str, rect: Rect) {
    let right = rect.right() - 8.0;
    let height = 22.0;
    let (top, width) = (rect.center().y - height / 2.0, BUTTONS_POINTS / 2.0 - 4.0);
    let places = [right - 2.0 * width - 4.0, right - width];
    let asked = [
        ("Edit", Command::Edit(id.clone())),
        ("Delete", Command::Delete(id.clone())),
    ];
    for (left, (word, command)) in places.into_iter().zip(asked) {
        let place_of = Rect::from_min_size(pos2(left, top), vec2(width, height));
        let button = ui.put(place_of, egui::Button::new(word).small());
        let label = format!("{word} the note on {place}");
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        if button.clicked() {
            send(context, command);
        }
    }
}

#[cfg(test)]
mod tests;
