//! The filter bar: an expression that decides which frames and streams are listed, and leads from match to match.

use super::{Command as UiCommand, Item, ViewContext};
use crate::filter::{Completion, Filter, FilterError, Run, completions, is_begun};
use crate::trace::{Connection, ExchangeId, FrameId, Trace};
use crate::ui::widgets::format;
use crate::ui::widgets::icon::{Icon, IconButton};
use egui::text::CCursor;
use egui::text_edit::{TextEditOutput, TextEditState};
use egui::{Color32, Key, Modifiers, Popup, RichText, Stroke, TextEdit, Ui, vec2};
use std::ops::Range;

/// What the filter bar alone understands.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Filter by this expression from now on; nothing but white space shows everything. What is not understood leaves
    /// the filter before it in force.
    Set(String),
    /// This is being typed and its last word is only begun: the filter before it stays in force.
    Type(String),
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
    /// Takes an expression. Answers the filter from now on: what was in force before when the expression is not
    /// understood, `None` when it lets everything pass.
    pub fn set(&mut self, text: &str, before: Option<Filter>) -> Option<Filter> {
        self.begin(text);
        match Filter::parse(text) {
            Ok(filter) => Some(filter).filter(|filter| !filter.is_empty()),
            Err(error) => {
                self.error = Some(error);
                before
            }
        }
    }

    /// Takes what is being typed, which decides nothing yet.
    pub fn begin(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.error = None;
        self.said = None;
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
    if let Some(connection) = http1_of(context.trace, run) {
        return step_exchange(context, run, connection, forward);
    }
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
    let frames = (context.trace.connection(run.connection()))
        .and_then(Connection::http2)
        .map_or(0, |http2| http2.frames.len());
    if near.is_none() && run.asked() < frames {
        return Found {
            item: None,
            words: Some("still searching"),
        };
    }
    let item = |frame| Item::Frame(run.connection(), frame);
    let from_other_end = || {
        let frame = match forward {
            true => run.next(None),
            false => run.previous(None),
        };
        frame.map(item)
    };
    found(context.trace, run, forward, near.map(item), from_other_end)
}

/// What is near; else what comes first from the other end, and that it does.
fn found(
    trace: &Trace,
    run: &Run,
    forward: bool,
    near: Option<Item>,
    from_other_end: impl FnOnce() -> Option<Item>,
) -> Found {
    if near.is_some() {
        return Found {
            item: near,
            words: None,
        };
    }
    let item = from_other_end();
    let words = match (item, forward) {
        (Some(_), true) => "from the start again",
        (Some(_), false) => "from the end again",
        (None, _) if passes_elsewhere(trace, run) => "none here, but on other connections",
        (None, _) => "nothing passes",
    };
    Found {
        item,
        words: Some(words),
    }
}

/// The connection that a filter is asked of first, when it has exchanges of HTTP/1.1 in place of frames.
fn http1_of<'t>(trace: &'t Trace, run: &Run) -> Option<&'t Connection> {
    let connection = trace.connection(run.connection())?;
    (connection.http2().is_none() && connection.http1().is_some()).then_some(connection)
}

/// The same from exchange to exchange of HTTP/1.1.
fn step_exchange(
    context: &ViewContext<'_>,
    run: &Run,
    connection: &Connection,
    forward: bool,
) -> Found {
    let count = connection.http1().map_or(0, |of| of.exchanges().len());
    let selected = context
        .selection
        .and_then(|item| item.carrier(connection)?.exchange());
    let passing = run.exchanges_on(connection.id);
    let near = match (forward, selected) {
        (true, Some(at)) => passing.get(passing.partition_point(|id| *id <= at)),
        (true, None) => passing.first(),
        (false, Some(at)) => {
            let before = passing.partition_point(|id| *id < at);
            before.checked_sub(1).and_then(|last| passing.get(last))
        }
        // Nothing is known of what has not been asked at the end.
        (false, None) => passing
            .last()
            .filter(|_| run.exchanges_asked_on(connection.id) >= count),
    };
    if near.is_none() && run.exchanges_asked_on(connection.id) < count {
        return Found {
            item: None,
            words: Some("still searching"),
        };
    }
    let item = |id: &ExchangeId| Item::Exchange(connection.id, *id);
    let from_other_end = || match forward {
        true => passing.first().map(item),
        false => passing.last().map(item),
    };
    found(context.trace, run, forward, near.map(item), from_other_end)
}

