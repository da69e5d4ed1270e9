//! The waits in words: the longest in view, that at the cursor, and a list of all of them. A click leads to a wait: its
//! first frame is selected, and the cursor is there.

use super::model::Reader;
use super::stalls::{Pause, Pauses};
use super::{MAX_PAUSES, words};
use crate::ui::theme::text_size;
use crate::ui::widgets::row_list::{RowList, RowScroll};
use crate::ui::widgets::{format, mark};
use crate::ui::{Command, Item, ViewContext};
use crate::wire::http2::StreamId;
use egui::{
    Align, Button, FontId, Rect, Response, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo,
};

/// How high a row is, in points.
const ROW_POINTS: f32 = 20.0;
/// The list takes this share of the height, and no more than this.
const SHARE: f32 = 0.34;
/// See above.
const MOST_POINTS: f32 = 230.0;
/// In a view this high the list is open from the start.
const OPEN_FROM_POINTS: f32 = 600.0;
/// With less height there is no room for a list at all.
const LEAST_POINTS: f32 = 240.0;
/// Where columns begin, as shares of the width: who, when, how long, why, and what ended it.
const COLUMNS: [f32; 6] = [0.0, 0.12, 0.29, 0.38, 0.58, 1.0];
/// Their names.
const NAMES: [&str; 5] = ["who waits", "when", "how long", "used up", "ended by"];

/// What the list remembers from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Whether a person has opened or closed it.
    open: Option<bool>,
    scroll: RowScroll,
}

impl State {
    /// Whether it is open in a view of this height.
    fn is_open(&self, height: f32) -> bool {
        height >= LEAST_POINTS && self.open.unwrap_or(height >= OPEN_FROM_POINTS)
    }

    /// How much of a height it takes for so many waits.
    pub fn height(&self, height: f32, waits: usize) -> f32 {
        let needed = ROW_POINTS * (waits as f32 + 1.0) + 4.0;
        match waits > 0 && self.is_open(height) {
            true => (height * SHARE).min(MOST_POINTS).min(needed),
            false => 0.0,
        }
    }
}

/// What is told about a picture's waits.
pub struct Told<'a> {
    /// What the view may read.
    pub context: &'a ViewContext<'a>,
    /// Whose windows.
    pub reader: &'a Reader<'a>,
    /// The waits in view, by when they began; not all where they are [`MAX_PAUSES`].
    pub pauses: &'a [Pause],
    /// All waits; `None` while they are being worked out.
    pub all: Option<&'a Pauses>,
    /// From when to when is shown, in nanoseconds since the Unix epoch.
    pub shown_ns: (i64, i64),
}

impl Told<'_> {
    /// The waits in view, the longest first.
    pub fn longest_first(&self) -> Vec<Pause> {
        let mut rows = match self.pauses.len() < MAX_PAUSES {
            true => self.pauses.to_vec(),
            false => {
                let (from, until) = self.shown_ns;
                let is_in_view =
                    |of: &&Pause| of.from_ns <= until && of.until_ns.is_none_or(|end| end >= from);
                let long = self.all.into_iter();
                let long = long.flat_map(|all| all.longest(self.reader.side));
                let long: Vec<Pause> = long.filter(is_in_view).copied().collect();
                if long.is_empty() {
                    self.pauses.to_vec()
                } else {
                    long
                }
            }
        };
        rows.sort_by_key(|of| (std::cmp::Reverse(of.lasted_ns()), of.from_ns));
        rows
    }

    /// What goes on at the cursor, that of the selected stream first; and how many wait besides.
    pub fn at_cursor(&self) -> Option<(Pause, usize)> {
        let now = self.context.now_ns()?;
        let going_on = self.all?.within(self.reader.side, now, now);
        let going_on = going_on.take(MAX_PAUSES).filter(|of| of.is_at(now));
        let going_on: Vec<&Pause> = going_on.collect();
        let selected = self.context.selected_stream();
        let order = |of: &&&Pause| (Some(of.stream) == selected, of.lasted_ns());
        let first = going_on.iter().max_by_key(order)?;
        Some((**first, going_on.len() - 1))
    }

    /// Whether the windows' sizes are not in the capture.
    fn is_unknown(&self) -> bool {
        let frames = self.reader.http2.frames.len();
        let connection = StreamId::CONNECTION;
        self.reader.window_at(connection, frames).is_none()
    }

    /// The line about the longest.
    pub fn longest_words(&self, longest: Option<&Pause>) -> String {
        match longest {
            Some(of) => format!("longest wait: {}", of.line_words(self.reader)),
            None if self.all.is_none() => "longest wait: being worked out".to_owned(),
            None if self.is_unknown() => {
                "longest wait: not known, since the capture does not have the connection's beginning"
                    .to_owned()
            }
            None => format!(
                "longest wait: none in view; the windows had room for all that the {} sent",
                self.reader.direction().name()
            ),
        }
    }

    /// The line about the cursor.
    pub fn cursor_words(&self, going_on: Option<&(Pause, usize)>) -> String {
        match going_on {
            Some((of, 0)) => format!("at the cursor: {}", of.line_words(self.reader)),
            Some((of, more)) => {
                let others = format::counted(*more as u64, "other");
                format!(
                    "at the cursor: {} (and {others})",
                    of.line_words(self.reader)
                )
            }
            None if self.all.is_none() => "at the cursor: being worked out".to_owned(),
            None if self.is_unknown() => "at the cursor: not known".to_owned(),
            None => "at the cursor: nobody waits".to_owned(),
        }
    }
}

