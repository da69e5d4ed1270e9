//! The filter bar: an expression that decides which frames and streams are listed, and leads from match to match.

use super::{Command as UiCommand, Item, ViewContext};
use crate::filter::{Completion, Filter, FilterError, Run, completions};
use crate::trace::{Connection, FrameId, Trace};
use crate::ui::widgets::format;
use crate::ui::widgets::icon::{Icon, IconButton};
use egui::text::CCursor;
use egui::text_edit::{TextEditOutput, TextEditState};
use egui::{Color32, Key, Modifiers, Popup, RichText, Stroke, TextEdit, Ui, vec2};
use std::ops::Range;

/// What the filter bar alone understands.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Filter by this expression from now on; nothing but white space shows everything.
    Set(String),
    /// Begin to type.
    Focus,
    /// Select the next frame that passes.
    Next,
    /// Select the previous frame that passes.
    Previous,
}

/// What is being typed.
#[derive(Clone, Debug, Default)]
pub struct Input {
    text: String,
    error: Option<FilterError>,
    wants_focus: bool,
    /// What the last step from match to match had to say.
    said: Option<&'static str>,
}

impl Input {
    /// Takes an expression; `None` when it is not understood, or lets everything pass.
    pub fn set(&mut self, text: &str) -> Option<Filter> {
        text.clone_into(&mut self.text);
        self.said = None;
        let parsed = Filter::parse(text);
        self.error = parsed.as_ref().err().cloned();
        parsed.ok().filter(|filter| !filter.is_empty())
    }

    /// The next picture gives the field the keyboard.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Takes in what a step from match to match had to say.
    pub fn say(&mut self, said: Option<&'static str>) {
        self.said = said;
    }

    /// The expression as it stands in the field.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with it.
    pub fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }
}

/// Where a step from match to match leads, and what is said about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The match; `None` where there is none, or none that is known yet.
    pub item: Option<Item>,
    /// What has to be said.
    pub words: Option<&'static str>,
}

/// Where a step from match to match leads, from what is selected or from the cursor. At an end the search begins again
/// at the other, and says so; not while frames are still asked.
pub fn step(context: &ViewContext<'_>, forward: bool) -> Found {
    let Some(run) = context.matches else {
        return Found::default();
    };
    let selected = context.selected_frame().map(|(frame, _)| frame);
    let from = selected.or_else(|| {
        let read = context.frame_count().checked_sub(1)?;
        Some(FrameId::from_index(read))
    });
    let near = match (forward, from) {
        (true, from) => run.next(from),
        // Nothing comes before the start.
        (false, None) => None,
        (false, from) => run.previous(from),
    };
    let item = |frame| Some(Item::Frame(run.connection(), frame));
    if let Some(frame) = near {
        return Found {
            item: item(frame),
            words: None,
        };
    }
    let frames = (context.trace.connection(run.connection()))
        .and_then(Connection::http2)
        .map_or(0, |http2| http2.frames.len());
    if run.asked() < frames {
        return Found {
            item: None,
            words: Some("still searching"),
        };
    }
    let (other_end, words) = match forward {
        true => (run.next(None), "from the start again"),
        false => (run.previous(None), "from the end again"),
    };
    match other_end {
        Some(frame) => Found {
            item: item(frame),
            words: Some(words),
        },
        None => Found {
            item: None,
            words: Some(match passes_elsewhere(context.trace, run) {
                true => "none here, but on other connections",
                false => "nothing passes",
            }),
        },
    }
}

/// Whether a frame of another connection passes.
fn passes_elsewhere(trace: &Trace, run: &Run) -> bool {
    let mut others = trace.connections.iter();
    others.any(|connection| !run.frames_on(connection.id).is_empty())
}

/// What the bar says beside the field: how many frames pass, and which of them is selected.
pub fn count_text(trace: &Trace, run: &Run, selected: Option<FrameId>) -> String {
    let all = trace
        .connection(run.connection())
        .and_then(Connection::http2)
        .map_or(0, |http2| http2.frames.len());
    let found = format::count(run.frames().len() as u64);
    if run.asked() < all {
        let share = run.asked() as f64 / all as f64 * 100.0;
        return format!("{found} so far, {share:.0} %");
    }
    let at = selected.and_then(|frame| run.frames().binary_search(&frame).ok());
    if let Some(at) = at {
        return format!("match {} of {found}", format::count(at as u64 + 1));
    }
    format!("{found} of {}", format::counted(all as u64, "frame"))
}

/// How long the line below what is wrong is at least.
const LEAST_UNDERLINE_POINTS: f32 = 7.0;

/// The name by which screen readers and tests find the field.
pub const LABEL: &str = "Filter";