/// Whether a frame of another connection passes.
fn passes_elsewhere(trace: &Trace, run: &Run) -> bool {
    let mut others = trace.connections.iter();
    others.any(|connection| !run.frames_on(connection.id).is_empty())
}

/// What the bar says beside the field: how many frames pass, and which of them is selected.
pub fn count_text(trace: &Trace, run: &Run, selected: Option<FrameId>) -> String {
    if http1_of(trace, run).is_some() {
        // The views that list exchanges say how many of them pass.
        return "filtered".to_owned();
    }
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

/// Room for the steps, what was found, and the button that clears the field.
const BESIDE_POINTS: f32 = 230.0;

/// Of that, for what was found, in two lines.
const FOUND_POINTS: f32 = 112.0;

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
    let said = said(context, input);
    // The same with and without a filter: nothing jumps while one is typed.
    let width = (ui.available_width() - BESIDE_POINTS).clamp(120.0, 420.0);

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
        .hint_text(hint(context));
    let shown = field.show(ui);
    if let Some(error) = &input.error {
        underline(ui, &shown, wrong_part(&input.text, error), theme.error);
    }
    let response = shown.response.response.accessible_name(LABEL);
    let in_force = (context.matches).is_some_and(|run| run.filter().text() == input.text.trim());
    let begun = !in_force && caret.is_some_and(|caret| is_begun(&input.text, caret));
    if std::mem::take(&mut input.wants_focus) {
        response.request_focus();
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        let back = ui.input(|input| input.modifiers.shift);
        // Also a word that may only be begun is meant as it stands.
        context.send(UiCommand::Filter(Command::Set(input.text.clone())));
        context.send(UiCommand::Filter(if back {
            Command::Previous
        } else {
            Command::Next
        }));
        response.request_focus();
    }
    let mut chosen = take.then(|| offers.first().cloned()).flatten();
    let popup = Popup::from_response(&response)
        .open(focused && (!offers.is_empty() || input.error.is_some()))
        .close_behavior(egui::PopupCloseBehavior::IgnoreClicks)
        .show(|ui| {
            ui.set_max_width(460.0);
            if let Some(error) = &input.error {
                ui.label(RichText::new(error.to_string()).color(theme.error));
            }
            if let (true, Some(word)) = (begun, plain_word(&input.text)) {
                let words = format!("Enter looks for the word “{word}”");
                ui.label(RichText::new(words).small().color(theme.text_weak));
            }
            for (index, offer) in offers.iter().enumerate() {
                let same = |of: &Completion| of.help == offer.help;
                let said = index > 0 && offers.get(index - 1).is_some_and(same);
                if offer_ui(ui, context, offer, index == 0, said).clicked() {
                    chosen = Some(offer.clone());
                }
            }
        });
    let at_popup = popup.is_some_and(|popup| {
        let pointer = ui.input(|input| input.pointer.latest_pos());
        pointer.is_some_and(|at| popup.response.rect.contains(at))
    });
    if response.lost_focus() && begun && chosen.is_none() && !at_popup {
        context.send(UiCommand::Filter(Command::Set(input.text.clone())));
    }
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
        let caret = TextEditState::load(ui.ctx(), id)
            .and_then(|state| state.cursor.char_range())
            .map_or(0, |range| byte_of(&input.text, range.primary.index.into()));
        let text = input.text.clone();
        context.send(UiCommand::Filter(match is_begun(&text, caret) {
            true => Command::Type(text),
            false => Command::Set(text),
        }));
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
                "The previous frame or exchange that passes (P)",
                Command::Previous,
            ),
            (
                Icon::StepForward,
                "Next match",
                "The next frame or exchange that passes (N)",
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
        ui.vertical(|ui| {
            ui.set_width(FOUND_POINTS);
            ui.spacing_mut().item_spacing.y = 0.0;
            let line = ui.text_style_height(&egui::TextStyle::Small);
            let lines = if said.is_some() { 2.0 } else { 1.0 };
            ui.add_space(((ui.available_height() - lines * line) / 2.0).max(0.0));
            let mut show = |words: String, colour| {
                let words = RichText::new(words).small().color(colour);
                ui.add(egui::Label::new(words).truncate());
            };
            show(count, theme.text_weak);
            if let Some(said) = said {
                show(said, theme.accent);
            }
        });
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

/// What is said beside the field: what the last step met, or that what is typed does not decide yet.
fn said(context: &ViewContext<'_>, input: &Input) -> Option<String> {
    let in_force = context.matches?.filter().text();
    match input.said {
        Some(said) => Some(said.to_owned()),
        None if in_force == input.text.trim() => None,
        None => Some(format!("still {in_force}")),
    }
}

/// What stands in the empty field: an example of what the connection shown has.
fn hint(context: &ViewContext<'_>) -> &'static str {
    match context.connection {
        Some(of) if of.http2().is_none() && of.http1().is_some() => {
            "filter: method:GET status:404 path:/img"
        }
        _ => "filter: stream:3,5 type:DATA path:/img",
    }
}

/// The last word of an expression, when it is not the value of a field.
fn plain_word(text: &str) -> Option<&str> {
    let word = text.rsplit(|c: char| c.is_whitespace() || "()!\"".contains(c));
    word.clone().next().filter(|word| !word.contains(':'))
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
    said: bool,
) -> egui::Response {
    ui.horizontal(|ui| {
        let text = RichText::new(&offer.text).monospace();
        let button = ui.add(egui::Button::selectable(first, text));
        if !said {
            let help = RichText::new(offer.help).small();
            ui.label(help.color(context.theme.text_weak));
        }
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
    fn exchanges_of_http1_are_stepped_through_like_frames() {
        let mut world = at_start("http1-programs.pcapng", "method:GET");
        assert_eq!(go(&mut world, true), None);
        let first = world.selection;
        assert!(matches!(first, Some(Item::Exchange(..))), "{first:?}");
        let mut steps = 1;
        while go(&mut world, true).is_none() {
            steps += 1;
        }
        assert!(steps > 2 && world.selection == first, "{steps}");
        assert_eq!(go(&mut world, false), Some("from the end again"));
        let mut world = at_start("http1-programs.pcapng", "path:/nothing-like-it");
        assert_eq!(go(&mut world, true), Some("nothing passes"));
    }

    #[test]
    fn a_step_asks_no_exchange_itself_and_says_that_they_are_still_asked() {
        let mut world = World::of_capture("http1-programs.pcapng");
        let filter = Filter::parse("method:GET").unwrap();
        world.matches = Some(Run::new(filter, world.connection.unwrap()));
        for forward in [true, false] {
            assert_eq!(go(&mut world, forward), Some("still searching"));
            assert_eq!(world.selection, None);
        }
    }

    #[test]
    fn what_is_not_understood_or_only_begun_leaves_the_filter_before_it_in_force() {
        let mut input = Input::default();
        let first = input.set("type:DATA", None);
        assert_eq!(first.as_ref().map(Filter::text), Some("type:DATA"));
        let second = input.set("type:DATA stream:x", first.clone());
        assert!(input.error().is_some());
        assert_eq!(second, first);
        input.begin("type:DATA st");
        assert!(input.error().is_none() && input.text() == "type:DATA st");
        assert_eq!(input.set("  ", second), None);
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