/// Two lines: the longest wait in view, and that at the cursor; and a button for the list. Returns the waits of the
/// list, the longest first.
pub fn head_ui(ui: &mut Ui, told: &Told<'_>, state: &mut State) -> Vec<Pause> {
    let rows = told.longest_first();
    let now = told.at_cursor();
    let height = ui.available_height();
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().button_padding.y = 1.0;
        ui.spacing_mut().interact_size.y = 18.0;
        ui.horizontal(|ui| {
            if height >= LEAST_POINTS && !rows.is_empty() {
                list_button_ui(ui, told, state, rows.len(), height);
            }
            let words = told.longest_words(rows.first());
            line_ui(ui, told, words, rows.first());
        });
        let words = told.cursor_words(now.as_ref());
        line_ui(ui, told, words, now.as_ref().map(|(of, _)| of));
    });
    rows
}

fn list_button_ui(ui: &mut Ui, told: &Told<'_>, state: &mut State, count: usize, height: f32) {
    let open = state.is_open(height);
    let shown = format::counted(count as u64, "wait");
    let words = match open {
        true => format!("hide the {shown}"),
        false => format!("list the {shown}"),
    };
    let words = RichText::new(words).small();
    let button = Button::selectable(open, words.color(told.context.theme.text));
    let response = ui.add(button.frame_when_inactive(true));
    let what = if open { "hide" } else { "list" };
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, open, format!("{what} the {shown}"))
    });
    if response.clicked() {
        state.open = Some(!open);
    }
    response
        .on_hover_text("The waits in view, the longest first: who, when, why, and what ended them");
}

/// A line that leads to a wait.
fn line_ui(ui: &mut Ui, told: &Told<'_>, words: String, pause: Option<&Pause>) {
    let theme = told.context.theme;
    let Some(pause) = pause else {
        let words = RichText::new(words).size(text_size::SMALL + 0.5);
        ui.add(egui::Label::new(words.color(theme.text_weak)).truncate());
        return;
    };
    let said = RichText::new(&words).size(text_size::SMALL + 0.5);
    let button = Button::new(said.color(theme.text)).frame(false).truncate();
    let response = ui.add(button);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    if response.clicked() {
        go_to(told, pause);
    }
    let sentence = pause.words(told.reader);
    response.on_hover_text(format!("{words}\n\n{sentence}.\nA click leads there."));
}

fn go_to(told: &Told<'_>, pause: &Pause) {
    let frame = Item::Frame(told.reader.connection.id, pause.from);
    told.context.send(Command::Select(frame));
}