/// Draws the field and what belongs to it.
pub fn filter_ui(ui: &mut Ui, context: &ViewContext<'_>, input: &mut Input) {
    let theme = context.theme;
    let id = ui.make_persistent_id("filter");
    let selected = context.selected_frame().map(|(frame, _)| frame);
    let count = (context.matches).map(|run| count_text(context.trace, run, selected));
    let beside = match (&count, input.said) {
        (Some(_), Some(_)) => 330.0,
        (Some(_), None) => 220.0,
        (None, _) => 8.0,
    };
    let width = (ui.available_width() - beside).clamp(120.0, 420.0);

    let focused = ui.memory(|memory| memory.has_focus(id));
    let caret = TextEditState::load(ui.ctx(), id)
        .and_then(|state| state.cursor.char_range())
        .map(|range| byte_of(&input.text, range.primary.index.into()));
    let offers = match (focused, caret) {
        (true, Some(caret)) => completions(&input.text, caret),
        _ => Vec::new(),
    };
    let take = focused
        && !offers.is_empty()
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab));

    let before = input.text.clone();
    let field = TextEdit::singleline(&mut input.text)
        .id(id)
        .desired_width(width)
        .text_color(theme.text)
        .lock_focus(!offers.is_empty())
        .hint_text("filter: stream:3,5 type:DATA path:/img");
    let shown = field.show(ui);
    if let Some(error) = &input.error {
        underline(ui, &shown, wrong_part(&input.text, error), theme.error);
    }
    let response = shown.response.response.accessible_name(LABEL);
    if std::mem::take(&mut input.wants_focus) {
        response.request_focus();
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        let back = ui.input(|input| input.modifiers.shift);
        context.send(UiCommand::Filter(if back {
            Command::Previous
        } else {
            Command::Next
        }));
        response.request_focus();
    }
    let mut chosen = take.then(|| offers.first().cloned()).flatten();
    Popup::from_response(&response)
        .open(focused && (!offers.is_empty() || input.error.is_some()))
        .close_behavior(egui::PopupCloseBehavior::IgnoreClicks)
        .show(|ui| {
            ui.set_max_width(460.0);
            if let Some(error) = &input.error {
                ui.label(RichText::new(error.to_string()).color(theme.error));
            }
            for (index, offer) in offers.iter().enumerate() {
                if offer_ui(ui, context, offer, index == 0).clicked() {
                    chosen = Some(offer.clone());
                }
            }
        });
    if let Some(offer) = chosen {
        let end = offer.range.start + offer.text.len();
        input.text.replace_range(offer.range, &offer.text);
        if let Some(mut state) = TextEditState::load(ui.ctx(), id) {
            let at = input.text.get(..end).map_or(0, |text| text.chars().count());
            let caret = CCursor::new(at);
            state
                .cursor
                .set_char_range(Some(egui::text::CCursorRange::one(caret)));
            state.store(ui.ctx(), id);
        }
        response.request_focus();
    }
    if input.text != before {
        context.send(UiCommand::Filter(Command::Set(input.text.clone())));
    }
    if !focused {
        response.on_hover_text(match &input.error {
            Some(error) => error.to_string(),
            None => "Which frames and streams are listed. Fields with a colon (stream:3), words, and, or, not; \
                     Wireshark's names work too. Enter leads to the next match. (/)"
                .to_owned(),
        });
    }
    if let Some(count) = count {
        let steps = [
            (
                Icon::StepBack,
                "Previous match",
                "The previous frame that passes (P)",
                Command::Previous,
            ),
            (
                Icon::StepForward,
                "Next match",
                "The next frame that passes (N)",
                Command::Next,
            ),
        ];
        for (icon, label, hint, command) in steps {
            let button = IconButton {
                icon,
                label,
                hint,
                enabled: true,
                prominent: false,
            };
            if button.show(ui, theme).clicked() {
                context.send(UiCommand::Filter(command));
            }
        }
        ui.label(RichText::new(count).small().color(theme.text_weak));
        if let Some(said) = input.said {
            ui.label(RichText::new(said).small().color(theme.accent));
        }
        let clear = IconButton {
            icon: Icon::Close,
            label: "Clear the filter",
            hint: "Show everything again",
            enabled: true,
            prominent: false,
        };
        if clear.show(ui, theme).clicked() {
            context.send(UiCommand::Filter(Command::Set(String::new())));
        }
    }
}

/// The characters that an error is about, at least one: an expression that ends too early is wrong behind its end.
fn wrong_part(text: &str, error: &FilterError) -> Range<usize> {
    let character = |byte: usize| {
        let before = text.char_indices().take_while(|(at, _)| *at < byte);
        before.count()
    };
    let start = character(error.range.start);
    start..character(error.range.end).max(start + 1)
}

/// Draws a thick line below some characters of the field.
fn underline(ui: &Ui, shown: &TextEditOutput, part: Range<usize>, colour: Color32) {
    let left = |at| {
        let place = shown.galley.pos_from_cursor(CCursor::new(at));
        place.translate(shown.galley_pos.to_vec2())
    };
    let (from, to) = (left(part.start), left(part.end));
    let end = to.left().max(from.left() + LEAST_UNDERLINE_POINTS);
    let y = from.bottom() + 1.0;
    // Behind the last character there is no text any more that would be clipped.
    let painter = ui.painter_at(
        shown
            .text_clip_rect
            .expand2(vec2(LEAST_UNDERLINE_POINTS, 4.0)),
    );
    painter.hline(from.left()..=end, y, Stroke::new(2.0, colour));
}