/// The list, at the bottom of what is left. `rows` are what [`head_ui`] returned.
pub fn list_ui(ui: &mut Ui, told: &Told<'_>, rows: &[Pause], place: Rect, state: &mut State) {
    let theme = told.context.theme;
    let builder = UiBuilder::new().id_salt("waits").max_rect(place);
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let head = Rect::from_min_size(place.min, egui::vec2(place.width(), ROW_POINTS));
        let small = FontId::proportional(text_size::SMALL);
        for (at, name) in NAMES.into_iter().enumerate() {
            mark::line(
                ui.painter(),
                cell(head, at),
                Align::Min,
                name,
                &small,
                theme.text_weak,
            );
        }
        let line = egui::Stroke::new(1.0, theme.line);
        ui.painter()
            .hline(head.x_range(), head.bottom() - 0.5, line);
        ui.advance_cursor_after_rect(head);
        let selected = told.context.selected_frame().map(|(frame, _)| frame);
        let list = RowList {
            name: "Waits, the longest first",
            row_height: ROW_POINTS,
            count: rows.len(),
            current: selected.and_then(|frame| rows.iter().position(|of| of.from == frame)),
        };
        let mut scroll = std::mem::take(&mut state.scroll);
        let asked = list.show(ui, &mut scroll, |ui, at, rect, list| {
            if let Some(pause) = rows.get(at) {
                row_ui(ui, told, pause, rect, list);
            }
        });
        state.scroll = scroll;
        if let Some(pause) = asked.and_then(|at| rows.get(at)) {
            go_to(told, pause);
        }
    });
}

fn cell(row: Rect, at: usize) -> Rect {
    let edge = |at: usize| {
        let share = COLUMNS.get(at).copied().unwrap_or(1.0);
        row.left() + 10.0 + (row.width() - 20.0) * share
    };
    row.with_min_x(edge(at)).with_max_x(edge(at + 1) - 8.0)
}

fn row_ui(ui: &Ui, told: &Told<'_>, pause: &Pause, rect: Rect, list: &Response) {
    let (context, theme) = (told.context, told.context.theme);
    let id = list
        .id
        .with((pause.from.index(), pause.stream.0, pause.row().0));
    let response = ui.interact(rect, id, Sense::CLICK);
    let selected = context.selected_frame().map(|(frame, _)| frame) == Some(pause.from);
    response.widget_info(|| {
        let words = format!("wait: {}", pause.line_words(told.reader));
        WidgetInfo::selected(Role::ListBoxOption, true, selected, words)
    });
    if selected {
        ui.painter().rect_filled(rect, 3.0, theme.selection);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 3.0, theme.hover);
    }
    if response.hovered() && pause.stream != StreamId::CONNECTION {
        context.hover(Item::Stream(told.reader.connection.id, pause.stream));
    }
    if response.clicked() {
        list.request_focus();
        go_to(told, pause);
    }
    let now = context.now_ns();
    let later = now.is_some_and(|now| pause.from_ns > now);
    let dim = |colour: egui::Color32| if later { theme.later(colour) } else { colour };
    let small = FontId::proportional(text_size::SMALL + 0.5);
    let who = cell(rect, 0);
    let swatch = egui::pos2(who.left() + 5.0, who.center().y);
    let colour = match pause.row().is_connection() {
        true => theme.text,
        false => context.stream_colour(pause.stream),
    };
    let lap = context.carrier_lap(pause.row().into());
    mark::swatch(ui.painter(), swatch, dim(colour), lap);
    let cells = [
        (who.with_min_x(who.left() + 16.0), pause.name_words()),
        (cell(rect, 1), pause.times_words(told.reader.origin_ns)),
        (cell(rect, 2), pause.lasted_words()),
        (cell(rect, 3), pause.why_words().to_owned()),
        (cell(rect, 4), pause.end_words(told.reader)),
    ];
    for (at, (place, words)) in cells.into_iter().enumerate() {
        let colour = if at == 2 { theme.text } else { theme.text_weak };
        mark::line(ui.painter(), place, Align::Min, &words, &small, dim(colour));
    }
    response.on_hover_ui(|ui| {
        ui.label(format!("{}.", pause.words(told.reader)));
        let about = words::purpose(told.reader.connection, pause.stream);
        ui.label(RichText::new(about).color(theme.text_weak));
        ui.label(RichText::new("A click leads there.").color(theme.text_weak));
    });
}