fn offer_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    offer: &Completion,
    first: bool,
) -> egui::Response {
    ui.horizontal(|ui| {
        let text = RichText::new(&offer.text).monospace();
        let button = ui.add(egui::Button::selectable(first, text));
        ui.label(
            RichText::new(offer.help)
                .small()
                .color(context.theme.text_weak),
        );
        if first {
            ui.label(RichText::new("Tab").small().color(context.theme.accent));
        }
        button
    })
    .inner
}

/// Where a character begins, in bytes.
fn byte_of(text: &str, characters: usize) -> usize {
    text.char_indices()
        .nth(characters)
        .map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Cursor, PacketId};
    use crate::ui::views::testing::World;

    fn at_start(capture: &str, filter: &str) -> World {
        let mut world = World::of_capture(capture);
        world.filter(filter);
        world.cursor = Some(Cursor {
            packet: PacketId::from_index(0),
            frames_in_packet: 0,
        });
        world
    }

    /// Goes on by a step, and answers what was said.
    fn go(world: &mut World, forward: bool) -> Option<&'static str> {
        let found = world.read(|context| step(context, forward));
        world.selection = found.item.or(world.selection);
        found.words
    }

    #[test]
    fn steps_lead_through_all_matches_of_every_kind_of_filter_and_say_where_they_begin_again() {
        for filter in [
            "type:DATA",
            "http2.streamid == 5",
            "path:/style.css and not type:DATA",
            "css",
            "frame.number == 9",
            "http2.header.value contains \"css\"",
        ] {
            let mut world = at_start("downloads.pcapng", filter);
            let frames = world.matches.as_ref().unwrap().frames().to_vec();
            assert!(!frames.is_empty(), "{filter}");
            let connection = world.connection.unwrap();
            for frame in &frames {
                assert_eq!(go(&mut world, true), None, "{filter}");
                assert_eq!(world.selection, Some(Item::Frame(connection, *frame)));
            }
            assert_eq!(
                go(&mut world, true),
                Some("from the start again"),
                "{filter}"
            );
            let first = Some(Item::Frame(connection, frames[0]));
            assert_eq!(world.selection, first);
            assert_eq!(
                go(&mut world, false),
                Some("from the end again"),
                "{filter}"
            );
            let run = world.matches.as_ref().unwrap();
            let last = *frames.last().unwrap();
            let words = count_text(&world.trace, run, Some(last));
            assert_eq!(words, format!("match {0} of {0}", frames.len()));
        }
    }

    #[test]
    fn what_is_wrong_is_underlined_in_characters_not_bytes() {
        let wrong = |text: &str| {
            let error = Filter::parse(text).unwrap_err();
            let part = wrong_part(text, &error);
            let said: String = text.chars().skip(part.start).take(part.len()).collect();
            (said, part.start)
        };
        assert_eq!(wrong("stream:3 type:DATTA"), ("DATTA".to_owned(), 14));
        assert_eq!(wrong("\"für\" type:DATTA"), ("DATTA".to_owned(), 11));
        // What is missing is missing behind the end.
        let (said, start) = wrong("stream:3 and");
        assert!(said.is_empty() && start >= 12, "{said:?} at {start}");
    }

    #[test]
    fn before_the_first_frame_a_step_back_begins_at_the_end() {
        let mut world = at_start("downloads.pcapng", "type:SETTINGS");
        assert_eq!(go(&mut world, false), Some("from the end again"));
    }

    #[test]
    fn where_nothing_passes_that_is_said_and_nothing_is_selected() {
        let mut world = at_start("downloads.pcapng", "stream:999");
        for forward in [true, false] {
            assert_eq!(go(&mut world, forward), Some("nothing passes"));
        }
        assert_eq!(world.selection, None);
        let mut world = at_start("more-servers.pcapng", "tcp.port == 8084");
        assert_eq!(
            go(&mut world, true),
            Some("none here, but on other connections")
        );
    }

    #[test]
    fn while_frames_are_still_asked_no_search_begins_again() {
        let mut world = World::of_capture("downloads.pcapng");
        let filter = Filter::parse("type:GOAWAY or stream:3").unwrap();
        let mut run = Run::new(filter, world.connection.unwrap());
        run.advance(&world.trace, crate::report::frames::info, || true);
        let last = run.frames().last().copied();
        world.matches = Some(run);
        world.selection = last.map(|frame| Item::Frame(world.connection.unwrap(), frame));
        let before = world.selection;
        assert_eq!(go(&mut world, true), Some("still searching"));
        assert_eq!(world.selection, before);
    }
}
